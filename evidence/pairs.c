/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/frames.h"
#include "evidence/ledger.h"
#include "evidence/owed.h"
#include "evidence/pairs.h"
#include "evidence/record.h"
#include "evidence/sheets.h"

struct reading {
	const char *station;
	struct civil_text from; /* the first Monday */
	struct civil_text to; /* the last Sunday */
	int64_t now_us;
	struct sheets *sheets;
	json_t *frames; /* {sha256: frames}, by the item records */
	json_t *items; /* {item: sha256}, the last one */
	json_t *approved; /* {"item sha256": true} */
	json_t *starts; /* {airing_id: start} */
	json_t *airings; /* {"station item": [{start, end}]} */
	json_t *outcomes; /* {"station date slot": slot record} */
	json_t *pairs;
	bool any; /* a day sheet that plays a set has come */
};

static void
join(char key[400], const char *a, const char *b, const char *c)
{
	snprintf(key, 400, "%s %s %s", a, b, c);
}

/* Reading ---------------------------------------------------------------- */

static bool
is_in_range(const struct reading *rd, const json_t *r)
{
	const char *date = record_text(r, "date");

	if (rd->station[0] != '\0' &&
	    strcmp(rd->station, record_text(r, "station")) != 0)
		return false;
	return strcmp(date, rd->from.s) >= 0 && strcmp(date, rd->to.s) <= 0;
}

static int
keep_item(struct reading *rd, const json_t *r)
{
	const char *sha256 = record_text(r, "sha256");
	json_t *frames = json_object_get(r, "frames");

	if (!json_is_integer(frames))
		return 0;
	return json_object_set(rd->frames, sha256, frames) |
	       json_object_set_new(
		   rd->items, record_text(r, "item"), json_string(sha256));
}

static int
keep_approval(struct reading *rd, const json_t *r, bool approved)
{
	char key[400];

	join(key, record_text(r, "item"), record_text(r, "sha256"), "");
	if (approved)
		return json_object_set_new(rd->approved, key, json_true());
	json_object_del(rd->approved, key);
	return 0;
}

static int
keep_end(struct reading *rd, json_t *end)
{
	json_t *start =
	    json_object_get(rd->starts, record_text(end, "airing_id"));
	char key[400];
	json_t *list;

	if (start == NULL)
		return 0;
	join(
	    key, record_text(start, "station"), record_text(start, "item"), "");
	list = json_object_get(rd->airings, key);
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(rd->airings, key, list) < 0)
			return -1;
	}
	return json_array_append_new(
	    list, json_pack("{s:O,s:O}", "start", start, "end", end));
}

static int
keep_record(struct reading *rd, json_t *r, int kind)
{
	char key[400];

	if (kind == KIND_ITEM)
		return keep_item(rd, r);
	if (kind == KIND_APPROVE || kind == KIND_WITHDRAW)
		return keep_approval(rd, r, kind == KIND_APPROVE);
	if (!is_in_range(rd, r))
		return 0;
	if (kind == KIND_DAY)
		return sheets_take(rd->sheets, r) == -ENOMEM ? -1 : 0;
	/* What a person ordered is no slot's. */
	if (record_text(r, "slot")[0] == '\0')
		return 0;
	if (kind == KIND_START)
		return json_object_set(
		    rd->starts, record_text(r, "airing_id"), r);
	if (kind == KIND_END)
		return keep_end(rd, r);
	join(key, record_text(r, "station"), record_text(r, "date"),
	    record_text(r, "slot"));
	return json_object_set(rd->outcomes, key, r);
}

/* Only a key is written "date": (quotes inside a text are escaped). */
static bool
may_be_in_range(const struct reading *rd, const char *line, size_t n)
{
	static const char key[] = "\"date\":\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1);

	if (at == NULL || (size_t)(line + n - at) < sizeof(key) - 1 + 10)
		return false;
	at += sizeof(key) - 1;
	return memcmp(at, rd->from.s, 10) >= 0 && memcmp(at, rd->to.s, 10) <= 0;
}

/* Most logs know no sets, and cost no more than this. */
static bool
is_wanted(struct reading *rd, const char *line, size_t n, int kind)
{
	static const char key[] = "\"set\":{";

	switch (kind) {
	case KIND_ITEM:
	case KIND_APPROVE:
	case KIND_WITHDRAW:
		return true;
	case KIND_DAY:
		if (!may_be_in_range(rd, line, n))
			return false;
		rd->any = rd->any || memmem(line, n, key, sizeof(key) - 1);
		return true;
	case KIND_START:
	case KIND_END:
	case KIND_SLOT:
		return rd->any && may_be_in_range(rd, line, n);
	default:
		return false;
	}
}

static int
read_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reading *rd = arg;
	int kind = record_kind(line, n);
	json_t *r;
	int e;

	(void)seq;
	if (!is_wanted(rd, line, n, kind) || record_parse(line, n, &r) < 0)
		return 0;
	e = keep_record(rd, r, kind);
	json_decref(r);
	return e < 0 ? -ENOMEM : 0;
}

/* Judging ---------------------------------------------------------------- */

/* How a part stands after one slot or airing more; the best one is kept. */
enum rank {
	RANK_UNPLANNED,
	RANK_OPEN,
	RANK_NOT_AIRED,
	RANK_PARTIAL,
	RANK_AIRED
};

static const char *const rank_words[] = {
	[RANK_UNPLANNED] = "unplanned",
	[RANK_OPEN] = "open",
	[RANK_NOT_AIRED] = "not_aired",
	[RANK_PARTIAL] = "aired_partial",
	[RANK_AIRED] = "aired",
};

static enum rank
rank_of(const json_t *part)
{
	const char *word = record_text(part, "state");

	for (size_t i = 0; i < sizeof(rank_words) / sizeof(rank_words[0]); i++)
		if (strcmp(word, rank_words[i]) == 0)
			return (enum rank)i;
	return RANK_UNPLANNED;
}

static int
set_rank(json_t *part, enum rank rank, const char *reason, const json_t *where)
{
	json_t *news;
	int r;

	if (rank < rank_of(part) ||
	    (rank == rank_of(part) && rank != RANK_OPEN))
		return 0;
	news = json_pack("{s:s,s:s,s:s,s:s,s:s}", "state", rank_words[rank],
	    "reason", reason, "date", record_text(where, "date"), "slot",
	    record_text(where, "slot"), "planned_utc",
	    record_text(where, "planned_utc"));
	r = json_object_update(part, news);
	json_decref(news);
	return r;
}

static const json_t *
outcome_of(const struct reading *rd, const char *station, const char *date,
    const char *slot)
{
	char key[400];

	join(key, station, date, slot);
	return json_object_get(rd->outcomes, key);
}

/* All of the item, from its first frame. */
static bool
is_whole(const struct reading *rd, const json_t *start, const json_t *end)
{
	int64_t all =
	    record_int(rd->frames, record_text(start, "sha256"), INT64_MAX);
	const json_t *slot = outcome_of(rd, record_text(start, "station"),
	    record_text(start, "date"), record_text(start, "slot"));
	int64_t sent = record_int(end, "frames_sent", 0);

	if (strcmp(record_text(end, "status"), "aired") != 0 ||
	    record_int(start, "offset_ms", -1) != 0 ||
	    json_is_true(json_object_get(end, "at_least")))
		return false;
	if (all != INT64_MAX)
		return sent + OWED_CUT_MS * RATE / 1000 >= all;
	/* Not known how long it is: nothing may have been cut. */
	return slot != NULL && record_int(slot, "cut_ms", 0) <= OWED_CUT_MS &&
	       sent + OWED_CUT_MS * RATE / 1000 >=
		   record_int(start, "frames_planned", INT64_MAX);
}

static bool
is_of_week(const char *date, const char *week)
{
	struct civil_text text;
	int64_t day;

	return civil_read_date(date, &day) == 0 &&
	       strcmp(civil_week_text(day, &text), week) == 0;
}

/* Whatever slot of the week sounded the item. */
static int
judge_airings(struct reading *rd, const char *station, const char *item,
    const char *week, json_t *part)
{
	char key[400];
	const json_t *a;
	size_t i;
	int r = 0;

	join(key, station, item, "");
	json_array_foreach(json_object_get(rd->airings, key), i, a)
	{
		const json_t *start = json_object_get(a, "start");
		const json_t *end = json_object_get(a, "end");
		const char *reason = record_text(end, "reason");

		if (!is_of_week(record_text(start, "date"), week) ||
		    record_int(end, "frames_sent", 0) <= 0)
			continue;
		if (is_whole(rd, start, end))
			r |= set_rank(part, RANK_AIRED, "", start);
		else
			r |= set_rank(part, RANK_PARTIAL,
			    reason[0] == '\0' ? "short" : reason, start);
	}
	return r;
}

/* Why a part of a slot did not sound whose other part did: the slot's own
 * reason is that it was short. */
static const char *
why_silent(const struct reading *rd, const json_t *part, const json_t *out)
{
	const char *reason = record_text(out, "reason");
	const char *item = record_text(part, "item");
	const char *sha256 = record_text(rd->items, item);
	char key[400];

	if (reason[0] != '\0' && strcmp(reason, "short") != 0)
		return reason;
	if (sha256[0] == '\0')
		return "missing_item";
	join(key, item, sha256, "");
	return json_object_get(rd->approved, key) == NULL ? "not_approved"
							  : "short";
}

/* What became of the slot, for a part of it that did not sound. */
static int
judge_slot(struct reading *rd, const struct sheet_slot *s, json_t *part)
{
	const json_t *out = outcome_of(rd, s->station, s->date, s->slot);
	json_t *where = json_pack("{s:s,s:s,s:s}", "date", s->date, "slot",
	    s->slot, "planned_utc", record_text(s->plan, "planned_utc"));
	int r;

	if (where == NULL)
		return -1;
	if (out == NULL)
		r = set_rank(part, RANK_OPEN, "", where);
	else
		r = set_rank(
		    part, RANK_NOT_AIRED, why_silent(rd, part, out), where);
	json_decref(where);
	return r;
}

/* Gathering -------------------------------------------------------------- */

static json_t *
find_pair(struct reading *rd, const struct sheet_slot *s, const json_t *set)
{
	json_t *pair;
	size_t i;

	json_array_foreach(rd->pairs, i, pair)
	{
		if (strcmp(record_text(pair, "station"), s->station) == 0 &&
		    strcmp(record_text(pair, "set"), record_text(set, "id")) ==
			0 &&
		    strcmp(record_text(pair, "week"),
			record_text(set, "week")) == 0)
			return pair;
	}
	pair = json_pack("{s:s,s:s,s:s,s:s,s:s,s:[]}", "station", s->station,
	    "set", record_text(set, "id"), "week", record_text(set, "week"),
	    "title", record_text(s->plan, "title"), "state", "open", "parts");
	json_array_append_new(rd->pairs, pair);
	return pair;
}

static const char *
string_of(const json_t *text)
{
	return json_is_string(text) ? json_string_value(text) : "";
}

/* The part in a language; made when it is the first to be heard of it. */
static json_t *
find_part(json_t *pair, const char *language)
{
	json_t *parts = json_object_get(pair, "parts");
	json_t *part;
	size_t i;

	json_array_foreach(parts, i, part)
	{
		if (strcmp(record_text(part, "language"), language) == 0)
			return part;
	}
	part = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "language", language,
	    "item", "", "state", "unplanned", "reason", "", "date", "", "slot",
	    "", "planned_utc", "");
	json_array_append_new(parts, part);
	return part;
}

/* Another slot of the week may have another item for the part. */
static int
judge_part(struct reading *rd, const struct sheet_slot *s, json_t *part,
    json_t *item, const char *week)
{
	if (!json_is_string(item))
		return 0;
	if (rank_of(part) < RANK_PARTIAL &&
	    json_object_set(part, "item", item) < 0)
		return -1;
	if (judge_airings(rd, s->station, json_string_value(item), week, part) <
	    0)
		return -1;
	return judge_slot(rd, s, part);
}

/* One slot that plays a set: what parts the set has, and these of them. */
static int
take_slot(void *arg, const struct sheet_slot *s)
{
	struct reading *rd = arg;
	const json_t *set = json_object_get(s->plan, "set");
	const char *week = record_text(set, "week");
	const json_t *items = json_object_get(s->plan, "items");
	json_t *language;
	json_t *pair;
	size_t i;
	int r = 0;

	/* A repeat in the week after is neither another set nor in time. */
	if (!json_is_object(set) || s->standing == SLOT_TOO_LATE ||
	    !is_of_week(s->date, week))
		return 0;
	pair = find_pair(rd, s, set);
	json_array_foreach(json_object_get(set, "languages"), i, language)
	{
		if (find_part(pair, string_of(language)) == NULL)
			r = -1;
	}
	json_array_foreach(json_object_get(set, "parts"), i, language)
	{
		json_t *part = find_part(pair, string_of(language));

		r |= judge_part(rd, s, part, json_array_get(items, i), week);
	}
	return r < 0 ? -ENOMEM : 0;
}

/* Complete, or no more to come of its week. */
static void
settle(const struct reading *rd, json_t *pair)
{
	const char *state = "complete";
	json_t *part;
	int64_t monday = 0;
	int year, week;
	size_t i;

	json_array_foreach(json_object_get(pair, "parts"), i, part)
	{
		if (rank_of(part) != RANK_AIRED)
			state = "open";
	}
	if (strcmp(state, "open") == 0 &&
	    civil_read_week(record_text(pair, "week"), &year, &week) == 0 &&
	    civil_week_monday(year, week, &monday) == 0 &&
	    rd->now_us >= civil_to_us(monday + 7, 0))
		state = "incomplete";
	json_object_set_new(pair, "state", json_string(state));
}

static int
by_week(const void *a, const void *b)
{
	static const char *const keys[] = { "week", "station", "set" };
	const json_t *p = *(json_t *const *)a;
	const json_t *q = *(json_t *const *)b;
	int r = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && r == 0; i++)
		r = strcmp(record_text(p, keys[i]), record_text(q, keys[i]));
	return r;
}

/* The pairs settled and in order; yours. */
static json_t *
sorted(const struct reading *rd)
{
	size_t n = json_array_size(rd->pairs);
	json_t **list = calloc(n + 1, sizeof(json_t *));
	json_t *all = json_array();

	for (size_t i = 0; list != NULL && i < n; i++) {
		list[i] = json_array_get(rd->pairs, i);
		settle(rd, list[i]);
	}
	if (list != NULL)
		qsort(list, n, sizeof(json_t *), by_week);
	for (size_t i = 0; list != NULL && i < n; i++)
		json_array_append(all, list[i]);
	free(list);
	return all;
}

int
pairs_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, int64_t now_us, json_t **ret_pairs)
{
	struct reading rd = {
		.station = station,
		.now_us = now_us,
		.sheets = sheets_new(),
		.frames = json_object(),
		.items = json_object(),
		.approved = json_object(),
		.starts = json_object(),
		.airings = json_object(),
		.outcomes = json_object(),
		.pairs = json_array(),
	};
	int r = rd.sheets == NULL || rd.pairs == NULL ? -ENOMEM : 0;

	from_day -= civil_weekday(from_day);
	to_day += WEEKDAYS - 1 - civil_weekday(to_day);
	civil_date_text(from_day, &rd.from);
	civil_date_text(to_day, &rd.to);
	if (r == 0)
		r = ledger_each(disk, read_line, &rd);
	if (r == 0)
		r = sheets_each(rd.sheets, take_slot, &rd);
	if (r == 0)
		*ret_pairs = sorted(&rd);
	sheets_free(rd.sheets);
	json_decref(rd.frames);
	json_decref(rd.items);
	json_decref(rd.approved);
	json_decref(rd.starts);
	json_decref(rd.airings);
	json_decref(rd.outcomes);
	json_decref(rd.pairs);
	return r < 0 ? r : 0;
}
