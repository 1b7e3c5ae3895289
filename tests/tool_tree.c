/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_tree - proofs by the thousand, for other programs to check; and a
 * station's signed log without a station.
 *
 *	tool_tree includes TREE		of every leaf, in the tree as signed
 *	tool_tree continues TREE MAX	of every two sizes up to MAX
 *	tool_tree grow FOLDER N		N more records, signed: FOLDER/log,
 *					FOLDER/tree, FOLDER/key; where the log
 *					is another, in a tree of its own
 *
 * A line each: the index, or the two sizes; and the hashes in base64.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/disk.h"
#include "evidence/checkpoint.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/tiles.h"

static void
die(const char *what)
{
	fprintf(stderr, "tool_tree: %s\n", what);
	exit(1);
}

static void
print_path(const struct merkle_path *p)
{
	char text[CHECKPOINT_HASH];

	for (int i = 0; i < p->n; i++)
		printf(" %s", checkpoint_hash_text(&p->at[i], text));
	putchar('\n');
}

static void
print_inclusions(const struct merkle_source *src, int64_t size)
{
	struct merkle_path p;

	for (int64_t i = 0; i < size; i++) {
		if (merkle_inclusion(src, i, size, &p) < 0)
			die("a leaf has no proof");
		printf("%" PRId64, i);
		print_path(&p);
	}
}

static void
print_consistencies(const struct merkle_source *src, int64_t most)
{
	struct merkle_path p;

	for (int64_t n = 1; n <= most; n++)
		for (int64_t m = 1; m <= n; m++) {
			if (merkle_consistency(src, m, n, &p) < 0)
				die("two sizes have no proof");
			printf("%" PRId64 " %" PRId64, m, n);
			print_path(&p);
		}
}

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -1;
}

static void
add_records(struct ledger *l, int n)
{
	for (int i = 0; i < n; i++) {
		json_t *r =
		    record_new(KIND_OP, "que-minh", clock_read(), "boot-1");

		json_object_set_new(r, "number", json_integer(i));
		if (ledger_add(l, r) < 0)
			die("a record cannot be added");
	}
	if (ledger_flush(l) < 0)
		die("the log cannot be written");
}

/* As the daemon does where the log does not go on from what was signed. */
static int
meet(struct seal *s, struct disk *disk, struct ledger *l)
{
	json_t *epoch = NULL;
	int r = seal_meet(s, disk, ledger_leaves(l), &epoch);

	if (r == 1) {
		json_t *record =
		    record_new(KIND_EPOCH, "", clock_read(), "boot-1");

		json_object_update(record, epoch);
		if (ledger_add(l, record) < 0 || ledger_flush(l) < 0)
			die("the epoch cannot be written");
		json_decref(epoch);
		r = seal_meet(s, disk, ledger_leaves(l), &epoch);
	}
	return r;
}

static int
grow(const char *folder, int n)
{
	char log[512], trees[512], keys[512];
	struct seal_setup setup = { trees, keys, draw, true };
	struct disk *disk;
	struct ledger *l;
	struct seal *s;

	snprintf(log, sizeof(log), "%s/log", folder);
	snprintf(trees, sizeof(trees), "%s/tree", folder);
	snprintf(keys, sizeof(keys), "%s/key", folder);
	if (disk_folders(log) < 0 || disk_open(log, &disk) < 0 ||
	    ledger_open(disk, NULL, &l) < 0)
		die("the log cannot be opened");
	add_records(l, n);
	if (seal_open(&setup, &s) < 0 || meet(s, disk, l) != 0 ||
	    seal_publish(s) < 0)
		die("the tree cannot be signed");
	seal_close(s);
	ledger_close(l);
	disk_close(disk);
	return 0;
}

int
main(int argc, char **argv)
{
	struct merkle_source src;
	struct checkpoint c;
	struct tiles *t;
	char *note;
	size_t text;
	size_t n;

	if (argc == 4 && strcmp(argv[1], "grow") == 0)
		return grow(argv[2], atoi(argv[3]));
	if (argc < 3 || tiles_open(argv[2], &t) < 0 ||
	    tiles_file(t, SEAL_PUBLISHED, &note, &n) < 0 ||
	    note_text(note, n, &text) < 0 ||
	    checkpoint_read(note, text, &c) < 0)
		die("usage: tool_tree includes TREE | continues TREE MAX | "
		    "grow FOLDER N");
	free(note);
	tiles_size(t, c.size);
	src = tiles_source(t);
	if (strcmp(argv[1], "includes") == 0)
		print_inclusions(&src, c.size);
	else if (argc == 4 && strcmp(argv[1], "continues") == 0)
		print_consistencies(&src, atoi(argv[3]));
	else
		die("includes TREE, or continues TREE MAX");
	tiles_close(t);
	return 0;
}
