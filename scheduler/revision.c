/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Does this folder hold the file as it is wanted? */
static bool
has(struct disk *d, const char *name, const char *sha256)
{
	char found[HASH_HEX] = "";
	char *bytes;
	size_t n;

	if (d == NULL || d->read(d, name, &bytes, &n) < 0)
		return false;
	if (hash_bytes(bytes, n, found) < 0)
		found[0] = '\0';
	free(bytes);
	return strcmp(found, sha256) == 0;
}

static int
copy_file(
    struct disk *from, struct disk *to, const char *name, const char *sha256)
{
	char found[HASH_HEX];
	char *bytes = NULL;
	size_t n = 0;
	int r = from->read(from, name, &bytes, &n);

	if (r == 0)
		r = hash_bytes(bytes, n, found);
	if (r == 0 && strcmp(found, sha256) != 0)
		r = -ESTALE;
	if (r == 0)
		r = to->replace(to, name, bytes, n, 1);
	free(bytes);
	return r;
}

/* A second name for the file of the revision before: of a year's files, a
 * new revision changes one. */
static int
link_file(const char *last, const char *to, const char *name)
{
	char old[4096];
	char new[4096];

	if (snprintf(old, sizeof(old), "%s/%s", last, name) >=
		(int)sizeof(old) ||
	    snprintf(new, sizeof(new), "%s/%s", to, name) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	return link(old, new) < 0 ? -errno : 0;
}

/* `last` is the folder of the revision before, "" for none. *ret_linked is
 * set when the folder is still to be synced. */
static int
keep_file(const char *schedules, const char *last, const char *to,
    const struct schedule_file *f, bool *ret_linked)
{
	char folder[256];
	const char *name = split(f->name, folder, sizeof(folder));
	struct disk *from = NULL;
	struct disk *into = NULL;
	struct disk *before = NULL;
	int r;

	r = open_in(schedules, folder, &from);
	if (r == 0)
		r = open_in(to, folder, &into);
	if (r < 0 || has(into, name, f->sha256))
		goto out;
	if (last[0] != '\0' && open_in(last, folder, &before) == 0 &&
	    has(before, name, f->sha256) && link_file(last, to, f->name) == 0)
		*ret_linked = true;
	else
		r = copy_file(from, into, name, f->sha256);
out:
	disk_close(from);
	disk_close(into);
	disk_close(before);
	return r;
}

/* The names in FOLDER[/SUB] are on the platter. */
static int
sync_names(const char *folder, const char *sub)
{
	char path[4096];
	int r = 0;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", folder, sub) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fsync(fd) < 0)
		r = -errno;
	close(fd);
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
	char last[4096] = "";
	bool linked = false;
	int r;

	if (snprintf(to, sizeof(to), "%s/%s", folder, s->revision) >=
	    (int)sizeof(to))
		return -ENAMETOOLONG;
	if (mkdir(folder, 0750) < 0 && errno != EEXIST)
		return -errno;
	if (mkdir(to, 0750) < 0 && errno != EEXIST)
		return -errno;
	revision_last(folder, s->station, last, sizeof(last));
	for (size_t i = 0; i < s->n_files; i++) {
		r = keep_file(schedules, last, to, &s->files[i], &linked);
		if (r < 0)
			return r;
	}
	if (strcmp(last, to) == 0)
		return 0;
	r = linked ? sync_names(to, "") : 0;
	if (r == 0 && linked)
		r = sync_names(to, s->station);
	return r < 0 ? r : name_last(folder, s);
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
