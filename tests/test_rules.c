/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/clock.h"
#include "scheduler/rules.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* 25 November 2026 is a Wednesday. */
#define FROM "2026-11-23"
#define TO "2026-12-20"

#define SITE \
	"hours = ( { days = \"T2-CN\"; from = \"05:00\"; " \
	"to = \"22:00\"; } ); relays = ( { id = \"vov1\"; } );\n"

struct world {
	struct site *site;
	struct schedule *schedule;
	struct plan *plan;
};

/* `slots` are lines 3 and on of station a. */
static void
make_world(struct world *w, const char *site, const char *slots)
{
	struct problems ps = { 0 };
	struct folder f;
	char path[100], text[8000];
	int64_t from, to;

	folder_make(&f);
	folder_write(&f, "conf", site);
	snprintf(path, sizeof(path), "%s/conf", f.path);
	snprintf(text, sizeof(text),
	    "station = \"a\"; name = \"A\"; segments = ( { id = \"s\"; "
	    "title = \"S\"; } );\nslots = (\n%s\n);",
	    slots);
	folder_write(&f, "a.cfg", text);
	if (site_read(path, &ps, &w->site) < 0 ||
	    schedule_read(
		f.path, "a", INT64_MIN, INT64_MAX, &ps, &w->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	folder_remove(&f);
	civil_zone(w->site->zone);
	civil_read_date(FROM, &from);
	civil_read_date(TO, &to);
	assert_int_equal(plan_make(w->schedule, from, to, &w->plan), 0);
}

static void
free_world(struct world *w)
{
	plan_free(w->plan);
	schedule_free(w->schedule);
	site_free(w->site);
}

#define SLOT(id, days, at, length, rest) \
	"{ id = \"" id "\"; days = \"" days "\"; at = \"" at \
	"\"; for = \"" length "\"; " rest " }"
#define ITEM "item = \"i\";"

static void
what_a_schedule_may_not_ask_for_is_told_once(void **state)
{
	static const struct {
		const char *when;
		const char *site;
		const char *slots;
		const char *said;
	} cases[] = {
		{ "nothing wrong: they touch, and fill the hours", SITE,
		    SLOT("x", "T2-CN", "05:00", "08:00", ITEM) "," SLOT(
			"y", "T2-CN", "13:00", "09:00", ITEM),
		    "" },
		{ "two slots at one moment, every week", SITE,
		    SLOT("x", "T4", "17:00", "00:10", ITEM) ",\n" SLOT(
			"y", "T2-CN", "17:05", "00:10", ITEM),
		    "a.cfg:4: y (T4 25/11/2026 17:05:00-17:15:00) claims the "
		    "same moment as x (T4 25/11/2026 17:00:00-17:10:00, line "
		    "3); move or shorten one of them\n" },
		{ "the same start: told at the later line, whatever the "
		  "class",
		    SITE,
		    SLOT("x", "T4", "17:00", "00:10", ITEM) ",\n" SLOT("y",
			"T4", "17:00", "00:10", ITEM "class = \"uu_tien\";"),
		    "a.cfg:4: y (T4 25/11/2026 17:00:00-17:10:00) claims the "
		    "same moment as x (T4 25/11/2026 17:00:00-17:10:00, line "
		    "3); move or shorten one of them\n" },
		{ "the later slot stands first in the file", SITE,
		    SLOT("y", "T4", "17:05", "00:10", ITEM) ",\n" SLOT(
			"x", "T4", "17:00", "00:10", ITEM),
		    "a.cfg:3: y (T4 25/11/2026 17:05:00-17:15:00) claims the "
		    "same moment as x (T4 25/11/2026 17:00:00-17:10:00, line "
		    "4); move or shorten one of them\n" },
		{ "one long slot and two within it", SITE,
		    SLOT("x", "T4", "17:00", "01:00", ITEM) ",\n" SLOT("y",
			"T4", "17:10", "00:10",
			ITEM) ",\n" SLOT("z", "T4", "17:30", "00:10", ITEM),
		    "a.cfg:4: y (T4 25/11/2026 17:10:00-17:20:00) claims the "
		    "same moment as x (T4 25/11/2026 17:00:00-18:00:00, line "
		    "3); move or shorten one of them\n"
		    "a.cfg:5: z (T4 25/11/2026 17:30:00-17:40:00) claims the "
		    "same moment as x (T4 25/11/2026 17:00:00-18:00:00, line "
		    "3); move or shorten one of them\n" },
		{ "over midnight into the next day",
		    "hours = ( { days = \"T2-CN\"; from = \"00:00\"; "
		    "to = \"24:00\"; } );",
		    SLOT("x", "T4", "23:55", "00:10", ITEM) ",\n" SLOT(
			"y", "T5", "00:00", "00:10", ITEM),
		    "a.cfg:4: y (T5 26/11/2026 00:00:00-00:10:00) claims the "
		    "same moment as x (T4 25/11/2026 23:55:00-00:05:00, line "
		    "3); move or shorten one of them\n" },
		{ "fortnights that never meet", SITE,
		    SLOT("x", "T4", "17:00", "00:10",
			ITEM
			"every = 2; from = \"2026-11-25\";") ",\n" SLOT("y",
			"T4", "17:00", "00:10",
			ITEM "every = 2; from = \"2026-12-02\";"),
		    "" },
		{ "before, after and over the end of the allowed hours", SITE,
		    SLOT("x", "T4", "04:59:59", "00:10", ITEM) ",\n" SLOT("y",
			"T4", "21:55", "00:05:01",
			ITEM) ",\n" SLOT("z", "T4", "23:50", "00:10", ITEM),
		    "a.cfg:3: x (T4 25/11/2026 04:59:59-05:09:59) is outside "
		    "the allowed hours (05:00-22:00); move or shorten "
		    "it\n"
		    "a.cfg:4: y (T4 25/11/2026 21:55:00-22:00:01) is outside "
		    "the allowed hours (05:00-22:00); move or shorten "
		    "it\n"
		    "a.cfg:5: z (T4 25/11/2026 23:50:00-24:00:00) is outside "
		    "the allowed hours (05:00-22:00); move or shorten "
		    "it\n" },
		{ "a day without hours, relay and filler too",
		    "hours = ( { days = \"T2-T7\"; from = \"05:00\"; "
		    "to = \"22:00\"; } ); relays = ( { id = \"vov1\"; } );",
		    SLOT("x", "CN", "17:00", "00:10",
			"relay = \"vov1\";") ",\n" SLOT("y", "CN", "18:00",
			"00:10", "filler = \"f\";"),
		    "a.cfg:3: x (CN 29/11/2026 17:00:00-17:10:00) is outside "
		    "the allowed hours (none on that day); move or shorten it\n"
		    "a.cfg:4: y (CN 29/11/2026 18:00:00-18:10:00) is outside "
		    "the allowed hours (none on that day); move or shorten "
		    "it\n" },
		{ "no hours at all: one line, not one a slot", "hours = ();",
		    SLOT("x", "T4", "17:00", "00:10", ITEM) ",\n" SLOT(
			"y", "T4", "18:00", "00:10", ITEM),
		    "a.cfg: no hours are allowed, so nothing may sound; write "
		    "hours into etc/loaxa.conf, or mend that file\n" },
		{ "a relay the site has not", SITE,
		    SLOT("x", "T4", "17:00", "00:10",
			"relay = \"vov1\";") ",\n" SLOT("y", "T4", "18:00",
			"00:10", "relay = \"vov2\";"),
		    "a.cfg:4: y: this site has no relay \"vov2\"; correct the "
		    "name, or have it added to etc/loaxa.conf\n" },
		{ "sessions: three of two, the gap of a minute is none",
		    SITE "sessions_per_day = 2;",
		    SLOT("x", "T4", "07:00", "00:10", ITEM) ",\n" SLOT(
			"y", "T4", "07:11", "00:10", ITEM) ",\n" SLOT("z", "T4",
			"08:00", "00:10",
			ITEM) ",\n" SLOT("u", "T4", "08:11:01", "00:10",
			ITEM) ",\n" SLOT("v", "T5", "07:00", "00:10", ITEM),
		    "a.cfg:6: u (T4 25/11/2026 08:11:01-08:21:01) begins "
		    "session 3 of its day, the site allows 2; move it next to "
		    "another session\n" },
		{ "a session too long, its relay counted",
		    SITE "session_longest = \"00:30\";",
		    SLOT("x", "T4", "07:00", "00:15", ITEM) ",\n" SLOT(
			"y", "T4", "07:15", "00:16", "relay = \"vov1\";"),
		    "a.cfg:3: the session that begins with x (T4 25/11/2026 "
		    "07:00:00-07:31:00) lasts 00:31:00, the site allows "
		    "00:30:00; shorten it, or leave a gap of more than a "
		    "minute\n" },
		{ "the same, its relay not counted",
		    SITE "session_longest = \"00:30\"; count_relay = false;",
		    SLOT("x", "T4", "07:00", "00:15", ITEM) ",\n" SLOT(
			"y", "T4", "07:15", "00:16", "relay = \"vov1\";"),
		    "" },
		{ "exactly the longest", SITE "session_longest = \"00:30\";",
		    SLOT("x", "T4", "07:00", "00:30", ITEM), "" },
		{ "a weekday without sessions, told once",
		    SITE "days = \"T2-T6\";",
		    SLOT("x", "T2-T7", "07:00", "00:10", ITEM) ",\n" SLOT(
			"y", "T7", "08:00", "00:10", ITEM),
		    "a.cfg:3: x (T7 28/11/2026 07:00:00-07:10:00) begins a "
		    "day on which no sessions are allowed (only T2-T6); move "
		    "what is on it, or have the date and its reason added to "
		    "exceptions in etc/loaxa.conf\n" },
		{ "the same, but all its dates are exceptions",
		    SITE "days = \"T2-T6\"; exceptions = ( { date = "
			 "\"2026-11-28\"; reason = \"Bão\"; } );",
		    SLOT("x", "T2-T7", "07:00", "00:10",
			ITEM "until = \"2026-11-30\";"),
		    "" },
		{ "at noon, where that is not allowed", SITE "noon = false;",
		    SLOT("x", "T4", "10:55", "00:05", ITEM) ",\n" SLOT(
			"y", "T4", "11:00", "00:10", ITEM),
		    "a.cfg:4: y (T4 25/11/2026 11:00:00-11:10:00) is at noon "
		    "(11:00-13:00), when nothing is allowed to sound; move "
		    "it, or have the date and its reason added to exceptions "
		    "in etc/loaxa.conf\n" },
		{ "slots that meet only in the doubled or the lost hour",
		    "zone = \"Europe/Berlin\"; hours = ( { days = \"T2-CN\"; "
		    "from = \"00:00\"; to = \"24:00\"; } );",
		    SLOT("x", "CN", "02:00", "00:30", ITEM) ",\n" SLOT(
			"y", "CN", "02:30", "00:30", ITEM),
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct world w;
		size_t n, told;

		make_world(&w, cases[i].site, cases[i].slots);
		n = rules_check(w.plan, w.site, &ps);
		told = problems_count(&ps);
		problems_sort(&ps);
		expect_said(cases[i].when, &ps, cases[i].said);
		assert_int_equal(n, told);
		free_world(&w);
	}
}

/* Not refused for the one night on which the zone's clocks step... */
static void
slots_that_meet_only_when_the_zone_steps_are_no_clash(void **state)
{
	static const char *const nights[] = { "2026-03-29", "2026-10-25" };
	struct problems ps = { 0 };
	struct world w;

	(void)state;
	make_world(&w,
	    "zone = \"Europe/Berlin\"; hours = ( { days = \"T2-CN\"; "
	    "from = \"00:00\"; to = \"24:00\"; } );",
	    SLOT("x", "CN", "01:30", "01:00", ITEM) ",\n" SLOT("y", "CN",
		"02:30", "00:45",
		ITEM) ",\n" SLOT("z", "CN", "03:15", "00:30", ITEM));
	for (size_t i = 0; i < COUNT(nights); i++) {
		struct plan *p;
		int64_t day;

		assert_int_equal(civil_read_date(nights[i], &day), 0);
		assert_int_equal(plan_make(w.schedule, day, day, &p), 0);
		assert_int_equal(p->n, 3);
		rules_check(p, w.site, &ps);
		expect_said(nights[i], &ps, "");
		plan_free(p);
	}
	free_world(&w);
}

/* ...and one that stands on every night is not hidden by that. */
static void
a_real_clash_is_told_on_the_next_ordinary_night(void **state)
{
	struct problems ps = { 0 };
	struct world w;
	struct plan *p;
	int64_t day;

	(void)state;
	make_world(&w,
	    "zone = \"Europe/Berlin\"; hours = ( { days = \"T2-CN\"; "
	    "from = \"00:00\"; to = \"24:00\"; } );",
	    SLOT("x", "CN", "01:30", "01:30", ITEM) ",\n" SLOT(
		"y", "CN", "02:30", "00:45", ITEM));
	assert_int_equal(civil_read_date("2026-03-29", &day), 0);
	assert_int_equal(plan_make(w.schedule, day, day + 7, &p), 0);
	assert_int_equal(rules_check(p, w.site, &ps), 1);
	problems_free(&ps);
	plan_free(p);
	free_world(&w);
}

static void
sessions_are_runs_with_gaps_of_at_most_a_minute(void **state)
{
	struct session *s;
	struct world w;
	size_t n;

	(void)state;
	make_world(&w, SITE,
	    SLOT("a", "T4", "07:00", "00:10", ITEM) "," SLOT(
		"b", "T4", "07:11", "00:20", "relay = \"vov1\";") "," SLOT("c",
		"T4", "07:15", "00:01", ITEM) "," SLOT("d", "T4", "07:31:30",
		"00:10", ITEM) "," SLOT("e", "T4", "07:42:31", "00:10", ITEM));
	assert_int_equal(rules_sessions(w.plan, &s, &n), 0);
	assert_int_equal(n, 8); /* four weeks of two */
	assert_true(s[0].first == 0 && s[0].n == 4);
	assert_int_equal(s[0].end_us - s[0].start_us, 2490 * US_PER_S);
	assert_int_equal(s[0].relay_us, 1200 * US_PER_S);
	assert_true(s[1].first == 4 && s[1].n == 1 && s[1].relay_us == 0);
	free(s);
	free_world(&w);
}

/* Every slot of a file claims every moment: it took minutes once. */
static void
twenty_thousand_clashes_take_no_time(void **state)
{
	struct problems ps = { 0 };
	struct plan many = { .n = 20000 };
	struct world w;
	clock_t began = clock();

	(void)state;
	make_world(&w, SITE, SLOT("x", "T4", "07:00", "00:00:01", ITEM));
	many.slots = calloc(many.n, sizeof(*many.slots));
	for (size_t i = 0; i < many.n; i++) {
		many.slots[i] = w.plan->slots[0];
		many.slots[i].line = (int)i;
		many.slots[i].order = i;
		many.slots[i].end_us += US_PER_DAY / 2;
	}
	assert_in_range(rules_check(&many, w.site, &ps), 1000, 1000);
	assert_in_range((clock() - began) / CLOCKS_PER_SEC, 0, 5);
	problems_free(&ps);
	free(many.slots);
	free_world(&w);
}

static void
a_day_too_full_for_the_log_is_refused(void **state)
{
	struct problems ps = { 0 };
	struct world w;

	(void)state;
	make_world(&w, SITE, SLOT("x", "T4", "07:00", "00:00:01", ITEM));
	for (size_t i = 0; i < 2; i++) {
		struct plan many = { 0 };
		size_t n = i == 0 ? 170 : 200;

		many.slots = calloc(n, sizeof(*many.slots));
		many.n = n;
		for (size_t j = 0; j < n; j++) {
			many.slots[j] = w.plan->slots[0];
			many.slots[j].start_us += (int64_t)j * US_PER_S;
			many.slots[j].end_us += (int64_t)j * US_PER_S;
		}
		assert_int_equal(rules_check(&many, w.site, &ps), i);
		free(many.slots);
	}
	expect_said("200 slots", &ps,
	    "a.cfg:3: x: too much for the log's record of one day (T4 "
	    "25/11/2026); have fewer slots or items on that day\n");
	free_world(&w);
}

/* The estimate behind that limit must never be too small. */
static void
a_day_that_is_not_too_full_fits_the_log(void **state)
{
	struct world w;
	struct plan many = { 0 };
	struct problems ps = { 0 };
	json_t *sheet;
	char *text;

	(void)state;
	make_world(&w, SITE,
	    SLOT("x", "T4", "07:00", "00:00:01",
		"item = \"i\"; title = \"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\"; "
		"start = \"hard\"; tolerance = \"23:59:59\"; "
		"end = \"finish\"; class = \"thong_thuong\";"));
	many.slots = calloc(1000, sizeof(*many.slots));
	while (problems_count(&ps) == 0 && many.n < 1000) {
		many.slots[many.n] = w.plan->slots[0];
		many.slots[many.n].start_us += (int64_t)many.n * US_PER_S;
		many.slots[many.n].end_us += (int64_t)many.n * US_PER_S;
		many.n++;
		rules_check(&many, w.site, &ps);
	}
	assert_in_range(many.n, 100, 300);
	sheet = plan_day_json(&many, many.slots[0].day);
	text = json_dumps(sheet, JSON_COMPACT);
	assert_in_range(strlen(text), 40000, 61000);
	free(text);
	json_decref(sheet);
	free(many.slots);
	problems_free(&ps);
	free_world(&w);
}

/* A library of four items; all others are missing. */
static enum standing
look(void *arg, const char *item, int64_t *ret_frames)
{
	int *looks = arg;

	(*looks)++;
	if (strcmp(item, "good") == 0 || strcmp(item, "new") == 0) {
		*ret_frames = INT64_C(300) * 48000;
		return item[0] == 'g' ? ITEM_READY : ITEM_NOT_APPROVED;
	}
	return strcmp(item, "bad") == 0 ? ITEM_BAD : ITEM_MISSING;
}

static void
what_will_not_air_as_it_stands_is_told_once_a_week(void **state)
{
	static const struct {
		const char *when;
		const char *slots;
		const char *said;
	} cases[] = {
		{ "all well",
		    SLOT("x", "T4", "07:00", "00:05",
			"item = \"good\";") "," SLOT("y", "T4", "07:05",
			"00:05", "relay = \"vov1\";"),
		    "" },
		{ "an item missing, told once for all days",
		    SLOT("x", "T2-CN", "07:00", "00:05", "item = \"none\";"),
		    "a.cfg:3: x (T2 23/11/2026 07:00:00-07:05:00): the "
		    "library has no item \"none\"; add it, or correct the "
		    "name\n" },
		{ "filler missing",
		    SLOT("x", "T2-CN", "07:00", "00:05", "filler = \"none\";"),
		    "a.cfg:3: x (T2 23/11/2026 07:00:00-07:05:00): the "
		    "library has no item \"none\"; add it, or correct the "
		    "name\n" },
		{ "an item bad, one not approved",
		    SLOT("x", "T4", "07:00", "00:05",
			"item = \"bad\";") ",\n" SLOT("y", "T4", "08:00",
			"00:05", "item = \"new\";"),
		    "a.cfg:3: x (T4 25/11/2026 07:00:00-07:05:00): the item "
		    "\"bad\" cannot be read; add it again\n"
		    "a.cfg:4: y (T4 25/11/2026 08:00:00-08:05:00): the item "
		    "\"new\" is not approved; have it approved\n" },
		{ "longer than the slot by a second",
		    SLOT("x", "T4", "07:00", "00:04:59", "item = \"good\";"),
		    "a.cfg:3: x (T4 25/11/2026 07:00:00-07:04:59): its items "
		    "last 00:05:00, the slot 00:04:59, and the end is cut; "
		    "shorten them, or lengthen the slot\n" },
		{ "longer, but filler or to be finished",
		    SLOT("x", "T4", "07:00", "00:04:59",
			"item = \"good\"; end = \"finish\";") ",\n" SLOT("y",
			"T4", "08:00", "00:04:59", "filler = \"good\";"),
		    "" },
		{ "a programme from above that has not come",
		    SLOT("x", "T4", "07:00", "00:05",
			"segment = \"s\"; from_above = true; "
			"until = \"2026-11-25\";"),
		    "a.cfg:3: x (T4 25/11/2026 07:00:00-07:05:00): ordered "
		    "from above, and the week's programme names no items; add "
		    "what was sent, or ask for it: it stays owed until it has "
		    "aired\n" },
		{ "a segment without a programme: each week has its own",
		    SLOT("x", "T4,T5", "07:00", "00:05",
			"segment = \"s\"; "
			"until = \"2026-12-03\";"),
		    "a.cfg:3: x (T4 25/11/2026 07:00:00-07:05:00): the week's "
		    "programme names no items; add them\n"
		    "a.cfg:3: x (T4 02/12/2026 07:00:00-07:05:00): the week's "
		    "programme names no items; add them\n" },
		{ "a repeat of nothing",
		    SLOT("x", "T4", "07:00", "00:05",
			"item = \"good\"; "
			"from = \"2026-12-16\";") ",\n" SLOT("y", "T5", "07:00",
			"00:05",
			"repeats = \"x\"; "
			"from = \"2026-12-10\";"),
		    "a.cfg:4: y (T5 10/12/2026 07:00:00-07:05:00): x had no "
		    "items in the 35 days before; give that slot a "
		    "programme\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct world w;
		int looks = 0;
		struct rules_library lib = { look, &looks, 0 };
		size_t n, told;

		make_world(&w, SITE, cases[i].slots);
		n = rules_missing(w.plan, &lib, &ps);
		told = problems_count(&ps);
		expect_said(cases[i].when, &ps, cases[i].said);
		assert_int_equal(n, told);
		free_world(&w);
	}
}

static void
gap_music_that_will_not_sound_is_told(void **state)
{
	char *items[] = { (char *)"good", (char *)"gone", (char *)"new" };
	struct schedule_file file = { .name = (char *)"a.cfg" };
	const struct schedule s = {
		.files = &file,
		.n_files = 1,
		.gap_filler = items,
		.n_gap_filler = COUNT(items),
		.gap_filler_line = 4,
	};
	struct problems ps = { 0 };
	int looks = 0;
	struct rules_library lib = { look, &looks, 0 };

	(void)state;
	assert_int_equal(rules_gap_filler(&s, &lib, &ps), 2);
	expect_said("gap music", &ps,
	    "a.cfg:4: gap_filler: the library has no item \"gone\" that can "
	    "be read; add it, or correct the name\n"
	    "a.cfg:4: gap_filler: the item \"new\" is not approved, and "
	    "passed over; have it approved\n");
}

/* The one relay's fallback is looked at once, however often it is planned. */
static void
a_fallback_that_will_not_sound_is_told(void **state)
{
	struct problems ps = { 0 };
	struct world w;
	int looks = 0;
	struct rules_library lib = { look, &looks, 0 };

	(void)state;
	make_world(&w,
	    "hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = "
	    "\"22:00\"; } ); relays = ( { id = \"r\"; "
	    "url = \"http://a/b\"; "
	    "fallback = [ \"good\", \"gone\", \"new\" ]; } );",
	    SLOT("x", "T4", "07:00", "00:05", "relay = \"r\";") ",\n" SLOT(
		"y", "T5", "07:00", "00:05", "relay = \"r\";"));
	assert_int_equal(rules_fallback(w.plan, w.site, &lib, &ps), 2);
	expect_said("a fallback", &ps,
	    "a.cfg:3: fallback of the relay \"r\": the library has no item "
	    "\"gone\" that can be read; add it, or correct the name in "
	    "etc/loaxa.conf\n"
	    "a.cfg:3: fallback of the relay \"r\": the item \"new\" is not "
	    "approved, and passed over; have it approved\n");
	free_world(&w);
}

/* It stood there all evening as if somebody could still bring the file. */
static void
what_has_ended_is_not_told_as_missing(void **state)
{
	struct problems ps = { 0 };
	struct world w;
	int looks = 0;
	struct rules_library lib = { look, &looks, 0 };
	int64_t end_us;

	(void)state;
	make_world(
	    &w, SITE, SLOT("x", "T4", "07:00", "00:05", "item = \"gone\";"));
	end_us = w.plan->slots[0].end_us;
	lib.from_us = end_us - 1;
	assert_true(rules_missing(w.plan, &lib, &ps) > 0);
	problems_free(&ps);
	lib.from_us = w.plan->slots[w.plan->n - 1].end_us;
	assert_int_equal(rules_missing(w.plan, &lib, &ps), 0);
	problems_free(&ps);
	free_world(&w);
}

/* A schedule in which everything clashes must not take for ever. */
static void
thousands_of_clashes_are_bounded(void **state)
{
	struct problems ps = { 0 };
	struct plan many = { 0 };
	struct world w;
	size_t n = 1500;

	(void)state;
	make_world(&w, SITE, SLOT("x", "T4", "07:00", "01:00", ITEM));
	many.slots = calloc(n, sizeof(*many.slots));
	many.n = n;
	for (size_t j = 0; j < n; j++) {
		many.slots[j] = w.plan->slots[0];
		many.slots[j].line = (int)j + 1;
		many.slots[j].order = j;
	}
	assert_true(rules_check(&many, w.site, &ps) >= PROBLEMS_MAX);
	problems_free(&ps);
	free(many.slots);
	free_world(&w);
}

static void
the_week_of_que_minh_keeps_the_shipped_rules(void **state)
{
	struct problems ps = { 0 };
	struct schedule *s;
	struct site *site;
	struct plan *p;
	int64_t from, to;

	(void)state;
	assert_int_equal(site_read("etc/loaxa.conf", &ps, &site), 0);
	assert_int_equal(civil_zone(site->zone), 0);
	assert_int_equal(schedule_read("schedules", "que-minh", INT64_MIN,
			     INT64_MAX, &ps, &s),
	    0);
	civil_read_date("2026-01-01", &from);
	civil_read_date("2026-12-31", &to);
	assert_int_equal(plan_make(s, from, to, &p), 0);
	rules_check(p, site, &ps);
	expect_said("a year", &ps, "");
	/* A stricter province: 45 minutes a session, relays included. */
	site->rules.session_s = 2700;
	assert_true(rules_check(p, site, &ps) > 0);
	problems_free(&ps);
	plan_free(p);
	schedule_free(s);
	site_free(site);
}

static void
of_a_set_the_part_is_named_that_will_not_air(void **state)
{
	static const struct {
		const char *item;
		const char *said;
	} cases[] = {
		{ "w48-km",
		    "the part in Khmer is not there yet; `loaxa add --part-of "
		    "w48 --language km FILE` brings it in\n" },
		{ "none",
		    "the part in Khmer is not there yet; `loaxa add --part-of "
		    "w48 --language km --id none FILE` brings it in\n" },
		{ "new", "the part in Khmer, \"new\", is not approved; have it "
			 "approved\n" },
		{ "bad", "the part in Khmer, \"bad\", cannot be read; add it "
			 "again\n" },
		{ "good", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems ps = { 0 };
		struct world w;
		int looks = 0;
		struct rules_library lib = { look, &looks, 0 };
		char wanted[400] = "";

		make_world(&w, SITE,
		    SLOT("x", "T4", "07:00", "00:05",
			ITEM " until = \"2026-11-25\";"));
		free(w.plan->slots[0].items[0]);
		w.plan->slots[0].items[0] = strdup(cases[i].item);
		w.plan->slots[0].set =
		    json_pack("{s:s,s:s,s:[s],s:[s]}", "id", "w48", "week",
			"2026-W48", "languages", "km", "parts", "km");
		if (cases[i].said[0] != '\0')
			snprintf(wanted, sizeof(wanted),
			    "a.cfg:3: x (T4 25/11/2026 07:00:00-07:05:00): %s",
			    cases[i].said);
		rules_missing(w.plan, &lib, &ps);
		expect_said(cases[i].item, &ps, wanted);
		free_world(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_schedule_may_not_ask_for_is_told_once),
		cmocka_unit_test(
		    slots_that_meet_only_when_the_zone_steps_are_no_clash),
		cmocka_unit_test(
		    a_real_clash_is_told_on_the_next_ordinary_night),
		cmocka_unit_test(
		    sessions_are_runs_with_gaps_of_at_most_a_minute),
		cmocka_unit_test(twenty_thousand_clashes_take_no_time),
		cmocka_unit_test(a_day_too_full_for_the_log_is_refused),
		cmocka_unit_test(a_day_that_is_not_too_full_fits_the_log),
		cmocka_unit_test(of_a_set_the_part_is_named_that_will_not_air),
		cmocka_unit_test(
		    what_will_not_air_as_it_stands_is_told_once_a_week),
		cmocka_unit_test(gap_music_that_will_not_sound_is_told),
		cmocka_unit_test(a_fallback_that_will_not_sound_is_told),
		cmocka_unit_test(what_has_ended_is_not_told_as_missing),
		cmocka_unit_test(thousands_of_clashes_are_bounded),
		cmocka_unit_test(the_week_of_que_minh_keeps_the_shipped_rules),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
