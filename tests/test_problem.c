/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/problem.h"

static void
a_problem_reads_file_line_text(void **state)
{
	struct problems ps = { 0 };
	char buf[100];

	(void)state;
	problem_add(&ps, "a.cfg", 7, "%s is missing", "at");
	problem_add(&ps, "b.cfg", 0, "no such file");
	assert_string_equal(problem_text(&ps.list[0], buf, sizeof(buf)),
	    "a.cfg:7: at is missing");
	assert_string_equal(
	    problem_text(&ps.list[1], buf, sizeof(buf)), "b.cfg: no such file");
	problems_free(&ps);
}

static void
a_short_buffer_is_cut_and_closed(void **state)
{
	struct problems ps = { 0 };
	char buf[8];

	(void)state;
	problem_add(&ps, "a.cfg", 7, "at is missing");
	assert_string_equal(
	    problem_text(&ps.list[0], buf, sizeof(buf)), "a.cfg:7");
	problems_free(&ps);
}

static void
a_long_name_does_not_hide_what_is_wrong(void **state)
{
	struct problems ps = { 0 };
	char name[5001];
	char buf[100];

	(void)state;
	memset(name, 'x', 5000);
	memcpy(name + 4990, "/ban-tin.m", 11);
	problem_add(&ps, name, 0, "it is too long; shorten it");
	problem_text(&ps.list[0], buf, sizeof(buf));
	assert_memory_equal(buf, "...x", 4);
	assert_non_null(
	    strstr(buf, "xx/ban-tin.m: it is too long; shorten it"));
	problems_free(&ps);
}

/* The log takes it as it is. */
static void
a_short_buffer_ends_with_a_whole_letter(void **state)
{
	struct problems ps = { 0 };
	char buf[10];

	(void)state;
	problem_add(&ps, "a.cfg", 0, "ếế");
	assert_string_equal(
	    problem_text(&ps.list[0], buf, sizeof(buf)), "a.cfg: ");
	problems_free(&ps);
}

static void
control_characters_do_not_reach_a_terminal(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	problem_add(&ps, "a\n.cfg", 1, "\"%s\"", "x\ny\x1b[31m\x7f");
	assert_string_equal(ps.list[0].file, "a?.cfg");
	assert_string_equal(ps.list[0].text, "\"x?y?[31m?\"");
	problems_free(&ps);
}

static void
bytes_that_are_no_utf_8_do_not_reach_a_json_text(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	problem_add(&ps, "\xff.cfg", 1, "\"%.5s\" ế \xc3 \xe1\xba", "Tiếng");
	assert_string_equal(ps.list[0].file, "?.cfg");
	assert_string_equal(ps.list[0].text, "\"Tiế\" ế ? ??");
	problem_add(&ps, "a", 1, "%.4s", "Tiếng");
	assert_string_equal(ps.list[1].text, "Ti??");
	problems_free(&ps);
}

static void
problems_sort_by_file_then_line_and_keep_their_order(void **state)
{
	static const struct {
		const char *file;
		int line;
		const char *text;
	} in[] = {
		{ "b", 2, "5" },
		{ "a", 9, "3" },
		{ "b", 1, "4" },
		{ "a", 2, "1" },
		{ "b", 2, "6" },
		{ "a", 2, "2" },
	};
	struct problems ps = { 0 };

	(void)state;
	for (size_t i = 0; i < 6; i++)
		problem_add(&ps, in[i].file, in[i].line, "%s", in[i].text);
	problems_sort(&ps);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(ps.list[i].text[0], '1' + (int)i);
	problems_free(&ps);
}

static void
beyond_the_limit_problems_are_counted_not_kept(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	for (int i = 0; i < PROBLEMS_MAX + 5; i++)
		problem_add(&ps, "a", i, "x");
	assert_int_equal(ps.n, PROBLEMS_MAX);
	assert_int_equal(ps.hidden, 5);
	assert_int_equal(problems_count(&ps), PROBLEMS_MAX + 5);
	problems_free(&ps);
}

static void
a_freed_list_is_empty_and_may_be_used_again(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	problem_add(&ps, "a", 1, "x");
	problems_free(&ps);
	assert_int_equal(problems_count(&ps), 0);
	problem_add(&ps, "a", 1, "y");
	assert_int_equal(problems_count(&ps), 1);
	problems_free(&ps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_reads_file_line_text),
		cmocka_unit_test(a_short_buffer_is_cut_and_closed),
		cmocka_unit_test(a_long_name_does_not_hide_what_is_wrong),
		cmocka_unit_test(a_short_buffer_ends_with_a_whole_letter),
		cmocka_unit_test(control_characters_do_not_reach_a_terminal),
		cmocka_unit_test(
		    bytes_that_are_no_utf_8_do_not_reach_a_json_text),
		cmocka_unit_test(
		    problems_sort_by_file_then_line_and_keep_their_order),
		cmocka_unit_test(
		    beyond_the_limit_problems_are_counted_not_kept),
		cmocka_unit_test(a_freed_list_is_empty_and_may_be_used_again),
	};

	return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
