/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust - whether the wall clock may be believed: loaxad(8), "The clock".
 *
 * Trust is gained when the kernel says synchronised, when a person confirms,
 * or, where the site says plausible_clock, when the clock lies after this
 * release. The log has a say: a clock that goes back behind what was believed
 * as much before, or leaps far ahead of it, is wrong now or was wrong then,
 * and only a person can tell which. Once gained, trust lasts for the boot,
 * also over a restart of the daemon, until the wall clock steps by more than
 * 2 s against the boot clock; then it must be gained anew.
 */
#ifndef SCHEDULER_TRUST_H
#define SCHEDULER_TRUST_H

#include "base/clock.h"

#define TRUST_STEP_US (2 * US_PER_S)
#define TRUST_BACK_US \
	(2 * US_PER_MIN) /* so far back a time server may set it: each slot is
			  * known by its date and id, and airs once */
#define TRUST_RECORD_DAYS 60 /* a longer gap in the log is for a person */
#define TRUST_SEEN_US \
	(90 * US_PER_S) /* a watch that shows minutes, and a person who
			 * types, may be off by so much */

/* Why it is trusted as it is; what would change it follows from that. */
enum trust_why {
	WHY_NOBODY, /* no time server, and nobody has confirmed it */
	WHY_STEPPED, /* the same, since somebody set it */
	WHY_EARLY, /* it shows a time before this release */
	WHY_BEHIND, /* the log has later records */
	WHY_AHEAD, /* more than TRUST_RECORD_DAYS after the log's last */
	WHY_SYNCED,
	WHY_CONFIRMED,
	WHY_PLAUSIBLE,
	TRUST_WHYS
};

struct trust_state { /* a plain value; start it as { 0 } */
	enum trust trust;
	enum trust_why why;
	int64_t offset_us; /* wall less boot, when last looked */
	int64_t since_boot_us; /* `trust` is what it is since then */
	int64_t step_us; /* the last step of this life; 0 none */
	bool looked;
	bool synced; /* the kernel's last word */
	bool plausible; /* the site's plausible_clock */
	bool confirmed; /* a person's word, taken back by a step */
	struct clock_marks marks; /* of the log, and of this life */
};

/* "not_synced", "stepped", "before_release", "behind_log", "far_ahead",
 * "synced", "confirmed", "plausible". */
const char *trust_why_word(enum trust_why why);

/* What the log knows, before the first look: how late it was by then, and what
 * an earlier life of this boot believed. */
void trust_recall(struct trust_state *t, const struct clock_marks *marks,
    const struct clock_word *word);

/* Looks at the clocks once. The step since the last look in *ret_step_us (0
 * below TRUST_STEP_US; may be NULL). Returns the trust now in force. */
enum trust trust_look(
    struct trust_state *t, struct now now, bool synced, int64_t *ret_step_us);

/*
 * A person says that it is seen_us at this moment. 0: believed from here on,
 * and what the log knew of later times no longer counts. -EINVAL: the clock
 * shows a time before this release. -ERANGE: the two differ by more than
 * TRUST_SEEN_US. Nothing has changed then.
 */
int trust_confirm(struct trust_state *t, struct now now, int64_t seen_us);

#endif
