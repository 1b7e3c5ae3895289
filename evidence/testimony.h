/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * testimony - what somebody beside the log noted of it: a text with a line
 * for each record that counted, its leaf index, a space, its leaf hash
 * (loaxa-log(5)). In any order; some may be left out.
 */
#ifndef EVIDENCE_TESTIMONY_H
#define EVIDENCE_TESTIMONY_H

#include <stdint.h>
#include <stdio.h>

struct testimony;

/* 0 and *ret_testimony is yours. -EINVAL when a line is none, and *ret_line
 * (from 1) says which; -ENOMEM. */
int testimony_read(
    FILE *in, struct testimony **ret_testimony, int64_t *ret_line);

/* Accepts NULL; returns NULL. */
struct testimony *testimony_free(struct testimony *t);

/* The hash noted for a leaf, or NULL. Borrowed. Accepts NULL. */
const char *testimony_leaf(const struct testimony *t, int64_t seq);

/* One past the last leaf noted; 0 for none. Accepts NULL. */
int64_t testimony_end(const struct testimony *t);

#endif
