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

#include "evidence/proof.h"

#define LEAVES 7
#define ENTRY "{\"v\":1,\"kind\":\"end\"}"

static struct note_signer signer;

static int
node(void *arg, int height, int64_t index, struct merkle_hash *ret)
{
	struct merkle t = { 0 };

	(void)arg;
	for (int64_t i = index << height; i < (index + 1) << height; i++) {
		struct merkle_hash h;

		merkle_leaf(
		    i == 4 ? ENTRY : "x", i == 4 ? strlen(ENTRY) : 1, &h);
		merkle_add(&t, &h, NULL, NULL);
	}
	merkle_root(&t, ret);
	return 0;
}

/* Of entry 4 of seven. */
static struct proof
made(void)
{
	static const unsigned char seed[NOTE_KEY] = "s";
	struct merkle_source src = { node, NULL };
	struct checkpoint c = { .origin = "que-minh/log/v1", .size = LEAVES };
	struct proof p = {
		.entry = (char *)ENTRY, .entry_n = strlen(ENTRY), .index = 4
	};
	char text[CHECKPOINT_TEXT];
	struct merkle t;

	assert_int_equal(merkle_at(&src, LEAVES, &t), 0);
	merkle_root(&t, &c.root);
	assert_int_equal(merkle_inclusion(&src, 4, LEAVES, &p.path), 0);
	assert_int_equal(note_signer(c.origin, NOTE_ED25519, seed, &signer), 0);
	assert_int_equal(
	    note_make(&signer, text, (size_t)checkpoint_text(&c, text), &p.note,
		&p.note_n),
	    0);
	return p;
}

static char *
text_of(const struct proof *p, size_t *ret_n)
{
	char *text;

	assert_int_equal(proof_text(p, &text, ret_n), 0);
	return text;
}

static int
checked(const char *text, size_t n, struct checkpoint *c)
{
	struct proof *p;
	int r = proof_read(text, n, &p);

	if (r < 0)
		return r;
	r = p->entry == NULL
		? -ENODATA
		: proof_check(p, p->entry, p->entry_n, &signer.key, c);
	proof_free(p);
	return r;
}

static void
test_a_proof_is_read_as_it_was_written_and_holds(void **state)
{
	struct proof p = made();
	struct checkpoint c;
	size_t n;
	char *text = text_of(&p, &n);

	(void)state;
	assert_int_equal(
	    strncmp(text, "c2sp.org/tlog-proof@v1\nextra eyJ2", 33), 0);
	assert_non_null(strstr(text, "\nindex 4\n"));
	assert_int_equal(checked(text, n, &c), 0);
	assert_int_equal(c.size, LEAVES);
	free(text);
	free(p.note);
}

static void
test_without_the_entry_it_proves_one_that_is_brought(void **state)
{
	struct proof p = made();
	struct checkpoint c;
	struct proof *back;
	size_t n;
	char *text;

	(void)state;
	p.entry = NULL;
	text = text_of(&p, &n);
	assert_int_equal(proof_read(text, n, &back), 0);
	assert_null(back->entry);
	assert_int_equal(
	    proof_check(back, ENTRY, strlen(ENTRY), &signer.key, &c), 0);
	assert_int_equal(
	    proof_check(back, ENTRY " ", strlen(ENTRY) + 1, &signer.key, &c),
	    -EILSEQ);
	proof_free(back);
	free(text);
	free(p.note);
}

static void
test_no_bit_of_a_proof_can_be_changed(void **state)
{
	struct proof p = made();
	struct checkpoint c;
	size_t n;
	char *text = text_of(&p, &n);

	(void)state;
	for (size_t bit = 0; bit < n * 8; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		if (checked(text, n, &c) == 0)
			fail_msg("bit %zu: %s", bit, text);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t i = 0; i < n; i++)
		assert_true(checked(text, i, &c) < 0);
	free(text);
	free(p.note);
}

static void
test_what_is_no_proof_is_refused(void **state)
{
	static const char *const bad[] = { "", "c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v2\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\nindex 00\n\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
		"c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\nextra AA==\n",
		"c2sp.org/tlog-proof@v1\nindex 0\n" };
	struct proof *p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (proof_read(bad[i], strlen(bad[i]), &p) != -EBADMSG)
			fail_msg("%s", bad[i]);
	assert_null(proof_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_proof_is_read_as_it_was_written_and_holds),
		cmocka_unit_test(
		    test_without_the_entry_it_proves_one_that_is_brought),
		cmocka_unit_test(test_no_bit_of_a_proof_can_be_changed),
		cmocka_unit_test(test_what_is_no_proof_is_refused),
	};

	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
