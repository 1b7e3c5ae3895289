/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keyring - small files that a person hands to verify: a key, a checkpoint, a
 * proof, a record.
 */
#ifndef CTL_KEYRING_H
#define CTL_KEYRING_H

#include <stddef.h>

#include "evidence/note.h"

/* The whole of a small file with a NUL behind it; yours. A negative errno,
 * -EFBIG above `most`. */
int keyring_slurp(const char *path, size_t most, char **ret, size_t *ret_n);

#define KEYRING_MAX 16 /* keys of one station: each was lost but the last */

/* A key's text, or the name of a file that holds one, or several, a line each.
 * How many they are, at most `room`; -EINVAL when it is neither, or a line of
 * it is no key. */
int keyring_keys(const char *text, struct note_key *ret, int room);

#endif
