/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/units.h"
#include "tests/fakes/folder.h"

static int64_t
day(const char *text)
{
	int64_t d;

	if (text == NULL)
		return UNITS_ALWAYS;
	assert_int_equal(civil_read_date(text, &d), 0);
	return d;
}

static int64_t
first_day(const char *text)
{
	return text == NULL ? UNITS_EVER : day(text);
}

/* `successors` are the words of a text; NULL: nothing is told. */
static void
unit(struct units *u, int line, const char *id, const char *name,
    const char *parent, const char *from, const char *until,
    const char *successors)
{
	char text[200];
	char *words[8];
	struct unit e = { .id = (char *)id,
		.name = (char *)name,
		.parent = (char *)parent,
		.from_day = first_day(from),
		.until_day = day(until),
		.successors = words,
		.told = successors != NULL,
		.line = line };

	snprintf(
	    text, sizeof(text), "%s", successors == NULL ? "" : successors);
	for (char *w = strtok(text, " "); w != NULL; w = strtok(NULL, " "))
		words[e.n_successors++] = w;
	assert_int_equal(units_add(u, &e), 0);
}

static void
place(struct units *u, int line, const char *station, const char *id,
    const char *at, const char *from, const char *until)
{
	struct unit_place p = { .station = (char *)station,
		.id = (char *)id,
		.unit = (char *)at,
		.from_day = first_day(from),
		.until_day = day(until),
		.line = line };

	assert_int_equal(units_add_place(u, &p), 0);
}

static void
settled(const char *when, struct units *u, const char *wanted)
{
	struct problems ps = { 0 };

	units_settle(u, "units.cfg", &ps);
	problems_sort(&ps);
	expect_said(when, &ps, wanted);
}

/* The re-organisation of 1 July 2025, in small: a district ends, two communes
 * become one, a third stays. */
static void
reorganise(struct units *u)
{
	unit(u, 1, "tinh", "Tỉnh", NULL, NULL, NULL, NULL);
	unit(u, 2, "huyen", "Huyện Sông", "tinh", NULL, "2025-06-30", "tinh");
	unit(u, 3, "xa-a", "Xã A", "huyen", NULL, "2025-06-30", "xa-moi");
	unit(u, 4, "xa-b", "Xã B", "huyen", NULL, "2025-06-30", "xa-moi");
	unit(u, 5, "xa-moi", "Xã Mới", "tinh", "2025-07-01", NULL, NULL);
	unit(u, 6, "xa-c", "Xã C", "huyen", NULL, NULL, NULL);
	place(u, 10, "Đài A", "", "xa-a", NULL, NULL);
	place(u, 11, "Đài B", "", "xa-b", NULL, "2025-06-30");
	place(u, 12, "Đài C", "", "xa-c", NULL, NULL);
}

static const char *
path_of(const struct units *u, const struct unit *e, int64_t on, char *buf)
{
	const struct unit *path[UNITS_LEVELS];
	size_t n = e == NULL ? 0 : units_path(u, e, on, path);

	strcpy(buf, "");
	for (size_t i = 0; i < n; i++) {
		strcat(buf, i == 0 ? "" : "/");
		strcat(buf, path[i]->name);
	}
	return buf;
}

/* Where a station is told on a day, as of another or (NULL) of its own. */
static const char *
told(const struct units *u, const char *station, const char *on,
    const char *as_of)
{
	static char buf[400];
	int64_t at = day(on);
	const struct unit *e = units_of(u, station, "", at);

	if (as_of != NULL)
		e = units_as_of(u, station, "", day(on), day(as_of), &at);
	return path_of(u, e, at, buf);
}

static void
test_a_record_of_june_2025_keeps_the_districts_name(void **state)
{
	struct units u = { 0 };

	(void)state;
	reorganise(&u);
	settled("re-organised", &u, "");
	assert_string_equal(
	    told(&u, "Đài A", "2025-06-30", NULL), "Tỉnh/Huyện Sông/Xã A");
	assert_string_equal(
	    told(&u, "Đài A", "2025-07-01", NULL), "Tỉnh/Xã Mới");
	assert_string_equal(
	    told(&u, "Đài C", "2025-06-30", NULL), "Tỉnh/Huyện Sông/Xã C");
	assert_string_equal(told(&u, "Đài C", "2025-07-01", NULL), "Tỉnh/Xã C");
	assert_string_equal(told(&u, "Đài B", "2025-07-01", NULL), "");
	assert_string_equal(told(&u, "Đài D", "2025-07-01", NULL), "");
	units_clear(&u);
}

static void
test_as_of_another_day_it_is_told_under_what_took_its_place(void **state)
{
	struct units u = { 0 };
	int64_t at;

	(void)state;
	reorganise(&u);
	settled("re-organised", &u, "");
	assert_string_equal(
	    told(&u, "Đài A", "2024-01-01", "2026-01-01"), "Tỉnh/Xã Mới");
	/* A station that is gone by then goes with its commune. */
	assert_string_equal(
	    told(&u, "Đài B", "2024-01-01", "2026-01-01"), "Tỉnh/Xã Mới");
	/* And back. */
	assert_string_equal(told(&u, "Đài C", "2026-01-01", "2025-01-01"),
	    "Tỉnh/Huyện Sông/Xã C");
	assert_null(units_as_of(&u, "Đài D", "", 0, day("2026-01-01"), &at));
	units_clear(&u);
}

static void
test_a_divided_unit_keeps_its_records(void **state)
{
	struct units u = { 0 };

	(void)state;
	unit(&u, 1, "xa", "Xã Cũ", NULL, NULL, "2025-06-30", "mot hai");
	unit(&u, 2, "mot", "Xã Một", NULL, "2025-07-01", NULL, NULL);
	unit(&u, 3, "hai", "Xã Hai", NULL, "2025-07-01", NULL, NULL);
	place(&u, 4, "Đài", "", "xa", NULL, "2025-06-30");
	place(&u, 5, "Đài", "", NULL, "2025-07-01", NULL);
	settled("divided", &u, "");
	assert_null(units_heir(&u, "xa", day("2025-07-01")));
	assert_string_equal(
	    told(&u, "Đài", "2025-01-01", "2026-01-01"), "Xã Cũ");
	units_clear(&u);
}

static void
test_a_station_of_a_divided_unit_has_to_be_placed(void **state)
{
	struct units u = { 0 };

	(void)state;
	unit(&u, 1, "xa", "Xã Cũ", NULL, NULL, "2025-06-30", "mot hai");
	unit(&u, 2, "mot", "Xã Một", NULL, "2025-07-01", NULL, NULL);
	unit(&u, 3, "hai", "Xã Hai", NULL, "2025-07-01", NULL, NULL);
	place(&u, 4, "Đài", "", "xa", NULL, NULL);
	settled("divided", &u,
	    "units.cfg:4: unit: \"xa\" was divided when it ended (line 1); end "
	    "this entry on 2025-06-30 (until), and write another one that says "
	    "where it belongs from then on\n");
	units_clear(&u);
}

static void
test_overlaps_and_gaps_are_told(void **state)
{
	struct units u = { 0 };

	(void)state;
	unit(&u, 1, "a", "A", NULL, NULL, "2025-06-30", NULL);
	unit(&u, 2, "a", "A2", NULL, "2025-06-30", "2025-12-31", NULL);
	unit(&u, 3, "a", "A3", NULL, "2026-01-02", NULL, NULL);
	place(&u, 4, "S", "", "a", NULL, NULL);
	place(&u, 5, "S", "", "a", "2026-01-01", NULL);
	place(&u, 6, "T", "", "a", "2025-01-01", "2025-01-31");
	place(&u, 7, "T", "", NULL, "2025-03-01", NULL);
	settled("seams", &u,
	    "units.cfg:2: \"a\" is already told for these days in line 1; let "
	    "one end (until) on the day before the other begins (from)\n"
	    "units.cfg:3: nothing says where \"a\" was from 2026-01-01 to "
	    "2026-01-01; move from or until, or write an entry for these "
	    "days\n"
	    "units.cfg:5: \"S\" is already told for these days in line 4; let "
	    "one end (until) on the day before the other begins (from)\n"
	    "units.cfg:7: nothing says where \"T\" was from 2025-02-01 to "
	    "2025-02-28; move from or until, or write an entry for these "
	    "days\n");
	units_clear(&u);
}

static void
test_what_is_below_itself_is_told(void **state)
{
	struct units u = { 0 };

	(void)state;
	unit(&u, 1, "a", "A", "b", NULL, NULL, NULL);
	unit(&u, 2, "b", "B", NULL, NULL, "2025-06-30", NULL);
	unit(&u, 3, "b", "B", "c", "2025-07-01", NULL, NULL);
	unit(&u, 4, "c", "C", "gone", NULL, NULL, NULL);
	/* Its place is taken by what is below it. */
	unit(&u, 5, "gone", "G", NULL, NULL, "2025-12-31", "a");
	settled("circles", &u,
	    "units.cfg:4: parent: \"c\" would be below itself by way of "
	    "\"gone\"; correct one of the two\n");
	units_clear(&u);
}

static void
test_an_end_says_what_came_after(void **state)
{
	struct units u = { 0 };

	(void)state;
	unit(&u, 1, "a", "A", NULL, NULL, "2025-06-30", NULL);
	unit(&u, 2, "b", "B", NULL, NULL, NULL, "a");
	unit(&u, 3, "c", "C", NULL, NULL, "2025-06-30", "a nowhere");
	unit(&u, 4, "d", "D", NULL, NULL, "2025-06-30", "");
	unit(&u, 5, "e", "E", "d", NULL, NULL, NULL);
	unit(&u, 6, "f", "F", "late", NULL, NULL, NULL);
	unit(&u, 7, "late", "L", "nowhere", "2025-07-01", NULL, NULL);
	unit(&u, 8, "g", "G", NULL, "2026-01-01", "2025-01-01", "");
	settled("ends", &u,
	    "units.cfg:1: \"a\" ends here, and nothing says what took its "
	    "place; write successors = [ \"ID\" ], or successors = [ ] for "
	    "nothing\n"
	    "units.cfg:2: successors: this unit has no end; write until = "
	    "\"2025-06-30\", or leave the successors out\n"
	    "units.cfg:3: successors: \"a\" is not there on 2025-07-01, when "
	    "this unit has ended; correct its from and until, or the id\n"
	    "units.cfg:3: successors: there is no unit \"nowhere\"; write its "
	    "entry among the units, or correct the id\n"
	    "units.cfg:5: parent: nothing took the place of \"d\" when it "
	    "ended (line 4); end this entry on 2025-06-30 (until), or write "
	    "another one that says where it belongs from then on\n"
	    "units.cfg:6: parent: \"late\" begins on 2025-07-01 (line 7), "
	    "later than this entry; begin this one then (from), and write "
	    "another one for before\n"
	    "units.cfg:7: parent: there is no unit \"nowhere\"; write its "
	    "entry among the units, or correct the id\n"
	    "units.cfg:8: until lies before from; turn them round\n");
	units_clear(&u);
}

static void
test_levels_without_end_are_refused(void **state)
{
	struct units u = { 0 };
	char id[8], parent[8];

	(void)state;
	unit(&u, 1, "u-0", "U", NULL, NULL, NULL, NULL);
	for (int i = 1; i <= UNITS_LEVELS; i++) {
		snprintf(id, sizeof(id), "u-%d", i);
		snprintf(parent, sizeof(parent), "u-%d", i - 1);
		unit(&u, 1 + i, id, "U", parent, NULL, NULL, NULL);
	}
	settled("deep", &u,
	    "units.cfg:17: parent: more than 15 levels above \"u-16\"; leave "
	    "some out\n");
	units_clear(&u);
}

/* A file made by hand took minutes. */
static void
test_heirs_without_end_are_refused(void **state)
{
	struct units u = { 0 };
	int64_t begin = day("2025-01-01");

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct civil_text from, until;
		char id[16], next[16];

		snprintf(id, sizeof(id), "u-%d", i);
		snprintf(next, sizeof(next), "u-%d", i + 1);
		civil_date_text(begin + i, &until);
		unit(&u, 1 + i, id, "U", NULL,
		    i == 0 ? NULL : civil_date_text(begin + i, &from),
		    i == 1999 ? NULL : until.s, i == 1999 ? NULL : next);
	}
	unit(&u, 3000, "child", "C", "u-0", NULL, NULL, NULL);
	settled("heirs", &u,
	    "units.cfg:3000: parent: more than 100 units took the place of "
	    "\"u-0\", one after the other; end this entry (until), and write "
	    "another one that says where it belongs from then on\n");
	units_clear(&u);
}

static void
test_a_computer_of_several_stations_has_a_place_for_each(void **state)
{
	struct units u = { 0 };
	int64_t at = day("2026-01-01");

	(void)state;
	unit(&u, 1, "a", "A", NULL, NULL, NULL, NULL);
	unit(&u, 2, "b", "B", NULL, NULL, NULL, NULL);
	place(&u, 3, "Máy", "", "a", NULL, NULL);
	place(&u, 4, "Máy", "cho", "b", NULL, "2025-12-31");
	settled("two", &u, "");
	assert_string_equal(units_of(&u, "Máy", "x", at)->id, "a");
	assert_string_equal(units_of(&u, "Máy", "cho", at - 1)->id, "b");
	/* Its own place ended: that of the others is not its. */
	assert_null(units_of(&u, "Máy", "cho", at));
	assert_true(units_within(&u, units_on(&u, "a", at), at, "a"));
	assert_false(units_within(&u, units_on(&u, "a", at), at, "b"));
	units_clear(&u);
}

static void
test_a_list_shows_the_units_below_one_behind_it(void **state)
{
	struct units u = { 0 };
	const struct unit *a[UNITS_LEVELS], *b[UNITS_LEVELS];
	int64_t at = day("2025-06-30");
	size_t n, m;

	(void)state;
	reorganise(&u);
	settled("re-organised", &u, "");
	n = units_path(&u, units_on(&u, "tinh", at), at, a);
	m = units_path(&u, units_on(&u, "xa-a", at), at, b);
	assert_int_equal(n, 1);
	assert_int_equal(m, 3);
	assert_true(units_order(a, n, b, m) < 0);
	assert_int_equal(units_order(b, m, b, m), 0);
	n = units_path(&u, units_on(&u, "xa-c", at), at, a);
	assert_true(units_order(a, n, b, m) > 0);
	units_clear(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_record_of_june_2025_keeps_the_districts_name),
		cmocka_unit_test(
		    test_as_of_another_day_it_is_told_under_what_took_its_place),
		cmocka_unit_test(test_a_divided_unit_keeps_its_records),
		cmocka_unit_test(
		    test_a_station_of_a_divided_unit_has_to_be_placed),
		cmocka_unit_test(test_overlaps_and_gaps_are_told),
		cmocka_unit_test(test_what_is_below_itself_is_told),
		cmocka_unit_test(test_an_end_says_what_came_after),
		cmocka_unit_test(test_levels_without_end_are_refused),
		cmocka_unit_test(test_heirs_without_end_are_refused),
		cmocka_unit_test(
		    test_a_computer_of_several_stations_has_a_place_for_each),
		cmocka_unit_test(
		    test_a_list_shows_the_units_below_one_behind_it),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
