/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_hostile - takes files through the real intake, one after the other,
 * and says which of them broke a promise, for hostile.sh.
 *
 *	tool_hostile admit LIBEXEC ITEMS FILE...
 *	tool_hostile verify ITEMS
 *
 * `verify` looks at a whole library: every sound has its record and is what
 * it says, and nothing else lies there. `admit` empties it: for each file a line
 *	FILE <TAB> verdict <TAB> ms <TAB> cpu ms <TAB> why
 * where the verdict is "admitted", "refused" or "WRONG", and a last line
 *	worst <TAB> ms <TAB> cpu ms <TAB> MB
 * of all its decoders together. Files with an odd number (or no number) for a
 * name are admitted although they are broken off. What must hold is in
 * judge_refused() and judge_admitted(). Exit 1 when one is WRONG.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "intake/admit.h"
#include "playout/decode.h"

/* Of a decoder's processor time, and of its life when the machine has
 * nothing else to do. */
#define MS_MAX 20000
#define MB_MAX 256

static const char *libexec;
static const char *items;

/* Told of now and then: also what it is told must be reckoned soundly. */
static void
progress(void *arg, int64_t done_ms, int64_t total_ms)
{
	int64_t *told = arg;

	*told += done_ms + (total_ms > done_ms);
}

/* The name of something in the items' folder that is not of the item x, or
 * NULL. */
static const char *
left_behind(bool has_item)
{
	static char name[300];
	DIR *d = opendir(items);
	struct dirent *e;

	name[0] = '\0';
	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    !(has_item && (strcmp(e->d_name, "x.flac") == 0 ||
				      strcmp(e->d_name, "x.json") == 0)))
			snprintf(name, sizeof(name), "%s", e->d_name);
	if (d != NULL)
		closedir(d);
	return name[0] == '\0' ? NULL : name;
}

/* Frames in the stored sound, decoded to its end; -1 it is no item. */
static int64_t
count_frames(const char *path, const char *sha256, int channels)
{
	static int16_t pcm[2 * 4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct decode *d = NULL;
	char hex[HASH_HEX];
	int64_t frames = 0;
	int n;

	if (fd < 0 || hash_fd(fd, hex) < 0 || strcmp(hex, sha256) != 0 ||
	    decode_open(fd, &d) < 0 || !decode_format(d).own ||
	    decode_format(d).channels != channels)
		frames = -1;
	while (frames >= 0 && (n = decode_short(d, pcm, 4096)) != 0)
		frames = n < 0 ? -1 : frames + n;
	if (frames >= 0 && decode_cut(d))
		frames = -1;
	decode_close(d);
	if (fd >= 0)
		close(fd);
	return frames;
}

/* What is wrong with an admission, or NULL. */
static const char *
judge_admitted(const struct item *it)
{
	struct item *back = NULL;
	char path[4096];
	int64_t frames;

	if (left_behind(true) != NULL)
		return "it left something beside the item";
	if (item_read(items, "x", &back) < 0)
		return "its record cannot be read";
	snprintf(path, sizeof(path), "%s/x.flac", items);
	frames = count_frames(path, back->sha256, back->channels);
	if (frames != back->frames || it->frames != back->frames)
		return "its sound is not what its record says";
	if (back->title[0] == '\0' || back->source_name[0] == '\0')
		return "it has no name";
	item_free(back);
	return NULL;
}

/* For the next one. */
static void
empty_items(void)
{
	const char *name;
	char path[4096];

	while ((name = left_behind(false)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", items, name);
		if (unlink(path) < 0)
			return;
	}
}

/* How many times more there is to do than this machine can; 1 at least. */
static double
busy(void)
{
	double load;

	if (getloadavg(&load, 1) != 1)
		return 1;
	load /= (double)sysconf(_SC_NPROCESSORS_ONLN);
	return load > 1 ? load : 1;
}

static const char *
judge_refused(const struct problems *ps, int r)
{
	/* A decoder that did not get a turn for 20 s stands still. */
	if (r == -ENOMEM || r == -ENOSPC || (r == -EIO && busy() < 4))
		return "it is told as this computer's fault";
	if (ps->n == 0 || ps->list[0].text[0] == '\0')
		return "it is refused without a reason";
	if (strchr(ps->list[0].text, ';') == NULL)
		return "nobody is told what to do";
	if (left_behind(false) != NULL)
		return "a refused file left something behind";
	return NULL;
}

struct cost {
	int64_t ms;
	int64_t cpu_ms;
	int64_t mb;
};

static struct cost
children(void)
{
	struct rusage u;
	struct cost c;

	getrusage(RUSAGE_CHILDREN, &u);
	c.ms = clock_read().boot_us / US_PER_MS;
	c.cpu_ms = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
		   (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
	c.mb = u.ru_maxrss / 1024;
	return c;
}

/* What was killed may take a while to be gone when the machine is busy. */
static bool
has_children(void)
{
	for (int i = 0; i < 1000; i++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			return errno != ECHILD;
		if (pid == 0)
			usleep(10000);
	}
	return true;
}

static const char *
judge_cost(struct cost c)
{
	if ((double)c.ms > MS_MAX * busy() || c.cpu_ms > MS_MAX)
		return "a decoder lived for more than 20 s";
#if !defined(__SANITIZE_ADDRESS__)
	if (c.mb > MB_MAX)
		return "a decoder took more than 256 MB";
#endif
	if (has_children())
		return "a process outlived the admission";
	return NULL;
}

static bool
take(const char *path, struct cost *worst)
{
	const char *slash = strrchr(path, '/');
	int64_t told = 0;
	struct admit_setup s = {
		.libexec = libexec,
		.items = items,
		.id = "x",
		.again = true,
		.replace = true,
		.accept_cut = atoll(slash == NULL ? path : slash + 1) % 2 != 0,
		.now_us = INT64_C(1795687830000000),
		.progress = progress,
		.arg = &told,
	};
	struct problems ps = { 0 };
	struct item *it = NULL;
	struct cost before = children();
	int r = admit_file(&s, path, &ps, &it);
	struct cost c = children();
	const char *wrong;

	c.ms -= before.ms;
	c.cpu_ms -= before.cpu_ms;
	wrong = judge_cost(c);
	if (wrong == NULL)
		wrong = r < 0 ? judge_refused(&ps, r) : judge_admitted(it);
	printf("%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s%s%s\n", path,
	    wrong != NULL ? "WRONG"
	    : r < 0       ? "refused"
			  : "admitted",
	    c.ms, c.cpu_ms, wrong == NULL ? "" : wrong,
	    wrong == NULL || ps.n == 0 ? "" : ": ",
	    ps.n == 0 ? "" : ps.list[0].text);
	fflush(stdout);
	worst->ms = c.ms > worst->ms ? c.ms : worst->ms;
	worst->cpu_ms = c.cpu_ms > worst->cpu_ms ? c.cpu_ms : worst->cpu_ms;
	worst->mb = c.mb > worst->mb ? c.mb : worst->mb;
	item_free(it);
	problems_free(&ps);
	empty_items();
	return wrong == NULL;
}

static int
admit(int n, char **files)
{
	struct cost worst = { 0 };
	int bad = 0;

	/* What a decoder leaves behind comes to us, and is seen. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < n; i++)
		bad += !take(files[i], &worst);
	printf("worst\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", worst.ms,
	    worst.cpu_ms, worst.mb);
	return bad > 0;
}

static int
verify_item(void *arg, const char *id, const struct item *it)
{
	int *seen = arg;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.flac", items, id);
	if (it == NULL ||
	    it->frames != count_frames(path, it->sha256, it->channels)) {
		printf("%s is not what its record says\n", id);
		return 1;
	}
	++*seen;
	return 0;
}

static int
verify(void)
{
	DIR *d = opendir(items);
	int names = -2; /* . and .. */
	int seen = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		names++;
	closedir(d);
	if (item_each(items, verify_item, &seen) != 0)
		return 1;
	if (names != 2 * seen)
		printf("%d names for %d items\n", names, seen);
	return names != 2 * seen;
}

int
main(int argc, char **argv)
{
	words_open();
	if (argc == 3 && strcmp(argv[1], "verify") == 0) {
		items = argv[2];
		return verify();
	}
	if (argc > 4 && strcmp(argv[1], "admit") == 0) {
		libexec = argv[2];
		items = argv[3];
		return admit(argc - 4, argv + 4);
	}
	fprintf(stderr, "admit or verify: see tool_hostile.c\n");
	return 2;
}
