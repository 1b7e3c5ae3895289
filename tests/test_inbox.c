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
#include "ctl/inbox_watch.h"
#include "tests/fakes/folder.h"

static struct folder f;
static struct inbox_watch *watch; /* NULL: none */
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
	assert_int_equal(inbox_each(f.path, (int64_t)time(NULL) + later_s,
			     watch, note, &code),
	    code);
	return seen;
}

static const char *
below(const char *name)
{
	static char path[4096];

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
	watch = inbox_watch_close(watch);
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
	folder_write(&f, "a.mp3.crdownload", "half");
	folder_write(&f, "b.mp3.PART", "half");
	folder_write(&f, "~syncthing~c.mp3.tmp", "half");
	folder_write(&f, "~$d.mp3", "lock");
	folder_write(&f, "desktop.ini", "windows");
	folder_write(&f, "Thumbs.db", "windows");
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

/* An officer may write in the inbox: what they put there must not get into
 * the library, or hold us up. */
static void
what_lies_in_the_inbox_leads_nowhere_else(void **state)
{
	(void)state;
	folder_write(&f, "items/old.json", "an item");
	folder_write(&f, "que-minh/new.json", "a forged item");
	assert_int_equal(symlink("../items", below("que-minh/da-nhan")), 0);
	assert_int_equal(symlink("../items", below("que-minh/bi-tra")), 0);
	assert_true(inbox_take(below("que-minh/new.json")) < 0);
	assert_true(inbox_return(below("que-minh/new.json"), "why\n") < 0);
	expect_file("que-minh/new.json", "a forged item");
	assert_int_equal(access(below("items/new.json"), F_OK), -1);
	/* What it is told is a file of ours, whatever has its name. */
	folder_write(&f, "bi-tra/x", "");
	folder_write(&f, "a.wav", "one");
	assert_int_equal(mkfifo(below("bi-tra/a.wav.txt"), 0600), 0);
	assert_int_equal(inbox_return(below("a.wav"), "why\n"), 0);
	expect_file("bi-tra/a.wav.txt", "why\n");
	folder_write(&f, "b.wav", "two");
	assert_int_equal(
	    symlink("../items/old.json", below("bi-tra/b.wav.txt")), 0);
	assert_int_equal(inbox_return(below("b.wav"), "why\n"), 0);
	expect_file("bi-tra/b.wav.txt", "why\n");
	expect_file("items/old.json", "an item");
}

static void
the_longest_name_is_returned_with_its_reason(void **state)
{
	char name[256];
	char there[300];

	(void)state;
	memset(name, 'x', 255);
	name[255] = '\0';
	for (int i = 1; i <= 2; i++) {
		folder_write(&f, name, "long");
		assert_int_equal(inbox_return(below(name), "why\n"), 0);
	}
	snprintf(there, sizeof(there), "bi-tra/%.244s.txt", name);
	expect_file(there, "why\n");
	snprintf(there, sizeof(there), "bi-tra/%.244s.2.txt", name);
	expect_file(there, "why\n");
}

static void
an_empty_file_is_left_for_ten_minutes(void **state)
{
	(void)state;
	folder_write(&f, "a.mp3", "");
	assert_string_equal(visit(INBOX_STILL_S + 1, 0), "");
	assert_string_equal(visit(INBOX_EMPTY_S + 1, 0), "a.mp3 ");
}

static void
what_was_closed_or_moved_in_arrives_sooner_what_is_open_not_at_all(void **state)
{
	char part[4096];
	FILE *slow;

	(void)state;
	folder_write(&f, "old.wav", "before anybody watched");
	assert_int_equal(mkdir(below("que-minh"), 0700), 0);
	assert_int_equal(inbox_watch_open(f.path, &watch), 0);
	folder_write(&f, "que-minh/a.wav", "whole");
	folder_write(&f, "que-minh/b.wav.part", "whole");
	snprintf(part, sizeof(part), "%s", below("que-minh/b.wav.part"));
	assert_int_equal(rename(part, below("que-minh/b.wav")), 0);
	slow = fopen(below("slow.wav"), "w");
	fputs("half", slow);
	fflush(slow);
	assert_true(inbox_watch_read(watch) > 0);
	assert_int_equal(inbox_watch_read(watch), 0);
	assert_string_equal(visit(INBOX_CLOSED_S - 2, 0), "");
	assert_string_equal(
	    visit(INBOX_CLOSED_S + 1, 0), "que-minh/a.wav que-minh/b.wav ");
	assert_string_equal(
	    visit(86400, 0), "old.wav que-minh/a.wav que-minh/b.wav ");
	fclose(slow);
	inbox_watch_read(watch);
	assert_string_equal(visit(INBOX_CLOSED_S + 1, 0),
	    "que-minh/a.wav que-minh/b.wav slow.wav ");
}

static void
a_folder_that_comes_later_is_watched_too(void **state)
{
	(void)state;
	assert_int_equal(inbox_watch_open(f.path, &watch), 0);
	assert_int_equal(mkdir(below("que-minh"), 0700), 0);
	assert_true(inbox_watch_read(watch) > 0);
	inbox_watch_folders(watch);
	inbox_watch_folders(watch);
	folder_write(&f, "que-minh/a.wav", "whole");
	assert_true(inbox_watch_read(watch) > 0);
	assert_int_equal(
	    inbox_watch_news(watch, below("que-minh/a.wav")), INBOX_CLOSED);
	unlink(below("que-minh/a.wav"));
	rmdir(below("que-minh"));
	inbox_watch_read(watch);
	assert_int_equal(
	    inbox_watch_news(watch, below("que-minh/a.wav")), INBOX_UNKNOWN);
	assert_int_equal(inbox_watch_open(below("no"), &watch), -ENOENT);
}

static void
an_inbox_that_is_not_there_is_told(void **state)
{
	int none = 0;

	(void)state;
	assert_int_equal(
	    inbox_each(below("no"), 0, NULL, note, &none), -ENOENT);
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
		T(what_lies_in_the_inbox_leads_nowhere_else),
		T(the_longest_name_is_returned_with_its_reason),
		T(an_empty_file_is_left_for_ten_minutes),
		T(what_was_closed_or_moved_in_arrives_sooner_what_is_open_not_at_all),
		T(a_folder_that_comes_later_is_watched_too),
		T(an_inbox_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
