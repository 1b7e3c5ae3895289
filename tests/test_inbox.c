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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/inbox.h"
#include "tests/fakes/folder.h"

static struct folder f;
static char seen[1000]; /* the paths visited, below the folder, with blanks */

static int
note(void *arg, const char *path)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof(seen) - n, "%s ", path + strlen(f.path) + 1);
	return *(int *)arg;
}

/* Visits at the real time plus so many seconds; what was seen. */
static const char *
visit(int64_t later_s, int code)
{
	seen[0] = '\0';
	assert_int_equal(
	    inbox_each(f.path, (int64_t)time(NULL) + later_s, note, &code),
	    code);
	return seen;
}

static const char *
below(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", f.path, name);
	return path;
}

static void
expect_file(const char *name, const char *text)
{
	char *got = folder_slurp(below(name), NULL);

	assert_string_equal(got, text);
	free(got);
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&f);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&f);
	return 0;
}

static void
what_has_not_changed_for_a_while_has_arrived(void **state)
{
	(void)state;
	folder_write(&f, "b.mp3", "b");
	folder_write(&f, "que-minh/a.wav", "a");
	folder_write(&f, "que-minh/c.wav", "c");
	assert_string_equal(visit(0, 0), "");
	assert_string_equal(visit(INBOX_STILL_S - 2, 0), "");
	assert_string_equal(visit(INBOX_STILL_S + 1, 0),
	    "b.mp3 que-minh/a.wav que-minh/c.wav ");
	/* The clock was set back since. */
	assert_string_equal(
	    visit(-3600, 0), "b.mp3 que-minh/a.wav que-minh/c.wav ");
	assert_string_equal(visit(60, 7), "b.mp3 ");
}

static void
what_is_no_file_of_an_officers_is_left_alone(void **state)
{
	(void)state;
	folder_write(&f, ".hidden.mp3", "");
	folder_write(&f, "que-minh/.a.wav.part", "");
	folder_write(&f, "que-minh/da-nhan/old.wav", "");
	folder_write(&f, "que-minh/bi-tra/bad.wav", "");
	folder_write(&f, "que-minh/deep/er.wav", "");
	folder_write(&f, "da-nhan/old.wav", "");
	assert_int_equal(symlink("/etc/passwd", below("link.wav")), 0);
	assert_int_equal(mkfifo(below("fifo.wav"), 0600), 0);
	assert_string_equal(visit(60, 0), "");
}

static void
what_is_taken_or_returned_is_kept_beside_its_namesakes(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++) {
		folder_write(&f, "que-minh/a.wav", i == 1 ? "one" : "two");
		assert_int_equal(inbox_take(below("que-minh/a.wav")), 0);
		folder_write(&f, "que-minh/b.wav", i == 1 ? "one" : "two");
		assert_int_equal(
		    inbox_return(below("que-minh/b.wav"), "why\n"), 0);
	}
	expect_file("que-minh/da-nhan/a.wav", "one");
	expect_file("que-minh/da-nhan/a.wav.2", "two");
	expect_file("que-minh/bi-tra/b.wav", "one");
	expect_file("que-minh/bi-tra/b.wav.txt", "why\n");
	expect_file("que-minh/bi-tra/b.wav.2", "two");
	expect_file("que-minh/bi-tra/b.wav.2.txt", "why\n");
	assert_string_equal(visit(60, 0), "");
	assert_int_equal(inbox_take(below("gone.wav")), -ENOENT);
}

static void
an_inbox_that_is_not_there_is_told(void **state)
{
	int none = 0;

	(void)state;
	assert_int_equal(inbox_each(below("no"), 0, note, &none), -ENOENT);
	assert_int_equal(inbox_make(f.path, "que-minh"), 0);
	assert_int_equal(inbox_make(f.path, "que-minh"), 0);
	assert_int_equal(inbox_make(below("no"), "que-minh"), -ENOENT);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_has_not_changed_for_a_while_has_arrived),
		T(what_is_no_file_of_an_officers_is_left_alone),
		T(what_is_taken_or_returned_is_kept_beside_its_namesakes),
		T(an_inbox_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
