/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/disk.h"

struct disk_dir {
	struct disk disk; /* must be first */
	int folder;
	int fd; /* of the file appended to last, or -1 */
	char name[NAME_MAX + 1];
	char unnamed[NAME_MAX + 1]; /* a new file whose name is not durable
				     * yet; "" for none */
	bool doubt; /* a sync has failed: nothing in memory is believed */
	char *last; /* in doubt: what was appended last; to compare */
	size_t last_n;
	int64_t last_at;
};

static int
is_plain(const char *name)
{
	return name[0] != '\0' && strlen(name) <= NAME_MAX &&
	       strchr(name, '/') == NULL;
}

static int
write_all(int fd, const char *p, size_t n, off_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int
disk_write(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Opens the file to append to, unless it is open already. */
static int
open_named(struct disk_dir *d, const char *name)
{
	struct stat st;

	if (d->fd >= 0 && strcmp(d->name, name) == 0)
		return 0;
	if (d->fd >= 0)
		close(d->fd);
	/* A name stays in doubt until the folder's sync succeeds, however
	 * often the file is opened meanwhile. */
	if (fstatat(d->folder, name, &st, 0) < 0)
		snprintf(d->unnamed, sizeof(d->unnamed), "%s", name);
	d->fd = openat(
	    d->folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (d->fd < 0)
		return -errno;
	disk_own(d->fd, d->folder);
	snprintf(d->name, sizeof(d->name), "%s", name);
	return 0;
}

/* What the kernel keeps of the file in memory goes: after a failed write-back
 * it says "clean" of pages that the disk does not have. */
static void
forget_cached(int fd)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int
remember(struct disk_dir *d, int64_t at, const void *bytes, size_t n)
{
	char *copy = malloc(n + 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, bytes, n);
	free(d->last);
	d->last = copy;
	d->last_n = n;
	d->last_at = at;
	return 0;
}

static int
dir_append(struct disk *disk, const char *name, int64_t at, const void *bytes,
    size_t n)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	struct stat st;
	int r;

	if (!is_plain(name))
		return -EINVAL;
	r = open_named(d, name);
	if (r == 0 && d->doubt) {
		forget_cached(d->fd);
		r = remember(d, at, bytes, n);
	}
	if (r < 0)
		return r;
	if (fstat(d->fd, &st) < 0)
		return -errno;
	if (st.st_size < at)
		return -ESPIPE; /* somebody shortened it: never leave a hole */
	if (st.st_size > at && ftruncate(d->fd, at) < 0)
		return -errno;
	return write_all(d->fd, bytes, n, at);
}

/* Reads back, from the disk itself, what was appended last. */
static int
read_back(struct disk_dir *d)
{
	char *found = malloc(d->last_n + 1);
	size_t n = 0;
	int r = 0;

	if (found == NULL)
		return -ENOMEM;
	forget_cached(d->fd);
	while (r == 0 && n < d->last_n) {
		ssize_t got = pread(
		    d->fd, found + n, d->last_n - n, d->last_at + (int64_t)n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			r = got < 0 ? -errno : -EBADMSG;
		else
			n += (size_t)got;
	}
	if (r == 0 && memcmp(found, d->last, d->last_n) != 0)
		r = -EBADMSG;
	free(found);
	return r;
}

static int
sync_both(struct disk_dir *d, const char *name)
{
	if (fdatasync(d->fd) < 0)
		return -errno;
	if (strcmp(d->unnamed, name) != 0)
		return 0;
	if (fsync(d->folder) < 0)
		return -errno;
	d->unnamed[0] = '\0';
	return 0;
}

static int
dir_sync(struct disk *disk, const char *name)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	int r;

	if (d->fd < 0 || strcmp(d->name, name) != 0)
		return -EBADF;
	r = sync_both(d, name);
	if (r == 0 && d->last != NULL)
		r = read_back(d);
	if (r == 0) {
		free(d->last);
		d->last = NULL;
		d->doubt = false;
		return 0;
	}
	/* P4: an error is final. The kernel has marked the pages clean: start
	 * over from a fresh descriptor, so that the bytes are written again,
	 * and believe only what the disk says of them. */
	d->doubt = true;
	close(d->fd);
	d->fd = -1;
	return r;
}

static int
write_file(struct disk_dir *d, const char *temp, const void *bytes, size_t n,
    int durable)
{
	int fd = openat(d->folder, temp,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	int r;

	if (fd < 0)
		return -errno;
	disk_own(fd, d->folder);
	r = write_all(fd, bytes, n, 0);
	if (r == 0 && durable && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static int
dir_replace(struct disk *disk, const char *name, const void *bytes, size_t n,
    int durable)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	char temp[NAME_MAX + 1];
	int r;

	if (!is_plain(name) ||
	    snprintf(temp, sizeof(temp), ".%s.new", name) >= (int)sizeof(temp))
		return -EINVAL;
	r = write_file(d, temp, bytes, n, durable);
	if (r == 0 && renameat(d->folder, temp, d->folder, name) < 0)
		r = -errno;
	if (r == 0 && durable && fsync(d->folder) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(d->folder, temp, 0);
	return r;
}

/* The rest of a block that the device does not give any more: nobody's text,
 * as one line. */
static size_t
pass_over(int fd, char *bytes, size_t n, size_t size)
{
	size_t left = DISK_BLOCK - n % DISK_BLOCK;

	if (left > size - n)
		left = size - n;
	if (lseek(fd, (off_t)(n + left), SEEK_SET) < 0)
		return 0;
	memset(bytes + n, 0xff, left - 1);
	bytes[n + left - 1] = '\n';
	return left;
}

static int
read_fd(int fd, char **ret_bytes, size_t *ret_n)
{
	struct stat st;
	char *bytes;
	size_t n = 0;
	size_t over;
	int sick = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* A FIFO or a device put there must not hang the daemon. */
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	if (st.st_size > DISK_READ_MAX)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);
		int e = errno;

		if (got < 0 && e == EINTR)
			continue;
		over = got < 0 && e == EIO && sick++ < DISK_SICK_MAX
			   ? pass_over(fd, bytes, n, (size_t)st.st_size)
			   : 0;
		if (got < 0 && over == 0) {
			free(bytes);
			return -e;
		}
		if (got < 0)
			got = (ssize_t)over;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	bytes[n] = '\0';
	*ret_bytes = bytes;
	*ret_n = n;
	return 0;
}

static int
dir_read(struct disk *disk, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	int fd;
	int r;

	if (!is_plain(name))
		return -EINVAL;
	fd = openat(d->folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = read_fd(fd, ret_bytes, ret_n);
	close(fd);
	return r;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
dir_each(struct disk *disk, int (*fn)(void *arg, const char *name), void *arg)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	struct dirent **names;
	int n = scandirat(d->folder, ".", &names, NULL, by_name);
	int r = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (r == 0 && names[i]->d_name[0] != '.')
			r = fn(arg, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return r;
}

static int
hold_file(struct disk_dir *d, const char *name, int64_t bytes)
{
	int fd = openat(d->folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (st.st_size > bytes && ftruncate(fd, bytes) < 0)
		r = -errno;
	/* Not posix_fallocate(): where the file system cannot, it writes, and
	 * that would fill a disk that is nearly full. */
	if (r == 0 && fallocate(fd, 0, 0, bytes) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int
dir_hold(struct disk *disk, const char *name, int64_t bytes)
{
	struct disk_dir *d = (struct disk_dir *)disk;
	int r = 0;

	if (!is_plain(name))
		return -EINVAL;
	if (bytes > 0)
		r = hold_file(d, name, bytes);
	if (bytes > 0 && r == 0)
		return 0;
	if (unlinkat(d->folder, name, 0) < 0 && errno != ENOENT && r == 0)
		r = -errno;
	return r;
}

static int64_t
room_of(const struct statvfs *st)
{
	return (int64_t)(st->f_bavail * st->f_frsize);
}

static int64_t
dir_room(struct disk *disk)
{
	struct statvfs st;

	if (fstatvfs(((struct disk_dir *)disk)->folder, &st) < 0)
		return -errno;
	return room_of(&st);
}

int
disk_folders(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (char *p = part; *p != '\0';) {
		char was;

		p += 1 + strcspn(p + 1, "/");
		was = *p;
		*p = '\0';
		if (mkdir(part, 0750) < 0 && errno != EEXIST)
			return -errno;
		*p = was;
	}
	if (stat(part, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int64_t
disk_room(const char *path)
{
	struct statvfs st;

	return statvfs(path, &st) < 0 ? -errno : room_of(&st);
}

static void
dir_close(struct disk *disk)
{
	struct disk_dir *d = (struct disk_dir *)disk;

	free(d->last);
	if (d->fd >= 0)
		close(d->fd);
	close(d->folder);
	free(d);
}

int
disk_open(const char *folder, struct disk **ret_disk)
{
	static const struct disk ops = { dir_append, dir_sync, dir_replace,
		dir_read, dir_each, dir_close, dir_hold, dir_room, NULL };
	struct disk_dir *d;

	if (mkdir(folder, 0750) < 0 && errno != EEXIST)
		return -errno;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	d->disk = ops;
	d->fd = -1;
	d->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->folder < 0) {
		int e = errno;

		free(d);
		return -e;
	}
	*ret_disk = &d->disk;
	return 0;
}

/* The folder in memory: a short list of files. */
struct memfile {
	char *name;
	char *bytes;
	size_t n;
	size_t room;
};

struct disk_mem {
	struct disk disk; /* must be first */
	struct memfile *files;
	size_t n;
	char appended[64]; /* the file that is open, as in a real folder */
};

static struct memfile *
mem_find(struct disk_mem *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->files[i].name, name) == 0)
			return &d->files[i];
	return NULL;
}

static struct memfile *
mem_make(struct disk_mem *d, const char *name)
{
	struct memfile *files;
	char *copy = strdup(name);
	size_t i;

	files = realloc(d->files, (d->n + 1) * sizeof(*files));
	if (files != NULL)
		d->files = files;
	if (copy == NULL || files == NULL) {
		free(copy);
		return NULL;
	}
	for (i = d->n; i > 0 && strcmp(files[i - 1].name, name) > 0; i--)
		files[i] = files[i - 1];
	files[i] = (struct memfile){ .name = copy };
	d->n++;
	return &files[i];
}

static int
mem_put(struct disk_mem *d, const char *name, int64_t at, const void *bytes,
    size_t n)
{
	struct memfile *f = mem_find(d, name);

	if (!is_plain(name))
		return -EINVAL;
	if (f == NULL)
		f = mem_make(d, name);
	if (f == NULL)
		return -ENOMEM;
	if ((size_t)at > f->n)
		return -ESPIPE;
	if ((size_t)at + n + 1 > f->room) {
		size_t room = ((size_t)at + n + 1) * 2;
		char *grown = realloc(f->bytes, room);

		if (grown == NULL)
			return -ENOMEM;
		f->bytes = grown;
		f->room = room;
	}
	memcpy(f->bytes + at, bytes, n);
	f->n = (size_t)at + n;
	f->bytes[f->n] = '\0';
	return 0;
}

static int
mem_append(struct disk *disk, const char *name, int64_t at, const void *bytes,
    size_t n)
{
	struct disk_mem *d = (struct disk_mem *)disk;
	int r = mem_put(d, name, at, bytes, n);

	if (r == 0)
		snprintf(d->appended, sizeof(d->appended), "%s", name);
	return r;
}

static int
mem_sync(struct disk *disk, const char *name)
{
	struct disk_mem *d = (struct disk_mem *)disk;

	return strcmp(d->appended, name) == 0 ? 0 : -EBADF;
}

static int
mem_replace(struct disk *disk, const char *name, const void *bytes, size_t n,
    int durable)
{
	(void)durable;
	return mem_put((struct disk_mem *)disk, name, 0, bytes, n);
}

static int
mem_read(struct disk *disk, const char *name, char **ret_bytes, size_t *ret_n)
{
	struct memfile *f = mem_find((struct disk_mem *)disk, name);
	char *copy;

	if (f == NULL)
		return -ENOENT;
	copy = malloc(f->n + 1);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, f->bytes, f->n + 1);
	*ret_bytes = copy;
	*ret_n = f->n;
	return 0;
}

static int
mem_each(struct disk *disk, int (*fn)(void *arg, const char *name), void *arg)
{
	struct disk_mem *d = (struct disk_mem *)disk;

	for (size_t i = 0; i < d->n; i++) {
		int r = fn(arg, d->files[i].name);

		if (r != 0)
			return r;
	}
	return 0;
}

static void
mem_close(struct disk *disk)
{
	struct disk_mem *d = (struct disk_mem *)disk;

	for (size_t i = 0; i < d->n; i++) {
		free(d->files[i].name);
		free(d->files[i].bytes);
	}
	free(d->files);
	free(d);
}

int
disk_memory(struct disk **ret_disk)
{
	static const struct disk ops = { mem_append, mem_sync, mem_replace,
		mem_read, mem_each, mem_close, NULL, NULL, NULL };
	struct disk_mem *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->disk = ops;
	*ret_disk = &d->disk;
	return 0;
}

struct disk *
disk_close(struct disk *d)
{
	if (d != NULL)
		d->close(d);
	return NULL;
}

static void
own(int fd, const struct stat *folder)
{
	struct stat st;

	if (folder->st_uid != 0 && fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    S_ISREG(st.st_mode) && st.st_size == 0 && st.st_nlink == 1)
		(void)!fchown(fd, folder->st_uid, folder->st_gid);
}

void
disk_own(int fd, int folder)
{
	struct stat st;

	if (geteuid() == 0 && fstat(folder, &st) == 0)
		own(fd, &st);
}

void
disk_own_path(int fd, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;
	char *slash;

	if (geteuid() != 0 ||
	    snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return;
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	if (stat(folder, &st) < 0)
		return;
	if (fd >= 0)
		own(fd, &st);
	else if (st.st_uid != 0)
		(void)!lchown(path, st.st_uid, st.st_gid);
}

int
disk_put(const char *folder, const char *name, const void *bytes, size_t n,
    int durable)
{
	char path[PATH_MAX];
	struct disk *d;
	char *slash;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	slash = strrchr(path, '/');
	*slash = '\0';
	r = disk_folders(path);
	if (r == 0)
		r = disk_open(path, &d);
	if (r < 0)
		return r;
	r = d->replace(d, slash + 1, bytes, n, durable);
	disk_close(d);
	return r;
}
