/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * day - one local date's slots and how far each has come.
 *
 * A run is the one pass of a planned slot through its life: WAITING for its
 * time, LAID out in parts that load and sound, DONE with sounding, CLOSED
 * when its `slot` record is written. Its attempts are counted here and judged
 * by run_outcome(). No I/O, no clock.
 */
#ifndef SCHEDULER_DAY_H
#define SCHEDULER_DAY_H

#include <jansson.h>

#include "base/hash.h"
#include "scheduler/decide.h"
#include "scheduler/plan.h"

#define REASON_MAX 24 /* the longest outcome word, and room */
#define DAY_KEEP_US (2 * US_PER_MIN) /* a reload leaves nearer slots alone */
#define LATE_US (1 * US_PER_S) /* a later first sample makes `aired` "late" */
#define WHOLE_MS \
	1000 /* so much may lack from a slot "aired" whole:
				 * the rounding of cuts, never an item */

enum run_state { RUN_WAITING, RUN_LAID, RUN_DONE, RUN_CLOSED };

/* One item of the slot, as found when the slot was laid out. */
struct run_item {
	int64_t frames; /* its length; 0 when it cannot play */
	int64_t sent; /* frames of it that sounded, all attempts */
	char sha256[HASH_HEX];
	char reason[REASON_MAX]; /* why it cannot play, or "" */
};

struct order;
struct relay;

struct run {
	const struct planned *p; /* borrowed from the day's plans */
	const struct order *order; /* a person's, and no slot's; or NULL */
	struct relay *relay; /* of a slot with a source of its own; or NULL */
	bool beside; /* filler that no slot planned */
	enum run_state state;
	int64_t due_us; /* where its sound began; 0 not yet */
	int64_t stop_us; /* nothing of it sounds after */
	bool fenced; /* P1 ends it: the allowed hours are over before it is */
	bool began; /* an attempt has sounded */
	bool ended; /* by a person, or for good: no rejoin */
	bool witnessed; /* relay: we were there when it began */
	bool shared; /* relay: an order sounded in its time */
	bool broken; /* an attempt was interrupted: rejoin by rule */
	int attempts; /* start records so far, all boots */
	int breaks; /* interruptions so far */
	bool rejoined; /* it sounded again after one */
	struct run_item *items; /* p->n_items of them, once laid */
	struct part *parts;
	size_t n_parts;
	size_t next_part; /* the first one not loaded */
	int open; /* airings loaded or sounding */
	json_t *airings; /* ids, in order */
	int64_t sent; /* frames that sounded, all attempts */
	size_t reached_item; /* the furthest that was heard (P3) */
	int64_t reached_frames; /* ... of that item */
	int64_t first_us; /* UTC of the first sample; 0 none */
	bool at_least; /* a count is "at least": found after a cut */
	char reason[REASON_MAX]; /* the first thing that went wrong, or "" */
	char status[REASON_MAX]; /* once closed: what the log says */
};

struct day {
	int64_t date;
	char revision[HASH_HEX];
	struct plan **plans; /* every plan merged in; they own the slots */
	size_t n_plans;
	struct run **runs; /* by start */
	size_t n;
};

/* Takes `plan` over (also on failure). NULL when out of memory. */
struct day *day_make(int64_t date, struct plan *plan, const char *revision);

/* Accepts NULL; returns NULL. */
struct day *day_free(struct day *d);

/*
 * A new plan for a date under way, at a reload. Runs that are laid out,
 * done or closed, or start within DAY_KEEP_US, stay as they are. Others take
 * their new slot, or, when it is gone or its new start has passed, are handed
 * to cancel() and dropped. New slots join while their start lies ahead; a slot
 * closed today stays closed. Takes `plan` over. 0 or -ENOMEM (the day is
 * then unchanged). *ret_changed: the day sheet is not what it was.
 */
int day_merge(struct day *d, struct plan *plan, const char *revision,
    int64_t now_us, void (*cancel)(void *arg, const struct planned *p),
    void *arg, bool *ret_changed);

/* The day sheet's slots array (plan.h). Yours; NULL when out of memory. */
json_t *day_json(const struct day *d);

/* NULL when there is none. */
struct run *day_run(const struct day *d, const char *slot);

/* Keeps the first reason only: what came first is the cause. */
void run_blame(struct run *r, const char *reason);

/* P3: sound of the item up to that frame was heard: nothing before it sounds
 * again, also when the clock goes back. */
void run_reach(struct run *r, size_t item, int64_t frames);

/* How far that is from the slot's head, by its items' lengths. In frames; 0
 * for a filler, which goes round. */
int64_t run_reached(const struct run *r);

/*
 * The word of loaxa-log(5) for `status` that says what `reason` means there:
 * "power_lost" of a slot that never sounded is "machine_off". Static.
 */
const char *reason_for(const char *status, const char *reason);

/* The slot's one outcome (P2): loaxa-log(5)'s words, static or the run's. */
struct outcome {
	const char *status;
	const char *reason;
	int64_t actual_ms; /* measured: frames sent */
	int64_t cut_ms; /* of its items, for want of time */
	bool relayed; /* by a source of our own: the rest counts */
	int64_t signal_ms; /* measured: frames with a signal that sounded */
	int64_t lost_ms; /* of its time, neither that nor an order's */
	int connections;
	bool at_least; /* these three */
};

struct outcome run_outcome(const struct run *r);

#endif
