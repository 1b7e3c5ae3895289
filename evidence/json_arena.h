/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_arena - memory for JSON values that all go together, in a process that
 * does nothing else than read records: to take it is to count on, and to give
 * back one value is nothing at all. Of what such a process did, four parts in
 * ten were malloc() and free().
 */
#ifndef EVIDENCE_JSON_ARENA_H
#define EVIDENCE_JSON_ARENA_H

#include <stdbool.h>

/* From now on, for good, all of jansson's memory in this process is of it: text
 * of json_dumps() may not be freed then. */
void json_arena_begin(void);

/* Is it so? Then no value needs to be given back. */
bool json_arena_is_on(void);

/* Was there no memory for a value since the last reset? A record then looks like
 * one that cannot be parsed: nothing that was learned of it counts. */
bool json_arena_lacked(void);

/* No value that was made since json_arena_begin() is used any more: their memory
 * serves the next ones. Does nothing where it is not on. */
void json_arena_reset(void);

#endif
