/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "tests/fakes/stations.h"

static struct units none;

static int64_t
day(const char *text)
{
	int64_t d;

	assert_int_equal(civil_read_date(text, &d), 0);
	return d;
}

struct muster *
stations_two(enum muster_by by)
{
	struct muster_setup setup = { .by = by,
		.from_day = day("2026-11-16"),
		.to_day = day("2026-11-22"),
		.today = day("2026-12-01"),
		.units = &none,
		.as_of = MUSTER_NO_DAY,
		.unit = "",
		.station = "" };
	struct muster_log a = { .key = "a",
		.name = "Đài A",
		.about = "xa",
		.origin = "loaxa/a/log/v1",
		.root = "ROOT",
		.size = 9,
		.leaves = 9,
		.rows = 9,
		.trees = 1,
		.last_us = civil_to_us(day("2026-11-18"), 0) };
	struct muster_log b = { .key = "b",
		.name = "=Đài B",
		.about = "",
		.origin = "",
		.root = "" };
	struct tally_sum s = { .planned = 8,
		.aired = 4,
		.aired_partial = 1,
		.not_aired = 2,
		.external = 1 };
	struct muster_day d = { "a", "Đài A", "xa", day("2026-11-17"), "", &s };
	struct muster *m;

	s.lost_n[TALLY_POWER] = 2;
	s.part_n[TALLY_WORK] = 1;
	s.run_ms[TALLY_FIRST] = 3600000;
	assert_int_equal(muster_new(&setup, &m), 0);
	assert_int_equal(muster_know(m, &a), 0);
	assert_int_equal(muster_know(m, &b), 0);
	assert_int_equal(muster_take(m, &d), 0);
	assert_int_equal(muster_settle(m), 0);
	assert_true(muster_holds(m));
	return m;
}
