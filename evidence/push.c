/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gzip.h"
#include "base/hash.h"
#include "evidence/push.h"
#include "evidence/receive.h"
#include "evidence/seal.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"

#define TURNS_MAX 8 /* of a checkpoint: more is no conversation */
#define DONE 1 /* the outcome is known; not to be mixed up with an errno */

struct push {
	const struct push_setup *setup;
	struct push_result *res;
	struct tiles *tiles;
	struct merkle_source src;
	char *note;
	size_t n;
	char origin[HASH_HEX]; /* its hash */
	int64_t old;
	bool apart; /* it does not go on from what is there */
};

static int
end(struct push *p, enum push_outcome outcome)
{
	p->res->outcome = outcome;
	return DONE;
}

/* The first line of what it answered, for a person. */
static void
quote(struct push *p, const struct push_answer *a)
{
	p->res->status = a->status;
	snprintf(p->res->why, PUSH_WHY, "HTTP %d: %.*s", a->status,
	    (int)(strcspn(a->body, "\n") < 200 ? strcspn(a->body, "\n") : 200),
	    a->body);
}

/* DONE when there was no answer, or one that says all. */
static int
ask(struct push *p, const struct push_question *q, struct push_answer *ret)
{
	struct push_link *l = p->setup->link;
	int r = l->ask(l, q, ret, p->res->why);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		p->res->error = r;
		return end(p, PUSH_CUT);
	}
	quote(p, ret);
	if (ret->status < 500)
		return 0;
	free(ret->body);
	return end(p, PUSH_BUSY);
}

static int
open_tree(struct push *p)
{
	const char *folder = p->setup->tree;
	struct note_key key;
	int r = tiles_open(folder, &p->tiles);

	if (r == 0)
		r = tiles_file(p->tiles, SEAL_PUBLISHED, &p->note, &p->n);
	if (r == 0)
		r = tiles_key(p->tiles, SEAL_VKEY, &key);
	if (r == 0)
		r = checkpoint_open(p->note, p->n, &key, &p->res->is);
	if (r < 0)
		return r;
	note_key_text(&key, p->res->vkey);
	hash_bytes(p->res->is.origin, strlen(p->res->is.origin), p->origin);
	tiles_size(p->tiles, p->res->is.size);
	p->src = tiles_source(p->tiles);
	return 0;
}

/* What came back --------------------------------------------------------- */

static int
read_cosigned(struct push *p, char *note)
{
	int r = cosigned_read(note, strlen(note), p->setup->cosigners,
	    p->setup->n_cosigners, &p->res->cosigned);

	if (r < 0) {
		free(note);
		return r;
	}
	p->res->note = note;
	return 0;
}

/* Our own line and theirs, as a note: what else may stand in ours is left out,
 * because the log keeps it. */
static int
take_line(struct push *p, const struct push_answer *a)
{
	char *note;
	int r;

	if (asprintf(&note, "%.*s%.*s", (int)p->n, p->note,
		(int)(a->n < COSIGNED_MAX ? a->n : COSIGNED_MAX), a->body) < 0)
		return -ENOMEM;
	r = read_cosigned(p, note);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !merkle_same(&p->res->cosigned.c.root, &p->res->is.root) ||
	    p->res->cosigned.c.size != p->res->is.size)
		return end(p, PUSH_STRANGER);
	return end(p, PUSH_COSIGNED);
}

/* What it has cosigned of this log: `outcome`, once that is known. */
static int
get_latest(struct push *p, enum push_outcome outcome)
{
	char path[HASH_HEX + 16];
	struct push_question q = { .method = "GET", .path = path };
	struct push_answer a;
	int r;

	snprintf(path, sizeof(path), "%s/checkpoint", p->origin);
	r = ask(p, &q, &a);
	if (r != 0)
		return r;
	if (a.status != 200) {
		free(a.body);
		return end(p, PUSH_REFUSED);
	}
	r = read_cosigned(p, a.body);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return end(p, PUSH_STRANGER);
	if (strcmp(p->res->cosigned.c.origin, p->res->is.origin) != 0)
		return end(p, PUSH_REFUSED);
	return end(p, outcome);
}

/* Bundles ------------------------------------------------------------------ */

/* The bundle's bytes, packed; yours. */
static int
make_bundle(
    struct push *p, int64_t first, int64_t behind, char **ret, size_t *ret_n)
{
	char *plain = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&plain, &len);
	int r = 0;

	if (f == NULL)
		return -ENOMEM;
	for (int64_t i = first; r == 0 && i < behind; i++) {
		const char *entry;
		size_t n;

		r = tiles_entry(p->tiles, i, &entry, &n);
		if (r < 0)
			break;
		fputc((int)(n >> 8), f);
		fputc((int)(n & 0xff), f);
		fwrite(entry, 1, n, f);
	}
	if (fclose(f) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0)
		r = gzip_pack(plain, len, ret, ret_n);
	free(plain);
	return r;
}

static int
put_bundle(struct push *p, int64_t n, struct push_answer *ret)
{
	char header[sizeof(RECEIVE_PROOF) + 2 + SUBMISSION_LINE];
	char line[SUBMISSION_LINE];
	char tile[TILE_PATH];
	char path[HASH_HEX + TILE_PATH + 8];
	struct push_question q = { "PUT", path, header, NULL, 0 };
	struct merkle_path proof;
	int64_t size = p->res->is.size;
	int width = tile_width(TILE_ENTRIES, n, size);
	int64_t behind = n * TILE_WIDTH + width;
	char *bytes;
	int r = merkle_consistency(&p->src, behind, size, &proof);

	if (r == 0)
		r = make_bundle(p, n * TILE_WIDTH, behind, &bytes, &q.n);
	if (r < 0)
		return r;
	q.body = bytes;
	snprintf(path, sizeof(path), "%s/%s%s", p->origin,
	    p->apart ? "apart/" : "", tile_path(TILE_ENTRIES, n, width, tile));
	snprintf(header, sizeof(header), RECEIVE_PROOF ": %s",
	    submission_line(&proof, line));
	r = ask(p, &q, ret);
	free(bytes);
	return r;
}

/* "entries N", the first line of such an answer; -1 when it is none. */
static int64_t
read_wanted(const struct push *p, const struct push_answer *a)
{
	static const char word[] = "entries ";
	size_t n = sizeof(word) - 1;
	int64_t is;

	if (strncmp(a->body, word, n) != 0 ||
	    checkpoint_number_read(
		a->body + n, strcspn(a->body + n, "\n"), &is) < 0 ||
	    is > (p->res->is.size - 1) / TILE_WIDTH)
		return -1;
	return is;
}

static void
tell(struct push *p, int64_t sent, int64_t all)
{
	if (p->setup->progress != NULL)
		p->setup->progress(p->setup->arg, sent, all);
}

/* From that one on. 0: the checkpoint is to be sent again. */
static int
put_bundles(struct push *p, int64_t first)
{
	int64_t last = (p->res->is.size - 1) / TILE_WIDTH;
	struct push_answer a;

	for (int64_t n = first; n <= last; n++) {
		int status;
		int r;

		tell(p, n - first, last - first + 1);
		r = put_bundle(p, n, &a);
		if (r != 0)
			return r;
		status = a.status;
		free(a.body);
		/* It lost what it had begun: from the checkpoint on. */
		if (status == 404 || status == 409)
			return 0;
		if (status != 200 && status != 201)
			return end(p, PUSH_REFUSED);
		p->res->sent++;
	}
	tell(p, last - first + 1, last - first + 1);
	return 0;
}

/* The checkpoint ----------------------------------------------------------- */

static int
send_checkpoint(struct push *p, struct push_answer *ret)
{
	char header[sizeof(RECEIVE_KEY) + 2 + NOTE_VKEY];
	struct push_question q = { "POST", "add-checkpoint", header, NULL, 0 };
	struct submission s = { .old = p->old, .note = p->note, .n = p->n };
	char *body;
	int r = merkle_consistency(&p->src, p->old, p->res->is.size, &s.proof);

	if (r == 0)
		r = submission_make(&s, &body, &q.n);
	if (r < 0)
		return r;
	q.body = body;
	snprintf(header, sizeof(header), RECEIVE_KEY ": %s", p->res->vkey);
	r = ask(p, &q, ret);
	free(body);
	return r;
}

/* 409: it has cosigned another size than we said. */
static int
take_size(struct push *p, const struct push_answer *a)
{
	int64_t size;

	if (checkpoint_number_read(a->body, strcspn(a->body, "\n"), &size) < 0)
		return end(p, PUSH_REFUSED);
	p->res->had = size;
	if (size > p->res->is.size)
		return get_latest(p, PUSH_BEHIND);
	/* What we had said: then the root is another one. */
	if (size == p->old)
		return get_latest(p, PUSH_FORKED);
	p->old = size;
	return 0;
}

static int
take_answer(struct push *p, const struct push_answer *a)
{
	int64_t wanted;

	switch (a->status) {
	case 200:
		return take_line(p, a);
	case 409:
		return take_size(p, a);
	case 428:
		p->res->had = p->old;
		wanted = read_wanted(p, a);
		return wanted < 0 ? end(p, PUSH_REFUSED)
				  : put_bundles(p, wanted);
	case 404:
		return end(p, PUSH_UNKNOWN);
	case 422:
		/* The tree gives its own proofs: what is there is not its
		 * beginning. Whoever keeps that wants to see this one. */
		wanted = read_wanted(p, a);
		p->apart = true;
		return wanted < 0 ? get_latest(p, PUSH_FORKED)
				  : put_bundles(p, wanted);
	default:
		return end(p, PUSH_REFUSED);
	}
}

static int
converse(struct push *p)
{
	struct push_answer a;
	int r = open_tree(p);

	for (int i = 0; r == 0 && i < TURNS_MAX; i++) {
		r = send_checkpoint(p, &a);
		if (r != 0)
			break;
		r = take_answer(p, &a);
		free(a.body);
	}
	return r == 0 ? end(p, PUSH_REFUSED) : r;
}

enum push_outcome
push_tree(const struct push_setup *setup, struct push_result *ret)
{
	struct push p = { .setup = setup, .res = ret };
	int r;

	*ret = (struct push_result){ .had = -1 };
	r = converse(&p);
	if (r < 0) {
		ret->outcome = PUSH_FAILED;
		ret->error = r;
	}
	tiles_close(p.tiles);
	free(p.note);
	return ret->outcome;
}

void
push_clear(struct push_result *r)
{
	free(r->note);
	r->note = NULL;
}
