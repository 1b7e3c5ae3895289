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
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/owing.h"
#include "ctl/report.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/weekview.h"
#include "evidence/record.h"
#include "scheduler/sets.h"
#include "scheduler/weeksheet.h"

#define NEXT_DAYS 7 /* `next` looks so far ahead */
#define NEXT_COUNT 5
#define WIDTH 80 /* where the output is no terminal */

/* One run of either command. */
struct view {
	struct office office;
	struct ctl *ctl;
	bool json;
	bool csv; /* `week` only */
	json_t *rows; /* what --json prints */
	int64_t from_day;
	int64_t to_day;
	int64_t now_us; /* `next` only: nothing that is over */
	int count; /* `next` only: rows a station */
	bool lacking; /* some slot shown will not air whole */
	const char *station;
};

/* What --json prints of the next slots: a list over all stations. */
static int
next_json(struct view *v, const struct outlook *o)
{
	return json_array_append_new(
	    v->rows, outlook_json(&v->office, v->station, o));
}

static void
say_fault(void *arg, const char *line)
{
	(void)arg;
	say_line(stdout, "    ! %s", line);
}

/* "ttdn-w48-vi (12:04), ttdn-w48-km (3:00)"; yours, or NULL. */
static char *
items_text(const struct outlook *o)
{
	struct civil_text length;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	for (size_t i = 0; i < o->n_items; i++)
		fprintf(f, "%s%s (%s)", i == 0 ? "" : ", ", o->items[i].id,
		    o->items[i].length_us == 0
			? "?"
			: say_counter(
			      o->items[i].length_us / US_PER_MS, &length));
	return fclose(f) == 0 ? text : NULL;
}

/* The slot, whether it will air and why, and whose words that goes by. */
static int
print_slot(const struct view *v, const struct outlook *o)
{
	const struct planned *p = o->p;
	struct civil_text when, length;
	char *title = outlook_title(&v->office, p);
	char *why = outlook_why(&v->office, o);
	char *source = outlook_source(o);
	char *items = items_text(o);
	int r = -ENOMEM;

	if (title != NULL && why != NULL && source != NULL && items != NULL) {
		say_line(stdout, "%s %s  %s  %s",
		    civil_weekday_text(civil_weekday(p->day)),
		    say_instant(p->start_us, &when),
		    say_counter((p->end_us - p->start_us) / US_PER_MS, &length),
		    title);
		say_line(stdout, "    %s", why);
		/* Of one item that is all the reason there is. */
		if (o->n_items != 1 || o->cut_us > 0)
			outlook_faults(&v->office, o, say_fault, NULL);
		if (o->n_items > 0)
			say_line(stdout, _("    plays: %s"), items);
		say_line(stdout, _("    from: slot %s (%s:%d), %s"), p->slot,
		    p->file, p->line, source);
		r = 0;
	}
	free(title);
	free(why);
	free(source);
	free(items);
	return r;
}

static int
show_slot(struct view *v, const struct plan *p, size_t i)
{
	struct outlook o;
	int r = outlook_make(&v->office, p, i, &o);

	if (r == 0)
		r = v->json ? next_json(v, &o) : print_slot(v, &o);
	if (r == 0 && !outlook_is_whole(&o))
		v->lacking = true;
	outlook_clear(&o);
	return r;
}

static int
show_next(struct view *v, const struct schedule *s, const struct plan *p)
{
	int r = 0;
	int shown = 0;

	if (!v->json)
		say_line(stdout, "%s (%s)", s->name, s->station);
	for (size_t i = 0; r == 0 && i < p->n && shown < v->count; i++) {
		if (p->slots[i].end_us <= v->now_us)
			continue;
		r = show_slot(v, p, i);
		shown++;
	}
	if (shown == 0 && !v->json)
		printf(
		    _("Nothing is planned in the next %d days.\n"), NEXT_DAYS);
	return r;
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

/* The parts of a pair that no slot of the week plays. */
static void
print_sets(const struct plan *p)
{
	struct problems ps = { 0 };
	char line[2048];

	sets_check(p, &ps);
	for (size_t i = 0; i < ps.n; i++)
		say_line(stdout, "! %s",
		    problem_text(&ps.list[i], line, sizeof(line)));
	problems_free(&ps);
}

static int
print_week(const struct view *v, const struct schedule *s, const struct plan *p,
    const struct weekview *week)
{
	int width = table_width(stdout);
	struct civil_text text;
	int r;

	say_line(stdout, _("%s (%s), week %s"), s->name, s->station,
	    civil_week_text(v->from_day, &text));
	putchar('\n');
	r = weekview_print(week, stdout, width == 0 ? WIDTH : width);
	print_sets(p);
	print_owed(v);
	return r;
}

static int
show_week(struct view *v, const struct schedule *s, const struct plan *p)
{
	const struct weekview_sum *sum;
	struct weekview *week;
	int r = weekview_make(&v->office, s, p, v->from_day, v->to_day, &week);

	if (r < 0)
		return r;
	sum = weekview_sum(week);
	v->lacking |= sum->lacking > 0 || sum->breaches > 0;
	if (v->json)
		r = json_array_append_new(v->rows, weekview_json(week));
	else
		r = print_week(v, s, p, week);
	weekview_free(week);
	return r;
}

static int
show_plan(struct view *v, const struct schedule *s, bool next)
{
	struct plan *p;
	int r = office_plan(&v->office, s, v->from_day, v->to_day, &p);

	if (r < 0)
		return r;
	if (v->csv)
		r = weeksheet_write(stdout, p, v->office.site);
	else
		r = next ? show_next(v, s, p) : show_week(v, s, p);
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
	if (v->csv && st.n > 1) {
		say_error("%s", _("there are several stations; --station says "
				  "which"));
		stations_free(&st);
		return EX_USAGE;
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
	if (!v->json)
		r = command_done(EX_OK);
	if (code != EX_OK || r != EX_OK)
		return code != EX_OK ? code : r;
	return v->lacking ? EXIT_LACKING : EX_OK;
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
		{ "week", ARG_WEEK, &monday }, { "csv", ARG_FLAG, &v.csv },
		{ "json", ARG_FLAG, &v.json } };
	int second;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	if (v.csv && v.json)
		return command_misused(
		    argv[0], _("choose one of --csv and --json"));
	r = command_station(ctl, station);
	if (r == 0)
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

/* What a person ordered comes before what is planned. Only a daemon that runs
 * knows; nobody is told here that it does not. */
static void
show_orders(const struct ctl *ctl, const char *station)
{
	json_t *request = json_pack("{s:s}", "cmd", "status");
	json_t *answer = NULL;
	struct client *c;
	json_t *s;
	size_t i;

	if (client_open(ctl->root.socket, &c) == 0) {
		if (client_ask(c, request, &answer) < 0)
			answer = NULL;
		client_close(c);
	}
	json_array_foreach(json_object_get(answer, "stations"), i, s)
	{
		if (station == NULL ||
		    strcmp(record_text(s, "station"), station) == 0)
			report_orders(s, stdout);
	}
	json_decref(answer);
	json_decref(request);
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
	r = command_station(ctl, station);
	if (r == 0)
		r = command_office_warned(ctl, &v.office);
	if (r != 0)
		return r;
	v.now_us = clock_read().wall_us;
	civil_from_us(v.now_us, &v.from_day, &second);
	/* Yesterday's last slot may still be on. */
	v.from_day--;
	v.to_day = v.from_day + 1 + NEXT_DAYS;
	if (!v.json)
		show_orders(ctl, station);
	return show(&v, station, true);
}
