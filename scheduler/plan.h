/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan - a schedule unrolled into instants: what every slot of some dates
 * is to play, and when. Owns its strings; lives without its schedule.
 */
#ifndef SCHEDULER_PLAN_H
#define SCHEDULER_PLAN_H

#include "scheduler/schedule.h"

/* One slot of one local date. */
struct planned {
	char *slot; /* id; (station, day, slot) is its identity */
	int64_t day; /* local date it belongs to: where it starts */
	int64_t start_us; /* UTC */
	int64_t end_us;
	enum content content; /* as written; items are resolved for the rest */
	char *ref; /* as written */
	char **items; /* to play in order; none for a relay */
	size_t n_items;
	char *segment; /* of the original, for a repeat; "" when none */
	char *title; /* slot's, else segment's, else "" */
	char *language; /* the slot's, the segment's first, else "vi" */
	bool one_part; /* it takes the part in that language alone; false from
			* JSON */
	json_t *set; /* the bilingual set it plays, below; or NULL */
	enum start_mode start;
	int64_t tolerance_us;
	enum end_mode end;
	enum rejoin_mode rejoin;
	enum slot_class class;
	bool from_above;
	bool music; /* filler, or a repeat of it; false from JSON */
	bool no_part; /* it wants one part of what has none such; false from
		       * JSON */
	char *makeup_slot; /* or NULL */
	int64_t makeup_day;
	char *origin_slot; /* of a repeat: whose items they are; NULL when there
			    * are none, and from JSON */
	int64_t origin_day;
	const char *file; /* borrowed from the schedule; "" from JSON */
	int line; /* 0 from JSON */
	size_t order; /* in the file: decides between equal classes */
};

/*
 * A bilingual set: one programme in several languages, an item in each. It is
 * complete once every one has aired, in this slot or another of the week. As
 * the day sheet has it, for evidence never reads a schedule:
 *
 *	{id, week: "2026-W48", languages: [all that the set has],
 *	 parts: [the language of each of the slot's items]}
 */

/* The language for which item i stands; NULL when the slot plays no set. */
const char *planned_part(const struct planned *p, size_t i);

/* What a date of mourning takes out of a plan: a slot, or some of its items. */
struct silence {
	char *slot;
	int64_t day;
	int64_t start_us; /* UTC, of the slot */
	int64_t end_us;
	char *title; /* as struct planned has it */
	char **items; /* that are not played */
	size_t n_items;
	char *reason; /* of the mourning */
	bool whole; /* nothing of the slot is left */
};

struct plan {
	struct planned *slots; /* by start, then class, then order */
	size_t n;
	struct silence *silent; /* mourning.h; empty from plan_make() */
	size_t n_silent;
};

/*
 * All slots of local dates from_day..to_day. The items of a repeat are those
 * planned in that slot's latest occurrence before this one starts (searched
 * 35 days back; none: no items). 0 and *ret_plan is yours; -ENOMEM.
 */
int plan_make(const struct schedule *s, int64_t from_day, int64_t to_day,
    struct plan **ret_plan);

struct plan *plan_free(struct plan *p);

/* Frees what a slot owns. */
void planned_clear(struct planned *p);

/*
 * The day sheet's "slots" array (loaxa-log(5), `day`), one object a slot:
 * slot, planned_utc, planned_ms, class, content, ref, items, segment, title,
 * language, start, tolerance_ms, end, rejoin, from_above, and makeup_of
 * {date, slot} where it has one. Yours; NULL when out of memory.
 */
json_t *plan_day_json(const struct plan *p, int64_t day);

/*
 * The day sheet's "silent" array: slot, items, and for a whole slot also
 * planned_utc, planned_ms, title. Yours; NULL when out of memory.
 */
json_t *plan_silent_json(const struct plan *p, int64_t day);

/* Back from such an array. 0 and *ret_plan is yours; -EINVAL when it is not
 * one; -ENOMEM. plan_day_json of the result is the same text. */
int plan_from_json(const json_t *slots, int64_t day, struct plan **ret_plan);

#endif
