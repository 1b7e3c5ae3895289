/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * levels - the other collectors, below or above one (collect.h), whose
 * cosignatures it keeps beside its own: a district's below a province's.
 *
 *	FOLDER/HEX	the public key's text, and the name a person gave it;
 *			HEX is signer_hex() of the key
 *
 * Known only by keys that a person entered: of any other line in a note nobody
 * can say that it fits, and one that does not makes a station refuse the whole.
 */
#ifndef EVIDENCE_LEVELS_H
#define EVIDENCE_LEVELS_H

#include "evidence/note.h"

#define LEVELS_MAX 6 /* a note has room for eight, with ours */
#define LEVELS_LINES (LEVELS_MAX + 1) /* with our own */

struct levels { /* a plain value */
	struct note_key keys[LEVELS_LINES]; /* one may be added by hand */
	size_t n;
};

/* Those in the folder; files that are none are passed over. No folder: none. A
 * negative errno when it cannot be read. */
int levels_read(const char *folder, struct levels *ret);

/* Enters one, durably; again: under that name. 0; -EINVAL: the key is no
 * collector's (type 0x04, named after itself), or the name is empty or has
 * control characters; -ENOSPC: there are LEVELS_MAX others; or what the disk
 * said. */
int levels_add(
    const char *folder, const struct note_key *key, const char *name);

/* The latest line of each by which it has cosigned one text; levels_forget(). */
struct levels_lines {
	char *line[LEVELS_LINES]; /* with its LF; NULL: none */
	int64_t time_s[LEVELS_LINES];
};

/* Takes those of a note of n bytes, where that is of this text, checked by
 * their keys. 0 or -ENOMEM. */
int levels_take(const struct levels *l, const char *note, size_t n,
    const char *text, size_t text_n, struct levels_lines *lines);

void levels_forget(struct levels_lines *lines);

#endif
