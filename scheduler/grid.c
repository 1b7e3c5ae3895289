/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csv.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/words.h"
#include "scheduler/grid.h"

#define HEAD_LINES 20 /* where the header and its separator are looked for */
#define CELLS_MIN 3 /* a line with so many cells shows the separator */

static const unsigned char utf8_mark[] = { 0xef, 0xbb, 0xbf };

/* What programs write in front of files that are no text, whatever the name
 * says. */
static const struct {
	const char *magic;
	size_t n;
	const char *what;
} strangers[] = {
	{ "\x89PNG", 4, N_("a PNG picture") },
	{ "\xff\xd8\xff", 3, N_("a JPEG picture") },
	{ "GIF8", 4, N_("a GIF picture") },
	{ "%PDF", 4, N_("a PDF document") },
	{ "\xd0\xcf\x11\xe0", 4, N_("an old Excel or Word file (.xls, .doc)") },
	{ "{\\rtf", 5, N_("an RTF document") },
	{ "Rar!", 4, N_("a RAR archive") },
	{ "7z\xbc\xaf", 4, N_("a 7z archive") },
	{ "\x1f\x8b", 2, N_("a gzip archive") },
	{ "ID3", 3, N_("an MP3 file") },
	{ "\xff\xfb", 2, N_("an MP3 file") },
	{ "RIFF", 4, N_("a WAV file") },
	{ "OggS", 4, N_("an Ogg file") },
	{ "fLaC", 4, N_("a FLAC file") },
	{ "<!DOCTYPE", 9, N_("a web page") },
	{ "<html", 5, N_("a web page") },
	{ "<?xml", 5, N_("an XML file") },
};

/* Encodings -------------------------------------------------------------- */

static bool
holds(const unsigned char *b, size_t n, const char *word)
{
	return memmem(b, n, word, strlen(word)) != NULL;
}

/* Of the many files that are zip archives, those an office has. */
static const char *
zip_kind(const unsigned char *b, size_t n)
{
	if (holds(b, n, "opendocument"))
		return N_("an OpenDocument file (.ods)");
	if (holds(b, n, "word/"))
		return N_("a Word file (.docx)");
	if (holds(b, n, "xl/") || holds(b, n, "[Content_Types].xml"))
		return N_("an Excel workbook (.xlsx)");
	return N_("a zip archive");
}

/* An English message id, or NULL. */
static const char *
stranger(const unsigned char *b, size_t n)
{
	if (n >= 4 && memcmp(b, "PK\x03\x04", 4) == 0)
		return zip_kind(b, n);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (n >= strangers[i].n &&
		    memcmp(b, strangers[i].magic, strangers[i].n) == 0)
			return strangers[i].what;
	return NULL;
}

/* Line ends of any kind become one line feed each; the new length. */
static size_t
unify_line_ends(char *text, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
			continue;
		text[out++] = text[i] == '\r' ? '\n' : text[i];
	}
	return out;
}

static int
line_of(const char *text, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line +=
		    text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
	return line;
}

/* Without a mark: Latin letters in UTF-16 leave every second byte empty. -1
 * for UTF-8, else the place of the empty byte in each pair. */
static int
empty_half(const unsigned char *b, size_t n)
{
	size_t empty[2] = { 0, 0 };
	size_t seen = n < 400 ? n : 400;

	for (size_t i = 0; i < seen; i++)
		empty[i % 2] += b[i] == 0;
	for (int half = 0; half < 2; half++)
		if (empty[half] * 4 > seen && empty[1 - half] == 0)
			return half;
	return -1;
}

static int
not_text(const char *name, int line, struct problems *ps)
{
	problem_add(ps, name, line,
	    _("this is neither UTF-8 nor UTF-16 text; save it anew: in Excel, "
	      "Save As, \"CSV UTF-8\""));
	return -EINVAL;
}

/* From UTF-16; `high` is the place of the high byte in each pair. */
static int
decode_16(const unsigned char *b, size_t n, size_t high, const char *name,
    struct problems *ps, char **ret_text, size_t *ret_n)
{
	uint16_t *units = calloc(n / 2 + 1, sizeof(*units));
	const uint16_t *bad;
	int line = 1;

	if (units == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n / 2; i++)
		units[i] =
		    (uint16_t)(b[2 * i + high] << 8 | b[2 * i + 1 - high]);
	bad = u16_check(units, n / 2);
	if (bad == NULL && n % 2 == 0) {
		*ret_text = (char *)u16_to_u8(units, n / 2 + 1, NULL, ret_n);
		free(units);
		if (*ret_text == NULL)
			return -ENOMEM;
		(*ret_n)--; /* the NUL */
		return 0;
	}
	if (bad == NULL)
		bad = units + n / 2;
	for (const uint16_t *u = units; u < bad; u++)
		line += *u == '\n';
	free(units);
	return not_text(name, line, ps);
}

static int
decode_8(const unsigned char *b, size_t n, const char *name,
    struct problems *ps, char **ret_text, size_t *ret_n)
{
	char *text = malloc(n + 1);
	const uint8_t *bad;
	int line;

	if (text == NULL)
		return -ENOMEM;
	memcpy(text, b, n);
	text[n] = '\0';
	bad = u8_check((uint8_t *)text, n);
	if (bad == NULL) {
		*ret_text = text;
		*ret_n = n;
		return 0;
	}
	line = line_of(text, (size_t)((const char *)bad - text));
	free(text);
	return not_text(name, line, ps);
}

static int
decode(const unsigned char *b, size_t n, const char *name, struct problems *ps,
    char **ret_text, size_t *ret_n)
{
	int half;

	if (n >= 3 && memcmp(b, utf8_mark, 3) == 0)
		return decode_8(b + 3, n - 3, name, ps, ret_text, ret_n);
	if (n >= 2 && b[0] == 0xff && b[1] == 0xfe)
		return decode_16(b + 2, n - 2, 1, name, ps, ret_text, ret_n);
	if (n >= 2 && b[0] == 0xfe && b[1] == 0xff)
		return decode_16(b + 2, n - 2, 0, name, ps, ret_text, ret_n);
	half = empty_half(b, n);
	if (half >= 0)
		return decode_16(b, n, (size_t)half, name, ps, ret_text, ret_n);
	return decode_8(b, n, name, ps, ret_text, ret_n);
}

/* Signs that no sheet has, and the one that stands for a letter lost. */
static int
check_signs(const char *text, size_t n, const char *name, struct problems *ps)
{
	size_t before = problems_count(ps);
	const char *lost;

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\n' &&
		    text[i] != '\t') {
			problem_add(ps, name, line_of(text, i),
			    _("there is a control character (%d) in the line; "
			      "remove it, or export the sheet anew"),
			    text[i]);
			break;
		}
	lost = memmem(text, n, "\xef\xbf\xbd", 3);
	if (lost != NULL)
		problem_add(ps, name, line_of(text, (size_t)(lost - text)),
		    _("letters were lost here in an earlier conversion; export "
		      "the sheet anew as \"CSV UTF-8\""));
	return problems_count(ps) > before ? -EINVAL : 0;
}

/* Cells ------------------------------------------------------------------ */

struct parsing {
	struct grid *grid;
	const char *name;
	struct problems *ps;
	struct csv_parser csv;
	int line; /* where the row under way begins */
	int next_line;
	char **cells;
	size_t n;
	size_t room;
	bool full; /* of rows: said once */
	bool no_memory;
};

static void
drop_cells(char **cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(cells[i]);
	free(cells);
}

struct grid *
grid_free(struct grid *g)
{
	if (g == NULL)
		return NULL;
	for (size_t i = 0; i < g->n; i++)
		drop_cells(g->rows[i].cells, g->rows[i].n);
	free(g->rows);
	free(g);
	return NULL;
}

static bool
make_room(struct parsing *p)
{
	size_t room = p->room == 0 ? 16 : p->room * 2;
	char **grown;

	if (p->n < p->room)
		return true;
	grown = reallocarray(p->cells, room, sizeof(*grown));
	if (grown == NULL)
		return false;
	p->cells = grown;
	p->room = room;
	return true;
}

static bool
is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\n')
			return false;
	return true;
}

static void
on_cell(void *s, size_t n, void *arg)
{
	struct parsing *p = arg;
	const char *text = s;
	char *copy = NULL;

	for (size_t i = 0; i < n; i++)
		p->next_line += text[i] == '\n';
	if (p->full || p->no_memory)
		return;
	if (n > 0 && !is_blank(text, n))
		copy = strndup(text, n);
	if (!make_room(p) || (copy == NULL && n > 0 && !is_blank(text, n))) {
		p->no_memory = true;
		free(copy);
		return;
	}
	p->cells[p->n++] = copy;
}

static void
keep_row(struct parsing *p)
{
	struct grid *g = p->grid;
	struct grid_row *grown;

	if (g->n == GRID_ROWS_MAX) {
		problem_add(p->ps, p->name, p->line,
		    _("the sheet has more than %d rows; a week has fewer, so "
		      "remove what does not belong to it"),
		    GRID_ROWS_MAX);
		p->full = true;
		return;
	}
	grown = reallocarray(g->rows, g->n + 1, sizeof(*grown));
	if (grown == NULL) {
		p->no_memory = true;
		return;
	}
	g->rows = grown;
	g->rows[g->n++] =
	    (struct grid_row){ .line = p->line, .cells = p->cells, .n = p->n };
	p->cells = NULL;
	p->n = p->room = 0;
}

static void
on_row(int end, void *arg)
{
	struct parsing *p = arg;

	while (p->n > 0 && p->cells[p->n - 1] == NULL)
		p->n--; /* merged cells leave empty ones behind */
	if (p->n > 0 && !p->full && !p->no_memory)
		keep_row(p);
	for (size_t i = 0; i < p->n; i++)
		free(p->cells[i]);
	p->n = 0;
	p->next_line += end == '\n';
	p->line = p->next_line;
}

/* The sign that a line is divided by most often, when that is often enough. */
static char
divider_of(const char *line, size_t n)
{
	static const char signs[] = { ',', ';', '\t' };
	size_t most = CELLS_MIN - 1;
	char found = '\0';

	for (size_t k = 0; k < sizeof(signs); k++) {
		size_t count = 0;
		bool quoted = false;

		for (size_t i = 0; i < n; i++) {
			quoted ^= line[i] == '"';
			count += !quoted && line[i] == signs[k];
		}
		if (count < most || (count == most && found != '\0'))
			continue;
		most = count;
		found = signs[k];
	}
	return found;
}

/* Excel's own hint "sep=;" on the first line, else the first line that is
 * clearly divided. */
static char
find_divider(const char *text, size_t n)
{
	const char *end = text + n;

	if (n >= 6 && strncasecmp(text, "sep=", 4) == 0 && text[5] == '\n')
		return text[4];
	for (int i = 0; i < HEAD_LINES && text < end; i++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((lf == NULL ? end : lf) - text);
		char found = divider_of(text, len);

		if (found != '\0')
			return found;
		text += len + 1;
	}
	return ',';
}

static void
stray_quote(struct parsing *p, bool at_end)
{
	if (at_end)
		problem_add(p->ps, p->name, p->line,
		    _("a quoted cell begins in this row and never ends; close "
		      "it with \", and write a \" inside it twice"));
	else
		problem_add(p->ps, p->name, p->line,
		    _("a \" stands in the middle of a cell of this row; put "
		      "the whole cell in quotes and write the \" twice"));
}

static int
parse(struct parsing *p, const char *text, size_t n)
{
	int options = CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL;
	char divider = find_divider(text, n);
	bool whole;

	if (csv_init(&p->csv, (unsigned char)options) != 0)
		return -ENOMEM;
	csv_set_delim(&p->csv, (unsigned char)divider);
	p->line = p->next_line = 1;
	whole = csv_parse(&p->csv, text, n, on_cell, on_row, p) == n;
	if (!whole && csv_error(&p->csv) == CSV_ENOMEM)
		p->no_memory = true;
	else if (!whole)
		stray_quote(p, false);
	else if (csv_fini(&p->csv, on_cell, on_row, p) != 0)
		stray_quote(p, true);
	csv_free(&p->csv);
	drop_cells(p->cells, p->n);
	return p->no_memory ? -ENOMEM : 0;
}

static int
refuse_bytes(const void *bytes, size_t n, const char *name, struct problems *ps)
{
	const char *what = stranger(bytes, n);

	if (what != NULL)
		problem_add(ps, name, 1,
		    _("this is %s, not the text of a sheet; open it in Excel "
		      "and Save As \"CSV UTF-8\""),
		    _(what));
	else if (n > GRID_BYTES_MAX)
		problem_add(ps, name, 1,
		    _("the file is longer than %d kB; a week is shorter, so "
		      "remove what does not belong to it"),
		    GRID_BYTES_MAX >> 10);
	else if (n == 0)
		problem_add(
		    ps, name, 1, _("the file is empty; export the sheet anew"));
	else
		return 0;
	return -EINVAL;
}

int
grid_read(const void *bytes, size_t n, const char *name, struct problems *ps,
    struct grid **ret_grid)
{
	struct parsing p = { .name = name, .ps = ps };
	size_t before = problems_count(ps);
	char *text;
	size_t len;
	int r = refuse_bytes(bytes, n, name, ps);

	if (r == 0)
		r = decode(bytes, n, name, ps, &text, &len);
	if (r < 0)
		return r;
	len = unify_line_ends(text, len);
	r = check_signs(text, len, name, ps);
	p.grid = calloc(1, sizeof(*p.grid));
	if (p.grid == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = parse(&p, text, len);
	if (r == 0 && problems_count(ps) > before)
		r = -EINVAL;
	free(text);
	if (r < 0)
		grid_free(p.grid);
	else
		*ret_grid = p.grid;
	return r;
}

/* Writing ---------------------------------------------------------------- */

static bool
is_computed(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@';
}

const char *
grid_plain(const char *cell)
{
	if (cell[0] == '\'' && (is_computed(cell[1]) || cell[1] == '\''))
		return cell + 1;
	return cell;
}

static void
write_cell(FILE *out, const char *cell)
{
	const char *mark = is_computed(cell[0]) || cell[0] == '\'' ? "'" : "";
	size_t n = strlen(cell);
	char *marked;

	if (cell[strcspn(cell, ",;\t\"\r\n")] == '\0' && cell[0] != ' ' &&
	    (n == 0 || cell[n - 1] != ' ')) {
		fprintf(out, "%s%s", mark, cell);
		return;
	}
	if (asprintf(&marked, "%s%s", mark, cell) < 0)
		return;
	csv_fwrite(out, marked, strlen(marked));
	free(marked);
}

void
grid_write(FILE *out, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putc(',', out);
		if (cells[i] != NULL)
			write_cell(out, cells[i]);
	}
	fputs("\r\n", out);
}
