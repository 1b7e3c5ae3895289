/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/words.h"
#include "ctl/rekeyed.h"
#include "ctl/say.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/trees.h"

/* Same bytes, whatever the tree is called. */
static bool
same_key(const char *trees, int n, const struct note_key *key)
{
	struct note_key k;

	return trees_key(trees, n, &k) == 0 &&
	       memcmp(k.key, key->key, NOTE_KEY) == 0;
}

/* The first tree of the newest one's key; 0: there is no other key. */
static int
first_of_new_key(const char *trees, struct note_key *ret)
{
	int n = trees_last(trees);

	if (n <= 1 || trees_key(trees, n, ret) < 0)
		return 0;
	while (n > 1 && same_key(trees, n - 1, ret))
		n--;
	return n > 1 ? n : 0;
}

/* When the tree began, as its first record says; 0: not known. */
static int64_t
begun_us(const char *trees, int n)
{
	struct proof *p;
	int64_t us = 0;
	json_t *r;

	if (trees_prove_begun(trees, n, &p) < 0)
		return 0;
	if (record_parse(p->entry, p->entry_n, &r) == 0) {
		civil_read_utc(record_text(r, "utc"), &us);
		json_decref(r);
	}
	proof_free(p);
	return us;
}

struct looking {
	const char *trees;
	const struct note_key *key;
	bool cosigned;
};

static int
look_at_anchor(void *arg, const char *line, size_t n, int64_t seq)
{
	struct looking *k = arg;
	struct note_key of;
	json_t *r;

	(void)seq;
	if (record_kind(line, n) != KIND_ANCHOR ||
	    record_parse(line, n, &r) < 0)
		return 0;
	k->cosigned =
	    trees_key_of(k->trees, record_text(r, "origin"), &of) == 0 &&
	    memcmp(of.key, k->key->key, NOTE_KEY) == 0;
	json_decref(r);
	return k->cosigned;
}

/* Does anybody above know it? */
static bool
is_cosigned(const struct root *root, const struct note_key *key)
{
	struct looking k = { root->trees, key, false };
	struct disk *log;

	if (access(root->log, R_OK) < 0 || disk_open(root->log, &log) < 0)
		return false;
	ledger_each(log, look_at_anchor, &k);
	disk_close(log);
	return k.cosigned;
}

static bool
is_over(const json_t *answer, int64_t since_us)
{
	int64_t now_us;

	return !json_is_object(json_object_get(answer, "anchor")) &&
	       civil_read_utc(record_text(answer, "utc"), &now_us) == 0 &&
	       now_us - since_us > REKEYED_DAYS * US_PER_DAY;
}

void
rekeyed_note(const struct root *root, json_t *answer)
{
	struct note_key key;
	struct civil_text utc;
	int64_t since_us;
	int n = first_of_new_key(root->trees, &key);

	if (n == 0)
		return;
	since_us = begun_us(root->trees, n);
	if (is_over(answer, since_us) || is_cosigned(root, &key))
		return;
	json_object_set_new(answer, "new_key",
	    json_pack("{s:o, s:o}", "since_utc",
		since_us == 0 ? json_null()
			      : json_string(civil_utc_text(since_us, &utc)),
		"file", json_sprintf("%s/v%d/vkey", root->trees, n)));
}

char *
rekeyed_text(const json_t *answer)
{
	const json_t *k = json_object_get(answer, "new_key");
	struct civil_text at = { "?" };
	int64_t us;
	char *text;

	if (!json_is_object(k))
		return NULL;
	if (civil_read_utc(record_text(k, "since_utc"), &us) == 0)
		say_instant(us, &at);
	if (asprintf(&text,
		_("! THE LOG IS SIGNED WITH ANOTHER KEY since %s: the one "
		  "before was gone. Nobody can know this one by that: tell the "
		  "upper level and whoever checks the log by telephone; it is "
		  "in %s"),
		at.s, record_text(k, "file")) < 0)
		return NULL;
	return text;
}
