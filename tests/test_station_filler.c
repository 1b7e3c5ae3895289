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
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

#define TIMETABLE(more, slots) \
	"station = \"que-minh\"; name = \"Quế Minh\";\n" more \
	"gap_filler = [ \"nhac-1\", \"nhac-2\" ];\n" \
	"slots = (\n" slots ");\n"
/* Three minutes of five; half a minute's gap; a relay; five minutes' gap. */
#define MORNING \
	" { id = \"a\"; days = \"T2-CN\"; at = \"05:00:00\";" \
	"   for = \"00:05:00\"; item = \"tin\"; },\n" \
	" { id = \"b\"; days = \"T2-CN\"; at = \"05:05:30\";" \
	"   for = \"00:03:00\"; item = \"tin\"; },\n" \
	" { id = \"r\"; days = \"T2-CN\"; at = \"05:08:30\";" \
	"   for = \"00:05:00\"; relay = \"vov1\"; },\n" \
	" { id = \"c\"; days = \"T2-CN\"; at = \"05:18:30\";" \
	"   for = \"00:04:00\"; item = \"tin\"; }\n"

static const char mourning[] =
    "mourning = ( { from = \"2026-11-23\"; until = \"2026-11-23\";"
    " reason = \"Quốc tang\"; } );\n";

struct scene {
	struct world w;
	char told[4000]; /* what sounded beside the plan */
};

static int
scene_make(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	world_make(&s->w, TIMETABLE("", MORNING), NULL);
	world_item(&s->w, "tin", 180000);
	world_item(&s->w, "nhac-1", 60000);
	world_item(&s->w, "nhac-2", 45000);
	*state = s;
	return 0;
}

static int
scene_free(void **state)
{
	struct scene *s = *state;

	world_end(&s->w);
	free(s);
	return 0;
}

static void
at(struct scene *s, const char *time)
{
	world_run(&s->w, world_us(0, time));
}

/* "HH:MM:SS item SECONDS" of each end record without a slot. */
static int
tell_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct scene *s = arg;
	size_t used = strlen(s->told);
	struct civil_text t;
	int64_t us, day;
	int second;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "kind"), "end") == 0 &&
	    record_text(r, "slot")[0] == '\0' &&
	    strcmp(record_text(r, "reason"), "filler") == 0) {
		assert_string_equal(record_text(r, "status"), "unscheduled");
		assert_int_equal(
		    civil_read_utc(record_text(r, "actual_utc"), &us), 0);
		civil_from_us(us + 10 * US_PER_MS, &day, &second);
		snprintf(s->told + used, sizeof(s->told) - used, "%s %s %.1f\n",
		    civil_time_text(second, &t), record_text(r, "item"),
		    (double)record_int(r, "actual_ms", 0) / 1000);
	}
	json_decref(r);
	return 0;
}

static void
sounded(struct scene *s, const char *wanted)
{
	s->told[0] = '\0';
	assert_int_equal(ledger_each(s->w.log, tell_line, s), 0);
	assert_string_equal(s->told, wanted);
}

static void
it_fills_what_the_plan_leaves_free_in_a_session(void **state)
{
	struct scene *s = *state;
	json_t *slot;

	world_start(&s->w);
	at(s, "06:00:00");
	/* Not the five minutes between two sessions, and not the relay. */
	sounded(s, "05:03:00 nhac-1 60.0\n05:04:00 nhac-2 45.0\n"
		   "05:04:45 nhac-1 45.0\n"
		   "05:21:30 nhac-2 45.0\n05:22:15 nhac-1 15.0\n");
	world_expect(&s->w, 0, "a", "aired", "");
	world_expect(&s->w, 0, "b", "aired", "");
	world_expect(&s->w, 0, "r", "external", "relay_reserved");
	slot = world_record(&s->w, "slot", 0, "a", NULL);
	assert_int_equal(record_int(slot, "actual_ms", 0), 180000);
	json_decref(slot);
	world_account(&s->w);
}

/* Shorter than it takes to load: each is whole, and moved. */
static void
items_of_a_blink_sound_whole(void **state)
{
	struct scene *s = *state;
	json_t *all, *r;
	size_t i, n = 0;

	world_item(&s->w, "nhac-1", 300);
	world_item(&s->w, "nhac-2", 200);
	world_start(&s->w);
	at(s, "05:06:00");
	all = world_records(&s->w, "end");
	json_array_foreach(all, i, r)
	{
		if (strcmp(record_text(r, "reason"), "filler") != 0)
			continue;
		n++;
		assert_true(record_int(r, "actual_ms", 0) == 300 ||
			    record_int(r, "actual_ms", 0) == 200);
	}
	json_decref(all);
	assert_true(n > 10);
	world_account(&s->w);
}

static void
without_gap_filler_nothing_sounds(void **state)
{
	struct scene *s = *state;

	world_schedule(&s->w,
	    "station = \"que-minh\"; name = \"Q\"; slots = (" MORNING ");",
	    NULL);
	world_start(&s->w);
	at(s, "06:00:00");
	sounded(s, "");
}

static void
it_is_silent_in_mourning(void **state)
{
	struct scene *s = *state;

	char text[4000];

	snprintf(text, sizeof(text), "%s%s", mourning, TIMETABLE("", MORNING));
	world_schedule(&s->w, text, NULL);
	world_start(&s->w);
	at(s, "06:00:00");
	sounded(s, "");
	world_expect(&s->w, 0, "a", "aired", "");
}

static void
a_stop_silences_it_and_its_end_lets_it_on(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:10");
	assert_true(world_ask(&s->w, "{\"cmd\":\"stop\"}"));
	at(s, "05:04:10");
	assert_true(world_ask(&s->w, "{\"cmd\":\"resume\"}"));
	at(s, "05:06:00");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:03:00 nhac-1 10."));
	assert_non_null(strstr(s->told, "05:04:1"));
	assert_null(strstr(s->told, "05:03:5"));
}

static void
an_order_has_the_air_at_once_and_needs_no_over(void **state)
{
	struct scene *s = *state;
	json_t *end;

	world_item(&s->w, "goi", 20000);
	world_start(&s->w);
	at(s, "05:03:30");
	assert_true(world_ask(
	    &s->w, "{\"cmd\":\"play\",\"item\":\"goi\",\"by\":\"p-1\"}"));
	at(s, "05:05:00");
	end = world_record(&s->w, "end", 0, "", NULL);
	json_decref(end);
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:03:00 nhac-1 30."));
	assert_null(strstr(s->told, "05:03:4"));
	assert_non_null(strstr(s->told, "05:03:5"));
}

static void
a_person_skips_it_for_this_gap(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:30");
	assert_true(world_ask(&s->w, "{\"cmd\":\"skip\"}"));
	at(s, "05:05:29");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:03:00 nhac-1 30."));
	assert_null(strstr(s->told, "nhac-2"));
	at(s, "06:00:00");
	world_expect(&s->w, 0, "b", "aired", "");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:21:30 nhac-2"));
}

static void
what_is_not_approved_never_airs(void **state)
{
	struct scene *s = *state;
	json_t *answer;

	s->w.approval = true;
	world_start(&s->w);
	at(s, "06:00:00");
	sounded(s, "");
	answer = world_answer(&s->w, "{\"cmd\":\"status\"}");
	json_decref(answer);
}

static void
one_that_is_missing_is_passed_over(void **state)
{
	struct scene *s = *state;

	world_item(&s->w, "nhac-1", 0);
	world_start(&s->w);
	at(s, "05:05:00");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_null(strstr(s->told, "nhac-1"));
	assert_non_null(strstr(s->told, "05:03:0"));
	assert_non_null(strstr(s->told, "nhac-2 45.0"));
}

static void
a_slot_whose_item_is_missing_is_filled(void **state)
{
	struct scene *s = *state;

	world_item(&s->w, "tin", 0);
	world_start(&s->w);
	at(s, "06:00:00");
	world_expect(&s->w, 0, "a", "not_aired", "missing_item");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:00:0"));
	assert_null(strstr(s->told, "05:09"));
	assert_null(strstr(s->told, "05:14"));
	world_account(&s->w);
}

static void
it_ends_at_the_fence(void **state)
{
	static const char late[] =
	    TIMETABLE("", " { id = \"a\"; days = \"T2-CN\"; at = \"05:50:00\";"
			  "   for = \"00:20:00\"; item = \"tin\"; }\n");
	struct scene *s = *state;

	world_schedule(&s->w, late, NULL);
	s->w.to_h = 6;
	world_start(&s->w);
	at(s, "06:30:00");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:53:00 nhac-1 60.0"));
	assert_non_null(strstr(s->told, "05:59:15 nhac-2 45.0"));
	assert_null(strstr(s->told, "06:"));
}

static void
a_kill_in_the_middle_leaves_no_open_end(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:40");
	world_kill(&s->w);
	at(s, "05:03:50");
	world_start(&s->w);
	at(s, "06:00:00");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:03:00 nhac-1"));
	assert_non_null(strstr(s->told, "05:03:5"));
	world_expect(&s->w, 0, "b", "aired", "");
	world_account(&s->w);
}

static void
a_reload_without_it_ends_it(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:30");
	world_schedule(&s->w,
	    "station = \"que-minh\"; name = \"Q\"; slots = (" MORNING ");",
	    NULL);
	assert_true(world_ask(&s->w, "{\"cmd\":\"reload\"}"));
	at(s, "06:00:00");
	s->told[0] = '\0';
	ledger_each(s->w.log, tell_line, s);
	assert_non_null(strstr(s->told, "05:03:00 nhac-1 30."));
	assert_null(strstr(s->told, "nhac-2"));
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, scene_make, scene_free)
	const struct CMUnitTest tests[] = {
		WITH(it_fills_what_the_plan_leaves_free_in_a_session),
		WITH(items_of_a_blink_sound_whole),
		WITH(without_gap_filler_nothing_sounds),
		WITH(it_is_silent_in_mourning),
		WITH(a_stop_silences_it_and_its_end_lets_it_on),
		WITH(an_order_has_the_air_at_once_and_needs_no_over),
		WITH(a_person_skips_it_for_this_gap),
		WITH(what_is_not_approved_never_airs),
		WITH(one_that_is_missing_is_passed_over),
		WITH(a_slot_whose_item_is_missing_is_filled),
		WITH(it_ends_at_the_fence),
		WITH(a_kill_in_the_middle_leaves_no_open_end),
		WITH(a_reload_without_it_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
