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
#include "base/frames.h"
#include "base/hash.h"
#include "evidence/pairs.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What happens, a line each; the set is always "s", in vi and km:
 *
 *	day DATE WEEK SLOT=LANG:ITEM+LANG:ITEM ...	a day sheet
 *	item ID MS			it is added; MS long
 *	ok ID				and approved
 *	air DATE SLOT ITEM MS [STATUS [REASON [OFFSET_MS]]]	an attempt
 *	out DATE SLOT STATUS [REASON [CUT_MS]]	an outcome
 *	at DATE TIME			the clock
 */
struct story {
	struct fake_log l;
	int airings;
};

static const char *
sha_of(const char *id)
{
	static char hex[HASH_HEX];

	assert_int_equal(hash_bytes(id, strlen(id), hex), 0);
	return hex;
}

static void
add(struct story *s, enum kind kind, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);

	assert_non_null(text);
	fake_log_add(&s->l, kind, text, NULL);
	free(text);
	json_decref(body);
}

static json_t *
slot_of(const char *date, const char *week, char *word, int n)
{
	char *parts = strchr(word, '=');
	json_t *items = json_array();
	json_t *languages = json_array();
	char local[40];
	char *save;

	*parts++ = '\0';
	for (char *one = strtok_r(parts, "+", &save); one != NULL;
	     one = strtok_r(NULL, "+", &save)) {
		char *colon = strchr(one, ':');

		*colon = '\0';
		json_array_append_new(languages, json_string(one));
		json_array_append_new(items, json_string(colon + 1));
	}
	snprintf(local, sizeof(local), "%s 17:%02d:00", date, n * 10);
	return json_pack("{s:s,s:s,s:i,s:o,s:s,s:{s:s,s:s,s:[s,s],s:o}}",
	    "slot", word, "planned_utc", fake_utc(local), "planned_ms", 300000,
	    "items", items, "title", "Thông tin đối ngoại", "set", "id", "s",
	    "week", week, "languages", "vi", "km", "parts", languages);
}

static void
tell_day(struct story *s, char *words)
{
	char *save;
	char *date = strtok_r(words, " ", &save);
	char *week = strtok_r(NULL, " ", &save);
	json_t *slots = json_array();
	char *word;
	int n = 0;

	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		json_array_append_new(slots, slot_of(date, week, word, n++));
	add(s, KIND_DAY,
	    json_pack("{s:s,s:s,s:o}", "date", date, "revision", FAKE_SHA,
		"slots", slots));
}

static void
tell_airing(struct story *s, const char *line)
{
	char date[16], slot[32], item[32], status[32] = "aired",
					   reason[32] = "";
	char id[80];
	int ms = 0, offset = 0;

	sscanf(line, "%15s %31s %31s %d %31s %31s %d", date, slot, item, &ms,
	    status, reason, &offset);
	snprintf(id, sizeof(id), "%s/%s/%d", date, slot, ++s->airings);
	if (strcmp(slot, "-") == 0)
		slot[0] = '\0';
	add(s, KIND_START,
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "airing_id", id, "date",
		date, "slot", slot, "item", item, "sha256", sha_of(item),
		"offset_ms", offset, "frames_planned", ms * (RATE / 1000)));
	add(s, KIND_END,
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i}", "airing_id", id, "date",
		date, "slot", slot, "item", item, "status", status, "reason",
		strcmp(reason, "-") == 0 ? "" : reason, "frames_sent",
		ms * (RATE / 1000)));
}

static void
tell_line(struct story *s, char *line)
{
	char a[32], b[32], status[32], reason[32] = "";
	int n = 0;

	if (strncmp(line, "day ", 4) == 0)
		tell_day(s, line + 4);
	else if (strncmp(line, "air ", 4) == 0)
		tell_airing(s, line + 4);
	else if (sscanf(line, "out %31s %31s %31s %31s %d", a, b, status,
		     reason, &n) >= 3)
		add(s, KIND_SLOT,
		    json_pack("{s:s,s:s,s:s,s:s,s:i}", "date", a, "slot", b,
			"status", status, "reason",
			strcmp(reason, "-") == 0 ? "" : reason, "cut_ms", n));
	else if (sscanf(line, "item %31s %d", a, &n) == 2)
		add(s, KIND_ITEM,
		    json_pack("{s:s,s:s,s:i}", "item", a, "sha256", sha_of(a),
			"frames", n * (RATE / 1000)));
	else if (sscanf(line, "ok %31s", a) == 1)
		add(s, KIND_APPROVE,
		    json_pack("{s:s,s:s}", "item", a, "sha256", sha_of(a)));
	else if (sscanf(line, "no %31s", a) == 1)
		add(s, KIND_WITHDRAW,
		    json_pack("{s:s,s:s}", "item", a, "sha256", sha_of(a)));
	else if (sscanf(line, "at %31s %31s", a, b) == 2) {
		char local[70];

		snprintf(local, sizeof(local), "%s %s", a, b);
		fake_log_at(&s->l, local);
	} else
		fail_msg("no such line: %s", line);
}

/* "s/W48 complete vi:aired@24/a km:not_aired(missing_item)@24/a"; a pair a
 * line. Static buffer. */
static const char *
pairs_after(const char *story, const char *from, const char *to)
{
	static char said[4096];
	struct story s = { 0 };
	char *text = strdup(story);
	int64_t from_day, to_day;
	json_t *pairs, *pair, *part;
	size_t i, k;
	char *save;

	fake_log_init(&s.l, NULL);
	fake_log_at(&s.l, "2026-11-20 04:00:00");
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		tell_line(&s, line);
	assert_int_equal(civil_read_date(from, &from_day), 0);
	assert_int_equal(civil_read_date(to, &to_day), 0);
	assert_int_equal(pairs_read(s.l.disk, "que-minh", from_day, to_day,
			     s.l.now.wall_us, &pairs),
	    0);
	said[0] = '\0';
	json_array_foreach(pairs, i, pair)
	{
		sprintf(said + strlen(said), "%s%s/%s %s", i == 0 ? "" : "\n",
		    record_text(pair, "set"), record_text(pair, "week") + 5,
		    record_text(pair, "state"));
		json_array_foreach(json_object_get(pair, "parts"), k, part)
		{
			const char *why = record_text(part, "reason");
			const char *date = record_text(part, "date");

			sprintf(said + strlen(said), " %s:%s%s%s%s",
			    record_text(part, "language"),
			    record_text(part, "state"),
			    why[0] == '\0' ? "" : "(", why,
			    why[0] == '\0' ? "" : ")");
			if (date[0] != '\0')
				sprintf(said + strlen(said), "@%s/%s", date + 8,
				    record_text(part, "slot"));
		}
	}
	json_decref(pairs);
	fake_log_free(&s.l);
	free(text);
	return said;
}

#define D24 "2026-11-24"
#define D26 "2026-11-26"
#define D28 "2026-11-28"
#define BOTH "item v 60000\nitem k 50000\nok v\nok k\n"
#define ONE_SLOT "day " D24 " 2026-W48 a=vi:v+km:k\n"
#define TWO_SLOTS "day " D24 " 2026-W48 a=vi:v\nday " D26 " 2026-W48 b=km:k\n"
#define OVER "at 2026-11-30 00:00:00\n"

static void
a_pair_is_complete_when_every_part_aired_whole(void **state)
{
	static const struct {
		const char *when;
		const char *story;
		const char *said;
	} cases[] = {
		{ "no sets", BOTH OVER, "" },
		{ "back to back",
		    BOTH ONE_SLOT "air " D24 " a v 60000\nair " D24
				  " a k 50000\nout " D24 " a aired\n",
		    "s/W48 complete vi:aired@24/a km:aired@24/a" },
		{ "in slots of their own",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D24
				   " a aired\nair " D26 " b k 50000\nout " D26
				   " b aired\n" OVER,
		    "s/W48 complete vi:aired@24/a km:aired@26/b" },
		{ "the second is still to come",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D24
				   " a aired\nat " D26 " 05:00:00\n",
		    "s/W48 open vi:aired@24/a km:open@26/b" },
		{ "the second never came into a day sheet, and the week goes "
		  "on",
		    BOTH "day " D24 " 2026-W48 a=vi:v\nair " D24
			 " a v 60000\nout " D24 " a aired\n",
		    "s/W48 open vi:aired@24/a km:unplanned" },
		{ "and when the week is over",
		    BOTH "day " D24 " 2026-W48 a=vi:v\nair " D24
			 " a v 60000\nout " D24 " a aired\n" OVER,
		    "s/W48 incomplete vi:aired@24/a km:unplanned" },
		{ "the power went",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D24
				   " a aired\nout " D26
				   " b not_aired machine_off\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(machine_off)@26/b" },
		{ "half of it",
		    BOTH TWO_SLOTS
		    "air " D24 " a v 60000\nout " D24 " a aired\nair " D26
		    " b k 20000 aired_partial preempted\nout " D26
		    " b aired_partial preempted\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:aired_partial(preempted)@26/b" },
		{ "two halves do not add up",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nair " D26
				   " b k 25000 aired_partial device_lost\n"
				   "air " D26
				   " b k 25000 aired - 25000\nout " D26
				   " b aired_partial rejoined\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:aired_partial(device_lost)@26/b" },
		{ "its end found no room, though the slot aired",
		    BOTH ONE_SLOT "air " D24 " a v 60000\nair " D24
				  " a k 30000\nout " D24
				  " a aired - 20000\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:aired_partial(short)@24/a" },
		{ "less than a second is rounding",
		    BOTH ONE_SLOT "air " D24 " a v 60000\nair " D24
				  " a k 49200\nout " D24 " a aired\n",
		    "s/W48 complete vi:aired@24/a km:aired@24/a" },
		{ "a repeat makes it whole",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D26
				   " b not_aired machine_off\nday " D28
				   " 2026-W48 pl=km:k\nair " D28
				   " pl k 50000\nout " D28 " pl aired\n" OVER,
		    "s/W48 complete vi:aired@24/a km:aired@28/pl" },
		{ "so does a slot that names the item and no set",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D26
				   " b not_aired machine_off\nair " D28
				   " bu k 50000\nout " D28 " bu aired\n" OVER,
		    "s/W48 complete vi:aired@24/a km:aired@28/bu" },
		{ "what a person played does not",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D26
				   " b not_aired machine_off\nair " D28
				   " - k 50000 unscheduled operator\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(machine_off)@26/b" },
		{ "the week after is too late, and no set of its own",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nout " D26
				   " b not_aired machine_off\n"
				   "day 2026-11-30 2026-W48 pl=km:k\n"
				   "at 2026-11-30 05:00:00\n"
				   "air 2026-11-30 pl k 50000\n"
				   "out 2026-11-30 pl aired\n",
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(machine_off)@26/b" },
		{ "the week before is too early",
		    BOTH "air 2026-11-22 x k 50000\n" TWO_SLOTS "air " D24
			 " a v 60000\nout " D26
			 " b not_aired machine_off\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(machine_off)@26/b" },
		{ "one part is not in the library",
		    "item v 60000\nok v\n" ONE_SLOT "air " D24
		    " a v 60000\nout " D24 " a aired_partial short\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(missing_item)@24/a" },
		{ "one part is not approved",
		    "item v 60000\nok v\nitem k 50000\n" ONE_SLOT "air " D24
		    " a v 60000\nout " D24 " a aired_partial short\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(not_approved)@24/a" },
		{ "one part was taken back",
		    BOTH "no k\n" ONE_SLOT "air " D24 " a v 60000\nout " D24
			 " a aired_partial short\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(not_approved)@24/a" },
		{ "another item stood in for a part",
		    BOTH TWO_SLOTS
		    "item k2 9000\nok k2\nair " D24 " a v 60000\nout " D26
		    " b not_aired machine_off\nday " D28
		    " 2026-W48 c=km:k2\nair " D28 " c k2 9000\nout " D28
		    " c aired\n" OVER,
		    "s/W48 complete vi:aired@24/a km:aired@28/c" },
		{ "no record says how long an item is",
		    ONE_SLOT "air " D24 " a v 60000\nair " D24
			     " a k 50000\nout " D24 " a aired\n",
		    "s/W48 complete vi:aired@24/a km:aired@24/a" },
		{ "and the slot cut something off",
		    ONE_SLOT "air " D24 " a v 60000\nair " D24
			     " a k 50000\nout " D24 " a aired - 5000\n" OVER,
		    "s/W48 incomplete vi:aired_partial(short)@24/a "
		    "km:aired_partial(short)@24/a" },
		{ "a slot that a new timetable dropped",
		    BOTH TWO_SLOTS "air " D24 " a v 60000\nday " D26
				   " 2026-W48\nout " D26
				   " b not_aired cancelled\n" OVER,
		    "s/W48 incomplete vi:aired@24/a "
		    "km:not_aired(cancelled)@26/b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *said = pairs_after(cases[i].story, D24, D24);

		if (strcmp(said, cases[i].said) != 0)
			fail_msg("%s: %s", cases[i].when, said);
	}
}

static void
the_weeks_asked_for_are_told_whole(void **state)
{
	static const char story[] =
	    BOTH "day 2026-11-17 2026-W47 a=vi:v+km:k\nair 2026-11-17 a v "
		 "60000\nair 2026-11-17 a k 50000\nout 2026-11-17 a "
		 "aired\n" TWO_SLOTS OVER;

	(void)state;
	assert_string_equal(pairs_after(story, "2026-11-29", "2026-11-29"),
	    "s/W48 incomplete vi:open@24/a km:open@26/b");
	assert_string_equal(pairs_after(story, "2026-11-16", "2026-11-16"),
	    "s/W47 complete vi:aired@17/a km:aired@17/a");
	assert_string_equal(pairs_after(story, "2026-11-22", "2026-11-23"),
	    "s/W47 complete vi:aired@17/a km:aired@17/a\n"
	    "s/W48 incomplete vi:open@24/a km:open@26/b");
	assert_string_equal(pairs_after(story, "2026-11-30", "2026-12-01"), "");
}

/* A sheet that was tampered with, or is of a version to come. */
static void
what_is_no_set_is_passed_over(void **state)
{
	static const char *const sets[] = { "\"s\"", "{}", "7",
		"{\"id\":7,\"week\":\"2026-W48\",\"languages\":[1],"
		"\"parts\":[2]}",
		"{\"id\":\"s\",\"week\":\"2026-W99\",\"languages\":[\"vi\"],"
		"\"parts\":[\"vi\"]}" };

	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct fake_log l;
		char body[600];
		int64_t day;
		json_t *pairs;

		fake_log_init(&l, NULL);
		snprintf(body, sizeof(body),
		    "{\"date\":\"" D24 "\",\"revision\":\"" FAKE_SHA
		    "\",\"slots\":[{\"slot\":\"a\",\"planned_utc\":\"%s\","
		    "\"planned_ms\":1000,\"items\":[\"i\"],\"set\":%s}]}",
		    fake_utc(D24 " 17:00:00"), sets[i]);
		fake_log_add(&l, KIND_DAY, body, NULL);
		assert_int_equal(civil_read_date(D24, &day), 0);
		assert_int_equal(
		    pairs_read(l.disk, "", day, day, l.now.wall_us, &pairs), 0);
		assert_true(json_array_size(pairs) <= 1);
		json_decref(pairs);
		fake_log_free(&l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_pair_is_complete_when_every_part_aired_whole),
		cmocka_unit_test(the_weeks_asked_for_are_told_whole),
		cmocka_unit_test(what_is_no_set_is_passed_over),
	};

	return cmocka_run_group_tests_name("pairs", tests, NULL, NULL);
}
