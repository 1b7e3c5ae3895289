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

#include "ctl/keyring.h"
#include "tests/fakes/folder.h"

#define KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

static void
test_a_key_is_text_or_a_file_with_it(void **state)
{
	struct folder f;
	struct note_key k;
	char path[128];

	(void)state;
	folder_make(&f);
	assert_int_equal(keyring_keys(KEY, &k, 1), 1);
	assert_string_equal(k.name, "PeterNeumann");
	folder_write(&f, "vkey", KEY "\r\n");
	snprintf(path, sizeof(path), "%s/vkey", f.path);
	assert_int_equal(keyring_keys(path, &k, 1), 1);
	folder_write(&f, "vkey", "what\n");
	assert_int_equal(keyring_keys(path, &k, 1), -EINVAL);
	folder_write(&f, "vkey", "\n");
	assert_int_equal(keyring_keys(path, &k, 1), -EINVAL);
	assert_int_equal(keyring_keys("what", &k, 1), -EINVAL);
	folder_remove(&f);
}

static void
test_a_file_holds_all_keys_that_a_station_has_had(void **state)
{
	struct folder f;
	struct note_key k[3];
	char path[128];

	(void)state;
	folder_make(&f);
	snprintf(path, sizeof(path), "%s/vkey", f.path);
	folder_write(&f, "vkey", KEY "\n\n" KEY);
	assert_int_equal(keyring_keys(path, k, 3), 2);
	assert_string_equal(k[1].name, "PeterNeumann");
	assert_int_equal(keyring_keys(path, k, 1), -EINVAL);
	folder_write(&f, "vkey", KEY "\nwhat\n");
	assert_int_equal(keyring_keys(path, k, 3), -EINVAL);
	folder_remove(&f);
}

static void
test_a_file_that_is_too_large_is_not_read(void **state)
{
	struct folder f;
	char path[128];
	char *bytes;
	size_t n;

	(void)state;
	folder_make(&f);
	folder_write(&f, "a", "12345");
	snprintf(path, sizeof(path), "%s/a", f.path);
	assert_int_equal(keyring_slurp(path, 4, &bytes, &n), -EFBIG);
	assert_int_equal(keyring_slurp(path, 5, &bytes, &n), 0);
	assert_int_equal(n, 5);
	assert_string_equal(bytes, "12345");
	free(bytes);
	assert_int_equal(
	    keyring_slurp("/no/such/file", 5, &bytes, &n), -ENOENT);
	assert_int_equal(keyring_slurp(f.path, 5, &bytes, &n), -EISDIR);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_is_text_or_a_file_with_it),
		cmocka_unit_test(
		    test_a_file_holds_all_keys_that_a_station_has_had),
		cmocka_unit_test(test_a_file_that_is_too_large_is_not_read),
	};

	return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
