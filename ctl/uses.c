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

struct besides {
	const struct root *root;
	int (*fn)(void *arg, const char *item, const char *station,
	    const char *relay);
	void *arg;
};

static int
ask_gaps(void *arg, const char *station)
{
	struct besides *b = arg;
	struct schedule *s = read_schedule(b->root, station, 0, 0);
	int r = 0;

	for (size_t i = 0; s != NULL && i < s->n_gap_filler && r == 0; i++)
		r = b->fn(b->arg, s->gap_filler[i], s->name, NULL);
	schedule_free(s);
	return r;
}

int
uses_beside(const struct root *root, const struct site *site,
    int (*fn)(
	void *arg, const char *item, const char *station, const char *relay),
    void *arg)
{
	struct besides b = { root, fn, arg };
	int r = schedule_stations(root->schedules, ask_gaps, &b);

	for (size_t i = 0; i < site->n_relays; i++) {
		const struct site_relay *relay = &site->relays[i];

		for (size_t k = 0; k < relay->n_fallback; k++) {
			if (r != 0 && r != -ENOENT)
				return r;
			r = fn(arg, relay->fallback[k], NULL, relay->title);
		}
	}
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
