/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "playout/outbox.h"

/* Places kept for what the cues in hand may still say: started and ended. */
#define KEPT (2 * CUES_MAX)

/* How many may wait already for this one to be put behind them. */
static unsigned
room_for(const struct receipt *r)
{
	if (r->kind == RECEIPT_PROGRESS)
		return 1;
	return r->airing == 0 ? OUTBOX_MAX - KEPT : OUTBOX_MAX;
}

bool
outbox_put(struct outbox *o, const struct receipt *r)
{
	if (o->n >= room_for(r))
		return false;
	o->waiting[o->n++] = *r;
	return true;
}

bool
outbox_has_room(const struct outbox *o)
{
	return o->n + 4 <= OUTBOX_MAX - KEPT;
}

const struct receipt *
outbox_first(const struct outbox *o)
{
	return o->n > 0 ? &o->waiting[0] : NULL;
}

void
outbox_drop(struct outbox *o)
{
	if (o->n == 0)
		return;
	o->n--;
	memmove(o->waiting, o->waiting + 1, o->n * sizeof(o->waiting[0]));
}
