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
#include "ctl/makeup.h"
#include "tests/fakes/fake_log.h"
#include "tests/fakes/folder.h"

#define HEAD \
	"station = \"que-minh\";\nname = \"Quế Minh\";\n" \
	"segments = ( { id = \"ttdn\"; title = \"Đối ngoại\"; } );\n" \
	"slots = (\n" \
	" { id = \"ttdn-t2\"; days = \"T2\"; at = \"17:00\";" \
	"   for = \"00:05\"; segment = \"ttdn\"; },\n" \
	" { id = \"ban-tin\"; days = \"T2-CN\"; at = \"17:30\";" \
	"   for = \"00:05\"; segment = \"ttdn\"; },\n" \
	" { id = \"loa\"; title = \"Loa \\\"mới\\\"\"; days = \"T3\";" \
	"   at = \"17:10\"; for = \"00:05\"; item = \"loa\"; } );\n"
#define SITE \
	"hours = ( { days = \"T2-CN\"; from = \"17:00\"; to = \"17:50\"; } " \
	");\n"

struct place {
	struct folder folder;
	struct fake_log log;
	struct site *site;
	struct schedule *schedule;
	struct plan *coming;
	json_t *misses;
};

static int64_t
day_of(const char *date)
{
	int64_t day;

	assert_int_equal(civil_read_date(date, &day), 0);
	return day;
}

/* The schedule as it stands, unrolled from a date over a week. */
static void
unroll(struct place *p, const char *text, const char *from)
{
	struct problems ps = { 0 };
	char path[128];

	plan_free(p->coming);
	schedule_free(p->schedule);
	p->coming = NULL;
	p->schedule = NULL;
	folder_write(&p->folder, "que-minh.cfg", text);
	snprintf(path, sizeof(path), "%s", p->folder.path);
	if (schedule_read(
		path, "que-minh", INT64_MIN, INT64_MAX, &ps, &p->schedule) < 0)
		fail_msg("%s\n%s", problems_said(&ps), text);
	problems_free(&ps);
	assert_int_equal(
	    plan_make(p->schedule, day_of(from), day_of(from) + 7, &p->coming),
	    0);
}

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct problems ps = { 0 };
	char path[128];

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	folder_make(&p->folder);
	folder_write(&p->folder, "site.conf", SITE);
	snprintf(path, sizeof(path), "%s/site.conf", p->folder.path);
	assert_int_equal(site_read(path, &ps, &p->site), 0);
	fake_log_init(&p->log, NULL);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	json_decref(p->misses);
	plan_free(p->coming);
	schedule_free(p->schedule);
	site_free(p->site);
	fake_log_free(&p->log);
	folder_remove(&p->folder);
	free(p);
	return 0;
}

/* A slot planned at 17:00 of a date, and what became of it. */
static void
became(struct place *p, const char *date, const char *slot, const char *status,
    const char *reason, const char *more)
{
	char local[32];
	char slots[100];

	snprintf(local, sizeof(local), "%s 04:00:00", date);
	fake_log_at(&p->log, local);
	snprintf(slots, sizeof(slots), "%s 17:00:00 300", slot);
	fake_log_day(&p->log, date, slots);
	snprintf(local, sizeof(local), "%s 17:05:00", date);
	fake_log_at(&p->log, local);
	fake_log_slot(&p->log, date, slot, status, reason, 0, 0, more);
}

static void
look(struct place *p, const char *from, const char *to)
{
	json_decref(p->misses);
	p->misses = NULL;
	assert_int_equal(makeup_misses(p->log.disk, "que-minh", day_of(from),
			     day_of(to), p->coming, &p->misses),
	    0);
}

/* "date/slot[=made_up slot] ..." */
static void
check_misses(const char *when, const json_t *misses, const char *wanted)
{
	char text[500] = "";
	const json_t *m;
	size_t i;

	json_array_foreach(misses, i, m)
	{
		const json_t *made = json_object_get(m, "made_up");

		sprintf(text + strlen(text), "%s/%s%s%s ",
		    record_text(m, "date") + 8, record_text(m, "slot"),
		    json_is_object(made) ? "=" : "", record_text(made, "slot"));
	}
	if (strcmp(text, wanted) != 0)
		fail_msg("%s: %s, wanted %s", when, text, wanted);
}

static void
only_what_should_have_sounded_from_files_was_missed(void **state)
{
	struct place *p = *state;

	became(p, "2026-11-20", "old", "not_aired", "machine_off", NULL);
	became(p, "2026-11-23", "a", "aired", "", NULL);
	became(p, "2026-11-23", "b", "not_aired", "machine_off", NULL);
	became(p, "2026-11-24", "c", "aired_partial", "power_lost", NULL);
	became(p, "2026-11-24", "d", "not_aired", "cancelled", NULL);
	became(p, "2026-11-24", "e", "external", "relay_reserved",
	    "{\"content\":\"relay\"}");
	became(p, "2026-11-24", "f", "not_aired", "machine_off",
	    "{\"content\":\"relay\"}");
	became(p, "2026-11-24", "g", "not_aired", "bad_item",
	    "{\"content\":\"filler\"}");
	unroll(p, HEAD, "2026-11-26");
	look(p, "2026-11-23", "2026-11-26");
	check_misses("all of it", p->misses, "23/b 24/c ");
	assert_string_equal(
	    json_string_value(json_array_get(
		json_object_get(json_array_get(p->misses, 0), "items"), 0)),
	    "ban-tin");
}

#define OF_B "{\"makeup_of\":{\"date\":\"2026-11-23\",\"slot\":\"b\"}}"

static void
what_is_made_up_for_is_known_and_a_failed_makeup_is_not_one(void **state)
{
	struct place *p = *state;

	became(p, "2026-11-16", "b", "not_aired", "machine_off", NULL);
	became(p, "2026-11-23", "b", "not_aired", "machine_off", NULL);
	unroll(p, HEAD, "2026-11-26");
	became(p, "2026-11-24", "b-bu", "not_aired", "machine_off", OF_B);
	look(p, "2026-11-20", "2026-11-26");
	check_misses("the make-up failed", p->misses, "23/b ");
	look(p, "2026-11-24", "2026-11-26");
	check_misses("and stands for the original", p->misses, "23/b ");
	became(p, "2026-11-25", "b-bu", "aired", "", OF_B);
	look(p, "2026-11-20", "2026-11-26");
	check_misses("the second aired", p->misses, "23/b=b-bu ");
}

static void
a_makeup_that_is_planned_counts_until_its_outcome_is_known(void **state)
{
	static const char schedule[] =
	    HEAD "dates = ( { date = \"2026-11-27\"; extra = ( { id = "
		 "\"ttdn-bu\"; at = \"17:00\"; for = \"00:05\"; repeats = "
		 "\"ttdn-t2\"; makeup_of = { date = \"2026-11-23\"; slot = "
		 "\"ttdn-t2\"; }; } ); } );\n";
	struct place *p = *state;

	became(p, "2026-11-23", "ttdn-t2", "not_aired", "machine_off", NULL);
	unroll(p, schedule, "2026-11-26");
	look(p, "2026-11-20", "2026-11-26");
	check_misses("planned", p->misses, "23/ttdn-t2=ttdn-bu ");
	fake_log_at(&p->log, "2026-11-27 17:05:00");
	fake_log_slot(&p->log, "2026-11-27", "ttdn-bu", "not_aired",
	    "machine_off", 0, 0,
	    "{\"makeup_of\":{\"date\":\"2026-11-23\",\"slot\":\"ttdn-t2\"}}");
	look(p, "2026-11-20", "2026-11-27");
	check_misses("failed", p->misses, "23/ttdn-t2 ");
}

static void
propose(struct place *p, const char *now)
{
	assert_int_equal(makeup_propose(p->schedule, p->coming, p->site,
			     fake_us(now), p->misses),
	    0);
}

static void
check_proposal(const char *when, const json_t *miss, const char *wanted)
{
	char *text = json_dumps(
	    json_object_get(miss, "proposal"), JSON_COMPACT | JSON_ENCODE_ANY);

	if (strcmp(text, wanted) != 0)
		fail_msg("%s: %s, wanted %s", when, text, wanted);
	free(text);
}

static void
a_makeup_is_proposed_in_the_first_free_place_that_plays_the_same(void **state)
{
	struct place *p = *state;

	became(p, "2026-11-23", "ttdn-t2", "not_aired", "machine_off", NULL);
	became(p, "2026-11-24", "loa", "not_aired", "machine_off",
	    "{\"content\":\"item\",\"segment\":\"\"}");
	became(p, "2026-11-25", "ban-tin", "not_aired", "machine_off", NULL);
	unroll(p, HEAD, "2026-11-26");
	look(p, "2026-11-20", "2026-11-26");
	propose(p, "2026-11-26 09:00:00");
	check_proposal("weekly: a repeat still plays it",
	    json_array_get(p->misses, 0),
	    "{\"date\":\"2026-11-26\",\"id\":\"ttdn-t2-bu-2311\","
	    "\"at\":\"17:35:00\",\"for\":\"00:05:00\","
	    "\"repeats\":\"ttdn-t2\"}");
	check_proposal("one item", json_array_get(p->misses, 1),
	    "{\"date\":\"2026-11-26\",\"id\":\"loa-bu-2411\","
	    "\"at\":\"17:40:00\",\"for\":\"00:05:00\",\"item\":\"ban-tin\"}");
	check_proposal("daily: the week must name it again",
	    json_array_get(p->misses, 2),
	    "{\"date\":\"2026-11-26\",\"id\":\"ban-tin-bu-2511\","
	    "\"at\":\"17:45:00\",\"for\":\"00:05:00\",\"segment\":\"ttdn\","
	    "\"items\":[\"ban-tin\"]}");
}

static void
nothing_is_proposed_too_soon_or_outside_the_hours(void **state)
{
	static const struct {
		const char *when;
		const char *now;
		const char *date;
		const char *at;
	} cases[] = {
		{ "ten minutes before a place", "2026-11-26 17:25:00",
		    "2026-11-26", "17:35:00" },
		{ "a second less", "2026-11-26 17:25:01", "2026-11-27",
		    "17:35:00" },
		{ "the hours are over", "2026-11-26 18:00:00", "2026-11-27",
		    "17:35:00" },
	};
	struct place *p = *state;

	became(p, "2026-11-23", "ttdn-t2", "not_aired", "machine_off", NULL);
	unroll(p, HEAD, "2026-11-26");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const json_t *proposal;

		look(p, "2026-11-20", "2026-11-26");
		propose(p, cases[i].now);
		proposal =
		    json_object_get(json_array_get(p->misses, 0), "proposal");
		if (strcmp(record_text(proposal, "date"), cases[i].date) != 0 ||
		    strcmp(record_text(proposal, "at"), cases[i].at) != 0)
			fail_msg("%s: %s %s", cases[i].when,
			    record_text(proposal, "date"),
			    record_text(proposal, "at"));
	}
	look(p, "2026-11-20", "2026-11-26");
	p->site->rules.sessions_per_day = 1;
	propose(p, "2026-11-26 09:00:00");
	check_proposal("one session a day: it goes on",
	    json_array_get(p->misses, 0),
	    "{\"date\":\"2026-11-26\",\"id\":\"ttdn-t2-bu-2311\","
	    "\"at\":\"17:35:00\",\"for\":\"00:05:00\","
	    "\"repeats\":\"ttdn-t2\"}");
	look(p, "2026-11-20", "2026-11-26");
	p->site->rules.sessions_per_day = 2;
	p->site->rules.session_s = 300;
	propose(p, "2026-11-26 09:00:00");
	check_proposal("the session is full: a second one",
	    json_array_get(p->misses, 0),
	    "{\"date\":\"2026-11-26\",\"id\":\"ttdn-t2-bu-2311\","
	    "\"at\":\"17:00:00\",\"for\":\"00:05:00\","
	    "\"repeats\":\"ttdn-t2\"}");
}

/* What is printed is what the reader takes, and then it is made up for. */
static void
what_is_printed_can_be_pasted(void **state)
{
	struct place *p = *state;
	char *text = NULL;
	char *all;
	size_t n = 0;
	FILE *f;

	became(p, "2026-11-23", "ttdn-t2", "not_aired", "machine_off", NULL);
	became(p, "2026-11-24", "loa", "not_aired", "machine_off",
	    "{\"content\":\"item\",\"segment\":\"\",\"title\":"
	    "\"Loa \\\"mới\\\"\"}");
	unroll(p, HEAD, "2026-11-26");
	look(p, "2026-11-20", "2026-11-26");
	propose(p, "2026-11-26 09:00:00");
	f = open_memstream(&text, &n);
	makeup_print(p->schedule, p->misses, f);
	fclose(f);
	assert_true(asprintf(&all, HEAD "%s", text) > 0);
	unroll(p, all, "2026-11-26");
	look(p, "2026-11-20", "2026-11-26");
	check_misses(
	    text, p->misses, "23/ttdn-t2=ttdn-t2-bu-2311 24/loa=loa-bu-2411 ");
	free(all);
	free(text);
}

static void
a_makeup_says_in_words_what_it_is(void **state)
{
	struct planned p = { .makeup_slot = "ttdn-t2", .makeup_day = 20780 };
	struct planned plain = { 0 };
	char *text = makeup_words(strdup("Bản tin"), &p);

	(void)state;
	assert_string_equal(
	    text, "Bản tin (makes up for ttdn-t2 of 23/11/2026)");
	free(text);
	text = makeup_words(strdup("Bản tin"), &plain);
	assert_string_equal(text, "Bản tin");
	free(text);
	assert_null(makeup_words(NULL, &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    only_what_should_have_sounded_from_files_was_missed, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_made_up_for_is_known_and_a_failed_makeup_is_not_one,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_makeup_that_is_planned_counts_until_its_outcome_is_known,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_makeup_is_proposed_in_the_first_free_place_that_plays_the_same,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nothing_is_proposed_too_soon_or_outside_the_hours, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_printed_can_be_pasted, set_up, tear_down),
		cmocka_unit_test(a_makeup_says_in_words_what_it_is),
	};

	return cmocka_run_group_tests_name("makeup", tests, NULL, NULL);
}
