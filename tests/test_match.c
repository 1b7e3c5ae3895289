/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
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
#define HEAD "thu,gio_bat_dau,thoi_luong,loai,tieu_de,muc,tep\n"

static const char timetable[] =
    "station = \"a\"; name = \"A\";\n"
    "segments = ( { id = \"ttdn\"; title = \"Thông tin đối ngoại\"; "
    "languages = [ \"vi\", \"km\" ]; },\n"
    "  { id = \"ban-tin\"; title = \"Bản tin xã\"; },\n"
    "  { id = \"an-ninh\"; title = \"An ninh trật tự\"; },\n"
    "  { id = \"tren\"; title = \"Chương trình cấp trên\"; } );\n"
    "slots = (\n"
    "  { id = \"mo-dau\"; days = \"T2-T7\"; at = \"17:00\"; for = "
    "\"00:00:30\"; title = \"Nhạc hiệu\"; item = \"nhac-hieu\"; },\n"
    "  { id = \"ban-tin\"; days = \"T2-T4\"; at = \"17:00:30\"; for = "
    "\"00:10\"; segment = \"ban-tin\"; },\n"
    "  { id = \"ttdn-t5\"; days = \"T5\"; at = \"17:10:30\"; for = "
    "\"00:15\"; segment = \"ttdn\"; },\n"
    "  { id = \"an-ninh-t3\"; days = \"T3\"; at = \"17:10:30\"; for = "
    "\"00:15\"; segment = \"an-ninh\"; },\n"
    "  { id = \"ttdn-t6-pl\"; days = \"T6\"; at = \"05:10:30\"; for = "
    "\"00:15\"; repeats = \"ttdn-t5\"; },\n"
    "  { id = \"tren-t5\"; days = \"T5\"; at = \"17:30\"; for = "
    "\"00:29:30\"; segment = \"tren\"; from_above = true; },\n"
    "  { id = \"vov\"; days = \"T5\"; at = \"18:00\"; for = "
    "\"00:29:30\"; relay = \"vov1\"; } );\n";

static const struct match_item library[] = {
	{ "ttdn-47", "Tuần cũ", "cu.mp3", "ttdn", "", "vi" },
	{ "ttdn-48", "Biên giới bình yên", "Ghi âm mới 12.m4a", "ttdn", "",
	    "vi" },
	{ "ttdn-48b", "Chợ phiên", "z5432.mp3", "ttdn", "", "vi" },
	{ "hoi", "Hội làng", "x.mp3", "", "", "vi" },
	{ "hoi-2", "HỘI LÀNG", "x.mp3", "", "", "vi" },
	{ "bt", "Bản tin số 9", "bt.mp3", "ban-tin", "", "vi" },
	{ "ghi-am-3", "Gốm", "g3.amr", "ttdn", "gom-w48", "km" },
	{ "gom-w48-vi", "Gốm", "g2.amr", "ttdn", "gom-w48", "vi" },
	{ "nua-vi", "Nửa", "n.amr", "ttdn", "nua", "vi" },
};

struct desk {
	struct folder folder;
	struct schedule *schedule;
};

static int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct problems ps = { 0 };

	folder_make(&d->folder);
	folder_write(&d->folder, "a.cfg", timetable);
	folder_write(&d->folder, "a/2026-W47.cfg",
	    "week = \"2026-W47\"; program = ( { slot = \"ttdn-t5\"; items = [ "
	    "\"ttdn-47\" ]; } );\n");
	folder_write(&d->folder, "a/2026-W48.cfg",
	    "week = \"2026-W48\"; program = ( { slot = \"ttdn-t5\"; items = [ "
	    "\"x\", \"y\" ]; } );\n");
	if (schedule_read(d->folder.path, "a", INT64_MIN, INT64_MAX, &ps,
		&d->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	*state = d;
	return civil_zone("Asia/Ho_Chi_Minh");
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	schedule_free(d->schedule);
	folder_remove(&d->folder);
	free(d);
	return 0;
}

static struct match *
lay(const struct desk *d, const char *rows, struct problems *ps,
    struct problems *missing)
{
	struct match_setup setup = { d->schedule, 0, library, COUNT(library),
		"t.csv" };
	struct match *m = NULL;
	struct sheet *s;
	char text[4000];

	civil_day(2026, 11, 23, &setup.monday);
	snprintf(text, sizeof(text), "%s%s",
	    strncmp(rows, "ngay", 4) == 0 ? "" : HEAD, rows);
	if (sheet_read(text, strlen(text), "t.csv", ps, &s) < 0)
		fail_msg("%s", problems_said(ps));
	match_make(s, &setup, ps, missing, &m);
	sheet_free(s);
	return m;
}

/* "slot:item+item" of the slots that have some. Static buffer. */
static const char *
shown(const struct match *m)
{
	static char text[2000];

	text[0] = '\0';
	for (size_t i = 0; m != NULL && i < m->n; i++) {
		const struct match_entry *e = &m->entries[i];

		if (e->n_after == 0)
			continue;
		sprintf(text + strlen(text),
		    "%s%s:", text[0] == '\0' ? "" : " ", e->slot);
		for (size_t k = 0; k < e->n_after; k++)
			sprintf(text + strlen(text), "%s%s", k == 0 ? "" : "+",
			    e->after[k]);
	}
	return text;
}

static void
a_row_finds_its_slot_and_its_items(void **state)
{
	static const struct {
		const char *when;
		const char *rows;
		const char *programme;
	} cases[] = {
		{ "by its moment, with an id",
		    "T5,17:10:30,00:15:00,file,gì đó,,ttdn-48",
		    "ttdn-t5:ttdn-48" },
		{ "by its slot's id alone", ",,,,,ttdn-t5,ttdn-48",
		    "ttdn-t5:ttdn-48" },
		{ "by its title, without a time",
		    "T5,,,,Chuyên mục: thong tin DOI NGOAI,,ttdn-48",
		    "ttdn-t5:ttdn-48" },
		{ "by the title of an item",
		    "T5,17:10:30,,,BIEN GIOI binh yen,,", "ttdn-t5:ttdn-48" },
		{ "by the name of a file", "T5,17:10:30,,,x,,ghi âm mới 12.m4a",
		    "ttdn-t5:ttdn-48" },
		{ "by the name of a file without its end",
		    "T5,17:10:30,,,x,,Z5432", "ttdn-t5:ttdn-48b" },
		{ "several items",
		    "T5,17:10:30,,,x,,ttdn-48 ; Z5432.mp3|chua-co",
		    "ttdn-t5:ttdn-48+ttdn-48b+chua-co" },
		{ "several items, a line each",
		    "T5,17:10:30,,,x,,\"ttdn-48\nttdn-48b\"",
		    "ttdn-t5:ttdn-48+ttdn-48b" },
		{ "no item named: as in force",
		    "T5,17:10:30,,,Thông tin đối ngoại,,", "ttdn-t5:x+y" },
		{ "an item of an earlier week is not taken by its title",
		    "T5,17:10:30,,,Tuần cũ,,", "ttdn-t5:x+y" },
		{ "the slot named and no item: none", ",,,,,ttdn-t5,", "" },
		{ "several days of one slot",
		    "T2,17:00:30,,,,,bt\nT3,17:00:30,,,Bản tin số 9,,",
		    "ban-tin:bt" },
		{ "what the timetable says may be said",
		    "T5,17:00:00,00:00:30,file,Nhạc hiệu,mo-dau,nhac-hieu\n"
		    "T6,5h10'30,,file,Thông tin đối ngoại (phát lại),,\n"
		    "T5,18h,,tiep_am,VOV,,\nT5,17h30,,chi_dao,x,,bt",
		    "tren-t5:bt" },
		{ "with its date",
		    "ngay,gio_bat_dau,tieu_de,tep\n26/11/2026,17:10:30,x,hoi",
		    "ttdn-t5:hoi" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct problems missing = { 0 };
		struct match *m = lay(*state, cases[i].rows, &ps, &missing);

		expect_said(cases[i].when, &ps, "");
		problems_free(&missing);
		if (strcmp(shown(m), cases[i].programme) != 0)
			fail_msg("%s: %s", cases[i].when, shown(m));
		match_free(m);
	}
}

/* The officer typed a new title over the old one, and was told that nothing
 * changes. */
static void
a_title_that_is_nobodys_does_not_keep_the_old_silently(void **state)
{
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	struct match *m =
	    lay(*state, "T5,17:10:30,,,Phòng cháy chữa cháy,,", &ps, &missing);
	bool told = false;

	expect_said("a title", &ps, "");
	assert_string_equal(shown(m), "ttdn-t5:x+y");
	for (size_t i = 0; i < missing.n; i++)
		told = told || strcmp(missing.list[i].text,
				   "\"Phòng cháy chữa cháy\" will not air: no "
				   "item is called so, and the slot "
				   "\"ttdn-t5\" keeps x; if it is meant, "
				   "write its item's id into tep") == 0;
	assert_true(told);
	problems_free(&missing);
	match_free(m);
	m = lay(*state, "T5,17:10:30,,,Thông tin đối ngoại,,", &ps, &missing);
	for (size_t i = 0; i < missing.n; i++)
		assert_null(strstr(missing.list[i].text, "will not air"));
	problems_free(&missing);
	match_free(m);
}

static void
what_is_not_clear_is_a_problem(void **state)
{
	static const struct {
		const char *when;
		const char *rows;
		const char *said;
	} cases[] = {
		{ "in no slot, its title is near",
		    "T5,17:11,,,Thông tin đối ngoại,,hoi",
		    "t.csv:2: no slot begins on T5 at 17:11:00; \"ttdn-t5\" "
		    "with this title begins on T5 17:10:30: correct "
		    "gio_bat_dau\n" },
		{ "in the middle of a slot", "T5,17:15,,,x,,hoi",
		    "t.csv:2: no slot begins on T5 at 17:15:00: \"ttdn-t5\" is "
		    "on since T5 17:10:30; correct the time, or write all its "
		    "items into that slot's tep with \";\" between\n" },
		{ "in no slot at all", "T5,20:00,,,x,,hoi",
		    "t.csv:2: no slot begins on T5 at 20:00:00; correct the "
		    "time, or put the slot into the timetable first\n" },
		{ "no time and no such title", "T5,,,,x,,hoi",
		    "t.csv:2: the row has no time, and no slot of the day has "
		    "its title; write gio_bat_dau\n" },
		{ "a slot that is not there", ",,,,,ttdn,hoi",
		    "t.csv:2: muc: no slot \"ttdn\" is in this week's "
		    "timetable; correct the id, or leave muc empty\n" },
		{ "a slot of another day", "T2,,,,,ttdn-t5,hoi",
		    "t.csv:2: muc: the slot \"ttdn-t5\" is not on T2 but on "
		    "T5 17:10:30; correct thu, or leave muc empty\n" },
		{ "a slot at another time", "T5,17:10,,,,ttdn-t5,hoi",
		    "t.csv:2: the slot \"ttdn-t5\" begins on T5 17:10:30, not "
		    "at 17:10:00; correct gio_bat_dau: only the timetable "
		    "moves a slot\n" },
		{ "two rows for one slot",
		    "T5,17:10:30,,,x,,hoi\n,,,,,ttdn-t5,bt",
		    "t.csv:3: the slot \"ttdn-t5\" has its row on line 2 "
		    "already; write all of its items there, with \";\" "
		    "between\n" },
		{ "another length", "T5,17:10:30,10 phút,,x,,hoi",
		    "t.csv:2: thoi_luong: the slot \"ttdn-t5\" lasts 00:15:00, "
		    "not 00:10:00; correct it here, or in the timetable\n" },
		{ "a relay that is none", "T5,17:10:30,,tiep_am,x,,",
		    "t.csv:2: loai: the row is a relay but the slot "
		    "\"ttdn-t5\" plays a file; correct loai, or the "
		    "timetable\n" },
		{ "a file in a relay", "T5,18:00,,file,x,,",
		    "t.csv:2: loai: the slot \"vov\" is a relay; write tiep_am "
		    "or tiep_song, or correct the timetable\n" },
		{ "from above in a slot of our own", "T5,17:10:30,,chi_dao,x,,",
		    "t.csv:2: loai: the slot \"ttdn-t5\" is not for programmes "
		    "from above; write file, or correct the timetable\n" },
		{ "an item for what the timetable plays",
		    "T5,17:00,,,,,hoi\nT6,05:10:30,,,x,,hoi",
		    "t.csv:2: tep: what the slot \"mo-dau\" plays stands in "
		    "the timetable; leave tep empty\n"
		    "t.csv:3: tep: what the slot \"ttdn-t6-pl\" plays stands "
		    "in the timetable; leave tep empty\n" },
		{ "the title of another segment",
		    "T5,17:10:30,,,Chuyên mục: An ninh trật tự,,hoi",
		    "t.csv:2: the title is that of the segment \"an-ninh\", "
		    "but the slot \"ttdn-t5\" belongs to \"ttdn\"; move the "
		    "row, or correct the timetable\n" },
		{ "a file that nobody brought in",
		    "T5,17:10:30,,,x,,Giọng nói.m4a",
		    "t.csv:2: tep: no item of the library comes from \"Giọng "
		    "nói.m4a\"; `loaxa add FILE` brings it in, or write an "
		    "item's id\n" },
		{ "a file of two items", "T5,17:10:30,,,x,,X.MP3",
		    "t.csv:2: tep: \"X.MP3\" is the file of both hoi and "
		    "hoi-2; write the item's id\n" },
		{ "a title of two items", "T3,17:10:30,,,Hội làng,,",
		    "t.csv:2: 2 items of the library have this title; write "
		    "one's id into tep, such as hoi-2\n" },
		{ "one slot, two contents",
		    "T2,17:00:30,,,x,,bt\nT3,17:00:30,,,x,,hoi",
		    "t.csv:3: the slot \"ban-tin\" plays the same all week, "
		    "and line 2 names other items; make them the same, or give "
		    "the days slots of their own in the timetable\n" },
		{ "another week's dates",
		    "ngay,gio_bat_dau,tieu_de,tep\n3/12/2026,17:10:30,x,hoi",
		    "t.csv:2: the dates of the sheet are in the week 2026-W49, "
		    "not 2026-W48; load it for its own week, or correct "
		    "ngay\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct problems missing = { 0 };

		assert_null(lay(*state, cases[i].rows, &ps, &missing));
		problems_free(&missing);
		expect_said(cases[i].when, &ps, cases[i].said);
	}
}

static void
what_will_not_air_is_told_with_what_to_do(void **state)
{
	static const struct {
		const char *when;
		const char *rows;
		const char *said;
	} cases[] = {
		{ "an item to come", "T3,17:10:30,,,x,,chua-co",
		    "t.csv:2: the item \"chua-co\" is not in the library yet; "
		    "`loaxa add --id chua-co FILE` brings it in\n" },
		{ "an item or a set to come", "T5,17:10:30,,,x,,chua-co",
		    "t.csv:2: \"chua-co\" is neither an item nor a bilingual "
		    "set of the library yet; `loaxa add --id chua-co FILE` "
		    "brings an item in, `loaxa add --part-of chua-co "
		    "--language vi FILE` the first part of a set: then load "
		    "the sheet again\n" },
		{ "no item of that title", "T3,17:10:30,,,An ninh trật tự,,",
		    "t.csv:2: nothing for the slot \"an-ninh-t3\": no item has "
		    "this title; write an item's id into tep, and `loaxa add "
		    "FILE` brings it in\n" },
		{ "last week's item by its title", "T3,17:10:30,,,Tuần cũ,,",
		    "t.csv:2: nothing for the slot \"an-ninh-t3\": the item "
		    "with this title, ttdn-47, was in the week 2026-W47; write "
		    "it into tep if it is to air again\n" },
		{ "a slot named, and nothing for it", ",,,,,an-ninh-t3,",
		    "t.csv:2: nothing for the slot \"an-ninh-t3\": its tep is "
		    "empty; write an item's id there\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct problems missing = { 0 };
		struct match *m = lay(*state, cases[i].rows, &ps, &missing);
		char *said;

		expect_said(cases[i].when, &ps, "");
		said = strdup(problems_said(&missing));
		if (strstr(said, cases[i].said) == NULL)
			fail_msg("%s\n%s", cases[i].when, said);
		/* The others of the week have no row at all. */
		assert_non_null(strstr(said,
		    "t.csv: nothing for the slot \"ban-tin\": the sheet has no "
		    "row for it; add one\n"));
		free(said);
		match_free(m);
	}
}

static void
the_programme_written_is_the_one_matched(void **state)
{
	struct desk *d = *state;
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	struct match *m = lay(
	    d, "T5,17:10:30,,,x,,hoi;bt\nT3,17:10:30,,,x,,bt", &ps, &missing);
	char *text;
	int64_t monday;
	struct schedule *s = NULL;
	struct schedule_swap swap = { .name = "a/2026-W48.cfg" };

	civil_day(2026, 11, 23, &monday);
	problems_free(&missing);
	text = match_text(m, monday, "");
	assert_string_equal(text,
	    "# Written by `loaxa load`.\n# before: none\n\n"
	    "week = \"2026-W48\";\n\nprogram = (\n"
	    "  { slot = \"an-ninh-t3\"; items = [ \"bt\" ]; },\n"
	    "  { slot = \"ttdn-t5\"; items = [ \"hoi\", \"bt\" ]; }\n);\n");
	swap.bytes = text;
	swap.n = strlen(text);
	assert_int_equal(schedule_read_with(d->folder.path, "a", INT64_MIN,
			     INT64_MAX, &swap, &ps, &s),
	    0);
	assert_int_equal(s->n_programmes, 3);
	assert_int_equal(s->n_files, 3);
	schedule_free(s);
	free(text);
	match_free(m);
}

/* What a file would make of a schedule has the revision that it then has. */
static void
a_swapped_file_is_read_as_if_it_lay_there(void **state)
{
	static const char *const weeks[] = { "2026-W46", "2026-W48",
		"2026-W50" };
	struct desk *d = *state;

	for (size_t i = 0; i < COUNT(weeks); i++) {
		struct problems ps = { 0 };
		struct schedule *would = NULL, *is = NULL;
		char name[40], text[80];
		struct schedule_swap swap = { name, text, 0 };

		snprintf(name, sizeof(name), "a/%s.cfg", weeks[i]);
		snprintf(text, sizeof(text), "week = \"%s\"; program = ();\n",
		    weeks[i]);
		swap.n = strlen(text);
		assert_int_equal(schedule_read_with(d->folder.path, "a",
				     INT64_MIN, INT64_MAX, &swap, &ps, &would),
		    0);
		folder_write(&d->folder, name, text);
		assert_int_equal(schedule_read(d->folder.path, "a", INT64_MIN,
				     INT64_MAX, &ps, &is),
		    0);
		assert_string_equal(would->revision, is->revision);
		schedule_free(would);
		schedule_free(is);
	}
}

/* "set: items" of ttdn-t5; what was said of it in *ret_said. */
static const char *
set_shown(const struct desk *d, const char *tep, char said[static 2000])
{
	static char text[400];
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	char rows[200];
	struct match *m;

	snprintf(rows, sizeof(rows), "T5,17:10:30,,,x,,%s", tep);
	m = lay(d, rows, &ps, &missing);
	snprintf(said, 2000, "%s", problems_said(&ps));
	if (said[0] == '\0')
		snprintf(said, 2000, "%s", problems_said(&missing));
	problems_free(&missing);
	text[0] = '\0';
	for (size_t i = 0; m != NULL && i < m->n; i++) {
		const struct match_entry *e = &m->entries[i];

		if (strcmp(e->slot, "ttdn-t5") != 0)
			continue;
		snprintf(
		    text, sizeof(text), "%s:", e->set == NULL ? "" : e->set);
		for (size_t k = 0; k < e->n_after; k++)
			sprintf(text + strlen(text), " %s", e->after[k]);
	}
	match_free(m);
	return text;
}

static void
a_sheet_names_a_set_or_its_parts(void **state)
{
	char said[2000];

	assert_string_equal(
	    set_shown(*state, "gom-w48", said), "gom-w48: gom-w48-vi ghi-am-3");
	/* One by one, in the order of the languages, they are the set. */
	assert_string_equal(set_shown(*state, "g2.amr; ghi-am-3", said),
	    "gom-w48: gom-w48-vi ghi-am-3");
	assert_string_equal(set_shown(*state, "ghi-am-3; gom-w48-vi", said),
	    ": ghi-am-3 gom-w48-vi");
	assert_string_equal(set_shown(*state, "gom-w48-vi; nua-vi", said),
	    ": gom-w48-vi nua-vi");
	assert_string_equal(
	    set_shown(*state, "nua", said), "nua: nua-vi nua-km");
	assert_non_null(strstr(said,
	    "t.csv:2: the part in Khmer of \"nua\" is not in the library yet; "
	    "`loaxa add --part-of nua --language km FILE` brings it in\n"));
}

static void
a_set_is_written_and_stays_one_when_its_week_is_loaded_again(void **state)
{
	struct desk *d = *state;
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	struct match *m = lay(d, "T5,17:10:30,,,x,,gom-w48", &ps, &missing);
	int64_t monday;
	struct schedule *then;
	struct desk after;
	struct schedule_swap swap = { .name = "a/2026-W48.cfg" };
	char *text;
	char said[2000];

	civil_day(2026, 11, 23, &monday);
	text = match_text(m, monday, "");
	assert_non_null(
	    strstr(text, "{ slot = \"ttdn-t5\"; set = \"gom-w48\"; items = [ "
			 "\"gom-w48-vi\", \"ghi-am-3\" ]; }"));
	match_free(m);
	problems_free(&missing);
	swap.bytes = text;
	swap.n = strlen(text);
	assert_int_equal(schedule_read_with(d->folder.path, "a", INT64_MIN,
			     INT64_MAX, &swap, &ps, &then),
	    0);
	after = (struct desk){ d->folder, then };
	/* No item named: as in force. The same ones: no change. */
	assert_string_equal(
	    set_shown(&after, "", said), "gom-w48: gom-w48-vi ghi-am-3");
	m = lay(&after, "T5,17:10:30,,,x,,gom-w48-vi;ghi-am-3", &ps, &missing);
	for (size_t i = 0; i < m->n; i++)
		assert_false(match_changes(&m->entries[i]));
	match_free(m);
	problems_free(&missing);
	assert_int_equal(match_compare(d->schedule, then, monday, &m), 0);
	assert_true(match_changes(&m->entries[m->n - 2]));
	match_free(m);
	schedule_free(then);
	free(text);
}

static void
titles_share_what_matters(void **state)
{
	static const char *const same[][2] = {
		{ "Chuyên mục (phát lại): Sức khỏe – Dân số",
		    "SUC KHOE - DAN SO" },
		{ "Bản tin xã (phát lại chiều hôm trước)", "Bản tin xã" },
		{ "Thông tin đối ngoại (PL)",
		    "Chuyên mục: Thông tin đối ngoại" },
		{ "(Quốc ca)", "quoc ca" },
		{ "Phát lại", "phat lai" },
		{ "Chuyên mục", "chuyen muc" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		char *a = match_title(same[i][0]);
		char *b = match_title(same[i][1]);

		assert_string_equal(a, b);
		assert_true(a[0] != '\0');
		free(a);
		free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_finds_its_slot_and_its_items),
		cmocka_unit_test(
		    a_title_that_is_nobodys_does_not_keep_the_old_silently),
		cmocka_unit_test(what_is_not_clear_is_a_problem),
		cmocka_unit_test(what_will_not_air_is_told_with_what_to_do),
		cmocka_unit_test(the_programme_written_is_the_one_matched),
		cmocka_unit_test(a_sheet_names_a_set_or_its_parts),
		cmocka_unit_test(
		    a_set_is_written_and_stays_one_when_its_week_is_loaded_again),
		cmocka_unit_test(titles_share_what_matters),
		cmocka_unit_test(a_swapped_file_is_read_as_if_it_lay_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
