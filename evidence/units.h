/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units - the organisation that stations belong to: communes, provinces, a
 * Party bloc, at any number of levels, each as it was on each day.
 *
 * An entry says what one unit was called and below which it was, from a day to
 * a day. A unit whose name or parent changes has several entries, one behind
 * the other without a day between; the last one says what took its place, when
 * it ended. So a record is told under the names of its own date, for good, and
 * can be told under those of another day as well.
 *
 * Successors. Where a unit ended and exactly one took its place, what belonged
 * to it belongs to that one from then on, stations and units below alike. Where
 * it was divided, or nothing took its place, somebody has to say of each where
 * it went.
 */
#ifndef EVIDENCE_UNITS_H
#define EVIDENCE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"

#define UNITS_EVER INT64_MIN /* from the beginning */
#define UNITS_ALWAYS INT64_MAX /* no end is known */
#define UNITS_HEIRS 100 /* that took each other's place, one by one */
#define UNITS_LEVELS 16 /* from the top to a station's, more than there are */

struct unit { /* an entry; all of it owned by the units */
	char *id; /* text_is_id() */
	char *name;
	char *parent; /* id; NULL: it is at the top */
	int64_t from_day;
	int64_t until_day; /* the last day that it was so */
	char **successors; /* ids; of the last entry of one that ended */
	size_t n_successors;
	bool told; /* successors are written, and be it that there are none */
	int line; /* of the file */
};

/* That a station belonged to a unit. */
struct unit_place {
	char *station; /* what the collector calls it */
	char *id; /* the station that its records name; "" all that have no
		     place of their own */
	char *unit; /* id; NULL: it was closed */
	int64_t from_day;
	int64_t until_day;
	int line;
};

struct units { /* start it as { 0 }; units_clear() it */
	struct unit *list; /* by id, then by day */
	size_t n;
	struct unit_place *places; /* by station, id, day */
	size_t n_places;
};

/* Copies. 0 or -ENOMEM. */
int units_add(struct units *u, const struct unit *entry);
int units_add_place(struct units *u, const struct unit_place *place);

/*
 * Puts all in order and judges it: every entry and place that overlaps
 * another, leaves days out, names what is not there on its days, is below
 * itself or ends without a word of what came after is a problem at its line of
 * `file`. What follows is for units without any.
 */
void units_settle(struct units *u, const char *file, struct problems *ps);

void units_clear(struct units *u);

/* The entry of that day; NULL when there was no such unit then. Borrowed, as
 * all below. */
const struct unit *units_on(const struct units *u, const char *id, int64_t day);

/* The same, or of what has taken its place by then; NULL before its first day,
 * and when it was divided or nothing took its place. */
const struct unit *units_heir(
    const struct units *u, const char *id, int64_t day);

/* The unit above that entry on a day of its; NULL at the top. */
const struct unit *units_above(
    const struct units *u, const struct unit *e, int64_t day);

/* From the top down to the entry itself; how many, at most UNITS_LEVELS. */
size_t units_path(const struct units *u, const struct unit *e, int64_t day,
    const struct unit *path[static UNITS_LEVELS]);

/* The order in which a list shows two such paths: as the file has the units,
 * those below one behind it. As strcmp(3). */
int units_order(const struct unit *const *a, size_t n_a,
    const struct unit *const *b, size_t n_b);

/* Is the entry that unit, or somewhere below it, on that day? */
bool units_within(
    const struct units *u, const struct unit *e, int64_t day, const char *id);

/* Where the station was on a day; NULL when nothing is written of it. */
const struct unit_place *units_place(
    const struct units *u, const char *station, const char *id, int64_t day);

/* The unit that a station belonged to on a day; NULL: none is written. */
const struct unit *units_of(
    const struct units *u, const char *station, const char *id, int64_t day);

/*
 * The unit under which a record of `day` is told as of another day: where the
 * station is on that day, else what has taken the place of its unit by then,
 * else its unit as it was. *ret_day is the day of which name and parents are
 * to be taken. NULL as units_of().
 */
const struct unit *units_as_of(const struct units *u, const char *station,
    const char *id, int64_t day, int64_t as_of, int64_t *ret_day);

#endif
