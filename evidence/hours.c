/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/hours.h"
#include "evidence/record.h"

#define DATES_KEPT 6 /* a wrong clock may name others in between */
#define SLACK_US US_PER_S /* clocks are read twice, and rounded */
#define ACT_US (5 * US_PER_S) /* other hours act so soon */

struct hours {
	/* {station: {dates: [[date, [[from, to], ..]], ..], since}} */
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
		json_array_append_new(
		    list, json_pack("[I, I]", (json_int_t)utc_of(w, "from_utc"),
			      (json_int_t)utc_of(w, "to_utc")));
	}
	return list;
}

/* The entry of a date, moved to the end of the list; NULL when out of memory.
 */
static json_t *
entry_of(json_t *dates, const char *date)
{
	json_t *entry = NULL;

	for (size_t i = 0; i < json_array_size(dates); i++) {
		json_t *e = json_array_get(dates, i);

		if (strcmp(json_string_value(json_array_get(e, 0)), date) != 0)
			continue;
		entry = json_incref(e);
		json_array_remove(dates, i);
		break;
	}
	if (entry == NULL)
		entry = json_pack("[s, []]", date);
	if (entry == NULL || json_array_append_new(dates, entry) < 0)
		return NULL;
	if (json_array_size(dates) > DATES_KEPT)
		json_array_remove(dates, 0);
	return entry;
}

int
hours_take(struct hours *h, const json_t *day)
{
	json_t *st = record_child(h->stations, record_text(day, "station"));
	json_t *dates;
	json_t *entry;
	json_t *list;

	if (!json_is_array(json_object_get(day, "hours")) || st == NULL)
		return st == NULL ? -ENOMEM : 0;
	if (json_object_get(st, "dates") == NULL)
		json_object_set_new(st, "dates", json_array());
	dates = json_object_get(st, "dates");
	entry = entry_of(dates, record_text(day, "date"));
	list = windows_of(day);
	if (entry == NULL || list == NULL) {
		json_decref(list);
		return -ENOMEM;
	}
	if (json_array_size(json_array_get(entry, 1)) > 0 &&
	    !json_equal(json_array_get(entry, 1), list))
		json_object_set_new(
		    st, "since", json_integer((json_int_t)utc_of(day, "utc")));
	return json_array_set_new(entry, 1, list) < 0 ? -ENOMEM : 0;
}

json_t *
hours_now(const struct hours *h, const char *station)
{
	const json_t *dates =
	    json_object_get(json_object_get(h->stations, station), "dates");
	json_t *all;
	json_t *entry;
	size_t i;

	if (dates == NULL)
		return NULL;
	all = json_array();
	json_array_foreach(dates, i, entry)
	{
		json_array_extend(all, json_array_get(entry, 1));
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

static bool
sound_of(const json_t *start, const json_t *end, struct sound *ret)
{
	int64_t ms = record_int(end, "wall_ms", 0);

	ret->from_us = utc_of(end, "actual_utc");
	ret->from_then_us = utc_of(start, "cue_utc");
	if (ret->from_us == NEVER || ret->from_then_us == NEVER ||
	    record_int(end, "frames_sent", 0) <= 0)
		return false;
	ret->from_then_us += record_int(end, "late_ms", 0) * US_PER_MS;
	ret->to_us = ret->from_us + ms * US_PER_MS;
	ret->to_then_us = ret->from_then_us + ms * US_PER_MS;
	return true;
}

bool
hours_broken(const struct hours *h, const json_t *at_start, const json_t *start,
    const json_t *end)
{
	const char *station = record_text(start, "station");
	const json_t *st = json_object_get(h->stations, station);
	int64_t since_us = record_int(st, "since", INT64_MIN);
	bool changed = since_us > utc_of(start, "utc");
	json_t *now;
	struct sound s;
	bool ok;

	if (at_start == NULL || !sound_of(start, end, &s))
		return false;
	now = hours_now(h, station);
	if (changed)
		ok = holds(at_start, s.from_then_us) &&
		     (holds(now, s.to_us - 1) || s.to_us <= since_us + ACT_US);
	else if (llabs(s.from_us - s.from_then_us) > SLACK_US)
		ok = holds(at_start, s.from_then_us) &&
		     (holds(now, s.to_then_us - 1) || holds(now, s.to_us - 1));
	else
		ok = covers(now, s.from_us, s.to_us);
	json_decref(now);
	return !ok;
}
