/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/need.h"

static const char *missing; /* of the made-up computer's programs */

static bool
has(const char *program)
{
	return strstr(program, missing) == NULL;
}

static struct site_relay relays[] = {
	{ .id = "giu-gio", .source_line = 3 }, /* its time is kept free */
	{ .id = "vov1", .url = "http://127.0.0.1/vov1", .source_line = 4 },
	{ .id = "huyen", .line = "plughw:CARD=Line", .source_line = 5 },
};
static const struct site site = { .relays = relays, .n_relays = 3 };

static void
told(const char *without, int line, const char *text)
{
	struct problems ps = { 0 };
	const struct site_relay *r;

	missing = without;
	need_check(&site, has, "loaxa.conf", &ps);
	r = need_lacking(&site, has);
	assert_int_equal(ps.n, text != NULL);
	if (text == NULL) {
		assert_null(r);
	} else {
		assert_int_equal(ps.list[0].line, line);
		assert_int_equal(r->source_line, line);
		if (strstr(ps.list[0].text, text) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", ps.list[0].text, text);
	}
	problems_free(&ps);
}

static void
test_a_relay_without_its_program_is_told_with_the_package(void **state)
{
	(void)state;
	told("ffmpeg", 4,
	    "the relay \"vov1\" takes the program /usr/bin/ffmpeg, which this "
	    "computer does not have; have the administrator run: apt-get "
	    "install ffmpeg");
	told("arecord", 5, "apt-get install alsa-utils");
	told("mpg123", 0, NULL);
}

static void
test_a_program_is_there_when_it_may_be_executed(void **state)
{
	(void)state;
	assert_true(need_has("/bin/sh"));
	assert_false(need_has("/etc/passwd"));
	assert_false(need_has("/usr"));
	assert_false(need_has("/nowhere/ffmpeg"));
}

static void
test_intake_takes_ffmpeg_or_the_one_that_is_named(void **state)
{
	(void)state;
	unsetenv("LOAXA_FFMPEG");
	assert_string_equal(need_of_intake().program, "/usr/bin/ffmpeg");
	setenv("LOAXA_FFMPEG", "/opt/ffmpeg", 1);
	assert_string_equal(need_of_intake().program, "/opt/ffmpeg");
	assert_string_equal(need_of_intake().package, "ffmpeg");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_relay_without_its_program_is_told_with_the_package),
		cmocka_unit_test(
		    test_a_program_is_there_when_it_may_be_executed),
		cmocka_unit_test(
		    test_intake_takes_ffmpeg_or_the_one_that_is_named),
	};

	setenv("LOAXA_LANG", "en", 1);
	setenv("LANGUAGE", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
