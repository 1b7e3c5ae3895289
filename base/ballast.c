/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/ballast.h"

#define ROOM_UNKNOWN -1

const char *
ballast_word(enum ballast_state s)
{
	static const char *const words[] = { "none", "kept", "given" };

	return words[s];
}

static int
is_ours(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, BALLAST_NAME) == 0;
}

static bool
is_there(const struct ballast *b)
{
	return b->disk->each(b->disk, is_ours, NULL) == 1;
}

static bool
can_hold(const struct ballast *b)
{
	return b->disk != NULL && b->disk->hold != NULL &&
	       b->disk->room != NULL;
}

void
ballast_look(struct ballast *b)
{
	int r = 0;

	if (!can_hold(b))
		return;
	b->room = b->disk->room(b->disk);
	if (b->room < 0)
		b->room = ROOM_UNKNOWN;
	if (b->state != BALLAST_GIVEN || b->room < 2 * b->bytes)
		return;
	r = b->disk->hold(b->disk, BALLAST_NAME, b->bytes);
	if (r == 0) {
		b->state = BALLAST_KEPT;
		b->room -= b->bytes;
	}
}

bool
ballast_give(struct ballast *b)
{
	if (!can_hold(b) || b->state != BALLAST_KEPT ||
	    b->disk->hold(b->disk, BALLAST_NAME, 0) < 0)
		return false;
	b->state = BALLAST_GIVEN;
	return true;
}

void
ballast_resize(struct ballast *b, int64_t bytes)
{
	int r;

	if (!can_hold(b))
		return;
	b->bytes = bytes;
	b->state = bytes == 0 ? BALLAST_NONE : BALLAST_GIVEN;
	b->room = b->disk->room(b->disk);
	/* One that is there takes nothing more; a smaller one gives room. */
	if (bytes > 0 && b->room < 2 * bytes && !is_there(b))
		return;
	r = b->disk->hold(b->disk, BALLAST_NAME, bytes);
	if (bytes > 0 && r == 0)
		b->state = BALLAST_KEPT;
	/* Where a file system cannot, or there is no disk to write to, it is
	 * not that the disk is full. */
	else if (r < 0 && r != -ENOSPC && r != -EDQUOT)
		b->state = BALLAST_NONE;
	b->room = b->disk->room(b->disk);
}

void
ballast_init(struct ballast *b, struct disk *disk, int64_t bytes)
{
	*b = (struct ballast){ .disk = disk, .room = ROOM_UNKNOWN };
	ballast_resize(b, bytes);
}
