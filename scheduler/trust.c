/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "scheduler/trust.h"

/* 2026-11-01T00:00:00Z: no playout PC's clock is right before its program
 * was released. */
#define RELEASED_US (INT64_C(1793491200) * US_PER_S)

static bool
is_plausible(const struct trust_state *t, int64_t wall_us)
{
	if (wall_us < RELEASED_US)
		return false;
	if (t->last_record_us == 0)
		return true;
	return wall_us >= t->last_record_us &&
	       wall_us - t->last_record_us <= TRUST_RECORD_DAYS * US_PER_DAY;
}

static enum trust
gained(const struct trust_state *t, struct now now, bool synced)
{
	if (synced)
		return TRUST_SYNCED;
	if (t->confirmed)
		return TRUST_CONFIRMED;
	if (t->plausible && is_plausible(t, now.wall_us))
		return TRUST_PLAUSIBLE;
	return TRUST_UNSURE;
}

enum trust
trust_look(
    struct trust_state *t, struct now now, bool synced, int64_t *ret_step_us)
{
	int64_t offset = now.wall_us - now.boot_us;
	int64_t step = t->looked ? offset - t->offset_us : 0;
	enum trust fresh;

	if (step < TRUST_STEP_US && step > -TRUST_STEP_US)
		step = 0;
	if (step != 0) {
		t->trust = TRUST_UNSURE;
		t->confirmed = false;
	}
	fresh = gained(t, now, synced);
	if (fresh > t->trust)
		t->trust = fresh;
	t->offset_us = offset;
	t->looked = true;
	if (ret_step_us != NULL)
		*ret_step_us = step;
	return t->trust;
}
