/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/disk.h"
#include "base/words.h"
#include "scheduler/errand.h"

#define NICENESS 10 /* sound comes first */
#define TASKS 512 /* of the daemon's user; the unit allows 640 */
#define SYSTEM_USERS 1000 /* below it: a user that is the daemon's alone */
#define ARGS_MAX 34 /* site.c takes at most 32 */
#define ENV_MAX 8

struct live {
	struct errand errand; /* must be first */
	char *top;
	int epoll;
	struct child child;
	int64_t deadline_us; /* boot */
	bool killed; /* for being too slow */
};

/* Not what the daemon was started with, but for language, zone and home. */
static void
make_env(char *env[ENV_MAX], char room[ENV_MAX][PATH_MAX])
{
	static const char *const kept[] = { "HOME", "LOAXA_LANG", "TZ",
		"TZDIR" };
	size_t n = 0;

	snprintf(room[n], PATH_MAX, "%s",
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
	    "/bin");
	env[n] = room[n];
	n++;
	snprintf(room[n], PATH_MAX, "LANG=C.UTF-8");
	env[n] = room[n];
	n++;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *value = getenv(kept[i]);

		if (value == NULL || snprintf(room[n], PATH_MAX, "%s=%s",
					 kept[i], value) >= PATH_MAX)
			continue;
		env[n] = room[n];
		n++;
	}
	env[n] = NULL;
}

/* A command that starts others without end, each in a session of its own, must
 * leave players and decode workers their room. */
static void
limit_tasks(pid_t pid)
{
	const struct rlimit most = { TASKS, TASKS };

	if (getuid() < SYSTEM_USERS)
		prlimit(pid, RLIMIT_NPROC, &most, NULL);
}

/* Louder than the station it may not be. Each of them may fail. */
static void
calm(pid_t pid)
{
	char path[64];
	int fd;

	limit_tasks(pid);
	setpriority(PRIO_PROCESS, (id_t)pid, NICENESS);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	disk_write(fd, "500", 3);
	close(fd);
}

/* With all that it left behind in its group, while its id is still its own. */
static void
kill_group(const struct live *l)
{
	if (l->child.pid != 0)
		kill(-l->child.pid, SIGKILL);
}

static int
run(struct live *l, char *const command[], size_t n, int input)
{
	static char room[ENV_MAX][PATH_MAX]; /* large for a stack */
	char program[PATH_MAX];
	char *argv[ARGS_MAX] = { program };
	char *env[ENV_MAX];
	/* What it prints goes where our own words go. */
	struct child_fd fds[] = { { input, 0 }, { 2, 1 } };

	snprintf(program, sizeof(program), "%s%s%s",
	    command[0][0] == '/' ? "" : l->top, command[0][0] == '/' ? "" : "/",
	    command[0]);
	for (size_t i = 1; i < n && i + 1 < ARGS_MAX; i++)
		argv[i] = command[i];
	make_env(env, room);
	return child_start_env(argv, env, fds, 2, &l->child);
}

static int
live_start(struct errand *e, struct now now, char *const command[], size_t n,
    int input, int longest_s)
{
	struct live *l = (struct live *)e;
	struct epoll_event ev = { .events = EPOLLIN };
	int r;

	if (l->child.pid != 0)
		return -EBUSY;
	r = run(l, command, n, input);
	if (r < 0)
		return r;
	calm(l->child.pid);
	epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->child.pidfd, &ev);
	l->killed = false;
	l->deadline_us = now.boot_us + longest_s * US_PER_S;
	return 0;
}

/* What came of the run that has ended. */
static enum errand_state
judge(const struct live *l, char *why_not)
{
	int status = l->child.status;

	if (!l->killed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERRAND_DONE;
	if (l->killed)
		snprintf(why_not, ERRAND_WHY, "%s",
		    _("it took too long and was killed"));
	else if (WIFSIGNALED(status))
		snprintf(why_not, ERRAND_WHY, _("ended by signal %d"),
		    WTERMSIG(status));
	else
		snprintf(why_not, ERRAND_WHY, _("ended with exit code %d"),
		    WEXITSTATUS(status));
	return ERRAND_FAILED;
}

static enum errand_state
live_look(struct errand *e, struct now now, char *why_not)
{
	struct live *l = (struct live *)e;
	struct epoll_event ev;

	if (l->child.pid == 0)
		return ERRAND_NONE;
	if (epoll_wait(l->epoll, &ev, 1, 0) > 0) {
		kill_group(l);
		if (!child_reap(&l->child))
			return ERRAND_RUNS;
		return judge(l, why_not);
	}
	if (now.boot_us >= l->deadline_us && !l->killed) {
		l->killed = true;
		kill_group(l);
	}
	return ERRAND_RUNS;
}

static int64_t
live_wake(const struct errand *e)
{
	const struct live *l = (const struct live *)e;

	return l->child.pid == 0 || l->killed ? NEVER : l->deadline_us;
}

static int
live_fd(const struct errand *e)
{
	return ((const struct live *)e)->epoll;
}

static void
live_stop(struct errand *e)
{
	struct live *l = (struct live *)e;

	kill_group(l);
	child_end(&l->child, 0);
}

static void
live_close(struct errand *e)
{
	struct live *l = (struct live *)e;

	live_stop(e);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l->top);
	free(l);
}

int
errand_open(const char *top, struct errand **ret_errand)
{
	struct live *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	l->errand = (struct errand){ live_start, live_look, live_wake, live_fd,
		live_stop, live_close };
	l->child = CHILD_NONE;
	l->top = strdup(top);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->top == NULL || l->epoll < 0) {
		r = l->top == NULL ? -ENOMEM : -errno;
		live_close(&l->errand);
		return r;
	}
	*ret_errand = &l->errand;
	return 0;
}

struct errand *
errand_close(struct errand *e)
{
	if (e != NULL)
		e->close(e);
	return NULL;
}
