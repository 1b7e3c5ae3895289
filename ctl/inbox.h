/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inbox - the folder where officers put sound files, from whatever they have:
 * ROOT/audio/inbox/<station>/, and the inbox itself. A file that was taken
 * goes into "da-nhan" (đã nhận) beside it; one that cannot be an item into
 * "bi-tra" (bị trả), with NAME.txt, which says why. Nothing is erased here.
 *
 * What is still being copied, is hidden, or is no regular file is left alone.
 */
#ifndef CTL_INBOX_H
#define CTL_INBOX_H

#include <stdint.h>

#define INBOX_TAKEN "da-nhan"
#define INBOX_RETURNED "bi-tra"
#define INBOX_STILL_S 30 /* unchanged for so long, it has arrived */

/*
 * Calls file(arg, path) for each file that has arrived at now_s (UTC seconds),
 * by name, folder after folder. Stops when it returns not 0, and returns that.
 * Else 0, or a negative errno of the inbox itself.
 */
int inbox_each(const char *inbox, int64_t now_s,
    int (*file)(void *arg, const char *path), void *arg);

/* Makes the folder of a station; one that is there is no error. */
int inbox_make(const char *inbox, const char *station);

/* Puts a file with those that were taken; another of that name stays, and
 * this one gets a number. 0 or a negative errno. */
int inbox_take(const char *path);

/* The same with those that are returned, and what was wrong beside it. */
int inbox_return(const char *path, const char *reasons);

#endif
