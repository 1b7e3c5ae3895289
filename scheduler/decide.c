/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scheduler/decide.h"

static struct decision
wait_until(int64_t at_us)
{
	return (struct decision){ .verdict = VERDICT_WAIT, .at_us = at_us };
}

static struct decision
miss(const char *reason)
{
	return (struct decision){ .verdict = VERDICT_MISS, .reason = reason };
}

/* What runs over its slot runs into no relay and over no session's limit; what
 * is planned was judged at load, and is not cut for it. */
static int64_t
finish_of(const struct planned *p, const struct airspace *a)
{
	if (a->session_us == 0)
		return a->next_hard_us;
	return earlier(a->next_hard_us, later(p->end_us, a->session_us));
}

static int64_t
stop_of(const struct planned *p, const struct airspace *a)
{
	int64_t stop = p->end == END_FINISH ? finish_of(p, a) : p->end_us;

	return earlier(stop, a->fence_end_us);
}

/* A start that is past due: from where, or not at all. */
static struct decision
start_late(const struct planned *p, const struct airspace *a, struct decision d,
    int64_t at_us)
{
	d.at_us = at_us;
	if (p->rejoin == REJOIN_JOIN)
		return d;
	if (a->began || at_us > p->start_us + p->tolerance_us)
		return miss("too_late");
	d.due_us = at_us;
	return d;
}

/* A rest of an item, or of a slot that the fence cuts short. A slot of one
 * second that starts on its instant is worth it. */
static bool
is_worth(const struct planned *p, const struct decision *d)
{
	bool whole = d->at_us == p->start_us && d->stop_us >= p->end_us;

	return whole || d->at_us + DECIDE_WORTH_US <= d->stop_us;
}

/* A soft start behind what is on: the wait for its end, or for the tolerance
 * to pass. START when it may begin there. */
static struct decision
wait_softly(const struct planned *p, int64_t busy_until_us, int64_t now_us)
{
	int64_t last_us = p->start_us + p->tolerance_us;

	if (busy_until_us > last_us)
		return now_us > last_us ? miss("preempted")
					: wait_until(last_us + 1);
	if (now_us < busy_until_us - DECIDE_LEAD_US)
		return wait_until(busy_until_us - DECIDE_LEAD_US);
	return (struct decision){ .verdict = VERDICT_START,
		.due_us = busy_until_us };
}

static struct decision
when_due(const struct planned *p, const struct airspace *a, int64_t now_us)
{
	struct decision d = { .verdict = VERDICT_START,
		.due_us = a->began ? a->due_us : p->start_us };

	if (!a->began && p->start == START_SOFT &&
	    a->busy_until_us > p->start_us)
		return wait_softly(p, a->busy_until_us, now_us);
	return d;
}

/* Why a slot whose time is over has not begun. */
static const char *
late_reason(const struct planned *p, const struct airspace *a)
{
	if (a->hold != NULL)
		return a->hold;
	return !a->began && p->start == START_SOFT &&
		       a->busy_until_us >= p->end_us
		   ? "preempted"
		   : "too_late";
}

struct decision
decide(const struct planned *p, const struct airspace *a, int64_t now_us)
{
	struct decision d;

	if (now_us < p->start_us - DECIDE_LEAD_US)
		return wait_until(p->start_us - DECIDE_LEAD_US);
	if (now_us + DECIDE_LATE_US >= p->end_us)
		return miss(late_reason(p, a));
	if (a->hold != NULL)
		return wait_until(p->end_us - DECIDE_LATE_US);
	if (a->fence_end_us == 0)
		return miss("outside_hours");

	d = when_due(p, a, now_us);
	if (d.verdict != VERDICT_START)
		return d;
	d.at_us = d.due_us;
	d.stop_us = stop_of(p, a);
	if (a->began || now_us > d.due_us)
		d = start_late(
		    p, a, d, later(p->start_us, now_us + DECIDE_LATE_US));
	if (d.verdict == VERDICT_START && !is_worth(p, &d))
		return miss(d.stop_us == a->fence_end_us ? "outside_hours"
							 : "too_late");
	return d;
}

static int64_t
max0(int64_t x)
{
	return x > 0 ? x : 0;
}

size_t
decide_lay(const struct decision *d, const int64_t *lengths, size_t n,
    bool filler, struct part *ret_parts, size_t max)
{
	int64_t window = frames_in(d->stop_us - d->due_us);
	int64_t first = frames_in(max0(d->at_us - d->due_us));
	int64_t at = 0; /* frames since due_us */
	int64_t round = 0;
	size_t parts = 0;

	for (size_t i = 0; i < n && parts < max && at < window; i++) {
		int64_t skip = max0(first - at);
		int64_t keep = earlier(lengths[i], window - at) - skip;

		if (keep > 0)
			ret_parts[parts++] = (struct part){
				.item = i,
				.start_us = d->due_us + frames_us(at + skip),
				.offset = skip,
				.frames = keep,
			};
		at += lengths[i];
		round += lengths[i];
		if (filler && i == n - 1 && round > 0) {
			i = (size_t)-1;
			round = 0;
		}
	}
	return parts;
}
