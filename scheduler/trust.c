/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stddef.h>

#include "scheduler/trust.h"

/* 2026-11-01T00:00:00Z: no playout PC's clock is right before its program
 * was released. */
#define RELEASED_US (INT64_C(1793491200) * US_PER_S)

const char *
trust_why_word(enum trust_why why)
{
	static const char *const words[TRUST_WHYS] = {
		[WHY_NOBODY] = "not_synced",
		[WHY_STEPPED] = "stepped",
		[WHY_EARLY] = "before_release",
		[WHY_BEHIND] = "behind_log",
		[WHY_AHEAD] = "far_ahead",
		[WHY_SYNCED] = "synced",
		[WHY_CONFIRMED] = "confirmed",
		[WHY_PLAUSIBLE] = "plausible",
	};

	return words[why];
}

/* Far after everything that was ever believed: by a time server gone wrong all
 * slots in between would be closed as missed, and never air. */
static bool
is_far_ahead(const struct trust_state *t, int64_t wall_us)
{
	int64_t latest_us = clock_latest(&t->marks);

	return latest_us != 0 &&
	       wall_us - latest_us > TRUST_RECORD_DAYS * US_PER_DAY;
}

static enum trust_why
why_synced(const struct trust_state *t, int64_t wall_us)
{
	if (wall_us + TRUST_BACK_US < t->marks.us[TRUST_SYNCED])
		return WHY_BEHIND;
	return is_far_ahead(t, wall_us) ? WHY_AHEAD : WHY_SYNCED;
}

static enum trust_why
why_plausible(const struct trust_state *t, int64_t wall_us)
{
	if (wall_us < RELEASED_US)
		return WHY_EARLY;
	if (wall_us < clock_latest(&t->marks))
		return WHY_BEHIND;
	return is_far_ahead(t, wall_us) ? WHY_AHEAD : WHY_PLAUSIBLE;
}

static enum trust_why
judge(const struct trust_state *t, int64_t wall_us)
{
	enum trust_why why = WHY_NOBODY;

	if (t->synced)
		why = why_synced(t, wall_us);
	if (why != WHY_SYNCED && t->confirmed)
		return WHY_CONFIRMED;
	if (t->synced)
		return why;
	if (t->plausible)
		return why_plausible(t, wall_us);
	if (wall_us < RELEASED_US)
		return WHY_EARLY;
	return t->step_us != 0 ? WHY_STEPPED : WHY_NOBODY;
}

static enum trust
trust_by(enum trust_why why)
{
	switch (why) {
	case WHY_SYNCED:
		return TRUST_SYNCED;
	case WHY_CONFIRMED:
		return TRUST_CONFIRMED;
	case WHY_PLAUSIBLE:
		return TRUST_PLAUSIBLE;
	case WHY_NOBODY:
	case WHY_STEPPED:
	case WHY_EARLY:
	case WHY_BEHIND:
	case WHY_AHEAD:
	case TRUST_WHYS:
		break;
	}
	return TRUST_UNSURE;
}

static void
set(struct trust_state *t, struct now now, enum trust trust, enum trust_why why)
{
	if (trust != t->trust || !t->looked)
		t->since_boot_us = now.boot_us;
	t->trust = trust;
	t->why = why;
}

/* So late it has been. Without its server a synchronised clock drifts, and is
 * no better than a watch. */
static void
mark(struct trust_state *t, int64_t wall_us)
{
	enum trust trust = t->trust;

	if (trust == TRUST_SYNCED && !t->synced)
		trust = TRUST_CONFIRMED;
	clock_mark(&t->marks, trust, wall_us);
}

void
trust_recall(struct trust_state *t, const struct clock_marks *marks,
    const struct clock_word *word)
{
	static const enum trust_why whys[TRUSTS] = {
		[TRUST_PLAUSIBLE] = WHY_PLAUSIBLE,
		[TRUST_CONFIRMED] = WHY_CONFIRMED,
		[TRUST_SYNCED] = WHY_SYNCED,
	};

	t->marks = *marks;
	if (word->trust == TRUST_UNSURE)
		return;
	t->trust = word->trust;
	t->why = whys[word->trust];
	t->confirmed = word->trust == TRUST_CONFIRMED;
	t->offset_us = word->offset_us;
	t->since_boot_us = word->since_boot_us;
	t->looked = true;
}

enum trust
trust_look(
    struct trust_state *t, struct now now, bool synced, int64_t *ret_step_us)
{
	int64_t offset = now.wall_us - now.boot_us;
	int64_t step = t->looked ? offset - t->offset_us : 0;
	enum trust before = t->trust;
	enum trust fresh;
	enum trust_why why;

	if (step < TRUST_STEP_US && step > -TRUST_STEP_US)
		step = 0;
	if (step != 0) {
		before = TRUST_UNSURE;
		t->confirmed = false;
		t->step_us = step;
	}
	t->synced = synced;
	why = judge(t, now.wall_us);
	fresh = trust_by(why);
	if (fresh > before || before == TRUST_UNSURE)
		set(t, now, fresh, why);
	t->offset_us = offset;
	t->looked = true;
	mark(t, now.wall_us);
	if (ret_step_us != NULL)
		*ret_step_us = step;
	return t->trust;
}

int
trust_confirm(struct trust_state *t, struct now now, int64_t seen_us)
{
	int64_t off = now.wall_us - seen_us;

	if (off > TRUST_SEEN_US || off < -TRUST_SEEN_US)
		return -ERANGE;
	if (now.wall_us < RELEASED_US)
		return -EINVAL;
	t->confirmed = true;
	t->marks = (struct clock_marks){ 0 };
	if (t->trust < TRUST_CONFIRMED)
		set(t, now, TRUST_CONFIRMED, WHY_CONFIRMED);
	mark(t, now.wall_us);
	return 0;
}
