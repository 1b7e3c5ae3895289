/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/cue.h"
#include "playout/feed.h"

/* A pipe's reading end; *ret_in is its writing end. */
static int
a_pipe(int *ret_in)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	*ret_in = fds[1];
	return fds[0];
}

static struct feed *
a_feed(int fd, int channels, int64_t frames)
{
	struct feed *f = NULL;

	assert_int_equal(feed_open(fd, channels, frames, &f), 0);
	return f;
}

static void
write_all(int fd, const void *bytes, size_t n)
{
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
}

static void
test_what_is_written_comes_out_also_frame_by_frame_and_torn(void **state)
{
	const int16_t in[4] = { 11, -12, 21, -22 };
	const char *bytes = (const char *)in;
	int16_t out[4];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 2, 0);

	(void)state;
	feed_pump(f);
	assert_int_equal(feed_ready(f), 0);
	assert_false(feed_ended(f));
	write_all(pipe_in, bytes, 3);
	feed_pump(f);
	assert_int_equal(feed_ready(f), 0);
	write_all(pipe_in, bytes + 3, 5);
	feed_pump(f);
	assert_int_equal(feed_take(f, out, 1), 1);
	assert_int_equal(feed_take(f, out + 2, 5), 1);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(feed_take(f, out, 5), 0);
	close(pipe_in);
	feed_free(f);
}

static void
test_mono_comes_out_on_both_sides(void **state)
{
	const int16_t in[2] = { 7, -8 };
	const int16_t want[4] = { 7, 7, -8, -8 };
	int16_t out[4];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 1, 0);

	(void)state;
	write_all(pipe_in, in, sizeof(in));
	feed_pump(f);
	assert_int_equal(feed_take(f, out, 2), 2);
	assert_memory_equal(out, want, sizeof(want));
	close(pipe_in);
	feed_free(f);
}

static void
test_a_gain_changes_what_is_taken(void **state)
{
	const int16_t in[4] = { 1000, -2000, 10000, 5 };
	const int16_t want[8] = { 500, 500, -1000, -1000, 5000, 5000, 2, 2 };
	int16_t out[8];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 1, 0);

	(void)state;
	feed_gain(f, -6021);
	write_all(pipe_in, in, sizeof(in));
	feed_pump(f);
	assert_int_equal(feed_take(f, out, 3), 3);
	assert_int_equal(feed_take(f, out + 6, 1), 1);
	assert_memory_equal(out, want, sizeof(want));
	close(pipe_in);
	feed_free(f);
}

static void
test_no_more_than_promised_is_ever_taken(void **state)
{
	const int16_t in[8] = { 1, 1, 2, 2, 3, 3, 4, 4 };
	int16_t out[8];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 2, 3);

	(void)state;
	assert_int_equal(feed_left(f), 3);
	write_all(pipe_in, in, sizeof(in));
	feed_pump(f);
	assert_int_equal(feed_ready(f), 3);
	assert_int_equal(feed_take(f, out, 4), 3);
	assert_true(feed_ended(f));
	assert_true(feed_whole(f));
	close(pipe_in);
	feed_free(f);
}

static void
test_an_early_end_is_not_the_whole(void **state)
{
	const int16_t in[4] = { 1, 1, 2, 2 };
	int16_t out[4];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 2, 3);

	(void)state;
	write_all(pipe_in, in, sizeof(in));
	close(pipe_in);
	feed_pump(f);
	assert_int_equal(feed_left(f), 2);
	assert_false(feed_ended(f));
	assert_int_equal(feed_take(f, out, 4), 2);
	assert_true(feed_ended(f));
	assert_false(feed_whole(f));
	feed_free(f);
}

static void
test_without_a_promise_the_end_of_the_pipe_is_the_whole(void **state)
{
	const int16_t in[2] = { 1, 1 };
	int16_t out[2];
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 2, -1);

	(void)state;
	assert_true(feed_left(f) == INT64_MAX);
	write_all(pipe_in, in, sizeof(in));
	close(pipe_in);
	feed_pump(f);
	assert_int_equal(feed_take(f, out, 1), 1);
	assert_true(feed_whole(f));
	feed_free(f);
}

static void
test_an_empty_pipe_that_ended_is_never_the_whole(void **state)
{
	int pipe_in;
	struct feed *f = a_feed(a_pipe(&pipe_in), 2, 0);

	(void)state;
	close(pipe_in);
	feed_pump(f);
	assert_true(feed_ended(f));
	assert_false(feed_whole(f));
	feed_free(f);
}

static void
test_a_long_source_arrives_bit_for_bit(void **state)
{
	enum { N = 5 * RATE };
	int16_t *in = malloc(N * sizeof(*in));
	int16_t out[2 * 700];
	int fd = memfd_create("source", MFD_CLOEXEC);
	int64_t at = 0;
	struct feed *f;

	(void)state;
	for (int i = 0; i < N; i++)
		in[i] = (int16_t)(i * 31 + i / 777);
	write_all(fd, in, N * sizeof(*in));
	lseek(fd, 0, SEEK_SET);
	f = a_feed(fd, 1, N);
	while (!feed_ended(f)) {
		int n;

		feed_pump(f);
		n = feed_take(f, out, 700);
		for (int i = 0; i < n; i++)
			assert_int_equal(out[2 * i], in[at + i]);
		at += n;
	}
	assert_int_equal(at, N);
	assert_true(feed_whole(f));
	feed_free(f);
	free(in);
}

static void
test_bad_input_is_refused_and_its_descriptor_closed(void **state)
{
	struct feed *f = NULL;
	int pipe_in;
	int fd = a_pipe(&pipe_in);

	(void)state;
	assert_int_equal(feed_open(fd, 3, 0, &f), -EINVAL);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(feed_open(-1, 2, 0, &f), -EBADF);
	assert_null(f);
	assert_null(feed_free(NULL));
	close(pipe_in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_written_comes_out_also_frame_by_frame_and_torn),
		cmocka_unit_test(test_mono_comes_out_on_both_sides),
		cmocka_unit_test(test_a_gain_changes_what_is_taken),
		cmocka_unit_test(test_no_more_than_promised_is_ever_taken),
		cmocka_unit_test(test_an_early_end_is_not_the_whole),
		cmocka_unit_test(
		    test_without_a_promise_the_end_of_the_pipe_is_the_whole),
		cmocka_unit_test(
		    test_an_empty_pipe_that_ended_is_never_the_whole),
		cmocka_unit_test(test_a_long_source_arrives_bit_for_bit),
		cmocka_unit_test(
		    test_bad_input_is_refused_and_its_descriptor_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
