/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dice - chance that a seed repeats.
 *
 * SplitMix64, by Sebastiano Vigna, in the public domain:
 * https://prng.di.unimi.it/splitmix64.c
 */
#ifndef TESTS_FAKES_DICE_H
#define TESTS_FAKES_DICE_H

#include <stdint.h>

struct dice { /* a plain value */
	uint64_t state;
};

static inline void
dice_init(struct dice *d, uint64_t seed)
{
	d->state = seed;
}

static inline uint64_t
dice_draw(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to n - 1. */
static inline int64_t
dice_pick(struct dice *d, int64_t n)
{
	return (int64_t)(dice_draw(d) % (uint64_t)n);
}

#endif
