/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/silences.h"
#include "evidence/record.h"

#define WORDS 10.0 /* points of running text */
#define TITLE_MAX 400 /* bytes of what stands in a slot's cell, with its NUL */
#define MISSING_MAX 7 /* days that are named one by one */
#define CELLS 8.0 /* and of what stands in tables */

/* Small texts ------------------------------------------------------------ */

/* "4:05", or "–" for nothing. */
static const char *
counter(int64_t ms, struct civil_text *buf)
{
	if (ms <= 0)
		return "–";
	return say_counter(ms, buf);
}

static const char *
length(int64_t ms, struct civil_text *buf)
{
	if (ms <= 0)
		return "–";
	return say_length(ms * US_PER_MS, buf);
}

static const char *
number(int64_t n, struct civil_text *buf)
{
	if (n == 0)
		return "–";
	snprintf(buf->s, sizeof(buf->s), "%lld", (long long)n);
	return buf->s;
}

static const char *
time_of(const json_t *row, const char *key, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(row, key), &us) < 0)
		return "–";
	return say_time(us, buf);
}

/* Behind what is there, with a sign between. */
static void
add(char *buf, size_t size, const char *between, const char *text)
{
	size_t n = strlen(buf);

	if (text[0] != '\0' && n < size)
		snprintf(buf + n, size - n, "%s%s", n > 0 ? between : "", text);
}

static void
week_text(const struct logbook *b, char *buf, size_t size)
{
	struct civil_text from, to;
	int year;
	int week;

	civil_week(b->monday, &year, &week);
	snprintf(buf, size, _("Week %d of %d, from %s to %s"), week, year,
	    say_date(b->monday, &from), say_date(b->monday + 6, &to));
}

char *
logbook_title(const struct logbook *b)
{
	struct civil_text week;
	char *text;

	if (asprintf(&text, _("Weekly log book, %s, %s"),
		headings_station(b->headings, b->station),
		civil_week_text(b->monday, &week)) < 0)
		return NULL;
	return text;
}

char *
logbook_foot(const struct logbook *b)
{
	char code[TALLY_CODE];
	char week[200];
	char *text;

	week_text(b, week, sizeof(week));
	if (asprintf(&text, _("%s · %s · code %s"),
		headings_station(b->headings, b->station), week,
		tally_code(b->tally, code)) < 0)
		return NULL;
	return text;
}

void
logbook_identity(const struct tally_sum *s, char *buf, size_t size)
{
	snprintf(buf, size,
	    _("planned %lld = aired %lld + in part %lld + not aired %lld + "
	      "external %lld; unscheduled %lld apart"),
	    (long long)s->planned, (long long)s->aired,
	    (long long)s->aired_partial, (long long)s->not_aired,
	    (long long)s->external, (long long)s->unscheduled);
}

void
logbook_causes(const struct tally_sum *s,
    void (*fn)(void *arg, const char *line), void *arg)
{
	static const char *const texts[] = {
		[TALLY_POWER] = N_("power cuts, beyond the station's control"),
		[TALLY_FAULT] =
		    N_("a device, a signal, the clock or a program failed"),
		[TALLY_ORDER] = N_("a person's order: emergency, stop, change "
				   "of the schedule"),
		[TALLY_WORK] =
		    N_("preparation: file, approval, length, computer off"),
		[TALLY_UNKNOWN] =
		    N_("not known, records are lost there: it may have aired"),
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		char line[300];

		if (s->lost_n[i] + s->part_n[i] == 0)
			continue;
		snprintf(line, sizeof(line),
		    _("%s: not aired %lld, in part "
		      "%lld"),
		    _(texts[i]), (long long)s->lost_n[i],
		    (long long)s->part_n[i]);
		fn(arg, line);
	}
}

/* Days between them that no day sheet tells of. */
static void
add_missing(const struct tally *t, char *buf, size_t size)
{
	char days[MISSING_MAX * 12 + 1] = "";
	char line[sizeof(days) + 200];
	int64_t n = 0;

	for (int64_t day = t->first_day; day <= t->last_day; day++) {
		struct civil_text text;

		if (json_object_get(t->days, civil_date_text(day, &text)) !=
		    NULL)
			continue;
		if (n++ < MISSING_MAX)
			add(days, sizeof(days), ", ", say_date(day, &text));
	}
	if (n == 0)
		return;
	snprintf(line, sizeof(line),
	    _("Days between of which the log has nothing: %lld (%s%s)."),
	    (long long)n, days, n > MISSING_MAX ? ", …" : "");
	add(buf, size, " ", line);
}

void
logbook_music(const struct tally *t, char *buf, size_t size)
{
	struct civil_text sent;
	const char *key;
	json_t *of;
	int64_t n = 0;

	json_object_foreach(t->music, key, of) n += record_int(of, "n", 0);
	buf[0] = '\0';
	if (n > 0)
		snprintf(buf, size,
		    _("Music beside the plan: pieces %lld, %s; not counted."),
		    (long long)n, length(t->sum.music_ms, &sent));
}

void
logbook_reach(const struct tally *t, int64_t from_day, int64_t to_day,
    char *buf, size_t size)
{
	struct civil_text from, to;

	buf[0] = '\0';
	if (t->first_day > t->last_day)
		snprintf(
		    buf, size, "%s", _("The log has nothing of these days."));
	else if (t->first_day > from_day || t->last_day < to_day)
		snprintf(buf, size,
		    _("The log tells only of %s to %s: of the other days "
		      "nothing is known here."),
		    say_date(t->first_day, &from), say_date(t->last_day, &to));
	add_missing(t, buf, size);
}

/* The head of the first page ---------------------------------------------- */

void
logbook_letterhead(struct page *p, const char *who)
{
	page_halves(p, WORDS + 1, PAGE_BOLD, who, PAGE_BOLD | PAGE_FIT,
	    _("SOCIALIST REPUBLIC OF VIET NAM"));
	page_rules(p, 70, 0);
	page_halves(p, WORDS + 1, 0, "", PAGE_BOLD,
	    _("Independence - Freedom - Happiness"));
	page_rules(p, 0, 150);
	page_gap(p, 20);
}

static void
draw_head(struct page *p, const struct logbook *b)
{
	char line[600];

	logbook_letterhead(p, headings_station(b->headings, b->station));
	page_text(p, 15, PAGE_BOLD | PAGE_CENTRE, _("WEEKLY LOG BOOK"));
	week_text(b, line, sizeof(line));
	page_text(p, WORDS + 1, PAGE_CENTRE, line);
	page_gap(p, 6);
	if (b->tally->sum.open > 0) {
		snprintf(line, sizeof(line),
		    _("INTERIM PRINT: the week is not over; slots still to "
		      "come: %lld."),
		    (long long)b->tally->sum.open);
		page_text(p, WORDS, PAGE_BOLD | PAGE_CENTRE, line);
	}
	logbook_reach(b->tally, b->monday, b->monday + 6, line, sizeof(line));
	if (line[0] != '\0')
		page_text(p, WORDS, PAGE_BOLD | PAGE_CENTRE, line);
	page_text(p, WORDS - 1.5, PAGE_ITALIC,
	    _("Aired means: sent to the amplifier (grade 2), as measured. It "
	      "does not prove that a loudspeaker sounded."));
	page_text(p, WORDS - 1.5, PAGE_ITALIC,
	    _("PL: a repeat. Signature tunes and planned music are neither new "
	      "nor repeats."));
	page_gap(p, 4);
}

/* Day by day -------------------------------------------------------------- */

/* The slot's title, and that of what sounded in it where that says more. */
static void
what_text(const json_t *row, char *buf, size_t size)
{
	const char *title = record_text(row, "title");
	const json_t *v;
	size_t i;

	snprintf(buf, size, "%s",
	    title[0] == '\0' ? record_text(row, "slot") : title);
	if (strcmp(record_text(row, "run"), "other") == 0)
		return; /* everybody knows the tune */
	json_array_foreach(json_object_get(row, "sounded"), i, v)
	{
		if (strcmp(json_string_value(v), title) != 0)
			add(buf, size, i == 0 ? ": " : "; ",
			    json_string_value(v));
	}
}

static const char *
run_text(const char *run)
{
	if (strcmp(run, "first") == 0)
		return _("new");
	return strcmp(run, "repeat") == 0 ? _("PL") : "";
}

static const char *
reason_text(const json_t *row)
{
	const char *reason = record_text(row, "reason");

	if (strcmp(record_text(row, "note"), "epoch") == 0)
		return _("not known: the log was restored or damaged there, "
			 "and it may have aired");
	/* `external` says as much; it would stand beside every relay. */
	if (strncmp(reason, "relay_", strlen("relay_")) == 0)
		return "";
	return outcome_reason(reason);
}

static void
result_text(const json_t *row, char *buf, size_t size)
{
	struct civil_text with;
	char signal[100];

	if (record_int(row, "open", 0) != 0) {
		snprintf(buf, size, "%s", _("still to come"));
		return;
	}
	snprintf(buf, size, "%s", outcome_status(record_text(row, "status")));
	add(buf, size, ": ", reason_text(row));
	if (json_is_integer(json_object_get(row, "signal_ms"))) {
		snprintf(signal, sizeof(signal), _("signal for %s"),
		    counter(record_int(row, "signal_ms", 0), &with));
		add(buf, size, "; ", signal);
	}
	if (strcmp(record_text(row, "note"), "order") == 0)
		add(buf, size, "; ", _("cut by a person's order"));
}

static const char *
grade_of(const json_t *row, struct civil_text *buf)
{
	int64_t grade = record_int(row, "grade", 0);

	return grade > 0 ? number(grade, buf) : "–";
}

static void
draw_slot(struct page *p, const json_t *row)
{
	struct civil_text at, planned, begun, sent, grade;
	char what[TITLE_MAX + sizeof("…")];
	char result[400];

	what_text(row, what, TITLE_MAX);
	if (strlen(what) == TITLE_MAX - 1) {
		text_trim(what);
		strcat(what, "…");
	}
	result_text(row, result, sizeof(result));
	page_row(p,
	    (const char *const[]){ time_of(row, "planned_utc", &at),
		counter(record_int(row, "planned_ms", 0), &planned), what,
		run_text(record_text(row, "run")),
		time_of(row, "actual_utc", &begun),
		counter(record_int(row, "actual_ms", 0), &sent), result,
		grade_of(row, &grade) },
	    record_text(row, "cause")[0] == '\0' ? 0 : PAGE_SHADE);
}

static void
draw_apart(struct page *p, const json_t *row)
{
	const char *title = record_text(row, "title");
	struct civil_text begun, sent, grade;
	char result[400];

	snprintf(result, sizeof(result), "%s", outcome_status("unscheduled"));
	add(result, sizeof(result), ": ",
	    outcome_reason(record_text(row, "reason")));
	add(result, sizeof(result), "; ", record_text(row, "order"));
	page_row(p,
	    (const char *const[]){ "–", "–",
		title[0] == '\0' ? record_text(row, "item") : title, "",
		time_of(row, "actual_utc", &begun),
		counter(record_int(row, "actual_ms", 0), &sent), result,
		grade_of(row, &grade) },
	    PAGE_ITALIC);
}

struct drawing {
	struct page *p;
	const struct logbook *b;
	const char *date; /* being drawn */
	size_t apart; /* the next of what no slot planned */
};

/* What sounded beside the plan before that instant of the date. */
static void
draw_apart_until(struct drawing *d, const char *utc)
{
	const json_t *list = d->b->tally->apart;

	for (; d->apart < json_array_size(list); d->apart++) {
		const json_t *row = json_array_get(list, d->apart);

		if (strcmp(record_text(row, "date"), d->date) > 0 ||
		    (strcmp(record_text(row, "date"), d->date) == 0 &&
			strcmp(record_text(row, "actual_utc"), utc) >= 0))
			return;
		draw_apart(d->p, row);
	}
}

static const char *
date_key(void *arg, const json_t *row)
{
	(void)arg;
	return record_text(row, "date");
}

/* "Thursday 2026-11-26: planned 17 = ..." */
static void
draw_day(struct drawing *d, int64_t day, const struct tally_sum *s)
{
	struct civil_text date;
	char identity[300];
	char line[500];

	snprintf(identity, sizeof(identity),
	    _("planned %lld = aired %lld + in part %lld + not aired %lld + "
	      "external %lld"),
	    (long long)s->planned, (long long)s->aired,
	    (long long)s->aired_partial, (long long)s->not_aired,
	    (long long)s->external);
	if (json_object_get(d->b->tally->days, d->date) == NULL &&
	    s->planned + s->open == 0)
		snprintf(identity, sizeof(identity), "%s",
		    _("the log has nothing of this day"));
	snprintf(line, sizeof(line), "%s, %s: %s",
	    say_weekday(civil_weekday(day)), say_date(day, &date), identity);
	page_band(d->p, PAGE_BOLD | PAGE_SHADE, line);
}

static void
draw_beside(struct drawing *d)
{
	struct civil_text sent;
	char key[256];
	char line[400];
	const json_t *of;

	snprintf(key, sizeof(key), "%s %s ", d->b->station, d->date);
	of = json_object_get(d->b->tally->music, key);
	if (of != NULL) {
		snprintf(line, sizeof(line),
		    _("Music beside the plan: pieces %lld, %s; not counted."),
		    (long long)record_int(of, "n", 0),
		    length(record_int(of, "ms", 0), &sent));
		page_band(d->p, PAGE_ITALIC, line);
	}
	of = json_object_get(d->b->tally->mourning, key);
	if (of != NULL) {
		snprintf(line, sizeof(line),
		    _("Mourning (%.200s): music left out of %zu slots, which "
		      "is no miss."),
		    record_text(of, "mourning"),
		    json_array_size(json_object_get(of, "silent")));
		page_band(d->p, PAGE_ITALIC, line);
	}
}

static void
draw_rows_of(struct drawing *d)
{
	const json_t *row;
	size_t i;

	json_array_foreach(d->b->tally->rows, i, row)
	{
		if (strcmp(record_text(row, "date"), d->date) != 0)
			continue;
		draw_apart_until(d, record_text(row, "planned_utc"));
		draw_slot(d->p, row);
	}
	draw_apart_until(d, "~");
	draw_beside(d);
}

#define DAY_COLUMNS 8

static void
day_table(struct page *p, struct page_column columns[static DAY_COLUMNS])
{
	const char *planned = _("PLANNED");
	const char *actual = _("ACTUAL");
	const struct page_column all[DAY_COLUMNS] = {
		{ planned, _("Time"), 42, PAGE_CENTRE },
		{ planned, _("Length"), 33, PAGE_RIGHT },
		{ planned, _("Slot"), 154, 0 },
		{ actual, _("New / PL"), 26, PAGE_CENTRE },
		{ actual, _("Time"), 42, PAGE_CENTRE },
		{ actual, _("Length"), 33, PAGE_RIGHT },
		{ actual, _("Outcome, reason"), 110, 0 },
		{ actual, _("Grade"), 32, PAGE_CENTRE },
	};

	memcpy(columns, all, sizeof(all));
	page_table(p, CELLS, columns, DAY_COLUMNS);
}

static void
draw_days(struct page *p, const struct logbook *b)
{
	struct page_column columns[DAY_COLUMNS];
	struct drawing d = { .p = p, .b = b };
	struct tally_groups days;

	if (tally_by(b->tally, date_key, NULL, &days) < 0)
		return;
	day_table(p, columns);
	for (int64_t day = b->monday; day < b->monday + 7; day++) {
		struct tally_sum none = { 0 };
		const struct tally_sum *s = &none;
		struct civil_text date;

		d.date = civil_date_text(day, &date);
		for (size_t i = 0; i < days.n; i++)
			if (strcmp(days.list[i].key, d.date) == 0)
				s = &days.list[i].sum;
		draw_day(&d, day, s);
		draw_rows_of(&d);
	}
	page_table_end(p);
	tally_groups_free(&days);
}

/* Does from_us..to_us hold something of what begins there and lasts so? */
static bool
is_within(const json_t *row, const char *begins, const char *lasts,
    int64_t from_us, int64_t to_us)
{
	int64_t us;

	if (civil_read_utc(record_text(row, begins), &us) < 0)
		return false;
	return us < to_us &&
	       us + earlier(record_int(row, lasts, 0), NEVER / US_PER_S) *
			   US_PER_MS >
		   from_us;
}

void
logbook_span(
    struct page *p, const struct tally *t, int64_t from_us, int64_t to_us)
{
	struct page_column columns[DAY_COLUMNS];
	const json_t *row;
	size_t i;

	day_table(p, columns);
	json_array_foreach(t->rows, i, row)
	{
		if (is_within(
			row, "planned_utc", "planned_ms", from_us, to_us) ||
		    is_within(row, "actual_utc", "actual_ms", from_us, to_us))
			draw_slot(p, row);
	}
	json_array_foreach(t->apart, i, row)
	{
		if (is_within(row, "actual_utc", "actual_ms", from_us, to_us))
			draw_apart(p, row);
	}
	page_table_end(p);
}

/* Sums -------------------------------------------------------------------- */

static void
draw_group(
    struct page *p, const char *name, const struct tally_sum *s, int style)
{
	struct civil_text n[5], ms[3];

	page_row(p,
	    (const char *const[]){ name, number(s->planned, &n[0]),
		number(s->run_n[TALLY_FIRST], &n[1]),
		length(s->run_ms[TALLY_FIRST], &ms[0]),
		number(s->run_n[TALLY_REPEAT], &n[2]),
		length(s->run_ms[TALLY_REPEAT], &ms[1]),
		number(s->aired_partial, &n[3]), number(s->not_aired, &n[4]),
		length(tally_sent_ms(s), &ms[2]) },
	    style);
}

void
logbook_groups(struct page *p, const struct headings *h,
    const struct tally_groups *g, const struct tally_sum *all)
{
	const char *first = _("FIRST RUNS");
	const char *repeats = _("REPEATS (PL)");
	const struct page_column columns[] = {
		{ NULL, heading_title(h->by), 108, 0 },
		{ NULL, _("Slots planned"), 44, PAGE_RIGHT },
		{ first, _("Airings"), 36, PAGE_RIGHT },
		{ first, _("Length"), 66, PAGE_RIGHT },
		{ repeats, _("Airings"), 36, PAGE_RIGHT },
		{ repeats, _("Length"), 66, PAGE_RIGHT },
		{ NULL, _("In part"), 28, PAGE_RIGHT },
		{ NULL, _("Not aired"), 32, PAGE_RIGHT },
		{ NULL, _("Sent in all"), 92, PAGE_RIGHT },
	};

	page_table(p, CELLS, columns, COUNT(columns));
	for (size_t i = 0; i < g->n; i++) {
		if (g->list[i].sum.planned + g->list[i].sum.open == 0)
			continue; /* beside the plan: no hours */
		draw_group(
		    p, headings_text(h, g->list[i].key), &g->list[i].sum, 0);
	}
	draw_group(p, _("IN ALL"), all, PAGE_BOLD | PAGE_SHADE);
	page_table_end(p);
}

static void
put_line(void *arg, const char *line)
{
	struct page *p = arg;
	char text[900];

	snprintf(text, sizeof(text), "– %s", line);
	page_text(p, WORDS, 0, text);
}

static void
draw_losses(struct page *p, const struct logbook *b)
{
	const json_t *o;
	size_t i;

	if (b->tally->sum.not_aired + b->tally->sum.aired_partial > 0)
		page_text(p, WORDS, 0, _("Not aired or in part, by cause:"));
	logbook_causes(&b->tally->sum, put_line, p);
	json_array_foreach(b->tally->outages, i, o)
	{
		char *line = silences_line(o);

		if (line != NULL)
			put_line(p, line);
		free(line);
	}
}

static void
draw_relays(struct page *p, const struct tally_sum *s)
{
	struct civil_text left, with;
	char line[400];

	if (s->external == 0)
		return;
	snprintf(line, sizeof(line),
	    _("Relays: %lld slots, %s left to them, of which %s with a signal "
	      "measured here; not counted as sent by the station."),
	    (long long)s->external, length(s->relay_ms, &left),
	    length(s->signal_ms, &with));
	page_text(p, WORDS, 0, line);
}

static void
draw_sums(struct page *p, const struct logbook *b)
{
	struct tally_groups g;
	char line[300];

	page_keep(p, 120);
	page_gap(p, 6);
	page_text(p, WORDS + 0.5, PAGE_BOLD, _("SUMS OF THE WEEK"));
	logbook_identity(&b->tally->sum, line, sizeof(line));
	page_text(p, WORDS, PAGE_BOLD, line);
	draw_losses(p, b);
	page_gap(p, 4);
	if (tally_by(b->tally, headings_key, b->headings, &g) == 0) {
		logbook_groups(p, b->headings, &g, &b->tally->sum);
		tally_groups_free(&g);
	}
	draw_relays(p, &b->tally->sum);
}

/* What vouches for it ------------------------------------------------------ */

static void
draw_seals(struct page *p, const struct logbook *b)
{
	char code[TALLY_CODE];
	struct civil_text week;
	struct civil_text at;
	char line[500];

	/* No signature stands on a page that says nothing. */
	page_keep(p, 90 + LOGBOOK_SIGNING);
	page_gap(p, 6);
	page_text(p, WORDS + 0.5, PAGE_BOLD, _("THE LOG BEHIND THIS PAPER"));
	seals_lines(b->seals, put_line, p);
	snprintf(line, sizeof(line),
	    _("Verification code %s: `loaxa logbook --station %s --week %s "
	      "--code %s` says whether the log still gives it."),
	    tally_code(b->tally, code), b->station,
	    civil_week_text(b->monday, &week), code);
	put_line(p, line);
	snprintf(line, sizeof(line), _("Made at %s by loaxa %s."),
	    say_instant(b->now_us, &at), LOAXA_VERSION);
	put_line(p, line);
}

void
logbook_signatures(struct page *p, const char *left_role,
    const char *left_office, const char *right_office)
{
	page_keep(p, LOGBOOK_SIGNING);
	page_gap(p, 10);
	page_halves(
	    p, WORDS, 0, "", PAGE_ITALIC, _("……………………, date …… / …… / 20……"));
	page_halves(
	    p, WORDS, PAGE_BOLD, left_role, PAGE_BOLD, _("LEADER IN CHARGE"));
	if (left_office[0] != '\0' || right_office[0] != '\0')
		page_halves(p, WORDS, 0, left_office, 0, right_office);
	page_halves(p, WORDS - 1, PAGE_ITALIC, _("(signature, full name)"),
	    PAGE_ITALIC, _("(signature, full name, seal)"));
	page_gap(p, 54);
	page_halves(p, WORDS, 0, "………………………………", 0, "………………………………");
}

void
logbook_draw(struct page *p, void *arg)
{
	const struct logbook *b = arg;

	draw_head(p, b);
	draw_days(p, b);
	draw_sums(p, b);
	draw_seals(p, b);
	logbook_signatures(p, _("KEPT BY"), b->officer, b->leader);
}
