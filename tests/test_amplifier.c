/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/ledger.h"
#include "evidence/record.h"
#include "scheduler/amplifier.h"
#include "tests/fakes/errand.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SEC(s) ((int64_t)(s)*US_PER_S)

static void
it_is_due_from_lead_before_a_session_to_lag_after_it(void **state)
{
	static const struct site_amplifier conf = { .lead_s = 120,
		.lag_s = 30 };
	/* A gap of a minute, of one and a half, and of an hour. */
	static const struct amplifier_span slots[] = {
		{ SEC(1000), SEC(1100) },
		{ SEC(1160), SEC(1200) },
		{ SEC(1290), SEC(1300) },
		{ SEC(4900), SEC(5000) },
	};
	static const struct {
		const char *when;
		int64_t now_s;
		bool due;
		int64_t next_s;
	} cases[] = {
		{ "long before", 0, false, 880 },
		{ "a second before the lead", 879, false, 880 },
		{ "when the lead begins", 880, true, 1170 },
		{ "in the session", 1000, true, 1170 },
		{ "in a gap of its own", 1130, true, 1170 },
		{ "between two sessions close together", 1240, true, 1330 },
		{ "in the lag", 1329, true, 1330 },
		{ "when the lag is over", 1330, false, 4780 },
		{ "in the last session", 4950, true, 5030 },
		{ "after all of them", 5030, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t next_us;
		bool due = amplifier_due(
		    &conf, slots, COUNT(slots), SEC(cases[i].now_s), &next_us);

		if (due != cases[i].due ||
		    (cases[i].next_s == 0 ? next_us != NEVER
					  : next_us < SEC(cases[i].now_s) + 1))
			fail_msg("%s: due %d, next %lld", cases[i].when, due,
			    (long long)(next_us / US_PER_S));
	}
}

static void
gaps_within_a_minute_end_no_session_even_without_lead_and_lag(void **state)
{
	static const struct site_amplifier conf = { 0 };
	static const struct amplifier_span slots[] = {
		{ SEC(1000), SEC(1100) },
		{ SEC(1160), SEC(1200) },
		{ SEC(1261), SEC(1300) },
	};
	int64_t next_us;

	(void)state;
	assert_true(
	    amplifier_due(&conf, slots, COUNT(slots), SEC(1130), &next_us));
	assert_int_equal(next_us, SEC(1200));
	assert_false(
	    amplifier_due(&conf, slots, COUNT(slots), SEC(1230), &next_us));
	assert_int_equal(next_us, SEC(1261));
}

/* A station's days --------------------------------------------------------
 */

static const char two_sessions[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "slots = (\n"
    " { id = \"a\"; days = \"T2-CN\"; at = \"05:00:00\";"
    "   for = \"00:10:00\"; item = \"dai\"; },\n"
    " { id = \"tiep\"; days = \"T2-CN\"; at = \"05:10:00\";"
    "   for = \"00:20:00\"; relay = \"vov1\"; },\n"
    " { id = \"gan\"; days = \"T2-CN\"; at = \"05:32:00\";"
    "   for = \"00:01:00\"; item = \"ngan\"; },\n"
    " { id = \"chieu\"; days = \"T2-CN\"; at = \"17:00:00\";"
    "   for = \"00:10:00\"; item = \"dai\"; }\n"
    ");\n";

struct scene {
	struct world w;
	struct fake_errand e;
};

static int
scene_make(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	world_make(&s->w, two_sessions, NULL);
	world_item(&s->w, "dai", 600000);
	world_item(&s->w, "ngan", 60000);
	fake_errand(&s->e);
	s->w.errand = &s->e.errand;
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
told(struct scene *s, const char *wanted)
{
	assert_string_equal(s->e.told, wanted);
	s->e.told[0] = '\0';
}

static void
at(struct scene *s, const char *time)
{
	world_run(&s->w, world_us(0, time));
}

static int
count_line(void *arg, const char *line, size_t n, int64_t seq)
{
	json_t *found = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "op"), "amplifier") == 0) {
		char text[200];

		snprintf(text, sizeof(text), "%s %s", record_text(r, "result"),
		    record_text(r, "detail"));
		json_array_append_new(found, json_string(text));
	}
	json_decref(r);
	return 0;
}

/* The `op` records about it, "result detail". */
static void
written(struct scene *s, size_t n, const char *const *wanted)
{
	json_t *found = json_array();

	assert_int_equal(ledger_each(s->w.log, count_line, found), 0);
	assert_int_equal(json_array_size(found), n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(
		    json_string_value(json_array_get(found, i)), wanted[i]);
	json_decref(found);
}

static void
status_is(struct scene *s, const char *wanted, const char *failing)
{
	json_t *answer = world_answer(&s->w, "{\"cmd\":\"status\"}");
	json_t *a = json_object_get(
	    json_array_get(json_object_get(answer, "stations"), 0),
	    "amplifier");

	assert_string_equal(record_text(a, "state"), wanted);
	assert_string_equal(record_text(a, "failing"), failing);
	json_decref(answer);
}

static void
a_day_has_two_sessions_and_short_gaps_do_not_switch(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "04:57:59");
	told(s, "");
	status_is(s, "off", "");
	at(s, "04:59:00");
	status_is(s, "on", "");
	at(s, "16:00:00");
	told(s, "04:58:00 on\n05:33:30 off\n");
	at(s, "23:59:00");
	told(s, "16:58:00 on\n17:10:30 off\n");
	written(s, 0, NULL);
}

static void
a_start_in_mid_session_switches_on_at_once(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "04:30:00");
	world_kill(&s->w);
	at(s, "05:03:00");
	world_start(&s->w);
	at(s, "05:04:00");
	told(s, "05:03:00 on\n");
}

static void
an_orderly_stop_switches_off_and_the_next_start_on_again(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:00");
	world_stop(&s->w);
	told(s, "04:58:00 on\n05:03:00 off\n");
	s->e.runs = false;
	at(s, "05:03:02");
	world_start(&s->w);
	at(s, "05:04:00");
	told(s, "05:03:02 on\n");
}

static void
an_orderly_stop_does_not_wait_for_the_on_that_runs(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	s->e.takes_us = US_PER_MIN;
	at(s, "04:58:10");
	world_stop(&s->w);
	told(s, "04:58:00 on\n04:58:10 off\n");
}

static void
after_a_kill_the_next_start_switches_off_when_nothing_is_due(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:00");
	world_kill(&s->w);
	at(s, "07:00:00");
	s->e.told[0] = '\0';
	world_start(&s->w);
	status_is(s, "unknown", "");
	at(s, "07:01:00");
	told(s, "07:00:30 off\n");
	/* It is known to be off now: another kill changes nothing. */
	world_kill(&s->w);
	at(s, "07:05:00");
	world_start(&s->w);
	at(s, "08:00:00");
	told(s, "");
}

static void
a_kill_in_mid_session_switches_on_again_for_nobody_knows(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:00");
	world_kill(&s->w);
	s->e.told[0] = '\0';
	world_start(&s->w);
	at(s, "05:04:00");
	told(s, "05:03:00 on\n");
}

static void
what_is_torn_in_the_file_is_not_believed(void **state)
{
	struct scene *s = *state;

	assert_int_equal(s->w.state->replace(
			     s->w.state, "amplifier-que-minh", "\0\0\0", 3, 1),
	    0);
	at(s, "12:00:00");
	world_start(&s->w);
	at(s, "12:10:00");
	told(s, "12:00:30 off\n");
}

static void
a_stop_switches_off_and_its_end_on(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:03:00");
	s->e.told[0] = '\0';
	assert_true(world_ask(&s->w,
	    "{\"cmd\":\"stop\",\"until_utc\":\"2026-11-22T22:20:00Z\"}"));
	at(s, "05:17:00");
	told(s, "05:03:30 off\n");
	at(s, "05:25:00");
	told(s, "05:18:00 on\n");
	assert_true(world_ask(&s->w, "{\"cmd\":\"stop\"}"));
	at(s, "05:26:00");
	assert_true(world_ask(&s->w, "{\"cmd\":\"resume\"}"));
	at(s, "05:26:01");
	told(s, "05:25:00 off\n05:26:00 on\n");
}

static void
an_order_switches_on_at_once_and_sounds_without_waiting(void **state)
{
	struct scene *s = *state;
	json_t *end;

	s->e.takes_us = 60 * US_PER_S;
	world_start(&s->w);
	at(s, "12:00:00");
	s->e.told[0] = '\0';
	assert_true(world_ask(
	    &s->w, "{\"cmd\":\"play\",\"item\":\"ngan\",\"by\":\"p-1\"}"));
	at(s, "12:05:00");
	told(s, "12:00:00 on\n12:01:30 off\n");
	end = world_record(&s->w, "end", 0, "", NULL);
	assert_non_null(end);
	assert_true(record_int(end, "actual_ms", 0) > 59000);
	json_decref(end);
}

static void
an_emergency_needs_no_hours_and_no_clock(void **state)
{
	struct scene *s = *state;
	json_t *answer;
	char ask[200];

	s->w.now.trust = TRUST_UNSURE;
	world_start(&s->w);
	at(s, "05:03:00"); /* a session, if the clock were right */
	told(s, "");
	answer = world_answer(&s->w,
	    "{\"cmd\":\"emergency\",\"item\":\"ngan\",\"by\":\"p-1\","
	    "\"order\":\"1\"}");
	snprintf(ask, sizeof(ask), "{\"cmd\":\"emergency\",\"code\":\"%s\"}",
	    record_text(answer, "code"));
	json_decref(answer);
	assert_true(world_ask(&s->w, ask));
	at(s, "05:10:00");
	assert_non_null(strstr(s->e.told, "05:03:00 on\n"));
	assert_non_null(strstr(s->e.told, " off\n"));
}

static void
outside_the_allowed_hours_it_stays_off(void **state)
{
	struct scene *s = *state;

	s->w.from_h = 16;
	world_start(&s->w);
	at(s, "23:00:00");
	told(s, "16:58:00 on\n17:10:30 off\n");
}

static void
a_failure_is_told_once_and_tried_again_and_sound_goes_on(void **state)
{
	static const char *const words[] = { "failed on: no answer",
		"done on" };
	struct scene *s = *state;

	s->e.fail = 3;
	world_start(&s->w);
	at(s, "04:58:05");
	status_is(s, "unknown", "on");
	at(s, "05:32:00");
	told(s, "04:58:00 on\n04:58:10 on\n04:58:30 on\n04:59:10 on\n");
	status_is(s, "on", "");
	written(s, 2, words);
	world_expect(&s->w, 0, "a", "aired", "");
}

static void
what_cannot_be_switched_off_is_tried_for_ever(void **state)
{
	static const char *const words[] = { "failed off: no answer" };
	struct scene *s = *state;

	world_start(&s->w);
	at(s, "05:33:00");
	s->e.told[0] = '\0';
	s->e.fail = -1;
	at(s, "06:33:30");
	status_is(s, "unknown", "off");
	assert_true(strlen(s->e.told) / strlen("05:33:30 off\n") >= 14);
	written(s, 1, words);
}

static void
a_program_that_is_not_there_costs_nothing_but_a_record(void **state)
{
	static const char *const words[] = {
		"failed on: No such file or directory"
	};
	struct scene *s = *state;

	s->e.error = -ENOENT;
	world_start(&s->w);
	at(s, "05:15:00");
	written(s, 1, words);
	world_expect(&s->w, 0, "a", "aired", "");
}

static void
an_on_that_is_slow_is_waited_for_before_the_off(void **state)
{
	struct scene *s = *state;

	world_start(&s->w);
	s->e.takes_us = 40 * US_PER_MIN;
	at(s, "12:00:00");
	told(s, "04:58:00 on\n05:38:00 off\n");
}

static struct {
	int64_t until_us; /* wall */
	int told;
} warm;

static void
warm_deck(struct deck *d, struct now now, int64_t until_us)
{
	(void)d;
	if (until_us == 0 || now_wall_at(now, until_us) == warm.until_us)
		return;
	warm.until_us = now_wall_at(now, until_us);
	assert_true(now.wall_us >= warm.until_us - 60 * US_PER_S);
	warm.told++;
}

/* From a minute before until the cue has come: it keeps the device open. */
static void
the_device_is_warm_before_each_session(void **state)
{
	struct scene *s = *state;

	warm.told = 0;
	s->w.warm_up_s = 60;
	world_start(&s->w);
	s->w.deck->ready = warm_deck;
	at(s, "04:58:59");
	assert_int_equal(warm.told, 0);
	at(s, "04:59:01");
	assert_int_equal(warm.told, 1);
	assert_int_equal(warm.until_us, world_us(0, "04:59:53"));
	at(s, "16:59:01");
	assert_int_equal(warm.told, 3); /* 05:32 begins a session too */
	assert_int_equal(warm.until_us, world_us(0, "16:59:53"));
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, scene_make, scene_free)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    it_is_due_from_lead_before_a_session_to_lag_after_it),
		cmocka_unit_test(
		    gaps_within_a_minute_end_no_session_even_without_lead_and_lag),
		WITH(a_day_has_two_sessions_and_short_gaps_do_not_switch),
		WITH(a_start_in_mid_session_switches_on_at_once),
		WITH(an_orderly_stop_switches_off_and_the_next_start_on_again),
		WITH(an_orderly_stop_does_not_wait_for_the_on_that_runs),
		WITH(
		    after_a_kill_the_next_start_switches_off_when_nothing_is_due),
		WITH(a_kill_in_mid_session_switches_on_again_for_nobody_knows),
		WITH(what_is_torn_in_the_file_is_not_believed),
		WITH(a_stop_switches_off_and_its_end_on),
		WITH(an_order_switches_on_at_once_and_sounds_without_waiting),
		WITH(an_emergency_needs_no_hours_and_no_clock),
		WITH(outside_the_allowed_hours_it_stays_off),
		WITH(a_failure_is_told_once_and_tried_again_and_sound_goes_on),
		WITH(what_cannot_be_switched_off_is_tried_for_ever),
		WITH(a_program_that_is_not_there_costs_nothing_but_a_record),
		WITH(an_on_that_is_slow_is_waited_for_before_the_off),
		WITH(the_device_is_warm_before_each_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
