/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/errand.h"

static const struct now early = { .boot_us = US_PER_S };

/* By the fd alone, as the loop does it. */
static enum errand_state
over(struct errand *e, struct now now, char *why)
{
	struct pollfd p = { e->fd(e), POLLIN, 0 };

	assert_int_equal(poll(&p, 1, 10000), 1);
	return e->look(e, now, why);
}

static void
one_runs_at_a_time_and_is_told_once(void **state)
{
	char *yes[] = { (char *)"true" };
	char *no[] = { (char *)"false" };
	char why[ERRAND_WHY] = "";
	struct errand *e;

	(void)state;
	assert_int_equal(errand_open("/bin", &e), 0);
	assert_int_equal(e->look(e, early, why), ERRAND_NONE);
	assert_int_equal(e->wake(e), NEVER);
	assert_int_equal(e->start(e, early, yes, 1, -1, 30), 0);
	assert_int_equal(e->start(e, early, yes, 1, -1, 30), -EBUSY);
	assert_int_equal(e->wake(e), 31 * US_PER_S);
	assert_int_equal(over(e, early, why), ERRAND_DONE);
	assert_int_equal(e->look(e, early, why), ERRAND_NONE);
	assert_int_equal(e->start(e, early, no, 1, -1, 30), 0);
	assert_int_equal(over(e, early, why), ERRAND_FAILED);
	assert_non_null(strchr(why, '1'));
	assert_null(errand_close(e));
}

static void
what_is_too_slow_is_killed(void **state)
{
	char *slow[] = { (char *)"/bin/sleep", (char *)"100" };
	struct now late = { .boot_us = 40 * US_PER_S };
	char why[ERRAND_WHY] = "";
	struct errand *e;

	(void)state;
	assert_int_equal(errand_open("/", &e), 0);
	assert_int_equal(e->start(e, early, slow, 2, -1, 30), 0);
	assert_int_equal(e->look(e, early, why), ERRAND_RUNS);
	assert_int_equal(e->look(e, late, why), ERRAND_RUNS);
	assert_int_equal(e->wake(e), NEVER);
	assert_int_equal(over(e, late, why), ERRAND_FAILED);
	assert_true(why[0] != '\0');
	errand_close(e);
}

static void
what_still_runs_ends_with_it(void **state)
{
	char *slow[] = { (char *)"/bin/sleep", (char *)"100" };
	char *none[] = { (char *)"there-is-no-such-program" };
	struct errand *e;

	(void)state;
	assert_int_equal(errand_open("/", &e), 0);
	assert_int_equal(e->start(e, early, none, 1, -1, 30), -ENOENT);
	assert_int_equal(e->start(e, early, slow, 2, -1, 30), 0);
	errand_close(e);
	assert_null(errand_close(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_runs_at_a_time_and_is_told_once),
		cmocka_unit_test(what_is_too_slow_is_killed),
		cmocka_unit_test(what_still_runs_ends_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
