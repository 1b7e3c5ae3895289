/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * segments - what the log tells of segments: title, tags, languages, the plan
 * that each serves and its target, by date.
 *
 * They stand in `schedule` records (man/loaxa-log.5), written whenever a
 * schedule came into force, and so nobody changes afterwards what was asked
 * for. A log that was written before those records had them does not tell, and
 * neither does one in which they were too long for a record: that is not the
 * same as a segment without a plan or a target.
 */
#ifndef EVIDENCE_SEGMENTS_H
#define EVIDENCE_SEGMENTS_H

#include <jansson.h>
#include <stdint.h>

#include "base/disk.h"

struct segments;

/* Reads the whole log. 0 and *ret is yours; what the disk said; -ENOMEM. */
int segments_read(struct disk *disk, struct segments **ret);

/* Accepts NULL; returns NULL. */
struct segments *segments_free(struct segments *s);

/*
 * All of a station's as in force at the end of local date `day`: an array of
 * {id, title, tags, languages} with plan {no, date, issuer, subject, parent}
 * and target {per, airings, ...} where they are given. Borrowed; NULL when the
 * log does not tell.
 */
const json_t *segments_on(
    const struct segments *s, const char *station, int64_t day);

/* One of such an array; NULL when there is none. Borrowed. */
const json_t *segments_find(const json_t *list, const char *id);

/* The first local date of which there is a day sheet; INT64_MAX: none. */
int64_t segments_first_day(const struct segments *s, const char *station);

/* Every station with a day sheet or a schedule, in the order in which they
 * come up; a non-zero return of fn stops and is returned. */
int segments_stations(const struct segments *s,
    int (*fn)(void *arg, const char *station), void *arg);

#endif
