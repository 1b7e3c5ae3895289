/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/ordered.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SLOT(id, more) \
	"{ id = \"" id \
	"\"; at = \"05:00\"; for = \"00:01\"; item = \"i\"; " more " }"
#define ABOVE "from_above = true; "
#define DAYS "days = \"T2-CN\"; "

static struct schedule *
read_text(const char *slots, const char *more)
{
	struct problems ps = { 0 };
	struct schedule *s;
	struct folder f;
	char text[2000];

	folder_make(&f);
	snprintf(text, sizeof(text),
	    "station = \"xa\"; name = \"Xã\"; slots = (\n%s\n); %s", slots,
	    more);
	folder_write(&f, "xa.cfg", text);
	if (schedule_read(f.path, "xa", INT64_MIN, INT64_MAX, &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	folder_remove(&f);
	return s;
}

#define GONE(id) \
	"xa.cfg: the slot \"" id "\" is ordered from above and is gone; put " \
	"it back. When the level above has ended it, leave it there with its " \
	"last date, such as until = \"2026-11-25\";\n"

static void
what_is_ordered_is_not_dropped_here(void **state)
{
	static const struct {
		const char *when;
		const char *before;
		const char *more_before;
		const char *after;
		const char *said;
	} cases[] = {
		{ "kept", SLOT("a", DAYS ABOVE), "", SLOT("a", DAYS ABOVE),
		    "" },
		{ "moved", SLOT("a", DAYS ABOVE), "",
		    SLOT("a", "days = \"T3\"; " ABOVE), "" },
		{ "ended by a date", SLOT("a", DAYS ABOVE), "",
		    SLOT("a", DAYS ABOVE "until = \"2026-11-20\";"), "" },
		{ "our own may go", SLOT("a", DAYS), "", SLOT("b", DAYS), "" },
		{ "gone", SLOT("a", DAYS ABOVE) "," SLOT("c", DAYS), "",
		    SLOT("b", DAYS), GONE("a") },
		{ "no longer marked", SLOT("a", DAYS ABOVE), "",
		    SLOT("a", DAYS),
		    "xa.cfg:2: the slot \"a\" is ordered from above; write "
		    "from_above = true; again. When the level above has ended "
		    "it, give it its last date, such as until = "
		    "\"2026-11-25\";\n" },
		{ "gone when it was over",
		    SLOT("a", DAYS ABOVE "until = \"2026-11-24\";"), "",
		    SLOT("b", DAYS), "" },
		{ "gone on its last day",
		    SLOT("a", DAYS ABOVE "until = \"2026-11-25\";"), "",
		    SLOT("b", DAYS), GONE("a") },
		{ "a date that is over", SLOT("b", DAYS),
		    "dates = ( { date = \"2026-11-24\"; extra = (" SLOT(
			"a", ABOVE) "); } );",
		    SLOT("b", DAYS), "" },
		{ "dates to come, told once", SLOT("b", DAYS),
		    "dates = ( { date = \"2026-11-26\"; extra = (" SLOT(
			"a", ABOVE) "); }, { date = \"2026-11-27\"; extra = "
				    "(" SLOT("a", ABOVE) "); } );",
		    SLOT("b", DAYS), GONE("a") },
		{ "a campaign that is over", SLOT("b", DAYS),
		    "campaigns = ( { id = \"k\"; title = \"K\"; from = "
		    "\"2026-11-01\"; until = \"2026-11-20\"; slots = (" SLOT(
			"a", ABOVE) "); } );",
		    SLOT("b", DAYS), "" },
		{ "a campaign under way", SLOT("b", DAYS),
		    "campaigns = ( { id = \"k\"; title = \"K\"; from = "
		    "\"2026-11-01\"; until = \"2026-11-30\"; slots = (" SLOT(
			"a", ABOVE) "); } );",
		    SLOT("b", DAYS), GONE("a") },
	};
	int64_t today;

	(void)state;
	civil_read_date("2026-11-25", &today);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct schedule *before =
		    read_text(cases[i].before, cases[i].more_before);
		struct schedule *after = read_text(cases[i].after, "");

		assert_int_equal(ordered_check(before, after, today, &ps),
		    cases[i].said[0] == '\0' ? 0 : 1);
		expect_said(cases[i].when, &ps, cases[i].said);
		schedule_free(before);
		schedule_free(after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ordered_is_not_dropped_here),
	};

	return cmocka_run_group_tests_name("ordered", tests, NULL, NULL);
}
