/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grid - a spreadsheet's text export as rows of cells, each row with the line
 * it stands on.
 *
 * UTF-8 or UTF-16 (either order, with or without a mark), cells between ",",
 * ";" or tabs, line ends of any kind, also inside quoted cells. What another
 * program's file is, is said by its name, never guessed at. The cells are
 * libcsv's work, the encodings libunistring's.
 */
#ifndef SCHEDULER_GRID_H
#define SCHEDULER_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "base/problem.h"

/* A week of five-minute slots is 2016 rows and 200 kB. */
#define GRID_BYTES_MAX (2 << 20)
#define GRID_ROWS_MAX 5000

struct grid_row {
	int line; /* of the file, from 1 */
	char **cells; /* UTF-8; NULL for an empty one. The last is not */
	size_t n;
};

struct grid {
	struct grid_row *rows; /* those with anything in them */
	size_t n;
};

/*
 * From the file's bytes; problems call it `name`. 0 and *ret_grid is yours;
 * -EINVAL with every problem in ps; -ENOMEM.
 */
int grid_read(const void *bytes, size_t n, const char *name,
    struct problems *ps, struct grid **ret_grid);

/* Accepts NULL; returns NULL. */
struct grid *grid_free(struct grid *g);

/*
 * Writes one row as RFC 4180 has it. A cell that a spreadsheet would compute
 * ("=", "+", "-", "@" in front) gets a "'" before it, and so does one that
 * begins with "'": grid_plain() takes it off again. NULL is an empty cell.
 */
void grid_write(FILE *out, const char *const *cells, size_t n);

/* The cell's text without that mark. Borrowed from `cell`. */
const char *grid_plain(const char *cell);

#endif
