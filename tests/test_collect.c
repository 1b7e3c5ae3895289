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
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "evidence/collect.h"
#include "evidence/store_in.h"
#include "evidence/cosigned.h"
#include "evidence/trees.h"
#include "evidence/verify.h"
#include "tests/fakes/fake_seal.h"

#define NAME "Xã Quế Minh"

/* A station, and TOP/store of who collects; what is brought is TOP/stick. */
static struct fake_seal s;
static int64_t now_us;

static struct { /* what was said of the last tree */
	enum collect_outcome outcome;
	int64_t number, size, had, first, given_up;
	char name[ROSTER_NAME], kept[512], vkey[NOTE_VKEY], why[200];
	bool answered;
	int error;
	int n; /* trees */
} said;

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static const char *
below(const char *name)
{
	static char path[4][256];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", s.top.path, name);
	return path[i];
}

static struct collector *
opened(void)
{
	struct collector *c;

	assert_int_equal(collect_open(below("store"), draw, &c), 0);
	return c;
}

static void
on_result(void *arg, const struct collect_result *r)
{
	(void)arg;
	said.outcome = r->outcome;
	said.number = r->number;
	said.size = r->size;
	said.had = r->had;
	said.first = r->first;
	said.given_up = r->given_up;
	said.answered = r->answered;
	said.error = r->error;
	snprintf(said.name, sizeof(said.name), "%s", r->name);
	snprintf(said.kept, sizeof(said.kept), "%s", r->kept);
	snprintf(said.vkey, sizeof(said.vkey), "%s", r->vkey);
	snprintf(said.why, sizeof(said.why), "%s", r->why);
	said.n++;
}

static int
collect(const char *folder)
{
	struct collector *c = opened();
	int r;

	memset(&said, 0, sizeof(said));
	now_us += US_PER_S;
	r = collect_folder(c, below(folder), now_us, on_result, NULL);
	collect_close(c);
	return r;
}

static void
expect(const char *when, const char *folder, enum collect_outcome outcome)
{
	int r = collect(folder);

	if (r != 0 || said.n != 1 || said.outcome != outcome)
		fail_msg("%s: %d, %d trees, outcome %d (wanted %d), error %d, "
			 "%s",
		    when, r, said.n, said.outcome, outcome, said.error,
		    said.why);
}

static void
trust(const char *vkey_file, const char *name, bool replace, int want)
{
	struct collector *c = opened();
	char *text = fake_seal_read(&s, vkey_file, NULL);
	struct note_key k;

	*strchr(text, '\n') = '\0';
	assert_int_equal(note_key_read(text, &k), 0);
	free(text);
	assert_int_equal(collect_trust(c, &k, name, replace, now_us), want);
	collect_close(c);
}

/* More records, signed, on the stick. */
static void
bring(int records)
{
	fake_seal_add(&s, records);
	fake_seal_publish(&s);
	fake_seal_copy(&s, "tree", "stick");
}

static int
set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	fake_seal_init(&s);
	now_us = INT64_C(1795000000) * US_PER_S;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fake_seal_free(&s);
	return 0;
}

/* A known station of so many records. */
static void
begin(int records)
{
	bring(records);
	trust("stick/v1/vkey", NAME, false, 0);
	expect("first", "stick", COLLECT_TAKEN);
	assert_int_equal(said.size, records);
}

static char *
station_path(const char *name)
{
	static char path[256];
	struct checkpoint c = fake_seal_checkpoint(&s, 1);
	char hex[SIGNER_HEX];

	assert_int_equal(sscanf(c.origin, "loaxa/%16[0-9a-f]", hex), 1);
	snprintf(path, sizeof(path), "store/stations/%s%s", hex, name);
	return path;
}

/* What the store has is a tree of that station to whoever verifies it. */
static void
expect_store(int64_t records)
{
	char path[256];
	struct verify v;
	struct verify_setup up = { .trees = path };

	snprintf(path, sizeof(path), "%s", below(station_path("")));
	assert_int_equal(verify_station(&up, &v), 0);
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.signed_, records);
}

/* Signed by both. */
static void
expect_cosigned(const char *name, int64_t size)
{
	struct collector *c = opened();
	struct checkpoint is = fake_seal_checkpoint(&s, 1);
	struct note_key keys[2] = { [1] = *collect_key(c) };
	struct note_seen seen[2];
	size_t n, text;
	char *vkey = fake_seal_read(&s, "tree/v1/vkey", NULL);
	char *note = fake_seal_read(&s, name, &n);

	*strchr(vkey, '\n') = '\0';
	assert_int_equal(note_key_read(vkey, &keys[0]), 0);
	free(vkey);
	assert_int_equal(note_open(note, n, keys, 2, seen, &text), 0);
	assert_true(seen[0].signed_it && seen[1].signed_it);
	assert_int_equal(seen[1].time_s, now_us / US_PER_S);
	assert_int_equal(checkpoint_read(note, text, &is), 0);
	assert_int_equal(is.size, size);
	free(note);
	collect_close(c);
}

static void
test_what_a_station_signed_is_kept_and_cosigned(void **state)
{
	static const int steps[] = { 1, 3, 251, 1, 1, 600, 40 };
	int all = 5;

	(void)state;
	begin(5);
	expect_store(5);
	assert_true(said.answered);
	expect_cosigned("stick/v1/cosigned", 5);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bring(steps[i]);
		expect("more", "stick", COLLECT_TAKEN);
		assert_int_equal(said.had, all);
		all += steps[i];
		assert_int_equal(said.size, all);
		assert_string_equal(said.name, NAME);
		expect_store(all);
		expect_cosigned(station_path("/v1/checkpoint"), all);
		expect_cosigned("stick/v1/cosigned", all);
	}
	/* Parts of tiles that are full are gone. */
	assert_int_equal(
	    access(below(station_path("/v1/tile/0/000.p")), F_OK), -1);
	assert_int_equal(
	    access(below(station_path("/v1/tile/entries/001.p")), F_OK), -1);
}

static void
test_the_same_again_and_an_older_copy(void **state)
{
	char older[256];

	(void)state;
	begin(300);
	fake_seal_copy(&s, "stick", "old");
	expect("again", "stick", COLLECT_SAME);
	expect_cosigned("stick/v1/cosigned", 300);
	bring(100);
	expect("more", "stick", COLLECT_TAKEN);
	expect("an older copy", "old", COLLECT_OLDER);
	assert_int_equal(said.had, 400);
	/* It is told what there is, with the time it was cosigned. */
	now_us -= US_PER_S;
	expect_cosigned("old/v1/cosigned", 400);
	snprintf(older, sizeof(older), "%s", station_path("/v1/checkpoint"));
	expect_cosigned(older, 400);
	expect_store(400);
}

static void
test_a_key_that_nobody_entered_is_named_and_not_taken(void **state)
{
	struct fake_seal other = s;
	char name[600];

	(void)state;
	bring(10);
	expect("a stranger", "stick", COLLECT_UNKNOWN);
	assert_string_equal(said.name, "");
	assert_non_null(strstr(said.vkey, "/log/v1+"));
	assert_false(said.answered);
	assert_int_equal(access(below(station_path("")), F_OK), -1);
	snprintf(name, sizeof(name), "%s/checkpoint", said.kept);
	assert_int_equal(access(name, F_OK), 0);
	trust("stick/v1/vkey", NAME, false, 0);
	expect("known now", "stick", COLLECT_TAKEN);
	/* A new computer under the same roof: its records say whose they are. */
	fake_seal_init(&other);
	fake_seal_add(&other, 4);
	fake_seal_publish(&other);
	assert_int_equal(rename(other.trees, below("other")), 0);
	expect("another key", "other", COLLECT_UNKNOWN);
	assert_string_equal(said.name, NAME);
	trust("other/v1/vkey", NAME, false, -EEXIST);
	trust("other/v1/vkey", NAME, true, 0);
	expect("its successor", "other", COLLECT_TAKEN);
	expect("what the old key had signed", "stick", COLLECT_OLDER);
	bring(1);
	expect("the old key", "stick", COLLECT_REPLACED);
	assert_string_equal(said.name, NAME);
	fake_seal_free(&other);
}

/* The key was deleted, the trees stayed: the new key goes on in v2. */
static void
test_a_new_key_beside_old_trees_is_a_successor_once_it_is_entered(void **state)
{
	char path[256];
	char hex[SIGNER_HEX];
	struct verify v;
	struct verify_setup up = { .trees = path };
	struct note_key k;
	char *vkey;

	(void)state;
	begin(20);
	fake_seal_close(&s);
	fake_seal_copy(&s, "nothing", "key");
	bring(5);
	assert_int_equal(s.epochs, 1);
	assert_int_equal(collect("stick"), 0);
	assert_int_equal(said.n, 2);
	assert_int_equal(said.outcome, COLLECT_UNKNOWN);
	assert_int_equal(said.number, 2);
	assert_string_equal(said.name, NAME);
	trust("stick/v2/vkey", NAME, true, 0);
	expect("what the old key had signed", "stick/v1", COLLECT_OLDER);
	expect("the new one's tree", "stick/v2", COLLECT_TAKEN);
	bring(5);
	expect("and on", "stick/v2", COLLECT_TAKEN);
	/* Its folder begins with v2, and lacks nothing. */
	vkey = fake_seal_read(&s, "stick/v2/vkey", NULL);
	*strchr(vkey, '\n') = '\0';
	assert_int_equal(note_key_read(vkey, &k), 0);
	free(vkey);
	signer_hex(k.key, hex);
	snprintf(path, sizeof(path), "%s/store/stations/%s", s.top.path, hex);
	assert_int_equal(verify_station(&up, &v), 0);
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.trees, 1);
}

/* Log, key and tree as they were at a moment, and back. */
static void
keep_moment(void)
{
	fake_seal_copy(&s, "log", "m-log");
	fake_seal_copy(&s, "key", "m-key");
	fake_seal_copy(&s, "tree", "m-tree");
}

static void
go_back(void)
{
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "m-log", "log");
	fake_seal_copy(&s, "m-key", "key");
	fake_seal_copy(&s, "m-tree", "tree");
	fake_seal_open_log(&s);
}

static int
keep_state(void *arg, const struct collect_state *st)
{
	*(struct collect_state *)arg = *st;
	return 0;
}

static void
test_two_histories_are_told_and_both_are_kept(void **state)
{
	static const int more[] = { 5, 3, 290 }; /* beside five */
	struct collect_state st;
	struct collector *c;
	char path[600];
	struct verify v;
	struct verify_setup up = { .trees = path };

	(void)state;
	begin(20);
	keep_moment();
	bring(5);
	expect("more", "stick", COLLECT_TAKEN);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		go_back();
		bring(more[i]);
		expect("another history", "stick", COLLECT_FORKED);
		assert_int_equal(said.size, 20 + more[i]);
		assert_int_equal(said.had, 25);
		assert_int_equal(said.first, 20);
		assert_false(said.answered);
		/* The other one as a whole, and the checkpoint of ours. */
		snprintf(path, sizeof(path), "%s/ours", said.kept);
		assert_int_equal(access(path, F_OK), 0);
		snprintf(path, sizeof(path), "%s", said.kept);
		assert_int_equal(verify_station(&up, &v), 0);
		assert_int_equal(v.findings, 0);
		assert_int_equal(v.signed_, said.size);
	}
	expect_store(25);
	c = opened();
	assert_int_equal(collect_each(c, keep_state, &st), 0);
	assert_int_equal(st.forks, 3);
	assert_int_equal(st.leaves, 25);
	collect_close(c);
}

/* Its public key goes to another store. */
static void
introduce(const char *to, const char *whose, int want)
{
	struct collector *c;
	struct note_key k;

	assert_int_equal(collect_open(below(whose), draw, &c), 0);
	k = *collect_key(c);
	collect_close(c);
	assert_int_equal(collect_open(below(to), draw, &c), 0);
	assert_int_equal(collect_trust(c, &k, whose, false, now_us), want);
	collect_close(c);
}

/* As collect(), into any store. */
static void
collect_into(const char *store, const char *folder, enum collect_outcome want)
{
	struct collector *c;

	assert_int_equal(collect_open(below(store), draw, &c), 0);
	memset(&said, 0, sizeof(said));
	now_us += US_PER_S;
	assert_int_equal(
	    collect_folder(c, below(folder), now_us, on_result, NULL), 0);
	collect_close(c);
	if (said.outcome != want || said.n != 1)
		fail_msg("%s into %s: %d, %s", folder, store, said.outcome,
		    said.why);
}

/* Has that note good lines of just these stores' keys? Of how many records. */
static int64_t
expect_lines(const char *name, int n, ...)
{
	static const char *const all[] = { "store", "tinh", "nuoc" };
	char *note = fake_seal_read(&s, name, NULL);
	struct cosigned is = { 0 };
	va_list ap;
	int lines = 0;

	for (const char *p = note; (p = strstr(p, "\n\xe2\x80\x94 ")); p++)
		lines++;
	assert_int_equal(lines, n + 1);
	va_start(ap, n);
	for (int i = 0; i < n; i++) {
		struct collector *c;
		char vkey[NOTE_VKEY];
		char *vkeys[] = { vkey };
		int k = va_arg(ap, int);

		assert_int_equal(collect_open(below(all[k]), draw, &c), 0);
		note_key_text(collect_key(c), vkey);
		collect_close(c);
		assert_int_equal(
		    cosigned_read(note, strlen(note), vkeys, 1, &is), 0);
	}
	va_end(ap);
	free(note);
	return is.c.size;
}

enum { STORE, TINH, NUOC };

/* A district's store is brought to the province, that one's to the country:
 * each keeps what those below have signed; and the answers go down again. */
static void
test_three_levels_cosign_one_log_and_their_answers_come_down(void **state)
{
	char mine[256];
	char up[256];
	struct note_key k;
	struct collector *c;

	(void)state;
	introduce("tinh", "store", 0);
	introduce("nuoc", "store", 0);
	introduce("nuoc", "tinh", 0);
	introduce("store", "tinh", 0);
	introduce("store", "nuoc", 0);
	introduce("tinh", "nuoc", 0);
	begin(20);
	snprintf(mine, sizeof(mine), "%s", station_path("/v1"));
	memcpy(up, mine, sizeof(up));
	assert_int_equal(trees_key(below("stick"), 1, &k), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    collect_open(below(i == 0 ? "tinh" : "nuoc"), draw, &c), 0);
		assert_int_equal(collect_trust(c, &k, NAME, false, now_us), 0);
		collect_close(c);
	}
	collect_into("tinh", "store/stations", COLLECT_TAKEN);
	memcpy(strstr(up, "store"), "/tinh", 5);
	assert_int_equal(
	    expect_lines(strcat(up, "/checkpoint"), 2, STORE, TINH), 20);
	collect_into("nuoc", "tinh/stations", COLLECT_TAKEN);
	memcpy(strstr(up, "/tinh"), "/nuoc", 5);
	expect_lines(up, 3, STORE, TINH, NUOC);
	/* The province passes the country's word on, its store to the district;
	 * that has grown meanwhile, and its station gets both. */
	collect_into("tinh", "store/stations", COLLECT_SAME);
	expect_lines(strcat(mine, "/cosigned"), 3, STORE, TINH, NUOC);
	bring(5);
	expect("more", "stick", COLLECT_TAKEN);
	assert_int_equal(expect_lines("stick/v1/cosigned", 1, STORE), 25);
	assert_int_equal(
	    expect_lines("stick/v1/above.cosigned", 3, STORE, TINH, NUOC), 20);
	/* What nobody entered stays nobody's word. */
	collect_into("tinh", "store/stations", COLLECT_TAKEN);
	fake_seal_copy(&s, "store/levels", "gone");
	fake_seal_copy(&s, "none", "store/levels");
	expect("again", "stick", COLLECT_SAME);
	expect_lines("stick/v1/cosigned", 1, STORE);
}

static void
test_a_key_that_is_no_collectors_is_no_level(void **state)
{
	struct collector *c = opened();
	struct note_key k = *collect_key(c);
	struct note_key other;

	(void)state;
	assert_int_equal(collect_trust(c, &k, "", false, now_us), -EINVAL);
	assert_int_equal(collect_trust(c, &k, "a\nb", false, now_us), -EINVAL);
	assert_int_equal(note_key("x", NOTE_COSIGNATURE, k.key, &other), 0);
	assert_int_equal(collect_trust(c, &other, "x", false, now_us), -EINVAL);
	collect_close(c);
}

/* Somebody who brings a second history may leave out what shows it. */
static void
test_a_history_without_its_entries_is_told_by_its_tiles(void **state)
{
	static const char entries[] = "stick/v1/tile/entries";
	struct collect_state st;
	struct collector *c;
	char path[600];
	struct stat file;

	(void)state;
	begin(20);
	keep_moment();
	bring(5);
	expect("more", "stick", COLLECT_TAKEN);
	go_back();
	bring(290);
	fake_seal_copy(&s, "none", entries);
	expect("no entries", "stick", COLLECT_FORKED);
	assert_int_equal(said.first, 20);
	snprintf(path, sizeof(path), "%s/" COLLECT_HASHES, said.kept);
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, 310 * 32);
	/* Without its tiles as well, nobody can know; but it stays that it
	 * signed that. */
	fake_seal_copy(&s, "none", "stick/v1/tile");
	expect("a checkpoint alone", "stick", COLLECT_DAMAGED);
	assert_string_equal(said.kept, "");
	snprintf(path, sizeof(path), "%s", below(station_path("")));
	memcpy(strstr(path, "store/stations"), "store/apart///", 14);
	strcat(path, "/v1/checkpoint");
	assert_int_equal(access(path, F_OK), 0);
	c = opened();
	assert_int_equal(collect_each(c, keep_state, &st), 0);
	assert_int_equal(st.forks, 1);
	collect_close(c);
}

static void
test_a_tree_after_an_epoch_is_another_tree(void **state)
{
	(void)state;
	begin(20);
	fake_seal_copy(&s, "log", "m-log");
	bring(10);
	expect("more", "stick", COLLECT_TAKEN);
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "m-log", "log");
	fake_seal_open_log(&s);
	bring(3);
	assert_int_equal(s.epochs, 1);
	assert_int_equal(collect("stick"), 0);
	assert_int_equal(said.n, 2);
	assert_int_equal(said.number, 2);
	assert_int_equal(said.outcome, COLLECT_TAKEN);
	assert_int_equal(said.size, 4);
	/* Whoever has the key can begin one at any time, and tell in it what is
	 * cosigned already in another way: it is kept, and it is told. */
	assert_int_equal(said.given_up, 10);
	assert_int_equal(said.first, 20);
	expect("told once", "stick/v2", COLLECT_SAME);
	assert_int_equal(said.given_up, 0);
}

static void
write_there(const char *name, const char *bytes, size_t n)
{
	folder_write_bytes(&s.top, name, bytes, n);
}

/* The trap: an old image of a disk is put back, and the upper level has more of
 * its log. With that checkpoint at hand no second tree of that size is signed. */
static void
test_who_is_behind_the_upper_level_begins_another_tree(void **state)
{
	struct seal_setup setup = { s.trees, s.keys, draw, true };
	struct checkpoint c;
	char *note;
	size_t n;

	(void)state;
	begin(20);
	keep_moment();
	bring(5);
	expect("more", "stick", COLLECT_TAKEN);
	note = fake_seal_read(&s, "stick/v1/cosigned", &n);
	go_back();
	assert_int_equal(seal_witness(&setup, note, n), 0);
	assert_int_equal(seal_witness(&setup, note, n), 1);
	note[n / 3] ^= 1;
	assert_true(seal_witness(&setup, note, n) < 0);
	free(note);
	bring(7);
	assert_int_equal(s.epochs, 1);
	c = fake_seal_checkpoint(&s, 1);
	assert_int_equal(c.size, 20);
	assert_int_equal(collect("stick"), 0);
	assert_int_equal(said.n, 2);
	assert_int_equal(said.outcome, COLLECT_TAKEN);
	assert_int_equal(said.number, 2);
	assert_int_equal(said.size, 28);
	assert_int_equal(said.given_up, 5);
	assert_int_equal(said.first, 20);
	expect("and goes on there", "stick/v2", COLLECT_SAME);
}

static void
test_no_bit_of_a_checkpoint_can_change(void **state)
{
	size_t n;
	char *note;

	(void)state;
	bring(3);
	trust("stick/v1/vkey", NAME, false, 0);
	note = fake_seal_read(&s, "stick/v1/checkpoint", &n);
	for (size_t i = 0; i < n * 8; i++) {
		note[i / 8] ^= (char)(1 << i % 8);
		write_there("stick/v1/checkpoint", note, n);
		assert_int_equal(collect("stick"), 0);
		if (said.outcome != COLLECT_REFUSED &&
		    said.outcome != COLLECT_UNKNOWN)
			fail_msg("bit %zu: %d %s", i, said.outcome, note);
		note[i / 8] ^= (char)(1 << i % 8);
	}
	write_there("stick/v1/checkpoint", note, n);
	free(note);
	expect("unchanged", "stick", COLLECT_TAKEN);
}

static void
test_records_that_are_not_the_signed_ones_are_named(void **state)
{
	static const char bundle[] = "stick/v1/tile/entries/001.p/44";
	char *bytes;
	size_t n;

	(void)state;
	begin(100);
	bring(200);
	bytes = fake_seal_read(&s, bundle, &n);
	bytes[10] ^= 1;
	write_there(bundle, bytes, n);
	bytes[10] ^= 1;
	expect("a changed record", "stick", COLLECT_DAMAGED);
	assert_int_equal(said.first, 256);
	write_there(bundle, bytes, n - 1);
	expect("a cut bundle", "stick", COLLECT_DAMAGED);
	assert_int_equal(said.first, 299);
	unlink(below(bundle));
	expect("no bundle", "stick", COLLECT_DAMAGED);
	assert_int_equal(said.first, 256);
	expect_store(100);
	write_there(bundle, bytes, n);
	free(bytes);
	/* Wrong tiles are nobody's word: the entries are right. */
	write_there("stick/v1/tile/0/000", "x", 1);
	expect("wrong tiles", "stick", COLLECT_TAKEN);
	expect_store(300);
}

static void
test_no_link_pipe_or_giant_is_read(void **state)
{
	static const char *const files[] = { "stick/v1/checkpoint",
		"stick/v1/tile/entries/000.p/9", "stick/v1/tile/entries",
		"stick/v1" };
	char away[256];

	(void)state;
	begin(5);
	bring(4);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(away, sizeof(away), "%s", below("away"));
		assert_int_equal(rename(below(files[i]), away), 0);
		assert_int_equal(symlink(away, below(files[i])), 0);
		/* A tree that is a link is no tree. */
		if (i == 3)
			assert_int_equal(collect("stick"), -ENOENT);
		else
			expect(files[i], "stick",
			    i == 0 ? COLLECT_REFUSED : COLLECT_DAMAGED);
		unlink(below(files[i]));
		if (i < 2) {
			assert_int_equal(mkfifo(below(files[i]), 0600), 0);
			expect("a pipe", "stick",
			    i == 0 ? COLLECT_REFUSED : COLLECT_DAMAGED);
			unlink(below(files[i]));
			write_there(files[i], "", 0);
			assert_int_equal(
			    truncate(below(files[i]), INT64_C(1) << 40), 0);
			expect("a giant", "stick",
			    i == 0 ? COLLECT_REFUSED : COLLECT_DAMAGED);
			unlink(below(files[i]));
		}
		assert_int_equal(rename(away, below(files[i])), 0);
	}
	/* The answer does not follow one either. */
	unlink(below("stick/v1/cosigned"));
	assert_int_equal(
	    symlink(below("victim"), below("stick/v1/cosigned")), 0);
	assert_int_equal(
	    symlink(below("victim"), below("stick/v1/.cosigned.new")), 0);
	expect("at last", "stick", COLLECT_TAKEN);
	assert_int_equal(access(below("victim"), F_OK), -1);
	assert_true(said.answered);
	expect_store(9);
}

static void
test_a_clock_that_went_back_cosigns_nothing(void **state)
{
	int64_t was;

	(void)state;
	begin(5);
	bring(1);
	was = now_us;
	now_us -= 10 * US_PER_S;
	expect("earlier than the last", "stick", COLLECT_REFUSED);
	now_us = 0;
	assert_int_equal(collect("stick"), -ETIME);
	now_us = was;
	expect("set again", "stick", COLLECT_TAKEN);
}

static void
test_either_copy_of_what_was_cosigned_is_enough(void **state)
{
	char last[256];
	size_t n;
	char *note;

	(void)state;
	begin(50);
	keep_moment();
	bring(5);
	expect("more", "stick", COLLECT_TAKEN);
	assert_int_equal(unlink(below(station_path("/v1/checkpoint"))), 0);
	go_back();
	bring(7);
	expect("by the other copy", "stick", COLLECT_FORKED);
	go_back();
	fake_seal_copy(&s, "tree", "stick");
	expect("older", "stick", COLLECT_OLDER);
	/* Neither can be read: nothing is signed on trust. */
	snprintf(last, sizeof(last), "store/last/%s-v1",
	    strrchr(station_path(""), '/') + 1);
	note = fake_seal_read(&s, last, &n);
	write_there(last, note, n - 9);
	free(note);
	expect("a damaged store", "stick", COLLECT_FAILED);
	assert_int_equal(said.error, -EBADMSG);
}

static void
test_a_stick_with_several_stations(void **state)
{
	struct fake_seal other;
	struct collect_state st;
	struct collector *c;

	(void)state;
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	fake_seal_init(&other);
	fake_seal_add(&other, 4);
	fake_seal_publish(&other);
	assert_int_equal(mkdir(below("stick"), 0700), 0);
	assert_int_equal(mkdir(below("stick/a"), 0700), 0);
	assert_int_equal(mkdir(below("stick/a/var"), 0700), 0);
	assert_int_equal(mkdir(below("stick/b"), 0700), 0);
	fake_seal_copy(&s, "tree", "stick/a/var/tree");
	assert_int_equal(rename(other.trees, below("stick/b/tree")), 0);
	trust("stick/a/var/tree/v1/vkey", "Xã A", false, 0);
	assert_int_equal(collect("stick"), 0);
	assert_int_equal(said.n, 2);
	assert_int_equal(said.outcome, COLLECT_UNKNOWN);
	trust("stick/b/tree/v1/vkey", "Xã B", false, 0);
	assert_int_equal(collect("stick"), 0);
	assert_int_equal(said.outcome, COLLECT_TAKEN);
	assert_int_equal(said.size, 4);
	c = opened();
	assert_int_equal(collect_each(c, keep_state, &st), 0);
	assert_int_equal(st.trees, 1);
	/* B was unknown at first, which is no second history. */
	assert_int_equal(st.forks, 0);
	assert_int_equal(st.cosigned_us, now_us);
	collect_close(c);
	assert_int_equal(collect("log"), -ENOENT);
	fake_seal_free(&other);
}

static void
test_one_at_a_time_and_one_key_for_good(void **state)
{
	struct collector *c = opened();
	struct collector *d;
	char vkey[NOTE_VKEY], again[NOTE_VKEY];

	(void)state;
	assert_int_equal(collect_open(below("store"), draw, &d), -EWOULDBLOCK);
	note_key_text(collect_key(c), vkey);
	collect_close(c);
	c = opened();
	note_key_text(collect_key(c), again);
	collect_close(c);
	assert_string_equal(vkey, again);
	assert_non_null(strstr(vkey, "/collect+"));
	write_there("store/key/collector.key", "x", 1);
	assert_int_equal(collect_open(below("store"), draw, &d), -EBADMSG);
}

static void
test_no_new_key_takes_the_place_of_one_that_has_cosigned(void **state)
{
	struct collector *c;

	(void)state;
	begin(5);
	assert_int_equal(
	    rename(below("store/key/collector.key"), below("k")), 0);
	assert_int_equal(collect_open(below("store"), draw, &c), -ENOKEY);
	assert_int_equal(access(below("store/key/collector.key"), F_OK), -1);
	assert_int_equal(
	    rename(below("k"), below("store/key/collector.key")), 0);
	expect("put back", "stick", COLLECT_SAME);
}

static int
count_state(void *arg, const struct collect_state *st)
{
	(void)st;
	++*(int *)arg;
	return 0;
}

static void
test_a_damaged_station_hides_no_other_and_can_be_entered_again(void **state)
{
	struct fake_seal other;
	struct collector *c;
	char path[256];
	int n = 0;

	(void)state;
	begin(5);
	snprintf(path, sizeof(path), "%s", station_path("/station.json"));
	fake_seal_init(&other);
	fake_seal_add(&other, 4);
	fake_seal_publish(&other);
	assert_int_equal(rename(other.trees, below("b")), 0);
	fake_seal_free(&other);
	trust("b/v1/vkey", "Xã B", false, 0);
	write_there(path, "{", 1);
	c = opened();
	assert_int_equal(collect_each(c, count_state, &n), -EBADMSG);
	assert_int_equal(n, 1);
	collect_close(c);
	expect("another", "b", COLLECT_TAKEN);
	expect("that one", "stick", COLLECT_FAILED);
	assert_int_equal(said.error, -EBADMSG);
	trust("stick/v1/vkey", NAME, false, 0);
	expect("entered again", "stick", COLLECT_SAME);
}

static void
test_a_lost_store_db_is_made_again_from_all_trees(void **state)
{
	struct fake_seal other;
	struct store *db;
	char hex[SIGNER_HEX];

	(void)state;
	begin(5);
	assert_int_equal(
	    sscanf(station_path(""), "store/stations/%16[0-9a-f]", hex), 1);
	fake_seal_init(&other);
	fake_seal_add(&other, 4);
	fake_seal_publish(&other);
	assert_int_equal(rename(other.trees, below("b")), 0);
	fake_seal_free(&other);
	trust("b/v1/vkey", "Xã B", false, 0);
	expect("another", "b", COLLECT_TAKEN);
	assert_int_equal(unlink(below("store/store.db")), 0);
	expect("another again", "b", COLLECT_SAME);
	assert_int_equal(store_open(below("store/store.db"), &db), 0);
	assert_int_equal(store_trees(db), 2);
	assert_int_equal(store_rows(db, hex, 1), 5);
	store_close(db);
}

/* By a process that is killed when it has cosigned, as its rows wait. */
static void
collect_and_be_killed(const char *folder, int64_t size)
{
	char hex[SIGNER_HEX], last[64];
	struct store *db;
	char is[200] = "", want[32];
	pid_t pid;

	assert_int_equal(
	    sscanf(station_path(""), "store/stations/%16[0-9a-f]", hex), 1);
	snprintf(last, sizeof(last), "store/stations/%s/v1/checkpoint", hex);
	snprintf(want, sizeof(want), "\n%d\n", (int)size);
	assert_int_equal(store_open(below("store/store.db"), &db), 0);
	assert_int_equal(db->sql->begin(db->sql), 0);
	pid = fork();
	if (pid == 0) {
		collect(folder);
		_exit(0);
	}
	for (int i = 0; i < 2000 && strstr(is, want) == NULL; i++) {
		char *note = fake_seal_read(&s, last, NULL);

		snprintf(is, sizeof(is), "%s", note);
		free(note);
		usleep(2000);
	}
	assert_non_null(strstr(is, want));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	db->sql->rollback(db->sql);
	store_close(db);
	now_us += US_PER_S;
}

static void
test_rows_that_a_kill_left_out_come_with_whoever_is_brought_next(void **state)
{
	struct fake_seal other;
	struct store *db;
	char hex[SIGNER_HEX];

	(void)state;
	begin(5);
	assert_int_equal(
	    sscanf(station_path(""), "store/stations/%16[0-9a-f]", hex), 1);
	fake_seal_init(&other);
	fake_seal_add(&other, 4);
	fake_seal_publish(&other);
	assert_int_equal(rename(other.trees, below("b")), 0);
	fake_seal_free(&other);
	trust("b/v1/vkey", "Xã B", false, 0);
	expect("another", "b", COLLECT_TAKEN);
	bring(7);
	collect_and_be_killed("stick", 12);
	expect("another again", "b", COLLECT_SAME);
	assert_int_equal(store_open(below("store/store.db"), &db), 0);
	assert_int_equal(store_rows(db, hex, 1), 12);
	store_close(db);
	assert_int_equal(access(below("store/rows.behind"), F_OK), -1);
}

/* Of two checkpoints that one unknown key signed of one size, none takes the
 * place of the other. */
static void
test_a_strangers_second_history_writes_over_nothing(void **state)
{
	char first[600];
	char *is, *was;

	(void)state;
	fake_seal_add(&s, 2);
	fake_seal_publish(&s);
	keep_moment();
	bring(3);
	expect("a stranger", "stick", COLLECT_UNKNOWN);
	snprintf(first, sizeof(first), "%s/checkpoint",
	    said.kept + strlen(s.top.path) + 1);
	was = fake_seal_read(&s, first, NULL);
	go_back();
	s.number += 100;
	bring(3);
	expect("tells another story", "stick", COLLECT_UNKNOWN);
	is = fake_seal_read(&s, first, NULL);
	assert_string_equal(is, was);
	snprintf(first, sizeof(first), "%s/checkpoint", said.kept);
	assert_int_equal(access(first, F_OK), 0);
	assert_non_null(strstr(first, "/v1.5."));
	free(is);
	free(was);
}

static void
test_what_is_replaced_has_to_be_there(void **state)
{
	(void)state;
	begin(5);
	trust("stick/v1/vkey", "Xã Quế Minn", true, -ENOENT);
	trust("stick/v1/vkey", NAME, true, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_what_a_station_signed_is_kept_and_cosigned),
		T(test_the_same_again_and_an_older_copy),
		T(test_a_key_that_nobody_entered_is_named_and_not_taken),
		T(test_a_new_key_beside_old_trees_is_a_successor_once_it_is_entered),
		T(test_two_histories_are_told_and_both_are_kept),
		T(test_a_history_without_its_entries_is_told_by_its_tiles),
		T(test_three_levels_cosign_one_log_and_their_answers_come_down),
		T(test_a_key_that_is_no_collectors_is_no_level),
		T(test_a_tree_after_an_epoch_is_another_tree),
		T(test_who_is_behind_the_upper_level_begins_another_tree),
		T(test_no_bit_of_a_checkpoint_can_change),
		T(test_records_that_are_not_the_signed_ones_are_named),
		T(test_no_link_pipe_or_giant_is_read),
		T(test_a_clock_that_went_back_cosigns_nothing),
		T(test_either_copy_of_what_was_cosigned_is_enough),
		T(test_a_stick_with_several_stations),
		T(test_no_new_key_takes_the_place_of_one_that_has_cosigned),
		T(test_a_damaged_station_hides_no_other_and_can_be_entered_again),
		T(test_a_lost_store_db_is_made_again_from_all_trees),
		T(test_rows_that_a_kill_left_out_come_with_whoever_is_brought_next),
		T(test_a_strangers_second_history_writes_over_nothing),
		T(test_what_is_replaced_has_to_be_there),
		T(test_one_at_a_time_and_one_key_for_good),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
