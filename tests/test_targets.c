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
#include "evidence/segments.h"
#include "evidence/targets.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What happens, a line each:
 *
 *	at DATE TIME			the clock
 *	told JSON			a schedule comes into force; JSON is
 *					what its one segment "s" has besides
 *	untold				one that tells no segments
 *	day DATE SLOT [SLOT...]		a day sheet; a SLOT ID is of segment s,
 *					15 minutes; one with ~ is a repeat; ID=km
 *					plays that part of a set in vi and km
 *	air DATE SLOT first|again MS [STATUS [REASON [NOTE]]]
 */
struct story {
	struct fake_log l;
};

static void
add(struct story *s, enum kind kind, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);

	assert_non_null(text);
	fake_log_add(&s->l, kind, text, NULL);
	free(text);
	json_decref(body);
}

static void
tell_segments(struct story *s, const char *more)
{
	json_t *segment =
	    json_pack("{s:s,s:s}", "id", "s", "title", "Đối ngoại");
	json_t *keys = json_loads(more, 0, NULL);

	assert_non_null(keys);
	json_object_update(segment, keys);
	json_decref(keys);
	add(s, KIND_SCHEDULE,
	    json_pack("{s:s,s:[],s:[o],s:s}", "revision", FAKE_SHA, "files",
		"segments", segment, "by", ""));
}

static const char *
content_of(const char *slot)
{
	return strchr(slot, '~') == NULL ? "segment" : "repeats";
}

static json_t *
slot_of(const char *date, char *word, int n)
{
	char *part = strchr(word, '=');
	char local[40];
	json_t *slot;

	if (part != NULL)
		*part++ = '\0';
	snprintf(local, sizeof(local), "%s 17:%02d:00", date, n * 15);
	slot = json_pack("{s:s,s:s,s:i,s:s,s:s,s:[s]}", "slot", word,
	    "planned_utc", fake_utc(local), "planned_ms", 900000, "segment",
	    "s", "content", content_of(word), "items", "x");
	if (part != NULL)
		json_object_set_new(slot, "set",
		    json_pack("{s:s,s:s,s:[s,s],s:[s]}", "id", "p", "week",
			"2026-W48", "languages", "vi", "km", "parts", part));
	return slot;
}

static void
tell_day(struct story *s, char *words)
{
	char *save;
	char *date = strtok_r(words, " ", &save);
	json_t *slots = json_array();
	char *word;
	int n = 0;

	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		json_array_append_new(slots, slot_of(date, word, n++));
	add(s, KIND_DAY,
	    json_pack("{s:s,s:s,s:o}", "date", date, "revision", FAKE_SHA,
		"slots", slots));
}

static void
tell_airing(struct story *s, const char *line)
{
	char date[16], slot[32], run[16], status[32] = "aired", reason[32] = "",
					  note[16] = "";
	char more[200];
	int ms = 0;

	assert_true(sscanf(line, "%15s %31s %15s %d %31s %31s %15s", date, slot,
			run, &ms, status, reason, note) >= 4);
	snprintf(more, sizeof(more), "{\"first_run\":%s}",
	    strcmp(run, "first") == 0 ? "true" : "false");
	if (ms > 0) {
		fake_log_start(&s->l, date, slot, 1, more);
		fake_log_end(&s->l, date, slot, 1, ms, NULL);
	}
	snprintf(more, sizeof(more),
	    "{\"note\":\"%s\",\"segment\":\"s\",\"content\":\"%s\","
	    "\"planned_ms\":900000}",
	    note, content_of(slot));
	fake_log_slot(
	    &s->l, date, slot, status, reason, ms > 0 ? 1 : 0, ms, more);
}

static void
tell_line(struct story *s, char *line)
{
	char a[32], b[32], at[70];

	if (strncmp(line, "told ", 5) == 0)
		tell_segments(s, line + 5);
	else if (strcmp(line, "untold") == 0)
		add(s, KIND_SCHEDULE,
		    json_pack("{s:s,s:[],s:s}", "revision", FAKE_SHA, "files",
			"by", ""));
	else if (strncmp(line, "day ", 4) == 0)
		tell_day(s, line + 4);
	else if (strncmp(line, "air ", 4) == 0)
		tell_airing(s, line + 4);
	else if (sscanf(line, "at %31s %31s", a, b) == 2) {
		snprintf(at, sizeof(at), "%s %s", a, b);
		fake_log_at(&s->l, at);
	} else
		fail_msg("no such line: %s", line);
}

static void
say_count(char *to, const char *name, const json_t *c)
{
	sprintf(to + strlen(to), " %s %d+%d %d+%d", name,
	    (int)record_int(c, "first_n", -1),
	    (int)record_int(c, "repeat_n", -1),
	    (int)record_int(c, "first_ms", -1) / 60000,
	    (int)record_int(c, "repeat_ms", -1) / 60000);
}

/* "2026-W48 planned 1+1 15+15 aired 1+0 15+0 lacking airings=1 open", lengths
 * in minutes, with "cut", "over", "changed", "log 2026-11-24"; a row a line;
 * behind them the days of which nothing is told. Static buffer. */
static const char *
rows_after(const char *story, const char *from, const char *to)
{
	static char said[4096];
	struct story s = { 0 };
	struct targets t;
	char *text = strdup(story);
	int64_t from_day, to_day;
	const char *key;
	json_t *row, *v;
	size_t i;
	char *save;

	fake_log_init(&s.l, NULL);
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		tell_line(&s, line);
	assert_int_equal(civil_read_date(from, &from_day), 0);
	assert_int_equal(civil_read_date(to, &to_day), 0);
	assert_int_equal(
	    targets_read(s.l.disk, "", from_day, to_day, s.l.now.wall_us, &t),
	    0);
	said[0] = '\0';
	json_array_foreach(t.rows, i, row)
	{
		sprintf(said + strlen(said), "%s%s", i == 0 ? "" : "\n",
		    record_text(row, "period"));
		if (json_is_true(json_object_get(row, "cut")))
			strcat(said, " cut");
		if (json_is_true(json_object_get(row, "over")))
			strcat(said, " over");
		if (json_is_true(json_object_get(row, "changed")))
			strcat(said, " changed");
		if (record_text(row, "log_from")[0] != '\0')
			sprintf(said + strlen(said), " log %s",
			    record_text(row, "log_from"));
		say_count(said, "planned", json_object_get(row, "planned"));
		say_count(said, "aired", json_object_get(row, "aired"));
		json_object_foreach(json_object_get(row, "lacking"), key, v)
		    sprintf(said + strlen(said), " %s=%d", key,
			(int)json_integer_value(v));
		sprintf(said + strlen(said), " %s", record_text(row, "state"));
	}
	json_array_foreach(t.untold, i, row) sprintf(said + strlen(said),
	    "%suntold %s %s", said[0] == '\0' ? "" : "\n",
	    record_text(row, "from"), record_text(row, "to"));
	targets_clear(&t);
	fake_log_free(&s.l);
	free(text);
	return said;
}

#define MON "2026-11-23"
#define THU "2026-11-26"
#define SUN_ "2026-11-29"
#define BEGIN "at 2026-11-23 04:00:00\n"
#define ASK(what) "told {\"target\":{\"per\":\"week\"," what "}}\n"
#define WEEK "day " MON " a\nday " THU " b b~\n"
#define AIRED \
	"air " MON " a first 900000\nair " THU " b first 840000\n" \
	"air " THU " b~ again 900000\n"
#define THURSDAY "at 2026-11-26 20:00:00\n"
#define OVER "at 2026-11-30 00:00:00\n"

static void
what_is_lacking_is_the_target_less_what_aired(void **state)
{
	static const struct {
		const char *when;
		const char *story;
		const char *said;
	} cases[] = {
		{ "no log", "", "" },
		{ "a log that tells no targets", BEGIN "untold\n" WEEK OVER,
		    "untold 2026-11-23 2026-11-29" },
		{ "one that began to tell on Thursday",
		    BEGIN "untold\n" WEEK AIRED
			  "at 2026-11-26 03:00:00\n" ASK("\"airings\":3") OVER,
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met\nuntold 2026-11-23 2026-11-25" },
		{ "told, and no segment has a target or a plan",
		    BEGIN "told {}\n" WEEK AIRED OVER, "" },
		{ "of a plan, and nobody set a target",
		    BEGIN
		    "told {\"plan\":{\"no\":\"99/KH\"}}\n" WEEK AIRED OVER,
		    " over planned 2+1 30+15 aired 2+1 29+15 none" },
		{ "met", BEGIN ASK("\"airings\":3") WEEK AIRED OVER,
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met" },
		{ "runs apart: repeats are no first runs",
		    BEGIN ASK("\"first_airings\":3,\"repeat_airings\":1")
			WEEK AIRED OVER,
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 "
		    "first_airings=1 repeat_airings=0 lacking" },
		{ "minutes as measured: one programme was a minute short",
		    BEGIN ASK("\"minutes\":45,\"first_minutes\":30,"
			      "\"repeat_minutes\":15") WEEK AIRED OVER,
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 ms=60000 "
		    "first_ms=60000 repeat_ms=0 lacking" },
		{ "in part is no airing; its minutes count",
		    BEGIN ASK(
			"\"airings\":1,\"minutes\":10") "day " MON
							" a\nair " MON
							" a first 600000 "
							"aired_partial "
							"power_lost\n" OVER,
		    "2026-W48 over planned 1+0 15+0 aired 0+0 10+0 airings=1 "
		    "ms=0 lacking" },
		{ "the week is not over",
		    BEGIN ASK("\"airings\":4") WEEK
		    "air " MON " a first 900000\n" THURSDAY,
		    "2026-W48 planned 2+1 30+15 aired 1+0 15+0 airings=3 "
		    "open" },
		{ "the log began on Thursday",
		    "at 2026-11-26 04:00:00\n" ASK(
			"\"airings\":3") "day " THU " b\nair " THU
					 " b first 900000\n" OVER,
		    "2026-W48 over log 2026-11-26 planned 1+0 15+0 aired 1+0 "
		    "15+0 airings=2 unsure" },
		{ "records are lost",
		    BEGIN ASK("\"airings\":2") "day " MON " a\nair " MON
					       " a first 0 not_aired "
					       "process_died epoch\n" OVER,
		    "2026-W48 over planned 1+0 15+0 aired 0+0 0+0 airings=2 "
		    "unsure" },
		{ "a slot has no outcome: it does not add up",
		    BEGIN ASK("\"airings\":2") "day " MON " a\n" OVER
					       "day 2026-11-30 z\n",
		    "2026-W48 over planned 1+0 15+0 aired 0+0 0+0 airings=2 "
		    "unsure" },
		{ "raised on Thursday: the last one told counts",
		    BEGIN ASK("\"airings\":1")
			WEEK AIRED THURSDAY ASK("\"airings\":5") OVER,
		    "2026-W48 over changed planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=2 lacking" },
		{ "raised when the week was over",
		    BEGIN ASK("\"airings\":1")
			WEEK AIRED OVER ASK("\"airings\":5"),
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met" },
		{ "set on Thursday only",
		    BEGIN "told {}\n" WEEK AIRED THURSDAY ASK("\"airings\":3")
			OVER,
		    "2026-W48 over changed planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met" },
		{ "taken back on Thursday: it was asked for until then",
		    BEGIN ASK("\"airings\":3") WEEK AIRED THURSDAY
		    "told {}\n" OVER,
		    "2026-W48 over changed planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met" },
		{ "told again at a boot",
		    BEGIN ASK("\"airings\":1")
			WEEK AIRED THURSDAY ASK("\"airings\":1") OVER,
		    "2026-W48 over planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *said = rows_after(cases[i].story, MON, SUN_);

		if (strcmp(said, cases[i].said) != 0)
			fail_msg("%s: %s", cases[i].when, said);
	}
}

static void
a_part_of_a_set_counts_only_with_the_others(void **state)
{
	static const struct {
		const char *when;
		const char *story;
		const char *said;
	} cases[] = {
		{ "both parts, each in its slot",
		    "air " MON " a first 900000\nair " THU " b first 900000\n",
		    "aired 1+0 30+0 airings=1 lacking" },
		{ "one of them",
		    "air " MON " a first 900000\nair " THU
		    " b first 0 not_aired missing_item\n",
		    "aired 0+0 15+0 airings=2 lacking" },
		{ "and the whole of it again, but for one part",
		    "air " MON " a first 900000\nair " THU
		    " b first 900000\nair " SUN_ " c~ again 900000\n",
		    "aired 1+0 30+15 airings=1 lacking" },
		{ "twice each",
		    "air " MON " a first 900000\nair " THU
		    " b first 900000\nair " SUN_ " c~ again 900000\nair " SUN_
		    " d~ again 900000\n",
		    "aired 1+1 30+30 airings=0 met" },
	};
	char story[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *said;

		snprintf(story, sizeof(story),
		    BEGIN ASK("\"airings\":2") "day " MON " a=vi\nday " THU
					       " b=km\nday " SUN_
					       " c~=vi d~=km\n%s" OVER,
		    cases[i].story);
		said = rows_after(story, MON, SUN_);
		if (strstr(said, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].when, said);
	}
}

static void
a_period_that_is_cut_is_counted_whole_and_said(void **state)
{
	static const struct {
		const char *per;
		const char *from;
		const char *to;
		const char *said;
	} cases[] = {
		{ "week", MON, SUN_, "2026-W48 over planned 2+1" },
		{ "week", THU, THU, "2026-W48 cut over planned 2+1" },
		{ "week", THU, "2026-12-01",
		    "2026-W48 cut over planned 2+1 30+15 aired 2+1 29+15 "
		    "airings=0 met\n2026-W49 cut planned 0+0" },
		{ "month", "2026-11-01", "2026-11-30",
		    "2026-11 log 2026-11-23 planned 2+1" },
		{ "quarter", "2026-11-01", "2026-11-30",
		    "2026-Q4 cut log 2026-11-23 planned 2+1" },
		{ "year", THU, THU, "2026 cut log 2026-11-23 planned 2+1" },
		{ "day", THU, "2026-11-27",
		    "2026-11-26 over planned 1+1 15+15 aired 1+1 14+15 "
		    "airings=1 lacking\n2026-11-27 over planned 0+0" },
	};
	char story[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *said;

		snprintf(story, sizeof(story),
		    BEGIN
		    "told {\"target\":{\"per\":\"%s\",\"airings\":3}}\n" WEEK
			AIRED OVER,
		    cases[i].per);
		said = rows_after(story, cases[i].from, cases[i].to);
		if (strncmp(said, cases[i].said, strlen(cases[i].said)) != 0)
			fail_msg("%s from %s to %s: %s", cases[i].per,
			    cases[i].from, cases[i].to, said);
	}
}

static void
the_log_tells_segments_by_date(void **state)
{
	struct story s = { 0 };
	struct segments *g;
	char lines[][80] = { "at 2026-11-23 04:00:00", "untold",
		"day " MON " a", "at 2026-11-24 04:00:00",
		"told {\"title\":\"A\"}", "at 2026-11-26 23:59:59",
		"told {\"title\":\"B\",\"plan\":{\"no\":\"9\"}}" };
	int64_t monday;

	(void)state;
	fake_log_init(&s.l, NULL);
	for (size_t i = 0; i < COUNT(lines); i++)
		tell_line(&s, lines[i]);
	assert_int_equal(segments_read(s.l.disk, &g), 0);
	civil_read_date(MON, &monday);
	assert_null(segments_on(g, "que-minh", monday - 1));
	assert_null(segments_on(g, "que-minh", monday));
	assert_null(segments_on(g, "another", monday + 9));
	assert_string_equal(
	    record_text(
		segments_find(segments_on(g, "que-minh", monday + 2), "s"),
		"title"),
	    "A");
	assert_string_equal(
	    record_text(
		segments_find(segments_on(g, "que-minh", monday + 3), "s"),
		"title"),
	    "B");
	assert_null(
	    segments_find(segments_on(g, "que-minh", monday + 3), "other"));
	assert_int_equal(segments_first_day(g, "que-minh"), monday);
	assert_int_equal(segments_first_day(g, "another"), INT64_MAX);
	segments_free(g);
	fake_log_free(&s.l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lacking_is_the_target_less_what_aired),
		cmocka_unit_test(a_part_of_a_set_counts_only_with_the_others),
		cmocka_unit_test(
		    a_period_that_is_cut_is_counted_whole_and_said),
		cmocka_unit_test(the_log_tells_segments_by_date),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
