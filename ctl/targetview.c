/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/targetview.h"
#include "evidence/record.h"

#define WORDS 10 /* points of running text */
#define CELLS 8.5 /* points of a table */

/* The counts that a target may have. `asked` is its key, in airings or in
 * minutes, `left` that of what is lacking, in airings or in milliseconds. */
static const struct {
	const char *asked;
	const char *left;
	bool minutes;
	const char *of; /* which runs; "" all */
} counts[] = {
	{ "airings", "airings", false, "" },
	{ "first_airings", "first_airings", false, N_("new: ") },
	{ "repeat_airings", "repeat_airings", false, N_("PL: ") },
	{ "minutes", "ms", true, "" },
	{ "first_minutes", "first_ms", true, N_("new: ") },
	{ "repeat_minutes", "repeat_ms", true, N_("PL: ") },
};

/* Texts ------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void
add(struct target_text *c, const char *between, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(
	    c->s + c->n, sizeof(c->s) - c->n, "%s", c->n == 0 ? "" : between);

	c->n += n < 0 ? 0 : (size_t)n;
	if (c->n >= sizeof(c->s))
		c->n = sizeof(c->s) - 1;
	va_start(ap, fmt);
	n = vsnprintf(c->s + c->n, sizeof(c->s) - c->n, fmt, ap);
	va_end(ap);
	c->n += n < 0 ? 0 : (size_t)n;
	if (c->n >= sizeof(c->s))
		c->n = sizeof(c->s) - 1;
}

/* One count, as its number of airings or as a length. */
static void
add_count(struct target_text *c, size_t i, int64_t n)
{
	const char *of = counts[i].of[0] == '\0' ? "" : _(counts[i].of);
	struct civil_text length;

	if (counts[i].minutes)
		add(c, ", ", "%s%s", of, say_length(n * US_PER_MS, &length));
	else
		add(c, ", ", _("%sairings %lld"), of, (long long)n);
}

/* "airings 3, new: 45 min"; what a target asks, or what is lacking of
 * it (of which nothing is told that is 0). */
static void
counts_text(const json_t *o, bool lacking, struct target_text *c)
{
	*c = (struct target_text){ 0 };
	for (size_t i = 0; i < COUNT(counts); i++) {
		int64_t n = record_int(
		    o, lacking ? counts[i].left : counts[i].asked, 0);

		if (n > 0)
			add_count(c, i,
			    lacking || !counts[i].minutes
				? n
				: n * (US_PER_MIN / US_PER_MS));
	}
}

/* "2+1, 45 min": new and repeats, and all that lasts. */
static void
sum_text(const json_t *o, struct target_text *c)
{
	struct civil_text length;

	*c = (struct target_text){ 0 };
	add(c, "", "%lld+%lld, %s", (long long)record_int(o, "first_n", 0),
	    (long long)record_int(o, "repeat_n", 0),
	    say_length(
		(record_int(o, "first_ms", 0) + record_int(o, "repeat_ms", 0)) *
		    US_PER_MS,
		&length));
}

static const char *
date_text(const json_t *row, const char *key, struct civil_text *buf)
{
	int64_t day;

	if (civil_read_date(record_text(row, key), &day) < 0)
		return "?";
	return say_date(day, buf);
}

/* "week 48 of 2026", "month 11 of 2026", "year 2026"; no target has none. */
static void
period_text(const json_t *row, struct target_text *c)
{
	const char *per = record_text(row, "per");
	const char *period = record_text(row, "period");
	struct civil_text from;
	int year = 0;
	int n = 0;

	*c = (struct target_text){ 0 };
	sscanf(period, "%4d-%*[WQ]%2d", &year, &n);
	if (strcmp(per, "week") == 0)
		add(c, "", _("week %d of %d"), n, year);
	else if (strcmp(per, "quarter") == 0)
		add(c, "", _("quarter %d of %d"), n, year);
	else if (strcmp(per, "month") == 0 &&
		 sscanf(period, "%4d-%2d", &year, &n) == 2)
		add(c, "", _("month %d of %d"), n, year);
	else if (strcmp(per, "year") == 0)
		add(c, "", _("year %s"), period);
	else if (strcmp(per, "day") == 0)
		add(c, "", "%s", date_text(row, "from", &from));
	else
		add(c, "", "%s", _("these days"));
}

static bool
has(const json_t *row, const char *key)
{
	return json_is_true(json_object_get(row, key)) ||
	       json_is_string(json_object_get(row, key));
}

static const char *
state_text(const json_t *row)
{
	static const struct {
		const char *state;
		const char *text;
	} states[] = {
		{ "met", N_("reached") },
		{ "open", N_("not yet") },
		{ "lacking", N_("NOT reached") },
		{ "unsure", N_("not certain") },
		{ "none", N_("none is set") },
	};

	for (size_t i = 0; i < COUNT(states); i++)
		if (strcmp(states[i].state, record_text(row, "state")) == 0)
			return _(states[i].text);
	return "";
}

/* What a reader must know beside the figures, a line each; "" for nothing. */
static void
remarks_text(const json_t *row, struct target_text *c)
{
	int64_t partial = record_int(row, "partial_n", 0);
	int64_t not_aired = record_int(row, "not_aired_n", 0);
	int64_t open = record_int(row, "open_n", 0);
	struct civil_text from, to;

	*c = (struct target_text){ 0 };
	if (strcmp(record_text(row, "state"), "open") == 0)
		add(c, "\n", _("there is time until %s"),
		    date_text(row, "to", &to));
	if (strcmp(record_text(row, "state"), "unsure") == 0)
		add(c, "\n", "%s", _("the log does not tell all of it"));
	if (partial > 0)
		add(c, "\n", _("aired in part %lld, no airing"),
		    (long long)partial);
	if (not_aired > 0)
		add(c, "\n", _("not aired %lld"), (long long)not_aired);
	if (open > 0)
		add(c, "\n", _("still to come %lld"), (long long)open);
	if (has(row, "cut"))
		add(c, "\n", _("cut by these days, counted whole: %s to %s"),
		    date_text(row, "from", &from), date_text(row, "to", &to));
	if (has(row, "log_from"))
		add(c, "\n", _("the log begins on %s"),
		    date_text(row, "log_from", &from));
	if (has(row, "changed"))
		add(c, "\n", "%s",
		    _("the target was set or changed within it, the last "
		      "one counts"));
}

/* The dash of the other forms is no text of a cell here. */
void
targetview_words(const json_t *row, struct target_words *ret)
{
	period_text(row, &ret->period);
	counts_text(json_object_get(row, "target"), false, &ret->target);
	counts_text(json_object_get(row, "lacking"), true, &ret->lacking);
	remarks_text(row, &ret->remarks);
	ret->state = state_text(row);
}

/* A terminal -------------------------------------------------------------- */

static bool
is_other(const json_t *row, const json_t *before, const char *key)
{
	return before == NULL || !json_equal(json_object_get(row, key),
				     json_object_get(before, key));
}

/* Of which station, plan and segment the rows below it are; "" where those
 * above it are of the same. */
static void
heads_text(const struct targetview *v, const json_t *row, const json_t *before,
    struct target_text *whose, struct target_text *segment)
{
	const json_t *plan = json_object_get(row, "plan");
	bool other =
	    is_other(row, before, "station") || is_other(row, before, "plan");
	char *text;

	*whose = (struct target_text){ 0 };
	*segment = (struct target_text){ 0 };
	if (other) {
		text = json_is_object(plan) ? headings_plan(plan, true)
					    : strdup(_("not of a plan"));
		if (v->station[0] == '\0')
			add(whose, "", "%s: ",
			    headings_station(
				v->headings, record_text(row, "station")));
		add(whose, "", "%s", text == NULL ? "" : text);
		free(text);
	}
	if (other || is_other(row, before, "segment"))
		add(segment, "", "  %s", record_text(row, "title"));
}

static int
add_heads(const struct targetview *v, struct table *t, const json_t *row,
    const json_t *before)
{
	struct target_text whose, segment;
	int r = 0;

	heads_text(v, row, before, &whose, &segment);
	if (whose.n > 0)
		r = table_line(t, whose.s);
	if (r == 0 && segment.n > 0)
		r = table_line(t, segment.s);
	return r;
}

/* The cells of a row. */
struct cells {
	struct target_text period, target, planned, aired, lacking;
};

static void
cells_text(const json_t *row, struct cells *c)
{
	period_text(row, &c->period);
	counts_text(json_object_get(row, "target"), false, &c->target);
	sum_text(json_object_get(row, "planned"), &c->planned);
	sum_text(json_object_get(row, "aired"), &c->aired);
	counts_text(json_object_get(row, "lacking"), true, &c->lacking);
	if (c->target.n == 0)
		add(&c->target, "", "–");
	if (c->lacking.n == 0)
		add(&c->lacking, "", "–");
}

static int
add_row(struct table *t, const json_t *row)
{
	struct cells c;
	struct target_text note;
	char *rest;
	int r;

	cells_text(row, &c);
	r = table_row(
	    t, (const char *const[]){ c.period.s, c.target.s, c.planned.s,
		   c.aired.s, c.lacking.s, state_text(row) });
	remarks_text(row, &note);
	for (char *one = strtok_r(note.s, "\n", &rest); r == 0 && one != NULL;
	     one = strtok_r(NULL, "\n", &rest)) {
		struct target_text line = { 0 };

		add(&line, "", "      %s", one);
		r = table_line(t, line.s);
	}
	return r;
}

static void
print_line(void *arg, const char *line)
{
	say_line(arg, "  %s", line);
}

static void
print_note(void *arg, const char *line)
{
	say_line(arg, "%s", line);
}

void
targetview_notes(const struct targetview *v,
    void (*fn)(void *arg, const char *line), void *arg)
{
	struct civil_text from, to;
	const json_t *u;
	size_t i;

	if (json_array_size(v->targets->rows) > 0)
		fn(arg,
		    _("2+1: first runs and repeats (PL), aired whole; the "
		      "length is as measured, with what aired in part. "
		      "Planned is what the day sheets of the log say, until "
		      "now."));
	else if (json_array_size(v->targets->untold) == 0)
		fn(arg,
		    _("No segment has a target or a plan; write them into the "
		      "timetable: loaxa-schedule(5)."));
	json_array_foreach(v->targets->untold, i, u)
	{
		struct target_text c = { 0 };

		add(&c, "",
		    _("%s: the log does not tell which targets there were "
		      "from %s to %s; they are not guessed."),
		    headings_station(v->headings, record_text(u, "station")),
		    date_text(u, "from", &from), date_text(u, "to", &to));
		fn(arg, c.s);
	}
}

static const char *
whose(const struct targetview *v)
{
	return v->station[0] == '\0'
		   ? _("all stations of this log")
		   : headings_station(v->headings, v->station);
}

char *
targetview_title(const struct targetview *v)
{
	struct civil_text from, to;
	char *title;

	return asprintf(&title, _("Targets, %s, from %s to %s"), whose(v),
		   say_date(v->from_day, &from), say_date(v->to_day, &to)) < 0
		   ? NULL
		   : title;
}

int
targetview_print(const struct targetview *v, FILE *out)
{
	const struct column columns[] = { { _("PERIOD"), 0 },
		{ _("TARGET"), COLUMN_ELASTIC }, { _("PLANNED"), 0 },
		{ _("AIRED"), 0 }, { _("LACKING"), COLUMN_ELASTIC },
		{ _("STATE"), 0 } };
	struct table *t = table_new(columns, COUNT(columns));
	char *title = targetview_title(v);
	const json_t *before = NULL;
	const json_t *row;
	size_t i;
	int r = t == NULL || title == NULL ? -ENOMEM : 0;

	json_array_foreach(v->targets->rows, i, row)
	{
		if (r == 0)
			r = add_heads(v, t, row, before);
		if (r == 0)
			r = add_row(t, row);
		before = row;
	}
	if (r == 0) {
		say_line(out, "%s", title);
		if (table_rows(t) > 0)
			table_print(t, out, table_width(out));
		targetview_notes(v, print_note, out);
		seals_lines(v->seals, print_line, out);
	}
	table_free(t);
	free(title);
	return r;
}

/* Pages -------------------------------------------------------------------- */

static void
draw_line(void *arg, const char *line)
{
	struct target_text c = { 0 };

	add(&c, "", "– %s", line);
	page_text(arg, WORDS, 0, c.s);
}

static void
draw_row(struct page *p, const struct targetview *v, const json_t *row,
    const json_t *before)
{
	struct target_text whose_text, segment, note, state = { 0 };
	struct cells c;

	heads_text(v, row, before, &whose_text, &segment);
	if (whose_text.n > 0)
		page_band(p, PAGE_BOLD | PAGE_SHADE, whose_text.s);
	if (segment.n > 0)
		page_band(p, PAGE_BOLD, segment.s);
	cells_text(row, &c);
	remarks_text(row, &note);
	add(&state, "", "%s", state_text(row));
	if (note.n > 0)
		add(&state, "\n", "%s", note.s);
	page_row(p,
	    (const char *const[]){ c.period.s, c.target.s, c.planned.s,
		c.aired.s, c.lacking.s, state.s },
	    0);
}

static void
draw_rows(struct page *p, const struct targetview *v)
{
	const struct page_column columns[] = { { NULL, _("PERIOD"), 80, 0 },
		{ NULL, _("TARGET"), 85, 0 }, { NULL, _("PLANNED"), 75, 0 },
		{ NULL, _("AIRED"), 75, 0 }, { NULL, _("LACKING"), 85, 0 },
		{ NULL, _("STATE"), 110, 0 } };
	const json_t *before = NULL;
	const json_t *row;
	size_t i;

	if (json_array_size(v->targets->rows) == 0)
		return;
	page_table(p, CELLS, columns, COUNT(columns));
	json_array_foreach(v->targets->rows, i, row)
	{
		draw_row(p, v, row, before);
		before = row;
	}
	page_table_end(p);
	page_gap(p, 6);
}

void
targetview_draw(struct page *p, void *arg)
{
	const struct targetview *v = arg;
	char *title = targetview_title(v);
	struct civil_text at;
	struct target_text made = { 0 };

	logbook_letterhead(p, whose(v));
	page_text(p, 14, PAGE_BOLD | PAGE_CENTRE, title == NULL ? "" : title);
	free(title);
	if (v->deadline[0] != '\0')
		page_text(p, WORDS, PAGE_CENTRE | PAGE_ITALIC, v->deadline);
	page_gap(p, 8);
	draw_rows(p, v);
	targetview_notes(v, draw_line, p);
	page_keep(p, 60 + LOGBOOK_SIGNING);
	page_gap(p, 6);
	page_text(p, WORDS, PAGE_BOLD, _("THE LOG BEHIND THIS PAPER"));
	seals_lines(v->seals, draw_line, p);
	add(&made, "", _("Made at %s by loaxa %s."),
	    say_instant(v->now_us, &at), LOAXA_VERSION);
	draw_line(p, made.s);
	page_text(p, WORDS - 1, PAGE_ITALIC,
	    _("Aired means: sent to the amplifier (grade 2), as measured. It "
	      "does not prove that a loudspeaker sounded."));
	logbook_signatures(p, _("PREPARED BY"), "", "");
}

/* CSV ---------------------------------------------------------------------- */

/* Texts of an object, each behind a comma. */
static void
put_texts(FILE *out, const json_t *o, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fputc(',', out);
		say_csv(out, record_text(o, keys[i]));
	}
}

static void
put_number(FILE *out, const json_t *o, const char *key)
{
	if (json_is_integer(json_object_get(o, key)))
		fprintf(out, ",%lld", (long long)record_int(o, key, 0));
	else
		fputc(',', out);
}

static const char *const texts[] = { "segment", "title", "per", "period",
	"from", "to" };
static const char *const plan_texts[] = { "no", "date", "issuer", "subject" };
static const char *const flags[] = { "cut", "over", "changed" };
static const char *const sums[] = { "planned", "aired" };
static const char *const figures[] = { "first_n", "repeat_n", "first_ms",
	"repeat_ms" };
static const char *const others[] = { "open_n", "partial_n", "not_aired_n" };

static void
put_head(FILE *out)
{
	fputs("station", out);
	for (size_t i = 0; i < COUNT(plan_texts); i++)
		fprintf(out, ",plan_%s", plan_texts[i]);
	fputs(",parent_no", out);
	for (size_t i = 0; i < COUNT(texts); i++)
		fprintf(out, ",%s", texts[i]);
	for (size_t i = 0; i < COUNT(flags); i++)
		fprintf(out, ",%s", flags[i]);
	fputs(",log_from", out);
	for (size_t i = 0; i < COUNT(counts); i++)
		fprintf(out, ",target_%s", counts[i].asked);
	for (size_t i = 0; i < COUNT(sums); i++)
		for (size_t k = 0; k < COUNT(figures); k++)
			fprintf(out, ",%s_%s", sums[i], figures[k]);
	for (size_t i = 0; i < COUNT(others); i++)
		fprintf(out, ",%s", others[i]);
	for (size_t i = 0; i < COUNT(counts); i++)
		fprintf(out, ",lacking_%s", counts[i].left);
	fputs(",state,log_size,log_root\r\n", out);
}

static void
put_row(const struct targetview *v, FILE *out, const json_t *row)
{
	static const char *const no[] = { "no" };
	static const char *const log_from[] = { "log_from" };
	const json_t *plan = json_object_get(row, "plan");
	const struct seals *s = v->seals;
	char hash[CHECKPOINT_HASH] = "";

	say_csv(out, record_text(row, "station"));
	put_texts(out, plan, plan_texts, COUNT(plan_texts));
	put_texts(out, json_object_get(plan, "parent"), no, COUNT(no));
	put_texts(out, row, texts, COUNT(texts));
	for (size_t i = 0; i < COUNT(flags); i++)
		fprintf(out, ",%d", has(row, flags[i]));
	put_texts(out, row, log_from, COUNT(log_from));
	for (size_t i = 0; i < COUNT(counts); i++)
		put_number(
		    out, json_object_get(row, "target"), counts[i].asked);
	for (size_t i = 0; i < COUNT(sums); i++)
		for (size_t k = 0; k < COUNT(figures); k++)
			put_number(
			    out, json_object_get(row, sums[i]), figures[k]);
	for (size_t i = 0; i < COUNT(others); i++)
		put_number(out, row, others[i]);
	for (size_t i = 0; i < COUNT(counts); i++)
		put_number(
		    out, json_object_get(row, "lacking"), counts[i].left);
	fprintf(out, ",%s,%lld,%s\r\n", record_text(row, "state"),
	    (long long)(s->exists ? s->last.size : 0),
	    s->exists ? checkpoint_hash_text(&s->last.root, hash) : "");
}

int
targetview_csv(const struct targetview *v, FILE *out)
{
	const json_t *row;
	size_t i;

	put_head(out);
	json_array_foreach(v->targets->rows, i, row)
	{
		put_row(v, out, row);
	}
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* JSON --------------------------------------------------------------------- */

json_t *
targetview_json(const struct targetview *v)
{
	struct civil_text from, to;

	return json_pack("{s:s,s:s,s:s,s:O,s:O,s:o}", "from",
	    civil_date_text(v->from_day, &from), "to",
	    civil_date_text(v->to_day, &to), "station", v->station, "rows",
	    v->targets->rows, "untold", v->targets->untold, "seal",
	    seals_json(v->seals));
}
