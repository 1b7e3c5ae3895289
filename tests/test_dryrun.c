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
#include "base/disk.h"
#include "ctl/dryrun.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/place.h"

#define BOOT "11111111-0000-4000-8000-000000000000"

static json_t *
head(enum kind kind)
{
	struct now now = { .wall_us = 1, .boot_us = 1, .trust = TRUST_SYNCED };

	return record_new(kind, "a", now, BOOT);
}

static void
add(struct ledger *l, json_t *record, json_t *body)
{
	assert_int_equal(json_object_update(record, body), 0);
	json_decref(body);
	assert_int_equal(ledger_add(l, record), 0);
}

static void
add_slot(struct ledger *l, const char *slot, const char *utc, const char *title,
    const char *status, const char *reason, int cut_ms)
{
	add(l, head(KIND_SLOT),
	    json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:s,s:i,s:i}", "date",
		"2026-11-26", "slot", slot, "planned_utc", utc, "planned_ms",
		600000, "title", title, "status", status, "reason", reason,
		"cut_ms", cut_ms, "actual_ms", 0));
}

/* As a simulation leaves it: slots as they closed, not as they began. */
static struct disk *
make_log(void)
{
	struct disk *log;
	struct ledger *l;

	assert_int_equal(disk_memory(&log), 0);
	assert_int_equal(ledger_open(log, NULL, &l), 0);
	add(l, head(KIND_DAY),
	    json_pack("{s:s,s:[{s:s,s:[s]},{s:s,s:[s,s,s]},{s:s,s:[]},"
		      "{s:s,s:[s]}]}",
		"date", "2026-11-26", "slots", "slot", "mo", "items", "good",
		"slot", "tin", "items", "good", "new", "none", "slot", "khong",
		"items", "slot", "dai", "items", "good"));
	add_slot(l, "tin", "2026-11-25T22:10:00Z", "Bản tin", "aired_partial",
	    "not_approved", 0);
	add_slot(l, "mo", "2026-11-25T22:00:00Z", "Mở đầu", "aired", "", 0);
	add_slot(l, "khong", "2026-11-25T22:20:00Z", "", "not_aired",
	    "missing_item", 0);
	add_slot(l, "vov", "2026-11-25T22:30:00Z", "VOV1", "external",
	    "relay_reserved", 0);
	add_slot(l, "dai", "2026-11-25T22:40:00Z", "Dài", "aired", "", 12000);
	assert_int_equal(ledger_flush(l), 0);
	ledger_close(l);
	return log;
}

struct bench {
	struct place place;
	struct disk *log;
	struct dryrun *d;
};

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	place_make(&b->place,
	    "hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = \"18:00\"; "
	    "} );\n",
	    "");
	place_item(&b->place, "good", 300, PLACE_APPROVED);
	place_item(&b->place, "new", 60, PLACE_NEW);
	place_open(&b->place);
	b->log = make_log();
	assert_int_equal(dryrun_read(&b->place.office, b->log, &b->d), 0);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	dryrun_free(b->d);
	disk_close(b->log);
	place_end(&b->place);
	free(b);
	return 0;
}

static void
expect_printed(const struct bench *b, bool only_lacking, const char *wanted)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(dryrun_print(b->d, only_lacking, out, 80), 0);
	fclose(out);
	if (strcmp(text, wanted) != 0)
		fail_msg("%s", text);
	free(text);
}

static void
every_slot_is_told_by_its_start_with_the_items_to_blame(void **state)
{
	expect_printed(*state, false,
	    "TIME      LASTS  WHAT     WOULD AIR?   WHY NOT\n"
	    "a, T5 26/11/2026\n"
	    "05:00:00  10:00  Mở đầu   would air\n"
	    "05:10:00  10:00  Bản tin  ! in part    not approved: new, none\n"
	    "05:20:00  10:00  khong    ! would not  no item chosen\n"
	    "05:30:00  10:00  VOV1     relay\n"
	    "05:40:00  10:00  Dài      would air    cut by 0:12\n");
}

static void
a_long_run_is_told_by_what_lacks(void **state)
{
	expect_printed(*state, true,
	    "TIME      LASTS  WHAT     WOULD AIR?   WHY NOT\n"
	    "a, T5 26/11/2026\n"
	    "05:10:00  10:00  Bản tin  ! in part    not approved: new, none\n"
	    "05:20:00  10:00  khong    ! would not  no item chosen\n"
	    "05:40:00  10:00  Dài      would air    cut by 0:12\n");
}

static void
what_is_cut_lacks_as_well(void **state)
{
	struct bench *b = *state;

	assert_int_equal(dryrun_lacking(b->d), 3);
	assert_int_equal(json_array_size(dryrun_slots(b->d)), 5);
	assert_string_equal(
	    record_text(json_array_get(dryrun_slots(b->d), 1), "slot"), "tin");
	assert_int_equal(
	    json_array_size(json_object_get(
		json_array_get(dryrun_slots(b->d), 1), "items_in_the_way")),
	    2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    every_slot_is_told_by_its_start_with_the_items_to_blame,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_run_is_told_by_what_lacks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_cut_lacks_as_well, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("dryrun", tests, NULL, NULL);
}
