/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_sums - the sums of days (store.h) out of the records that just came,
 * as they were parsed for their rows, and the rows that were there before.
 */
#ifndef EVIDENCE_STORE_SUMS_H
#define EVIDENCE_STORE_SUMS_H

#include <jansson.h>
#include <stdbool.h>

#include "evidence/store_dates.h"

#define STORE_NO_DAY INT64_MIN

struct store_record {
	json_t *r;
	int kind;
	int64_t day; /* STORE_NO_DAY */
	int64_t at_us;
	int64_t month; /* of its row */
};

struct store_records { /* all 0: none; store_records_free() it */
	struct store_record *list;
	size_t n;
	size_t room;
	size_t all; /* also those of kinds that no sum asks for */
	int64_t first_seq;
	int64_t last_seq;
	bool astray; /* their numbers are in no order */
	char last_utc[32];
};

/* The next record, in the order of the leaves, as `of` has it: its r may be kept.
 * 0; -ENOMEM. */
int store_records_add(struct store_records *l, struct store_record of);

void store_records_clear(struct store_records *l);
void store_records_free(struct store_records *l);

struct store_sums {
	struct store *s;
	int64_t id; /* of the station */
	int64_t tree; /* the records' */
	int64_t before; /* leaves of it that were rows before them */
	bool alone; /* the station has no other tree */
	const struct store_records *records;
};

/* The sums of those dates, settled, made again; within the transaction that put
 * the records' rows. */
int store_sums_make(const struct store_sums *u, const struct store_dates *d);

#endif
