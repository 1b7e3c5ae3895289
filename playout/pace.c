/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "playout/cue.h"
#include "playout/pace.h"

#define WINDOW_US (250 * US_PER_MS) /* holds two of any usual sound period */
#define WINDOW_WRITES 8 /* after a pause, enough to be full again */
#define SETTLE_US US_PER_S /* a device fills in its own way at first */
#define SLIP_US (20 * US_PER_MS) /* less is jitter */
#define RATE_LEAST_US (5 * US_PER_S)
#define RATE_MOST_US (120 * US_PER_S) /* then count anew */
#define RATE_PERCENT 2

void
pace_start(struct pace *p, int64_t now_us, int64_t latency_us, int64_t limit_us)
{
	*p = (struct pace){
		.anchor = { .zero_us = now_us + latency_us },
		.latency_us = latency_us,
		.limit_us = limit_us,
		.opened_us = now_us,
		.seen_us = now_us,
		.window_us = now_us,
		.full_us = -1,
		.rate_us = now_us,
	};
}

void
pace_took(struct pace *p, int frames)
{
	p->frames += frames;
	p->window_writes++;
}

static int64_t
ahead(const struct pace *p, int64_t now_us)
{
	return anchor_us(p->anchor, p->frames) - p->latency_us - now_us;
}

static void
open_window(struct pace *p, int64_t now_us)
{
	p->window_us = now_us;
	p->window_writes = 0;
	p->top_us = 0;
}

static void
count_anew(struct pace *p, int64_t now_us)
{
	p->rate_us = now_us;
	p->rate_frames = p->frames;
}

static void
slip(struct pace *p, int64_t by_us)
{
	p->anchor.zero_us += by_us;
	p->slipped_us += by_us;
}

/*
 * Nothing left to play, by the clock. After one long absence that is so, and
 * the next frame sounds now. When it came bit by bit the device was simply
 * slow, and is as full as ever.
 */
static void
ran_dry(struct pace *p, int64_t now_us, int64_t ahead_us)
{
	int64_t gap_us = now_us - p->seen_us;
	int64_t full_us = p->full_us > 0 ? p->full_us : 0;

	slip(p, (gap_us > full_us / 2 ? 0 : full_us) - ahead_us);
	open_window(p, now_us);
	if (gap_us > US_PER_S)
		count_anew(p, now_us);
}

static void
close_window(struct pace *p, int64_t now_us)
{
	if (now_us - p->opened_us < SETTLE_US + WINDOW_US || p->full_us < 0)
		p->full_us = p->top_us;
	else if (llabs(p->full_us - p->top_us) > SLIP_US)
		slip(p, p->full_us - p->top_us);
	open_window(p, now_us);
}

int64_t
pace_see(struct pace *p, int64_t now_us)
{
	int64_t ahead_us = ahead(p, now_us);

	if (ahead_us < 0) {
		ran_dry(p, now_us, ahead_us);
	} else {
		p->top_us = later(p->top_us, ahead_us);
		if (now_us - p->window_us >= WINDOW_US &&
		    p->window_writes >= WINDOW_WRITES)
			close_window(p, now_us);
	}
	p->seen_us = now_us;
	return later(ahead(p, now_us), 0);
}

void
pace_held_back(struct pace *p, int64_t now_us)
{
	open_window(p, now_us);
}

bool
pace_rate_off(struct pace *p, int64_t now_us, int *ret_percent)
{
	int64_t took_us = frames_us(p->frames - p->rate_frames);
	int64_t past_us = now_us - p->rate_us;
	int64_t allowed_us = past_us * RATE_PERCENT / 100 + p->limit_us;

	if (now_us - p->opened_us < SETTLE_US || past_us > RATE_MOST_US) {
		count_anew(p, now_us);
		return false;
	}
	if (p->rate_told || past_us < RATE_LEAST_US ||
	    llabs(took_us - past_us) <= allowed_us)
		return false;
	p->rate_told = true;
	*ret_percent = (int)(took_us * 100 / past_us);
	return true;
}
