/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

/* RFC 4648 section 10. */
static void
test_the_examples_of_the_rfc(void **state)
{
	static const char *const rows[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	char text[BASE64_TEXT(6)];
	char bytes[6];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i][0]);

		assert_string_equal(
		    base64_text(rows[i][0], len, text), rows[i][1]);
		assert_int_equal(strlen(text) + 1, BASE64_TEXT(len));
		assert_int_equal(
		    base64_bytes(text, strlen(text), bytes, sizeof(bytes), &n),
		    0);
		assert_int_equal(n, len);
		assert_memory_equal(bytes, rows[i][0], len);
	}
}

static void
test_another_text_for_the_same_bytes_is_none(void **state)
{
	static const char *const bad[] = { "Zh==", "Zg=", "Zg", "Zg===", "Zm9",
		"Zm9v\n", " Zm9v", "Zm-v", "Z===", "=", "Zm9vZm9vZm9v" };
	char bytes[6];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (base64_bytes(bad[i], strlen(bad[i]), bytes, sizeof(bytes),
			&n) != -EINVAL)
			fail_msg("%s", bad[i]);
}

/* libsodium 1.0.18 reads "PH6byTDc" with bit 7 of its "y" set as without. */
static void
test_no_character_has_its_highest_bit_set(void **state)
{
	char bytes[6];
	char text[9];
	size_t n;

	(void)state;
	for (int i = 0; i < 64; i++) {
		strcpy(text, "PH6byTDc");
		text[i % 8] = (char)(0x80 | ("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					     "abcdefghijklmnopqrstuvwxyz"
					     "0123456789+/"[i]));
		assert_int_equal(
		    base64_bytes(text, 8, bytes, sizeof(bytes), &n), -EINVAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_examples_of_the_rfc),
		cmocka_unit_test(test_another_text_for_the_same_bytes_is_none),
		cmocka_unit_test(test_no_character_has_its_highest_bit_set),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
