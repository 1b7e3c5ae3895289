/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <string.h>

#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/outcome.h"

struct meaning {
	const char *word;
	const char *text;
};

static const struct meaning statuses[] = {
	{ "", N_("on now, or not closed yet") },
	{ "aired", N_("sent to the amplifier") },
	{ "aired_partial", N_("sent in part") },
	{ "not_aired", N_("not aired") },
	{ "external", N_("left to the relay") },
	{ "unscheduled", N_("sent, not in the plan") },
};

static const struct meaning reasons[] = {
	{ "late", N_("late") },
	{ "early", N_("early") },
	{ "short", N_("shorter than planned") },
	{ "preempted", N_("cut by another slot") },
	{ "operator_stop", N_("stopped by a person") },
	{ "device_lost", N_("sound device lost") },
	{ "rejoined", N_("interrupted, then went on") },
	{ "power_lost", N_("power cut") },
	{ "process_died", N_("a program died") },
	{ "hours_end", N_("the allowed hours ended") },
	{ "source_failed", N_("the file could not be read on") },
	{ "hash_changed", N_("the file changed after approval") },
	{ "missing_item", N_("file missing") },
	{ "bad_item", N_("file unreadable") },
	{ "no_signal", N_("the relay gave no signal") },
	{ "not_approved", N_("not approved") },
	{ "outside_hours", N_("outside the allowed hours") },
	{ "cancelled", N_("taken out of the schedule") },
	{ "machine_off", N_("the computer was off") },
	{ "clock_unsure", N_("the clock was not trusted") },
	{ "too_late", N_("too late to start") },
	{ "disabled", N_("switched off") },
	{ "emergency", N_("emergency") },
	{ "operator", N_("by order of a person") },
	{ "filler", N_("gap music") },
	{ "relay_reserved", N_("time left free; what it sent is not known") },
	{ "relay_signal", N_("relayed here, its signal measured") },
	{ "interrupted", N_("interrupted") },
};

static const char *
meaning_of(const struct meaning *m, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(m[i].word, word) == 0)
			return _(m[i].text);
	return word;
}

const char *
outcome_status(const char *word)
{
	return meaning_of(statuses, COUNT(statuses), word);
}

const char *
outcome_reason(const char *word)
{
	return meaning_of(reasons, COUNT(reasons), word);
}

const char *
outcome_grade(int grade)
{
	switch (grade) {
	case 1:
		return _("grade 1: planned only");
	case 2:
		return _("grade 2: accepted by the sound device, sent to the "
			 "amplifier");
	case 3:
		return _("grade 3: signal seen on a loop-back");
	case 4:
		return _("grade 4: heard at a loudspeaker");
	default:
		return "";
	}
}
