/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * player - one station's sound: cues in, frames to one sink, receipts out.
 *
 * Nothing in here reads a clock, sleeps, or knows a process; only the sink may
 * block. Where a cue's first frame falls is decided when it is queued: the
 * device is opened some seconds before, is fed silence, and the anchor
 * (playout/anchor.h) says which frame of its stream is the cue's instant.
 *
 * How long is long:
 * - the device opens 15 s before the first cue's start and closes 30 s after
 *   the last airing ended; a lost one is tried again after 1 s (10 when
 *   it had been open for less than 2), 2, 4, 8, then every 10 s until it is
 *   back, cue or no cue;
 * - it is never fed further ahead of the clock than its buffer and 100 ms;
 *   while an emergency may come (CUE_READY) it is open, and fed no further
 *   than seven tenths of its buffer: what is queued cannot be called back;
 * - a source may be late by 3 s in a row; silence takes the place of its sound
 *   meanwhile and is counted;
 * - an item whose last frame falls within 20 ms of the next cue's start is
 *   played to its end and the next one follows on that very frame. What such a
 *   shift, or a device slower than the clock, has moved an item by (20 ms and
 *   200 ms at most), it may also overrun its stop. Nothing overruns a fence.
 */
#ifndef PLAYOUT_PLAYER_H
#define PLAYOUT_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "playout/cue.h"
#include "playout/sink.h"

struct player;

struct player_setup {
	struct sink *sink; /* closed; borrowed while the player lives */
	int buffer_ms; /* of the device; 0 is 200 */
	int latency_ms; /* from a frame's place in the queue to sound */
};

/* 0 and *ret_player is yours; -EINVAL for a missing sink, a buffer above 2 s
 * or a latency beyond +-10 s; -ENOMEM. */
int player_make(const struct player_setup *setup, struct player **ret_player);

/* Closes the sink if it is open. Accepts NULL; returns NULL. */
struct player *player_free(struct player *p);

/* May it take another message? When not, leave it on the wire. */
bool player_has_room(const struct player *p);

/*
 * A message from the daemon, of either verb, with its pipe or -1 (taken over
 * in every case). A cue that cannot be played is answered by its ENDED at
 * once; one whose airing is 0, or is held already, is dropped.
 */
void player_cue(struct player *p, struct now now, const struct cue *c, int fd);

/* The daemon is gone: what sounds falls silent within 20 ms, nothing else
 * starts. Turn on until player_done(). */
void player_hang_up(struct player *p, struct now now);
bool player_done(const struct player *p);

/* Does what is due; returns the boot instant at which to be called again, at
 * the latest. NEVER: only a message can bring news. */
int64_t player_turn(struct player *p, struct now now);

/* The next receipt to send, or NULL; borrowed until player_receipt_sent(),
 * which forgets it. */
const struct receipt *player_receipt(const struct player *p);
void player_receipt_sent(struct player *p);

#endif
