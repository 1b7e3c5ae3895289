/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "ctl/tone.h"

#define AIRING 1
#define PITCH_HZ 440.0
#define RAMP_FRAMES (RATE / 20)
#define LEAD_US (500 * US_PER_MS)

static int
sample(long i)
{
	long edge = i < TONE_FRAMES - i ? i : TONE_FRAMES - 1 - i;
	double ramp = edge < RAMP_FRAMES ? (double)edge / RAMP_FRAMES : 1;

	return (int)lround(ramp * 32767 * pow(10, TONE_DB / 20) *
			   sin(2 * M_PI * PITCH_HZ * (double)i / RATE));
}

/* What a source plays is FLAC, as the library's items are. */
static int
encode(int fd, bool audible)
{
	static short pcm[TONE_FRAMES];
	SF_INFO info = { .samplerate = RATE,
		.channels = 1,
		.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16 };
	SNDFILE *f = sf_open_fd(fd, SFM_WRITE, &info, 0);
	sf_count_t n;

	if (f == NULL)
		return -EIO;
	for (long i = 0; i < TONE_FRAMES; i++)
		pcm[i] = (short)(audible ? sample(i) : 0);
	n = sf_write_short(f, pcm, TONE_FRAMES);
	return sf_close(f) == 0 && n == TONE_FRAMES ? 0 : -EIO;
}

int
tone_file(bool audible, char ret_hex[static HASH_HEX])
{
	int fd = memfd_create("loaxa-tone", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = encode(fd, audible);
	if (r == 0)
		r = hash_fd(fd, ret_hex);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static struct cue
tone_cue(struct now now, int64_t fence_us)
{
	return (struct cue){ .version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = AIRING,
		.start_boot_us = now.boot_us + LEAD_US,
		.stop_boot_us = NEVER,
		.fence_boot_us = now_boot_at(now, fence_us),
		.fence_wall_us = fence_us,
		.frames = TONE_FRAMES,
		.channels = 1 };
}

static int
take(struct deck *d, struct now now, const struct receipt *r, int64_t fence_us,
    struct tone_result *t)
{
	struct cue c;

	if (r->text[0] != '\0')
		snprintf(t->said, sizeof(t->said), "%s", r->text);
	if (r->kind == RECEIPT_DEVICE_OK)
		t->opened = true;
	if (r->kind == RECEIPT_LEVEL)
		t->muted = r->percent == 0;
	if (r->airing != AIRING)
		return 0;
	if (r->kind == RECEIPT_STARTED)
		t->opened = true;
	if (r->kind == RECEIPT_ENDED) {
		t->ended_seen = true;
		t->ended = r->ended;
		t->sent = r->frames_sent;
	}
	if (r->kind != RECEIPT_LOADED)
		return 0;
	/* Silence has no hours; a cue has an end. */
	c = tone_cue(now, earlier(fence_us, now.wall_us + US_PER_MIN));
	return d->cue(d, now, &c);
}

static int
turn(struct deck *d, int64_t fence_us, struct tone_result *t)
{
	struct receipt receipt;
	struct now now = clock_read();
	int r = 0;

	while (r >= 0 && d->receive(d, now, &receipt) == 1)
		r = take(d, now, &receipt, fence_us, t);
	return r;
}

int
tone_play(struct deck *d, int fd, const char *sha256, int64_t fence_us,
    int wait_ms, struct tone_result *ret)
{
	struct now now = clock_read();
	int64_t give_up_us = now.boot_us + wait_ms * US_PER_MS;
	struct tone_result t = { 0 };
	int r = d->load(d, now, AIRING, fd, sha256, 0);

	while (r >= 0 && !t.ended_seen && now.boot_us < give_up_us) {
		struct pollfd p = { .fd = d->fd(d), .events = POLLIN };

		poll(&p, 1, 100);
		r = turn(d, fence_us, &t);
		now = clock_read();
	}
	if (r < 0)
		return r;
	if (!t.ended_seen)
		t.ended = ENDED_PROCESS_DIED;
	*ret = t;
	return 0;
}
