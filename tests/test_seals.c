/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/root.h"
#include "ctl/seals.h"
#include "evidence/record.h"
#include "tests/fakes/fake_seal.h"

static struct seals
seals_of(const struct fake_seal *f, int64_t last_seq)
{
	struct root root = { 0 };
	struct seals s;

	snprintf(root.trees, sizeof(root.trees), "%s", f->trees);
	assert_int_equal(seals_read(&root, f->log.disk, last_seq, &s), 0);
	return s;
}

static void
add_line(void *arg, const char *line)
{
	char *text = arg;

	strcat(text, line);
	strcat(text, "\n");
}

static void
says(const struct seals *s, const char *words)
{
	char text[4000] = "";

	seals_lines(s, add_line, text);
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not said: %s", words, text);
}

static void
anchor(struct fake_seal *f, const struct seals *s, int64_t size, const char *by)
{
	char body[600];

	snprintf(body, sizeof(body),
	    "{\"origin\":\"%s\",\"size\":%lld,\"cosigner\":\"%s\","
	    "\"cosigned_utc\":\"2026-11-27T01:00:00.000000Z\",\"note\":\"\"}",
	    s->last.origin, (long long)size, by);
	fake_log_add(&f->log, KIND_ANCHOR, body, NULL);
}

static void
test_what_is_signed_and_cosigned_is_told_as_it_is(void **state)
{
	struct fake_seal f;
	struct seals s;
	json_t *j;

	(void)state;
	fake_seal_init(&f);
	s = seals_of(&f, 3);
	assert_false(s.exists);
	says(&s, "NOT signed here");
	fake_seal_add(&f, 20);
	fake_seal_publish(&f);
	s = seals_of(&f, 19);
	assert_true(s.exists && s.covers);
	assert_int_equal(s.last.size, 20);
	says(&s, "covered by the signed checkpoint of 20 records");
	says(&s, "unchanged");
	says(&s, "No level above");
	s = seals_of(&f, 20);
	assert_true(s.exists && !s.covers);
	says(&s, "NOT signed yet");

	/* One that comes too early, one that covers it, a later one. */
	anchor(&f, &s, 10, "tinh/collect");
	s = seals_of(&f, 19);
	assert_false(s.cosigned_covers);
	says(&s, "NOT all of these days yet");
	anchor(&f, &s, 20, "tinh/collect");
	anchor(&f, &s, 21, "bo/collect");
	s = seals_of(&f, 19);
	assert_true(s.cosigned_covers);
	assert_string_equal(s.cosigner, "tinh/collect");
	assert_int_equal(s.cosigned_size, 20);
	says(&s, "Cosigned by tinh/collect on");
	j = seals_json(&s);
	assert_true(json_is_true(
	    json_object_get(json_object_get(j, "cosigned"), "covers")));
	assert_int_equal(record_int(j, "size", 0), 20);
	json_decref(j);
	fake_seal_free(&f);
}

static void
test_a_log_that_is_not_what_was_signed_is_told(void **state)
{
	struct fake_seal f;
	struct seals s;
	char *bytes;
	size_t n;

	(void)state;
	fake_seal_init(&f);
	fake_seal_add(&f, 20);
	fake_seal_publish(&f);
	bytes = fake_seal_read(&f, "tree/v1/tile/0/000.p/20", &n);
	bytes[33] ^= 1;
	folder_write_bytes(&f.top, "tree/v1/tile/0/000.p/20", bytes, n);
	free(bytes);
	s = seals_of(&f, 19);
	assert_true(s.findings > 0);
	says(&s, "not what was signed");
	/* Without any record of the log that is not as it was. */
	s.first = -1;
	says(&s, "places: `loaxa verify`");
	fake_seal_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_signed_and_cosigned_is_told_as_it_is),
		cmocka_unit_test(
		    test_a_log_that_is_not_what_was_signed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
