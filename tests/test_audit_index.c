/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/audit_index.h"
#include "tests/fakes/fake_log.h"
#include "tests/fakes/folder.h"

#define DAY "2026-11-26"

static char heard[1024];

static void
hear(void *arg, const struct finding *f)
{
	(void)arg;
	snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard),
	    "%s: %s\n", f->promise, f->text);
}

static void
change(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_an_index_that_says_otherwise_is_found(void **state)
{
	struct audit_index sum;
	struct fake_log l;
	struct folder f;
	struct disk *d;
	char path[256];

	(void)state;
	folder_make(&f);
	assert_int_equal(disk_open(f.path, &d), 0);
	fake_log_init(&l, d);
	fake_log_day(&l, DAY, "a 05:00:00 300");
	fake_log_slot(&l, DAY, "a", "not_aired", "disabled", 0, 0, NULL);
	fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
	snprintf(path, sizeof(path), "%s/index.db", f.path);
	assert_int_equal(audit_index(f.path, path, hear, NULL, &sum), 0);
	assert_int_equal(sum.records, 3);
	assert_int_equal(sum.findings, 0);
	change(path, "UPDATE record SET line = replace(line, 'disabled', "
		     "'too_late') WHERE seq = 1");
	assert_int_equal(audit_index(f.path, path, hear, NULL, &sum), 0);
	assert_int_equal(sum.findings, 1);
	assert_string_equal(
	    heard, "index: record 1 is another one in the index\n");
	assert_int_equal(
	    audit_index("/nowhere/at/all", path, hear, NULL, &sum) < 0, 1);
	fake_log_free(&l);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_index_that_says_otherwise_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
