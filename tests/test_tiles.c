/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/tiles.h"
#include "tests/fakes/folder.h"

#define MOST 700

/* The whole tree of entries "entry 0", "entry 1", ... as files; `size` of
 * them. */
static void
write_tile(const struct folder *f, int level, int64_t n, int width,
    const void *bytes, size_t len)
{
	char path[TILE_PATH];

	folder_write_bytes(f, tile_path(level, n, width, path), bytes, len);
}

static void
write_tree(const struct folder *f, int size)
{
	static struct merkle_hash leaves[MOST];
	static struct merkle_hash whole[MOST / TILE_WIDTH + 1];
	static char bundle[TILE_WIDTH * 32];

	for (int first = 0; first < size; first += TILE_WIDTH) {
		int n = first / TILE_WIDTH;
		int width = tile_width(0, n, size);
		struct merkle t = { 0 };
		size_t len = 0;

		for (int i = first; i < first + width; i++) {
			int k = sprintf(bundle + len + 2, "entry %d", i);

			bundle[len] = 0;
			bundle[len + 1] = (char)k;
			merkle_leaf(bundle + len + 2, (size_t)k, &leaves[i]);
			merkle_add(&t, &leaves[i], NULL, NULL);
			len += 2 + (size_t)k;
		}
		merkle_root(&t, &whole[n]);
		write_tile(f, 0, n, width, leaves[first].b,
		    (size_t)width * HASH_BYTES);
		write_tile(f, TILE_ENTRIES, n, width, bundle, len);
	}
	if (size >= TILE_WIDTH)
		write_tile(f, 1, 0, size / TILE_WIDTH, whole,
		    (size_t)(size / TILE_WIDTH) * HASH_BYTES);
}

static struct tiles *
opened(const struct folder *f, int64_t size)
{
	struct tiles *t;

	assert_int_equal(tiles_open(f->path, &t), 0);
	tiles_size(t, size);
	return t;
}

static void
test_paths_are_those_of_the_standard(void **state)
{
	char buf[TILE_PATH];

	(void)state;
	assert_string_equal(tile_path(0, 0, 256, buf), "tile/0/000");
	assert_string_equal(
	    tile_path(1, 1234067, 256, buf), "tile/1/x001/x234/067");
	assert_string_equal(
	    tile_path(TILE_ENTRIES, 273, 112, buf), "tile/entries/273.p/112");
	assert_string_equal(tile_path(0, 1000, 1, buf), "tile/0/x001/000.p/1");
}

/* The standard's own example: a tree of 70,000. */
static void
test_a_tree_of_70000_has_these_tiles(void **state)
{
	(void)state;
	assert_int_equal(tile_width(0, 272, 70000), 256);
	assert_int_equal(tile_width(0, 273, 70000), 112);
	assert_int_equal(tile_width(0, 274, 70000), 0);
	assert_int_equal(tile_width(1, 0, 70000), 256);
	assert_int_equal(tile_width(1, 1, 70000), 17);
	assert_int_equal(tile_width(2, 0, 70000), 1);
	assert_int_equal(tile_width(3, 0, 70000), 0);
	assert_int_equal(tile_width(TILE_ENTRIES, 273, 70000), 112);
}

static void
test_every_entry_and_its_proof_come_out_of_the_files(void **state)
{
	struct folder f;
	struct tiles *t;
	struct merkle_source src;
	struct merkle whole;
	struct merkle_hash root;

	(void)state;
	folder_make(&f);
	write_tree(&f, MOST);
	t = opened(&f, MOST);
	src = tiles_source(t);
	assert_int_equal(merkle_at(&src, MOST, &whole), 0);
	merkle_root(&whole, &root);
	for (int i = MOST - 1; i >= 0; i--) {
		struct merkle_hash leaf;
		struct merkle_path p;
		const char *entry;
		char wanted[32];
		size_t n;

		sprintf(wanted, "entry %d", i);
		assert_int_equal(tiles_entry(t, i, &entry, &n), 0);
		assert_int_equal(n, strlen(wanted));
		assert_memory_equal(entry, wanted, n);
		merkle_leaf(entry, n, &leaf);
		assert_int_equal(merkle_inclusion(&src, i, MOST, &p), 0);
		assert_true(merkle_includes(&p, i, MOST, &leaf, &root));
	}
	tiles_close(t);
	folder_remove(&f);
}

static void
test_a_full_tile_serves_for_a_part_of_it(void **state)
{
	struct folder f;
	struct tiles *t;
	struct merkle_hash h;
	const char *entry;
	size_t n;

	(void)state;
	folder_make(&f);
	write_tree(&f, MOST);
	t = opened(&f, 300);
	assert_int_equal(tiles_hash(t, 0, 255, &h), 0);
	assert_int_equal(tiles_entry(t, 299, &entry, &n), 0);
	assert_int_equal(tiles_hash(t, 0, 300, &h), -ERANGE);
	assert_int_equal(tiles_entry(t, 300, &entry, &n), -ERANGE);
	assert_int_equal(tiles_hash(t, 1, 1, &h), -ERANGE);
	tiles_close(t);
	folder_remove(&f);
}

static void
test_files_that_are_missing_or_of_the_wrong_length_are_told(void **state)
{
	struct folder f;
	struct tiles *t;
	struct merkle_hash h;
	const char *entry;
	size_t n;

	(void)state;
	folder_make(&f);
	folder_write_bytes(&f, "tile/0/000.p/3", "short", 5);
	folder_write_bytes(&f, "tile/entries/000.p/3", "\0\1a\0\2b", 6);
	t = opened(&f, 3);
	assert_int_equal(tiles_hash(t, 0, 0, &h), -EBADMSG);
	assert_int_equal(tiles_entry(t, 0, &entry, &n), 0);
	assert_int_equal(tiles_entry(t, 1, &entry, &n), -EBADMSG);
	assert_int_equal(tiles_entry(t, 0, &entry, &n), 0);
	tiles_size(t, 4);
	assert_int_equal(tiles_hash(t, 0, 0, &h), -ENOENT);
	tiles_close(t);
	assert_null(tiles_close(NULL));
	assert_int_equal(tiles_open("/no/such/folder", &t), -ENOENT);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_those_of_the_standard),
		cmocka_unit_test(test_a_tree_of_70000_has_these_tiles),
		cmocka_unit_test(
		    test_every_entry_and_its_proof_come_out_of_the_files),
		cmocka_unit_test(test_a_full_tile_serves_for_a_part_of_it),
		cmocka_unit_test(
		    test_files_that_are_missing_or_of_the_wrong_length_are_told),
	};

	return cmocka_run_group_tests_name("tiles", tests, NULL, NULL);
}
