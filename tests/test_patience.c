/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/patience.h"

static uint32_t drawn;

static uint32_t
draw(struct chance *c)
{
	(void)c;
	return drawn;
}

static struct chance chance = { draw };

static void
test_each_failure_waits_twice_as_long_up_to_an_hour(void **state)
{
	static const int64_t most_s[] = { 30, 60, 120, 240, 480, 960, 1920,
		3600, 3600, 3600 };
	struct patience lucky = { 0 }, not = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(most_s) / sizeof(most_s[0]); i++) {
		drawn = 0;
		assert_int_equal(patience_wait(&lucky, &chance, false, 1),
		    most_s[i] * US_PER_S / 2);
		drawn = UINT32_MAX;
		assert_int_equal(patience_wait(&not, &chance, false, 1),
		    most_s[i] * US_PER_S);
	}
	/* For years: no overflow, no shorter wait. */
	for (int i = 0; i < 100000; i++)
		assert_int_equal(
		    patience_wait(&not, &chance, false, 1), PATIENCE_MOST_US);
}

static void
test_after_a_success_it_begins_anew(void **state)
{
	struct patience p = { 0 };

	(void)state;
	drawn = UINT32_MAX;
	for (int i = 0; i < 5; i++)
		patience_wait(&p, &chance, false, 1);
	assert_int_equal(
	    patience_wait(&p, &chance, true, 10 * US_PER_MIN), 11 * US_PER_MIN);
	assert_int_equal(
	    patience_wait(&p, &chance, false, 1), PATIENCE_FIRST_US);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_each_failure_waits_twice_as_long_up_to_an_hour),
		cmocka_unit_test(test_after_a_success_it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
