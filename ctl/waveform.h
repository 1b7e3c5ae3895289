/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waveform - what an item's sound looks like: so many columns from its first
 * frame to its last, and the places that its record marks.
 */
#ifndef CTL_WAVEFORM_H
#define CTL_WAVEFORM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/item.h"

#define WAVEFORM_PLACES 9 /* that are shown with a number each */

struct waveform_column {
	double peak; /* 0 to 1 */
	double power; /* sum of squares, of ... */
	int64_t samples;
};

struct waveform {
	int64_t frames; /* expected */
	int64_t seen;
	int n;
	struct waveform_column *columns;
};

/* 0; -ENOMEM. Clear it in both cases. */
int waveform_make(int columns, int64_t frames, struct waveform *ret);
void waveform_clear(struct waveform *w);

/* The next frames, of 16-bit stereo. */
void waveform_add(struct waveform *w, const int16_t *pcm, int frames);

/* Root of the mean square of a column, 0 to 1. */
double waveform_rms(const struct waveform_column *c);

/* A marked place, in the user's language. */
struct place {
	const char *kind; /* the record's word; borrowed */
	const char *label;
	int64_t from_ms, to_ms;
};

/* The first `max` places of an item; how many it has in all. */
size_t waveform_places(const struct item *it, struct place *ret, size_t max);

/* "2:10-2:31", "0:05" for a place of less than a second. */
struct place_time {
	char s[100];
};
const char *place_text(const struct place *p, struct place_time *buf);

/* Seconds between the ticks of an axis that has room for so many. */
int64_t waveform_step(int64_t length_ms, int ticks);

/* Prints it as wide as it has columns, with axis and places; without `blocks`
 * in ASCII alone. */
void waveform_print(
    FILE *out, const struct waveform *w, const struct item *it, bool blocks);

#endif
