/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hours - the allowed hours as the log tells them, in its day sheets: what an
 * audit holds every sound against (P1), without the site's file.
 *
 * A sheet tells the hours of its date from its record's instant on; a later
 * one of the same date replaces them.
 */
#ifndef EVIDENCE_HOURS_H
#define EVIDENCE_HOURS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct hours;

/* Empty; yours. NULL when out of memory. */
struct hours *hours_new(void);

/* Accepts NULL; returns NULL. */
struct hours *hours_free(struct hours *h);

/* Takes in the next `day` record. 0 or -ENOMEM. */
int hours_take(struct hours *h, const json_t *day);

/* The hours in force at a station now, of a date and the two beside it, for
 * hours_broken() later; yours. NULL when no sheet tells those of the date: an
 * older version wrote it, or there is no timetable that can be read. */
json_t *hours_now(const struct hours *h, const char *station, const char *date);

/*
 * P1: an airing's `start`, its `end`, just read, and what hours_now() said at
 * its start: true when something of it sounded outside the hours in force. A
 * clock that was set while it sounded, and hours that were changed, are taken
 * as they then were.
 */
bool hours_broken(const struct hours *h, const json_t *at_start,
    const json_t *start, const json_t *end);

#endif
