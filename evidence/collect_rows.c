/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "evidence/collect_rows.h"

#define BEHIND "rows.behind" /* a file without anything in it */

/* Trees --------------------------------------------------------------------- */

int
collect_trees_add(struct collect_trees *t, const char *store, const char *hex,
    const char *name, int64_t number, int64_t size)
{
	struct store_tree one = { strdup(hex), strdup(name), number, NULL, size,
		0 };
	struct store_tree *grown = t->list;
	char *folder = NULL;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 16 : t->room * 2;
		grown = reallocarray(t->list, t->room, sizeof(*grown));
	}
	if (grown == NULL || one.key == NULL || one.name == NULL ||
	    asprintf(&folder, "%s/stations/%s/v%" PRId64, store, hex, number) <
		0) {
		free((char *)one.key);
		free((char *)one.name);
		t->list = grown == NULL ? t->list : grown;
		t->room = grown == NULL ? t->n : t->room;
		return -ENOMEM;
	}
	one.folder = folder;
	t->list = grown;
	t->list[t->n++] = one;
	return 0;
}

void
collect_trees_free(struct collect_trees *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free((char *)t->list[i].key);
		free((char *)t->list[i].name);
		free((char *)t->list[i].folder);
	}
	free(t->list);
	memset(t, 0, sizeof(*t));
}

/* The word on the disk ------------------------------------------------------ */

static bool
is_marked(const struct collect_rows *c)
{
	char sign[PATH_MAX];

	return snprintf(sign, sizeof(sign), "%s/" BEHIND, c->store) <
		   (int)sizeof(sign) &&
	       access(sign, F_OK) == 0;
}

static void
put_mark(const struct collect_rows *c)
{
	struct disk *d;

	if (disk_open(c->store, &d) < 0)
		return;
	d->replace(d, BEHIND, "", 0, 1);
	disk_close(d);
}

static void
drop_mark(const struct collect_rows *c)
{
	char sign[PATH_MAX];

	if (snprintf(sign, sizeof(sign), "%s/" BEHIND, c->store) <
	    (int)sizeof(sign))
		unlink(sign);
}

void
collect_rows_mark(struct collect_rows *c)
{
	if (c->marked || c->behind)
		return;
	c->behind = is_marked(c);
	c->marked = !c->behind;
	if (c->marked)
		put_mark(c);
}

void
collect_rows_end(struct collect_rows *c)
{
	bool is = is_marked(c);

	if (c->behind && !is)
		put_mark(c);
	/* Who has not looked yet knows nothing of it. */
	if (!c->behind && is && (c->marked || c->rows != NULL))
		drop_mark(c);
	c->marked = false;
}

/* Taking ------------------------------------------------------------------- */

/* Each has its error then. Where the trees were put back from a copy, theirs is
 * the word; what is wrong with a tree's files is told when it is brought. */
static void
take(struct collect_rows *c, struct collect_trees *t)
{
	store_take_all(c->rows, t->list, t->n);
	for (size_t i = 0; i < t->n; i++) {
		struct store_tree *one = &t->list[i];

		if (one->error == -ESTALE &&
		    store_forget(c->rows, one->key, one->number) == 0)
			one->error = store_take(c->rows, one->key, one->name,
			    one->number, one->folder, one->size);
		if (one->error == -EBADMSG)
			one->error = 0;
	}
}

static int
fill(struct collect_rows *c)
{
	struct collect_trees t = { NULL, 0, 0 };
	int r = c->all(c->arg, &t);

	if (r == 0)
		take(c, &t);
	for (size_t i = 0; r == 0 && i < t.n; i++)
		if (t.list[i].error != -ENOENT && t.list[i].error != -ESTALE)
			r = t.list[i].error;
	collect_trees_free(&t);
	return r;
}

/* One that was lost, thrown away as damaged or is another one now, or to which
 * something could not be written, is filled again from all trees. */
static int
mend(struct collect_rows *c, bool opened)
{
	int r;

	if (!c->behind && !(opened && store_trees(c->rows) < c->count(c->arg)))
		return 0;
	r = fill(c);
	c->behind = r < 0;
	return r;
}

int
collect_rows_take(struct collect_rows *c, struct collect_trees *t)
{
	bool opened = c->rows == NULL;
	int r = opened ? store_at(c->store, &c->rows) : 0;

	if (opened && !c->marked)
		c->behind = c->behind || is_marked(c);
	if (r < 0) {
		c->behind = true;
		return r;
	}
	take(c, t);
	/* What could not be taken in now is not tried at once again. */
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].error < 0) {
			c->behind = true;
			return 0;
		}
	return mend(c, opened);
}

void
collect_rows_close(struct collect_rows *c)
{
	c->rows = store_close(c->rows);
}
