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
#include "scheduler/timetable.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "station = \"a\"; name = \"A\";\n"

/* Reads one file alone; the schedule is the caller's. */
static struct schedule *
read_alone(const char *text, struct problems *ps)
{
	struct schedule *s = calloc(1, sizeof(*s));
	struct cfg *c;

	if (cfg_parse(text, strlen(text), "a.cfg", ps, &c) < 0)
		fail_msg("%s", problems_said(ps));
	assert_int_equal(timetable_read(c, "a.cfg", "a", s), 0);
	problems_sort(ps);
	cfg_close(c);
	return s;
}

static void
what_is_not_written_has_its_default(void **state)
{
	struct problems ps = { 0 };
	struct schedule *s = read_alone(HEAD
	    "slots = ( { id = \"x\"; days = \"T2\"; at = \"05:00\"; "
	    "for = \"00:01\"; item = \"i\"; } );",
	    &ps);
	const struct slot *x = s->slots;

	(void)state;
	expect_said("minimal", &ps, "");
	assert_int_equal(s->n_slots, 1);
	assert_string_equal(x->title, "");
	assert_int_equal(x->days, 1);
	assert_int_equal(x->at_s, 18000);
	assert_int_equal(x->for_s, 60);
	assert_int_equal(x->content, CONTENT_ITEM);
	assert_string_equal(x->ref, "i");
	assert_int_equal(x->start, START_SOFT);
	assert_int_equal(x->tolerance_s, 120);
	assert_int_equal(x->end, END_CUT);
	assert_int_equal(x->rejoin, REJOIN_JOIN);
	assert_int_equal(x->class, CLASS_NORMAL);
	assert_false(x->from_above);
	assert_true(x->from_day == INT64_MIN && x->until_day == INT64_MAX);
	assert_int_equal(x->every, 1);
	assert_null(x->makeup_slot);
	assert_int_equal(x->line, 2);
	schedule_free(s);
}

static bool
same(const json_t *a, const char *text)
{
	json_t *b = json_loads(text, 0, NULL);
	bool equal = b != NULL && json_equal(a, b);

	json_decref(b);
	return equal;
}

static void
what_is_written_is_read(void **state)
{
	struct problems ps = { 0 };
	struct schedule *s = read_alone(HEAD
	    "above = [ \"B\", \"C\" ];\n"
	    "segments = ( { id = \"s\"; title = \"S\"; tags = [ \"t\", \"u\" ];"
	    " languages = ( \"vi\", \"zh-Hant\" );\n"
	    " plan = { no = \"1/KH\"; date = \"2023-05-16\"; issuer = \"U\";"
	    " subject = \"Đối ngoại\"; parent = { no = \"2\"; "
	    "date = \"2023-01-02\"; issuer = \"V\"; }; };"
	    " target = { per = \"week\"; airings = 3; repeat_minutes = 30; }; "
	    "} );\n"
	    "slots = ( { id = \"x\"; title = \"X\"; days = \"CN\"; "
	    "at = \"23:59:59\"; for = \"24:00\"; segment = \"s\";\n"
	    " start = \"hard\"; tolerance = \"00:00\"; end = \"finish\"; "
	    "rejoin = \"skip\"; class = \"uu_tien\"; from_above = true;\n"
	    " from = \"2026-01-01\"; until = \"2026-12-31\"; every = 2; } );\n"
	    "dates = ( { date = \"2026-02-17\"; use = \"none\"; "
	    "reason = \"Tết\"; },\n"
	    " { date = \"2026-02-18\"; use = \"CN\"; },\n"
	    " { date = \"2026-02-19\"; extra = ( { id = \"e\"; at = \"06:00\"; "
	    "for = \"00:10\"; filler = \"f\"; "
	    "makeup_of = { date = \"2026-02-17\"; slot = \"x\"; }; } ); } );\n"
	    "campaigns = ( { id = \"k\"; title = \"K\"; from = \"2026-05-01\"; "
	    "until = \"2026-05-02\"; slots = ( { id = \"ks\"; at = \"07:00\"; "
	    "for = \"00:05\"; relay = \"vov1\"; } ); } );",
	    &ps);
	const struct slot *x = s->slots;
	const struct slot *e;

	(void)state;
	expect_said("everything", &ps, "");
	assert_string_equal(s->above[1], "C");
	assert_string_equal(s->segments[0].languages[1], "zh-Hant");
	assert_int_equal(s->segments[0].n_tags, 2);
	assert_true(same(s->segments[0].plan,
	    "{\"no\":\"1/KH\",\"date\":\"2023-05-16\",\"issuer\":\"U\","
	    "\"subject\":\"Đối ngoại\",\"parent\":{\"no\":\"2\","
	    "\"date\":\"2023-01-02\",\"issuer\":\"V\"}}"));
	assert_true(same(s->segments[0].target,
	    "{\"per\":\"week\",\"airings\":3,\"repeat_minutes\":30}"));
	assert_true(x->at_s == 86399 && x->for_s == 86400);
	assert_true(x->start == START_HARD && x->tolerance_s == 0 &&
		    x->end == END_FINISH && x->rejoin == REJOIN_SKIP &&
		    x->class == CLASS_PRIORITY && x->from_above &&
		    x->every == 2);
	assert_true(x->from_day == 20454 && x->until_day == 20818);
	assert_true(s->n_dates == 3 && s->dates[0].use == -1 &&
		    s->dates[1].use == SUN && s->dates[2].use == 7);
	assert_string_equal(s->dates[0].reason, "Tết");
	e = s->dates[2].extra;
	assert_true(e->days == 0 && e->content == CONTENT_FILLER &&
		    e->makeup_day == s->dates[0].day);
	assert_string_equal(e->makeup_slot, "x");
	assert_int_equal(s->campaigns[0].slots[0].days, 0x7f);
	assert_int_equal(s->campaigns[0].slots[0].content, CONTENT_RELAY);
	schedule_free(s);
}

static void
each_fault_of_meaning_is_told_at_its_line(void **state)
{
#define SLOT(rest) "{ id = \"x\"; days = \"T2\"; " rest " }"
#define PLAN "no = \"1\"; date = \"2023-05-16\"; issuer = \"U\"; "
#define OK_TIME "at = \"05:00\"; for = \"00:10\"; "
#define SLOTS(rest) HEAD "slots = (\n" SLOT(rest) " );"
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "another station",
		    "station = \"b\"; name = \"A\"; "
		    "slots = ();",
		    "a.cfg:1: the station is \"b\" but the file is a.cfg; make "
		    "them the same\n" },
		{ "no station, name or slots", "above = [];",
		    "a.cfg: station is missing; write station = "
		    "\"ttdn-t5\";\n"
		    "a.cfg: name is missing; write name = \"…\";\n"
		    "a.cfg: slots is missing; write slots = ( { … }, { … } "
		    ");\n" },
		{ "a slot that is no group", HEAD "slots = ( 1 );",
		    "a.cfg:2: slots is of the wrong kind; write slots = ( { … "
		    "}, { … } );\n" },
		{ "slots as one group", HEAD "slots = { };",
		    "a.cfg:2: slots is of the wrong kind; write slots = ( { … "
		    "}, { … } );\n" },
		{ "an unknown key", SLOTS(OK_TIME "item = \"i\"; titel = 1;"),
		    "a.cfg:3: unknown key \"titel\"; did you mean "
		    "\"title\"?\n" },
		{ "an unknown key in plan and target",
		    HEAD "segments = ( { id = \"s\"; title = \"S\";\n"
			 "plan = { no = \"1\"; date = \"2023-05-16\"; "
			 "issuer = \"U\"; signed = 1; };\n"
			 "target = { per = \"week\"; airings = 1; airing = 1; "
			 "}; } ); slots = ();",
		    "a.cfg:3: unknown key \"signed\" in this place; remove it, "
		    "or correct its name\n"
		    "a.cfg:4: unknown key \"airing\"; did you mean "
		    "\"airings\"?\n" },
		{ "a plan and a target with nothing in them",
		    HEAD "segments = ( { id = \"s\"; title = \"S\";\n"
			 "plan = { };\ntarget = { }; } ); slots = ();",
		    "a.cfg:3: no is missing; write no = \"…\";\n"
		    "a.cfg:3: date is missing; write date = "
		    "\"2026-11-26\";\n"
		    "a.cfg:3: issuer is missing; write issuer = \"…\";\n"
		    "a.cfg:4: per is missing; write per = \"day\" or \"week\" "
		    "or "
		    "\"month\" or \"quarter\" or \"year\";\n"
		    "a.cfg:4: airings is missing; write airings = 2;\n" },
		{ "a target of no airing, and five plans in a row",
		    HEAD "segments = ( { id = \"s\"; title = \"S\";\n"
			 "target = { per = \"year\"; first_minutes = 0; };\n"
			 "plan = { " PLAN "parent = { " PLAN "parent = { " PLAN
			 "parent = { " PLAN "\nparent = { " PLAN
			 "}; }; }; }; }; } ); slots = ();",
		    "a.cfg:3: first_minutes: 0 is out of range; write 1 to "
		    "527040\n"
		    "a.cfg:5: parent: more than 4 plans above each other; "
		    "leave the uppermost out\n" },
		{ "a language that is none",
		    HEAD "segments = ( { id = \"s\"; title = \"S\";\n"
			 "languages = [ \"tiếng Việt\" ]; } ); slots = ();",
		    "a.cfg:3: languages: \"tiếng Việt\" is not a language; "
		    "write a code such as \"vi\" or \"km\"\n" },
		{ "from 24:00",
		    SLOTS("at = \"24:00\"; for = \"00:10\"; "
			  "item = \"i\";"),
		    "a.cfg:3: at: \"24:00\" is the next day's \"00:00\"; write "
		    "that, on the next day\n" },
		{ "for nothing",
		    SLOTS("at = \"05:00\"; for = \"00:00\"; "
			  "item = \"i\";"),
		    "a.cfg:3: for is zero; write how long the slot lasts, such "
		    "as \"00:15:00\"\n" },
		{ "nothing to play", SLOTS(OK_TIME),
		    "a.cfg:3: the slot has nothing to play; write one of item, "
		    "segment, repeats, relay, filler\n" },
		{ "two things to play",
		    SLOTS(OK_TIME "item = \"i\"; relay = \"r\";"),
		    "a.cfg:3: the slot has both item and relay; keep one of "
		    "them\n" },
		{ "an emergency in the timetable",
		    SLOTS(OK_TIME "item = \"i\"; class = \"khan_cap\";"),
		    "a.cfg:3: class: \"khan_cap\" is never scheduled, a person "
		    "releases it at the time; write \"uu_tien\"\n" },
		{ "a class that is none",
		    SLOTS(OK_TIME "item = \"i\"; class = \"vip\";"),
		    "a.cfg:3: class: \"vip\" is not known here; write "
		    "\"thong_thuong\" or \"uu_tien\"\n" },
		{ "every week needs no from",
		    SLOTS(OK_TIME "item = \"i\"; every = 1;"), "" },
		{ "every without from",
		    SLOTS(OK_TIME "item = \"i\"; every = 2;"),
		    "a.cfg:3: every = 2 needs a first week; write from = "
		    "\"2026-11-26\"; as well\n" },
		{ "every with a bad from tells only the from",
		    SLOTS(OK_TIME "item = \"i\"; every = 2; from = \"x\";"),
		    "a.cfg:3: from: \"x\" is not a date of the calendar; write "
		    "YYYY-MM-DD, such as 2026-11-26\n" },
		{ "until before from",
		    SLOTS(OK_TIME "item = \"i\"; from = \"2026-02-02\";\n"
				  "until = \"2026-02-01\";"),
		    "a.cfg:4: until is before from; swap or correct the "
		    "dates\n" },
		{ "a makeup in the timetable",
		    SLOTS(OK_TIME "item = \"i\"; makeup_of = { };"),
		    "a.cfg:3: unknown key \"makeup_of\" in this place; remove "
		    "it, or correct its name\n" },
		{ "days in an extra slot",
		    HEAD "slots = (); dates = ( { date = \"2026-01-01\"; "
			 "extra = (\n" SLOT(OK_TIME "item = \"i\";") " ); } );",
		    "a.cfg:3: unknown key \"days\" in this place; remove it, "
		    "or correct its name\n" },
		{ "a makeup of the future",
		    HEAD "slots = (); dates = ( { date = \"2026-01-01\"; "
			 "extra = ( { id = \"x\"; " OK_TIME "item = \"i\";\n"
			 "makeup_of = { date = \"2026-01-02\"; slot = \"y\"; "
			 "}; } ); } );",
		    "a.cfg:3: makeup_of: the slot made up for lies in the "
		    "future; write an earlier date\n" },
		{ "a part of what has none",
		    SLOTS(OK_TIME "item = \"i\"; language = \"km\";"),
		    "a.cfg:3: language picks a part of what the week's "
		    "programme names; remove it from a slot with item\n" },
		{ "a part in no language",
		    SLOTS(OK_TIME "segment = \"s\"; language = \"Khmer\";"),
		    "a.cfg:3: language: \"Khmer\" is not a language; write a "
		    "code such as \"vi\" or \"km\"\n" },
		{ "a date that changes nothing",
		    HEAD "slots = (); dates = ( { date = \"2026-01-01\"; } );",
		    "a.cfg:2: the date changes nothing; write use = \"none\";, "
		    "use = \"CN\"; or extra slots\n" },
		{ "a use that is no day",
		    HEAD "slots = ();\ndates = ( { date = \"2026-01-01\"; "
			 "use = \"Tết\"; },\n{ date = \"2026-01-02\"; "
			 "use = 1; } );",
		    "a.cfg:3: use: write \"none\", or a weekday T2 to T7 or "
		    "CN\n"
		    "a.cfg:4: use: write \"none\", or a weekday T2 to T7 or "
		    "CN\n" },
		{ "a campaign backwards and without slots",
		    HEAD "slots = ();\ncampaigns = ( { id = \"k\"; "
			 "title = \"K\"; from = \"2026-02-02\";\n"
			 "until = \"2026-02-01\"; } );",
		    "a.cfg:3: slots is missing; write slots = ( { … }, { … } "
		    ");\n"
		    "a.cfg:4: until is before from; swap or correct the "
		    "dates\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *s = read_alone(cases[i].text, &ps);

		expect_said(cases[i].when, &ps, cases[i].said);
		schedule_free(s);
	}
}

static void
a_week_must_be_the_one_its_file_is_named_for(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "right", "week = \"2026-W48\"; program = ();", "" },
		{ "another week", "week = \"2026-W47\"; program = ();",
		    "w.cfg:1: the week is 2026-W47 but the file is w.cfg; "
		    "write 2026-W48, or rename the file\n" },
		{ "no week of the calendar",
		    "week = \"2025-W53\"; program = ();",
		    "w.cfg:1: week: \"2025-W53\" is not a week of the "
		    "calendar; write YYYY-Www, such as 2026-W48\n" },
		{ "nothing at all", "",
		    "w.cfg: week is missing; write week = \"…\";\n"
		    "w.cfg: program is missing; write program = ( { … }, { … } "
		    ");\n" },
		{ "entries with faults",
		    "week = \"2026-W48\"; program = (\n{ slot = \"x\"; },\n"
		    "{ items = [ \"i\" ]; },\n{ slot = \"x\"; items = []; },\n"
		    "{ slot = \"x\"; item = \"i\"; items = [ \"Bản tin\" ]; "
		    "});",
		    "w.cfg:2: items is missing; write items = [ \"…\", \"…\" "
		    "];\n"
		    "w.cfg:3: slot is missing; write slot = \"ttdn-t5\";\n"
		    "w.cfg:4: the slot has no items; name some, or leave the "
		    "entry out\n"
		    "w.cfg:5: unknown key \"item\"; did you mean \"items\"?\n"
		    "w.cfg:5: items: \"Bản tin\" is not an id; use a-z, 0-9 "
		    "and \"-\", such as \"ban-tin\"\n" },
		{ "a set, with and without items",
		    "week = \"2026-W48\"; program = ( { slot = \"x\"; set = "
		    "\"s\"; }, { slot = \"y\"; set = \"s\"; items = [ \"i\" ]; "
		    "} );",
		    "" },
		{ "sets with faults",
		    "week = \"2026-W48\"; program = (\n{ slot = \"x\"; set = "
		    "\"Song ngữ\"; },\n{ slot = \"y\"; set = "
		    "\"a123456789-123456789-123456789-123456789-12345678\"; } "
		    ");",
		    "w.cfg:2: set: \"Song ngữ\" is not an id; use a-z, 0-9 and "
		    "\"-\", such as \"song-ngu\"\n"
		    "w.cfg:3: set: the id has more than 48 characters; shorten "
		    "it, its parts are called after it\n" },
	};
	int64_t monday;

	(void)state;
	assert_int_equal(civil_week_monday(2026, 48, &monday), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct schedule *s = calloc(1, sizeof(*s));
		struct problems ps = { 0 };
		struct cfg *c;

		assert_int_equal(cfg_parse(cases[i].text, strlen(cases[i].text),
				     "w.cfg", &ps, &c),
		    0);
		assert_int_equal(timetable_read_week(c, "w.cfg", monday, s), 0);
		cfg_close(c);
		expect_said(cases[i].when, &ps, cases[i].said);
		schedule_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_written_has_its_default),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(each_fault_of_meaning_is_told_at_its_line),
		cmocka_unit_test(a_week_must_be_the_one_its_file_is_named_for),
	};

	return cmocka_run_group_tests_name("timetable", tests, NULL, NULL);
}
