/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dossier - an airing and what led to it: those records of the log that belong
 * together. At the station they are gathered by the index; whoever gets them,
 * proved (proofs.h), has them checked against each other.
 *
 * Of an airing these are its `end` and `start`; the `approve` record that the
 * start names, with the one that it joins; the `withdraw` records of that item
 * behind it; the `day` record, of its date, that counts for its slot (sheets.h);
 * where it was ordered, the `op` records that prepared and released it; and
 * every `correct` record about one of them. Of a slot: its `slot` record, that
 * `day` record, and what belongs to each of its airings.
 */
#ifndef EVIDENCE_DOSSIER_H
#define EVIDENCE_DOSSIER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/index.h"

#define DOSSIER_MAX 200 /* records of one */

struct dossier_list { /* a plain value */
	int64_t at[DOSSIER_MAX]; /* seqs; the first is what was asked for */
	size_t n;
};

/*
 * What belongs to the record `seq`, by an index that is up to date; of a kind
 * that is not named above, itself alone. 0; -ENOENT when the log does not have
 * it; -E2BIG above DOSSIER_MAX; -ENOMEM; or what the index said.
 */
int dossier_gather(struct index *x, int64_t seq, struct dossier_list *ret);

/* What the records of a dossier show. */
enum dossier_word {
	/* Shown. */
	DOSSIER_SLOT, /* about: the `slot` record */
	DOSSIER_AIRED, /* about: `end`, of: `start` or NULL */
	DOSSIER_STARTED, /* about: `start`; it has no end here */
	DOSSIER_PLANNED, /* about: `day`, of: `start` or `slot` */
	DOSSIER_ORDERED, /* about: `op` that released it */
	DOSSIER_PREPARED, /* about: `op` that prepared it */
	DOSSIER_APPROVED, /* about: `approve` */
	/* To be known besides. */
	DOSSIER_NOT_NEEDED, /* about: `start`: by no approval */
	DOSSIER_ONE_OF_TWO, /* about: `approve` that asked for two persons */
	DOSSIER_WITHDRAWN_LATER, /* about: `withdraw` */
	DOSSIER_LATE_SHEET, /* about: `day`, written after the slot began */
	DOSSIER_OTHER_ITEM, /* about: `day`: it names other items there */
	DOSSIER_FILLER, /* about: `start`: neither planned nor ordered */
	DOSSIER_CORRECTED, /* about: `correct`, of: what it is about */
	/* Missing: `seq` or `text` names what the records ask for. */
	DOSSIER_LACKS_START, /* about: `end` */
	DOSSIER_LACKS_END, /* of: `start` */
	DOSSIER_LACKS_APPROVAL, /* seq */
	DOSSIER_LACKS_DAY, /* of: `start` or `slot` */
	DOSSIER_LACKS_ORDER, /* seq */
	DOSSIER_LACKS_AIRING, /* text: its id */
	DOSSIER_LACKS_CORRECTED, /* of: `correct`, seq: what it is about */
	DOSSIER_LACKS_EPOCH, /* text: the tree that it began, "v2" */
	/* Wrong: these are not the records of one airing. */
	DOSSIER_OTHER_AIRING, /* about: `end` of other bytes than `of` */
	DOSSIER_OTHER_BYTES, /* about: `approve` of other bytes */
	DOSSIER_OTHER_APPROVAL, /* about: `approve`, not the one it aired by */
	DOSSIER_APPROVED_LATER, /* about: `approve` behind its start */
	DOSSIER_WITHDRAWN, /* about: `withdraw` before it aired */
	DOSSIER_OTHER_DAY, /* about: `day` of another date or station */
	DOSSIER_NOT_IN_DAY, /* about: `day`, of: what it did not plan so */
	DOSSIER_OTHER_ORDER, /* about: `op` of another thing */
	DOSSIER_GIVEN_UP, /* about: a record of a tree before, of: the `epoch`
			   * that began one with records of its own there */
	DOSSIER_STRANGER, /* about: a record of something else */
	DOSSIER_WORDS
};

enum dossier_class {
	DOSSIER_SHOWN,
	DOSSIER_BESIDES,
	DOSSIER_LACKING,
	DOSSIER_WRONG
};

enum dossier_class dossier_class(enum dossier_word w);

/* For programs: "aired", "other_bytes"... */
const char *dossier_word(enum dossier_word w);

struct dossier_line { /* borrowed for the call */
	enum dossier_word word;
	const json_t *about; /* NULL: see the word */
	const json_t *of;
	int64_t seq; /* of a record that is missing; -1 */
	const char *text; /* "" */
};

/*
 * Holds n records (at most DOSSIER_MAX), each proved by itself, against each
 * other, and tells what they show, in the order in which a person reads it. The
 * class of the worst line. That no later record takes something back, no
 * records can show; nor does this say so.
 *
 * `trees`: of each record the number N of the signed tree vN that it was proved
 * in; NULL: of all the same. A record's number is that of one history: where a
 * log began anew, what an older tree has from there on is another's. So beside
 * records of an older tree those of a later one want the `epoch` records that
 * began it and all trees between; these are told of in no line.
 */
enum dossier_class dossier_check(json_t *const *records, const int64_t *trees,
    size_t n, void (*tell)(void *arg, const struct dossier_line *line),
    void *arg);

#endif
