/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sick_disk.h"

static struct disk *
made(struct sick_disk *f)
{
	struct disk *under;

	assert_int_equal(disk_memory(&under), 0);
	sick_disk_init(f, under);
	return &f->disk;
}

static void
assert_holds(struct disk *d, const char *name, const char *want)
{
	char *bytes;
	size_t n;

	assert_int_equal(d->read(d, name, &bytes, &n), 0);
	assert_string_equal(bytes, want);
	assert_int_equal(n, strlen(want));
	free(bytes);
}

static void
test_it_fails_the_call_it_was_told_to(void **state)
{
	struct sick_disk f;
	struct disk *d = made(&f);

	(void)state;
	f.fail_at = 2;
	f.error = ENOSPC;
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	assert_int_equal(d->sync(d, "a"), -ENOSPC);
	assert_true(f.failing);
	assert_int_equal(sick_disk_safe(&f, "a"), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	assert_false(f.failing);
	assert_int_equal(sick_disk_safe(&f, "a"), 3);
	assert_int_equal(f.syncs, 1);
	f.short_at = f.calls + 1;
	assert_int_equal(d->append(d, "a", 3, "four", 4), -ENOSPC);
	assert_holds(d, "a", "onefo");
	disk_close(d);
}

static void
test_a_power_cut_takes_what_was_not_synced(void **state)
{
	struct sick_disk f;
	struct disk *d = made(&f);

	(void)state;
	d->append(d, "a", 0, "one", 3);
	d->sync(d, "a");
	d->append(d, "a", 3, "two", 3);
	f.kill_at = f.calls;
	assert_int_equal(d->sync(d, "a"), -EIO);
	assert_int_equal(d->append(d, "a", 6, "three", 5), -EIO);
	sick_disk_cut(&f, 1);
	assert_holds(d, "a", "onet");
	sick_disk_cut(&f, 0);
	assert_holds(d, "a", "one");
	disk_close(d);
}

static void
test_a_cut_brings_back_what_a_hasty_replace_took_away(void **state)
{
	struct sick_disk f;
	struct disk *d = made(&f);

	(void)state;
	d->replace(d, "a", "old", 3, 1);
	d->replace(d, "a", "newer", 5, 0);
	d->replace(d, "a", "newest", 6, 0);
	sick_disk_cut(&f, 6);
	assert_holds(d, "a", "old");
	d->replace(d, "a", "newest", 6, 0);
	sick_disk_cut(&f, 2);
	assert_holds(d, "a", "ne");
	d->replace(d, "a", "newest", 6, 1);
	sick_disk_cut(&f, 0);
	assert_holds(d, "a", "newest");
	disk_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_fails_the_call_it_was_told_to),
		cmocka_unit_test(test_a_power_cut_takes_what_was_not_synced),
		cmocka_unit_test(
		    test_a_cut_brings_back_what_a_hasty_replace_took_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
