/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink - where finished sound goes: a loudspeaker, a file, a test.
 *
 * Sound is interleaved 16-bit stereo at RATE. A sink is made closed; it may be
 * opened and closed any number of times. open() and write() may block; that
 * blocking is what paces the player, where the device paces at all.
 */
#ifndef PLAYOUT_SINK_H
#define PLAYOUT_SINK_H

#include <stddef.h>
#include <stdint.h>

struct sink {
	/*
	 * 0, or a negative errno: then it stays closed, and ret_why (size
	 * bytes) says for a person what is wrong and what to do.
	 */
	int (*open)(struct sink *k, char *ret_why, size_t size);
	/*
	 * 0 when every frame was taken; else a negative errno, ret_why as for
	 * open(), and only close() is allowed. How many of these frames were
	 * taken then nobody knows, so none counts.
	 */
	int (*write)(struct sink *k, const int16_t *pcm, int frames,
	    char *ret_why, size_t size);
	/* Plays out what was taken, where the device can; may block for that.
	 * Only when open. */
	void (*close)(struct sink *k);
	/* The twin of its maker; it is closed. */
	void (*free)(struct sink *k);
	/*
	 * How far the device's own mixer is turned up: 0, for muted, to 100;
	 * or a negative errno when nobody can tell. Only when open; does not
	 * block. May be NULL: there is no mixer.
	 */
	int (*level)(struct sink *k);
	/*
	 * The boot instant at which the first frame of this opening sounded,
	 * as the device itself says, every now and then; NEVER when it has
	 * said nothing new. What it says may be late by some ms when the
	 * machine is busy, and is not early. Only when open; does not block.
	 * May be NULL: it cannot tell.
	 */
	int64_t (*zero_us)(struct sink *k);
};

/* What to make. All text is copied. */
struct sink_setup {
	const char *driver; /* libao's name, or "wav" */
	const char *device; /* "" is the driver's own choice */
	const char *file; /* driver "wav" */
	int buffer_ms;
};

/* 0 and *ret_sink is yours (sink_free); -EINVAL without a driver, or "wav"
 * without a file; -ENOMEM. Touches no device yet. */
int sink_make(const struct sink_setup *setup, struct sink **ret_sink);

/* It is closed. Accepts NULL; returns NULL. */
struct sink *sink_free(struct sink *k);

#endif
