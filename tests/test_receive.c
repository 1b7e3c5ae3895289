/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "evidence/seal.h"
#include "evidence/staging.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"
#include "tests/fakes/fake_link.h"
#include "tests/fakes/fake_seal.h"

#define NAME "Xã Quế Minh"

/* A station, and TOP/store of the upper level. */
static struct fake_seal s;
static struct fake_link l;
static char store[128];

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static struct collector *
opened(void)
{
	struct collector *c;

	assert_int_equal(collect_open(store, draw, &c), 0);
	return c;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	fake_seal_init(&s);
	snprintf(store, sizeof(store), "%s/store", s.top.path);
	fake_link_init(&l, store, INT64_C(1795000000) * US_PER_S);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fake_link_free(&l);
	fake_seal_free(&s);
	return 0;
}

static void
write_records(int n)
{
	fake_seal_add(&s, n);
	fake_seal_publish(&s);
}

static void
trust(const char *tree, bool replace)
{
	char name[64];
	struct collector *c = opened();
	struct note_key k;
	char *text;

	snprintf(name, sizeof(name), "%s/vkey", tree);
	text = fake_seal_read(&s, name, NULL);
	*strchr(text, '\n') = '\0';
	assert_int_equal(note_key_read(text, &k), 0);
	free(text);
	assert_int_equal(collect_trust(c, &k, NAME, replace, l.now_us), 0);
	collect_close(c);
}

/* The station's tree as it is now. */
static struct {
	struct checkpoint is;
	char hash[HASH_HEX];
	char *note;
	size_t n;
	struct tiles *tiles;
	struct merkle_source src;
} t;

static void
close_tree(void)
{
	free(t.note);
	tiles_close(t.tiles);
	memset(&t, 0, sizeof(t));
}

static void
open_tree(const char *name)
{
	char path[128];
	size_t text;

	close_tree();
	snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
	assert_int_equal(tiles_open(path, &t.tiles), 0);
	assert_int_equal(tiles_file(t.tiles, SEAL_PUBLISHED, &t.note, &t.n), 0);
	assert_int_equal(note_text(t.note, t.n, &text), 0);
	assert_int_equal(checkpoint_read(t.note, text, &t.is), 0);
	tiles_size(t.tiles, t.is.size);
	t.src = tiles_source(t.tiles);
	hash_bytes(t.is.origin, strlen(t.is.origin), t.hash);
}

/* The checkpoint, with a proof from `from` under `old`; the status. */
static int
post(int64_t old, int64_t from)
{
	struct submission m = { .old = old, .note = t.note, .n = t.n };
	char header[NOTE_VKEY + 32];
	char *body;
	size_t n;
	int status;
	char *key = fake_seal_read(&s, "tree/v1/vkey", NULL);

	*strchr(key, '\n') = '\0';
	snprintf(header, sizeof(header), RECEIVE_KEY ": %s", key);
	free(key);
	assert_int_equal(
	    merkle_consistency(&t.src, from, t.is.size, &m.proof), 0);
	assert_int_equal(submission_make(&m, &body, &n), 0);
	status = fake_link_ask(&l, "POST", "add-checkpoint", header, body, n);
	free(body);
	return status;
}

/* The bytes of a bundle; yours. */
static char *
bundle(int64_t n, size_t *ret_n)
{
	int width = tile_width(TILE_ENTRIES, n, t.is.size);
	char *bytes;
	FILE *f = open_memstream(&bytes, ret_n);

	for (int64_t i = n * TILE_WIDTH; i < n * TILE_WIDTH + width; i++) {
		const char *entry;
		size_t len;

		assert_int_equal(tiles_entry(t.tiles, i, &entry, &len), 0);
		fputc((int)(len >> 8), f);
		fputc((int)(len & 255), f);
		fwrite(entry, 1, len, f);
	}
	fclose(f);
	return bytes;
}

/* The proof from so many leaves on, as a header has it. */
static const char *
proof_from(int64_t size, bool rooted, char line[static SUBMISSION_LINE])
{
	struct merkle_path proof, all = { 0 };
	struct merkle tree = { 0 };

	assert_int_equal(
	    merkle_consistency(&t.src, size, t.is.size, &proof), 0);
	if (!rooted)
		return submission_line(&proof, line);
	assert_int_equal(merkle_at(&t.src, size, &tree), 0);
	merkle_root(&tree, &all.at[0]);
	all.n = 1 + proof.n;
	memcpy(all.at + 1, proof.at, (size_t)proof.n * sizeof(proof.at[0]));
	return submission_line(&all, line);
}

/* Puts the bytes as bundle n of the tree as it is now, with that header. */
static int
put_with(int64_t n, const char *header, const void *bytes, size_t len)
{
	int width = tile_width(TILE_ENTRIES, n, t.is.size);
	char path[HASH_HEX + TILE_PATH], tile[TILE_PATH];

	snprintf(path, sizeof(path), "%s/%s", t.hash,
	    tile_path(TILE_ENTRIES, n, width, tile));
	return fake_link_ask(&l, "PUT", path, header, bytes, len);
}

/* The same with its proof, and the one from what is before it. */
static int
put_bytes(int64_t n, const void *bytes, size_t len)
{
	int width = tile_width(TILE_ENTRIES, n, t.is.size);
	char header[2 * SUBMISSION_LINE + 32];
	char end[SUBMISSION_LINE], before[SUBMISSION_LINE];

	snprintf(header, sizeof(header), RECEIVE_PROOF ": %s%s%s",
	    proof_from(n * TILE_WIDTH + width, false, end), n > 0 ? ";" : "",
	    n > 0 ? proof_from(n * TILE_WIDTH, true, before) : "");
	return put_with(n, header, bytes, len);
}

static int
put(int64_t n)
{
	size_t len;
	char *bytes = bundle(n, &len);
	int status = put_bytes(n, bytes, len);

	free(bytes);
	return status;
}

static int
tear_down_all(void **state)
{
	close_tree();
	return tear_down(state);
}

static void
begin(int records)
{
	write_records(records);
	trust("tree/v1", false);
	open_tree("tree/v1");
}

static void
expect_words(const char *words)
{
	if (strstr(fake_link_said, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, fake_link_said);
}

static void
test_the_answers_are_those_of_a_witness(void **state)
{
	char path[HASH_HEX + 16];
	char size[NOTE_NAME + 32];

	(void)state;
	begin(300);
	/* What a plain witness's client gets, however often. */
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 0\n");
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 1\n");
	assert_int_equal(put(1), 201);
	assert_int_equal(l.heard, 0);
	assert_int_equal(post(0, 0), 200);
	expect_words("\xe2\x80\x94 loaxa/");
	expect_words("/collect ");
	assert_null(strstr(fake_link_said, "/log/v1"));
	assert_int_equal(l.outcome, COLLECT_TAKEN);
	assert_int_equal(post(0, 0), 409);
	assert_string_equal(fake_link_said, "300\n");
	assert_int_equal(post(301, 0), 400);
	assert_int_equal(post(300, 300), 200);
	assert_int_equal(l.outcome, COLLECT_TAKEN);
	l.now_us += RECEIVE_AGAIN_S * US_PER_S;
	assert_int_equal(post(300, 300), 200);
	assert_int_equal(l.outcome, COLLECT_SAME);
	write_records(10);
	open_tree("tree/v1");
	assert_int_equal(post(300, 299), 422);
	assert_int_equal(post(300, 300), 428);
	assert_int_equal(post(299, 299), 409);
	snprintf(path, sizeof(path), "%s/checkpoint", t.hash);
	assert_int_equal(fake_link_ask(&l, "GET", path, NULL, "", 0), 200);
	snprintf(size, sizeof(size), "%s\n300\n", t.is.origin);
	expect_words(size);
	path[0] = path[0] == '0' ? '1' : '0';
	assert_int_equal(fake_link_ask(&l, "GET", path, NULL, "", 0), 404);
}

static void
test_nobody_but_who_was_entered_leaves_anything(void **state)
{
	(void)state;
	write_records(10);
	open_tree("tree/v1");
	assert_int_equal(put(0), 404);
	assert_int_equal(post(0, 0), 404);
	assert_int_equal(l.outcome, COLLECT_UNKNOWN);
	assert_int_equal(l.heard, 1);
	/* Not as often as it likes. */
	assert_int_equal(post(0, 0), 404);
	assert_int_equal(l.heard, 1);
	assert_int_equal(put(0), 404);
	trust("tree/v1", false);
	t.note[strlen(t.is.origin) + 1] ^= 2;
	assert_int_equal(post(0, 0), 403);
	assert_int_equal(put(0), 404);
	assert_int_equal(l.puts, 0);
}

static void
test_a_bundle_that_is_not_what_was_signed_is_not_kept(void **state)
{
	char *bytes, *packed;
	size_t n, len;

	(void)state;
	begin(600);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(1), 409);
	expect_words("entries 0\n");
	bytes = bundle(0, &n);
	/* Each byte of the first entries, in turn, and their lengths. */
	for (size_t i = 0; i < 600; i++) {
		bytes[i] ^= 1;
		assert_int_equal(put_bytes(0, bytes, n), 422);
		bytes[i] ^= 1;
	}
	assert_int_equal(put_bytes(0, bytes, n - 1), 422);
	assert_int_equal(put_bytes(0, bytes, 0), 422);
	assert_int_equal(gzip_pack(bytes, n, &packed, &len), 0);
	packed[len / 2] ^= 1;
	assert_int_equal(put_bytes(0, packed, len), 422);
	packed[len / 2] ^= 1;
	assert_int_equal(l.puts, 0);
	assert_int_equal(put_bytes(0, packed, len), 201);
	/* It is there, and stays. */
	assert_int_equal(put_bytes(0, bytes, n - 1), 200);
	assert_int_equal(l.puts, 1);
	assert_int_equal(put(1), 201);
	assert_int_equal(put(2), 201);
	assert_int_equal(post(0, 0), 200);
	free(packed);
	free(bytes);
}

static void
staged(const char *name, char path[static 300])
{
	char hex[SIGNER_HEX];

	assert_int_equal(sscanf(t.is.origin, "loaxa/%16[0-9a-f]", hex), 1);
	snprintf(path, 300, "store/incoming/push-%s-v1%s", hex, name);
}

/* Whoever has the disk in his hands meanwhile, or a power cut. */
static void
test_what_was_changed_where_it_waits_comes_again(void **state)
{
	char name[300];
	char *bytes;
	size_t n;

	(void)state;
	begin(600);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	fake_link_free(&l);
	fake_link_init(&l, store, l.now_us);
	/* Another bundle, as good as any to look at. */
	bytes = bundle(1, &n);
	staged("/tile/entries/000", name);
	folder_write_bytes(&s.top, name, bytes, n);
	free(bytes);
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 1\n");
	assert_int_equal(put(1), 404);
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 0\n");
	for (int i = 0; i < 3; i++)
		assert_int_equal(put(i), 201);
	assert_int_equal(post(0, 0), 200);
}

static void
test_what_a_stick_brought_meanwhile_is_not_wanted_any_more(void **state)
{
	struct collector *c;
	char stick[128];

	(void)state;
	begin(600);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	c = opened();
	snprintf(stick, sizeof(stick), "%s/tree", s.top.path);
	assert_int_equal(collect_folder(c, stick, l.now_us, l.setup.fn, &l), 0);
	collect_close(c);
	assert_int_equal(l.outcome, COLLECT_TAKEN);
	assert_int_equal(post(0, 0), 409);
	assert_string_equal(fake_link_said, "600\n");
	write_records(300);
	open_tree("tree/v1");
	assert_int_equal(post(600, 600), 428);
	expect_words("entries 2\n");
	assert_int_equal(put(2), 201);
	assert_int_equal(put(3), 201);
	assert_int_equal(post(600, 600), 200);
}

/* Weeks on a bad line: its folder is as old as its first bundle. */
static void
test_what_goes_on_for_weeks_is_kept(void **state)
{
	struct timespec old[2] = { { 0 } };
	char name[300], path[400];

	(void)state;
	begin(600);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	staged("", name);
	snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(put(1), 201);
	receive_tidy(l.receiver, clock_read().wall_us);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(put(2), 201);
	assert_int_equal(post(0, 0), 200);
}

/* The checkpoint as it is now, for whoever sends it again; yours. */
static char *
kept_question(size_t *ret_n)
{
	struct submission m = { .note = t.note, .n = t.n };
	char *body;

	assert_int_equal(submission_make(&m, &body, ret_n), 0);
	return body;
}

/* It is signed, and in every proof: anybody can send it again. */
static void
test_an_older_checkpoint_turns_no_station_aside(void **state)
{
	char *old;
	size_t n;

	(void)state;
	begin(300);
	old = kept_question(&n);
	write_records(300);
	open_tree("tree/v1");
	assert_int_equal(post(0, 0), 428);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(put(i), 201);
		assert_int_equal(
		    fake_link_ask(&l, "POST", "add-checkpoint", NULL, old, n),
		    428);
		expect_words(i == 0 ? "entries 1\n" : "entries 2\n");
	}
	/* Where nothing came for long, it may be all that is left. */
	l.now_us += 61 * US_PER_MIN;
	assert_int_equal(
	    fake_link_ask(&l, "POST", "add-checkpoint", NULL, old, n), 428);
	expect_words("entries 1\n");
	/* What had come by the other one is not wanted again. */
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 2\n");
	assert_int_equal(
	    fake_link_ask(&l, "POST", "add-checkpoint", NULL, old, n), 428);
	assert_int_equal(put(1), 200);
	assert_int_equal(put(2), 201);
	assert_int_equal(post(0, 0), 200);
	free(old);
}

static int
replay(const char *old, size_t n)
{
	return fake_link_ask(&l, "POST", "add-checkpoint", NULL, old, n);
}

/* How many whole bundles wait. */
static int
count_staged(void)
{
	char name[300], path[400], tile[40];
	int n = 0;

	for (int i = 0; i < 10; i++) {
		snprintf(tile, sizeof(tile), "/tile/entries/%03d", i);
		staged(tile, name);
		snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
		n += access(path, F_OK) == 0;
	}
	return n;
}

#define ZERO "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* Signed as it is, an older checkpoint made "it may be what was found here that
 * is wrong" of any bundle without a proof, and all that a station had sent in
 * weeks was thrown away. */
static void
test_nobody_without_the_key_makes_go_what_was_sent(void **state)
{
	static const char junk[512];
	static const char *const lies[] = { "", RECEIVE_PROOF ": ;",
		RECEIVE_PROOF ": x;y", RECEIVE_PROOF ": ;" ZERO,
		RECEIVE_PROOF ": " ZERO ";" ZERO "," ZERO };
	char header[2 * SUBMISSION_LINE + 32];
	char before[SUBMISSION_LINE];
	char path[HASH_HEX + 32];
	char *old;
	size_t n;

	(void)state;
	begin(600);
	snprintf(path, sizeof(path), "%s/tile/entries/002.p/88", t.hash);
	old = kept_question(&n);
	write_records(300);
	open_tree("tree/v1");
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	assert_int_equal(put(1), 201);
	for (size_t i = 0; i < 2 * sizeof(lies) / sizeof(lies[0]); i++) {
		/* A receiver that has just been started, or where nothing came
		 * for long: it knows of no larger one. */
		if (i % 2 == 0) {
			fake_link_free(&l);
			fake_link_init(&l, store, l.now_us);
		}
		l.now_us += 61 * US_PER_MIN;
		assert_int_equal(replay(old, n), 428);
		/* As many entries as are wanted, of nothing. */
		assert_int_equal(
		    fake_link_ask(&l, "PUT", path, lies[i / 2], junk, 2 * 88),
		    422);
		assert_int_equal(count_staged(), 2);
	}
	/* And by the station's own, for the bundle that is wanted. */
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 2\n");
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		assert_int_equal(put_with(2, lies[i], junk, sizeof(junk)), 422);
	/* What is before it, shown to be right, and the rest is not. */
	snprintf(header, sizeof(header), RECEIVE_PROOF ": ;%s",
	    proof_from(2 * TILE_WIDTH, true, before));
	assert_int_equal(put_with(2, header, junk, sizeof(junk)), 422);
	assert_int_equal(count_staged(), 2);
	assert_int_equal(put(2), 201);
	assert_int_equal(put(3), 201);
	assert_int_equal(post(0, 0), 200);
	free(old);
}

/* It ends with a bundle: all of it is here, so it is cosigned. What comes behind
 * it went with it. */
static void
test_an_older_checkpoint_that_is_whole_takes_nothing_else_with_it(void **state)
{
	char *old;
	size_t n;

	(void)state;
	begin(256);
	old = kept_question(&n);
	write_records(444);
	open_tree("tree/v1");
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	assert_int_equal(put(1), 201);
	l.now_us += 61 * US_PER_MIN;
	assert_int_equal(replay(old, n), 200);
	assert_int_equal(l.outcome, COLLECT_TAKEN);
	assert_int_equal(post(0, 0), 409);
	assert_int_equal(post(256, 256), 428);
	expect_words("entries 2\n");
	assert_int_equal(put(2), 201);
	assert_int_equal(post(256, 256), 200);
	assert_int_equal(count_staged(), 0);
	free(old);
}

/* A full disk, or a kill, between two of its places: whoever asked again within
 * a minute heard that all was well, and `verify` of the store said otherwise. */
static void
test_what_was_broken_off_between_its_places_is_made_whole_by_the_next(
    void **state)
{
	char name[300], path[400], hex[SIGNER_HEX];
	char *is;

	(void)state;
	begin(10);
	assert_int_equal(sscanf(t.is.origin, "loaxa/%16[0-9a-f]", hex), 1);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	/* A folder in the way of a file: it is written behind STORE/last, and
	 * before the checkpoint. */
	snprintf(name, sizeof(name), "store/stations/%s/v1/vkey/x", hex);
	folder_write(&s.top, name, "");
	assert_int_equal(post(0, 0), 500);
	snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
	unlink(path);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(post(0, 0), 409);
	assert_int_equal(post(10, 10), 200);
	snprintf(name, sizeof(name), "store/stations/%s/v1/checkpoint", hex);
	is = fake_seal_read(&s, name, NULL);
	assert_non_null(strstr(is, "/collect "));
	free(is);
	/* Now it is; and that is not done again for whoever asks. */
	l.heard = 0;
	assert_int_equal(post(10, 10), 200);
	assert_int_equal(l.heard, 0);
}

static void
test_a_store_that_another_one_has_is_busy(void **state)
{
	struct collector *c;

	(void)state;
	begin(10);
	c = opened();
	assert_int_equal(post(0, 0), 503);
	collect_close(c);
	assert_int_equal(post(0, 0), 428);
}

/* What we sign never says that time went back. */
static void
test_a_clock_that_went_back_is_told_to_the_station(void **state)
{
	(void)state;
	begin(10);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	assert_int_equal(post(0, 0), 200);
	write_records(10);
	open_tree("tree/v1");
	l.now_us -= US_PER_DAY;
	assert_int_equal(post(10, 10), 428);
	assert_int_equal(put(0), 201);
	assert_int_equal(post(10, 10), 403);
	expect_words("clock");
	/* What came is not sent once more for that. */
	assert_int_equal(put(0), 200);
	l.now_us = 0;
	assert_int_equal(post(10, 10), 500);
	expect_words("clock");
	l.now_us = INT64_C(1795000000) * US_PER_S + US_PER_MIN;
	assert_int_equal(post(10, 10), 200);
}

static void
test_what_is_too_large_or_is_no_question_is_refused(void **state)
{
	static char large[RECEIVE_BUNDLE_MAX + 1];
	static const char *const paths[] = { "", "tile", "tile/0/000",
		"tile/entries/", "tile/entries/0", "tile/entries/x000/0",
		"tile/entries/000.p/0", "tile/entries/000.p/256",
		"tile/entries/000.p/9.", "tile/entries/../000",
		"apart/apart/tile/entries/000", "checkpoint" };
	char path[200];

	(void)state;
	begin(10);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put_bytes(0, large, sizeof(large)), 413);
	assert_int_equal(fake_link_ask(&l, "POST", "add-checkpoint", NULL,
			     large, SUBMISSION_MAX + 1),
	    413);
	assert_int_equal(
	    fake_link_ask(&l, "POST", "add-checkpoint", NULL, "x", 1), 400);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", t.hash, paths[i]);
		assert_int_equal(
		    fake_link_ask(&l, "PUT", path, NULL, "x", 1), 404);
	}
	/* No proof, or none that is one. */
	snprintf(path, sizeof(path), "%s/tile/entries/000.p/10", t.hash);
	assert_int_equal(
	    fake_link_ask(&l, "PUT", path, RECEIVE_PROOF ": x", "x", 1), 422);
	assert_int_equal(l.puts, 0);
}

static void
test_what_was_cut_off_goes_after_a_week(void **state)
{
	char name[300], path[400];

	(void)state;
	begin(600);
	assert_int_equal(post(0, 0), 428);
	assert_int_equal(put(0), 201);
	staged("", name);
	snprintf(path, sizeof(path), "%s/%s", s.top.path, name);
	receive_tidy(l.receiver, clock_read().wall_us + US_PER_DAY);
	assert_int_equal(access(path, F_OK), 0);
	receive_tidy(
	    l.receiver, clock_read().wall_us + STAGING_STALE_US + US_PER_MIN);
	assert_int_equal(access(path, F_OK), -1);
	/* Who comes back all the same begins anew. */
	assert_int_equal(put(1), 201);
	assert_int_equal(put(2), 201);
	assert_int_equal(post(0, 0), 500);
	assert_int_equal(post(0, 0), 428);
	expect_words("entries 0\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_the_answers_are_those_of_a_witness, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_nobody_but_who_was_entered_leaves_anything, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_a_bundle_that_is_not_what_was_signed_is_not_kept,
		    set_up, tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_was_changed_where_it_waits_comes_again, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_a_stick_brought_meanwhile_is_not_wanted_any_more,
		    set_up, tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_goes_on_for_weeks_is_kept, set_up, tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_an_older_checkpoint_turns_no_station_aside, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_nobody_without_the_key_makes_go_what_was_sent, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_an_older_checkpoint_that_is_whole_takes_nothing_else_with_it,
		    set_up, tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_was_broken_off_between_its_places_is_made_whole_by_the_next,
		    set_up, tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_a_store_that_another_one_has_is_busy, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_a_clock_that_went_back_is_told_to_the_station, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_is_too_large_or_is_no_question_is_refused, set_up,
		    tear_down_all),
		cmocka_unit_test_setup_teardown(
		    test_what_was_cut_off_goes_after_a_week, set_up,
		    tear_down_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
