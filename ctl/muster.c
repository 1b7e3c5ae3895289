/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "ctl/muster.h"
#include "evidence/roster.h"

/* A station: a name and the id in the records. */
struct whom {
	char *name;
	char *about;
	uint32_t *owner; /* a day: the log that told of it first, from 1; 0 */
	bool unknown; /* no log of it was ever entered */
};

/* Where the days of a station count, until which day, so that not every one of
 * them has to be looked up. */
struct home {
	size_t whom;
	size_t row; /* of the unit itself, with MUSTER_UNIT */
	int64_t from_day;
	int64_t until_day; /* before from_day: none is known */
	bool wanted;
	bool closed; /* nothing is due of it */
	const struct unit *path[UNITS_LEVELS];
	size_t n_path;
};

struct muster_index {
	json_t *rows; /* {key: number} */
	json_t *stations; /* {name, 0x1f, about: number} */
	json_t *names; /* a set: those that have any */
	json_t *wanted; /* a set: names of which anything is asked for */
	json_t *placed; /* a set: {name, 0x1f, id} of the units' places */
	struct whom *list;
	size_t n;
	uint32_t log; /* the one that days come of, from 1 */
	char key[24]; /* its */
	struct home home;
};

static const char *const by_words[] = { [MUSTER_WEEK] = "week",
	[MUSTER_MONTH] = "month",
	[MUSTER_STATION] = "station",
	[MUSTER_SEGMENT] = "segment",
	[MUSTER_UNIT] = "unit",
	[MUSTER_RANK] = "rank" };

const char *
muster_by_word(enum muster_by by)
{
	return by_words[by];
}

int
muster_by_read(const char *word, enum muster_by *ret)
{
	for (int i = 0; i < MUSTER_BYS; i++)
		if (strcmp(word, by_words[i]) == 0) {
			*ret = (enum muster_by)i;
			return 0;
		}
	return -EINVAL;
}

/* Making ------------------------------------------------------------------ */

static int64_t
column_begin(enum muster_by by, int64_t day)
{
	int year, month, mday;

	if (by == MUSTER_WEEK)
		return day - civil_weekday(day);
	civil_ymd(day, &year, &month, &mday);
	return day - mday + 1;
}

static int
make_columns(struct muster *m)
{
	enum muster_by by = m->setup.by;
	int64_t day = column_begin(by, m->setup.from_day);

	if (by != MUSTER_WEEK && by != MUSTER_MONTH)
		return 0;
	m->columns = calloc(MUSTER_COLUMNS_MAX, sizeof(*m->columns));
	if (m->columns == NULL)
		return -ENOMEM;
	while (day <= m->setup.to_day) {
		if (m->n_columns == MUSTER_COLUMNS_MAX)
			return -E2BIG;
		m->columns[m->n_columns++] = day;
		day = column_begin(by, day + (by == MUSTER_WEEK ? 7 : 31));
	}
	return 0;
}

static size_t
column_of(const struct muster *m, int64_t day)
{
	size_t low = 0;
	size_t high = m->n_columns;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (m->columns[mid] <= day)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int
note_places(struct muster *m)
{
	const struct units *u = m->setup.units;
	json_t *placed = json_object();
	char key[600];

	m->index->placed = placed;
	for (size_t i = 0; placed != NULL && i < u->n_places; i++) {
		snprintf(key, sizeof(key), "%s\x1f%s", u->places[i].station,
		    u->places[i].id);
		if (json_object_set_new(placed, key, json_null()) < 0)
			return -ENOMEM;
	}
	return placed == NULL ? -ENOMEM : 0;
}

int
muster_new(const struct muster_setup *setup, struct muster **ret)
{
	struct muster *m = calloc(1, sizeof(*m));
	int r = m == NULL ? -ENOMEM : 0;

	if (r == 0) {
		m->setup = *setup;
		m->odd_day = MUSTER_NO_DAY;
		m->index = calloc(1, sizeof(*m->index));
		r = m->index == NULL ? -ENOMEM : make_columns(m);
	}
	if (r == 0) {
		m->index->rows = json_object();
		m->index->stations = json_object();
		m->index->names = json_object();
		m->index->wanted = json_object();
		m->index->home.until_day = INT64_MIN;
		r = m->index->rows == NULL || m->index->stations == NULL ||
			    m->index->names == NULL
			? -ENOMEM
			: note_places(m);
	}
	if (r < 0)
		muster_free(m);
	else
		*ret = m;
	return r;
}

static void
free_log(struct muster_log *l)
{
	free((char *)l->key);
	free((char *)l->name);
	free((char *)l->about);
	free((char *)l->origin);
	free((char *)l->root);
	free((char *)l->twin);
}

static void
free_index(struct muster_index *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->list[i].name);
		free(x->list[i].about);
		free(x->list[i].owner);
	}
	free(x->list);
	json_decref(x->rows);
	json_decref(x->stations);
	json_decref(x->names);
	json_decref(x->placed);
	json_decref(x->wanted);
	free(x);
}

struct muster *
muster_free(struct muster *m)
{
	if (m == NULL)
		return NULL;
	for (size_t i = 0; i < m->n; i++) {
		free(m->rows[i].name);
		free(m->rows[i].about);
		free(m->rows[i].title);
		free(m->rows[i].cells);
	}
	for (size_t i = 0; i < m->n_logs; i++)
		free_log(&m->logs[i]);
	if (m->index != NULL)
		free_index(m->index);
	free(m->rows);
	free(m->logs);
	free(m->columns);
	free(m->odd_station);
	free(m);
	return NULL;
}

/* Room for one more; it doubles. */
static int
grow(void *list, size_t n, size_t size)
{
	void **at = list;
	void *new;

	if ((n & (n - 1)) != 0)
		return 0;
	new = reallocarray(*at, n == 0 ? 1 : 2 * n, size);
	if (new == NULL)
		return -ENOMEM;
	*at = new;
	return 0;
}

int
muster_know(struct muster *m, const struct muster_log *log)
{
	struct muster_log *l;

	if (grow(&m->logs, m->n_logs, sizeof(*m->logs)) < 0)
		return -ENOMEM;
	l = &m->logs[m->n_logs++];
	*l = *log;
	l->twin = NULL;
	l->key = strdup(log->key);
	l->name = strdup(log->name);
	l->about = strdup(log->about);
	l->origin = strdup(log->origin);
	l->root = strdup(log->root);
	return l->key == NULL || l->name == NULL || l->about == NULL ||
		       l->origin == NULL || l->root == NULL
		   ? -ENOMEM
		   : 0;
}

/* Whose, and where -------------------------------------------------------- */

static size_t
period(const struct muster *m)
{
	return (size_t)(m->setup.to_day - m->setup.from_day + 1);
}

/* The station, made when it is new. */
static int
find_whom(struct muster *m, const char *name, const char *about, size_t *ret_at)
{
	struct muster_index *x = m->index;
	struct whom w = { 0 };
	const json_t *at;
	char key[600];

	snprintf(key, sizeof(key), "%s\x1f%s", name, about);
	at = json_object_get(x->stations, key);
	if (at != NULL) {
		*ret_at = (size_t)json_integer_value(at);
		return 0;
	}
	if (grow(&x->list, x->n, sizeof(*x->list)) < 0)
		return -ENOMEM;
	w.name = strdup(name);
	w.about = strdup(about);
	w.owner = calloc(period(m), sizeof(*w.owner));
	x->list[x->n++] = w;
	*ret_at = x->n - 1;
	return w.name == NULL || w.about == NULL || w.owner == NULL ||
		       json_object_set_new(x->names, name, json_null()) < 0 ||
		       json_object_set_new(x->stations, key,
			   json_integer((json_int_t)*ret_at)) < 0
		   ? -ENOMEM
		   : 0;
}

static int64_t
earlier_day(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Is something written of it, be it for other days? */
static bool
is_placed(const struct muster *m, const struct whom *w)
{
	char key[600];

	snprintf(key, sizeof(key), "%s\x1f%s", w->name, w->about);
	if (json_object_get(m->index->placed, key) != NULL)
		return true;
	snprintf(key, sizeof(key), "%s\x1f", w->name);
	return json_object_get(m->index->placed, key) != NULL;
}

/* Where the station is on that day, and how long that holds. */
static void
look_up(
    const struct muster *m, const struct whom *w, int64_t day, struct home *h)
{
	const struct units *u = m->setup.units;
	const struct unit_place *p = units_place(u, w->name, w->about, day);
	const struct unit *e;
	int64_t on = day;

	h->from_day = day;
	h->until_day = is_placed(m, w) ? day : UNITS_ALWAYS;
	h->n_path = 0;
	h->closed = p != NULL && p->unit == NULL;
	if (p == NULL || p->unit == NULL)
		return;
	e = units_heir(u, p->unit, day);
	h->until_day = earlier_day(p->until_day, e->until_day);
	if (m->setup.as_of != MUSTER_NO_DAY)
		e = units_as_of(u, w->name, w->about, day, m->setup.as_of, &on);
	h->n_path = units_path(u, e, on, h->path);
	for (size_t i = 0; on == day && i < h->n_path; i++)
		h->until_day = earlier_day(h->until_day, h->path[i]->until_day);
}

static bool
is_wanted(const struct muster *m, const struct whom *w, const struct home *h)
{
	const char *station = m->setup.station;
	bool in = m->setup.unit[0] == '\0';

	for (size_t i = 0; i < m->setup.n_without; i++)
		if (strcmp(m->setup.without[i], w->name) == 0)
			return false;

	for (size_t i = 0; i < h->n_path; i++)
		in = in || strcmp(h->path[i]->id, m->setup.unit) == 0;
	return in && (station[0] == '\0' || strcmp(station, w->name) == 0 ||
			 strcmp(station, w->about) == 0);
}

/* Rows -------------------------------------------------------------------- */

static int
find_row(struct muster *m, const struct unit *const *path, size_t n_path,
    const char *name, const char *about, size_t *ret)
{
	struct muster_row row = { .n_path = n_path, .last_day = MUSTER_NO_DAY };
	const json_t *at;
	char key[800];
	size_t n = 0;

	for (size_t i = 0; m->setup.by != MUSTER_RANK && i < n_path; i++)
		n += (size_t)snprintf(key + n, sizeof(key) - n, "%d/",
		    (int)(path[i] - m->setup.units->list));
	snprintf(key + n, sizeof(key) - n, "%s\x1f%s", name, about);
	at = json_object_get(m->index->rows, key);
	if (at != NULL) {
		*ret = (size_t)json_integer_value(at);
		return 0;
	}
	if (grow(&m->rows, m->n, sizeof(*m->rows)) < 0)
		return -ENOMEM;
	if (n_path > 0)
		memcpy(row.path, path, n_path * sizeof(*path));
	row.name = strdup(name);
	row.about = strdup(about);
	if (m->n_columns > 0)
		row.cells = calloc(m->n_columns, sizeof(*row.cells));
	*ret = m->n;
	m->rows[m->n++] = row;
	return row.name == NULL || row.about == NULL ||
		       (m->n_columns > 0 && row.cells == NULL) ||
		       json_object_set_new(m->index->rows, key,
			   json_integer((json_int_t)*ret)) < 0
		   ? -ENOMEM
		   : 0;
}

/* The row of a home that was looked up. */
static int
settle_in(struct muster *m, size_t whom, struct home *h)
{
	const struct whom *w = &m->index->list[whom];
	bool unit = m->setup.by == MUSTER_UNIT;

	h->whom = whom;
	h->wanted = is_wanted(m, w, h);
	if (h->wanted &&
	    json_object_set_new(m->index->wanted, w->name, json_null()) < 0)
		return -ENOMEM;
	if (!h->wanted || m->setup.by == MUSTER_SEGMENT)
		return 0;
	return find_row(m, h->path, h->n_path, unit ? "" : w->name,
	    unit ? "" : w->about, &h->row);
}

/* Where days of that station count from now on. */
static int
find_home(struct muster *m, size_t whom, int64_t day, struct home *h)
{
	if (h->whom == whom && h->from_day <= day && day <= h->until_day)
		return 0;
	look_up(m, &m->index->list[whom], day, h);
	return settle_in(m, whom, h);
}

/* Sums -------------------------------------------------------------------- */

static void
add_sum(struct tally_sum *to, const struct tally_sum *s)
{
	int64_t *a = (int64_t *)to;
	const int64_t *b = (const int64_t *)s;

	for (size_t i = 0; i < sizeof(*s) / sizeof(*b); i++)
		a[i] += b[i];
}

static void
add_cell(struct muster_cell *c, const struct tally_sum *s)
{
	c->planned += s->planned;
	c->aired += s->aired;
	c->external += s->external;
	c->open += s->open;
	for (int i = 0; i < TALLY_CAUSES; i++)
		c->missed[i] += s->lost_n[i] + s->part_n[i];
}

/* `first`: no other sum of that day came of this station. */
static void
add_to(struct muster *m, size_t at, const struct muster_day *d, bool first)
{
	struct muster_row *row = &m->rows[at];

	add_sum(&row->sum, d->sum);
	row->days += first;
	if (d->day > row->last_day)
		row->last_day = d->day;
	if (row->cells != NULL) {
		struct muster_cell *c = &row->cells[column_of(m, d->day)];

		add_cell(c, d->sum);
		c->days += first;
	}
}

/* The unit and all above it. */
static int
add_to_units(struct muster *m, const struct muster_day *d, bool first)
{
	struct home *h = &m->index->home;
	size_t at;
	int r = 0;

	add_to(m, h->row, d, first);
	for (size_t n = 1; n < h->n_path && r == 0; n++) {
		r = find_row(m, h->path, n, "", "", &at);
		if (r == 0)
			add_to(m, at, d, first);
	}
	return r;
}

static void
note_odd(struct muster *m, const struct muster_day *d)
{
	if (tally_holds(d->sum) || m->odd_day != MUSTER_NO_DAY)
		return;
	m->odd_day = d->day;
	m->odd_station = strdup(d->name);
}

static int
add_day(struct muster *m, const struct muster_day *d, bool first)
{
	size_t at;
	int r = 0;

	note_odd(m, d);
	add_sum(&m->sum, d->sum);
	if (m->setup.by == MUSTER_UNIT)
		return add_to_units(m, d, first);
	if (m->setup.by == MUSTER_SEGMENT) {
		r = find_row(m, NULL, 0, d->segment, "", &at);
		if (r < 0)
			return r;
	} else
		at = m->index->home.row;
	add_to(m, at, d, first);
	return 0;
}

int
muster_take(struct muster *m, const struct muster_day *d)
{
	struct muster_index *x = m->index;
	struct home *h = &x->home;
	uint32_t *owner;
	size_t whom;
	bool first;
	int r = 0;

	if (d->day < m->setup.from_day || d->day > m->setup.to_day)
		return 0;
	if (strcmp(x->key, d->key) != 0) {
		snprintf(x->key, sizeof(x->key), "%s", d->key);
		x->log++;
		h->until_day = INT64_MIN;
	}
	r = find_whom(m, d->name, d->about, &whom);
	if (r == 0)
		r = find_home(m, whom, d->day, h);
	if (r < 0 || !h->wanted)
		return r;
	owner = &x->list[whom].owner[d->day - m->setup.from_day];
	first = *owner == 0;
	if (first)
		*owner = x->log;
	if (*owner == x->log)
		return add_day(m, d, first);
	if (m->setup.by != MUSTER_SEGMENT)
		m->rows[h->row].twice++;
	m->twice++;
	return 0;
}

/* The end ----------------------------------------------------------------- */

/* These days were due of the row. */
static void
add_due(struct muster *m, size_t at, int64_t from, int64_t to)
{
	struct muster_row *row = &m->rows[at];

	row->days_due += (int)(to - from + 1);
	for (int64_t day = from; row->cells != NULL && day <= to; day++)
		row->cells[column_of(m, day)].days_due++;
}

static int
add_due_above(struct muster *m, const struct home *h, int64_t from, int64_t to)
{
	size_t at;
	int r = 0;

	for (size_t n = 1; n < h->n_path && r == 0; n++) {
		r = find_row(m, h->path, n, "", "", &at);
		if (r == 0)
			add_due(m, at, from, to);
	}
	return r;
}

/* The days of a home, which are due of it. */
static int
count_home(
    struct muster *m, size_t whom, struct home *h, int64_t from, int64_t to)
{
	struct muster_row *row;
	int r = settle_in(m, whom, h);

	if (r < 0 || !h->wanted)
		return r;
	m->days_due += (int)(to - from + 1);
	for (int64_t day = from; day <= to; day++)
		m->days +=
		    m->index->list[whom].owner[day - m->setup.from_day] != 0;
	if (m->setup.by == MUSTER_SEGMENT)
		return 0;
	add_due(m, h->row, from, to);
	if (m->setup.by == MUSTER_UNIT)
		return add_due_above(m, h, from, to);
	row = &m->rows[h->row];
	row->unknown = m->index->list[whom].unknown;
	/* Where an order says that it is: the last. */
	memcpy(row->path, h->path, h->n_path * sizeof(*h->path));
	row->n_path = h->n_path;
	return 0;
}

/* The days that are due of a station, over the period so far: those on which it
 * was anywhere, or nothing is written of it at all. */
static int
count_due(struct muster *m, size_t whom)
{
	int64_t last = earlier_day(m->setup.to_day, m->setup.today - 1);
	int64_t day = m->setup.from_day;
	int r = 0;

	while (day <= last && r == 0) {
		const struct whom *w = &m->index->list[whom];
		struct home h = { 0 };
		int64_t end;

		look_up(m, w, day, &h);
		end = earlier_day(h.until_day, last);
		if (h.n_path > 0 || !is_placed(m, w))
			r = count_home(m, whom, &h, day, end);
		day = end + 1;
	}
	return r;
}

/* Every station that a log's records name; of one without any, itself. */
static int
know_whom(struct muster *m, const struct muster_log *l)
{
	char about[ROSTER_IDS * (ID_MAX + 1) + 1];
	char *save = NULL;
	size_t whom;
	int r = 0;

	if (l->about[0] == '\0' &&
	    json_object_get(m->index->names, l->name) == NULL)
		return find_whom(m, l->name, "", &whom);
	snprintf(about, sizeof(about), "%s", l->about);
	for (char *id = strtok_r(about, " ", &save); id != NULL && r == 0;
	     id = strtok_r(NULL, " ", &save))
		r = find_whom(m, l->name, id, &whom);
	return r;
}

/* What units say of stations that nobody ever entered. */
static int
know_strangers(struct muster *m)
{
	const struct units *u = m->setup.units;
	json_t *known = json_copy(m->index->names);
	size_t whom;
	int r = known == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < u->n_places && r == 0; i++) {
		const struct unit_place *p = &u->places[i];

		if (json_object_get(known, p->station) != NULL)
			continue;
		r = find_whom(m, p->station, p->id, &whom);
		if (r == 0)
			m->index->list[whom].unknown = true;
	}
	json_decref(known);
	return r;
}

/* Each is told with the first other one. */
static int
note_twin(struct muster_log *a, struct muster_log *b)
{
	if (strcmp(a->name, b->name) == 0)
		return 0;
	if (a->twin == NULL)
		a->twin = strdup(b->name);
	if (b->twin == NULL)
		b->twin = strdup(a->name);
	return a->twin == NULL || b->twin == NULL ? -ENOMEM : 0;
}

/* `first`: {id: which log named it first}. */
static int
find_twins_of(struct muster *m, size_t i, json_t *first)
{
	char about[ROSTER_IDS * (ID_MAX + 1) + 1];
	char *save = NULL;
	int r = 0;

	snprintf(about, sizeof(about), "%s", m->logs[i].about);
	for (char *id = strtok_r(about, " ", &save); id != NULL && r == 0;
	     id = strtok_r(NULL, " ", &save)) {
		const json_t *was = json_object_get(first, id);

		if (was != NULL)
			r = note_twin(
			    &m->logs[json_integer_value(was)], &m->logs[i]);
		else if (json_object_set_new(
			     first, id, json_integer((json_int_t)i)) < 0)
			r = -ENOMEM;
	}
	return r;
}

/* Which records say that they are of one station under two names, of computers
 * that are in use. */
static int
find_twins(struct muster *m)
{
	json_t *first = json_object();
	int r = first == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < m->n_logs && r == 0; i++)
		if (!m->logs[i].replaced)
			r = find_twins_of(m, i, first);
	json_decref(first);
	return r;
}

/* Of the logs those of which anything is asked for. */
static void
keep_wanted(struct muster *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_logs; i++)
		if (json_object_get(m->index->wanted, m->logs[i].name) == NULL)
			free_log(&m->logs[i]);
		else
			m->logs[n++] = m->logs[i];
	m->n_logs = n;
}

static int
compare_logs(const void *a, const void *b)
{
	const struct muster_log *x = a;
	const struct muster_log *y = b;
	int c = strcmp(x->name, y->name);

	/* The log of today before that of an old key. */
	return c != 0 ? c : x->replaced - y->replaced;
}

/* Those without a unit last. */
static int
compare_rows(const void *a, const void *b)
{
	const struct muster_row *x = a;
	const struct muster_row *y = b;
	int c = (x->n_path == 0) - (y->n_path == 0);

	c = c != 0 ? c : units_order(x->path, x->n_path, y->path, y->n_path);
	c = c != 0 ? c : strcmp(x->name, y->name);
	return c != 0 ? c : strcmp(x->about, y->about);
}

int64_t
muster_in_hand(const struct tally_sum *s)
{
	return s->aired + s->lost_n[TALLY_WORK] + s->part_n[TALLY_WORK] +
	       s->lost_n[TALLY_FAULT] + s->part_n[TALLY_FAULT];
}

static bool
is_ranked(const struct muster *m, const struct muster_row *row)
{
	size_t first;
	size_t n = muster_logs(m, row, &first);

	for (size_t i = 0; i < n; i++)
		if (m->logs[first + i].forks > 0)
			return false;
	return muster_in_hand(&row->sum) >= MUSTER_RANK_MIN &&
	       10 * row->days >= 9 * row->days_due;
}

/* As fractions, so that the same share is the same. */
static int
compare_shares(const struct muster_row *x, const struct muster_row *y)
{
	int64_t a = x->sum.aired * muster_in_hand(&y->sum);
	int64_t b = y->sum.aired * muster_in_hand(&x->sum);

	return (a < b) - (a > b);
}

static int
compare_ranks(const void *a, const void *b)
{
	const struct muster_row *x = a;
	const struct muster_row *y = b;
	int c = (x->rank == 0) - (y->rank == 0);

	if (c == 0 && x->rank != 0)
		c = compare_shares(x, y);
	return c != 0 ? c : compare_rows(a, b);
}

static void
rank(struct muster *m)
{
	for (size_t i = 0; i < m->n; i++)
		m->rows[i].rank = is_ranked(m, &m->rows[i]);
	qsort(m->rows, m->n, sizeof(*m->rows), compare_ranks);
	for (size_t i = 0; i < m->n && m->rows[i].rank != 0; i++)
		m->rows[i].rank =
		    i > 0 && compare_shares(&m->rows[i - 1], &m->rows[i]) == 0
			? m->rows[i - 1].rank
			: (int)i + 1;
}

int
muster_settle(struct muster *m)
{
	enum muster_by by = m->setup.by;
	int r = 0;

	for (size_t i = 0; i < m->n_logs && r == 0; i++)
		r = know_whom(m, &m->logs[i]);
	if (r == 0)
		r = know_strangers(m);
	for (size_t i = 0; i < m->index->n && r == 0; i++)
		r = count_due(m, i);
	if (r == 0)
		r = find_twins(m);
	if (r < 0)
		return r;
	keep_wanted(m);
	if (m->n_logs > 0)
		qsort(m->logs, m->n_logs, sizeof(*m->logs), compare_logs);
	if (m->n > 0 && by == MUSTER_RANK)
		rank(m);
	else if (m->n > 0)
		qsort(m->rows, m->n, sizeof(*m->rows), compare_rows);
	return 0;
}

size_t
muster_logs(
    const struct muster *m, const struct muster_row *row, size_t *ret_first)
{
	size_t low = 0;
	size_t high = m->n_logs;
	size_t n = 0;

	if (row->name[0] == '\0' || m->setup.by == MUSTER_SEGMENT)
		return 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(m->logs[mid].name, row->name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < m->n_logs &&
	       strcmp(m->logs[low + n].name, row->name) == 0)
		n++;
	*ret_first = low;
	return n;
}

/* Adding up --------------------------------------------------------------- */

static bool
same_sums(const struct tally_sum *a, const struct tally_sum *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
row_holds(const struct muster *m, const struct muster_row *row)
{
	struct muster_cell all = { 0 };

	if (!tally_holds(&row->sum))
		return false;
	for (size_t i = 0; row->cells != NULL && i < m->n_columns; i++) {
		const struct muster_cell *c = &row->cells[i];
		int64_t told = c->aired + c->external;

		for (int k = 0; k < TALLY_CAUSES; k++)
			told += c->missed[k];
		if (told != c->planned)
			return false;
		all.planned += c->planned;
		all.aired += c->aired;
	}
	return row->cells == NULL ||
	       (all.planned == row->sum.planned && all.aired == row->sum.aired);
}

bool
muster_holds(const struct muster *m)
{
	struct tally_sum all = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		if (!row_holds(m, &m->rows[i]))
			return false;
		if (m->setup.by != MUSTER_UNIT || m->rows[i].n_path <= 1)
			add_sum(&all, &m->rows[i].sum);
	}
	return tally_holds(&m->sum) && same_sums(&all, &m->sum);
}
