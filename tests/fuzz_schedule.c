/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_schedule - whatever an officer or an administrator saves as a file:
 * a timetable ('t', then the file), a week's programme ('w'), etc/loaxa.conf
 * ('s'). What is accepted is planned for two weeks, judged by the rules, and
 * written as day sheets, which must read back as the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/rules.h"
#include "scheduler/schedule.h"
#include "tests/fuzz.h"

#define STATION "que-minh"
#define MONDAY 20780 /* 2026-11-23, week 48 */

static struct site *site;

static enum standing
look(void *arg, const char *item, int64_t *ret_frames)
{
	(void)arg;
	*ret_frames = 48000 * 60;
	return (enum standing)(strlen(item) % 5);
}

static void
sheets(const struct plan *p, int64_t day)
{
	json_t *slots = plan_day_json(p, day);
	json_t *again;
	struct plan *back;

	if (slots == NULL)
		abort();
	if (plan_from_json(slots, day, &back) < 0)
		abort();
	again = plan_day_json(back, day);
	if (!json_equal(slots, again))
		abort();
	json_decref(again);
	json_decref(slots);
	plan_free(back);
}

static void
judge(const struct schedule *s)
{
	const struct rules_library lib = { .look = look };
	struct problems ps = { 0 };
	struct plan *p;

	if (plan_make(s, MONDAY, MONDAY + 13, &p) < 0)
		abort();
	rules_check(p, site, &ps);
	rules_missing(p, &lib, &ps);
	fuzz_problems(&ps);
	for (int64_t day = MONDAY; day < MONDAY + 14; day++)
		sheets(p, day);
	plan_free(p);
}

static void
try_schedule(const char *name, const char *bytes, size_t n)
{
	struct schedule_swap swap = { .name = name, .bytes = bytes, .n = n };
	struct problems ps = { 0 };
	struct schedule *s = NULL;
	int r = schedule_read_with(
	    "schedules", STATION, MONDAY - 7, MONDAY + 13, &swap, &ps, &s);

	if ((r < 0) != (problems_count(&ps) > 0))
		abort(); /* refused without a word, or taken with one */
	fuzz_problems(&ps);
	if (r == 0)
		judge(s);
	schedule_free(s);
}

static void
try_site(const char *bytes, size_t n)
{
	struct problems ps = { 0 };
	struct site *s = NULL;

	fuzz_file("site.conf", bytes, n);
	if (site_read(fuzz_path("site.conf"), &ps, &s) == 0)
		site_free(s);
	else if (problems_count(&ps) == 0)
		abort();
	fuzz_problems(&ps);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct problems ps = { 0 };

	(void)argc;
	(void)argv;
	if (site_read("etc/loaxa.conf", &ps, &site) < 0)
		abort();
	return civil_zone("Asia/Ho_Chi_Minh");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data + 1;

	if (n == 0)
		return 0;
	if (data[0] == 's')
		try_site(text, n - 1);
	else if (data[0] == 'w')
		try_schedule(STATION "/2026-W48.cfg", text, n - 1);
	else
		try_schedule(STATION ".cfg", text, n - 1);
	return 0;
}
