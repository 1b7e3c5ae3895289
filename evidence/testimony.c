/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "evidence/testimony.h"

#define SEQ_MAX INT64_C(1000000000) /* of a text, and the memory for it */

struct testimony {
	char (*leaves)[HASH_HEX]; /* "" where nothing was noted */
	int64_t n;
	int64_t room;
};

static int
make_room(struct testimony *t, int64_t seq)
{
	int64_t room = t->room == 0 ? 1024 : t->room;
	void *grown;

	if (seq < t->room)
		return 0;
	while (room <= seq)
		room *= 2;
	grown = realloc(t->leaves, (size_t)room * sizeof(t->leaves[0]));
	if (grown == NULL)
		return -ENOMEM;
	t->leaves = grown;
	memset(t->leaves + t->room, 0,
	    (size_t)(room - t->room) * sizeof(t->leaves[0]));
	t->room = room;
	return 0;
}

static int
take_line(struct testimony *t, char *line)
{
	char *end;
	long long seq = strtoll(line, &end, 10);

	end[strcspn(end, "\r\n")] = '\0';
	if (end == line || seq < 0 || seq > SEQ_MAX || *end != ' ' ||
	    !hash_is_hex(end + 1))
		return -EINVAL;
	if (make_room(t, seq) < 0)
		return -ENOMEM;
	memcpy(t->leaves[seq], end + 1, HASH_HEX);
	if (seq >= t->n)
		t->n = seq + 1;
	return 0;
}

int
testimony_read(FILE *in, struct testimony **ret_testimony, int64_t *ret_line)
{
	struct testimony *t = calloc(1, sizeof(*t));
	char *line = NULL;
	size_t room = 0;
	int r = 0;

	if (t == NULL)
		return -ENOMEM;
	*ret_line = 0;
	while (r == 0 && getline(&line, &room, in) > 0) {
		++*ret_line;
		r = take_line(t, line);
	}
	free(line);
	if (r == 0 && ferror(in))
		r = -EIO;
	if (r < 0) {
		testimony_free(t);
		return r;
	}
	*ret_testimony = t;
	return 0;
}

struct testimony *
testimony_free(struct testimony *t)
{
	if (t == NULL)
		return NULL;
	free(t->leaves);
	free(t);
	return NULL;
}

const char *
testimony_leaf(const struct testimony *t, int64_t seq)
{
	if (t == NULL || seq < 0 || seq >= t->n || t->leaves[seq][0] == '\0')
		return NULL;
	return t->leaves[seq];
}

int64_t
testimony_end(const struct testimony *t)
{
	return t == NULL ? 0 : t->n;
}
