/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/roster.h"
#include "tests/fakes/folder.h"

static struct folder top;

/* The key of a station whose seed is that byte and zeros. */
static struct note_key
key_of(unsigned char seed)
{
	unsigned char bytes[NOTE_KEY] = { seed };
	char origin[NOTE_NAME];
	struct note_signer s;
	struct note_key k;

	assert_int_equal(signer_origin(bytes, 1, origin), 0);
	assert_int_equal(note_signer(origin, NOTE_ED25519, bytes, &s), 0);
	k = s.key;
	note_forget(&s);
	return k;
}

static int
count(void *arg, const struct roster_station *s)
{
	(void)s;
	++*(int *)arg;
	return 0;
}

static void
test_a_station_is_read_as_it_was_entered(void **state)
{
	struct note_key k = key_of(1);
	struct roster_station s, is;
	int n = 0;

	(void)state;
	assert_int_equal(roster_new(&k, "Xã Quế Minh", 5, &s), 0);
	assert_true(roster_add_id(&s, "que-minh"));
	assert_false(roster_add_id(&s, "que-minh"));
	assert_false(roster_add_id(&s, "../etc"));
	assert_int_equal(roster_read(top.path, s.hex, &is), -ENOENT);
	assert_int_equal(roster_write(top.path, &s), 0);
	assert_int_equal(roster_read(top.path, s.hex, &is), 0);
	assert_string_equal(is.name, "Xã Quế Minh");
	assert_memory_equal(is.key.key, k.key, NOTE_KEY);
	assert_true(roster_has_id(&is, "que-minh"));
	assert_int_equal(is.since_us, 5);
	roster_clear(&is);
	assert_int_equal(roster_each(top.path, count, &n), 0);
	assert_int_equal(n, 1);
	roster_clear(&s);
}

static void
test_what_is_no_stations_key_or_name_is_refused(void **state)
{
	struct note_key k = key_of(1);
	struct note_key other = k;
	struct roster_station s;

	(void)state;
	assert_int_equal(roster_new(&k, "", 0, &s), -EILSEQ);
	assert_int_equal(roster_new(&k, "\xff", 0, &s), -EILSEQ);
	other.type = NOTE_COSIGNATURE;
	assert_int_equal(roster_new(&other, "a", 0, &s), -EINVAL);
	/* A name that is another key's. */
	other = key_of(2);
	memcpy(other.name, k.name, sizeof(k.name));
	assert_int_equal(roster_new(&other, "a", 0, &s), -EINVAL);
}

static void
test_a_file_that_was_changed_is_told(void **state)
{
	struct note_key k = key_of(1);
	struct note_key l = key_of(2);
	struct roster_station s, t;
	char name[64];
	int n = 0;

	(void)state;
	assert_int_equal(roster_new(&k, "A", 0, &s), 0);
	assert_int_equal(roster_new(&l, "B", 0, &t), 0);
	snprintf(name, sizeof(name), "%s/" ROSTER_FILE, s.hex);
	folder_write(&top, name, "{}");
	assert_int_equal(roster_read(top.path, s.hex, &t), -EBADMSG);
	assert_int_equal(roster_each(top.path, count, &n), -EBADMSG);
	roster_clear(&s);
	roster_clear(&t);
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&top);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&top);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_a_station_is_read_as_it_was_entered),
		T(test_what_is_no_stations_key_or_name_is_refused),
		T(test_a_file_that_was_changed_is_told),
	};

	return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
