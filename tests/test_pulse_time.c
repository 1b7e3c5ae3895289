/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way through a real PulseAudio is check_pulse.sh's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "playout/pulse_time.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
the_first_frame_sounded_as_long_ago_as_was_read(void **state)
{
	static const struct {
		const char *when;
		struct pulse_timing t;
		int64_t zero_us;
	} cases[] = {
		{ "one second read, nothing on the way",
		    { .timestamp = { 100, 250 },
			.playing = 1,
			.read_index = 192000 },
		    99 * US_PER_S + 250 },
		{ "20 ms of it have still to sound",
		    { .timestamp = { 100, 250 },
			.sink_us = 20000,
			.playing = 1,
			.read_index = 192000 },
		    99 * US_PER_S + 20250 },
		{ "not playing",
		    { .timestamp = { 100, 250 }, .read_index = 192000 },
		    NEVER },
		{ "nothing read yet",
		    { .timestamp = { 100, 250 }, .playing = 1 }, NEVER },
		{ "the count is spoilt",
		    { .timestamp = { 100, 250 },
			.playing = 1,
			.read_index_corrupt = 1,
			.read_index = 192000 },
		    NEVER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t us = pulse_timing_zero_us(&cases[i].t);

		if (us != cases[i].zero_us)
			fail_msg("%s: %lld", cases[i].when, (long long)us);
	}
}

static void
nothing_told_is_never(void **state)
{
	unsigned seen = 0;

	(void)state;
	assert_int_equal(pulse_time_zero_us(&seen), NEVER);
	/* Without libpulse: it goes no further. */
	pa_stream_set_latency_update_callback(NULL, NULL, NULL);
	assert_int_equal(pulse_time_zero_us(&seen), NEVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_first_frame_sounded_as_long_ago_as_was_read),
		cmocka_unit_test(nothing_told_is_never),
	};

	return cmocka_run_group_tests_name("pulse_time", tests, NULL, NULL);
}
