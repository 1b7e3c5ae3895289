/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * say - what a command tells its user: text that is safe for a terminal,
 * whatever a file name or a title holds, and amounts as a person says them.
 */
#ifndef CTL_SAY_H
#define CTL_SAY_H

#include <stdint.h>
#include <stdio.h>

#include "base/civil.h"

/*
 * A copy in which nothing can move the cursor, hide or reorder what is read:
 * control characters, direction marks, line separators and bytes that are
 * not UTF-8 become '?'. Yours; NULL when out of memory.
 */
char *say_safe(const char *s);

/* The text, made safe, and a line feed. */
void say_line(FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "loaxa: text" on standard error, made safe, and a line feed. */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A field of a CSV file: made safe, quoted, and nothing that a spreadsheet would
 * take for a formula. */
void say_csv(FILE *out, const char *s);

/* What went wrong, in the user's language; r is a negative errno. */
const char *say_errno(int r);

/* The sysexits(3) code that tells a script the same. */
int say_exit(int r);

/* "15 min", "29 min 30 s", "1 h 05 min"; tenths below ten seconds. */
const char *say_length(int64_t us, struct civil_text *buf);

/* "-16,5" in Vietnamese, "-16.5" in English, with so many digits behind the
 * mark; say_signed() has a plus sign, too. What programs read has a point. */
const char *say_decimal(double v, int digits, struct civil_text *buf);
const char *say_signed(double v, int digits, struct civil_text *buf);

/* "4:05", "1:02:03", for counters that run. */
const char *say_counter(int64_t ms, struct civil_text *buf);

/* 26/11/2026 in Vietnamese, 2026-11-26 in English. */
const char *say_date(int64_t day, struct civil_text *buf);

/* "Thứ Năm", "Thursday". */
const char *say_weekday(enum weekday d);

/* The local date and time of an instant, to the nearest second: say_date()
 * and 17:10:30. */
const char *say_instant(int64_t us, struct civil_text *buf);

/* The local time of day of an instant, to the nearest second: 17:10:30. */
const char *say_time(int64_t us, struct civil_text *buf);

/* The same of the end of a time that began before: midnight is 24:00:00. */
const char *say_end(int64_t us, struct civil_text *buf);

#endif
