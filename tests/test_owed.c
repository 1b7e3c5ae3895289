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
#include "evidence/owed.h"
#include "tests/fakes/fake_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What happens, a line each:
 *
 *	day DATE SLOT[!][=ITEM+ITEM][@DATE/SLOT] ...	a day sheet: "!" is from
 *		above, "@" makes up for; slots at 17:00, 17:10...
 *	out DATE SLOT STATUS [CUT_MS]			an outcome
 *	relay DATE SLOT SIGNAL_MS			one of our own
 *	at DATE TIME					the clock
 *	of STATION					whose these are from here
 */
struct story {
	struct fake_log l;
	char station[32];
};

static json_t *
slot_of(const char *date, char *word, int n)
{
	char *of = strchr(word, '@');
	char *items = strchr(word, '=');
	char *above = strchr(word, '!');
	json_t *list = json_array();
	char none[] = "";
	char local[40];
	json_t *j;

	if (of != NULL)
		*of++ = '\0';
	if (items != NULL)
		*items++ = '\0';
	else
		items = none;
	if (above != NULL)
		*above = '\0';
	snprintf(local, sizeof(local), "%s 17:%02d:00", date, n * 10);
	for (char *save, *one = strtok_r(items, "+", &save); one != NULL;
	     one = strtok_r(NULL, "+", &save))
		json_array_append_new(list, json_string(one));
	j = json_pack("{s:s,s:s,s:i,s:o,s:b}", "slot", word, "planned_utc",
	    fake_utc(local), "planned_ms", 300000, "items", list, "from_above",
	    above != NULL);
	if (of != NULL)
		json_object_set_new(j, "makeup_of",
		    json_pack(
			"{s:s%,s:s}", "date", of, (size_t)10, "slot", of + 11));
	return j;
}

static void
add(struct story *s, enum kind kind, json_t *body)
{
	char *text;

	json_object_set_new(body, "station", json_string(s->station));
	text = json_dumps(body, JSON_COMPACT);
	fake_log_add(&s->l, kind, text, NULL);
	free(text);
	json_decref(body);
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
tell_line(struct story *s, char *line)
{
	char date[16], slot[32], status[32], time[16];
	int cut = 0;

	if (strncmp(line, "day ", 4) == 0)
		tell_day(s, line + 4);
	else if (sscanf(line, "out %15s %31s %31s %d", date, slot, status,
		     &cut) >= 3)
		add(s, KIND_SLOT,
		    json_pack("{s:s,s:s,s:s,s:s,s:i}", "date", date, "slot",
			slot, "status", status, "reason", "", "cut_ms", cut));
	else if (sscanf(line, "relay %15s %31s %d", date, slot, &cut) == 3)
		add(s, KIND_SLOT,
		    json_pack("{s:s,s:s,s:s,s:s,s:i}", "date", date, "slot",
			slot, "status", "external", "reason", "relay_signal",
			"signal_ms", cut));
	else if (sscanf(line, "at %15s %15s", date, time) == 2) {
		char local[40];

		snprintf(local, sizeof(local), "%s %s", date, time);
		fake_log_at(&s->l, local);
	} else if (sscanf(line, "of %31s", s->station) != 1)
		fail_msg("no such line: %s", line);
}

static int
name_debt(void *arg, const struct debt *d)
{
	char *said = arg;

	sprintf(said + strlen(said), "%s%s/%s%s", said[0] == '\0' ? "" : " ",
	    d->date + 8, d->slot, d->due ? "" : "?");
	return 0;
}

/* Due ones as "DAY/SLOT", those to come with a "?". Static buffer. */
static const char *
owed_after(const char *story, size_t *ret_due)
{
	static char said[4096];
	struct story s = { .station = "xa" };
	char *text = strdup(story);
	struct owed *o;
	char *save;

	said[0] = '\0';
	fake_log_init(&s.l, NULL);
	fake_log_at(&s.l, "2026-11-20 04:00:00");
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		tell_line(&s, line);
	assert_int_equal(owed_read(s.l.disk, s.l.now.wall_us, &o), 0);
	assert_int_equal(owed_each(o, name_debt, said), 0);
	*ret_due = owed_due(o, "", NULL);
	owed_free(o);
	free(text);
	fake_log_free(&s.l);
	return said;
}

#define D24 "2026-11-24"
#define D25 "2026-11-25"
#define D26 "2026-11-26"
#define D27 "2026-11-27"

static void
what_is_ordered_is_owed_until_it_has_aired_in_full(void **state)
{
	static const struct {
		const char *when;
		const char *story;
		const char *owed;
	} cases[] = {
		{ "nothing from above",
		    "day " D25 " a=x\nout " D25 " a not_aired", "" },
		{ "before its time", "day " D25 " a!=x b=y", "25/a?" },
		{ "it has aired", "day " D25 " a!=x\nout " D25 " a aired", "" },
		{ "it has not", "day " D25 " a!=x\nout " D25 " a not_aired",
		    "25/a" },
		{ "in part", "day " D25 " a!=x\nout " D25 " a aired_partial",
		    "25/a" },
		{ "aired, its end cut off",
		    "day " D25 " a!=x\nout " D25 " a aired 60000", "25/a" },
		{ "aired, but for a rounding",
		    "day " D25 " a!=x\nout " D25 " a aired 900", "" },
		{ "a relay that was left its time",
		    "day " D25 " a!\nout " D25 " a external", "" },
		{ "a relay of our own, all but its pauses",
		    "day " D25 " a!\nrelay " D25 " a 270000", "" },
		{ "a relay of our own, a tenth and more of it silent",
		    "day " D25 " a!\nrelay " D25 " a 269999", "25/a" },
		{ "a second of a relay", "day " D25 " a!\nrelay " D25 " a 1000",
		    "25/a" },
		{ "its time is over and nobody says how it went",
		    "day " D25 " a!=x\nat " D25 " 18:00:00", "25/a" },
		{ "dropped before its time",
		    "day " D25 " a!=x b=y\nout " D25 " a not_aired\nday " D25
		    " b=y",
		    "25/a" },
		{ "dropped, and no outcome yet",
		    "day " D25 " a!=x b=y\nday " D25 " b=y", "25/a?" },
		{ "first named when it was over",
		    "day " D25 " b=y\nat " D25 " 18:00:00\nday " D25
		    " b=y c=z a!=x",
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t due;
		const char *owed = owed_after(cases[i].story, &due);

		if (strcmp(owed, cases[i].owed) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].when,
			    owed, cases[i].owed);
	}
}

#define MISSED(date, slot, items) \
	"day " date " " slot "!=" items "\nout " date " " slot " not_aired\n"

static void
a_later_airing_pays_one_debt(void **state)
{
	static const struct {
		const char *when;
		const char *story;
		const char *owed;
	} cases[] = {
		{ "a local repeat",
		    MISSED(D25, "a", "vi+km") "day " D27 " pl=vi+km\nout " D27
					      " pl aired",
		    "" },
		{ "a repeat with more in it",
		    MISSED(D25, "a", "vi") "day " D27 " pl=x+vi\nout " D27
					   " pl aired",
		    "" },
		{ "a repeat of one of two languages",
		    MISSED(D25, "a", "vi+km") "day " D27 " pl=vi\nout " D27
					      " pl aired",
		    "25/a" },
		{ "a repeat in part",
		    MISSED(D25, "a", "vi") "day " D27 " pl=vi\nout " D27
					   " pl aired_partial",
		    "25/a" },
		{ "a repeat whose end was cut off",
		    MISSED(D25, "a", "vi") "day " D27 " pl=vi\nout " D27
					   " pl aired 5000",
		    "25/a" },
		{ "a repeat that is ordered as well pays for itself",
		    MISSED(D25, "a", "vi") "day " D27 " b!=vi\nout " D27
					   " b aired",
		    "25/a" },
		{ "one repeat, two debts: the older",
		    MISSED(D24, "a", "vi") MISSED(D25, "b",
			"vi") "day " D27 " pl=vi\nout " D27 " pl aired",
		    "25/b" },
		{ "made up for by name",
		    MISSED(D24, "a", "vi")
			MISSED(D25, "b", "vi") "day " D27 " bu=vi@" D25
					       "/b\nout " D27 " bu aired",
		    "24/a" },
		{ "nothing was chosen: only a name can pay",
		    MISSED(D24, "a", "") MISSED(D25, "b",
			"") "day " D27 " pl=x bu=y@" D25 "/b\nout " D27
			    " pl aired\nout " D27 " bu aired",
		    "24/a" },
		{ "a make-up that fails is no second debt",
		    MISSED(D25, "a", "vi") "day " D27 " bu!=vi@" D25
					   "/a\nout " D27 " bu not_aired",
		    "25/a" },
		{ "another station's airing",
		    MISSED(D25, "a", "vi") "of huyen\nday " D27
					   " pl=vi\nout " D27 " pl aired",
		    "25/a" },
		{ "aired before, missed after",
		    "day " D24 " pl=vi\nout " D24
		    " pl aired\n" MISSED(D25, "a", "vi"),
		    "25/a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t due;
		const char *owed = owed_after(cases[i].story, &due);

		if (strcmp(owed, cases[i].owed) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].when,
			    owed, cases[i].owed);
		assert_int_equal(due, owed[0] == '\0' ? 0 : 1);
	}
}

/* Sheets of settled dates are let go while the log is read. */
static void
a_long_log_leaves_what_is_owed_and_a_clock_gone_back_adds_nothing(void **state)
{
	char story[8192] = "";
	size_t due;

	(void)state;
	for (int day = 1; day <= 30; day++)
		sprintf(story + strlen(story),
		    "day 2026-11-%02d a!=x b=y\nout 2026-11-%02d a %s\n"
		    "out 2026-11-%02d b aired\n",
		    day, day, day % 10 == 0 ? "not_aired" : "aired", day);
	strcat(story, "day 2026-11-05 a!=x b=y\n");
	assert_string_equal(owed_after(story, &due), "10/a 20/a 30/a");
	assert_int_equal(due, 3);
}

static void
the_oldest_that_is_due_is_told(void **state)
{
	struct story s = { .station = "xa" };
	struct owed *o;
	int64_t since = 0;
	char lines[][64] = { "day " D24 " a!=x", "out " D24 " a not_aired",
		"of huyen", "day " D25 " a!=x", "out " D25 " a not_aired" };

	(void)state;
	fake_log_init(&s.l, NULL);
	fake_log_at(&s.l, "2026-11-20 04:00:00");
	for (size_t i = 0; i < COUNT(lines); i++)
		tell_line(&s, lines[i]);
	assert_int_equal(owed_read(s.l.disk, s.l.now.wall_us, &o), 0);
	assert_int_equal(owed_due(o, "huyen", &since), 1);
	assert_int_equal(since, fake_us("2026-11-25 17:00:00"));
	assert_int_equal(owed_due(o, "khac", &since), 0);
	assert_int_equal(owed_due(o, "", &since), 2);
	assert_int_equal(since, fake_us("2026-11-24 17:00:00"));
	owed_free(o);
	fake_log_free(&s.l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_ordered_is_owed_until_it_has_aired_in_full),
		cmocka_unit_test(a_later_airing_pays_one_debt),
		cmocka_unit_test(
		    a_long_log_leaves_what_is_owed_and_a_clock_gone_back_adds_nothing),
		cmocka_unit_test(the_oldest_that_is_due_is_told),
	};

	return cmocka_run_group_tests_name("owed", tests, NULL, NULL);
}
