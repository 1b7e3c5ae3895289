/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/muster_text.h"
#include "ctl/musterprose.h"
#include "ctl/prose.h"
#include "ctl/say.h"

/* Stations, each by its name once; they are in its order. */
static size_t
stations(const struct muster *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_logs; i++)
		n +=
		    i == 0 || strcmp(m->logs[i - 1].name, m->logs[i].name) != 0;
	return n;
}

static void
put_lacks(const struct muster *m, FILE *out)
{
	char only[MUSTER_TEXT];

	if (muster_only(m, only)[0] != '\0')
		fprintf(out, "%s ", only);
	if (m->days < m->days_due)
		fprintf(out,
		    _("Days of stations of which nothing is known, neither "
		      "aired nor missed: %d of %d. "),
		    m->days_due - m->days, m->days_due);
	prose_open(out, &m->sum);
}

/* What aired of each, where the rows are parts of the whole; of units only
 * those at the top. */
static void
put_parts(const struct muster *m, FILE *out)
{
	const char *between =
	    m->setup.by == MUSTER_SEGMENT ? _("By segment: ") : _("By unit: ");
	char name[MUSTER_TEXT];
	bool any = false;

	if (m->setup.by != MUSTER_SEGMENT && m->setup.by != MUSTER_UNIT)
		return;
	for (size_t i = 0; i < m->n; i++) {
		const struct muster_row *row = &m->rows[i];
		struct civil_text sent;

		if (row->n_path > 1 || tally_sent_n(&row->sum) == 0)
			continue;
		fprintf(out, _("%s%s airings %lld (%s)"), between,
		    muster_name(m, row, name),
		    (long long)tally_sent_n(&row->sum),
		    say_length(tally_sent_ms(&row->sum) * US_PER_MS, &sent));
		between = "; ";
		any = true;
	}
	if (any)
		fputs(". ", out);
}

/* Of each station what is not ordinary, in the words of the other forms. */
static void
put_remarks(const struct muster *m, FILE *out)
{
	const char *between = _("Of single stations is to be said: ");
	char name[MUSTER_TEXT];
	char remark[MUSTER_TEXT];
	bool any = false;

	for (size_t i = 0; i < m->n; i++) {
		if (muster_remark(m, &m->rows[i], remark)[0] == '\0')
			continue;
		fprintf(out, "%s%s (%s)", between,
		    muster_name(m, &m->rows[i], name), remark);
		between = "; ";
		any = true;
	}
	if (any)
		fputs(". ", out);
}

static void
put_grounds(const struct muster *m, FILE *out)
{
	int64_t records = 0;

	for (size_t i = 0; i < m->n_logs; i++)
		records += m->logs[i].leaves;
	fprintf(out,
	    _("The figures are those of the stations' signed airing logs: "
	      "records %lld in all."),
	    (long long)records);
}

void
muster_prose(const struct muster *m, FILE *out)
{
	char who[80];
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return;
	snprintf(
	    who, sizeof(who), _("the stations collected (%zu)"), stations(m));
	prose_sent(to, &m->sum, who, m->setup.from_day, m->setup.to_day);
	put_lacks(m, to);
	prose_plan(to, &m->sum);
	prose_losses(to, &m->sum);
	put_parts(m, to);
	put_remarks(m, to);
	put_grounds(m, to);
	if (fclose(to) == 0)
		say_line(out, "%s", text);
	free(text);
}
