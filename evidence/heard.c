/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "evidence/heard.h"
#include "evidence/leaves.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"

struct hearing {
	const char *store;
	int (*fn)(void *arg, const struct heard *h);
	void *arg;
};

/* Histories that were kept apart have a sign that trees have not; what was kept
 * of a key before anybody entered it is none. */
static int
count_forks(const struct hearing *g, const char *hex)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;
	int n = 0;

	if (snprintf(path, sizeof(path), "%s/apart/%s", g->store, hex) >=
	    (int)sizeof(path))
		return 0;
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.' && strchr(e->d_name, '-') != NULL;
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* The cosigned checkpoint of a tree: as it lies in the store, which its
 * collector vouches for. -ENOENT: none yet. */
static int
read_last(const char *folder, struct checkpoint *ret)
{
	struct tiles *t;
	char *note = NULL;
	size_t text;
	size_t n;
	int r = tiles_open(folder, &t);

	if (r < 0)
		return r;
	r = tiles_file(t, "checkpoint", &note, &n);
	tiles_close(t);
	if (r == 0)
		r = note_text(note, n, &text);
	if (r == 0)
		r = checkpoint_read(note, text, ret);
	free(note);
	return r;
}

/* A tree, as the collector keeps it. */
struct kept {
	struct tiles *tiles;
	struct leaves l;
	int64_t end; /* behind its last record */
};

static int
open_kept(const char *folder, int number, struct kept *ret)
{
	struct kept k = { .l = LEAVES_FIRST };
	struct checkpoint c;
	char path[PATH_MAX];
	const char *entry;
	size_t n;
	int r;

	if (snprintf(path, sizeof(path), "%s/v%d", folder, number) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = read_last(path, &c);
	if (r == 0)
		r = tiles_open(path, &k.tiles);
	if (r < 0)
		return r;
	tiles_size(k.tiles, c.size);
	if (number > 1)
		r = tiles_entry(k.tiles, 0, &entry, &n);
	if (r == 0 && number > 1)
		r = leaves_read(entry, n, c.origin, &k.l);
	k.end = leaves_end(&k.l, c.size);
	if (r < 0)
		tiles_close(k.tiles);
	else
		*ret = k;
	return r;
}

/* A place that was signed as lost gives up nothing; nor does what cannot be
 * read. */
static bool
keeps(const struct kept *is, const struct kept *was, int64_t seq)
{
	struct merkle_hash a, b, nothing;
	int64_t index = leaves_index(&was->l, seq);

	merkle_leaf("", 0, &nothing);
	if (tiles_hash(was->tiles, 0, index, &b) < 0 ||
	    merkle_same(&b, &nothing))
		return true;
	index = leaves_index(&is->l, seq);
	return index >= 0 && tiles_hash(is->tiles, 0, index, &a) == 0 &&
	       merkle_same(&a, &b);
}

/* What was signed before that tree, from its first record on, and is not in it;
 * of what two older ones have the later one's, as collect.h counts it. */
static int64_t
given_up_by(const char *folder, int number)
{
	int64_t below = INT64_MAX;
	int64_t n = 0;
	struct kept is;

	if (open_kept(folder, number, &is) < 0)
		return 0;
	for (int i = number - 1; i > 0 && below > is.l.from; i--) {
		struct kept was;

		if (open_kept(folder, i, &was) < 0)
			continue;
		for (int64_t seq = later(was.l.from, is.l.from);
		     seq < earlier(was.end, below); seq++)
			n += !keeps(&is, &was, seq);
		below = earlier(below, was.l.from);
		tiles_close(was.tiles);
	}
	tiles_close(is.tiles);
	return n;
}

static int
hear_trees(const char *folder, struct heard *h)
{
	char path[PATH_MAX];
	struct checkpoint c;
	int last = trees_last(folder);
	int r = last < 0 && last != -ENOENT ? last : 0;

	for (int i = 1; i <= last && r == 0; i++) {
		if (snprintf(path, sizeof(path), "%s/v%d", folder, i) >=
		    (int)sizeof(path))
			return -ENAMETOOLONG;
		r = read_last(path, &c);
		if (r == 0 && c.size > 0) {
			h->leaves += c.size;
			h->last = c;
			if (h->trees++ > 0)
				h->given_up += given_up_by(folder, i);
		}
		r = r == -ENOENT ? 0 : r;
	}
	return r;
}

static int
hear(void *arg, const struct roster_station *s)
{
	const struct hearing *g = arg;
	struct heard h = { .station = s };
	char folder[PATH_MAX];
	int r;

	if (snprintf(folder, sizeof(folder), "%s/stations/%s", g->store,
		s->hex) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	h.forks = count_forks(g, s->hex);
	r = hear_trees(folder, &h);
	return r < 0 ? r : g->fn(g->arg, &h);
}

int
heard_each(
    const char *store, int (*fn)(void *arg, const struct heard *h), void *arg)
{
	struct hearing g = { store, fn, arg };
	char stations[PATH_MAX];

	if (snprintf(stations, sizeof(stations), "%s/stations", store) >=
	    (int)sizeof(stations))
		return -ENAMETOOLONG;
	return roster_each(stations, hear, &g);
}
