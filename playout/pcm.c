/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "playout/pcm.h"

#define FULL_SCALE 32768

void
pcm_widen(int16_t *pcm, int frames)
{
	for (int i = frames - 1; i >= 0; i--) {
		int16_t sample = pcm[i];

		pcm[2 * i] = sample;
		pcm[2 * i + 1] = sample;
	}
}

static int16_t
scaled(int16_t sample, float factor)
{
	float v = rintf((float)sample * factor);

	if (v > INT16_MAX)
		return INT16_MAX;
	if (v < INT16_MIN)
		return INT16_MIN;
	return (int16_t)v;
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
	int32_t mdb = gain_mdb < PCM_GAIN_MAX_MDB ? gain_mdb : PCM_GAIN_MAX_MDB;
	float factor = powf(10.0f, (float)mdb / 20000.0f);

	for (int i = 0; i < frames; i++)
		scale_frame(pcm + PCM_CHANNELS * i, factor);
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
	int peak = 0;

	for (int i = 0; i < frames * PCM_CHANNELS; i++)
		if (abs(pcm[i]) > peak)
			peak = abs(pcm[i]);
	return peak;
}

int32_t
pcm_peak_mdb(int peak)
{
	if (peak <= 0)
		return PCM_SILENCE_MDB;
	return (int32_t)lrint(20000.0 * log10((double)peak / FULL_SCALE));
}
