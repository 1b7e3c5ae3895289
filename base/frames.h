/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frames - how long so many frames last, and how many frames fit a time.
 * Everything of ours is 48,000 frames a second; both round to the nearest, so
 * that a count of frames turned into time comes back the same.
 */
#ifndef BASE_FRAMES_H
#define BASE_FRAMES_H

#include <stdint.h>

#define RATE 48000 /* frames a second, everywhere but in intake */

/* Any count or time within 100 years, also negative. */
int64_t frames_us(int64_t frames);
int64_t frames_in(int64_t us);

#endif
