/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "evidence/daysum.h"
#include "evidence/store_in.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The figures of a sum, in the table's order. */
static const struct {
	const char *column;
	size_t at;
} figures[] = {
	{ "planned", offsetof(struct tally_sum, planned) },
	{ "open", offsetof(struct tally_sum, open) },
	{ "aired", offsetof(struct tally_sum, aired) },
	{ "aired_partial", offsetof(struct tally_sum, aired_partial) },
	{ "not_aired", offsetof(struct tally_sum, not_aired) },
	{ "external", offsetof(struct tally_sum, external) },
	{ "odd", offsetof(struct tally_sum, odd) },
	{ "first_n", offsetof(struct tally_sum, run_n[TALLY_FIRST]) },
	{ "repeat_n", offsetof(struct tally_sum, run_n[TALLY_REPEAT]) },
	{ "other_n", offsetof(struct tally_sum, run_n[TALLY_OTHER]) },
	{ "first_ms", offsetof(struct tally_sum, run_ms[TALLY_FIRST]) },
	{ "repeat_ms", offsetof(struct tally_sum, run_ms[TALLY_REPEAT]) },
	{ "other_ms", offsetof(struct tally_sum, run_ms[TALLY_OTHER]) },
	{ "planned_ms", offsetof(struct tally_sum, planned_ms) },
	{ "relay_ms", offsetof(struct tally_sum, relay_ms) },
	{ "signal_ms", offsetof(struct tally_sum, signal_ms) },
	{ "lost_power", offsetof(struct tally_sum, lost_n[TALLY_POWER]) },
	{ "lost_fault", offsetof(struct tally_sum, lost_n[TALLY_FAULT]) },
	{ "lost_order", offsetof(struct tally_sum, lost_n[TALLY_ORDER]) },
	{ "lost_work", offsetof(struct tally_sum, lost_n[TALLY_WORK]) },
	{ "lost_unknown", offsetof(struct tally_sum, lost_n[TALLY_UNKNOWN]) },
	{ "part_power", offsetof(struct tally_sum, part_n[TALLY_POWER]) },
	{ "part_fault", offsetof(struct tally_sum, part_n[TALLY_FAULT]) },
	{ "part_order", offsetof(struct tally_sum, part_n[TALLY_ORDER]) },
	{ "part_work", offsetof(struct tally_sum, part_n[TALLY_WORK]) },
	{ "part_unknown", offsetof(struct tally_sum, part_n[TALLY_UNKNOWN]) },
	{ "unscheduled", offsetof(struct tally_sum, unscheduled) },
	{ "unscheduled_ms", offsetof(struct tally_sum, unscheduled_ms) },
	{ "music_ms", offsetof(struct tally_sum, music_ms) },
};

_Static_assert(sizeof(struct tally_sum) == COUNT(figures) * sizeof(int64_t),
    "a figure of the tally is in no column");

static void
write_figures(const struct tally_sum *sum, struct sql_value *v)
{
	for (size_t i = 0; i < COUNT(figures); i++)
		v[i] = SQL_NUMBER(
		    *(const int64_t *)((const char *)sum + figures[i].at));
}

static void
read_figures(const struct sql_value *v, struct tally_sum *ret)
{
	for (size_t i = 0; i < COUNT(figures); i++)
		*(int64_t *)((char *)ret + figures[i].at) = v[i].i;
}

/* Keeping -------------------------------------------------------------------- */

struct keeping {
	struct store *s;
	int64_t id;
};

static int
put_sum(void *arg, const struct daysum *d)
{
	struct keeping *k = arg;
	struct sql_value v[5 + COUNT(figures)] = { SQL_NUMBER(k->id),
		SQL_NUMBER(store_month(d->day)), SQL_NUMBER(d->day),
		SQL_STRING(d->about), SQL_STRING(d->segment) };

	write_figures(d->sum, v + 5);
	return k->s->sql->put(k->s->sql, "daysum", v, COUNT(v));
}

static int
drop_sums(struct store *s, int64_t id, int64_t from_day, int64_t to_day)
{
	return s->sql->run(s->sql,
	    "DELETE FROM daysum WHERE station = $1"
	    " AND month BETWEEN $2 AND $3 AND day BETWEEN $4 AND $5",
	    (struct sql_value[]){ SQL_NUMBER(id),
		SQL_NUMBER(store_month(from_day)),
		SQL_NUMBER(store_month(to_day)), SQL_NUMBER(from_day),
		SQL_NUMBER(to_day) },
	    5, 0, NULL, NULL);
}

int
store_put_sums(struct store *s, int64_t id, const struct tally *t,
    bool there_may_be, int64_t from_day, int64_t to_day)
{
	struct keeping k = { s, id };
	int r = there_may_be ? drop_sums(s, id, from_day, to_day) : 0;

	return r == 0 ? daysum_of(t, put_sum, &k) : r;
}

int
store_sum_days(
    struct store *s, int64_t id, int64_t tree, int64_t from_day, int64_t to_day)
{
	struct tally *t;
	struct disk *log;
	int r = store_log_of(s, id, tree, from_day, to_day, &log);

	if (r < 0)
		return r;
	r = tally_read(log, "", from_day, to_day, &t);
	disk_close(log);
	if (r < 0)
		return r;
	r = store_put_sums(s, id, t, true, from_day, to_day);
	tally_free(t);
	return r;
}

/* Telling -------------------------------------------------------------------- */

struct telling {
	int (*fn)(void *arg, const struct store_day *d);
	void *arg;
	const struct store_want *want;
};

static int
tell_day(void *arg, const struct sql_value *c)
{
	struct telling *t = arg;
	struct store_day d = { .key = c[0].s,
		.name = c[1].s,
		.about = c[2].s,
		.day = t->want->span == STORE_ALL ? t->want->from_day : c[3].i,
		.segment = c[4].s };

	read_figures(c + 5, &d.sum);
	return t->fn(t->arg, &d);
}

/* The day that stands for a sum. 1970 began on a Thursday. */
static const char *
span_text(enum store_span span)
{
	switch (span) {
	case STORE_DAY:
		return "d.day";
	case STORE_WEEK:
		return "(d.day + 3) / 7 * 7 - 3";
	case STORE_ALL:
		break;
	}
	return "0";
}

/* "sum(d.planned), ..." */
static void
write_sums(char *text, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < COUNT(figures) && at < n; i++)
		at += (size_t)snprintf(text + at, n - at, "%ssum(d.%s)",
		    i == 0 ? "" : ", ", figures[i].column);
}

int
store_days(struct store *s, const struct store_want *want,
    int (*fn)(void *arg, const struct store_day *d), void *arg)
{
	static const char form[] =
	    "SELECT s.key COLLATE \"C\", s.name, d.about COLLATE \"C\","
	    " %s, %s, %s FROM daysum d JOIN station s ON s.id = d.station"
	    " WHERE d.month BETWEEN $1 AND $2 AND d.day BETWEEN $3 AND $4%s"
	    " GROUP BY s.key, s.name, d.about, 4, 5 ORDER BY 1, 4, 3, 5";
	struct telling t = { fn, arg, want };
	struct sql_value v[5] = { SQL_NUMBER(store_month(want->from_day)),
		SQL_NUMBER(store_month(want->to_day)),
		SQL_NUMBER(want->from_day), SQL_NUMBER(want->to_day) };
	char sums[32 * COUNT(figures)];
	char text[sizeof(form) + sizeof(sums) + 128];
	int64_t id = 0;

	if (want->key != NULL && store_id(want->key, &id) < 0)
		return 0;
	v[4] = SQL_NUMBER(id);
	write_sums(sums, sizeof(sums));
	snprintf(text, sizeof(text), form, span_text(want->span),
	    want->segments ? "d.segment COLLATE \"C\"" : "''", sums,
	    want->key == NULL ? "" : " AND d.station = $5");
	return s->sql->run(s->sql, text, v, want->key == NULL ? 4 : 5,
	    1 | 2 | 4 | 16, tell_day, &t);
}
