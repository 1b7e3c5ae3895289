/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify - is a log what its station signed? Its trees' checkpoints, tiles and
 * entry bundles (seal.h) are held against each other and against the log's
 * lines; nothing is written, and no key is needed but the public one.
 *
 * What was signed once and is not in the log any more is wrong, also where the
 * station itself has told so and has begun another tree since.
 *
 * What it can say of a log alone: that it is, to the byte, what was signed. A
 * station that holds its key may have signed anything, and older files may have
 * been put back as a whole: against that, give the checkpoint that was seen
 * before.
 */
#ifndef EVIDENCE_VERIFY_H
#define EVIDENCE_VERIFY_H

#include "base/disk.h"
#include "evidence/checkpoint.h"

/* One thing that is not as it was signed. Borrowed for the call. */
struct verify_finding {
	const char *file; /* a log file's name, or one below the trees */
	int64_t line; /* in a log file, from 1; 0: none */
	int64_t record; /* the first it is about, by seq; -1: none */
	int64_t records; /* how many, from there */
	const char *text; /* for a person, in the user's language */
};

struct verify_setup { /* all borrowed */
	struct disk *log; /* NULL: the trees alone */
	const char *trees; /* the folder with v1, v2, ... or of one tree */
	const struct note_key *keys; /* whose it has to be: one of these */
	size_t n_keys; /* 0: the one that lies beside it, whoever put it there;
			* and of all trees the same */
	const char *before; /* a signed checkpoint seen before; or NULL */
	size_t before_n;
	void (*report)(void *arg, const struct verify_finding *f);
	void *arg;
};

struct verify { /* a plain value */
	int trees;
	int64_t signed_; /* records of the log that its trees have */
	int64_t sealed; /* records that are in the log as they were signed */
	int64_t open; /* behind the last one signed */
	int64_t lost; /* that were gone before they could be signed */
	int64_t given_up; /* signed in an older tree, and gone when the next
			   * began; each of them is in a finding */
	int64_t findings;
	int64_t first; /* the first record that is not as it was; -1: none */
	bool before_held; /* that checkpoint is one of this log's past */
	struct note_key key; /* of the newest tree */
	struct checkpoint last; /* the newest */
};

/* 0 when it could be read: `findings` says how much is wrong. -ENOENT when
 * there is no tree; -ENOMEM; or another negative errno. */
int verify_station(const struct verify_setup *setup, struct verify *ret);

#endif
