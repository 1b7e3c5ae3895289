/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/gzip.h"
#include "evidence/mirror.h"

#define LEVELS 8

struct edge { /* a tile that is being filled */
	int n;
	struct merkle_hash at[TILE_WIDTH];
};

struct mirror {
	char *folder;
	int64_t old; /* leaves that count */
	struct merkle tree;
	struct edge edges[LEVELS];
	char *bundle; /* the entries of edges[0] */
	size_t bundle_n;
	size_t bundle_room;
	int error; /* of a file, while leaves came in */
};

static int
place(const struct mirror *m, const char *name, char path[static PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", m->folder, name) < PATH_MAX
		   ? 0
		   : -ENAMETOOLONG;
}

int
mirror_put(struct mirror *m, const char *name, const void *bytes, size_t n)
{
	return disk_put(m->folder, name, bytes, n, 1);
}

/* As its station has it: one that is full is packed. */
static int
put_bundle(struct mirror *m, int64_t n, int width)
{
	char path[TILE_PATH];
	char *packed;
	size_t len;
	int r;

	tile_path(TILE_ENTRIES, n, width, path);
	if (width < TILE_WIDTH)
		return disk_put(m->folder, path, m->bundle, m->bundle_n, 0);
	r = gzip_pack(m->bundle, m->bundle_n, &packed, &len);
	if (r < 0)
		return r;
	r = disk_put(m->folder, path, packed, len, 0);
	free(packed);
	return r;
}

static int
put_tile(struct mirror *m, int level, int64_t n, int width)
{
	char path[TILE_PATH];
	int r = disk_put(m->folder, tile_path(level, n, width, path),
	    m->edges[level].at, (size_t)width * HASH_BYTES, 0);

	return r < 0 || level > 0 ? r : put_bundle(m, n, width);
}

static void
on_node(void *arg, int height, int64_t index, const struct merkle_hash *root)
{
	struct mirror *m = arg;
	int level = height / TILE_HEIGHT;
	int at = (int)(index % TILE_WIDTH);
	int r;

	if (height % TILE_HEIGHT != 0)
		return;
	m->edges[level].at[at] = *root;
	m->edges[level].n = at + 1;
	if (at + 1 < TILE_WIDTH)
		return;
	r = put_tile(m, level, index / TILE_WIDTH, TILE_WIDTH);
	if (m->error == 0)
		m->error = r;
	m->edges[level].n = 0;
	if (level == 0)
		m->bundle_n = 0;
}

static int
keep_entry(struct mirror *m, const char *entry, size_t n)
{
	size_t need = m->bundle_n + 2 + n;

	if (n > TILE_ENTRY_MAX)
		return -EMSGSIZE;
	if (need > m->bundle_room) {
		char *grown = realloc(m->bundle, need * 2);

		if (grown == NULL)
			return -ENOMEM;
		m->bundle = grown;
		m->bundle_room = need * 2;
	}
	m->bundle[m->bundle_n] = (char)(n >> 8);
	m->bundle[m->bundle_n + 1] = (char)n;
	memcpy(m->bundle + m->bundle_n + 2, entry, n);
	m->bundle_n = need;
	return 0;
}

int
mirror_add(struct mirror *m, const char *entry, size_t n)
{
	struct merkle_hash leaf;

	if (m->error == 0)
		m->error = keep_entry(m, entry, n);
	if (m->error < 0)
		return m->error;
	merkle_leaf(entry, n, &leaf);
	merkle_add(&m->tree, &leaf, on_node, m);
	return m->error;
}

int
mirror_flush(struct mirror *m)
{
	int fd;
	int r = m->error;

	for (int i = 0; r == 0 && i < LEVELS; i++) {
		int64_t all = m->tree.size >> (i * TILE_HEIGHT);

		/* One that counts already stays as it is. */
		if (m->edges[i].n > 0 && all != m->old >> (i * TILE_HEIGHT))
			r = put_tile(m, i, all / TILE_WIDTH, m->edges[i].n);
	}
	if (r < 0)
		return r;
	fd = open(m->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = syncfs(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* "tile/0/004.p", with what is in it. */
static void
drop_parts(const struct mirror *m, int level, int64_t n)
{
	char name[TILE_PATH];
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	tile_path(level, n, 1, name);
	*strrchr(name, '/') = '\0';
	if (place(m, name, path) < 0)
		return;
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

void
mirror_tidy(struct mirror *m)
{
	for (int i = 0; i < LEVELS; i++) {
		int64_t was = m->old >> (i * TILE_HEIGHT);
		int64_t is = m->tree.size >> (i * TILE_HEIGHT);

		if (was % TILE_WIDTH == 0 ||
		    was / TILE_WIDTH == is / TILE_WIDTH)
			continue;
		drop_parts(m, i, was / TILE_WIDTH);
		if (i == 0)
			drop_parts(m, TILE_ENTRIES, was / TILE_WIDTH);
	}
	m->old = m->tree.size;
}

/* What is there already --------------------------------------------------- */

static int
load_edge(struct mirror *m, struct tiles *t, int level)
{
	int64_t all = m->old >> (level * TILE_HEIGHT);
	int width = (int)(all % TILE_WIDTH);
	int r = 0;

	for (int i = 0; r == 0 && i < width; i++)
		r = tiles_hash(
		    t, level, all - width + i, &m->edges[level].at[i]);
	m->edges[level].n = width;
	return r;
}

/* Entries, too, are only taken over as they were signed. */
static int
load_bundle(struct mirror *m, struct tiles *t)
{
	int64_t first = m->old / TILE_WIDTH * TILE_WIDTH;
	int r = 0;

	for (int64_t i = first; r == 0 && i < m->old; i++) {
		struct merkle_hash leaf;
		const char *entry;
		size_t n;

		r = tiles_entry(t, i, &entry, &n);
		if (r < 0)
			break;
		merkle_leaf(entry, n, &leaf);
		r = merkle_same(&leaf, &m->edges[0].at[i - first])
			? keep_entry(m, entry, n)
			: -EBADMSG;
	}
	return r;
}

static int
load_tree(struct mirror *m, struct tiles *t, const struct merkle_hash *want)
{
	struct merkle_source src = tiles_source(t);
	struct merkle_hash root;
	int r;

	tiles_size(t, m->old);
	r = merkle_at(&src, m->old, &m->tree);
	if (r < 0)
		return r;
	merkle_root(&m->tree, &root);
	if (!merkle_same(&root, want))
		return -EBADMSG;
	for (int i = 0; r == 0 && i < LEVELS; i++)
		r = load_edge(m, t, i);
	return r < 0 ? r : load_bundle(m, t);
}

static int
load(struct mirror *m, const struct checkpoint *last)
{
	struct tiles *t;
	int r = disk_folders(m->folder);

	if (r < 0 || last == NULL || last->size == 0)
		return r;
	m->old = last->size;
	r = tiles_open(m->folder, &t);
	if (r < 0)
		return r;
	r = load_tree(m, t, &last->root);
	tiles_close(t);
	return r == -ENOENT ? -EBADMSG : r;
}

int
mirror_open(const char *folder, const struct checkpoint *last,
    struct mirror **ret_mirror)
{
	struct mirror *m = calloc(1, sizeof(*m));
	int r;

	if (m == NULL)
		return -ENOMEM;
	m->folder = strdup(folder);
	r = m->folder == NULL ? -ENOMEM : load(m, last);
	if (r < 0) {
		mirror_close(m);
		return r;
	}
	*ret_mirror = m;
	return 0;
}

struct mirror *
mirror_close(struct mirror *m)
{
	if (m == NULL)
		return NULL;
	free(m->folder);
	free(m->bundle);
	free(m);
	return NULL;
}

const struct merkle *
mirror_tree(const struct mirror *m)
{
	return &m->tree;
}
