/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mpeg.h"
#include "playout/cue.h"
#include "playout/decode.h"
#include "playout/tail.h"

/* What the first bytes are; it decides how the file must be offered. */
enum kind { KIND_WAV, KIND_FLAC, KIND_OGG, KIND_MPEG };

/* One MPEG frame: a larger read loses what it held when the end is broken. */
#define MPEG_FRAMES 1152
/* Tags behind the sound that a Xing header does not count. */
#define MPEG_TAGS_BYTES 4096
#define FRAMES_MAX (INT64_C(1) << 48)

struct decode {
	int fd; /* borrowed */
	enum kind kind;
	int64_t size; /* of the file, bytes */
	int64_t base; /* where the link (or the file) starts */
	int64_t end; /* and ends */
	int64_t at; /* reading position, from base */
	int64_t blank_at; /* a Xing header to hide; -1 none */
	SNDFILE *snd;
	SF_INFO info;
	int64_t stated_frames; /* by the header; -1 unknown */
	int64_t got_frames;
	bool cut;
};

static int64_t
get_length(void *arg)
{
	struct decode *d = arg;

	/* libsndfile would correct a WAV header that says more than is there,
	 * and nobody would know that the file was cut off. Where that is
	 * known, it should: it fills up packed samples with zeros. */
	return d->kind == KIND_WAV && !d->cut ? SF_COUNT_MAX : d->end - d->base;
}

static int64_t
seek_to(int64_t offset, int whence, void *arg)
{
	struct decode *d = arg;

	if (whence == SEEK_CUR)
		offset += d->at;
	if (whence == SEEK_END && d->kind == KIND_MPEG)
		return -1; /* so that mpg123 takes it for a stream */
	if (whence == SEEK_END)
		offset += d->end - d->base;
	if (offset < 0)
		return -1;
	d->at = offset;
	return offset;
}

/* Zeroes what of the Xing mark lies in the n bytes just read. */
static void
hide_mark(const struct decode *d, char *p, int64_t n)
{
	if (d->blank_at < 0)
		return;
	for (int64_t i = d->blank_at; i < d->blank_at + 4; i++)
		if (i >= d->at && i < d->at + n)
			p[i - d->at] = 0;
}

static int64_t
read_some(void *p, int64_t n, void *arg)
{
	struct decode *d = arg;
	int64_t left = d->end - d->base - d->at;
	ssize_t got;

	if (n > left)
		n = left;
	if (n <= 0)
		return 0;
	do {
		got = pread(d->fd, p, (size_t)n, d->base + d->at);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return 0;
	hide_mark(d, p, got);
	d->at += got;
	return got;
}

static int64_t
write_none(const void *p, int64_t n, void *arg)
{
	(void)p;
	(void)n;
	(void)arg;
	return 0;
}

static int64_t
tell(void *arg)
{
	return ((struct decode *)arg)->at;
}

static enum kind
kind_of(const unsigned char *head)
{
	if (memcmp(head, "RIFF", 4) == 0 || memcmp(head, "RF64", 4) == 0)
		return KIND_WAV;
	if (memcmp(head, "fLaC", 4) == 0)
		return KIND_FLAC;
	if (memcmp(head, "OggS", 4) == 0)
		return KIND_OGG;
	return KIND_MPEG;
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/*
 * A Xing header may be believed when its count of bytes covers the file's:
 * mark, flags, frames if flag 1, bytes if flag 2, all big-endian.
 */
static void
judge_xing(struct decode *d, const unsigned char *head)
{
	int64_t start = (int64_t)mpeg_id3_bytes(head);
	unsigned char frame[256] = { 0 };
	unsigned char *mark;
	uint32_t flags;
	int64_t stated = 0;

	if (pread(d->fd, frame, sizeof(frame) - 16, start) < 0)
		return;
	mark = memmem(frame, sizeof(frame) - 16, "Xing", 4);
	if (mark == NULL)
		mark = memmem(frame, sizeof(frame) - 16, "Info", 4);
	if (mark == NULL)
		return;
	flags = be32(mark + 4);
	if ((flags & 2) != 0)
		stated = be32(mark + ((flags & 1) != 0 ? 12 : 8));
	if (d->size - start > stated + MPEG_TAGS_BYTES)
		d->blank_at = start + (mark - frame);
}

/*
 * Sets d->end to where the Ogg link that starts at d->base ends: at the next
 * page that begins a stream, once data has been seen (RFC 3533, section 6).
 * A last page without its end mark, or not all there, is a cut.
 */
static void
find_link_end(struct decode *d)
{
	unsigned char page[27 + 255];
	int64_t at = d->base;
	bool data = false, ended = false;

	d->end = d->size;
	while (at < d->size) {
		int64_t bytes;
		ssize_t n = pread(d->fd, page, sizeof(page), at);

		if (n < 27 || n < 27 + page[26] || memcmp(page, "OggS", 4) != 0)
			break;
		if (data && (page[5] & 2) != 0) {
			d->end = at;
			break;
		}
		data = data || (page[5] & 2) == 0;
		bytes = 27 + page[26];
		for (int i = 0; i < page[26]; i++)
			bytes += page[27 + i];
		at += bytes;
		ended = (page[5] & 4) != 0 && at <= d->size;
	}
	d->cut = d->cut || !ended;
}

static bool
is_ours_to_read(int format)
{
	int sub = format & SF_FORMAT_SUBMASK;

	switch (format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_WAV:
	case SF_FORMAT_WAVEX:
	case SF_FORMAT_RF64:
	case SF_FORMAT_FLAC:
	case SF_FORMAT_MPEG:
		return true;
	case SF_FORMAT_OGG:
		return sub == SF_FORMAT_VORBIS || sub == SF_FORMAT_OPUS;
	default:
		return false;
	}
}

/* Opens what lies between d->base and d->end. */
static int
open_part(struct decode *d)
{
	static SF_VIRTUAL_IO io = { get_length, seek_to, read_some, write_none,
		tell };

	d->at = 0;
	d->info = (SF_INFO){ 0 };
	d->snd = sf_open_virtual(&io, SFM_READ, &d->info, d);
	if (d->snd == NULL || !is_ours_to_read(d->info.format) ||
	    d->info.channels < 1 || d->info.channels > DECODE_CHANNELS_MAX ||
	    d->info.samplerate < 1)
		return -EINVAL;
	return 0;
}

/* Bytes of a sample in a WAV file; about that for compressed kinds. */
static int
sample_bytes(int format)
{
	switch (format & SF_FORMAT_SUBMASK) {
	case SF_FORMAT_PCM_16:
		return 2;
	case SF_FORMAT_PCM_24:
		return 3;
	case SF_FORMAT_PCM_32:
	case SF_FORMAT_FLOAT:
		return 4;
	case SF_FORMAT_DOUBLE:
		return 8;
	default:
		return 1;
	}
}

/* The frames that the header says, or -1 when it does not. */
static int64_t
stated(const struct decode *d)
{
	int64_t n = d->info.frames;

	/* Nor does a header whose length cannot be reckoned with. */
	if (n < 0 || n > FRAMES_MAX || d->end < d->size)
		return -1;
	if (d->kind == KIND_WAV && d->size < TAIL_STREAM_BYTES &&
	    n * d->info.channels * sample_bytes(d->info.format) >=
		TAIL_STREAM_BYTES)
		return -1;
	return n;
}

static int
prepare(struct decode *d)
{
	unsigned char head[12] = { 0 };
	struct stat st;

	if (fstat(d->fd, &st) < 0 || pread(d->fd, head, sizeof(head), 0) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	d->size = st.st_size;
	d->end = st.st_size;
	d->kind = kind_of(head);
	if (d->kind == KIND_MPEG)
		judge_xing(d, head);
	if (d->kind == KIND_MPEG)
		d->cut = tail_mpeg_is_cut(d->fd, d->size);
	if (d->kind == KIND_WAV)
		d->cut = tail_wav_is_cut(d->fd, d->size);
	if (d->kind == KIND_OGG)
		find_link_end(d);
	return open_part(d);
}

int
decode_open(int fd, struct decode **ret_decode)
{
	struct decode *d = calloc(1, sizeof(*d));
	int r;

	if (d == NULL)
		return -ENOMEM;
	d->fd = fd;
	d->blank_at = -1;
	r = prepare(d);
	if (r < 0) {
		decode_close(d);
		return r;
	}
	d->stated_frames = stated(d);
	*ret_decode = d;
	return 0;
}

struct decode_format
decode_format(const struct decode *d)
{
	struct decode_format f = {
		.rate = d->info.samplerate,
		.channels = d->info.channels,
		.frames = d->stated_frames,
	};

	f.own = d->info.format == (SF_FORMAT_FLAC | SF_FORMAT_PCM_16) &&
		f.rate == RATE && f.channels <= 2;
	return f;
}

/* On to the next link of a chain: 1, 0 there is none, -EINVAL. */
static int
next_link(struct decode *d)
{
	SF_INFO before = d->info;
	int r;

	if (d->end >= d->size)
		return 0;
	sf_close(d->snd);
	d->base = d->end;
	find_link_end(d);
	r = open_part(d);
	if (r == 0 && (d->info.samplerate != before.samplerate ||
			  d->info.channels != before.channels))
		r = -EINVAL;
	return r < 0 ? r : 1;
}

static void
judge_end(struct decode *d)
{
	/* An encoder's padding may be counted: a second is no matter. */
	int64_t slack = d->kind == KIND_MPEG ? d->info.samplerate : 0;

	if (sf_error(d->snd) != SF_ERR_NO_ERROR ||
	    d->got_frames + slack < d->stated_frames)
		d->cut = true;
}

static int
decode_some(struct decode *d, void *pcm, bool as_float, int frames)
{
	if (d->kind == KIND_MPEG && frames > MPEG_FRAMES)
		frames = MPEG_FRAMES;
	while (d->snd != NULL) {
		int64_t n = as_float ? sf_readf_float(d->snd, pcm, frames)
				     : sf_readf_short(d->snd, pcm, frames);
		int r;

		if (n > 0) {
			d->got_frames += n;
			return (int)n;
		}
		judge_end(d);
		r = next_link(d);
		if (r <= 0)
			return r;
	}
	return -EINVAL;
}

int
decode_float(struct decode *d, float *pcm, int frames)
{
	return decode_some(d, pcm, true, frames);
}

int
decode_short(struct decode *d, int16_t *pcm, int frames)
{
	return decode_some(d, pcm, false, frames);
}

int
decode_seek(struct decode *d, int64_t frame)
{
	if (frame > d->info.frames)
		frame = d->info.frames;
	if (sf_seek(d->snd, frame, SEEK_SET) != frame)
		return -EIO;
	d->got_frames = frame;
	return 0;
}

bool
decode_cut(const struct decode *d)
{
	return d->cut;
}

struct decode *
decode_close(struct decode *d)
{
	if (d == NULL)
		return NULL;
	if (d->snd != NULL)
		sf_close(d->snd);
	free(d);
	return NULL;
}
