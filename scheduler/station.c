/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/words.h"
#include "scheduler/revision.h"
#include "scheduler/rules.h"
#include "scheduler/station.h"

#define WITNESS_US \
	(2 * US_PER_S) /* a relay's window is ours when we were
				 * there within this of its start */
#define OUTAGE_DAYS_MAX \
	400 /* accounted for after an outage; more than a
				 * year off is a new station */
#define AHEAD_US (10 * US_PER_MIN) /* tomorrow's sheet is made so early */
#define RULES_DAYS 35 /* checked ahead at load */
#define RETRIES_MAX 5 /* interruptions of one slot we rejoin after */
#define FADE_MS 50
#define LOST_HOLD_US \
	(10 * US_PER_MIN) /* without news of a lost device for so
					* long, one cue is sent to ask */

enum device { DEVICE_CLOSED, DEVICE_OK, DEVICE_LOST };

struct station {
	struct station_setup up;
	char *id;
	char *schedules;
	char *revisions;
	char *device;
	struct schedule *schedule; /* in force, or NULL */
	struct day **days; /* by date */
	size_t n_days;
	struct attempt airings[CUES_MAX]; /* airing 0: a free place */
	uint64_t last_airing;
	bool begun;
	bool unsure; /* the clock was not trusted last turn */
	int64_t stopped_until_us; /* 0 not stopped, NEVER until resumed */
	enum device device_state;
	int64_t lost_us; /* boot: when we last heard that it is lost */
	char device_text[128];
};

static void
copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

int
station_open(const struct station_setup *setup, struct station **ret_station)
{
	struct station *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return -ENOMEM;
	st->up = *setup;
	st->id = strdup(setup->id);
	st->schedules = strdup(setup->schedules);
	st->device = strdup(setup->device);
	st->revisions =
	    setup->revisions == NULL ? NULL : strdup(setup->revisions);
	if (st->id == NULL || st->schedules == NULL || st->device == NULL ||
	    (setup->revisions != NULL && st->revisions == NULL)) {
		station_free(st);
		return -ENOMEM;
	}
	*ret_station = st;
	return 0;
}

struct station *
station_free(struct station *st)
{
	if (st == NULL)
		return NULL;
	for (size_t i = 0; i < st->n_days; i++)
		day_free(st->days[i]);
	free(st->days);
	schedule_free(st->schedule);
	free(st->id);
	free(st->schedules);
	free(st->revisions);
	free(st->device);
	free(st);
	return NULL;
}

const char *
station_id(const struct station *st)
{
	return st->id;
}

/* Airings ---------------------------------------------------------------- */

static struct attempt *
find_airing(struct station *st, uint64_t airing)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (airing != 0 && st->airings[i].airing == airing)
			return &st->airings[i];
	return NULL;
}

static struct attempt *
free_place(struct station *st)
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
		if (st->airings[i].airing != 0)
			return true;
	return false;
}

static struct day *
day_of(const struct station *st, int64_t date)
{
	for (size_t i = 0; i < st->n_days; i++)
		if (st->days[i]->date == date)
			return st->days[i];
	return NULL;
}

/* Asks for the end of a run's airings; their ENDED comes as a receipt. */
static void
drop_run(struct station *st, struct now now, const struct run *r)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->run != r || a->dropped)
			continue;
		a->dropped = true;
		st->up.deck->drop(st->up.deck, now, a->airing);
	}
}

/* What holds every start back, as an outcome word, or NULL. */
static const char *
hold_of(const struct station *st, struct now now)
{
	if (now.trust == TRUST_UNSURE)
		return "clock_unsure";
	if (st->stopped_until_us > now.wall_us)
		return "disabled";
	if (st->device_state == DEVICE_LOST &&
	    now.boot_us < st->lost_us + LOST_HOLD_US)
		return "device_lost";
	return NULL;
}

/* Laying out ------------------------------------------------------------- */

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
static const char *
open_item(struct station *st, const struct planned *p, size_t i,
    struct item **ret_item, int *ret_fd, int64_t *ret_approval)
{
	const struct registry *g = st->up.books->registry;
	int r = st->up.library->open(
	    st->up.library, p->items[i], hint_of(p), ret_item, ret_fd);

	if (r < 0)
		return open_reason(r);
	*ret_approval = -1;
	if (st->up.site->approval ? registry_approved(g, (*ret_item)->id,
					(*ret_item)->sha256, ret_approval)
				  : !registry_withdrawn(g, (*ret_item)->id))
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
		const char *why = open_item(st, r->p, i, &it, &fd, &approval);

		if (why != NULL) {
			ri->frames = 0;
			copy(ri->reason, sizeof(ri->reason), why);
			continue;
		}
		ri->frames = it->frames;
		ri->reason[0] = '\0';
		copy(ri->sha256, sizeof(ri->sha256), it->sha256);
		item_free(it);
		if (fd >= 0)
			close(fd);
	}
}

static int
lay_out(struct station *st, struct run *r, struct decision *d)
{
	int64_t lengths[SLOT_ITEMS_MAX];
	size_t n = r->p->n_items;

	if (n > SLOT_ITEMS_MAX)
		n = SLOT_ITEMS_MAX;
	if (r->items == NULL)
		r->items = calloc(n + 1, sizeof(*r->items));
	if (r->parts == NULL)
		r->parts = calloc(DECIDE_PARTS_MAX, sizeof(*r->parts));
	if (r->items == NULL || r->parts == NULL)
		return -ENOMEM;
	look_at_items(st, r);
	for (size_t i = 0; i < n; i++)
		lengths[i] = r->items[i].frames;
	/* The clock may have gone back since: go on, do not begin again. */
	d->due_us = earlier(d->due_us, d->at_us - frames_us(run_reached(r)));
	r->n_parts = decide_lay(d, lengths, n, r->p->content == CONTENT_FILLER,
	    r->parts, DECIDE_PARTS_MAX);
	r->next_part = 0;
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
	int64_t until = 0;

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

static int64_t
next_hard(const struct station *st, const struct run *self)
{
	int64_t at = NEVER;

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct planned *p = st->days[i]->runs[k]->p;

			if (p->start == START_HARD &&
			    p->start_us > self->p->start_us)
				at = earlier(at, p->start_us);
		}
	return at;
}

static int64_t
fence_end(const struct station *st, int64_t from_us)
{
	int64_t end;

	return site_allows(st->up.site, from_us, &end) ? end : 0;
}

static int64_t
run_waiting(struct station *st, struct run *r, struct now now)
{
	struct airspace a = {
		.busy_until_us = busy_until(st, r),
		.next_hard_us = next_hard(st, r),
		.fence_end_us =
		    fence_end(st, later(r->p->start_us, now.wall_us)),
		.hold = hold_of(st, now),
		.began = r->began,
		.due_us = r->due_us,
	};
	struct decision d = decide(r->p, &a, now.wall_us);

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
		if (lay_out(st, r, &d) < 0)
			return now.wall_us + US_PER_S;
		return now.wall_us;
	}
	return NEVER;
}

/* A relay slot: the window is kept silent; we only have to be there. */
static int64_t
relay_waiting(struct station *st, struct run *r, struct now now)
{
	const char *hold = hold_of(st, now);

	if (now.wall_us < r->p->start_us)
		return r->p->start_us;
	if (hold != NULL && strcmp(hold, "device_lost") != 0)
		run_blame(r, hold);
	if (now.wall_us < r->p->start_us + WITNESS_US)
		r->witnessed = true;
	r->state = RUN_DONE;
	return now.wall_us;
}

/* Loading and sounding --------------------------------------------------- */

static void
name_airing(const struct station *st, struct attempt *a)
{
	struct civil_text t;

	a->run->attempts++;
	snprintf(a->id, sizeof(a->id), "%s/%s/%s/%d", st->id,
	    civil_date_text(a->run->p->day, &t), a->run->p->slot,
	    a->run->attempts);
}

static void
fill_airing(struct attempt *a, struct run *r, const struct part *part,
    const struct item *it, int64_t fence_us, struct now now)
{
	int64_t late = later(0, now.wall_us + US_PER_MS * 500 - part->start_us);

	a->run = r;
	a->item = part->item;
	/* Loaded after its instant: skip what is past, stay on the line. */
	a->offset = part->offset + frames_in(late);
	a->frames = part->frames - frames_in(late);
	a->left = it->frames - a->offset;
	a->start_us = part->start_us + late;
	a->start_boot_us = now_boot_at(now, a->start_us);
	a->stop_us = r->stop_us;
	a->fence_us = fence_us;
	a->lufs = it->lufs;
	a->channels = it->channels;
	copy(a->sha256, sizeof(a->sha256), it->sha256);
	copy(a->title, sizeof(a->title), it->title);
	copy(a->language, sizeof(a->language), it->language);
}

static void
spoil_item(struct run *r, size_t item, const char *why)
{
	copy(r->items[item].reason, sizeof(r->items[item].reason), why);
	run_blame(r, why);
}

/* Loads one part into a free place. Nothing is recorded before it is ready. */
static void
load_part(struct station *st, struct run *r, const struct part *part,
    struct attempt *a, struct now now)
{
	int64_t fence_us = fence_end(st, part->start_us);
	struct item *it;
	const char *why;
	int fd;
	int e;

	*a = (struct attempt){ 0 };
	/* P1: the hours may be others than when it was laid out. */
	why = fence_us == 0
		  ? "hours_end"
		  : open_item(st, r->p, part->item, &it, &fd, &a->approval);
	if (why != NULL) {
		spoil_item(r, part->item, why);
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
		spoil_item(r, part->item, "source_failed");
		a->airing = 0;
		return;
	}
	r->open++;
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
	if (hold_of(st, now) != NULL && r->next_part < r->n_parts) {
		run_blame(r, hold_of(st, now));
		r->next_part = r->n_parts;
		r->broken = true;
	}
	while (r->next_part < r->n_parts) {
		const struct part *part = &r->parts[r->next_part];
		int64_t due = part->start_us - DECIDE_LEAD_US;
		struct attempt *a = free_place(st);

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
	struct outcome o;

	if (now.wall_us < r->p->end_us)
		return r->p->end_us;
	if (r->p->content == CONTENT_RELAY && hold_of(st, now) != NULL &&
	    now.trust == TRUST_UNSURE)
		run_blame(r, "clock_unsure");
	o = run_outcome(r);
	if (books_slot(st->up.books, st->id, now, d, r->p, &o, r->airings, "") <
	    0)
		return now.wall_us + US_PER_S;
	r->state = RUN_CLOSED;
	copy(r->status, sizeof(r->status), o.status);
	return NEVER;
}

static int64_t
run_turn(struct station *st, struct day *d, struct run *r, struct now now)
{
	bool relay = r->p->content == CONTENT_RELAY;

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

/* Receipts --------------------------------------------------------------- */

/* P4: the start record counts before the cue goes out; a sick disk does not
 * silence the slot, it makes the record late. */
static void
on_loaded(struct station *st, struct attempt *a, struct now now)
{
	const struct run *r = a->run;
	const struct day *d = day_of(st, r->p->day);
	struct cue c = {
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = a->airing,
		.start_boot_us = now_boot_at(now, a->start_us),
		.stop_boot_us = now_boot_at(now, a->stop_us),
		.fence_wall_us = a->fence_us,
		.frames = a->left,
		.channels = a->channels,
		.fade_in_ms = a->offset > 0 ? FADE_MS : 0,
		.fade_out_ms = FADE_MS,
	};
	size_t n = json_array_size(r->airings);
	const char *before =
	    n == 0 ? "" : json_string_value(json_array_get(r->airings, n - 1));

	if (a->dropped || hold_of(st, now) != NULL) {
		a->dropped = true;
		a->run->broken = true;
		st->up.deck->drop(st->up.deck, now, a->airing);
		return;
	}
	name_airing(st, a);
	a->start_boot_us = c.start_boot_us;
	c.fence_boot_us = now_boot_at(now, c.fence_wall_us);
	a->cued = true;
	books_start(st->up.books, st->id, now, d, a,
	    r->breaks > 0 && a->offset > 0 ? before : "", st->device);
	if (books_flush(st->up.books, now) < 0)
		books_mark_late(st->up.books);
	json_array_append_new(r->airings, json_string(a->id));
	/* -ENOENT: its ENDED is on its way and will be recorded. */
	st->up.deck->cue(st->up.deck, now, &c);
}

static bool
is_retried(enum ended e)
{
	return e == ENDED_DEVICE_LOST || e == ENDED_PROCESS_DIED;
}

/* A cut where it was planned is a slot filled to its end. */
static bool
reached_stop(const struct attempt *a)
{
	return a->last_boot_us + 100 * US_PER_MS >=
	       a->start_boot_us + (a->stop_us - a->start_us);
}

/* What the log says of one attempt. */
static struct ending
ending_of(const struct attempt *a, enum ended e)
{
	struct ending end = { .status = "aired", .reason = "" };
	bool filled = reached_stop(a);

	if (e == ENDED_WHOLE || (e == ENDED_CUT && filled)) {
		if (a->first_boot_us - a->start_boot_us > LATE_US)
			end.reason = "late";
		return end;
	}
	end.status = a->sent > 0 ? "aired_partial" : "not_aired";
	end.reason = e == ENDED_CUT ? "preempted" : ended_word(e);
	end.reason = reason_for(end.status, end.reason);
	end.at_least = e == ENDED_PROCESS_DIED;
	return end;
}

static void
count_sound(struct attempt *a, struct now now)
{
	struct run *r = a->run;

	r->sent += a->sent;
	r->items[a->item].sent += a->sent;
	if (a->sent <= 0)
		return;
	r->began = true;
	run_reach(r, a->item, a->offset + a->sent);
	if (r->first_us == 0)
		r->first_us = now_wall_at(now, a->first_boot_us);
}

static void
on_ended(struct station *st, struct attempt *a, enum ended e, struct now now)
{
	struct run *r = a->run;
	struct ending end = ending_of(a, e);

	r->open--;
	count_sound(a, now);
	if (a->cued)
		books_end(st->up.books, st->id, now, day_of(st, r->p->day), a,
		    &end, st->device);
	if (end.reason[0] != '\0' && strcmp(end.reason, "late") != 0 &&
	    (a->cued || !a->dropped)) {
		run_blame(r, end.reason);
		if (!is_retried(e) && e != ENDED_STOPPED && e != ENDED_FENCE)
			copy(r->items[a->item].reason, REASON_MAX, end.reason);
	}
	if (e == ENDED_DEVICE_LOST)
		st->lost_us = now.boot_us;
	if (is_retried(e)) {
		r->broken = true;
		r->breaks++;
	}
	*a = (struct attempt){ 0 };
}

/* Told when it changes; the player goes on trying by itself. */
static void
on_device(struct station *st, const struct receipt *rc, struct now now)
{
	bool lost = rc->kind == RECEIPT_DEVICE_LOST;
	enum device state = lost ? DEVICE_LOST : DEVICE_OK;

	if (lost)
		st->lost_us = now.boot_us;
	if (state == st->device_state)
		return;
	st->device_state = state;
	copy(st->device_text, sizeof(st->device_text), rc->text);
	books_op(st->up.books, st->id, now, lost ? "device_lost" : "device_ok",
	    "", "done", rc->text);
}

static void
on_receipt(struct station *st, const struct receipt *rc, struct now now)
{
	struct attempt *a = find_airing(st, rc->airing);

	switch ((enum receipt_kind)rc->kind) {
	case RECEIPT_DEVICE_OK:
	case RECEIPT_DEVICE_LOST:
		on_device(st, rc, now);
		return;
	case RECEIPT_RATE_OFF:
		books_op(st->up.books, st->id, now, "device_rate", "", "done",
		    rc->text);
		return;
	case RECEIPT_LOADED:
		if (a != NULL)
			on_loaded(st, a, now);
		return;
	case RECEIPT_STARTED:
	case RECEIPT_PROGRESS:
	case RECEIPT_ENDED:
		break;
	}
	if (a == NULL)
		return;
	a->sounding = true;
	a->peak_mdb = rc->peak_mdb;
	if (rc->first_boot_us != 0)
		a->first_boot_us = rc->first_boot_us;
	if (rc->last_boot_us != 0)
		a->last_boot_us = rc->last_boot_us;
	a->sent = rc->frames_sent;
	a->silent = rc->frames_silent;
	if (rc->kind == RECEIPT_ENDED)
		on_ended(st, a, rc->ended, now);
}

static void
take_receipts(struct station *st, struct now now)
{
	struct receipt rc;

	while (st->up.deck->receive(st->up.deck, now, &rc) > 0)
		on_receipt(st, &rc, now);
}

/* Days ------------------------------------------------------------------- */

static void
drop_day(struct station *st, size_t i)
{
	day_free(st->days[i]);
	st->n_days--;
	memmove(&st->days[i], &st->days[i + 1],
	    (st->n_days - i) * sizeof(st->days[0]));
}

static int
add_day(struct station *st, struct day *d)
{
	size_t i = st->n_days;
	struct day **days;

	days = realloc(st->days, (st->n_days + 1) * sizeof(struct day *));
	if (d == NULL || days == NULL) {
		day_free(d);
		return -ENOMEM;
	}
	st->days = days;
	for (; i > 0 && st->days[i - 1]->date > d->date; i--)
		st->days[i] = st->days[i - 1];
	st->days[i] = d;
	st->n_days++;
	return 0;
}

static void
close_if_known(struct station *st, struct run *r, const char *date)
{
	const char *status =
	    registry_outcome(st->up.books->registry, st->id, date, r->p->slot);

	if (status == NULL || r->state == RUN_CLOSED)
		return;
	r->state = RUN_CLOSED;
	copy(r->status, sizeof(r->status), status);
}

/* P3: what the log has closed stays closed, whatever the clock says. */
static void
close_known(struct station *st, struct day *d)
{
	struct civil_text t;

	for (size_t i = 0; i < d->n; i++)
		close_if_known(st, d->runs[i], civil_date_text(d->date, &t));
}

/* A dry run's slots without a programme play an item of their own name. */
static int
assume_items(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct planned *p = &plan->slots[i];

		if (p->n_items > 0 || p->content == CONTENT_RELAY)
			continue;
		free(p->items);
		p->items = calloc(1, sizeof(*p->items));
		if (p->items == NULL)
			return -ENOMEM;
		p->items[0] = strdup(p->slot);
		if (p->items[0] == NULL)
			return -ENOMEM;
		p->n_items = 1;
	}
	return 0;
}

static int
make_plan(const struct station *st, int64_t date, struct plan **ret_plan)
{
	struct plan *plan;
	int r = plan_make(st->schedule, date, date, &plan);

	if (r == 0 && st->up.assume_items)
		r = assume_items(plan);
	if (r == 0)
		*ret_plan = plan;
	return r;
}

/* The date's sheet from the schedule in force, written down. */
static int
plan_day(struct station *st, int64_t date, struct now now)
{
	struct plan *plan;
	struct day *d;
	int r;

	if (st->schedule == NULL)
		return -ENOENT;
	r = make_plan(st, date, &plan);
	if (r < 0)
		return r;
	d = day_make(date, plan, st->schedule->revision);
	if (d == NULL)
		return -ENOMEM;
	close_known(st, d);
	r = books_day(st->up.books, st->id, now, d);
	if (r < 0) {
		day_free(d);
		return r;
	}
	return add_day(st, d);
}

static bool
is_over(const struct day *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->runs[i]->state != RUN_CLOSED || d->runs[i]->open > 0)
			return false;
	return true;
}

static void
drop_past(struct station *st, int64_t today)
{
	for (size_t i = st->n_days; i-- > 0;)
		if (st->days[i]->date < today && is_over(st->days[i]))
			drop_day(st, i);
}

/* Past days that are closed go; today and, in time, tomorrow come. */
static void
roll_days(struct station *st, struct now now)
{
	int64_t today, ahead;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	civil_from_us(now.wall_us + AHEAD_US, &ahead, &second);
	drop_past(st, today);
	for (int64_t date = today; date <= ahead; date++)
		if (day_of(st, date) == NULL)
			plan_day(st, date, now);
}

static int64_t
next_roll_us(struct now now)
{
	int64_t day;
	int second;

	civil_from_us(now.wall_us + AHEAD_US, &day, &second);
	return civil_to_us(day + 1, 0) - AHEAD_US;
}

/* Beginning: what an earlier life left ----------------------------------- */

struct beginning {
	struct station *st;
	struct now now;
	const char *cause;
	int64_t here_us;
	const json_t *alive;
	int error;
};

static int
restore_day(void *arg, const json_t *record)
{
	struct beginning *b = arg;
	struct plan *plan;
	struct day *d;
	int64_t date;

	if (civil_read_date(record_text(record, "date"), &date) < 0 ||
	    plan_from_json(json_object_get(record, "slots"), date, &plan) < 0)
		return 0; /* audit will name it */
	d = day_make(date, plan, record_text(record, "revision"));
	if (d == NULL)
		return -ENOMEM;
	close_known(b->st, d);
	return add_day(b->st, d);
}

/* The frames last confirmed for an airing, and its first sample's instant: in
 * the same boot by the boot clock, which nobody has set since. */
static void
last_word(const struct beginning *b, const char *airing_id, int64_t *ret_frames,
    int64_t *ret_first_us)
{
	bool same_boot = strcmp(b->cause, "process_died") == 0;
	int64_t boot_us;
	size_t i;
	const json_t *a;

	json_array_foreach(json_object_get(b->alive, "airings"), i, a)
	{
		if (strcmp(record_text(a, "airing_id"), airing_id) != 0)
			continue;
		*ret_frames = record_int(a, "frames", 0);
		boot_us = record_int(a, "first_boot_us", 0);
		if (same_boot && boot_us != 0)
			*ret_first_us = now_wall_at(b->now, boot_us);
		else
			civil_read_utc(
			    record_text(a, "first_utc"), ret_first_us);
	}
}

/* Writes the end of an attempt that nobody ended. */
static int64_t
close_attempt(struct beginning *b, struct run *r, const json_t *start,
    int64_t *ret_first_us)
{
	struct attempt a = { .run = r, .approval = -1, .lufs = -HUGE_VAL };
	struct ending end = { .at_least = true };
	int64_t frames = 0;

	last_word(b, record_text(start, "airing_id"), &frames, ret_first_us);
	copy(a.id, sizeof(a.id), record_text(start, "airing_id"));
	copy(a.sha256, sizeof(a.sha256), record_text(start, "sha256"));
	a.item = (size_t)record_int(start, "part", 0);
	if (a.item >= r->p->n_items)
		a.item = 0;
	a.sent = frames;
	if (*ret_first_us != 0) {
		int64_t due;

		a.first_boot_us = now_boot_at(b->now, *ret_first_us);
		a.last_boot_us = a.first_boot_us + frames_us(frames);
		a.start_boot_us = a.first_boot_us;
		if (civil_read_utc(record_text(start, "cue_utc"), &due) == 0)
			a.start_boot_us = now_boot_at(b->now, due);
	}
	end.status = frames > 0 ? "aired_partial" : "not_aired";
	end.reason = reason_for(end.status, b->cause);
	b->error = books_end(b->st->up.books, b->st->id, b->now,
	    day_of(b->st, r->p->day), &a, &end, record_text(start, "device"));
	return frames;
}

/* An attempt of an earlier life, open or ended: counted for its slot. */
static int
restore_attempt(void *arg, const json_t *start, const json_t *end)
{
	struct beginning *b = arg;
	struct day *d;
	struct run *r;
	int64_t date;
	int64_t frames;
	int64_t first_us = 0;

	if (civil_read_date(record_text(start, "date"), &date) < 0)
		return 0;
	d = day_of(b->st, date);
	r = d == NULL ? NULL : day_run(d, record_text(start, "slot"));
	if (r == NULL || r->state == RUN_CLOSED || r->p->n_items == 0)
		return 0;
	if (end != NULL) {
		frames = record_int(end, "frames_sent", 0);
		civil_read_utc(record_text(end, "actual_utc"), &first_us);
		if (strcmp(record_text(end, "status"), "aired") != 0)
			run_blame(r, record_text(end, "reason"));
	} else {
		frames = close_attempt(b, r, start, &first_us);
		run_blame(r, b->cause);
		r->breaks++;
		r->at_least = true;
	}
	r->attempts++;
	r->sent += frames;
	r->began = r->began || frames > 0 || end == NULL;
	if (frames > 0)
		run_reach(r, (size_t)record_int(start, "part", 0),
		    frames_in(record_int(start, "offset_ms", 0) * US_PER_MS) +
			frames);
	r->due_us = r->p->start_us;
	if (r->first_us == 0)
		r->first_us = first_us;
	json_array_append_new(
	    r->airings, json_string(record_text(start, "airing_id")));
	return b->error;
}

/* Slots that were due after from_us, and by to_us, carry the cause. */
static void
blame_past(
    struct station *st, int64_t from_us, int64_t to_us, const char *cause)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if (r->state == RUN_WAITING &&
			    r->p->start_us > from_us && r->p->start_us <= to_us)
				run_blame(r, cause);
		}
}

/* Slots that were due while we were away carry the cause; those since we are
 * here, that the clock was not trusted. */
static void
blame_missed(const struct beginning *b)
{
	blame_past(b->st, INT64_MIN, b->here_us, b->cause);
	blame_past(b->st, b->here_us, b->now.wall_us, "clock_unsure");
}

static int merge_days(struct station *st, struct now now);
static int64_t turn_runs(struct station *st, struct now now);

/* Dates without any sheet, because we were off all day. */
static int
plan_missed(const struct beginning *b, int64_t today)
{
	struct station *st = b->st;
	int64_t date;
	int r;

	if (civil_read_date(
		registry_last_date(st->up.books->registry, st->id), &date) < 0)
		return 0;
	date = later(date + 1, today - OUTAGE_DAYS_MAX);
	for (; date < today; date++) {
		r = plan_day(st, date, b->now);
		if (r < 0)
			return r;
		blame_missed(b);
		turn_runs(st, b->now);
		drop_past(st, today);
	}
	return 0;
}

/* The first start of all: slots whose time has passed wait for their next
 * date; nobody planned them here before. */
static int
plan_first(struct station *st, struct now now, int64_t today)
{
	struct plan *plan;
	struct plan *none = calloc(1, sizeof(*none));
	struct day *d = none == NULL ? NULL : day_make(today, none, "");
	bool changed;
	int r;

	if (d == NULL)
		return -ENOMEM;
	if (st->schedule == NULL) {
		day_free(d);
		return 0;
	}
	r = make_plan(st, today, &plan);
	if (r == 0)
		r = day_merge(d, plan, st->schedule->revision, now.wall_us,
		    NULL, NULL, &changed);
	if (r == 0)
		r = books_day(st->up.books, st->id, now, d);
	if (r < 0) {
		day_free(d);
		return r;
	}
	return add_day(st, d);
}

void
station_recall(struct station *st, const json_t *alive)
{
	const char *until = record_text(alive, "stopped_until_utc");

	if (strcmp(until, "forever") == 0)
		st->stopped_until_us = NEVER;
	else
		civil_read_utc(until, &st->stopped_until_us);
}

int
station_begin(struct station *st, struct now now, const char *cause,
    int64_t here_us, const json_t *alive)
{
	struct beginning b = { st, now, cause, here_us, alive, 0 };
	const struct registry *g = st->up.books->registry;
	int64_t today;
	int second;
	int r;

	civil_from_us(now.wall_us, &today, &second);
	r = registry_open_days(g, st->id, restore_day, &b);
	if (r < 0)
		return r;
	r = registry_attempts(g, st->id, restore_attempt, &b);
	if (r < 0)
		return r;
	blame_missed(&b);
	st->begun = true;
	r = plan_missed(&b, today);
	if (r < 0)
		return r;
	if (registry_last_date(g, st->id)[0] == '\0')
		return plan_first(st, now, today);
	r = merge_days(st, now);
	roll_days(st, now);
	blame_missed(&b);
	return r;
}

/* Schedules -------------------------------------------------------------- */

struct cancelling {
	struct station *st;
	struct now now;
	struct day *day;
};

/* A removed slot's outcome is known at once. */
static void
cancel_slot(void *arg, const struct planned *p)
{
	struct cancelling *c = arg;
	struct outcome o = { .status = "not_aired", .reason = "cancelled" };
	json_t *none = json_array();

	books_slot(c->st->up.books, c->st->id, c->now, c->day, p, &o, none, "");
	json_decref(none);
}

/* Brings the schedule in force into the days under way. */
static int
merge_days(struct station *st, struct now now)
{
	int64_t today;
	int second;

	if (st->schedule == NULL)
		return 0;
	civil_from_us(now.wall_us, &today, &second);
	for (size_t i = 0; i < st->n_days; i++) {
		struct day *d = st->days[i];
		struct cancelling c = { st, now, d };
		struct plan *plan;
		bool changed;
		int r;

		if (d->date < today)
			continue;
		r = make_plan(st, d->date, &plan);
		if (r == 0)
			r = day_merge(d, plan, st->schedule->revision,
			    now.wall_us, cancel_slot, &c, &changed);
		if (r < 0)
			return r;
		close_known(st, d);
		if (changed)
			r = books_day(st->up.books, st->id, now, d);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
record_schedule(struct station *st, struct now now, const char *person)
{
	const struct schedule *s = st->schedule;
	json_t *files = json_array();
	json_t *r =
	    record_new(KIND_SCHEDULE, st->id, now, st->up.books->boot_id);

	for (size_t i = 0; i < s->n_files; i++)
		json_array_append_new(
		    files, json_pack("{s:s, s:s}", "name", s->files[i].name,
			       "sha256", s->files[i].sha256));
	json_object_set_new(r, "revision", json_string(s->revision));
	json_object_set_new(r, "files", files);
	json_object_set_new(r, "by", json_string(person));
	return books_add(st->up.books, r);
}

static size_t
check_rules(const struct station *st, const struct schedule *s, struct now now,
    struct problems *ps)
{
	struct plan *plan;
	int64_t today;
	int second;
	size_t n;

	civil_from_us(now.wall_us, &today, &second);
	if (plan_make(s, today, today + RULES_DAYS, &plan) < 0)
		return 0;
	n = rules_check(plan, st->up.site, ps);
	plan_free(plan);
	return n;
}

/* The last revision that was good, when the files at hand are not. */
static int
read_last_good(struct station *st, struct schedule **ret)
{
	struct problems quiet = { 0 };
	char folder[4096];
	int r;

	if (st->revisions == NULL)
		return -ENOENT;
	r = revision_last(st->revisions, st->id, folder, sizeof(folder));
	if (r == 0)
		r = schedule_read(
		    folder, st->id, INT64_MIN, INT64_MAX, &quiet, ret);
	problems_free(&quiet);
	return r;
}

static void
record_problems(struct station *st, struct now now, const char *person,
    const char *result, const struct problems *ps)
{
	char text[512] = "";

	if (ps->n > 0)
		problem_text(&ps->list[0], text, sizeof(text));
	books_op(st->up.books, st->id, now, "reload", person, result, text);
}

int
station_load(
    struct station *st, struct now now, const char *person, struct problems *ps)
{
	struct schedule *fresh;
	bool first = st->schedule == NULL;
	int r = schedule_read(
	    st->schedules, st->id, INT64_MIN, INT64_MAX, ps, &fresh);

	if (r == 0 && check_rules(st, fresh, now, ps) > 0 && !first) {
		schedule_free(fresh);
		r = -EINVAL;
	}
	if (r < 0 || problems_count(ps) > 0)
		record_problems(
		    st, now, person, r < 0 ? "refused" : "done", ps);
	if (r < 0 && (!first || read_last_good(st, &fresh) < 0))
		return r;
	if (!first && strcmp(st->schedule->revision, fresh->revision) == 0) {
		schedule_free(fresh);
		return 0;
	}
	/* The days under way own their plans: the old one can go. */
	schedule_free(st->schedule);
	st->schedule = fresh;
	if (r == 0 && st->revisions != NULL)
		revision_keep(st->revisions, st->schedules, fresh);
	record_schedule(st, now, person);
	return st->begun ? merge_days(st, now) : r;
}

/* Orders ----------------------------------------------------------------- */

static struct run *
on_now(const struct station *st)
{
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && st->airings[i].sounding)
			return st->airings[i].run;
	return NULL;
}

int
station_stop(
    struct station *st, struct now now, int64_t until_us, const char *person)
{
	struct civil_text t;

	st->stopped_until_us = until_us;
	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0) {
			run_blame(st->airings[i].run, "operator_stop");
			st->airings[i].run->broken = true;
			drop_run(st, now, st->airings[i].run);
		}
	return books_op(st->up.books, st->id, now, "stop", person, "done",
	    until_us == NEVER ? "" : civil_utc_text(until_us, &t));
}

int
station_resume(struct station *st, struct now now, const char *person)
{
	st->stopped_until_us = 0;
	return books_op(
	    st->up.books, st->id, now, "resume", person, "done", "");
}

static struct run *
next_run(const struct station *st, int64_t now_us)
{
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			struct run *r = st->days[i]->runs[k];

			if ((r->state == RUN_WAITING || r->state == RUN_LAID) &&
			    !r->ended && r->p->end_us > now_us)
				return r;
		}
	return NULL;
}

int
station_skip(struct station *st, struct now now, const char *person,
    const char **ret_why)
{
	struct run *r = on_now(st);
	bool sounding = r != NULL;

	if (r == NULL)
		r = next_run(st, now.wall_us);
	if (r == NULL) {
		*ret_why =
		    N_("nothing is on air and nothing more is planned today");
		return -EINVAL;
	}
	r->ended = true;
	r->next_part = r->n_parts;
	run_blame(r, sounding ? "operator_stop" : "cancelled");
	if (r->state == RUN_WAITING)
		r->state = RUN_DONE;
	drop_run(st, now, r);
	return books_op(
	    st->up.books, st->id, now, "skip", person, "done", r->p->slot);
}

/* The hours that it was cued for are not those it would run into, and they end
 * before it does. */
static bool
oversteps(const struct station *st, const struct attempt *a, struct now now)
{
	int64_t length_us =
	    earlier(frames_us(a->left), a->stop_us - a->start_us);
	int64_t start_us = now_wall_at(now, a->start_boot_us);
	int64_t fence_us = fence_end(st, later(start_us, now.wall_us));

	return fence_us < a->fence_us && fence_us < start_us + length_us;
}

/* P1: other hours, or another clock, act at once; what is cued for other
 * hours is dropped and decided anew. */
static void
keep_hours(struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->dropped || !oversteps(st, a, now))
			continue;
		run_blame(a->run, "hours_end");
		a->run->broken = true;
		a->run->next_part = a->run->n_parts;
		drop_run(st, now, a->run);
	}
}

void
station_stepped(struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->sounding || a->dropped)
			continue;
		a->dropped = true;
		a->run->broken = true;
		a->run->next_part = a->run->n_parts;
		st->up.deck->drop(st->up.deck, now, a->airing);
	}
	keep_hours(st, now);
}

void
station_shut(struct station *st, struct now now)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0)
			continue;
		run_blame(a->run, "operator_stop");
		on_ended(st, a, ENDED_STOPPED, now);
	}
}

void
station_set_site(struct station *st, struct now now, const struct site *site)
{
	st->up.site = site;
	keep_hours(st, now);
}

/* P5: what was withdrawn stops, and is not loaded again. */
void
station_withdraw(struct station *st, struct now now, const char *item)
{
	for (size_t i = 0; i < CUES_MAX; i++) {
		struct attempt *a = &st->airings[i];

		if (a->airing == 0 || a->dropped ||
		    strcmp(a->run->p->items[a->item], item) != 0)
			continue;
		spoil_item(a->run, a->item,
		    a->sounding ? "operator_stop" : "not_approved");
		a->dropped = true;
		st->up.deck->drop(st->up.deck, now, a->airing);
	}
}

/* The turn --------------------------------------------------------------- */

/* Runs that only waited for this turn's changes go again, so that one turn
 * does all that is due. Bounded: every pass moves some run forward. */
static int64_t
turn_runs(struct station *st, struct now now)
{
	int64_t wake;
	int passes = 0;

	do {
		wake = NEVER;
		for (size_t i = 0; i < st->n_days; i++)
			for (size_t k = 0; k < st->days[i]->n; k++)
				wake = earlier(
				    wake, run_turn(st, st->days[i],
					      st->days[i]->runs[k], now));
	} while (wake <= now.wall_us && ++passes < 8);
	return wake;
}

int64_t
station_turn(struct station *st, struct now now)
{
	int64_t wake;

	take_receipts(st, now);
	if (!st->begun)
		return NEVER;
	if (now.trust != TRUST_UNSURE)
		roll_days(st, now);
	if (st->unsure && now.trust != TRUST_UNSURE)
		blame_past(st, INT64_MIN, now.wall_us, "clock_unsure");
	st->unsure = now.trust == TRUST_UNSURE;
	if (st->stopped_until_us != 0 && st->stopped_until_us <= now.wall_us)
		station_resume(st, now, "");
	wake = turn_runs(st, now);
	take_receipts(st, now);
	books_flush(st->up.books, now);
	wake = earlier(wake, next_roll_us(now));
	if (st->stopped_until_us != 0)
		wake = earlier(wake, st->stopped_until_us);
	if (st->device_state == DEVICE_LOST &&
	    st->lost_us + LOST_HOLD_US > now.boot_us)
		wake =
		    earlier(wake, now_wall_at(now, st->lost_us + LOST_HOLD_US));
	return earlier(now_boot_at(now, wake), st->up.deck->wake(st->up.deck));
}

/* What a person sees ----------------------------------------------------- */

static json_t *
utc_or_null(int64_t us)
{
	struct civil_text t;

	return us == 0 || us == NEVER ? json_null()
				      : json_string(civil_utc_text(us, &t));
}

static json_t *
status_on(const struct station *st, struct now now)
{
	const struct attempt *a = NULL;
	int64_t first_us;

	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && st->airings[i].sounding &&
		    (a == NULL || a->start_us < st->airings[i].start_us))
			a = &st->airings[i];
	if (a == NULL)
		return json_null();
	first_us = now_wall_at(now, a->first_boot_us);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:f}",
	    "airing_id", a->id, "slot", a->run->p->slot, "item",
	    a->run->p->items[a->item], "title", a->title, "planned_utc",
	    utc_or_null(a->run->p->start_us), "start_utc",
	    utc_or_null(first_us), "elapsed_ms",
	    (json_int_t)(later(0, now.wall_us - first_us) / 1000), "length_ms",
	    (json_int_t)(frames_us(a->frames) / 1000), "peak_db",
	    (double)a->peak_mdb / 1000);
}

/* What a person calls a slot: its title, else what it plays. */
static const char *
called(const struct planned *p)
{
	if (p->title[0] != '\0')
		return p->title;
	return p->n_items > 0 ? p->items[0] : p->ref;
}

static json_t *
status_next(const struct station *st, struct now now)
{
	const struct run *on = on_now(st);

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (r == on || r->state == RUN_CLOSED ||
			    r->p->start_us <= now.wall_us)
				continue;
			return json_pack("{s:s, s:s, s:s, s:o}", "slot",
			    r->p->slot, "title", called(r->p), "content",
			    content_word(r->p->content), "start_utc",
			    utc_or_null(r->p->start_us));
		}
	return json_null();
}

static json_t *
status_today(const struct station *st, struct now now)
{
	static const char *const words[] = { "aired", "aired_partial",
		"not_aired", "external" };
	json_int_t n[4] = { 0 };
	json_int_t open = 0;
	const struct day *d;
	int64_t today;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	d = day_of(st, today);
	for (size_t i = 0; d != NULL && i < d->n; i++) {
		open += d->runs[i]->state != RUN_CLOSED;
		for (size_t k = 0; k < 4; k++)
			n[k] += strcmp(d->runs[i]->status, words[k]) == 0;
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "planned",
	    (json_int_t)(d == NULL ? 0 : d->n), "aired", n[0], "aired_partial",
	    n[1], "not_aired", n[2], "external", n[3], "open", open);
}

json_t *
station_status(const struct station *st, struct now now)
{
	static const char *const device[] = { "closed", "ok", "lost" };
	const struct schedule *s = st->schedule;

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o}",
	    "station", st->id, "name", s == NULL ? "" : s->name, "revision",
	    s == NULL ? "" : s->revision, "stopped_until_utc",
	    st->stopped_until_us == NEVER ? json_string("forever")
					  : utc_or_null(st->stopped_until_us),
	    "device", device[st->device_state], "device_text", st->device_text,
	    "on", status_on(st, now), "next", status_next(st, now), "today",
	    status_today(st, now));
}

json_t *
station_alive(const struct station *st, struct now now)
{
	json_t *list = json_array();
	json_t *stopped = st->stopped_until_us == NEVER
			      ? json_string("forever")
			      : utc_or_null(st->stopped_until_us);

	for (size_t i = 0; i < CUES_MAX; i++) {
		const struct attempt *a = &st->airings[i];

		if (a->airing == 0 || !a->sounding)
			continue;
		json_array_append_new(
		    list, json_pack("{s:s, s:I, s:o, s:I}", "airing_id", a->id,
			      "frames", (json_int_t)a->sent, "first_utc",
			      utc_or_null(now_wall_at(now, a->first_boot_us)),
			      "first_boot_us", (json_int_t)a->first_boot_us));
	}
	return json_pack(
	    "{s:o, s:o}", "airings", list, "stopped_until_utc", stopped);
}
