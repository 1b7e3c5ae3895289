/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/loudness.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UNKNOWN (-HUGE_VAL)

static void
every_item_comes_to_the_target_as_far_as_its_peak_and_the_boost_let_it(
    void **state)
{
	static const struct {
		const char *when;
		double lufs, peak_db, target;
		int32_t cap_mdb;
		struct gain want;
	} cases[] = {
		{ "as loud as the target", -16, -5, -16, 0, { 0, 0, false } },
		{ "too loud", -9.5, -0.1, -16, 0, { -6500, 0, false } },
		{ "quiet", -23.1, -9, -16, 0, { 7100, 0, false } },
		{ "at the boost", -28, -20, -16, 0, { 12000, 0, false } },
		{ "beyond the boost", -34, -25, -16, 0,
		    { 12000, 6000, false } },
		{ "peaks in the way", -23, -4, -16, 0, { 3000, 4000, true } },
		{ "on target, peaks over", -16, 0.5, -16, 0,
		    { -1500, 1500, true } },
		{ "peaks just allow it", -20, -5, -16, 0, { 4000, 0, false } },
		{ "rounded down", -16.0004, -9, -16, 0, { 0, 0, false } },
		{ "another target", -20, -10, -23, 0, { -3000, 0, false } },
		{ "a quieter hour", -20, -10, -16, -6000, { -2000, 0, false } },
		{ "quieter than the boost reaches", -34, -25, -16, -6000,
		    { 12000, 0, false } },
		{ "off", -34, 0, LOUDNESS_OFF, 0, { 0, 0, false } },
		{ "off in a quieter hour", -34, 0, LOUDNESS_OFF, -6000,
		    { -6000, 0, false } },
		{ "loudness unknown", UNKNOWN, -30, -16, 0, { 0, 0, false } },
		{ "unknown in a quieter hour", UNKNOWN, -30, -16, -6000,
		    { -6000, 0, false } },
		{ "unknown and peaks over", UNKNOWN, 0, -16, 0,
		    { -1000, 0, false } },
		{ "nothing is known", UNKNOWN, UNKNOWN, -16, 0,
		    { 0, 0, false } },
		{ "silence in a quieter hour", UNKNOWN, UNKNOWN, -16, -6500,
		    { -6500, 0, false } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct gain g = loudness_gain(cases[i].lufs, cases[i].peak_db,
		    cases[i].target, cases[i].cap_mdb);

		if (g.gain_mdb != cases[i].want.gain_mdb ||
		    g.short_mdb != cases[i].want.short_mdb ||
		    g.by_peak != cases[i].want.by_peak)
			fail_msg("%s: %d, short %d, %d", cases[i].when,
			    (int)g.gain_mdb, (int)g.short_mdb, g.by_peak);
	}
}

/* Whatever the figures: nothing is made to peak above the limit, raised by
 * more than the boost, or made louder than the target. */
static void
no_limit_is_ever_passed(void **state)
{
	(void)state;
	for (double lufs = -70; lufs <= 3; lufs += 0.37)
		for (double peak = lufs; peak <= 6; peak += 0.41)
			for (int cap = 0; cap >= -20000; cap -= 3330) {
				struct gain g = loudness_gain(
				    lufs, peak, LOUDNESS_TARGET_LUFS, cap);
				double db = g.gain_mdb / 1000.0;

				assert_true(
				    peak + db <= LOUDNESS_PEAK_DB + 1e-9);
				assert_true(db <= LOUDNESS_BOOST_DB);
				assert_true(
				    lufs + db <=
				    LOUDNESS_TARGET_LUFS + cap / 1000.0 + 1e-9);
				assert_true(g.short_mdb >= 0);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_item_comes_to_the_target_as_far_as_its_peak_and_the_boost_let_it),
		cmocka_unit_test(no_limit_is_ever_passed),
	};

	return cmocka_run_group_tests_name("loudness", tests, NULL, NULL);
}
