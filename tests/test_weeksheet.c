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
#include "scheduler/match.h"
#include "scheduler/weeksheet.h"
#include "tests/fakes/folder.h"

/* As shipped, or with the week's file taking these bytes. */
static struct schedule *
read_week(const char *station, const char *text)
{
	char name[80];
	struct schedule_swap swap = { name, text,
		text == NULL ? 0 : strlen(text) };
	struct problems ps = { 0 };
	struct schedule *s = NULL;

	snprintf(name, sizeof(name), "%s/2026-W48.cfg", station);
	if (schedule_read_with("schedules", station, INT64_MIN, INT64_MAX,
		text == NULL ? NULL : &swap, &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	return s;
}

static char *
written(const struct schedule *s, const struct site *site, size_t *ret_n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_n);
	struct plan *p;
	int64_t monday;

	civil_day(2026, 11, 23, &monday);
	assert_int_equal(plan_make(s, monday, monday + 6, &p), 0);
	assert_int_equal(weeksheet_write(f, p, site), 0);
	fclose(f);
	plan_free(p);
	return text;
}

/* Loads a sheet against a schedule; the programme's text. */
static char *
loaded(const struct schedule *s, const char *text, size_t n)
{
	struct match_setup setup = { .schedule = s, .name = "t.csv" };
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	struct match *m = NULL;
	struct sheet *sheet;
	char *out;

	civil_day(2026, 11, 23, &setup.monday);
	if (sheet_read(text, n, "t.csv", &ps, &sheet) < 0 ||
	    match_make(sheet, &setup, &ps, &missing, &m) < 0)
		fail_msg("%s", problems_said(&ps));
	assert_true(sheet->monday == setup.monday);
	out = match_text(m, setup.monday, "");
	problems_free(&missing);
	sheet_free(sheet);
	match_free(m);
	return out;
}

static void
out_in_and_out_again_is_the_same_week(void **state)
{
	static const char *const stations[] = { "que-minh", "cau-ngang" };
	struct problems ps = { 0 };
	struct site *site = NULL;

	(void)state;
	assert_int_equal(site_read("etc/loaxa.conf", &ps, &site), 0);
	for (size_t i = 0; i < sizeof(stations) / sizeof(stations[0]); i++) {
		struct schedule *s = read_week(stations[i], NULL);
		struct schedule *again;
		size_t n, m;
		char *first = written(s, site, &n);
		char *programme = loaded(s, first, n);
		char *second;

		again = read_week(stations[i], programme);
		second = written(again, site, &m);
		assert_int_equal(n, m);
		assert_memory_equal(first, second, n);
		free(first);
		free(second);
		free(programme);
		schedule_free(s);
		schedule_free(again);
	}
	site_free(site);
}

static void
a_slot_without_items_stays_without(void **state)
{
	static const char none[] = "week = \"2026-W48\"; program = ();\n";
	struct schedule *s = read_week("que-minh", none);
	struct site *site = site_nothing();
	size_t n;
	char *text = written(s, site, &n);
	char *programme = loaded(s, text, n);

	(void)state;
	assert_non_null(strstr(programme, "program = (\n);"));
	free(text);
	free(programme);
	site_free(site);
	schedule_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_in_and_out_again_is_the_same_week),
		cmocka_unit_test(a_slot_without_items_stays_without),
	};

	civil_zone("Asia/Ho_Chi_Minh");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
