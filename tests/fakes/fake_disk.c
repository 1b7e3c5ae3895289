/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/fake_disk.h"

/* Counts a call; its errno when it is to fail, else 0. */
static int
refusal(struct fake_disk *f)
{
	f->calls++;
	if (f->kill_at != 0 && f->calls > f->kill_at)
		return -EIO;
	if (f->fail_at != 0 &&
	    (f->calls == f->fail_at || (f->fail_on && f->calls > f->fail_at)))
		return -f->error;
	return 0;
}

static struct synced *
synced_of(struct fake_disk *f, const char *name)
{
	for (int i = 0; i < f->n_synced; i++)
		if (strcmp(f->synced[i].name, name) == 0)
			return &f->synced[i];
	if (f->n_synced == (int)(sizeof(f->synced) / sizeof(f->synced[0])))
		abort();
	snprintf(
	    f->synced[f->n_synced].name, sizeof(f->synced[0].name), "%s", name);
	return &f->synced[f->n_synced++];
}

static int
fake_append(
    struct disk *d, const char *name, int64_t at, const void *bytes, size_t n)
{
	struct fake_disk *f = (struct fake_disk *)d;
	struct synced *s = synced_of(f, name);
	int r = refusal(f);

	if (r < 0)
		return r;
	/* Bytes that were on the platter and are cut away are gone. */
	if (s->bytes > at)
		s->bytes = (long)at;
	if (f->calls == f->short_at) {
		f->under->append(f->under, name, at, bytes, n / 2);
		return -ENOSPC;
	}
	r = f->under->append(f->under, name, at, bytes, n);
	f->appends += r == 0;
	return r;
}

static int
fake_sync(struct disk *d, const char *name)
{
	struct fake_disk *f = (struct fake_disk *)d;
	int r = refusal(f);
	char *bytes;
	size_t n;

	if (r == 0)
		r = f->under->sync(f->under, name);
	if (r < 0)
		return r;
	f->syncs++;
	if (f->under->read(f->under, name, &bytes, &n) < 0)
		abort();
	free(bytes);
	synced_of(f, name)->bytes = (long)n;
	return 0;
}

static int
fake_replace(
    struct disk *d, const char *name, const void *bytes, size_t n, int durable)
{
	struct fake_disk *f = (struct fake_disk *)d;
	int r = refusal(f);

	if (r == 0)
		r = f->under->replace(f->under, name, bytes, n, durable);
	if (r == 0)
		synced_of(f, name)->bytes = (long)n;
	return r;
}

static int
fake_read(struct disk *d, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct fake_disk *f = (struct fake_disk *)d;
	int r = refusal(f);

	return r < 0 ? r : f->under->read(f->under, name, ret_bytes, ret_n);
}

static int
fake_each(struct disk *d, int (*fn)(void *arg, const char *name), void *arg)
{
	struct fake_disk *f = (struct fake_disk *)d;
	int r = refusal(f);

	return r < 0 ? r : f->under->each(f->under, fn, arg);
}

static void
fake_close(struct disk *d)
{
	struct fake_disk *f = (struct fake_disk *)d;

	disk_close(f->under);
}

void
fake_disk_init(struct fake_disk *f, struct disk *under)
{
	*f = (struct fake_disk){ .disk = { fake_append, fake_sync, fake_replace,
				     fake_read, fake_each, fake_close },
		.under = under,
		.error = EIO };
}

void
fake_disk_cut(struct fake_disk *f, long keep)
{
	char *bytes;
	size_t n;

	for (int i = 0; i < f->n_synced; i++) {
		const struct synced *s = &f->synced[i];
		long left = s->bytes + keep;

		if (f->under->read(f->under, s->name, &bytes, &n) < 0)
			continue;
		free(bytes);
		if (left < (long)n &&
		    f->under->append(f->under, s->name, left, "", 0) < 0)
			abort();
	}
	f->calls = f->fail_at = f->short_at = f->kill_at = 0;
	f->fail_on = false;
}
