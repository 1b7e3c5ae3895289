/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dryrun - what a simulated log says of its slots, as an officer reads it
 * before the week: what would air, what would not, and which item is to
 * blame. It speaks of what would be; only the real log speaks of what was.
 */
#ifndef CTL_DRYRUN_H
#define CTL_DRYRUN_H

#include <jansson.h>
#include <stdio.h>

#include "base/disk.h"
#include "ctl/office.h"

struct dryrun;

/* Reads the log of a simulation; `office` (borrowed) knows how the items
 * stand. 0 and *ret_dryrun is yours; a negative errno. */
int dryrun_read(
    const struct office *office, struct disk *log, struct dryrun **ret_dryrun);

/* Accepts NULL; returns NULL. */
struct dryrun *dryrun_free(struct dryrun *d);

/* Slots that would not air whole. */
size_t dryrun_lacking(const struct dryrun *d);

/* A row a slot, day by day, in at most `width` columns; with `only_lacking`
 * without those that would air whole. 0 or -ENOMEM. */
int dryrun_print(
    const struct dryrun *d, bool only_lacking, FILE *out, int width);

/* The `slot` records of that log, by station and start, each with
 * `items_in_the_way`. Borrowed until dryrun_free(). */
json_t *dryrun_slots(const struct dryrun *d);

#endif
