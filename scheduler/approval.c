/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scheduler/approval.h"

enum approval
approval_of(const struct registry *g, const struct site *site,
    const struct item *it, const char *segment, int64_t *ret_seq)
{
	struct registry_approvals a;
	int needs = site_approvals(site, it, segment);

	if (registry_withdrawn(g, it->id))
		return APPROVAL_WITHDRAWN;
	registry_approvals(g, it->id, it->sha256, site->same_person, &a);
	if (a.persons == 0)
		return APPROVAL_NONE;
	/* What needed two when it was signed is not let off by a label that
	 * was taken away since. */
	if (a.persons < needs || a.persons < a.needs)
		return APPROVAL_SECOND;
	if (ret_seq != NULL)
		*ret_seq = a.seq;
	return APPROVAL_FULL;
}

bool
approval_lets(const struct registry *g, const struct site *site,
    const struct item *it, const char *segment, int64_t *ret_seq)
{
	enum approval a;

	*ret_seq = -1;
	if (!site->approval)
		return !registry_withdrawn(g, it->id);
	a = approval_of(g, site, it, segment, ret_seq);
	return a == APPROVAL_FULL;
}
