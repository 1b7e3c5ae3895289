/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

#define GAIN_MAX_MDB 200000 /* far beyond any, up and down */

struct beginning {
	struct station *st;
	struct now now;
	const char *cause;
	int64_t here_us;
	const json_t *alive;
	int error;
};

/* P1: the sheet tells the hours in force; the site may be another since. */
static void
tell_hours(const struct beginning *b, const struct day *d, const json_t *told)
{
	struct station *st = b->st;
	const struct profile *rules = &st->up.site->rules;
	json_t *hours = books_hours(rules, d->date);
	int64_t today;
	int second;

	civil_from_us(b->now.wall_us, &today, &second);
	if (d->date >= today && !json_equal(hours, (json_t *)told))
		books_day(st->up.books, st->id, b->now, d, rules);
	json_decref(hours);
}

static int
restore_day(void *arg, const json_t *record)
{
	struct beginning *b = arg;
	struct plan *plan;
	struct day *d;
	int64_t date;

	if (civil_read_date(record_text(record, "date"), &date) < 0 ||
	    plan_from_json(json_object_get(record, "slots"), date, &plan) < 0)
		return 0; /* audit will name it */
	d = day_make(date, plan, record_text(record, "revision"));
	if (d == NULL)
		return -ENOMEM;
	hall_close_known(b->st, d);
	tell_hours(b, d, json_object_get(record, "hours"));
	return hall_add_day(b->st, d);
}

/* A count that cannot be, in a file that is damaged, is none. */
static int64_t
count_of(const json_t *o, const char *key, int64_t max)
{
	int64_t n = record_int(o, key, 0);

	return n >= 0 && n <= max ? n : 0;
}

/* A release that only turned down told by how much quieter. */
static int32_t
gain_told(const json_t *told)
{
	int64_t mdb = record_int(
	    told, "gain_mdb", -count_of(told, "quieter_mdb", GAIN_MAX_MDB));

	return mdb < -GAIN_MAX_MDB || mdb > GAIN_MAX_MDB ? 0 : (int32_t)mdb;
}

static bool
is_of_this_boot(const struct beginning *b, const json_t *record)
{
	return strcmp(record_text(record, "boot_id"),
		   b->st->up.books->boot_id) == 0;
}

/* Why what that record began came to its end. The cause of what was missed may
 * lie before this boot, when an earlier life of it never believed the clock. */
static const char *
cause_of(const struct beginning *b, const json_t *record)
{
	bool cut = strcmp(b->cause, "power_lost") == 0 ||
		   strcmp(b->cause, "machine_off") == 0;

	return cut && is_of_this_boot(b, record) ? "process_died" : b->cause;
}

/* The frames last confirmed for an airing, and its first sample's instant: in
 * the same boot by the boot clock, which nobody has set since. */
static void
last_word(const struct beginning *b, const json_t *start, struct attempt *a,
    int64_t *ret_first_us)
{
	bool same_boot = is_of_this_boot(b, start);
	int64_t boot_us;
	size_t i;
	const json_t *told;

	json_array_foreach(json_object_get(b->alive, "airings"), i, told)
	{
		if (strcmp(record_text(told, "airing_id"), a->id) != 0)
			continue;
		a->sent = count_of(told, "frames", ITEM_FRAMES_MAX);
		a->gain_mdb = gain_told(told);
		boot_us = count_of(told, "first_boot_us", b->now.boot_us);
		if (same_boot && boot_us != 0)
			*ret_first_us = now_wall_at(b->now, boot_us);
		else
			civil_read_utc(
			    record_text(told, "first_utc"), ret_first_us);
	}
}

/* Writes the end of an attempt that nobody ended. */
static int64_t
close_attempt(struct beginning *b, struct run *r, const json_t *start,
    int64_t *ret_first_us)
{
	struct attempt a = { .run = r, .approval = -1, .lufs = -HUGE_VAL };
	struct ending end = { .at_least = true };
	int64_t frames;

	hall_copy(a.id, sizeof(a.id), record_text(start, "airing_id"));
	last_word(b, start, &a, ret_first_us);
	frames = a.sent;
	hall_copy(a.sha256, sizeof(a.sha256), record_text(start, "sha256"));
	a.item = (size_t)count_of(start, "part", SLOT_ITEMS_MAX);
	if (a.item >= r->p->n_items)
		a.item = 0;
	if (*ret_first_us != 0) {
		int64_t due;

		a.first_boot_us = now_boot_at(b->now, *ret_first_us);
		a.last_boot_us = a.first_boot_us + frames_us(frames);
		a.start_boot_us = a.first_boot_us;
		if (civil_read_utc(record_text(start, "cue_utc"), &due) == 0)
			a.start_boot_us = now_boot_at(b->now, due);
	}
	end.status = frames > 0 ? "aired_partial" : "not_aired";
	end.reason = reason_for(end.status, cause_of(b, start));
	hall_word_order(&a, ENDED_PROCESS_DIED, &end);
	b->error = books_end(b->st->up.books, b->st->id, b->now,
	    hall_day_of(b->st, r->p->day), &a, &end,
	    record_text(start, "device"));
	return frames;
}

/* An attempt that a person ordered, and an earlier life left open: it gets its
 * end, and is not taken up (P3). */
static int
close_ordered(struct beginning *b, const json_t *start)
{
	bool emergency =
	    strcmp(record_text(start, "start_source"), "emergency") == 0;
	json_t *op = json_copy((json_t *)start);
	struct order *o = NULL;
	int64_t first_us = 0;
	int r;

	json_object_set_new(
	    op, "op", json_string(emergency ? "emergency" : "play"));
	r = order_restore(op, &o);
	json_decref(op);
	if (r < 0 || hall_is_ours(b->st, record_int(start, "release", -1))) {
		order_free(o);
		return r == -ENOMEM ? r : 0;
	}
	if (strcmp(record_text(start, "start_source"), "filler") == 0) {
		o->run.order = NULL;
		o->run.beside = true;
	}
	civil_read_date(record_text(start, "date"), &o->planned.day);
	close_attempt(b, &o->run, start, &first_us);
	order_free(o);
	return b->error;
}

/* P3: was its first frame due while there was a player to send it? Who closed
 * an attempt at a start can only count what was last saved, so nothing sent is
 * no proof that nothing sounded; but what was still ahead did not. */
static bool
may_have_sounded(
    const struct beginning *b, const json_t *start, const json_t *end)
{
	int64_t by_us = b->here_us;
	int64_t cue_us;

	if (end != NULL && !json_is_true(json_object_get(end, "at_least")))
		return record_int(end, "frames_sent", 0) > 0;
	if (end != NULL && civil_read_utc(record_text(end, "utc"), &by_us) < 0)
		return true;
	return civil_read_utc(record_text(start, "cue_utc"), &cue_us) < 0 ||
	       cue_us <= by_us;
}

/* An attempt of an earlier life, open or ended: counted for its slot. */
static int
restore_attempt(void *arg, const json_t *start, const json_t *end)
{
	struct beginning *b = arg;
	struct day *d;
	struct run *r;
	int64_t date;
	int64_t frames;
	int64_t first_us = 0;
	int breaks;

	if (record_text(start, "slot")[0] == '\0')
		return end == NULL ? close_ordered(b, start) : 0;
	if (civil_read_date(record_text(start, "date"), &date) < 0)
		return 0;
	d = hall_day_of(b->st, date);
	r = d == NULL ? NULL : day_run(d, record_text(start, "slot"));
	if (r == NULL || r->state == RUN_CLOSED || r->p->n_items == 0)
		return 0;
	breaks = r->breaks;
	if (end != NULL) {
		frames = count_of(end, "frames_sent", ITEM_FRAMES_MAX);
		civil_read_utc(record_text(end, "actual_utc"), &first_us);
		if (strcmp(record_text(end, "status"), "aired") != 0)
			run_blame(r, record_text(end, "reason"));
	} else {
		frames = close_attempt(b, r, start, &first_us);
		run_blame(r, cause_of(b, start));
		r->breaks++;
		r->at_least = true;
	}
	r->rejoined = r->rejoined || (breaks > 0 && frames > 0);
	r->attempts++;
	r->sent += frames;
	r->began = r->began || frames > 0 || may_have_sounded(b, start, end);
	if (frames > 0)
		run_reach(r, (size_t)count_of(start, "part", SLOT_ITEMS_MAX),
		    frames_in(
			count_of(start, "offset_ms", US_PER_DAY / US_PER_MS) *
			US_PER_MS) +
			frames);
	r->due_us = r->p->start_us;
	if (r->first_us == 0)
		r->first_us = first_us;
	json_array_append_new(
	    r->airings, json_string(record_text(start, "airing_id")));
	return b->error;
}

/* Slots that were due after from_us, and by to_us, carry the cause. */
void
hall_blame_past(
    struct station *st, int64_t from_us, int64_t to_us, const char *cause)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->state == RUN_WAITING &&
			    r->p->start_us > from_us && r->p->start_us <= to_us)
				run_blame(r, cause);
		}
}

/* Slots that were due while we were away carry the cause; those since we are
 * here, that the clock was not trusted. */
static void
blame_missed(const struct beginning *b)
{
	hall_blame_past(b->st, INT64_MIN, b->here_us, b->cause);
	hall_blame_past(b->st, b->here_us, b->now.wall_us, "clock_unsure");
}

static void
blame_date(void *arg)
{
	blame_missed(arg);
}

/* The first start of all: slots whose time has passed wait for their next
 * date; nobody planned them here before. */
static int
plan_first(struct station *st, struct now now, int64_t today)
{
	struct plan *plan;
	struct plan *none = calloc(1, sizeof(*none));
	struct day *d = none == NULL ? NULL : day_make(today, none, "");
	bool changed;
	int r;

	if (d == NULL)
		return -ENOMEM;
	if (st->schedule == NULL) {
		day_free(d);
		return 0;
	}
	r = hall_make_plan(st, today, &plan);
	if (r == 0)
		r = day_merge(d, plan, st->schedule->revision, now.wall_us,
		    NULL, NULL, &changed);
	if (r == 0)
		r = books_day(
		    st->up.books, st->id, now, d, &st->up.site->rules);
	if (r < 0) {
		day_free(d);
		return r;
	}
	return hall_add_day(st, d);
}

static int
close_released(void *arg, const json_t *op)
{
	struct beginning *b = arg;

	hall_close_order(b->st, b->now, op, cause_of(b, op));
	return 0;
}

void
station_recall(struct station *st, const json_t *alive)
{
	const char *until = record_text(alive, "stopped_until_utc");

	if (strcmp(until, "forever") == 0)
		st->stopped_until_us = NEVER;
	else
		civil_read_utc(until, &st->stopped_until_us);
}

int
station_begin(struct station *st, struct now now, const char *cause,
    int64_t here_us, const json_t *alive)
{
	struct beginning b = { st, now, cause, here_us, alive, 0 };
	const struct registry *g = st->up.books->registry;
	int64_t today;
	int64_t first;
	int second;
	int r;

	civil_from_us(now.wall_us, &today, &second);
	r = registry_open_days(g, st->id, restore_day, &b);
	if (r < 0)
		return r;
	r = registry_attempts(g, st->id, restore_attempt, &b);
	if (r == 0)
		r = registry_orders(g, st->id, close_released, &b);
	if (r < 0)
		return r;
	hall_recall_relays(st, alive);
	blame_missed(&b);
	st->begun = true;
	first = registry_first_day(g, st->id);
	if (first == NEVER)
		return plan_first(st, now, today);
	r = hall_account_dates(st, now, first, today, blame_date, &b);
	if (r < 0)
		return r;
	r = hall_merge_days(st, now);
	hall_roll_days(st, now);
	blame_missed(&b);
	return r;
}
