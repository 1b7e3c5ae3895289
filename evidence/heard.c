/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/heard.h"
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
			h->trees++;
			h->leaves += c.size;
			h->last = c;
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
