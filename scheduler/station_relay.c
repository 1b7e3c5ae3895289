/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

#define WITNESS_US (2 * US_PER_S) /* as of every relay: station_runs.c */
#define WORTH_US (3 * US_PER_S) /* a shorter rest is not connected for */
#define FADE_MS 50
#define URL_KEEP_MS 1000 /* streams come in gulps */
#define LINE_KEEP_MS 300
#define LOAD_US (1500 * US_PER_MS) /* from an item's load to its sound */
#define LAY_AHEAD_US (6 * US_PER_S) /* the next one behind it */
#define SPOILED_MAX 5 /* in a row: then it stays silent */
#define HELD_US (10 * US_PER_S) /* between two looks at what holds it */
#define WARN_US (10 * US_PER_S) /* before the slot */

static const struct site_relay *
source_of(const struct station *st, const struct run *r)
{
	return site_relay(st->up.site, r->p->ref);
}

bool
hall_has_source(const struct station *st, const struct run *r)
{
	return r->p->content == CONTENT_RELAY &&
	       (r->relay != NULL || site_relay_sounds(source_of(st, r)));
}

/* Who knows of the link, and of the filler beside it. */
static struct run *
find_run(const struct station *st,
    bool (*is)(const struct run *r, const void *what), const void *what)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->relay != NULL && is(r, what))
				return r;
		}
	return NULL;
}

static bool
has_link(const struct run *r, const void *airing)
{
	return r->relay->airing == *(const uint64_t *)airing;
}

static bool
has_filler(const struct run *r, const void *filler)
{
	return &r->relay->filler == filler;
}

static bool
is_heard(const struct run *r, const void *unused)
{
	(void)unused;
	return r->relay->airing != 0 && r->relay->sounding;
}

struct run *
hall_relay_of(const struct station *st, const struct run *filler)
{
	return find_run(st, has_filler, filler);
}

struct run *
hall_relay_on(const struct station *st)
{
	return find_run(st, is_heard, NULL);
}

static void
record(struct station *st, const struct run *r, const char *op,
    const char *detail, struct now now)
{
	books_relay(st->up.books, st->id, now, r->p, op, detail);
}

/* The link ---------------------------------------------------------------- */

static void
drop_link(struct station *st, struct relay *y, struct now now)
{
	if (y->airing == 0 || y->dropped)
		return;
	y->dropped = true;
	st->up.deck->drop(st->up.deck, now, y->airing);
}

static void
connect_to(struct station *st, struct relay *y, const struct site_relay *s,
    struct now now)
{
	const struct deck_live live = {
		.url = s->url != NULL ? s->url : "",
		.line = s->line != NULL ? s->line : "",
	};
	uint64_t airing = ++st->last_airing;
	int e = st->up.deck->listen(st->up.deck, now, airing, &live);

	if (e < 0) {
		hall_copy(y->text, sizeof(y->text), strerror(-e));
		relay_ended(y, now);
		return;
	}
	y->airing = airing;
}

/* Loud as the source is, with what the administrator and the rules say. */
static int32_t
gain_of(const struct station *st, const struct site_relay *s, int64_t from_us,
    int64_t to_us)
{
	return (int32_t)(s->gain_db * 1000) +
	       profile_gain_mdb(&st->up.site->rules, from_us, to_us);
}

static struct cue
cue_of(const struct station *st, const struct run *r,
    const struct site_relay *s, int64_t fence_us, struct now now)
{
	int64_t start_us = later(r->p->start_us, now.wall_us);
	int64_t stop_us = earlier(r->p->end_us, fence_us);

	return (struct cue){
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = r->relay->airing,
		.start_boot_us = now_boot_at(now, start_us),
		.stop_boot_us = now_boot_at(now, stop_us),
		.fence_boot_us = now_boot_at(now, fence_us),
		.fence_wall_us = fence_us,
		.open_wall_us = profile_since(&st->up.site->rules, start_us),
		.channels = 2,
		.gain_mdb = gain_of(st, s, start_us, stop_us),
		.fade_in_ms = FADE_MS,
		.fade_out_ms = FADE_MS,
		.live_ms = s->url != NULL ? URL_KEEP_MS : LINE_KEEP_MS,
		.floor_mdb = (int32_t)(s->silence_db * 1000),
	};
}

/* It gives sound. P4: the log knows of it before anything is heard. */
static void
on_connected(struct station *st, struct run *r, struct now now)
{
	const struct site_relay *s = source_of(st, r);
	int64_t fence_us =
	    hall_fence_end(st, later(r->p->start_us, now.wall_us));
	struct relay *y = r->relay;
	struct cue c;

	if (y->dropped || !site_relay_sounds(s) || fence_us == 0) {
		drop_link(st, y, now);
		return;
	}
	if (!y->told) {
		y->told = true;
		record(st, r, "relay_on", "", now);
		books_flush(st->up.books, now);
	}
	c = cue_of(st, r, s, fence_us, now);
	y->connections++;
	y->cued = true;
	y->fence_us = fence_us;
	y->stop_us = earlier(r->p->end_us, fence_us);
	y->told_boot_us = now.boot_us;
	y->text[0] = '\0';
	st->up.deck->cue(st->up.deck, now, &c);
}

static void
on_signal(struct relay *y, const struct receipt *rc, struct now now)
{
	y->sent = rc->frames_sent;
	y->signal = rc->frames_signal;
	y->loud_us = rc->loud_us;
	y->quiet_us = rc->quiet_us;
	y->level_mdb = rc->peak_mdb;
	y->told_boot_us = now.boot_us;
	y->sounding = y->sounding || rc->frames_sent > 0;
}

bool
hall_take_signal(struct station *st, const struct receipt *rc, struct now now)
{
	struct run *r =
	    rc->airing == 0 ? NULL : find_run(st, has_link, &rc->airing);

	if (r == NULL)
		return false;
	if (rc->kind == RECEIPT_LOADED) {
		on_connected(st, r, now);
		return true;
	}
	on_signal(r->relay, rc, now);
	if (rc->kind != RECEIPT_ENDED)
		return true;
	if (rc->ended == ENDED_FENCE)
		run_blame(r, "hours_end");
	/* At its stop nothing is lost any more; but a clock set back since has
	 * left more of the slot than the player knew of. */
	if ((rc->ended == ENDED_CUT || rc->ended == ENDED_FENCE) &&
	    now.wall_us + WORTH_US >= r->relay->stop_us)
		r->relay->over = true;
	hall_copy(r->relay->text, sizeof(r->relay->text), rc->text);
	relay_ended(r->relay, now);
	return true;
}

/* What sounds instead ---------------------------------------------------- */

/* From where the next item may start, or 0: there is one already. */
static int64_t
next_fill_us(const struct relay *y, struct now now)
{
	if (y->filler.open == 0 || y->filled_us < now.wall_us)
		return now.wall_us + LOAD_US;
	return now.wall_us + LAY_AHEAD_US >= y->filled_us ? y->filled_us : 0;
}

static bool
filler_sounds(const struct station *st, const struct relay *y)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && st->airings[i].sounding &&
		    st->airings[i].run == &y->filler)
			return true;
	return false;
}

/* The source gives sound again, and nothing else sounds yet. */
static bool
takes_over(const struct station *st, const struct relay *y)
{
	return relay_hears(y) && !filler_sounds(st, y);
}

static bool
may_fill(const struct station *st, const struct relay *y)
{
	return y->begun && y->lost && !takes_over(st, y) &&
	       y->planned.n_items > 0 && y->spoiled < SPOILED_MAX &&
	       y->filler.open < 2 && !hall_takes_air(st, &y->filler);
}

static void
fill(struct station *st, struct run *r, struct now now)
{
	struct relay *y = r->relay;
	int64_t fence_us = hall_fence_end(st, now.wall_us);
	int64_t stop_us = earlier(r->p->end_us, fence_us);
	int64_t at_us = may_fill(st, y) ? next_fill_us(y, now) : 0;
	int64_t length_us;

	if (at_us == 0 || fence_us == 0 || at_us + US_PER_S > stop_us)
		return;
	if (hall_load_beside(st, &y->filler, y->next, at_us, stop_us, fence_us,
		&length_us, now) < 0) {
		y->spoiled++;
	} else {
		y->spoiled = 0;
		y->filled_us = at_us + length_us;
	}
	y->next = (y->next + 1) % y->planned.n_items;
}

static void
yield(struct station *st, struct relay *y, struct now now)
{
	if (y->filler.open == 0)
		return;
	if (!y->lost || takes_over(st, y)) {
		hall_drop_run(st, now, &y->filler, "preempted");
		y->filled_us = 0;
	}
}

/* The slot --------------------------------------------------------------- */

/* No link, and nothing beside it. */
static void
silence(struct station *st, struct relay *y, struct now now)
{
	drop_link(st, y, now);
	hall_drop_run(st, now, &y->filler, "preempted");
}

static void
begin(struct station *st, struct run *r, struct now now)
{
	struct relay *y = r->relay;

	if (y->begun || now.wall_us < r->p->start_us)
		return;
	y->begun = true;
	y->lost = !relay_hears(y);
	r->state = RUN_LAID;
	r->witnessed = now.wall_us < r->p->start_us + WITNESS_US;
	hall_judge(st, r, now);
	if (y->lost)
		record(st, r, "relay_lost", y->text, now);
}

/* What a person ordered has the air: that time is not the relay's to lose. */
static void
count_taken(struct station *st, const struct run *r, struct now now)
{
	struct relay *y = r->relay;
	const struct run *on = hall_on_now(st);

	if (y->begun && y->turned_us != 0 && on != NULL && on->order != NULL)
		y->taken_us += later(0, now.wall_us - y->turned_us);
	y->turned_us = now.wall_us;
}

/* Why it may not sound now, or NULL. A lost device is tried by the player. */
static const char *
held_by(const struct station *st, const struct run *r, struct now now)
{
	const char *hold = hall_hold_of(st, now);

	if (hold != NULL && strcmp(hold, "device_lost") != 0)
		return hold;
	if (hall_fence_end(st, later(r->p->start_us, now.wall_us)) == 0)
		return "outside_hours";
	return NULL;
}

static void
look(struct station *st, struct run *r, const struct site_relay *s,
    struct now now)
{
	struct relay *y = r->relay;

	/* P1: other hours than it was cued for. */
	if (y->cued && hall_fence_end(st, later(r->p->start_us, now.wall_us)) !=
			   y->fence_us)
		drop_link(st, y, now);
	if (y->over)
		return;
	if (y->airing == 0 && now.boot_us >= y->retry_boot_us &&
	    now.wall_us + WORTH_US < r->p->end_us)
		connect_to(st, y, s, now);
	if (!y->begun)
		return;
	if (relay_look(y, now, s->silence_s * US_PER_S))
		record(
		    st, r, y->lost ? "relay_lost" : "relay_back", y->text, now);
	if (st->device_state == DEVICE_LOST && !relay_hears(y))
		run_blame(r, "device_lost");
	yield(st, y, now);
	fill(st, r, now);
}

/* The wall instant of the next step. */
static int64_t
wake_of(const struct run *r, const struct site_relay *s, struct now now)
{
	const struct relay *y = r->relay;
	int64_t wake_us = y->begun ? r->p->end_us : r->p->start_us;
	int64_t look_us =
	    y->begun ? relay_wake(y, s->silence_s * US_PER_S) : NEVER;

	if (y->airing == 0 && !y->over)
		wake_us = earlier(wake_us, now_wall_at(now, y->retry_boot_us));
	if (look_us != NEVER)
		wake_us = earlier(wake_us, now_wall_at(now, look_us));
	if (y->filler.open > 0 && y->filled_us > now.wall_us)
		wake_us = earlier(wake_us,
		    later(y->filled_us - LAY_AHEAD_US, now.wall_us + US_PER_S));
	return later(wake_us, now.wall_us + 10 * US_PER_MS);
}

static int64_t
finish(struct station *st, struct run *r, struct now now)
{
	struct relay *y = r->relay;

	silence(st, y, now);
	if (y->airing != 0 || y->filler.open > 0)
		return now.wall_us + US_PER_S; /* a receipt comes before */
	r->state = RUN_DONE;
	return now.wall_us;
}

static struct relay *
relay_for(struct run *r, const struct site_relay *s)
{
	if (r->relay == NULL)
		r->relay = relay_make(r->p, s->fallback, s->n_fallback);
	return r->relay;
}

int64_t
hall_relay_turn(struct station *st, struct run *r, struct now now)
{
	const struct site_relay *s = source_of(st, r);
	int64_t from_us = r->p->start_us;
	const char *held;

	if (site_relay_sounds(s))
		from_us -= s->connect_ahead_s * US_PER_S;
	/* Its source was taken away, or the clock went back. */
	if (now.wall_us < from_us && r->relay != NULL)
		silence(st, r->relay, now);
	if (now.wall_us < from_us)
		return from_us;
	if (r->relay == NULL && !site_relay_sounds(s))
		return NEVER; /* hall_has_source() is false */
	if (relay_for(r, s) == NULL)
		return now.wall_us + US_PER_S;
	count_taken(st, r, now);
	if (now.wall_us >= r->p->end_us || r->ended)
		return finish(st, r, now);
	begin(st, r, now);
	held = site_relay_sounds(s) ? held_by(st, r, now) : "disabled";
	if (held != NULL) {
		if (r->relay->begun)
			run_blame(r, held);
		silence(st, r->relay, now);
		return earlier(now.wall_us + HELD_US,
		    r->relay->begun ? r->p->end_us : r->p->start_us);
	}
	look(st, r, s, now);
	return wake_of(r, s, now);
}

void
hall_relays_stepped(struct station *st, struct now now)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->relay != NULL && !r->relay->sounding)
				drop_link(st, r->relay, now);
		}
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* One that was taken away is dropped by hall_relay_turn(). */
static bool
has_moved(const struct site_relay *old, const struct site_relay *is)
{
	return site_relay_sounds(old) && site_relay_sounds(is) &&
	       (!is_same_text(old->url, is->url) ||
		   !is_same_text(old->line, is->line));
}

void
hall_move_relays(struct station *st, const struct site *old, struct now now)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->relay != NULL && r->state != RUN_CLOSED &&
			    has_moved(
				site_relay(old, r->p->ref), source_of(st, r)) &&
			    relay_moved(r->relay))
				drop_link(st, r->relay, now);
		}
}

/* An earlier life ------------------------------------------------------- */

json_t *
hall_relay_alive(const struct station *st)
{
	json_t *list = json_array();
	struct civil_text t;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (r->relay == NULL || r->state == RUN_CLOSED)
				continue;
			json_array_append_new(list,
			    json_pack("{s:s, s:s, s:I, s:I, s:i, s:I}", "date",
				civil_date_text(r->p->day, &t), "slot",
				r->p->slot, "signal",
				(json_int_t)relay_signal(r->relay), "sent",
				(json_int_t)relay_sent(r->relay), "connections",
				r->relay->connections, "taken_us",
				(json_int_t)r->relay->taken_us));
		}
	return list;
}

/* A count that cannot be, in a file that is damaged, is none. */
static int64_t
count_of(const json_t *o, const char *key, int64_t max)
{
	int64_t n = record_int(o, key, 0);

	return n >= 0 && n <= max ? n : 0;
}

static void
recall(struct station *st, struct run *r, const json_t *told)
{
	const struct site_relay *s = source_of(st, r);
	int64_t most = r->p->end_us - r->p->start_us;
	struct relay *y = relay_make(r->p, s == NULL ? NULL : s->fallback,
	    s == NULL ? 0 : s->n_fallback);

	if (y == NULL)
		return;
	y->sent_sum = count_of(told, "sent", frames_in(most));
	y->signal_sum = count_of(told, "signal", y->sent_sum);
	y->connections = (int)count_of(told, "connections", 1000000);
	y->taken_us = count_of(told, "taken_us", most);
	y->told = y->connections > 0;
	y->at_least = true;
	relay_free(r->relay);
	r->relay = y;
}

void
hall_recall_relays(struct station *st, const json_t *alive)
{
	const json_t *told;
	size_t i;

	json_array_foreach(json_object_get(alive, "relays"), i, told)
	{
		struct day *d = NULL;
		struct run *r;
		int64_t date;

		if (civil_read_date(record_text(told, "date"), &date) == 0)
			d = hall_day_of(st, date);
		r = d == NULL ? NULL : day_run(d, record_text(told, "slot"));
		if (r != NULL && r->state != RUN_CLOSED &&
		    r->p->content == CONTENT_RELAY)
			recall(st, r, told);
	}
}

/* What a person sees ----------------------------------------------------- */

static const char *
state_of(const struct relay *y)
{
	if (y->airing == 0)
		return "lost";
	if (!y->cued)
		return y->text[0] == '\0' ? "connecting" : "lost";
	return relay_hears(y) ? "signal" : "silent";
}

static json_t *
status_of(const struct station *st, const struct run *r, struct now now)
{
	const struct relay *y = r->relay;
	const struct site_relay *s = source_of(st, r);
	struct civil_text t;

	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:f, s:b, s:b, s:b, s:I, "
			 "s:i, s:s, s:s}",
	    "slot", r->p->slot, "relay", r->p->ref, "title",
	    s != NULL && s->title != NULL ? s->title : r->p->ref, "state",
	    state_of(y), "signal", relay_hears(y), "level_db",
	    y->cued ? (double)y->level_mdb / 1000 : -120.0, "on", y->begun,
	    "fallback", filler_sounds(st, y), "warn",
	    !relay_hears(y) &&
		(y->begun ? y->lost : now.wall_us + WARN_US >= r->p->start_us),
	    "signal_ms", (json_int_t)(frames_us(relay_signal(y)) / US_PER_MS),
	    "connections", y->connections, "text", y->text, "start_utc",
	    civil_utc_text(r->p->start_us, &t));
}

json_t *
hall_relay_status(const struct station *st, struct now now)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (r->relay != NULL && r->state != RUN_DONE &&
			    r->state != RUN_CLOSED)
				return status_of(st, r, now);
		}
	return json_null();
}
