/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/segments.h"

struct segments {
	/* {station: {told: [{us, list}], first_day}}; a list that is null: from
	 * there on the log does not tell. */
	json_t *stations;
};

static int
take_schedule(json_t *station, const json_t *r)
{
	json_t *told = json_object_get(station, "told");
	json_t *list = json_object_get(r, "segments");
	const json_t *last =
	    json_array_get(told, json_array_size(told) - 1); /* or NULL */
	int64_t us;

	if (civil_read_utc(record_text(r, "utc"), &us) < 0)
		return 0;
	if (!json_is_array(list))
		list = NULL;
	/* Each boot tells it again. */
	if (last != NULL && us >= record_int(last, "us", 0) &&
	    json_equal(json_object_get(last, "list"),
		list == NULL ? json_null() : list))
		return 0;
	return json_array_append_new(told, json_pack("{s:I,s:O?}", "us",
					       (json_int_t)us, "list", list)) <
		       0
		   ? -ENOMEM
		   : 0;
}

static int
take_day(json_t *station, const json_t *r)
{
	int64_t day;

	if (civil_read_date(record_text(r, "date"), &day) < 0 ||
	    day >= record_int(station, "first_day", INT64_MAX))
		return 0;
	return json_object_set_new(
		   station, "first_day", json_integer((json_int_t)day)) < 0
		   ? -ENOMEM
		   : 0;
}

static int
take(struct segments *s, enum kind kind, const json_t *r)
{
	json_t *station = record_child(s->stations, record_text(r, "station"));

	if (station == NULL)
		return -ENOMEM;
	if (json_object_get(station, "told") == NULL &&
	    json_object_set_new(station, "told", json_array()) < 0)
		return -ENOMEM;
	return kind == KIND_DAY ? take_day(station, r)
				: take_schedule(station, r);
}

static int
read_line(void *arg, const char *line, size_t n, int64_t seq)
{
	int kind = record_kind(line, n);
	json_t *r;
	int e;

	(void)seq;
	if ((kind != KIND_SCHEDULE && kind != KIND_DAY) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	e = take(arg, (enum kind)kind, r);
	json_decref(r);
	return e;
}

int
segments_read(struct disk *disk, struct segments **ret)
{
	struct segments *s = calloc(1, sizeof(*s));
	int r = s == NULL ? -ENOMEM : 0;

	if (r == 0)
		s->stations = json_object();
	if (r == 0)
		r = s->stations == NULL ? -ENOMEM
					: ledger_each(disk, read_line, s);
	if (r < 0) {
		segments_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

struct segments *
segments_free(struct segments *s)
{
	if (s == NULL)
		return NULL;
	json_decref(s->stations);
	free(s);
	return NULL;
}

const json_t *
segments_on(const struct segments *s, const char *station, int64_t day)
{
	const json_t *told =
	    json_object_get(json_object_get(s->stations, station), "told");
	int64_t end_us = civil_to_us(day + 1, 0);

	for (size_t i = json_array_size(told); i-- > 0;) {
		const json_t *one = json_array_get(told, i);
		const json_t *list = json_object_get(one, "list");

		if (record_int(one, "us", INT64_MAX) < end_us)
			return json_is_array(list) ? list : NULL;
	}
	return NULL;
}

const json_t *
segments_find(const json_t *list, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strcmp(record_text(one, "id"), id) == 0)
			return one;
	}
	return NULL;
}

int64_t
segments_first_day(const struct segments *s, const char *station)
{
	return record_int(
	    json_object_get(s->stations, station), "first_day", INT64_MAX);
}

int
segments_stations(const struct segments *s,
    int (*fn)(void *arg, const char *station), void *arg)
{
	const char *station;
	json_t *of;
	int r = 0;

	json_object_foreach(s->stations, station, of)
	{
		r = fn(arg, station);
		if (r != 0)
			break;
	}
	return r;
}
