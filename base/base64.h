/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64 - RFC 4648 section 4, with its padding, by libsodium; and strict: one
 * text for the same bytes, and nothing else is one.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* Bytes of the text of n bytes, with its NUL. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1)

/* Writes BASE64_TEXT(n) bytes; returns them. */
char *base64_text(const void *bytes, size_t n, char *ret_text);

/* The bytes of a text of n characters, into `room` bytes; how many are in
 * *ret_n. -EINVAL when it is no such text, or does not fit. */
int base64_bytes(
    const char *text, size_t n, void *ret_bytes, size_t room, size_t *ret_n);

#endif
