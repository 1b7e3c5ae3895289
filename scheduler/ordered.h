/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ordered - what a higher level has ordered is not dropped by the station
 * itself: a slot from_above of the schedule in force has to be in the next
 * one, by its id and still from_above, until its last date (`until`, its
 * date, the end of its campaign) is over. The level above ends it by a date
 * that stands in the file for everyone to see, not by a line that is gone.
 */
#ifndef SCHEDULER_ORDERED_H
#define SCHEDULER_ORDERED_H

#include "scheduler/schedule.h"

/* One problem for each that `after` has lost, as of `today`. Returns the
 * number added; -ENOMEM. */
int ordered_check(const struct schedule *before, const struct schedule *after,
    int64_t today, struct problems *ps);

#endif
