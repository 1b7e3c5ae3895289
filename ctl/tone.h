/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone - a second of sound through a station's own player and device, as an
 * item would go: for loaxa selftest.
 */
#ifndef CTL_TONE_H
#define CTL_TONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "playout/deck.h"

#define TONE_FRAMES RATE /* a second */
#define TONE_DB (-30.0) /* of a sine wave's peak: heard, not loud */

/* A FLAC file in memory: a tone with soft ends, or silence; its descriptor is
 * yours. Its SHA-256 in ret_hex. A negative errno. */
int tone_file(bool audible, char ret_hex[static HASH_HEX]);

struct tone_result { /* a plain value */
	bool opened;
	bool ended_seen;
	enum ended ended;
	int64_t sent; /* frames the device took */
	bool muted; /* by its own mixer */
	char said[100];
};

/*
 * Plays the file (taken over) on the deck half a second from now; P1: never
 * past the fence, a wall instant, or NEVER for silence. Waits at most
 * `wait_ms` for the end. A negative errno when it could not begin.
 */
int tone_play(struct deck *d, int fd, const char *sha256, int64_t fence_us,
    int wait_ms, struct tone_result *ret);

#endif
