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
#include "ctl/verdict.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The week 2026-W48 of Que Minh by a profile that is shipped. */
struct judged {
	struct schedule *schedule;
	struct plan *plan;
	struct profile rules;
	struct session *sessions;
	size_t n;
};

static void
judge(const char *profile, struct judged *j)
{
	struct problems ps = { 0 };
	int64_t monday;

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(profile_init(&j->rules), 0);
	if (profile_read("etc/profiles", profile, &ps, &j->rules) < 0 ||
	    schedule_read("schedules", "que-minh", INT64_MIN, INT64_MAX, &ps,
		&j->schedule) < 0)
		fail_msg("%s", problems_said(&ps));
	civil_read_date("2026-11-23", &monday);
	assert_int_equal(
	    plan_make(j->schedule, monday, monday + 6, &j->plan), 0);
	assert_int_equal(rules_sessions(j->plan, &j->sessions, &j->n), 0);
	assert_int_equal(j->n, 13);
}

static void
end(struct judged *j)
{
	free(j->sessions);
	plan_free(j->plan);
	schedule_free(j->schedule);
	profile_clear(&j->rules);
}

/* Every weekday has two sessions, Sunday one. Hours are not the question
 * where the profile has none. */
static unsigned
breaches(const struct judged *j, size_t i)
{
	unsigned b = rules_breaches(j->plan, &j->sessions[i], &j->rules);

	return j->rules.has_hours ? b : b & ~(unsigned)BREACH_FENCE;
}

/* DOMAIN: at most 45 minutes a session with its relays. */
static void
the_week_of_que_minh_fails_vinh_phuc_2022_on_every_weekday(void **state)
{
	struct judged j;

	(void)state;
	judge("vinh-phuc-2022", &j);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(breaches(&j, i), BREACH_LONG);
	assert_int_equal(breaches(&j, 12), 0); /* Sunday: 45:00 */
	end(&j);
}

static void
the_week_of_que_minh_keeps_hai_duong_2016_in_the_morning(void **state)
{
	struct judged j;

	(void)state;
	judge("hai-duong-2016", &j);
	for (size_t i = 0; i < 12; i += 2) {
		assert_int_equal(breaches(&j, i), 0);
		assert_int_equal(breaches(&j, i + 1), BREACH_FENCE);
	}
	assert_int_equal(breaches(&j, 12), 0);
	end(&j);
}

static void
que_minh_by_both_profiles_of_ha_noi(void **state)
{
	struct judged j;

	(void)state;
	judge("ha-noi-2022-quan", &j);
	for (size_t i = 0; i < 13; i++)
		assert_true((breaches(&j, i) & BREACH_LONG) != 0);
	end(&j);
	judge("ha-noi-2022-huyen", &j);
	assert_int_equal(breaches(&j, 0), BREACH_LONG);
	assert_int_equal(breaches(&j, 12), 0);
	assert_int_equal(
	    profile_windows(&j.rules, j.plan->slots[0].day + 5, NULL, 0), 0);
	end(&j);
}

/* As loaxa(1) shows it. */
static void
the_table_fits_eighty_columns_and_adds_up(void **state)
{
	static const char wanted[] =
	    "DAY       SESSION       LENGTH  RELAY  WITHIN IT?\n"
	    "T2 23/11  05:00-06:30  1:30:00  59:00  yes\n"
	    "T2 23/11  17:00-18:30  1:30:00  29:30  no: outside 05:00-06:30, "
	    "16:30-18:00\n";
	static const char last[] =
	    "CN 29/11  17:00-17:45    45:00      -  yes\n"
	    "Sessions: 13; within the profile: 7; not: 6.\n";
	struct verdict_count count;
	struct judged j;
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	judge("hai-duong-2016", &j);
	assert_int_equal(verdict_print(j.plan, &j.rules, out, &count), 0);
	fclose(out);
	assert_true(count.sessions == 13 && count.kept == 7);
	if (strncmp(text, wanted, strlen(wanted)) != 0 ||
	    strcmp(text + n - strlen(last), last) != 0)
		fail_msg("%s", text);
	free(text);
	end(&j);
}

static void
the_json_says_what_each_session_breaks(void **state)
{
	struct judged j;
	json_t *list, *one;

	(void)state;
	judge("hai-duong-2016", &j);
	list = verdict_json(j.plan, &j.rules);
	assert_int_equal(json_array_size(list), 13);
	one = json_array_get(list, 1);
	assert_false(json_is_true(json_object_get(one, "keeps")));
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(one, "breaks"), 0)),
	    "hours");
	assert_int_equal(
	    json_integer_value(json_object_get(one, "relay_ms")), 1770000);
	json_decref(list);
	end(&j);
}

static void
all_that_is_broken_is_told(void **state)
{
	struct session s = { .nth = 3, .start_us = 0, .end_us = 1 };
	struct profile rules = { .session_s = 2700, .sessions_per_day = 2 };
	char buf[200];

	(void)state;
	assert_string_equal(verdict_text(&s, BREACH_LONG | BREACH_MANY, &rules,
				buf, sizeof(buf)),
	    "longer than 45 min; session 3 of at most 2 a day");
	assert_string_equal(
	    verdict_text(&s, BREACH_FENCE, &rules, buf, sizeof(buf)),
	    "nothing is allowed on that day");
	assert_string_equal(verdict_text(&s, 0, &rules, buf, sizeof(buf)), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_week_of_que_minh_fails_vinh_phuc_2022_on_every_weekday),
		cmocka_unit_test(
		    the_week_of_que_minh_keeps_hai_duong_2016_in_the_morning),
		cmocka_unit_test(que_minh_by_both_profiles_of_ha_noi),
		cmocka_unit_test(the_table_fits_eighty_columns_and_adds_up),
		cmocka_unit_test(the_json_says_what_each_session_breaks),
		cmocka_unit_test(all_that_is_broken_is_told),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
