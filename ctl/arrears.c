/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/arrears.h"
#include "ctl/commands.h"
#include "ctl/outcome.h"
#include "ctl/pairview.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/ledger.h"
#include "evidence/outages.h"
#include "evidence/owed.h"
#include "evidence/pairs.h"
#include "evidence/record.h"
#include "evidence/roster.h"
#include "evidence/store.h"

#define AROUND_DAYS 35 /* a repeat so much later still pays */

struct reading {
	const struct arrears_want *want;
	struct store *store;
	json_t *last; /* by key: the last record's instant */
	json_t *all;
};

/* One station; its sets by their names, as a week may lie in two spans. */
struct account {
	json_t *o;
	json_t *sets;
	int64_t until_us; /* what is known */
	int64_t from_day; /* of the span */
	int64_t to_day;
	json_t *outages; /* of the span */
	json_t *ordered; /* "station/date/slot" from above; true once counted */
};

/* What was ordered ----------------------------------------------------------- */

static bool
is_within(const struct account *a, const char *date)
{
	int64_t day;

	return civil_read_date(date, &day) == 0 && day >= a->from_day &&
	       day <= a->to_day;
}

static void
name_slot(char *key, size_t n, const json_t *r, const char *slot)
{
	snprintf(key, n, "%s/%s/%s", record_text(r, "station"),
	    record_text(r, "date"), slot);
}

static int
take_day(struct account *a, const json_t *r)
{
	char key[256];
	json_t *slot;
	size_t i;

	json_array_foreach(json_object_get(r, "slots"), i, slot)
	{
		if (!json_is_true(json_object_get(slot, "from_above")) ||
		    json_object_get(slot, "makeup_of") != NULL)
			continue;
		name_slot(key, sizeof(key), r, record_text(slot, "slot"));
		if (json_object_get(a->ordered, key) == NULL &&
		    json_object_set_new(a->ordered, key, json_false()) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int
take_outcome(struct account *a, const json_t *r)
{
	char key[256];

	name_slot(key, sizeof(key), r, record_text(r, "slot"));
	if (!json_is_false(json_object_get(a->ordered, key)))
		return 0;
	json_object_set_new(a->ordered, key, json_true());
	return json_object_set_new(a->o, "ordered",
		   json_integer(
		       (json_int_t)record_int(a->o, "ordered", 0) + 1)) < 0
		   ? -ENOMEM
		   : 0;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct account *a = arg;
	int kind = record_kind(line, n);
	json_t *r;
	int e = 0;

	(void)seq;
	if ((kind != KIND_DAY && kind != KIND_SLOT) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	if (is_within(a, record_text(r, "date")))
		e = kind == KIND_DAY ? take_day(a, r) : take_outcome(a, r);
	json_decref(r);
	return e;
}

/* What is owed --------------------------------------------------------------- */

/* A computer that was off, because there was no power: that is nobody's fault,
 * and is to be read so. */
static const char *
reason_of(const struct account *a, const char *reason, int64_t start_us,
    int64_t end_us)
{
	json_t *o;
	size_t i;

	json_array_foreach(a->outages, i, o)
	{
		int64_t from_us = INT64_MIN;
		int64_t to_us = INT64_MIN;

		civil_read_utc(record_text(o, "from_utc"), &from_us);
		civil_read_utc(record_text(o, "to_utc"), &to_us);
		if (strcmp(record_text(o, "cause"), "power_lost") == 0 &&
		    start_us < to_us && end_us > from_us &&
		    strcmp(reason, "machine_off") == 0)
			return "power_lost";
	}
	return reason;
}

static int
add_debt(void *arg, const struct debt *d)
{
	struct account *a = arg;
	struct civil_text utc;

	if (!d->due || !is_within(a, d->date))
		return 0;
	return json_array_append_new(json_object_get(a->o, "owed"),
		   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		       "station_id", d->station, "date", d->date, "slot",
		       d->slot, "title", record_text(d->plan, "title"),
		       "planned_utc", civil_utc_text(d->start_us, &utc),
		       "status", d->status, "reason",
		       reason_of(a, d->reason, d->start_us, d->end_us))) < 0
		   ? -ENOMEM
		   : 0;
}

static int
add_owed(struct account *a, struct disk *log)
{
	struct owed *owed;
	int r = owed_read(log, a->until_us, &owed);

	if (r < 0)
		return r;
	r = owed_each(owed, add_debt, a);
	owed_free(owed);
	return r;
}

/* Bilingual sets ------------------------------------------------------------- */

/* As what is owed, so that one slot is not told in two ways. */
static int
name_power_cuts(const struct account *a, json_t *pair)
{
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(pair, "parts"), i, part)
	{
		const char *was = record_text(part, "reason");
		const char *is;
		int64_t us;

		if (civil_read_utc(record_text(part, "planned_utc"), &us) < 0)
			continue;
		is = reason_of(a, was, us, us + 1);
		if (is != was &&
		    json_object_set_new(part, "reason", json_string(is)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int
add_sets(struct account *a, struct disk *log)
{
	json_t *pairs;
	json_t *pair;
	size_t i;
	int r =
	    pairs_read(log, "", a->from_day, a->to_day, a->until_us, &pairs);

	if (r < 0)
		return r;
	json_array_foreach(pairs, i, pair)
	{
		char key[256];
		const json_t *was;

		snprintf(key, sizeof(key), "%s/%s/%s",
		    record_text(pair, "station"), record_text(pair, "week"),
		    record_text(pair, "set"));
		was = json_object_get(a->sets, key);
		if (strcmp(record_text(pair, "state"), "open") != 0 &&
		    strcmp(record_text(was, "state"), "complete") != 0)
			r = json_object_set(a->sets, key, pair) < 0
				? -ENOMEM
				: name_power_cuts(a, pair);
		if (r < 0)
			break;
	}
	json_decref(pairs);
	return r;
}

static int
close_sets(struct account *a)
{
	size_t complete = 0;
	const char *key;
	json_t *pair;

	json_object_foreach(a->sets, key, pair)
	{
		if (strcmp(record_text(pair, "state"), "complete") == 0)
			complete++;
		else
			json_array_append(json_object_get(a->o, "pairs"), pair);
	}
	json_object_set_new(
	    a->o, "sets", json_integer((json_int_t)json_object_size(a->sets)));
	return json_object_set_new(
		   a->o, "complete", json_integer((json_int_t)complete)) < 0
		   ? -ENOMEM
		   : 0;
}

/* Stations ------------------------------------------------------------------- */

static int
take_span(void *arg, struct disk *log, int64_t from_day, int64_t to_day)
{
	struct account *a = arg;
	int r;

	a->from_day = from_day;
	a->to_day = to_day;
	r = outages_read(log, "", civil_to_us(from_day, 0),
	    civil_to_us(to_day + 1, 0), &a->outages);
	if (r < 0)
		return r;
	r = ledger_each(log, take_line, a);
	if (r == 0)
		r = add_owed(a, log);
	if (r == 0)
		r = add_sets(a, log);
	json_decref(a->outages);
	a->outages = NULL;
	return r;
}

static int
read_account(
    struct reading *rd, const struct roster_station *s, struct account *a)
{
	const struct arrears_want *w = rd->want;
	struct civil_text utc;
	int r = 0;

	a->until_us = json_integer_value(json_object_get(rd->last, s->hex));
	a->o = json_pack("{s:s, s:s, s:o, s:i, s:[], s:i, s:i, s:[]}",
	    "station", s->name, "key", s->hex, "until_utc",
	    a->until_us == 0 ? json_null()
			     : json_string(civil_utc_text(a->until_us, &utc)),
	    "ordered", 0, "owed", "sets", 0, "complete", 0, "pairs");
	a->sets = json_object();
	a->ordered = json_object();
	if (a->o == NULL || a->sets == NULL || a->ordered == NULL)
		return -ENOMEM;
	a->until_us = earlier(a->until_us, w->now_us);
	if (a->until_us != 0)
		r = store_spans(rd->store, s->hex, w->from_day, w->to_day,
		    AROUND_DAYS, take_span, a);
	return r == 0 || r == -ENOENT ? close_sets(a) : r;
}

static int
add_station(void *arg, const struct roster_station *s)
{
	struct reading *rd = arg;
	struct account a = { .o = NULL };
	int r;

	if (rd->want->station[0] != '\0' &&
	    strcmp(rd->want->station, s->name) != 0)
		return 0;
	/* A computer that is gone and has told nothing is nobody's. */
	if (s->replaced_by[0] != '\0' &&
	    json_object_get(rd->last, s->hex) == NULL)
		return 0;
	r = read_account(rd, s, &a);
	if (r == 0)
		r = json_array_append(rd->all, a.o) < 0 ? -ENOMEM : 0;
	json_decref(a.o);
	json_decref(a.sets);
	json_decref(a.ordered);
	return r;
}

static int
note_last(void *arg, const struct store_station *st)
{
	struct reading *rd = arg;

	return json_object_set_new(
		   rd->last, st->key, json_integer((json_int_t)st->last_us)) < 0
		   ? -ENOMEM
		   : 0;
}

static int
by_name(const void *a, const void *b)
{
	char *p = text_fold(record_text(*(json_t *const *)a, "station"));
	char *q = text_fold(record_text(*(json_t *const *)b, "station"));
	int r = p == NULL || q == NULL ? 0 : strcmp(p, q);

	free(p);
	free(q);
	return r;
}

static int
sort(json_t **all)
{
	size_t n = json_array_size(*all);
	json_t **list = calloc(n + 1, sizeof(json_t *));
	json_t *sorted = json_array();

	if (list == NULL || sorted == NULL) {
		free(list);
		json_decref(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = json_array_get(*all, i);
	qsort(list, n, sizeof(list[0]), by_name);
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, list[i]);
	free(list);
	json_decref(*all);
	*all = sorted;
	return 0;
}

int
arrears_read(const struct arrears_want *want, json_t **ret)
{
	struct reading rd = { want, NULL, json_object(), json_array() };
	char folder[PATH_MAX];
	int r = store_look(want->store, &rd.store);

	snprintf(folder, sizeof(folder), "%.4000s/stations", want->store);
	if (r == 0)
		r = store_stations(rd.store, note_last, &rd);
	if (r == 0)
		r = roster_each(folder, add_station, &rd);
	if (r == 0)
		r = sort(&rd.all);
	store_close(rd.store);
	json_decref(rd.last);
	if (r == 0)
		*ret = rd.all;
	else
		json_decref(rd.all);
	return r;
}

size_t
arrears_due(const json_t *all)
{
	size_t n = 0;
	json_t *o;
	size_t i;

	json_array_foreach(all, i, o)
	{
		n += json_array_size(json_object_get(o, "owed")) +
		     json_array_size(json_object_get(o, "pairs"));
	}
	return n;
}

/* For people ----------------------------------------------------------------- */

static const char *
until_text(const json_t *o, const struct arrears_want *w, char *buf, size_t n)
{
	const char *utc = record_text(o, "until_utc");
	struct civil_text at;
	int64_t us = 0;
	int64_t day = 0;
	int second;

	if (civil_read_utc(utc, &us) < 0)
		return _("NOT KNOWN: no record of it came");
	civil_from_us(us, &day, &second);
	if (day > w->to_day)
		return "";
	snprintf(buf, n, _("known until %s only"), say_instant(us, &at));
	return buf;
}

static int
add_row(struct table *t, const json_t *o, const struct arrears_want *w)
{
	size_t owed = json_array_size(json_object_get(o, "owed"));
	char n[5][32], until[200];
	const int64_t figures[] = { record_int(o, "ordered", 0),
		record_int(o, "ordered", 0) - (int64_t)owed, (int64_t)owed,
		record_int(o, "sets", 0), record_int(o, "complete", 0) };

	for (size_t i = 0; i < COUNT(figures); i++)
		snprintf(n[i], sizeof(n[i]), "%lld", (long long)figures[i]);
	return table_row(
	    t, (const char *const[]){ record_text(o, "station"), n[0], n[1],
		   n[2], n[3], n[4], until_text(o, w, until, sizeof(until)) });
}

static void
print_details(const json_t *o, FILE *out)
{
	const json_t *owed = json_object_get(o, "owed");
	const json_t *pairs = json_object_get(o, "pairs");
	struct civil_text at;
	json_t *d;
	size_t i;

	if (json_array_size(owed) + json_array_size(pairs) == 0)
		return;
	fputc('\n', out);
	say_line(out, "%s", record_text(o, "station"));
	json_array_foreach(owed, i, d)
	{
		const char *reason = record_text(d, "reason");
		int64_t us = 0;

		civil_read_utc(record_text(d, "planned_utc"), &us);
		say_line(out, "  %s  %s: %s%s%s", say_instant(us, &at),
		    record_text(d, "title"),
		    outcome_status(record_text(d, "status")),
		    reason[0] == '\0' ? "" : ": ", outcome_reason(reason));
	}
	pairview_print(pairs, true, out);
}

int
arrears_print(const json_t *all, const struct arrears_want *want, FILE *out)
{
	const struct column columns[] = { { _("STATION"), COLUMN_ELASTIC },
		{ _("ORDERED"), COLUMN_RIGHT }, { _("IN FULL"), COLUMN_RIGHT },
		{ _("OWED"), COLUMN_RIGHT }, { _("BILINGUAL"), COLUMN_RIGHT },
		{ _("COMPLETE"), COLUMN_RIGHT }, { "", COLUMN_ELASTIC } };
	struct table *t = table_new(columns, COUNT(columns));
	struct civil_text from, to;
	int r = t == NULL ? -ENOMEM : 0;
	json_t *o;
	size_t i;

	json_array_foreach(all, i, o)
	{
		r = r == 0 ? add_row(t, o, want) : r;
	}
	if (r == 0) {
		say_line(out,
		    _("Ordered from above, from %s to %s, with bilingual "
		      "programmes:"),
		    say_date(want->from_day, &from),
		    say_date(want->to_day, &to));
		table_print(t, out, table_width(out));
		json_array_foreach(all, i, o)
		{
			print_details(o, out);
		}
	}
	table_free(t);
	return r;
}
