/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * revision - accepted schedules, kept by their hash: FOLDER/REVISION/ holds
 * the files as they were, so that a log's revision can be read years later,
 * and a station whose files were spoilt overnight has something to go by.
 */
#ifndef SCHEDULER_REVISION_H
#define SCHEDULER_REVISION_H

#include <stddef.h>

#include "scheduler/schedule.h"

/*
 * Copies the files of `s` from `schedules` into FOLDER/REVISION (once), and
 * names it in FOLDER/STATION.last. 0, or a negative errno; -ESTALE when a
 * file is no longer what was read.
 */
int revision_keep(
    const char *folder, const char *schedules, const struct schedule *s);

/* The folder of the station's last accepted revision, into path. -ENOENT when
 * there is none, -ENAMETOOLONG. */
int revision_last(
    const char *folder, const char *station, char *path, size_t size);

#endif
