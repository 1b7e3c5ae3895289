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

#include "evidence/mirror.h"
#include "tests/fakes/folder.h"

static struct folder top;

/* Grows it by entries "entry-N", from where it ends up to `until`. */
static struct checkpoint
grow(const struct checkpoint *last, int until, int flush)
{
	struct checkpoint c = { 0 };
	struct mirror *m;
	char path[128], text[32];

	snprintf(path, sizeof(path), "%s/a/b", top.path);
	assert_int_equal(mirror_open(path, last, &m), 0);
	for (int i = last == NULL ? 0 : (int)last->size; i < until; i++) {
		snprintf(text, sizeof(text), "entry-%d", i);
		assert_int_equal(mirror_add(m, text, strlen(text)), 0);
	}
	c.size = mirror_tree(m)->size;
	merkle_root(mirror_tree(m), &c.root);
	if (flush) {
		assert_int_equal(mirror_flush(m), 0);
		mirror_tidy(m);
	}
	mirror_close(m);
	return c;
}

/* Its files give that root, and those entries. */
static void
expect_tree(const struct checkpoint *c)
{
	struct merkle_source src;
	struct merkle_hash root;
	struct merkle whole = { 0 };
	struct merkle t;
	struct tiles *tiles;
	char path[128];

	snprintf(path, sizeof(path), "%s/a/b", top.path);
	assert_int_equal(tiles_open(path, &tiles), 0);
	tiles_size(tiles, c->size);
	src = tiles_source(tiles);
	assert_int_equal(merkle_at(&src, c->size, &t), 0);
	merkle_root(&t, &root);
	assert_true(merkle_same(&root, &c->root));
	for (int64_t i = 0; i < c->size; i++) {
		struct merkle_hash leaf;
		const char *entry;
		size_t n;

		assert_int_equal(tiles_entry(tiles, i, &entry, &n), 0);
		merkle_leaf(entry, n, &leaf);
		merkle_add(&whole, &leaf, NULL, NULL);
	}
	merkle_root(&whole, &root);
	assert_true(merkle_same(&root, &c->root));
	tiles_close(tiles);
}

static void
test_it_is_a_whole_tree_at_every_size(void **state)
{
	static const int sizes[] = { 1, 2, 255, 256, 257, 511, 513, 1100 };
	struct checkpoint c = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		c = grow(&c, sizes[i], 1);
		assert_int_equal(c.size, sizes[i]);
		expect_tree(&c);
	}
}

static void
test_what_was_not_flushed_harms_nothing_that_counts(void **state)
{
	struct checkpoint c = grow(NULL, 300, 1);

	(void)state;
	grow(&c, 900, 0);
	expect_tree(&c);
	c = grow(&c, 600, 1);
	expect_tree(&c);
}

static void
test_files_that_do_not_give_the_root_are_refused(void **state)
{
	struct checkpoint c = grow(NULL, 300, 1);
	struct checkpoint other = c;
	struct mirror *m;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b", top.path);
	other.root.b[0] ^= 1;
	assert_int_equal(mirror_open(path, &other, &m), -EBADMSG);
	folder_write(&top, "a/b/tile/entries/001.p/44", "x");
	assert_int_equal(mirror_open(path, &c, &m), -EBADMSG);
	snprintf(path, sizeof(path), "%s/a/b/tile/0/001.p/44", top.path);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a/b", top.path);
	assert_int_equal(mirror_open(path, &c, &m), -EBADMSG);
}

static int
set_up(void **state)
{
	(void)state;
	folder_make(&top);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_remove(&top);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_it_is_a_whole_tree_at_every_size),
		T(test_what_was_not_flushed_harms_nothing_that_counts),
		T(test_files_that_do_not_give_the_root_are_refused),
	};

	return cmocka_run_group_tests_name("mirror", tests, NULL, NULL);
}
