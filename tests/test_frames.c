/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/frames.h"

static void
test_frames_turn_into_time_and_back_for_a_century(void **state)
{
	const int64_t century = INT64_C(48000) * 86400 * 36600;

	(void)state;
	for (int64_t f = -century; f < century; f += INT64_C(9999999967))
		assert_int_equal(frames_in(frames_us(f)), f);
}

static void
test_rounding_is_to_the_nearest_on_both_sides_of_zero(void **state)
{
	(void)state;
	assert_int_equal(frames_us(1), 21); /* 20.83 */
	assert_int_equal(frames_us(-1), -21);
	assert_int_equal(frames_us(48000), 1000000);
	assert_int_equal(frames_in(10), 0); /* 0.48 */
	assert_int_equal(frames_in(11), 1); /* 0.53 */
	assert_int_equal(frames_in(-11), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_frames_turn_into_time_and_back_for_a_century),
		cmocka_unit_test(
		    test_rounding_is_to_the_nearest_on_both_sides_of_zero),
	};

	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
