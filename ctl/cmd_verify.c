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
#include "ctl/proofview.h"
#include "ctl/say.h"
#include "evidence/cosigned.h"
#include "evidence/verify.h"
#include "scheduler/site.h"

struct verifying {
	bool json;
	bool alone; /* a tree, and no log to compare it with */
	const char *key_text; /* NULL: whichever lies there */
	struct note_key keys[KEYRING_MAX]; /* that it gives */
	int n_keys;
	const char *before;
	struct proofview proof;
	const char *cosigner; /* NULL: as loaxa.conf has them */
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

/* One file of proofs -------------------------------------------------------- */

struct cosigners {
	char vkey[COSIGNERS_MAX][NOTE_VKEY];
	size_t n;
};

/* Those of the site's file, where there is one that can be read. */
static void
site_cosigners(const struct ctl *ctl, struct cosigners *ret)
{
	struct problems ps = { 0 };
	struct site *site;

	if (site_read(ctl->root.conf, &ps, &site) == 0) {
		for (size_t i = 0;
		     i < site->n_cosigners && ret->n < COSIGNERS_MAX; i++)
			snprintf(ret->vkey[ret->n++], NOTE_VKEY, "%s",
			    site->cosigners[i]);
		site_free(site);
	}
	problems_free(&ps);
}

/* As given, else as loaxa.conf has them. 0, or the code. */
static int
cosigners_read(const struct ctl *ctl, const char *text, struct cosigners *ret)
{
	struct note_key keys[COSIGNERS_MAX];
	int n;

	ret->n = 0;
	if (text == NULL) {
		site_cosigners(ctl, ret);
		return 0;
	}
	n = keyring_keys(text, keys, COSIGNERS_MAX);
	for (int i = 0; i < n; i++)
		if (keys[i].type != NOTE_COSIGNATURE)
			n = -EINVAL;
	if (n < 0) {
		say_error(_("--cosigner %s is no public key of an upper level: "
			    "it is the line that `loaxa collect --key` prints "
			    "there, or a file with it"),
		    text);
		return EX_USAGE;
	}
	for (int i = 0; i < n; i++)
		note_key_text(&keys[i], ret->vkey[ret->n++]);
	return 0;
}

static int
verify_proof(const struct ctl *ctl, struct verifying *v, const char *file)
{
	const char *texts[COSIGNERS_MAX];
	struct cosigners c;
	int r = cosigners_read(ctl, v->cosigner, &c);

	if (r != 0)
		return r;
	v->proof.json = v->json;
	v->proof.keys = v->keys;
	v->proof.n_keys = v->n_keys;
	for (size_t i = 0; i < c.n; i++)
		texts[i] = c.vkey[i];
	v->proof.cosigners = texts;
	v->proof.n_cosigners = c.n;
	return proofview(ctl, &v->proof, file);
}

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
		{ "record", ARG_TEXT, &v.proof.record },
		{ "people", ARG_TEXT, &v.proof.people },
		{ "cosigner", ARG_TEXT, &v.cosigner } };
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
