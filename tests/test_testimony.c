/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/testimony.h"

#define HEX "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"

static int
read_text(const char *text, struct testimony **ret, int64_t *ret_line)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	int r;

	assert_non_null(in);
	r = testimony_read(in, ret, ret_line);
	fclose(in);
	return r;
}

static void
test_lines_may_come_in_any_order_and_with_gaps(void **state)
{
	struct testimony *t;
	int64_t line;

	(void)state;
	assert_int_equal(
	    read_text("5000 " HEX "\r\n2 " HEX "\n", &t, &line), 0);
	assert_string_equal(testimony_leaf(t, 5000), HEX);
	assert_string_equal(testimony_leaf(t, 2), HEX);
	assert_null(testimony_leaf(t, 3));
	assert_null(testimony_leaf(t, 5001));
	assert_null(testimony_leaf(t, -1));
	assert_int_equal(testimony_end(t), 5001);
	assert_null(testimony_free(t));
	assert_null(testimony_leaf(NULL, 0));
	assert_int_equal(testimony_end(NULL), 0);
}

static void
test_a_line_that_is_none_is_named(void **state)
{
	static const char *const bad[] = { "0 " HEX "\nx " HEX "\n",
		"0 " HEX "\n1\n", "0 " HEX "\n1 " HEX "0\n",
		"0 " HEX "\n-1 " HEX "\n",
		"0 " HEX "\n99999999999999 " HEX "\n", "0 " HEX "\n\n" };
	struct testimony *t;
	int64_t line;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_text(bad[i], &t, &line), -EINVAL);
		assert_int_equal(line, 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_lines_may_come_in_any_order_and_with_gaps),
		cmocka_unit_test(test_a_line_that_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
