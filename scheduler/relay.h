/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * relay - one pass of a relay slot that has a source of its own: how its
 * connection stands, what it has given so far, and the items that sound beside
 * it while it gives nothing. The hallway (scheduler/station_relay.c) drives
 * it. No I/O, no clock.
 */
#ifndef SCHEDULER_RELAY_H
#define SCHEDULER_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "scheduler/day.h"

#define RELAY_BACK_US (3 * US_PER_S) /* a signal there for so long is back */
#define RELAY_RETRY_US US_PER_S /* after the first connection that fails */
#define RELAY_RETRY_MAX_US (15 * US_PER_S) /* ... and after many */

struct relay {
	/* The connection that is. */
	uint64_t airing; /* the deck's name for it; 0 none */
	bool cued;
	bool dropped; /* we asked for its end */
	bool moved; /* ... as its source is another one now */
	bool sounding; /* its first frame has sounded */
	int64_t fence_us; /* wall: the hours it was cued for end then */
	int64_t stop_us; /* wall: it was cued to end then */
	int64_t sent, signal; /* frames of it: sounded, and with a signal */
	int64_t told_boot_us; /* what follows is of that instant; 0 never */
	int64_t loud_us, quiet_us;
	int32_t level_mdb;
	/* All of them. */
	int connections; /* that gave sound */
	int64_t sent_sum, signal_sum; /* of those that have ended */
	int64_t retry_boot_us; /* not before */
	int64_t backoff_us;
	char text[128]; /* why the last one ended, or "" */
	/* The slot. */
	bool begun; /* its start has passed */
	bool over; /* it has reached its stop */
	bool lost; /* no signal: the fallback may sound */
	bool told; /* the log says that it is on the air */
	bool at_least; /* its figures: some are an earlier life's */
	int64_t turned_us; /* wall: the turn before */
	int64_t taken_us; /* of its time: what a person ordered sounded */
	/* What sounds instead. */
	struct planned planned; /* of slot ""; its items are the fallback's */
	struct run filler; /* its planned is the one above */
	size_t next; /* item to be laid */
	int64_t filled_us; /* wall: what is laid reaches until then */
	int spoiled; /* items in a row that could not sound */
};

/* `items` are copied. NULL when out of memory. */
struct relay *relay_make(
    const struct planned *slot, char *const *items, size_t n);

/* Accepts NULL; returns NULL. */
struct relay *relay_free(struct relay *y);

/* Frames with a signal that sounded, of all connections; and all frames. */
int64_t relay_signal(const struct relay *y);
int64_t relay_sent(const struct relay *y);

/* Is there a signal now, as last told? */
bool relay_hears(const struct relay *y);

/* Its source is another one now: that is tried at once. True when there is a
 * connection to the old one, to be ended first. */
bool relay_moved(struct relay *y);

/* The connection is over: its figures join the sums, and the next one is
 * tried later each time, but soon after one that was good. */
void relay_ended(struct relay *y, struct now now);

/*
 * Lost is a source that is not there, or was silent for silence_us; found one
 * with RELAY_BACK_US of signal. Looked at once the slot has begun. True when
 * that changed.
 */
bool relay_look(struct relay *y, struct now now, int64_t silence_us);

/* The boot instant when relay_look() may see a change without being told
 * anything new. */
int64_t relay_wake(const struct relay *y, int64_t silence_us);

#endif
