/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "evidence/leaves.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/roster.h"
#include "evidence/seal.h"
#include "evidence/signer.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"
#include "evidence/verify.h"

#define SIZE_MAX_LEAVES (INT64_C(1) << 31)

/* A record that is not where it was: told once all lines are read, for it may
 * still come. */
struct trouble {
	int64_t seq;
	char file[32]; /* where it was due, or what stands there */
	int64_t line;
	enum { GONE, CHANGED, MOVED } what;
};

/* The records that one tree speaks of: no other one does. */
struct part {
	int64_t from; /* the first seq */
	int64_t end; /* behind the last */
	struct leaves l;
	struct merkle_hash *leaves; /* by l */
};

/* The newest tree's entries as they were published. What the log's line shows to
 * be as it was signed is unpacked once, and not hashed again. */
struct copy {
	char name[32]; /* of the tree */
	struct tiles *tiles;
	struct leaves l;
	int64_t size;
	const struct merkle_hash *leaves; /* borrowed from the newest part */
	unsigned short *same; /* by bundle: entries that the log has shown */
};

struct run {
	const struct verify_setup *up;
	struct verify sum;
	/* What was signed: by seq, but a number says nothing of how many there
	 * are. */
	struct part parts[TREES_MAX];
	size_t n_parts;
	size_t part; /* the one that was asked last */
	int64_t n; /* the seq behind the last one that a tree has */
	struct merkle_hash nothing; /* the leaf of a record that was lost */
	/* One tree. */
	char name[32]; /* "v1/", or "" */
	struct tiles *tiles;
	struct merkle_hash *leaves; /* as many as there are files for */
	int64_t leaves_room;
	char *first; /* its first entry, where it is known; or NULL */
	size_t first_n;
	struct copy copy; /* its size is 0 where there is none */
	/* The log's lines. */
	int64_t next; /* the seq that is due */
	int64_t resume; /* where a number that cannot be has made it leave */
	struct trouble *troubles; /* by seq */
	size_t n_troubles;
	size_t troubles_room;
	char file[32];
	int64_t line;
	int error;
};

/* Telling ----------------------------------------------------------------- */

static void
tell(struct run *v, const struct verify_finding *f)
{
	v->sum.findings++;
	if (f->record >= 0 && (v->sum.first < 0 || f->record < v->sum.first))
		v->sum.first = f->record;
	if (v->up->report != NULL)
		v->up->report(v->up->arg, f);
}

/* Of a file of the tree. */
__attribute__((format(printf, 4, 5))) static void
tell_file(struct run *v, const char *name, int64_t record, const char *fmt, ...)
{
	char file[160];
	char text[600];
	va_list ap;

	snprintf(file, sizeof(file), "%s%s", v->name, name);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(v, &(struct verify_finding){ file, 0, record, record >= 0, text });
}

/* One tree ----------------------------------------------------------------- */

/* By the key beside it, which is in *key; or by one of those given, and which.
 * A given key is that of one tree; the station's others have the same bytes
 * under their own names. */
static int
open_note(const struct run *v, const char *note, size_t n, struct note_key *key,
    struct checkpoint *ret)
{
	struct checkpoint c;
	size_t text;
	int r;

	if (v->up->n_keys == 0)
		return checkpoint_open(note, n, key, ret);
	r = note_text(note, n, &text);
	if (r == 0)
		r = checkpoint_read(note, text, &c);
	if (r < 0)
		return r;
	r = -ENOKEY;
	for (size_t i = 0; r == -ENOKEY && i < v->up->n_keys; i++) {
		const struct note_key *k = &v->up->keys[i];

		r = note_key(c.origin, k->type, k->key, key);
		if (r == 0)
			r = checkpoint_open(note, n, key, ret);
	}
	return r;
}

static int
open_checkpoint(struct run *v, struct note_key *key, struct checkpoint *ret)
{
	char *note;
	size_t n;
	int r = tiles_file(v->tiles, SEAL_PUBLISHED, &note, &n);

	if (r < 0) {
		tell_file(v, SEAL_PUBLISHED, -1, "%s",
		    _("the signed checkpoint is missing: nothing of this tree "
		      "can be believed"));
		return -EBADMSG;
	}
	r = open_note(v, note, n, key, ret);
	free(note);
	if (r == -ENOKEY)
		tell_file(v, SEAL_PUBLISHED, -1, "%s",
		    v->up->n_keys == 0
			? _("it is not signed by the key beside it: it is "
			    "another station's, or somebody made it")
			: _("it is signed by another key than was given: the "
			    "station's key was replaced, or it is another "
			    "station's, or somebody made it"));
	else if (r < 0 && r != -ENOMEM)
		tell_file(v, SEAL_PUBLISHED, -1, "%s",
		    _("the signature does not fit: it was changed after it "
		      "was signed"));
	return r;
}

/* What is above the leaves. */
struct above {
	struct run *v;
	int64_t told; /* the last tile, of level 1 */
};

static void
compare_above(
    void *arg, int height, int64_t index, const struct merkle_hash *root)
{
	struct above *a = arg;
	struct merkle_hash is;
	char path[TILE_PATH];
	int level = height / TILE_HEIGHT;
	int64_t n = index / TILE_WIDTH;
	int r;

	if (height == 0 || height % TILE_HEIGHT != 0)
		return;
	r = tiles_hash(a->v->tiles, level, index, &is);
	if (r == 0 && merkle_same(&is, root))
		return;
	if (a->told != n)
		tell_file(a->v, tile_path(level, n, TILE_WIDTH, path), -1,
		    r < 0 ? _("this tile is missing or damaged")
			  : _("this tile does not fit the one below it: one "
			      "of the two was changed"));
	a->told = n;
}

/* A size is only a number, whoever signed it: room is made for what is there. */
static bool
keep_leaf(struct run *v, int64_t i, const struct merkle_hash *leaf)
{
	if (i == v->leaves_room) {
		int64_t room = v->leaves_room * 2 + TILE_WIDTH;
		void *grown =
		    realloc(v->leaves, (size_t)room * sizeof(*v->leaves));

		if (grown == NULL) {
			v->error = -ENOMEM;
			return false;
		}
		v->leaves = grown;
		v->leaves_room = room;
	}
	v->leaves[i] = *leaf;
	return true;
}

static void
drop_leaves(struct run *v)
{
	free(v->leaves);
	v->leaves = NULL;
	v->leaves_room = 0;
}

/* The leaves' hashes from the tiles, and the root that they give. False when
 * one is not there. */
static bool
read_leaves(struct run *v, int64_t size, struct merkle_hash *ret_root)
{
	struct above above = { v, -1 };
	struct merkle t = { 0 };
	char path[TILE_PATH];

	for (int64_t i = 0; i < size; i++) {
		struct merkle_hash leaf;

		if (tiles_hash(v->tiles, 0, i, &leaf) < 0) {
			tell_file(v,
			    tile_path(0, i / TILE_WIDTH,
				tile_width(0, i / TILE_WIDTH, size), path),
			    -1, _("this tile is missing or damaged"));
			return false;
		}
		if (!keep_leaf(v, i, &leaf))
			return false;
		merkle_add(&t, &leaf, compare_above, &above);
	}
	merkle_root(&t, ret_root);
	return true;
}

/* The same from the entries themselves. */
static bool
hash_entries(struct run *v, int64_t size, struct merkle_hash *ret_root)
{
	struct merkle t = { 0 };

	drop_leaves(v);
	for (int64_t i = 0; i < size; i++) {
		struct merkle_hash leaf;
		const char *entry;
		size_t n;

		if (tiles_entry(v->tiles, i, &entry, &n) < 0)
			return false;
		merkle_leaf(entry, n, &leaf);
		if (!keep_leaf(v, i, &leaf))
			return false;
		merkle_add(&t, &leaf, NULL, NULL);
	}
	merkle_root(&t, ret_root);
	return true;
}

/* The entries of one bundle against their hashes, up to the first that is
 * not as it was signed. */
static void
check_bundle(struct run *v, int64_t bundle)
{
	const struct copy *k = &v->copy;
	int64_t first = bundle * TILE_WIDTH;
	int width = tile_width(TILE_ENTRIES, bundle, k->size);

	for (int64_t i = first; i < first + width; i++) {
		struct merkle_hash leaf;
		char path[TILE_PATH];
		const char *entry;
		size_t n;
		int r = tiles_entry(k->tiles, i, &entry, &n);

		if (r == 0)
			merkle_leaf(entry, n, &leaf);
		if (r == 0 && merkle_same(&leaf, &k->leaves[i]))
			continue;
		tell_file(v, tile_path(TILE_ENTRIES, bundle, width, path),
		    r == 0 ? leaves_seq(&k->l, i) : -1,
		    r == 0 ? _("the copy of record %lld that was published is "
			       "not what was signed")
			   : _("this copy of the records, from %lld on, is "
			       "missing or damaged"),
		    (long long)leaves_seq(&k->l, i));
		return;
	}
}

/* What of the copy the log has not shown to be right; then it goes. */
static void
check_copy(struct run *v)
{
	struct copy *k = &v->copy;
	char name[sizeof(v->name)];

	memcpy(name, v->name, sizeof(name));
	memcpy(v->name, k->name, sizeof(name));
	for (int64_t i = 0; i * TILE_WIDTH < k->size; i++)
		if (k->same[i] < tile_width(TILE_ENTRIES, i, k->size))
			check_bundle(v, i);
	memcpy(v->name, name, sizeof(name));
	tiles_close(k->tiles);
	free(k->same);
	*k = (struct copy){ 0 };
}

/* Of the newest part. */
static int
keep_copy(struct run *v)
{
	const struct part *p = &v->parts[v->n_parts - 1];
	struct copy k = { .tiles = v->tiles,
		.l = p->l,
		.size = p->end - p->from,
		.leaves = p->leaves };

	memcpy(k.name, v->name, sizeof(k.name));
	k.same = calloc((size_t)(k.size / TILE_WIDTH + 1), sizeof(*k.same));
	if (k.same == NULL)
		return -ENOMEM;
	v->copy = k;
	v->tiles = NULL;
	return 0;
}

/* How a record was signed; NULL: it is in no tree. */
static const struct merkle_hash *
signed_as(struct run *v, int64_t seq)
{
	for (size_t i = 0; i < v->n_parts; i++) {
		const struct part *p = &v->parts[v->part];

		if (seq >= p->from && seq < p->end)
			return &p->leaves[leaves_index(&p->l, seq)];
		v->part = (v->part + 1) % v->n_parts;
	}
	return NULL;
}

/* The first signed record from there on; `otherwise` for none. */
static int64_t
next_signed(const struct run *v, int64_t seq, int64_t otherwise)
{
	for (size_t i = 0; i < v->n_parts; i++)
		if (seq < v->parts[i].end)
			return later(seq, v->parts[i].from);
	return otherwise;
}

static const char *
words_given_up(int64_t records)
{
	return records == 1
		   ? _("record %lld was signed before this tree began, and is "
		       "not in the log any more as it was; the older tree "
		       "still has it")
		   : _("records %lld to %lld were signed before this tree "
		       "began, and are not in the log any more as they were; "
		       "the older trees still have them");
}

static void
tell_given_up(struct run *v, int64_t first, int64_t records)
{
	char text[600];

	if (records == 0)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), words_given_up(records), (long long)first,
	    (long long)(first + records - 1));
#pragma GCC diagnostic pop
	v->sum.given_up += records;
	tell(v, &(struct verify_finding){ v->name, 0, first, records, text });
}

/* Had an older tree a record that this one has not as it was? */
static bool
is_given_up(const struct run *v, const struct part *p, const struct leaves *l,
    int64_t size, int64_t seq)
{
	const struct merkle_hash *was = &p->leaves[leaves_index(&p->l, seq)];
	int64_t index = leaves_index(l, seq);

	if (merkle_same(was, &v->nothing))
		return false;
	return index < 0 || index >= size ||
	       !merkle_same(&v->leaves[index], was);
}

static void
check_given_up(struct run *v, const struct leaves *l, int64_t size)
{
	int64_t first = 0;
	int64_t records = 0;

	for (size_t i = 0; i < v->n_parts; i++) {
		const struct part *p = &v->parts[i];

		for (int64_t seq = later(p->from, l->from); seq < p->end;
		     seq++) {
			bool up = is_given_up(v, p, l, size, seq);

			if (up && records > 0 && seq == first + records) {
				records++;
				continue;
			}
			if (!up)
				continue;
			tell_given_up(v, first, records);
			first = seq;
			records = 1;
		}
	}
	tell_given_up(v, first, records);
}

/* What older trees say from there on does not count any more. */
static void
drop_from(struct run *v, int64_t seq)
{
	for (size_t i = v->n_parts; i-- > 0;) {
		struct part *p = &v->parts[i];

		p->end = earlier(p->end, seq);
		if (p->end > p->from)
			continue;
		free(p->leaves);
		memmove(p, p + 1, (--v->n_parts - i) * sizeof(*p));
	}
	v->part = 0;
}

/* What this tree says of the log; from its own first record on it counts, and
 * no older one. */
static void
take_tree(struct run *v, const struct leaves *l, int64_t size, bool right)
{
	if (right)
		check_given_up(v, l, size);
	drop_from(v, l->from);
	v->n = leaves_end(l, size);
	if (!right || size == 0)
		return;
	v->parts[v->n_parts++] = (struct part){ l->from, v->n, *l, v->leaves };
	v->leaves = NULL;
	v->leaves_room = 0;
}

/* A checkpoint seen before is one of this tree's sizes, or it has signed two
 * histories. */
static void
check_before(struct run *v, const struct note_key *key, int64_t size)
{
	struct merkle t = { 0 };
	struct merkle_hash root;
	struct checkpoint c;

	if (v->up->before == NULL ||
	    checkpoint_open(v->up->before, v->up->before_n, key, &c) < 0)
		return;
	v->sum.before_held = true;
	if (c.size > size) {
		tell_file(v, SEAL_PUBLISHED, -1,
		    _("the station had signed %lld records before; here are "
		      "only %lld of them"),
		    (long long)c.size, (long long)size);
		return;
	}
	for (int64_t i = 0; i < c.size; i++)
		merkle_add(&t, &v->leaves[i], NULL, NULL);
	merkle_root(&t, &root);
	if (!merkle_same(&root, &c.root))
		tell_file(v, SEAL_PUBLISHED, -1,
		    _("the first %lld records are not those that the station "
		      "had signed before: it has signed two histories"),
		    (long long)c.size);
}

/* The leaves that are known to be right, from whichever file has them. */
static bool
right_leaves(struct run *v, const struct checkpoint *c)
{
	struct merkle_hash root;

	if (read_leaves(v, c->size, &root) && merkle_same(&root, &c->root))
		return true;
	if (v->error < 0)
		return false;
	tell_file(v, "tile", -1, "%s",
	    _("the tiles do not give what was signed: they were changed, or "
	      "some are missing"));
	return hash_entries(v, c->size, &root) && merkle_same(&root, &c->root);
}

/* Is this the entry that the tree begins with? 1, and it is kept. */
static int
take_first(void *arg, const char *entry, size_t n, int64_t seq)
{
	struct run *v = arg;
	struct merkle_hash leaf;

	(void)seq;
	if (record_kind(entry, n) != KIND_EPOCH)
		return 0;
	merkle_leaf(entry, n, &leaf);
	if (!merkle_same(&leaf, &v->leaves[0]))
		return 0;
	v->first = malloc(n + 1);
	if (v->first == NULL)
		return -ENOMEM;
	memcpy(v->first, entry, n);
	v->first[n] = '\0';
	v->first_n = n;
	return 1;
}

/* Out of its copy; without that, out of the log. */
static bool
find_first(struct run *v)
{
	const char *entry;
	size_t n;

	if (tiles_entry(v->tiles, 0, &entry, &n) == 0 &&
	    take_first(v, entry, n, -1) == 1)
		return true;
	return v->up->log != NULL &&
	       ledger_each(v->up->log, take_first, v) == 1;
}

/* Which record is which leaf of a later tree its first entry says: the one that
 * was signed, or none. No number in it may be beyond what the tree has. */
static bool
read_mapping(struct run *v, const struct checkpoint *c, struct leaves *ret)
{
	char path[TILE_PATH];

	*ret = LEAVES_FIRST;
	if (c->size == 0 || signer_number(c->origin) <= 1)
		return true;
	if (find_first(v) &&
	    leaves_read(v->first, v->first_n, c->origin, ret) == 0 &&
	    ret->epoch < leaves_end(ret, c->size))
		return true;
	*ret = LEAVES_FIRST;
	tell_file(v,
	    tile_path(
		TILE_ENTRIES, 0, tile_width(TILE_ENTRIES, 0, c->size), path),
	    -1, "%s",
	    _("the first record of this tree is missing or changed: which "
	      "records it has is not known"));
	return false;
}

/* Is this the next tree of the one before, which is whole? Its first leaf has
 * the checkpoint that was signed last of that one. */
static void
check_epoch(struct run *v, const struct checkpoint *before)
{
	struct checkpoint c;
	const char *after;
	size_t text;
	json_t *r;

	if (v->first == NULL || record_parse(v->first, v->first_n, &r) < 0)
		return;
	after = record_text(r, "after");
	if (note_text(after, strlen(after), &text) == 0 &&
	    checkpoint_read(after, text, &c) == 0 &&
	    strcmp(c.origin, before->origin) == 0 &&
	    (c.size != before->size || !merkle_same(&c.root, &before->root)))
		tell_file(v, SEAL_PUBLISHED, -1,
		    _("when this tree began, %lld records had been signed in "
		      "the one before; there it says %lld"),
		    (long long)c.size, (long long)before->size);
	json_decref(r);
}

/* One station, one key: a tree of another's beside it is nobody's word, before
 * that key is given, too. */
static bool
is_another_key(struct run *v, const struct note_key *key)
{
	if (v->sum.key.name[0] == '\0' ||
	    memcmp(v->sum.key.key, key->key, sizeof(key->key)) == 0)
		return false;
	tell_file(v, SEAL_VKEY, -1, "%s",
	    _("this is another key than that of the tree before it: the "
	      "station's key was replaced, or somebody else signed this. Ask "
	      "the station; to rely on both, write both keys into one file "
	      "and give it with --key"));
	return true;
}

/* Whose checkpoint it has to be: the key that lies there, if none was given. */
static int
key_beside(struct run *v, struct note_key *ret)
{
	int r;

	if (v->up->n_keys > 0)
		return 0;
	r = tiles_key(v->tiles, SEAL_VKEY, ret);
	if (r < 0)
		tell_file(v, SEAL_VKEY, -1, "%s",
		    _("the station's public key is missing here, or is none; "
		      "give it with --key"));
	else if (is_another_key(v, ret))
		r = -EKEYREJECTED;
	return r;
}

static int
verify_tree(struct run *v, const char *folder)
{
	struct checkpoint before = v->sum.last;
	struct checkpoint c;
	struct note_key key;
	struct leaves l;
	bool right = false;
	int r;

	/* Before its hashes go: a later tree may have the same records. */
	check_copy(v);
	r = tiles_open(folder, &v->tiles);
	if (r < 0)
		return r;
	v->sum.trees++;
	r = key_beside(v, &key);
	if (r == 0)
		r = open_checkpoint(v, &key, &c);
	if (r == 0 && c.size > SIZE_MAX_LEAVES)
		r = -EFBIG;
	if (r == 0) {
		tiles_size(v->tiles, c.size);
		v->sum.key = key;
		v->sum.last = c;
		l = LEAVES_FIRST;
		right = right_leaves(v, &c);
		r = v->error;
		if (right)
			check_before(v, &key, c.size);
		right = right && read_mapping(v, &c, &l);
		if (right)
			check_epoch(v, &before);
		take_tree(v, &l, c.size, right);
		if (right && c.size > 0)
			r = keep_copy(v);
	}
	drop_leaves(v);
	free(v->first);
	v->first = NULL;
	v->tiles = tiles_close(v->tiles);
	/* What is wrong with it has been told. */
	return r == -ENOMEM || r == -EFBIG ? r : 0;
}

/* In a collector's store a key has its own trees, and others may have been
 * before them: then the first one that is there begins. */
static bool
may_begin_late(const struct run *v)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" ROSTER_FILE, v->up->trees);
	return v->up->log == NULL && v->sum.trees == 0 &&
	       access(path, F_OK) == 0;
}

/* v1, v2, ... up to the last one that is there; or the one tree. */
static int
verify_trees(struct run *v)
{
	char path[PATH_MAX];
	int last = 0;
	int r = 0;

	snprintf(path, sizeof(path), "%s/%s", v->up->trees, SEAL_PUBLISHED);
	if (access(path, F_OK) == 0)
		return verify_tree(v, v->up->trees);
	last = trees_last(v->up->trees);
	if (last < 0)
		return last;
	for (int i = 1; r == 0 && i <= last; i++) {
		snprintf(path, sizeof(path), "%s/v%d", v->up->trees, i);
		snprintf(v->name, sizeof(v->name), "v%d/", i);
		r = verify_tree(v, path);
		if (r == -ENOENT && !may_begin_late(v))
			tell_file(v, "", -1, "%s",
			    _("this tree is missing, and a later one is "
			      "there"));
		if (r == -ENOENT)
			r = 0;
	}
	return r == 0 && last == 0 ? -ENOENT : r;
}

/* The log's lines ----------------------------------------------------------- */

static bool
is_sealed(struct run *v, int64_t seq)
{
	return signed_as(v, seq) != NULL;
}

static struct trouble *
find_trouble(struct run *v, int64_t seq)
{
	size_t lo = 0;
	size_t hi = v->n_troubles;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (v->troubles[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < v->n_troubles && v->troubles[lo].seq == seq
		   ? &v->troubles[lo]
		   : NULL;
}

/* The record that was due is not there, as far as we have come. */
static void
miss(struct run *v, int what)
{
	int64_t seq = v->next++;
	const struct merkle_hash *was = signed_as(v, seq);
	struct trouble *t;

	if (was == NULL || merkle_same(was, &v->nothing))
		return;
	if (v->n_troubles == v->troubles_room) {
		size_t room = v->troubles_room * 2 + 64;
		void *grown = realloc(v->troubles, room * sizeof(*v->troubles));

		if (grown == NULL) {
			v->error = -ENOMEM;
			return;
		}
		v->troubles = grown;
		v->troubles_room = room;
	}
	t = &v->troubles[v->n_troubles++];
	*t = (struct trouble){ .seq = seq, .line = v->line };
	snprintf(t->file, sizeof(t->file), "%s", v->file);
	t->what = what;
}

/* None of those up to there. How many of them nobody signed. */
static int64_t
miss_until(struct run *v, int64_t end)
{
	int64_t unsealed = 0;

	while (v->next < end && v->error == 0) {
		int64_t seq = earlier(next_signed(v, v->next, end), end);

		unsealed += seq - v->next;
		v->next = seq;
		if (seq < end)
			miss(v, GONE);
	}
	return unsealed;
}

static void
tell_line(struct run *v, int64_t line, const char *text)
{
	tell(v, &(struct verify_finding){ v->file, line, -1, 0, text });
}

/* Whatever took the place of `seq` and of those behind it were lines too many,
 * one after the other up to here. */
static bool
put_in(struct run *v, const struct trouble *t)
{
	size_t first = (size_t)(t - v->troubles);
	size_t n = v->n_troubles - first;

	for (size_t i = 0; i < n; i++)
		if (t[i].what != CHANGED ||
		    t[i].line != v->line - (int64_t)(n - i) ||
		    strcmp(t[i].file, v->file) != 0)
			return false;
	if (v->next - t->seq != (int64_t)n)
		return false;
	for (size_t i = 0; i < n; i++)
		tell_line(v, t[i].line,
		    _("this line is no record of this log: it was put in"));
	v->next = t->seq + 1;
	v->n_troubles = first;
	return true;
}

/* The very record, but others were due. */
static void
take_displaced(struct run *v, int64_t seq)
{
	struct trouble *t;

	if (seq > v->next) {
		miss_until(v, seq);
		v->next = seq + 1;
		v->sum.sealed++;
		return;
	}
	t = find_trouble(v, seq);
	if (t == NULL || t->what == MOVED) {
		tell_line(v, v->line,
		    _("a record that has been read already stands here once "
		      "more"));
		return;
	}
	v->sum.sealed++;
	if (put_in(v, t))
		return;
	t->what = MOVED;
	t->line = v->line;
	snprintf(t->file, sizeof(t->file), "%s", v->file);
}

/* The log may go on from it, or, where it was put in later, as if it were not
 * there. */
static void
tell_number(struct run *v, int64_t due, int64_t seq)
{
	char text[300];

	snprintf(text, sizeof(text),
	    _("this line claims to be record %lld, and %lld is due: its number "
	      "is damaged, or it was put in"),
	    (long long)seq, (long long)due);
	tell(v, &(struct verify_finding){ v->file, v->line, due, 1, text });
}

/* A line that nothing sealed says anything of: behind the last one signed, or
 * before a tree that could not be read. */
static void
take_unsealed(struct run *v, int64_t seq)
{
	int64_t due = v->next;

	if (seq < due && seq != v->resume) {
		tell_line(v, v->line,
		    _("this line is no record of this log: it was put in"));
		return;
	}
	if (seq < due)
		v->resume = -1;
	else if (miss_until(v, seq) > SEAL_LOST_MAX) {
		tell_number(v, due, seq);
		v->resume = due;
	}
	v->next = seq + 1;
	v->sum.open += seq >= v->n;
}

/* No record that is known: what was due, changed; or nothing was. */
static void
take_stranger(struct run *v)
{
	if (is_sealed(v, v->next))
		miss(v, CHANGED);
	else
		tell_line(v, v->line,
		    _("this line is no record of this log: it was put in"));
}

/* Are these the bytes of the record that is due? And its published copy? */
static bool
is_next(struct run *v, const char *line, size_t n, struct merkle_hash *ret_is)
{
	const struct merkle_hash *was = signed_as(v, v->next);
	struct copy *k = &v->copy;
	int64_t index = leaves_index(&k->l, v->next);
	const char *entry;
	size_t len;

	merkle_leaf(line, n, ret_is);
	if (was == NULL || !merkle_same(ret_is, was))
		return false;
	if (index >= 0 && index < k->size &&
	    tiles_entry(k->tiles, index, &entry, &len) == 0 && len == n &&
	    memcmp(entry, line, n) == 0)
		k->same[index / TILE_WIDTH]++;
	return true;
}

static void
take_line(struct run *v, const char *line, size_t n)
{
	const struct merkle_hash *was;
	struct merkle_hash is;
	int64_t seq;

	if (is_next(v, line, n, &is)) {
		v->next++;
		v->sum.sealed++;
		return;
	}
	seq = record_seq(line, n);
	was = signed_as(v, seq);
	if (was != NULL) {
		if (merkle_same(&is, was))
			take_displaced(v, seq);
		else
			take_stranger(v);
		return;
	}
	/* What claims a place far behind the tree's end, where one of the
	 * tree's is due, is that one with another number. */
	if (seq >= 0 && (seq <= v->n || !is_sealed(v, v->next)))
		take_unsealed(v, seq);
	else if (is_sealed(v, v->next))
		take_stranger(v);
}

static bool
is_log_file(const char *name)
{
	int year, month, end = 0;

	return strlen(name) == strlen("airing-0000-00.jsonl") &&
	       sscanf(name, "airing-%4d-%2d.jsonl%n", &year, &month, &end) ==
		   2 &&
	       name[end] == '\0' && end > 0;
}

static int
take_file(void *arg, const char *name)
{
	struct run *v = arg;
	char *bytes;
	const char *p;
	size_t left;
	int r;

	if (!is_log_file(name))
		return 0;
	r = v->up->log->read(v->up->log, name, &bytes, &left);
	if (r < 0)
		return r;
	snprintf(v->file, sizeof(v->file), "%s", name);
	v->line = 0;
	for (p = bytes; left > 0 && v->error == 0;) {
		const char *lf = memchr(p, '\n', left);
		size_t n = lf == NULL ? left : (size_t)(lf - p);

		v->line++;
		/* One without its end never counted. */
		if (lf == NULL)
			break;
		take_line(v, p, n);
		p = lf + 1;
		left -= n + 1;
	}
	free(bytes);
	return v->error;
}

static const char *
words_of(const struct trouble *t, int64_t records)
{
	switch (t->what) {
	case GONE:
		return records == 1
			   ? _("record %lld is missing: it was signed, and is "
			       "not in the log any more")
			   : _("records %lld to %lld are missing: they were "
			       "signed, and are not in the log any more");
	case CHANGED:
		return records == 1
			   ? _("record %lld was changed after it was signed")
			   : _("records %lld to %lld were changed after they "
			       "were signed");
	case MOVED:
		return records == 1
			   ? _("record %lld stands in the wrong place")
			   : _("records %lld to %lld stand in the wrong "
			       "place");
	}
	return "";
}

/* Neighbours of one kind are one finding. */
static void
tell_troubles(struct run *v)
{
	for (size_t i = 0, j; i < v->n_troubles; i = j) {
		const struct trouble *t = &v->troubles[i];
		int64_t records;
		char text[600];

		for (j = i + 1;
		     j < v->n_troubles && v->troubles[j].what == t->what &&
		     v->troubles[j].seq == t->seq + (int64_t)(j - i);
		     j++)
			;
		records = (int64_t)(j - i);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), words_of(t, records),
		    (long long)t->seq, (long long)(t->seq + records - 1));
#pragma GCC diagnostic pop
		tell(v, &(struct verify_finding){
			    t->file, t->line, t->seq, records, text });
	}
}

static int
verify_log(struct run *v)
{
	int r = v->up->log->each(v->up->log, take_file, v);

	v->line++;
	if (r == 0 && v->error == 0)
		miss_until(v, v->n);
	if (r == 0)
		r = v->error;
	if (r == 0)
		tell_troubles(v);
	return r;
}

static void
count_signed(struct run *v)
{
	for (size_t i = 0; i < v->n_parts; i++) {
		const struct part *p = &v->parts[i];

		v->sum.signed_ += p->end - p->from;
		for (int64_t seq = p->from; seq < p->end; seq++)
			v->sum.lost += merkle_same(
			    &p->leaves[leaves_index(&p->l, seq)], &v->nothing);
	}
}

int
verify_station(const struct verify_setup *setup, struct verify *ret)
{
	struct run *v = calloc(1, sizeof(*v));
	int r;

	if (v == NULL)
		return -ENOMEM;
	v->up = setup;
	v->sum.first = v->resume = -1;
	merkle_leaf("", 0, &v->nothing);
	r = verify_trees(v);
	if (r == 0 && setup->before != NULL && !v->sum.before_held)
		tell_file(v, SEAL_PUBLISHED, -1, "%s",
		    _("the checkpoint seen before is not signed by this "
		      "station's key"));
	if (r == 0)
		count_signed(v);
	if (r == 0 && setup->log != NULL)
		r = verify_log(v);
	check_copy(v);
	if (r == 0)
		*ret = v->sum;
	drop_from(v, 0);
	free(v->troubles);
	free(v);
	return r;
}
