/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "scheduler/approval.h"
#include "scheduler/station_hall.h"

#define WITNESS_US \
	(2 * US_PER_S) /* a relay's window is ours when we were
				   * there so soon after its start */
#define LATEST_US (500 * US_PER_MS) /* from a load to its sound, at least */
#define RETRIES_MAX 5 /* interruptions of one slot we rejoin after */

struct attempt *
hall_find_airing(struct station *st, uint64_t airing)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (airing != 0 && st->airings[i].airing == airing)
			return &st->airings[i];
	return NULL;
}

struct attempt *
hall_free_place(struct station *st)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing == 0)
			return &st->airings[i];
	return NULL;
}

bool
station_on_air(const struct station *st)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && !st->airings[i].waits)
			return true;
	return hall_relay_on(st) != NULL;
}

struct day *
hall_day_of(const struct station *st, int64_t date)
{
	for (size_t i = 0; i < st->n_days; i++)
		if (st->days[i]->date == date)
			return st->days[i];
	return NULL;
}

/* Its ENDED comes as a receipt. */
void
hall_drop(
    struct station *st, struct now now, struct attempt *a, const char *why)
{
	a->dropped = why;
	st->up.deck->drop(st->up.deck, now, a->airing);
}

void
hall_drop_run(
    struct station *st, struct now now, const struct run *r, const char *why)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing != 0 && a->run == r && a->dropped == NULL)
			hall_drop(st, now, a, why);
	}
}

/* What holds every start back, as an outcome word, or NULL. */
const char *
hall_hold_of(const struct station *st, struct now now)
{
	if (now.trust == TRUST_UNSURE)
		return "clock_unsure";
	if (st->stopped_until_us > now.wall_us)
		return "disabled";
	if (st->device_state == DEVICE_LOST && now.boot_us < st->ask_us)
		return "device_lost";
	return NULL;
}

/* Frames the slot has room for, shared among its items: what an assumed item
 * is given. */
static int64_t
hint_of(const struct planned *p)
{
	return frames_in((p->end_us - p->start_us) /
			 (int64_t)(p->n_items > 0 ? p->n_items : 1));
}

static const char *
open_reason(int r)
{
	return r == -ENOENT ? "missing_item" : "bad_item";
}

/* P5: the item's record and sound, if its bytes may air; else the word. */
const char *
hall_open_item(struct station *st, const struct planned *p, size_t i,
    struct item **ret_item, int *ret_fd, int64_t *ret_approval)
{
	const struct registry *g = st->up.books->registry;
	int r = st->up.library->open(
	    st->up.library, p->items[i], hint_of(p), ret_item, ret_fd);

	if (r < 0)
		return open_reason(r);
	if (approval_lets(g, st->up.site, *ret_item, p->segment, ret_approval))
		return NULL;
	*ret_item = item_free(*ret_item);
	if (*ret_fd >= 0)
		close(*ret_fd);
	return "not_approved";
}

static void
look_at_items(struct station *st, struct run *r)
{
	for (size_t i = 0; i < r->p->n_items; i++) {
		struct run_item *ri = &r->items[i];
		struct item *it;
		int64_t approval;
		int fd;
		const char *why =
		    hall_open_item(st, r->p, i, &it, &fd, &approval);

		if (why != NULL) {
			ri->frames = 0;
			hall_copy(ri->reason, sizeof(ri->reason), why);
			continue;
		}
		ri->frames = it->frames;
		ri->reason[0] = '\0';
		hall_copy(ri->sha256, sizeof(ri->sha256), it->sha256);
		item_free(it);
		if (fd >= 0)
			close(fd);
	}
}

/* A day holds its runs until it is over: each keeps no more than it needs. */
static int
keep_parts(struct run *r, const struct part *parts, size_t n)
{
	struct part *kept =
	    reallocarray(r->parts, n == 0 ? 1 : n, sizeof(*kept));

	if (kept == NULL)
		return -ENOMEM;
	memcpy(kept, parts, n * sizeof(*kept));
	r->parts = kept;
	r->n_parts = n;
	r->next_part = 0;
	return 0;
}

static int
lay_out(struct station *st, struct run *r, struct decision *d)
{
	struct part parts[DECIDE_PARTS_MAX];
	int64_t lengths[SLOT_ITEMS_MAX];
	size_t n = r->p->n_items;

	if (n > SLOT_ITEMS_MAX)
		n = SLOT_ITEMS_MAX;
	if (r->items == NULL)
		r->items = calloc(n + 1, sizeof(*r->items));
	if (r->items == NULL)
		return -ENOMEM;
	look_at_items(st, r);
	for (size_t i = 0; i < n; i++)
		lengths[i] = r->items[i].frames;
	/* The clock may have gone back since: go on, do not begin again. */
	d->due_us = earlier(d->due_us, d->at_us - frames_us(run_reached(r)));
	if (keep_parts(r, parts,
		decide_lay(d, lengths, n, r->p->content == CONTENT_FILLER,
		    parts, DECIDE_PARTS_MAX)) < 0)
		return -ENOMEM;
	r->due_us = d->due_us;
	r->stop_us = d->stop_us;
	r->broken = false;
	r->state = RUN_LAID;
	for (size_t i = 0; i < n; i++)
		if (r->items[i].reason[0] != '\0')
			run_blame(r, r->items[i].reason);
	if (n == 0)
		run_blame(r, "missing_item");
	return 0;
}

/* An earlier slot's sound reaches until then. */
static int64_t
busy_until(const struct station *st, const struct run *self)
{
	int64_t until = hall_orders_until(st);

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];
			const struct part *last;

			if (r == self || r->state != RUN_LAID ||
			    r->n_parts == 0)
				continue;
			last = &r->parts[r->n_parts - 1];
			until = later(until,
			    earlier(r->stop_us,
				last->start_us + frames_us(last->frames)));
		}
	return until;
}

int64_t
hall_next_hard(const struct station *st, const struct run *self)
{
	int64_t at = NEVER;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct planned *p = st->days[i]->runs[k]->p;

			if ((p->start == START_HARD ||
				p->content == CONTENT_RELAY) &&
			    p->start_us > self->p->start_us)
				at = earlier(at, p->start_us);
		}
	return at;
}

int64_t
hall_fence_end(const struct station *st, int64_t from_us)
{
	int64_t end;

	return site_allows(st->up.site, from_us, &end) ? end : 0;
}

static struct airspace
survey(const struct station *st, const struct run *r, struct now now)
{
	return (struct airspace){
		.busy_until_us = busy_until(st, r),
		.next_hard_us = hall_next_hard(st, r),
		.session_us =
		    r->p->end == END_FINISH ? hall_session_limit(st, r) : 0,
		.fence_end_us =
		    hall_fence_end(st, later(r->p->start_us, now.wall_us)),
		.hold = hall_hold_for(st, r, now),
		.began = r->began,
		.due_us = r->due_us,
	};
}

static int64_t
run_waiting(struct station *st, struct run *r, struct now now)
{
	int64_t look_us = r->p->start_us - DECIDE_LEAD_US;
	struct airspace a;
	struct decision d;

	/* Most of a day's slots, at every turn: nothing is surveyed yet. */
	if (now.wall_us < look_us)
		return look_us;
	a = survey(st, r, now);
	d = decide(r->p, &a, now.wall_us);
	if (a.hold != NULL && now.wall_us >= r->p->start_us)
		run_blame(r, a.hold);
	switch (d.verdict) {
	case VERDICT_WAIT:
		return d.at_us;
	case VERDICT_MISS:
		run_blame(r, d.reason);
		r->state = RUN_DONE;
		return now.wall_us;
	case VERDICT_START:
		hall_judge(st, r, now);
		if (lay_out(st, r, &d) < 0)
			return now.wall_us + US_PER_S;
		r->fenced =
		    d.stop_us == a.fence_end_us &&
		    (r->p->end == END_FINISH || d.stop_us < r->p->end_us);
		return now.wall_us;
	}
	return NEVER;
}

/* A relay slot: the window is kept silent; we only have to be there. */
static int64_t
relay_waiting(struct station *st, struct run *r, struct now now)
{
	const char *hold = hall_hold_of(st, now);

	if (now.wall_us < r->p->start_us)
		return r->p->start_us;
	if (hold != NULL && strcmp(hold, "device_lost") != 0)
		run_blame(r, hold);
	hall_judge(st, r, now);
	if (now.wall_us < r->p->start_us + WITNESS_US)
		r->witnessed = true;
	r->state = RUN_DONE;
	return now.wall_us;
}

void
hall_name_airing(const struct station *st, struct attempt *a)
{
	const struct order *o = a->run->order;
	struct civil_text t;

	a->run->attempts++;
	if (a->run->beside) {
		snprintf(a->id, sizeof(a->id), "%s/%s/+filler/%lld", st->id,
		    civil_date_text(a->run->p->day, &t),
		    (long long)ledger_next_seq(st->up.books->ledger));
		return;
	}
	if (o != NULL) {
		snprintf(a->id, sizeof(a->id), "%s/%s/+%s/%lld-%d", st->id,
		    civil_date_text(a->run->p->day, &t), order_op(o->kind),
		    (long long)o->release, a->run->attempts);
		return;
	}
	snprintf(a->id, sizeof(a->id), "%s/%s/%s/%d", st->id,
	    civil_date_text(a->run->p->day, &t), a->run->p->slot,
	    a->run->attempts);
}

static void
fill_airing(struct attempt *a, struct run *r, const struct part *part,
    const struct item *it, int64_t fence_us, struct now now)
{
	int64_t late = later(0, now.wall_us + LATEST_US - part->start_us);

	a->run = r;
	a->item = part->item;
	/* Loaded after its instant: skip what is past, stay on the line. */
	a->offset = part->offset + frames_in(late);
	a->frames =
	    earlier(part->frames, frames_in(r->stop_us - part->start_us)) -
	    frames_in(late);
	a->left = it->frames - a->offset;
	a->start_us = part->start_us + late;
	a->start_boot_us = now_boot_at(now, a->start_us);
	a->stop_us = r->stop_us;
	a->fence_us = fence_us;
	a->lufs = it->lufs;
	a->top_db = it->peak_db;
	a->channels = it->channels;
	hall_copy(a->sha256, sizeof(a->sha256), it->sha256);
	hall_copy(a->title, sizeof(a->title), it->title);
	hall_copy(a->language, sizeof(a->language),
	    planned_part(r->p, part->item) != NULL
		? planned_part(r->p, part->item)
		: it->language);
}

void
hall_spoil_item(struct run *r, size_t item, const char *why)
{
	hall_copy(r->items[item].reason, sizeof(r->items[item].reason), why);
	run_blame(r, why);
}

/* Loads one part into a free place. Nothing is recorded before it is ready. */
static void
load_part(struct station *st, struct run *r, const struct part *part,
    struct attempt *a, struct now now)
{
	int64_t fence_us = hall_fence_end(st, part->start_us);
	struct item *it;
	const char *why;
	int fd;
	int e;

	*a = (struct attempt){ 0 };
	/* P1: the hours may be others than when it was laid out. */
	why = fence_us == 0 ? "hours_end"
			    : hall_open_item(
				  st, r->p, part->item, &it, &fd, &a->approval);
	if (why != NULL) {
		hall_spoil_item(r, part->item, why);
		return;
	}
	fill_airing(a, r, part, it, fence_us, now);
	a->first_run =
	    !registry_aired(st->up.books->registry, st->id, a->sha256);
	item_free(it);
	if (a->frames <= 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	a->airing = ++st->last_airing;
	e = st->up.deck->load(
	    st->up.deck, now, a->airing, fd, a->sha256, a->offset);
	if (e < 0) {
		hall_spoil_item(r, part->item, "source_failed");
		a->airing = 0;
		return;
	}
	r->open++;
}

int
hall_load_beside(struct station *st, struct run *r, size_t item, int64_t at_us,
    int64_t stop_us, int64_t fence_us, int64_t *ret_length_us, struct now now)
{
	/* Whole: what is loaded after its instant is moved, not cut. */
	struct part part = { .item = item,
		.start_us = later(at_us, now.wall_us + LATEST_US) };
	struct attempt *a = hall_free_place(st);
	struct item *it;
	int fd;

	if (a == NULL || part.start_us >= stop_us)
		return -EAGAIN;
	*a = (struct attempt){ 0 };
	if (hall_open_item(st, r->p, item, &it, &fd, &a->approval) != NULL)
		return -EACCES;
	part.frames = earlier(it->frames, frames_in(stop_us - part.start_us));
	r->stop_us = stop_us;
	r->items[item].frames = it->frames;
	fill_airing(a, r, &part, it, fence_us, now);
	item_free(it);
	a->airing = ++st->last_airing;
	if (st->up.deck->load(st->up.deck, now, a->airing, fd, a->sha256, 0) <
	    0) {
		*a = (struct attempt){ 0 };
		return -EIO;
	}
	r->open++;
	*ret_length_us = part.start_us - at_us + frames_us(part.frames);
	return 0;
}

/* Everything of the run has sounded or failed: done, or once more. */
static void
settle(struct run *r, struct now now)
{
	r->state = RUN_DONE;
	if (!r->broken || r->ended || r->breaks > RETRIES_MAX ||
	    now.wall_us + DECIDE_LATE_US + DECIDE_WORTH_US > r->p->end_us)
		return;
	r->state = RUN_WAITING;
}

static int64_t
run_laid(struct station *st, struct run *r, struct now now)
{
	if (hall_hold_for(st, r, now) != NULL && r->next_part < r->n_parts) {
		if (now.wall_us >= r->p->start_us)
			run_blame(r, hall_hold_for(st, r, now));
		r->next_part = r->n_parts;
		r->broken = true;
	}
	while (r->next_part < r->n_parts) {
		const struct part *part = &r->parts[r->next_part];
		/* An insertion may have put it behind the slot's end. */
		int64_t due =
		    earlier(part->start_us - DECIDE_LEAD_US, r->stop_us);
		struct attempt *a = hall_free_place(st);

		if (now.wall_us < due)
			return due;
		if (a == NULL)
			return now.wall_us + US_PER_S;
		load_part(st, r, part, a, now);
		r->next_part++;
	}
	if (r->open > 0)
		return NEVER; /* a receipt will wake us */
	settle(r, now);
	return now.wall_us;
}

/* P2: the one outcome, once the window is closed and attempts are known. */
static int64_t
run_done(struct station *st, struct day *d, struct run *r, struct now now)
{
	const char *note = "";
	struct outcome o;

	if (now.wall_us < r->p->end_us)
		return r->p->end_us;
	if (r->p->content == CONTENT_RELAY && hall_hold_of(st, now) != NULL &&
	    now.trust == TRUST_UNSURE)
		run_blame(r, "clock_unsure");
	o = run_outcome(r);
	/* P7: that this computer did not air it is all that is known. */
	if (r->sent == 0 &&
	    registry_elsewhere(st->up.books->registry, r->p->start_us))
		note = "epoch";
	else if (r->shared)
		note = "order";
	if (books_slot(
		st->up.books, st->id, now, d, r->p, &o, r->airings, note) < 0)
		return now.wall_us + US_PER_S;
	r->state = RUN_CLOSED;
	hall_copy(r->status, sizeof(r->status), o.status);
	return NEVER;
}

int64_t
hall_run_turn(struct station *st, struct day *d, struct run *r, struct now now)
{
	bool relay = r->p->content == CONTENT_RELAY;

	if (hall_has_source(st, r) &&
	    (r->state == RUN_WAITING || r->state == RUN_LAID))
		return hall_relay_turn(st, r, now);
	switch (r->state) {
	case RUN_WAITING:
		return relay ? relay_waiting(st, r, now)
			     : run_waiting(st, r, now);
	case RUN_LAID:
		return run_laid(st, r, now);
	case RUN_DONE:
		return run_done(st, d, r, now);
	case RUN_CLOSED:
		return NEVER;
	}
	return NEVER;
}
