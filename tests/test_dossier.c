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

#include "evidence/dossier.h"
#include "tests/fakes/fake_log.h"

#define DAY "2026-11-26"
#define OTHER_SHA \
	"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"

/* A day of a log, written as a test goes on. */
struct scene {
	struct fake_log log;
	struct index *index;
	json_t *records[DOSSIER_MAX + 1];
	int64_t trees[DOSSIER_MAX + 1]; /* of each; 0 of the first: all one */
	size_t n;
	char told[2000];
};

static void
scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	fake_log_init(&s->log, NULL);
	fake_log_at(&s->log, DAY " 04:00:00");
}

static void
forget(struct scene *s)
{
	for (size_t i = 0; i < s->n; i++)
		json_decref(s->records[i]);
	s->n = 0;
	s->index = index_close(s->index);
}

static void
scene_free(struct scene *s)
{
	forget(s);
	fake_log_free(&s->log);
}

static int64_t
approve(struct scene *s, const char *person, const char *more)
{
	char body[500];

	snprintf(body, sizeof(body),
	    "{\"item\":\"ban-tin\",\"sha256\":\"" FAKE_SHA
	    "\",\"title\":\"\",\"person\":\"%s\",\"office\":\"\",\"needs\":1,"
	    "\"second_of\":null}",
	    person);
	return fake_log_add(&s->log, KIND_APPROVE, body, more);
}

static int64_t
withdraw(struct scene *s, const char *item)
{
	char body[300];

	snprintf(body, sizeof(body),
	    "{\"item\":\"%s\",\"sha256\":\"" FAKE_SHA
	    "\",\"person\":\"p-1\",\"office\":\"\",\"reason\":\"sai\"}",
	    item);
	return fake_log_add(&s->log, KIND_WITHDRAW, body, NULL);
}

static int64_t
correct(struct scene *s, int64_t record)
{
	char body[200];

	snprintf(body, sizeof(body),
	    "{\"record\":%lld,\"text\":\"đính chính\"}", (long long)record);
	return fake_log_add(&s->log, KIND_CORRECT, body, NULL);
}

static void
start(struct scene *s, const char *slot, int n, int64_t approval)
{
	char more[40];

	snprintf(
	    more, sizeof(more), "{\"approval\":%lld}", (long long)approval);
	fake_log_start(&s->log, DAY, slot, n, approval < 0 ? NULL : more);
}

/* It begins now and lasts two minutes; the seq of its end. */
static int64_t
air(struct scene *s, const char *slot, int n, int64_t approval)
{
	start(s, slot, n, approval);
	s->log.now.wall_us += 120 * US_PER_S;
	return fake_log_end(&s->log, DAY, slot, n, 120000, NULL);
}

static int
gather(struct scene *s, int64_t seq)
{
	struct dossier_list list;
	int r;

	forget(s);
	assert_int_equal(index_open(s->log.disk, ":memory:", &s->index), 0);
	r = dossier_gather(s->index, seq, &list);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		assert_int_equal(
		    index_record(s->index, list.at[i], &s->records[s->n++]), 0);
	return r;
}

static void
tell(void *arg, const struct dossier_line *line)
{
	struct scene *s = arg;
	size_t n = strlen(s->told);

	assert_true(
	    line->about != NULL || line->of != NULL || line->text[0] != '\0');
	snprintf(s->told + n, sizeof(s->told) - n, "%s%s", n > 0 ? " " : "",
	    dossier_word(line->word));
	if (line->about != NULL)
		sprintf(s->told + strlen(s->told), ":%d",
		    (int)record_int(line->about, "seq", -1));
}

static void
expect(struct scene *s, enum dossier_class worst, const char *told)
{
	s->told[0] = '\0';
	assert_int_equal(dossier_check(s->records,
			     s->trees[0] == 0 ? NULL : s->trees, s->n, tell, s),
	    worst);
	assert_string_equal(s->told, told);
}

/* Without the record that has this seq. */
static void
leave_out(struct scene *s, int64_t seq)
{
	for (size_t i = 0; i < s->n; i++)
		if (record_int(s->records[i], "seq", -1) == seq) {
			json_decref(s->records[i]);
			memmove(&s->records[i], &s->records[i + 1],
			    (--s->n - i) * sizeof(s->records[0]));
			return;
		}
	fail_msg("no record %lld", (long long)seq);
}

static void
bring(struct scene *s, int64_t seq)
{
	assert_int_equal(index_record(s->index, seq, &s->records[s->n++]), 0);
}

/* Sheet 0, approval 1, start 2, end 3. */
static void
aired_once(struct scene *s)
{
	scene_init(s);
	fake_log_day(&s->log, DAY, "a 05:00:00 300");
	approve(s, "p-1", NULL);
	fake_log_at(&s->log, DAY " 05:00:00");
	assert_int_equal(air(s, "a", 1, 1), 3);
}

static void
test_an_airing_comes_with_its_approval_and_its_plan(void **state)
{
	struct scene s;

	(void)state;
	aired_once(&s);
	withdraw(&s, "khac");
	assert_int_equal(gather(&s, 3), 0);
	expect(&s, DOSSIER_SHOWN, "aired:3 approved:1 planned:0");
	assert_int_equal(gather(&s, 2), 0);
	expect(&s, DOSSIER_SHOWN, "aired:3 approved:1 planned:0");
	assert_int_equal(gather(&s, 1), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(gather(&s, 99), -ENOENT);
	scene_free(&s);
}

static void
test_what_took_an_approval_back_or_corrected_a_record_is_in_it(void **state)
{
	struct scene s;

	(void)state;
	aired_once(&s);
	withdraw(&s, "ban-tin"); /* 4 */
	correct(&s, 3); /* 5 */
	correct(&s, 5); /* 6, of the correction */
	correct(&s, 99);
	assert_int_equal(gather(&s, 3), 0);
	expect(&s, DOSSIER_BESIDES,
	    "aired:3 approved:1 withdrawn_later:4 planned:0 corrected:5 "
	    "corrected:6");
	leave_out(&s, 5);
	expect(&s, DOSSIER_LACKING,
	    "aired:3 approved:1 withdrawn_later:4 planned:0 lacks_corrected");
	scene_free(&s);
}

static void
test_a_second_persons_approval_brings_the_first(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	approve(&s, "p-1", "{\"needs\":2}");
	withdraw(&s, "ban-tin"); /* taken back before: counts no more */
	approve(&s, "p-1", "{\"needs\":2}"); /* 3 */
	approve(&s, "p-2", "{\"needs\":2,\"second_of\":3}"); /* 4 */
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, 4);
	assert_int_equal(gather(&s, 6), 0);
	expect(&s, DOSSIER_SHOWN, "aired:6 approved:4 approved:3 planned:0");
	leave_out(&s, 3);
	expect(
	    &s, DOSSIER_LACKING, "aired:6 approved:4 lacks_approval planned:0");
	scene_free(&s);
}

static void
test_one_approval_where_two_were_asked_for_is_told(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	approve(&s, "p-1", "{\"needs\":2}");
	approve(&s, "p-1", "{\"needs\":2,\"second_of\":1}");
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, 2);
	assert_int_equal(gather(&s, 4), 0);
	expect(&s, DOSSIER_BESIDES,
	    "aired:4 approved:2 approved:1 one_of_two:2 planned:0");
	scene_free(&s);
}

static void
test_what_aired_by_no_approval_says_so(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	withdraw(&s, "ban-tin");
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, -1);
	withdraw(&s, "ban-tin");
	assert_int_equal(gather(&s, 3), 0);
	expect(&s, DOSSIER_BESIDES,
	    "aired:3 no_approval:2 withdrawn_later:4 planned:1");
	scene_free(&s);
}

static void
test_the_sheet_is_the_one_that_was_in_force(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:30:00 300");
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	approve(&s, "p-1", NULL);
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, 2);
	fake_log_day(&s.log, DAY, "a 05:00:00 600");
	assert_int_equal(gather(&s, 4), 0);
	expect(&s, DOSSIER_SHOWN, "aired:4 approved:2 planned:1");
	/* Another one of that date is told. */
	leave_out(&s, 1);
	bring(&s, 0);
	expect(&s, DOSSIER_WRONG, "aired:4 approved:2 not_in_day:0");
	leave_out(&s, 0);
	bring(&s, 5);
	expect(
	    &s, DOSSIER_BESIDES, "aired:4 approved:2 planned:5 late_sheet:5");
	scene_free(&s);
}

static void
test_a_sheet_with_other_items_is_told(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	fake_log_at(&s.log, DAY " 05:00:00");
	fake_log_start(&s.log, DAY, "a", 1, "{\"item\":\"khac\"}");
	fake_log_end(&s.log, DAY, "a", 1, 1000, "{\"item\":\"khac\"}");
	assert_int_equal(gather(&s, 2), 0);
	expect(&s, DOSSIER_BESIDES,
	    "aired:2 no_approval:1 planned:0 other_item:0");
	scene_free(&s);
}

static void
test_a_slot_comes_with_all_its_airings(void **state)
{
	struct scene s;

	(void)state;
	aired_once(&s);
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 2, 1); /* 4 and 5 */
	fake_log_at(&s.log, DAY " 05:05:00");
	fake_log_slot(&s.log, DAY, "a", "aired", "", 2, 240000, NULL);
	assert_int_equal(gather(&s, 6), 0);
	expect(&s, DOSSIER_SHOWN,
	    "slot:6 planned:0 aired:3 approved:1 planned:0 aired:5 approved:1 "
	    "planned:0");
	leave_out(&s, 4);
	leave_out(&s, 5);
	expect(&s, DOSSIER_LACKING,
	    "slot:6 planned:0 aired:3 approved:1 planned:0 lacks_airing");
	scene_free(&s);
}

static void
test_what_no_slot_planned_comes_with_its_order(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_add(
	    &s.log, KIND_OP, "{\"op\":\"emergency\",\"person\":\"p-2\"}", NULL);
	fake_log_add(&s.log, KIND_OP,
	    "{\"op\":\"emergency\",\"person\":\"p-1\",\"item\":\"mot\","
	    "\"sha256\":\"" OTHER_SHA "\",\"prepared\":0,\"then\":[{\"item\":"
	    "\"ban-tin\",\"sha256\":\"" FAKE_SHA "\"}]}",
	    NULL);
	approve(&s, "p-1", NULL);
	fake_log_start(&s.log, DAY, "", 1, "{\"release\":1,\"approval\":2}");
	fake_log_end(&s.log, DAY, "", 1, 1000, NULL);
	assert_int_equal(gather(&s, 4), 0);
	expect(&s, DOSSIER_SHOWN, "aired:4 approved:2 ordered:1 prepared:0");
	json_object_del(s.records[3], "then");
	expect(
	    &s, DOSSIER_WRONG, "aired:4 approved:2 other_order:1 prepared:0");
	leave_out(&s, 0);
	leave_out(&s, 1);
	expect(&s, DOSSIER_LACKING, "aired:4 approved:2 lacks_order");
	scene_free(&s);
}

static void
test_gap_music_has_neither_slot_nor_order(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_start(&s.log, DAY, "", 1, NULL);
	assert_int_equal(gather(&s, 0), 0);
	expect(
	    &s, DOSSIER_LACKING, "started:0 lacks_end no_approval:0 filler:0");
	scene_free(&s);
}

static void
test_a_record_that_is_left_out_is_missed_by_name(void **state)
{
	static const char *const told[] = {
		"aired:3 approved:1 lacks_day",
		"aired:3 lacks_approval planned:0",
		/* Whose they are, only the start says. */
		"aired:3 lacks_start",
		/* That it began does not show how it ended. */
		"started:2 lacks_end approved:1 planned:0",
	};
	struct scene s;

	(void)state;
	aired_once(&s);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(gather(&s, 3), 0);
		leave_out(&s, i);
		expect(&s, DOSSIER_LACKING, told[i]);
	}
	scene_free(&s);
}

/* Each record in it is one that the station has signed, and not the right
 * one. */
static void
test_a_record_that_was_put_in_for_another_is_named(void **state)
{
	static const struct {
		int64_t out; /* of the airing's; -1: none */
		int64_t in;
		const char *told;
	} cases[] = {
		{ 1, 4, "aired:3 lacks_approval planned:0 other_bytes:4" },
		{ 1, 5, "aired:3 lacks_approval planned:0 other_approval:5" },
		{ -1, 5, "aired:3 approved:1 planned:0 other_approval:5" },
		{ 0, 6, "aired:3 approved:1 lacks_day other_day:6" },
		{ 0, 7, "aired:3 approved:1 not_in_day:7" },
		{ -1, 8, "aired:3 approved:1 planned:0 stranger:8" },
		{ 3, 9, "other_airing:9 approved:1 planned:0" },
	};
	struct scene s;

	(void)state;
	aired_once(&s);
	approve(&s, "p-1", "{\"sha256\":\"" OTHER_SHA "\"}"); /* 4 */
	approve(&s, "p-2", NULL); /* 5 */
	fake_log_day(&s.log, "2026-11-27", "a 05:00:00 300"); /* 6 */
	fake_log_day(&s.log, DAY, "b 05:00:00 300"); /* 7 */
	withdraw(&s, "khac"); /* 8 */
	/* Under the same name, which the next start gives back. */
	fake_log_end(
	    &s.log, DAY, "a", 1, 1000, "{\"sha256\":\"" OTHER_SHA "\"}");
	fake_log_end(&s.log, DAY, "a", 1, 120000, NULL); /* 10 */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(gather(&s, 10), 0);
		leave_out(&s, 10);
		bring(&s, 3);
		if (cases[i].out >= 0)
			leave_out(&s, cases[i].out);
		bring(&s, cases[i].in);
		expect(&s, DOSSIER_WRONG, cases[i].told);
	}
	scene_free(&s);
}

static void
test_an_approval_that_was_withdrawn_or_came_later_is_named(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	approve(&s, "p-1", NULL);
	withdraw(&s, "ban-tin"); /* 2 */
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, 1);
	assert_int_equal(gather(&s, 4), 0);
	expect(&s, DOSSIER_WRONG, "aired:4 approved:1 withdrawn:2 planned:0");
	scene_free(&s);
	scene_init(&s);
	fake_log_day(&s.log, DAY, "a 05:00:00 300");
	fake_log_at(&s.log, DAY " 05:00:00");
	air(&s, "a", 1, 3);
	approve(&s, "p-1", NULL);
	assert_int_equal(gather(&s, 2), 0);
	expect(&s, DOSSIER_WRONG, "aired:2 approved_later:3 planned:0");
	scene_free(&s);
}

static int64_t
begin_tree(struct scene *s, int n, int64_t from)
{
	char body[300];

	snprintf(body, sizeof(body),
	    "{\"reason\":\"tree\",\"cause\":\"log\",\"origin\":"
	    "\"loaxa/0123456789abcdef/log/v%d\",\"from\":%lld,\"after\":\"\"}",
	    n, (long long)from);
	return fake_log_add(&s->log, KIND_EPOCH, body, NULL);
}

/* An airing of tree v2: end 4, start 3, approval 1, all of that; the sheet 0 of
 * v1, and behind them what began v2, which has its own from record 1 on. */
static void
aired_in_two_trees(struct scene *s)
{
	static const int64_t trees[] = { 2, 2, 2, 1, 2 };

	scene_init(s);
	fake_log_day(&s->log, DAY, "a 05:00:00 300");
	approve(s, "p-2", NULL);
	assert_int_equal(begin_tree(s, 2, 1), 2);
	fake_log_at(&s->log, DAY " 05:00:00");
	assert_int_equal(air(s, "a", 1, 1), 4);
	assert_int_equal(gather(s, 4), 0);
	assert_int_equal(s->n, 4);
	bring(s, 2);
	memcpy(s->trees, trees, sizeof(trees));
}

/* The approval that v1 had at that number stood for v2's: "approved by p-1". */
static void
test_a_record_of_a_tree_that_was_given_up_stands_for_none(void **state)
{
	struct scene s;

	(void)state;
	aired_in_two_trees(&s);
	expect(&s, DOSSIER_SHOWN, "aired:4 approved:1 planned:0");
	json_object_set_new(s.records[2], "person", json_string("p-1"));
	s.trees[2] = 1;
	expect(
	    &s, DOSSIER_WRONG, "given_up:1 aired:4 lacks_approval planned:0");
	/* With the right one beside it, the wrong one is told all the same. */
	bring(&s, 1);
	s.trees[5] = 2;
	expect(&s, DOSSIER_WRONG, "given_up:1 aired:4 approved:1 planned:0");
	scene_free(&s);
}

static void
test_trees_whose_beginning_is_not_shown_are_not_one_history(void **state)
{
	struct scene s;

	(void)state;
	aired_in_two_trees(&s);
	leave_out(&s, 2);
	expect(&s, DOSSIER_LACKING, "lacks_epoch aired:4 approved:1 planned:0");
	/* Of a tree in between, too: it may have had another record 0. */
	bring(&s, 2);
	s.trees[0] = s.trees[1] = s.trees[2] = 3;
	expect(&s, DOSSIER_LACKING, "lacks_epoch aired:4 approved:1 planned:0");
	scene_free(&s);
	/* In one tree alone none is asked for, and it is a stranger. */
	aired_in_two_trees(&s);
	s.trees[3] = 2;
	expect(&s, DOSSIER_WRONG, "aired:4 approved:1 planned:0 stranger:2");
	scene_free(&s);
}

static void
test_what_both_trees_have_alike_is_of_the_later_one(void **state)
{
	struct scene s;

	(void)state;
	aired_in_two_trees(&s);
	bring(&s, 1);
	s.trees[5] = 1;
	expect(&s, DOSSIER_SHOWN, "aired:4 approved:1 planned:0");
	scene_free(&s);
}

static void
test_more_records_than_a_file_may_hold_are_refused(void **state)
{
	struct scene s;

	(void)state;
	aired_once(&s);
	for (int i = 0; i < DOSSIER_MAX - 3; i++)
		correct(&s, 3);
	assert_int_equal(gather(&s, 3), -E2BIG);
	scene_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_airing_comes_with_its_approval_and_its_plan),
		cmocka_unit_test(
		    test_what_took_an_approval_back_or_corrected_a_record_is_in_it),
		cmocka_unit_test(
		    test_a_second_persons_approval_brings_the_first),
		cmocka_unit_test(
		    test_one_approval_where_two_were_asked_for_is_told),
		cmocka_unit_test(test_what_aired_by_no_approval_says_so),
		cmocka_unit_test(test_the_sheet_is_the_one_that_was_in_force),
		cmocka_unit_test(test_a_sheet_with_other_items_is_told),
		cmocka_unit_test(test_a_slot_comes_with_all_its_airings),
		cmocka_unit_test(
		    test_what_no_slot_planned_comes_with_its_order),
		cmocka_unit_test(test_gap_music_has_neither_slot_nor_order),
		cmocka_unit_test(
		    test_a_record_that_is_left_out_is_missed_by_name),
		cmocka_unit_test(
		    test_a_record_that_was_put_in_for_another_is_named),
		cmocka_unit_test(
		    test_an_approval_that_was_withdrawn_or_came_later_is_named),
		cmocka_unit_test(
		    test_a_record_of_a_tree_that_was_given_up_stands_for_none),
		cmocka_unit_test(
		    test_trees_whose_beginning_is_not_shown_are_not_one_history),
		cmocka_unit_test(
		    test_what_both_trees_have_alike_is_of_the_later_one),
		cmocka_unit_test(
		    test_more_records_than_a_file_may_hold_are_refused),
	};

	return cmocka_run_group_tests_name("dossier", tests, NULL, NULL);
}
