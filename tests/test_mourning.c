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
#include "scheduler/mourning.h"
#include "tests/fakes/folder.h"

#define TIMETABLE \
	"station = \"a\"; name = \"A\";\n" \
	"segments = ( { id = \"s\"; title = \"S\"; } );\n" \
	"slots = (\n" \
	" { id = \"nhac\"; days = \"T2-CN\"; at = \"05:00\"; for = " \
	"\"00:10\"; filler = \"nhac-dem\"; title = \"Nhạc sáng\"; },\n" \
	" { id = \"tin\"; days = \"T2-CN\"; at = \"05:10\"; for = " \
	"\"00:10\"; segment = \"s\"; },\n" \
	" { id = \"ca\"; days = \"T2-CN\"; at = \"05:20\"; for = " \
	"\"00:10\"; item = \"bai-hat\"; },\n" \
	" { id = \"lai\"; days = \"T2-CN\"; at = \"05:30\"; for = " \
	"\"00:10\"; repeats = \"nhac\"; },\n" \
	" { id = \"lai-tin\"; days = \"T2-CN\"; at = \"05:40\"; for = " \
	"\"00:10\"; repeats = \"tin\"; },\n" \
	" { id = \"vov\"; days = \"T2-CN\"; at = \"05:50\"; for = " \
	"\"00:10\"; relay = \"vov\"; },\n" \
	" { id = \"trong\"; days = \"T2-CN\"; at = \"06:00\"; for = " \
	"\"00:10\"; segment = \"s\"; } );\n"
#define MOURNING \
	"mourning = ( { from = \"2026-11-25\"; until = \"2026-11-26\"; " \
	"reason = \"Quốc tang\"; },\n" \
	" { from = \"2026-11-26\"; until = \"2026-11-26\"; " \
	"reason = \"Khác\"; } );\n"

static bool
is_song(void *arg, const char *item)
{
	(*(int *)arg)++;
	return strcmp(item, "bai-hat") == 0 || strcmp(item, "nhac-nen") == 0;
}

static struct schedule *
read_schedule(const char *text)
{
	struct problems ps = { 0 };
	struct schedule *s = NULL;
	struct folder f;

	folder_make(&f);
	folder_write(&f, "a.cfg", text);
	folder_write(&f, "a/2026-W48.cfg",
	    "week = \"2026-W48\";\nprogram = ( { slot = \"tin\"; items = [ "
	    "\"bai-hat\", \"loi\", \"nhac-nen\", \"loi-2\" ]; } );\n");
	if (schedule_read(f.path, "a", INT64_MIN, INT64_MAX, &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	folder_remove(&f);
	return s;
}

/* "slot:item,item ..." of what is planned, then after a bar what is silent. */
static const char *
said(const struct plan *p)
{
	static char text[1000];

	text[0] = '\0';
	for (size_t i = 0; i < p->n; i++) {
		sprintf(text + strlen(text), "%s:", p->slots[i].slot);
		for (size_t k = 0; k < p->slots[i].n_items; k++)
			sprintf(
			    text + strlen(text), "%s,", p->slots[i].items[k]);
		strcat(text, " ");
	}
	strcat(text, "|");
	for (size_t i = 0; i < p->n_silent; i++) {
		sprintf(text + strlen(text), " %s%s:", p->silent[i].slot,
		    p->silent[i].whole ? "" : "*");
		for (size_t k = 0; k < p->silent[i].n_items; k++)
			sprintf(
			    text + strlen(text), "%s,", p->silent[i].items[k]);
	}
	return text;
}

static struct plan *
plan_of(const struct schedule *s, const char *date, int *ret_asked)
{
	struct mourning_library lib = { is_song, ret_asked };
	struct plan *p;
	int64_t day;

	*ret_asked = 0;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_read_date(date, &day), 0);
	assert_int_equal(plan_make(s, day, day, &p), 0);
	assert_int_equal(mourning_silence(p, s, &lib), 0);
	return p;
}

static void
music_is_silent_on_days_of_mourning_and_speech_goes_on(void **state)
{
	static const char all[] =
	    "nhac:nhac-dem, tin:bai-hat,loi,nhac-nen,loi-2, ca:bai-hat, "
	    "lai:nhac-dem, lai-tin:bai-hat,loi,nhac-nen,loi-2, vov: trong: |";
	static const char speech[] =
	    "tin:loi,loi-2, lai-tin:loi,loi-2, vov: trong: | nhac:nhac-dem, "
	    "tin*:bai-hat,nhac-nen, ca:bai-hat, lai:nhac-dem, "
	    "lai-tin*:bai-hat,nhac-nen,";
	static const struct {
		const char *date;
		const char *wanted;
	} cases[] = {
		{ "2026-11-24", all },
		{ "2026-11-25", speech },
		{ "2026-11-26", speech },
		{ "2026-11-27", all },
	};
	struct schedule *s = read_schedule(TIMETABLE MOURNING);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int asked;
		struct plan *p = plan_of(s, cases[i].date, &asked);

		if (strcmp(said(p), cases[i].wanted) != 0)
			fail_msg("%s: %s", cases[i].date, said(p));
		if (cases[i].wanted == all && asked != 0)
			fail_msg("%s: the library was asked", cases[i].date);
		plan_free(p);
	}
	schedule_free(s);
}

static void
the_first_reason_given_for_a_date_is_its_reason(void **state)
{
	struct schedule *s = read_schedule(TIMETABLE MOURNING);
	const struct silence *q;
	struct plan *p;
	int64_t day;
	int asked;

	(void)state;
	assert_int_equal(civil_read_date("2026-11-26", &day), 0);
	assert_string_equal(mourning_on(s, day), "Quốc tang");
	assert_null(mourning_on(s, day + 1));
	p = plan_of(s, "2026-11-26", &asked);
	q = mourning_took(p, day, "nhac");
	assert_non_null(q);
	assert_string_equal(q->reason, "Quốc tang");
	assert_string_equal(q->title, "Nhạc sáng");
	assert_null(mourning_took(p, day, "tin"));
	assert_null(mourning_took(p, day + 1, "nhac"));
	plan_free(p);
	schedule_free(s);
}

static void
the_day_sheet_names_what_is_silent(void **state)
{
	struct schedule *s = read_schedule(TIMETABLE MOURNING);
	struct plan *p;
	json_t *list;
	int64_t day;
	char *text;
	int asked;

	(void)state;
	assert_int_equal(civil_read_date("2026-11-26", &day), 0);
	p = plan_of(s, "2026-11-26", &asked);
	list = plan_silent_json(p, day);
	assert_int_equal(json_array_size(list), 5);
	text = json_dumps(json_array_get(list, 0), JSON_COMPACT);
	assert_string_equal(text,
	    "{\"slot\":\"nhac\",\"items\":[\"nhac-dem\"],"
	    "\"planned_utc\":\"2026-11-25T22:00:00.000000Z\","
	    "\"planned_ms\":600000,\"title\":\"Nhạc sáng\"}");
	free(text);
	text = json_dumps(json_array_get(list, 1), JSON_COMPACT);
	assert_string_equal(
	    text, "{\"slot\":\"tin\",\"items\":[\"bai-hat\",\"nhac-nen\"]}");
	free(text);
	json_decref(list);
	list = plan_silent_json(p, day + 1);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	plan_free(p);
	schedule_free(s);
}

static void
what_is_wrong_with_a_mourning_is_said(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *says;
	} cases[] = {
		{ "no reason",
		    "mourning = ( { from = \"2026-11-25\"; until = "
		    "\"2026-11-26\"; } );",
		    "reason is missing" },
		{ "no end",
		    "mourning = ( { from = \"2026-11-25\"; reason = "
		    "\"x\"; } );",
		    "until is missing" },
		{ "turned round",
		    "mourning = ( { from = \"2026-11-25\"; until = "
		    "\"2026-11-24\"; reason = \"x\"; } );",
		    "until is before from" },
		{ "a word nobody knows",
		    "mourning = ( { from = \"2026-11-25\"; until = "
		    "\"2026-11-26\"; reason = \"x\"; use = \"CN\"; } );",
		    "unknown key \"use\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems ps = { 0 };
		struct schedule *s = NULL;
		struct folder f;
		char text[4000];
		const char *said_text;
		int r;

		folder_make(&f);
		snprintf(text, sizeof(text), TIMETABLE "%s\n", cases[i].text);
		folder_write(&f, "a.cfg", text);
		r = schedule_read(f.path, "a", INT64_MIN, INT64_MAX, &ps, &s);
		said_text = problems_said(&ps);
		if (r == 0 || strstr(said_text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].when, said_text);
		folder_remove(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    music_is_silent_on_days_of_mourning_and_speech_goes_on),
		cmocka_unit_test(
		    the_first_reason_given_for_a_date_is_its_reason),
		cmocka_unit_test(the_day_sheet_names_what_is_silent),
		cmocka_unit_test(what_is_wrong_with_a_mourning_is_said),
	};

	return cmocka_run_group_tests_name("mourning", tests, NULL, NULL);
}
