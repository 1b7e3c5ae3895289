/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tap - a live source as its parent sees it: ffmpeg on a stream's address, or
 * arecord on a line-in, writing sound for a player (playout/cue.h) into a pipe,
 * stereo, for ever. Started through loaxa-source, which shuts it in first.
 * Nothing here blocks but tap_free(), for a moment.
 */
#ifndef PLAYOUT_TAP_H
#define PLAYOUT_TAP_H

#include <stdbool.h>

struct tap;

/* One of the two is "". */
struct tap_setup {
	const char *url;
	const char *line; /* an ALSA device */
};

/* 0 and *ret_tap is yours; -ENOENT without loaxa-source; a negative errno. */
int tap_start(
    const char *libexec, const struct tap_setup *setup, struct tap **ret_tap);

/* The reading end of its sound; borrowed, or -1 once taken. */
int tap_sound(const struct tap *t);
int tap_take_sound(struct tap *t); /* yours; no longer ours */

/* Readable when it has something to say, or has ended; -1 once tap_ended()
 * has seen that. */
int tap_fd(const struct tap *t);

/* Is there sound to read (before it is taken)? */
bool tap_gives(const struct tap *t);

/* Has it ended? Also reads what it says on standard error. */
bool tap_ended(struct tap *t);

/* The last thing it said, for a person, or "". Borrowed. */
const char *tap_words(const struct tap *t);

/* Ends it. Accepts NULL; returns NULL. */
struct tap *tap_free(struct tap *t);

#endif
