/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker - a loaxa-source process as its parent sees it: a pipe of sound and
 * a report. Nothing here blocks but worker_free(), for a moment.
 *
 * The report's lines are described where they are written, in
 * playout/loaxa-source.c. Whatever a broken worker writes there, at worst
 * the state below says `failed`.
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

#define WORKER_PIPE_BYTES (256 * 1024) /* 2.7 s of mono: rides out a hiccup */

/* A broken header may say any length: more than this (265 days) is unknown,
 * and can be reckoned with. */
#define WORKER_FRAMES_MAX (INT64_C(1) << 40)

struct worker;

/* What it has said so far, and how it ended. */
struct worker_state {
	char hash[HASH_HEX]; /* "" not yet */
	bool has_format;
	int rate;
	int channels;
	int64_t stated_frames; /* by the file's header; -1 unknown */
	int tracks; /* with sound, in a foreign file; 0 not said */
	bool cut;
	bool damaged; /* not all of it could be decoded */
	bool done;
	int64_t frames; /* sent */
	char hash_after[HASH_HEX];
	bool failed; /* said so, or ended without saying done */
	char word[16]; /* why: its own word; "silent": it just ended */
	bool ended; /* it will say no more */
};

/*
 * Starts LIBEXEC/loaxa-source on item_fd (borrowed): to play it from frame
 * `offset`, or to decode it in full when `offset` is -1. 0 and *ret_worker is
 * yours; -ENOENT when the program is not there; another negative errno.
 */
int worker_start(const char *libexec, int item_fd, int64_t offset,
    struct worker **ret_worker);

/* The same to decode a file by ffmpeg, with that demuxer of its own. */
int worker_start_foreign(const char *libexec, int item_fd, const char *demuxer,
    struct worker **ret_worker);

/* The reading end of its sound, blocking; borrowed, or -1 once taken. */
int worker_sound(const struct worker *w);
int worker_take_sound(struct worker *w); /* yours; no longer ours */

/* Readable when worker_see() has something to do, and for good once the state
 * says `ended`: watch it no longer then. */
int worker_report_fd(const struct worker *w);

/* Reads what there is of its report. */
const struct worker_state *worker_see(struct worker *w);

/* SIGKILL; worker_see() tells when it has ended. */
void worker_kill(struct worker *w);

/* Ends it, whatever it does. Accepts NULL; returns NULL. */
struct worker *worker_free(struct worker *w);

#endif
