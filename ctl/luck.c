/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "ctl/luck.h"

/* SplitMix64, by Sebastiano Vigna, in the public domain:
 * https://prng.di.unimi.it/splitmix64.c */
uint64_t
luck_draw(struct luck *l)
{
	uint64_t z = l->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t
luck_pick(struct luck *l, int64_t n)
{
	return (int64_t)(luck_draw(l) % (uint64_t)n);
}

int64_t
luck_span(struct luck *l, int64_t least_us, int64_t most_us)
{
	int64_t span = least_us;

	while (span < most_us && luck_pick(l, 4) != 0)
		span *= 3;
	span = earlier(span, most_us);
	return span - luck_pick(l, span / 2 + 1);
}
