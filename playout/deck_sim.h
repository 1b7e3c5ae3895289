/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deck_sim - a virtual deck: perfect processes and a perfect device on the
 * caller's own clock, for `loaxa simulate` and for tests. Tests may order
 * faults; without any, every airing starts on its instant and ends whole, or
 * is cut where its cue says. LOADED comes at the next receive(). PROGRESS
 * comes once a second, but only when asked: wake() never says so, a year has
 * too many seconds. load() takes -1 for "no file".
 */
#ifndef PLAYOUT_DECK_SIM_H
#define PLAYOUT_DECK_SIM_H

#include <stdbool.h>

#include "playout/deck.h"

/* What goes wrong, by counting loads from 1: the n-th load ends so.
 * frames: how many frames are sent before that. */
struct deck_fault {
	unsigned nth;
	enum ended ended;
	int64_t frames;
};

/* Faults are borrowed while the deck lives; n may be 0. */
int deck_sim_open(
    const struct deck_fault *faults, size_t n, struct deck **ret_deck);

/* The device is lost now: what sounds ends with ENDED_DEVICE_LOST, and so
 * does what would start before until_us (a boot instant), when DEVICE_OK
 * comes. */
void deck_sim_lose_device(struct deck *d, struct now now, int64_t until_us);

/* The same, by a player that hung in it and was ended: nobody tells when the
 * device is back, before the next cue tries. */
#define deck_sim_hang_device(d, now) deck_sim_lose_device(d, now, NEVER)

/*
 * Live sources have no signal between two boot instants: until then a new one
 * fails at once, and one that is heard falls silent (`dies` false) or ends.
 * Without this each has a signal from its cue on.
 */
void deck_sim_lose_live(
    struct deck *d, int64_t from_us, int64_t until_us, bool dies);

/* The address or the line-in that was listened to last; "" none. Borrowed. */
const char *deck_sim_source(const struct deck *d);

/* Every receipt of an airing tells these from now on: its `underruns`,
 * `underrun_us`, `frames_muted` and `frames_silent`. */
void deck_sim_faults(struct deck *d, const struct receipt *told);

/* The player says this next, of its device; a later one replaces it. */
void deck_sim_says(struct deck *d, const struct receipt *r);

/* Is anything sounding, as far as it has told? */
bool deck_sim_sounds(const struct deck *d);

/* P1: the same, of what no person released as an emergency. */
bool deck_sim_sounds_planned(const struct deck *d);

#endif
