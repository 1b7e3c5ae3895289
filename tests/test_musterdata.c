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

#include "ctl/musterdata.h"
#include "tests/fakes/stations.h"

static char *
csv(enum muster_by by)
{
	struct muster *m = stations_two(by);
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(muster_csv(m, out), 0);
	fclose(out);
	muster_free(m);
	return text;
}

static void
test_csv_has_a_line_a_station_and_week(void **state)
{
	char *text = csv(MUSTER_WEEK);

	(void)state;
	assert_string_equal(text,
	    "from,to,by,path,name,id,column,planned,aired,missed_power,"
	    "missed_fault,missed_order,missed_work,missed_unknown,external,"
	    "open,days,days_due,log_size,log_root\r\n"
	    "2026-11-16,2026-11-22,week,\"\",\"'=Đài B\",\"\",2026-11-16,"
	    "0,0,0,0,0,0,0,0,0,0,7,0,\r\n"
	    "2026-11-16,2026-11-22,week,\"\",\"Đài A\",\"xa\",2026-11-16,"
	    "8,4,2,0,0,1,0,1,0,1,7,9,ROOT\r\n");
	free(text);
}

static void
test_csv_of_stations_ends_with_the_total(void **state)
{
	char *text = csv(MUSTER_STATION);
	const char *total =
	    strstr(text, "station,\"total\",\"\",\"\",8,0,4,1,");

	(void)state;
	assert_non_null(total);
	assert_non_null(strstr(text, ",1,7,2026-11-17,0,\"NO RECORDS SINCE"));
	assert_non_null(strstr(text, ",9,ROOT\r\n"));
	/* As many fields in every line. */
	for (const char *line = text; *line != '\0';
	     line = strchr(line, '\n') + 1) {
		bool quoted = false;
		int n = 1;

		for (const char *s = line; *s != '\n'; s++) {
			quoted ^= *s == '"';
			n += *s == ',' && !quoted;
		}
		assert_int_equal(n, 6 + 28 + 7);
	}
	free(text);
}

static void
test_json_has_all_of_it(void **state)
{
	struct muster *m = stations_two(MUSTER_MONTH);
	json_t *j = muster_json(m);
	const json_t *row = json_array_get(json_object_get(j, "rows"), 1);
	const json_t *cell = json_array_get(json_object_get(row, "cells"), 0);

	(void)state;
	assert_non_null(j);
	assert_true(json_is_true(json_object_get(j, "holds")));
	assert_int_equal(json_array_size(json_object_get(j, "columns")), 1);
	assert_string_equal(
	    json_string_value(json_object_get(row, "name")), "Đài A");
	assert_int_equal(
	    json_integer_value(json_object_get(row, "planned")), 8);
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(cell, "missed"), "power")),
	    2);
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(j, "logs"), 1), "root")),
	    "ROOT");
	json_decref(j);
	muster_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_has_a_line_a_station_and_week),
		cmocka_unit_test(test_csv_of_stations_ends_with_the_total),
		cmocka_unit_test(test_json_has_all_of_it),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
