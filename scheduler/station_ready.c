/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an order needs is loaded before it is wanted: an emergency's sound when
 * the first of its two steps is taken, so that the second only lets it go; and
 * what comes next of an order while the present part sounds. Such an attempt
 * waits: its source is done with its checks and stands at its pipe, and
 * nothing of it is in the log.
 */
#include <unistd.h>

#include "base/words.h"
#include "scheduler/station_hall.h"

/* P4: an emergency's records have so long; then it sounds first. */
#define PATIENCE_MS 100

struct attempt *
hall_waiting(struct station *st, const struct order *o)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing != 0 && a->waits && a->dropped == NULL &&
		    a->run == &o->run)
			return a;
	}
	return NULL;
}

bool
hall_is_at_work(const struct station *st, const struct order *o)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && !st->airings[i].waits &&
		    st->airings[i].run == &o->run)
			return true;
	return false;
}

/* Does it wait for just what is to sound next? */
static bool
is_next(const struct attempt *a, const struct order *o)
{
	return a->item == o->run.reached_item &&
	       a->offset == o->run.reached_frames;
}

struct attempt *
hall_next_waiting(struct station *st, struct now now, const struct order *o)
{
	struct attempt *a = hall_waiting(st, o);

	if (a == NULL || is_next(a, o))
		return a;
	hall_drop(st, now, a, "cancelled");
	return NULL;
}

bool
hall_is_ready(const struct station *st)
{
	for (size_t i = 0; i < PREPARED_MAX; i++)
		if (st->prepared[i] != NULL)
			return true;
	return false;
}

void
hall_tell_ready(struct station *st, struct now now)
{
	struct deck *deck = st->up.deck;
	int64_t next_us;
	int64_t until_us = hall_warm_until(st, now, &next_us);

	for (size_t i = 0; i < PREPARED_MAX; i++)
		if (st->prepared[i] != NULL)
			until_us =
			    later(until_us, st->prepared[i]->expires_boot_us);
	if (deck->ready != NULL)
		deck->ready(deck, now, until_us);
}

int
hall_flush_intent(struct station *st, const struct attempt *a, struct now now)
{
	const struct order *o = a->run->order;

	if (o == NULL || o->kind != ORDER_EMERGENCY)
		return books_flush(st->up.books, now);
	return books_flush_soon(st->up.books, now, PATIENCE_MS);
}

void
hall_forget_waiting(struct attempt *a)
{
	a->run->open--;
	*a = (struct attempt){ 0 };
}
