/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/gzip.h"
#include "evidence/leaves.h"
#include "evidence/signer.h"
#include "evidence/tiles.h"
#include "tests/fakes/fake_seal.h"

/* The log's records as entries of a tree, to be compared. */
struct reading {
	struct tiles *tiles;
	struct leaves leaves;
	int64_t size;
	struct merkle whole;
	int64_t found;
};

static int
compare(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reading *rd = arg;
	int64_t index = leaves_index(&rd->leaves, seq);
	const char *entry;
	size_t len;

	if (index < 0 || index >= rd->size)
		return 0;
	assert_int_equal(leaves_seq(&rd->leaves, index), seq);
	assert_int_equal(tiles_entry(rd->tiles, index, &entry, &len), 0);
	assert_int_equal(len, n);
	assert_memory_equal(entry, line, n);
	rd->found++;
	return 0;
}

/* Tree vN as an auditor reads it: its entries give its root, and are the
 * log's lines; returns how many of them the log has. */
static int64_t
audited(const struct fake_seal *s, int n)
{
	struct checkpoint c = fake_seal_checkpoint(s, n);
	struct reading rd = { .leaves = LEAVES_FIRST, .size = c.size };
	struct merkle_hash root;
	struct merkle_source src;
	struct merkle t;
	char path[128];
	const char *entry;
	size_t len;

	snprintf(path, sizeof(path), "%s/v%d", s->trees, n);
	assert_int_equal(tiles_open(path, &rd.tiles), 0);
	tiles_size(rd.tiles, c.size);
	for (int64_t i = 0; i < c.size; i++) {
		struct merkle_hash leaf;

		assert_int_equal(tiles_entry(rd.tiles, i, &entry, &len), 0);
		merkle_leaf(entry, len, &leaf);
		merkle_add(&rd.whole, &leaf, NULL, NULL);
		if (i == 0 && n > 1)
			assert_int_equal(
			    leaves_read(entry, len, c.origin, &rd.leaves), 0);
	}
	merkle_root(&rd.whole, &root);
	assert_true(merkle_same(&root, &c.root));
	src = tiles_source(rd.tiles);
	assert_int_equal(merkle_at(&src, c.size, &t), 0);
	merkle_root(&t, &root);
	assert_true(merkle_same(&root, &c.root));
	assert_int_equal(ledger_each(s->log.disk, compare, &rd), 0);
	tiles_close(rd.tiles);
	return rd.found;
}

static void
test_every_record_is_a_leaf_and_the_tree_grows_with_the_log(void **state)
{
	static const int steps[] = { 1, 2, 5, 248, 1, 254, 3, 300 };
	struct fake_seal s;
	int all = 0;

	(void)state;
	fake_seal_init(&s);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fake_seal_add(&s, steps[i]);
		all += steps[i];
		/* Every second time by a new life. */
		if (i % 2 == 1)
			fake_seal_close(&s);
		fake_seal_publish(&s);
		assert_int_equal(fake_seal_checkpoint(&s, 1).size, all);
		assert_int_equal(audited(&s, 1), all);
	}
	assert_int_equal(s.epochs, 0);
	fake_seal_free(&s);
}

static void
test_a_part_of_a_tile_goes_when_the_tile_is_full(void **state)
{
	struct fake_seal s;
	char path[128];

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 200);
	fake_seal_publish(&s);
	snprintf(path, sizeof(path), "%s/v1/tile/entries/000.p", s.trees);
	assert_int_equal(access(path, F_OK), 0);
	fake_seal_add(&s, 100);
	fake_seal_publish(&s);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/v1/tile/0/000.p", s.trees);
	assert_int_equal(access(path, F_OK), -1);
	fake_seal_free(&s);
}

/* Ten years of bundles are not once more the log. */
static void
test_a_full_bundle_is_packed_and_read_as_it_was(void **state)
{
	struct fake_seal s;
	size_t packed, log;
	char *bytes;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 300);
	fake_seal_publish(&s);
	bytes = fake_seal_read(&s, "tree/v1/tile/entries/000", &packed);
	assert_true(gzip_is(bytes, packed));
	free(bytes);
	free(fake_seal_read(&s, "log/airing-2026-11.jsonl", &log));
	assert_true(packed * 4 < log);
	assert_int_equal(audited(&s, 1), 300);
	fake_seal_free(&s);
}

/* What an older version has written. */
static void
test_a_plain_full_bundle_is_read_as_well(void **state)
{
	static const char name[] = "tree/v1/tile/entries/000";
	struct fake_seal s;
	char *packed, *plain;
	size_t n, m;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 300);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	packed = fake_seal_read(&s, name, &n);
	assert_int_equal(gzip_unpack(packed, n, 1 << 20, &plain, &m), 0);
	folder_write_bytes(&s.top, name, plain, m);
	free(packed);
	free(plain);
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	assert_int_equal(audited(&s, 1), 301);
	fake_seal_free(&s);
}

static mode_t
mode_of(const struct fake_seal *s, const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", s->top.path, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_nobody_else_reads_the_key_and_it_stays(void **state)
{
	struct fake_seal s;
	char *key, *again;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	assert_int_equal(mode_of(&s, "key"), 0700);
	assert_int_equal(mode_of(&s, "key/" SIGNER_FILE), 0600);
	key = fake_seal_read(&s, "key/" SIGNER_FILE, NULL);
	fake_seal_close(&s);
	fake_seal_publish(&s);
	again = fake_seal_read(&s, "key/" SIGNER_FILE, NULL);
	assert_string_equal(key, again);
	free(key);
	free(again);
	fake_seal_free(&s);
}

static void
test_a_damaged_key_is_not_replaced(void **state)
{
	struct fake_seal s;
	struct seal_setup setup;

	(void)state;
	fake_seal_init(&s);
	setup = (struct seal_setup){ s.trees, s.keys, NULL, true };
	folder_write(&s.top, "key/" SIGNER_FILE, "loaxa-key-1 what\n");
	assert_int_equal(seal_open(&setup, &s.seal), -EBADMSG);
	fake_seal_free(&s);
}

static void
drop(const struct fake_seal *s, const char *name)
{
	fake_seal_copy(s, "nothing", name);
}

static void
test_either_place_of_what_was_signed_is_enough(void **state)
{
	static const char *const gone[] = { "key/signed", "tree/v1/checkpoint",
		"tree/v1/vkey", "tree/v1/tile", "tree/v1", "tree",
		"tree/v1/tile/0", "tree/v1/tile/1", "tree/v1/tile/entries" };
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 300);
	fake_seal_publish(&s);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		fake_seal_close(&s);
		drop(&s, gone[i]);
		fake_seal_add(&s, 1);
		fake_seal_publish(&s);
		if (s.epochs != 0 || audited(&s, 1) != 301 + (int64_t)i)
			fail_msg("%s: %d epochs, %lld", gone[i], s.epochs,
			    (long long)audited(&s, 1));
	}
	fake_seal_free(&s);
}

/* A log that has lost its end goes on in a tree of its own, whose first leaf
 * is the reason, and which has all that the old one has not. */
static void
test_a_log_that_lost_its_end_begins_another_tree(void **state)
{
	struct fake_seal s;
	struct checkpoint before, after;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_copy(&s, "log", "old");
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	before = fake_seal_checkpoint(&s, 1);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old", "log");
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 1);
	after = fake_seal_checkpoint(&s, 1);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 3);
	assert_int_equal(audited(&s, 2), 3);
	fake_seal_add(&s, 300);
	fake_seal_close(&s);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 1);
	assert_int_equal(audited(&s, 2), 303);
	fake_seal_free(&s);
}

/* The same when the daemon dies between the record and the signature. */
static void
test_an_epoch_that_was_written_is_not_asked_for_again(void **state)
{
	struct fake_seal s;
	json_t *epoch;
	json_t *r;
	struct seal_setup setup;

	(void)state;
	fake_seal_init(&s);
	setup = (struct seal_setup){ s.trees, s.keys, NULL, true };
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	drop(&s, "log");
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 3);
	assert_int_equal(seal_open(&setup, &s.seal), 0);
	assert_int_equal(seal_meet(s.seal, s.log.disk, 3, &epoch), 1);
	r = record_new(KIND_EPOCH, "", s.log.now, "boot-1");
	json_object_update(r, epoch);
	assert_int_equal(record_int(r, "from", -1), 0);
	assert_non_null(strstr(record_text(r, "after"), "/log/v1\n10\n"));
	json_decref(epoch);
	assert_int_equal(ledger_add(s.log.ledger, r), 0);
	fake_seal_add(&s, 1);
	fake_seal_close(&s);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 0);
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 5);
	assert_int_equal(audited(&s, 2), 5);
	fake_seal_free(&s);
}

static void
test_records_that_are_gone_are_empty_leaves(void **state)
{
	struct fake_seal s;
	struct tiles *t;
	const char *entry;
	char path[128];
	char *text;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	strchr(text, '\n')[5] = '#';
	folder_write_bytes(&s.top, "log/airing-2026-11.jsonl", text, n);
	free(text);
	fake_seal_reopen_log(&s);
	fake_seal_publish(&s);
	assert_int_equal(audited(&s, 1), 4);
	snprintf(path, sizeof(path), "%s/v1", s.trees);
	assert_int_equal(tiles_open(path, &t), 0);
	tiles_size(t, 5);
	assert_int_equal(tiles_entry(t, 1, &entry, &n), 0);
	assert_int_equal(n, 0);
	tiles_close(t);
	fake_seal_free(&s);
}

static void
test_what_is_damaged_later_stays_in_the_tree_as_it_was(void **state)
{
	struct fake_seal s;
	struct tiles *t;
	const char *entry;
	char path[128];
	char *text;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	*strrchr(text, '}') = '#'; /* also the last one signed */
	*strchr(text, '}') = '#';
	folder_write_bytes(&s.top, "log/airing-2026-11.jsonl", text, n);
	free(text);
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 0);
	assert_int_equal(audited(&s, 1), 4);
	snprintf(path, sizeof(path), "%s/v1", s.trees);
	assert_int_equal(tiles_open(path, &t), 0);
	tiles_size(t, 6);
	assert_int_equal(tiles_entry(t, 0, &entry, &n), 0);
	assert_non_null(memmem(entry, n, "op-0", 4));
	tiles_close(t);
	fake_seal_free(&s);
}

/* A disk that was cloned, or put back whole, keys and all: only who had the
 * last checkpoint can tell. */
static void
test_what_a_witness_has_ends_a_history_that_is_not_its(void **state)
{
	struct fake_seal s;
	struct checkpoint kept;

	(void)state;
	for (int ahead = 0; ahead < 2; ahead++) {
		fake_seal_init(&s);
		fake_seal_add(&s, 10);
		fake_seal_publish(&s);
		fake_seal_copy(&s, "tree", "old-tree");
		fake_seal_copy(&s, "key", "old-key");
		fake_seal_copy(&s, "log", "old-log");
		fake_seal_add(&s, 5);
		fake_seal_publish(&s);
		kept = fake_seal_checkpoint(&s, 1);
		fake_seal_copy(&s, "key/signed", "witnessed");
		fake_seal_close(&s);
		fake_seal_copy(&s, "old-tree", "tree");
		fake_seal_copy(&s, "old-key", "key");
		fake_seal_copy(&s, "old-log", "log");
		fake_seal_reopen_log(&s);
		s.log.now.wall_us += US_PER_MIN;
		fake_seal_add(&s, ahead ? 8 : 2);
		/* It has signed already what nobody else has. */
		if (ahead)
			fake_seal_publish(&s);
		fake_seal_close(&s);
		fake_seal_copy(&s, "witnessed", "key/witnessed");
		fake_seal_publish(&s);
		assert_int_equal(s.epochs, 1);
		assert_int_equal(kept.size, 15);
		assert_true(fake_seal_checkpoint(&s, 2).size >= 3);
		fake_seal_add(&s, 1);
		fake_seal_close(&s);
		fake_seal_publish(&s);
		assert_int_equal(s.epochs, 1);
		fake_seal_free(&s);
	}
}

static void
test_a_witness_that_saw_this_history_changes_nothing(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 10);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "key/signed", "key/witnessed");
	fake_seal_add(&s, 300);
	fake_seal_close(&s);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 0);
	assert_int_equal(audited(&s, 1), 310);
	fake_seal_free(&s);
}

/* A number that a damaged line claims, far beyond all others. */
static void
test_a_gap_of_too_many_records_begins_another_tree(void **state)
{
	struct fake_seal s;
	char *text, *at, *more;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	at = strstr(text, "\"seq\":4") + strlen("\"seq\":4");
	assert_true(
	    asprintf(&more, "%.*s00000000%s", (int)(at - text), text, at) > 0);
	folder_write(&s.top, "log/airing-2026-11.jsonl", more);
	free(text);
	free(more);
	fake_seal_reopen_log(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 1);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 4);
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 1);
	assert_int_equal(audited(&s, 2), 1);
	fake_seal_free(&s);
}

/* Neither its own files nor the log give what was signed: what the log still has
 * of it is no second history, and signs no smaller one. */
static void
test_a_damaged_tree_and_a_gap_of_too_many_sign_nothing_smaller(void **state)
{
	struct fake_seal s;
	char *text, *at, *more;
	size_t n;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	for (int64_t i = 2; i <= SEAL_LOST_MAX + 100; i++)
		assert_int_equal(seal_take(s.seal, "a", 1, i), 0);
	assert_int_equal(seal_publish(s.seal), 0);
	fake_seal_close(&s);
	drop(&s, "tree/v1/tile");
	text = fake_seal_read(&s, "log/airing-2026-11.jsonl", &n);
	at = strstr(text, "\"seq\":1");
	assert_true(asprintf(&more, "%.*s\"seq\":%d%s", (int)(at - text), text,
			SEAL_LOST_MAX + 200, at + strlen("\"seq\":1")) > 0);
	folder_write(&s.top, "log/airing-2026-11.jsonl", more);
	free(text);
	free(more);
	fake_seal_reopen_log(&s);
	fake_seal_publish(&s);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, SEAL_LOST_MAX + 101);
	assert_int_equal(s.epochs, 1);
	fake_seal_free(&s);
}

static void
test_records_come_one_by_one_in_their_order(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_publish(&s); /* nothing yet: nothing is signed */
	assert_int_equal(seal_signed(s.seal), 0);
	assert_int_equal(seal_take(s.seal, "a", 1, 1), -EINVAL);
	assert_int_equal(seal_take(s.seal, "a", 1, 0), 0);
	assert_int_equal(seal_take(s.seal, "a", 1, 0), -EINVAL);
	assert_int_equal(seal_take(s.seal, "b", 1, 1), 0);
	assert_int_equal(seal_publish(s.seal), 0);
	assert_int_equal(seal_signed(s.seal), 2);
	assert_int_equal(seal_size(s.seal), 2);
	fake_seal_free(&s);
}

static void
test_another_computer_has_another_key_and_another_log(void **state)
{
	struct fake_seal s;
	struct checkpoint here, there;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 4);
	fake_seal_publish(&s);
	here = fake_seal_checkpoint(&s, 1);
	fake_seal_close(&s);
	drop(&s, "tree");
	drop(&s, "key");
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	there = fake_seal_checkpoint(&s, 1);
	assert_string_not_equal(here.origin, there.origin);
	assert_int_equal(there.size, 5);
	assert_int_equal(s.epochs, 0);
	fake_seal_free(&s);
}

static char *
key_of(const struct fake_seal *s, int n)
{
	char name[64];

	snprintf(name, sizeof(name), "tree/v%d/vkey", n);
	return fake_seal_read(s, name, NULL);
}

/* What the old key has signed is in somebody's hands: a new one writes over
 * none of it, whichever of its files are gone. */
static void
test_a_key_that_is_lost_ends_its_tree_and_another_begins_behind_it(void **state)
{
	static const char *const gone[] = { "key/" SIGNER_FILE, "key" };

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		struct fake_seal s;
		char *was[2], *is[2];
		char *log;

		fake_seal_init(&s);
		fake_seal_add(&s, 300);
		fake_seal_publish(&s);
		fake_seal_close(&s);
		was[0] = key_of(&s, 1);
		was[1] = fake_seal_read(&s, "tree/v1/checkpoint", NULL);
		drop(&s, gone[i]);
		fake_seal_add(&s, 2);
		fake_seal_publish(&s);
		assert_int_equal(s.epochs, 1);
		is[0] = key_of(&s, 1);
		is[1] = fake_seal_read(&s, "tree/v1/checkpoint", NULL);
		for (int k = 0; k < 2; k++) {
			assert_string_equal(was[k], is[k]);
			free(was[k]);
			free(is[k]);
		}
		assert_int_equal(audited(&s, 1), 300);
		/* Two records and why. */
		assert_int_equal(fake_seal_checkpoint(&s, 2).size, 3);
		assert_int_equal(audited(&s, 2), 3);
		log = fake_seal_read(&s, "log/airing-2026-11.jsonl", NULL);
		assert_non_null(strstr(log, "\"cause\":\"key\""));
		assert_non_null(strstr(log, "\"from\":300,"));
		free(log);
		/* The new one goes on. */
		fake_seal_close(&s);
		fake_seal_add(&s, 1);
		fake_seal_publish(&s);
		assert_int_equal(s.epochs, 1);
		assert_int_equal(fake_seal_checkpoint(&s, 2).size, 4);
		fake_seal_free(&s);
	}
}

/* Nor goes the old key on with its tree behind the new one's back. */
static void
test_a_key_that_was_found_again_begins_behind_the_newest_tree(void **state)
{
	struct fake_seal s;
	char *first, *third;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	fake_seal_copy(&s, "key", "old-key");
	drop(&s, "key");
	fake_seal_publish(&s);
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 1);
	fake_seal_close(&s);
	fake_seal_copy(&s, "old-key", "key");
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 2);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 5);
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 1);
	assert_int_equal(fake_seal_checkpoint(&s, 3).size, 2);
	first = key_of(&s, 1);
	third = key_of(&s, 3);
	/* The same key under another name. */
	assert_string_not_equal(first, third);
	assert_string_equal(strrchr(first, '+'), strrchr(third, '+'));
	free(first);
	free(third);
	fake_seal_free(&s);
}

/* Who signed it, nobody can tell: it may be this key or not. */
static void
test_a_tree_that_nobody_can_read_any_more_is_not_written_over(void **state)
{
	struct fake_seal s;
	char *is;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	drop(&s, "key/signed");
	folder_write(&s.top, "tree/v1/checkpoint", "what\n");
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 1);
	is = fake_seal_read(&s, "tree/v1/checkpoint", NULL);
	assert_string_equal(is, "what\n");
	free(is);
	/* All records, as nothing is known of the other tree. */
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 7);
	assert_int_equal(audited(&s, 2), 7);
	fake_seal_free(&s);
}

/* A cut before the first checkpoint leaves a key and tiles, of this key. */
static void
test_a_first_tree_that_was_not_signed_yet_goes_on(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 5);
	fake_seal_publish(&s);
	fake_seal_close(&s);
	drop(&s, "key/signed");
	drop(&s, "tree/v1/checkpoint");
	fake_seal_publish(&s);
	assert_int_equal(s.epochs, 0);
	assert_int_equal(audited(&s, 1), 5);
	fake_seal_free(&s);
}

/* The rule that no power cut may break: one origin and one size have one root.
 * Whatever is lost, put back or damaged between two lives. */
#define TREES_MAX 64
#define SIZES_MAX 400

static struct {
	char origin[NOTE_NAME];
	struct merkle_hash roots[SIZES_MAX];
	bool known[SIZES_MAX];
} signed_[TREES_MAX];

static void
note_signed(const struct checkpoint *c, unsigned seed)
{
	int i = 0;

	while (signed_[i].origin[0] != '\0' &&
	       strcmp(signed_[i].origin, c->origin) != 0)
		i++;
	assert_true(i < TREES_MAX && c->size < SIZES_MAX);
	strcpy(signed_[i].origin, c->origin);
	if (signed_[i].known[c->size] &&
	    !merkle_same(&signed_[i].roots[c->size], &c->root))
		fail_msg("seed %u: %s: two trees of %lld", seed, c->origin,
		    (long long)c->size);
	signed_[i].known[c->size] = true;
	signed_[i].roots[c->size] = c->root;
}

/* ... and whatever the log has can be proved from one tree or another. */
struct cover {
	struct tiles *tiles;
	struct leaves leaves;
	int64_t size;
	bool seen[1000];
	int64_t n;
};

static int
mark(void *arg, const char *line, size_t n, int64_t seq)
{
	struct cover *c = arg;
	int64_t index = leaves_index(&c->leaves, seq);
	const char *entry;
	size_t len;

	assert_true(seq < 1000);
	c->n = seq + 1;
	if (index >= 0 && index < c->size &&
	    tiles_entry(c->tiles, index, &entry, &len) == 0 && len == n &&
	    memcmp(entry, line, n) == 0)
		c->seen[seq] = true;
	return 0;
}

static void
expect_all_covered(const struct fake_seal *s, int trees, unsigned seed)
{
	struct cover c = { 0 };

	for (int i = 1; i <= trees; i++) {
		char path[128];
		const char *entry;
		size_t n;

		snprintf(path, sizeof(path), "%s/v%d", s->trees, i);
		if (tiles_open(path, &c.tiles) < 0)
			continue;
		c.leaves = LEAVES_FIRST;
		c.size = fake_seal_checkpoint(s, i).size;
		tiles_size(c.tiles, c.size);
		if (i == 1 ||
		    (tiles_entry(c.tiles, 0, &entry, &n) == 0 &&
			leaves_read(entry, n, fake_seal_checkpoint(s, i).origin,
			    &c.leaves) == 0))
			ledger_each(s->log.disk, mark, &c);
		tiles_close(c.tiles);
	}
	for (int64_t i = 0; i < c.n; i++)
		if (!c.seen[i])
			fail_msg("seed %u: record %lld is in no tree", seed,
			    (long long)i);
}

/* False when an older tree may be gone. */
static bool
hurt(struct fake_seal *s, unsigned *seed)
{
	static const char *const gone[] = { "key/signed", "tree", "log",
		"tree/v1/checkpoint", "tree/v1/tile/0", "tree/v2",
		"tree/v1/tile/entries" };

	bool whole = true;

	switch (rand_r(seed) % 5) {
	case 0:
		fake_seal_copy(s, "log", "kept");
		break;
	case 1:
		fake_seal_copy(s, "kept", "log");
		break;
	case 2:
		drop(s, gone[(size_t)rand_r(seed) %
			     (sizeof(gone) / sizeof(gone[0]))]);
		whole = false;
		break;
	case 3:
		fake_seal_copy(s, "tree", "tree.kept");
		break;
	case 4:
		/* The copy beside the key is ahead of what is put back. */
		fake_seal_copy(s, "tree.kept", "tree");
		whole = false;
		break;
	}
	return whole;
}

static void
test_no_history_is_signed_twice(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 20; n++) {
		struct fake_seal s;
		unsigned seed = n;
		bool whole = true; /* no tree has lost its files for good */

		memset(signed_, 0, sizeof(signed_));
		fake_seal_init(&s);
		for (int life = 0; life < 25; life++) {
			const char *origin;
			struct checkpoint c;

			fake_seal_add(&s, 1 + rand_r(&seed) % 6);
			fake_seal_publish(&s);
			origin = seal_origin(s.seal);
			c = fake_seal_checkpoint(
			    &s, (int)signer_number(origin));
			note_signed(&c, n);
			if (whole)
				expect_all_covered(
				    &s, (int)signer_number(origin), n);
			fake_seal_close(&s);
			fake_log_free(&s.log);
			whole = hurt(&s, &seed) && whole;
			fake_seal_open_log(&s);
			s.log.now.wall_us += life * 60 * US_PER_MIN;
		}
		fake_seal_free(&s);
	}
}

/* Whatever moment a kill comes at: nothing that counted is gone, so no other
 * tree begins, and what was signed goes on. */
static void
live_until_killed(struct fake_seal *s)
{
	for (;;) {
		fake_seal_add(s, 1 + s->number % 50);
		fake_seal_publish(s);
	}
}

static void
test_killed_at_any_moment_it_goes_on_with_the_same_tree(void **state)
{
	unsigned seed = 9;
	struct fake_seal s;

	(void)state;
	memset(signed_, 0, sizeof(signed_));
	fake_seal_init(&s);
	fake_seal_add(&s, 1);
	fake_seal_publish(&s);
	for (int life = 0; life < 30; life++) {
		struct checkpoint c;
		pid_t child;
		int status;

		fake_seal_close(&s);
		child = fork();
		if (child == 0)
			live_until_killed(&s);
		usleep(1000 + (unsigned)rand_r(&seed) % 4000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		fake_seal_reopen_log(&s);
		s.number = (int)ledger_leaves(s.log.ledger);
		c = fake_seal_checkpoint(&s, 1);
		if (c.size < SIZES_MAX)
			note_signed(&c, 0);
		fake_seal_publish(&s);
		assert_int_equal(s.epochs, 0);
		c = fake_seal_checkpoint(&s, 1);
		assert_int_equal(c.size, s.number);
	}
	assert_int_equal(audited(&s, 1), s.number);
	fake_seal_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_record_is_a_leaf_and_the_tree_grows_with_the_log),
		cmocka_unit_test(
		    test_a_part_of_a_tile_goes_when_the_tile_is_full),
		cmocka_unit_test(
		    test_a_full_bundle_is_packed_and_read_as_it_was),
		cmocka_unit_test(test_a_plain_full_bundle_is_read_as_well),
		cmocka_unit_test(test_nobody_else_reads_the_key_and_it_stays),
		cmocka_unit_test(test_a_damaged_key_is_not_replaced),
		cmocka_unit_test(
		    test_either_place_of_what_was_signed_is_enough),
		cmocka_unit_test(
		    test_a_log_that_lost_its_end_begins_another_tree),
		cmocka_unit_test(
		    test_an_epoch_that_was_written_is_not_asked_for_again),
		cmocka_unit_test(test_records_that_are_gone_are_empty_leaves),
		cmocka_unit_test(
		    test_what_is_damaged_later_stays_in_the_tree_as_it_was),
		cmocka_unit_test(
		    test_what_a_witness_has_ends_a_history_that_is_not_its),
		cmocka_unit_test(
		    test_a_witness_that_saw_this_history_changes_nothing),
		cmocka_unit_test(
		    test_a_gap_of_too_many_records_begins_another_tree),
		cmocka_unit_test(
		    test_a_damaged_tree_and_a_gap_of_too_many_sign_nothing_smaller),
		cmocka_unit_test(test_records_come_one_by_one_in_their_order),
		cmocka_unit_test(
		    test_another_computer_has_another_key_and_another_log),
		cmocka_unit_test(
		    test_a_key_that_is_lost_ends_its_tree_and_another_begins_behind_it),
		cmocka_unit_test(
		    test_a_key_that_was_found_again_begins_behind_the_newest_tree),
		cmocka_unit_test(
		    test_a_tree_that_nobody_can_read_any_more_is_not_written_over),
		cmocka_unit_test(
		    test_a_first_tree_that_was_not_signed_yet_goes_on),
		cmocka_unit_test(test_no_history_is_signed_twice),
		cmocka_unit_test(
		    test_killed_at_any_moment_it_goes_on_with_the_same_tree),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
