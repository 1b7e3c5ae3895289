/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/record.h"
#include "scheduler/day.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DATE 20780 /* 2026-11-23 */
#define MS(ms) ((int64_t)(ms)*RATE / 1000)

static int64_t
at(const char *time)
{
	int second = 0;

	assert_int_equal(civil_read_time(time, &second), 0);
	return civil_to_us(DATE, second);
}

/* A plan of "ID HH:MM:SS SECONDS [ITEM]", one a comma, as its JSON. */
static struct plan *
plan_of(const char *slots)
{
	json_t *list = json_array();
	struct plan *p;
	char *text = strdup(slots);
	char *rest = text;
	char *one;

	while ((one = strsep(&rest, ",")) != NULL) {
		char id[64], time[16], item[64] = "nhac";
		struct civil_text t;
		int for_s;

		if (sscanf(one, " %63s %15s %d %63s", id, time, &for_s, item) <
		    3)
			continue;
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:[s], s:s, s:s, "
			      "s:s, s:s, s:i, s:s, s:s, s:b}",
			"slot", id, "planned_utc", civil_utc_text(at(time), &t),
			"planned_ms", for_s * 1000, "class", "thong_thuong",
			"content", "item", "ref", item, "items", item,
			"segment", "", "title", "", "language", "vi", "start",
			"soft", "tolerance_ms", 120000, "end", "cut", "rejoin",
			"join", "from_above", 0));
	}
	free(text);
	assert_int_equal(plan_from_json(list, DATE, &p), 0);
	json_decref(list);
	return p;
}

static struct day *
day_of(const char *slots)
{
	struct day *d = day_make(DATE, plan_of(slots), "rev-1");

	assert_non_null(d);
	return d;
}

/* The day as "ID HH:MM:SS/ITEM ID ...", in its order. */
static const char *
told(const struct day *d)
{
	static char text[1024];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < d->n; i++) {
		const struct planned *p = d->runs[i]->p;
		struct civil_text t;
		int64_t day;
		int second;

		civil_from_us(p->start_us, &day, &second);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s/%s",
		    i == 0 ? "" : ", ", p->slot, civil_time_text(second, &t),
		    p->items[0]);
	}
	return text;
}

/* The ids handed to cancel(), in order. */
struct cancelled {
	char ids[256];
};

static void
on_cancel(void *arg, const struct planned *p)
{
	struct cancelled *c = arg;

	if (c->ids[0] != '\0')
		strcat(c->ids, " ");
	strcat(c->ids, p->slot);
}

static void
test_a_new_day_waits_for_every_slot_in_order(void **state)
{
	struct day *d = day_of("b 06:00:00 60, a 05:00:00 60");

	(void)state;
	assert_string_equal(told(d), "a 05:00:00/nhac, b 06:00:00/nhac");
	assert_int_equal(d->runs[0]->state, RUN_WAITING);
	assert_ptr_equal(day_run(d, "b"), d->runs[1]);
	assert_null(day_run(d, "c"));
	assert_null(day_free(d));
	assert_null(day_free(NULL));
}

/* See day_merge(). The day is "a 05:00, b 05:10, c 06:00", all 5 minutes;
 * now is 05:08:30, so b is near and c is not. */
static void
test_a_reload_follows_the_design_row_by_row(void **state)
{
	static const struct {
		const char *when;
		const char *plan;
		const char *day;
		const char *cancelled;
		bool changed;
	} rows[] = {
		{ "the same plan again",
		    "a 05:00:00 300, b 05:10:00 300, c 06:00:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/nhac", "",
		    false },
		{ "a far slot moves",
		    "a 05:00:00 300, b 05:10:00 300, c 07:00:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 07:00:00/nhac", "",
		    true },
		{ "a far slot gets another item",
		    "a 05:00:00 300, b 05:10:00 300, c 06:00:00 300 tin",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/tin", "",
		    true },
		{ "a far slot is gone", "a 05:00:00 300, b 05:10:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac", "c", true },
		{ "a far slot's new start has passed",
		    "a 05:00:00 300, b 05:10:00 300, c 05:01:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac", "c", true },
		{ "a slot 90 s away moves: left alone",
		    "a 05:00:00 300, b 06:30:00 300, c 06:00:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/nhac", "",
		    false },
		{ "a slot 90 s away is gone: left alone",
		    "a 05:00:00 300, c 06:00:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/nhac", "",
		    false },
		{ "what is on is gone: left alone",
		    "b 05:10:00 300, c 06:00:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/nhac", "",
		    false },
		{ "a new slot ahead joins in its place",
		    "a 05:00:00 300, b 05:10:00 300, c 06:00:00 300, "
		    "m 05:30:00 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, m 05:30:00/nhac, "
		    "c 06:00:00/nhac",
		    "", true },
		{ "a new slot whose start has passed waits for its next date",
		    "a 05:00:00 300, b 05:10:00 300, c 06:00:00 300, "
		    "m 05:08:30 300",
		    "a 05:00:00/nhac, b 05:10:00/nhac, c 06:00:00/nhac", "",
		    false },
		{ "nothing is left", "", "a 05:00:00/nhac, b 05:10:00/nhac",
		    "c", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct day *d = day_of("a 05:00:00 300, b 05:10:00 300, "
				       "c 06:00:00 300");
		struct cancelled c = { "" };
		bool changed = !rows[i].changed;

		d->runs[0]->state = RUN_LAID;
		assert_int_equal(day_merge(d, plan_of(rows[i].plan), "rev-1",
				     at("05:08:30"), on_cancel, &c, &changed),
		    0);
		if (strcmp(told(d), rows[i].day) != 0 ||
		    strcmp(c.ids, rows[i].cancelled) != 0 ||
		    changed != rows[i].changed)
			fail_msg("%s: \"%s\", cancelled \"%s\", changed %d",
			    rows[i].when, told(d), c.ids, changed);
		assert_int_equal(d->runs[0]->state, RUN_LAID);
		day_free(d);
	}
}

static void
test_a_slot_that_sounded_or_closed_today_stays_as_it_was(void **state)
{
	static const struct {
		const char *when;
		enum run_state state;
		bool began;
	} rows[] = {
		{ "laid out ahead of its start", RUN_LAID, false },
		{ "done before its time, skipped", RUN_DONE, false },
		{ "closed: the clock went back over it", RUN_CLOSED, true },
		{ "interrupted, waits to rejoin", RUN_WAITING, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct day *d = day_of("a 08:00:00 300");
		struct cancelled c = { "" };
		bool changed;

		d->runs[0]->state = rows[i].state;
		d->runs[0]->began = rows[i].began;
		day_merge(d, plan_of("a 09:00:00 300"), "rev-1", at("05:00:00"),
		    on_cancel, &c, &changed);
		day_merge(d, plan_of(""), "rev-1", at("05:00:00"), on_cancel,
		    &c, &changed);
		if (strcmp(told(d), "a 08:00:00/nhac") != 0 ||
		    c.ids[0] != '\0' || d->runs[0]->state != rows[i].state)
			fail_msg("%s: \"%s\", cancelled \"%s\"", rows[i].when,
			    told(d), c.ids);
		day_free(d);
	}
}

static void
test_another_revision_alone_makes_a_new_sheet(void **state)
{
	struct day *d = day_of("a 08:00:00 300");
	bool changed = false;

	(void)state;
	assert_int_equal(day_merge(d, plan_of("a 08:00:00 300"), "rev-2",
			     at("05:00:00"), on_cancel, NULL, &changed),
	    0);
	assert_true(changed);
	assert_string_equal(d->revision, "rev-2");
	day_free(d);
}

static void
test_the_sheet_names_every_slot_also_those_of_older_plans(void **state)
{
	struct day *d = day_of("a 05:00:00 300, b 06:00:00 300");
	struct cancelled c = { "" };
	bool changed;
	json_t *slots;

	(void)state;
	d->runs[0]->state = RUN_CLOSED;
	day_merge(d, plan_of("b 06:30:00 300, c 07:00:00 300"), "rev-2",
	    at("05:20:00"), on_cancel, &c, &changed);
	slots = day_json(d);
	assert_int_equal(json_array_size(slots), 3);
	assert_string_equal(record_text(json_array_get(slots, 0), "slot"), "a");
	assert_string_equal(
	    record_text(json_array_get(slots, 1), "planned_utc"),
	    "2026-11-22T23:30:00.000000Z");
	assert_string_equal(record_text(json_array_get(slots, 2), "slot"), "c");
	json_decref(slots);
	day_free(d);
}

/* run_outcome ------------------------------------------------------------ */

/* One slot of 300 s at 05:00 and what became of it. Items in ms; 0: none. */
struct outcome_row {
	const char *when;
	enum content content;
	enum end_mode end;
	bool laid; /* its items were looked at */
	int64_t item_ms[2];
	const char *item_reason[2];
	int64_t sent_ms;
	int64_t first_late_ms;
	const char *blame;
	int attempts;
	bool rejoined;
	bool witnessed;
	const char *status, *reason;
	int64_t cut_ms;
};

#define ITEM CONTENT_ITEM, END_CUT, true
#define RELAY CONTENT_RELAY, END_CUT, false, { 0 }, { 0 }, 0, 0
#define NEVER_LAID CONTENT_ITEM, END_CUT, false, { 0 }, { 0 }, 0, 0

static const struct outcome_row outcome_rows[] = {
	{ "one item, whole", ITEM, { 290000 }, { 0 }, 290000, 0, "", 1, 0,
	    false, "aired", "", 0 },
	{ "two items, whole", ITEM, { 100000, 150000 }, { 0 }, 250000, 0, "", 2,
	    0, false, "aired", "", 0 },
	{ "a rounding of 1 s lacks", ITEM, { 290000 }, { 0 }, 289000, 0, "", 1,
	    0, false, "aired", "", 0 },
	{ "more than that lacks", ITEM, { 290000 }, { 0 }, 288999, 0, "", 1, 0,
	    false, "aired_partial", "short", 0 },
	{ "first sample 1 s late is on time", ITEM, { 290000 }, { 0 }, 290000,
	    1000, "", 1, 0, false, "aired", "", 0 },
	{ "first sample later than that", ITEM, { 290000 }, { 0 }, 290000, 1001,
	    "", 1, 0, false, "aired", "late", 0 },
	{ "too long, cut at its end", ITEM, { 200000, 150000 }, { 0 }, 300000,
	    0, "", 2, 0, false, "aired", "", 50000 },
	{ "too long, and finished", CONTENT_ITEM, END_FINISH, true, { 350000 },
	    { 0 }, 350000, 0, "", 1, 0, false, "aired", "", 0 },
	{ "was to finish, was cut", CONTENT_ITEM, END_FINISH, true, { 350000 },
	    { 0 }, 300000, 0, "preempted", 1, 0, false, "aired_partial",
	    "preempted", 0 },
	{ "one of two items is missing", ITEM, { 100000, 0 },
	    { NULL, "missing_item" }, 100000, 0, "missing_item", 1, 0, false,
	    "aired_partial", "short", 0 },
	{ "an item missing though the rest fills the slot", ITEM, { 300000, 0 },
	    { NULL, "missing_item" }, 300000, 0, "missing_item", 1, 0, false,
	    "aired_partial", "short", 0 },
	{ "all items are missing", ITEM, { 0, 0 },
	    { "missing_item", "missing_item" }, 0, 0, "missing_item", 0, 0,
	    false, "not_aired", "missing_item", 0 },
	{ "its source died", ITEM, { 290000 }, { "source_failed" }, 100000, 0,
	    "source_failed", 1, 0, false, "aired_partial", "source_failed", 0 },
	{ "its source died before a sample", ITEM, { 290000 },
	    { "source_failed" }, 0, 0, "source_failed", 1, 0, false,
	    "not_aired", "bad_item", 0 },
	{ "interrupted and rejoined", ITEM, { 290000 }, { 0 }, 200000, 0,
	    "device_lost", 2, 1, false, "aired_partial", "rejoined", 0 },
	{ "interrupted and not rejoined", ITEM, { 290000 }, { 0 }, 200000, 0,
	    "device_lost", 1, 0, false, "aired_partial", "device_lost", 0 },
	{ "interrupted so shortly that nothing lacks", ITEM, { 290000 }, { 0 },
	    289500, 0, "device_lost", 2, 1, false, "aired", "", 0 },
	{ "the power went and came after its end", CONTENT_ITEM, END_CUT, false,
	    { 0 }, { 0 }, 100000, 0, "power_lost", 1, 0, false, "aired_partial",
	    "power_lost", 0 },
	{ "the power was away all the time", NEVER_LAID, "power_lost", 0, 0,
	    false, "not_aired", "machine_off", 0 },
	{ "stopped by a person all the time", NEVER_LAID, "operator_stop", 0, 0,
	    false, "not_aired", "disabled", 0 },
	{ "outside the hours", NEVER_LAID, "outside_hours", 0, 0, false,
	    "not_aired", "outside_hours", 0 },
	{ "never sounded, nobody knows why", NEVER_LAID, "", 0, 0, false,
	    "not_aired", "too_late", 0 },
	{ "a filler that filled its window", CONTENT_FILLER, END_CUT, true,
	    { 30000 }, { 0 }, 300000, 0, "", 10, 0, false, "aired", "", 0 },
	{ "a filler that stopped half way", CONTENT_FILLER, END_CUT, true,
	    { 30000 }, { 0 }, 150000, 0, "operator_stop", 5, 0, false,
	    "aired_partial", "operator_stop", 0 },
	{ "a relay's window, we were there", RELAY, "", 0, 0, true, "external",
	    "relay_reserved", 0 },
	{ "a relay's window, we came later", RELAY, "", 0, 0, false,
	    "not_aired", "too_late", 0 },
	{ "a relay's window during a power cut", RELAY, "power_lost", 0, 0,
	    false, "not_aired", "machine_off", 0 },
	{ "a relay's window under a person's stop", RELAY, "disabled", 0, 0,
	    true, "not_aired", "disabled", 0 },
};

static void
expect_outcome(const struct outcome_row *row)
{
	struct planned p = {
		.slot = (char *)"a",
		.start_us = at("05:00:00"),
		.end_us = at("05:05:00"),
		.content = row->content,
		.end = row->end,
	};
	struct run_item items[2] = { 0 };
	struct run r = {
		.p = &p,
		.items = row->laid ? items : NULL,
		.attempts = row->attempts,
		.rejoined = row->rejoined,
		.witnessed = row->witnessed,
		.sent = MS(row->sent_ms),
		.first_us = row->sent_ms == 0
				? 0
				: p.start_us + row->first_late_ms * US_PER_MS,
	};
	struct outcome o;

	for (size_t i = 0; i < 2; i++) {
		items[i].frames = MS(row->item_ms[i]);
		if (row->item_reason[i] != NULL)
			strcpy(items[i].reason, row->item_reason[i]);
		if (row->item_ms[i] != 0 || row->item_reason[i] != NULL)
			p.n_items = i + 1;
	}
	run_blame(&r, row->blame);
	o = run_outcome(&r);
	if (strcmp(o.status, row->status) != 0 ||
	    strcmp(o.reason, row->reason) != 0 || o.cut_ms != row->cut_ms ||
	    o.actual_ms != row->sent_ms)
		fail_msg("%s: %s/%s, %lld ms, cut %lld", row->when, o.status,
		    o.reason, (long long)o.actual_ms, (long long)o.cut_ms);
}

static void
test_every_fate_of_a_slot_has_its_one_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(outcome_rows); i++)
		expect_outcome(&outcome_rows[i]);
}

static void
test_the_first_blame_stays(void **state)
{
	struct run r = { 0 };

	(void)state;
	run_blame(&r, "");
	run_blame(&r, "device_lost");
	run_blame(&r, "operator_stop");
	assert_string_equal(r.reason, "device_lost");
}

static void
test_a_reason_says_what_it_means_for_the_status(void **state)
{
	static const struct {
		const char *when, *status, *reason, *word;
	} rows[] = {
		{ "off all the time", "not_aired", "power_lost",
		    "machine_off" },
		{ "off half way", "aired_partial", "machine_off",
		    "power_lost" },
		{ "stopped before it", "not_aired", "operator_stop",
		    "disabled" },
		{ "stopped within it", "aired_partial", "disabled",
		    "operator_stop" },
		{ "skipped within it", "aired_partial", "cancelled",
		    "operator_stop" },
		{ "skipped before it", "not_aired", "cancelled", "cancelled" },
		{ "no hours for it", "not_aired", "hours_end",
		    "outside_hours" },
		{ "the hours ended in it", "aired_partial", "outside_hours",
		    "hours_end" },
		{ "nothing of the file", "not_aired", "source_failed",
		    "bad_item" },
		{ "some of the file", "aired_partial", "bad_item",
		    "source_failed" },
		{ "one item was not there", "aired_partial", "missing_item",
		    "short" },
		{ "one item was not approved", "aired_partial", "not_approved",
		    "short" },
		{ "the clock came late", "aired_partial", "clock_unsure",
		    "short" },
		{ "a word that fits stays", "aired_partial", "device_lost",
		    "device_lost" },
		{ "none stays none", "aired", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *word = reason_for(rows[i].status, rows[i].reason);

		if (strcmp(word, rows[i].word) != 0)
			fail_msg("%s: %s", rows[i].when, word);
	}
}

/* P3: what a rejoin may not go behind. */
static void
test_the_furthest_sound_is_kept_and_never_goes_back(void **state)
{
	struct planned p = { .content = CONTENT_SEGMENT, .n_items = 3 };
	struct run_item items[3] = { { .frames = 1000 }, { .frames = 500 },
		{ .frames = 700 } };
	struct run r = { .p = &p, .items = items };

	(void)state;
	assert_int_equal(run_reached(&r), 0);
	run_reach(&r, 0, 400);
	assert_int_equal(run_reached(&r), 400);
	run_reach(&r, 2, 10);
	assert_int_equal(run_reached(&r), 1510);
	run_reach(&r, 1, 499);
	run_reach(&r, 2, 9);
	assert_int_equal(run_reached(&r), 1510);
	p.content = CONTENT_FILLER;
	assert_int_equal(run_reached(&r), 0);
}

static int
set_zone(void **state)
{
	(void)state;
	return civil_zone("Asia/Ho_Chi_Minh");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_day_waits_for_every_slot_in_order),
		cmocka_unit_test(test_a_reload_follows_the_design_row_by_row),
		cmocka_unit_test(
		    test_a_slot_that_sounded_or_closed_today_stays_as_it_was),
		cmocka_unit_test(test_another_revision_alone_makes_a_new_sheet),
		cmocka_unit_test(
		    test_the_sheet_names_every_slot_also_those_of_older_plans),
		cmocka_unit_test(test_every_fate_of_a_slot_has_its_one_outcome),
		cmocka_unit_test(test_the_first_blame_stays),
		cmocka_unit_test(
		    test_a_reason_says_what_it_means_for_the_status),
		cmocka_unit_test(
		    test_the_furthest_sound_is_kept_and_never_goes_back),
	};

	return cmocka_run_group_tests_name("day", tests, set_zone, NULL);
}
