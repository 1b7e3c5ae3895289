/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scheduler/door.h"

static char folder[64];
static char path[80];
static sd_event *event;
static struct door *door;
static char heard[128];

static bool closed; /* nobody is let in */
static uid_t seen_uid;
static gid_t seen_groups[1000];
static size_t n_seen;

static json_t *
admit(void *arg, const struct rights_peer *who)
{
	(void)arg;
	seen_uid = who->uid;
	n_seen = who->n;
	for (size_t i = 0; i < who->n && i < 1000; i++)
		seen_groups[i] = who->groups[i];
	return closed ? json_pack("{s:b, s:s}", "ok", 0, "error", "no") : NULL;
}

/* Answers with what it was asked. */
static json_t *
echo(void *arg, const struct rights_peer *who, const json_t *request)
{
	(void)arg;
	assert_int_equal(who->uid, seen_uid);
	assert_int_equal(who->n, n_seen);
	return json_pack("{s:b, s:O}", "ok", 1, "asked", request);
}

static const struct door_keeper keeper = { admit, echo, NULL };

static int
open_one(void **state)
{
	(void)state;
	closed = false;
	snprintf(folder, sizeof(folder), "/tmp/loaxa-door-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/control.sock", folder);
	assert_int_equal(sd_event_new(&event), 0);
	assert_int_equal(door_open(event, path, &keeper, &door), 0);
	return 0;
}

static int
close_one(void **state)
{
	(void)state;
	door = door_close(door);
	event = sd_event_unref(event);
	assert_int_equal(access(path, F_OK), -1);
	rmdir(folder);
	return 0;
}

/* The loop, until it has nothing to do. */
static void
settle(void)
{
	while (sd_event_run(event, 10000) > 0)
		continue;
}

static int
come(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	settle();
	return fd;
}

static void
ask(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	settle();
}

/* What has come meanwhile: "" for nothing, "end" when the door closed. */
static const char *
hear(int fd)
{
	ssize_t n = recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT);

	heard[n > 0 ? n : 0] = '\0';
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return "end";
	return heard;
}

static void
test_each_whole_line_is_answered_and_half_a_line_waits(void **state)
{
	int fd = come();

	(void)state;
	ask(fd, "{\"a\":1}\n{\"b\"");
	assert_string_equal(hear(fd), "{\"ok\":true,\"asked\":{\"a\":1}}\n");
	ask(fd, ":2}\n");
	assert_string_equal(hear(fd), "{\"ok\":true,\"asked\":{\"b\":2}}\n");
	ask(fd, "[1]\n");
	assert_non_null(strstr(hear(fd), "one JSON object on one line"));
	close(fd);
	settle();
}

static void
test_a_line_without_end_is_not_listened_to(void **state)
{
	static char line[DOOR_LINE_MAX + 1];
	int fd = come();
	int other = come();

	(void)state;
	memset(line, 'x', DOOR_LINE_MAX);
	for (size_t at = 0; at < DOOR_LINE_MAX; at += 4096) {
		if (send(fd, line + at, 4096, MSG_NOSIGNAL) < 0)
			break;
		settle();
	}
	assert_string_equal(hear(fd), "end");
	ask(other, "{}\n");
	assert_string_equal(hear(other), "{\"ok\":true,\"asked\":{}}\n");
	close(fd);
	close(other);
	settle();
}

static void
test_a_peer_that_never_reads_is_let_go(void **state)
{
	static char line[4096];
	int fd = come();
	int n = 0;

	(void)state;
	snprintf(line, sizeof(line), "{\"a\":\"%04000d\"}\n", 0);
	while (n < 10000 && send(fd, line, strlen(line), MSG_NOSIGNAL) > 0) {
		settle();
		n++;
	}
	assert_in_range(n, 1, 9999);
	close(fd);
	settle();
}

static void
test_silent_peers_do_not_keep_another_out(void **state)
{
	int fds[DOOR_PEERS_MAX];
	int late;

	(void)state;
	for (size_t i = 0; i < DOOR_PEERS_MAX; i++)
		fds[i] = come();
	ask(fds[0], "{}\n");
	assert_string_equal(hear(fds[0]), "{\"ok\":true,\"asked\":{}}\n");
	late = come();
	ask(late, "{}\n");
	assert_string_equal(hear(late), "{\"ok\":true,\"asked\":{}}\n");
	assert_string_equal(hear(fds[1]), "end");
	for (size_t i = 0; i < DOOR_PEERS_MAX; i++) {
		if (i != 1)
			assert_string_equal(hear(fds[i]), "");
		close(fds[i]);
	}
	close(late);
	settle();
}

static bool
is_seen(gid_t group)
{
	for (size_t i = 0; i < n_seen; i++)
		if (seen_groups[i] == group)
			return true;
	return false;
}

static void
test_the_kernel_says_who_a_peer_is(void **state)
{
	gid_t own[1000];
	int n = getgroups(1000, own);
	int fd = come();

	(void)state;
	assert_int_equal(seen_uid, geteuid());
	assert_int_equal(seen_groups[0], getegid());
	assert_int_equal(n_seen, n + 1);
	for (int i = 0; i < n; i++)
		assert_true(is_seen(own[i]));
	ask(fd, "{}\n");
	assert_string_equal(hear(fd), "{\"ok\":true,\"asked\":{}}\n");
	close(fd);
	settle();
}

/* A child of another user, with many groups; 0 when it was answered. */
static pid_t
come_as_another(void)
{
	static gid_t groups[200];
	pid_t pid;

	for (size_t i = 0; i < 200; i++)
		groups[i] = (gid_t)(70000 + i);
	pid = fork();
	if (pid != 0)
		return pid;
	if (setgroups(200, groups) == 0 && setgid(60001) == 0 &&
	    setuid(60002) == 0) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		char c;

		snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
		if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
		    send(fd, "{}\n", 3, MSG_NOSIGNAL) == 3 &&
		    recv(fd, &c, 1, 0) == 1)
			_exit(0);
	}
	_exit(1);
}

static void
test_a_peer_that_dropped_its_rights_is_known_by_what_is_left(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0) {
		print_message("only root can become another user\n");
		skip();
	}
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(door_mode(door, 0666), 0);
	pid = come_as_another();
	while (waitpid(pid, &status, WNOHANG) == 0)
		settle();
	assert_int_equal(status, 0);
	assert_int_equal(seen_uid, 60002);
	assert_int_equal(seen_groups[0], 60001);
	assert_int_equal(n_seen, 201);
	assert_true(is_seen(70000) && is_seen(70199) && !is_seen(0));
}

static void
test_who_is_not_let_in_is_told_and_takes_no_place(void **state)
{
	int friend = come();

	(void)state;
	closed = true;
	for (int i = 0; i < 3 * DOOR_PEERS_MAX; i++) {
		int fd = come();

		assert_string_equal(
		    hear(fd), "{\"ok\":false,\"error\":\"no\"}\n");
		assert_string_equal(hear(fd), "end");
		close(fd);
	}
	ask(friend, "{}\n");
	assert_string_equal(hear(friend), "{\"ok\":true,\"asked\":{}}\n");
	close(friend);
	settle();
}

static void
test_the_sockets_mode_is_what_is_asked_for(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(door_mode(door, 0666), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
}

static void
test_two_cannot_have_one_door_but_a_dead_ones_is_taken(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct door *second = NULL;
	char long_path[200];
	int dead;

	(void)state;
	assert_int_equal(door_open(event, path, &keeper, &second), -EADDRINUSE);
	settle();
	memset(long_path, 'a', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(
	    door_open(event, long_path, &keeper, &second), -ENAMETOOLONG);
	assert_null(second);
	door = door_close(door);
	dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(dead, (struct sockaddr *)&at, sizeof(at)), 0);
	close(dead);
	assert_int_equal(door_open(event, path, &keeper, &door), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)
	const struct CMUnitTest tests[] = {
		TEST(test_each_whole_line_is_answered_and_half_a_line_waits),
		TEST(test_a_line_without_end_is_not_listened_to),
		TEST(test_a_peer_that_never_reads_is_let_go),
		TEST(test_silent_peers_do_not_keep_another_out),
		TEST(test_the_kernel_says_who_a_peer_is),
		TEST(
		    test_a_peer_that_dropped_its_rights_is_known_by_what_is_left),
		TEST(test_who_is_not_let_in_is_told_and_takes_no_place),
		TEST(test_the_sockets_mode_is_what_is_asked_for),
		TEST(test_two_cannot_have_one_door_but_a_dead_ones_is_taken),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
