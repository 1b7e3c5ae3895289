/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

#define LOOK_US (10 * US_PER_MIN) /* so old may an answer be */

/* P5: the word for what is wrong with the slot's items, or NULL. */
static const char *
lacks(struct station *st, const struct planned *p)
{
	int64_t approval;
	const char *why;
	struct item *it;
	int fd;

	if (p->n_items == 0)
		return "missing_item";
	for (size_t i = 0; i < p->n_items; i++) {
		why = hall_open_item(st, p, i, &it, &fd, &approval);
		if (why != NULL)
			return why;
		item_free(it);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* Is it still to be sounded by us, as far as everything else goes? */
static bool
is_to_come(const struct station *st, const struct planned *p, int64_t now_us)
{
	const struct day *d = hall_day_of(st, p->day);
	const struct run *r = d == NULL ? NULL : day_run(d, p->slot);

	return p->content != CONTENT_RELAY && p->start_us > now_us &&
	       p->start_us < now_us + AHEAD_LOOK_US &&
	       (r == NULL || r->state == RUN_WAITING) &&
	       hall_fence_end(st, p->start_us) > p->start_us;
}

static void
look_at(struct station *st, const struct planned *p, int64_t now_us)
{
	struct ahead *a = &st->ahead;
	const char *why;

	if (!is_to_come(st, p, now_us))
		return;
	a->slots++;
	why = lacks(st, p);
	if (why == NULL || a->lacking++ > 0)
		return;
	a->start_us = p->start_us;
	hall_copy(a->reason, sizeof(a->reason), why);
	hall_copy(a->title, sizeof(a->title), hall_called(st, p));
	hall_copy(a->item, sizeof(a->item), p->n_items > 0 ? p->items[0] : "");
}

void
station_look_ahead(struct station *st, struct now now)
{
	struct plan *plan;
	int64_t from, to;
	int second;

	if (now.boot_us < st->ahead.again_boot_us)
		return;
	st->ahead = (struct ahead){ .again_boot_us = now.boot_us + LOOK_US };
	if (st->schedule == NULL || now.trust == TRUST_UNSURE)
		return;
	civil_from_us(now.wall_us, &from, &second);
	civil_from_us(now.wall_us + AHEAD_LOOK_US, &to, &second);
	for (int64_t date = from; date <= to; date++) {
		if (hall_make_plan(st, date, &plan) < 0)
			return;
		for (size_t i = 0; i < plan->n; i++)
			look_at(st, &plan->slots[i], now.wall_us);
		plan_free(plan);
	}
	st->ahead.looked = true;
}

void
station_look_anew(struct station *st)
{
	st->ahead.again_boot_us = INT64_MIN;
}

json_t *
hall_ahead_status(const struct station *st)
{
	const struct ahead *a = &st->ahead;
	struct civil_text at;

	if (!a->looked)
		return json_null();
	if (a->lacking == 0)
		return json_pack("{s:i, s:i}", "slots", a->slots, "lacking", 0);
	return json_pack("{s:i, s:i, s:s, s:s, s:s, s:s}", "slots", a->slots,
	    "lacking", a->lacking, "start_utc",
	    civil_utc_text(a->start_us, &at), "item", a->item, "title",
	    a->title, "reason", a->reason);
}
