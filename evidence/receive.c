/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/words.h"
#include "evidence/receive.h"
#include "evidence/seal.h"
#include "evidence/staging.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"

#define STRANGER_EVERY_US (10 * US_PER_S) /* keys that nobody knows */
#define LATELY 256 /* checkpoints, by the first byte of their roots */
#define ANSWERED 1 /* the question is; not to be mixed up with an errno */

/* Cosigned here, and safe wherever it has to be. */
struct lately {
	struct checkpoint is;
	int64_t at_us;
};

struct receiver {
	struct receive_setup setup;
	char *stations;
	struct staging *staging;
	int64_t stranger_us;
	struct lately lately[LATELY];
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
	enum collect_outcome outcome;
	bool heard; /* of it */
	int rows_error; /* of the store's records */
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

/* What our own disk said; the station shows it to its officer (pushed.h). */
static void
answer_error(struct receive_answer *ret, int r)
{
	if (r == -EWOULDBLOCK)
		answer(ret, 503, "busy", "%s\n",
		    N_("the store is in use here; try again"));
	else if (r == -ENOSPC || r == -EDQUOT)
		answer(ret, 507, "full", "%s\n", N_("the disk here is full"));
	else if (r == -ETIME)
		answer(
		    ret, 500, "clock", "%s\n", N_("the clock here is wrong"));
	else
		answer(ret, 500, "failed", "it could not be kept here: %s\n",
		    strerror(-r));
}

static int
answer_wanted(struct receive_answer *ret, const struct staged *at)
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

static int
answer_replaced(struct asked *a)
{
	return answer(a->ret, 403, "replaced", "%s\n",
	    N_("this station has another key here now"));
}

/* Handing over -------------------------------------------------------------- */

static void
on_result(void *arg, const struct collect_result *res)
{
	struct asked *a = arg;
	struct collect_result told = *res;

	a->outcome = res->outcome;
	a->error = res->error;
	a->rows_error = res->rows_error;
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
	return disk_put(folder, SEAL_PUBLISHED, a->s.note, a->s.n, 0);
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

static struct lately *
lately_of(struct asked *a)
{
	return &a->r->lately[a->is.root.b[0]];
}

/* Whoever has the checkpoint may ask for that: not the disk each time. But what
 * was broken off between two of its places is put right by the next one. */
static bool
is_lately(struct asked *a)
{
	const struct lately *l = lately_of(a);
	int64_t ago_us = a->q->now_us - l->at_us;

	return ago_us >= 0 && ago_us < RECEIVE_AGAIN_S * US_PER_S &&
	       l->is.size == a->is.size &&
	       merkle_same(&l->is.root, &a->is.root) &&
	       strcmp(l->is.origin, a->is.origin) == 0;
}

static int
answer_cosigned(struct asked *a)
{
	int r = answer_line(a);

	if (r == ANSWERED && a->rows_error == 0)
		*lately_of(a) = (struct lately){ a->is, a->q->now_us };
	return r;
}

/* What may still be wrong of it once its proof was right. */
static int
answer_outcome(struct asked *a)
{
	switch (a->outcome) {
	case COLLECT_TAKEN:
	case COLLECT_SAME:
		return answer_cosigned(a);
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
		return answer_replaced(a);
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
	staging_remove(folder);
	r = lay_down(a, folder);
	if (r == 0)
		r = hand_over(a, folder);
	staging_remove(folder);
	return r;
}

static int
finish(struct asked *a, struct staged *at)
{
	int r = lay_down(a, at->folder);

	if (r == 0)
		r = hand_over(a, at->folder);
	if (r < 0)
		return r;
	/* What we have kept of it does not give what was signed: anew. */
	if (a->outcome == COLLECT_DAMAGED) {
		staging_drop(a->r->staging, at);
		return -EIO;
	}
	/* The clock's: what came is as good as before. */
	if (a->outcome != COLLECT_REFUSED)
		staging_done(a->r->staging, at);
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
	staging_remove(path);
	if (disk_folders(path) == 0 &&
	    disk_put(path, SEAL_VKEY, a->q->key, strlen(a->q->key), 0) == 0 &&
	    disk_put(path, SEAL_PUBLISHED, a->s.note, a->s.n, 0) == 0)
		hand_over(a, path);
	staging_remove(path);
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
	return r < 0 ? answer(a->ret, 403, "bad-signature", "%s\n",
			   N_("no signature of this station fits"))
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

/* What is here of the log. */
static int
read_had(struct asked *a)
{
	char *note;
	size_t n;
	int r = collect_latest(a->c, a->is.origin, &a->had, &note, &n);

	if (r == 0)
		free(note);
	return r;
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
		return r < 0 ? r : answer_replaced(a);
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

/* There is more of it than was here. */
static int
go_on(struct asked *a)
{
	struct staging_tree tree = { a->station.hex, a->apart,
		a->apart ? 0 : a->had.size, &a->is };
	struct staged *at;
	int r = staging_sign(a->r->staging, &tree, a->q->now_us, &at);

	if (r < 0)
		return r;
	return r != STAGING_ASIDE && sending_is_whole(at->sending)
		   ? finish(a, at)
		   : answer_wanted(a->ret, at);
}

static int
take(struct asked *a)
{
	int r;

	if (a->is.size > a->had.size)
		return go_on(a);
	if (is_lately(a))
		return answer_line(a);
	r = hand_over_note(a);
	return r < 0 ? r : answer_outcome(a);
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

struct proofs { /* of a bundle */
	struct merkle_path end; /* of all up to its end */
	struct merkle_path before; /* a root, and its proof; or nothing */
};

/* "" is a proof without a hash. */
static int
read_proofs(const char *text, struct proofs *ret)
{
	char end[SUBMISSION_LINE];
	size_t n = strcspn(text, ";");
	int r;

	if (n >= sizeof(end))
		return -EBADMSG;
	memcpy(end, text, n);
	end[n] = '\0';
	r = submission_line_read(end, &ret->end);
	return r == 0 && text[n] == ';'
		   ? submission_line_read(text + n + 1, &ret->before)
		   : r;
}

/* Is what lies here of the tree what was signed? */
static int
prove_before(const struct sending *s, const struct merkle_path *before)
{
	struct merkle_path proof = { .n = before->n - 1 };

	if (before->n == 0)
		return 0;
	memcpy(proof.at, before->at + 1, (size_t)proof.n * sizeof(proof.at[0]));
	return sending_prove(s, &before->at[0], &proof);
}

static int
take_bundle(struct receiver *r, struct staged *at,
    const struct receive_question *q, struct receive_answer *ret)
{
	struct proofs proofs = { 0 };
	int64_t room = disk_room(r->setup.store);
	int e = read_proofs(q->proof, &proofs) < 0 ? -EKEYREJECTED : 0;

	if (room >= 0 && room < RECEIVE_ROOM)
		return -ENOSPC;
	if (e == 0)
		e = prove_before(at->sending, &proofs.before);
	if (e == 0)
		e = staging_take(at, q->body, q->n, &proofs.end, q->now_us);
	if (e == -EBADMSG)
		return answer(ret, 422, "malformed",
		    "this is no bundle of that many entries\n");
	if (e == -EKEYREJECTED)
		return answer(ret, 422, "bad-proof",
		    "it is not what the checkpoint signs\n");
	if (e == -EFBIG)
		return answer(
		    ret, 413, "too-large", "there is too much of this tree\n");
	if (e != -ESTALE)
		return e;
	staging_drop(r->staging, at);
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
	struct staged *at = staging_find(r->staging, origin, apart);
	char want[TILE_PATH];
	int64_t n = read_path(path + (apart ? 6 : 0));

	if (n < 0)
		return answer(
		    ret, 404, "no-bundle", "no bundle is so called\n");
	if (at == NULL)
		return answer(ret, 404, "no-checkpoint",
		    "send the checkpoint first: add-checkpoint\n");
	if (q->n > RECEIVE_BUNDLE_MAX)
		return answer(ret, 413, "too-large", "it is too large\n");
	at->used_us = q->now_us;
	/* A bundle never changes. */
	if (n < sending_wanted(at->sending) || sending_is_whole(at->sending))
		return answer(ret, 200, "had", "it is here\n");
	sending_path(at->sending, want);
	if (strcmp(path + (apart ? 6 : 0), want) != 0)
		return answer(ret, 409, "other-bundle",
		    "entries %" PRId64 "\nsend %s first\n",
		    sending_wanted(at->sending), want);
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
		staging_origin(origin, is);
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
	if (e == 0)
		e = staging_open(setup->store, &r->staging);
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
	staging_close(r->staging);
	free(r->stations);
	free(r);
	return NULL;
}

void
receive_tidy(struct receiver *r, int64_t now_us)
{
	staging_tidy(r->staging, now_us);
}
