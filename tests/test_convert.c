/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intake/convert.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
sixteen_bits_at_48_khz_come_out_as_they_went_in(void **state)
{
	struct convert *c;
	const int16_t *out;

	(void)state;
	assert_int_equal(convert_make(CONVERT_RATE, 1, &c), 0);
	for (int x = INT16_MIN; x <= INT16_MAX; x++) {
		float in = (float)x / 32768.0f;

		assert_int_equal(convert_add(c, &in, 1, &out), 1);
		if (out[0] != x)
			fail_msg("%d came out as %d", x, out[0]);
	}
	assert_int_equal(convert_add(c, NULL, 0, &out), 0);
	convert_free(c);
}

static void
what_exceeds_full_scale_is_held_not_wrapped(void **state)
{
	static const struct {
		const char *when;
		float in;
		int16_t out;
	} cases[] = {
		{ "just full scale", 1.0f, INT16_MAX },
		{ "far above", 1000.0f, INT16_MAX },
		{ "far below", -1000.0f, INT16_MIN },
		{ "infinite", HUGE_VALF, INT16_MAX },
		{ "minus infinite", -HUGE_VALF, INT16_MIN },
		{ "no number", NAN, 0 },
	};
	struct convert *c;
	const int16_t *out;

	(void)state;
	assert_int_equal(convert_make(CONVERT_RATE, 1, &c), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(convert_add(c, &cases[i].in, 1, &out), 1);
		if (out[0] != cases[i].out)
			fail_msg("%s: %d", cases[i].when, out[0]);
	}
	convert_free(c);
}

static void
every_rate_gives_48_khz_of_the_same_length_and_tone(void **state)
{
	static const int rates[] = { 4000, 8000, 11025, 22050, 44100, 48000,
		96000, 192000, 384000 };
	static float in[16384 * 2];

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct convert *c;
		const int16_t *out;
		int64_t frames = 0;
		int left = 2 * rates[i]; /* two seconds */
		int at = 0, n, peak = 0;

		assert_int_equal(convert_make(rates[i], 2, &c), 0);
		do {
			int now = left < 16384 ? left : 16384;

			for (int k = 0; k < now; k++, at++)
				in[2 * k] = in[2 * k + 1] =
				    (float)(0.5 * sin(2 * M_PI * 440 * at /
						      rates[i]));
			left -= now;
			n = convert_add(c, in, now, &out);
			assert_true(n >= 0);
			for (int k = 0; k < 2 * n; k++)
				peak = abs(out[k]) > peak ? abs(out[k]) : peak;
			frames += n;
		} while (left > 0 || n > 0);
		if (llabs(frames - 96000) > 1 || abs(peak - 16384) > 800)
			fail_msg("%d Hz: %lld frames, peak %d", rates[i],
			    (long long)frames, peak);
		convert_free(c);
	}
}

static void
what_is_no_recording_is_refused(void **state)
{
	struct convert *c = NULL;

	(void)state;
	assert_int_equal(convert_make(0, 1, &c), -EINVAL);
	assert_int_equal(convert_make(1, 1, &c), -EINVAL);
	assert_int_equal(convert_make(400000, 1, &c), -EINVAL);
	assert_int_equal(convert_make(48000, 3, &c), -EINVAL);
	assert_null(c);
	assert_null(convert_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    sixteen_bits_at_48_khz_come_out_as_they_went_in),
		cmocka_unit_test(what_exceeds_full_scale_is_held_not_wrapped),
		cmocka_unit_test(
		    every_rate_gives_48_khz_of_the_same_length_and_tone),
		cmocka_unit_test(what_is_no_recording_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
