/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_starts - when did each sound of a recording begin?
 *
 *	tool_starts RECORDING EPOCH_US DUE_US...
 *
 * RECORDING is raw 16-bit stereo at RATE, of sounds that begin loud, with
 * silence between them; EPOCH_US is the wall instant of its first frame. For
 * every instant DUE_US one line: how many milliseconds after it the nearest
 * sound began, or "-" when none began near it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/frames.h"

#define LOUD 1000 /* of 32767: above any dither or codec's ringing */
#define QUIET_FRAMES (RATE / 10) /* before a sound that begins */
#define EARLY_FRAMES (1 * RATE) /* searched before its instant */
#define LATE_FRAMES (3 * RATE / 2) /* and after it */

struct recording {
	int16_t (*frames)[2];
	int64_t n;
};

static bool
recording_read(const char *path, struct recording *ret)
{
	FILE *f = fopen(path, "re");
	size_t room = 60 * RATE;

	if (f == NULL)
		return false;
	ret->n = 0;
	ret->frames = NULL;
	do {
		room *= 2;
		ret->frames = realloc(ret->frames, room * sizeof(*ret->frames));
		if (ret->frames == NULL)
			break;
		ret->n += (int64_t)fread(ret->frames + ret->n,
		    sizeof(*ret->frames), room - (size_t)ret->n, f);
	} while ((size_t)ret->n == room);
	fclose(f);
	return ret->frames != NULL && ret->n > 0;
}

static bool
loud(const struct recording *rec, int64_t at)
{
	return at >= 0 && at < rec->n &&
	       (abs(rec->frames[at][0]) >= LOUD ||
		   abs(rec->frames[at][1]) >= LOUD);
}

/* The first frame after silence, from `at` to `end`; -1 for none. */
static int64_t
first_loud(const struct recording *rec, int64_t at, int64_t end)
{
	int64_t quiet = 0;

	for (; at < end; at++) {
		if (!loud(rec, at))
			quiet++;
		else if (quiet >= QUIET_FRAMES)
			return at;
		else
			quiet = 0;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	struct recording rec;
	int64_t epoch_us;

	if (argc < 3 || !recording_read(argv[1], &rec)) {
		fprintf(stderr, "tool_starts: no recording\n");
		return 2;
	}
	epoch_us = atoll(argv[2]);
	for (int i = 3; i < argc; i++) {
		int64_t due_us = atoll(argv[i]);
		int64_t due = frames_in(due_us - epoch_us);
		int64_t at =
		    first_loud(&rec, due - EARLY_FRAMES, due + LATE_FRAMES);

		if (at < 0)
			printf("-\n");
		else
			printf("%.1f\n",
			    (double)(epoch_us + frames_us(at) - due_us) / 1e3);
	}
	free(rec.frames);
	return 0;
}
