/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/trees.h"
#include "tests/fakes/fake_seal.h"

/* The log's line with that seq. */
struct wanted {
	int64_t seq;
	char *line;
};

static int
find(void *arg, const char *line, size_t n, int64_t seq)
{
	struct wanted *w = arg;

	if (seq == w->seq)
		w->line = strndup(line, n);
	return 0;
}

static void
expect_proved(const struct fake_seal *s, int64_t seq)
{
	struct wanted w = { .seq = seq };
	struct note_key key;
	struct checkpoint c;
	struct proof *p;
	int r = trees_prove(s->trees, seq, &p);

	if (r < 0)
		fail_msg("record %lld: %d", (long long)seq, r);
	ledger_each(s->log.disk, find, &w);
	assert_string_equal(p->entry, w.line);
	assert_int_equal(trees_key(s->trees, trees_last(s->trees), &key), 0);
	if (proof_check(p, p->entry, p->entry_n, &key, &c) < 0) {
		assert_int_equal(trees_key(s->trees, 1, &key), 0);
		assert_int_equal(
		    proof_check(p, p->entry, p->entry_n, &key, &c), 0);
	}
	proof_free(p);
	free(w.line);
}

static void
test_every_record_has_its_proof_in_whichever_tree_it_is(void **state)
{
	struct fake_seal s;
	struct proof *p;

	(void)state;
	fake_seal_init(&s);
	assert_int_equal(trees_prove(s.trees, 0, &p), -ENOENT);
	fake_seal_add(&s, 20);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 4);
	fake_seal_publish(&s);
	for (int i = 0; i < 24; i++)
		expect_proved(&s, i);
	assert_int_equal(trees_prove(s.trees, 24, &p), -ENODATA);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	s.number = 1000;
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	assert_int_equal(trees_last(s.trees), 2);
	for (int i = 0; i < 24; i++)
		expect_proved(&s, i);
	fake_seal_free(&s);
}

static void
test_a_damaged_tree_proves_nothing(void **state)
{
	struct fake_seal s;
	struct proof *p;
	char *bytes;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 20);
	fake_seal_publish(&s);
	bytes = fake_seal_read(&s, "tree/v1/tile/0/000.p/20", &n);
	bytes[33] ^= 1;
	folder_write_bytes(&s.top, "tree/v1/tile/0/000.p/20", bytes, n);
	assert_int_equal(trees_prove(s.trees, 0, &p), -EBADMSG);
	free(bytes);
	folder_write(&s.top, "tree/v1/checkpoint", "x\n");
	assert_int_equal(trees_prove(s.trees, 0, &p), -EBADMSG);
	fake_seal_free(&s);
}

/* The first entry of the published copy tells which leaf is which record: one
 * that was put there by hand makes another record's proof of none. */
static void
test_a_copy_that_was_changed_proves_no_other_record(void **state)
{
	static const char name[] = "tree/v1/tile/entries/000.p/20";
	struct fake_seal s;
	struct proof *p;
	char *bytes;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 20);
	fake_seal_publish(&s);
	bytes = fake_seal_forge_epoch(&s, name, 2, 1, &n);
	folder_write_bytes(&s.top, name, bytes, n);
	free(bytes);
	assert_int_equal(trees_prove(s.trees, 10, &p), -EBADMSG);
	fake_seal_free(&s);
}

/* Nothing can be shown of it, but its place. */
static void
test_a_record_that_was_lost_before_it_was_signed_has_no_proof(void **state)
{
	struct fake_seal s;
	struct proof *p;
	size_t n;
	char *text;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	strchr(text, '\n')[5] = '#';
	folder_write_bytes(&s.top, "log/airing-2026-11.jsonl", text, n);
	free(text);
	fake_seal_reopen_log(&s);
	fake_seal_publish(&s);
	assert_int_equal(trees_prove(s.trees, 1, &p), -ENOMSG);
	expect_proved(&s, 2);
	fake_seal_free(&s);
}

static void
test_keys_are_found_by_the_origin(void **state)
{
	struct fake_seal s;
	struct note_key k;
	char origin[NOTE_NAME];

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	strcpy(origin, seal_origin(s.seal));
	assert_int_equal(trees_key_of(s.trees, origin, &k), 0);
	assert_string_equal(k.name, origin);
	assert_int_equal(trees_key_of(s.trees, "x", &k), -ENOENT);
	assert_int_equal(trees_last("/no/such/folder"), -ENOENT);
	fake_seal_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_record_has_its_proof_in_whichever_tree_it_is),
		cmocka_unit_test(test_a_damaged_tree_proves_nothing),
		cmocka_unit_test(
		    test_a_copy_that_was_changed_proves_no_other_record),
		cmocka_unit_test(
		    test_a_record_that_was_lost_before_it_was_signed_has_no_proof),
		cmocka_unit_test(test_keys_are_found_by_the_origin),
	};

	return cmocka_run_group_tests_name("trees", tests, NULL, NULL);
}
