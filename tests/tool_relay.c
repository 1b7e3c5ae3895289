/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_relay - was this stretch of a recording relayed from that source?
 *
 *	tool_relay RECORDING SOURCE FROM TO
 *
 * Both are WAV files of 16-bit stereo at RATE; FROM and TO are frames of the
 * recording. Looks where in the source its first 50 ms stand, bit for bit, and
 * compares the rest. Prints "POSITION FRAMES", how many frames from FROM on are
 * the source's; ends with 1 when some up to TO are not.
 */
#include <sndfile.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/frames.h"

#define HEAD (RATE / 20)

struct pcm {
	int16_t *frames;
	int64_t n;
};

static struct pcm
read_pcm(const char *path)
{
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	struct pcm p = { NULL, 0 };

	if (f == NULL || info.channels != 2 || info.samplerate != RATE) {
		fprintf(stderr, "%s is no recording of ours\n", path);
		exit(2);
	}
	p.frames = calloc((size_t)info.frames + 1, 2 * sizeof(int16_t));
	if (p.frames == NULL)
		exit(2);
	p.n = sf_readf_short(f, p.frames, info.frames);
	sf_close(f);
	return p;
}

static bool
is_same(const struct pcm *a, int64_t at, const struct pcm *b, int64_t from,
    int64_t n)
{
	return at >= 0 && from >= 0 && at + n <= a->n && from + n <= b->n &&
	       memcmp(a->frames + 2 * at, b->frames + 2 * from,
		   (size_t)n * 2 * sizeof(int16_t)) == 0;
}

int
main(int argc, char **argv)
{
	struct pcm rec, src;
	int64_t from, to;
	int64_t at = 0;
	int64_t n = 0;

	if (argc != 5)
		return 2;
	rec = read_pcm(argv[1]);
	src = read_pcm(argv[2]);
	from = atoll(argv[3]);
	to = atoll(argv[4]);
	while (at + HEAD <= src.n && !is_same(&src, at, &rec, from, HEAD))
		at++;
	while (from + n < to && is_same(&src, at + n, &rec, from + n, 1))
		n++;
	printf("%lld %lld\n", (long long)at, (long long)n);
	free(rec.frames);
	free(src.frames);
	return from + n == to ? 0 : 1;
}
