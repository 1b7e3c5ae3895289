/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa prove: an airing with its approval and the day sheet that planned it,
 * or one record of the airing log alone, and that the station has signed it, in
 * one file for whoever asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "evidence/attest.h"
#include "evidence/dossier.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/trees.h"

#define NAME_BYTES 200 /* of a file named after an airing */

struct proving {
	const char *what; /* as it was typed */
	const char *out; /* NULL: named after it */
	bool alone; /* the record and no other */
	bool bare; /* that, without the record */
	bool replace;
	bool json;
};

/* "station/date/slot" and "station/date/slot/number". */
struct what {
	char station[128];
	char date[16];
	char slot[128];
	bool airing;
	int64_t seq; /* a number was typed; else -1 */
};

static int
read_what(const char *text, struct what *w)
{
	char *end;
	int n = 0;

	memset(w, 0, sizeof(*w));
	w->seq = strtoll(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0')
		return 0;
	w->seq = -1;
	if (sscanf(text, "%127[^/]/%10[0-9-]/%127[^/]%n", w->station, w->date,
		w->slot, &n) < 3)
		return -EINVAL;
	w->airing = text[n] == '/';
	return text[n] == '\0' || w->airing ? 0 : -EINVAL;
}

/* An airing by its end, which has the measured facts; by its start while it
 * has none. */
static int
seq_in(struct index *x, const char *text, const struct what *w, int64_t *ret)
{
	int64_t start, end;
	int r;

	if (!w->airing)
		return index_slot(x, w->station, w->date, w->slot, ret);
	r = index_airing(x, text, &start, &end);
	if (r == 0)
		*ret = end >= 0 ? end : start;
	return r;
}

/* Is it the record that was asked for? An index that is behind may say
 * anything. */
static bool
is_it(const struct proof *p, const char *text, const struct what *w)
{
	json_t *r;
	bool is;

	if (record_parse(p->entry, p->entry_n, &r) < 0)
		return false;
	if (w->airing)
		is = record_kind(p->entry, p->entry_n) == KIND_END &&
		     strcmp(record_text(r, "airing_id"), text) == 0;
	else
		is = record_kind(p->entry, p->entry_n) == KIND_SLOT &&
		     strcmp(record_text(r, "station"), w->station) == 0 &&
		     strcmp(record_text(r, "date"), w->date) == 0 &&
		     strcmp(record_text(r, "slot"), w->slot) == 0;
	json_decref(r);
	return is;
}

/* By the index as it lies there: nothing of the log is read. */
static int
prove_quickly(const struct ctl *ctl, const char *text, const struct what *w,
    struct proofs *ret)
{
	struct attest_setup up = { .trees = ctl->root.trees };
	struct index *x;
	int64_t seq = w->seq;
	int r = index_open_as_is(ctl->root.index, &x);

	if (r < 0)
		return r;
	up.index = x;
	if (seq < 0)
		r = seq_in(x, text, w, &seq);
	if (r == 0)
		r = attest(&up, &seq, 1, ret, &seq);
	if (r == 0 && w->seq < 0 && !is_it(ret->at[0], text, w)) {
		proofs_clear(ret);
		r = -ENOENT;
	}
	index_close(x);
	return r;
}

/* The index, brought up to the log first. */
static int
open_index(const struct ctl *ctl, struct disk *log, struct index **ret)
{
	int r = index_open(log, ctl->root.index, ret);

	if (r == -EACCES || r == -EROFS)
		r = index_open(log, ":memory:", ret);
	return r;
}

struct looking {
	int64_t seq;
	int64_t last; /* of the log; -1: it has none */
	bool found;
};

static int
look_at(void *arg, const char *line, size_t n, int64_t seq)
{
	struct looking *k = arg;

	(void)line;
	(void)n;
	k->found = k->found || seq == k->seq;
	k->last = seq;
	return 0;
}

/* No tree has it: is it not signed yet, or is it no record of the log? */
static int
not_in_tree(const struct ctl *ctl, int64_t seq)
{
	struct looking k = { .seq = seq, .last = -1 };
	struct disk *disk;

	if (access(ctl->root.log, F_OK) == 0 &&
	    disk_open(ctl->root.log, &disk) == 0) {
		ledger_each(disk, look_at, &k);
		disk_close(disk);
	}
	if (k.found)
		say_error(_("record %lld is in no signed tree that is here: "
			    "loaxad signs what is new within a minute"),
		    (long long)seq);
	else if (seq > k.last)
		say_error(_("record %lld is not in the log: its last one is "
			    "%lld"),
		    (long long)seq, (long long)k.last);
	else
		say_error(_("record %lld is not in the log any more, and in no "
			    "signed tree that is here: `loaxa audit` says "
			    "where the log is damaged"),
		    (long long)seq);
	return k.found ? EX_TEMPFAIL : EX_NOINPUT;
}

static int
cannot_prove(const struct ctl *ctl, int64_t seq, int r)
{
	switch (r) {
	case -ENODATA:
		return not_in_tree(ctl, seq);
	case -ENOENT:
		say_error(
		    "%s", _("there is no signed log here: loaxad signs it "
			    "while it runs"));
		break;
	case -ENOMSG:
		say_error(_("record %lld was lost before it could be signed: "
			    "its place in the signed tree is empty, and "
			    "nothing can be shown of it"),
		    (long long)seq);
		return EX_NOINPUT;
	case -EBADMSG:
		say_error(_("record %lld cannot be proved: the signed tree is "
			    "damaged; `loaxa verify` says where"),
		    (long long)seq);
		break;
	default:
		say_error("%s: %s", ctl->root.trees, say_errno(r));
	}
	return say_exit(r);
}

/* A number needs no index, which may be what is broken. */
static int
prove_number(const struct ctl *ctl, struct disk *log, const struct what *w,
    struct proofs *ret, int64_t *ret_seq)
{
	struct attest_setup up = { .trees = ctl->root.trees, .log = log };

	return attest(&up, &w->seq, 1, ret, ret_seq);
}

/* The record, or all that belongs to it. -EINVAL: the log has no such. */
static int
prove_named(const struct ctl *ctl, struct disk *log, const struct proving *g,
    const struct what *w, struct proofs *ret, int64_t *ret_seq)
{
	struct attest_setup up = { .trees = ctl->root.trees, .log = log };
	struct dossier_list list = { .n = 1 };
	struct index *x;
	int r = log == NULL ? -EINVAL : open_index(ctl, log, &x);

	if (r < 0)
		return r;
	up.index = x;
	r = seq_in(x, g->what, w, &list.at[0]);
	if (r == 0 && !g->alone)
		r = dossier_gather(x, list.at[0], &list);
	if (r == -ENOENT)
		r = -EINVAL;
	*ret_seq = list.at[0];
	if (r == 0)
		r = attest(&up, list.at, list.n, ret, ret_seq);
	index_close(x);
	return r;
}

static int
prove_well(const struct ctl *ctl, const struct proving *g, const struct what *w,
    struct proofs *ret, int64_t *ret_seq)
{
	struct disk *log = NULL;
	int r;

	if (access(ctl->root.log, F_OK) == 0) {
		r = disk_open(ctl->root.log, &log);
		if (r < 0)
			return r;
	}
	r = w->seq >= 0 ? prove_number(ctl, log, w, ret, ret_seq)
			: prove_named(ctl, log, g, w, ret, ret_seq);
	disk_close(log);
	return r;
}

/* 0, or the code. */
static int
prove(const struct ctl *ctl, struct proving *g, struct proofs *ret)
{
	struct what w;
	int64_t seq = -1;
	int r = read_what(g->what, &w);

	if (r < 0) {
		say_error(_("\"%s\" names no airing: write "
			    "STATION/DATE/SLOT/NUMBER as `loaxa log --json` "
			    "shows it, STATION/DATE/SLOT, or a record's "
			    "number"),
		    g->what);
		return EX_USAGE;
	}
	g->alone = g->alone || g->bare || w.seq >= 0;
	if (g->alone && prove_quickly(ctl, g->what, &w, ret) == 0)
		return 0;
	r = prove_well(ctl, g, &w, ret, &seq);
	if (r == -EINVAL) {
		say_error(_("the log knows nothing of %s"), g->what);
		return EX_NOINPUT;
	}
	return r == 0 ? 0 : cannot_prove(ctl, seq, r);
}

static int
fill(int fd, const char *text, size_t n)
{
	int r = disk_write(fd, text, n);

	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

/* What is replaced stays until the new one is whole; a pipe or a device is
 * written to as it is. Half a file stays nowhere. */
static int
write_out(const char *file, bool replace, const char *text, size_t n)
{
	char part[PATH_MAX];
	struct stat st;
	bool beside = replace && (stat(file, &st) < 0 || S_ISREG(st.st_mode));
	int make = beside ? O_CREAT | O_TRUNC : replace ? 0 : O_CREAT | O_EXCL;
	int fd;
	int r;

	if (snprintf(part, sizeof(part), "%s%s", file, beside ? ".part" : "") >=
	    (int)sizeof(part))
		return -ENAMETOOLONG;
	fd = open(part, O_WRONLY | O_CLOEXEC | make, 0644);
	if (fd < 0)
		return -errno;
	r = fill(fd, text, n);
	if (r == 0 && beside && rename(part, file) < 0)
		r = -errno;
	if (r < 0 && make != 0)
		unlink(part);
	return r;
}

static void
name_after(const char *what, bool alone, char name[static NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "%.*s.tlog-proof%s", NAME_BYTES - 16, what,
	    alone ? "" : "s");
	for (char *p = name; *p != '\0'; p++)
		if (*p == '/')
			*p = '_';
}

static int
told_json(const char *file, size_t n, const struct proofs *s,
    const struct checkpoint *c, const char *vkey)
{
	json_t *records = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(records,
		    json_integer(
			record_seq(s->at[i]->entry, s->at[i]->entry_n)));
	return command_json(json_pack("{s:s, s:I, s:I, s:I, s:s, s:o}", "file",
	    file, "bytes", (json_int_t)n, "index", (json_int_t)s->at[0]->index,
	    "size", (json_int_t)c->size, "key", vkey, "records", records));
}

static int
told(const struct ctl *ctl, const struct proving *g, const char *file, size_t n,
    const struct proofs *s)
{
	const struct proof *p = s->at[0];
	struct checkpoint c = { 0 };
	struct note_key key;
	char vkey[NOTE_VKEY] = "";
	size_t text;

	if (note_text(p->note, p->note_n, &text) == 0)
		checkpoint_read(p->note, text, &c);
	if (trees_key_of(ctl->root.trees, c.origin, &key) == 0)
		note_key_text(&key, vkey);
	if (g->json)
		return told_json(file, n, s, &c, vkey);
	if (g->alone)
		printf(
		    _("%s: the proof of %s, %zu bytes.\n"), file, g->what, n);
	else
		printf(_("%s: the proof of %s, with what belongs to it: %zu "
			 "records, %zu bytes.\n"),
		    file, g->what, s->n, n);
	printf(_("Whoever gets it checks it with: loaxa verify --key '%s' "
		 "%s\n"),
	    vkey, file);
	return command_done(EX_OK);
}

/* Without its record, which comes by another way. */
static int
bare_text(struct proof *p, char **ret_text, size_t *ret_n)
{
	char *entry = p->entry;
	int r;

	p->entry = NULL;
	r = proof_text(p, ret_text, ret_n);
	p->entry = entry;
	return r;
}

static int
put(const struct ctl *ctl, const struct proving *g, const struct proofs *s)
{
	char name[NAME_BYTES];
	const char *file = g->out;
	char *text;
	size_t n;
	int r;

	if (file == NULL) {
		name_after(g->what, g->alone, name);
		file = name;
	}
	r = g->bare ? bare_text(s->at[0], &text, &n)
		    : proofs_text(s, &text, &n);
	if (r == 0) {
		r = write_out(file, g->replace, text, n);
		free(text);
	}
	if (r == -EEXIST)
		say_error(_("%s is there already; to replace it, add "
			    "--replace"),
		    file);
	else if (r < 0)
		say_error("%s: %s", file, say_errno(r));
	return r < 0 ? (r == -EEXIST ? EX_CANTCREAT : say_exit(r))
		     : told(ctl, g, file, n, s);
}

int
cmd_prove(struct ctl *ctl, int argc, char **argv)
{
	struct proving g = { 0 };
	struct proofs s = { .n = 0 };
	const struct arg args[] = { { "o", ARG_TEXT, &g.out },
		{ "alone", ARG_FLAG, &g.alone }, { "bare", ARG_FLAG, &g.bare },
		{ "replace", ARG_FLAG, &g.replace },
		{ "json", ARG_FLAG, &g.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(
		    argv[0], _("name one airing, slot or record"));
	g.what = argv[1];
	r = prove(ctl, &g, &s);
	if (r == 0)
		r = put(ctl, &g, &s);
	proofs_clear(&s);
	return r;
}
