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

#include "base/civil.h"
#include "scheduler/weekfile.h"
#include "base/sick_disk.h"

#define WEEK "2026-W48.cfg"
#define OLD "# before: none\n"
#define NEW "another\n"

struct shelf {
	struct disk *weeks;
	struct disk *kept;
	char base[HASH_HEX];
};

static void
open_shelf(struct shelf *s, const char *old)
{
	assert_int_equal(disk_memory(&s->weeks), 0);
	assert_int_equal(disk_memory(&s->kept), 0);
	if (old != NULL)
		s->weeks->replace(s->weeks, WEEK, old, strlen(old), 1);
	assert_int_equal(weekfile_base(s->weeks, WEEK, s->base), 0);
}

static void
close_shelf(struct shelf *s)
{
	disk_close(s->weeks);
	disk_close(s->kept);
}

static void
expect_file(struct disk *d, const char *when, const char *wanted)
{
	char *text = NULL;
	size_t n;

	if (d->read(d, WEEK, &text, &n) < 0)
		text = strdup("(none)");
	if (strcmp(text, wanted) != 0)
		fail_msg("%s: %s, wanted %s", when, text, wanted);
	free(text);
}

static void
what_is_replaced_is_kept_by_its_hash(void **state)
{
	struct shelf s;
	char *text;
	size_t n;

	(void)state;
	open_shelf(&s, OLD);
	assert_int_equal(
	    weekfile_put(s.weeks, s.kept, WEEK, NEW, strlen(NEW), s.base), 0);
	expect_file(s.weeks, "put", NEW);
	assert_int_equal(weekfile_kept(s.kept, s.base, &text, &n), 0);
	assert_string_equal(text, OLD);
	free(text);
	close_shelf(&s);
}

static void
of_two_at_once_the_second_is_refused(void **state)
{
	struct shelf s;

	(void)state;
	open_shelf(&s, OLD);
	assert_int_equal(
	    weekfile_put(s.weeks, s.kept, WEEK, "first", 5, s.base), 0);
	assert_int_equal(
	    weekfile_put(s.weeks, s.kept, WEEK, "second", 6, s.base), -ESTALE);
	expect_file(s.weeks, "the second", "first");
	close_shelf(&s);
	open_shelf(&s, NULL);
	assert_string_equal(s.base, "");
	assert_int_equal(
	    weekfile_put(s.weeks, s.kept, WEEK, "first", 5, s.base), 0);
	assert_int_equal(
	    weekfile_put(s.weeks, s.kept, WEEK, "second", 6, s.base), -ESTALE);
	close_shelf(&s);
}

/* A full disk at any call: the old file, whole, until all of it is done. */
static void
a_full_disk_leaves_the_old_one(void **state)
{
	(void)state;
	for (int which = 0; which < 2; which++)
		for (int n = 1;; n++) {
			struct sick_disk f;
			struct shelf s;
			int r;

			open_shelf(&s, OLD);
			sick_disk_init(&f, which == 0 ? s.weeks : s.kept);
			if (which == 0)
				s.weeks = &f.disk;
			else
				s.kept = &f.disk;
			f.fail_at = n;
			f.error = ENOSPC;
			r = weekfile_put(
			    s.weeks, s.kept, WEEK, NEW, strlen(NEW), s.base);
			f.fail_at = 0;
			expect_file(s.weeks, "a full disk", r < 0 ? OLD : NEW);
			close_shelf(&s);
			if (r == 0) {
				assert_true(n > (which == 0 ? 2 : 1));
				break;
			}
			assert_int_equal(r, -ENOSPC);
		}
}

/* The name is in place and the folder's sync fails: what a reader finds is
 * what counts. */
static int
replace_and_complain(
    struct disk *d, const char *name, const void *bytes, size_t n, int durable)
{
	struct sick_disk *f = (struct sick_disk *)d;

	f->under->replace(f->under, name, bytes, n, durable);
	return -EIO;
}

static void
a_file_that_is_there_after_all_counts(void **state)
{
	struct sick_disk f;
	struct shelf s;

	(void)state;
	open_shelf(&s, OLD);
	sick_disk_init(&f, s.weeks);
	f.disk.replace = replace_and_complain;
	assert_int_equal(
	    weekfile_put(&f.disk, s.kept, WEEK, NEW, strlen(NEW), s.base), 0);
	s.weeks = &f.disk;
	close_shelf(&s);
}

static void
a_file_tells_what_it_replaced(void **state)
{
	static const char hex[] = "0123456789abcdef0123456789abcdef"
				  "0123456789abcdef0123456789abcdef";
	char text[200];
	char is[HASH_HEX];

	(void)state;
	snprintf(text, sizeof(text), "# x\n# before: %s\n\nweek\n", hex);
	assert_int_equal(weekfile_before(text, is), 0);
	assert_string_equal(is, hex);
	assert_int_equal(weekfile_before("# x\n# before: none\n", is), 0);
	assert_string_equal(is, "");
	assert_int_equal(weekfile_before("# x\n", is), -ENOENT);
	assert_int_equal(
	    weekfile_before("# x\n# before: ../../etc\n", is), -ENOENT);
	assert_int_equal(weekfile_before("", is), -ENOENT);
}

static void
a_kept_text_is_checked_against_its_name(void **state)
{
	struct shelf s;
	char name[HASH_HEX + 4];
	char *text;
	size_t n;

	(void)state;
	open_shelf(&s, OLD);
	assert_int_equal(weekfile_kept(s.kept, s.base, &text, &n), -ENOENT);
	snprintf(name, sizeof(name), "%s.cfg", s.base);
	s.kept->replace(s.kept, name, "changed", 7, 1);
	assert_int_equal(weekfile_kept(s.kept, s.base, &text, &n), -EBADMSG);
	close_shelf(&s);
}

static void
the_name_is_the_week(void **state)
{
	char name[WEEKFILE_NAME];
	int64_t monday;

	(void)state;
	assert_int_equal(civil_week_monday(2026, 48, &monday), 0);
	assert_string_equal(weekfile_name(monday, name), WEEK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_replaced_is_kept_by_its_hash),
		cmocka_unit_test(of_two_at_once_the_second_is_refused),
		cmocka_unit_test(a_full_disk_leaves_the_old_one),
		cmocka_unit_test(a_file_that_is_there_after_all_counts),
		cmocka_unit_test(a_file_tells_what_it_replaced),
		cmocka_unit_test(a_kept_text_is_checked_against_its_name),
		cmocka_unit_test(the_name_is_the_week),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
