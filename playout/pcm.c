/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "playout/pcm.h"

#define FULL_SCALE 32768

void
pcm_widen(const int16_t *restrict mono, int16_t *restrict stereo, int frames)
{
	for (int i = 0; i < frames; i++) {
		stereo[2 * i] = mono[i];
		stereo[2 * i + 1] = mono[i];
	}
}

/* A float this large has no room for fractions: what is added to it is rounded
 * as rintf(3) would, which is a call a sample. */
#define ROUNDING 12582912.0f

static inline int16_t
scaled(int16_t sample, float factor)
{
	float v = (float)sample * factor;

	v = v < INT16_MAX ? v : INT16_MAX;
	v = v > INT16_MIN ? v : INT16_MIN;
	return (int16_t)(int)(v + ROUNDING - ROUNDING);
}

static void
scale_frame(int16_t *frame, float factor)
{
	for (int c = 0; c < PCM_CHANNELS; c++)
		frame[c] = scaled(frame[c], factor);
}

void
pcm_gain(int16_t *pcm, int frames, int32_t gain_mdb)
{
	pcm_gain_samples(pcm, frames * PCM_CHANNELS, gain_mdb);
}

void
pcm_gain_samples(int16_t *pcm, int samples, int32_t gain_mdb)
{
	int32_t mdb = gain_mdb < PCM_GAIN_MAX_MDB ? gain_mdb : PCM_GAIN_MAX_MDB;
	float factor = powf(10.0f, (float)mdb / 20000.0f);

	for (int i = 0; i < samples; i++)
		pcm[i] = scaled(pcm[i], factor);
}

void
pcm_ramp_up(int16_t *pcm, int frames, int64_t at, int64_t len)
{
	for (int i = 0; i < frames && at + i < len; i++)
		scale_frame(
		    pcm + PCM_CHANNELS * i, (float)(at + i) / (float)len);
}

void
pcm_ramp_down(int16_t *pcm, int frames, int64_t left, int64_t len)
{
	int64_t first = left - len;

	for (int64_t i = first > 0 ? first : 0; i < frames; i++) {
		int64_t remain = left > i ? left - i : 0;

		scale_frame(pcm + PCM_CHANNELS * i, (float)remain / (float)len);
	}
}

int
pcm_peak(const int16_t *pcm, int frames)
{
	int16_t high = 0;
	int16_t low = 0;

	/* Two plain extremes: the compiler takes eight samples at once. */
	for (int i = 0; i < frames * PCM_CHANNELS; i++) {
		high = pcm[i] > high ? pcm[i] : high;
		low = pcm[i] < low ? pcm[i] : low;
	}
	return high > -low ? high : -low;
}

int32_t
pcm_peak_mdb(int peak)
{
	if (peak <= 0)
		return PCM_SILENCE_MDB;
	return (int32_t)lrint(20000.0 * log10((double)peak / FULL_SCALE));
}
