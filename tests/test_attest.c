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

#include "evidence/attest.h"
#include "evidence/cosigned.h"
#include "evidence/trees.h"
#include "tests/fakes/fake_seal.h"

/* What the level above makes of the published checkpoint goes into the log. */
static void
anchor(struct fake_seal *s, int tree, const char *spoil)
{
	static const unsigned char seed[NOTE_KEY] = "tinh";
	struct checkpoint c = fake_seal_checkpoint(s, tree);
	struct note_signer up;
	char name[64];
	char text[CHECKPOINT_TEXT];
	char *note, *line;
	size_t n;
	json_t *body;

	snprintf(name, sizeof(name), "tree/v%d/checkpoint", tree);
	note = fake_seal_read(s, name, &n);
	assert_int_equal(note_signer("tinh", NOTE_COSIGNATURE, seed, &up), 0);
	assert_int_equal(note_sign(&up, text, (size_t)checkpoint_text(&c, text),
			     1764000000, &line),
	    0);
	body = json_pack("{s:s, s:I, s:s, s:s, s:o}", "origin", c.origin,
	    "size", (json_int_t)c.size, "cosigner", "tinh", "cosigned_utc",
	    "2025-11-24T16:00:00.000000Z", "note",
	    json_sprintf("%s%s%s", spoil, note, line));
	free(note);
	free(line);
	note = json_dumps(body, 0);
	fake_log_add(&s->log, KIND_ANCHOR, note, NULL);
	json_decref(body);
	free(note);
}

static struct index *
indexed(const struct fake_seal *s)
{
	struct index *x;

	assert_int_equal(index_open(s->log.disk, ":memory:", &x), 0);
	return x;
}

/* Asked for are n of them. Each holds; under checkpoints of these sizes. */
static void
expect_all(const struct fake_seal *s, struct index *x, const int64_t *seqs,
    size_t n, size_t all, const int64_t *sizes)
{
	struct proofs got;
	struct checkpoint c;
	struct note_key key;
	int64_t seq;

	struct attest_setup up = { s->trees, x, s->log.disk };

	assert_int_equal(attest(&up, seqs, n, &got, &seq), 0);
	assert_int_equal(got.n, all);
	for (size_t i = 0; i < all; i++) {
		const struct proof *p = got.at[i];
		int r = -ENOKEY;

		assert_int_equal(record_seq(p->entry, p->entry_n), seqs[i]);
		for (int k = 1; r < 0 && k <= trees_last(s->trees); k++)
			if (trees_key(s->trees, k, &key) == 0)
				r = proof_check(
				    p, p->entry, p->entry_n, &key, &c);
		assert_int_equal(r, 0);
		assert_int_equal(c.size, sizes[i]);
	}
	proofs_clear(&got);
}

static void
expect(const struct fake_seal *s, struct index *x, const int64_t *seqs,
    size_t n, const int64_t *sizes)
{
	expect_all(s, x, seqs, n, n, sizes);
}

static void
test_all_are_under_the_first_cosigned_checkpoint_that_has_them(void **state)
{
	static const int64_t seqs[] = { 7, 2, 19 };
	struct fake_seal s;
	struct index *x;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	anchor(&s, 1, "");
	fake_seal_add(&s, 300);
	fake_seal_publish(&s);
	anchor(&s, 1, "x"); /* of another log, or damaged */
	anchor(&s, 1, "");
	fake_seal_publish(&s);
	x = indexed(&s);
	expect(&s, x, seqs, 2, (const int64_t[]){ 10, 10 });
	/* The damaged one is the first that would do. */
	expect(&s, x, seqs, 3, (const int64_t[]){ 313, 313, 313 });
	expect(&s, NULL, seqs, 3, (const int64_t[]){ 313, 313, 313 });
	index_close(x);
	fake_seal_free(&s);
}

static void
test_each_tree_has_its_own_checkpoint_and_shows_where_it_began(void **state)
{
	/* Behind them the record that began the later tree. */
	static const int64_t seqs[] = { 1, 21, 19, 23 };
	struct fake_seal s;
	struct proofs got;
	struct attest_setup up;
	struct index *x;
	int64_t seq = -1;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 20);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 4);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	s.number = 1000;
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	anchor(&s, 2, "");
	fake_seal_publish(&s);
	x = indexed(&s);
	assert_int_equal(trees_last(s.trees), 2);
	expect_all(&s, x, seqs, 3, 4, (const int64_t[]){ 24, 4, 24, 4 });
	/* Not where one tree has all of them. */
	expect(&s, x, &seqs[1], 1, (const int64_t[]){ 4 });
	/* What is not there says which. */
	up = (struct attest_setup){ s.trees, x, NULL };
	assert_int_equal(
	    attest(&up, (const int64_t[]){ 1, 99 }, 2, &got, &seq), -ENODATA);
	assert_int_equal(seq, 99);
	assert_int_equal(got.n, 0);
	index_close(x);
	fake_seal_free(&s);
}

/* Of a later tree's records, which leaf is which says its first entry; without
 * that file the log's lines do. */
static void
test_what_is_published_no_more_is_proved_by_the_log(void **state)
{
	static const int64_t seqs[] = { 1, 21, 22 };
	struct fake_seal s;
	struct attest_setup up;
	struct proofs got;
	int64_t seq;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 20);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 4);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	s.number = 1000;
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "none", "tree/v2/tile/entries");
	expect(&s, NULL, seqs, 3, (const int64_t[]){ 24, 4, 4 });
	/* Without the log nobody has those bytes; and who knows whether the
	 * first tree's record counts? */
	up = (struct attest_setup){ s.trees, NULL, NULL };
	assert_int_equal(attest(&up, &seqs[2], 1, &got, &seq), -EBADMSG);
	assert_int_equal(seq, 22);
	assert_int_equal(attest(&up, &seqs[0], 1, &got, &seq), -EBADMSG);
	fake_seal_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_all_are_under_the_first_cosigned_checkpoint_that_has_them),
		cmocka_unit_test(
		    test_each_tree_has_its_own_checkpoint_and_shows_where_it_began),
		cmocka_unit_test(
		    test_what_is_published_no_more_is_proved_by_the_log),
	};

	return cmocka_run_group_tests_name("attest", tests, NULL, NULL);
}
