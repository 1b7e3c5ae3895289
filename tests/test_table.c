/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "ctl/table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct column columns[] = { { "AT", 0 }, { "MS", COLUMN_RIGHT },
	{ "WHAT", COLUMN_ELASTIC }, { "WHY", 0 } };

static char *
printed(const struct table *t, int width)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	table_print(t, f, width);
	fclose(f);
	return text;
}

static struct table *
table_of(const char *const (*rows)[4], size_t n)
{
	struct table *t = table_new(columns, COUNT(columns));

	for (size_t i = 0; i < n; i++)
		assert_int_equal(table_row(t, rows[i]), 0);
	return t;
}

static void
columns_are_as_wide_as_their_widest_cell(void **state)
{
	static const char *const rows[][4] = {
		{ "17:00", "5", "Nhạc hiệu", "ready" },
		{ "17:00:30", "15000", "Tin", NULL },
	};
	struct table *t = table_of(rows, COUNT(rows));
	char *text = printed(t, 0);

	(void)state;
	assert_string_equal(text, "AT           MS  WHAT       WHY\n"
				  "17:00         5  Nhạc hiệu  ready\n"
				  "17:00:30  15000  Tin\n");
	free(text);
	table_free(t);
}

static void
only_elastic_columns_give_way_to_a_narrow_terminal(void **state)
{
	static const char *const rows[][4] = {
		{ "17:00", "5", "Thông tin đối ngoại tuần này",
		    "not approved" },
	};
	struct table *t = table_of(rows, COUNT(rows));
	char *text = printed(t, 40);

	(void)state;
	assert_string_equal(text, "AT     MS  WHAT             WHY\n"
				  "17:00   5  Thông tin đối …  not approved\n");
	free(text);
	text = printed(t, 10);
	assert_non_null(strstr(text, "Thông t…"));
	assert_non_null(strstr(text, "not approved"));
	free(text);
	table_free(t);
}

static void
spare_columns_make_room_the_last_first(void **state)
{
	static const struct column of[] = { { "ID", 0 },
		{ "TITLE", COLUMN_ELASTIC }, { "A", COLUMN_SPARE },
		{ "B", COLUMN_SPARE }, { "STATE", 0 } };
	static const struct {
		int width;
		const char *text;
	} cases[] = {
		{ 0, "ID   TITLE                        A     B     STATE\n"
		     "tin  Thông tin đối ngoại tuần 48  mot1  hai2  ready\n" },
		{ 50, "ID   TITLE                       A     B     STATE\n"
		      "tin  Thông tin đối ngoại tuần …  mot1  hai2  ready\n" },
		{ 40, "ID   TITLE                   A     STATE\n"
		      "tin  Thông tin đối ngoại t…  mot1  ready\n" },
		{ 30, "ID   TITLE               STATE\n"
		      "tin  Thông tin đối ngo…  ready\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct table *t = table_new(of, COUNT(of));
		char *text;

		table_row(t,
		    (const char *const[]){ "tin", "Thông tin đối ngoại tuần 48",
			"mot1", "hai2", "ready" });
		text = printed(t, cases[i].width);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%d: \"%s\", wanted \"%s\"", cases[i].width,
			    text, cases[i].text);
		free(text);
		table_free(t);
	}
}

static void
an_elastic_last_column_goes_on_below_itself(void **state)
{
	static const struct column last[] = { { "AT", 0 },
		{ "WHY", COLUMN_ELASTIC } };
	static const struct {
		const char *when;
		const char *why;
		int width;
		const char *text;
	} cases[] = {
		{ "it fits", "thiếu tệp", 20, "AT  WHY\n5   thiếu tệp\n" },
		{ "it breaks between words", "thiếu tệp: quoc-ca", 15,
		    "AT  WHY\n5   thiếu tệp:\n    quoc-ca\n" },
		{ "a word that is longer than the column",
		    "thiếu tệp: ban-tin-w48-t2", 14,
		    "AT  WHY\n5   thiếu tệp:\n    ban-tin-w4\n"
		    "    8-t2\n" },
		{ "blanks at a break", "thiếu      tệp đây", 12,
		    "AT  WHY\n5   thiếu\n    tệp đây\n" },
		{ "no terminal", "thiếu tệp: ban-tin-w48-t2", 0,
		    "AT  WHY\n5   thiếu tệp: ban-tin-w48-t2\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct table *t = table_new(last, COUNT(last));
		char *text;

		table_row(t, (const char *const[]){ "5", cases[i].why });
		text = printed(t, cases[i].width);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].when,
			    text, cases[i].text);
		free(text);
		table_free(t);
	}
}

static void
no_line_is_wider_than_a_terminal_that_can_hold_the_table(void **state)
{
	static const char *const rows[][4] = {
		{ "17:00", "5", "ខ្មែរ ភាសាខ្មែរ ព័ត៌មាន ប្រចាំសប្ដាហ៍", "ready" },
		{ "17:00", "5",
		    "e\xcc\x81\xcc\xa3 decomposed Vie\xcc\xa3\xcc\x82t", "r" },
		{ "17:00", "5", "全角文字は二桁を占める長い題名", "ready" },
	};
	struct table *t = table_of(rows, COUNT(rows));

	(void)state;
	assert_int_equal(
	    table_line(t,
		"a line across that is longer than "
		"any terminal of this test could ever show in one line"),
	    0);
	for (int width = 30; width < 80; width++) {
		char *text = printed(t, width);

		for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
			if (text_width(l) > width)
				fail_msg("width %d: %d columns: %s", width,
				    text_width(l), l);
		free(text);
	}
	table_free(t);
}

static void
a_cell_cannot_move_the_cursor(void **state)
{
	static const char *const rows[][4] = {
		{ "a\nb\tc", "\033[2J", "\xff\xfe", "x\xe2\x80\xaey" },
	};
	struct table *t = table_of(rows, COUNT(rows));
	char *text = printed(t, 0);

	(void)state;
	assert_string_equal(text, "AT       MS  WHAT  WHY\n"
				  "a?b?c  ?[2J  ??    x?y\n");
	free(text);
	table_free(t);
}

static void
lines_across_are_not_counted_as_rows(void **state)
{
	static const char *const rows[][4] = { { "1", "2", "3", "4" } };
	struct table *t = table_of(rows, COUNT(rows));
	char *text;

	(void)state;
	table_line(t, "");
	table_line(t, "Thứ Năm");
	assert_int_equal(table_rows(t), 1);
	text = printed(t, 0);
	assert_string_equal(
	    text, "AT  MS  WHAT  WHY\n1    2  3     4\n\nThứ Năm\n");
	free(text);
	table_free(t);
	assert_null(table_free(NULL));
}

static void
a_cut_text_ends_in_an_ellipsis_and_keeps_marks_with_their_letters(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		int width;
		const char *cut;
	} cases[] = {
		{ "it fits", "Việt", 4, "Việt" },
		{ "one column too long", "Quế Minh", 7, "Quế Mi…" },
		{ "a combining mark at the edge",
		    "abe\xcc\x81"
		    "de",
		    4, "abe\xcc\x81…" },
		{ "a wide sign does not fit by half", "ab全角", 4, "ab…" },
		{ "room for the ellipsis only", "abc", 1, "…" },
		{ "no room at all", "abc", 0, "" },
		{ "nothing to cut", "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *cut = table_cut(cases[i].text, cases[i].width);

		if (strcmp(cut, cases[i].cut) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].when,
			    cut, cases[i].cut);
		free(cut);
	}
}

static void
what_is_no_terminal_has_no_width(void **state)
{
	FILE *f = tmpfile();

	(void)state;
	assert_int_equal(table_width(f), 0);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(
		    only_elastic_columns_give_way_to_a_narrow_terminal),
		cmocka_unit_test(spare_columns_make_room_the_last_first),
		cmocka_unit_test(an_elastic_last_column_goes_on_below_itself),
		cmocka_unit_test(
		    no_line_is_wider_than_a_terminal_that_can_hold_the_table),
		cmocka_unit_test(a_cell_cannot_move_the_cursor),
		cmocka_unit_test(lines_across_are_not_counted_as_rows),
		cmocka_unit_test(
		    a_cut_text_ends_in_an_ellipsis_and_keeps_marks_with_their_letters),
		cmocka_unit_test(what_is_no_terminal_has_no_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
