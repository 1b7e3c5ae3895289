/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record - the airing log's records: their common head, as JSON.
 *
 * Every record is one object. Its first keys, in this order: v (1), kind,
 * seq (its leaf index, given by the ledger), station ("" for the daemon's
 * own), utc, local, boot_us, boot_id, clock. What follows depends on the
 * kind; man/loaxa-log.5 lists the keys of each.
 */
#ifndef EVIDENCE_RECORD_H
#define EVIDENCE_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "base/clock.h"

#define RECORD_VERSION 1
#define RECORD_BYTES_MAX 65000 /* an entry bundle's u16 length, with room */

enum kind {
	KIND_BOOT,
	KIND_CLOCK,
	KIND_SCHEDULE,
	KIND_DAY,
	KIND_ITEM,
	KIND_APPROVE,
	KIND_WITHDRAW,
	KIND_START,
	KIND_END,
	KIND_SLOT,
	KIND_OP,
	KIND_ANCHOR,
	KIND_CORRECT,
	KIND_EPOCH,
	KINDS
};

const char *kind_word(enum kind k);

/* A record with its head; seq is 0 until the ledger takes it. Yours; NULL
 * when out of memory. */
json_t *record_new(
    enum kind k, const char *station, struct now now, const char *boot_id);

/* One stored line (without its line feed) back to JSON. 0 and *ret is yours;
 * -EINVAL when it is no record of version 1. */
int record_parse(const char *line, size_t n, json_t **ret);

/* The kind of a stored line by its first bytes, without parsing the rest;
 * -1 when it does not begin as our writer begins a line. */
int record_kind(const char *line, size_t n);

/* The leaf index that such a line says is its; -1 when it does not. */
int64_t record_seq(const char *line, size_t n);

/* The object under a key, made when it is not there; borrowed. NULL when out
 * of memory. */
json_t *record_child(json_t *parent, const char *key);

/* A string member, "" when absent or not a string; borrowed. An integer
 * member, `otherwise` when absent. */
const char *record_text(const json_t *r, const char *key);
int64_t record_int(const json_t *r, const char *key, int64_t otherwise);

#endif
