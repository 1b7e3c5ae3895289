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

#include <stdbool.h>
#include <stdint.h>

struct inbox_watch;

#define INBOX_TAKEN "da-nhan"
#define INBOX_RETURNED "bi-tra"
#define INBOX_STILL_S 30 /* unchanged for so long, it has arrived; or */
#define INBOX_CLOSED_S 10 /* so long after it was seen to be closed */
#define INBOX_EMPTY_S 600 /* an empty file: somebody may yet begin to write */

/*
 * Calls file(arg, path) for each file that has arrived at now_s (UTC seconds),
 * by name, folder after folder. Stops when it returns not 0, and returns that.
 * Else 0, or a negative errno of the inbox itself. `watch` (inbox_watch.h)
 * knows what is still being written; NULL: nothing does.
 */
int inbox_each(const char *inbox, int64_t now_s,
    const struct inbox_watch *watch, int (*file)(void *arg, const char *path),
    void *arg);

/* Is it no officer's file, by its name: ours, hidden, the system's, or a copy
 * that a browser, a messenger or a synchroniser has not finished? */
bool inbox_is_passed_over(const char *name);

/* Makes the folder of a station; one that is there is no error. */
int inbox_make(const char *inbox, const char *station);

/* Puts a file with those that were taken; another of that name stays, and
 * this one gets a number. 0 or a negative errno. */
int inbox_take(const char *path);

/* The same with those that are returned, and what was wrong beside it. */
int inbox_return(const char *path, const char *reasons);

#endif
