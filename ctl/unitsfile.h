/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unitsfile - the organisation units (evidence/units.h) as a person writes them
 * at the upper level: STORE/units.cfg, in the form of our other files.
 *
 *	units = (
 *	  { id; name; parent?; from?; until?; successors? }, ...
 *	);
 *	stations = (
 *	  { station; id?; unit | closed = true; from?; until? }, ...
 *	);
 */
#ifndef CTL_UNITSFILE_H
#define CTL_UNITSFILE_H

#include <jansson.h>
#include <stdio.h>

#include "base/problem.h"
#include "evidence/units.h"

#define UNITS_FILE "units.cfg"

/* {key: name} of the stations that a folder of rosters knows. Yours; NULL and
 * *ret_error (a negative errno) when it cannot be read; -EBADMSG, with the
 * others, when one of them is damaged. */
json_t *unitsfile_names(const char *stations, int *ret_error);

/*
 * Reads and judges it all. `names`: {key: name} of the stations that are known
 * (roster.h), so that a station may be written by its key; NULL: none. 0 and
 * *ret is yours: units_clear(). -EINVAL with every problem in ps, or -ENOENT
 * and the like with one; -ENOMEM; *ret is untouched.
 */
int unitsfile_read(const char *path, const json_t *names, struct problems *ps,
    struct units *ret);

/* The problems as `file:line: text`, sorted, a line each, and how many there
 * are; and [{file, line, text}], yours. */
void unitsfile_print(struct problems *ps, FILE *out);
json_t *unitsfile_problems_json(struct problems *ps);

#endif
