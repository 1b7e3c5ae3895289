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
#include "ctl/logbook.h"
#include "ctl/summary.h"
#include "evidence/record.h"
#include "tests/fakes/fake_log.h"

#define S "que-minh"
#define DAY "2026-11-26"

struct fixture {
	struct tally *tally;
	struct tally_groups groups;
	struct headings headings;
	struct seals seals;
	struct summary m;
};

/* Three slots: one aired, one lost to a power cut, one not approved. */
static void
set_up(struct fixture *x)
{
	struct fake_log l;
	int64_t day;

	*x = (struct fixture){ 0 };
	fake_log_init(&l, NULL);
	fake_log_at(&l, DAY " 04:00:00");
	fake_log_day(&l, DAY, "a 05:00:00 300, b 05:10:00 300, c 05:20:00 300");
	fake_log_at(&l, DAY " 05:00:00");
	fake_log_start(&l, DAY, "a", 1, NULL);
	fake_log_at(&l, DAY " 05:05:00");
	fake_log_end(&l, DAY, "a", 1, 300000, NULL);
	fake_log_slot(&l, DAY, "a", "aired", "", 1, 300000, NULL);
	fake_log_slot(
	    &l, DAY, "b", "aired_partial", "power_lost", 0, 60000, NULL);
	fake_log_slot(&l, DAY, "c", "not_aired", "not_approved", 0, 0, NULL);
	civil_read_date(DAY, &day);
	assert_int_equal(tally_read(l.disk, S, day, day, &x->tally), 0);
	fake_log_free(&l);
	x->headings = (struct headings){
		.segments = json_pack("{s:s}", "ttdn", "=Thông tin, \"đối\""),
		.stations = json_pack("{s:s}", S, "Đài Quế Minh"),
	};
	assert_int_equal(
	    tally_by(x->tally, headings_key, &x->headings, &x->groups), 0);
	x->m = (struct summary){ .tally = x->tally,
		.groups = &x->groups,
		.headings = &x->headings,
		.seals = &x->seals,
		.station = S,
		.from_day = day,
		.to_day = day,
		.due = "due soon",
		.deadline = "" };
}

static void
tear_down(struct fixture *x)
{
	tally_groups_free(&x->groups);
	headings_clear(&x->headings);
	tally_free(x->tally);
}

static char *
printed(int (*fn)(const struct summary *m, FILE *out), const struct summary *m)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(fn(m, out), 0);
	fclose(out);
	return text;
}

static int
prose(const struct summary *m, FILE *out)
{
	summary_prose(m, out);
	return 0;
}

static void
has(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, text);
}

static void
test_a_csv_has_a_line_a_group_and_one_of_all(void **state)
{
	struct fixture x;
	char *text;

	(void)state;
	set_up(&x);
	text = printed(summary_csv, &x.m);
	has(text, "from,to,station,by,key,name,planned,open,aired,");
	has(text, ",log_size,log_root,code\r\n");
	has(text,
	    DAY "," DAY "," S
		",segment,\"ttdn\",\"'=Thông tin, \"\"đối\"\"\",3,0,1,1,1,0,");
	has(text,
	    "\r\n" DAY "," DAY "," S ",segment,\"total\",\"\",3,0,1,1,1,");
	free(text);
	tear_down(&x);
}

static void
test_the_json_has_the_groups_the_sum_and_the_seal(void **state)
{
	struct fixture x;
	json_t *j, *g;

	(void)state;
	set_up(&x);
	j = summary_json(&x.m);
	assert_non_null(j);
	g = json_array_get(json_object_get(j, "groups"), 0);
	assert_string_equal(record_text(g, "key"), "ttdn");
	assert_int_equal(record_int(g, "planned", 0), 3);
	g = json_object_get(j, "total");
	assert_int_equal(record_int(g, "partial_power", 0), 1);
	assert_int_equal(record_int(g, "not_aired_work", 0), 1);
	assert_int_equal(record_int(g, "first_ms", 0), 300000);
	assert_true(json_is_true(json_object_get(j, "holds")));
	assert_true(json_is_false(
	    json_object_get(json_object_get(j, "seal"), "signed")));
	json_decref(j);
	tear_down(&x);
}

static void
test_the_prose_tells_power_apart_and_says_what_is_not_signed(void **state)
{
	struct fixture x;
	char *text;

	(void)state;
	set_up(&x);
	text = printed(prose, &x.m);
	has(text,
	    "Đài Quế Minh sent to the amplifier: airings 2, length 6 min");
	has(text, "Of 3 slots planned, 1 aired, 1 aired in part, 1 did not");
	has(text, "1 were due to power cuts beyond the station's control");
	has(text, "By segment: =Thông tin");
	has(text, "not signed that far");
	assert_null(strstr(text, "loudspeaker sounded"));
	free(text);
	tear_down(&x);
}

static void
test_what_is_signed_is_told_with_size_and_root(void **state)
{
	struct fixture x;
	char *text;

	(void)state;
	set_up(&x);
	x.seals = (struct seals){ .exists = true,
		.covers = true,
		.last = { .origin = "loaxa/x/log/v1", .size = 12 } };
	text = printed(summary_print, &x.m);
	has(text, "; due soon\n");
	has(text, "checkpoint of 12 records");
	has(text, "root AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	has(text, "No level above has cosigned it yet.");
	has(text, "planned 3 = aired 1 + in part 1 + not aired 1 + external 0");
	free(text);
	x.seals.covers = false;
	text = printed(summary_print, &x.m);
	has(text, "NOT signed yet");
	free(text);
	x.seals.findings = 2;
	text = printed(summary_print, &x.m);
	has(text, "not what was signed");
	free(text);
	tear_down(&x);
}

static void
test_a_page_of_each_is_drawn(void **state)
{
	struct fixture x;
	struct logbook b;
	struct page_setup setup = { "t", "f", summary_draw, &x.m };
	struct page_result result;

	(void)state;
	set_up(&x);
	assert_int_equal(page_make(&setup, &result), 0);
	assert_int_equal(result.pages, 1);
	free(result.pdf);
	b = (struct logbook){ .tally = x.tally,
		.seals = &x.seals,
		.headings = &x.headings,
		.station = S,
		.monday = x.m.from_day - 3,
		.officer = "Công chức Văn hóa - Xã hội",
		.leader = "" };
	setup.draw = logbook_draw;
	setup.arg = &b;
	assert_int_equal(page_make(&setup, &result), 0);
	assert_true(result.pages >= 1 && result.pages <= 2);
	free(result.pdf);
	tear_down(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_csv_has_a_line_a_group_and_one_of_all),
		cmocka_unit_test(
		    test_the_json_has_the_groups_the_sum_and_the_seal),
		cmocka_unit_test(
		    test_the_prose_tells_power_apart_and_says_what_is_not_signed),
		cmocka_unit_test(
		    test_what_is_signed_is_told_with_size_and_root),
		cmocka_unit_test(test_a_page_of_each_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
