/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prose - the sentences in which a sum of days (evidence/tally.h) is told in a
 * report of an office's own, the same for one station and for many. In the
 * user's language, each with a space behind it; nothing in them is made safe.
 */
#ifndef CTL_PROSE_H
#define CTL_PROSE_H

#include <stdint.h>
#include <stdio.h>

#include "evidence/tally.h"

/* What was sent, by whom, on days from `from_day` to `to_day`. */
void prose_sent(FILE *out, const struct tally_sum *s, const char *who,
    int64_t from_day, int64_t to_day);

/* What was planned, and what became of it. */
void prose_plan(FILE *out, const struct tally_sum *s);

/* Why of that some did not air, or not whole; nothing where all did. */
void prose_losses(FILE *out, const struct tally_sum *s);

/* What is still to come, where anything is. */
void prose_open(FILE *out, const struct tally_sum *s);

#endif
