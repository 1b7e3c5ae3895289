/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk_apart - a folder whose writes are made by a process of its own, so that
 * a disk that hangs holds nobody up.
 *
 * append, sync, replace, hold and room are asked of that process. An answer is
 * awaited for wait_ms; then it is -ETIMEDOUT, and until the process answers
 * after all, every further call is -EINPROGRESS at once. What was asked may
 * then be done or not: ask again, from the same offset, as after an error.
 * read and each are done by the caller itself. hurry shortens the wait.
 *
 * The process ends with its caller, whatever kills that; signals that end a
 * service are for the caller alone. One that died is started anew.
 */
#ifndef BASE_DISK_APART_H
#define BASE_DISK_APART_H

#include "base/disk.h"

/* A folder, made if missing (0750). 0 and *ret_disk is yours. */
int disk_apart(const char *folder, int wait_ms, struct disk **ret_disk);

#endif
