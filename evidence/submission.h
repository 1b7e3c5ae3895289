/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission - what a log sends to a witness: the body of `add-checkpoint`, as
 * C2SP tlog-witness v1.0.0 has it.
 *
 *	old SIZE LF
 *	base64(HASH) LF			the consistency proof, at most 63
 *	LF
 *	the signed checkpoint
 */
#ifndef EVIDENCE_SUBMISSION_H
#define EVIDENCE_SUBMISSION_H

#include "evidence/checkpoint.h"

#define SUBMISSION_PROOF_MAX 63 /* hashes */
#define SUBMISSION_MAX 16384 /* bytes of one that is read */

struct submission {
	int64_t old; /* leaves that the witness has cosigned before */
	struct merkle_path proof; /* from those to the checkpoint's */
	const char *note; /* the signed checkpoint, borrowed */
	size_t n; /* bytes of it */
};

/* The body; *ret is yours, with a NUL behind it. 0 or -ENOMEM. */
int submission_make(const struct submission *s, char **ret, size_t *ret_n);

/* Reads n bytes, which s->note lies in from then on; nothing of the note is
 * looked at. -EBADMSG: it is none. */
int submission_read(const char *bytes, size_t n, struct submission *ret);

/* The hashes of a proof on one line, a comma between them ("" for none), as a
 * header has it; and back: -EBADMSG. */
#define SUBMISSION_LINE (MERKLE_PATH_MAX * CHECKPOINT_HASH)
const char *submission_line(
    const struct merkle_path *p, char buf[static SUBMISSION_LINE]);
int submission_line_read(const char *text, struct merkle_path *ret);

#endif
