/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "playout/anchor.h"
#include "playout/cue.h"

int64_t
anchor_length_us(int64_t frames)
{
	/* Whole seconds apart from the rest, so that nothing overflows. */
	return frames / RATE * US_PER_S + frames % RATE * US_PER_S / RATE;
}

int64_t
anchor_us(struct anchor a, int64_t frame)
{
	int64_t us;

	if (frame / RATE >= INT64_MAX / US_PER_S ||
	    __builtin_add_overflow(a.zero_us, anchor_length_us(frame), &us))
		return NEVER;
	return us;
}

/* Floor of (us * RATE + add) / US_PER_S. */
static int64_t
count_in(int64_t us, int64_t add)
{
	int64_t seconds = us / US_PER_S;
	int64_t part = us % US_PER_S;

	if (part < 0) {
		part += US_PER_S;
		seconds--;
	}
	return seconds * RATE + (part * RATE + add) / US_PER_S;
}

static int64_t
since_zero(struct anchor a, int64_t boot_us, int64_t add)
{
	int64_t us;

	if (boot_us == NEVER)
		return INT64_MAX;
	if (__builtin_sub_overflow(boot_us, a.zero_us, &us))
		return boot_us < 0 ? INT64_MIN : INT64_MAX;
	return count_in(us, add);
}

int64_t
anchor_frame(struct anchor a, int64_t boot_us)
{
	return since_zero(a, boot_us, US_PER_S / 2);
}

int64_t
anchor_frame_before(struct anchor a, int64_t boot_us)
{
	return since_zero(a, boot_us, 0);
}
