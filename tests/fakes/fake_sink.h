/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_sink - a device with faults, on a clock that the test moves.
 *
 * It keeps what it was given, up to `room` frames. Where it paces, its write
 * "blocks" by moving the test's clock until its buffer has room again.
 */
#ifndef FAKE_SINK_H
#define FAKE_SINK_H

#include <stdbool.h>

#include "playout/sink.h"

struct fake_sink {
	struct sink sink; /* must be first */
	int64_t *clock_us; /* the test's; moved by a blocking write */
	bool paces;
	int64_t buffer_frames; /* when it paces */
	bool stops; /* when it has nothing to play; else it catches up */
	int rate; /* frames a second it plays; 0 is RATE */
	int64_t begin_after_us; /* it begins to play so long after it opens */
	int level; /* of its mixer, in percent; negative: it has none */
	const char *why; /* what a failed open says; NULL "unplugged" */
	int open_fails; /* so many opens fail, then they work */
	int64_t fail_at; /* a write that reaches this frame fails once */
	/* What happened: */
	int opens;
	bool is_open;
	int64_t opened_us;
	int64_t base; /* frames taken before this opening */
	int64_t frames; /* taken in all */
	int64_t max_ahead_us; /* the most it was ever fed ahead of its play */
	int16_t *pcm; /* everything taken, stereo */
	int64_t room; /* frames that pcm can hold */
};

/* A device that takes everything at once, for `room` frames. */
void fake_sink_make(struct fake_sink *k, int64_t *clock_us, int64_t room);

/* The twin. */
void fake_sink_free(struct fake_sink *k);

/* The left sample of a frame taken, counted over all openings. */
int fake_sink_left(const struct fake_sink *k, int64_t frame);

/* When the frame sounds, by the device: one taken since it was last opened. */
int64_t fake_sink_us(const struct fake_sink *k, int64_t frame);

/* The first and one past the last frame that is not silence; both 0 when all
 * is. */
void fake_sink_sound(
    const struct fake_sink *k, int64_t *ret_first, int64_t *ret_end);

#endif
