/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/clockview.h"

static char *
shown(const char *clock, const char *why, const char *more)
{
	char text[1024];
	char *out = NULL;
	size_t n;
	json_t *a;
	FILE *f = open_memstream(&out, &n);

	snprintf(text, sizeof(text),
	    "{\"utc\":\"2026-11-25T22:01:12.000000Z\",\"zone\":"
	    "\"Asia/Ho_Chi_Minh\",\"clock\":\"%s\",\"why\":\"%s\",\"hold\":%s,"
	    "\"since_utc\":\"2026-11-25T21:01:12.000000Z\",\"step_ms\":0,"
	    "\"synced\":false,\"latest_utc\":null%s}",
	    clock, why, strcmp(clock, "unsure") == 0 ? "true" : "false", more);
	a = json_loads(text, 0, NULL);
	assert_non_null(a);
	clockview_print(a, f);
	fclose(f);
	json_decref(a);
	return out;
}

static void
test_each_state_says_what_to_do_and_no_more(void **state)
{
	static const struct {
		const char *clock, *why, *more;
		const char *says; /* or NULL */
		const char *never; /* or NULL */
	} rows[] = {
		{ "synced", "synced", "", "a time server keeps it right",
		    "timedatectl" },
		{ "synced", "synced", "", "No time server answers now", NULL },
		{ "synced", "synced", ",\"synced\":true", "Trusted",
		    "No time server" },
		{ "confirmed", "confirmed", "", "Trusted: a person", "week" },
		{ "confirmed", "confirmed",
		    ",\"since_utc\":\"2026-11-15T21:01:12.000000Z\"",
		    "more than a week ago", NULL },
		{ "plausible", "plausible", "", "vouches for it", NULL },
		{ "unsure", "not_synced", "", "NOT TRUSTED", NULL },
		{ "unsure", "not_synced", "", "clock confirm --by NAME", NULL },
		{ "unsure", "not_synced", "", "connect the network", NULL },
		{ "unsure", "stepped", ",\"step_ms\":-25200000",
		    "Last set by -25200.0 s", NULL },
		{ "unsure", "before_release", "", "battery", "clock confirm" },
		{ "unsure", "behind_log",
		    ",\"latest_utc\":\"2026-11-26T22:10:00.000000Z\"",
		    "Last time that was believed: Friday 2026-11-27 05:10:00",
		    "connect the network" },
		{ "unsure", "far_ahead", "", "60 days", NULL },
		{ "unsure", "of_tomorrow", "", "unknown", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = shown(rows[i].clock, rows[i].why, rows[i].more);

		if (strstr(text, rows[i].says) == NULL ||
		    (rows[i].never != NULL &&
			strstr(text, rows[i].never) != NULL))
			fail_msg(
			    "%s, %s: %s", rows[i].clock, rows[i].why, text);
		free(text);
	}
}

static void
test_the_time_has_its_weekday(void **state)
{
	struct civil_text buf;
	int64_t us;

	(void)state;
	assert_int_equal(civil_read_utc("2026-11-25T22:01:12.000000Z", &us), 0);
	assert_string_equal(
	    clockview_instant(us, &buf), "Thursday 2026-11-26 05:01:12");
}

/* The system's own zone may be UTC: seven hours off if it were not named. */
static void
test_the_command_that_sets_it_names_the_zone(void **state)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);
	int64_t us;

	(void)state;
	civil_read_utc("2026-11-25T22:01:12.000000Z", &us);
	clockview_setting(us, "Asia/Ho_Chi_Minh", f);
	fclose(f);
	assert_non_null(
	    strstr(out, "set-time \"2026-11-26 05:01 Asia/Ho_Chi_Minh\""));
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_state_says_what_to_do_and_no_more),
		cmocka_unit_test(test_the_time_has_its_weekday),
		cmocka_unit_test(test_the_command_that_sets_it_names_the_zone),
	};

	setenv("LOAXA_LANG", "en", 1);
	words_open();
	civil_zone("Asia/Ho_Chi_Minh");
	return cmocka_run_group_tests_name("clockview", tests, NULL, NULL);
}
