/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_sound - makes sounds that can be recognised, and finds them again in
 * what a device took, for the check_*.sh scripts.
 *
 *	tool_sound make FILE FRAMES CHANNELS SEED
 *	tool_sound exact CAPTURE FILE:CHANNELS[:FRAMES:FADE]...
 *	tool_sound find CAPTURE FILE:CHANNELS
 *	tool_sound lasts CAPTURE
 *	tool_sound listen CAPTURE MS <PCM
 *
 * FILEs are raw 16-bit; CAPTUREs are stereo at 48 kHz. `make` writes noise
 * without any zero. `exact` is content when the capture is silence, the files
 * one right after the other, silence; of one with FRAMES, so many of it, the
 * last FADE of them falling evenly to silence. `find` prints the microsecond of the
 * capture on which the whole file begins, `lasts` the microseconds from the
 * first sound to the end of the last. `listen` copies standard input and
 * prints on which wall microsecond the copy's first frame was heard: no piece
 * can come before it has sounded, so the earliest answer is the best.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "playout/cue.h"

#define FRAME ((size_t)4) /* bytes, stereo */

struct bytes {
	char *data;
	size_t n;
};

static struct bytes
read_file(const char *name)
{
	struct bytes b = { NULL, 0 };
	struct stat st;
	FILE *f = fopen(name, "re");

	if (f == NULL || fstat(fileno(f), &st) < 0) {
		fprintf(stderr, "%s cannot be read\n", name);
		exit(1);
	}
	b.data = malloc((size_t)st.st_size + 1);
	if (b.data == NULL)
		abort();
	b.n = fread(b.data, 1, (size_t)st.st_size, f);
	fclose(f);
	return b;
}

/* Mono samples as a device takes them, on both sides. */
static struct bytes
widen(struct bytes b)
{
	struct bytes wide = { malloc(2 * b.n + 1), 2 * b.n };

	if (wide.data == NULL)
		abort();
	for (size_t i = 0; i + 1 < b.n; i += 2) {
		memcpy(wide.data + 2 * i, b.data + i, 2);
		memcpy(wide.data + 2 * i + 2, b.data + i, 2);
	}
	free(b.data);
	return wide;
}

static struct bytes
read_item(const char *word)
{
	char name[256];
	int channels;

	if (sscanf(word, "%255[^:]:%d", name, &channels) != 2) {
		fprintf(stderr, "%s is not FILE:CHANNELS\n", word);
		exit(2);
	}
	return channels == 2 ? read_file(name) : widen(read_file(name));
}

static int
make(char **argv)
{
	long samples = atol(argv[1]) * atol(argv[2]);
	uint32_t seed = (uint32_t)atol(argv[3]);
	FILE *f = fopen(argv[0], "we");

	if (f == NULL)
		return 1;
	for (long i = 0; i < samples; i++) {
		int16_t v;

		seed = seed * 1664525u + 1013904223u;
		v = (int16_t)(1 + (seed >> 8) % 20000);
		v = (int16_t)(seed & 0x80000000u ? v : -v);
		fwrite(&v, sizeof(v), 1, f);
	}
	return fclose(f) == 0 ? 0 : 1;
}

static size_t
skip_silence(struct bytes b, size_t at)
{
	while (at + FRAME <= b.n && memcmp(b.data + at, "\0\0\0\0", FRAME) == 0)
		at += FRAME;
	return at;
}

/* Cut off, with a fade: "FILE:CHANNELS:FRAMES:FADE". Returns FADE. */
static size_t
cut(struct bytes *item, const char *word)
{
	size_t frames, fade;

	if (sscanf(word, "%*[^:]:%*d:%zu:%zu", &frames, &fade) != 2)
		return 0;
	item->n = frames * FRAME < item->n ? frames * FRAME : item->n;
	return fade;
}

/* The fall is reckoned in whole numbers here: it may be off by the rounding. */
static int
fades(const char *got, const char *want, size_t fade)
{
	for (size_t i = 0; i < 2 * fade; i++) {
		long left = (long)(fade - i / 2);
		int16_t g, w;

		memcpy(&g, got + 2 * i, 2);
		memcpy(&w, want + 2 * i, 2);
		if (labs(g * (long)fade - w * left) > (long)fade)
			return 0;
	}
	return 1;
}

/* Is the item at *at? Then *at is behind it. */
static int
follows(struct bytes got, const char *word, size_t *at)
{
	struct bytes want = read_item(word);
	size_t fade = cut(&want, word);
	size_t whole = want.n - fade * FRAME;
	int same = got.n - *at >= want.n &&
		   memcmp(got.data + *at, want.data, whole) == 0 &&
		   fades(got.data + *at + whole, want.data + whole, fade);

	printf("%s: %zu frames %s frame %zu\n", word, want.n / FRAME,
	    same ? "from" : "are NOT at", *at / FRAME);
	*at += want.n;
	free(want.data);
	return same;
}

static int
exact(int n, char **argv)
{
	struct bytes got = read_file(argv[0]);
	size_t at = skip_silence(got, 0);
	int same = 1;

	for (int i = 1; i < n && same; i++)
		same = follows(got, argv[i], &at);
	if (same) {
		at = skip_silence(got, at);
		same = at == got.n;
		if (!same)
			printf("more sound at frame %zu\n", at / FRAME);
	}
	free(got.data);
	return same ? 0 : 1;
}

static int
find(char **argv)
{
	struct bytes got = read_file(argv[0]);
	struct bytes want = read_item(argv[1]);
	size_t at = 0;
	int found = 0;

	while (!found && at + want.n <= got.n) {
		found = memcmp(got.data + at, want.data, want.n) == 0;
		at += found ? 0 : FRAME;
	}
	if (found)
		printf(
		    "%" PRId64 "\n", (int64_t)(at / FRAME) * US_PER_S / RATE);
	else
		fprintf(stderr, "%s was not heard whole\n", argv[1]);
	free(got.data);
	free(want.data);
	return found ? 0 : 1;
}

static int
lasts(char **argv)
{
	struct bytes got = read_file(argv[0]);
	size_t first = skip_silence(got, 0);
	size_t end = got.n / FRAME * FRAME;

	while (end > first &&
	       memcmp(got.data + end - FRAME, "\0\0\0\0", FRAME) == 0)
		end -= FRAME;
	printf("%" PRId64 "\n",
	    (int64_t)((end - first) / FRAME) * US_PER_S / RATE);
	free(got.data);
	return 0;
}

static int
listen_to(char **argv)
{
	int64_t end_us = clock_read().boot_us + atol(argv[1]) * US_PER_MS;
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	FILE *f = fopen(argv[0], "we");
	int64_t zero_us = NEVER;
	int64_t n = 0;
	char buf[8192];

	if (f == NULL)
		return 1;
	while (clock_read().boot_us < end_us) {
		ssize_t got;

		if (poll(&in, 1, 100) != 1)
			continue;
		got = read(STDIN_FILENO, buf, sizeof(buf));
		if (got <= 0)
			break;
		n += got;
		fwrite(buf, 1, (size_t)got, f);
		zero_us =
		    earlier(zero_us, clock_read().wall_us -
					 n / (int64_t)FRAME * US_PER_S / RATE);
	}
	printf("%" PRId64 "\n", zero_us);
	return fclose(f) == 0 && n > 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "make") == 0 && argc == 6)
		return make(argv + 2);
	if (strcmp(verb, "exact") == 0 && argc > 3)
		return exact(argc - 2, argv + 2);
	if (strcmp(verb, "find") == 0 && argc == 4)
		return find(argv + 2);
	if (strcmp(verb, "listen") == 0 && argc == 4)
		return listen_to(argv + 2);
	if (strcmp(verb, "lasts") == 0 && argc == 3)
		return lasts(argv + 2);
	fprintf(
	    stderr, "make, exact, find, lasts or listen: see tool_sound.c\n");
	return 2;
}
