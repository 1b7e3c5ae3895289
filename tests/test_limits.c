/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "intake/limits.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MIN INT64_C(60000)
#define MB (INT64_C(1) << 20)

static void
a_file_unpacks_to_what_a_recording_of_its_size_can_hold(void **state)
{
	static const struct {
		const char *when;
		int64_t bytes;
		int64_t ms;
	} cases[] = {
		{ "nothing", 0, 10 * MIN },
		{ "a bomb of 4 kB", 4096, 10 * MIN + 9375 },
		{ "a megabyte", MB, 50 * MIN },
		{ "a quarter of an hour of MP3 at 64 kbit/s", 7200000,
		    10 * MIN + 16479492 },
		{ "the size at which twelve hours are reached", 17 * MB + 1,
		    11 * 60 * MIN + 30 * MIN + 2 },
		{ "eighteen megabytes", 18 * MB, 12 * 60 * MIN },
		{ "the largest file", 4096 * MB, 12 * 60 * MIN },
		{ "a size that no file has", INT64_MAX, 12 * 60 * MIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (limits_sound_ms(cases[i].bytes) != cases[i].ms)
			fail_msg("%s: %lld ms", cases[i].when,
			    (long long)limits_sound_ms(cases[i].bytes));
}

static void
every_common_kind_of_speech_fits_into_its_limit(void **state)
{
	/* Bytes of a second: AMR at 4.75 kbit/s, Opus at 6, MP3 at 8. */
	static const int64_t bytes_s[] = { 594, 750, 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT(bytes_s); i++)
		for (int64_t s = 60; s <= 12 * 3600; s += 60)
			assert_true(
			    limits_sound_ms(bytes_s[i] * s) >= s * 1000);
}

static void
a_decoder_has_twenty_seconds_and_a_quarter_of_what_it_gives(void **state)
{
	(void)state;
	assert_int_equal(limits_wait_ms(0, 0), 20000);
	assert_int_equal(limits_wait_ms(MB, 0), 20000);
	assert_int_equal(limits_wait_ms(MB, 40000), 30000);
	assert_int_equal(limits_wait_ms(4096 * MB, 0), 20000 + 1024000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_file_unpacks_to_what_a_recording_of_its_size_can_hold),
		cmocka_unit_test(
		    every_common_kind_of_speech_fits_into_its_limit),
		cmocka_unit_test(
		    a_decoder_has_twenty_seconds_and_a_quarter_of_what_it_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
