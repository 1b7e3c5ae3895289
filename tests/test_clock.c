/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static void
test_trust_words_are_the_logs(void **state)
{
	(void)state;
	assert_string_equal(trust_word(TRUST_UNSURE), "unsure");
	assert_string_equal(trust_word(TRUST_PLAUSIBLE), "plausible");
	assert_string_equal(trust_word(TRUST_CONFIRMED), "confirmed");
	assert_string_equal(trust_word(TRUST_SYNCED), "synced");
	assert_true(TRUST_UNSURE < TRUST_PLAUSIBLE);
	assert_true(TRUST_PLAUSIBLE < TRUST_CONFIRMED);
	assert_true(TRUST_CONFIRMED < TRUST_SYNCED);
}

static void
test_the_clocks_are_read_together_and_trusted_by_nobody_yet(void **state)
{
	struct now a = clock_read();
	struct now b = clock_read();

	(void)state;
	/* After this was written, and the boot clock never goes back. */
	assert_true(a.wall_us > INT64_C(1767225600) * US_PER_S);
	assert_true(a.boot_us > 0);
	assert_true(b.boot_us >= a.boot_us);
	assert_true(a.boot_us < a.wall_us);
	assert_int_equal(a.trust, TRUST_UNSURE);
}

static void
test_a_boot_has_one_id_of_36_characters(void **state)
{
	char a[37] = "";
	char b[37] = "";

	(void)state;
	assert_int_equal(clock_boot_id(a), 0);
	assert_int_equal(clock_boot_id(b), 0);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
}

static void
test_instants_cross_from_one_clock_to_the_other_and_back(void **state)
{
	struct now now = { 1000000, 300, TRUST_SYNCED };

	(void)state;
	assert_int_equal(now_wall_at(now, 300), 1000000);
	assert_int_equal(now_wall_at(now, 350), 1000050);
	assert_int_equal(now_wall_at(now, 250), 999950);
	assert_int_equal(now_boot_at(now, 1000000), 300);
	assert_int_equal(now_boot_at(now, 999000), -700);
	assert_int_equal(now_boot_at(now, now_wall_at(now, 123456)), 123456);
}

static void
test_never_stays_never_on_either_clock(void **state)
{
	struct now now = { 1000000, 300, TRUST_SYNCED };

	(void)state;
	assert_true(now_wall_at(now, NEVER) == NEVER);
	assert_true(now_boot_at(now, NEVER) == NEVER);
}

static void
test_earlier_and_later(void **state)
{
	(void)state;
	assert_int_equal(earlier(1, 2), 1);
	assert_int_equal(earlier(2, 1), 1);
	assert_int_equal(later(1, 2), 2);
	assert_int_equal(later(2, 1), 2);
	assert_int_equal(earlier(NEVER, 5), 5);
	assert_true(later(NEVER, 5) == NEVER);
}

static void
test_a_better_word_takes_back_later_marks(void **state)
{
	struct clock_marks m = { 0 };

	(void)state;
	assert_int_equal(clock_latest(&m), 0);
	clock_mark(&m, TRUST_UNSURE, 900);
	assert_int_equal(clock_latest(&m), 0);
	clock_mark(&m, TRUST_PLAUSIBLE, 500);
	clock_mark(&m, TRUST_CONFIRMED, 700);
	clock_mark(&m, TRUST_CONFIRMED, 600);
	assert_int_equal(clock_latest(&m), 700);
	clock_mark(&m, TRUST_SYNCED, 550);
	assert_int_equal(clock_latest(&m), 550);
	assert_int_equal(m.us[TRUST_PLAUSIBLE], 500);
}

static void
test_every_word_of_trust_is_read_back(void **state)
{
	(void)state;
	for (int t = 0; t < TRUSTS; t++)
		assert_int_equal(trust_of(trust_word((enum trust)t)), t);
	assert_int_equal(trust_of("certain"), TRUST_UNSURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trust_words_are_the_logs),
		cmocka_unit_test(
		    test_the_clocks_are_read_together_and_trusted_by_nobody_yet),
		cmocka_unit_test(test_a_boot_has_one_id_of_36_characters),
		cmocka_unit_test(
		    test_instants_cross_from_one_clock_to_the_other_and_back),
		cmocka_unit_test(test_never_stays_never_on_either_clock),
		cmocka_unit_test(test_earlier_and_later),
		cmocka_unit_test(test_a_better_word_takes_back_later_marks),
		cmocka_unit_test(test_every_word_of_trust_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
