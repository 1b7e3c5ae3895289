/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * merkle - the arithmetic of a Merkle tree over SHA-256, as RFC 6962 section
 * 2.1 (and RFC 9162 section 2.1, which did not change it) defines it.
 *
 *	leaf = SHA-256(0x00 || entry)	node = SHA-256(0x01 || left || right)
 *
 * A tree of n > 1 leaves splits at the largest power of two below n; that of
 * none is SHA-256 of nothing. Nothing here reads a file or fails, but where it
 * asks its caller for a node.
 */
#ifndef EVIDENCE_MERKLE_H
#define EVIDENCE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define MERKLE_HEIGHT 62 /* of the largest tree */
#define MERKLE_PATH_MAX 64 /* hashes of a proof, of either kind */

struct merkle_hash { /* a plain value */
	unsigned char b[HASH_BYTES];
};

void merkle_leaf(const void *entry, size_t n, struct merkle_hash *ret);
void merkle_node(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret);
bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b);

/*
 * A tree that grows at its right: its right-hand frontier, the roots of the
 * whole subtrees that it is made of. at[k] counts where bit k of `size` is
 * set. A plain value; all zero is the empty tree.
 */
struct merkle {
	int64_t size;
	struct merkle_hash at[MERKLE_HEIGHT];
};

/* Adds a leaf. node() hears of every subtree that is whole with it: its height,
 * its index at that height, and its root; a leaf is one of height 0. It may be
 * NULL. About two hashes a leaf. */
void merkle_add(struct merkle *t, const struct merkle_hash *leaf,
    void (*node)(
	void *arg, int height, int64_t index, const struct merkle_hash *root),
    void *arg);

/* As many hashes as `size` has bits that are set. */
void merkle_root(const struct merkle *t, struct merkle_hash *ret);

/* Who has the nodes: the root of the whole subtree of 2^height leaves that
 * begins with leaf index * 2^height. 0, or a negative errno, which comes back
 * from whatever asked. */
struct merkle_source {
	int (*node)(
	    void *arg, int height, int64_t index, struct merkle_hash *ret);
	void *arg;
};

/* The frontier of the first `size` leaves. */
int merkle_at(
    const struct merkle_source *from, int64_t size, struct merkle *ret);

/* A proof: hashes in the order of the RFC, from the leaf upwards. */
struct merkle_path { /* a plain value */
	int n;
	struct merkle_hash at[MERKLE_PATH_MAX];
};

/* That a leaf is in the tree of `size`: section 2.1.1. -ERANGE: it is not. */
int merkle_inclusion(const struct merkle_source *from, int64_t index,
    int64_t size, struct merkle_path *ret);

/* That the tree of `size` goes on from that of `old`: section 2.1.2. Empty for
 * old 0 and old == size. -ERANGE when old is the larger. */
int merkle_consistency(const struct merkle_source *from, int64_t old,
    int64_t size, struct merkle_path *ret);

/* RFC 9162 sections 2.1.3.2 and 2.1.4.2: does the proof hold, to its last
 * hash? From the empty tree every tree goes on, by a proof without hashes. */
bool merkle_includes(const struct merkle_path *p, int64_t index, int64_t size,
    const struct merkle_hash *leaf, const struct merkle_hash *root);
bool merkle_continues(const struct merkle_path *p, int64_t old, int64_t size,
    const struct merkle_hash *old_root, const struct merkle_hash *root);

#endif
