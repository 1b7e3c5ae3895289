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

#include <cmocka.h>

#include "evidence/submission.h"

#define HASH "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="

static struct submission
some(int hashes)
{
	struct submission s = { .old = 20852014, .note = "a\nb\n", .n = 4 };

	s.proof.n = hashes;
	for (int i = 0; i < hashes; i++)
		memset(&s.proof.at[i], i, sizeof(s.proof.at[i]));
	return s;
}

static void
test_what_is_made_is_read_back(void **state)
{
	static const int hashes[] = { 0, 1, 4, SUBMISSION_PROOF_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct submission s = some(hashes[i]), is;
		char *body;
		size_t n;

		assert_int_equal(submission_make(&s, &body, &n), 0);
		assert_int_equal(submission_read(body, n, &is), 0);
		assert_int_equal(is.old, s.old);
		assert_int_equal(is.proof.n, s.proof.n);
		assert_memory_equal(
		    is.proof.at, s.proof.at, (size_t)s.proof.n * HASH_BYTES);
		assert_int_equal(is.n, 4);
		assert_memory_equal(is.note, s.note, 4);
		free(body);
	}
}

static void
test_what_is_none_is_refused(void **state)
{
	static const char *const rows[] = { "", "old", "old \n", "old 1",
		"old 1\n", "old 1\n\n", "old 01\n\na\n", "old -1\n\na\n",
		"old +1\n\na\n", "Old 1\n\na\n", "old 1 \n\na\n",
		"old  1\n\na\n", "\nold 1\n\na\n",
		"old 99999999999999999999\n\na\n", "old 1\nx\n\na\n",
		"old 1\n" HASH, "old 1\n" HASH "\n", "old 1\n" HASH "=\n\na\n",
		"old 1\n " HASH "\n\na\n" };
	struct submission s = some(SUBMISSION_PROOF_MAX), is;
	char *body, *longer;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (submission_read(rows[i], strlen(rows[i]), &is) != -EBADMSG)
			fail_msg("\"%s\" was read", rows[i]);
	/* One hash more than there may be. */
	assert_int_equal(submission_make(&s, &body, &n), 0);
	assert_true(asprintf(&longer, "old 1\n" HASH "\n%s",
			strchr(body, '\n') + 1) > 0);
	assert_int_equal(
	    submission_read(longer, strlen(longer), &is), -EBADMSG);
	free(body);
	free(longer);
}

static void
test_a_proof_on_one_line(void **state)
{
	static const char *const none[] = { ",", HASH ",", "," HASH,
		HASH " " HASH, "x", HASH ",," HASH };
	char line[SUBMISSION_LINE];

	(void)state;
	for (int n = 0; n <= SUBMISSION_PROOF_MAX; n += 7) {
		struct submission s = some(n);
		struct merkle_path is;

		assert_int_equal(
		    submission_line_read(submission_line(&s.proof, line), &is),
		    0);
		assert_int_equal(is.n, n);
		assert_memory_equal(is.at, s.proof.at, (size_t)n * HASH_BYTES);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct merkle_path is;

		if (submission_line_read(none[i], &is) != -EBADMSG)
			fail_msg("\"%s\" was read", none[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_made_is_read_back),
		cmocka_unit_test(test_what_is_none_is_refused),
		cmocka_unit_test(test_a_proof_on_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
