/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/attest.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/signer.h"
#include "evidence/trees.h"

struct attesting {
	const struct attest_setup *up;
	int64_t seqs[PROOFS_MAX]; /* of the proofs */
	struct proofs *proofs;
	char origin[NOTE_NAME]; /* of the tree at hand */
	int64_t most; /* the last leaf of it that is asked for */
	json_t *anchor; /* the first that covers it */
};

static int
origin_of(const struct proof *p, char ret[static NOTE_NAME])
{
	struct checkpoint c;
	size_t text;
	int r = note_text(p->note, p->note_n, &text);

	if (r == 0)
		r = checkpoint_read(p->note, text, &c);
	if (r == 0)
		memcpy(ret, c.origin, NOTE_NAME);
	return r;
}

static bool
is_of(const struct attesting *a, const struct proof *p)
{
	char origin[NOTE_NAME];

	return origin_of(p, origin) == 0 && strcmp(origin, a->origin) == 0;
}

/* One line of the log. */
struct line {
	int64_t seq;
	char *bytes;
	size_t n;
};

static int
look_at_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct line *l = arg;

	if (seq != l->seq)
		return 0;
	l->bytes = strndup(line, n);
	l->n = n;
	return l->bytes == NULL ? -ENOMEM : 1;
}

/* What is published of a record may be gone, and the log still has it. */
static int
prove_line(
    const struct attesting *a, struct trees_wanted *w, struct proof **ret)
{
	struct line l = { .seq = w->seq };
	int r = a->up->log == NULL ? -ENODATA
				   : ledger_each(a->up->log, look_at_line, &l);

	if (r == -ENOMEM)
		return r;
	if (l.bytes == NULL)
		return -EBADMSG;
	w->line = l.bytes;
	w->line_n = l.n;
	r = trees_prove_wanted(a->up->trees, w, ret);
	free(l.bytes);
	/* Then the line is not what was signed. */
	return r == -ENODATA ? -EBADMSG : r;
}

static int
prove_one(const struct attesting *a, struct trees_wanted w, struct proof **ret)
{
	int r = trees_prove_wanted(a->up->trees, &w, ret);

	return r == -EBADMSG ? prove_line(a, &w, ret) : r;
}

static int
look_at_anchor(void *arg, int64_t seq)
{
	struct attesting *a = arg;
	json_t *r;

	if (a->anchor != NULL || index_record(a->up->index, seq, &r) < 0)
		return 0;
	if (record_int(r, "size", 0) > a->most)
		a->anchor = r;
	else
		json_decref(r);
	return 0;
}

/* All of this tree's under one note. */
static int
prove_under(struct attesting *a, const char *note, size_t n, int64_t *ret_seq)
{
	for (size_t i = 0; i < a->proofs->n; i++) {
		struct proof *p;
		int r;

		if (!is_of(a, a->proofs->at[i]))
			continue;
		r = prove_one(a,
		    (struct trees_wanted){
			.seq = a->seqs[i], .note = note, .note_n = n },
		    &p);
		if (r < 0) {
			*ret_seq = a->seqs[i];
			return r;
		}
		proof_free(a->proofs->at[i]);
		a->proofs->at[i] = p;
	}
	return 0;
}

static int
prove_under_cosigned(struct attesting *a)
{
	int64_t seq;
	const char *note;
	int r;

	a->anchor = NULL;
	r = a->up->index == NULL ? 0
				 : index_about(a->up->index, KIND_ANCHOR,
				       a->origin, look_at_anchor, a);
	if (r < 0 || a->anchor == NULL)
		return -ENOENT;
	note = record_text(a->anchor, "note");
	r = prove_under(a, note, strlen(note), &seq);
	json_decref(a->anchor);
	return r;
}

/* The tree of proof k, which is the first of it. The newest checkpoint that it
 * met may be one that was published meanwhile: it covers all the others. */
static int
attest_tree(struct attesting *a, size_t k, int64_t *ret_seq)
{
	const struct proof *newest = a->proofs->at[k];
	char *note;
	size_t n;
	int r = 0;

	a->most = -1;
	for (size_t i = k; i < a->proofs->n; i++)
		if (is_of(a, a->proofs->at[i])) {
			newest = a->proofs->at[i];
			if (newest->index > a->most)
				a->most = newest->index;
		}
	n = newest->note_n;
	note = malloc(n + 1);
	if (note == NULL)
		return -ENOMEM;
	memcpy(note, newest->note, n + 1);
	/* What the level above gave back may be damaged, or of an older copy:
	 * then the station's own has to do. */
	if (prove_under_cosigned(a) < 0 && a->proofs->n > 1)
		r = prove_under(a, note, n, ret_seq);
	free(note);
	return r;
}

static bool
is_first_of_its_tree(const struct attesting *a, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (is_of(a, a->proofs->at[i]))
			return false;
	return true;
}

static int
prove_each(struct attesting *a, const int64_t *seqs, size_t n, int64_t *ret_seq)
{
	for (size_t i = 0; i < n; i++) {
		struct trees_wanted w = { .seq = seqs[i] };
		int r = i == PROOFS_MAX ? -E2BIG
					: prove_one(a, w, &a->proofs->at[i]);

		if (r < 0) {
			*ret_seq = seqs[i];
			return r;
		}
		a->seqs[a->proofs->n++] = seqs[i];
	}
	return 0;
}

/* N of the tree vN that it is of. */
static int64_t
tree_of(const struct proof *p)
{
	char origin[NOTE_NAME];

	return origin_of(p, origin) < 0 ? 0 : signer_number(origin);
}

/* One that is gone or damaged is missed by whoever checks. */
static int
add_epoch(struct attesting *a, int64_t tree)
{
	struct proof *p;
	int r;

	if (a->proofs->n == PROOFS_MAX)
		return -E2BIG;
	r = trees_prove_begun(a->up->trees, (int)tree, &p);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	a->seqs[a->proofs->n] = record_seq(p->entry, p->entry_n);
	a->proofs->at[a->proofs->n++] = p;
	return 0;
}

/* Those that began the trees behind the oldest one. */
static int
add_epochs(struct attesting *a)
{
	int64_t oldest = INT64_MAX;
	int64_t newest = 0;
	int r = 0;

	for (size_t i = 0; i < a->proofs->n; i++) {
		int64_t tree = tree_of(a->proofs->at[i]);

		oldest = tree < oldest ? tree : oldest;
		newest = tree > newest ? tree : newest;
	}
	for (int64_t tree = oldest; tree < newest && r == 0; tree++)
		r = add_epoch(a, tree + 1);
	return r;
}

int
attest(const struct attest_setup *setup, const int64_t *seqs, size_t n,
    struct proofs *ret, int64_t *ret_seq)
{
	struct attesting a = { .up = setup, .proofs = ret };
	int r;

	ret->n = 0;
	r = prove_each(&a, seqs, n, ret_seq);
	if (r == 0)
		r = add_epochs(&a);
	for (size_t k = 0; r == 0 && k < ret->n; k++) {
		r = origin_of(ret->at[k], a.origin);
		if (r == 0 && is_first_of_its_tree(&a, k))
			r = attest_tree(&a, k, ret_seq);
	}
	if (r < 0)
		proofs_clear(ret);
	return r;
}
