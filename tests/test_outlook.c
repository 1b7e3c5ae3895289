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
#include "ctl/outlook.h"
#include "tests/fakes/place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SITE \
	"hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = \"18:00\"; } " \
	"); relays = ( { id = \"vov\"; }, " \
	"{ id = \"tinh\"; url = \"http://a/b\"; } );\n"

static void
each_slot_is_told_with_what_stands_in_its_way(void **state)
{
	static const struct {
		const char *when;
		const char *slots; /* the first is looked at */
		bool whole;
		const char *word, *why, *source;
		const char *faults; /* a line each */
	} cases[] = {
		{ "ready", "item = \"good\";", true, "ready",
		    "will air: all of it is ready", "always the item good",
		    "" },
		{ "to the second", "item = \"ten\";", true, "ready",
		    "will air: all of it is ready", "always the item ten", "" },
		{ "too long", "item = \"long\";", false, "cut by 1:05",
		    "will air but for its end: 1:05 is cut",
		    "always the item long",
		    "longer than there is room for: the last 1:05 is cut\n" },
		{ "too long, and nobody approved it", "item = \"new-long\";",
		    false, "not approved",
		    "will not air: not approved: new-long",
		    "always the item new-long",
		    "new-long: not approved\n"
		    "longer than there is room for: the last 0:30 is cut\n" },
		{ "too long, but it may finish",
		    "item = \"long\"; end = \"finish\";", true, "ready",
		    "will air: all of it is ready", "always the item long",
		    "" },
		{ "it may finish, until the next hard start",
		    "item = \"long\"; end = \"finish\"; }, { id = \"y\"; days "
		    "= \"T4\"; at = \"05:11\"; for = \"00:01\"; start = "
		    "\"hard\"; item = \"good\";",
		    false, "cut by 0:05",
		    "will air but for its end: 0:05 is cut",
		    "always the item long",
		    "longer than there is room for: the last 0:05 is cut\n" },
		{ "filler", "filler = \"long\";", true, "ready",
		    "will air: all of it is ready", "gap music: long", "" },
		{ "a relay's time is left free", "relay = \"vov\";", true,
		    "relay", "relay: we stay silent", "the relay vov", "" },
		{ "a relay sounds here", "relay = \"tinh\";", true, "relay",
		    "relay: sounds from http://a/b", "the relay tinh", "" },
		{ "missing", "item = \"none\";", false, "file missing",
		    "will not air: file missing: none", "always the item none",
		    "none: file missing\n" },
		{ "unreadable", "item = \"bad\";", false, "file unreadable",
		    "will not air: file unreadable: bad", "always the item bad",
		    "bad: file unreadable\n" },
		{ "no programme", "segment = \"s\";", false, "no item chosen",
		    "will not air: no item chosen",
		    "the segment s; programme of week 2026-W48",
		    "the week's programme has nothing for x\n" },
		{ "a repeat of nothing",
		    "repeats = \"y\"; }, { id = \"y\"; days = \"T5\"; at = "
		    "\"05:11\"; for = \"00:01\"; item = \"good\"; from = "
		    "\"2026-11-26\";",
		    false, "no item chosen", "will not air: no item chosen",
		    "repeats y", "y was not there to repeat\n" },
		{ "a repeat",
		    "repeats = \"y\"; }, { id = \"y\"; days = \"T3\"; at = "
		    "\"05:11\"; for = \"00:01\"; item = \"good\";",
		    true, "ready", "will air: all of it is ready",
		    "repeats y of T3 24/11/2026", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *s;
		struct place place;
		struct outlook o;
		struct plan *p;
		char text[2000], word[100];
		char *why, *source, *faults;
		json_t *j, *list;
		size_t n, k;
		json_t *line;
		int64_t day;
		FILE *f;

		snprintf(text, sizeof(text),
		    "station = \"a\"; name = \"A\"; segments = ( { id = "
		    "\"s\"; title = \"S\"; } ); slots = ( { id = \"x\"; days "
		    "= \"T4\"; at = \"05:00\"; for = \"00:10\"; %s } );",
		    cases[i].slots);
		place_make(&place, SITE, text);
		place_item(&place, "good", 300, PLACE_APPROVED);
		place_item(&place, "ten", 600, PLACE_APPROVED);
		place_item(&place, "long", 665, PLACE_APPROVED);
		place_item(&place, "new-long", 630, PLACE_NEW);
		place_item(&place, "bad", 1, PLACE_BAD);
		place_open(&place);
		if (schedule_read(place.root.schedules, "a", INT64_MIN,
			INT64_MAX, &ps, &s) < 0)
			fail_msg("%s: %s", cases[i].when, problems_said(&ps));
		civil_read_date("2026-11-25", &day);
		assert_int_equal(plan_make(s, day, day, &p), 0);
		assert_int_equal(outlook_make(&place.office, p, 0, &o), 0);
		outlook_word(&o, word, sizeof(word));
		why = outlook_why(&place.office, &o);
		source = outlook_source(&o);
		j = outlook_json(&place.office, "a", &o);
		list = json_object_get(j, "faults");
		f = open_memstream(&faults, &n);
		json_array_foreach(list, k, line)
		    fprintf(f, "%s\n", json_string_value(line));
		fclose(f);
		if (outlook_is_whole(&o) != cases[i].whole ||
		    strcmp(word, cases[i].word) != 0 ||
		    strcmp(why, cases[i].why) != 0 ||
		    strcmp(source, cases[i].source) != 0 ||
		    strcmp(faults, cases[i].faults) != 0)
			fail_msg("%s: %s; %s; %s; %s", cases[i].when, word, why,
			    source, faults);
		json_decref(j);
		free(why);
		free(source);
		free(faults);
		outlook_clear(&o);
		plan_free(p);
		schedule_free(s);
		place_end(&place);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_slot_is_told_with_what_stands_in_its_way),
	};

	return cmocka_run_group_tests_name("outlook", tests, NULL, NULL);
}
