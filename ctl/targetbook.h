/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * targetbook - targets (ctl/targetview.h) as an xlsx file, by libxlsxwriter: a
 * row a period of a target. Lengths are times of the spreadsheet, dates its
 * dates; texts are texts, never formulas.
 */
#ifndef CTL_TARGETBOOK_H
#define CTL_TARGETBOOK_H

#include <stdbool.h>

#include "ctl/targetview.h"

/* As page_file(): 0; -EEXIST; or a negative errno. */
int targetbook_write(
    const char *file, bool replace, const struct targetview *v);

#endif
