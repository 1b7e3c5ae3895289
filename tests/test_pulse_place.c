/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "playout/pulse_place.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_device_is_a_sink_and_perhaps_a_server(void **state)
{
	static const struct {
		const char *device, *sink, *server;
	} cases[] = {
		{ "loa", "loa", "" },
		{ "", "", "" },
		{ "loa@unix:/run/am-thanh-2.sock", "loa",
		    "unix:/run/am-thanh-2.sock" },
		{ "loa@", "loa", "" },
		{ "@DEFAULT_SINK@", "@DEFAULT_SINK@", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pulse_place p = pulse_place(cases[i].device);

		if (strcmp(p.sink, cases[i].sink) != 0 ||
		    strcmp(p.server, cases[i].server) != 0)
			fail_msg("\"%s\": sink \"%s\", server \"%s\"",
			    cases[i].device, p.sink, p.server);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_a_sink_and_perhaps_a_server),
	};

	return cmocka_run_group_tests_name("pulse_place", tests, NULL, NULL);
}
