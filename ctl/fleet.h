/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fleet - many simulated lives side by side, one process each, so that one
 * that crashes or never ends is found by its seed and spoils no other.
 */
#ifndef CTL_FLEET_H
#define CTL_FLEET_H

#include "ctl/misfortune.h"

#define FLEET_JOBS_MAX 64 /* processes at once */

struct fleet_setup {
	const struct misfortune_setup *life; /* all but its seed; borrowed */
	uint64_t first; /* seeds first, first + 1, ... */
	int64_t runs;
	int jobs; /* at once; 1 to FLEET_JOBS_MAX */
	int seconds; /* for one life; then it never ends */
	/* After each life, in the order in which they end; its process is gone.
	 * *r tells of a crash as promise "-". Non-zero ends it all: what runs
	 * is finished, nothing new begins. */
	int (*ended)(
	    void *arg, uint64_t seed, const struct misfortune_result *r);
	/* About every second while one waits. May be NULL. Non-zero as above. */
	int (*waiting)(void *arg);
	void *arg;
};

/* 0 when every seed was tried, or it was told to end; *ret_next is the first
 * seed that was not begun. A negative errno. */
int fleet_run(const struct fleet_setup *setup, uint64_t *ret_next);

#endif
