/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* FIPS 180-4's own examples, and the empty text. */
static const struct {
	const char *when;
	const char *bytes;
	const char *hex;
} vectors[] = {
	{ "nothing", "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"
	    "5" },
	{ "one block", "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
	    "d" },
	{ "two blocks",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c"
	    "1" },
};

static void
test_known_texts_have_their_known_hash(void **state)
{
	char hex[HASH_HEX];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		assert_int_equal(
		    hash_bytes(vectors[i].bytes, strlen(vectors[i].bytes), hex),
		    0);
		if (strcmp(hex, vectors[i].hex) != 0)
			fail_msg("%s: %s", vectors[i].when, hex);
	}
}

static void
test_a_file_is_hashed_from_its_start_and_left_where_it_was(void **state)
{
	FILE *f = tmpfile();
	char hex[HASH_HEX];
	char want[HASH_HEX];
	char *big = malloc(200000); /* more than the reader's buffer */
	int fd = fileno(f);

	(void)state;
	memset(big, 'x', 200000);
	assert_int_equal(write(fd, big, 200000), 200000);
	assert_int_equal(lseek(fd, 17, SEEK_SET), 17);
	assert_int_equal(hash_fd(fd, hex), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 17);
	hash_bytes(big, 200000, want);
	assert_string_equal(hex, want);
	free(big);
	fclose(f);
}

static void
test_pieces_hash_as_the_whole_they_make(void **state)
{
	char whole[HASH_HEX];
	char pieces[HASH_HEX];

	(void)state;
	for (size_t cut = 0; cut <= 3; cut++) {
		struct hash *h = hash_start();

		assert_non_null(h);
		assert_int_equal(hash_more(h, "loa", cut), 0);
		assert_int_equal(hash_more(h, "loa" + cut, 3 - cut), 0);
		assert_int_equal(hash_end(h, pieces), 0);
		hash_bytes("loa", 3, whole);
		assert_string_equal(pieces, whole);
	}
	assert_int_equal(hash_end(NULL, pieces), -ENOMEM);
}

static void
test_what_cannot_be_read_is_an_error_and_no_hash(void **state)
{
	char hex[HASH_HEX] = "untouched";
	int fds[2];

	(void)state;
	assert_int_equal(hash_fd(-1, hex), -EBADF);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(hash_fd(fds[0], hex), -ESPIPE);
	assert_string_equal(hex, "untouched");
	close(fds[0]);
	close(fds[1]);
}

static void
test_only_64_lower_case_digits_are_a_hash(void **state)
{
	char hex[HASH_HEX + 1];

	(void)state;
	strcpy(hex, vectors[0].hex);
	assert_true(hash_is_hex(hex));
	hex[3] = 'A';
	assert_false(hash_is_hex(hex));
	hex[3] = 'g';
	assert_false(hash_is_hex(hex));
	hex[3] = '0';
	hex[63] = '\0';
	assert_false(hash_is_hex(hex));
	strcpy(hex + 63, "00");
	assert_false(hash_is_hex(hex));
	assert_false(hash_is_hex(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_texts_have_their_known_hash),
		cmocka_unit_test(
		    test_a_file_is_hashed_from_its_start_and_left_where_it_was),
		cmocka_unit_test(test_pieces_hash_as_the_whole_they_make),
		cmocka_unit_test(
		    test_what_cannot_be_read_is_an_error_and_no_hash),
		cmocka_unit_test(test_only_64_lower_case_digits_are_a_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
