/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sending - one signed tree that comes in bundle by bundle (receive.h): what is
 * here of it, and which bundle is wanted next. No bundle is kept before a proof
 * has shown that all up to its end is what the checkpoint signs; nothing here
 * is synced, for what a power cut takes is asked for again.
 *
 * What lies in the folder when it is opened may have been changed there, and a
 * later checkpoint may be of another history. A proof that does not hold says
 * nothing of that, for anybody can send one; only the root that a proof gives
 * by the checkpoint does (sending_prove()).
 *
 *	FOLDER/tile/entries/N[.p/W]
 */
#ifndef EVIDENCE_SENDING_H
#define EVIDENCE_SENDING_H

#include "evidence/checkpoint.h"
#include "evidence/tiles.h"

#define SENDING_MAX (INT64_C(1) << 30) /* bytes of one tree's bundles */

struct sending;

/*
 * Goes on with what lies in the folder, or begins it. `is` is what was signed;
 * `had` leaves of that tree are there already, as files (tiles.h) in the folder
 * `own`: the bundles that are full with them are not wanted. 0 and *ret is
 * yours; -EBADMSG, -ENOENT when the files in `own` are damaged; a negative
 * errno.
 */
int sending_begin(const char *folder, const char *own, int64_t had,
    const struct checkpoint *is, struct sending **ret);

/* Accepts NULL; returns NULL. The files stay. */
struct sending *sending_free(struct sending *s);

/* Another checkpoint of the same tree, as it has grown: false when what is here
 * is more than that, or it was begun behind other leaves: begin anew, with the
 * files that are here. */
bool sending_sign(struct sending *s, int64_t had, const struct checkpoint *is);

/* Is all of it here? */
bool sending_is_whole(const struct sending *s);

/* Does a whole bundle lie here that the checkpoint does not reach? */
bool sending_has_more(const struct sending *s);

/* The number of the bundle that is wanted next, and its path. */
int64_t sending_wanted(const struct sending *s);
const char *sending_path(const struct sending *s, char buf[static TILE_PATH]);

/*
 * `root` is said to be that of all leaves before the bundle that is wanted, and
 * the proof goes from there to the checkpoint's. 0: what is here is that;
 * -EKEYREJECTED: the proof does not hold, and says nothing; -ESTALE: it holds,
 * and what was found in the folder is not what was signed: it has to go.
 */
int sending_prove(const struct sending *s, const struct merkle_hash *root,
    const struct merkle_path *proof);

/*
 * Takes that bundle, n bytes, plain or gzip; the proof goes from the leaves up
 * to its end to the checkpoint's. 0; -EBADMSG: it is no such bundle;
 * -EKEYREJECTED: it is not shown to be what was signed; -EFBIG: it would be more
 * than SENDING_MAX; or what the disk said.
 */
int sending_take(struct sending *s, const void *bytes, size_t n,
    const struct merkle_path *proof);

#endif
