/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/language.h"
#include "base/text.h"

static void
a_language_is_called_by_its_name_or_else_its_code(void **state)
{
	(void)state;
	assert_string_equal(language_name("km"), "Khmer");
	assert_string_equal(language_name("zh-Hant"), "Chinese");
	assert_string_equal(language_name("xyz"), "xyz");
	assert_string_equal(language_name("k"), "k");
	assert_string_equal(language_name(""), "");
}

static void
a_part_is_called_after_its_set_and_language(void **state)
{
	char id[ID_MAX + 1];

	(void)state;
	assert_string_equal(text_part_id("w48", "km", id), "w48-km");
	assert_string_equal(text_part_id("w48", "zh-Hant", id), "w48-zh-hant");
	assert_true(text_is_id(
	    text_part_id("a123456789-123456789-123456789-123456789-1234567",
		"zh-hant-hk-x-very-long", id)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_language_is_called_by_its_name_or_else_its_code),
		cmocka_unit_test(a_part_is_called_after_its_set_and_language),
	};

	return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
