/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/calendar.h"

#define USE_NONE (-1)
#define USE_OWN WEEKDAYS

struct calendar {
	const struct schedule *schedule;
	struct entry *entries; /* by id, then order */
	size_t n;
	const struct entry **weekday[WEEKDAYS]; /* the standing timetable's */
	size_t n_weekday[WEEKDAYS];
	const struct entry **campaigns; /* slots of campaigns */
	size_t n_campaigns;
	const struct entry **extras; /* slots of dates, by date */
	size_t n_extras;
	const struct date_rule **dates; /* by date */
	const struct programme **programmes; /* by week, then slot */
	size_t n_programmes;
	const struct entry **today; /* what calendar_day() returned */
};

static int
by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_id(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int c = strcmp(x->slot->id, y->slot->id);

	return c != 0 ? c : by_number((int64_t)x->order, (int64_t)y->order);
}

static int
by_date(const void *a, const void *b)
{
	const struct date_rule *const *x = a;
	const struct date_rule *const *y = b;

	return by_number((*x)->day, (*y)->day);
}

static int
by_extra_date(const void *a, const void *b)
{
	const struct entry *const *x = a;
	const struct entry *const *y = b;
	int c = by_number((*x)->date->day, (*y)->date->day);

	return c != 0 ? c
		      : by_number((int64_t)(*x)->order, (int64_t)(*y)->order);
}

static int
by_week(const void *a, const void *b)
{
	const struct programme *const *x = a;
	const struct programme *const *y = b;
	int c = by_number((*x)->monday, (*y)->monday);

	if (c == 0)
		c = strcmp((*x)->slot, (*y)->slot);
	return c != 0 ? c : by_number((*x)->line, (*y)->line);
}

static size_t
count_slots(const struct schedule *s)
{
	size_t n = s->n_slots;

	for (size_t i = 0; i < s->n_campaigns; i++)
		n += s->campaigns[i].n_slots;
	for (size_t i = 0; i < s->n_dates; i++)
		n += s->dates[i].n_extra;
	return n;
}

static void
add_slots(struct calendar *c, const struct slot *slots, size_t n,
    const struct campaign *campaign, const struct date_rule *date,
    size_t *order)
{
	for (size_t i = 0; i < n; i++, (*order)++)
		if (slots[i].id != NULL)
			c->entries[c->n++] = (struct entry){
				.slot = &slots[i],
				.campaign = campaign,
				.date = date,
				.order = *order,
			};
}

static void
collect(struct calendar *c)
{
	const struct schedule *s = c->schedule;
	size_t order = 0;

	add_slots(c, s->slots, s->n_slots, NULL, NULL, &order);
	for (size_t i = 0; i < s->n_campaigns; i++)
		add_slots(c, s->campaigns[i].slots, s->campaigns[i].n_slots,
		    &s->campaigns[i], NULL, &order);
	for (size_t i = 0; i < s->n_dates; i++)
		add_slots(c, s->dates[i].extra, s->dates[i].n_extra, NULL,
		    &s->dates[i], &order);
	qsort(c->entries, c->n, sizeof(*c->entries), by_id);
}

/* Entries by what decides whether a date has them. */
static void
sort_out(struct calendar *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct entry *e = &c->entries[i];

		if (e->campaign != NULL)
			c->campaigns[c->n_campaigns++] = e;
		else if (e->date != NULL)
			c->extras[c->n_extras++] = e;
		else
			for (int d = 0; d < WEEKDAYS; d++)
				if ((e->slot->days & 1u << d) != 0)
					c->weekday[d][c->n_weekday[d]++] = e;
	}
	qsort(c->extras, c->n_extras, sizeof(*c->extras), by_extra_date);
}

static bool
allocate(struct calendar *c, size_t n)
{
	const struct schedule *s = c->schedule;

	for (int d = 0; d < WEEKDAYS; d++) {
		c->weekday[d] = calloc(n + 1, sizeof(*c->weekday[d]));
		if (c->weekday[d] == NULL)
			return false;
	}
	c->entries = calloc(n + 1, sizeof(*c->entries));
	c->campaigns = calloc(n + 1, sizeof(*c->campaigns));
	c->extras = calloc(n + 1, sizeof(*c->extras));
	c->today = calloc(n + 1, sizeof(*c->today));
	c->dates = calloc(s->n_dates + 1, sizeof(*c->dates));
	c->programmes = calloc(s->n_programmes + 1, sizeof(*c->programmes));
	return c->entries != NULL && c->campaigns != NULL &&
	       c->extras != NULL && c->today != NULL && c->dates != NULL &&
	       c->programmes != NULL;
}

int
calendar_make(const struct schedule *s, struct calendar **ret_calendar)
{
	struct calendar *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->schedule = s;
	if (!allocate(c, count_slots(s))) {
		calendar_free(c);
		return -ENOMEM;
	}
	collect(c);
	sort_out(c);
	for (size_t i = 0; i < s->n_dates; i++)
		c->dates[i] = &s->dates[i];
	qsort(c->dates, s->n_dates, sizeof(*c->dates), by_date);
	for (size_t i = 0; i < s->n_programmes; i++)
		if (s->programmes[i].slot != NULL)
			c->programmes[c->n_programmes++] = &s->programmes[i];
	qsort(c->programmes, c->n_programmes, sizeof(*c->programmes), by_week);
	*ret_calendar = c;
	return 0;
}

struct calendar *
calendar_free(struct calendar *c)
{
	if (c == NULL)
		return NULL;
	for (int d = 0; d < WEEKDAYS; d++)
		free(c->weekday[d]);
	free(c->entries);
	free(c->campaigns);
	free(c->extras);
	free(c->dates);
	free(c->programmes);
	free(c->today);
	free(c);
	return NULL;
}

const struct entry *
calendar_entries(const struct calendar *c, size_t *ret_n)
{
	*ret_n = c->n;
	return c->entries;
}

const struct entry *
calendar_named(const struct calendar *c, const char *id, size_t *ret_n)
{
	size_t lo = 0;
	size_t hi = c->n;
	size_t n = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(c->entries[mid].slot->id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < c->n && strcmp(c->entries[lo + n].slot->id, id) == 0)
		n++;
	*ret_n = n;
	return n > 0 ? &c->entries[lo] : NULL;
}

static const struct date_rule *
rule_of(const struct calendar *c, int64_t day)
{
	struct date_rule wanted = { .day = day };
	const struct date_rule *key = &wanted;
	const struct date_rule **found = bsearch(
	    &key, c->dates, c->schedule->n_dates, sizeof(*c->dates), by_date);

	return found != NULL ? *found : NULL;
}

/* Whose weekday's plan a date follows, or USE_NONE. */
static int
weekday_of(const struct calendar *c, int64_t day)
{
	const struct date_rule *rule = rule_of(c, day);

	if (rule == NULL || rule->use == USE_OWN)
		return (int)civil_weekday(day);
	return rule->use;
}

/* From, until and every count the real date, also on a swapped day. */
static bool
in_season(const struct slot *s, int64_t day)
{
	int64_t weeks;

	if (day < s->from_day || day > s->until_day)
		return false;
	if (s->every <= 1)
		return true;
	weeks = ((day - civil_weekday(day)) -
		    (s->from_day - civil_weekday(s->from_day))) /
		7;
	return weeks % s->every == 0;
}

static bool
has(const struct entry *e, int64_t day, int weekday)
{
	if (e->date != NULL)
		return e->date->day == day;
	if (weekday == USE_NONE || (e->slot->days & 1u << weekday) == 0)
		return false;
	if (e->campaign != NULL &&
	    (day < e->campaign->from_day || day > e->campaign->until_day))
		return false;
	return in_season(e->slot, day);
}

/* The first extra slot of that date or a later one. */
static size_t
extras_from(const struct calendar *c, int64_t day)
{
	size_t lo = 0;
	size_t hi = c->n_extras;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->extras[mid]->date->day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct entry *const *
calendar_day(struct calendar *c, int64_t day, size_t *ret_n)
{
	int weekday = weekday_of(c, day);
	size_t n = 0;

	if (weekday != USE_NONE)
		for (size_t i = 0; i < c->n_weekday[weekday]; i++)
			if (has(c->weekday[weekday][i], day, weekday))
				c->today[n++] = c->weekday[weekday][i];
	for (size_t i = 0; i < c->n_campaigns; i++)
		if (has(c->campaigns[i], day, weekday))
			c->today[n++] = c->campaigns[i];
	for (size_t i = extras_from(c, day);
	     i < c->n_extras && c->extras[i]->date->day == day; i++)
		c->today[n++] = c->extras[i];
	*ret_n = n;
	return c->today;
}

const struct entry *
calendar_find(const struct calendar *c, const char *id, int64_t day)
{
	int weekday = weekday_of(c, day);
	size_t n;
	const struct entry *e = calendar_named(c, id, &n);

	for (size_t i = 0; i < n; i++)
		if (has(&e[i], day, weekday))
			return &e[i];
	return NULL;
}

const struct programme *const *
calendar_programmes(const struct calendar *c, size_t *ret_n)
{
	*ret_n = c->n_programmes;
	return c->programmes;
}

static int
to_week(const void *key, const void *element)
{
	const struct programme *wanted = key;
	const struct programme *const *p = element;
	int c = by_number(wanted->monday, (*p)->monday);

	return c != 0 ? c : strcmp(wanted->slot, (*p)->slot);
}

const struct programme *
calendar_programme(const struct calendar *c, const char *slot, int64_t day)
{
	struct programme wanted = {
		.monday = day - civil_weekday(day),
		.slot = (char *)(uintptr_t)slot,
	};
	const struct programme **found = bsearch(&wanted, c->programmes,
	    c->n_programmes, sizeof(*c->programmes), to_week);

	return found != NULL ? *found : NULL;
}
