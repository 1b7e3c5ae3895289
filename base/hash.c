/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA256_*() of libcrypto is called outdated since 3.0, for what does not matter
 * here; EVP_*() takes longer to begin than such a hash takes to make. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
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

int
hash_bytes(const void *bytes, size_t n, char ret_hex[static HASH_HEX])
{
	unsigned char md[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, n, md, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	to_hex(md, ret_hex);
	return 0;
}

static int
digest_fd(EVP_MD_CTX *ctx, int fd)
{
	char buf[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buf, sizeof(buf), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (EVP_DigestUpdate(ctx, buf, (size_t)n) != 1)
			return -ENOMEM;
		at += n;
	}
	return 0;
}

int
hash_fd(int fd, char ret_hex[static HASH_HEX])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = -ENOMEM;

	if (ctx == NULL)
		return -ENOMEM;
	if (EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1)
		r = digest_fd(ctx, fd);
	if (r == 0 && EVP_DigestFinal_ex(ctx, md, NULL) != 1)
		r = -ENOMEM;
	EVP_MD_CTX_free(ctx);
	if (r == 0)
		to_hex(md, ret_hex);
	return r;
}

struct hash {
	EVP_MD_CTX *ctx;
};

struct hash *
hash_start(void)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx != NULL &&
	    EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1)
		return h;
	EVP_MD_CTX_free(h->ctx);
	free(h);
	return NULL;
}

int
hash_more(struct hash *h, const void *bytes, size_t n)
{
	return EVP_DigestUpdate(h->ctx, bytes, n) == 1 ? 0 : -ENOMEM;
}

int
hash_end(struct hash *h, char ret_hex[static HASH_HEX])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	int r;

	if (h == NULL)
		return -ENOMEM;
	r = EVP_DigestFinal_ex(h->ctx, md, NULL) == 1 ? 0 : -ENOMEM;
	if (r == 0)
		to_hex(md, ret_hex);
	EVP_MD_CTX_free(h->ctx);
	free(h);
	return r;
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
