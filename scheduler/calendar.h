/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calendar - which slots of a schedule a date has, and what a week gives
 * them to play: weekdays, date exceptions, campaigns, fortnights, from and
 * until. An index over a schedule that it borrows; civil dates only.
 */
#ifndef SCHEDULER_CALENDAR_H
#define SCHEDULER_CALENDAR_H

#include "scheduler/schedule.h"

/* One slot of the schedule and where it stands. A plain value. */
struct entry {
	const struct slot *slot;
	const struct campaign *campaign; /* or NULL */
	const struct date_rule *date; /* for an extra slot, or NULL */
	size_t order; /* timetable, then campaigns, then dates */
};

struct calendar;

/* 0 and *ret_calendar is yours, and must not outlive s; -ENOMEM. Slots whose
 * id is NULL (unreadable) are left out. */
int calendar_make(const struct schedule *s, struct calendar **ret_calendar);

/* Accepts NULL; returns NULL. */
struct calendar *calendar_free(struct calendar *c);

/* All entries, by id and then by order. Borrowed. */
const struct entry *calendar_entries(const struct calendar *c, size_t *ret_n);

/* The entries of one id; NULL and 0 when there are none. Borrowed. */
const struct entry *calendar_named(
    const struct calendar *c, const char *id, size_t *ret_n);

/* The slots of a local date, in no particular order. The array is the
 * calendar's own, until the next call. */
const struct entry *const *calendar_day(
    struct calendar *c, int64_t day, size_t *ret_n);

/* The slot of that id on that date, or NULL. */
const struct entry *calendar_find(
    const struct calendar *c, const char *id, int64_t day);

/* All programmes, by week, slot and line. Borrowed. */
const struct programme *const *calendar_programmes(
    const struct calendar *c, size_t *ret_n);

/* The programme of the ISO week that holds `day` for a slot, or NULL. */
const struct programme *calendar_programme(
    const struct calendar *c, const char *slot, int64_t day);

#endif
