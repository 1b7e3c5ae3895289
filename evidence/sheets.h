/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheets - the plan as the log tells it: day sheets read in order, and for
 * each slot which of them counts.
 *
 * Planned is what the last day sheet in force at the slot's start says. A
 * sheet is in force from its record's instant; the first sheet of a date
 * counts for all its slots, also when it came late (the machine was off). A
 * slot that a later sheet drops before its start was cancelled: it still
 * owes its one outcome.
 */
#ifndef EVIDENCE_SHEETS_H
#define EVIDENCE_SHEETS_H

#include <jansson.h>
#include <stdint.h>

struct sheets;

enum slot_standing {
	SLOT_PLANNED, /* by the sheet in force at its start */
	SLOT_CANCELLED, /* dropped by a sheet before its start */
	SLOT_TOO_LATE /* first named after its start: owes nothing */
};

/* One slot of one date. Borrowed. */
struct sheet_slot {
	const char *station;
	const char *date; /* YYYY-MM-DD */
	const char *slot;
	enum slot_standing standing;
	const json_t *plan; /* its object in the sheet that counts */
	int64_t start_us; /* of that plan, UTC */
	int64_t end_us;
};

/* Empty; yours. NULL when out of memory. */
struct sheets *sheets_new(void);

/* Accepts NULL; returns NULL. */
struct sheets *sheets_free(struct sheets *s);

/* Takes in the next `day` record. 0; -EINVAL when it is none, or a slot in
 * it lacks its id or its planned instant (the others are taken in). */
int sheets_take(struct sheets *s, const json_t *day);

/* 0 and *ret; -ENOENT when no sheet of the date ever named the slot. */
int sheets_find(const struct sheets *s, const char *station, const char *date,
    const char *slot, struct sheet_slot *ret);

/* Forgets a date's sheets. Not from within sheets_each(). */
void sheets_drop(struct sheets *s, const char *station, const char *date);

/* Every slot, by station, then in order of appearance; a non-zero return of
 * fn stops and is returned. */
int sheets_each(const struct sheets *s,
    int (*fn)(void *arg, const struct sheet_slot *slot), void *arg);

#endif
