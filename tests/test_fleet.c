/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/fleet.h"

#define FROM 20780 /* 2026-11-23, a Monday */

struct port {
	char digests[8][HASH_HEX]; /* by seed */
	int64_t ended;
	int64_t broken;
	char what[512];
	int64_t stop_after;
};

static int
on_ended(void *arg, uint64_t seed, const struct misfortune_result *r)
{
	struct port *p = arg;

	p->ended++;
	p->broken += r->broken > 0;
	if (r->broken > 0)
		strcpy(p->what, r->what);
	if (seed < 8)
		strcpy(p->digests[seed], r->digest);
	return p->stop_after != 0 && p->ended >= p->stop_after;
}

static void
crash(void *arg, int64_t at_us, const char *what, int64_t us)
{
	(void)arg;
	(void)at_us;
	(void)what;
	(void)us;
	abort();
}

static uint64_t
sail(struct port *p, int64_t runs, int jobs,
    void (*tell)(void *arg, int64_t at_us, const char *what, int64_t us))
{
	struct misfortune_setup life = { .from_day = FROM,
		.to_day = FROM + 1,
		.kinds = MISFORTUNE_ALL,
		.tell = tell };
	struct fleet_setup setup = { .life = &life,
		.first = 2,
		.runs = runs,
		.jobs = jobs,
		.seconds = 60,
		.ended = on_ended,
		.arg = p };
	uint64_t next = 0;

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(fleet_run(&setup, &next), 0);
	return next;
}

static void
test_every_seed_lives_the_same_alone_or_beside_others(void **state)
{
	struct port one = { 0 };
	struct port many = { 0 };

	(void)state;
	assert_int_equal(sail(&one, 5, 1, NULL), 7);
	assert_int_equal(sail(&many, 5, 3, NULL), 7);
	assert_int_equal(one.ended, 5);
	assert_int_equal(many.ended, 5);
	assert_int_equal(one.broken, 0);
	for (int seed = 2; seed < 7; seed++)
		assert_string_equal(one.digests[seed], many.digests[seed]);
}

static void
test_it_ends_when_it_is_told_to(void **state)
{
	struct port p = { .stop_after = 2 };

	(void)state;
	assert_int_equal(sail(&p, 100, 1, NULL), 4);
	assert_int_equal(p.ended, 2);
}

static void
test_a_life_that_crashes_is_told_and_the_others_go_on(void **state)
{
	struct port p = { 0 };

	(void)state;
	sail(&p, 3, 2, crash);
	assert_int_equal(p.ended, 3);
	assert_int_equal(p.broken, 3);
	assert_non_null(strstr(p.what, "the program crashed"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_seed_lives_the_same_alone_or_beside_others),
		cmocka_unit_test(test_it_ends_when_it_is_told_to),
		cmocka_unit_test(
		    test_a_life_that_crashes_is_told_and_the_others_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
