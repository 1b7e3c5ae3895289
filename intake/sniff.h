/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sniff - what a file is by its first bytes; its name does not count.
 */
#ifndef INTAKE_SNIFF_H
#define INTAKE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#define SNIFF_BYTES 8192 /* enough of any file's head */

enum sniff {
	SNIFF_WAV, /* RIFF or RF64 WAVE */
	SNIFF_FLAC,
	SNIFF_MP3, /* MPEG audio, with or without ID3v2 in front */
	SNIFF_VORBIS, /* in Ogg */
	SNIFF_OPUS, /* in Ogg */
	SNIFF_FOREIGN, /* what comes before is ours to read */
	SNIFF_OGG = SNIFF_FOREIGN, /* something else in Ogg */
	SNIFF_MP4, /* m4a, mp4, 3gp, mov */
	SNIFF_AAC,
	SNIFF_AMR,
	SNIFF_WMA, /* wma, wmv, asf */
	SNIFF_AIFF,
	SNIFF_CAF,
	SNIFF_MATROSKA, /* webm, mka, mkv */
	SNIFF_AVI,
	SNIFF_SOUNDS, /* what lies between is ffmpeg's */
	SNIFF_MIDI = SNIFF_SOUNDS,
	SNIFF_PICTURE, /* png, jpeg, gif, webp */
	SNIFF_PDF,
	SNIFF_ZIP, /* zip, docx, xlsx; rar, 7z, gzip */
	SNIFF_OFFICE, /* doc, xls */
	SNIFF_PAGE, /* a web page */
	SNIFF_TEXT,
	SNIFF_PROGRAM,
	SNIFF_ZEROS, /* nothing but zero bytes: a broken copy */
	SNIFF_EMPTY,
	SNIFF_UNKNOWN,
	SNIFFS
};

/* Of the first n bytes of a file (all of it, when it is shorter than
 * SNIFF_BYTES). */
enum sniff sniff_bytes(const void *bytes, size_t n);

static inline bool
sniff_is_sound(enum sniff s)
{
	return s < SNIFF_SOUNDS;
}

/* The demuxer of ffmpeg for it; NULL when it is ours to read, or no sound. */
const char *sniff_demuxer(enum sniff s);

/* What a person calls it, in the user's language: "a picture". */
const char *sniff_name(enum sniff s);

/* What to do when it is not sound we read, in the user's language. */
const char *sniff_remedy(enum sniff s);

#endif
