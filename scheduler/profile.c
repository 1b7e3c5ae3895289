/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "scheduler/profile.h"

#define PROFILE_BYTES_MAX (256 << 10) /* far above any real one */
#define HOURS_MAX 100 /* windows: a fortnight of hours */
#define EXCEPTIONS_MAX 1000 /* ten years of weekends */
#define VOLUME_MAX 24
#define LOOK_AHEAD_DAYS 8 /* for the end of the allowed hours */
#define ALL_DAYS 0x7fu

static const char *const keys[] = { PROFILE_KEYS, "title", NULL };
static const char *const hours_keys[] = { "days", "from", "to", NULL };
static const char *const exception_keys[] = { "date", "reason", "from", "to",
	NULL };
static const char *const volume_keys[] = { "from", "to", "gain_db", NULL };

int
profile_init(struct profile *p)
{
	*p = (struct profile){
		.id = strdup(""),
		.title = strdup(""),
		.days = ALL_DAYS,
		.noon = true,
		.count_relay = true,
	};
	return p->id == NULL || p->title == NULL ? -ENOMEM : 0;
}

static void
clear_exceptions(struct profile *p)
{
	for (size_t i = 0; i < p->n_exceptions; i++)
		free(p->exceptions[i].reason);
	free(p->exceptions);
	p->exceptions = NULL;
	p->n_exceptions = 0;
}

void
profile_clear(struct profile *p)
{
	clear_exceptions(p);
	free(p->id);
	free(p->title);
	free(p->hours);
	free(p->volume);
	*p = (struct profile){ 0 };
}

/* Both times, in order; a problem otherwise. */
static void
take_window(struct cfg *c, const config_setting_t *g, int *from_s, int *to_s)
{
	if (!cfg_time(c, g, "from", CFG_REQUIRED, from_s) ||
	    !cfg_time(c, g, "to", CFG_REQUIRED, to_s))
		return;
	if (*from_s >= *to_s)
		cfg_problem(c, g,
		    _("the hours end before they begin; let \"to\" be after "
		      "\"from\", and write hours across midnight as two "
		      "entries"));
}

/* An optional list of the root as n zeroed entries of `size` bytes, in place
 * of *ret's; false when there is nothing to read. */
static bool
take_list(struct cfg *c, const char *key, size_t max, size_t size,
    const config_setting_t **ret_list, void *ret, size_t *ret_n, int *error)
{
	void **place = ret;
	size_t n;

	if (!cfg_list(c, cfg_root(c), key, CFG_OPTIONAL, max, ret_list, &n))
		return false;
	free(*place);
	*ret_n = 0;
	*place = calloc(n + 1, size);
	if (*place == NULL) {
		*error = -ENOMEM;
		return false;
	}
	*ret_n = n;
	return true;
}

static int
take_hours(struct cfg *c, struct profile *p)
{
	const config_setting_t *list;
	int error = 0;

	if (!take_list(c, "hours", HOURS_MAX, sizeof(*p->hours), &list,
		&p->hours, &p->n_hours, &error))
		return error;
	p->has_hours = true;
	for (size_t i = 0; i < p->n_hours; i++) {
		const config_setting_t *g = cfg_at(list, i);
		struct profile_hours *h = &p->hours[i];

		if (g == NULL)
			continue;
		cfg_known(c, g, hours_keys);
		cfg_days(c, g, "days", CFG_REQUIRED, &h->days);
		take_window(c, g, &h->from_s, &h->to_s);
	}
	return 0;
}

static void
take_exception(
    struct cfg *c, const config_setting_t *g, struct profile_exception *e)
{
	e->day = INT64_MIN;
	cfg_known(c, g, exception_keys);
	cfg_date(c, g, "date", CFG_REQUIRED, &e->day);
	cfg_text(c, g, "reason", CFG_REQUIRED, &e->reason);
	if (cfg_has(g, "from") || cfg_has(g, "to"))
		take_window(c, g, &e->from_s, &e->to_s);
}

static int
take_exceptions(struct cfg *c, struct profile *p)
{
	const config_setting_t *list;
	int error = 0;

	if (cfg_has(cfg_root(c), "exceptions"))
		clear_exceptions(p);
	if (!take_list(c, "exceptions", EXCEPTIONS_MAX, sizeof(*p->exceptions),
		&list, &p->exceptions, &p->n_exceptions, &error))
		return error;
	for (size_t i = 0; i < p->n_exceptions; i++)
		if (cfg_at(list, i) != NULL)
			take_exception(c, cfg_at(list, i), &p->exceptions[i]);
	return 0;
}

static void
take_gain(struct cfg *c, const config_setting_t *g, struct profile_volume *v)
{
	double db;

	cfg_known(c, g, volume_keys);
	take_window(c, g, &v->from_s, &v->to_s);
	if (cfg_number(c, g, "gain_db", CFG_REQUIRED,
		PROFILE_GAIN_MIN_MDB / 1000.0, 0.0, "-6.0", &db))
		v->gain_mdb = (int)lrint(db * 1000.0);
}

static int
take_volume(struct cfg *c, struct profile *p)
{
	const config_setting_t *list;
	int error = 0;

	if (!take_list(c, "volume", VOLUME_MAX, sizeof(*p->volume), &list,
		&p->volume, &p->n_volume, &error))
		return error;
	for (size_t i = 0; i < p->n_volume; i++)
		if (cfg_at(list, i) != NULL)
			take_gain(c, cfg_at(list, i), &p->volume[i]);
	return 0;
}

static void
take_sessions(struct cfg *c, struct profile *p)
{
	const config_setting_t *root = cfg_root(c);

	cfg_days(c, root, "days", CFG_OPTIONAL, &p->days);
	cfg_bool(c, root, "noon", &p->noon);
	cfg_bool(c, root, "count_relay", &p->count_relay);
	cfg_int(c, root, "sessions_per_day", CFG_OPTIONAL, 1, 100,
	    &p->sessions_per_day);
	if (cfg_time(c, root, "session_longest", CFG_OPTIONAL, &p->session_s) &&
	    p->session_s == 0)
		cfg_problem(c,
		    config_setting_get_member(root, "session_longest"),
		    _("session_longest is zero; write a length, or leave the "
		      "line out for no limit"));
}

int
profile_take(struct cfg *c, struct profile *p)
{
	int r = take_hours(c, p);

	take_sessions(c, p);
	if (r == 0)
		r = take_exceptions(c, p);
	if (r == 0)
		r = take_volume(c, p);
	return r;
}

int
profile_read_file(const char *path, struct problems *ps, struct profile *p)
{
	size_t before = problems_count(ps);
	struct cfg *c = NULL;
	int r = cfg_open(path, path, PROFILE_BYTES_MAX, ps, &c);

	if (r < 0)
		return r;
	cfg_known(c, cfg_root(c), keys);
	cfg_text(c, cfg_root(c), "title", CFG_OPTIONAL, &p->title);
	r = profile_take(c, p);
	if (problems_count(ps) > before)
		r = -EINVAL;
	else if (cfg_no_memory(c))
		r = -ENOMEM;
	cfg_close(c);
	return r;
}

int
profile_read(
    const char *folder, const char *id, struct problems *ps, struct profile *p)
{
	char *path;
	char *copy = strdup(id);
	int r = -ENOMEM;

	if (asprintf(&path, "%s/%s.conf", folder, id) < 0)
		path = NULL;
	if (path != NULL && copy != NULL)
		r = profile_read_file(path, ps, p);
	if (r == 0) {
		free(p->id);
		p->id = copy;
		copy = NULL;
	}
	free(copy);
	free(path);
	return r;
}

const struct profile_exception *
profile_exception(const struct profile *p, int64_t day)
{
	for (size_t i = 0; i < p->n_exceptions; i++)
		if (p->exceptions[i].day == day)
			return &p->exceptions[i];
	return NULL;
}

static bool
day_is_open(const struct profile *p, int64_t day)
{
	return (p->days & (1u << civil_weekday(day))) != 0 ||
	       profile_exception(p, day) != NULL;
}

static bool
noon_is_open(const struct profile *p, int64_t day)
{
	return p->noon || profile_exception(p, day) != NULL;
}

/* A walk over the windows of one date. Hours lie at most in two pieces, around
 * a noon that is closed. */
struct walk {
	const struct profile *p;
	int64_t day;
	bool open;
	bool noon;
	size_t i; /* the next piece */
};

static struct walk
walk_from(const struct profile *p, int64_t day)
{
	return (struct walk){ p, day, day_is_open(p, day), noon_is_open(p, day),
		0 };
}

static struct profile_window
hours_piece(const struct walk *w, const struct profile_hours *h, bool after)
{
	struct profile_window piece = { h->from_s, h->to_s };

	if (w->noon)
		return after ? (struct profile_window){ 0, 0 } : piece;
	if (after && piece.from_s < PROFILE_NOON_TO)
		piece.from_s = PROFILE_NOON_TO;
	if (!after && piece.to_s > PROFILE_NOON_FROM)
		piece.to_s = PROFILE_NOON_FROM;
	return piece;
}

static bool
walk_next(struct walk *w, struct profile_window *ret)
{
	const struct profile *p = w->p;
	unsigned bit = 1u << civil_weekday(w->day);
	size_t n_pieces = 2 * p->n_hours;

	for (; w->open && w->i < n_pieces + p->n_exceptions; w->i++) {
		struct profile_window piece = { 0, 0 };
		size_t k = w->i - n_pieces;

		if (w->i >= n_pieces && p->exceptions[k].day == w->day)
			piece =
			    (struct profile_window){ p->exceptions[k].from_s,
				    p->exceptions[k].to_s };
		else if (w->i < n_pieces &&
			 (p->hours[w->i / 2].days & bit) != 0)
			piece =
			    hours_piece(w, &p->hours[w->i / 2], w->i % 2 == 1);
		if (piece.from_s >= piece.to_s)
			continue;
		*ret = piece;
		w->i++;
		return true;
	}
	return false;
}

static int
by_start(const void *a, const void *b)
{
	const struct profile_window *x = a;
	const struct profile_window *y = b;

	return x->from_s != y->from_s
		   ? (x->from_s > y->from_s) * 2 - 1
		   : (x->to_s > y->to_s) - (x->to_s < y->to_s);
}

size_t
profile_windows(const struct profile *p, int64_t day,
    struct profile_window *ret, size_t max)
{
	struct walk w = walk_from(p, day);
	struct profile_window one;
	size_t n = 0;

	for (; walk_next(&w, &one); n++)
		if (n < max)
			ret[n] = one;
	if (max > 0)
		qsort(ret, n < max ? n : max, sizeof(*ret), by_start);
	return n;
}

/* The latest end of the windows that hold this local time; 0: none does. */
static int
window_end(const struct profile *p, int64_t day, int second)
{
	struct walk w = walk_from(p, day);
	struct profile_window one;
	int end = 0;

	while (walk_next(&w, &one))
		if (second >= one.from_s && second < one.to_s && one.to_s > end)
			end = one.to_s;
	return end;
}

bool
profile_allows(const struct profile *p, int64_t us, int64_t *ret_end_us)
{
	int64_t day, last, end_us;
	int second, end;

	civil_from_us(us, &day, &second);
	end = window_end(p, day, second);
	if (end == 0)
		return false;
	last = day + LOOK_AHEAD_DAYS;
	while (end != 0 && day < last) {
		second = end;
		if (second == SECONDS_PER_DAY) {
			second = 0;
			day++;
		}
		end = window_end(p, day, second);
	}
	/* P1: in the second pass of a doubled hour the window may be over
	 * already; it is never opened twice. */
	end_us = civil_to_us(day, second);
	if (end_us <= us)
		return false;
	*ret_end_us = end_us;
	return true;
}

int64_t
profile_since(const struct profile *p, int64_t us)
{
	int64_t since_us = NEVER;
	int64_t day, end_us;
	int second;

	civil_from_us(us, &day, &second);
	for (int64_t d = day - 1; d <= day; d++) {
		struct walk w = walk_from(p, d);
		struct profile_window one;

		while (walk_next(&w, &one)) {
			int64_t from_us = civil_to_us(d, one.from_s);

			if (from_us <= us &&
			    profile_allows(p, from_us, &end_us) && us < end_us)
				since_us = earlier(since_us, from_us);
		}
	}
	return since_us;
}

enum barrier
profile_barrier(const struct profile *p, int64_t start_us, int64_t end_us)
{
	int64_t fence_us, day;
	int second;

	if (profile_allows(p, start_us, &fence_us) && end_us <= fence_us)
		return BARRIER_NONE;
	civil_from_us(start_us, &day, &second);
	if (!day_is_open(p, day))
		return BARRIER_DAY;
	if (!noon_is_open(p, day) &&
	    start_us < civil_to_us(day, PROFILE_NOON_TO) &&
	    end_us > civil_to_us(day, PROFILE_NOON_FROM))
		return BARRIER_NOON;
	return BARRIER_HOURS;
}

static bool
touches(const struct profile_volume *v, int64_t day, int64_t start_us,
    int64_t end_us)
{
	return start_us < civil_to_us(day, v->to_s) &&
	       end_us > civil_to_us(day, v->from_s);
}

int
profile_gain_mdb(const struct profile *p, int64_t start_us, int64_t end_us)
{
	int64_t first, last;
	int gain = 0;
	int second;

	if (p->n_volume == 0)
		return 0;
	/* No slot is longer than a day. */
	civil_from_us(start_us, &first, &second);
	civil_from_us(earlier(end_us, start_us + US_PER_DAY), &last, &second);
	for (int64_t day = first; day <= last; day++)
		for (size_t i = 0; i < p->n_volume; i++)
			if (p->volume[i].gain_mdb < gain &&
			    touches(&p->volume[i], day, start_us, end_us))
				gain = p->volume[i].gain_mdb;
	return gain;
}
