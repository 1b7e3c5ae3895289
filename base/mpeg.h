/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mpeg - the head of an MPEG audio frame (ISO/IEC 11172-3, 2.4.1.3, and
 * 13818-3 for the lower rates): layers III and II. Free format is none.
 */
#ifndef BASE_MPEG_H
#define BASE_MPEG_H

#include <stddef.h>

#define MPEG_HEAD_BYTES 4

/* The bytes of the whole frame whose head is at p; 0 when that is none. */
size_t mpeg_frame_bytes(const unsigned char *p);

/* The bytes of an ID3v2 tag (id3.org, 2.4 structure, 3.1: a head of ten
 * bytes) that begins with the ten bytes at p; 0 when that is none. */
size_t mpeg_id3_bytes(const unsigned char *p);

#endif
