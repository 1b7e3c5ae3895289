/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/cosigned.h"
#include "evidence/registry.h"

#define DATE 11 /* YYYY-MM-DD and a NUL */
#define TEXT_ROOM 192 /* STATION/DATE/SLOT/N is up to 160 bytes */
#define GAPS_MAX 16
#define DAEMONS /* kinds that nobody else writes */ \
	(IN(KIND_CLOCK) | IN(KIND_DAY) | IN(KIND_START) | IN(KIND_END) | \
	    IN(KIND_SLOT))
#define DATES_KEPT \
	40 /* newest by place in the log, whatever a wrong
				 * clock called them; open ones stay longer */

/* A record as it came: parsed, or a copied line to parse when it is asked
 * for. */
struct held {
	json_t *json;
	char *line;
	size_t n;
};

struct date {
	char date[DATE];
	struct held sheet; /* the last; empty once every slot is closed */
	json_t *closed; /* {slot: its status} */
	json_t *told; /* {slot: [its reason, its actual_ms]}, where there is a
		       * reason; NULL for none */
};

struct attempt {
	char airing[TEXT_ROOM];
	char date[DATE];
	char slot[TEXT_ROOM];
	struct held start;
	struct held end;
};

struct station {
	char *name;
	struct date *dates; /* by their first place in the log */
	size_t n_dates;
	int64_t *done; /* day numbers no longer kept: all closed */
	size_t n_done;
	struct attempt *attempts; /* not yet settled, in order */
	size_t n_attempts;
	int64_t first_day; /* that has a sheet; NEVER */
};

struct registry {
	struct station *stations;
	size_t n;
	/* {item: {sha256: {needs, by: {person: [seq, own]}}}}, where `own` is
	 * who had edited it; {} once withdrawn */
	json_t *items;
	json_t *editors; /* {"item sha256": {person: true}} */
	json_t *aired; /* {"station sha256": true} */
	json_t *orders; /* {seq: op}: prepared or released, no last word yet */
	char last_utc[TEXT_ROOM];
	char last_boot[TEXT_ROOM];
	struct clock_marks marks;
	/* The last word on the clock, of a daemon's `boot` or `clock`. */
	struct clock_word word;
	char word_boot[TEXT_ROOM];
	/* Between a backup and its epoch, and where records are lost. */
	struct gap {
		int64_t from_us, to_us;
	} gaps[GAPS_MAX];
	size_t n_gaps; /* ever; the oldest are forgotten */
	bool lost; /* records before the one to come */
	int64_t told_lost; /* by the last epoch of a damaged log */
	struct registry_anchor anchor; /* the last of all */
	struct registry_anchor by[COSIGNERS_MAX]; /* of each */
};

/* What the registry wants of a record, found in a line or in its JSON. */
struct note {
	int kind;
	char station[TEXT_ROOM];
	char utc[TEXT_ROOM];
	char boot_id[TEXT_ROOM];
	char clock[TEXT_ROOM];
	char airing[TEXT_ROOM];
	char date[TEXT_ROOM];
	char slot[TEXT_ROOM];
	char item[TEXT_ROOM];
	char sha256[TEXT_ROOM];
	char status[TEXT_ROOM];
	char reason[TEXT_ROOM];
	char person[TEXT_ROOM];
	char op[TEXT_ROOM];
	char result[TEXT_ROOM];
	char of[TEXT_ROOM]; /* bytes that these are a part of, or "" */
	char cosigner[TEXT_ROOM];
	char cosigned[TEXT_ROOM]; /* when */
	int64_t number; /* of the key `numbers` names */
	const json_t *json; /* or NULL, and then the line */
	const char *line;
	size_t n;
	int64_t seq;
};

/* One row for each text of a note: its key, its place, and the kinds that
 * have it. */
#define IN(k) (1u << (k))
#define ALL (~0u)
static const struct field {
	const char *key;
	size_t at;
	unsigned kinds;
	bool rare; /* most records do without */
} fields[] = {
	{ "station", offsetof(struct note, station), ALL, false },
	{ "utc", offsetof(struct note, utc), ALL, false },
	{ "boot_id", offsetof(struct note, boot_id), ALL, false },
	{ "clock", offsetof(struct note, clock), ALL, false },
	{ "airing_id", offsetof(struct note, airing),
	    IN(KIND_START) | IN(KIND_END), false },
	{ "date", offsetof(struct note, date),
	    IN(KIND_DAY) | IN(KIND_START) | IN(KIND_END) | IN(KIND_SLOT),
	    false },
	{ "slot", offsetof(struct note, slot),
	    IN(KIND_START) | IN(KIND_END) | IN(KIND_SLOT), false },
	{ "item", offsetof(struct note, item),
	    IN(KIND_ITEM) | IN(KIND_APPROVE) | IN(KIND_WITHDRAW) |
		IN(KIND_START),
	    false },
	{ "sha256", offsetof(struct note, sha256),
	    IN(KIND_ITEM) | IN(KIND_APPROVE) | IN(KIND_END) | IN(KIND_START),
	    false },
	{ "status", offsetof(struct note, status), IN(KIND_SLOT), false },
	{ "reason", offsetof(struct note, reason),
	    IN(KIND_SLOT) | IN(KIND_EPOCH), false },
	{ "person", offsetof(struct note, person), IN(KIND_APPROVE), false },
	{ "by", offsetof(struct note, person), IN(KIND_ITEM), false },
	{ "trimmed_of", offsetof(struct note, of), IN(KIND_ITEM), true },
	{ "op", offsetof(struct note, op), IN(KIND_OP), false },
	{ "result", offsetof(struct note, result), IN(KIND_OP), false },
	{ "cosigner", offsetof(struct note, cosigner), IN(KIND_ANCHOR), false },
	{ "cosigned_utc", offsetof(struct note, cosigned), IN(KIND_ANCHOR),
	    false },
};

/* And the kinds that have a number. */
static const char *const numbers[KINDS] = {
	[KIND_BOOT] = "boot_us",
	[KIND_CLOCK] = "boot_us",
	[KIND_END] = "actual_ms",
	[KIND_SLOT] = "actual_ms",
	[KIND_APPROVE] = "needs",
	[KIND_EPOCH] = "lost",
	[KIND_ANCHOR] = "size",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
held_free(struct held *h)
{
	json_decref(h->json);
	free(h->line);
	*h = (struct held){ 0 };
}

static bool
held_empty(const struct held *h)
{
	return h->json == NULL && h->line == NULL;
}

static int
held_set(struct held *h, const struct note *note)
{
	struct held new = { .n = note->n };

	if (note->json != NULL)
		new.json = json_incref((json_t *)note->json);
	else
		new.line = malloc(note->n);
	if (new.json == NULL &&new.line == NULL)
		return -ENOMEM;
	if (new.line != NULL)
		memcpy(new.line, note->line, note->n);
	held_free(h);
	*h = new;
	return 0;
}

/* The record, parsed now if it was not; NULL when there is none. A cache:
 * what the caller sees of it does not change. */
static const json_t *
held_json(const struct held *held)
{
	struct held *h = (struct held *)held;

	if (h->json == NULL && h->line != NULL &&
	    record_parse(h->line, h->n, &h->json) == 0) {
		free(h->line);
		h->line = NULL;
	}
	return h->json;
}

struct registry *
registry_new(void)
{
	struct registry *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->items = json_object();
	g->aired = json_object();
	g->editors = json_object();
	g->orders = json_object();
	if (g->items == NULL || g->aired == NULL || g->editors == NULL ||
	    g->orders == NULL)
		return registry_free(g);
	return g;
}

static void
date_free(struct date *d)
{
	held_free(&d->sheet);
	json_decref(d->closed);
	json_decref(d->told);
}

static void
attempt_free(struct attempt *a)
{
	held_free(&a->start);
	held_free(&a->end);
}

static void
station_free(struct station *s)
{
	for (size_t i = 0; i < s->n_dates; i++)
		date_free(&s->dates[i]);
	for (size_t i = 0; i < s->n_attempts; i++)
		attempt_free(&s->attempts[i]);
	free(s->dates);
	free(s->attempts);
	free(s->done);
	free(s->name);
}

struct registry *
registry_free(struct registry *g)
{
	if (g == NULL)
		return NULL;
	for (size_t i = 0; i < g->n; i++)
		station_free(&g->stations[i]);
	free(g->stations);
	json_decref(g->items);
	json_decref(g->aired);
	json_decref(g->editors);
	json_decref(g->orders);
	free(g);
	return NULL;
}

/* The array moved to have a zeroed element behind its n; NULL, and the old one
 * stands, when out of memory. */
static void *
grow(void *array, size_t n, size_t size)
{
	char *grown = reallocarray(array, n + 1, size);

	if (grown != NULL)
		memset(grown + n * size, 0, size);
	return grown;
}

static struct station *
find_station(const struct registry *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->stations[i].name, name) == 0)
			return &g->stations[i];
	return NULL;
}

static struct station *
need_station(struct registry *g, const char *name)
{
	struct station *s = find_station(g, name);
	char *copy;

	if (s != NULL)
		return s;
	s = grow(g->stations, g->n, sizeof(*s));
	if (s == NULL)
		return NULL;
	g->stations = s;
	copy = strdup(name);
	if (copy == NULL)
		return NULL;
	s[g->n].name = copy;
	s[g->n].first_day = NEVER;
	return &s[g->n++];
}

static struct date *
find_date(const struct station *s, const char *date)
{
	for (size_t i = s->n_dates; i > 0; i--)
		if (strcmp(s->dates[i - 1].date, date) == 0)
			return &s->dates[i - 1];
	return NULL;
}

static bool
date_open(const struct date *d)
{
	const json_t *slots = json_object_get(held_json(&d->sheet), "slots");
	const json_t *slot;
	size_t i;

	json_array_foreach(slots, i,
	    slot) if (json_object_get(d->closed, record_text(slot, "slot")) ==
		      NULL) return true;
	return false;
}

/* Lets the oldest date go that has nothing open, when there are too many. */
static int
forget_dates(struct station *s)
{
	int64_t *done;
	size_t i = 0;

	if (s->n_dates < DATES_KEPT)
		return 0;
	while (i < s->n_dates && date_open(&s->dates[i]))
		i++;
	if (i == s->n_dates)
		return 0;
	done = grow(s->done, s->n_done, sizeof(*done));
	if (done == NULL)
		return -ENOMEM;
	s->done = done;
	civil_read_date(s->dates[i].date, &done[s->n_done++]);
	date_free(&s->dates[i]);
	s->n_dates--;
	memmove(&s->dates[i], &s->dates[i + 1],
	    (s->n_dates - i) * sizeof(s->dates[0]));
	return 0;
}

static bool
date_done(const struct station *s, const char *date)
{
	int64_t day;

	if (civil_read_date(date, &day) < 0)
		return false;
	for (size_t i = s->n_done; i > 0; i--)
		if (s->done[i - 1] == day)
			return true;
	return false;
}

static struct date *
need_date(struct station *s, const char *date)
{
	struct date *d = find_date(s, date);
	json_t *closed;

	if (d != NULL)
		return d;
	if (forget_dates(s) < 0)
		return NULL;
	d = grow(s->dates, s->n_dates, sizeof(*d));
	if (d == NULL)
		return NULL;
	s->dates = d;
	closed = json_object();
	if (closed == NULL)
		return NULL;
	d = &d[s->n_dates++];
	d->closed = closed;
	memcpy(d->date, date, DATE);
	return d;
}

static bool
slot_closed(const struct station *s, const char *date, const char *slot)
{
	const struct date *d = find_date(s, date);

	if (d == NULL)
		return date_done(s, date);
	return json_object_get(d->closed, slot) != NULL;
}

/* The note's date in *ret_date, or NULL where there is nothing to keep: it is
 * no date, or all of it is settled and let go. */
static int
note_date(struct station *s, const struct note *note, struct date **ret_date)
{
	int64_t day;

	*ret_date = NULL;
	if (s == NULL)
		return -ENOMEM;
	if (civil_read_date(note->date, &day) < 0)
		return 0;
	if (find_date(s, note->date) == NULL && date_done(s, note->date))
		return 0;
	*ret_date = need_date(s, note->date);
	return *ret_date == NULL ? -ENOMEM : 0;
}

static int
take_day(struct registry *g, const struct note *note)
{
	struct station *s = need_station(g, note->station);
	struct date *d;
	int64_t day = NEVER;
	int r = note_date(s, note, &d);

	if (r < 0 || d == NULL)
		return r;
	civil_read_date(d->date, &day);
	s->first_day = earlier(s->first_day, day);
	return held_set(&d->sheet, note);
}

/* The object at `key`, made where there is none; NULL when out of memory. */
static json_t *
need_object(json_t *in, const char *key)
{
	json_t *o = json_object_get(in, key);

	if (o != NULL)
		return o;
	o = json_object();
	return json_object_set_new(in, key, o) < 0 ? NULL : o;
}

#define EDITORS_KEY (2 * TEXT_ROOM + 2)

static const char *
editors_key(const char *item, const char *sha256, char key[EDITORS_KEY])
{
	snprintf(key, EDITORS_KEY, "%s %s", item, sha256);
	return key;
}

/* Who made the sound that this one was cut out of has made this one too. */
static int
inherit_editors(struct registry *g, const struct note *note)
{
	char key[EDITORS_KEY];
	json_t *from =
	    json_object_get(g->editors, editors_key(note->item, note->of, key));
	json_t *to;

	if (from == NULL)
		return 0;
	to =
	    need_object(g->editors, editors_key(note->item, note->sha256, key));
	return json_object_update(to, from) < 0 ? -ENOMEM : 0;
}

static int
take_item(struct registry *g, const struct note *note)
{
	char key[EDITORS_KEY];
	json_t *editors;

	if (note->of[0] != '\0' && inherit_editors(g, note) < 0)
		return -ENOMEM;
	if (note->person[0] == '\0')
		return 0;
	editors =
	    need_object(g->editors, editors_key(note->item, note->sha256, key));
	return json_object_set_new(editors, note->person, json_true()) < 0
		   ? -ENOMEM
		   : 0;
}

static json_t *
bytes_of(const struct registry *g, const char *item, const char *sha256)
{
	return json_object_get(json_object_get(g->items, item), sha256);
}

/* P5: a withdrawal may be among what is lost. */
static void
doubt_all(struct registry *g)
{
	const char *item, *sha256;
	json_t *hashes, *bytes;

	json_object_foreach(g->items, item, hashes)
	{
		json_object_foreach(hashes, sha256, bytes)
		{
			json_object_set_new(bytes, "doubt", json_true());
		}
	}
}

static bool
is_doubted(const json_t *bytes)
{
	return json_object_get(bytes, "doubt") != NULL;
}

static int
take_approve(struct registry *g, const struct note *note)
{
	json_t *hashes = need_object(g->items, note->item);
	json_t *bytes = need_object(hashes, note->sha256);
	json_t *by = need_object(bytes, "by");
	int64_t needs = json_integer_value(json_object_get(bytes, "needs"));
	bool own = registry_edited(g, note->item, note->sha256, note->person);

	if (is_doubted(bytes)) {
		json_object_del(bytes, "doubt");
		json_object_clear(by);
	}
	if (json_object_set_new(by, note->person,
		json_pack("[I, b]", (json_int_t)note->seq, own)) < 0)
		return -ENOMEM;
	if (note->number > needs &&
	    json_object_set_new(bytes, "needs", json_integer(note->number)) < 0)
		return -ENOMEM;
	return 0;
}

static int
take_withdraw(struct registry *g, const struct note *note)
{
	int r = json_object_set_new(g->items, note->item, json_object());

	return r < 0 ? -ENOMEM : 0;
}

static int
take_start(struct registry *g, const struct note *note)
{
	struct station *s = need_station(g, note->station);
	struct attempt *a;

	if (s == NULL)
		return -ENOMEM;
	json_object_del(bytes_of(g, note->item, note->sha256), "doubt");
	a = grow(s->attempts, s->n_attempts, sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	s->attempts = a;
	a = &a[s->n_attempts++];
	memcpy(a->airing, note->airing, sizeof(a->airing));
	memcpy(a->slot, note->slot, sizeof(a->slot));
	snprintf(a->date, sizeof(a->date), "%.10s", note->date);
	return held_set(&a->start, note);
}

/* True when nobody will ask for the attempt again. */
static bool
attempt_settled(const struct station *s, const struct attempt *a)
{
	return !held_empty(&a->end) &&
	       (a->slot[0] == '\0' || slot_closed(s, a->date, a->slot));
}

static void
drop_settled(struct station *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_attempts; i++) {
		if (attempt_settled(s, &s->attempts[i]))
			attempt_free(&s->attempts[i]);
		else
			s->attempts[kept++] = s->attempts[i];
	}
	s->n_attempts = kept;
}

static int
take_aired(struct registry *g, const struct note *note)
{
	char key[2 * TEXT_ROOM + 2];

	if (note->number <= 0)
		return 0;
	snprintf(key, sizeof(key), "%s %s", note->station, note->sha256);
	if (json_object_get(g->aired, key) != NULL)
		return 0;
	return json_object_set_new(g->aired, key, json_true()) < 0 ? -ENOMEM
								   : 0;
}

static int
take_end(struct registry *g, const struct note *note)
{
	struct station *s = need_station(g, note->station);
	int r = s == NULL ? -ENOMEM : take_aired(g, note);

	if (r < 0)
		return r;
	for (size_t i = s->n_attempts; i > 0; i--) {
		struct attempt *a = &s->attempts[i - 1];

		if (strcmp(a->airing, note->airing) != 0)
			continue;
		r = held_set(&a->end, note);
		drop_settled(s);
		return r;
	}
	return 0;
}

/* A sheet is only kept for its open slots. A line is left alone: it is not
 * parsed for this while a long log is being read. */
static void
drop_sheet(struct date *d)
{
	if (d->sheet.json != NULL && !date_open(d))
		held_free(&d->sheet);
}

/* Why it was not as planned; most slots are, and take no room here. */
static int
take_reason(struct date *d, const struct note *note)
{
	if (note->reason[0] == '\0')
		return 0;
	if (d->told == NULL)
		d->told = json_object();
	return json_object_set_new(d->told, note->slot,
	    json_pack("[s, I]", note->reason, (json_int_t)note->number));
}

/* P3: the slot's one outcome. */
static int
take_slot(struct registry *g, const struct note *note)
{
	struct station *s = need_station(g, note->station);
	struct date *d;
	int r = note_date(s, note, &d);

	if (r < 0 || d == NULL)
		return r;
	if (json_object_set_new(
		d->closed, note->slot, json_string(note->status)) < 0 ||
	    take_reason(d, note) < 0)
		return -ENOMEM;
	drop_sheet(d);
	drop_settled(s);
	return 0;
}

static const char *
seq_key(int64_t seq, char key[24])
{
	snprintf(key, 24, "%lld", (long long)seq);
	return key;
}

static int
keep_order(struct registry *g, const json_t *op, int64_t seq)
{
	json_t *copy = json_copy((json_t *)op);
	char key[24];

	if (copy == NULL)
		return -ENOMEM;
	if (json_object_set_new(copy, "seq", json_integer(seq)) < 0 ||
	    json_object_set(g->orders, seq_key(seq, key), copy) < 0) {
		json_decref(copy);
		return -ENOMEM;
	}
	json_decref(copy);
	return 0;
}

/* P3: what a person released sounds in the life that it was released in. */
static int
take_op(struct registry *g, const struct note *note)
{
	json_t *op = NULL;
	char key[24];
	int r = 0;

	if (strcmp(note->op, "emergency") != 0 && strcmp(note->op, "play") != 0)
		return 0;
	if (note->json != NULL)
		op = json_incref((json_t *)note->json);
	else if (record_parse(note->line, note->n, &op) < 0)
		return 0;
	/* What it goes on with, or ends. */
	json_object_del(
	    g->orders, seq_key(record_int(op, "prepared", -1), key));
	json_object_del(g->orders, seq_key(record_int(op, "release", -1), key));
	if (strcmp(note->result, "done") == 0 ||
	    strcmp(note->result, "prepared") == 0)
		r = keep_order(g, op, note->seq);
	json_decref(op);
	return r;
}

static void
add_gap(struct registry *g, int64_t from_us, const char *to_utc)
{
	struct gap *gap = &g->gaps[g->n_gaps++ % GAPS_MAX];

	gap->from_us = from_us;
	gap->to_us = from_us;
	civil_read_utc(to_utc, &gap->to_us);
}

/* The log was copied before this record, and goes on with it; or it tells that
 * it is damaged. */
static int
take_epoch(struct registry *g, const struct note *note)
{
	if (strcmp(note->reason, "damage") == 0)
		g->told_lost = note->number;
	else if (strcmp(note->reason, "tree") != 0)
		add_gap(g, registry_last_us(g), note->utc);
	return 0;
}

/* Its place: the one it has, or an empty one, or the oldest one's. */
static struct registry_anchor *
place_of(struct registry *g, const char *cosigner)
{
	struct registry_anchor *oldest = &g->by[0];

	for (size_t i = 0; i < COSIGNERS_MAX; i++) {
		struct registry_anchor *a = &g->by[i];

		if (strcmp(a->cosigner, cosigner) == 0)
			return a;
		if (a->at_us < oldest->at_us)
			oldest = a;
	}
	*oldest = (struct registry_anchor){ 0 };
	return oldest;
}

static void
set_anchor(struct registry_anchor *a, const struct note *note, int64_t at_us)
{
	if (at_us < a->at_us)
		return;
	memcpy(a->cosigner, note->cosigner, sizeof(a->cosigner));
	a->at_us = at_us;
	a->size = note->number;
	a->anchors = 1;
}

static int
take_anchor(struct registry *g, const struct note *note)
{
	int64_t at_us;

	for (size_t i = 0; i < COSIGNERS_MAX; i++)
		g->by[i].anchors++;
	g->anchor.anchors++;
	if (civil_read_utc(note->cosigned, &at_us) < 0)
		return 0;
	set_anchor(&g->anchor, note, at_us);
	set_anchor(place_of(g, note->cosigner), note, at_us);
	return 0;
}

/* What is lost may be the outcome of a slot that began well before. */
static void
take_gap(struct registry *g, const char *to_utc)
{
	if (g->lost)
		add_gap(g, registry_last_us(g) - US_PER_DAY, to_utc);
	g->lost = false;
}

static void
on_lost(void *arg, unsigned kinds)
{
	struct registry *g = arg;

	g->lost = true;
	if (kinds & IN(KIND_WITHDRAW))
		doubt_all(g);
}

static void
take_word(struct registry *g, const struct note *note, int64_t us)
{
	enum trust trust = trust_of(note->clock);

	if (trust != g->word.trust || strcmp(note->boot_id, g->word_boot) != 0)
		g->word.since_boot_us = note->number;
	g->word.trust = trust;
	g->word.offset_us = us - note->number;
	memcpy(g->word_boot, note->boot_id, sizeof(g->word_boot));
}

/* A person's word on the clock stands against all that was before. The line's
 * own text: who has no such key is not asked for it. */
static bool
is_persons_word(const struct note *note)
{
	static const char key[] = "\"person\":";

	if (note->json != NULL)
		return record_text(note->json, "person")[0] != '\0';
	return memmem(note->line, note->n, key, sizeof(key) - 1) != NULL;
}

/* A clock so far behind a mark was not believed while the mark stood: that
 * was no time, but a damaged line. Left to stand, it would hold the station
 * for as many years as a bit can make. */
static void
unmark(struct clock_marks *m, enum kind k, enum trust trust, int64_t us)
{
	/* A command that writes for itself has not looked at the marks. */
	if ((IN(k) & DAEMONS) == 0 ||
	    (trust != TRUST_SYNCED && trust != TRUST_PLAUSIBLE))
		return;
	for (int t = 0; t < TRUSTS; t++)
		if ((t == (int)trust || trust == TRUST_PLAUSIBLE) &&
		    us + US_PER_DAY < m->us[t])
			m->us[t] = us;
}

static void
take_clock(struct registry *g, const struct note *note)
{
	int64_t us;

	if (civil_read_utc(note->utc, &us) < 0)
		return;
	if (note->kind == KIND_CLOCK && is_persons_word(note))
		g->marks = (struct clock_marks){ 0 };
	unmark(&g->marks, note->kind, trust_of(note->clock), us);
	clock_mark(&g->marks, trust_of(note->clock), us);
	if (note->kind == KIND_CLOCK || note->kind == KIND_BOOT)
		take_word(g, note, us);
}

static int
take_note(struct registry *g, const struct note *note)
{
	static int (*const take[KINDS])(
	    struct registry *, const struct note *) = {
		[KIND_DAY] = take_day,
		[KIND_ITEM] = take_item,
		[KIND_APPROVE] = take_approve,
		[KIND_WITHDRAW] = take_withdraw,
		[KIND_START] = take_start,
		[KIND_END] = take_end,
		[KIND_SLOT] = take_slot,
		[KIND_OP] = take_op,
		[KIND_EPOCH] = take_epoch,
		[KIND_ANCHOR] = take_anchor,
	};
	int r;

	take_gap(g, note->utc);
	r = take[note->kind] == NULL ? 0 : take[note->kind](g, note);

	take_clock(g, note);
	memcpy(g->last_utc, note->utc, sizeof(g->last_utc));
	if (note->kind == KIND_BOOT)
		memcpy(g->last_boot, note->boot_id, sizeof(g->last_boot));
	return r;
}

static int
kind_of(const json_t *record)
{
	const char *word = record_text(record, "kind");

	for (int k = 0; k < KINDS; k++)
		if (strcmp(kind_word((enum kind)k), word) == 0)
			return k;
	return -1;
}

int
registry_take(struct registry *g, const json_t *record, int64_t seq)
{
	struct note note = {
		.kind = kind_of(record), .json = record, .seq = seq
	};

	if (note.kind < 0)
		return 0;
	for (size_t i = 0; i < COUNT(fields); i++) {
		char *to = (char *)&note + fields[i].at;
		const char *text = record_text(record, fields[i].key);

		/* No id or hash is as long: such a text names nothing, and
		 * cut it would name something else. */
		if ((fields[i].kinds & IN(note.kind)) &&
		    strlen(text) < TEXT_ROOM)
			strcpy(to, text);
	}
	if (numbers[note.kind] != NULL)
		note.number = record_int(record, numbers[note.kind], 0);
	return take_note(g, &note);
}

/*
 * What stands behind "key": in a line of our own writer; NULL when the key is
 * not there. Quotes inside a text are escaped, so the bytes "key": are only
 * ever a key.
 */
static const char *
find_value(const char *line, size_t n, const char *key)
{
	char want[32];
	int len = snprintf(want, sizeof(want), "\"%s\":", key);
	const char *at = memmem(line, n, want, (size_t)len);

	return at == NULL ? NULL : at + len;
}

/* A plain text value; false when it is something else, has an escape, or is
 * too long. */
static bool
scan_text(const char *at, const char *end, char ret[TEXT_ROOM])
{
	const char *quote;
	size_t n;

	if (at == NULL || *at != '"')
		return false;
	at++;
	quote = memchr(at, '"', (size_t)(end - at));
	if (quote == NULL)
		return false;
	n = (size_t)(quote - at);
	if (n >= TEXT_ROOM || memchr(at, '\\', n) != NULL)
		return false;
	memcpy(ret, at, n);
	ret[n] = '\0';
	return true;
}

/* Fills a note from a line without parsing it; false when only a parser can
 * tell. The keys wanted come in this order in every line we write. */
static bool
scan_note(const char *line, size_t n, struct note *note)
{
	const char *end = line + n;
	const char *at = line;

	for (size_t i = 0; i < COUNT(fields); i++) {
		char *to = (char *)note + fields[i].at;
		const char *value;

		if ((fields[i].kinds & IN(note->kind)) == 0)
			continue;
		value = find_value(at, (size_t)(end - at), fields[i].key);
		if (value == NULL && fields[i].rare)
			continue;
		if (!scan_text(value, end, to))
			return false;
		at = value;
	}
	if (numbers[note->kind] == NULL)
		return true;
	at = find_value(line, n, numbers[note->kind]);
	if (at == NULL)
		return false;
	note->number = strtoll(at, NULL, 10);
	return true;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct registry *g = arg;
	struct note note = {
		.kind = record_kind(line, n), .line = line, .n = n, .seq = seq
	};
	json_t *json;
	int r;

	if (note.kind < 0)
		return 0;
	if (scan_note(line, n, &note))
		return take_note(g, &note);
	if (record_parse(line, n, &json) < 0)
		return 0;
	r = registry_take(g, json, seq);
	json_decref(json);
	return r;
}

int
registry_read(struct registry *g, struct disk *disk)
{
	int r = ledger_each_or_lost(disk, take_line, on_lost, g);

	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n; i++) {
		struct station *s = &g->stations[i];

		for (size_t j = 0; j < s->n_dates; j++)
			if (!date_open(&s->dates[j]))
				held_free(&s->dates[j].sheet);
	}
	return 0;
}

void
registry_approvals(const struct registry *g, const char *item,
    const char *sha256, bool same_person, struct registry_approvals *ret)
{
	const json_t *bytes = bytes_of(g, item, sha256);
	int64_t needs = json_integer_value(json_object_get(bytes, "needs"));
	const char *person;
	json_t *entry;

	*ret = (struct registry_approvals){ .needs = needs > 1 ? 2 : 1,
		.seq = -1 };
	if (is_doubted(bytes))
		return;
	json_object_foreach(json_object_get(bytes, "by"), person, entry)
	{
		int64_t seq = json_integer_value(json_array_get(entry, 0));

		if (!same_person && json_is_true(json_array_get(entry, 1)))
			continue;
		ret->persons++;
		if (seq > ret->seq)
			ret->seq = seq;
	}
}

int64_t
registry_signed(const struct registry *g, const char *item, const char *sha256,
    const char *person)
{
	const json_t *bytes = bytes_of(g, item, sha256);
	const json_t *by =
	    is_doubted(bytes) ? NULL : json_object_get(bytes, "by");
	const json_t *entry = json_object_get(by, person);

	return entry == NULL ? -1
			     : json_integer_value(json_array_get(entry, 0));
}

bool
registry_edited(const struct registry *g, const char *item, const char *sha256,
    const char *person)
{
	char key[EDITORS_KEY];
	const json_t *editors =
	    json_object_get(g->editors, editors_key(item, sha256, key));

	return person == NULL ? editors != NULL
			      : json_object_get(editors, person) != NULL;
}

bool
registry_approved(const struct registry *g, const char *item,
    const char *sha256, int64_t *ret_seq)
{
	struct registry_approvals a;

	registry_approvals(g, item, sha256, true, &a);
	if (a.persons == 0)
		return false;
	if (ret_seq != NULL)
		*ret_seq = a.seq;
	return true;
}

bool
registry_withdrawn(const struct registry *g, const char *item)
{
	const json_t *hashes = json_object_get(g->items, item);

	return hashes != NULL && json_object_size(hashes) == 0;
}

bool
registry_aired(
    const struct registry *g, const char *station, const char *sha256)
{
	char key[2 * TEXT_ROOM + 2];

	snprintf(key, sizeof(key), "%s %s", station, sha256);
	return json_object_get(g->aired, key) != NULL;
}

bool
registry_closed(const struct registry *g, const char *station, const char *date,
    const char *slot)
{
	const struct station *s = find_station(g, station);

	return s != NULL && slot_closed(s, date, slot);
}

int64_t
registry_first_day(const struct registry *g, const char *station)
{
	const struct station *s = find_station(g, station);

	return s == NULL ? NEVER : s->first_day;
}

bool
registry_has_day(const struct registry *g, const char *station, int64_t day)
{
	const struct station *s = find_station(g, station);
	struct civil_text date;

	if (s == NULL)
		return false;
	civil_date_text(day, &date);
	return find_date(s, date.s) != NULL || date_done(s, date.s);
}

/*
 * Both walks below hand out a list made beforehand: what fn takes into the
 * registry meanwhile may drop what it was handed.
 */
static int
by_date(const void *a, const void *b)
{
	const json_t *const *x = a;
	const json_t *const *y = b;

	return strcmp(record_text(*x, "date"), record_text(*y, "date"));
}

int
registry_open_days(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *day), void *arg)
{
	const struct station *s = find_station(g, station);
	json_t **open;
	size_t n = 0;
	int r = 0;

	if (s == NULL || s->n_dates == 0)
		return 0;
	open = calloc(s->n_dates, sizeof(json_t *));
	if (open == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_dates; i++)
		if (date_open(&s->dates[i]))
			open[n++] = json_incref(s->dates[i].sheet.json);
	qsort(open, n, sizeof(open[0]), by_date);
	for (size_t i = 0; i < n; i++) {
		r = r != 0 ? r : fn(arg, open[i]);
		json_decref(open[i]);
	}
	free(open);
	return r;
}

int
registry_attempts(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *start, const json_t *end), void *arg)
{
	const struct station *s = find_station(g, station);
	size_t n = s == NULL ? 0 : s->n_attempts;
	json_t **pairs = calloc(n + 1, 2 * sizeof(json_t *));
	int r = 0;

	if (pairs == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct attempt *a = &s->attempts[i];

		pairs[2 * i] = json_incref((json_t *)held_json(&a->start));
		pairs[2 * i + 1] = json_incref((json_t *)held_json(&a->end));
	}
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && pairs[2 * i] != NULL)
			r = fn(arg, pairs[2 * i], pairs[2 * i + 1]);
		json_decref(pairs[2 * i]);
		json_decref(pairs[2 * i + 1]);
	}
	free(pairs);
	return r;
}

int
registry_orders(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *op), void *arg)
{
	json_t *all = json_copy(g->orders);
	const char *seq;
	json_t *op;
	int r = all == NULL ? -ENOMEM : 0;

	json_object_foreach(all, seq, op)
	{
		if (r == 0 && strcmp(record_text(op, "station"), station) == 0)
			r = fn(arg, op);
	}
	json_decref(all);
	return r;
}

int64_t
registry_last_us(const struct registry *g)
{
	int64_t us = 0;

	civil_read_utc(g->last_utc, &us);
	return us;
}

const struct clock_marks *
registry_marks(const struct registry *g)
{
	return &g->marks;
}

struct clock_word
registry_clock(const struct registry *g, const char *boot_id)
{
	struct clock_word none = { .trust = TRUST_UNSURE };

	return strcmp(g->word_boot, boot_id) == 0 ? g->word : none;
}

bool
registry_elsewhere(const struct registry *g, int64_t us)
{
	for (size_t i = 0; i < GAPS_MAX && i < g->n_gaps; i++)
		if (us > g->gaps[i].from_us && us < g->gaps[i].to_us)
			return true;
	return false;
}

const struct registry_anchor *
registry_anchored(const struct registry *g)
{
	return &g->anchor;
}

const struct registry_anchor *
registry_anchored_by(const struct registry *g, const char *cosigner)
{
	static const struct registry_anchor never;

	for (size_t i = 0; i < COSIGNERS_MAX; i++)
		if (g->by[i].at_us > 0 &&
		    strcmp(g->by[i].cosigner, cosigner) == 0)
			return &g->by[i];
	return &never;
}

bool
registry_anchor_adds(
    const struct registry_anchor *last, int64_t size, int64_t at_us)
{
	int64_t more = size - last->size;

	if (last->at_us == 0)
		return true;
	if (at_us <= last->at_us)
		return false;
	/* Fewer: of another tree. */
	return more < 0 || more > last->anchors ||
	       at_us - last->at_us >= US_PER_DAY;
}

int64_t
registry_told_lost(const struct registry *g)
{
	return g->told_lost;
}

const char *
registry_last_boot(const struct registry *g)
{
	return g->last_boot;
}

const char *
registry_outcome(const struct registry *g, const char *station,
    const char *date, const char *slot)
{
	const struct station *s = find_station(g, station);
	const struct date *d = s == NULL ? NULL : find_date(s, date);

	if (d != NULL)
		return json_string_value(json_object_get(d->closed, slot));
	return s != NULL && date_done(s, date) ? "" : NULL;
}

const char *
registry_reason(const struct registry *g, const char *station, const char *date,
    const char *slot, int64_t *ret_actual_ms)
{
	const struct station *s = find_station(g, station);
	const struct date *d = s == NULL ? NULL : find_date(s, date);
	const json_t *told = d == NULL ? NULL : json_object_get(d->told, slot);

	if (told == NULL)
		return "";
	*ret_actual_ms = json_integer_value(json_array_get(told, 1));
	return json_string_value(json_array_get(told, 0));
}
