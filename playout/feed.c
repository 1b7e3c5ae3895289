/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "playout/cue.h"
#include "playout/feed.h"
#include "playout/pcm.h"

/* Of the pipe's own format. It is filled again when FEW are left: of each
 * four frames three are never moved. */
#define HAND_FRAMES (2 * RATE)
#define FEW_FRAMES (RATE / 2)

struct feed {
	int fd;
	bool ended; /* of the pipe */
	int frame_bytes; /* of the pipe's format */
	int64_t frames; /* promised, or INT64_MAX */
	int64_t taken;
	int32_t gain_mdb;
	size_t size; /* of `bytes` */
	size_t from, to; /* what is in hand: bytes[from..to) */
	char *bytes; /* NULL until the first pump */
};

int
feed_open(int fd, int channels, int64_t frames, struct feed **ret_feed)
{
	struct feed *f;
	int r = -EINVAL;
	int flags;

	if (channels != 1 && channels != PCM_CHANNELS)
		goto refuse;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		r = -errno;
		goto refuse;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		r = -ENOMEM;
		goto refuse;
	}
	f->fd = fd;
	f->frames = frames > 0 ? frames : INT64_MAX;
	f->frame_bytes = channels * (int)sizeof(int16_t);
	f->size = (size_t)HAND_FRAMES * (size_t)f->frame_bytes;
	*ret_feed = f;
	return 0;

refuse:
	if (fd >= 0)
		close(fd);
	return r;
}

struct feed *
feed_free(struct feed *f)
{
	if (f == NULL)
		return NULL;
	close(f->fd);
	free(f->bytes);
	free(f);
	return NULL;
}

void
feed_gain(struct feed *f, int32_t gain_mdb)
{
	f->gain_mdb = gain_mdb;
}

static int64_t
in_hand(const struct feed *f)
{
	return (int64_t)(f->to - f->from) / f->frame_bytes;
}

/* Moves what is in hand to the front: a plain buffer needs no wrapping, and
 * this happens every second or two. */
static void
make_room(struct feed *f)
{
	if (f->from == 0)
		return;
	memmove(f->bytes, f->bytes + f->from, f->to - f->from);
	f->to -= f->from;
	f->from = 0;
}

void
feed_pump(struct feed *f)
{
	ssize_t n;

	if (f->ended || in_hand(f) >= FEW_FRAMES)
		return;
	if (f->bytes == NULL)
		f->bytes = malloc(f->size);
	if (f->bytes == NULL)
		return;
	make_room(f);
	do {
		n = read(f->fd, f->bytes + f->to, f->size - f->to);
		if (n > 0)
			f->to += (size_t)n;
	} while ((n > 0 && f->to < f->size) || (n < 0 && errno == EINTR));
	if (n == 0 || (n < 0 && errno != EAGAIN))
		f->ended = true;
}

int64_t
feed_ready(const struct feed *f)
{
	return earlier(in_hand(f), f->frames - f->taken);
}

int64_t
feed_left(const struct feed *f)
{
	if (f->ended)
		return feed_ready(f);
	return f->frames == INT64_MAX ? INT64_MAX : f->frames - f->taken;
}

bool
feed_ended(const struct feed *f)
{
	return feed_left(f) == 0;
}

bool
feed_whole(const struct feed *f)
{
	return feed_ended(f) && f->taken > 0 &&
	       (f->frames == INT64_MAX || f->taken == f->frames);
}

int
feed_take(struct feed *f, int16_t *stereo, int frames)
{
	int n = (int)earlier(frames, feed_ready(f));
	size_t bytes = (size_t)n * (size_t)f->frame_bytes;
	int16_t *in;

	if (n == 0)
		return 0;
	in = (int16_t *)(void *)(f->bytes + f->from);
	if (f->gain_mdb != 0)
		pcm_gain_samples(in, (int)(bytes / sizeof(*in)), f->gain_mdb);
	if (f->frame_bytes == PCM_FRAME_BYTES)
		memcpy(stereo, in, bytes);
	else
		pcm_widen(in, stereo, n);
	f->from += bytes;
	f->taken += n;
	return n;
}
