/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outage - why and for how long the station was off: what the state file and
 * the log of an earlier life tell the next one. No I/O, no clock.
 */
#ifndef SCHEDULER_OUTAGE_H
#define SCHEDULER_OUTAGE_H

#include <jansson.h>

#include "scheduler/books.h"

struct outage {
	const char *cause; /* as the `boot` record has it; static */
	int64_t from_us; /* its last sign of life; 0 unknown */
};

/*
 * `alive` is the state file, or NULL; `latest_us` how late it had become by
 * the log, 0 for a new one; both from before this life. Causes: "first",
 * "stopped" (in order, and the computer stayed on), "rebooted" (in order, with
 * the computer), "process_died", "power_lost".
 */
struct outage outage_of(const json_t *alive, const struct registry *g,
    const char *boot_id, int64_t latest_us);

/* The reason of what is missed meanwhile: an outcome word; "" at first. */
const char *outage_missed(const char *cause);

/* Its length by the wall clock; 0 when it is unknown, or the clock is. */
int64_t outage_length_us(const struct outage *o, struct now now);

/* The `op` record "outage", once the clock is trusted: from its last sign of
 * life to to_us. Added, not flushed; nothing at the first start. */
int outage_record(
    const struct outage *o, struct books *b, struct now now, int64_t to_us);

#endif
