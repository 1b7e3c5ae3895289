/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa owed: the programmes that a higher level has ordered and a station
 * has not aired in full, told from the log; when the plan airs each next; and
 * the ordered ones to come.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/arrears.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/outcome.h"
#include "ctl/owing.h"
#include "ctl/pairview.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/record.h"
#include "scheduler/schedule.h"

#define NEXT_DAYS 35 /* so far ahead a later airing is looked for */
#define COME_DAYS 7 /* so far ahead an ordered one is told */

struct bill {
	struct ctl *ctl;
	struct office office;
	struct owed *owed;
	int64_t now_us;
	int64_t from_day; /* nothing that was planned for an earlier date */
	bool json;
	json_t *rows; /* what --json prints */
	struct table *table; /* of the station */
	size_t n_due;
	size_t n_to_come;
	const char *station;
	struct schedule *schedule; /* NULL when it cannot be read */
	struct plan *plan; /* of the days ahead; likewise */
};

/* One line of the bill; what is not known is "" or NULL. */
struct row {
	const char *date;
	const char *slot;
	const char *title;
	const char *segment;
	json_t *items; /* borrowed */
	int64_t start_us;
	int64_t end_us;
	const char *status;
	const char *reason;
	int64_t cut_ms;
	int64_t signal_ms; /* of a relay of our own; -1 */
	const struct planned *next; /* when it will be heard */
	bool due;
};

/* Who ordered it: the issuer of its segment's plan, else the next level. */
static const char *
issuer_of(const struct bill *b, const char *segment)
{
	const struct segment *seg;

	if (b->schedule == NULL)
		return "";
	seg = schedule_segment(b->schedule, segment);
	if (seg != NULL && seg->plan != NULL)
		return record_text(seg->plan, "issuer");
	return b->schedule->n_above > 0 ? b->schedule->above[0] : "";
}

/* The rule of evidence/owed.h, for what is still ahead. */
static bool
plays_all(const struct planned *p, const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		size_t k = 0;

		while (k < p->n_items &&
		       strcmp(p->items[k], json_string_value(item)) != 0)
			k++;
		if (k == p->n_items)
			return false;
	}
	return json_array_size(items) > 0;
}

static bool
will_pay(const struct planned *p, const struct debt *d)
{
	struct civil_text date;

	if (p->makeup_slot != NULL)
		return strcmp(p->makeup_slot, d->slot) == 0 &&
		       strcmp(civil_date_text(p->makeup_day, &date), d->date) ==
			   0;
	return !p->from_above && p->content != CONTENT_RELAY &&
	       plays_all(p, json_object_get(d->plan, "items"));
}

static bool
is_itself(const struct planned *p, const char *date, const char *slot)
{
	struct civil_text text;

	return strcmp(p->slot, slot) == 0 &&
	       strcmp(civil_date_text(p->day, &text), date) == 0;
}

static const struct planned *
next_airing(const struct bill *b, const struct debt *d)
{
	for (size_t i = 0; b->plan != NULL && i < b->plan->n; i++) {
		const struct planned *p = &b->plan->slots[i];

		if (p->end_us <= b->now_us)
			continue;
		if (d->due ? p->start_us >= b->now_us && will_pay(p, d)
			   : is_itself(p, d->date, d->slot))
			return p;
	}
	return NULL;
}

static json_t *
next_json(const struct planned *p)
{
	struct civil_text date;
	struct civil_text utc;
	struct civil_text local;

	if (p == NULL)
		return json_null();
	return json_pack("{s:s,s:s,s:s,s:s}", "date",
	    civil_date_text(p->day, &date), "slot", p->slot, "planned_utc",
	    civil_utc_text(p->start_us, &utc), "planned_local",
	    civil_local_text(p->start_us, &local));
}

static int
add_json(struct bill *b, const struct row *w)
{
	struct civil_text utc;
	struct civil_text local;
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:O?,s:s,s:s,s:s,s:I,s:s,"
			      "s:s,s:I,s:o}",
	    "station_id", b->station, "state", w->due ? "due" : "to_come",
	    "date", w->date, "slot", w->slot, "title", w->title, "items",
	    w->items, "issuer", issuer_of(b, w->segment), "planned_utc",
	    civil_utc_text(w->start_us, &utc), "planned_local",
	    civil_local_text(w->start_us, &local), "planned_ms",
	    (json_int_t)((w->end_us - w->start_us) / US_PER_MS), "status",
	    w->status, "reason", w->reason, "cut_ms", (json_int_t)w->cut_ms,
	    "next", next_json(w->next));

	if (w->signal_ms >= 0)
		json_object_set_new(
		    o, "signal_ms", json_integer((json_int_t)w->signal_ms));
	return json_array_append_new(b->rows, o) < 0 ? -ENOMEM : 0;
}

/* How it went, or how it stands. */
static int
state_text(const struct bill *b, const struct row *w, char **ret_text)
{
	struct civil_text cut, signal;
	int n;

	if (!w->due)
		n = asprintf(ret_text, _("to come: %s"),
		    w->next == NULL ? _("no longer planned")
				    : prospect_text(office_prospect(
					  &b->office, w->next, NULL)));
	else if (w->status[0] == '\0')
		n = asprintf(ret_text, "%s", _("no outcome in the log"));
	else if (w->cut_ms > OWED_CUT_MS)
		n = asprintf(ret_text, _("%s; %s of it cut off"),
		    outcome_status(w->status),
		    say_length(w->cut_ms * US_PER_MS, &cut));
	else if (w->signal_ms >= 0)
		n = asprintf(ret_text, _("relayed here; a signal for only %s"),
		    say_length(w->signal_ms * US_PER_MS, &signal));
	else
		n = asprintf(ret_text, "%s%s%s", outcome_status(w->status),
		    w->reason[0] == '\0' ? "" : ": ",
		    outcome_reason(w->reason));
	return n < 0 ? -ENOMEM : 0;
}

static int
add_line(struct bill *b, const struct row *w)
{
	struct civil_text planned;
	struct civil_text next;
	char *state;
	int r = state_text(b, w, &state);

	if (r < 0)
		return r;
	r = table_row(b->table,
	    (const char *const[]){ say_instant(w->start_us, &planned),
		w->title[0] == '\0' ? w->slot : w->title,
		issuer_of(b, w->segment), state,
		w->next == NULL ? _("none planned")
				: say_instant(w->next->start_us, &next) });
	free(state);
	return r;
}

static int
add_row(struct bill *b, const struct row *w)
{
	if (w->due)
		b->n_due++;
	else
		b->n_to_come++;
	return b->json ? add_json(b, w) : add_line(b, w);
}

static int
add_debt(void *arg, const struct debt *d)
{
	struct bill *b = arg;
	struct row w = {
		.date = d->date,
		.slot = d->slot,
		.title = record_text(d->plan, "title"),
		.segment = record_text(d->plan, "segment"),
		.items = json_object_get(d->plan, "items"),
		.start_us = d->start_us,
		.end_us = d->end_us,
		.status = d->status,
		.reason = d->reason,
		.cut_ms = d->cut_ms,
		.signal_ms = d->signal_ms,
		.due = d->due,
	};
	int64_t day;

	if (strcmp(d->station, b->station) != 0 ||
	    civil_read_date(d->date, &day) < 0 || day < b->from_day)
		return 0;
	w.next = next_airing(b, d);
	return add_row(b, &w);
}

struct search {
	const struct planned *p;
	const char *station;
};

static int
is_debt(void *arg, const struct debt *d)
{
	const struct search *s = arg;

	return strcmp(d->station, s->station) == 0 &&
	       is_itself(s->p, d->date, d->slot);
}

/* Ordered, in the plan, and not yet in a day sheet. */
static int
add_planned(struct bill *b, const struct planned *p)
{
	struct search s = { p, b->station };
	struct civil_text date;
	struct row w = {
		.date = civil_date_text(p->day, &date),
		.slot = p->slot,
		.title = p->title,
		.segment = p->segment,
		.start_us = p->start_us,
		.end_us = p->end_us,
		.status = "",
		.reason = "",
		.signal_ms = -1,
		.next = p,
	};
	int r;

	if (!p->from_above || p->makeup_slot != NULL ||
	    p->start_us <= b->now_us || p->day < b->from_day ||
	    p->start_us > b->now_us + COME_DAYS * US_PER_DAY ||
	    owed_each(b->owed, is_debt, &s) != 0)
		return 0;
	w.items = json_array();
	for (size_t i = 0; i < p->n_items; i++)
		json_array_append_new(w.items, json_string(p->items[i]));
	r = add_row(b, &w);
	json_decref(w.items);
	return r;
}

static int
bill_station(struct bill *b)
{
	int r = owed_each(b->owed, add_debt, b);

	for (size_t i = 0; r == 0 && b->plan != NULL && i < b->plan->n; i++)
		r = add_planned(b, &b->plan->slots[i]);
	return r;
}

/* A schedule that cannot be read takes nothing off the bill. */
static int
read_plan(struct bill *b)
{
	struct problems ps = { 0 };
	int64_t today;
	int second;
	int r;

	civil_from_us(b->now_us, &today, &second);
	r = schedule_read(b->ctl->root.schedules, b->station, today - 1,
	    today + NEXT_DAYS, &ps, &b->schedule);
	problems_free(&ps);
	if (r == 0)
		return plan_make(
		    b->schedule, today - 1, today + NEXT_DAYS, &b->plan);
	b->schedule = NULL;
	if (r == -ENOMEM)
		return r;
	say_error(_("%s: the schedule cannot be read, so what comes next is "
		    "not known; look at `loaxa check`"),
	    b->station);
	return 0;
}

static void
print_station(const struct bill *b)
{
	if (b->schedule != NULL)
		say_line(stdout, "%s (%s)", b->schedule->name, b->station);
	else
		say_line(stdout, "%s", b->station);
	if (table_rows(b->table) > 0)
		table_print(b->table, stdout, table_width(stdout));
	else
		printf("%s\n", _("Nothing is owed to the levels above."));
	putchar('\n');
}

/* Bilingual sets whose week is over without one of their parts. */
static int
show_pairs(struct bill *b)
{
	json_t *pairs = NULL;
	json_t *pair;
	size_t i;
	int r = owing_pairs(&b->ctl->root, b->station, b->from_day, &pairs);

	if (r < 0)
		return r;
	if (!b->json && pairview_print(pairs, true, stdout) > 0)
		putchar('\n');
	json_array_foreach(pairs, i, pair)
	{
		if (b->json &&
		    strcmp(record_text(pair, "state"), "incomplete") == 0)
			json_array_append(b->rows, pair);
	}
	json_decref(pairs);
	return 0;
}

static int
show_station(struct bill *b, const char *station)
{
	const struct column columns[] = { { _("PLANNED"), 0 },
		{ _("WHAT"), COLUMN_ELASTIC }, { _("FROM"), COLUMN_ELASTIC },
		{ _("STATE"), COLUMN_ELASTIC }, { _("NEXT AIRING"), 0 } };
	int r;

	b->station = station;
	b->table = table_new(columns, COUNT(columns));
	r = b->table == NULL ? -ENOMEM : read_plan(b);
	if (r == 0)
		r = bill_station(b);
	if (r == 0 && !b->json)
		print_station(b);
	if (r == 0)
		r = show_pairs(b);
	b->table = table_free(b->table);
	b->plan = plan_free(b->plan);
	b->schedule = schedule_free(b->schedule);
	return r;
}

/* Stations that have lost their schedule keep their debts. */
static int
add_station(void *arg, const struct debt *d)
{
	json_t *all = arg;

	if (json_object_get(all, d->station) != NULL)
		return 0;
	return json_object_set_new(all, d->station, json_true()) < 0 ? -ENOMEM
								     : 0;
}

static int
add_schedule(void *arg, const char *station)
{
	return json_object_set_new(arg, station, json_true()) < 0 ? -ENOMEM : 0;
}

/* Every station, or the one; the code, or a negative errno. */
static int
show_known(struct bill *b, const char *only, json_t *all)
{
	const char *station;
	json_t *yes;
	int r = 0;

	if (only != NULL && json_object_get(all, only) == NULL)
		return command_no_station(b->ctl, only);
	json_object_foreach(all, station, yes)
	{
		if (r == 0 && (only == NULL || strcmp(only, station) == 0))
			r = show_station(b, station);
	}
	return r;
}

static int
show_stations(struct bill *b, const char *only)
{
	json_t *all = json_object();
	int r = all == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = schedule_stations(
		    b->ctl->root.schedules, add_schedule, all);
	if (r == 0 || r == -ENOENT)
		r = owed_each(b->owed, add_station, all);
	if (r == 0)
		r = show_known(b, only, all);
	json_decref(all);
	return r;
}

static int
show(struct bill *b, const char *station)
{
	int r = owing_read(&b->ctl->root, &b->owed);
	int code;

	if (r < 0) {
		say_error("%s: %s", b->ctl->root.log, say_errno(r));
		return say_exit(r);
	}
	b->rows = json_array();
	r = show_stations(b, station);
	owed_free(b->owed);
	if (r < 0)
		say_error("%s", say_errno(r));
	if (r != 0) {
		json_decref(b->rows);
		return r < 0 ? say_exit(r) : r;
	}
	code = b->n_due > 0 ? EX_DATAERR : EX_OK;
	if (b->json) {
		r = command_json(b->rows);
		return r != EX_OK ? r : code;
	}
	json_decref(b->rows);
	printf(_("Owed: %zu; to come within %d days: %zu.\n"), b->n_due,
	    COME_DAYS, b->n_to_come);
	return command_done(code);
}

/* Of all stations that were collected. */
static int
show_collected(struct arrears_want *w, bool json)
{
	json_t *all;
	int64_t today;
	int second;
	int code;
	int r;

	w->now_us = clock_read().wall_us;
	civil_from_us(w->now_us, &today, &second);
	if (w->to_day == INT64_MIN)
		w->to_day = today;
	if (w->from_day == INT64_MIN)
		w->from_day = w->to_day - NEXT_DAYS;
	if (w->to_day < w->from_day)
		return command_misused(
		    "owed", _("--to lies before --from; turn them round"));
	r = arrears_read(w, &all);
	if (r == -ENOENT || r == -EBADMSG)
		say_error(
		    r == -ENOENT
			? _("%s: nothing was collected here yet: `loaxa "
			    "collect --store %s FOLDER` takes in what stations "
			    "have signed")
			: _("%s: the collected rows are damaged: run `loaxa "
			    "collect --store %s`, which makes them again"),
		    w->store, w->store);
	else if (r < 0)
		say_error("%s: %s", w->store, say_errno(r));
	if (r < 0)
		return r == -ENOENT ? EX_NOINPUT : say_exit(r);
	code = arrears_due(all) > 0 ? EX_DATAERR : EX_OK;
	if (json) {
		r = command_json(all);
		return r != EX_OK ? r : code;
	}
	r = arrears_print(all, w, stdout);
	json_decref(all);
	return r < 0 ? say_exit(r) : command_done(code);
}

int
cmd_owed(struct ctl *ctl, int argc, char **argv)
{
	struct bill b = { .ctl = ctl, .from_day = INT64_MIN };
	const char *station = NULL;
	struct arrears_want w = { .to_day = INT64_MIN };
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "from", ARG_DATE, &b.from_day },
		{ "to", ARG_DATE, &w.to_day }, { "store", ARG_TEXT, &w.store },
		{ "json", ARG_FLAG, &b.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	if (w.store == NULL && w.to_day != INT64_MIN)
		return command_misused(argv[0], _("--to goes with --store"));
	if (w.store != NULL) {
		command_zone(ctl);
		w.station = station == NULL ? "" : station;
		w.from_day = b.from_day;
		return show_collected(&w, b.json);
	}
	r = command_office(ctl, &b.office);
	if (r != 0)
		return r;
	b.now_us = clock_read().wall_us;
	r = show(&b, station);
	office_close(&b.office);
	return r;
}
