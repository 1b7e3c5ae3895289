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

#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_ids(void **state)
{
	static const struct {
		const char *id;
		bool good;
	} cases[] = {
		{ "a", true },
		{ "ttdn-t5", true },
		{ "0-9", true },
		{ "a-", true },
		{ "", false },
		{ "-a", false },
		{ "A", false },
		{ "a_b", false },
		{ "a b", false },
		{ "á", false },
		{ "a/b", false },
		{ "..", false },
		{ "a\n", false },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "a"
		  "aaa",
		    true },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "a"
		  "aaaa",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (text_is_id(cases[i].id) != cases[i].good)
			fail_msg("\"%s\"", cases[i].id);
}

static void
test_utf8(void **state)
{
	static const struct {
		const char *when;
		const char *bytes;
		bool good;
	} cases[] = {
		{ "nothing", "", true },
		{ "Vietnamese", "Quế Minh", true },
		{ "beyond the first plane", "\xf0\x9f\x93\xa2", true },
		{ "a lone continuation", "\x80", false },
		{ "cut short", "\xe1\xba", false },
		{ "an overlong slash", "\xc0\xaf", false },
		{ "half a surrogate pair", "\xed\xa0\x80", false },
		{ "beyond Unicode", "\xf4\x90\x80\x80", false },
		{ "Latin-1", "Qu\xe9", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (text_is_utf8(cases[i].bytes, strlen(cases[i].bytes)) !=
		    cases[i].good)
			fail_msg("%s", cases[i].when);
}

/* One table for the three that make a new text of an old one. */
static const struct {
	const char *when;
	const char *text;
	const char *nfc;
	const char *fold;
	const char *id;
} made[] = {
	{ "plain", "ban tin", "ban tin", "ban tin", "ban-tin" },
	{ "Vietnamese", "Đài xã Quế Minh", "Đài xã Quế Minh", "dai xa que minh",
	    "dai-xa-que-minh" },
	{ "decomposed", "Que\xcc\x82\xcc\x81", "Qu\xe1\xba\xbf", "que", "que" },
	{ "capitals with horns", "ƯƠNG", "ƯƠNG", "uong", "uong" },
	{ "signs between words", "  Bản tin -- số 5/2026!",
	    "  Bản tin -- số 5/2026!", "ban tin so 5 2026",
	    "ban-tin-so-5-2026" },
	{ "control characters",
	    "a\nb\tc\x7f"
	    "d",
	    "a b c d", "a b c d", "a-b-c-d" },
	{ "nothing", "", "", "", "item" },
	{ "signs only", "!!!", "!!!", "", "item" },
	{ "another script", "ការ", "ការ", "ការ", "item" },
	{ "a path", "../../etc/passwd", "../../etc/passwd", "etc passwd",
	    "etc-passwd" },
	{ "not UTF-8", "\xff", NULL, NULL, NULL },
};

static void
check(const char *when, char *got, const char *want)
{
	bool same =
	    got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;

	if (!same)
		fail_msg("%s: \"%s\", wanted \"%s\"", when,
		    got == NULL ? "(none)" : got,
		    want == NULL ? "(none)" : want);
	free(got);
}

static void
test_titles_in_nfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		check(made[i].when, text_nfc(made[i].text), made[i].nfc);
}

static void
test_titles_folded_for_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		check(made[i].when, text_fold(made[i].text), made[i].fold);
}

static void
test_ids_made_of_titles(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		check(made[i].when, text_make_id(made[i].text), made[i].id);
}

static void
test_an_id_made_of_anything_is_an_id(void **state)
{
	char title[400];

	(void)state;
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	for (size_t at = 55; at < 75; at++) {
		char *id;

		title[at] = ' ';
		id = text_make_id(title);
		if (!text_is_id(id) || id[strlen(id) - 1] == '-')
			fail_msg("gap at %zu: %s", at, id);
		free(id);
	}
}

static void
test_a_letter_cut_in_the_middle_is_taken_off(void **state)
{
	static const char whole[] = "a ế \xf0\x9f\x93\xa2 đ";

	(void)state;
	for (size_t size = 1; size <= sizeof(whole); size++) {
		char cut[sizeof(whole)];

		snprintf(cut, size, "%s", whole);
		text_trim(cut);
		assert_true(text_is_utf8(cut, strlen(cut)));
		assert_true(strlen(cut) + 4 > size - 1);
		assert_memory_equal(cut, whole, strlen(cut));
	}
}

static void
test_columns_on_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("Quế Minh"), 8);
	assert_int_equal(text_width("Que\xcc\x82\xcc\x81"), 3);
	assert_int_equal(text_width("漢字"), 4);
}

/* Found by fuzz_sheet: a sheet took "viU", a schedule did not. */
static void
test_a_language_is_a_short_code(void **state)
{
	(void)state;
	assert_true(text_is_language("vi"));
	assert_true(text_is_language("zh-Hant"));
	assert_false(text_is_language("viU"));
	assert_false(text_is_language("v"));
	assert_false(text_is_language("Kinh"));
	assert_false(text_is_language(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_language_is_a_short_code),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_titles_in_nfc),
		cmocka_unit_test(test_titles_folded_for_search),
		cmocka_unit_test(test_ids_made_of_titles),
		cmocka_unit_test(test_an_id_made_of_anything_is_an_id),
		cmocka_unit_test(test_a_letter_cut_in_the_middle_is_taken_off),
		cmocka_unit_test(test_columns_on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
