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
#include "ctl/muster_text.h"
#include "tests/fakes/stations.h"

static int64_t
day(const char *text)
{
	int64_t d;

	assert_int_equal(civil_read_date(text, &d), 0);
	return d;
}

static void
test_a_cell_says_what_aired_and_why_the_rest_did_not(void **state)
{
	struct muster_cell c = { .planned = 43,
		.aired = 36,
		.missed = { [TALLY_POWER] = 3, [TALLY_WORK] = 1 },
		.external = 3,
		.days = 5,
		.days_due = 7 };
	char text[MUSTER_TEXT];

	(void)state;
	assert_string_equal(
	    muster_cell_text(&c, false, text), "36/40 P3 W1 -2d");
	assert_string_equal(muster_cell_text(&c, true, text), "90%PW -2d");
	/* 39 of 40 are not all of them. */
	c.aired = 399;
	c.planned = 403;
	assert_string_equal(muster_cell_text(&c, true, text), "99%PW -2d");
	c = (struct muster_cell){ .days_due = 7 };
	assert_string_equal(muster_cell_text(&c, false, text), "–");
	c = (struct muster_cell){ 0 };
	assert_string_equal(muster_cell_text(&c, false, text), "");
	/* Nothing but relays. */
	c = (struct muster_cell){
		.planned = 3, .external = 3, .days = 7, .days_due = 7
	};
	assert_string_equal(muster_cell_text(&c, false, text), "0/0");
	assert_string_equal(muster_cell_text(&c, true, text), "0/0");
}

static void
test_what_is_not_ordinary_is_said(void **state)
{
	struct muster *m = stations_two(MUSTER_WEEK);
	char text[MUSTER_TEXT];

	(void)state;
	assert_string_equal(muster_remark(m, &m->rows[0], text),
	    "NEVER HEARD: nothing came of it");
	assert_string_equal(muster_remark(m, &m->rows[1], text),
	    "NO RECORDS SINCE 18/11/2026; days of which nothing is known: 6 of "
	    "7, neither aired nor missed; power cuts: slots 2");
	m->logs[1].forks = 1;
	m->logs[1].trees = 2;
	m->logs[1].replaced = true;
	m->logs[1].given_up = 87;
	m->logs[1].twin = strdup("Đài C");
	m->logs[1].rows = 7;
	m->logs[1].last_us = civil_to_us(day("2026-11-22"), 86399);
	m->rows[1].days = 7;
	m->rows[1].twice = 1;
	m->rows[1].sum.lost_n[TALLY_POWER] = 0;
	assert_string_equal(muster_remark(m, &m->rows[1], text),
	    "HAS SIGNED TWO HISTORIES: only what was taken in before counts; "
	    "its log began anew, times: 1, and all of it is kept; records that "
	    "were cosigned and are not in its log any more: 87; ITS RECORDS "
	    "NAME THE SAME STATION as those of Đài C; its computer "
	    "was replaced; COUNTED: 7 of 9 records; run `loaxa collect`; days "
	    "that both of its computers tell of, counted once: 1");
	m->rows[1].unknown = true;
	assert_string_equal(muster_remark(m, &m->rows[1], text),
	    "NEVER ENTERED: `loaxa collect` does not know it");
	muster_free(m);
}

static void
note(void *arg, const char *line)
{
	strcat(arg, line);
	strcat(arg, "\n");
}

static void
test_the_notes_begin_with_the_sum(void **state)
{
	const char *without[] = { "Đài C" };
	struct muster *m = stations_two(MUSTER_RANK);
	char text[4000] = "";

	(void)state;
	m->setup.without = without;
	m->setup.n_without = 1;
	m->setup.as_of = day("2026-12-01");
	muster_notes(m, note, text);
	assert_string_equal(text,
	    "planned 8 = aired 4 + in part 1 + not aired 2 + external 1; "
	    "unscheduled 0 apart\n"
	    "Share = aired whole / (aired whole + not aired or in part by "
	    "preparation or a fault). Power cuts, orders, relays and lost "
	    "records count neither for nor against.\n"
	    "The same share is the same place. Not placed: with fewer than 20 "
	    "such slots, with more than a tenth of its days not known, or with "
	    "two signed histories.\n"
	    "All years are told under the units as of 01/12/2026.\n"
	    "LEFT OUT, as was asked, and in no figure: Đài C\n"
	    "Days of stations of which nothing is known: 13 of 14.\n"
	    "power cuts, beyond the station's control: not aired 2, in part 0\n"
	    "preparation: file, approval, length, computer off: not aired 0, "
	    "in part 1\n");
	muster_free(m);
}

static void
test_a_report_of_some_is_not_called_one_of_all(void **state)
{
	struct muster *m = stations_two(MUSTER_SEGMENT);
	char text[4000] = "";

	(void)state;
	assert_non_null(
	    strstr(muster_title(m, text), "Report by segment, all stations,"));
	assert_string_equal(muster_only(m, text), "");
	m->setup.unit = "xa-nao";
	assert_non_null(strstr(muster_title(m, text), "Report by segment, fr"));
	text[0] = '\0';
	muster_notes(m, note, text);
	assert_non_null(strstr(text,
	    "apart\nOnly what is in xa-nao (xa-nao) or below it: nothing else "
	    "is in any figure.\n"));
	m->setup.unit = "";
	m->setup.station = "Đài A";
	assert_string_equal(muster_only(m, text),
	    "Only Đài A: no other station is in any figure.");
	muster_free(m);
}

static void
test_a_row_is_called_by_what_it_is(void **state)
{
	struct muster *m = stations_two(MUSTER_WEEK);
	char text[MUSTER_TEXT];

	(void)state;
	assert_string_equal(muster_name(m, &m->rows[1], text), "Đài A");
	/* Its computer plays two. */
	free((char *)m->logs[1].about);
	m->logs[1].about = strdup("xa cho");
	assert_string_equal(muster_name(m, &m->rows[1], text), "Đài A (xa)");
	assert_string_equal(muster_path(&m->rows[1], text),
	    "no unit is written for these days");
	assert_string_equal(muster_title(m, text),
	    "Stations by week, from 16/11/2026 to 22/11/2026");
	assert_string_equal(muster_column(m, 0, text), "W47");
	assert_string_equal(muster_log_text(&m->logs[1], text),
	    "Đài A: records 9; log loaxa/a/log/v1; root ROOT");
	assert_string_equal(muster_log_text(&m->logs[0], text),
	    "=Đài B: no signed log came yet");
	assert_string_equal(muster_share(1, 3, text), "33,3%");
	assert_string_equal(muster_share(0, 0, text), "");
	muster_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_cell_says_what_aired_and_why_the_rest_did_not),
		cmocka_unit_test(test_what_is_not_ordinary_is_said),
		cmocka_unit_test(test_the_notes_begin_with_the_sum),
		cmocka_unit_test(
		    test_a_report_of_some_is_not_called_one_of_all),
		cmocka_unit_test(test_a_row_is_called_by_what_it_is),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
