/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk_apart.h"

#define END_WAIT_MS 200 /* for the process to end; then it is init's */

enum verb { VERB_APPEND, VERB_SYNC, VERB_REPLACE, VERB_HOLD, VERB_ROOM };

struct asked { /* then n bytes */
	enum verb verb;
	char name[NAME_MAX + 1];
	int64_t number; /* the offset, whether durable, how many bytes */
	uint64_t n;
};

struct apart {
	struct disk disk; /* must be first */
	struct disk *own; /* for what only reads */
	char *folder;
	int wait_ms;
	int64_t hurry_us; /* the deadline of every call; NEVER: none */
	int fd; /* to the process; -1 while there is none */
	pid_t pid;
	bool owed; /* it has yet to answer what we gave up waiting for */
};

/* The process ------------------------------------------------------------ */

static bool
take(int fd, void *to, size_t n)
{
	char *p = to;

	while (n > 0) {
		ssize_t got = recv(fd, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static int64_t
carry_out(struct disk *d, const struct asked *a, const char *bytes)
{
	switch (a->verb) {
	case VERB_APPEND:
		return d->append(d, a->name, a->number, bytes, a->n);
	case VERB_SYNC:
		return d->sync(d, a->name);
	case VERB_REPLACE:
		return d->replace(d, a->name, bytes, a->n, (int)a->number);
	case VERB_HOLD:
		return d->hold(d, a->name, a->number);
	case VERB_ROOM:
		return d->room(d);
	}
	return -EINVAL;
}

static bool
serve_one(struct disk *d, int fd)
{
	struct asked a;
	char *bytes;
	int64_t answer;
	bool ok;

	if (!take(fd, &a, sizeof(a)))
		return false;
	bytes = malloc(a.n + 1);
	ok = bytes != NULL && take(fd, bytes, a.n);
	if (ok) {
		answer = carry_out(d, &a, bytes);
		ok = send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) ==
		     (ssize_t)sizeof(answer);
	}
	free(bytes);
	return ok;
}

/* Nothing of the caller's is kept: not its lock, nor its pipes' ends. Every
 * signal stays blocked; it ends when the socket does. */
static _Noreturn void
serve(const char *folder, int fd)
{
	struct disk *d;

	prctl(PR_SET_NAME, "loaxad-disk");
	if (dup2(fd, STDIN_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ||
	    disk_open(folder, &d) < 0)
		_exit(1);
	while (serve_one(d, STDIN_FILENO))
		;
	_exit(0);
}

/* The caller ------------------------------------------------------------- */

/* Not waited for without end: a process that hangs in a disk is left to
 * init. */
static void
let_go(struct apart *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	a->owed = false;
	for (int ms = 0; a->pid > 0 && ms < END_WAIT_MS; ms += 5) {
		if (waitpid(a->pid, NULL, WNOHANG) != 0)
			a->pid = 0;
		else
			poll(NULL, 0, 5);
	}
	if (a->pid > 0) {
		kill(a->pid, SIGKILL);
		waitpid(a->pid, NULL, WNOHANG);
	}
	a->pid = 0;
}

static int
start(struct apart *a)
{
	pid_t caller = getpid();
	sigset_t all, before;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	a->pid = fork();
	if (a->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == caller)
			serve(a->folder, ends[1]);
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (a->pid < 0) {
		int e = errno;

		a->pid = 0;
		close(ends[0]);
		return -e;
	}
	a->fd = ends[0];
	return 0;
}

/* Waits until the deadline for the socket to be ready. */
static int
wait_for(const struct apart *a, short events, int64_t deadline_us)
{
	struct pollfd p = { a->fd, events, 0 };
	int64_t left;
	int r;

	do {
		left = later(deadline_us - clock_read().boot_us, 0);
		r = poll(&p, 1, (int)((left + US_PER_MS - 1) / US_PER_MS));
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

static int
hand(struct apart *a, const void *bytes, size_t n, int64_t deadline_us)
{
	const char *p = bytes;

	while (n > 0) {
		int r = wait_for(a, POLLOUT, deadline_us);
		ssize_t done;

		if (r < 0)
			return r;
		done = send(a->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* An answer is 8 bytes, and comes whole. */
static int
answer(struct apart *a, int64_t deadline_us, int64_t *ret)
{
	int r = wait_for(a, POLLIN, deadline_us);
	ssize_t n;

	if (r < 0)
		return r;
	n = recv(a->fd, ret, sizeof(*ret), MSG_DONTWAIT);
	return n == (ssize_t)sizeof(*ret) ? 0 : -EPIPE;
}

/* What we gave up on may have been answered since. */
static int
catch_up(struct apart *a)
{
	int64_t old;
	int r = answer(a, 0, &old);

	if (r == -ETIMEDOUT)
		return -EINPROGRESS;
	a->owed = false;
	if (r < 0)
		let_go(a);
	return 0;
}

static int64_t
ask(struct apart *a, enum verb verb, const char *name, int64_t number,
    const void *bytes, size_t n)
{
	struct asked q = { .verb = verb, .number = number, .n = n };
	int64_t deadline_us =
	    earlier(clock_read().boot_us + a->wait_ms * US_PER_MS, a->hurry_us);
	int64_t got;
	int r = 0;

	if (strlen(name) > NAME_MAX)
		return -EINVAL;
	strcpy(q.name, name);
	if (a->owed)
		r = catch_up(a);
	if (r == 0 && a->fd < 0)
		r = start(a);
	if (r < 0)
		return r;
	r = hand(a, &q, sizeof(q), deadline_us);
	if (r == 0)
		r = hand(a, bytes, n, deadline_us);
	if (r < 0) {
		/* Half a question: nothing further would be understood. */
		let_go(a);
		return r;
	}
	r = answer(a, deadline_us, &got);
	a->owed = r == -ETIMEDOUT;
	if (r < 0 && !a->owed)
		let_go(a);
	return r < 0 ? r : got;
}

static int
apart_append(
    struct disk *d, const char *name, int64_t at, const void *bytes, size_t n)
{
	return (int)ask((struct apart *)d, VERB_APPEND, name, at, bytes, n);
}

static int
apart_sync(struct disk *d, const char *name)
{
	return (int)ask((struct apart *)d, VERB_SYNC, name, 0, NULL, 0);
}

static int
apart_replace(
    struct disk *d, const char *name, const void *bytes, size_t n, int durable)
{
	return (int)ask(
	    (struct apart *)d, VERB_REPLACE, name, durable, bytes, n);
}

static int
apart_hold(struct disk *d, const char *name, int64_t bytes)
{
	return (int)ask((struct apart *)d, VERB_HOLD, name, bytes, NULL, 0);
}

static int64_t
apart_room(struct disk *d)
{
	return ask((struct apart *)d, VERB_ROOM, "", 0, NULL, 0);
}

static int
apart_read(struct disk *d, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct disk *own = ((struct apart *)d)->own;

	return own->read(own, name, ret_bytes, ret_n);
}

static int
apart_each(struct disk *d, int (*fn)(void *arg, const char *name), void *arg)
{
	struct disk *own = ((struct apart *)d)->own;

	return own->each(own, fn, arg);
}

static void
apart_hurry(struct disk *d, int ms)
{
	struct apart *a = (struct apart *)d;

	a->hurry_us = ms == 0 ? NEVER : clock_read().boot_us + ms * US_PER_MS;
}

static void
apart_close(struct disk *d)
{
	struct apart *a = (struct apart *)d;

	let_go(a);
	disk_close(a->own);
	free(a->folder);
	free(a);
}

int
disk_apart(const char *folder, int wait_ms, struct disk **ret_disk)
{
	struct apart *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return -ENOMEM;
	a->disk = (struct disk){ apart_append, apart_sync, apart_replace,
		apart_read, apart_each, apart_close, apart_hold, apart_room,
		apart_hurry };
	a->hurry_us = NEVER;
	a->fd = -1;
	a->wait_ms = wait_ms;
	a->folder = strdup(folder);
	r = a->folder == NULL ? -ENOMEM : disk_open(folder, &a->own);
	if (r == 0)
		r = start(a);
	if (r < 0) {
		disk_close(a->own);
		free(a->folder);
		free(a);
		return r;
	}
	*ret_disk = &a->disk;
	return 0;
}
