/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa verify: a station's log, or one proof, held against what the station
 * has signed; and said in words.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/keyring.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "evidence/trees.h"
#include "evidence/verify.h"

struct verifying {
	bool json;
	bool alone; /* a tree, and no log to compare it with */
	const char *key_text; /* NULL: whichever lies there */
	struct note_key keys[KEYRING_MAX]; /* that it gives */
	int n_keys;
	const char *before;
	const char *record;
	struct note_key key; /* by which a proof holds */
	json_t *findings;
};

static void
print_finding(const struct verify_finding *f)
{
	char *text = say_safe(f->text);

	if (f->line > 0)
		printf("%s:%lld: %s\n", f->file, (long long)f->line,
		    text == NULL ? "?" : text);
	else
		printf("%s: %s\n", f->file, text == NULL ? "?" : text);
	free(text);
}

static void
on_finding(void *arg, const struct verify_finding *f)
{
	struct verifying *v = arg;

	if (!v->json) {
		print_finding(f);
		return;
	}
	json_array_append_new(v->findings,
	    json_pack("{s:s, s:I, s:o, s:I, s:s}", "file", f->file, "line",
		(json_int_t)f->line, "record",
		f->record < 0 ? json_null() : json_integer(f->record),
		"records", (json_int_t)f->records, "text", f->text));
}

/* A whole log -------------------------------------------------------------- */

/* Whose word it was, and what nobody can know from these files alone. */
static void
print_grounds(const struct verifying *v, const struct verify *sum)
{
	char vkey[NOTE_VKEY];

	say_line(
	    stdout, _("The station's key: %s"), note_key_text(&sum->key, vkey));
	if (v->key_text == NULL)
		printf("%s\n",
		    _("It is the one that lies beside the log. Compare it with "
		      "the one you were given, or give that with --key."));
	if (v->before != NULL)
		return;
	printf("%s\n",
	    _("That nothing was put back as a whole, a checkpoint shows that "
	      "you kept from before: --before FILE."));
}

static void
print_sum(const struct verifying *v, const struct verify *sum)
{
	if (v->alone)
		printf(_("Signed: %lld records.\n"), (long long)sum->signed_);
	else
		printf(_("Signed: %lld records; found unchanged in the log: "
			 "%lld; not signed yet: %lld.\n"),
		    (long long)sum->signed_, (long long)sum->sealed,
		    (long long)sum->open);
	if (sum->lost > 0)
		printf(_("Lost before they could be signed: %lld records.\n"),
		    (long long)sum->lost);
	if (sum->given_up > 0)
		printf(_("Signed earlier and lost since, as an epoch record of "
			 "the log says: %lld records; they still stand in the "
			 "older trees.\n"),
		    (long long)sum->given_up);
	if (sum->findings == 0) {
		print_grounds(v, sum);
		printf("%s\n",
		    v->alone ? _("The tree is what the station signed; no log "
				 "was compared with it.")
			     : _("The log is what the station signed."));
		return;
	}
	if (sum->first >= 0)
		printf(_("The first record that is not as it was signed: "
			 "%lld.\n"),
		    (long long)sum->first);
	printf(_("Found wrong: %lld. Do not change the log; keep a copy and "
		 "call support.\n"),
	    (long long)sum->findings);
}

static int
sum_json(const struct verifying *v, const struct verify *sum)
{
	char vkey[NOTE_VKEY];

	return command_json(json_pack(
	    "{s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:O}", "trees",
	    sum->trees, "origin", sum->last.origin, "key",
	    note_key_text(&sum->key, vkey), "size", (json_int_t)sum->last.size,
	    "signed", (json_int_t)sum->signed_, "unchanged",
	    (json_int_t)sum->sealed, "open", (json_int_t)sum->open, "lost",
	    (json_int_t)sum->lost, "given_up", (json_int_t)sum->given_up,
	    "first", sum->first < 0 ? json_null() : json_integer(sum->first),
	    "findings", v->findings));
}

static int
not_read(const char *what, int r)
{
	if (r == -ENOENT)
		say_error(_("%s holds no signed log: loaxad signs it while it "
			    "runs, below var/tree"),
		    what);
	else
		say_error("%s: %s", what, say_errno(r));
	return r == -ENOENT ? EX_NOINPUT : say_exit(r);
}

/* Where log and trees lie below what was named; "" for a tree without a log.
 * -ENOENT. */
static int
find_places(
    const char *folder, char log[static PATH_MAX], char trees[static PATH_MAX])
{
	static const char *const forms[][3] = {
		{ "checkpoint", "", "" },
		{ "v1", "", "" },
		{ "tree", "tree", "log" },
		{ "var/tree", "var/tree", "var/log" },
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		snprintf(trees, PATH_MAX, "%s/%s", folder, forms[i][0]);
		if (access(trees, F_OK) < 0)
			continue;
		snprintf(trees, PATH_MAX, "%s%s%s", folder,
		    forms[i][1][0] == '\0' ? "" : "/", forms[i][1]);
		log[0] = '\0';
		if (forms[i][2][0] != '\0')
			snprintf(log, PATH_MAX, "%s/%s", folder, forms[i][2]);
		return 0;
	}
	return -ENOENT;
}

/* Beside a tree a log that is gone is no log that is well. */
static int
open_log(const char *log, const char *trees, struct disk **ret_log)
{
	if (log[0] == '\0' || access(trees, F_OK) < 0)
		return 0;
	return access(log, F_OK) < 0 ? -errno : disk_open(log, ret_log);
}

static int
verify_places(struct verifying *v, const char *log, const char *trees)
{
	struct verify_setup up = { .trees = trees,
		.keys = v->keys,
		.n_keys = (size_t)v->n_keys,
		.report = on_finding,
		.arg = v };
	struct verify sum = { 0 };
	char *before = NULL;
	int r = open_log(log, trees, &up.log);

	if (r < 0) {
		say_error("%s: %s", log, say_errno(r));
		return say_exit(r);
	}
	v->alone = log[0] == '\0';
	if (v->before != NULL) {
		r = keyring_slurp(v->before, NOTE_MAX, &before, &up.before_n);
		if (r < 0) {
			say_error("%s: %s", v->before, say_errno(r));
			disk_close(up.log);
			return EX_NOINPUT;
		}
	}
	up.before = before;
	r = verify_station(&up, &sum);
	disk_close(up.log);
	free(before);
	if (r < 0)
		return not_read(trees, r);
	if (v->json)
		r = sum_json(v, &sum);
	else
		print_sum(v, &sum);
	if (r == 0)
		r = command_done(EX_OK);
	return r == EX_OK && sum.findings > 0 ? EX_DATAERR : r;
}

/* One proof ---------------------------------------------------------------- */

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
	case -EBADMSG:
	case -EFBIG:
		return N_("this is no proof, or it is damaged");
	default:
		return NULL;
	}
}

static int
refuse_proof(const struct verifying *v, const char *file, int r)
{
	const char *why = proof_fault(r);

	if (v->json && why != NULL) {
		int code = command_json(
		    json_pack("{s:b, s:s}", "holds", 0, "text", _(why)));

		return code == EX_OK ? EX_DATAERR : code;
	}
	say_error("%s: %s", file, why == NULL ? say_errno(r) : _(why));
	return why == NULL ? say_exit(r) : EX_DATAERR;
}

/* By the key it has to be: one given, or of this very station. -ENOENT: none
 * of these is known. */
static int
check_proof(const struct ctl *ctl, struct verifying *v, const struct proof *p,
    struct checkpoint *ret)
{
	struct checkpoint c;
	size_t text;
	int r = note_text(p->note, p->note_n, &text);

	if (r == 0)
		r = checkpoint_read(p->note, text, &c);
	if (r < 0)
		return r;
	if (v->n_keys == 0) {
		r = trees_key_of(ctl->root.trees, c.origin, &v->key);
		return r < 0
			   ? r
			   : proof_check(p, p->entry, p->entry_n, &v->key, ret);
	}
	r = -ENOKEY;
	for (int i = 0; r == -ENOKEY && i < v->n_keys; i++) {
		r = note_key(
		    c.origin, v->keys[i].type, v->keys[i].key, &v->key);
		if (r == 0)
			r = proof_check(p, p->entry, p->entry_n, &v->key, ret);
	}
	return r;
}

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
say_proof(const struct verifying *v, const struct proof *p,
    const struct checkpoint *c)
{
	char vkey[NOTE_VKEY];
	json_t *record = NULL;

	record_parse(p->entry, p->entry_n, &record);
	note_key_text(&v->key, vkey);
	if (v->json)
		return command_json(json_pack(
		    "{s:b, s:I, s:I, s:s, s:s, s:b, s:o}", "holds", 1, "index",
		    (json_int_t)p->index, "size", (json_int_t)c->size, "origin",
		    c->origin, "key", vkey, "lost", p->entry_n == 0, "record",
		    record == NULL ? json_null() : record));
	if (record != NULL)
		print_record(record);
	json_decref(record);
	print_leaf(p, c);
	say_line(stdout, _("The station's key: %s"), vkey);
	if (v->key_text == NULL)
		printf("%s\n",
		    _("It is the one that lies beside the log. Compare it with "
		      "the one you were given, or give that with --key."));
	return command_done(EX_OK);
}

/* The record: out of the proof, or brought. */
static int
take_record(const struct verifying *v, struct proof *p)
{
	size_t n;
	int r;

	if (v->record == NULL)
		return p->entry == NULL ? -ENODATA : 0;
	free(p->entry);
	p->entry = NULL;
	r = keyring_slurp(v->record, RECORD_BYTES_MAX + 2, &p->entry, &n);
	if (r < 0)
		return r;
	n = strcspn(p->entry, "\n");
	p->entry[n] = '\0';
	p->entry_n = n;
	return 0;
}

static int
verify_proof(const struct ctl *ctl, struct verifying *v, const char *file)
{
	struct proof *p = NULL;
	struct checkpoint c;
	char *text;
	size_t n;
	int r = keyring_slurp(file, PROOF_MAX, &text, &n);

	if (r < 0)
		return refuse_proof(v, file, r);
	r = proof_read(text, n, &p);
	free(text);
	if (r == 0)
		r = take_record(v, p);
	if (r < 0 && r != -ENODATA && p != NULL) {
		say_error("%s: %s", v->record, say_errno(r));
		proof_free(p);
		return say_exit(r);
	}
	if (r == 0)
		r = check_proof(ctl, v, p, &c);
	if (r == -ENOENT && p != NULL) {
		say_error(_("%s: whose proof it is, only the station's public "
			    "key shows: give it with --key"),
		    file);
		proof_free(p);
		return EX_USAGE;
	}
	r = r < 0 ? refuse_proof(v, file, r) : say_proof(v, p, &c);
	proof_free(p);
	return r;
}

/* -------------------------------------------------------------------------- */

static int
verify_what(struct ctl *ctl, struct verifying *v, const char *what)
{
	char log[PATH_MAX];
	char trees[PATH_MAX];
	struct stat st;

	if (what == NULL)
		return verify_places(v, ctl->root.log, ctl->root.trees);
	if (stat(what, &st) < 0) {
		say_error("%s: %s", what, say_errno(-errno));
		return EX_NOINPUT;
	}
	if (!S_ISDIR(st.st_mode))
		return verify_proof(ctl, v, what);
	if (find_places(what, log, trees) < 0)
		return not_read(what, -ENOENT);
	return verify_places(v, log, trees);
}

int
cmd_verify(struct ctl *ctl, int argc, char **argv)
{
	struct verifying v = { 0 };
	const struct arg args[] = { { "json", ARG_FLAG, &v.json },
		{ "key", ARG_TEXT, &v.key_text },
		{ "before", ARG_TEXT, &v.before },
		{ "record", ARG_TEXT, &v.record } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 2)
		return command_misused(
		    argv[0], _("name one folder, or one proof"));
	if (v.key_text != NULL)
		v.n_keys = keyring_keys(v.key_text, v.keys, KEYRING_MAX);
	if (v.n_keys < 0) {
		say_error(_("--key %s is no public key: it is one line, as in "
			    "var/tree/v1/vkey of the station, or a file with "
			    "it, or with several, a line each"),
		    v.key_text);
		return EX_USAGE;
	}
	command_zone(ctl);
	v.findings = json_array();
	r = verify_what(ctl, &v, argc > 1 ? argv[1] : NULL);
	json_decref(v.findings);
	return r;
}
