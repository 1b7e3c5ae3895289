/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/frames.h"
#include "playout/live.h"
#include "playout/pcm.h"

#define FLOOR (-50000)
#define KEEP_MS 100
#define KEPT (KEEP_MS * RATE / 1000)

static int pipe_in;
static int16_t pcm[RATE * PCM_CHANNELS];

static struct live *
a_live(void)
{
	struct live *l = NULL;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) >= 0);
	pipe_in = fds[1];
	assert_int_equal(live_open(fds[0], KEEP_MS, FLOOR, 0, &l), 0);
	return l;
}

/* Frames numbered from `first` on. */
static void
give(int first, int frames)
{
	for (int i = 0; i < frames; i++)
		pcm[2 * i] = pcm[2 * i + 1] = (int16_t)((first + i) % 30000);
	assert_int_equal(write(pipe_in, pcm, (size_t)frames * PCM_FRAME_BYTES),
	    frames * PCM_FRAME_BYTES);
}

static void
test_only_the_latest_is_kept_while_nothing_is_due(void **state)
{
	struct live *l = a_live();

	(void)state;
	give(0, 20000);
	live_pump(l, false, 10);
	give(20000, 5000);
	live_pump(l, false, 20);
	assert_int_equal(live_ready(l), KEPT);
	assert_int_equal(live_take(l, pcm, 480, 30), 480);
	assert_int_equal(pcm[0], 25000 - KEPT);
	assert_int_equal(live_take(l, pcm, RATE, 30), KEPT - 480);
	assert_int_equal(pcm[0], 25000 - KEPT + 480);
	/* And it was measured: what was dropped too. */
	assert_true(level_is_signal(live_level(l), 40));
	close(pipe_in);
	live_free(l);
}

static void
test_one_that_ran_empty_begins_again_with_something_in_hand(void **state)
{
	struct live *l = a_live();

	(void)state;
	give(0, 480);
	live_pump(l, true, 10);
	assert_int_equal(live_take(l, pcm, 960, 10), 480);
	assert_int_equal(live_ready(l), 0);
	give(480, KEPT / 2 - 1);
	live_pump(l, true, 20);
	assert_int_equal(live_ready(l), 0);
	give(479 + KEPT / 2, 1);
	live_pump(l, true, 30);
	assert_int_equal(live_ready(l), KEPT / 2);
	assert_int_equal(live_take(l, pcm, 960, 30), 960);
	assert_int_equal(pcm[0], 480);
	close(pipe_in);
	live_free(l);
}

static void
test_a_burst_on_air_is_dropped_when_it_is_far_too_much(void **state)
{
	struct live *l = a_live();

	(void)state;
	give(0, RATE);
	live_pump(l, true, 10);
	assert_int_equal(live_ready(l), RATE);
	give(RATE, RATE);
	live_pump(l, true, 20);
	assert_int_equal(live_ready(l), KEPT);
	assert_int_equal(live_take(l, pcm, 1, 30), 1);
	assert_int_equal(pcm[0], (2 * RATE - KEPT) % 30000);
	close(pipe_in);
	live_free(l);
}

static void
test_its_end_is_told_at_once_or_behind_what_still_sounds(void **state)
{
	struct live *l = a_live();

	(void)state;
	give(0, 960);
	live_pump(l, true, 10);
	assert_false(live_ended(l, true) || live_ended(l, false));
	close(pipe_in);
	live_pump(l, true, 20);
	assert_true(live_ended(l, false));
	assert_false(live_ended(l, true));
	assert_int_equal(live_take(l, pcm, RATE, 30), 960);
	assert_true(live_ended(l, true));
	live_free(l);
}

static void
test_a_source_that_hangs_is_told(void **state)
{
	struct live *l = a_live();

	(void)state;
	give(0, 10);
	live_pump(l, false, US_PER_S);
	live_pump(l, false, US_PER_S + LIVE_STALL_US - 1);
	assert_false(live_stalled(l, US_PER_S + LIVE_STALL_US - 1));
	assert_true(live_stalled(l, US_PER_S + LIVE_STALL_US));
	close(pipe_in);
	live_free(l);
}

static void
test_a_descriptor_that_is_none_is_refused(void **state)
{
	struct live *l = NULL;

	(void)state;
	assert_int_equal(live_open(-1, KEEP_MS, FLOOR, 0, &l), -EBADF);
	assert_int_equal(live_open(-1, 0, FLOOR, 0, &l), -EINVAL);
	assert_int_equal(live_open(-1, LIVE_MAX_MS + 1, FLOOR, 0, &l), -EINVAL);
	assert_null(l);
	assert_null(live_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_only_the_latest_is_kept_while_nothing_is_due),
		cmocka_unit_test(
		    test_one_that_ran_empty_begins_again_with_something_in_hand),
		cmocka_unit_test(
		    test_a_burst_on_air_is_dropped_when_it_is_far_too_much),
		cmocka_unit_test(
		    test_its_end_is_told_at_once_or_behind_what_still_sounds),
		cmocka_unit_test(test_a_source_that_hangs_is_told),
		cmocka_unit_test(test_a_descriptor_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
