/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

#define OUTAGE_DAYS_MAX 400 /* more than a year off is a new station */

int
hall_account_dates(struct station *st, struct now now, int64_t from,
    int64_t before, void (*blame)(void *arg), void *arg)
{
	int r = 0;

	if (st->schedule == NULL)
		return 0;
	from = later(from, before - OUTAGE_DAYS_MAX);
	for (int64_t date = from; date < before && r == 0; date++) {
		if (registry_has_day(st->up.books->registry, st->id, date))
			continue;
		r = hall_plan_day(st, date, now);
		if (r < 0)
			break;
		blame(arg);
		hall_turn_runs(st, now);
		hall_drop_past(st, before);
	}
	return r;
}

struct skipped {
	struct station *st;
	int64_t until_us;
};

static void
blame_clock(void *arg)
{
	const struct skipped *s = arg;

	hall_blame_past(s->st, INT64_MIN, s->until_us, "clock_unsure");
}

/* Which dates the clock has skipped is certain only once it has gone on by
 * itself for a midnight: one put right before that loses none of them. */
void
hall_watch_dates(struct station *st, struct now now)
{
	struct skipped s = { st, now.wall_us };
	int64_t today;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	if (today == st->today)
		return;
	if (st->today != 0 && today > st->today + 1) {
		if (st->skip_from == 0)
			st->skip_from = st->today + 1;
		st->skip_before = today;
	} else {
		if (today == st->today + 1 && st->skip_from != 0)
			hall_account_dates(st, now, st->skip_from,
			    st->skip_before, blame_clock, &s);
		st->skip_from = 0;
	}
	st->today = today;
}
