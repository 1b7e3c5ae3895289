/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feed - what a cue's source has written into its pipe, read ahead without
 * ever blocking, as stereo frames.
 */
#ifndef PLAYOUT_FEED_H
#define PLAYOUT_FEED_H

#include <stdbool.h>
#include <stdint.h>

struct feed;

/*
 * Takes the pipe's reading end over: it is closed by feed_free(), or here on
 * failure. `channels` of the pipe is 1 or 2. `frames` is how many frames may
 * be taken at most; 0 or less when only the end of the pipe will tell.
 * 0 and *ret_feed is yours; -EINVAL for another number of channels, -EBADF
 * or another negative errno for a bad descriptor, -ENOMEM.
 */
int feed_open(int fd, int channels, int64_t frames, struct feed **ret_feed);

/* Accepts NULL; returns NULL. */
struct feed *feed_free(struct feed *f);

/* From now on what is taken is changed by so many thousandths of a decibel: a
 * mono source's samples are then looked at once only. 0 leaves bytes alone. */
void feed_gain(struct feed *f, int32_t gain_mdb);

/* Reads what there is, up to two seconds in hand, when less than half a second
 * is left. */
void feed_pump(struct feed *f);

/* Frames in hand now. */
int64_t feed_ready(const struct feed *f);

/* Frames that can still come, in hand or not; INT64_MAX while nobody knows. */
int64_t feed_left(const struct feed *f);

/* Nothing can come any more: all were taken, or the pipe ended (or failed). */
bool feed_ended(const struct feed *f);

/* Ended, and everything that was promised has been taken. */
bool feed_whole(const struct feed *f);

/* Moves up to `frames` frames into `stereo`; a mono source sounds on both
 * sides. Returns how many: 0 when none is in hand. */
int feed_take(struct feed *f, int16_t *stereo, int frames);

#endif
