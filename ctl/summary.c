/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/prose.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "ctl/summary.h"
#include "ctl/table.h"

#define WORDS 11 /* points of running text */
#define TEXT 4000 /* bytes of a line of prose before its groups */

#define FIGURE(name, text, member) \
	{ \
		name, text, offsetof(struct tally_sum, member) \
	}

const struct summary_field summary_fields[] = {
	FIGURE("planned", N_("slots planned"), planned),
	FIGURE("open", N_("still to come"), open),
	FIGURE("aired", N_("aired"), aired),
	FIGURE("aired_partial", N_("aired in part"), aired_partial),
	FIGURE("not_aired", N_("not aired"), not_aired),
	FIGURE("external", N_("left to relays"), external),
	FIGURE("first_n", N_("first runs"), run_n[TALLY_FIRST]),
	FIGURE("first_ms", N_("first runs, length"), run_ms[TALLY_FIRST]),
	FIGURE("repeat_n", N_("repeats (PL)"), run_n[TALLY_REPEAT]),
	FIGURE("repeat_ms", N_("repeats (PL), length"), run_ms[TALLY_REPEAT]),
	FIGURE("other_n", N_("tunes and music"), run_n[TALLY_OTHER]),
	FIGURE("other_ms", N_("tunes and music, length"), run_ms[TALLY_OTHER]),
	FIGURE("planned_ms", N_("planned, length"), planned_ms),
	FIGURE("relay_ms", N_("relays, length"), relay_ms),
	FIGURE("signal_ms", N_("relays, signal measured"), signal_ms),
	FIGURE("unscheduled", N_("beside the plan"), unscheduled),
	FIGURE("unscheduled_ms", N_("beside the plan, length"), unscheduled_ms),
	FIGURE("music_ms", N_("music beside the plan, length"), music_ms),
	FIGURE("not_aired_power", N_("not aired: power"), lost_n[TALLY_POWER]),
	FIGURE("not_aired_fault", N_("not aired: fault"), lost_n[TALLY_FAULT]),
	FIGURE("not_aired_order", N_("not aired: order"), lost_n[TALLY_ORDER]),
	FIGURE(
	    "not_aired_work", N_("not aired: preparation"), lost_n[TALLY_WORK]),
	FIGURE("not_aired_unknown", N_("not aired: not known"),
	    lost_n[TALLY_UNKNOWN]),
	FIGURE("partial_power", N_("in part: power"), part_n[TALLY_POWER]),
	FIGURE("partial_fault", N_("in part: fault"), part_n[TALLY_FAULT]),
	FIGURE("partial_order", N_("in part: order"), part_n[TALLY_ORDER]),
	FIGURE("partial_work", N_("in part: preparation"), part_n[TALLY_WORK]),
	FIGURE(
	    "partial_unknown", N_("in part: not known"), part_n[TALLY_UNKNOWN]),
};

const size_t summary_n_fields = COUNT(summary_fields);

/* Texts ------------------------------------------------------------------ */

static const char *
station_name(const struct summary *m)
{
	return m->station[0] == '\0'
		   ? _("all stations of this log")
		   : headings_station(m->headings, m->station);
}

static const char *
length(int64_t ms, struct civil_text *buf)
{
	return say_length(ms * US_PER_MS, buf);
}

static void
period_text(const struct summary *m, char *buf, size_t size)
{
	struct civil_text from, to;

	snprintf(buf, size, _("from %s to %s"), say_date(m->from_day, &from),
	    say_date(m->to_day, &to));
}

char *
summary_title(const struct summary *m)
{
	char period[100];
	char *text;

	period_text(m, period, sizeof(period));
	if (asprintf(&text, "%s, %s, %s", _("Report of airings"),
		station_name(m), period) < 0)
		return NULL;
	return text;
}

/* A terminal --------------------------------------------------------------- */

static int
add_row(struct table *t, const char *name, const struct tally_sum *s)
{
	struct civil_text first, repeat, all;
	char n[5][24];
	const int64_t counts[] = { s->planned, s->run_n[TALLY_FIRST],
		s->run_n[TALLY_REPEAT], s->aired_partial, s->not_aired };

	for (size_t i = 0; i < COUNT(counts); i++)
		snprintf(n[i], sizeof(n[i]), "%lld", (long long)counts[i]);
	return table_row(t, (const char *const[]){ name, n[0], n[1],
				length(s->run_ms[TALLY_FIRST], &first), n[2],
				length(s->run_ms[TALLY_REPEAT], &repeat), n[3],
				n[4], length(tally_sent_ms(s), &all) });
}

static void
print_line(void *arg, const char *line)
{
	say_line(arg, "  %s", line);
}

static void
print_rest(const struct summary *m, FILE *out)
{
	const struct tally_sum *s = &m->tally->sum;
	struct civil_text left, with;
	char code[TALLY_CODE];
	char line[600];

	if (m->headings->by == HEADING_TAG)
		say_line(out, "%s",
		    _("What has several tags counts under each of them, and "
		      "once in all."));
	logbook_identity(s, line, sizeof(line));
	say_line(out, "%s", line);
	logbook_reach(m->tally, m->from_day, m->to_day, line, sizeof(line));
	if (line[0] != '\0')
		say_line(out, "  %s", line);
	if (s->open > 0)
		say_line(out, _("  still to come: %lld"), (long long)s->open);
	logbook_causes(s, print_line, out);
	if (s->external > 0)
		say_line(out,
		    _("Relays: %lld slots, %s left to them, of which %s with "
		      "a signal measured here; not counted as sent by the "
		      "station."),
		    (long long)s->external, length(s->relay_ms, &left),
		    length(s->signal_ms, &with));
	logbook_music(m->tally, line, sizeof(line));
	if (line[0] != '\0')
		say_line(out, "%s", line);
	silences_print(m->tally->outages, "  ", out);
	seals_lines(m->seals, print_line, out);
	say_line(out, _("  code %s"), tally_code(m->tally, code));
}

int
summary_print(const struct summary *m, FILE *out)
{
	const struct column columns[] = { { heading_title(m->headings->by),
					      COLUMN_ELASTIC },
		{ _("PLANNED"), COLUMN_RIGHT }, { _("NEW"), COLUMN_RIGHT },
		{ _("LENGTH"), COLUMN_RIGHT }, { _("PL"), COLUMN_RIGHT },
		{ _("LENGTH"), COLUMN_RIGHT },
		{ _("IN PART"), COLUMN_RIGHT | COLUMN_SPARE },
		{ _("NOT AIRED"), COLUMN_RIGHT },
		{ _("SENT IN ALL"), COLUMN_RIGHT } };
	struct table *t = table_new(columns, COUNT(columns));
	char *title = summary_title(m);
	int r = t == NULL || title == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < m->groups->n && r == 0; i++)
		if (m->groups->list[i].sum.planned +
			m->groups->list[i].sum.open !=
		    0) /* else beside the plan: no hours */
			r = add_row(t,
			    headings_text(m->headings, m->groups->list[i].key),
			    &m->groups->list[i].sum);
	if (r == 0)
		r = add_row(t, _("IN ALL"), &m->tally->sum);
	if (r == 0) {
		say_line(out, "%s%s%s", title, m->due[0] == '\0' ? "" : "; ",
		    m->due);
		table_print(t, out, table_width(out));
		print_rest(m, out);
	}
	table_free(t);
	free(title);
	return r;
}

/* CSV ---------------------------------------------------------------------- */

static void
put_csv(const struct summary *m, FILE *out, const char *key, const char *name,
    const struct tally_sum *s)
{
	char hash[CHECKPOINT_HASH] = "";
	struct civil_text from, to;
	char code[TALLY_CODE];

	fprintf(out, "%s,%s,%s,%s,", civil_date_text(m->from_day, &from),
	    civil_date_text(m->to_day, &to), m->station,
	    heading_word(m->headings->by));
	say_csv(out, key);
	fputc(',', out);
	say_csv(out, name);
	for (size_t i = 0; i < summary_n_fields; i++)
		fprintf(out, ",%lld",
		    (long long)summary_figure(s, &summary_fields[i]));
	fprintf(out, ",%lld,%s,%s\r\n",
	    (long long)(m->seals->exists ? m->seals->last.size : 0),
	    m->seals->exists ? checkpoint_hash_text(&m->seals->last.root, hash)
			     : "",
	    tally_code(m->tally, code));
}

int
summary_csv(const struct summary *m, FILE *out)
{
	fputs("from,to,station,by,key,name", out);
	for (size_t i = 0; i < summary_n_fields; i++)
		fprintf(out, ",%s", summary_fields[i].name);
	fputs(",log_size,log_root,code\r\n", out);
	for (size_t i = 0; i < m->groups->n; i++)
		put_csv(m, out, m->groups->list[i].key,
		    headings_text(m->headings, m->groups->list[i].key),
		    &m->groups->list[i].sum);
	put_csv(m, out, "total", "", &m->tally->sum);
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* JSON --------------------------------------------------------------------- */

static json_t *
sum_json(const struct tally_sum *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < summary_n_fields; i++)
		json_object_set_new(o, summary_fields[i].name,
		    json_integer(summary_figure(s, &summary_fields[i])));
	return o;
}

json_t *
summary_json(const struct summary *m)
{
	json_t *groups = json_array();
	struct civil_text from, to;
	char code[TALLY_CODE];

	for (size_t i = 0; i < m->groups->n; i++) {
		const struct tally_group *g = &m->groups->list[i];
		json_t *o = sum_json(&g->sum);

		json_object_set_new(o, "key", json_string(g->key));
		json_object_set_new(
		    o, "name", json_string(headings_text(m->headings, g->key)));
		json_array_append_new(groups, o);
	}
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:b,s:s,s:o,s:O}", "from",
	    civil_date_text(m->from_day, &from), "to",
	    civil_date_text(m->to_day, &to), "station", m->station, "by",
	    heading_word(m->headings->by), "groups", groups, "total",
	    sum_json(&m->tally->sum), "holds", (int)tally_holds(&m->tally->sum),
	    "code", tally_code(m->tally, code), "seal", seals_json(m->seals),
	    "outages", m->tally->outages);
}

/* Prose -------------------------------------------------------------------- */

/* Beside what was planned. */
static void
prose_beside(const struct tally *t, FILE *out)
{
	const struct tally_sum *s = &t->sum;
	struct civil_text left;
	char line[300];

	if (s->unscheduled > 0)
		fprintf(out, _("Beside the plan: airings %lld (%s). "),
		    (long long)s->unscheduled,
		    length(s->unscheduled_ms, &left));
	logbook_music(t, line, sizeof(line));
	if (line[0] != '\0')
		fprintf(out, "%s ", line);
}

/* What keeps the period from being whole. */
static void
prose_lacks(const struct summary *m, FILE *out)
{
	char line[600];

	logbook_reach(m->tally, m->from_day, m->to_day, line, sizeof(line));
	if (line[0] != '\0')
		fprintf(out, "%s ", line);
	prose_open(out, &m->tally->sum);
}

/* "By segment: A 12 (3 h), B 4 (40 min)." */
static void
prose_groups(const struct summary *m, FILE *out)
{
	static const char *const by[] = {
		[HEADING_SEGMENT] = N_("By segment: "),
		[HEADING_PLAN] = N_("By plan: "),
		[HEADING_LANGUAGE] = N_("By language: "),
		[HEADING_SOURCE] = N_("By source: "),
		[HEADING_CLASS] = N_("By class: "),
		[HEADING_STATION] = N_("By station: "),
		[HEADING_TAG] = N_("By tag, an airing under each of its tags "
				   "and once in all: "),
	};
	const char *between = "";

	for (size_t i = 0; i < m->groups->n; i++) {
		const struct tally_group *g = &m->groups->list[i];
		struct civil_text sent;

		if (tally_sent_n(&g->sum) == 0)
			continue;
		fprintf(out, _("%s%s airings %lld (%s)"),
		    between[0] == '\0' ? _(by[m->headings->by]) : between,
		    headings_text(m->headings, g->key),
		    (long long)tally_sent_n(&g->sum),
		    length(tally_sent_ms(&g->sum), &sent));
		between = "; ";
	}
	if (between[0] != '\0')
		fputs(". ", out);
}

static void
prose_seal(const struct summary *m, FILE *out)
{
	char hash[CHECKPOINT_HASH];
	char code[TALLY_CODE];

	if (m->seals->covers)
		fprintf(out,
		    _("The figures are those of the airing log, signed: "
		      "records %lld, root %s; code %s."),
		    (long long)m->seals->last.size,
		    checkpoint_hash_text(&m->seals->last.root, hash),
		    tally_code(m->tally, code));
	else
		fprintf(out,
		    _("The figures are those of the airing log, which is not "
		      "signed that far; code %s."),
		    tally_code(m->tally, code));
}

void
summary_prose(const struct summary *m, FILE *out)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return;
	prose_sent(to, &m->tally->sum, station_name(m), m->from_day, m->to_day);
	prose_lacks(m, to);
	prose_plan(to, &m->tally->sum);
	prose_beside(m->tally, to);
	prose_losses(to, &m->tally->sum);
	prose_groups(m, to);
	prose_seal(m, to);
	if (fclose(to) == 0)
		say_line(out, "%s", text);
	free(text);
}

/* Pages -------------------------------------------------------------------- */

static void
put_line(void *arg, const char *line)
{
	char text[900];

	snprintf(text, sizeof(text), "– %s", line);
	page_text(arg, WORDS, 0, text);
}

static void
draw_paragraph(struct page *p, const struct summary *m)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return;
	summary_prose(m, to);
	if (fclose(to) == 0 && n > 0) {
		text[n - 1] = '\0'; /* its line feed */
		page_text(p, WORDS, 0, text);
	}
	free(text);
}

void
summary_draw(struct page *p, void *arg)
{
	const struct summary *m = arg;
	struct civil_text at;
	char line[400];

	logbook_letterhead(p, station_name(m));
	page_text(p, 15, PAGE_BOLD | PAGE_CENTRE, _("REPORT OF AIRINGS"));
	period_text(m, line, sizeof(line));
	page_text(p, WORDS, PAGE_CENTRE, line);
	if (m->deadline[0] != '\0')
		page_text(p, WORDS, PAGE_CENTRE | PAGE_ITALIC, m->deadline);
	page_gap(p, 8);
	draw_paragraph(p, m);
	page_gap(p, 8);
	logbook_identity(&m->tally->sum, line, sizeof(line));
	page_text(p, WORDS, PAGE_BOLD, line);
	page_gap(p, 4);
	logbook_groups(p, m->headings, m->groups, &m->tally->sum);
	if (m->headings->by == HEADING_TAG)
		put_line(
		    p, _("What has several tags counts under each of them, and "
			 "once in all."));
	logbook_causes(&m->tally->sum, put_line, p);
	logbook_music(m->tally, line, sizeof(line));
	if (line[0] != '\0')
		put_line(p, line);
	/* No signature stands on a page that says nothing. */
	page_keep(p, 70 + LOGBOOK_SIGNING);
	seals_lines(m->seals, put_line, p);
	snprintf(line, sizeof(line), _("Made at %s by loaxa %s."),
	    say_instant(m->now_us, &at), LOAXA_VERSION);
	put_line(p, line);
	page_text(p, WORDS - 1, PAGE_ITALIC,
	    _("Aired means: sent to the amplifier (grade 2), as measured. It "
	      "does not prove that a loudspeaker sounded."));
	logbook_signatures(p, _("PREPARED BY"), "", "");
}
