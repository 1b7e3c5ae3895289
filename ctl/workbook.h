/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workbook - a report (ctl/summary.h) as an xlsx file, by libxlsxwriter: one
 * sheet with the sums, one with every slot. Lengths are times of the
 * spreadsheet, [h]:mm:ss, dates and moments (local time) are its dates; texts
 * are texts, never formulas.
 */
#ifndef CTL_WORKBOOK_H
#define CTL_WORKBOOK_H

#include <stdbool.h>

#include "ctl/summary.h"

/*
 * The library writes by name, follows links and speaks on standard error: `make`
 * is given a name in a folder of its own, and what it writes there is put where
 * it belongs, as page_file() does. 0; -EEXIST; what `make` returned; or another
 * negative errno.
 */
int workbook_put(const char *file, bool replace,
    int (*make)(const char *file, const void *arg), const void *arg);

/* As page_file(): 0; -EEXIST; or a negative errno. */
int workbook_write(const char *file, bool replace, const struct summary *m);

#endif
