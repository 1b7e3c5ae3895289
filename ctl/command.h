/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command - one sub-command of a table, and finding it by what a person
 * typed: its name, or as much of it as makes it clear.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stddef.h>

#include "ctl/commands.h"

struct command {
	const char *name;
	int (*run)(struct ctl *ctl, int argc, char **argv);
	const char *usage; /* what follows the name, N_() */
	const char *help; /* one line, N_() */
};

/*
 * The command named `word`, or the only one that begins with it. NULL
 * otherwise, with the names it may mean in `list` ("" for none).
 */
const struct command *command_find(const struct command *commands, size_t n,
    const char *word, char *list, size_t size);

/*
 * Takes --root FOLDER or --root=FOLDER out of argv, wherever it stands before
 * "--". *ret_root is it, or NULL. -EINVAL when the folder is missing.
 */
int command_root(int *argc, char **argv, const char **ret_root);

#endif
