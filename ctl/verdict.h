/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict - the sessions of a plan against a profile, one line each: which
 * keep it, which do not, and why. It judges figures that somebody typed into
 * a file; it says nothing about the law.
 */
#ifndef CTL_VERDICT_H
#define CTL_VERDICT_H

#include <jansson.h>
#include <stdio.h>

#include "scheduler/rules.h"

struct verdict_count {
	size_t sessions;
	size_t kept;
};

/* Prints the table and its sum, in at most 80 columns. 0 or -ENOMEM. */
int verdict_print(const struct plan *p, const struct profile *rules, FILE *out,
    struct verdict_count *ret_count);

/* One session as {date, start_local, end_local, length_ms, relay_ms, keeps,
 * breaks: ["long", "many", "hours"]}. Yours; NULL when out of memory. */
json_t *verdict_session_json(
    const struct plan *p, const struct session *s, const struct profile *rules);

/* All sessions as an array of those. */
json_t *verdict_json(const struct plan *p, const struct profile *rules);

/* What a set of enum breach comes to, in words; "" for none. Returns buf. */
const char *verdict_text(const struct session *s, unsigned breaches,
    const struct profile *rules, char *buf, size_t size);

#endif
