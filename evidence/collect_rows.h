/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect_rows - the database (store.h) of what a collector keeps, and whether
 * it lacks any of it: what could not be taken in now is made up for by the next
 * call, also of another process. The trees' files are the truth; so no tree is
 * kept or cosigned any later for it.
 *
 *	STORE/rows.behind	there may be rows to be made up for
 */
#ifndef EVIDENCE_COLLECT_ROWS_H
#define EVIDENCE_COLLECT_ROWS_H

#include <stdbool.h>

#include "evidence/store.h"

struct collect_trees { /* all 0: none; collect_trees_free() them */
	struct store_tree *list;
	size_t n;
	size_t room;
};

/* STORE/stations/HEX/vN, of so many leaves. 0; -ENOMEM. */
int collect_trees_add(struct collect_trees *t, const char *store,
    const char *hex, const char *name, int64_t number, int64_t size);
void collect_trees_free(struct collect_trees *t);

struct collect_rows { /* the first four are the collector's to fill in */
	const char *store; /* its folder; borrowed */
	/* Adds every tree that is cosigned here; how many those are at least. */
	int (*all)(void *arg, struct collect_trees *t);
	int (*count)(void *arg);
	void *arg;
	struct store *rows; /* NULL: not opened yet */
	bool behind; /* they lack something */
	bool marked; /* so it says on the disk for now */
};

/* A tree that grew is going to be kept before its rows are taken in: a kill in
 * between leaves a word of it, whoever is brought next. */
void collect_rows_mark(struct collect_rows *c);

/* Their rows; each has its `error` then. What was lacking besides is made up
 * for. 0; or why nothing could be, or not all that was lacking. */
int collect_rows_take(struct collect_rows *c, struct collect_trees *t);

/* That is all for now. */
void collect_rows_end(struct collect_rows *c);

void collect_rows_close(struct collect_rows *c);

#endif
