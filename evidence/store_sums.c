/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/json_arena.h"
#include "evidence/record.h"
#include "evidence/store_sums.h"

#define SPAN_DAYS 31 /* dates summed at once: what they take of memory */
#define ASTRAY 1 /* not to be mixed up with an errno */

/* The records --------------------------------------------------------------- */

int
store_records_add(struct store_records *l, struct store_record of)
{
	int64_t seq = record_int(of.r, "seq", -1);
	struct store_record *grown;

	if (l->all++ == 0)
		l->first_seq = seq;
	else if (seq <= l->last_seq)
		l->astray = true;
	l->last_seq = seq;
	snprintf(
	    l->last_utc, sizeof(l->last_utc), "%s", record_text(of.r, "utc"));
	if (!tally_asks(of.kind))
		return 0;
	if (l->n == l->room) {
		l->room = l->room == 0 ? 256 : l->room * 2;
		grown = reallocarray(l->list, l->room, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		l->list = grown;
	}
	json_incref(of.r);
	l->list[l->n++] = of;
	return 0;
}

void
store_records_clear(struct store_records *l)
{
	for (size_t i = 0; i < l->n && !json_arena_is_on(); i++)
		json_decref(l->list[i].r);
	l->n = 0;
	l->all = 0;
	l->last_seq = 0;
	l->astray = false;
	l->last_utc[0] = '\0';
}

void
store_records_free(struct store_records *l)
{
	store_records_clear(l);
	free(l->list);
	memset(l, 0, sizeof(*l));
}

/* A span of dates ----------------------------------------------------------- */

struct span {
	const struct store_sums *u;
	int64_t from;
	int64_t to;
	int64_t from_us; /* what has no date, from here on */
	int64_t until_us;
	int64_t month; /* that it may have been written in first */
	struct tally_reader *reader;
	int64_t last_seq; /* of the rows */
	bool astray;
};

/* Of the others, one whose date is none is of no date. As take_rows() asks. */
static bool
needs_no_day(int kind)
{
	return kind == KIND_BOOT || kind == KIND_CLOCK || kind == KIND_OP;
}

/* Has it a word in the sums of these dates? As store_log() has it. */
static bool
is_asked(const struct span *p, const struct store_record *r)
{
	if (r->month < p->month)
		return false;
	if (r->day != STORE_NO_DAY)
		return r->day >= p->from - 1 && r->day <= p->to + 1;
	return needs_no_day(r->kind) && r->at_us >= p->from_us &&
	       r->at_us < p->until_us;
}

static int
take_records(const struct span *p)
{
	const struct store_records *l = p->u->records;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (is_asked(p, &l->list[i]))
			r = tally_take(
			    p->reader, l->list[i].kind, l->list[i].r);
	return r;
}

/* Of a number that is there twice the first counts. */
static int
take_row(void *arg, const struct sql_value *c)
{
	struct span *p = arg;
	int kind = record_kind(c[1].s, c[1].n);
	json_t *rec;
	int r;

	p->astray = p->astray || c[0].i >= p->u->records->first_seq;
	if (p->astray || c[0].i <= p->last_seq || !tally_asks(kind) ||
	    record_parse(c[1].s, c[1].n, &rec) < 0)
		return 0;
	p->last_seq = c[0].i;
	r = tally_take(p->reader, kind, rec);
	json_decref(rec);
	return r;
}

/* The rows that were there before. */
static int
take_rows(struct span *p)
{
	static const char text[] =
	    "SELECT seq, line FROM leaf WHERE station = $1 AND tree = $2"
	    " AND leaf < $3 AND month >= $4 AND seq IS NOT NULL"
	    " AND ((day IS NULL AND at_us >= $5 AND at_us < $6"
	    " AND kind IN ('boot', 'clock', 'op')) OR day BETWEEN $7 AND $8)"
	    " ORDER BY seq";
	struct sql *q = p->u->s->sql;

	return q->run(q, text,
	    (struct sql_value[]){ SQL_NUMBER(p->u->id), SQL_NUMBER(p->u->tree),
		SQL_NUMBER(p->u->before), SQL_NUMBER(p->month),
		SQL_NUMBER(p->from_us), SQL_NUMBER(p->until_us),
		SQL_NUMBER(p->from - 1), SQL_NUMBER(p->to + 1) },
	    8, 2, take_row, p);
}

/* ASTRAY: what came belongs between what was there. */
static int
tell(struct span *p, struct tally **ret)
{
	const struct store_sums *u = p->u;
	int r = tally_begin("", p->from, p->to, &p->reader);

	if (r < 0)
		return r;
	if (u->before > 0)
		r = take_rows(p);
	if (r == 0 && p->astray)
		r = ASTRAY;
	if (r == 0)
		r = take_records(p);
	if (r == 0)
		return tally_end(p->reader, u->records->last_utc, ret);
	tally_drop(p->reader);
	return r;
}

/* Out of the rows alone, which are there then. */
static int
sum_rows(const struct store_sums *u, int64_t tree, int64_t from, int64_t to)
{
	int r = u->s->sql->flush(u->s->sql);

	return r == 0 ? store_sum_days(u->s, u->id, tree, from, to) : r;
}

static int
sum_span(const struct store_sums *u, int64_t from, int64_t to)
{
	struct span p = { .u = u,
		.from = from,
		.to = to,
		.from_us = civil_to_us(from - STORE_BACK_DAYS, 0),
		.until_us = civil_to_us(to + STORE_AHEAD_DAYS, 0),
		.last_seq = -1 };
	struct tally *t;
	int r;

	p.month = store_month(p.from_us / US_PER_DAY);
	r = u->records->astray ? ASTRAY : tell(&p, &t);

	if (r == ASTRAY)
		return sum_rows(u, u->tree, from, to);
	if (r < 0)
		return r;
	r = store_put_sums(u->s, u->id, t, u->before > 0, from, to);
	tally_free(t);
	return r;
}

/* Of a station with several trees each date is told by one of them. */
static int
sum_told(const struct store_sums *u, const struct store_tolds *t, int64_t from,
    int64_t to)
{
	return u->alone ? sum_span(u, from, to)
			: sum_rows(u, store_tree_of(t, from), from, to);
}

static int
sum_spans(const struct store_sums *u, const struct store_dates *d,
    const struct store_tolds *t)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n;) {
		int64_t from = d->list[i];
		int64_t tree = store_tree_of(t, from);
		int64_t to = from;

		while (i < d->n && d->list[i] < from + SPAN_DAYS &&
		       store_tree_of(t, d->list[i]) == tree)
			to = d->list[i++];
		r = sum_told(u, t, from, to);
	}
	return r;
}

int
store_sums_make(const struct store_sums *u, const struct store_dates *d)
{
	struct store_tolds *t;
	int r = 0;

	if (d->n == 0)
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	if (!u->alone)
		r = u->s->sql->flush(u->s->sql);
	if (r == 0 && !u->alone)
		r = store_tolds(u->s, u->id, t);
	if (r == 0)
		r = sum_spans(u, d, t);
	free(t);
	return r;
}
