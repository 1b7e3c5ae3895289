/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clockview - the daemon's word on the clock, as a person reads it: what time
 * it takes it to be, whether it believes that, why, and what would change it.
 */
#ifndef CTL_CLOCKVIEW_H
#define CTL_CLOCKVIEW_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/civil.h"

/* "Thursday 2026-11-26 05:01:12", in the zone that is set. */
const char *clockview_instant(int64_t us, struct civil_text *buf);

/* What is wrong or right with the clock, in one sentence of the user's; `why`
 * is the daemon's word, "" for one that it does not know. */
const char *clockview_why(const char *why);

/* The whole answer to the request "clock". */
void clockview_print(const json_t *answer, FILE *out);

/* Commands that set the computer's clock to that time, 0 for one to be filled
 * in, as the clocks of the zone show it. */
void clockview_setting(int64_t us, const char *zone, FILE *out);

#endif
