/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * patience - when to try again what goes over a network: soon after one
 * failure, later after each more of them, and never all stations at once. Pure:
 * the clock is its caller's, chance is a function.
 */
#ifndef CTL_PATIENCE_H
#define CTL_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define PATIENCE_FIRST_US (30 * US_PER_S) /* after one failure */
#define PATIENCE_MOST_US (3600 * US_PER_S)

struct chance { /* uniform, from 0 to below 2^32 */
	uint32_t (*draw)(struct chance *c);
};

struct patience { /* start it as { 0 } */
	int failures; /* in a row */
};

/*
 * Microseconds to wait after a try that went well, or not. Well: `every_us`,
 * and up to a tenth more. Not: twice as long for each failure, from
 * PATIENCE_FIRST_US to PATIENCE_MOST_US, of which half is left to chance.
 */
int64_t patience_wait(
    struct patience *p, struct chance *c, bool well, int64_t every_us);

#endif
