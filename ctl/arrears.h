/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrears - what the stations whose logs the upper level has collected
 * (evidence/collect.h) owe of what was ordered of them (evidence/owed.h), and
 * which bilingual programmes lack a part (evidence/pairs.h). Told from their
 * records alone, as of the last of them: what came after it is not known, and
 * is not owed.
 */
#ifndef CTL_ARREARS_H
#define CTL_ARREARS_H

#include <jansson.h>
#include <stdio.h>

struct arrears_want { /* all borrowed */
	const char *store; /* the collector's folder */
	const char *station; /* only that name; "" all */
	int64_t from_day; /* of what was ordered; local dates, both included */
	int64_t to_day;
	int64_t now_us;
};

/*
 * A list of the stations that are known, in order of their names:
 *
 *	{station, key, until_utc, ordered, owed: [{station_id, date, slot,
 *	 title, planned_utc, status, reason}], sets, complete, pairs}
 *
 * reason is the log's word, but "power_lost" where the computer was off for
 * that. ordered: slots from above that have their outcome; owed: those not paid;
 * sets: the bilingual ones of the weeks that these days touch and that are
 * over; pairs: as pairs_read() has those that are incomplete; until_utc: the
 * last record's instant, or null. 0 and *ret is yours; -ENOENT: nothing was
 * collected there; -EBADMSG: the rows are damaged, which collecting mends; or
 * what the disk said.
 */
int arrears_read(const struct arrears_want *want, json_t **ret);

/* How many airings are owed and sets incomplete. */
size_t arrears_due(const json_t *all);

/* 0 or -ENOMEM. */
int arrears_print(
    const json_t *all, const struct arrears_want *want, FILE *out);

#endif
