/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit - the promises P1, P2, P3, P4 and P8 checked from a log's files alone,
 * by code that shares nothing with what wrote them but the form of a record.
 *
 * P1  nothing sounded outside the hours that its day sheet tells, but an
 *     emergency, which a named person released on an order, in two steps.
 * P2  every slot of the day sheet in force at its start has one `slot`
 *     record, and no other slot has one; its figures are its airings'.
 * P3  no slot's outcome is written twice, and no part of it sounds twice
 *     unless the second continues the first or a person ordered it.
 * P4  every `start` has one `end`, after it; it was written before the first
 *     sample, or says itself that it was late.
 * P8  the leaf indices run on without gap or repeat, every line is a record,
 *     lines stand in their month's file or a later one, and the boot clock
 *     never runs back within a boot.
 *
 * What the log's last record cannot know yet is open, not wrong: slots whose
 * window ended less than AUDIT_GRACE_US before it or lies ahead, attempts
 * that may still sound, and an unfinished last line.
 */
#ifndef EVIDENCE_AUDIT_H
#define EVIDENCE_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define AUDIT_GRACE_US (2 * US_PER_MIN)

/* One thing found wrong. Borrowed for the call. */
struct finding {
	const char *promise; /* "P2" */
	const char *file; /* the log file's name; "" for the whole log */
	int64_t line; /* in that file, from 1; 0 for none */
	const char *text; /* for a person, in the user's language */
};

struct audit { /* a plain value */
	int64_t records;
	int64_t slots; /* with their outcome */
	int64_t airings;
	int64_t unfenced; /* airings whose hours no sheet tells: older logs */
	int64_t open; /* slots and attempts not over yet */
	int64_t torn_bytes; /* of an unfinished last line */
	int64_t noted; /* records that a testimony noted, and that are there */
	int64_t findings;
};

/*
 * Reads every airing-YYYY-MM.jsonl of the folder. 0 when it could be read:
 * `findings` says how much is wrong, and report got each (it may be NULL).
 * -ENOENT when the folder holds no log; -ENOMEM; or another negative errno.
 */
int audit_dir(const char *folder,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit *ret_audit);

struct testimony;

/* The same, and (P8) every record that the testimony (borrowed; NULL: none)
 * noted is there, unchanged and in its place. */
int audit_dir_with(const char *folder, const struct testimony *testimony,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit *ret_audit);

#endif
