/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/clock.h"
#include "base/frames.h"
#include "playout/level.h"
#include "playout/pcm.h"

#define WINDOW (RATE / 10) /* frames, 100 ms */
#define PAUSE_US US_PER_S /* of speech */
#define FULL (32768.0 * 32768.0)

void
level_start(struct level *l, int32_t floor_mdb, int64_t now_us)
{
	*l = (struct level){
		.floor_mdb = floor_mdb,
		.since_us = NEVER,
		.loud_us = now_us,
		.counted_us = NEVER,
	};
}

/* Of a mean square; both channels count, so that one alone is 3 dB less. */
static int32_t
mdb_of(double sum, double frames)
{
	double mean = frames > 0 ? sum / (frames * PCM_CHANNELS * FULL) : 0;

	if (mean < 1e-12)
		return PCM_SILENCE_MDB;
	return (int32_t)lrint(10000 * log10(mean));
}

static void
judge(struct level *l, int64_t now_us)
{
	bool loud = mdb_of(l->sum, l->frames) >= l->floor_mdb;

	if (!level_is_signal(l, now_us))
		l->since_us = NEVER;
	if (loud && l->since_us == NEVER)
		l->since_us = now_us;
	if (loud)
		l->loud_us = now_us;
	l->told_sum += l->sum;
	l->told_frames += l->frames;
	l->sum = 0;
	l->frames = 0;
}

void
level_add(struct level *l, const int16_t *pcm, int frames, int64_t now_us)
{
	for (int i = 0; i < frames; i++) {
		double left = pcm[PCM_CHANNELS * i];
		double right = pcm[PCM_CHANNELS * i + 1];

		l->sum += left * left + right * right;
		if (++l->frames == WINDOW)
			judge(l, now_us);
	}
}

bool
level_is_signal(const struct level *l, int64_t now_us)
{
	return l->since_us != NEVER && now_us - l->loud_us <= PAUSE_US;
}

int64_t
level_loud_us(const struct level *l, int64_t now_us)
{
	return level_is_signal(l, now_us) ? now_us - l->since_us : 0;
}

int64_t
level_quiet_us(const struct level *l, int64_t now_us)
{
	return level_is_signal(l, now_us) ? 0 : now_us - l->loud_us;
}

int64_t
level_signal(struct level *l, int frames, int64_t now_us)
{
	int64_t n;

	if (!level_is_signal(l, now_us)) {
		l->pause_frames = 0;
		return 0;
	}
	l->pause_frames += frames;
	if (l->loud_us == l->counted_us)
		return 0;
	l->counted_us = l->loud_us;
	n = l->pause_frames;
	l->pause_frames = 0;
	return n;
}

int32_t
level_mean_mdb(struct level *l)
{
	int32_t mdb = mdb_of(l->told_sum, (double)l->told_frames);

	l->told_sum = 0;
	l->told_frames = 0;
	return mdb;
}
