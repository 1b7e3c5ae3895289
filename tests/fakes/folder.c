/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/fakes/folder.h"

void
folder_make(struct folder *f)
{
	strcpy(f->path, "/tmp/loaxa-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
}

void
folder_write_bytes(
    const struct folder *f, const char *name, const void *bytes, size_t n)
{
	char path[512];
	char *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	for (slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

void
folder_write(const struct folder *f, const char *name, const char *text)
{
	folder_write_bytes(f, name, text, strlen(text));
}

char *
folder_slurp(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	if (f == NULL)
		fail_msg("%s: cannot be read; run the test at the top of the "
			 "tree",
		    path);
	n = getdelim(&text, &room, EOF, f);
	fclose(f);
	assert_true(n > 0);
	if (ret_n != NULL)
		*ret_n = (size_t)n;
	return text;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
folder_remove(struct folder *f)
{
	nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
problems_said(struct problems *ps)
{
	static char said[100000];
	size_t n = 0;

	said[0] = '\0';
	for (size_t i = 0; i < ps->n && n < sizeof(said) - 2000; i++) {
		problem_text(&ps->list[i], said + n, 1900);
		n += strlen(said + n);
		said[n++] = '\n';
		said[n] = '\0';
	}
	problems_free(ps);
	return said;
}

void
expect_said(const char *when, struct problems *ps, const char *wanted)
{
	const char *said = problems_said(ps);

	if (strcmp(said, wanted) != 0)
		fail_msg(
		    "%s\n--- said:\n%s--- wanted:\n%s", when, said, wanted);
}
