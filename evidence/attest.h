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

#include "evidence/index.h"
#include "evidence/proofs.h"

/*
 * The n records (at most PROOFS_MAX) out of the trees in that folder, in their
 * order. `x` knows the log's `anchor` records; NULL: none is looked for. 0 and
 * *ret is yours, proofs_clear(); else what trees_prove() says of the record
 * *ret_seq, and *ret is empty.
 */
int attest(const char *trees, struct index *x, const int64_t *seqs, size_t n,
    struct proofs *ret, int64_t *ret_seq);

#endif
