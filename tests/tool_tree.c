/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_tree - proofs by the thousand, for other programs to check.
 *
 *	tool_tree includes TREE		of every leaf, in the tree as signed
 *	tool_tree continues TREE MAX	of every two sizes up to MAX
 *
 * A line each: the index, or the two sizes; and the hashes in base64.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/checkpoint.h"
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

int
main(int argc, char **argv)
{
	struct merkle_source src;
	struct checkpoint c;
	struct tiles *t;
	char *note;
	size_t text;
	size_t n;

	if (argc < 3 || tiles_open(argv[2], &t) < 0 ||
	    tiles_file(t, SEAL_PUBLISHED, &note, &n) < 0 ||
	    note_text(note, n, &text) < 0 ||
	    checkpoint_read(note, text, &c) < 0)
		die("usage: tool_tree includes TREE | continues TREE MAX");
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
