/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/commands.h"
#include "ctl/outcome.h"

/* P7: whatever the language, no outcome claims what was not measured. */
static void
no_word_says_that_a_loudspeaker_sounded(void **state)
{
	static const char *const words[] = { "", "aired", "aired_partial",
		"not_aired", "external", "unscheduled" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_null(strstr(outcome_status(words[i]), "speaker"));
	assert_null(strstr(outcome_grade(2), "speaker"));
	assert_non_null(strstr(outcome_grade(4), "loudspeaker"));
	assert_string_equal(outcome_grade(0), "");
	assert_string_equal(
	    outcome_reason("a_word_of_tomorrow"), "a_word_of_tomorrow");
	assert_string_equal(outcome_reason(""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_word_says_that_a_loudspeaker_sounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
