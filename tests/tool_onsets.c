/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_onsets - at which wall instants did sounds begin in what a recorder
 * says?
 *
 *	parec --raw ... | tool_onsets [SILENCE_MS [LOUD]]
 *
 * Reads raw 16-bit stereo at RATE until its end. One line for each sound that
 * begins after SILENCE_MS (100) of silence, which is whatever stays below LOUD
 * (1000 of 32767: above any dither or codec's ringing): the wall instant of its
 * first loud frame, in microseconds since 1970, and that frame's number. Sound
 * is not kept, so that a recording may last for hours.
 *
 * Method. A sink without a device hands its monitor a piece when the first
 * frame of that piece is due, and the piece reaches us after that: sometimes
 * much after, because the server is late for a while, and early only when a
 * stream joins or leaves. So each piece is a point (number of its first frame,
 * wall instant of its arrival); reads that follow each other within a
 * millisecond are one piece, and of every tenth of a second the point with the
 * least "arrival less frames/RATE" counts, which is its height. The points on
 * time lie on a line, the sink's clock as the wall clock sees it, and the late
 * ones above it. For each onset it is found anew, from the minute around it:
 * the rate (within RATE_PPM of ours) is the one by which most points lie in one
 * strip BAND_US high; the line is the lowest such strip that SHARE of the
 * points lie in, and at last the least squares through the points within
 * BAND_US of it. The onset is the line's value at the onset's frame: when we
 * were woken for the piece that it came in does not matter then. On standard
 * error, of all onsets: the least share of points on the line, the extreme
 * rates, and the farthest mean distance of points from the line.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frames.h"

#define FRAME_BYTES 4
#define LOUD 1000
#define PIECE_US 1000 /* reads nearer to each other are one piece */
#define CELL_US (100 * US_PER_MS)
#define CELLS_S 10 /* in a second */
#define CELLS_MAX (6 * 3600 * CELLS_S)
#define AROUND_CELLS (30 * CELLS_S) /* before an onset, and after it */
#define RATE_PPM 120
#define RATE_STEP_PPM 3
#define BAND_US 400
#define SHARE 0.15
#define ONSETS_MAX 100000

struct point {
	int64_t frame; /* -1: none in this cell */
	int64_t wall_us; /* after zero_us */
};

struct onset {
	int64_t frame;
	int cell;
};

struct hearing {
	int64_t frames; /* so far */
	int64_t read_us; /* the last read came */
	int64_t zero_us; /* wall instant of the first read */
	int loud;
	int64_t quiet_frames; /* before a sound that begins */
	int64_t quiet;
	int cell; /* now */
	int cells;
	int n; /* onsets */
	struct onset onsets[ONSETS_MAX];
	struct point points[CELLS_MAX];
};

struct line {
	double zero_us; /* after the hearing's */
	double us_per_frame;
	double share; /* of the points that lie on it */
	double mean_us; /* their mean distance from it */
};

/* ---- hearing ---- */

static int64_t
height_us(const struct point *p)
{
	return p->wall_us - frames_us(p->frame);
}

static void
mark(struct hearing *h, int64_t wall_us)
{
	struct point p = { h->frames, wall_us - h->zero_us };
	struct point *best = &h->points[h->cell];

	if (best->frame < 0 || height_us(&p) < height_us(best))
		*best = p;
}

static void
hear(struct hearing *h, const int16_t (*pcm)[2], int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		if (abs(pcm[i][0]) < h->loud && abs(pcm[i][1]) < h->loud) {
			h->quiet++;
			continue;
		}
		if (h->quiet >= h->quiet_frames && h->n < ONSETS_MAX)
			h->onsets[h->n++] =
			    (struct onset){ h->frames + i, h->cell };
		h->quiet = 0;
	}
	h->frames += n;
}

static bool
clock_piece(struct hearing *h, int64_t wall_us)
{
	int64_t cell;

	if (h->zero_us == 0)
		h->zero_us = wall_us;
	cell = (wall_us - h->zero_us) / CELL_US;
	if (cell < 0 || cell >= CELLS_MAX)
		return false;
	h->cell = (int)cell;
	h->cells = h->cell + 1;
	if (wall_us - h->read_us > PIECE_US)
		mark(h, wall_us);
	h->read_us = wall_us;
	return true;
}

/* Reads to the end; what is left of a frame is kept for the next read. */
static void
listen_to(struct hearing *h)
{
	static _Alignas(int16_t[2]) char piece[65536];
	size_t bytes, left = 0;
	ssize_t n;

	while (
	    (n = read(STDIN_FILENO, piece + left, sizeof(piece) - left)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !clock_piece(h, clock_read().wall_us))
			return;
		bytes = left + (size_t)n;
		hear(h, (const int16_t(*)[2])(void *)piece,
		    (int64_t)(bytes / FRAME_BYTES));
		left = bytes % FRAME_BYTES;
		for (size_t i = 0; i < left; i++)
			piece[i] = piece[bytes - left + i];
	}
}

/* ---- the line ---- */

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Heights of the cells [from, to), by a clock that is so many ppm fast,
 * sorted; how many there are. */
static size_t
heights(const struct hearing *h, int from, int to, int ppm, double *ret)
{
	size_t n = 0;

	for (int i = from; i < to; i++) {
		const struct point *p = &h->points[i];

		if (p->frame >= 0)
			ret[n++] = (double)height_us(p) +
				   (double)frames_us(p->frame) * ppm / 1e6;
	}
	qsort(ret, n, sizeof(ret[0]), compare);
	return n;
}

/* The most points in one strip; *ret_low is the foot of the lowest strip that
 * has its share. */
static size_t
densest(const double *v, size_t n, double *ret_low)
{
	size_t most = 0, end = 0;
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		while (end < n && v[end] <= v[i] + BAND_US)
			end++;
		if (end - i > most)
			most = end - i;
		if (!found && (double)(end - i) >= SHARE * (double)n) {
			*ret_low = v[i];
			found = true;
		}
	}
	return most;
}

static double
off_us(const struct line *l, const struct point *p)
{
	return (double)p->wall_us - l->zero_us -
	       l->us_per_frame * (double)p->frame;
}

/* Least squares through the points near the line. */
static struct line
refine(const struct hearing *h, int from, int to, const struct line *old)
{
	double n = 0, all = 0, x = 0, y = 0, xx = 0, xy = 0;
	struct line l = *old;
	int64_t first = -1;

	for (int i = from; i < to; i++) {
		const struct point *p = &h->points[i];
		double px, py;

		if (p->frame < 0)
			continue;
		all++;
		if (fabs(off_us(old, p)) > BAND_US)
			continue;
		if (first < 0)
			first = p->frame;
		px = (double)(p->frame - first);
		py = (double)p->wall_us;
		n++;
		x += px;
		y += py;
		xx += px * px;
		xy += px * py;
		l.mean_us += fabs(off_us(old, p));
	}
	if (n * xx - x * x <= 0)
		return *old;
	l.us_per_frame = (n * xy - x * y) / (n * xx - x * x);
	l.zero_us =
	    (y - l.us_per_frame * x) / n - l.us_per_frame * (double)first;
	l.share = n / all;
	l.mean_us /= n;
	return l;
}

static struct line
line_at(const struct hearing *h, int cell)
{
	static double v[2 * AROUND_CELLS];
	int from = cell > AROUND_CELLS ? cell - AROUND_CELLS : 0;
	int to = from + 2 * AROUND_CELLS < h->cells ? from + 2 * AROUND_CELLS
						    : h->cells;
	struct line l = { 0 };
	size_t most = 0;

	for (int ppm = -RATE_PPM; ppm <= RATE_PPM; ppm += RATE_STEP_PPM) {
		double low = 0;
		size_t n = heights(h, from, to, ppm, v);
		size_t in = densest(v, n, &low);

		if (in <= most)
			continue;
		most = in;
		l.zero_us = low + BAND_US / 2.0;
		l.us_per_frame = (1e6 - ppm) / RATE;
	}
	return refine(h, from, to, &l);
}

int
main(int argc, char **argv)
{
	static struct hearing h;
	double share = 1, slow = 1e9, fast = -1e9, mean_us = 0;

	h.quiet_frames =
	    frames_in((argc > 1 ? atoll(argv[1]) : 100) * US_PER_MS);
	h.loud = argc > 2 ? atoi(argv[2]) : LOUD;
	for (int i = 0; i < CELLS_MAX; i++)
		h.points[i].frame = -1;
	listen_to(&h);
	for (int i = 0; i < h.n; i++) {
		struct line l = line_at(&h, h.onsets[i].cell);
		double ppm = (1e6 / RATE / l.us_per_frame - 1) * 1e6;

		printf("%lld %lld\n",
		    (long long)(h.zero_us +
				llrint(
				    l.zero_us + l.us_per_frame *
						    (double)h.onsets[i].frame)),
		    (long long)h.onsets[i].frame);
		share = fmin(share, l.share);
		slow = fmin(slow, ppm);
		fast = fmax(fast, ppm);
		mean_us = fmax(mean_us, l.mean_us);
	}
	if (h.n == 0) {
		fprintf(stderr, "tool_onsets: no sound was recorded\n");
		return 1;
	}
	fprintf(stderr,
	    "%d onsets, %.0f %% of points or more, rate %+.0f to %+.0f ppm, "
	    "within %.0f us\n",
	    h.n, share * 100, slow, fast, mean_us);
	return 0;
}
