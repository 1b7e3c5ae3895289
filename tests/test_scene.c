/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/scene.h"
#include "ctl/scene_example.h"
#include "scheduler/rules.h"
#include "tests/fakes/folder.h"

#define FROM 20780 /* 2026-11-23, a Monday */

static void
test_the_example_is_a_good_station(void **state)
{
	struct problems ps = { 0 };
	struct scene *s;
	struct site *site;
	struct schedule *schedule;
	struct plan *plan;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(scene_make(NULL, NULL, false, FROM, FROM + 8, &s), 0);
	assert_int_equal(site_read(scene_conf(s), &ps, &site), 0);
	assert_int_equal(schedule_read(scene_schedules(s), "que-minh", FROM,
			     FROM + 8, &ps, &schedule),
	    0);
	assert_int_equal(plan_make(schedule, FROM, FROM + 8, &plan), 0);
	rules_check(plan, site, &ps);
	assert_int_equal(problems_count(&ps), 0);
	assert_true(plan->n > 0);
	plan_free(plan);
	schedule_free(schedule);
	site_free(site);
	scene_free(s);
}

static void
test_edits_are_the_same_for_the_same_luck(void **state)
{
	struct luck a = { 5 };
	struct luck b = { 5 };
	struct scene *s, *t;
	char one[512];
	char two[512];

	(void)state;
	assert_int_equal(scene_make(NULL, NULL, false, FROM, FROM, &s), 0);
	assert_int_equal(scene_make(NULL, NULL, false, FROM, FROM, &t), 0);
	for (int i = 0; i < 50; i++) {
		const char *name = scene_edit(s, &a);
		char *x, *y;
		size_t n, m;

		assert_string_equal(scene_edit(t, &b), name);
		snprintf(one, sizeof(one), "%s/%s", scene_folder(s), name);
		snprintf(two, sizeof(two), "%s/%s", scene_folder(t), name);
		x = folder_slurp(one, &n);
		y = folder_slurp(two, &m);
		assert_int_equal(n, m);
		assert_memory_equal(x, y, n);
		free(x);
		free(y);
	}
	scene_free(s);
	scene_free(t);
}

static void
test_a_root_is_copied_and_left_alone(void **state)
{
	static const char timetable[] = "station = \"a\"; # at = \"05:00:00\"";
	struct luck l = { 5 };
	struct root root = { 0 };
	struct folder f;
	struct scene *s;
	char path[2048];
	char *text;
	size_t n;

	(void)state;
	folder_make(&f);
	snprintf(
	    root.schedules, sizeof(root.schedules), "%s/schedules", f.path);
	snprintf(root.conf, sizeof(root.conf), "%s/etc/loaxa.conf", f.path);
	snprintf(root.items, sizeof(root.items), "%s/items", f.path);
	assert_int_equal(
	    scene_make(&root, NULL, true, FROM, FROM, &s), -ENOENT);
	folder_write(&f, "schedules/a.cfg", timetable);
	folder_write(&f, "schedules/a/2026-W48.cfg", "week = \"2026-W48\";");
	folder_write(&f, "schedules/b.cfg", "station = \"b\";");
	assert_int_equal(scene_make(&root, "a", true, FROM, FROM, &s), 0);
	for (int i = 0; i < 50; i++)
		scene_edit(s, &l);
	snprintf(path, sizeof(path), "%s/a.cfg", root.schedules);
	text = folder_slurp(path, &n);
	assert_string_equal(text, timetable);
	free(text);
	snprintf(path, sizeof(path), "%s/b.cfg", scene_schedules(s));
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s", scene_folder(s));
	assert_null(scene_free(s));
	assert_int_equal(access(path, F_OK), -1);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_is_a_good_station),
		cmocka_unit_test(test_edits_are_the_same_for_the_same_luck),
		cmocka_unit_test(test_a_root_is_copied_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
