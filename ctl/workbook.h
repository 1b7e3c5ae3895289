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

/* As page_file(): 0; -EEXIST; or a negative errno. */
int workbook_write(const char *file, bool replace, const struct summary *m);

#endif
