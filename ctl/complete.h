/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * complete - what may stand where the cursor is, for a shell: read off the
 * table of commands and their usage lines, so that it cannot go stale.
 */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include "ctl/command.h"

enum { /* what the caller knows and may offer besides */
	COMPLETE_STATIONS = 1,
	COMPLETE_ITEMS = 2
};

/*
 * words[0..n-1] are what follows "loaxa", the last being written. put() gets
 * every command, option or keyword that it may become. Returns what else may
 * stand there.
 */
int complete_words(const struct command *commands, size_t n_commands,
    char *const *words, size_t n, void (*put)(void *arg, const char *word),
    void *arg);

#endif
