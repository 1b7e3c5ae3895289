/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/gzip.h"

#define LEVEL 6 /* more gains little for records, and takes long */
#define HEAD "\x1f\x8b\x08" /* a member, by deflate */
#define HEAD_N 3
#define LEAST 18 /* bytes: its head and its end */

int
gzip_pack(const void *bytes, size_t n, char **ret_packed, size_t *ret_n)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);
	size_t room = c == NULL ? 0 : libdeflate_gzip_compress_bound(c, n);
	char *packed = c == NULL ? NULL : malloc(room);

	if (packed == NULL) {
		libdeflate_free_compressor(c);
		return -ENOMEM;
	}
	*ret_n = libdeflate_gzip_compress(c, bytes, n, packed, room);
	*ret_packed = packed;
	libdeflate_free_compressor(c);
	return 0;
}

bool
gzip_is(const void *bytes, size_t n)
{
	return n >= LEAST && memcmp(bytes, HEAD, HEAD_N) == 0;
}

/* How many bytes it says it has: its last four, little-endian. */
static size_t
size_of(const unsigned char *packed, size_t n)
{
	const unsigned char *p = packed + n - 4;

	return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 |
	       (size_t)p[3] << 24;
}

static int
unpack(const void *packed, size_t n, char *bytes, size_t size)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result r;
	size_t taken = 0;
	size_t got = 0;

	if (d == NULL)
		return -ENOMEM;
	r = libdeflate_gzip_decompress_ex(
	    d, packed, n, bytes, size, &taken, &got);
	libdeflate_free_decompressor(d);
	return r == LIBDEFLATE_SUCCESS && taken == n && got == size ? 0
								    : -EBADMSG;
}

int
gzip_unpack(
    const void *packed, size_t n, size_t most, char **ret_bytes, size_t *ret_n)
{
	size_t size;
	char *bytes;
	int r;

	if (!gzip_is(packed, n))
		return -EBADMSG;
	size = size_of(packed, n);
	if (size > most)
		return -EBADMSG;
	bytes = malloc(size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	r = unpack(packed, n, bytes, size);
	if (r < 0) {
		free(bytes);
		return r;
	}
	bytes[size] = '\0';
	*ret_bytes = bytes;
	*ret_n = size;
	return 0;
}
