/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * misfortune - months of a station with everything going wrong at random: the
 * real crank, ledger and recovery on made-up clocks, disks and decks, struck
 * by what a seed draws. The same setup and seed write the same log, byte for
 * byte.
 *
 * Whatever happens, the promises hold; they are judged three ways. While it
 * runs: what sounds against the hours (P1), the intent on the disk when a cue
 * goes out (P4), that the crank comes to rest. After every crash: what had
 * counted against the log (P8). At the end: the log by evidence/audit.h, and
 * what is called aired against the items' lengths (P7).
 */
#ifndef CTL_MISFORTUNE_H
#define CTL_MISFORTUNE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/root.h"

enum misfortune {
	MISFORTUNE_POWER, /* kills, power cuts, stops in order */
	MISFORTUNE_CLOCK, /* steps, lost trust, boots in 1970 */
	MISFORTUNE_DEVICE, /* sound card, player, sources, relays */
	MISFORTUNE_DISK, /* EIO, ENOSPC, items that cannot be read */
	MISFORTUNE_EDITS, /* reloads, and orders of people */
	MISFORTUNES
};

/* The kinds in a list of "power", "clock", "device", "disk" and "edits", with
 * commas, as bits; 0 when one is unknown. */
unsigned misfortune_kinds(const char *list);
#define MISFORTUNE_ALL ((1u << MISFORTUNES) - 1)

/* All borrowed for the call. */
struct misfortune_setup {
	const struct root *root; /* NULL: the built-in example */
	const char *station; /* only this one; NULL: all */
	bool assume; /* every item is there, and approved */
	int64_t from_day;
	int64_t to_day;
	unsigned kinds; /* bits */
	uint64_t seed;
	/* Each stroke, as it falls: the instant on the station's clock, what,
	 * and how long it lasts or how far it goes (0: neither). May be NULL. */
	void (*tell)(void *arg, int64_t at_us, const char *what, int64_t us);
	void *arg;
	const char *keep; /* a folder that gets the log's files, or NULL */
	FILE *witness; /* gets witness_write(), or NULL */
};

#define MISFORTUNE_OUTCOMES 64
#define MISFORTUNE_STROKES 24

struct misfortune_outcome {
	char status[24];
	char reason[24];
	int64_t n;
};

/* A plain value without pointers: it goes through a pipe. */
struct misfortune_result {
	int64_t strokes[MISFORTUNE_STROKES]; /* see misfortune_stroke() */
	int64_t days;
	int64_t turns;
	int64_t records;
	int64_t witnessed; /* records that counted, and were looked for */
	int64_t slots;
	struct misfortune_outcome outcomes[MISFORTUNE_OUTCOMES];
	size_t n_outcomes;
	char digest[HASH_HEX]; /* SHA-256 of the log's files, in order */
	int64_t broken; /* promises found broken; 0 */
	char promise[8]; /* the first: "P3"; "-" for none of them */
	int64_t at_us; /* by the station's clock; 0 unknown */
	char what[512]; /* a sentence */
};

/* The i-th kind of stroke: its words in English (a message id) and its kind;
 * NULL past the last. */
const char *misfortune_stroke(size_t i, enum misfortune *ret_kind);

/* Writes down that a promise was broken, at that instant; the first one is
 * kept, the others are counted. */
void misfortune_broke(struct misfortune_result *r, const char *promise,
    int64_t at_us, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* 0: *ret_result says how it went, also when promises were broken. A negative
 * errno when it could not be tried. */
int misfortune_run(
    const struct misfortune_setup *setup, struct misfortune_result *ret_result);

#endif
