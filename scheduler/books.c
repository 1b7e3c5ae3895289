/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/books.h"

int
books_add(struct books *b, json_t *record)
{
	int64_t seq = ledger_next_seq(b->ledger);
	int r;

	if (record == NULL)
		return -ENOMEM;
	json_incref(record);
	r = ledger_add(b->ledger, record);
	if (r == 0)
		r = registry_take(b->registry, record, seq);
	json_decref(record);
	return r;
}

static bool
is_full(int error)
{
	return error == -ENOSPC || error == -EDQUOT;
}

int
books_flush(struct books *b, struct now now)
{
	int before;

	if (ledger_waiting(b->ledger) == 0)
		return 0;
	if (b->error != 0 && now.boot_us < b->retry_boot_us)
		return b->error;
	before = b->error;
	b->error = ledger_flush(b->ledger);
	if (is_full(b->error) && b->ballast != NULL && ballast_give(b->ballast))
		b->error = ledger_flush(b->ledger);
	if (b->error == 0)
		b->synced_us = now.wall_us;
	b->retry_boot_us = now.boot_us + BOOKS_RETRY_US;
	if (before == 0)
		b->since_us = now.wall_us;
	return b->error;
}

int
books_flush_soon(struct books *b, struct now now, int ms)
{
	int r;

	b->retry_boot_us = 0;
	ledger_hurry(b->ledger, ms);
	r = books_flush(b, now);
	ledger_hurry(b->ledger, 0);
	if (r < 0)
		b->retry_boot_us = now.boot_us + BOOKS_SOON_US;
	return r;
}

const char *
books_fault(const struct books *b)
{
	if (b->error == 0)
		return "";
	if (is_full(b->error))
		return "full";
	if (b->error == -EROFS)
		return "read_only";
	return b->error == -ETIMEDOUT || b->error == -EINPROGRESS ? "hanging"
								  : "failing";
}

void
books_mark_late(struct books *b)
{
	for (size_t i = 0; i < ledger_waiting(b->ledger); i++) {
		json_t *r = ledger_waiting_at(b->ledger, i);

		if (strcmp(record_text(r, "kind"), kind_word(KIND_START)) != 0)
			continue;
		b->late += strcmp(record_text(r, "intent"), "late") != 0;
		json_object_set_new(r, "intent", json_string("late"));
		json_object_set_new(r, "grade", json_integer(1));
	}
}

int64_t
books_wake(const struct books *b)
{
	return b->error == 0 ? NEVER : b->retry_boot_us;
}

#define HOURS_MAX 32 /* of a date in its sheet: far more than are real */

static json_t *
utc(int64_t us)
{
	struct civil_text t;

	return json_string(civil_utc_text(us, &t));
}

static json_t *
date(int64_t day)
{
	struct civil_text t;

	return json_string(civil_date_text(day, &t));
}

/* Puts a packed body's keys behind a record's head. Takes both. */
static json_t *
join(json_t *head, json_t *body)
{
	if (head == NULL || body == NULL ||
	    json_object_update(head, body) < 0) {
		json_decref(head);
		head = NULL;
	}
	json_decref(body);
	return head;
}

/* A slot that was about to start when mourning came keeps its music. */
static bool
still_plays(const struct day *d, const json_t *silent)
{
	const struct run *r = day_run(d, record_text(silent, "slot"));
	const char *item = json_string_value(
	    json_array_get(json_object_get(silent, "items"), 0));

	for (size_t i = 0; r != NULL && item != NULL && i < r->p->n_items; i++)
		if (strcmp(r->p->items[i], item) == 0)
			return true;
	return false;
}

/* What mourning keeps silent that day, by the last plan merged in. Takes
 * `body`, also on failure. */
static json_t *
with_silent(json_t *body, const struct day *d)
{
	const struct plan *p = d->plans[d->n_plans - 1];
	json_t *list = plan_silent_json(p, d->date);
	int r = body == NULL || list == NULL ? -ENOMEM : 0;

	for (size_t i = json_array_size(list); i-- > 0;)
		if (still_plays(d, json_array_get(list, i)))
			json_array_remove(list, i);
	if (r == 0 && json_array_size(list) > 0)
		r = json_object_set_new(
			body, "mourning", json_string(p->silent[0].reason)) |
		    json_object_set(body, "silent", list);
	json_decref(list);
	if (r == 0)
		return body;
	json_decref(body);
	return NULL;
}

json_t *
books_hours(const struct profile *rules, int64_t day)
{
	struct profile_window w[HOURS_MAX];
	size_t n = profile_windows(rules, day, w, HOURS_MAX);
	json_t *list = json_array();

	/* Too many to tell: then no reader can judge, and none is misled. */
	if (n > HOURS_MAX) {
		json_decref(list);
		return json_null();
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		    list, json_pack("{s:o, s:o}", "from_utc",
			      utc(civil_to_us(day, w[i].from_s)), "to_utc",
			      utc(civil_to_us(day, w[i].to_s))));
	return list;
}

int
books_day(struct books *b, const char *station, struct now now,
    const struct day *d, const struct profile *rules)
{
	json_t *body = json_pack("{s:o, s:s, s:o, s:o}", "date", date(d->date),
	    "revision", d->revision, "slots", day_json(d), "hours",
	    books_hours(rules, d->date));

	return books_add(b, join(record_new(KIND_DAY, station, now, b->boot_id),
				with_silent(body, d)));
}

static json_t *
seq_or_null(int64_t seq)
{
	return seq < 0 ? json_null() : json_integer(seq);
}

static const char *
start_source(const struct attempt *a, const char *continues)
{
	if (a->run->order != NULL)
		return order_source(a->run->order->kind);
	if (a->run->beside)
		return "filler";
	return continues[0] != '\0' ? "rejoin" : "schedule";
}

/* On whose order it sounds. Takes `body`, also on failure. */
static json_t *
with_order(json_t *body, const struct order *o)
{
	json_t *more = json_pack("{s:I, s:s, s:s, s:s}", "release",
	    (json_int_t)o->release, "person", o->person, "order", o->reference,
	    "reason", o->reason);

	if (more != NULL && o->interrupts[0] != '\0' && o->run.attempts == 1)
		json_object_set_new(
		    more, "interrupts", json_string(o->interrupts));
	return join(body, more);
}

int
books_start(struct books *b, const char *station, struct now now,
    const struct day *d, const struct attempt *a, const char *continues,
    const char *device)
{
	const struct planned *p = a->run->p;
	const struct order *o = a->run->order;
	bool planned = o == NULL && !a->run->beside;
	json_t *body = json_pack(
	    "{s:s, s:o, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I, "
	    "s:o, s:I, s:I, s:s, s:s, s:b, s:o, s:s, s:s, s:s}",
	    "airing_id", a->id, "date", date(p->day), "slot", p->slot, "part",
	    (json_int_t)a->item, "item", p->items[a->item], "sha256", a->sha256,
	    "title", a->title, "segment", p->segment, "language", a->language,
	    "class", class_word(p->class), "planned_utc",
	    planned ? utc(p->start_us) : json_null(), "planned_ms",
	    (json_int_t)(planned ? (p->end_us - p->start_us) / 1000 : 0),
	    "cue_utc", utc(a->start_us), "offset_ms",
	    (json_int_t)(frames_us(a->offset) / 1000), "frames_planned",
	    (json_int_t)a->frames, "start_source", start_source(a, continues),
	    "schedule_rev", d == NULL ? "" : d->revision, "first_run",
	    a->first_run, "approval", seq_or_null(a->approval), "intent",
	    "durable", "continues", continues, "device", device);

	if (body != NULL && p->set != NULL)
		json_object_set(body, "set", json_object_get(p->set, "id"));
	if (o != NULL)
		body = with_order(body, o);
	return books_add(
	    b, join(record_new(KIND_START, station, now, b->boot_id), body));
}

static json_t *
number_or_null(double x)
{
	return isfinite(x) ? json_real(round(x * 10) / 10) : json_null();
}

/* What was wrong with the device meanwhile, where anything was. Takes `body`,
 * also on failure. */
static json_t *
with_faults(json_t *body, const struct attempt *a)
{
	const struct {
		const char *key;
		int64_t n;
	} faults[] = {
		{ "underruns", a->underruns },
		{ "underrun_ms", a->underruns > 0 ? a->underrun_us / 1000 : 0 },
		{ "muted_ms", frames_us(a->muted) / 1000 },
		{ "device_percent", a->percent },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (body != NULL && faults[i].n > 0 &&
		    json_object_set_new(
			body, faults[i].key, json_integer(faults[i].n)) < 0) {
			json_decref(body);
			return NULL;
		}
	return body;
}

int
books_end(struct books *b, const char *station, struct now now,
    const struct day *d, const struct attempt *a, const struct ending *e,
    const char *device)
{
	const struct planned *p = a->run->p;
	bool heard = a->first_boot_us != 0;
	/* P7: a clock that nobody believes says nothing of when it was. */
	int64_t first_us = now.trust == TRUST_UNSURE && a->first_us != 0
			       ? a->first_us
			       : now_wall_at(now, a->first_boot_us);
	int64_t wall_us = heard ? a->last_boot_us - a->first_boot_us : 0;
	/* Late against where these frames were due, not against the slot: a
	 * second item is not late because it comes second. */
	int64_t late_us = heard ? a->first_boot_us - a->start_boot_us : 0;
	json_t *body = json_pack(
	    "{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, "
	    "s:I, s:f, s:o, s:s, s:i, s:b}",
	    "airing_id", a->id, "date", date(p->day), "slot", p->slot, "item",
	    p->items[a->item], "sha256", a->sha256, "status", e->status,
	    "reason", e->reason, "actual_utc",
	    heard ? utc(first_us) : json_null(), "actual_ms",
	    (json_int_t)(frames_us(a->sent) / 1000), "wall_ms",
	    (json_int_t)(wall_us / 1000), "late_ms",
	    (json_int_t)(late_us / 1000), "frames_sent", (json_int_t)a->sent,
	    "silent_ms", (json_int_t)(frames_us(a->silent) / 1000), "gain_db",
	    (double)a->gain_mdb / 1000, "lufs", number_or_null(a->lufs),
	    "device", device, "grade", a->sent > 0 ? 2 : 1, "at_least",
	    e->at_least);

	if (a->run->order != NULL)
		body = join(body, json_pack("{s:s}", "broken",
				      e->broken == NULL ? "" : e->broken));
	(void)d;
	return books_add(b, join(record_new(KIND_END, station, now, b->boot_id),
				with_faults(body, a)));
}

static json_t *
makeup_of(const struct planned *p)
{
	return json_pack(
	    "{s:o, s:s}", "date", date(p->makeup_day), "slot", p->makeup_slot);
}

int
books_slot(struct books *b, const char *station, struct now now,
    const struct day *d, const struct planned *p, const struct outcome *o,
    const json_t *airings, const char *note)
{
	json_t *body = json_pack(
	    "{s:o, s:s, s:s, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
	    "s:o, s:I, s:I, s:s}",
	    "date", date(p->day), "slot", p->slot, "revision", d->revision,
	    "planned_utc", utc(p->start_us), "planned_ms",
	    (json_int_t)((p->end_us - p->start_us) / 1000), "class",
	    class_word(p->class), "content", content_word(p->content), "title",
	    p->title, "segment", p->segment, "language", p->language, "status",
	    o->status, "reason", o->reason, "airings", json_deep_copy(airings),
	    "actual_ms", (json_int_t)o->actual_ms, "cut_ms",
	    (json_int_t)o->cut_ms, "note", note);

	if (o->relayed)
		body = join(body, json_pack("{s:I, s:I, s:i, s:b}", "signal_ms",
				      (json_int_t)o->signal_ms, "lost_ms",
				      (json_int_t)o->lost_ms, "connections",
				      o->connections, "at_least", o->at_least));
	if (body != NULL && p->makeup_slot != NULL &&
	    json_object_set_new(body, "makeup_of", makeup_of(p)) < 0) {
		json_decref(body);
		body = NULL;
	}
	return books_add(
	    b, join(record_new(KIND_SLOT, station, now, b->boot_id), body));
}

int
books_op(struct books *b, const char *station, struct now now, const char *op,
    const char *person, const char *result, const char *detail)
{
	json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "op", op, "person",
	    person, "result", result, "detail", detail);

	return books_add(
	    b, join(record_new(KIND_OP, station, now, b->boot_id), body));
}

int
books_relay(struct books *b, const char *station, struct now now,
    const struct planned *p, const char *op, const char *detail)
{
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "op",
	    op, "person", "", "result", "done", "detail", detail, "date",
	    date(p->day), "slot", p->slot, "relay", p->ref);

	return books_add(
	    b, join(record_new(KIND_OP, station, now, b->boot_id), body));
}

int
books_order(struct books *b, const char *station, struct now now,
    const struct order *o, const char *result, const char *detail, json_t *more)
{
	json_t *body =
	    json_pack("{s:s, s:s, s:s, s:s}", "op", order_op(o->kind), "person",
		o->person, "result", result, "detail", detail);

	body = join(body, order_json(o));
	if (more != NULL)
		body = join(body, more);
	return books_add(
	    b, join(record_new(KIND_OP, station, now, b->boot_id), body));
}
