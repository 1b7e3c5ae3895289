/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/dossierview.h"
#include "ctl/outcome.h"
#include "ctl/proofview.h"
#include "ctl/say.h"
#include "evidence/cosigned.h"
#include "evidence/dossier.h"
#include "evidence/people.h"
#include "evidence/proofs.h"
#include "evidence/record.h"
#include "evidence/signer.h"
#include "evidence/trees.h"

/* One that holds. */
struct held {
	struct note_key key; /* by which */
	struct checkpoint c;
	json_t *record; /* NULL for a leaf without a byte */
};

struct viewing {
	const struct ctl *ctl;
	const struct proofview *v;
	const char *file;
	struct proofs proofs;
	struct held held[PROOFS_MAX];
	struct people *people; /* NULL: nobody's name is told */
};

/* What the record says, in a few lines. */
static void
print_record(const json_t *r)
{
	static const struct {
		const char *key;
		const char *label;
	} rows[] = {
		{ "station", N_("station") },
		{ "local", N_("written at") },
		{ "airing_id", N_("airing") },
		{ "slot", N_("slot") },
		{ "title", N_("title") },
		{ "item", N_("item") },
		{ "actual_utc", N_("first sample (UTC)") },
	};
	const char *status = record_text(r, "status");

	printf(_("Record %lld (%s):\n"), (long long)record_int(r, "seq", -1),
	    record_text(r, "kind"));
	for (size_t i = 0; i < COUNT(rows); i++)
		if (record_text(r, rows[i].key)[0] != '\0')
			say_line(stdout, "  %s: %s", _(rows[i].label),
			    record_text(r, rows[i].key));
	if (status[0] != '\0')
		say_line(stdout, "  %s: %s%s%s", _("outcome"),
		    outcome_status(status),
		    record_text(r, "reason")[0] == '\0' ? "" : ", ",
		    outcome_reason(record_text(r, "reason")));
	if (record_int(r, "actual_ms", 0) > 0) {
		struct civil_text t;

		say_line(stdout, "  %s: %s", _("sent to the sound card"),
		    say_length(record_int(r, "actual_ms", 0) * 1000, &t));
	}
}

static const char *
proof_fault(int r)
{
	switch (r) {
	case -ENOKEY:
		return N_("the checkpoint in it is not signed by that key: it "
			  "is another station's, or somebody made it");
	case -EKEYREJECTED:
		return N_("the signature does not fit: the checkpoint in it "
			  "was changed");
	case -EILSEQ:
		return N_("the record is not in what was signed: record or "
			  "proof were changed");
	case -ENODATA:
		return N_("the proof does not hold the record: give the line "
			  "with --record FILE");
	case -E2BIG:
		return N_("it holds more proofs than any airing has");
	case -EBADMSG:
	case -EFBIG:
	case -EINVAL: /* no key can have the name that it says */
		return N_("this is no proof, or it is damaged");
	default:
		return NULL;
	}
}

/* Of proof i of the file; -1: of the file. */
static int
refuse(const struct viewing *w, int i, int r)
{
	const char *why = proof_fault(r);
	const char *text = why == NULL ? say_errno(r) : _(why);

	if (w->v->json && why != NULL) {
		int code = command_json(
		    json_pack("{s:b, s:s, s:o}", "holds", 0, "text", text,
			"proof", i < 0 ? json_null() : json_integer(i + 1)));

		return code == EX_OK ? EX_DATAERR : code;
	}
	if (i >= 0 && w->proofs.n > 1)
		say_error(_("%s: proof %d of the %zu in it: %s"), w->file,
		    i + 1, w->proofs.n, text);
	else
		say_error("%s: %s", w->file, text);
	return why == NULL ? say_exit(r) : EX_DATAERR;
}

/* By the key it has to be: one given, or of this very station. -ENOENT: none
 * of these is known. */
static int
check_one(const struct viewing *w, const struct proof *p, struct held *h)
{
	struct checkpoint c;
	size_t text;
	int r = note_text(p->note, p->note_n, &text);

	if (r == 0 && p->entry == NULL)
		r = -ENODATA;
	if (r == 0)
		r = checkpoint_read(p->note, text, &c);
	if (r < 0)
		return r;
	if (w->v->n_keys == 0) {
		r = trees_key_of(w->ctl->root.trees, c.origin, &h->key);
		return r < 0 ? r
			     : proof_check(
				   p, p->entry, p->entry_n, &h->key, &h->c);
	}
	r = -ENOKEY;
	for (int i = 0; r == -ENOKEY && i < w->v->n_keys; i++) {
		const struct note_key *k = &w->v->keys[i];

		r = note_key(c.origin, k->type, k->key, &h->key);
		if (r == 0)
			r = proof_check(
			    p, p->entry, p->entry_n, &h->key, &h->c);
	}
	return r;
}

/* Cosignatures -------------------------------------------------------------- */

/* The name of a signer that is not the log itself; false: there is none. */
static bool
other_signer(const struct proof *p, const char *origin, char name[NOTE_NAME])
{
	static const char dash[] = "\n\xe2\x80\x94 ";
	const char *at = p->note;

	while ((at = strstr(at, dash)) != NULL) {
		size_t n;

		at += sizeof(dash) - 1;
		n = strcspn(at, " \n");
		if (n < NOTE_NAME &&
		    (n != strlen(origin) || memcmp(at, origin, n) != 0)) {
			snprintf(name, NOTE_NAME, "%.*s", (int)n, at);
			return true;
		}
	}
	return false;
}

static int
read_cosigned(const struct viewing *w, size_t i, struct cosigned *ret)
{
	const struct proof *p = w->proofs.at[i];

	return cosigned_read(p->note, p->note_n, (char *const *)w->v->cosigners,
	    w->v->n_cosigners, ret);
}

/* Who has cosigned the checkpoint of proof i. */
static void
print_cosigned(const struct viewing *w, size_t i)
{
	char name[NOTE_NAME];
	struct civil_text at;
	struct cosigned c;

	if (read_cosigned(w, i, &c) == 0)
		say_line(stdout,
		    _("Cosigned by %s on %s, by its own clock: all of this was "
		      "there by then."),
		    c.by, say_instant(c.at_us, &at));
	else if (other_signer(w->proofs.at[i], w->held[i].c.origin, name))
		say_line(stdout,
		    _("It also bears the name of %s, as one who cosigned it; "
		      "that is not checked: give that key with --cosigner."),
		    name);
	else
		printf("%s\n",
		    _("No level above has cosigned it: by when it was there, "
		      "only the station's own clock says."));
}

static json_t *
cosigned_json(const struct viewing *w, size_t i)
{
	struct civil_text at;
	struct cosigned c;

	if (read_cosigned(w, i, &c) < 0)
		return json_null();
	return json_pack(
	    "{s:s, s:s}", "by", c.by, "utc", civil_utc_text(c.at_us, &at));
}

/* A signature of a key that is known and does not fit. */
static int
check_cosigned(const struct viewing *w, size_t i)
{
	struct cosigned c;

	return read_cosigned(w, i, &c) == -EKEYREJECTED ? -EKEYREJECTED : 0;
}

/* Whose word it is ---------------------------------------------------------- */

static void
print_key(const struct viewing *w, size_t i)
{
	char vkey[NOTE_VKEY];

	say_line(stdout, _("The station's key: %s"),
	    note_key_text(&w->held[i].key, vkey));
}

static void
print_whence(const struct viewing *w)
{
	if (w->v->n_keys == 0)
		printf("%s\n",
		    _("It is the one that lies beside the log. Compare it with "
		      "the one you were given, or give that with --key."));
}

/* One record ---------------------------------------------------------------- */

/* A leaf of no bytes: the record had been lost when its place was signed. */
static void
print_leaf(const struct proof *p, const struct checkpoint *c)
{
	const char *text =
	    p->entry_n > 0
		? _("This record is as the station signed it: leaf %lld of "
		    "the %lld of %s.")
		: _("The station has signed that leaf %lld of the %lld of %s "
		    "is empty: the record was lost before it could be signed. "
		    "What it said, this does not show.");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	say_line(
	    stdout, text, (long long)p->index, (long long)c->size, c->origin);
#pragma GCC diagnostic pop
}

static int
view_record(const struct viewing *w)
{
	const struct proof *p = w->proofs.at[0];
	const struct held *h = &w->held[0];
	char vkey[NOTE_VKEY];

	if (w->v->json)
		return command_json(json_pack(
		    "{s:b, s:I, s:I, s:s, s:s, s:b, s:o, s:o}", "holds", 1,
		    "index", (json_int_t)p->index, "size",
		    (json_int_t)h->c.size, "origin", h->c.origin, "key",
		    note_key_text(&h->key, vkey), "lost", p->entry_n == 0,
		    "cosigned", cosigned_json(w, 0), "record",
		    h->record == NULL ? json_null() : json_incref(h->record)));
	if (h->record != NULL)
		print_record(h->record);
	print_leaf(p, &h->c);
	print_cosigned(w, 0);
	print_key(w, 0);
	print_whence(w);
	return command_done(EX_OK);
}

/* An airing and what belongs to it ------------------------------------------ */

struct telling {
	const struct viewing *w;
	json_t *lines; /* of --json; NULL for text */
};

static void
on_line(void *arg, const struct dossier_line *line)
{
	struct telling *t = arg;
	char *text = dossierview_text(line, t->w->people);

	if (text == NULL)
		return;
	if (t->lines == NULL)
		dossierview_print(line, text);
	else
		json_array_append_new(t->lines, dossierview_json(line, text));
	free(text);
}

static bool
same_note(const struct proof *a, const struct proof *b)
{
	return a->note_n == b->note_n &&
	       memcmp(a->note, b->note, a->note_n) == 0;
}

/* Is it the first under its checkpoint? */
static bool
is_first(const struct viewing *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_note(w->proofs.at[k], w->proofs.at[i]))
			return false;
	return true;
}

static bool
has_one_key(const struct viewing *w)
{
	for (size_t i = 1; i < w->proofs.n; i++)
		if (memcmp(w->held[i].key.key, w->held[0].key.key, NOTE_KEY) !=
		    0)
			return false;
	return true;
}

static bool
same_tree(const struct checkpoint *a, const struct checkpoint *b)
{
	return strcmp(a->origin, b->origin) != 0 ||
	       (a->size == b->size && merkle_same(&a->root, &b->root));
}

/* Of each signed tree one. Whoever has the station's key can have signed two
 * histories of it, and that one checkpoint goes on from another, only a proof
 * of that would show, which is not in such a file. */
static bool
has_one_checkpoint(const struct viewing *w)
{
	for (size_t i = 1; i < w->proofs.n; i++)
		for (size_t k = 0; k < i; k++)
			if (!same_tree(&w->held[i].c, &w->held[k].c))
				return false;
	return true;
}

/* Does all of it stand on one ground? */
static bool
is_one(const struct viewing *w)
{
	return has_one_key(w) && has_one_checkpoint(w);
}

/* What vouches for it, by checkpoint; and what it cannot show. */
static void
print_grounds(const struct viewing *w)
{
	for (size_t i = 0; i < w->proofs.n; i++) {
		int under = 0;

		if (!is_first(w, i))
			continue;
		for (size_t k = i; k < w->proofs.n; k++)
			under += same_note(w->proofs.at[i], w->proofs.at[k]);
		say_line(stdout,
		    _("Records that are as the station signed them, under the "
		      "checkpoint of %lld records of %s: %d."),
		    (long long)w->held[i].c.size, w->held[i].c.origin, under);
		print_cosigned(w, i);
		print_key(w, i);
	}
	print_whence(w);
	if (!has_one_key(w))
		printf("%s\n",
		    _("They are signed with more than one key. That is right "
		      "only where this one station's key was replaced."));
	if (!has_one_checkpoint(w))
		printf("%s\n",
		    _("They are under several checkpoints of one signed tree. "
		      "That these are of one history, this file does not "
		      "show: have it made anew by one `loaxa prove`."));
	printf("%s\n",
	    _("That nothing was taken back or corrected later, no file like "
	      "this can show: only the station's whole log does. Nor does it "
	      "prove that a loudspeaker sounded."));
}

static int
dossier_code(const struct viewing *w, enum dossier_class worst)
{
	if (worst == DOSSIER_WRONG)
		return EX_DATAERR;
	/* Of two keys one may be another station's: this file alone does not
	 * show whose approval that is. */
	return worst == DOSSIER_LACKING || !is_one(w) ? EXIT_LACKING : EX_OK;
}

static int
sum_json(const struct viewing *w, json_t *lines, enum dossier_class worst)
{
	const struct held *h = &w->held[0];
	json_t *records = json_array();
	char vkey[NOTE_VKEY];

	for (size_t i = 0; i < w->proofs.n; i++)
		json_array_append_new(records,
		    w->held[i].record == NULL ? json_null()
					      : json_incref(w->held[i].record));
	return command_json(json_pack(
	    "{s:b, s:b, s:I, s:s, s:s, s:b, s:o, s:o, s:o}", "holds",
	    worst != DOSSIER_WRONG, "complete",
	    worst < DOSSIER_LACKING && is_one(w), "size", (json_int_t)h->c.size,
	    "origin", h->c.origin, "key", note_key_text(&h->key, vkey),
	    "one_key", (int)has_one_key(w), "cosigned", cosigned_json(w, 0),
	    "lines", lines, "records", records));
}

/* What is shown: records, and the N of the tree vN that has each. */
struct shown {
	json_t *records[DOSSIER_MAX];
	int64_t trees[DOSSIER_MAX];
	size_t n;
};

static bool
is_shown(const struct shown *s, const json_t *record, int64_t tree)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->trees[i] == tree && json_equal(s->records[i], record))
			return true;
	return false;
}

/* The records, each once: two such files one behind the other are one. False
 * when they are more than any airing has. */
static bool
distinct(const struct viewing *w, struct shown *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < w->proofs.n; i++) {
		json_t *r = w->held[i].record;
		int64_t tree = signer_number(w->held[i].c.origin);

		if (r == NULL || is_shown(ret, r, tree))
			continue;
		if (ret->n == DOSSIER_MAX)
			return false;
		ret->records[ret->n] = r;
		ret->trees[ret->n++] = tree;
	}
	return true;
}

static int
view_dossier(const struct viewing *w)
{
	struct telling t = { .w = w };
	enum dossier_class worst;
	struct shown s;
	int code;

	if (!distinct(w, &s))
		return refuse(w, -1, -E2BIG);
	if (w->v->json)
		t.lines = json_array();
	worst = dossier_check(s.records, s.trees, s.n, on_line, &t);
	if (w->v->json)
		code = sum_json(w, t.lines, worst);
	else {
		print_grounds(w);
		if (worst == DOSSIER_WRONG)
			printf("%s\n",
			    _("WRONG: these are not the records of one airing, "
			      "as told above."));
		else if (worst == DOSSIER_LACKING)
			printf("%s\n",
			    _("Not all of it is shown: records are missing in "
			      "this file, as told above."));
		code = command_done(EX_OK);
	}
	return code == EX_OK ? dossier_code(w, worst) : code;
}

/* -------------------------------------------------------------------------- */

/* The record of a bare proof, which is brought. */
static int
bring_record(struct viewing *w)
{
	struct proof *p = w->proofs.at[0];
	size_t n;
	int r;

	if (w->v->record == NULL)
		return EX_OK;
	if (w->proofs.n > 1)
		return command_misused("verify",
		    _("--record goes with one proof, and this file has "
		      "several"));
	free(p->entry);
	p->entry = NULL;
	r = keyring_slurp(w->v->record, RECORD_BYTES_MAX + 2, &p->entry, &n);
	if (r < 0) {
		say_error("%s: %s", w->v->record, say_errno(r));
		return say_exit(r);
	}
	n = strcspn(p->entry, "\n");
	p->entry[n] = '\0';
	p->entry_n = n;
	return EX_OK;
}

static int
check_all(struct viewing *w)
{
	for (size_t i = 0; i < w->proofs.n; i++) {
		const struct proof *p = w->proofs.at[i];
		struct held *h = &w->held[i];
		int r = check_one(w, p, h);

		if (r == 0)
			r = check_cosigned(w, i);
		if (r == -ENOENT) {
			say_error(_("%s: whose proof it is, only the station's "
				    "public key shows: give it with --key"),
			    w->file);
			return EX_USAGE;
		}
		if (r < 0)
			return refuse(w, (int)i, r);
		record_parse(p->entry, p->entry_n, &h->record);
	}
	return EX_OK;
}

static int
read_people(struct viewing *w)
{
	int r;

	if (w->v->people == NULL)
		return EX_OK;
	r = access(w->v->people, R_OK) < 0
		? -errno
		: people_read(w->v->people, &w->people);
	if (r == 0)
		return EX_OK;
	say_error("%s: %s", w->v->people, say_errno(r));
	return say_exit(r);
}

static int
view(struct viewing *w)
{
	int code = bring_record(w);

	if (code == EX_OK)
		code = check_all(w);
	if (code == EX_OK)
		code = read_people(w);
	if (code == EX_OK)
		code = w->proofs.n == 1 ? view_record(w) : view_dossier(w);
	for (size_t i = 0; i < w->proofs.n; i++)
		json_decref(w->held[i].record);
	people_free(w->people);
	return code;
}

int
proofview(const struct ctl *ctl, const struct proofview *v, const char *file)
{
	struct viewing *w = calloc(1, sizeof(*w));
	char *text = NULL;
	size_t n;
	int r =
	    w == NULL ? -ENOMEM : keyring_slurp(file, PROOFS_BYTES, &text, &n);

	if (w == NULL) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	*w = (struct viewing){ .ctl = ctl, .v = v, .file = file };
	if (r == 0)
		r = proofs_read(text, n, &w->proofs);
	free(text);
	r = r < 0 ? refuse(w, -1, r) : view(w);
	proofs_clear(&w->proofs);
	free(w);
	return r;
}
