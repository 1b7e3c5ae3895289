/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store's reading side: lines, a log out of rows, sums of days. In a file;
 * or where LOAXA_TEST_SERVER says: tests/check_postgres.sh. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/daysum.h"
#include "evidence/store_in.h"
#include "tests/fakes/fake_days.h"
#include "tests/fakes/fake_seal.h"

#define FROM "2026-11-26"
#define TO "2026-11-29"

static struct fake_seal s;
static struct store *st;
static const char *server; /* in the place of the file; NULL none */
static char path[128], tree[128], key[17];
static int64_t from_day, to_day;
static int size; /* leaves of the first tree that were taken */

static void
learn_key(void)
{
	struct checkpoint c = fake_seal_checkpoint(&s, 1);

	assert_int_equal(sscanf(c.origin, "loaxa/%16[0-9a-f]/", key), 1);
}

/* An empty one. */
static void
open_store(const char *name)
{
	struct sql *q;

	snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
	if (server != NULL) {
		assert_int_equal(sql_postgres(server, true, NULL, &q), 0);
		assert_int_equal(
		    q->run(q, "DROP SCHEMA IF EXISTS loaxa CASCADE", NULL, 0, 0,
			NULL, NULL),
		    0);
		q->close(q);
	}
	assert_int_equal(store_open(server != NULL ? server : path, &st), 0);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	fake_seal_init(&s);
	size = 0;
	snprintf(tree, sizeof(tree), "%s/v1", s.trees);
	open_store("store.db");
	assert_int_equal(civil_read_date(FROM, &from_day), 0);
	assert_int_equal(civil_read_date(TO, &to_day), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	st = store_close(st);
	fake_seal_free(&s);
	return 0;
}

/* The first tree, as far as the log has come. */
static int
take(void)
{
	fake_seal_publish(&s);
	learn_key();
	size = (int)ledger_leaves(s.log.ledger);
	return store_take(st, key, "Xã A", 1, tree, size);
}

/* What the log itself gives, and what the store does: texts to be compared. */
struct told {
	char *text;
	size_t n;
};

static void
tell(struct told *t, const char *about, int64_t day, const char *segment,
    const struct tally_sum *sum)
{
	const int64_t *v = (const int64_t *)sum;
	char line[2048];
	int at = snprintf(
	    line, sizeof(line), "%s %lld [%s]", about, (long long)day, segment);

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*v); i++)
		at += snprintf(line + at, sizeof(line) - (size_t)at, " %lld",
		    (long long)v[i]);
	t->text = realloc(t->text, t->n + (size_t)at + 2);
	assert_non_null(t->text);
	memcpy(t->text + t->n, line, (size_t)at);
	t->n += (size_t)at;
	t->text[t->n++] = '\n';
	t->text[t->n] = '\0';
}

static int
tell_counted(void *arg, const struct daysum *d)
{
	tell(arg, d->about, d->day, d->segment, d->sum);
	return 0;
}

static int
tell_kept(void *arg, const struct store_day *d)
{
	assert_string_equal(d->key, key);
	assert_string_equal(d->name, "Xã A");
	tell(arg, d->about, d->day, d->segment, &d->sum);
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* daysum_each() has no order. */
static void
sort_lines(struct told *t)
{
	char *lines[256] = { NULL };
	char *copy = t->text == NULL ? NULL : strdup(t->text);
	size_t n = 0;

	for (char *at = copy == NULL ? NULL : strtok(copy, "\n"); at != NULL;
	     at = strtok(NULL, "\n"))
		lines[n++] = at;
	qsort(lines, n, sizeof(lines[0]), by_text);
	t->n = 0;
	for (size_t i = 0; i < n; i++)
		t->n += (size_t)sprintf(t->text + t->n, "%s\n", lines[i]);
	free(copy);
}

static struct told
counted(struct disk *log)
{
	struct told t = { NULL, 0 };

	assert_int_equal(
	    daysum_each(log, from_day, to_day, tell_counted, &t), 0);
	sort_lines(&t);
	return t;
}

static struct told
kept(enum store_span span, bool segments)
{
	struct store_want want = { NULL, from_day, to_day, span, segments };
	struct told t = { NULL, 0 };

	assert_int_equal(store_days(st, &want, tell_kept, &t), 0);
	return t;
}

/* Of one station. */
static struct told
kept_of(const char *station)
{
	struct store_want want = { station, from_day, to_day, STORE_DAY, true };
	struct told t = { NULL, 0 };

	memmove(key, station, sizeof(key));
	assert_int_equal(store_days(st, &want, tell_kept, &t), 0);
	return t;
}

static void
expect_the_logs_own_sums(const char *when)
{
	struct told is = kept(STORE_DAY, true);
	struct told was = counted(s.log.disk);

	sort_lines(&is);
	if (is.text == NULL || was.text == NULL)
		fail_msg("%s: no sums", when);
	else if (strcmp(is.text, was.text) != 0)
		fail_msg("%s: is\n%swas\n%s", when, is.text, was.text);
	free(is.text);
	free(was.text);
}

static void
write_days(void)
{
	for (int i = 0; fake_days_write(&s.log, i); i++)
		;
}

static void
test_sums_are_the_logs_own_whenever_its_records_come(void **state)
{
	(void)state;
	for (int i = 0; fake_days_write(&s.log, i); i++) {
		assert_int_equal(take(), 0);
		expect_the_logs_own_sums("after each record");
	}
	assert_true(size >= 15);
	/* All at once, into another file. */
	st = store_close(st);
	open_store("other.db");
	assert_int_equal(take(), 0);
	expect_the_logs_own_sums("in one step");
}

static int
add_up(void *arg, const struct store_day *d)
{
	int64_t *sum = arg;
	const int64_t *v = (const int64_t *)&d->sum;

	for (size_t i = 0; i < sizeof(d->sum) / sizeof(*v); i++)
		sum[i] += v[i];
	return 0;
}

static int
keep_day(void *arg, const struct store_day *d)
{
	struct store_day *is = arg;

	assert_int_equal(is->day, 0);
	is->day = d->day;
	is->sum = d->sum;
	return 0;
}

static void
test_a_week_and_a_whole_are_the_sums_of_their_days(void **state)
{
	static const enum store_span spans[] = { STORE_DAY, STORE_WEEK,
		STORE_ALL };
	struct store_want want = { NULL, 0, 0, STORE_DAY, true };
	struct store_day week = { 0 }, none = { 0 };
	struct tally *t;
	int64_t monday;

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	assert_int_equal(tally_read(s.log.disk, "", from_day, to_day, &t), 0);
	assert_true(t->sum.music_ms > 0 && t->sum.unscheduled > 0);
	for (size_t i = 0; i < 3; i++)
		for (int segments = 0; segments < 2; segments++) {
			struct tally_sum sum = { 0 };

			want = (struct store_want){ key, from_day, to_day,
				spans[i], segments };
			assert_int_equal(
			    store_days(st, &want, add_up, &sum), 0);
			assert_memory_equal(&sum, &t->sum, sizeof(sum));
			assert_int_equal(
			    tally_holds(&sum), tally_holds(&t->sum));
		}
	want.span = STORE_WEEK;
	want.segments = false;
	assert_int_equal(store_days(st, &want, keep_day, &week), 0);
	assert_int_equal(civil_read_date("2026-11-23", &monday), 0);
	assert_int_equal(week.day, monday);
	want.key = "fedcba9876543210";
	assert_int_equal(store_days(st, &want, keep_day, &none), 0);
	assert_int_equal(none.day, 0);
	tally_free(t);
}

static int
keep_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct told *t = arg;

	assert_int_equal(record_seq(line, n), seq);
	t->text = realloc(t->text, t->n + n + 2);
	memcpy(t->text + t->n, line, n);
	t->n += n;
	t->text[t->n++] = '\n';
	t->text[t->n] = '\0';
	return 0;
}

static int
stop_at(void *arg, const char *line, size_t n, int64_t seq)
{
	(void)line;
	(void)n;
	(*(int *)arg)++;
	return seq == 3 ? 77 : 0;
}

static void
test_lines_are_those_of_the_log_between_two_instants(void **state)
{
	struct told is = { NULL, 0 }, was = { NULL, 0 };
	int n = 0;

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	assert_int_equal(store_lines(st, key, 0, INT64_MAX, keep_line, &is), 0);
	assert_int_equal(ledger_each(s.log.disk, keep_line, &was), 0);
	assert_string_equal(is.text, was.text);
	is.n = 0;
	assert_int_equal(store_lines(st, key, fake_us(D6 " 05:00:00"),
			     fake_us(D6 " 05:05:00"), keep_line, &is),
	    0);
	assert_int_equal(record_seq(is.text, strlen(is.text) - 1), 1);
	assert_null(strstr(is.text, "\"seq\":2"));
	assert_int_equal(store_lines(st, key, 0, INT64_MAX, stop_at, &n), 77);
	assert_int_equal(n, 4);
	assert_int_equal(
	    store_lines(st, "fedcba9876543210", 0, 1, stop_at, &n), -ENOENT);
	assert_int_equal(store_lines(st, "no key", 0, 1, stop_at, &n), -ENOENT);
	free(is.text);
	free(was.text);
}

static void
test_a_tally_of_the_stores_log_is_the_stations_own(void **state)
{
	struct disk *log;
	struct tally *own, *ours;

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	for (int64_t day = from_day; day <= to_day; day++) {
		assert_int_equal(store_log(st, key, day, day, &log), 0);
		assert_int_equal(tally_read(s.log.disk, "", day, day, &own), 0);
		assert_int_equal(tally_read(log, "", day, day, &ours), 0);
		assert_string_equal(own->digest, ours->digest);
		assert_memory_equal(&own->sum, &ours->sum, sizeof(own->sum));
		tally_free(own);
		tally_free(ours);
		disk_close(log);
	}
	assert_int_equal(
	    store_log(st, "fedcba9876543210", 0, 1, &log), -ENOENT);
}

/* Of a log that went back to an old copy, and said some days over again. */
static void
test_what_a_later_tree_says_over_again_takes_no_day_back(void **state)
{
	struct told is = { NULL, 0 }, was = { NULL, 0 };
	struct told before, after;
	char second[128];

	(void)state;
	for (int i = 0; i < 4; i++)
		fake_days_write(&s.log, i);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "log", "old");
	for (int i = 4; i < 11; i++)
		fake_days_write(&s.log, i);
	assert_int_equal(take(), 0);
	expect_the_logs_own_sums("before");
	to_day = from_day;
	before = kept(STORE_DAY, true);
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "old", "log");
	fake_seal_open_log(&s);
	fake_log_at(&s.log, D6 " 05:10:00");
	fake_log_slot(&s.log, D6, "b", "not_aired", "cancelled", 0, 0, NULL);
	fake_log_at(&s.log, D7 " 09:00:00");
	fake_log_day(&s.log, D7, "a 10:00:00 300, z 11:00:00 300");
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 1);
	snprintf(second, sizeof(second), "%s/v2", s.trees);
	assert_int_equal(store_take(st, key, "Xã A", 2, second,
			     fake_seal_checkpoint(&s, 2).size),
	    0);
	after = kept(STORE_DAY, true);
	assert_string_equal(before.text, after.text);
	/* The day on which it ended is the later one's. */
	from_day = to_day = from_day + 1;
	expect_the_logs_own_sums("after");
	free(before.text);
	free(after.text);
	assert_int_equal(store_lines(st, key, 0, INT64_MAX, keep_line, &is), 0);
	assert_int_equal(ledger_each(s.log.disk, keep_line, &was), 0);
	assert_string_equal(is.text, was.text);
	/* And when it is forgotten, what it stood in the place of is back. */
	assert_int_equal(store_forget(st, key, 2), 0);
	is.n = 0;
	assert_int_equal(store_lines(st, key, 0, INT64_MAX, keep_line, &is), 0);
	assert_non_null(strstr(is.text, "\"machine_off\""));
	assert_null(strstr(is.text, "\"cancelled\""));
	free(is.text);
	free(was.text);
}

/* The evening of a day may be over with its last slot. */
static void
test_a_day_with_all_its_outcomes_is_told_by_the_tree_that_ended_on_it(
    void **state)
{
	struct told before, after;
	char second[128];

	(void)state;
	fake_log_at(&s.log, D6 " 04:00:00");
	fake_log_day(&s.log, D6, "a 05:00:00 300");
	fake_seal_publish(&s);
	fake_seal_copy(&s, "log", "old");
	fake_log_at(&s.log, D6 " 05:00:00");
	fake_log_start(&s.log, D6, "a", 1, OWN);
	fake_log_at(&s.log, D6 " 05:05:00");
	fake_log_end(&s.log, D6, "a", 1, 300000, NULL);
	fake_log_slot(&s.log, D6, "a", "aired", "", 1, 300000, NULL);
	assert_int_equal(take(), 0);
	before = kept(STORE_DAY, true);
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "old", "log");
	fake_seal_open_log(&s);
	fake_log_at(&s.log, D8 " 09:00:00");
	fake_log_slot(&s.log, D6, "a", "not_aired", "machine_off", 0, 0, NULL);
	fake_seal_publish(&s);
	snprintf(second, sizeof(second), "%s/v2", s.trees);
	assert_int_equal(store_take(st, key, "Xã A", 2, second,
			     fake_seal_checkpoint(&s, 2).size),
	    0);
	after = kept(STORE_DAY, true);
	assert_string_equal(before.text, after.text);
	free(before.text);
	free(after.text);
}

/* Nor does a clock that ran ahead tell of the dates until then. */
static void
test_a_tree_tells_of_no_date_beyond_its_last_outcome(void **state)
{
	char second[128];

	(void)state;
	fake_log_at(&s.log, D6 " 04:00:00");
	fake_log_day(&s.log, D6, "a 05:00:00 300");
	fake_seal_publish(&s);
	fake_seal_copy(&s, "log", "old");
	fake_log_at(&s.log, "2031-01-01 05:00:00");
	fake_log_add(&s.log, KIND_OP, "{\"op\":\"stop\"}", NULL);
	assert_int_equal(take(), 0);
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "old", "log");
	fake_seal_open_log(&s);
	fake_log_at(&s.log, D6 " 05:05:00");
	fake_log_slot(&s.log, D6, "a", "aired", "", 1, 300000, NULL);
	fake_seal_publish(&s);
	snprintf(second, sizeof(second), "%s/v2", s.trees);
	assert_int_equal(store_take(st, key, "Xã A", 2, second,
			     fake_seal_checkpoint(&s, 2).size),
	    0);
	expect_the_logs_own_sums("the newest tells");
}

static int
keep_station(void *arg, const struct store_station *is)
{
	(*(int *)arg)++;
	assert_string_equal(is->key, key);
	assert_string_equal(is->name, "Xã A");
	assert_int_equal(is->trees, 1);
	assert_int_equal(is->leaves, size);
	assert_int_equal(is->last_us, fake_us(D8 " 06:00:00"));
	return 0;
}

static void
test_stations_say_how_far_their_log_has_come(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(store_stations(st, keep_station, &n), 0);
	assert_int_equal(n, 0);
	write_days();
	assert_int_equal(take(), 0);
	assert_int_equal(store_stations(st, keep_station, &n), 0);
	assert_int_equal(n, 1);
}

static void
test_who_only_looks_makes_nothing_and_throws_nothing_away(void **state)
{
	char folder[128], file[160];
	struct store *look;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/upper", s.top.path);
	assert_int_equal(disk_folders(folder), 0);
	snprintf(file, sizeof(file), "%s/" STORE_FILE, folder);
	assert_int_equal(store_look(folder, &look), -ENOENT);
	folder_write(&s.top, "upper/store.db", "this is no database, is it?");
	assert_int_equal(store_look(folder, &look), -EBADMSG);
	store_close(st);
	assert_int_equal(store_at(folder, &st), 0);
	write_days();
	assert_int_equal(take(), 0);
	assert_int_equal(store_look(folder, &look), 0);
	assert_int_equal(store_rows(look, key, 1), size);
	assert_int_equal(store_take(look, key, "B", 1, tree, size), -EROFS);
	store_close(look);
}

/* Faults by counting: the database refuses its n-th call. */
static struct sql whole, *sick;
static int calls, fault;

static bool
is_fault(void)
{
	return ++calls == fault;
}

static int
sick_begin(struct sql *q)
{
	return is_fault() ? -EBUSY : whole.begin(q);
}

static int
sick_commit(struct sql *q)
{
	if (!is_fault())
		return whole.commit(q);
	whole.rollback(q);
	return -EIO;
}

static int
sick_run(struct sql *q, const char *text, const struct sql_value *v, size_t n,
    unsigned texts, int (*row)(void *arg, const struct sql_value *columns),
    void *arg)
{
	return is_fault() ? -EIO : whole.run(q, text, v, n, texts, row, arg);
}

static int
sick_put(struct sql *q, const char *table, const struct sql_value *v, size_t n)
{
	return is_fault() ? -ENOSPC : whole.put(q, table, v, n);
}

/* From now on its calls are counted, and the n-th may be refused. */
static void
make_sick(void)
{
	sick = st->sql;
	whole = *sick;
	sick->begin = sick_begin;
	sick->commit = sick_commit;
	sick->run = sick_run;
	sick->put = sick_put;
	fault = 0;
	calls = 0;
}

static void
test_whatever_call_is_refused_rows_and_sums_stay_those_of_one_log(void **state)
{
	bool refused = true;

	(void)state;
	make_sick();
	for (int i = 0; i < 7; i++)
		fake_days_write(&s.log, i);
	assert_int_equal(take(), 0);
	for (int i = 7; fake_days_write(&s.log, i); i++)
		;
	for (int nth = 1; refused; nth++) {
		int64_t rows;

		calls = 0;
		fault = nth;
		refused = take() < 0;
		fault = 0;
		rows = store_rows(st, key, 1);
		assert_int_equal(rows, refused ? 7 : size);
	}
	assert_true(calls > 20);
	expect_the_logs_own_sums("at last");
}

/* Whoever has a station's key can sign what he likes: it is of each date at most
 * one sum's work, and none for a date that no record tells of. */
static void
test_outages_of_hundreds_of_years_make_no_sums(void **state)
{
	(void)state;
	for (int year = 2027; year < 2067; year++) {
		char body[256];

		snprintf(body, sizeof(body),
		    "{\"op\":\"outage\",\"person\":\"\",\"result\":\"done\","
		    "\"detail\":\"power_lost\","
		    "\"from_utc\":\"%d-01-01T00:00:00.000000Z\","
		    "\"to_utc\":\"%d-12-31T00:00:00.000000Z\"}",
		    year, year);
		fake_log_add(&s.log, KIND_OP, body, NULL);
	}
	make_sick();
	assert_int_equal(take(), 0);
	/* A row each, twice where its month has no table yet, and a few. */
	assert_in_range(calls, 40, 100);
}

static void
test_an_outage_that_is_told_later_changes_the_causes_of_what_it_cost(
    void **state)
{
	char *before, *after;

	(void)state;
	fake_log_at(&s.log, D6 " 04:00:00");
	fake_log_day(&s.log, D6, "b 05:10:00 300");
	fake_log_at(&s.log, D7 " 08:00:00");
	fake_log_slot(&s.log, D6, "b", "not_aired", "machine_off", 0, 0, NULL);
	assert_int_equal(take(), 0);
	expect_the_logs_own_sums("before");
	before = kept(STORE_DAY, true).text;
	fake_days_write(&s.log, 5);
	assert_int_equal(take(), 0);
	expect_the_logs_own_sums("after");
	after = kept(STORE_DAY, true).text;
	assert_string_not_equal(before, after);
	free(before);
	free(after);
}

/* Nor has it a segment or a name that a report could not print. */
static void
test_dates_that_cannot_be_are_in_no_sum(void **state)
{
	struct told is;

	(void)state;
	fake_log_slot(&s.log, "1999-12-31", "a", "aired", "", 0, 1, NULL);
	fake_log_slot(&s.log, "2100-01-01", "a", "aired", "", 0, 1, NULL);
	fake_log_slot(&s.log, D6, "a", "aired", "", 0, 1,
	    "{\"station\":\"quế\\u0001\",\"segment\":\"\\u0007\"}");
	fake_log_add(&s.log, KIND_OP,
	    "{\"op\":\"outage\",\"detail\":\"power_lost\"}", NULL);
	assert_int_equal(take(), 0);
	from_day = 0;
	to_day = 60000;
	is = kept(STORE_DAY, true);
	assert_non_null(is.text);
	assert_ptr_equal(strchr(is.text, '\n'), is.text + is.n - 1);
	assert_memory_equal(is.text, " 20783 []", 9);
	free(is.text);
	assert_int_equal(store_rows(st, key, 1), 4);
}

static void
test_many_trees_are_taken_as_each_alone(void **state)
{
	struct store_tree list[16] = { 0 };
	char keys[16][17];
	struct told one, all;

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	one = kept_of(key);
	for (int i = 0; i < 16; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%016x", 1 + i);
		list[i] =
		    (struct store_tree){ keys[i], "Xã A", 1, tree, size, 0 };
	}
	/* Twice the same; and what cannot be read. */
	list[9] = list[3];
	list[12].folder = "/nowhere";
	list[13].size = size + 1;
	assert_int_equal(store_take_all(st, list, 16), -ENOENT);
	for (int i = 0; i < 16; i++) {
		int64_t rows = store_rows(st, list[i].key, 1);

		assert_int_equal(rows, i == 12 || i == 13 ? 0 : size);
		assert_int_equal(list[i].error != 0, i == 12 || i == 13);
		if (i == 12 || i == 13)
			continue;
		all = kept_of(list[i].key);
		assert_string_equal(all.text, one.text);
		free(all.text);
	}
	free(one.text);
}

/* Hostile records: whoever has a station's key can sign what he likes ---------- */

/* A tree of such leaves, in a bundle of their own. */
static void
write_leaves(const char *const *leaves, int n, char *folder, size_t room)
{
	static int number;
	char at[256];
	FILE *f;

	snprintf(folder, room, "%s/hostile%d", s.top.path, number++);
	snprintf(at, sizeof(at), "%s/tile/entries/000.p", folder);
	assert_int_equal(disk_folders(at), 0);
	snprintf(at, sizeof(at), "%s/tile/entries/000.p/%d", folder, n);
	f = fopen(at, "w");
	assert_non_null(f);
	for (int i = 0; i < n; i++) {
		putc((int)(strlen(leaves[i]) >> 8), f);
		putc((int)(strlen(leaves[i]) & 255), f);
		fputs(leaves[i], f);
	}
	fclose(f);
}

/* Which only others than root can be told. */
static void
test_a_tree_that_may_not_be_read_keeps_no_other_one_out(void **state)
{
	static const char *const leaves[] = { "{}" };
	struct store_tree list[2];
	char folder[160];
	bool root = geteuid() == 0;

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	write_leaves(leaves, 1, folder, sizeof(folder));
	strcat(folder, "/tile");
	assert_int_equal(chmod(folder, 0), 0);
	*strrchr(folder, '/') = '\0';
	st = store_close(st);
	if (root) {
		assert_int_equal(chown(s.top.path, 65534, (gid_t)-1), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	open_store("others.db");
	list[0] =
	    (struct store_tree){ "00000000000000a1", "Xã A", 1, folder, 1, 0 };
	list[1] =
	    (struct store_tree){ "00000000000000a2", "Xã A", 1, tree, size, 0 };
	assert_int_equal(store_take_all(st, list, 2), -EACCES);
	assert_int_equal(list[1].error, 0);
	assert_int_equal(store_rows(st, "00000000000000a2", 1), size);
	if (root)
		assert_int_equal(seteuid(0), 0);
	strcat(folder, "/tile");
	assert_int_equal(chmod(folder, 0700), 0);
}

struct copied {
	char *lines[32];
	int n;
};

static int
copy_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct copied *c = arg;

	(void)seq;
	c->lines[c->n++] = strndup(line, n);
	return 0;
}

/* A tree of the log's records in another order. */
static void
write_odd(const struct copied *c, const int *order, char *folder, size_t room)
{
	char at[256];
	FILE *f;

	snprintf(folder, room, "%s/odd", s.top.path);
	snprintf(at, sizeof(at), "%s/tile/entries/000.p", folder);
	assert_int_equal(disk_folders(at), 0);
	snprintf(at, sizeof(at), "%s/tile/entries/000.p/%d", folder, c->n);
	f = fopen(at, "w");
	assert_non_null(f);
	for (int i = 0; i < c->n; i++) {
		const char *line = c->lines[order[i]];

		putc((int)(strlen(line) >> 8), f);
		putc((int)(strlen(line) & 255), f);
		fputs(line, f);
	}
	fclose(f);
}

static void
test_records_in_another_order_count_as_their_numbers_say(void **state)
{
	struct copied c = { .n = 0 };
	struct told was, is;
	char folder[160], at[300], other[300];
	int order[32];

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	was = kept_of(key);
	assert_int_equal(ledger_each(s.log.disk, copy_line, &c), 0);
	for (int i = 0; i < c.n; i++)
		order[i] = i;
	/* Within a step, and over its end. */
	order[2] = 3, order[3] = 2, order[7] = 8, order[8] = 7;
	write_odd(&c, order, folder, sizeof(folder));
	assert_int_equal(
	    store_take(st, "00000000000000aa", "Xã A", 1, folder, c.n), 0);
	is = kept_of("00000000000000aa");
	assert_string_equal(is.text, was.text);
	free(is.text);
	snprintf(at, sizeof(at), "%s/tile/entries/000.p/%d", folder, c.n);
	snprintf(other, sizeof(other), "%s/tile/entries/000.p/8", folder);
	assert_int_equal(link(at, other), 0);
	for (int n = 8; n <= c.n; n += c.n - 8)
		assert_int_equal(
		    store_take(st, "00000000000000bb", "Xã A", 1, folder, n),
		    0);
	is = kept_of("00000000000000bb");
	assert_string_equal(is.text, was.text);
	free(is.text);
	free(was.text);
	for (int i = 0; i < c.n; i++)
		free(c.lines[i]);
}

static int
keep_first_text(void *arg, const struct sql_value *c)
{
	snprintf(arg, 400, "%.*s", (int)c[0].n, c[0].s);
	return 0;
}

#define RECORD(kind, seq, utc) \
	"{\"v\":1,\"kind\":\"" kind "\",\"seq\":" seq \
	",\"station\":\"a\",\"utc\":\"" utc "\""

/* Its bytes lie in a bundle, before those of the next leaf. */
static void
test_a_trees_last_record_ends_where_it_ends(void **state)
{
	static const char record[] =
	    RECORD("op", "0", "2026-11-26T00:00:00.000000Z") "}";
	char other[400];
	const char *leaves[] = { record, other };
	char folder[160], last[400] = "";

	(void)state;
	memset(other, 'x', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	write_leaves(leaves, 2, folder, sizeof(folder));
	assert_int_equal(
	    store_take(st, "00000000000000cc", "Xã A", 1, folder, 2), 0);
	assert_int_equal(store_rows(st, "00000000000000cc", 1), 2);
	assert_int_equal(st->sql->run(st->sql, "SELECT last FROM tree", NULL, 0,
			     1, keep_first_text, last),
	    0);
	assert_string_equal(last, record);
}

#define MUSIC(seq, station, ms) \
	"{\"v\":1,\"kind\":\"end\",\"seq\":" seq ",\"station\":\"" station \
	"\",\"utc\":\"2026-11-26T00:00:00.000000Z\",\"date\":\"2026-11-26\"," \
	"\"airing_id\":\"m" seq "\",\"status\":\"unscheduled\"," \
	"\"reason\":\"filler\",\"actual_ms\":" ms "}"

/* They share the sum of no name: two rows of one key keep no station out. */
static void
test_music_under_two_names_that_are_none_is_one_sum(void **state)
{
	static const char *const leaves[] = { MUSIC("0", "no id!", "1000"),
		MUSIC("1", "nor this!", "2000"),
		MUSIC("2", "nor\\u0000this!", "3000") };
	struct tally_sum sum = { 0 };
	struct store_want want;
	char folder[160];

	(void)state;
	write_leaves(leaves, 3, folder, sizeof(folder));
	assert_int_equal(
	    store_take(st, "00000000000000cc", "Xã A", 1, folder, 3), 0);
	want = (struct store_want){ "00000000000000cc", from_day, from_day,
		STORE_DAY, true };
	assert_int_equal(store_days(st, &want, add_up, &sum), 0);
	assert_int_equal(sum.music_ms, 6000);
	assert_int_equal(store_rows(st, "00000000000000cc", 1), 3);
}

#define OUTCOME(seq, date) \
	RECORD("slot", seq, "2026-11-26T01:00:00.000000Z") \
	",\"date\":\"" date "\",\"slot\":\"s" seq \
	"\",\"status\":\"aired\",\"actual_ms\":1000,\"planned_ms\":1000}"

/* Whether it came with the others or after them. */
static void
test_a_record_of_a_date_that_is_none_is_in_no_sum(void **state)
{
	static const char *const leaves[] = { OUTCOME("0", "2026-11-26"),
		OUTCOME("1", "2026-11-26 or so"), OUTCOME("2", "2026-11-27") };
	struct store_want want = { NULL, from_day, from_day + 1, STORE_DAY,
		true };
	char folder[160];

	(void)state;
	for (int first = 1; first <= 3; first++) {
		struct tally_sum sum = { 0 };
		char station[17];

		snprintf(station, sizeof(station), "%016x", first);
		want.key = station;
		for (int n = first; n <= 3; n = n < 3 ? 3 : 4) {
			write_leaves(leaves, n, folder, sizeof(folder));
			assert_int_equal(
			    store_take(st, station, "Xã A", 1, folder, n), 0);
		}
		assert_int_equal(store_days(st, &want, add_up, &sum), 0);
		assert_int_equal(sum.aired, 2);
	}
}

#define MOST "9223372036854775807"
#define LEAST "-9223372036854775808"
#define UTC "2026-11-26T01:00:00.000000Z"

static const char *const hostile[] = {
	RECORD("day", "0", UTC) ",\"date\":\"2026-11-26\",\"slots\":[{\"slot\":"
				"\"a\",\"planned_utc\":\"" UTC
				"\",\"planned_ms\":" MOST "}]}",
	RECORD("day", "1", UTC) ",\"date\":\"2026-11-26\",\"slots\":[{\"slot\":"
				"\"b\",\"planned_utc\":\"" UTC
				"\",\"planned_ms\":" LEAST "},7,null,{}]}",
	RECORD("slot", "2", UTC) ",\"date\":\"2026-11-26\",\"slot\":\"a\","
				 "\"status\":\"not_aired\",\"reason\":"
				 "\"power_lost\",\"planned_utc\":\"" UTC
				 "\",\"planned_ms\":" MOST
				 ",\"actual_ms\":" LEAST
				 ",\"airings\":[\"x\",1,null]}",
	RECORD("end", "3", UTC) ",\"date\":\"2026-11-26\",\"airing_id\":\"x\","
				"\"actual_ms\":" MOST "}",
	MUSIC("4", "a", MOST),
	MUSIC("5", "a", MOST),
	MUSIC("6", "a", LEAST),
	RECORD("clock", "7", UTC) ",\"clock\":\"unsure\",\"boot_id\":\"i\","
				  "\"boot_us\":" LEAST "}",
	RECORD("clock", "8", UTC) ",\"clock\":\"sure\",\"boot_id\":\"i\","
				  "\"boot_us\":" MOST "}",
	RECORD("op", "9",
	    "0001-01-01T00:00:00.000000Z") ",\"op\":\"outage\","
					   "\"detail\":\"power_lost\",\"from_"
					   "utc\":"
					   "\"0001-01-01T00:00:00Z\",\"to_"
					   "utc\":\"9999-12-31T23:59:59Z\"}",
	RECORD("slot", "10",
	    "9999-12-31T23:59:59.999999Z") ",\"date\":"
					   "\"0001-01-01\",\"slot\":\"a\","
					   "\"status\":\"aired\"}",
	RECORD("slot", "11", UTC) ",\"date\":\"2026-11-26\",\"slot\":\"a\","
				  "\"status\":\"aired\",\"actual_ms\":"
				  "\"1000\",\"planned_ms\":1e308}",
	RECORD("slot", "12", UTC) ",\"date\":20261126,\"slot\":[],"
				  "\"status\":{}}",
	RECORD("slot", MOST, UTC) ",\"date\":\"2026-11-26\",\"slot\":\"z\"}",
	/* What is no record: too large, twice, half a pair, no UTF-8. */
	RECORD("slot", "9223372036854775808", UTC) "}",
	RECORD("slot", "13", UTC) ",\"seq\":14}",
	RECORD("slot", "13", UTC) ",\"title\":\"\\ud800\"}",
	RECORD("slot", "13", UTC) ",\"title\":\"\xed\xa0\x80\"}",
	RECORD("slot", "13", UTC) ",\"title\":\"\xff\"}",
	RECORD("slot", "13", UTC) ",\"\\u0000\":\"\\u0000\"}",
	"{\"v\":1,\"kind\":\"slot\",\"seq\":",
	"",
};

#define HOSTILE (int)(sizeof(hostile) / sizeof(hostile[0]))

/* In one transaction with it, in one step or in many: all its rows are there,
 * the same sums, and the others' are theirs. */
static void
test_hostile_records_spoil_nobodys_rows(void **state)
{
	static const char *const keys[] = { "00000000000000a1",
		"00000000000000a2", "00000000000000a3" };
	struct store_tree list[3] = { 0 };
	struct told one, is, steps;
	char folder[160];

	(void)state;
	write_days();
	assert_int_equal(take(), 0);
	one = kept_of(key);
	write_leaves(hostile, HOSTILE, folder, sizeof(folder));
	for (int i = 0; i < 3; i++)
		list[i] = (struct store_tree){ keys[i], "Xã A", 1,
			i == 1 ? folder : tree, i == 1 ? HOSTILE : size, 0 };
	assert_int_equal(store_take_all(st, list, 3), 0);
	assert_int_equal(store_rows(st, keys[1], 1), HOSTILE);
	for (int i = 0; i < 3; i += 2) {
		is = kept_of(keys[i]);
		assert_string_equal(is.text, one.text);
		free(is.text);
	}
	for (int n = 1; n <= HOSTILE; n++) {
		write_leaves(hostile, n, folder, sizeof(folder));
		assert_int_equal(
		    store_take(st, "00000000000000b1", "Xã A", 1, folder, n),
		    0);
	}
	is = kept_of(keys[1]);
	steps = kept_of("00000000000000b1");
	assert_string_equal(is.text, steps.text);
	if (getenv("LOAXA_TEST_SHOW") != NULL)
		fputs(is.text, stderr);
	free(is.text);
	free(steps.text);
	free(one.text);
}

static int begun; /* transactions */

static int
count_begin(struct sql *q)
{
	begun++;
	return whole.begin(q);
}

/* What a step has of records lies in memory, taken apart. */
static void
test_a_step_of_huge_records_is_short(void **state)
{
	static char huge[60001];
	const char *leaves[90];
	char folder[160];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	for (int i = 0; i < 90; i++)
		leaves[i] = huge;
	write_leaves(leaves, 90, folder, sizeof(folder));
	make_sick();
	sick->begin = count_begin;
	begun = 0;
	assert_int_equal(
	    store_take(st, "00000000000000cc", "Xã A", 1, folder, 90), 0);
	assert_in_range(begun, 2, 4);
	assert_int_equal(store_rows(st, "00000000000000cc", 1), 90);
}

/* The column `raw`: no text, or none that a server takes. */
static void
test_bytes_that_are_no_text_are_kept_as_they_are(void **state)
{
	static const char odd[] = "a\\b\t\"\n\0\xff{";
	struct sql *q = st->sql;
	struct sql_value v[11] = { SQL_NUMBER(7), SQL_NUMBER(0), SQL_NUMBER(1),
		SQL_NUMBER(0) };
	int64_t n = 0;

	(void)state;
	v[8] = SQL_STRING("a\\b\t\r\n");
	v[10] = (struct sql_value){ SQL_BYTES, 0, odd, sizeof(odd) - 1 };
	assert_int_equal(q->begin(q), 0);
	assert_int_equal(q->put(q, "leaf", v, 11), 0);
	assert_int_equal(q->commit(q), 0);
	assert_int_equal(
	    store_ask(st, "SELECT length(raw) FROM leaf WHERE kind = $1", &v[8],
		1, 0, &n),
	    0);
	assert_int_equal(n, sizeof(odd) - 1);
	/* The same leaf once more is refused, and nothing of it stays. */
	assert_int_equal(q->begin(q), 0);
	if (q->put(q, "leaf", v, 11) == 0)
		assert_true(q->commit(q) < 0);
	else
		q->rollback(q);
	assert_int_equal(
	    store_ask(st, "SELECT count(*) FROM leaf", NULL, 0, 0, &n), 0);
	assert_int_equal(n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_sums_are_the_logs_own_whenever_its_records_come),
		T(test_a_week_and_a_whole_are_the_sums_of_their_days),
		T(test_lines_are_those_of_the_log_between_two_instants),
		T(test_a_tally_of_the_stores_log_is_the_stations_own),
		T(test_what_a_later_tree_says_over_again_takes_no_day_back),
		T(test_a_tree_tells_of_no_date_beyond_its_last_outcome),
		T(test_a_day_with_all_its_outcomes_is_told_by_the_tree_that_ended_on_it),
		T(test_stations_say_how_far_their_log_has_come),
		T(test_who_only_looks_makes_nothing_and_throws_nothing_away),
		T(test_bytes_that_are_no_text_are_kept_as_they_are),
		T(test_outages_of_hundreds_of_years_make_no_sums),
		T(test_an_outage_that_is_told_later_changes_the_causes_of_what_it_cost),
		T(test_dates_that_cannot_be_are_in_no_sum),
		T(test_many_trees_are_taken_as_each_alone),
		T(test_records_in_another_order_count_as_their_numbers_say),
		T(test_a_trees_last_record_ends_where_it_ends),
		T(test_music_under_two_names_that_are_none_is_one_sum),
		T(test_a_record_of_a_date_that_is_none_is_in_no_sum),
		T(test_a_step_of_huge_records_is_short),
		T(test_hostile_records_spoil_nobodys_rows),
		T(test_a_tree_that_may_not_be_read_keeps_no_other_one_out),
		T(test_whatever_call_is_refused_rows_and_sums_stay_those_of_one_log),
	};

	server = getenv("LOAXA_TEST_SERVER");
	return cmocka_run_group_tests_name("store_days", tests, NULL, NULL);
}
