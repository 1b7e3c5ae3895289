/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * leaves - which leaf of a tree a record of the log is (seal.h): the first tree
 * has all of them in order; a later one the `epoch` record that began it, then
 * the others from that record's `from` on.
 */
#ifndef EVIDENCE_LEAVES_H
#define EVIDENCE_LEAVES_H

#include <stddef.h>
#include <stdint.h>

struct leaves { /* a plain value */
	int64_t epoch; /* seq of the record that began it; -1: the first tree */
	int64_t from; /* the first seq beside that one */
};

#define LEAVES_FIRST ((struct leaves){ -1, 0 })

/* Of a tree by the bytes of its first entry. -EBADMSG when that is no `epoch`
 * record which began a tree of that origin. */
int leaves_read(
    const char *entry, size_t n, const char *origin, struct leaves *ret);

/* The leaf of a record, -1 when it is in an older tree. */
int64_t leaves_index(const struct leaves *l, int64_t seq);

/* The record of a leaf. */
int64_t leaves_seq(const struct leaves *l, int64_t index);

/* The seq behind the last of a tree's first `size` leaves. A tree whose first
 * leaf is an epoch is never shorter than up to that record. */
int64_t leaves_end(const struct leaves *l, int64_t size);

#endif
