/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_sealcut - the signed tree of a log across a power cut, for
 * chaos_power.sh in the place of tool_power:
 *
 *	tool_sealcut make ROOT SEED
 *	tool_sealcut live ROOT SEED WITNESS RECORD
 *	tool_sealcut again ROOT SEED WITNESS AT honest|lying
 *
 * live: records and checkpoints, as many as a week has; WITNESS gets every
 * checkpoint that was published, and how long RECORD was by then. again: what
 * the cut left goes on. No tree of a size that a witness has seen may ever be
 * signed otherwise. An honest disk has lost nothing of it and needs no new
 * epoch; behind one that lies the witness gives back what it has, as it does
 * over the network. 0, or 1 with a line for each thing wrong.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/disk.h"
#include "evidence/checkpoint.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/signer.h"
#include "evidence/verify.h"
#include "tests/fakes/dice.h"

#define ROUNDS 60
#define SEEN_MAX 1000

struct seen { /* what somebody outside has */
	struct checkpoint c;
};

struct cut {
	char log_path[512], trees[512], keys[512];
	struct dice dice;
	struct disk *log;
	struct ledger *ledger;
	struct seal *seal;
	struct now now;
	FILE *witness;
	const char *record;
	struct seen seen[SEEN_MAX];
	int n_seen;
	char *last_note;
	int epochs;
	int wrong;
};

static void
die(const char *what)
{
	fprintf(stderr, "tool_sealcut: %s\n", what);
	exit(2);
}

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -1;
}

static void
open_all(struct cut *c)
{
	if (disk_open(c->log_path, &c->log) < 0 ||
	    ledger_open(c->log, NULL, &c->ledger) < 0)
		die("the log cannot be opened");
}

static void
add(struct cut *c, enum kind kind, json_t *body)
{
	json_t *r = record_new(kind, "", c->now, "boot");

	c->now.wall_us += US_PER_S;
	c->now.boot_us += US_PER_S;
	if (body != NULL)
		json_object_update(r, body);
	json_decref(body);
	if (ledger_add(c->ledger, r) < 0)
		die("a record cannot be added");
}

static void
add_some(struct cut *c)
{
	int n = 1 + (int)dice_pick(&c->dice, 12);

	for (int i = 0; i < n; i++)
		add(c, KIND_OP,
		    json_pack("{s:I}", "luck",
			(json_int_t)dice_pick(&c->dice, 1000000)));
	if (ledger_flush(c->ledger) < 0)
		die("the log cannot be written");
}

static int
meet(struct cut *c)
{
	json_t *epoch = NULL;
	int r = seal_meet(c->seal, c->log, ledger_leaves(c->ledger), &epoch);

	if (r == 1) {
		add(c, KIND_EPOCH, epoch);
		ledger_flush(c->ledger);
		c->epochs++;
	}
	return r;
}

static void
publish(struct cut *c)
{
	struct seal_setup setup = { c->trees, c->keys, draw, false };
	int r = 1;

	if (c->seal == NULL && seal_open(&setup, &c->seal) < 0)
		die("the tree cannot be opened");
	for (int i = 0; i < 3 && r == 1; i++)
		r = meet(c);
	if (r != 0 || seal_publish(c->seal) < 0)
		die("the tree cannot be signed");
}

/* What is published now. */
static char *
published(const struct cut *c, struct checkpoint *ret)
{
	static char note[4096];
	char path[1024];
	size_t text;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/v%" PRId64 "/checkpoint", c->trees,
	    signer_number(seal_origin(c->seal)));
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	n = fread(note, 1, sizeof(note) - 1, f);
	fclose(f);
	note[n] = '\0';
	if (note_text(note, n, &text) < 0 ||
	    checkpoint_read(note, text, ret) < 0)
		die("no checkpoint is published");
	return note;
}

/* Live ------------------------------------------------------------------- */

static void
tell(struct cut *c)
{
	struct checkpoint published_;
	char base64[8192];
	struct stat st;
	char *note = published(c, &published_);

	base64_text(note, strlen(note), base64);
	if (stat(c->record, &st) < 0)
		st.st_size = 0;
	fprintf(c->witness, "%lld %s\n", (long long)st.st_size, base64);
	fflush(c->witness);
}

static void
live(struct cut *c)
{
	open_all(c);
	for (int i = 0; i < ROUNDS; i++) {
		add_some(c);
		if (dice_pick(&c->dice, 10) == 0)
			c->seal = seal_close(c->seal);
		if (dice_pick(&c->dice, 3) == 0)
			continue;
		publish(c);
		tell(c);
	}
}

/* Again ------------------------------------------------------------------ */

static void
read_witness(struct cut *c, const char *path, int64_t at)
{
	FILE *f = fopen(path, "r");
	char base64[8192];
	long long when;

	if (f == NULL)
		die(path);
	while (fscanf(f, "%lld %8191s", &when, base64) == 2 &&
	       c->n_seen < SEEN_MAX) {
		char note[8192];
		size_t text;
		size_t n;

		if (when > at)
			break;
		if (base64_bytes(
			base64, strlen(base64), note, sizeof(note) - 1, &n) < 0)
			die("the witness wrote no base64");
		note[n] = '\0';
		if (note_text(note, n, &text) < 0 ||
		    checkpoint_read(note, text, &c->seen[c->n_seen].c) < 0)
			die("the witness has no checkpoint");
		c->n_seen++;
		free(c->last_note);
		c->last_note = strdup(note);
	}
	fclose(f);
}

/* One origin and one size have one root. */
static void
compare(struct cut *c)
{
	struct checkpoint now;

	published(c, &now);
	for (int i = 0; i < c->n_seen; i++)
		if (strcmp(c->seen[i].c.origin, now.origin) == 0 &&
		    c->seen[i].c.size == now.size &&
		    !merkle_same(&c->seen[i].c.root, &now.root)) {
			printf("WRONG: two trees of %lld in %s\n",
			    (long long)now.size, now.origin);
			c->wrong++;
		}
	if (c->n_seen < SEEN_MAX)
		c->seen[c->n_seen++].c = now;
}

static void
hand_back(const struct cut *c)
{
	char path[1024];
	FILE *f;

	mkdir(c->keys, 0700);
	snprintf(path, sizeof(path), "%s/" SEAL_WITNESSED, c->keys);
	f = fopen(path, "w");
	if (f == NULL || fputs(c->last_note, f) < 0 || fclose(f) != 0)
		die(path);
}

static void
check_honest(struct cut *c, const struct checkpoint *last)
{
	struct verify_setup up = { .log = c->log, .trees = c->trees };
	struct checkpoint now;
	struct verify v;

	published(c, &now);
	if (c->epochs > 0)
		printf("WRONG: a new epoch, and nothing was lost\n");
	if (last != NULL &&
	    (strcmp(last->origin, now.origin) != 0 || now.size < last->size))
		printf("WRONG: %lld were signed, now %lld\n",
		    (long long)last->size, (long long)now.size);
	if (verify_station(&up, &v) < 0 || v.findings > 0)
		printf("WRONG: the log is not as it was signed\n");
	else if (c->epochs == 0 && (last == NULL || now.size >= last->size))
		return;
	c->wrong++;
}

static void
again(struct cut *c, bool honest)
{
	struct checkpoint last;
	bool seen = c->n_seen > 0;

	if (seen)
		last = c->seen[c->n_seen - 1].c;
	if (seen && !honest)
		hand_back(c);
	open_all(c);
	c->now.wall_us += 600 * US_PER_S;
	add(c, KIND_BOOT, NULL);
	if (ledger_flush(c->ledger) < 0)
		die("the log cannot be written");
	for (int i = 0; i < 12; i++) {
		publish(c);
		compare(c);
		if (i == 0 && honest)
			check_honest(c, seen ? &last : NULL);
		add_some(c);
		if (dice_pick(&c->dice, 3) == 0)
			c->seal = seal_close(c->seal);
	}
}

int
main(int argc, char **argv)
{
	struct cut *c = calloc(1, sizeof(*c));

	if (c == NULL || argc < 4)
		die("usage: make ROOT SEED | live ROOT SEED WITNESS RECORD | "
		    "again ROOT SEED WITNESS AT honest|lying");
	snprintf(c->log_path, sizeof(c->log_path), "%s/log", argv[2]);
	snprintf(c->trees, sizeof(c->trees), "%s/tree", argv[2]);
	snprintf(c->keys, sizeof(c->keys), "%s/key", argv[2]);
	c->dice.state = (uint64_t)atoll(argv[3]) + 1;
	c->now = (struct now){ INT64_C(1795000000) * US_PER_S, US_PER_S,
		TRUST_SYNCED };
	if (strcmp(argv[1], "live") == 0 && argc == 6) {
		c->witness = fopen(argv[4], "w");
		c->record = argv[5];
		if (c->witness == NULL)
			die(argv[4]);
		live(c);
		fclose(c->witness);
	} else if (strcmp(argv[1], "again") == 0 && argc == 7) {
		read_witness(c, argv[4], atoll(argv[5]));
		again(c, strcmp(argv[6], "honest") == 0);
	}
	seal_close(c->seal);
	ledger_close(c->ledger);
	disk_close(c->log);
	free(c->last_note);
	return c->wrong > 0;
}
