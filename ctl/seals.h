/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seals - what of a log is signed, for the foot of a report: the size and the
 * root of the checkpoint that covers it, and whether the log still is what was
 * signed (evidence/verify.h).
 */
#ifndef CTL_SEALS_H
#define CTL_SEALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/disk.h"
#include "base/root.h"
#include "evidence/checkpoint.h"

struct seals { /* a plain value */
	bool exists; /* something is signed at all */
	bool covers; /* also the record asked for, and so all before it */
	struct checkpoint last; /* the one that covers it; else the newest;
				 * only when something exists */
	/* By the log's `anchor` records: the first cosignature that covers the
	 * record asked for; else the last one. */
	char cosigner[NOTE_NAME]; /* "" nobody cosigned this tree */
	int64_t cosigned_us; /* by the cosigner's clock */
	int64_t cosigned_size; /* records */
	bool cosigned_covers;
	int64_t findings; /* records that are not as they were signed */
	int64_t first; /* the first of them; -1 */
};

/* As the root's trees have it now, for the log up to the record last_seq. 0,
 * also when nothing is signed; or a negative errno. */
int seals_read(const struct root *root, struct disk *log, int64_t last_seq,
    struct seals *ret);

/* In plain words, a line each, in the user's language: fn gets each. */
void seals_lines(
    const struct seals *s, void (*fn)(void *arg, const char *line), void *arg);

/* {signed, covers, origin, size, root, findings, cosigned}; size 0, "" where
 * nothing is signed. cosigned: {by, utc, size, covers}, or null. Yours; NULL
 * when out of memory. */
json_t *seals_json(const struct seals *s);

/* Of what was made from that log: EX_OK, or EXIT_LACKING when the log is not
 * what was signed, which is said on standard error. */
int seals_code(const struct seals *s);

#endif
