/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * convert - any rate in float becomes 48 kHz in 16 bits, once and for all.
 *
 * Resampling is libsoxr's high quality. What exceeds full scale is held at
 * full scale, never wrapped around; 16-bit sound at 48 kHz comes out bit for
 * bit as it went in. No dither: what officers record has noise of its own.
 */
#ifndef INTAKE_CONVERT_H
#define INTAKE_CONVERT_H

#include <stdint.h>

#define CONVERT_RATE 48000
#define CONVERT_RATE_MIN 4000 /* below is no recording */
#define CONVERT_RATE_MAX 384000

struct convert;

/* -EINVAL for a rate outside the limits or channels other than 1 and 2;
 * -ENOMEM. 0 and *ret_convert is yours. */
int convert_make(int rate, int channels, struct convert **ret_convert);

/*
 * Takes `frames` frames (at most 16,384; 0: that was all, give the rest) and
 * gives *ret_pcm, borrowed until the next call. The frames given, or a
 * negative errno. At the end call with 0 until it gives 0.
 */
int convert_add(
    struct convert *c, const float *pcm, int frames, const int16_t **ret_pcm);

/* Accepts NULL; returns NULL. */
struct convert *convert_free(struct convert *c);

#endif
