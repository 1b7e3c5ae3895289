/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/sets.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SLOT(id, days, more) \
	"{ id = \"" id "\"; days = \"" days "\"; at = \"17:00\"; " \
	"for = \"00:10\"; " more " }"
#define WANTING \
	"a.cfg:3: the set \"w48\": no slot of week 2026-W48 plays the part " \
	"in Khmer, so the pair will not be complete; give it a slot with " \
	"language = \"km\"\n"

static void
a_part_that_no_slot_of_the_week_plays_is_told(void **state)
{
	static const struct {
		const char *when;
		const char *slots;
		const char *programme;
		const char *said;
	} cases[] = {
		{ "both in one slot", SLOT("a", "T2", "segment = \"s\";"),
		    "{ slot = \"a\"; set = \"w48\"; }", "" },
		{ "each in its own",
		    SLOT("a", "T2",
			"segment = \"s\"; language = \"vi\";") ", " SLOT("b",
			"T5", "segment = \"s\"; language = \"km\";"),
		    "{ slot = \"a\"; set = \"w48\"; }, { slot = \"b\"; set = "
		    "\"w48\"; }",
		    "" },
		{ "one alone",
		    SLOT("a", "T2", "segment = \"s\"; language = \"vi\";"),
		    "{ slot = \"a\"; set = \"w48\"; }", WANTING },
		{ "two slots, and told once",
		    SLOT("a", "T2",
			"segment = \"s\"; language = \"vi\";") ", " SLOT("b",
			"T5", "repeats = \"a\";"),
		    "{ slot = \"a\"; set = \"w48\"; }", WANTING },
		{ "the other one of another set",
		    SLOT("a", "T2",
			"segment = \"s\"; language = \"vi\";") ",\n" SLOT("b",
			"T5", "segment = \"s\"; language = \"km\";"),
		    "{ slot = \"a\"; set = \"w48\"; }, { slot = \"b\"; set = "
		    "\"w48b\"; }",
		    WANTING
		    "a.cfg:4: the set \"w48b\": no slot of week 2026-W48 plays "
		    "the part in Vietnamese, so the pair will not be complete; "
		    "give it a slot with language = \"vi\"\n" },
		{ "no set", SLOT("a", "T2", "segment = \"s\";"),
		    "{ slot = \"a\"; items = [ \"i\" ]; }", "" },
		/* A repeat on Monday is of the week before, and too late. */
		{ "the week after does not count",
		    SLOT("a", "CN",
			"segment = \"s\"; language = \"vi\";") ", " SLOT("b",
			"T2", "repeats = \"a\";"),
		    "{ slot = \"a\"; set = \"w48\"; }", WANTING },
	};
	int64_t monday;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_week_monday(2026, 48, &monday), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *s;
		struct folder f;
		struct plan *p;
		char text[2000];
		const char *said;

		folder_make(&f);
		snprintf(text, sizeof(text),
		    "station = \"a\"; name = \"A\"; segments = ( { id = \"s\"; "
		    "title = \"S\";\nlanguages = [ \"vi\", \"km\" ]; } ); "
		    "slots "
		    "= (\n%s );\n",
		    cases[i].slots);
		folder_write(&f, "a.cfg", text);
		snprintf(text, sizeof(text),
		    "week = \"2026-W48\"; program = ( %s );\n",
		    cases[i].programme);
		folder_write(&f, "a/2026-W48.cfg", text);
		if (schedule_read(f.path, "a", INT64_MIN, INT64_MAX, &ps, &s) <
		    0)
			fail_msg("%s", problems_said(&ps));
		folder_remove(&f);
		assert_int_equal(plan_make(s, monday, monday + 13, &p), 0);
		sets_check(p, &ps);
		said = problems_said(&ps);
		if (strcmp(said, cases[i].said) != 0)
			fail_msg("%s: %s", cases[i].when, said);
		plan_free(p);
		schedule_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_that_no_slot_of_the_week_plays_is_told),
	};

	return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
