/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * advice - the rules once more when an item is approved: where the schedules
 * play it next, and what a rule says against that. An approval is of bytes
 * and stands whatever is said here.
 */
#ifndef CTL_ADVICE_H
#define CTL_ADVICE_H

#include <stdint.h>
#include <stdio.h>

#include "base/root.h"
#include "ctl/office.h"

#define ADVICE_DAYS 14 /* ahead: this week and the next */

/*
 * Prints where the item sounds beside the slots, as gap music or a relay's
 * fallback, when it airs next, or that nothing plays it, then a line for
 * each slot ahead that is outside the allowed hours, too short for it, or in
 * a session that breaks a rule; at most five. Returns how many there are.
 */
size_t advice_print(const struct root *root, const struct office *o,
    const char *item, int64_t now_us, FILE *out);

#endif
