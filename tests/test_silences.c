/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/silences.h"

static void
test_an_outage_reads_as_a_person_says_it(void **state)
{
	static const struct {
		const char *when;
		const char *outage;
		const char *line;
	} rows[] = {
		{ "a cut in the session",
		    "{\"cause\":\"power_lost\",\"from_utc\":"
		    "\"2026-11-25T22:03:11.000000Z\",\"to_utc\":"
		    "\"2026-11-25T22:20:40.000000Z\",\"missed\":2,"
		    "\"partial\":1}",
		    "Power cut 2026-11-26 05:03:11–05:20:40: slots lost 2, "
		    "aired in part 1" },
		{ "a night, without slots",
		    "{\"cause\":\"rebooted\",\"from_utc\":"
		    "\"2026-11-25T15:00:00.000000Z\",\"to_utc\":"
		    "\"2026-11-25T22:00:00.000000Z\",\"missed\":0,"
		    "\"partial\":0}",
		    "Computer shut down or restarted 2026-11-25 22:00:00 – "
		    "2026-11-26 05:00:00: no slot was lost" },
		{ "since nobody knows when",
		    "{\"cause\":\"process_died\",\"from_utc\":null,\"to_utc\":"
		    "\"2026-11-25T22:00:00.000000Z\",\"missed\":1,"
		    "\"partial\":0}",
		    "loaxad died until 2026-11-26 05:00:00: slots lost 1, "
		    "aired in part 0" },
		{ "a word of a later version",
		    "{\"cause\":\"flood\",\"from_utc\":null,\"to_utc\":"
		    "\"2026-11-25T22:00:00.000000Z\",\"missed\":0,"
		    "\"partial\":0}",
		    "flood until 2026-11-26 05:00:00: no slot was lost" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *o = json_loads(rows[i].outage, 0, NULL);
		char *line = silences_line(o);

		assert_non_null(o);
		assert_string_equal(line, rows[i].line);
		free(line);
		json_decref(o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_outage_reads_as_a_person_says_it),
	};

	setenv("LOAXA_LANG", "en", 1);
	words_open();
	civil_zone("Asia/Ho_Chi_Minh");
	return cmocka_run_group_tests_name("silences", tests, NULL, NULL);
}
