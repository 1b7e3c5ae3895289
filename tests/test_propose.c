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
#include "scheduler/propose.h"
#include "scheduler/rules.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "thu,gio_bat_dau,thoi_luong,loai,tieu_de,nguon,ngon_ngu\n"

static char *
propose(const char *text, const struct site *site, struct problems *ps,
    struct problems *notes)
{
	struct propose_setup setup = { "a", "Đài \"A\"", site, "t.csv" };
	struct sheet *s;
	char *out = NULL;

	if (sheet_read(text, strlen(text), "t.csv", ps, &s) < 0)
		fail_msg("%s", problems_said(ps));
	propose_timetable(s, &setup, ps, notes, &out);
	sheet_free(s);
	return out;
}

static struct schedule *
read_proposed(const struct folder *f, const char *text)
{
	struct problems ps = { 0 };
	struct schedule *s = NULL;

	folder_write(f, "a.cfg", text);
	if (schedule_read(f->path, "a", INT64_MIN, INT64_MAX, &ps, &s) < 0)
		fail_msg("%s\n%s", text, problems_said(&ps));
	return s;
}

static struct plan *
plan_of(const struct schedule *s)
{
	struct plan *p;
	int64_t monday;

	civil_day(2026, 12, 7, &monday);
	assert_int_equal(plan_make(s, monday, monday + 6, &p), 0);
	return p;
}

/* Where a repeat's original begins. */
static int
original_at(const struct schedule *s, const struct planned *p)
{
	const struct slot *of = schedule_slot(s, p->ref);

	return of->at_s + (int)of->days * SECONDS_PER_DAY;
}

/* The timetable that people wrote for the same week is what is proposed:
 * every slot at the same moment, as long, of the same kind, repeating the
 * same one. */
static void
the_shipped_week_proposes_its_own_timetable(void **state)
{
	struct problems ps = { 0 };
	struct problems notes = { 0 };
	struct site *site = NULL;
	struct folder f;
	struct schedule *ours, *theirs = NULL;
	struct plan *a, *b;
	char *sheet = folder_slurp("schedules/que-minh-tuan.csv", NULL);
	char *text;

	(void)state;
	assert_int_equal(site_read("etc/loaxa.conf", &ps, &site), 0);
	text = propose(sheet, site, &ps, &notes);
	expect_said("problems", &ps, "");
	expect_said("notes", &notes, "");
	folder_make(&f);
	ours = read_proposed(&f, text);
	assert_int_equal(schedule_read("schedules", "que-minh", INT64_MIN,
			     INT64_MAX, &ps, &theirs),
	    0);
	a = plan_of(ours);
	b = plan_of(theirs);
	assert_int_equal(rules_check(a, site, &ps), 0);
	assert_int_equal(a->n, 103);
	assert_int_equal(b->n, 103);
	for (size_t i = 0; i < a->n; i++) {
		const struct planned *x = &a->slots[i];
		const struct planned *y = &b->slots[i];

		/* That the segment of the plan cuts in is a person's wish. */
		bool wished = strcmp(y->slot, "ttdn-t5") == 0;

		if (x->start_us != y->start_us || x->end_us != y->end_us ||
		    x->content != y->content ||
		    x->from_above != y->from_above ||
		    (x->start != y->start && !wished))
			fail_msg("%s is not %s", x->slot, y->slot);
		if (x->content == CONTENT_RELAY)
			assert_string_equal(x->ref, y->ref);
		if (x->content == CONTENT_REPEAT)
			assert_int_equal(
			    original_at(ours, x), original_at(theirs, y));
	}
	assert_int_equal(ours->n_slots, theirs->n_slots);
	plan_free(a);
	plan_free(b);
	schedule_free(ours);
	schedule_free(theirs);
	site_free(site);
	folder_remove(&f);
	free(text);
	free(sheet);
}

static void
ids_are_short_and_their_own(void **state)
{
	struct problems ps = { 0 };
	struct problems notes = { 0 };
	struct folder f;
	char *text = propose(HEAD
	    "T2,05:00,00:05:00,file,\"Nói \"\"chuyện\"\" \\ với bà con toàn xã "
	    "ta về những việc lớn nhỏ trong tuần\",,vi\n"
	    "T2,05:05,00:05:00,file,Bản tin,,vi\n"
	    "T2,05:10,00:05:00,file,Bản tin,,km\n"
	    "T3,05:00,00:05:00,file,Bản tin,,vi\n"
	    "T2,17:00,00:05:00,tiep_am,Tiếp âm VOV2,VOV2,vi\n"
	    "T4,05:00,00:05:00,file,Chuyện lạ (phát lại),,vi\n",
	    NULL, &ps, &notes);
	struct schedule *s;

	(void)state;
	expect_said("problems", &ps, "");
	expect_said("notes", &notes,
	    "t.csv:6: etc/loaxa.conf has no relay for \"VOV2\"; add \"vov2\" "
	    "to its relays, or write the right id\n"
	    "t.csv:7: no row of the week has this title to repeat; it is "
	    "proposed as a programme of its own\n");
	folder_make(&f);
	s = read_proposed(&f, text);
	assert_string_equal(s->name, "Đài \"A\"");
	assert_int_equal(s->n_slots, 6);
	assert_string_equal(
	    s->slots[0].id, "noi-chuyen-voi-ba-con-toan-xa-ta-ve-nhung-t2");
	assert_string_equal(s->slots[1].id, "ban-tin-t2");
	assert_string_equal(s->slots[2].id, "ban-tin-t2-0510");
	assert_string_equal(s->slots[3].id, "vov2-t2");
	assert_string_equal(s->slots[4].id, "ban-tin-t3");
	assert_int_equal(schedule_segment(s, "ban-tin")->n_languages, 2);
	schedule_free(s);
	folder_remove(&f);
	free(text);
}

static void
what_a_timetable_cannot_do_without_is_asked_for(void **state)
{
	struct problems ps = { 0 };
	struct problems notes = { 0 };

	(void)state;
	assert_null(propose(HEAD "T2,05:00,00:10:00,,a,,\nT2,05:05,,,b,,\n"
				 "T2,05:09,00:05:00,,c,,\nT3,,00:05:00,,d,,\n",
	    NULL, &ps, &notes));
	problems_free(&notes);
	expect_said("problems", &ps,
	    "t.csv:3: thoi_luong is empty; a timetable needs it, such as "
	    "00:15:00\n"
	    "t.csv:4: T2 05:09:00: the row on line 2 is not over yet; correct "
	    "the times or its length\n"
	    "t.csv:5: gio_bat_dau is empty; write when it starts, such as "
	    "05:00:00\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_week_proposes_its_own_timetable),
		cmocka_unit_test(ids_are_short_and_their_own),
		cmocka_unit_test(
		    what_a_timetable_cannot_do_without_is_asked_for),
	};

	civil_zone("Asia/Ho_Chi_Minh");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
