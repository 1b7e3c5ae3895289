/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index - an SQLite copy of the log for quick questions. The lines are the
 * truth: the index can be thrown away at any time and is made again from them.
 *
 * It remembers how many lines it holds and the hash of the last one, so it
 * knows when it is behind, and when the log it copied is not this one.
 */
#ifndef EVIDENCE_INDEX_H
#define EVIDENCE_INDEX_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/disk.h"
#include "evidence/record.h"

struct index;

/*
 * Opens the index file at `path` (":memory:" keeps it in memory), made when
 * missing, made anew when it is damaged, of another form or of another log,
 * and brings it up to the log on `disk` (borrowed while open). 0 and
 * *ret_index is yours. -EACCES, -EROFS or -ENOSPC where it cannot be written,
 * -EBUSY when another process keeps writing it, -EIO; or what the disk said.
 */
int index_open(struct disk *disk, const char *path, struct index **ret_index);

/* Accepts NULL; returns NULL. */
struct index *index_close(struct index *x);

/* Takes in what the log has gained. A negative errno leaves it as it was. */
int index_refresh(struct index *x);

/* True when what was at `path` was damaged, or not of this log. */
bool index_remade(const struct index *x);

/* Leaves it holds. */
int64_t index_leaves(const struct index *x);

/* The `slot` records of local dates from_day..to_day, by planned instant;
 * `station` "" is all. A non-zero return of fn stops and is returned. */
int index_slots(struct index *x, const char *station, int64_t from_day,
    int64_t to_day, int (*fn)(void *arg, const json_t *slot), void *arg);

/*
 * What sounded at an instant: each airing's `start` and `end`, by first
 * sample. `end` is NULL while it has none; then the airing counts from the
 * instant its cue named, for no longer than its frames last.
 */
int index_sounding(struct index *x, const char *station, int64_t us,
    int (*fn)(void *arg, const json_t *start, const json_t *end), void *arg);

/* The `slot` records whose planned window holds an instant: what was to
 * sound, also where nothing did. */
int index_planned(struct index *x, const char *station, int64_t us,
    int (*fn)(void *arg, const json_t *slot), void *arg);

/* The seqs of an airing's `start` and `end`, -1 for one that it has not; and
 * of a slot's `slot` record. -ENOENT. */
int index_airing(
    struct index *x, const char *airing, int64_t *ret_start, int64_t *ret_end);
int index_slot(struct index *x, const char *station, const char *date,
    const char *slot, int64_t *ret_seq);

/* Opens what is at `path` as it is, without a look at the log: for who can see
 * from the record itself whether the answer is right. -ENOENT where it is not
 * there, or of another form. */
int index_open_as_is(const char *path, struct index **ret_index);

/*
 * The seqs, in order, of the records of a kind that are about `key`: `day` by
 * "STATION/DATE", `withdraw` by its item, `anchor` by its origin, `correct` by
 * the number of the record that it corrects. A non-zero return of fn stops and
 * is returned.
 */
int index_about(struct index *x, enum kind k, const char *key,
    int (*fn)(void *arg, int64_t seq), void *arg);

/* The one record with this leaf index: 0 and *ret_record is yours, -ENOENT. */
int index_record(struct index *x, int64_t seq, json_t **ret_record);

#endif
