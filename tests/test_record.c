/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/record.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct now now = { 1790331030000123, 4242, TRUST_CONFIRMED };

static char *
dump(json_t *r)
{
	char *text = json_dumps(r, JSON_COMPACT);

	json_decref(r);
	return text;
}

static void
test_a_record_begins_with_the_common_head_in_order(void **state)
{
	char *text;

	(void)state;
	civil_zone("Asia/Ho_Chi_Minh");
	text = dump(record_new(KIND_START, "que-minh", now, "b-1"));
	assert_string_equal(text,
	    "{\"v\":1,\"kind\":\"start\",\"seq\":0,\"station\":\"que-minh\","
	    "\"utc\":\"2026-09-25T10:10:30.000123Z\","
	    "\"local\":\"2026-09-25T17:10:30.000+07:00\",\"boot_us\":4242,"
	    "\"boot_id\":\"b-1\",\"clock\":\"confirmed\"}");
	free(text);
}

static void
test_every_kind_is_told_by_its_line_and_parses(void **state)
{
	(void)state;
	for (int k = 0; k < KINDS; k++) {
		char *text = dump(record_new((enum kind)k, "", now, ""));
		json_t *r = NULL;

		if (record_kind(text, strlen(text)) != k)
			fail_msg("%s: told as %d", text,
			    record_kind(text, strlen(text)));
		assert_int_equal(record_parse(text, strlen(text), &r), 0);
		assert_string_equal(
		    record_text(r, "kind"), kind_word((enum kind)k));
		json_decref(r);
		free(text);
	}
}

static void
test_lines_that_are_not_ours(void **state)
{
	static const struct {
		const char *when;
		const char *line;
		int kind;
		int parse;
	} cases[] = {
		{ "nothing", "", -1, -EINVAL },
		{ "the beginning only", "{\"v\":1,\"kind\":\"", -1, -EINVAL },
		{ "a kind cut off", "{\"v\":1,\"kind\":\"star", -1, -EINVAL },
		{ "cut behind the kind",
		    "{\"v\":1,\"kind\":\"end\",\"seq\":", -1, -EINVAL },
		{ "one byte more", "{\"v\":1,\"kind\":\"end\",\"seq\":1",
		    KIND_END, -EINVAL },
		{ "an unknown kind", "{\"v\":1,\"kind\":\"stop\",\"seq\":1}",
		    -1, -EINVAL },
		{ "the next version", "{\"v\":2,\"kind\":\"end\",\"seq\":1}",
		    -1, -EINVAL },
		{ "other order", "{\"kind\":\"end\",\"v\":1,\"seq\":1}", -1,
		    0 },
		{ "a space", "{\"v\": 1,\"kind\":\"end\",\"seq\":1}", -1, 0 },
		{ "no seq", "{\"v\":1,\"kind\":\"end\"}", -1, -EINVAL },
		{ "a text for a seq",
		    "{\"v\":1,\"kind\":\"end\",\"seq\":\"1\"}", KIND_END,
		    -EINVAL },
		{ "a negative seq", "{\"v\":1,\"kind\":\"end\",\"seq\":-1}",
		    KIND_END, -EINVAL },
		{ "a key twice",
		    "{\"v\":1,\"kind\":\"end\",\"seq\":1,\"seq\":2}", KIND_END,
		    -EINVAL },
		{ "two on a line", "{\"v\":1,\"kind\":\"end\",\"seq\":1}{}",
		    KIND_END, -EINVAL },
		{ "a list", "[1]", -1, -EINVAL },
		{ "a bare text", "\"v\"", -1, -EINVAL },
		{ "bytes that are not UTF-8",
		    "{\"v\":1,\"kind\":\"end\",\"seq\":1,\"x\":\"\xff\"}",
		    KIND_END, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = strlen(cases[i].line);
		char *exact = malloc(n + 1); /* ASan sees one byte too far */
		json_t *r = NULL;
		int kind;
		int parse;

		memcpy(exact, cases[i].line, n);
		exact = realloc(exact, n > 0 ? n : 1);
		kind = record_kind(exact, n);
		parse = record_parse(exact, n, &r);
		if (kind != cases[i].kind || parse != cases[i].parse)
			fail_msg("%s: kind %d, parse %d", cases[i].when, kind,
			    parse);
		if (parse < 0)
			assert_null(r);
		json_decref(r);
		free(exact);
	}
}

static void
test_members_of_another_type_read_as_absent(void **state)
{
	json_t *r = json_pack(
	    "{s:s,s:i,s:n,s:f}", "text", "a", "number", 7, "null", "real", 1.5);

	(void)state;
	assert_string_equal(record_text(r, "text"), "a");
	assert_string_equal(record_text(r, "number"), "");
	assert_string_equal(record_text(r, "null"), "");
	assert_string_equal(record_text(r, "none"), "");
	assert_string_equal(record_text(NULL, "text"), "");
	assert_int_equal(record_int(r, "number", -1), 7);
	assert_int_equal(record_int(r, "text", -1), -1);
	assert_int_equal(record_int(r, "real", -1), -1);
	assert_int_equal(record_int(NULL, "number", -1), -1);
	json_decref(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_record_begins_with_the_common_head_in_order),
		cmocka_unit_test(
		    test_every_kind_is_told_by_its_line_and_parses),
		cmocka_unit_test(test_lines_that_are_not_ours),
		cmocka_unit_test(test_members_of_another_type_read_as_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
