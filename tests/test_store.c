/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/store.h"
#include "tests/fakes/fake_seal.h"

#define KEY "0123456789abcdef"

static struct fake_seal s;
static struct store *st;
static char path[128], tree[128];

static int
set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	fake_seal_init(&s);
	snprintf(path, sizeof(path), "%s/store.db", s.top.path);
	snprintf(tree, sizeof(tree), "%s/v1", s.trees);
	assert_int_equal(store_open(path, &st), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	st = store_close(st);
	fake_seal_free(&s);
	return 0;
}

static void
grow(int n)
{
	fake_seal_add(&s, n);
	fake_seal_publish(&s);
}

/* One value, as text; another program's view of the file. */
static char *
asked(const char *sql)
{
	static char text[512];
	sqlite3_stmt *q;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	snprintf(text, sizeof(text), "%s",
	    sqlite3_column_text(q, 0) == NULL
		? "NULL"
		: (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	sqlite3_close(db);
	return text;
}

static void
test_one_row_a_leaf_however_often_it_is_taken(void **state)
{
	static const int steps[] = { 1, 5, 250, 300 };
	int all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		grow(steps[i]);
		all += steps[i];
		for (int k = 0; k < 2; k++) {
			assert_int_equal(
			    store_take(st, KEY, "Xã A", 1, tree, all), 0);
			assert_int_equal(store_rows(st, KEY, 1), all);
		}
	}
	assert_string_equal(asked("SELECT count(*) FROM station"), "1");
	assert_string_equal(
	    asked("SELECT seq || kind || about FROM leaf WHERE leaf = 400"),
	    "400opque-minh");
	assert_non_null(strstr(
	    asked("SELECT line FROM leaf WHERE leaf = 7"), "\"op\":\"op-7\""));
	assert_string_equal(
	    asked("SELECT min(at_us) > 0 AND max(at_us) - min(at_us) = "
		  "555000000 FROM leaf"),
	    "1");
	assert_int_equal(store_take(st, KEY, "Xã B", 1, tree, all), 0);
	assert_string_equal(asked("SELECT name FROM station"), "Xã B");
	assert_int_equal(store_rows(st, "fedcba9876543210", 1), 0);
}

static void
test_what_cannot_be_read_takes_nothing_and_the_next_call_all(void **state)
{
	char away[160], bundle[160];

	(void)state;
	grow(300);
	snprintf(bundle, sizeof(bundle), "%s/tile/entries/001.p/44", tree);
	snprintf(away, sizeof(away), "%s/away", s.top.path);
	assert_int_equal(rename(bundle, away), 0);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 300), -ENOENT);
	assert_int_equal(store_rows(st, KEY, 1), 0);
	assert_int_equal(rename(away, bundle), 0);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 300), 0);
	assert_int_equal(store_rows(st, KEY, 1), 300);
}

static void
test_more_rows_than_leaves_are_forgotten_on_demand(void **state)
{
	(void)state;
	grow(300);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 300), 0);
	assert_int_equal(store_take(st, KEY, "A", 2, tree, 300), 0);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 256), -ESTALE);
	assert_int_equal(store_forget(st, KEY, 1), 0);
	assert_int_equal(store_rows(st, KEY, 1), 0);
	assert_int_equal(store_rows(st, KEY, 2), 300);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 256), 0);
	assert_int_equal(store_rows(st, KEY, 1), 256);
}

static void
test_a_damaged_file_is_made_anew(void **state)
{
	(void)state;
	grow(3);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 3), 0);
	st = store_close(st);
	folder_write(&s.top, "store.db", "this is no database at all, is it?");
	assert_int_equal(store_open(path, &st), 0);
	assert_int_equal(store_rows(st, KEY, 1), 0);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 3), 0);
	assert_int_equal(store_rows(st, KEY, 1), 3);
}

/* A leaf that is no record: one that was lost before it was signed. */
static void
test_a_leaf_without_a_record_is_a_row_too(void **state)
{
	char *text;
	size_t n;

	(void)state;
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	strchr(text, '\n')[5] = '#';
	folder_write_bytes(&s.top, "log/airing-2026-11.jsonl", text, n);
	free(text);
	fake_seal_reopen_log(&s);
	fake_seal_publish(&s);
	assert_int_equal(store_take(st, KEY, "A", 1, tree, 5), 0);
	assert_int_equal(store_rows(st, KEY, 1), 5);
	assert_string_equal(
	    asked("SELECT kind || quote(seq) || quote(at_us) FROM leaf "
		  "WHERE leaf = 1"),
	    "NULLNULL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_one_row_a_leaf_however_often_it_is_taken),
		T(test_what_cannot_be_read_takes_nothing_and_the_next_call_all),
		T(test_more_rows_than_leaves_are_forgotten_on_demand),
		T(test_a_damaged_file_is_made_anew),
		T(test_a_leaf_without_a_record_is_a_row_too),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
