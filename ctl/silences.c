/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "evidence/outages.h"
#include "evidence/record.h"

static const char *
cause_text(const char *cause)
{
	static const struct {
		const char *cause;
		const char *text;
	} rows[] = {
		{ "power_lost", N_("Power cut") },
		{ "rebooted", N_("Computer shut down or restarted") },
		{ "stopped", N_("loaxad stopped by a person") },
		{ "process_died", N_("loaxad died") },
		{ "clock_unsure", N_("Clock not trusted") },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].cause, cause) == 0)
			return _(rows[i].text);
	return cause;
}

/* "05:03:11 - 05:20:40", with dates where they are two. */
static void
span_text(const json_t *o, char *buf, size_t size)
{
	struct civil_text from, to, date;
	int64_t from_us, to_us;
	int64_t day, last;
	int second;

	if (civil_read_utc(record_text(o, "to_utc"), &to_us) < 0)
		to_us = 0;
	civil_from_us(to_us, &last, &second);
	if (civil_read_utc(record_text(o, "from_utc"), &from_us) < 0) {
		snprintf(buf, size, _("until %s"), say_instant(to_us, &to));
		return;
	}
	civil_from_us(from_us, &day, &second);
	if (day != last)
		snprintf(buf, size, "%s – %s", say_instant(from_us, &from),
		    say_instant(to_us, &to));
	else
		snprintf(buf, size, "%s %s–%s", say_date(day, &date),
		    say_time(from_us, &from), say_time(to_us, &to));
}

char *
silences_line(const json_t *o)
{
	long long missed = record_int(o, "missed", 0);
	long long partial = record_int(o, "partial", 0);
	char span[160];
	char *line;

	span_text(o, span, sizeof(span));
	if (missed + partial == 0) {
		if (asprintf(&line, _("%s %s: no slot was lost"),
			cause_text(record_text(o, "cause")), span) < 0)
			return NULL;
		return line;
	}
	if (asprintf(&line, _("%s %s: slots lost %lld, aired in part %lld"),
		cause_text(record_text(o, "cause")), span, missed, partial) < 0)
		return NULL;
	return line;
}

void
silences_print(const json_t *outages, const char *before, FILE *out)
{
	json_t *o;
	size_t i;

	json_array_foreach(outages, i, o)
	{
		char *line = silences_line(o);

		if (line != NULL)
			say_line(out, "%s%s", before, line);
		free(line);
	}
}

void
silences_note(const struct root *root, json_t *answer)
{
	struct disk *disk;
	json_t *list;
	int64_t now_us;

	if (civil_read_utc(record_text(answer, "utc"), &now_us) < 0 ||
	    access(root->log, R_OK) < 0 || disk_open(root->log, &disk) < 0)
		return;
	if (outages_read(disk, "", now_us - US_PER_DAY, now_us, &list) == 0)
		json_object_set_new(answer, "outages", list);
	disk_close(disk);
}
