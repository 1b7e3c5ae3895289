/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/outages.h"
#include "tests/fakes/fake_log.h"

#define DAY "2026-11-26"

/* "cause missed/partial, ..." of that day, or of the hours given. */
static const char *
told(struct fake_log *l, const char *station, const char *from, const char *to)
{
	static char text[512];
	json_t *list;
	json_t *o;
	size_t i;

	text[0] = '\0';
	assert_int_equal(
	    outages_read(l->disk, station, fake_us(from), fake_us(to), &list),
	    0);
	json_array_foreach(list, i, o)
	{
		char one[64];

		snprintf(one, sizeof(one), "%s %lld/%lld ",
		    record_text(o, "cause"),
		    (long long)record_int(o, "missed", -1),
		    (long long)record_int(o, "partial", -1));
		strcat(text, one);
	}
	json_decref(list);
	return text;
}

static void
power_cut(struct fake_log *l, const char *from, const char *to)
{
	char more[256];
	char from_utc[64];

	snprintf(from_utc, sizeof(from_utc), "%s", fake_utc(from));
	fake_log_at(l, to);
	snprintf(more, sizeof(more),
	    "{\"op\":\"outage\",\"person\":\"\",\"result\":\"done\",\"detail\":"
	    "\"power_lost\",\"from_utc\":\"%s\",\"to_utc\":\"%s\"}",
	    from_utc, fake_utc(to));
	fake_log_add(l, KIND_OP, more, NULL);
}

static void
a_day(struct fake_log *l)
{
	fake_log_init(l, NULL);
	fake_log_day(l, DAY,
	    "a 05:00:00 300, b 05:05:00 300, c 05:10:00 300, d 05:15:00 300, "
	    "e 17:00:00 300");
}

/* Each outcome is written as its window of five minutes closes. */
static void
outcomes(struct fake_log *l)
{
	static const struct {
		const char *at, *slot, *status, *reason;
	} rows[] = {
		{ DAY " 05:05:00", "a", "aired_partial", "power_lost" },
		{ DAY " 05:10:00", "b", "not_aired", "machine_off" },
		{ DAY " 05:15:00", "c", "not_aired", "missing_item" },
		{ DAY " 05:20:00", "d", "aired_partial", "rejoined" },
		{ DAY " 17:05:00", "e", "not_aired", "machine_off" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_log_at(l, rows[i].at);
		fake_log_slot(l, DAY, rows[i].slot, rows[i].status,
		    rows[i].reason, 0, 0, NULL);
	}
}

static void
test_a_cut_is_told_with_what_it_cost_and_no_more(void **state)
{
	struct fake_log l;

	(void)state;
	a_day(&l);
	power_cut(&l, DAY " 05:03:11", DAY " 05:16:40");
	outcomes(&l);
	assert_string_equal(
	    told(&l, "", DAY " 00:00:00", DAY " 23:59:59"), "power_lost 1/2 ");
	assert_string_equal(
	    told(&l, "another", DAY " 00:00:00", DAY " 23:59:59"),
	    "power_lost 0/0 ");
	assert_string_equal(told(&l, "", DAY " 05:17:00", DAY " 23:59:59"), "");
	fake_log_free(&l);
}

/* The second life wrote of the cut, and was cut before it did anything. */
static void
test_a_cut_told_twice_is_one_that_ends_with_the_second(void **state)
{
	struct fake_log l;

	(void)state;
	a_day(&l);
	power_cut(&l, DAY " 05:03:11", DAY " 05:04:00");
	power_cut(&l, DAY " 05:03:11", DAY " 05:16:40");
	outcomes(&l);
	assert_string_equal(
	    told(&l, "", DAY " 00:00:00", DAY " 23:59:59"), "power_lost 1/2 ");
	fake_log_free(&l);
}

static void
clock_says(struct fake_log *l, enum trust trust)
{
	l->now.trust = trust;
	fake_log_add(l, KIND_CLOCK,
	    "{\"state\":\"\",\"step_ms\":0,\"detail\":\"\"}", NULL);
}

static void
test_an_untrusted_clock_is_told_when_it_cost_a_slot(void **state)
{
	struct fake_log l;

	(void)state;
	a_day(&l);
	fake_log_at(&l, DAY " 04:00:00");
	clock_says(&l, TRUST_UNSURE);
	fake_log_at(&l, DAY " 04:10:00");
	clock_says(&l, TRUST_SYNCED);
	fake_log_at(&l, DAY " 05:04:00");
	clock_says(&l, TRUST_UNSURE);
	fake_log_at(&l, DAY " 05:12:00");
	clock_says(&l, TRUST_CONFIRMED);
	fake_log_slot(&l, DAY, "b", "not_aired", "clock_unsure", 0, 0, NULL);
	assert_string_equal(told(&l, "", DAY " 00:00:00", DAY " 23:59:59"),
	    "clock_unsure 1/0 ");
	fake_log_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_cut_is_told_with_what_it_cost_and_no_more),
		cmocka_unit_test(
		    test_a_cut_told_twice_is_one_that_ends_with_the_second),
		cmocka_unit_test(
		    test_an_untrusted_clock_is_told_when_it_cost_a_slot),
	};

	return cmocka_run_group_tests_name("outages", tests, NULL, NULL);
}
