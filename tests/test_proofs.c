/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/proofs.h"

/* Nothing of it holds; it is only to be read. */
static struct proof *
made(int64_t index)
{
	struct proof *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->entry = strdup("{\"v\":1}");
	p->entry_n = strlen(p->entry);
	p->index = index;
	p->path.n = 2;
	p->note = strdup("a\n1\nx\n\n\xe2\x80\x94 a x\n");
	p->note_n = strlen(p->note);
	return p;
}

static char *
text_of(size_t n, size_t *ret_n)
{
	struct proofs s = { .n = 0 };
	char *text;

	while (s.n < n) {
		s.at[s.n] = made((int64_t)s.n);
		s.n++;
	}
	assert_int_equal(proofs_text(&s, &text, ret_n), 0);
	proofs_clear(&s);
	return text;
}

static void
test_several_are_read_as_they_were_written(void **state)
{
	struct proofs s;
	size_t n, again_n;
	char *again;
	char *text = text_of(3, &n);

	(void)state;
	assert_int_equal(proofs_read(text, n, &s), 0);
	assert_int_equal(s.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(s.at[i]->index, i);
		assert_string_equal(s.at[i]->entry, "{\"v\":1}");
	}
	assert_int_equal(proofs_text(&s, &again, &again_n), 0);
	assert_int_equal(again_n, n);
	assert_memory_equal(again, text, n);
	proofs_clear(&s);
	assert_int_equal(s.n, 0);
	free(again);
	free(text);
}

static void
test_one_that_is_none_makes_the_file_none(void **state)
{
	struct proofs s;
	size_t n;
	char *text = text_of(3, &n);
	char *second = strstr(text + 1, PROOF_HEAD);

	(void)state;
	assert_int_equal(proofs_read("", 0, &s), -EBADMSG);
	assert_int_equal(proofs_read("x\n", 2, &s), -EBADMSG);
	memcpy(strstr(second, "index"), "xedni", 5);
	assert_int_equal(proofs_read(text, n, &s), -EBADMSG);
	assert_int_equal(s.n, 0);
	assert_int_equal(proofs_read(text, (size_t)(second - text), &s), 0);
	assert_int_equal(s.n, 1);
	proofs_clear(&s);
	free(text);
}

static void
test_more_than_a_file_may_hold_are_refused(void **state)
{
	struct proofs s;
	size_t n, one;
	char *text = text_of(PROOFS_MAX, &n);
	char *more = text_of(1, &one);
	char *both;

	(void)state;
	assert_int_equal(proofs_read(text, n, &s), 0);
	proofs_clear(&s);
	both = malloc(n + one);
	assert_non_null(both);
	memcpy(both, text, n);
	memcpy(both + n, more, one);
	assert_int_equal(proofs_read(both, n + one, &s), -E2BIG);
	free(both);
	free(more);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_several_are_read_as_they_were_written),
		cmocka_unit_test(test_one_that_is_none_makes_the_file_none),
		cmocka_unit_test(test_more_than_a_file_may_hold_are_refused),
	};

	return cmocka_run_group_tests_name("proofs", tests, NULL, NULL);
}
