/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/frames.h"

/* x * mul / div to the nearest, in two steps: a year of microseconds times
 * 48,000 would overflow. */
static int64_t
scale(int64_t x, int64_t mul, int64_t div)
{
	int64_t whole = x / div;
	int64_t rest = x % div * mul;

	return whole * mul + (rest + (rest < 0 ? -div : div) / 2) / div;
}

int64_t
frames_us(int64_t frames)
{
	return scale(frames, US_PER_S, RATE);
}

int64_t
frames_in(int64_t us)
{
	return scale(us, RATE, US_PER_S);
}
