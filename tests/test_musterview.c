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

#include "ctl/musterview.h"
#include "tests/fakes/stations.h"

/* As far as the sums below the table. */
static void
expect_printed(enum muster_by by, const char *wanted)
{
	struct muster *m = stations_two(by);
	struct musterview v = { m, "due today", "before 1 May", 0 };
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(musterview_print(&v, out, 0), 0);
	fclose(out);
	assert_non_null(strstr(text, "\nplanned 8 = "));
	*(strstr(text, "\nplanned 8 = ") + 1) = '\0';
	assert_string_equal(text, wanted);
	free(text);
	muster_free(m);
}

#define SINCE \
	"NO RECORDS SINCE 18/11/2026; days of which nothing is known: 6 of " \
	"7, neither aired nor missed; power cuts: slots 2"

static void
test_a_matrix_is_stations_and_weeks(void **state)
{
	(void)state;
	expect_printed(MUSTER_WEEK,
	    "Stations by week, from 16/11/2026 to 22/11/2026; due today\n"
	    "STATION  W47            \n"
	    "=Đài B   –              NEVER HEARD: nothing came of it\n"
	    "Đài A    4/7 P2 W1 -6d  " SINCE "\n");
}

static void
test_stations_segments_and_an_order_are_tables_of_figures(void **state)
{
	(void)state;
	expect_printed(MUSTER_SEGMENT,
	    "Report by segment, all stations, from 16/11/2026 to 22/11/2026; "
	    "due today\n"
	    "SEGMENT     PLANNED  AIRED  IN PART  NOT AIRED  RELAYS  OF THESE "
	    "POWER  SENT IN ALL  \n"
	    "no segment        8      4        1          2       1           "
	    "    2   1 h 00 min\n"
	    "IN ALL            8      4        1          2       1           "
	    "    2   1 h 00 min\n");
	expect_printed(MUSTER_RANK,
	    "Order of the stations, from 16/11/2026 to 22/11/2026; due today\n"
	    "STATION  PLACE  SHARE  AIRED WHOLE  PREPARATION  FAULT  POWER  "
	    "ORDER  NOT KNOWN  \n"
	    "=Đài B       –                   0            0      0      0  "
	    "    0          0  NEVER HEARD: nothing came of it\n"
	    "Đài A        –  80,0%            4            1      0      2  "
	    "    0          0  " SINCE "\n");
}

/* Each of them, on as many pages as it takes. */
static void
test_all_of_them_are_drawn(void **state)
{
	(void)state;
	for (int by = 0; by < MUSTER_BYS; by++) {
		struct muster *m = stations_two((enum muster_by)by);
		struct musterview v = { m, "due today", "before 1 May", 0 };
		struct page_setup setup = { "title", "foot", musterview_draw,
			&v };
		struct page_result result;

		assert_int_equal(page_make(&setup, &result), 0);
		assert_int_equal(result.pages, 1);
		assert_string_equal(result.missing, "");
		free(result.pdf);
		muster_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_matrix_is_stations_and_weeks),
		cmocka_unit_test(
		    test_stations_segments_and_an_order_are_tables_of_figures),
		cmocka_unit_test(test_all_of_them_are_drawn),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
