/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA256_*() of libcrypto is called outdated since 3.0, for what does not matter
 * here; EVP_*() takes longer to begin than such a hash takes to make, and a
 * megabyte and a half of memory besides. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

static void
to_hex(const unsigned char *md, char ret_hex[static HASH_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		ret_hex[2 * i] = digits[md[i] >> 4];
		ret_hex[2 * i + 1] = digits[md[i] & 15];
	}
	ret_hex[64] = '\0';
}

static void
finish(SHA256_CTX *ctx, char ret_hex[static HASH_HEX])
{
	unsigned char md[HASH_BYTES];

	SHA256_Final(md, ctx);
	to_hex(md, ret_hex);
}

int
hash_bytes(const void *bytes, size_t n, char ret_hex[static HASH_HEX])
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	SHA256_Update(&ctx, bytes, n);
	finish(&ctx, ret_hex);
	return 0;
}

int
hash_fd(int fd, char ret_hex[static HASH_HEX])
{
	char buf[65536];
	SHA256_CTX ctx;
	off_t at = 0;
	ssize_t n;

	SHA256_Init(&ctx);
	while ((n = pread(fd, buf, sizeof(buf), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		SHA256_Update(&ctx, buf, (size_t)n);
		at += n;
	}
	finish(&ctx, ret_hex);
	return 0;
}

struct hash {
	SHA256_CTX ctx;
};

struct hash *
hash_start(void)
{
	struct hash *h = malloc(sizeof(*h));

	if (h != NULL)
		SHA256_Init(&h->ctx);
	return h;
}

int
hash_more(struct hash *h, const void *bytes, size_t n)
{
	SHA256_Update(&h->ctx, bytes, n);
	return 0;
}

int
hash_end(struct hash *h, char ret_hex[static HASH_HEX])
{
	if (h == NULL)
		return -ENOMEM;
	finish(&h->ctx, ret_hex);
	free(h);
	return 0;
}

void
hash_behind(unsigned char first, const void *a, size_t n_a, const void *b,
    size_t n_b, unsigned char ret[static HASH_BYTES])
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	SHA256_Update(&ctx, &first, 1);
	if (n_a > 0)
		SHA256_Update(&ctx, a, n_a);
	if (n_b > 0)
		SHA256_Update(&ctx, b, n_b);
	SHA256_Final(ret, &ctx);
}

bool
hash_is_hex(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}
