/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gzip - bytes packed as RFC 1952 has it, in one piece, by libdeflate. What is
 * unpacked is whole and right (CRC-32) or refused.
 */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include <stdbool.h>
#include <stddef.h>

/* Packs n bytes: *ret_packed is yours. 0 or -ENOMEM. The same bytes give the
 * same packed ones with one version of the library, no time or name in them. */
int gzip_pack(const void *bytes, size_t n, char **ret_packed, size_t *ret_n);

/* Do n bytes begin as a packed piece does? */
bool gzip_is(const void *bytes, size_t n);

/* Unpacks them: *ret_bytes is yours, with a NUL behind. -EBADMSG when they are
 * not one whole packed piece, or say that they are more than `most` bytes;
 * -ENOMEM. */
int gzip_unpack(
    const void *packed, size_t n, size_t most, char **ret_bytes, size_t *ret_n);

#endif
