/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/calendar.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Which slots a date has does not depend on their hours. */
static const char table[] =
    "station = \"a\"; name = \"A\";\n"
    "segments = ( { id = \"s\"; title = \"S\"; } );\n"
    "slots = (\n"
    "{ id = \"all\"; at = \"05:00\"; for = \"00:01\";"
    " days = \"T2-CN\"; segment = \"s\"; },\n"
    "{ id = \"weekend\"; at = \"05:00\"; for = \"00:01\";"
    " days = \"T7-CN\"; item = \"i\"; },\n"
    "{ id = \"season\"; at = \"05:00\"; for = \"00:01\";"
    " days = \"T5\"; item = \"i\"; "
    "from = \"2026-11-12\"; until = \"2026-11-26\"; },\n"
    "{ id = \"fortnight\"; at = \"05:00\"; for = \"00:01\";"
    " days = \"T2,T5\"; item = \"i\"; every = 2; "
    "from = \"2026-11-12\"; },\n"
    "{ id = \"third\"; at = \"05:00\"; for = \"00:01\";"
    " days = \"T3\"; item = \"i\"; every = 3; "
    "from = \"2026-11-10\"; until = \"2026-12-08\"; }\n"
    ");\n"
    "dates = (\n"
    "{ date = \"2026-12-10\"; use = \"none\"; },\n"
    "{ date = \"2026-12-11\"; use = \"CN\"; },\n"
    "{ date = \"2026-12-12\"; use = \"none\"; extra = (\n"
    "{ id = \"extra\"; at = \"05:00\"; for = \"00:01\"; item = \"i\"; }"
    ",\n"
    "{ id = \"more\"; at = \"05:00\"; for = \"00:01\"; item = \"i\"; }"
    " ); },\n"
    "{ date = \"2026-12-13\"; extra = (\n"
    "{ id = \"extra\"; at = \"05:00\"; for = \"00:01\"; item = \"i\"; }"
    " ); },\n"
    "{ date = \"2026-12-14\"; use = \"T5\"; } );\n"
    "campaigns = ( { id = \"k\"; title = \"K\";\n"
    "from = \"2026-12-09\"; until = \"2026-12-12\"; slots = (\n"
    "{ id = \"daily\"; at = \"05:00\"; for = \"00:01\"; item = \"i\"; }"
    ",\n"
    "{ id = \"sundays\"; days = \"CN\"; at = \"05:00\";"
    " for = \"00:01\"; item = \"i\"; } ); } );\n";

struct world {
	struct folder folder;
	struct schedule *schedule;
	struct calendar *calendar;
};

static int
make_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct problems ps = { 0 };

	folder_make(&w->folder);
	folder_write(&w->folder, "a.cfg", table);
	folder_write(&w->folder, "a/2026-W53.cfg",
	    "week = \"2026-W53\"; program = ( { slot = \"all\"; "
	    "items = [ \"of-53\" ]; } );");
	folder_write(&w->folder, "a/2026-W52.cfg",
	    "week = \"2026-W52\"; program = ( { slot = \"all\"; "
	    "items = [ \"of-52\" ]; } );");
	if (schedule_read(w->folder.path, "a", INT64_MIN, INT64_MAX, &ps,
		&w->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	assert_int_equal(calendar_make(w->schedule, &w->calendar), 0);
	*state = w;
	return 0;
}

static int
free_world(void **state)
{
	struct world *w = *state;

	calendar_free(w->calendar);
	schedule_free(w->schedule);
	folder_remove(&w->folder);
	free(w);
	return 0;
}

static int64_t
day_of(const char *text)
{
	int64_t day;

	assert_int_equal(civil_read_date(text, &day), 0);
	return day;
}

static int
by_order(const void *a, const void *b)
{
	const struct entry *const *x = a;
	const struct entry *const *y = b;

	return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* The ids of a date in file order, "all weekend ". */
static void
list_day(struct calendar *c, int64_t day, char *buf)
{
	const struct entry *sorted[20];
	size_t n;
	const struct entry *const *today = calendar_day(c, day, &n);

	assert_true(n <= COUNT(sorted));
	memcpy(sorted, today, n * sizeof(*today));
	qsort(sorted, n, sizeof(*sorted), by_order);
	buf[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strcat(buf, sorted[i]->slot->id);
		strcat(buf, " ");
		assert_ptr_equal(
		    calendar_find(c, sorted[i]->slot->id, day), sorted[i]);
	}
}

static void
a_date_has_the_slots_of_its_weekday_season_and_exceptions(void **state)
{
	static const struct {
		const char *when;
		const char *date;
		const char *ids;
	} cases[] = {
		{ "a Tuesday", "2026-11-24", "all " },
		{ "every third week: the first", "2026-11-10", "all third " },
		{ "the second", "2026-11-17", "all " },
		{ "the fourth", "2026-12-01", "all third " },
		{ "a Saturday", "2026-11-28", "all weekend " },
		{ "a Sunday", "2026-11-29", "all weekend " },
		{ "a Thursday before the season", "2026-11-05", "all " },
		{ "its first day, also the fortnight's", "2026-11-12",
		    "all season fortnight " },
		{ "the Monday before `from`, in its week", "2026-11-09",
		    "all " },
		{ "the odd week's Monday", "2026-11-16", "all " },
		{ "the odd week's Thursday", "2026-11-19", "all season " },
		{ "the even week's Monday", "2026-11-23", "all fortnight " },
		{ "the last day of the season", "2026-11-26",
		    "all season fortnight " },
		{ "the Thursday after", "2026-12-03", "all " },
		{ "a campaign's first day", "2026-12-09", "all daily " },
		{ "a date without slots: nor the campaign's", "2026-12-10",
		    "" },
		{ "a Friday as a Sunday, in the campaign", "2026-12-11",
		    "all weekend daily sundays " },
		{ "none but extra slots", "2026-12-12", "extra more " },
		{ "a Sunday and an extra slot, the campaign over", "2026-12-13",
		    "all weekend extra " },
		{ "a Monday as a Thursday keeps count by its real date",
		    "2026-12-14", "all " },
		{ "fortnights go on over the year's 53 weeks", "2027-01-07",
		    "all fortnight " },
		{ "and the week between", "2026-12-31", "all " },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char ids[200];

		list_day(w->calendar, day_of(cases[i].date), ids);
		if (strcmp(ids, cases[i].ids) != 0)
			fail_msg("%s (%s): \"%s\", wanted \"%s\"",
			    cases[i].when, cases[i].date, ids, cases[i].ids);
	}
}

static void
an_id_is_found_only_on_its_dates(void **state)
{
	struct world *w = *state;
	size_t n;

	assert_null(
	    calendar_find(w->calendar, "weekend", day_of("2026-11-24")));
	assert_null(calendar_find(w->calendar, "nobody", day_of("2026-11-24")));
	assert_non_null(calendar_named(w->calendar, "extra", &n));
	assert_int_equal(n, 2);
	assert_null(calendar_named(w->calendar, "", &n));
	assert_int_equal(n, 0);
	assert_null(calendar_named(w->calendar, "zzz", &n));
}

static void
a_programme_is_that_of_the_iso_week(void **state)
{
	static const struct {
		const char *date;
		const char *item; /* NULL: no programme */
	} cases[] = {
		{ "2026-12-20", NULL },
		{ "2026-12-21", "of-52" },
		{ "2026-12-27", "of-52" },
		{ "2026-12-28", "of-53" },
		{ "2027-01-01", "of-53" },
		{ "2027-01-03", "of-53" },
		{ "2027-01-04", NULL },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct programme *p = calendar_programme(
		    w->calendar, "all", day_of(cases[i].date));
		const char *item = p == NULL ? NULL : p->items[0];

		if ((item == NULL) != (cases[i].item == NULL) ||
		    (item != NULL && strcmp(item, cases[i].item) != 0))
			fail_msg("%s: %s", cases[i].date,
			    item == NULL ? "none" : item);
	}
	assert_null(
	    calendar_programme(w->calendar, "weekend", day_of("2026-12-28")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_date_has_the_slots_of_its_weekday_season_and_exceptions),
		cmocka_unit_test(an_id_is_found_only_on_its_dates),
		cmocka_unit_test(a_programme_is_that_of_the_iso_week),
	};

	return cmocka_run_group_tests_name(
	    "calendar", tests, make_world, free_world);
}
