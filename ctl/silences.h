/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * silences - outages (evidence/outages.h) as a person reads them: "Power cut
 * 05:03:11–05:20:40: slots lost 2, aired in part 1".
 */
#ifndef CTL_SILENCES_H
#define CTL_SILENCES_H

#include <jansson.h>
#include <stdio.h>

#include "base/root.h"

/* One of them in a line; yours. NULL when out of memory. */
char *silences_line(const json_t *outage);

/* Each in a line with `before` in front. */
void silences_print(const json_t *outages, const char *before, FILE *out);

/* Puts "outages", those of the last 24 hours, into the daemon's answer; not
 * where the log cannot be read. */
void silences_note(const struct root *root, json_t *answer);

#endif
