/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/base64.h"

#define VARIANT sodium_base64_VARIANT_ORIGINAL

char *
base64_text(const void *bytes, size_t n, char *ret_text)
{
	return sodium_bin2base64(ret_text, BASE64_TEXT(n), bytes, n, VARIANT);
}

int
base64_bytes(
    const char *text, size_t n, void *ret_bytes, size_t room, size_t *ret_n)
{
	/* libsodium 1.0.18 takes some characters with their highest bit set
	 * for those without it. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] > 'z')
			return -EINVAL;
	return sodium_base642bin(
		   ret_bytes, room, text, n, NULL, ret_n, NULL, VARIANT) == 0
		   ? 0
		   : -EINVAL;
}
