/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proofs - several proofs (proof.h) in one file, one behind the other, each
 * whole by itself: a file cut before each line "c2sp.org/tlog-proof@v1" is as
 * many files of the draft C2SP tlog-proof.
 */
#ifndef EVIDENCE_PROOFS_H
#define EVIDENCE_PROOFS_H

#include "evidence/proof.h"

#define PROOFS_MAX 256 /* in one file; more are refused */
#define PROOFS_BYTES (16 << 20) /* of a file that is read */

struct proofs { /* proofs_clear() it */
	struct proof *at[PROOFS_MAX];
	size_t n;
};

/* A file with one or more. 0; -EBADMSG when it is none, or one of them is none,
 * -E2BIG above PROOFS_MAX, -ENOMEM; then *ret is empty. Nothing of them is to
 * be believed before proof_check(). */
int proofs_read(const char *text, size_t n, struct proofs *ret);

/* All of them as one file: *ret_text is yours. 0 or -ENOMEM. */
int proofs_text(const struct proofs *s, char **ret_text, size_t *ret_n);

void proofs_clear(struct proofs *s);

#endif
