/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * approval - whether the log's approvals of an item are what the site asks
 * for: by how many, and by whom. The one place that judges it, for what is
 * shown as for what sounds (P5).
 */
#ifndef SCHEDULER_APPROVAL_H
#define SCHEDULER_APPROVAL_H

#include "base/item.h"
#include "evidence/registry.h"
#include "scheduler/site.h"

enum approval {
	APPROVAL_NONE,
	APPROVAL_WITHDRAWN,
	APPROVAL_SECOND, /* by one person, and another one is still needed */
	APPROVAL_FULL
};

/*
 * How the item's bytes stand, whether the site asks for approval or not;
 * `segment` is that of the slot it is to air in, or "". ret_seq (may be NULL)
 * gets the seq of the approval that was the last one needed, when FULL.
 */
enum approval approval_of(const struct registry *g, const struct site *site,
    const struct item *it, const char *segment, int64_t *ret_seq);

/* True when the item may air there; *ret_seq is the approval's, or -1 where
 * the site asks for none. */
bool approval_lets(const struct registry *g, const struct site *site,
    const struct item *it, const char *segment, int64_t *ret_seq);

#endif
