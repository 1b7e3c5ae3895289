/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger - the airing log itself: append-only JSON lines, one file a month
 * (airing-YYYY-MM.jsonl by local time), leaf index running on across files.
 *
 * A record counts when ledger_flush() has returned 0 after it was added
 * (fdatasync). When the disk refuses, records wait in memory, in order, and
 * every later flush tries again: nothing is lost while the process lives.
 * The exact bytes of a line, without its line feed, are the leaf.
 * The file only moves forward: when the clock goes back over a month's end,
 * lines go on in the newest file. (P8)
 *
 * A line that is not ours, or not of its place, is damage: a bad sector, or
 * somebody's hand. It stays where it is, to the byte; readers pass it over,
 * and the log goes on behind the last line that is whole. A station that fell
 * silent over a line of last spring would break P2 for every slot to come, and
 * a file set aside would take with it the thousands of lines that are whole.
 * That something is lost shows in the leaf indices for ever, `audit` names the
 * place, an `epoch` record says so, and a repair from a backup heals it.
 */
#ifndef EVIDENCE_LEDGER_H
#define EVIDENCE_LEDGER_H

#include <jansson.h>
#include <stdint.h>

#include "base/disk.h"

/* Bytes that may be set aside from where a power cut tore the log, also when
 * whole records stand in them: a day or two. Without a limit a log that a sick
 * disk damaged long ago would begin anew from there. */
#define LEDGER_TAIL_MAX (256 << 10)

struct ledger;

/* What is not as it was written; all 0 and "" when nothing is. */
struct ledger_damage { /* a plain value */
	char file[32]; /* of the first of it */
	int64_t line; /* there, from 1 */
	int64_t lost; /* lines that are not ours, or not there any more */
};

/*
 * Opens the log on `disk` (borrowed while open), counts its lines and sets a
 * torn last line aside (unfinished, or a tail of NULs, with what a disk that
 * lies has kept behind them): its bytes go to torn-SEQ-N.bin, and the file is cut after the last line feed when the next
 * record is written, once those bytes are safe. `torn`, when not NULL, gets
 * that name ("" for none; 64 bytes). 0 and *ret_ledger is yours, also when
 * ledger_damaged() says what is wrong; -EBADMSG when there are lines and none
 * of them is ours.
 */
int ledger_open(struct disk *disk, char *torn, struct ledger **ret_ledger);

/*
 * Takes r over (also on failure) and sets its seq. 0; -ENOMEM, also for r
 * NULL, so that a record_new() may be handed on unseen; -EMSGSIZE for more
 * than RECORD_BYTES_MAX (nothing is added).
 */
int ledger_add(struct ledger *l, json_t *r);

/* Writes and syncs what waits, with one write and one sync a file. 0 when
 * every added record counts; else a negative errno, and what does not count
 * still waits, in order. */
int ledger_flush(struct ledger *l);

/* From now on a flush waits no longer than that for the disk, where the disk
 * can be left waiting; 0: as long as ever. */
void ledger_hurry(struct ledger *l, int ms);

/* From now on fn hears of every record that counts, in order, once: its line
 * without the line feed, borrowed for the call. It may not use the ledger. */
void ledger_listen(struct ledger *l,
    void (*fn)(void *arg, const char *line, size_t n), void *arg);

/* Records waiting, and a look at the i-th of them (borrowed; may be changed
 * until it is written: P4's intent = "late"). */
size_t ledger_waiting(const struct ledger *l);
json_t *ledger_waiting_at(struct ledger *l, size_t i);

/* Leaves that count. */
int64_t ledger_leaves(const struct ledger *l);

/* The seq the next added record will get: leaves plus waiting. */
int64_t ledger_next_seq(const struct ledger *l);

/* As the log was when it was opened. Borrowed. */
const struct ledger_damage *ledger_damaged(const struct ledger *l);

/* Flushes, closes. Accepts NULL; returns NULL. */
struct ledger *ledger_close(struct ledger *l);

/*
 * Reads a log's lines in order, without opening it for writing: fn gets each
 * whole line, its length and its leaf index; a non-zero return stops and is
 * returned. A torn last line is left out, and so is what is damaged.
 */
int ledger_each(struct disk *disk,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq), void *arg);

/*
 * The same; lost() is told where records are no longer there, before the line
 * behind them. `kinds` are those they may have been, a bit each: of one line
 * that still shows its kind, that one; else all.
 */
int ledger_each_or_lost(struct disk *disk,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq),
    void (*lost)(void *arg, unsigned kinds), void *arg);

/*
 * One writer at a time: an advisory lock (flock) on FOLDER/lock. A descriptor
 * that is yours (close() unlocks); -EWOULDBLOCK when another process has it.
 */
int ledger_lock(const char *folder);

#endif
