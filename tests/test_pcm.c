/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "playout/pcm.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_mono_sounds_on_both_sides(void **state)
{
	const int16_t mono[4] = { 1, -2, 32767, -32768 };
	int16_t pcm[8] = { 0 };
	const int16_t want[8] = { 1, 1, -2, -2, 32767, 32767, -32768, -32768 };

	(void)state;
	pcm_widen(mono, pcm, 4);
	assert_memory_equal(pcm, want, sizeof(want));
}

static void
test_gain_scales_rounds_and_stays_in_range(void **state)
{
	static const struct {
		const char *when;
		int32_t mdb;
		int16_t in, out;
	} cases[] = {
		{ "no gain", 0, 12345, 12345 },
		{ "half, as 6.0206 dB", -6021, 10000, 5000 },
		{ "half of a negative one", -6021, -10000, -5000 },
		{ "a tenth", -20000, 12344, 1234 },
		{ "held at the top", 6000, 30000, 32767 },
		{ "held at the bottom", 6000, -30000, -32768 },
		{ "far too much", INT32_MAX, 1, 1000 },
		{ "silence stays so", INT32_MAX, 0, 0 },
		{ "to nothing", INT32_MIN, 32767, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int16_t pcm[2] = { cases[i].in, cases[i].in };

		pcm_gain(pcm, 1, cases[i].mdb);
		if (pcm[0] != cases[i].out || pcm[1] != cases[i].out)
			fail_msg("%s: %d %d, wanted %d", cases[i].when, pcm[0],
			    pcm[1], cases[i].out);
	}
}

static void
fill(int16_t *pcm, int frames, int16_t value)
{
	for (int i = 0; i < 2 * frames; i++)
		pcm[i] = value;
}

static void
test_a_ramp_up_rises_from_silence_and_then_leaves_alone(void **state)
{
	int16_t pcm[2 * 6];

	(void)state;
	fill(pcm, 6, 10000);
	pcm_ramp_up(pcm, 6, 0, 4);
	assert_int_equal(pcm[0], 0);
	assert_int_equal(pcm[2], 2500);
	assert_int_equal(pcm[3], 2500);
	assert_int_equal(pcm[6], 7500);
	assert_int_equal(pcm[8], 10000);
	assert_int_equal(pcm[11], 10000);
}

static void
test_a_ramp_down_ends_in_silence_on_its_frame(void **state)
{
	int16_t pcm[2 * 8];

	(void)state;
	fill(pcm, 8, 10000);
	pcm_ramp_down(pcm, 8, 6, 4);
	assert_int_equal(pcm[2 * 1], 10000);
	assert_int_equal(pcm[2 * 2], 10000);
	assert_int_equal(pcm[2 * 3], 7500);
	assert_int_equal(pcm[2 * 5], 2500);
	assert_int_equal(pcm[2 * 6], 0);
	assert_int_equal(pcm[2 * 7 + 1], 0);
}

static void
test_ramps_in_blocks_are_the_ramp_in_one(void **state)
{
	int16_t whole[2 * 100], parts[2 * 100];

	(void)state;
	fill(whole, 100, 20000);
	fill(parts, 100, 20000);
	pcm_ramp_up(whole, 100, 0, 50);
	pcm_ramp_down(whole, 100, 90, 60);
	for (int at = 0; at < 100; at += 7) {
		int n = at + 7 > 100 ? 100 - at : 7;

		pcm_ramp_up(parts + 2 * at, n, at, 50);
		pcm_ramp_down(parts + 2 * at, n, 90 - at, 60);
	}
	assert_memory_equal(whole, parts, sizeof(whole));
}

static void
test_peak_is_the_farthest_from_zero(void **state)
{
	const int16_t pcm[6] = { 3, -4, 0, -32768, 100, 0 };

	(void)state;
	assert_int_equal(pcm_peak(pcm, 1), 4);
	assert_int_equal(pcm_peak(pcm, 3), 32768);
	assert_int_equal(pcm_peak(pcm, 0), 0);
	assert_int_equal(pcm_peak_mdb(32768), 0);
	assert_int_equal(pcm_peak_mdb(16384), -6021);
	assert_int_equal(pcm_peak_mdb(0), PCM_SILENCE_MDB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mono_sounds_on_both_sides),
		cmocka_unit_test(test_gain_scales_rounds_and_stays_in_range),
		cmocka_unit_test(
		    test_a_ramp_up_rises_from_silence_and_then_leaves_alone),
		cmocka_unit_test(test_a_ramp_down_ends_in_silence_on_its_frame),
		cmocka_unit_test(test_ramps_in_blocks_are_the_ramp_in_one),
		cmocka_unit_test(test_peak_is_the_farthest_from_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
