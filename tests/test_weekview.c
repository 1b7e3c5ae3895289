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
#include "base/text.h"
#include "ctl/weekview.h"
#include "tests/fakes/place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SITE \
	"hours = ( { days = \"T2-T6\"; from = \"05:00\"; to = \"07:00\"; }, " \
	"{ days = \"T2-T6\"; from = \"17:00\"; to = \"18:00\"; } );\n" \
	"session_longest = \"00:20\"; relays = ( { id = \"vov1\"; title = " \
	"\"VOV1\"; } ); exceptions = ( { date = \"2026-11-29\"; reason = " \
	"\"Bão số 13\"; from = \"05:00\"; to = \"06:00\"; } );\n"
#define TIMETABLE \
	"station = \"a\"; name = \"Xã A\";\n" \
	"segments = ( { id = \"s\"; title = \"Thông tin\"; } );\n" \
	"slots = (\n" \
	"{ id = \"mo\"; days = \"T2\"; at = \"05:00\"; for = \"00:05\"; " \
	"item = \"good\"; title = \"Mở đầu\"; },\n" \
	"{ id = \"vov\"; days = \"T2\"; at = \"05:05\"; for = \"00:10\"; " \
	"relay = \"vov1\"; },\n" \
	"{ id = \"dai\"; days = \"T2\"; at = \"05:15\"; for = \"00:10\"; " \
	"item = \"long\"; },\n" \
	"{ id = \"tin\"; days = \"T2\"; at = \"17:00\"; for = \"00:10\"; " \
	"segment = \"s\"; },\n" \
	"{ id = \"tin-pl\"; days = \"T3\"; at = \"05:00\"; for = \"00:10\"; " \
	"repeats = \"tin\"; },\n" \
	"{ id = \"khong\"; days = \"T4\"; at = \"05:00\"; for = \"00:10\"; " \
	"segment = \"s\"; },\n" \
	"{ id = \"ngoai\"; days = \"T7\"; at = \"05:00\"; for = \"00:05\"; " \
	"item = \"good\"; } );\n" \
	"dates = ( { date = \"2026-11-27\"; use = \"none\"; reason = " \
	"\"Quốc tang\"; } );\n"
#define WEEK \
	"week = \"2026-W48\"; program = ( { slot = \"tin\"; items = [ " \
	"\"good\", \"new\", \"none\" ]; } );\n"

struct bench {
	struct place place;
	struct schedule *schedule;
	struct plan *plan;
	struct weekview *view;
};

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct problems ps = { 0 };
	int64_t monday;

	place_make(&b->place, SITE, TIMETABLE);
	folder_write(&b->place.folder, "schedules/a/2026-W48.cfg", WEEK);
	place_item(&b->place, "good", 300, PLACE_APPROVED);
	place_item(&b->place, "long", 612, PLACE_APPROVED);
	place_item(&b->place, "new", 60, PLACE_NEW);
	place_open(&b->place);
	if (schedule_read(b->place.root.schedules, "a", INT64_MIN, INT64_MAX,
		&ps, &b->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	civil_read_date("2026-11-23", &monday);
	assert_int_equal(
	    plan_make(b->schedule, monday, monday + 6, &b->plan), 0);
	assert_int_equal(weekview_make(&b->place.office, b->schedule, b->plan,
			     monday, monday + 6, &b->view),
	    0);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	weekview_free(b->view);
	plan_free(b->plan);
	schedule_free(b->schedule);
	place_end(&b->place);
	free(b);
	return 0;
}

static char *
printed(const struct bench *b, int width)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(weekview_print(b->view, out, width), 0);
	fclose(out);
	return text;
}

static void
the_week_is_told_day_by_day_with_all_that_is_wrong(void **state)
{
	static const char wanted[] =
	    "TIME        LASTS  WHAT                               STATE\n"
	    "Monday 23/11/2026 (T2), allowed: 05:00-07:00, 17:00-18:00\n"
	    "05:00:00     5:00  Mở đầu                             ready\n"
	    "05:05:00    10:00  VOV1                               relay\n"
	    "05:15:00    10:00  Bản tin long                       ! cut by "
	    "0:12\n"
	    "  session 05:00:00-05:25:00: 25:00, our own 15:00, relay 10:00; "
	    "! longer than 20\n  min\n"
	    "17:00:00    10:00  Thông tin                          ! will "
	    "air in part\n"
	    "                   ! new: not approved\n"
	    "                   ! none: file missing\n"
	    "  session 17:00:00-17:10:00: 10:00, our own 10:00, relay 0:00\n"
	    "  the day: sessions 2, 35:00 (our own 25:00, relay 10:00); slots "
	    "4: ready 1,\n  relayed 1, lacking 2\n"
	    "\n"
	    "Tuesday 24/11/2026 (T3), allowed: 05:00-07:00, 17:00-18:00\n"
	    "05:00:00    10:00  Thông tin                          ! will "
	    "air in part\n"
	    "                   repeats tin of T2 23/11/2026\n"
	    "                   ! new: not approved\n"
	    "                   ! none: file missing\n"
	    "  session 05:00:00-05:10:00: 10:00, our own 10:00, relay 0:00\n"
	    "  the day: sessions 1, 10:00 (our own 10:00, relay 0:00); slots "
	    "1: ready 0,\n  relayed 0, lacking 1\n"
	    "\n"
	    "Wednesday 25/11/2026 (T4), allowed: 05:00-07:00, 17:00-18:00\n"
	    "05:00:00    10:00  Thông tin                          ! no item "
	    "chosen\n"
	    "                   ! the week's programme has nothing for khong\n"
	    "  session 05:00:00-05:10:00: 10:00, our own 10:00, relay 0:00\n"
	    "  the day: sessions 1, 10:00 (our own 10:00, relay 0:00); slots "
	    "1: ready 0,\n  relayed 0, lacking 1\n"
	    "\n"
	    "Thursday 26/11/2026 (T5), allowed: 05:00-07:00, 17:00-18:00\n"
	    "  nothing planned\n"
	    "\n"
	    "Friday 27/11/2026 (T6), allowed: 05:00-07:00, 17:00-18:00; Quốc "
	    "tang\n"
	    "  nothing planned\n"
	    "\n"
	    "Saturday 28/11/2026 (T7), allowed: none on that day\n"
	    "05:00:00     5:00  Bản tin good                       ! outside "
	    "hours\n"
	    "                   ! outside the allowed hours: none on that "
	    "day\n"
	    "  session 05:00:00-05:05:00: 5:00, our own 5:00, relay 0:00; ! "
	    "nothing is\n  allowed on that day\n"
	    "  the day: sessions 1, 5:00 (our own 5:00, relay 0:00); slots 1: "
	    "ready 0,\n  relayed 0, lacking 1\n"
	    "\n"
	    "Sunday 29/11/2026 (CN), allowed: 05:00-06:00; Bão số 13\n"
	    "  nothing planned\n"
	    "\n"
	    "  the week: sessions 5, 1:00:00 (our own 50:00, relay 10:00); "
	    "slots 7: ready 1,\n  relayed 1, lacking 5\n"
	    "  ! sessions that break a rule: 2\n";
	char *text = printed(*state, 80);

	if (strcmp(text, wanted) != 0)
		fail_msg("%s", text);
	free(text);
}

static void
no_line_is_wider_than_the_terminal(void **state)
{
	static const int widths[] = { 60, 72, 80, 132 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		char *text = printed(*state, widths[i]);
		char *rest = text;

		for (char *line; (line = strsep(&rest, "\n")) != NULL;)
			if (text_width(line) > widths[i])
				fail_msg("%d: %s", widths[i], line);
		free(text);
	}
}

static void
the_sum_counts_every_slot_once(void **state)
{
	struct bench *b = *state;
	const struct weekview_sum *sum = weekview_sum(b->view);

	assert_int_equal(sum->slots, b->plan->n);
	assert_int_equal(sum->slots, sum->whole + sum->relays + sum->lacking);
	assert_true(sum->lacking == 5 && sum->breaches == 2);
}

/* The schedule's own, taken from it again before it is freed. */
static void
gap_music_is_told_with_what_is_wrong_with_it(void **state)
{
	struct bench *b = *state;
	char *gap[] = { (char *)"good", (char *)"new", (char *)"none" };
	char *text;
	json_t *j;

	b->schedule->gap_filler = gap;
	b->schedule->n_gap_filler = COUNT(gap);
	text = printed(b, 80);
	j = weekview_json(b->view);
	b->schedule->gap_filler = NULL;
	b->schedule->n_gap_filler = 0;
	if (strstr(text, "  music where a session leaves time free: Bản tin "
			 "good, Bản tin new (! not\n  approved), none (! file "
			 "missing)\n") == NULL)
		fail_msg("%s", text);
	assert_int_equal(json_array_size(json_object_get(j, "gap_filler")), 3);
	json_decref(j);
	free(text);
}

static void
the_json_has_all_of_it(void **state)
{
	struct bench *b = *state;
	json_t *j = weekview_json(b->view);
	json_t *monday = json_array_get(json_object_get(j, "days"), 0);
	json_t *slots = json_object_get(monday, "slots");
	json_t *cut = json_array_get(slots, 2);
	json_t *session =
	    json_array_get(json_object_get(monday, "sessions"), 0);

	assert_int_equal(json_array_size(json_object_get(j, "days")), 7);
	assert_int_equal(json_array_size(slots), 4);
	assert_int_equal(
	    json_integer_value(json_object_get(cut, "cut_ms")), 12000);
	assert_false(json_is_true(json_object_get(cut, "whole")));
	assert_int_equal(
	    json_integer_value(json_object_get(session, "relay_ms")), 600000);
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(session, "breaks"), 0)),
	    "long");
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(j, "sum"), "lacking")),
	    5);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    gap_music_is_told_with_what_is_wrong_with_it, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_week_is_told_day_by_day_with_all_that_is_wrong, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    no_line_is_wider_than_the_terminal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_sum_counts_every_slot_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_json_has_all_of_it, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("weekview", tests, NULL, NULL);
}
