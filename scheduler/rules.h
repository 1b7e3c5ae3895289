/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules - what a schedule may not ask for, checked before it airs: clashes,
 * the allowed hours (P1), session limits, items that are missing, not
 * approved or too long.
 *
 * Checked at load (a schedule that breaks a rule is refused), at approval
 * (said, for an approval is of bytes), and again at play: there hours,
 * weekdays and noon are the fence (P1) and the volume is the cue's gain,
 * while a session that is too long or one too many airs and is written down
 * (`op` "rule"). It can only come so far when the site's file was changed
 * under a schedule in force; breaking off in the middle of the news would be
 * the louder mistake, and DESIGN's outcome words have none for it.
 */
#ifndef SCHEDULER_RULES_H
#define SCHEDULER_RULES_H

#include "scheduler/plan.h"
#include "scheduler/site.h"

/* How an item stands, as far as a rule cares. */
enum standing {
	ITEM_READY,
	ITEM_MISSING,
	ITEM_BAD,
	ITEM_NOT_APPROVED,
	ITEM_SECOND /* approved by one; another person's approval is needed */
};

/* The library as a table of one function, with a fake. frames: at 48 kHz,
 * set when the answer is READY, NOT_APPROVED or SECOND. */
struct rules_library {
	enum standing (*look)(void *arg, const char *item, int64_t *ret_frames);
	void *arg;
	int64_t from_us; /* what has ended by then is no news; 0: all is */
};

/* A session: a maximal run of slots, relays included, with gaps of at most
 * 60 s: loaxa-schedule(5). */
struct session {
	size_t first; /* index into the plan */
	size_t n; /* slots */
	int64_t start_us;
	int64_t end_us;
	int64_t relay_us; /* of which relay */
	int nth; /* of those that begin on its date, from 1 */
};

/*
 * The sessions of a plan, in order. The array is yours (free). 0 or -ENOMEM.
 */
int rules_sessions(
    const struct plan *p, struct session **ret_sessions, size_t *ret_n);

/* What a session breaks; bits of a set. */
enum breach {
	BREACH_LONG = 1, /* longer than a session may be */
	BREACH_MANY = 2, /* one more than a day may have */
	BREACH_FENCE = 4 /* a slot of it lies outside the allowed hours */
};
unsigned rules_breaches(
    const struct plan *p, const struct session *s, const struct profile *rules);

/* How long it is for the limit: without relay where that does not count. */
int64_t rules_session_us(const struct session *s, const struct profile *rules);

/* The problems of one session's length and number, at its first slot.
 * Returns the problems added. */
size_t rules_check_session(const struct plan *p, const struct session *s,
    const struct profile *rules, struct problems *ps);

/* The allowed hours of a date, "04:45-06:30, 16:30-18:30", in words when
 * there are none. Returns buf. */
const char *rules_hours_text(
    const struct profile *rules, int64_t day, char *buf, size_t size);

/* The days of a set, "T2-T6"; CN alone, "T2, T4-T6". Returns buf. */
const char *rules_days_text(unsigned days, char *buf, size_t size);

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

/* The same of what is to sound when a relay of the plan is lost: told once a
 * relay, at its first slot. */
size_t rules_fallback(const struct plan *p, const struct site *site,
    const struct rules_library *lib, struct problems *ps);

/* The same of the schedule's gap music. */
size_t rules_gap_filler(const struct schedule *s,
    const struct rules_library *lib, struct problems *ps);

#endif
