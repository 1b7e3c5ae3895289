/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit_index - does the index say what the log says? Every record of the one
 * against the other's.
 */
#ifndef EVIDENCE_AUDIT_INDEX_H
#define EVIDENCE_AUDIT_INDEX_H

#include "evidence/audit.h"

struct audit_index { /* a plain value */
	int64_t records; /* compared */
	int64_t findings;
};

/* The log in `folder`, the index at `path` (index.h: brought up to the log
 * first, as every reader does). Findings carry "index" for their promise. 0, or
 * a negative errno of either. */
int audit_index(const char *folder, const char *path,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit_index *ret);

#endif
