/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gain - what the player will change an item's level by, in words: before it
 * airs, so that a person can still record it again.
 */
#ifndef CTL_GAIN_H
#define CTL_GAIN_H

#include <stdbool.h>

#include "base/item.h"
#include "scheduler/site.h"

struct gain_text {
	char s[320];
};

/*
 * At the i-th loudness that the site's stations are set to ("que-minh: " before
 * it where there are several); false beyond the last one.
 */
bool gain_line(const struct site *s, const struct item *it, size_t i,
    struct gain_text *buf);

/* That it stays below the loudness of a station ("" the site's), by how much,
 * and what to do; NULL when that is less than a decibel. */
const char *gain_short(const struct site *s, const struct item *it,
    const char *station, struct gain_text *buf);

#endif
