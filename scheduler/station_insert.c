/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An operator's insertion waits here for the next join of the station: the end
 * of the item that sounds, where what is ordered fits whole before the next
 * hard start and the end of the allowed hours. Nothing that sounds is cut for
 * it, and what is fixed is not moved; the rest of a slot that it parts begins
 * behind it.
 */
#include <string.h>

#include "base/words.h"
#include "scheduler/station_hall.h"

#define TAKE_US \
	(DECIDE_LEAD_US + 2 * US_PER_S) /* before its join: what would begin
					 * there is not loaded yet */
#define NEAR_US (2 * US_PER_S) /* what starts so soon is as good as on */
#define SNAP_US US_PER_MS /* frames that are no whole microseconds */

/* The join ---------------------------------------------------------------- */

/* The end of the item of the plan that sounds. */
static int64_t
item_until(const struct station *st, struct now now)
{
	int64_t until_us = now.wall_us;

	for (size_t i = 0; i < CUES_MAX; i++) {
		const struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->dropped != NULL ||
		    a->run->order != NULL || a->run->beside ||
		    (!a->sounding && a->start_us >= now.wall_us + NEAR_US))
			continue;
		until_us = later(until_us,
		    earlier(a->stop_us, a->start_us + frames_us(a->frames)));
	}
	return until_us;
}

/* A relay has all of its time. A slot that is due and does not sound, as after
 * an emergency, is about to be laid out: its end will be known better then. */
static bool
has_its_time(const struct run *r, bool silent, struct now now)
{
	return r->p->start_us <= now.wall_us && !r->ended &&
	       (r->p->content == CONTENT_RELAY ||
		   (silent && r->state == RUN_WAITING));
}

/* Until when what is planned has the air. */
static int64_t
sounds_until(const struct station *st, struct now now)
{
	int64_t until_us = item_until(st, now);
	bool silent = until_us == now.wall_us;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (has_its_time(r, silent, now))
				until_us = later(until_us, r->p->end_us);
		}
	return until_us;
}

/* The first hard start, or relay, from that instant on; NULL. */
static const struct planned *
next_fixed(const struct station *st, int64_t from_us)
{
	const struct planned *first = NULL;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];
			const struct planned *p = r->p;

			if ((p->start == START_HARD ||
				p->content == CONTENT_RELAY) &&
			    r->state != RUN_CLOSED && !r->ended &&
			    p->start_us >= from_us &&
			    (first == NULL || p->start_us < first->start_us))
				first = p;
		}
	return first;
}

int64_t
hall_join(const struct station *st, const struct order *o, struct now now)
{
	int64_t end_us = hall_fence_end(st, now.wall_us);
	int64_t at_us = later(sounds_until(st, now), hall_orders_until(st));
	int64_t length_us = frames_us(o->frames);

	/* One that sounds at once does so when it is loaded. */
	if (at_us < now.wall_us + NEAR_US)
		length_us += NEAR_US;
	while (at_us + length_us <= end_us) {
		const struct planned *p = next_fixed(st, at_us);

		if (p == NULL || at_us + length_us <= p->start_us)
			return at_us;
		at_us = p->end_us;
	}
	return NEVER;
}

/* Waiting ----------------------------------------------------------------- */

static size_t
place_of(const struct station *st, const char *item)
{
	size_t i = 0;

	while (i < st->n_inserts && strcmp(st->inserts[i]->item, item) != 0)
		i++;
	return i;
}

/* The one of that item that has its join, and is not over. */
static struct order *
taken_of(const struct station *st, const char *item)
{
	for (size_t i = 0; i < st->n_orders; i++)
		if (st->orders[i]->inserts && !st->orders[i]->over &&
		    strcmp(st->orders[i]->item, item) == 0)
			return st->orders[i];
	return NULL;
}

const char *
hall_fault_of_insert(
    const struct station *st, const struct order *o, struct now now)
{
	if (o->times != 1 || o->n_then != 0)
		return N_("an insertion is one item, once");
	if (place_of(st, o->item) < st->n_inserts ||
	    taken_of(st, o->item) != NULL)
		return N_("that item waits for the next join already");
	if (st->n_inserts >= INSERTS_MAX)
		return N_("as many insertions wait as a station can hold; "
			  "`loaxa skip ITEM` withdraws one");
	if (hall_join(st, o, now) == NEVER)
		return N_("until the allowed hours end no join leaves it room "
			  "before what starts on its instant; order a shorter "
			  "item, or cut what is on with --over");
	return NULL;
}

void
hall_wait_for_join(struct station *st, struct order *o, struct now now)
{
	o->expires_boot_us = now_boot_at(now, hall_fence_end(st, now.wall_us));
	st->inserts[st->n_inserts++] = o;
}

bool
hall_misses_join(const struct station *st, const struct order *o, int64_t at_us,
    struct now now)
{
	return o->inserts && o->run.attempts == 0 &&
	       at_us > o->planned.start_us && item_until(st, now) > at_us;
}

bool
hall_wait_again(struct station *st, struct order *o)
{
	if (st->n_inserts > INSERTS_MAX)
		return false;
	o->again = o->over = false;
	o->run.ended = o->run.broken = false;
	o->run.reason[0] = '\0';
	memmove(&st->inserts[1], &st->inserts[0],
	    st->n_inserts * sizeof(st->inserts[0]));
	st->inserts[0] = o;
	st->n_inserts++;
	return true;
}

static struct order *
take_out(struct station *st, size_t i)
{
	struct order *o = st->inserts[i];

	st->n_inserts--;
	memmove(&st->inserts[i], &st->inserts[i + 1],
	    (st->n_inserts - i) * sizeof(st->inserts[0]));
	return o;
}

static void
give_up(struct station *st, struct now now, size_t i, const char *why)
{
	struct order *o = take_out(st, i);

	run_blame(&o->run, why);
	hall_last_word(st, now, o);
}

void
hall_end_inserts(struct station *st, struct now now, const char *why)
{
	while (st->n_inserts > 0)
		give_up(st, now, 0, why);
}

bool
hall_withdraw_insert(struct station *st, struct now now, const char *item)
{
	size_t i = place_of(st, item);
	struct order *o;

	if (i < st->n_inserts) {
		give_up(st, now, i, "cancelled");
		return true;
	}
	o = taken_of(st, item);
	if (o == NULL)
		return false;
	run_blame(&o->run,
	    hall_on_now(st) == &o->run ? "operator_stop" : "cancelled");
	o->run.ended = true;
	hall_drop_run(st, now, &o->run, "operator_stop");
	return true;
}

/* P1: by the boot clock too; a clock that was set makes no hours longer. */
static bool
is_too_late(
    const struct order *o, const char *hold, int64_t at_us, struct now now)
{
	return now.boot_us >= o->expires_boot_us ||
	       (hold == NULL && at_us == NEVER);
}

struct order *
hall_take_insert(struct station *st, struct now now, int64_t *ret_wake_us)
{
	while (st->begun && st->n_inserts > 0) {
		struct order *o = st->inserts[0];
		const char *hold = hall_hold_of(st, now);
		int64_t at_us = hall_join(st, o, now);

		if (is_too_late(o, hold, at_us, now)) {
			give_up(st, now, 0, "outside_hours");
			continue;
		}
		*ret_wake_us = earlier(*ret_wake_us, o->expires_boot_us);
		if (hold != NULL)
			return NULL;
		if (at_us <= now.wall_us + TAKE_US) {
			order_begin(o, o->release, at_us, now);
			return take_out(st, 0);
		}
		*ret_wake_us =
		    earlier(*ret_wake_us, now_boot_at(now, at_us - TAKE_US));
		return NULL;
	}
	return NULL;
}

/* Parting a slot ---------------------------------------------------------- */

/* The first part that begins from then on, behind another one. */
static size_t
part_from(const struct run *r, int64_t from_us)
{
	size_t i = 1;

	if (r->state != RUN_LAID || r->ended || r->broken)
		return r->n_parts;
	while (i < r->n_parts && r->parts[i].start_us < from_us - SNAP_US)
		i++;
	return i;
}

/* Parts i and on of a run begin by_us later, or sooner. What of them is loaded
 * already is loaded anew. */
static void
move_parts(
    struct station *st, struct run *r, size_t i, int64_t by_us, struct now now)
{
	const struct part *last = &r->parts[r->n_parts - 1];

	for (size_t k = 0; k < CUES_MAX; k++) {
		struct attempt *a = &st->airings[k];

		if (a->airing == 0 || a->run != r || a->sounding ||
		    a->dropped != NULL ||
		    a->start_us < r->parts[i].start_us - SNAP_US)
			continue;
		hall_drop(st, now, a, "preempted");
	}
	if (r->next_part > i)
		r->next_part = i;
	for (; i < r->n_parts; i++)
		r->parts[i].start_us += by_us;
	if (last->start_us + frames_us(last->frames) > r->stop_us + SNAP_US)
		run_blame(r, "preempted");
	r->shared = true;
}

static void
part_run(
    struct station *st, struct run *r, const struct order *o, struct now now)
{
	size_t i = part_from(r, o->planned.start_us);
	int64_t by_us;

	if (i >= r->n_parts)
		return;
	by_us = o->planned.end_us - r->parts[i].start_us;
	if (by_us > 0)
		move_parts(st, r, i, by_us, now);
}

void
hall_part_slots(struct station *st, struct order *o, struct now now)
{
	o->parts = true;
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++)
			part_run(st, st->days[i]->runs[k], o, now);
}

void
hall_close_gap(struct station *st, const struct order *o, struct now now)
{
	int64_t end_us = o->planned.end_us;
	int64_t by_us =
	    later(now.wall_us + NEAR_US, o->planned.start_us) - end_us;

	if (!o->parts || by_us >= 0)
		return;
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];
			size_t n = part_from(r, end_us);

			if (n < r->n_parts &&
			    r->parts[n].start_us <= end_us + SNAP_US)
				move_parts(st, r, n, by_us, now);
		}
}
