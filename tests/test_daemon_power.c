/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts, kills, stops and restarts of a station, and what the next life
 * makes of them: the real crank, its log and its state file.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/sick_disk.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BOOT_2 "22222222-0000-4000-8000-000000000000"
#define BOOT_3 "33333333-0000-4000-8000-000000000000"
#define SLOT(id, at, length, rest) \
	" { id = \"" id "\"; days = \"T2-CN\"; at = \"" at \
	"\"; for = \"" length "\"; " rest " }"

/* DOMAIN's session: three short items, two long ones, an evening. */
static const char sessions[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "slots = (\n" SLOT("mo-dau", "05:00:00", "00:00:30",
	"item = \"nhac\"; start = \"hard\";") ",\n" SLOT("tin-1", "05:00:30",
	"00:08:00", "item = \"dai\"; rejoin = \"skip\";") ",\n" SLOT("tin-2",
	"05:10:00", "00:04:00",
	"item = \"ngan\";") ",\n" SLOT("tin-3", "05:14:00", "00:04:00",
	"item = \"ngan\"; rejoin = \"skip\";") ",\n" SLOT("tin-4", "05:18:00",
	"00:08:00", "item = \"dai\";") ",\n" SLOT("tin-5", "05:26:00",
	"00:04:00", "item = \"ngan\";") ",\n" SLOT("chieu", "17:00:00",
	"00:08:00", "item = \"dai\";") ");\n";

static void
power_world(struct world *w)
{
	world_make(w, sessions, NULL);
	world_item(w, "nhac", 30000);
	world_item(w, "ngan", 240000);
	world_item(w, "dai", 480000);
	w->from_h = 4;
	w->to_h = 22;
}

static void
cut(struct world *w, const char *boot_id)
{
	world_kill(w);
	w->boot_id = boot_id;
}

struct found {
	const char *kind;
	const char *op;
	json_t *last;
	int n;
};

static int
find_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct found *f = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "kind"), f->kind) != 0 ||
	    strcmp(record_text(r, "op"), f->op) != 0) {
		json_decref(r);
		return 0;
	}
	json_decref(f->last);
	f->last = r;
	f->n++;
	return 0;
}

/* The last record of a kind (and op); yours. */
static json_t *
last_of(struct world *w, const char *kind, const char *op, int *ret_n)
{
	struct found f = { .kind = kind, .op = op };

	ledger_each(w->log, find_line, &f);
	if (ret_n != NULL)
		*ret_n = f.n;
	return f.last;
}

/* The last outage, as a person reads it. */
static void
expect_outage(
    struct world *w, const char *cause, const char *from, const char *to)
{
	json_t *r = last_of(w, "op", "outage", NULL);
	struct civil_text text;
	int64_t us;

	assert_non_null(r);
	assert_string_equal(record_text(r, "detail"), cause);
	if (from == NULL)
		assert_true(json_is_null(json_object_get(r, "from_utc")));
	else {
		assert_int_equal(
		    civil_read_utc(record_text(r, "from_utc"), &us), 0);
		civil_local_text(us, &text);
		text.s[19] = '\0';
		assert_string_equal(text.s + 11, from);
	}
	assert_int_equal(civil_read_utc(record_text(r, "to_utc"), &us), 0);
	civil_local_text(us, &text);
	text.s[19] = '\0';
	assert_string_equal(text.s + 11, to);
	json_decref(r);
}

/* From the failure table of the field: 05:03:11 to 05:20:40. */
static void
test_power_returns_in_the_session_and_what_is_due_now_is_joined(void **state)
{
	struct world w;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:03:11"));
	cut(&w, BOOT_2);
	world_run(&w, world_us(0, "05:20:40"));
	world_start(&w);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "mo-dau", "aired", "");
	world_expect(&w, 0, "tin-1", "aired_partial", "power_lost");
	world_expect(&w, 0, "tin-2", "not_aired", "machine_off");
	world_expect(&w, 0, "tin-3", "not_aired", "machine_off");
	world_expect(&w, 0, "tin-4", "aired_partial", "power_lost");
	world_expect(&w, 0, "tin-5", "aired", "");
	expect_outage(&w, "power_lost", "05:03:10", "05:20:40");
	world_account(&w);
	world_end(&w);
}

static void
test_power_returns_at_night_and_nothing_sounds_any_more(void **state)
{
	struct world w;
	int n;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "16:00:00"));
	cut(&w, BOOT_2);
	world_run(&w, world_us(0, "23:00:00"));
	world_start(&w);
	world_run(&w, world_us(1, "04:30:00"));
	world_expect(&w, 0, "chieu", "not_aired", "machine_off");
	json_decref(world_record(&w, "start", 0, "chieu", &n));
	assert_int_equal(n, 0);
	world_account(&w);
	world_end(&w);
}

/* In a minute of tin-1, for a quarter of an hour. */
static void
test_a_kill_a_cut_a_stop_and_a_restart_are_told_apart(void **state)
{
	static const struct {
		const char *when;
		bool clean;
		bool reboots;
		const char *cause;
		const char *partial;
		const char *missed;
	} rows[] = {
		{ "kill -9", false, false, "process_died", "process_died",
		    "process_died" },
		{ "the power went", false, true, "power_lost", "power_lost",
		    "machine_off" },
		{ "systemctl stop", true, false, "stopped", "operator_stop",
		    "disabled" },
		{ "the computer was restarted", true, true, "rebooted",
		    "operator_stop", "machine_off" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w;
		json_t *boot;

		power_world(&w);
		world_start(&w);
		world_run(&w, world_us(0, "05:03:00"));
		if (rows[i].clean)
			world_stop(&w);
		else
			world_kill(&w);
		if (rows[i].reboots)
			w.boot_id = BOOT_2;
		world_run(&w, world_us(0, "05:17:00"));
		world_start(&w);
		world_run(&w, world_us(0, "06:00:00"));
		boot = last_of(&w, "boot", "", NULL);
		if (strcmp(record_text(boot, "cause"), rows[i].cause) != 0)
			fail_msg(
			    "%s: %s", rows[i].when, record_text(boot, "cause"));
		json_decref(boot);
		world_expect(&w, 0, "tin-1", "aired_partial", rows[i].partial);
		world_expect(&w, 0, "tin-2", "not_aired", rows[i].missed);
		world_expect(&w, 0, "tin-4", "aired", "");
		world_account(&w);
		world_end(&w);
	}
}

/* "Stopped in order" is said once: the next life may be cut at once. */
static void
test_a_stop_of_yesterday_is_no_excuse_for_a_cut_of_today(void **state)
{
	struct world w;
	struct sick_disk state_disk;

	(void)state;
	power_world(&w);
	sick_disk_init(&state_disk, w.state);
	w.state = &state_disk.disk;
	world_start(&w);
	world_run(&w, world_us(0, "04:10:00"));
	world_stop(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:03:00"));
	cut(&w, BOOT_2);
	sick_disk_cut(&state_disk, 0);
	world_run(&w, world_us(0, "05:17:00"));
	world_start(&w);
	world_run(&w, world_us(0, "06:00:00"));
	world_expect(&w, 0, "tin-2", "not_aired", "machine_off");
	world_end(&w);
}

static void
put_state(struct world *w, const char *text)
{
	assert_int_equal(
	    w->state->replace(w->state, "alive.json", text, strlen(text), true),
	    0);
}

static void
test_a_state_file_that_is_no_help_costs_nothing_but_a_figure(void **state)
{
	static const struct {
		const char *when;
		const char *text; /* NULL: torn in the middle */
		const char *from; /* of the outage; NULL unknown */
	} rows[] = {
		/* Then the log's last record is the last sign of life. */
		{ "missing", "", "05:00:30" },
		{ "torn", NULL, "05:00:30" },
		{ "another program's", "[1, 2, 3]", "05:00:30" },
		{ "from next week",
		    "{\"utc\":\"2026-11-30T00:00:00.000000Z\",\"boot_us\":1,"
		    "\"boot_id\":\"11111111-0000-4000-8000-000000000000\","
		    "\"clean\":false,\"stations\":{}}",
		    NULL },
		{ "of no time",
		    "{\"utc\":\"morning\",\"boot_us\":-1,\"boot_id\":7,"
		    "\"clean\":\"yes\",\"stations\":[]}",
		    "05:00:30" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w;
		json_t *boot;
		char *bytes;
		size_t n;

		power_world(&w);
		world_start(&w);
		world_run(&w, world_us(0, "05:03:00"));
		cut(&w, BOOT_2);
		if (rows[i].text == NULL) {
			assert_int_equal(
			    w.state->read(w.state, "alive.json", &bytes, &n),
			    0);
			bytes[n / 2] = '\0';
			put_state(&w, bytes);
			free(bytes);
		} else
			put_state(&w, rows[i].text);
		world_run(&w, world_us(0, "05:17:00"));
		world_start(&w);
		world_run(&w, world_us(0, "06:00:00"));
		boot = last_of(&w, "boot", "", NULL);
		assert_string_equal(record_text(boot, "cause"), "power_lost");
		if (record_int(boot, "outage_ms", -1) < 0)
			fail_msg("%s: less than nothing", rows[i].when);
		json_decref(boot);
		expect_outage(&w, "power_lost", rows[i].from, "05:17:00");
		world_expect(&w, 0, "tin-2", "not_aired", "machine_off");
		world_expect(&w, 0, "tin-4", "aired", "");
		world_account(&w);
		world_end(&w);
	}
}

/* The schedule goes on for as long; every date has its sheet. */
static void
test_an_outage_of_seven_weeks_is_accounted_for_date_by_date(void **state)
{
	struct world w;
	int n;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:40:00"));
	cut(&w, BOOT_2);
	world_run(&w, world_us(49, "05:40:00"));
	world_start(&w);
	world_run(&w, world_us(49, "06:00:00"));
	for (int day = 1; day < 49; day++)
		world_expect(&w, day, "chieu", "not_aired", "machine_off");
	json_decref(last_of(&w, "op", "outage", &n));
	assert_int_equal(n, 1);
	world_account(&w);
	world_end(&w);
}

/*
 * Three days off, and the power goes again while that is being written down:
 * at every call to the disk once, and a third life finds the rest.
 */
static void
test_a_cut_at_every_write_of_the_catching_up_leaves_one_outcome_each(
    void **state)
{
	int calls = 1;

	(void)state;
	for (int n = 1; n <= calls; n++) {
		struct world w;
		struct sick_disk log;

		power_world(&w);
		sick_disk_init(&log, w.log);
		w.log_in_use = &log.disk;
		world_start(&w);
		world_run(&w, world_us(0, "05:03:00"));
		cut(&w, BOOT_2);
		sick_disk_cut(&log, 0);
		world_run(&w, world_us(3, "05:19:00"));
		log.calls = 0;
		log.kill_at = n;
		w.may_fail = true;
		world_start(&w);
		calls = log.calls;
		cut(&w, BOOT_3);
		sick_disk_cut(&log, n % 3 == 0 ? 40 : 0);
		world_run(&w, world_us(3, "05:21:00"));
		world_start(&w);
		world_run(&w, world_us(3, "06:00:00"));
		world_expect(&w, 0, "tin-1", "aired_partial", "power_lost");
		for (int day = 0; day < 3; day++)
			world_expect(
			    &w, day, "chieu", "not_aired", "machine_off");
		world_expect(&w, 3, "tin-5", "aired", "");
		world_account(&w);
		w.log = sick_disk_leave(&log);
		world_end(&w);
	}
	assert_true(calls > 3);
}

/* The clock goes a month back in mid-item, then the power goes: when it began
 * is what the clock said when it was believed. CLOCK_ROW=4820. */
static void
test_an_untrusted_clock_says_nothing_of_when_an_item_began(void **state)
{
	struct world w;
	json_t *end;

	(void)state;
	power_world(&w);
	w.judged = w.synced = true;
	world_start(&w);
	world_run(&w, world_us(0, "05:03:00"));
	w.synced = false;
	world_step(&w, world_us(-30, "05:03:00"));
	world_run(&w, world_us(-30, "05:03:30"));
	cut(&w, BOOT_2);
	w.synced = true;
	world_run(&w, world_us(-30, "05:20:00"));
	world_step(&w, world_us(0, "05:20:00"));
	world_start(&w);
	world_run(&w, world_us(0, "06:00:00"));
	end = world_record(&w, "end", 0, "tin-1", NULL);
	assert_string_equal(
	    record_text(end, "actual_utc"), "2026-11-22T22:00:30.000000Z");
	json_decref(end);
	world_account(&w);
	world_end(&w);
}

/* A clock that shows the last hour alive (no battery, time saved on disk) is
 * believed, and set three days on by a server: the dates in between are
 * accounted for after the next midnight, and no sooner. */
static void
test_dates_that_the_clock_jumped_over_are_accounted_for(void **state)
{
	struct world w;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "12:00:00"));
	world_step(&w, world_us(3, "12:00:00"));
	world_run(&w, world_us(3, "23:00:00"));
	world_expect(&w, 0, "chieu", "not_aired", "clock_unsure");
	world_expect(&w, 3, "chieu", "aired", "");
	assert_null(world_record(&w, "slot", 1, "chieu", NULL));
	world_run(&w, world_us(4, "00:01:00"));
	world_expect(&w, 1, "chieu", "not_aired", "clock_unsure");
	world_expect(&w, 2, "tin-5", "not_aired", "clock_unsure");
	world_account(&w);
	world_end(&w);
}

static void
test_a_jump_that_is_put_right_before_midnight_costs_no_other_date(void **state)
{
	struct world w;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "12:00:00"));
	world_step(&w, world_us(3, "12:00:00"));
	world_run(&w, world_us(3, "12:20:00"));
	world_step(&w, world_us(0, "12:20:00"));
	world_run(&w, world_us(2, "23:00:00"));
	world_expect(&w, 1, "chieu", "aired", "");
	world_expect(&w, 2, "chieu", "aired", "");
	world_account(&w);
	world_end(&w);
}

/* A date ahead that a wrong clock opened hides no gap behind it. */
static void
test_days_off_after_a_jump_and_back_are_accounted_for(void **state)
{
	struct world w;

	(void)state;
	power_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "12:00:00"));
	world_step(&w, world_us(9, "12:00:00"));
	world_run(&w, world_us(9, "12:20:00"));
	world_step(&w, world_us(0, "12:20:00"));
	world_run(&w, world_us(1, "12:00:00"));
	cut(&w, BOOT_2);
	world_run(&w, world_us(5, "12:00:00"));
	world_start(&w);
	world_run(&w, world_us(5, "12:20:00"));
	for (int day = 2; day < 5; day++)
		world_expect(&w, day, "chieu", "not_aired", "machine_off");
	world_account(&w);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_power_returns_in_the_session_and_what_is_due_now_is_joined),
		cmocka_unit_test(
		    test_power_returns_at_night_and_nothing_sounds_any_more),
		cmocka_unit_test(
		    test_a_kill_a_cut_a_stop_and_a_restart_are_told_apart),
		cmocka_unit_test(
		    test_a_stop_of_yesterday_is_no_excuse_for_a_cut_of_today),
		cmocka_unit_test(
		    test_a_state_file_that_is_no_help_costs_nothing_but_a_figure),
		cmocka_unit_test(
		    test_an_outage_of_seven_weeks_is_accounted_for_date_by_date),
		cmocka_unit_test(
		    test_a_cut_at_every_write_of_the_catching_up_leaves_one_outcome_each),
		cmocka_unit_test(
		    test_an_untrusted_clock_says_nothing_of_when_an_item_began),
		cmocka_unit_test(
		    test_dates_that_the_clock_jumped_over_are_accounted_for),
		cmocka_unit_test(
		    test_a_jump_that_is_put_right_before_midnight_costs_no_other_date),
		cmocka_unit_test(
		    test_days_off_after_a_jump_and_back_are_accounted_for),
	};

	return cmocka_run_group_tests_name("daemon, power", tests, NULL, NULL);
}
