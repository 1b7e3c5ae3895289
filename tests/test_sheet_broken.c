/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hundred broken sheets, made from the shipped week by a seeded generator:
 * whatever an office does to one, it is told with a line, and never taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/match.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SHEETS 200 /* each way several times, in other rows */
#define CELLS 8
#define ROWS_MAX 12000

enum { DAY, PART, AT, FOR, KIND, TITLE, SOURCE, LANGUAGE };

struct page {
	char **rows[ROWS_MAX]; /* CELLS of them; [0] is the header */
	size_t n;
	char divider;
	char *bytes; /* instead of the rows, once made */
	size_t n_bytes;
};

static unsigned seed;

static size_t
draw(size_t below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % below;
}

/* A row of the week, never the header. */
static char **
any_row(struct page *p)
{
	return p->rows[1 + draw(p->n - 1)];
}

static void
put(char **row, int cell, const char *text)
{
	free(row[cell]);
	row[cell] = strdup(text);
}

static char **
copy_row(char *const *row)
{
	char **copy = calloc(CELLS, sizeof(*copy));

	for (size_t i = 0; i < CELLS; i++)
		copy[i] = strdup(row[i]);
	return copy;
}

static void
drop_row(char **row)
{
	for (size_t i = 0; i < CELLS; i++)
		free(row[i]);
	free(row);
}

/* Ways to break it ------------------------------------------------------- */

static const char *const bad_times[] = { "25:61", "24:00:00", "5", "5:99",
	"0.2083", "năm giờ", "#####", "-1:00", "05:00:00:00", "99999999h" };
static const char *const bad_days[] = { "T8", "T1", "31/02", "ngày mai", "0",
	"T2-T4", "Thứ" };
static const char *const bad_lengths[] = { "15:00", "15", "00:00:00", "dài lắm",
	"-5 phút", "25:00:00", "1e9", "00:15:00:00" };

static void
a_time(struct page *p)
{
	put(any_row(p), AT, bad_times[draw(COUNT(bad_times))]);
}

static void
a_day(struct page *p)
{
	put(any_row(p), DAY, bad_days[draw(COUNT(bad_days))]);
}

static void
a_length(struct page *p)
{
	put(any_row(p), FOR, bad_lengths[draw(COUNT(bad_lengths))]);
}

static void
a_formula(struct page *p)
{
	put(any_row(p), (int)draw(CELLS), "=B2+C2");
}

static void
an_error_of_the_spreadsheet(struct page *p)
{
	put(any_row(p), (int)draw(CELLS), "#REF!");
}

static void
two_rows_at_one_moment(struct page *p)
{
	p->rows[p->n] = copy_row(any_row(p));
	p->n++;
}

static void
a_row_in_no_slot(struct page *p)
{
	char **row = any_row(p);

	put(row, AT, "12:34:56");
	put(row, PART, "");
}

static void
another_length_than_the_slot(struct page *p)
{
	put(any_row(p), FOR, "00:07:07");
}

static void
a_kind_unknown(struct page *p)
{
	put(any_row(p), KIND, "nhạc");
}

static void
a_relay_that_is_none(struct page *p)
{
	char **row = any_row(p);

	put(row, KIND, strncmp(row[KIND], "tiep", 4) == 0 ? "file" : "tiep_am");
}

static void
the_wrong_part_of_the_day(struct page *p)
{
	char **row = any_row(p);

	put(row, PART, row[PART][0] == 's' ? "chiều" : "sáng");
}

static void
days_lost_with_merged_cells(struct page *p)
{
	for (size_t i = 1; i < p->n; i++)
		put(p->rows[i], DAY, "");
}

static void
some_days_lost(struct page *p)
{
	for (size_t i = 2; i < p->n; i++)
		put(p->rows[i], DAY, "");
}

static void
times_lost(struct page *p)
{
	char **row = any_row(p);

	put(row, AT, "");
	put(row, TITLE, "");
}

static void
another_separator(struct page *p)
{
	p->divider = "|:/#"[draw(4)];
}

static void
no_header(struct page *p)
{
	drop_row(p->rows[0]);
	memmove(p->rows, p->rows + 1, (p->n - 1) * sizeof(p->rows[0]));
	p->n--;
}

static void
a_header_misspelt(struct page *p)
{
	put(p->rows[0], (int)draw(CELLS), "cot la");
}

static void
a_column_twice(struct page *p)
{
	size_t c = draw(CELLS);

	put(p->rows[0], (int)c, p->rows[0][(c + 1) % CELLS]);
}

static void
ten_thousand_rows(struct page *p)
{
	while (p->n < 10001) {
		p->rows[p->n] = copy_row(p->rows[1 + p->n % 100]);
		p->n++;
	}
}

static void
a_title_beyond_all_length(struct page *p)
{
	char *text = calloc(1, 1001);

	memset(text, 'a', 1000);
	put(any_row(p), TITLE, text);
	free(text);
}

static void
a_language_that_is_none(struct page *p)
{
	put(any_row(p), LANGUAGE, "tiếng Việt");
}

static void
nothing_below_the_header(struct page *p)
{
	while (p->n > 1)
		drop_row(p->rows[--p->n]);
}

/* The bytes after all is written --------------------------------------- */

static void
render(struct page *p)
{
	FILE *f = open_memstream(&p->bytes, &p->n_bytes);

	for (size_t i = 0; i < p->n; i++)
		for (size_t c = 0; c < CELLS; c++)
			fprintf(f, "\"%s\"%c", p->rows[i][c],
			    c + 1 < CELLS ? p->divider : '\n');
	fclose(f);
}

static void
set_bytes(struct page *p, const char *bytes, size_t n)
{
	p->bytes = malloc(n + 1);
	memcpy(p->bytes, bytes, n);
	p->n_bytes = n;
}

static void
a_picture(struct page *p)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1";

	set_bytes(p, png, sizeof(png) - 1);
}

static void
a_workbook(struct page *p)
{
	static const char zip[] = "PK\x03\x04\x14\0\6\0\b\0[Content_Types].xml";

	set_bytes(p, zip, sizeof(zip) - 1);
}

static void
a_quote_too_many(struct page *p)
{
	size_t at;

	render(p);
	at = draw(p->n_bytes);
	while (p->bytes[at] == '"' || p->bytes[at] == '\n' ||
	       p->bytes[at] == p->divider)
		at = (at + 1) % p->n_bytes;
	p->bytes[at] = '"';
}

static void
a_byte_of_another_code_page(struct page *p)
{
	render(p);
	p->bytes[draw(p->n_bytes)] = (char)0xff;
}

static void
a_control_character(struct page *p)
{
	static const char signs[] = { 0, 1, 7, 27 };

	render(p);
	p->bytes[draw(p->n_bytes)] = signs[draw(sizeof(signs))];
}

static void
half_a_file(struct page *p)
{
	render(p);
	p->n_bytes = 100 + draw(p->n_bytes - 200);
	/* Within a cell: between rows it would be a shorter week. */
	while (p->bytes[p->n_bytes - 1] != '"' ||
	       p->bytes[p->n_bytes] == p->divider ||
	       p->bytes[p->n_bytes] == '\n')
		p->n_bytes--;
	p->bytes[p->n_bytes++] = 'x';
}

static void
nothing_at_all(struct page *p)
{
	set_bytes(p, "", 0);
}

static void
half_a_letter_of_utf16(struct page *p)
{
	render(p);
	for (size_t i = p->n_bytes / 2 * 2; i-- > 0;)
		p->bytes[i] = i % 2 == 0 ? p->bytes[i / 2] : 0;
	p->n_bytes = p->n_bytes / 2 * 2 - 1;
}

static const struct {
	const char *name;
	void (*make)(struct page *p);
} ways[] = {
#define WAY(f) \
	{ \
#f, f \
	}
	WAY(a_time),
	WAY(a_day),
	WAY(a_length),
	WAY(a_formula),
	WAY(an_error_of_the_spreadsheet),
	WAY(two_rows_at_one_moment),
	WAY(a_row_in_no_slot),
	WAY(another_length_than_the_slot),
	WAY(a_kind_unknown),
	WAY(a_relay_that_is_none),
	WAY(the_wrong_part_of_the_day),
	WAY(days_lost_with_merged_cells),
	WAY(some_days_lost),
	WAY(times_lost),
	WAY(another_separator),
	WAY(no_header),
	WAY(a_header_misspelt),
	WAY(a_column_twice),
	WAY(ten_thousand_rows),
	WAY(a_title_beyond_all_length),
	WAY(a_language_that_is_none),
	WAY(nothing_below_the_header),
	WAY(a_picture),
	WAY(a_workbook),
	WAY(a_quote_too_many),
	WAY(a_byte_of_another_code_page),
	WAY(a_control_character),
	WAY(half_a_file),
	WAY(nothing_at_all),
	WAY(half_a_letter_of_utf16),
};

/* ------------------------------------------------------------------------ */

static void
open_page(struct page *p, const struct sheet *s)
{
	static const char *const head[CELLS] = { "thu", "buoi", "gio_bat_dau",
		"thoi_luong", "loai", "tieu_de", "nguon", "ngon_ngu" };
	struct civil_text at, length;

	*p = (struct page){ .divider = ",;\t"[draw(3)] };
	p->rows[p->n++] = copy_row((char *const *)head);
	for (size_t i = 0; i < s->n; i++) {
		const struct sheet_row *r = &s->rows[i];
		const char *const row[CELLS] = {
			civil_weekday_text((enum weekday)r->weekday),
			r->at_s < 43200 ? "sáng" : "chiều",
			civil_time_text(r->at_s, &at),
			civil_time_text(r->for_s, &length),
			sheet_kind_word(r->kind),
			r->title,
			r->source,
			r->language,
		};

		p->rows[p->n++] = copy_row((char *const *)row);
	}
}

static void
close_page(struct page *p)
{
	for (size_t i = 0; i < p->n; i++)
		drop_row(p->rows[i]);
	free(p->bytes);
}

/* As `loaxa load` would: 0 when it would be installed. */
static int
take(const struct page *p, const struct schedule *s, struct problems *ps)
{
	struct match_setup setup = { .schedule = s, .name = "t.csv" };
	struct problems missing = { 0 };
	struct match *m = NULL;
	struct sheet *sheet = NULL;
	int r = sheet_read(p->bytes, p->n_bytes, "t.csv", ps, &sheet);

	civil_day(2026, 11, 23, &setup.monday);
	if (r == 0)
		r = match_make(sheet, &setup, ps, &missing, &m);
	problems_free(&missing);
	sheet_free(sheet);
	match_free(m);
	return r;
}

struct desk {
	struct schedule *schedule;
	struct sheet *sheet;
};

static int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct problems ps = { 0 };
	size_t n;
	char *text = folder_slurp("schedules/que-minh-tuan.csv", &n);

	civil_zone("Asia/Ho_Chi_Minh");
	if (sheet_read(text, n, "t.csv", &ps, &d->sheet) < 0 ||
	    schedule_read("schedules", "que-minh", INT64_MIN, INT64_MAX, &ps,
		&d->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	free(text);
	*state = d;
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	schedule_free(d->schedule);
	sheet_free(d->sheet);
	free(d);
	return 0;
}

static bool
has_line(const struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->list[i].line > 0 &&
		    strcmp(ps->list[i].file, "t.csv") == 0)
			return true;
	return false;
}

static void
a_broken_sheet_is_told_with_a_line_and_never_taken(void **state)
{
	static struct page p;
	struct desk *d = *state;

	for (unsigned i = 0; i < SHEETS; i++) {
		size_t way = i % COUNT(ways);
		struct problems ps = { 0 };

		seed = i + 1;
		open_page(&p, d->sheet);
		ways[way].make(&p);
		if (p.bytes == NULL)
			render(&p);
		if (take(&p, d->schedule, &ps) == 0)
			fail_msg("seed %u, %s: taken\n%.*s", i + 1,
			    ways[way].name, (int)p.n_bytes, p.bytes);
		if (!has_line(&ps))
			fail_msg("seed %u, %s: no line\n%s", i + 1,
			    ways[way].name, problems_said(&ps));
		problems_free(&ps);
		close_page(&p);
	}
}

/* The generator itself: unbroken, its sheets are taken. */
static void
an_unbroken_sheet_is_taken(void **state)
{
	static struct page p;
	struct desk *d = *state;

	for (unsigned i = 0; i < 6; i++) {
		struct problems ps = { 0 };

		seed = i;
		open_page(&p, d->sheet);
		render(&p);
		if (take(&p, d->schedule, &ps) != 0)
			fail_msg("%s", problems_said(&ps));
		close_page(&p);
	}
}

/* Any bytes at all: told or taken, never a crash. */
static void
a_sheet_of_mangled_bytes_is_harmless(void **state)
{
	static struct page p;
	struct desk *d = *state;

	for (unsigned i = 0; i < 300; i++) {
		struct problems ps = { 0 };

		seed = 7777 + i;
		open_page(&p, d->sheet);
		render(&p);
		for (size_t k = 1 + draw(40); k > 0; k--)
			p.bytes[draw(p.n_bytes)] =
			    ",;\"\n\t'=-\r:/0T"[draw(14)];
		if (take(&p, d->schedule, &ps) != 0)
			assert_true(has_line(&ps));
		problems_free(&ps);
		close_page(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unbroken_sheet_is_taken),
		cmocka_unit_test(
		    a_broken_sheet_is_told_with_a_line_and_never_taken),
		cmocka_unit_test(a_sheet_of_mangled_bytes_is_harmless),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
