/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sick_disk.h"

/* Counts a call; its errno when it is to fail, else 0. */
static int
refusal(struct sick_disk *f)
{
	f->calls++;
	if (f->kill_at != 0 && f->calls > f->kill_at)
		return -EIO;
	if (f->fail_at != 0 &&
	    (f->calls == f->fail_at || (f->fail_on && f->calls > f->fail_at)))
		return -f->error;
	return 0;
}

/* Of a file of the disk below, too; NULL when out of memory. */
static struct platter *
platter_of(struct sick_disk *f, const char *name)
{
	struct platter *files;
	char *bytes;
	size_t n = 0;

	for (int i = 0; i < f->n_files; i++)
		if (strcmp(f->files[i].name, name) == 0)
			return &f->files[i];
	files = realloc(f->files, (size_t)(f->n_files + 1) * sizeof(*files));
	if (files == NULL)
		return NULL;
	f->files = files;
	if (f->under->read(f->under, name, &bytes, &n) == 0)
		free(bytes);
	files += f->n_files++;
	*files = (struct platter){ .bytes = (long)n, .size = (long)n };
	snprintf(files->name, sizeof(files->name), "%s", name);
	return files;
}

static void
forget_before(struct platter *p)
{
	free(p->before);
	p->before = NULL;
}

static int
append(struct sick_disk *f, struct platter *p, int64_t at, const void *bytes,
    size_t n)
{
	bool short_of = f->calls == f->short_at;
	int r;

	/* Bytes that were on the platter and are cut away are gone. */
	if (p->bytes > at)
		p->bytes = (long)at;
	if (short_of)
		n /= 2;
	r = f->under->append(f->under, p->name, at, bytes, n);
	if (r == 0)
		p->size = (long)at + (long)n;
	return r == 0 && short_of ? -ENOSPC : r;
}

static int
sick_append(
    struct disk *d, const char *name, int64_t at, const void *bytes, size_t n)
{
	struct sick_disk *f = (struct sick_disk *)d;
	struct platter *p = platter_of(f, name);
	int r = refusal(f);

	if (p == NULL)
		return -ENOMEM;
	if (r == 0)
		r = append(f, p, at, bytes, n);
	f->appends += r == 0;
	f->failing = r < 0;
	return r;
}

static int
sick_sync(struct disk *d, const char *name)
{
	struct sick_disk *f = (struct sick_disk *)d;
	struct platter *p = platter_of(f, name);
	int r = refusal(f);

	if (p == NULL)
		return -ENOMEM;
	if (r == 0)
		r = f->under->sync(f->under, name);
	f->failing = r < 0;
	if (r < 0)
		return r;
	f->syncs++;
	p->bytes = p->size;
	return 0;
}

/* Keeps what a power cut may bring back. */
static void
remember_before(struct sick_disk *f, struct platter *p)
{
	size_t n;

	if (p->before != NULL ||
	    f->under->read(f->under, p->name, &p->before, &n) < 0)
		return;
	p->before_n = (long)n;
}

static int
sick_replace(
    struct disk *d, const char *name, const void *bytes, size_t n, int durable)
{
	struct sick_disk *f = (struct sick_disk *)d;
	struct platter *p = platter_of(f, name);
	int r = refusal(f);

	if (p == NULL)
		return -ENOMEM;
	if (r == 0 && !durable)
		remember_before(f, p);
	if (r == 0)
		r = f->under->replace(f->under, name, bytes, n, durable);
	if (r < 0)
		return r;
	if (durable)
		forget_before(p);
	p->bytes = p->size = (long)n;
	return 0;
}

static int
sick_read(struct disk *d, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct sick_disk *f = (struct sick_disk *)d;
	int r = refusal(f);

	return r < 0 ? r : f->under->read(f->under, name, ret_bytes, ret_n);
}

static int
sick_each(struct disk *d, int (*fn)(void *arg, const char *name), void *arg)
{
	struct sick_disk *f = (struct sick_disk *)d;
	int r = refusal(f);

	return r < 0 ? r : f->under->each(f->under, fn, arg);
}

struct disk *
sick_disk_leave(struct sick_disk *f)
{
	for (int i = 0; i < f->n_files; i++)
		forget_before(&f->files[i]);
	free(f->files);
	f->files = NULL;
	f->n_files = 0;
	return f->under;
}

static void
sick_close(struct disk *d)
{
	disk_close(sick_disk_leave((struct sick_disk *)d));
}

void
sick_disk_init(struct sick_disk *f, struct disk *under)
{
	*f = (struct sick_disk){ .disk = { .append = sick_append,
				     .sync = sick_sync,
				     .replace = sick_replace,
				     .read = sick_read,
				     .each = sick_each,
				     .close = sick_close },
		.under = under,
		.error = EIO };
}

long
sick_disk_safe(struct sick_disk *f, const char *name)
{
	struct platter *p = platter_of(f, name);

	return p == NULL ? 0 : p->bytes;
}

static void
cut_file(struct sick_disk *f, struct platter *p, long keep)
{
	if (p->before != NULL && keep >= p->size) {
		p->size = p->before_n;
		f->under->replace(
		    f->under, p->name, p->before, (size_t)p->before_n, 1);
		return;
	}
	if (p->before != NULL)
		p->bytes = 0;
	if (p->bytes + keep >= p->size)
		return;
	p->size = p->bytes + keep;
	f->under->append(f->under, p->name, p->size, "", 0);
}

void
sick_disk_cut(struct sick_disk *f, long keep)
{
	for (int i = 0; i < f->n_files; i++) {
		cut_file(f, &f->files[i], keep);
		forget_before(&f->files[i]);
	}
	f->calls = f->fail_at = f->short_at = f->kill_at = 0;
	f->fail_on = f->failing = false;
}
