/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_days - a log of three days, 26 to 28 November 2026: a first run, a repeat
 * that the power cut, what the cut took, a relay, gap music and an order.
 */
#ifndef TESTS_FAKES_FAKE_DAYS_H
#define TESTS_FAKES_FAKE_DAYS_H

#include <stdbool.h>

#include "tests/fakes/fake_log.h"

#define D6 "2026-11-26"
#define D7 "2026-11-27"
#define D8 "2026-11-28"
#define OWN "{\"segment\":\"ttdn\",\"first_run\":true}" /* a first run */

/* Its i-th record; false: there is none. */
bool fake_days_write(struct fake_log *l, int i);

#endif
