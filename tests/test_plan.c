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

#include "base/civil.h"
#include "base/clock.h"
#include "scheduler/plan.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD \
	"station = \"a\"; name = \"A\";\n" \
	"segments = ( { id = \"s\"; title = \"Chuyên mục\"; " \
	"languages = [ \"km\", \"vi\" ]; }, { id = \"t\"; title = \"T\"; } " \
	");\n"

/* The week of Quế Minh, from the station's own frames: what stands at which
 * moment. Local sound, a repeat (P), filler (F), the province's relay (T) or
 * VOV1's (V), a programme from above (A). */
static const struct {
	enum weekday day;
	const char *at;
	const char *length;
	char kind;
} que_minh[] = {
	{ MON, "05:00:00", "00:01:30", 'L' },
	{ MON, "05:01:30", "00:00:30", 'L' },
	{ MON, "05:02:00", "00:10:00", 'L' },
	{ MON, "05:12:00", "00:15:00", 'P' },
	{ MON, "05:27:00", "00:03:00", 'F' },
	{ MON, "05:30:00", "00:29:30", 'T' },
	{ MON, "05:59:30", "00:00:30", 'L' },
	{ MON, "06:00:00", "00:29:30", 'V' },
	{ MON, "06:29:30", "00:00:30", 'L' },
	{ MON, "17:00:00", "00:00:30", 'L' },
	{ MON, "17:00:30", "00:10:00", 'L' },
	{ MON, "17:10:30", "00:15:00", 'L' },
	{ MON, "17:25:30", "00:04:30", 'F' },
	{ MON, "17:30:00", "00:29:30", 'A' },
	{ MON, "17:59:30", "00:00:30", 'L' },
	{ MON, "18:00:00", "00:29:30", 'V' },
	{ MON, "18:29:30", "00:00:30", 'L' },
	{ TUE, "05:00:00", "00:00:30", 'L' },
	{ TUE, "05:00:30", "00:10:00", 'P' },
	{ TUE, "05:10:30", "00:15:00", 'P' },
	{ TUE, "05:25:30", "00:04:30", 'F' },
	{ TUE, "05:30:00", "00:29:30", 'T' },
	{ TUE, "05:59:30", "00:00:30", 'L' },
	{ TUE, "06:00:00", "00:29:30", 'V' },
	{ TUE, "06:29:30", "00:00:30", 'L' },
	{ TUE, "17:00:00", "00:00:30", 'L' },
	{ TUE, "17:00:30", "00:10:00", 'L' },
	{ TUE, "17:10:30", "00:15:00", 'L' },
	{ TUE, "17:25:30", "00:04:30", 'F' },
	{ TUE, "17:30:00", "00:29:30", 'A' },
	{ TUE, "17:59:30", "00:00:30", 'L' },
	{ TUE, "18:00:00", "00:29:30", 'V' },
	{ TUE, "18:29:30", "00:00:30", 'L' },
	{ WED, "05:00:00", "00:00:30", 'L' },
	{ WED, "05:00:30", "00:10:00", 'P' },
	{ WED, "05:10:30", "00:15:00", 'P' },
	{ WED, "05:25:30", "00:04:30", 'F' },
	{ WED, "05:30:00", "00:29:30", 'T' },
	{ WED, "05:59:30", "00:00:30", 'L' },
	{ WED, "06:00:00", "00:29:30", 'V' },
	{ WED, "06:29:30", "00:00:30", 'L' },
	{ WED, "17:00:00", "00:00:30", 'L' },
	{ WED, "17:00:30", "00:10:00", 'L' },
	{ WED, "17:10:30", "00:15:00", 'L' },
	{ WED, "17:25:30", "00:04:30", 'F' },
	{ WED, "17:30:00", "00:29:30", 'A' },
	{ WED, "17:59:30", "00:00:30", 'L' },
	{ WED, "18:00:00", "00:29:30", 'V' },
	{ WED, "18:29:30", "00:00:30", 'L' },
	{ THU, "05:00:00", "00:00:30", 'L' },
	{ THU, "05:00:30", "00:10:00", 'P' },
	{ THU, "05:10:30", "00:15:00", 'P' },
	{ THU, "05:25:30", "00:04:30", 'F' },
	{ THU, "05:30:00", "00:29:30", 'T' },
	{ THU, "05:59:30", "00:00:30", 'L' },
	{ THU, "06:00:00", "00:29:30", 'V' },
	{ THU, "06:29:30", "00:00:30", 'L' },
	{ THU, "17:00:00", "00:00:30", 'L' },
	{ THU, "17:00:30", "00:10:00", 'L' },
	{ THU, "17:10:30", "00:15:00", 'L' },
	{ THU, "17:25:30", "00:04:00", 'L' },
	{ THU, "17:29:30", "00:00:30", 'L' },
	{ THU, "17:30:00", "00:29:30", 'A' },
	{ THU, "17:59:30", "00:00:30", 'L' },
	{ THU, "18:00:00", "00:29:30", 'V' },
	{ THU, "18:29:30", "00:00:30", 'L' },
	{ FRI, "05:00:00", "00:00:30", 'L' },
	{ FRI, "05:00:30", "00:10:00", 'P' },
	{ FRI, "05:10:30", "00:15:00", 'P' },
	{ FRI, "05:25:30", "00:04:30", 'F' },
	{ FRI, "05:30:00", "00:29:30", 'T' },
	{ FRI, "05:59:30", "00:00:30", 'L' },
	{ FRI, "06:00:00", "00:29:30", 'V' },
	{ FRI, "06:29:30", "00:00:30", 'L' },
	{ FRI, "17:00:00", "00:00:30", 'L' },
	{ FRI, "17:00:30", "00:10:00", 'L' },
	{ FRI, "17:10:30", "00:15:00", 'L' },
	{ FRI, "17:25:30", "00:04:30", 'F' },
	{ FRI, "17:30:00", "00:29:30", 'A' },
	{ FRI, "17:59:30", "00:00:30", 'L' },
	{ FRI, "18:00:00", "00:29:30", 'V' },
	{ FRI, "18:29:30", "00:00:30", 'L' },
	{ SAT, "05:00:00", "00:00:30", 'L' },
	{ SAT, "05:00:30", "00:10:00", 'P' },
	{ SAT, "05:10:30", "00:15:00", 'P' },
	{ SAT, "05:25:30", "00:04:30", 'F' },
	{ SAT, "05:30:00", "00:29:30", 'T' },
	{ SAT, "05:59:30", "00:00:30", 'L' },
	{ SAT, "06:00:00", "00:29:30", 'V' },
	{ SAT, "06:29:30", "00:00:30", 'L' },
	{ SAT, "17:00:00", "00:00:30", 'L' },
	{ SAT, "17:00:30", "00:10:00", 'L' },
	{ SAT, "17:10:30", "00:15:00", 'L' },
	{ SAT, "17:25:30", "00:04:30", 'F' },
	{ SAT, "17:30:00", "00:29:30", 'A' },
	{ SAT, "17:59:30", "00:00:30", 'L' },
	{ SAT, "18:00:00", "00:29:30", 'V' },
	{ SAT, "18:29:30", "00:00:30", 'L' },
	{ SUN, "17:00:00", "00:00:30", 'L' },
	{ SUN, "17:00:30", "00:15:00", 'L' },
	{ SUN, "17:15:30", "00:15:00", 'P' },
	{ SUN, "17:30:30", "00:14:00", 'L' },
	{ SUN, "17:44:30", "00:00:30", 'L' },
};

static int64_t
day_of(const char *text)
{
	int64_t day;

	if (civil_read_date(text, &day) < 0)
		fail_msg("%s is not a date", text);
	return day;
}

static struct schedule *
read_folder(const char *folder, const char *station)
{
	struct problems ps = { 0 };
	struct schedule *s;

	if (schedule_read(folder, station, INT64_MIN, INT64_MAX, &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	return s;
}

/* Station a of this timetable, and of up to two weeks of 2026. */
static struct schedule *
read_text(const char *table, int week, const char *program, int week2,
    const char *program2)
{
	struct schedule *s;
	struct folder f;
	char name[40], text[1000];

	folder_make(&f);
	folder_write(&f, "a.cfg", table);
	if (program != NULL) {
		snprintf(name, sizeof(name), "a/2026-W%02d.cfg", week);
		snprintf(text, sizeof(text),
		    "week = \"2026-W%02d\"; program = ( %s );", week, program);
		folder_write(&f, name, text);
	}
	if (program2 != NULL) {
		snprintf(name, sizeof(name), "a/2026-W%02d.cfg", week2);
		snprintf(text, sizeof(text),
		    "week = \"2026-W%02d\"; program = ( %s );", week2,
		    program2);
		folder_write(&f, name, text);
	}
	s = read_folder(f.path, "a");
	folder_remove(&f);
	return s;
}

static struct plan *
unroll(const struct schedule *s, const char *from, const char *to)
{
	struct plan *p;

	assert_int_equal(plan_make(s, day_of(from), day_of(to), &p), 0);
	return p;
}

static int
in_vietnam(void **state)
{
	(void)state;
	return civil_zone("Asia/Ho_Chi_Minh");
}

static char
kind_of(const struct planned *p)
{
	switch (p->content) {
	case CONTENT_ITEM:
	case CONTENT_SEGMENT:
		return p->from_above ? 'A' : 'L';
	case CONTENT_REPEAT:
		return 'P';
	case CONTENT_FILLER:
		return 'F';
	case CONTENT_RELAY:
		return strcmp(p->ref, "tinh") == 0 ? 'T' : 'V';
	case CONTENTS:
		break;
	}
	return '?';
}

static void
the_week_of_que_minh_is_the_103_slots_of_its_sample(void **state)
{
	struct schedule *s = read_folder("schedules", "que-minh");
	struct plan *p = unroll(s, "2026-11-23", "2026-11-29");
	int64_t us[128] = { 0 };

	(void)state;
	assert_int_equal(COUNT(que_minh), 103);
	assert_int_equal(p->n, 103);
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *one = &p->slots[i];
		int64_t day = day_of("2026-11-23") + que_minh[i].day;
		int at, length;

		civil_read_time(que_minh[i].at, &at);
		civil_read_time(que_minh[i].length, &length);
		if (one->day != day || one->start_us != civil_to_us(day, at) ||
		    one->end_us - one->start_us != length * US_PER_S ||
		    kind_of(one) != que_minh[i].kind)
			fail_msg("row %zu: %s %s %s %c is not %s", i,
			    civil_weekday_text(que_minh[i].day), que_minh[i].at,
			    que_minh[i].length, que_minh[i].kind, one->slot);
		us[(int)que_minh[i].kind] += one->end_us - one->start_us;
	}
	/* 18.75 hours: local, relayed, from above. */
	assert_int_equal(us['L'] + us['P'] + us['F'], 25020 * US_PER_S);
	assert_int_equal(us['T'] + us['V'], 31860 * US_PER_S);
	assert_int_equal(us['A'], 10620 * US_PER_S);
	plan_free(p);
	schedule_free(s);
}

static const struct planned *
find(const struct plan *p, const char *slot, const char *date)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->slots[i].slot, slot) == 0 &&
		    p->slots[i].day == day_of(date))
			return &p->slots[i];
	fail_msg("%s is not planned on %s", slot, date);
	return NULL;
}

/* "a b" */
static const char *
items_text(const struct planned *p)
{
	static char text[4000];

	text[0] = '\0';
	for (size_t i = 0; i < p->n_items; i++) {
		strcat(text, i == 0 ? "" : " ");
		strcat(text, p->items[i]);
	}
	return text;
}

static void
the_week_of_que_minh_plays_what_its_programme_names(void **state)
{
	static const struct {
		const char *slot, *date, *items, *segment, *language;
	} cases[] = {
		{ "ttdn-t5", "2026-11-26", "ttdn-w48-vi ttdn-w48-2", "ttdn",
		    "vi" },
		{ "ttdn-t6-pl", "2026-11-27", "ttdn-w48-vi ttdn-w48-2", "ttdn",
		    "vi" },
		{ "ttdn-cn-pl", "2026-11-29", "ttdn-w48-vi ttdn-w48-2", "ttdn",
		    "vi" },
		{ "ttdn-t5-km", "2026-11-26", "ttdn-w48-km", "ttdn-song-ngu",
		    "km" },
		{ "ban-tin-t5", "2026-11-26", "thong-bao-w48", "ban-tin",
		    "vi" },
		{ "ban-tin-t5-pl", "2026-11-27", "thong-bao-w48", "ban-tin",
		    "vi" },
		{ "suc-khoe-t2-pl", "2026-11-23", "suc-khoe-w47", "suc-khoe",
		    "vi" },
		{ "vov-18h", "2026-11-26", "", "", "vi" },
		{ "nhac-dem-sang", "2026-11-26", "nhac-dem", "", "vi" },
		{ "mo-dau-chieu", "2026-11-29", "mo-dau", "", "vi" },
	};
	struct schedule *s = read_folder("schedules", "que-minh");
	struct plan *p = unroll(s, "2026-11-23", "2026-11-29");
	const struct planned *pl = find(p, "ttdn-t6-pl", "2026-11-27");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct planned *one =
		    find(p, cases[i].slot, cases[i].date);

		if (strcmp(items_text(one), cases[i].items) != 0 ||
		    strcmp(one->segment, cases[i].segment) != 0 ||
		    strcmp(one->language, cases[i].language) != 0)
			fail_msg("%s: %s, %s, %s", cases[i].slot,
			    items_text(one), one->segment, one->language);
	}
	assert_string_equal(pl->title, "Thông tin đối ngoại");
	assert_string_equal(pl->ref, "ttdn-t5");
	plan_free(p);
	schedule_free(s);
}

static void
every_slot_of_a_year_is_planned_and_none_twice(void **state)
{
	struct schedule *s = read_folder("schedules", "que-minh");
	struct plan *p = unroll(s, "2026-01-01", "2026-12-31");

	(void)state;
	/* 52 weeks of 103, and a Thursday more. */
	assert_int_equal(p->n, 52 * 103 + 17);
	for (size_t i = 1; i < p->n; i++)
		if (p->slots[i].start_us < p->slots[i - 1].end_us)
			fail_msg("%s overlaps", p->slots[i].slot);
	plan_free(p);
	schedule_free(s);
}

static void
instants_follow_the_zone_and_lengths_stay_lengths(void **state)
{
	static const struct {
		const char *when, *zone, *at, *length, *date;
		const char *start, *end;
	} cases[] = {
		{ "Vietnam", "Asia/Ho_Chi_Minh", "17:10:30", "00:15:00",
		    "2026-11-26", "2026-11-26T10:10:30Z",
		    "2026-11-26T10:25:30Z" },
		{ "up to midnight", "Asia/Ho_Chi_Minh", "23:00", "01:00",
		    "2026-11-26", "2026-11-26T16:00:00Z",
		    "2026-11-26T17:00:00Z" },
		{ "across midnight", "Asia/Ho_Chi_Minh", "23:30", "01:00",
		    "2026-11-26", "2026-11-26T16:30:00Z",
		    "2026-11-26T17:30:00Z" },
		{ "a whole day", "Asia/Ho_Chi_Minh", "00:00", "24:00",
		    "2026-11-26", "2026-11-25T17:00:00Z",
		    "2026-11-26T17:00:00Z" },
		{ "across the year", "Asia/Ho_Chi_Minh", "23:30", "01:00",
		    "2026-12-31", "2026-12-31T16:30:00Z",
		    "2026-12-31T17:30:00Z" },
		{ "in the gap: at its end", "Europe/Berlin", "02:30", "00:15",
		    "2026-03-29", "2026-03-29T01:00:00Z",
		    "2026-03-29T01:15:00Z" },
		{ "over the gap", "Europe/Berlin", "01:30", "01:00",
		    "2026-03-29", "2026-03-29T00:30:00Z",
		    "2026-03-29T01:30:00Z" },
		{ "the doubled hour: once, first pass", "Europe/Berlin",
		    "02:30", "00:15", "2026-10-25", "2026-10-25T00:30:00Z",
		    "2026-10-25T00:45:00Z" },
		{ "over the doubled hour", "Europe/Berlin", "01:30", "02:00",
		    "2026-10-25", "2026-10-24T23:30:00Z",
		    "2026-10-25T01:30:00Z" },
		{ "the evening of that day", "Europe/Berlin", "17:00", "00:15",
		    "2026-10-25", "2026-10-25T16:00:00Z",
		    "2026-10-25T16:15:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[500];
		struct schedule *s;
		struct plan *p;
		int64_t start, end;

		assert_int_equal(civil_zone(cases[i].zone), 0);
		snprintf(text, sizeof(text),
		    HEAD "slots = ( { id = \"x\"; days = \"T2-CN\"; "
			 "at = \"%s\"; for = \"%s\"; item = \"i\"; } );",
		    cases[i].at, cases[i].length);
		s = read_text(text, 0, NULL, 0, NULL);
		p = unroll(s, cases[i].date, cases[i].date);
		assert_int_equal(p->n, 1);
		assert_int_equal(civil_read_utc(cases[i].start, &start), 0);
		assert_int_equal(civil_read_utc(cases[i].end, &end), 0);
		if (p->slots[0].start_us != start || p->slots[0].end_us != end)
			fail_msg("%s", cases[i].when);
		assert_int_equal(p->slots[0].day, day_of(cases[i].date));
		plan_free(p);
		schedule_free(s);
	}
	in_vietnam(NULL);
}

#define AT(id, days, at, rest) \
	"{ id = \"" id "\"; days = \"" days "\"; at = \"" at \
	"\"; for = \"00:10\"; " rest " }"

static void
a_repeat_plays_what_its_slot_had_planned_last(void **state)
{
	static const struct {
		const char *when, *slot, *date, *items;
	} cases[] = {
		{ "the day before", "pl", "2026-11-24", "i47" },
		{ "the same day, earlier", "pl", "2026-11-25", "i48" },
		{ "days later", "pl", "2026-11-30", "i48" },
		{ "the same moment is not earlier", "same", "2026-11-25",
		    "i47" },
		{ "before its first occurrence", "pl", "2026-11-17", "" },
		{ "the date was left out: the week before", "pl", "2026-12-03",
		    "i48" },
		{ "a repeat of the repeat, an hour later", "pl2", "2026-11-25",
		    "i48" },
		{ "an hour earlier: that of the day before", "pl0",
		    "2026-11-25", "i47" },
		{ "no programme in that week: nothing", "pl", "2026-12-11",
		    "" },
		{ "35 days after the last occurrence", "late", "2027-01-20",
		    "" },
		{ "of an item", "of-item", "2026-11-26", "tune" },
	};
	struct schedule *s = read_text(HEAD
	    "slots = (\n" AT("x", "T4", "17:00",
		"segment = \"s\"; from = \"2026-11-18\"; "
		"until = \"2026-12-15\";") ",\n" AT("pl", "T2-CN", "18:00",
		"repeats = \"x\";") ",\n" AT("same", "T2-CN", "17:00",
		"repeats = \"x\";") ",\n" AT("pl2", "T2-CN", "19:00",
		"repeats = \"pl\";") ",\n" AT("pl0", "T2-CN", "16:00",
		"repeats = \"pl\";") ",\n" AT("late", "T2-CN", "20:00",
		"repeats = \"x\";") ",\n" AT("tune", "T2", "21:00",
		"title = \"Nhạc\"; item = \"tune\";") ",\n" AT("of-item", "T5",
		"21:00",
		"repeats = \"tune\";") ");\n"
				       "dates = ( { date = \"2026-12-02\"; use "
				       "= \"none\"; } );",
	    47, "{ slot = \"x\"; items = [ \"i47\" ]; }", 48,
	    "{ slot = \"x\"; items = [ \"i48\" ]; }");
	struct plan *p = unroll(s, "2026-11-16", "2027-01-31");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct planned *one =
		    find(p, cases[i].slot, cases[i].date);

		if (strcmp(items_text(one), cases[i].items) != 0)
			fail_msg("%s: \"%s\"", cases[i].when, items_text(one));
	}
	assert_string_equal(find(p, "pl2", "2026-11-25")->segment, "s");
	assert_string_equal(find(p, "pl2", "2026-11-25")->title, "Chuyên mục");
	assert_string_equal(find(p, "pl2", "2026-11-25")->language, "km");
	assert_string_equal(find(p, "of-item", "2026-11-26")->title, "Nhạc");
	plan_free(p);
	schedule_free(s);
}

static void
a_repeat_looks_35_days_back_and_no_further(void **state)
{
	struct schedule *s =
	    read_text(HEAD "slots = (\n" AT("x", "T4", "17:00",
			  "item = \"i\"; from = \"2026-11-25\"; "
			  "until = \"2026-11-25\";") ",\n" AT("pl", "T2-CN",
			  "17:00", "repeats = \"x\";") ");",
		0, NULL, 0, NULL);
	struct plan *p = unroll(s, "2026-11-25", "2027-01-31");

	(void)state;
	assert_string_equal(items_text(find(p, "pl", "2026-12-30")), "i");
	assert_string_equal(items_text(find(p, "pl", "2026-12-31")), "");
	plan_free(p);
	schedule_free(s);
}

static void
the_programme_is_that_of_the_week_that_holds_the_date(void **state)
{
	struct schedule *s = read_text(HEAD
	    "slots = ( " AT("x", "T2-CN", "17:00", "segment = \"s\";") " );",
	    53, "{ slot = \"x\"; items = [ \"i53\" ]; }", 52,
	    "{ slot = \"x\"; items = [ \"i52\" ]; }");
	struct plan *p = unroll(s, "2026-12-27", "2027-01-04");

	(void)state;
	assert_int_equal(p->n, 9);
	assert_string_equal(items_text(&p->slots[0]), "i52");
	for (size_t i = 1; i <= 7; i++)
		assert_string_equal(items_text(&p->slots[i]), "i53");
	assert_string_equal(items_text(&p->slots[8]), "");
	plan_free(p);
	schedule_free(s);
}

static void
a_makeup_slot_names_what_it_makes_up_for(void **state)
{
	struct schedule *s =
	    read_text(HEAD "slots = ( " AT("x", "T4", "17:00",
			  "item = \"i\";") " );\n"
					   "dates = ( { date = \"2026-11-27\"; "
					   "extra = ( { id = \"bu\"; "
					   "at = \"17:30\"; for = \"00:10\"; "
					   "repeats = \"x\"; makeup_of = { "
					   "date = \"2026-11-25\"; slot = "
					   "\"x\"; }; } ); } );",
		0, NULL, 0, NULL);
	struct plan *p = unroll(s, "2026-11-23", "2026-11-29");

	(void)state;
	assert_int_equal(p->n, 2);
	assert_null(p->slots[0].makeup_slot);
	assert_string_equal(p->slots[1].makeup_slot, "x");
	assert_int_equal(p->slots[1].makeup_day, day_of("2026-11-25"));
	assert_string_equal(items_text(&p->slots[1]), "i");
	plan_free(p);
	schedule_free(s);
}

static const char crowd[] =
    HEAD "slots = (\n" AT("late", "T4", "17:05", "item = \"i\";") ",\n" AT(
	"plain", "T4", "17:00", "item = \"i\";") ",\n" AT("second", "T4",
	"17:00", "item = \"i\";") ",\n" AT("first", "T4", "17:00",
	"item = \"i\"; class = \"uu_tien\";") ",\n" AT("next", "T4", "18:00",
	"item = \"i\";") ");";

static void
slots_come_by_start_then_class_then_order(void **state)
{
	static const char *const order[] = { "first", "plain", "second", "late",
		"next" };
	struct schedule *s = read_text(crowd, 0, NULL, 0, NULL);
	struct plan *p = unroll(s, "2026-11-25", "2026-11-25");

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		assert_string_equal(p->slots[i].slot, order[i]);
	plan_free(p);
	schedule_free(s);
}

static void
a_day_sheet_comes_back_as_it_was(void **state)
{
	struct schedule *s = read_text(HEAD
	    "slots = (\n" AT("x", "T6", "23:55",
		"segment = \"s\"; start = \"hard\"; "
		"tolerance = \"00:00:30\"; end = \"finish\"; "
		"rejoin = \"skip\"; class = \"uu_tien\"; "
		"from_above = true; title = \"\\\"Tiêu\\\" đề\";") ",\n" AT("r",
		"T6", "18:00", "relay = \"vov1\";") ",\n" AT("f", "T6", "19:00",
		"filler = \"f\";") ");\n"
				   "dates = ( { date = \"2026-11-27\"; extra = "
				   "( { id = \"bu\"; "
				   "at = \"17:30\"; for = \"00:10\"; repeats = "
				   "\"x\"; makeup_of = { "
				   "date = \"2026-11-20\"; slot = \"x\"; }; } "
				   "); } );",
	    48, "{ slot = \"x\"; items = [ \"i\", \"j\" ]; }", 47,
	    "{ slot = \"x\"; items = [ \"h\" ]; }");
	struct plan *p = unroll(s, "2026-11-26", "2026-11-28");
	json_t *sheet = plan_day_json(p, day_of("2026-11-27"));
	char *text = json_dumps(sheet, JSON_COMPACT);
	char *first = json_dumps(json_array_get(sheet, 0), JSON_COMPACT);
	struct plan *back;
	json_t *again;
	char *text_again;

	(void)state;
	assert_int_equal(json_array_size(sheet), 4);
	assert_string_equal(first,
	    "{\"slot\":\"bu\",\"planned_utc\":\"2026-11-27T10:30:00.000000Z\","
	    "\"planned_ms\":600000,\"class\":\"thong_thuong\","
	    "\"content\":\"repeats\",\"ref\":\"x\",\"items\":[\"h\"],"
	    "\"segment\":\"s\",\"title\":\"\\\"Tiêu\\\" đề\","
	    "\"language\":\"km\",\"start\":\"soft\",\"tolerance_ms\":120000,"
	    "\"end\":\"cut\",\"rejoin\":\"join\",\"from_above\":false,"
	    "\"makeup_of\":{\"date\":\"2026-11-20\",\"slot\":\"x\"}}");
	assert_int_equal(plan_from_json(sheet, day_of("2026-11-27"), &back), 0);
	again = plan_day_json(back, day_of("2026-11-27"));
	text_again = json_dumps(again, JSON_COMPACT);
	assert_string_equal(text_again, text);
	assert_int_equal(back->slots[3].start_us, p->slots[3].start_us);
	assert_int_equal(back->slots[3].end_us, p->slots[3].end_us);
	assert_int_equal(back->slots[3].tolerance_us, 30 * US_PER_S);
	assert_string_equal(back->slots[3].file, "");
	free(text);
	free(first);
	free(text_again);
	json_decref(sheet);
	json_decref(again);
	plan_free(back);
	plan_free(p);
	schedule_free(s);
}

/* One good slot; each case puts something else in. */
static const char good_sheet[] =
    "[{\"slot\":\"x\",\"planned_utc\":\"2026-11-27T10:30:00Z\","
    "\"planned_ms\":600000,\"class\":\"thong_thuong\","
    "\"content\":\"item\",\"ref\":\"i\",\"items\":[\"i\"],"
    "\"segment\":\"\",\"title\":\"\",\"language\":\"vi\","
    "\"start\":\"soft\",\"tolerance_ms\":120000,\"end\":\"cut\","
    "\"rejoin\":\"join\",\"from_above\":false}]";

static void
what_is_no_day_sheet_is_refused(void **state)
{
	static const struct {
		const char *key;
		const char *value; /* JSON; NULL: the key is absent */
	} cases[] = {
		{ "slot", NULL },
		{ "slot", "7" },
		{ "planned_utc", "\"x\"" },
		{ "planned_utc", NULL },
		{ "planned_ms", "-1" },
		{ "planned_ms", "86400001" },
		{ "planned_ms", "1.5" },
		{ "planned_ms", "9223372036854775807" },
		{ "class", "\"khan_cap\"" },
		{ "content", "\"tune\"" },
		{ "content", "null" },
		{ "ref", NULL },
		{ "items", "\"i\"" },
		{ "items", "[1]" },
		{ "items", NULL },
		{ "segment", NULL },
		{ "title", NULL },
		{ "language", NULL },
		{ "start", "\"late\"" },
		{ "tolerance_ms", "-1" },
		{ "end", "1" },
		{ "rejoin", NULL },
		{ "from_above", "0" },
		{ "makeup_of", "{}" },
		{ "makeup_of", "7" },
		{ "makeup_of", "{\"date\":\"2026-02-30\",\"slot\":\"x\"}" },
		{ "makeup_of", "{\"date\":\"2026-02-20\"}" },
	};
	struct plan *p = NULL;
	json_t *j;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *one;

		j = json_loads(good_sheet, 0, NULL);
		one = json_array_get(j, 0);
		if (cases[i].value == NULL)
			json_object_del(one, cases[i].key);
		else
			json_object_set_new(one, cases[i].key,
			    json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
		if (plan_from_json(j, 0, &p) != -EINVAL || p != NULL)
			fail_msg(
			    "%s %s was taken", cases[i].key, cases[i].value);
		json_decref(j);
	}
	j = json_loads(good_sheet, 0, NULL);
	assert_int_equal(plan_from_json(j, 0, &p), 0);
	p = plan_free(p);
	json_array_append_new(j, json_integer(1));
	assert_int_equal(plan_from_json(j, 0, &p), -EINVAL);
	json_decref(j);
	assert_int_equal(plan_from_json(NULL, 0, &p), -EINVAL);
	assert_null(p);
}

/* vi and km in one slot, and each in a slot of its own. */
#define PAIR \
	"station = \"a\"; name = \"A\";\n" \
	"segments = ( { id = \"s\"; title = \"S\"; languages = [ \"vi\", " \
	"\"km\" ]; }, { id = \"t\"; title = \"T\"; } );\nslots = (\n" AT( \
	    "both", "T2", "17:00", "segment = \"s\";") ",\n" AT("vi", "T3", \
	    "17:00", "segment = \"s\"; language = \"vi\";") ",\n" AT("km", \
	    "T4", "17:00", \
	    "segment = \"s\"; language = \"km\";") ",\n" AT("pl", "T5", \
	    "17:00", "repeats = \"both\";") ",\n" AT("pl-km", "T6", "17:00", \
	    "repeats = \"both\"; language = \"km\";") ",\n" AT("pl-pl", "T7", \
	    "17:00", "repeats = \"pl-km\";") ",\n" AT("never", "CN", "17:00", \
	    "repeats = \"vi\"; language = \"km\";") ",\n" AT("one", "CN", \
	    "18:00", "segment = \"t\";") ");"

static const char *
parts_text(const struct planned *p)
{
	static char text[200];

	text[0] = '\0';
	for (size_t i = 0; i < p->n_items; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s=%s", i == 0 ? "" : " ",
		    planned_part(p, i) == NULL ? "-" : planned_part(p, i),
		    p->items[i]);
	return text;
}

static void
a_set_is_its_parts_in_the_order_of_the_languages(void **state)
{
	static const struct {
		const char *slot;
		const char *date;
		const char *parts;
		const char *language;
	} cases[] = {
		{ "both", "2026-11-23", "vi=w48-vi km=w48-km", "vi" },
		{ "vi", "2026-11-24", "vi=w48-vi", "vi" },
		{ "km", "2026-11-25", "km=ghi-am-12", "km" },
		{ "pl", "2026-11-26", "vi=w48-vi km=w48-km", "vi" },
		{ "pl-km", "2026-11-27", "km=w48-km", "km" },
		{ "pl-pl", "2026-11-28", "km=w48-km", "km" },
		{ "never", "2026-11-29", "", "km" },
		{ "one", "2026-11-29", "vi=nuoc-vi", "vi" },
		/* The week before names no sets. */
		{ "both", "2026-11-16", "-=a -=b", "vi" },
		{ "km", "2026-11-18", "-=c", "km" },
		{ "pl-km", "2026-11-20", "", "km" },
	};
	struct schedule *s = read_text(PAIR, 48,
	    "{ slot = \"both\"; set = \"w48\"; },\n"
	    "{ slot = \"vi\"; set = \"w48\"; },\n"
	    "{ slot = \"km\"; set = \"w48\"; items = [ \"ghi-am-12\" ]; },\n"
	    "{ slot = \"one\"; set = \"nuoc\"; }",
	    47,
	    "{ slot = \"both\"; items = [ \"a\", \"b\" ]; },\n"
	    "{ slot = \"km\"; items = [ \"c\" ]; }");
	struct plan *p = unroll(s, "2026-11-16", "2026-11-29");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct planned *one =
		    find(p, cases[i].slot, cases[i].date);

		if (strcmp(parts_text(one), cases[i].parts) != 0 ||
		    strcmp(one->language, cases[i].language) != 0)
			fail_msg("%s %s: \"%s\" in %s", cases[i].slot,
			    cases[i].date, parts_text(one), one->language);
	}
	assert_true(find(p, "pl-km", "2026-11-20")->no_part);
	assert_true(find(p, "never", "2026-11-29")->no_part);
	assert_false(find(p, "pl", "2026-11-19")->no_part);
	plan_free(p);
	schedule_free(s);
}

static void
items_named_with_a_set_take_the_languages_in_turn(void **state)
{
	struct schedule *s = read_text(PAIR, 48,
	    "{ slot = \"both\"; set = \"w48\"; items = [ \"ghi-am\" ]; }", 0,
	    NULL);
	struct plan *p = unroll(s, "2026-11-23", "2026-11-29");

	(void)state;
	assert_string_equal(
	    parts_text(find(p, "both", "2026-11-23")), "vi=ghi-am km=w48-km");
	assert_string_equal(
	    parts_text(find(p, "pl-km", "2026-11-27")), "km=w48-km");
	plan_free(p);
	schedule_free(s);
}

static void
a_day_sheet_says_what_parts_a_set_has(void **state)
{
	struct schedule *s =
	    read_text(PAIR, 48, "{ slot = \"both\"; set = \"w48\"; }", 0, NULL);
	struct plan *p = unroll(s, "2026-11-23", "2026-11-29");
	json_t *sheet = plan_day_json(p, day_of("2026-11-27"));
	char *text = json_dumps(
	    json_object_get(json_array_get(sheet, 0), "set"), JSON_COMPACT);
	struct plan *back;
	json_t *again;
	json_t *broken;

	(void)state;
	assert_string_equal(text,
	    "{\"id\":\"w48\",\"week\":\"2026-W48\",\"languages\":[\"vi\","
	    "\"km\"],\"parts\":[\"km\"]}");
	assert_int_equal(plan_from_json(sheet, day_of("2026-11-27"), &back), 0);
	assert_string_equal(parts_text(&back->slots[0]), "km=w48-km");
	again = plan_day_json(back, day_of("2026-11-27"));
	assert_true(json_equal(sheet, again));
	plan_free(back);
	/* As many parts as items, or it is no sheet. */
	broken = json_deep_copy(sheet);
	json_array_clear(json_object_get(json_array_get(broken, 0), "items"));
	assert_int_equal(plan_from_json(broken, 0, &back), -EINVAL);
	json_decref(broken);
	json_decref(again);
	json_decref(sheet);
	free(text);
	plan_free(p);
	schedule_free(s);
}

static void
an_empty_plan_is_a_plan(void **state)
{
	struct schedule *s = read_text(
	    "station = \"a\"; name = \"A\"; slots = ();", 0, NULL, 0, NULL);
	struct plan *p = unroll(s, "2026-01-01", "2026-12-31");
	json_t *sheet = plan_day_json(p, 20783);
	struct plan *back;

	(void)state;
	assert_int_equal(p->n, 0);
	assert_int_equal(plan_from_json(sheet, 20783, &back), 0);
	assert_int_equal(back->n, 0);
	plan_free(back);
	json_decref(sheet);
	plan_free(p);
	schedule_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_week_of_que_minh_is_the_103_slots_of_its_sample),
		cmocka_unit_test(
		    the_week_of_que_minh_plays_what_its_programme_names),
		cmocka_unit_test(
		    every_slot_of_a_year_is_planned_and_none_twice),
		cmocka_unit_test(
		    instants_follow_the_zone_and_lengths_stay_lengths),
		cmocka_unit_test(a_repeat_plays_what_its_slot_had_planned_last),
		cmocka_unit_test(a_repeat_looks_35_days_back_and_no_further),
		cmocka_unit_test(
		    the_programme_is_that_of_the_week_that_holds_the_date),
		cmocka_unit_test(a_makeup_slot_names_what_it_makes_up_for),
		cmocka_unit_test(slots_come_by_start_then_class_then_order),
		cmocka_unit_test(a_day_sheet_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_day_sheet_is_refused),
		cmocka_unit_test(
		    a_set_is_its_parts_in_the_order_of_the_languages),
		cmocka_unit_test(
		    items_named_with_a_set_take_the_languages_in_turn),
		cmocka_unit_test(a_day_sheet_says_what_parts_a_set_has),
		cmocka_unit_test(an_empty_plan_is_a_plan),
	};

	return cmocka_run_group_tests_name("plan", tests, in_vietnam, NULL);
}
