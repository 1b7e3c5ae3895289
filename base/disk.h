/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk - the few things the ledger asks of a file system, as a table of
 * functions: the real one, and one in memory for simulation and tests.
 *
 * Names are plain file names inside the disk's one folder ("/" is refused
 * with -EINVAL). All functions return 0 or a count, or a negative errno.
 */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stddef.h>
#include <stdint.h>

/* Bytes: a month of a log has some 5 MB. */
#define DISK_READ_MAX (256 << 20)

/* What a device reads as one piece, and how many of those it may have lost in
 * one file before the file is lost: each may take it seconds. */
#define DISK_BLOCK 4096
#define DISK_SICK_MAX 16

struct disk {
	/* Writes n bytes at offset `at`, which is the file's end; makes the
	 * file when `at` is 0. Bytes beyond `at` (left by a failed write) are
	 * cut off first. Not durable until sync(). */
	int (*append)(struct disk *d, const char *name, int64_t at,
	    const void *bytes, size_t n);
	/* Everything appended to `name` is on the platter (fdatasync), and so
	 * is its name (fsync of the folder, once a new file). After an error
	 * nothing appended since the last success may be believed: append it
	 * again from there. What is then written is read back from the disk,
	 * not from memory, before a sync succeeds again (-EBADMSG: it reads
	 * otherwise). -EBADF: `name` is not what was appended to last. */
	int (*sync)(struct disk *d, const char *name);
	/* Replaces a whole small file: temporary, fsync, rename. `durable` 0
	 * leaves out the fsyncs (the file that says "alive"). */
	int (*replace)(struct disk *d, const char *name, const void *bytes,
	    size_t n, int durable);
	/* The whole file, with a NUL behind it; *ret_bytes is yours (free).
	 * A block that the device does not give any more (EIO) reads as bytes
	 * of 0xff and a line feed: one line of no text, which no reader takes
	 * for anything; the others are as they were written. -EIO when that
	 * is more than DISK_SICK_MAX blocks. -EISDIR, -ENODEV for what is no
	 * file, -EFBIG above DISK_READ_MAX. */
	int (*read)(
	    struct disk *d, const char *name, char **ret_bytes, size_t *ret_n);
	/* Calls fn for every name in byte order; stops at its first non-zero
	 * return and returns that. */
	int (*each)(
	    struct disk *d, int (*fn)(void *arg, const char *name), void *arg);
	/* NULL-safe through disk_close(). */
	void (*close)(struct disk *d);
	/* Gives the file `name` that many bytes of the disk, not only the
	 * promise of them; 0 takes it away. -ENOSPC: they are not there, and
	 * neither is the file. NULL: nobody keeps files there. */
	int (*hold)(struct disk *d, const char *name, int64_t bytes);
	/* Bytes that can still be written. NULL: no end of them. */
	int64_t (*room)(struct disk *d);
	/* From now on all calls together wait no longer than that for the
	 * disk: then -ETIMEDOUT. 0: as long as ever. NULL: it cannot. */
	void (*hurry)(struct disk *d, int ms);
};

/* A real folder, made if missing (0750). */
int disk_open(const char *folder, struct disk **ret_disk);

/* A folder in memory, empty. */
int disk_memory(struct disk **ret_disk);

/* Accepts NULL; returns NULL. */
struct disk *disk_close(struct disk *d);

/*
 * A file that root makes in another user's folder becomes that user's: what
 * `sudo loaxa` leaves below /var/lib/loaxa, the daemon has to be able to write.
 * `fd` was just opened in `folder`, without following a link; only an empty
 * file of root's changes hands. Does nothing for anybody but root.
 */
void disk_own(int fd, int folder);

/* The same by the file's path; the folder is the one that it lies in. With
 * fd -1 it is a folder, just made. */
void disk_own_path(int fd, const char *path);

/* Makes the folders of a path that are missing (0750); none of them is synced.
 * A negative errno: -ENOTDIR when a file is in the way. */
int disk_folders(const char *path);

/* Puts a whole small file below a folder, as replace() does; `name` may have
 * folders in front, and what is missing of all those is made. */
int disk_put(const char *folder, const char *name, const void *bytes, size_t n,
    int durable);

/* Bytes that can still be written where `path` lies, or a negative errno. */
int64_t disk_room(const char *path);

/* All n bytes into a descriptor, a pipe or a file, at its place. 0, or what
 * the write said: -EPIPE when nobody listens any more. */
int disk_write(int fd, const char *p, size_t n);

#endif
