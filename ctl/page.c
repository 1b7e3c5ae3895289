/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cairo/cairo-pdf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/page.h"
#include "ctl/say.h"

/* A4, with room to bind it at the left. */
#define WIDTH 595.28
#define HEIGHT 841.89
#define LEFT 62.0
#define RIGHT 34.0
#define TOP 42.0
#define BOTTOM 62.0 /* the foot stands in it */
#define ROOM (WIDTH - LEFT - RIGHT)
#define PAD_X 2.5
#define PAD_Y 1.2
#define FOOT_SIZE 8
#define LINE_WIDTH 0.4
#define FIT_LEAST 0.7 /* of the letters' size, for PAGE_FIT */
#define CODE_BYTES 16 /* no word of a language that ends at spaces */

/* What looks like office print; the last ones have Vietnamese everywhere. */
#define FAMILY \
	"Times New Roman, Liberation Serif, Noto Serif, Noto Serif Khmer, " \
	"Noto Serif Lao, DejaVu Serif, serif"

struct page {
	const struct page_setup *setup;
	cairo_t *c;
	struct page_result *result;
	double y;
	int number; /* of this page, from 1 */
	int pages; /* 0 while they are counted */
	/* The table that is open. */
	const struct page_column *columns;
	size_t n;
	double size;
	double x[PAGE_COLUMNS_MAX + 1];
};

/* Texts ------------------------------------------------------------------ */

static void
set_font(PangoLayout *l, double size, int style)
{
	PangoFontDescription *d = pango_font_description_from_string(FAMILY);

	pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
	if (style & PAGE_BOLD)
		pango_font_description_set_weight(d, PANGO_WEIGHT_BOLD);
	if (style & PAGE_ITALIC)
		pango_font_description_set_style(d, PANGO_STYLE_ITALIC);
	pango_layout_set_font_description(l, d);
	pango_font_description_free(d);
}

/* Where in the text the first letter stands that no font here has. */
static int
unknown_at(PangoLayout *l)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	int first = INT_MAX;

	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(it);

		for (int i = 0; run != NULL && i < run->glyphs->num_glyphs; i++)
			if (run->glyphs->glyphs[i].glyph &
				PANGO_GLYPH_UNKNOWN_FLAG &&
			    run->item->offset + run->glyphs->log_clusters[i] <
				first)
				first = run->item->offset +
					run->glyphs->log_clusters[i];
	} while (pango_layout_iter_next_run(it));
	pango_layout_iter_free(it);
	return first == INT_MAX ? 0 : first;
}

static PangoLayout *
new_layout(
    struct page *p, double size, int style, double wide, const char *text)
{
	PangoLayout *l = pango_cairo_create_layout(p->c);
	char *safe = say_safe(text);

	set_font(l, size, style);
	pango_layout_set_width(l, (int)(wide * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(l, style & PAGE_CENTRE  ? PANGO_ALIGN_CENTER
				      : style & PAGE_RIGHT ? PANGO_ALIGN_RIGHT
							   : PANGO_ALIGN_LEFT);
	pango_layout_set_text(l, safe == NULL ? "?" : safe, -1);
	for (double fit = size; style & PAGE_FIT && fit > size * FIT_LEAST &&
				pango_layout_get_line_count(l) > 1;)
		set_font(l, fit -= 0.25, style);
	if (pango_layout_get_unknown_glyphs_count(l) > 0 &&
	    p->result->missing[0] == '\0') {
		snprintf(p->result->missing, sizeof(p->result->missing), "%s",
		    pango_layout_get_text(l) + unknown_at(l));
		text_trim(p->result->missing);
	}
	free(safe);
	return l;
}

static double
high(PangoLayout *l)
{
	int h;

	pango_layout_get_size(l, NULL, &h);
	return (double)h / PANGO_SCALE;
}

/* Marks heaped on one letter would stand over what others say: what leaves
 * its lines is cut off. */
static void
show(struct page *p, PangoLayout *l, double x, double y)
{
	cairo_save(p->c);
	cairo_rectangle(p->c, 0, y - 2 * PAD_Y, WIDTH, high(l) + 4 * PAD_Y);
	cairo_clip(p->c);
	cairo_set_source_rgb(p->c, 0, 0, 0);
	cairo_move_to(p->c, x, y);
	pango_cairo_show_layout(p->c, l);
	cairo_restore(p->c);
}

/* Codes, hashes and what is to be typed stay on one line where they fit. */
static void
keep_codes(PangoLayout *l)
{
	PangoAttrList *list = pango_attr_list_new();
	const char *text = pango_layout_get_text(l);
	size_t n;

	for (const char *s = text; *s != '\0'; s += n) {
		PangoAttribute *a;

		n = strcspn(s, " `");
		if (*s == '`') {
			n = 1 + strcspn(s + 1, "`");
			n += s[n] == '`'; /* the tick that closes */
		} else if (n == 0) {
			n = 1;
		}
		if (*s != '`' && n < CODE_BYTES)
			continue;
		a = pango_attr_allow_breaks_new(FALSE);
		a->start_index = (guint)(s - text);
		a->end_index = (guint)(s - text + (ptrdiff_t)n);
		pango_attr_list_insert(list, a);
	}
	pango_layout_set_attributes(l, list);
	pango_attr_list_unref(list);
}

static void
put(struct page *p, double size, int style, double x, double y, double wide,
    const char *text)
{
	PangoLayout *l = new_layout(p, size, style, wide, text);

	keep_codes(l);
	show(p, l, x, y);
	g_object_unref(l);
}

static void
rule(struct page *p, double x1, double y1, double x2, double y2)
{
	cairo_set_source_rgb(p->c, 0, 0, 0);
	cairo_set_line_width(p->c, LINE_WIDTH);
	cairo_move_to(p->c, x1, y1);
	cairo_line_to(p->c, x2, y2);
	cairo_stroke(p->c);
}

/* Pages ------------------------------------------------------------------ */

static void
put_foot(struct page *p)
{
	double y = HEIGHT - BOTTOM + 12;
	char number[100];

	snprintf(number, sizeof(number), _("Page %d/%d"), p->number, p->pages);
	rule(p, LEFT, y - 4, WIDTH - RIGHT, y - 4);
	put(p, FOOT_SIZE, 0, LEFT, y, ROOM - 70, p->setup->foot);
	put(p, FOOT_SIZE, PAGE_RIGHT, WIDTH - RIGHT - 68, y, 68, number);
}

static void table_head(struct page *p);

static void
next_page(struct page *p)
{
	put_foot(p);
	cairo_show_page(p->c);
	p->number++;
	p->y = TOP;
	if (p->columns != NULL)
		table_head(p);
}

static bool
has_room(const struct page *p, double wanted)
{
	return p->y + wanted <= HEIGHT - BOTTOM;
}

void
page_keep(struct page *p, double wanted)
{
	if (!has_room(p, wanted) && p->y > TOP)
		next_page(p);
}

void
page_gap(struct page *p, double wanted)
{
	p->y += wanted;
}

void
page_text(struct page *p, double size, int style, const char *text)
{
	PangoLayout *l = new_layout(p, size, style, ROOM, text);

	keep_codes(l);
	page_keep(p, high(l));
	show(p, l, LEFT, p->y);
	p->y += high(l) + PAD_Y;
	g_object_unref(l);
}

void
page_halves(struct page *p, double size, int left_style, const char *left,
    int right_style, const char *right)
{
	double half = ROOM / 2;
	PangoLayout *l =
	    new_layout(p, size, left_style | PAGE_CENTRE, half - 8, left);
	PangoLayout *r =
	    new_layout(p, size, right_style | PAGE_CENTRE, half, right);
	double h = high(l) > high(r) ? high(l) : high(r);

	page_keep(p, h);
	show(p, l, LEFT, p->y);
	show(p, r, LEFT + half, p->y);
	p->y += h + 1;
	g_object_unref(l);
	g_object_unref(r);
}

void
page_rules(struct page *p, double left, double right)
{
	double l = LEFT + (ROOM / 2 - 8) / 2;
	double r = LEFT + ROOM * 3 / 4;

	if (left > 0)
		rule(p, l - left / 2, p->y + 2, l + left / 2, p->y + 2);
	if (right > 0)
		rule(p, r - right / 2, p->y + 2, r + right / 2, p->y + 2);
}

/* Tables ----------------------------------------------------------------- */

static void
shade(struct page *p, double y, double h)
{
	cairo_set_source_rgb(p->c, .91, .91, .91);
	cairo_rectangle(p->c, LEFT, y, ROOM, h);
	cairo_fill(p->c);
}

/* One row's cells from column `from` on, at p->y; its height. */
static double
cells_high(PangoLayout *const *l, size_t n)
{
	double h = 0;

	for (size_t i = 0; i < n; i++)
		if (high(l[i]) > h)
			h = high(l[i]);
	return h + 2 * PAD_Y;
}

static void
box(struct page *p, double x1, double x2, double h)
{
	rule(p, x1, p->y, x2, p->y);
	rule(p, x1, p->y + h, x2, p->y + h);
	rule(p, x1, p->y, x1, p->y + h);
	rule(p, x2, p->y, x2, p->y + h);
}

static PangoLayout *
cell(struct page *p, size_t i, int style, const char *text)
{
	return new_layout(p, p->size, style, p->x[i + 1] - p->x[i] - 2 * PAD_X,
	    text == NULL ? "" : text);
}

/* Draws what was laid out, and frees it. */
static void
show_cells(struct page *p, PangoLayout **l, double h)
{
	for (size_t i = 0; i < p->n; i++) {
		box(p, p->x[i], p->x[i + 1], h);
		show(p, l[i], p->x[i] + PAD_X, p->y + PAD_Y);
		g_object_unref(l[i]);
	}
	p->y += h;
}

static bool
same_group(const struct page *p, size_t i, size_t k)
{
	const char *a = p->columns[i].group;
	const char *b = p->columns[k].group;

	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void
table_groups(struct page *p)
{
	double h = p->size * 1.35 + 2 * PAD_Y;

	shade(p, p->y, h);
	for (size_t i = 0, k; i < p->n; i = k) {
		k = i + 1;
		while (k < p->n && same_group(p, i, k))
			k++;
		box(p, p->x[i], p->x[k], h);
		if (p->columns[i].group != NULL)
			put(p, p->size, PAGE_BOLD | PAGE_CENTRE, p->x[i],
			    p->y + PAD_Y, p->x[k] - p->x[i],
			    p->columns[i].group);
	}
	p->y += h;
}

static void
table_head(struct page *p)
{
	PangoLayout *l[PAGE_COLUMNS_MAX];
	bool groups = false;
	double h;

	for (size_t i = 0; i < p->n; i++) {
		groups = groups || p->columns[i].group != NULL;
		l[i] = cell(p, i, PAGE_BOLD | PAGE_CENTRE, p->columns[i].head);
	}
	if (groups)
		table_groups(p);
	h = cells_high(l, p->n);
	shade(p, p->y, h);
	show_cells(p, l, h);
}

void
page_table(
    struct page *p, double size, const struct page_column *columns, size_t n)
{
	double all = 0;
	double at = 0;

	page_keep(p, 8 * size);
	p->columns = columns;
	p->n = n;
	p->size = size;
	for (size_t i = 0; i < n; i++)
		all += columns[i].share;
	for (size_t i = 0; i <= n; i++) {
		p->x[i] = LEFT + ROOM * at / all;
		at += i < n ? columns[i].share : 0;
	}
	table_head(p);
}

void
page_row(struct page *p, const char *const *cells, int style)
{
	PangoLayout *l[PAGE_COLUMNS_MAX];
	double h;

	for (size_t i = 0; i < p->n; i++)
		l[i] = cell(p, i, p->columns[i].style | style, cells[i]);
	h = cells_high(l, p->n);
	if (!has_room(p, h))
		next_page(p);
	if (style & PAGE_SHADE)
		shade(p, p->y, h);
	show_cells(p, l, h);
}

void
page_band(struct page *p, int style, const char *text)
{
	PangoLayout *l = new_layout(p, p->size, style, ROOM - 2 * PAD_X, text);
	double h = high(l) + 2 * PAD_Y;

	if (!has_room(p, h + 3 * p->size))
		next_page(p);
	if (style & PAGE_SHADE)
		shade(p, p->y, h);
	box(p, LEFT, LEFT + ROOM, h);
	show(p, l, LEFT + PAD_X, p->y + PAD_Y);
	g_object_unref(l);
	p->y += h;
}

void
page_table_end(struct page *p)
{
	p->columns = NULL;
	p->n = 0;
	p->y += 4;
}

/* The document ----------------------------------------------------------- */

static cairo_status_t
take_bytes(void *arg, const unsigned char *bytes, unsigned int n)
{
	return fwrite(bytes, 1, n, arg) == n ? CAIRO_STATUS_SUCCESS
					     : CAIRO_STATUS_WRITE_ERROR;
}

/* `out` NULL only counts. */
static int
draw_into(struct page *p, FILE *out)
{
	cairo_surface_t *s = cairo_pdf_surface_create_for_stream(
	    out == NULL ? NULL : take_bytes, out, WIDTH, HEIGHT);
	cairo_status_t status;

	cairo_pdf_surface_set_metadata(
	    s, CAIRO_PDF_METADATA_TITLE, p->setup->title);
	cairo_pdf_surface_set_metadata(
	    s, CAIRO_PDF_METADATA_CREATOR, "loaxa " LOAXA_VERSION);
	p->c = cairo_create(s);
	p->y = TOP;
	p->number = 1;
	p->setup->draw(p, p->setup->arg);
	put_foot(p);
	cairo_show_page(p->c);
	cairo_destroy(p->c);
	cairo_surface_finish(s);
	status = cairo_surface_status(s);
	cairo_surface_destroy(s);
	return status == CAIRO_STATUS_SUCCESS ? 0 : -ENOMEM;
}

/* The font map names families that are not there: only a letter tells. */
static bool
has_fonts(void)
{
	PangoContext *c =
	    pango_font_map_create_context(pango_cairo_font_map_get_default());
	PangoLayout *l = pango_layout_new(c);
	bool has;

	pango_layout_set_text(l, "A", -1);
	has = pango_layout_get_unknown_glyphs_count(l) == 0;
	g_object_unref(l);
	g_object_unref(c);
	return has;
}

int
page_make(const struct page_setup *setup, struct page_result *ret)
{
	struct page_result result = { 0 };
	struct page p = { .setup = setup, .result = &result };
	FILE *out;
	int r;

	if (!has_fonts())
		return -ENOENT;
	r = draw_into(&p, NULL);
	if (r < 0)
		return r;
	p.pages = p.number;
	out = open_memstream(&result.pdf, &result.n);
	if (out == NULL)
		return -ENOMEM;
	r = draw_into(&p, out);
	if (fclose(out) != 0)
		r = -ENOMEM;
	if (r < 0) {
		free(result.pdf);
		return r;
	}
	result.pages = p.pages;
	*ret = result;
	return 0;
}

static int
write_all(int fd, const void *bytes, size_t n)
{
	int r = disk_write(fd, bytes, n);

	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

int
page_look(const char *file, bool replace)
{
	struct stat st;

	if (file[0] == '\0')
		return -EINVAL;
	if (lstat(file, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!replace)
		return -EEXIST;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? 0 : -ENXIO;
}

int
page_place(const char *made, const char *file, bool replace)
{
	int r = renameat2(AT_FDCWD, made, AT_FDCWD, file,
		    replace ? 0 : RENAME_NOREPLACE) < 0
		    ? -errno
		    : 0;

	/* Not every file system can promise not to replace. */
	if (r == -EINVAL && access(file, F_OK) < 0)
		r = rename(made, file) < 0 ? -errno : 0;
	if (r < 0)
		unlink(made);
	return r == -EINVAL ? -EEXIST : r;
}

int
page_file(const char *file, bool replace, const void *bytes, size_t n)
{
	char made[PATH_MAX];
	int fd;
	int r;

	r = page_look(file, replace);
	if (r < 0)
		return r;
	if (snprintf(made, sizeof(made), "%s.tmp", file) >= (int)sizeof(made))
		return -ENAMETOOLONG;
	/* Nobody's link is followed; what an earlier try left goes. */
	unlink(made);
	fd = open(
	    made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, n);
	if (r == 0)
		return page_place(made, file, replace);
	unlink(made);
	return r;
}
