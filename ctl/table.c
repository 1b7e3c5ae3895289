/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/text.h"
#include "ctl/say.h"
#include "ctl/table.h"

#define GAP 2 /* columns between two cells */
#define ELASTIC_MIN 8 /* a cell narrower than this says nothing */
#define ELASTIC_FAIR 20 /* one narrower than this costs a spare column */
#define LEFT_OUT (-GAP) /* a column's width, with its gap none */

struct row {
	char **cells; /* NULL for a line across */
	char *line;
};

struct table {
	const struct column *columns;
	size_t n_columns;
	struct row *rows;
	size_t n_rows;
	size_t n_cells; /* rows that are no lines across */
};

struct table *
table_new(const struct column *columns, size_t n)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->columns = columns;
	t->n_columns = n;
	return t;
}

static void
row_free(struct row *r, size_t n)
{
	for (size_t i = 0; r->cells != NULL && i < n; i++)
		free(r->cells[i]);
	free(r->cells);
	free(r->line);
}

static int
add(struct table *t, struct row r)
{
	struct row *grown = realloc(t->rows, (t->n_rows + 1) * sizeof(*grown));

	if (grown == NULL) {
		row_free(&r, t->n_columns);
		return -ENOMEM;
	}
	t->rows = grown;
	t->rows[t->n_rows++] = r;
	return 0;
}

int
table_row(struct table *t, const char *const *cells)
{
	struct row r = { .cells = calloc(t->n_columns, sizeof(char *)) };

	if (r.cells == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_columns; i++) {
		r.cells[i] = say_safe(cells[i] == NULL ? "" : cells[i]);
		if (r.cells[i] == NULL) {
			row_free(&r, t->n_columns);
			return -ENOMEM;
		}
	}
	t->n_cells++;
	return add(t, r);
}

int
table_line(struct table *t, const char *text)
{
	struct row r = { .line = say_safe(text) };

	return r.line == NULL ? -ENOMEM : add(t, r);
}

size_t
table_rows(const struct table *t)
{
	return t->n_cells;
}

/* The bytes at the front of s that fit `width` columns. */
static size_t
fitting(const char *s, int width)
{
	const uint8_t *p = (const uint8_t *)s;
	const uint8_t *end = p;
	int used = 0;
	ucs4_t c;

	for (const uint8_t *q = u8_next(&c, p); q != NULL; q = u8_next(&c, q)) {
		int w = uc_width(c, "UTF-8");

		used += w > 0 ? w : 0;
		if (used > width)
			break;
		end = q;
	}
	return (size_t)(end - p);
}

char *
table_cut(const char *s, int width)
{
	size_t n = fitting(s, width - 1);
	char *out;

	if (text_width(s) <= width)
		return strdup(s);
	out = malloc(n + sizeof("…"));
	if (out == NULL)
		return NULL;
	memcpy(out, s, n);
	memcpy(out + n, width > 0 ? "…" : "", width > 0 ? sizeof("…") : 1);
	return out;
}

static void
natural_widths(const struct table *t, int *w)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		w[c] = text_width(t->columns[c].head);
		for (size_t r = 0; r < t->n_rows; r++) {
			int cell = t->rows[r].cells == NULL
				       ? 0
				       : text_width(t->rows[r].cells[c]);

			w[c] = cell > w[c] ? cell : w[c];
		}
	}
}

static int
total_of(const struct table *t, const int *w)
{
	int total = -GAP;

	for (size_t c = 0; c < t->n_columns; c++)
		total += w[c] + GAP;
	return total;
}

/* Takes from the widest elastic column until all fit, or each has `least`. */
static bool
shrink(const struct table *t, int *w, int width, int least)
{
	for (int total = total_of(t, w); total > width; total--) {
		size_t widest = t->n_columns;

		for (size_t c = 0; c < t->n_columns; c++)
			if ((t->columns[c].flags & COLUMN_ELASTIC) != 0 &&
			    w[c] > least &&
			    (widest == t->n_columns || w[c] > w[widest]))
				widest = c;
		if (widest == t->n_columns)
			return false;
		w[widest]--;
	}
	return true;
}

/* The n spare columns that stand last; false when there are not so many. */
static bool
leave_out(const struct table *t, int *w, size_t n)
{
	for (size_t c = t->n_columns; c-- > 0 && n > 0;)
		if ((t->columns[c].flags & COLUMN_SPARE) != 0) {
			w[c] = LEFT_OUT;
			n--;
		}
	return n == 0;
}

static void
fit(const struct table *t, int *w, int width)
{
	for (size_t n = 0; leave_out(t, w, n); n++) {
		if (shrink(t, w, width, ELASTIC_FAIR))
			return;
		natural_widths(t, w);
	}
	shrink(t, w, width, ELASTIC_MIN);
}

static void
put_cell(FILE *out, const char *text, int width, bool right, bool last)
{
	char *cut = table_cut(text, width);
	const char *shown = cut == NULL ? "?" : cut;
	int pad = width - text_width(shown);

	pad = pad > 0 ? pad : 0;
	if (right)
		fprintf(out, "%*s%s", pad, "", shown);
	else
		fprintf(out, "%s%*s", shown, last ? 0 : pad, "");
	fprintf(out, "%*s", last ? 0 : GAP, "");
	free(cut);
}

/* A row ends with its last cell that says something: no trailing blanks. */
static size_t
cells_used(char *const *cells, size_t n)
{
	while (n > 0 && cells[n - 1][0] == '\0')
		n--;
	return n;
}

/* The bytes for one line: whole words, where one fits. */
static size_t
words_fitting(const char *s, int width)
{
	size_t n = fitting(s, width);
	size_t words = n;

	if (s[n] == '\0')
		return n;
	while (words > 0 && s[words] != ' ')
		words--;
	while (words > 0 && s[words - 1] == ' ')
		words--;
	if (words > 0)
		return words;
	return n > 0 ? n : strlen(s);
}

void
table_wrap(FILE *out, const char *text, int first, int width, int indent)
{
	size_t n = words_fitting(text, first);

	fprintf(out, "%.*s", (int)n, text);
	for (text += n; *(text += strspn(text, " ")) != '\0'; text += n) {
		n = words_fitting(text, width);
		fprintf(out, "\n%*s%.*s", indent, "", (int)n, text);
	}
}

static void
put_row(const struct table *t, FILE *out, char *const *cells, const int *w)
{
	size_t n = cells_used(cells, t->n_columns);
	int indent = 0;

	for (size_t c = 0; c < n; c++) {
		if (w[c] == LEFT_OUT)
			continue;
		if (c + 1 == t->n_columns &&
		    (t->columns[c].flags & COLUMN_ELASTIC) != 0)
			table_wrap(out, cells[c], w[c], w[c], indent);
		else
			put_cell(out, cells[c], w[c],
			    (t->columns[c].flags & COLUMN_RIGHT) != 0,
			    c + 1 == n);
		indent += w[c] + GAP;
	}
	fputc('\n', out);
}

static void
put_heads(const struct table *t, FILE *out, const int *w)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (w[c] != LEFT_OUT)
			put_cell(out, t->columns[c].head, w[c],
			    (t->columns[c].flags & COLUMN_RIGHT) != 0,
			    c + 1 == t->n_columns);
	fputc('\n', out);
}

static void
put_line(FILE *out, const char *line, int width)
{
	char *cut = width > 0 ? table_cut(line, width) : NULL;

	fprintf(out, "%s\n", cut == NULL ? line : cut);
	free(cut);
}

void
table_print(const struct table *t, FILE *out, int width)
{
	int *w = calloc(t->n_columns, sizeof(*w));

	if (w == NULL)
		return;
	natural_widths(t, w);
	if (width > 0)
		fit(t, w, width);
	put_heads(t, out, w);
	for (size_t r = 0; r < t->n_rows; r++) {
		if (t->rows[r].cells != NULL)
			put_row(t, out, t->rows[r].cells, w);
		else
			put_line(out, t->rows[r].line, width);
	}
	free(w);
}

struct table *
table_free(struct table *t)
{
	if (t == NULL)
		return NULL;
	for (size_t r = 0; r < t->n_rows; r++)
		row_free(&t->rows[r], t->n_columns);
	free(t->rows);
	free(t);
	return NULL;
}

int
table_width(FILE *out)
{
	struct winsize ws;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &ws) < 0)
		return 0;
	return ws.ws_col > 0 ? ws.ws_col : 80;
}
