/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * daysum - what tally.h counts in a log, a sum for each station that its
 * records name, local date and segment.
 */
#ifndef EVIDENCE_DAYSUM_H
#define EVIDENCE_DAYSUM_H

#include "base/disk.h"
#include "evidence/tally.h"

struct daysum { /* lent */
	const char *about; /* the station */
	int64_t day;
	const char *segment; /* "": what is of none, and all gap music */
	const struct tally_sum *sum;
};

/* Of local dates from_day..to_day, in no order; together they are the tally's
 * sum. 0; what tally_read() says; a non-zero return of fn stops and is
 * returned. */
int daysum_each(struct disk *log, int64_t from_day, int64_t to_day,
    int (*fn)(void *arg, const struct daysum *d), void *arg);

/* The same of a tally that is there. */
int daysum_of(const struct tally *tally,
    int (*fn)(void *arg, const struct daysum *d), void *arg);

#endif
