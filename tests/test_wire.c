/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>

#include "base/wire.h"

static int ends[2];

static int
setup(void **state)
{
	(void)state;
	return wire_pair(ends);
}

static int
teardown(void **state)
{
	(void)state;
	if (ends[0] >= 0)
		close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static int
open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
test_a_message_arrives_whole_and_alone(void **state)
{
	char buf[16];
	int fd = 77;

	(void)state;
	assert_int_equal(wire_send(ends[0], "one", 3, -1), 0);
	assert_int_equal(wire_send(ends[0], "second", 6, -1), 0);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), &fd), 3);
	assert_memory_equal(buf, "one", 3);
	assert_int_equal(fd, -1);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), NULL), 6);
	assert_memory_equal(buf, "second", 6);
}

static void
test_both_ends_are_close_on_exec_and_never_block(void **state)
{
	char buf[4];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(fcntl(ends[i], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), NULL), -EAGAIN);
}

static void
test_a_descriptor_travels_and_the_senders_stays(void **state)
{
	int pipe_fds[2];
	char buf[8];
	int fd = -1;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(wire_send(ends[0], "cue", 3, pipe_fds[0]), 0);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), &fd), 3);
	assert_true(fd >= 0 && fd != pipe_fds[0]);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(pipe_fds[0], F_GETFD) >= 0);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(read(fd, buf, 1), 1);
	close(fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void
test_a_descriptor_nobody_wants_does_not_stay_open(void **state)
{
	char buf[8];
	int before = open_fds();

	(void)state;
	assert_int_equal(wire_send(ends[0], "cue", 3, ends[0]), 0);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), NULL), 3);
	assert_int_equal(open_fds(), before);
}

static void
test_a_message_too_long_is_dropped_with_its_descriptor(void **state)
{
	char buf[4];
	int before = open_fds();
	int fd = 77;

	(void)state;
	assert_int_equal(wire_send(ends[0], "longer", 6, ends[0]), 0);
	assert_int_equal(wire_send(ends[0], "next", 4, -1), 0);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), &fd), -EMSGSIZE);
	assert_int_equal(fd, 77);
	assert_int_equal(open_fds(), before);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), &fd), 4);
}

static void
test_an_end_that_is_gone_is_told_to_both_sides(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(wire_send(ends[0], "last", 4, -1), 0);
	close(ends[0]);
	ends[0] = -1;
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), NULL), 4);
	assert_int_equal(wire_recv(ends[1], buf, sizeof(buf), NULL), 0);
	assert_int_equal(wire_send(ends[1], "x", 1, -1), -EPIPE);
}

static void
test_a_reader_that_sleeps_is_eagain_and_costs_nothing_sent(void **state)
{
	char text[1000] = "";
	char buf[1000];
	int sent = 0;
	int got = 0;
	int r;

	(void)state;
	while ((r = wire_send(ends[0], text, sizeof(text), -1)) == 0)
		sent++;
	assert_int_equal(r, -EAGAIN);
	assert_true(sent > 0);
	while (wire_recv(ends[1], buf, sizeof(buf), NULL) > 0)
		got++;
	assert_int_equal(got, sent);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_message_arrives_whole_and_alone),
		T(test_both_ends_are_close_on_exec_and_never_block),
		T(test_a_descriptor_travels_and_the_senders_stays),
		T(test_a_descriptor_nobody_wants_does_not_stay_open),
		T(test_a_message_too_long_is_dropped_with_its_descriptor),
		T(test_an_end_that_is_gone_is_told_to_both_sides),
		T(test_a_reader_that_sleeps_is_eagain_and_costs_nothing_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
