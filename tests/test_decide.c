/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/decide.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SEC(n) ((int64_t)(n)*US_PER_S)

static struct planned
slot_at_1000(void)
{
	/* 60 s long, from second 1000; soft, cut, join, tolerance 20 s. */
	return (struct planned){
		.slot = "s",
		.start_us = SEC(1000),
		.end_us = SEC(1060),
		.tolerance_us = SEC(20),
	};
}

static struct airspace
open_air(void)
{
	return (struct airspace){ .next_hard_us = NEVER,
		.fence_end_us = SEC(5000) };
}

struct row {
	const char *when;
	int64_t now_s;
	int64_t for_s; /* 0: 60 */
	enum start_mode start;
	enum end_mode end;
	enum rejoin_mode rejoin;
	int64_t busy_s;
	int64_t hard_s; /* 0: never */
	int64_t session_s; /* 0: no limit */
	int64_t tolerance_s; /* 0: 20 */
	int64_t fence_s; /* 0: as open air; -1: not allowed */
	const char *hold;
	bool began;
	enum verdict verdict;
	int64_t at_ms; /* WAIT and START; 0: do not care */
	int64_t stop_s; /* START; 0: do not care */
	const char *reason; /* MISS */
};

static void
check_row(const struct row *c)
{
	struct planned p = slot_at_1000();
	struct airspace a = open_air();
	struct decision d;

	p.start = c->start;
	if (c->for_s != 0)
		p.end_us = p.start_us + SEC(c->for_s);
	p.end = c->end;
	p.rejoin = c->rejoin;
	a.busy_until_us = SEC(c->busy_s);
	a.hold = c->hold;
	a.began = c->began;
	a.due_us = c->began ? p.start_us : 0;
	a.session_us = SEC(c->session_s);
	if (c->tolerance_s != 0)
		p.tolerance_us = SEC(c->tolerance_s);
	if (c->hard_s != 0)
		a.next_hard_us = SEC(c->hard_s);
	if (c->fence_s != 0)
		a.fence_end_us = c->fence_s < 0 ? 0 : SEC(c->fence_s);
	d = decide(&p, &a, SEC(c->now_s));
	if (d.verdict != c->verdict)
		fail_msg("%s: verdict %d, wanted %d", c->when, d.verdict,
		    c->verdict);
	if (c->at_ms != 0 && d.at_us != c->at_ms * US_PER_MS)
		fail_msg("%s: at %lld ms, wanted %lld", c->when,
		    (long long)(d.at_us / US_PER_MS), (long long)c->at_ms);
	if (c->stop_s != 0 && d.stop_us != SEC(c->stop_s))
		fail_msg("%s: stop %lld s, wanted %lld", c->when,
		    (long long)(d.stop_us / US_PER_S), (long long)c->stop_s);
	if (c->reason != NULL && strcmp(d.reason, c->reason) != 0)
		fail_msg(
		    "%s: reason %s, wanted %s", c->when, d.reason, c->reason);
}

static void
test_a_slot_starts_waits_or_is_missed_by_what_surrounds_it(void **state)
{
	static const struct row rows[] = {
		{ .when = "long before: ask again a lead ahead",
		    .now_s = 500,
		    .verdict = VERDICT_WAIT,
		    .at_ms = 990000 },
		{ .when = "a lead ahead: starts on its instant",
		    .now_s = 990,
		    .verdict = VERDICT_START,
		    .at_ms = 1000000,
		    .stop_s = 1060 },
		{ .when = "late: joins what is due once it can sound",
		    .now_s = 1010,
		    .verdict = VERDICT_START,
		    .at_ms = 1011500,
		    .stop_s = 1060 },
		{ .when = "late by its tolerance, skip: starts at its head",
		    .now_s = 1010,
		    .rejoin = REJOIN_SKIP,
		    .verdict = VERDICT_START,
		    .at_ms = 1011500 },
		{ .when = "late past its tolerance, skip: missed",
		    .now_s = 1020,
		    .rejoin = REJOIN_SKIP,
		    .verdict = VERDICT_MISS,
		    .reason = "too_late" },
		{ .when = "was on before, skip: not again",
		    .now_s = 1005,
		    .rejoin = REJOIN_SKIP,
		    .began = true,
		    .verdict = VERDICT_MISS,
		    .reason = "too_late" },
		{ .when = "was on before, join: goes on",
		    .now_s = 1030,
		    .began = true,
		    .verdict = VERDICT_START,
		    .at_ms = 1031500 },
		{ .when = "too little left to join",
		    .now_s = 1057,
		    .verdict = VERDICT_MISS,
		    .reason = "too_late" },
		{ .when = "its window is past",
		    .now_s = 1061,
		    .verdict = VERDICT_MISS,
		    .reason = "too_late" },
		{ .when = "soft behind an item that ends in tolerance",
		    .now_s = 1000,
		    .busy_s = 1015,
		    .verdict = VERDICT_WAIT,
		    .at_ms = 1005000 },
		{ .when = "soft, a lead before that end: starts there",
		    .now_s = 1005,
		    .busy_s = 1015,
		    .verdict = VERDICT_START,
		    .at_ms = 1015000,
		    .stop_s = 1060 },
		{ .when = "soft behind an item past its tolerance: waits",
		    .now_s = 1000,
		    .busy_s = 1030,
		    .verdict = VERDICT_WAIT },
		{ .when = "past its tolerance: missed, never queued",
		    .now_s = 1021,
		    .busy_s = 1030,
		    .verdict = VERDICT_MISS,
		    .reason = "preempted" },
		{ .when = "hard: cuts what is on",
		    .now_s = 995,
		    .start = START_HARD,
		    .busy_s = 1030,
		    .verdict = VERDICT_START,
		    .at_ms = 1000000 },
		{ .when = "finish: yields to the next hard start",
		    .now_s = 995,
		    .end = END_FINISH,
		    .hard_s = 1100,
		    .verdict = VERDICT_START,
		    .stop_s = 1100 },
		{ .when = "finish: yields to its session's limit",
		    .now_s = 995,
		    .end = END_FINISH,
		    .session_s = 1090,
		    .verdict = VERDICT_START,
		    .stop_s = 1090 },
		{ .when = "finish in a session that is too long: its own end",
		    .now_s = 995,
		    .end = END_FINISH,
		    .session_s = 1030,
		    .verdict = VERDICT_START,
		    .stop_s = 1060 },
		{ .when = "soft behind an item beyond its own end",
		    .now_s = 1059,
		    .busy_s = 1060,
		    .tolerance_s = 120,
		    .verdict = VERDICT_MISS,
		    .reason = "preempted" },
		{ .when = "finish without a hard start: the fence",
		    .now_s = 995,
		    .end = END_FINISH,
		    .verdict = VERDICT_START,
		    .stop_s = 5000 },
		{ .when = "the fence ends inside the slot",
		    .now_s = 995,
		    .fence_s = 1030,
		    .verdict = VERDICT_START,
		    .stop_s = 1030 },
		{ .when = "outside the allowed hours",
		    .now_s = 995,
		    .fence_s = -1,
		    .verdict = VERDICT_MISS,
		    .reason = "outside_hours" },
		{ .when = "the fence leaves a second",
		    .now_s = 995,
		    .fence_s = 1001,
		    .verdict = VERDICT_MISS,
		    .reason = "outside_hours" },
		{ .when = "a slot of one second starts on its instant",
		    .now_s = 990,
		    .for_s = 1,
		    .verdict = VERDICT_START,
		    .at_ms = 1000000 },
		{ .when = "held: nothing starts while there is hope",
		    .now_s = 1000,
		    .hold = "clock_unsure",
		    .verdict = VERDICT_WAIT,
		    .at_ms = 1058500 },
		{ .when = "held to the end: missed for that reason",
		    .now_s = 1059,
		    .hold = "clock_unsure",
		    .verdict = VERDICT_MISS,
		    .reason = "clock_unsure" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i]);
}

static struct decision
window(int64_t due_s, int64_t at_s, int64_t stop_s)
{
	return (struct decision){ .verdict = VERDICT_START,
		.due_us = SEC(due_s),
		.at_us = SEC(at_s),
		.stop_us = SEC(stop_s) };
}

static void
test_items_follow_each_other_to_the_frame(void **state)
{
	static const int64_t lengths[] = { 48001, 96000, 47999 };
	struct decision d = window(1000, 1000, 1060);
	struct part parts[8];

	(void)state;
	assert_int_equal(decide_lay(&d, lengths, 3, false, parts, 8), 3);
	assert_int_equal(parts[0].start_us, SEC(1000));
	assert_int_equal(frames_in(parts[1].start_us - SEC(1000)), 48001);
	assert_int_equal(frames_in(parts[2].start_us - SEC(1000)), 144001);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(parts[i].frames, lengths[i]);
		assert_int_equal(parts[i].offset, 0);
	}
}

static void
test_a_join_lands_inside_the_item_that_is_due(void **state)
{
	static const int64_t lengths[] = { 48000 * 10, 48000 * 10 };
	struct decision d = window(1000, 1014, 1060);
	struct part parts[8];

	(void)state;
	assert_int_equal(decide_lay(&d, lengths, 2, false, parts, 8), 1);
	assert_int_equal(parts[0].item, 1);
	assert_int_equal(parts[0].offset, 48000 * 4);
	assert_int_equal(parts[0].frames, 48000 * 6);
	assert_int_equal(parts[0].start_us, SEC(1014));
}

static void
test_an_item_longer_than_its_slot_is_cut_at_the_stop(void **state)
{
	static const int64_t lengths[] = { 48000 * 50, 48000 * 50 };
	struct decision d = window(1000, 1000, 1060);
	struct part parts[8];

	(void)state;
	assert_int_equal(decide_lay(&d, lengths, 2, false, parts, 8), 2);
	assert_int_equal(parts[1].frames, 48000 * 10);
}

static void
test_a_missing_item_takes_no_time(void **state)
{
	static const int64_t lengths[] = { 0, 48000 };
	struct decision d = window(1000, 1000, 1060);
	struct part parts[8];

	(void)state;
	assert_int_equal(decide_lay(&d, lengths, 2, false, parts, 8), 1);
	assert_int_equal(parts[0].item, 1);
	assert_int_equal(parts[0].start_us, SEC(1000));
}

static void
test_a_filler_goes_round_until_the_stop_and_no_further(void **state)
{
	static const int64_t lengths[] = { 48000 * 7 };
	static const int64_t nothing[] = { 0 };
	struct decision d = window(1000, 1000, 1020);
	struct part parts[8];

	(void)state;
	assert_int_equal(decide_lay(&d, lengths, 1, true, parts, 8), 3);
	assert_int_equal(parts[2].frames, 48000 * 6);
	assert_int_equal(decide_lay(&d, lengths, 1, true, parts, 2), 2);
	assert_int_equal(decide_lay(&d, nothing, 1, true, parts, 8), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_slot_starts_waits_or_is_missed_by_what_surrounds_it),
		cmocka_unit_test(test_items_follow_each_other_to_the_frame),
		cmocka_unit_test(test_a_join_lands_inside_the_item_that_is_due),
		cmocka_unit_test(
		    test_an_item_longer_than_its_slot_is_cut_at_the_stop),
		cmocka_unit_test(test_a_missing_item_takes_no_time),
		cmocka_unit_test(
		    test_a_filler_goes_round_until_the_stop_and_no_further),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
