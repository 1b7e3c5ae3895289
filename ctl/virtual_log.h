/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * virtual_log - how the log of a simulation begins: with what the real one
 * says of approvals, so that a dry run knows them.
 */
#ifndef CTL_VIRTUAL_LOG_H
#define CTL_VIRTUAL_LOG_H

#include "base/disk.h"
#include "base/root.h"

/* Copies them from the root's log, if it has one, to an empty disk. 0 or a
 * negative errno. */
int virtual_log_begin(const struct root *root, struct disk *log);

#endif
