/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inbox_watch - what happens in the inbox while nobody looks: whoever opens a
 * file to write it, closes it or moves it there (inotify(7)). Events may be
 * lost, and a folder that lies on another computer gives none: then a file is
 * as one that nothing is known of, and has to lie still for longer.
 */
#ifndef CTL_INBOX_WATCH_H
#define CTL_INBOX_WATCH_H

struct inbox_watch;

enum inbox_news {
	INBOX_UNKNOWN, /* nothing was seen of it */
	INBOX_OPEN, /* somebody began to write it, and has not ended */
	INBOX_CLOSED, /* written to its end, or moved here */
};

/* The inbox must be there. 0 and *ret_watch is yours, or a negative errno. */
int inbox_watch_open(const char *inbox, struct inbox_watch **ret_watch);

/* Readable when inbox_watch_read() has something to do. Borrowed. */
int inbox_watch_fd(const struct inbox_watch *w);

/* Takes in what has happened; how many events, 0 none. */
int inbox_watch_read(struct inbox_watch *w);

/* Watches the folders in the inbox that have come since. */
void inbox_watch_folders(struct inbox_watch *w);

enum inbox_news inbox_watch_news(const struct inbox_watch *w, const char *path);

/* A file that is gone from there need not be remembered. */
void inbox_watch_forget(struct inbox_watch *w, const char *path);

/* Accepts NULL; returns NULL. */
struct inbox_watch *inbox_watch_close(struct inbox_watch *w);

#endif
