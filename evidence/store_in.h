/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_in - what the store's own files share (store.h). */
#ifndef EVIDENCE_STORE_IN_H
#define EVIDENCE_STORE_IN_H

#include "evidence/sql.h"
#include "evidence/store.h"
#include "evidence/trees.h"

struct store {
	struct sql *sql;
	char *where; /* as store_open() was told */
};

/* Is that a server's, or a file's? */
bool store_is_server(const char *where);

/* Keeps what the database said, for store_said(); or said to somebody else. */
void store_hear(struct store *s);
void store_hear_of(const char *words);

/* The number of 16 digits. -EINVAL. */
int store_id(const char *key, int64_t *ret_id);

/* YYYYMM of a date. */
int64_t store_month(int64_t day);

/* The first column of the first row; `otherwise` where there is none. */
int store_ask(struct store *s, const char *text, const struct sql_value *v,
    size_t n, int64_t otherwise, int64_t *ret);

/* As store_log(), by the number, as its trees up to `tree` tell it; within a
 * transaction, too. */
int store_log_of(struct store *s, int64_t id, int64_t tree, int64_t from_day,
    int64_t to_day, struct disk **ret_disk);

/* What store_take() does, of so many trees at most, no tree twice, in one
 * transaction as long as each has few rows to come. 0, and each has its own
 * `error`; or why none could be taken, all of it or from some step on. */
#define STORE_TOGETHER 40
int store_take_some(struct store *s, struct store_tree *trees, size_t n);

struct store_told { /* a tree */
	int64_t number;
	int64_t whole; /* the last date that was over when it ended */
};

struct store_tolds { /* of a station, by number */
	struct store_told list[TREES_MAX];
	size_t n;
};

int store_tolds(struct store *s, int64_t id, struct store_tolds *ret);

/* Which tree tells of a date: the first that came past its end, or had all its
 * slots' outcomes. It was cosigned
 * then; a station that was put back to an old copy, and says in a later tree
 * what it can not remember, takes nothing of it back. 0: none does. */
int64_t store_tree_of(const struct store_tolds *t, int64_t day);

/* Makes the sums of those dates again, as that tree tells them, out of the rows;
 * within a transaction. */
int store_sum_days(struct store *s, int64_t id, int64_t tree, int64_t from_day,
    int64_t to_day);

/* Puts the sums of a tally in the place of what there is of these dates. */
int store_put_sums(struct store *s, int64_t id, const struct tally *t,
    bool there_may_be, int64_t from_day, int64_t to_day);

/* So many days after an outage, or another record of no date, it may still change
 * what is told of a date. */
#define STORE_AHEAD_DAYS 400

#endif
