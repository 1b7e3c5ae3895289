/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "playout/cue.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_every_end_has_the_log_s_word(void **state)
{
	static const struct {
		enum ended ended;
		const char *word;
	} cases[] = {
		{ ENDED_WHOLE, "" },
		{ ENDED_CUT, "" },
		{ ENDED_STOPPED, "operator_stop" },
		{ ENDED_FENCE, "hours_end" },
		{ ENDED_DEVICE_LOST, "device_lost" },
		{ ENDED_SOURCE_FAILED, "source_failed" },
		{ ENDED_BAD_ITEM, "bad_item" },
		{ ENDED_HASH_CHANGED, "hash_changed" },
		{ ENDED_PROCESS_DIED, "process_died" },
	};

	(void)state;
	assert_int_equal(COUNT(cases), ENDEDS);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ended_word(cases[i].ended), cases[i].word);
}

static void
test_a_number_from_a_stranger_still_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(ended_word(ENDEDS), "");
	assert_string_equal(ended_word((enum ended)9999), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_end_has_the_log_s_word),
		cmocka_unit_test(
		    test_a_number_from_a_stranger_still_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
