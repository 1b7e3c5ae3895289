/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/inbox.h"
#include "ctl/inbox_watch.h"

#define FOLDERS_MAX 256 /* stations of one computer; the rest is looked at */
#define FILES_MAX 1024 /* at a time; what is more is not known of */

#define WRITTEN (IN_CLOSE_WRITE | IN_MOVED_TO)
#define GONE (IN_DELETE | IN_MOVED_FROM)

struct folder {
	int wd;
	char *path;
};

struct file {
	char *path;
	enum inbox_news news;
};

struct inbox_watch {
	char *inbox;
	int fd;
	struct folder folders[FOLDERS_MAX];
	int n_folders;
	struct file files[FILES_MAX];
	int n_files;
};

/* inotify gives the same number for a folder that is watched already. */
static void
watch_folder(struct inbox_watch *w, const char *path)
{
	int wd = inotify_add_watch(
	    w->fd, path, IN_CREATE | IN_MODIFY | WRITTEN | GONE | IN_ONLYDIR);

	for (int i = 0; i < w->n_folders; i++)
		if (w->folders[i].wd == wd)
			return;
	if (wd < 0 || w->n_folders == FOLDERS_MAX)
		return;
	w->folders[w->n_folders].path = strdup(path);
	w->folders[w->n_folders].wd = wd;
	w->n_folders += w->folders[w->n_folders].path != NULL;
}

void
inbox_watch_folders(struct inbox_watch *w)
{
	DIR *dir = opendir(w->inbox);
	struct dirent *e;

	watch_folder(w, w->inbox);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		struct stat st;

		if (inbox_is_passed_over(e->d_name) ||
		    snprintf(path, sizeof(path), "%s/%s", w->inbox,
			e->d_name) >= (int)sizeof(path))
			continue;
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			watch_folder(w, path);
	}
	if (dir != NULL)
		closedir(dir);
}

int
inbox_watch_open(const char *inbox, struct inbox_watch **ret_watch)
{
	struct inbox_watch *w = calloc(1, sizeof(*w));
	struct stat st;

	if (w == NULL)
		return -ENOMEM;
	w->fd = -1;
	w->inbox = strdup(inbox);
	if (w->inbox == NULL || stat(inbox, &st) < 0)
		goto bad;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0)
		goto bad;
	inbox_watch_folders(w);
	*ret_watch = w;
	return 0;
bad:
	inbox_watch_close(w);
	return errno != 0 ? -errno : -ENOMEM;
}

int
inbox_watch_fd(const struct inbox_watch *w)
{
	return w->fd;
}

static int
find(const struct inbox_watch *w, const char *path)
{
	for (int i = 0; i < w->n_files; i++)
		if (strcmp(w->files[i].path, path) == 0)
			return i;
	return -1;
}

enum inbox_news
inbox_watch_news(const struct inbox_watch *w, const char *path)
{
	int i = find(w, path);

	return i < 0 ? INBOX_UNKNOWN : w->files[i].news;
}

void
inbox_watch_forget(struct inbox_watch *w, const char *path)
{
	int i = find(w, path);

	if (i < 0)
		return;
	free(w->files[i].path);
	w->files[i] = w->files[--w->n_files];
}

static void
forget_all(struct inbox_watch *w)
{
	while (w->n_files > 0)
		free(w->files[--w->n_files].path);
}

static void
note(struct inbox_watch *w, const char *path, enum inbox_news news)
{
	int i = find(w, path);

	if (i >= 0) {
		w->files[i].news = news;
		return;
	}
	if (w->n_files == FILES_MAX)
		return;
	w->files[w->n_files].path = strdup(path);
	w->files[w->n_files].news = news;
	w->n_files += w->files[w->n_files].path != NULL;
}

static void
take(struct inbox_watch *w, const struct inotify_event *e)
{
	const char *folder = NULL;
	char path[PATH_MAX];

	/* What was lost may have been the word that a file is closed. */
	if ((e->mask & IN_Q_OVERFLOW) != 0)
		forget_all(w);
	for (int i = 0; i < w->n_folders; i++)
		if (w->folders[i].wd == e->wd)
			folder = w->folders[i].path;
	if (folder == NULL || e->len == 0 || (e->mask & IN_ISDIR) != 0 ||
	    inbox_is_passed_over(e->name) ||
	    snprintf(path, sizeof(path), "%s/%s", folder, e->name) >=
		(int)sizeof(path))
		return;
	/* One that is only made is empty, or a link: nobody will close it. */
	if ((e->mask & GONE) != 0)
		inbox_watch_forget(w, path);
	else if ((e->mask & (WRITTEN | IN_MODIFY)) != 0)
		note(w, path,
		    (e->mask & WRITTEN) != 0 ? INBOX_CLOSED : INBOX_OPEN);
}

/* A folder that was taken away and made again is another one. */
static void
drop_folder(struct inbox_watch *w, int wd)
{
	for (int i = 0; i < w->n_folders; i++)
		if (w->folders[i].wd == wd) {
			free(w->folders[i].path);
			w->folders[i] = w->folders[--w->n_folders];
			return;
		}
}

int
inbox_watch_read(struct inbox_watch *w)
{
	union {
		struct inotify_event first; /* for its alignment */
		char bytes[65536];
	} buf;
	int events = 0;
	ssize_t n;

	while ((n = read(w->fd, &buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n; events++) {
			const struct inotify_event *e =
			    (const void *)(buf.bytes + at);

			if ((e->mask & IN_IGNORED) != 0)
				drop_folder(w, e->wd);
			else
				take(w, e);
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	return events;
}

struct inbox_watch *
inbox_watch_close(struct inbox_watch *w)
{
	if (w == NULL)
		return NULL;
	forget_all(w);
	while (w->n_folders > 0)
		free(w->folders[--w->n_folders].path);
	if (w->fd >= 0)
		close(w->fd);
	free(w->inbox);
	free(w);
	return NULL;
}
