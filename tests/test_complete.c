/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/complete.h"

static const struct command commands[] = {
	{ "approve", NULL, "--by NAME ITEM…", "" },
	{ "items", NULL, "[--segment S] [--sort KEY] [--json] [WORD…]", "" },
	{ "log", NULL, "[--station S] [--csv | --json]", "" },
	{ "next", NULL, "[--station S] [-n COUNT] [--json]", "" },
	{ "person", NULL,
	    "add --office TITLE NAME | leave NAME | list [--json]", "" },
	{ "show", NULL, "[--json] ITEM", "" },
	{ "restore", NULL, "[--check] [--replace] FILE.tar", "" },
};

static char said[512];

static void
put(void *arg, const char *word)
{
	(void)arg;
	strcat(said, word);
	strcat(said, " ");
}

static void
test_what_may_stand_at_the_cursor(void **state)
{
	static const struct {
		const char *when;
		const char *words[6];
		const char *offered;
		int also;
	} rows[] = {
		{ "nothing yet", { "" },
		    "approve items log next person show restore help ", 0 },
		{ "the beginning of a command", { "ne" }, "next ", 0 },
		{ "no command", { "xyz" }, "", 0 },
		{ "help of a command", { "help", "re" }, "restore ", 0 },
		{ "an item", { "approve", "" }, "", COMPLETE_ITEMS },
		{ "an item behind a name", { "approve", "--by", "Ba", "la" },
		    "", COMPLETE_ITEMS },
		{ "an item behind a flag in brackets", { "show", "" }, "",
		    COMPLETE_ITEMS },
		{ "a name", { "approve", "--by", "" }, "", 0 },
		{ "every option", { "log", "-" }, "--station --csv --json ",
		    0 },
		{ "an option's beginning", { "log", "--s" }, "--station ", 0 },
		{ "a short option", { "next", "-n" }, "-n ", 0 },
		{ "a station", { "log", "--station", "" }, "",
		    COMPLETE_STATIONS },
		{ "behind a flag", { "log", "--csv", "--j" }, "--json ", 0 },
		{ "a keyword", { "person", "" }, "add leave list ", 0 },
		{ "no keyword later", { "person", "leave", "l" }, "", 0 },
		{ "a command cut short", { "pers", "le" }, "leave ", 0 },
		{ "a file: the shell knows", { "restore", "x" }, "", 0 },
		{ "words of an unknown command", { "xyz", "" }, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = 0;
		int also;

		while (n < 6 && rows[i].words[n] != NULL)
			n++;
		said[0] = '\0';
		also = complete_words(commands,
		    sizeof(commands) / sizeof(commands[0]),
		    (char *const *)rows[i].words, n, put, NULL);
		if (strcmp(said, rows[i].offered) != 0 || also != rows[i].also)
			fail_msg("%s: \"%s\", %d; wanted \"%s\", %d",
			    rows[i].when, said, also, rows[i].offered,
			    rows[i].also);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_may_stand_at_the_cursor),
	};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
