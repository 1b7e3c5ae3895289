/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/hash.h"
#include "base/words.h"
#include "ctl/client.h"
#include "ctl/restore.h"
#include "ctl/say.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

#define PIECE (256 * 1024)
#define SMALL_MAX (1 << 10) /* bytes of the first entry */
#define MANIFEST_MAX (256 << 20) /* bytes: BACKUP_FILES_MAX lines */
#define STAGED ".restoring" /* behind a place's name, until it is whole */

/* What was read of one entry. */
struct entry {
	char *name;
	char hex[HASH_HEX];
};

struct reader {
	struct archive *archive;
	const struct restore *how; /* NULL: look only */
	struct backup_place places[BACKUP_PLACES];
	struct entry *entries;
	size_t n;
	size_t room;
	char *manifest; /* once it came */
	size_t manifest_n;
	char *piece;
	bool made_log; /* its folder, for the lock */
	backup_progress progress;
	void *arg;
	struct restored sum;
	char *wrong;
};

/* ---- saying what is wrong ---- */

__attribute__((format(printf, 3, 4))) static int
failed(struct reader *rd, int r, const char *fmt, ...)
{
	va_list ap;

	if (rd->wrong[0] == '\0') {
		va_start(ap, fmt);
		vsnprintf(rd->wrong, BACKUP_WORDS, fmt, ap);
		va_end(ap);
	}
	return r;
}

static int
not_whole(struct reader *rd)
{
	return failed(rd, -EBADMSG,
	    _("the archive is damaged or was cut off; take another copy of "
	      "it"));
}

static int
foreign(struct reader *rd)
{
	return failed(
	    rd, -EBADMSG, _("this is no backup made by `loaxa backup`"));
}

static int
spoilt(struct reader *rd, const char *name)
{
	return failed(rd, -EBADMSG,
	    _("%s in the archive is not what was saved: its SHA-256 differs; "
	      "take another copy of it"),
	    name);
}

static int
trick(struct reader *rd, const char *name)
{
	return failed(rd, -EBADMSG,
	    _("\"%s\" in the archive is nothing that a backup holds; it was "
	      "not made by `loaxa backup`, or was changed since"),
	    name);
}

static int
disk_failed(struct reader *rd, const char *path, int r)
{
	return failed(rd, r, "%s: %s", path, say_errno(r));
}

/* ---- folders ---- */

/* The folder that path lies in, and those above it, made if missing. */
static int
make_parents(const char *path)
{
	char folder[2 * ROOT_PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	for (char *p = folder + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(folder, 0750) == 0)
			disk_own_path(-1, folder);
		else if (errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

static void
remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
staged_path(const struct backup_place *p, char path[static ROOT_PATH_MAX + 16])
{
	snprintf(path, ROOT_PATH_MAX + 16, "%s%s", p->path, STAGED);
}

static void
unstage(struct reader *rd)
{
	char path[ROOT_PATH_MAX + 16];

	for (size_t i = 0; i < BACKUP_PLACES; i++) {
		staged_path(&rd->places[i], path);
		remove_all(path);
	}
}

static int
is_data(const struct dirent *d)
{
	return d->d_name[0] != '.' && strcmp(d->d_name, "lock") != 0;
}

/* An empty folder, and a lock in it, are nobody's data. */
static bool
holds_something(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, is_data, NULL);

	if (n < 0)
		return errno != ENOENT;
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return n > 0;
}

/* ---- entries ---- */

/* "a/b/c" without "", "." and ".." in it. */
static bool
stays_inside(const char *name)
{
	size_t n;

	for (;;) {
		n = strcspn(name, "/");
		if (n == 0 || (n == 1 && name[0] == '.') ||
		    (n == 2 && name[0] == '.' && name[1] == '.') || n > 255)
			return false;
		if (name[n] == '\0')
			return true;
		name += n + 1;
	}
}

/* The place a name belongs to; NULL for none. *ret_rest is what follows. */
static const struct backup_place *
place_of(const struct reader *rd, const char *name, const char **ret_rest)
{
	for (size_t i = 0; i < BACKUP_PLACES; i++) {
		const struct backup_place *p = &rd->places[i];
		size_t n = strlen(p->name);

		if (strncmp(p->name, name, n) != 0)
			continue;
		if (name[n] != (p->is_file ? '\0' : '/'))
			continue;
		*ret_rest = name + n;
		return p;
	}
	return NULL;
}

/* Where an entry is unpacked to. -EBADMSG when a backup has no such entry. */
static int
target(struct reader *rd, struct archive_entry *e, const char *name, char *path,
    size_t size)
{
	const char *rest = "";
	const struct backup_place *p = place_of(rd, name, &rest);

	if (archive_entry_filetype(e) != AE_IFREG ||
	    archive_entry_hardlink(e) != NULL ||
	    archive_entry_sparse_count(e) > 0 || p == NULL ||
	    !stays_inside(name) || !backup_name_is_plain(name) ||
	    strlen(name) >= BACKUP_NAME_MAX)
		return trick(rd, name);
	if (snprintf(path, size, "%s%s%s", p->path, STAGED, rest) >= (int)size)
		return failed(rd, -ENAMETOOLONG, "%s: %s", name,
		    say_errno(-ENAMETOOLONG));
	return 0;
}

static int
remember(struct reader *rd, const char *name, const char *hex)
{
	struct entry *grown;

	if (rd->n >= BACKUP_FILES_MAX)
		return trick(rd, name);
	if (rd->n == rd->room) {
		size_t room = rd->room == 0 ? 256 : rd->room * 2;

		grown = realloc(rd->entries, room * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		rd->entries = grown;
		rd->room = room;
	}
	rd->entries[rd->n].name = strdup(name);
	if (rd->entries[rd->n].name == NULL)
		return -ENOMEM;
	snprintf(rd->entries[rd->n].hex, HASH_HEX, "%s", hex);
	rd->n++;
	return 0;
}

/* The entry's bytes, hashed, into the descriptor unless it is -1. */
static int
take_bytes(struct reader *rd, int fd, const char *path, struct hash *hash)
{
	la_ssize_t n;
	int r = 0;

	while ((n = archive_read_data(rd->archive, rd->piece, PIECE)) > 0) {
		if (hash_more(hash, rd->piece, (size_t)n) < 0)
			return -ENOMEM;
		if (fd >= 0)
			r = disk_write(fd, rd->piece, (size_t)n);
		if (r < 0)
			return disk_failed(rd, path, r);
		rd->sum.bytes += n;
		if (rd->progress != NULL)
			rd->progress(rd->arg, rd->sum.bytes, 0);
	}
	return n < 0 ? not_whole(rd) : 0;
}

static int
unpack(struct reader *rd, const char *path, mode_t mode, int *ret_fd)
{
	int r = make_parents(path);
	int fd;

	if (r < 0)
		return disk_failed(rd, path, r);
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return trick(rd, path); /* the same name twice */
	if (fd < 0)
		return disk_failed(rd, path, -errno);
	fchmod(fd, (mode & 0755) | 0600);
	disk_own_path(fd, path);
	*ret_fd = fd;
	return 0;
}

static int
take_file(struct reader *rd, struct archive_entry *e, const char *name)
{
	char path[2 * ROOT_PATH_MAX];
	char hex[HASH_HEX];
	struct hash *hash;
	int fd = -1;
	int r = target(rd, e, name, path, sizeof(path));

	if (r == 0 && rd->how != NULL)
		r = unpack(rd, path, archive_entry_perm(e), &fd);
	if (r < 0)
		return r;
	hash = hash_start();
	r = hash == NULL ? -ENOMEM : take_bytes(rd, fd, path, hash);
	if (hash_end(hash, hex) < 0 && r == 0)
		r = -ENOMEM;
	if (fd >= 0)
		close(fd);
	if (r == 0)
		r = remember(rd, name, hex);
	rd->sum.files += r == 0;
	return r;
}

/* A whole small entry, with a NUL behind it; yours. */
static int
slurp(struct reader *rd, struct archive_entry *e, int64_t most, char **ret,
    size_t *ret_n)
{
	int64_t size = archive_entry_size(e);
	char *text;

	if (archive_entry_filetype(e) != AE_IFREG || size < 0 || size > most)
		return foreign(rd);
	text = malloc((size_t)size + 1);
	if (text == NULL)
		return -ENOMEM;
	if (archive_read_data(rd->archive, text, (size_t)size) != size) {
		free(text);
		return not_whole(rd);
	}
	text[size] = '\0';
	*ret = text;
	*ret_n = (size_t)size;
	return 0;
}

static int
take_head(struct reader *rd, struct archive_entry *e)
{
	char hex[HASH_HEX];
	char *text;
	size_t n;
	json_t *j;
	int r = slurp(rd, e, SMALL_MAX, &text, &n);

	if (r < 0)
		return r;
	j = json_loadb(text, n, 0, NULL);
	r = hash_bytes(text, n, hex);
	free(text);
	if (r == 0 &&
	    (strcmp(record_text(j, "format"), BACKUP_FORMAT) != 0 ||
		civil_read_utc(record_text(j, "utc"), &rd->sum.made_us) < 0))
		r = foreign(rd);
	else if (r == 0 && record_int(j, "v", 0) != BACKUP_VERSION)
		r = failed(rd, -EBADMSG,
		    _("this backup was made by a newer loaxa (%s); install "
		      "that one first"),
		    record_text(j, "version"));
	json_decref(j);
	return r < 0 ? r : remember(rd, BACKUP_HEAD, hex);
}

static int
take_entry(struct reader *rd, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);

	if (name == NULL)
		return trick(rd, "?");
	if (rd->n == 0)
		return strcmp(name, BACKUP_HEAD) == 0 ? take_head(rd, e)
						      : foreign(rd);
	if (rd->manifest != NULL)
		return trick(rd, name);
	if (strcmp(name, BACKUP_MANIFEST) == 0)
		return slurp(
		    rd, e, MANIFEST_MAX, &rd->manifest, &rd->manifest_n);
	return take_file(rd, e, name);
}

/* Line by line what came, in that order: backup_write() writes no other. */
static int
compare(struct reader *rd)
{
	const char *p = rd->manifest;
	char line[HASH_HEX + BACKUP_NAME_MAX + 4];

	for (size_t i = 0; i < rd->n; i++) {
		int n = snprintf(line, sizeof(line), "%s  %s\n",
		    rd->entries[i].hex, rd->entries[i].name);

		if (strncmp(p, line, (size_t)n) != 0)
			return spoilt(rd, rd->entries[i].name);
		p += n;
	}
	return p == rd->manifest + rd->manifest_n ? 0 : not_whole(rd);
}

static int
take_all(struct reader *rd)
{
	struct archive_entry *e;
	int got;
	int r = 0;

	while (r == 0 && (got = archive_read_next_header(rd->archive, &e)) !=
			     ARCHIVE_EOF) {
		if (got != ARCHIVE_OK)
			return rd->n == 0 ? foreign(rd) : not_whole(rd);
		r = take_entry(rd, e);
	}
	if (r < 0)
		return r;
	if (rd->n == 0)
		return foreign(rd);
	return rd->manifest == NULL ? not_whole(rd) : compare(rd);
}

static int
open_archive(struct reader *rd, int fd)
{
	int r = 0;

	rd->archive = archive_read_new();
	rd->piece = malloc(PIECE);
	if (rd->archive == NULL || rd->piece == NULL)
		return -ENOMEM;
	if (archive_read_support_format_tar(rd->archive) != ARCHIVE_OK)
		return -ENOSYS;
	if (archive_read_open_fd(rd->archive, fd, PIECE) != ARCHIVE_OK)
		r = foreign(rd);
	return r;
}

static void
close_reader(struct reader *rd)
{
	archive_read_free(rd->archive);
	for (size_t i = 0; i < rd->n; i++)
		free(rd->entries[i].name);
	free(rd->entries);
	free(rd->manifest);
	free(rd->piece);
}

int
restore_check(int fd, backup_progress progress, void *arg, struct restored *ret,
    char wrong[static BACKUP_WORDS])
{
	static const struct root nowhere;
	struct reader rd = { .progress = progress, .arg = arg, .wrong = wrong };
	int r;

	wrong[0] = '\0';
	r = backup_places(&nowhere, rd.places);
	if (r == 0)
		r = open_archive(&rd, fd);
	if (r == 0)
		r = take_all(&rd);
	if (r < 0)
		failed(&rd, r, "%s", say_errno(r));
	else
		*ret = rd.sum;
	close_reader(&rd);
	return r;
}

/* ---- the log ---- */

static int
note_last(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reader *rd = arg;
	json_t *j;

	rd->sum.records = seq + 1;
	if (record_parse(line, n, &j) == 0) {
		civil_read_utc(record_text(j, "utc"), &rd->sum.last_us);
		json_decref(j);
	}
	return 0;
}

static json_t *
epoch_record(const struct reader *rd)
{
	struct civil_text made;
	json_t *r = record_new(KIND_EPOCH, "", rd->how->now, rd->how->boot_id);
	json_t *body = json_pack("{s:s, s:s, s:I, s:I}", "reason", "restore",
	    "backup_utc", civil_utc_text(rd->sum.made_us, &made), "records",
	    (json_int_t)rd->sum.records, "files", (json_int_t)rd->sum.files);

	if (r == NULL || body == NULL ||
	    json_object_update_missing(r, body) < 0) {
		json_decref(r);
		r = NULL;
	}
	json_decref(body);
	return r;
}

/* The staged log opens, and goes on with an epoch. */
static int
begin_epoch(struct reader *rd)
{
	char path[ROOT_PATH_MAX + 16];
	struct ledger *log = NULL;
	struct disk *disk = NULL;
	int r;

	staged_path(&rd->places[0], path);
	r = make_parents(path);
	if (r == 0)
		r = disk_open(path, &disk);
	if (r == 0)
		r = ledger_each(disk, note_last, rd);
	if (r == 0)
		r = ledger_open(disk, NULL, &log);
	if (r == 0)
		r = ledger_add(log, epoch_record(rd));
	if (r == 0)
		r = ledger_flush(log);
	ledger_close(log);
	disk_close(disk);
	if (r == -EBADMSG)
		return failed(
		    rd, r, _("the airing log in the archive is not one"));
	return r < 0 ? disk_failed(rd, path, r) : 0;
}

/* ---- taking the places ---- */

/* Staged files belong to whom the places belong, or the folder around. */
static struct stat owner;

static int
own_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return lchown(path, owner.st_uid, owner.st_gid) < 0 && geteuid() == 0;
}

static int
own(const struct backup_place *p)
{
	char path[ROOT_PATH_MAX + 16];
	char around[ROOT_PATH_MAX + 16];

	staged_path(p, path);
	snprintf(around, sizeof(around), "%s", p->path);
	if (stat(p->path, &owner) < 0 && stat(dirname(around), &owner) < 0)
		return 0;
	if (access(path, F_OK) < 0)
		return 0;
	return nftw(path, own_one, 16, FTW_PHYS) == 0 ? 0 : -EPERM;
}

static int
sync_staged(struct reader *rd)
{
	char path[ROOT_PATH_MAX + 16];
	int r = 0;

	for (size_t i = 0; r == 0 && i < BACKUP_PLACES; i++) {
		int fd;

		r = own(&rd->places[i]);
		staged_path(&rd->places[i], path);
		if (r < 0)
			return disk_failed(rd, path, r);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue; /* the backup had none of it */
		if (syncfs(fd) < 0)
			r = disk_failed(rd, path, -errno);
		close(fd);
	}
	return r;
}

static void
aside_path(const struct reader *rd, const char *path,
    char out[static ROOT_PATH_MAX + 64])
{
	snprintf(out, ROOT_PATH_MAX + 64, "%s%s", path, rd->sum.aside);
}

/* Puts the places from the n-th on back as they were. */
static void
undo(struct reader *rd, size_t n)
{
	char aside[ROOT_PATH_MAX + 64];
	char staged[ROOT_PATH_MAX + 16];

	for (; n < BACKUP_PLACES; n++) {
		const struct backup_place *p = &rd->places[n];

		staged_path(p, staged);
		rename(p->path, staged);
		aside_path(rd, p->path, aside);
		if (rd->sum.aside[0] != '\0')
			rename(aside, p->path);
	}
}

/* The old one goes aside, or away when it holds nothing; a part that the
 * backup has none of leaves nothing behind either. After a failure it is as
 * it was. */
static int
take_place(struct reader *rd, const struct backup_place *p)
{
	char staged[ROOT_PATH_MAX + 16];
	char aside[ROOT_PATH_MAX + 64];
	int r = 0;

	staged_path(p, staged);
	aside_path(rd, p->path, aside);
	if (rd->sum.aside[0] == '\0')
		remove_all(p->path);
	else if (rename(p->path, aside) < 0 && errno != ENOENT)
		return -errno;
	if (rename(staged, p->path) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0 && rd->sum.aside[0] != '\0')
		rename(aside, p->path);
	return r;
}

/* What belongs to the old log and is made anew: out of the way. */
static void
clear_state(struct reader *rd)
{
	const char *const names[] = { "index.db", "alive.json",
		"ordered.json" };
	char path[ROOT_PATH_MAX + 16];
	char aside[ROOT_PATH_MAX + 128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", rd->how->root->var, names[i]);
		snprintf(aside, sizeof(aside), "%s%s", path, rd->sum.aside);
		if (rd->sum.aside[0] != '\0')
			rename(path, aside);
		else
			unlink(path);
	}
}

/* Said on the disk before the first part moves and after the last: a power cut
 * between leaves parts of two stations. */
static int
mark(struct reader *rd, bool begun)
{
	char path[ROOT_PATH_MAX + 16];
	int r = 0;
	int fd;

	root_restoring(rd->how->root, path);
	if (begun) {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return disk_failed(rd, path, -errno);
		close(fd);
	} else if (unlink(path) < 0 && errno != ENOENT)
		return disk_failed(rd, path, -errno);
	fd = open(rd->how->root->var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0)
		r = disk_failed(rd, rd->how->root->var, -errno);
	if (fd >= 0)
		close(fd);
	return r;
}

/* The log comes last: until its folder goes, the lock in it keeps a daemon
 * and another restore out. */
static int
take_places(struct reader *rd)
{
	int marked = mark(rd, true);

	if (marked < 0)
		return marked;
	for (size_t i = BACKUP_PLACES; i-- > 0;) {
		int r = take_place(rd, &rd->places[i]);

		if (r < 0) {
			undo(rd, i + 1);
			mark(rd, false);
			return disk_failed(rd, rd->places[i].path, r);
		}
	}
	clear_state(rd);
	return mark(rd, false);
}

/* ---- before it begins ---- */

/* An earlier restore left something of this kind by that name. */
static bool
is_aside_taken(const struct reader *rd)
{
	char aside[ROOT_PATH_MAX + 64];
	struct stat old;
	struct stat place;

	for (size_t i = 0; i < BACKUP_PLACES; i++) {
		aside_path(rd, rd->places[i].path, aside);
		if (lstat(aside, &old) == 0 &&
		    lstat(rd->places[i].path, &place) == 0 &&
		    S_ISDIR(old.st_mode) == S_ISDIR(place.st_mode))
			return true;
	}
	return false;
}

static void
name_aside(struct reader *rd)
{
	int64_t s = rd->how->now.wall_us / US_PER_S;

	do
		snprintf(rd->sum.aside, sizeof(rd->sum.aside), ".before-%lld",
		    (long long)s++);
	while (is_aside_taken(rd));
}

static int
refuse_data(struct reader *rd)
{
	bool any = false;

	for (size_t i = 0; i < BACKUP_PLACES; i++) {
		const char *path = rd->places[i].path;

		if (!holds_something(path))
			continue;
		any = true;
		if (!rd->how->replace)
			return failed(rd, -EEXIST,
			    _("%s holds a station's data already; restore "
			      "elsewhere with --root, or move it aside with "
			      "--replace"),
			    path);
	}
	if (any)
		name_aside(rd);
	return 0;
}

/* The log's lock; where there is no log yet, its folder is made for that. */
static int
lock_log(struct reader *rd)
{
	char path[ROOT_PATH_MAX + 16];
	int r;

	snprintf(path, sizeof(path), "%s/lock", rd->how->root->log);
	rd->made_log = access(rd->how->root->log, F_OK) < 0;
	r = make_parents(path);
	return r < 0 ? r : ledger_lock(rd->how->root->log);
}

static void
unlock_log(struct reader *rd, int lock, bool taken)
{
	char path[ROOT_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/lock", rd->how->root->log);
	if (rd->made_log && !taken && unlink(path) == 0)
		rmdir(rd->how->root->log);
	close(lock);
}

/* From here on nobody else is at work: two restores at once would mix what
 * they unpack, and a daemon started meanwhile would lose its log. */
static int
refuse_running(struct reader *rd, int *ret_lock)
{
	const struct root *root = rd->how->root;
	struct client *c;
	int lock = -EWOULDBLOCK;

	if (client_open(root->socket, &c) == 0)
		client_close(c);
	else
		lock = lock_log(rd);
	if (lock == -EWOULDBLOCK)
		return failed(rd, -EBUSY,
		    _("loaxad or another command is at work here; stop it "
		      "first"));
	if (lock < 0)
		return disk_failed(rd, root->log, lock);
	*ret_lock = lock;
	return 0;
}

static int
restore_all(struct reader *rd, int fd)
{
	int r = refuse_data(rd);

	if (r == 0)
		r = open_archive(rd, fd);
	if (r < 0)
		return r;
	unstage(rd); /* of one that was interrupted */
	r = take_all(rd);
	if (r == 0)
		r = begin_epoch(rd);
	if (r == 0)
		r = sync_staged(rd);
	if (r == 0)
		r = take_places(rd);
	/* What is whole has left nothing; the next one may be unpacking. */
	if (r < 0)
		unstage(rd);
	return r;
}

int
restore_run(int fd, const struct restore *how, struct restored *ret,
    char wrong[static BACKUP_WORDS])
{
	struct reader rd = { .how = how,
		.progress = how->progress,
		.arg = how->arg,
		.wrong = wrong };
	int lock = -1;
	int r;

	wrong[0] = '\0';
	r = backup_places(how->root, rd.places);
	if (r == 0)
		r = refuse_running(&rd, &lock);
	if (r == 0)
		r = restore_all(&rd, fd);
	if (r < 0)
		failed(&rd, r, "%s", say_errno(r));
	else
		*ret = rd.sum;
	if (lock >= 0)
		unlock_log(&rd, lock, r == 0);
	close_reader(&rd);
	return r;
}
