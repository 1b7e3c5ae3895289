/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "evidence/merkle.h"

void
merkle_leaf(const void *entry, size_t n, struct merkle_hash *ret)
{
	hash_behind(0x00, entry, n, NULL, 0, ret->b);
}

void
merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
    struct merkle_hash *ret)
{
	hash_behind(
	    0x01, left->b, sizeof(left->b), right->b, sizeof(right->b), ret->b);
}

bool
merkle_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

void
merkle_add(struct merkle *t, const struct merkle_hash *leaf,
    void (*node)(
	void *arg, int height, int64_t index, const struct merkle_hash *root),
    void *arg)
{
	struct merkle_hash h = *leaf;
	int64_t index = t->size;
	int height = 0;

	for (;; height++, index >>= 1) {
		if (node != NULL)
			node(arg, height, index, &h);
		if ((index & 1) == 0)
			break;
		merkle_node(&t->at[height], &h, &h);
	}
	t->at[height] = h;
	t->size++;
}

/* SHA-256 of no bytes at all. */
static const struct merkle_hash of_nothing = { { 0xe3, 0xb0, 0xc4, 0x42, 0x98,
    0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78,
    0x52, 0xb8, 0x55 } };

void
merkle_root(const struct merkle *t, struct merkle_hash *ret)
{
	bool begun = false;

	if (t->size == 0)
		*ret = of_nothing;
	for (int k = 0; k < MERKLE_HEIGHT; k++) {
		if ((t->size >> k & 1) == 0)
			continue;
		if (begun)
			merkle_node(&t->at[k], ret, ret);
		else
			*ret = t->at[k];
		begun = true;
	}
}

int
merkle_at(const struct merkle_source *from, int64_t size, struct merkle *ret)
{
	struct merkle t = { .size = size };

	for (int k = 0; k < MERKLE_HEIGHT; k++) {
		int r = 0;

		/* The subtree of bit k begins where those above it end. */
		if (size >> k & 1)
			r = from->node(from->arg, k, (size >> k) - 1, &t.at[k]);
		if (r < 0)
			return r;
	}
	*ret = t;
	return 0;
}

/* The largest power of two below n > 1, as an exponent. */
static int
split(int64_t n)
{
	return 63 - __builtin_clzll((uint64_t)n - 1);
}

/* MTH(D[from:from+n]), n > 0; `from` is a multiple of the power of two that is
 * n or above it. */
static int
range(const struct merkle_source *src, int64_t from, int64_t n,
    struct merkle_hash *ret)
{
	struct merkle_hash right;
	struct merkle_hash left;
	int k;
	int r;

	if ((n & (n - 1)) == 0) {
		k = __builtin_ctzll((uint64_t)n);
		return src->node(src->arg, k, from >> k, ret);
	}
	k = split(n);
	r = range(src, from, INT64_C(1) << k, &left);
	if (r == 0)
		r = range(src, from + (INT64_C(1) << k), n - (INT64_C(1) << k),
		    &right);
	if (r == 0)
		merkle_node(&left, &right, ret);
	return r;
}

/* The proofs go down from the root, and are told upwards. */
static int
put_range(const struct merkle_source *src, int64_t from, int64_t n,
    struct merkle_path *path)
{
	return range(src, from, n, &path->at[path->n++]);
}

static void
turn_round(struct merkle_path *path)
{
	for (int i = 0, j = path->n - 1; i < j; i++, j--) {
		struct merkle_hash h = path->at[i];

		path->at[i] = path->at[j];
		path->at[j] = h;
	}
}

int
merkle_inclusion(const struct merkle_source *src, int64_t index, int64_t size,
    struct merkle_path *ret)
{
	int64_t from = 0;
	int64_t n = size;
	int r = 0;

	if (index < 0 || index >= size)
		return -ERANGE;
	ret->n = 0;
	while (r == 0 && n > 1) {
		int64_t k = INT64_C(1) << split(n);

		if (index - from < k) {
			r = put_range(src, from + k, n - k, ret);
			n = k;
		} else {
			r = put_range(src, from, k, ret);
			from += k;
			n -= k;
		}
	}
	turn_round(ret);
	return r;
}

int
merkle_consistency(const struct merkle_source *src, int64_t old, int64_t size,
    struct merkle_path *ret)
{
	int64_t from = 0;
	int64_t n = size;
	int64_t m = old;
	bool known = true; /* the old tree's root, to who has the proof */
	int r = 0;

	if (old < 0 || old > size)
		return -ERANGE;
	ret->n = 0;
	if (old == 0)
		return 0;
	while (r == 0 && m < n) {
		int64_t k = INT64_C(1) << split(n);

		if (m <= k) {
			r = put_range(src, from + k, n - k, ret);
			n = k;
		} else {
			r = put_range(src, from, k, ret);
			from += k;
			n -= k;
			m -= k;
			known = false;
		}
	}
	if (r == 0 && !known)
		r = put_range(src, from, n, ret);
	turn_round(ret);
	return r;
}

bool
merkle_includes(const struct merkle_path *p, int64_t index, int64_t size,
    const struct merkle_hash *leaf, const struct merkle_hash *root)
{
	struct merkle_hash h = *leaf;
	int64_t at = index;
	int64_t last = size - 1;

	if (index < 0 || index >= size)
		return false;
	for (int i = 0; i < p->n; i++) {
		if (last == 0)
			return false;
		if ((at & 1) == 1 || at == last) {
			merkle_node(&p->at[i], &h, &h);
			/* No sibling at these heights: nothing was hashed. */
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else
			merkle_node(&h, &p->at[i], &h);
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && merkle_same(&h, root);
}

/* Both trees' roots, out of the hashes from the i-th on. */
static bool
rise(const struct merkle_path *p, int i, int64_t at, int64_t last,
    struct merkle_hash *old, struct merkle_hash *new)
{
	for (; i < p->n; i++) {
		if (last == 0)
			return false;
		if ((at & 1) == 1 || at == last) {
			merkle_node(&p->at[i], old, old);
			merkle_node(&p->at[i], new, new);
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else
			merkle_node(new, &p->at[i], new);
		at >>= 1;
		last >>= 1;
	}
	return last == 0;
}

bool
merkle_continues(const struct merkle_path *p, int64_t old, int64_t size,
    const struct merkle_hash *old_root, const struct merkle_hash *root)
{
	struct merkle_hash of_old;
	struct merkle_hash of_new;
	int64_t at = old - 1;
	int64_t last = size - 1;
	bool whole = (old & (old - 1)) == 0; /* its root is a node of ours */

	if (old < 0 || old > size)
		return false;
	if (old == 0)
		return p->n == 0;
	if (old == size)
		return p->n == 0 && merkle_same(old_root, root);
	if (!whole && p->n == 0)
		return false;
	while ((at & 1) == 1) {
		at >>= 1;
		last >>= 1;
	}
	of_old = of_new = whole ? *old_root : p->at[0];
	return rise(p, whole ? 0 : 1, at, last, &of_old, &of_new) &&
	       merkle_same(&of_old, old_root) && merkle_same(&of_new, root);
}
