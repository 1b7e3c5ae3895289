/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * civil - local dates and times of day, the only home of local time.
 *
 * A date is a day number (`day`): days since 1970-01-01 in the proleptic
 * Gregorian calendar. A time of day is seconds since local midnight
 * (`second`), 0 to 86400; 86400 ("24:00:00") is the next day's midnight.
 * One time zone per process, set once. The zone's rules are the C library's
 * (tzdata); the calendar of weeks is ISO 8601.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECONDS_PER_DAY 86400

/* Weekdays as ISO 8601 numbers them, less one: T2 (Monday) is 0, CN is 6. */
enum weekday { MON, TUE, WED, THU, FRI, SAT, SUN, WEEKDAYS };

/*
 * Sets the process's one zone, such as "Asia/Ho_Chi_Minh". -ENOENT when the
 * system has no such zone (the C library would silently use UTC), -EINVAL
 * for a name that is empty, absolute or climbs out with "..".
 */
int civil_zone(const char *name);

/* Whether civil_zone() would take it; changes nothing. */
bool civil_zone_known(const char *name);

/* The day of a year (1..9999), month (1..12) and day of the month; -EINVAL
 * when no such date exists (31 February). */
int civil_day(int year, int month, int mday, int64_t *ret_day);

/* The year, month and day of the month of `day`. */
void civil_ymd(int64_t day, int *ret_year, int *ret_month, int *ret_mday);

enum weekday civil_weekday(int64_t day);

/* ISO 8601 week: the year it belongs to and its number, 1..53. */
void civil_week(int64_t day, int *ret_year, int *ret_week);

/* The Monday of an ISO week; -EINVAL when the year has no such week. */
int civil_week_monday(int year, int week, int64_t *ret_day);

/*
 * The UTC instant of `second` on local date `day`. A time in the gap of a
 * zone's step forward is the first instant after the gap; a doubled time is
 * its first pass.
 */
int64_t civil_to_us(int64_t day, int second);

/* The local date and second of the day at a UTC instant. */
void civil_from_us(int64_t us, int64_t *ret_day, int *ret_second);

/*
 * Text. Readers take exactly the form named and nothing after it; -EINVAL
 * otherwise, and the result is untouched.
 */
int civil_read_date(const char *text, int64_t *ret_day); /* 2026-11-26 */
int civil_read_week(
    const char *text, int *ret_year, int *ret_week); /* 2026-W48 */
int civil_read_time(const char *text, int *ret_second); /* 17:10[:30] */
int civil_read_weekday(
    const char *text, enum weekday *ret_day); /* T2..CN mon.. */

/* Buffers for the writers below; each writer returns its buffer. */
struct civil_text {
	char s[48];
};

const char *civil_date_text(
    int64_t day, struct civil_text *buf); /* 2026-11-26 */
const char *civil_date_vn(int64_t day, struct civil_text *buf); /* 26/11/2026 */
const char *civil_time_text(int second, struct civil_text *buf); /* 17:10:30 */
const char *civil_week_text(int64_t day, struct civil_text *buf); /* 2026-W48 */
const char *civil_weekday_text(enum weekday d); /* T2..T7, CN */

/* 2026-11-26T10:10:30.000000Z, and 2026-11-26T17:10:30.000+07:00 */
const char *civil_utc_text(int64_t us, struct civil_text *buf);
const char *civil_local_text(int64_t us, struct civil_text *buf);

/* Reads what civil_utc_text wrote (fraction optional). -EINVAL otherwise. */
int civil_read_utc(const char *text, int64_t *ret_us);

#endif
