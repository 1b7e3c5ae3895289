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

#include "ctl/musterprose.h"
#include "tests/fakes/stations.h"

static void
expect(enum muster_by by, const char *parts)
{
	struct muster *m = stations_two(by);
	char wanted[2000];
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	snprintf(wanted, sizeof(wanted),
	    "From 16/11/2026 to 22/11/2026, the stations collected (2) sent to "
	    "the amplifier: airings 0, length 1 h 00 min in all; of these "
	    "first "
	    "runs 0 (1 h 00 min), repeats 0 (0 s), signature tunes and music 0 "
	    "(0 s). Days of stations of which nothing is known, neither aired "
	    "nor missed: 13 of 14. Of 8 slots planned, 4 aired, 1 aired in "
	    "part, 2 did not air, and 1 were left to relays (0 s, not counted "
	    "as sent by the station). Of those that did not air or only in "
	    "part, 2 were due to power cuts beyond the station's control, 0 to "
	    "faults of devices, signals, the clock or programs, 0 to orders, 1 "
	    "to preparation. %sThe figures are those of the stations' signed "
	    "airing logs: records 9 in all.\n",
	    parts);
	muster_prose(m, out);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
	muster_free(m);
}

static void
test_a_report_of_stations_is_a_paragraph_too(void **state)
{
	(void)state;
	expect(MUSTER_WEEK,
	    "Of single stations is to be said: =Đài B (NEVER HEARD: nothing "
	    "came of it); Đài A (NO RECORDS SINCE 18/11/2026; days of which "
	    "nothing is known: 6 of 7, neither aired nor missed; power cuts: "
	    "slots 2). ");
	expect(MUSTER_SEGMENT, "");
}

/* A station's records name it: nothing of that steers a terminal. */
static void
test_a_paragraph_is_safe(void **state)
{
	struct muster *m = stations_two(MUSTER_STATION);
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	free(m->rows[0].name);
	m->rows[0].name = strdup("\x1b[2J\xe2\x80\xae");
	m->rows[0].unknown = true;
	muster_prose(m, out);
	fclose(out);
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
	muster_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_report_of_stations_is_a_paragraph_too),
		cmocka_unit_test(test_a_paragraph_is_safe),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
