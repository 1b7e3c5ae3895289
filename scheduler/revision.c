/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "base/hash.h"
#include "scheduler/revision.h"

#define ID_NAME_MAX 128 /* an id (ID_MAX) and ".last" */

/* FOLDER[/SUB] as a disk, made if missing. */
static int
open_in(const char *folder, const char *sub, struct disk **ret)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", folder, sub) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return disk_open(path, ret);
}

/* Splits "que-minh/2026-W48.cfg" into folder ("" for none) and name. */
static const char *
split(const char *name, char *folder, size_t size)
{
	const char *slash = strrchr(name, '/');

	snprintf(folder, size, "%.*s", slash == NULL ? 0 : (int)(slash - name),
	    name);
	return slash == NULL ? name : slash + 1;
}

static int
copy_file(
    const char *from_root, const char *to_root, const struct schedule_file *f)
{
	char folder[256];
	char sha256[HASH_HEX];
	const char *name = split(f->name, folder, sizeof(folder));
	struct disk *from = NULL;
	struct disk *to = NULL;
	char *bytes = NULL;
	size_t n = 0;
	int r;

	r = open_in(from_root, folder, &from);
	if (r == 0)
		r = open_in(to_root, folder, &to);
	if (r == 0)
		r = from->read(from, name, &bytes, &n);
	if (r == 0)
		r = hash_bytes(bytes, n, sha256);
	if (r == 0 && strcmp(sha256, f->sha256) != 0)
		r = -ESTALE;
	if (r == 0)
		r = to->replace(to, name, bytes, n, 1);
	free(bytes);
	disk_close(from);
	disk_close(to);
	return r;
}

static int
name_last(const char *folder, const struct schedule *s)
{
	char name[ID_NAME_MAX];
	struct disk *d;
	int r = disk_open(folder, &d);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%s.last", s->station);
	r = d->replace(d, name, s->revision, strlen(s->revision), 1);
	disk_close(d);
	return r;
}

int
revision_keep(
    const char *folder, const char *schedules, const struct schedule *s)
{
	char to[4096];
	int r;

	if (snprintf(to, sizeof(to), "%s/%s", folder, s->revision) >=
	    (int)sizeof(to))
		return -ENAMETOOLONG;
	if (mkdir(folder, 0750) < 0 && errno != EEXIST)
		return -errno;
	if (mkdir(to, 0750) < 0 && errno != EEXIST)
		return -errno;
	for (size_t i = 0; i < s->n_files; i++) {
		r = copy_file(schedules, to, &s->files[i]);
		if (r < 0)
			return r;
	}
	return name_last(folder, s);
}

int
revision_last(const char *folder, const char *station, char *path, size_t size)
{
	char name[ID_NAME_MAX];
	struct disk *d;
	char *bytes;
	size_t n;
	int r = disk_open(folder, &d);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%s.last", station);
	r = d->read(d, name, &bytes, &n);
	disk_close(d);
	if (r < 0)
		return r;
	r = hash_is_hex(bytes) ? 0 : -ENOENT;
	if (r == 0 && snprintf(path, size, "%s/%s", folder, bytes) >= (int)size)
		r = -ENAMETOOLONG;
	free(bytes);
	return r;
}
