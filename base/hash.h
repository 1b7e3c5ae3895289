/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hash - SHA-256 (FIPS 180-4) by libcrypto, as 64 lower-case hex digits.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define HASH_HEX 65 /* 64 digits and a NUL */

/* Of n bytes. 0. */
int hash_bytes(const void *bytes, size_t n, char ret_hex[static HASH_HEX]);

/* Of a whole regular file, from its start; the descriptor's offset is left
 * alone (pread). A negative errno when it cannot be read. */
int hash_fd(int fd, char ret_hex[static HASH_HEX]);

/* Of what comes in pieces. hash_start() is yours, NULL when out of memory;
 * hash_more() is 0; hash_end() frees it (NULL: -ENOMEM). */
struct hash;
struct hash *hash_start(void);
int hash_more(struct hash *h, const void *bytes, size_t n);
int hash_end(struct hash *h, char ret_hex[static HASH_HEX]);

/* As bytes: of one byte, then a, then b (either may be empty, and NULL then).
 * What a Merkle tree asks for by the million: it cannot fail. */
#define HASH_BYTES 32
void hash_behind(unsigned char first, const void *a, size_t n_a, const void *b,
    size_t n_b, unsigned char ret[static HASH_BYTES]);

/* Exactly 64 lower-case hex digits? */
bool hash_is_hex(const char *s);

#endif
