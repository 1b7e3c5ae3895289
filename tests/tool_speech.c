/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_speech - is this speech in that recording, where, how alike, how loud?
 * For what went through a lossy codec, where no sample is the same; sounds
 * that are equal are tool_match's.
 *
 *	tool_speech RECORDING.wav SOURCE.wav...
 *
 * All at 48 kHz. Prints a line for each source: on which millisecond of the recording the
 * source begins; the normalised cross-correlation there, between -1 and 1; and
 * the loudness of that piece of the recording in LUFS (EBU R 128).
 *
 * The place is looked for in the whole recording, by an FFT of both at 8 kHz,
 * and made exact at 48 kHz. The coefficient is of all frequencies there are:
 * who wants a band compared filters both before.
 */
#include <complex.h>
#include <ebur128.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#define RATE 48000
#define STEP 6 /* 48 kHz to 8 kHz */
#define NEAR (2 * STEP) /* frames on either side of what 8 kHz found */
#define SECONDS_MAX 120

struct sound {
	float *frames; /* interleaved */
	int channels;
	double *mono;
	long n;
};

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "tool_speech: %s: %s\n", which, what);
	exit(2);
}

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		die("out of memory", "calloc");
	return p;
}

static struct sound
read_sound(const char *path)
{
	SF_INFO info = { 0 };
	SNDFILE *snd = sf_open(path, SFM_READ, &info);
	struct sound s = { 0 };

	if (snd == NULL)
		die(sf_strerror(NULL), path);
	if (info.samplerate != RATE || info.channels > 2)
		die("not 48 kHz, mono or stereo", path);
	s.channels = info.channels;
	s.frames = room((size_t)SECONDS_MAX * RATE * 2, sizeof(*s.frames));
	s.n =
	    (long)sf_readf_float(snd, s.frames, (sf_count_t)SECONDS_MAX * RATE);
	sf_close(snd);
	if (s.n < RATE / 10)
		die("shorter than a tenth of a second", path);
	s.mono = room((size_t)s.n, sizeof(*s.mono));
	for (long i = 0; i < s.n; i++)
		for (int c = 0; c < s.channels; c++)
			s.mono[i] += s.frames[i * s.channels + c] / s.channels;
	return s;
}

/* In place; n is a power of two. */
static void
fft(double complex *x, size_t n, int sign)
{
	for (size_t i = 1, j = 0; i < n; i++) {
		size_t bit = n >> 1;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			double complex t = x[i];

			x[i] = x[j];
			x[j] = t;
		}
	}
	for (size_t len = 2; len <= n; len <<= 1) {
		double complex *turn = room(len / 2, sizeof(*turn));

		for (size_t k = 0; k < len / 2; k++)
			turn[k] =
			    cexp(sign * 2 * M_PI * I * (double)k / (double)len);
		for (size_t i = 0; i < n; i += len)
			for (size_t k = 0; k < len / 2; k++) {
				double complex u = x[i + k];
				double complex v = x[i + k + len / 2] * turn[k];

				x[i + k] = u + v;
				x[i + k + len / 2] = u - v;
			}
		free(turn);
	}
}

/* At 8 kHz: means of six are low-pass enough to find a place by. */
static void
thin(const struct sound *s, double complex *x)
{
	for (long i = 0; i < s->n; i++)
		x[i / STEP] += s->mono[i] / STEP;
}

/* As it is laid on the recording at frame `at`. */
static double
alike(const struct sound *rec, const struct sound *src, long at)
{
	double both = 0, a = 0, b = 0;

	for (long i = 0; i < src->n && at + i < rec->n; i++) {
		if (at + i < 0)
			continue;
		both += rec->mono[at + i] * src->mono[i];
		a += rec->mono[at + i] * rec->mono[at + i];
		b += src->mono[i] * src->mono[i];
	}
	return a > 0 && b > 0 ? both / sqrt(a * b) : 0;
}

/* The recording as find() wants it. */
struct thinned {
	double complex *waves; /* its FFT */
	double *power; /* of all frames before this one */
	size_t n; /* of the FFT */
	size_t frames;
};

static struct thinned
prepare(const struct sound *rec)
{
	struct thinned t = { .n = 1, .frames = (size_t)rec->n / STEP + 1 };

	while (t.n < 2 * t.frames)
		t.n <<= 1;
	t.waves = room(t.n, sizeof(*t.waves));
	t.power = room(t.frames + 1, sizeof(*t.power));
	thin(rec, t.waves);
	for (size_t i = 0; i < t.frames; i++)
		t.power[i + 1] =
		    t.power[i] + creal(t.waves[i]) * creal(t.waves[i]);
	fft(t.waves, t.n, -1);
	return t;
}

/* The place, at 8 kHz, with the largest coefficient. */
static long
find(const struct thinned *t, const struct sound *src)
{
	size_t n_src = (size_t)src->n / STEP + 1;
	double complex *x;
	double best = 0;
	long at = 0;

	if (n_src > t->frames)
		die("longer than the recording", "a source");
	x = room(t->n, sizeof(*x));
	thin(src, x);
	fft(x, t->n, -1);
	for (size_t i = 0; i < t->n; i++)
		x[i] = t->waves[i] * conj(x[i]);
	fft(x, t->n, 1);
	for (size_t i = 0; i + n_src <= t->frames; i++) {
		double energy = t->power[i + n_src] - t->power[i];
		double value;

		/* A piece of near silence is like anything. */
		if (energy <= 1e-6 * (double)n_src)
			continue;
		value = creal(x[i]) / sqrt(energy);
		if (value > best) {
			best = value;
			at = (long)i;
		}
	}
	free(x);
	return at * STEP;
}

static double
loudness(const struct sound *rec, long at, long n)
{
	ebur128_state *st =
	    ebur128_init((unsigned)rec->channels, RATE, EBUR128_MODE_I);
	double lufs = -HUGE_VAL;

	if (st == NULL)
		die("out of memory", "ebur128");
	if (rec->channels == 1)
		ebur128_set_channel(st, 0, EBUR128_DUAL_MONO);
	if (at + n > rec->n)
		n = rec->n - at;
	ebur128_add_frames_float(
	    st, rec->frames + at * rec->channels, (size_t)n);
	ebur128_loudness_global(st, &lufs);
	ebur128_destroy(&st);
	return lufs;
}

static void
look_for(const struct sound *rec, const struct thinned *t, const char *path)
{
	struct sound src = read_sound(path);
	long where = find(t, &src);
	long at = where;
	double best = -2;

	for (long k = where - NEAR; k <= where + NEAR; k++) {
		double value = k < 0 ? -2 : alike(rec, &src, k);

		if (value <= best)
			continue;
		best = value;
		at = k;
	}
	printf("%.1f %.3f %.1f\n", (double)at * 1000 / RATE, best,
	    loudness(rec, at, src.n));
	free(src.frames);
	free(src.mono);
}

int
main(int argc, char **argv)
{
	struct sound rec;
	struct thinned t;

	if (argc < 3)
		die("tool_speech RECORDING.wav SOURCE.wav...", "usage");
	rec = read_sound(argv[1]);
	t = prepare(&rec);
	for (int i = 2; i < argc; i++)
		look_for(&rec, &t, argv[i]);
	free(t.waves);
	free(t.power);
	free(rec.frames);
	free(rec.mono);
	return 0;
}
