/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/text.h"
#include "ctl/inbox.h"
#include "ctl/inbox_watch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NAMESAKES_MAX 1000

struct visit {
	int64_t now_s;
	const struct inbox_watch *watch;
	int (*file)(void *arg, const char *path);
	void *arg;
};

bool
inbox_is_passed_over(const char *name)
{
	static const char *const names[] = { INBOX_TAKEN, INBOX_RETURNED,
		"Thumbs.db", "desktop.ini" };
	static const char *const ends[] = { ".part", ".partial", ".crdownload",
		".download", ".opdownload", ".filepart", ".tmp", ".temp",
		".!qB", ".!ut", ".lnk" };
	size_t n = strlen(name);

	if (name[0] == '.' || name[0] == '~' || name[n - 1] == '~')
		return true;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; i < COUNT(ends); i++)
		if (n > strlen(ends[i]) &&
		    strcasecmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* How long it has to lie still; -1 it is being written. */
static int64_t
still_s(const struct visit *v, const char *path, const struct stat *st)
{
	enum inbox_news news =
	    v->watch == NULL ? INBOX_UNKNOWN : inbox_watch_news(v->watch, path);

	if (news == INBOX_OPEN)
		return -1;
	if (st->st_size == 0)
		return INBOX_EMPTY_S;
	return news == INBOX_CLOSED ? INBOX_CLOSED_S : INBOX_STILL_S;
}

/* Whatever writes to a file moves its ctime, and nobody can set that. One
 * that lies ahead was written before the clock was set back. */
static bool
has_arrived(const struct visit *v, const char *path, const struct stat *st)
{
	int64_t age_s = v->now_s - (int64_t)st->st_ctim.tv_sec;
	int64_t wanted_s = still_s(v, path, st);

	return wanted_s >= 0 && (age_s >= wanted_s || age_s < -INBOX_STILL_S);
}

/* Folders are looked into one deep: a station's. */
static int
visit_folder(const struct visit *v, const char *folder, bool deeper)
{
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort);
	int r = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (r == 0 && !inbox_is_passed_over(list[i]->d_name) &&
		    snprintf(path, sizeof(path), "%s/%s", folder,
			list[i]->d_name) < (int)sizeof(path) &&
		    lstat(path, &st) == 0) {
			if (S_ISREG(st.st_mode) && has_arrived(v, path, &st))
				r = v->file(v->arg, path);
			else if (S_ISDIR(st.st_mode) && deeper)
				r = visit_folder(v, path, false);
			/* Somebody's folder that we may not look into is
			 * no reason to leave the others waiting. */
			r = r == -EACCES ? 0 : r;
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return r;
}

int
inbox_each(const char *inbox, int64_t now_s, const struct inbox_watch *watch,
    int (*file)(void *arg, const char *path), void *arg)
{
	const struct visit v = { now_s, watch, file, arg };

	return visit_folder(&v, inbox, true);
}

int
inbox_make(const char *inbox, const char *station)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", inbox, station) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return mkdir(path, 0770) < 0 && errno != EEXIST ? -errno : 0;
}

/* A file on its way from a folder of the inbox into one beside it. People
 * may write in these folders: a link there leads where they like, so folders
 * are held open, and none is followed. */
struct move {
	int from;
	int to;
	const char *name;
	char kept[NAME_MAX + 1]; /* its name there */
};

static int
open_folder(int at, const char *name)
{
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	int fd = openat(at, name, flags | O_NOFOLLOW);
	struct stat st;

	/* The administrator may have put the inbox itself elsewhere. */
	if (fd < 0 && at == AT_FDCWD && lstat(name, &st) == 0 &&
	    S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()))
		fd = open(name, flags);
	return fd < 0 ? -errno : fd;
}

static void
move_end(struct move *m)
{
	if (m->from >= 0)
		close(m->from);
	if (m->to >= 0)
		close(m->to);
}

/* `sub` is made when it is missing. */
static int
move_begin(const char *path, const char *sub, struct move *m)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	*m = (struct move){ .from = -1, .to = -1 };
	if (slash == NULL)
		return -EINVAL;
	if (snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path),
		path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	m->name = slash + 1;
	m->from = open_folder(AT_FDCWD, folder);
	if (m->from < 0)
		return m->from;
	if (mkdirat(m->from, sub, 0770) < 0 && errno != EEXIST)
		return -errno;
	m->to = open_folder(m->from, sub);
	return m->to < 0 ? m->to : 0;
}

/* NAME, or NAME.2 and so on; a very long one is shortened, so that ".2" and
 * ".txt" still fit behind it. */
static void
name_there(struct move *m, int i)
{
	const size_t most = NAME_MAX - sizeof(".1000.txt");

	snprintf(m->kept, most, "%s", m->name);
	text_trim(m->kept);
	if (i > 1)
		snprintf(m->kept + strlen(m->kept), sizeof(".1000"), ".%d", i);
}

static int
move_do(struct move *m)
{
	for (int i = 1; i <= NAMESAKES_MAX; i++) {
		name_there(m, i);
		if (renameat2(m->from, m->name, m->to, m->kept,
			RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int
inbox_take(const char *path)
{
	struct move m;
	int r = move_begin(path, INBOX_TAKEN, &m);

	if (r == 0)
		r = move_do(&m);
	move_end(&m);
	return r;
}

/* A file of our own: what lies there under its name may be a pipe. */
static int
write_reasons(struct move *m, const char *reasons)
{
	size_t n = strlen(m->kept);
	int fd;
	int r;

	snprintf(m->kept + n, sizeof(m->kept) - n, ".txt");
	if (unlinkat(m->to, m->kept, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(
	    m->to, m->kept, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (fd < 0)
		return -errno;
	r = disk_write(fd, reasons, strlen(reasons));
	close(fd);
	return r;
}

int
inbox_return(const char *path, const char *reasons)
{
	struct move m;
	int r = move_begin(path, INBOX_RETURNED, &m);

	if (r == 0)
		r = move_do(&m);
	if (r == 0)
		r = write_reasons(&m, reasons);
	move_end(&m);
	return r;
}
