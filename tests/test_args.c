/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/args.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS_MAX 8

struct given {
	bool json;
	const char *by;
	int n;
	int64_t from;
	int64_t week;
};

static int
read_words(const char *const *words, struct given *g, int *argc, char **argv,
    char *wrong, size_t size)
{
	const struct arg args[] = { { "json", ARG_FLAG, &g->json },
		{ "by", ARG_TEXT, &g->by }, { "n", ARG_NUMBER, &g->n },
		{ "from", ARG_DATE, &g->from },
		{ "week", ARG_WEEK, &g->week } };

	for (*argc = 0; *argc < WORDS_MAX && words[*argc] != NULL; (*argc)++)
		argv[*argc] = (char *)words[*argc];
	argv[*argc] = NULL;
	return args_read(args, COUNT(args), argc, argv, wrong, size);
}

static void
options_stand_anywhere_and_operands_keep_their_order(void **state)
{
	static const struct {
		const char *when;
		const char *words[WORDS_MAX + 1];
		const char *operands;
		const char *by;
		bool json;
		int n;
	} cases[] = {
		{ "no words at all", { "x" }, "", NULL, false, 0 },
		{ "an option between operands", { "x", "a", "--json", "b" },
		    "a b ", NULL, true, 0 },
		{ "a value in the next word", { "x", "--by", "Lan", "a" }, "a ",
		    "Lan", false, 0 },
		{ "a value behind =", { "x", "--by=Lan", "a" }, "a ", "Lan",
		    false, 0 },
		{ "an empty value behind =", { "x", "--by=" }, "", "", false,
		    0 },
		{ "a value that looks like an option",
		    { "x", "--by", "--json" }, "", "--json", false, 0 },
		{ "one letter and its value", { "x", "-n", "5" }, "", NULL,
		    false, 5 },
		{ "one letter and its value together", { "x", "-n12" }, "",
		    NULL, false, 12 },
		{ "after --, all are operands", { "x", "--", "--json", "-n" },
		    "--json -n ", NULL, false, 0 },
		{ "a dash alone is an operand", { "x", "-" }, "- ", NULL, false,
		    0 },
		{ "the last one given counts", { "x", "--by=A", "--by=B" }, "",
		    "B", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct given g = { 0 };
		char *argv[WORDS_MAX + 1];
		char operands[256] = "";
		char wrong[256] = "";
		int argc;
		int r = read_words(
		    cases[i].words, &g, &argc, argv, wrong, sizeof(wrong));

		for (int k = 1; r == 0 && k < argc; k++) {
			strcat(operands, argv[k]);
			strcat(operands, " ");
		}
		if (r != 0 || strcmp(operands, cases[i].operands) != 0 ||
		    g.json != cases[i].json || g.n != cases[i].n ||
		    (g.by == NULL) != (cases[i].by == NULL) ||
		    (g.by != NULL && strcmp(g.by, cases[i].by) != 0))
			fail_msg("%s: r %d (%s), operands \"%s\", by %s, "
				 "json %d, n %d",
			    cases[i].when, r, wrong, operands,
			    g.by == NULL ? "-" : g.by, g.json, g.n);
	}
}

static void
what_is_wrong_is_said_in_words(void **state)
{
	static const struct {
		const char *when;
		const char *words[WORDS_MAX + 1];
		const char *says;
	} cases[] = {
		{ "a name nobody knows", { "x", "--jsno" },
		    "there is no option --jsno" },
		{ "a name cut short", { "x", "--js" },
		    "there is no option --js" },
		{ "a letter nobody knows", { "x", "-q" },
		    "there is no option -q" },
		{ "a long name with one dash", { "x", "-json" },
		    "there is no option -json" },
		{ "a letter with two dashes", { "x", "--n", "5" },
		    "there is no option --n" },
		{ "the value is missing", { "x", "--by" },
		    "--by needs a value" },
		{ "a flag with a value", { "x", "--json=yes" },
		    "--json takes no value" },
		{ "zero is no count", { "x", "-n", "0" }, "whole number" },
		{ "a negative count", { "x", "-n-3" }, "whole number" },
		{ "a count with a tail", { "x", "-n3x" }, "whole number" },
		{ "a count too large", { "x", "-n", "9999999999999999999" },
		    "whole number" },
		{ "an impossible date", { "x", "--from", "31/02/2026" },
		    "write a date" },
		{ "a week that the year has not", { "x", "--week=2026-W54" },
		    "write a week" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct given g = { 0 };
		char *argv[WORDS_MAX + 1];
		char wrong[256] = "";
		int argc;
		int r = read_words(
		    cases[i].words, &g, &argc, argv, wrong, sizeof(wrong));

		if (r != -EINVAL || strstr(wrong, cases[i].says) == NULL)
			fail_msg("%s: r %d, \"%s\", wanted \"%s\"",
			    cases[i].when, r, wrong, cases[i].says);
		if (g.json || g.by != NULL || g.n != 0 || g.from != 0 ||
		    g.week != 0)
			fail_msg("%s: a result was touched", cases[i].when);
	}
}

static void
dates_are_read_as_officers_and_as_logs_write_them(void **state)
{
	int64_t iso;
	int64_t vn;
	int64_t untouched = 7;

	(void)state;
	assert_int_equal(args_date("2026-11-26", &iso), 0);
	assert_int_equal(args_date("26/11/2026", &vn), 0);
	assert_int_equal(iso, vn);
	assert_int_equal(args_date("11/26/2026", &untouched), -EINVAL);
	assert_int_equal(args_date("26/11/26", &untouched), -EINVAL);
	assert_int_equal(args_date("", &untouched), -EINVAL);
	assert_int_equal(untouched, 7);
}

static void
a_week_is_its_monday(void **state)
{
	struct given g = { 0 };
	const char *const words[] = { "x", "--week", "2026-W48", NULL };
	char *argv[WORDS_MAX + 1];
	struct civil_text t;
	char wrong[64];
	int argc;

	(void)state;
	assert_int_equal(
	    read_words(words, &g, &argc, argv, wrong, sizeof(wrong)), 0);
	assert_string_equal(civil_date_text(g.week, &t), "2026-11-23");
}

static void
an_option_for_several_texts_keeps_them_in_order_and_has_a_limit(void **state)
{
	struct arg_texts tags = { .n = 0 };
	const struct arg args[] = { { "tag", ARG_TEXTS, &tags } };
	char *argv[2 * ARG_TEXTS_MAX + 4] = { "x", "--tag", "a", "b",
		"--tag=c" };
	char wrong[256] = "";
	int argc = 5;

	(void)state;
	assert_int_equal(
	    args_read(args, 1, &argc, argv, wrong, sizeof(wrong)), 0);
	assert_int_equal(tags.n, 2);
	assert_string_equal(tags.list[0], "a");
	assert_string_equal(tags.list[1], "c");
	assert_int_equal(argc, 2);
	for (argc = 1; argc <= 2 * ARG_TEXTS_MAX; argc++)
		argv[argc] = "--tag=x";
	assert_true(args_read(args, 1, &argc, argv, wrong, sizeof(wrong)) < 0);
	assert_non_null(strstr(wrong, "too many"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_option_for_several_texts_keeps_them_in_order_and_has_a_limit),
		cmocka_unit_test(
		    options_stand_anywhere_and_operands_keep_their_order),
		cmocka_unit_test(what_is_wrong_is_said_in_words),
		cmocka_unit_test(
		    dates_are_read_as_officers_and_as_logs_write_them),
		cmocka_unit_test(a_week_is_its_monday),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
