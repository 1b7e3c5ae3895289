/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/sick_disk.h"
#include "evidence/ledger.h"
#include "scheduler/clockdesk.h"

#define NOW_US (INT64_C(1795644060) * US_PER_S) /* 2026-11-25T22:01:00Z */

struct desk {
	struct sick_disk disk;
	struct books books;
	struct trust_state trust;
	struct now now;
};

static int
setup(void **state)
{
	static struct desk d;
	struct disk *memory;

	d = (struct desk){ .now = {
			       .wall_us = NOW_US, .boot_us = US_PER_MIN } };
	assert_int_equal(disk_memory(&memory), 0);
	sick_disk_init(&d.disk, memory);
	assert_int_equal(ledger_open(&d.disk.disk, NULL, &d.books.ledger), 0);
	d.books.registry = registry_new();
	assert_non_null(d.books.registry);
	strcpy(d.books.boot_id, "boot-1");
	trust_look(&d.trust, d.now, false, NULL);
	*state = &d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	ledger_close(d->books.ledger);
	registry_free(d->books.registry);
	disk_close(&d->disk.disk);
	return 0;
}

/* The answer's "ok"; *d->now is what it left. */
static bool
confirm(struct desk *d, const char *by, const char *seen, const char *key,
    char text[static 128])
{
	json_t *req = json_pack(
	    "{s:s, s:s, s:s}", "cmd", "confirm", "by", by, "seen_utc", seen);
	json_t *answer =
	    clockdesk_confirm(&d->trust, &d->books, d->now, req, &d->now);
	json_t *value = json_object_get(answer, key);
	bool ok = json_is_true(json_object_get(answer, "ok"));

	snprintf(text, 128, "%s",
	    json_is_string(value) ? json_string_value(value)
	    : json_is_true(value) ? "true"
				  : "");
	json_decref(req);
	json_decref(answer);
	return ok;
}

static int
find_word(void *arg, const char *line, size_t n, int64_t seq)
{
	(void)seq;
	if (memmem(line, n, "\"person\":\"p-1\"", 14) != NULL)
		(*(int *)arg)++;
	return 0;
}

static void
test_a_word_is_in_the_log_before_it_is_answered(void **state)
{
	struct desk *d = *state;
	char text[128];
	int found = 0;

	assert_true(
	    confirm(d, "p-1", "2026-11-25T22:01:30.000000Z", "waits", text));
	assert_string_equal(text, "");
	assert_int_equal(d->now.trust, TRUST_CONFIRMED);
	ledger_each(&d->disk.disk, find_word, &found);
	assert_int_equal(found, 1);
}

static void
test_what_is_no_word_changes_nothing(void **state)
{
	static const struct {
		const char *when;
		const char *by;
		const char *seen;
	} rows[] = {
		{ "seven hours off", "p-1", "2026-11-26T05:01:00.000000Z" },
		{ "no time", "p-1", "05:01" },
		{ "nobody", "", "2026-11-25T22:01:00.000000Z" },
		{ "no id", "Nguyễn An", "2026-11-25T22:01:00.000000Z" },
	};
	struct desk *d = *state;
	char text[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (confirm(d, rows[i].by, rows[i].seen, "error", text) ||
		    text[0] == '\0' || d->now.trust != TRUST_UNSURE)
			fail_msg("%s", rows[i].when);
	assert_int_equal(ledger_next_seq(d->books.ledger), 0);
}

/* P4: a sick disk silences nobody, and nobody is told that it is written. */
static void
test_a_word_that_the_disk_does_not_take_says_that_it_waits(void **state)
{
	struct desk *d = *state;
	char text[128];

	d->disk.fail_at = d->disk.calls + 1;
	d->disk.fail_on = true;
	d->disk.error = EIO;
	assert_true(
	    confirm(d, "p-1", "2026-11-25T22:01:00.000000Z", "waits", text));
	assert_string_equal(text, "true");
	assert_int_equal(d->now.trust, TRUST_CONFIRMED);
}

static void
test_the_answer_says_what_and_why(void **state)
{
	struct desk *d = *state;
	json_t *a = clockdesk_tell(&d->trust, d->now, "Asia/Ho_Chi_Minh");

	assert_string_equal(record_text(a, "clock"), "unsure");
	assert_string_equal(record_text(a, "why"), "not_synced");
	assert_true(json_is_true(json_object_get(a, "hold")));
	assert_true(json_is_null(json_object_get(a, "latest_utc")));
	assert_string_equal(
	    record_text(a, "utc"), "2026-11-25T22:01:00.000000Z");
	json_decref(a);
	a = clockdesk_tell(NULL, d->now, "");
	assert_true(json_is_false(json_object_get(a, "ok")));
	json_decref(a);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_word_is_in_the_log_before_it_is_answered),
		TEST(test_what_is_no_word_changes_nothing),
		TEST(
		    test_a_word_that_the_disk_does_not_take_says_that_it_waits),
		TEST(test_the_answer_says_what_and_why),
	};

	return cmocka_run_group_tests_name("clockdesk", tests, NULL, NULL);
}
