/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mpeg.h"
#include "playout/tail.h"

#define WINDOW_BYTES 65536
#define CHUNKS_MAX 10000 /* before the sound; a real file has ten */
#define FRAMES_MIN 2 /* in a row: that is no chance */
#define XING_SLACK 1441 /* bytes of the longest frame: counted or not */

/* What of the file is in memory. */
struct window {
	int fd;
	int64_t at;
	int64_t n;
	unsigned char bytes[WINDOW_BYTES];
};

/* n bytes of the file, or NULL when there are less. */
static const unsigned char *
look(struct window *w, int64_t at, int64_t n)
{
	ssize_t got;

	if (at >= w->at && at + n <= w->at + w->n)
		return w->bytes + (at - w->at);
	do {
		got = pread(w->fd, w->bytes, WINDOW_BYTES, at);
	} while (got < 0 && errno == EINTR);
	w->at = at;
	w->n = got < 0 ? 0 : got;
	return w->n < n ? NULL : w->bytes;
}

static uint32_t
little32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
big32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* RIFF; RF64 is EBU Tech 3306. Chunks of a name, a size and that many bytes, an odd one padded; in RF64 a
 * size of all ones is in the chunk ds64, behind that of the whole file. */
bool
tail_wav_is_cut(int fd, int64_t size)
{
	static struct window w;
	const unsigned char *p;
	uint64_t large = 0;
	int64_t at = 12;

	w = (struct window){ .fd = fd };
	for (int i = 0; i < CHUNKS_MAX; i++) {
		int64_t bytes;
		bool is_sound;

		p = look(&w, at, 8);
		if (p == NULL)
			return false;
		bytes = little32(p + 4);
		is_sound = memcmp(p, "data", 4) == 0;
		if (memcmp(p, "ds64", 4) == 0 && look(&w, at, 24) != NULL) {
			p = look(&w, at, 24);
			large =
			    (uint64_t)little32(p + 20) << 32 | little32(p + 16);
		}
		if (is_sound && bytes == UINT32_MAX && large != 0)
			return large > (uint64_t)(size - at - 8);
		if (is_sound)
			return bytes < TAIL_STREAM_BYTES &&
			       at + 8 + bytes > size;
		at += 8 + bytes + (bytes & 1);
	}
	return false;
}

/* A Xing header (behind a frame's head, or two) has its mark, flags, frames
 * if flag 1, bytes if flag 2. */
static bool
xing_says_more(struct window *w, int64_t start, int64_t size)
{
	const unsigned char *p = look(w, start, 192);
	const unsigned char *mark = NULL;
	uint32_t stated;

	if (p != NULL)
		mark = memmem(p, 176, "Xing", 4);
	if (p != NULL && mark == NULL)
		mark = memmem(p, 176, "Info", 4);
	if (mark == NULL || (big32(mark + 4) & 2) == 0)
		return false;
	stated = big32(mark + ((big32(mark + 4) & 1) != 0 ? 12 : 8));
	return stated > size - start + XING_SLACK;
}

/* Version, layer and rate stay the same from one frame to the next. */
static bool
is_alike(uint32_t a, uint32_t b)
{
	const uint32_t same = 0xfffe0c00;

	return (a & same) == (b & same);
}

bool
tail_mpeg_is_cut(int fd, int64_t size)
{
	static struct window w;
	const unsigned char *p;
	uint32_t last = 0;
	int in_row = 0;
	int64_t at = 0;

	w = (struct window){ .fd = fd };
	p = look(&w, 0, 10);
	if (p != NULL)
		at = (int64_t)mpeg_id3_bytes(p);
	if (xing_says_more(&w, at, size))
		return true;
	while ((p = look(&w, at, MPEG_HEAD_BYTES)) != NULL) {
		size_t bytes = mpeg_frame_bytes(p);

		if (bytes > 0 && (in_row == 0 || is_alike(last, big32(p)))) {
			last = big32(p);
			at += (int64_t)bytes;
			in_row++;
			continue;
		}
		at += in_row > 0 ? 0 : 1;
		in_row = 0;
	}
	return at > size && in_row > FRAMES_MIN;
}
