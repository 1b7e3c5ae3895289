/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * need - the programs of other packages that a station takes, and whether the
 * computer has them: ffmpeg for streams and for what phones record, arecord for
 * a line-in.
 */
#ifndef CTL_NEED_H
#define CTL_NEED_H

#include <stdbool.h>

#include "base/problem.h"
#include "scheduler/site.h"

struct need {
	const char *program; /* its path */
	const char *package; /* of Debian */
};

/* What adding a foreign file takes; LOAXA_FFMPEG may name another program. */
struct need need_of_intake(void);

/* What the relay takes; NULL for one without a source of its own. */
const struct need *need_of_relay(const struct site_relay *r);

/* Is there such a program that may be executed? */
bool need_has(const char *program);

/* Adds a problem for each relay whose program is missing by has(), which is
 * need_has() but in tests. */
void need_check(const struct site *s, bool (*has)(const char *program),
    const char *conf, struct problems *ps);

/* The first such relay, or NULL. Borrowed. */
const struct site_relay *need_lacking(
    const struct site *s, bool (*has)(const char *program));

#endif
