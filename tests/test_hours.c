/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/hours.h"

#define T(time) "2026-11-25T" time "Z"

static json_t *
sheet(const char *utc, const char *date, const char *from, const char *to)
{
	return json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "station", "a",
	    "utc", utc, "date", date, "hours", "from_utc", from, "to_utc", to);
}

static void
take(struct hours *h, json_t *day)
{
	assert_int_equal(hours_take(h, day), 0);
	json_decref(day);
}

/* An airing cued for `cue`, whose end says it began at `actual`. */
static bool
broken(struct hours *h, const char *cue, const char *actual, int ms)
{
	json_t *start = json_pack("{s:s, s:s, s:s, s:s}", "station", "a", "utc",
	    T("21:59:50"), "cue_utc", cue, "date", "2026-11-26");
	json_t *end = json_pack("{s:s, s:i, s:i, s:i}", "actual_utc", actual,
	    "wall_ms", ms, "late_ms", 0, "frames_sent", 1);
	json_t *then = hours_now(h, "a", "2026-11-26");
	bool is = hours_broken(h, then, start, end);

	json_decref(then);
	json_decref(start);
	json_decref(end);
	return is;
}

static void
test_a_station_without_sheets_has_no_hours(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	assert_null(hours_now(h, "a", "2026-11-26"));
	assert_null(hours_free(h));
	assert_null(hours_free(NULL));
}

static void
test_sound_is_held_against_its_station_s_hours(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	take(h,
	    sheet(T("10:00:00"), "2026-11-26", T("21:00:00"), T("23:00:00")));
	assert_false(broken(h, T("22:00:00"), T("22:00:00"), 60000));
	assert_true(broken(h, T("20:00:00"), T("20:00:00"), 60000));
	assert_true(broken(h, T("22:59:30"), T("22:59:30"), 60000));
	assert_null(hours_now(h, "b", "2026-11-26"));
	hours_free(h);
}

/* The clock was set while it sounded: it began rightly by the clock it then
 * had, and ended rightly by either. */
static void
test_a_step_of_the_clock_is_taken_as_it_was(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	take(h,
	    sheet(T("10:00:00"), "2026-11-26", T("21:00:00"), T("23:00:00")));
	assert_false(broken(h, T("21:00:05"), T("20:30:00"), 60000));
	assert_false(broken(h, T("22:58:00"), T("23:30:00"), 60000));
	assert_true(broken(h, T("20:30:00"), T("21:30:00"), 60000));
	assert_true(broken(h, T("22:59:30"), T("23:30:00"), 60000));
	hours_free(h);
}

static void
test_the_hours_of_two_dates_may_adjoin(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	take(h,
	    sheet(T("10:00:00"), "2026-11-25", T("15:00:00"), T("17:00:00")));
	take(h,
	    sheet(T("16:50:00"), "2026-11-26", T("17:00:00"), T("18:00:00")));
	assert_false(broken(h, T("16:59:00"), T("16:59:00"), 120000));
	hours_free(h);
}

/* simulate --faults --example --seed 65: a week without a timetable was planned
 * afterwards, and pushed out the day's own hours. */
static void
test_65_sheets_of_other_dates_push_nothing_out(void **state)
{
	struct hours *h = hours_new();
	char date[16];

	(void)state;
	take(h,
	    sheet(T("10:00:00"), "2026-11-26", T("21:00:00"), T("23:00:00")));
	for (int d = 10; d < 25; d++) {
		snprintf(date, sizeof(date), "2026-11-%d", d);
		take(h,
		    sheet(T("10:00:01"), date, T("01:00:00"), T("02:00:00")));
	}
	assert_false(broken(h, T("22:00:00"), T("22:00:00"), 60000));
	hours_free(h);
}

/* Seed 5: played by a person while no timetable could be read. */
static void
test_5_a_date_without_a_sheet_is_not_judged(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	take(h,
	    sheet(T("10:00:00"), "2026-11-20", T("01:00:00"), T("02:00:00")));
	assert_null(hours_now(h, "a", "2026-11-26"));
	assert_false(broken(h, T("22:00:00"), T("22:00:00"), 60000));
	hours_free(h);
}

/* Seed 50921: shorter hours came while it sounded, and half a second later the
 * clock was set beyond them, which ended it at once. */
static void
test_50921_other_hours_and_another_clock_in_one_airing(void **state)
{
	static const struct {
		const char *actual;
		int ms;
		bool broken;
	} cases[] = {
		{ T("22:50:00"), 1100, false },
		{ T("22:50:00"), 600000, true }, /* beyond them by both */
		{ T("22:00:00"), 1100, false },
		{ T("22:00:00"), 600000, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hours *h = hours_new();
		json_t *start = json_pack("{s:s, s:s, s:s, s:s}", "station",
		    "a", "utc", T("21:59:50"), "cue_utc", T("22:00:00"), "date",
		    "2026-11-26");
		json_t *end = json_pack("{s:s, s:i, s:i, s:i}", "actual_utc",
		    cases[i].actual, "wall_ms", cases[i].ms, "late_ms", 0,
		    "frames_sent", 1);
		json_t *then;

		take(h, sheet(T("10:00:00"), "2026-11-26", T("21:00:00"),
			    T("23:30:00")));
		then = hours_now(h, "a", "2026-11-26");
		take(h, sheet(T("22:00:00"), "2026-11-26", T("21:00:00"),
			    T("22:05:00")));
		assert_int_equal(
		    hours_broken(h, then, start, end), cases[i].broken);
		json_decref(then);
		json_decref(start);
		json_decref(end);
		hours_free(h);
	}
}

/* Found by fuzz_log. */
static void
test_hours_and_lengths_that_nobody_can_read_allow_nothing(void **state)
{
	struct hours *h = hours_new();

	(void)state;
	take(h, sheet(T("10:00:00"), "2026-11-26", T("21:00:00"), "soon"));
	assert_true(broken(h, T("22:00:00"), T("22:00:00"), 60000));
	take(h, sheet("soon", "2026-11-26", T("21:00:00"), T("23:00:00")));
	assert_false(broken(h, T("22:00:00"), T("22:00:00"), 60000));
	assert_true(broken(h, T("22:00:00"), T("22:00:00"), INT_MAX));
	hours_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_station_without_sheets_has_no_hours),
		cmocka_unit_test(
		    test_sound_is_held_against_its_station_s_hours),
		cmocka_unit_test(test_a_step_of_the_clock_is_taken_as_it_was),
		cmocka_unit_test(test_the_hours_of_two_dates_may_adjoin),
		cmocka_unit_test(
		    test_50921_other_hours_and_another_clock_in_one_airing),
		cmocka_unit_test(
		    test_65_sheets_of_other_dates_push_nothing_out),
		cmocka_unit_test(test_5_a_date_without_a_sheet_is_not_judged),
		cmocka_unit_test(
		    test_hours_and_lengths_that_nobody_can_read_allow_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
