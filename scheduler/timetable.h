/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timetable - what one file of a schedule says, read into a struct schedule:
 * the standing timetable, or one week's programme. What one file means for
 * another (a repeat of an unknown slot...) is schedule.c's.
 *
 * A faulty entry is a problem and stays in the schedule as far as it could be
 * read, so that what refers to it is not a second problem: then an id or a
 * ref may be NULL. A schedule without problems has all of them.
 */
#ifndef SCHEDULER_TIMETABLE_H
#define SCHEDULER_TIMETABLE_H

#include "scheduler/cfg.h"
#include "scheduler/schedule.h"

/* `file` is borrowed by every slot read; `station` is what the file's name
 * says. Problems go to c's. 0 or -ENOMEM. */
int timetable_read(
    struct cfg *c, const char *file, const char *station, struct schedule *s);

/* Adds a week's programme; `monday` is what the file's name says. */
int timetable_read_week(
    struct cfg *c, const char *file, int64_t monday, struct schedule *s);

/* Frees what a slot owns. */
void timetable_clear_slots(struct slot *slots, size_t n);

#endif
