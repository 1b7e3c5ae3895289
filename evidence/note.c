/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/text.h"
#include "evidence/note.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define LINE_MAX_BYTES 8192 /* of a signature: post-quantum ones have 5 kB */
#define SIGNATURE crypto_sign_BYTES
#define PAYLOAD (4 + 8 + SIGNATURE) /* of the longest that we know */

/* Unicode's White_Space beyond ASCII, in UTF-8. */
static bool
has_space(const char *s)
{
	static const char *const spaces[] = { "\xc2\x85", "\xc2\xa0",
		"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
		"\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
		"\xe3\x80\x80" };

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (strstr(s, spaces[i]) != NULL)
			return true;
	return false;
}

static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n >= NOTE_NAME || !text_is_utf8(s, n) || has_space(s))
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == '+' || *s == 0x7f)
			return false;
	return true;
}

int
note_key(const char *name, enum note_type type,
    const unsigned char key[static NOTE_KEY], struct note_key *ret)
{
	struct note_key k = { .type = type };
	unsigned char md[HASH_BYTES];
	char said[NOTE_NAME + 2 + NOTE_KEY];
	size_t n = strlen(name);

	if (!is_name(name))
		return -EINVAL;
	memcpy(k.name, name, n);
	memcpy(k.key, key, NOTE_KEY);
	memcpy(said, name, n);
	said[n++] = '\n';
	said[n++] = (char)type;
	memcpy(said + n, key, NOTE_KEY);
	hash_behind(
	    (unsigned char)said[0], said + 1, n - 1 + NOTE_KEY, NULL, 0, md);
	memcpy(k.id, md, sizeof(k.id));
	*ret = k;
	return 0;
}

const char *
note_key_text(const struct note_key *k, char buf[static NOTE_VKEY])
{
	unsigned char typed[1 + NOTE_KEY];
	char base64[BASE64_TEXT(1 + NOTE_KEY)];

	typed[0] = (unsigned char)k->type;
	memcpy(typed + 1, k->key, NOTE_KEY);
	base64_text(typed, sizeof(typed), base64);
	snprintf(buf, NOTE_VKEY, "%s+%02x%02x%02x%02x+%s", k->name, k->id[0],
	    k->id[1], k->id[2], k->id[3], base64);
	return buf;
}

int
note_key_read(const char *vkey, struct note_key *ret)
{
	unsigned char typed[1 + NOTE_KEY];
	char text[NOTE_VKEY];
	struct note_key k;
	size_t n;
	const char *id = strchr(vkey, '+');
	const char *base64 = id == NULL ? NULL : strchr(id + 1, '+');

	if (base64 == NULL || id - vkey >= NOTE_NAME)
		return -EINVAL;
	base64++;
	if (base64_bytes(base64, strlen(base64), typed, sizeof(typed), &n) <
		0 ||
	    n != sizeof(typed) ||
	    (typed[0] != NOTE_ED25519 && typed[0] != NOTE_COSIGNATURE))
		return -EINVAL;
	snprintf(text, sizeof(text), "%.*s", (int)(id - vkey), vkey);
	if (note_key(text, (enum note_type)typed[0], typed + 1, &k) < 0 ||
	    strcmp(note_key_text(&k, text), vkey) != 0)
		return -EINVAL;
	*ret = k;
	return 0;
}

int
note_signer(const char *name, enum note_type type,
    const unsigned char seed[static NOTE_KEY], struct note_signer *ret)
{
	unsigned char key[NOTE_KEY];
	struct note_signer s;
	int r;

	if (sodium_init() < 0)
		return -EIO;
	crypto_sign_seed_keypair(key, s.secret, seed);
	r = note_key(name, type, key, &s.key);
	if (r == 0)
		*ret = s;
	note_forget(&s);
	return r;
}

void
note_forget(struct note_signer *s)
{
	sodium_memzero(s, sizeof(*s));
}

/* What a key signs: the text; a cosignature a heading and the text. Yours. */
static unsigned char *
signed_bytes(enum note_type type, const char *text, size_t n, int64_t time_s,
    size_t *ret_n)
{
	char head[64] = "";
	unsigned char *all;
	size_t len;

	if (type == NOTE_COSIGNATURE)
		snprintf(head, sizeof(head),
		    "cosignature/v1\ntime %" PRId64 "\n", time_s);
	len = strlen(head);
	all = malloc(len + n + 1);
	if (all == NULL)
		return NULL;
	memcpy(all, head, len);
	memcpy(all + len, text, n);
	*ret_n = len + n;
	return all;
}

/* UTF-8, and no control character but LF. */
static bool
is_clean(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' && p[i] != '\n')
			return false;
	return text_is_utf8(p, n);
}

static void
put_time(unsigned char to[static 8], int64_t time_s)
{
	for (int i = 0; i < 8; i++)
		to[i] = (unsigned char)((uint64_t)time_s >> (56 - 8 * i));
}

static int64_t
get_time(const unsigned char from[static 8])
{
	uint64_t t = 0;

	for (int i = 0; i < 8; i++)
		t = t << 8 | from[i];
	return t > INT64_MAX ? -1 : (int64_t)t;
}

int
note_sign(const struct note_signer *s, const char *text, size_t n,
    int64_t time_s, char **ret_line)
{
	size_t at = s->key.type == NOTE_COSIGNATURE ? 12 : 4;
	unsigned char payload[PAYLOAD];
	char base64[BASE64_TEXT(PAYLOAD)];
	unsigned char *all;
	size_t all_n;

	if (n == 0 || text[n - 1] != '\n' || !is_clean(text, n))
		return -EINVAL;
	all = signed_bytes(s->key.type, text, n, time_s, &all_n);
	if (all == NULL)
		return -ENOMEM;
	memcpy(payload, s->key.id, 4);
	put_time(payload + 4, time_s);
	crypto_sign_detached(payload + at, NULL, all, all_n, s->secret);
	free(all);
	base64_text(payload, at + SIGNATURE, base64);
	return asprintf(ret_line, DASH "%s %s\n", s->key.name, base64) < 0
		   ? -ENOMEM
		   : 0;
}

int
note_make(const struct note_signer *s, const char *text, size_t n,
    char **ret_note, size_t *ret_n)
{
	char *line;
	char *note;
	int len;
	int r = note_sign(s, text, n, 0, &line);

	if (r < 0)
		return r;
	len = asprintf(&note, "%.*s\n%s", (int)n, text, line);
	free(line);
	if (len < 0)
		return -ENOMEM;
	*ret_note = note;
	*ret_n = (size_t)len;
	return 0;
}

int
note_text(const char *bytes, size_t n, size_t *ret_text)
{
	size_t at = n;

	if (n < 2 || n > NOTE_MAX || bytes[n - 1] != '\n' ||
	    !is_clean(bytes, n))
		return -EBADMSG;
	/* The last empty line. */
	for (at = n - 1; at > 0; at--)
		if (bytes[at] == '\n' && bytes[at - 1] == '\n')
			break;
	if (at == 0 || at == n - 1)
		return -EBADMSG;
	*ret_text = at;
	return 0;
}

struct line { /* a signature */
	char name[NOTE_NAME];
	unsigned char payload[LINE_MAX_BYTES];
	size_t n; /* of the payload */
};

/* One line, n bytes of it without its LF. */
static int
read_line(const char *p, size_t n, struct line *ret)
{
	static const char dash[] = DASH;
	const char *name = p + sizeof(dash) - 1;
	const char *base64;

	if (n < sizeof(dash) || memcmp(p, dash, sizeof(dash) - 1) != 0)
		return -EBADMSG;
	base64 = memchr(name, ' ', n - (sizeof(dash) - 1));
	if (base64 == NULL || base64 - name >= NOTE_NAME)
		return -EBADMSG;
	memcpy(ret->name, name, (size_t)(base64 - name));
	ret->name[base64 - name] = '\0';
	base64++;
	if (base64_bytes(base64, n - (size_t)(base64 - p), ret->payload,
		sizeof(ret->payload), &ret->n) < 0 ||
	    ret->n < 5 || !is_name(ret->name))
		return -EBADMSG;
	return 0;
}

static bool
fits(const struct note_key *k, const struct line *l, const char *text, size_t n,
    int64_t *ret_time)
{
	size_t at = k->type == NOTE_COSIGNATURE ? 12 : 4;
	int64_t time_s = k->type == NOTE_COSIGNATURE && l->n >= 12
			     ? get_time(l->payload + 4)
			     : 0;
	unsigned char *all;
	size_t all_n;
	bool ok;

	if (l->n != at + SIGNATURE || time_s < 0)
		return false;
	all = signed_bytes(k->type, text, n, time_s, &all_n);
	ok = all != NULL && crypto_sign_verify_detached(
				l->payload + at, all, all_n, k->key) == 0;
	free(all);
	*ret_time = time_s;
	return ok;
}

/* One signature line against the keys. */
static int
take_line(const struct line *l, const char *text, size_t n,
    const struct note_key *keys, size_t n_keys, struct note_seen *seen)
{
	for (size_t i = 0; i < n_keys; i++) {
		if (strcmp(l->name, keys[i].name) != 0 ||
		    memcmp(l->payload, keys[i].id, 4) != 0)
			continue;
		if (!fits(&keys[i], l, text, n, &seen[i].time_s))
			return -EKEYREJECTED;
		seen[i].signed_it = true;
	}
	return 0;
}

int
note_open(const char *bytes, size_t n, const struct note_key *keys,
    size_t n_keys, struct note_seen *seen, size_t *ret_text)
{
	struct line *l = malloc(sizeof(*l));
	bool any = false;
	int lines = 0;
	size_t text;
	size_t at;
	int r = l == NULL || sodium_init() < 0 ? -ENOMEM
					       : note_text(bytes, n, &text);

	memset(seen, 0, n_keys * sizeof(*seen));
	for (at = r == 0 ? text + 1 : n; r == 0 && at < n; lines++) {
		const char *lf = memchr(bytes + at, '\n', n - at);
		size_t len = (size_t)(lf - (bytes + at));

		r = lines == NOTE_SIGNATURES_MAX
			? -EBADMSG
			: read_line(bytes + at, len, l);
		if (r == 0)
			r = take_line(l, bytes, text, keys, n_keys, seen);
		at += len + 1;
	}
	free(l);
	for (size_t i = 0; i < n_keys; i++)
		any = any || seen[i].signed_it;
	if (r == 0 && !any)
		r = -ENOKEY;
	if (r < 0)
		memset(seen, 0, n_keys * sizeof(*seen));
	else
		*ret_text = text;
	return r;
}
