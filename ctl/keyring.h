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

/* A key's text, or the name of a file that holds it. -EINVAL when it is
 * neither. */
int keyring_key(const char *text, struct note_key *ret);

#endif
