/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * level - is there a signal, and how loud is it: of a live source, measured as
 * its frames pass. A plain value, no I/O.
 *
 * Sound is judged in windows of 100 ms by its mean level. One at the floor or
 * above is loud; there is a signal from then on, until nothing was loud for a
 * second: the pauses of speech belong to it. Frames that do not come are
 * quiet too, so time is the clock's and not the frames'.
 */
#ifndef PLAYOUT_LEVEL_H
#define PLAYOUT_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

struct level {
	int32_t floor_mdb; /* dBFS/1000 */
	int64_t since_us; /* the signal that is there now began; NEVER none */
	int64_t loud_us; /* the last loud window, else when it began */
	/* The rest is level.c's own. */
	double sum; /* of squares, in the window */
	int frames;
	double told_sum; /* since the level was last told */
	int64_t told_frames;
	int64_t pause_frames; /* since the last loud window that counted */
	int64_t counted_us; /* ... which was this one */
};

void level_start(struct level *l, int32_t floor_mdb, int64_t now_us);

/* So many stereo frames have come. */
void level_add(struct level *l, const int16_t *pcm, int frames, int64_t now_us);

bool level_is_signal(const struct level *l, int64_t now_us);

/* For how long there is a signal, or has been none. One of them is 0. */
int64_t level_loud_us(const struct level *l, int64_t now_us);
int64_t level_quiet_us(const struct level *l, int64_t now_us);

/*
 * P7: so many more frames have sounded; how many of those up to now are surely
 * of the signal. A pause is only once it was one, and the signal goes on: a
 * click and the second behind it are no second of a relay.
 */
int64_t level_signal(struct level *l, int frames, int64_t now_us);

/* The mean level since it was asked last, dBFS/1000; PCM_SILENCE_MDB when
 * nothing came. A sine at full scale is -3000. */
int32_t level_mean_mdb(struct level *l);

#endif
