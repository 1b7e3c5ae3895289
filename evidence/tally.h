/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tally - what was planned of some days and what became of it, slot by slot,
 * and the sums that a log book and a report are made of.
 *
 * Told from the log's lines alone: day sheets, starts, ends and slot outcomes,
 * and the outages that they explain; never from a schedule. It shares no
 * counting with asrun.h, so that the two can be held against each other.
 *
 * A run. What of a programme sounded is a first run or a repeat (phát lại, PL)
 * as its `start` says; an attempt that goes on with another is what that was.
 * A programme is a slot of a segment, a repeat of one, or one from above: a
 * signature tune and gap music are neither.
 *
 * A relay's time is never the station's own: it is counted apart.
 */
#ifndef EVIDENCE_TALLY_H
#define EVIDENCE_TALLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/disk.h"
#include "base/hash.h"

enum tally_run {
	TALLY_FIRST,
	TALLY_REPEAT,
	TALLY_OTHER, /* signature tunes, planned music */
	TALLY_RUNS
};

/* Why a slot did not air, or not whole: what a station can help, apart from
 * what it cannot. */
enum tally_cause {
	TALLY_POWER, /* the power was cut: beyond the station's control */
	TALLY_FAULT, /* a device, a signal, the clock or a program failed */
	TALLY_ORDER, /* a person's order: an emergency, a stop, a change */
	TALLY_WORK, /* not prepared: no file, not approved, too long... */
	TALLY_UNKNOWN, /* records are lost there: it may have aired */
	TALLY_CAUSES
};

struct tally_sum { /* a plain value; all lengths in milliseconds */
	/* Slots. planned = aired + aired_partial + not_aired + external */
	int64_t planned; /* of the day sheets, and over by the last record */
	int64_t open; /* of the day sheets, and not over yet */
	int64_t aired;
	int64_t aired_partial;
	int64_t not_aired;
	int64_t external;
	int64_t odd; /* with no outcome, with a second one, or unplanned; or
			with figures that cannot be */

	/* What sounded of the station's own slots, in whole or in part. */
	int64_t run_n[TALLY_RUNS]; /* slots */
	int64_t run_ms[TALLY_RUNS]; /* a slot's parts each by their own run */

	int64_t planned_ms;
	int64_t relay_ms; /* of slots left to a relay, as planned */
	int64_t signal_ms; /* with a measured signal, of that */
	int64_t lost_n[TALLY_CAUSES]; /* slots not aired */
	int64_t part_n[TALLY_CAUSES]; /* slots aired in part */

	/* Beside the plan. */
	int64_t unscheduled; /* airings: emergencies and orders */
	int64_t unscheduled_ms;
	int64_t music_ms; /* gap music; never the station's hours */
};

struct tally {
	/*
	 * A slot a row, by planned instant: {station, date, slot, title,
	 * segment, language, class, content, source, planned_utc, planned_ms,
	 * planned, open, odd, status, reason, cause, note, actual_utc, late_ms,
	 * actual_ms, run, first_ms, repeat_ms, other_ms, grade, signal_ms,
	 * lost_ms, sounded, leaf_index}.
	 *
	 * planned, open: 0 or 1, as in the sum; odd: true or false. status "" while it has none.
	 * source: "own", "above", or the relay's id. cause, run: words below,
	 * or "". actual_utc, late_ms, grade: null where nothing sounded; the
	 * grade is the least of its parts. signal_ms, lost_ms: null but of a
	 * relay with a source of its own. sounded: titles of what did.
	 */
	json_t *rows;
	/* What no slot planned, gap music left out, by its instant: {station,
	 * date, title, item, segment, language, class, source, reason, broken,
	 * order, actual_utc, actual_ms, grade, leaf_index}. */
	json_t *apart;
	json_t *music; /* {"station date": {station, date, n, ms}}: gap music */
	json_t *mourning; /* {"station date": {station, date, mourning,
			     silent}}: what mourning left out, no miss */
	json_t *hours; /* {"station date": [{utc, hours}]}: the allowed hours
			  that each of its day sheets tells, in order */
	json_t *days; /* {date: true}: those that a day sheet tells of */
	json_t *outages; /* as outages_read() */
	struct tally_sum sum;
	int64_t last_seq; /* of the last record that went in; -1 none */
	/* The first and the last local date that a day sheet tells of and that
	 * the log has come to: of days beside them it says nothing. There are
	 * none when first_day > last_day. */
	int64_t first_day;
	int64_t last_day;
	char digest[HASH_HEX]; /* of the leaf hashes of all that went in, and
				  of the outages; "" of tally_end()'s */
};

/* Of local dates from_day..to_day; `station` "" is all of them. 0 and
 * *ret_tally is yours; what the disk said; -ENOMEM. */
int tally_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, struct tally **ret_tally);

/* The same for who has the records of a log parsed: one by one, in its order.
 * Such a tally has no digest, and so no code. */
struct tally_reader;

/* `station` is borrowed until the end. 0 and *ret is yours, for tally_end();
 * -ENOMEM. */
int tally_begin(const char *station, int64_t from_day, int64_t to_day,
    struct tally_reader **ret);

/* Has a record of that kind (record_kind()) a word in it? */
bool tally_asks(int kind);

/* A record of such a kind (others change nothing), also of another date: what
 * cost a slot something. It may be kept, and is not changed. 0; -ENOMEM. */
int tally_take(struct tally_reader *rd, int kind, json_t *r);

/* `last_utc` is of the log's last record, "" when there was none: so far it has
 * come. rd is gone then, whatever it says. 0 and *ret_tally is yours. */
int tally_end(
    struct tally_reader *rd, const char *last_utc, struct tally **ret_tally);

/* Or nobody wants to know any more. */
void tally_drop(struct tally_reader *rd);

/* Accepts NULL; returns NULL. */
struct tally *tally_free(struct tally *t);

/* Does it add up: every slot planned has exactly one outcome, no other slot
 * has any, and what aired was sent for some time and nothing else was? What
 * does not is not to be printed. */
bool tally_holds(const struct tally_sum *s);

/* The first slot that keeps it from adding up, borrowed; NULL: none. */
const json_t *tally_first_odd(const struct tally *t);

/* What sounded of the station's own slots, over all runs: slots, and ms. */
int64_t tally_sent_n(const struct tally_sum *s);
int64_t tally_sent_ms(const struct tally_sum *s);

struct tally_group {
	char *key;
	struct tally_sum sum;
};

struct tally_groups {
	struct tally_group *list;
	size_t n;
};

/*
 * The sum apart for each key, in the order in which keys first come up. `key`
 * says a row's (of rows or apart), borrowed until it is called again. 0 and
 * *ret is yours: tally_groups_free(). -ENOMEM.
 */
int tally_by(const struct tally *t,
    const char *(*key)(void *arg, const json_t *row), void *arg,
    struct tally_groups *ret);
void tally_groups_free(struct tally_groups *g);

/* One key's sum, a new one of nothing where there is none: borrowed until the
 * next. NULL: no memory. */
struct tally_sum *tally_group(struct tally_groups *g, const char *key);

/* Adds one entry of `music`, which is in no group. */
void tally_add_music(struct tally_sum *s, const json_t *music);

/* The allowed hours in force at that instant of a date, by the log: a list of
 * {from_utc, to_utc}, borrowed; NULL when no sheet tells them. */
const json_t *tally_hours(
    const struct tally *t, const char *station, const char *date, int64_t us);

/* The words of the rows: "first", "repeat", "other"; "power", "fault",
 * "order", "work", "unknown". */
const char *tally_run_word(enum tally_run r);
const char *tally_cause_word(enum tally_cause c);

/*
 * The verification code of a printed page: the first 80 bits of the digest in
 * Crockford's base 32, as XXXX-XXXX-XXXX-XXXX. The same days of the same log
 * give the same code, whenever and in whatever language they are printed.
 */
#define TALLY_CODE 20
const char *tally_code(const struct tally *t, char buf[static TALLY_CODE]);

/* Are the two the same code, however it was typed (case, dashes, O for 0, I
 * and L for 1)? */
bool tally_is_code(const struct tally *t, const char *typed);

#endif
