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
#include "ctl/report.h"
#include "scheduler/health.h"
#include "tests/fakes/place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define ON \
	"\"on\":{\"airing_id\":\"que-minh/2026-11-26/ttdn-t5/1\"," \
	"\"slot\":\"ttdn-t5\",\"item\":\"ttdn-w48\",\"title\":" \
	"\"Thông tin đối ngoại\",\"start_utc\":" \
	"\"2026-11-26T10:10:30.000000Z\",\"elapsed_ms\":245000," \
	"\"length_ms\":900000,\"peak_db\":-12.5}"
#define NEXT \
	"\"next\":{\"slot\":\"nhac\",\"title\":\"\",\"content\":" \
	"\"item\",\"start_utc\":\"2026-11-26T10:25:30.000000Z\"}"
#define TODAY \
	"\"today\":{\"planned\":12,\"aired\":3,\"aired_partial\":1," \
	"\"not_aired\":1,\"external\":0,\"open\":7}"
#define HEAD(hold, error) HEAD_DISK(hold, error, "kept")
#define HEAD_DISK(hold, error, ballast) \
	"{\"ok\":true,\"version\":\"0.1.0\",\"utc\":" \
	"\"2026-11-26T10:14:35.000000Z\",\"zone\":\"Asia/Ho_Chi_Minh\"," \
	"\"clock\":\"synced\",\"hold\":" hold ",\"log\":{\"leaves\":1234," \
	"\"waiting\":2,\"error\":\"" error "\"},\"disk\":{\"fault\":\"" error \
	"\",\"since_utc\":\"2026-11-26T10:12:00Z\",\"ballast\":\"" ballast \
	"\",\"room_bytes\":9437184},\"stations\":["
#define STATION(stopped, device, on, next) \
	"{\"station\":\"que-minh\"," \
	"\"name\":\"Đài Quế Minh\",\"stopped_until_utc\":" stopped "," \
	"\"device\":\"" device "\",\"device_text\":\"alsa\"," on "," next \
	"," TODAY "}]}"

static json_t *
answer(const char *text)
{
	json_t *a = json_loads(text, 0, NULL);

	assert_non_null(a);
	return a;
}

static char *
screen(const char *text)
{
	struct health *h = health_new();
	struct now now = { 0 };
	json_t *a = answer(text);
	char *shown = NULL;
	size_t n;
	FILE *f = open_memstream(&shown, &n);

	health_judge(h, now, a);
	health_free(h);
	report_screen(a, f);
	fclose(f);
	json_decref(a);
	return shown;
}

static char *
line(const char *text, int width)
{
	json_t *a = answer(text);
	char *shown = report_line(
	    a, json_array_get(json_object_get(a, "stations"), 0), width);

	json_decref(a);
	return shown;
}

/* A device that had sounded once took sound all day, said the screen. */
static void
a_device_takes_sound_only_while_something_sounds(void **state)
{
	char *s = screen(
	    HEAD("false", "") STATION("null", "ok", "\"on\":null", NEXT));

	(void)state;
	assert_non_null(strstr(s, "  now     nothing\n"));
	assert_non_null(strstr(s, "  device  ready: alsa\n"));
	free(s);
}

static void
the_screen_tells_a_station_on_the_air(void **state)
{
	char *s = screen(HEAD("false", "") STATION("null", "ok", ON, NEXT));

	(void)state;
	assert_string_equal(s,
	    "OK: no fault. Whether the coming items are there: `loaxa next`.\n"
	    "loaxad 0.1.0, 26/11/2026 17:14:35; clock: synchronised; log: "
	    "1234 records\n"
	    "\n"
	    "Đài Quế Minh (que-minh)\n"
	    "  now     17:10:30  Thông tin đối ngoại  4:05 of 15:00\n"
	    "  next    17:25:30  nhac\n"
	    "  device  taking sound: alsa\n"
	    "  today   planned 12: aired 3, in part 1, not aired 1, "
	    "external 0, to come 7\n");
	free(s);
}

static void
what_needs_a_person_is_marked(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *says;
	} cases[] = {
		{ "the clock is not trusted",
		    HEAD("true", "") STATION("null", "ok", ON, NEXT),
		    "BROKEN: the clock is not trusted\n" },
		{ "the log cannot be written",
		    HEAD("false", "hanging") STATION("null", "ok", ON, NEXT),
		    "BROKEN: the airing log cannot be written" },
		{ "records wait, and would be lost",
		    HEAD("false", "full") STATION("null", "ok", ON, NEXT),
		    "the disk is full; 2 records wait in memory" },
		{ "the disk is nearly full",
		    HEAD_DISK("false", "", "given")
			STATION("null", "ok", ON, NEXT),
		    "9 MB left, kept for the airing log" },
		{ "stopped until an hour",
		    HEAD("false", "") STATION(
			"\"2026-11-26T11:00:00Z\"", "ok", "\"on\":null", NEXT),
		    "    until 26/11/2026 18:00:00\n" },
		{ "stopped for good",
		    HEAD("false", "")
			STATION("\"forever\"", "ok", "\"on\":null", NEXT),
		    "    until somebody ends it\n" },
		{ "no sound device",
		    HEAD("false", "")
			STATION("null", "lost", "\"on\":null", NEXT),
		    "device  LOST" },
		{ "something owed to the levels above",
		    HEAD("false", "") STATION("null", "ok", "\"on\":null",
			NEXT ",\"owed\":2,\"owed_since_utc\":"
			     "\"2026-11-25T10:10:30.000000Z\""),
		    "! owed from above: 2, the oldest planned for 25/11/2026 "
		    "17:10:30" },
		{ "nothing to come",
		    HEAD("false", "") STATION(
			"null", "closed", "\"on\":null", "\"next\":null"),
		    "next    nothing more today" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *s = screen(cases[i].text);

		if (strstr(s, cases[i].says) == NULL)
			fail_msg("%s: no \"%s\" in\n%s", cases[i].when,
			    cases[i].says, s);
		free(s);
	}
}

static void
the_plan_is_not_called_empty_before_the_clock_is_trusted(void **state)
{
	char *text = strdup(HEAD("true", "")
		STATION("null", "closed", "\"on\":null", "\"next\":null"));
	char *s;

	(void)state;
	memcpy(strstr(text, "\"planned\":12"), "\"planned\": 0", 12);
	s = screen(text);
	assert_non_null(
	    strstr(s, "  next    not known until the clock is trusted\n"));
	assert_non_null(strstr(
	    s, "  today   the plan is not known until the clock is trusted\n"));
	free(s);
	free(text);
}

static void
an_item_is_called_by_its_title(void **state)
{
	static const char *const texts[][2] = {
		{ "{\"item\":\"good\",\"title\":\"good\"}", "Bản tin good" },
		{ "{\"item\":\"good\",\"title\":\"\"}", "Bản tin good" },
		{ "{\"item\":\"good\",\"title\":\"Nhạc\"}", "Nhạc" },
		{ "{\"item\":\"none\",\"title\":\"none\"}", "none" },
		{ "{\"item\":\"../x\",\"title\":\"../x\"}", "../x" },
	};
	struct place place;

	(void)state;
	place_make(&place, "hours = ();",
	    "station = \"a\"; name = \"A\"; slots = ();");
	place_item(&place, "good", 300, PLACE_NEW);
	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *a = json_pack(
		    "{s:[{s:o}]}", "stations", "next", answer(texts[i][0]));
		json_t *s = json_array_get(json_object_get(a, "stations"), 0);

		report_titles(a, place.root.items);
		assert_string_equal(json_string_value(json_object_get(
					json_object_get(s, "next"), "title")),
		    texts[i][1]);
		json_decref(a);
	}
	place_end(&place);
}

static void
the_line_shows_how_far_and_how_loud(void **state)
{
	char *s = line(HEAD("false", "") STATION("null", "ok", ON, NEXT), 200);

	(void)state;
	assert_string_equal(s,
	    "que-minh  4:05/15:00 [#####---------------] [#######---] "
	    "Thông tin đối ngoại  next 17:25:30 nhac");
	free(s);
	s = line(HEAD("false", "") STATION("null", "ok", ON, NEXT), 0);
	assert_string_equal(
	    s, "que-minh  Thông tin đối ngoại 4:05/15:00  next 17:25:30 nhac");
	free(s);
	for (int width = 1; width < 100; width++) {
		s = line(
		    HEAD("false", "") STATION("null", "ok", ON, NEXT), width);
		assert_true(text_width(s) <= width);
		free(s);
	}
}

static void
the_line_says_why_it_is_silent(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ HEAD("false", "") STATION("null", "ok", "\"on\":null", NEXT),
		    "que-minh  silent  next 17:25:30 nhac" },
		{ HEAD("true", "")
			STATION("null", "ok", "\"on\":null", "\"next\":null"),
		    "que-minh  on hold: the clock is not trusted" },
		{ HEAD("false", "") STATION(
		      "\"forever\"", "ok", "\"on\":null", "\"next\":null"),
		    "que-minh  stopped by order" },
		{ HEAD("false", "")
			STATION("null", "lost", "\"on\":null", "\"next\":null"),
		    "que-minh  the sound device is lost" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *s = line(cases[i].text, 0);

		assert_string_equal(s, cases[i].says);
		free(s);
	}
}

static void
an_answer_with_anything_missing_is_still_shown(void **state)
{
	static const char *const texts[] = { "{}", "{\"stations\":[{}]}",
		"{\"stations\":[{\"on\":{},\"next\":{}}]}",
		"{\"stations\":{\"on\":[]}}", "{\"stations\":[1,null,\"x\"]}",
		"{\"stations\":[{\"on\":{\"elapsed_ms\":9000,\"length_ms\":"
		"-1,\"peak_db\":\"loud\"}}]}",
		"{\"stations\":[{\"on\":{\"elapsed_ms\":9000,\"length_ms\":0,"
		"\"title\":\"\\u001b[2J\\n\"}}]}" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *s = screen(texts[i]);
		char *l = line(texts[i], 80);

		assert_null(strchr(s, '\033'));
		assert_non_null(l);
		assert_null(strpbrk(l, "\033\n"));
		free(s);
		free(l);
	}
}

static void
a_bar_is_never_longer_than_its_cells(void **state)
{
	char buf[11];

	(void)state;
	assert_string_equal(report_bar(0, 100, 10, buf), "----------");
	assert_string_equal(report_bar(99, 100, 10, buf), "#########-");
	assert_string_equal(report_bar(100, 100, 10, buf), "##########");
	assert_string_equal(report_bar(500, 100, 10, buf), "##########");
	assert_string_equal(report_bar(-5, 100, 10, buf), "----------");
	assert_string_equal(report_bar(5, 0, 10, buf), "----------");
}

static int
set_zone(void **state)
{
	(void)state;
	return civil_zone("Asia/Ho_Chi_Minh");
}

static void
test_a_relay_tells_its_signal_and_what_is_done_without(void **state)
{
	static const struct {
		const char *relay, *said;
	} cases[] = {
		{ "\"state\":\"signal\",\"level_db\":-18.2,\"on\":true,"
		  "\"fallback\":false,\"warn\":false",
		    "  now     relay VOV1\n"
		    "    relay  VOV1: signal, -18 dBFS\n" },
		{ "\"state\":\"signal\",\"level_db\":-18.2,\"on\":false,"
		  "\"fallback\":false,\"warn\":false",
		    "  now     nothing\n"
		    "    relay  VOV1: signal, -18 dBFS; due 18:00:00\n" },
		{ "\"state\":\"silent\",\"level_db\":-90,\"on\":false,"
		  "\"fallback\":false,\"warn\":true",
		    "  ! relay  VOV1: connected, but NO SIGNAL; due "
		    "18:00:00\n" },
		{ "\"state\":\"lost\",\"level_db\":-120,\"on\":true,"
		  "\"fallback\":true,\"warn\":true,\"text\":\"404\"",
		    "  ! relay  VOV1: NO CONNECTION: 404; it is tried again; "
		    "the fallback sounds\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text;
		char *shown;

		assert_true(
		    asprintf(&text,
			HEAD("false", "") STATION("null", "ok",
			    "\"on\":null,\"relay\":{\"title\":\"VOV1\","
			    "\"start_utc\":\"2026-11-26T11:00:00.000000Z\",%s}",
			    NEXT),
			cases[i].relay) > 0);
		shown = screen(text);
		if (strstr(shown, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].said, shown);
		free(shown);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_relay_tells_its_signal_and_what_is_done_without),
		cmocka_unit_test(
		    a_device_takes_sound_only_while_something_sounds),
		cmocka_unit_test(the_screen_tells_a_station_on_the_air),
		cmocka_unit_test(what_needs_a_person_is_marked),
		cmocka_unit_test(
		    the_plan_is_not_called_empty_before_the_clock_is_trusted),
		cmocka_unit_test(an_item_is_called_by_its_title),
		cmocka_unit_test(the_line_shows_how_far_and_how_loud),
		cmocka_unit_test(the_line_says_why_it_is_silent),
		cmocka_unit_test(
		    an_answer_with_anything_missing_is_still_shown),
		cmocka_unit_test(a_bar_is_never_longer_than_its_cells),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
