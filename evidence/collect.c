/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "evidence/collect.h"
#include "evidence/collect_rows.h"
#include "evidence/leaves.h"
#include "evidence/ledger.h"
#include "evidence/levels.h"
#include "evidence/mirror.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/tiles.h"
#include "evidence/trees.h"

#define EARLIEST_US (INT64_C(1767225600) * US_PER_S) /* 2026: before loaxa */
#define CLAIMS_MAX 16 /* stations that a stranger may say it is */
#define LOCK_LOOK_MS 20
#define DONE 1 /* the outcome is known; not to be mixed up with an errno */

struct collector {
	char *store;
	char *stations;
	int lock;
	struct note_signer signer;
	struct levels levels; /* other collectors */
	struct collect_rows rows;
};

/* What the store has of one tree. */
struct had {
	struct checkpoint c; /* its size is 0 for nothing */
	int64_t cosigned_s;
	char *note;
	size_t n;
};

#define TOGETHER 512 /* trees whose rows are taken in together */

struct brought;

struct run { /* of collect_folder() */
	struct collector *c;
	int64_t now_s;
	void (*fn)(void *arg, const struct collect_result *r);
	void *arg;
	int trees;
	struct brought *waiting[TOGETHER]; /* for their rows; ours */
	size_t n;
};

/* One tree that somebody brought. */
struct brought {
	struct run *run;
	struct collector *c;
	int dir; /* borrowed */
	struct tiles *tiles;
	char *note;
	size_t n;
	size_t text; /* bytes of it that are signed */
	struct checkpoint is;
	char hex[SIGNER_HEX];
	char vkey[NOTE_VKEY];
	char claims[ROSTER_NAME];
	char kept[PATH_MAX];
	char *where; /* as a person may be told */
	struct roster_station station;
	struct note_key key; /* the station's, by this tree's name */
	struct had had;
	struct collect_result res;
};

/* The store ---------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static int
path_in(
    const struct collector *c, char path[static PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(path, PATH_MAX, "%s/", c->store);
	int more = 0;

	va_start(ap, fmt);
	if (n < PATH_MAX)
		more = vsnprintf(path + n, (size_t)(PATH_MAX - n), fmt, ap);
	va_end(ap);
	return n + more < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Safe under its name once this returns 0, and so is the folder. */
static int
put_in(const char *folder, const char *name, const void *bytes, size_t n)
{
	struct disk *d;
	int r = disk_folders(folder);

	if (r == 0)
		r = disk_open(folder, &d);
	if (r < 0)
		return r;
	r = d->replace(d, name, bytes, n, 1);
	disk_close(d);
	return r;
}

static int
read_in(const char *folder, const char *name, char **ret, size_t *ret_n)
{
	struct tiles *t;
	int r = tiles_open(folder, &t);

	if (r < 0)
		return r;
	r = tiles_file(t, name, ret, ret_n);
	tiles_close(t);
	return r;
}

static void
origin_of(const char *hex, int64_t number, char origin[static NOTE_NAME])
{
	snprintf(origin, NOTE_NAME, "loaxa/%s/log/v%" PRId64, hex, number);
}

/* Names with that sign in them; all for "". */
static int
count_names(const char *folder, const char *sign)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.' && strstr(e->d_name, sign) != NULL;
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Whose key signed what is here? A new one in its place would call all of it
 * damaged. */
static int
find_key(const struct collector *c)
{
	char key[PATH_MAX];
	char last[PATH_MAX];
	int r = path_in(c, key, "key/" SIGNER_COLLECTOR);

	if (r == 0)
		r = path_in(c, last, "last");
	if (r < 0)
		return r;
	return access(key, F_OK) < 0 && errno == ENOENT &&
		       count_names(last, "") > 0
		   ? -ENOKEY
		   : 0;
}

/* For whoever finds it locked; a word that is not there is no harm. */
static void
sign_lock(int fd)
{
	char word[100];
	int n = snprintf(word, sizeof(word), "%.60s %d\n",
	    program_invocation_short_name, (int)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, word, (size_t)n, 0) != n)
		errno = 0;
}

void
collect_holder(const char *store, char *buf, size_t size)
{
	char name[64];
	char *word;
	size_t n;
	int pid;

	snprintf(buf, size, "%s", "");
	if (read_in(store, "lock", &word, &n) < 0)
		return;
	if (sscanf(word, "%60[-a-z] %d", name, &pid) == 2)
		snprintf(buf, size, "%s, process %d", name, pid);
	free(word);
}

static int add_all(void *arg, struct collect_trees *trees);
static int count_cosigned(void *arg);

int
collect_open(const char *store, int (*draw)(void *bytes, size_t n),
    struct collector **ret)
{
	struct collector *c = calloc(1, sizeof(*c));
	unsigned char seed[NOTE_KEY] = { 0 };
	char name[NOTE_NAME];
	char keys[PATH_MAX];
	int r;

	if (c == NULL)
		return -ENOMEM;
	c->lock = -1;
	c->store = strdup(store);
	c->rows = (struct collect_rows){ .store = c->store,
		.all = add_all,
		.count = count_cosigned,
		.arg = c };
	if (c->store == NULL ||
	    asprintf(&c->stations, "%s/stations", store) < 0)
		r = -ENOMEM;
	else
		r = disk_folders(store);
	if (r == 0) {
		c->lock = ledger_lock(store);
		r = c->lock < 0 ? c->lock : path_in(c, keys, "key");
	}
	if (r == 0)
		sign_lock(c->lock);
	if (r == 0)
		r = find_key(c);
	if (r == 0)
		r = signer_open_file(keys, SIGNER_COLLECTOR, draw, seed);
	if (r == 0)
		r = signer_collector(seed, name);
	if (r == 0)
		r = note_signer(name, NOTE_COSIGNATURE, seed, &c->signer);
	signer_wipe(seed);
	if (r == 0)
		r = path_in(c, keys, "levels");
	if (r == 0)
		r = levels_read(keys, &c->levels);
	if (r < 0)
		collect_close(c);
	else
		*ret = c;
	return r;
}

int
collect_open_within(const char *store, int (*draw)(void *bytes, size_t n),
    int ms, struct collector **ret)
{
	int r = collect_open(store, draw, ret);

	for (; r == -EWOULDBLOCK && ms > 0; ms -= LOCK_LOOK_MS) {
		poll(NULL, 0, LOCK_LOOK_MS);
		r = collect_open(store, draw, ret);
	}
	return r;
}

struct collector *
collect_close(struct collector *c)
{
	if (c == NULL)
		return NULL;
	note_forget(&c->signer);
	collect_rows_close(&c->rows);
	if (c->lock >= 0)
		close(c->lock);
	free(c->stations);
	free(c->store);
	free(c);
	return NULL;
}

const struct note_key *
collect_key(const struct collector *c)
{
	return &c->signer.key;
}

/* A cosigned checkpoint of ours. -ENOENT; -EBADMSG: it is none. */
static int
read_cosigned(const struct collector *c, const struct note_key *key,
    const char *folder, const char *name, struct had *ret)
{
	const struct note_key keys[] = { *key, c->signer.key };
	struct note_seen seen[2];
	struct had h = { 0 };
	size_t text;
	int r = read_in(folder, name, &h.note, &h.n);

	if (r < 0)
		return r;
	r = note_open(h.note, h.n, keys, 2, seen, &text);
	if (r == 0 && (!seen[0].signed_it || !seen[1].signed_it))
		r = -ENOKEY;
	if (r == 0)
		r = checkpoint_read(h.note, text, &h.c);
	if (r == 0 && strcmp(h.c.origin, key->name) != 0)
		r = -EBADMSG;
	if (r < 0) {
		free(h.note);
		return r == -ENOMEM ? r : -EBADMSG;
	}
	h.cosigned_s = seen[1].time_s;
	*ret = h;
	return 0;
}

/* Of two copies the later one; takes both over. */
static int
take_later(struct had *a, struct had *b, struct had *ret)
{
	bool first = a->c.size > b->c.size ||
		     (a->c.size == b->c.size && a->cosigned_s >= b->cosigned_s);

	if (a->c.size == b->c.size && !merkle_same(&a->c.root, &b->c.root)) {
		free(a->note);
		free(b->note);
		return -EBADMSG;
	}
	free(first ? b->note : a->note);
	*ret = first ? *a : *b;
	return 0;
}

/* What was cosigned last of that tree; a size of 0 for none. -EBADMSG: our own
 * files are damaged. */
static int
read_had(const struct collector *c, const struct roster_station *s,
    int64_t number, struct had *ret)
{
	char origin[NOTE_NAME];
	char folder[PATH_MAX];
	char name[64];
	struct note_key key;
	struct had a = { 0 };
	struct had b = { 0 };
	int ra, rb;

	memset(ret, 0, sizeof(*ret));
	origin_of(s->hex, number, origin);
	ra = note_key(origin, NOTE_ED25519, s->key.key, &key);
	if (ra == 0)
		ra = path_in(c, folder, "last");
	if (ra < 0)
		return ra;
	snprintf(name, sizeof(name), "%s-v%" PRId64, s->hex, number);
	ra = read_cosigned(c, &key, folder, name, &a);
	rb = path_in(c, folder, "stations/%s/v%" PRId64, s->hex, number);
	if (rb == 0)
		rb = read_cosigned(c, &key, folder, SEAL_PUBLISHED, &b);
	if (ra == 0 && rb == 0)
		return take_later(&a, &b, ret);
	if (ra == 0 || rb == 0) {
		*ret = ra == 0 ? a : b;
		return 0;
	}
	return ra == -ENOENT && rb == -ENOENT ? 0 : ra != -ENOENT ? ra : rb;
}

/* Who is known -------------------------------------------------------------- */

struct naming {
	const struct roster_station *s;
	struct roster_station *other; /* the key that has the name, found */
	bool found;
};

/* A copy: roster_each() lends. */
static int
look_for_name(void *arg, const struct roster_station *s)
{
	struct naming *n = arg;

	if (strcmp(s->hex, n->s->hex) == 0 || s->replaced_by[0] != '\0' ||
	    strcmp(s->name, n->s->name) != 0)
		return 0;
	*n->other = *s;
	json_incref(n->other->ids);
	n->found = true;
	return 1;
}

static int
trust_level(struct collector *c, const struct note_key *key, const char *name)
{
	char path[PATH_MAX];
	int r = path_in(c, path, "levels");

	if (r == 0)
		r = levels_add(path, key, name);
	return r < 0 ? r : levels_read(path, &c->levels);
}

int
collect_trust(struct collector *c, const struct note_key *key, const char *name,
    bool replace, int64_t now_us)
{
	struct roster_station s, was, other;
	struct naming n = { .s = &s, .other = &other };
	bool named = false; /* so already: entered once more */
	int r;

	if (key->type == NOTE_COSIGNATURE)
		return trust_level(c, key, name);
	r = roster_new(key, name, now_us, &s);
	if (r < 0)
		return r;
	if (roster_read(c->stations, s.hex, &was) == 0) {
		named = strcmp(was.name, s.name) == 0;
		s.since_us = was.since_us;
		json_decref(s.ids);
		s.ids = was.ids;
	}
	r = roster_each(c->stations, look_for_name, &n);
	/* A damaged one is nobody; this may be its mending. */
	if (r == -EBADMSG)
		r = 0;
	if (n.found && !replace)
		r = -EEXIST;
	else if (r == 0 && replace && !n.found && !named)
		r = -ENOENT;
	else if (r >= 0)
		r = roster_write(c->stations, &s);
	if (n.found && r == 0) {
		memcpy(other.replaced_by, s.hex, sizeof(s.hex));
		r = roster_write(c->stations, &other);
	}
	if (n.found)
		roster_clear(&other);
	roster_clear(&s);
	return r;
}

/* Whose station an entry says that it is of: true when it does. */
static bool
entry_id(const char *entry, size_t n, char id[static ID_MAX + 1])
{
	static const char key[] = "\"station\":\"";
	const char *at = record_kind(entry, n) < 0
			     ? NULL
			     : memmem(entry, n, key, sizeof(key) - 1);
	const char *end;

	if (at == NULL)
		return false;
	at += sizeof(key) - 1;
	end = memchr(at, '"', n - (size_t)(at - entry));
	if (end == NULL || end - at > ID_MAX)
		return false;
	snprintf(id, ID_MAX + 1, "%.*s", (int)(end - at), at);
	return text_is_id(id);
}

/* Judging ------------------------------------------------------------------- */

/* What lies there is refused, and why. */
static int
say(struct brought *b, enum collect_outcome outcome, const char *why)
{
	b->res.outcome = outcome;
	b->res.why = why;
	return DONE;
}

/* N of such an origin and the digits of its key; 0 when it is none. */
static int64_t
read_origin(const char *origin, char hex[static SIGNER_HEX])
{
	char is[NOTE_NAME];
	int64_t n = signer_number(origin);

	if (n < 1 || n > TREES_MAX ||
	    sscanf(origin, "loaxa/%16[0-9a-f]/", hex) != 1 ||
	    strlen(hex) != SIGNER_HEX - 1)
		return 0;
	origin_of(hex, n, is);
	return strcmp(is, origin) == 0 ? n : 0;
}

static int
read_note(struct brought *b)
{
	int r = tiles_file(b->tiles, SEAL_PUBLISHED, &b->note, &b->n);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return say(b, COLLECT_REFUSED,
		    N_("its signed checkpoint is missing, or is no plain file "
		       "that can be read"));
	if (b->n > COLLECT_NOTE_MAX || note_text(b->note, b->n, &b->text) < 0 ||
	    checkpoint_read(b->note, b->text, &b->is) < 0)
		return say(b, COLLECT_REFUSED,
		    N_("what lies there is no signed checkpoint, or it was "
		       "damaged"));
	b->res.size = b->is.size;
	b->res.number = read_origin(b->is.origin, b->hex);
	if (b->res.number == 0) {
		b->hex[0] = '\0';
		return say(b, COLLECT_REFUSED,
		    N_("it is not the log of a loaxa station"));
	}
	tiles_size(b->tiles, b->is.size);
	if (b->is.size < 1 || b->is.size > COLLECT_LEAVES_MAX)
		return say(b, COLLECT_REFUSED,
		    N_("it says a number of records that no station has"));
	return 0;
}

/* The key, under this tree's name, must have signed it. */
static int
open_note(struct brought *b, const unsigned char key[static NOTE_KEY])
{
	struct checkpoint c;
	int r = note_key(b->is.origin, NOTE_ED25519, key, &b->key);

	return r < 0 ? r : checkpoint_open(b->note, b->n, &b->key, &c);
}

/* Both checkpoints' folder. Checkpoint and key are all that is kept of it. */
static int
keep_apart(struct brought *b, const char *name)
{
	char vkey[NOTE_VKEY + 1];
	int r = path_in(b->c, b->kept, "apart/%s/%s", b->hex, name);

	note_key_text(&b->key, vkey);
	strcat(vkey, "\n");
	if (r == 0)
		r = put_in(b->kept, SEAL_VKEY, vkey, strlen(vkey));
	if (r == 0)
		r = put_in(b->kept, SEAL_PUBLISHED, b->note, b->n);
	b->res.kept = r == 0 ? b->kept : "";
	return r;
}

/* Is there room for one more of them, or is it there already? */
static bool
has_room(struct brought *b, const char *name, int most)
{
	char path[PATH_MAX];
	char *slash;

	if (path_in(b->c, path, "apart/%s", name) < 0)
		return false;
	if (access(path, F_OK) == 0)
		return true;
	slash = strrchr(path, '/');
	*slash = '\0';
	return count_names(path, "") < most;
}

/* Of a key that nothing is taken from: its last checkpoint of each tree. One
 * that may contradict what is there takes the place of nothing. */
static int
keep_news(struct brought *b)
{
	char name[64];
	char path[PATH_MAX];
	char whole[SIGNER_HEX + sizeof(name)];
	struct checkpoint c;
	char *note;
	size_t n, text;
	bool other = false;
	int r;

	snprintf(name, sizeof(name), "v%" PRId64, b->res.number);
	r = path_in(b->c, path, "apart/%s/%s", b->hex, name);
	if (r < 0)
		return r;
	if (read_in(path, SEAL_PUBLISHED, &note, &n) == 0) {
		other = note_text(note, n, &text) == 0 &&
			checkpoint_read(note, text, &c) == 0 &&
			b->is.size <= c.size &&
			!merkle_same(&c.root, &b->is.root);
		free(note);
	}
	if (!other)
		return keep_apart(b, name);
	/* No "-": whether it is a second history nobody has looked. */
	snprintf(name, sizeof(name),
	    "v%" PRId64 ".%" PRId64 ".%02x%02x%02x%02x", b->res.number,
	    b->is.size, b->is.root.b[0], b->is.root.b[1], b->is.root.b[2],
	    b->is.root.b[3]);
	snprintf(whole, sizeof(whole), "%s/%s", b->hex, name);
	return has_room(b, whole, COLLECT_FORKS_MAX) ? keep_apart(b, name) : 0;
}

struct claim {
	const char *id;
	char *name; /* ROSTER_NAME bytes */
};

static int
compare_claim(void *arg, const struct roster_station *s)
{
	struct claim *c = arg;

	if (!roster_has_id(s, c->id))
		return 0;
	memcpy(c->name, s->name, sizeof(s->name));
	return 1;
}

/* Which station that is known do these records say they are of? Nothing is
 * checked: it is a word for a person, who may then ask. */
static void
find_claim(struct brought *b)
{
	int64_t last = b->is.size / TILE_WIDTH * TILE_WIDTH;
	char id[ID_MAX + 1];
	char asked[ID_MAX + 1] = "";
	int asks = 0;
	const char *entry;
	size_t n;

	for (int64_t i = 0; asks < CLAIMS_MAX && i < b->is.size; i++) {
		struct claim c = { id, b->claims };

		/* The first bundle and the last. */
		if (i == TILE_WIDTH && last > i)
			i = last;
		if (tiles_entry(b->tiles, i, &entry, &n) < 0)
			return;
		/* Each asks all stations that are known. */
		if (!entry_id(entry, n, id) || strcmp(id, asked) == 0)
			continue;
		memcpy(asked, id, sizeof(asked));
		asks++;
		if (roster_each(b->c->stations, compare_claim, &c) == 1)
			return;
	}
}

static int
meet_stranger(struct brought *b)
{
	const char *why =
	    N_("it is not signed by the key that lies beside it, or there is "
	       "no key");
	struct note_key k;
	char *text;
	size_t n;
	int r = tiles_file(b->tiles, SEAL_VKEY, &text, &n);

	if (r < 0)
		return r == -ENOMEM ? r : say(b, COLLECT_REFUSED, why);
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	r = note_key_read(text, &k);
	free(text);
	if (r == 0 && signer_number_of(k.key, b->is.origin) == 0)
		r = -EINVAL;
	if (r == 0)
		r = open_note(b, k.key);
	if (r < 0)
		return r == -ENOMEM ? r : say(b, COLLECT_REFUSED, why);
	note_key_text(&b->key, b->vkey);
	find_claim(b);
	b->res.outcome = COLLECT_UNKNOWN;
	if (has_room(b, b->hex, COLLECT_APART_MAX))
		r = keep_news(b);
	return r < 0 ? r : DONE;
}

static int
find_station(struct brought *b)
{
	int r = roster_read(b->c->stations, b->hex, &b->station);

	if (r == -ENOENT)
		return meet_stranger(b);
	if (r < 0)
		return r;
	b->res.name = b->station.name;
	r = open_note(b, b->station.key.key);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return say(b, COLLECT_REFUSED,
		    r == -ENOKEY ? N_("it is not signed by the key of this "
				      "station: somebody else made it")
				 : N_("the signature does not fit: it was "
				      "changed after it was signed"));
	return 0;
}

/* Our own tree's files, and its first `size` leaves. -EBADMSG: they do not give
 * what was cosigned. */
static int
open_own(struct brought *b, int64_t size, struct tiles **ret_tiles,
    struct merkle *ret)
{
	struct merkle_source src;
	struct merkle_hash root;
	struct merkle all;
	char path[PATH_MAX];
	struct tiles *t = NULL;
	int r =
	    path_in(b->c, path, "stations/%s/v%" PRId64, b->hex, b->res.number);

	if (r == 0)
		r = tiles_open(path, &t);
	if (r == 0) {
		tiles_size(t, b->had.c.size);
		src = tiles_source(t);
		r = merkle_at(&src, b->had.c.size, &all);
	}
	if (r == 0) {
		merkle_root(&all, &root);
		r = merkle_same(&root, &b->had.c.root)
			? merkle_at(&src, size, ret)
			: -EBADMSG;
	}
	if (r < 0)
		tiles_close(t);
	else
		*ret_tiles = t;
	return r == 0 || r == -ENOMEM ? r : -EBADMSG;
}

/* Adds the brought entries from where the tree ends. *ret_bad: the first that
 * cannot be read. */
static int
hash_on(struct brought *b, struct merkle *t, int64_t *ret_bad)
{
	for (int64_t i = t->size; i < b->is.size; i++) {
		struct merkle_hash leaf;
		const char *entry;
		size_t n;
		int r = tiles_entry(b->tiles, i, &entry, &n);

		if (r < 0) {
			*ret_bad = i;
			return r;
		}
		merkle_leaf(entry, n, &leaf);
		merkle_add(t, &leaf, NULL, NULL);
	}
	return 0;
}

static bool
gives(const struct merkle *t, const struct merkle_hash *want)
{
	struct merkle_hash root;

	merkle_root(t, &root);
	return merkle_same(&root, want);
}

/* Do its own entries, from the first on, give what it was signed with? */
static bool
is_whole(struct brought *b)
{
	struct merkle t = { 0 };
	int64_t bad;

	return hash_on(b, &t, &bad) == 0 && gives(&t, &b->is.root);
}

/* The first entry whose hash is another one than that tree says, which is known
 * to be right. */
static int64_t
first_other(struct brought *b, struct tiles *right, int64_t size)
{
	for (int64_t i = 0; i < size; i++) {
		struct merkle_hash is, was;
		const char *entry;
		size_t n;

		if (tiles_entry(b->tiles, i, &entry, &n) < 0 ||
		    tiles_hash(right, 0, i, &was) < 0)
			return i;
		merkle_leaf(entry, n, &is);
		if (!merkle_same(&is, &was))
			return i;
	}
	return -1;
}

/* Do its own tiles give what was signed, so that they can say what is wrong
 * with the entries? */
static bool
has_tiles(struct brought *b)
{
	struct merkle t = { 0 };

	for (int64_t i = 0; i < b->is.size; i++) {
		struct merkle_hash leaf;

		if (tiles_hash(b->tiles, 0, i, &leaf) < 0)
			return false;
		merkle_add(&t, &leaf, NULL, NULL);
	}
	return gives(&t, &b->is.root);
}

/* Its entries are not there, or not right. Do its tiles, which give what was
 * signed, begin otherwise than what was cosigned? That needs no entry. */
static bool
shows_fork(struct brought *b)
{
	struct merkle t = { 0 };
	bool other = false;

	for (int64_t i = 0; i < b->is.size; i++) {
		struct merkle_hash leaf;

		if (tiles_hash(b->tiles, 0, i, &leaf) < 0)
			return false;
		merkle_add(&t, &leaf, NULL, NULL);
		if (i + 1 == b->had.c.size)
			other = !gives(&t, &b->had.c.root);
	}
	return other && gives(&t, &b->is.root);
}

/* What it signed, it has signed: its checkpoint stays, whatever came of the
 * files. */
static int
keep_word(struct brought *b)
{
	int r = has_room(b, b->hex, COLLECT_APART_MAX) ? keep_news(b) : 0;

	b->res.kept = "";
	return r;
}

static int
find_damage(struct brought *b)
{
	struct merkle t = { 0 };
	int r = keep_word(b);

	if (r < 0)
		return r;
	if (hash_on(b, &t, &b->res.first) < 0)
		return say(b, COLLECT_DAMAGED,
		    N_("records are missing or cannot be read: copy it from "
		       "the station again"));
	if (has_tiles(b))
		b->res.first = first_other(b, b->tiles, b->is.size);
	return say(b, COLLECT_DAMAGED,
	    N_("its records are not those that were signed: copy it from the "
	       "station again"));
}

/* The same, of tiles that give what was signed. */
static int64_t
first_other_tile(struct brought *b, struct tiles *right, int64_t size)
{
	for (int64_t i = 0; i < size; i++) {
		struct merkle_hash is, was;

		if (tiles_hash(b->tiles, 0, i, &is) < 0 ||
		    tiles_hash(right, 0, i, &was) < 0 ||
		    !merkle_same(&is, &was))
			return i;
	}
	return -1;
}

/* Keeping what was signed twice -------------------------------------------- */

static int
copy_whole(struct brought *b)
{
	struct mirror *m;
	int r = mirror_open(b->kept, NULL, &m);

	if (r < 0)
		return r;
	for (int64_t i = 0; r == 0 && i < b->is.size; i++) {
		const char *entry;
		size_t n;

		r = tiles_entry(b->tiles, i, &entry, &n);
		if (r == 0)
			r = mirror_add(m, entry, n);
	}
	if (r == 0)
		r = mirror_flush(m);
	mirror_close(m);
	return r;
}

/* Without its entries: every leaf's hash, which with the checkpoint is as much
 * of a proof. */
static int
copy_hashes(struct brought *b)
{
	size_t n = (size_t)b->is.size;
	struct merkle_hash *all;
	int r = 0;

	if (b->is.size > COLLECT_HASHES_MAX || !has_tiles(b))
		return 0;
	all = calloc(n, sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = tiles_hash(b->tiles, 0, (int64_t)i, &all[i]);
	if (r == 0)
		r = put_in(b->kept, COLLECT_HASHES, all, n * sizeof(*all));
	free(all);
	return r;
}

/* Both checkpoints, and the whole of the one that we did not have, where its
 * files are whole. */
static int
keep_fork(struct brought *b)
{
	char name[96];
	char whole[SIGNER_HEX + sizeof(name)];
	int r;

	snprintf(name, sizeof(name),
	    "v%" PRId64 "-%" PRId64 "-%02x%02x%02x%02x", b->res.number,
	    b->is.size, b->is.root.b[0], b->is.root.b[1], b->is.root.b[2],
	    b->is.root.b[3]);
	snprintf(whole, sizeof(whole), "%s/%s", b->hex, name);
	if (!has_room(b, whole, COLLECT_FORKS_MAX))
		return 0;
	r = keep_apart(b, name);
	if (r == 0)
		r = put_in(b->kept, "ours", b->had.note, b->had.n);
	if (r < 0)
		return r;
	return is_whole(b) ? copy_whole(b) : copy_hashes(b);
}

static int
fork_found(struct brought *b)
{
	struct tiles *own;
	struct merkle t;
	int64_t size = earlier(b->is.size, b->had.c.size);
	int r = open_own(b, 0, &own, &t);

	if (r == 0 && is_whole(b))
		b->res.first = first_other(b, own, size);
	else if (r == 0 && has_tiles(b))
		b->res.first = first_other_tile(b, own, size);
	if (r == 0)
		tiles_close(own);
	b->res.outcome = COLLECT_FORKED;
	r = keep_fork(b);
	return r < 0 ? r : DONE;
}

/* Cosigning ----------------------------------------------------------------- */

/* Beside the checkpoint, for whoever brings the folder back; one that cannot be
 * written is no failure. */
static bool
put_there(int dir, const char *name, const char *bytes, size_t n)
{
	static const char temp[] = ".cosigned.new";
	int fd;
	int r;

	unlinkat(dir, temp, 0);
	fd = openat(dir, temp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	r = disk_write(fd, bytes, n);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	close(fd);
	if (r == 0 && renameat(dir, temp, dir, name) == 0)
		return true;
	unlinkat(dir, temp, 0);
	return false;
}

/* The one line by which the station signed it: what else stands there is
 * nobody's word. As a note of its own; yours, or NULL. */
static char *
station_note(const struct brought *b, const char *note, size_t n, size_t text)
{
	const char *p = note + text + 1;
	const char *end = note + n;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		struct checkpoint c;
		char *one = NULL;
		int len;

		if (lf == NULL)
			break;
		len = asprintf(
		    &one, "%.*s\n%.*s", (int)text, note, (int)(lf + 1 - p), p);
		if (len < 0)
			return NULL;
		if (checkpoint_open(one, (size_t)len, &b->key, &c) == 0)
			return one;
		free(one);
		p = lf + 1;
	}
	return NULL;
}

/* That, the other levels' lines, and ours ("" for none); yours, or NULL. */
static char *
join_lines(const char *one, const struct levels_lines *lines, const char *own,
    size_t *ret_n)
{
	char *note = NULL;
	FILE *out = open_memstream(&note, ret_n);

	if (out == NULL)
		return NULL;
	fputs(one, out);
	for (size_t i = 0; i < LEVELS_LINES; i++)
		if (lines->line[i] != NULL)
			fputs(lines->line[i], out);
	fputs(own, out);
	if (fclose(out) == 0)
		return note;
	free(note);
	return NULL;
}

/* What another level gave back: beside what is brought, or beside our own copy,
 * where one above writes into it. 0, and it is yours; or a negative errno. */
static int
read_answer(struct brought *b, bool own, char **ret, size_t *ret_n)
{
	char path[PATH_MAX];
	int r;

	if (!own)
		return tiles_file(b->tiles, COLLECT_ANSWER, ret, ret_n);
	r = path_in(b->c, path, "stations/%s/v%" PRId64, b->hex, b->res.number);
	return r < 0 ? r : read_in(path, COLLECT_ANSWER, ret, ret_n);
}

/* Every line of other levels under what is cosigned now. */
static int
take_lines(struct brought *b, struct levels_lines *lines)
{
	const struct levels *l = &b->c->levels;
	int r = levels_take(l, b->note, b->n, b->note, b->text, lines);

	if (r == 0 && b->had.note != NULL)
		r = levels_take(
		    l, b->had.note, b->had.n, b->note, b->text, lines);
	for (int own = 0; r == 0 && own < 2; own++) {
		char *note;
		size_t n;

		if (read_answer(b, own == 1, &note, &n) < 0)
			continue;
		r = levels_take(l, note, n, b->note, b->text, lines);
		free(note);
	}
	return r;
}

static int
cosign(struct brought *b, char **ret, size_t *ret_n)
{
	struct levels_lines lines = { 0 };
	char *one = station_note(b, b->note, b->n, b->text);
	char *line = NULL;
	int r = one == NULL ? -ENOMEM : take_lines(b, &lines);

	if (r == 0)
		r = note_sign(
		    &b->c->signer, b->note, b->text, b->run->now_s, &line);
	if (r == 0) {
		*ret = join_lines(one, &lines, line, ret_n);
		r = *ret == NULL ? -ENOMEM : 0;
	}
	levels_forget(&lines);
	free(one);
	free(line);
	return r;
}

/* Is one of the lines later than ours? Those of the levels below are not. */
static bool
is_from_above(const struct levels *l, const struct levels_lines *lines)
{
	for (size_t i = 0; i + 1 < l->n; i++)
		if (lines->line[i] != NULL &&
		    lines->time_s[i] >= lines->time_s[l->n - 1])
			return true;
	return false;
}

/* An answer of a level above to what was cosigned here before: it goes on down
 * to the station, under a name of its own. Its lines, checked; NULL: none. */
static char *
from_above(struct brought *b, bool own, size_t *ret_n)
{
	struct levels l = b->c->levels;
	struct levels_lines lines = { 0 };
	struct checkpoint c;
	char *note;
	char *one = NULL;
	char *all = NULL;
	size_t n, text;

	if (read_answer(b, own, &note, &n) < 0)
		return NULL;
	l.keys[l.n++] = b->c->signer.key;
	if (n <= COLLECT_NOTE_MAX && note_text(note, n, &text) == 0 &&
	    checkpoint_open(note, n, &b->key, &c) == 0 &&
	    levels_take(&l, note, n, note, text, &lines) == 0 &&
	    is_from_above(&l, &lines))
		one = station_note(b, note, n, text);
	if (one != NULL)
		all = join_lines(one, &lines, "", ret_n);
	levels_forget(&lines);
	free(one);
	free(note);
	return all;
}

static int
pass_on(struct brought *b, const char *folder, const char *name)
{
	int r = 0;

	for (int own = 0; r == 0 && own < 2; own++) {
		size_t n = 0;
		char *note = from_above(b, own == 1, &n);

		if (note == NULL)
			continue;
		r = put_in(folder, name, note, n);
		if (r == 0)
			put_there(b->dir, COLLECT_ABOVE, note, n);
		free(note);
	}
	return r;
}

/* It is in the store: now it may be handed out. */
static int
hand_out(struct brought *b, const char *note, size_t n)
{
	char folder[PATH_MAX];
	char *id = text_make_id(b->station.name);
	char *name = NULL;
	char *above = NULL;
	int r = id == NULL ||
			asprintf(&name, "%s-%s-v%" PRId64 ".cosigned", id,
			    b->hex, b->res.number) < 0 ||
			asprintf(&above, "%s-%s-v%" PRId64 "-" COLLECT_ABOVE,
			    id, b->hex, b->res.number) < 0
		    ? -ENOMEM
		    : path_in(b->c, folder, "outbox");

	/* First: what is brought may hold the answer that is to go down. */
	if (r == 0)
		r = pass_on(b, folder, above);
	if (r == 0)
		r = put_in(folder, name, note, n);
	if (r == 0)
		b->res.answered = put_there(b->dir, COLLECT_ANSWER, note, n);
	free(id);
	free(name);
	free(above);
	return r;
}

/* Signs, keeps in both places, and only then answers. */
static int
finish(struct brought *b)
{
	char vkey[NOTE_VKEY + 1];
	char folder[PATH_MAX];
	char name[64];
	char *note = NULL;
	size_t n;
	int r = cosign(b, &note, &n);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%s-v%" PRId64, b->hex, b->res.number);
	r = path_in(b->c, folder, "last");
	if (r == 0)
		r = put_in(folder, name, note, n);
	if (r == 0)
		r = path_in(b->c, folder, "stations/%s/v%" PRId64, b->hex,
		    b->res.number);
	note_key_text(&b->key, vkey);
	strcat(vkey, "\n");
	if (r == 0)
		r = put_in(folder, SEAL_VKEY, vkey, strlen(vkey));
	if (r == 0)
		r = put_in(folder, SEAL_PUBLISHED, note, n);
	if (r == 0)
		r = hand_out(b, note, n);
	free(note);
	return r;
}

/* What we sign never says that time went back. */
static bool
goes_on(const struct brought *b)
{
	return b->run->now_s >= b->had.cosigned_s;
}

static int
went_back(struct brought *b)
{
	b->res.cosigned_us = b->had.cosigned_s * US_PER_S;
	return say(b, COLLECT_REFUSED,
	    N_("this computer's clock shows an earlier time than when the "
	       "station was cosigned last: set the clock"));
}

static int
cosign_again(struct brought *b)
{
	if (!goes_on(b))
		return went_back(b);
	b->res.outcome = COLLECT_SAME;
	return finish(b);
}

/* Its entries are known to go on from what we have. */
static int
grow(struct brought *b, struct mirror *m)
{
	char id[ID_MAX + 1];
	bool news = false;
	int r = 0;

	for (int64_t i = b->had.c.size; r == 0 && i < b->is.size; i++) {
		const char *entry;
		size_t n;

		r = tiles_entry(b->tiles, i, &entry, &n);
		if (r < 0)
			return r == -ENOMEM ? r : -ESTALE;
		news |=
		    entry_id(entry, n, id) && roster_add_id(&b->station, id);
		r = mirror_add(m, entry, n);
	}
	if (r == 0 && !gives(mirror_tree(m), &b->is.root))
		r = -ESTALE;
	if (r == 0 && news)
		r = roster_write(b->c->stations, &b->station);
	return r == 0 ? mirror_flush(m) : r;
}

/* What came before a later tree ------------------------------------------- */

/* One of our own trees: its leaves, and which records they are. */
struct kept {
	struct tiles *tiles;
	struct leaves l;
	int64_t end; /* behind its last record */
};

static int
open_kept(struct brought *b, int64_t number, int64_t size, struct kept *ret)
{
	struct kept k = { .l = LEAVES_FIRST };
	char origin[NOTE_NAME];
	char path[PATH_MAX];
	const char *entry;
	size_t n;
	int r = path_in(b->c, path, "stations/%s/v%" PRId64, b->hex, number);

	if (r == 0)
		r = tiles_open(path, &k.tiles);
	if (r < 0)
		return r;
	tiles_size(k.tiles, size);
	origin_of(b->hex, number, origin);
	if (number > 1)
		r = tiles_entry(k.tiles, 0, &entry, &n);
	if (r == 0 && number > 1)
		r = leaves_read(entry, n, origin, &k.l);
	k.end = leaves_end(&k.l, size);
	if (r < 0)
		tiles_close(k.tiles);
	else
		*ret = k;
	return r;
}

/* Has it the record as the other one has? A place that was signed as lost gives
 * up nothing. */
static bool
keeps(const struct kept *is, const struct kept *was, int64_t seq)
{
	struct merkle_hash a, b, nothing;
	int64_t index = leaves_index(&was->l, seq);

	if (tiles_hash(was->tiles, 0, index, &b) < 0)
		return true;
	merkle_leaf("", 0, &nothing);
	if (merkle_same(&b, &nothing))
		return true;
	index = leaves_index(&is->l, seq);
	return index >= 0 && tiles_hash(is->tiles, 0, index, &a) == 0 &&
	       merkle_same(&a, &b);
}

/* From its first record on a later tree counts, and no older one: which records
 * of theirs, cosigned here, has it not as they were? */
static void
count_given_up(struct brought *b, const struct kept *is)
{
	int64_t below = INT64_MAX;

	for (int64_t i = b->res.number - 1; i > 0 && below > is->l.from; i--) {
		struct kept was;
		struct had had;

		if (read_had(b->c, &b->station, i, &had) < 0)
			continue;
		free(had.note);
		if (had.c.size == 0 || open_kept(b, i, had.c.size, &was) < 0)
			continue;
		for (int64_t seq = later(was.l.from, is->l.from);
		     seq < earlier(was.end, below); seq++)
			if (!keeps(is, &was, seq)) {
				b->res.given_up++;
				b->res.first = b->res.first < 0
						   ? seq
						   : earlier(b->res.first, seq);
			}
		below = earlier(below, was.l.from);
		tiles_close(was.tiles);
	}
}

/* A tree that was not here, after the first one: whoever has the key can begin
 * one at any time, and say everything anew in it. */
static int
look_at_epoch(struct brought *b)
{
	struct kept is;
	int r;

	if (b->res.number == 1 || b->had.c.size > 0)
		return 0;
	r = open_kept(b, b->res.number, b->is.size, &is);
	if (r == -EBADMSG || (r == 0 && is.l.epoch >= is.end)) {
		if (r == 0)
			tiles_close(is.tiles);
		return say(b, COLLECT_REFUSED,
		    N_("it begins anew, and its first record does not say "
		       "from where on: no loaxa writes that"));
	}
	if (r < 0)
		return r;
	count_given_up(b, &is);
	tiles_close(is.tiles);
	return 0;
}

static int
take(struct brought *b)
{
	struct mirror *m;
	char path[PATH_MAX];
	int r =
	    path_in(b->c, path, "stations/%s/v%" PRId64, b->hex, b->res.number);

	if (!goes_on(b))
		return went_back(b);
	if (r == 0)
		r = mirror_open(path, &b->had.c, &m);
	if (r < 0)
		return r;
	r = grow(b, m);
	if (r == 0)
		r = look_at_epoch(b);
	if (r == 0) {
		b->res.outcome = COLLECT_TAKEN;
		collect_rows_mark(&b->c->rows);
		r = finish(b);
	}
	if (r == 0)
		mirror_tidy(m);
	mirror_close(m);
	/* Read twice, and not the same. */
	return r == -ESTALE ? say(b, COLLECT_DAMAGED,
				  N_("its files changed while they were read: "
				     "try again"))
			    : r;
}

/* Comparing ----------------------------------------------------------------- */

/* It is larger than what we have: does it go on from that? */
static int
continue_tree(struct brought *b)
{
	struct merkle t = { 0 };
	struct tiles *own = NULL;
	int64_t bad;
	int r = 0;

	if (b->had.c.size > 0)
		r = open_own(b, b->had.c.size, &own, &t);
	tiles_close(own);
	if (r < 0)
		return r;
	r = hash_on(b, &t, &bad);
	if (r == 0 && gives(&t, &b->is.root))
		return take(b);
	if (r == -ENOMEM)
		return r;
	if (b->had.c.size > 0 && (is_whole(b) || shows_fork(b)))
		return fork_found(b);
	return find_damage(b);
}

static int
look_back(struct brought *b)
{
	struct tiles *own;
	struct merkle t;
	int r = open_own(b, b->is.size, &own, &t);

	if (r < 0)
		return r;
	tiles_close(own);
	if (!gives(&t, &b->is.root))
		return fork_found(b);
	b->res.outcome = COLLECT_OLDER;
	/* One that lost its end learns so by this. */
	return hand_out(b, b->had.note, b->had.n);
}

/* A key that is not in use any more signs nothing new: what it had signed by
 * then may still lie beside its successor's trees. */
static int
look_at_old_key(struct brought *b)
{
	struct tiles *own;
	struct merkle t;
	bool same = false;
	int r = 0;

	if (b->had.c.size >= b->is.size) {
		r = open_own(b, b->is.size, &own, &t);
		if (r < 0)
			return r;
		tiles_close(own);
		same = gives(&t, &b->is.root);
	}
	b->res.outcome = same ? COLLECT_OLDER : COLLECT_REPLACED;
	r = same ? hand_out(b, b->had.note, b->had.n) : keep_news(b);
	return r < 0 ? r : DONE;
}

static int
compare(struct brought *b)
{
	int64_t had;
	int r = read_had(b->c, &b->station, b->res.number, &b->had);

	if (r < 0)
		return r;
	had = b->res.had = b->had.c.size;
	if (b->station.replaced_by[0] != '\0')
		return look_at_old_key(b);
	if (b->is.size > had)
		return continue_tree(b);
	if (b->is.size < had)
		return look_back(b);
	return merkle_same(&b->is.root, &b->had.c.root) ? cosign_again(b)
							: fork_found(b);
}

static int
judge(struct brought *b)
{
	int r = tiles_open_strictly(b->dir, &b->tiles);

	if (r == 0)
		r = read_note(b);
	if (r == 0)
		r = find_station(b);
	return r == 0 ? compare(b) : r;
}

static int
open_part(int at, const char *name)
{
	return openat(
	    at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
has(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* v1, v2, ... of a folder: how many, and which. */
static int
find_numbers(int at, bool found[static TREES_MAX + 1])
{
	int fd = open_part(at, ".");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int all = 0;

	memset(found, 0, TREES_MAX + 1);
	if (dir == NULL && fd >= 0)
		close(fd);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		int end = 0;
		int n;

		if (sscanf(e->d_name, "v%4d%n", &n, &end) == 1 && n >= 1 &&
		    n <= TREES_MAX && e->d_name[end] == '\0' && !found[n]) {
			found[n] = true;
			all++;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return all;
}

/* Rows ---------------------------------------------------------------------- */

struct adding {
	struct collector *c;
	struct collect_trees *trees;
};

/* What is here of a station, whoever is brought now. */
static int
add_station(void *arg, const struct roster_station *s)
{
	struct adding *a = arg;
	bool found[TREES_MAX + 1] = { false };
	char path[PATH_MAX];
	int r = path_in(a->c, path, "stations/%s", s->hex);
	int at = r < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at >= 0) {
		find_numbers(at, found);
		close(at);
	}
	for (int i = 1; r == 0 && i <= TREES_MAX; i++) {
		struct had h;

		if (!found[i] || read_had(a->c, s, i, &h) < 0)
			continue;
		free(h.note);
		if (h.c.size > 0)
			r = collect_trees_add(a->trees, a->c->store, s->hex,
			    s->name, i, h.c.size);
	}
	return r;
}

static int
add_all(void *arg, struct collect_trees *trees)
{
	struct adding a = { arg, trees };

	return roster_each(a.c->stations, add_station, &a);
}

static int
count_cosigned(void *arg)
{
	char last[PATH_MAX];

	return path_in(arg, last, "last") < 0 ? 0 : count_names(last, "");
}

static bool
is_kept(const struct brought *b)
{
	return b->res.outcome <= COLLECT_OLDER;
}

/* As many as each tree that waits has leaves here. */
static int
take_rows(struct run *run)
{
	struct collect_trees t = { NULL, 0, 0 };
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->n; i++) {
		const struct brought *b = run->waiting[i];

		if (is_kept(b))
			r = collect_trees_add(&t, run->c->store, b->hex,
			    b->station.name, b->res.number,
			    b->res.outcome == COLLECT_TAKEN ? b->is.size
							    : b->had.c.size);
	}
	if (r == 0 && t.n > 0)
		r = collect_rows_take(&run->c->rows, &t);
	for (size_t i = 0; at < t.n && i < run->n; i++)
		if (is_kept(run->waiting[i]))
			run->waiting[i]->res.rows_error = t.list[at++].error;
	collect_trees_free(&t);
	return r;
}

static void
free_brought(struct brought *b)
{
	roster_clear(&b->station);
	free(b->had.note);
	free(b->note);
	free(b->where);
	free(b);
}

/* Their rows, and then it is told what came of them. */
static void
end_waiting(struct run *run)
{
	int r = take_rows(run);

	for (size_t i = 0; i < run->n; i++) {
		struct brought *b = run->waiting[i];

		if (is_kept(b) && b->res.rows_error == 0)
			b->res.rows_error = r;
		run->fn(run->arg, &b->res);
		free_brought(b);
	}
	run->n = 0;
}

static void
tell_no_memory(const struct run *run, const char *where)
{
	const struct collect_result res = { .outcome = COLLECT_FAILED,
		.folder = where,
		.hex = "",
		.vkey = "",
		.name = "",
		.first = -1,
		.why = "",
		.kept = "",
		.error = -ENOMEM };

	run->fn(run->arg, &res);
}

static void
take_tree(struct run *run, int dir, const char *where)
{
	struct brought *b = calloc(1, sizeof(*b));
	char *name = strdup(where);
	int r;

	run->trees++;
	if (b == NULL || name == NULL) {
		free(b);
		free(name);
		tell_no_memory(run, where);
		return;
	}
	*b = (struct brought){
		.run = run, .c = run->c, .dir = dir, .where = name
	};
	b->res = (struct collect_result){ .folder = name,
		.hex = b->hex,
		.vkey = b->vkey,
		.name = b->claims,
		.first = -1,
		.why = "",
		.kept = "" };
	r = judge(b);
	if (r < 0) {
		b->res.outcome = COLLECT_FAILED;
		b->res.error = r;
	}
	b->tiles = tiles_close(b->tiles);
	run->waiting[run->n++] = b;
	if (run->n == TOGETHER)
		end_waiting(run);
}

/* Finding ------------------------------------------------------------------- */

/* How many: the one that lies there, or those below. */
static int
take_trees(struct run *run, int at, const char *where)
{
	bool found[TREES_MAX + 1];
	char path[PATH_MAX];
	int before = run->trees;

	if (has(at, SEAL_PUBLISHED)) {
		take_tree(run, at, where);
		return 1;
	}
	if (find_numbers(at, found) == 0)
		return 0;
	for (int i = 1; i <= TREES_MAX; i++) {
		char name[16];
		int dir;

		snprintf(name, sizeof(name), "v%d", i);
		dir = found[i] ? open_part(at, name) : -1;
		if (dir < 0)
			continue;
		snprintf(path, sizeof(path), "%.4000s/%s", where, name);
		take_tree(run, dir, path);
		close(dir);
	}
	return run->trees - before;
}

/* Also its tree/, its var/tree/. */
static int
take_station(struct run *run, int at, const char *where)
{
	int n = take_trees(run, at, where);
	int tree = n > 0 ? -1 : open_part(at, "tree");
	int var = n > 0 || tree >= 0 ? -1 : open_part(at, "var");

	if (var >= 0) {
		tree = open_part(var, "tree");
		close(var);
	}
	if (tree >= 0) {
		n = take_trees(run, tree, where);
		close(tree);
	}
	return n;
}

static int
take_stations(struct run *run, int at, const char *where)
{
	struct dirent **names;
	char path[PATH_MAX];
	int n = scandirat(at, ".", &names, NULL, alphasort);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		int sub = names[i]->d_name[0] == '.'
			      ? -1
			      : open_part(at, names[i]->d_name);

		snprintf(
		    path, sizeof(path), "%.3500s/%s", where, names[i]->d_name);
		if (sub >= 0) {
			take_station(run, sub, path);
			close(sub);
		}
		free(names[i]);
	}
	free(names);
	return 0;
}

int
collect_folder(struct collector *c, const char *folder, int64_t now_us,
    void (*fn)(void *arg, const struct collect_result *r), void *arg)
{
	struct run run = {
		.c = c, .now_s = now_us / US_PER_S, .fn = fn, .arg = arg
	};
	int at;
	int r = 0;

	if (now_us < EARLIEST_US)
		return -ETIME;
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -errno;
	if (take_station(&run, at, folder) == 0)
		r = count_names(folder, "") > COLLECT_FOLDERS_MAX
			? -EFBIG
			: take_stations(&run, at, folder);
	close(at);
	end_waiting(&run);
	collect_rows_end(&c->rows);
	return r == 0 && run.trees == 0 ? -ENOENT : r;
}

int
collect_latest(const struct collector *c, const char *origin,
    struct checkpoint *ret, char **ret_note, size_t *ret_n)
{
	struct roster_station s;
	char hex[SIGNER_HEX];
	struct had h;
	int64_t number = read_origin(origin, hex);
	int r = number == 0 ? -ENOENT : roster_read(c->stations, hex, &s);

	if (r < 0)
		return r;
	r = read_had(c, &s, number, &h);
	roster_clear(&s);
	if (r < 0)
		return r;
	*ret = h.c;
	*ret_note = h.note;
	*ret_n = h.n;
	return 0;
}

int
collect_had(const struct collector *c, const char *origin, int64_t *ret_size)
{
	struct checkpoint is;
	char *note;
	size_t n;
	int r = collect_latest(c, origin, &is, &note, &n);

	if (r < 0)
		return r;
	*ret_size = is.size;
	free(note);
	return 0;
}

/* Telling ------------------------------------------------------------------- */

struct telling {
	struct collector *c;
	int (*fn)(void *arg, const struct collect_state *s);
	void *arg;
};

static int
tell(void *arg, const struct roster_station *s)
{
	struct telling *t = arg;
	struct collect_state is = { .station = s };
	bool found[TREES_MAX + 1] = { false };
	char path[PATH_MAX];
	int at;
	int r = path_in(t->c, path, "apart/%s", s->hex);

	if (r == 0) {
		/* keep_fork()'s; a key that was not known yet is none. */
		is.forks = count_names(path, "-");
		r = path_in(t->c, path, "stations/%s", s->hex);
	}
	if (r < 0)
		return r;
	at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at >= 0) {
		find_numbers(at, found);
		close(at);
	}
	for (int i = 1; i <= TREES_MAX; i++) {
		struct had h;

		if (!found[i] || read_had(t->c, s, i, &h) < 0)
			continue;
		is.trees += h.c.size > 0;
		is.leaves += h.c.size;
		is.cosigned_us = later(is.cosigned_us, h.cosigned_s * US_PER_S);
		free(h.note);
	}
	return t->fn(t->arg, &is);
}

int
collect_each(struct collector *c,
    int (*fn)(void *arg, const struct collect_state *s), void *arg)
{
	struct telling t = { c, fn, arg };

	return roster_each(c->stations, tell, &t);
}
