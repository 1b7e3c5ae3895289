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

#include "evidence/checkpoint.h"
#include "evidence/note.h"

/* The example of the documentation of golang.org/x/mod/sumdb/note. */
#define PETER_KEY \
	"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_TEXT \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define PETER_LINE \
	"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgY" \
	"N1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define PETER_NOTE PETER_TEXT "\n" PETER_LINE

static const unsigned char seed[NOTE_KEY] = "a seed of thirty-two bytes, all";

static struct note_key
key_of(const char *vkey)
{
	struct note_key k;

	assert_int_equal(note_key_read(vkey, &k), 0);
	return k;
}

static int
opened_by(const char *note, const struct note_key *k)
{
	struct note_seen seen;
	size_t text;
	int r = note_open(note, strlen(note), k, 1, &seen, &text);

	assert_int_equal(seen.signed_it, r == 0);
	return r;
}

static void
test_a_note_that_another_program_signed_opens(void **state)
{
	struct note_key k = key_of(PETER_KEY);
	struct note_seen seen;
	char vkey[NOTE_VKEY];
	size_t text;

	(void)state;
	assert_string_equal(k.name, "PeterNeumann");
	assert_string_equal(note_key_text(&k, vkey), PETER_KEY);
	assert_int_equal(
	    note_open(PETER_NOTE, strlen(PETER_NOTE), &k, 1, &seen, &text), 0);
	assert_int_equal(text, strlen(PETER_TEXT));
}

static void
test_what_is_signed_opens_by_that_key_alone(void **state)
{
	struct note_key peter = key_of(PETER_KEY);
	struct note_signer s;
	char *note;
	size_t n;

	(void)state;
	assert_int_equal(
	    note_signer("que-minh/log/v1", NOTE_ED25519, seed, &s), 0);
	assert_int_equal(note_make(&s, "a\n\nb\n", 5, &note, &n), 0);
	assert_int_equal(n, strlen(note));
	assert_int_equal(opened_by(note, &s.key), 0);
	assert_int_equal(opened_by(note, &peter), -ENOKEY);
	note[0] = 'c';
	assert_int_equal(opened_by(note, &s.key), -EKEYREJECTED);
	free(note);
	note_forget(&s);
}

static void
test_a_cosignature_carries_its_time(void **state)
{
	struct note_signer log, witness;
	struct note_key keys[2];
	struct note_seen seen[2];
	char *note, *line, *both;
	size_t n, text;

	(void)state;
	assert_int_equal(note_signer("log", NOTE_ED25519, seed, &log), 0);
	assert_int_equal(
	    note_signer("above", NOTE_COSIGNATURE, seed, &witness), 0);
	assert_int_equal(note_make(&log, "log\n0\n", 6, &note, &n), 0);
	assert_int_equal(
	    note_sign(&witness, "log\n0\n", 6, 1795000000, &line), 0);
	assert_true(asprintf(&both, "%s%s", note, line) > 0);
	keys[0] = log.key;
	keys[1] = witness.key;
	assert_int_equal(
	    note_open(both, strlen(both), keys, 2, seen, &text), 0);
	assert_true(seen[0].signed_it && seen[1].signed_it);
	assert_int_equal(seen[1].time_s, 1795000000);
	/* Another time is another text. */
	both[strlen(note) + strlen("— above ") + 11] ^= 1;
	assert_true(note_open(both, strlen(both), keys, 2, seen, &text) < 0);
	free(both);
	free(line);
	free(note);
}

static void
test_what_is_no_note_is_refused(void **state)
{
	static const char *const bad[] = { "", "\n", "\n\n", PETER_TEXT,
		PETER_LINE, "a\n" PETER_LINE, PETER_TEXT "\n",
		PETER_TEXT "\n" PETER_LINE "\n", PETER_TEXT "\nx\n",
		PETER_TEXT "\n— PeterNeumann\n",
		PETER_TEXT "\n— PeterNeumann x08go/Z\n",
		PETER_TEXT "\n— Peter+Neumann x08go/ZJ\n",
		PETER_TEXT "\n—  x08go/ZJ\n", PETER_TEXT "\n- x x08go/ZJ\n",
		PETER_TEXT "\n— x\xc2\xa0y x08go/ZJ\n", "a\tb\n\n" PETER_LINE,
		"\xff\n\n" PETER_LINE };
	struct note_key k = key_of(PETER_KEY);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (opened_by(bad[i], &k) != -EBADMSG)
			fail_msg("%zu: %s", i, bad[i]);
}

static void
test_a_line_of_a_stranger_is_passed_over(void **state)
{
	struct note_key k = key_of(PETER_KEY);

	(void)state;
	assert_int_equal(opened_by(PETER_NOTE "— x x08go/ZJ\n", &k), 0);
	assert_int_equal(opened_by(PETER_TEXT "\n— x x08go/ZJ\n", &k), -ENOKEY);
	/* The name is his, the ID is not: somebody else. */
	assert_int_equal(
	    opened_by(PETER_TEXT "\n— PeterNeumann y08go/ZJ\n", &k), -ENOKEY);
}

static void
test_sixteen_signatures_are_read_and_sixty_five_are_not(void **state)
{
	struct note_key k = key_of(PETER_KEY);
	char note[8192] = PETER_TEXT "\n";

	(void)state;
	for (int i = 0; i < NOTE_SIGNATURES_MAX - 1; i++)
		strcat(note, "— x x08go/ZJ\n");
	strcat(note, PETER_LINE);
	assert_int_equal(opened_by(note, &k), 0);
	strcat(note, PETER_LINE);
	assert_int_equal(opened_by(note, &k), -EBADMSG);
}

static void
test_a_key_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "", "x", "+", "++",
		"PeterNeumann+c74f20a4+"
		"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumanm+c74f20a3+"
		"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+"
		"AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		PETER_KEY "=", PETER_KEY "\n", PETER_KEY "AAAA" };
	struct note_key k;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (note_key_read(bad[i], &k) != -EINVAL)
			fail_msg("%s", bad[i]);
	assert_int_equal(note_key("a b", NOTE_ED25519, seed, &k), -EINVAL);
	assert_int_equal(
	    note_key("a\xe2\x80\x83", NOTE_ED25519, seed, &k), -EINVAL);
}

/* "every bit of a checkpoint": whichever is flipped, it opens no more. */
static void
test_no_bit_of_a_checkpoint_can_be_changed(void **state)
{
	struct checkpoint c = { .origin = "loaxa/0123/log/v1", .size = 109500 };
	char text[CHECKPOINT_TEXT];
	struct note_signer s;
	char *note;
	size_t n;

	(void)state;
	memset(c.root.b, 0x5a, sizeof(c.root.b));
	assert_int_equal(note_signer(c.origin, NOTE_ED25519, seed, &s), 0);
	assert_int_equal(
	    note_make(&s, text, (size_t)checkpoint_text(&c, text), &note, &n),
	    0);
	assert_int_equal(checkpoint_open(note, n, &s.key, &c), 0);
	assert_int_equal(c.size, 109500);
	for (size_t bit = 0; bit < n * 8; bit++) {
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
		if (checkpoint_open(note, n, &s.key, &c) == 0)
			fail_msg("bit %zu", bit);
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t i = 0; i < n; i++)
		assert_true(checkpoint_open(note, i, &s.key, &c) < 0);
	free(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_note_that_another_program_signed_opens),
		cmocka_unit_test(test_what_is_signed_opens_by_that_key_alone),
		cmocka_unit_test(test_a_cosignature_carries_its_time),
		cmocka_unit_test(test_what_is_no_note_is_refused),
		cmocka_unit_test(test_a_line_of_a_stranger_is_passed_over),
		cmocka_unit_test(
		    test_sixteen_signatures_are_read_and_sixty_five_are_not),
		cmocka_unit_test(test_a_key_that_is_none_is_refused),
		cmocka_unit_test(test_no_bit_of_a_checkpoint_can_be_changed),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
