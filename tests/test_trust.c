/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
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

static struct clock_marks
marked(enum trust trust, int64_t wall_us)
{
	struct clock_marks m = { 0 };

	clock_mark(&m, trust, wall_us);
	return m;
}

static void
test_an_unsynchronised_clock_is_not_trusted(void **state)
{
	struct trust_state t = { .marks =
				     marked(TRUST_SYNCED, IN_2027 - DAY(1)) };

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
			.marks = marked(TRUST_SYNCED, rows[i].record_us) };
		enum trust got =
		    trust_look(&t, at(rows[i].wall_us, 0), false, NULL);

		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].when, trust_word(got));
	}
}

/* What a first look finds, by what the log knows. */
static void
test_the_log_has_a_say_in_a_synchronised_clock(void **state)
{
	static const struct {
		const char *when;
		enum trust mark; /* how well the log's last was believed */
		int64_t ahead_us; /* of the log's last record, before now */
		bool confirmed;
		enum trust want;
		enum trust_why why;
	} rows[] = {
		{ "the log is new", TRUST_UNSURE, 0, false, TRUST_SYNCED,
		    WHY_SYNCED },
		{ "an ordinary restart", TRUST_SYNCED, -DAY(1), false,
		    TRUST_SYNCED, WHY_SYNCED },
		{ "two minutes behind a server's word", TRUST_SYNCED,
		    TRUST_BACK_US, false, TRUST_SYNCED, WHY_SYNCED },
		{ "an hour behind a server's word", TRUST_SYNCED,
		    60 * US_PER_MIN, false, TRUST_UNSURE, WHY_BEHIND },
		{ "ten years behind a server's word", TRUST_SYNCED, DAY(3650),
		    false, TRUST_UNSURE, WHY_BEHIND },
		{ "the same, and a person says it is right", TRUST_SYNCED,
		    DAY(3650), true, TRUST_CONFIRMED, WHY_CONFIRMED },
		{ "a year behind a person's word", TRUST_CONFIRMED, DAY(365),
		    false, TRUST_SYNCED, WHY_SYNCED },
		{ "a year behind a likely time", TRUST_PLAUSIBLE, DAY(365),
		    false, TRUST_SYNCED, WHY_SYNCED },
		{ "off for 60 days", TRUST_SYNCED, -DAY(60), false,
		    TRUST_SYNCED, WHY_SYNCED },
		{ "off for 61 days", TRUST_SYNCED, -DAY(61), false,
		    TRUST_UNSURE, WHY_AHEAD },
		{ "off for 61 days, and a person says so", TRUST_SYNCED,
		    -DAY(61), true, TRUST_CONFIRMED, WHY_CONFIRMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_state t = { .confirmed = rows[i].confirmed,
			.marks =
			    marked(rows[i].mark, IN_2027 + rows[i].ahead_us) };
		enum trust got = trust_look(&t, at(IN_2027, 0), true, NULL);

		if (got != rows[i].want || t.why != rows[i].why)
			fail_msg("%s: %s, %s", rows[i].when, trust_word(got),
			    trust_why_word(t.why));
	}
}

/* A wrong server puts the clock a day ahead for ten minutes: what it closed
 * must not air again, and nothing else may be planned for then. */
static void
test_a_server_that_takes_its_word_back_is_held_until_the_clock_is_there(
    void **state)
{
	struct trust_state t = { 0 };
	int64_t boot = DAY(1);

	(void)state;
	trust_look(&t, at(IN_2027, boot), true, NULL);
	assert_int_equal(trust_look(&t, at(IN_2027 + DAY(1), boot), true, NULL),
	    TRUST_SYNCED);
	boot += 10 * US_PER_MIN;
	trust_look(
	    &t, at(IN_2027 + DAY(1) + 10 * US_PER_MIN, boot), true, NULL);
	assert_int_equal(
	    trust_look(&t, at(IN_2027 + 10 * US_PER_MIN, boot), true, NULL),
	    TRUST_UNSURE);
	assert_int_equal(t.why, WHY_BEHIND);
	boot += DAY(1) - 3 * US_PER_MIN;
	assert_int_equal(
	    trust_look(
		&t, at(IN_2027 + DAY(1) + 7 * US_PER_MIN, boot), true, NULL),
	    TRUST_UNSURE);
	boot += US_PER_MIN;
	assert_int_equal(
	    trust_look(
		&t, at(IN_2027 + DAY(1) + 8 * US_PER_MIN, boot), true, NULL),
	    TRUST_SYNCED);
}

static void
test_a_late_server_corrects_a_likely_time_at_once(void **state)
{
	struct trust_state t = { .plausible = true };
	int64_t step;

	(void)state;
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), false, NULL), TRUST_PLAUSIBLE);
	assert_int_equal(
	    trust_look(&t, at(IN_2027 - 20 * US_PER_MIN, 0), true, &step),
	    TRUST_SYNCED);
	assert_int_equal(step, -20 * US_PER_MIN);
}

static void
test_a_person_may_confirm_only_what_a_watch_shows(void **state)
{
	static const struct {
		const char *when;
		int64_t wall_us;
		int64_t seen_us;
		int want;
	} rows[] = {
		{ "to the second", IN_2027, IN_2027, 0 },
		{ "a minute and a half apart", IN_2027, IN_2027 + TRUST_SEEN_US,
		    0 },
		{ "and a bit more", IN_2027, IN_2027 + TRUST_SEEN_US + 1,
		    -ERANGE },
		{ "seven hours slow", IN_2027, IN_2027 + 7 * 60 * US_PER_MIN,
		    -ERANGE },
		{ "seven hours fast", IN_2027, IN_2027 - 7 * 60 * US_PER_MIN,
		    -ERANGE },
		{ "1970, and the person agrees", DAY(1), DAY(1), -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_state t = { 0 };
		struct now now = at(rows[i].wall_us, 0);

		trust_look(&t, now, false, NULL);
		if (trust_confirm(&t, now, rows[i].seen_us) != rows[i].want)
			fail_msg("%s", rows[i].when);
		assert_int_equal(trust_look(&t, now, false, NULL),
		    rows[i].want == 0 ? TRUST_CONFIRMED : TRUST_UNSURE);
	}
}

static void
test_a_persons_word_stands_against_a_log_from_the_future(void **state)
{
	struct trust_state t = { .marks =
				     marked(TRUST_SYNCED, IN_2027 + DAY(900)) };

	(void)state;
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), true, NULL), TRUST_UNSURE);
	assert_int_equal(trust_confirm(&t, at(IN_2027, 0), IN_2027), 0);
	assert_int_equal(
	    trust_look(&t, at(IN_2027, 0), true, NULL), TRUST_SYNCED);
	assert_int_equal(clock_latest(&t.marks), IN_2027);
}

static void
test_a_restart_in_the_same_boot_keeps_trust_unless_the_clock_was_set(
    void **state)
{
	struct clock_marks none = { 0 };
	struct clock_word word = { TRUST_CONFIRMED, IN_2027, 7 };
	struct trust_state t = { 0 };

	(void)state;
	trust_recall(&t, &none, &word);
	assert_int_equal(
	    trust_look(&t, at(IN_2027 + DAY(1), DAY(1)), false, NULL),
	    TRUST_CONFIRMED);
	assert_int_equal(t.since_boot_us, 7);
	t = (struct trust_state){ 0 };
	trust_recall(&t, &none, &word);
	assert_int_equal(
	    trust_look(
		&t, at(IN_2027 + DAY(1) + 3 * US_PER_S, DAY(1)), false, NULL),
	    TRUST_UNSURE);
	assert_int_equal(t.why, WHY_STEPPED);
}

/* A week without its server at 500 ppm is five minutes; putting that right is
 * no contradiction of the server's own word. */
static void
test_a_clock_that_drifted_without_its_server_is_corrected_at_once(void **state)
{
	struct trust_state t = { 0 };
	int64_t step;

	(void)state;
	trust_look(&t, at(IN_2027, 0), true, NULL);
	for (int day = 1; day <= 7; day++)
		assert_int_equal(
		    trust_look(
			&t, at(IN_2027 + DAY(day), DAY(day)), false, NULL),
		    TRUST_SYNCED);
	assert_int_equal(
	    trust_look(
		&t, at(IN_2027 + DAY(7) - 302 * US_PER_S, DAY(7)), true, &step),
	    TRUST_SYNCED);
	assert_int_equal(step, -302 * US_PER_S);
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
		cmocka_unit_test(
		    test_the_log_has_a_say_in_a_synchronised_clock),
		cmocka_unit_test(
		    test_a_server_that_takes_its_word_back_is_held_until_the_clock_is_there),
		cmocka_unit_test(
		    test_a_late_server_corrects_a_likely_time_at_once),
		cmocka_unit_test(
		    test_a_person_may_confirm_only_what_a_watch_shows),
		cmocka_unit_test(
		    test_a_persons_word_stands_against_a_log_from_the_future),
		cmocka_unit_test(
		    test_a_restart_in_the_same_boot_keeps_trust_unless_the_clock_was_set),
		cmocka_unit_test(
		    test_a_clock_that_drifted_without_its_server_is_corrected_at_once),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
