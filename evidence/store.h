/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store - the records of collected trees (collect.h) in a database, for
 * questions over many stations. The trees' files are the truth: this can be
 * thrown away at any time, and is made again from them.
 *
 * Which database is a property of the collector's folder: STORE/store.db
 * (SQLite), or the PostgreSQL that one line of STORE/rows names. So nobody who
 * collects, is pushed to or reports can forget an option and fill two.
 *
 *	station (id, key, name)		key: the 16 digits of roster.h; id: the
 *					same as a number, with a sign
 *	tree (station, number, leaves, first, until, last, last_us)
 *	leaf (station, month, tree, leaf, seq, about, at_us, day, kind, line,
 *	    raw)
 *	daysum (station, month, day, about, segment, ... sums)
 *
 * One row a leaf, under the key that begins with the station; `leaves` is how
 * many of its leaves are rows. Of a leaf: `month` (YYYYMM, UTC) of `at_us`;
 * `about`, the station that the record names; `day`, its `date` as days since
 * 1970; `line`, its bytes. `seq`, `about`, `at_us` and `kind` are NULL, 0 and
 * '' for a leaf that is no record of loaxa's, as one that was lost before it
 * was signed; bytes that are no text are in `raw`. A tree that begins anew says
 * records over again: those of a tree with a seq of its `until` or more, which
 * is the least `first` of the later trees, do not count. `last` is its last
 * record.
 *
 * A row of `daysum` is one station's local date (of 2000 to 2099) and segment, as
 * tally.h counts it; `month` and `day` are of that date. It is counted out of the first tree
 * that came past the date's end, which was cosigned then: what a station put back
 * to an old copy says in a later tree of days that it cannot remember takes
 * nothing of it back.  Rows, their count and the sums change
 * in one transaction: a kill leaves neither a double nor a gap.
 */
#ifndef EVIDENCE_STORE_H
#define EVIDENCE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/disk.h"
#include "evidence/tally.h"

#define STORE_FILE "store.db"
#define STORE_ROWS "rows" /* the file that names another database */

struct store;

/* The SQLite file, made when missing, made anew when it is damaged or of
 * another form; or the server of such a text: postgresql://USER@HOST/DATABASE.
 * 0 and *ret_store is yours. What sql.h says. */
int store_open(const char *where, struct store **ret_store);

/* What the database's own words were when the last call failed; "" it had none.
 * A static buffer. */
const char *store_said(void);

/* From now on a collector's folder has its rows there: a server, which must
 * answer; "": in the file again. What is lacking there is filled in by the next
 * collecting. 0; -EINVAL: it is no such text; what store_open() says. */
int store_use(const char *folder, const char *where);

/* That of a collector's folder; else as store_open(). -EINVAL: the line of
 * STORE/rows is none of store_use(). */
int store_at(const char *folder, struct store **ret_store);

/* The same, to be read only: -ENOENT when nothing was collected yet, -EBADMSG
 * when it is damaged or of another form, which collecting mends. */
int store_look(const char *folder, struct store **ret_store);

/* Accepts NULL; returns NULL. */
struct store *store_close(struct store *s);

/*
 * Takes in what a tree's files (in `folder`, of `size` leaves) have more than
 * the store; `key` is the station's 16 digits (-EINVAL: it is not), `name` what
 * it is called now. 0; -ESTALE: it has more than they: throw it away
 * (store_forget()); what tiles_entry() or sql.h says, with whole steps of it
 * taken.
 */
int store_take(struct store *s, const char *key, const char *name,
    int64_t number, const char *folder, int64_t size);

/* The same of many trees: of several in one transaction, and into a server by as
 * many processes as there are processors. */
struct store_tree { /* all borrowed */
	const char *key;
	const char *name;
	int64_t number;
	const char *folder;
	int64_t size;
	int error; /* what store_take() says of it */
};

/* Each has its `error` then; the first that is one, or 0. */
int store_take_all(struct store *s, struct store_tree *list, size_t n);

/* All rows of a tree go, and the sums that were made of them. */
int store_forget(struct store *s, const char *key, int64_t number);

/* Trees that it has any of. A negative errno. */
int64_t store_trees(struct store *s);

/* Rows of a tree; 0 for one that it has not. A negative errno. */
int64_t store_rows(struct store *s, const char *key, int64_t number);

/* Of all functions below, what fn gets is lent for the call; fn may not use the
 * store; a non-zero return of it stops and is returned. */

struct store_station {
	const char *key;
	const char *name;
	int64_t trees;
	int64_t leaves;
	int64_t last_us; /* the instant of its last record; 0: it has none */
};

/* In order of their keys. */
int store_stations(struct store *s,
    int (*fn)(void *arg, const struct store_station *st), void *arg);

/*
 * The records that a station's log has of from_us <= instant < until_us, each
 * once, in the order of its log. fn is as ledger_each()'s. -ENOENT: the store
 * has no such station.
 */
int store_lines(struct store *s, const char *key, int64_t from_us,
    int64_t until_us,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq), void *arg);

/*
 * A station's log as its readers want it (tally_read(), asrun_read(), ...), in
 * memory, for questions about local dates from_day..to_day: the records of
 * those dates and the two beside them, whenever they were written; those of no
 * date (boot, clock, op, ...) from STORE_BACK_DAYS before until more than a year
 * after, as one may tell of a long outage; every schedule; and the last one, which says how far the log has come. A record that a clock
 * more than STORE_BACK_DAYS slow has dated is missed. *ret_disk is yours:
 * disk_close(). -ENOENT: the store has no such station.
 */
#define STORE_BACK_DAYS 31
int store_log(struct store *s, const char *key, int64_t from_day,
    int64_t to_day, struct disk **ret_disk);

/*
 * The same where its log began anew, too: from_day..to_day in spans, each with
 * the log (the call's own) as the tree has it that tells of these dates, which
 * is that of the sums; with so many dates around it. -ENOENT: the store has no
 * tree of such a station.
 */
int store_spans(struct store *s, const char *key, int64_t from_day,
    int64_t to_day, int around,
    int (*fn)(void *arg, struct disk *log, int64_t from_day, int64_t to_day),
    void *arg);

enum store_span {
	STORE_DAY, /* each date apart */
	STORE_WEEK, /* each week, from its Monday */
	STORE_ALL /* all of them in one */
};

struct store_want {
	const char *key; /* one station's; NULL: of all */
	int64_t from_day; /* local dates, both included */
	int64_t to_day;
	enum store_span span;
	bool segments; /* apart, too */
};

struct store_day {
	const char *key;
	const char *name; /* what the collector calls it now */
	const char *about; /* the station that its records name */
	int64_t day; /* the date; the week's Monday; from_day */
	const char *segment; /* "": none, or all of them */
	struct tally_sum sum;
};

/* The sums, in order of key, day, about and segment. A date that has none: its
 * log says nothing of it, or has not arrived. */
int store_days(struct store *s, const struct store_want *want,
    int (*fn)(void *arg, const struct store_day *d), void *arg);

#endif
