/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pcm - arithmetic on 16-bit stereo frames, in place. A frame is two
 * neighbouring samples, left and right; `frames` counts frames.
 *
 * Results are rounded to the nearest step and held at full scale. Sound that
 * needs none of this is never passed through here: its bytes stay as they are.
 */
#ifndef PLAYOUT_PCM_H
#define PLAYOUT_PCM_H

#include <stdint.h>

#define PCM_CHANNELS 2 /* of everything that goes to a device */
#define PCM_FRAME_BYTES ((int)(PCM_CHANNELS * sizeof(int16_t)))
#define PCM_SILENCE_MDB (-120000) /* the word for "no signal at all" */

/* Spreads `frames` samples of a mono sound to both channels; the two do not
 * overlap. */
void pcm_widen(
    const int16_t *restrict mono, int16_t *restrict stereo, int frames);

#define PCM_GAIN_MAX_MDB 60000 /* 16 bits hold no use for more */

/* Multiplies by gain_mdb / 1000 decibels (20 log10 of the amplitude), at most
 * PCM_GAIN_MAX_MDB. */
void pcm_gain(int16_t *pcm, int frames, int32_t gain_mdb);

/* The same for samples, whatever their channels. */
void pcm_gain_samples(int16_t *pcm, int samples, int32_t gain_mdb);

/*
 * A linear rise over len frames from silence: the first of these frames is
 * number `at` (from 0) since the rise began. Frames past its end stay as they
 * are.
 */
void pcm_ramp_up(int16_t *pcm, int frames, int64_t at, int64_t len);

/*
 * A linear fall over len frames to silence: at the first of these frames
 * `left` frames remain before silence. Frames before the fall stay as they
 * are.
 */
void pcm_ramp_down(int16_t *pcm, int frames, int64_t left, int64_t len);

/* The largest distance from zero of any sample: 0 to 32768. */
int pcm_peak(const int16_t *pcm, int frames);

/* A peak as thousandths of a decibel below full scale (32768 is 0), or
 * PCM_SILENCE_MDB for 0. */
int32_t pcm_peak_mdb(int peak);

#endif
