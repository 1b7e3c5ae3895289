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

#include "ctl/page.h"

struct drawn {
	int rows;
	const char *text;
	int calls;
};

static void
draw(struct page *p, void *arg)
{
	static const struct page_column columns[] = { { "A", "b", 1, 0 },
		{ "A", "c", 2, PAGE_RIGHT }, { NULL, "d", 1, PAGE_CENTRE } };
	struct drawn *d = arg;

	d->calls++;
	page_text(p, 12, PAGE_BOLD | PAGE_CENTRE, d->text);
	page_halves(p, 10, 0, "left", PAGE_BOLD, "");
	page_rules(p, 10, 0);
	page_table(p, 9, columns, 3);
	for (int i = 0; i < d->rows; i++)
		page_row(p, (const char *const[]){ "1", NULL, "2" }, 0);
	page_band(p, PAGE_SHADE, "band");
	page_table_end(p);
	page_keep(p, 100);
}

static struct page_result
made(struct drawn *d)
{
	struct page_setup setup = { "title", "foot", draw, d };
	struct page_result result;

	assert_int_equal(page_make(&setup, &result), 0);
	assert_int_equal(d->calls, 2);
	assert_memory_equal(result.pdf, "%PDF-", 5);
	return result;
}

static void
test_a_table_goes_on_over_pages_and_all_are_counted(void **state)
{
	struct drawn few = { .rows = 3, .text = "Sổ nhật ký" };
	struct drawn many = { .rows = 200, .text = "Sổ nhật ký" };
	struct page_result r = made(&few);

	(void)state;
	assert_int_equal(r.pages, 1);
	assert_string_equal(r.missing, "");
	free(r.pdf);
	r = made(&many);
	assert_true(r.pages >= 4 && r.pages <= 6);
	free(r.pdf);
}

static void
test_a_letter_that_no_font_has_is_named(void **state)
{
	/* Of a private use area. */
	struct drawn d = { .text = "chữ \xf4\x80\x80\x80 đó" };
	struct page_result r = made(&d);

	(void)state;
	assert_string_equal(r.missing, "\xf4\x80\x80\x80 đó");
	free(r.pdf);
}

static void
test_a_text_cannot_hold_what_reorders_or_breaks_it(void **state)
{
	struct drawn d = { .text = "a\xe2\x80\xae b\n\xff" };
	struct page_result r = made(&d);

	(void)state;
	assert_string_equal(r.missing, "");
	free(r.pdf);
}

static void
test_a_file_that_is_there_is_replaced_only_when_asked(void **state)
{
	char folder[] = "/tmp/test_page_XXXXXX";
	char file[64], made_file[70];
	char back[8] = "";
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/a.pdf", folder);
	snprintf(made_file, sizeof(made_file), "%s.tmp", file);
	assert_int_equal(page_file(file, false, "one", 3), 0);
	assert_int_equal(page_file(file, false, "two", 3), -EEXIST);
	assert_int_equal(page_file(file, true, "six", 3), 0);
	f = fopen(file, "r");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof(back), f), 3);
	fclose(f);
	assert_string_equal(back, "six");
	assert_int_equal(access(made_file, F_OK), -1);
	/* Something else came first. */
	assert_int_equal(page_file(made_file, false, "new", 3), 0);
	assert_int_equal(page_place(made_file, file, false), -EEXIST);
	assert_int_equal(access(made_file, F_OK), -1);
	unlink(file);
	assert_int_equal(page_file(folder, false, "x", 1), -EEXIST);
	rmdir(folder);
	assert_int_equal(page_file(file, false, "x", 1), -ENOENT);
}

static void
test_nobodys_link_is_followed_to_another_file(void **state)
{
	char folder[] = "/tmp/test_page_XXXXXX";
	char file[64], made_file[70], other[70];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/a.pdf", folder);
	snprintf(made_file, sizeof(made_file), "%s.tmp", file);
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(page_file(other, false, "kept", 4), 0);
	assert_int_equal(symlink(other, made_file), 0);
	assert_int_equal(page_file(file, false, "new", 3), 0);
	assert_int_equal(lstat(file, &st), 0);
	assert_true(S_ISREG(st.st_mode) && st.st_size == 3);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(page_file("", false, "new", 3), -EINVAL);
	unlink(other);
	unlink(file);
	rmdir(folder);
}

static void
test_a_device_a_pipe_and_a_folder_are_never_replaced(void **state)
{
	char folder[] = "/tmp/test_page_XXXXXX";
	char pipe[64];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(pipe, sizeof(pipe), "%s/pipe", folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(page_file(pipe, false, "x", 1), -EEXIST);
	assert_int_equal(page_file(pipe, true, "x", 1), -ENXIO);
	assert_int_equal(page_file(folder, true, "x", 1), -EISDIR);
	assert_int_equal(lstat(pipe, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(page_look("/dev/full", true), -ENXIO);
	unlink(pipe);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_table_goes_on_over_pages_and_all_are_counted),
		cmocka_unit_test(test_a_letter_that_no_font_has_is_named),
		cmocka_unit_test(
		    test_a_text_cannot_hold_what_reorders_or_breaks_it),
		cmocka_unit_test(
		    test_a_file_that_is_there_is_replaced_only_when_asked),
		cmocka_unit_test(test_nobodys_link_is_followed_to_another_file),
		cmocka_unit_test(
		    test_a_device_a_pipe_and_a_folder_are_never_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
