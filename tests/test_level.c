/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/frames.h"
#include "playout/level.h"
#include "playout/pcm.h"

#define SEC(s) ((int64_t)((s) * (double)US_PER_S))
#define FLOOR (-50000)

/* So many tenths of a second of a square wave of that level come in time. */
static int64_t
hear(struct level *l, int16_t amplitude, int tenths, int64_t now_us)
{
	static int16_t pcm[RATE / 10 * PCM_CHANNELS];

	for (size_t i = 0; i < sizeof(pcm) / sizeof(pcm[0]); i++)
		pcm[i] = i / 100 % 2 == 0 ? amplitude : (int16_t)-amplitude;
	for (int i = 0; i < tenths; i++) {
		now_us += SEC(0.1);
		level_add(l, pcm, RATE / 10, now_us);
	}
	return now_us;
}

static void
test_a_signal_lasts_through_the_pauses_of_speech_and_no_longer(void **state)
{
	struct level l;
	int64_t now;

	(void)state;
	level_start(&l, FLOOR, SEC(5));
	assert_false(level_is_signal(&l, SEC(6)));
	assert_int_equal(level_quiet_us(&l, SEC(6)), SEC(1));
	now = hear(&l, 3000, 20, SEC(6));
	assert_true(level_is_signal(&l, now));
	assert_int_equal(level_loud_us(&l, now), SEC(1.9));
	assert_int_equal(level_quiet_us(&l, now), 0);
	now = hear(&l, 10, 9, now);
	assert_int_equal(level_loud_us(&l, now), SEC(2.8));
	now = hear(&l, 10, 3, now);
	assert_false(level_is_signal(&l, now));
	assert_int_equal(level_loud_us(&l, now), 0);
	assert_int_equal(level_quiet_us(&l, now), SEC(1.2));
	/* Another one begins anew. */
	now = hear(&l, 3000, 2, now);
	assert_int_equal(level_loud_us(&l, now), SEC(0.1));
}

static void
test_frames_that_do_not_come_are_quiet_too(void **state)
{
	struct level l;
	int64_t now;

	(void)state;
	level_start(&l, FLOOR, 0);
	now = hear(&l, 3000, 5, 0);
	assert_true(level_is_signal(&l, now + SEC(1)));
	assert_false(level_is_signal(&l, now + SEC(1.1)));
	assert_int_equal(level_quiet_us(&l, now + SEC(7)), SEC(7));
}

/* P7: one loud window, and a second's pause that was none. */
static void
test_P7_a_click_is_not_a_second_of_signal(void **state)
{
	struct level l;
	int64_t now = 0;
	int64_t n = 0;

	(void)state;
	level_start(&l, FLOOR, 0);
	for (int i = 0; i < 30; i++) {
		now = hear(&l, i == 5 ? 3000 : 10, 1, now);
		n += level_signal(&l, RATE / 10, now);
	}
	assert_int_equal(n, RATE / 10);
	/* Speech, with half a second's pause inside. */
	for (int i = 0; i < 30; i++) {
		now = hear(&l, i >= 10 && i < 15 ? 10 : 3000, 1, now);
		n += level_signal(&l, RATE / 10, now);
	}
	assert_int_equal(n, RATE / 10 + 3 * RATE);
}

static void
test_what_is_just_below_the_floor_is_no_signal(void **state)
{
	static const struct {
		const char *when;
		int16_t amplitude;
		bool signal;
		int32_t mdb;
	} cases[] = {
		{ "nothing at all", 0, false, PCM_SILENCE_MDB },
		{ "hiss, -51 dBFS", 92, false, -51035 },
		{ "-49.5 dBFS", 110, true, -49482 },
		{ "a tenth of full scale", 3277, true, -20000 },
		{ "full scale", 32767, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct level l;
		int64_t now;
		int32_t mdb;

		level_start(&l, FLOOR, 0);
		now = hear(&l, cases[i].amplitude, 10, 0);
		mdb = level_mean_mdb(&l);
		if (level_is_signal(&l, now) != cases[i].signal ||
		    mdb < cases[i].mdb - 9 || mdb > cases[i].mdb + 9)
			fail_msg("%s: signal %d, %d", cases[i].when,
			    level_is_signal(&l, now), mdb);
		/* Told once. */
		assert_int_equal(level_mean_mdb(&l), PCM_SILENCE_MDB);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P7_a_click_is_not_a_second_of_signal),
		cmocka_unit_test(
		    test_a_signal_lasts_through_the_pauses_of_speech_and_no_longer),
		cmocka_unit_test(test_frames_that_do_not_come_are_quiet_too),
		cmocka_unit_test(
		    test_what_is_just_below_the_floor_is_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
