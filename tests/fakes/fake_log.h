/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_log - a log written for a test: records of one station, "que-minh",
 * with every key that man/loaxa-log.5 names, at instants the test chooses.
 *
 * Local times are Asia/Ho_Chi_Minh's. Each function adds one record, makes it
 * count and returns its leaf index. `more` is JSON text whose keys replace or
 * follow the usual ones, or NULL.
 */
#ifndef TESTS_FAKES_FAKE_LOG_H
#define TESTS_FAKES_FAKE_LOG_H

#include "base/clock.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

#define FAKE_SHA \
	"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"

struct fake_log {
	struct disk *disk; /* in memory, or the one given; closed here */
	struct ledger *ledger;
	struct now now;
	const char *boot_id;
};

/* On a disk (NULL: a new one in memory); the hour is 2026-11-26 05:00:00. */
void fake_log_init(struct fake_log *l, struct disk *disk);
void fake_log_free(struct fake_log *l);

/* Moves the wall clock to a local "2026-11-26 17:10:30"; the boot clock goes
 * on by as much, when that is forward. */
void fake_log_at(struct fake_log *l, const char *local);

/* The UTC instant of such a text, and its text in the log. Static buffer. */
int64_t fake_us(const char *local);
const char *fake_utc(const char *local);

int64_t fake_log_add(
    struct fake_log *l, enum kind kind, const char *body, const char *more);

/* Slots as "ID HH:MM:SS SECONDS", one a comma. */
int64_t fake_log_day(struct fake_log *l, const char *date, const char *slots);

/* Attempt `n` of a slot: airing id "que-minh/DATE/SLOT/n", due now. */
int64_t fake_log_start(struct fake_log *l, const char *date, const char *slot,
    int n, const char *more);
/* It sounded until now, for ms. */
int64_t fake_log_end(struct fake_log *l, const char *date, const char *slot,
    int n, int64_t ms, const char *more);
/* An outcome with attempts 1..n. */
int64_t fake_log_slot(struct fake_log *l, const char *date, const char *slot,
    const char *status, const char *reason, int n, int64_t ms,
    const char *more);

#endif
