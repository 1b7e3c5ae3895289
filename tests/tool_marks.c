/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_marks - sounds that say everywhere which sound they are, and where.
 *
 *	tool_marks make NUMBER SECONDS FILE.wav
 *	tool_marks heard FILE.wav
 *
 * Every four frames of a made sound are a mark, its number, the hundredth of a
 * second that they lie in, and a mark again. `heard` reads them back from a
 * recording, wherever it was cut and joined, and prints a line for each piece
 * that went on without a break: number, first and last hundredth, and the
 * frame of the recording it begins on.
 */
#include <inttypes.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/frames.h"

#define MARK 12345
#define STEP (RATE / 100) /* frames of a hundredth */
#define UNIT 4 /* a hundredth's number, as a level */
#define GAP (RATE / 20) /* frames without a mark that end a piece */

static void
die(const char *what)
{
	fprintf(stderr, "tool_marks: %s\n", what);
	exit(2);
}

static int
make(int number, double seconds, const char *path)
{
	SF_INFO info = { .samplerate = RATE,
		.channels = 1,
		.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	SNDFILE *f = sf_open(path, SFM_WRITE, &info);
	int n = (int)(seconds * 100);

	if (f == NULL || number < 1 || n * UNIT > 32000)
		die("cannot make that");
	for (int h = 0; h < n; h++) {
		short piece[STEP];

		for (int i = 0; i < STEP; i += 4) {
			piece[i] = MARK;
			piece[i + 1] = (short)(number * 64);
			piece[i + 2] = (short)(h * UNIT);
			piece[i + 3] = -MARK;
		}
		if (sf_write_short(f, piece, STEP) != STEP)
			die(path);
	}
	return sf_close(f);
}

struct piece {
	int number; /* 0: none */
	int first, last;
	int64_t from, until; /* frames of the recording */
};

static void
say(const struct piece *p)
{
	if (p->number != 0)
		printf("%d %d %d %" PRId64 "\n", p->number, p->first, p->last,
		    p->from);
}

static void
take(struct piece *p, int number, int h, int64_t at)
{
	bool goes_on = number == p->number &&
		       (h == p->last || h == p->last + 1) &&
		       at - p->until < GAP;

	if (!goes_on) {
		say(p);
		*p = (struct piece){ number, h, h, at, at };
	}
	p->last = h;
	p->until = at;
}

/* One channel of the recording; yours. */
static short *
recording_read(const char *path, int64_t *ret_n)
{
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	short *all;
	short *one;
	int64_t n;

	if (f == NULL)
		die(path);
	n = info.frames;
	all = calloc((size_t)(n * info.channels) + 1, sizeof(*all));
	one = calloc((size_t)n + 4, sizeof(*one));
	if (all == NULL || one == NULL)
		die("no memory");
	n = sf_readf_short(f, all, n);
	for (int64_t i = 0; i < n; i++)
		one[i] = all[i * info.channels];
	free(all);
	sf_close(f);
	*ret_n = n;
	return one;
}

static int
heard(const char *path)
{
	struct piece p = { 0 };
	int64_t n;
	short *s = recording_read(path, &n);

	for (int64_t i = 0; i + 3 < n; i++)
		if (s[i] == MARK && s[i + 3] == -MARK && s[i + 1] > 0 &&
		    s[i + 1] % 64 == 0 && s[i + 2] % UNIT == 0)
			take(&p, s[i + 1] / 64, s[i + 2] / UNIT, i);
	say(&p);
	free(s);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "make") == 0)
		return make(atoi(argv[2]), atof(argv[3]), argv[4]);
	if (argc == 3 && strcmp(argv[1], "heard") == 0)
		return heard(argv[2]);
	die("usage: tool_marks make NUMBER SECONDS FILE | heard FILE");
	return 2;
}
