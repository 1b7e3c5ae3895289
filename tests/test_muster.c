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
#include "ctl/muster.h"
#include "tests/fakes/folder.h"

static int64_t
day(const char *text)
{
	int64_t d;

	assert_int_equal(civil_read_date(text, &d), 0);
	return d;
}

/* So many slots of each fate. */
static struct tally_sum
slots(int aired, int power, int work, int relays)
{
	struct tally_sum s = { .planned = aired + power + work + relays,
		.aired = aired,
		.not_aired = power + work,
		.external = relays };

	s.lost_n[TALLY_POWER] = power;
	s.lost_n[TALLY_WORK] = work;
	return s;
}

static void
take(struct muster *m, const char *key, const char *name, const char *on,
    const char *segment, struct tally_sum s)
{
	struct muster_day d = { key, name, "xa", day(on), segment, &s };

	assert_int_equal(muster_take(m, &d), 0);
}

static void
know(struct muster *m, const char *key, const char *name, bool replaced)
{
	struct muster_log l = { .key = key,
		.name = name,
		.about = "xa",
		.origin = "o",
		.root = "r",
		.replaced = replaced };

	assert_int_equal(muster_know(m, &l), 0);
}

static struct units none;
static struct units units;

static struct muster *
start(
    enum muster_by by, const char *from, const char *to, const struct units *u)
{
	struct muster_setup s = { .by = by,
		.from_day = day(from),
		.to_day = day(to),
		.today = day("2027-01-01"),
		.units = u,
		.as_of = MUSTER_NO_DAY,
		.unit = "",
		.station = "" };
	struct muster *m;

	assert_int_equal(muster_new(&s, &m), 0);
	return m;
}

static void
settle(struct muster *m)
{
	assert_int_equal(muster_settle(m), 0);
	assert_true(muster_holds(m));
}

static void
test_a_station_is_a_row_and_a_week_a_column(void **state)
{
	struct muster *m =
	    start(MUSTER_WEEK, "2026-11-18", "2026-11-30", &none);
	const struct muster_cell *c;

	(void)state;
	assert_int_equal(m->n_columns, 3);
	assert_int_equal(m->columns[0], day("2026-11-16"));
	know(m, "k1", "Đài B", false);
	know(m, "k2", "Đài A", false);
	/* Before the period, and of it. */
	take(m, "k1", "Đài B", "2026-11-17", "", slots(9, 9, 9, 9));
	take(m, "k1", "Đài B", "2026-11-18", "", slots(5, 1, 2, 3));
	take(m, "k1", "Đài B", "2026-11-22", "", slots(4, 0, 0, 0));
	take(m, "k1", "Đài B", "2026-11-23", "", slots(1, 0, 0, 0));
	settle(m);
	assert_int_equal(m->n, 2);
	assert_string_equal(m->rows[0].name, "Đài A");
	assert_int_equal(m->rows[0].days, 0);
	assert_int_equal(m->rows[0].days_due, 13);
	assert_int_equal(m->rows[0].last_day, MUSTER_NO_DAY);
	assert_string_equal(m->rows[1].name, "Đài B");
	c = m->rows[1].cells;
	assert_int_equal(c[0].planned, 15);
	assert_int_equal(c[0].aired, 9);
	assert_int_equal(c[0].missed[TALLY_POWER], 1);
	assert_int_equal(c[0].missed[TALLY_WORK], 2);
	assert_int_equal(c[0].external, 3);
	assert_int_equal(c[0].days, 2);
	assert_int_equal(c[0].days_due, 5);
	assert_int_equal(c[1].planned, 1);
	assert_int_equal(c[2].planned, 0);
	assert_int_equal(c[2].days_due, 1);
	assert_int_equal(m->sum.planned, 16);
	muster_free(m);
}

static void
test_months_are_columns_too(void **state)
{
	struct muster *m =
	    start(MUSTER_MONTH, "2025-12-31", "2026-03-01", &none);

	(void)state;
	assert_int_equal(m->n_columns, 4);
	assert_int_equal(m->columns[2], day("2026-02-01"));
	know(m, "k1", "Đài B", false);
	take(m, "k1", "Đài B", "2026-02-28", "", slots(5, 0, 0, 0));
	settle(m);
	assert_int_equal(m->rows[0].cells[2].aired, 5);
	assert_int_equal(m->rows[0].cells[2].days_due, 28);
	muster_free(m);
}

static void
add_unit(int line, const char *id, const char *parent, const char *from,
    const char *until, const char *successor)
{
	struct unit e = { .id = (char *)id,
		.name = (char *)id,
		.parent = (char *)parent,
		.from_day = from == NULL ? UNITS_EVER : day(from),
		.until_day = until == NULL ? UNITS_ALWAYS : day(until),
		.successors = (char **)&successor,
		.n_successors = successor != NULL,
		.told = successor != NULL,
		.line = line };

	assert_int_equal(units_add(&units, &e), 0);
}

static void
add_place(int line, const char *station, const char *unit)
{
	struct unit_place p = { (char *)station, (char *)"", (char *)unit,
		UNITS_EVER, UNITS_ALWAYS, line };

	assert_int_equal(units_add_place(&units, &p), 0);
}

/* A district of two communes ends; one commune gets a new name with it. */
static void
make_units(void)
{
	struct problems ps = { 0 };

	add_unit(1, "tinh", NULL, NULL, NULL, NULL);
	add_unit(2, "huyen", "tinh", NULL, "2025-06-30", "tinh");
	add_unit(3, "xa-a", "huyen", NULL, "2025-06-30", "xa-moi");
	add_unit(4, "xa-b", "huyen", NULL, NULL, NULL);
	add_unit(5, "xa-moi", "tinh", "2025-07-01", NULL, NULL);
	add_place(6, "Đài A", "xa-a");
	add_place(7, "Đài B", "xa-b");
	add_place(8, "Đài Lạ", "xa-b");
	units_settle(&units, "u", &ps);
	expect_said("units", &ps, "");
}

static void
take_reorganised(struct muster *m)
{
	know(m, "k1", "Đài A", false);
	know(m, "k2", "Đài B", false);
	know(m, "k3", "Đài C", false);
	take(m, "k1", "Đài A", "2025-06-30", "", slots(1, 0, 0, 0));
	take(m, "k1", "Đài A", "2025-07-01", "", slots(2, 0, 0, 0));
	take(m, "k2", "Đài B", "2025-06-29", "", slots(4, 0, 0, 0));
	take(m, "k2", "Đài B", "2025-07-06", "", slots(8, 0, 0, 0));
	take(m, "k3", "Đài C", "2025-07-06", "", slots(16, 0, 0, 0));
	settle(m);
}

static void
expect_row(const struct muster_row *row, const char *path, const char *name,
    int64_t aired, int due)
{
	char buf[200] = "";

	for (size_t i = 0; i < row->n_path; i++) {
		strcat(buf, i == 0 ? "" : "/");
		strcat(buf, row->path[i]->name);
	}
	assert_string_equal(buf, path);
	assert_string_equal(row->name, name);
	assert_int_equal(row->sum.aired, aired);
	assert_int_equal(row->days_due, due);
}

static void
test_a_day_counts_under_the_unit_of_then(void **state)
{
	struct muster *m =
	    start(MUSTER_WEEK, "2025-06-23", "2025-07-06", &units);

	(void)state;
	take_reorganised(m);
	assert_int_equal(m->n, 7);
	expect_row(&m->rows[0], "tinh/huyen/xa-a", "Đài A", 1, 8);
	expect_row(&m->rows[1], "tinh/huyen/xa-b", "Đài B", 4, 8);
	expect_row(&m->rows[2], "tinh/huyen/xa-b", "Đài Lạ", 0, 8);
	expect_row(&m->rows[3], "tinh/xa-b", "Đài B", 8, 6);
	expect_row(&m->rows[4], "tinh/xa-b", "Đài Lạ", 0, 6);
	assert_true(m->rows[4].unknown);
	assert_false(m->rows[3].unknown);
	expect_row(&m->rows[5], "tinh/xa-moi", "Đài A", 2, 6);
	expect_row(&m->rows[6], "", "Đài C", 16, 14);
	muster_free(m);
}

static void
test_as_of_today_a_station_is_one_row(void **state)
{
	struct muster *m =
	    start(MUSTER_STATION, "2025-06-23", "2025-07-06", &units);

	(void)state;
	m->setup.as_of = day("2026-01-01");
	take_reorganised(m);
	assert_int_equal(m->n, 4);
	expect_row(&m->rows[0], "tinh/xa-b", "Đài B", 12, 14);
	expect_row(&m->rows[2], "tinh/xa-moi", "Đài A", 3, 14);
	muster_free(m);
	m = start(MUSTER_STATION, "2025-06-23", "2025-07-06", &units);
	m->setup.as_of = day("2025-01-01");
	take_reorganised(m);
	expect_row(&m->rows[0], "tinh/huyen/xa-a", "Đài A", 3, 14);
	muster_free(m);
}

static void
test_a_unit_has_all_that_is_below_it(void **state)
{
	struct muster *m =
	    start(MUSTER_UNIT, "2025-06-23", "2025-07-06", &units);

	(void)state;
	take_reorganised(m);
	assert_int_equal(m->n, 7);
	expect_row(&m->rows[0], "tinh", "", 15, 42);
	expect_row(&m->rows[1], "tinh/huyen", "", 5, 24);
	expect_row(&m->rows[2], "tinh/huyen/xa-a", "", 1, 8);
	expect_row(&m->rows[5], "tinh/xa-moi", "", 2, 6);
	expect_row(&m->rows[6], "", "", 16, 14);
	muster_free(m);
}

static void
test_only_what_is_below_a_unit_then(void **state)
{
	struct muster *m =
	    start(MUSTER_STATION, "2025-06-23", "2025-07-06", &units);

	(void)state;
	m->setup.unit = "huyen";
	take_reorganised(m);
	assert_int_equal(m->n, 3);
	assert_int_equal(m->sum.aired, 5);
	muster_free(m);
}

static void
test_segments_are_summed_over_stations(void **state)
{
	struct muster *m =
	    start(MUSTER_SEGMENT, "2026-11-01", "2026-11-30", &none);

	(void)state;
	know(m, "k1", "A", false);
	know(m, "k2", "B", false);
	take(m, "k1", "A", "2026-11-01", "tt", slots(1, 1, 0, 0));
	take(m, "k1", "A", "2026-11-01", "nn", slots(2, 0, 0, 0));
	take(m, "k2", "B", "2026-11-01", "tt", slots(4, 0, 0, 0));
	settle(m);
	assert_int_equal(m->n, 2);
	assert_string_equal(m->rows[1].name, "tt");
	assert_int_equal(m->rows[1].sum.aired, 5);
	assert_int_equal(m->rows[1].days, 1 + 1);
	muster_free(m);
}

/* The new computer has the backup of the old one: both tell of that day. */
static void
test_a_day_that_two_computers_tell_of_counts_once(void **state)
{
	struct muster *m =
	    start(MUSTER_WEEK, "2026-11-01", "2026-11-30", &none);

	(void)state;
	know(m, "new", "A", false);
	know(m, "old", "A", true);
	take(m, "new", "A", "2026-11-02", "", slots(2, 0, 0, 0));
	take(m, "new", "A", "2026-11-03", "", slots(2, 0, 0, 0));
	take(m, "old", "A", "2026-11-01", "", slots(7, 0, 0, 0));
	take(m, "old", "A", "2026-11-02", "", slots(1, 1, 0, 0));
	settle(m);
	assert_int_equal(m->n, 1);
	assert_int_equal(m->rows[0].sum.aired, 11);
	assert_int_equal(m->rows[0].days, 3);
	assert_int_equal(m->rows[0].twice, 1);
	assert_int_equal(m->twice, 1);
	muster_free(m);
}

static void
test_power_cuts_cost_no_place_and_neglect_does(void **state)
{
	static const struct {
		const char *name;
		int aired, power, work, relays;
		int rank;
	} wanted[] = {
		{ "Cắt điện", 30, 60, 0, 0, 1 },
		{ "Đủ cả", 90, 0, 0, 5, 1 },
		{ "Quên", 80, 0, 20, 0, 3 },
		{ "Ít quá", 19, 40, 0, 9, 0 },
	};
	struct muster *m =
	    start(MUSTER_RANK, "2026-11-01", "2026-11-30", &none);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		know(m, wanted[3 - i].name, wanted[3 - i].name, false);
	m->setup.today = day("2026-11-03");
	for (size_t i = 0; i < 4; i++) {
		struct tally_sum s = slots(wanted[i].aired, wanted[i].power,
		    wanted[i].work, wanted[i].relays);

		take(m, wanted[i].name, wanted[i].name, "2026-11-01", "", s);
		take(m, wanted[i].name, wanted[i].name, "2026-11-02", "",
		    slots(0, 0, 0, 0));
	}
	settle(m);
	assert_int_equal(m->n, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(m->rows[i].name, wanted[i].name);
		assert_int_equal(m->rows[i].rank, wanted[i].rank);
	}
	muster_free(m);
}

static void
test_a_station_that_mostly_keeps_silent_is_not_placed(void **state)
{
	for (int known = 1; known <= 2; known++) {
		struct muster *m =
		    start(MUSTER_RANK, "2026-11-01", "2026-11-04", &none);

		(void)state;
		know(m, "k", "A", false);
		take(m, "k", "A", "2026-11-02", "", slots(90, 0, 0, 0));
		for (int i = 1; known == 2 && i <= 4; i++)
			take(m, "k", "A",
			    (const char *[]){ "2026-11-01", "2026-11-02",
				"2026-11-03", "2026-11-04" }[i - 1],
			    "", slots(9, 0, 0, 0));
		settle(m);
		assert_int_equal(m->rows[0].rank, known - 1);
		muster_free(m);
	}
}

static void
test_only_logs_that_are_asked_for_are_told(void **state)
{
	struct muster *m =
	    start(MUSTER_SEGMENT, "2026-11-01", "2026-11-04", &none);

	(void)state;
	m->setup.station = "B";
	know(m, "k1", "A", false);
	know(m, "k2", "B", false);
	take(m, "k1", "A", "2026-11-02", "", slots(90, 0, 0, 0));
	settle(m);
	assert_int_equal(m->n, 0);
	assert_int_equal(m->days, 0);
	assert_int_equal(m->days_due, 4);
	assert_int_equal(m->n_logs, 1);
	assert_string_equal(m->logs[0].name, "B");
	muster_free(m);
}

static void
test_a_station_that_is_left_out_is_in_no_figure(void **state)
{
	const char *without[] = { "A" };
	struct muster *m =
	    start(MUSTER_STATION, "2026-11-01", "2026-11-04", &none);
	struct tally_sum odd = { .planned = 3 };

	(void)state;
	m->setup.without = without;
	m->setup.n_without = 1;
	know(m, "k1", "A", false);
	know(m, "k2", "B", false);
	take(m, "k1", "A", "2026-11-02", "", odd);
	take(m, "k2", "B", "2026-11-02", "", slots(1, 0, 0, 0));
	settle(m);
	assert_int_equal(m->n, 1);
	assert_int_equal(m->sum.planned, 1);
	muster_free(m);
}

static void
test_two_histories_are_not_ranked(void **state)
{
	struct muster *m =
	    start(MUSTER_RANK, "2026-11-01", "2026-11-30", &none);
	struct muster_log l = { .key = "k",
		.name = "A",
		.about = "",
		.origin = "o",
		.root = "r",
		.forks = 1 };

	(void)state;
	assert_int_equal(muster_know(m, &l), 0);
	m->setup.to_day = day("2026-11-02");
	take(m, "k", "A", "2026-11-02", "", slots(90, 0, 0, 0));
	settle(m);
	assert_int_equal(m->rows[0].rank, 0);
	muster_free(m);
}

static void
test_what_does_not_add_up_is_told_with_its_station(void **state)
{
	struct muster *m =
	    start(MUSTER_WEEK, "2026-11-01", "2026-11-30", &none);
	struct tally_sum s = slots(1, 0, 0, 0);

	(void)state;
	know(m, "k", "A", false);
	s.planned++;
	take(m, "k", "A", "2026-11-02", "", s);
	assert_int_equal(muster_settle(m), 0);
	assert_false(muster_holds(m));
	assert_string_equal(m->odd_station, "A");
	assert_int_equal(m->odd_day, day("2026-11-02"));
	muster_free(m);
	/* Causes that do not account for what was missed. */
	m = start(MUSTER_WEEK, "2026-11-01", "2026-11-30", &none);
	s = slots(1, 1, 0, 0);
	s.lost_n[TALLY_POWER] = 0;
	take(m, "k", "A", "2026-11-02", "", s);
	assert_int_equal(muster_settle(m), 0);
	assert_false(muster_holds(m));
	muster_free(m);
}

static void
test_too_long_a_period_is_refused(void **state)
{
	struct muster_setup s = { .by = MUSTER_WEEK,
		.to_day = 7 * MUSTER_COLUMNS_MAX + 7,
		.units = &none,
		.unit = "",
		.station = "" };
	struct muster *m;

	(void)state;
	assert_int_equal(muster_new(&s, &m), -E2BIG);
	assert_null(muster_free(NULL));
}

static void
test_the_words_of_by_are_read(void **state)
{
	enum muster_by by;

	(void)state;
	for (int i = 0; i < MUSTER_BYS; i++) {
		assert_int_equal(
		    muster_by_read(muster_by_word((enum muster_by)i), &by), 0);
		assert_int_equal(by, i);
	}
	assert_int_equal(muster_by_read("huyện", &by), -EINVAL);
}

static void
test_two_names_whose_records_are_of_one_station_are_told(void **state)
{
	struct muster *m =
	    start(MUSTER_WEEK, "2026-11-16", "2026-11-22", &none);

	(void)state;
	know(m, "k1", "Đài B", false);
	know(m, "k2", "Đài A", false);
	/* A computer that was replaced told of the same one, and rightly. */
	know(m, "k0", "Đài A", true);
	settle(m);
	assert_int_equal(m->n_logs, 3);
	assert_string_equal(m->logs[0].twin, "Đài B");
	assert_null(m->logs[1].twin);
	assert_string_equal(m->logs[2].twin, "Đài A");
	muster_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_two_names_whose_records_are_of_one_station_are_told),
		cmocka_unit_test(test_a_station_is_a_row_and_a_week_a_column),
		cmocka_unit_test(test_months_are_columns_too),
		cmocka_unit_test(test_a_day_counts_under_the_unit_of_then),
		cmocka_unit_test(test_as_of_today_a_station_is_one_row),
		cmocka_unit_test(test_a_unit_has_all_that_is_below_it),
		cmocka_unit_test(test_only_what_is_below_a_unit_then),
		cmocka_unit_test(test_segments_are_summed_over_stations),
		cmocka_unit_test(
		    test_a_day_that_two_computers_tell_of_counts_once),
		cmocka_unit_test(
		    test_power_cuts_cost_no_place_and_neglect_does),
		cmocka_unit_test(
		    test_a_station_that_mostly_keeps_silent_is_not_placed),
		cmocka_unit_test(test_only_logs_that_are_asked_for_are_told),
		cmocka_unit_test(
		    test_a_station_that_is_left_out_is_in_no_figure),
		cmocka_unit_test(test_two_histories_are_not_ranked),
		cmocka_unit_test(
		    test_what_does_not_add_up_is_told_with_its_station),
		cmocka_unit_test(test_too_long_a_period_is_refused),
		cmocka_unit_test(test_the_words_of_by_are_read),
	};
	int r;

	setenv("LOAXA_LANG", "en", 1);
	make_units();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	units_clear(&units);
	return r;
}
