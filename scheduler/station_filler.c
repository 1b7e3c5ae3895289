/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/mourning.h"
#include "scheduler/station_hall.h"

#define JOIN_US US_PER_MIN /* a shorter gap ends no session: rules.h */
#define LOAD_US (1500 * US_PER_MS) /* from an item's load to its sound */
#define LAY_AHEAD_US (6 * US_PER_S) /* the next one behind it */
#define WORTH_US (2 * US_PER_S) /* a shorter gap stays silent */
#define SPOILED_WAIT_US US_PER_MIN /* when not one of the items may air */

/* A slot of slot "" that no sheet has, and its run; as an order's. */
struct filler {
	struct planned planned; /* its items are the timetable's gap_filler */
	struct run run; /* its planned is the one above */
	size_t next; /* item to be laid */
	int64_t retry_us; /* wall: not before */
	int64_t begin_us; /* wall: what is laid begins then */
	int64_t filled_us; /* wall: what is laid reaches until then; 0 no */
	int64_t until_us; /* ... and may not go beyond this */
};

static struct filler *
filler_free(struct filler *f)
{
	if (f == NULL)
		return NULL;
	planned_clear(&f->planned);
	free(f->run.items);
	json_decref(f->run.airings);
	free(f);
	return NULL;
}

static bool
copy_items(struct planned *p, char *const *items, size_t n)
{
	p->items = calloc(n + 1, sizeof(*p->items));
	for (; p->items != NULL && p->n_items < n; p->n_items++) {
		p->items[p->n_items] = strdup(items[p->n_items]);
		if (p->items[p->n_items] == NULL)
			return false;
	}
	return p->items != NULL;
}

static struct filler *
filler_make(char *const *items, size_t n)
{
	struct filler *f = calloc(1, sizeof(*f));
	struct planned *p;

	if (f == NULL)
		return NULL;
	p = &f->planned;
	p->slot = strdup("");
	p->ref = strdup("");
	p->segment = strdup("");
	p->title = strdup("");
	p->language = strdup("");
	p->file = "";
	p->content = CONTENT_FILLER;
	f->run.p = p;
	f->run.beside = true;
	f->run.items = calloc(n + 1, sizeof(*f->run.items));
	f->run.airings = json_array();
	if (!copy_items(p, items, n) || p->slot == NULL || p->ref == NULL ||
	    p->segment == NULL || p->title == NULL || p->language == NULL ||
	    f->run.items == NULL || f->run.airings == NULL)
		return filler_free(f);
	return f;
}

void
hall_free_filler(struct station *st)
{
	st->filler = filler_free(st->filler);
}

void
hall_drop_filler(struct station *st, struct now now, const char *why)
{
	if (st->filler == NULL)
		return;
	st->filler->filled_us = 0;
	hall_drop_run(st, now, &st->filler->run, why);
}

/* The timetable may have other items since. */
static bool
is_current(const struct filler *f, const struct schedule *s)
{
	if (f->planned.n_items != s->n_gap_filler)
		return false;
	for (size_t i = 0; i < s->n_gap_filler; i++)
		if (strcmp(f->planned.items[i], s->gap_filler[i]) != 0)
			return false;
	return true;
}

/* With the items in force; NULL when there are none, or older ones still
 * sound. */
static struct filler *
filler_of(struct station *st, struct now now)
{
	static const struct schedule none;
	const struct schedule *s = st->schedule != NULL ? st->schedule : &none;

	if (st->filler != NULL && !is_current(st->filler, s)) {
		hall_drop_filler(st, now, "cancelled");
		if (st->filler->run.open > 0)
			return NULL;
		st->filler = filler_free(st->filler);
	}
	if (st->filler == NULL && s->n_gap_filler > 0)
		st->filler = filler_make(s->gap_filler, s->n_gap_filler);
	return st->filler;
}

/* What the plan leaves free. */
struct gap {
	int64_t from_us; /* what is planned sounds until then */
	int64_t until_us; /* 0: nothing is free */
	int64_t next_us; /* something planned begins; NEVER */
};

/* Where its sound ends, as laid out. */
static int64_t
laid_until(const struct run *r)
{
	const struct part *last = &r->parts[r->n_parts - 1];

	return earlier(r->stop_us, last->start_us + frames_us(last->frames));
}

/* What a run takes of the air: a relay all of its time, another one what is
 * laid out, or what it still waits for. */
static void
take(struct gap *g, const struct run *r, int64_t now_us)
{
	bool is_relay = r->p->content == CONTENT_RELAY;
	bool waits = r->state == RUN_WAITING && !r->ended;
	int64_t from_us = r->p->start_us;

	if (r->state == RUN_LAID && r->n_parts > 0) {
		from_us = r->parts[0].start_us;
		if (from_us <= now_us)
			g->from_us = later(g->from_us, laid_until(r));
	} else if ((!is_relay && !waits) || r->p->end_us <= now_us) {
		return;
	} else if (from_us <= now_us) {
		g->until_us = 0;
	}
	if (from_us <= now_us)
		return;
	g->until_us = earlier(g->until_us, from_us);
	g->next_us = earlier(g->next_us, from_us);
}

/* The end of the session that this instant lies in, or 0. */
static int64_t
session_end(const struct station *st, int64_t now_us)
{
	int64_t from_us = NEVER;
	int64_t to_us = 0;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct planned *p = st->days[i]->runs[k]->p;

			if (p->start_us > to_us + JOIN_US) {
				if (from_us <= now_us && now_us < to_us)
					return to_us;
				from_us = p->start_us;
			}
			to_us = later(to_us, p->end_us);
		}
	return from_us <= now_us && now_us < to_us ? to_us : 0;
}

static struct gap
gap_at(const struct station *st, struct now now)
{
	struct gap g = { .until_us = session_end(st, now.wall_us),
		.next_us = NEVER };

	g.until_us = earlier(g.until_us, hall_fence_end(st, now.wall_us));
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++)
			take(&g, st->days[i]->runs[k], now.wall_us);
	return g;
}

/* Nothing holds the air back, and nobody has asked for it. */
static bool
may_fill(const struct station *st, struct now now)
{
	int64_t today;
	int second;

	if (st->n_orders > 0 || hall_hold_of(st, now) != NULL)
		return false;
	civil_from_us(now.wall_us, &today, &second);
	return mourning_on(st->schedule, today) == NULL;
}

static bool
lay_next(struct station *st, struct filler *f, int64_t at_us, int64_t until_us,
    struct now now)
{
	int64_t length_us;
	size_t item = f->next;

	f->next = (f->next + 1) % f->planned.n_items;
	if (hall_load_beside(st, &f->run, item, at_us, until_us,
		hall_fence_end(st, now.wall_us), &length_us, now) < 0)
		return false;
	f->filled_us = at_us + length_us;
	return true;
}

/* One more item, until the gap is over; those that may not air are passed
 * over. */
static void
lay(struct station *st, struct filler *f, int64_t at_us, int64_t until_us,
    struct now now)
{
	int second;

	f->planned.start_us = at_us;
	f->planned.end_us = until_us;
	civil_from_us(now.wall_us, &f->planned.day, &second);
	f->until_us = until_us;
	if (f->run.open == 0)
		f->begin_us = at_us;
	for (size_t i = 0; i < f->planned.n_items; i++)
		if (lay_next(st, f, at_us, until_us, now))
			return;
	f->retry_us = now.wall_us + SPOILED_WAIT_US;
}

/* What is planned comes sooner than was known, as after a reload. */
static void
yield(struct station *st, struct filler *f, const struct gap *g, struct now now)
{
	if (f->run.open > 0 && (g->until_us == 0 || g->from_us > f->begin_us ||
				   g->until_us < f->until_us))
		hall_drop_filler(st, now, "preempted");
}

static int64_t
fill(struct station *st, struct filler *f, const struct gap *g, struct now now)
{
	int64_t at_us = later(now.wall_us + LOAD_US, g->from_us);

	if (f->run.open > 0)
		at_us = f->filled_us;
	/* Dropped, or the next one is loaded: a receipt will wake us. */
	if (f->run.open > 1 || (f->run.open > 0 && f->filled_us == 0))
		return NEVER;
	if (f->run.ended && now.wall_us < f->until_us)
		return f->until_us; /* a person skipped it */
	f->run.ended = false;
	if (now.wall_us < f->retry_us)
		return f->retry_us;
	if (at_us + WORTH_US > g->until_us)
		return NEVER; /* the end of the gap is a run's to wake for */
	if (at_us - LAY_AHEAD_US > now.wall_us)
		return at_us - LAY_AHEAD_US;
	lay(st, f, at_us, g->until_us, now);
	return now.wall_us + US_PER_S;
}

int64_t
hall_turn_filler(struct station *st, struct now now)
{
	struct filler *f = filler_of(st, now);
	const char *hold = hall_hold_of(st, now);
	struct gap g;

	if (f == NULL)
		return NEVER;
	if (!may_fill(st, now)) {
		hall_drop_filler(st, now, hold != NULL ? hold : "preempted");
		return NEVER;
	}
	g = gap_at(st, now);
	yield(st, f, &g, now);
	return g.until_us == 0 ? g.next_us
			       : earlier(g.next_us, fill(st, f, &g, now));
}
