/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ctl/bring.h"
#include "tests/fakes/folder.h"

static struct folder f;
static char seen[1000]; /* the paths below the folder, each with a blank */

static int
note(void *arg, const char *path, size_t folder)
{
	size_t n = strlen(seen);

	(void)folder;
	snprintf(seen + n, sizeof(seen) - n, "%s ", path + strlen(f.path) + 1);
	return *(int *)arg;
}

/* What is brought for a sheet whose rows name these. */
static const char *
brought(const char *first, const char *second, int code)
{
	static char items[300], sheet[300], inbox[300];
	const char *const folders[] = { sheet, inbox };
	const struct bring b = { items, folders, 2 };
	struct sheet_row rows[] = { { .items = (char *)first },
		{ .items = (char *)second } };
	const struct sheet s = { .rows = rows, .n = 2 };

	snprintf(items, sizeof(items), "%s/items", f.path);
	snprintf(sheet, sizeof(sheet), "%s/tuan", f.path);
	snprintf(inbox, sizeof(inbox), "%s/inbox", f.path);
	seen[0] = '\0';
	assert_int_equal(bring_each(&b, &s, note, &code), code);
	return seen;
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&f);
	folder_write(&f, "tuan/Bản tin 48.m4a", "x");
	folder_write(&f, "tuan/tuan.csv", "x");
	folder_write(&f, "inbox/Bản tin 48.m4a", "x");
	folder_write(&f, "inbox/thong-bao.mp3", "x");
	folder_write(&f, "inbox/nua.mp3.part", "x");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&f);
	return 0;
}

static void
a_file_is_found_beside_the_sheet_then_in_the_inbox(void **state)
{
	(void)state;
	assert_string_equal(
	    brought("Bản tin 48.m4a", "", 0), "tuan/Bản tin 48.m4a ");
	assert_string_equal(
	    brought("ban tin 48", "", 0), "tuan/Bản tin 48.m4a ");
	assert_string_equal(brought("thong-bao.mp3; Bản tin 48.m4a", "no", 0),
	    "inbox/thong-bao.mp3 tuan/Bản tin 48.m4a ");
	assert_string_equal(brought("thong-bao.mp3; Bản tin 48.m4a", "", 7),
	    "inbox/thong-bao.mp3 ");
}

static void
what_is_no_file_there_is_not_brought(void **state)
{
	(void)state;
	assert_string_equal(brought("", "gone.mp3", 0), "");
	assert_string_equal(brought("nua.mp3.part", "nua.mp3", 0), "");
	assert_string_equal(brought("../inbox/thong-bao.mp3", "", 0), "");
	assert_string_equal(brought("inbox", "..", 0), "");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_file_is_found_beside_the_sheet_then_in_the_inbox),
		T(what_is_no_file_there_is_not_brought),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
