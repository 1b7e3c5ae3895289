/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/luck.h"

static void
test_the_same_seed_draws_the_same(void **state)
{
	struct luck a = { 7 };
	struct luck b = { 7 };
	struct luck c = { 8 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(luck_draw(&a), luck_draw(&b));
	assert_int_not_equal(luck_draw(&a), luck_draw(&c));
}

/* As its author's own program prints it for the seed 0. */
static void
test_it_draws_what_splitmix64_draws(void **state)
{
	struct luck l = { 0 };

	(void)state;
	assert_int_equal(luck_draw(&l), UINT64_C(0xe220a8397b1dcdaf));
	assert_int_equal(luck_draw(&l), UINT64_C(0x6e789e6aa1b965f4));
}

static void
test_picks_and_spans_keep_their_bounds(void **state)
{
	struct luck l = { 1 };
	unsigned seen = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t n = luck_pick(&l, 5);
		int64_t us = luck_span(&l, 10, 1000);

		assert_in_range(n, 0, 4);
		seen |= 1u << n;
		assert_in_range(us, 5, 1000);
	}
	assert_int_equal(seen, 31);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_seed_draws_the_same),
		cmocka_unit_test(test_it_draws_what_splitmix64_draws),
		cmocka_unit_test(test_picks_and_spans_keep_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
