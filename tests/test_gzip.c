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

#include "base/gzip.h"

#define MANY 100000

static void
test_what_was_packed_comes_back(void **state)
{
	static char bytes[MANY];
	static const size_t sizes[] = { 0, 1, 7, 4096, MANY };
	unsigned seed = 3;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		bytes[i] = (char)(rand_r(&seed) % 3);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *packed, *back;
		size_t n, m;

		assert_int_equal(gzip_pack(bytes, sizes[i], &packed, &n), 0);
		assert_true(gzip_is(packed, n));
		assert_int_equal(gzip_unpack(packed, n, MANY, &back, &m), 0);
		assert_int_equal(m, sizes[i]);
		assert_memory_equal(back, bytes, m);
		assert_int_equal(back[m], 0);
		free(packed);
		free(back);
	}
}

/* Other programs can: a file that gzip(1) made, of "hello\n". */
static void
test_what_another_program_packed_is_read(void **state)
{
	static const char packed[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7"
	    "\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00";
	char *back;
	size_t n;

	(void)state;
	assert_int_equal(
	    gzip_unpack(packed, sizeof(packed) - 1, 6, &back, &n), 0);
	assert_string_equal(back, "hello\n");
	free(back);
}

/* Never other bytes: a header's time and the like may be others. */
static void
test_what_is_damaged_is_refused_or_the_same(void **state)
{
	static const char text[] = "a record, and a record, and a record";
	char *packed, *back;
	size_t n, m;

	(void)state;
	assert_int_equal(gzip_pack(text, sizeof(text), &packed, &n), 0);
	for (size_t bit = 0; bit < n * 8; bit++) {
		packed[bit / 8] = (char)(packed[bit / 8] ^ 1 << bit % 8);
		if (gzip_unpack(packed, n, MANY, &back, &m) == 0) {
			assert_int_equal(m, sizeof(text));
			assert_memory_equal(back, text, m);
			free(back);
		}
		packed[bit / 8] = (char)(packed[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    gzip_unpack(packed, i, MANY, &back, &m), -EBADMSG);
	free(packed);
}

static void
test_more_than_is_allowed_or_behind_it_is_refused(void **state)
{
	static const char text[100];
	char *packed, *more, *back;
	size_t n, m;

	(void)state;
	assert_int_equal(gzip_pack(text, sizeof(text), &packed, &n), 0);
	assert_int_equal(gzip_unpack(packed, n, 99, &back, &m), -EBADMSG);
	more = calloc(1, n + n);
	assert_non_null(more);
	memcpy(more, packed, n);
	memcpy(more + n, packed, n);
	assert_int_equal(gzip_unpack(more, n + n, MANY, &back, &m), -EBADMSG);
	assert_false(gzip_is("\x1f\x8b{", 3));
	free(more);
	free(packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_packed_comes_back),
		cmocka_unit_test(test_what_another_program_packed_is_read),
		cmocka_unit_test(test_what_is_damaged_is_refused_or_the_same),
		cmocka_unit_test(
		    test_more_than_is_allowed_or_behind_it_is_refused),
	};

	return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
