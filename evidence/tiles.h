/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tiles - a log's tree as static files: C2SP tlog-tiles v0.1.0.
 *
 *	tile/L/N[.p/W]		up to 256 hashes: roots of whole subtrees of
 *				256^L leaves
 *	tile/entries/N[.p/W]	the same leaves themselves, each behind its
 *				length, 2 bytes, big-endian
 *
 * A bundle that is full is gzip (RFC 1952), as a server may hand it out with
 * `Content-Encoding: gzip`; one that is not, or of an older version, is plain:
 * no record begins as gzip does.
 *
 * N is written in groups of three digits, all but the last behind an "x"; a
 * tile that is not full has its width W behind it. A file never changes; one
 * with a W goes once the full one is there.
 */
#ifndef EVIDENCE_TILES_H
#define EVIDENCE_TILES_H

#include "evidence/merkle.h"
#include "evidence/note.h"

#define TILE_WIDTH 256
#define TILE_HEIGHT 8
#define TILE_ENTRIES (-1) /* in the place of a level */
#define TILE_PATH 96 /* bytes of a path below the prefix */
#define TILE_ENTRY_MAX 65535
#define TILE_BYTES_MAX (TILE_WIDTH * (2 + TILE_ENTRY_MAX))

/* Its path below the prefix; width 1 to 256. */
const char *tile_path(
    int level, int64_t n, int width, char buf[static TILE_PATH]);

/* How many hashes (or entries) tile n of a level has in a tree of `size`. */
int tile_width(int level, int64_t n, int64_t size);

struct tiles;

/* The files of a tree below a folder, to be read. 0 and *ret_tiles is yours;
 * a negative errno when the folder cannot be opened. */
int tiles_open(const char *folder, struct tiles **ret_tiles);

/* The same of files that a stranger brought: the folder is an open one
 * (borrowed), and no link below it is followed: -ELOOP or -ENOTDIR. */
int tiles_open_strictly(int folder, struct tiles **ret_tiles);

/* Accepts NULL; returns NULL. */
struct tiles *tiles_close(struct tiles *t);

/* From now on as a tree of that size has them. */
void tiles_size(struct tiles *t, int64_t size);

/* One hash of a level. -ENOENT when its file is not there (a full one serves
 * for a part of it), -EBADMSG when it is not as long as it has to be, -ERANGE
 * beyond the tree. */
int tiles_hash(
    struct tiles *t, int level, int64_t index, struct merkle_hash *ret);

/* A source of every node, out of the same files; borrowed from t. */
struct merkle_source tiles_source(struct tiles *t);

/* One entry: *ret_bytes is lent until the next call. As tiles_hash(). */
int tiles_entry(
    struct tiles *t, int64_t index, const char **ret_bytes, size_t *ret_n);

/* A small file of the folder, as `checkpoint`, with a NUL behind it; yours.
 * -EFBIG above NOTE_MAX. */
int tiles_file(
    struct tiles *t, const char *name, char **ret_bytes, size_t *ret_n);

/* The public key whose text (note.h) such a file holds, as `vkey`. -EBADMSG
 * when it is none; else as tiles_file(). */
int tiles_key(struct tiles *t, const char *name, struct note_key *ret);

#endif
