/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"
#include "evidence/tiles.h"

#define LEVELS 8 /* 256^8 is more than there are */
#define NEXT_UNKNOWN INT64_MAX

/* A file in memory: the last one that was asked for of a level. */
struct held {
	int64_t n; /* -1: none */
	int width;
	char *bytes;
	size_t len;
};

struct tiles {
	int folder;
	bool strict; /* no link is followed */
	int64_t size;
	struct held levels[LEVELS];
	struct held entries;
	size_t at; /* where entry `next` of the bundle begins */
	int64_t next;
};

const char *
tile_path(int level, int64_t n, int width, char buf[static TILE_PATH])
{
	char groups[48] = "";
	char one[64];
	int64_t rest = n / 1000;

	snprintf(groups, sizeof(groups), "%03" PRId64, n % 1000);
	for (; rest > 0; rest /= 1000) {
		snprintf(
		    one, sizeof(one), "x%03" PRId64 "/%s", rest % 1000, groups);
		snprintf(groups, sizeof(groups), "%.47s", one);
	}
	if (level == TILE_ENTRIES)
		snprintf(one, sizeof(one), "entries");
	else
		snprintf(one, sizeof(one), "%d", level);
	if (width == TILE_WIDTH)
		snprintf(buf, TILE_PATH, "tile/%.8s/%s", one, groups);
	else
		snprintf(
		    buf, TILE_PATH, "tile/%.8s/%s.p/%d", one, groups, width);
	return buf;
}

int
tile_width(int level, int64_t n, int64_t size)
{
	int shift = level == TILE_ENTRIES ? 0 : level * TILE_HEIGHT;
	int64_t all = size >> shift;
	int64_t left = all - n * TILE_WIDTH;

	if (left <= 0)
		return 0;
	return left < TILE_WIDTH ? (int)left : TILE_WIDTH;
}

static int
open_folder(int at, const char *name, bool strict, struct tiles **ret_tiles)
{
	struct tiles *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	t->strict = strict;
	t->folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->folder < 0) {
		int e = errno;

		free(t);
		return -e;
	}
	for (int i = 0; i < LEVELS; i++)
		t->levels[i].n = -1;
	t->entries.n = -1;
	*ret_tiles = t;
	return 0;
}

int
tiles_open(const char *folder, struct tiles **ret_tiles)
{
	return open_folder(AT_FDCWD, folder, false, ret_tiles);
}

int
tiles_open_strictly(int folder, struct tiles **ret_tiles)
{
	return open_folder(folder, ".", true, ret_tiles);
}

struct tiles *
tiles_close(struct tiles *t)
{
	if (t == NULL)
		return NULL;
	for (int i = 0; i < LEVELS; i++)
		free(t->levels[i].bytes);
	free(t->entries.bytes);
	close(t->folder);
	free(t);
	return NULL;
}

void
tiles_size(struct tiles *t, int64_t size)
{
	t->size = size;
}

static int
read_all(int fd, size_t most, char **ret, size_t *ret_n)
{
	struct stat st;
	char *bytes;
	size_t n = 0;
	ssize_t got = 1;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENODEV;
	if (st.st_size > (off_t)most)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	while (got > 0 && n < (size_t)st.st_size) {
		got = read(fd, bytes + n, (size_t)st.st_size - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	if (got < 0) {
		int e = errno;

		free(bytes);
		return -e;
	}
	bytes[n] = '\0';
	*ret = bytes;
	*ret_n = n;
	return 0;
}

/* Part by part, so that a link is none of them. */
static int
open_strictly(int folder, const char *name)
{
	int at = folder;

	for (;;) {
		int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
		size_t n = strcspn(name, "/");
		char part[TILE_PATH];
		int fd;
		int e;

		if (name[n] == '/')
			flags |= O_DIRECTORY;
		snprintf(part, sizeof(part), "%.*s", (int)n, name);
		fd = openat(at, part, flags);
		e = errno;
		if (at != folder)
			close(at);
		errno = e;
		if (fd < 0 || name[n] == '\0')
			return fd;
		at = fd;
		name += n + 1;
	}
}

static int
read_name(
    struct tiles *t, const char *name, size_t most, char **ret, size_t *ret_n)
{
	int fd = t->strict ? open_strictly(t->folder, name)
			   : openat(t->folder, name,
				 O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, most, ret, ret_n);
	close(fd);
	return r;
}

int
tiles_file(struct tiles *t, const char *name, char **ret_bytes, size_t *ret_n)
{
	return read_name(t, name, NOTE_MAX, ret_bytes, ret_n);
}

int
tiles_key(struct tiles *t, const char *name, struct note_key *ret)
{
	char *text;
	size_t n;
	int r = tiles_file(t, name, &text, &n);

	if (r < 0)
		return r;
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	r = note_key_read(text, ret) < 0 ? -EBADMSG : 0;
	free(text);
	return r;
}

static int
unpack(char **bytes, size_t *len)
{
	char *plain;
	size_t n;
	int r;

	if (!gzip_is(*bytes, *len))
		return 0;
	r = gzip_unpack(*bytes, *len, TILE_BYTES_MAX, &plain, &n);
	if (r < 0)
		return r;
	free(*bytes);
	*bytes = plain;
	*len = n;
	return 0;
}

/* The tile's file of that width, or the full one. */
static int
load(struct tiles *t, int level, int64_t n, int width, struct held *h)
{
	char path[TILE_PATH];
	char *bytes;
	size_t len;
	int r = read_name(
	    t, tile_path(level, n, width, path), TILE_BYTES_MAX, &bytes, &len);

	if (r == -ENOENT && width < TILE_WIDTH) {
		r = read_name(t, tile_path(level, n, TILE_WIDTH, path),
		    TILE_BYTES_MAX, &bytes, &len);
		width = TILE_WIDTH;
	}
	if (r < 0)
		return r;
	if (level == TILE_ENTRIES)
		r = unpack(&bytes, &len);
	else if (len != (size_t)width * HASH_BYTES)
		r = -EBADMSG;
	if (r < 0) {
		free(bytes);
		return r;
	}
	free(h->bytes);
	*h = (struct held){ n, width, bytes, len };
	return 0;
}

int
tiles_hash(struct tiles *t, int level, int64_t index, struct merkle_hash *ret)
{
	int64_t n = index / TILE_WIDTH;
	int at = (int)(index % TILE_WIDTH);
	struct held *h;
	int width;
	int r = 0;

	if (level < 0 || level >= LEVELS || index < 0)
		return -ERANGE;
	width = tile_width(level, n, t->size);
	if (at >= width)
		return -ERANGE;
	h = &t->levels[level];
	if (h->n != n || h->width < width)
		r = load(t, level, n, width, h);
	if (r == 0)
		memcpy(ret->b, h->bytes + at * HASH_BYTES, HASH_BYTES);
	return r;
}

/* Up from the hashes of its tile. */
static int
node(void *arg, int height, int64_t index, struct merkle_hash *ret)
{
	struct tiles *t = arg;
	int up = height % TILE_HEIGHT;
	int64_t first = index << up;
	struct merkle part = { 0 };

	for (int64_t i = 0; i < 1 << up; i++) {
		struct merkle_hash h;
		int r = tiles_hash(t, height / TILE_HEIGHT, first + i, &h);

		if (r < 0)
			return r;
		merkle_add(&part, &h, NULL, NULL);
	}
	merkle_root(&part, ret);
	return 0;
}

struct merkle_source
tiles_source(struct tiles *t)
{
	return (struct merkle_source){ node, t };
}

/* Moves on to the next entry of the bundle; -EBADMSG past its end. */
static int
step(struct tiles *t, const char **ret_bytes, size_t *ret_n)
{
	const unsigned char *p =
	    (const unsigned char *)t->entries.bytes + t->at;
	size_t left = t->entries.len - t->at;
	size_t n;

	if (left < 2)
		return -EBADMSG;
	n = (size_t)p[0] << 8 | p[1];
	if (left - 2 < n)
		return -EBADMSG;
	*ret_bytes = (const char *)p + 2;
	*ret_n = n;
	t->at += 2 + n;
	t->next++;
	return 0;
}

int
tiles_entry(
    struct tiles *t, int64_t index, const char **ret_bytes, size_t *ret_n)
{
	int64_t n = index / TILE_WIDTH;
	int width;
	int r = 0;

	if (index < 0 || index >= t->size)
		return -ERANGE;
	width = tile_width(TILE_ENTRIES, n, t->size);
	if (t->entries.n != n || t->entries.width < width) {
		r = load(t, TILE_ENTRIES, n, width, &t->entries);
		t->next = NEXT_UNKNOWN;
	}
	if (r == 0 && t->next > index) {
		t->next = n * TILE_WIDTH;
		t->at = 0;
	}
	do {
		if (r == 0)
			r = step(t, ret_bytes, ret_n);
	} while (r == 0 && t->next <= index);
	if (r < 0)
		t->next = NEXT_UNKNOWN;
	return r;
}
