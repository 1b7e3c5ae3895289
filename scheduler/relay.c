/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "scheduler/relay.h"

static int
fill_planned(struct planned *p, char *const *items, size_t n)
{
	p->slot = strdup("");
	p->ref = strdup("");
	p->segment = strdup("");
	p->title = strdup("");
	p->language = strdup("");
	p->items = calloc(n + 1, sizeof(*p->items));
	p->file = "";
	if (p->slot == NULL || p->ref == NULL || p->segment == NULL ||
	    p->title == NULL || p->language == NULL || p->items == NULL)
		return -1;
	for (; p->n_items < n; p->n_items++) {
		p->items[p->n_items] = strdup(items[p->n_items]);
		if (p->items[p->n_items] == NULL)
			return -1;
	}
	return 0;
}

struct relay *
relay_make(const struct planned *slot, char *const *items, size_t n)
{
	struct relay *y = calloc(1, sizeof(*y));

	if (y == NULL)
		return NULL;
	y->planned.day = slot->day;
	y->planned.start_us = slot->start_us;
	y->planned.end_us = slot->end_us;
	y->planned.content = CONTENT_FILLER;
	y->filler.p = &y->planned;
	y->filler.beside = true;
	y->filler.items = calloc(n + 1, sizeof(*y->filler.items));
	y->filler.airings = json_array();
	if (fill_planned(&y->planned, items, n) < 0 ||
	    y->filler.items == NULL || y->filler.airings == NULL)
		return relay_free(y);
	return y;
}

struct relay *
relay_free(struct relay *y)
{
	if (y == NULL)
		return NULL;
	planned_clear(&y->planned);
	free(y->filler.items);
	json_decref(y->filler.airings);
	free(y);
	return NULL;
}

int64_t
relay_signal(const struct relay *y)
{
	return y->signal_sum + y->signal;
}

int64_t
relay_sent(const struct relay *y)
{
	return y->sent_sum + y->sent;
}

bool
relay_hears(const struct relay *y)
{
	return y->airing != 0 && y->cued && y->loud_us > 0;
}

static void
try_at_once(struct relay *y)
{
	y->moved = false;
	y->retry_boot_us = y->backoff_us = 0;
	y->text[0] = '\0';
}

bool
relay_moved(struct relay *y)
{
	y->moved = y->airing != 0;
	if (!y->moved)
		try_at_once(y);
	return y->moved;
}

void
relay_ended(struct relay *y, struct now now)
{
	bool good = y->loud_us >= RELAY_BACK_US || y->signal > 0;

	y->sent_sum += y->sent;
	y->signal_sum += y->signal;
	if (good || y->backoff_us == 0)
		y->backoff_us = RELAY_RETRY_US;
	y->retry_boot_us = now.boot_us + y->backoff_us;
	y->backoff_us = earlier(2 * y->backoff_us, RELAY_RETRY_MAX_US);
	y->airing = 0;
	y->cued = y->dropped = y->sounding = false;
	y->sent = y->signal = 0;
	y->told_boot_us = y->loud_us = y->quiet_us = 0;
	if (y->moved)
		try_at_once(y);
}

bool
relay_look(struct relay *y, struct now now, int64_t silence_us)
{
	bool was = y->lost;
	int64_t since_us = now.boot_us - y->told_boot_us;

	if (y->airing == 0 || !y->cued || y->dropped)
		y->lost = true;
	else if (y->loud_us > 0 && y->loud_us + since_us >= RELAY_BACK_US)
		y->lost = false;
	else if (y->loud_us == 0 && y->quiet_us + since_us >= silence_us)
		y->lost = true;
	return y->lost != was;
}

int64_t
relay_wake(const struct relay *y, int64_t silence_us)
{
	int64_t left_us;

	if (y->airing == 0 || !y->cued)
		return NEVER;
	if (y->lost)
		left_us = y->loud_us > 0 ? RELAY_BACK_US - y->loud_us : NEVER;
	else
		left_us = y->loud_us > 0 ? NEVER : silence_us - y->quiet_us;
	return left_us == NEVER ? NEVER : y->told_boot_us + left_us;
}
