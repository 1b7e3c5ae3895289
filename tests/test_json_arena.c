/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "evidence/json_arena.h"

/* One of many values, of more than a block in all. */
static json_t *
many(int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(
		    list, json_pack("{s:i,s:s}", "i", i, "text", "Quế Minh"));
	return list;
}

static void
test_values_stay_until_the_arena_is_reset(void **state)
{
	static char text[3 << 20];
	json_t *list, *large, *again;

	(void)state;
	assert_false(json_arena_is_on());
	json_arena_reset();
	json_arena_begin();
	assert_true(json_arena_is_on());
	list = many(20000);
	memset(text, 'x', sizeof(text) - 1);
	large = json_string(text);
	assert_string_equal(json_string_value(large), text);
	again = json_integer(5);
	json_decref(again);
	for (size_t i = 0; i < 20000; i++) {
		const json_t *v = json_array_get(list, i);

		assert_int_equal(
		    json_integer_value(json_object_get(v, "i")), i);
		assert_string_equal(
		    json_string_value(json_object_get(v, "text")), "Quế Minh");
	}
	json_decref(list);
	json_decref(large);
}

static void
test_the_next_values_have_the_memory_of_the_last_ones(void **state)
{
	json_t *first, *second;

	(void)state;
	json_arena_reset();
	first = many(20000);
	json_arena_reset();
	second = many(20000);
	assert_ptr_equal(first, second);
	assert_int_equal(json_array_size(second), 20000);
	json_arena_reset();
}

/* jansson's word for it is that of a record that is none. */
static void
test_a_lack_of_memory_is_told_from_bad_records(void **state)
{
	json_malloc_t take;
	json_free_t give_back;

	(void)state;
	json_arena_reset();
	assert_null(json_loads("{", 0, NULL));
	assert_false(json_arena_lacked());
	json_get_alloc_funcs(&take, &give_back);
	assert_null(take(SIZE_MAX));
	assert_true(json_arena_lacked());
	json_arena_reset();
	assert_false(json_arena_lacked());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_stay_until_the_arena_is_reset),
		cmocka_unit_test(
		    test_the_next_values_have_the_memory_of_the_last_ones),
		cmocka_unit_test(
		    test_a_lack_of_memory_is_told_from_bad_records),
	};

	return cmocka_run_group_tests_name("json_arena", tests, NULL, NULL);
}
