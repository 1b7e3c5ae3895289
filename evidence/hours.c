/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/hours.h"
#include "evidence/record.h"

#define DATES_KEPT 500 /* a long outage is planned day by day afterwards */
#define SLACK_US US_PER_S /* clocks are read twice, and rounded */
#define ACT_US (5 * US_PER_S) /* other hours act so soon */
#define SPAN_MS (US_PER_DAY / US_PER_MS) /* no airing is as long */

struct hours {
	/* {station: {dates: {date: [[from, to], ..]}, since, since_seq}} */
	json_t *stations;
};

struct hours *
hours_new(void)
{
	struct hours *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->stations = json_object();
	if (h->stations == NULL) {
		free(h);
		return NULL;
	}
	return h;
}

struct hours *
hours_free(struct hours *h)
{
	if (h == NULL)
		return NULL;
	json_decref(h->stations);
	free(h);
	return NULL;
}

static int64_t
utc_of(const json_t *r, const char *key)
{
	int64_t us = NEVER;

	civil_read_utc(record_text(r, key), &us);
	return us;
}

/* [[from, to], ..] in microseconds; yours. */
static json_t *
windows_of(const json_t *day)
{
	json_t *list = json_array();
	const json_t *w;
	size_t i;

	json_array_foreach(json_object_get(day, "hours"), i, w)
	{
		int64_t from = utc_of(w, "from_utc");
		int64_t to = utc_of(w, "to_utc");

		/* One that cannot be read allows nothing. */
		if (from != NEVER && to != NEVER)
			json_array_append_new(
			    list, json_pack("[I, I]", (json_int_t)from,
				      (json_int_t)to));
	}
	return list;
}

/* A wrong clock's dates of 1970 go first. */
static void
drop_oldest(json_t *dates)
{
	const char *oldest = NULL;
	const char *date;
	json_t *value;

	if (json_object_size(dates) <= DATES_KEPT)
		return;
	json_object_foreach(dates, date, value)
	{
		if (oldest == NULL || strcmp(date, oldest) < 0)
			oldest = date;
	}
	json_object_del(dates, oldest);
}

int
hours_take(struct hours *h, const json_t *day)
{
	json_t *st = record_child(h->stations, record_text(day, "station"));
	json_t *dates = st == NULL ? NULL : record_child(st, "dates");
	const char *date = record_text(day, "date");
	json_t *list;
	json_t *was;

	if (dates == NULL)
		return -ENOMEM;
	if (!json_is_array(json_object_get(day, "hours")))
		return 0;
	list = windows_of(day);
	was = json_object_get(dates, date);
	if (was != NULL && !json_equal(was, list) &&
	    utc_of(day, "utc") != NEVER) {
		json_object_set_new(
		    st, "since", json_integer((json_int_t)utc_of(day, "utc")));
		json_object_set_new(st, "since_seq",
		    json_integer((json_int_t)record_int(day, "seq", 0)));
	}
	if (json_object_set_new(dates, date, list) < 0)
		return -ENOMEM;
	drop_oldest(dates);
	return 0;
}

json_t *
hours_now(const struct hours *h, const char *station, const char *date)
{
	const json_t *dates =
	    json_object_get(json_object_get(h->stations, station), "dates");
	json_t *all;
	int64_t day;

	if (json_object_get(dates, date) == NULL ||
	    civil_read_date(date, &day) < 0)
		return NULL;
	all = json_array();
	for (int64_t d = day - 1; d <= day + 1; d++) {
		struct civil_text t;
		json_t *windows =
		    json_object_get(dates, civil_date_text(d, &t));

		if (windows != NULL)
			json_array_extend(all, windows);
	}
	return all;
}

/* The end of the hours that hold an instant; it itself when none does. */
static int64_t
reach(const json_t *windows, int64_t us)
{
	int64_t end = us;
	const json_t *w;
	size_t i;

	json_array_foreach(windows, i, w)
	{
		int64_t from = json_integer_value(json_array_get(w, 0));
		int64_t to = json_integer_value(json_array_get(w, 1));

		if (from - SLACK_US <= us && us < to + SLACK_US)
			end = later(end, to + SLACK_US);
	}
	return end;
}

static bool
holds(const json_t *windows, int64_t us)
{
	return reach(windows, us) > us;
}

/* All of [from, to), windows that adjoin being one. */
static bool
covers(const json_t *windows, int64_t from_us, int64_t to_us)
{
	while (from_us < to_us) {
		int64_t end = reach(windows, from_us);

		if (end <= from_us)
			return false;
		from_us = end;
	}
	return true;
}

/* One airing's sound by two clocks: as it was set when its cue went out, and
 * as it is set at its end. */
struct sound {
	int64_t from_us;
	int64_t to_us;
	int64_t from_then_us;
	int64_t to_then_us;
};

/* What a damaged line says may be anything. */
static int64_t
span_of(const json_t *r, const char *key)
{
	return earlier(later(0, record_int(r, key, 0)), SPAN_MS) * US_PER_MS;
}

static bool
sound_of(const json_t *start, const json_t *end, struct sound *ret)
{
	int64_t us = span_of(end, "wall_ms");

	ret->from_us = utc_of(end, "actual_utc");
	ret->from_then_us = utc_of(start, "cue_utc");
	if (ret->from_us == NEVER || ret->from_then_us == NEVER ||
	    record_int(end, "frames_sent", 0) <= 0)
		return false;
	/* Never before its cue: less than nothing is a clock that was set, in an
	 * end that a later life wrote (simulate --faults --example --seed 144).
	 */
	ret->from_then_us += span_of(end, "late_ms");
	ret->to_us = ret->from_us + us;
	ret->to_then_us = ret->from_then_us + us;
	return true;
}

/* In the hours that are, or as soon as they act. */
static bool
ends_well(const json_t *now, int64_t to_us, int64_t since_us)
{
	return holds(now, to_us - 1) || to_us <= since_us + ACT_US;
}

bool
hours_broken(const struct hours *h, const json_t *at_start, const json_t *start,
    const json_t *end)
{
	const char *station = record_text(start, "station");
	const json_t *st = json_object_get(h->stations, station);
	int64_t since_us = record_int(st, "since", INT64_MIN);
	/* By the log's order: a clock that was set back between the two says
	 * otherwise (simulate --faults --example --seed 372). */
	bool changed =
	    record_int(st, "since_seq", -1) > record_int(start, "seq", 0);
	json_t *now;
	struct sound s;
	bool ok;

	if (at_start == NULL || !sound_of(start, end, &s))
		return false;
	now = hours_now(h, station, record_text(start, "date"));
	/* And the clock set besides, as one reads its end: simulate --faults
	 * --example --seed 50921. */
	if (changed)
		ok = holds(at_start, s.from_then_us) &&
		     (ends_well(now, s.to_us, since_us) ||
			 ends_well(now, s.to_then_us, since_us));
	else if (llabs(s.from_us - s.from_then_us) > SLACK_US)
		ok = holds(at_start, s.from_then_us) &&
		     (holds(now, s.to_then_us - 1) || holds(now, s.to_us - 1));
	else
		ok = covers(now, s.from_us, s.to_us);
	json_decref(now);
	return !ok;
}
