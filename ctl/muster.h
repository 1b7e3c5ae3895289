/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * muster - how many stations did over some days, for the level above them: sums
 * of days (evidence/store.h) put together by station and week or month, by
 * station, by segment, by organisation unit (evidence/units.h), or in an order.
 * Days in, rows out: it reads nothing, and knows no clock.
 *
 * Units. A day counts under the unit that its station belonged to on that day,
 * by the name of then; with `as_of`, under what that is on another day. A
 * station that changed its unit has a row under each.
 *
 * Twice. Of a station whose computer was replaced both logs may tell of the same
 * day, as after a backup was put back on a new one: what comes in first counts.
 * So days that the old key's log has told to their end go in first: they were
 * cosigned, and the new computer cannot remember them.
 *
 * The share by which stations are put in order is
 *
 *	aired whole / (aired whole + what failed by preparation or by a fault)
 *
 * where what aired only in part has failed. Power cuts, orders, relays and
 * what records were lost of count neither for nor against. A station is not
 * placed with fewer than MUSTER_RANK_MIN such slots, where nothing is known of
 * more than a tenth of its days, or after it has signed two histories.
 */
#ifndef CTL_MUSTER_H
#define CTL_MUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/tally.h"
#include "evidence/units.h"

#define MUSTER_RANK_MIN 20 /* slots in its hand; with fewer none is ranked */
#define MUSTER_COLUMNS_MAX 600 /* ten years of weeks */
#define MUSTER_NO_DAY INT64_MIN

enum muster_by {
	MUSTER_WEEK, /* a row a station, a column a week */
	MUSTER_MONTH,
	MUSTER_STATION,
	MUSTER_SEGMENT,
	MUSTER_UNIT, /* each with all that is below it */
	MUSTER_RANK,
	MUSTER_BYS
};

/* The word of --by, and back; -EINVAL for any other. */
const char *muster_by_word(enum muster_by by);
int muster_by_read(const char *word, enum muster_by *ret);

struct muster_cell { /* of a station's week or month; slots */
	int64_t planned; /* = aired + missed of every cause + external */
	int64_t aired; /* whole */
	int64_t missed[TALLY_CAUSES]; /* not aired, or in part */
	int64_t external;
	int64_t open; /* not over yet */
	int days; /* that a log tells of */
	int days_due; /* that it could: of the period, and over */
};

/* A log that the upper level keeps; strings are copied. */
struct muster_log {
	const char *key; /* 16 digits */
	const char *name; /* what the collector calls the station */
	const char *about; /* the ids in its records, one space between; "" */
	const char *origin; /* of its newest tree; "" none yet */
	const char *root; /* of that tree, base64; "" */
	int64_t size; /* of that tree, records */
	int64_t leaves; /* of all its trees */
	int64_t rows; /* of these that the store has counted */
	int trees; /* more than one: its log began anew */
	int forks; /* second histories that it has signed */
	bool replaced; /* another key has taken its place */
	int64_t last_us; /* its last record; 0 none */
	int64_t given_up; /* records cosigned in older trees that no later one
			   * has as they were */
	const char *twin; /* the name of another one whose records name the
			   * same station; NULL none. muster_settle()'s */
};

struct muster_day { /* as struct store_day; lent */
	const char *key;
	const char *name;
	const char *about;
	int64_t day;
	const char *segment;
	const struct tally_sum *sum;
};

struct muster_row {
	/* From the top to where it belongs, each as it was called then; none
	 * where no unit is written. */
	const struct unit *path[UNITS_LEVELS];
	size_t n_path;
	char *name; /* of the station; or the segment's id; "" of a unit */
	char *about; /* the id in its records */
	char *title; /* of a segment, as a log has it; NULL none is known */
	struct tally_sum sum;
	struct muster_cell *cells; /* one a column; NULL without columns */
	int days; /* that a log tells of */
	int days_due; /* of the period, over, and of this unit's */
	int twice; /* days that a second log told of, too: left out */
	int64_t last_day; /* the last that is told of; MUSTER_NO_DAY */
	bool unknown; /* units say it, and no log of it was ever entered */
	int rank; /* MUSTER_RANK: 1 and up, the same for the same share; 0 none */
};

struct muster_setup {
	enum muster_by by;
	int64_t from_day;
	int64_t to_day;
	int64_t today; /* days before it are over */
	const struct units *units; /* without problems; borrowed */
	int64_t as_of; /* or MUSTER_NO_DAY: as of each record's day */
	const char *unit; /* only what is in it or below; "" all */
	const char *station; /* only that name or id; "" all */
	const char *const *without; /* names that are left out; borrowed */
	size_t n_without;
};

struct muster {
	struct muster_setup setup;
	struct muster_row *rows; /* settled: in the order in which they show */
	size_t n;
	struct muster_log *logs; /* by name; strings are its own */
	size_t n_logs;
	int64_t *columns; /* first days of weeks or months */
	size_t n_columns;
	struct tally_sum sum; /* of all days, each once */
	int twice; /* days left out, over all stations */
	int days; /* over all stations: that logs tell of, */
	int days_due; /* and that are due */
	int64_t odd_day; /* the first that does not add up; MUSTER_NO_DAY */
	char *odd_station; /* and whose; NULL */
	struct muster_index *index;
};

/* 0 and *ret is yours: muster_free(). -E2BIG: too many columns; -ENOMEM. */
int muster_new(const struct muster_setup *setup, struct muster **ret);

/* Accepts NULL; returns NULL. */
struct muster *muster_free(struct muster *m);

/* All logs that are known, before any day. 0 or -ENOMEM. */
int muster_know(struct muster *m, const struct muster_log *log);

/* A day of a log; those of one log in order of days. What is not asked for is
 * passed over. 0 or -ENOMEM. */
int muster_take(struct muster *m, const struct muster_day *d);

/* After the last one: silent stations get their rows, all is put in order and
 * ranked. 0 or -ENOMEM. */
int muster_settle(struct muster *m);

/* Does it add up: the whole, every row, every cell, and the rows to the whole?
 * What does not is not to be printed. */
bool muster_holds(const struct muster *m);

/* Slots in a station's own hand, and those of them that aired whole. */
int64_t muster_in_hand(const struct tally_sum *s);

/* The logs of a row's station, in a row: how many, and the first; of a segment
 * or a unit 0. */
size_t muster_logs(
    const struct muster *m, const struct muster_row *row, size_t *ret_first);

#endif
