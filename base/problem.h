/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * problem - what is wrong with a file, all of it, in the user's language.
 *
 * A line reads `file:line: what is wrong; what to write instead`. Readers
 * collect every problem and are then all or nothing.
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stddef.h>

#define PROBLEMS_MAX 1000 /* more than anyone will read; then "and more" */

struct problem {
	char *file; /* as the user knows it */
	int line; /* 1 and up; 0 when it belongs to no line */
	char *text; /* one line, in the user's language */
};

/* A plain growing list; start it as { 0 }, end it with problems_free(). */
struct problems {
	struct problem *list;
	size_t n;
	size_t hidden; /* beyond PROBLEMS_MAX, or out of memory */
};

/* Copies everything. Control characters and bytes that are no UTF-8 become
 * '?' in the result. */
void problem_add(struct problems *ps, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Problems found, shown or hidden. 0 means clean. */
size_t problems_count(const struct problems *ps);

/* Sorts by file, then line; stable for equal lines. */
void problems_sort(struct problems *ps);

/* "file:line: text" into buf, always terminated and never with half a
 * letter at its end. Returns buf. */
const char *problem_text(const struct problem *p, char *buf, size_t size);

/* Empties it; the struct may be used again. */
void problems_free(struct problems *ps);

#endif
