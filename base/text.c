/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/text.h"

static bool
is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool
text_is_id(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > ID_MAX || s[0] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_id_char(s[i]))
			return false;
	return true;
}

bool
text_is_language(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
	size_t rest = strspn(s + n,
	    "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	if (n < 2 || n > 3 || s[n + rest] != '\0' || n + rest > 35)
		return false;
	return rest == 0 || s[n] == '-';
}

const char *
text_part_id(const char *set, const char *language, char buf[static ID_MAX + 1])
{
	snprintf(buf, ID_MAX + 1, "%.*s-%.15s", SET_MAX, set, language);
	for (char *c = buf; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return buf;
}

bool
text_is_utf8(const char *s, size_t n)
{
	return u8_check((const uint8_t *)s, n) == NULL;
}

/* s in a normal form, NUL included. */
static char *
normal(uninorm_t form, const char *s)
{
	size_t n = strlen(s) + 1;
	size_t len = 0;

	if (!text_is_utf8(s, n))
		return NULL;
	return (char *)u8_normalize(form, (const uint8_t *)s, n, NULL, &len);
}

char *
text_nfc(const char *s)
{
	char *out = normal(UNINORM_NFC, s);

	for (char *p = out; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return out;
}

static bool
is_harmful(ucs4_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || /* controls */
	       c == 0x61c || c == 0x200e || c == 0x200f || /* direction marks */
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x2028 || c == 0x2029 || /* line separators */
	       c == 0xfeff;
}

char *
text_safe(const char *s, const char *keep)
{
	size_t left = strlen(s);
	char *out = malloc(left + 1);
	char *o = out;

	if (out == NULL)
		return NULL;
	while (left > 0) {
		ucs4_t c;
		int n = u8_mbtoucr(&c, (const uint8_t *)s, left);

		if (n <= 0 || (is_harmful(c) && strchr(keep, *s) == NULL)) {
			*o++ = '?';
			n = n <= 0 ? 1 : n;
		} else {
			memcpy(o, s, (size_t)n);
			o += n;
		}
		s += n;
		left -= (size_t)n;
	}
	*o = '\0';
	return out;
}

/* Keeps letters and digits of decomposed, lower-case text; the rest is one
 * space between words. */
static void
keep_words(uint8_t *text)
{
	uint8_t *out = text;
	ucs4_t c;
	bool gap = false;

	for (const uint8_t *p = text; (p = u8_next(&c, p)) != NULL;) {
		if (uc_is_general_category(c, UC_CATEGORY_Mn))
			continue;
		if (c == 0x111) /* đ has no decomposition */
			c = 'd';
		if (!uc_is_property_alphabetic(c) &&
		    !uc_is_general_category(c, UC_CATEGORY_Nd)) {
			gap = out != text;
			continue;
		}
		if (gap)
			*out++ = ' ';
		gap = false;
		out += u8_uctomb(out, c, 6);
	}
	*out = '\0';
}

char *
text_fold(const char *s)
{
	uint8_t *lower;
	size_t len = 0;

	if (!text_is_utf8(s, strlen(s)))
		return NULL;
	lower = u8_tolower(
	    (const uint8_t *)s, strlen(s) + 1, NULL, UNINORM_NFD, NULL, &len);
	if (lower != NULL)
		keep_words(lower);
	return (char *)lower;
}

char *
text_make_id(const char *s)
{
	char *id = text_fold(s);
	size_t n = 0;

	if (id == NULL)
		return NULL;
	for (const char *p = id; *p != '\0' && n < ID_MAX; p++) {
		char c = *p == ' ' ? '-' : *p;

		if (is_id_char(c) && (n > 0 || c != '-'))
			id[n++] = c;
	}
	while (n > 0 && id[n - 1] == '-')
		n--;
	id[n] = '\0';
	if (n > 0)
		return id;
	free(id);
	return strdup("item");
}

void
text_trim(char *s)
{
	size_t n = strlen(s);
	size_t lead = n;
	unsigned char c;
	size_t want;

	while (lead > 0 && ((unsigned char)s[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	c = (unsigned char)s[lead - 1];
	want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	if (n - (lead - 1) < want)
		s[lead - 1] = '\0';
}

int
text_width(const char *s)
{
	return u8_strwidth((const uint8_t *)s, "UTF-8");
}
