/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gzip.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/words.h"
#include "evidence/push.h"
#include "evidence/receive.h"
#include "evidence/seal.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"

#define TURNS_MAX 8 /* of a checkpoint: more is no conversation */
#define HEADER (sizeof(RECEIVE_PROOF) + 3 + 2 * SUBMISSION_LINE)
#define QUOTE_MAX 200 /* bytes of an answer, for a person */
#define DONE 1 /* the outcome is known; not to be mixed up with an errno */
#define AGAIN 2 /* nor is this */

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
	int64_t taken; /* it said so of all bundles below, in this call */
	bool again; /* it wanted the last of them once more */
	int64_t doubted; /* the bundle that it did not believe; -1 none */
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
	size_t n = strcspn(a->body, "\n");

	p->res->status = a->status;
	snprintf(p->res->why, PUSH_WHY, "HTTP %d: %.*s", a->status,
	    (int)(n < QUOTE_MAX ? n : QUOTE_MAX), a->body);
	text_trim(p->res->why);
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
		return end(p, r == -EKEYREJECTED ? PUSH_DISTRUSTED : PUSH_CUT);
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

/* The root of so many leaves, and then the proof from them. */
static int
prove_before(struct push *p, int64_t size, struct merkle_path *ret)
{
	struct merkle_path proof;
	struct merkle t = { 0 };
	int r = merkle_at(&p->src, size, &t);

	if (r == 0)
		r = merkle_consistency(&p->src, size, p->res->is.size, &proof);
	if (r < 0)
		return r;
	if (proof.n >= SUBMISSION_PROOF_MAX)
		return -ERANGE;
	merkle_root(&t, &ret->at[0]);
	memcpy(ret->at + 1, proof.at, (size_t)proof.n * sizeof(proof.at[0]));
	ret->n = 1 + proof.n;
	return 0;
}

/* The header of one that ends at `behind`. What is there before the first one
 * may have been there for long, and is shown to be right or wrong. */
static int
make_proofs(struct push *p, int64_t n, int64_t behind, bool first,
    char header[static HEADER])
{
	struct merkle_path up_to, before;
	char line[2][SUBMISSION_LINE];
	int r = merkle_consistency(&p->src, behind, p->res->is.size, &up_to);

	first = first && n > 0;
	if (r == 0 && first)
		r = prove_before(p, n * TILE_WIDTH, &before);
	if (r < 0)
		return r;
	snprintf(header, HEADER, RECEIVE_PROOF ": %s%s%s",
	    submission_line(&up_to, line[0]), first ? ";" : "",
	    first ? submission_line(&before, line[1]) : "");
	return 0;
}

static int
put_bundle(struct push *p, int64_t n, bool first, struct push_answer *ret)
{
	char header[HEADER];
	char tile[TILE_PATH];
	char path[HASH_HEX + TILE_PATH + 8];
	struct push_question q = { "PUT", path, header, NULL, 0 };
	int width = tile_width(TILE_ENTRIES, n, p->res->is.size);
	int64_t behind = n * TILE_WIDTH + width;
	char *bytes;
	int r = make_proofs(p, n, behind, first, header);

	if (r == 0)
		r = make_bundle(p, n * TILE_WIDTH, behind, &bytes, &q.n);
	if (r < 0)
		return r;
	q.body = bytes;
	snprintf(path, sizeof(path), "%s/%s%s", p->origin,
	    p->apart ? "apart/" : "", tile_path(TILE_ENTRIES, n, width, tile));
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

/* Of bundle n. 0: go on with the next; AGAIN: with the checkpoint. */
static int
judge_put(struct push *p, int64_t n, int status)
{
	/* It lost what it had begun. */
	if (status == 404 || status == 409)
		return AGAIN;
	/* Somebody may have sent it an older checkpoint meanwhile. */
	if (status == 422 && p->doubted != n) {
		p->doubted = n;
		return AGAIN;
	}
	if (status != 200 && status != 201)
		return end(p, PUSH_REFUSED);
	p->res->sent++;
	p->taken = n + 1;
	return 0;
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
		r = put_bundle(p, n, n == first, &a);
		if (r != 0)
			return r;
		status = a.status;
		free(a.body);
		r = judge_put(p, n, status);
		if (r != 0)
			return r == AGAIN ? 0 : r;
	}
	tell(p, last - first + 1, last - first + 1);
	return 0;
}

/* What it has said that it took, it does not get again, but for the last one,
 * once: a receiver that was started anew has forgotten that. */
static int
put_wanted(struct push *p, int64_t wanted)
{
	bool last = wanted == (p->res->is.size - 1) / TILE_WIDTH;

	if (wanted < 0)
		return end(p, PUSH_REFUSED);
	if (wanted >= p->taken)
		return put_bundles(p, wanted);
	if (!last || p->again) {
		snprintf(p->res->why, PUSH_WHY, "%s",
		    N_("it has taken the records, and wants them once more"));
		return end(p, PUSH_REFUSED);
	}
	p->again = true;
	return put_bundles(p, wanted);
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
		return put_wanted(p, read_wanted(p, a));
	case 404:
		return end(p, PUSH_UNKNOWN);
	case 422:
		/* The tree gives its own proofs: what is there is not its
		 * beginning. Whoever keeps that wants to see this one. */
		wanted = read_wanted(p, a);
		if (!p->apart)
			p->taken = 0;
		p->apart = true;
		return wanted < 0 ? get_latest(p, PUSH_FORKED)
				  : put_wanted(p, wanted);
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
	struct push p = { .setup = setup, .res = ret, .doubted = -1 };
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
