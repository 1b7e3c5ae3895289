/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/hash.h"
#include "evidence/asrun.h"
#include "base/sick_disk.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define S "que-minh"
#define DAY "2026-11-26"

static struct asrun *
read_days(struct fake_log *l, const char *from, const char *to)
{
	struct asrun *a;
	int64_t from_day, to_day;

	assert_int_equal(civil_read_date(from, &from_day), 0);
	assert_int_equal(civil_read_date(to, &to_day), 0);
	assert_int_equal(asrun_read(l->disk, S, NULL, from_day, to_day, &a), 0);
	return a;
}

static const json_t *
row(const struct asrun *a, size_t i)
{
	const json_t *r = json_array_get(a->rows, i);

	assert_non_null(r);
	return r;
}

/* a aired in two parts, b was missed, c lies ahead. */
static void
write_day(struct fake_log *l)
{
	fake_log_init(l, NULL);
	fake_log_at(l, "2026-11-26 04:00:00");
	fake_log_day(l, DAY, "a 05:00:00 300, b 05:10:00 300, c 17:00:00 300");
	fake_log_at(l, "2026-11-26 05:00:00");
	fake_log_start(l, DAY, "a", 1, NULL);
	fake_log_at(l, "2026-11-26 05:02:00");
	fake_log_end(l, DAY, "a", 1, 120000, NULL);
	fake_log_start(l, DAY, "a", 2, "{\"continues\":\"x\"}");
	fake_log_at(l, "2026-11-26 05:05:00");
	fake_log_end(l, DAY, "a", 2, 180000, "{\"at_least\":true}");
	fake_log_slot(l, DAY, "a", "aired", "", 2, 300000, NULL);
	fake_log_at(l, "2026-11-26 05:15:00");
	fake_log_slot(l, DAY, "b", "not_aired", "missing_item", 0, 0, NULL);
}

static const char heading[] =
    "seq,rec,airing_id,station_id,commune_name,planned_utc,planned_local,"
    "planned_ms,actual_utc,actual_local,actual_ms,wall_ms,late_ms,status,"
    "reason,class,start_source,item_title,segment,language,first_run,item,"
    "sha256,approval,schedule_rev,frames_planned,frames_sent,silent_ms,lufs,"
    "gain_db,device,clock,grade,user,note,leaf_index,leaf_hash,slot,"
    "underruns,underrun_ms,muted_ms,device_percent,set,signal_ms,"
    "lost_ms,connections";

static void
test_the_columns_are_those_of_the_design_in_its_order(void **state)
{
	struct fake_log l;
	struct asrun *a;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	write_day(&l);
	a = read_days(&l, DAY, DAY);
	assert_int_equal(asrun_csv(a, out), 0);
	fclose(out);
	assert_memory_equal(text, heading, strlen(heading));
	assert_memory_equal(text + strlen(heading), "\r\n1,end,", 8);
	/* The heading, two airings, one slot without any. */
	n = 0;
	for (const char *p = text; (p = strstr(p, "\r\n")) != NULL; p++)
		n++;
	assert_int_equal(n, 4);
	assert_int_equal(strlen(text) - 2, strrchr(text, '\r') - text);
	free(text);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_an_airing_has_its_row_and_a_slot_without_one_has_its_own(void **state)
{
	struct fake_log l;
	struct asrun *a;
	const json_t *r;

	(void)state;
	write_day(&l);
	a = read_days(&l, DAY, DAY);
	assert_int_equal(json_array_size(a->rows), 3);
	r = row(a, 0);
	assert_string_equal(record_text(r, "rec"), "end");
	assert_string_equal(record_text(r, "airing_id"), S "/" DAY "/a/1");
	assert_string_equal(record_text(r, "station_id"), S);
	assert_string_equal(
	    record_text(r, "planned_utc"), fake_utc("2026-11-26 05:00:00"));
	assert_string_equal(
	    record_text(r, "planned_local"), "2026-11-26T05:00:00.000+07:00");
	assert_string_equal(
	    record_text(r, "actual_local"), "2026-11-26T05:00:00.000+07:00");
	assert_int_equal(record_int(r, "frames_sent", 0), 120000 * 48);
	assert_int_equal(record_int(r, "grade", 0), 2);
	assert_int_equal(record_int(r, "leaf_index", 0), 2);
	assert_string_equal(record_text(r, "note"), "");
	assert_string_equal(record_text(row(a, 1), "note"), "at_least");
	r = row(a, 2);
	assert_string_equal(record_text(r, "rec"), "slot");
	assert_string_equal(record_text(r, "status"), "not_aired");
	assert_string_equal(record_text(r, "reason"), "missing_item");
	assert_true(json_is_null(json_object_get(r, "actual_utc")));
	assert_true(json_is_null(json_object_get(r, "airing_id")));
	assert_int_equal(record_int(r, "seq", 0), 3);
	assert_int_equal(record_int(r, "leaf_index", 0), 6);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_an_airing_that_has_not_ended_claims_nothing_measured(void **state)
{
	struct fake_log l;
	struct asrun *a;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_start(&l, DAY, "a", 1, "{\"intent\":\"late\",\"grade\":1}");
	a = read_days(&l, DAY, DAY);
	assert_int_equal(json_array_size(a->rows), 1);
	assert_string_equal(record_text(row(a, 0), "rec"), "start");
	assert_true(json_is_null(json_object_get(row(a, 0), "actual_utc")));
	assert_true(json_is_null(json_object_get(row(a, 0), "frames_sent")));
	assert_true(json_is_null(json_object_get(row(a, 0), "status")));
	assert_string_equal(record_text(row(a, 0), "note"), "intent_late");
	assert_int_equal(record_int(row(a, 0), "grade", 0), 1);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_the_identity_of_plan_and_fact(void **state)
{
	struct fake_log l;
	struct asrun *a;

	(void)state;
	write_day(&l);
	a = read_days(&l, DAY, DAY);
	assert_int_equal(a->identity.planned, 2);
	assert_int_equal(a->identity.open, 1);
	assert_int_equal(a->identity.aired, 1);
	assert_int_equal(a->identity.not_aired, 1);
	assert_int_equal(a->identity.aired_partial, 0);
	assert_int_equal(a->identity.external, 0);
	assert_true(a->identity.holds);
	assert_int_equal(record_int(json_object_get(a->reasons, "not_aired"),
			     "missing_item", 0),
	    1);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_the_identity_breaks_when_the_log_does_not_add_up(void **state)
{
	static const struct {
		const char *when;
		const char *slot; /* closed again, or NULL */
		const char *later; /* the log goes on until then */
		bool holds;
	} cases[] = {
		{ "as it is", NULL, "2026-11-26 05:20:00", true },
		{ "a planned slot has no outcome", NULL, "2026-11-26 18:00:00",
		    false },
		{ "a slot has two", "a", "2026-11-26 05:20:00", false },
		{ "a slot nobody planned has one", "x", "2026-11-26 05:20:00",
		    false },
		{ "a slot is cancelled before its time", "c",
		    "2026-11-26 05:20:00", true },
		{ "all is closed", "c", "2026-11-26 18:00:00", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct asrun *a;

		write_day(&l);
		fake_log_at(&l, cases[i].later);
		if (cases[i].slot != NULL)
			fake_log_slot(&l, DAY, cases[i].slot, "external",
			    "relay_reserved", 0, 0, NULL);
		fake_log_add(&l, KIND_OP, "{\"op\":\"x\"}", NULL);
		a = read_days(&l, DAY, DAY);
		if (a->identity.holds != cases[i].holds)
			fail_msg("%s: holds is %d", cases[i].when,
			    a->identity.holds);
		asrun_free(a);
		fake_log_free(&l);
	}
}

static void
test_unscheduled_airings_stand_apart_from_the_sum(void **state)
{
	struct fake_log l;
	struct asrun *a;

	(void)state;
	write_day(&l);
	fake_log_add(&l, KIND_OP,
	    "{\"op\":\"play\",\"person\":\"p-7\",\"result\":\"done\","
	    "\"detail\":\"\",\"airing_id\":\"" S "/" DAY "//1\"}",
	    NULL);
	fake_log_start(&l, DAY, "", 1,
	    "{\"planned_utc\":\"\",\"start_source\":\"operator\"}");
	fake_log_end(&l, DAY, "", 1, 5000,
	    "{\"status\":\"unscheduled\",\"reason\":\"operator\"}");
	a = read_days(&l, DAY, DAY);
	assert_int_equal(a->identity.unscheduled, 1);
	assert_int_equal(a->identity.aired, 1);
	assert_true(a->identity.holds);
	assert_string_equal(record_text(row(a, 3), "user"), "p-7");
	assert_true(json_is_null(json_object_get(row(a, 3), "planned_local")));
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_only_the_days_and_the_station_asked_for(void **state)
{
	struct fake_log l;
	struct asrun *a;
	int64_t day;

	(void)state;
	write_day(&l);
	fake_log_at(&l, "2026-11-27 05:05:00");
	fake_log_slot(&l, "2026-11-27", "a", "aired", "", 0, 0, NULL);
	fake_log_slot(&l, "2026-11-27", "a", "aired", "", 0, 0,
	    "{\"station\":\"que-phong\"}");
	a = read_days(&l, "2026-11-27", "2026-11-28");
	assert_int_equal(json_array_size(a->rows), 1);
	asrun_free(a);
	a = read_days(&l, "2026-11-20", "2026-11-25");
	assert_int_equal(json_array_size(a->rows), 0);
	assert_true(a->identity.holds);
	asrun_free(a);
	civil_read_date("2026-11-27", &day);
	assert_int_equal(asrun_read(l.disk, "", NULL, day, day, &a), 0);
	assert_int_equal(json_array_size(a->rows), 2);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_a_csv_cell_is_quoted_and_never_a_formula(void **state)
{
	static const struct {
		const char *when;
		const char *title; /* as JSON */
		const char *cell;
	} cases[] = {
		{ "plain", "Bản tin", ",Bản tin," },
		{ "a comma", "a,b", ",\"a,b\"," },
		{ "a quote", "a \\\"b\\\"", ",\"a \"\"b\"\"\"," },
		{ "a line feed", "a\\nb", ",\"a\nb\"," },
		{ "a formula", "=1+1", ",'=1+1," },
		{ "a plus", "+84 905", ",'+84 905," },
		{ "a minus", "-x", ",'-x," },
		{ "an at", "@SUM(A1)", ",'@SUM(A1)," },
		{ "a formula with a comma", "=a,b", ",\"'=a,b\"," },
		{ "a tab", "\\t=1", ",'\t=1," },
		{ "what steers a terminal", "\\u001b[2J\\u202ea", ",?[2J?a," },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_log l;
		struct asrun *a;
		char more[128];
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);

		snprintf(
		    more, sizeof(more), "{\"title\":\"%s\"}", cases[i].title);
		fake_log_init(&l, NULL);
		fake_log_start(&l, DAY, "a", 1, more);
		fake_log_end(
		    &l, DAY, "a", 1, 1000, "{\"late_ms\":-7,\"lufs\":null}");
		a = read_days(&l, DAY, DAY);
		assert_int_equal(asrun_csv(a, out), 0);
		fclose(out);
		if (strstr(text, cases[i].cell) == NULL)
			fail_msg("%s: %s", cases[i].when, text);
		/* A number below zero stays a number. */
		assert_non_null(strstr(text, ",1000,1000,-7,aired,"));
		assert_non_null(strstr(text, ",0,,0,wav,"));
		free(text);
		asrun_free(a);
		fake_log_free(&l);
	}
}

static void
test_the_commune_is_named_where_the_name_is_known(void **state)
{
	json_t *names = json_pack("{s:s}", S, "Xã Quế Minh");
	struct fake_log l;
	struct asrun *a;
	int64_t day;

	(void)state;
	write_day(&l);
	civil_read_date(DAY, &day);
	assert_int_equal(asrun_read(l.disk, S, names, day, day, &a), 0);
	assert_string_equal(
	    record_text(row(a, 0), "commune_name"), "Xã Quế Minh");
	asrun_free(a);
	json_decref(names);
	fake_log_free(&l);
}

/* RFC 6962 section 2.1, by values computed elsewhere: the empty leaf is the
 * hash of one zero byte. */
static void
test_a_leaf_hash_is_that_of_a_zero_byte_and_the_line(void **state)
{
	char hex[HASH_HEX];

	(void)state;
	assert_int_equal(asrun_leaf_hash("", 0, hex), 0);
	assert_string_equal(hex,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	assert_int_equal(asrun_leaf_hash("L123456", 7, hex), 0);
	assert_string_equal(hex,
	    "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

static void
test_the_leaf_hash_of_a_row_is_that_of_its_line(void **state)
{
	struct fake_log l;
	struct asrun *a;
	char hex[HASH_HEX];
	char *bytes;
	char *line;
	size_t n;

	(void)state;
	write_day(&l);
	a = read_days(&l, DAY, DAY);
	l.disk->read(l.disk, "airing-2026-11.jsonl", &bytes, &n);
	strtok(bytes, "\n");
	strtok(NULL, "\n");
	line = strtok(NULL, "\n"); /* leaf 2: the first end */
	asrun_leaf_hash(line, strlen(line), hex);
	assert_string_equal(record_text(row(a, 0), "leaf_hash"), hex);
	free(bytes);
	asrun_free(a);
	fake_log_free(&l);
}

static void
test_the_json_has_rows_reasons_and_the_identity(void **state)
{
	struct fake_log l;
	struct asrun *a;
	json_t *j;

	(void)state;
	write_day(&l);
	a = read_days(&l, DAY, DAY);
	j = asrun_json(a);
	assert_int_equal(json_array_size(json_object_get(j, "rows")), 3);
	assert_int_equal(
	    record_int(json_object_get(j, "identity"), "planned", -1), 2);
	assert_true(json_is_true(
	    json_object_get(json_object_get(j, "identity"), "holds")));
	json_decref(j);
	assert_null(asrun_free(a));
	fake_log_free(&l);
}

static void
test_a_disk_that_cannot_be_read_is_an_error(void **state)
{
	struct asrun *a = NULL;
	struct sick_disk f;
	struct fake_log l;
	struct disk *d;

	(void)state;
	assert_int_equal(disk_memory(&d), 0);
	sick_disk_init(&f, d);
	fake_log_init(&l, &f.disk);
	fake_log_day(&l, DAY, "a 05:00:00 300");
	f.fail_at = f.calls + 2;
	assert_int_equal(asrun_read(l.disk, S, NULL, 0, 1, &a), -EIO);
	assert_null(a);
	fake_log_free(&l);
}

#define SHEET(more) "{\"date\":\"" DAY "\",\"slots\":[]" more "}"

static void
test_what_mourning_left_out_is_told_by_the_last_sheet(void **state)
{
	struct fake_log l;
	struct asrun *a;
	json_t *j;

	(void)state;
	fake_log_init(&l, NULL);
	fake_log_add(&l, KIND_DAY,
	    SHEET(",\"mourning\":\"Quốc tang\",\"silent\":[{\"slot\":\"nhac\","
		  "\"items\":[\"n\"]}]"),
	    NULL);
	a = read_days(&l, DAY, DAY);
	assert_true(a->identity.holds);
	assert_int_equal(a->identity.planned, 0);
	j = asrun_json(a);
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(j, "mourning"), 0), "mourning")),
	    "Quốc tang");
	json_decref(j);
	asrun_free(a);
	fake_log_add(&l, KIND_DAY, SHEET(""), NULL);
	a = read_days(&l, DAY, DAY);
	assert_int_equal(json_object_size(a->mourning), 0);
	asrun_free(a);
	fake_log_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_mourning_left_out_is_told_by_the_last_sheet),
		cmocka_unit_test(
		    test_the_columns_are_those_of_the_design_in_its_order),
		cmocka_unit_test(
		    test_an_airing_has_its_row_and_a_slot_without_one_has_its_own),
		cmocka_unit_test(
		    test_an_airing_that_has_not_ended_claims_nothing_measured),
		cmocka_unit_test(test_the_identity_of_plan_and_fact),
		cmocka_unit_test(
		    test_the_identity_breaks_when_the_log_does_not_add_up),
		cmocka_unit_test(
		    test_unscheduled_airings_stand_apart_from_the_sum),
		cmocka_unit_test(test_only_the_days_and_the_station_asked_for),
		cmocka_unit_test(test_a_csv_cell_is_quoted_and_never_a_formula),
		cmocka_unit_test(
		    test_the_commune_is_named_where_the_name_is_known),
		cmocka_unit_test(
		    test_a_leaf_hash_is_that_of_a_zero_byte_and_the_line),
		cmocka_unit_test(
		    test_the_leaf_hash_of_a_row_is_that_of_its_line),
		cmocka_unit_test(
		    test_the_json_has_rows_reasons_and_the_identity),
		cmocka_unit_test(test_a_disk_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
