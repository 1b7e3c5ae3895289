/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * makeup - what was missed, and what could make up for it (phát bù). Looks
 * and proposes; nothing here changes a schedule.
 */
#ifndef CTL_MAKEUP_H
#define CTL_MAKEUP_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/disk.h"
#include "scheduler/plan.h"
#include "scheduler/site.h"

/*
 * The slots of these local dates, at one station, that should have sounded
 * from files and did not, or not whole: an array of objects with the keys of
 * the `slot` record, then `ref`, `items` and `from_above` of the day sheet,
 * and `made_up`: {date, slot} of the make-up that aired, or is planned in
 * `coming`; else null. A make-up that failed stands for what it was to make
 * up for. Slots that a person took out, filler and relays are left out. 0 and
 * *ret_misses is yours; -ENOMEM, or what the disk said.
 */
int makeup_misses(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, const struct plan *coming, json_t **ret_misses);

/*
 * Gives each miss that nothing makes up for a `proposal`: {date, id, at, for}
 * and how it plays: `repeats`, `item`, or `segment` with the `items` that the
 * week's programme must name. It is the first free place in `coming` that
 * lies `MAKEUP_AHEAD_US` after now and breaks no rule of the site; null where
 * there is none, or where nothing had been chosen to play. `coming` is s
 * unrolled over the days to look at. -ENOMEM.
 */
int makeup_propose(const struct schedule *s, const struct plan *coming,
    const struct site *site, int64_t now_us, json_t *misses);

#define MAKEUP_AHEAD_US INT64_C(600000000) /* time to have it reloaded */

/* The proposals as they go into the timetable and the weeks' files. */
void makeup_print(const struct schedule *s, const json_t *misses, FILE *out);

/* "Bản tin (makes up for ban-tin of 26/11/2026)": takes `what` over; yours.
 * What is no make-up, or NULL, is returned as it is. */
char *makeup_words(char *what, const struct planned *p);

#endif
