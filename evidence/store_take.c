/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "evidence/json_arena.h"
#include "evidence/leaves.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "evidence/store_sums.h"
#include "evidence/tiles.h"

#define STEP 10000 /* rows of one tree in one transaction */
#define STEP_BYTES (4 << 20) /* of their records: what has to lie in memory */
#define AGAIN_MAX 20 /* turns of one transaction */

struct taking { /* of one tree */
	struct store *s;
	struct store_tree *tree;
	struct tiles *tiles;
	int64_t id;
	bool named; /* the station is there, by that name */
	int64_t trees; /* that it has there */
	int64_t has; /* rows of this one; -1: it is none of them */
	int64_t first; /* seq from which this tree counts */
	struct store_dates dates; /* of one step */
	struct store_records records;
	int64_t last; /* leaf of the last record; -1: there was none */
	int64_t last_us;
};

/* Rows ----------------------------------------------------------------------- */

static int
name_station(struct taking *k)
{
	static const char text[] =
	    "INSERT INTO station VALUES ($1, $2, $3)"
	    " ON CONFLICT (id) DO UPDATE SET name = excluded.name"
	    " WHERE station.name <> excluded.name";
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_STRING(k->tree->key), SQL_STRING(k->tree->name) };

	return k->s->sql->run(k->s->sql, text, v, 3, 0, NULL, NULL);
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

/* What the record says of itself, which stays borrowed. */
static int
fill_record(struct taking *k, struct sql_value v[static COLUMNS],
    struct store_record of)
{
	int64_t us, day;
	int e = 0;

	v[SEQ] = SQL_NUMBER(record_int(of.r, "seq", -1));
	v[ABOUT] = SQL_STRING(record_text(of.r, "station"));
	if (civil_read_utc(record_text(of.r, "utc"), &us) == 0) {
		of.at_us = k->last_us = us;
		of.month = store_month(us / US_PER_DAY);
		v[AT_US] = SQL_NUMBER(us);
		v[MONTH] = SQL_NUMBER(of.month);
	}
	if (civil_read_date(record_text(of.r, "date"), &day) == 0) {
		of.day = day;
		v[DAY] = SQL_NUMBER(day);
		e = store_dates_add(&k->dates, day);
	}
	if (e == 0 && of.kind == KIND_OP)
		e = store_dates_outage(&k->dates, of.r);
	return e == 0 ? store_records_add(&k->records, of) : e;
}

static int
add_row(struct taking *k, int64_t leaf, const char *entry, size_t n)
{
	struct sql_value v[COLUMNS] = { [STATION] = SQL_NUMBER(k->id),
		[MONTH] = SQL_NUMBER(0),
		[TREE] = SQL_NUMBER(k->tree->number),
		[LEAF] = SQL_NUMBER(leaf) };
	int kind = record_kind(entry, n);
	const char *word = kind < 0 ? "" : kind_word((enum kind)kind);
	struct store_record of = { .kind = kind, .day = STORE_NO_DAY };
	bool is_text;
	int r = 0;

	/* What can be parsed is UTF-8 without a NUL. */
	is_text = (kind >= 0 && record_parse(entry, n, &of.r) == 0) ||
		  (text_is_utf8(entry, n) && memchr(entry, '\0', n) == NULL);
	v[KIND] = SQL_STRING(word);
	v[is_text ? LINE : RAW] = SQL_WORDS(entry, n);
	if (!is_text)
		v[RAW].type = SQL_BYTES;
	if (of.r != NULL) {
		r = fill_record(k, v, of);
		k->last = leaf;
	}
	if (r == 0)
		r = k->s->sql->put(k->s->sql, "leaf", v, COLUMNS);
	json_decref(of.r);
	return r;
}

/* What its files lack is its own fault, whatever the errno. */
static int
read_entry(
    struct taking *k, int64_t leaf, const char **ret_entry, size_t *ret_n)
{
	int r = tiles_entry(k->tiles, leaf, ret_entry, ret_n);

	if (r < 0 && r != -ENOMEM)
		k->tree->error = r;
	return r;
}

/* Until there, or as many as a step may have. *ret_until: so far they are put. */
static int
add_rows(struct taking *k, int64_t from, int64_t until, int64_t *ret_until)
{
	int64_t i = from;
	size_t bytes = 0;
	int r = 0;

	for (; r == 0 && i < until && bytes < STEP_BYTES; i++) {
		const char *entry;
		size_t n;

		r = read_entry(k, i, &entry, &n);
		if (r == 0)
			r = add_row(k, i, entry, n);
		bytes += r == 0 ? n : 0;
	}
	*ret_until = i;
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
	if (k->tree->number == 1)
		return 0;
	r = read_entry(k, 0, &entry, &n);
	if (r < 0)
		return r;
	snprintf(origin, sizeof(origin), "loaxa/%s/log/v%" PRId64, k->tree->key,
	    k->tree->number);
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
	const char *last = "";
	size_t n = 0;
	int r = k->last < 0 ? 0 : tiles_entry(k->tiles, k->last, &last, &n);
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_NUMBER(k->tree->number), SQL_NUMBER(leaves),
		SQL_NUMBER(k->first), SQL_NUMBER(INT64_MAX), SQL_WORDS(last, n),
		SQL_NUMBER(k->last_us) };

	return r < 0 ? r : k->s->sql->run(k->s->sql, text, v, 7, 0, NULL, NULL);
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

static int
take_date(void *arg, const struct sql_value *columns)
{
	return store_dates_add(arg, columns[0].i);
}

/* The dates of what a tree that is new says over again. */
static int
add_replaced(struct taking *k)
{
	static const char text[] =
	    "SELECT DISTINCT day FROM leaf WHERE station = $1 AND tree < $2"
	    " AND seq >= $3 AND day IS NOT NULL";
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_NUMBER(k->tree->number), SQL_NUMBER(k->first) };
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
	    "SELECT DISTINCT day FROM daysum WHERE station = $1 AND open > 0"
	    " AND day <= $2";
	int64_t day;
	int second;

	civil_from_us(k->last_us, &day, &second);
	return k->s->sql->run(k->s->sql, text,
	    (struct sql_value[]){ SQL_NUMBER(k->id), SQL_NUMBER(day + 1) }, 2,
	    0, take_date, &k->dates);
}

/* Beside the dates of the rows that came: what they change of others. */
static int
add_others(struct taking *k, bool is_new)
{
	int r = k->trees == 0 || k->last < 0 ? 0 : add_open(k);

	if (r == 0 && k->trees > 0)
		r = store_dates_cost(&k->dates, k->s, k->id);
	if (r == 0 && k->trees > 0 && is_new)
		r = add_replaced(k);
	store_dates_settle(&k->dates);
	return r;
}

static int
make_sums(struct taking *k, int64_t before, bool alone)
{
	const struct store_sums u = { k->s, k->id, k->tree->number, before,
		alone, &k->records };

	return store_sums_make(&u, &k->dates);
}

/* Its next rows, and what follows from them. */
static int
step(struct taking *k)
{
	bool is_new = k->has < 0;
	bool alone = k->trees == !is_new;
	int64_t from = later(k->has, 0);
	int64_t until = earlier(k->tree->size, from + STEP);
	int r = k->named ? 0 : name_station(k);

	if (r == 0 && is_new)
		r = read_first(k);
	if (r == 0)
		r = add_rows(k, from, until, &until);
	if (r == 0 && !alone)
		r = k->s->sql->flush(k->s->sql);
	if (r == 0 && (is_new || until > from))
		r = tell_tree(k, until);
	if (r == 0)
		r = add_others(k, is_new);
	if (r == 0)
		r = make_sums(k, from, alone);
	if (r < 0)
		return r;
	k->has = until;
	k->named = true;
	return 0;
}

/* What a step learned of its rows, another one has not. */
static void
forget_step(struct taking *k)
{
	store_dates_clear(&k->dates);
	store_records_clear(&k->records);
	json_arena_reset();
	k->last = -1;
	k->last_us = 0;
}

/* Some trees in one transaction ----------------------------------------------- */

struct looking {
	struct taking *list;
	size_t n;
};

/* id, number, leaves, name */
static int
take_look(void *arg, const struct sql_value *c)
{
	struct looking *l = arg;

	for (size_t i = 0; i < l->n; i++) {
		struct taking *k = &l->list[i];

		if (k->id != c[0].i)
			continue;
		k->named = strcmp(c[3].s, k->tree->name) == 0;
		k->trees += c[1].type == SQL_INT;
		if (c[1].type == SQL_INT && c[1].i == k->tree->number)
			k->has = c[2].i;
	}
	return 0;
}

/* What the store has of them now. One with more than its files is ESTALE. */
static int
look(struct store *s, struct taking *list, size_t n)
{
	struct looking l = { list, n };
	struct sql_value v[STORE_TOGETHER] = { 0 };
	char text[200 + 5 * STORE_TOGETHER] =
	    "SELECT s.id, t.number, t.leaves, s.name FROM station s"
	    " LEFT JOIN tree t ON t.station = s.id WHERE s.id IN (";
	size_t at = strlen(text);
	int r;

	for (size_t i = 0; i < n; i++) {
		list[i].named = false;
		list[i].trees = 0;
		list[i].has = -1;
		v[i] = SQL_NUMBER(list[i].id);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "$%zu%s",
		    i + 1, i + 1 < n ? "," : ")");
	}
	r = s->sql->run(s->sql, text, v, n, 8, take_look, &l);
	for (size_t i = 0; i < n; i++)
		if (list[i].has > list[i].tree->size)
			list[i].tree->error = -ESTALE;
	return r;
}

static bool
is_short(const struct taking *k)
{
	return k->tree->error == 0 && (k->has < k->tree->size || !k->named);
}

static bool
any_short(const struct taking *list, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || is_short(&list[i]);
	return any;
}

/* One step of each, in a transaction that has begun. */
static int
take_steps(struct store *s, struct taking *list, size_t n)
{
	int r = look(s, list, n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		bool is_new = list[i].has < 0;

		if (!is_short(&list[i]))
			continue;
		r = step(&list[i]);
		if (r == 0 && json_arena_lacked())
			r = -ENOMEM;
		forget_step(&list[i]);
		/* Another tree of the same station has it beside it now. */
		for (size_t j = i + 1; r == 0 && j < n; j++)
			if (list[j].id == list[i].id) {
				list[j].trees += is_new;
				list[j].named = true;
			}
	}
	return r;
}

static int
take_turn(struct store *s, struct taking *list, size_t n)
{
	struct sql *q = s->sql;
	int r = q->begin(q);

	if (r < 0)
		return r;
	r = take_steps(s, list, n);
	if (r == 0)
		r = q->commit(q);
	else
		q->rollback(q);
	/* Nothing of it is there. */
	for (size_t i = 0; r < 0 && i < n; i++)
		list[i].has = -1;
	return r;
}

/* Most calls are of trees that did not grow: nothing is written then. */
static int
take_turns(struct store *s, struct taking *list, size_t n)
{
	int again = 0;
	bool lost = false; /* the server, once: how far it came, it says */
	int r = look(s, list, n);

	if (r == -ECONNRESET)
		r = 0;
	while (r == 0 && any_short(list, n)) {
		r = take_turn(s, list, n);
		again = r == -EAGAIN ? again + 1 : 0;
		if (r == -EAGAIN && again <= AGAIN_MAX)
			r = 0;
		if (r == -ECONNRESET && !lost) {
			lost = true;
			r = 0;
		}
	}
	if (r < 0)
		store_hear(s);
	return r;
}

/* Its files; what cannot be opened is its own fault. */
static void
open_taking(struct taking *k, struct store *s, struct store_tree *tree)
{
	*k = (struct taking){ .s = s, .tree = tree, .last = -1 };
	tree->error = store_id(tree->key, &k->id);
	if (tree->error == 0)
		tree->error = tiles_open(tree->folder, &k->tiles);
	if (tree->error == 0)
		tiles_size(k->tiles, tree->size);
}

static void
close_taking(struct taking *k)
{
	store_dates_free(&k->dates);
	store_records_free(&k->records);
	tiles_close(k->tiles);
}

int
store_take_some(struct store *s, struct store_tree *trees, size_t n)
{
	struct taking *list = calloc(n, sizeof(*list));
	size_t opened = 0;
	int r;

	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		open_taking(&list[opened], s, &trees[i]);
		opened += trees[i].error == 0;
	}
	r = opened == 0 ? 0 : take_turns(s, list, opened);
	for (size_t i = 0; i < opened; i++)
		close_taking(&list[i]);
	free(list);
	return r;
}

/* Forgetting ----------------------------------------------------------------- */

/* All sums of the dates, out of the rows that are left. */
static int
sum_again(struct taking *k)
{
	struct store_records none = { .astray = true };
	const struct store_sums u = { k->s, k->id, 0, 0, false, &none };

	store_dates_settle(&k->dates);
	return store_sums_make(&u, &k->dates);
}

static int
forget(struct taking *k)
{
	static const char *const texts[] = {
		"DELETE FROM leaf WHERE station = $1 AND tree = $2",
		"DELETE FROM tree WHERE station = $1 AND number = $2",
	};
	const struct sql_value v[] = { SQL_NUMBER(k->id),
		SQL_NUMBER(k->tree->number) };
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
	return r == 0 ? sum_again(k) : r;
}

int
store_forget(struct store *s, const char *key, int64_t number)
{
	struct store_tree tree = { .key = key, .number = number };
	struct taking k = { .s = s, .tree = &tree };
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
	store_dates_free(&k.dates);
	return r;
}
