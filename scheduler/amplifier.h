/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * amplifier - the site's two commands that switch a station's amplifier: one
 * some time before each session, one some time after it.
 *
 * It follows what is wanted: while that is not what the last command that
 * succeeded has left, the other one runs, at once, and again when it fails.
 * Nothing waits for it. A small file of the state's disk says "off" only
 * while the amplifier is known to be: whatever ends the daemon, the next one
 * switches it off when nothing is due.
 */
#ifndef SCHEDULER_AMPLIFIER_H
#define SCHEDULER_AMPLIFIER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/disk.h"
#include "scheduler/errand.h"
#include "scheduler/site.h"

#define AMPLIFIER_JOIN_US \
	US_PER_MIN /* a shorter gap between slots ends no session: rules.h */
#define AMPLIFIER_AGAIN_US (10 * US_PER_S) /* after a failure; then twice */
#define AMPLIFIER_LONGEST_US (5 * US_PER_MIN) /* ... that, up to here */

/* A slot's time, wall. */
struct amplifier_span {
	int64_t from_us, to_us;
};

/*
 * Do the sessions of these slots (in order of start) want it on just now?
 * *ret_next_us: the wall instant of the next change, NEVER for none.
 */
bool amplifier_due(const struct site_amplifier *conf,
    const struct amplifier_span *slots, size_t n, int64_t now_us,
    int64_t *ret_next_us);

/* When the next session of these slots begins; NEVER for none. */
int64_t amplifier_next(
    const struct amplifier_span *slots, size_t n, int64_t now_us);

struct amplifier;

/* `errand` and `state` (NULL: it remembers nothing) are borrowed. 0 and
 * *ret_amplifier is yours; -ENOMEM. */
int amplifier_open(const char *station, struct errand *errand,
    struct disk *state, struct amplifier **ret_amplifier);

/* Accepts NULL; returns NULL. */
struct amplifier *amplifier_close(struct amplifier *a);

/* What there is to say: loaxa-log(5)'s result ("done" after a failure,
 * "failed") and detail of an `op` "amplifier"; result NULL for nothing. */
struct amplifier_news {
	const char *result; /* static */
	char detail[ERRAND_WHY + 16];
};

/*
 * One step. `due` as above; `sounds`: something sounds, or is ordered: on, and
 * for `lag` afterwards. Returns the boot instant of the
 * next step; the errand's fd tells of a sooner one.
 */
int64_t amplifier_turn(struct amplifier *a, const struct site_amplifier *conf,
    bool due, bool sounds, struct now now, struct amplifier_news *ret_news);

/* Before an orderly end, and when the site forgets it: starts the command
 * that switches it off, unless it is known to be off or on its way there. */
void amplifier_shut(
    struct amplifier *a, const struct site_amplifier *conf, struct now now);

/* {state: "on", "off", "unknown"; failing: "", "on", "off"; error}; null where
 * the site has none. Yours. */
json_t *amplifier_status(
    const struct amplifier *a, const struct site_amplifier *conf);

#endif
