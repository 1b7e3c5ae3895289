/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trial - loaxa simulate --faults: lives of the station under bad luck, by
 * their seeds; what struck it, what became of its slots, and, where a promise
 * was broken, the command that shows it again.
 */
#ifndef CTL_TRIAL_H
#define CTL_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/commands.h"

#define TRIAL_MONTH_DAYS 30

struct trial { /* as the user asked */
	bool example; /* the built-in station */
	const char *station; /* NULL: all */
	const char *kinds; /* "power,clock"; NULL: all */
	const char *keep; /* a folder for the log of a single life, or NULL */
	bool assume;
	bool json;
	int64_t from_day; /* INT64_MIN: not said */
	int64_t to_day; /* INT64_MIN: not said */
	int months; /* 0: not said */
	int seed;
	int runs;
	int jobs; /* 0: one for each processor */
};

/* The code for sysexits(3): EX_SOFTWARE when a promise was broken. */
int trial_run(struct ctl *ctl, const struct trial *t);

#endif
