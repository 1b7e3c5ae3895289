/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "evidence/leaves.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "evidence/store_in.h"
#include "evidence/tiles.h"

#define STEP 20000 /* rows in one transaction */
#define SPAN_DAYS 31 /* dates summed at once: what they take of memory */
#define OUTAGE_DAYS 400 /* that one outage may change the causes of */

/* Dates whose sums are to be made again. */
struct dates {
	int64_t *list;
	size_t n;
	size_t room;
};

struct taking {
	struct store *s;
	struct tiles *tiles;
	const char *key;
	const char *name;
	int64_t id;
	int64_t number;
	int64_t size;
	int64_t has;
	int64_t first; /* seq from which this tree counts */
	struct dates dates; /* of one step */
	char *last; /* its last record, and how long */
	size_t last_n;
	int64_t last_us;
};

/* Dates ---------------------------------------------------------------------- */

static int
add_date(struct dates *d, int64_t day)
{
	int64_t *grown;

	if (d->n > 0 && d->list[d->n - 1] == day)
		return 0;
	if (d->n == d->room) {
		d->room = d->room == 0 ? 64 : d->room * 2;
		grown = reallocarray(d->list, d->room, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		d->list = grown;
	}
	d->list[d->n++] = day;
	return 0;
}

static int
take_date(void *arg, const struct sql_value *columns)
{
	return add_date(arg, columns[0].i);
}

static int
by_number(const void *a, const void *b)
{
	int64_t p = *(const int64_t *)a;
	int64_t q = *(const int64_t *)b;

	return (p > q) - (p < q);
}

/* An outage changes the causes of what it cost. */
static int
add_outage(struct dates *d, const json_t *r)
{
	int64_t from_us, to_us, from, to;
	int second;
	int e = 0;

	if (strcmp(record_text(r, "op"), "outage") != 0 ||
	    civil_read_utc(record_text(r, "from_utc"), &from_us) < 0 ||
	    civil_read_utc(record_text(r, "to_utc"), &to_us) < 0)
		return 0;
	civil_from_us(from_us, &from, &second);
	civil_from_us(to_us, &to, &second);
	for (int64_t i = later(from, to - OUTAGE_DAYS); e == 0 && i <= to; i++)
		e = add_date(d, i);
	return e;
}

static int
sum_spans(struct taking *k, const struct store_tolds *t)
{
	struct dates *d = &k->dates;
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n;) {
		int64_t from = d->list[i];
		int64_t tree = store_tree_of(t, from);
		int64_t to = from;

		while (i < d->n && d->list[i] < from + SPAN_DAYS &&
		       store_tree_of(t, d->list[i]) == tree)
			to = d->list[i++];
		r = store_sum_days(k->s, k->id, tree, from, to);
	}
	return r;
}

static int
sum_dates(struct taking *k)
{
	struct dates *d = &k->dates;
	struct store_tolds *t;
	int r;

	if (d->n == 0)
		return 0;
	t = malloc(sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	qsort(d->list, d->n, sizeof(d->list[0]), by_number);
	r = store_tolds(k->s, k->id, t);
	if (r == 0)
		r = sum_spans(k, t);
	free(t);
	d->n = 0;
	return r;
}

/* Rows ----------------------------------------------------------------------- */

static int
name_station(struct taking *k)
{
	static const char text[] =
	    "INSERT INTO station VALUES ($1, $2, $3)"
	    " ON CONFLICT (id) DO UPDATE SET name = excluded.name"
	    " WHERE station.name <> excluded.name";
	const struct sql_value v[] = { SQL_NUMBER(k->id), SQL_STRING(k->key),
		SQL_STRING(k->name) };

	return k->s->sql->run(k->s->sql, text, v, 3, 0, NULL, NULL);
}

static int
keep_last(struct taking *k, const char *entry, size_t n)
{
	char *last = realloc(k->last, n + 1);

	if (last == NULL)
		return -ENOMEM;
	memcpy(last, entry, n);
	last[n] = '\0';
	k->last = last;
	k->last_n = n;
	return 0;
}

enum column {
	STATION,
	MONTH,
	TREE,
	LEAF,
	SEQ,
	ABOUT,
	AT_US,
	DAY,
	KIND,
	LINE,
	RAW,
	COLUMNS
};

/* What the record says of itself; r stays borrowed. */
static int
fill_record(struct taking *k, struct sql_value v[static COLUMNS], int kind,
    const json_t *r)
{
	const char *about = record_text(r, "station");
	int64_t us, day;
	int e = 0;

	v[SEQ] = SQL_NUMBER(record_int(r, "seq", -1));
	v[ABOUT] = SQL_STRING(about);
	if (civil_read_utc(record_text(r, "utc"), &us) == 0) {
		v[AT_US] = SQL_NUMBER(us);
		v[MONTH] = SQL_NUMBER(store_month(us / US_PER_DAY));
		k->last_us = us;
	}
	if (civil_read_date(record_text(r, "date"), &day) == 0) {
		v[DAY] = SQL_NUMBER(day);
		e = add_date(&k->dates, day);
	}
	if (e == 0 && kind == KIND_OP)
		e = add_outage(&k->dates, r);
	return e;
}

static int
add_row(struct taking *k, int64_t leaf, const char *entry, size_t n)
{
	struct sql_value v[COLUMNS] = { [STATION] = SQL_NUMBER(k->id),
		[MONTH] = SQL_NUMBER(0),
		[TREE] = SQL_NUMBER(k->number),
		[LEAF] = SQL_NUMBER(leaf) };
	int kind = record_kind(entry, n);
	const char *word = kind < 0 ? "" : kind_word((enum kind)kind);
	bool is_text = text_is_utf8(entry, n) && memchr(entry, '\0', n) == NULL;
	json_t *rec = NULL;
	int r = 0;

	v[KIND] = SQL_STRING(word);
	v[is_text ? LINE : RAW] = SQL_WORDS(entry, n);
	if (!is_text)
		v[RAW].type = SQL_BYTES;
	if (kind >= 0 && is_text && record_parse(entry, n, &rec) == 0) {
		r = fill_record(k, v, kind, rec);
		if (r == 0)
			r = keep_last(k, entry, n);
	}
	if (r == 0)
		r = k->s->sql->put(k->s->sql, "leaf", v, COLUMNS);
	json_decref(rec);
	return r;
}

static int
add_rows(struct taking *k, int64_t until)
{
	int r = 0;

	for (int64_t i = k->has; r == 0 && i < until; i++) {
		const char *entry;
		size_t n;

		r = tiles_entry(k->tiles, i, &entry, &n);
		if (r == 0)
			r = add_row(k, i, entry, n);
	}
	return r;
}

/* The tree ------------------------------------------------------------------- */

/* From which record on does it count? One that says nothing of it, from its
 * own first. */
static int
read_first(struct taking *k)
{
	struct leaves l;
	char origin[NOTE_NAME];
	const char *entry;
	size_t n;
	int r;

	k->first = 0;
	if (k->number == 1)
		return 0;
	r = tiles_entry(k->tiles, 0, &entry, &n);
	if (r < 0)
		return r;
	snprintf(origin, sizeof(origin), "loaxa/%s/log/v%" PRId64, k->key,
	    k->number);
	if (leaves_read(entry, n, origin, &l) == 0)
		k->first = l.from;
	else
		k->first = later(0, record_seq(entry, n));
	return 0;
}

static int
tell_tree(struct taking *k, int64_t leaves)
{
	static const char text[] =
	    "INSERT INTO tree VALUES ($1, $2, $3, $4, $5, $6, $7)"
	    " ON CONFLICT (station, number) DO UPDATE SET"
	    " leaves = excluded.leaves,"
	    " last = CASE WHEN excluded.last = '' THEN tree.last"
	    " ELSE excluded.last END,"
	    " last_us = CASE WHEN excluded.last = '' THEN tree.last_us"
	    " ELSE excluded.last_us END";
	const struct sql_value v[] = { SQL_NUMBER(k->id), SQL_NUMBER(k->number),
		SQL_NUMBER(leaves), SQL_NUMBER(k->first), SQL_NUMBER(INT64_MAX),
		SQL_WORDS(k->last == NULL ? "" : k->last, k->last_n),
		SQL_NUMBER(k->last_us) };

	return k->s->sql->run(k->s->sql, text, v, 7, 0, NULL, NULL);
}

/* Which records of each tree count. */
static int
settle_trees(struct store *s, int64_t id)
{
	static const char text[] =
	    "UPDATE tree SET until = coalesce((SELECT min(t.first) FROM tree t"
	    " WHERE t.station = tree.station AND t.number > tree.number),"
	    " 9223372036854775807) WHERE station = $1";
	const struct sql_value v[] = { SQL_NUMBER(id) };

	return s->sql->run(s->sql, text, v, 1, 0, NULL, NULL);
}

/* The dates of what a tree that is new says over again. */
static int
add_replaced(struct taking *k)
{
	static const char text[] =
	    "SELECT DISTINCT day FROM leaf WHERE station = $1 AND tree < $2"
	    " AND seq >= $3 AND day IS NOT NULL";
	const struct sql_value v[] = { SQL_NUMBER(k->id), SQL_NUMBER(k->number),
		SQL_NUMBER(k->first) };
	int r = settle_trees(k->s, k->id);

	return r < 0 ? r
		     : k->s->sql->run(
			   k->s->sql, text, v, 3, 0, take_date, &k->dates);
}

/* The log goes on: what was not over yet may be now. */
static int
add_open(struct taking *k)
{
	static const char text[] =
	    "SELECT DISTINCT day FROM daysum WHERE station = $1 AND open > 0";
	const struct sql_value v[] = { SQL_NUMBER(k->id) };

	return k->s->sql->run(k->s->sql, text, v, 1, 0, take_date, &k->dates);
}

static int
read_has(struct taking *k)
{
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_NUMBER(k->number) };
	int r = store_ask(k->s,
	    "SELECT leaves FROM tree WHERE station = $1 AND number = $2", v, 2,
	    -1, &k->has);

	return r == 0 && k->has > k->size ? -ESTALE : r;
}

/* One transaction; `has` is how many are there then. */
static int
step(struct taking *k)
{
	int64_t until = 0;
	bool is_new;
	int r = name_station(k);

	if (r == 0)
		r = read_has(k);
	is_new = k->has < 0;
	k->has = later(k->has, 0);
	if (r == 0) {
		until = k->size - k->has > STEP ? k->has + STEP : k->size;
		r = is_new ? read_first(k) : 0;
	}
	if (r == 0 && until > k->has)
		r = add_open(k);
	if (r == 0)
		r = add_rows(k, until);
	if (r == 0)
		r = tell_tree(k, until);
	if (r == 0 && is_new)
		r = add_replaced(k);
	if (r == 0)
		r = sum_dates(k);
	if (r == 0)
		k->has = until;
	return r;
}

/* What a step learned of its rows, another one has not. */
static void
forget_step(struct taking *k)
{
	free(k->last);
	k->last = NULL;
	k->last_n = 0;
	k->last_us = 0;
	k->dates.n = 0;
}

/* Nothing to write? Most calls are of trees that did not grow. What fails here
 * fails again where it is told. */
static bool
is_there(struct taking *k)
{
	const struct sql_value v[] = { SQL_NUMBER(k->id), SQL_NUMBER(k->number),
		SQL_NUMBER(k->size), SQL_STRING(k->name) };
	int64_t n = 0;

	store_ask(k->s,
	    "SELECT count(*) FROM tree t JOIN station s ON s.id = t.station"
	    " WHERE t.station = $1 AND t.number = $2 AND t.leaves = $3"
	    " AND s.name = $4",
	    v, 4, 0, &n);
	return n > 0;
}

static int
take_steps(struct taking *k)
{
	struct sql *q = k->s->sql;
	int r = 0;

	if (is_there(k))
		return 0;
	k->has = -1;
	while (r == 0 && k->has < k->size) {
		r = q->begin(q);
		if (r < 0)
			return r;
		r = step(k);
		if (r == 0)
			r = q->commit(q);
		else
			q->rollback(q);
		forget_step(k);
	}
	return r;
}

int
store_take(struct store *s, const char *key, const char *name, int64_t number,
    const char *folder, int64_t size)
{
	struct taking k = {
		.s = s, .key = key, .name = name, .number = number, .size = size
	};
	int r = store_id(key, &k.id);

	if (r == 0)
		r = tiles_open(folder, &k.tiles);
	if (r < 0)
		return r;
	tiles_size(k.tiles, size);
	r = take_steps(&k);
	/* How far it came, the database says. */
	if (r == -ECONNRESET)
		r = take_steps(&k);
	if (r < 0)
		store_hear(s);
	free(k.dates.list);
	tiles_close(k.tiles);
	return r;
}

/* Forgetting ----------------------------------------------------------------- */

static int
forget(struct taking *k)
{
	static const char *const texts[] = {
		"DELETE FROM leaf WHERE station = $1 AND tree = $2",
		"DELETE FROM tree WHERE station = $1 AND number = $2",
	};
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_NUMBER(k->number) };
	int r = k->s->sql->run(k->s->sql,
	    "SELECT DISTINCT day FROM daysum WHERE station = $1", v, 1, 0,
	    take_date, &k->dates);

	for (size_t i = 0; r == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		r = k->s->sql->run(k->s->sql, texts[i], v, 2, 0, NULL, NULL);
	if (r == 0)
		r = settle_trees(k->s, k->id);
	/* Another tree's records may count again. */
	if (r == 0)
		r = k->s->sql->run(k->s->sql,
		    "SELECT DISTINCT day FROM leaf WHERE station = $1"
		    " AND day IS NOT NULL",
		    v, 1, 0, take_date, &k->dates);
	return r == 0 ? sum_dates(k) : r;
}

int
store_forget(struct store *s, const char *key, int64_t number)
{
	struct taking k = { .s = s, .key = key, .number = number };
	int r = store_id(key, &k.id);

	if (r == 0)
		r = s->sql->begin(s->sql);
	if (r < 0)
		return r;
	r = forget(&k);
	if (r == 0)
		r = s->sql->commit(s->sql);
	else
		s->sql->rollback(s->sql);
	free(k.dates.list);
	return r;
}
