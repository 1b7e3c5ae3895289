/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/hash.h"
#include "evidence/receive.h"
#include "evidence/seal.h"
#include "evidence/sending.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"

#define STRANGER_EVERY_US (10 * US_PER_S) /* keys that nobody knows */
#define SENT_US (60 * US_PER_MIN) /* so long it is being sent */
#define ANSWERED 1 /* the question is; not to be mixed up with an errno */

/* One tree that is being sent: one that goes on from what is here, or, as
 * evidence, all of one that does not. */
struct place {
	char origin[RECEIVE_ORIGIN + 1];
	bool apart;
	char folder[PATH_MAX];
	struct sending *sending;
	int64_t size; /* leaves of what is being sent */
	int64_t used_us;
	int64_t took_us; /* when a bundle came last, or it was begun */
};

struct receiver {
	struct receive_setup setup;
	char *stations;
	struct place *places[RECEIVE_OPEN_MAX];
	int64_t stranger_us;
};

/* One question: POST. */
struct asked {
	struct receiver *r;
	const struct receive_question *q;
	struct receive_answer *ret;
	struct collector *c;
	struct submission s;
	struct checkpoint is;
	struct checkpoint had; /* its size is 0 for nothing */
	struct roster_station station;
	bool apart; /* it does not go on from what is here */
	int64_t cosigned_s; /* the last time */
	enum collect_outcome outcome;
	bool heard; /* of it */
	char why[200];
	int error;
};

/* Answering ----------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static int
answer(struct receive_answer *ret, int status, const char *code,
    const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&ret->body, fmt, ap);
	va_end(ap);
	ret->status = status;
	ret->code = code;
	ret->type = "text/plain; charset=utf-8";
	if (n < 0)
		ret->body = NULL;
	ret->n = n < 0 ? 0 : (size_t)n;
	return ANSWERED;
}

static int
answer_size(struct receive_answer *ret, int64_t size)
{
	answer(ret, 409, "other-size", "%" PRId64 "\n", size);
	ret->type = "text/x.tlog.size";
	return ANSWERED;
}

/* What our own disk said. */
static void
answer_error(struct receive_answer *ret, int r)
{
	if (r == -EWOULDBLOCK)
		answer(
		    ret, 503, "busy", "the store is in use here; try again\n");
	else if (r == -ENOSPC || r == -EDQUOT)
		answer(ret, 507, "full", "the disk here is full\n");
	else if (r == -ETIME)
		answer(ret, 500, "clock", "the clock here is wrong\n");
	else
		answer(ret, 500, "failed", "it could not be kept here: %s\n",
		    strerror(-r));
}

static int
answer_wanted(struct receive_answer *ret, const struct place *at)
{
	if (at->apart)
		return answer(ret, 422, "bad-proof",
		    "entries %" PRId64 "\n"
		    "The proof does not hold. If this is another history of "
		    "the log, PUT all of it as evidence: "
		    "%s/apart/tile/entries/..., and then the checkpoint again."
		    "\n",
		    sending_wanted(at->sending), at->origin);
	return answer(ret, 428, "entries",
	    "entries %" PRId64 "\n"
	    "The records are kept here as well, and those from that bundle on "
	    "are missing: PUT %s/tile/entries/..., each with its proof, and "
	    "then the checkpoint again.\n",
	    sending_wanted(at->sending), at->origin);
}

/* What is being sent -------------------------------------------------------- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
remove_all(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
origin_hash(const char *origin, char hex[static HASH_HEX])
{
	hash_bytes(origin, strlen(origin), hex);
}

static struct place **
find_place(struct receiver *r, const char *origin, bool apart)
{
	for (int i = 0; i < RECEIVE_OPEN_MAX; i++)
		if (r->places[i] != NULL && r->places[i]->apart == apart &&
		    strcmp(r->places[i]->origin, origin) == 0)
			return &r->places[i];
	return NULL;
}

/* The files stay. */
static void
free_place(struct place **at)
{
	if (*at == NULL)
		return;
	sending_free((*at)->sending);
	free(*at);
	*at = NULL;
}

/* One that is free, or that of whoever has been quiet the longest. */
static struct place **
make_room(struct receiver *r)
{
	struct place **oldest = &r->places[0];

	for (int i = 0; i < RECEIVE_OPEN_MAX; i++) {
		if (r->places[i] == NULL)
			return &r->places[i];
		if (r->places[i]->used_us < (*oldest)->used_us)
			oldest = &r->places[i];
	}
	free_place(oldest);
	return oldest;
}

static int
put_file(const char *folder, const char *name, const void *bytes, size_t n)
{
	char path[PATH_MAX];
	struct disk *d;
	char *slash;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	slash = strrchr(path, '/');
	*slash = '\0';
	r = disk_folders(path);
	if (r == 0)
		r = disk_open(path, &d);
	if (r < 0)
		return r;
	/* What a power cut takes of it is sent again. */
	r = d->replace(d, slash + 1, bytes, n, 0);
	disk_close(d);
	return r;
}

static int
begin(struct asked *a, struct place **at, const char *origin)
{
	struct place *new = calloc(1, sizeof(*new));
	char own[PATH_MAX];
	int64_t number = signer_number(a->is.origin);
	int r = 0;

	if (new == NULL)
		return -ENOMEM;
	memcpy(new->origin, origin, sizeof(new->origin));
	new->apart = a->apart;
	new->took_us = a->q->now_us;
	if (snprintf(own, sizeof(own), "%s/%s/v%" PRId64, a->r->stations,
		a->station.hex, number) >= (int)sizeof(own) ||
	    snprintf(new->folder, sizeof(new->folder),
		"%s/incoming/push-%s-v%" PRId64 "%s", a->r->setup.store,
		a->station.hex, number,
		a->apart ? "-apart" : "") >= (int)sizeof(new->folder))
		r = -ENAMETOOLONG;
	if (r == 0)
		r = sending_begin(new->folder, own, a->apart ? 0 : a->had.size,
		    &a->is, &new->sending);
	if (r < 0)
		free(new);
	else
		*at = new;
	return r;
}

/* An older checkpoint, which whoever has one can send again: it is signed. It
 * does not turn aside what a station is sending. */
static bool
is_aside(const struct asked *a, const struct place *at)
{
	return a->is.size < at->size && a->q->now_us < at->took_us + SENT_US;
}

/* The one that is there goes on, where it can. */
static int
go_on(struct asked *a, struct place ***ret)
{
	char origin[HASH_HEX];
	struct place **at;
	int r = 0;

	origin_hash(a->is.origin, origin);
	at = find_place(a->r, origin, a->apart);
	if (at != NULL && is_aside(a, *at)) {
		*ret = at;
		return answer_wanted(a->ret, *at);
	}
	if (at == NULL)
		at = make_room(a->r);
	else if (!sending_sign(
		     (*at)->sending, a->apart ? 0 : a->had.size, &a->is))
		free_place(at);
	if (*at == NULL)
		r = begin(a, at, origin);
	if (r < 0)
		return r;
	(*at)->size = a->is.size;
	(*at)->used_us = a->q->now_us;
	*ret = at;
	return 0;
}

/* Handing over -------------------------------------------------------------- */

static void
on_result(void *arg, const struct collect_result *res)
{
	struct asked *a = arg;
	struct collect_result told = *res;

	a->outcome = res->outcome;
	a->error = res->error;
	a->heard = true;
	snprintf(a->why, sizeof(a->why), "%s", res->why);
	told.folder = a->q->from;
	told.answered = false;
	if (a->r->setup.fn != NULL)
		a->r->setup.fn(a->r->setup.arg, &told);
}

static int
hand_over(struct asked *a, const char *folder)
{
	int r;

	a->heard = false;
	r = collect_folder(a->c, folder, a->q->now_us, on_result, a);
	if (r == 0 && a->heard && a->outcome == COLLECT_FAILED)
		r = a->error;
	return r == 0 && !a->heard ? -EIO : r;
}

/* The checkpoint, as somebody brings one. */
static int
lay_down(struct asked *a, const char *folder)
{
	return put_file(folder, SEAL_PUBLISHED, a->s.note, a->s.n);
}

/* The line of ours in what was cosigned: the answer. */
static int
answer_line(struct asked *a)
{
	const char *name = collect_key(a->c)->name;
	size_t len = strlen(name);
	struct checkpoint is;
	char *note, *p, *end;
	size_t n, text;
	int r = collect_latest(a->c, a->is.origin, &is, &note, &n);

	if (r < 0)
		return r;
	if (note == NULL)
		return -EIO;
	r = note_text(note, n, &text);
	/* U+2014 and a space stand before the name. */
	for (p = note + text + 1; r == 0 && (end = strchr(p, '\n')) != NULL;
	     p = end + 1)
		if ((size_t)(end - p) > len + 5 &&
		    memcmp(p + 4, name, len) == 0 && p[4 + len] == ' ') {
			r = answer(a->ret, 200, "cosigned", "%.*s",
			    (int)(end + 1 - p), p);
			break;
		}
	free(note);
	return r == 0 ? -EIO : r;
}

/* What may still be wrong of it once its proof was right. */
static int
answer_outcome(struct asked *a)
{
	switch (a->outcome) {
	case COLLECT_TAKEN:
	case COLLECT_SAME:
		return answer_line(a);
	case COLLECT_FORKED:
		if (a->is.size > a->had.size)
			return answer(a->ret, 422, "forked",
			    "another history of this log is here; both are "
			    "kept\n");
		return answer_size(a->ret, a->had.size);
	case COLLECT_OLDER:
		return answer_size(a->ret, a->had.size);
	case COLLECT_UNKNOWN:
		return answer(
		    a->ret, 404, "unknown", "nobody has entered this key\n");
	case COLLECT_REPLACED:
		return answer(a->ret, 403, "replaced",
		    "this station has another key here now\n");
	case COLLECT_REFUSED:
		return answer(a->ret, 403, "refused", "%s\n", a->why);
	case COLLECT_DAMAGED:
	case COLLECT_FAILED:
		break;
	}
	return -EIO;
}

/* The checkpoint alone says enough: a station that has signed two histories is
 * found by it, and one that goes on by nothing is cosigned again. */
static int
hand_over_note(struct asked *a)
{
	char folder[PATH_MAX];
	int r;

	/* Beside what is being sent, which stays. */
	if (snprintf(folder, sizeof(folder), "%s/incoming/push-note",
		a->r->setup.store) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	remove_all(folder);
	r = lay_down(a, folder);
	if (r == 0)
		r = hand_over(a, folder);
	remove_all(folder);
	return r;
}

static int
finish(struct asked *a, struct place **at)
{
	int r = lay_down(a, (*at)->folder);

	if (r == 0)
		r = hand_over(a, (*at)->folder);
	if (r < 0)
		return r;
	remove_all((*at)->folder);
	free_place(at);
	/* What we have kept of it does not give what was signed: anew. */
	if (a->outcome == COLLECT_DAMAGED)
		return -EIO;
	return answer_outcome(a);
}

/* Judging ------------------------------------------------------------------- */

static int
read_question(struct asked *a)
{
	size_t text;

	if (a->q->n > SUBMISSION_MAX)
		return answer(a->ret, 413, "too-large", "it is too large\n");
	if (submission_read(a->q->body, a->q->n, &a->s) < 0 ||
	    note_text(a->s.note, a->s.n, &text) < 0 ||
	    checkpoint_read(a->s.note, text, &a->is) < 0)
		return answer(
		    a->ret, 400, "malformed", "this is no add-checkpoint\n");
	if (a->s.old > a->is.size || a->is.size < 1 ||
	    a->is.size > COLLECT_LEAVES_MAX)
		return answer(a->ret, 400, "malformed",
		    "old is larger than the checkpoint, or that says a size "
		    "that no station has\n");
	return 0;
}

/* A key that nobody has entered, and signed this: named and kept, a few of
 * them. */
static int
meet_stranger(struct asked *a)
{
	char path[PATH_MAX];

	if (a->q->key[0] == '\0' || strlen(a->q->key) >= NOTE_VKEY ||
	    a->q->now_us < a->r->stranger_us + STRANGER_EVERY_US ||
	    snprintf(path, sizeof(path), "%s/incoming/push-stranger",
		a->r->setup.store) >= (int)sizeof(path))
		return 0;
	a->r->stranger_us = a->q->now_us;
	remove_all(path);
	if (disk_folders(path) == 0 &&
	    put_file(path, SEAL_VKEY, a->q->key, strlen(a->q->key)) == 0 &&
	    put_file(path, SEAL_PUBLISHED, a->s.note, a->s.n) == 0)
		hand_over(a, path);
	remove_all(path);
	return 0;
}

static int
find_station(struct asked *a)
{
	char hex[SIGNER_HEX] = "";
	struct note_key key;
	struct checkpoint c;
	int r = -ENOENT;

	if (sscanf(a->is.origin, "loaxa/%16[0-9a-f]/log/", hex) == 1 &&
	    strlen(hex) == SIGNER_HEX - 1 && signer_number(a->is.origin) > 0)
		r = roster_read(a->r->stations, hex, &a->station);
	if (r == -ENOENT) {
		meet_stranger(a);
		return answer(
		    a->ret, 404, "unknown", "nobody has entered this key\n");
	}
	if (r == 0)
		r = note_key(
		    a->is.origin, NOTE_ED25519, a->station.key.key, &key);
	if (r < 0)
		return r;
	if (signer_number_of(a->station.key.key, a->is.origin) == 0)
		return answer(
		    a->ret, 404, "unknown", "nobody has entered this key\n");
	r = checkpoint_open(a->s.note, a->s.n, &key, &c);
	if (r == -ENOMEM)
		return r;
	return r < 0 ? answer(a->ret, 403, "bad-signature",
			   "no signature of this station fits\n")
		     : 0;
}

/* Is that history kept as evidence already? The name is collect.c's. */
static bool
is_kept(const struct asked *a)
{
	char path[PATH_MAX];
	const unsigned char *b = a->is.root.b;

	snprintf(path, sizeof(path),
	    "%.3000s/apart/%s/v%" PRId64 "-%" PRId64 "-%02x%02x%02x%02x",
	    a->r->setup.store, a->station.hex, signer_number(a->is.origin),
	    a->is.size, b[0], b[1], b[2], b[3]);
	return access(path, F_OK) == 0;
}

/* What is here of the log, and when it was cosigned. */
static int
read_had(struct asked *a)
{
	struct note_seen seen = { 0 };
	size_t n, text;
	char *note;
	int r = collect_latest(a->c, a->is.origin, &a->had, &note, &n);

	if (r < 0 || note == NULL)
		return r;
	note_open(note, n, collect_key(a->c), 1, &seen, &text);
	a->cosigned_s = seen.time_s;
	free(note);
	return 0;
}

/* The order of tlog-witness: old, then the proof. */
static int
hold_against(struct asked *a)
{
	int r = read_had(a);

	if (r < 0)
		return r;
	if (a->station.replaced_by[0] != '\0') {
		r = hand_over_note(a);
		return r < 0 ? r
			     : answer(a->ret, 403, "replaced",
				   "this station has another key here now\n");
	}
	/* Not more than what is here: is it a part of that? */
	if (a->is.size < a->had.size ||
	    (a->is.size == a->had.size &&
		!merkle_same(&a->is.root, &a->had.root))) {
		r = hand_over_note(a);
		return r < 0 ? r : answer_size(a->ret, a->had.size);
	}
	if (a->s.old != a->had.size)
		return answer_size(a->ret, a->had.size);
	a->apart = !merkle_continues(
	    &a->s.proof, a->had.size, a->is.size, &a->had.root, &a->is.root);
	if (a->apart && (a->had.size == 0 || is_kept(a)))
		return answer(
		    a->ret, 422, "bad-proof", "the proof does not hold\n");
	return 0;
}

static int
take(struct asked *a)
{
	struct place **at;
	int r;

	if (a->is.size == a->had.size) {
		int64_t ago_s = a->q->now_us / US_PER_S - a->cosigned_s;

		/* Whoever has the checkpoint may ask for that: not the disk
		 * each time. */
		if (ago_s >= 0 && ago_s < RECEIVE_AGAIN_S)
			return answer_line(a);
		r = hand_over_note(a);
		return r < 0 ? r : answer_outcome(a);
	}
	r = go_on(a, &at);
	if (r != 0)
		return r;
	return sending_is_whole((*at)->sending) ? finish(a, at)
						: answer_wanted(a->ret, *at);
}

static int
judge(struct asked *a)
{
	int r = read_question(a);

	if (r == 0)
		r = collect_open_within(a->r->setup.store, a->r->setup.draw,
		    a->r->setup.lock_ms, &a->c);
	if (r == 0)
		r = find_station(a);
	if (r == 0)
		r = hold_against(a);
	return r == 0 ? take(a) : r;
}

void
receive_checkpoint(struct receiver *r, const struct receive_question *q,
    struct receive_answer *ret)
{
	struct asked a = { .r = r, .q = q, .ret = ret };
	int e = judge(&a);

	if (e != ANSWERED)
		answer_error(ret, e == 0 ? -EIO : e);
	roster_clear(&a.station);
	collect_close(a.c);
}

/* Bundles ------------------------------------------------------------------- */

static int
take_bundle(struct receiver *r, struct place **at,
    const struct receive_question *q, struct receive_answer *ret)
{
	struct merkle_path proof;
	int64_t room = disk_room(r->setup.store);
	int e;

	if (room >= 0 && room < RECEIVE_ROOM)
		return -ENOSPC;
	/* "" is a proof without a hash. */
	e = submission_line_read(q->proof, &proof) < 0
		? -EKEYREJECTED
		: sending_take((*at)->sending, q->body, q->n, &proof);
	if (e == -EBADMSG)
		return answer(ret, 422, "malformed",
		    "this is no bundle of that many entries\n");
	if (e == -EKEYREJECTED)
		return answer(ret, 422, "bad-proof",
		    "it is not what the checkpoint signs\n");
	if (e == -EFBIG)
		return answer(
		    ret, 413, "too-large", "there is too much of this tree\n");
	if (e == 0) {
		(*at)->took_us = q->now_us;
		/* The bundle lies deeper: receive_tidy() looks here. */
		utimensat(AT_FDCWD, (*at)->folder, NULL, 0);
	}
	if (e != -ESTALE)
		return e;
	remove_all((*at)->folder);
	free_place(at);
	return answer(ret, 404, "no-checkpoint",
	    "what was here of it was damaged: send the checkpoint again\n");
}

/* The number of an entry bundle's path; -1 when it is none. */
static int64_t
read_path(const char *path)
{
	int64_t n = 0;
	const char *p = path + strlen("tile/entries/");
	char is[TILE_PATH];
	int width = TILE_WIDTH;

	if (strncmp(path, "tile/entries/", strlen("tile/entries/")) != 0)
		return -1;
	for (; *p != '\0' && *p != '.'; p++)
		if (*p >= '0' && *p <= '9' && n < COLLECT_LEAVES_MAX)
			n = n * 10 + (*p - '0');
	if (sscanf(p, ".p/%d", &width) == 1 &&
	    (width < 1 || width >= TILE_WIDTH))
		return -1;
	return strcmp(path, tile_path(TILE_ENTRIES, n, width, is)) == 0 ? n
									: -1;
}

static int
judge_bundle(struct receiver *r, const char *origin, const char *path,
    const struct receive_question *q, struct receive_answer *ret)
{
	bool apart = strncmp(path, "apart/", 6) == 0;
	struct place **at = find_place(r, origin, apart);
	struct sending *s = at == NULL ? NULL : (*at)->sending;
	char want[TILE_PATH];
	int64_t n = read_path(path + (apart ? 6 : 0));

	if (n < 0)
		return answer(
		    ret, 404, "no-bundle", "no bundle is so called\n");
	if (s == NULL)
		return answer(ret, 404, "no-checkpoint",
		    "send the checkpoint first: add-checkpoint\n");
	if (q->n > RECEIVE_BUNDLE_MAX)
		return answer(ret, 413, "too-large", "it is too large\n");
	(*at)->used_us = q->now_us;
	/* A bundle never changes. */
	if (n < sending_wanted(s) || sending_is_whole(s))
		return answer(ret, 200, "had", "it is here\n");
	sending_path(s, want);
	if (strcmp(path + (apart ? 6 : 0), want) != 0)
		return answer(ret, 409, "other-bundle",
		    "entries %" PRId64 "\nsend %s first\n", sending_wanted(s),
		    want);
	return take_bundle(r, at, q, ret);
}

void
receive_bundle(struct receiver *r, const char *origin, const char *path,
    const struct receive_question *q, struct receive_answer *ret)
{
	int e = judge_bundle(r, origin, path, q, ret);

	if (e == 0)
		answer(ret, 201, "kept", "kept\n");
	else if (e != ANSWERED)
		answer_error(ret, e);
}

/* What was cosigned --------------------------------------------------------- */

/* Whose origin has that hash? Names in STORE/last are HEX-vN. */
static int
find_origin(
    const struct receiver *r, const char *hash, char origin[static NOTE_NAME])
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;
	int found = -ENOENT;

	snprintf(path, sizeof(path), "%.4000s/last", r->setup.store);
	dir = opendir(path);
	while (dir != NULL && found < 0 && (e = readdir(dir)) != NULL) {
		char hex[SIGNER_HEX];
		char is[HASH_HEX];
		int n;

		if (sscanf(e->d_name, "%16[0-9a-f]-v%d", hex, &n) != 2)
			continue;
		snprintf(origin, NOTE_NAME, "loaxa/%s/log/v%d", hex, n);
		origin_hash(origin, is);
		found = strcmp(is, hash) == 0 ? 0 : -ENOENT;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static int
answer_latest(struct receiver *r, const char *hash, struct receive_answer *ret)
{
	char origin[NOTE_NAME];
	struct collector *c;
	struct checkpoint is;
	char *note = NULL;
	size_t n;
	int e = find_origin(r, hash, origin);

	if (e == 0)
		e = collect_open_within(
		    r->setup.store, r->setup.draw, r->setup.lock_ms, &c);
	if (e < 0)
		return e;
	e = collect_latest(c, origin, &is, &note, &n);
	collect_close(c);
	if (e == 0 && note == NULL)
		e = -ENOENT;
	if (e == 0)
		e = answer(ret, 200, "latest", "%s", note);
	free(note);
	return e;
}

void
receive_latest(
    struct receiver *r, const char *origin, struct receive_answer *ret)
{
	int e = answer_latest(r, origin, ret);

	if (e == -ENOENT)
		answer(ret, 404, "unknown", "nothing was cosigned of it\n");
	else if (e != ANSWERED)
		answer_error(ret, e);
}

/* -------------------------------------------------------------------------- */

int
receiver_open(const struct receive_setup *setup, struct receiver **ret)
{
	struct receiver *r = calloc(1, sizeof(*r));
	struct collector *c;
	int e = r == NULL ? -ENOMEM
			  : collect_open_within(
				setup->store, setup->draw, setup->lock_ms, &c);

	if (e == 0) {
		collect_close(c);
		r->setup = *setup;
		if (asprintf(&r->stations, "%s/stations", setup->store) < 0) {
			r->stations = NULL;
			e = -ENOMEM;
		}
	}
	if (e < 0) {
		receiver_close(r);
		return e;
	}
	*ret = r;
	return 0;
}

struct receiver *
receiver_close(struct receiver *r)
{
	if (r == NULL)
		return NULL;
	for (int i = 0; i < RECEIVE_OPEN_MAX; i++)
		free_place(&r->places[i]);
	free(r->stations);
	free(r);
	return NULL;
}

void
receive_tidy(struct receiver *r, int64_t now_us)
{
	char folder[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.3000s/incoming", r->setup.store);
	dir = opendir(folder);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(
		    path, sizeof(path), "%.3000s/%.200s", folder, e->d_name);
		if (strncmp(e->d_name, "push-", 5) == 0 &&
		    stat(path, &st) == 0 &&
		    st.st_mtim.tv_sec * US_PER_S + RECEIVE_STALE_US < now_us)
			remove_all(path);
	}
	if (dir != NULL)
		closedir(dir);
}
