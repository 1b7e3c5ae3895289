/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/text.h"
#include "playout/tap.h"

#define PIPE_BYTES (64 * 1024) /* a third of a second: it is drained at once */
#define READS_MAX 16 /* of its words, at once */

struct tap {
	struct child child;
	int sound;
	int words; /* its standard error; also closed when it ends */
	bool ended;
	char *url; /* is not told: it may hold a password */
	char line[600]; /* being read */
	size_t n;
	char last[100];
};

static int
spawn(struct tap *t, const char *libexec, const struct tap_setup *setup,
    int sound, int words)
{
	char path[4096];
	bool line = setup->line[0] != '\0';
	char *argv[] = { path, line ? "line" : "url",
		(char *)(line ? setup->line : setup->url), NULL };

	if (snprintf(path, sizeof(path), "%s/loaxa-source", libexec) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return child_start(argv,
	    (const struct child_fd[]){ { -1, STDIN_FILENO },
		{ sound, STDOUT_FILENO }, { words, STDERR_FILENO } },
	    3, &t->child);
}

int
tap_start(
    const char *libexec, const struct tap_setup *setup, struct tap **ret_tap)
{
	struct tap *t = calloc(1, sizeof(*t));
	int sound[2] = { -1, -1 }, words[2] = { -1, -1 };
	int r;

	if (t == NULL)
		return -ENOMEM;
	t->child = CHILD_NONE;
	t->sound = t->words = -1;
	t->url = strdup(setup->url);
	if (t->url == NULL) {
		tap_free(t);
		return -ENOMEM;
	}
	if (pipe2(sound, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0) {
		r = -errno;
		goto out;
	}
	(void)fcntl(sound[1], F_SETPIPE_SZ, PIPE_BYTES);
	fcntl(words[0], F_SETFL, O_NONBLOCK);
	r = spawn(t, libexec, setup, sound[1], words[1]);
out:
	t->sound = sound[0];
	t->words = words[0];
	if (sound[1] >= 0)
		close(sound[1]);
	if (words[1] >= 0)
		close(words[1]);
	if (r < 0)
		tap_free(t);
	else
		*ret_tap = t;
	return r;
}

int
tap_sound(const struct tap *t)
{
	return t->sound;
}

int
tap_take_sound(struct tap *t)
{
	int fd = t->sound;

	t->sound = -1;
	return fd;
}

int
tap_fd(const struct tap *t)
{
	return t->words;
}

bool
tap_gives(const struct tap *t)
{
	struct pollfd p = { .fd = t->sound, .events = POLLIN };

	return t->sound >= 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN) != 0;
}

/* "[tcp @ 0x5566] ..." of ffmpeg and "arecord: pcm_read:2221: ..." without
 * their heads, which only their makers understand. */
static const char *
without_head(const char *said)
{
	const char *end = said[0] == '[' ? strstr(said, "] ") : NULL;
	int n = 0;

	if (end != NULL)
		return end + 2;
	(void)sscanf(said, "arecord: %*[a-z_0-9]:%*[0-9]: %n", &n);
	return said + n;
}

/* Nor "ADDRESS: ..."; nothing where the address stands elsewhere. */
static const char *
without_address(const struct tap *t, const char *said)
{
	size_t n = strlen(t->url);

	if (n > 0 && strncmp(said, t->url, n) == 0 && said[n] == ':')
		said += n + 1 + (said[n + 1] == ' ');
	return n > 0 && strstr(said, t->url) != NULL ? "" : said;
}

/* What it says comes from outside: it is kept short, and printable. */
static void
keep_line(struct tap *t)
{
	const char *said = t->line;

	t->line[t->n] = '\0';
	for (size_t i = 0; i < t->n; i++)
		if ((unsigned char)t->line[i] < ' ' || t->line[i] == 0x7f)
			t->line[i] = ' ';
	said = without_address(t, without_head(said));
	if (said[strspn(said, " ")] != '\0' &&
	    text_is_utf8(said, strlen(said))) {
		snprintf(t->last, sizeof(t->last), "%.*s",
		    (int)sizeof(t->last) - 1, said);
		text_trim(t->last);
	}
	t->n = 0;
}

static void
take_words(struct tap *t, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			keep_line(t);
		else if (t->n + 1 < sizeof(t->line))
			t->line[t->n++] = bytes[i];
	}
}

bool
tap_ended(struct tap *t)
{
	char bytes[512];

	for (int i = 0; i < READS_MAX && !t->ended; i++) {
		ssize_t n = read(t->words, bytes, sizeof(bytes));

		if (n > 0)
			take_words(t, bytes, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			t->ended = true;
		else
			break;
	}
	if (t->ended && t->n > 0)
		keep_line(t);
	if (t->ended && t->words >= 0) {
		close(t->words);
		t->words = -1;
	}
	child_reap(&t->child);
	return t->ended;
}

const char *
tap_words(const struct tap *t)
{
	return t->last;
}

struct tap *
tap_free(struct tap *t)
{
	if (t == NULL)
		return NULL;
	if (t->sound >= 0)
		close(t->sound);
	if (t->words >= 0)
		close(t->words);
	child_kill(&t->child);
	child_end(&t->child, 0);
	free(t->url);
	free(t);
	return NULL;
}
