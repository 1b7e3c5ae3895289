/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/staging.h"
#include "tests/fakes/folder.h"

#define NOW (INT64_C(1795000000) * US_PER_S)
#define HEX "00000000000000ff"

static struct folder top;
static struct staging *s;

static int
set_up(void **state)
{
	(void)state;
	/* Hundreds of folders: in memory, where that can be. */
	snprintf(top.path, sizeof(top.path), "%s/loaxa-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(top.path));
	return staging_open(top.path, &s);
}

static int
tear_down(void **state)
{
	(void)state;
	staging_close(s);
	folder_remove(&top);
	return 0;
}

/* Of that station, so large; nobody looks at its root here. */
static int
sign(const char *hex, int64_t size, bool apart, int64_t now_us,
    struct staged **ret)
{
	struct checkpoint is = { .size = size };
	struct staging_tree tree = { hex, apart, 0, &is };

	snprintf(is.origin, sizeof(is.origin), "loaxa/%s/log/v1", hex);
	return staging_sign(s, &tree, now_us, ret);
}

static bool
is_there(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/incoming/%s", top.path, name);
	return access(path, F_OK) == 0;
}

static void
test_an_older_one_stands_aside_while_a_larger_one_is_being_sent(void **state)
{
	struct staged *at, *again;

	(void)state;
	assert_int_equal(sign(HEX, 600, false, NOW, &at), 0);
	assert_int_equal(sign(HEX, 300, false, NOW, &again), STAGING_ASIDE);
	assert_ptr_equal(again, at);
	assert_int_equal(at->is.size, 600);
	assert_int_equal(sign(HEX, 601, false, NOW, &at), 0);
	assert_int_equal(sign(HEX, 600, false, NOW + STAGING_ASIDE_US - 1, &at),
	    STAGING_ASIDE);
	assert_int_equal(sign(HEX, 600, false, NOW + STAGING_ASIDE_US, &at), 0);
	assert_int_equal(at->is.size, 600);
}

static void
test_another_history_lies_apart(void **state)
{
	struct staged *at, *apart;

	(void)state;
	assert_int_equal(sign(HEX, 600, false, NOW, &at), 0);
	assert_int_equal(sign(HEX, 300, true, NOW, &apart), 0);
	assert_ptr_not_equal(at, apart);
	assert_string_equal(at->origin, apart->origin);
	assert_ptr_equal(staging_find(s, at->origin, false), at);
	assert_ptr_equal(staging_find(s, at->origin, true), apart);
	assert_true(is_there("push-" HEX "-v1"));
	staging_drop(s, apart);
	assert_true(is_there("push-" HEX "-v1"));
	assert_false(is_there("push-" HEX "-v1-apart-00000000"));
}

/* Whoever has the checkpoint of one history has none of the other thrown away
 * with it. */
static void
test_two_other_histories_do_not_lie_together(void **state)
{
	struct checkpoint is = { .origin = "loaxa/" HEX "/log/v1",
		.size = 600 };
	struct staging_tree tree = { HEX, true, 0, &is };
	struct staged *at;

	(void)state;
	for (unsigned char n = 1; n <= 2; n++) {
		is.root.b[3] = n;
		is.size += 1;
		assert_int_equal(staging_sign(s, &tree, NOW, &at), 0);
	}
	assert_true(is_there("push-" HEX "-v1-apart-00000001"));
	staging_drop(s, at);
	assert_true(is_there("push-" HEX "-v1-apart-00000001"));
	assert_false(is_there("push-" HEX "-v1-apart-00000002"));
}

static void
test_what_is_kept_goes_unless_more_has_come(void **state)
{
	static const char *const name = "push-" HEX "-v1/tile/entries/001";
	char path[200];
	struct staged *at;

	(void)state;
	snprintf(path, sizeof(path), "incoming/%s", name);
	for (int more = 0; more < 2; more++) {
		assert_int_equal(sign(HEX, 300, false, NOW, &at), 0);
		if (more == 1)
			folder_write(&top, path, "a bundle");
		staging_done(s, at);
		assert_int_equal(is_there("push-" HEX "-v1"), more == 1);
		assert_int_equal(is_there(name), more == 1);
	}
}

static void
test_where_there_is_no_room_the_quietest_is_forgotten_and_its_files_stay(
    void **state)
{
	char hash[STAGING_ORIGIN];
	struct staged *at;
	char hex[20];

	(void)state;
	for (int i = 0; i <= STAGING_MAX; i++) {
		snprintf(hex, sizeof(hex), "%016x", i);
		/* The third has been quiet the longest. */
		assert_int_equal(
		    sign(hex, 1, false, NOW + (i == 2 ? 0 : 1 + i), &at), 0);
	}
	staging_origin("loaxa/0000000000000002/log/v1", hash);
	assert_null(staging_find(s, hash, false));
	assert_true(is_there("push-0000000000000002-v1"));
	staging_origin("loaxa/0000000000000000/log/v1", hash);
	assert_non_null(staging_find(s, hash, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_an_older_one_stands_aside_while_a_larger_one_is_being_sent,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_another_history_lies_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_two_other_histories_do_not_lie_together, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_what_is_kept_goes_unless_more_has_come, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_where_there_is_no_room_the_quietest_is_forgotten_and_its_files_stay,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
