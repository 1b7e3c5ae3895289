/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rekeyed - that a station signs its log with another key than before, for
 * `loaxa status`: the daemon makes one by itself where the old one is gone
 * (evidence/seal.h), and nobody who has the old one knows the new one by it.
 */
#ifndef CTL_REKEYED_H
#define CTL_REKEYED_H

#include <jansson.h>
#include <stdio.h>

#include "base/root.h"

#define REKEYED_DAYS 30 /* so long it is told where nobody cosigns */

/*
 * Puts "new_key" into the daemon's answer: {since_utc, file}, since when and
 * where the new one lies; until an upper level has cosigned a tree of that key,
 * or where the station has none, for REKEYED_DAYS. Not where nothing of it can
 * be read.
 */
void rekeyed_note(const struct root *root, json_t *answer);

/* The same in a sentence, in the user's language; yours. NULL: it has no
 * other key. */
char *rekeyed_text(const json_t *answer);

#endif
