/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/health.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define FINE \
	"\"utc\":\"2026-11-26T10:00:00.000000Z\",\"hold\":false," \
	"\"started_utc\":\"2026-11-26T09:00:00.000000Z\"," \
	"\"log\":{\"error\":\"\"},\"site\":{\"valid\":true,\"problem\":\"\"}"
#define STATION(id, more) \
	"{\"station\":\"" id "\"," more "\"output\":true,\"schedule\":" \
	"{\"in_force\":true,\"refused\":false,\"problem\":\"\"}}"

static json_t *
judged(struct health *h, const char *text, int64_t boot_us, bool *ret_changed)
{
	struct now now = { .wall_us = boot_us, .boot_us = boot_us };
	json_t *a = json_loads(text, 0, NULL);

	assert_non_null(a);
	*ret_changed = health_judge(h, now, a);
	return a;
}

/* "fault:station fault:station", worst first. */
static const char *
list(const json_t *a, char *buf, size_t size)
{
	const json_t *f;
	size_t used = 0;
	size_t i;

	buf[0] = '\0';
	json_array_foreach(json_object_get(a, "faults"), i, f)
	{
		used += (size_t)snprintf(buf + used, size - used, "%s%s:%s",
		    i == 0 ? "" : " ", health_text(f, "fault"),
		    health_text(f, "station"));
	}
	return buf;
}

static void
the_worst_fault_is_the_verdict(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *verdict;
		const char *faults;
	} cases[] = {
		{ "all is well",
		    "{" FINE ",\"stations\":[" STATION("a", "") "]}", "ok",
		    "" },
		{ "a daemon of another version says little", "{}", "ok", "" },
		{ "held", "{\"hold\":true}", "broken", "clock_unsure:" },
		{ "two stations, one without its device",
		    "{" FINE ",\"stations\":[" STATION("a", "") "," STATION(
			"b", "\"device\":\"lost\",") "]}",
		    "broken", "device_lost:b" },
		{ "stopped by a person, and the disk is full",
		    "{\"log\":{\"error\":\"full\"},\"stations\":[" STATION(
			"a", "\"stopped_until_utc\":\"forever\",") "]}",
		    "broken", "log_failing: stopped:a" },
		{ "a power cut this morning",
		    "{" FINE ",\"boot\":{\"cause\":\"power_lost\"}}", "ok",
		    "power_lost:" },
		{ "a power cut two days ago",
		    "{\"utc\":\"2026-11-28T10:00:00.000000Z\","
		    "\"started_utc\":\"2026-11-26T09:00:00.000000Z\","
		    "\"boot\":{\"cause\":\"power_lost\"}}",
		    "ok", "" },
		{ "not aired, as a person ordered",
		    "{\"stations\":[" STATION("a",
			"\"today\":{\"reasons\":{\"not_aired\":"
			"{\"disabled\":2}}},") "]}",
		    "ok", "" },
		{ "not aired, and nobody ordered it",
		    "{\"stations\":[" STATION("a",
			"\"today\":{\"reasons\":{\"not_aired\":"
			"{\"disabled\":2,\"missing_item\":1}}},") "]}",
		    "look", "lost_today:a" },
		{ "aired shorter than planned is no loss",
		    "{\"stations\":[" STATION("a",
			"\"today\":{\"reasons\":{\"aired_partial\":"
			"{\"short\":1}}},") "]}",
		    "ok", "" },
		{ "just installed",
		    "{\"site\":{\"valid\":true,\"hours\":false},"
		    "\"stations\":[]}",
		    "broken", "no_hours: no_station:" },
		{ "no site, and a station not in it",
		    "{\"site\":{\"valid\":false,\"problem\":\"x\"},"
		    "\"stations\":[{\"station\":\"a\",\"output\":false}]}",
		    "broken", "site_invalid: no_output:a" },
	};
	char got[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct health *h = health_new();
		bool changed;
		json_t *a = judged(h, cases[i].text, 0, &changed);

		if (strcmp(health_text(a, "verdict"), cases[i].verdict) != 0 ||
		    strcmp(list(a, got, sizeof(got)), cases[i].faults) != 0 ||
		    changed != (cases[i].faults[0] != '\0'))
			fail_msg("%s: %s, \"%s\", changed %d", cases[i].when,
			    health_text(a, "verdict"),
			    list(a, got, sizeof(got)), changed);
		json_decref(a);
		health_free(h);
	}
}

static void
a_fault_keeps_the_instant_it_began(void **state)
{
	static const char fine[] = "{\"hold\":false}";
	static const char held[] = "{\"hold\":true}";
	static const struct {
		const char *when;
		const char *text;
		int64_t boot_s;
		bool changed;
		const char *since; /* NULL: no fault */
	} steps[] = {
		{ "well", fine, 100, false, NULL },
		{ "it begins", held, 200, true, "1970-01-01T00:03:20.000000Z" },
		{ "it goes on", held, 300, false,
		    "1970-01-01T00:03:20.000000Z" },
		{ "it ends", fine, 400, true, NULL },
		{ "still well", fine, 500, false, NULL },
		{ "it begins anew", held, 600, true,
		    "1970-01-01T00:10:00.000000Z" },
	};
	struct health *h = health_new();

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		bool changed;
		json_t *a = judged(
		    h, steps[i].text, steps[i].boot_s * US_PER_S, &changed);
		const json_t *f =
		    json_array_get(json_object_get(a, "faults"), 0);
		const char *since = health_text(f, "since_utc");

		if (changed != steps[i].changed ||
		    strcmp(since,
			steps[i].since == NULL ? "" : steps[i].since) != 0)
			fail_msg("%s: changed %d, since \"%s\"", steps[i].when,
			    changed, since);
		json_decref(a);
	}
	assert_null(health_free(h));
}

static void
the_death_of_nobody_is_taken(void **state)
{
	(void)state;
	assert_null(health_free(NULL));
	assert_null(health_at(NULL, "a.b"));
	assert_string_equal(health_text(NULL, "a"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_fault_is_the_verdict),
		cmocka_unit_test(a_fault_keeps_the_instant_it_began),
		cmocka_unit_test(the_death_of_nobody_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
