/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cue - the words between the daemon and a player process: cues go in,
 * receipts come out, each one message on a wire (base/wire.h).
 *
 * Sound is 16-bit signed host-endian PCM, 48,000 frames a second, mono or
 * stereo. A cue travels with the reading end of the pipe that its source
 * writes to. Both structs are plain values; both processes are built together
 * and `version` refuses a mixture.
 */
#ifndef PLAYOUT_CUE_H
#define PLAYOUT_CUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/frames.h"

#define CUE_VERSION 6
#define CUES_MAX 8 /* that a player holds at once, one sounding */
#define CUE_RELEASE_MAX_US \
	(70 * US_PER_MIN) /* of an emergency: from start to fence */

#define LIVES_MAX 2 /* cues of live sources that it holds besides */

enum cue_verb {
	CUE_PLAY, /* with the source's pipe */
	CUE_STOP, /* fade out and end `airing` (0: all) now */
	CUE_READY /* until stop_boot_us, be ready for a cue at any moment: the
		   * device open and fed, and as little queued ahead of the
		   * clock as it stands; takes the place of the last such word */
};

/*
 * Play: the first frame is due at start_boot_us (now, when that is past) and
 * the last one ends no later than the earliest of stop_boot_us,
 * fence_boot_us, and fence_wall_us on the player's own wall clock. NEVER is
 * for stop_boot_us only: a cue without both its fences is refused (P1), and so
 * is one that sounds while that wall clock is 2 s or more before open_wall_us,
 * when its hours began. Where `release` is not 0 it is an emergency that a
 * person released by the log's record of that number: fence_wall_us and
 * open_wall_us do not count, and fence_boot_us lies within
 * CUE_RELEASE_MAX_US. A cue whose start falls while an earlier one still sounds cuts that
 * one with a short fade; when the earlier one ends exactly there (or runs
 * dry within 20 ms of it) the two follow each other without a lost or added
 * frame and without a ramp.
 *
 * Where `live_ms` is not 0 the pipe is a live source's (a relay), which waits
 * for nobody: the player drains it from the moment the cue comes, keeps only
 * the latest live_ms, and measures its level. From its start to its stop it
 * sounds whenever no other cue does, fading in and out of what cuts it; it
 * is never ended by another cue.
 */
struct cue {
	uint32_t version; /* CUE_VERSION */
	uint32_t verb; /* enum cue_verb */
	uint64_t airing; /* names this attempt in receipts; not 0 */
	int64_t start_boot_us;
	int64_t stop_boot_us;
	int64_t fence_boot_us;
	int64_t fence_wall_us;
	int64_t open_wall_us; /* the hours began; 0 nobody says */
	int64_t release; /* seq of the op record; 0 for all that is planned */
	int64_t frames; /* all that the item has left; else BAD_ITEM */
	int32_t channels; /* of the pipe: 1 or 2 */
	int32_t gain_mdb; /* thousandths of a decibel; 0 leaves bytes alone */
	int32_t
	    fade_in_ms; /* ramp at the first frame; 0 for an item's own head */
	int32_t fade_out_ms; /* ramp that ends where a cut ends; 0 for none */
	int32_t live_ms; /* of a live source: kept in hand; 0: an item */
	int32_t floor_mdb; /* ... and what is quieter is no signal */
};

enum receipt_kind {
	RECEIPT_LOADED, /* the source is ready, its bytes are the item's */
	RECEIPT_STARTED, /* first frame queued; first_boot_us is when it sounds */
	RECEIPT_PROGRESS, /* about once a second while an airing sounds */
	RECEIPT_ENDED, /* the one last word on an airing */
	RECEIPT_DEVICE_OK, /* open and taking frames */
	RECEIPT_DEVICE_LOST, /* text says what it said; reopening every 10 s;
				* ended: PROCESS_DIED, and only a cue will tell
				* when it is back */
	RECEIPT_RATE_OFF, /* taken frames against the clock: `percent` */
	RECEIPT_LEVEL, /* `percent` of the device's own mixer: 0 is muted; told
			* when it is, and when it is no longer */
	RECEIPT_SIGNAL /* about once a second of a live source, from its cue on:
			* its level (peak_mdb is the mean), loud_us, quiet_us */
};

/* Why an airing ended. */
enum ended {
	ENDED_WHOLE, /* every frame of the cue was sent */
	ENDED_CUT, /* stopped at stop_boot_us, or by the next cue */
	ENDED_STOPPED, /* CUE_STOP */
	ENDED_FENCE, /* the fence, by either clock */
	ENDED_DEVICE_LOST,
	ENDED_SOURCE_FAILED, /* died, hung, or sent less than it promised */
	ENDED_BAD_ITEM, /* the source could not decode it at all */
	ENDED_HASH_CHANGED, /* the bytes were not the approved ones */
	ENDED_PROCESS_DIED, /* the player itself: died or hung and was ended */
	ENDEDS
};

/* The log's word for it: "", "short"... see cue.c's table. Never NULL. */
const char *ended_word(enum ended e);

struct receipt {
	uint32_t version; /* CUE_VERSION */
	uint32_t kind; /* enum receipt_kind */
	uint64_t airing; /* 0 for the device's own */
	uint32_t ended; /* enum ended; RECEIPT_ENDED only */
	int32_t
	    peak_mdb; /* since the last receipt, dBFS/1000; -120000 silence */
	int64_t first_boot_us; /* when the first frame sounds, by the anchor */
	int64_t last_boot_us; /* when the last sent frame has sounded */
	int64_t frames_sent; /* of the item, accepted by the device */
	int64_t frames_silent; /* put in where the source had none in time */
	int64_t frames_muted; /* sent while the mixer was seen to be muted */
	int64_t underrun_us; /* for so long the device had nothing to play */
	int32_t underruns; /* so many times: we came too late to feed it */
	int32_t gain_mdb; /* what the item's samples were changed by */
	int32_t percent;
	int64_t frames_signal; /* live: of frames_sent, those with a signal */
	int64_t loud_us; /* live: for so long there is a signal now, or 0 */
	int64_t quiet_us; /* live: since its last loud moment */
	char text[100]; /* for a person, or "" */
};

#endif
