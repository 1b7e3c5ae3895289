/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "scheduler/station_hall.h"

#define WARM_SPARE_US (3 * US_PER_S) /* for the source, before the cue */

static const struct site_amplifier *
conf_of(const struct station *st)
{
	const struct site_output *out = site_output(st->up.site, st->id);

	return out == NULL ? NULL : &out->amplifier;
}

/* P1: what the hours do not allow needs no amplifier, a relay of another
 * receiver no more than a sound of ours. */
static bool
counts(const struct station *st, const struct run *r, struct now now)
{
	bool skipped = r->ended && r->p->start_us > now.wall_us;

	return !skipped && hall_fence_end(st, r->p->start_us) != 0;
}

/* The slots that are under way, as far as no person has stopped them. */
static size_t
slots_of(
    const struct station *st, struct now now, struct amplifier_span **ret_slots)
{
	struct amplifier_span *slots;
	size_t n = 0;

	for (size_t i = 0; i < st->n_days; i++)
		n += st->days[i]->n;
	slots = calloc(n + 1, sizeof(*slots));
	*ret_slots = slots;
	n = 0;
	for (size_t i = 0; slots != NULL && i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];
			int64_t from_us = r->p->start_us;

			if (st->stopped_until_us > now.wall_us)
				from_us = later(from_us, st->stopped_until_us);
			if (from_us < r->p->end_us && counts(st, r, now))
				slots[n++] = (struct amplifier_span){ from_us,
					r->p->end_us };
		}
	return n;
}

/* A slot may go on behind its time, and so may a session; and an emergency
 * that is prepared is to find it warm. */
static bool
sounds(const struct station *st)
{
	return hall_on_now(st) != NULL || st->n_orders > 0 || hall_is_ready(st);
}

int64_t
hall_turn_amplifier(struct station *st, struct now now)
{
	const struct site_amplifier *conf = conf_of(st);
	struct amplifier_span *slots = NULL;
	struct amplifier_news news;
	bool due = false;
	size_t n;
	int64_t next_us = NEVER;
	int64_t wake_us;

	if (st->amplifier == NULL)
		return NEVER;
	/* While nobody knows what time it is, no session is on. */
	if (conf != NULL && st->begun && now.trust != TRUST_UNSURE) {
		n = slots_of(st, now, &slots);
		due = slots != NULL &&
		      amplifier_due(conf, slots, n, now.wall_us, &next_us);
		free(slots);
	}
	wake_us =
	    amplifier_turn(st->amplifier, conf, due, sounds(st), now, &news);
	if (news.result != NULL) {
		books_op(st->up.books, st->id, now, "amplifier", "",
		    news.result, news.detail);
		books_flush(st->up.books, now);
	}
	return earlier(
	    wake_us, next_us == NEVER ? NEVER : now_boot_at(now, next_us));
}

/* A cue comes DECIDE_LEAD_US before it sounds, and keeps the device open. */
int64_t
hall_warm_until(const struct station *st, struct now now, int64_t *ret_next_us)
{
	const struct site_output *out = site_output(st->up.site, st->id);
	struct amplifier_span *slots = NULL;
	int64_t from_us = NEVER;
	size_t n;

	*ret_next_us = NEVER;
	if (out == NULL || out->warm_up_s == 0 || !st->begun ||
	    now.trust == TRUST_UNSURE)
		return 0;
	n = slots_of(st, now, &slots);
	if (slots != NULL)
		from_us = amplifier_next(slots, n, now.wall_us);
	free(slots);
	if (from_us == NEVER)
		return 0;
	if (now.wall_us < from_us - out->warm_up_s * US_PER_S) {
		*ret_next_us =
		    now_boot_at(now, from_us - out->warm_up_s * US_PER_S);
		return 0;
	}
	return now_boot_at(now, from_us - DECIDE_LEAD_US + WARM_SPARE_US);
}

int64_t
hall_turn_warm_up(struct station *st, struct now now)
{
	const struct site_output *out = site_output(st->up.site, st->id);
	int64_t next_us;

	if (out == NULL || out->warm_up_s == 0)
		return NEVER;
	hall_tell_ready(st, now);
	hall_warm_until(st, now, &next_us);
	return next_us;
}

void
hall_shut_amplifier(struct station *st, struct now now)
{
	if (st->amplifier != NULL)
		amplifier_shut(st->amplifier, conf_of(st), now);
}

json_t *
hall_amplifier_status(const struct station *st)
{
	return amplifier_status(st->amplifier, conf_of(st));
}
