/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uses - where the schedules of all stations use what the library has.
 */
#ifndef CTL_USES_H
#define CTL_USES_H

#include <jansson.h>

#include "base/root.h"
#include "ctl/office.h"
#include "scheduler/plan.h"

#define USES_DAYS 14 /* ahead: this week and the next */

/*
 * fn gets every slot planned on local dates from_day..to_day, by station and
 * start; all borrowed. With an office, dates of mourning have no music; NULL
 * knows of no library. A schedule that cannot be read has none here: `check`
 * tells of it. A non-zero return of fn stops and is returned; -ENOMEM.
 */
int uses_each(const struct root *root, const struct office *o, int64_t from_day,
    int64_t to_day,
    int (*fn)(void *arg, const char *station, const struct planned *p),
    void *arg);

/*
 * What plays an item although no slot has it: fn gets each item of a station's
 * gap music, with the station's name, and of a relay's fallback, with the
 * relay's title; the other is NULL. As uses_each() otherwise.
 */
int uses_beside(const struct root *root, const struct site *site,
    int (*fn)(
	void *arg, const char *item, const char *station, const char *relay),
    void *arg);

/* {segment id: title} of all stations; yours. NULL when out of memory. */
json_t *uses_segments(const struct root *root);

#endif
