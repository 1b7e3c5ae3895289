/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/headings.h"
#include "evidence/record.h"
#include "tests/fakes/fake_log.h"

#define DAY "2026-11-26"
#define NEXT "2026-11-27"

/* Two slots of the segment "ttdn", one a day; a schedule tells its tags and
 * its plan on the second. */
static void
write_log(struct fake_log *l)
{
	fake_log_init(l, NULL);
	fake_log_at(l, DAY " 04:00:00");
	fake_log_day(l, DAY, "a 05:00:00 300");
	fake_log_at(l, DAY " 05:05:00");
	fake_log_slot(l, DAY, "a", "aired", "", 0, 300000, NULL);
	fake_log_at(l, NEXT " 04:00:00");
	fake_log_add(l, KIND_SCHEDULE,
	    "{\"revision\":\"" FAKE_SHA "\",\"files\":[],\"segments\":["
	    "{\"id\":\"ttdn\",\"title\":\"A\",\"tags\":[\"x\",\"y\",\"x\"],"
	    "\"plan\":{\"no\":\"99/KH\",\"date\":\"2023-05-16\","
	    "\"issuer\":\"UBND\",\"subject\":\"B\",\"parent\":{\"no\":\"7\","
	    "\"date\":\"2023-01-02\",\"issuer\":\"C\"}}},"
	    "{\"id\":\"khac\",\"title\":\"D\"}],\"by\":\"\"}",
	    NULL);
	fake_log_day(l, NEXT, "a 05:00:00 300, b 05:10:00 60");
	fake_log_at(l, NEXT " 05:15:00");
	fake_log_slot(l, NEXT, "a", "aired", "", 0, 240000, NULL);
	fake_log_slot(
	    l, NEXT, "b", "aired", "", 0, 60000, "{\"segment\":\"khac\"}");
}

static struct tally *
sums(struct headings *h, struct tally_groups *groups)
{
	struct fake_log l;
	struct tally *t;
	int64_t day;

	write_log(&l);
	civil_read_date(DAY, &day);
	assert_int_equal(tally_read(l.disk, "", day, day + 1, &t), 0);
	assert_int_equal(headings_tell(h, l.disk), 0);
	assert_int_equal(tally_by(t, headings_key, h, groups), 0);
	assert_int_equal(headings_split(h, groups), 0);
	fake_log_free(&l);
	return t;
}

static void
is(const struct tally_groups *g, size_t i, const char *key, int64_t ms)
{
	assert_true(i < g->n);
	assert_string_equal(g->list[i].key, key);
	assert_int_equal(tally_sent_ms(&g->list[i].sum), ms);
}

static void
a_slot_is_under_each_of_its_tags_and_once_in_all(void **state)
{
	struct headings h = { .by = HEADING_TAG };
	struct tally_groups g;
	struct tally *t = sums(&h, &g);

	(void)state;
	assert_int_equal(g.n, 4);
	is(&g, 0, "?", 300000);
	is(&g, 1, "x", 240000);
	is(&g, 2, "y", 240000);
	is(&g, 3, "", 60000);
	assert_int_equal(tally_sent_ms(&t->sum), 600000);
	assert_string_equal(headings_text(&h, "?"), "the log does not tell");
	assert_string_equal(headings_text(&h, ""), "without a tag");
	assert_string_equal(headings_text(&h, "x"), "x");
	tally_groups_free(&g);
	tally_free(t);
	headings_clear(&h);
}

static void
a_slot_is_of_the_plan_of_its_date(void **state)
{
	struct headings h = { .by = HEADING_PLAN, .plans = json_object() };
	struct tally_groups g;
	struct tally *t = sums(&h, &g);

	(void)state;
	assert_int_equal(g.n, 3);
	is(&g, 0, "?", 300000);
	is(&g, 1, "99/KH, 2023-05-16, UBND", 240000);
	assert_string_equal(
	    headings_text(&h, g.list[1].key), "99/KH, 16/05/2023, UBND");
	is(&g, 2, "", 60000);
	tally_groups_free(&g);
	tally_free(t);
	headings_clear(&h);
}

static void
a_segment_has_the_name_that_the_log_tells_of_its_date(void **state)
{
	struct headings h = { .by = HEADING_SEGMENT,
		.segments = json_pack(
		    "{s:s,s:s}", "ttdn", "now", "other", "also now") };
	struct tally_groups g;
	struct tally *t = sums(&h, &g);

	(void)state;
	assert_string_equal(headings_text(&h, "ttdn"), "now");
	assert_int_equal(headings_name(&h, t), 0);
	assert_string_equal(headings_text(&h, "ttdn"), "A");
	assert_string_equal(headings_text(&h, "khac"), "D");
	assert_string_equal(headings_text(&h, "other"), "also now");
	assert_string_equal(headings_text(&h, "none"), "none");
	tally_groups_free(&g);
	tally_free(t);
	headings_clear(&h);
}

static void
a_plan_is_told_with_those_above_it(void **state)
{
	json_t *plan = json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s,s:s}}", "no",
	    "99/KH", "date", "2023-05-16", "issuer", "UBND", "subject", "B",
	    "parent", "no", "7", "date", "2023-01-02", "issuer", "C");
	char *text = headings_plan(plan, true);

	(void)state;
	assert_string_equal(
	    text, "99/KH, 16/05/2023, UBND: B; carries out 7, 02/01/2023, C");
	free(text);
	json_decref(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_slot_is_under_each_of_its_tags_and_once_in_all),
		cmocka_unit_test(a_slot_is_of_the_plan_of_its_date),
		cmocka_unit_test(
		    a_segment_has_the_name_that_the_log_tells_of_its_date),
		cmocka_unit_test(a_plan_is_told_with_those_above_it),
	};

	return cmocka_run_group_tests_name("headings", tests, NULL, NULL);
}
