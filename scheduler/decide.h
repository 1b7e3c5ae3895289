/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide - the rules of airtime: given a planned slot, what else is on, and
 * what time it is, when does it start, with which frames, until when; or when
 * to ask again; or why it will not air. Nothing here remembers anything.
 *
 * Instants are UTC microseconds, frames are at 48 kHz.
 */
#ifndef SCHEDULER_DECIDE_H
#define SCHEDULER_DECIDE_H

#include "base/clock.h"
#include "base/frames.h"
#include "scheduler/plan.h"

#define DECIDE_LEAD_US (10 * US_PER_S) /* a cue goes out so long ahead */
#define DECIDE_LATE_US \
	(1500 * US_PER_MS) /* the least time from load to sound */
#define DECIDE_WORTH_US (2 * US_PER_S) /* a shorter rest is not joined */
#define DECIDE_PARTS_MAX 256 /* items of one slot, fillers repeated */

/* What surrounds the slot. */
struct airspace {
	int64_t
	    busy_until_us; /* an earlier slot sounds until then; 0 nothing */
	int64_t next_hard_us; /* the next hard start after this one, or the next
			       * relay's; NEVER */
	int64_t session_us; /* its session may last until then; 0 no limit */
	int64_t
	    fence_end_us; /* allowed until, seen from the start; 0 not allowed */
	const char *hold; /* reason word while nothing may start, or NULL */
	bool began; /* this slot has sounded already */
	int64_t due_us; /* where it began then, else 0 */
};

enum verdict {
	VERDICT_WAIT, /* ask again at at_us */
	VERDICT_START, /* first frame at at_us */
	VERDICT_MISS /* it will not start any more: reason */
};

struct decision {
	enum verdict verdict;
	int64_t at_us;
	int64_t due_us; /* where the slot's own sound begins: offset 0 */
	int64_t stop_us; /* nothing of it sounds at or after this */
	const char *reason; /* loaxa-log(5)'s word, for MISS; static */
};

/*
 * hard starts on its instant; soft waits for what is on, up to its tolerance,
 * past which it is missed and never queued. A start that is late joins what
 * is due now (rejoin = join) or, with skip, starts from its head while within
 * the tolerance and was not on before. end = cut stops at the slot's end,
 * finish at the next hard start or relay, and behind the slot's own end at the
 * session's limit; both no later than the fence. (P1, P3)
 */
struct decision decide(
    const struct planned *p, const struct airspace *a, int64_t now_us);

/* One item's share of a slot. */
struct part {
	size_t item; /* index into the slot's items */
	int64_t start_us; /* of its first frame to sound */
	int64_t offset; /* frames skipped at its head */
	int64_t frames; /* to sound */
};

/*
 * Lays n items of lengths[] frames (0: not playable, takes no time) one after
 * the other from due_us, keeps what falls within [at_us, stop_us), and for a
 * filler begins again until the stop. Returns the parts written, at most max.
 */
size_t decide_lay(const struct decision *d, const int64_t *lengths, size_t n,
    bool filler, struct part *ret_parts, size_t max);

#endif
