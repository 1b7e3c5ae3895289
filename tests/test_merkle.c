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

#include "evidence/merkle.h"

#define MOST 300

static struct merkle_hash leaves[MOST];

static void
make_leaves(void)
{
	for (int i = 0; i < MOST; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "leaf %d", i);

		merkle_leaf(text, (size_t)n, &leaves[i]);
	}
}

/* RFC 6962's own words, without a thought for speed. */
static void
root_of(int64_t from, int64_t n, struct merkle_hash *ret)
{
	struct merkle_hash left;
	struct merkle_hash right;
	int64_t k = 1;

	if (n == 1) {
		*ret = leaves[from];
		return;
	}
	while (k * 2 < n)
		k *= 2;
	root_of(from, k, &left);
	root_of(from + k, n - k, &right);
	merkle_node(&left, &right, ret);
}

static int
node(void *arg, int height, int64_t index, struct merkle_hash *ret)
{
	int64_t n = INT64_C(1) << height;

	/* Nobody asks for what the tree does not have. */
	assert_true((index + 1) * n <= *(int64_t *)arg);
	root_of(index * n, n, ret);
	return 0;
}

static void
expect_hex(const struct merkle_hash *h, const char *hex)
{
	char text[65];

	for (size_t i = 0; i < sizeof(h->b); i++)
		snprintf(text + 2 * i, 3, "%02x", h->b[i]);
	assert_string_equal(text, hex);
}

/* The leaves that implementations of RFC 6962 are tested with, and the roots of
 * the first n of them. */
static void
test_the_roots_are_those_that_others_compute(void **state)
{
	static const struct {
		const char *leaf;
		size_t n;
		const char *root;
	} rows[] = {
		{ "", 0,
		    "6e340b9cffb37a989ca544e6bb780a2c"
		    "78901d3fb33738768511a30617afa01d" },
		{ "\x00", 1,
		    "fac54203e7cc696cf0dfcb42c92a1d9d"
		    "baf70ad9e621f4bd8d98662f00e3c125" },
		{ "\x10", 1,
		    "aeb6bcfe274b70a14fb067a5e5578264"
		    "db0fa9b51af5e0ba159158f329e06e77" },
		{ "\x20\x21", 2,
		    "d37ee418976dd95753c1c73862b9398f"
		    "a2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "\x30\x31", 2,
		    "4e3bbb1f7b478dcfe71fb631631519a3"
		    "bca12c9aefca1612bfce4c13a86264d4" },
		{ "\x40\x41\x42\x43", 4,
		    "76e67dadbcdf1e10e1b74ddc608abd2f"
		    "98dfb16fbce75277b5232a127f2087ef" },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
		    "ddb89be403809e325750d3d263cd7892"
		    "9c2942b7942a34b77e122c9594a74c8c" },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67"
		  "\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
		    16,
		    "5dc9da79a70659a9ad559cb701ded9a2"
		    "ab9d823aad2f4960cfe370eff4604328" },
	};
	struct merkle t = { 0 };
	struct merkle_hash h;

	(void)state;
	merkle_root(&t, &h);
	expect_hex(&h, "e3b0c44298fc1c149afbf4c8996fb924"
		       "27ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		merkle_leaf(rows[i].leaf, rows[i].n, &h);
		merkle_add(&t, &h, NULL, NULL);
		merkle_root(&t, &h);
		expect_hex(&h, rows[i].root);
	}
}

static void
test_growing_and_beginning_in_the_middle_give_the_same_root(void **state)
{
	struct merkle grown = { 0 };

	(void)state;
	for (int64_t n = 1; n <= MOST; n++) {
		struct merkle_source src = { node, &n };
		struct merkle_hash wanted, got;
		struct merkle begun;

		merkle_add(&grown, &leaves[n - 1], NULL, NULL);
		root_of(0, n, &wanted);
		merkle_root(&grown, &got);
		assert_true(merkle_same(&got, &wanted));
		assert_int_equal(merkle_at(&src, n, &begun), 0);
		merkle_root(&begun, &got);
		assert_true(merkle_same(&got, &wanted));
	}
}

struct heard {
	int64_t next[MERKLE_HEIGHT];
};

static void
hear(void *arg, int height, int64_t index, const struct merkle_hash *root)
{
	struct heard *heard = arg;
	struct merkle_hash wanted;

	assert_int_equal(index, heard->next[height]++);
	root_of(index << height, INT64_C(1) << height, &wanted);
	assert_true(merkle_same(root, &wanted));
}

static void
test_every_whole_subtree_is_told_once(void **state)
{
	struct heard heard = { 0 };
	struct merkle t = { 0 };

	(void)state;
	for (int i = 0; i < MOST; i++)
		merkle_add(&t, &leaves[i], hear, &heard);
	for (int k = 0; k < MERKLE_HEIGHT; k++)
		assert_int_equal(heard.next[k], (int64_t)MOST >> k);
}

static void
test_a_proof_of_each_leaf_holds_and_of_no_other(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 70; n++) {
		struct merkle_source src = { node, &n };
		struct merkle_hash root;

		root_of(0, n, &root);
		for (int64_t i = 0; i < n; i++) {
			struct merkle_path p;

			assert_int_equal(merkle_inclusion(&src, i, n, &p), 0);
			assert_true(
			    merkle_includes(&p, i, n, &leaves[i], &root));
			assert_false(merkle_includes(
			    &p, i, n, &leaves[(i + 1) % MOST], &root));
			assert_false(
			    merkle_includes(&p, i ^ 1, n, &leaves[i], &root) &&
			    n > 1);
			assert_false(
			    merkle_includes(&p, i, n * 2, &leaves[i], &root));
			p.n++;
			assert_false(
			    merkle_includes(&p, i, n, &leaves[i], &root));
			p.n -= 2;
			if (p.n < 0)
				continue;
			assert_false(
			    merkle_includes(&p, i, n, &leaves[i], &root));
		}
	}
}

static void
test_every_two_sizes_are_consistent_by_a_proof_that_holds(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 70; n++) {
		struct merkle_source src = { node, &n };
		struct merkle_hash root;

		root_of(0, n, &root);
		for (int64_t m = 1; m <= n; m++) {
			struct merkle_path p;
			struct merkle_hash old;

			root_of(0, m, &old);
			assert_int_equal(merkle_consistency(&src, m, n, &p), 0);
			assert_true(merkle_continues(&p, m, n, &old, &root));
			old.b[31] ^= 1;
			assert_false(merkle_continues(&p, m, n, &old, &root));
			old.b[31] ^= 1;
			p.n++;
			assert_false(merkle_continues(&p, m, n, &old, &root));
			p.n--;
			if (p.n == 0)
				continue;
			p.at[p.n - 1].b[0] ^= 1;
			assert_false(merkle_continues(&p, m, n, &old, &root));
			p.at[p.n - 1].b[0] ^= 1;
			p.n--;
			assert_false(merkle_continues(&p, m, n, &old, &root));
		}
	}
}

static void
test_what_is_outside_the_tree_is_out_of_range(void **state)
{
	int64_t n = 5;
	struct merkle_source src = { node, &n };
	struct merkle_path p = { 0 };
	struct merkle_hash h = { 0 };

	(void)state;
	assert_int_equal(merkle_inclusion(&src, 5, 5, &p), -ERANGE);
	assert_int_equal(merkle_inclusion(&src, -1, 5, &p), -ERANGE);
	assert_int_equal(merkle_consistency(&src, 6, 5, &p), -ERANGE);
	assert_int_equal(merkle_consistency(&src, 0, 5, &p), 0);
	assert_int_equal(p.n, 0);
	assert_true(merkle_continues(&p, 0, 5, &h, &h));
	assert_false(merkle_continues(&p, 6, 5, &h, &h));
	assert_false(merkle_includes(&p, 0, 0, &h, &h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_roots_are_those_that_others_compute),
		cmocka_unit_test(
		    test_growing_and_beginning_in_the_middle_give_the_same_root),
		cmocka_unit_test(test_every_whole_subtree_is_told_once),
		cmocka_unit_test(
		    test_a_proof_of_each_leaf_holds_and_of_no_other),
		cmocka_unit_test(
		    test_every_two_sizes_are_consistent_by_a_proof_that_holds),
		cmocka_unit_test(test_what_is_outside_the_tree_is_out_of_range),
	};

	make_leaves();
	return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
