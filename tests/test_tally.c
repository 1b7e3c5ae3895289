/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/sick_disk.h"
#include "evidence/asrun.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/tally.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S "que-minh"
#define DAY "2026-11-26"

static struct tally *
read_days(struct fake_log *l, const char *from, const char *to)
{
	struct tally *t;
	int64_t from_day, to_day;

	assert_int_equal(civil_read_date(from, &from_day), 0);
	assert_int_equal(civil_read_date(to, &to_day), 0);
	assert_int_equal(tally_read(l->disk, S, from_day, to_day, &t), 0);
	return t;
}

static const json_t *
row(const struct tally *t, size_t i)
{
	const json_t *r = json_array_get(t->rows, i);

	assert_non_null(r);
	return r;
}

/* Slot `a` aired in two parts, the second going on with the first; b is a
 * repeat; c was missed; d lies ahead. */
static void
write_day(struct fake_log *l)
{
	fake_log_init(l, NULL);
	fake_log_at(l, DAY " 04:00:00");
	fake_log_day(l, DAY,
	    "a 05:00:00 300, b 05:10:00 300, c 05:20:00 300, "
	    "d 17:00:00 300");
	fake_log_at(l, DAY " 05:00:00");
	fake_log_start(l, DAY, "a", 1, NULL);
	fake_log_at(l, DAY " 05:02:00");
	fake_log_end(l, DAY, "a", 1, 120000, NULL);
	fake_log_start(l, DAY, "a", 2,
	    "{\"continues\":\"" S "/" DAY "/a/1\",\"first_run\":false}");
	fake_log_at(l, DAY " 05:05:00");
	fake_log_end(l, DAY, "a", 2, 180000, NULL);
	fake_log_slot(l, DAY, "a", "aired", "", 2, 300000, NULL);
	fake_log_at(l, DAY " 05:10:00");
	fake_log_start(l, DAY, "b", 1, "{\"first_run\":false}");
	fake_log_at(l, DAY " 05:14:00");
	fake_log_end(l, DAY, "b", 1, 240000, NULL);
	fake_log_at(l, DAY " 05:15:00");
	fake_log_slot(
	    l, DAY, "b", "aired_partial", "device_lost", 1, 240000, NULL);
	fake_log_at(l, DAY " 05:25:00");
	fake_log_slot(l, DAY, "c", "not_aired", "missing_item", 0, 0, NULL);
}

static void
test_a_slot_is_a_row_with_plan_and_fact(void **state)
{
	struct fake_log l;
	struct tally *t;
	const json_t *r;

	(void)state;
	write_day(&l);
	t = read_days(&l, DAY, DAY);
	assert_int_equal(json_array_size(t->rows), 4);
	r = row(t, 0);
	assert_string_equal(record_text(r, "slot"), "a");
	assert_string_equal(
	    record_text(r, "planned_utc"), fake_utc(DAY " 05:00:00"));
	assert_string_equal(
	    record_text(r, "actual_utc"), fake_utc(DAY " 05:00:00"));
	assert_int_equal(record_int(r, "planned_ms", 0), 300000);
	assert_int_equal(record_int(r, "actual_ms", 0), 300000);
	assert_int_equal(record_int(r, "grade", 0), 2);
	assert_string_equal(record_text(r, "source"), "own");
	assert_int_equal(json_array_size(json_object_get(r, "sounded")), 1);
	r = row(t, 2);
	assert_string_equal(record_text(r, "status"), "not_aired");
	assert_string_equal(record_text(r, "cause"), "work");
	assert_true(json_is_null(json_object_get(r, "actual_utc")));
	assert_true(json_is_null(json_object_get(r, "grade")));
	assert_string_equal(record_text(r, "run"), "");
	r = row(t, 3);
	assert_int_equal(record_int(r, "open", 0), 1);
	assert_string_equal(record_text(r, "status"), "");
	tally_free(t);
	fake_log_free(&l);
}

static void
test_what_goes_on_is_still_a_first_run(void **state)
{
	struct fake_log l;
	struct tally *t;

	(void)state;
	write_day(&l);
	t = read_days(&l, DAY, DAY);
	assert_string_equal(record_text(row(t, 0), "run"), "first");
	assert_string_equal(record_text(row(t, 1), "run"), "repeat");
	assert_int_equal(t->sum.run_n[TALLY_FIRST], 1);
	assert_int_equal(t->sum.run_ms[TALLY_FIRST], 300000);
	assert_int_equal(t->sum.run_n[TALLY_REPEAT], 1);
	assert_int_equal(t->sum.run_ms[TALLY_REPEAT], 240000);
	assert_int_equal(tally_sent_n(&t->sum), 2);
	assert_int_equal(tally_sent_ms(&t->sum), 540000);
	tally_free(t);
	fake_log_free(&l);
}

static void
test_the_sums_add_up_as_asrun_counts_them(void **state)
{
	struct fake_log l;
	struct tally *t;
	struct asrun *a;
	int64_t day;

	(void)state;
	write_day(&l);
	t = read_days(&l, DAY, DAY);
	civil_read_date(DAY, &day);
	assert_int_equal(asrun_read(l.disk, S, NULL, day, day, &a), 0);
	assert_true(a->identity.holds);
	assert_true(tally_holds(&t->sum));
	assert_int_equal(t->sum.planned, a->identity.planned);
	assert_int_equal(t->sum.open, a->identity.open);
	assert_int_equal(t->sum.aired, a->identity.aired);
	assert_int_equal(t->sum.aired_partial, a->identity.aired_partial);
	assert_int_equal(t->sum.not_aired, a->identity.not_aired);
	assert_int_equal(t->sum.external, a->identity.external);
	assert_int_equal(t->sum.planned, 3);
	assert_int_equal(t->sum.planned_ms, 900000);
	asrun_free(a);
	tally_free(t);
	fake_log_free(&l);
}

static void
test_what_does_not_add_up_does_not_hold(void **state)
{
	static const struct {
		const char *when;
		const char *slot; /* closed again, or NULL */
		const char *later; /* the log goes on until then */
		bool holds;
	} cases[] = {
		{ "as it is", NULL, "05:26:00", true },
		{ "a planned slot has no outcome", NULL, "18:00:00", false },
		{ "a slot has two", "a", "05:26:00", false },
		{ "a slot nobody planned has one", "x", "05:26:00", false },
		{ "one has two, another none: the totals alone agree", "a",
		    "18:00:00", false },
		{ "a slot is cancelled before its time", "d", "05:26:00",
		    true },
		{ "all is closed", "d", "18:00:00", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct tally *t;
		char at[32];

		write_day(&l);
		if (cases[i].slot != NULL)
			fake_log_slot(&l, DAY, cases[i].slot, "not_aired",
			    "cancelled", 0, 0, NULL);
		snprintf(at, sizeof(at), DAY " %s", cases[i].later);
		fake_log_at(&l, at);
		fake_log_add(&l, KIND_OP,
		    "{\"op\":\"x\",\"person\":\"\",\"result\":\"done\","
		    "\"detail\":\"\"}",
		    NULL);
		t = read_days(&l, DAY, DAY);
		if (tally_holds(&t->sum) != cases[i].holds)
			fail_msg("%s: holds %d", cases[i].when,
			    tally_holds(&t->sum));
		tally_free(t);
		fake_log_free(&l);
	}
}

static void
test_figures_that_cannot_be_do_not_hold(void **state)
{
	static const struct {
		const char *what;
		const char *status;
		const char *ends; /* of the one attempt; "": it has none */
		int64_t ms;
		bool holds;
	} cases[] = {
		{ "as measured", "aired", NULL, 300000, true },
		{ "its end is lost", "aired", "", 300000, true },
		{ "more than was sent", "aired", "{\"actual_ms\":290000}",
		    300000, false },
		{ "of which nothing was sent", "aired", "{\"actual_ms\":0}",
		    300000, false },
		{ "aired, and nothing was sent", "aired", NULL, 0, false },
		{ "less than nothing", "aired", NULL, -1, false },
		{ "for ever", "aired", NULL, INT64_MAX, false },
		{ "for ever, twice", "aired",
		    "{\"actual_ms\":9223372036854775807}", INT64_MAX, false },
		{ "an attempt for ever", "aired", "{\"actual_ms\":999999999}",
		    300000, false },
		{ "not aired, and sent", "not_aired", NULL, 300000, false },
		{ "in part, and nothing was sent", "aired_partial", NULL, 0,
		    false },
		{ "a word that is none", "heard", NULL, 300000, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct tally *t;

		fake_log_init(&l, NULL);
		fake_log_at(&l, DAY " 04:00:00");
		fake_log_day(&l, DAY, "a 05:00:00 300");
		fake_log_at(&l, DAY " 05:00:00");
		fake_log_start(&l, DAY, "a", 1, NULL);
		fake_log_at(&l, DAY " 05:05:00");
		if (cases[i].ends == NULL || cases[i].ends[0] != '\0')
			fake_log_end(&l, DAY, "a", 1, 300000, cases[i].ends);
		fake_log_slot(
		    &l, DAY, "a", cases[i].status, "", 1, cases[i].ms, NULL);
		t = read_days(&l, DAY, DAY);
		if (tally_holds(&t->sum) != cases[i].holds ||
		    (tally_first_odd(t) == NULL) != cases[i].holds)
			fail_msg("%s: holds %d", cases[i].what,
			    tally_holds(&t->sum));
		tally_free(t);
		fake_log_free(&l);
	}
}

/* A machine that was off; as a power cut, or switched off. */
static void
code_of_outage(const char *cause, char code[static TALLY_CODE])
{
	struct fake_log l;
	struct tally *t;
	char op[400];
	char from[32];

	fake_log_init(&l, NULL);
	fake_log_at(&l, DAY " 04:00:00");
	fake_log_day(&l, DAY, "a 05:00:00 300");
	fake_log_at(&l, DAY " 05:10:00");
	snprintf(from, sizeof(from), "%s", fake_utc(DAY " 04:50:00"));
	snprintf(op, sizeof(op),
	    "{\"op\":\"outage\",\"person\":\"\",\"result\":\"done\","
	    "\"detail\":\"%s\",\"from_utc\":\"%s\",\"to_utc\":\"%s\"}",
	    cause, from, fake_utc(DAY " 05:10:00"));
	fake_log_add(&l, KIND_OP, op, NULL);
	fake_log_slot(&l, DAY, "a", "not_aired", "machine_off", 0, 0, NULL);
	t = read_days(&l, DAY, DAY);
	tally_code(t, code);
	tally_free(t);
	fake_log_free(&l);
}

static void
test_the_code_is_of_the_outages_too(void **state)
{
	char cut[TALLY_CODE], again[TALLY_CODE], off[TALLY_CODE];

	(void)state;
	code_of_outage("power_lost", cut);
	code_of_outage("power_lost", again);
	code_of_outage("rebooted", off);
	assert_string_equal(cut, again);
	assert_string_not_equal(cut, off);
}

static void
test_the_days_that_the_log_tells_of_are_known(void **state)
{
	struct fake_log l;
	struct tally *t;
	int64_t day;

	(void)state;
	civil_read_date(DAY, &day);
	write_day(&l);
	fake_log_day(&l, "2026-11-27", "a 05:00:00 300");
	t = read_days(&l, "2026-11-01", "2026-11-30");
	assert_int_equal(t->first_day, day);
	assert_int_equal(t->last_day, day); /* the next has not come yet */
	assert_non_null(json_object_get(t->days, DAY));
	assert_null(json_object_get(t->days, "2026-11-25"));
	tally_free(t);
	t = read_days(&l, "2026-10-01", "2026-10-30");
	assert_true(t->first_day > t->last_day);
	tally_free(t);
	fake_log_free(&l);
}

static void
test_days_with_outcomes_are_known_after_the_clock_went_back(void **state)
{
	struct fake_log l;
	struct tally *t;
	int64_t day;

	(void)state;
	civil_read_date(DAY, &day);
	write_day(&l);
	fake_log_at(&l, "2026-11-20 08:00:00");
	fake_log_add(&l, KIND_BOOT, "{\"cause\":\"rebooted\"}", NULL);
	t = read_days(&l, "2026-11-01", "2026-11-30");
	assert_int_equal(t->first_day, day);
	assert_int_equal(t->last_day, day);
	tally_free(t);
	fake_log_free(&l);
}

/* One slot that did not air for `reason`, and an outage around it or not. */
static enum tally_cause
cause_of(const char *status, const char *reason, const char *note,
    const char *outage)
{
	struct fake_log l;
	struct tally *t;
	char more[64];
	char op[400];
	char from[32];
	enum tally_cause c;

	fake_log_init(&l, NULL);
	fake_log_at(&l, DAY " 04:00:00");
	fake_log_day(&l, DAY, "a 05:00:00 300");
	fake_log_at(&l, DAY " 05:10:00");
	if (outage != NULL) {
		snprintf(from, sizeof(from), "%s", fake_utc(DAY " 04:50:00"));
		snprintf(op, sizeof(op),
		    "{\"op\":\"outage\",\"person\":\"\",\"result\":\"done\","
		    "\"detail\":\"%s\",\"from_utc\":\"%s\",\"to_utc\":\"%s\"}",
		    outage, from, fake_utc(DAY " 05:10:00"));
		fake_log_add(&l, KIND_OP, op, NULL);
	}
	snprintf(more, sizeof(more), "{\"note\":\"%s\"}", note);
	fake_log_at(&l, DAY " 05:05:00");
	fake_log_slot(&l, DAY, "a", status, reason, 0, 0, more);
	t = read_days(&l, DAY, DAY);
	for (c = 0; c < TALLY_CAUSES; c++)
		if (strcmp(record_text(row(t, 0), "cause"),
			tally_cause_word(c)) == 0)
			break;
	if (c < TALLY_CAUSES)
		assert_int_equal(t->sum.lost_n[c] + t->sum.part_n[c], 1);
	tally_free(t);
	fake_log_free(&l);
	return c;
}

static void
test_power_is_told_apart_from_neglect(void **state)
{
	static const struct {
		const char *status;
		const char *reason;
		const char *note;
		const char *outage;
		enum tally_cause cause;
	} cases[] = {
		{ "aired", "", "", NULL, TALLY_CAUSES },
		{ "not_aired", "machine_off", "", "power_lost", TALLY_POWER },
		{ "not_aired", "machine_off", "", "rebooted", TALLY_WORK },
		{ "not_aired", "machine_off", "", NULL, TALLY_WORK },
		{ "aired_partial", "power_lost", "", NULL, TALLY_POWER },
		{ "aired_partial", "rejoined", "", "power_lost", TALLY_POWER },
		{ "aired_partial", "rejoined", "", "process_died",
		    TALLY_FAULT },
		{ "not_aired", "too_late", "", "power_lost", TALLY_POWER },
		{ "not_aired", "too_late", "", NULL, TALLY_WORK },
		{ "not_aired", "not_approved", "", "power_lost", TALLY_WORK },
		{ "not_aired", "clock_unsure", "", NULL, TALLY_FAULT },
		{ "not_aired", "no_signal", "", NULL, TALLY_FAULT },
		{ "aired_partial", "preempted", "order", NULL, TALLY_ORDER },
		{ "aired_partial", "preempted", "", NULL, TALLY_WORK },
		{ "not_aired", "cancelled", "", NULL, TALLY_ORDER },
		{ "not_aired", "machine_off", "epoch", NULL, TALLY_UNKNOWN },
		{ "not_aired", "what_is_new", "", NULL, TALLY_WORK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum tally_cause c = cause_of(cases[i].status, cases[i].reason,
		    cases[i].note, cases[i].outage);

		if (c != cases[i].cause)
			fail_msg("%s %s %s, outage %s: %d, wanted %d",
			    cases[i].status, cases[i].reason, cases[i].note,
			    cases[i].outage == NULL ? "none" : cases[i].outage,
			    (int)c, (int)cases[i].cause);
	}
}

/* A day sheet of one slot, with keys of its own. */
static void
sheet_of_one(struct fake_log *l, const char *keys)
{
	char text[600];

	snprintf(text, sizeof(text),
	    "{\"date\":\"" DAY "\",\"revision\":\"" FAKE_SHA "\",\"slots\":["
	    "{\"slot\":\"a\",\"planned_utc\":\"%s\",\"planned_ms\":300000,"
	    "\"class\":\"thong_thuong\",\"items\":[],\"title\":\"T\","
	    "\"language\":\"vi\",%s}]}",
	    fake_utc(DAY " 05:00:00"), keys);
	fake_log_add(l, KIND_DAY, text, NULL);
}

static void
test_a_relay_is_never_the_stations_own_time(void **state)
{
	struct fake_log l;
	struct tally *t;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_at(&l, DAY " 04:00:00");
	sheet_of_one(&l,
	    "\"content\":\"relay\",\"ref\":\"vov1\",\"segment\":\"\","
	    "\"from_above\":false");
	fake_log_at(&l, DAY " 05:05:00");
	fake_log_slot(&l, DAY, "a", "external", "relay_signal", 0, 0,
	    "{\"content\":\"relay\",\"segment\":\"\",\"signal_ms\":290000,"
	    "\"lost_ms\":10000,\"connections\":1}");
	t = read_days(&l, DAY, DAY);
	assert_true(tally_holds(&t->sum));
	assert_int_equal(t->sum.external, 1);
	assert_int_equal(t->sum.relay_ms, 300000);
	assert_int_equal(t->sum.signal_ms, 290000);
	assert_int_equal(tally_sent_n(&t->sum), 0);
	assert_int_equal(tally_sent_ms(&t->sum), 0);
	assert_string_equal(record_text(row(t, 0), "source"), "vov1");
	tally_free(t);
	fake_log_free(&l);
}

static void
test_a_signature_tune_is_neither_new_nor_a_repeat(void **state)
{
	static const struct {
		const char *keys;
		const char *more;
		const char *run;
	} cases[] = {
		{ "\"content\":\"item\",\"segment\":\"\",\"from_above\":false",
		    "{\"content\":\"item\",\"segment\":\"\"}", "other" },
		{ "\"content\":\"filler\",\"segment\":\"\","
		  "\"from_above\":false",
		    "{\"content\":\"filler\",\"segment\":\"\"}", "other" },
		{ "\"content\":\"item\",\"segment\":\"\",\"from_above\":true",
		    "{\"content\":\"item\",\"segment\":\"\"}", "first" },
		{ "\"content\":\"repeats\",\"segment\":\"\","
		  "\"from_above\":false",
		    "{\"content\":\"repeats\",\"segment\":\"\"}", "first" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct tally *t;

		fake_log_init(&l, NULL);
		fake_log_at(&l, DAY " 04:00:00");
		sheet_of_one(&l, cases[i].keys);
		fake_log_at(&l, DAY " 05:00:00");
		fake_log_start(&l, DAY, "a", 1, NULL);
		fake_log_at(&l, DAY " 05:05:00");
		fake_log_end(&l, DAY, "a", 1, 300000, NULL);
		fake_log_slot(
		    &l, DAY, "a", "aired", "", 1, 300000, cases[i].more);
		t = read_days(&l, DAY, DAY);
		assert_string_equal(
		    record_text(row(t, 0), "run"), cases[i].run);
		assert_int_equal(tally_sent_ms(&t->sum), 300000);
		tally_free(t);
		fake_log_free(&l);
	}
}

static void
test_what_no_slot_planned_stands_apart_and_music_is_not_counted(void **state)
{
	struct fake_log l;
	struct tally *t;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_start(&l, DAY, "+play", 1, "{\"order\":\"Chủ tịch\"}");
	fake_log_at(&l, DAY " 05:01:00");
	fake_log_end(&l, DAY, "+play", 1, 60000,
	    "{\"status\":\"unscheduled\",\"reason\":\"operator\"}");
	fake_log_end(&l, DAY, "+filler", 2, 40000,
	    "{\"status\":\"unscheduled\",\"reason\":\"filler\"}");
	t = read_days(&l, DAY, DAY);
	assert_true(tally_holds(&t->sum));
	assert_int_equal(t->sum.planned, 0);
	assert_int_equal(t->sum.unscheduled, 1);
	assert_int_equal(t->sum.unscheduled_ms, 60000);
	assert_int_equal(t->sum.music_ms, 40000);
	assert_int_equal(tally_sent_ms(&t->sum), 0);
	assert_int_equal(json_array_size(t->apart), 1);
	assert_string_equal(
	    record_text(json_array_get(t->apart, 0), "order"), "Chủ tịch");
	tally_free(t);
	fake_log_free(&l);
}

static void
test_the_hours_are_those_of_the_sheet_in_force_at_the_moment(void **state)
{
	struct fake_log l;
	struct tally *t;
	const json_t *h;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_at(&l, DAY " 04:00:00");
	sheet_of_one(&l, "\"content\":\"item\"");
	fake_log_add(&l, KIND_DAY,
	    "{\"date\":\"" DAY "\",\"slots\":[],\"hours\":[{\"n\":1}]}", NULL);
	fake_log_at(&l, DAY " 12:00:00");
	fake_log_add(&l, KIND_DAY,
	    "{\"date\":\"" DAY "\",\"slots\":[],\"hours\":[{\"n\":2}]}", NULL);
	t = read_days(&l, DAY, DAY);
	h = tally_hours(t, S, DAY, fake_us(DAY " 11:59:59"));
	assert_int_equal(record_int(json_array_get(h, 0), "n", 0), 1);
	h = tally_hours(t, S, DAY, fake_us(DAY " 12:00:00"));
	assert_int_equal(record_int(json_array_get(h, 0), "n", 0), 2);
	/* The first sheet of a date counts for all of it. */
	h = tally_hours(t, S, DAY, fake_us(DAY " 03:00:00"));
	assert_int_equal(record_int(json_array_get(h, 0), "n", 0), 1);
	assert_null(tally_hours(t, S, "2026-11-27", NEVER));
	assert_null(tally_hours(t, "other", DAY, NEVER));
	tally_free(t);
	fake_log_free(&l);
}

static const char *
slot_key(void *arg, const json_t *r)
{
	(void)arg;
	return strcmp(record_text(r, "slot"), "c") == 0 ? "c" : "rest";
}

static void
test_groups_add_up_to_the_whole(void **state)
{
	struct fake_log l;
	struct tally *t;
	struct tally_groups g;
	int64_t planned = 0, sent = 0;

	(void)state;
	write_day(&l);
	t = read_days(&l, DAY, DAY);
	assert_int_equal(tally_by(t, slot_key, NULL, &g), 0);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.list[0].key, "rest");
	for (size_t i = 0; i < g.n; i++) {
		assert_true(tally_holds(&g.list[i].sum));
		planned += g.list[i].sum.planned;
		sent += tally_sent_ms(&g.list[i].sum);
	}
	assert_int_equal(planned, t->sum.planned);
	assert_int_equal(sent, tally_sent_ms(&t->sum));
	tally_groups_free(&g);
	tally_free(t);
	fake_log_free(&l);
}

static void
test_the_code_is_of_the_days_and_of_nothing_later(void **state)
{
	struct fake_log l;
	struct tally *t;
	char before[TALLY_CODE], after[TALLY_CODE], typed[TALLY_CODE];

	(void)state;
	write_day(&l);
	t = read_days(&l, DAY, DAY);
	tally_code(t, before);
	assert_int_equal(strlen(before), TALLY_CODE - 1);
	for (size_t i = 0; i <= strlen(before); i++)
		typed[i] = (char)tolower((unsigned char)before[i]);
	assert_true(tally_is_code(t, typed));
	typed[0] = typed[0] == '7' ? '8' : '7';
	assert_false(tally_is_code(t, typed));
	assert_false(tally_is_code(t, ""));
	tally_free(t);
	/* Another day leaves it as it is. */
	fake_log_at(&l, "2026-11-27 04:00:00");
	fake_log_day(&l, "2026-11-28", "a 05:00:00 300");
	t = read_days(&l, DAY, DAY);
	tally_code(t, after);
	assert_string_equal(before, after);
	tally_free(t);
	/* One more record of the day does not. */
	fake_log_slot(&l, DAY, "d", "not_aired", "machine_off", 0, 0, NULL);
	t = read_days(&l, DAY, DAY);
	tally_code(t, after);
	assert_string_not_equal(before, after);
	tally_free(t);
	fake_log_free(&l);
}

struct parsed {
	struct tally_reader *reader;
	char last_utc[40];
};

static int
take_parsed(void *arg, const char *line, size_t n, int64_t seq)
{
	struct parsed *p = arg;
	json_t *r, *copy;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	copy = json_deep_copy(r);
	snprintf(p->last_utc, sizeof(p->last_utc), "%s", record_text(r, "utc"));
	assert_int_equal(tally_take(p->reader, record_kind(line, n), r), 0);
	assert_true(json_equal(r, copy));
	json_decref(copy);
	json_decref(r);
	return 0;
}

static void
test_a_tally_of_parsed_records_is_that_of_their_lines(void **state)
{
	struct fake_log l;
	struct tally *was, *is;
	struct parsed p;
	int64_t day;

	(void)state;
	write_day(&l);
	fake_log_at(&l, DAY " 17:30:00");
	fake_log_slot(&l, DAY, "d", "not_aired", "machine_off", 0, 0, NULL);
	fake_log_at(&l, DAY " 18:00:00");
	fake_log_add(&l, KIND_OP,
	    "{\"op\":\"outage\",\"detail\":\"power_lost\","
	    "\"from_utc\":\"2026-11-26T09:00:00Z\","
	    "\"to_utc\":\"2026-11-26T10:30:00Z\"}",
	    NULL);
	was = read_days(&l, DAY, DAY);
	assert_int_equal(was->sum.lost_n[TALLY_POWER], 1);
	assert_int_equal(civil_read_date(DAY, &day), 0);
	assert_int_equal(tally_begin(S, day, day, &p.reader), 0);
	assert_int_equal(ledger_each(l.disk, take_parsed, &p), 0);
	assert_int_equal(tally_end(p.reader, p.last_utc, &is), 0);
	assert_memory_equal(&is->sum, &was->sum, sizeof(is->sum));
	assert_true(json_equal(is->rows, was->rows));
	assert_true(json_equal(is->outages, was->outages));
	assert_int_equal(is->last_seq, was->last_seq);
	assert_string_equal(is->digest, "");
	tally_free(is);
	tally_free(was);
	/* One that is given up. */
	assert_int_equal(tally_begin(S, day, day, &p.reader), 0);
	assert_int_equal(ledger_each(l.disk, take_parsed, &p), 0);
	tally_drop(p.reader);
	fake_log_free(&l);
}

static void
test_a_disk_that_cannot_be_read_is_an_error(void **state)
{
	struct sick_disk f;
	struct fake_log l;
	struct disk *d;
	int failed = 0;

	(void)state;
	assert_int_equal(disk_memory(&d), 0);
	sick_disk_init(&f, d);
	fake_log_init(&l, &f.disk);
	fake_log_day(&l, DAY, "a 05:00:00 300");
	for (int n = 1;; n++) {
		struct tally *t = NULL;
		int r;

		f.fail_at = f.calls + n;
		r = tally_read(l.disk, S, 0, 40000, &t);
		if (r == 0) {
			tally_free(t);
			break;
		}
		assert_int_equal(r, -EIO);
		assert_null(t);
		failed++;
	}
	/* Its names, and its one file: it is read once. */
	assert_int_equal(failed, 2);
	f.fail_at = 0;
	fake_log_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slot_is_a_row_with_plan_and_fact),
		cmocka_unit_test(test_what_goes_on_is_still_a_first_run),
		cmocka_unit_test(test_the_sums_add_up_as_asrun_counts_them),
		cmocka_unit_test(test_what_does_not_add_up_does_not_hold),
		cmocka_unit_test(test_figures_that_cannot_be_do_not_hold),
		cmocka_unit_test(test_the_code_is_of_the_outages_too),
		cmocka_unit_test(test_the_days_that_the_log_tells_of_are_known),
		cmocka_unit_test(
		    test_days_with_outcomes_are_known_after_the_clock_went_back),
		cmocka_unit_test(test_power_is_told_apart_from_neglect),
		cmocka_unit_test(test_a_relay_is_never_the_stations_own_time),
		cmocka_unit_test(
		    test_a_signature_tune_is_neither_new_nor_a_repeat),
		cmocka_unit_test(
		    test_what_no_slot_planned_stands_apart_and_music_is_not_counted),
		cmocka_unit_test(
		    test_the_hours_are_those_of_the_sheet_in_force_at_the_moment),
		cmocka_unit_test(test_groups_add_up_to_the_whole),
		cmocka_unit_test(
		    test_the_code_is_of_the_days_and_of_nothing_later),
		cmocka_unit_test(
		    test_a_tally_of_parsed_records_is_that_of_their_lines),
		cmocka_unit_test(test_a_disk_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
