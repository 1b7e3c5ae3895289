/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * luck - what is drawn at random, and can be drawn again from the same seed.
 */
#ifndef CTL_LUCK_H
#define CTL_LUCK_H

#include <stdint.h>

struct luck { /* a plain value; starts as { seed } */
	uint64_t state;
};

uint64_t luck_draw(struct luck *l);

/* 0 to n - 1, n above 0. */
int64_t luck_pick(struct luck *l, int64_t n);

/* A span from about `least_us` to `most_us`: any order of size is as likely as
 * another. */
int64_t luck_span(struct luck *l, int64_t least_us, int64_t most_us);

#endif
