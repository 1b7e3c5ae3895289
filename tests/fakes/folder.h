/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder - a temporary folder of text files, as a test writes them, and what
 * a reader said about them.
 */
#ifndef TESTS_FAKES_FOLDER_H
#define TESTS_FAKES_FOLDER_H

#include <stddef.h>

#include "base/problem.h"

struct folder {
	char path[64];
};

/* Makes an empty one; fails the test when it cannot. */
void folder_make(struct folder *f);

/* Writes a file below it, making the folders it lies in. */
void folder_write(const struct folder *f, const char *name, const char *text);
void folder_write_bytes(
    const struct folder *f, const char *name, const void *bytes, size_t n);

/* The whole of any file, with a NUL behind it; yours. ret_n may be NULL. */
char *folder_slurp(const char *path, size_t *ret_n);

/* Removes it and everything in it. */
void folder_remove(struct folder *f);

/* The problems, a line each; empties ps. Valid until the next call. */
const char *problems_said(struct problems *ps);

/* Fails the test, with both texts, unless they are the same. */
void expect_said(const char *when, struct problems *ps, const char *wanted);

#endif
