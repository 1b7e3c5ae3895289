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
#include "ctl/pairview.h"

static const char pairs[] =
    "[{\"station\":\"a\",\"set\":\"w48\",\"week\":\"2026-W48\",\"title\":"
    "\"Thông tin đối ngoại\",\"state\":\"complete\",\"parts\":["
    "{\"language\":\"vi\",\"state\":\"aired\",\"reason\":\"\",\"slot\":\"x\","
    "\"planned_utc\":\"2026-11-24T10:10:30Z\"},"
    "{\"language\":\"km\",\"state\":\"aired\",\"reason\":\"\",\"slot\":\"y\","
    "\"planned_utc\":\"2026-11-26T10:10:30Z\"}]},"
    "{\"station\":\"a\",\"set\":\"w49\",\"week\":\"2026-W49\",\"title\":\"\","
    "\"state\":\"incomplete\",\"parts\":["
    "{\"language\":\"vi\",\"state\":\"unplanned\",\"reason\":\"\"},"
    "{\"language\":\"km\",\"state\":\"not_aired\",\"reason\":\"missing_item\","
    "\"slot\":\"y\",\"planned_utc\":\"2026-12-03T10:10:30Z\"}]},"
    "{\"station\":\"a\",\"set\":\"w50\",\"week\":\"2026-W50\",\"title\":\"\","
    "\"state\":\"open\",\"parts\":["
    "{\"language\":\"xx\",\"state\":\"open\",\"reason\":\"\",\"slot\":\"y\","
    "\"planned_utc\":\"2026-12-10T10:10:30Z\"},{\"language\":\"km\\u0007\"}]}]";

static const char *
told(bool wanting, size_t *ret_n)
{
	static char said[2000];
	json_t *list = json_loads(pairs, 0, NULL);
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	*ret_n = pairview_print(list, wanting, f);
	fclose(f);
	snprintf(said, sizeof(said), "%s", text);
	free(text);
	json_decref(list);
	return said;
}

static void
a_set_is_told_with_what_became_of_each_part(void **state)
{
	size_t n;

	(void)state;
	assert_string_equal(told(true, &n),
	    "Bilingual set w49 (week 2026-W49): NOT complete: Vietnamese: no "
	    "slot yet; Khmer: not aired: file missing, 03/12/2026 17:10:30 "
	    "(y).\n");
	assert_int_equal(n, 1);
	assert_non_null(strstr(told(false, &n),
	    "Bilingual set w48 (Thông tin đối ngoại, week 2026-W48): complete: "
	    "Vietnamese: aired, 24/11/2026 17:10:30; Khmer: aired, 26/11/2026 "
	    "17:10:30.\n"));
	assert_non_null(strstr(told(false, &n),
	    "w50 (week 2026-W50): not complete yet: xx: to come, 10/12/2026 "
	    "17:10:30"));
	assert_int_equal(n, 3);
	/* A log that was tampered with cannot steer a terminal. */
	assert_null(strchr(told(false, &n), '\a'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_told_with_what_became_of_each_part),
	};

	return cmocka_run_group_tests_name("pairview", tests, NULL, NULL);
}
