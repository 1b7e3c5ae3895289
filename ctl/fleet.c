/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/disk.h"
#include "ctl/fleet.h"

#define TELL_MS 1000

struct ship {
	pid_t pid; /* 0: none */
	int fd; /* its result comes here */
	uint64_t seed;
	char bytes[sizeof(struct misfortune_result)];
	size_t n;
};

struct fleet {
	const struct fleet_setup *up;
	struct ship ships[FLEET_JOBS_MAX];
	uint64_t next;
	bool over; /* told to end */
};

/* In the child. */
__attribute__((noreturn)) static void
live(const struct fleet_setup *up, uint64_t seed, int fd)
{
	struct misfortune_setup life = *up->life;
	struct misfortune_result r;
	int e;

	life.seed = seed;
	signal(SIGINT, SIG_IGN); /* what has begun is finished */
	signal(SIGTERM, SIG_DFL);
	alarm((unsigned)up->seconds);
	e = misfortune_run(&life, &r);
	if (e < 0)
		misfortune_broke(
		    &r, "-", 0, "it could not be tried: %s", strerror(-e));
	e = disk_write(fd, (const char *)&r, sizeof(r));
	_exit(e == 0 ? 0 : 1);
}

static int
put_out(struct fleet *f, struct ship *s)
{
	int fds[2];

	if (pipe(fds) < 0)
		return -errno;
	s->seed = f->next;
	s->n = 0;
	s->pid = fork();
	if (s->pid < 0) {
		int e = errno;

		s->pid = 0;
		close(fds[0]);
		close(fds[1]);
		return -e;
	}
	if (s->pid == 0) {
		close(fds[0]);
		live(f->up, f->next, fds[1]);
	}
	close(fds[1]);
	s->fd = fds[0];
	f->next++;
	return 0;
}

/* Of a process that told nothing, or not all. */
static void
say_crash(struct misfortune_result *r, int status)
{
	*r = (struct misfortune_result){ 0 };
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		misfortune_broke(r, "-", 0, "it never ended");
	else if (WIFSIGNALED(status))
		misfortune_broke(r, "-", 0, "the program crashed: %s",
		    strsignal(WTERMSIG(status)));
	else
		misfortune_broke(r, "-", 0, "the program ended with %d",
		    WEXITSTATUS(status));
}

static void
take_in(struct fleet *f, struct ship *s)
{
	struct misfortune_result r;
	int status = 0;

	close(s->fd);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
	if (s->n == sizeof(r))
		memcpy(&r, s->bytes, sizeof(r));
	else
		say_crash(&r, status);
	if (f->up->ended(f->up->arg, s->seed, &r) != 0)
		f->over = true;
}

static void
hear(struct fleet *f, struct ship *s)
{
	ssize_t n = read(s->fd, s->bytes + s->n, sizeof(s->bytes) - s->n);

	if (n > 0)
		s->n += (size_t)n;
	if (n == 0 || (n < 0 && errno != EINTR))
		take_in(f, s);
}

/* Waits for whichever tells something first. */
static int
wait_for_one(struct fleet *f)
{
	struct pollfd fds[FLEET_JOBS_MAX];
	struct ship *of[FLEET_JOBS_MAX];
	nfds_t n = 0;

	for (int i = 0; i < f->up->jobs; i++)
		if (f->ships[i].pid != 0) {
			of[n] = &f->ships[i];
			fds[n++] = (struct pollfd){ f->ships[i].fd, POLLIN, 0 };
		}
	if (n == 0)
		return 0;
	if (poll(fds, n, TELL_MS) < 0 && errno != EINTR)
		return -errno;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents != 0)
			hear(f, of[i]);
	if (f->up->waiting != NULL && f->up->waiting(f->up->arg) != 0)
		f->over = true;
	return 1;
}

static int
fill(struct fleet *f)
{
	for (int i = 0; i < f->up->jobs; i++) {
		int r;

		if (f->ships[i].pid != 0 || f->over ||
		    f->next - f->up->first >= (uint64_t)f->up->runs)
			continue;
		r = put_out(f, &f->ships[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int
fleet_run(const struct fleet_setup *setup, uint64_t *ret_next)
{
	struct fleet *f = calloc(1, sizeof(*f));
	int r;

	if (f == NULL)
		return -ENOMEM;
	f->up = setup;
	f->next = setup->first;
	do {
		r = fill(f);
		if (r < 0)
			f->over = true;
	} while (wait_for_one(f) > 0);
	*ret_next = f->next;
	free(f);
	return r;
}
