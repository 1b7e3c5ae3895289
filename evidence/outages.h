/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outages - when a station was silent as a whole, and what that cost: power
 * cuts, a daemon that died or was stopped, a clock that nobody could believe.
 * Told from the log's lines alone.
 */
#ifndef EVIDENCE_OUTAGES_H
#define EVIDENCE_OUTAGES_H

#include <jansson.h>
#include <stdint.h>

#include "base/disk.h"

/*
 * Those that reach into from_us..to_us, in order: a list of {cause, from_utc,
 * to_utc, missed, partial}. cause is the `boot` record's word, or
 * "clock_unsure"; from_utc may be null; `missed` slots of that station ("" all)
 * did not air, `partial` ones in part. What cost no slot is left out when it
 * was an untrusted clock, or over within a minute: a restart. 0 and *ret_list is yours; what the disk said; -ENOMEM.
 */
int outages_read(struct disk *disk, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list);

#endif
