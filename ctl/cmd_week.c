/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa week and loaxa next: the plan as a person reads it, with what stands
 * in the way of each slot.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/makeup.h"
#include "ctl/office.h"
#include "ctl/owing.h"
#include "ctl/say.h"
#include "ctl/table.h"

#define NEXT_DAYS 7 /* `next` looks so far ahead */
#define NEXT_COUNT 5

/* One run of either command. */
struct view {
	struct office office;
	struct ctl *ctl;
	bool json;
	json_t *rows; /* what --json prints */
	int64_t from_day;
	int64_t to_day;
	int64_t now_us; /* `next` only: nothing that is over */
	int count; /* `next` only: rows a station */
	size_t n_in_the_way; /* slots that will not air whole */
	const char *station;
};

static const char *
content_text(const struct planned *p)
{
	static const char *const texts[CONTENTS] = {
		[CONTENT_ITEM] = N_("item"),
		[CONTENT_SEGMENT] = N_("segment"),
		[CONTENT_REPEAT] = N_("repeat"),
		[CONTENT_RELAY] = N_("relay"),
		[CONTENT_FILLER] = N_("gap music"),
	};

	return _(texts[p->content]);
}

/* The slot's title, else its items' titles, else what the file says. */
static char *
what_text(const struct office *o, const struct planned *p)
{
	const struct site_relay *relay;
	struct item *it = NULL;
	char *text = NULL;

	if (p->title[0] != '\0')
		return strdup(p->title);
	if (p->content == CONTENT_RELAY) {
		relay = site_relay(o->site, p->ref);
		return strdup(relay != NULL && relay->title[0] != '\0'
				  ? relay->title
				  : p->ref);
	}
	if (p->n_items > 0)
		office_standing(o, p->items[0], &it);
	text = strdup(it != NULL       ? it->title
		      : p->n_items > 0 ? p->items[0]
				       : p->ref);
	item_free(it);
	return text;
}

/* "file missing: ttdn-w48-vi"; a lone word when no item is to blame. */
static int
state_text(const struct office *o, const struct planned *p, char **ret_text)
{
	const char *item;
	enum prospect state = office_prospect(o, p, &item);
	int n;

	if (item != NULL)
		n = asprintf(ret_text, "%s: %s", prospect_text(state), item);
	else
		n = asprintf(ret_text, "%s", prospect_text(state));
	return n < 0 ? -ENOMEM : 0;
}

/* The answer to "will it air, and why": `next` shows this. */
static int
why_text(const struct office *o, const struct planned *p, char **ret_text)
{
	const char *item;
	enum prospect state = office_prospect(o, p, &item);
	const char *blame = item == NULL ? "" : item;
	int n;

	if (state == PROSPECT_AIR)
		n = asprintf(ret_text, "%s", _("will air: all of it is ready"));
	else if (state == PROSPECT_RELAY)
		n = asprintf(ret_text, "%s", prospect_text(state));
	else if (state == PROSPECT_PART)
		n = asprintf(ret_text, _("will air without %s"), blame);
	else
		n = asprintf(ret_text, _("will not air: %s%s%s"),
		    prospect_text(state), blame[0] == '\0' ? "" : ": ", blame);
	return n < 0 ? -ENOMEM : 0;
}

static bool
is_in_the_way(enum prospect p)
{
	return p != PROSPECT_AIR && p != PROSPECT_RELAY;
}

static json_t *
slot_json(const struct view *v, const struct planned *p)
{
	struct civil_text date;
	struct civil_text utc;
	struct civil_text local;
	json_t *items = json_array();
	const char *item;
	enum prospect state = office_prospect(&v->office, p, &item);
	char *why = NULL;
	json_t *o;

	for (size_t i = 0; i < p->n_items; i++)
		json_array_append_new(items, json_string(p->items[i]));
	if (why_text(&v->office, p, &why) < 0)
		why = NULL;
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:o,s:s,s:s,s:s,"
		      "s:s,s:s*,s:s?}",
	    "station_id", v->station, "date", civil_date_text(p->day, &date),
	    "slot", p->slot, "planned_utc", civil_utc_text(p->start_us, &utc),
	    "planned_local", civil_local_text(p->start_us, &local),
	    "planned_ms", (json_int_t)((p->end_us - p->start_us) / US_PER_MS),
	    "class", class_word(p->class), "content", content_word(p->content),
	    "ref", p->ref, "items", items, "segment", p->segment, "title",
	    p->title, "language", p->language, "state", prospect_word(state),
	    "why", why, "item", item);
	free(why);
	return o;
}

static int
add_row(struct view *v, struct table *t, const struct planned *p, bool dated)
{
	struct civil_text time;
	struct civil_text length;
	char *what = makeup_words(what_text(&v->office, p), p);
	char *state = NULL;
	int r = dated ? why_text(&v->office, p, &state)
		      : state_text(&v->office, p, &state);

	if (r < 0 || what == NULL) {
		free(what);
		return -ENOMEM;
	}
	if (dated)
		say_instant(p->start_us, &time);
	else
		say_time(p->start_us, &time);
	r = table_row(t, (const char *const[]){ time.s,
			     say_length(p->end_us - p->start_us, &length), what,
			     content_text(p), state });
	if (is_in_the_way(office_prospect(&v->office, p, NULL)))
		v->n_in_the_way++;
	free(what);
	free(state);
	return r;
}

static int
day_line(struct table *t, int64_t day)
{
	struct civil_text date;
	char line[160];

	snprintf(line, sizeof(line), "%s %s (%s)",
	    say_weekday(civil_weekday(day)), say_date(day, &date),
	    civil_weekday_text(civil_weekday(day)));
	if (table_line(t, "") < 0)
		return -ENOMEM;
	return table_line(t, line);
}

/* What the officer is asked for: sessions a day and minutes a session. */
static int
session_line(struct table *t, const struct session *s)
{
	struct civil_text from;
	struct civil_text to;
	struct civil_text length;
	struct civil_text relay;
	char line[300];
	int n;

	n = snprintf(line, sizeof(line), _("  session %s to %s: %s"),
	    say_time(s->start_us, &from), say_time(s->end_us, &to),
	    say_length(s->end_us - s->start_us, &length));
	if (s->relay_us > 0 && n > 0 && n < (int)sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n,
		    _(", of which relay %s"), say_length(s->relay_us, &relay));
	return table_line(t, line);
}

/* What a day of mourning leaves out, and why: it is no gap to wonder at. */
static int
silent_lines(struct table *t, const struct plan *p, int64_t day)
{
	struct civil_text at;
	char line[600];
	int r = 0;

	for (size_t i = 0; i < p->n_silent && r == 0; i++) {
		const struct silence *q = &p->silent[i];

		if (q->day != day)
			continue;
		snprintf(line, sizeof(line),
		    q->whole ? _("  %s %s: silent, no music (%s)")
			     : _("  %s %s: without its music (%s)"),
		    say_time(q->start_us, &at),
		    q->title[0] != '\0' ? q->title : q->slot, q->reason);
		r = table_line(t, line);
	}
	return r;
}

/* Days without a slot are shown too: nobody should have to wonder. */
static int
week_rows(struct view *v, struct table *t, const struct plan *p,
    const struct session *s, size_t n_sessions)
{
	size_t i = 0;
	size_t k = 0;
	int r = 0;

	for (int64_t day = v->from_day; r == 0 && day <= v->to_day; day++) {
		r = day_line(t, day);
		if (r == 0)
			r = silent_lines(t, p, day);
		if (r == 0 && (i >= p->n || p->slots[i].day != day))
			r = table_line(t, _("  nothing planned"));
		for (; r == 0 && i < p->n && p->slots[i].day == day; i++) {
			r = add_row(v, t, &p->slots[i], false);
			if (r == 0 && k < n_sessions &&
			    i + 1 == s[k].first + s[k].n)
				r = session_line(t, &s[k++]);
		}
	}
	return r;
}

static struct table *
new_table(void)
{
	static struct column columns[5];

	columns[0] = (struct column){ _("TIME"), 0 };
	columns[1] = (struct column){ _("LENGTH"), COLUMN_RIGHT };
	columns[2] = (struct column){ _("WHAT"), COLUMN_ELASTIC };
	columns[3] = (struct column){ _("KIND"), 0 };
	columns[4] = (struct column){ _("STATE"), COLUMN_ELASTIC };
	return table_new(columns, COUNT(columns));
}

static void
print_week_totals(const struct view *v, const struct plan *p,
    const struct session *s, size_t n_sessions)
{
	struct civil_text length;
	int64_t total_us = 0;

	for (size_t i = 0; i < n_sessions; i++)
		total_us += s[i].end_us - s[i].start_us;
	printf(_("\nThe week: %s. Sessions: %zu; slots: %zu; not ready: "
		 "%zu.\n"),
	    say_length(total_us, &length), n_sessions, p->n, v->n_in_the_way);
}

static int
print_week(struct view *v, const struct plan *p)
{
	struct session *s = NULL;
	struct table *t = new_table();
	size_t n = 0;
	int r = t == NULL ? -ENOMEM : rules_sessions(p, &s, &n);

	if (r == 0)
		r = week_rows(v, t, p, s, n);
	if (r == 0) {
		table_print(t, stdout, table_width(stdout));
		print_week_totals(v, p, s, n);
	}
	table_free(t);
	free(s);
	return r;
}

static int
print_next(struct view *v, const struct plan *p)
{
	struct table *t = new_table();
	int r = t == NULL ? -ENOMEM : 0;
	int shown = 0;

	for (size_t i = 0; r == 0 && i < p->n && shown < v->count; i++) {
		if (p->slots[i].end_us <= v->now_us)
			continue;
		r = add_row(v, t, &p->slots[i], true);
		shown++;
	}
	if (r == 0 && shown > 0)
		table_print(t, stdout, table_width(stdout));
	else if (r == 0)
		printf(
		    _("Nothing is planned in the next %d days.\n"), NEXT_DAYS);
	table_free(t);
	return r;
}

static int
add_json(struct view *v, const struct plan *p)
{
	int shown = 0;

	for (size_t i = 0; i < p->n && shown < v->count; i++) {
		if (p->slots[i].end_us <= v->now_us)
			continue;
		if (json_array_append_new(v->rows, slot_json(v, &p->slots[i])) <
		    0)
			return -ENOMEM;
		shown++;
	}
	return 0;
}

static void
print_owed(const struct view *v)
{
	struct owed *o;
	char *line;

	if (owing_read(&v->ctl->root, &o) < 0)
		return;
	line = owing_line(o, v->station);
	if (line != NULL)
		say_line(stdout, "! %s", line);
	free(line);
	owed_free(o);
}

static int
show_plan(struct view *v, const struct schedule *s, bool next)
{
	struct civil_text week;
	struct plan *p;
	int r = office_plan(&v->office, s, v->from_day, v->to_day, &p);

	if (r < 0)
		return r;
	if (v->json) {
		r = add_json(v, p);
	} else if (next) {
		printf("%s (%s)\n", s->name, s->station);
		r = print_next(v, p);
	} else {
		printf(_("%s (%s), week %s\n\n"), s->name, s->station,
		    civil_week_text(v->from_day, &week));
		r = print_week(v, p);
		print_owed(v);
	}
	plan_free(p);
	return r;
}

/* A schedule that cannot be read is said whole, and is EX_DATAERR. */
static int
show_station(struct view *v, bool next)
{
	struct problems ps = { 0 };
	struct schedule *s;
	char line[4096];
	int r;

	r = schedule_read(v->ctl->root.schedules, v->station, v->from_day,
	    v->to_day, &ps, &s);
	if (r == 0) {
		r = show_plan(v, s, next);
		schedule_free(s);
		if (r < 0)
			say_error("%s", say_errno(r));
		r = say_exit(r);
	} else {
		for (size_t i = 0; i < ps.n; i++)
			say_error("%s",
			    problem_text(&ps.list[i], line, sizeof(line)));
		r = r == -ENOENT ? EX_NOINPUT : EX_DATAERR;
	}
	problems_free(&ps);
	return r;
}

static int
show_all(struct view *v, const char *only, bool next)
{
	struct stations st;
	int r = stations_list(&v->ctl->root, only, &st);
	int code = EX_OK;

	if (r < 0) {
		say_error(_("%s: there is no schedule; write one as "
			    "STATION.cfg"),
		    v->ctl->root.schedules);
		return EX_NOINPUT;
	}
	v->rows = json_array();
	for (size_t i = 0; i < st.n; i++) {
		v->station = st.ids[i];
		if (i > 0 && !v->json)
			putchar('\n');
		r = show_station(v, next);
		code = code != EX_OK ? code : r;
	}
	stations_free(&st);
	if (v->json)
		r = command_json(v->rows);
	else
		json_decref(v->rows);
	return code != EX_OK ? code : v->json ? r : command_done(EX_OK);
}

static int
show(struct view *v, const char *only, bool next)
{
	int r = show_all(v, only, next);

	office_close(&v->office);
	return r;
}

int
cmd_week(struct ctl *ctl, int argc, char **argv)
{
	struct view v = { .ctl = ctl, .now_us = INT64_MIN, .count = INT32_MAX };
	const char *station = NULL;
	int64_t monday = INT64_MIN;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "week", ARG_WEEK, &monday }, { "json", ARG_FLAG, &v.json } };
	int second;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	r = command_office_warned(ctl, &v.office);
	if (r != 0)
		return r;
	if (monday == INT64_MIN) {
		civil_from_us(clock_read().wall_us, &monday, &second);
		monday -= civil_weekday(monday);
	}
	v.from_day = monday;
	v.to_day = monday + WEEKDAYS - 1;
	return show(&v, station, false);
}

int
cmd_next(struct ctl *ctl, int argc, char **argv)
{
	struct view v = { .ctl = ctl, .count = NEXT_COUNT };
	const char *station = NULL;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "n", ARG_NUMBER, &v.count }, { "json", ARG_FLAG, &v.json } };
	int second;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	r = command_office_warned(ctl, &v.office);
	if (r != 0)
		return r;
	v.now_us = clock_read().wall_us;
	civil_from_us(v.now_us, &v.from_day, &second);
	/* Yesterday's last slot may still be on. */
	v.from_day--;
	v.to_day = v.from_day + 1 + NEXT_DAYS;
	return show(&v, station, true);
}
