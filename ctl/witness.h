/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * witness - somebody who stands beside the disk of a simulation and notes
 * every record that the log says is safe. After a crash, and at the end, each
 * of them must still be there, unchanged and in its place. (P8)
 *
 * It wraps the disk that the ledger is given, so that it sees what is
 * written; what counts it is told (witness_count()).
 */
#ifndef CTL_WITNESS_H
#define CTL_WITNESS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/disk.h"

struct witness;

/* Over `under`, borrowed. 0 and *ret_witness is yours, or -ENOMEM. */
int witness_new(struct disk *under, struct witness **ret_witness);

/* Accepts NULL; returns NULL. */
struct witness *witness_free(struct witness *w);

/* What to give to the ledger. Borrowed. */
struct disk *witness_disk(struct witness *w);

/* The ledger says that so many of its records count. 0; -EPROTO when it was
 * never given so many to write, -ENOMEM. */
int witness_count(struct witness *w, int64_t leaves);

/*
 * The process died; what a new one will find in the log on `disk` was written,
 * whether it counted or not. How many records that is, or what the disk says.
 */
int64_t witness_crash(struct witness *w, struct disk *disk);

/* Records that counted. */
int64_t witness_seen(const struct witness *w);

/* The last line that was written, counted or not, without its line feed, NULL
 * for none; its file, and where it ends there. Borrowed until the next write.
 */
const char *witness_last(const struct witness *w, size_t *ret_n,
    const char **ret_file, int64_t *ret_end);

/* 0 when everything that counted is in the log on `disk`; -EBADMSG and the leaf
 * index of the first that is not; or what the disk says. Unless `whole`, what
 * an earlier check found is only counted. */
int witness_check(
    struct witness *w, struct disk *disk, bool whole, int64_t *ret_seq);

/* A line for each record that counted: its leaf index, a space, its leaf hash
 * (loaxa-log(5)). 0 or -EIO. */
int witness_write(const struct witness *w, FILE *out);

#endif
