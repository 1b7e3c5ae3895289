/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * owed - what a higher level has ordered and a station has not aired in full.
 *
 * A slot of a day sheet that is from_above is a debt of one airing until it
 * is paid:
 *
 *   by its own outcome, "aired" with no more than a second cut off its items;
 *   or "external", for a relay: its time was left free, which is all that can
 *   be known of another receiver's; of one that this station sounded, the
 *   signal that was measured must have filled OWED_RELAY_PERCENT of the slot;
 *
 *   else by a later slot of the station that aired so in full and either
 *   makes up for it by name (makeup_of), or plays all of its items and is not
 *   itself from above: a local repeat. Such a slot pays one debt, the oldest.
 *
 * In part is not paid, and two parts do not add up. A slot that makes up for
 * another is no debt of its own. A cancelled slot stays owed: what is ordered
 * from above is not dropped here. What the log does not plan is not owed.
 *
 * Told from day sheets and slot outcomes alone.
 */
#ifndef EVIDENCE_OWED_H
#define EVIDENCE_OWED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/disk.h"

#define OWED_CUT_MS 1000 /* so much may be cut off what aired in full */

/* The pauses of a programme are longer than a second, but not a tenth of it. */
#define OWED_RELAY_PERCENT 90

struct owed;

struct debt { /* borrowed */
	const char *station;
	const char *date; /* YYYY-MM-DD */
	const char *slot;
	const json_t *plan; /* its object in the day sheet that counts */
	const char *status; /* its own outcome; "" while it has none */
	const char *reason;
	int64_t cut_ms;
	int64_t signal_ms; /* of a relay that this station sounded; -1 */
	int64_t start_us;
	int64_t end_us;
	bool due; /* its time is over, and it is not paid */
};

/* Reads the whole log, as things stand at now_us. 0 and *ret_owed is yours;
 * what the disk said; or -ENOMEM. */
int owed_read(struct disk *disk, int64_t now_us, struct owed **ret_owed);

/* Accepts NULL; returns NULL. */
struct owed *owed_free(struct owed *o);

/* Every debt, those that are due and those whose time is to come, by start. A
 * non-zero return of fn stops and is returned. */
int owed_each(const struct owed *o,
    int (*fn)(void *arg, const struct debt *debt), void *arg);

/* How many are due at a station ("": all), and the start of the oldest in
 * *ret_since_us (may be NULL; untouched when there are none). */
size_t owed_due(
    const struct owed *o, const char *station, int64_t *ret_since_us);

#endif
