/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outcome - the log's words for what became of a slot, as a person reads
 * them. P7: a player proves that sound left for the amplifier (grade 2) and
 * no more, so no word here says that a loudspeaker sounded.
 */
#ifndef CTL_OUTCOME_H
#define CTL_OUTCOME_H

/* Of "aired", "aired_partial", "not_aired", "external", "unscheduled"; ""
 * is an airing that has not ended. A word not known is returned as it is. */
const char *outcome_status(const char *word);

/* Of the reasons in loaxa-log(5); "" is "". */
const char *outcome_reason(const char *word);

/* What a grade from 1 to 4 proves; "" for any other number. */
const char *outcome_grade(int grade);

#endif
