/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "playout/cue.h"
#include "playout/pace.h"

#define BLOCKED_US (5 * US_PER_MS) /* a write that took longer had to wait */
#define BLOCKS 4 /* to learn a device's period from, after the first */
#define FILL_MOST_US (2 * US_PER_S) /* no device takes longer to begin */
#define WINDOW_US (500 * US_PER_MS) /* holds some of any usual sound period */
#define WINDOW_WRITES 8 /* after a pause, enough to be full again */
#define SETTLE_US US_PER_S /* a device takes in its own way at first */
#define SLIP_US (20 * US_PER_MS) /* less is jitter */
/* How full a full device stands wanders with the phase between our writes
 * (20 ms) and its own periods, after any busy moment: by up to 25 ms with
 * PulseAudio, which plays on undisturbed. */
#define MOVED_US (40 * US_PER_MS)
#define LATELY 2 /* of what it says: as often it must say that it moved */
#define RATE_LEAST_US (5 * US_PER_S)
#define RATE_MOST_US (120 * US_PER_S) /* then count anew */
#define RATE_PERCENT 2

static void
begin_fill(struct pace *p, int64_t now_us)
{
	p->filling = true;
	p->fill_us = now_us;
	p->fill_frames = p->frames;
	p->blocks = 0;
	p->full_us = 0;
	p->n_told = 0;
}

void
pace_start(struct pace *p, int64_t now_us, int64_t latency_us, int64_t limit_us)
{
	*p = (struct pace){
		.anchor = { .zero_us = now_us + latency_us },
		.latency_us = latency_us,
		.limit_us = limit_us,
		.seen_us = now_us,
		.window_us = now_us,
	};
	begin_fill(p, now_us);
}

void
pace_took(struct pace *p, int frames)
{
	p->frames += frames;
	p->window_writes++;
	p->wrote = true;
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

/* What it took since the filling began sounds from this instant on. */
static void
anchor_fill(struct pace *p, int64_t us)
{
	int64_t was_us = anchor_us(p->anchor, p->fill_frames) - p->latency_us;

	/* It began anew because it had run dry: it was silent so much longer. */
	if (p->underruns > 0)
		p->underrun_us += us - was_us;
	slip(p, us - was_us);
}

static void
end_fill(struct pace *p, int64_t now_us)
{
	p->filling = false;
	p->fill_us = now_us;
	p->full_us = later(p->top_us, ahead(p, now_us));
	p->last_top_us = 0;
	open_window(p, now_us);
	count_anew(p, now_us);
}

/*
 * A device that is filling made a write wait. When everything it took would
 * have been played by now, it has only just begun. Else the first wait tells:
 * much longer than the device's period, it was for the beginning.
 */
static void
blocked(struct pace *p, int64_t now_us, int64_t ahead_us)
{
	int64_t period_us;

	if (p->blocks == 0 || ahead_us < 0) {
		p->blocks = 0;
		p->block_us = now_us;
		p->block_took_us = now_us - p->seen_us;
	}
	if (ahead_us < 0)
		anchor_fill(p, now_us);
	if (++p->blocks <= BLOCKS)
		return;
	period_us = (now_us - p->block_us) / BLOCKS;
	if (p->block_took_us > period_us * 5 / 4 + SLIP_US / 2)
		anchor_fill(p, p->block_us);
	end_fill(p, now_us);
}

static void
fill(struct pace *p, int64_t now_us, int64_t ahead_us)
{
	if (p->wrote && now_us - p->seen_us > BLOCKED_US)
		blocked(p, now_us, ahead_us);
	else if (ahead_us < 0)
		anchor_fill(p, now_us);
	else if ((p->blocks == 0 && ahead_us + SLIP_US > p->limit_us) ||
		 now_us - p->fill_us > FILL_MOST_US)
		end_fill(p, now_us);
}

/*
 * Nothing left to play, by the clock. After one long absence of ours it is
 * so, and the device will begin anew. When it came bit by bit the device is
 * slow, and as full as ever.
 */
static void
ran_dry(struct pace *p, int64_t now_us, int64_t ahead_us)
{
	int64_t gap_us = now_us - p->seen_us;

	if (gap_us <= p->full_us / 2) {
		slip(p, p->full_us - ahead_us);
		open_window(p, now_us);
		return;
	}
	p->underruns++;
	p->underrun_us -= ahead_us;
	slip(p, -ahead_us);
	begin_fill(p, now_us);
	open_window(p, now_us);
}

/* A device that moved shows in two windows alike; a busy machine, that kept
 * us from filling it, in one or the other. One whose rate is off for good
 * need not wait for the second. */
static void
close_window(struct pace *p, int64_t now_us)
{
	int64_t top_us = later(p->top_us, p->last_top_us);
	bool alike = llabs(p->top_us - p->last_top_us) < SLIP_US;

	p->last_top_us = p->top_us;
	if (now_us - p->fill_us < SETTLE_US) {
		p->full_us = later(p->full_us, p->top_us);
	} else if (p->n_told > 0) {
		p->full_us = p->top_us; /* the anchor is right: this is news */
	} else if ((alike || p->rate_told) &&
		   llabs(p->full_us - top_us) > MOVED_US) {
		slip(p, p->full_us - top_us);
		p->last_top_us = 0;
	}
	open_window(p, now_us);
}

int64_t
pace_see(struct pace *p, int64_t now_us)
{
	int64_t ahead_us = ahead(p, now_us);

	p->top_us = later(p->top_us, ahead_us);
	if (p->filling)
		fill(p, now_us, ahead_us);
	else if (ahead_us < 0)
		ran_dry(p, now_us, ahead_us);
	else if (now_us - p->window_us >= WINDOW_US &&
		 p->window_writes >= WINDOW_WRITES)
		close_window(p, now_us);
	p->seen_us = now_us;
	p->wrote = false;
	return later(ahead(p, now_us), 0);
}

/* The earliest of what it said last. What it said before it moved does not
 * count any more: it has then said otherwise twice. */
static int64_t
earliest_told(const struct pace *p)
{
	int n = p->n_told < PACE_TOLD ? p->n_told : PACE_TOLD;
	int64_t lately_us = NEVER;
	int64_t least_us = NEVER;

	for (int i = 1; i <= n; i++) {
		int64_t us = p->told_us[(p->n_told - i) % PACE_TOLD];

		least_us = earlier(least_us, us);
		if (i <= LATELY)
			lately_us = least_us;
	}
	return n > LATELY && lately_us - least_us > SLIP_US ? lately_us
							    : least_us;
}

void
pace_told(struct pace *p, int64_t zero_us)
{
	int64_t us = zero_us + p->latency_us;
	int64_t by_us;

	if (p->filling || llabs(us - p->anchor.zero_us) > FILL_MOST_US)
		return;
	p->told_us[p->n_told % PACE_TOLD] = us;
	p->n_told++;
	by_us = earliest_told(p) - p->anchor.zero_us;
	slip(p, by_us);
	p->full_us += by_us;
	p->top_us += by_us;
}

void
pace_limit(struct pace *p, int64_t now_us, int64_t limit_us)
{
	p->limit_us = limit_us;
	p->full_us = earlier(p->full_us, limit_us);
	p->fill_us = now_us;
	p->last_top_us = 0;
	open_window(p, now_us);
	count_anew(p, now_us);
}

bool
pace_is_filling(const struct pace *p)
{
	return p->filling;
}

void
pace_held_back(struct pace *p, int64_t now_us)
{
	p->last_top_us = 0;
	open_window(p, now_us);
}

bool
pace_rate_off(struct pace *p, int64_t now_us, int *ret_percent)
{
	int64_t took_us = anchor_length_us(p->frames - p->rate_frames);
	int64_t past_us = now_us - p->rate_us;
	int64_t allowed_us = past_us * RATE_PERCENT / 100 + p->limit_us;

	if (p->filling || now_us - p->fill_us < SETTLE_US ||
	    past_us > RATE_MOST_US) {
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
