/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * asrun - the as-run log: what was planned and what sounded, a row an airing,
 * or a row for a slot that has none; and the identity over the same days.
 *
 * Rows come straight from the log's lines, not from the index. Each names its
 * record by leaf index and by RFC 6962 leaf hash, SHA-256(0x00 || line).
 */
#ifndef EVIDENCE_ASRUN_H
#define EVIDENCE_ASRUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/disk.h"
#include "base/hash.h"

/* planned = aired + aired_partial + not_aired + external: the slots that the
 * day sheets planned against the `slot` records there are. */
struct asrun_identity {
	int64_t planned; /* windows over by the log's last record */
	int64_t open; /* planned, and not over yet */
	int64_t aired;
	int64_t aired_partial;
	int64_t not_aired;
	int64_t external;
	int64_t unscheduled; /* airings apart; never part of the sum */
	bool holds;
};

struct asrun {
	json_t *rows; /* array of objects, keys in column order */
	json_t *reasons; /* {status: {reason: count}} of the slots; "" is
				 * the reason of what needs none */
	json_t *mourning; /* {"station date": {station, date, mourning,
			     silent}}: left out of the plan, no miss */
	struct asrun_identity identity;
};

/*
 * Of local dates from_day..to_day; `station` "" is all of them. `names` gives
 * commune names, {station: name}, or NULL. 0 and *ret_asrun is yours; or what
 * the disk said; -ENOMEM.
 */
int asrun_read(struct disk *disk, const char *station, const json_t *names,
    int64_t from_day, int64_t to_day, struct asrun **ret_asrun);

/* Accepts NULL; returns NULL. */
struct asrun *asrun_free(struct asrun *a);

/* RFC 4180 with its heading: UTF-8, CR LF; a text that a spreadsheet would
 * take for a formula gets an apostrophe in front. 0 or -EIO. */
int asrun_csv(const struct asrun *a, FILE *out);

/* {rows, reasons, identity: {...}, mourning: [...]}. Yours; NULL when out of memory. */
json_t *asrun_json(const struct asrun *a);

/* RFC 6962 section 2.1: the leaf hash of a line without its line feed. 0 or
 * -ENOMEM. */
int asrun_leaf_hash(const char *line, size_t n, char ret_hex[static HASH_HEX]);

#endif
