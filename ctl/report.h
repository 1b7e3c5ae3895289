/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report - the daemon's `status` answer as a person reads it: one screen, or
 * one line a station that moves.
 *
 * What the daemon says is not trusted to be complete: a key that is missing
 * reads as unknown, never as a crash.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include <jansson.h>
#include <stdio.h>

/*
 * The screen: the daemon, its clock and log, then each station. Anything that
 * needs a person stands first, marked "!".
 */
void report_screen(const json_t *answer, FILE *out);

/* Where the answer has an item's id for a title, the title that the library
 * folder `items` has for it: the daemon waits for no disk to say it. */
void report_titles(json_t *answer, const char *items);

/* A line for each thing that a person ordered at the station, and that sounds
 * or waits for its turn; before everything that is planned. */
void report_orders(const json_t *station, FILE *out);

/*
 * One station's line: id, item, elapsed and length, a bar, a level meter,
 * what is next. `width` is the terminal's; 0 leaves out the bar and meter.
 * Yours; NULL when out of memory.
 */
char *report_line(const json_t *answer, const json_t *station, int width);

/* A bar of `cells` characters for part of whole, "####----". buf holds
 * cells + 1 bytes. */
const char *report_bar(int64_t part, int64_t whole, int cells, char *buf);

#endif
