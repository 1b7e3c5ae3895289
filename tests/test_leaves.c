/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/leaves.h"

#define EPOCH(seq, rest) \
	"{\"v\":1,\"kind\":\"epoch\",\"seq\":" seq ",\"station\":\"\"," rest "}"

static int
read_text(const char *text, struct leaves *l)
{
	return leaves_read(text, strlen(text), "o/v2", l);
}

static void
test_the_first_tree_has_every_record_at_its_own_number(void **state)
{
	struct leaves l = LEAVES_FIRST;

	(void)state;
	for (int64_t i = 0; i < 9; i++) {
		assert_int_equal(leaves_index(&l, i), i);
		assert_int_equal(leaves_seq(&l, i), i);
	}
	assert_int_equal(leaves_end(&l, 9), 9);
}

static void
test_a_later_tree_begins_with_its_epoch(void **state)
{
	static const int64_t seqs[] = { 14, 10, 11, 12, 13, 15, 16 };
	struct leaves l;

	(void)state;
	assert_int_equal(
	    read_text(EPOCH("14", "\"origin\":\"o/v2\",\"from\":10"), &l), 0);
	for (int64_t i = 0; i < 7; i++) {
		assert_int_equal(leaves_seq(&l, i), seqs[i]);
		assert_int_equal(leaves_index(&l, seqs[i]), i);
	}
	assert_int_equal(leaves_index(&l, 9), -1);
	assert_int_equal(leaves_end(&l, 7), 17);
}

static void
test_an_epoch_may_have_nothing_before_it(void **state)
{
	struct leaves l;

	(void)state;
	assert_int_equal(read_text(EPOCH("3", "\"origin\":\"o/v2\""), &l), 0);
	assert_int_equal(leaves_seq(&l, 0), 3);
	assert_int_equal(leaves_seq(&l, 1), 4);
	assert_int_equal(leaves_index(&l, 2), -1);
}

static void
test_what_began_no_such_tree_is_refused(void **state)
{
	static const char *const bad[] = { "",
		EPOCH("3", "\"reason\":\"restore\""),
		EPOCH("3", "\"origin\":\"o/v3\""),
		EPOCH("3", "\"origin\":\"o/v2\",\"from\":4"),
		EPOCH("3", "\"origin\":\"o/v2\",\"from\":-1"),
		"{\"v\":1,\"kind\":\"op\",\"seq\":3,\"origin\":\"o/v2\"}" };
	struct leaves l;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_text(bad[i], &l) != -EBADMSG)
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_first_tree_has_every_record_at_its_own_number),
		cmocka_unit_test(test_a_later_tree_begins_with_its_epoch),
		cmocka_unit_test(test_an_epoch_may_have_nothing_before_it),
		cmocka_unit_test(test_what_began_no_such_tree_is_refused),
	};

	return cmocka_run_group_tests_name("leaves", tests, NULL, NULL);
}
