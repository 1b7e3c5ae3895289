/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/gzip.h"
#include "evidence/sending.h"

struct sending {
	char *folder;
	struct checkpoint is; /* signed */
	int64_t had; /* leaves that are there without it */
	struct merkle tree; /* whole bundles, those among them */
	bool tail; /* the last bundle is here, which is not full */
	int64_t bytes;
};

/* One that came. */
struct bundle {
	char *bytes; /* ours, unpacked */
	size_t n;
	int width;
	struct merkle tree; /* with it */
};

/* What is there already ----------------------------------------------------- */

static int64_t
whole(int64_t size)
{
	return size / TILE_WIDTH * TILE_WIDTH;
}

static int
read_own(const char *own, int64_t had, struct merkle *ret)
{
	struct merkle_source src;
	struct tiles *t;
	int r;

	if (whole(had) == 0)
		return 0;
	r = tiles_open(own, &t);
	if (r < 0)
		return r;
	tiles_size(t, had);
	src = tiles_source(t);
	r = merkle_at(&src, whole(had), ret);
	tiles_close(t);
	return r;
}

/* Whole bundles that came before, as far as they can be read: whether they are
 * what is signed, the next proofs say. */
static int
read_bundles(struct sending *s)
{
	struct merkle t = s->tree;
	struct tiles *tiles;
	int r = tiles_open(s->folder, &tiles);

	if (r < 0)
		return r;
	tiles_size(tiles, whole(s->is.size));
	while (t.size < whole(s->is.size)) {
		struct merkle_hash leaf;
		const char *entry;
		size_t n;

		if (tiles_entry(tiles, t.size, &entry, &n) < 0)
			break;
		s->bytes += (int64_t)n + 2;
		merkle_leaf(entry, n, &leaf);
		merkle_add(&t, &leaf, NULL, NULL);
		if (t.size % TILE_WIDTH == 0)
			s->tree = t;
	}
	tiles_close(tiles);
	return 0;
}

int
sending_begin(const char *folder, const char *own, int64_t had,
    const struct checkpoint *is, struct sending **ret)
{
	struct sending *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->folder = strdup(folder);
	s->is = *is;
	s->had = had;
	r = s->folder == NULL ? -ENOMEM : read_own(own, had, &s->tree);
	if (r == 0)
		r = disk_folders(folder);
	if (r == 0)
		r = read_bundles(s);
	if (r < 0) {
		sending_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

struct sending *
sending_free(struct sending *s)
{
	if (s == NULL)
		return NULL;
	free(s->folder);
	free(s);
	return NULL;
}

bool
sending_sign(struct sending *s, int64_t had, const struct checkpoint *is)
{
	if (s->had != had || s->tree.size > is->size)
		return false;
	if (s->is.size == is->size && merkle_same(&s->is.root, &is->root))
		return true;
	s->is = *is;
	s->tail = false;
	/* What one that was larger than that has brought. */
	return read_bundles(s) == 0;
}

bool
sending_is_whole(const struct sending *s)
{
	return s->tail || s->tree.size == s->is.size;
}

bool
sending_has_more(const struct sending *s)
{
	char path[PATH_MAX];
	char tile[TILE_PATH];

	snprintf(path, sizeof(path), "%s/%s", s->folder,
	    tile_path(TILE_ENTRIES, s->is.size / TILE_WIDTH, TILE_WIDTH, tile));
	return access(path, F_OK) == 0;
}

int64_t
sending_wanted(const struct sending *s)
{
	return s->tree.size / TILE_WIDTH;
}

static int
wanted_width(const struct sending *s)
{
	return tile_width(TILE_ENTRIES, sending_wanted(s), s->is.size);
}

const char *
sending_path(const struct sending *s, char buf[static TILE_PATH])
{
	return tile_path(TILE_ENTRIES, sending_wanted(s), wanted_width(s), buf);
}

/* Taking -------------------------------------------------------------------- */

/* Exactly so many entries, each behind its length. */
static int
add_entries(struct bundle *b)
{
	size_t at = 0;

	for (int i = 0; i < b->width; i++) {
		const unsigned char *p = (unsigned char *)b->bytes + at;
		struct merkle_hash leaf;
		size_t len;

		if (b->n - at < 2)
			return -EBADMSG;
		len = (size_t)p[0] << 8 | p[1];
		if (b->n - at - 2 < len)
			return -EBADMSG;
		merkle_leaf(p + 2, len, &leaf);
		merkle_add(&b->tree, &leaf, NULL, NULL);
		at += 2 + len;
	}
	return at == b->n ? 0 : -EBADMSG;
}

static int
read_bundle(struct bundle *b, const void *bytes, size_t n)
{
	int r = 0;

	if (gzip_is(bytes, n))
		r = gzip_unpack(bytes, n, TILE_BYTES_MAX, &b->bytes, &b->n);
	else {
		b->bytes = malloc(n + 1);
		if (b->bytes == NULL)
			return -ENOMEM;
		memcpy(b->bytes, bytes, n);
		b->n = n;
	}
	return r < 0 ? r : add_entries(b);
}

int
sending_prove(const struct sending *s, const struct merkle_hash *root,
    const struct merkle_path *proof)
{
	struct merkle_hash is;

	if (s->tree.size == 0)
		return 0;
	if (!merkle_continues(
		proof, s->tree.size, s->is.size, root, &s->is.root))
		return -EKEYREJECTED;
	merkle_root(&s->tree, &is);
	return merkle_same(&is, root) ? 0 : -ESTALE;
}

static int
prove(const struct sending *s, const struct bundle *b,
    const struct merkle_path *proof)
{
	struct merkle_hash root;

	merkle_root(&b->tree, &root);
	return merkle_continues(
		   proof, b->tree.size, s->is.size, &root, &s->is.root)
		   ? 0
		   : -EKEYREJECTED;
}

/* As the station has it: one that is full is packed. */
static int
keep(const struct sending *s, const struct bundle *b)
{
	char path[TILE_PATH];
	char *packed;
	size_t n;
	int r;

	sending_path(s, path);
	if (b->width < TILE_WIDTH)
		return disk_put(s->folder, path, b->bytes, b->n, 0);
	r = gzip_pack(b->bytes, b->n, &packed, &n);
	if (r < 0)
		return r;
	r = disk_put(s->folder, path, packed, n, 0);
	free(packed);
	return r;
}

int
sending_take(struct sending *s, const void *bytes, size_t n,
    const struct merkle_path *proof)
{
	struct bundle b = { .width = wanted_width(s), .tree = s->tree };
	int r = read_bundle(&b, bytes, n);

	if (r == 0)
		r = prove(s, &b, proof);
	if (r == 0 && s->bytes + (int64_t)b.n > SENDING_MAX)
		r = -EFBIG;
	if (r == 0)
		r = keep(s, &b);
	if (r == 0) {
		s->bytes += (int64_t)b.n;
		if (b.width == TILE_WIDTH)
			s->tree = b.tree;
		else
			s->tail = true;
	}
	free(b.bytes);
	return r;
}
