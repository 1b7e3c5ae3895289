/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two stations in one daemon, as at Cầu Ngang: what is said to one, or wrong
 * with one, is not the other's affair (P6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

#define TABLE(id, slots) \
	"station = \"" id "\"; name = \"Đài\"; slots = ( " slots " );\n"
#define AT(id, at, more) \
	"{ id = \"" id "\"; days = \"T2-CN\"; at = \"" at "\"; for = " \
	"\"00:01:00\"; item = \"tin\"; " more " }"

static const char commune[] = TABLE("que-minh", AT("a", "05:00:00", ""));
static const char commune_later[] = TABLE("que-minh", AT("a", "05:10:00", ""));
static const char district[] = TABLE("huyen", AT("b", "05:00:00", ""));
static const char district_bad[] = TABLE("huyen", AT("b", "25:00:00", ""));
static const char district_later[] = TABLE("huyen", AT("b", "05:10:00", ""));

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
write_district(const struct world *w, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/huyen.cfg", w->folder);
	put_file(path, text);
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	world_make(w, commune, NULL);
	world_item(w, "tin", 60000);
	write_district(w, district);
	world_start(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	world_end(w);
	free(w);
	return 0;
}

struct tally {
	enum kind kind;
	const char *station;
	const char *word; /* somewhere in the line */
	int n;
};

static int
count_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct tally *t = arg;
	json_t *r;

	(void)seq;
	if (record_kind(line, n) != (int)t->kind)
		return 0;
	assert_int_equal(record_parse(line, n, &r), 0);
	t->n += strcmp(record_text(r, "station"), t->station) == 0 &&
		memmem(line, n, t->word, strlen(t->word)) != NULL;
	json_decref(r);
	return 0;
}

static int
records(struct world *w, enum kind kind, const char *station, const char *word)
{
	struct tally t = { kind, station, word, 0 };

	/* What was asked for is on the disk after the next turn. */
	world_run(w, w->now.wall_us + 1);
	assert_int_equal(ledger_each(w->log, count_line, &t), 0);
	return t.n;
}

static void
both_stations_air_at_the_same_moment(void **state)
{
	struct world *w = *state;

	world_run(w, world_us(0, "05:05:00"));
	assert_int_equal(records(w, KIND_SLOT, "que-minh", "\"aired\""), 1);
	assert_int_equal(records(w, KIND_SLOT, "huyen", "\"aired\""), 1);
}

static void
a_reload_of_one_station_leaves_the_other_as_it_is(void **state)
{
	struct world *w = *state;

	world_schedule(w, commune_later, NULL);
	write_district(w, district_later);
	assert_true(world_ask(w, "{\"cmd\":\"reload\",\"station\":\"huyen\"}"));
	assert_int_equal(records(w, KIND_SCHEDULE, "huyen", ""), 2);
	assert_int_equal(records(w, KIND_SCHEDULE, "que-minh", ""), 1);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	assert_int_equal(records(w, KIND_SCHEDULE, "huyen", ""), 2);
	assert_int_equal(records(w, KIND_SCHEDULE, "que-minh", ""), 2);
	assert_false(world_ask(w, "{\"cmd\":\"reload\",\"station\":\"khac\"}"));
}

/* It got the other's problem as its own, in an `op` record. */
static void
a_fault_in_one_schedule_is_not_told_of_the_other(void **state)
{
	struct world *w = *state;
	json_t *req = json_pack("{s:s}", "cmd", "reload");
	json_t *answer;

	/* The first by name: its problem stood in the list before the other's. */
	write_district(w, district_bad);
	world_schedule(w, commune_later, NULL);
	answer = daemon_request(w->daemon, w->now, req);
	assert_false(json_is_true(json_object_get(answer, "ok")));
	assert_int_equal(
	    json_array_size(json_object_get(answer, "problems")), 1);
	assert_non_null(
	    strstr(record_text(answer, "error"), "the rest is in use"));
	json_decref(req);
	json_decref(answer);
	assert_int_equal(records(w, KIND_OP, "huyen", "refused"), 1);
	assert_int_equal(records(w, KIND_OP, "que-minh", ""), 0);
	assert_int_equal(records(w, KIND_SCHEDULE, "que-minh", ""), 2);
	assert_false(
	    world_ask(w, "{\"cmd\":\"reload\",\"station\":\"huyen\"}"));
	assert_true(
	    world_ask(w, "{\"cmd\":\"reload\",\"station\":\"que-minh\"}"));
}

static void
a_skip_names_its_station_where_there_are_two(void **state)
{
	struct world *w = *state;

	world_run(w, world_us(0, "05:00:10"));
	assert_false(world_ask(w, "{\"cmd\":\"skip\"}"));
	assert_true(world_ask(w, "{\"cmd\":\"skip\",\"station\":\"huyen\"}"));
	world_run(w, world_us(0, "05:05:00"));
	assert_int_equal(
	    records(w, KIND_SLOT, "huyen", "\"aired_partial\""), 1);
	assert_int_equal(records(w, KIND_SLOT, "que-minh", "\"aired\""), 1);
}

static void
an_emergency_names_its_station_and_sounds_there_alone(void **state)
{
	struct world *w = *state;
	char request[128];
	json_t *answer;

	world_item(w, "lu-ve", 60000);
	assert_false(world_ask(w,
	    "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
	    "\"order\":\"12\"}"));
	answer = world_answer(w,
	    "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
	    "\"order\":\"12\",\"station\":\"huyen\"}");
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"emergency\",\"code\":\"%s\"}",
	    record_text(answer, "code"));
	json_decref(answer);
	assert_true(world_ask(w, request));
	world_run(w, world_us(0, "04:30:00"));
	assert_int_equal(records(w, KIND_END, "huyen", "\"unscheduled\""), 1);
	assert_int_equal(
	    records(w, KIND_END, "que-minh", "\"unscheduled\""), 0);
}

static void
a_stop_of_one_station_does_not_silence_the_other(void **state)
{
	struct world *w = *state;

	assert_true(
	    world_ask(w, "{\"cmd\":\"stop\",\"station\":\"que-minh\"}"));
	world_run(w, world_us(0, "05:05:00"));
	assert_int_equal(records(w, KIND_SLOT, "que-minh", "\"not_aired\""), 1);
	assert_int_equal(records(w, KIND_SLOT, "huyen", "\"aired\""), 1);
}

static void
what_is_ordered_from_above_is_not_dropped_by_a_reload(void **state)
{
	struct world *w = *state;

	world_schedule(w,
	    TABLE("que-minh", AT("a", "05:00:00", "") ", " AT(
				  "tren", "05:02:00", "from_above = true;")),
	    NULL);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	world_schedule(w, commune_later, NULL);
	assert_false(world_ask(w, "{\"cmd\":\"reload\"}"));
	world_schedule(w,
	    TABLE("que-minh",
		AT("a", "05:00:00", "") ", " AT("tren", "05:02:00", "")),
	    NULL);
	assert_false(world_ask(w, "{\"cmd\":\"reload\"}"));
	world_run(w, world_us(0, "05:05:00"));
	world_expect(w, 0, "tren", "aired", "");
	/* The level above has ended it. */
	world_schedule(w,
	    TABLE(
		"que-minh", AT("a", "05:00:00", "") ", " AT("tren", "05:02:00",
				"from_above = true; until = "
				"\"2026-11-22\";")),
	    NULL);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	world_schedule(w, commune, NULL);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
}

/* A timetable that a reload refuses lies there still. */
static void
what_is_ordered_from_above_is_not_dropped_by_a_load_either(void **state)
{
	static const char load[] =
	    "{\"cmd\":\"load\",\"station\":\"que-minh\","
	    "\"week\":\"2026-W48\",\"base\":\"\",\"by\":\"p-1\","
	    "\"text\":\"week = \\\"2026-W48\\\"; program = ();\"}";
	struct world *w = *state;

	world_schedule(w,
	    TABLE("que-minh", AT("a", "05:00:00", "") ", " AT(
				  "tren", "05:02:00", "from_above = true;")),
	    NULL);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	world_schedule(w, commune_later, NULL);
	assert_false(world_ask(w, load));
	world_run(w, world_us(0, "05:05:00"));
	world_expect(w, 0, "tren", "aired", "");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

/* A timetable of the district with n segments of long titles. */
static void
write_segments(const struct world *w, int n)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("station = \"huyen\"; name = \"Đài\"; segments = ( ", f);
	for (int i = 0; i < n; i++)
		fprintf(f,
		    "%s{ id = \"s%d\"; title = \"%0300d\"; tags = [ \"t\" "
		    "]; target = { per = \"month\"; minutes = 30; }; }",
		    i == 0 ? "" : ", ", i, i);
	fputs(" ); slots = ( " AT("b", "05:10:00", "") " );\n", f);
	fclose(f);
	write_district(w, text);
	free(text);
}

static void
a_record_tells_segments_or_that_they_do_not_fit(void **state)
{
	struct world *w = *state;

	assert_int_equal(
	    records(w, KIND_SCHEDULE, "que-minh", "\"segments\":[]"), 1);
	write_segments(w, 2);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	assert_int_equal(records(w, KIND_SCHEDULE, "huyen",
			     "\"tags\":[\"t\"],\"languages\":[],"
			     "\"target\":{\"per\":\"month\","
			     "\"minutes\":30}}],\"by\""),
	    1);
	write_segments(w, 300);
	assert_true(world_ask(w, "{\"cmd\":\"reload\"}"));
	assert_int_equal(
	    records(w, KIND_SCHEDULE, "huyen", "\"segments\":null"), 1);
}

#define LONG "huyen-voi-mot-ten-dai-dai-dai-dai-dai-dai"
#define WEEKS 520

/* Ten years of weeks of a station with a long name: more than a record holds. */
static int
set_up_weeks(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char path[256];

	world_make(w, commune, NULL);
	world_item(w, "tin", 60000);
	snprintf(path, sizeof(path), "%s/" LONG ".cfg", w->folder);
	put_file(path, TABLE(LONG, AT("b", "05:00:00", "")));
	snprintf(path, sizeof(path), "%s/" LONG, w->folder);
	assert_int_equal(mkdir(path, 0755), 0);
	for (int i = 0; i < WEEKS; i++) {
		char week[16];
		char text[64];

		snprintf(
		    week, sizeof(week), "%d-W%02d", 2027 + i / 52, 1 + i % 52);
		snprintf(
		    path, sizeof(path), "%s/" LONG "/%s.cfg", w->folder, week);
		snprintf(text, sizeof(text), "week = \"%s\"; program = ( );\n",
		    week);
		put_file(path, text);
	}
	world_start(w);
	*state = w;
	return 0;
}

static void
a_record_of_more_weeks_than_fit_says_how_many_are_left_out(void **state)
{
	struct world *w = *state;

	assert_int_equal(records(w, KIND_SCHEDULE, LONG,
			     "\"files\":[{\"name\":\"" LONG ".cfg\""),
	    1);
	assert_int_equal(
	    records(w, KIND_SCHEDULE, LONG, LONG "/2036-W52.cfg\""), 1);
	assert_int_equal(
	    records(w, KIND_SCHEDULE, LONG, LONG "/2027-W01.cfg\""), 0);
	assert_int_equal(records(w, KIND_SCHEDULE, LONG, "\"left_out\":"), 1);
	assert_int_equal(
	    records(w, KIND_SCHEDULE, "que-minh", "\"left_out\":"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_stations_air_at_the_same_moment),
		TEST(a_reload_of_one_station_leaves_the_other_as_it_is),
		TEST(a_fault_in_one_schedule_is_not_told_of_the_other),
		TEST(a_skip_names_its_station_where_there_are_two),
		TEST(an_emergency_names_its_station_and_sounds_there_alone),
		TEST(a_stop_of_one_station_does_not_silence_the_other),
		TEST(what_is_ordered_from_above_is_not_dropped_by_a_reload),
		TEST(
		    what_is_ordered_from_above_is_not_dropped_by_a_load_either),
		TEST(a_record_tells_segments_or_that_they_do_not_fit),
		cmocka_unit_test_setup_teardown(
		    a_record_of_more_weeks_than_fit_says_how_many_are_left_out,
		    set_up_weeks, tear_down),
	};

	return cmocka_run_group_tests_name("daemon_two", tests, NULL, NULL);
}
