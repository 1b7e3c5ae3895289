/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/muster_text.h"
#include "ctl/say.h"

/* Text that grows, at most as long as its buffer. */
__attribute__((format(printf, 3, 4))) static void
add(char buf[static MUSTER_TEXT], const char *between, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	if (n > 0)
		snprintf(buf + n, MUSTER_TEXT - n, "%s", between);
	n = strlen(buf);
	va_start(ap, fmt);
	vsnprintf(buf + n, MUSTER_TEXT - n, fmt, ap);
	va_end(ap);
}

/* Of all that were collected, or of those that were asked for? */
static bool
is_of_all(const struct muster_setup *s)
{
	return s->unit[0] == '\0' && s->station[0] == '\0' && s->n_without == 0;
}

const char *
muster_title(const struct muster *m, char buf[static MUSTER_TEXT])
{
	static const char *const titles[] = {
		[MUSTER_WEEK] = N_("Stations by week"),
		[MUSTER_MONTH] = N_("Stations by month"),
		[MUSTER_STATION] = N_("Report by station"),
		[MUSTER_SEGMENT] = N_("Report by segment, all stations"),
		[MUSTER_UNIT] = N_("Report by unit"),
		[MUSTER_RANK] = N_("Order of the stations"),
	};
	const char *title = titles[m->setup.by];
	struct civil_text from, to;

	if (m->setup.by == MUSTER_SEGMENT && !is_of_all(&m->setup))
		title = N_("Report by segment");
	snprintf(buf, MUSTER_TEXT, _("%s, from %s to %s"), _(title),
	    say_date(m->setup.from_day, &from), say_date(m->setup.to_day, &to));
	return buf;
}

const char *
muster_head(const struct muster *m)
{
	if (m->setup.by == MUSTER_SEGMENT)
		return _("SEGMENT");
	return m->setup.by == MUSTER_UNIT ? _("UNIT") : _("STATION");
}

const char *
muster_column(const struct muster *m, size_t i, char buf[static MUSTER_TEXT])
{
	int year, part, mday;

	if (m->setup.by == MUSTER_WEEK) {
		civil_week(m->columns[i], &year, &part);
		snprintf(buf, MUSTER_TEXT, _("W%d"), part);
	} else {
		civil_ymd(m->columns[i], &year, &part, &mday);
		snprintf(buf, MUSTER_TEXT, "%d/%d", part, year);
	}
	return buf;
}

const char *
muster_path(const struct muster_row *row, char buf[static MUSTER_TEXT])
{
	buf[0] = '\0';
	for (size_t i = 0; i < row->n_path; i++)
		add(buf, " › ", "%s", row->path[i]->name);
	if (row->n_path == 0)
		add(buf, "", "%s", _("no unit is written for these days"));
	return buf;
}

/* Do the records of its computer tell of other stations, too? */
static bool
shares_log(const struct muster *m, const struct muster_row *row)
{
	size_t first;
	size_t n = muster_logs(m, row, &first);

	for (size_t i = 0; i < n; i++)
		if (strchr(m->logs[first + i].about, ' ') != NULL)
			return true;
	return false;
}

const char *
muster_name(const struct muster *m, const struct muster_row *row,
    char buf[static MUSTER_TEXT])
{
	if (m->setup.by == MUSTER_SEGMENT && row->title != NULL)
		snprintf(buf, MUSTER_TEXT, "%s (%s)", row->title, row->name);
	else if (m->setup.by == MUSTER_SEGMENT)
		snprintf(buf, MUSTER_TEXT, "%s",
		    row->name[0] == '\0' ? _("no segment") : row->name);
	else if (m->setup.by == MUSTER_UNIT && row->n_path > 0)
		snprintf(buf, MUSTER_TEXT, "%*s%s",
		    (int)(2 * (row->n_path - 1)), "",
		    row->path[row->n_path - 1]->name);
	else if (m->setup.by == MUSTER_UNIT)
		return muster_path(row, buf);
	else
		snprintf(buf, MUSTER_TEXT, "%s%s%s%s", row->name,
		    shares_log(m, row) ? " (" : "",
		    shares_log(m, row) ? row->about : "",
		    shares_log(m, row) ? ")" : "");
	return buf;
}

/* One letter for each cause. */
static const char *
letter(int cause)
{
	static const char *const letters[] = { [TALLY_POWER] = N_("P"),
		[TALLY_FAULT] = N_("F"),
		[TALLY_ORDER] = N_("O"),
		[TALLY_WORK] = N_("W"),
		[TALLY_UNKNOWN] = "?" };

	return cause == TALLY_UNKNOWN ? "?" : _(letters[cause]);
}

const char *
muster_legend(void)
{
	return _("36/40: aired whole, of the slots that were not left to a "
		 "relay (one that was lost counts as lost); the others by "
		 "cause: P power cut, F fault, O order, W preparation, ? not "
		 "known. d: days that no record tells of. –: no record tells "
		 "of any.");
}

const char *
muster_share(int64_t part, int64_t whole, char buf[static MUSTER_TEXT])
{
	struct civil_text n;

	buf[0] = '\0';
	if (whole > 0)
		snprintf(buf, MUSTER_TEXT, "%s%%",
		    say_decimal(100.0 * (double)part / (double)whole, 1, &n));
	return buf;
}

static int64_t
own(const struct muster_cell *c)
{
	return c->planned - c->external;
}

const char *
muster_cell_text(
    const struct muster_cell *c, bool brief, char buf[static MUSTER_TEXT])
{
	int lacking = c->days_due - c->days;

	buf[0] = '\0';
	if (c->days == 0 && c->planned == 0)
		return strcpy(buf, c->days_due > 0 ? "–" : "");
	if (!brief)
		add(buf, "", "%lld/%lld", (long long)c->aired,
		    (long long)own(c));
	else if (own(c) > 0) /* never up to 100 */
		add(buf, "", "%d%%", (int)(100 * c->aired / own(c)));
	else
		add(buf, "", "0/0");
	for (int i = 0; i < TALLY_CAUSES; i++) {
		if (c->missed[i] == 0)
			continue;
		if (brief)
			add(buf, "", "%s", letter(i));
		else
			add(buf, " ", "%s%lld", letter(i),
			    (long long)c->missed[i]);
	}
	if (lacking > 0)
		add(buf, " ", _("-%dd"), lacking);
	return buf;
}

/* What is not ordinary ------------------------------------------------------ */

static int64_t
local_day(int64_t us)
{
	int64_t day;
	int second;

	civil_from_us(us, &day, &second);
	return day;
}

/* What its logs say of themselves; the instant of the last record. */
static int64_t
remark_logs(
    const struct muster_log *logs, size_t n, char buf[static MUSTER_TEXT])
{
	int64_t last_us = 0;

	for (size_t i = 0; i < n; i++) {
		const struct muster_log *l = &logs[i];

		last_us = l->last_us > last_us ? l->last_us : last_us;
		if (l->forks > 0)
			add(buf, "; ", "%s",
			    _("HAS SIGNED TWO HISTORIES: only what was taken "
			      "in before counts"));
		if (l->trees > 1)
			add(buf, "; ",
			    _("its log began anew, times: %d, and all of it is "
			      "kept"),
			    l->trees - 1);
		if (l->given_up > 0)
			add(buf, "; ",
			    _("records that were cosigned and are not in its "
			      "log any more: %lld"),
			    (long long)l->given_up);
		if (l->twin != NULL)
			add(buf, "; ",
			    _("ITS RECORDS NAME THE SAME STATION as those of "
			      "%s"),
			    l->twin);
		if (l->replaced)
			add(buf, "; ", "%s", _("its computer was replaced"));
		if (l->rows != l->leaves)
			add(buf, "; ",
			    _("COUNTED: %lld of %lld records; run `loaxa "
			      "collect`"),
			    (long long)l->rows, (long long)l->leaves);
	}
	return last_us;
}

static void
remark_days(const struct muster *m, const struct muster_row *row,
    int64_t last_us, char buf[static MUSTER_TEXT])
{
	int64_t end = m->setup.to_day < m->setup.today ? m->setup.to_day
						       : m->setup.today - 1;
	struct civil_text at;

	if (last_us != 0 && local_day(last_us) < end && row->days_due > 0)
		add(buf, "; ", _("NO RECORDS SINCE %s"),
		    say_date(local_day(last_us), &at));
	if (row->days < row->days_due)
		add(buf, "; ",
		    _("days of which nothing is known: %d of %d, neither aired "
		      "nor missed"),
		    row->days_due - row->days, row->days_due);
	if (row->twice > 0)
		add(buf, "; ",
		    _("days that both of its computers tell of, counted once: "
		      "%d"),
		    row->twice);
}

const char *
muster_remark(const struct muster *m, const struct muster_row *row,
    char buf[static MUSTER_TEXT])
{
	int64_t power =
	    row->sum.lost_n[TALLY_POWER] + row->sum.part_n[TALLY_POWER];
	size_t first = 0;
	size_t n = muster_logs(m, row, &first);
	int64_t last_us;

	buf[0] = '\0';
	if (m->setup.by == MUSTER_SEGMENT || m->setup.by == MUSTER_UNIT)
		return buf;
	if (row->unknown) {
		add(buf, "", "%s",
		    _("NEVER ENTERED: `loaxa collect` does not know it"));
		return buf;
	}
	last_us = remark_logs(m->logs + first, n, buf);
	if (last_us == 0 && row->days == 0)
		add(buf, "; ", "%s", _("NEVER HEARD: nothing came of it"));
	else
		remark_days(m, row, last_us, buf);
	if (power > 0)
		add(buf, "; ", _("power cuts: slots %lld"), (long long)power);
	return buf;
}

const char *
muster_only(const struct muster *m, char buf[static MUSTER_TEXT])
{
	const struct muster_setup *s = &m->setup;
	const struct unit *e = units_on(s->units, s->unit,
	    s->as_of == MUSTER_NO_DAY ? s->to_day : s->as_of);

	buf[0] = '\0';
	if (s->unit[0] != '\0')
		add(buf, "",
		    _("Only what is in %s (%s) or below it: nothing "
		      "else is in any figure."),
		    e == NULL ? s->unit : e->name, s->unit);
	if (s->station[0] != '\0')
		add(buf, " ", _("Only %s: no other station is in any figure."),
		    s->station);
	return buf;
}

static void
note_as_of(
    const struct muster *m, void (*fn)(void *arg, const char *line), void *arg)
{
	struct civil_text day;
	char line[MUSTER_TEXT];

	if (m->setup.as_of == MUSTER_NO_DAY)
		return;
	snprintf(line, sizeof(line),
	    _("All years are told under the units as of %s."),
	    say_date(m->setup.as_of, &day));
	fn(arg, line);
}

static void
note_without(
    const struct muster *m, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[MUSTER_TEXT] = "";

	for (size_t i = 0; i < m->setup.n_without; i++)
		add(line, ", ", "%s%s",
		    i == 0 ? _("LEFT OUT, as was asked, and in no figure: ")
			   : "",
		    m->setup.without[i]);
	if (line[0] != '\0')
		fn(arg, line);
}

static void
note_rank(
    const struct muster *m, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[MUSTER_TEXT];

	if (m->setup.by != MUSTER_RANK)
		return;
	fn(arg,
	    _("Share = aired whole / (aired whole + not aired or in part by "
	      "preparation or a fault). Power cuts, orders, relays and lost "
	      "records count neither for nor against."));
	snprintf(line, sizeof(line),
	    _("The same share is the same place. Not placed: with fewer than "
	      "%d such slots, with more than a tenth of its days not known, or "
	      "with two signed histories."),
	    MUSTER_RANK_MIN);
	fn(arg, line);
}

void
muster_notes(
    const struct muster *m, void (*fn)(void *arg, const char *line), void *arg)
{
	char line[MUSTER_TEXT];

	logbook_identity(&m->sum, line, sizeof(line));
	fn(arg, line);
	if (muster_only(m, line)[0] != '\0')
		fn(arg, line);
	note_rank(m, fn, arg);
	if (m->n_columns > 0)
		fn(arg, muster_legend());
	note_as_of(m, fn, arg);
	note_without(m, fn, arg);
	if (m->days < m->days_due) {
		snprintf(line, sizeof(line),
		    _("Days of stations of which nothing is known: %d of %d."),
		    m->days_due - m->days, m->days_due);
		fn(arg, line);
	}
	if (m->sum.open > 0) {
		snprintf(line, sizeof(line),
		    _("Slots still to come, which no figure has: %lld."),
		    (long long)m->sum.open);
		fn(arg, line);
	}
	logbook_causes(&m->sum, fn, arg);
}

const char *
muster_log_text(const struct muster_log *l, char buf[static MUSTER_TEXT])
{
	if (l->origin[0] == '\0')
		snprintf(
		    buf, MUSTER_TEXT, _("%s: no signed log came yet"), l->name);
	else
		snprintf(buf, MUSTER_TEXT,
		    _("%s: records %lld; log %s; root %s"), l->name,
		    (long long)l->size, l->origin, l->root);
	return buf;
}
