/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * health - what is wrong with a station just now, judged from the status
 * answer alone: a table of faults, each with how bad it is, since when, and
 * what it means for the next slot. The command line and the metrics say it;
 * nothing here decides what airs.
 *
 * A new fault is a row in health.c, its words are a row in ctl/faults.c.
 */
#ifndef SCHEDULER_HEALTH_H
#define SCHEDULER_HEALTH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"

/* From best to worst. A note needs nobody. */
enum level { LEVEL_OK, LEVEL_NOTE, LEVEL_LOOK, LEVEL_BROKEN, LEVELS };

/* "ok", "note", "look", "broken". */
const char *level_word(enum level l);

struct health; /* remembers since when */

struct health *health_new(void); /* yours; NULL when out of memory */
struct health *health_free(struct health *h); /* accepts NULL; NULL */

/*
 * Adds to the answer: "verdict" ("ok", "look" or "broken": the worst fault's
 * level, a note being "ok") and "faults", worst first, each {fault, station
 * ("" for the computer's own), level, since_utc, effect, detail}. `effect` on
 * the next slot: "silent" (it will not air), "if_back" (only if what is lost
 * comes back), "late_record" (it airs, its record comes late), "unheard",
 * "wrong" or "breaks" (it is sent, but the card lets nothing out, plays it at
 * a wrong speed, or may run dry), "if_signal" (a relay only with its signal), "as_ready" (as
 * far as its items are there), "preempted" (it may be cut, or missed), "judged" (what breaks a rule may not air) or "airs" (as planned).
 * True when another set of faults than at the last call.
 */
bool health_judge(struct health *h, struct now now, json_t *answer);

/* The member of a nested object by its path, "log.error"; NULL when it is not
 * there. Borrowed. */
const json_t *health_at(const json_t *o, const char *path);

/* Its text; "" when it is none. Borrowed. */
const char *health_text(const json_t *o, const char *path);

#endif
