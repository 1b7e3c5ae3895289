/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-source - one item's bytes become sound on a pipe, in a process that
 * can do nothing else.
 *
 *	loaxa-source play OFFSET	an item of ours, from that frame, as
 *					16-bit samples
 *	loaxa-source decode		any file we read, as float samples
 *	loaxa-source foreign DEMUXER	any other, by ffmpeg: foreign.h
 *	loaxa-source url ADDRESS	ffmpeg on a stream: playout/tap_exec.h
 *	loaxa-source line DEVICE	arecord on a line-in
 *
 * For the first two descriptor 0 is the file, 1 the pipe, 3 takes the report, in lines:
 *
 *	hash HEX		play: of the whole file, before its sound
 *	tracks N		foreign: it has so many tracks with sound
 *	format RATE CHANNELS FRAMES	as the header says; FRAMES -1: it does not
 *	damaged			foreign: not all of it could be decoded
 *	cut			the file was broken off; what there was is sent
 *	done FRAMES HEX		all that is sent, and the file's hash after it
 *	error WORD		nothing (more) is coming
 *
 * Every run ends with done or error, or it was ended. WORD is one of:
 * bad (not sound we read), own (not an item of ours), links (a chain of
 * recordings that do not fit together), read (the disk), sandbox, memory; of
 * foreign files ffmpeg (it is not there), mute (a film without sound) and
 * unfinished (the recorder never wrote its index).
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/hash.h"
#include "base/log.h"
#include "playout/decode.h"
#include "playout/foreign.h"
#include "playout/sandbox.h"
#include "playout/tap_exec.h"
#include "playout/whole.h"

#define ITEM_FD STDIN_FILENO
#define SOUND_FD STDOUT_FILENO
#define REPORT_FD 3
#define BLOCK_BYTES 16384

/* Far more than any decoder takes, even on an old machine: Opus at 6 kbit/s
 * has 22 minutes in a megabyte, an item of ours may be hours of silence. */
#define CPU_PLAY_S 120
#define CPU_DECODE_S 20
#define CPU_PER_MB_S 40
/* The longest of programmes at a tenth of what an old machine does. */
#define CPU_MAX_S 7200

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

/*
 * P5: whether the file's bytes are still those that were hashed. Whoever
 * writes to a file moves its times; nobody but the kernel can set the second
 * one. What was written a short time before the first look is hashed again:
 * more could have followed within one tick of that clock, or through a mapped
 * page, whose writing is only seen again once the kernel has put it on the disk
 * (after 30 s and 5 more, by its defaults).
 */
#define SETTLED_US (120 * US_PER_S)

static bool
is_settled(const struct stat *st)
{
	return st->st_ctim.tv_sec * US_PER_S + SETTLED_US <
	       clock_read().wall_us;
}

static bool
is_as_before(const struct stat *before)
{
	struct stat st;

	return fstat(ITEM_FD, &st) == 0 && st.st_size == before->st_size &&
	       st.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
	       st.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

/* `before` is how the file was when `hex` was its hash; NULL: it has none. */
static int
finish(struct decode *d, int64_t sent, const struct stat *before,
    char hex[static HASH_HEX])
{
	if (decode_cut(d))
		report("cut\n");
	/* The pipe ends here, also for one who waits for its end. */
	close(SOUND_FD);
	if ((before == NULL || !is_as_before(before)) &&
	    hash_fd(ITEM_FD, hex) < 0)
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
	struct stat before;
	bool settled;
	int64_t sent;
	int r;

	if (fstat(ITEM_FD, &before) < 0)
		return fail("read");
	settled = is_item && is_settled(&before);
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
	return finish(d, sent, settled ? &before : NULL, hex);
}

/* Passes on what ffmpeg gives; the frames, or -EIO. */
static int64_t
pass_on(int from, size_t frame)
{
	static char pcm[BLOCK_BYTES * 4];
	int64_t bytes = 0;
	ssize_t n;

	while ((n = read(from, pcm, sizeof(pcm))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -EIO;
		if (disk_write(SOUND_FD, pcm, (size_t)n) < 0)
			break;
		bytes += n;
	}
	return bytes / (int64_t)frame;
}

/* A container may round its length: a second is no matter. */
static bool
is_short(const char *demuxer, const struct foreign_facts *f, int64_t sent)
{
	return sent + f->rate < f->frames || whole_is_cut(ITEM_FD, demuxer);
}

static int
finish_foreign(
    struct foreign *program, const char *demuxer, const struct foreign_facts *f)
{
	char hex[HASH_HEX];
	int64_t sent =
	    pass_on(program->sound, sizeof(float) * (size_t)f->channels);
	enum foreign_end end;

	close(SOUND_FD);
	close(program->sound); /* it ends, if it has not */
	end = foreign_end(program);
	if (sent < 0 || hash_fd(ITEM_FD, hex) < 0)
		return fail("read");
	if (sent == 0 && end != FOREIGN_WELL)
		return fail("bad");
	if (end == FOREIGN_SHORT || is_short(demuxer, f, sent))
		report("cut\n");
	if (end == FOREIGN_DAMAGED)
		report("damaged\n");
	report("done %lld %s\n", (long long)sent, hex);
	return EX_OK;
}

static const char *
word_of_probe(int r, const struct foreign_facts *f)
{
	if (r == -ENOENT)
		return "ffmpeg";
	if (r != -EINVAL)
		return "sandbox";
	return f->unfinished ? "unfinished" : f->mute ? "mute" : "bad";
}

static int
run_foreign(const char *demuxer, long cpu_s)
{
	struct foreign_facts f = { .sounds = 0 };
	struct foreign program;
	int r = foreign_probe(ITEM_FD, demuxer, CPU_DECODE_S, &f);

	if (r < 0)
		return fail(word_of_probe(r, &f));
	r = foreign_start(ITEM_FD, demuxer, cpu_s, &f, &program);
	if (r < 0)
		return fail(r == -ENOENT ? "ffmpeg" : "sandbox");
	/* Nothing is left to start: from here on, walls for us as well. */
	if (sandbox_enter(cpu_s) < 0)
		return fail("sandbox");
	if (f.pictures || f.guessed)
		f.frames = -1;
	report("tracks %d\n", f.sounds);
	report("format %d %d %lld\n", f.rate, f.channels, (long long)f.frames);
	return finish_foreign(&program, demuxer, &f);
}

/* The processor time for a file of this size; -errno. */
static long
cpu_limit(bool play)
{
	struct stat st;
	long cpu_s;

	if (fstat(ITEM_FD, &st) < 0)
		return -errno;
	cpu_s = (play ? CPU_PLAY_S : CPU_DECODE_S) +
		(long)(st.st_size >> 20) * CPU_PER_MB_S;
	return cpu_s < CPU_MAX_S ? cpu_s : CPU_MAX_S;
}

/* What must be opened before the walls stand; the processor time that they
 * are to allow, or a negative errno. */
static long
make_ready(bool play)
{
	char hex[HASH_HEX];

	/* libcrypto reads its own files the first time: now, not later. */
	if (hash_bytes("", 0, hex) < 0)
		return -ENOMEM;
	/* An officer's bytes are read for one command: no longer than it
	 * lives. What sounds goes on when the daemon dies. */
	if (!play && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	close_range(REPORT_FD + 1, ~0U, 0);
#if !defined(__SANITIZE_ADDRESS__)
	close(STDERR_FILENO); /* decoders chatter there */
#endif
	return cpu_limit(play);
}

static int
misused(void)
{
	log_error("usage: loaxa-source play OFFSET | decode | foreign DEMUXER; "
		  "loaxad and loaxa start this program, nobody else");
	return EX_USAGE;
}

/* A live source: no word of ours on its pipe, and only failure comes back. */
static int
tap(const char *kind, const char *what)
{
	int r =
	    strcmp(kind, "url") == 0 ? tap_exec_url(what) : tap_exec_line(what);

	log_error("%s: %s", strcmp(kind, "url") == 0 ? "ffmpeg" : "arecord",
	    strerror(-r));
	return EX_UNAVAILABLE;
}

int
main(int argc, char **argv)
{
	bool play = argc == 3 && strcmp(argv[1], "play") == 0;
	bool foreign = argc == 3 && strcmp(argv[1], "foreign") == 0;
	bool decode = argc == 2 && strcmp(argv[1], "decode") == 0;
	char *end = NULL;
	int64_t offset = 0;
	long cpu_s;

	log_name("loaxa-source");
	if (argc == 3 &&
	    (strcmp(argv[1], "url") == 0 || strcmp(argv[1], "line") == 0))
		return tap(argv[1], argv[2]);
	if (play)
		offset = strtoll(argv[2], &end, 10);
	if ((!play && !foreign && !decode) || offset < 0 ||
	    (play && (end == argv[2] || *end != '\0')) ||
	    (foreign && !foreign_known(argv[2])))
		return misused();
	signal(SIGPIPE, SIG_IGN);
	cpu_s = make_ready(play);
	if (cpu_s < 0 || (!foreign && sandbox_enter(cpu_s) < 0))
		_exit(fail("sandbox"));
	/* No exit handlers: they belong to the world outside. */
	_exit(foreign ? run_foreign(argv[2], cpu_s) : run(play, offset));
}
