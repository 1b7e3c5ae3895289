/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-source - one item's bytes become sound on a pipe, in a process that
 * can do nothing else.
 *
 *	loaxa-source play OFFSET	an item of ours, from that frame, as
 *					16-bit samples
 *	loaxa-source decode		any file we read, as float samples
 *
 * Descriptor 0 is the file, 1 the pipe, 3 takes the report, in lines:
 *
 *	hash HEX		play: of the whole file, before its sound
 *	format RATE CHANNELS FRAMES	as the header says; FRAMES -1: it does not
 *	cut			the file was broken off; what there was is sent
 *	done FRAMES HEX		all that is sent, and the file's hash after it
 *	error WORD		nothing (more) is coming
 *
 * Every run ends with done or error, or it was ended. WORD is one of:
 * bad (not sound we read), own (not an item of ours), links (a chain of
 * recordings that do not fit together), read (the disk), sandbox, memory.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/hash.h"
#include "base/log.h"
#include "playout/decode.h"
#include "playout/sandbox.h"

#define ITEM_FD STDIN_FILENO
#define SOUND_FD STDOUT_FILENO
#define REPORT_FD 3
#define BLOCK_BYTES 16384

/* Far more than any decoder takes, even on an old machine: Opus at 6 kbit/s
 * has 22 minutes in a megabyte, an item of ours may be hours of silence. */
#define CPU_PLAY_S 120
#define CPU_DECODE_S 20
#define CPU_PER_MB_S 40

__attribute__((format(printf, 1, 2))) static void
report(const char *fmt, ...)
{
	char line[128];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	(void)disk_write(REPORT_FD, line, (size_t)n);
}

static int
fail(const char *word)
{
	report("error %s\n", word);
	return EX_DATAERR;
}

static const char *
word_of(int r)
{
	return r == -ENOMEM ? "memory" : r == -EIO ? "read" : "bad";
}

/* Sends everything; the frames sent, or a negative errno. Nobody listening
 * any more is an end like another: the hash still follows. */
static int64_t
send_sound(struct decode *d, int is_item)
{
	static union {
		int16_t s[BLOCK_BYTES / sizeof(int16_t)];
		float f[BLOCK_BYTES / sizeof(float)];
	} pcm;
	size_t size = is_item ? sizeof(pcm.s[0]) : sizeof(pcm.f[0]);
	size_t frame = size * (size_t)decode_format(d).channels;
	int block = (int)(BLOCK_BYTES / frame);
	int64_t sent = 0;
	int n;

	for (;;) {
		n = is_item ? decode_short(d, pcm.s, block)
			    : decode_float(d, pcm.f, block);
		if (n <= 0)
			break;
		if (disk_write(SOUND_FD, (char *)&pcm, (size_t)n * frame) < 0)
			return sent;
		sent += n;
	}
	return n < 0 ? n : sent;
}

static int
finish(struct decode *d, int64_t sent)
{
	char hex[HASH_HEX];

	if (decode_cut(d))
		report("cut\n");
	/* The pipe ends here, also for one who waits for its end. */
	close(SOUND_FD);
	if (hash_fd(ITEM_FD, hex) < 0)
		return fail("read");
	report("done %lld %s\n", (long long)sent, hex);
	return EX_OK;
}

static int
run(int is_item, int64_t offset)
{
	struct decode_format f;
	struct decode *d;
	char hex[HASH_HEX];
	int64_t sent;
	int r;

	if (is_item && hash_fd(ITEM_FD, hex) < 0)
		return fail("read");
	if (is_item)
		report("hash %s\n", hex);
	r = decode_open(ITEM_FD, &d);
	if (r < 0)
		return fail(word_of(r));
	f = decode_format(d);
	if (is_item && (!f.own || decode_seek(d, offset) < 0))
		return fail("own");
	report("format %d %d %lld\n", f.rate, f.channels, (long long)f.frames);
	sent = send_sound(d, is_item);
	if (sent < 0)
		return fail("links");
	return finish(d, sent);
}

static int
shut_in(int is_item)
{
	struct stat st;
	char hex[HASH_HEX];

	if (fstat(ITEM_FD, &st) < 0)
		return -errno;
	/* libcrypto reads its own files the first time: now, not later. */
	if (hash_bytes("", 0, hex) < 0)
		return -ENOMEM;
	/* An officer's bytes are read for one command: no longer than it
	 * lives. What sounds goes on when the daemon dies. */
	if (!is_item && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	close_range(REPORT_FD + 1, ~0U, 0);
#if !defined(__SANITIZE_ADDRESS__)
	close(STDERR_FILENO); /* decoders chatter there */
#endif
	return sandbox_enter((is_item ? CPU_PLAY_S : CPU_DECODE_S) +
			     (long)(st.st_size >> 20) * CPU_PER_MB_S);
}

int
main(int argc, char **argv)
{
	int is_item = argc == 3 && strcmp(argv[1], "play") == 0;
	char *end = NULL;
	int64_t offset = 0;

	log_name("loaxa-source");
	if (is_item)
		offset = strtoll(argv[2], &end, 10);
	if ((!is_item && (argc != 2 || strcmp(argv[1], "decode") != 0)) ||
	    (is_item && (end == argv[2] || *end != '\0')) || offset < 0) {
		log_error("usage: loaxa-source play OFFSET | decode; "
			  "loaxad and loaxa start this program, nobody else");
		return EX_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (shut_in(is_item) < 0)
		_exit(fail("sandbox"));
	/* No exit handlers: they belong to the world outside. */
	_exit(run(is_item, offset));
}
