/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"
#include "evidence/leaves.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/signer.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"

#define LEVELS 8
#define FULL_MAX 64 /* tiles filled between two checkpoints, and more */

/* A tile that is being filled. */
struct edge {
	int n;
	struct merkle_hash at[TILE_WIDTH];
};

/* A full tile, whose parts can go once a checkpoint needs it. */
struct full {
	int level;
	int64_t n;
};

struct seal {
	char *trees;
	char *keys;
	bool hasty;
	unsigned char seed[NOTE_KEY];
	int64_t number; /* of the tree: N of vN */
	char origin[NOTE_NAME];
	struct leaves leaves;
	struct checkpoint last; /* signed; its size is 0 before the first */
	char *note; /* the same as it was signed, or NULL */
	bool met; /* tree and log are known to fit */
	bool waits; /* for the record of a new epoch */
	bool broken; /* its own files do not give the signed root */
	bool forked; /* a witness has another history */
	int foreign; /* N of the newest tree of another key; 0: none */
	bool rekeyed; /* that is the newest of all, and what `last` is of */
	bool behind; /* what is published is not what was signed last */
	bool only_hashes; /* nothing goes to the disk */
	bool keyed; /* the key lies beside its tree */
	bool gap; /* too many records are lost in one place */
	int64_t next; /* seq */
	struct merkle tree;
	struct edge edges[LEVELS];
	char *bundle; /* the entries of edges[0] */
	size_t bundle_n;
	size_t bundle_room;
	struct full full[FULL_MAX];
	int n_full;
	int error; /* of a file, while leaves came in */
};

/* Files ------------------------------------------------------------------ */

/* The folder of tree vN, or below. */
static int
tree_path(const struct seal *s, const char *name, char path[static PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/v%" PRId64 "%s%s", s->trees,
		   s->number, name[0] == '\0' ? "" : "/", name) < PATH_MAX
		   ? 0
		   : -ENAMETOOLONG;
}

static int
sync_folder_of(const struct seal *s, const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd;
	int r;

	if (s->hasty)
		return 0;
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	*slash = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* A new folder's own name is as safe as what comes into it. */
static int
make_folder(const struct seal *s, const char *path)
{
	if (mkdir(path, 0750) < 0)
		return errno == EEXIST ? 0 : -errno;
	disk_own_path(-1, path);
	return sync_folder_of(s, path);
}

/* The folders that a file of the tree lies in, from the tree's own on. */
static int
make_parents(const struct seal *s, char path[static PATH_MAX])
{
	char *p = path + strlen(s->trees);
	int r = 0;

	while (r == 0 && (p = strchr(p + 1, '/')) != NULL) {
		*p = '\0';
		r = make_folder(s, path);
		*p = '/';
	}
	return r;
}

/* A whole file, safe under its name once this returns 0. */
static int
put_path(const struct seal *s, const char *path, const void *bytes, size_t n,
    mode_t mode)
{
	char temp[PATH_MAX];
	int fd;
	int r;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	fd = open(
	    temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	disk_own_path(fd, temp);
	r = disk_write(fd, bytes, n);
	if (r == 0 && !s->hasty && fsync(fd) < 0)
		r = -errno;
	close(fd);
	if (r == 0 && rename(temp, path) < 0)
		r = -errno;
	if (r == 0)
		r = sync_folder_of(s, path);
	return r;
}

static int
put(struct seal *s, const char *name, const void *bytes, size_t n)
{
	char path[PATH_MAX];
	int r = tree_path(s, name, path);

	if (r == 0)
		r = make_parents(s, path);
	return r < 0 ? r : put_path(s, path, bytes, n, 0640);
}

static int
put_tile(struct seal *s, int level, int64_t n, int width)
{
	char path[TILE_PATH];

	return put(s, tile_path(level, n, width, path), s->edges[level].at,
	    (size_t)width * HASH_BYTES);
}

/* One that is full stays for ever: packed, ten years of them are a tenth of the
 * log, and not once more the log. */
static int
put_bundle(struct seal *s, int64_t n, int width)
{
	char path[TILE_PATH];
	char *packed = NULL;
	size_t len;
	int r;

	tile_path(TILE_ENTRIES, n, width, path);
	if (width < TILE_WIDTH)
		return put(s, path, s->bundle, s->bundle_n);
	r = gzip_pack(s->bundle, s->bundle_n, &packed, &len);
	if (r == 0)
		r = put(s, path, packed, len);
	free(packed);
	return r;
}

/* The parts of a tile that is full now: "tile/0/004.p". */
static void
drop_parts(const struct seal *s, int level, int64_t n)
{
	char name[TILE_PATH];
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	tile_path(level, n, 1, name);
	*strrchr(name, '/') = '\0';
	if (tree_path(s, name, path) < 0)
		return;
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

static void
drop_all_parts(struct seal *s)
{
	for (int i = 0; i < s->n_full; i++)
		drop_parts(s, s->full[i].level, s->full[i].n);
	s->n_full = 0;
}

/* Growing ---------------------------------------------------------------- */

static int
put_full(struct seal *s, int level, int64_t n)
{
	int r = put_tile(s, level, n, TILE_WIDTH);

	s->edges[level].n = 0;
	if (r == 0 && s->n_full < FULL_MAX)
		s->full[s->n_full++] = (struct full){ level, n };
	if (level != 0 || r < 0)
		return r;
	r = put_bundle(s, n, TILE_WIDTH);
	if (r == 0 && s->n_full < FULL_MAX)
		s->full[s->n_full++] = (struct full){ TILE_ENTRIES, n };
	s->bundle_n = 0;
	return r;
}

static void
on_node(void *arg, int height, int64_t index, const struct merkle_hash *root)
{
	struct seal *s = arg;
	int level = height / TILE_HEIGHT;
	int at = (int)(index % TILE_WIDTH);
	int r = 0;

	if (height % TILE_HEIGHT != 0 || s->only_hashes)
		return;
	s->edges[level].at[at] = *root;
	s->edges[level].n = at + 1;
	if (at + 1 == TILE_WIDTH)
		r = put_full(s, level, index / TILE_WIDTH);
	if (s->error == 0)
		s->error = r;
}

static int
keep_entry(struct seal *s, const char *line, size_t n)
{
	if (n > TILE_ENTRY_MAX)
		return -EMSGSIZE;
	if (s->bundle_n + 2 + n > s->bundle_room) {
		size_t room = (s->bundle_n + 2 + n) * 2;
		char *grown = realloc(s->bundle, room);

		if (grown == NULL)
			return -ENOMEM;
		s->bundle = grown;
		s->bundle_room = room;
	}
	s->bundle[s->bundle_n] = (char)(n >> 8);
	s->bundle[s->bundle_n + 1] = (char)n;
	memcpy(s->bundle + s->bundle_n + 2, line, n);
	s->bundle_n += 2 + n;
	return 0;
}

/* The next leaf; what of it fails leaves the tree of no use. */
static int
add_leaf(struct seal *s, const char *line, size_t n)
{
	struct merkle_hash leaf;

	if (s->error == 0 && !s->only_hashes)
		s->error = keep_entry(s, line, n);
	if (s->error < 0)
		return s->error;
	merkle_leaf(line, n, &leaf);
	merkle_add(&s->tree, &leaf, on_node, s);
	return s->error;
}

/* Records that are gone. */
static int
add_lost(struct seal *s, int64_t until)
{
	int r = 0;

	for (; r == 0 && s->next < until; s->next++)
		if (s->next != s->leaves.epoch)
			r = add_leaf(s, "", 0);
	return r;
}

static int
add_record(struct seal *s, const char *line, size_t n, int64_t seq)
{
	int r = add_lost(s, seq);

	s->next = seq + 1;
	if (r == 0 && seq != s->leaves.epoch)
		r = add_leaf(s, line, n);
	return r;
}

/* What was signed last ----------------------------------------------------- */

static int
key_of(const struct seal *s, struct note_signer *ret)
{
	return note_signer(s->origin, NOTE_ED25519, s->seed, ret);
}

/* Nothing is in it any more. */
static void
empty(struct seal *s)
{
	s->tree = (struct merkle){ 0 };
	for (int i = 0; i < LEVELS; i++)
		s->edges[i].n = 0;
	s->bundle_n = 0;
	s->n_full = 0;
	s->next = s->leaves.from;
}

/* Another tree. */
static int
choose_tree(struct seal *s, int64_t number)
{
	s->number = number;
	s->leaves = LEAVES_FIRST;
	s->keyed = false;
	empty(s);
	s->last = (struct checkpoint){ 0 };
	free(s->note);
	s->note = NULL;
	return signer_origin(s->seed, number, s->origin);
}

static int
read_file(const char *folder, const char *name, char **ret, size_t *ret_n)
{
	struct tiles *t;
	int r = tiles_open(folder, &t);

	if (r < 0)
		return r;
	r = tiles_file(t, name, ret, ret_n);
	tiles_close(t);
	return r;
}

/* A checkpoint of this very key. */
static int
open_signed(
    const struct seal *s, const char *note, size_t n, struct checkpoint *ret)
{
	struct seal as = { 0 };
	struct note_signer signer;
	size_t text;
	int r;

	memcpy(as.seed, s->seed, sizeof(as.seed));
	r = note_text(note, n, &text);
	if (r == 0)
		r = checkpoint_read(note, text, ret);
	if (r == 0)
		r = signer_origin(
		    s->seed, signer_number(ret->origin), as.origin);
	if (r == 0)
		r = key_of(&as, &signer);
	if (r == 0) {
		r = checkpoint_open(note, n, &signer.key, ret);
		note_forget(&signer);
	}
	signer_wipe(as.seed);
	return r;
}

static int
read_signed(const struct seal *s, const char *folder, const char *name,
    struct checkpoint *ret, char **ret_note)
{
	size_t n;
	char *note;
	int r = read_file(folder, name, &note, &n);

	if (r < 0)
		return r;
	r = open_signed(s, note, n, ret);
	if (r < 0)
		free(note);
	else
		*ret_note = note;
	return r;
}

/* Takes it for the last one when it is later; takes `note` over. */
static int
take_signed(struct seal *s, const struct checkpoint *c, char *note)
{
	int64_t number = signer_number(c->origin);
	int r;

	if (s->note != NULL &&
	    (number < s->number ||
		(number == s->number && c->size <= s->last.size))) {
		free(note);
		return 0;
	}
	r = choose_tree(s, number);
	if (r < 0) {
		free(note);
		return r;
	}
	s->last = *c;
	s->note = note;
	return 0;
}

static bool
is_own(const struct seal *s, const struct note_key *key)
{
	struct note_signer signer;
	bool own = note_signer(key->name, NOTE_ED25519, s->seed, &signer) == 0;

	own = own && memcmp(signer.key.key, key->key, NOTE_KEY) == 0;
	note_forget(&signer);
	return own;
}

/* Has another key signed the tree in that folder, or nobody can tell any more
 * which? Before its first checkpoint there is only the key. `error` is what
 * reading that checkpoint as one of our own gave. */
static bool
is_foreign(const struct seal *s, const char *path, int error)
{
	struct note_key key;
	struct tiles *t;
	int r;

	if (tiles_open(path, &t) < 0)
		return false;
	r = tiles_key(t, SEAL_VKEY, &key);
	tiles_close(t);
	return error != -ENOENT || (r < 0 ? r != -ENOENT : !is_own(s, &key));
}

/* One tree's. */
static int
find_in(struct seal *s, const char *name)
{
	int number = trees_number(name);
	struct checkpoint c;
	char path[PATH_MAX];
	char *note;
	int r;

	if (number == 0 || snprintf(path, sizeof(path), "%s/%s", s->trees,
			       name) >= (int)sizeof(path))
		return 0;
	r = read_signed(s, path, SEAL_PUBLISHED, &c, &note);
	if (r == 0)
		return take_signed(s, &c, note);
	if (r != -ENOMEM && number > s->foreign && is_foreign(s, path, r))
		s->foreign = number;
	return r == -ENOMEM ? r : 0;
}

/* Both places, and whatever trees there are. */
static int
find_last(struct seal *s)
{
	struct checkpoint c;
	struct dirent *e;
	char *note;
	DIR *dir;
	int r = 0;

	if (read_signed(s, s->keys, SEAL_KEPT, &c, &note) == 0)
		r = take_signed(s, &c, note);
	/* A station that is behind its witness has lost what it signed. */
	if (r == 0 && read_signed(s, s->keys, SEAL_WITNESSED, &c, &note) == 0)
		r = take_signed(s, &c, note);
	dir = opendir(s->trees);
	if (dir == NULL)
		return -errno;
	while (r == 0 && (e = readdir(dir)) != NULL)
		r = find_in(s, e->d_name);
	closedir(dir);
	return r;
}

/* A cut between keeping and publishing, or somebody's hand. */
static bool
is_behind(const struct seal *s)
{
	char path[PATH_MAX];
	char *note;
	size_t n;
	bool same;

	if (tree_path(s, "", path) < 0 ||
	    read_file(path, SEAL_PUBLISHED, &note, &n) < 0)
		return true;
	same = n == strlen(s->note) && memcmp(note, s->note, n) == 0;
	free(note);
	return !same;
}

/* The edges of the signed tree, out of its files. */
static int
load_edge(struct seal *s, struct tiles *t, int level)
{
	int64_t all = s->last.size >> (level * TILE_HEIGHT);
	int width = (int)(all % TILE_WIDTH);
	int r = 0;

	for (int i = 0; r == 0 && i < width; i++)
		r = tiles_hash(
		    t, level, all - width + i, &s->edges[level].at[i]);
	s->edges[level].n = width;
	return r;
}

static int
load_bundle(struct seal *s, struct tiles *t)
{
	int64_t first = s->last.size / TILE_WIDTH * TILE_WIDTH;
	int r = 0;

	for (int64_t i = first; r == 0 && i < s->last.size; i++) {
		const char *entry;
		struct merkle_hash leaf;
		size_t n;

		r = tiles_entry(t, i, &entry, &n);
		if (r == 0)
			r = keep_entry(s, entry, n);
		if (r < 0)
			break;
		merkle_leaf(entry, n, &leaf);
		if (!merkle_same(&leaf, &s->edges[0].at[i - first]))
			r = -EBADMSG;
	}
	return r;
}

static int
load_leaves(struct seal *s, struct tiles *t)
{
	const char *entry;
	size_t n;
	int r;

	if (s->number == 1)
		return 0;
	r = tiles_entry(t, 0, &entry, &n);
	return r < 0 ? r : leaves_read(entry, n, s->origin, &s->leaves);
}

static int
load_tree(struct seal *s, struct tiles *t)
{
	struct merkle_source src = tiles_source(t);
	struct merkle_hash root;
	int r;

	tiles_size(t, s->last.size);
	r = merkle_at(&src, s->last.size, &s->tree);
	if (r < 0)
		return r;
	merkle_root(&s->tree, &root);
	if (!merkle_same(&root, &s->last.root))
		return -EBADMSG;
	for (int i = 0; r == 0 && i < LEVELS; i++)
		r = load_edge(s, t, i);
	if (r == 0)
		r = load_bundle(s, t);
	return r < 0 ? r : load_leaves(s, t);
}

/* A witness's word on this tree: is it a size that it went through? */
static bool
is_forked(const struct seal *s, struct tiles *t)
{
	struct merkle_source src = tiles_source(t);
	struct merkle_hash root;
	struct checkpoint c;
	struct merkle then;
	char *note;

	if (read_signed(s, s->keys, SEAL_WITNESSED, &c, &note) < 0)
		return false;
	free(note);
	if (strcmp(c.origin, s->origin) != 0 ||
	    merkle_at(&src, c.size, &then) < 0)
		return false;
	merkle_root(&then, &root);
	return !merkle_same(&root, &c.root);
}

/* What cannot be read is no failure yet: seal_meet() asks for a new epoch. */
static int
load(struct seal *s)
{
	char path[PATH_MAX];
	struct tiles *t;
	int r = tree_path(s, "", path);

	if (r == 0)
		r = tiles_open(path, &t);
	if (r == 0) {
		r = load_tree(s, t);
		s->forked = r == 0 && is_forked(s, t);
		tiles_close(t);
	}
	if (r == -ENOMEM)
		return r;
	s->broken = r < 0;
	s->behind = is_behind(s);
	s->next = leaves_end(&s->leaves, s->last.size);
	return 0;
}

/* What another key signed last, by the key that lies beside it. Nothing, where
 * that cannot be read. */
static int
take_foreign(struct seal *s, struct tiles *t)
{
	struct note_key key;
	struct checkpoint c;
	char *note = NULL;
	size_t n;
	int r = tiles_key(t, SEAL_VKEY, &key);

	if (r == 0)
		r = tiles_file(t, SEAL_PUBLISHED, &note, &n);
	if (r == 0)
		r = checkpoint_open(note, n, &key, &c);
	if (r < 0) {
		free(note);
		return r;
	}
	s->note = note;
	s->last = c;
	memcpy(s->origin, c.origin, sizeof(s->origin));
	return 0;
}

/* The newest tree is not this key's. It stays to the byte what it is, for those
 * who have its key; this key's first one is the next, with the reason. */
static int
stand_behind(struct seal *s)
{
	char path[PATH_MAX];
	struct tiles *t;
	int r = choose_tree(s, s->foreign);

	s->rekeyed = s->broken = true;
	if (r == 0)
		r = tree_path(s, "", path);
	if (r == 0)
		r = tiles_open(path, &t);
	if (r < 0)
		return r;
	r = take_foreign(s, t);
	tiles_close(t);
	if (r == 0)
		r = load(s);
	return r == -ENOMEM ? r : 0;
}

int
seal_open(const struct seal_setup *setup, struct seal **ret_seal)
{
	struct seal *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->trees = strdup(setup->trees);
	s->keys = strdup(setup->keys);
	s->hasty = setup->hasty;
	r = s->trees == NULL || s->keys == NULL ? -ENOMEM
						: make_folder(s, setup->trees);
	if (r == 0)
		r = signer_open(setup->keys, setup->draw, s->seed);
	if (r == 0)
		r = choose_tree(s, 1);
	if (r == 0)
		r = find_last(s);
	if (r == 0 && s->foreign > (s->note == NULL ? 0 : s->number))
		r = stand_behind(s);
	else if (r == 0 && s->note != NULL)
		r = load(s);
	if (r < 0) {
		seal_close(s);
		return r;
	}
	*ret_seal = s;
	return 0;
}

/* Is the one that is kept from somebody else a later one? */
static bool
has_later(const struct seal *s, const struct checkpoint *c)
{
	int64_t number = signer_number(c->origin);
	struct checkpoint is;
	char *note;

	if (read_signed(s, s->keys, SEAL_WITNESSED, &is, &note) < 0)
		return false;
	free(note);
	return signer_number(is.origin) > number ||
	       (signer_number(is.origin) == number && is.size >= c->size);
}

int
seal_witness(const struct seal_setup *setup, const char *note, size_t n)
{
	struct seal s = { .keys = (char *)setup->keys, .hasty = setup->hasty };
	struct checkpoint c;
	char path[PATH_MAX];
	int r = signer_open(setup->keys, setup->draw, s.seed);

	if (r == 0)
		r = open_signed(&s, note, n, &c);
	if (r == 0 && has_later(&s, &c))
		r = 1;
	if (r == 0)
		r = snprintf(path, sizeof(path), "%s/" SEAL_WITNESSED,
			setup->keys) < (int)sizeof(path)
			? put_path(&s, path, note, n, 0600)
			: -ENAMETOOLONG;
	signer_wipe(s.seed);
	return r;
}

struct seal *
seal_close(struct seal *s)
{
	if (s == NULL)
		return NULL;
	signer_wipe(s->seed);
	free(s->trees);
	free(s->keys);
	free(s->note);
	free(s->bundle);
	free(s);
	return NULL;
}

/* Meeting the log --------------------------------------------------------- */

struct meeting {
	struct seal *s;
	int64_t end;
};

/* The hash of a leaf that is signed. */
static int
signed_hash(const struct seal *s, int64_t index, struct merkle_hash *ret)
{
	char path[PATH_MAX];
	struct tiles *t;
	int r = tree_path(s, "", path);

	if (r == 0)
		r = tiles_open(path, &t);
	if (r < 0)
		return r;
	tiles_size(t, s->last.size);
	r = tiles_hash(t, 0, index, ret);
	tiles_close(t);
	return r;
}

/* Is this the last record that was signed? A hash that cannot be read any more
 * proves nothing. */
static int
compare_last(const struct seal *s, const char *line, size_t n, int64_t seq)
{
	struct merkle_hash was, is;

	if (signed_hash(s, leaves_index(&s->leaves, seq), &was) < 0)
		return -ESTALE;
	merkle_leaf(line, n, &is);
	return merkle_same(&was, &is) ? 0 : -ESTALE;
}

static int
meet_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct meeting *m = arg;
	struct seal *s = m->s;

	if (seq >= m->end || seq < s->next - 1)
		return 0;
	if (seq == s->next - 1)
		return s->tree.size == s->last.size
			   ? compare_last(s, line, n, seq)
			   : 0;
	s->gap = seq - s->next > SEAL_LOST_MAX;
	return s->gap ? -ESTALE : add_record(s, line, n, seq);
}

/* The records from s->next on. -ESTALE: they do not go on from it. */
static int
meet_all(struct seal *s, struct disk *log, int64_t end)
{
	struct meeting m = { .s = s, .end = end };
	int r;

	if (end < s->next)
		return -ESTALE;
	r = ledger_each(log, meet_line, &m);
	if (r < 0)
		return r;
	s->gap = end - s->next > SEAL_LOST_MAX;
	return s->gap ? -ESTALE : add_lost(s, end);
}

struct search {
	int64_t end;
	char origin[NOTE_NAME];
	struct leaves found;
	char *line; /* of that record */
	size_t n;
};

static int
look_for_epoch(void *arg, const char *line, size_t n, int64_t seq)
{
	struct search *f = arg;

	/* The first of them: a second was asked for in vain. */
	if (f->line != NULL || seq >= f->end ||
	    record_kind(line, n) != KIND_EPOCH ||
	    leaves_read(line, n, f->origin, &f->found) < 0)
		return 0;
	f->line = malloc(n + 1);
	if (f->line == NULL)
		return -ENOMEM;
	memcpy(f->line, line, n);
	f->n = n;
	return 0;
}

static int
search(struct seal *s, struct disk *log, int64_t number, struct search *f)
{
	int r = signer_origin(s->seed, number, f->origin);

	f->found = LEAVES_FIRST;
	return r == 0 ? ledger_each(log, look_for_epoch, f) : r;
}

/* From its first leaf on: the epoch, where it has one. */
static int
grow(struct seal *s, struct disk *log, const struct search *f, int64_t end)
{
	int r = 0;

	s->leaves = f->found;
	s->error = 0;
	empty(s);
	if (f->line != NULL)
		r = add_leaf(s, f->line, f->n);
	return r < 0 ? r : meet_all(s, log, end);
}

/* Do the log's records still give what was signed? Then its files are made
 * again from them. -ESTALE: they do not. */
static int
rebuild(struct seal *s, struct disk *log, const struct search *f, int64_t end)
{
	struct merkle_hash root;
	int64_t old = f->found.from + s->last.size;
	int r;

	if (end < old)
		return -ESTALE;
	s->only_hashes = true;
	r = grow(s, log, f, old);
	s->only_hashes = false;
	if (r < 0)
		return r;
	merkle_root(&s->tree, &root);
	if (s->tree.size != s->last.size || !merkle_same(&root, &s->last.root))
		return -ESTALE;
	s->broken = false;
	return grow(s, log, f, end);
}

static int
mend(struct seal *s, struct disk *log, int64_t end)
{
	struct search f = { .end = end, .found = LEAVES_FIRST };
	int r = 0;

	if (s->number > 1)
		r = search(s, log, s->number, &f);
	if (r == 0 && s->number > 1 && f.line == NULL)
		r = -ESTALE;
	if (r == 0)
		r = rebuild(s, log, &f, end);
	free(f.line);
	return r;
}

struct parting {
	const struct seal *s;
	struct tiles *tiles;
	int64_t end;
	int64_t at; /* the first record that is not the tree's */
};

static int
compare_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct parting *p = arg;
	int64_t index = leaves_index(&p->s->leaves, seq);
	struct merkle_hash was, is;

	if (seq >= p->end)
		return 1;
	if (index < 0)
		return 0;
	p->at = seq;
	if (tiles_hash(p->tiles, 0, index, &was) < 0)
		return 1;
	merkle_leaf(line, n, &is);
	if (!merkle_same(&was, &is))
		return 1;
	p->at = seq + 1;
	return 0;
}

/* Where log and tree part: the first record that the old tree cannot prove, or
 * not to a witness. */
static int64_t
parting(const struct seal *s, struct disk *log, int64_t end)
{
	struct parting p = { .s = s, .end = end, .at = s->leaves.from };
	char path[PATH_MAX];

	if (s->broken || s->forked || tree_path(s, "", path) < 0 ||
	    tiles_open(path, &p.tiles) < 0)
		return 0;
	tiles_size(p.tiles, s->last.size);
	ledger_each(log, compare_line, &p);
	tiles_close(p.tiles);
	/* Nothing of it: nor may what stands before be what older trees have. */
	return p.at <= s->leaves.from ? 0 : p.at;
}

/* The keys of the record that begins the next tree. */
static json_t *
epoch_body(const struct seal *s, const char *origin, int64_t from)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:s}", "reason", "tree", "cause",
	    s->rekeyed  ? "key"
	    : s->forked ? "witness"
			: "log",
	    "origin", origin, "from", (json_int_t)from, "after",
	    s->note == NULL ? "" : s->note);
}

/* The log does not go on from what was signed: by the epoch that it has for
 * that already, or by one to be written. */
static int
part(struct seal *s, struct disk *log, int64_t end, json_t **ret_epoch)
{
	struct search f = { .end = end };
	int64_t from = s->gap ? end : parting(s, log, end);
	int r = 0;

	/* Up to the gap it is whole; unless it is what could not be made again,
	 * which is shorter than what was signed. */
	s->met = s->gap && !s->broken;
	if (s->met)
		r = seal_publish(s);
	if (r == 0)
		r = search(s, log, s->number + 1, &f);

	if (r == 0 && f.line == NULL) {
		*ret_epoch = epoch_body(s, f.origin, from);
		s->waits = true;
		return *ret_epoch == NULL ? -ENOMEM : 1;
	}
	if (r == 0)
		r = choose_tree(s, s->number + 1);
	if (r == 0)
		r = grow(s, log, &f, end);
	free(f.line);
	return r;
}

int
seal_meet(struct seal *s, struct disk *log, int64_t end, json_t **ret_epoch)
{
	int r = -ESTALE;

	if (s->forked || s->rekeyed)
		; /* whatever the log says */
	else if (s->broken && !s->waits)
		r = mend(s, log, end);
	else if (!s->waits)
		r = meet_all(s, log, end);
	if (r == -ESTALE)
		r = part(s, log, end, ret_epoch);
	s->met = r == 0;
	if (s->met)
		s->broken = s->waits = s->forked = s->rekeyed = false;
	return r;
}

int
seal_take(struct seal *s, const char *line, size_t n, int64_t seq)
{
	if (!s->met || seq != s->next)
		return -EINVAL;
	return add_record(s, line, n, seq);
}

/* Signing ----------------------------------------------------------------- */

static int
put_parts(struct seal *s)
{
	int64_t size = s->tree.size;
	int r = 0;

	for (int i = 0; r == 0 && i < LEVELS; i++)
		if (s->edges[i].n > 0)
			r = put_tile(s, i,
			    (size >> (i * TILE_HEIGHT)) / TILE_WIDTH,
			    s->edges[i].n);
	if (r == 0 && s->edges[0].n > 0)
		r = put_bundle(s, size / TILE_WIDTH, s->edges[0].n);
	return r;
}

/* The key beside its tree, once in a life. */
static int
put_vkey(struct seal *s, const struct note_key *k)
{
	char text[NOTE_VKEY + 1];

	int r;

	if (s->keyed)
		return 0;
	note_key_text(k, text);
	strcat(text, "\n");
	r = put(s, SEAL_VKEY, text, strlen(text));
	s->keyed = r == 0;
	return r;
}

/* Signs, keeps, publishes: in that order. */
static int
sign(struct seal *s, const struct note_signer *signer)
{
	struct checkpoint c = { .size = s->tree.size };
	char text[CHECKPOINT_TEXT];
	char path[PATH_MAX];
	char *note;
	size_t n;
	int r;

	memcpy(c.origin, s->origin, sizeof(c.origin));
	merkle_root(&s->tree, &c.root);
	r = note_make(
	    signer, text, (size_t)checkpoint_text(&c, text), &note, &n);
	if (r < 0)
		return r;
	r = snprintf(path, sizeof(path), "%s/" SEAL_KEPT, s->keys) <
		    (int)sizeof(path)
		? put_path(s, path, note, n, 0600)
		: -ENAMETOOLONG;
	if (r == 0)
		r = put(s, SEAL_PUBLISHED, note, n);
	if (r < 0) {
		free(note);
		return r;
	}
	free(s->note);
	s->note = note;
	s->last = c;
	s->behind = false;
	return 0;
}

int
seal_publish(struct seal *s)
{
	struct note_signer signer;
	int64_t room;
	int r;

	if (s->error < 0)
		return s->error;
	if (!s->met || (s->tree.size == s->last.size && !s->behind))
		return 0;
	room = disk_room(s->trees);
	if (room >= 0 && room < SEAL_ROOM)
		return -ENOSPC;
	r = put_parts(s);
	if (r == 0)
		r = key_of(s, &signer);
	if (r < 0)
		return r;
	r = put_vkey(s, &signer.key);
	if (r == 0)
		r = sign(s, &signer);
	note_forget(&signer);
	if (r == 0)
		drop_all_parts(s);
	return r;
}

int64_t
seal_next(const struct seal *s)
{
	return s->met ? s->next : -1;
}

int64_t
seal_size(const struct seal *s)
{
	return s->tree.size;
}

int64_t
seal_signed(const struct seal *s)
{
	return s->last.size;
}

const char *
seal_origin(const struct seal *s)
{
	return s->origin;
}
