/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"

static const char *const weekday_vn[WEEKDAYS] = { "T2", "T3", "T4", "T5", "T6",
	"T7", "CN" };
static const char *const weekday_en[WEEKDAYS] = { "mon", "tue", "wed", "thu",
	"fri", "sat", "sun" };

bool
civil_zone_known(const char *name)
{
	const char *dir = getenv("TZDIR");
	struct stat st;
	char path[512];

	if (name[0] == '\0' || name[0] == '/' || name[0] == ':' ||
	    strstr(name, "..") != NULL)
		return false;
	if (dir == NULL)
		dir = "/usr/share/zoneinfo";
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return false;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, R_OK) == 0;
}

static void forget_offsets(void);

int
civil_zone(const char *name)
{
	if (name[0] == '\0' || name[0] == '/' || name[0] == ':' ||
	    strstr(name, "..") != NULL)
		return -EINVAL;
	if (!civil_zone_known(name))
		return -ENOENT;
	if (setenv("TZ", name, 1) < 0)
		return -errno;
	tzset();
	forget_offsets();
	return 0;
}

/* Days from civil and back: counted by eras of 400 years from 1 March. */
static int64_t
days_of(int64_t y, int m, int d)
{
	int64_t era;
	int64_t yoe;
	int64_t doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
civil_ymd(int64_t day, int *ret_year, int *ret_month, int *ret_mday)
{
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*ret_mday = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

int
civil_day(int year, int month, int mday, int64_t *ret_day)
{
	int64_t day;
	int y, m, d;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || mday < 1 ||
	    mday > 31)
		return -EINVAL;
	day = days_of(year, month, mday);
	civil_ymd(day, &y, &m, &d);
	if (m != month)
		return -EINVAL;
	*ret_day = day;
	return 0;
}

enum weekday
civil_weekday(int64_t day)
{
	return (enum weekday)(((day + THU) % 7 + 7) % 7);
}

void
civil_week(int64_t day, int *ret_year, int *ret_week)
{
	int64_t thursday = day - civil_weekday(day) + THU;
	int year, month, mday;

	civil_ymd(thursday, &year, &month, &mday);
	*ret_year = year;
	*ret_week = (int)((thursday - days_of(year, 1, 1)) / 7 + 1);
}

int
civil_week_monday(int year, int week, int64_t *ret_day)
{
	int64_t day;
	int y, w;

	if (year < 1 || year > 9999 || week < 1 || week > 53)
		return -EINVAL;
	day = days_of(year, 1, 4); /* always in week 1 */
	day += (week - 1) * 7 - (int)civil_weekday(day);
	civil_week(day, &y, &w);
	if (y != year || w != week)
		return -EINVAL;
	*ret_day = day;
	return 0;
}

/* What the C library said of a minute, kept: it takes a lock and reads the
 * rules anew for each, and the same midnights are asked for all day. Since 1980
 * every zone has changed on a whole minute. */
#define MEMO_FROM_S INT64_C(315532800)
#define MEMO_MINUTES 256
static struct {
	int64_t minute; /* of UTC; 0: nothing kept */
	int64_t offset_s;
} memo[MEMO_MINUTES];

static int64_t
ask_offset_s(int64_t utc_s)
{
	time_t t = (time_t)utc_s;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return tm.tm_gmtoff;
}

static int64_t
offset_s(int64_t utc_s)
{
	int64_t minute = utc_s / 60;
	size_t i = (size_t)minute % MEMO_MINUTES;

	if (utc_s < MEMO_FROM_S)
		return ask_offset_s(utc_s);
	if (memo[i].minute != minute) {
		memo[i].offset_s = ask_offset_s(utc_s);
		memo[i].minute = minute;
	}
	return memo[i].offset_s;
}

/* Another zone. */
static void
forget_offsets(void)
{
	memset(memo, 0, sizeof(memo));
}

/* The first second of the later offset, between two instants around a step. */
static int64_t
step_between(int64_t lo, int64_t hi)
{
	int64_t before = offset_s(lo);

	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (offset_s(mid) == before)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

int64_t
civil_to_us(int64_t day, int second)
{
	int64_t local = day * SECONDS_PER_DAY + second;
	int64_t early = local - offset_s(local - SECONDS_PER_DAY);
	int64_t late = local - offset_s(local + SECONDS_PER_DAY);

	if (early + offset_s(early) == local)
		return early * US_PER_S;
	if (late + offset_s(late) == local)
		return late * US_PER_S;
	return step_between(local - SECONDS_PER_DAY, local + SECONDS_PER_DAY) *
	       US_PER_S;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
civil_from_us(int64_t us, int64_t *ret_day, int *ret_second)
{
	int64_t s = floor_div(us, US_PER_S);
	int64_t local = s + offset_s(s);

	*ret_day = floor_div(local, SECONDS_PER_DAY);
	*ret_second = (int)(local - *ret_day * SECONDS_PER_DAY);
}

/* Exactly n digits at *p, which moves past them; -1 otherwise. */
static int
digits(const char **p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

int
civil_read_date(const char *text, int64_t *ret_day)
{
	int y, m, d;

	y = digits(&text, 4);
	if (y < 0 || !skip(&text, '-'))
		return -EINVAL;
	m = digits(&text, 2);
	if (m < 0 || !skip(&text, '-'))
		return -EINVAL;
	d = digits(&text, 2);
	if (d < 0 || *text != '\0')
		return -EINVAL;
	return civil_day(y, m, d, ret_day);
}

int
civil_read_week(const char *text, int *ret_year, int *ret_week)
{
	int64_t monday;
	int y, w, r;

	y = digits(&text, 4);
	if (y < 0 || !skip(&text, '-') || !skip(&text, 'W'))
		return -EINVAL;
	w = digits(&text, 2);
	if (w < 0 || *text != '\0')
		return -EINVAL;
	r = civil_week_monday(y, w, &monday);
	if (r < 0)
		return r;
	*ret_year = y;
	*ret_week = w;
	return 0;
}

int
civil_read_time(const char *text, int *ret_second)
{
	int h, m, s = 0;
	int second;

	h = digits(&text, 2);
	if (h < 0 || !skip(&text, ':'))
		return -EINVAL;
	m = digits(&text, 2);
	if (m < 0)
		return -EINVAL;
	if (skip(&text, ':')) {
		s = digits(&text, 2);
		if (s < 0)
			return -EINVAL;
	}
	second = (h * 60 + m) * 60 + s;
	if (*text != '\0' || m > 59 || s > 59 || second > SECONDS_PER_DAY)
		return -EINVAL;
	*ret_second = second;
	return 0;
}

int
civil_read_weekday(const char *text, enum weekday *ret_day)
{
	for (int d = 0; d < WEEKDAYS; d++) {
		if (strcasecmp(text, weekday_vn[d]) != 0 &&
		    strcasecmp(text, weekday_en[d]) != 0)
			continue;
		*ret_day = (enum weekday)d;
		return 0;
	}
	return -EINVAL;
}

const char *
civil_weekday_text(enum weekday d)
{
	return weekday_vn[d];
}

const char *
civil_date_text(int64_t day, struct civil_text *buf)
{
	int y, m, d;

	civil_ymd(day, &y, &m, &d);
	snprintf(buf->s, sizeof(buf->s), "%04d-%02d-%02d", y, m, d);
	return buf->s;
}

const char *
civil_date_vn(int64_t day, struct civil_text *buf)
{
	int y, m, d;

	civil_ymd(day, &y, &m, &d);
	snprintf(buf->s, sizeof(buf->s), "%02d/%02d/%04d", d, m, y);
	return buf->s;
}

const char *
civil_time_text(int second, struct civil_text *buf)
{
	snprintf(buf->s, sizeof(buf->s), "%02d:%02d:%02d", second / 3600,
	    second / 60 % 60, second % 60);
	return buf->s;
}

const char *
civil_week_text(int64_t day, struct civil_text *buf)
{
	int y, w;

	civil_week(day, &y, &w);
	snprintf(buf->s, sizeof(buf->s), "%04d-W%02d", y, w);
	return buf->s;
}

const char *
civil_utc_text(int64_t us, struct civil_text *buf)
{
	int64_t s = floor_div(us, US_PER_S);
	int64_t day = floor_div(s, SECONDS_PER_DAY);
	int second = (int)(s - day * SECONDS_PER_DAY);
	int y, m, d;

	civil_ymd(day, &y, &m, &d);
	snprintf(buf->s, sizeof(buf->s), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
	    y, m, d, second / 3600, second / 60 % 60, second % 60,
	    (int)(us - s * US_PER_S));
	return buf->s;
}

const char *
civil_local_text(int64_t us, struct civil_text *buf)
{
	int64_t s = floor_div(us, US_PER_S);
	int64_t off = offset_s(s);
	int64_t a = off < 0 ? -off : off;
	int64_t day;
	int second;
	int y, m, d;

	civil_from_us(us, &day, &second);
	civil_ymd(day, &y, &m, &d);
	snprintf(buf->s, sizeof(buf->s),
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d:%02d", y, m, d,
	    second / 3600, second / 60 % 60, second % 60,
	    (int)((us - s * US_PER_S) / 1000), off < 0 ? '-' : '+',
	    (int)(a / 3600), (int)(a / 60 % 60));
	return buf->s;
}

int
civil_read_utc(const char *text, int64_t *ret_us)
{
	char date[11];
	char time[9];
	int64_t day;
	int64_t us = 0;
	int second;
	int scale = 100000;

	if (strlen(text) < 20 || text[10] != 'T')
		return -EINVAL;
	memcpy(date, text, 10);
	date[10] = '\0';
	memcpy(time, text + 11, 8);
	time[8] = '\0';
	if (civil_read_date(date, &day) < 0 ||
	    civil_read_time(time, &second) < 0)
		return -EINVAL;
	text += 19;
	if (skip(&text, '.'))
		for (; *text >= '0' && *text <= '9'; text++, scale /= 10)
			us += (*text - '0') * scale;
	if (!skip(&text, 'Z') || *text != '\0')
		return -EINVAL;
	*ret_us = (day * SECONDS_PER_DAY + second) * US_PER_S + us;
	return 0;
}
