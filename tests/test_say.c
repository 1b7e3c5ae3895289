/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/say.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
nothing_that_is_said_can_harm_a_terminal(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *safe;
	} cases[] = {
		{ "Vietnamese as it is", "Đài truyền thanh Quế Minh",
		    "Đài truyền thanh Quế Minh" },
		{ "Khmer with its zero-width space", "ខ្មែរ\xe2\x80\x8bភាសា",
		    "ខ្មែរ\xe2\x80\x8bភាសា" },
		{ "an escape sequence", "\033]0;x\007", "?]0;x?" },
		{ "a line feed and a carriage return", "a\r\nb", "a??b" },
		{ "the eight-bit escape",
		    "a\xc2\x9b"
		    "b",
		    "a?b" },
		{ "text turned around",
		    "\xe2\x80\xae"
		    "gpj",
		    "?gpj" },
		{ "bytes of another encoding", "T\xecnh", "T?nh" },
		{ "a sequence cut in the middle", "x\xe1\xbb", "x??" },
		{ "an overlong slash", "\xc0\xaf", "??" },
		{ "half a surrogate pair", "\xed\xa0\x80", "???" },
		{ "nothing", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *safe = say_safe(cases[i].text);

		if (strcmp(safe, cases[i].safe) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].when,
			    safe, cases[i].safe);
		free(safe);
	}
}

static void
lengths_are_said_as_a_person_says_them(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 2500 * US_PER_MS, "2.5 s" },
		{ 9960 * US_PER_MS, "10 s" },
		{ 30 * US_PER_S, "30 s" },
		{ 59600 * US_PER_MS, "1 min" },
		{ 15 * US_PER_MIN, "15 min" },
		{ 29 * US_PER_MIN + 30 * US_PER_S, "29 min 30 s" },
		{ 60 * US_PER_MIN, "1 h 00 min" },
		{ 65 * US_PER_MIN + 5 * US_PER_S, "1 h 05 min 05 s" },
	};
	struct civil_text t;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (strcmp(say_length(cases[i].us, &t), cases[i].text) != 0)
			fail_msg("\"%s\", wanted \"%s\"", t.s, cases[i].text);
}

static void
counters_run_from_seconds_to_hours(void **state)
{
	struct civil_text t;

	(void)state;
	assert_string_equal(say_counter(-5, &t), "0:00");
	assert_string_equal(say_counter(59999, &t), "0:59");
	assert_string_equal(say_counter(245000, &t), "4:05");
	assert_string_equal(say_counter(3723000, &t), "1:02:03");
	assert_string_equal(say_counter(INT64_MAX, &t), "2562047788015:12:55");
}

static void
an_error_has_words_and_a_code_a_script_can_use(void **state)
{
	static const struct {
		int error;
		int code;
	} cases[] = {
		{ 0, EX_OK },
		{ -ENOENT, EX_NOINPUT },
		{ -EACCES, EX_NOPERM },
		{ -EIO, EX_IOERR },
		{ -ENOSPC, EX_IOERR },
		{ -EROFS, EX_CANTCREAT },
		{ -EINVAL, EX_DATAERR },
		{ -EWOULDBLOCK, EX_TEMPFAIL },
		{ -ENOTTY, EX_SOFTWARE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (say_exit(cases[i].error) != cases[i].code)
			fail_msg("%s: %d, wanted %d", strerror(-cases[i].error),
			    say_exit(cases[i].error), cases[i].code);
	assert_string_equal(say_errno(-ENOENT), "it does not exist");
	assert_string_equal(say_errno(-ENOTTY), strerror(ENOTTY));
}

static void
an_instant_is_told_in_the_zone_of_the_station(void **state)
{
	struct civil_text t;
	int64_t us;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_read_utc("2026-11-25T22:12:00Z", &us), 0);
	/* Without words_open() the language is the built-in: Vietnamese. */
	assert_string_equal(say_instant(us, &t), "26/11/2026 05:12:00");
	assert_string_equal(say_time(us, &t), "05:12:00");
	assert_string_equal(say_time(us - 2, &t), "05:12:00");
	assert_string_equal(
	    say_instant(us - 600 * US_PER_MS, &t), "26/11/2026 05:11:59");
}

static void
a_decimal_has_the_mark_of_the_language(void **state)
{
	static const struct {
		const char *language;
		const char *plain, *sign;
	} cases[] = { { "vi", "-16,5", "+0,250" },
		{ "en", "-16.5", "+0.250" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct civil_text a, b;

		setenv("LOAXA_LANG", cases[i].language, 1);
		words_open();
		assert_string_equal(say_decimal(-16.5, 1, &a), cases[i].plain);
		assert_string_equal(say_signed(0.25, 3, &b), cases[i].sign);
	}
}

/* The answer sheet said that 05:00 to 00:00 were allowed. */
static void
test_what_ends_at_midnight_ends_at_24_00(void **state)
{
	struct civil_text t;
	int64_t midnight;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(civil_read_utc("2026-11-26T17:00:00Z", &midnight), 0);
	assert_string_equal(say_end(midnight, &t), "24:00:00");
	assert_string_equal(say_end(midnight - 1, &t), "24:00:00");
	assert_string_equal(say_end(midnight - US_PER_S, &t), "23:59:59");
	assert_string_equal(say_time(midnight, &t), "00:00:00");
}

/* A station's records named it so: its name went to the province's terminal. */
static void
test_a_csv_field_steers_no_terminal_and_no_spreadsheet(void **state)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	say_csv(out, "=\x1b]0;a\"\x07\xe2\x80\xae");
	fclose(out);
	assert_string_equal(text, "\"'=?]0;a\"\"??\"");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_ends_at_midnight_ends_at_24_00),
		cmocka_unit_test(
		    test_a_csv_field_steers_no_terminal_and_no_spreadsheet),
		cmocka_unit_test(nothing_that_is_said_can_harm_a_terminal),
		cmocka_unit_test(lengths_are_said_as_a_person_says_them),
		cmocka_unit_test(counters_run_from_seconds_to_hours),
		cmocka_unit_test(
		    an_error_has_words_and_a_code_a_script_can_use),
		cmocka_unit_test(an_instant_is_told_in_the_zone_of_the_station),
		cmocka_unit_test(a_decimal_has_the_mark_of_the_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
