/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * periods - reporting periods (kỳ báo cáo) that are kept under a name, with the
 * date before which the report is to be there.
 *
 * schedules/periods.json, beside the timetables, where officers may write and
 * backups reach: {name: {from, to, due, by, station, store}}, dates as
 * YYYY-MM-DD, due "" where there is none; store: the folder of the upper level
 * whose stations it is of, "" or nothing: this computer's own.
 */
#ifndef CTL_PERIODS_H
#define CTL_PERIODS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/root.h"

#define PERIODS_MAX 500 /* decades of them */
#define PERIOD_NAME_MAX 100 /* bytes */

/* All of them; {} where none is kept. 0 and *ret is yours; -EBADMSG when the
 * file is no such file (it is left alone); or what the disk said. */
int periods_read(const struct root *root, json_t **ret);

/* Writes them all, durably. 0 or what the disk said; -E2BIG for too many. */
int periods_write(const struct root *root, const json_t *all);

/* "12 days left, due before 2026-10-30", "due today...", "3 days overdue..."; ""
 * without a date. Into buf, which it returns. */
const char *periods_countdown(
    const json_t *period, int64_t today, char *buf, size_t size);

/* The same for paper, which is read on other days: the date alone. */
const char *periods_deadline(const json_t *period, char *buf, size_t size);

#define PERIODS_SOON 30 /* days */

/* A line for each kept period that is due within PERIODS_SOON days, or late;
 * fn gets each. What cannot be read says nothing. */
void periods_remind(const struct root *root, int64_t today,
    void (*fn)(void *arg, const char *line), void *arg);

#endif
