/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/commands.h"
#include "ctl/paper.h"
#include "tests/fakes/folder.h"

static void
draw(struct page *p, void *arg)
{
	page_text(p, 10, 0, arg);
}

static int
write_text(const char *file, const char *text, bool replace, int *ret_pages)
{
	struct page_setup setup = { "title", "foot", draw, (void *)text };

	*ret_pages = 0;
	return paper_write(&setup, file, replace, ret_pages);
}

static void
test_a_paper_is_in_its_place_or_its_code_says_why_not(void **state)
{
	static const struct {
		const char *when;
		const char *name;
		const char *text;
		bool replace;
		int code;
		int pages;
	} cases[] = {
		{ "a new one", "a.pdf", "Sổ nhật ký", false, EX_OK, 1 },
		{ "once more", "a.pdf", "Sổ", false, EX_CANTCREAT, 0 },
		{ "in its place", "a.pdf", "Sổ", true, EX_OK, 1 },
		{ "a letter no font has", "b.pdf", "\U0010FFFE", false,
		    EXIT_LACKING, 1 },
		{ "no folder", "no/a.pdf", "Sổ", false, EX_NOINPUT, 0 },
	};
	struct folder f;
	int pages;

	(void)state;
	folder_make(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char file[300];
		int code;

		snprintf(file, sizeof(file), "%s/%s", f.path, cases[i].name);
		code =
		    write_text(file, cases[i].text, cases[i].replace, &pages);
		if (code != cases[i].code || pages != cases[i].pages)
			fail_msg("%s: code %d, %d pages", cases[i].when, code,
			    pages);
	}
	assert_int_equal(write_text("", "Sổ", true, &pages), EX_USAGE);
	assert_int_equal(access(".tmp", F_OK), -1);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_paper_is_in_its_place_or_its_code_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
