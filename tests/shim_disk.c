/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shim_disk - preloaded (LD_PRELOAD) into a program, makes its n-th call to
 * the disk fail, hang or be its last.
 *
 *	SHIM_PATH	only calls on a path that holds this text
 *	SHIM_CALL	only this call: open write sync fsync rename truncate
 *			unlink link mkdir; default all of these. Or read, which
 *			is none of them
 *	SHIM_PROGRAM	only in this program; its children may be sandboxed
 *	SHIM_IF		only while this file is there, and counted from then on
 *	SHIM_AT		which of them, from 1; unset: none is hurt
 *	SHIM_FOR	how many from there on, default 1; 0: all
 *	SHIM_DO		an errno's name (EIO ENOSPC EROFS EDQUOT),
 *			lost	a sync: EIO, and what was not synced is gone
 *			short	half is written, and the next gets ENOSPC
 *			torn	half is written, then the process is killed
 *			kill	killed before the call
 *			hang	sleeps SHIM_SECONDS first
 *	SHIM_ROOM	the megabytes that every disk says are left
 *	SHIM_TRACE	a file that gets a line a call: its number, name, path
 *
 * "sync" is fdatasync, "fsync" the others, also of a folder; "open" counts
 * only what may make or change a file.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long calls;
static int trace_fd = -2;

static long
number(const char *key, long otherwise)
{
	const char *text = getenv(key);

	return text == NULL ? otherwise : atol(text);
}

static bool
is_text(const char *key, const char *want)
{
	const char *text = getenv(key);

	return text != NULL && strcmp(text, want) == 0;
}

static int
error_named(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = { { "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EROFS", EROFS },
		{ "EDQUOT", EDQUOT } };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (name != NULL && strcmp(name, errors[i].name) == 0)
			return errors[i].error;
	return is_text("SHIM_DO", "lost") ? EIO : 0;
}

/* Nothing is asked of the kernel in a program that is not meant. */
static bool
is_inert(void)
{
	const char *program = getenv("SHIM_PROGRAM");

	return getenv("SHIM_PATH") == NULL ||
	       (program != NULL &&
		   strcmp(program, program_invocation_short_name) != 0);
}

static void
path_of(int fd, char path[static PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
}

static bool
is_time(void)
{
	struct stat st;

	return getenv("SHIM_IF") == NULL || stat(getenv("SHIM_IF"), &st) == 0;
}

static void
path_at(int folder, const char *name, char path[static PATH_MAX])
{
	char above[PATH_MAX] = "";

	if (name[0] != '/' && folder != AT_FDCWD)
		path_of(folder, above);
	if (above[0] == '\0')
		snprintf(path, PATH_MAX, "%s", name);
	else
		snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX / 2, above, name);
}

static void
trace(const char *call, const char *path)
{
	char line[PATH_MAX + 64];
	int n;

	if (trace_fd == -2)
		trace_fd =
		    getenv("SHIM_TRACE") == NULL
			? -1
			: REAL(open)(getenv("SHIM_TRACE"),
			      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (trace_fd < 0)
		return;
	n = snprintf(line, sizeof(line), "%ld %s %s\n", calls, call, path);
	if (REAL(write)(trace_fd, line, (size_t)n) < 0)
		trace_fd = -1;
}

enum hurt { HURT_NOT, HURT_ERROR, HURT_SHORT, HURT_TORN };

/* What is to happen to this call; does what can be done before it. */
static enum hurt
look(const char *call, const char *path)
{
	long at = number("SHIM_AT", 0);
	long many = number("SHIM_FOR", 1);
	bool cut_short;

	if (strstr(path, getenv("SHIM_PATH")) == NULL ||
	    (getenv("SHIM_CALL") != NULL && !is_text("SHIM_CALL", call)) ||
	    !is_time())
		return HURT_NOT;
	calls++;
	trace(call, path);
	if (at == 0 || calls < at)
		return HURT_NOT;
	cut_short = is_text("SHIM_DO", "short");
	if (cut_short && calls > at) {
		errno = ENOSPC;
		return calls == at + 1 ? HURT_ERROR : HURT_NOT;
	}
	if (many != 0 && calls >= at + many)
		return HURT_NOT;
	if (is_text("SHIM_DO", "kill"))
		raise(SIGKILL);
	if (is_text("SHIM_DO", "hang")) {
		struct timespec t = { .tv_sec = number("SHIM_SECONDS", 30) };

		nanosleep(&t, NULL);
		return HURT_NOT;
	}
	if (is_text("SHIM_DO", "torn"))
		return HURT_TORN;
	if (cut_short)
		return HURT_SHORT;
	errno = error_named(getenv("SHIM_DO"));
	return errno == 0 ? HURT_NOT : HURT_ERROR;
}

/* Of a call that cannot be done by half. */
static bool
refused(const char *call, const char *path)
{
	enum hurt h = is_inert() ? HURT_NOT : look(call, path);

	if (h == HURT_TORN)
		raise(SIGKILL);
	if (h == HURT_SHORT)
		errno = ENOSPC;
	return h != HURT_NOT;
}

static bool
refused_fd(const char *call, int fd)
{
	char path[PATH_MAX];
	int e = errno;

	if (is_inert())
		return false;
	path_of(fd, path);
	errno = e;
	return refused(call, path);
}

/* How many of n bytes are to be written; 0: none, errno says why. */
static size_t
written(int fd, size_t n, enum hurt *ret_hurt)
{
	char path[PATH_MAX];

	*ret_hurt = HURT_NOT;
	if (is_inert())
		return n;
	path_of(fd, path);
	*ret_hurt = look("write", path);
	if (*ret_hurt == HURT_ERROR)
		return 0;
	return *ret_hurt == HURT_NOT ? n : n / 2;
}

static ssize_t
done(ssize_t n, enum hurt hurt)
{
	if (hurt == HURT_TORN)
		raise(SIGKILL);
	return n;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	enum hurt hurt;
	size_t some = written(fd, n, &hurt);

	return hurt == HURT_ERROR ? -1 : done(REAL(write)(fd, p, some), hurt);
}

ssize_t
read(int fd, void *p, size_t n)
{
	return is_text("SHIM_CALL", "read") && refused_fd("read", fd)
		   ? -1
		   : REAL(read)(fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	enum hurt hurt;
	size_t some = written(fd, n, &hurt);

	return hurt == HURT_ERROR ? -1
				  : done(REAL(pwrite)(fd, p, some, at), hurt);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}

/* Of the file synced last: what of it is safe. */
static struct {
	dev_t dev;
	ino_t ino;
	off_t size;
} safe;

static void
lose(int fd)
{
	struct stat st;
	bool known;
	int e = errno;

	if (is_text("SHIM_DO", "lost") && fstat(fd, &st) == 0) {
		known = st.st_dev == safe.dev && st.st_ino == safe.ino;
		if (known && st.st_size > safe.size)
			REAL(ftruncate)(fd, safe.size);
	}
	errno = e;
}

int
fdatasync(int fd)
{
	struct stat st;

	if (refused_fd("sync", fd)) {
		lose(fd);
		return -1;
	}
	if (!is_inert() && fstat(fd, &st) == 0) {
		safe.dev = st.st_dev;
		safe.ino = st.st_ino;
		safe.size = st.st_size;
	}
	return REAL(fdatasync)(fd);
}

int
fsync(int fd)
{
	return refused_fd("fsync", fd) ? -1 : REAL(fsync)(fd);
}

int
syncfs(int fd)
{
	return refused_fd("fsync", fd) ? -1 : REAL(syncfs)(fd);
}

int
ftruncate(int fd, off_t n)
{
	return refused_fd("truncate", fd) ? -1 : REAL(ftruncate)(fd, n);
}

int
ftruncate64(int fd, off64_t n)
{
	return ftruncate(fd, n);
}

int
renameat(int from, const char *old, int to, const char *new)
{
	char path[PATH_MAX];

	if (is_inert())
		return REAL(renameat)(from, old, to, new);
	path_at(to, new, path);
	return refused("rename", path) ? -1
				       : REAL(renameat)(from, old, to, new);
}

int
renameat2(
    int from, const char *old, int to, const char *new, unsigned int flags)
{
	char path[PATH_MAX];

	if (is_inert())
		return REAL(renameat2)(from, old, to, new, flags);
	path_at(to, new, path);
	return refused("rename", path)
		   ? -1
		   : REAL(renameat2)(from, old, to, new, flags);
}

int
rename(const char *old, const char *new)
{
	return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

int
unlinkat(int folder, const char *name, int flags)
{
	char path[PATH_MAX];

	if (is_inert())
		return REAL(unlinkat)(folder, name, flags);
	path_at(folder, name, path);
	return refused("unlink", path) ? -1
				       : REAL(unlinkat)(folder, name, flags);
}

int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int
link(const char *old, const char *new)
{
	return refused("link", new) ? -1 : REAL(link)(old, new);
}

int
mkdir(const char *name, mode_t mode)
{
	return refused("mkdir", name) ? -1 : REAL(mkdir)(name, mode);
}

static int
open_either(int folder, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];

	if (!is_inert() &&
	    (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC)) != 0) {
		path_at(folder, name, path);
		if (refused("open", path))
			return -1;
	}
	return REAL(openat)(folder, name, flags, mode);
}

int
openat(int folder, const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_either(folder, name, flags, mode);
}

int
open(const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_either(AT_FDCWD, name, flags, mode);
}

int
open64(const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_either(AT_FDCWD, name, flags, mode);
}

static void
say_room(struct statvfs *st)
{
	if (getenv("SHIM_ROOM") != NULL)
		st->f_bavail = (unsigned long)number("SHIM_ROOM", 0) * 1048576 /
			       st->f_frsize;
}

int
statvfs(const char *path, struct statvfs *st)
{
	int r = REAL(statvfs)(path, st);

	say_room(st);
	return r;
}

int
fstatvfs(int fd, struct statvfs *st)
{
	int r = REAL(fstatvfs)(fd, st);

	say_room(st);
	return r;
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	return refused_fd("write", fd) ? -1 : REAL(fallocate)(fd, mode, at, n);
}
