/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "playout/foreign.h"
#include "playout/sandbox.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ANSWER_BYTES 32768 /* its list of tracks, and what it says of them */
#define WORDS_BYTES 65536
#define NOT_STARTED 127 /* a child's exit code, as a shell has it */
#define HOURS_MAX 10000 /* a container that says more says nothing */

/* What phones, dictaphones and messengers record with. Pictures are not
 * decoded, not even to look at them. */
#define FOREIGN_CODECS \
	"aac,aac_fixed,aac_latm,ac3,eac3,alac,amrnb,amrwb,ape,evrc,flac," \
	"g722,g726,g726le,gsm,gsm_ms,mp1float,mp2float,mp3float,mp1,mp2," \
	"mp3,opus,qcelp,sipr,speex,truespeech,vorbis,wavpack,wmav1,wmav2," \
	"wmalossless,wmapro,wmavoice,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms," \
	"adpcm_yamaha,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le," \
	"pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le," \
	"pcm_f32be,pcm_f64le,pcm_f64be"

/* The same descriptor again, so that ffmpeg can seek in it: its pipe: does
 * not. The walls let it open no other file. */
#define FOREIGN_INPUT "file:/proc/self/fd/0"

/* No settings of anybody's home, plain words. */
static char *const environment[] = { "LC_ALL=C", "MALLOC_ARENA_MAX=1",
	"AV_LOG_FORCE_NOCOLOR=1", NULL };

bool
foreign_known(const char *demuxer)
{
	static const char *const known[] = { "aac", "aiff", "amr", "asf", "avi",
		"caf", "matroska", "mov", "ogg" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(demuxer, known[i]) == 0)
			return true;
	return false;
}

/* What it said ----------------------------------------------------------- */

/* What follows `word` when the line begins with it, or NULL. */
static const char *
after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 ? line + n : NULL;
}

/* "00:12:34.56, start: ..." in seconds; -1 when it is not said, or is so much
 * that it cannot be. */
static double
seconds_of(const char *text)
{
	int h, m;
	double s;

	if (sscanf(text, "%d:%d:%lf", &h, &m, &s) != 3 || h < 0 ||
	    h > HOURS_MAX || m < 0 || !(s >= 0))
		return -1;
	return h * 3600.0 + m * 60 + s;
}

/* "#codec_id 0: aac" and its like, a group for each track with sound. */
static void
read_track(const char *rest, struct foreign_facts *f, int *track)
{
	char key[32], value[64];
	int n;

	if (sscanf(rest, "%31s %d: %63s", key, &n, value) != 3)
		return;
	if (strcmp(key, "codec_id") == 0 && strcmp(value, "none") != 0) {
		f->sounds++;
		if (*track < 0)
			*track = n;
	}
	if (n != *track)
		return;
	f->track = n;
	if (strcmp(key, "sample_rate") == 0)
		f->rate = atoi(value);
	if (strcmp(key, "channel_layout_name") == 0)
		f->channels = strcmp(value, "mono") == 0 ? 1 : 2;
}

/* Its own lines, and ffmpeg's for people where it has no others. */
static void
read_line(const char *line, struct foreign_facts *f, int *track, double *ret_s)
{
	const char *rest = after(line, "#");

	if (rest != NULL)
		read_track(rest, f, track);
	else if ((rest = after(line, "  Duration: ")) != NULL)
		*ret_s = seconds_of(rest);
	else if (after(line, "  Stream #0:") != NULL &&
		 strstr(line, ": Video: ") != NULL &&
		 strstr(line, "(attached pic)") == NULL)
		f->pictures = true;
	else if (strstr(line, "Estimating duration from bitrate") != NULL)
		f->guessed = true;
	else if (strstr(line, "matches no streams") != NULL)
		f->mute = true;
	else if (strstr(line, "moov atom not found") != NULL)
		f->unfinished = true;
}

void
foreign_read(const char *text, struct foreign_facts *ret_facts)
{
	struct foreign_facts f = { .channels = 2, .frames = -1 };
	double seconds = -1;
	int track = -1;

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)n, p);
		read_line(line, &f, &track, &seconds);
		p += n + (p[n] == '\n');
	}
	if (seconds >= 0)
		f.frames = (int64_t)(seconds * f.rate);
	*ret_facts = f;
}

/* The program ------------------------------------------------------------ */

static void
program_path(char path[static PATH_MAX])
{
	const char *other = getenv("LOAXA_FFMPEG");

	snprintf(path, PATH_MAX, "%s",
	    other != NULL && other[0] != '\0' ? other : FOREIGN_PROGRAM);
}

/* In the child: never returns. */
static void
become(char *const argv[], int item, int sound, int words, long cpu_s)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    (item != STDIN_FILENO && dup2(item, STDIN_FILENO) < 0) ||
	    dup2(sound, STDOUT_FILENO) < 0 || dup2(words, STDERR_FILENO) < 0)
		_exit(NOT_STARTED);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	signal(SIGPIPE, SIG_DFL);
	if (sandbox_enter_program(argv[0], cpu_s) < 0)
		_exit(NOT_STARTED);
	execve(argv[0], argv, environment);
	_exit(NOT_STARTED);
}

/* Runs it with a pipe for what it prints, and one for its complaints; the
 * same one when ret_words is NULL. */
static int
run(char *const argv[], int item, long cpu_s, pid_t *ret_pid, int *ret_sound,
    int *ret_words)
{
	int out[2], words[2];
	pid_t pid;

	if (access(argv[0], X_OK) < 0)
		return -ENOENT;
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	/* It must not wait for anybody to read its complaints. */
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(out[0]);
		close(out[1]);
		return -EMFILE;
	}
	pid = fork();
	if (pid == 0)
		become(argv, item, out[1],
		    ret_words == NULL ? out[1] : words[1], cpu_s);
	close(out[1]);
	close(words[1]);
	if (pid < 0 || ret_words == NULL)
		close(words[0]);
	if (pid < 0) {
		close(out[0]);
		return -EAGAIN;
	}
	*ret_pid = pid;
	*ret_sound = out[0];
	if (ret_words != NULL)
		*ret_words = words[0];
	return 0;
}

/* Its exit code; 255 when it was ended. */
static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 255;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* All that comes, as far as there is room; the rest is thrown away. */
static void
read_all(int fd, char *buf, size_t size)
{
	char rest[4096];
	size_t n = 0;

	for (;;) {
		bool full = n + 1 >= size;
		ssize_t got = full ? read(fd, rest, sizeof(rest))
				   : read(fd, buf + n, size - 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += full ? 0 : (size_t)got;
	}
	buf[n] = '\0';
}

/* Both runs begin alike. */
#define OPEN_INPUT(demuxer) \
	"-threads", "1", "-protocol_whitelist", "file", "-codec_whitelist", \
	    FOREIGN_CODECS, "-f", (char *)(demuxer), "-i", FOREIGN_INPUT

/* It copies nothing into a muxer that begins with a list of its tracks. */
int
foreign_probe(
    int fd, const char *demuxer, long cpu_s, struct foreign_facts *ret_facts)
{
	static char text[ANSWER_BYTES];
	char path[PATH_MAX];
	char *argv[] = { path, "-hide_banner", "-nostdin", "-nostats", "-v",
		"info", OPEN_INPUT(demuxer), "-map", "0:a", "-c", "copy",
		"-frames:a", "0", "-f", "framecrc", "pipe:1", NULL };
	pid_t pid;
	int out;
	int r;

	program_path(path);
	r = run(argv, fd, cpu_s, &pid, &out, NULL);
	if (r < 0)
		return r;
	read_all(out, text, sizeof(text));
	close(out);
	r = wait_for(pid);
	if (r == NOT_STARTED)
		return -EPERM;
	foreign_read(text, ret_facts);
	return r != 0 || ret_facts->rate <= 0 ? -EINVAL : 0;
}

int
foreign_start(int fd, const char *demuxer, long cpu_s,
    const struct foreign_facts *facts, struct foreign *ret_foreign)
{
	char path[PATH_MAX], map[16], rate[16], channels[16];
	char *argv[] = { path, "-hide_banner", "-nostdin", "-nostats", "-v",
		"error", "-filter_threads", "1", "-max_error_rate", "0",
		OPEN_INPUT(demuxer), "-map", map, "-vn", "-sn", "-dn",
		"-map_metadata", "-1", "-ar", rate, "-ac", channels, "-c:a",
		"pcm_f32le", "-f", "f32le", "pipe:1", NULL };

	program_path(path);
	snprintf(map, sizeof(map), "0:a:%d", facts->track);
	snprintf(rate, sizeof(rate), "%d", facts->rate);
	snprintf(channels, sizeof(channels), "%d", facts->channels);
	return run(argv, fd, cpu_s, &ret_foreign->pid, &ret_foreign->sound,
	    &ret_foreign->words);
}

enum foreign_end
foreign_end(struct foreign *f)
{
	static char text[WORDS_BYTES];
	int code = wait_for(f->pid);

	read_all(f->words, text, sizeof(text));
	close(f->words);
	if (strstr(text, "ended prematurely") != NULL ||
	    strstr(text, "partial file") != NULL)
		return FOREIGN_SHORT;
	return code != 0 ? FOREIGN_DAMAGED : FOREIGN_WELL;
}
