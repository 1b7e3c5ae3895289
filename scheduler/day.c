/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/day.h"
#include "scheduler/relay.h"

static struct run *
run_make(const struct planned *p)
{
	struct run *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->p = p;
	r->airings = json_array();
	if (r->airings != NULL)
		return r;
	free(r);
	return NULL;
}

static void
run_free(struct run *r)
{
	if (r == NULL)
		return;
	relay_free(r->relay);
	json_decref(r->airings);
	free(r->items);
	free(r->parts);
	free(r);
}

struct day *
day_free(struct day *d)
{
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < d->n; i++)
		run_free(d->runs[i]);
	for (size_t i = 0; i < d->n_plans; i++)
		plan_free(d->plans[i]);
	free(d->runs);
	free(d->plans);
	free(d);
	return NULL;
}

/* Room for one more plan and for n runs in all. */
static int
make_room(struct day *d, size_t n)
{
	struct plan **plans;
	struct run **runs;

	plans = realloc(d->plans, (d->n_plans + 1) * sizeof(struct plan *));
	if (plans == NULL)
		return -ENOMEM;
	d->plans = plans;
	runs = realloc(d->runs, (n + 1) * sizeof(struct run *));
	if (runs == NULL)
		return -ENOMEM;
	d->runs = runs;
	return 0;
}

struct day *
day_make(int64_t date, struct plan *plan, const char *revision)
{
	struct day *d = calloc(1, sizeof(*d));

	if (d == NULL || make_room(d, plan->n) < 0)
		goto fail;
	d->date = date;
	snprintf(d->revision, sizeof(d->revision), "%s", revision);
	for (size_t i = 0; i < plan->n; i++) {
		d->runs[i] = run_make(&plan->slots[i]);
		if (d->runs[i] == NULL)
			goto fail;
		d->n = i + 1;
	}
	d->plans[d->n_plans++] = plan;
	return d;
fail:
	day_free(d);
	plan_free(plan);
	return NULL;
}

struct run *
day_run(const struct day *d, const char *slot)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->runs[i]->p->slot, slot) == 0)
			return d->runs[i];
	return NULL;
}

static const struct planned *
find_planned(const struct plan *plan, const char *slot)
{
	for (size_t i = 0; i < plan->n; i++)
		if (strcmp(plan->slots[i].slot, slot) == 0)
			return &plan->slots[i];
	return NULL;
}

static int
by_start(const void *a, const void *b)
{
	const struct planned *p = (*(struct run *const *)a)->p;
	const struct planned *q = (*(struct run *const *)b)->p;

	if (p->start_us != q->start_us)
		return p->start_us < q->start_us ? -1 : 1;
	if (p->class != q->class)
		return p->class > q->class ? -1 : 1;
	return p->order < q->order ? -1 : p->order > q->order;
}

static bool
is_settled(const struct run *r, int64_t now_us)
{
	return r->state != RUN_WAITING || r->began ||
	       r->p->start_us <= now_us + DAY_KEEP_US;
}

/* The runs of the new plan that are not in the day yet and still ahead. */
static int
take_new(struct day *d, const struct plan *plan, int64_t now_us,
    struct run **fresh, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct planned *p = &plan->slots[i];

		if (p->start_us <= now_us || day_run(d, p->slot) != NULL)
			continue;
		fresh[n] = run_make(p);
		if (fresh[n] == NULL)
			goto fail;
		n++;
	}
	*ret_n = n;
	return 0;
fail:
	while (n > 0)
		run_free(fresh[--n]);
	return -ENOMEM;
}

/* Settles every old run: kept, replaced, or cancelled and dropped. */
static void
turn_over(struct day *d, const struct plan *plan, int64_t now_us,
    void (*cancel)(void *arg, const struct planned *p), void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct run *r = d->runs[i];
		const struct planned *p = find_planned(plan, r->p->slot);

		d->runs[kept++] = r;
		if (is_settled(r, now_us))
			continue;
		if (p != NULL && p->start_us > now_us) {
			r->p = p;
			continue;
		}
		cancel(arg, r->p);
		run_free(r);
		kept--;
	}
	d->n = kept;
}

int
day_merge(struct day *d, struct plan *plan, const char *revision,
    int64_t now_us, void (*cancel)(void *arg, const struct planned *p),
    void *arg, bool *ret_changed)
{
	struct run **fresh = calloc(plan->n + 1, sizeof(struct run *));
	json_t *before = day_json(d);
	json_t *after;
	size_t n = 0;

	if (fresh == NULL || before == NULL ||
	    make_room(d, d->n + plan->n) < 0 ||
	    take_new(d, plan, now_us, fresh, &n) < 0) {
		free(fresh);
		json_decref(before);
		plan_free(plan);
		return -ENOMEM;
	}
	turn_over(d, plan, now_us, cancel, arg);
	memcpy(d->runs + d->n, fresh, n * sizeof(*fresh));
	d->n += n;
	free(fresh);
	qsort(d->runs, d->n, sizeof(struct run *), by_start);
	d->plans[d->n_plans++] = plan;

	after = day_json(d);
	*ret_changed =
	    strcmp(d->revision, revision) != 0 || !json_equal(before, after);
	snprintf(d->revision, sizeof(d->revision), "%s", revision);
	json_decref(before);
	json_decref(after);
	return 0;
}

json_t *
day_json(const struct day *d)
{
	struct plan all = { .slots = calloc(d->n + 1, sizeof(*all.slots)) };
	json_t *slots;

	if (all.slots == NULL)
		return NULL;
	for (size_t i = 0; i < d->n; i++)
		all.slots[all.n++] = *d->runs[i]->p; /* strings borrowed */
	slots = plan_day_json(&all, d->date);
	free(all.slots);
	return slots;
}

void
run_blame(struct run *r, const char *reason)
{
	if (r->reason[0] == '\0')
		snprintf(r->reason, sizeof(r->reason), "%s", reason);
}

void
run_reach(struct run *r, size_t item, int64_t frames)
{
	if (item < r->reached_item ||
	    (item == r->reached_item && frames < r->reached_frames))
		return;
	r->reached_item = item;
	r->reached_frames = frames;
}

int64_t
run_reached(const struct run *r)
{
	int64_t frames = r->reached_frames;

	if (r->items == NULL || r->p->content == CONTENT_FILLER)
		return 0;
	for (size_t i = 0; i < r->reached_item && i < r->p->n_items; i++)
		frames += r->items[i].frames;
	return frames;
}

static int64_t
ms_of(int64_t frames)
{
	return frames_us(frames) / US_PER_MS;
}

/* What should have sounded, had all gone well: the items, or the window. */
static int64_t
wanted_ms(const struct run *r, int64_t *ret_cut_ms)
{
	int64_t window = (r->p->end_us - r->p->start_us) / US_PER_MS;
	int64_t all = 0;

	for (size_t i = 0; r->items != NULL && i < r->p->n_items; i++)
		all += ms_of(r->items[i].frames);
	if (r->p->content == CONTENT_FILLER)
		all = all > 0 ? window : 0;
	if (r->p->end == END_CUT && all > window) {
		*ret_cut_ms = all - window;
		return window;
	}
	return all;
}

static const char *
missing_item(const struct run *r)
{
	for (size_t i = 0; r->items != NULL && i < r->p->n_items; i++)
		if (r->items[i].reason[0] != '\0')
			return r->items[i].reason;
	return NULL;
}

const char *
reason_for(const char *status, const char *reason)
{
	static const struct {
		const char *status, *reason, *word;
	} map[] = {
		{ "not_aired", "power_lost", "machine_off" },
		{ "not_aired", "operator_stop", "disabled" },
		{ "not_aired", "hours_end", "outside_hours" },
		{ "not_aired", "source_failed", "bad_item" },
		{ "not_aired", "short", "too_late" },
		{ "not_aired", "rejoined", "too_late" },
		{ "aired_partial", "machine_off", "power_lost" },
		{ "aired_partial", "disabled", "operator_stop" },
		{ "aired_partial", "cancelled", "operator_stop" },
		{ "aired_partial", "outside_hours", "hours_end" },
		{ "aired_partial", "missing_item", "short" },
		{ "aired_partial", "bad_item", "source_failed" },
		{ "aired_partial", "not_approved", "short" },
		{ "aired_partial", "clock_unsure", "short" },
		{ "aired_partial", "too_late", "short" },
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (strcmp(map[i].status, status) == 0 &&
		    strcmp(map[i].reason, reason) == 0)
			return map[i].word;
	return reason;
}

#define SIGNAL_LEAST_MS 1000 /* less is a click, and no relay */

/* A relay by a source of our own: what it gave is measured. */
static struct outcome
source_outcome(const struct run *r)
{
	const struct relay *y = r->relay;
	int64_t window = (r->p->end_us - r->p->start_us) / US_PER_MS;
	struct outcome o = {
		.status = "external",
		.reason = "relay_signal",
		.relayed = true,
		.signal_ms = ms_of(relay_signal(y)),
		.connections = y->connections,
		.at_least = y->at_least,
	};

	o.lost_ms = later(0, window - o.signal_ms - y->taken_us / US_PER_MS);
	if (o.signal_ms >= SIGNAL_LEAST_MS)
		return o;
	/* P7: nothing was relayed, and this we know. */
	o.status = "not_aired";
	o.reason = r->reason[0] != '\0' ? reason_for(o.status, r->reason)
					: "no_signal";
	return o;
}

static struct outcome
relay_outcome(const struct run *r)
{
	struct outcome o = { .status = "external", .reason = "relay_reserved" };

	if (r->relay != NULL)
		return source_outcome(r);
	if (r->witnessed && r->reason[0] == '\0')
		return o;
	o.status = "not_aired";
	o.reason =
	    r->reason[0] != '\0' ? reason_for(o.status, r->reason) : "too_late";
	return o;
}

struct outcome
run_outcome(const struct run *r)
{
	struct outcome o = { .actual_ms = ms_of(r->sent) };
	int64_t wanted;

	if (r->p->content == CONTENT_RELAY)
		return relay_outcome(r);
	wanted = wanted_ms(r, &o.cut_ms);
	if (r->sent == 0) {
		o.cut_ms = 0;
		o.status = "not_aired";
		o.reason = r->reason[0] != '\0'
			       ? reason_for(o.status, r->reason)
			       : "too_late";
		return o;
	}
	if (missing_item(r) == NULL && o.actual_ms + WHOLE_MS >= wanted &&
	    r->items != NULL) {
		o.status = "aired";
		o.reason = r->first_us > r->p->start_us + LATE_US ? "late" : "";
		return o;
	}
	o.status = "aired_partial";
	if (r->rejoined)
		o.reason = "rejoined";
	else if (r->reason[0] != '\0')
		o.reason = reason_for(o.status, r->reason);
	else
		o.reason = r->fenced ? "hours_end" : "short";
	return o;
}
