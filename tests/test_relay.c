/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/relay.h"

#define SEC(s) ((int64_t)((s) * (double)US_PER_S))
#define SILENCE SEC(20)

static struct now
at(int64_t boot_us)
{
	return (
	    struct now){ .wall_us = SEC(1000) + boot_us, .boot_us = boot_us };
}

static struct relay *
a_relay(void)
{
	static char *const items[] = { "mot", "hai" };
	const struct planned slot = { .start_us = SEC(1000),
		.end_us = SEC(1600) };
	struct relay *y = relay_make(&slot, items, 2);

	assert_non_null(y);
	return y;
}

/* What its player says. */
static void
tell(struct relay *y, double boot_s, double loud_s, double quiet_s)
{
	y->airing = 7;
	y->cued = true;
	y->told_boot_us = SEC(boot_s);
	y->loud_us = SEC(loud_s);
	y->quiet_us = SEC(quiet_s);
}

static void
test_its_filler_is_a_run_of_the_fallback_s_items(void **state)
{
	struct relay *y = a_relay();

	(void)state;
	assert_true(y->filler.p == &y->planned && y->filler.beside);
	assert_int_equal(y->planned.n_items, 2);
	assert_string_equal(y->planned.items[1], "hai");
	assert_string_equal(y->planned.slot, "");
	relay_free(y);
	assert_null(relay_free(NULL));
}

static void
test_it_is_lost_without_a_connection_and_after_a_long_silence(void **state)
{
	static const struct {
		const char *when;
		double told_s, loud_s, quiet_s, now_s;
		bool was, lost;
	} cases[] = {
		{ "heard", 10, 5, 0, 10, false, false },
		{ "heard, an old word", 10, 0.1, 0, 12, false, false },
		{ "a silence", 10, 0, 19, 10.9, false, false },
		{ "a long one", 10, 0, 19, 11, false, true },
		{ "a signal again", 30, 2, 0, 30.9, true, true },
		{ "for three seconds", 30, 2, 0, 31, true, false },
		{ "a new connection, still silent", 30, 0, 1, 30, true, true },
	};
	struct relay *y = a_relay();

	(void)state;
	assert_true(relay_look(y, at(SEC(1)), SILENCE));
	assert_true(y->lost);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool changed;

		tell(y, cases[i].told_s, cases[i].loud_s, cases[i].quiet_s);
		y->lost = cases[i].was;
		changed = relay_look(y, at(SEC(cases[i].now_s)), SILENCE);
		if (y->lost != cases[i].lost ||
		    changed != (cases[i].was != cases[i].lost))
			fail_msg("%s: lost %d", cases[i].when, y->lost);
	}
	relay_free(y);
}

static void
test_it_is_looked_at_when_that_may_change(void **state)
{
	struct relay *y = a_relay();

	(void)state;
	assert_true(relay_wake(y, SILENCE) == NEVER);
	tell(y, 10, 5, 0);
	assert_true(relay_wake(y, SILENCE) == NEVER);
	tell(y, 10, 0, 5);
	assert_int_equal(relay_wake(y, SILENCE), SEC(25));
	y->lost = true;
	assert_true(relay_wake(y, SILENCE) == NEVER);
	tell(y, 10, 1, 0);
	assert_int_equal(relay_wake(y, SILENCE), SEC(12));
	relay_free(y);
}

static void
test_connections_that_fail_are_tried_later_each_time(void **state)
{
	static const int waits_s[] = { 1, 2, 4, 8, 15, 15 };
	struct relay *y = a_relay();

	(void)state;
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		y->airing = i + 1;
		relay_ended(y, at(SEC(100)));
		assert_int_equal(y->retry_boot_us, SEC(100) + SEC(waits_s[i]));
		assert_true(y->airing == 0);
	}
	/* One that was heard begins anew. */
	tell(y, 150, 9, 0);
	relay_ended(y, at(SEC(160)));
	assert_int_equal(y->retry_boot_us, SEC(161));
	relay_free(y);
}

static void
test_another_source_is_tried_at_once(void **state)
{
	struct relay *y = a_relay();

	(void)state;
	y->airing = 1;
	relay_ended(y, at(SEC(100)));
	y->airing = 2;
	relay_ended(y, at(SEC(110)));
	assert_int_equal(y->retry_boot_us, SEC(112));
	assert_false(relay_moved(y));
	assert_int_equal(y->retry_boot_us, 0);
	/* A connection to the old one ends first. */
	y->airing = 3;
	assert_true(relay_moved(y));
	relay_ended(y, at(SEC(120)));
	assert_int_equal(y->retry_boot_us, 0);
	y->airing = 4;
	relay_ended(y, at(SEC(130)));
	assert_int_equal(y->retry_boot_us, SEC(131));
	relay_free(y);
}

static void
test_the_figures_of_all_connections_are_one_sum(void **state)
{
	struct relay *y = a_relay();

	(void)state;
	tell(y, 1, 1, 0);
	y->sent = 480;
	y->signal = 400;
	relay_ended(y, at(SEC(2)));
	assert_false(relay_hears(y));
	tell(y, 3, 1, 0);
	y->sent = 48;
	y->signal = 40;
	assert_true(relay_hears(y));
	assert_int_equal(relay_sent(y), 528);
	assert_int_equal(relay_signal(y), 440);
	relay_free(y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_its_filler_is_a_run_of_the_fallback_s_items),
		cmocka_unit_test(
		    test_it_is_lost_without_a_connection_and_after_a_long_silence),
		cmocka_unit_test(test_it_is_looked_at_when_that_may_change),
		cmocka_unit_test(
		    test_connections_that_fail_are_tried_later_each_time),
		cmocka_unit_test(test_another_source_is_tried_at_once),
		cmocka_unit_test(
		    test_the_figures_of_all_connections_are_one_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
