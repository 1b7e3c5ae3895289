/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_in - what the store's own files share (store.h). */
#ifndef EVIDENCE_STORE_IN_H
#define EVIDENCE_STORE_IN_H

#include "evidence/sql.h"
#include "evidence/store.h"

struct store {
	struct sql *sql;
	char *path; /* of the file, to be thrown away; NULL: a server's */
};

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

/* Makes the sums of those dates again out of that log; within a transaction. */
int store_sum_days(struct store *s, int64_t id, int64_t tree, int64_t from_day,
    int64_t to_day);

#endif
