/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * owing - what the stations below a root owe to the levels above them, for
 * `loaxa owed`, and in a line for the commands that only mention it.
 */
#ifndef CTL_OWING_H
#define CTL_OWING_H

#include "base/root.h"
#include "evidence/owed.h"

/* As the root's log has it now; nothing where there is no log yet. 0 and
 * *ret_owed is yours (owed_free()), or a negative errno. */
int owing_read(const struct root *root, struct owed **ret_owed);

/* The bilingual sets (evidence/pairs.h) of a station's weeks from that date
 * on, INT64_MIN: the last five weeks. 0 and *ret_pairs is yours, or a negative
 * errno. */
int owing_pairs(const struct root *root, const char *station, int64_t from_day,
    json_t **ret_pairs);

/* "owed from above: 2, the oldest planned for ..." of a station; yours. NULL
 * when nothing is due (or memory is out). */
char *owing_line(const struct owed *o, const char *station);

/* Puts "owed" (how many are due) and "owed_since_utc" (the oldest, or null)
 * into each of `stations`, a list of objects with "station"; neither where
 * the log cannot be read. */
void owing_note(const struct root *root, json_t *stations);

/* The same line from such an object. Yours; NULL when nothing is due. */
char *owing_noted(const json_t *station);

#endif
