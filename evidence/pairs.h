/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pairs - bilingual sets as the log tells them: a programme in several
 * languages is complete when every part of it has aired whole.
 *
 * Which parts a set has stands in the day sheets that play it. The window is
 * the ISO week of its programme, by the local dates of the slots: that is what
 * a programme is made for and a log book is signed for. Within it any slot
 * counts that sounds the part's item, a repeat and one that makes up for
 * another too; a repeat in the week after comes too late. What no slot planned
 * does not count, and two halves do not add up.
 *
 * A part is whole when an attempt began at its first frame, ended as aired,
 * and no more than OWED_CUT_MS of the item is missing; its length is that of
 * the log's `item` record. Without one, the slot must have cut nothing.
 *
 * Told from day, item, start, end and slot records alone.
 */
#ifndef EVIDENCE_PAIRS_H
#define EVIDENCE_PAIRS_H

#include <jansson.h>
#include <stdint.h>

#include "base/disk.h"

/*
 * The sets of all weeks that touch from_day..to_day at a station ("": all), in
 * the order of their weeks, as they stand at now_us. An array, yours, of
 *
 *	{station, set, week, title, state, parts: [{language, item, state,
 *	 reason, date, slot, planned_utc}]}
 *
 * A set is "complete", "incomplete" once its week is over, else "open". A
 * part is "aired", "aired_partial" or "not_aired", with the log's reason;
 * "open" while its slot has no outcome; or "unplanned": no slot of the week
 * plays it. date, slot and planned_utc tell of the slot that counts, "" where
 * there is none. 0; what the disk said; -ENOMEM.
 */
int pairs_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, int64_t now_us, json_t **ret_pairs);

#endif
