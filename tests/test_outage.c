/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "scheduler/outage.h"
#include "tests/fakes/fake_log.h"

#define UTC "2026-11-25T22:03:11.000000Z"

static struct registry *
registry_after(const char *boot_id)
{
	struct registry *g = registry_new();
	struct fake_log l;

	assert_non_null(g);
	fake_log_init(&l, NULL);
	l.boot_id = boot_id;
	if (boot_id != NULL)
		fake_log_add(&l, KIND_BOOT, "{\"cause\":\"first\"}", NULL);
	assert_int_equal(registry_read(g, l.disk), 0);
	fake_log_free(&l);
	return g;
}

/* This life is of boot "now". */
static void
test_the_cause_follows_from_the_file_and_the_last_boot(void **state)
{
	static const struct {
		const char *when;
		const char *last; /* boot in the log; NULL: an empty log */
		const char *alive; /* the state file, or NULL */
		const char *cause;
		const char *missed;
	} rows[] = {
		{ "a new station", NULL, NULL, "first", "" },
		{ "no file, same boot", "now", NULL, "process_died",
		    "process_died" },
		{ "no file, another boot", "then", NULL, "power_lost",
		    "power_lost" },
		{ "stopped", "now",
		    "{\"boot_id\":\"now\",\"clean\":true,\"utc\":\"" UTC "\"}",
		    "stopped", "operator_stop" },
		{ "shut down", "then",
		    "{\"boot_id\":\"then\",\"clean\":true,\"utc\":\"" UTC "\"}",
		    "rebooted", "machine_off" },
		{ "cut, and a life that never began since", "now",
		    "{\"boot_id\":\"then\",\"clean\":false,\"utc\":\"" UTC
		    "\"}",
		    "power_lost", "power_lost" },
		{ "a file of nonsense", "then", "[7]", "power_lost",
		    "power_lost" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct registry *g = registry_after(rows[i].last);
		json_t *alive = rows[i].alive == NULL
				    ? NULL
				    : json_loads(rows[i].alive, 0, NULL);
		struct outage o = outage_of(alive, g, "now", 5);

		if (strcmp(o.cause, rows[i].cause) != 0 ||
		    strcmp(outage_missed(o.cause), rows[i].missed) != 0)
			fail_msg("%s: %s", rows[i].when, o.cause);
		if (o.from_us != (json_object_get(alive, "utc") != NULL
					 ? fake_us("2026-11-26 05:03:11")
					 : 5))
			fail_msg("%s: its last sign of life", rows[i].when);
		json_decref(alive);
		registry_free(g);
	}
}

static void
test_its_length_is_never_less_than_nothing(void **state)
{
	struct outage o = { "power_lost", 100 * US_PER_S };
	struct now now = { .wall_us = 160 * US_PER_S, .trust = TRUST_SYNCED };

	(void)state;
	assert_int_equal(outage_length_us(&o, now), US_PER_MIN);
	now.wall_us = 0;
	assert_int_equal(outage_length_us(&o, now), 0);
	now.wall_us = 160 * US_PER_S;
	now.trust = TRUST_UNSURE;
	assert_int_equal(outage_length_us(&o, now), 0);
	o.from_us = 0;
	now.trust = TRUST_SYNCED;
	assert_int_equal(outage_length_us(&o, now), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_cause_follows_from_the_file_and_the_last_boot),
		cmocka_unit_test(test_its_length_is_never_less_than_nothing),
	};

	civil_zone("Asia/Ho_Chi_Minh");
	return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
