/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/checkpoint.h"

#define ROOT "5L/ZoV2Wlj9s3ryZyTRbI3HxYHRZqWZzRoWvU9gV2rQ="

static void
test_a_text_is_read_and_written_the_same(void **state)
{
	static const char text[] = "que-minh/log/v1\n110000\n" ROOT "\n";
	char buf[CHECKPOINT_TEXT];
	struct checkpoint c;

	(void)state;
	assert_int_equal(checkpoint_read(text, strlen(text), &c), 0);
	assert_string_equal(c.origin, "que-minh/log/v1");
	assert_int_equal(c.size, 110000);
	assert_int_equal(checkpoint_text(&c, buf), strlen(text));
	assert_string_equal(buf, text);
}

static void
test_extension_lines_are_passed_over(void **state)
{
	static const char text[] = "a\n0\n" ROOT "\nmore\nand more\n";
	struct checkpoint c;

	(void)state;
	assert_int_equal(checkpoint_read(text, strlen(text), &c), 0);
	assert_int_equal(c.size, 0);
}

static void
test_what_is_no_checkpoint_is_refused(void **state)
{
	static const char *const bad[] = { "", "\n", "a\n", "a\n1\n",
		"a\n1\n" ROOT, "a\n01\n" ROOT "\n", "a\n-1\n" ROOT "\n",
		"a\n+1\n" ROOT "\n", "a\n1 \n" ROOT "\n", "a\n\n" ROOT "\n",
		"\n1\n" ROOT "\n", "a\n1\n" ROOT " \n", "a\n1\nAAAA\n",
		"a\n1\n5L/ZoV2Wlj9s3ryZyTRbI3HxYHRZqWZzRoWvU9gV2rR=\n",
		"a\n1\n" ROOT "\n\n", "a\n9999999999999999999\n" ROOT "\n",
		"a\n5000000000000000000\n" ROOT "\n" };
	struct checkpoint c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (checkpoint_read(bad[i], strlen(bad[i]), &c) != -EBADMSG)
			fail_msg("%zu: %s", i, bad[i]);
}

static void
test_a_checkpoint_of_another_log_is_refused(void **state)
{
	static const unsigned char seed[NOTE_KEY] = "x";
	static const char text[] = "b\n1\n" ROOT "\n";
	struct note_signer s;
	struct checkpoint c;
	char *note;
	size_t n;

	(void)state;
	assert_int_equal(note_signer("a", NOTE_ED25519, seed, &s), 0);
	assert_int_equal(note_make(&s, text, strlen(text), &note, &n), 0);
	assert_int_equal(checkpoint_open(note, n, &s.key, &c), -EBADMSG);
	free(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_is_read_and_written_the_same),
		cmocka_unit_test(test_extension_lines_are_passed_over),
		cmocka_unit_test(test_what_is_no_checkpoint_is_refused),
		cmocka_unit_test(test_a_checkpoint_of_another_log_is_refused),
	};

	return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
