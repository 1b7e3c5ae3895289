/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ctl/pull.h"
#include "tests/fakes/folder.h"

static struct folder top;
static struct collector *c;
static char why[200];

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static int
set_up(void **state)
{
	char path[96];

	(void)state;
	folder_make(&top);
	snprintf(path, sizeof(path), "%s/store", top.path);
	return collect_open(path, draw, &c);
}

static int
tear_down(void **state)
{
	(void)state;
	collect_close(c);
	folder_remove(&top);
	return 0;
}

/* What comes of a loaxa-fetch that does this with each line it reads. */
static int
pulled(const char *does)
{
	char script[400], path[96], folder[96];

	snprintf(script, sizeof(script),
	    "#!/bin/sh\nfolder=$2\nwhile read -r name most; do\n%s\ndone\n",
	    does);
	folder_write(&top, "loaxa-fetch", script);
	snprintf(path, sizeof(path), "%s/loaxa-fetch", top.path);
	chmod(path, 0700);
	snprintf(folder, sizeof(folder), "%s/in", top.path);
	why[0] = '\0';
	return pull_station(
	    c, top.path, "http://x", folder, false, why, sizeof(why));
}

static void
test_an_address_is_no_folder(void **state)
{
	(void)state;
	assert_true(pull_is_url("https://a/b"));
	assert_true(pull_is_url("http://a"));
	assert_false(pull_is_url("http"));
	assert_false(pull_is_url("/media/usb"));
	assert_false(pull_is_url("ftp://a"));
}

static void
test_what_the_other_process_says_is_passed_on(void **state)
{
	(void)state;
	assert_int_equal(pulled("echo absent"), -ENOENT);
	assert_int_equal(pulled("echo no route"), -EIO);
	assert_string_equal(why, "v1/checkpoint: no route");
	assert_int_equal(pulled("exit 1"), -EIO);
	assert_string_equal(why, "loaxa-fetch has ended");
}

/* A server may say anything: what is no checkpoint asks for nothing more. */
static void
test_junk_is_left_to_who_reads_it(void **state)
{
	(void)state;
	assert_int_equal(
	    pulled("case $name in v1/checkpoint) mkdir -p $folder/v1; "
		   "echo junk >$folder/$name; echo ok;; v1/vkey) echo absent;; "
		   "*) [ $name = v2/checkpoint ] && echo absent || echo bad;; "
		   "esac"),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_an_address_is_no_folder),
		T(test_what_the_other_process_says_is_passed_on),
		T(test_junk_is_left_to_who_reads_it),
	};

	return cmocka_run_group_tests_name("pull", tests, NULL, NULL);
}
