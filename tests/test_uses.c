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
#include "ctl/uses.h"
#include "tests/fakes/folder.h"

static int
append(void *arg, const char *station, const struct planned *p)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s/%s/%s ", station, p->slot,
	    p->n_items == 0 ? "-" : p->items[0]);
	return strcmp(p->slot, "stop") == 0 ? 7 : 0;
}

static void
all_stations_are_asked_and_a_broken_one_is_left_out(void **state)
{
	struct folder f;
	struct root root;
	char text[500] = "";
	json_t *titles;
	int64_t day;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	folder_make(&f);
	folder_write(&f, "schedules/a.cfg",
	    "station = \"a\"; name = \"A\";\n"
	    "segments = ( { id = \"ttdn\"; title = \"Đối ngoại\"; } );\n"
	    "slots = ( { id = \"x\"; days = \"T2\"; at = \"17:00\"; for = "
	    "\"00:05\"; item = \"tin\"; } );\n");
	folder_write(&f, "schedules/b.cfg", "station = \"b\";");
	folder_write(&f, "schedules/c.cfg",
	    "station = \"c\"; name = \"C\";\n"
	    "slots = ( { id = \"stop\"; days = \"T2-CN\"; at = \"17:00\"; for "
	    "= \"00:05\"; item = \"tin\"; } );\n");
	assert_int_equal(root_find(f.path, &root), 0);
	assert_int_equal(civil_read_date("2026-11-23", &day), 0);
	assert_int_equal(uses_each(&root, NULL, day, day + 7, append, text), 7);
	assert_string_equal(text, "a/x/tin a/x/tin c/stop/tin ");
	titles = uses_segments(&root);
	assert_string_equal(
	    json_string_value(json_object_get(titles, "ttdn")), "Đối ngoại");
	json_decref(titles);
	folder_remove(&f);
}

static void
no_schedules_at_all_use_nothing(void **state)
{
	struct folder f;
	struct root root;
	char text[10] = "";

	(void)state;
	folder_make(&f);
	assert_int_equal(root_find(f.path, &root), 0);
	assert_int_equal(uses_each(&root, NULL, 0, 14, append, text), 0);
	assert_string_equal(text, "");
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    all_stations_are_asked_and_a_broken_one_is_left_out),
		cmocka_unit_test(no_schedules_at_all_use_nothing),
	};

	return cmocka_run_group_tests_name("uses", tests, NULL, NULL);
}
