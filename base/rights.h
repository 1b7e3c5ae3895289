/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rights - who may ask the station for what. One table says which right each
 * request needs; a program at the control socket has rights by its user and
 * groups, a person whom an order names by the roles of the office held.
 *
 * Every right includes the one to read. Pure: nothing here looks anything up.
 */
#ifndef BASE_RIGHTS_H
#define BASE_RIGHTS_H

#include <stddef.h>
#include <sys/types.h>

enum right {
	RIGHT_READ, /* look at the station */
	RIGHT_LOAD, /* bring in items and programmes */
	RIGHT_APPROVE, /* let items air, and take them back */
	RIGHT_OPERATE, /* stop, resume, skip, play, emergency */
	RIGHTS
};

#define RIGHTS_ALL ((1u << RIGHTS) - 1) /* sets: bit r is enum right r */

/* The word of the site's configuration: "read", "load"... */
const char *rights_word(enum right r);

/* Why somebody without the right is refused: an English message id. */
const char *rights_refusal(enum right r);

/* What a request needs: its `cmd`, or for a record to be written the record's
 * kind. -ENOENT when there is no such request. */
int rights_needed(const char *request);

/*
 * What a person may order, by roles ("officer", "approver", "operator",
 * "focal", "admin"; several with commas). Nobody said which ("") is no limit.
 * 0, or -EINVAL for a word that is no role.
 */
int rights_of_roles(const char *roles, unsigned *ret_set);

#define RIGHTS_NO_GROUP ((gid_t)-1)

struct rights_rule {
	uid_t own; /* the daemon's user */
	gid_t groups[RIGHTS]; /* or RIGHTS_NO_GROUP */
};

/* Who is at the other end, as the kernel says. Borrowed. */
struct rights_peer {
	uid_t uid;
	const gid_t *groups; /* all: effective and supplementary */
	size_t n;
};

/* root and the daemon's own user have every right, all others those of their
 * groups. */
unsigned rights_of_peer(
    const struct rights_rule *rule, const struct rights_peer *peer);

#endif
