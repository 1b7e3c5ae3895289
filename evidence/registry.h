/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry - what the log says so far, kept up with it: which bytes are
 * approved, which have aired, which slots have their outcome, what was left
 * open. Fed with every line at start and with every record as it is added.
 *
 * A year of log is read in well under 200 ms: lines are told apart by their
 * first bytes and only those that matter here are parsed.
 */
#ifndef EVIDENCE_REGISTRY_H
#define EVIDENCE_REGISTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/disk.h"

struct registry;

/* Empty; yours, or NULL when out of memory. */
struct registry *registry_new(void);
struct registry *registry_free(struct registry *g);

/* Takes in the whole log. A negative errno when it cannot be read. */
int registry_read(struct registry *g, struct disk *disk);

/* Takes in one record; `seq` is its leaf index. 0 or -ENOMEM. */
int registry_take(struct registry *g, const json_t *record, int64_t seq);

/*
 * P5: true when the item's latest word on these bytes is an approval; its seq
 * in *ret_seq (may be NULL). A withdrawal takes back every approval of the
 * item before it. Whether that is enough to air is scheduler/approval.h's.
 */
bool registry_approved(const struct registry *g, const char *item,
    const char *sha256, int64_t *ret_seq);

/*
 * The approvals that stand for these bytes, one a person. Those given by who
 * had added or edited the item before (`item` records name them) count only
 * where `same_person` is true.
 */
struct registry_approvals {
	int persons;
	int needs; /* persons asked for when it was signed; at least 1 */
	int64_t seq; /* of the last one; -1 none */
};

void registry_approvals(const struct registry *g, const char *item,
    const char *sha256, bool same_person, struct registry_approvals *ret);

/* The seq of this person's approval that stands, counted or not; -1 none. */
int64_t registry_signed(const struct registry *g, const char *item,
    const char *sha256, const char *person);

/* True when the log names the person as one who added or edited the item with
 * these bytes; with NULL, when it names anybody. */
bool registry_edited(const struct registry *g, const char *item,
    const char *sha256, const char *person);

/*
 * Where the log is damaged, a withdrawal may have stood: an approval before it
 * counts no more, unless the item has aired since by that approval, for who
 * let it air had read the line that we cannot. (P5)
 */

/* True when the item's last word is a withdrawal. */
bool registry_withdrawn(const struct registry *g, const char *item);

/* True once these bytes have an `end` with sound (actual_ms > 0) at the
 * station: the next airing is not a first run. */
bool registry_aired(
    const struct registry *g, const char *station, const char *sha256);

/*
 * P3: true when the slot of that date has its `slot` record. `date` is
 * YYYY-MM-DD. The slots of a date whose sheet was wholly settled more than 40
 * dates ago are all closed; a date the log never named has none closed.
 */
bool registry_closed(const struct registry *g, const char *station,
    const char *date, const char *slot);

/* The status word of that `slot` record; NULL when there is none, "" when the
 * date is so old that only its being closed is known. Borrowed. */
const char *registry_outcome(const struct registry *g, const char *station,
    const char *date, const char *slot);

/* The reason word of that record, "" for none or when it is not known any
 * more; *ret_actual_ms (what was sent of it) is set only with a reason.
 * Borrowed. */
const char *registry_reason(const struct registry *g, const char *station,
    const char *date, const char *slot, int64_t *ret_actual_ms);

/* The first date that has a day sheet at the station, as a day number; NEVER
 * when none has. And whether a date has, or had, one. */
int64_t registry_first_day(const struct registry *g, const char *station);
bool registry_has_day(
    const struct registry *g, const char *station, int64_t day);

/*
 * Day sheets in force (the last `day` record of a date) that still have a
 * slot without outcome, oldest first: fn gets the whole record, borrowed.
 * A non-zero return stops and is returned. fn may take records in.
 */
int registry_open_days(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *day), void *arg);

/*
 * Attempts on slots without outcome, and attempts left open for any reason
 * (also those of no slot), in order: fn gets the `start` record and its
 * `end`, NULL when it was left open. Borrowed.
 */
int registry_attempts(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *start, const json_t *end), void *arg);

/* Orders prepared or released (`op` records "emergency" and "play") of which
 * the log does not say what became of them, in order: fn gets the record,
 * borrowed, and may take records in. */
int registry_orders(const struct registry *g, const char *station,
    int (*fn)(void *arg, const json_t *op), void *arg);

/* The last record's instant (UTC, 0 when there is none), and the boot id of the
 * last `boot` record ("" when no daemon has run). An office that writes while
 * the daemon is down leaves the latter alone. */
int64_t registry_last_us(const struct registry *g);
const char *registry_last_boot(const struct registry *g);

/* How late it has been by the log, and how far that was believed. A person's
 * word on the clock (a `clock` record with a `person`) begins anew. */
const struct clock_marks *registry_marks(const struct registry *g);

/* What the last daemon of this boot wrote of the clock; TRUST_UNSURE when that
 * was another boot. */
struct clock_word registry_clock(const struct registry *g, const char *boot_id);

/* What an upper level cosigned last of this log, by its `anchor` records: who,
 * when (UTC; 0 never), how many records. Borrowed. */
struct registry_anchor {
	char cosigner[192];
	int64_t at_us;
	int64_t size;
	int64_t anchors; /* `anchor` records since, this one included */
};
const struct registry_anchor *registry_anchored(const struct registry *g);

/* The same of one of them; at_us is 0 where it never has. */
const struct registry_anchor *registry_anchored_by(
    const struct registry *g, const char *cosigner);

/*
 * Does another cosignature of the same one, of `size` records at `at_us`, add
 * anything to its last? Not when that is later; and within a day not when it
 * covers no more than such records themselves: each of them would have to be
 * signed and cosigned again, without an end.
 */
bool registry_anchor_adds(
    const struct registry_anchor *last, int64_t size, int64_t at_us);

/* How many lines the last `epoch` record of a damaged log calls lost; 0 when
 * there is none. */
int64_t registry_told_lost(const struct registry *g);

/* Does the instant lie where records are lost, less a day, or between the end of a backup and the `epoch` record that
 * goes on from it (the last one)? Another computer, with a log of its own, may
 * have been on the air then. */
bool registry_elsewhere(const struct registry *g, int64_t us);

#endif
