/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store - the records of collected trees (collect.h) in one SQLite file, for
 * questions over many stations. The trees' files are the truth: this can be
 * thrown away at any time, and is made again from them.
 *
 *	station (id, key, name)		key is the 16 digits of roster.h
 *	tree (station, number, leaves)	how many of its leaves are rows
 *	leaf (station, tree, leaf, seq, about, at_us, kind, line)
 *
 * One row a leaf, under the key that begins with the station. `seq`, `about`
 * (the station that the record names), `at_us` (UTC) and `kind` are the
 * record's; NULL, and the kind '', for a leaf that is no record of loaxa's, as
 * one that was lost before it was signed. Rows and their count change in one
 * transaction: a kill leaves neither a double nor a gap.
 */
#ifndef EVIDENCE_STORE_H
#define EVIDENCE_STORE_H

#include <stdint.h>

struct store;

/* The file, made when missing, made anew when it is damaged or of another form.
 * 0 and *ret_store is yours. -EACCES, -EROFS, -ENOSPC, -EBUSY, -EIO. */
int store_open(const char *path, struct store **ret_store);

/* Accepts NULL; returns NULL. */
struct store *store_close(struct store *s);

/*
 * Takes in what a tree's files (in `folder`, of `size` leaves) have more than
 * the store; `name` is what the station is called now. 0; -ESTALE: it has more
 * than they: throw it away (store_forget()); what tiles_entry() or SQLite says,
 * with whole steps of it taken.
 */
int store_take(struct store *s, const char *key, const char *name,
    int64_t number, const char *folder, int64_t size);

/* All rows of a tree go. */
int store_forget(struct store *s, const char *key, int64_t number);

/* Trees that it has any of. A negative errno. */
int64_t store_trees(struct store *s);

/* Rows of a tree; 0 for one that it has not. A negative errno. */
int64_t store_rows(struct store *s, const char *key, int64_t number);

#endif
