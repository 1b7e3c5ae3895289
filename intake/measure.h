/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure - what is known of a sound once all of it has passed: length,
 * loudness, peaks, and what a person should hear about before it airs.
 *
 * Loudness is EBU R 128 integrated loudness (LUFS), peaks are true peaks
 * (dBTP, ITU-R BS.1770-4), both by libebur128. 48 kHz, 16 bits. BS.1770 adds
 * up the power of its channels; a sound in mono leaves the player on two, so
 * it is measured as libebur128's EBUR128_DUAL_MONO, "a channel that is counted
 * twice", 3.01 LU above the one channel: tests/check_loudness.sh hears both
 * kinds equally loud.
 */
#ifndef INTAKE_MEASURE_H
#define INTAKE_MEASURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define MEASURE_RATE 48000
#define MEASURE_SILENCE 33 /* below: silence; -60 dBFS in 16 bits */
#define MEASURE_FAINT_LU 30.0 /* so far below the rest is silence as well: */
#define MEASURE_FAINT_DB (-45.0) /* ... where its peaks are below this */
#define MEASURE_QUIET_LUFS (-35.0) /* below: nobody hears it outdoors */
#define MEASURE_PAUSE_S 3 /* silence longer than this is told */
#define MEASURE_FLAT 4 /* full-scale samples in a row are clipping */
#define MEASURE_DC 0.01 /* of full scale: more than any recorder has */
#define MEASURE_MARKS_MAX 64 /* places that are kept; all are counted */

/* What a person should hear about, and where it is. */
enum mark_kind {
	MARK_HEAD, /* silence before the first sound */
	MARK_PAUSE, /* ... inside */
	MARK_TAIL, /* ... after the last */
	MARK_LEFT, /* one side is silent while the other is not */
	MARK_RIGHT,
	MARK_CLIP, /* places with clipping, less than a second apart */
	MARK_CUT, /* its last 20 ms are as loud as the rest */
	MARKS
};

struct mark {
	enum mark_kind kind;
	int64_t from, to; /* frames: [from, to) */
};

/* The record's word for it. Static. */
const char *mark_word(enum mark_kind kind);

struct measure;

/* A plain value. */
struct measured {
	int64_t frames;
	double lufs; /* -HUGE_VAL: silence, or under 0.4 s */
	double peak_db; /* -HUGE_VAL: silence */
	int64_t head_frames; /* of silence before the first sound */
	int64_t tail_frames; /* and after the last */
	bool silent; /* all of it */
	int dead_channel; /* 0 left, 1 right; -1 none */
	bool cancels; /* left and right: together they are silence */
	double dc; /* mean of the samples, in full scale: the worse side's */
	int64_t clips; /* places with clipping */
	int n_marks;
	struct mark marks[MEASURE_MARKS_MAX]; /* in order of time */
};

/* -EINVAL for channels other than 1 and 2; -ENOMEM. */
int measure_make(int channels, struct measure **ret_measure);

/* -ENOMEM. */
int measure_add(struct measure *m, const int16_t *pcm, int frames);

void measure_result(const struct measure *m, struct measured *ret);

/* Appends to `list` a sentence in the user's language for each thing a person
 * should know. -ENOMEM. */
int measured_warn(const struct measured *r, json_t *list);

/* Appends its marks as {kind, from_ms, to_ms}. -ENOMEM. */
int measured_marks(const struct measured *r, json_t *list);

/* Accepts NULL; returns NULL. */
struct measure *measure_free(struct measure *m);

#endif
