/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/root.h"
#include "base/words.h"
#include "ctl/periods.h"
#include "evidence/record.h"
#include "tests/fakes/folder.h"

static void
test_what_is_kept_is_read_back_and_a_strange_file_is_left_alone(void **state)
{
	struct folder f;
	struct root root = { 0 };
	json_t *all;

	(void)state;
	folder_make(&f);
	snprintf(root.schedules, sizeof(root.schedules), "%s", f.path);
	assert_int_equal(periods_read(&root, &all), 0);
	assert_int_equal(json_object_size(all), 0);
	json_object_set_new(all, "Năm 2026",
	    json_pack("{s:s,s:s,s:s}", "from", "2025-11-01", "to", "2026-10-31",
		"due", "2026-10-30"));
	assert_int_equal(periods_write(&root, all), 0);
	json_decref(all);
	assert_int_equal(periods_read(&root, &all), 0);
	assert_string_equal(
	    record_text(json_object_get(all, "Năm 2026"), "due"), "2026-10-30");
	json_decref(all);
	folder_write(&f, "periods.json", "{\"a\":{\"from\":\"1/1\"}}");
	assert_int_equal(periods_read(&root, &all), -EBADMSG);
	folder_write(&f, "periods.json", "{");
	assert_int_equal(periods_read(&root, &all), -EBADMSG);
	folder_remove(&f);
}

static void
test_the_days_that_are_left_are_counted_to_the_day_before(void **state)
{
	static const struct {
		const char *today;
		const char *says;
	} cases[] = {
		{ "2026-10-20", "due before 2026-10-30: 9 days left" },
		{ "2026-10-28", "due before 2026-10-30: 1 days left" },
		{ "2026-10-29",
		    "due before 2026-10-30: today is the last day" },
		{ "2026-10-30", "due before 2026-10-30: OVERDUE by 1 days" },
		{ "2026-11-02", "due before 2026-10-30: OVERDUE by 4 days" },
	};
	json_t *p = json_pack("{s:s}", "due", "2026-10-30");
	struct civil_text at;
	char buf[160];
	int64_t due;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t today;
		const char *date;

		civil_read_date(cases[i].today, &today);
		periods_countdown(p, today, buf, sizeof(buf));
		/* The date is as the user's language writes it. */
		date = strchr(cases[i].says, ':');
		if (strstr(buf, date) == NULL)
			fail_msg("%s: %s", cases[i].today, buf);
	}
	/* Paper is read on other days. */
	civil_read_date("2026-10-30", &due);
	periods_deadline(p, buf, sizeof(buf));
	assert_non_null(strstr(buf, words_date(due, &at)));
	assert_null(strpbrk(strstr(buf, at.s) + strlen(at.s), "0123456789"));
	json_decref(p);
	p = json_object();
	assert_string_equal(periods_deadline(p, buf, sizeof(buf)), "");
	assert_string_equal(periods_countdown(p, 0, buf, sizeof(buf)), "");
	json_decref(p);
}

static void
count_line(void *arg, const char *line)
{
	int *n = arg;

	assert_non_null(strstr(line, "soon"));
	(*n)++;
}

static void
test_what_is_due_soon_is_reminded_of_and_nothing_else(void **state)
{
	struct folder f;
	struct root root = { 0 };
	int64_t today;
	int n = 0;

	(void)state;
	folder_make(&f);
	snprintf(root.schedules, sizeof(root.schedules), "%s", f.path);
	civil_read_date("2026-10-01", &today);
	periods_remind(&root, today, count_line, &n);
	folder_write(&f, "periods.json",
	    "{\"soon\":{\"from\":\"2025-11-01\",\"to\":\"2026-10-31\","
	    "\"due\":\"2026-10-30\"},"
	    "\"soon gone\":{\"from\":\"2025-11-01\",\"to\":\"2026-01-31\","
	    "\"due\":\"2026-09-30\"},"
	    "\"never\":{\"from\":\"2025-11-01\",\"to\":\"2026-10-31\","
	    "\"due\":\"\"},"
	    "\"later\":{\"from\":\"2025-11-01\",\"to\":\"2026-12-31\","
	    "\"due\":\"2026-11-01\"}}");
	periods_remind(&root, today, count_line, &n);
	assert_int_equal(n, 2);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_kept_is_read_back_and_a_strange_file_is_left_alone),
		cmocka_unit_test(
		    test_the_days_that_are_left_are_counted_to_the_day_before),
		cmocka_unit_test(
		    test_what_is_due_soon_is_reminded_of_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
