/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stations - a report of two stations as a test wants one: "Đài A" had 8 slots
 * on 17 November 2026, of which 4 aired, 1 in part for want of preparation, 2 not
 * because of the power, and 1 was a relay; "=Đài B" keeps silent. It is of the
 * week of that day, and made on 1 December.
 */
#ifndef TESTS_FAKES_STATIONS_H
#define TESTS_FAKES_STATIONS_H

#include "ctl/muster.h"

/* Settled; yours: muster_free(). */
struct muster *stations_two(enum muster_by by);

#endif
