/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * weekview - the days of a station as a person reads them: the allowed hours,
 * every slot with what is missing, unapproved or too long, the sessions with
 * their own sound and their relays apart, and what it all comes to.
 */
#ifndef CTL_WEEKVIEW_H
#define CTL_WEEKVIEW_H

#include <jansson.h>
#include <stdio.h>

#include "ctl/outlook.h"

struct weekview_sum {
	size_t slots;
	size_t whole; /* of our own: all of it is ready */
	size_t relays;
	size_t lacking;
	size_t sessions;
	size_t breaches; /* sessions that break a rule of the site */
	int64_t total_us; /* of all sessions */
	int64_t relay_us;
};

struct weekview;

/* Of from_day..to_day; everything is borrowed until weekview_free(). 0 and
 * *ret_view is yours, or -ENOMEM. */
int weekview_make(const struct office *o, const struct schedule *s,
    const struct plan *p, int64_t from_day, int64_t to_day,
    struct weekview **ret_view);

/* Accepts NULL; returns NULL. */
struct weekview *weekview_free(struct weekview *v);

/* All days together. */
const struct weekview_sum *weekview_sum(const struct weekview *v);

/* A table a day in at most `width` columns (never below 60), then the sum. 0
 * or -ENOMEM. */
int weekview_print(const struct weekview *v, FILE *out, int width);

/* {station_id, name, from, to, days: [...], and the sum}: see loaxa(1).
 * Yours; NULL when out of memory. */
json_t *weekview_json(const struct weekview *v);

#endif
