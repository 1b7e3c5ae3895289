/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "playout/cue.h"
#include "playout/pcm.h"
#include "tests/fakes/fake_sink.h"

static int
fake_open(struct sink *sink, char *ret_why, size_t size)
{
	struct fake_sink *k = (struct fake_sink *)sink;

	k->opens++;
	if (k->open_fails > 0) {
		k->open_fails--;
		snprintf(ret_why, size, "%s", k->why ? k->why : "unplugged");
		return -ENODEV;
	}
	k->is_open = true;
	k->opened_us = *k->clock_us;
	k->base = k->frames;
	return 0;
}

/* When the device has played so many frames of this opening. */
static int64_t
played_us(const struct fake_sink *k, int64_t frames)
{
	int rate = k->rate == 0 ? RATE : k->rate;

	return k->opened_us + k->begin_after_us + frames * 1000000 / rate;
}

static int
fake_write(struct sink *sink, const int16_t *pcm, int frames, char *ret_why,
    size_t size)
{
	struct fake_sink *k = (struct fake_sink *)sink;
	int64_t n = k->frames - k->base + frames;
	int64_t ahead_us;

	if ((k->fail_at > 0 && k->frames + frames > k->fail_at) ||
	    k->frames + frames > k->room) {
		k->fail_at = 0;
		snprintf(ret_why, size, "pulled out");
		return -EIO;
	}
	if (k->stops && n > frames && played_us(k, n - frames) < *k->clock_us)
		k->opened_us += *k->clock_us - played_us(k, n - frames);
	if (k->paces && n > k->buffer_frames &&
	    played_us(k, n - k->buffer_frames) > *k->clock_us)
		*k->clock_us = played_us(k, n - k->buffer_frames);
	memcpy(k->pcm + k->frames * PCM_CHANNELS, pcm,
	    (size_t)frames * PCM_FRAME_BYTES);
	k->frames += frames;
	ahead_us = played_us(k, n) - *k->clock_us;
	if (ahead_us > k->max_ahead_us)
		k->max_ahead_us = ahead_us;
	return 0;
}

static void
fake_close(struct sink *sink)
{
	((struct fake_sink *)sink)->is_open = false;
}

static int
fake_level(struct sink *sink)
{
	return ((struct fake_sink *)sink)->level;
}

static void
fake_free(struct sink *sink)
{
	(void)sink; /* it lies in the test's own hands */
}

void
fake_sink_make(struct fake_sink *k, int64_t *clock_us, int64_t room)
{
	*k = (struct fake_sink){
		.sink = { fake_open, fake_write, fake_close, fake_free,
		    fake_level },
		.level = -1,
		.clock_us = clock_us,
		.room = room,
		.pcm = calloc((size_t)room, PCM_FRAME_BYTES),
	};
	if (k->pcm == NULL)
		abort();
}

void
fake_sink_free(struct fake_sink *k)
{
	free(k->pcm);
	k->pcm = NULL;
}

int
fake_sink_left(const struct fake_sink *k, int64_t frame)
{
	return k->pcm[frame * PCM_CHANNELS];
}

int64_t
fake_sink_us(const struct fake_sink *k, int64_t frame)
{
	return played_us(k, frame - k->base);
}

void
fake_sink_sound(const struct fake_sink *k, int64_t *ret_first, int64_t *ret_end)
{
	int64_t first = 0;
	int64_t end = k->frames;

	while (
	    first < end && k->pcm[2 * first] == 0 && k->pcm[2 * first + 1] == 0)
		first++;
	while (
	    end > first && k->pcm[2 * end - 2] == 0 && k->pcm[2 * end - 1] == 0)
		end--;
	*ret_first = first == end ? 0 : first;
	*ret_end = first == end ? 0 : end;
}
