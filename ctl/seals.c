/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/words.h"
#include "ctl/seals.h"
#include "evidence/trees.h"
#include "evidence/verify.h"

static void
pass_over(void *arg, const struct verify_finding *f)
{
	(void)arg;
	(void)f;
}

/* Signature lines but for the first, which is the log's own (note.h). */
static int
cosignatures(const struct proof *p)
{
	static const char line[] = "\n\xe2\x80\x94 ";
	const char *end = p->note + p->note_n;
	const char *at = p->note;
	int n = 0;

	while ((at = memmem(at, (size_t)(end - at), line, sizeof(line) - 1)) !=
	       NULL) {
		n++;
		at++;
	}
	return n > 1 ? n - 1 : 0;
}

/* Is the record under a signed checkpoint? */
static int
read_cover(const struct root *root, int64_t seq, struct seals *s)
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
		s->cosigned = cosignatures(p);
	}
	proof_free(p);
	return 0;
}

int
seals_read(const struct root *root, struct disk *log, int64_t last_seq,
    struct seals *ret)
{
	struct seals s = { .first = -1 };
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
	r = read_cover(root, last_seq, &s);
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

void
seals_lines(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[300];

	tell_cover(s, fn, arg);
	if (!s->exists)
		return;
	if (s->findings > 0) {
		snprintf(line, sizeof(line),
		    _("WARNING: the log is not what was signed, in %lld "
		      "places, the first at record %lld: `loaxa verify` says "
		      "where."),
		    (long long)s->findings, (long long)s->first);
		fn(arg, line);
	} else {
		fn(arg, _("Held against the signed tree when this was made: "
			  "unchanged."));
	}
	if (s->cosigned > 0) {
		snprintf(line, sizeof(line), _("Cosigned by others: %d."),
		    s->cosigned);
		fn(arg, line);
	} else {
		fn(arg, _("No level above has cosigned it yet."));
	}
}

json_t *
seals_json(const struct seals *s)
{
	char hash[CHECKPOINT_HASH] = "";

	if (s->exists)
		checkpoint_hash_text(&s->last.root, hash);
	return json_pack("{s:b,s:b,s:s,s:I,s:s,s:i,s:I}", "signed",
	    (int)s->exists, "covers", (int)s->covers, "origin",
	    s->exists ? s->last.origin : "", "size",
	    (json_int_t)(s->exists ? s->last.size : 0), "root", hash,
	    "cosigned", s->cosigned, "findings", (json_int_t)s->findings);
}
