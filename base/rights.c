/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/rights.h"
#include "base/words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAY(r) (1u << (r))

static const struct {
	const char *word;
	const char *refusal;
} rights[RIGHTS] = {
	[RIGHT_READ] = { "read",
	    N_("you may not look at this station; ask the administrator for "
	       "the right \"read\"") },
	[RIGHT_LOAD] = { "load",
	    N_("you may not bring in items or programmes; ask the "
	       "administrator for the right \"load\"") },
	[RIGHT_APPROVE] = { "approve",
	    N_("you may not approve or withdraw items; ask the administrator "
	       "for the right \"approve\"") },
	[RIGHT_OPERATE] = { "operate",
	    N_("you may not stop or steer the station; ask the administrator "
	       "for the right \"operate\"") },
};

/*
 * The one table. A request that is missing here is refused to everybody, so a
 * new command begins with its row. Taking an item off the air is for those
 * who may put it there; stopping is for those who may start.
 */
static const struct {
	const char *request;
	enum right needs;
} needed[] = {
	{ "status", RIGHT_READ },
	{ "clock", RIGHT_READ },
	{ "load", RIGHT_LOAD },
	{ "reload", RIGHT_LOAD },
	/* Whoever brings it back: it counts by the upper level's signature. */
	{ "anchor", RIGHT_READ },
	{ "stop", RIGHT_OPERATE },
	{ "resume", RIGHT_OPERATE },
	{ "skip", RIGHT_OPERATE },
	{ "confirm", RIGHT_OPERATE }, /* the clock: then slots may start */
	{ "play", RIGHT_OPERATE },
	{ "emergency", RIGHT_OPERATE },
	/* Records to be written. */
	{ "item", RIGHT_LOAD },
	{ "approve", RIGHT_APPROVE },
	{ "withdraw", RIGHT_APPROVE },
	{ "op", RIGHT_OPERATE },
	/* No requests: what --by needs where items come in. */
	{ "add", RIGHT_LOAD },
	{ "edit", RIGHT_LOAD },
	{ "trim", RIGHT_LOAD },
};

/* The leader who answers for what airs may also have it stopped; whoever
 * looks after the computer does not answer for what airs. */
static const struct {
	const char *role;
	unsigned may;
} roles[] = {
	{ "officer", MAY(RIGHT_READ) | MAY(RIGHT_LOAD) },
	{ "approver",
	    MAY(RIGHT_READ) | MAY(RIGHT_APPROVE) | MAY(RIGHT_OPERATE) },
	{ "operator", MAY(RIGHT_READ) | MAY(RIGHT_OPERATE) },
	{ "focal", MAY(RIGHT_READ) },
	{ "admin", MAY(RIGHT_READ) | MAY(RIGHT_LOAD) | MAY(RIGHT_OPERATE) },
};

const char *
rights_word(enum right r)
{
	return rights[r].word;
}

const char *
rights_refusal(enum right r)
{
	return rights[r].refusal;
}

int
rights_needed(const char *request)
{
	for (size_t i = 0; i < COUNT(needed); i++)
		if (strcmp(needed[i].request, request) == 0)
			return (int)needed[i].needs;
	return -ENOENT;
}

static int
rights_of_role(const char *word, size_t n, unsigned *set)
{
	for (size_t i = 0; i < COUNT(roles); i++) {
		if (strlen(roles[i].role) != n ||
		    memcmp(roles[i].role, word, n) != 0)
			continue;
		*set |= roles[i].may;
		return 0;
	}
	return -EINVAL;
}

int
rights_of_roles(const char *words, unsigned *ret_set)
{
	unsigned set = 0;
	int r = 0;

	if (words[0] == '\0') {
		*ret_set = RIGHTS_ALL;
		return 0;
	}
	for (const char *at = words; at != NULL && r == 0;) {
		const char *comma = strchrnul(at, ',');

		r = rights_of_role(at, (size_t)(comma - at), &set);
		at = *comma == '\0' ? NULL : comma + 1;
	}
	if (r == 0)
		*ret_set = set;
	return r;
}

unsigned
rights_of_peer(const struct rights_rule *rule, const struct rights_peer *peer)
{
	unsigned set = 0;

	if (peer->uid == 0 || peer->uid == rule->own)
		return RIGHTS_ALL;
	for (size_t i = 0; i < peer->n; i++)
		for (int r = 0; r < RIGHTS; r++)
			if (rule->groups[r] != RIGHTS_NO_GROUP &&
			    rule->groups[r] == peer->groups[i])
				set |= MAY(r) | MAY(RIGHT_READ);
	return set;
}
