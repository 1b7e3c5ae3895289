/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/clock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int64_t
day_of(const char *text)
{
	int64_t day;

	if (civil_read_date(text, &day) < 0)
		fail_msg("%s is not a date", text);
	return day;
}

static void
every_day_of_eight_centuries_comes_back(void **state)
{
	int64_t last = day_of("2399-12-31");

	(void)state;
	for (int64_t day = day_of("1600-01-01"); day <= last; day++) {
		struct civil_text text;
		int64_t back;
		int y, m, d;

		civil_ymd(day, &y, &m, &d);
		assert_int_equal(civil_day(y, m, d, &back), 0);
		assert_int_equal(back, day);
		assert_int_equal(day_of(civil_date_text(day, &text)), day);
	}
	assert_int_equal(day_of("1970-01-01"), 0);
	assert_int_equal(day_of("2000-03-01"), 11017);
}

static void
dates_that_do_not_exist_are_refused(void **state)
{
	static const struct {
		const char *when;
		int y, m, d;
	} cases[] = {
		{ "31 February", 2026, 2, 31 },
		{ "29 February of a common year", 2026, 2, 29 },
		{ "29 February of 1900", 1900, 2, 29 },
		{ "31 April", 2026, 4, 31 },
		{ "month 0", 2026, 0, 1 },
		{ "month 13", 2026, 13, 1 },
		{ "day 0", 2026, 1, 0 },
		{ "day 32", 2026, 1, 32 },
		{ "year 0", 0, 1, 1 },
		{ "year 10000", 10000, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t day = 42;

		if (civil_day(cases[i].y, cases[i].m, cases[i].d, &day) !=
			-EINVAL ||
		    day != 42)
			fail_msg("%s was taken", cases[i].when);
	}
	assert_int_equal(day_of("2000-02-29") + 1, day_of("2000-03-01"));
}

static void
weeks_are_iso_weeks_also_at_the_ends_of_years(void **state)
{
	static const struct {
		const char *date;
		const char *week;
		enum weekday weekday;
	} cases[] = {
		{ "2020-12-31", "2020-W53", THU },
		{ "2021-01-03", "2020-W53", SUN },
		{ "2021-01-04", "2021-W01", MON },
		{ "2024-12-29", "2024-W52", SUN },
		{ "2024-12-30", "2025-W01", MON },
		{ "2026-11-26", "2026-W48", THU },
		{ "2026-12-31", "2026-W53", THU },
		{ "2027-01-01", "2026-W53", FRI },
		{ "2027-01-03", "2026-W53", SUN },
		{ "2027-01-04", "2027-W01", MON },
		{ "1969-12-31", "1970-W01", WED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t day = day_of(cases[i].date);
		struct civil_text text;
		int64_t monday;
		int y, w;

		civil_week_text(day, &text);
		if (strcmp(text.s, cases[i].week) != 0 ||
		    civil_weekday(day) != cases[i].weekday)
			fail_msg("%s: week %s", cases[i].date, text.s);
		assert_int_equal(civil_read_week(cases[i].week, &y, &w), 0);
		assert_int_equal(civil_week_monday(y, w, &monday), 0);
		assert_int_equal(monday, day - civil_weekday(day));
	}
}

static void
weeks_follow_each_other_without_a_gap(void **state)
{
	int64_t monday;
	int year, week, y = 1999, w = 52;

	(void)state;
	for (monday = day_of("2000-01-03"); monday < day_of("2100-01-01");
	     monday += 7) {
		civil_week(monday, &year, &week);
		if (!(year == y && week == w + 1) &&
		    !(year == y + 1 && week == 1))
			fail_msg("%d-W%02d after %d-W%02d", year, week, y, w);
		y = year;
		w = week;
	}
}

static void
texts_that_are_not_exactly_the_form_are_refused(void **state)
{
	static const char *const dates[] = { "", "2026", "2026-11-26 ",
		" 2026-11-26", "2026-11-6", "2026/11/26", "26-11-2026",
		"2026-02-30", "2026-13-01", "0000-01-01", "+026-01-01",
		"2026-11-26T", "２０２６-11-26" };
	static const char *const weeks[] = { "", "2026-W54", "2026-W00",
		"2025-W53", "2026-48", "2026-w48", "2026-W8", "2026-W48.cfg" };
	static const char *const times[] = { "", "5:30", "05:60", "25:30",
		"24:01", "24:00:01", "05:30:60", "05:30:", "05:30:00.5", "0530",
		"05h30", "-5:30", "05:30 ", "99:99" };
	static const char *const utcs[] = { "", "2026-11-26",
		"2026-11-26T10:10:30", "2026-11-26T10:10:30+07:00",
		"2026-11-26 10:10:30Z", "2026-11-26T25:10:30Z",
		"2026-11-26T10:10:30Zx", "2026-02-30T10:10:30Z" };
	int64_t day = 42;
	int a = 42, b = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++)
		if (civil_read_date(dates[i], &day) != -EINVAL || day != 42)
			fail_msg("date \"%s\" was taken", dates[i]);
	for (size_t i = 0; i < COUNT(weeks); i++)
		if (civil_read_week(weeks[i], &a, &b) != -EINVAL || a != 42)
			fail_msg("week \"%s\" was taken", weeks[i]);
	for (size_t i = 0; i < COUNT(times); i++)
		if (civil_read_time(times[i], &a) != -EINVAL || a != 42)
			fail_msg("time \"%s\" was taken", times[i]);
	for (size_t i = 0; i < COUNT(utcs); i++)
		if (civil_read_utc(utcs[i], &day) != -EINVAL || day != 42)
			fail_msg("instant \"%s\" was taken", utcs[i]);
}

static void
times_of_the_day_read_and_write(void **state)
{
	struct civil_text text;
	int s;

	(void)state;
	assert_int_equal(civil_read_time("00:00", &s), 0);
	assert_int_equal(s, 0);
	assert_int_equal(civil_read_time("17:10:30", &s), 0);
	assert_int_equal(s, 61830);
	assert_string_equal(civil_time_text(s, &text), "17:10:30");
	assert_int_equal(civil_read_time("24:00:00", &s), 0);
	assert_int_equal(s, SECONDS_PER_DAY);
	assert_string_equal(civil_time_text(s, &text), "24:00:00");
}

static void
weekdays_are_vietnamese_or_english_in_any_case(void **state)
{
	static const char *const vn[] = { "T2", "T3", "T4", "T5", "T6", "T7",
		"CN" };
	static const char *const en[] = { "mon", "Tue", "WED", "thu", "fri",
		"sat", "sun" };
	enum weekday d = MON;

	(void)state;
	for (int i = 0; i < WEEKDAYS; i++) {
		assert_int_equal(civil_read_weekday(vn[i], &d), 0);
		assert_int_equal(d, i);
		assert_int_equal(civil_read_weekday(en[i], &d), 0);
		assert_int_equal(d, i);
		assert_string_equal(civil_weekday_text(d), vn[i]);
	}
	assert_int_equal(civil_read_weekday("T1", &d), -EINVAL);
	assert_int_equal(civil_read_weekday("T8", &d), -EINVAL);
	assert_int_equal(civil_read_weekday("monday", &d), -EINVAL);
	assert_int_equal(civil_read_weekday("", &d), -EINVAL);
	assert_int_equal(d, SUN);
}

static void
local_times_become_instants(void **state)
{
	static const struct {
		const char *when;
		const char *zone;
		const char *date;
		int second;
		const char *utc;
	} cases[] = {
		{ "Vietnam", "Asia/Ho_Chi_Minh", "2026-11-26", 61830,
		    "2026-11-26T10:10:30.000000Z" },
		{ "24:00 is the next midnight", "Asia/Ho_Chi_Minh",
		    "2026-11-26", 86400, "2026-11-26T17:00:00.000000Z" },
		{ "winter", "Europe/Berlin", "2026-01-15", 43200,
		    "2026-01-15T11:00:00.000000Z" },
		{ "summer", "Europe/Berlin", "2026-07-15", 43200,
		    "2026-07-15T10:00:00.000000Z" },
		{ "the second before the gap", "Europe/Berlin", "2026-03-29",
		    7199, "2026-03-29T00:59:59.000000Z" },
		{ "in the gap: the first instant after it", "Europe/Berlin",
		    "2026-03-29", 9000, "2026-03-29T01:00:00.000000Z" },
		{ "the gap's end", "Europe/Berlin", "2026-03-29", 10800,
		    "2026-03-29T01:00:00.000000Z" },
		{ "doubled: the first pass", "Europe/Berlin", "2026-10-25",
		    9000, "2026-10-25T00:30:00.000000Z" },
		{ "after the doubled hour", "Europe/Berlin", "2026-10-25",
		    10800, "2026-10-25T02:00:00.000000Z" },
		{ "a step of half an hour, gap", "Australia/Lord_Howe",
		    "2026-10-04", 8100, "2026-10-03T15:30:00.000000Z" },
		{ "a step of half an hour, doubled", "Australia/Lord_Howe",
		    "2026-04-05", 6300, "2026-04-04T14:45:00.000000Z" },
		{ "a date the zone left out", "Pacific/Apia", "2011-12-30",
		    43200, "2011-12-30T10:00:00.000000Z" },
		{ "midnight in the gap", "America/Havana", "2026-03-08", 0,
		    "2026-03-08T05:00:00.000000Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct civil_text text;

		assert_int_equal(civil_zone(cases[i].zone), 0);
		civil_utc_text(
		    civil_to_us(day_of(cases[i].date), cases[i].second), &text);
		if (strcmp(text.s, cases[i].utc) != 0)
			fail_msg("%s: %s, wanted %s", cases[i].when, text.s,
			    cases[i].utc);
	}
}

static void
every_half_hour_of_a_year_comes_back_unless_it_is_in_a_gap(void **state)
{
	static const struct {
		const char *zone;
		int moved; /* half hours that fall in a gap */
	} cases[] = {
		{ "Asia/Ho_Chi_Minh", 0 },
		{ "Europe/Berlin", 2 },
		{ "Australia/Lord_Howe", 1 },
		{ "America/St_Johns", 2 },
		{ "UTC", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t last = day_of("2026-12-31");
		int moved = 0;

		assert_int_equal(civil_zone(cases[i].zone), 0);
		for (int64_t day = day_of("2026-01-01"); day <= last; day++)
			for (int s = 0; s < SECONDS_PER_DAY; s += 1800) {
				int64_t back;
				int back_s;

				civil_from_us(
				    civil_to_us(day, s), &back, &back_s);
				moved += back != day || back_s != s;
			}
		if (moved != cases[i].moved)
			fail_msg("%s: %d moved", cases[i].zone, moved);
	}
}

static void
a_wrong_zone_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *when;
		const char *zone;
		int r;
	} cases[] = {
		{ "misspelt", "Asia/Saigonn", -ENOENT },
		{ "a folder of zones", "Asia", -ENOENT },
		{ "a rule, not a name", "ICT-7", -ENOENT },
		{ "empty", "", -EINVAL },
		{ "a path", "/etc/localtime", -EINVAL },
		{ "climbs out", "../../../etc/passwd", -EINVAL },
		{ "the C library's own path form", ":UTC", -EINVAL },
	};

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (civil_zone(cases[i].zone) != cases[i].r)
			fail_msg("%s: not %d", cases[i].when, cases[i].r);
		assert_false(civil_zone_known(cases[i].zone));
		assert_string_equal(getenv("TZ"), "Asia/Ho_Chi_Minh");
	}
	assert_true(civil_zone_known("Europe/Berlin"));
	assert_int_equal(civil_to_us(day_of("2026-11-26"), 0),
	    (day_of("2026-11-26") * 24 - 7) * 3600 * US_PER_S);
}

static void
instants_read_and_write(void **state)
{
	struct civil_text text;
	int64_t us;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_read_utc("2026-11-26T10:10:30.123456Z", &us), 0);
	assert_string_equal(
	    civil_utc_text(us, &text), "2026-11-26T10:10:30.123456Z");
	assert_string_equal(
	    civil_local_text(us, &text), "2026-11-26T17:10:30.123+07:00");
	assert_string_equal(
	    civil_date_vn(day_of("2026-11-26"), &text), "26/11/2026");
	assert_int_equal(civil_read_utc("1969-12-31T23:59:59.5Z", &us), 0);
	assert_int_equal(us, -500000);
	assert_string_equal(
	    civil_utc_text(us, &text), "1969-12-31T23:59:59.500000Z");
	assert_string_equal(civil_local_text(us, &text),
	    "1970-01-01T07:59:59.500+08:00"); /* until 1975 */
	assert_int_equal(civil_zone("America/St_Johns"), 0);
	assert_string_equal(
	    civil_local_text(0, &text), "1969-12-31T20:30:00.000-03:30");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_eight_centuries_comes_back),
		cmocka_unit_test(dates_that_do_not_exist_are_refused),
		cmocka_unit_test(weeks_are_iso_weeks_also_at_the_ends_of_years),
		cmocka_unit_test(weeks_follow_each_other_without_a_gap),
		cmocka_unit_test(
		    texts_that_are_not_exactly_the_form_are_refused),
		cmocka_unit_test(times_of_the_day_read_and_write),
		cmocka_unit_test(
		    weekdays_are_vietnamese_or_english_in_any_case),
		cmocka_unit_test(local_times_become_instants),
		cmocka_unit_test(
		    every_half_hour_of_a_year_comes_back_unless_it_is_in_a_gap),
		cmocka_unit_test(a_wrong_zone_is_refused_and_changes_nothing),
		cmocka_unit_test(instants_read_and_write),
	};

	return cmocka_run_group_tests_name("civil", tests, NULL, NULL);
}
