/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table - rows of text in columns that fit a terminal. Widths are columns of
 * the terminal (text_width()), so Vietnamese and Khmer line up. What does
 * not fit ends in "…"; but an elastic last column, where a row says why, goes
 * on below itself.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum {
	COLUMN_RIGHT = 1, /* numbers */
	COLUMN_ELASTIC = 2, /* gives way when the terminal is narrow */
	COLUMN_SPARE = 4 /* is left out when that is not enough; last first */
};

struct column {
	const char *head; /* in the user's language; borrowed */
	int flags;
};

struct table;

/* Columns are borrowed until table_free(). Yours; NULL when out of memory. */
struct table *table_new(const struct column *columns, size_t n);

/* One cell a column, made safe (say_safe()) and copied; NULL is "". 0 or
 * -ENOMEM. */
int table_row(struct table *t, const char *const *cells);

/* A line across all columns, between rows. "" leaves one empty. */
int table_line(struct table *t, const char *text);

/* Rows, without the lines across. */
size_t table_rows(const struct table *t);

/* Prints heads and rows in at most `width` columns; 0 for no limit. */
void table_print(const struct table *t, FILE *out, int width);

/* Accepts NULL; returns NULL. */
struct table *table_free(struct table *t);

/* A copy of s in at most `width` columns, with "…" where it was cut; yours.
 * NULL when out of memory. */
char *table_cut(const char *s, int width);

/* Prints text in lines of whole words, where they fit: at most `first`
 * columns, then at most `width` behind an indent. No line feed at the end. */
void table_wrap(FILE *out, const char *text, int first, int width, int indent);

/* The columns of the terminal behind `out`; 0 when it is none. */
int table_width(FILE *out);

#endif
