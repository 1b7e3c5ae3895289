/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/mpeg.h"

#define ID3_HEAD 10
#define ID3_FOOTER 0x10 /* a flag: the head once more at the end */

size_t
mpeg_frame_bytes(const unsigned char *p)
{
	/* MPEG-1 layer III, any lower rate, MPEG-1 layer II. */
	static const int kbps[3][16] = {
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256,
		    320, 0 },
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160,
		    0 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
		    384, 0 },
	};
	static const int rates[3] = { 44100, 48000, 32000 };
	int version = p[1] >> 3 & 3; /* 3: MPEG-1, 2: MPEG-2, 0: 2.5 */
	int layer = p[1] >> 1 & 3; /* 1: III, 2: II */
	int low = version != 3;
	int rate = p[2] >> 2 & 3;
	int bits = kbps[low ? 1 : layer == 2 ? 2 : 0][p[2] >> 4];
	int samples = layer == 1 && low ? 72 : 144;

	if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 ||
	    (layer != 1 && layer != 2) || rate == 3 || bits == 0)
		return 0;
	rate = rates[rate] >> (version == 2 ? 1 : version == 0 ? 2 : 0);
	return (size_t)(samples * bits * 1000 / rate + (p[2] >> 1 & 1));
}

size_t
mpeg_id3_bytes(const unsigned char *p)
{
	if (memcmp(p, "ID3", 3) != 0)
		return 0;
	return ID3_HEAD +
	       ((size_t)(p[6] & 0x7f) << 21 | (size_t)(p[7] & 0x7f) << 14 |
		   (size_t)(p[8] & 0x7f) << 7 | (size_t)(p[9] & 0x7f)) +
	       ((p[5] & ID3_FOOTER) != 0 ? ID3_HEAD : 0);
}
