/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_onset - when something loud begins, in what a recorder kept.
 *
 *	tool_onset CAPTURE LEVEL QUIET_MS
 *
 * CAPTURE is raw 16-bit stereo at RATE. Prints, one a line, the microsecond of
 * every first sample of LEVEL or more, either way, that has QUIET_MS behind it
 * in which there was none.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/frames.h"

#define CHANNELS 2

static void
look(FILE *capture, int level, int64_t quiet_frames)
{
	int16_t frame[CHANNELS];
	int64_t quiet = quiet_frames;

	for (int64_t n = 0; fread(frame, sizeof(frame), 1, capture) == 1; n++) {
		if (abs(frame[0]) < level && abs(frame[1]) < level) {
			quiet++;
			continue;
		}
		if (quiet >= quiet_frames)
			printf("%lld\n", (long long)frames_us(n));
		quiet = 0;
	}
}

int
main(int argc, char **argv)
{
	FILE *capture;

	if (argc != 4)
		return 2;
	capture = fopen(argv[1], "re");
	if (capture == NULL) {
		fprintf(stderr, "tool_onset: %s cannot be read\n", argv[1]);
		return 1;
	}
	look(capture, atoi(argv[2]), frames_in(atoll(argv[3]) * US_PER_MS));
	return fclose(capture) == 0 ? 0 : 1;
}
