/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * targets - what a person has set a segment as its target, beside what was
 * planned of it and what aired, by week, month, or whatever it was set for.
 *
 * Told from the log alone: targets and plans as `schedule` records tell them
 * (segments.h), the rest by tally.h. A target counts for a period when it was
 * told before the period's end; the last one told counts. What was never told
 * is not guessed, and a target is never divided: a period that begins or ends
 * outside the days asked for is counted whole.
 *
 * An airing counts when its slot's outcome is "aired"; one in part does not,
 * though its measured length does. A slot that plays one part of a bilingual
 * set counts only with the others: the set has as many airings as its part
 * that aired least often in the period. Planned is what the day sheets of the
 * log say, so of days to come there is none yet.
 */
#ifndef EVIDENCE_TARGETS_H
#define EVIDENCE_TARGETS_H

#include <jansson.h>
#include <stdint.h>

#include "base/disk.h"

struct targets {
	/*
	 * By station, then plan, segment and period: {station, plan, segment,
	 * title, per, period, from, to, cut, log_from, over, target, changed,
	 * planned, aired, open_n, partial_n, not_aired_n, lacking, state}.
	 *
	 * plan: as in the log, or null. per, period: "week", "2026-W48"; "" and
	 * "" with the days asked for, for a segment of a plan that has no
	 * target (target and lacking are null then). from, to: the period's
	 * dates. cut: not all of them were asked for. log_from: the first date
	 * of the log where that is later than `from`, else null. over: at
	 * now_us. changed: another target, or none, was in force on
	 * a day of it that is over.
	 *
	 * planned, aired: {first_n, repeat_n, first_ms, repeat_ms}, airings
	 * and milliseconds. A slot is planned as a repeat when it repeats
	 * another; what aired is one as measured (tally.h). open_n: planned,
	 * with no outcome yet. lacking: what is left of the target's own
	 * counts, {airings, first_airings, repeat_airings, ms, first_ms,
	 * repeat_ms}.
	 *
	 * state: "met"; "open", to be met yet; "lacking", the period is over;
	 * "unsure", lacking by a log that began later, has lost records or does
	 * not add up there; "none", no target.
	 */
	json_t *rows;
	/* Of these days the log does not tell targets: {station, from, to}. */
	json_t *untold;
	int64_t last_seq; /* of the last record that went in; -1 none */
};

/* Of every target that counts for local dates from_day..to_day at `station`
 * ("": all). 0 and *ret is yours; what the disk said; -ENOMEM. */
int targets_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, int64_t now_us, struct targets *ret);

void targets_clear(struct targets *t);

#endif
