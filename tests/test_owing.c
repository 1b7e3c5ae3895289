/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/owing.h"
#include "tests/fakes/fake_log.h"
#include "tests/fakes/folder.h"

struct place {
	struct folder folder;
	struct root root;
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	folder_make(&p->folder);
	*state = p;
	return root_find(p->folder.path, &p->root);
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p);
	return 0;
}

/* One ordered slot, and what became of it. */
static void
write_log(struct place *p, const char *status)
{
	struct fake_log l;
	struct disk *disk;
	char above[400];

	mkdir(p->root.var, 0700);
	mkdir(p->root.log, 0700);
	assert_int_equal(disk_open(p->root.log, &disk), 0);
	fake_log_init(&l, disk);
	snprintf(above, sizeof(above),
	    "{\"date\":\"2026-11-26\",\"revision\":\"" FAKE_SHA
	    "\",\"slots\":[{\"slot\":\"a\",\"planned_utc\":\"%s\","
	    "\"planned_ms\":300000,\"items\":[],\"from_above\":true}]}",
	    fake_utc("2026-11-26 17:10:30"));
	fake_log_add(&l, KIND_DAY, above, NULL);
	fake_log_at(&l, "2026-11-26 17:30:00");
	fake_log_slot(&l, "2026-11-26", "a", status, "", 0, 0, NULL);
	fake_log_free(&l);
}

static void
no_log_owes_nothing_and_none_is_made(void **state)
{
	struct place *p = *state;
	struct owed *o;

	assert_int_equal(owing_read(&p->root, &o), 0);
	assert_null(owing_line(o, "que-minh"));
	owed_free(o);
	assert_int_equal(access(p->root.log, F_OK), -1);
}

static void
the_line_tells_how_many_and_since_when(void **state)
{
	struct place *p = *state;
	struct owed *o;
	char *line;

	write_log(p, "not_aired");
	assert_int_equal(owing_read(&p->root, &o), 0);
	line = owing_line(o, "que-minh");
	assert_string_equal(line,
	    "owed from above: 1, the oldest planned for 26/11/2026 17:10:30; "
	    "`loaxa owed` lists them");
	free(line);
	assert_null(owing_line(o, "khac"));
	owed_free(o);
}

static void
a_note_in_the_status_tells_the_same(void **state)
{
	struct place *p = *state;
	json_t *stations = json_loads("[{\"station\":\"khac\"},"
				      "{\"station\":\"que-minh\"}]",
	    0, NULL);
	char *line;

	write_log(p, "aired_partial");
	owing_note(&p->root, stations);
	assert_null(owing_noted(json_array_get(stations, 0)));
	line = owing_noted(json_array_get(stations, 1));
	assert_non_null(strstr(line, "26/11/2026 17:10:30"));
	free(line);
	json_decref(stations);
}

static void
what_has_aired_is_not_told(void **state)
{
	struct place *p = *state;
	struct owed *o;

	write_log(p, "aired");
	assert_int_equal(owing_read(&p->root, &o), 0);
	assert_null(owing_line(o, "que-minh"));
	owed_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    no_log_owes_nothing_and_none_is_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_line_tells_how_many_and_since_when, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_note_in_the_status_tells_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_has_aired_is_not_told, set_up, tear_down),
	};

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	return cmocka_run_group_tests_name("owing", tests, NULL, NULL);
}
