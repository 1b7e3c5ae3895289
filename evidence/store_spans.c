/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/daysum.h"
#include "evidence/store_in.h"

static int
take_told(void *arg, const struct sql_value *columns)
{
	struct store_tolds *t = arg;
	int64_t day;
	int second;

	civil_from_us(columns[1].i, &day, &second);
	if (t->n < TREES_MAX)
		t->list[t->n++] = (struct store_told){ columns[0].i, day - 1 };
	return 0;
}

static int
add_slots(void *arg, const struct daysum *d)
{
	struct tally_sum *sum = arg;

	sum->planned += d->sum->planned;
	sum->open += d->sum->open;
	return 0;
}

/* A record of a clock that ran years ahead is no word on the dates until then:
 * the last that has an outcome is. */
static int
cut_whole(struct store *s, int64_t id, struct store_told *t)
{
	const struct sql_value v[] = { SQL_NUMBER(id), SQL_NUMBER(t->number) };
	int64_t last = t->whole;
	int r = store_ask(s,
	    "SELECT coalesce(max(day), -1) FROM leaf WHERE station = $1"
	    " AND tree = $2 AND kind = 'slot'",
	    v, 2, -1, &last);

	if (r == 0)
		t->whole = earlier(t->whole, last);
	return r;
}

/* The date on which a tree ended is over, too, where each of its slots has its
 * outcome there. */
static int
look_at_end(struct store *s, int64_t id, struct store_told *t)
{
	struct tally_sum sum = { 0 };
	int64_t day = t->whole + 1;
	struct disk *log;
	int r = store_log_of(s, id, t->number, day, day, &log);

	if (r < 0)
		return r;
	r = daysum_each(log, day, day, add_slots, &sum);
	disk_close(log);
	if (r == 0 && sum.planned > 0 && sum.open == 0)
		t->whole = day;
	return r;
}

int
store_tolds(struct store *s, int64_t id, struct store_tolds *ret)
{
	const struct sql_value v[] = { SQL_NUMBER(id) };
	int r;

	ret->n = 0;
	r = s->sql->run(s->sql,
	    "SELECT number, last_us FROM tree WHERE station = $1"
	    " ORDER BY number",
	    v, 1, 0, take_told, ret);
	/* After the newest there is nobody else who tells. */
	for (size_t i = 0; r == 0 && i + 1 < ret->n; i++) {
		r = cut_whole(s, id, &ret->list[i]);
		if (r == 0)
			r = look_at_end(s, id, &ret->list[i]);
	}
	return r;
}

int64_t
store_tree_of(const struct store_tolds *t, int64_t day)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].whole >= day)
			return t->list[i].number;
	return t->n == 0 ? 0 : t->list[t->n - 1].number;
}

struct spans {
	struct store *s;
	int64_t id;
	int around;
	int (*fn)(
	    void *arg, struct disk *log, int64_t from_day, int64_t to_day);
	void *arg;
};

static int
tell_span(const struct spans *p, int64_t tree, int64_t from_day, int64_t to_day)
{
	struct disk *log;
	int r = store_log_of(
	    p->s, p->id, tree, from_day - p->around, to_day + p->around, &log);

	if (r < 0)
		return r;
	r = p->fn(p->arg, log, from_day, to_day);
	disk_close(log);
	return r;
}

static int
tell_spans(const struct spans *p, const struct store_tolds *t, int64_t from_day,
    int64_t to_day)
{
	int64_t tree = store_tree_of(t, from_day);
	int64_t first = from_day;
	int r = 0;

	for (int64_t day = from_day; r == 0 && day <= to_day; day++) {
		int64_t teller = store_tree_of(t, day);

		if (teller == tree)
			continue;
		r = tell_span(p, tree, first, day - 1);
		tree = teller;
		first = day;
	}
	return r != 0 ? r : tell_span(p, tree, first, to_day);
}

int
store_spans(struct store *s, const char *key, int64_t from_day, int64_t to_day,
    int around,
    int (*fn)(void *arg, struct disk *log, int64_t from_day, int64_t to_day),
    void *arg)
{
	struct spans p = { .s = s, .around = around, .fn = fn, .arg = arg };
	struct store_tolds *t = malloc(sizeof(*t));
	int r = t == NULL ? -ENOMEM : store_id(key, &p.id);

	if (r == 0)
		r = store_tolds(s, p.id, t);
	if (r == 0 && t->n == 0)
		r = -ENOENT;
	if (r == 0)
		r = tell_spans(&p, t, from_day, to_day);
	free(t);
	return r;
}
