/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errand - one command of the administrator's, run outside of the station:
 * a table of functions with a live one (errand_open) and a fake
 * (tests/fakes/).
 *
 * No shell, an environment of its own, a process group of its own, a time
 * limit, lower priority; what it prints goes where our own words go. Nothing
 * here blocks.
 */
#ifndef SCHEDULER_ERRAND_H
#define SCHEDULER_ERRAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define ERRAND_WHY 80

enum errand_state { ERRAND_NONE, ERRAND_RUNS, ERRAND_DONE, ERRAND_FAILED };

struct errand {
	/* command[0] is a program: below the top folder unless absolute.
	 * `input` becomes its standard input (borrowed; -1 /dev/null). 0, or a
	 * negative errno; -EBUSY while one runs. */
	int (*start)(struct errand *e, struct now now, char *const command[],
	    size_t n, int input, int longest_s);
	/* DONE or FAILED once for each that was started; why_not[ERRAND_WHY]
	 * is then for a person. Kills the one that is too slow. */
	enum errand_state (*look)(
	    struct errand *e, struct now now, char *why_not);
	/* When (boot) to look at the latest; NEVER while fd() will tell. */
	int64_t (*wake)(const struct errand *e);
	/* Readable when look() has something to say; the same as long as `e`;
	 * -1 for a fake. */
	int (*fd)(const struct errand *e);
	/* Kills what runs, and forgets it. */
	void (*stop)(struct errand *e);
	/* The same, for good. */
	void (*close)(struct errand *e);
};

/* `top` is copied. 0 and *ret_errand is yours; a negative errno. */
int errand_open(const char *top, struct errand **ret_errand);

/* Accepts NULL; returns NULL. */
struct errand *errand_close(struct errand *e);

#endif
