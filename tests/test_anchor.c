/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "playout/anchor.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ZERO_US INT64_C(5000000)

static void
test_an_instant_has_its_nearest_frame_and_a_limit_the_one_before(void **state)
{
	static const struct {
		const char *when;
		int64_t us;
		int64_t nearest;
		int64_t before;
	} cases[] = {
		{ "the zero itself", ZERO_US, 0, 0 },
		{ "one second on", ZERO_US + 1000000, 48000, 48000 },
		{ "a third of a frame past", ZERO_US + 7, 0, 0 },
		{ "two thirds of a frame past", ZERO_US + 14, 1, 0 },
		{ "one frame is 20.83 us", ZERO_US + 21, 1, 1 },
		{ "before the stream", ZERO_US - 1000000, -48000, -48000 },
		{ "a part of a frame before", ZERO_US - 7, 0, -1 },
		{ "never", NEVER, INT64_MAX, INT64_MAX },
		{ "before everything", INT64_MIN, INT64_MIN, INT64_MIN },
	};
	const struct anchor a = { .zero_us = ZERO_US };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t nearest = anchor_frame(a, cases[i].us);
		int64_t before = anchor_frame_before(a, cases[i].us);

		if (nearest != cases[i].nearest || before != cases[i].before)
			fail_msg("%s: %lld and %lld, wanted %lld and %lld",
			    cases[i].when, (long long)nearest,
			    (long long)before, (long long)cases[i].nearest,
			    (long long)cases[i].before);
	}
}

static void
test_frame_to_instant_and_back_is_the_same_frame(void **state)
{
	const struct anchor a = { .zero_us = 123456789 };

	(void)state;
	for (int64_t f = -50000; f < 50000; f += 7)
		assert_int_equal(anchor_frame(a, anchor_us(a, f)), f);
	/* A month without closing the device. */
	for (int64_t f = INT64_C(124416000000); f < INT64_C(124416001000); f++)
		assert_int_equal(anchor_frame(a, anchor_us(a, f)), f);
}

static void
test_a_frame_beyond_all_instants_is_never(void **state)
{
	const struct anchor a = { .zero_us = 1 };

	(void)state;
	assert_true(anchor_us(a, INT64_MAX) == NEVER);
	assert_int_equal(anchor_length_us(48000 * 3 + 24000), 3500000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_instant_has_its_nearest_frame_and_a_limit_the_one_before),
		cmocka_unit_test(
		    test_frame_to_instant_and_back_is_the_same_frame),
		cmocka_unit_test(test_a_frame_beyond_all_instants_is_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
