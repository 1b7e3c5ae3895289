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

/* The name of a file, and the folder `sub` beside it, made when missing. */
static int
find_place(const char *path, const char *sub, const char **ret_name,
    char place[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int n = slash == NULL ? -1 : (int)(slash - path);

	if (n < 0)
		return -EINVAL;
	if (snprintf(place, PATH_MAX, "%.*s/%s", n, path, sub) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (mkdir(place, 0770) < 0 && errno != EEXIST)
		return -errno;
	*ret_name = slash + 1;
	return 0;
}

/* Moves it to PLACE/NAME, or NAME.2 and so on; *to is where it got. */
static int
move_into(const char *path, const char *place, const char *name,
    char to[static PATH_MAX])
{
	for (int i = 1; i <= NAMESAKES_MAX; i++) {
		int n =
		    i == 1 ? snprintf(to, PATH_MAX, "%s/%s", place, name)
			   : snprintf(to, PATH_MAX, "%s/%s.%d", place, name, i);

		if (n >= PATH_MAX)
			return -ENAMETOOLONG;
		if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) ==
		    0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int
inbox_take(const char *path)
{
	char place[PATH_MAX];
	char to[PATH_MAX];
	const char *name;
	int r = find_place(path, INBOX_TAKEN, &name, place);

	return r < 0 ? r : move_into(path, place, name, to);
}

static int
write_reasons(const char *file, const char *reasons)
{
	char path[PATH_MAX];
	int fd;
	int r;

	if (snprintf(path, sizeof(path), "%s.txt", file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0)
		return -errno;
	r = disk_write(fd, reasons, strlen(reasons));
	close(fd);
	return r;
}

int
inbox_return(const char *path, const char *reasons)
{
	char place[PATH_MAX];
	char to[PATH_MAX] = "";
	const char *name;
	int r = find_place(path, INBOX_RETURNED, &name, place);

	if (r < 0)
		return r;
	r = move_into(path, place, name, to);
	return r < 0 ? r : write_reasons(to, reasons);
}
