/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/ledger.h"
#include "evidence/owed.h"
#include "evidence/record.h"
#include "evidence/sheets.h"

struct entry {
	struct debt debt; /* its texts belong to the two below */
	json_t *keys; /* {station, date, slot, status, reason} */
	json_t *plan;
};

struct owed {
	struct sheets *sheets; /* of dates that are not settled */
	json_t *outcomes; /* {station: {date: {slot: true}}} of the same */
	json_t *settled; /* {station: {date: true}} */
	struct entry *entries; /* unpaid, in order */
	size_t n;
	int64_t now_us;
};

static struct owed *
owed_new(void)
{
	struct owed *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->sheets = sheets_new();
	o->outcomes = json_object();
	o->settled = json_object();
	if (o->sheets == NULL || o->outcomes == NULL || o->settled == NULL)
		return owed_free(o);
	return o;
}

static void
entry_free(struct entry *e)
{
	json_decref(e->keys);
	json_decref(e->plan);
}

struct owed *
owed_free(struct owed *o)
{
	if (o == NULL)
		return NULL;
	for (size_t i = 0; i < o->n; i++)
		entry_free(&o->entries[i]);
	free(o->entries);
	sheets_free(o->sheets);
	json_decref(o->outcomes);
	json_decref(o->settled);
	free(o);
	return NULL;
}

static bool
from_above(const json_t *plan)
{
	return json_is_true(json_object_get(plan, "from_above"));
}

/* A relay that this station sounded itself; outcome may be NULL. */
static bool
is_measured(const json_t *outcome)
{
	return strcmp(record_text(outcome, "status"), "external") == 0 &&
	       strcmp(record_text(outcome, "reason"), "relay_signal") == 0;
}

static int
add_debt(struct owed *o, const struct sheet_slot *s, const json_t *outcome)
{
	struct entry *grown =
	    reallocarray(o->entries, o->n + 1, sizeof(*grown));
	struct entry *e;

	if (grown == NULL)
		return -ENOMEM;
	o->entries = grown;
	e = &grown[o->n];
	*e = (struct entry){ .plan = json_incref((json_t *)s->plan) };
	e->keys = json_pack("{s:s,s:s,s:s,s:s,s:s}", "station", s->station,
	    "date", s->date, "slot", s->slot, "status",
	    record_text(outcome, "status"), "reason",
	    record_text(outcome, "reason"));
	if (e->keys == NULL) {
		entry_free(e);
		return -ENOMEM;
	}
	e->debt = (struct debt){
		.station = record_text(e->keys, "station"),
		.date = record_text(e->keys, "date"),
		.slot = record_text(e->keys, "slot"),
		.plan = e->plan,
		.status = record_text(e->keys, "status"),
		.reason = record_text(e->keys, "reason"),
		.cut_ms = record_int(outcome, "cut_ms", 0),
		.signal_ms = is_measured(outcome)
				 ? record_int(outcome, "signal_ms", 0)
				 : -1,
		.start_us = s->start_us,
		.end_us = s->end_us,
		.due = outcome != NULL || s->end_us <= o->now_us,
	};
	o->n++;
	return 0;
}

static void
pay(struct owed *o, size_t i)
{
	entry_free(&o->entries[i]);
	o->n--;
	memmove(&o->entries[i], &o->entries[i + 1],
	    (o->n - i) * sizeof(o->entries[0]));
}

static bool
has_item(const json_t *plan, const json_t *item)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(plan, "items"), i, one)
	{
		if (json_equal(one, item))
			return true;
	}
	return false;
}

/* Both are plans: true when one plays all the items of the other. */
static bool
plays_all(const json_t *debt, const json_t *plan)
{
	const json_t *items = json_object_get(debt, "items");
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (!has_item(plan, item))
			return false;
	}
	return json_array_size(items) > 0;
}

/* One full airing pays one debt. */
static void
pay_with(struct owed *o, const struct sheet_slot *s)
{
	const json_t *of = json_object_get(s->plan, "makeup_of");

	for (size_t i = 0; i < o->n; i++) {
		const struct debt *d = &o->entries[i].debt;
		bool named = strcmp(d->date, record_text(of, "date")) == 0 &&
			     strcmp(d->slot, record_text(of, "slot")) == 0;

		if (strcmp(d->station, s->station) != 0)
			continue;
		if (of == NULL ? !plays_all(d->plan, s->plan) : !named)
			continue;
		pay(o, i);
		return;
	}
}

static bool
aired_in_full(const json_t *outcome)
{
	return strcmp(record_text(outcome, "status"), "aired") == 0 &&
	       record_int(outcome, "cut_ms", 0) <= OWED_CUT_MS;
}

static bool
relayed_in_full(const struct sheet_slot *s, const json_t *outcome)
{
	int64_t planned_ms = (s->end_us - s->start_us) / US_PER_MS;

	if (strcmp(record_text(outcome, "status"), "external") != 0)
		return false;
	return !is_measured(outcome) ||
	       record_int(outcome, "signal_ms", 0) >=
		   planned_ms / 100 * OWED_RELAY_PERCENT;
}

static int
settle(struct owed *o, const struct sheet_slot *s, const json_t *outcome)
{
	bool makeup = json_object_get(s->plan, "makeup_of") != NULL;

	if (from_above(s->plan) && !makeup) {
		if (aired_in_full(outcome) || relayed_in_full(s, outcome))
			return 0;
		return add_debt(o, s, outcome);
	}
	if (aired_in_full(outcome))
		pay_with(o, s);
	return 0;
}

static int
take_slot(struct owed *o, const json_t *r)
{
	const char *slot = record_text(r, "slot");
	json_t *dates = record_child(o->outcomes, record_text(r, "station"));
	json_t *slots;
	struct sheet_slot s;

	if (sheets_find(o->sheets, record_text(r, "station"),
		record_text(r, "date"), slot, &s) < 0)
		return 0;
	slots = dates == NULL ? NULL : record_child(dates, s.date);
	if (slots == NULL)
		return -ENOMEM;
	if (json_object_get(slots, slot) != NULL)
		return 0;
	if (json_object_set_new(slots, slot, json_true()) < 0)
		return -ENOMEM;
	return settle(o, &s, r);
}

/* Looks for a slot of one station before one date that has no outcome. */
struct sweep {
	const struct owed *o;
	const char *station;
	const char *before;
	char date[11]; /* the first settled one, or "" */
	char open[11]; /* the last one found open */
};

static bool
has_outcome(const struct owed *o, const struct sheet_slot *s)
{
	const json_t *dates = json_object_get(o->outcomes, s->station);

	return json_object_get(json_object_get(dates, s->date), s->slot) !=
	       NULL;
}

static int
sweep_slot(void *arg, const struct sheet_slot *s)
{
	struct sweep *w = arg;

	if (strcmp(s->station, w->station) != 0 ||
	    strcmp(s->date, w->before) >= 0 || strlen(s->date) != 10)
		return 0;
	/* A date's slots follow each other. */
	if (w->date[0] != '\0' && strcmp(w->date, s->date) != 0)
		return 1;
	if (strcmp(w->open, s->date) == 0)
		return 0;
	memcpy(w->date, s->date, sizeof(w->date));
	if (s->standing != SLOT_TOO_LATE && !has_outcome(w->o, s)) {
		memcpy(w->open, s->date, sizeof(w->open));
		w->date[0] = '\0';
	}
	return 0;
}

/* A long log's sheets are not kept: a date before this one whose slots all
 * have their outcome is let go. One a day comes, one a day goes. */
static int
let_go(struct owed *o, const char *station, const char *date)
{
	struct sweep w = { .o = o, .station = station, .before = date };
	json_t *dates;

	sheets_each(o->sheets, sweep_slot, &w);
	if (w.date[0] == '\0')
		return 0;
	dates = record_child(o->settled, station);
	if (dates == NULL ||
	    json_object_set_new(dates, w.date, json_true()) < 0)
		return -ENOMEM;
	sheets_drop(o->sheets, station, w.date);
	json_object_del(json_object_get(o->outcomes, station), w.date);
	return 0;
}

static int
take_day(struct owed *o, const json_t *r)
{
	const char *station = record_text(r, "station");
	const char *date = record_text(r, "date");
	const json_t *settled = json_object_get(o->settled, station);
	int e;

	/* A clock that went back far: P3 keeps what is closed closed. */
	if (json_object_get(settled, date) != NULL)
		return 0;
	e = sheets_take(o->sheets, r);
	if (e == -ENOMEM)
		return e;
	return let_go(o, station, date);
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct owed *o = arg;
	int kind = record_kind(line, n);
	json_t *r;
	int e;

	(void)seq;
	if ((kind != KIND_DAY && kind != KIND_SLOT) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	e = kind == KIND_DAY ? take_day(o, r) : take_slot(o, r);
	json_decref(r);
	return e;
}

/* What has no outcome yet, as far as sheets go. */
static int
add_open(void *arg, const struct sheet_slot *s)
{
	struct owed *o = arg;

	if (!from_above(s->plan) || s->standing == SLOT_TOO_LATE ||
	    json_object_get(s->plan, "makeup_of") != NULL || has_outcome(o, s))
		return 0;
	return add_debt(o, s, NULL);
}

static int
by_start(const void *a, const void *b)
{
	const struct debt *p = &((const struct entry *)a)->debt;
	const struct debt *q = &((const struct entry *)b)->debt;

	if (p->start_us != q->start_us)
		return p->start_us < q->start_us ? -1 : 1;
	return strcmp(p->station, q->station);
}

int
owed_read(struct disk *disk, int64_t now_us, struct owed **ret_owed)
{
	struct owed *o = owed_new();
	int r;

	if (o == NULL)
		return -ENOMEM;
	o->now_us = now_us;
	r = ledger_each(disk, take_line, o);
	if (r == 0)
		r = sheets_each(o->sheets, add_open, o);
	if (r < 0) {
		owed_free(o);
		return r;
	}
	if (o->n > 0)
		qsort(o->entries, o->n, sizeof(o->entries[0]), by_start);
	*ret_owed = o;
	return 0;
}

int
owed_each(const struct owed *o, int (*fn)(void *arg, const struct debt *debt),
    void *arg)
{
	for (size_t i = 0; i < o->n; i++) {
		int r = fn(arg, &o->entries[i].debt);

		if (r != 0)
			return r;
	}
	return 0;
}

size_t
owed_due(const struct owed *o, const char *station, int64_t *ret_since_us)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct debt *d = &o->entries[i].debt;

		if (!d->due ||
		    (station[0] != '\0' && strcmp(d->station, station) != 0))
			continue;
		if (n++ == 0 && ret_since_us != NULL)
			*ret_since_us = d->start_us;
	}
	return n;
}
