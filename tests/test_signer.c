/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/signer.h"
#include "tests/fakes/folder.h"

static int drawn;

static int
draw(void *bytes, size_t n)
{
	memset(bytes, ++drawn, n);
	return 0;
}

static int
draw_nothing(void *bytes, size_t n)
{
	(void)bytes;
	(void)n;
	return -EIO;
}

static void
test_a_key_is_made_once_and_for_its_user_alone(void **state)
{
	unsigned char a[NOTE_KEY], b[NOTE_KEY];
	struct folder f;
	char path[128];
	struct stat st;

	(void)state;
	folder_make(&f);
	snprintf(path, sizeof(path), "%s/key", f.path);
	assert_int_equal(signer_open(path, draw, a), 0);
	assert_int_equal(signer_open(path, draw_nothing, b), 0);
	assert_memory_equal(a, b, NOTE_KEY);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	strcat(path, "/" SIGNER_FILE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Once opened to others, it is closed again. */
	assert_int_equal(chmod(path, 0644), 0);
	*strrchr(path, '/') = '\0';
	assert_int_equal(signer_open(path, draw_nothing, b), 0);
	strcat(path, "/" SIGNER_FILE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	folder_remove(&f);
}

static void
test_what_is_no_key_is_left_alone(void **state)
{
	static const char *const bad[] = { "x", "loaxa-key-1 \n",
		"loaxa-key-2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
		"loaxa-key-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
		"loaxa-key-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n",
		"loaxa-key-1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=\n" };
	unsigned char seed[NOTE_KEY];
	struct folder f;
	char path[128];
	char *text;

	(void)state;
	folder_make(&f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		folder_write(&f, "key/" SIGNER_FILE, bad[i]);
		snprintf(path, sizeof(path), "%s/key", f.path);
		assert_int_equal(signer_open(path, draw, seed), -EBADMSG);
		strcat(path, "/" SIGNER_FILE);
		text = folder_slurp(path, NULL);
		assert_string_equal(text, bad[i]);
		free(text);
	}
	folder_remove(&f);
}

static void
test_without_randomness_there_is_no_key(void **state)
{
	unsigned char seed[NOTE_KEY];
	struct folder f;
	char path[128];

	(void)state;
	folder_make(&f);
	snprintf(path, sizeof(path), "%s/key", f.path);
	assert_int_equal(signer_open(path, draw_nothing, seed), -EIO);
	strcat(path, "/" SIGNER_FILE);
	assert_int_equal(access(path, F_OK), -1);
	folder_remove(&f);
}

static void
test_an_origin_tells_the_key_and_which_of_its_logs(void **state)
{
	unsigned char seed[NOTE_KEY] = { 7 };
	char one[NOTE_NAME], two[NOTE_NAME];

	(void)state;
	assert_int_equal(signer_origin(seed, 1, one), 0);
	assert_int_equal(signer_origin(seed, 12, two), 0);
	assert_int_equal(strlen(one), strlen("loaxa/0123456789abcdef/log/v1"));
	assert_int_equal(memcmp(one, two, strlen(one) - 1), 0);
	assert_int_equal(signer_number(one), 1);
	assert_int_equal(signer_number(two), 12);
	assert_int_equal(signer_number("loaxa/0123456789abcdef/log/v0"), 0);
	assert_int_equal(signer_number("loaxa/0123456789abcdef/log/v1x"), 0);
	assert_int_equal(signer_number("somebody/log/v1"), 0);
	assert_int_equal(signer_number(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_key_is_made_once_and_for_its_user_alone),
		cmocka_unit_test(test_what_is_no_key_is_left_alone),
		cmocka_unit_test(test_without_randomness_there_is_no_key),
		cmocka_unit_test(
		    test_an_origin_tells_the_key_and_which_of_its_logs),
	};

	return cmocka_run_group_tests_name("signer", tests, NULL, NULL);
}
