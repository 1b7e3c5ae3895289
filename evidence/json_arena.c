/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "evidence/json_arena.h"

#define BLOCK ((size_t)1 << 20)
#define BLOCKS_KEPT 16 /* of a station's month there are four */
#define ALIGN _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t room;
	_Alignas(max_align_t) char bytes[];
};

static struct {
	bool on;
	bool lacked;
	struct block *first;
	struct block *now; /* NULL: none yet */
	size_t used; /* of it */
} arena;

/* The next one that has the room, or a new one behind this. */
static bool
take_block(size_t n)
{
	struct block **at = arena.now == NULL ? &arena.first : &arena.now->next;
	struct block *b = *at;

	if (b == NULL || b->room < n) {
		size_t room = n > BLOCK ? n : BLOCK;

		b = malloc(sizeof(*b) + room);
		if (b == NULL)
			return false;
		b->next = *at;
		b->room = room;
		*at = b;
	}
	arena.now = b;
	arena.used = 0;
	return true;
}

static void *
take(size_t n)
{
	bool is_large = n > SIZE_MAX / 2;
	void *p;

	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (is_large ||
	    ((arena.now == NULL || arena.now->room - arena.used < n) &&
		!take_block(n))) {
		arena.lacked = true;
		return NULL;
	}
	p = arena.now->bytes + arena.used;
	arena.used += n;
	return p;
}

static void
give_back(void *p)
{
	(void)p;
}

void
json_arena_begin(void)
{
	arena.on = true;
	json_set_alloc_funcs(take, give_back);
}

bool
json_arena_is_on(void)
{
	return arena.on;
}

bool
json_arena_lacked(void)
{
	return arena.lacked;
}

void
json_arena_reset(void)
{
	struct block **at = &arena.first;

	for (int i = 0; i < BLOCKS_KEPT && *at != NULL; i++)
		at = &(*at)->next;
	while (*at != NULL) {
		struct block *b = *at;

		*at = b->next;
		free(b);
	}
	arena.now = NULL;
	arena.used = 0;
	arena.lacked = false;
}
