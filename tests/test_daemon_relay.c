/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay with a source of its own, through days on made-up clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

/* SLOT of test_daemon.c would be longer than all of these. */
static const char schedule[] =
    "station = \"que-minh\"; name = \"Q\";\n"
    "slots = (\n"
    " { id = \"mo\"; days = \"T2\"; at = \"05:00:00\"; for = \"00:01:00\";\n"
    "   item = \"dai\"; },\n"
    " { id = \"vov\"; days = \"T2\"; at = \"05:01:00\"; for = \"00:10:00\";\n"
    "   relay = \"vov1\"; start = \"hard\"; },\n"
    " { id = \"cuoi\"; days = \"T2\"; at = \"05:11:00\"; for = "
    "\"00:01:00\";\n"
    "   item = \"dai\"; start = \"hard\"; } );\n";

static void
a_station(struct world *w)
{
	world_make(w, schedule, NULL);
	world_item(w, "dai", 60000);
	world_item(w, "nhac", 30000);
	w->relay_url = "http://127.0.0.1/vov1";
	w->relay_fallback = "nhac";
	world_start(w);
}

static int64_t
number(struct world *w, const char *key)
{
	json_t *r = world_record(w, "slot", 0, "vov", NULL);
	int64_t n;

	assert_non_null(r);
	n = record_int(r, key, -1);
	json_decref(r);
	return n;
}

/* Within 1.2 s: what is measured comes once a second. */
static void
is_near(int64_t got_ms, int64_t wanted_ms)
{
	if (llabs(got_ms - wanted_ms) > 1200)
		fail_msg("%lld ms, wanted some %lld", (long long)got_ms,
		    (long long)wanted_ms);
}

/* How much filler sounded beside the plan. */
static int64_t
filler_ms(struct world *w)
{
	int n;
	int64_t ms = 0;
	json_t *all = world_records(w, "end");
	json_t *r;
	size_t i;

	(void)n;
	json_array_foreach(all, i, r)
	{
		if (strcmp(record_text(r, "reason"), "filler") == 0)
			ms += record_int(r, "actual_ms", 0);
	}
	json_decref(all);
	return ms;
}

static void
between(struct world *w, const char *from, const char *to, bool dies)
{
	int64_t now_us = w->now.wall_us;

	deck_sim_lose_live(w->deck, w->now.boot_us + world_us(0, from) - now_us,
	    w->now.boot_us + world_us(0, to) - now_us, dies);
}

static void
test_a_relay_with_a_signal_is_external_with_its_seconds(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "mo", "aired", "");
	world_expect(&w, 0, "vov", "external", "relay_signal");
	world_expect(&w, 0, "cuoi", "aired", "");
	is_near(number(&w, "signal_ms"), 600000);
	is_near(number(&w, "lost_ms"), 0);
	assert_int_equal(number(&w, "connections"), 1);
	assert_int_equal(number(&w, "actual_ms"), 0);
	assert_int_equal(filler_ms(&w), 0);
	world_account(&w);
	world_end(&w);
}

static void
test_a_source_that_dies_is_stood_in_for_and_comes_back(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:03:00", "05:05:00", true);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	world_expect(&w, 0, "cuoi", "aired", "");
	assert_true(number(&w, "signal_ms") > 440000);
	assert_true(number(&w, "signal_ms") < 481000);
	assert_int_equal(number(&w, "connections"), 2);
	assert_true(filler_ms(&w) > 115000 && filler_ms(&w) < 140000);
	world_account(&w);
	world_end(&w);
}

static void
test_a_silent_source_is_lost_after_its_seconds(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:03:00", "05:05:00", false);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	/* 20 s of silence, and 3 s until it is believed again. */
	assert_true(filler_ms(&w) > 95000 && filler_ms(&w) < 105000);
	assert_int_equal(number(&w, "connections"), 1);
	is_near(number(&w, "signal_ms"), 477000);
	world_account(&w);
	world_end(&w);
}

/* It was laid and dropped anew, with two records each, for three seconds. */
static void
test_a_source_heard_while_its_fallback_loads_has_it_laid_once(void **state)
{
	struct world w;
	json_t *all;
	json_t *r;
	size_t i;
	int n = 0;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:03:00", "05:03:21", false);
	world_run(&w, world_us(0, "06:00:00"));
	all = world_records(&w, "start");
	json_array_foreach(all, i, r) n +=
	    strcmp(record_text(r, "start_source"), "filler") == 0;
	json_decref(all);
	assert_int_equal(n, 1);
	assert_int_equal(filler_ms(&w), 0);
	world_expect(&w, 0, "vov", "external", "relay_signal");
	world_account(&w);
	world_end(&w);
}

static void
test_a_relay_without_any_signal_is_no_relay(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:00:00", "05:11:00", true);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "not_aired", "no_signal");
	assert_int_equal(number(&w, "signal_ms"), 0);
	is_near(number(&w, "lost_ms"), 600000);
	assert_true(filler_ms(&w) > 590000);
	world_account(&w);
	world_end(&w);
}

static void
test_nothing_of_it_sounds_outside_the_allowed_hours(void **state)
{
	struct world w;

	(void)state;
	world_make(&w, schedule, NULL);
	w.from_h = 6;
	w.to_h = 22;
	w.relay_url = "http://127.0.0.1/vov1";
	w.relay_fallback = "nhac";
	world_item(&w, "dai", 60000);
	world_item(&w, "nhac", 30000);
	world_start(&w);
	world_run(&w, world_us(0, "07:00:00"));
	world_expect(&w, 0, "vov", "not_aired", "outside_hours");
	assert_int_equal(filler_ms(&w), 0);
	assert_int_equal(number(&w, "connections"), 0);
	world_account(&w);
	world_end(&w);
}

static void
test_a_skip_ends_it_and_the_next_slot_is_on_time(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:04:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"skip\",\"by\":\"p-1\"}"));
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	is_near(number(&w, "signal_ms"), 180000);
	assert_int_equal(filler_ms(&w), 0);
	world_expect(&w, 0, "cuoi", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_a_stop_ends_it_and_a_resume_connects_anew(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:03:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"stop\",\"by\":\"p-1\"}"));
	world_run(&w, world_us(0, "05:06:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"resume\",\"by\":\"p-1\"}"));
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	assert_int_equal(number(&w, "connections"), 2);
	assert_true(number(&w, "signal_ms") > 400000);
	assert_true(number(&w, "signal_ms") < 423000);
	world_account(&w);
	world_end(&w);
}

static void
test_a_daemon_that_died_goes_on_with_what_was_counted(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:04:00"));
	world_kill(&w);
	world_run(&w, world_us(0, "05:05:00"));
	world_start(&w);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	assert_true(number(&w, "signal_ms") > 525000);
	assert_true(number(&w, "signal_ms") < 541000);
	assert_int_equal(number(&w, "connections"), 2);
	world_account(&w);
	world_end(&w);
}

static void
test_filler_that_a_crash_cut_off_gets_its_end(void **state)
{
	struct world w;
	json_t *all;
	json_t *r;
	size_t i;
	int n = 0;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:03:00", "05:05:00", true);
	world_run(&w, world_us(0, "05:04:00"));
	world_kill(&w);
	world_start(&w);
	world_run(&w, world_us(0, "06:00:00"));
	all = world_records(&w, "end");
	json_array_foreach(all, i, r)
	{
		if (strcmp(record_text(r, "reason"), "filler") == 0)
			n += json_is_true(json_object_get(r, "at_least"));
		assert_string_not_equal(record_text(r, "reason"), "operator");
	}
	assert_true(n >= 1);
	json_decref(all);
	world_account(&w);
	world_end(&w);
}

/* The player keeps the boot clock's end: by a wall clock set back since, that
 * is no end. */
static void
test_a_clock_set_back_leaves_the_rest_of_it_to_sound(void **state)
{
	struct world w;

	(void)state;
	a_station(&w);
	world_run(&w, world_us(0, "05:06:00"));
	world_step(&w, world_us(0, "05:03:30"));
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	assert_int_equal(number(&w, "connections"), 2);
	assert_true(number(&w, "signal_ms") > 600000);
	world_expect(&w, 0, "cuoi", "aired", "");
	world_account(&w);
	world_end(&w);
}

/* With the administrator's file of that source beside the schedule. */
static void
source_is(struct world *w, const char *path, const char *source)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f,
	    "approval = \"none\"; loudness = \"off\"; hours = ( { days = "
	    "\"T2-CN\"; from = \"00:00\"; to = \"24:00\"; } );\n"
	    "outputs = ( { station = \"que-minh\"; driver = \"pulse\"; } );\n"
	    "relays = ( { id = \"vov1\"; %s; fallback = \"nhac\"; } );\n",
	    source);
	assert_int_equal(fclose(f), 0);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
}

static void
a_station_with_a_file(struct world *w, char path[static 80])
{
	world_make(w, schedule, NULL);
	world_item(w, "dai", 60000);
	world_item(w, "nhac", 30000);
	snprintf(path, 80, "%s/loaxa.conf", w->folder);
	w->site_path = path;
	world_start(w);
	source_is(w, path, "url = \"http://a/\"");
}

static void
test_another_source_is_taken_at_once_by_a_reload(void **state)
{
	struct world w;
	char path[80];

	(void)state;
	a_station_with_a_file(&w, path);
	world_run(&w, world_us(0, "05:03:00"));
	assert_string_equal(deck_sim_source(w.deck), "http://a/");
	source_is(&w, path, "url = \"http://a/\"; gain_db = -3.0");
	world_run(&w, world_us(0, "05:04:00"));
	source_is(&w, path, "line = \"plughw:Line\"");
	world_run(&w, world_us(0, "05:04:01"));
	assert_string_equal(deck_sim_source(w.deck), "plughw:Line");
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	assert_int_equal(number(&w, "connections"), 2);
	is_near(number(&w, "signal_ms"), 600000);
	assert_int_equal(filler_ms(&w), 0);
	world_account(&w);
	unlink(path);
	world_end(&w);
}

/* It was tried again only after fifteen seconds. */
static void
test_another_source_is_tried_at_once_where_the_old_one_was_dead(void **state)
{
	struct world w;
	char path[80];

	(void)state;
	a_station_with_a_file(&w, path);
	world_run(&w, world_us(0, "05:00:30"));
	between(&w, "05:00:00", "05:06:00", true);
	world_run(&w, world_us(0, "05:05:59"));
	between(&w, "05:00:00", "05:05:59", true);
	source_is(&w, path, "url = \"http://b/\"");
	world_run(&w, world_us(0, "05:06:00"));
	assert_string_equal(deck_sim_source(w.deck), "http://b/");
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "vov", "external", "relay_signal");
	assert_true(number(&w, "signal_ms") > 290000);
	world_account(&w);
	unlink(path);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_relay_with_a_signal_is_external_with_its_seconds),
		cmocka_unit_test(
		    test_a_source_that_dies_is_stood_in_for_and_comes_back),
		cmocka_unit_test(
		    test_a_silent_source_is_lost_after_its_seconds),
		cmocka_unit_test(
		    test_a_source_heard_while_its_fallback_loads_has_it_laid_once),
		cmocka_unit_test(test_a_relay_without_any_signal_is_no_relay),
		cmocka_unit_test(
		    test_nothing_of_it_sounds_outside_the_allowed_hours),
		cmocka_unit_test(
		    test_a_skip_ends_it_and_the_next_slot_is_on_time),
		cmocka_unit_test(
		    test_a_stop_ends_it_and_a_resume_connects_anew),
		cmocka_unit_test(
		    test_a_daemon_that_died_goes_on_with_what_was_counted),
		cmocka_unit_test(test_filler_that_a_crash_cut_off_gets_its_end),
		cmocka_unit_test(
		    test_a_clock_set_back_leaves_the_rest_of_it_to_sound),
		cmocka_unit_test(
		    test_another_source_is_taken_at_once_by_a_reload),
		cmocka_unit_test(
		    test_another_source_is_tried_at_once_where_the_old_one_was_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
