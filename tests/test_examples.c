/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every example of the manual pages that describe a file, and every file
 * shipped in that form, read by the reader it is written for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/mourning.h"
#include "scheduler/rules.h"
#include "tests/fakes/folder.h"

#define MARK ".\\\" file: "

/* Undoes what mdoc(7) wants written otherwise, in place. */
static void
unescape(char *text)
{
	char *out = text;

	for (char *in = text; *in != '\0'; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		in++;
		if (*in == 'e')
			*out++ = '\\';
		else if (*in != '&')
			fail_msg("an escape the test does not know: \\%c", *in);
	}
	*out = '\0';
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

/* Writes each marked example of a page below f; the number of them, which is
 * that of all its displays. */
static size_t
extract(const char *page, const struct folder *f)
{
	char *text = folder_slurp(page, NULL);
	size_t n = 0;

	for (char *at = text; (at = strstr(at, MARK)) != NULL; n++) {
		char *name = at + strlen(MARK);
		char *body = strstr(name, "\n.Bd ");
		char *end;

		assert_non_null(body);
		*strchr(name, '\n') = '\0';
		body = strchr(body + 1, '\n') + 1;
		end = strstr(body, ".Ed\n");
		assert_non_null(end);
		*end = '\0';
		at = end + 1;
		unescape(body);
		folder_write(f, name, body);
	}
	free(text);
	text = folder_slurp(page, NULL);
	assert_int_equal(count(text, "\n.Bd "), n);
	free(text);
	return n;
}

struct given {
	const char *folder;
	const struct site *site;
	int read;
};

static int
read_station(void *arg, const char *station)
{
	struct given *g = arg;
	struct problems ps = { 0 };
	struct schedule *s;
	struct plan *p;
	int64_t from, to;

	if (schedule_read(g->folder, station, INT64_MIN, INT64_MAX, &ps, &s) <
	    0)
		fail_msg("%s: %s", station, problems_said(&ps));
	civil_read_date("2026-11-01", &from);
	civil_read_date("2027-02-28", &to);
	assert_int_equal(plan_make(s, from, to, &p), 0);
	assert_true(p->n > 0);
	rules_check(p, g->site, &ps);
	expect_said(station, &ps, "");
	plan_free(p);
	schedule_free(s);
	g->read++;
	return 0;
}

static struct site *
read_site(const char *folder, const char *name)
{
	struct problems ps = { 0 };
	struct site *s;
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (site_read(path, &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	assert_int_equal(civil_zone(s->zone), 0);
	return s;
}

static void
copy_profile(const struct folder *f, const char *id)
{
	char from[100], to[100];
	char *text;

	snprintf(from, sizeof(from), "etc/profiles/%s.conf", id);
	snprintf(to, sizeof(to), "profiles/%s.conf", id);
	text = folder_slurp(from, NULL);
	folder_write(f, to, text);
	free(text);
}

static void
the_examples_of_the_manual_pages_are_valid(void **state)
{
	struct folder f;
	struct given g = { 0 };
	struct site *s;

	(void)state;
	folder_make(&f);
	assert_int_equal(extract("man/loaxa.conf.5", &f), 4);
	assert_int_equal(extract("man/loaxa-schedule.5", &f), 4);
	s = read_site(f.path, "night.conf");
	assert_int_equal(s->rules.n_hours, 2);
	site_free(s);
	copy_profile(&f, "ha-noi-2022-huyen");
	s = read_site(f.path, "profiled.conf");
	assert_true(s->rules.sessions_per_day == 2 &&
		    s->rules.session_s == 1800 && s->rules.n_volume == 1);
	site_free(s);
	s = read_site(f.path, "loaxa.conf");
	assert_non_null(site_output(s, "binh-an"));
	g = (struct given){ .folder = f.path, .site = s };
	assert_int_equal(schedule_stations(f.path, read_station, &g), 0);
	assert_int_equal(g.read, 3);
	site_free(s);
	folder_remove(&f);
}

static bool
no_music(void *arg, const char *item)
{
	(void)arg;
	(void)item;
	return false;
}

/* What the page says of this example in words. */
static void
the_second_timetable_of_the_manual_does_what_its_text_says(void **state)
{
	static const struct {
		const char *date;
		const char *slot; /* the first of that date, or NULL */
	} cases[] = {
		{ "2026-11-02", "ban-tin-xa" },
		{ "2026-11-09", NULL },
		{ "2026-11-16", "ban-tin-xa" },
		{ "2026-12-02", "ban-tin-xa" },
		{ "2026-12-03", "ban-tin-bu" },
		{ "2026-12-05", "ban-tin-xa" },
		{ "2026-12-07", "tiem-chung-chieu" },
		{ "2026-12-12", NULL },
		{ "2026-12-01", "nhac-chieu" },
		{ "2026-12-15", NULL },
		{ "2026-12-22", "nhac-chieu" },
		{ "2027-02-08", NULL },
	};
	const struct mourning_library silent = { no_music, NULL };
	struct problems ps = { 0 };
	struct schedule *s;
	struct folder f;

	(void)state;
	folder_make(&f);
	extract("man/loaxa-schedule.5", &f);
	assert_int_equal(
	    schedule_read(f.path, "xa-khac", INT64_MIN, INT64_MAX, &ps, &s), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan *p;
		int64_t day;
		const char *slot;

		civil_read_date(cases[i].date, &day);
		assert_int_equal(plan_make(s, day, day, &p), 0);
		assert_int_equal(mourning_silence(p, s, &silent), 0);
		slot = p->n == 0 ? "none" : p->slots[0].slot;
		if (strcmp(slot,
			cases[i].slot == NULL ? "none" : cases[i].slot) != 0)
			fail_msg("%s: %s", cases[i].date, slot);
		plan_free(p);
	}
	schedule_free(s);
	folder_remove(&f);
}

static void
the_schedules_shipped_are_valid_under_the_site_shipped(void **state)
{
	struct site *s = read_site("etc", "loaxa.conf");
	struct given g = { .folder = "schedules", .site = s };

	(void)state;
	assert_int_equal(schedule_stations("schedules", read_station, &g), 0);
	assert_int_equal(g.read, 3);
	assert_int_equal(s->n_outputs, 3);
	site_free(s);
}

/* Cầu Ngang: one computer, a station and the one above it. */
static void
the_two_stations_of_cau_ngang_are_valid_under_their_site(void **state)
{
	static const char *const stations[] = { "cau-ngang", "xa-vi-du" };
	struct site *s = read_site("etc", "cau-ngang.conf");
	struct given g = { .folder = "schedules", .site = s };

	(void)state;
	assert_int_equal(s->n_outputs, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_non_null(site_output(s, stations[i]));
		read_station(&g, stations[i]);
	}
	assert_string_not_equal(s->outputs[0].device, s->outputs[1].device);
	site_free(s);
}

/* P1: a new computer is silent; what its file proposes is valid as written. */
static void
the_installed_configuration_allows_nothing_until_it_is_edited(void **state)
{
	struct site *s = read_site("etc", "installed.conf");
	char *text = folder_slurp("etc/installed.conf", NULL);
	struct folder f;
	int64_t end;
	char *at;

	(void)state;
	assert_int_equal(s->rules.n_hours, 0);
	assert_false(site_allows(s, INT64_C(1795746600000000), &end));
	assert_int_equal(s->n_outputs, 0);
	site_free(s);
	while ((at = strstr(text, "\n# hours = (")) != NULL ||
	       (at = strstr(text, "\n# outputs = (")) != NULL ||
	       (at = strstr(text, "\n#   {")) != NULL ||
	       (at = strstr(text, "\n# );")) != NULL)
		at[1] = ' ';
	while ((at = strstr(text, "\nhours = ( );")) != NULL ||
	       (at = strstr(text, "\noutputs = ( );")) != NULL)
		at[1] = '#';
	folder_make(&f);
	folder_write(&f, "loaxa.conf", text);
	free(text);
	s = read_site(f.path, "loaxa.conf");
	assert_int_equal(s->rules.n_hours, 2);
	assert_non_null(site_output(s, "que-minh"));
	site_free(s);
	folder_remove(&f);
}

static void
the_profiles_shipped_are_valid(void **state)
{
	static const char *const ids[] = { "vinh-phuc-2022", "ha-noi-2022-quan",
		"ha-noi-2022-huyen", "hai-duong-2016" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct problems ps = { 0 };
		struct profile p;

		assert_int_equal(profile_init(&p), 0);
		if (profile_read("etc/profiles", ids[i], &ps, &p) < 0)
			fail_msg("%s", problems_said(&ps));
		assert_true(p.title[0] != '\0');
		profile_clear(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_manual_pages_are_valid),
		cmocka_unit_test(
		    the_second_timetable_of_the_manual_does_what_its_text_says),
		cmocka_unit_test(
		    the_schedules_shipped_are_valid_under_the_site_shipped),
		cmocka_unit_test(
		    the_two_stations_of_cau_ngang_are_valid_under_their_site),
		cmocka_unit_test(
		    the_installed_configuration_allows_nothing_until_it_is_edited),
		cmocka_unit_test(the_profiles_shipped_are_valid),
	};

	return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
