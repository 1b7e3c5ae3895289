/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child.h"
#include "base/disk.h"
#include "ctl/keyring.h"
#include "ctl/pull.h"
#include "evidence/seal.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"

#define END_MS 2000

struct pull {
	const struct collector *c;
	struct child child;
	FILE *to;
	FILE *from;
	const char *folder;
	bool whole;
	char *why;
	size_t size;
};

bool
pull_is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 ||
	       strncmp(text, "https://", 8) == 0;
}

static int
start(struct pull *p, const char *libexec, const char *url)
{
	char program[PATH_MAX];
	char *argv[] = { program, (char *)url, (char *)p->folder, NULL };
	int ends[2];
	int r;

	if (snprintf(program, sizeof(program), "%s/loaxa-fetch", libexec) >=
	    (int)sizeof(program))
		return -ENAMETOOLONG;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	r = child_start(argv,
	    (struct child_fd[]){
		{ ends[1], STDIN_FILENO }, { ends[1], STDOUT_FILENO } },
	    2, &p->child);
	close(ends[1]);
	if (r == 0) {
		p->from = fdopen(ends[0], "r");
		p->to = fdopen(fcntl(ends[0], F_DUPFD_CLOEXEC, 3), "w");
	}
	return r < 0 || (p->to != NULL && p->from != NULL) ? r : -ENOMEM;
}

static void
end(struct pull *p)
{
	if (p->to != NULL)
		fclose(p->to);
	if (p->from != NULL)
		fclose(p->from);
	child_end(&p->child, END_MS);
}

/* -ENOENT: it is not there; -EIO with why. */
static int
get(struct pull *p, const char *name, int64_t most)
{
	char line[512];

	if (fprintf(p->to, "%s %" PRId64 "\n", name, most) < 0 ||
	    fflush(p->to) != 0 || fgets(line, sizeof(line), p->from) == NULL) {
		snprintf(p->why, p->size, "loaxa-fetch has ended");
		return -EIO;
	}
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "ok") == 0)
		return 0;
	if (strcmp(line, "absent") == 0)
		return -ENOENT;
	snprintf(p->why, p->size, "%s: %.300s", name, line);
	return -EIO;
}

/* What stands in the checkpoint that came; nothing of it is believed. */
static int
read_checkpoint(const struct pull *p, int n, struct checkpoint *ret)
{
	char path[PATH_MAX];
	size_t text, len;
	char *note;
	int r;

	snprintf(
	    path, sizeof(path), "%.4000s/v%d/" SEAL_PUBLISHED, p->folder, n);
	r = keyring_slurp(path, COLLECT_NOTE_MAX, &note, &len);
	if (r < 0)
		return r;
	r = note_text(note, len, &text);
	if (r == 0)
		r = checkpoint_read(note, text, ret);
	free(note);
	return r;
}

/* A part of a bundle may be gone once the full one is there. */
static int
get_bundle(struct pull *p, int n, int64_t i, int64_t size)
{
	int width = tile_width(TILE_ENTRIES, i, size);
	char path[TILE_PATH];
	char name[TILE_PATH + 16];
	int r;

	snprintf(name, sizeof(name), "v%d/%s", n,
	    tile_path(TILE_ENTRIES, i, width, path));
	r = get(p, name, TILE_BYTES_MAX);
	if (r != -ENOENT || width == TILE_WIDTH)
		return r;
	snprintf(name, sizeof(name), "v%d/%s", n,
	    tile_path(TILE_ENTRIES, i, TILE_WIDTH, path));
	return get(p, name, TILE_BYTES_MAX);
}

static int
get_tree(struct pull *p, int n)
{
	struct checkpoint c;
	char name[64];
	int64_t had = 0;
	int64_t last;
	int r;

	snprintf(name, sizeof(name), "v%d/" SEAL_PUBLISHED, n);
	r = get(p, name, COLLECT_NOTE_MAX);
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "v%d/" SEAL_VKEY, n);
	r = get(p, name, NOTE_VKEY);
	if (r < 0 && r != -ENOENT)
		return r;
	/* What it is, and whose, collect_folder() says. */
	if (read_checkpoint(p, n, &c) < 0 || c.size < 1 ||
	    c.size > COLLECT_LEAVES_MAX)
		return 0;
	last = (c.size - 1) / TILE_WIDTH;
	r = collect_had(p->c, c.origin, &had);
	/* Of a stranger the first records are enough to name it. */
	if (r == -ENOENT)
		return get_bundle(p, n, 0, c.size) == -EIO ? -EIO : 0;
	if (r == 0 && had >= c.size && !p->whole)
		return 0;
	r = 0;
	for (int64_t i = p->whole ? 0 : had / TILE_WIDTH; r == 0 && i <= last;
	     i++)
		r = get_bundle(p, n, i, c.size);
	/* That one is missing, collect_folder() says better. */
	return r == -ENOENT ? 0 : r;
}

int
pull_station(const struct collector *c, const char *libexec, const char *url,
    const char *folder, bool whole, char *why, size_t size)
{
	struct pull p = { .c = c,
		.child = CHILD_NONE,
		.folder = folder,
		.whole = whole,
		.why = why,
		.size = size };
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	int r = disk_folders(folder);
	int n = 0;

	if (r == 0)
		r = start(&p, libexec, url);
	while (r == 0 && n < TREES_MAX)
		r = get_tree(&p, ++n);
	end(&p);
	signal(SIGPIPE, before);
	/* Behind the last one. */
	return r == -ENOENT && n > 1 ? 0 : r;
}
