/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/record.h"
#include "tests/fakes/fake_log.h"

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
		{ "another key behind the kind",
		    "{\"v\":1,\"kind\":\"end\",\"eos\":1}", -1, -EINVAL },
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
		/* ASan sees one byte read too far. */
		char *exact = malloc(n > 0 ? n : 1);
		json_t *r = NULL;
		int kind;
		int parse;

		memcpy(exact, cases[i].line, n);
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

/* The manual --------------------------------------------------------------- */

#define MANUAL "man/loaxa-log.5" /* tests run at the top of the tree */
#define HEAD_KEYS 9

/* Keys that the manual names, as "a b c ", by where it stands. */
struct manual {
	char head[512];
	char kinds[KINDS][1024];
	char slot_keys[1024];
	char *examples[KINDS];
};

static void
note_key(struct manual *m, int kind, const char *line)
{
	char *to = kind < 0 ? m->head : m->kinds[kind];
	char key[32];

	if (sscanf(line, ".It Cm %31s", key) == 1)
		strcat(strcat(to, key), " ");
	if (kind == KIND_DAY && sscanf(line, ".It Va %31s", key) == 1)
		strcat(strcat(m->slot_keys, key), " ");
}

static int
kind_named(const char *word)
{
	for (int k = 0; k < KINDS; k++)
		if (strcmp(word, kind_word((enum kind)k)) == 0)
			return k;
	return -1;
}

static void
read_manual(struct manual *m)
{
	FILE *f = fopen(MANUAL, "r");
	char line[8192];
	char word[64];
	bool reading = false;
	int kind = -1;

	*m = (struct manual){ 0 };
	if (f == NULL)
		fail_msg("%s: not found from here", MANUAL);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, ".Ss %63s", word) == 1)
			kind = kind_named(word);
		if (strncmp(line, ".Sh ", 4) == 0)
			reading =
			    strcmp(line, ".Sh THE HEAD OF A RECORD") == 0 ||
			    strcmp(line, ".Sh KINDS OF RECORD") == 0;
		if (!reading)
			continue;
		note_key(m, kind, line);
		if (line[0] == '{' && kind >= 0) {
			assert_null(m->examples[kind]);
			m->examples[kind] = strdup(line);
		}
	}
	fclose(f);
}

/* The keys of r from the n-th on, in order, as the manual's are kept. */
static const char *
keys_of(const json_t *r, size_t n, char text[1024])
{
	const char *key;
	json_t *value;

	text[0] = '\0';
	json_object_foreach((json_t *)r, key, value) if (n > 0) n--;
	else strcat(strcat(text, key), " ");
	return text;
}

static void
test_every_example_of_the_manual_is_a_record_with_the_keys_it_names(
    void **state)
{
	struct manual m;
	char text[1024];

	(void)state;
	read_manual(&m);
	assert_string_equal(
	    m.head, "v kind seq station utc local boot_us boot_id clock ");
	for (int k = 0; k < KIND_ANCHOR; k++) {
		const char *line = m.examples[k];
		json_t *r = NULL;

		if (line == NULL) {
			fail_msg("no example of %s", kind_word((enum kind)k));
			return;
		}
		assert_int_equal(record_kind(line, strlen(line)), k);
		if (record_parse(line, strlen(line), &r) < 0)
			fail_msg("not a record: %s", line);
		keys_of(r, 0, text);
		assert_memory_equal(text, m.head, strlen(m.head));
		assert_string_equal(keys_of(r, HEAD_KEYS, text), m.kinds[k]);
		if (k == KIND_DAY)
			assert_string_equal(
			    keys_of(
				json_array_get(json_object_get(r, "slots"), 0),
				0, text),
			    m.slot_keys);
		json_decref(r);
		free(m.examples[k]);
	}
}

static int
compare_keys(void *arg, const char *line, size_t n, int64_t seq)
{
	struct manual *m = arg;
	char text[1024];
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	assert_string_equal(
	    keys_of(r, HEAD_KEYS, text), m->kinds[record_kind(line, n)]);
	json_decref(r);
	return 0;
}

/* Else the tests of readers would read what nobody writes. */
static void
test_the_log_made_for_tests_has_the_keys_of_the_manual(void **state)
{
	struct fake_log l;
	struct manual m;

	(void)state;
	read_manual(&m);
	fake_log_init(&l, NULL);
	fake_log_day(&l, "2026-11-26", "a 05:00:00 300");
	fake_log_start(&l, "2026-11-26", "a", 1, NULL);
	fake_log_end(&l, "2026-11-26", "a", 1, 1000, NULL);
	fake_log_slot(&l, "2026-11-26", "a", "aired", "", 1, 1000, NULL);
	assert_int_equal(ledger_each(l.disk, compare_keys, &m), 0);
	assert_int_equal(ledger_leaves(l.ledger), 4);
	fake_log_free(&l);
	for (int k = 0; k < KINDS; k++)
		free(m.examples[k]);
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
		cmocka_unit_test(
		    test_every_example_of_the_manual_is_a_record_with_the_keys_it_names),
		cmocka_unit_test(
		    test_the_log_made_for_tests_has_the_keys_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
