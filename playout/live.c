/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frames.h"
#include "playout/live.h"
#include "playout/pcm.h"

#define MUCH_MS 1500 /* beyond what is kept: then it is dropped on air too */
#define READS_MAX 64 /* of one pump: a source that never ends a burst */

struct live {
	int fd;
	bool ended;
	bool starved; /* it ran empty while it was taken from */
	size_t keep; /* bytes, as are the others */
	size_t size;
	size_t from, to;
	int64_t heard_us; /* the last byte */
	struct level level;
	_Alignas(int16_t) char bytes[];
};

static size_t
bytes_in(int ms)
{
	return (size_t)ms * (RATE / 1000) * (size_t)PCM_FRAME_BYTES;
}

int
live_open(int fd, int keep_ms, int32_t floor_mdb, int64_t now_us,
    struct live **ret_live)
{
	size_t size = 2 * bytes_in(keep_ms + 2 * MUCH_MS);
	int flags = fcntl(fd, F_GETFL);
	struct live *l = NULL;
	int r = -EINVAL;

	if (keep_ms <= 0 || keep_ms > LIVE_MAX_MS)
		goto refuse;
	r = -EBADF;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		goto refuse;
	r = -ENOMEM;
	l = calloc(1, sizeof(*l) + size);
	if (l == NULL)
		goto refuse;
	l->fd = fd;
	l->keep = bytes_in(keep_ms);
	l->size = size;
	l->heard_us = now_us;
	level_start(&l->level, floor_mdb, now_us);
	*ret_live = l;
	return 0;

refuse:
	if (fd >= 0)
		close(fd);
	return r;
}

struct live *
live_free(struct live *l)
{
	if (l == NULL)
		return NULL;
	close(l->fd);
	free(l);
	return NULL;
}

static size_t
in_hand(const struct live *l)
{
	return (l->to - l->from) / (size_t)PCM_FRAME_BYTES *
	       (size_t)PCM_FRAME_BYTES;
}

static const int16_t *
head(const struct live *l)
{
	return (const int16_t *)(const void *)(l->bytes + l->from);
}

/* Forgets the oldest, all but `left` bytes; it is heard by the meter only. */
static void
drop_all_but(struct live *l, size_t left, int64_t now_us)
{
	size_t n = in_hand(l);

	if (n <= left)
		return;
	n -= left;
	level_add(
	    &l->level, head(l), (int)(n / (size_t)PCM_FRAME_BYTES), now_us);
	l->from += n;
}

static void
make_room(struct live *l)
{
	if (l->from < l->size / 2)
		return;
	memmove(l->bytes, l->bytes + l->from, l->to - l->from);
	l->to -= l->from;
	l->from = 0;
}

/* True while there may be more. */
static bool
read_some(struct live *l, int64_t now_us)
{
	ssize_t n;

	make_room(l);
	n = read(l->fd, l->bytes + l->to, l->size - l->to);
	if (n > 0) {
		l->to += (size_t)n;
		l->heard_us = now_us;
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	l->ended = true;
	return false;
}

void
live_pump(struct live *l, bool on_air, int64_t now_us)
{
	size_t most = l->keep + (on_air ? bytes_in(MUCH_MS) : 0);

	for (int i = 0; i < READS_MAX && !l->ended; i++) {
		bool more = read_some(l, now_us);

		if (in_hand(l) > most)
			drop_all_but(l, l->keep, now_us);
		if (!more)
			break;
	}
	if (!on_air)
		l->starved = false;
}

int
live_ready(struct live *l)
{
	size_t n = in_hand(l);

	if (l->starved && n < l->keep / 2 && !l->ended)
		return 0;
	l->starved = n == 0;
	return (int)(n / (size_t)PCM_FRAME_BYTES);
}

int
live_take(struct live *l, int16_t *stereo, int frames, int64_t now_us)
{
	int n = live_ready(l);

	if (n > frames)
		n = frames;
	memcpy(stereo, l->bytes + l->from, (size_t)n * (size_t)PCM_FRAME_BYTES);
	l->from += (size_t)n * (size_t)PCM_FRAME_BYTES;
	level_add(&l->level, stereo, n, now_us);
	return n;
}

bool
live_ended(const struct live *l, bool on_air)
{
	return l->ended && (!on_air || in_hand(l) == 0);
}

bool
live_stalled(const struct live *l, int64_t now_us)
{
	return now_us - l->heard_us >= LIVE_STALL_US;
}

struct level *
live_level(struct live *l)
{
	return &l->level;
}
