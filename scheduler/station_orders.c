/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/station_hall.h"

#define LEAD_US \
	(200 * US_PER_MS) /* from the cue to its first frame; an
				    * emergency's is due at once */
#define SLACK_US \
	US_PER_MIN /* an emergency's own fence behind its length: for
		    * a device that is slow to open */
#define PATIENCE_US \
	(5 * US_PER_MIN) /* an emergency that broke off is tried again */
#define RETRY_US (5 * US_PER_S)
#define NEAR_US (2 * US_PER_S) /* what starts so soon is as good as on */

/* The one that has the air or waits for it; NULL when there is none. */
static struct order *
head(const struct station *st)
{
	for (size_t i = 0; i < st->n_orders; i++)
		if (!st->orders[i]->over)
			return st->orders[i];
	return NULL;
}

/* How many have the air, or wait for it. */
static int
count_on(const struct station *st)
{
	int n = 0;

	for (size_t i = 0; i < st->n_orders; i++)
		n += !st->orders[i]->over;
	return n;
}

/* An emergency takes the air from all that is planned, the operator's item
 * from what began before it: a later hard start cuts it, a soft one waits. */
static bool
takes_air(const struct order *o, const struct run *r)
{
	if (o == NULL || r->order != NULL)
		return false;
	/* What is laid out around an insertion goes on behind it. */
	if (o->inserts && (r->state != RUN_WAITING ||
			      (!r->began && r->p->start == START_SOFT)))
		return false;
	return o->kind == ORDER_EMERGENCY || r->began ||
	       r->p->start_us <= o->planned.start_us;
}

bool
hall_takes_air(const struct station *st, const struct run *r)
{
	return takes_air(head(st), r);
}

struct run *
hall_ordered(const struct station *st)
{
	struct order *o = head(st);
	struct run *on = hall_on_now(st);

	/* An insertion that is to begin takes nothing from what is on. */
	if (o == NULL || (o->inserts && on != NULL && on != &o->run))
		return NULL;
	return &o->run;
}

const char *
hall_hold_for(const struct station *st, const struct run *r, struct now now)
{
	const char *hold = hall_hold_of(st, now);

	return hold == NULL && hall_takes_air(st, r) ? "preempted" : hold;
}

int64_t
hall_orders_until(const struct station *st)
{
	const struct order *o = head(st);

	return o == NULL
		   ? 0
		   : earlier(o->planned.end_us, hall_next_hard(st, &o->run));
}

/* Records ---------------------------------------------------------------- */

/* P2: a prepared one has its last word too. */
static void
record_refusal(
    struct station *st, struct now now, const struct order *o, const char *why)
{
	json_t *more = o->prepared < 0 ? NULL
				       : json_pack("{s:I}", "prepared",
					     (json_int_t)o->prepared);

	books_order(st->up.books, st->id, now, o, "refused", why, more);
}

static json_t *
refuse(
    struct station *st, struct now now, const struct order *o, const char *why)
{
	record_refusal(st, now, o, why);
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

json_t *
station_refuse_order(
    struct station *st, struct now now, const json_t *req, const char *why)
{
	const char *by = record_text(req, "by");

	books_op(st->up.books, st->id, now, record_text(req, "cmd"),
	    text_is_id(by) ? by : "", "refused", why);
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

void
hall_last_word(struct station *st, struct now now, struct order *o)
{
	const char *why = o->done == o->times ? "" : o->run.reason;

	books_order(st->up.books, st->id, now, o, "over", why,
	    json_pack("{s:I, s:i, s:I}", "release", (json_int_t)o->release,
		"done", o->done, "actual_ms",
		(json_int_t)(frames_us(o->run.sent) / US_PER_MS)));
	order_free(o);
}

/* Asking ----------------------------------------------------------------- */

static const char *
why_not_open(const char *reason)
{
	static const struct {
		const char *reason, *why;
	} table[] = {
		{ "missing_item",
		    N_("there is no such item; `loaxa items` lists them") },
		{ "not_approved",
		    N_("the item is not approved: `loaxa approve` lets it "
		       "air") },
		{ "hash_changed",
		    N_("the item is not the one that was prepared; prepare "
		       "the emergency anew") },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].reason, reason) == 0)
			return table[i].why;
	return N_("the item cannot be read; add it anew");
}

/* P5: item `i` as it lies in the library and is approved; its sound in *ret_fd. An
 * outcome word when it may not air. */
static const char *
open_sound(struct station *st, const struct order *o, size_t i,
    struct item **ret_item, int *ret_fd, int64_t *ret_approval)
{
	const char *sha256 = order_sha256(o, i);
	const char *why =
	    hall_open_item(st, &o->planned, i, ret_item, ret_fd, ret_approval);

	if (why != NULL || sha256[0] == '\0' ||
	    strcmp(sha256, (*ret_item)->sha256) == 0)
		return why;
	item_free(*ret_item);
	if (*ret_fd >= 0)
		close(*ret_fd);
	return "hash_changed";
}

/* Looks at an item, and keeps in mind which bytes it is. */
static const char *
fault_of_item(struct station *st, struct order *o, size_t i)
{
	struct item *it;
	int64_t approval;
	int fd;
	const char *why = open_sound(st, o, i, &it, &fd, &approval);
	int r;

	if (why != NULL)
		return why_not_open(why);
	if (fd >= 0)
		close(fd);
	r = order_set_item(o, i, it);
	item_free(it);
	return r < 0 ? N_("that is more than an hour of sound; order less "
			  "of it")
		     : NULL;
}

/* All of them are looked at before anything sounds. */
static const char *
fault_of_items(struct station *st, struct order *o)
{
	const char *why = NULL;

	for (size_t i = 0; why == NULL && i < o->planned.n_items; i++)
		why = fault_of_item(st, o, i);
	return why;
}

static bool
has_window(const struct run *r, int64_t from_us, int64_t to_us)
{
	return r->state != RUN_CLOSED && r->p->start_us < to_us &&
	       r->p->end_us > from_us;
}

/* What is planned for that time, for a person; [{slot, title, start_utc}]. */
static json_t *
planned_within(const struct station *st, int64_t from_us, int64_t to_us)
{
	json_t *list = json_array();
	struct civil_text t;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (!has_window(r, from_us, to_us))
				continue;
			json_array_append_new(list,
			    json_pack("{s:s, s:s, s:s, s:s}", "slot",
				r->p->slot, "item",
				r->p->n_items > 0 ? r->p->items[0] : "",
				"title", hall_called(st, r->p), "start_utc",
				civil_utc_text(r->p->start_us, &t)));
		}
	return list;
}

static bool
planned_is_on(const struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		const struct attempt *a = &st->airings[i];

		if (a->airing != 0 && a->dropped == NULL &&
		    a->run->order == NULL && !a->run->beside &&
		    (a->sounding || a->start_us < now.wall_us + NEAR_US))
			return true;
	}
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (r->p->content == CONTENT_RELAY &&
			    has_window(r, now.wall_us, now.wall_us + 1))
				return true;
		}
	return false;
}

static json_t *
answer_of(const struct station *st, const struct order *o, struct now now)
{
	static const char *const device[] = { "closed", "ok", "lost" };
	int64_t length_us = frames_us(o->frames) * o->times;
	int64_t at_us = o->inserts ? hall_join(st, o, now) : now.wall_us;
	struct civil_text t;
	json_t *j = json_pack("{s:b, s:s, s:s, s:s, s:i, s:I, s:b, s:s, s:s}",
	    "ok", 1, "station", st->id, "item", o->item, "title", o->title,
	    "times", o->times, "length_ms",
	    (json_int_t)(frames_us(o->frames) / US_PER_MS), "outside_hours",
	    hall_fence_end(st, now.wall_us) == 0, "clock",
	    trust_word(now.trust), "device", device[st->device_state]);

	json_object_set_new(j, "on_air", json_boolean(planned_is_on(st, now)));
	json_object_set_new(j, "stopped", json_boolean(station_stopped(st)));
	json_object_set_new(
	    j, "planned", planned_within(st, at_us, at_us + length_us));
	json_object_set_new(j, "ahead",
	    json_integer(count_on(st) + (o->inserts ? (int)st->n_inserts : 0)));
	if (o->inserts)
		json_object_set_new(
		    j, "start_utc", json_string(civil_utc_text(at_us, &t)));
	return j;
}

static const char *
why_held(const char *hold)
{
	if (strcmp(hold, "clock_unsure") == 0)
		return N_("the clock is not trusted, so nobody knows whether "
			  "these are allowed hours");
	if (strcmp(hold, "device_lost") == 0)
		return N_("the sound device is lost; `loaxa status` says why");
	return N_("the station is stopped; `loaxa resume` ends that");
}

/* P1: what the operator plays is inside the allowed hours, or it is not. */
static const char *
fault_of_play(struct station *st, struct order *o, struct now now, bool over)
{
	const char *hold = hall_hold_of(st, now);
	const char *why;

	if (hold != NULL)
		return why_held(hold);
	if (hall_fence_end(st, now.wall_us) == 0)
		return N_("these are no allowed hours; nothing but an "
			  "emergency sounds now");
	if (!o->inserts && head(st) != NULL)
		return N_("something that was ordered is on; `loaxa skip` "
			  "ends it");
	if (!o->inserts && planned_is_on(st, now) && !over)
		return N_("something planned is on, or about to begin; with "
			  "--over it is cut for this, with --next this waits "
			  "for its end");
	why = fault_of_items(st, o);
	return why != NULL || !o->inserts ? why
					  : hall_fault_of_insert(st, o, now);
}

static void
enqueue(struct station *st, struct order *o)
{
	st->orders[st->n_orders++] = o;
}

/* What of the plan has the air: the attempt that sounds, or a relay's slot. */
static void
note_interrupted(struct station *st, struct order *o, struct now now)
{
	struct civil_text t;

	for (size_t i = 0; i < CUES_MAX; i++) {
		const struct attempt *a = &st->airings[i];

		if (a->airing != 0 && a->sounding)
			snprintf(
			    o->interrupts, sizeof(o->interrupts), "%s", a->id);
	}
	for (size_t i = 0; i < st->n_days && o->interrupts[0] == '\0'; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct planned *p = st->days[i]->runs[k]->p;

			if (p->content == CONTENT_RELAY &&
			    has_window(st->days[i]->runs[k], now.wall_us,
				now.wall_us + 1))
				snprintf(o->interrupts, sizeof(o->interrupts),
				    "%s/%s/%s", st->id,
				    civil_date_text(p->day, &t), p->slot);
		}
}

/* The order's record is made; it has the air from here on. It counts together
 * with the start record (hall_send()), before anything sounds. */
static int
release(struct station *st, struct now now, struct order *o, json_t *more)
{
	int64_t seq = ledger_next_seq(st->up.books->ledger);
	int r = books_order(st->up.books, st->id, now, o, "done", "", more);

	if (r < 0)
		return r;
	o->release = seq;
	if (o->inserts) {
		hall_wait_for_join(st, o, now);
	} else {
		note_interrupted(st, o, now);
		order_begin(o, seq, now.wall_us, now);
		enqueue(st, o);
	}
	/* P4: as with a cue, a sick disk does not silence it. */
	st->up.books->retry_boot_us = 0;
	return 0;
}

static json_t *
cannot_write(struct order *o)
{
	order_free(o);
	return json_pack("{s:b, s:s}", "ok", 0, "error",
	    N_("the order could not be written into the log, so nothing "
	       "of it sounds"));
}

json_t *
station_play(struct station *st, struct now now, const json_t *req)
{
	bool over = json_is_true(json_object_get(req, "over"));
	struct order *o = NULL;
	const char *why = NULL;
	json_t *answer;
	int r = order_read(ORDER_PLAY, req, &o, &why);

	if (r < 0)
		return station_refuse_order(
		    st, now, req, why != NULL ? why : N_("out of memory"));
	why = st->n_orders >= ORDERS_MAX
		  ? N_("as many orders wait as a station can hold")
		  : fault_of_play(st, o, now, over);
	if (why != NULL) {
		answer = refuse(st, now, o, why);
		order_free(o);
		return answer;
	}
	answer = answer_of(st, o, now);
	if (release(st, now, o,
		json_pack("{s:b}", "cuts", over && !o->inserts)) < 0) {
		json_decref(answer);
		return cannot_write(o);
	}
	hall_turn_orders(st, now);
	return answer;
}

/* Loading ---------------------------------------------------------------- */

static void
fill(struct attempt *a, struct order *o, const struct item *it)
{
	a->run = &o->run;
	a->item = o->run.reached_item;
	a->offset = o->run.reached_frames;
	a->frames = a->left = it->frames - a->offset;
	a->lufs = it->lufs;
	a->top_db = it->peak_db;
	a->channels = it->channels;
	hall_copy(a->sha256, sizeof(a->sha256), it->sha256);
	hall_copy(a->title, sizeof(a->title), it->title);
	hall_copy(a->language, sizeof(a->language), it->language);
}

/* What is to sound next of it, in a place of its own. 0; -EBUSY: there is no
 * place; -EACCES, -EIO, and when it is not only to wait, the run is blamed. */
static int
load(struct station *st, struct order *o, bool waits, struct now now)
{
	struct attempt *a = hall_free_place(st);
	struct item *it;
	const char *why;
	int fd;

	if (a == NULL)
		return -EBUSY;
	*a = (struct attempt){ 0 };
	why = open_sound(st, o, o->run.reached_item, &it, &fd, &a->approval);
	if (why != NULL) {
		if (!waits)
			run_blame(&o->run, why);
		return -EACCES;
	}
	fill(a, o, it);
	a->waits = waits;
	a->first_run =
	    !registry_aired(st->up.books->registry, st->id, a->sha256);
	item_free(it);
	a->airing = ++st->last_airing;
	if (st->up.deck->load(
		st->up.deck, now, a->airing, fd, a->sha256, a->offset) < 0) {
		if (!waits)
			run_blame(&o->run, "source_failed");
		*a = (struct attempt){ 0 };
		return -EIO;
	}
	o->run.open++;
	return 0;
}

/* The two steps ---------------------------------------------------------- */

static struct order **
free_prepared(struct station *st)
{
	for (size_t i = 0; i < PREPARED_MAX; i++)
		if (st->prepared[i] == NULL)
			return &st->prepared[i];
	return NULL;
}

/* The first step: what would happen, and a code. Nothing sounds. */
static json_t *
prepare(struct station *st, struct now now, struct order *o)
{
	json_t *answer = answer_of(st, o, now);
	json_t *more = json_pack(
	    "{s:O}", "outside_hours", json_object_get(answer, "outside_hours"));

	o->prepared = ledger_next_seq(st->up.books->ledger);
	order_set_code(o, st->up.books->boot_id, st->up.books->salt, now);
	if (books_order(st->up.books, st->id, now, o, "prepared", "", more) <
	    0) {
		json_decref(answer);
		return cannot_write(o);
	}
	*free_prepared(st) = o;
	/* What fails here is tried again when it is released, and told then. */
	load(st, o, true, now);
	hall_tell_ready(st, now);
	json_object_set_new(answer, "code", json_string(o->code));
	json_object_set_new(
	    answer, "valid_s", json_integer(ORDER_CODE_US / US_PER_S));
	return answer;
}

json_t *
station_prepare(
    struct station *st, struct now now, const json_t *req, uid_t preparer)
{
	struct order *o = NULL;
	const char *why = NULL;
	json_t *answer;
	int r = order_read(ORDER_EMERGENCY, req, &o, &why);

	if (r < 0)
		return station_refuse_order(
		    st, now, req, why != NULL ? why : N_("out of memory"));
	if (free_prepared(st) == NULL || st->n_orders >= ORDERS_MAX)
		why = N_("several emergencies are prepared or on already; wait "
			 "two minutes, or end one");
	else
		why = fault_of_items(st, o);
	o->preparer = preparer;
	if (why == NULL)
		return prepare(st, now, o);
	answer = refuse(st, now, o, why);
	order_free(o);
	return answer;
}

static struct order **
prepared_as(struct station *st, const char *code)
{
	for (size_t i = 0; i < PREPARED_MAX; i++)
		if (st->prepared[i] != NULL &&
		    strcmp(st->prepared[i]->code, code) == 0)
			return &st->prepared[i];
	return NULL;
}

const char *
station_prepared_by(struct station *st, const char *code, uid_t *ret_preparer)
{
	struct order **o = prepared_as(st, code);

	if (o == NULL)
		return NULL;
	*ret_preparer = (*o)->preparer;
	return (*o)->person;
}

bool
station_is_ready(const struct station *st)
{
	return hall_is_ready(st);
}

void
station_void_prepared(struct station *st, struct now now)
{
	hall_forget_prepared(st, now, "guessed");
	hall_tell_ready(st, now);
}

/* What the operator plays gives way at once. */
static void
end_plays(struct station *st, struct now now)
{
	for (size_t i = 0; i < st->n_orders; i++) {
		struct order *o = st->orders[i];

		if (o->kind != ORDER_PLAY || o->over)
			continue;
		run_blame(&o->run, "preempted");
		o->over = true;
		hall_drop_run(st, now, &o->run, "preempted");
	}
}

/* Nothing will come of it; what is loaded for it has to end first. */
static void
put_away(struct station *st, struct now now, struct order *o)
{
	if (o->run.open == 0) {
		order_free(o);
		return;
	}
	o->over = true;
	enqueue(st, o);
	hall_drop_run(st, now, &o->run, "cancelled");
}

/* The second step. */
json_t *
station_release(
    struct station *st, struct now now, const char *code, const char *why)
{
	struct order **place = prepared_as(st, code);
	struct order *o;
	json_t *answer;

	if (place == NULL)
		return NULL;
	o = *place;
	*place = NULL;
	hall_tell_ready(st, now);
	if (why == NULL && now.boot_us >= o->expires_boot_us)
		why = N_("the code is older than two minutes; prepare the "
			 "emergency anew");
	if (why == NULL)
		why = fault_of_items(st, o);
	if (why == NULL && st->n_orders >= ORDERS_MAX)
		why = N_("as many orders wait as a station can hold");
	if (why != NULL) {
		answer = refuse(st, now, o, why);
		put_away(st, now, o);
		return answer;
	}
	answer = answer_of(st, o, now);
	if (release(st, now, o,
		json_pack("{s:I, s:b}", "prepared", (json_int_t)o->prepared,
		    "outside_hours", hall_fence_end(st, now.wall_us) == 0)) <
	    0) {
		json_decref(answer);
		put_away(st, now, o);
		return cannot_write(NULL);
	}
	end_plays(st, now);
	hall_turn_orders(st, now);
	return answer;
}

/* Sounding --------------------------------------------------------------- */

/* A soft start that is loaded already is decided anew: it waits. */
static bool
waits_for(const struct order *o, const struct run *r)
{
	return r->order == NULL && r->p->start == START_SOFT &&
	       r->p->start_us < o->planned.end_us;
}

/* What is loaded or cued of the plan and does not sound yet gives way; what
 * sounds is cut by the cue itself, so that a source that fails costs nobody
 * anything (P6). */
static void
clear_air(struct station *st, struct now now, const struct order *o)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->sounding || a->dropped != NULL ||
		    (!takes_air(o, a->run) && !waits_for(o, a->run)))
			continue;
		a->run->broken = true;
		a->run->next_part = a->run->n_parts;
		hall_drop(st, now, a, "preempted");
	}
}

/* What was loaded ahead is wanted now. */
static void
let_go(struct station *st, struct attempt *a, struct now now)
{
	a->waits = false;
	if (a->loaded)
		hall_send(st, a, now);
}

/* Nothing more of it will sound: it has, or it cannot. */
static bool
is_finished(const struct order *o, struct now now)
{
	if (o->done >= o->times || o->run.ended)
		return true;
	for (size_t i = 0; i < o->planned.n_items; i++)
		if (o->run.items[i].reason[0] != '\0')
			return true;
	return o->run.breaks > 0 &&
	       (o->kind == ORDER_PLAY ||
		   now.boot_us >= o->released_boot_us + PATIENCE_US);
}

/* In the silence between two repeats the next one is loaded; once. */
static void
have_at_hand(struct station *st, struct now now, struct order *o)
{
	if (o->at_hand || o->gap_s == 0)
		return;
	o->at_hand = true;
	load(st, o, true, now);
}

/* Nothing more of it is to sound, nor what waits for it. */
static void
finish(struct station *st, struct now now, struct order *o)
{
	o->over = true;
	hall_drop_run(st, now, &o->run, "cancelled");
}

/* One step; the boot instant of the next. */
static int64_t
order_turn(struct station *st, struct order *o, struct now now)
{
	struct attempt *a;
	int r;

	if (hall_is_at_work(st, o))
		return NEVER; /* a receipt will wake us */
	if (is_finished(o, now)) {
		finish(st, now, o);
		return now.boot_us;
	}
	if (now.boot_us < o->retry_boot_us) {
		have_at_hand(st, now, o);
		return o->retry_boot_us;
	}
	/* A device that is gone tells when it is back; nobody needs a record
	 * of every time it was not. */
	if (o->run.breaks > 0 && st->device_state == DEVICE_LOST &&
	    now.boot_us < st->ask_us)
		return earlier(st->ask_us, o->released_boot_us + PATIENCE_US);
	a = hall_next_waiting(st, now, o);
	r = a != NULL ? 0 : load(st, o, false, now);
	if (r == -EBUSY)
		return now.boot_us + US_PER_S;
	if (r < 0)
		finish(st, now, o);
	else if (!o->inserts)
		clear_air(st, now, o);
	if (a != NULL)
		let_go(st, a, now);
	return now.boot_us;
}

/* A relay's time in which something of ours sounds is not all its own. */
static void
share_relays(struct station *st, struct now now)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->p->content == CONTENT_RELAY &&
			    r->p->start_us <= now.wall_us &&
			    now.wall_us < r->p->end_us)
				r->shared = true;
		}
}

static void
remove_over(struct station *st, struct now now)
{
	size_t kept = 0;

	for (size_t i = 0; i < st->n_orders; i++) {
		struct order *o = st->orders[i];

		if (o->over && o->run.open == 0 && o->release < 0)
			order_free(o);
		else if (o->over && o->run.open == 0 && o->again &&
			 hall_wait_again(st, o))
			continue;
		else if (o->over && o->run.open == 0) {
			hall_close_gap(st, o, now);
			hall_last_word(st, now, o);
		} else
			st->orders[kept++] = o;
	}
	st->n_orders = kept;
}

/* Codes that nobody typed in time; when the next one is too old. */
static int64_t
expire(struct station *st, struct now now)
{
	int64_t next_us = NEVER;

	for (size_t i = 0; i < PREPARED_MAX; i++) {
		struct order *o = st->prepared[i];

		if (o == NULL)
			continue;
		if (now.boot_us < o->expires_boot_us) {
			next_us = earlier(next_us, o->expires_boot_us);
			continue;
		}
		record_refusal(st, now, o, "expired");
		st->prepared[i] = NULL;
		put_away(st, now, o);
	}
	return next_us;
}

/* The one that has the air, or now gets it. */
static struct order *
next_order(struct station *st, struct now now, int64_t *ret_wake_us)
{
	struct order *o;

	remove_over(st, now);
	o = head(st);
	if (o != NULL)
		return o;
	o = hall_take_insert(st, now, ret_wake_us);
	if (o != NULL)
		enqueue(st, o);
	return o;
}

int64_t
hall_turn_orders(struct station *st, struct now now)
{
	int64_t wake_us = expire(st, now);

	for (;;) {
		struct order *o = next_order(st, now, &wake_us);
		int64_t at_us;

		if (o == NULL)
			return wake_us;
		at_us = order_turn(st, o, now);

		if (hall_is_at_work(st, o) && hall_on_now(st) == &o->run)
			share_relays(st, now);
		if (!o->over)
			return earlier(wake_us, at_us);
	}
}

static struct order *
order_of(const struct station *st, const struct run *r)
{
	for (size_t i = 0; i < st->n_orders; i++)
		if (&st->orders[i]->run == r)
			return st->orders[i];
	return NULL;
}

/* The operator's item begins then, as it is loaded: an insertion at its join,
 * and what would sound there behind it. Not before, so that an item that does
 * not load moves nothing (P6). */
static int64_t
begin_at(struct station *st, struct order *o, int64_t at_us, struct now now)
{
	if (o->run.attempts > 0)
		return at_us;
	/* A clock that was set may have put it far ahead. */
	if (o->planned.start_us <= now.wall_us + DECIDE_LEAD_US * 2)
		at_us = later(at_us, o->planned.start_us);
	o->planned.end_us += at_us - o->planned.start_us;
	if (o->inserts)
		hall_part_slots(st, o, now);
	clear_air(st, now, o);
	return at_us;
}

bool
hall_time_order(struct station *st, struct attempt *a, struct now now)
{
	struct order *o = order_of(st, a->run);
	bool play = o->kind == ORDER_PLAY;
	int64_t hours_us = play ? hall_fence_end(st, now.wall_us) : NEVER;

	if (o->over || (play && hall_hold_of(st, now) != NULL)) {
		run_blame(a->run, play ? "operator_stop" : "");
		return false;
	}
	if (hours_us == 0) {
		run_blame(a->run, "outside_hours");
		a->run->ended = true;
		return false;
	}
	/* Nothing is cut for what was slow to load. */
	if (hall_misses_join(st, o, now.wall_us + LEAD_US, now)) {
		o->again = o->over = true;
		return false;
	}
	a->start_us =
	    play ? begin_at(st, o, now.wall_us + LEAD_US, now) : now.wall_us;
	a->stop_us =
	    play ? earlier(hall_next_hard(st, a->run), hours_us) : NEVER;
	a->fence_us = hours_us;
	return true;
}

void
hall_fence_order(const struct attempt *a, struct cue *c)
{
	const struct order *o = a->run->order;

	if (o == NULL || o->kind != ORDER_EMERGENCY)
		return;
	/* P1: the one exception, and it has its own end. */
	c->release = o->release;
	c->fence_boot_us = c->start_boot_us + frames_us(a->left) + SLACK_US;
}

void
hall_word_order(const struct attempt *a, enum ended e, struct ending *end)
{
	if (a->run->beside && strcmp(end->status, "not_aired") != 0) {
		end->status = "unscheduled";
		end->reason = "filler";
	}
	if (a->run->order == NULL)
		return;
	end->broken = strcmp(end->status, "aired") == 0 ? "" : end->reason;
	if (e == ENDED_CUT)
		end->broken =
		    a->stop_us == a->fence_us ? "hours_end" : "preempted";
	if (strcmp(end->status, "not_aired") == 0)
		return;
	end->status = "unscheduled";
	end->reason = order_source(a->run->order->kind);
}

void
hall_order_ended(struct station *st, const struct attempt *a, enum ended e,
    const char *broken, struct now now)
{
	struct order *o = order_of(st, a->run);

	if (o == NULL)
		return;
	if (a->sent > 0)
		o->released_boot_us = now.boot_us;
	if (e == ENDED_WHOLE && a->item + 1 < o->planned.n_items) {
		o->run.reached_item = a->item + 1;
		o->run.reached_frames = 0;
		return;
	}
	if (e == ENDED_WHOLE) {
		o->done++;
		o->run.reached_item = 0;
		o->run.reached_frames = 0;
		o->at_hand = false;
		if (o->gap_s > 0 && o->done < o->times)
			o->retry_boot_us = now.boot_us + o->gap_s * US_PER_S;
		return;
	}
	if (e == ENDED_DEVICE_LOST || e == ENDED_PROCESS_DIED) {
		o->retry_boot_us = now.boot_us + RETRY_US;
		return;
	}
	run_blame(&o->run, broken);
	o->run.ended = true;
}

/* Ending ----------------------------------------------------------------- */

void
hall_end_orders(struct station *st, struct now now, const char *why)
{
	for (size_t i = 0; i < st->n_orders; i++) {
		run_blame(&st->orders[i]->run, why);
		st->orders[i]->over = true;
		st->orders[i]->again = false;
		hall_drop_run(st, now, &st->orders[i]->run, why);
	}
	remove_over(st, now);
	hall_end_inserts(st, now, why);
}

void
hall_forget_prepared(struct station *st, struct now now, const char *why)
{
	for (size_t i = 0; i < PREPARED_MAX; i++) {
		struct order *o = st->prepared[i];

		if (o == NULL)
			continue;
		record_refusal(st, now, o, why);
		st->prepared[i] = NULL;
		put_away(st, now, o);
	}
}

void
hall_free_orders(struct station *st)
{
	for (size_t i = 0; i < st->n_orders; i++)
		order_free(st->orders[i]);
	for (size_t i = 0; i < st->n_inserts; i++)
		order_free(st->inserts[i]);
	for (size_t i = 0; i < PREPARED_MAX; i++)
		order_free(st->prepared[i]);
}

/* An earlier life ------------------------------------------------------- */

bool
hall_is_ours(const struct station *st, int64_t seq)
{
	for (size_t i = 0; i < st->n_orders; i++)
		if (st->orders[i]->release == seq)
			return true;
	for (size_t i = 0; i < st->n_inserts; i++)
		if (st->inserts[i]->release == seq)
			return true;
	for (size_t i = 0; i < PREPARED_MAX; i++)
		if (st->prepared[i] != NULL && st->prepared[i]->prepared == seq)
			return true;
	return false;
}

void
hall_close_order(
    struct station *st, struct now now, const json_t *op, const char *cause)
{
	const char *why = cause[0] == '\0' ? "process_died" : cause;
	struct order *o;

	if (hall_is_ours(st, record_int(op, "seq", -1)) ||
	    order_restore(op, &o) < 0)
		return;
	snprintf(o->sha256, sizeof(o->sha256), "%s", record_text(op, "sha256"));
	o->frames = frames_in(record_int(op, "length_ms", 0) * US_PER_MS);
	if (strcmp(record_text(op, "result"), "done") == 0) {
		run_blame(&o->run, why);
		hall_last_word(st, now, o);
		return;
	}
	o->prepared = o->release;
	record_refusal(st, now, o, why);
	order_free(o);
}

/* What a person sees ----------------------------------------------------- */

static json_t *
status_of(const struct order *o)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "op",
	    order_op(o->kind), "item", o->item, "title", o->title, "person",
	    o->person, "order", o->reference, "times", o->times, "done",
	    o->done);
}

/* It waits for that instant. */
static json_t *
status_waiting(const struct order *o, int64_t at_us)
{
	json_t *j = status_of(o);
	struct civil_text t;

	json_object_set_new(j, "waits", json_true());
	json_object_set_new(j, "start_utc",
	    at_us == NEVER ? json_null()
			   : json_string(civil_utc_text(at_us, &t)));
	return j;
}

json_t *
hall_orders_status(const struct station *st, struct now now)
{
	const struct run *on = hall_on_now(st);
	json_t *list = json_array();

	for (size_t i = 0; i < st->n_orders; i++) {
		const struct order *o = st->orders[i];
		bool waits = o->inserts && !o->over && on != &o->run;

		if (o->release >= 0)
			json_array_append_new(
			    list, waits ? status_waiting(o, o->planned.start_us)
					: status_of(o));
	}
	for (size_t i = 0; i < st->n_inserts; i++)
		json_array_append_new(
		    list, status_waiting(st->inserts[i],
			      hall_join(st, st->inserts[i], now)));
	return list;
}
