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
#include "ctl/advice.h"
#include "tests/fakes/place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Wednesday, 25 November 2026, noon; five minutes of "good". */
static void
an_approval_is_told_where_the_item_airs_and_what_a_rule_says(void **state)
{
	static const struct {
		const char *when;
		const char *rules;
		const char *slot;
		size_t n;
		const char *said;
	} cases[] = {
		{ "all is well", "",
		    "days = \"T5\"; at = \"05:00\"; for = \"00:05\";", 0,
		    "  Next: T5 26/11/2026 05:00:00, Bản tin good\n" },
		{ "in no slot", "",
		    "days = \"T5\"; at = \"05:00\"; for = \"00:05\"; until = "
		    "\"2026-11-20\";",
		    0, "  No slot of the next 14 days plays it.\n" },
		{ "too long for one of its slots", "",
		    "days = \"T5\"; at = \"05:00\"; for = \"00:04\"; until = "
		    "\"2026-11-30\";",
		    1,
		    "  Next: T5 26/11/2026 05:00:00, Bản tin good\n"
		    "  ! T5 26/11/2026 05:00:00, x: longer than there is room "
		    "for: the last 1:00 is cut\n" },
		{ "on a day without sessions", "days = \"T2-T4\";",
		    "days = \"T5\"; at = \"05:00\"; for = \"00:05\"; until = "
		    "\"2026-11-30\";",
		    1,
		    "  Next: T5 26/11/2026 05:00:00, Bản tin good\n"
		    "  ! T5 26/11/2026 05:00:00, x: outside the allowed "
		    "hours\n" },
		{ "in sessions that are too long",
		    "session_longest = \"00:04\";",
		    "days = \"T5\"; at = \"05:00\"; for = \"00:05\";", 2,
		    "  Next: T5 26/11/2026 05:00:00, Bản tin good\n"
		    "  ! T5 26/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! T5 03/12/2026 05:00:00, x: longer than 4 min\n" },
		{ "more than anyone reads", "session_longest = \"00:04\";",
		    "days = \"T2-CN\"; at = \"05:00\"; for = \"00:05\"; until "
		    "= \"2026-12-01\";",
		    6,
		    "  Next: T5 26/11/2026 05:00:00, Bản tin good\n"
		    "  ! T5 26/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! T6 27/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! T7 28/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! CN 29/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! T2 30/11/2026 05:00:00, x: longer than 4 min\n"
		    "  ! and 1 more\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char site[400], text[600];
		struct place place;
		char *said;
		int64_t day;
		size_t n, size;
		FILE *out = open_memstream(&said, &size);

		snprintf(site, sizeof(site),
		    "hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = "
		    "\"18:00\"; } );\n%s",
		    cases[i].rules);
		snprintf(text, sizeof(text),
		    "station = \"a\"; name = \"A\"; slots = ( { id = \"x\"; "
		    "item = \"good\"; %s } );",
		    cases[i].slot);
		place_make(&place, site, text);
		place_item(&place, "good", 300, PLACE_APPROVED);
		place_open(&place);
		civil_read_date("2026-11-25", &day);
		n = advice_print(&place.root, &place.office, "good",
		    civil_to_us(day, 12 * 3600), out);
		fclose(out);
		if (n != cases[i].n || strcmp(said, cases[i].said) != 0)
			fail_msg("%s: %zu: %s", cases[i].when, n, said);
		free(said);
		place_end(&place);
	}
}

static void
music_beside_the_slots_is_not_called_unused(void **state)
{
	struct place place;
	char *said;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	(void)state;
	place_make(&place,
	    "hours = (); relays = ( { id = \"v\"; title = \"VOV1\"; url = "
	    "\"http://x/\"; fallback = [ \"tin\", \"good\" ]; } );\n",
	    "station = \"a\"; name = \"Xã A\"; slots = (); gap_filler = [ "
	    "\"good\" ];");
	place_item(&place, "good", 300, PLACE_APPROVED);
	place_open(&place);
	advice_print(&place.root, &place.office, "good", 0, out);
	advice_print(&place.root, &place.office, "tin", 0, out);
	advice_print(&place.root, &place.office, "x", 0, out);
	fclose(out);
	assert_string_equal(said,
	    "  It fills what the sessions of Xã A leave free (gap_filler).\n"
	    "  It sounds while the signal of VOV1 is lost (fallback in "
	    "etc/loaxa.conf).\n"
	    "  It sounds while the signal of VOV1 is lost (fallback in "
	    "etc/loaxa.conf).\n"
	    "  No slot of the next 14 days plays it.\n");
	free(said);
	place_end(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_approval_is_told_where_the_item_airs_and_what_a_rule_says),
		cmocka_unit_test(music_beside_the_slots_is_not_called_unused),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
