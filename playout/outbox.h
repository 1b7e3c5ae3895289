/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outbox - receipts waiting for the daemon to read, so that saying one never
 * blocks the sound. First in, first out; a plain value, no I/O.
 */
#ifndef PLAYOUT_OUTBOX_H
#define PLAYOUT_OUTBOX_H

#include <stdbool.h>

#include "playout/cue.h"

/* Every cue held may start and end, and the device come and go, with the
 * daemon not reading. */
#define OUTBOX_MAX (4 * CUES_MAX)

struct outbox {
	struct receipt waiting[OUTBOX_MAX];
	unsigned n;
};

/*
 * Copies the receipt to the end. Progress is dropped while older receipts
 * wait: it is stale at once. A word about the device is dropped when it would
 * take a place kept for the cues. Anything else is dropped only when all
 * places are taken, which outbox_has_room() lets its owner prevent. True when
 * kept.
 */
bool outbox_put(struct outbox *o, const struct receipt *r);

/* Room for all that CUES_MAX cues may still say? Take no new cue without. */
bool outbox_has_room(const struct outbox *o);

/* The oldest, or NULL. Borrowed until outbox_drop(). */
const struct receipt *outbox_first(const struct outbox *o);

/* Forgets the oldest, if there is one. */
void outbox_drop(struct outbox *o);

#endif
