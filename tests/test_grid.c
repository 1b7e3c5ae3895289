/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/grid.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) (s), sizeof(s) - 1

/* "line:cell|cell" a row, "/" between rows. Static buffer. */
static const char *
shown(const struct grid *g)
{
	static char text[4000];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < g->n; i++) {
		n += (size_t)sprintf(
		    text + n, "%s%d:", i == 0 ? "" : "/", g->rows[i].line);
		for (size_t k = 0; k < g->rows[i].n; k++)
			n += (size_t)sprintf(text + n, "%s%s",
			    k == 0 ? "" : "|",
			    g->rows[i].cells[k] == NULL ? ""
							: g->rows[i].cells[k]);
	}
	return text;
}

static void
every_form_of_a_sheet_is_the_same_cells(void **state)
{
	static const struct {
		const char *when;
		const char *bytes;
		size_t n;
	} cases[] = {
		{ "plain", BYTES("a,b,c,d\nt\u1edb,2,,4\n") },
		{ "with a mark", BYTES("\ufeffa,b,c,d\nt\u1edb,2,,4\n") },
		{ "semicolons", BYTES("a;b;c;d\nt\u1edb;2;;4\n") },
		{ "tabs", BYTES("a\tb\tc\td\nt\u1edb\t2\t\t4\n") },
		{ "CRLF", BYTES("a,b,c,d\r\nt\u1edb,2,,4\r\n") },
		{ "a lone CR", BYTES("a,b,c,d\rt\u1edb,2,,4\r") },
		{ "no line end at the end", BYTES("a,b,c,d\nt\u1edb,2,,4") },
		{ "all quoted",
		    BYTES("\"a\",\"b\",\"c\",\"d\"\n\"t\u1edb\",\"2\",\"\","
			  "\"4\"\n") },
		{ "empty columns behind",
		    BYTES("a,b,c,d,,,,\nt\u1edb,2,,4,,,,\n") },
		{ "empty rows behind",
		    BYTES("a,b,c,d\nt\u1edb,2,,4\n,,,\n\n , ,\n") },
		{ "UTF-16, low byte first, marked",
		    BYTES("\xff\xfe"
			  "a\0;\0b\0;\0c\0;\0d\0\r\0\n\0t\0\xdb\x1e"
			  ";\0"
			  "2\0;\0;\0"
			  "4\0\r\0\n\0") },
		{ "UTF-16, high byte first, marked",
		    BYTES("\xfe\xff\0a\0,\0b\0,\0c\0,\0d\0\n\0t\x1e\xdb\0,\0"
			  "2\0,\0,\0"
			  "4\0\n") },
		{ "UTF-16, low byte first, unmarked",
		    BYTES("a\0\t\0b\0\t\0c\0\t\0d\0\n\0t\0\xdb\x1e\t\0"
			  "2\0"
			  "\t\0\t\0"
			  "4\0\n\0") },
		{ "UTF-16, high byte first, unmarked",
		    BYTES("\0a\0,\0b\0,\0c\0,\0d\0\n\0t\x1e\xdb\0,\0"
			  "2\0,"
			  "\0,\0"
			  "4") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct grid *g = NULL;
		int r = grid_read(cases[i].bytes, cases[i].n, "t.csv", &ps, &g);

		expect_said(cases[i].when, &ps, "");
		assert_int_equal(r, 0);
		if (strcmp(shown(g), "1:a|b|c|d/2:t\u1edb|2||4") != 0)
			fail_msg("%s: %s", cases[i].when, shown(g));
		grid_free(g);
	}
}

static void
a_row_keeps_the_line_it_begins_on(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *cells;
	} cases[] = {
		{ "a line break in a cell", "a,b,c,d\n\"x\ny\",2,3,4\n5,6\n",
		    "1:a|b|c|d/2:x\ny|2|3|4/4:5|6" },
		{ "CRLF in a cell", "a,b,c,d\r\n\"x\r\n\r\ny\",2\r\n5,6\r\n",
		    "1:a|b|c|d/2:x\n\ny|2/5:5|6" },
		{ "empty lines between", "\n\na,b,c,d\n\n,,\n5,6\n",
		    "3:a|b|c|d/6:5|6" },
		{ "a quoted separator and quote",
		    "a,b,c,d\n\"x, \"\"y\"\"\",2\n", "1:a|b|c|d/2:x, \"y\"|2" },
		{ "Excel's hint", "sep=;\na;b;c;d\n1;\"2;3\"\n",
		    "1:sep=/2:a|b|c|d/3:1|2;3" },
		{ "a heading with commas above",
		    "L\u1ecbch, tu\u1ea7n 48\na;b;c;d\n1,5;2\n",
		    "1:L\u1ecbch, tu\u1ea7n 48/2:a|b|c|d/3:1,5|2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct grid *g = NULL;

		grid_read(
		    cases[i].text, strlen(cases[i].text), "t.csv", &ps, &g);
		expect_said(cases[i].when, &ps, "");
		if (strcmp(shown(g), cases[i].cells) != 0)
			fail_msg("%s: %s", cases[i].when, shown(g));
		grid_free(g);
	}
}

static void
what_is_no_sheet_is_named_for_what_it_is(void **state)
{
	static const struct {
		const char *when;
		const char *bytes;
		size_t n;
		const char *said;
	} cases[] = {
		{ "nothing", BYTES(""),
		    "t.csv:1: the file is empty; export the sheet anew\n" },
		{ "a picture", BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
		    "t.csv:1: this is a PNG picture, not the text of a sheet; "
		    "open it in Excel and Save As \"CSV UTF-8\"\n" },
		{ "a workbook",
		    BYTES("PK\x03\x04\x14\0\x06\0[Content_Types].xml"),
		    "t.csv:1: this is an Excel workbook (.xlsx), not the text "
		    "of a sheet; open it in Excel and Save As \"CSV "
		    "UTF-8\"\n" },
		{ "some archive", BYTES("PK\x03\x04\x14\0\x06\0tuan-48.csv"),
		    "t.csv:1: this is a zip archive, not the text of a sheet; "
		    "open it in Excel and Save As \"CSV UTF-8\"\n" },
		{ "a code page of Windows", BYTES("a,b,c,d\n1,Qu\xea\xcc\n"),
		    "t.csv:2: this is neither UTF-8 nor UTF-16 text; save it "
		    "anew: in Excel, Save As, \"CSV UTF-8\"\n" },
		{ "half a letter of UTF-16",
		    BYTES("\xff\xfe"
			  "a\0\n\0b"),
		    "t.csv:2: this is neither UTF-8 nor UTF-16 text; save it "
		    "anew: in Excel, Save As, \"CSV UTF-8\"\n" },
		{ "a lone surrogate",
		    BYTES("\xff\xfe"
			  "a\0\n\0\0\xd8"
			  "b\0"),
		    "t.csv:2: this is neither UTF-8 nor UTF-16 text; save it "
		    "anew: in Excel, Save As, \"CSV UTF-8\"\n" },
		{ "a NUL", BYTES("a,b,c,d\n1,2,3,4\nx\0y\n"),
		    "t.csv:3: there is a control character (0) in the line; "
		    "remove it, or export the sheet anew\n" },
		{ "a letter lost", BYTES("a,b,c,d\n1,Qu\ufffd\n"),
		    "t.csv:2: letters were lost here in an earlier conversion; "
		    "export the sheet anew as \"CSV UTF-8\"\n" },
		{ "a quote that never ends", BYTES("a,b,c,d\n1,\"2\n3,4\n"),
		    "t.csv:2: a quoted cell begins in this row and never ends; "
		    "close it with \", and write a \" inside it twice\n" },
		{ "a quote too many", BYTES("a,b,c,d\n1,\"2\"3\",4\n"),
		    "t.csv:2: a \" stands in the middle of a cell of this row; "
		    "put the whole cell in quotes and write the \" twice\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct grid *g = NULL;

		assert_true(grid_read(cases[i].bytes, cases[i].n, "t.csv", &ps,
				&g) < 0);
		assert_null(g);
		expect_said(cases[i].when, &ps, cases[i].said);
	}
}

static void
a_sheet_too_long_is_refused_once(void **state)
{
	struct problems ps = { 0 };
	struct grid *g = NULL;
	size_t n = 2 * 10000;
	char *text = calloc(GRID_BYTES_MAX + 1, 1);

	(void)state;
	for (size_t i = 0; i < n; i += 2)
		memcpy(text + i, "a\n", 2);
	assert_true(grid_read(text, n, "t.csv", &ps, &g) < 0);
	expect_said("ten thousand rows", &ps,
	    "t.csv:5001: the sheet has more than 5000 rows; a week has fewer, "
	    "so remove what does not belong to it\n");
	memset(text, ',', GRID_BYTES_MAX + 1);
	assert_true(grid_read(text, GRID_BYTES_MAX + 1, "t.csv", &ps, &g) < 0);
	expect_said("too many bytes", &ps,
	    "t.csv:1: the file is longer than 2048 kB; a week is shorter, so "
	    "remove what does not belong to it\n");
	assert_int_equal(grid_read(text, GRID_BYTES_MAX, "t.csv", &ps, &g), 0);
	assert_int_equal(g->n, 0);
	grid_free(g);
	free(text);
}

/* Whatever a cell holds: written, read and freed of its mark, it is as it
 * was, and no spreadsheet computes it. */
static void
what_is_written_reads_back(void **state)
{
	static const char *const cells[] = { "=1+1", "+84", "- b\u1ea3n tin",
		"@x", "'", "''", "'=", "'x", "a,b", "a;b", "a\tb", "a\"b",
		"a\nb", "\"", " x ", "x", "Qu\u1ebf Minh" };
	struct problems ps = { 0 };
	struct grid *g = NULL;
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	grid_write(f, cells, COUNT(cells));
	fclose(f);
	assert_int_equal(grid_read(text, n, "t.csv", &ps, &g), 0);
	assert_int_equal(g->n, 1);
	assert_int_equal(g->rows[0].n, COUNT(cells));
	for (size_t i = 0; i < COUNT(cells); i++) {
		const char *cell = g->rows[0].cells[i];

		assert_null(memchr("=+-@", cell[0], 4));
		assert_string_equal(grid_plain(cell), cells[i]);
	}
	grid_free(g);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_sheet_is_the_same_cells),
		cmocka_unit_test(a_row_keeps_the_line_it_begins_on),
		cmocka_unit_test(what_is_no_sheet_is_named_for_what_it_is),
		cmocka_unit_test(a_sheet_too_long_is_refused_once),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
