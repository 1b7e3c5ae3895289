/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * musterprose - a report of stations (ctl/muster.h), settled and adding up, as a
 * paragraph to be pasted into a report of an office's own.
 */
#ifndef CTL_MUSTERPROSE_H
#define CTL_MUSTERPROSE_H

#include <stdio.h>

#include "ctl/muster.h"

/* In the user's language, made safe, on one line. Nothing when out of memory. */
void muster_prose(const struct muster *m, FILE *out);

#endif
