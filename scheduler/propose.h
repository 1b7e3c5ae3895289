/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * propose - a standing timetable made from one week's sheet, for a person to
 * read through: segments, slots with ids made from titles and days, relays,
 * gap music, and repeats where "(phát lại)" points at an earlier row.
 */
#ifndef SCHEDULER_PROPOSE_H
#define SCHEDULER_PROPOSE_H

#include "scheduler/sheet.h"
#include "scheduler/site.h"

struct propose_setup { /* borrowed */
	const char *station; /* an id */
	const char *title; /* the station's, for people */
	const struct site *site; /* its relays, by id or title; or NULL */
	const char *name; /* of the sheet, in problems */
};

/*
 * The text of schedules/STATION.cfg. 0 and *ret_text is yours; `notes` tells
 * what was guessed and should be looked at. -EINVAL with every problem in ps;
 * -ENOMEM.
 */
int propose_timetable(const struct sheet *sheet,
    const struct propose_setup *setup, struct problems *ps,
    struct problems *notes, char **ret_text);

#endif
