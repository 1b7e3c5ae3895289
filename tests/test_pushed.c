/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ctl/pushed.h"
#include "evidence/record.h"
#include "tests/fakes/folder.h"

#define URL "https://upper.example.vn"
#define NOW (INT64_C(1795000000) * US_PER_S)
#define HOUR (60 * US_PER_MIN)

static struct folder top;
static struct root root;
static json_t *state;

static int
set_up(void **unused)
{
	(void)unused;
	folder_make(&top);
	snprintf(root.push, sizeof(root.push), "%s/push", top.path);
	state = pushed_read(&root);
	return json_array_size(state);
}

static int
tear_down(void **unused)
{
	(void)unused;
	json_decref(state);
	folder_remove(&top);
	return 0;
}

static struct push_result
result(enum push_outcome outcome, int64_t size)
{
	struct push_result r = { .outcome = outcome, .had = 7 };

	snprintf(r.is.origin, sizeof(r.is.origin), "loaxa/x/log/v1");
	snprintf(r.why, sizeof(r.why), "a reason");
	snprintf(r.vkey, sizeof(r.vkey), "a key");
	r.is.size = size;
	return r;
}

static json_t *
noted(enum push_outcome outcome, int64_t size, int64_t now_us)
{
	struct push_result r = result(outcome, size);
	json_t *at = pushed_at(state, URL);

	assert_int_equal(pushed_note(at, &r, now_us), 0);
	return at;
}

static void
test_what_was_noted_is_read_back(void **unused)
{
	json_t *again;
	char *text;

	(void)unused;
	noted(PUSH_COSIGNED, 10, NOW);
	pushed_at(state, "https://other.example.vn");
	assert_int_equal(json_array_size(state), 2);
	assert_int_equal(pushed_write(&root, state), 0);
	again = pushed_read(&root);
	assert_true(json_equal(again, state));
	assert_true(pushed_well(pushed_at(again, URL)));
	text = pushed_text(pushed_at(again, URL));
	assert_string_equal(text, URL ": 10 records are there, cosigned.");
	free(text);
	assert_null(pushed_text(pushed_at(again, "https://other.example.vn")));
	json_decref(again);
}

static void
test_a_file_that_is_none_is_no_harm(void **unused)
{
	(void)unused;
	json_decref(state);
	folder_write(&top, "push/state.json", "{\"a\": [");
	state = pushed_read(&root);
	assert_int_equal(json_array_size(state), 0);
	json_decref(state);
	folder_write(&top, "push/state.json", "{}");
	state = pushed_read(&root);
	assert_int_equal(json_array_size(state), 0);
}

/* Every cosignature leaves an anchor in the log: it alone is no news, or the
 * log would grow by them for ever. */
static void
test_an_anchor_alone_is_not_due_before_a_day_is_over(void **unused)
{
	struct checkpoint is = result(PUSH_COSIGNED, 11).is;
	json_t *at = pushed_at(state, URL);

	(void)unused;
	assert_true(pushed_is_due(at, &is, NOW));
	at = noted(PUSH_COSIGNED, 10, NOW);
	assert_false(pushed_is_due(at, &is, NOW + HOUR));
	assert_false(pushed_is_due(at, &is, NOW + 23 * HOUR));
	assert_true(pushed_is_due(at, &is, NOW + 25 * HOUR));
	/* A clock that went back. */
	assert_true(pushed_is_due(at, &is, NOW - HOUR));
	is.size = 12;
	assert_true(pushed_is_due(at, &is, NOW + HOUR));
	is.size = 10;
	assert_false(pushed_is_due(at, &is, NOW + HOUR));
	snprintf(is.origin, sizeof(is.origin), "loaxa/x/log/v2");
	assert_true(pushed_is_due(at, &is, NOW + HOUR));
	is = result(PUSH_COSIGNED, 10).is;
	at = noted(PUSH_CUT, 10, NOW);
	assert_true(pushed_is_due(at, &is, NOW + HOUR));
}

static void
test_since_when_it_fails_is_kept_until_it_does_not(void **unused)
{
	json_t *at;
	char since[64];

	(void)unused;
	at = noted(PUSH_CUT, 10, NOW);
	snprintf(since, sizeof(since), "%s", record_text(at, "failing_utc"));
	assert_true(since[0] != '\0');
	at = noted(PUSH_BUSY, 10, NOW + HOUR);
	assert_string_equal(record_text(at, "failing_utc"), since);
	at = noted(PUSH_COSIGNED, 10, NOW + HOUR);
	assert_string_equal(record_text(at, "failing_utc"), "");
}

static void
test_an_address_that_was_wrong_is_forgotten_once_it_is_not_named(void **unused)
{
	struct site_push to = { .url = URL };
	struct site site = { .pushes = &to, .n_pushes = 1 };

	(void)unused;
	noted(PUSH_CUT, 10, NOW);
	assert_non_null(pushed_at(state, "https://wrong.example.vn"));
	assert_true(pushed_keep_named(state, &site));
	assert_int_equal(json_array_size(state), 1);
	assert_string_equal(
	    record_text(json_array_get(state, 0), "outcome"), "cut");
	assert_false(pushed_keep_named(state, &site));
	site.n_pushes = 0;
	assert_true(pushed_keep_named(state, &site));
	assert_int_equal(json_array_size(state), 0);
}

static void
test_each_outcome_says_what_is_to_be_done(void **unused)
{
	static const struct {
		enum push_outcome outcome;
		const char *words;
	} rows[] = {
		{ PUSH_BEHIND, "MORE records (7) than this station (10)" },
		{ PUSH_FORKED, "OTHER records of this station" },
		{ PUSH_CUT, "no connection: a reason. Nothing is lost" },
		{ PUSH_CUT, "the service loaxa-push tries again" },
		{ PUSH_DISTRUSTED, "the connection is not safe: a reason." },
		{ PUSH_BUSY, "cannot take it now (a reason)" },
		{ PUSH_UNKNOWN, "Tell them its key by telephone" },
		{ PUSH_UNKNOWN, "a key" },
		{ PUSH_REFUSED, "refuses it: a reason. Is the address" },
		{ PUSH_STRANGER, "write that into cosigners" },
		{ PUSH_FAILED, "`loaxa verify` says more" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *at = noted(rows[i].outcome, 10, NOW);
		char *text = pushed_text(at);

		assert_false(pushed_well(at));
		if (strstr(text, rows[i].words) == NULL ||
		    strstr(text, URL) != text)
			fail_msg("%d: %s", rows[i].outcome, text);
		free(text);
	}
}

/* A page in Latin-1, or in UTF-8 that was cut in a letter: JSON takes neither,
 * and the reason of the time before stood there. */
static void
test_a_reason_that_is_no_utf8_is_told_all_the_same(void **unused)
{
	static const char *const said[] = { "HTTP 403: T\xeb ch\xe8i",
		"HTTP 403: T\xe1\xbb\xab ch\xe1\xbb" };
	static const char *const told[] = { "refuses it: HTTP 403: T? ch?i.",
		"refuses it: HTTP 403: T\xe1\xbb\xab ch" };

	(void)unused;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct push_result r = result(PUSH_REFUSED, 10);
		json_t *at = noted(PUSH_REFUSED, 10, NOW);
		char *text;

		snprintf(r.why, sizeof(r.why), "%s", said[i]);
		assert_int_equal(pushed_note(at, &r, NOW), 0);
		text = pushed_text(at);
		if (strstr(text, told[i]) == NULL)
			fail_msg("%s", text);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_was_noted_is_read_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_file_that_is_none_is_no_harm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_anchor_alone_is_not_due_before_a_day_is_over,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_since_when_it_fails_is_kept_until_it_does_not, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_address_that_was_wrong_is_forgotten_once_it_is_not_named,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_each_outcome_says_what_is_to_be_done, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_reason_that_is_no_utf8_is_told_all_the_same, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
