/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/sheet.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "thu,buoi,gio_bat_dau,thoi_luong,loai,tieu_de,nguon,ngon_ngu\n"

static struct sheet *
read_text(const char *text, struct problems *ps)
{
	struct sheet *s = NULL;

	sheet_read(text, strlen(text), "t.csv", ps, &s);
	return s;
}

/* A sheet of one row of which only one cell matters. */
static struct sheet *
read_cell(const char *column, const char *cell, struct problems *ps)
{
	static const char *const rest[][2] = { { "thu", "T2" },
		{ "gio_bat_dau", "05:00:00" }, { "tieu_de", "x" } };
	char head[300];
	char row[300];

	snprintf(head, sizeof(head), "%s", column);
	snprintf(row, sizeof(row), "\"%s\"", cell);
	for (size_t i = 0; i < COUNT(rest); i++) {
		if (strcmp(column, rest[i][0]) == 0 ||
		    (i == 0 && strcmp(column, "ngay") == 0))
			continue;
		strcat(strcat(head, ","), rest[i][0]);
		strcat(strcat(row, ","), rest[i][1]);
	}
	strcat(strcat(head, "\n"), row);
	return read_text(head, ps);
}

static void
every_way_to_write_a_cell(void **state)
{
	static const struct {
		const char *column;
		const char *cell;
		int is; /* seconds, or the weekday; -1: a problem */
	} cases[] = {
		{ "gio_bat_dau", "05:00", 18000 },
		{ "gio_bat_dau", "05:00:30", 18030 },
		{ "gio_bat_dau", "5:00:00", 18000 },
		{ "gio_bat_dau", "5:00", 18000 },
		{ "gio_bat_dau", "5h", 18000 },
		{ "gio_bat_dau", "5h00", 18000 },
		{ "gio_bat_dau", "5 giờ 30", 19800 },
		{ "gio_bat_dau", "17g30", 63000 },
		{ "gio_bat_dau", "17h10'30\"\"", 61830 },
		{ "gio_bat_dau", "17h10p30", 61830 },
		{ "gio_bat_dau", "5:00:00 PM", 61200 },
		{ "gio_bat_dau", "5:00:00 SA", 18000 },
		{ "gio_bat_dau", "12:00 AM", 0 },
		{ "gio_bat_dau", "12:30 CH", 45000 },
		{ "gio_bat_dau", "00:00", 0 },
		{ "gio_bat_dau", "23:59:59", 86399 },
		{ "gio_bat_dau", "\u00a005:00:00\u00a0", 18000 },
		{ "gio_bat_dau", "\u200b5h\ufeff", 18000 },
		{ "gio_bat_dau", "24:00", -1 },
		{ "gio_bat_dau", "25:61", -1 },
		{ "gio_bat_dau", "5:60", -1 },
		{ "gio_bat_dau", "13:00 PM", -1 },
		{ "gio_bat_dau", "0.2083333", -1 },
		{ "gio_bat_dau", "5", -1 },
		{ "gio_bat_dau", "17.30", -1 },
		{ "gio_bat_dau", "90 phút", -1 },
		{ "gio_bat_dau", "sáng", -1 },
		{ "thoi_luong", "00:15:00", 900 },
		{ "thoi_luong", "0:00:30", 30 },
		{ "thoi_luong", "15 phút", 900 },
		{ "thoi_luong", "15'", 900 },
		{ "thoi_luong", "30\"\"", 30 },
		{ "thoi_luong", "1’30”", 90 },
		{ "thoi_luong", "29 phút 30 giây", 1770 },
		{ "thoi_luong", "29p30", 1770 },
		{ "thoi_luong", "1h", 3600 },
		{ "thoi_luong", "90 phut", 5400 },
		{ "thoi_luong", "15:00", -1 },
		{ "thoi_luong", "00:15", -1 },
		{ "thoi_luong", "00:00:00", -1 },
		{ "thoi_luong", "0 phút", -1 },
		{ "thoi_luong", "15", -1 },
		{ "thoi_luong", "30 giây 5 phút", -1 },
		{ "thoi_luong", "1h75", -1 },
		{ "thoi_luong", "29,5 phút", -1 },
		{ "thoi_luong", "999999 phút", -1 },
		{ "thoi_luong", "25:00:00", -1 },
		{ "thu", "T2", MON },
		{ "thu", "t7", SAT },
		{ "thu", "Thứ hai", MON },
		{ "thu", "THỨ TƯ", WED },
		{ "thu", "Thu 5", THU },
		{ "thu", "T.6", FRI },
		{ "thu", "3", TUE },
		{ "thu", "CN", SUN },
		{ "thu", "Chủ nhật", SUN },
		{ "thu", "chu nhat", SUN },
		{ "thu", "mon", MON },
		{ "thu", "Sat", SAT },
		{ "thu", "thu", THU },
		{ "thu", "Thứ", -1 },
		{ "thu", "T8", -1 },
		{ "thu", "T1", -1 },
		{ "thu", "1", -1 },
		{ "thu", "hôm nay", -1 },
		{ "ngay", "26/11/2026", THU },
		{ "ngay", "26-11-2026", THU },
		{ "ngay", "26.11.2026", THU },
		{ "ngay", "2026-11-26", THU },
		{ "ngay", "1/6/2026", MON },
		{ "ngay", "29/2/2028", TUE },
		{ "ngay", "31/02/2026", -1 },
		{ "ngay", "31/02", -1 },
		{ "ngay", "11/26/2026", -1 },
		{ "ngay", "26/11/26", -1 },
		{ "ngay", "26/11/2026 x", -1 },
		{ "ngay", "45987", -1 },
		{ "loai", "file", SHEET_FILE },
		{ "loai", "Tiếp sóng", SHEET_LIVE },
		{ "loai", "TIEP_AM", SHEET_RELAY },
		{ "loai", "chỉ đạo", SHEET_ABOVE },
		{ "loai", "nhạc", -1 },
		{ "ngon_ngu", "km", 0 },
		{ "ngon_ngu", "zh-Hant", 0 },
		{ "ngon_ngu", "tiếng Việt", -1 },
		{ "muc", "ttdn-t5", 0 },
		{ "muc", "Mục 5", -1 },
		{ "buoi", "sáng", 0 },
		{ "buoi", "SANG", 0 },
		{ "buoi", "chiều", -1 },
		{ "buoi", "5 giờ", -1 },
		{ "tieu_de", "=A1&B1", -1 },
		{ "tieu_de", "#REF!", -1 },
		{ "tieu_de", "'=A1", 0 },
		{ "gio_bat_dau", "########", -1 },
		{ "tieu_de", "- Bản tin", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct sheet *s =
		    read_cell(cases[i].column, cases[i].cell, &ps);
		int is = 0;

		if (s != NULL && strcmp(cases[i].column, "gio_bat_dau") == 0)
			is = s->rows[0].at_s;
		else if (s != NULL &&
			 strcmp(cases[i].column, "thoi_luong") == 0)
			is = s->rows[0].for_s;
		else if (s != NULL && (strcmp(cases[i].column, "thu") == 0 ||
					  strcmp(cases[i].column, "ngay") == 0))
			is = s->rows[0].weekday;
		else if (s != NULL && strcmp(cases[i].column, "loai") == 0)
			is = (int)s->rows[0].kind;
		if ((s == NULL ? -1 : is) != cases[i].is)
			fail_msg("%s \"%s\": %d, wanted %d\n%s",
			    cases[i].column, cases[i].cell, s == NULL ? -1 : is,
			    cases[i].is, problems_said(&ps));
		if (s == NULL && (ps.n == 0 || ps.list[0].line != 2))
			fail_msg("%s \"%s\": no problem on line 2",
			    cases[i].column, cases[i].cell);
		problems_free(&ps);
		sheet_free(s);
	}
}

static void
columns_are_known_by_any_spelling_and_order(void **state)
{
	struct problems ps = { 0 };
	struct sheet *s =
	    read_text("LỊCH PHÁT SÓNG TUẦN 48;;;;\n;;;;\n"
		      "STT;TIÊU ĐỀ;Giờ bắt đầu;Thứ;Ghi chú;Mục;Tệp\n"
		      "1;\"Bản tin\nxã \";5h;Thứ hai;x;ban-tin;\"a\nb\"\n",
		&ps);

	(void)state;
	expect_said("spellings", &ps, "");
	assert_int_equal(s->n, 1);
	assert_int_equal(s->rows[0].line, 4);
	assert_string_equal(s->rows[0].title, "Bản tin xã");
	assert_string_equal(s->rows[0].slot, "ban-tin");
	assert_string_equal(s->rows[0].items, "a;b");
	assert_int_equal(s->rows[0].at_s, 18000);
	sheet_free(s);
}

static void
merged_cells_stand_for_what_is_above(void **state)
{
	struct problems ps = { 0 };
	struct sheet *s = read_text(HEAD
	    "T2,sáng,05:00:00,,,a,,\n,,05:10:00,,,b,,\n,,17:00:00,,,c,,\n"
	    "Thứ ba,,,,,,,\n,sáng,05:00:00,,,d,,\n,,,,,,,\n",
	    &ps);

	(void)state;
	expect_said("merged", &ps, "");
	assert_int_equal(s->n, 4);
	assert_int_equal(s->rows[1].weekday, MON);
	assert_int_equal(s->rows[2].weekday, MON);
	assert_int_equal(s->rows[3].weekday, TUE);
	assert_int_equal(s->rows[3].line, 6);
	sheet_free(s);
}

static void
every_problem_has_its_line_and_a_remedy(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "three at once",
		    HEAD "T2,sáng,25:61,,,a,,\nT2,,05:00:00,,x,b,,\n"
			 "T9,,06:00:00,,,c,,\n",
		    "t.csv:2: gio_bat_dau: \"25:61\" is no time of day; write "
		    "hours, minutes and seconds, such as 05:00:00\n"
		    "t.csv:3: loai: \"x\" is not known; write file, tiep_song, "
		    "tiep_am or chi_dao\n"
		    "t.csv:4: thu: \"T9\" is no day of the week; write T2 to "
		    "T7 or CN\n" },
		{ "two rows at one moment",
		    HEAD "T2,,05:00:00,,,a,,\nT3,,05:00:00,,,b,,\n"
			 "Thứ hai,,5h,,,c,,\n",
		    "t.csv:4: T2 05:00:00 is taken by the row on line 2; two "
		    "rows cannot start at one moment\n" },
		{ "a day that its merged cell lost",
		    HEAD "T2,,17:00:00,,,a,,\n,,05:00:00,,,b,,\n",
		    "t.csv:3: the row has no day of its own and is earlier "
		    "than the row above; write its day in thu\n" },
		{ "no day at all", HEAD ",,05:00:00,,,a,,\n",
		    "t.csv:2: the row has no day; write T2 to T7 or CN in "
		    "thu\n" },
		{ "no header", "T2,sáng,05:00:00,00:01:30\n",
		    "t.csv:1: there is no header; the first row names the "
		    "columns: thu, buoi, gio_bat_dau, thoi_luong, loai, "
		    "tieu_de, nguon, ngon_ngu, separated by \",\" or \";\"\n" },
		{ "another separator", "thu|gio_bat_dau|tieu_de\nT2|5h|a\n",
		    "t.csv:1: there is no header; the first row names the "
		    "columns: thu, buoi, gio_bat_dau, thoi_luong, loai, "
		    "tieu_de, nguon, ngon_ngu, separated by \",\" or \";\"\n" },
		{ "a column misspelt",
		    "thu,gio_bat_dau,tieu_de,teppp\n"
		    "T2,5h,a,b\n",
		    "t.csv:1: there is no column \"teppp\"; correct its name "
		    "or remove it (the columns: thu, ngay, buoi, gio_bat_dau, "
		    "thoi_luong, loai, tieu_de, nguon, ngon_ngu, muc, tep)\n" },
		{ "a column twice", "thu,gio_bat_dau,tieu_de,Thứ\nT2,5h,a,T2\n",
		    "t.csv:1: the column thu is there twice; remove one\n" },
		{ "columns missing", "thu,buoi,nguon,loai\nT2,,,\n",
		    "t.csv:1: the column gio_bat_dau is missing; add it\n"
		    "t.csv:1: the column tieu_de is missing; add it\n" },
		{ "a separator in a cell", HEAD "T2,,05:00:00,,,a,b,vi,d\n",
		    "t.csv:2: \"d\" stands in column 9, which has no name in "
		    "the header; name the column, or put a cell with the "
		    "separator in it in quotes\n" },
		{ "date and day disagree",
		    "ngay,thu,gio_bat_dau,tieu_de\n26/11/2026,T4,5h,a\n",
		    "t.csv:2: 26/11/2026 is a T5, not a T4; correct thu or "
		    "ngay\n" },
		{ "two weeks in one sheet",
		    "ngay,gio_bat_dau,tieu_de\n29/11/2026,5h,a\n"
		    "30/11/2026,5h,b\n",
		    "t.csv:3: the row is in the week 2026-W49, those above are "
		    "in 2026-W48; load each week from a sheet of its own\n" },
		{ "the afternoon before noon", HEAD "T2,chiều,5h,,,a,,\n",
		    "t.csv:2: 05:00:00 is not in the part of the day "
		    "\"chiều\"; correct buoi, or write the time with 24 hours, "
		    "such as 17:00:00\n" },
		{ "a header and nothing else", HEAD,
		    "t.csv:1: there is no row below the header; write one for "
		    "each programme\n" },
		{ "a length that says two things",
		    HEAD "T2,,05:00:00,15:00,,a,,\n",
		    "t.csv:2: thoi_luong: \"15:00\" may be minutes and seconds "
		    "or hours and minutes; write all three, such as 00:15:00, "
		    "or \"15 phút\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };

		assert_null(read_text(cases[i].text, &ps));
		expect_said(cases[i].when, &ps, cases[i].said);
	}
}

static char *
written(const struct sheet *s, size_t *ret_n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_n);

	sheet_write(f, s->rows, s->n);
	fclose(f);
	return text;
}

static void
out_in_and_out_again_is_the_same_bytes(void **state)
{
	struct problems ps = { 0 };
	struct sheet *s = read_text(
	    "thu,ngay,gio_bat_dau,thoi_luong,loai,tieu_de,muc,tep\n"
	    "T5,26/11/2026,17h10'30,15 phút,file,\"'=1+1, \"\"x\"\"\",ttdn-t5,"
	    "\"a; b\"\n"
	    ",,18:00:00,00:29:30,tiep_am,- VOV,vov-18h,\n"
	    "CN,,00:00:00,,,+84,,@x\n",
	    &ps);
	struct sheet *again = NULL;
	char *first, *second;
	size_t n, m;

	(void)state;
	expect_said("read", &ps, "");
	first = written(s, &n);
	assert_int_equal(sheet_read(first, n, "t.csv", &ps, &again), 0);
	assert_int_equal(again->n, 3);
	assert_string_equal(again->rows[0].title, "=1+1, \"x\"");
	second = written(again, &m);
	assert_int_equal(n, m);
	assert_memory_equal(first, second, n);
	free(first);
	free(second);
	sheet_free(s);
	sheet_free(again);
}

static void
the_shipped_week_is_read_whole(void **state)
{
	struct problems ps = { 0 };
	struct sheet *s = NULL;
	size_t n;
	char *text = folder_slurp("schedules/que-minh-tuan.csv", &n);
	long total_s = 0;

	(void)state;
	assert_int_equal(sheet_read(text, n, "t.csv", &ps, &s), 0);
	expect_said("the shipped week", &ps, "");
	assert_int_equal(s->n, 103);
	for (size_t i = 0; i < s->n; i++)
		total_s += s->rows[i].for_s;
	assert_int_equal(total_s, 67500); /* 18.75 hours */
	sheet_free(s);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_a_cell),
		cmocka_unit_test(columns_are_known_by_any_spelling_and_order),
		cmocka_unit_test(merged_cells_stand_for_what_is_above),
		cmocka_unit_test(every_problem_has_its_line_and_a_remedy),
		cmocka_unit_test(out_in_and_out_again_is_the_same_bytes),
		cmocka_unit_test(the_shipped_week_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
