/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outages - when a station was silent as a whole, and what that cost: power
 * cuts, a daemon that died or was stopped, a clock that nobody could believe.
 * Told from the log's lines alone.
 */
#ifndef EVIDENCE_OUTAGES_H
#define EVIDENCE_OUTAGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/disk.h"

/*
 * Those that reach into from_us..to_us, in order: a list of {cause, from_utc,
 * to_utc, missed, partial}. cause is the `boot` record's word, or
 * "clock_unsure"; from_utc may be null; `missed` slots of that station ("" all)
 * did not air, `partial` ones in part. What cost no slot is left out when it
 * was an untrusted clock, or over within a minute: a restart. 0 and *ret_list
 * is yours; what the disk said; -ENOMEM.
 */
int outages_read(struct disk *disk, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list);

/* The same for who reads the log anyway: its records one by one. */
struct outages;

/* None yet; yours. NULL when out of memory. */
struct outages *outages_new(void);

/* Accepts NULL; returns NULL. */
struct outages *outages_free(struct outages *o);

/* Has a record of that kind (record_kind()) a word on them? */
bool outages_ask(int kind);

/* The log's next record, parsed, of such a kind (others change nothing); it may
 * be kept, and is not changed. 0; -ENOMEM. */
int outages_take(struct outages *o, int kind, json_t *r);

/* As outages_read(), once: *ret_list is yours. */
int outages_tell(struct outages *o, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list);

#endif
