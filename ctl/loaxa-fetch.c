/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-fetch URL FOLDER - gets files of a station's published tree by HTTP or
 * HTTPS, for `loaxa collect`: what talks to the network is a process of its own
 * and has no key. Whoever reads the files believes none of them.
 *
 * Standard input: a line a file, its name below the URL, a space, and the most
 * bytes that it may have. Standard output: "ok", "absent", or what was wrong.
 * What was broken off is gone on with (FOLDER/NAME.part); a tile that is there
 * is not asked for again, for it never changes (C2SP tlog-tiles v0.1.0).
 */
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"

#define CONNECT_S 20L
#define STALLED_S 30L /* without a byte a second */
#define LONGEST_S 600L /* of one file */

struct fetching {
	CURL *curl;
	const char *url;
	const char *folder;
	char error[CURL_ERROR_SIZE];
	FILE *part;
	curl_off_t had; /* of it, from an earlier time */
	curl_off_t most;
	curl_off_t got;
};

static size_t
on_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	struct fetching *f = arg;
	long code = 0;

	/* A server that does not go on begins anew. */
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
	if (f->had > 0 && code == 200) {
		if (ftruncate(fileno(f->part), 0) < 0)
			return 0;
		rewind(f->part);
		f->had = 0;
	}
	/* What an error says is no file. */
	if (code >= 300)
		return size * n;
	f->got += (curl_off_t)(size * n);
	if (f->had + f->got > f->most)
		return 0;
	return fwrite(bytes, size, n, f->part) == n ? size * n : 0;
}

/* The folder of a path, made. */
static int
make_folder(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	return disk_folders(folder);
}

/* NULL: the answer is in *ret_code; else what is wrong. */
static const char *
ask(struct fetching *f, const char *name, long *ret_code)
{
	char url[PATH_MAX];
	CURLcode r;

	if (snprintf(url, sizeof(url), "%s/%s", f->url, name) >=
	    (int)sizeof(url))
		return "the address is too long";
	f->got = 0;
	f->error[0] = '\0';
	curl_easy_setopt(f->curl, CURLOPT_URL, url);
	curl_easy_setopt(f->curl, CURLOPT_RESUME_FROM_LARGE, f->had);
	r = curl_easy_perform(f->curl);
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, ret_code);
	if (r == CURLE_OK || *ret_code == 416)
		return NULL;
	if (f->had + f->got > f->most)
		return "it is longer than it may be";
	return f->error[0] == '\0' ? curl_easy_strerror(r) : f->error;
}

/* Whole and under its name: "ok". */
static const char *
keep(struct fetching *f, const char *part, const char *path)
{
	bool bad = fflush(f->part) != 0 || ferror(f->part);

	return bad || rename(part, path) < 0 ? strerror(errno) : "ok";
}

static const char *
fetch_into(
    struct fetching *f, const char *name, const char *part, const char *path)
{
	const char *why;
	long code = 0;

	f->part = fopen(part, "ae");
	if (f->part == NULL)
		return strerror(errno);
	fseeko(f->part, 0, SEEK_END);
	f->had = ftello(f->part);
	why = ask(f, name, &code);
	if (why == NULL && (code == 404 || code == 410))
		why = "absent";
	else if (why == NULL && code == 416)
		why = "it changed while it was fetched; try again";
	else if (why == NULL && code != 200 && code != 206) {
		snprintf(f->error, sizeof(f->error), "HTTP %ld", code);
		why = f->error;
	}
	if (why == NULL)
		why = keep(f, part, path);
	fclose(f->part);
	/* Only what a cut link left is gone on with. */
	if (code >= 300 || f->had + f->got > f->most)
		unlink(part);
	return why;
}

/* A folder in which nothing has come is not left behind. */
static void
leave_folder(char *path)
{
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static const char *
fetch(struct fetching *f, const char *name)
{
	char path[PATH_MAX];
	char part[PATH_MAX + 8];
	bool tile = strstr(name, "tile/") != NULL;
	const char *why;

	if (name[0] == '/' || strstr(name, "..") != NULL ||
	    snprintf(path, sizeof(path), "%s/%s", f->folder, name) >=
		(int)sizeof(path))
		return "no such name";
	if (tile && access(path, F_OK) == 0)
		return "ok";
	if (make_folder(path) < 0)
		return strerror(errno);
	snprintf(part, sizeof(part), "%s.part", path);
	if (!tile)
		unlink(part);
	why = fetch_into(f, name, part, path);
	if (strcmp(why, "ok") != 0)
		leave_folder(path);
	return why;
}

static int
set_up(struct fetching *f)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	f->curl = curl_easy_init();
	if (f->curl == NULL)
		return -ENOMEM;
	curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(f->curl, CURLOPT_USERAGENT, "loaxa/" LOAXA_VERSION);
	curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(f->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_TIME, STALLED_S);
	curl_easy_setopt(f->curl, CURLOPT_TIMEOUT, LONGEST_S);
	curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, f->error);
	curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, f);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct fetching f;
	char line[PATH_MAX];
	char name[PATH_MAX];
	long long most;

	if (argc != 3) {
		fprintf(stderr, "usage: loaxa-fetch URL FOLDER\n");
		return 64;
	}
	f.url = argv[1];
	f.folder = argv[2];
	if (set_up(&f) < 0)
		return 71;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%4000s %lld", name, &most) != 2)
			return 64;
		f.most = most;
		printf("%s\n", fetch(&f, name));
	}
	curl_easy_cleanup(f.curl);
	return 0;
}
