/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dates that are not as their weekday says, from the schedule's text to the
 * log's records: make-ups (phát bù), campaigns, another day's plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/record.h"
#include "tests/fakes/world.h"

#define HEAD \
	"station = \"que-minh\"; name = \"Quế Minh\";\n" \
	"segments = ( { id = \"ttdn\"; title = \"Đối ngoại\"; } );\n"
#define SLOTS \
	"slots = (\n" \
	" { id = \"ttdn-t2\"; days = \"T2\"; at = \"05:00\";" \
	"   for = \"00:05\"; segment = \"ttdn\"; },\n" \
	" { id = \"tin\"; days = \"T2-T7\"; at = \"05:30\";" \
	"   for = \"00:05\"; item = \"tin\"; },\n" \
	" { id = \"cn\"; days = \"CN\"; at = \"06:00\";" \
	"   for = \"00:05\"; item = \"tin\"; }\n" \
	");\n"

static const char week[] =
    "week = \"2026-W48\";\n"
    "program = ( { slot = \"ttdn-t2\"; items = [ \"gom\" ]; } );\n";

static void
live(struct world *w, const char *schedule)
{
	world_make(w, schedule, week);
	world_item(w, "tin", 300000);
	world_start(w);
}

static void
test_a_makeup_airs_and_what_it_makes_up_for_stays_missed(void **state)
{
	static const char schedule[] = HEAD SLOTS
	    "dates = ( { date = \"2026-11-25\"; extra = (\n"
	    " { id = \"ttdn-bu\"; at = \"05:40\"; for = \"00:05\";"
	    "   repeats = \"ttdn-t2\"; makeup_of = {"
	    "   date = \"2026-11-23\"; slot = \"ttdn-t2\"; }; } ); } );\n";
	struct world w;
	json_t *slot;
	json_t *of;
	int n;

	(void)state;
	live(&w, schedule);
	world_run(&w, world_us(0, "12:00:00"));
	world_expect(&w, 0, "ttdn-t2", "not_aired", "missing_item");
	world_item(&w, "gom", 300000);
	world_run(&w, world_us(3, "12:00:00"));
	world_expect(&w, 2, "ttdn-bu", "aired", "");
	world_expect(&w, 0, "ttdn-t2", "not_aired", "missing_item");
	slot = world_record(&w, "slot", 2, "ttdn-bu", &n);
	assert_int_equal(n, 1);
	of = json_object_get(slot, "makeup_of");
	assert_string_equal(record_text(of, "date"), "2026-11-23");
	assert_string_equal(record_text(of, "slot"), "ttdn-t2");
	assert_string_equal(record_text(slot, "segment"), "ttdn");
	json_decref(slot);
	slot = world_record(&w, "slot", 0, "ttdn-t2", &n);
	assert_int_equal(n, 1);
	assert_null(json_object_get(slot, "makeup_of"));
	json_decref(slot);
	world_account(&w);
	world_end(&w);
}

/* Tuesday's sheet is remade while it is under way, and read back after. */
static void
test_a_makeup_added_by_a_reload_is_known_after_a_restart(void **state)
{
	static const char schedule[] = HEAD SLOTS
	    "dates = ( { date = \"2026-11-24\"; extra = (\n"
	    " { id = \"ttdn-bu\"; at = \"17:00\"; for = \"00:05\";"
	    "   repeats = \"ttdn-t2\"; makeup_of = {"
	    "   date = \"2026-11-23\"; slot = \"ttdn-t2\"; }; } ); } );\n";
	struct world w;
	json_t *slot;

	(void)state;
	live(&w, HEAD SLOTS);
	world_run(&w, world_us(1, "12:00:00"));
	world_item(&w, "gom", 300000);
	world_schedule(&w, schedule, week);
	assert_true(world_ask(&w, "{\"cmd\":\"reload\"}"));
	world_run(&w, world_us(1, "12:10:00"));
	world_kill(&w);
	world_start(&w);
	world_run(&w, world_us(1, "18:00:00"));
	world_expect(&w, 1, "ttdn-bu", "aired", "");
	slot = world_record(&w, "slot", 1, "ttdn-bu", NULL);
	assert_string_equal(
	    record_text(json_object_get(slot, "makeup_of"), "slot"), "ttdn-t2");
	json_decref(slot);
	world_account(&w);
	world_end(&w);
}

static void
test_a_campaign_adds_its_slots_and_ends_by_itself(void **state)
{
	static const char schedule[] = HEAD SLOTS
	    "campaigns = ( { id = \"tiem\"; title = \"Tiêm chủng\";\n"
	    " from = \"2026-11-24\"; until = \"2026-11-25\"; slots = (\n"
	    " { id = \"tiem-chieu\"; at = \"17:00\"; for = \"00:05\";"
	    "   item = \"tin\"; } ); } );\n";
	static const int wanted[] = { 0, 1, 1, 0 };
	struct world w;

	(void)state;
	live(&w, schedule);
	world_run(&w, world_us(4, "00:00:00"));
	for (int day = 0; day < 4; day++) {
		int n;

		json_decref(world_record(&w, "slot", day, "tiem-chieu", &n));
		if (n != wanted[day])
			fail_msg("day %d: %d airings", day, n);
		world_expect(&w, day, "tin", "aired", "");
	}
	world_expect(&w, 1, "tiem-chieu", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_a_swapped_day_has_the_other_days_slots_and_a_day_off_has_none(void **state)
{
	static const char schedule[] =
	    HEAD SLOTS "dates = ( { date = \"2026-11-24\"; use = \"CN\"; },\n"
		       " { date = \"2026-11-25\"; use = \"none\"; } );\n";
	struct world w;
	int n;

	(void)state;
	live(&w, schedule);
	world_run(&w, world_us(3, "12:00:00"));
	world_expect(&w, 1, "cn", "aired", "");
	json_decref(world_record(&w, "slot", 1, "tin", &n));
	assert_int_equal(n, 0);
	json_decref(world_record(&w, "slot", 2, "tin", &n));
	assert_int_equal(n, 0);
	world_expect(&w, 3, "tin", "aired", "");
	world_account(&w);
	world_end(&w);
}

#define MUSIC \
	"slots = (\n" \
	" { id = \"nhac\"; days = \"T2-CN\"; at = \"05:00\";" \
	"   for = \"00:05\"; filler = \"nhac-dem\"; },\n" \
	" { id = \"tin\"; days = \"T2-CN\"; at = \"05:05\";" \
	"   for = \"00:05\"; item = \"tin\"; },\n" \
	" { id = \"ca\"; days = \"T2-CN\"; at = \"17:00\";" \
	"   for = \"00:05\"; item = \"bai-hat\"; },\n" \
	" { id = \"toi\"; days = \"T2-CN\"; at = \"17:05\";" \
	"   for = \"00:05\"; item = \"tin\"; }\n" \
	");\n"
#define MOURNING \
	"mourning = ( { from = \"2026-11-24\"; until = \"2026-11-24\";" \
	"   reason = \"Quốc tang\"; } );\n"

static void
live_with_music(struct world *w, const char *schedule)
{
	world_make(w, schedule, NULL);
	world_item(w, "tin", 300000);
	world_item(w, "nhac-dem", 60000);
	world_item(w, "bai-hat", 300000);
	w->items[w->n_items - 1].music = true;
	world_start(w);
}

static void
test_in_mourning_music_is_not_planned_and_so_not_missed(void **state)
{
	struct world w;
	json_t *day;
	int n;

	(void)state;
	live_with_music(&w, HEAD MUSIC MOURNING);
	world_run(&w, world_us(2, "18:00:00"));
	for (int d = 0; d < 3; d++) {
		world_expect(&w, d, "tin", "aired", "");
		world_expect(&w, d, "toi", "aired", "");
	}
	world_expect(&w, 0, "nhac", "aired", "");
	world_expect(&w, 2, "ca", "aired", "");
	json_decref(world_record(&w, "slot", 1, "nhac", &n));
	assert_int_equal(n, 0);
	json_decref(world_record(&w, "slot", 1, "ca", &n));
	assert_int_equal(n, 0);
	day = world_record(&w, "day", 1, "", &n);
	assert_int_equal(n, 1);
	assert_string_equal(record_text(day, "mourning"), "Quốc tang");
	assert_int_equal(json_array_size(json_object_get(day, "slots")), 2);
	assert_int_equal(json_array_size(json_object_get(day, "silent")), 2);
	json_decref(day);
	day = world_record(&w, "day", 0, "", NULL);
	assert_null(json_object_get(day, "mourning"));
	json_decref(day);
	world_account(&w);
	world_end(&w);
}

/* It is announced at noon: what sounded stays as it was, what was still to
 * come is taken out with its reason. */
static void
test_mourning_announced_at_noon_silences_the_afternoons_music(void **state)
{
	struct world w;
	json_t *slot;

	(void)state;
	live_with_music(&w, HEAD MUSIC);
	world_run(&w, world_us(1, "12:00:00"));
	world_schedule(&w, HEAD MUSIC MOURNING, NULL);
	assert_true(world_ask(&w, "{\"cmd\":\"reload\"}"));
	world_run(&w, world_us(1, "12:01:00"));
	world_kill(&w);
	world_start(&w);
	world_run(&w, world_us(2, "18:00:00"));
	world_expect(&w, 1, "nhac", "aired", "");
	world_expect(&w, 1, "ca", "not_aired", "cancelled");
	world_expect(&w, 1, "toi", "aired", "");
	world_expect(&w, 2, "ca", "aired", "");
	slot = world_record(&w, "slot", 1, "ca", NULL);
	assert_string_equal(record_text(slot, "note"), "mourning: Quốc tang");
	json_decref(slot);
	world_account(&w);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_makeup_airs_and_what_it_makes_up_for_stays_missed),
		cmocka_unit_test(
		    test_a_makeup_added_by_a_reload_is_known_after_a_restart),
		cmocka_unit_test(
		    test_a_campaign_adds_its_slots_and_ends_by_itself),
		cmocka_unit_test(
		    test_a_swapped_day_has_the_other_days_slots_and_a_day_off_has_none),
		cmocka_unit_test(
		    test_in_mourning_music_is_not_planned_and_so_not_missed),
		cmocka_unit_test(
		    test_mourning_announced_at_noon_silences_the_afternoons_music),
	};

	return cmocka_run_group_tests_name("daemon_dates", tests, NULL, NULL);
}
