/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_plan FOLDER STATION SITE YEAR - how long reading, unrolling and
 * checking that year of the station's schedule takes. Prints milliseconds
 * and the slots of the year.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "scheduler/rules.h"

struct year {
	struct site *site;
	struct schedule *schedule;
	struct plan *plan;
};

static int
year_read(struct year *y, char **argv, struct problems *ps)
{
	int64_t from, to;
	int number = atoi(argv[4]), r;

	r = civil_zone("Asia/Ho_Chi_Minh");
	if (r < 0)
		return r;
	r = civil_day(number, 1, 1, &from);
	if (r < 0)
		return r;
	r = civil_day(number, 12, 31, &to);
	if (r < 0)
		return r;
	r = site_read(argv[3], ps, &y->site);
	if (r < 0)
		return r;
	r = schedule_read(argv[1], argv[2], from, to, ps, &y->schedule);
	if (r < 0)
		return r;
	r = plan_make(y->schedule, from, to, &y->plan);
	if (r < 0)
		return r;
	return rules_check(y->plan, y->site, ps) == 0 ? 0 : -EINVAL;
}

int
main(int argc, char **argv)
{
	struct problems ps = { 0 };
	struct year y = { 0 };
	char text[512];
	int64_t start_us;
	int r;

	if (argc != 5) {
		fprintf(stderr, "usage: bench_plan FOLDER STATION SITE YEAR\n");
		return 64;
	}
	start_us = clock_read().boot_us;
	r = year_read(&y, argv, &ps);
	if (r == 0)
		printf("%.1f %zu\n", (clock_read().boot_us - start_us) / 1000.0,
		    y.plan->n);
	else
		fprintf(stderr, "bench_plan: %s\n", strerror(-r));
	for (size_t i = 0; i < ps.n; i++)
		fprintf(stderr, "%s\n",
		    problem_text(&ps.list[i], text, sizeof(text)));
	problems_free(&ps);
	plan_free(y.plan);
	schedule_free(y.schedule);
	site_free(y.site);
	return r == 0 ? 0 : 1;
}
