/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way through a real PulseAudio is check_pulse.sh's and check_two.sh's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "playout/pulse_pin.h"

static void
without_pulseaudio_the_call_fails_as_its_own_would(void **state)
{
	(void)state;
	assert_true(
	    pa_stream_connect_playback(NULL, "loa", NULL, 0, NULL, NULL) < 0);
}

static void
a_program_that_does_not_export_it_is_told_so(void **state)
{
	(void)state;
	assert_false(pulse_pinned());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    without_pulseaudio_the_call_fails_as_its_own_would),
		cmocka_unit_test(a_program_that_does_not_export_it_is_told_so),
	};

	return cmocka_run_group_tests_name("pulse_pin", tests, NULL, NULL);
}
