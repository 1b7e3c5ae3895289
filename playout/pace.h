/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pace - how far ahead of the clock a device has been fed, and what that
 * tells about the device. One per opening; a plain value, no I/O.
 *
 * "Ahead" is the sound a device has taken and not yet played, by the clock.
 * A device that paces itself stays full: ahead returns to the same top again
 * and again, however late our own process wakes. When that top itself moves,
 * the device is slower (or faster) than the clock and the anchor moves with
 * it. A device that does not pace is held at `limit_us` by its feeder.
 *
 * A device that paces may begin to play long after it was opened. Its first
 * write that blocks returns when it has begun, or, when it began at once, one
 * of its periods later; the blocks that follow tell which. Until they have,
 * or until the limit is reached by a device that never blocks, the device is
 * "filling" and the anchor a guess.
 *
 * A device that says itself when its first frame sounded is believed: of what
 * it said last, the earliest, because a busy machine makes it say too late. The
 * anchor then follows the device's own clock to a fraction of a millisecond.
 */
#ifndef PLAYOUT_PACE_H
#define PLAYOUT_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "playout/anchor.h"

#define PACE_TOLD 6 /* some nine seconds of what PulseAudio says */

struct pace {
	struct anchor anchor; /* with the device's latency in it */
	int64_t frames; /* taken since the opening */
	int64_t slipped_us; /* by how much the anchor moved in all */
	int underruns; /* times that it ran dry: we fed it too late */
	int64_t underrun_us; /* for so long, in all */
	/* The rest is pace.c's own. */
	int64_t latency_us;
	int64_t limit_us;
	int64_t seen_us;
	int64_t
	    told_us[PACE_TOLD]; /* the first frame's instant, latency in it */
	int n_told; /* since it began to play */
	bool filling;
	int64_t fill_us; /* when it began */
	int64_t fill_frames; /* taken before it began */
	int blocks; /* writes that blocked since */
	int64_t block_us; /* when the first of them returned */
	int64_t block_took_us;
	int64_t full_us; /* most ahead, as learned; 0 not yet */
	int64_t window_us; /* when the window began */
	int64_t top_us; /* most ahead seen in it */
	int64_t last_top_us; /* in the one before; 0 none */
	int window_writes;
	bool wrote; /* since it last looked */
	int64_t rate_us; /* when the count against the clock began */
	int64_t rate_frames;
	bool rate_told;
};

/* The device was just opened and has taken nothing. */
void pace_start(
    struct pace *p, int64_t now_us, int64_t latency_us, int64_t limit_us);

/* The device took that many frames. */
void pace_took(struct pace *p, int frames);

/*
 * Looks at the clock: at once after each write, and before the next. Moves the anchor when the device ran
 * dry, slow or fast. Returns how far ahead we are now: 0 or more.
 */
int64_t pace_see(struct pace *p, int64_t now_us);

/* The device said when its first frame sounded, without its latency. */
void pace_told(struct pace *p, int64_t zero_us);

/* Is the anchor still a guess? Then nothing should start. */
bool pace_is_filling(const struct pace *p);

/* From now on it is fed no further ahead than that; not while it is filling.
 * How full it is when full is to be learned anew. */
void pace_limit(struct pace *p, int64_t now_us, int64_t limit_us);

/* We held back ourselves (the source was late, or the limit is below what the
 * device takes): what pace_see() has seen of
 * late says nothing about the device. */
void pace_held_back(struct pace *p, int64_t now_us);

/*
 * True once per opening: over 5 s or more the frames taken differ from the
 * clock by more than 2 %, beyond what the buffer explains. *ret_percent is
 * what the device takes, in percent of what it should.
 */
bool pace_rate_off(struct pace *p, int64_t now_us, int *ret_percent);

#endif
