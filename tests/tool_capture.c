/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_capture - keeps what a recorder says, and says when it began.
 *
 *	parec --raw ... | tool_capture SOUND EPOCH
 *
 * Copies raw 16-bit stereo at RATE from standard input to the file SOUND. At
 * the end of input it writes to the file EPOCH the wall instant of frame 0, in
 * microseconds: the least of "now, less the frames so far" over all pieces. A
 * piece can come late and never early, so the least is the nearest.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frames.h"

#define FRAME_BYTES 4

static int
keep(FILE *sound, int64_t *ret_epoch_us)
{
	char piece[65536];
	int64_t epoch_us = NEVER;
	int64_t bytes = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || fwrite(piece, 1, (size_t)n, sound) != (size_t)n)
			return -EIO;
		bytes += n;
		epoch_us = earlier(epoch_us,
		    clock_read().wall_us - frames_us(bytes / FRAME_BYTES));
	}
	if (bytes == 0)
		return -ENODATA;
	*ret_epoch_us = epoch_us;
	return 0;
}

int
main(int argc, char **argv)
{
	int64_t epoch_us;
	FILE *sound;
	FILE *epoch;

	if (argc != 3)
		return 2;
	sound = fopen(argv[1], "we");
	if (sound == NULL || keep(sound, &epoch_us) < 0 || fclose(sound) != 0) {
		fprintf(stderr, "tool_capture: nothing was recorded\n");
		return 1;
	}
	epoch = fopen(argv[2], "we");
	if (epoch == NULL)
		return 1;
	fprintf(epoch, "%lld\n", (long long)epoch_us);
	return fclose(epoch) == 0 ? 0 : 1;
}
