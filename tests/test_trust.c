/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/trust.h"

#define DAY(n) ((int64_t)(n)*US_PER_DAY)
#define IN_2027 (INT64_C(1798761600) * US_PER_S)

static struct now
at(int64_t wall_us, int64_t boot_us)
{
	return (struct now){ .wall_us = wall_us, .boot_us = boot_us };
}

static void
test_an_unsynchronised_clock_is_not_trusted(void **state)
{
	struct trust_state t = { .last_record_us = IN_2027 - DAY(1) };

	(void)state;
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), false, NULL), TRUST_UNSURE);
}

static void
test_trust_once_gained_outlives_the_time_server(void **state)
{
	struct trust_state t = { 0 };

	(void)state;
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), true, NULL), TRUST_SYNCED);
	assert_int_equal(
	    trust_look(&t, at(IN_2027 + DAY(2), DAY(2)), false, NULL),
	    TRUST_SYNCED);
}

static void
test_a_step_over_two_seconds_takes_trust_and_the_persons_word(void **state)
{
	struct trust_state t = { .confirmed = true };
	int64_t step = -1;

	(void)state;
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), false, &step), TRUST_CONFIRMED);
	assert_int_equal(step, 0);
	assert_int_equal(
	    trust_look(&t, at(IN_2027 + TRUST_STEP_US - 1, 0), false, &step),
	    TRUST_CONFIRMED);
	assert_int_equal(step, 0);
	assert_int_equal(trust_look(&t, at(IN_2027 + DAY(1), 0), false, &step),
	    TRUST_UNSURE);
	assert_int_equal(step, DAY(1) - TRUST_STEP_US + 1);
}

static void
test_a_step_by_the_time_server_itself_leaves_the_clock_synced(void **state)
{
	struct trust_state t = { 0 };
	int64_t step;

	(void)state;
	trust_look(&t, at(0, 0), false, NULL);
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), true, &step), TRUST_SYNCED);
	assert_int_equal(step, IN_2027);
}

static void
test_plausible_is_between_the_release_and_sixty_days_of_the_log(void **state)
{
	static const struct {
		const char *when;
		int64_t wall_us;
		int64_t record_us;
		enum trust want;
	} rows[] = {
		{ "no log yet", IN_2027, 0, TRUST_PLAUSIBLE },
		{ "a dead battery's 1970", DAY(1), 0, TRUST_UNSURE },
		{ "the day after the last record", IN_2027, IN_2027 - DAY(1),
		    TRUST_PLAUSIBLE },
		{ "60 days after it", IN_2027, IN_2027 - DAY(60),
		    TRUST_PLAUSIBLE },
		{ "61 days after it", IN_2027, IN_2027 - DAY(61),
		    TRUST_UNSURE },
		{ "before the last record", IN_2027, IN_2027 + 1,
		    TRUST_UNSURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_state t = { .plausible = true,
			.last_record_us = rows[i].record_us };
		enum trust got =
		    trust_look(&t, at(rows[i].wall_us, 0), false, NULL);

		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].when, trust_word(got));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unsynchronised_clock_is_not_trusted),
		cmocka_unit_test(
		    test_trust_once_gained_outlives_the_time_server),
		cmocka_unit_test(
		    test_a_step_over_two_seconds_takes_trust_and_the_persons_word),
		cmocka_unit_test(
		    test_a_step_by_the_time_server_itself_leaves_the_clock_synced),
		cmocka_unit_test(
		    test_plausible_is_between_the_release_and_sixty_days_of_the_log),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
