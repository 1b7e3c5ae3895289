/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sets - bilingual sets of a week's plan: is there a slot for each part?
 */
#ifndef SCHEDULER_SETS_H
#define SCHEDULER_SETS_H

#include "scheduler/plan.h"

/*
 * A problem for every part that no slot of its week takes, at the first slot
 * that plays the set. The plan is of whole weeks, Monday to Sunday; sets of
 * other weeks (a repeat's) are passed over. Returns the problems added.
 */
size_t sets_check(const struct plan *p, struct problems *ps);

#endif
