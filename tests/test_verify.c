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

#include "base/civil.h"
#include "evidence/trees.h"
#include "evidence/signer.h"
#include "evidence/verify.h"
#include "tests/fakes/fake_seal.h"

#define NAME "airing-2026-11.jsonl"
#define RECORDS 60
#define TIMES 1000

/* One log, signed; what is done to it is done to a copy in memory. */
static struct fake_seal sealed;
static char *lines[RECORDS + 1]; /* without their LF */
static char *foreign[RECORDS]; /* another station's, of the same numbers */
static struct disk *copy;
static char said[4096];

static int
keep(void *arg, const char *line, size_t n, int64_t seq)
{
	char **to = arg;

	to[seq] = strndup(line, n);
	return 0;
}

static void
on_finding(void *arg, const struct verify_finding *f)
{
	size_t n = strlen(said);

	(void)arg;
	snprintf(said + n, sizeof(said) - n, "%s:%lld: %s\n", f->file,
	    (long long)f->line, f->text);
}

static struct verify
verified(struct disk *log, const char *trees)
{
	struct verify_setup up = {
		.log = log, .trees = trees, .report = on_finding
	};
	struct verify v;

	said[0] = '\0';
	assert_int_equal(verify_station(&up, &v), 0);
	return v;
}

static void
write_lines(char *const *text, size_t n)
{
	static char all[64 * 1024];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(
		    all + len, sizeof(all) - len, "%s\n", text[i]);
	assert_int_equal(copy->replace(copy, NAME, all, len, 0), 0);
}

static int
set_up(void **state)
{
	struct fake_seal other;

	(void)state;
	fake_seal_init(&other);
	fake_seal_add(&other, 7);
	other.log.now.boot_us += US_PER_S;
	other.number = 700;
	fake_seal_add(&other, RECORDS - 7);
	assert_int_equal(ledger_each(other.log.disk, keep, foreign), 0);
	for (int i = 0; i < 7; i++)
		memcpy(strstr(foreign[i], "que-minh"), "tam-binh", 8);
	fake_seal_free(&other);
	fake_seal_init(&sealed);
	fake_seal_add(&sealed, RECORDS);
	fake_seal_publish(&sealed);
	assert_int_equal(ledger_each(sealed.log.disk, keep, lines), 0);
	assert_int_equal(disk_memory(&copy), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < RECORDS; i++) {
		free(lines[i]);
		free(foreign[i]);
	}
	disk_close(copy);
	fake_seal_free(&sealed);
	return 0;
}

/* What was done to the lines must be found, and the first record named. */
static void
expect_found(const char *what, int time, int64_t first)
{
	struct verify v = verified(copy, sealed.trees);

	if (v.findings == 0 || v.first != first)
		fail_msg("%s %d: %lld findings, the first of record %lld, not "
			 "%lld:\n%s",
		    what, time, (long long)v.findings, (long long)v.first,
		    (long long)first, said);
}

static void
test_what_was_signed_is_found_unchanged(void **state)
{
	struct verify v;

	(void)state;
	write_lines(lines, RECORDS);
	v = verified(copy, sealed.trees);
	assert_string_equal(said, "");
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.sealed, RECORDS);
	assert_int_equal(v.open, 0);
	assert_int_equal(v.first, -1);
	assert_int_equal(v.last.size, RECORDS);
	/* The trees alone, and one tree by itself. */
	v = verified(NULL, sealed.trees);
	assert_int_equal(v.findings, 0);
	{
		char path[128];

		snprintf(path, sizeof(path), "%s/v1", sealed.trees);
		v = verified(copy, path);
		assert_int_equal(v.sealed, RECORDS);
		assert_int_equal(v.findings, 0);
	}
}

static void
test_a_changed_byte_is_found(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int i = rand_r(&seed) % RECORDS;
		char *p = lines[i] + (size_t)rand_r(&seed) % strlen(lines[i]);
		char was = *p;

		/* Never a line feed: that would be two lines. */
		do
			*p = (char)(was ^ 1 << rand_r(&seed) % 8);
		while (*p == '\n' || *p == '\0');
		write_lines(lines, RECORDS);
		expect_found(lines[i], t, i);
		*p = was;
	}
}

static void
test_a_dropped_record_is_found(void **state)
{
	unsigned seed = 2;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int i = rand_r(&seed) % RECORDS;
		int n = 1 + rand_r(&seed) % 3;
		char *left[RECORDS];
		size_t k = 0;

		for (int j = 0; j < RECORDS; j++)
			if (j < i || j >= i + n)
				left[k++] = lines[j];
		write_lines(left, k);
		expect_found("dropped", t, i);
	}
}

static void
test_swapped_records_are_found(void **state)
{
	unsigned seed = 3;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int i = rand_r(&seed) % (RECORDS - 1);
		int j = i + 1 + rand_r(&seed) % (RECORDS - i - 1);
		char *swapped[RECORDS];

		memcpy(swapped, lines, sizeof(swapped));
		swapped[i] = lines[j];
		swapped[j] = lines[i];
		write_lines(swapped, RECORDS);
		expect_found("swapped", t, i);
	}
}

static void
test_a_log_cut_short_is_found(void **state)
{
	unsigned seed = 4;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int n = rand_r(&seed) % RECORDS;

		write_lines(lines, (size_t)n);
		expect_found("cut", t, n);
		/* In the middle of a line. */
		{
			char *half = strndup(lines[n], 20);
			char *cut[RECORDS];

			memcpy(cut, lines, sizeof(cut));
			cut[n] = half;
			write_lines(cut, (size_t)n + 1);
			expect_found("cut in a line", t, n);
			free(half);
		}
	}
}

static void
test_a_record_of_another_date_is_found(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int i = rand_r(&seed) % RECORDS;
		char *p = strstr(lines[i], "\"utc\":\"2026-11-") +
			  strlen("\"utc\":\"2026-11-") + rand_r(&seed) % 2;
		char was = *p;

		*p = (char)('0' + (was - '0' + 1 + rand_r(&seed) % 9) % 10);
		write_lines(lines, RECORDS);
		expect_found("re-dated", t, i);
		*p = was;
	}
}

static void
test_a_record_of_another_station_is_found(void **state)
{
	unsigned seed = 6;

	(void)state;
	for (int t = 0; t < TIMES; t++) {
		int i = rand_r(&seed) % RECORDS;
		char *mixed[RECORDS + 1];

		memcpy(mixed, lines, sizeof(mixed));
		mixed[i] = foreign[i];
		write_lines(mixed, RECORDS);
		expect_found("instead", t, i);
	}
}

static void
test_lines_put_in_are_named_and_break_no_record(void **state)
{
	(void)state;
	for (int i = 0; i <= RECORDS; i++) {
		char *more[RECORDS + 2];
		struct verify v;

		memcpy(more, lines, (size_t)i * sizeof(*more));
		more[i] = foreign[(i + 3) % RECORDS];
		more[i + 1] = (char *)"no record at all";
		memcpy(more + i + 2, lines + i,
		    (size_t)(RECORDS - i) * sizeof(*more));
		write_lines(more, RECORDS + 2);
		v = verified(copy, sealed.trees);
		if (v.findings == 0 || v.sealed != RECORDS)
			fail_msg("%d: %lld findings, %lld sealed\n%s", i,
			    (long long)v.findings, (long long)v.sealed, said);
	}
}

static void
test_records_behind_the_last_signed_are_open(void **state)
{
	struct verify v;

	(void)state;
	fake_seal_add(&sealed, 2);
	v = verified(sealed.log.disk, sealed.trees);
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.sealed, RECORDS);
	assert_int_equal(v.open, 2);
}

/* A file of the tree, one bit of it; and that file gone. */
static void
hurt_file(struct fake_seal *s, const char *name, int step, int64_t sealed_still)
{
	struct verify v;
	size_t n;
	char *bytes = fake_seal_read(s, name, &n);

	for (size_t bit = 0; bit < n * 8; bit += (size_t)step) {
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		folder_write_bytes(&s->top, name, bytes, n);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		v = verified(s->log.disk, s->trees);
		if (v.findings == 0 || v.sealed != sealed_still)
			fail_msg("%s, bit %zu: %lld findings, %lld sealed\n%s",
			    name, bit, (long long)v.findings,
			    (long long)v.sealed, said);
	}
	fake_seal_copy(s, "nothing", name);
	v = verified(s->log.disk, s->trees);
	assert_true(v.findings > 0);
	folder_write_bytes(&s->top, name, bytes, n);
	v = verified(s->log.disk, s->trees);
	assert_string_equal(said, "");
	assert_int_equal(v.findings, 0);
	free(bytes);
}

static void
test_no_file_of_a_tree_can_be_changed_unseen(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 300);
	fake_seal_publish(&s);
	hurt_file(&s, "tree/v1/checkpoint", 1, 0);
	hurt_file(&s, "tree/v1/vkey", 7, 0);
	/* Where one kind of file is wrong, the other still tells. */
	hurt_file(&s, "tree/v1/tile/0/000", 1999, 300);
	hurt_file(&s, "tree/v1/tile/0/001.p/44", 199, 300);
	hurt_file(&s, "tree/v1/tile/1/000.p/1", 11, 300);
	hurt_file(&s, "tree/v1/tile/entries/000", 9973, 300);
	hurt_file(&s, "tree/v1/tile/entries/001.p/44", 4999, 300);
	fake_seal_free(&s);
}

static void
test_a_key_that_is_given_counts_and_not_the_one_beside(void **state)
{
	struct fake_seal other;
	struct verify_setup up = { .trees = sealed.trees };
	struct verify v;
	struct note_key key;
	char *text;
	size_t n;

	(void)state;
	fake_seal_init(&other);
	fake_seal_add(&other, 1);
	fake_seal_publish(&other);
	text = fake_seal_read(&other, "tree/v1/vkey", &n);
	text[n - 1] = '\0';
	assert_int_equal(note_key_read(text, &key), 0);
	free(text);
	up.keys = &key;
	up.n_keys = 1;
	assert_int_equal(verify_station(&up, &v), 0);
	assert_int_equal(v.findings, 1);
	fake_seal_free(&other);
}

static void
test_a_checkpoint_seen_before_shows_a_history_put_back(void **state)
{
	struct fake_seal s;
	struct verify_setup up = { .report = on_finding };
	struct verify v;

	(void)state;
	fake_seal_init(&s);
	up.trees = s.trees;
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "tree", "old");
	fake_seal_copy(&s, "key", "old-key");
	fake_seal_copy(&s, "log", "old-log");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	up.before = fake_seal_read(&s, "tree/v1/checkpoint", &up.before_n);
	up.log = s.log.disk;
	assert_int_equal(verify_station(&up, &v), 0);
	assert_int_equal(v.findings, 0);
	assert_true(v.before_held);
	/* The whole disk as it was: it goes on, and signs another history. */
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "tree");
	fake_seal_copy(&s, "old-key", "key");
	fake_seal_copy(&s, "old-log", "log");
	fake_seal_reopen_log(&s);
	up.log = s.log.disk;
	said[0] = '\0';
	assert_int_equal(verify_station(&up, &v), 0);
	assert_non_null(strstr(said, "had signed 15 records before"));
	s.log.now.wall_us += US_PER_MIN;
	fake_seal_add(&s, 9);
	fake_seal_publish(&s);
	said[0] = '\0';
	assert_int_equal(verify_station(&up, &v), 0);
	assert_non_null(strstr(said, "two histories"));
	free((char *)up.before);
	fake_seal_free(&s);
}

/* The station has told it, and goes on: the records are gone all the same. */
static void
test_what_an_epoch_gave_up_is_named_from_its_first(void **state)
{
	struct fake_seal s;
	struct verify v;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	/* Before the station has told: five are missing. */
	v = verified(s.log.disk, s.trees);
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.first, 10);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	v = verified(s.log.disk, s.trees);
	assert_non_null(strstr(said, "v2/:0: records 10 to 14 were signed"));
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.first, 10);
	assert_int_equal(v.trees, 2);
	assert_int_equal(v.given_up, 5);
	assert_int_equal(v.signed_, 13);
	assert_int_equal(v.sealed, 13);
	fake_seal_free(&s);
}

/* The station's key is lost; its next life makes another. */
static void
drop_key(const struct fake_seal *s)
{
	fake_seal_copy(s, "nothing", "key");
}

/* By the keys of v1 and v2. */
static struct verify
verified_by_both(const struct fake_seal *s)
{
	struct note_key keys[2];
	struct verify_setup up = { .log = s->log.disk,
		.trees = s->trees,
		.keys = keys,
		.n_keys = 2,
		.report = on_finding };
	struct verify v;

	said[0] = '\0';
	assert_int_equal(trees_key(s->trees, 2, &keys[0]), 0);
	assert_int_equal(trees_key(s->trees, 1, &keys[1]), 0);
	assert_int_equal(verify_station(&up, &v), 0);
	return v;
}

/* A tree that begins with the log's first record anew has lost nothing. */
static void
test_what_a_later_tree_signs_again_is_not_given_up(void **state)
{
	struct fake_seal s;
	struct verify v;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "tree", "old-tree");
	fake_seal_copy(&s, "key", "old-key");
	fake_seal_copy(&s, "log", "old-log");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "key/signed", "witnessed");
	fake_seal_close(&s);
	fake_seal_copy(&s, "old-tree", "tree");
	fake_seal_copy(&s, "old-key", "key");
	fake_seal_copy(&s, "old-log", "log");
	fake_seal_reopen_log(&s);
	s.log.now.wall_us += US_PER_MIN;
	fake_seal_add(&s, 8);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "witnessed", "key/witnessed");
	fake_seal_publish(&s);
	v = verified(s.log.disk, s.trees);
	assert_string_equal(said, "");
	assert_int_equal(v.trees, 2);
	assert_int_equal(v.given_up, 0);
	assert_int_equal(v.sealed, 19);
	fake_seal_free(&s);
}

/* Its first entry says which records a later tree has: a changed one must not
 * make others of all of them. */
static void
test_a_later_tree_whose_beginning_is_changed_blames_no_record(void **state)
{
	struct fake_seal s;
	struct verify v;
	char *bytes, *from;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	bytes = fake_seal_read(&s, "tree/v2/tile/entries/000.p/3", &n);
	from = memmem(bytes, n, "\"from\":10", 9);
	assert_non_null(from);
	from[8] = '1';
	folder_write_bytes(&s.top, "tree/v2/tile/entries/000.p/3", bytes, n);
	free(bytes);
	v = verified(NULL, s.trees);
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.first, -1);
	assert_int_equal(v.given_up, 0);
	/* The log has it as it was. */
	v = verified(s.log.disk, s.trees);
	assert_int_equal(v.findings, 2);
	assert_int_equal(v.first, 10);
	assert_int_equal(v.sealed, 13);
	fake_seal_free(&s);
}

static void
test_a_later_tree_is_the_same_station_s_and_knows_the_one_before(void **state)
{
	struct fake_seal s, other;
	struct verify v;
	char *bytes;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "tree/v1", "old");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "nothing", "log");
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	v = verified(s.log.disk, s.trees);
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.given_up, 15);
	/* The first tree as it was once. */
	fake_seal_copy(&s, "tree/v1", "kept");
	fake_seal_copy(&s, "old", "tree/v1");
	v = verified(s.log.disk, s.trees);
	assert_non_null(strstr(said, "15 records had been signed"));
	fake_seal_copy(&s, "kept", "tree/v1");
	/* Somebody's own tree in the place of the second. */
	fake_seal_init(&other);
	fake_seal_add(&other, 1);
	fake_seal_publish(&other);
	bytes = fake_seal_read(&other, "tree/v1/vkey", &n);
	folder_write_bytes(&s.top, "tree/v2/vkey", bytes, n);
	free(bytes);
	bytes = fake_seal_read(&other, "tree/v1/checkpoint", &n);
	folder_write_bytes(&s.top, "tree/v2/checkpoint", bytes, n);
	free(bytes);
	v = verified(s.log.disk, s.trees);
	assert_non_null(strstr(said, "another key"));
	assert_true(v.findings > 0);
	fake_seal_free(&other);
	fake_seal_free(&s);
}

/* A later tree, whose published copy of its first records is gone: the log
 * says which records it has, and they are still held against it. */
static void
test_a_later_tree_without_its_first_bundle_is_found_in_the_log(void **state)
{
	static const char name[] = "tree/v2/tile/entries/000.p/4";
	struct fake_seal s;
	struct verify v;
	char *text;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	drop_key(&s);
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "nothing", name);
	v = verified_by_both(&s);
	assert_int_equal(v.findings, 1); /* the copy */
	assert_int_equal(v.sealed, 14);
	text = fake_seal_read(&s, "log/" NAME, &n);
	*strstr(text, "op-11") = 'x';
	folder_write_bytes(&s.top, "log/" NAME, text, n);
	free(text);
	v = verified_by_both(&s);
	assert_int_equal(v.first, 11);
	assert_int_equal(v.sealed, 13);
	fake_seal_free(&s);
}

/* What the old key signed still is; the new one's word counts once it is given,
 * too. */
static void
test_a_station_whose_key_was_replaced_is_verified_by_both(void **state)
{
	struct fake_seal s;
	struct verify v;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	drop_key(&s);
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	v = verified(s.log.disk, s.trees);
	assert_int_equal(v.findings, 1);
	assert_non_null(strstr(said, "v2/vkey:0: this is another key"));
	assert_int_equal(v.sealed, 10);
	assert_int_equal(v.open, 4);
	v = verified_by_both(&s);
	assert_string_equal(said, "");
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.sealed, 14);
	fake_seal_free(&s);
}

/* A damaged number, far beyond all others: what lies between is no memory to be
 * had, and the log that went on from it is verified to its end. */
static void
test_a_huge_number_is_a_broken_record(void **state)
{
	struct fake_seal s;
	struct verify v;
	char *text, *at, *more;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/" NAME, &n);
	at = strstr(text, "\"seq\":4") + strlen("\"seq\":4");
	assert_true(asprintf(&more, "%.*s0000000000000%s", (int)(at - text),
			text, at) > 0);
	folder_write(&s.top, "log/" NAME, more);
	free(text);
	free(more);
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	fake_seal_add(&s, 1);
	v = verified(s.log.disk, s.trees);
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.first, 4);
	assert_non_null(strstr(said, NAME ":5: this line claims to be record "
					  "40000000000000, and 4 is due"));
	assert_int_equal(v.sealed, 5);
	assert_int_equal(v.open, 1);
	fake_seal_free(&s);
}

/* The same, put in behind what is signed: what comes after it is no less a
 * record of the log. */
static void
test_a_huge_number_that_was_put_in_blames_no_other_record(void **state)
{
	struct verify v;
	char *more[RECORDS + 2];
	char *huge;

	(void)state;
	memcpy(more, lines, sizeof(lines));
	assert_true(asprintf(&huge, "{\"v\":1,\"kind\":\"op\",\"seq\":%s}",
			"99999999999999999,\"station\":\"x\"") > 0);
	more[RECORDS] = huge;
	assert_true(
	    asprintf(&more[RECORDS + 1],
		"{\"v\":1,\"kind\":\"op\",\"seq\":%d,\"x\":1}", RECORDS) > 0);
	write_lines(more, RECORDS + 2);
	v = verified(copy, sealed.trees);
	assert_int_equal(v.findings, 1);
	assert_int_equal(v.first, RECORDS);
	assert_int_equal(v.sealed, RECORDS);
	assert_int_equal(v.open, 2);
	free(more[RECORDS]);
	free(more[RECORDS + 1]);
}

static void
test_a_record_lost_before_it_was_signed_is_told_as_such(void **state)
{
	struct fake_seal s;
	struct verify v;
	size_t n;
	char *text;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/" NAME, &n);
	strchr(text, '\n')[5] = '#';
	folder_write_bytes(&s.top, "log/" NAME, text, n);
	free(text);
	fake_seal_reopen_log(&s);
	fake_seal_publish(&s);
	v = verified(s.log.disk, s.trees);
	assert_string_equal(said, "");
	assert_int_equal(v.lost, 1);
	assert_int_equal(v.sealed, 4);
	fake_seal_free(&s);
}

static int
draw_nothing(void *bytes, size_t n)
{
	(void)bytes;
	(void)n;
	return -EIO;
}

/* A station may sign any number: room is made for what is there. */
static void
test_a_size_that_cannot_be_is_no_room_and_names_what_is_missing(void **state)
{
	unsigned char seed[NOTE_KEY];
	struct note_signer signer;
	struct fake_seal s;
	struct checkpoint c;
	struct verify v;
	char text[CHECKPOINT_TEXT];
	char *note;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	c = fake_seal_checkpoint(&s, 1);
	c.size = INT64_C(1) << 31;
	assert_int_equal(signer_open(s.keys, draw_nothing, seed), 0);
	assert_int_equal(note_signer(c.origin, NOTE_ED25519, seed, &signer), 0);
	assert_int_equal(note_make(&signer, text,
			     (size_t)checkpoint_text(&c, text), &note, &n),
	    0);
	folder_write_bytes(&s.top, "tree/v1/checkpoint", note, n);
	free(note);
	v = verified(NULL, s.trees);
	assert_non_null(strstr(said, "v1/tile/0/000"));
	assert_true(v.findings > 0);
	fake_seal_free(&s);
}

static void
test_without_a_tree_there_is_nothing_to_verify(void **state)
{
	struct verify_setup up = { .trees = "/no/such/folder" };
	struct verify v;

	(void)state;
	assert_int_equal(verify_station(&up, &v), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_signed_is_found_unchanged),
		cmocka_unit_test(test_a_changed_byte_is_found),
		cmocka_unit_test(test_a_dropped_record_is_found),
		cmocka_unit_test(test_swapped_records_are_found),
		cmocka_unit_test(test_a_log_cut_short_is_found),
		cmocka_unit_test(test_a_record_of_another_date_is_found),
		cmocka_unit_test(test_a_record_of_another_station_is_found),
		cmocka_unit_test(
		    test_lines_put_in_are_named_and_break_no_record),
		cmocka_unit_test(test_records_behind_the_last_signed_are_open),
		cmocka_unit_test(test_no_file_of_a_tree_can_be_changed_unseen),
		cmocka_unit_test(
		    test_a_key_that_is_given_counts_and_not_the_one_beside),
		cmocka_unit_test(
		    test_a_checkpoint_seen_before_shows_a_history_put_back),
		cmocka_unit_test(
		    test_what_an_epoch_gave_up_is_named_from_its_first),
		cmocka_unit_test(
		    test_a_later_tree_is_the_same_station_s_and_knows_the_one_before),
		cmocka_unit_test(
		    test_what_a_later_tree_signs_again_is_not_given_up),
		cmocka_unit_test(
		    test_a_later_tree_whose_beginning_is_changed_blames_no_record),
		cmocka_unit_test(
		    test_a_later_tree_without_its_first_bundle_is_found_in_the_log),
		cmocka_unit_test(
		    test_a_station_whose_key_was_replaced_is_verified_by_both),
		cmocka_unit_test(test_a_huge_number_is_a_broken_record),
		cmocka_unit_test(
		    test_a_huge_number_that_was_put_in_blames_no_other_record),
		cmocka_unit_test(
		    test_a_record_lost_before_it_was_signed_is_told_as_such),
		cmocka_unit_test(
		    test_a_size_that_cannot_be_is_no_room_and_names_what_is_missing),
		cmocka_unit_test(
		    test_without_a_tree_there_is_nothing_to_verify),
	};

	return cmocka_run_group_tests_name("verify", tests, set_up, tear_down);
}
