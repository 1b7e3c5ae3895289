/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bring - the files that a week's sheet names and the library does not have:
 * they are looked for beside the sheet, then in the inbox. A name is compared
 * as match_is_file() does, so that a sheet from Excel finds a file from a Mac.
 */
#ifndef CTL_BRING_H
#define CTL_BRING_H

#include <limits.h>
#include <stdbool.h>

#include "scheduler/sheet.h"

/* All borrowed. */
struct bring {
	const char *items; /* ROOT/audio/items */
	const char *const *folders; /* to look in, the first one first */
	size_t n_folders;
};

/*
 * Calls fn with each file that is to be brought in, and which of the folders
 * it lies in, in the order of the rows; again for each row that names it, until
 * it is in the library. Stops at what is not 0 and
 * returns it; else 0 or -ENOMEM.
 */
int bring_each(const struct bring *b, const struct sheet *sheet,
    int (*fn)(void *arg, const char *path, size_t folder), void *arg);

#endif
