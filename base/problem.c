/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/problem.h"
#include "base/text.h"

#define ROOM 24 /* for dots, a line's number, signs between and a NUL */

/* What a terminal or a JSON text cannot take becomes '?': control characters
 * and bytes that are no UTF-8, such as half a character that was cut off. */
static void
make_printable(char *s)
{
	const uint8_t *bad;

	while ((bad = u8_check((uint8_t *)s, strlen(s))) != NULL)
		s[bad - (uint8_t *)s] = '?';
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

void
problem_add(
    struct problems *ps, const char *file, int line, const char *fmt, ...)
{
	struct problem *grown;
	struct problem p = { .line = line };
	va_list ap;
	int n;

	if (ps->n >= PROBLEMS_MAX)
		goto hide;
	grown = realloc(ps->list, (ps->n + 1) * sizeof(*grown));
	if (grown == NULL)
		goto hide;
	ps->list = grown;
	va_start(ap, fmt);
	n = vasprintf(&p.text, fmt, ap);
	va_end(ap);
	if (n < 0)
		goto hide;
	p.file = strdup(file);
	if (p.file == NULL) {
		free(p.text);
		goto hide;
	}
	make_printable(p.text);
	make_printable(p.file);
	ps->list[ps->n++] = p;
	return;
hide:
	ps->hidden++;
}

size_t
problems_count(const struct problems *ps)
{
	return ps->n + ps->hidden;
}

static int
before(const struct problem *a, const struct problem *b)
{
	int c = strcmp(a->file, b->file);

	return c != 0 ? c : a->line - b->line;
}

void
problems_sort(struct problems *ps)
{
	for (size_t i = 1; i < ps->n; i++) {
		struct problem p = ps->list[i];
		size_t j = i;

		for (; j > 0 && before(&ps->list[j - 1], &p) > 0; j--)
			ps->list[j] = ps->list[j - 1];
		ps->list[j] = p;
	}
}

const char *
problem_text(const struct problem *p, char *buf, size_t size)
{
	const char *file = p->file;
	const char *dots = "";
	size_t n = strlen(file);
	size_t room =
	    size > strlen(p->text) + ROOM ? size - strlen(p->text) - ROOM : 0;

	/* The end of a name tells more than its folders; what is wrong tells
	 * more than either. */
	if (n > room && room > ROOM) {
		file += n - room;
		while (((unsigned char)*file & 0xc0) == 0x80)
			file++;
		dots = "...";
	}
	if (p->line > 0)
		snprintf(
		    buf, size, "%s%s:%d: %s", dots, file, p->line, p->text);
	else
		snprintf(buf, size, "%s%s: %s", dots, file, p->text);
	text_trim(buf);
	return buf;
}

void
problems_free(struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->list[i].file);
		free(ps->list[i].text);
	}
	free(ps->list);
	*ps = (struct problems){ 0 };
}
