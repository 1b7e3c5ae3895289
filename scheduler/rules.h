/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules - what a schedule may not ask for, checked before it airs: clashes,
 * the allowed hours (P1), session limits, items that are missing, not
 * approved or too long. Checked at load, at approval and again at play.
 */
#ifndef SCHEDULER_RULES_H
#define SCHEDULER_RULES_H

#include "scheduler/plan.h"
#include "scheduler/site.h"

/* How an item stands, as far as a rule cares. */
enum standing { ITEM_READY, ITEM_MISSING, ITEM_BAD, ITEM_NOT_APPROVED };

/* The library as a table of one function, with a fake. frames: at 48 kHz,
 * set when the answer is READY or NOT_APPROVED. */
struct rules_library {
	enum standing (*look)(void *arg, const char *item, int64_t *ret_frames);
	void *arg;
};

/* A session: a maximal run of slots, relays included, with gaps of at most
 * 60 s (DESIGN). */
struct session {
	size_t first; /* index into the plan */
	size_t n; /* slots */
	int64_t start_us;
	int64_t end_us;
	int64_t relay_us; /* of which relay */
};

/*
 * The sessions of a plan, in order. The array is yours (free). 0 or -ENOMEM.
 */
int rules_sessions(
    const struct plan *p, struct session **ret_sessions, size_t *ret_n);

/*
 * What makes a schedule unacceptable, one problem each at the slot's line:
 * two slots that claim one moment, a slot outside the allowed hours, more or
 * longer sessions than the site allows, a relay the site does not have, a day
 * too full for its record in the log. What recurs every week is one problem;
 * slots that meet only on the night of a zone's step are none. Returns the problems added.
 */
size_t rules_check(
    const struct plan *p, const struct site *site, struct problems *ps);

/* False when a date has too much for its record in the log: without one
 * nothing of it could air, nor be accounted for (P2). */
bool rules_fits_log(const struct plan *p);

/*
 * What will not air as it stands, though the schedule is acceptable: items
 * missing, unreadable, not approved, longer than their slot; slots that have
 * no items. Returns the problems added.
 */
size_t rules_missing(
    const struct plan *p, const struct rules_library *lib, struct problems *ps);

#endif
