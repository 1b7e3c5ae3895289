/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pairview - what evidence/pairs.h says of bilingual sets, for a person.
 */
#ifndef CTL_PAIRVIEW_H
#define CTL_PAIRVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* A line a set: its parts, when each aired, or why it did not. With `wanting`
 * only those that are incomplete. Returns how many it told. */
size_t pairview_print(const json_t *pairs, bool wanting, FILE *out);

#endif
