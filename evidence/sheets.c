/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/record.h"
#include "evidence/sheets.h"

#define LONGEST_MS (2 * 86400000LL) /* nothing of a day is longer */

struct sheets {
	json_t *stations; /* {station: {date: {slot: {standing, plan}}}} */
};

struct sheets *
sheets_new(void)
{
	struct sheets *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->stations = json_object();
	return s->stations == NULL ? sheets_free(s) : s;
}

struct sheets *
sheets_free(struct sheets *s)
{
	if (s == NULL)
		return NULL;
	json_decref(s->stations);
	free(s);
	return NULL;
}

static int64_t
start_of(const json_t *plan)
{
	int64_t us = NEVER;

	civil_read_utc(record_text(plan, "planned_utc"), &us);
	return us;
}

static enum slot_standing
standing_of(const json_t *entry)
{
	return (enum slot_standing)record_int(entry, "standing", 0);
}

static int
set_entry(json_t *slots, const char *slot, enum slot_standing standing,
    const json_t *plan)
{
	json_t *entry =
	    json_pack("{s:i,s:O}", "standing", (int)standing, "plan", plan);

	return json_object_set_new(slots, slot, entry) < 0 ? -ENOMEM : 0;
}

/* One slot of a new sheet, in force from from_us. */
static int
take_slot(json_t *slots, const json_t *plan, int64_t from_us, bool first)
{
	const char *slot = record_text(plan, "slot");
	const json_t *entry = json_object_get(slots, slot);
	int64_t start_us = start_of(plan);
	enum slot_standing standing = SLOT_PLANNED;

	if (slot[0] == '\0' || start_us == NEVER)
		return -EINVAL;
	if (entry != NULL && standing_of(entry) == SLOT_PLANNED)
		start_us = start_of(json_object_get(entry, "plan"));
	if (from_us > start_us && !first) {
		if (entry != NULL)
			return 0; /* it was under way already */
		standing = SLOT_TOO_LATE;
	}
	return set_entry(slots, slot, standing, plan);
}

static bool
has_slot(const json_t *sheet, const char *slot)
{
	const json_t *plan;
	size_t i;

	json_array_foreach(sheet, i,
	    plan) if (strcmp(record_text(plan, "slot"), slot) == 0) return true;
	return false;
}

/* What this sheet no longer names, and has not begun, is cancelled. */
static void
drop_slots(json_t *slots, const json_t *sheet, int64_t from_us)
{
	const char *slot;
	json_t *entry;

	json_object_foreach(slots, slot,
	    entry) if (standing_of(entry) == SLOT_PLANNED &&
		       from_us <= start_of(json_object_get(entry, "plan")) &&
		       !has_slot(sheet, slot)) json_object_set_new(entry,
	    "standing", json_integer(SLOT_CANCELLED));
}

int
sheets_take(struct sheets *s, const json_t *day)
{
	const json_t *sheet = json_object_get(day, "slots");
	const json_t *plan;
	json_t *dates;
	json_t *slots;
	int64_t from_us;
	bool first;
	size_t i;
	int bad = 0;

	if (!json_is_array(sheet) || record_text(day, "date")[0] == '\0' ||
	    civil_read_utc(record_text(day, "utc"), &from_us) < 0)
		return -EINVAL;
	dates = record_child(s->stations, record_text(day, "station"));
	first = json_object_get(dates, record_text(day, "date")) == NULL;
	slots = dates == NULL ? NULL
			      : record_child(dates, record_text(day, "date"));
	if (slots == NULL)
		return -ENOMEM;
	json_array_foreach(sheet, i, plan)
	{
		int r = take_slot(slots, plan, from_us, first);

		bad = r < 0 ? r : bad;
	}
	drop_slots(slots, sheet, from_us);
	return bad;
}

static struct sheet_slot
slot_of(const char *station, const char *date, const char *slot,
    const json_t *entry)
{
	const json_t *plan = json_object_get(entry, "plan");
	int64_t start_us = start_of(plan);

	return (struct sheet_slot){
		.station = station,
		.date = date,
		.slot = slot,
		.standing = standing_of(entry),
		.plan = plan,
		.start_us = start_us,
		.end_us = start_us +
			  earlier(later(record_int(plan, "planned_ms", 0), 0),
			      LONGEST_MS) *
			      US_PER_MS,
	};
}

int
sheets_find(const struct sheets *s, const char *station, const char *date,
    const char *slot, struct sheet_slot *ret)
{
	const json_t *dates = json_object_get(s->stations, station);
	const json_t *slots = json_object_get(dates, date);
	const json_t *entry = json_object_get(slots, slot);

	if (entry == NULL)
		return -ENOENT;
	*ret = slot_of(station, date, slot, entry);
	return 0;
}

void
sheets_drop(struct sheets *s, const char *station, const char *date)
{
	json_object_del(json_object_get(s->stations, station), date);
}

static int
each_slot(const char *station, json_t *dates,
    int (*fn)(void *arg, const struct sheet_slot *slot), void *arg)
{
	const char *date;
	const char *slot;
	json_t *slots;
	json_t *entry;

	json_object_foreach(dates, date, slots)
	    json_object_foreach(slots, slot, entry)
	{
		struct sheet_slot one = slot_of(station, date, slot, entry);
		int r = fn(arg, &one);

		if (r != 0)
			return r;
	}
	return 0;
}

int
sheets_each(const struct sheets *s,
    int (*fn)(void *arg, const struct sheet_slot *slot), void *arg)
{
	const char *station;
	json_t *dates;

	json_object_foreach(s->stations, station, dates)
	{
		int r = each_slot(station, dates, fn, arg);

		if (r != 0)
			return r;
	}
	return 0;
}
