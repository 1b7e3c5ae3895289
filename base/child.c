/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"

#define KILL_WAIT_MS 200

static int
set_fds(posix_spawn_file_actions_t *acts, const struct child_fd *fds, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = fds[i].ours >= 0
			? posix_spawn_file_actions_adddup2(
			      acts, fds[i].ours, fds[i].theirs)
			: posix_spawn_file_actions_addopen(
			      acts, fds[i].theirs, "/dev/null", O_RDWR, 0);
	return r;
}

/* A child starts with a clean slate: the daemon blocks what it waits for. */
static int
set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setpgroup(attr, 0);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
						  POSIX_SPAWN_SETSIGDEF |
						  POSIX_SPAWN_SETPGROUP);
}

int
child_start(char *const argv[], const struct child_fd *fds, size_t n,
    struct child *ret_child)
{
	return child_start_env(argv, environ, fds, n, ret_child);
}

int
child_start_env(char *const argv[], char *const env[],
    const struct child_fd *fds, size_t n, struct child *ret_child)
{
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	struct child c = CHILD_NONE;
	int e;

	e = posix_spawn_file_actions_init(&acts);
	if (e != 0)
		return -e;
	e = posix_spawnattr_init(&attr);
	if (e != 0)
		goto no_attr;
	e = set_fds(&acts, fds, n);
	if (e == 0)
		e = set_signals(&attr);
	if (e == 0)
		e = posix_spawn(&c.pid, argv[0], &acts, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
no_attr:
	posix_spawn_file_actions_destroy(&acts);
	if (e != 0)
		return -e;
	c.pidfd = pidfd_open(c.pid, 0);
	if (c.pidfd < 0) {
		e = errno;
		child_end(&c, 0);
		return -e;
	}
	fcntl(c.pidfd, F_SETFD, FD_CLOEXEC);
	*ret_child = c;
	return 0;
}

static void
forget(struct child *c)
{
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pidfd = -1;
	c->pid = 0;
}

bool
child_reap(struct child *c)
{
	pid_t pid;

	if (c->pid == 0)
		return true;
	pid = waitpid(c->pid, &c->status, WNOHANG);
	if (pid == 0)
		return false;
	if (pid < 0 && errno == EINTR)
		return false;
	forget(c);
	return true;
}

void
child_kill(struct child *c)
{
	if (c->pid != 0)
		kill(-c->pid, SIGKILL); /* and what it has started */
}

/* True when it has ended within wait_ms. */
static bool
wait_for(struct child *c, int wait_ms)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	if (c->pid != 0 && wait_ms > 0)
		poll(&p, 1, wait_ms);
	return child_reap(c);
}

void
child_end(struct child *c, int wait_ms)
{
	if (wait_for(c, wait_ms))
		return;
	child_kill(c);
	if (!wait_for(c, KILL_WAIT_MS))
		forget(c);
}
