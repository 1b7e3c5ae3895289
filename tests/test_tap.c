/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
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

#include "playout/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ADDRESS "http://ten:mat-khau@127.0.0.1/vov1"

static char folder[] = "/tmp/loaxa-tap-XXXXXX";
static char program[64];

/* In the place of loaxa-source: says `words`, and ends. */
static void
a_source(const char *words)
{
	FILE *f = fopen(program, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\ncat >&2 <<'END'\n%s\nEND\n", words);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(program, 0700), 0);
}

static void
said_of(const struct tap_setup *setup, const char *words, const char *wanted)
{
	struct tap *t = NULL;

	a_source(words);
	assert_int_equal(tap_start(folder, setup, &t), 0);
	while (!tap_ended(t)) {
		struct pollfd p = { .fd = tap_fd(t), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 20000), 1);
	}
	if (strcmp(tap_words(t), wanted) != 0)
		fail_msg("\"%s\" is told as \"%s\"", words, tap_words(t));
	assert_false(tap_gives(t));
	assert_int_equal(tap_fd(t), -1);
	tap_free(t);
}

static void
test_a_line_in_that_is_gone_says_so_without_arecords_own_words(void **state)
{
	static const struct {
		const char *words, *wanted;
	} cases[] = {
		{ "arecord: pcm_read:2221: read error: No such device",
		    "read error: No such device" },
		{ "arecord: main:831: audio open error: Device or resource "
		  "busy",
		    "audio open error: Device or resource busy" },
		{ "Stream error: Entity killed",
		    "Stream error: Entity killed" },
		{ "arecord: and more", "arecord: and more" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		said_of(&(struct tap_setup){ .url = "", .line = "plughw:1" },
		    cases[i].words, cases[i].wanted);
}

static void
test_the_password_in_an_address_is_never_told(void **state)
{
	static const struct {
		const char *words, *wanted;
	} cases[] = {
		{ ADDRESS ": Connection refused", "Connection refused" },
		{ "[tcp @ 0x5566] Connection timed out",
		    "Connection timed out" },
		{ "opening " ADDRESS " failed", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		said_of(&(struct tap_setup){ .url = ADDRESS, .line = "" },
		    cases[i].words, cases[i].wanted);
}

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(program, sizeof(program), "%s/loaxa-source", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(program);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_line_in_that_is_gone_says_so_without_arecords_own_words),
		cmocka_unit_test(test_the_password_in_an_address_is_never_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
