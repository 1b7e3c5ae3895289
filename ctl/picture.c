/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/frames.h"
#include "base/text.h"
#include "ctl/picture.h"
#include "ctl/say.h"

#define WIDTH 1600
#define LEFT 84.0 /* of the sound */
#define TOP 168.0
#define HIGH 300.0
#define MIDDLE (TOP + HIGH / 2)
#define BOTTOM (TOP + HIGH)
#define LEGEND (BOTTOM + 86)
#define LINE 38.0 /* of the legend */
#define PER_LINE 3
#define FONT "DejaVu Sans"

struct ink {
	double r, g, b, a;
};

static const struct ink paper = { 1, 1, 1, 1 };
static const struct ink ground = { .965, .972, .980, 1 };
static const struct ink grid = { .82, .85, .88, 1 };
static const struct ink words = { .10, .13, .17, 1 };
static const struct ink faint = { .38, .43, .49, 1 };
static const struct ink peaks = { .56, .73, .88, 1 };
static const struct ink body = { .13, .39, .63, 1 };
static const struct ink grey = { .45, .48, .52, .9 };
static const struct ink orange = { .85, .47, .05, .9 };
static const struct ink red = { .80, .13, .13, .9 };

static void
use(cairo_t *c, struct ink i)
{
	cairo_set_source_rgba(c, i.r, i.g, i.b, i.a);
}

static void
font(cairo_t *c, double size, bool bold)
{
	cairo_select_font_face(c, FONT, CAIRO_FONT_SLANT_NORMAL,
	    bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(c, size);
}

static double
wide(cairo_t *c, const char *text)
{
	cairo_text_extents_t e;

	cairo_text_extents(c, text, &e);
	return e.x_advance;
}

static void
put(cairo_t *c, double x, double y, const char *text)
{
	cairo_move_to(c, x, y);
	cairo_show_text(c, text);
}

/* As much of a text as the page has room for. */
static void
put_cut(cairo_t *c, double x, double y, double room, const char *text)
{
	char cut[1024];
	size_t n;

	snprintf(cut, sizeof(cut), "%s", text);
	text_trim(cut);
	n = strlen(cut);
	while (n > 0 && wide(c, cut) > room) {
		do
			n--;
		while (n > 0 && ((unsigned char)cut[n] & 0xc0) == 0x80);
		snprintf(cut + n, sizeof(cut) - n, "…");
	}
	put(c, x, y, cut);
}

static double
x_of(const struct waveform *w, int64_t ms)
{
	double length = (double)w->frames / (RATE / 1000.0);

	return LEFT + PICTURE_COLUMNS * fmin(1, (double)ms / length);
}

static void
put_head(cairo_t *c, const struct item *it, const char *facts)
{
	char *safe = say_safe(it->title);

	use(c, words);
	font(c, 36, true);
	put_cut(c, LEFT, 68, PICTURE_COLUMNS, safe == NULL ? it->id : safe);
	free(safe);
	use(c, faint);
	font(c, 22, false);
	put_cut(c, LEFT, 112, PICTURE_COLUMNS, facts);
}

static void
put_level(cairo_t *c, double amplitude, const char *label)
{
	double dy = amplitude * HIGH / 2;

	use(c, grid);
	cairo_set_line_width(c, 1);
	for (int side = -1; side <= 1; side += 2) {
		cairo_move_to(c, LEFT, MIDDLE + side * dy);
		cairo_rel_line_to(c, PICTURE_COLUMNS, 0);
		cairo_stroke(c);
	}
	use(c, faint);
	font(c, 16, false);
	put(c, LEFT - 10 - wide(c, label), MIDDLE - dy + 6, label);
}

static void
put_ground(cairo_t *c)
{
	use(c, paper);
	cairo_paint(c);
	use(c, ground);
	cairo_rectangle(c, LEFT, TOP, PICTURE_COLUMNS, HIGH);
	cairo_fill(c);
	put_level(c, 1, "0 dB");
	put_level(c, 0.5, "-6");
	put_level(c, 0.25, "-12");
}

static struct ink
ink_of(const char *kind)
{
	if (strcmp(kind, "clip") == 0 || strcmp(kind, "cut") == 0)
		return red;
	if (strcmp(kind, "left") == 0 || strcmp(kind, "right") == 0)
		return orange;
	return grey;
}

static void
put_band(cairo_t *c, const struct waveform *w, const struct place *p)
{
	struct ink i = ink_of(p->kind);
	double from = x_of(w, p->from_ms);
	double span = fmax(3, x_of(w, p->to_ms) - from);

	if (from + span > LEFT + PICTURE_COLUMNS)
		from = LEFT + PICTURE_COLUMNS - span;
	i.a = 0.18;
	use(c, i);
	cairo_rectangle(c, from, TOP, span, HIGH);
	cairo_fill(c);
	i.a = 0.9;
	use(c, i);
	cairo_rectangle(c, from, TOP - 6, span, 6);
	cairo_fill(c);
}

static void
put_badge(cairo_t *c, double x, double y, struct ink i, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	use(c, i);
	cairo_arc(c, x, y, 13, 0, 2 * M_PI);
	cairo_fill(c);
	use(c, paper);
	font(c, 17, true);
	put(c, x - wide(c, text) / 2, y + 6, text);
}

static void
put_columns(cairo_t *c, const struct waveform *w, bool is_body)
{
	use(c, is_body ? body : peaks);
	for (int i = 0; i < w->n; i++) {
		double v =
		    is_body ? waveform_rms(&w->columns[i]) : w->columns[i].peak;
		double h = fmax(v * HIGH, 1);

		cairo_rectangle(c, LEFT + (double)i * PICTURE_COLUMNS / w->n,
		    MIDDLE - h / 2, (double)PICTURE_COLUMNS / w->n, h);
	}
	cairo_fill(c);
}

static void
put_axis(cairo_t *c, const struct waveform *w)
{
	int64_t length = w->frames / (RATE / 1000);
	int64_t step = 1000 * waveform_step(length, 12);

	use(c, faint);
	cairo_set_line_width(c, 2);
	cairo_move_to(c, LEFT, BOTTOM);
	cairo_rel_line_to(c, PICTURE_COLUMNS, 0);
	cairo_stroke(c);
	font(c, 19, false);
	for (int64_t at = 0; at <= length; at += step) {
		struct civil_text t;
		double x = x_of(w, at);

		cairo_move_to(c, x, BOTTOM);
		cairo_rel_line_to(c, 0, 8);
		cairo_stroke(c);
		say_counter(at, &t);
		put(c, x - wide(c, t.s) / 2, BOTTOM + 32, t.s);
	}
}

static void
put_places(
    cairo_t *c, const struct waveform *w, const struct place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x = LEFT + 13 +
			   (double)(i % PER_LINE) * PICTURE_COLUMNS / PER_LINE;
		double y = LEGEND + (double)(i / PER_LINE) * LINE;
		struct ink ink = ink_of(places[i].kind);
		struct place_time t;
		char text[160];

		put_badge(c,
		    (x_of(w, places[i].from_ms) + x_of(w, places[i].to_ms)) / 2,
		    TOP - 20, ink, i + 1);
		put_badge(c, x, y, ink, i + 1);
		use(c, words);
		font(c, 21, false);
		snprintf(text, sizeof(text), "%s  %s",
		    place_text(&places[i], &t), places[i].label);
		put_cut(
		    c, x + 26, y + 7, PICTURE_COLUMNS / PER_LINE - 50.0, text);
	}
}

static void
draw(cairo_t *c, const struct waveform *w, const struct item *it,
    const char *facts, const struct place *places, size_t n)
{
	put_ground(c);
	put_head(c, it, facts);
	for (size_t i = 0; i < n; i++)
		put_band(c, w, &places[i]);
	put_columns(c, w, false);
	put_columns(c, w, true);
	put_axis(c, w);
	put_places(c, w, places, n);
}

struct drain {
	int fd;
	int error;
};

static cairo_status_t
drain_bytes(void *arg, const unsigned char *bytes, unsigned int n)
{
	struct drain *d = arg;

	if (d->error == 0)
		d->error = disk_write(d->fd, (const char *)bytes, n);
	return d->error < 0 ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static int
write_to(struct drain *d, bool svg, const struct waveform *w,
    const struct item *it, const char *facts)
{
	struct place places[WAVEFORM_PLACES];
	size_t all = waveform_places(it, places, WAVEFORM_PLACES);
	size_t n = all < WAVEFORM_PLACES ? all : WAVEFORM_PLACES;
	size_t lines = (n + PER_LINE - 1) / PER_LINE;
	double high = BOTTOM + 60 + (n > 0 ? 20 + (double)lines * LINE : 0);
	cairo_surface_t *s = svg ? cairo_svg_surface_create_for_stream(
				       drain_bytes, d, WIDTH, high)
				 : cairo_image_surface_create(
				       CAIRO_FORMAT_RGB24, WIDTH, (int)high);
	cairo_t *c = cairo_create(s);
	cairo_status_t status;

	draw(c, w, it, facts, places, n);
	cairo_destroy(c);
	if (!svg)
		cairo_surface_write_to_png_stream(s, drain_bytes, d);
	cairo_surface_finish(s);
	status = cairo_surface_status(s);
	cairo_surface_destroy(s);
	if (d->error < 0)
		return d->error;
	return status == CAIRO_STATUS_SUCCESS ? 0 : -ENOMEM;
}

int
picture_write(const char *file, bool svg, const struct waveform *w,
    const struct item *it, const char *facts)
{
	struct drain d = {
		open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), 0
	};
	int r;

	if (d.fd < 0)
		return -errno;
	r = write_to(&d, svg, w, it, facts);
	if (close(d.fd) < 0 && r == 0)
		r = -errno;
	return r;
}
