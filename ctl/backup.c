/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/backup.h"
#include "ctl/say.h"

#define PIECE (256 * 1024) /* bytes copied at once */

struct writer {
	struct archive *archive;
	FILE *manifest;
	backup_progress progress;
	void *arg;
	int64_t done;
	int64_t total;
	bool counting; /* a first walk, for the total */
	char *piece;
	int fd; /* of the archive */
	int disk_error; /* the first, a negative errno; 0 */
	struct stat self; /* the archive, should it lie among the files */
	struct backup_sum sum;
	char *wrong; /* BACKUP_WORDS bytes */
};

int
backup_places(
    const struct root *root, struct backup_place ret[static BACKUP_PLACES])
{
	static const char *const names[BACKUP_PLACES] = { "var/log",
		"var/people", "audio/items", "var/revisions", "schedules",
		"etc" };
	char conf[ROOT_PATH_MAX];
	char revisions[ROOT_PATH_MAX];
	const char *paths[BACKUP_PLACES] = { root->log, root->people,
		root->items, revisions, root->schedules, NULL };

	snprintf(conf, sizeof(conf), "%s", root->conf);
	paths[5] = dirname(conf);
	if (snprintf(revisions, sizeof(revisions), "%s/revisions", root->var) >=
	    (int)sizeof(revisions))
		return -ENAMETOOLONG;
	for (size_t i = 0; i < BACKUP_PLACES; i++) {
		snprintf(ret[i].name, sizeof(ret[i].name), "%s", names[i]);
		snprintf(ret[i].path, sizeof(ret[i].path), "%s", paths[i]);
		ret[i].is_file = strcmp(names[i], "var/people") == 0;
	}
	return 0;
}

/* The sentence stays that was said first. */
__attribute__((format(printf, 3, 4))) static int
failed(struct writer *w, int r, const char *fmt, ...)
{
	va_list ap;

	if (w->wrong[0] == '\0') {
		va_start(ap, fmt);
		vsnprintf(w->wrong, BACKUP_WORDS, fmt, ap);
		va_end(ap);
	}
	return r;
}

static int
not_written(struct writer *w)
{
	int r = w->disk_error;

	if (r == 0)
		r = archive_errno(w->archive) > 0 ? -archive_errno(w->archive)
						  : -EIO;
	return failed(
	    w, r, _("the archive could not be written: %s"), say_errno(r));
}

/* libarchive 3.6 leaks when it is told of a failed write: it is not; the
 * bytes go nowhere from then on, and disk_error says so. */
static la_ssize_t
to_disk(struct archive *a, void *arg, const void *bytes, size_t n)
{
	struct writer *w = arg;

	(void)a;
	if (w->disk_error == 0)
		w->disk_error = disk_write(w->fd, bytes, n);
	return (la_ssize_t)n;
}

static int
put_head(struct writer *w, const char *name, int64_t size, mode_t mode,
    time_t changed)
{
	struct archive_entry *e = archive_entry_new();
	int r;

	if (e == NULL)
		return failed(w, -ENOMEM, "%s", say_errno(-ENOMEM));
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, size);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, mode & 0755);
	archive_entry_set_mtime(e, changed, 0);
	r = archive_write_header(w->archive, e);
	archive_entry_free(e);
	return r == ARCHIVE_OK ? 0 : not_written(w);
}

static int
put_bytes(struct writer *w, const char *name, const char *bytes, size_t n)
{
	int r = put_head(
	    w, name, (int64_t)n, 0644, (time_t)(w->sum.made_us / US_PER_S));

	if (r < 0)
		return r;
	return archive_write_data(w->archive, bytes, n) == (la_ssize_t)n
		   ? 0
		   : not_written(w);
}

static void
count_lines(struct writer *w, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		w->sum.records++;
		p++;
	}
}

/* Exactly `size` bytes of the file, hashed on their way. */
static int
copy_bytes(
    struct writer *w, int fd, int64_t size, bool is_log, struct hash *hash)
{
	int64_t at = 0;

	while (at < size) {
		size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE;
		ssize_t n = pread(fd, w->piece, want, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ESTALE;
		if (hash_more(hash, w->piece, (size_t)n) < 0)
			return -ENOMEM;
		if (archive_write_data(w->archive, w->piece, (size_t)n) != n)
			return not_written(w);
		if (is_log)
			count_lines(w, w->piece, (size_t)n);
		if (w->disk_error < 0)
			return not_written(w);
		at += n;
		w->done += n;
		if (w->progress != NULL)
			w->progress(w->arg, w->done, w->total);
	}
	return 0;
}

/* Of the first `size` bytes, those up to the last line feed. A line is far
 * shorter than a piece. */
static int64_t
whole_lines(struct writer *w, int fd, int64_t size)
{
	int64_t from = size > PIECE ? size - PIECE : 0;
	ssize_t n = pread(fd, w->piece, (size_t)(size - from), from);

	while (n > 0 && w->piece[n - 1] != '\n')
		n--;
	return n > 0 ? from + n : 0;
}

static int
put_open_file(struct writer *w, int fd, const char *name, bool is_log)
{
	char hex[HASH_HEX];
	struct stat st;
	struct hash *hash;
	int64_t size;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	size = is_log ? whole_lines(w, fd, st.st_size) : st.st_size;
	r = put_head(w, name, size, st.st_mode, st.st_mtime);
	if (r < 0)
		return r;
	hash = hash_start();
	if (hash == NULL)
		return -ENOMEM;
	r = copy_bytes(w, fd, size, is_log, hash);
	if (hash_end(hash, hex) < 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		return r;
	fprintf(w->manifest, "%s  %s\n", hex, name);
	w->sum.files++;
	w->sum.bytes += size;
	return 0;
}

static int
put_file(struct writer *w, const char *path, const char *name, bool is_log)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0; /* replaced by the daemon meanwhile */
	if (fd < 0)
		return failed(w, -errno, "%s: %s", path, say_errno(-errno));
	if (w->counting && fstat(fd, &st) == 0)
		w->total += st.st_size;
	r = w->counting ? 0 : put_open_file(w, fd, name, is_log);
	close(fd);
	if (r == -ESTALE)
		return failed(w, r,
		    _("%s became shorter while it was copied; try again"),
		    path);
	return r < 0 ? failed(w, r, "%s: %s", path, say_errno(r)) : 0;
}

static bool
is_log_file(const char *place, const char *name)
{
	size_t n = strlen(name);

	return strcmp(place, "var/log") == 0 &&
	       strncmp(name, "airing-", 7) == 0 && n > 6 &&
	       strcmp(name + n - 6, ".jsonl") == 0;
}

/* Temporary files and locks are nobody's data. */
static bool
is_passing(const char *place, const char *name)
{
	return name[0] == '.' ||
	       (strcmp(place, "var/log") == 0 && strcmp(name, "lock") == 0);
}

bool
backup_name_is_plain(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
	return text_is_utf8(name, strlen(name));
}

static void
note_odd(struct writer *w, const char *path)
{
	if (!w->counting)
		return;
	if (w->sum.left_out == 0)
		snprintf(w->sum.odd, sizeof(w->sum.odd), "%.1000s", path);
	w->sum.left_out++;
}

static int put_folder(struct writer *w, const char *place, const char *path,
    const char *name, int depth);

static int
put_entry(struct writer *w, const char *place, const char *folder,
    const char *in, const char *file, int depth)
{
	char path[ROOT_PATH_MAX + BACKUP_NAME_MAX];
	char name[BACKUP_NAME_MAX];
	struct stat st;

	if (is_passing(place, file))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", folder, file) >=
		(int)sizeof(path) ||
	    snprintf(name, sizeof(name), "%s/%s", in, file) >=
		(int)sizeof(name))
		return failed(w, -ENAMETOOLONG,
		    _("%s/%s: the name is too long"), folder, file);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : failed(w, -errno, "%s: %s", path,
					     say_errno(-errno));
	if (!backup_name_is_plain(file) ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		note_odd(w, path);
		return 0;
	}
	if (st.st_ino == w->self.st_ino && st.st_dev == w->self.st_dev)
		return 0;
	if (S_ISDIR(st.st_mode))
		return put_folder(w, place, path, name, depth + 1);
	return put_file(w, path, name, is_log_file(place, file));
}

static int
put_folder(struct writer *w, const char *place, const char *path,
    const char *name, int depth)
{
	struct dirent **list;
	int r = 0;
	int n;

	if (depth > BACKUP_DEPTH_MAX)
		return failed(
		    w, -ELOOP, _("%s: too many folders in folders"), path);
	n = scandir(path, &list, NULL, alphasort);
	if (n < 0)
		return errno == ENOENT ? 0
				       : failed(w, -errno, "%s: %s", path,
					     say_errno(-errno));
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = put_entry(
			    w, place, path, name, list[i]->d_name, depth);
		free(list[i]);
	}
	free(list);
	return r;
}

static int
put_places(struct writer *w, const struct root *root)
{
	struct backup_place places[BACKUP_PLACES];
	int r = backup_places(root, places);

	for (size_t i = 0; r == 0 && i < BACKUP_PLACES; i++) {
		const struct backup_place *p = &places[i];

		r = p->is_file ? put_file(w, p->path, p->name, false)
			       : put_folder(w, p->name, p->path, p->name, 0);
	}
	return r;
}

static int
put_first(struct writer *w)
{
	struct civil_text utc;
	char hex[HASH_HEX];
	json_t *j = json_pack("{s:s, s:i, s:s, s:s}", "format", BACKUP_FORMAT,
	    "v", BACKUP_VERSION, "utc", civil_utc_text(w->sum.made_us, &utc),
	    "version", LOAXA_VERSION);
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	int r = -ENOMEM;

	json_decref(j);
	if (text != NULL)
		r = put_bytes(w, BACKUP_HEAD, text, strlen(text));
	if (r == 0)
		r = hash_bytes(text, strlen(text), hex);
	if (r == 0)
		fprintf(w->manifest, "%s  %s\n", hex, BACKUP_HEAD);
	free(text);
	return r;
}

static int
put_manifest(struct writer *w, char **text, size_t *n)
{
	if (fflush(w->manifest) != 0)
		return -ENOMEM;
	return put_bytes(w, BACKUP_MANIFEST, *text, *n);
}

static int
put_all(struct writer *w, const struct root *root, int fd)
{
	char *text = NULL;
	size_t n = 0;
	int r = -ENOMEM;

	w->manifest = open_memstream(&text, &n);
	if (w->manifest != NULL)
		r = put_first(w);
	if (r == 0)
		r = put_places(w, root);
	if (r == 0)
		r = put_manifest(w, &text, &n);
	if (r == 0 && (archive_write_close(w->archive) != ARCHIVE_OK ||
			  w->disk_error < 0))
		r = not_written(w);
	if (r == 0 && fsync(fd) < 0)
		r = failed(w, -errno, _("the archive could not be written: %s"),
		    say_errno(-errno));
	if (w->manifest != NULL)
		fclose(w->manifest);
	free(text);
	return r;
}

/* The parts' sizes now, for the progress line; and what is left out. */
static int
count_all(struct writer *w, const struct root *root)
{
	int r;

	w->counting = true;
	r = put_places(w, root);
	w->counting = false;
	return r;
}

static int
open_archive(struct writer *w)
{
	w->archive = archive_write_new();
	w->piece = malloc(PIECE);
	if (w->archive == NULL || w->piece == NULL)
		return -ENOMEM;
	if (archive_write_set_format_pax_restricted(w->archive) != ARCHIVE_OK ||
	    archive_write_open2(w->archive, w, NULL, to_disk, NULL, NULL) !=
		ARCHIVE_OK)
		return not_written(w);
	return 0;
}

int
backup_write(const struct root *root, int64_t now_us, int fd,
    backup_progress progress, void *arg, struct backup_sum *ret,
    char wrong[static BACKUP_WORDS])
{
	struct writer w = { .progress = progress,
		.arg = arg,
		.wrong = wrong,
		.fd = fd,
		.sum.made_us = now_us };
	int r;

	wrong[0] = '\0';
	r = fstat(fd, &w.self) < 0 ? -errno : open_archive(&w);
	if (r == 0)
		r = count_all(&w, root);
	if (r == 0)
		r = put_all(&w, root, fd);
	if (r < 0)
		failed(&w, r, "%s", say_errno(r));
	archive_write_free(w.archive);
	free(w.piece);
	if (r == 0)
		*ret = w.sum;
	return r;
}
