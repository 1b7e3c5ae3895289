/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/language.h"
#include "base/words.h"
#include "ctl/outcome.h"
#include "ctl/pairview.h"
#include "ctl/say.h"
#include "evidence/record.h"

static const char *
instant_of(const json_t *part, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(part, "planned_utc"), &us) < 0)
		return "?";
	return say_instant(us, buf);
}

/* "Khmer 24/11/2026 17:10:30", "Khmer: not aired (file missing), slot a of
 * 24/11/2026 17:10:30". */
static void
put_part(const json_t *part, FILE *f)
{
	const char *name = language_name(record_text(part, "language"));
	const char *state = record_text(part, "state");
	const char *reason = record_text(part, "reason");
	struct civil_text at;

	if (strcmp(state, "unplanned") == 0)
		fprintf(f, _("%s: no slot yet"), name);
	else if (strcmp(state, "open") == 0)
		fprintf(f, _("%s: to come, %s"), name, instant_of(part, &at));
	else if (strcmp(state, "aired") == 0)
		fprintf(f, _("%s: aired, %s"), name, instant_of(part, &at));
	else
		fprintf(f, _("%s: %s%s%s, %s (%s)"), name,
		    outcome_status(state), reason[0] == '\0' ? "" : ": ",
		    outcome_reason(reason), instant_of(part, &at),
		    record_text(part, "slot"));
}

static const char *
state_text(const char *state)
{
	if (strcmp(state, "complete") == 0)
		return _("complete");
	return strcmp(state, "open") == 0 ? _("not complete yet")
					  : _("NOT complete");
}

static void
print_pair(const json_t *pair, FILE *out)
{
	const char *title = record_text(pair, "title");
	char *text = NULL;
	size_t n = 0;
	const json_t *part;
	size_t i;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return;
	fprintf(f, _("Bilingual set %s (%s%sweek %s): %s: "),
	    record_text(pair, "set"), title, title[0] == '\0' ? "" : ", ",
	    record_text(pair, "week"), state_text(record_text(pair, "state")));
	json_array_foreach(json_object_get(pair, "parts"), i, part)
	{
		if (i > 0)
			fputs("; ", f);
		put_part(part, f);
	}
	fputc('.', f);
	if (fclose(f) == 0)
		say_line(out, "%s", text);
	free(text);
}

size_t
pairview_print(const json_t *pairs, bool wanting, FILE *out)
{
	const json_t *pair;
	size_t told = 0;
	size_t i;

	json_array_foreach(pairs, i, pair)
	{
		if (wanting &&
		    strcmp(record_text(pair, "state"), "incomplete") != 0)
			continue;
		print_pair(pair, out);
		told++;
	}
	return told;
}
