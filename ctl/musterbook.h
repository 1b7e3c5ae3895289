/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * musterbook - a report of stations (ctl/muster.h) as an xlsx file: one sheet
 * with the matrix or the order, one with all figures of every row, one with the
 * logs that they are made of. Lengths are times of the spreadsheet; texts are
 * texts, never formulas.
 */
#ifndef CTL_MUSTERBOOK_H
#define CTL_MUSTERBOOK_H

#include <stdbool.h>

#include "ctl/muster.h"

/* As page_file(): 0; -EEXIST; or a negative errno. */
int muster_xlsx(const struct muster *m, const char *file, bool replace);

#endif
