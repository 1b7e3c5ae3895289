/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "evidence/units.h"

/* Making ------------------------------------------------------------------ */

static char *
copy(const char *s, bool *ok)
{
	char *new = s == NULL ? NULL : strdup(s);

	*ok = *ok && (s == NULL || new != NULL);
	return new;
}

static void
clear_unit(struct unit *e)
{
	for (size_t i = 0; e->successors != NULL && i < e->n_successors; i++)
		free(e->successors[i]);
	free(e->successors);
	free(e->id);
	free(e->name);
	free(e->parent);
}

static void
clear_place(struct unit_place *p)
{
	free(p->station);
	free(p->id);
	free(p->unit);
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
units_add(struct units *u, const struct unit *entry)
{
	struct unit e = *entry;
	bool ok = true;

	if (grow(&u->list, u->n, sizeof(*u->list)) < 0)
		return -ENOMEM;
	e.id = copy(entry->id, &ok);
	e.name = copy(entry->name, &ok);
	e.parent = copy(entry->parent, &ok);
	e.successors = calloc(entry->n_successors + 1, sizeof(char *));
	ok = ok && e.successors != NULL;
	for (size_t i = 0; ok && i < entry->n_successors; i++)
		e.successors[i] = copy(entry->successors[i], &ok);
	if (!ok) {
		clear_unit(&e);
		return -ENOMEM;
	}
	u->list[u->n++] = e;
	return 0;
}

int
units_add_place(struct units *u, const struct unit_place *place)
{
	struct unit_place p = *place;
	bool ok = true;

	if (grow(&u->places, u->n_places, sizeof(*u->places)) < 0)
		return -ENOMEM;
	p.station = copy(place->station, &ok);
	p.id = copy(place->id, &ok);
	p.unit = copy(place->unit, &ok);
	if (!ok) {
		clear_place(&p);
		return -ENOMEM;
	}
	u->places[u->n_places++] = p;
	return 0;
}

void
units_clear(struct units *u)
{
	for (size_t i = 0; i < u->n; i++)
		clear_unit(&u->list[i]);
	for (size_t i = 0; i < u->n_places; i++)
		clear_place(&u->places[i]);
	free(u->list);
	free(u->places);
	*u = (struct units){ 0 };
}

/* Looking ----------------------------------------------------------------- */

static int
compare_days(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_units(const void *a, const void *b)
{
	const struct unit *x = a;
	const struct unit *y = b;
	int c = strcmp(x->id, y->id);

	c = c != 0 ? c : compare_days(x->from_day, y->from_day);
	return c != 0 ? c : x->line - y->line;
}

static int
compare_whose(const struct unit_place *p, const char *station, const char *id)
{
	int c = strcmp(p->station, station);

	return c != 0 ? c : strcmp(p->id, id);
}

static int
compare_places(const void *a, const void *b)
{
	const struct unit_place *x = a;
	const struct unit_place *y = b;
	int c = compare_whose(x, y->station, y->id);

	c = c != 0 ? c : compare_days(x->from_day, y->from_day);
	return c != 0 ? c : x->line - y->line;
}

/* The first entry of that unit; n when it has none. */
static size_t
first_of(const struct units *u, const char *id)
{
	size_t low = 0;
	size_t high = u->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(u->list[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < u->n && strcmp(u->list[low].id, id) == 0 ? low : u->n;
}

static bool
is_last(const struct units *u, size_t i)
{
	return i + 1 == u->n || strcmp(u->list[i].id, u->list[i + 1].id) != 0;
}

/* The entry of that day, or the last one when it had ended by then; NULL when
 * it had not begun. */
static const struct unit *
by_then(const struct units *u, const char *id, int64_t day)
{
	size_t i = first_of(u, id);

	if (i == u->n || u->list[i].from_day > day)
		return NULL;
	while (!is_last(u, i) && u->list[i + 1].from_day <= day)
		i++;
	return &u->list[i];
}

const struct unit *
units_on(const struct units *u, const char *id, int64_t day)
{
	const struct unit *e = by_then(u, id, day);

	return e == NULL || e->until_day < day ? NULL : e;
}

/* The entry of that day of what has taken its place; where nothing has, that
 * at which it ended. NULL: it had not begun. */
static const struct unit *
follow(const struct units *u, const char *id, int64_t day)
{
	const struct unit *e = by_then(u, id, day);

	/* Each one ends later than that before it. */
	for (size_t i = 0; e != NULL && e->until_day < day && i < UNITS_HEIRS;
	     i++) {
		if (e->n_successors != 1)
			return e;
		e = by_then(u, e->successors[0], day);
	}
	return e;
}

const struct unit *
units_heir(const struct units *u, const char *id, int64_t day)
{
	const struct unit *e = follow(u, id, day);

	return e == NULL || e->until_day < day ? NULL : e;
}

const struct unit *
units_above(const struct units *u, const struct unit *e, int64_t day)
{
	return e->parent == NULL ? NULL : units_heir(u, e->parent, day);
}

size_t
units_path(const struct units *u, const struct unit *e, int64_t day,
    const struct unit *path[static UNITS_LEVELS])
{
	size_t n = 0;

	for (; e != NULL && n < UNITS_LEVELS; e = units_above(u, e, day))
		path[n++] = e;
	for (size_t i = 0; i < n / 2; i++) {
		e = path[i];
		path[i] = path[n - 1 - i];
		path[n - 1 - i] = e;
	}
	return n;
}

int
units_order(const struct unit *const *a, size_t n_a,
    const struct unit *const *b, size_t n_b)
{
	for (size_t i = 0; i < n_a && i < n_b; i++)
		if (a[i] != b[i] && a[i]->line != b[i]->line)
			return a[i]->line - b[i]->line;
	return (n_a > n_b) - (n_a < n_b);
}

bool
units_within(
    const struct units *u, const struct unit *e, int64_t day, const char *id)
{
	const struct unit *path[UNITS_LEVELS];
	size_t n = units_path(u, e, day, path);

	for (size_t i = 0; i < n; i++)
		if (strcmp(path[i]->id, id) == 0)
			return true;
	return false;
}

static const struct unit_place *
place_of(const struct units *u, const char *station, const char *id,
    int64_t day, bool *ret_any)
{
	size_t low = 0;
	size_t high = u->n_places;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_whose(&u->places[mid], station, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_any = false;
	for (; low < u->n_places &&
	       compare_whose(&u->places[low], station, id) == 0;
	     low++) {
		*ret_any = true;
		if (u->places[low].from_day <= day &&
		    day <= u->places[low].until_day)
			return &u->places[low];
	}
	return NULL;
}

const struct unit_place *
units_place(
    const struct units *u, const char *station, const char *id, int64_t day)
{
	bool any;
	const struct unit_place *p = place_of(u, station, id, day, &any);

	return any ? p : place_of(u, station, "", day, &any);
}

const struct unit *
units_of(
    const struct units *u, const char *station, const char *id, int64_t day)
{
	const struct unit_place *p = units_place(u, station, id, day);

	return p == NULL || p->unit == NULL ? NULL
					    : units_heir(u, p->unit, day);
}

const struct unit *
units_as_of(const struct units *u, const char *station, const char *id,
    int64_t day, int64_t as_of, int64_t *ret_day)
{
	const struct unit *then = units_of(u, station, id, day);
	const struct unit *e;

	*ret_day = as_of;
	if (then == NULL)
		return NULL;
	e = units_of(u, station, id, as_of);
	if (e == NULL)
		e = units_heir(u, then->id, as_of);
	if (e != NULL)
		return e;
	*ret_day = day;
	return then;
}

/* Judging ----------------------------------------------------------------- */

struct judging {
	struct units *u;
	const char *file;
	struct problems *ps;
};

/* Dates for people, as they write them in the file. */
static const char *
date(int64_t day, struct civil_text *buf)
{
	return civil_date_text(day, buf);
}

/* Either of two neighbours in time: the later one's line says so. */
static void
judge_seam(const struct judging *j, const char *what, int64_t ended,
    int line_before, int64_t begins, int line)
{
	struct civil_text a, b;

	if (ended == UNITS_ALWAYS || begins == UNITS_EVER || begins <= ended)
		problem_add(j->ps, j->file, line,
		    _("%s is already told for these days in line %d; let one "
		      "end (until) on the day before the other begins (from)"),
		    what, line_before);
	else if (begins > ended + 1)
		problem_add(j->ps, j->file, line,
		    _("nothing says where %s was from %s to %s; move from or "
		      "until, or write an entry for these days"),
		    what, date(ended + 1, &a), date(begins - 1, &b));
}

static void
judge_order(const struct judging *j, int64_t from, int64_t until, int line)
{
	if (from > until)
		problem_add(j->ps, j->file, line,
		    _("until lies before from; turn them round"));
}

/*
 * What is below `id`, or at it, needs it on all days from..until, itself or what
 * took its place. Where it does not, *ret_day is the first such day, and
 * *ret_end the entry at which it ended; NULL: it had not begun.
 */
static bool
covers(const struct units *u, const char *id, int64_t from, int64_t until,
    int64_t *ret_day, const struct unit **ret_end)
{
	int64_t day = from;

	for (size_t i = 0; i <= u->n; i++) {
		const struct unit *e = follow(u, id, day);

		*ret_day = day;
		*ret_end = e;
		if (e == NULL || e->until_day < day)
			return false;
		if (e->until_day >= until)
			return true;
		day = e->until_day + 1;
	}
	return true;
}

/* `key`: how the file writes it, for the remedy. */
static void
judge_cover(const struct judging *j, const char *key, const char *id,
    int64_t from, int64_t until, int line)
{
	size_t at = first_of(j->u, id);
	const struct unit *end;
	struct civil_text text;
	int64_t day;

	if (at == j->u->n) {
		problem_add(j->ps, j->file, line,
		    _("%s: there is no unit \"%s\"; write its entry among the "
		      "units, or correct the id"),
		    key, id);
		return;
	}
	if (covers(j->u, id, from, until, &day, &end))
		return;
	if (end == NULL)
		problem_add(j->ps, j->file, line,
		    _("%s: \"%s\" begins on %s (line %d), later than this "
		      "entry; begin this one then (from), and write another "
		      "one for before"),
		    key, id, date(j->u->list[at].from_day, &text),
		    j->u->list[at].line);
	else if (end->n_successors == 1)
		problem_add(j->ps, j->file, line,
		    _("%s: more than %d units took the place of \"%s\", one "
		      "after the other; end this entry (until), and write "
		      "another one that says where it belongs from then on"),
		    key, UNITS_HEIRS, id);
	else if (is_last(j->u, (size_t)(end - j->u->list)))
		problem_add(j->ps, j->file, line,
		    end->n_successors > 1
			? _("%s: \"%s\" was divided when it ended (line %d); "
			    "end this entry on %s (until), and write another "
			    "one that says where it belongs from then on")
			: _("%s: nothing took the place of \"%s\" when it "
			    "ended (line %d); end this entry on %s (until), or "
			    "write another one that says where it belongs from "
			    "then on"),
		    key, end->id, end->line, date(day - 1, &text));
}

static void
judge_successors(const struct judging *j, const struct unit *e)
{
	struct civil_text text;

	for (size_t i = 0; i < e->n_successors; i++) {
		const char *id = e->successors[i];

		if (first_of(j->u, id) == j->u->n)
			problem_add(j->ps, j->file, e->line,
			    _("%s: there is no unit \"%s\"; write its entry "
			      "among the units, or correct the id"),
			    "successors", id);
		else if (units_on(j->u, id, e->until_day + 1) == NULL)
			problem_add(j->ps, j->file, e->line,
			    _("successors: \"%s\" is not there on %s, when "
			      "this unit has ended; correct its from and "
			      "until, or the id"),
			    id, date(e->until_day + 1, &text));
	}
}

static void
judge_end(const struct judging *j, size_t i)
{
	const struct unit *e = &j->u->list[i];

	if (!is_last(j->u, i) && e->told)
		problem_add(j->ps, j->file, e->line,
		    _("successors: \"%s\" goes on in line %d; write them in "
		      "its last entry only"),
		    e->id, j->u->list[i + 1].line);
	else if (e->told && e->until_day == UNITS_ALWAYS)
		problem_add(j->ps, j->file, e->line,
		    _("successors: this unit has no end; write until = "
		      "\"2025-06-30\", or leave the successors out"));
	else if (is_last(j->u, i) && !e->told && e->until_day != UNITS_ALWAYS)
		problem_add(j->ps, j->file, e->line,
		    _("\"%s\" ends here, and nothing says what took its "
		      "place; write successors = [ \"ID\" ], or successors = "
		      "[ ] for nothing"),
		    e->id);
	else if (e->told)
		judge_successors(j, e);
}

/* Is it below itself on that day? */
static bool
circles(const struct units *u, const struct unit *e, int64_t day)
{
	const struct unit *up = e;

	for (size_t i = 0; i <= UNITS_LEVELS; i++) {
		up = units_above(u, up, day);
		if (up == NULL)
			return false;
		if (strcmp(up->id, e->id) == 0)
			return true;
	}
	return false;
}

/* Deeper than any that there are: or above it, something is below itself. */
static bool
is_too_deep(const struct units *u, const struct unit *e, int64_t day)
{
	size_t n = 0;

	for (; e != NULL && n <= UNITS_LEVELS; e = units_above(u, e, day))
		n++;
	return n > UNITS_LEVELS;
}

/* On the days when what is above it changes: its first, and those when one of
 * the parents ended. */
static void
judge_above(const struct judging *j, const struct unit *e)
{
	const struct unit *up;
	int64_t day = e->from_day;

	for (size_t i = 0; i <= j->u->n && day <= e->until_day; i++) {
		if (circles(j->u, e, day)) {
			problem_add(j->ps, j->file, e->line,
			    _("parent: \"%s\" would be below itself by way of "
			      "\"%s\"; correct one of the two"),
			    e->id, e->parent);
			return;
		}
		if (is_too_deep(j->u, e, day)) {
			problem_add(j->ps, j->file, e->line,
			    _("parent: more than %d levels above \"%s\"; "
			      "leave some out"),
			    UNITS_LEVELS - 1, e->id);
			return;
		}
		up = units_above(j->u, e, day);
		if (up == NULL || up->until_day == UNITS_ALWAYS)
			return;
		day = up->until_day + 1;
	}
}

static void
judge_unit(const struct judging *j, size_t i)
{
	const struct unit *e = &j->u->list[i];
	char what[600];

	judge_order(j, e->from_day, e->until_day, e->line);
	if (i > 0 && !is_last(j->u, i - 1)) {
		const struct unit *before = &j->u->list[i - 1];

		snprintf(what, sizeof(what), "\"%s\"", e->id);
		judge_seam(j, what, before->until_day, before->line,
		    e->from_day, e->line);
	}
	judge_end(j, i);
	if (e->parent == NULL)
		return;
	judge_cover(j, "parent", e->parent, e->from_day, e->until_day, e->line);
	judge_above(j, e);
}

static void
judge_place(const struct judging *j, size_t i)
{
	const struct unit_place *p = &j->u->places[i];
	char what[600];

	judge_order(j, p->from_day, p->until_day, p->line);
	if (i > 0 && compare_whose(p, j->u->places[i - 1].station,
			 j->u->places[i - 1].id) == 0) {
		snprintf(what, sizeof(what), "\"%s\"%s%s", p->station,
		    p->id[0] == '\0' ? "" : " ", p->id);
		judge_seam(j, what, j->u->places[i - 1].until_day,
		    j->u->places[i - 1].line, p->from_day, p->line);
	}
	if (p->unit != NULL)
		judge_cover(
		    j, "unit", p->unit, p->from_day, p->until_day, p->line);
}

/* A station's first place without a day begins with its unit. */
static void
begin_with_unit(struct units *u, size_t i)
{
	struct unit_place *p = &u->places[i];
	size_t at = p->unit == NULL ? u->n : first_of(u, p->unit);

	if (p->from_day == UNITS_EVER && at < u->n &&
	    (i == 0 || compare_whose(p, u->places[i - 1].station,
			   u->places[i - 1].id) != 0))
		p->from_day = u->list[at].from_day;
}

void
units_settle(struct units *u, const char *file, struct problems *ps)
{
	struct judging j = { u, file, ps };

	if (u->n > 0)
		qsort(u->list, u->n, sizeof(*u->list), compare_units);
	if (u->n_places > 0)
		qsort(
		    u->places, u->n_places, sizeof(*u->places), compare_places);
	for (size_t i = 0; i < u->n; i++)
		judge_unit(&j, i);
	for (size_t i = 0; i < u->n_places; i++) {
		begin_with_unit(u, i);
		judge_place(&j, i);
	}
}
