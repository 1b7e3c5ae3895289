/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/clock.h"
#include "scheduler/profile.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The text as profiles/p.conf; expects its problems. */
static int
read_text(
    const char *when, const char *text, const char *said, struct profile *p)
{
	struct problems ps = { 0 };
	struct folder f;
	char path[120];
	int r;

	assert_int_equal(profile_init(p), 0);
	folder_make(&f);
	snprintf(path, sizeof(path), "%s/p.conf", f.path);
	folder_write(&f, "p.conf", text);
	r = profile_read(f.path, "p", &ps, p);
	for (size_t i = 0; i < ps.n; i++) {
		free(ps.list[i].file);
		ps.list[i].file = strdup("p");
	}
	expect_said(when, &ps, said);
	folder_remove(&f);
	return r;
}

static int64_t
instant(const char *date, const char *time)
{
	int64_t day;
	int s;

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_read_date(date, &day), 0);
	assert_int_equal(civil_read_time(time, &s), 0);
	return civil_to_us(day, s);
}

static void
what_a_profile_does_not_say_is_no_limit(void **state)
{
	struct profile p;
	int64_t end;

	(void)state;
	assert_int_equal(read_text("empty", "", "", &p), 0);
	assert_string_equal(p.id, "p");
	assert_true(p.sessions_per_day == 0 && p.session_s == 0 &&
		    p.count_relay && p.noon && p.days == 0x7f && !p.has_hours);
	assert_false(profile_allows(&p, instant("2026-11-24", "12:00"), &end));
	assert_int_equal(profile_gain_mdb(&p, instant("2026-11-24", "05:00"),
			     instant("2026-11-24", "05:10")),
	    0);
	profile_clear(&p);
}

static void
each_fault_is_told_at_its_line(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "a key of the site", "zone = \"UTC\";",
		    "p:1: unknown key \"zone\" in this place; remove it, or "
		    "correct its name\n" },
		{ "an exception without its reason",
		    "exceptions = ( { date = \"2026-11-28\"; } );",
		    "p:1: reason is missing; write reason = \"…\";\n" },
		{ "an exception on no date",
		    "exceptions = ( { date = \"2026-02-30\"; reason = \"x\"; } "
		    ");",
		    "p:1: date: \"2026-02-30\" is not a date of the calendar; "
		    "write YYYY-MM-DD, such as 2026-11-26\n" },
		{ "an exception whose hours do not end",
		    "exceptions = ( { date = \"2026-11-28\"; reason = \"x\"; "
		    "from = \"11:00\"; } );",
		    "p:1: to is missing; write to = \"17:00:00\";\n" },
		{ "louder",
		    "volume = ( { from = \"00:00\"; to = \"06:00\"; "
		    "gain_db = 3; } );",
		    "p:1: gain_db: 3 is out of range; write -60 to 0\n" },
		{ "no number",
		    "volume = ( { from = \"00:00\"; to = \"06:00\"; "
		    "gain_db = \"-6\"; } );",
		    "p:1: gain_db is of the wrong kind; write gain_db = "
		    "-6.0;\n" },
		{ "volume backwards",
		    "volume = ( { from = \"21:00\"; to = \"06:00\"; "
		    "gain_db = -6; } );",
		    "p:1: the hours end before they begin; let \"to\" be after "
		    "\"from\", and write hours across midnight as two "
		    "entries\n" },
		{ "days of no week", "days = \"T2-T8\";",
		    "p:1: days: \"T2-T8\" are not days; write T2 to T7 and CN, "
		    "as \"T2-T6\" or \"T2,T4,CN\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct profile p;

		assert_int_equal(
		    read_text(cases[i].when, cases[i].text, cases[i].said, &p),
		    -EINVAL);
		profile_clear(&p);
	}
}

#define ALL \
	"hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = \"18:00\"; } );"

/* P1: weekdays, noon and exceptions are part of the fence. */
static void
sound_is_allowed_by_hours_weekday_and_noon(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *date, *time;
		const char *end; /* NULL: not allowed */
	} cases[] = {
		{ "a weekday", ALL "days = \"T2-T6\";", "2026-11-27", "17:59",
		    "18:00" },
		{ "a Saturday", ALL "days = \"T2-T6\";", "2026-11-28", "17:00",
		    NULL },
		{ "a Saturday with its reason",
		    ALL "days = \"T2-T6\"; exceptions = ( { date = "
			"\"2026-11-28\"; reason = \"Bão\"; } );",
		    "2026-11-28", "17:00", "18:00" },
		{ "the Sunday after it",
		    ALL "days = \"T2-T6\"; exceptions = ( { date = "
			"\"2026-11-28\"; reason = \"Bão\"; } );",
		    "2026-11-29", "17:00", NULL },
		{ "before a closed noon", ALL "noon = false;", "2026-11-27",
		    "10:59:59", "11:00" },
		{ "at a closed noon", ALL "noon = false;", "2026-11-27",
		    "11:00", NULL },
		{ "its last second", ALL "noon = false;", "2026-11-27",
		    "12:59:59", NULL },
		{ "after it", ALL "noon = false;", "2026-11-27", "13:00",
		    "18:00" },
		{ "noon on an exception",
		    ALL "noon = false; exceptions = ( { date = "
			"\"2026-11-27\"; reason = \"Bầu cử\"; } );",
		    "2026-11-27", "12:00", "18:00" },
		{ "hours of the exception itself",
		    ALL "exceptions = ( { date = \"2026-11-27\"; reason = "
			"\"Bầu cử\"; from = \"20:00\"; to = \"20:30\"; } );",
		    "2026-11-27", "20:00", "20:30" },
		{ "the same hours on the day before",
		    ALL "exceptions = ( { date = \"2026-11-27\"; reason = "
			"\"Bầu cử\"; from = \"20:00\"; to = \"20:30\"; } );",
		    "2026-11-26", "20:00", NULL },
		{ "hours that adjoin an exception's",
		    ALL "exceptions = ( { date = \"2026-11-27\"; reason = "
			"\"Bầu cử\"; from = \"18:00\"; to = \"18:30\"; } );",
		    "2026-11-27", "17:00", "18:30" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct profile p;
		int64_t end = 0;
		int64_t at = instant(cases[i].date, cases[i].time);
		bool allowed;

		read_text(cases[i].when, cases[i].text, "", &p);
		allowed = profile_allows(&p, at, &end);
		if (allowed != (cases[i].end != NULL) ||
		    (allowed && end != instant(cases[i].date, cases[i].end)))
			fail_msg("%s: %d", cases[i].when, allowed);
		profile_clear(&p);
	}
}

static void
since_when_it_is_allowed(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *date, *time;
		const char *since_date, *since; /* NULL: it is not */
	} cases[] = {
		{ "in the morning", ALL, "2026-11-27", "05:30", "2026-11-27",
		    "05:00" },
		{ "behind noon", ALL "noon = false;", "2026-11-27", "14:00",
		    "2026-11-27", "13:00" },
		{ "at night", ALL, "2026-11-27", "03:15", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t want = NEVER;
		struct profile p;

		if (cases[i].since != NULL)
			want = instant(cases[i].since_date, cases[i].since);
		read_text(cases[i].when, cases[i].text, "", &p);
		if (profile_since(&p, instant(cases[i].date, cases[i].time)) !=
		    want)
			fail_msg("%s: another instant", cases[i].when);
		profile_clear(&p);
	}
}

static void
a_barrier_says_which_rule_it_is(void **state)
{
	static const struct {
		const char *when;
		const char *date, *from, *to;
		enum barrier barrier;
	} cases[] = {
		{ "inside", "2026-11-27", "05:00", "11:00", BARRIER_NONE },
		{ "into noon", "2026-11-27", "10:50", "11:00:01",
		    BARRIER_NOON },
		{ "out of noon", "2026-11-27", "12:59", "13:10", BARRIER_NOON },
		{ "across it", "2026-11-27", "10:00", "14:00", BARRIER_NOON },
		{ "too late", "2026-11-27", "17:50", "18:10", BARRIER_HOURS },
		{ "a closed day is the first reason", "2026-11-28", "11:30",
		    "12:00", BARRIER_DAY },
	};
	struct profile p;

	(void)state;
	read_text("strict", ALL "days = \"T2-T6\"; noon = false;", "", &p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum barrier b =
		    profile_barrier(&p, instant(cases[i].date, cases[i].from),
			instant(cases[i].date, cases[i].to));

		if (b != cases[i].barrier)
			fail_msg("%s: %d", cases[i].when, (int)b);
	}
	profile_clear(&p);
}

static void
windows_are_those_of_the_date_in_order(void **state)
{
	struct profile_window w[4];
	struct profile p;
	int64_t day;

	(void)state;
	read_text("frame",
	    "hours = ( { days = \"T2-CN\"; from = \"16:30\"; to = \"18:00\"; "
	    "}, { days = \"T2-T6\"; from = \"05:00\"; to = \"12:00\"; } ); "
	    "noon = false; exceptions = ( { date = \"2026-11-29\"; reason = "
	    "\"x\"; from = \"11:00\"; to = \"11:30\"; } );",
	    "", &p);
	assert_int_equal(civil_read_date("2026-11-27", &day), 0);
	assert_int_equal(profile_windows(&p, day, w, COUNT(w)), 2);
	assert_true(w[0].from_s == 5 * 3600 && w[0].to_s == 11 * 3600);
	assert_true(w[1].from_s == 59400 && w[1].to_s == 18 * 3600);
	assert_int_equal(profile_windows(&p, day + 2, w, COUNT(w)), 2);
	assert_true(w[0].from_s == 11 * 3600 && w[0].to_s == 41400);
	assert_int_equal(profile_windows(&p, day + 2, NULL, 0), 2);
	profile_clear(&p);
}

/* Never above a cap: the quietest that is touched holds for all of it. */
static void
the_quietest_volume_that_is_touched_holds(void **state)
{
	static const struct {
		const char *when;
		const char *from, *to;
		int gain_mdb;
	} cases[] = {
		{ "before six", "05:00", "05:10", -6000 },
		{ "up to six", "05:50", "06:00", -6000 },
		{ "from six on", "06:00", "06:10", 0 },
		{ "across six", "05:59:59", "06:30", -6000 },
		{ "across both", "04:00", "05:10", -12500 },
		{ "in the evening", "17:00", "18:00", 0 },
		{ "across midnight", "23:00", "23:00:01", -3000 },
	};
	struct profile p;

	(void)state;
	read_text("early",
	    "volume = ( { from = \"00:00\"; to = \"06:00\"; gain_db = -6; }, "
	    "{ from = \"04:00\"; to = \"04:45\"; gain_db = -12.5; }, "
	    "{ from = \"23:00\"; to = \"24:00\"; gain_db = -3; } );",
	    "", &p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int gain =
		    profile_gain_mdb(&p, instant("2026-11-27", cases[i].from),
			instant("2026-11-27", cases[i].to));

		if (gain != cases[i].gain_mdb)
			fail_msg("%s: %d", cases[i].when, gain);
	}
	assert_int_equal(profile_gain_mdb(&p, instant("2026-11-27", "23:30"),
			     instant("2026-11-28", "00:10")),
	    -6000);
	profile_clear(&p);
}

static void
a_name_that_is_no_file_is_told(void **state)
{
	struct problems ps = { 0 };
	struct profile p;

	(void)state;
	assert_int_equal(profile_init(&p), 0);
	assert_int_equal(
	    profile_read("etc/profiles", "none", &ps, &p), -ENOENT);
	expect_said("none", &ps,
	    "etc/profiles/none.conf: there is no such file; make it, or "
	    "correct its name\n");
	assert_string_equal(p.id, "");
	profile_clear(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_profile_does_not_say_is_no_limit),
		cmocka_unit_test(each_fault_is_told_at_its_line),
		cmocka_unit_test(sound_is_allowed_by_hours_weekday_and_noon),
		cmocka_unit_test(since_when_it_is_allowed),
		cmocka_unit_test(a_barrier_says_which_rule_it_is),
		cmocka_unit_test(windows_are_those_of_the_date_in_order),
		cmocka_unit_test(the_quietest_volume_that_is_touched_holds),
		cmocka_unit_test(a_name_that_is_no_file_is_told),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
