/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/record.h"
#include "evidence/store_dates.h"

#define FIRST_DAY 10957 /* 2000-01-01 */
#define LAST_DAY 47481 /* 2099-12-31 */

int
store_dates_add(struct store_dates *d, int64_t day)
{
	int64_t *grown;

	if (day < FIRST_DAY || day > LAST_DAY ||
	    (d->n > 0 && d->list[d->n - 1] == day))
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

int
store_dates_outage(struct store_dates *d, const json_t *op)
{
	struct store_outage *grown;
	int64_t from_us, to_us, from, to;
	int second;

	if (strcmp(record_text(op, "op"), "outage") != 0 ||
	    civil_read_utc(record_text(op, "from_utc"), &from_us) < 0 ||
	    civil_read_utc(record_text(op, "to_utc"), &to_us) < 0)
		return 0;
	civil_from_us(from_us, &from, &second);
	civil_from_us(to_us, &to, &second);
	if (d->outages_n == d->outages_room) {
		d->outages_room =
		    d->outages_room == 0 ? 16 : d->outages_room * 2;
		grown =
		    reallocarray(d->outages, d->outages_room, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		d->outages = grown;
	}
	d->outages[d->outages_n++] =
	    (struct store_outage){ later(from, to - STORE_AHEAD_DAYS), to };
	return 0;
}

static int
by_from(const void *a, const void *b)
{
	const struct store_outage *p = a;
	const struct store_outage *q = b;

	return (p->from > q->from) - (p->from < q->from);
}

struct sweep { /* over dates in order */
	struct store_dates *d;
	size_t i; /* of the outages, in order of their beginning */
	int64_t reach; /* the last date of those that have begun */
};

static int
sweep_date(void *arg, const struct sql_value *columns)
{
	struct sweep *w = arg;
	const struct store_dates *d = w->d;
	int64_t day = columns[0].i;

	for (; w->i < d->outages_n && d->outages[w->i].from <= day; w->i++)
		w->reach = later(w->reach, d->outages[w->i].to);
	return day <= w->reach ? store_dates_add(w->d, day) : 0;
}

int
store_dates_cost(struct store_dates *d, struct store *s, int64_t id)
{
	struct sweep w = { .d = d, .reach = INT64_MIN };
	const struct sql_value v[] = { SQL_NUMBER(id) };

	if (d->outages_n == 0)
		return 0;
	qsort(d->outages, d->outages_n, sizeof(d->outages[0]), by_from);
	return s->sql->run(s->sql,
	    "SELECT DISTINCT day FROM daysum WHERE station = $1 ORDER BY day",
	    v, 1, 0, sweep_date, &w);
}

static int
by_number(const void *a, const void *b)
{
	int64_t p = *(const int64_t *)a;
	int64_t q = *(const int64_t *)b;

	return (p > q) - (p < q);
}

void
store_dates_settle(struct store_dates *d)
{
	size_t n = 0;

	if (d->n == 0)
		return;
	qsort(d->list, d->n, sizeof(d->list[0]), by_number);
	for (size_t i = 0; i < d->n; i++)
		if (n == 0 || d->list[n - 1] != d->list[i])
			d->list[n++] = d->list[i];
	d->n = n;
}

void
store_dates_clear(struct store_dates *d)
{
	d->n = 0;
	d->outages_n = 0;
}

void
store_dates_free(struct store_dates *d)
{
	free(d->list);
	free(d->outages);
	memset(d, 0, sizeof(*d));
}
