/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/rules.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char good[] =
    "station = \"a\"; name = \"Đài A\";\n"
    "segments = ( { id = \"s\"; title = \"S\"; } );\n"
    "slots = (\n"
    " { id = \"x\"; days = \"T2\"; at = \"05:00\"; for = \"00:10\"; "
    "segment = \"s\"; },\n"
    " { id = \"y\"; days = \"T3\"; at = \"05:00\"; for = \"00:10\"; "
    "repeats = \"x\"; } );\n";

static const char week_48[] =
    "week = \"2026-W48\";\n"
    "program = ( { slot = \"x\"; items = [ \"i\", \"j\" ]; } );\n";

static int
make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	folder_make(f);
	*state = f;
	return 0;
}

static int
remove_folder(void **state)
{
	folder_remove(*state);
	free(*state);
	return 0;
}

static int
read_a(const struct folder *f, struct problems *ps, struct schedule **ret)
{
	return schedule_read(f->path, "a", INT64_MIN, INT64_MAX, ps, ret);
}

/* Reads station a, whose reading must say this; 0 or an error. */
static void
expect_reading(
    const struct folder *f, const char *when, int wanted, const char *said)
{
	struct schedule *untouched = (struct schedule *)(uintptr_t)1;
	struct schedule *s = untouched;
	struct problems ps = { 0 };
	int r = read_a(f, &ps, &s);

	expect_said(when, &ps, said);
	if (r != wanted || (r < 0) != (s == untouched))
		fail_msg("%s: %d", when, r);
	if (r == 0)
		schedule_free(s);
}

static void
a_timetable_and_its_weeks_are_read(void **state)
{
	const struct folder *f = *state;
	struct problems ps = { 0 };
	struct schedule *s;

	folder_write(f, "a.cfg", good);
	folder_write(f, "a/2026-W48.cfg", week_48);
	assert_int_equal(read_a(f, &ps, &s), 0);
	expect_said("good", &ps, "");
	assert_string_equal(s->name, "Đài A");
	assert_int_equal(s->n_files, 2);
	assert_string_equal(s->files[0].name, "a.cfg");
	assert_string_equal(s->files[1].name, "a/2026-W48.cfg");
	assert_int_equal(s->n_programmes, 1);
	assert_string_equal(s->programmes[0].items[1], "j");
	assert_string_equal(schedule_slot(s, "y")->ref, "x");
	assert_string_equal(schedule_segment(s, "s")->title, "S");
	assert_null(schedule_slot(s, "z"));
	assert_null(schedule_segment(s, "z"));
	schedule_free(s);
}

static void
the_revision_is_the_hash_of_what_sha256sum_would_print(void **state)
{
	const struct folder *f = *state;
	struct problems ps = { 0 };
	char sums[400], wanted[HASH_HEX], a[HASH_HEX], w[HASH_HEX];
	struct schedule *s;

	folder_write(f, "a.cfg", good);
	folder_write(f, "a/2026-W48.cfg", week_48);
	assert_int_equal(hash_bytes(good, sizeof(good) - 1, a), 0);
	assert_int_equal(hash_bytes(week_48, sizeof(week_48) - 1, w), 0);
	snprintf(sums, sizeof(sums), "%s  a.cfg\n%s  a/2026-W48.cfg\n", a, w);
	assert_int_equal(hash_bytes(sums, strlen(sums), wanted), 0);
	assert_int_equal(read_a(f, &ps, &s), 0);
	assert_string_equal(s->revision, wanted);
	schedule_free(s);
}

static void
ten_faults_of_meaning_give_ten_lines_in_order(void **state)
{
	folder_write(*state, "a.cfg",
	    "station = \"a\"; name = \"A\";\n"
	    "segments = ( { id = \"s\"; title = \"S\"; } );\n"
	    "slots = (\n"
	    " { id = \"1\"; days = \"T8\"; at = \"05:00\"; for = \"00:10\"; "
	    "item = \"i\"; },\n"
	    " { id = \"2\"; days = \"T2\"; at = \"25:30\"; for = \"00:10\"; "
	    "item = \"i\"; },\n"
	    " { id = \"3\"; days = \"T2\"; at = \"06:00\"; "
	    "item = \"i\"; },\n"
	    " { id = \"1\"; days = \"T2\"; at = \"07:00\"; for = \"00:10\"; "
	    "item = \"i\"; },\n"
	    " { id = \"5\"; days = \"T2\"; at = \"08:00\"; for = \"00:10\"; "
	    "segment = \"t\"; },\n"
	    " { id = \"6\"; days = \"T2\"; at = \"09:00\"; for = \"00:10\"; "
	    "repeats = \"nobody\"; },\n"
	    " { id = \"7\"; days = \"T2\"; at = \"10:00\"; for = \"00:10\"; "
	    "item = \"i\"; stat = \"hard\"; },\n"
	    " { id = \"8\"; days = \"T2\"; at = \"11:00\"; for = \"00:10\"; "
	    "item = \"i\"; class = \"khan_cap\"; },\n"
	    " { id = \"9\"; days = \"T2\"; at = \"12:00\"; for = \"00:10\"; "
	    "item = \"i\"; every = 2; },\n"
	    " { id = \"10\"; days = \"T2\"; at = \"13:00\"; for = \"00:10\"; "
	    "item = \"i\"; relay = \"r\"; } );\n");
	expect_reading(*state, "ten faults", -EINVAL,
	    "a.cfg:4: days: \"T8\" are not days; write T2 to T7 and CN, as "
	    "\"T2-T6\" or \"T2,T4,CN\"\n"
	    "a.cfg:5: at: \"25:30\" is not a time; write HH:MM or HH:MM:SS, "
	    "from 00:00 to 24:00\n"
	    "a.cfg:6: for is missing; write for = \"17:00:00\";\n"
	    "a.cfg:7: the slot \"1\" is already on line 4; give it another "
	    "id\n"
	    "a.cfg:8: there is no segment \"t\"; add it to segments, or "
	    "correct the name\n"
	    "a.cfg:9: repeats: there is no slot \"nobody\"; correct the "
	    "name\n"
	    "a.cfg:10: unknown key \"stat\"; did you mean \"start\"?\n"
	    "a.cfg:11: class: \"khan_cap\" is never scheduled, a person "
	    "releases it at the time; write \"uu_tien\"\n"
	    "a.cfg:12: every = 2 needs a first week; write from = "
	    "\"2026-11-26\"; as well\n"
	    "a.cfg:13: the slot has both item and relay; keep one of them\n");
}

static void
problems_of_every_file_come_together(void **state)
{
	const struct folder *f = *state;

	folder_write(
	    f, "a.cfg", "station = \"a\";\nslots = ( { id = \"x\" } );\n");
	folder_write(f, "a/2026-W48.cfg", "week = \"2026-W48\" program;\n");
	folder_write(f, "a/2026-W49.cfg",
	    "week = \"2026-W49\";\nprogram = ( { slot = \"nobody\"; "
	    "items = [ \"i\" ]; } );\n");
	folder_write(f, "a/2026-W54.cfg", "");
	folder_write(f, "a/Tuần 48.CFG", "");
	folder_write(f, "a/2026-W50.cfg~", "an editor's copy");
	folder_write(f, "a/.2026-W50.cfg", "hidden");
	folder_write(f, "a/notes.txt", "anything");
	expect_reading(f, "all files", -EINVAL,
	    "a.cfg: name is missing; write name = \"…\";\n"
	    "a.cfg:2: at is missing; write at = \"17:00:00\";\n"
	    "a.cfg:2: for is missing; write for = \"17:00:00\";\n"
	    "a.cfg:2: the slot has nothing to play; write one of item, "
	    "segment, repeats, relay, filler\n"
	    "a.cfg:2: days is missing; write days = \"T2-T7\";\n"
	    "a/2026-W48.cfg:1: a syntax error; look here and on the line "
	    "before for a missing \";\", \"=\", comma, quote or bracket\n"
	    "a/2026-W49.cfg:2: there is no slot \"nobody\" in the timetable; "
	    "correct the name\n"
	    "a/2026-W54.cfg: the file is not named for a week of the "
	    "calendar; rename it, such as 2026-W48.cfg\n"
	    "a/Tuần 48.CFG: the file is not named for a week of the calendar; "
	    "rename it, such as 2026-W48.cfg\n");
}

static void
a_broken_timetable_does_not_make_its_weeks_wrong(void **state)
{
	folder_write(*state, "a.cfg", "station = ;\n");
	folder_write(*state, "a/2026-W48.cfg", week_48);
	expect_reading(*state, "a syntax error", -EINVAL,
	    "a.cfg:1: a syntax error; look here and on the line before for a "
	    "missing \";\", \"=\", comma, quote or bracket\n");
}

#define SLOT(id, rest) \
	"{ id = \"" id "\"; days = \"T2\"; at = \"05:00\"; " \
	"for = \"00:01\"; " rest " },\n"
#define EXTRA(id, rest) \
	"{ id = \"" id "\"; at = \"05:00\"; for = \"00:01\"; " rest " },\n"
#define LAST \
	SLOT("last", "item = \"i\";") \
	"{ id = \"end\"; days = \"T2\"; " \
	"at = \"05:00\"; for = \"00:01\"; item = \"i\"; } "
#define TABLE(slots, rest) \
	"station = \"a\"; name = \"A\"; slots = (\n" slots LAST ");\n" rest

static void
names_that_fit_nothing_are_told(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "a repeat of itself",
		    TABLE(SLOT("x", "repeats = \"x\";"), ""),
		    "a.cfg:2: repeats: \"x\" comes back to itself; let one "
		    "slot of the circle play something of its own\n" },
		{ "a circle of three, told once, and a tail into it",
		    TABLE(SLOT("t", "repeats = \"x\";") SLOT("x",
			      "repeats = \"y\";") SLOT("y", "repeats = \"z\";")
			      SLOT("z", "repeats = \"x\";"),
			""),
		    "a.cfg:3: repeats: \"x\" comes back to itself; let one "
		    "slot of the circle play something of its own\n" },
		{ "a chain of repeats that ends",
		    TABLE(SLOT("x", "repeats = \"y\";") SLOT("y",
			      "repeats = \"z\";") SLOT("z", "item = \"i\";"),
			""),
		    "" },
		{ "a repeat of a relay",
		    TABLE(SLOT("x", "repeats = \"y\";")
			      SLOT("y", "relay = \"r\";"),
			""),
		    "a.cfg:2: repeats: the slot \"y\" is a relay and leaves "
		    "nothing to repeat; name another\n" },
		{ "two segments and two campaigns of one id",
		    TABLE("", "segments = ( { id = \"s\"; title = \"S\"; },\n"
			      "{ id = \"s\"; title = \"T\"; } );\n"
			      "campaigns = ( { id = \"k\"; title = \"K\"; "
			      "from = \"2026-01-01\"; until = \"2026-01-01\"; "
			      "slots = (); },\n"
			      "{ id = \"k\"; title = \"L\"; "
			      "from = \"2026-01-01\"; until = \"2026-01-01\"; "
			      "slots = (); } );"),
		    "a.cfg:5: the segment \"s\" is already on line 4; give it "
		    "another id\n"
		    "a.cfg:7: the campaign \"k\" is already on line 6; give "
		    "it another id\n" },
		{ "one date twice",
		    TABLE("", "dates = ( { date = \"2026-01-01\"; "
			      "use = \"none\"; },\n{ date = \"2026-01-01\"; "
			      "use = \"CN\"; } );"),
		    "a.cfg:5: the date 2026-01-01 is already on line 4; write "
		    "both as one entry\n" },
		{ "extra slots of two dates may share an id",
		    TABLE("", "dates = ( { date = \"2026-01-01\"; extra = ( { "
			      "id = \"e\"; at = \"05:00\"; for = \"00:01\"; "
			      "item = \"i\"; } ); },\n"
			      "{ date = \"2026-01-02\"; extra = ( { "
			      "id = \"e\"; at = \"05:00\"; for = \"00:01\"; "
			      "item = \"i\"; } ); } );"),
		    "" },
		{ "extra slots of one date, of the timetable and of a "
		  "campaign may not",
		    TABLE(SLOT("x", "item = \"i\";"),
			"dates = ( { date = \"2026-01-01\"; extra = (\n" EXTRA(
			    "e", "item = \"i\";") EXTRA("x",
			    "item = \"i\";") "{ id = \"e\"; at = \"06:00\"; "
					     "for = \"00:01\"; "
					     "item = \"i\"; } ); } );\n"
					     "campaigns = ( { id = \"k\"; "
					     "title = \"K\"; "
					     "from = \"2026-01-01\"; until = "
					     "\"2026-01-01\"; "
					     "slots = (\n"
					     "{ id = \"x\"; at = \"06:00\"; "
					     "for = \"00:01\"; "
					     "item = \"i\"; } ); } );"),
		    "a.cfg:7: the slot \"x\" is already on line 2; give it "
		    "another id\n"
		    "a.cfg:8: the slot \"e\" is already on line 6; give it "
		    "another id\n"
		    "a.cfg:10: the slot \"x\" is already on line 2; give it "
		    "another id\n" },
		{ "a makeup of nobody",
		    TABLE("", "dates = ( { date = \"2026-01-02\"; extra = (\n"
			      "{ id = \"e\"; at = \"05:00\"; for = \"00:01\"; "
			      "item = \"i\"; makeup_of = { slot = \"nobody\"; "
			      "date = \"2026-01-01\"; }; } ); } );"),
		    "a.cfg:5: makeup_of: there is no slot \"nobody\"; correct "
		    "the name\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		folder_write(*state, "a.cfg", cases[i].text);
		expect_reading(*state, cases[i].when,
		    cases[i].said[0] == '\0' ? 0 : -EINVAL, cases[i].said);
	}
}

static void
a_programme_is_for_slots_of_a_segment_once(void **state)
{
	folder_write(*state, "a.cfg", good);
	folder_write(*state, "a/2026-W48.cfg",
	    "week = \"2026-W48\"; program = (\n"
	    "{ slot = \"x\"; items = [ \"i\" ]; },\n"
	    "{ slot = \"y\"; items = [ \"i\" ]; },\n"
	    "{ slot = \"x\"; items = [ \"j\" ]; } );\n");
	expect_reading(*state, "programme", -EINVAL,
	    "a/2026-W48.cfg:3: the slot \"y\" has no segment, its content "
	    "stands in the timetable; remove the entry\n"
	    "a/2026-W48.cfg:4: the slot \"x\" has its items on line 2 "
	    "already; write all of them there\n");
}

static void
a_set_has_no_more_items_than_languages(void **state)
{
	folder_write(*state, "a.cfg",
	    "station = \"a\"; name = \"A\"; segments = ( { id = \"s\"; title "
	    "= \"S\"; languages = [ \"vi\", \"km\" ]; } );\nslots = (\n"
	    "{ id = \"x\"; days = \"T2\"; at = \"17:00\"; for = \"00:10\"; "
	    "segment = \"s\"; },\n"
	    "{ id = \"k\"; days = \"T3\"; at = \"17:00\"; for = \"00:10\"; "
	    "segment = \"s\"; language = \"km\"; } );\n");
	folder_write(*state, "a/2026-W48.cfg",
	    "week = \"2026-W48\"; program = (\n"
	    "{ slot = \"x\"; set = \"w48\"; items = [ \"a\", \"b\", \"c\" ]; "
	    "},\n{ slot = \"k\"; set = \"w48\"; items = [ \"a\", \"b\" ]; } "
	    ");\n");
	expect_reading(*state, "sets", -EINVAL,
	    "a/2026-W48.cfg:2: the set \"w48\" has 3 items but the slot \"x\" "
	    "plays it in 2 languages; name one item for each language, in "
	    "their order\n"
	    "a/2026-W48.cfg:3: the set \"w48\" has 2 items but the slot \"k\" "
	    "plays it in 1 languages; name one item for each language, in "
	    "their order\n");
}

static void
a_slot_takes_a_part_that_its_segment_has(void **state)
{
	folder_write(*state, "a.cfg",
	    "station = \"a\"; name = \"A\"; segments = ( { id = \"s\"; title "
	    "= \"S\"; languages = [ \"vi\", \"km\" ]; } );\nslots = (\n"
	    "{ id = \"x\"; days = \"T2\"; at = \"17:00\"; for = \"00:10\"; "
	    "segment = \"s\"; language = \"lo\"; } );\n");
	expect_reading(*state, "a part", -EINVAL,
	    "a.cfg:3: language: the segment \"s\" has no \"lo\"; add it to its "
	    "languages, or correct one of them\n");
}

static void
only_the_weeks_asked_for_and_those_a_repeat_needs_are_read(void **state)
{
	static const struct {
		const char *when;
		const char *from;
		const char *to;
		size_t files; /* weeks read, of 2026-W40 to W49 */
	} cases[] = {
		{ "one Monday", "2026-11-30", "2026-11-30", 6 },
		{ "the Sunday before it", "2026-11-29", "2026-11-29", 6 },
		{ "a Sunday and the Monday after", "2026-11-29", "2026-11-30",
		    7 },
		{ "long before", "2025-01-01", "2025-12-31", 0 },
		{ "the first week only", "2026-01-01", "2026-09-28", 1 },
		{ "long after", "2027-02-01", "2027-02-01", 0 },
	};
	const struct folder *f = *state;

	folder_write(f, "a.cfg", good);
	for (int w = 40; w < 50; w++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "a/2026-W%d.cfg", w);
		snprintf(text, sizeof(text),
		    "week = \"2026-W%d\"; program = ();", w);
		folder_write(f, name, text);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *s;
		int64_t from, to;

		civil_read_date(cases[i].from, &from);
		civil_read_date(cases[i].to, &to);
		assert_int_equal(
		    schedule_read(f->path, "a", from, to, &ps, &s), 0);
		if (s->n_files != cases[i].files + 1)
			fail_msg("%s: %zu files", cases[i].when, s->n_files);
		schedule_free(s);
	}
}

static void
files_that_cannot_be_read_are_told(void **state)
{
	const struct folder *f = *state;
	char path[128];

	expect_reading(f, "no timetable", -ENOENT,
	    "a.cfg: there is no such file; make it, or correct its name\n");
	folder_write(f, "a.cfg", good);
	expect_reading(f, "no weeks", 0, "");
	snprintf(path, sizeof(path), "%s/a", f->path);
	mkdir(path, 0700);
	strcat(path, "/2026-W48.cfg");
	mkdir(path, 0700);
	expect_reading(f, "a folder for a week", -EINVAL,
	    "a/2026-W48.cfg: this is not a file; put a text file here\n");
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	folder_write(f, "a", "a file for the folder");
	expect_reading(f, "a file for the folder of weeks", -EINVAL,
	    "a: the folder of the weeks cannot be read: Not a directory\n");
	folder_write(f, "a.cfg", "");
	expect_reading(f, "an empty timetable", -EINVAL,
	    "a: the folder of the weeks cannot be read: Not a directory\n"
	    "a.cfg: station is missing; write station = \"ttdn-t5\";\n"
	    "a.cfg: name is missing; write name = \"…\";\n"
	    "a.cfg: slots is missing; write slots = ( { … }, { … } );\n");
}

static void
a_station_id_cannot_leave_the_folder(void **state)
{
	struct problems ps = { 0 };
	struct schedule *s;

	assert_int_equal(schedule_read(((struct folder *)*state)->path,
			     "../etc/passwd", INT64_MIN, INT64_MAX, &ps, &s),
	    -EINVAL);
	assert_int_equal(problems_count(&ps), 1);
	problems_free(&ps);
}

static void
a_bom_and_crlf_read_like_any_file_with_the_same_lines(void **state)
{
	char text[2000] = "\xef\xbb\xbf";
	size_t n = 3;

	for (const char *s = good; *s != '\0'; s++) {
		if (*s == '\n')
			text[n++] = '\r';
		text[n++] = *s;
	}
	folder_write_bytes(*state, "a.cfg", text, n);
	expect_reading(*state, "BOM and CRLF", 0, "");
	strcpy(text + n, "nmae = 1;\r\n");
	folder_write(*state, "a.cfg", text);
	expect_reading(*state, "BOM and CRLF and a fault", -EINVAL,
	    "a.cfg:6: unknown key \"nmae\"; did you mean \"name\"?\n");
}

/* Names are for people: any UTF-8, kept in one form. */
static void
names_may_hold_anything_and_come_in_nfc(void **state)
{
	static const struct {
		const char *when;
		const char *in;
		const char *out;
	} cases[] = {
		{ "NFD", "Que\xcc\x82\xcc\x81 Minh", "Quế Minh" },
		{ "spaces and signs", " a; b = ( { } ) # // /* ",
		    " a; b = ( { } ) # // /* " },
		{ "quotes", "\\\"Quế\\\" 'Minh'", "\"Quế\" 'Minh'" },
		{ "line ends and tabs", "a\nb\\nc\\td", "a b c d" },
		{ "format signs", "100% %s %n", "100% %s %n" },
		{ "200 bytes",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaa" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *s;
		char text[2000];

		snprintf(text, sizeof(text),
		    "station = \"a\"; name = \"%s\"; slots = ();", cases[i].in);
		folder_write(*state, "a.cfg", text);
		if (read_a(*state, &ps, &s) < 0)
			fail_msg("%s: %s", cases[i].when, problems_said(&ps));
		if (strcmp(s->name, cases[i].out) != 0)
			fail_msg("%s: %s", cases[i].when, s->name);
		schedule_free(s);
	}
}

static int
note_station(void *arg, const char *station)
{
	strcat(arg, station);
	strcat(arg, " ");
	return strcmp(station, "stop") == 0 ? 7 : 0;
}

static void
stations_are_the_timetables_of_a_folder_sorted(void **state)
{
	const struct folder *f = *state;
	char all[100] = "";
	char path[100];

	folder_write(f, "que-minh.cfg", "");
	folder_write(f, "b.cfg", "");
	folder_write(f, "que-minh/2026-W48.cfg", "");
	folder_write(f, "Quế Minh.cfg", "");
	folder_write(f, "a.cfg~", "");
	folder_write(f, ".cfg", "");
	assert_int_equal(schedule_stations(f->path, note_station, all), 0);
	assert_string_equal(all, "b que-minh ");
	folder_write(f, "stop.cfg", "");
	folder_write(f, "z.cfg", "");
	all[0] = '\0';
	assert_int_equal(schedule_stations(f->path, note_station, all), 7);
	assert_string_equal(all, "b que-minh stop ");
	snprintf(path, sizeof(path), "%s/none", f->path);
	assert_int_equal(schedule_stations(path, note_station, all), -ENOENT);
}

/* The same on every run. */
static unsigned
next_number(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

static void
spoil(char *text, size_t n, unsigned *seed)
{
	unsigned flips = 1 + next_number(seed) % 3;

	for (unsigned i = 0; i < flips; i++)
		text[next_number(seed) % n] ^=
		    (char)(1u << next_number(seed) % 8);
}

/* Whatever a disk or an editor does to the file: problems or a schedule that
 * can be unrolled and checked, never a crash. */
static void
a_schedule_with_flipped_bits_is_read_or_refused(void **state)
{
	const struct folder *f = *state;
	struct site *site = site_nothing();
	size_t n, refused = 0;
	char *text = folder_slurp("schedules/que-minh.cfg", &n);
	char *bad = malloc(n);
	unsigned seed = 20261126;

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	for (int i = 0; i < 2000; i++) {
		struct problems ps = { 0 };
		struct schedule *s;
		struct plan *p;

		memcpy(bad, text, n);
		spoil(bad, n, &seed);
		folder_write_bytes(f, "que-minh.cfg", bad, n);
		if (schedule_read(f->path, "que-minh", INT64_MIN, INT64_MAX,
			&ps, &s) < 0) {
			assert_true(problems_count(&ps) > 0);
			problems_free(&ps);
			refused++;
			continue;
		}
		assert_int_equal(problems_count(&ps), 0);
		assert_int_equal(plan_make(s, 20783, 20790, &p), 0);
		rules_check(p, site, &ps);
		problems_free(&ps);
		plan_free(p);
		schedule_free(s);
	}
	/* Most bits matter; those of comments, titles and times may not. */
	assert_in_range(refused, 800, 1990);
	site_free(site);
	free(bad);
	free(text);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_timetable_and_its_weeks_are_read),
		TEST(the_revision_is_the_hash_of_what_sha256sum_would_print),
		TEST(ten_faults_of_meaning_give_ten_lines_in_order),
		TEST(problems_of_every_file_come_together),
		TEST(a_broken_timetable_does_not_make_its_weeks_wrong),
		TEST(names_that_fit_nothing_are_told),
		TEST(a_programme_is_for_slots_of_a_segment_once),
		TEST(a_set_has_no_more_items_than_languages),
		TEST(a_slot_takes_a_part_that_its_segment_has),
		TEST(
		    only_the_weeks_asked_for_and_those_a_repeat_needs_are_read),
		TEST(files_that_cannot_be_read_are_told),
		TEST(a_station_id_cannot_leave_the_folder),
		TEST(a_bom_and_crlf_read_like_any_file_with_the_same_lines),
		TEST(names_may_hold_anything_and_come_in_nfc),
		TEST(stations_are_the_timetables_of_a_folder_sorted),
		TEST(a_schedule_with_flipped_bits_is_read_or_refused),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
