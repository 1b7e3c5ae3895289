/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proof - one entry of a log, and that it is in there, in one file that needs
 * nothing beside it: the draft C2SP tlog-proof, of July 2026.
 *
 *	c2sp.org/tlog-proof@v1
 *	extra base64(the entry)		may be left out
 *	index N
 *	base64(HASH)			from the leaf's sibling upwards
 *	(an empty line)
 *	the signed checkpoint, as it was published
 */
#ifndef EVIDENCE_PROOF_H
#define EVIDENCE_PROOF_H

#include "evidence/checkpoint.h"

#define PROOF_HEAD "c2sp.org/tlog-proof@v1" /* its first line */
#define PROOF_MAX (NOTE_MAX + 200000) /* bytes of a file that is read */

struct proof {
	char
	    *entry; /* the record's bytes, with a NUL behind; NULL: not in it */
	size_t entry_n;
	int64_t index;
	struct merkle_path path;
	char *note; /* the checkpoint */
	size_t note_n;
};

/* The file's bytes; *ret_text is yours. 0 or -ENOMEM. */
int proof_text(const struct proof *p, char **ret_text, size_t *ret_n);

/* 0 and *ret_proof is yours: proof_free(). -EBADMSG when it is no such file;
 * -ENOMEM. Nothing of it is to be believed before proof_check(). */
int proof_read(const char *text, size_t n, struct proof **ret_proof);

/* Accepts NULL; returns NULL. */
struct proof *proof_free(struct proof *p);

/*
 * Does it hold? The checkpoint is signed by the key (checkpoint_open()), and
 * the entry of n bytes is at its index in that tree. 0 and the checkpoint; what
 * checkpoint_open() says; -EILSEQ: this entry is not in that tree there.
 */
int proof_check(const struct proof *p, const char *entry, size_t n,
    const struct note_key *key, struct checkpoint *ret);

#endif
