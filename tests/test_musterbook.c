/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/musterbook.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/stations.h"

/* Its cells are read by tests/check_collect.sh. */
static void
test_a_workbook_takes_no_ones_place_unasked(void **state)
{
	struct muster *m = stations_two(MUSTER_WEEK);
	struct folder top;
	char path[128];
	char *bytes;
	size_t n;

	(void)state;
	folder_make(&top);
	folder_write(&top, "bao-cao.xlsx", "mine");
	snprintf(path, sizeof(path), "%s/bao-cao.xlsx", top.path);
	assert_int_equal(muster_xlsx(m, path, false), -EEXIST);
	assert_int_equal(muster_xlsx(m, path, true), 0);
	bytes = folder_slurp(path, &n);
	assert_memory_equal(bytes, "PK", 2);
	free(bytes);
	snprintf(path, sizeof(path), "%s/none/bao-cao.xlsx", top.path);
	assert_true(muster_xlsx(m, path, true) < 0);
	folder_remove(&top);
	muster_free(m);
}

/* The library was given FILE.tmp, and wrote where that pointed. */
static void
test_a_workbook_follows_nobodys_link(void **state)
{
	struct muster *m = stations_two(MUSTER_STATION);
	struct folder top;
	char path[128], link[128];
	char *bytes;
	size_t n;

	(void)state;
	folder_make(&top);
	folder_write(&top, "another", "mine");
	snprintf(link, sizeof(link), "%s/bao-cao.xlsx.tmp", top.path);
	assert_int_equal(symlink("another", link), 0);
	snprintf(path, sizeof(path), "%s/bao-cao.xlsx", top.path);
	muster_xlsx(m, path, true);
	snprintf(path, sizeof(path), "%s/another", top.path);
	bytes = folder_slurp(path, &n);
	assert_string_equal(bytes, "mine");
	free(bytes);
	folder_remove(&top);
	muster_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_workbook_follows_nobodys_link),
		cmocka_unit_test(test_a_workbook_takes_no_ones_place_unasked),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
