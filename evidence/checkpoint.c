/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "evidence/checkpoint.h"

const char *
checkpoint_hash_text(
    const struct merkle_hash *h, char buf[static CHECKPOINT_HASH])
{
	return base64_text(h->b, sizeof(h->b), buf);
}

int
checkpoint_hash_read(const char *text, size_t n, struct merkle_hash *ret)
{
	struct merkle_hash h = { 0 };
	size_t got = 0;

	if (n != CHECKPOINT_HASH - 1 ||
	    base64_bytes(text, n, h.b, sizeof(h.b), &got) < 0 ||
	    got != sizeof(h.b))
		return -EBADMSG;
	*ret = h;
	return 0;
}

int
checkpoint_number_read(const char *text, size_t n, int64_t *ret)
{
	int64_t x = 0;

	if (n == 0 || (n > 1 && text[0] == '0'))
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    x > (INT64_C(1) << 62) / 10 - 1)
			return -EBADMSG;
		x = x * 10 + (text[i] - '0');
	}
	*ret = x;
	return 0;
}

int
checkpoint_text(const struct checkpoint *c, char buf[static CHECKPOINT_TEXT])
{
	char root[CHECKPOINT_HASH];

	return snprintf(buf, CHECKPOINT_TEXT, "%s\n%" PRId64 "\n%s\n",
	    c->origin, c->size, checkpoint_hash_text(&c->root, root));
}

int
checkpoint_read(const char *text, size_t n, struct checkpoint *ret)
{
	struct checkpoint c = { 0 };
	const char *lines[3];
	size_t lens[3];
	const char *end = text + n;
	size_t i;

	for (i = 0; text < end; i++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));

		if (lf == NULL || lf == text)
			return -EBADMSG;
		if (i < 3) {
			lines[i] = text;
			lens[i] = (size_t)(lf - text);
		}
		text = lf + 1;
	}
	if (i < 3 || lens[0] >= sizeof(c.origin) ||
	    memchr(lines[0], '\0', lens[0]) != NULL ||
	    checkpoint_number_read(lines[1], lens[1], &c.size) < 0 ||
	    checkpoint_hash_read(lines[2], lens[2], &c.root) < 0)
		return -EBADMSG;
	memcpy(c.origin, lines[0], lens[0]);
	*ret = c;
	return 0;
}

int
checkpoint_open(const char *note, size_t n, const struct note_key *key,
    struct checkpoint *ret)
{
	struct note_seen seen;
	struct checkpoint c;
	size_t text;
	int r = note_open(note, n, key, 1, &seen, &text);

	if (r == 0)
		r = checkpoint_read(note, text, &c);
	if (r == 0 && strcmp(c.origin, key->name) != 0)
		r = -EBADMSG;
	if (r == 0)
		*ret = c;
	return r;
}
