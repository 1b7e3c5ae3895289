/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_ready PROGRAM ARGUMENT... - starts a daemon, prints the milliseconds
 * until it tells its supervisor READY=1 (sd_notify(3)), and ends it.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define GIVE_UP_S 30

/* An abstract socket named after this process; its name is in NOTIFY_SOCKET
 * for the child. The descriptor, or -1. */
static int
notify_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 1 };
	int fd, n;

	n = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "loaxa-bench-%d",
	    (int)getpid());
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&a,
		offsetof(struct sockaddr_un, sun_path) + 1 + n) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) <
		0) {
		close(fd);
		return -1;
	}
	a.sun_path[0] = '@';
	setenv("NOTIFY_SOCKET", a.sun_path, 1);
	return fd;
}

/* Leaves it to be waited for, so that its id stays its own. */
static bool
has_died(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == pid;
}

/* Looks up once a second: a program that has died will never be ready. */
static bool
ready_came(int fd, pid_t pid)
{
	char text[4096];
	ssize_t n;

	for (int tries = 0; tries < GIVE_UP_S; tries++) {
		n = recv(fd, text, sizeof(text) - 1, 0);
		text[n < 0 ? 0 : n] = '\0';
		if (strstr(text, "READY=1") != NULL)
			return true;
		if (n < 0 && has_died(pid))
			return false;
	}
	return false;
}

int
main(int argc, char **argv)
{
	int64_t start_us;
	bool ready;
	pid_t pid;
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_ready PROGRAM ARGUMENT...\n");
		return 64;
	}
	fd = notify_socket();
	if (fd < 0) {
		perror("bench_ready: socket");
		return 1;
	}
	start_us = clock_read().boot_us;
	pid = fork();
	if (pid == 0) {
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	ready = pid > 0 && ready_came(fd, pid);
	if (ready)
		printf("%.1f\n", (clock_read().boot_us - start_us) / 1000.0);
	else
		fprintf(
		    stderr, "bench_ready: %s did not become ready\n", argv[1]);
	if (pid > 0) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	return ready ? 0 : 1;
}
