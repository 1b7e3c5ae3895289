/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attest - the proofs of several records under one checkpoint of each tree that
 * has them: one that an upper level has cosigned, where one covers them all, for
 * that one says by when they were there by a clock that is not the station's;
 * else the one that is published.
 */
#ifndef EVIDENCE_ATTEST_H
#define EVIDENCE_ATTEST_H

#include <stdint.h>

#include "base/disk.h"
#include "evidence/index.h"
#include "evidence/proofs.h"

struct attest_setup { /* all borrowed */
	const char *trees; /* the folder with v1, v2, ... */
	struct index *index; /* knows the log's `anchor` records; NULL: none is
			      * looked for */
	struct disk *log; /* has the lines of records whose published copy is
			   * gone or damaged; or NULL */
};

/*
 * The n records (at most PROOFS_MAX) out of those trees, in their order; where
 * they are in several, behind them the `epoch` records that began those after
 * the oldest, as far as they are here: without them nobody can say which of two
 * records of one number counts (dossier_check()). 0 and *ret is yours,
 * proofs_clear(); else what trees_prove() says of the record *ret_seq, and *ret
 * is empty; -E2BIG: more than PROOFS_MAX.
 */
int attest(const struct attest_setup *setup, const int64_t *seqs, size_t n,
    struct proofs *ret, int64_t *ret_seq);

#endif
