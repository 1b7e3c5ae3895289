/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/unitsfile.h"
#include "tests/fakes/folder.h"

static struct folder top;

static void
refused(const char *text, const char *wanted)
{
	struct problems ps = { 0 };
	struct units u;

	folder_write(&top, "units.cfg", text);
	assert_int_equal(chdir(top.path), 0);
	assert_int_equal(unitsfile_read("units.cfg", NULL, &ps, &u), -EINVAL);
	problems_sort(&ps);
	expect_said(text, &ps, wanted);
}

static void
test_all_that_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	refused("units = (\n"
		"  { id = \"A\"; name = \"A\"; },\n"
		"  { id = \"b\"; nam = \"B\"; from = \"1/7/2025\"; }\n"
		");\n",
	    "units.cfg:2: id: \"A\" is not an id; use a-z, 0-9 and "
	    "\"-\", such as \"a\"\n"
	    "units.cfg:3: unknown key \"nam\"; did you mean \"name\"?\n"
	    "units.cfg:3: from: \"1/7/2025\" is not a date of the calendar; "
	    "write YYYY-MM-DD, such as 2026-11-26\n"
	    "units.cfg:3: name is missing; write name = \"…\";\n");
	refused("units = ( { id = \"b\"; name = \"B\"; } );\n"
		"stations = (\n"
		"  { station = \"S\"; unit = \"b\"; closed = true; },\n"
		"  { unit = \"b\"; },\n"
		"  { station = \"T\"; }\n"
		");\n",
	    "units.cfg:3: a station has a unit or is closed on the same days; "
	    "keep one of the two\n"
	    "units.cfg:4: station is missing; write station = \"…\";\n"
	    "units.cfg:5: unit is missing; write unit = \"ttdn-t5\";\n");
	refused("units = ( { id = \"b\"; name = \"B\"; parent = \"c\"; } );\n",
	    "units.cfg:1: parent: there is no unit \"c\"; write its entry "
	    "among the units, or correct the id\n");
}

static void
test_a_station_may_be_written_by_its_key(void **state)
{
	json_t *names = json_pack("{s:s}", "0123456789abcdef", "Đài B");
	struct problems ps = { 0 };
	struct units u;

	(void)state;
	folder_write(&top, "units.cfg",
	    "units = ( { id = \"b\"; name = \"B\"; } );\n"
	    "stations = ( { station = \"0123456789abcdef\"; unit = \"b\"; } "
	    ");\n");
	assert_int_equal(unitsfile_read("units.cfg", names, &ps, &u), 0);
	assert_string_equal(units_of(&u, "Đài B", "x", 0)->name, "B");
	units_clear(&u);
	json_decref(names);
}

/* etc/units.cfg, which explains each case: it means what it says. */
static void
test_the_example_is_as_it_says(void **state)
{
	static const struct {
		const char *station;
		const char *id;
		const char *day;
		const char *unit;
		const char *above;
	} wanted[] = {
		{ "Đài Thượng", "x", "2025-06-30", "Xã Thượng", "Huyện Sông" },
		{ "Đài Thượng", "x", "2025-07-01", "Xã Sông", "Tỉnh Ví Dụ" },
		{ "Đài Hạ", "x", "2025-12-31", "Xã Sông", "Tỉnh Ví Dụ" },
		{ "Đài Hạ", "x", "2026-01-01", NULL, NULL },
		{ "Đài Hạ", "x", "2026-07-01", "Xã Sông", "Tỉnh Ví Dụ" },
		{ "Đài Biển", "x", "2025-06-30", "Xã Biển", "Huyện Sông" },
		{ "Đài Biển", "x", "2025-07-01", "Xã Biển", "Tỉnh Ví Dụ" },
		{ "Đài Biển", "x", "2026-04-01", "Phường Biển", "Tỉnh Ví Dụ" },
		{ "Máy chung", "cho-song", "2026-04-01", "Xã Sông",
		    "Tỉnh Ví Dụ" },
	};
	struct problems ps = { 0 };
	struct units u;
	int r = unitsfile_read("etc/units.cfg", NULL, &ps, &u);

	(void)state;
	expect_said("etc/units.cfg", &ps, "");
	assert_int_equal(r, 0);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct unit *e;
		int64_t day;

		assert_int_equal(civil_read_date(wanted[i].day, &day), 0);
		e = units_of(&u, wanted[i].station, wanted[i].id, day);
		if (wanted[i].unit == NULL) {
			assert_null(e);
			continue;
		}
		assert_non_null(e);
		assert_string_equal(e->name, wanted[i].unit);
		assert_string_equal(
		    units_above(&u, e, day)->name, wanted[i].above);
	}
	units_clear(&u);
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&top);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&top);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: it is read where tests run, at the top of the tree. */
		cmocka_unit_test(test_the_example_is_as_it_says),
		cmocka_unit_test(test_all_that_is_wrong_is_told_with_its_line),
		cmocka_unit_test(test_a_station_may_be_written_by_its_key),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
