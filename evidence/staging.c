/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "evidence/signer.h"
#include "evidence/staging.h"

struct staging {
	char *store;
	struct staged *at[STAGING_MAX];
};

void
staging_origin(const char *origin, char hash[static STAGING_ORIGIN])
{
	hash_bytes(origin, strlen(origin), hash);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
staging_remove(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
staging_open(const char *store, struct staging **ret)
{
	struct staging *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->store = strdup(store);
	if (s == NULL || s->store == NULL) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

/* The files stay. */
static void
forget(struct staged **at)
{
	if (*at == NULL)
		return;
	sending_free((*at)->sending);
	free(*at);
	*at = NULL;
}

struct staging *
staging_close(struct staging *s)
{
	if (s == NULL)
		return NULL;
	for (int i = 0; i < STAGING_MAX; i++)
		forget(&s->at[i]);
	free(s->store);
	free(s);
	return NULL;
}

static struct staged **
find(struct staging *s, const char *origin, bool apart)
{
	for (int i = 0; i < STAGING_MAX; i++)
		if (s->at[i] != NULL && s->at[i]->apart == apart &&
		    strcmp(s->at[i]->origin, origin) == 0)
			return &s->at[i];
	return NULL;
}

struct staged *
staging_find(struct staging *s, const char *origin, bool apart)
{
	struct staged **at = find(s, origin, apart);

	return at == NULL ? NULL : *at;
}

/* One that is free, or that of whoever has been quiet the longest. */
static struct staged **
make_room(struct staging *s)
{
	struct staged **oldest = &s->at[0];

	for (int i = 0; i < STAGING_MAX; i++) {
		if (s->at[i] == NULL)
			return &s->at[i];
		if (s->at[i]->used_us < (*oldest)->used_us)
			oldest = &s->at[i];
	}
	forget(oldest);
	return oldest;
}

static int
begin(const struct staging *s, const struct staging_tree *tree, int64_t now_us,
    struct staged **ret)
{
	struct staged *new = calloc(1, sizeof(*new));
	char own[PATH_MAX];
	char apart[20] = "";
	const unsigned char *b = tree->is->root.b;
	int64_t number = signer_number(tree->is->origin);
	int r = 0;

	if (new == NULL)
		return -ENOMEM;
	if (tree->apart)
		snprintf(apart, sizeof(apart), "-apart-%02x%02x%02x%02x", b[0],
		    b[1], b[2], b[3]);
	staging_origin(tree->is->origin, new->origin);
	new->apart = tree->apart;
	new->took_us = now_us;
	if (snprintf(own, sizeof(own), "%s/stations/%s/v%" PRId64, s->store,
		tree->hex, number) >= (int)sizeof(own) ||
	    snprintf(new->folder, sizeof(new->folder),
		"%s/incoming/push-%s-v%" PRId64 "%s", s->store, tree->hex,
		number, apart) >= (int)sizeof(new->folder))
		r = -ENAMETOOLONG;
	if (r == 0)
		r = sending_begin(
		    new->folder, own, tree->had, tree->is, &new->sending);
	if (r < 0)
		free(new);
	else
		*ret = new;
	return r;
}

static bool
is_aside(
    const struct staged *at, const struct staging_tree *tree, int64_t now_us)
{
	return tree->is->size < at->is.size &&
	       now_us < at->took_us + STAGING_ASIDE_US;
}

/* Not of another history, which this one's bundles are no part of. */
static bool
goes_on(const struct staged *at, const struct staging_tree *tree)
{
	if (at->apart && (at->is.size != tree->is->size ||
			     !merkle_same(&at->is.root, &tree->is->root)))
		return false;
	return sending_sign(at->sending, tree->had, tree->is);
}

int
staging_sign(struct staging *s, const struct staging_tree *tree, int64_t now_us,
    struct staged **ret)
{
	char origin[STAGING_ORIGIN];
	struct staged **at;
	int r = 0;

	staging_origin(tree->is->origin, origin);
	at = find(s, origin, tree->apart);
	if (at != NULL && is_aside(*at, tree, now_us)) {
		*ret = *at;
		return STAGING_ASIDE;
	}
	if (at == NULL)
		at = make_room(s);
	else if (!goes_on(*at, tree))
		forget(at);
	if (*at == NULL)
		r = begin(s, tree, now_us, at);
	if (r < 0)
		return r;
	(*at)->is = *tree->is;
	(*at)->used_us = now_us;
	*ret = *at;
	return 0;
}

int
staging_take(struct staged *at, const void *bytes, size_t n,
    const struct merkle_path *proof, int64_t now_us)
{
	int r = sending_take(at->sending, bytes, n, proof);

	if (r < 0)
		return r;
	at->took_us = now_us;
	/* The bundle lies deeper: staging_tidy() looks here. */
	utimensat(AT_FDCWD, at->folder, NULL, 0);
	return 0;
}

static void
forget_one(struct staging *s, const struct staged *at)
{
	for (int i = 0; i < STAGING_MAX; i++)
		if (s->at[i] == at)
			forget(&s->at[i]);
}

void
staging_done(struct staging *s, struct staged *at)
{
	if (!sending_has_more(at->sending))
		staging_remove(at->folder);
	forget_one(s, at);
}

void
staging_drop(struct staging *s, struct staged *at)
{
	staging_remove(at->folder);
	forget_one(s, at);
}

void
staging_tidy(struct staging *s, int64_t now_us)
{
	char folder[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.3000s/incoming", s->store);
	dir = opendir(folder);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(
		    path, sizeof(path), "%.3000s/%.200s", folder, e->d_name);
		if (strncmp(e->d_name, "push-", 5) == 0 &&
		    stat(path, &st) == 0 &&
		    st.st_mtim.tv_sec * US_PER_S + STAGING_STALE_US < now_us)
			staging_remove(path);
	}
	if (dir != NULL)
		closedir(dir);
}
