/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/mourning.h"

const char *
mourning_on(const struct schedule *s, int64_t day)
{
	for (size_t i = 0; i < s->n_mournings; i++)
		if (day >= s->mournings[i].from_day &&
		    day <= s->mournings[i].until_day)
			return s->mournings[i].reason;
	return NULL;
}

static struct silence *
new_silence(struct plan *p, const struct planned *slot, const char *reason)
{
	struct silence *grown =
	    reallocarray(p->silent, p->n_silent + 1, sizeof(*p->silent));
	struct silence *one;

	if (grown == NULL)
		return NULL;
	p->silent = grown;
	one = &grown[p->n_silent++];
	*one = (struct silence){
		.slot = strdup(slot->slot),
		.title = strdup(slot->title),
		.reason = strdup(reason),
		.items = calloc(slot->n_items + 1, sizeof(*one->items)),
		.day = slot->day,
		.start_us = slot->start_us,
		.end_us = slot->end_us,
	};
	if (one->slot == NULL || one->title == NULL || one->reason == NULL ||
	    one->items == NULL)
		return NULL;
	return one;
}

/* Moves the items that are music; the slot keeps the others. */
static int
silence_items(struct plan *p, struct planned *slot, const char *reason,
    const struct mourning_library *lib)
{
	struct silence *one = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < slot->n_items; i++) {
		char *item = slot->items[i];

		if (!slot->music && !lib->is_music(lib->arg, item)) {
			slot->items[kept++] = item;
			continue;
		}
		if (one == NULL)
			one = new_silence(p, slot, reason);
		if (one == NULL) {
			/* None is lost, none is kept twice. */
			memmove(&slot->items[kept], &slot->items[i],
			    (slot->n_items - i) * sizeof(*slot->items));
			slot->n_items -= i - kept;
			return -ENOMEM;
		}
		one->items[one->n_items++] = item;
		/* A set's parts stay beside the items that are left. */
		json_array_remove(json_object_get(slot->set, "parts"), kept);
	}
	if (one != NULL)
		one->whole = kept == 0;
	slot->n_items = kept;
	return 0;
}

int
mourning_silence(struct plan *p, const struct schedule *s,
    const struct mourning_library *lib)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct planned *slot = &p->slots[i];
		const char *reason = mourning_on(s, slot->day);
		size_t before = p->n_silent;

		if (r == 0 && reason != NULL)
			r = silence_items(p, slot, reason, lib);
		if (r == 0 && p->n_silent > before &&
		    p->silent[p->n_silent - 1].whole)
			planned_clear(slot);
		else
			p->slots[kept++] = *slot;
	}
	p->n = kept;
	return r;
}

const struct silence *
mourning_took(const struct plan *p, int64_t day, const char *slot)
{
	for (size_t i = 0; i < p->n_silent; i++)
		if (p->silent[i].whole && p->silent[i].day == day &&
		    strcmp(p->silent[i].slot, slot) == 0)
			return &p->silent[i];
	return NULL;
}
