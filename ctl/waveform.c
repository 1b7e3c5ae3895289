/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/frames.h"
#include "base/words.h"
#include "ctl/say.h"
#include "ctl/waveform.h"

#define FULL_SCALE 32768.0
#define ROWS 5
#define FLOOR_DB (-36.0) /* the lowest step of a column in text */
#define TICK_COLUMNS 12 /* between two times on the axis */
#define MARGIN 2

int
waveform_make(int columns, int64_t frames, struct waveform *ret)
{
	*ret = (struct waveform){ .frames = frames, .n = columns };
	ret->columns = calloc((size_t)columns, sizeof(*ret->columns));
	return ret->columns == NULL ? -ENOMEM : 0;
}

void
waveform_clear(struct waveform *w)
{
	free(w->columns);
	w->columns = NULL;
}

void
waveform_add(struct waveform *w, const int16_t *pcm, int frames)
{
	for (int i = 0; i < frames && w->seen < w->frames; i++, w->seen++) {
		struct waveform_column *c =
		    &w->columns[w->seen * w->n / w->frames];

		for (int k = 0; k < 2; k++) {
			double x = fabs(pcm[2 * i + k] / FULL_SCALE);

			c->peak = fmax(c->peak, x);
			c->power += x * x;
		}
		c->samples += 2;
	}
}

double
waveform_rms(const struct waveform_column *c)
{
	return c->samples == 0 ? 0 : sqrt(c->power / (double)c->samples);
}

/* Places ------------------------------------------------------------------ */

static const char *
label_of(const char *kind)
{
	/* As intake/measure.c's words. */
	static const struct {
		const char *kind, *label;
	} labels[] = {
		{ "head", N_("silence") },
		{ "pause", N_("silence") },
		{ "tail", N_("silence") },
		{ "left", N_("left side silent") },
		{ "right", N_("right side silent") },
		{ "clip", N_("clipped") },
		{ "cut", N_("seems cut off") },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(kind, labels[i].kind) == 0)
			return _(labels[i].label);
	return kind;
}

size_t
waveform_places(const struct item *it, struct place *ret, size_t max)
{
	const json_t *v;
	size_t i;

	json_array_foreach(it->marks, i, v)
	{
		const char *kind =
		    json_string_value(json_object_get(v, "kind"));

		if (i >= max || kind == NULL)
			continue;
		ret[i] = (struct place){ kind, label_of(kind),
			json_integer_value(json_object_get(v, "from_ms")),
			json_integer_value(json_object_get(v, "to_ms")) };
	}
	return json_array_size(it->marks);
}

const char *
place_text(const struct place *p, struct place_time *buf)
{
	struct civil_text from, to;

	say_counter(p->from_ms, &from);
	say_counter(p->to_ms, &to);
	if (p->to_ms - p->from_ms < 1000)
		snprintf(buf->s, sizeof(buf->s), "%s", from.s);
	else
		snprintf(buf->s, sizeof(buf->s), "%s-%s", from.s, to.s);
	return buf->s;
}

int64_t
waveform_step(int64_t length_ms, int ticks)
{
	static const int steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
		900, 1800, 3600, 7200 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (length_ms / 1000 <= (int64_t)steps[i] * ticks)
			return steps[i];
	return 14400;
}

/* In text ------------------------------------------------------------------ */

static int64_t
length_ms(const struct waveform *w)
{
	return w->frames / (RATE / 1000);
}

static int
column_of(const struct waveform *w, int64_t ms)
{
	int64_t length = length_ms(w);
	int64_t c = length > 0 ? ms * w->n / length : 0;

	return c < 0 ? 0 : c >= w->n ? w->n - 1 : (int)c;
}

/* How high a column is, of ROWS * 8 steps; any sound has one. */
static int
height_of(const struct waveform_column *c)
{
	double db = c->peak > 0 ? 20 * log10(c->peak) : -HUGE_VAL;
	double part = (db - FLOOR_DB) / -FLOOR_DB;

	if (c->peak * FULL_SCALE < 33)
		return 0;
	return part <= 0 ? 1 : 1 + (int)lrint(fmin(1, part) * (ROWS * 8 - 1));
}

static void
print_row(FILE *out, const struct waveform *w, int row, bool blocks)
{
	static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅",
		"▆", "▇", "█" };

	fprintf(out, "%*s", MARGIN, "");
	for (int i = 0; i < w->n; i++) {
		int h = height_of(&w->columns[i]) - row * 8;

		h = h < 0 ? 0 : h > 8 ? 8 : h;
		if (blocks)
			fputs(eighths[h], out);
		else
			fputs(h > 4 ? "#" : h > 0 ? ":" : " ", out);
	}
	putc('\n', out);
}

static void
print_axis(FILE *out, const struct waveform *w, bool blocks)
{
	int64_t step_ms =
	    1000 * waveform_step(length_ms(w),
		       w->n / TICK_COLUMNS > 0 ? w->n / TICK_COLUMNS : 1);
	int64_t next_ms = 0;
	int at = 0;

	fprintf(out, "%*s", MARGIN, "");
	for (int i = 0; i < w->n; i++) {
		bool tick = i == column_of(w, next_ms);

		while (i >= column_of(w, next_ms) && next_ms <= length_ms(w))
			next_ms += step_ms;
		if (blocks)
			fputs(tick ? "┴" : "─", out);
		else
			putc(tick ? '+' : '-', out);
	}
	fprintf(out, "\n%*s", MARGIN, "");
	for (next_ms = 0; next_ms < length_ms(w) || next_ms == 0;
	     next_ms += step_ms) {
		struct civil_text t;
		int col = column_of(w, next_ms);

		say_counter(next_ms, &t);
		if (col < at || col + (int)strlen(t.s) > w->n)
			continue;
		at += fprintf(out, "%*s%s", col - at, "", t.s);
	}
	putc('\n', out);
}

/* A place in a line of as many bytes as columns: "[--2--]", or its number. */
static void
lay_place(char *line, int n, int from, int to, int number)
{
	if (to >= n)
		to = n - 1;
	for (int i = from; i <= to && to - from >= 2; i++)
		line[i] = i == from ? '[' : i == to ? ']' : '-';
	line[from + (to - from) / 2] = (char)('0' + number);
}

static void
print_places(FILE *out, const struct waveform *w, const struct item *it)
{
	struct place places[WAVEFORM_PLACES];
	size_t all = waveform_places(it, places, WAVEFORM_PLACES);
	size_t n = all < WAVEFORM_PLACES ? all : WAVEFORM_PLACES;
	char *line = n == 0 ? NULL : malloc((size_t)w->n + 1);
	struct place_time t;

	if (line == NULL)
		return;
	memset(line, ' ', (size_t)w->n);
	line[w->n] = '\0';
	for (size_t i = 0; i < n; i++)
		lay_place(line, w->n, column_of(w, places[i].from_ms),
		    column_of(w, places[i].to_ms - 1), (int)i + 1);
	fprintf(out, "%*s%s\n", MARGIN, "", line);
	free(line);
	for (size_t i = 0; i < n; i++)
		say_line(out, "  %zu  %s  %s", i + 1,
		    place_text(&places[i], &t), places[i].label);
	if (all > n)
		say_line(out, _("     ... and %zu more places"), all - n);
}

void
waveform_print(
    FILE *out, const struct waveform *w, const struct item *it, bool blocks)
{
	for (int row = ROWS - 1; row >= 0; row--)
		print_row(out, w, row, blocks);
	print_axis(out, w, blocks);
	print_places(out, w, it);
}
