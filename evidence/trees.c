/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/leaves.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"

int
trees_number(const char *name)
{
	int end = 0;
	int n;

	if (sscanf(name, "v%4d%n", &n, &end) != 1 || name[end] != '\0' ||
	    n < 1 || n > TREES_MAX)
		return 0;
	return n;
}

int
trees_last(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int last = 0;

	if (dir == NULL)
		return -errno;
	while ((e = readdir(dir)) != NULL) {
		int n = trees_number(e->d_name);

		last = n > last ? n : last;
	}
	closedir(dir);
	return last;
}

static int
open_tree(const char *folder, int n, struct tiles **ret)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/v%d", folder, n) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return tiles_open(path, ret);
}

int
trees_key(const char *folder, int n, struct note_key *ret)
{
	struct tiles *t;
	int r = open_tree(folder, n, &t);

	if (r < 0)
		return r;
	r = tiles_key(t, SEAL_VKEY, ret);
	tiles_close(t);
	return r;
}

int
trees_key_of(const char *folder, const char *origin, struct note_key *ret)
{
	struct note_key k;

	for (int n = trees_last(folder); n > 0; n--)
		if (trees_key(folder, n, &k) == 0 &&
		    strcmp(k.name, origin) == 0) {
			*ret = k;
			return 0;
		}
	return -ENOENT;
}

static int
take_entry(const char *bytes, size_t n, struct proof *p)
{
	p->entry = malloc(n + 1);
	if (p->entry == NULL)
		return -ENOMEM;
	memcpy(p->entry, bytes, n);
	p->entry[n] = '\0';
	p->entry_n = n;
	return 0;
}

/* Its entry and its path, under the checkpoint that is there. */
static int
fill(struct tiles *t, const struct trees_wanted *w, int64_t index, int64_t size,
    struct proof *p)
{
	struct merkle_source src = tiles_source(t);
	const char *entry = w->line;
	size_t n = w->line_n;
	int r = 0;

	if (entry == NULL)
		r = tiles_entry(t, index, &entry, &n);
	if (r == 0)
		r = take_entry(entry, n, p);
	p->index = index;
	return r < 0 ? r : merkle_inclusion(&src, index, size, &p->path);
}

/* By its hash, whatever the tree's first entry says. */
static int
find_line(struct tiles *t, const struct checkpoint *c,
    const struct trees_wanted *w, int64_t *ret)
{
	struct merkle_hash leaf;
	struct merkle_hash is;

	merkle_leaf(w->line, w->line_n, &leaf);
	for (int64_t i = 0; i < c->size; i++) {
		int r = tiles_hash(t, 0, i, &is);

		if (r < 0)
			return r;
		if (merkle_same(&is, &leaf)) {
			*ret = i;
			return 0;
		}
	}
	return -ENODATA;
}

/* Which of its leaves the record is; and which record TREES_FIRST is. */
static int
find(struct tiles *t, const struct checkpoint *c, struct trees_wanted *w,
    int64_t *ret)
{
	struct leaves l = LEAVES_FIRST;
	const char *entry;
	size_t n;
	int r;

	if (c->size == 0)
		return -ENODATA;
	if (w->line != NULL)
		return find_line(t, c, w, ret);
	r = tiles_entry(t, 0, &entry, &n);
	if (r < 0)
		return r;
	leaves_read(entry, n, c->origin, &l);
	if (w->seq == TREES_FIRST)
		w->seq = l.epoch;
	*ret = leaves_index(&l, w->seq);
	return *ret < 0 || *ret >= c->size ? -ENODATA : 0;
}

/* What it is to be proved under, as large as the tree is there. */
static int
open_checkpoint(struct tiles *t, const struct trees_wanted *w,
    const struct note_key *key, struct proof *p, struct checkpoint *ret)
{
	struct checkpoint newest;
	int r = tiles_file(t, SEAL_PUBLISHED, &p->note, &p->note_n);

	if (r == 0)
		r = checkpoint_open(p->note, p->note_n, key, &newest);
	if (r < 0)
		return r;
	tiles_size(t, newest.size);
	*ret = newest;
	if (w->note == NULL)
		return 0;
	free(p->note);
	p->note_n = w->note_n;
	p->note = malloc(w->note_n + 1);
	if (p->note == NULL)
		return -ENOMEM;
	memcpy(p->note, w->note, w->note_n);
	p->note[w->note_n] = '\0';
	r = checkpoint_open(p->note, p->note_n, key, ret);
	return r == 0 && ret->size > newest.size ? -EBADMSG : r;
}

static int
prove(struct tiles *t, const struct trees_wanted *wanted, struct proof *p)
{
	struct trees_wanted is = *wanted;
	struct trees_wanted *w = &is;
	struct note_key key;
	struct checkpoint c;
	int64_t index;
	int r = tiles_key(t, SEAL_VKEY, &key);

	if (r == 0)
		r = open_checkpoint(t, w, &key, p, &c);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	r = find(t, &c, w, &index);
	if (r == 0)
		r = fill(t, w, index, c.size, p);
	/* What does not hold here is handed to nobody. */
	if (r == 0)
		r = proof_check(p, p->entry, p->entry_n, &key, &c);
	/* Nor another record, where the copy that says which leaf it is was
	 * changed. */
	if (r == 0 && p->entry_n == 0)
		return -ENOMSG;
	if (r == 0 && record_seq(p->entry, p->entry_n) != w->seq)
		r = -EBADMSG;
	return r == 0 || r == -ENOMEM || r == -ENODATA ? r : -EBADMSG;
}

static int
prove_in(
    const char *folder, int n, const struct trees_wanted *w, struct proof **ret)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct tiles *t = NULL;
	int r = p == NULL ? -ENOMEM : open_tree(folder, n, &t);

	if (r == 0)
		r = prove(t, w, p);
	tiles_close(t);
	if (r == 0)
		*ret = p;
	else
		proof_free(p);
	return r;
}

/* An older tree may be gone: what it had is in none that is here. A record of
 * that number in a tree before a damaged one may be one that was given up; the
 * very bytes are right in whichever has them. */
static int
prove_newest(
    const char *folder, const struct trees_wanted *w, struct proof **ret)
{
	int n = trees_last(folder);
	int worst = -ENODATA;
	int r = -ENODATA;

	if (n <= 0)
		return n < 0 ? n : -ENOENT;
	for (; n > 0 && (r == -ENODATA || r == -ENOENT); n--) {
		r = prove_in(folder, n, w, ret);
		if (r == -EBADMSG && w->line != NULL) {
			worst = r;
			r = -ENODATA;
		}
	}
	return r == -ENOENT || r == -ENODATA ? worst : r;
}

static int
prove_under(
    const char *folder, const struct trees_wanted *w, struct proof **ret)
{
	struct checkpoint c;
	struct note_key key;
	size_t text;
	int r = note_text(w->note, w->note_n, &text);

	if (r == 0)
		r = checkpoint_read(w->note, text, &c);
	if (r < 0)
		return r;
	for (int i = trees_last(folder); i > 0; i--)
		if (trees_key(folder, i, &key) == 0 &&
		    strcmp(key.name, c.origin) == 0)
			return prove_in(folder, i, w, ret);
	return -ENOENT;
}

int
trees_prove_wanted(
    const char *folder, const struct trees_wanted *w, struct proof **ret_proof)
{
	return w->note == NULL ? prove_newest(folder, w, ret_proof)
			       : prove_under(folder, w, ret_proof);
}

int
trees_prove(const char *folder, int64_t seq, struct proof **ret_proof)
{
	return trees_prove_wanted(
	    folder, &(struct trees_wanted){ .seq = seq }, ret_proof);
}

int
trees_prove_begun(const char *folder, int n, struct proof **ret_proof)
{
	return prove_in(
	    folder, n, &(struct trees_wanted){ .seq = TREES_FIRST }, ret_proof);
}
