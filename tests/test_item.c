/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/item.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A good record, with one key's text replaced (or left out: NULL). */
static char *
record(const char *key, const char *value)
{
	static const char *const keys[][2] = {
		{ "id", "\"ban-tin\"" },
		{ "title", "\"Bản tin\"" },
		{ "segment", "\"ttdn\"" },
		{ "language", "\"vi\"" },
		{ "sha256", "\"" H64 "\"" },
		{ "frames", "48000" },
		{ "channels", "1" },
		{ "lufs", "-23.5" },
		{ "peak_db", "-1.25" },
		{ "added_utc", "\"2026-11-26T10:10:30.000000Z\"" },
		{ "source_name", "\"Bản tin.mp3\"" },
		{ "source_sha256", "\"" H64 "\"" },
		{ "warnings", "[\"quiet\"]" },
		{ "marks", "[{\"kind\": \"silence\", \"from_ms\": 500, "
			   "\"to_ms\": 900}]" },
		{ "credits", "{\"voice\": \"An\"}" },
	};
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const char *gap = "{";

	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *v = keys[i][1];

		if (key != NULL && strcmp(key, keys[i][0]) == 0)
			v = value;
		if (v == NULL)
			continue;
		fprintf(f, "%s\"%s\": %s", gap, keys[i][0], v);
		gap = ", ";
	}
	fputs("}", f);
	fclose(f);
	return text;
}

static void
a_record_comes_back_as_it_was(void **state)
{
	char *text = record(NULL, NULL);
	struct item *it;
	json_t *before, *after;

	(void)state;
	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	assert_string_equal(it->id, "ban-tin");
	assert_string_equal(it->title, "Bản tin");
	assert_int_equal(it->frames, 48000);
	assert_true(it->lufs == -23.5);
	assert_int_equal(it->added_us, INT64_C(1795687830000000));
	assert_int_equal(json_array_size(it->warnings), 1);
	assert_non_null(json_object_get(it->more, "credits"));
	assert_int_equal(json_object_size(it->more), 1);
	before = json_loads(text, 0, NULL);
	after = item_json(it);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	item_free(it);
	free(text);
}

static void
silence_has_no_loudness_and_is_written_as_null(void **state)
{
	char *text = record("lufs", "null");
	struct item *it;
	json_t *o;

	(void)state;
	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	assert_true(it->lufs == -HUGE_VAL);
	o = item_json(it);
	assert_true(json_is_null(json_object_get(o, "lufs")));
	json_decref(o);
	item_free(it);
	free(text);
}

static void
an_older_record_in_mono_was_measured_on_one_loudspeaker(void **state)
{
	char *text = record("marks", NULL);
	struct item *it;
	json_t *o;

	(void)state;
	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	assert_true(fabs(it->lufs - -20.49) < 0.001);
	o = item_json(it);
	assert_int_equal(json_array_size(json_object_get(o, "marks")), 0);
	item_free(it);
	free(text);
	/* What it is written as is not raised once more. */
	text = json_dumps(o, 0);
	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	assert_true(it->lufs == -20.49);
	json_decref(o);
	item_free(it);
	free(text);
}

static void
what_is_not_an_item_record_is_refused(void **state)
{
	static const struct {
		const char *when;
		const char *key;
		const char *value;
	} cases[] = {
		{ "no id", "id", NULL },
		{ "an id that climbs out of the folder", "id", "\"../x\"" },
		{ "an id that is a number", "id", "7" },
		{ "no title", "title", NULL },
		{ "a hash in capitals", "sha256", "\"ABC\"" },
		{ "frames as text", "frames", "\"48000\"" },
		{ "no frames at all", "frames", "0" },
		{ "frames of centuries", "frames", "9223372036854775807" },
		{ "three channels", "channels", "3" },
		{ "loudness as text", "lufs", "\"loud\"" },
		{ "a loudness that nothing has", "lufs", "1e12" },
		{ "a peak that nothing has", "peak_db", "-99999" },
		{ "an impossible date", "added_utc",
		    "\"2026-02-31T00:00:00Z\"" },
		{ "warnings that are not a list", "warnings", "\"quiet\"" },
		{ "a warning that is not text", "warnings", "[1]" },
		{ "a title with a NUL", "title", "\"a\\u0000b\"" },
		{ "a key said twice", "id", "\"a\", \"id\": \"b\"" },
		{ "no end", "warnings", "[" },
		{ "marks that are not a list", "marks", "{}" },
		{ "a mark that is none", "marks", "[7]" },
		{ "a mark without a place", "marks",
		    "[{\"kind\": \"clip\", \"from_ms\": 5}]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = record(cases[i].key, cases[i].value);
		struct item *it = NULL;
		int r = item_parse(text, strlen(text), &it);

		if (r != -EINVAL || it != NULL)
			fail_msg("%s: %d", cases[i].when, r);
		free(text);
	}
	assert_int_equal(item_parse("", 0, &(struct item *){ NULL }), -EINVAL);
	assert_int_equal(
	    item_parse("[]", 2, &(struct item *){ NULL }), -EINVAL);
}

static void
write_text(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
a_record_is_written_and_found_by_its_id_alone(void **state)
{
	char folder[] = "/tmp/loaxa-item-XXXXXX";
	char *text = record(NULL, NULL);
	char path[256];
	struct item *it, *back;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	assert_int_equal(item_write(folder, it), 0);
	assert_int_equal(item_read(folder, "ban-tin", &back), 0);
	assert_string_equal(back->sha256, it->sha256);
	item_free(back);
	assert_int_equal(item_read(folder, "none", &back), -ENOENT);
	assert_int_equal(item_read(folder, "../ban-tin", &back), -ENOENT);
	write_text(folder, "other.json", text);
	assert_int_equal(item_read(folder, "other", &back), -EINVAL);
	write_text(folder, "half.json", "{\"id\": \"half\"");
	assert_int_equal(item_read(folder, "half", &back), -EINVAL);
	snprintf(path, sizeof(path), "%s/dir.json", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(item_read(folder, "dir", &back), -EINVAL);
	rmdir(path);
	item_free(it);
	free(text);
	static const char *const names[] = { "ban-tin", "other", "half" };
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s.json", folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

static int
note_id(void *arg, const char *id, const struct item *it)
{
	char *ids = arg;

	strcat(ids, id);
	strcat(ids, it == NULL ? "? " : " ");
	return strcmp(id, "stop") == 0 ? 5 : 0;
}

static void
every_record_of_a_folder_is_seen_in_order_readable_or_not(void **state)
{
	static const char *const names[] = { "ban-tin.json", "half.json",
		"stop.json", "then.json", "Not an id.json", ".ban-tin.json",
		"ban-tin.flac" };
	char folder[] = "/tmp/loaxa-item-XXXXXX";
	char *text = record(NULL, NULL);
	char ids[200] = "";
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(item_each(folder, note_id, ids), 0);
	for (size_t i = 0; i < COUNT(names); i++)
		write_text(folder, names[i], i == 0 ? text : "{");
	assert_int_equal(item_each(folder, note_id, ids), 5);
	assert_string_equal(ids, "ban-tin half? stop? ");
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(item_each(folder, note_id, ids), 0);
	free(text);
}

static void
free_accepts_nothing(void **state)
{
	(void)state;
	assert_null(item_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_older_record_in_mono_was_measured_on_one_loudspeaker),
		cmocka_unit_test(a_record_comes_back_as_it_was),
		cmocka_unit_test(
		    silence_has_no_loudness_and_is_written_as_null),
		cmocka_unit_test(what_is_not_an_item_record_is_refused),
		cmocka_unit_test(a_record_is_written_and_found_by_its_id_alone),
		cmocka_unit_test(
		    every_record_of_a_folder_is_seen_in_order_readable_or_not),
		cmocka_unit_test(free_accepts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
