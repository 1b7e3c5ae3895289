/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checkpoint - how large a log is and what its root is, as C2SP
 * tlog-checkpoint v1.0.0 writes it; signed, it is a note (note.h).
 *
 *	ORIGIN LF SIZE LF base64(ROOT) LF [EXTENSION LF ...]
 */
#ifndef EVIDENCE_CHECKPOINT_H
#define EVIDENCE_CHECKPOINT_H

#include "evidence/merkle.h"
#include "evidence/note.h"

#define CHECKPOINT_TEXT (NOTE_NAME + 80) /* bytes of one without extensions */

struct checkpoint { /* a plain value */
	char origin[NOTE_NAME];
	int64_t size;
	struct merkle_hash root;
};

/* The text to be signed; its length. */
int checkpoint_text(
    const struct checkpoint *c, char buf[static CHECKPOINT_TEXT]);

/* A text of n bytes; extension lines are passed over. -EBADMSG: it is none. */
int checkpoint_read(const char *text, size_t n, struct checkpoint *ret);

/*
 * A whole signed one: opened by the key (note_open()), read, and its origin
 * held against the key's name. 0; what note_open() says; -EBADMSG.
 */
int checkpoint_open(const char *note, size_t n, const struct note_key *key,
    struct checkpoint *ret);

#define CHECKPOINT_HASH 45 /* 44 characters and a NUL */

/* A hash as a checkpoint and a proof write it; and back, -EBADMSG when the n
 * bytes are no such text. */
const char *checkpoint_hash_text(
    const struct merkle_hash *h, char buf[static CHECKPOINT_HASH]);
int checkpoint_hash_read(const char *text, size_t n, struct merkle_hash *ret);

/* A decimal without a sign or a leading zero, below 2^62; else -EBADMSG. */
int checkpoint_number_read(const char *text, size_t n, int64_t *ret);

#endif
