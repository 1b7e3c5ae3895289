/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decode - the sound in a file, all of it, whatever the file says of itself.
 *
 * Reads WAV, FLAC, MP3, Ogg Vorbis and Ogg Opus by libsndfile through the
 * descriptor's pread: no path, no second descriptor. What a header says is
 * kept apart from what is there:
 *
 * - an MP3 is decoded as a stream, its end out of reach; else a VBR file
 *   without a Xing header comes out at a fifth of its length;
 * - a Xing header that knows of fewer bytes than there are (two recordings
 *   joined with cat) is blanked out, else the rest is thrown away;
 * - an Ogg file of several links (RFC 3533, chained streams) is decoded link
 *   after link.
 */
#ifndef PLAYOUT_DECODE_H
#define PLAYOUT_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#define DECODE_CHANNELS_MAX 8

struct decode;

/* A plain value. */
struct decode_format {
	int rate; /* frames a second */
	int channels;
	bool own; /* 48 kHz 16-bit FLAC, mono or stereo: an item */
	int64_t frames; /* what the header says; -1 it does not */
};

/*
 * fd is a regular file, borrowed. 0 and *ret_decode is yours; -EINVAL when it
 * is not sound we read, or broken from the start; -ENOMEM; or what reading
 * the file said.
 */
int decode_open(int fd, struct decode **ret_decode);

struct decode_format decode_format(const struct decode *d);

/*
 * The next frames, interleaved: float -1 to 1 (may be above), or 16-bit. The
 * count, 0 at the end; see decode_cut() then. -EINVAL when a later link of a
 * chain has another rate or other channels.
 */
int decode_float(struct decode *d, float *pcm, int frames);
int decode_short(struct decode *d, int16_t *pcm, int frames);

/* To this frame of an item of our own; beyond its end is the end. -EIO. */
int decode_seek(struct decode *d, int64_t frame);

/* At the end: was the file broken off, or does its container show that more
 * should have come? */
bool decode_cut(const struct decode *d);

/* Accepts NULL; returns NULL. */
struct decode *decode_close(struct decode *d);

#endif
