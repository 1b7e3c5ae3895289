/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/asrun.h"
#include "evidence/ledger.h"
#include "evidence/outages.h"
#include "evidence/record.h"
#include "evidence/sheets.h"
#include "evidence/tally.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GOES_ON_MAX 1000 /* attempts at one item: a log is not trusted */
#define LONGEST_MS (2 * 86400000LL) /* nothing of a day is longer */
#define SLACK_MS 1000 /* between a slot's figure and its attempts' */
#define FORM "loaxa-tally-v1" /* what the digest is made of */

struct out { /* one of the tally's outages */
	const char *cause; /* borrowed */
	int64_t from_us;
	int64_t to_us;
};

struct tally_reader {
	struct tally *t;
	const char *station;
	int64_t from_day;
	int64_t to_day;
	struct civil_text from; /* the same dates */
	struct civil_text to;
	struct sheets *sheets;
	struct outages *outages;
	struct out *outs;
	size_t outs_n;
	struct hash *digest; /* NULL: none is wanted */
	json_t *starts; /* {airing_id: record} */
	json_t *ends;
	json_t *outcomes; /* {"station date slot": [slot record]} */
	char last_utc[32];
	int64_t last_us;
};

const char *
tally_run_word(enum tally_run r)
{
	static const char *const words[] = { "first", "repeat", "other" };

	return words[r];
}

const char *
tally_cause_word(enum tally_cause c)
{
	static const char *const words[] = { "power", "fault", "order", "work",
		"unknown" };

	return words[c];
}

/* Reading ---------------------------------------------------------------- */

static void
key_of(char key[256], const json_t *r, const char *last)
{
	snprintf(key, 256, "%s %s %s", record_text(r, "station"),
	    record_text(r, "date"), last);
}

/* The sheets tell of the days from here to there. */
static void
note_day(struct tally *t, const json_t *sheet)
{
	int64_t day;

	if (civil_read_date(record_text(sheet, "date"), &day) < 0)
		return;
	t->first_day = earlier(t->first_day, day);
	t->last_day = later(t->last_day, day);
	json_object_set_new(t->days, record_text(sheet, "date"), json_true());
}

static int
keep_hours(struct tally_reader *rd, const json_t *r, const char *key)
{
	json_t *list = json_object_get(rd->t->hours, key);

	if (json_object_get(r, "hours") == NULL)
		return 0;
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new_nocheck(rd->t->hours, key, list) < 0)
			return -1;
	}
	return json_array_append_new(
	    list, json_pack("{s:s,s:O}", "utc", record_text(r, "utc"), "hours",
		      json_object_get(r, "hours")));
}

/* The last sheet of a date says what mourning leaves out. */
static int
keep_sheet(struct tally_reader *rd, json_t *r)
{
	static const char *const keys[] = { "station", "date", "mourning",
		"silent" };
	json_t *of;
	char key[256];
	int e = sheets_take(rd->sheets, r) == -ENOMEM ? -1 : 0;

	note_day(rd->t, r);
	key_of(key, r, "");
	if (e == 0)
		e = keep_hours(rd, r, key);
	if (json_object_get(r, "silent") == NULL) {
		json_object_del(rd->t->mourning, key);
		return e < 0 ? -ENOMEM : 0;
	}
	of = json_object();
	for (size_t i = 0; i < COUNT(keys) && e == 0; i++)
		if (json_object_get(r, keys[i]) != NULL)
			e = json_object_set(
			    of, keys[i], json_object_get(r, keys[i]));
	if (e == 0)
		e = json_object_set_nocheck(rd->t->mourning, key, of);
	json_decref(of);
	return e < 0 ? -ENOMEM : 0;
}

static int
keep_outcome(struct tally_reader *rd, json_t *r)
{
	char key[256];
	json_t *list;

	key_of(key, r, record_text(r, "slot"));
	list = json_object_get(rd->outcomes, key);
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new_nocheck(rd->outcomes, key, list) < 0)
			return -ENOMEM;
	}
	return json_array_append(list, r) < 0 ? -ENOMEM : 0;
}

static int
keep(struct tally_reader *rd, json_t *r, int kind)
{
	const char *id = record_text(r, "airing_id");

	if (kind == KIND_DAY)
		return keep_sheet(rd, r);
	if (kind == KIND_SLOT)
		return keep_outcome(rd, r);
	return json_object_set(
		   kind == KIND_START ? rd->starts : rd->ends, id, r) < 0
		   ? -ENOMEM
		   : 0;
}

/* Is it of the days and the station asked for? */
static bool
is_asked(const struct tally_reader *rd, const json_t *r)
{
	const char *date = record_text(r, "date");

	return strcmp(date, rd->from.s) >= 0 && strcmp(date, rd->to.s) <= 0 &&
	       (rd->station[0] == '\0' ||
		   strcmp(rd->station, record_text(r, "station")) == 0);
}

/* Without parsing it: may a line be of these days? Only a key is written
 * "date": (quotes inside a text are escaped). */
static bool
may_be_asked(const struct tally_reader *rd, const char *line, size_t n)
{
	static const char key[] = "\"date\":\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1);

	if (at == NULL || (size_t)(line + n - at) < sizeof(key) - 1 + 10)
		return at != NULL;
	at += sizeof(key) - 1;
	return memcmp(at, rd->from.s, 10) >= 0 && memcmp(at, rd->to.s, 10) <= 0;
}

/* The log has come so far. */
static void
note_last(struct tally_reader *rd, const char *line, size_t n)
{
	static const char key[] = "\"utc\":\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1);
	const char *quote;

	if (at == NULL)
		return;
	at += sizeof(key) - 1;
	quote = memchr(at, '"', (size_t)(line + n - at));
	if (quote != NULL && (size_t)(quote - at) < sizeof(rd->last_utc))
		snprintf(rd->last_utc, sizeof(rd->last_utc), "%.*s",
		    (int)(quote - at), at);
}

static int
digest_line(struct tally_reader *rd, const char *line, size_t n, int64_t seq)
{
	char leaf[HASH_HEX];
	int r = asrun_leaf_hash(line, n, leaf);

	if (r < 0)
		return r;
	rd->t->last_seq = seq;
	leaf[HASH_HEX - 1] = '\n';
	return hash_more(rd->digest, leaf, sizeof(leaf));
}

static bool
is_told(int kind)
{
	return kind == KIND_DAY || kind == KIND_START || kind == KIND_END ||
	       kind == KIND_SLOT;
}

bool
tally_asks(int kind)
{
	return is_told(kind) || outages_ask(kind);
}

static int
take(struct tally_reader *rd, int kind, json_t *r, bool asked)
{
	int e = outages_take(rd->outages, kind, r);

	return e == 0 && asked ? keep(rd, r, kind) : e;
}

int
tally_take(struct tally_reader *rd, int kind, json_t *r)
{
	bool asked = is_told(kind) && is_asked(rd, r);

	if (asked)
		rd->t->last_seq = record_int(r, "seq", -1);
	return take(rd, kind, r, asked);
}

/* A slot that aired has no word on outages. */
static bool
may_be_lost(int kind, const char *line, size_t n)
{
	static const char whole[] = "\"status\":\"aired\"";

	return outages_ask(kind) &&
	       (kind != KIND_SLOT ||
		   memmem(line, n, whole, sizeof(whole) - 1) == NULL);
}

static int
read_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct tally_reader *rd = arg;
	int kind = record_kind(line, n);
	bool asked = is_told(kind) && may_be_asked(rd, line, n);
	json_t *r;
	int e = 0;

	note_last(rd, line, n);
	if ((!asked && !may_be_lost(kind, line, n)) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	asked = asked && is_asked(rd, r);
	if (asked)
		e = digest_line(rd, line, n, seq);
	if (e == 0)
		e = take(rd, kind, r, asked);
	json_decref(r);
	return e;
}

/* Causes ----------------------------------------------------------------- */

static int64_t
instant(const json_t *r, const char *key, int64_t otherwise)
{
	civil_read_utc(record_text(r, key), &otherwise);
	return otherwise;
}

/* Did an outage of that cause reach into the slot? */
static bool
was_out(const struct tally_reader *rd, const json_t *row, const char *cause)
{
	int64_t start_us = instant(row, "planned_utc", NEVER);
	int64_t end_us =
	    start_us == NEVER
		? NEVER
		: start_us + earlier(later(record_int(row, "planned_ms", 0), 0),
				 LONGEST_MS) *
				 US_PER_MS;

	for (size_t i = 0; i < rd->outs_n; i++)
		if (start_us < rd->outs[i].to_us &&
		    end_us > rd->outs[i].from_us &&
		    strcmp(rd->outs[i].cause, cause) == 0)
			return true;
	return false;
}

static const struct {
	const char *reason;
	enum tally_cause cause;
	bool by_power; /* of the power, where that was out */
} causes[] = {
	{ "power_lost", TALLY_POWER, true },
	{ "machine_off", TALLY_WORK, true },
	{ "rejoined", TALLY_FAULT, true },
	{ "too_late", TALLY_WORK, true },
	{ "process_died", TALLY_FAULT, false },
	{ "device_lost", TALLY_FAULT, false },
	{ "source_failed", TALLY_FAULT, false },
	{ "no_signal", TALLY_FAULT, false },
	{ "clock_unsure", TALLY_FAULT, false },
	{ "operator_stop", TALLY_ORDER, false },
	{ "cancelled", TALLY_ORDER, false },
	{ "disabled", TALLY_ORDER, false },
};

static enum tally_cause
cause_of(const struct tally_reader *rd, const json_t *row)
{
	const char *reason = record_text(row, "reason");
	const char *note = record_text(row, "note");

	if (strcmp(note, "epoch") == 0)
		return TALLY_UNKNOWN;
	for (size_t i = 0; i < COUNT(causes); i++) {
		if (strcmp(causes[i].reason, reason) != 0)
			continue;
		return causes[i].by_power && was_out(rd, row, "power_lost")
			   ? TALLY_POWER
			   : causes[i].cause;
	}
	if (strcmp(note, "order") == 0)
		return TALLY_ORDER;
	if (strcmp(reason, "short") == 0 && was_out(rd, row, "clock_unsure"))
		return TALLY_FAULT;
	return TALLY_WORK;
}

static bool
has_cause(const char *status)
{
	return strcmp(status, "not_aired") == 0 ||
	       strcmp(status, "aired_partial") == 0;
}

/* Rows ------------------------------------------------------------------- */

static int
set(json_t *row, const char *key, json_t *value)
{
	return json_object_set_new(row, key, value) < 0 ? -ENOMEM : 0;
}

static json_t *
value_or_null(const json_t *r, const char *key)
{
	json_t *v = json_object_get(r, key);

	return v == NULL ? json_null() : json_incref(v);
}

/* As the outcome tells it; else as the sheet did. */
static const char *
told(const json_t *outcome, const json_t *plan, const char *key)
{
	const char *text = record_text(outcome, key);

	return text[0] != '\0' ? text : record_text(plan, key);
}

static const char *
source_of(const json_t *plan, const char *content)
{
	if (strcmp(content, "relay") == 0)
		return record_text(plan, "ref")[0] == '\0'
			   ? "relay"
			   : record_text(plan, "ref");
	return json_is_true(json_object_get(plan, "from_above")) ? "above"
								 : "own";
}

static bool
is_programme(const json_t *row)
{
	const char *content = record_text(row, "content");

	return strcmp(content, "filler") != 0 &&
	       (strcmp(content, "segment") == 0 ||
		   strcmp(content, "repeats") == 0 ||
		   record_text(row, "segment")[0] != '\0' ||
		   strcmp(record_text(row, "source"), "above") == 0);
}

/* What goes on with another attempt is what that was. */
static bool
is_first(const struct tally_reader *rd, const json_t *start)
{
	for (int i = 0; i < GOES_ON_MAX; i++) {
		const json_t *before = json_object_get(
		    rd->starts, record_text(start, "continues"));

		if (before == NULL)
			break;
		start = before;
	}
	return json_is_true(json_object_get(start, "first_run"));
}

/* What the attempts of one slot come to. */
struct heard {
	int n; /* attempts */
	int unended; /* of them: the log does not tell how long */
	int64_t ms[TALLY_RUNS];
	int64_t all_ms;
	bool first;
	int64_t grade; /* -1: nothing sounded */
	const json_t *begun; /* the `end` of the first that sounded */
	json_t *titles;
};

static bool
has_text(const json_t *list, const char *text)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		if (strcmp(json_string_value(v), text) == 0)
			return true;
	}
	return false;
}

static int
hear_attempt(const struct tally_reader *rd, const char *id, bool programme,
    struct heard *h)
{
	const json_t *start = json_object_get(rd->starts, id);
	const json_t *end = json_object_get(rd->ends, id);
	const char *title = record_text(start, "title");
	int64_t ms = earlier(record_int(end, "actual_ms", 0), LONGEST_MS);
	int64_t grade = record_int(end, "grade", 1);
	bool first = is_first(rd, start);

	h->n++;
	h->unended += end == NULL;
	if (ms <= 0)
		return 0;
	h->ms[!programme ? TALLY_OTHER
	      : first    ? TALLY_FIRST
			 : TALLY_REPEAT] += ms;
	h->all_ms += ms;
	h->first = h->first || first;
	h->grade = h->grade < 0 ? grade : earlier(h->grade, grade);
	if (h->begun == NULL)
		h->begun = end;
	if (title[0] == '\0' || has_text(h->titles, title))
		return 0;
	return json_array_append_new(h->titles, json_string(title)) < 0
		   ? -ENOMEM
		   : 0;
}

/* The outcome's own figure is what counts: what its attempts do not account
 * for (an end that is lost) is of the slot's own run. */
static int
put_heard(json_t *row, struct heard *h, bool programme)
{
	enum tally_run run = !programme ? TALLY_OTHER
			     : h->first ? TALLY_FIRST
					: TALLY_REPEAT;
	int64_t rest = later(record_int(row, "actual_ms", 0), 0) - h->all_ms;
	bool sounded = record_int(row, "actual_ms", 0) > 0;
	int e;

	if (rest > 0)
		h->ms[run] += rest;
	e = set(row, "run", json_string(sounded ? tally_run_word(run) : ""));
	if (e == 0)
		e = set(row, "first_ms", json_integer(h->ms[TALLY_FIRST]));
	if (e == 0)
		e = set(row, "repeat_ms", json_integer(h->ms[TALLY_REPEAT]));
	if (e == 0)
		e = set(row, "other_ms", json_integer(h->ms[TALLY_OTHER]));
	if (e == 0)
		e = set(row, "grade",
		    h->grade < 0 ? json_null() : json_integer(h->grade));
	if (e == 0)
		e = set(
		    row, "actual_utc", value_or_null(h->begun, "actual_utc"));
	if (e == 0)
		e = set(row, "late_ms", value_or_null(h->begun, "late_ms"));
	return e == 0 ? set(row, "sounded", json_incref(h->titles)) : e;
}

/* Does it claim more than its attempts were sent for? Where the end of one is
 * lost, nobody knows. */
static bool
claims_more(const json_t *row, const struct heard *h)
{
	return h->n > 0 && h->unended == 0 &&
	       record_int(row, "actual_ms", 0) > h->all_ms + SLACK_MS;
}

static int
put_attempts(const struct tally_reader *rd, json_t *row, const json_t *outcome,
    bool *ret_claims_more)
{
	struct heard h = { .grade = -1, .titles = json_array() };
	bool programme = is_programme(row);
	const json_t *id;
	size_t i;
	int e = h.titles == NULL ? -ENOMEM : 0;

	json_array_foreach(json_object_get(outcome, "airings"), i, id)
	{
		if (e == 0 && json_is_string(id))
			e = hear_attempt(
			    rd, json_string_value(id), programme, &h);
	}
	*ret_claims_more = claims_more(row, &h);
	if (e == 0)
		e = put_heard(row, &h, programme);
	json_decref(h.titles);
	return e;
}

static json_t *
new_row(const char *station, const char *date, const char *slot,
    const json_t *plan, const json_t *outcome)
{
	const char *content = told(outcome, plan, "content");

	return json_pack(
	    "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:I,"
	    "s:o,s:o,s:I}",
	    "station", station, "date", date, "slot", slot, "title",
	    told(outcome, plan, "title"), "segment",
	    told(outcome, plan, "segment"), "language",
	    told(outcome, plan, "language"), "class",
	    told(outcome, plan, "class"), "content", content, "source",
	    source_of(plan, content), "planned_utc",
	    told(outcome, plan, "planned_utc"), "planned_ms",
	    (json_int_t)record_int(
		outcome, "planned_ms", record_int(plan, "planned_ms", 0)),
	    "status", record_text(outcome, "status"), "reason",
	    record_text(outcome, "reason"), "note",
	    record_text(outcome, "note"), "actual_ms",
	    (json_int_t)record_int(outcome, "actual_ms", 0), "signal_ms",
	    value_or_null(outcome, "signal_ms"), "lost_ms",
	    value_or_null(outcome, "lost_ms"), "leaf_index",
	    (json_int_t)record_int(outcome, "seq", -1));
}

static bool
is_length(const json_t *row, const char *key)
{
	int64_t ms = record_int(row, key, 0);

	return ms >= 0 && ms <= LONGEST_MS;
}

/* Can its figures be? What aired was sent for some time, what did not for
 * none, and its attempts for no longer than the outcome says. */
static bool
is_possible(const json_t *row)
{
	const char *status = record_text(row, "status");
	bool sounds = strcmp(status, "aired") == 0 ||
		      strcmp(status, "aired_partial") == 0;
	int64_t ms = record_int(row, "actual_ms", 0);

	if (!is_length(row, "planned_ms") || !is_length(row, "actual_ms") ||
	    !is_length(row, "signal_ms"))
		return false;
	if (!sounds && status[0] != '\0' && strcmp(status, "not_aired") != 0 &&
	    strcmp(status, "external") != 0)
		return false;
	return sounds == (ms > 0) && record_int(row, "first_ms", 0) +
					     record_int(row, "repeat_ms", 0) +
					     record_int(row, "other_ms", 0) <=
					 ms + SLACK_MS;
}

/* One slot, or one more outcome of it; takes over nothing. */
static int
add_row(struct tally_reader *rd, const struct sheet_slot *s,
    const json_t *outcome, bool planned, bool open)
{
	json_t *row = new_row(s->station, s->date, s->slot, s->plan, outcome);
	const char *status = record_text(outcome, "status");
	bool more = false;
	int e = row == NULL ? -ENOMEM : 0;

	if (e == 0)
		e = set(row, "planned", json_integer(planned));
	if (e == 0)
		e = set(row, "open", json_integer(open));
	if (e == 0)
		e = set(row, "cause",
		    json_string(has_cause(status)
				    ? tally_cause_word(cause_of(rd, row))
				    : ""));
	if (e == 0)
		e = put_attempts(rd, row, outcome, &more);
	if (e == 0)
		e = set(row, "odd",
		    json_boolean(planned == (status[0] == '\0') || more ||
				 !is_possible(row)));
	if (e < 0) {
		json_decref(row);
		return e;
	}
	return json_array_append_new(rd->t->rows, row) < 0 ? -ENOMEM : 0;
}

/* A slot of the sheets with its outcomes, which are then accounted for. */
static int
add_planned(void *arg, const struct sheet_slot *s)
{
	struct tally_reader *rd = arg;
	char key[256];
	json_t *list;
	bool over = s->end_us <= rd->last_us;
	int e;

	snprintf(key, sizeof(key), "%s %s %s", s->station, s->date, s->slot);
	list = json_object_get(rd->outcomes, key);
	if (list == NULL) {
		if (s->standing == SLOT_TOO_LATE ||
		    (s->standing == SLOT_CANCELLED && !over))
			return 0;
		return add_row(rd, s, NULL, over, !over);
	}
	e = add_row(rd, s, json_array_get(list, 0), true, false);
	for (size_t i = 1; e == 0 && i < json_array_size(list); i++)
		e = add_row(rd, s, json_array_get(list, i), false, false);
	json_object_del(rd->outcomes, key);
	return e;
}

/* Outcomes of slots that no sheet planned. */
static int
add_unplanned(struct tally_reader *rd)
{
	const char *key;
	json_t *list;
	json_t *r;
	size_t i;
	int e = 0;

	json_object_foreach(rd->outcomes, key, list)
	{
		json_array_foreach(list, i, r)
		{
			struct sheet_slot s = { .station =
						    record_text(r, "station"),
				.date = record_text(r, "date"),
				.slot = record_text(r, "slot") };

			if (e == 0)
				e = add_row(rd, &s, r, false, false);
		}
	}
	return e;
}

/* Beside the plan -------------------------------------------------------- */

static int
add_music(struct tally_reader *rd, const json_t *end)
{
	char key[256];
	json_t *of;

	key_of(key, end, "");
	of = json_object_get(rd->t->music, key);
	if (of == NULL) {
		of = json_pack("{s:s,s:s,s:i,s:i}", "station",
		    record_text(end, "station"), "date",
		    record_text(end, "date"), "n", 0, "ms", 0);
		if (json_object_set_new_nocheck(rd->t->music, key, of) < 0)
			return -ENOMEM;
	}
	if (set(of, "n", json_integer(record_int(of, "n", 0) + 1)) < 0)
		return -ENOMEM;
	return set(of, "ms",
	    json_integer(
		record_int(of, "ms", 0) +
		earlier(record_int(end, "actual_ms", 0), LONGEST_MS + 1)));
}

static int
add_apart(struct tally_reader *rd, const char *id, const json_t *end)
{
	const json_t *start = json_object_get(rd->starts, id);
	json_t *row;

	if (strcmp(record_text(end, "reason"), "filler") == 0)
		return record_int(end, "actual_ms", 0) > 0 ? add_music(rd, end)
							   : 0;
	row = json_pack(
	    "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:o,s:I}",
	    "station", record_text(end, "station"), "date",
	    record_text(end, "date"), "title", told(start, end, "title"),
	    "item", record_text(end, "item"), "segment",
	    record_text(start, "segment"), "language",
	    record_text(start, "language"), "class",
	    record_text(start, "class"), "source", "own", "reason",
	    record_text(end, "reason"), "broken", record_text(end, "broken"),
	    "order", record_text(start, "order"), "actual_utc",
	    value_or_null(end, "actual_utc"), "actual_ms",
	    (json_int_t)record_int(end, "actual_ms", 0), "grade",
	    value_or_null(end, "grade"), "leaf_index",
	    (json_int_t)record_int(end, "seq", -1));
	return json_array_append_new(rd->t->apart, row) < 0 ? -ENOMEM : 0;
}

static int
add_all_apart(struct tally_reader *rd)
{
	const char *id;
	json_t *end;
	int e = 0;

	json_object_foreach(rd->ends, id, end)
	{
		if (e == 0 &&
		    strcmp(record_text(end, "status"), "unscheduled") == 0)
			e = add_apart(rd, id, end);
	}
	return e;
}

/* Order ------------------------------------------------------------------ */

/* UTC text sorts as time does. */
static int
by_instant(const void *a, const void *b)
{
	const json_t *p = *(json_t *const *)a;
	const json_t *q = *(json_t *const *)b;
	const char *key = json_object_get(p, "planned_utc") != NULL
			      ? "planned_utc"
			      : "actual_utc";
	int r = strcmp(record_text(p, key), record_text(q, key));

	if (r == 0)
		r = strcmp(
		    record_text(p, "station"), record_text(q, "station"));
	if (r == 0)
		r = strcmp(record_text(p, "slot"), record_text(q, "slot"));
	return r;
}

/* The sheets are in order, mostly. */
static bool
is_sorted(const json_t *rows)
{
	for (size_t i = 1; i < json_array_size(rows); i++) {
		const json_t *a = json_array_get(rows, i - 1);
		const json_t *b = json_array_get(rows, i);

		if (by_instant(&a, &b) > 0)
			return false;
	}
	return true;
}

static int
sort(json_t **rows)
{
	size_t n = json_array_size(*rows);
	json_t **list;
	json_t *sorted;
	int e;

	if (is_sorted(*rows))
		return 0;
	list = calloc(n + 1, sizeof(list[0]));
	sorted = json_array();
	e = list == NULL || sorted == NULL ? -ENOMEM : 0;

	for (size_t i = 0; e == 0 && i < n; i++)
		list[i] = json_array_get(*rows, i);
	if (e == 0)
		qsort(list, n, sizeof(list[0]), by_instant);
	for (size_t i = 0; e == 0 && i < n; i++)
		e = json_array_append(sorted, list[i]) < 0 ? -ENOMEM : 0;
	free(list);
	if (e < 0) {
		json_decref(sorted);
		return e;
	}
	json_decref(*rows);
	*rows = sorted;
	return 0;
}

/* Sums ------------------------------------------------------------------- */

/* What cannot be is odd, and goes into no sum. */
static int64_t
length_of(const json_t *row, const char *key)
{
	return is_length(row, key) ? record_int(row, key, 0) : 0;
}

static void
count_run(struct tally_sum *s, const json_t *row)
{
	static const char *const ms[] = { "first_ms", "repeat_ms", "other_ms" };

	for (size_t i = 0; i < TALLY_RUNS; i++) {
		s->run_ms[i] += length_of(row, ms[i]);
		s->run_n[i] += strcmp(record_text(row, "run"),
				   tally_run_word((enum tally_run)i)) == 0;
	}
}

static void
count_cause(int64_t n[static TALLY_CAUSES], const json_t *row)
{
	for (size_t i = 0; i < TALLY_CAUSES; i++)
		n[i] += strcmp(record_text(row, "cause"),
			    tally_cause_word((enum tally_cause)i)) == 0;
}

static void
count_row(struct tally_sum *s, const json_t *row)
{
	const char *status = record_text(row, "status");
	int64_t planned = record_int(row, "planned", 0);

	s->planned += planned;
	s->open += record_int(row, "open", 0);
	s->odd += json_is_true(json_object_get(row, "odd"));
	if (planned != 0)
		s->planned_ms += length_of(row, "planned_ms");
	if (strcmp(status, "aired") == 0)
		s->aired++;
	if (strcmp(status, "aired_partial") == 0) {
		s->aired_partial++;
		count_cause(s->part_n, row);
	}
	if (strcmp(status, "not_aired") == 0) {
		s->not_aired++;
		count_cause(s->lost_n, row);
	}
	if (strcmp(status, "external") == 0) {
		s->external++;
		s->relay_ms += length_of(row, "planned_ms");
		s->signal_ms += length_of(row, "signal_ms");
	} else {
		count_run(s, row);
	}
}

static void
count_apart(struct tally_sum *s, const json_t *row)
{
	s->unscheduled++;
	s->odd += !is_length(row, "actual_ms");
	s->unscheduled_ms += length_of(row, "actual_ms");
}

void
tally_add_music(struct tally_sum *s, const json_t *music)
{
	s->music_ms += length_of(music, "ms");
	s->odd += !is_length(music, "ms");
}

static void
count_all(struct tally *t)
{
	const char *key;
	json_t *row;
	size_t i;

	json_array_foreach(t->rows, i, row)
	{
		count_row(&t->sum, row);
	}
	json_array_foreach(t->apart, i, row)
	{
		count_apart(&t->sum, row);
	}
	json_object_foreach(t->music, key, row)
	{
		tally_add_music(&t->sum, row);
	}
}

bool
tally_holds(const struct tally_sum *s)
{
	return s->odd == 0 && s->planned == s->aired + s->aired_partial +
						s->not_aired + s->external;
}

const json_t *
tally_first_odd(const struct tally *t)
{
	const json_t *row;
	size_t i;

	json_array_foreach(t->rows, i, row)
	{
		if (json_is_true(json_object_get(row, "odd")))
			return row;
	}
	return NULL;
}

int64_t
tally_sent_n(const struct tally_sum *s)
{
	return s->run_n[TALLY_FIRST] + s->run_n[TALLY_REPEAT] +
	       s->run_n[TALLY_OTHER];
}

int64_t
tally_sent_ms(const struct tally_sum *s)
{
	return s->run_ms[TALLY_FIRST] + s->run_ms[TALLY_REPEAT] +
	       s->run_ms[TALLY_OTHER];
}

struct tally_sum *
tally_group(struct tally_groups *g, const char *key)
{
	struct tally_group *grown;

	/* Rows are in order: the last one's group is the next one's, mostly. */
	for (size_t i = g->n; i-- > 0;)
		if (strcmp(g->list[i].key, key) == 0)
			return &g->list[i].sum;
	grown = reallocarray(g->list, g->n + 1, sizeof(*grown));
	if (grown == NULL)
		return NULL;
	g->list = grown;
	grown[g->n] = (struct tally_group){ .key = strdup(key) };
	if (grown[g->n].key == NULL)
		return NULL;
	return &grown[g->n++].sum;
}

int
tally_by(const struct tally *t,
    const char *(*key)(void *arg, const json_t *row), void *arg,
    struct tally_groups *ret)
{
	struct tally_groups g = { 0 };
	struct tally_sum *s;
	json_t *row;
	size_t i;

	json_array_foreach(t->rows, i, row)
	{
		s = tally_group(&g, key(arg, row));
		if (s == NULL)
			goto no_memory;
		count_row(s, row);
	}
	json_array_foreach(t->apart, i, row)
	{
		s = tally_group(&g, key(arg, row));
		if (s == NULL)
			goto no_memory;
		count_apart(s, row);
	}
	*ret = g;
	return 0;

no_memory:
	tally_groups_free(&g);
	return -ENOMEM;
}

void
tally_groups_free(struct tally_groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->list[i].key);
	free(g->list);
	*g = (struct tally_groups){ 0 };
}

/* The whole -------------------------------------------------------------- */

static int
begin(struct tally_reader *rd, int64_t from_day, int64_t to_day)
{
	struct tally *t = rd->t;

	t->last_seq = -1;
	t->first_day = NEVER;
	t->last_day = -1;
	t->rows = json_array();
	t->apart = json_array();
	t->music = json_object();
	t->mourning = json_object();
	t->hours = json_object();
	t->days = json_object();
	rd->starts = json_object();
	rd->ends = json_object();
	rd->outcomes = json_object();
	rd->sheets = sheets_new();
	rd->outages = outages_new();
	rd->from_day = from_day;
	rd->to_day = to_day;
	civil_date_text(from_day, &rd->from);
	civil_date_text(to_day, &rd->to);
	return t->rows == NULL || t->apart == NULL || t->music == NULL ||
		       t->mourning == NULL || t->hours == NULL ||
		       t->days == NULL || rd->starts == NULL ||
		       rd->ends == NULL || rd->outcomes == NULL ||
		       rd->sheets == NULL || rd->outages == NULL
		   ? -ENOMEM
		   : 0;
}

static int
begin_digest(struct tally_reader *rd)
{
	char head[400];
	int n = snprintf(head, sizeof(head), FORM "\n%.128s\n%s\n%s\n",
	    rd->station, rd->from.s, rd->to.s);

	rd->digest = hash_start();
	return rd->digest == NULL ? -ENOMEM
				  : hash_more(rd->digest, head, (size_t)n);
}

static int
digest_text(const char *text, size_t n, void *digest)
{
	return hash_more(digest, text, n);
}

/* The causes stand on the paper, and come from outages of no date. */
static int
digest_outages(struct tally_reader *rd)
{
	const json_t *o;
	size_t i;
	int r = 0;

	if (rd->digest == NULL)
		return 0;
	json_array_foreach(rd->t->outages, i, o)
	{
		if (r == 0 && json_dump_callback(o, digest_text, rd->digest,
				  JSON_COMPACT | JSON_SORT_KEYS) < 0)
			r = -ENOMEM;
		if (r == 0)
			r = hash_more(rd->digest, "", 1);
	}
	return r;
}

/* No sheet tells of a day that the log has not come to: neither its last record,
 * nor an outcome of that day, which a clock that went back since leaves there. */
static void
settle_days(struct tally_reader *rd)
{
	const char *key;
	json_t *list;
	int64_t last, day;
	int second;

	if (rd->last_utc[0] == '\0')
		return;
	civil_from_us(rd->last_us, &last, &second);
	json_object_foreach(rd->outcomes, key,
	    list) if (civil_read_date(record_text(json_array_get(list, 0),
					  "date"),
			  &day) == 0) last = later(last, day);
	rd->t->last_day = earlier(rd->t->last_day, last);
}

static int
settle_outages(struct tally_reader *rd)
{
	const json_t *o;
	size_t i;
	int r =
	    outages_tell(rd->outages, rd->station, civil_to_us(rd->from_day, 0),
		civil_to_us(rd->to_day + 1, 0), &rd->t->outages);

	if (r < 0)
		return r;
	rd->outs =
	    calloc(json_array_size(rd->t->outages) + 1, sizeof(rd->outs[0]));
	if (rd->outs == NULL)
		return -ENOMEM;
	json_array_foreach(rd->t->outages, i, o)
	{
		rd->outs[rd->outs_n++] = (struct out){ record_text(o, "cause"),
			instant(o, "from_utc", 0), instant(o, "to_utc", 0) };
	}
	return digest_outages(rd);
}

static int
settle(struct tally_reader *rd)
{
	int r;

	civil_read_utc(rd->last_utc, &rd->last_us);
	settle_days(rd);
	r = settle_outages(rd);
	if (r == 0)
		r = sheets_each(rd->sheets, add_planned, rd);
	if (r == 0)
		r = add_unplanned(rd);
	if (r == 0)
		r = add_all_apart(rd);
	if (r == 0)
		r = sort(&rd->t->rows);
	if (r == 0)
		r = sort(&rd->t->apart);
	if (r == 0)
		count_all(rd->t);
	return r;
}

/* Its tally stays. */
static void
end_reading(struct tally_reader *rd)
{
	if (rd->digest != NULL)
		hash_end(rd->digest, rd->t->digest);
	json_decref(rd->starts);
	json_decref(rd->ends);
	json_decref(rd->outcomes);
	sheets_free(rd->sheets);
	outages_free(rd->outages);
	free(rd->outs);
	free(rd);
}

static int
finish(struct tally_reader *rd, int r, struct tally **ret_tally)
{
	struct tally *t = rd->t;

	if (r == 0)
		r = settle(rd);
	end_reading(rd);
	if (r < 0)
		tally_free(t);
	else
		*ret_tally = t;
	return r;
}

int
tally_begin(const char *station, int64_t from_day, int64_t to_day,
    struct tally_reader **ret)
{
	struct tally_reader *rd = calloc(1, sizeof(*rd));
	int r;

	if (rd == NULL)
		return -ENOMEM;
	rd->station = station;
	rd->t = calloc(1, sizeof(*rd->t));
	if (rd->t == NULL) {
		free(rd);
		return -ENOMEM;
	}
	r = begin(rd, from_day, to_day);
	if (r < 0)
		return finish(rd, r, NULL);
	*ret = rd;
	return 0;
}

int
tally_end(
    struct tally_reader *rd, const char *last_utc, struct tally **ret_tally)
{
	snprintf(rd->last_utc, sizeof(rd->last_utc), "%s", last_utc);
	return finish(rd, 0, ret_tally);
}

void
tally_drop(struct tally_reader *rd)
{
	finish(rd, -ECANCELED, NULL);
}

int
tally_read(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, struct tally **ret_tally)
{
	struct tally_reader *rd;
	int r = tally_begin(station, from_day, to_day, &rd);

	if (r < 0)
		return r;
	r = begin_digest(rd);
	if (r == 0)
		r = ledger_each(disk, read_line, rd);
	return finish(rd, r, ret_tally);
}

struct tally *
tally_free(struct tally *t)
{
	if (t == NULL)
		return NULL;
	json_decref(t->rows);
	json_decref(t->apart);
	json_decref(t->music);
	json_decref(t->mourning);
	json_decref(t->hours);
	json_decref(t->days);
	json_decref(t->outages);
	free(t);
	return NULL;
}

const json_t *
tally_hours(
    const struct tally *t, const char *station, const char *date, int64_t us)
{
	const json_t *found = NULL;
	const json_t *sheet;
	char key[256];
	size_t i;

	snprintf(key, sizeof(key), "%s %s ", station, date);
	json_array_foreach(json_object_get(t->hours, key), i, sheet)
	{
		if (i == 0 || instant(sheet, "utc", NEVER) <= us)
			found = json_object_get(sheet, "hours");
	}
	return json_is_array(found) ? found : NULL;
}

/* The code --------------------------------------------------------------- */

#define DIGITS 16 /* of five bits each */

static unsigned
nibble(char hex)
{
	return (unsigned)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

/* Without the dashes. */
static void
digits_of(const char digest[static HASH_HEX], char buf[static DIGITS + 1])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned bits = 0;
	unsigned held = 0;
	size_t n = 0;

	for (size_t i = 0; n < DIGITS; i++) {
		bits = bits << 4 | nibble(digest[i]);
		held += 4;
		if (held < 5)
			continue;
		held -= 5;
		buf[n++] = letters[bits >> held & 31];
	}
	buf[n] = '\0';
}

const char *
tally_code(const struct tally *t, char buf[static TALLY_CODE])
{
	char digits[DIGITS + 1];

	digits_of(t->digest, digits);
	snprintf(buf, TALLY_CODE, "%.4s-%.4s-%.4s-%.4s", digits, digits + 4,
	    digits + 8, digits + 12);
	return buf;
}

bool
tally_is_code(const struct tally *t, const char *typed)
{
	char digits[DIGITS + 1];
	size_t n = 0;

	digits_of(t->digest, digits);
	for (; *typed != '\0'; typed++) {
		int c = toupper((unsigned char)*typed);

		if (c == '-' || c == ' ')
			continue;
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (n >= DIGITS || digits[n++] != (char)c)
			return false;
	}
	return n == DIGITS;
}
