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

#include <cmocka.h>

#include "base/clock.h"
#include "evidence/cosigned.h"
#include "evidence/record.h"

static struct note_signer station, upper, other;
static char vkey[2][NOTE_VKEY];
static char *both[2] = { vkey[0], vkey[1] };
static char *note;

static int
set_up(void **state)
{
	static const unsigned char seeds[3][NOTE_KEY] = { { 1 }, { 2 }, { 3 } };
	struct checkpoint c = { .origin = "loaxa/x/log/v1", .size = 7 };
	char text[CHECKPOINT_TEXT];
	char *lines[3];
	size_t n;
	int len = checkpoint_text(&c, text);

	(void)state;
	note_signer(c.origin, NOTE_ED25519, seeds[0], &station);
	note_signer("a/collect", NOTE_COSIGNATURE, seeds[1], &upper);
	note_signer("b/collect", NOTE_COSIGNATURE, seeds[2], &other);
	note_key_text(&upper.key, vkey[0]);
	note_key_text(&other.key, vkey[1]);
	note_make(&station, text, (size_t)len, &lines[0], &n);
	note_sign(&upper, text, (size_t)len, 1795000000, &lines[1]);
	note_sign(&other, text, (size_t)len, 1795003600, &lines[2]);
	if (asprintf(&note, "%s%s%s", lines[0], lines[1], lines[2]) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		free(lines[i]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(note);
	return 0;
}

static void
test_the_latest_of_those_who_are_known_counts(void **state)
{
	struct cosigned c;

	(void)state;
	assert_int_equal(cosigned_read(note, strlen(note), both, 2, &c), 0);
	assert_string_equal(c.by, "b/collect");
	assert_int_equal(c.at_us, INT64_C(1795003600) * US_PER_S);
	assert_int_equal(c.c.size, 7);
	assert_int_equal(cosigned_read(note, strlen(note), both, 1, &c), 0);
	assert_string_equal(c.by, "a/collect");
}

static void
test_what_nobody_known_cosigned_is_refused(void **state)
{
	char own[NOTE_VKEY];
	char *keys[] = { own, "no key" };
	struct cosigned c;
	size_t n = strlen(note);

	(void)state;
	assert_int_equal(cosigned_read(note, n, both, 0, &c), -ENOKEY);
	/* A station's own signature is no cosignature. */
	note_key_text(&station.key, own);
	assert_int_equal(cosigned_read(note, n, keys, 2, &c), -ENOKEY);
	assert_int_equal(cosigned_read(note, n - 1, both, 2, &c), -EBADMSG);
	assert_int_equal(cosigned_read("", 0, both, 2, &c), -EBADMSG);
}

/* Unknown signatures are passed over, and the record keeps the whole note: it
 * must not become room for anybody's bytes. */
static void
test_a_note_padded_by_strangers_is_refused(void **state)
{
	struct note_signer stranger;
	struct cosigned c;
	const char *end = strstr(note, "\n\n") + 1;
	char name[200], padded[16000];
	char *line;
	size_t n;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(note_signer(name, NOTE_ED25519,
			     (const unsigned char *)name, &stranger),
	    0);
	assert_int_equal(
	    note_sign(&stranger, note, (size_t)(end - note), 0, &line), 0);
	n = (size_t)snprintf(padded, sizeof(padded), "%s%s", note, line);
	assert_int_equal(cosigned_read(padded, n, both, 2, &c), 0);
	for (int i = 0; i < 15; i++)
		n += (size_t)snprintf(
		    padded + n, sizeof(padded) - n, "%s", line);
	assert_int_equal(cosigned_read(padded, n, both, 2, &c), -EBADMSG);
	free(line);
	note_forget(&stranger);
}

static void
test_no_bit_of_what_is_cosigned_can_change(void **state)
{
	size_t n = strlen(note);
	size_t text = (size_t)(strstr(note, "\n\n") - note) + 1;
	struct cosigned c;

	(void)state;
	for (size_t i = 0; i < text * 8; i++) {
		note[i / 8] ^= (char)(1 << i % 8);
		assert_true(cosigned_read(note, n, both, 2, &c) < 0);
		note[i / 8] ^= (char)(1 << i % 8);
	}
}

static void
test_the_record_says_who_when_and_how_much(void **state)
{
	struct cosigned c;
	json_t *j;

	(void)state;
	assert_int_equal(cosigned_read(note, strlen(note), both, 1, &c), 0);
	j = cosigned_body(&c, note);
	assert_string_equal(record_text(j, "origin"), "loaxa/x/log/v1");
	assert_int_equal(record_int(j, "size", 0), 7);
	assert_string_equal(record_text(j, "cosigner"), "a/collect");
	assert_string_equal(
	    record_text(j, "cosigned_utc"), "2026-11-18T11:06:40.000000Z");
	assert_string_equal(record_text(j, "note"), note);
	json_decref(j);
}

static void
test_a_time_to_come_is_none_by_a_clock_that_is_vouched_for(void **state)
{
	struct cosigned c = { .at_us = INT64_C(1795000000) * US_PER_S };
	struct now now = { .wall_us = c.at_us - 2 * US_PER_DAY,
		.trust = TRUST_CONFIRMED };

	(void)state;
	assert_true(cosigned_is_future(&c, now));
	now.trust = TRUST_SYNCED;
	assert_true(cosigned_is_future(&c, now));
	/* The upper level may be the one that is right. */
	now.trust = TRUST_PLAUSIBLE;
	assert_false(cosigned_is_future(&c, now));
	now.trust = TRUST_SYNCED;
	now.wall_us = c.at_us - US_PER_DAY / 2;
	assert_false(cosigned_is_future(&c, now));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_latest_of_those_who_are_known_counts),
		cmocka_unit_test(test_what_nobody_known_cosigned_is_refused),
		cmocka_unit_test(test_a_note_padded_by_strangers_is_refused),
		cmocka_unit_test(test_no_bit_of_what_is_cosigned_can_change),
		cmocka_unit_test(
		    test_a_time_to_come_is_none_by_a_clock_that_is_vouched_for),
		cmocka_unit_test(test_the_record_says_who_when_and_how_much),
	};

	return cmocka_run_group_tests_name(
	    "cosigned", tests, set_up, tear_down);
}
