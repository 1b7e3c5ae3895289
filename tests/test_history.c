/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/history.h"
#include "tests/fakes/fake_log.h"

#define ABOUT(item) "{\"item\":\"" item "\",\"sha256\":\"" FAKE_SHA "\"}"

static void
check_kinds(const char *when, const json_t *list, const char *wanted)
{
	char kinds[200] = "";
	const json_t *r;
	size_t i;

	json_array_foreach(list, i, r)
	{
		strcat(kinds, record_text(r, "kind"));
		strcat(kinds, " ");
	}
	if (strcmp(kinds, wanted) != 0)
		fail_msg("%s: %s, wanted %s", when, kinds, wanted);
}

static void
an_item_is_told_apart_from_one_whose_id_begins_like_it(void **state)
{
	struct fake_log l;
	struct history h;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_add(&l, KIND_ITEM, ABOUT("tin"), NULL);
	fake_log_add(&l, KIND_ITEM, ABOUT("tin-2"), NULL);
	fake_log_add(&l, KIND_APPROVE, ABOUT("tin"), NULL);
	fake_log_add(&l, KIND_WITHDRAW, ABOUT("tin-2"), NULL);
	assert_int_equal(history_read(l.disk, "tin", &h), 0);
	check_kinds("tin", h.words, "item approve ");
	check_kinds("tin", h.airings, "");
	history_clear(&h);
	assert_int_equal(history_read(l.disk, "tin-2", &h), 0);
	check_kinds("tin-2", h.words, "item withdraw ");
	history_clear(&h);
	fake_log_free(&l);
}

static void
an_airing_is_one_that_sounded(void **state)
{
	struct fake_log l;
	struct history h;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_start(&l, "2026-11-26", "a", 1, "{\"item\":\"tin\"}");
	fake_log_end(&l, "2026-11-26", "a", 1, 0,
	    "{\"item\":\"tin\",\"status\":\"not_aired\"}");
	fake_log_start(&l, "2026-11-26", "a", 2, "{\"item\":\"tin\"}");
	fake_log_end(&l, "2026-11-26", "a", 2, 5000, "{\"item\":\"tin\"}");
	assert_int_equal(history_read(l.disk, "tin", &h), 0);
	check_kinds("tin", h.airings, "end ");
	assert_int_equal(
	    record_int(json_array_get(h.airings, 0), "actual_ms", 0), 5000);
	history_clear(&h);
	fake_log_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_item_is_told_apart_from_one_whose_id_begins_like_it),
		cmocka_unit_test(an_airing_is_one_that_sounded),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
