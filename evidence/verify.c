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
#include "evidence/record.h"
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

struct run {
	const struct verify_setup *up;
	struct verify sum;
	/* What was signed, by seq. */
	struct merkle_hash *was;
	bool *known;
	int64_t n; /* of both */
	int64_t room;
	struct merkle_hash nothing; /* the leaf of a record that was lost */
	/* One tree. */
	char name[32]; /* "v1/", or "" */
	struct tiles *tiles;
	struct merkle_hash *leaves;
	/* The newest tree's entries, once they are known to be as signed: to
	 * compare bytes is quicker than to hash them again. */
	struct tiles *copy; /* or NULL */
	struct leaves copied;
	int64_t n_copied;
	/* The log's lines. */
	int64_t next; /* the seq that is due */
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

static int
read_key(struct run *v, struct note_key *ret)
{
	char *text;
	size_t n;
	int r;

	if (v->up->key != NULL) {
		*ret = *v->up->key;
		return 0;
	}
	r = tiles_file(v->tiles, SEAL_VKEY, &text, &n);
	if (r < 0)
		return r;
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	r = note_key_read(text, ret);
	free(text);
	return r;
}

/* A given key is that of one tree; the station's others have the same bytes
 * under their own names. */
static int
key_for(const struct run *v, const char *note, size_t n, struct note_key *key)
{
	struct checkpoint c;
	size_t text;
	int r = note_text(note, n, &text);

	if (r == 0)
		r = checkpoint_read(note, text, &c);
	if (r < 0 || v->up->key == NULL)
		return r;
	return note_key(c.origin, key->type, v->up->key->key, key);
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
	r = key_for(v, note, n, key);
	if (r == 0)
		r = checkpoint_open(note, n, key, ret);
	free(note);
	if (r == -ENOKEY)
		tell_file(v, SEAL_PUBLISHED, -1,
		    _("it is not signed by the key %s: it is another "
		      "station's, or somebody made it"),
		    key->name);
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

/* The leaves' hashes from the tiles, and the root that they give. False when
 * one is not there. */
static bool
read_leaves(struct run *v, int64_t size, struct merkle_hash *ret_root)
{
	struct above above = { v, -1 };
	struct merkle t = { 0 };
	char path[TILE_PATH];

	for (int64_t i = 0; i < size; i++) {
		if (tiles_hash(v->tiles, 0, i, &v->leaves[i]) < 0) {
			tell_file(v,
			    tile_path(0, i / TILE_WIDTH,
				tile_width(0, i / TILE_WIDTH, size), path),
			    -1, _("this tile is missing or damaged"));
			return false;
		}
		merkle_add(&t, &v->leaves[i], compare_above, &above);
	}
	merkle_root(&t, ret_root);
	return true;
}

/* The same from the entries themselves. */
static bool
hash_entries(struct run *v, int64_t size, struct merkle_hash *ret_root)
{
	struct merkle t = { 0 };

	for (int64_t i = 0; i < size; i++) {
		const char *entry;
		size_t n;

		if (tiles_entry(v->tiles, i, &entry, &n) < 0)
			return false;
		merkle_leaf(entry, n, &v->leaves[i]);
		merkle_add(&t, &v->leaves[i], NULL, NULL);
	}
	merkle_root(&t, ret_root);
	return true;
}

/* Each entry against its hash; a bundle is told once. True when all are as they
 * were signed. */
static bool
compare_entries(struct run *v, const struct leaves *l, int64_t size)
{
	int64_t told = -1;

	for (int64_t i = 0; i < size; i++) {
		int64_t bundle = i / TILE_WIDTH;
		struct merkle_hash leaf;
		char path[TILE_PATH];
		const char *entry;
		size_t n;
		int r = tiles_entry(v->tiles, i, &entry, &n);

		if (r == 0)
			merkle_leaf(entry, n, &leaf);
		if ((r == 0 && merkle_same(&leaf, &v->leaves[i])) ||
		    told == bundle)
			continue;
		tell_file(v,
		    tile_path(TILE_ENTRIES, bundle,
			tile_width(TILE_ENTRIES, bundle, size), path),
		    r == 0 ? leaves_seq(l, i) : -1,
		    r == 0 ? _("the copy of record %lld that was published is "
			       "not what was signed")
			   : _("this copy of the records, from %lld on, is "
			       "missing or damaged"),
		    (long long)leaves_seq(l, i));
		told = bundle;
	}
	return told < 0;
}

static void
keep_copy(struct run *v, const struct leaves *l, int64_t size)
{
	tiles_close(v->copy);
	v->copy = v->tiles;
	v->tiles = NULL;
	v->copied = *l;
	v->n_copied = size;
}

static int
grow(struct run *v, int64_t n)
{
	int64_t room = n * 2;

	if (n > v->room) {
		void *was = realloc(v->was, (size_t)room * sizeof(*v->was));
		void *known;

		if (was != NULL)
			v->was = was;
		known = realloc(v->known, (size_t)room * sizeof(*v->known));
		if (known != NULL)
			v->known = known;
		if (was == NULL || known == NULL)
			return -ENOMEM;
		v->room = room;
	}
	for (; v->n < n; v->n++)
		v->known[v->n] = false;
	return 0;
}

/* Has this tree the record as an older one had it? */
static bool
has_again(
    const struct run *v, const struct leaves *l, int64_t size, int64_t seq)
{
	int64_t index = leaves_index(l, seq);

	return index >= 0 && index < size &&
	       merkle_same(&v->leaves[index], &v->was[seq]);
}

/* What this tree says of the log; from its own first record on it counts, and
 * no older one. */
static int
take_tree(struct run *v, const struct leaves *l, int64_t size, bool right)
{
	int64_t end = later(leaves_end(l, size), l->epoch + 1);
	int64_t gone = v->n - l->from;
	int r;

	for (int64_t i = l->from; right && i < v->n; i++)
		v->sum.given_up += v->known[i] && !has_again(v, l, size, i);
	if (gone > 0)
		v->n = l->from;
	r = grow(v, end);
	for (int64_t i = 0; r == 0 && right && i < size; i++) {
		int64_t seq = leaves_seq(l, i);

		v->was[seq] = v->leaves[i];
		v->known[seq] = true;
	}
	return r;
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
	tell_file(v, "tile", -1, "%s",
	    _("the tiles do not give what was signed: they were changed, or "
	      "some are missing"));
	return hash_entries(v, c->size, &root) && merkle_same(&root, &c->root);
}

/* Which record is which leaf of a later tree its first entry says: the one that
 * was signed, or none. */
static bool
read_mapping(struct run *v, const struct checkpoint *c, struct leaves *ret)
{
	struct merkle_hash leaf;
	char path[TILE_PATH];
	const char *entry;
	size_t n;

	*ret = LEAVES_FIRST;
	if (c->size == 0 || signer_number(c->origin) <= 1)
		return true;
	if (tiles_entry(v->tiles, 0, &entry, &n) == 0) {
		merkle_leaf(entry, n, &leaf);
		if (merkle_same(&leaf, &v->leaves[0]) &&
		    leaves_read(entry, n, c->origin, ret) == 0)
			return true;
	}
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
	const char *entry;
	size_t text;
	size_t n;
	json_t *r;

	if (tiles_entry(v->tiles, 0, &entry, &n) < 0 ||
	    record_parse(entry, n, &r) < 0)
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

/* One station, one key: a tree of another's beside it is nobody's word. */
static bool
is_another_key(struct run *v, const struct note_key *key)
{
	if (v->sum.key.name[0] == '\0' ||
	    memcmp(v->sum.key.key, key->key, sizeof(key->key)) == 0)
		return false;
	tell_file(v, SEAL_VKEY, -1, "%s",
	    _("this is another key than that of the tree before it: somebody "
	      "else signed it"));
	return true;
}

static int
verify_tree(struct run *v, const char *folder)
{
	struct checkpoint before = v->sum.last;
	struct checkpoint c;
	struct note_key key;
	struct leaves l;
	bool right = false;
	bool copied = false;
	int r;

	/* It has no say about what a later tree has. */
	v->copy = tiles_close(v->copy);
	r = tiles_open(folder, &v->tiles);

	if (r < 0)
		return r;
	v->sum.trees++;
	r = read_key(v, &key);
	if (r < 0)
		tell_file(v, SEAL_VKEY, -1, "%s",
		    _("the station's public key is missing here, or is none; "
		      "give it with --key"));
	if (r == 0 && is_another_key(v, &key))
		r = -EKEYREJECTED;
	if (r == 0)
		r = open_checkpoint(v, &key, &c);
	if (r == 0 && c.size > SIZE_MAX_LEAVES)
		r = -EFBIG;
	if (r == 0) {
		v->leaves = malloc((size_t)(c.size + 1) * sizeof(*v->leaves));
		r = v->leaves == NULL ? -ENOMEM : 0;
	}
	if (r == 0) {
		tiles_size(v->tiles, c.size);
		v->sum.key = key;
		v->sum.last = c;
		l = LEAVES_FIRST;
		right = right_leaves(v, &c);
		if (right)
			check_before(v, &key, c.size);
		right = right && read_mapping(v, &c, &l);
		if (right)
			check_epoch(v, &before);
		if (right)
			copied = compare_entries(v, &l, c.size);
		r = take_tree(v, &l, c.size, right);
	}
	free(v->leaves);
	v->leaves = NULL;
	if (r == 0 && copied)
		keep_copy(v, &l, c.size);
	v->tiles = tiles_close(v->tiles);
	/* What is wrong with it has been told. */
	return r == -ENOMEM || r == -EFBIG ? r : 0;
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
		if (r == -ENOENT) {
			tell_file(v, "", -1, "%s",
			    _("this tree is missing, and a later one is "
			      "there"));
			r = 0;
		}
	}
	return r == 0 && last == 0 ? -ENOENT : r;
}

/* The log's lines ----------------------------------------------------------- */

static bool
is_sealed(const struct run *v, int64_t seq)
{
	return seq >= 0 && seq < v->n && v->known[seq];
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
	struct trouble *t;

	if (!is_sealed(v, seq) || merkle_same(&v->was[seq], &v->nothing))
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
		while (v->next < seq && v->error == 0)
			miss(v, GONE);
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

/* A line that nothing sealed says anything of: behind the last one signed, or
 * before a tree that could not be read. */
static void
take_unsealed(struct run *v, int64_t seq)
{
	while (v->next < seq && v->next < v->n && v->error == 0)
		miss(v, GONE);
	if (seq < v->next) {
		tell_line(v, v->line,
		    _("this line is no record of this log: it was put in"));
		return;
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

/* Are these the bytes of the record that is due? */
static bool
is_next(struct run *v, const char *line, size_t n, struct merkle_hash *ret_is)
{
	int64_t index = leaves_index(&v->copied, v->next);
	const char *entry;
	size_t len;

	if (is_sealed(v, v->next) && v->copy != NULL && index >= 0 &&
	    index < v->n_copied &&
	    tiles_entry(v->copy, index, &entry, &len) == 0 && len == n &&
	    memcmp(entry, line, n) == 0)
		return true;
	merkle_leaf(line, n, ret_is);
	return is_sealed(v, v->next) && merkle_same(ret_is, &v->was[v->next]);
}

static void
take_line(struct run *v, const char *line, size_t n)
{
	struct merkle_hash is;
	int64_t seq;

	if (is_next(v, line, n, &is)) {
		v->next++;
		v->sum.sealed++;
		return;
	}
	seq = record_seq(line, n);
	if (is_sealed(v, seq)) {
		if (merkle_same(&is, &v->was[seq]))
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
	while (r == 0 && v->error == 0 && v->next < v->n)
		miss(v, GONE);
	if (r == 0)
		r = v->error;
	if (r == 0)
		tell_troubles(v);
	return r;
}

static void
count_signed(struct run *v)
{
	for (int64_t i = 0; i < v->n; i++) {
		v->sum.signed_ += v->known[i];
		v->sum.lost +=
		    v->known[i] && merkle_same(&v->was[i], &v->nothing);
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
	v->sum.first = -1;
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
	if (r == 0)
		*ret = v->sum;
	tiles_close(v->copy);
	free(v->was);
	free(v->known);
	free(v->troubles);
	free(v);
	return r;
}
