/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seal - the airing log's Merkle tree on the disk: built from the log's lines,
 * signed with the station's key, and published as the static files of
 * C2SP tlog-tiles.
 *
 *	TREES/vN/checkpoint	the last signed one
 *	TREES/vN/vkey		the key that it opens with
 *	TREES/vN/tile/...	tiles and entry bundles (tiles.h)
 *	KEYS/station.key	the key (signer.h)
 *	KEYS/signed		the last signed checkpoint of all, once more
 *	KEYS/witnessed		one of them that somebody else had kept, put there
 *				by whoever got it back; it may be missing
 *
 * Leaves. A tree's leaves are lines of the log, each without its line feed, to
 * the byte as they counted. The first tree has every record, in order: its
 * index is its seq. A later one has first the `epoch` record that began it,
 * then all others from that record's `from` on, in order. A record that was
 * already gone when the tree came to its place is there as an entry of no
 * bytes, which no record can be. What is damaged later stays in the tree as it
 * was: that is how `verify` knows.
 *
 * Order. Leaves are safe before they come here; then tiles are written and
 * synced, then the checkpoint is signed, kept in KEYS, and last published. So
 * whatever a power cut takes, nothing was signed that it could take back.
 *
 * A new epoch. A log must never sign two trees of one size. When the log does
 * not go on from what was signed last (a disk that lied about a flush, a backup
 * put back, files lost or replaced) or of what a witness has of it, this tree
 * is over: a new one begins, under the next origin, with an `epoch` record for
 * which seal_meet() asks.
 *
 * Another key. A key that was deleted or put away is made anew, and nobody who
 * has the old one can know the new one for this station's. What the old one has
 * signed stays to the byte as it is; the new one's first tree is the next vN,
 * begun by such a record: its `cause` is "key". The same where nobody can tell
 * any more who signed the newest tree.
 */
#ifndef EVIDENCE_SEAL_H
#define EVIDENCE_SEAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/disk.h"
#include "evidence/checkpoint.h"

#define SEAL_KEPT "signed" /* in KEYS */
#define SEAL_WITNESSED "witnessed" /* in KEYS */
#define SEAL_PUBLISHED "checkpoint" /* in TREES/vN */
#define SEAL_VKEY "vkey"
#define SEAL_LOST_MAX 100000 /* records in one gap; more begin a new tree */
#define SEAL_ROOM (16 << 20) /* bytes of disk that are left to the log */

struct seal_setup { /* all borrowed for the call */
	const char *trees; /* folder, made if missing */
	const char *keys; /* folder, made if missing */
	int (*draw)(void *bytes, size_t n); /* of randomness */
	bool hasty; /* a test's: nothing is synced, nothing waited for */
};

struct seal;

/* Reads what was signed last. 0 and *ret_seal is yours; a negative errno:
 * -EBADMSG when the key's file is damaged. */
int seal_open(const struct seal_setup *setup, struct seal **ret_seal);

/*
 * Keeps a checkpoint that somebody else had of this station's, n bytes with
 * their cosignature, as SEAL_WITNESSED, durably: the next seal_open() holds the
 * tree against it. 0; 1: a later one is kept already; -EBADMSG, -ENOKEY,
 * -EKEYREJECTED: it is none of this key; or what the disk said.
 */
int seal_witness(const struct seal_setup *setup, const char *note, size_t n);

/* Accepts NULL; returns NULL. What was not published is forgotten. */
struct seal *seal_close(struct seal *s);

/*
 * Brings the tree up to the log's records before `end`, all of which count.
 * Once after seal_open(), and whenever seal_take() missed a record. 0; 1 when
 * the log does not go on from what was signed: *ret_epoch, yours, holds the
 * keys of an `epoch` record that is to be written; call again when it counts.
 * A negative errno: close it, and begin anew later.
 */
int seal_meet(
    struct seal *s, struct disk *log, int64_t end, json_t **ret_epoch);

/* Takes in the next record; `seq` is its own. -EINVAL when it is not the next
 * (seal_next()); another negative errno as seal_meet(). */
int seal_take(struct seal *s, const char *line, size_t n, int64_t seq);

/* Signs and publishes what has come in; nothing when nothing has. As
 * seal_meet(); -ENOSPC also where the disk has less than SEAL_ROOM left. */
int seal_publish(struct seal *s);

/* The seq it takes next; -1 before it has met the log, and while it waits for
 * an epoch. */
int64_t seal_next(const struct seal *s);

/* Leaves, and those of them that are signed and published. */
int64_t seal_size(const struct seal *s);
int64_t seal_signed(const struct seal *s);

/* Borrowed. */
const char *seal_origin(const struct seal *s);

#endif
