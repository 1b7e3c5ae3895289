/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page - A4 pages with text and tables, as PDF, by pango and cairo: letters of
 * any script are shaped and broken into lines as they should be.
 *
 * Whoever draws goes down the page from its head; a new page begins when a
 * line, a row or what is to be kept together has no room left. All lengths are
 * PDF points (1/72 inch). Texts are made safe (say_safe()) and copied.
 */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PAGE_BOLD = 1,
	PAGE_ITALIC = 2,
	PAGE_CENTRE = 4,
	PAGE_RIGHT = 8,
	PAGE_SHADE = 16, /* grey behind a row or band */
	PAGE_FIT = 32 /* smaller letters where one line would not hold it */
};

struct page;

/* A text over the whole width, in as many lines as it takes. */
void page_text(struct page *p, double size, int style, const char *text);

/* Two texts beside each other, centred in the halves; either may be "". */
void page_halves(struct page *p, double size, int left_style, const char *left,
    int right_style, const char *right);

/* Short rules below the last halves; 0 for none. They take no room. */
void page_rules(struct page *p, double left, double right);

/* An empty space; and a new page unless there is so much of this one left. */
void page_gap(struct page *p, double high);
void page_keep(struct page *p, double high);

/* A table. Its head stands at the top of every page that it reaches. */
struct page_column {
	const char *group; /* above the heads of neighbours that share it */
	const char *head;
	double share; /* of the width */
	int style; /* of its cells */
};

#define PAGE_COLUMNS_MAX 16

/* Columns are borrowed until page_table_end(). */
void page_table(
    struct page *p, double size, const struct page_column *columns, size_t n);
/* One cell a column; NULL is "". `style` adds to the columns'. */
void page_row(struct page *p, const char *const *cells, int style);
/* A row of one cell, never the last of a page. */
void page_band(struct page *p, int style, const char *text);
void page_table_end(struct page *p);

struct page_setup { /* all borrowed */
	const char *title; /* of the document */
	const char *foot; /* of each page, left of its number */
	/* Draws all of it. It is called twice: to count the pages, then. */
	void (*draw)(struct page *p, void *arg);
	void *arg;
};

struct page_result {
	char *pdf; /* yours */
	size_t n;
	int pages;
	/* The first letter that no font here has, and what stands behind it;
	 * "". */
	char missing[200];
};

/* 0 and *ret; -ENOENT when this computer has no font at all; -ENOMEM. */
int page_make(const struct page_setup *setup, struct page_result *ret);

/*
 * Writes all n bytes as a new file, beside its place as FILE.tmp first; with
 * `replace` also in the place of one that is there, which stays whole until
 * the new one is. 0; -EEXIST; -EINVAL for a file without a name; or a negative
 * errno.
 */
int page_file(const char *file, bool replace, const void *bytes, size_t n);

/* May it be written there? 0; -EINVAL without a name; -EEXIST; with `replace` -EISDIR for a folder and
 * -ENXIO for a device, a pipe or a socket, which a rename would take away; or
 * a negative errno. */
int page_look(const char *file, bool replace);

/* Puts the file `made`, whole and in the same folder, in that place. As
 * page_file(); `made` is gone in any case. */
int page_place(const char *made, const char *file, bool replace);

#endif
