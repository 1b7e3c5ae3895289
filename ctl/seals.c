/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/seals.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/trees.h"
#include "evidence/verify.h"

static void
pass_over(void *arg, const struct verify_finding *f)
{
	(void)arg;
	(void)f;
}

/* Is the record under a signed checkpoint? *ret_index is its leaf there. */
static int
read_cover(
    const struct root *root, int64_t seq, struct seals *s, int64_t *ret_index)
{
	struct proof *p;
	size_t text;
	int r = seq < 0 ? -ENODATA : trees_prove(root->trees, seq, &p);

	if (r == -ENOENT || r == -ENODATA || r == -ENOMSG || r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	if (note_text(p->note, p->note_n, &text) == 0 &&
	    checkpoint_read(p->note, text, &s->last) == 0) {
		s->covers = true;
		*ret_index = p->index;
	}
	proof_free(p);
	return 0;
}

/* What the level above gave back, as the log says. */
struct anchors {
	struct seals *s;
	int64_t index; /* of the record asked for, in that tree; -1 unsigned */
};

static int
look_at_anchor(void *arg, const char *line, size_t n, int64_t seq)
{
	struct anchors *a = arg;
	json_t *r;

	(void)seq;
	if (record_kind(line, n) != KIND_ANCHOR || a->s->cosigned_covers ||
	    record_parse(line, n, &r) < 0)
		return 0;
	if (strcmp(record_text(r, "origin"), a->s->last.origin) == 0) {
		snprintf(a->s->cosigner, sizeof(a->s->cosigner), "%s",
		    record_text(r, "cosigner"));
		a->s->cosigned_size = record_int(r, "size", 0);
		a->s->cosigned_covers =
		    a->index >= 0 && a->index < a->s->cosigned_size;
		civil_read_utc(
		    record_text(r, "cosigned_utc"), &a->s->cosigned_us);
	}
	json_decref(r);
	return 0;
}

int
seals_read(const struct root *root, struct disk *log, int64_t last_seq,
    struct seals *ret)
{
	struct seals s = { .first = -1 };
	struct anchors a = { &s, -1 };
	struct verify_setup setup = {
		.log = log, .trees = root->trees, .report = pass_over
	};
	struct verify v;
	int r = verify_station(&setup, &v);

	if (r == -ENOENT) {
		*ret = s;
		return 0;
	}
	if (r < 0)
		return r;
	s.exists = v.trees > 0;
	s.last = v.last;
	s.findings = v.findings;
	s.first = v.first;
	r = read_cover(root, last_seq, &s, &a.index);
	if (r == 0)
		r = ledger_each(log, look_at_anchor, &a);
	if (r == 0)
		*ret = s;
	return r;
}

static void
tell_cover(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg)
{
	char hash[CHECKPOINT_HASH];
	char line[NOTE_NAME + 300];

	if (!s->exists) {
		fn(arg, _("The airing log is NOT signed here: loaxad signs it "
			  "while it runs. Nothing but this paper's signatures "
			  "vouches for it."));
		return;
	}
	snprintf(line, sizeof(line),
	    s->covers ? _("All records of these days are covered by the signed "
			  "checkpoint of %lld records; log %s; root %s.")
		      : _("The last records of these days are NOT signed yet; "
			  "the last signed checkpoint has %lld records; log "
			  "%s; root %s."),
	    (long long)s->last.size, s->last.origin,
	    checkpoint_hash_text(&s->last.root, hash));
	fn(arg, line);
}

/* A tree's file may be wrong and every record as it was. */
static void
tell_findings(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[300];

	if (s->first >= 0)
		snprintf(line, sizeof(line),
		    _("WARNING: the log is not what was signed, in %lld "
		      "places, the first at record %lld: `loaxa verify` says "
		      "where."),
		    (long long)s->findings, (long long)s->first);
	else
		snprintf(line, sizeof(line),
		    _("WARNING: the log is not what was signed, in %lld "
		      "places: `loaxa verify` says where."),
		    (long long)s->findings);
	fn(arg, line);
}

static void
tell_cosigned(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[NOTE_NAME + 300];
	struct civil_text at;

	if (s->cosigner[0] == '\0') {
		fn(arg, _("No level above has cosigned it yet."));
		return;
	}
	snprintf(line, sizeof(line),
	    s->cosigned_covers
		? _("Cosigned by %s on %s, by its own clock: the checkpoint of "
		    "%lld records, all of these days.")
		: _("Cosigned by %s on %s, by its own clock: the checkpoint of "
		    "%lld records, NOT all of these days yet."),
	    s->cosigner, say_instant(s->cosigned_us, &at),
	    (long long)s->cosigned_size);
	fn(arg, line);
}

void
seals_lines(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg)
{
	tell_cover(s, fn, arg);
	if (!s->exists)
		return;
	if (s->findings > 0) {
		tell_findings(s, fn, arg);
	} else {
		fn(arg, _("Held against the signed tree when this was made: "
			  "unchanged."));
	}
	tell_cosigned(s, fn, arg);
}

json_t *
seals_json(const struct seals *s)
{
	char hash[CHECKPOINT_HASH] = "";
	struct civil_text at;

	if (s->exists)
		checkpoint_hash_text(&s->last.root, hash);
	return json_pack("{s:b,s:b,s:s,s:I,s:s,s:I,s:o}", "signed",
	    (int)s->exists, "covers", (int)s->covers, "origin",
	    s->exists ? s->last.origin : "", "size",
	    (json_int_t)(s->exists ? s->last.size : 0), "root", hash,
	    "findings", (json_int_t)s->findings, "cosigned",
	    s->cosigner[0] == '\0'
		? json_null()
		: json_pack("{s:s,s:s,s:I,s:b}", "by", s->cosigner, "utc",
		      civil_utc_text(s->cosigned_us, &at), "size",
		      (json_int_t)s->cosigned_size, "covers",
		      (int)s->cosigned_covers));
}

int
seals_code(const struct seals *s)
{
	if (s->findings == 0)
		return EX_OK;
	say_error("%s", _("the log is not what was signed; `loaxa verify` "
			  "says where"));
	return EXIT_LACKING;
}
