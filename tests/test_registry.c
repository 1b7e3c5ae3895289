/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/registry.h"
#include "base/sick_disk.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S "que-minh"
#define DAY "2026-11-26"
#define SHA_B "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"

static int
take_record(void *arg, const char *line, size_t n, int64_t seq)
{
	json_t *r;

	assert_int_equal(record_parse(line, n, &r), 0);
	assert_int_equal(registry_take(arg, r, seq), 0);
	json_decref(r);
	return 0;
}

/* What the log says, taken in as at start (0: lines) or as while running (1:
 * records). Both must agree, so every test here runs both ways. */
static struct registry *
registry_of(struct fake_log *l, int way)
{
	struct registry *g = registry_new();

	assert_non_null(g);
	if (way == 0)
		assert_int_equal(registry_read(g, l->disk), 0);
	else
		assert_int_equal(ledger_each(l->disk, take_record, g), 0);
	return g;
}

static bool
has_day(const struct registry *g, const char *date)
{
	int64_t day;

	assert_int_equal(civil_read_date(date, &day), 0);
	return registry_has_day(g, S, day);
}

static int
tell_day(void *arg, const json_t *day)
{
	strcat(arg, record_text(day, "date"));
	strcat(arg, " ");
	return 0;
}

static const char *
open_days(const struct registry *g)
{
	static char text[4096];

	text[0] = '\0';
	assert_int_equal(registry_open_days(g, S, tell_day, text), 0);
	return text;
}

static int
tell_attempt(void *arg, const json_t *start, const json_t *end)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s%s ", record_text(start, "airing_id"),
	    end == NULL ? "?" : "");
	if (end != NULL)
		assert_string_equal(record_text(start, "airing_id"),
		    record_text(end, "airing_id"));
	return 0;
}

static const char *
attempts(const struct registry *g)
{
	static char text[4096];

	text[0] = '\0';
	assert_int_equal(registry_attempts(g, S, tell_attempt, text), 0);
	return text;
}

#define APPROVE(item, sha) \
	"{\"item\":\"" item "\",\"sha256\":\"" sha \
	"\",\"person\":\"p-1\",\"office\":\"PCT\"}"
#define WITHDRAW(item, sha) \
	"{\"item\":\"" item "\",\"sha256\":\"" sha \
	"\",\"person\":\"p-1\",\"reason\":\"\"}"

static void
test_only_the_approved_bytes_are_approved(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;
		int64_t seq = -7;

		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", FAKE_SHA), NULL);
		g = registry_of(&l, way);
		assert_true(registry_approved(g, "a", FAKE_SHA, &seq));
		assert_int_equal(seq, 1);
		seq = -7;
		assert_false(registry_approved(g, "a", SHA_B, &seq));
		assert_false(registry_approved(g, "b", FAKE_SHA, &seq));
		assert_int_equal(seq, -7);
		assert_true(registry_approved(g, "a", FAKE_SHA, NULL));
		assert_false(registry_withdrawn(g, "a"));
		assert_false(registry_withdrawn(g, "b"));
		registry_free(g);
		fake_log_free(&l);
	}
}

/* Overwrites the line with this leaf index, as a bad sector does; with "" it is
 * gone. */
static void
damage(struct fake_log *l, int seq, const char *with)
{
	static const char file[] = "airing-2026-11.jsonl";
	char key[32];
	char *bytes, *at, *end;
	char *made = NULL;
	size_t n;

	snprintf(key, sizeof(key), "\"seq\":%d,", seq);
	assert_int_equal(l->disk->read(l->disk, file, &bytes, &n), 0);
	at = strstr(bytes, key);
	assert_non_null(at);
	end = strchr(at, '\n') + 1;
	while (at > bytes && at[-1] != '\n')
		at--;
	assert_true(asprintf(&made, "%.*s%s%s", (int)(at - bytes), bytes, with,
			end) > 0);
	assert_int_equal(
	    l->disk->append(l->disk, file, 0, made, strlen(made)), 0);
	free(made);
	free(bytes);
}

/* P5: a withdrawal may have stood there. */
static void
test_an_approval_before_what_is_lost_counts_once_it_has_aired_since(
    void **state)
{
	static const struct {
		const char *when;
		const char *with;
		bool aired_since, approved_since;
		bool is;
	} cases[] = {
		{ "a line that shows nothing", "???\n", false, false, false },
		{ "a line that is gone", "", false, false, false },
		{ "a spoilt withdrawal", "{\"v\":1,\"kind\":\"withdraw\"\n",
		    false, false, false },
		{ "a spoilt end", "{\"v\":1,\"kind\":\"end\"\n", false, false,
		    true },
		{ "aired since", "???\n", true, false, true },
		{ "approved since", "", false, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", FAKE_SHA), NULL);
		fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
		fake_log_add(&l, KIND_OP, "{\"op\":\"y\"}", NULL);
		if (cases[i].aired_since)
			fake_log_start(&l, "2026-11-26", "mo", 1,
			    "{\"item\":\"a\",\"sha256\":\"" FAKE_SHA "\"}");
		if (cases[i].approved_since)
			fake_log_add(
			    &l, KIND_APPROVE, APPROVE("a", FAKE_SHA), NULL);
		damage(&l, 1, cases[i].with);
		g = registry_of(&l, 0);
		if (registry_approved(g, "a", FAKE_SHA, NULL) != cases[i].is)
			fail_msg("%s", cases[i].when);
		if ((registry_signed(g, "a", FAKE_SHA, "p-1") >= 0) !=
		    cases[i].is)
			fail_msg("%s: signed", cases[i].when);
		registry_free(g);
		fake_log_free(&l);
	}
}

/* P7: an outcome may have stood there. */
static void
test_a_day_before_what_is_lost_and_until_the_next_line_is_not_known(
    void **state)
{
	struct fake_log l;
	struct registry *g;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
	fake_log_add(&l, KIND_OP, "{\"op\":\"y\"}", NULL);
	fake_log_at(&l, "2026-11-26 09:00:00");
	fake_log_add(&l, KIND_OP, "{\"op\":\"z\"}", NULL);
	damage(&l, 1, "");
	g = registry_of(&l, 0);
	assert_false(registry_elsewhere(g, fake_us("2026-11-25 04:59:00")));
	assert_true(registry_elsewhere(g, fake_us("2026-11-25 05:01:00")));
	assert_true(registry_elsewhere(g, fake_us("2026-11-26 08:59:00")));
	assert_false(registry_elsewhere(g, fake_us("2026-11-26 09:01:00")));
	registry_free(g);
	fake_log_free(&l);
}

static void
test_approvals_are_counted_by_person_and_an_authors_own_apart(void **state)
{
	static const struct {
		const char *when;
		const char *sha256;
		bool same_person;
		struct registry_approvals is;
	} cases[] = {
		{ "another, and the same twice", FAKE_SHA, false, { 1, 2, 3 } },
		{ "with the author's own", FAKE_SHA, true, { 2, 2, 3 } },
		{ "other bytes, not the author's", SHA_B, false, { 1, 1, 5 } },
		{ "no such bytes", "", true, { 0, 1, -1 } },
	};

	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_ITEM,
		    "{\"item\":\"a\",\"sha256\":\"" FAKE_SHA
		    "\",\"by\":\"p-1\"}",
		    NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", FAKE_SHA), NULL);
		for (int i = 0; i < 2; i++)
			fake_log_add(&l, KIND_APPROVE, APPROVE("a", FAKE_SHA),
			    "{\"person\":\"p-2\",\"needs\":2}");
		/* He edited it after he had approved it. */
		fake_log_add(&l, KIND_ITEM,
		    "{\"item\":\"a\",\"sha256\":\"" FAKE_SHA
		    "\",\"by\":\"p-2\"}",
		    NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", SHA_B), NULL);
		g = registry_of(&l, way);
		for (size_t i = 0; i < COUNT(cases); i++) {
			struct registry_approvals got;

			registry_approvals(g, "a", cases[i].sha256,
			    cases[i].same_person, &got);
			if (memcmp(&got, &cases[i].is, sizeof(got)) != 0)
				fail_msg("%s: %d %d %lld", cases[i].when,
				    got.persons, got.needs, (long long)got.seq);
		}
		assert_true(registry_edited(g, "a", FAKE_SHA, "p-2"));
		assert_true(registry_edited(g, "a", FAKE_SHA, NULL));
		assert_false(registry_edited(g, "a", FAKE_SHA, "p-3"));
		assert_false(registry_edited(g, "a", SHA_B, NULL));
		assert_int_equal(registry_signed(g, "a", FAKE_SHA, "p-1"), 1);
		assert_int_equal(registry_signed(g, "a", SHA_B, "p-2"), -1);
		registry_free(g);
		fake_log_free(&l);
	}
}

/* Else its maker could approve it once somebody had trimmed it. */
static void
test_who_made_a_sound_has_made_what_is_trimmed_of_it(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_ITEM,
		    "{\"item\":\"a\",\"sha256\":\"" FAKE_SHA
		    "\",\"by\":\"p-1\"}",
		    NULL);
		fake_log_add(&l, KIND_ITEM,
		    "{\"item\":\"a\",\"sha256\":\"" SHA_B
		    "\",\"by\":\"p-2\",\"trimmed_of\":\"" FAKE_SHA "\"}",
		    NULL);
		g = registry_of(&l, way);
		assert_true(registry_edited(g, "a", SHA_B, "p-1"));
		assert_true(registry_edited(g, "a", SHA_B, "p-2"));
		assert_false(registry_edited(g, "a", FAKE_SHA, "p-2"));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_a_withdrawal_takes_back_every_approval_before_it(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", FAKE_SHA), NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", SHA_B), NULL);
		fake_log_add(&l, KIND_APPROVE, APPROVE("b", SHA_B), NULL);
		fake_log_add(&l, KIND_WITHDRAW, WITHDRAW("a", SHA_B), NULL);
		g = registry_of(&l, way);
		assert_true(registry_withdrawn(g, "a"));
		assert_false(registry_approved(g, "a", FAKE_SHA, NULL));
		assert_false(registry_approved(g, "a", SHA_B, NULL));
		assert_true(registry_approved(g, "b", SHA_B, NULL));
		registry_free(g);
		fake_log_add(&l, KIND_APPROVE, APPROVE("a", SHA_B), NULL);
		g = registry_of(&l, way);
		assert_false(registry_withdrawn(g, "a"));
		assert_true(registry_approved(g, "a", SHA_B, NULL));
		assert_false(registry_approved(g, "a", FAKE_SHA, NULL));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_bytes_have_aired_only_with_sound_and_only_at_their_station(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_start(&l, DAY, "a", 1, NULL);
		fake_log_end(&l, DAY, "a", 1, 0, NULL);
		g = registry_of(&l, way);
		assert_false(registry_aired(g, S, FAKE_SHA));
		registry_free(g);
		fake_log_start(&l, DAY, "a", 2, NULL);
		fake_log_end(&l, DAY, "a", 2, 1, NULL);
		g = registry_of(&l, way);
		assert_true(registry_aired(g, S, FAKE_SHA));
		assert_false(registry_aired(g, S, SHA_B));
		assert_false(registry_aired(g, "que-phong", FAKE_SHA));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_a_slot_is_closed_by_its_outcome_alone(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_day(&l, DAY, "a 05:00:00 300, b 06:00:00 300");
		fake_log_start(&l, DAY, "a", 1, NULL);
		fake_log_end(&l, DAY, "a", 1, 1000, NULL);
		fake_log_slot(
		    &l, DAY, "b", "not_aired", "disabled", 0, 0, NULL);
		g = registry_of(&l, way);
		assert_false(registry_closed(g, S, DAY, "a"));
		assert_true(registry_closed(g, S, DAY, "b"));
		assert_false(registry_closed(g, S, "2026-11-27", "b"));
		assert_false(registry_closed(g, "other", DAY, "b"));
		assert_string_equal(open_days(g), DAY " ");
		assert_string_equal(attempts(g), S "/" DAY "/a/1 ");
		registry_free(g);
		fake_log_slot(&l, DAY, "a", "aired", "", 1, 1000, NULL);
		g = registry_of(&l, way);
		assert_true(registry_closed(g, S, DAY, "a"));
		assert_string_equal(open_days(g), "");
		assert_string_equal(attempts(g), "");
		assert_true(has_day(g, DAY));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_attempts_left_open_come_back_in_order(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_day(&l, DAY, "a 05:00:00 300, b 06:00:00 300");
		fake_log_start(&l, DAY, "a", 1, NULL);
		fake_log_start(&l, DAY, "b", 1, NULL);
		fake_log_end(&l, DAY, "a", 1, 1000, NULL);
		fake_log_start(&l, DAY, "a", 2, NULL);
		g = registry_of(&l, way);
		assert_string_equal(attempts(g),
		    S "/" DAY "/a/1 " S "/" DAY "/b/1? " S "/" DAY "/a/2? ");
		registry_free(g);
		/* a is closed though its second attempt has no end yet. */
		fake_log_slot(&l, DAY, "a", "aired", "", 2, 1000, NULL);
		g = registry_of(&l, way);
		assert_string_equal(
		    attempts(g), S "/" DAY "/b/1? " S "/" DAY "/a/2? ");
		registry_free(g);
		fake_log_end(&l, DAY, "a", 2, 1000, NULL);
		fake_log_end(&l, DAY, "b", 1, 1000, NULL);
		g = registry_of(&l, way);
		assert_string_equal(attempts(g), S "/" DAY "/b/1 ");
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_an_attempt_of_no_slot_is_known_only_while_it_is_open(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_start(&l, DAY, "", 1, NULL);
		g = registry_of(&l, way);
		assert_string_equal(attempts(g), S "/" DAY "//1? ");
		registry_free(g);
		fake_log_end(&l, DAY, "", 1, 1000, NULL);
		g = registry_of(&l, way);
		assert_string_equal(attempts(g), "");
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_airing_ids_as_long_as_ids_may_be_are_told_apart(void **state)
{
	char slot[65];

	(void)state;
	memset(slot, 'x', 64);
	slot[64] = '\0';
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_start(&l, DAY, slot, 1, NULL);
		fake_log_start(&l, DAY, slot, 2, NULL);
		fake_log_end(&l, DAY, slot, 2, 0, NULL);
		g = registry_of(&l, way);
		assert_non_null(strstr(attempts(g), "x/1? "));
		assert_non_null(strstr(attempts(g), "x/2 "));
		fake_log_slot(&l, DAY, slot, "aired", "", 1, 1000, NULL);
		registry_free(g);
		g = registry_of(&l, way);
		assert_true(registry_closed(g, S, DAY, slot));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_the_last_sheet_of_a_date_is_the_one_in_force(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_day(&l, DAY, "a 05:00:00 300, b 06:00:00 300");
		fake_log_slot(&l, DAY, "a", "aired", "", 0, 0, NULL);
		g = registry_of(&l, way);
		assert_string_equal(open_days(g), DAY " ");
		registry_free(g);
		fake_log_day(&l, DAY, "a 05:00:00 300");
		g = registry_of(&l, way);
		assert_string_equal(open_days(g), "");
		registry_free(g);
		fake_log_day(&l, DAY, "a 05:00:00 300, c 07:00:00 300");
		g = registry_of(&l, way);
		assert_string_equal(open_days(g), DAY " ");
		registry_free(g);
		fake_log_free(&l);
	}
}

static const char *
date_after(int days)
{
	static struct civil_text t;
	int64_t day;

	civil_read_date("2026-01-01", &day);
	return civil_date_text(day + days, &t);
}

static void
test_old_dates_stay_closed_and_old_open_ones_stay_open(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		for (int i = 0; i < 120; i++) {
			fake_log_day(&l, date_after(i),
			    "a 05:00:00 300, b 06:00:00 300");
			fake_log_slot(
			    &l, date_after(i), "a", "aired", "", 0, 0, NULL);
			if (i != 3)
				fake_log_slot(&l, date_after(i), "b", "aired",
				    "", 0, 0, NULL);
		}
		g = registry_of(&l, way);
		for (int i = 0; i < 120; i++) {
			assert_true(registry_closed(g, S, date_after(i), "a"));
			if (registry_closed(g, S, date_after(i), "b") !=
			    (i != 3))
				fail_msg("way %d, day %d", way, i);
		}
		assert_false(registry_closed(g, S, date_after(120), "a"));
		assert_string_equal(open_days(g), "2026-01-04 ");
		assert_true(has_day(g, "2026-04-30"));
		assert_false(has_day(g, "2026-05-01"));
		registry_free(g);
		fake_log_free(&l);
	}
}

/* A real danger: a clock that jumps years ahead and comes back must neither
 * reopen the day it left nor close the days to come. (P3) */
static void
test_a_clock_that_went_to_2037_and_back_changes_no_other_day(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_day(&l, DAY, "a 05:00:00 300, b 06:00:00 300");
		fake_log_slot(&l, DAY, "a", "aired", "", 0, 0, NULL);
		fake_log_at(&l, "2037-01-01 00:00:00");
		fake_log_day(&l, "2037-01-01", "a 05:00:00 300");
		fake_log_slot(&l, "2037-01-01", "a", "aired", "", 0, 0, NULL);
		fake_log_at(&l, "2026-11-26 05:30:00");
		fake_log_day(&l, "2026-11-27", "a 05:00:00 300");
		g = registry_of(&l, way);
		assert_true(registry_closed(g, S, DAY, "a"));
		assert_false(registry_closed(g, S, DAY, "b"));
		assert_false(registry_closed(g, S, "2026-11-27", "a"));
		assert_string_equal(open_days(g), DAY " 2026-11-27 ");
		registry_free(g);
		fake_log_free(&l);
	}
}

/* A settled date that was let go is not opened again by a later word on it. */
static void
test_a_late_sheet_does_not_reopen_a_settled_date(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		for (int i = 0; i < 60; i++) {
			fake_log_day(&l, date_after(i), "a 05:00:00 300");
			fake_log_slot(
			    &l, date_after(i), "a", "aired", "", 0, 0, NULL);
		}
		fake_log_day(&l, date_after(0), "a 05:00:00 300");
		g = registry_of(&l, way);
		assert_true(registry_closed(g, S, date_after(0), "a"));
		assert_string_equal(open_days(g), "");
		registry_free(g);
		fake_log_free(&l);
	}
}

struct closing {
	struct registry *g;
	int calls;
};

static int
close_slots(void *arg, const json_t *day)
{
	struct closing *c = arg;
	const json_t *slot;
	size_t i;

	c->calls++;
	json_array_foreach(json_object_get(day, "slots"), i, slot)
	{
		json_t *r = json_pack("{s:s,s:s,s:s,s:s}", "kind", "slot",
		    "station", S, "date", record_text(day, "date"), "slot",
		    record_text(slot, "slot"));

		assert_int_equal(registry_take(c->g, r, 100), 0);
		json_decref(r);
	}
	return 0;
}

static void
test_slots_may_be_closed_while_their_days_are_walked(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct closing c = { 0 };
		struct fake_log l;

		fake_log_init(&l, NULL);
		fake_log_day(&l, DAY, "a 05:00:00 300, b 06:00:00 300");
		fake_log_day(&l, "2026-11-27", "a 05:00:00 300");
		c.g = registry_of(&l, way);
		assert_int_equal(
		    registry_open_days(c.g, S, close_slots, &c), 0);
		assert_int_equal(c.calls, 2);
		assert_string_equal(open_days(c.g), "");
		registry_free(c.g);
		fake_log_free(&l);
	}
}

static void
test_the_last_record_says_when_and_the_last_boot_record_which_life(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		g = registry_of(&l, way);
		assert_int_equal(registry_last_us(g), 0);
		assert_string_equal(registry_last_boot(g), "");
		assert_true(registry_first_day(g, S) == NEVER);
		assert_string_equal(open_days(g), "");
		assert_string_equal(attempts(g), "");
		registry_free(g);
		fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
		g = registry_of(&l, way);
		assert_string_equal(registry_last_boot(g), "");
		registry_free(g);
		l.boot_id = "boot-2";
		fake_log_add(&l, KIND_BOOT, "{\"cause\":\"first\"}", NULL);
		l.boot_id = "boot-3";
		fake_log_at(&l, "2026-11-26 18:00:00");
		fake_log_add(&l, KIND_CLOCK, "{\"state\":\"synced\"}", NULL);
		g = registry_of(&l, way);
		assert_int_equal(
		    registry_last_us(g), fake_us("2026-11-26 18:00:00"));
		assert_string_equal(registry_last_boot(g), "boot-2");
		registry_free(g);
		fake_log_free(&l);
	}
}

/* Texts that look like keys must not mislead the quick look at a line. */
static void
test_titles_full_of_keys_and_quotes_change_nothing(void **state)
{
	static const char *const more[] = {
		"{\"title\":\"\\\"date\\\":\\\"2020-01-01\\\",\\\"slot\\\":"
		"\\\"x\\\"\"}",
		"{\"title\":\"\\\"actual_ms\\\":0,\\\"sha256\\\":\\\"0\\\"\"}",
		"{\"reason\":\"a \\\\ \\\"station\\\":\\\"b\\\" \\n\"}",
		"{\"device\":\"plughw:\\\"CARD\\\"\"}",
	};

	(void)state;
	for (int way = 0; way < 2; way++)
		for (size_t i = 0; i < COUNT(more); i++) {
			struct fake_log l;
			struct registry *g;

			fake_log_init(&l, NULL);
			fake_log_start(&l, DAY, "a", 1, more[i]);
			fake_log_end(&l, DAY, "a", 1, 1000, more[i]);
			fake_log_slot(
			    &l, DAY, "a", "aired", "", 1, 1000, more[i]);
			g = registry_of(&l, way);
			assert_true(registry_closed(g, S, DAY, "a"));
			assert_true(registry_aired(g, S, FAKE_SHA));
			assert_false(registry_closed(g, S, "2020-01-01", "x"));
			assert_string_equal(attempts(g), "");
			registry_free(g);
			fake_log_free(&l);
		}
}

static void
test_ids_with_escapes_are_read_by_the_parser(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		fake_log_slot(&l, DAY, "x", "aired", "", 0, 0,
		    "{\"slot\":\"a \\\"b\\\"\"}");
		g = registry_of(&l, way);
		assert_true(registry_closed(g, S, DAY, "a \"b\""));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_records_that_lack_what_matters_are_passed_over(void **state)
{
	static const enum kind kinds[] = { KIND_DAY, KIND_START, KIND_END,
		KIND_SLOT, KIND_APPROVE, KIND_WITHDRAW };
	static const char *const bodies[] = { "{}",
		"{\"date\":\"31/11/2026\",\"slot\":\"a\"}",
		"{\"date\":null,\"slot\":7,\"airing_id\":[],\"sha256\":{}}",
		"{\"date\":\"2026-11-26\",\"slots\":\"none\"}" };

	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		for (size_t k = 0; k < COUNT(kinds); k++)
			for (size_t b = 0; b < COUNT(bodies); b++)
				fake_log_add(&l, kinds[k], bodies[b], NULL);
		g = registry_of(&l, way);
		assert_string_equal(open_days(g), "");
		assert_false(registry_closed(g, S, DAY, "a"));
		assert_false(registry_aired(g, S, ""));
		registry_free(g);
		fake_log_free(&l);
	}
}

/* Cut short it would name another item; cut in a letter it could not be kept,
 * and no daemon would ever start again. */
static void
test_a_name_too_long_to_be_one_names_nothing(void **state)
{
	char body[1000] = "{\"item\":\"a";
	char cut[200];
	struct registry *g;
	struct fake_log l;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(body, "ế");
	snprintf(cut, sizeof(cut), "%.190s", body + strlen("{\"item\":\""));
	strcat(body, "\",\"sha256\":\"" FAKE_SHA "\"}");
	for (int way = 0; way < 2; way++) {
		fake_log_init(&l, NULL);
		fake_log_add(&l, KIND_APPROVE, body, NULL);
		g = registry_of(&l, way);
		assert_false(registry_approved(g, cut, FAKE_SHA, NULL));
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_a_log_that_cannot_be_read_is_an_error(void **state)
{
	struct registry *g = registry_new();
	struct sick_disk f;
	struct fake_log l;
	struct disk *d;

	(void)state;
	assert_int_equal(disk_memory(&d), 0);
	sick_disk_init(&f, d);
	fake_log_init(&l, &f.disk);
	fake_log_day(&l, DAY, "a 05:00:00 300");
	f.fail_at = f.calls + 2; /* each, then read */
	assert_int_equal(registry_read(g, l.disk), -EIO);
	registry_free(g);
	fake_log_free(&l);
	assert_null(registry_free(NULL));
}

/* The clock's marks: how late it has been, by how well it was believed. */
static void
test_a_persons_word_on_the_clock_begins_the_marks_anew(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;
		const struct clock_marks *m;
		struct clock_word word;

		fake_log_init(&l, NULL);
		l.now.trust = TRUST_UNSURE;
		fake_log_at(&l, "2036-01-01 00:00:00");
		fake_log_add(&l, KIND_BOOT, "{\"cause\":\"first\"}", NULL);
		g = registry_of(&l, way);
		assert_int_equal(clock_latest(registry_marks(g)), 0);
		registry_free(g);
		l.now.trust = TRUST_SYNCED;
		fake_log_at(&l, "2026-11-27 18:00:00");
		fake_log_add(&l, KIND_CLOCK, "{\"state\":\"synced\"}", NULL);
		fake_log_at(&l, "2026-11-26 18:00:00");
		l.now.trust = TRUST_CONFIRMED;
		fake_log_add(&l, KIND_OP, "{\"op\":\"stop\"}", NULL);
		g = registry_of(&l, way);
		m = registry_marks(g);
		assert_int_equal(
		    m->us[TRUST_SYNCED], fake_us("2026-11-27 18:00:00"));
		assert_int_equal(
		    m->us[TRUST_CONFIRMED], fake_us("2026-11-26 18:00:00"));
		word = registry_clock(g, l.boot_id);
		assert_int_equal(word.trust, TRUST_SYNCED);
		assert_int_equal(
		    registry_clock(g, "other").trust, TRUST_UNSURE);
		registry_free(g);
		fake_log_add(&l, KIND_CLOCK,
		    "{\"state\":\"confirmed\",\"person\":\"p-1\"}", NULL);
		g = registry_of(&l, way);
		assert_int_equal(clock_latest(registry_marks(g)),
		    fake_us("2026-11-26 18:00:00"));
		word = registry_clock(g, l.boot_id);
		assert_int_equal(word.trust, TRUST_CONFIRMED);
		assert_int_equal(word.offset_us, l.now.wall_us - l.now.boot_us);
		assert_int_equal(word.since_boot_us, l.now.boot_us);
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_the_last_cosignature_is_known(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;
		const struct registry_anchor *a;

		fake_log_init(&l, NULL);
		g = registry_of(&l, way);
		assert_int_equal(registry_anchored(g)->at_us, 0);
		registry_free(g);
		fake_log_add(&l, KIND_ANCHOR,
		    "{\"origin\":\"loaxa/x/log/v1\",\"size\":70,"
		    "\"cosigner\":\"a/collect\","
		    "\"cosigned_utc\":\"2026-11-26T05:00:00.000000Z\"}",
		    NULL);
		fake_log_add(&l, KIND_ANCHOR,
		    "{\"origin\":\"loaxa/x/log/v1\",\"size\":60,"
		    "\"cosigner\":\"b/collect\","
		    "\"cosigned_utc\":\"2026-11-25T05:00:00.000000Z\"}",
		    NULL);
		g = registry_of(&l, way);
		a = registry_anchored(g);
		assert_int_equal(a->at_us, INT64_C(1795669200) * US_PER_S);
		assert_int_equal(a->size, 70);
		assert_string_equal(a->cosigner, "a/collect");
		assert_int_equal(a->anchors, 2);
		a = registry_anchored_by(g, "b/collect");
		assert_int_equal(a->size, 60);
		assert_int_equal(a->anchors, 1);
		assert_int_equal(registry_anchored_by(g, "c")->at_us, 0);
		registry_free(g);
		fake_log_free(&l);
	}
}

static void
test_an_anchor_of_anchors_alone_adds_nothing_for_a_day(void **state)
{
	struct registry_anchor never = { .at_us = 0 };
	struct registry_anchor a = {
		.at_us = US_PER_DAY, .size = 70, .anchors = 2
	};
	int64_t soon = US_PER_DAY + 1;

	(void)state;
	assert_true(registry_anchor_adds(&never, 1, 1));
	assert_false(registry_anchor_adds(&a, 90, US_PER_DAY));
	assert_false(registry_anchor_adds(&a, 70, soon));
	assert_false(registry_anchor_adds(&a, 72, soon));
	assert_true(registry_anchor_adds(&a, 73, soon));
	assert_true(registry_anchor_adds(&a, 3, soon)); /* another tree's */
	assert_true(registry_anchor_adds(&a, 72, 2 * US_PER_DAY));
}

/* One bit in a year must not hold the station for all the years until then. */
static void
test_a_damaged_year_is_no_mark(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		struct fake_log l;
		struct registry *g;

		fake_log_init(&l, NULL);
		l.now.trust = TRUST_SYNCED;
		fake_log_at(&l, "2926-11-26 05:00:00");
		fake_log_add(&l, KIND_CLOCK, "{\"state\":\"synced\"}", NULL);
		fake_log_at(&l, "2026-11-26 05:00:01");
		/* A command's own record is not the daemon's belief. */
		fake_log_add(&l, KIND_OP, "{\"op\":\"load\"}", NULL);
		g = registry_of(&l, way);
		assert_int_equal(clock_latest(registry_marks(g)),
		    fake_us("2926-11-26 05:00:00"));
		registry_free(g);
		fake_log_add(&l, KIND_CLOCK, "{\"state\":\"synced\"}", NULL);
		g = registry_of(&l, way);
		assert_int_equal(clock_latest(registry_marks(g)),
		    fake_us("2026-11-26 05:00:01"));
		registry_free(g);
		fake_log_free(&l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_approved_bytes_are_approved),
		cmocka_unit_test(test_the_last_cosignature_is_known),
		cmocka_unit_test(
		    test_an_anchor_of_anchors_alone_adds_nothing_for_a_day),
		cmocka_unit_test(
		    test_an_approval_before_what_is_lost_counts_once_it_has_aired_since),
		cmocka_unit_test(
		    test_a_day_before_what_is_lost_and_until_the_next_line_is_not_known),
		cmocka_unit_test(
		    test_approvals_are_counted_by_person_and_an_authors_own_apart),
		cmocka_unit_test(
		    test_who_made_a_sound_has_made_what_is_trimmed_of_it),
		cmocka_unit_test(
		    test_a_withdrawal_takes_back_every_approval_before_it),
		cmocka_unit_test(
		    test_bytes_have_aired_only_with_sound_and_only_at_their_station),
		cmocka_unit_test(test_a_slot_is_closed_by_its_outcome_alone),
		cmocka_unit_test(test_attempts_left_open_come_back_in_order),
		cmocka_unit_test(
		    test_an_attempt_of_no_slot_is_known_only_while_it_is_open),
		cmocka_unit_test(
		    test_airing_ids_as_long_as_ids_may_be_are_told_apart),
		cmocka_unit_test(
		    test_the_last_sheet_of_a_date_is_the_one_in_force),
		cmocka_unit_test(
		    test_old_dates_stay_closed_and_old_open_ones_stay_open),
		cmocka_unit_test(
		    test_a_clock_that_went_to_2037_and_back_changes_no_other_day),
		cmocka_unit_test(
		    test_a_late_sheet_does_not_reopen_a_settled_date),
		cmocka_unit_test(
		    test_slots_may_be_closed_while_their_days_are_walked),
		cmocka_unit_test(
		    test_the_last_record_says_when_and_the_last_boot_record_which_life),
		cmocka_unit_test(
		    test_titles_full_of_keys_and_quotes_change_nothing),
		cmocka_unit_test(test_ids_with_escapes_are_read_by_the_parser),
		cmocka_unit_test(
		    test_records_that_lack_what_matters_are_passed_over),
		cmocka_unit_test(test_a_name_too_long_to_be_one_names_nothing),
		cmocka_unit_test(test_a_log_that_cannot_be_read_is_an_error),
		cmocka_unit_test(
		    test_a_persons_word_on_the_clock_begins_the_marks_anew),
		cmocka_unit_test(test_a_damaged_year_is_no_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
