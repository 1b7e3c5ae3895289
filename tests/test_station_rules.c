/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The site's rules at play: a schedule in force that breaks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

#define MINUTES(n) ((n)*60000)

/* Two sessions: 05:00-06:10 with a relay in it, 12:00-12:10. */
static const char schedule[] =
    "station = \"que-minh\"; name = \"Quế Minh\"; slots = (\n"
    " { id = \"som\"; days = \"T2-CN\"; at = \"05:00\"; for = \"00:30\";"
    "   item = \"tin\"; },\n"
    " { id = \"vov\"; days = \"T2-CN\"; at = \"05:30\"; for = \"00:20\";"
    "   relay = \"vov1\"; },\n"
    " { id = \"qua-sau\"; days = \"T2-CN\"; at = \"05:50\"; for = "
    "\"00:20\"; item = \"ngan\"; },\n"
    " { id = \"trua\"; days = \"T2-CN\"; at = \"12:00\"; for = \"00:10\";"
    "   item = \"ngan\"; } );\n";

static void
begin(struct world *w, void (*rules)(struct profile *p))
{
	world_make(w, schedule, NULL);
	world_item(w, "tin", MINUTES(30));
	world_item(w, "ngan", MINUTES(10));
	w->rules = rules;
	world_start(w);
}

struct count {
	const char *op;
	int n;
	char detail[512]; /* of the last */
};

static int
count_op(void *arg, const char *line, size_t n, int64_t seq)
{
	struct count *c = arg;
	json_t *r;

	(void)seq;
	if (record_kind(line, n) != KIND_OP || record_parse(line, n, &r) < 0)
		return 0;
	if (strcmp(record_text(r, "op"), c->op) == 0) {
		c->n++;
		snprintf(c->detail, sizeof(c->detail), "%s",
		    record_text(r, "detail"));
	}
	json_decref(r);
	return 0;
}

static struct count
ops(struct world *w, const char *op)
{
	struct count c = { .op = op };

	assert_int_equal(ledger_each(w->log, count_op, &c), 0);
	return c;
}

static double
gain_db(struct world *w, int day, const char *slot)
{
	json_t *r = world_record(w, "end", day, slot, NULL);
	double gain;

	assert_non_null(r);
	gain = json_real_value(json_object_get(r, "gain_db"));
	json_decref(r);
	return gain;
}

static void
at_most_an_hour(struct profile *p)
{
	p->session_s = 3600;
}

static void
a_session_too_long_airs_and_is_written_down_once_a_day(void **state)
{
	struct world w;
	struct count c;

	(void)state;
	begin(&w, at_most_an_hour);
	world_run(&w, world_us(0, "23:00:00"));
	world_expect(&w, 0, "som", "aired", "");
	world_expect(&w, 0, "vov", "external", "relay_reserved");
	c = ops(&w, "rule");
	assert_int_equal(c.n, 1);
	assert_string_equal(c.detail,
	    "que-minh.cfg:2: the session that begins with som (T2 23/11/2026 "
	    "05:00:00-06:10:00) lasts 01:10:00, the site allows 01:00:00; "
	    "shorten it, or leave a gap of more than a minute");
	world_run(&w, world_us(1, "23:00:00"));
	assert_int_equal(ops(&w, "rule").n, 2);
	world_account(&w);
	world_end(&w);
}

static void
one_a_day(struct profile *p)
{
	p->sessions_per_day = 1;
}

static void
one_session_too_many_airs_and_is_written_down(void **state)
{
	struct world w;

	(void)state;
	begin(&w, one_a_day);
	world_run(&w, world_us(0, "11:59:00"));
	assert_int_equal(ops(&w, "rule").n, 0);
	world_run(&w, world_us(0, "12:30:00"));
	assert_int_equal(ops(&w, "rule").n, 1);
	world_expect(&w, 0, "trua", "aired", "");
	world_end(&w);
}

static void
no_noon_no_sunday(struct profile *p)
{
	p->noon = false;
	p->days = 0x3f;
}

/* P1: what load would have refused is silent at its time. */
static void
weekdays_and_noon_are_the_fence_at_play(void **state)
{
	struct world w;

	(void)state;
	begin(&w, no_noon_no_sunday);
	world_run(&w, world_us(6, "23:00:00"));
	world_expect(&w, 0, "som", "aired", "");
	world_expect(&w, 0, "trua", "not_aired", "outside_hours");
	world_expect(&w, 5, "som", "aired", "");
	world_expect(&w, 6, "som", "not_aired", "outside_hours");
	assert_int_equal(ops(&w, "rule").n, 0);
	world_account(&w);
	world_end(&w);
}

static void
quiet_before_six(struct profile *p)
{
	p->volume = calloc(1, sizeof(*p->volume));
	assert_non_null(p->volume);
	p->n_volume = 1;
	p->volume[0] = (struct profile_volume){ 0, 6 * 3600, -6500 };
}

static void
sound_before_six_is_turned_down_and_the_log_says_by_how_much(void **state)
{
	struct world w;

	(void)state;
	begin(&w, quiet_before_six);
	world_run(&w, world_us(0, "13:00:00"));
	assert_true(gain_db(&w, 0, "som") == -6.5);
	/* Ten minutes of an item end at six: not after it. */
	assert_true(gain_db(&w, 0, "qua-sau") == -6.5);
	assert_true(gain_db(&w, 0, "trua") == 0.0);
	world_end(&w);
}

static void
quiet_and_loud(struct world *w)
{
	world_make(w, schedule, NULL);
	world_item(w, "tin", MINUTES(30));
	w->items[0].lufs = -23;
	w->items[0].peak_db = -10;
	world_item(w, "ngan", MINUTES(10));
	w->items[1].lufs = -9;
	w->items[1].peak_db = 0;
}

static void
each_item_is_brought_to_the_loudness_of_the_station(void **state)
{
	struct world w;

	(void)state;
	quiet_and_loud(&w);
	world_start(&w);
	world_run(&w, world_us(0, "13:00:00"));
	assert_true(gain_db(&w, 0, "som") == 7.0);
	assert_true(gain_db(&w, 0, "trua") == -7.0);
	world_end(&w);
}

static void
before_six_they_are_brought_to_less(void **state)
{
	struct world w;

	(void)state;
	quiet_and_loud(&w);
	w.rules = quiet_before_six;
	world_start(&w);
	world_run(&w, world_us(0, "13:00:00"));
	assert_true(gain_db(&w, 0, "som") == 0.5);
	assert_true(gain_db(&w, 0, "qua-sau") == -13.5);
	assert_true(gain_db(&w, 0, "trua") == -7.0);
	world_end(&w);
}

/* P7: also when the last word is the state file's. */
static void
a_gain_that_raises_outlives_a_killed_daemon(void **state)
{
	struct world w;

	(void)state;
	quiet_and_loud(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:10:00"));
	world_kill(&w);
	world_run(&w, world_us(0, "07:00:00"));
	world_start(&w);
	world_run(&w, world_us(0, "07:01:00"));
	assert_true(gain_db(&w, 0, "som") == 7.0);
	world_end(&w);
}

/* P7: also when the last word is the state file's. */
static void
the_gain_outlives_a_killed_daemon(void **state)
{
	struct world w;

	(void)state;
	begin(&w, quiet_before_six);
	world_run(&w, world_us(0, "05:10:00"));
	world_kill(&w);
	world_run(&w, world_us(0, "07:00:00"));
	world_start(&w);
	world_run(&w, world_us(0, "07:01:00"));
	assert_true(gain_db(&w, 0, "som") == -6.5);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_session_too_long_airs_and_is_written_down_once_a_day),
		cmocka_unit_test(one_session_too_many_airs_and_is_written_down),
		cmocka_unit_test(weekdays_and_noon_are_the_fence_at_play),
		cmocka_unit_test(
		    sound_before_six_is_turned_down_and_the_log_says_by_how_much),
		cmocka_unit_test(
		    each_item_is_brought_to_the_loudness_of_the_station),
		cmocka_unit_test(before_six_they_are_brought_to_less),
		cmocka_unit_test(a_gain_that_raises_outlives_a_killed_daemon),
		cmocka_unit_test(the_gain_outlives_a_killed_daemon),
	};

	return cmocka_run_group_tests_name("station_rules", tests, NULL, NULL);
}
