/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/disk.h"
#include "base/words.h"
#include "scheduler/health.h"
#include "scheduler/hook.h"

#define NICENESS 10 /* sound comes first */
#define TASKS 192 /* of the daemon's user; the unit allows 256 */
#define SYSTEM_USERS 1000 /* below it: a user that is the daemon's alone */
#define ARGS_MAX 34 /* site.c takes at most 32 */
#define ENV_MAX 8

struct hook {
	char *top;
	const struct site_event *event; /* NULL: nothing is run */
	int epoll;
	struct child child;
	int64_t deadline_us; /* boot */
	bool killed; /* for being too slow */
	char *waiting[HOOK_WAITING_MAX]; /* oldest first */
	size_t n;
	int64_t runs, failures, drops;
	char error[160]; /* of the last run, or "" */
};

int
hook_open(const char *top, struct hook **ret_hook)
{
	struct hook *h = calloc(1, sizeof(*h));
	int r;

	if (h == NULL)
		return -ENOMEM;
	h->child = CHILD_NONE;
	h->top = strdup(top);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->top == NULL || h->epoll < 0) {
		r = h->top == NULL ? -ENOMEM : -errno;
		hook_close(h);
		return r;
	}
	*ret_hook = h;
	return 0;
}

/* With all that it left behind in its group, while its id is still its own. */
static void
kill_group(const struct hook *h)
{
	if (h->child.pid != 0)
		kill(-h->child.pid, SIGKILL);
}

struct hook *
hook_close(struct hook *h)
{
	if (h == NULL)
		return NULL;
	kill_group(h);
	child_end(&h->child, 0);
	for (size_t i = 0; i < h->n; i++)
		free(h->waiting[i]);
	if (h->epoll >= 0)
		close(h->epoll);
	free(h->top);
	free(h);
	return NULL;
}

void
hook_set(struct hook *h, const struct site_event *event)
{
	h->event = event != NULL && event->n_command > 0 ? event : NULL;
	if (h->event == NULL)
		h->error[0] = '\0';
}

static bool
is_among(const char *word, char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, texts[i]) == 0)
			return true;
	return false;
}

static bool
is_wanted(const struct site_event *e, const char *line, size_t n)
{
	json_t *r = json_loadb(line, n, 0, NULL);
	const char *kind = health_text(r, "kind");
	bool wanted = e->n_kinds == 0 ? strcmp(kind, "slot") == 0
				      : is_among(kind, e->kinds, e->n_kinds);

	if (wanted && e->n_statuses > 0)
		wanted = is_among(
		    health_text(r, "status"), e->statuses, e->n_statuses);
	json_decref(r);
	return wanted;
}

/* The newest is what a person waits for. */
static void
drop_oldest(struct hook *h)
{
	free(h->waiting[0]);
	h->n--;
	memmove(h->waiting, h->waiting + 1, h->n * sizeof(h->waiting[0]));
}

void
hook_offer(struct hook *h, const char *line, size_t n)
{
	char *copy;

	if (h->event == NULL || !is_wanted(h->event, line, n))
		return;
	copy = strndup(line, n);
	if (copy == NULL || h->n == HOOK_WAITING_MAX)
		h->drops++;
	if (copy == NULL)
		return;
	if (h->n == HOOK_WAITING_MAX)
		drop_oldest(h);
	h->waiting[h->n++] = copy;
}

/* The record as a file in memory: nothing waits for who does not read. */
static int
make_input(const char *line)
{
	int fd = memfd_create("loaxa-event", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = disk_write(fd, line, strlen(line));
	if (r == 0)
		r = disk_write(fd, "\n", 1);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return fd;
}

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

static int
run(struct hook *h, const char *line)
{
	static char room[ENV_MAX][PATH_MAX]; /* large for a stack */
	const struct site_event *e = h->event;
	char program[PATH_MAX];
	char *argv[ARGS_MAX] = { program };
	char *env[ENV_MAX];
	int fd = make_input(line);
	/* What it prints goes where our own words go. */
	struct child_fd fds[] = { { fd, 0 }, { 2, 1 } };
	int r;

	if (fd < 0)
		return fd;
	snprintf(program, sizeof(program), "%s%s%s",
	    e->command[0][0] == '/' ? "" : h->top,
	    e->command[0][0] == '/' ? "" : "/", e->command[0]);
	for (size_t i = 1; i < e->n_command && i + 1 < ARGS_MAX; i++)
		argv[i] = e->command[i];
	make_env(env, room);
	r = child_start_env(argv, env, fds, 2, &h->child);
	close(fd);
	return r;
}

static void
watch(struct hook *h)
{
	struct epoll_event ev = { .events = EPOLLIN };

	epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->child.pidfd, &ev);
}

static void
failed(struct hook *h, const char *why)
{
	h->failures++;
	snprintf(h->error, sizeof(h->error), "%s", why);
}

static void
start(struct hook *h, struct now now)
{
	int r = run(h, h->waiting[0]);

	drop_oldest(h);
	if (r < 0) {
		h->runs++;
		failed(h, strerror(-r));
		return;
	}
	calm(h->child.pid);
	watch(h);
	h->killed = false;
	h->deadline_us = now.boot_us + h->event->longest_s * US_PER_S;
}

/* What came of the run that has ended. */
static void
judge(struct hook *h)
{
	char why[80];

	h->runs++;
	if (h->killed)
		failed(h, _("it took too long and was killed"));
	else if (WIFSIGNALED(h->child.status)) {
		snprintf(why, sizeof(why), _("ended by signal %d"),
		    WTERMSIG(h->child.status));
		failed(h, why);
	} else if (WEXITSTATUS(h->child.status) != 0) {
		snprintf(why, sizeof(why), _("ended with exit code %d"),
		    WEXITSTATUS(h->child.status));
		failed(h, why);
	} else
		h->error[0] = '\0';
}

/* It is over, or too slow; true when nothing runs. */
static bool
look(struct hook *h, struct now now)
{
	struct epoll_event ev;

	if (h->child.pid == 0)
		return true;
	if (epoll_wait(h->epoll, &ev, 1, 0) > 0) {
		kill_group(h);
		if (!child_reap(&h->child))
			return false;
		judge(h);
		return true;
	}
	if (now.boot_us >= h->deadline_us && !h->killed) {
		h->killed = true;
		kill_group(h);
	}
	return false;
}

int64_t
hook_turn(struct hook *h, struct now now)
{
	while (look(h, now)) {
		if (h->event == NULL)
			while (h->n > 0)
				drop_oldest(h);
		if (h->n == 0)
			return NEVER;
		start(h, now);
		if (h->child.pid != 0)
			break;
	}
	return h->killed ? NEVER : h->deadline_us;
}

int
hook_fd(const struct hook *h)
{
	return h->epoll;
}

json_t *
hook_status(const struct hook *h)
{
	if (h == NULL || h->event == NULL)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:b, s:s}", "waiting",
	    (json_int_t)h->n, "runs", (json_int_t)h->runs, "failures",
	    (json_int_t)h->failures, "drops", (json_int_t)h->drops, "failing",
	    h->error[0] != '\0', "error", h->error);
}
