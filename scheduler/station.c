/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "scheduler/station_hall.h"

int
station_open(const struct station_setup *setup, struct station **ret_station)
{
	struct station *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return -ENOMEM;
	st->up = *setup;
	st->id = strdup(setup->id);
	st->schedules = strdup(setup->schedules);
	st->device = strdup(setup->device);
	st->revisions =
	    setup->revisions == NULL ? NULL : strdup(setup->revisions);
	if (st->id == NULL || st->schedules == NULL || st->device == NULL ||
	    (setup->revisions != NULL && st->revisions == NULL)) {
		station_free(st);
		return -ENOMEM;
	}
	if (setup->errand != NULL && amplifier_open(st->id, setup->errand,
					 setup->state, &st->amplifier) < 0) {
		station_free(st);
		return -ENOMEM;
	}
	*ret_station = st;
	return 0;
}

struct station *
station_free(struct station *st)
{
	if (st == NULL)
		return NULL;
	for (size_t i = 0; i < st->n_days; i++)
		day_free(st->days[i]);
	free(st->days);
	hall_free_orders(st);
	hall_free_filler(st);
	amplifier_close(st->amplifier);
	schedule_free(st->schedule);
	free(st->id);
	free(st->schedules);
	free(st->revisions);
	free(st->device);
	free(st);
	return NULL;
}

const char *
station_id(const struct station *st)
{
	return st->id;
}

/* What sounds instead of a relay is the relay's. */
static struct run *
slot_of(const struct station *st, struct run *r)
{
	struct run *relay = r->beside ? hall_relay_of(st, r) : NULL;

	return relay != NULL ? relay : r;
}

struct run *
hall_on_now(const struct station *st)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && st->airings[i].sounding)
			return slot_of(st, st->airings[i].run);
	return hall_relay_on(st);
}

int
station_stop(
    struct station *st, struct now now, int64_t until_us, const char *person)
{
	struct civil_text t;

	st->stopped_until_us = until_us;
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct run *r = st->airings[i].run;

		if (st->airings[i].airing == 0 || st->airings[i].waits)
			continue;
		/* One still ahead lacks nothing when the stop ends in time. */
		if (now.wall_us >= r->p->start_us)
			run_blame(r, "operator_stop");
		r->broken = true;
		r->next_part = r->n_parts;
		hall_drop_run(st, now, r, "operator_stop");
	}
	hall_end_orders(st, now, "operator_stop");
	return books_op(st->up.books, st->id, now, "stop", person, "done",
	    until_us == NEVER ? "" : civil_utc_text(until_us, &t));
}

bool
station_stopped(const struct station *st)
{
	return st->stopped_until_us != 0;
}

int
station_resume(struct station *st, struct now now, const char *person)
{
	st->stopped_until_us = 0;
	return books_op(
	    st->up.books, st->id, now, "resume", person, "done", "");
}

static struct run *
next_run(const struct station *st, int64_t now_us)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if ((r->state == RUN_WAITING || r->state == RUN_LAID) &&
			    !r->ended && r->p->end_us > now_us)
				return r;
		}
	return NULL;
}

int
station_skip(struct station *st, struct now now, const char *person,
    const char **ret_why)
{
	struct run *ordered = hall_ordered(st);
	struct run *r = ordered != NULL ? ordered : hall_on_now(st);
	bool sounding = r != NULL;

	if (r == NULL)
		r = next_run(st, now.wall_us);
	if (r == NULL) {
		*ret_why =
		    N_("nothing is on air and nothing more is planned today");
		return -EINVAL;
	}
	r->ended = true;
	r->next_part = r->n_parts;
	run_blame(r, sounding ? "operator_stop" : "cancelled");
	if (r->state == RUN_WAITING)
		r->state = RUN_DONE;
	hall_drop_run(st, now, r, "operator_stop");
	return books_op(st->up.books, st->id, now, "skip", person, "done",
	    r->order != NULL ? r->p->items[0] : r->p->slot);
}

int
station_skip_item(struct station *st, struct now now, const char *person,
    const char *item, const char **ret_why)
{
	if (!hall_withdraw_insert(st, now, item)) {
		*ret_why = N_("no such item waits for a join; `loaxa status` "
			      "shows what does");
		return -EINVAL;
	}
	return books_op(
	    st->up.books, st->id, now, "skip", person, "done", item);
}

/* P1: the one thing that no hours end. */
static bool
is_emergency(const struct attempt *a)
{
	return a->run->order != NULL && a->run->order->kind == ORDER_EMERGENCY;
}

/* The hours that it was cued for are not those it would run into, and they end
 * before it does. */
static bool
oversteps(const struct station *st, const struct attempt *a, struct now now)
{
	int64_t length_us =
	    earlier(frames_us(a->left), a->stop_us - a->start_us);
	int64_t start_us = now_wall_at(now, a->start_boot_us);
	int64_t fence_us = hall_fence_end(st, later(start_us, now.wall_us));

	return fence_us < a->fence_us && fence_us < start_us + length_us;
}

/* P1: other hours, or another clock, act at once; what is cued for other
 * hours is dropped and decided anew. */
static void
keep_hours(struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->dropped != NULL || is_emergency(a) ||
		    !oversteps(st, a, now))
			continue;
		run_blame(a->run, "hours_end");
		a->run->broken = true;
		a->run->next_part = a->run->n_parts;
		hall_drop_run(st, now, a->run, "hours_end");
	}
}

void
station_stepped(struct station *st, struct now now, int64_t step_us)
{
	/* What it jumped over was not missed by being late. */
	if (st->begun && step_us > 0)
		hall_blame_past(
		    st, now.wall_us - step_us, now.wall_us, "clock_unsure");
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->sounding || a->dropped != NULL ||
		    is_emergency(a))
			continue;
		if (a->run->order != NULL) /* it is not decided anew */
			run_blame(a->run, "clock_unsure");
		a->run->broken = true;
		a->run->next_part = a->run->n_parts;
		hall_drop(st, now, a, "clock_unsure");
	}
	hall_relays_stepped(st, now);
	hall_drop_filler(st, now, "clock_unsure");
	keep_hours(st, now);
}

void
station_shut(struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0)
			continue;
		if (a->waits) {
			hall_forget_waiting(a);
			continue;
		}
		run_blame(a->run, "operator_stop");
		hall_on_ended(st, a, ENDED_STOPPED, now);
	}
	hall_end_orders(st, now, "operator_stop");
	hall_forget_prepared(st, now, "stopped");
	hall_shut_amplifier(st, now);
}

/* P1: a day sheet tells its hours; other hours, another sheet. */
static void
retell_hours(struct station *st, struct now now, const struct day *d,
    const struct profile *old)
{
	json_t *was = books_hours(old, d->date);
	json_t *is = books_hours(&st->up.site->rules, d->date);
	int64_t today;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	if (d->date >= today && !json_equal(was, is))
		books_day(st->up.books, st->id, now, d, &st->up.site->rules);
	json_decref(was);
	json_decref(is);
}

void
station_set_site(struct station *st, struct now now, const struct site *site)
{
	const struct site *old = st->up.site;
	const struct site_output *out = site_output(site, st->id);

	/* What the new one has no command for would stay on for ever. */
	if (out == NULL || out->amplifier.n_after == 0)
		hall_shut_amplifier(st, now);
	st->up.site = site;
	station_look_anew(st);
	hall_move_relays(st, old, now);
	for (size_t i = 0; st->begun && i < st->n_days; i++)
		retell_hours(st, now, st->days[i], &old->rules);
	keep_hours(st, now);
}

/* P5: what was withdrawn stops, and is not loaded again. */
void
station_withdraw(struct station *st, struct now now, const char *item)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];
		const char *why;

		if (a->airing == 0 || a->dropped != NULL ||
		    strcmp(a->run->p->items[a->item], item) != 0)
			continue;
		if (a->waits) {
			/* It is looked at again when it is wanted. */
			hall_drop(st, now, a, "not_approved");
			continue;
		}
		why = a->sounding ? "operator_stop" : "not_approved";
		hall_spoil_item(a->run, a->item, why);
		hall_drop(st, now, a, why);
	}
}

/* Runs that only waited for this turn's changes go again, so that one turn
 * does all that is due. Bounded: every pass moves some run forward. */
int64_t
hall_turn_runs(struct station *st, struct now now)
{
	int64_t wake;
	int passes = 0;

	do {
		wake = NEVER;
		for (size_t i = 0; i < st->n_days; i++)
			for (size_t k = 0; k < st->days[i]->n; k++)
				wake = earlier(
				    wake, hall_run_turn(st, st->days[i],
					      st->days[i]->runs[k], now));
	} while (wake <= now.wall_us && ++passes < 8);
	return wake;
}

int64_t
station_turn(struct station *st, struct now now)
{
	int64_t orders_us;
	int64_t wake;

	hall_take_receipts(st, now);
	orders_us = hall_turn_orders(st, now);
	if (!st->begun)
		return earlier(hall_turn_amplifier(st, now),
		    earlier(orders_us, st->up.deck->wake(st->up.deck)));
	if (now.trust != TRUST_UNSURE) {
		hall_watch_dates(st, now);
		hall_roll_days(st, now);
	}
	if (st->unsure && now.trust != TRUST_UNSURE)
		hall_blame_past(st, INT64_MIN, now.wall_us, "clock_unsure");
	st->unsure = now.trust == TRUST_UNSURE;
	if (st->stopped_until_us != 0 && st->stopped_until_us <= now.wall_us)
		station_resume(st, now, "");
	wake = hall_turn_runs(st, now);
	wake = earlier(wake, hall_turn_filler(st, now));
	hall_take_receipts(st, now);
	books_flush(st->up.books, now);
	wake = earlier(wake, hall_next_roll_us(now));
	if (st->stopped_until_us != 0)
		wake = earlier(wake, st->stopped_until_us);
	if (st->device_state == DEVICE_LOST && st->ask_us > now.boot_us)
		wake = earlier(wake, now_wall_at(now, st->ask_us));
	/* The receipts just taken may have ended an order. */
	orders_us = hall_turn_orders(st, now);
	orders_us = earlier(orders_us, hall_turn_amplifier(st, now));
	orders_us = earlier(orders_us, hall_turn_warm_up(st, now));
	return earlier(earlier(now_boot_at(now, wake), orders_us),
	    st->up.deck->wake(st->up.deck));
}
