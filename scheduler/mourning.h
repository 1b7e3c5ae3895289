/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mourning - dates on which music is silent and speech goes on (quốc tang).
 *
 * Music is gap music (filler), and an item that the library calls music.
 * What is silent is not planned on those dates, so nothing of it is missed;
 * the plan keeps it apart, for the day sheet and for people.
 */
#ifndef SCHEDULER_MOURNING_H
#define SCHEDULER_MOURNING_H

#include <stdbool.h>

#include "scheduler/plan.h"

/* The library as a table of one function, with a fake. */
struct mourning_library {
	bool (*is_music)(void *arg, const char *item);
	void *arg;
};

/* Why a date is in mourning; NULL on every other. Borrowed. */
const char *mourning_on(const struct schedule *s, int64_t day);

/*
 * On dates of mourning, moves into p->silent: filler and repeats of it, slots
 * of which every item is music, and what is music of other slots. s is the
 * schedule that p was made of. -ENOMEM; the plan is then to be thrown away.
 */
int mourning_silence(struct plan *p, const struct schedule *s,
    const struct mourning_library *lib);

/* The entry of p->silent that took a whole slot of a date, or NULL. */
const struct silence *mourning_took(
    const struct plan *p, int64_t day, const char *slot);

#endif
