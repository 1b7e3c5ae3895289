/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * paper - a PDF (page.h), or another file, that a command was asked for: made,
 * put in its place, and what keeps it from being there said in plain words.
 */
#ifndef CTL_PAPER_H
#define CTL_PAPER_H

#include <stdbool.h>

#include "ctl/page.h"

/* Lays it out and writes it, as page_make() and page_file() do. EX_OK and
 * *ret_pages; EXIT_LACKING when it is written, but no font here has one of its
 * letters; any other code: it is not written. All but EX_OK is said on standard
 * error. */
int paper_write(const struct page_setup *setup, const char *file, bool replace,
    int *ret_pages);

/* The code for what page_file() or workbook_write() answered of `file`; what
 * is an error is said. */
int paper_code(const char *file, int r);

#endif
