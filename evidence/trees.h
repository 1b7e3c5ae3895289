/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trees - a station's signed trees (seal.h), looked up: which there are, whose
 * they are, and the proof of one record.
 */
#ifndef EVIDENCE_TREES_H
#define EVIDENCE_TREES_H

#include "evidence/proof.h"

#define TREES_MAX 1000 /* epochs of one station; more are passed over */

/* N of a tree's folder, which is called vN; 0 when it is none. */
int trees_number(const char *name);

/* The N of the highest vN in the folder; 0 for none, or a negative errno. */
int trees_last(const char *folder);

/* The key that lies beside tree vN. -EBADMSG when it is none. */
int trees_key(const char *folder, int n, struct note_key *ret);

/* The key of the tree of that origin, so that a proof of one's own needs no
 * other. -ENOENT. */
int trees_key_of(const char *folder, const char *origin, struct note_key *ret);

/*
 * The proof of a record, by its seq, out of the newest tree that has it; the
 * entry is in it. 0, it holds, and *ret_proof is yours. -ENOENT: there is no
 * tree; -ENODATA: the record is not signed yet, or in no tree that is here;
 * -ENOMSG: it is signed that it was lost before it could be; -EBADMSG: the
 * tree's files are damaged; or what the disk said.
 */
int trees_prove(const char *folder, int64_t seq, struct proof **ret_proof);

#define TREES_FIRST (-1) /* the record that began the tree */

/* What is to be proved, and how; all borrowed. */
struct trees_wanted {
	int64_t seq; /* or TREES_FIRST, of one tree */
	const char *line; /* the record's bytes, where the published copy of it
			   * may be gone: its leaf is looked for; or NULL */
	size_t line_n;
	const char *note; /* a checkpoint that the station has signed before: of
			   * its tree, as large as it then was; or NULL */
	size_t note_n;
};

/* The same of that. -EBADMSG also when the note is none of the station's. */
int trees_prove_wanted(
    const char *folder, const struct trees_wanted *w, struct proof **ret_proof);

/* The same of the `epoch` record that began tree vN. -EBADMSG also of the first
 * tree, which none began; -ENOENT: that tree is not here. */
int trees_prove_begun(const char *folder, int n, struct proof **ret_proof);

#endif
