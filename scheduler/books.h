/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * books - the scheduler's side door to the airing log: what it does, written
 * as records (man/loaxa-log.5 lists their keys).
 *
 * Adding puts a record in order and tells the registry; flushing makes it
 * count. A disk that refuses is tried again every 5 s; nothing is lost while
 * the process lives, and books_fault() says so loudly meanwhile. A full one is
 * given its ballast first. (P4, P8)
 */
#ifndef SCHEDULER_BOOKS_H
#define SCHEDULER_BOOKS_H

#include "base/ballast.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/registry.h"
#include "scheduler/orders.h"
#include "scheduler/profile.h"

#define BOOKS_RETRY_US (5 * US_PER_S)
#define BOOKS_SOON_US US_PER_S /* after one that could not wait */

#define ITEM_TEXT_MAX 404 /* a title: ITEM_TITLE_MAX and its NUL */

struct books { /* one per daemon; a plain value */
	struct ledger *ledger; /* borrowed, as is the registry */
	struct registry *registry;
	char boot_id[37];
	char salt[33]; /* of codes (orders.h), or "" */
	int error; /* of the last flush: 0, or a negative errno */
	int64_t retry_boot_us; /* not before */
	int64_t since_us; /* wall: when it began to fail */
	struct ballast *ballast; /* borrowed, or NULL */
	int64_t synced_us; /* wall: the last flush that counted; 0 none yet */
	int64_t late; /* start records written late in this life (P4) */
};

/* Takes the record over. 0, or a negative errno: it is not in the log. */
int books_add(struct books *b, json_t *record);

/* Makes everything added count, unless a retry is not due yet. 0, or the
 * error in force. */
int books_flush(struct books *b, struct now now);

/* The same at once, and waiting no longer than that for the disk: something
 * sounds that cannot wait for it. After a failure all is tried again a second
 * later, with all patience. */
int books_flush_soon(struct books *b, struct now now, int ms);

/* What a person, and a program, may call the error in force: "" none, "full",
 * "read_only", "hanging" (no answer yet), "failing". */
const char *books_fault(const struct books *b);

/* P4: marks every waiting start record as written late, of grade 1. */
void books_mark_late(struct books *b);

/* When the next retry is due; NEVER while all is well. */
int64_t books_wake(const struct books *b);

/* One attempt at one item, as start and end records tell it. */
struct attempt {
	uint64_t airing; /* the deck's name for it, unique in a process */
	char id[160]; /* the log's: STATION/DATE/SLOT/N */
	struct run *run;
	size_t item; /* index into the slot's items */
	int64_t start_us; /* wall instant the cue asks for */
	int64_t start_boot_us;
	int64_t stop_us;
	int64_t fence_us; /* wall: its allowed hours end then */
	int64_t offset; /* frames skipped at the item's head */
	int64_t frames; /* planned to sound */
	int64_t left; /* of the item from offset on; a cut may fall
				 * before its end */
	char sha256[HASH_HEX];
	char title[ITEM_TEXT_MAX];
	char language[16];
	double lufs;
	double top_db; /* the item's true peak, as stored */
	int channels;
	int64_t approval; /* seq of the approve record; -1 none */
	bool first_run;
	bool waits; /* loaded for an order that does not want it yet */
	bool loaded; /* and its source is ready */
	bool cued; /* its start record is written */
	bool sounding;
	int64_t sent; /* frames, as last told */
	int64_t silent;
	int64_t muted; /* frames sent while the mixer was muted */
	int underruns;
	int64_t underrun_us;
	int percent; /* of its speed, the device's; 0: as it should be */
	int64_t first_boot_us; /* 0 until it sounds */
	int64_t first_us; /* its wall instant, by the clock as last trusted;
			   * 0 none */
	int64_t last_boot_us;
	int32_t peak_mdb;
	int32_t gain_mdb; /* as the player told it */
	const char *dropped; /* an outcome word: why we asked for its end;
			      * NULL: we did not */
};

/* The words an attempt ended with, and how well they are known. */
struct ending {
	const char *status;
	const char *reason;
	bool at_least;
	const char *broken; /* of an order: why not all of it sounded, or "" */
};

/* Each adds its record; the caller flushes. `device` is the output's name. */
/* `rules` are the site's: the sheet says which hours they allow that date. */
int books_day(struct books *b, const char *station, struct now now,
    const struct day *d, const struct profile *rules);

/* P1: the hours that rules allow on a date, as a day sheet tells them: a list
 * of {from_utc, to_utc}. Yours; NULL when out of memory. */
json_t *books_hours(const struct profile *rules, int64_t day);
int books_start(struct books *b, const char *station, struct now now,
    const struct day *d, const struct attempt *a, const char *continues,
    const char *device);
int books_end(struct books *b, const char *station, struct now now,
    const struct day *d, const struct attempt *a, const struct ending *e,
    const char *device);
int books_slot(struct books *b, const char *station, struct now now,
    const struct day *d, const struct planned *p, const struct outcome *o,
    const json_t *airings, const char *note);
int books_relay(struct books *b, const char *station, struct now now,
    const struct planned *p, const char *op, const char *detail);
int books_op(struct books *b, const char *station, struct now now,
    const char *op, const char *person, const char *result, const char *detail);

/* The same about an order (scheduler/orders.h), with its keys; `more` has
 * further ones, or is NULL; taken over. */
int books_order(struct books *b, const char *station, struct now now,
    const struct order *o, const char *result, const char *detail,
    json_t *more);

#endif
