/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * library - the audio library as a table of one function: the folder of
 * items, or items assumed to be there.
 */
#ifndef SCHEDULER_LIBRARY_H
#define SCHEDULER_LIBRARY_H

#include <stdint.h>

#include "base/item.h"

struct library {
	/*
	 * Item `id`: its record in *ret_item (yours), its sound open for
	 * reading in *ret_fd (yours; -1 where there is no sound to read).
	 * `hint` is how many frames the slot would like; only assumed items
	 * care. -ENOENT no record or no sound; -EINVAL unreadable record, or
	 * the sound is no regular file; or another negative errno.
	 */
	int (*open)(struct library *lib, const char *id, int64_t hint,
	    struct item **ret_item, int *ret_fd);
	void (*close)(struct library *lib);
};

/* The folder ROOT/audio/items; copied. -ENOMEM. */
int library_folder(const char *folder, struct library **ret_lib);

/* Every item exists, is `hint` frames long, and hashes to a made-up value
 * that depends on its id alone. -ENOMEM. */
int library_assume(struct library **ret_lib);

/* Accepts NULL; returns NULL. */
struct library *library_close(struct library *lib);

#endif
