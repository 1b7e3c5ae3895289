/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mirror - a signed tree on the disk of somebody who is not its station: the
 * same static files (tiles.h), grown at their right by entries, whoever brought
 * these. Every hash is computed here; none is taken over.
 *
 * Order. What is added is written beside what counts already, and never over
 * it; it is safe once mirror_flush() has returned 0, and a checkpoint that names
 * it comes behind that. A kill before it leaves files that nothing names: the
 * next growth writes over them.
 */
#ifndef EVIDENCE_MIRROR_H
#define EVIDENCE_MIRROR_H

#include "evidence/checkpoint.h"
#include "evidence/tiles.h"

struct mirror;

/*
 * The tree of `last` (its size and root count; NULL or size 0: the empty one)
 * in a folder, which is made with those above it. 0 and *ret_mirror is yours;
 * -EBADMSG when the files there do not give that root; or what the disk said.
 */
int mirror_open(const char *folder, const struct checkpoint *last,
    struct mirror **ret_mirror);

/* Accepts NULL; returns NULL. What was not flushed is forgotten. */
struct mirror *mirror_close(struct mirror *m);

/* The tree as it is now. Borrowed. */
const struct merkle *mirror_tree(const struct mirror *m);

/* The next leaf, n bytes, at most TILE_ENTRY_MAX. After a negative errno the
 * mirror is of no more use: close it. */
int mirror_add(struct mirror *m, const char *entry, size_t n);

/* All that was added is on the disk (syncfs). 0, or a negative errno. */
int mirror_flush(struct mirror *m);

/* A small file beside the tiles, durably, in the place of what was there. */
int mirror_put(struct mirror *m, const char *name, const void *bytes, size_t n);

/* A checkpoint of the tree as it is now counts: parts of tiles that are full
 * with it go. */
void mirror_tidy(struct mirror *m);

#endif
