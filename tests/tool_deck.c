/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_deck - drives a real player by hand, for the check_*.sh scripts.
 *
 *	tool_deck PLAN PROGRAM ARGUMENT...
 *
 * Each line of PLAN is one message, all sent at once except where it waits:
 *	play AIRING START_MS CHANNELS FRAMES FILE [STOP_MS [FENCE_MS [FADE_MS
 *		[GAIN_MDB]]]]
 *	wait MS
 *	stop AIRING
 *	leave
 * Times are milliseconds from the start, which is printed first as wall
 * microseconds. FILE holds raw PCM; `FRAMES` 0 is unknown. Receipts are
 * printed as they come, one a line, times in the same milliseconds. It ends
 * when every airing has ended, or 25 s after the last could have; `leave` ends
 * it at once, as a daemon that dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wire.h"
#include "playout/cue.h"

#define GIVE_UP_US (25 * US_PER_S)
#define PLAYER_WIRE_FD 3

static struct now epoch;
static int wire;
static int open_airings;
static int64_t last_us; /* when the last of them could end */

static int64_t
since_us(void)
{
	return clock_read().boot_us - epoch.boot_us;
}

static int64_t
instant(long long ms)
{
	return ms < 0 ? NEVER : epoch.boot_us + ms * US_PER_MS;
}

static double
shown_ms(int64_t boot_us)
{
	return boot_us == NEVER
		   ? -1
		   : (double)(boot_us - epoch.boot_us) / (double)US_PER_MS;
}

static pid_t
start_player(char **argv)
{
	int fds[2];
	pid_t pid;

	if (wire_pair(fds) < 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		/* dup2 onto itself would keep close-on-exec. */
		int end = fcntl(fds[1], F_DUPFD_CLOEXEC, 10);

		dup2(end, PLAYER_WIRE_FD);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	wire = fds[0];
	return pid;
}

/* A source: copies a file into a pipe as the reader takes it. */
static int
start_source(const char *file)
{
	char buf[4096];
	int fds[2];
	int in;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		exit(1);
	if (fork() != 0) {
		close(fds[1]);
		return fds[0];
	}
	close(fds[0]);
	close(wire);
	in = open(file, O_RDONLY | O_CLOEXEC);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(fds[1], buf, (size_t)n) != n)
			break;
	_exit(0);
}

static void
print_receipt(const struct receipt *r)
{
	static const char *const names[] = { "LOADED", "STARTED", "PROGRESS",
		"ENDED", "DEVICE_OK", "DEVICE_LOST", "RATE_OFF", "LEVEL" };

	printf("%s airing=%llu at=%.1f ended=%u word=%s first=%.3f last=%.3f "
	       "sent=%lld silent=%lld muted=%lld underruns=%d/%.1f "
	       "percent=%d peak=%d text=%s\n",
	    names[r->kind], (unsigned long long)r->airing,
	    (double)since_us() / (double)US_PER_MS, r->ended,
	    ended_word(r->ended), shown_ms(r->first_boot_us),
	    shown_ms(r->last_boot_us), (long long)r->frames_sent,
	    (long long)r->frames_silent, (long long)r->frames_muted,
	    (int)r->underruns, (double)r->underrun_us / (double)US_PER_MS,
	    (int)r->percent, (int)r->peak_mdb, r->text);
	fflush(stdout);
	if (r->kind == RECEIPT_ENDED)
		open_airings--;
}

/* Prints receipts until the instant, or until every airing has ended. */
static int
listen_until(int64_t until_us, int all_ended)
{
	struct pollfd p = { .fd = wire, .events = POLLIN };
	struct receipt r;
	ssize_t n;

	while (since_us() < until_us && !(all_ended && open_airings == 0)) {
		poll(&p, 1, (int)((until_us - since_us()) / US_PER_MS) + 1);
		n = wire_recv(wire, &r, sizeof(r), NULL);
		if (n == 0 || (n < 0 && n != -EAGAIN))
			return -1;
		if (n == (ssize_t)sizeof(r))
			print_receipt(&r);
	}
	return 0;
}

static void
send_cue(const struct cue *c, int fd)
{
	if (wire_send(wire, c, sizeof(*c), fd) < 0) {
		fprintf(stderr, "tool_deck: the player is gone\n");
		exit(1);
	}
	if (fd >= 0)
		close(fd);
}

static int
play_line(const char *line)
{
	unsigned long long airing;
	long long start, frames, stop = -1, fence = -1;
	int channels, fade = 0, gain = 0;
	char file[256];
	struct cue c;

	if (sscanf(line, "play %llu %lld %d %lld %255s %lld %lld %d %d",
		&airing, &start, &channels, &frames, file, &stop, &fence, &fade,
		&gain) < 5)
		return -EINVAL;
	c = (struct cue){
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = airing,
		.start_boot_us = instant(start),
		.stop_boot_us = instant(stop),
		.fence_boot_us = fence < 0 ? NEVER / 2 : instant(fence),
		.fence_wall_us = NEVER / 2,
		.frames = frames,
		.channels = channels,
		.fade_out_ms = fade,
		.gain_mdb = gain,
	};
	last_us = later(last_us, start * US_PER_MS + frames_us(frames));
	send_cue(&c, start_source(file));
	open_airings++;
	return 0;
}

static int
do_line(const char *line)
{
	unsigned long long n;

	if (strncmp(line, "play ", 5) == 0)
		return play_line(line);
	if (sscanf(line, "wait %llu", &n) == 1)
		return listen_until(since_us() + (int64_t)n * US_PER_MS, 0);
	if (strncmp(line, "leave", 5) == 0)
		_exit(0);
	if (sscanf(line, "stop %llu", &n) == 1) {
		struct cue c = {
			.version = CUE_VERSION,
			.verb = CUE_STOP,
			.airing = n,
		};

		send_cue(&c, -1);
		return 0;
	}
	return -EINVAL;
}

int
main(int argc, char **argv)
{
	char line[512];
	FILE *plan;
	pid_t player;
	int status;
	int r = 0;

	if (argc < 3)
		return 2;
	plan = fopen(argv[1], "re");
	if (plan == NULL)
		return 2;
	epoch = clock_read();
	printf("EPOCH %lld\n", (long long)epoch.wall_us);
	player = start_player(argv + 2);
	while (r == 0 && fgets(line, sizeof(line), plan) != NULL)
		r = do_line(line);
	fclose(plan);
	if (r == 0)
		r = listen_until(last_us + GIVE_UP_US, 1);
	close(wire);
	waitpid(player, &status, 0);
	printf("EXIT %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return r < 0 || open_airings != 0;
}
