/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/command.h"

static const struct command commands[] = {
	{ .name = "status" },
	{ .name = "stop" },
	{ .name = "skip" },
	{ .name = "sto" },
	{ .name = "week" },
};

static void
a_command_is_found_by_its_name_or_a_clear_beginning(void **state)
{
	static const struct {
		const char *when;
		const char *word;
		const char *found; /* NULL: none */
		const char *list;
	} cases[] = {
		{ "its whole name", "week", "week", "" },
		{ "its first letter, alone with it", "w", "week", "week" },
		{ "a name that begins another", "sto", "sto", NULL },
		{ "a beginning that two share", "st", NULL,
		    "status, stop, sto" },
		{ "a beginning of one", "sta", "status", "status" },
		{ "more than the name", "weekly", NULL, "" },
		{ "capital letters", "Week", NULL, "" },
		{ "nothing", "", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char list[64];
		const struct command *c = command_find(commands,
		    COUNT(commands), cases[i].word, list, sizeof(list));
		const char *name = c == NULL ? "-" : c->name;
		const char *want =
		    cases[i].found == NULL ? "-" : cases[i].found;

		if (strcmp(name, want) != 0 ||
		    (cases[i].list != NULL && c == NULL &&
			strcmp(list, cases[i].list) != 0))
			fail_msg("%s: %s (\"%s\"), wanted %s", cases[i].when,
			    name, list, want);
	}
}

static void
a_list_that_does_not_fit_is_cut(void **state)
{
	char list[10];

	(void)state;
	assert_null(
	    command_find(commands, COUNT(commands), "s", list, sizeof(list)));
	assert_string_equal(list, "status, s");
}

static void
the_root_is_taken_out_of_the_words_wherever_it_stands(void **state)
{
	static const struct {
		const char *when;
		const char *words[6];
		const char *root;
		const char *left;
	} cases[] = {
		{ "before the command", { "loaxa", "--root", "/r", "week" },
		    "/r", "loaxa week " },
		{ "after it", { "loaxa", "week", "--root=/r", "--json" }, "/r",
		    "loaxa week --json " },
		{ "not there", { "loaxa", "week" }, NULL, "loaxa week " },
		{ "a file of that name",
		    { "loaxa", "add", "--", "--root", "x" }, NULL,
		    "loaxa add -- --root x " },
		{ "said twice", { "loaxa", "--root=a", "--root=b" }, "b",
		    "loaxa " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *argv[7] = { NULL };
		char left[128] = "";
		const char *root = "?";
		int argc = 0;
		int r;

		for (; argc < 6 && cases[i].words[argc] != NULL; argc++)
			argv[argc] = (char *)cases[i].words[argc];
		r = command_root(&argc, argv, &root);
		for (int k = 0; k < argc; k++) {
			strcat(left, argv[k]);
			strcat(left, " ");
		}
		if (r != 0 || strcmp(left, cases[i].left) != 0 ||
		    (root == NULL) != (cases[i].root == NULL) ||
		    (root != NULL && strcmp(root, cases[i].root) != 0))
			fail_msg("%s: %d, %s, \"%s\"", cases[i].when, r,
			    root == NULL ? "-" : root, left);
	}
}

static void
a_root_without_a_folder_is_refused(void **state)
{
	char *last[] = { "loaxa", "--root", NULL };
	char *empty[] = { "loaxa", "--root=", "week", NULL };
	const char *root = "untouched";
	int argc = 2;

	(void)state;
	assert_int_equal(command_root(&argc, last, &root), -EINVAL);
	argc = 3;
	assert_int_equal(command_root(&argc, empty, &root), -EINVAL);
	assert_string_equal(root, "untouched");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_command_is_found_by_its_name_or_a_clear_beginning),
		cmocka_unit_test(a_list_that_does_not_fit_is_cut),
		cmocka_unit_test(
		    the_root_is_taken_out_of_the_words_wherever_it_stands),
		cmocka_unit_test(a_root_without_a_folder_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
