/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/segments.h"
#include "evidence/sheets.h"
#include "evidence/tally.h"
#include "evidence/targets.h"

enum { FIRST, REPEAT, RUNS };

struct reading {
	struct segments *segments;
	struct tally *tally;
	struct sheets *sheets; /* of the days of the tally */
	json_t *rows;
	json_t *untold;
	const char *only; /* "" all */
	const char *station; /* at hand */
	int64_t from_day;
	int64_t to_day;
	int64_t now_us;
	int64_t today;
	int64_t first_day; /* of all periods */
	int64_t last_day;
	int error;
};

/* What is counted of one segment in one period. */
struct count {
	int64_t n[RUNS];
	int64_t ms[RUNS];
	json_t *sets; /* {"set week": {language: [first, repeats]}} */
};

/* Periods ---------------------------------------------------------------- */

/* The days and the name of the period around a day; -EINVAL for another word
 * than the format's. */
static int
period_of(const char *per, int64_t day, int64_t *ret_from, int64_t *ret_to,
    struct civil_text *name)
{
	int year, month, mday;
	int first, months;

	civil_ymd(day, &year, &month, &mday);
	if (strcmp(per, "day") == 0) {
		*ret_from = *ret_to = day;
		civil_date_text(day, name);
		return 0;
	}
	if (strcmp(per, "week") == 0) {
		*ret_from = day - civil_weekday(day);
		*ret_to = *ret_from + WEEKDAYS - 1;
		civil_week_text(day, name);
		return 0;
	}
	months = strcmp(per, "month") == 0     ? 1
		 : strcmp(per, "quarter") == 0 ? 3
		 : strcmp(per, "year") == 0    ? 12
					       : 0;
	if (months == 0)
		return -EINVAL;
	first = (month - 1) / months * months + 1;
	if (months == 1)
		snprintf(name->s, sizeof(name->s), "%04d-%02d", year, month);
	else if (months == 3)
		snprintf(name->s, sizeof(name->s), "%04d-Q%d", year,
		    (month + 2) / 3);
	else
		snprintf(name->s, sizeof(name->s), "%04d", year);
	if (civil_day(year, first, 1, ret_from) < 0)
		return -EINVAL;
	first += months;
	if (civil_day(first > 12 ? year + 1 : year, first > 12 ? 1 : first, 1,
		ret_to) < 0)
		return -EINVAL;
	--*ret_to;
	return 0;
}

/* Rows, still without their figures --------------------------------------- */

static void
set(struct reading *rd, json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) < 0)
		rd->error = -ENOMEM;
}

static json_t *
given(const json_t *segment, const char *key)
{
	json_t *v = json_object_get(segment, key);

	return json_is_object(v) ? json_incref(v) : json_null();
}

static json_t *
find_row(const struct reading *rd, const char *id, const char *per,
    const char *period)
{
	json_t *row;
	size_t i;

	json_array_foreach(rd->rows, i, row)
	{
		if (strcmp(record_text(row, "segment"), id) == 0 &&
		    strcmp(record_text(row, "station"), rd->station) == 0 &&
		    (per == NULL ||
			(strcmp(record_text(row, "per"), per) == 0 &&
			    strcmp(record_text(row, "period"), period) == 0)))
			return row;
	}
	return NULL;
}

static json_t *
new_row(struct reading *rd, const char *id, const char *per, const char *period,
    int64_t from_day, int64_t to_day)
{
	int64_t logged = segments_first_day(rd->segments, rd->station);
	bool late = logged != INT64_MAX && logged > from_day;
	struct civil_text from, to, log;
	json_t *row = json_pack(
	    "{s:s,s:n,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:o,s:b,s:n,s:b}", "station",
	    rd->station, "plan", "segment", id, "title", "", "per", per,
	    "period", period, "from", civil_date_text(from_day, &from), "to",
	    civil_date_text(to_day, &to), "cut",
	    from_day < rd->from_day || to_day > rd->to_day, "log_from",
	    late ? json_string(civil_date_text(logged, &log)) : json_null(),
	    "over", rd->now_us >= civil_to_us(to_day + 1, 0), "target",
	    "changed", 0);

	if (json_array_append_new(rd->rows, row) < 0) {
		rd->error = -ENOMEM;
		return NULL;
	}
	rd->first_day = earlier(rd->first_day, from_day);
	rd->last_day = later(rd->last_day, to_day);
	return row;
}

/* As told last. */
static void
tell(struct reading *rd, json_t *row, const json_t *segment)
{
	const json_t *before = json_object_get(row, "target");
	const json_t *target = json_object_get(segment, "target");

	if (json_is_object(before) && !json_equal(before, target))
		set(rd, row, "changed", json_true());
	set(rd, row, "target", given(segment, "target"));
	set(rd, row, "plan", given(segment, "plan"));
	set(rd, row, "title", json_string(record_text(segment, "title")));
}

/* The target of a segment on one day, in the row of its period. The days
 * before those asked for, and behind them, tell of no period of their own. */
static void
take_target(struct reading *rd, const json_t *segment, int64_t day, bool asked)
{
	const char *id = record_text(segment, "id");
	const char *per =
	    record_text(json_object_get(segment, "target"), "per");
	struct civil_text name;
	int64_t from, to;
	json_t *row;

	if (period_of(per, day, &from, &to, &name) < 0)
		return;
	row = find_row(rd, id, per, name.s);
	if (row == NULL && asked)
		row = new_row(rd, id, per, name.s, from, to);
	if (row != NULL)
		tell(rd, row, segment);
}

/* A day within a period on which the segment had no such target. */
static void
note_change(struct reading *rd, const json_t *list, json_t *row, int64_t day)
{
	const json_t *segment =
	    segments_find(list, record_text(row, "segment"));
	struct civil_text date;

	civil_date_text(day, &date);
	if (strcmp(record_text(row, "station"), rd->station) == 0 &&
	    strcmp(record_text(row, "from"), date.s) <= 0 &&
	    strcmp(record_text(row, "to"), date.s) >= 0 &&
	    strcmp(record_text(json_object_get(segment, "target"), "per"),
		record_text(row, "per")) != 0)
		set(rd, row, "changed", json_true());
}

static void
note_changes(struct reading *rd, int64_t day)
{
	const json_t *list = segments_on(rd->segments, rd->station, day);
	json_t *row;
	size_t i;

	json_array_foreach(rd->rows, i, row)
	{
		if (list != NULL)
			note_change(rd, list, row, day);
	}
}

static void
take_targets(struct reading *rd, int64_t day)
{
	const json_t *list = segments_on(rd->segments, rd->station, day);
	bool asked = day >= rd->from_day && day <= rd->to_day;
	const json_t *segment;
	size_t i;

	json_array_foreach(list, i, segment)
	{
		if (json_is_object(json_object_get(segment, "target")))
			take_target(rd, segment, day, asked);
	}
}

static void
add_untold(struct reading *rd, int64_t from_day, int64_t to_day)
{
	struct civil_text from, to;

	if (json_array_append_new(
		rd->untold, json_pack("{s:s,s:s,s:s}", "station", rd->station,
				"from", civil_date_text(from_day, &from), "to",
				civil_date_text(to_day, &to))) < 0)
		rd->error = -ENOMEM;
}

/* The days of which the log tells something, but no segments. */
static void
find_untold(struct reading *rd)
{
	int64_t last = earlier(rd->to_day, rd->today);
	int64_t from =
	    later(rd->from_day, segments_first_day(rd->segments, rd->station));
	int64_t since = INT64_MAX;

	for (int64_t day = from; day <= last; day++) {
		bool told = segments_on(rd->segments, rd->station, day) != NULL;

		if (!told && since == INT64_MAX)
			since = day;
		if (told && since != INT64_MAX) {
			add_untold(rd, since, day - 1);
			since = INT64_MAX;
		}
	}
	if (since != INT64_MAX)
		add_untold(rd, since, last);
}

/* Of a plan, and nobody has set a target. */
static void
take_targetless(struct reading *rd)
{
	const json_t *list = segments_on(rd->segments, rd->station, rd->to_day);
	const json_t *segment;
	size_t i;

	json_array_foreach(list, i, segment)
	{
		const char *id = record_text(segment, "id");
		json_t *row;

		if (!json_is_object(json_object_get(segment, "plan")) ||
		    find_row(rd, id, NULL, NULL) != NULL)
			continue;
		row = new_row(rd, id, "", "", rd->from_day, rd->to_day);
		if (row != NULL)
			tell(rd, row, segment);
	}
}

/* The rows of a station: one a period that the days asked for touch. What is
 * told in a period before those days is only a target that was changed, and
 * what is told after them is the one that counts. */
static int
take_station(void *arg, const char *station)
{
	struct reading *rd = arg;
	int64_t first, last;

	if (station[0] == '\0' ||
	    (rd->only[0] != '\0' && strcmp(rd->only, station) != 0))
		return 0;
	rd->station = station;
	for (int64_t day = rd->from_day; day <= rd->to_day; day++)
		take_targets(rd, day);
	first = rd->first_day;
	last = earlier(rd->last_day, rd->today);
	for (int64_t day = first; day <= last; day++) {
		take_targets(rd, day);
		note_changes(rd, day);
	}
	take_targetless(rd);
	find_untold(rd);
	return rd->error;
}

/* Counting --------------------------------------------------------------- */

/* The bilingual set that a slot plays, in whole or in part; NULL: none. */
static const json_t *
set_of(const struct reading *rd, const json_t *row)
{
	struct sheet_slot s;
	const json_t *of;

	if (sheets_find(rd->sheets, record_text(row, "station"),
		record_text(row, "date"), record_text(row, "slot"), &s) < 0)
		return NULL;
	of = json_object_get(s.plan, "set");
	return json_is_object(of) ? of : NULL;
}

/* One more airing of these parts. */
static int
count_parts(struct count *c, const json_t *of, int run)
{
	char key[256];
	json_t *sets;
	const json_t *part;
	size_t i;

	snprintf(key, sizeof(key), "%s %s", record_text(of, "id"),
	    record_text(of, "week"));
	sets = record_child(c->sets, key);
	json_array_foreach(json_object_get(of, "languages"), i, part)
	{
		const char *language = json_string_value(part);

		if (language != NULL && json_object_get(sets, language) == NULL)
			json_object_set_new(
			    sets, language, json_pack("[i,i]", 0, 0));
	}
	json_array_foreach(json_object_get(of, "parts"), i, part)
	{
		const char *language = json_string_value(part);
		json_t *n =
		    language == NULL ? NULL : json_object_get(sets, language);
		json_t *of_run = json_array_get(n, (size_t)run);

		json_integer_set(of_run, json_integer_value(of_run) + 1);
	}
	return sets == NULL ? -ENOMEM : 0;
}

/* How often the whole set was heard: as often as its rarest part; as a first
 * run, as often as the first run that is rarest. */
static void
count_set(struct count *c, const json_t *languages)
{
	int64_t first = INT64_MAX;
	int64_t all = INT64_MAX;
	const char *language;
	json_t *n;

	json_object_foreach((json_t *)languages, language, n)
	{
		int64_t f = json_integer_value(json_array_get(n, FIRST));

		first = earlier(first, f);
		all = earlier(
		    all, f + json_integer_value(json_array_get(n, REPEAT)));
	}
	if (all == INT64_MAX)
		return;
	c->n[FIRST] += first;
	c->n[REPEAT] += all - first;
}

static void
count_sets(struct count *c)
{
	const char *key;
	json_t *languages;

	json_object_foreach(c->sets, key, languages)
	{
		count_set(c, languages);
	}
}

static void
count_airing(struct reading *rd, struct count *c, const json_t *row, int run)
{
	const json_t *of = set_of(rd, row);

	if (of == NULL)
		c->n[run]++;
	else if (count_parts(c, of, run) < 0)
		rd->error = -ENOMEM;
}

struct counts {
	struct count planned;
	struct count aired;
	int64_t open_n;
	int64_t partial_n;
	int64_t not_aired_n;
	bool unsure; /* does not add up, or lost its records */
};

static void
count_row(struct reading *rd, struct counts *c, const json_t *row)
{
	const char *status = record_text(row, "status");
	int64_t planned = record_int(row, "planned", 0);
	int64_t open = record_int(row, "open", 0);
	int run = strcmp(record_text(row, "content"), "repeats") == 0 ? REPEAT
								      : FIRST;

	if (planned + open > 0) {
		count_airing(rd, &c->planned, row, run);
		c->planned.ms[run] += record_int(row, "planned_ms", 0);
	}
	run = strcmp(record_text(row, "run"), "first") == 0 ? FIRST : REPEAT;
	if (strcmp(status, "aired") == 0)
		count_airing(rd, &c->aired, row, run);
	c->aired.ms[FIRST] += record_int(row, "first_ms", 0);
	c->aired.ms[REPEAT] += record_int(row, "repeat_ms", 0);
	c->open_n += open;
	c->partial_n += strcmp(status, "aired_partial") == 0;
	c->not_aired_n += strcmp(status, "not_aired") == 0;
	c->unsure = c->unsure || planned != (status[0] != '\0') ||
		    strcmp(record_text(row, "cause"), "unknown") == 0;
}

static void
count_all(struct reading *rd, const json_t *row, struct counts *c)
{
	const char *from = record_text(row, "from");
	const char *to = record_text(row, "to");
	const json_t *slot;
	size_t i;

	json_array_foreach(rd->tally->rows, i, slot)
	{
		const char *date = record_text(slot, "date");

		if (strcmp(date, from) >= 0 && strcmp(date, to) <= 0 &&
		    strcmp(record_text(slot, "segment"),
			record_text(row, "segment")) == 0 &&
		    strcmp(record_text(slot, "station"),
			record_text(row, "station")) == 0)
			count_row(rd, c, slot);
	}
	count_sets(&c->planned);
	count_sets(&c->aired);
}

/* The verdict ------------------------------------------------------------- */

static json_t *
count_json(const struct count *c)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "first_n",
	    (json_int_t)c->n[FIRST], "repeat_n", (json_int_t)c->n[REPEAT],
	    "first_ms", (json_int_t)c->ms[FIRST], "repeat_ms",
	    (json_int_t)c->ms[REPEAT]);
}

/* Of each count that the target has; *ret_any when one is not reached. */
static json_t *
lacking_json(const json_t *target, const struct count *c, bool *ret_any)
{
	const struct {
		const char *asked;
		const char *lacking;
		int64_t unit;
		int64_t have;
	} counts[] = {
		{ "airings", "airings", 1, c->n[FIRST] + c->n[REPEAT] },
		{ "first_airings", "first_airings", 1, c->n[FIRST] },
		{ "repeat_airings", "repeat_airings", 1, c->n[REPEAT] },
		{ "minutes", "ms", US_PER_MIN / US_PER_MS,
		    c->ms[FIRST] + c->ms[REPEAT] },
		{ "first_minutes", "first_ms", US_PER_MIN / US_PER_MS,
		    c->ms[FIRST] },
		{ "repeat_minutes", "repeat_ms", US_PER_MIN / US_PER_MS,
		    c->ms[REPEAT] },
	};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t asked = record_int(target, counts[i].asked, -1);
		int64_t left =
		    later(0, asked * counts[i].unit - counts[i].have);

		if (asked < 0)
			continue;
		json_object_set_new(
		    o, counts[i].lacking, json_integer((json_int_t)left));
		*ret_any = *ret_any || left > 0;
	}
	return o;
}

static const char *
state_of(const json_t *row, const struct counts *c, bool lacks)
{
	if (!json_is_object(json_object_get(row, "target")))
		return "none";
	if (!lacks)
		return "met";
	if (!json_is_true(json_object_get(row, "over")))
		return "open";
	return c->unsure || json_is_string(json_object_get(row, "log_from"))
		   ? "unsure"
		   : "lacking";
}

static void
settle(struct reading *rd, json_t *row)
{
	struct counts c = { .planned.sets = json_object(),
		.aired.sets = json_object() };
	const json_t *target = json_object_get(row, "target");
	bool lacks = false;

	count_all(rd, row, &c);
	set(rd, row, "planned", count_json(&c.planned));
	set(rd, row, "aired", count_json(&c.aired));
	set(rd, row, "open_n", json_integer((json_int_t)c.open_n));
	set(rd, row, "partial_n", json_integer((json_int_t)c.partial_n));
	set(rd, row, "not_aired_n", json_integer((json_int_t)c.not_aired_n));
	set(rd, row, "lacking",
	    json_is_object(target) ? lacking_json(target, &c.aired, &lacks)
				   : json_null());
	set(rd, row, "state", json_string(state_of(row, &c, lacks)));
	json_decref(c.planned.sets);
	json_decref(c.aired.sets);
}

/* Order ------------------------------------------------------------------- */

static int
by_plan(const void *a, const void *b)
{
	const json_t *p = *(json_t *const *)a;
	const json_t *q = *(json_t *const *)b;
	const json_t *pp = json_object_get(p, "plan");
	const json_t *qp = json_object_get(q, "plan");
	int r = strcmp(record_text(p, "station"), record_text(q, "station"));

	if (r == 0) /* what is of no plan comes last */
		r = json_is_object(qp) - json_is_object(pp);
	if (r == 0)
		r = strcmp(record_text(pp, "date"), record_text(qp, "date"));
	if (r == 0)
		r = strcmp(record_text(pp, "no"), record_text(qp, "no"));
	if (r == 0)
		r = strcmp(
		    record_text(p, "segment"), record_text(q, "segment"));
	return r == 0 ? strcmp(record_text(p, "from"), record_text(q, "from"))
		      : r;
}

static int
sort(json_t **rows)
{
	size_t n = json_array_size(*rows);
	json_t **list = calloc(n + 1, sizeof(list[0]));
	json_t *sorted = json_array();

	if (list == NULL || sorted == NULL) {
		free(list);
		json_decref(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = json_array_get(*rows, i);
	qsort(list, n, sizeof(list[0]), by_plan);
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, list[i]);
	free(list);
	json_decref(*rows);
	*rows = sorted;
	return 0;
}

/* The whole --------------------------------------------------------------- */

static int
take_sheet(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reading *rd = arg;
	struct civil_text from, to;
	const char *date;
	json_t *r;
	int e = 0;

	(void)seq;
	if (record_kind(line, n) != KIND_DAY || record_parse(line, n, &r) < 0)
		return 0;
	date = record_text(r, "date");
	if (strcmp(date, civil_date_text(rd->first_day, &from)) >= 0 &&
	    strcmp(date, civil_date_text(rd->last_day, &to)) <= 0)
		e = sheets_take(rd->sheets, r);
	json_decref(r);
	return e == -ENOMEM ? e : 0;
}

static int
read_all(struct reading *rd, struct disk *disk)
{
	json_t *row;
	size_t i;
	int r = segments_read(disk, &rd->segments);

	if (r == 0)
		r = segments_stations(rd->segments, take_station, rd);
	if (r == 0)
		r = tally_read(
		    disk, rd->only, rd->first_day, rd->last_day, &rd->tally);
	if (r == 0)
		r = ledger_each(disk, take_sheet, rd);
	if (r < 0)
		return r;
	json_array_foreach(rd->rows, i, row)
	{
		settle(rd, row);
	}
	return rd->error == 0 ? sort(&rd->rows) : rd->error;
}

int
targets_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, int64_t now_us, struct targets *ret)
{
	struct reading rd = { .sheets = sheets_new(),
		.rows = json_array(),
		.untold = json_array(),
		.only = station,
		.from_day = from_day,
		.to_day = to_day,
		.now_us = now_us,
		.first_day = from_day,
		.last_day = to_day };
	int r = rd.sheets == NULL || rd.rows == NULL || rd.untold == NULL
		    ? -ENOMEM
		    : 0;
	int64_t last_seq = -1;
	int second;

	civil_from_us(now_us, &rd.today, &second);
	if (r == 0)
		r = read_all(&rd, disk);
	if (rd.tally != NULL)
		last_seq = rd.tally->last_seq;
	segments_free(rd.segments);
	tally_free(rd.tally);
	sheets_free(rd.sheets);
	*ret = (struct targets){ rd.rows, rd.untold, last_seq };
	if (r < 0)
		targets_clear(ret);
	return r;
}

void
targets_clear(struct targets *t)
{
	json_decref(t->rows);
	json_decref(t->untold);
	*t = (struct targets){ 0 };
}
