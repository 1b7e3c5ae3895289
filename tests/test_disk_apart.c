/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/disk_apart.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/folder.h"

#define WAIT_MS 100

static struct folder folder;
static struct disk *disk;

/* The one process that we have. */
static pid_t
helper(void)
{
	char path[64];
	FILE *f;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

static int
setup(void **state)
{
	(void)state;
	folder_make(&folder);
	return disk_apart(folder.path, WAIT_MS, &disk);
}

static int
teardown(void **state)
{
	(void)state;
	disk = disk_close(disk);
	folder_remove(&folder);
	return 0;
}

static void
assert_holds(const char *name, const char *want)
{
	char *bytes;
	size_t n;

	assert_int_equal(disk->read(disk, name, &bytes, &n), 0);
	assert_string_equal(bytes, want);
	free(bytes);
}

static void
test_what_is_asked_is_done(void **state)
{
	(void)state;
	assert_int_equal(disk->append(disk, "a", 0, "one ", 4), 0);
	assert_int_equal(disk->append(disk, "a", 4, "two", 3), 0);
	assert_int_equal(disk->sync(disk, "a"), 0);
	assert_holds("a", "one two");
	assert_int_equal(disk->replace(disk, "b", "whole", 5, 1), 0);
	assert_holds("b", "whole");
	assert_int_equal(disk->hold(disk, "c", 1 << 20), 0);
	assert_int_equal(disk->hold(disk, "c", 0), 0);
	assert_true(disk->room(disk) > 0);
}

static void
test_what_the_disk_refuses_is_told(void **state)
{
	(void)state;
	assert_int_equal(disk->append(disk, "a/b", 0, "x", 1), -EINVAL);
	assert_int_equal(disk->append(disk, "a", 7, "x", 1), -ESPIPE);
	assert_int_equal(disk->sync(disk, "other"), -EBADF);
}

static void
test_more_than_a_socket_holds_goes_through(void **state)
{
	size_t n = 4 << 20;
	char *big = malloc(n + 1);
	char *back;
	size_t len;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	assert_int_equal(disk->append(disk, "a", 0, big, n), 0);
	assert_int_equal(disk->read(disk, "a", &back, &len), 0);
	assert_int_equal(len, n);
	free(back);
	free(big);
}

/* Stands for a disk that hangs: the process does not answer. */
static void
test_a_disk_that_hangs_holds_nobody_up(void **state)
{
	int64_t before = clock_read().boot_us;
	int64_t waited;

	(void)state;
	kill(helper(), SIGSTOP);
	assert_int_equal(disk->append(disk, "a", 0, "one", 3), -ETIMEDOUT);
	waited = clock_read().boot_us - before;
	assert_in_range(waited / US_PER_MS, WAIT_MS - 1, WAIT_MS + 900);
	before = clock_read().boot_us;
	for (int i = 0; i < 100; i++)
		assert_int_equal(disk->sync(disk, "a"), -EINPROGRESS);
	assert_true(clock_read().boot_us - before < WAIT_MS * US_PER_MS);
	kill(helper(), SIGCONT);
	while (disk->sync(disk, "a") == -EINPROGRESS)
		usleep(1000);
	assert_int_equal(disk->append(disk, "a", 0, "two", 3), 0);
	assert_int_equal(disk->sync(disk, "a"), 0);
	assert_holds("a", "two");
}

/* P4: what has to sound waits less, for all calls together. */
static void
test_who_is_in_a_hurry_waits_less(void **state)
{
	int64_t before = clock_read().boot_us;

	(void)state;
	kill(helper(), SIGSTOP);
	disk->hurry(disk, 20);
	assert_int_equal(disk->append(disk, "a", 0, "one", 3), -ETIMEDOUT);
	assert_int_equal(disk->sync(disk, "a"), -EINPROGRESS);
	assert_true(clock_read().boot_us - before < WAIT_MS * US_PER_MS);
	disk->hurry(disk, 0);
	kill(helper(), SIGCONT);
	while (disk->append(disk, "a", 0, "two", 3) < 0)
		usleep(1000);
	assert_int_equal(disk->sync(disk, "a"), 0);
	assert_holds("a", "two");
}

static void
test_a_process_that_died_is_started_anew(void **state)
{
	pid_t first = helper();

	(void)state;
	assert_int_equal(disk->append(disk, "a", 0, "one", 3), 0);
	kill(first, SIGKILL);
	while (disk->append(disk, "a", 3, " two", 4) < 0)
		usleep(1000);
	assert_int_equal(disk->sync(disk, "a"), 0);
	assert_int_not_equal(helper(), first);
	assert_holds("a", "one two");
}

static void
test_signals_that_end_a_service_do_not_end_the_process(void **state)
{
	(void)state;
	kill(helper(), SIGTERM);
	kill(helper(), SIGINT);
	kill(helper(), SIGHUP);
	assert_int_equal(disk->append(disk, "a", 0, "one", 3), 0);
	assert_int_equal(disk->sync(disk, "a"), 0);
}

/* A pipe's other end that stayed open there would never say that it ended. */
static void
test_the_process_keeps_nothing_of_ours_open(void **state)
{
	int pair[2];
	char byte;
	struct disk *second;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(disk_apart(folder.path, WAIT_MS, &second), 0);
	close(pair[1]);
	assert_int_equal(recv(pair[0], &byte, 1, 0), 0);
	close(pair[0]);
	disk_close(second);
}

static void
test_the_process_ends_with_its_caller(void **state)
{
	pid_t caller;
	int pipe_fds[2];
	pid_t left = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	caller = fork();
	if (caller == 0) {
		if (disk_apart(folder.path, WAIT_MS, &disk) < 0)
			_exit(1);
		left = helper();
		if (write(pipe_fds[1], &left, sizeof(left)) < 0)
			_exit(1);
		pause();
	}
	assert_int_equal(
	    read(pipe_fds[0], &left, sizeof(left)), (long)sizeof(left));
	kill(caller, SIGKILL);
	waitpid(caller, NULL, 0);
	for (int i = 0; i < 200 && kill(left, 0) == 0; i++)
		usleep(10000);
	assert_int_equal(kill(left, 0), -1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* P4, P8: what a hanging disk did after we gave up waiting is written again
 * from the same place: nothing lost, nothing twice. */
static void
test_a_log_on_a_disk_that_hangs_has_each_record_once(void **state)
{
	struct now now = { INT64_C(1795000000000000), 1, TRUST_SYNCED };
	struct ledger *l;
	char *bytes;
	char *second;
	size_t n;

	(void)state;
	assert_int_equal(ledger_open(disk, NULL, &l), 0);
	ledger_add(l, record_new(KIND_OP, "que-minh", now, "b"));
	assert_int_equal(ledger_flush(l), 0);
	kill(helper(), SIGSTOP);
	ledger_add(l, record_new(KIND_OP, "que-minh", now, "b"));
	assert_int_equal(ledger_flush(l), -ETIMEDOUT);
	ledger_add(l, record_new(KIND_OP, "que-minh", now, "b"));
	assert_int_equal(ledger_flush(l), -EINPROGRESS);
	assert_int_equal(ledger_leaves(l), 1);
	kill(helper(), SIGCONT);
	while (ledger_flush(l) < 0)
		usleep(1000);
	assert_int_equal(ledger_leaves(l), 3);
	ledger_close(l);
	assert_int_equal(
	    disk->read(disk, "airing-2026-11.jsonl", &bytes, &n), 0);
	second = strstr(bytes, "\"seq\":1,");
	assert_non_null(second);
	assert_null(strstr(second + 1, "\"seq\":1,"));
	assert_non_null(strstr(second, "\"seq\":2,"));
	free(bytes);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_what_is_asked_is_done),
		T(test_what_the_disk_refuses_is_told),
		T(test_more_than_a_socket_holds_goes_through),
		T(test_a_disk_that_hangs_holds_nobody_up),
		T(test_who_is_in_a_hurry_waits_less),
		T(test_a_process_that_died_is_started_anew),
		T(test_signals_that_end_a_service_do_not_end_the_process),
		T(test_the_process_keeps_nothing_of_ours_open),
		T(test_the_process_ends_with_its_caller),
		T(test_a_log_on_a_disk_that_hangs_has_each_record_once),
	};

	return cmocka_run_group_tests_name("disk apart", tests, NULL, NULL);
}
