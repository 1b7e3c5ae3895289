/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live - what a live source (a relay) writes into its pipe: always drained,
 * never waited for. Only the latest is kept; what is not due is measured and
 * forgotten.
 */
#ifndef PLAYOUT_LIVE_H
#define PLAYOUT_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "playout/level.h"

#define LIVE_MAX_MS 5000 /* to keep in hand */
#define LIVE_STALL_US (5 * US_PER_S) /* without a byte: it hangs */

struct live;

/*
 * Takes the pipe's reading end over (closed by live_free(), or here on
 * failure): 16-bit stereo at RATE (base/frames.h). keep_ms is what is kept
 * while nothing is taken; what is quieter than floor_mdb, thousandths of a
 * decibel below full scale, is no signal (playout/level.h).
 * 0 and *ret_live is yours, -EINVAL, -EBADF, -ENOMEM.
 */
int live_open(int fd, int keep_ms, int32_t floor_mdb, int64_t now_us,
    struct live **ret_live);

/* Accepts NULL; returns NULL. */
struct live *live_free(struct live *l);

/* Reads all there is. Without `on_air` all but the latest is dropped; with it
 * only what is far too much. */
void live_pump(struct live *l, bool on_air, int64_t now_us);

/* Frames to be had now. After it ran empty: none before there are some more
 * in hand, so that it does not stutter. */
int live_ready(struct live *l);

/* Moves up to `frames` of them into `stereo`. Returns how many. */
int live_take(struct live *l, int16_t *stereo, int frames, int64_t now_us);

/* No more will come: the pipe ended (with `on_air`, and all of it is taken),
 * or has been still for LIVE_STALL_US. */
bool live_ended(const struct live *l, bool on_air);
bool live_stalled(const struct live *l, int64_t now_us);

struct level *live_level(struct live *l); /* borrowed */

#endif
