/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>

#include "ctl/uses.h"
#include "scheduler/schedule.h"

struct asking {
	const struct root *root;
	const struct office *office;
	int64_t from_day;
	int64_t to_day;
	int (*fn)(void *arg, const char *station, const struct planned *p);
	void *arg;
};

static struct schedule *
read_schedule(
    const struct root *root, const char *station, int64_t from, int64_t to)
{
	struct problems ps = { 0 };
	struct schedule *s = NULL;

	if (schedule_read(root->schedules, station, from, to, &ps, &s) < 0)
		s = NULL;
	problems_free(&ps);
	return s;
}

static int
ask_station(void *arg, const char *station)
{
	struct asking *a = arg;
	struct schedule *s =
	    read_schedule(a->root, station, a->from_day, a->to_day);
	struct plan *p = NULL;
	int r = 0;

	if (s != NULL)
		r = a->office != NULL
			? office_plan(a->office, s, a->from_day, a->to_day, &p)
			: plan_make(s, a->from_day, a->to_day, &p);
	for (size_t i = 0; p != NULL && r == 0 && i < p->n; i++)
		r = a->fn(a->arg, station, &p->slots[i]);
	plan_free(p);
	schedule_free(s);
	return r;
}

int
uses_each(const struct root *root, const struct office *o, int64_t from_day,
    int64_t to_day,
    int (*fn)(void *arg, const char *station, const struct planned *p),
    void *arg)
{
	struct asking a = { root, o, from_day, to_day, fn, arg };
	int r = schedule_stations(root->schedules, ask_station, &a);

	return r == -ENOENT ? 0 : r;
}

struct titles {
	const struct root *root;
	json_t *map;
};

static int
add_titles(void *arg, const char *station)
{
	struct titles *t = arg;
	struct schedule *s = read_schedule(t->root, station, 0, 0);

	for (size_t i = 0; s != NULL && i < s->n_segments; i++)
		json_object_set_new(t->map, s->segments[i].id,
		    json_string(s->segments[i].title));
	schedule_free(s);
	return 0;
}

json_t *
uses_segments(const struct root *root)
{
	struct titles t = { root, json_object() };

	if (t.map != NULL)
		schedule_stations(root->schedules, add_titles, &t);
	return t.map;
}
