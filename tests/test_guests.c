/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ctl/guests.h"

static struct guests *
some(void)
{
	static struct guests g;

	g = (struct guests){ .head_us = 30 * US_PER_S,
		.body_us = 600 * US_PER_S,
		.most = 1000,
		.most_each = 400 };
	guests_init(&g);
	return &g;
}

static struct guest *
enter(struct guests *g, int fd, const char *address, int64_t now_us)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return guests_enter(
		    g, fd, (const struct sockaddr *)&four, now_us);
	assert_int_equal(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
	return guests_enter(g, fd, (const struct sockaddr *)&six, now_us);
}

static void
note(void *arg, int fd)
{
	snprintf((char *)arg + strlen(arg), 64 - strlen(arg), "%d ", fd);
}

static const char *
overdue(struct guests *g, int64_t at_s)
{
	static char said[64];

	said[0] = '\0';
	guests_overdue(g, at_s * US_PER_S, note, said);
	return said;
}

static void
test_a_head_that_drips_in_is_over_after_its_time(void **state)
{
	struct guests *g = some();

	(void)state;
	enter(g, 7, "192.0.2.1", 0);
	enter(g, 8, "192.0.2.1", 10 * US_PER_S);
	assert_string_equal(overdue(g, 30), "");
	assert_string_equal(overdue(g, 31), "7 ");
	assert_string_equal(overdue(g, 41), "7 8 ");
}

static void
test_a_body_has_longer_and_the_next_head_its_own_time(void **state)
{
	struct guests *g = some();
	struct guest *who = enter(g, 7, "192.0.2.1", 0);

	(void)state;
	guests_turn(g, who, true, 20 * US_PER_S);
	assert_string_equal(overdue(g, 620), "");
	assert_string_equal(overdue(g, 621), "7 ");
	guests_turn(g, who, false, 610 * US_PER_S);
	assert_string_equal(overdue(g, 640), "");
	assert_string_equal(overdue(g, 641), "7 ");
	guests_leave(g, who);
	assert_string_equal(overdue(g, 9999), "");
}

static void
test_one_network_does_not_get_all_of_the_memory(void **state)
{
	struct guests *g = some();
	struct guest *a = enter(g, 3, "192.0.2.1", 0);
	struct guest *b = enter(g, 4, "192.0.2.1", 0);
	struct guest *c = enter(g, 5, "2001:db8:1:2:3::4", 0);
	struct guest *d = enter(g, 6, "2001:db8:1:2:9::9", 0);
	struct guest *e = enter(g, 7, "2001:db8:1:3::1", 0);

	(void)state;
	assert_true(guests_hold(g, a, 300));
	assert_false(guests_hold(g, b, 101));
	assert_true(guests_hold(g, b, 100));
	assert_true(guests_hold(g, c, 400));
	assert_false(guests_hold(g, d, 1)); /* of the same /64 */
	assert_true(guests_hold(g, e, 200));
	assert_false(guests_hold(g, e, 1)); /* all of it is taken */
	guests_leave(g, a);
	assert_true(guests_hold(g, e, 1));
	assert_true(guests_hold(g, c, -400));
	assert_true(guests_hold(g, d, 400));
}

static void
test_there_are_only_so_many_places(void **state)
{
	struct guests *g = some();
	struct guest *first = enter(g, 100, "192.0.2.1", 0);

	(void)state;
	for (int i = 1; i < GUESTS_MAX; i++)
		assert_non_null(enter(g, 100 + i, "192.0.2.2", 0));
	assert_null(enter(g, 99, "192.0.2.3", 0));
	guests_leave(g, first);
	assert_non_null(enter(g, 99, "192.0.2.3", 0));
	/* Whoever has no place holds nothing, and is nobody's trouble. */
	assert_false(guests_hold(g, NULL, 1));
	guests_turn(g, NULL, true, 0);
	guests_leave(g, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_head_that_drips_in_is_over_after_its_time),
		cmocka_unit_test(
		    test_a_body_has_longer_and_the_next_head_its_own_time),
		cmocka_unit_test(
		    test_one_network_does_not_get_all_of_the_memory),
		cmocka_unit_test(test_there_are_only_so_many_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
