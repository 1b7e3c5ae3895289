/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust - whether the wall clock may be believed: loaxad(8), "The clock".
 *
 * Trust is gained when the kernel says synchronised, when a person confirms,
 * or, where the site says plausible_clock, when the clock lies after this
 * release and the last log record and within 60 days of that record. Once
 * gained it lasts for the boot, until the wall clock steps by more than 2 s
 * against the boot clock; then it must be gained anew.
 */
#ifndef SCHEDULER_TRUST_H
#define SCHEDULER_TRUST_H

#include "base/clock.h"

#define TRUST_STEP_US (2 * US_PER_S)
#define TRUST_RECORD_DAYS 60

struct trust_state { /* a plain value; start it as { 0 } */
	enum trust trust;
	int64_t offset_us; /* wall less boot, when last looked */
	bool looked;
	bool plausible; /* the site's plausible_clock */
	int64_t last_record_us; /* UTC of the last log record; 0 none */
	bool confirmed; /* a person's word, taken back by a step */
};

/* Looks at the clocks once. The step since the last look in *ret_step_us (0
 * below TRUST_STEP_US; may be NULL). Returns the trust now in force. */
enum trust trust_look(
    struct trust_state *t, struct now now, bool synced, int64_t *ret_step_us);

#endif
