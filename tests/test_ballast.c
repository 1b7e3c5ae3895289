/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ballast.h"

#define MB (INT64_C(1) << 20)

/* A disk of so much room, on which only ballast is written. */
struct small {
	struct disk disk; /* must be first */
	int64_t room;
	int64_t held;
	int error; /* of every hold() */
};

static int
small_each(struct disk *d, int (*fn)(void *arg, const char *name), void *arg)
{
	return ((struct small *)d)->held > 0 ? fn(arg, BALLAST_NAME) : 0;
}

static int
small_hold(struct disk *d, const char *name, int64_t bytes)
{
	struct small *s = (struct small *)d;

	assert_string_equal(name, BALLAST_NAME);
	if (s->error != 0)
		return s->error;
	if (bytes - s->held > s->room)
		return -ENOSPC;
	s->room -= bytes - s->held;
	s->held = bytes;
	return 0;
}

static int64_t
small_room(struct disk *d)
{
	return ((struct small *)d)->room;
}

static struct small
small(int64_t room)
{
	return (struct small){ .disk = { .each = small_each,
				   .hold = small_hold,
				   .room = small_room },
		.room = room };
}

static void
test_ballast_is_made_given_and_made_again(void **state)
{
	struct small s = small(100 * MB);
	struct ballast b;

	(void)state;
	ballast_init(&b, &s.disk, 16 * MB);
	assert_int_equal(b.state, BALLAST_KEPT);
	assert_int_equal(s.held, 16 * MB);
	s.room = 0;
	assert_true(ballast_give(&b));
	assert_int_equal(b.state, BALLAST_GIVEN);
	assert_int_equal(s.room, 16 * MB);
	assert_false(ballast_give(&b)); /* there is no more */
	s.room = 31 * MB;
	ballast_look(&b);
	assert_int_equal(b.state, BALLAST_GIVEN);
	assert_int_equal(b.room, 31 * MB);
	s.room = 32 * MB;
	ballast_look(&b);
	assert_int_equal(b.state, BALLAST_KEPT);
	assert_int_equal(s.held, 16 * MB);
	assert_int_equal(b.room, 16 * MB);
}

static void
test_ballast_of_an_earlier_life_counts_on_a_full_disk(void **state)
{
	struct small s = small(0);
	struct ballast b;

	(void)state;
	s.held = 16 * MB;
	ballast_init(&b, &s.disk, 16 * MB);
	assert_int_equal(b.state, BALLAST_KEPT);
}

static void
test_ballast_does_not_take_the_last_room(void **state)
{
	struct small s = small(20 * MB);
	struct ballast b;

	(void)state;
	ballast_init(&b, &s.disk, 16 * MB);
	assert_int_equal(b.state, BALLAST_GIVEN);
	assert_int_equal(s.held, 0);
}

static void
test_another_size_takes_or_gives_what_is_between(void **state)
{
	struct small s = small(100 * MB);
	struct ballast b;

	(void)state;
	ballast_init(&b, &s.disk, 16 * MB);
	ballast_resize(&b, 4 * MB);
	assert_int_equal(s.room, 96 * MB);
	ballast_resize(&b, 0);
	assert_int_equal(b.state, BALLAST_NONE);
	assert_int_equal(s.room, 100 * MB);
	assert_false(ballast_give(&b));
}

static void
test_where_no_file_can_be_held_nothing_is_said_to_be_full(void **state)
{
	static const int errors[] = { -EOPNOTSUPP, -EROFS, -ETIMEDOUT };
	struct small s = small(100 * MB);
	struct disk *memory;
	struct ballast b;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		s.error = errors[i];
		ballast_init(&b, &s.disk, 16 * MB);
		assert_int_equal(b.state, BALLAST_NONE);
	}
	ballast_init(&b, NULL, 16 * MB);
	assert_int_equal(b.state, BALLAST_NONE);
	ballast_look(&b);
	assert_int_equal(disk_memory(&memory), 0);
	ballast_init(&b, memory, 16 * MB);
	ballast_look(&b);
	assert_false(ballast_give(&b));
	assert_string_equal(ballast_word(b.state), "none");
	disk_close(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ballast_is_made_given_and_made_again),
		cmocka_unit_test(
		    test_ballast_of_an_earlier_life_counts_on_a_full_disk),
		cmocka_unit_test(test_ballast_does_not_take_the_last_room),
		cmocka_unit_test(
		    test_another_size_takes_or_gives_what_is_between),
		cmocka_unit_test(
		    test_where_no_file_can_be_held_nothing_is_said_to_be_full),
	};

	return cmocka_run_group_tests_name("ballast", tests, NULL, NULL);
}
