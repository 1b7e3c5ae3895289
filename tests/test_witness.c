/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sick_disk.h"
#include "ctl/witness.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

#define BOOT "11111111-0000-4000-8000-000000000000"

struct stage {
	struct sick_disk sick;
	struct witness *w;
	struct ledger *l;
};

static void
begin(struct stage *s)
{
	struct disk *under;

	assert_int_equal(disk_memory(&under), 0);
	sick_disk_init(&s->sick, under);
	assert_int_equal(witness_new(&s->sick.disk, &s->w), 0);
	assert_int_equal(ledger_open(witness_disk(s->w), NULL, &s->l), 0);
}

static void
end(struct stage *s)
{
	ledger_close(s->l);
	witness_free(s->w);
	disk_close(&s->sick.disk);
}

static void
add(struct stage *s)
{
	struct now now = { .wall_us = 1, .boot_us = 1, .trust = TRUST_SYNCED };

	assert_int_equal(
	    ledger_add(s->l, record_new(KIND_OP, "a", now, BOOT)), 0);
}

static void
test_what_counted_is_found_again(void **state)
{
	struct stage s;
	const char *line;
	const char *file;
	int64_t at;
	size_t n;

	(void)state;
	begin(&s);
	add(&s);
	add(&s);
	assert_int_equal(ledger_flush(s.l), 0);
	assert_int_equal(witness_count(s.w, ledger_leaves(s.l)), 0);
	assert_int_equal(witness_seen(s.w), 2);
	line = witness_last(s.w, &n, &file, &at);
	assert_int_equal(record_kind(line, n), KIND_OP);
	assert_int_equal(sick_disk_safe(&s.sick, file), at);
	assert_int_equal(witness_check(s.w, s.sick.under, true, &at), 0);
	assert_int_equal(witness_count(s.w, 3), -EPROTO);
	end(&s);
}

static int
say_synced(struct disk *d, const char *name)
{
	(void)d;
	(void)name;
	return 0;
}

static void
test_what_counted_and_was_not_safe_is_missed_after_a_cut(void **state)
{
	struct stage s;
	int64_t seq = -1;

	(void)state;
	begin(&s);
	add(&s);
	assert_int_equal(ledger_flush(s.l), 0);
	witness_count(s.w, 1);
	/* Written, called safe, but never synced. */
	add(&s);
	s.sick.disk.sync = say_synced;
	ledger_flush(s.l);
	witness_count(s.w, 2);
	sick_disk_cut(&s.sick, 0);
	assert_int_equal(
	    witness_check(s.w, s.sick.under, true, &seq), -EBADMSG);
	assert_int_equal(seq, 1);
	end(&s);
}

static void
test_another_line_in_its_place_is_found(void **state)
{
	struct stage s;
	struct disk *d;
	int64_t seq = -1;

	(void)state;
	begin(&s);
	add(&s);
	ledger_flush(s.l);
	witness_count(s.w, 1);
	d = s.sick.under;
	d->append(d, "airing-1970-01.jsonl", 0, "{}\n", 3);
	assert_int_equal(witness_check(s.w, d, false, &seq), -EBADMSG);
	assert_int_equal(seq, 0);
	end(&s);
}

static void
test_what_a_crash_left_counts_with_the_next_life(void **state)
{
	struct stage s;

	(void)state;
	begin(&s);
	add(&s);
	ledger_flush(s.l);
	assert_int_equal(witness_crash(s.w, s.sick.under), 1);
	assert_int_equal(witness_seen(s.w), 0);
	add(&s);
	ledger_flush(s.l);
	assert_int_equal(witness_count(s.w, 2), 0);
	assert_int_equal(witness_seen(s.w), 2);
	end(&s);
}

static void
test_it_writes_a_line_for_each_record(void **state)
{
	char text[200] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct stage s;

	(void)state;
	begin(&s);
	add(&s);
	ledger_flush(s.l);
	witness_count(s.w, 1);
	assert_int_equal(witness_write(s.w, out), 0);
	fclose(out);
	assert_int_equal(strlen(text), 2 + 64 + 1);
	assert_memory_equal(text, "0 ", 2);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counted_is_found_again),
		cmocka_unit_test(
		    test_what_counted_and_was_not_safe_is_missed_after_a_cut),
		cmocka_unit_test(test_another_line_in_its_place_is_found),
		cmocka_unit_test(
		    test_what_a_crash_left_counts_with_the_next_life),
		cmocka_unit_test(test_it_writes_a_line_for_each_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
