/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/dryrun.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/ledger.h"
#include "evidence/record.h"

struct dryrun {
	const struct office *office;
	json_t *slots; /* slot records, in order */
	json_t *items; /* "station/date/slot": the day sheet's items */
	size_t lacking;
};

static char *
key_of(const char *station, const char *date, const char *slot)
{
	char *key;

	return asprintf(&key, "%s/%s/%s", station, date, slot) < 0 ? NULL : key;
}

/* The last sheet of a date stands. */
static int
take_day(struct dryrun *d, const json_t *r)
{
	json_t *slot;
	size_t i;

	json_array_foreach(json_object_get(r, "slots"), i, slot)
	{
		char *key = key_of(record_text(r, "station"),
		    record_text(r, "date"), record_text(slot, "slot"));

		if (key == NULL)
			return -ENOMEM;
		json_object_set(d->items, key, json_object_get(slot, "items"));
		free(key);
	}
	return 0;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct dryrun *d = arg;
	int kind = record_kind(line, n);
	json_t *r;
	int e = 0;

	(void)seq;
	if ((kind != KIND_DAY && kind != KIND_SLOT) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	if (kind == KIND_DAY)
		e = take_day(d, r);
	else
		e = json_array_append(d->slots, r) < 0 ? -ENOMEM : 0;
	json_decref(r);
	return e;
}

static int
by_station_and_start(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a;
	const json_t *y = *(json_t *const *)b;
	int c = strcmp(record_text(x, "station"), record_text(y, "station"));

	/* UTC texts sort as the instants do. */
	return c != 0 ? c
		      : strcmp(record_text(x, "planned_utc"),
			    record_text(y, "planned_utc"));
}

/* They come as they close. */
static int
sort_slots(struct dryrun *d)
{
	size_t n = json_array_size(d->slots);
	json_t **list = calloc(n + 1, sizeof(json_t *));
	json_t *sorted = json_array();

	if (list == NULL || sorted == NULL) {
		free(list);
		json_decref(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = json_array_get(d->slots, i);
	qsort(list, n, sizeof(json_t *), by_station_and_start);
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, list[i]);
	free(list);
	json_decref(d->slots);
	d->slots = sorted;
	return 0;
}

static bool
is_whole(const json_t *r)
{
	const char *status = record_text(r, "status");

	return strcmp(status, "external") == 0 ||
	       (strcmp(status, "aired") == 0 &&
		   record_int(r, "cut_ms", 0) == 0);
}

/* Names the items that are not ready, and counts. */
static int
judge(struct dryrun *d, json_t *r)
{
	char *key = key_of(record_text(r, "station"), record_text(r, "date"),
	    record_text(r, "slot"));
	json_t *blamed = json_array();
	json_t *item;
	size_t i;

	if (key == NULL) {
		json_decref(blamed);
		return -ENOMEM;
	}
	d->lacking += !is_whole(r);
	json_array_foreach(json_object_get(d->items, key), i, item)
	{
		if (!is_whole(r) &&
		    office_standing(d->office, json_string_value(item), NULL) !=
			ITEM_READY)
			json_array_append(blamed, item);
	}
	json_object_set_new(r, "has_items",
	    json_boolean(json_array_size(json_object_get(d->items, key)) > 0));
	free(key);
	return json_object_set_new(r, "items_in_the_way", blamed);
}

int
dryrun_read(
    const struct office *office, struct disk *log, struct dryrun **ret_dryrun)
{
	struct dryrun *d = calloc(1, sizeof(*d));
	json_t *slot;
	size_t i;
	int r;

	if (d == NULL)
		return -ENOMEM;
	*d = (struct dryrun){
		.office = office, .slots = json_array(), .items = json_object()
	};
	r = ledger_each(log, take_line, d);
	if (r == 0)
		r = sort_slots(d);
	json_array_foreach(d->slots, i, slot)
	{
		if (r == 0)
			r = judge(d, slot);
	}
	if (r < 0) {
		dryrun_free(d);
		return r;
	}
	*ret_dryrun = d;
	return 0;
}

struct dryrun *
dryrun_free(struct dryrun *d)
{
	if (d == NULL)
		return NULL;
	json_decref(d->slots);
	json_decref(d->items);
	free(d);
	return NULL;
}

size_t
dryrun_lacking(const struct dryrun *d)
{
	return d->lacking;
}

json_t *
dryrun_slots(const struct dryrun *d)
{
	return d->slots;
}

/* What would be; a dry run proves nothing of what was. */
static const char *
would(const json_t *r)
{
	const char *status = record_text(r, "status");

	if (strcmp(status, "aired") == 0)
		return _("would air");
	if (strcmp(status, "aired_partial") == 0)
		return _("! in part");
	if (strcmp(status, "not_aired") == 0)
		return _("! would not");
	return strcmp(status, "external") == 0 ? _("relay")
					       : outcome_status(status);
}

/* "file missing: a, b", "cut by 0:12"; "" for a slot that airs whole. */
static void
why_text(const json_t *r, char *buf, size_t size)
{
	const json_t *blamed = json_object_get(r, "items_in_the_way");
	const char *reason = record_text(r, "reason");
	struct civil_text cut;
	size_t used = 0;
	size_t i;
	json_t *item;

	buf[0] = '\0';
	if (is_whole(r))
		return;
	if (strcmp(record_text(r, "status"), "aired") == 0) {
		snprintf(buf, size, _("cut by %s"),
		    say_counter(record_int(r, "cut_ms", 0), &cut));
		return;
	}
	if (strcmp(reason, "missing_item") == 0 &&
	    !json_is_true(json_object_get(r, "has_items")))
		reason = prospect_text(PROSPECT_NO_ITEMS);
	else
		reason = outcome_reason(reason);
	used = (size_t)snprintf(buf, size, "%s", reason);
	json_array_foreach(blamed, i, item)
	{
		if (used < size)
			used +=
			    (size_t)snprintf(buf + used, size - used, "%s%s",
				i == 0 ? ": " : ", ", json_string_value(item));
	}
}

/* The station and the day, once above their rows. */
static int
put_head(struct table *t, const json_t *r, const json_t *before)
{
	const char *station = record_text(r, "station");
	const char *date = record_text(r, "date");
	struct civil_text text;
	char line[200];
	int64_t day = 0;

	if (before != NULL &&
	    strcmp(station, record_text(before, "station")) == 0 &&
	    strcmp(date, record_text(before, "date")) == 0)
		return 0;
	civil_read_date(date, &day);
	snprintf(line, sizeof(line), "%s, %s %s", station,
	    civil_weekday_text(civil_weekday(day)), say_date(day, &text));
	if (before != NULL && table_line(t, "") < 0)
		return -ENOMEM;
	return table_line(t, line);
}

static int
put_slot(struct table *t, const json_t *r)
{
	struct civil_text time, length;
	const char *title = record_text(r, "title");
	int64_t start_us = 0;
	char why[1000];

	civil_read_utc(record_text(r, "planned_utc"), &start_us);
	why_text(r, why, sizeof(why));
	return table_row(
	    t, (const char *const[]){ say_time(start_us, &time),
		   say_counter(record_int(r, "planned_ms", 0), &length),
		   title[0] != '\0' ? title : record_text(r, "slot"), would(r),
		   why });
}

int
dryrun_print(const struct dryrun *d, bool only_lacking, FILE *out, int width)
{
	const struct column columns[] = { { _("TIME"), 0 },
		{ _("LASTS"), COLUMN_RIGHT }, { _("WHAT"), COLUMN_ELASTIC },
		{ _("WOULD AIR?"), 0 }, { _("WHY NOT"), COLUMN_ELASTIC } };
	struct table *t = table_new(columns, COUNT(columns));
	const json_t *before = NULL;
	json_t *slot;
	size_t i;
	int r = t == NULL ? -ENOMEM : 0;

	json_array_foreach(d->slots, i, slot)
	{
		if (r < 0 || (only_lacking && is_whole(slot)))
			continue;
		r = put_head(t, slot, before);
		if (r == 0)
			r = put_slot(t, slot);
		before = slot;
	}
	if (r == 0 && before != NULL)
		table_print(t, out, width);
	table_free(t);
	return r;
}
