/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/disk.h"
#include "scheduler/errand.h"
#include "scheduler/health.h"
#include "scheduler/hook.h"

struct hook {
	const struct site_event *event; /* NULL: nothing is run */
	struct errand *errand;
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
	r = errand_open(top, &h->errand);
	if (r < 0) {
		free(h);
		return r;
	}
	*ret_hook = h;
	return 0;
}

struct hook *
hook_close(struct hook *h)
{
	if (h == NULL)
		return NULL;
	errand_close(h->errand);
	for (size_t i = 0; i < h->n; i++)
		free(h->waiting[i]);
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

static void
failed(struct hook *h, const char *why)
{
	h->failures++;
	snprintf(h->error, sizeof(h->error), "%s", why);
}

static int
run(struct hook *h, const char *line, struct now now)
{
	const struct site_event *e = h->event;
	int fd = make_input(line);
	int r;

	if (fd < 0)
		return fd;
	r = h->errand->start(
	    h->errand, now, e->command, e->n_command, fd, e->longest_s);
	close(fd);
	return r;
}

static void
start(struct hook *h, struct now now)
{
	int r = run(h, h->waiting[0], now);

	drop_oldest(h);
	if (r == 0)
		return;
	h->runs++;
	failed(h, strerror(-r));
}

/* It is over, or too slow; true when nothing runs. */
static bool
look(struct hook *h, struct now now)
{
	char why[ERRAND_WHY];

	switch (h->errand->look(h->errand, now, why)) {
	case ERRAND_NONE:
		return true;
	case ERRAND_RUNS:
		return false;
	case ERRAND_DONE:
		h->error[0] = '\0';
		break;
	case ERRAND_FAILED:
		failed(h, why);
		break;
	}
	h->runs++;
	return true;
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
	}
	return h->errand->wake(h->errand);
}

int
hook_fd(const struct hook *h)
{
	return h->errand->fd(h->errand);
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
