/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/civil.h"
#include "evidence/index.h"
#include "base/sick_disk.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S "que-minh"
#define DAY "2026-11-26"

static char folder[] = "/tmp/loaxa-index-XXXXXX";
static char path[64];

static int
setup(void **state)
{
	*state = mkdtemp(folder);
	snprintf(path, sizeof(path), "%s/index.db", folder);
	return *state == NULL;
}

static int
teardown(void **state)
{
	char journal[80];

	(void)state;
	/* Truncated, not removed: that is this journal mode's way. */
	snprintf(journal, sizeof(journal), "%s-journal", path);
	unlink(journal);
	unlink(path);
	return rmdir(folder);
}

static void
write_day(struct fake_log *l)
{
	unlink(path);
	fake_log_init(l, NULL);
	fake_log_at(l, DAY " 04:00:00");
	fake_log_day(l, DAY, "a 05:00:00 300, b 05:10:00 300");
	fake_log_at(l, DAY " 05:00:00");
	fake_log_start(l, DAY, "a", 1, NULL);
	fake_log_at(l, DAY " 05:02:00");
	fake_log_end(l, DAY, "a", 1, 120000, NULL);
	fake_log_at(l, DAY " 05:05:00");
	fake_log_slot(l, DAY, "a", "aired", "", 1, 120000, NULL);
	fake_log_at(l, DAY " 05:15:00");
	fake_log_slot(l, DAY, "b", "not_aired", "missing_item", 0, 0, NULL);
}

static struct index *
opened(struct fake_log *l)
{
	struct index *x;
	int r = index_open(l->disk, path, &x);

	if (r < 0)
		fail_msg("index_open: %d", r);
	return x;
}

static int
tell_slot(void *arg, const json_t *slot)
{
	sprintf((char *)arg + strlen(arg), "%s:%s ", record_text(slot, "slot"),
	    record_text(slot, "status"));
	return 0;
}

static int
tell_airing(void *arg, const json_t *start, const json_t *end)
{
	sprintf((char *)arg + strlen(arg), "%s%s ",
	    record_text(start, "airing_id"), end == NULL ? "?" : "");
	return 0;
}

static const char *
slots(struct index *x, const char *station, const char *from, const char *to)
{
	static char text[4096];
	int64_t from_day, to_day;

	civil_read_date(from, &from_day);
	civil_read_date(to, &to_day);
	text[0] = '\0';
	assert_int_equal(
	    index_slots(x, station, from_day, to_day, tell_slot, text), 0);
	return text;
}

static const char *
sounding(struct index *x, const char *local)
{
	static char text[4096];

	text[0] = '\0';
	assert_int_equal(
	    index_sounding(x, S, fake_us(local), tell_airing, text), 0);
	return text;
}

static void
test_slots_of_some_days_in_order(void **state)
{
	struct fake_log l;
	struct index *x;

	(void)state;
	write_day(&l);
	x = opened(&l);
	assert_int_equal(index_leaves(x), 5);
	assert_string_equal(slots(x, S, DAY, DAY), "a:aired b:not_aired ");
	assert_string_equal(slots(x, "", DAY, DAY), "a:aired b:not_aired ");
	assert_string_equal(slots(x, "other", DAY, DAY), "");
	assert_string_equal(slots(x, S, "2026-11-27", "2026-12-01"), "");
	index_close(x);
	fake_log_free(&l);
}

static void
test_what_sounded_at_an_instant(void **state)
{
	static const struct {
		const char *when;
		const char *local;
		const char *airings;
	} cases[] = {
		{ "a second before", DAY " 04:59:59", "" },
		{ "on the first sample", DAY " 05:00:00", S "/" DAY "/a/1 " },
		{ "inside", DAY " 05:01:00", S "/" DAY "/a/1 " },
		{ "behind the last sample", DAY " 05:02:00", "" },
		/* It was planned until 05:05, but nothing sounded. */
		{ "in the rest of the slot", DAY " 05:04:00", "" },
	};
	struct fake_log l;
	struct index *x;

	(void)state;
	write_day(&l);
	x = opened(&l);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (strcmp(sounding(x, cases[i].local), cases[i].airings) != 0)
			fail_msg("%s: %s", cases[i].when,
			    sounding(x, cases[i].local));
	index_close(x);
	fake_log_free(&l);
}

static void
test_what_was_planned_at_an_instant(void **state)
{
	char text[256] = "";
	struct fake_log l;
	struct index *x;

	(void)state;
	write_day(&l);
	x = opened(&l);
	assert_int_equal(
	    index_planned(x, S, fake_us(DAY " 05:12:00"), tell_slot, text), 0);
	assert_string_equal(text, "b:not_aired ");
	assert_int_equal(
	    index_planned(x, S, fake_us(DAY " 05:15:00"), tell_slot, text), 0);
	assert_string_equal(text, "b:not_aired ");
	index_close(x);
	fake_log_free(&l);
}

static void
test_an_airing_and_a_slot_are_found_by_their_names(void **state)
{
	struct fake_log l;
	struct index *x;
	int64_t start = 0, end = 0, slot = 0;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_day(&l, "2026-11-26", "a 05:00:00 60,b 05:10:00 60");
	fake_log_start(&l, "2026-11-26", "a", 1, NULL);
	fake_log_end(&l, "2026-11-26", "a", 1, 60000, NULL);
	fake_log_slot(&l, "2026-11-26", "a", "aired", "", 1, 60000, NULL);
	fake_log_start(&l, "2026-11-26", "b", 1, NULL);
	assert_int_equal(index_open(l.disk, ":memory:", &x), 0);
	assert_int_equal(
	    index_airing(x, "que-minh/2026-11-26/a/1", &start, &end), 0);
	assert_int_equal(start, 1);
	assert_int_equal(end, 2);
	assert_int_equal(
	    index_airing(x, "que-minh/2026-11-26/b/1", &start, &end), 0);
	assert_int_equal(start, 4);
	assert_int_equal(end, -1);
	assert_int_equal(
	    index_airing(x, "que-minh/2026-11-26/b/2", &start, &end), -ENOENT);
	assert_int_equal(
	    index_slot(x, "que-minh", "2026-11-26", "a", &slot), 0);
	assert_int_equal(slot, 3);
	assert_int_equal(
	    index_slot(x, "que-minh", "2026-11-26", "b", &slot), -ENOENT);
	assert_int_equal(
	    index_slot(x, "tam-binh", "2026-11-26", "a", &slot), -ENOENT);
	index_close(x);
	assert_int_equal(index_open_as_is("/no/such/file", &x), -ENOENT);
	fake_log_free(&l);
}

static void
test_an_open_airing_counts_no_longer_than_its_frames(void **state)
{
	struct fake_log l;
	struct index *x;

	(void)state;
	write_day(&l);
	fake_log_at(&l, DAY " 17:00:00");
	fake_log_start(&l, DAY, "c", 1, NULL); /* five minutes of frames */
	x = opened(&l);
	assert_string_equal(sounding(x, DAY " 17:04:59"), S "/" DAY "/c/1? ");
	assert_string_equal(sounding(x, DAY " 17:05:00"), "");
	fake_log_at(&l, DAY " 17:01:00");
	fake_log_end(&l, DAY, "c", 1, 0, NULL);
	assert_int_equal(index_refresh(x), 0);
	assert_string_equal(sounding(x, DAY " 17:00:30"), "");
	index_close(x);
	fake_log_free(&l);
}

static void
test_it_follows_the_log_and_keeps_what_it_has(void **state)
{
	struct fake_log l;
	struct index *x;
	json_t *r;

	(void)state;
	write_day(&l);
	x = opened(&l);
	index_close(x);
	fake_log_add(&l, KIND_OP, "{\"op\":\"reload\"}", NULL);
	x = opened(&l);
	assert_int_equal(index_leaves(x), 6);
	assert_int_equal(index_refresh(x), 0);
	assert_int_equal(index_leaves(x), 6);
	assert_int_equal(index_record(x, 5, &r), 0);
	assert_string_equal(record_text(r, "op"), "reload");
	json_decref(r);
	assert_int_equal(index_record(x, 6, &r), -ENOENT);
	assert_int_equal(index_record(x, -1, &r), -ENOENT);
	assert_null(index_close(x));
	fake_log_free(&l);
}

/* Lines that are packed, and lines that are not yet, one by one and all at
 * once; and one that is missing. */
static void
test_every_line_comes_back_from_its_block(void **state)
{
	static const int steps[] = { 255, 1, 1, 300, 700 };
	struct fake_log l;
	struct index *x;
	int all = 5;

	(void)state;
	write_day(&l);
	for (size_t i = 0; i < COUNT(steps); i++) {
		for (int k = 0; k < steps[i]; k++)
			fake_log_add(&l, KIND_OP, "{\"op\":\"reload\"}", NULL);
		all += steps[i];
		x = opened(&l);
		assert_false(index_remade(x));
		for (int seq = 0; seq < all; seq++) {
			json_t *r;

			assert_int_equal(index_record(x, seq, &r), 0);
			assert_int_equal(record_int(r, "seq", -1), seq);
			json_decref(r);
		}
		assert_string_equal(
		    slots(x, S, DAY, DAY), "a:aired b:not_aired ");
		assert_string_equal(
		    sounding(x, DAY " 05:01:00"), S "/" DAY "/a/1 ");
		index_close(x);
	}
	fake_log_free(&l);
}

static int64_t
size_of_log(struct fake_log *l)
{
	char *bytes;
	size_t n;

	assert_int_equal(
	    l->disk->read(l->disk, "airing-2026-11.jsonl", &bytes, &n), 0);
	free(bytes);
	return (int64_t)n;
}

/* Ten years of both are to take 150 MB: the log alone has 120. */
static void
test_it_takes_a_fraction_of_what_the_log_takes(void **state)
{
	struct fake_log l;
	struct stat st;

	(void)state;
	write_day(&l);
	for (int i = 0; i < 5000; i++)
		fake_log_add(&l, KIND_OP, "{\"op\":\"reload\"}", NULL);
	index_close(opened(&l));
	assert_int_equal(stat(path, &st), 0);
	if (st.st_size * 5 > size_of_log(&l))
		fail_msg("%lld bytes of %lld", (long long)st.st_size,
		    (long long)size_of_log(&l));
	fake_log_free(&l);
}

static void
run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
write_file(const char *bytes, long at)
{
	FILE *f = fopen(path, at < 0 ? "w" : "r+");

	if (at > 0)
		fseek(f, at, SEEK_SET);
	fputs(bytes, f);
	fclose(f);
}

static void
test_a_damaged_index_is_made_again_from_the_lines(void **state)
{
	static const struct {
		const char *when;
		const char *sql; /* or bytes written at `at` */
		const char *bytes;
		long at;
	} cases[] = {
		{ "not a database", NULL,
		    "this is not a database at all, and "
		    "long enough to be looked at twice, "
		    "or three times, or four times",
		    -1 },
		{ "an empty file", NULL, "", -1 },
		{ "its head overwritten", NULL, "SQLite format 9", 0 },
		{ "a page overwritten", NULL,
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 96 },
		{ "a table gone",
		    "DROP TABLE slot; DELETE FROM record;"
		    "UPDATE meta SET value = '0' WHERE key ="
		    " 'leaves'",
		    NULL, 0 },
		{ "another form",
		    "UPDATE meta SET value = '0' WHERE key ="
		    " 'form'",
		    NULL, 0 },
		{ "of another log",
		    "UPDATE meta SET value = 'x' WHERE key ="
		    " 'last'",
		    NULL, 0 },
		{ "ahead of the log",
		    "UPDATE meta SET value = '99' WHERE key ="
		    " 'leaves'",
		    NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct index *x;

		write_day(&l);
		index_close(opened(&l));
		if (cases[i].sql != NULL)
			run_sql(cases[i].sql);
		else
			write_file(cases[i].bytes, cases[i].at);
		if (index_open(l.disk, path, &x) < 0)
			fail_msg("%s: not opened", cases[i].when);
		if (strcmp(slots(x, S, DAY, DAY), "a:aired b:not_aired ") != 0)
			fail_msg(
			    "%s: %s", cases[i].when, slots(x, S, DAY, DAY));
		/* An empty file is as good as none. */
		if (!index_remade(x) &&
		    (cases[i].bytes == NULL || cases[i].bytes[0] != '\0'))
			fail_msg("%s: not said", cases[i].when);
		index_close(x);
		x = opened(&l);
		assert_false(index_remade(x));
		index_close(x);
		fake_log_free(&l);
	}
}

static void
test_a_log_that_was_damaged_and_mended_is_followed(void **state)
{
	static const char file[] = "airing-2026-11.jsonl";
	struct fake_log l;
	struct index *x;
	char *bytes, *spoilt, *at;
	size_t n;

	(void)state;
	write_day(&l);
	index_close(opened(&l));
	assert_int_equal(l.disk->read(l.disk, file, &bytes, &n), 0);
	spoilt = strdup(bytes);
	at = strstr(spoilt, "{\"v\":1,\"kind\":\"slot\"");
	assert_non_null(at);
	memcpy(at, "damaged", 7);
	assert_int_equal(l.disk->append(l.disk, file, 0, spoilt, n), 0);
	x = opened(&l);
	assert_string_equal(slots(x, S, DAY, DAY), "b:not_aired ");
	index_close(x);
	assert_int_equal(l.disk->append(l.disk, file, 0, bytes, n), 0);
	x = opened(&l);
	assert_string_equal(slots(x, S, DAY, DAY), "a:aired b:not_aired ");
	index_close(x);
	free(spoilt);
	free(bytes);
	fake_log_free(&l);
}

static void
test_a_log_that_was_replaced_is_indexed_anew(void **state)
{
	static const struct {
		const char *when;
		int lines;
		const char *slots;
	} cases[] = {
		{ "a shorter one", 2, "z:aired z:aired " },
		{ "one as long", 5,
		    "z:aired z:aired z:aired z:aired z:aired " },
		{ "a longer one", 6,
		    "z:aired z:aired z:aired z:aired z:aired z:aired " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct index *x;

		write_day(&l);
		index_close(opened(&l));
		fake_log_free(&l);
		fake_log_init(&l, NULL);
		for (int n = 0; n < cases[i].lines; n++)
			fake_log_slot(&l, DAY, "z", "aired", "", 0, 0, NULL);
		x = opened(&l);
		assert_int_equal(index_leaves(x), cases[i].lines);
		if (strcmp(slots(x, S, DAY, DAY), cases[i].slots) != 0)
			fail_msg(
			    "%s: %s", cases[i].when, slots(x, S, DAY, DAY));
		index_close(x);
		fake_log_free(&l);
	}
}

static void
test_a_refresh_that_fails_leaves_the_index_as_it_was(void **state)
{
	struct sick_disk f;
	struct fake_log l;
	struct index *x;
	struct disk *d;

	(void)state;
	unlink(path);
	assert_int_equal(disk_memory(&d), 0);
	sick_disk_init(&f, d);
	fake_log_init(&l, &f.disk);
	fake_log_slot(&l, DAY, "a", "aired", "", 0, 0, NULL);
	x = opened(&l);
	fake_log_at(&l, "2026-12-01 05:00:00");
	fake_log_slot(&l, DAY, "b", "aired", "", 0, 0, NULL);
	fake_log_at(&l, "2027-01-01 05:00:00");
	fake_log_slot(&l, DAY, "c", "aired", "", 0, 0, NULL);
	f.fail_at = f.calls + 4; /* the third month's file */
	assert_int_equal(index_refresh(x), -EIO);
	assert_int_equal(index_leaves(x), 1);
	assert_string_equal(slots(x, S, DAY, DAY), "a:aired ");
	assert_int_equal(index_refresh(x), 0);
	assert_int_equal(index_leaves(x), 3);
	index_close(x);
	fake_log_free(&l);
}

static void
test_where_it_cannot_be_written_it_says_so(void **state)
{
	struct index *x = NULL;
	struct fake_log l;

	(void)state;
	write_day(&l);
	assert_int_equal(index_open(l.disk, "/nowhere/index.db", &x), -EACCES);
	assert_null(x);
	/* In memory it still answers. */
	assert_int_equal(index_open(l.disk, ":memory:", &x), 0);
	assert_string_equal(slots(x, S, DAY, DAY), "a:aired b:not_aired ");
	index_close(x);
	fake_log_free(&l);
}

static int
stop(void *arg, const json_t *slot)
{
	(void)slot;
	++*(int *)arg;
	return 42;
}

static void
test_a_walk_stops_where_its_function_says(void **state)
{
	struct fake_log l;
	struct index *x;
	int64_t day;
	int calls = 0;

	(void)state;
	write_day(&l);
	x = opened(&l);
	civil_read_date(DAY, &day);
	assert_int_equal(index_slots(x, S, day, day, stop, &calls), 42);
	assert_int_equal(calls, 1);
	index_close(x);
	fake_log_free(&l);
}

static int
tell_seq(void *arg, int64_t seq)
{
	sprintf((char *)arg + strlen(arg), "%d ", (int)seq);
	return seq == 99;
}

static const char *
about(struct index *x, enum kind k, const char *key)
{
	static char text[200];

	text[0] = '\0';
	assert_int_equal(index_about(x, k, key, tell_seq, text), 0);
	return text;
}

static void
test_records_are_found_by_what_they_are_about(void **state)
{
	struct fake_log l;
	struct index *x;

	(void)state;
	write_day(&l);
	x = opened(&l);
	assert_string_equal(about(x, KIND_DAY, S "/" DAY), "0 ");
	fake_log_day(&l, DAY, "a 05:00:00 300");
	fake_log_day(&l, "2026-11-27", "a 05:00:00 300");
	fake_log_add(&l, KIND_WITHDRAW, "{\"item\":\"ban-tin\"}", NULL);
	fake_log_add(&l, KIND_CORRECT, "{\"record\":7}", NULL);
	fake_log_add(&l, KIND_ANCHOR, "{\"origin\":\"o\"}", NULL);
	assert_int_equal(index_refresh(x), 0);
	assert_string_equal(about(x, KIND_DAY, S "/" DAY), "0 5 ");
	assert_string_equal(about(x, KIND_DAY, "x/" DAY), "");
	assert_string_equal(about(x, KIND_WITHDRAW, "ban-tin"), "7 ");
	assert_string_equal(about(x, KIND_CORRECT, "7"), "8 ");
	assert_string_equal(about(x, KIND_ANCHOR, "o"), "9 ");
	assert_string_equal(about(x, KIND_ANCHOR, "7"), "");
	index_close(x);
	fake_log_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_are_found_by_what_they_are_about),
		cmocka_unit_test(test_slots_of_some_days_in_order),
		cmocka_unit_test(test_what_sounded_at_an_instant),
		cmocka_unit_test(test_what_was_planned_at_an_instant),
		cmocka_unit_test(
		    test_an_airing_and_a_slot_are_found_by_their_names),
		cmocka_unit_test(
		    test_an_open_airing_counts_no_longer_than_its_frames),
		cmocka_unit_test(test_it_follows_the_log_and_keeps_what_it_has),
		cmocka_unit_test(test_every_line_comes_back_from_its_block),
		cmocka_unit_test(
		    test_it_takes_a_fraction_of_what_the_log_takes),
		cmocka_unit_test(
		    test_a_damaged_index_is_made_again_from_the_lines),
		cmocka_unit_test(
		    test_a_log_that_was_damaged_and_mended_is_followed),
		cmocka_unit_test(test_a_log_that_was_replaced_is_indexed_anew),
		cmocka_unit_test(
		    test_a_refresh_that_fails_leaves_the_index_as_it_was),
		cmocka_unit_test(test_where_it_cannot_be_written_it_says_so),
		cmocka_unit_test(test_a_walk_stops_where_its_function_says),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
