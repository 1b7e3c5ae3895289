/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_dates - the dates of a station whose sums (store.h) are to be made
 * again. */
#ifndef EVIDENCE_STORE_DATES_H
#define EVIDENCE_STORE_DATES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/store_in.h"

struct store_dates { /* all 0: none; store_dates_free() it */
	int64_t *list;
	size_t n;
	size_t room;
	struct store_outage { /* local dates */
		int64_t from;
		int64_t to;
	} * outages;
	size_t outages_n;
	size_t outages_room;
};

/* One more; those that are none of 2000 to 2099 go to no sum. 0; -ENOMEM. */
int store_dates_add(struct store_dates *d, int64_t day);

/* An `op` record: one of an outage changes the causes of what it cost, on
 * STORE_AHEAD_DAYS dates at most, its last ones. 0; -ENOMEM. */
int store_dates_outage(struct store_dates *d, const json_t *op);

/* Adds of these outages' dates those that have a sum: no record of the others
 * has come, so there is nothing to change. */
int store_dates_cost(struct store_dates *d, struct store *s, int64_t id);

/* In order, and each once. */
void store_dates_settle(struct store_dates *d);

/* Back to none, with the room that there is. */
void store_dates_clear(struct store_dates *d);
void store_dates_free(struct store_dates *d);

#endif
