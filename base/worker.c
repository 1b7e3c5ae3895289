/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/worker.h"

#define REPORT_FD 3
#define LINES_MAX 100 /* of a report; an honest one has four */

struct worker {
	struct child child;
	int sound;
	int report;
	char line[256];
	size_t n; /* of line */
	int lines;
	struct worker_state state;
};

static void
fail(struct worker_state *s, const char *word)
{
	if (s->failed || s->done)
		return;
	s->failed = true;
	snprintf(s->word, sizeof(s->word), "%s", word);
}

static void
read_format(struct worker_state *s, const char *rest)
{
	int64_t frames;
	int channels;
	int rate;

	/* Once: whoever asked has made room for this many channels. */
	if (s->has_format ||
	    sscanf(rest, "%d %d %" SCNd64, &rate, &channels, &frames) != 3 ||
	    rate <= 0 || channels <= 0) {
		fail(s, "garbled");
		return;
	}
	s->rate = rate;
	s->channels = channels;
	s->stated_frames = frames <= WORKER_FRAMES_MAX ? frames : -1;
	s->has_format = true;
}

static void
read_done(struct worker_state *s, const char *rest)
{
	char hex[HASH_HEX];
	int64_t frames;

	if (sscanf(rest, "%" SCNd64 " %64s", &frames, hex) != 2 || frames < 0 ||
	    frames > WORKER_FRAMES_MAX || !hash_is_hex(hex)) {
		fail(s, "garbled");
		return;
	}
	if (s->failed)
		return;
	s->frames = frames;
	memcpy(s->hash_after, hex, HASH_HEX);
	s->done = true;
}

static void
read_hash(struct worker_state *s, const char *rest)
{
	if (s->hash[0] == '\0' && hash_is_hex(rest))
		memcpy(s->hash, rest, HASH_HEX);
	else
		fail(s, "garbled");
}

/* What follows `word` and a space, or NULL. */
static const char *
after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 ? line + n : NULL;
}

/* It is shown to people. */
static bool
is_word(const char *s)
{
	return s[0] != '\0' &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0';
}

static void
read_line(struct worker_state *s, const char *line)
{
	const char *rest;

	if ((rest = after(line, "hash ")) != NULL)
		read_hash(s, rest);
	else if ((rest = after(line, "format ")) != NULL)
		read_format(s, rest);
	else if ((rest = after(line, "done ")) != NULL)
		read_done(s, rest);
	else if ((rest = after(line, "error ")) != NULL)
		fail(s, is_word(rest) ? rest : "garbled");
	else if ((rest = after(line, "tracks ")) != NULL)
		s->tracks = atoi(rest);
	else if (strcmp(line, "cut") == 0)
		s->cut = true;
	else if (strcmp(line, "damaged") == 0)
		s->damaged = true;
	else
		fail(s, "garbled");
}

/* Takes the whole lines out of what has been read. */
static void
read_lines(struct worker *w)
{
	char *end;

	while ((end = memchr(w->line, '\n', w->n)) != NULL) {
		*end = '\0';
		if (++w->lines > LINES_MAX)
			fail(&w->state, "garbled");
		read_line(&w->state, w->line);
		w->n -= (size_t)(end + 1 - w->line);
		memmove(w->line, end + 1, w->n);
	}
	if (w->n == sizeof(w->line)) {
		fail(&w->state, "garbled");
		w->lines++;
		w->n = 0;
	}
}

static int
open_pipes(struct worker *w, int ret_theirs[static 2])
{
	int sound[2], report[2];

	if (pipe2(sound, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(report, O_CLOEXEC) < 0) {
		int e = errno;

		close(sound[0]);
		close(sound[1]);
		return -e;
	}
	/* A smaller pipe works too. */
	(void)fcntl(sound[1], F_SETPIPE_SZ, WORKER_PIPE_BYTES);
	fcntl(report[0], F_SETFL, O_NONBLOCK);
	w->sound = sound[0];
	w->report = report[0];
	ret_theirs[0] = sound[1];
	ret_theirs[1] = report[1];
	return 0;
}

/* `what` belongs to the verb; NULL for nothing. */
static int
spawn(struct worker *w, const char *libexec, int item_fd, const char *verb,
    const char *what)
{
	char path[4096];
	char *argv[] = { path, (char *)verb, (char *)what, NULL };
	int theirs[2] = { -1, -1 };
	int r;

	if (snprintf(path, sizeof(path), "%s/loaxa-source", libexec) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = open_pipes(w, theirs);
	if (r < 0)
		return r;
	r = child_start(argv,
	    (const struct child_fd[]){ { item_fd, STDIN_FILENO },
		{ theirs[0], STDOUT_FILENO }, { theirs[1], REPORT_FD } },
	    3, &w->child);
	close(theirs[0]);
	close(theirs[1]);
	return r;
}

static int
start(const char *libexec, int item_fd, const char *verb, const char *what,
    struct worker **ret_worker)
{
	struct worker *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return -ENOMEM;
	w->child = CHILD_NONE;
	w->sound = -1;
	w->report = -1;
	r = spawn(w, libexec, item_fd, verb, what);
	if (r < 0) {
		worker_free(w);
		return r;
	}
	*ret_worker = w;
	return 0;
}

int
worker_start(const char *libexec, int item_fd, int64_t offset,
    struct worker **ret_worker)
{
	char from[24];

	snprintf(from, sizeof(from), "%" PRId64, offset);
	return offset >= 0
		   ? start(libexec, item_fd, "play", from, ret_worker)
		   : start(libexec, item_fd, "decode", NULL, ret_worker);
}

int
worker_start_foreign(const char *libexec, int item_fd, const char *demuxer,
    struct worker **ret_worker)
{
	return start(libexec, item_fd, "foreign", demuxer, ret_worker);
}

int
worker_sound(const struct worker *w)
{
	return w->sound;
}

int
worker_take_sound(struct worker *w)
{
	int fd = w->sound;

	w->sound = -1;
	return fd;
}

int
worker_report_fd(const struct worker *w)
{
	return w->report;
}

const struct worker_state *
worker_see(struct worker *w)
{
	ssize_t n = -1;

	while (!w->state.ended) {
		n = read(w->report, w->line + w->n, sizeof(w->line) - w->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		w->n += (size_t)n;
		read_lines(w);
		/* It might write without end. */
		if (strcmp(w->state.word, "garbled") == 0 ||
		    w->lines > LINES_MAX) {
			child_kill(&w->child);
			n = 0;
			break;
		}
	}
	/* Its report closes when it ends, or is no longer read when it is no
	 * report. */
	if (!w->state.ended && (n == 0 || errno != EAGAIN)) {
		w->state.ended = true;
		fail(&w->state, "silent");
	}
	child_reap(&w->child);
	return &w->state;
}

void
worker_kill(struct worker *w)
{
	child_kill(&w->child);
}

struct worker *
worker_free(struct worker *w)
{
	if (w == NULL)
		return NULL;
	if (w->sound >= 0)
		close(w->sound);
	if (w->report >= 0)
		close(w->report);
	child_end(&w->child, 0);
	free(w);
	return NULL;
}
