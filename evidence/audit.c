/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/words.h"
#include "evidence/asrun.h"
#include "evidence/audit.h"
#include "evidence/hours.h"
#include "evidence/record.h"
#include "evidence/sheets.h"
#include "evidence/testimony.h"

#define LOG_FILES "airing-[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"
#define MONTH_AT 7 /* where a file's name says 2026-11 */
#define FRAMES_PER_MS 48
#define KEY_MAX 256

struct place {
	const char *file;
	int64_t line;
};

struct auditor {
	void (*report)(void *arg, const struct finding *f);
	void *arg;
	struct audit sum;
	struct place at; /* the line being read */
	struct sheets *sheets;
	struct hours *hours;
	const struct testimony *testimony; /* borrowed, or NULL */
	/* Each keeps {.., "file", "line"} of the record beside its keys. */
	json_t *starts; /* {airing_id: start} */
	json_t *ends; /* {airing_id: end} */
	json_t *slots; /* {"station date slot": slot} */
	json_t *sounded; /* {"station date slot part": airing_id} */
	json_t *latest; /* {"station date slot": its last start} */
	json_t *sums; /* {"station date slot": {frames, airings}} */
	json_t *
	    orders; /* {seq: op}: released; "sounded" counted, "is_over" marked */
	json_t *prepared; /* {seq: op} */
	int64_t last_us; /* instant of the last record */
	int64_t last_boot_seq; /* of the last `boot` record */
	int64_t boot_us;
	char boot_id[64];
	int64_t next_seq;
	int64_t last_seq; /* as the last line said */
	json_t *boots; /* {boot id: true}: those that are over */
};

__attribute__((format(printf, 4, 5))) static void
find(struct auditor *a, const char *promise, struct place at, const char *fmt,
    ...)
{
	char text[1024];
	struct finding f = { promise, at.file, at.line, text };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	a->sum.findings++;
	if (a->report != NULL)
		a->report(a->arg, &f);
}

static struct place
place_of(const json_t *r)
{
	return (
	    struct place){ record_text(r, "file"), record_int(r, "line", 0) };
}

static const char *
slot_key(const json_t *r, char key[KEY_MAX])
{
	snprintf(key, KEY_MAX, "%s %s %s", record_text(r, "station"),
	    record_text(r, "date"), record_text(r, "slot"));
	return key;
}

/* Keeps a record under a key, with the place it stands at. */
static int
keep(struct auditor *a, json_t *map, const char *key, json_t *r)
{
	if (json_object_set_new(r, "file", json_string(a->at.file)) < 0 ||
	    json_object_set_new(
		r, "line", json_integer((json_int_t)a->at.line)) < 0)
		return -ENOMEM;
	return json_object_set(map, key, r) < 0 ? -ENOMEM : 0;
}

/* One record -------------------------------------------------------------- */

static int64_t
utc_of(const json_t *r, const char *key)
{
	int64_t us = NEVER;

	civil_read_utc(record_text(r, key), &us);
	return us;
}

/* P8: what holds for every record in its place. */
static void
check_head(struct auditor *a, const json_t *r)
{
	int64_t seq = record_int(r, "seq", -1);
	int64_t boot_us = record_int(r, "boot_us", -1);
	const char *boot_id = record_text(r, "boot_id");
	const char *local = record_text(r, "local");

	/* A gap is told once, where it is, and not of every line behind it. */
	if (seq != a->next_seq && seq == a->last_seq + 1)
		a->next_seq = seq;
	if (seq != a->next_seq)
		find(a, "P8", a->at,
		    _("leaf index %lld where %lld was due: records are "
		      "missing, "
		      "doubled or out of order"),
		    (long long)seq, (long long)a->next_seq);
	a->next_seq++;
	a->last_seq = seq;
	if (utc_of(r, "utc") == NEVER)
		find(a, "P8", a->at, _("the record has no valid UTC instant"));
	/* A clock that nobody believed begins no month of its own. */
	if (strncmp(local, a->at.file + MONTH_AT, 7) > 0 &&
	    strcmp(record_text(r, "clock"), "unsure") != 0)
		find(a, "P8", a->at,
		    _("a record of %.7s stands in an earlier month's file"),
		    local);
	if (strcmp(boot_id, a->boot_id) == 0 && boot_us < a->boot_us)
		find(a, "P8", a->at,
		    _("the boot clock ran back from %lld to %lld us"),
		    (long long)a->boot_us, (long long)boot_us);
	if (strcmp(boot_id, a->boot_id) != 0) {
		json_object_set_new(a->boots, a->boot_id, json_true());
		if (json_object_get(a->boots, boot_id) != NULL)
			find(a, "P8", a->at,
			    _("a start of the computer that was over goes on "
			      "here: records are out of order"));
	}
	snprintf(a->boot_id, sizeof(a->boot_id), "%s", boot_id);
	a->boot_us = boot_us;
}

static int
take_boot(struct auditor *a, json_t *r)
{
	a->last_boot_seq = record_int(r, "seq", 0);
	return 0;
}

static int
take_day(struct auditor *a, json_t *r)
{
	int e = sheets_take(a->sheets, r);

	if (e != -ENOMEM && hours_take(a->hours, r) < 0)
		e = -ENOMEM;
	if (e == -EINVAL)
		find(a, "P2", a->at, _("the day sheet of %s cannot be read"),
		    record_text(r, "date"));
	return e == -ENOMEM ? e : 0;
}

/* What a person orders at once -------------------------------------------- */

static const char *
seq_key(int64_t seq, char key[24])
{
	snprintf(key, 24, "%lld", (long long)seq);
	return key;
}

static json_t *
order_of(const json_t *orders, const json_t *r, const char *key)
{
	char seq[24];

	return json_object_get(orders, seq_key(record_int(r, key, -1), seq));
}

static bool
is_same(const json_t *x, const json_t *y)
{
	static const char *const keys[] = { "station", "item", "sha256",
		"person", "order" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(record_text(x, keys[i]), record_text(y, keys[i])) !=
		    0)
			return false;
	return true;
}

static bool
has_text_of(const json_t *x, const json_t *y, const char *key)
{
	return strcmp(record_text(x, key), record_text(y, key)) == 0;
}

/* The items that sound behind the first; an empty list, or NULL. */
static const json_t *
then_of(const json_t *op)
{
	return json_object_get(op, "then");
}

/* Both steps name the same items in the same order. */
static bool
is_same_order(const json_t *first, const json_t *op)
{
	const json_t *x = then_of(first);
	const json_t *y = then_of(op);

	return is_same(first, op) &&
	       (x == y || json_equal((json_t *)x, (json_t *)y));
}

/* What sounds is one of the order's items, by its bytes. */
static bool
is_of_order(const json_t *op, const json_t *start)
{
	const json_t *v;
	size_t i;

	if (is_same(op, start))
		return true;
	if (!has_text_of(op, start, "station") ||
	    !has_text_of(op, start, "person") ||
	    !has_text_of(op, start, "order"))
		return false;
	json_array_foreach(then_of(op), i, v)
	{
		if (has_text_of(v, start, "item") &&
		    has_text_of(v, start, "sha256"))
			return true;
	}
	return false;
}

/* P1: an emergency is released by a named person, on an order, in two steps
 * that say the same. */
static void
check_release(struct auditor *a, const json_t *op)
{
	const json_t *first = order_of(a->prepared, op, "prepared");

	if (strcmp(record_text(op, "op"), "emergency") != 0)
		return;
	if (first != NULL && json_object_get(first, "is_over") != NULL)
		find(a, "P3", a->at, _("a code is used twice, or too late"));
	if (record_text(op, "person")[0] == '\0' ||
	    record_text(op, "order")[0] == '\0')
		find(a, "P1", a->at,
		    _("an emergency is released without a person's name or "
		      "without an order"));
	if (first == NULL || !is_same_order(first, op))
		find(a, "P1", a->at,
		    _("an emergency is released that was not prepared so"));
}

static int
end_order(struct auditor *a, const json_t *r)
{
	json_t *op = order_of(a->orders, r, "release");

	if (op == NULL || json_object_get(op, "is_over") != NULL) {
		find(a, "P3", a->at, _("an order is over that was not on"));
		return 0;
	}
	return json_object_set_new(op, "is_over", json_true()) < 0 ? -ENOMEM
								   : 0;
}

static int
take_op(struct auditor *a, json_t *r)
{
	const char *op = record_text(r, "op");
	const char *result = record_text(r, "result");
	json_t *first;
	char key[24];

	if (strcmp(op, "emergency") != 0 && strcmp(op, "play") != 0)
		return 0;
	seq_key(record_int(r, "seq", -1), key);
	if (strcmp(result, "prepared") == 0)
		return keep(a, a->prepared, key, r);
	if (strcmp(result, "over") == 0)
		return end_order(a, r);
	if (strcmp(result, "done") == 0)
		check_release(a, r);
	first = order_of(a->prepared, r, "prepared");
	if (first != NULL &&
	    json_object_set_new(first, "is_over", json_true()) < 0)
		return -ENOMEM;
	return strcmp(result, "done") != 0 ? 0 : keep(a, a->orders, key, r);
}

static bool
is_ordered(const json_t *start)
{
	const char *source = record_text(start, "start_source");

	return strcmp(source, "emergency") == 0 ||
	       strcmp(source, "operator") == 0;
}

/* Music for a relay that is lost: by the site's rule, and by nobody's order. */
static bool
is_filler(const json_t *start)
{
	return strcmp(record_text(start, "start_source"), "filler") == 0 &&
	       record_text(start, "slot")[0] == '\0';
}

/* P1, P3: what sounds beside the plan was ordered, in this life, and the order
 * is not over. */
static void
check_ordered(struct auditor *a, const json_t *start)
{
	const json_t *op = order_of(a->orders, start, "release");
	const char *id = record_text(start, "airing_id");
	bool emergency =
	    strcmp(record_text(start, "start_source"), "emergency") == 0;
	struct sheet_slot planned;

	if (is_filler(start))
		return;
	if (!is_ordered(start)) {
		if (record_text(start, "slot")[0] == '\0' ||
		    sheets_find(a->sheets, record_text(start, "station"),
			record_text(start, "date"), record_text(start, "slot"),
			&planned) < 0)
			find(a, "P2", a->at,
			    _("airing \"%s\" is neither planned nor ordered"),
			    id);
		return;
	}
	if (op == NULL || !is_of_order(op, start) ||
	    emergency != (strcmp(record_text(op, "op"), "emergency") == 0))
		find(a, "P1", a->at,
		    _("airing \"%s\" sounds on an order that nobody gave"), id);
	else if (record_int(op, "seq", 0) < a->last_boot_seq ||
		 json_object_get(op, "is_over") != NULL)
		find(a, "P3", a->at,
		    _("airing \"%s\" sounds on an order that was over"), id);
}

/* P3: no more often than was asked for. */
static int
count_ordered(struct auditor *a, const json_t *start, const json_t *end)
{
	json_t *op = order_of(a->orders, start, "release");
	int64_t sounded = record_int(op, "sounded", 0) + 1;

	if (!is_ordered(start) || op == NULL ||
	    record_int(end, "frames_sent", 0) <= 0 ||
	    record_text(start, "continues")[0] != '\0')
		return 0;
	if (sounded > record_int(op, "times", 1) *
			  (1 + (int64_t)json_array_size(then_of(op))))
		find(a, "P3", a->at,
		    _("airing \"%s\" is one more than was ordered"),
		    record_text(start, "airing_id"));
	return json_object_set_new(op, "sounded", json_integer(sounded)) < 0
		   ? -ENOMEM
		   : 0;
}

/* P2: an order has its last word, unless it may still be on. */
static void
check_last_words(struct auditor *a, const json_t *orders)
{
	const char *key;
	json_t *op;

	json_object_foreach((json_t *)orders, key, op)
	{
		if (json_object_get(op, "is_over") != NULL)
			continue;
		if (record_int(op, "seq", 0) > a->last_boot_seq)
			a->sum.open++;
		else
			find(a, "P2", place_of(op),
			    _("nothing says what became of this order"));
	}
}

static void
check_orders(struct auditor *a)
{
	check_last_words(a, a->prepared);
	check_last_words(a, a->orders);
}

/* Airings and slots ------------------------------------------------------- */

static int
take_start(struct auditor *a, json_t *r)
{
	const char *id = record_text(r, "airing_id");
	char key[KEY_MAX];
	json_t *hours;

	a->sum.airings++;
	check_ordered(a, r);
	if (id[0] == '\0' || json_object_get(a->starts, id) != NULL) {
		find(a, "P3", a->at, _("airing \"%s\" starts twice"), id);
		return 0;
	}
	hours = hours_now(
	    a->hours, record_text(r, "station"), record_text(r, "date"));
	if (hours != NULL)
		json_object_set_new(r, "hours_then", hours);
	if (json_object_set(a->latest, slot_key(r, key), r) < 0)
		return -ENOMEM;
	return keep(a, a->starts, id, r);
}

/*
 * True when the first sample sounded before the start record was made. By the
 * boot clock, which nobody can set: the end record ties both clocks.
 */
static bool
sounded_before(const json_t *start, const json_t *end)
{
	int64_t first_us = utc_of(end, "actual_utc");
	int64_t ago_us;

	if (first_us == NEVER || strcmp(record_text(start, "boot_id"),
				     record_text(end, "boot_id")) != 0)
		return false;
	/* Then its instant is by the clock as it was last believed. */
	if (strcmp(record_text(end, "clock"), "unsure") == 0)
		return false;
	ago_us = utc_of(end, "utc") - first_us;
	return record_int(start, "boot_us", 0) >
	       record_int(end, "boot_us", 0) - ago_us;
}

/* P4: written before the first sample, or honestly late. */
static void
check_intent(struct auditor *a, const json_t *start, const json_t *end)
{
	const char *intent = record_text(start, "intent");
	const char *id = record_text(end, "airing_id");

	if (strcmp(intent, "late") == 0 && record_int(start, "grade", 0) != 1)
		find(a, "P4", place_of(start),
		    _("airing \"%s\" was noted late but not as grade 1"), id);
	else if (strcmp(intent, "late") == 0)
		return;
	else if (strcmp(intent, "durable") != 0)
		find(a, "P4", place_of(start),
		    _("airing \"%s\" has neither a durable nor a late intent"),
		    id);
	else if (sounded_before(start, end))
		find(a, "P4", place_of(start),
		    _("airing \"%s\" sounded before its intent was written"),
		    id);
}

/* Filler goes round its items for as long as there is room. */
static bool
may_repeat(const struct auditor *a, const json_t *start)
{
	struct sheet_slot s;

	return record_text(start, "continues")[0] != '\0' ||
	       record_int(start, "offset_ms", 0) != 0 ||
	       strcmp(record_text(start, "start_source"), "operator") == 0 ||
	       (sheets_find(a->sheets, record_text(start, "station"),
		    record_text(start, "date"), record_text(start, "slot"),
		    &s) == 0 &&
		   strcmp(record_text(s.plan, "content"), "filler") == 0);
}

/* P3: a part of a slot sounds once, or is continued, or was ordered. */
static int
check_once(struct auditor *a, const json_t *start, const json_t *end)
{
	const char *id = record_text(start, "airing_id");
	char key[KEY_MAX];
	char part[KEY_MAX + 32];

	if (record_text(start, "slot")[0] == '\0' ||
	    record_int(end, "frames_sent", 0) <= 0)
		return 0;
	snprintf(part, sizeof(part), "%s %lld", slot_key(start, key),
	    (long long)record_int(start, "part", 0));
	if (json_object_get(a->sounded, part) != NULL && !may_repeat(a, start))
		find(a, "P3", place_of(start),
		    _("airing \"%s\" plays what airing \"%s\" already played"),
		    id, record_text(a->sounded, part));
	return json_object_set_new(a->sounded, part, json_string(id)) < 0
		   ? -ENOMEM
		   : 0;
}

static int
add_sum(struct auditor *a, const json_t *end)
{
	char key[KEY_MAX];
	json_t *sum = json_object_get(a->sums, slot_key(end, key));
	json_int_t frames = record_int(end, "frames_sent", 0);
	json_int_t airings = 1;

	if (sum != NULL) {
		frames += record_int(sum, "frames", 0);
		airings += record_int(sum, "airings", 0);
	}
	return json_object_set_new(a->sums, key,
		   json_pack(
		       "{s:I,s:I}", "frames", frames, "airings", airings)) < 0
		   ? -ENOMEM
		   : 0;
}

/* P1: but for an emergency; check_release() has looked at who let it out. */
static void
check_hours(struct auditor *a, const json_t *start, const json_t *end)
{
	const json_t *then = json_object_get(start, "hours_then");

	if (strcmp(record_text(start, "start_source"), "emergency") == 0)
		return;
	if (then == NULL)
		a->sum.unfenced++;
	else if (hours_broken(a->hours, then, start, end))
		find(a, "P1", a->at,
		    _("airing \"%s\" sounded outside the allowed hours that "
		      "its day sheet tells"),
		    record_text(end, "airing_id"));
}

/* What ends is what began, and its time is that of its frames. */
static void
check_measured(struct auditor *a, const json_t *start, const json_t *end)
{
	static const char *const keys[] = { "station", "date", "slot", "item",
		"sha256" };
	int64_t ms = record_int(end, "frames_sent", 0) / FRAMES_PER_MS;
	const char *id = record_text(end, "airing_id");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(record_text(start, keys[i]),
			record_text(end, keys[i])) != 0)
			find(a, "P4", a->at,
			    _("airing \"%s\" ends with another \"%s\" than it "
			      "began with"),
			    id, keys[i]);
	if (llabs((long long)(ms - record_int(end, "actual_ms", 0))) > 1)
		find(a, "P4", a->at,
		    _("airing \"%s\" says %lld ms, its frames %lld ms"), id,
		    (long long)record_int(end, "actual_ms", 0), (long long)ms);
}

static int
take_end(struct auditor *a, json_t *r)
{
	const char *id = record_text(r, "airing_id");
	const json_t *start = json_object_get(a->starts, id);
	int e;

	if (start == NULL) {
		find(a, "P4", a->at, _("airing \"%s\" ends without a start"),
		    id);
		return 0;
	}
	if (json_object_get(a->ends, id) != NULL) {
		find(a, "P4", a->at, _("airing \"%s\" ends twice"), id);
		return 0;
	}
	if (strcmp(record_text(r, "status"), "not_aired") != 0 &&
	    record_int(r, "frames_sent", 0) <= 0)
		find(a, "P4", a->at,
		    _("airing \"%s\" is called %s without one frame sent"), id,
		    record_text(r, "status"));
	check_measured(a, start, r);
	check_intent(a, start, r);
	check_hours(a, start, r);
	e = check_once(a, start, r);
	if (e == 0)
		e = count_ordered(a, start, r);
	if (e == 0)
		e = add_sum(a, r);
	return e < 0 ? e : keep(a, a->ends, id, r);
}

static int
take_slot(struct auditor *a, json_t *r)
{
	const char *status = record_text(r, "status");
	char key[KEY_MAX];
	struct sheet_slot planned;

	a->sum.slots++;
	if (json_object_get(a->slots, slot_key(r, key)) != NULL) {
		find(a, "P3", a->at, _("slot \"%s\" of %s has two outcomes"),
		    record_text(r, "slot"), record_text(r, "date"));
		return 0;
	}
	/* A cancelled slot's outcome stands before the sheet without it; so
	 * does that of a slot which aired, when the clock went back since. */
	if (sheets_find(a->sheets, record_text(r, "station"),
		record_text(r, "date"), record_text(r, "slot"), &planned) < 0)
		find(a, "P2", a->at,
		    _("slot \"%s\" of %s has an outcome but was never "
		      "planned"),
		    record_text(r, "slot"), record_text(r, "date"));
	else if (strcmp(status, "not_aired") != 0 &&
		 planned.standing == SLOT_CANCELLED)
		find(a, "P2", a->at,
		    _("slot \"%s\" of %s was cancelled but is called %s"),
		    planned.slot, planned.date, status);
	return keep(a, a->slots, key, r);
}

static int
take_record(struct auditor *a, json_t *r)
{
	static const struct {
		enum kind kind;
		int (*take)(struct auditor *a, json_t *r);
	} takes[] = {
		{ KIND_BOOT, take_boot },
		{ KIND_DAY, take_day },
		{ KIND_START, take_start },
		{ KIND_END, take_end },
		{ KIND_SLOT, take_slot },
		{ KIND_OP, take_op },
	};
	const char *kind = record_text(r, "kind");

	check_head(a, r);
	a->sum.records++;
	if (utc_of(r, "utc") != NEVER)
		a->last_us = utc_of(r, "utc");
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (strcmp(kind, kind_word(takes[i].kind)) == 0)
			return takes[i].take(a, r);
	return 0;
}

/* Files ------------------------------------------------------------------- */

/* P8: what counted is there, unchanged. */
static void
check_leaf(struct auditor *a, const char *line, size_t n)
{
	const char *noted = testimony_leaf(a->testimony, a->sum.records);
	char hash[HASH_HEX];

	if (noted == NULL || asrun_leaf_hash(line, n, hash) < 0)
		return;
	if (strcmp(noted, hash) == 0)
		a->sum.noted++;
	else
		find(a, "P8", a->at,
		    _("record %lld had counted as another one: it was changed"),
		    (long long)a->sum.records);
}

static void
check_lost(struct auditor *a)
{
	static const struct place nowhere = { "", 0 };
	int64_t end = testimony_end(a->testimony);

	if (end > a->sum.records)
		find(a, "P8", nowhere,
		    _("%lld records that had counted are not in the log, from "
		      "%lld on"),
		    (long long)(end - a->sum.records),
		    (long long)a->sum.records);
}

static int
take_line(struct auditor *a, const char *line, size_t n)
{
	json_t *r;
	int e;

	a->at.line++;
	check_leaf(a, line, n);
	if (record_parse(line, n, &r) < 0) {
		find(a, "P8", a->at, _("the line is not a record"));
		a->sum.records++;
		a->next_seq++;
		a->last_seq = -2;
		return 0;
	}
	e = take_record(a, r);
	json_decref(r);
	return e;
}

static int
read_lines(struct auditor *a, FILE *in, bool newest)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] == '\n') {
			r = take_line(a, line, (size_t)n - 1);
			continue;
		}
		a->sum.torn_bytes = n;
		a->at.line++;
		if (!newest)
			find(a, "P8", a->at,
			    _("an unfinished line in a file that is over"));
	}
	if (r == 0 && ferror(in))
		r = -EIO;
	free(line);
	return r;
}

/* A FIFO or a device of that name must not hang an audit. */
static int
open_log(const char *path, FILE **ret_in)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	else if (st.st_size > DISK_READ_MAX)
		r = -EFBIG;
	if (r == 0) {
		*ret_in = fdopen(fd, "r");
		r = *ret_in == NULL ? -errno : 0;
	}
	if (r < 0)
		close(fd);
	return r;
}

static int
read_file(struct auditor *a, const char *folder, const char *name, bool newest)
{
	char path[4096];
	FILE *in = NULL;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = open_log(path, &in);
	if (r < 0)
		return r;
	a->at = (struct place){ name, 0 };
	r = read_lines(a, in, newest);
	fclose(in);
	return r;
}

static int
is_log(const struct dirent *e)
{
	return fnmatch(LOG_FILES, e->d_name, 0) == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The whole --------------------------------------------------------------- */

static bool
is_outcome(const char *status)
{
	static const char *const words[] = { "aired", "aired_partial",
		"not_aired", "external" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(status, words[i]) == 0)
			return true;
	return false;
}

/* True while the attempt may still sound: it belongs to the last boot, and
 * its frames may not be over. */
static bool
may_sound(const struct auditor *a, const json_t *start)
{
	int64_t ms = record_int(start, "frames_planned", 0) / FRAMES_PER_MS;
	int64_t us = earlier(later(ms, 0), US_PER_DAY / US_PER_MS) * US_PER_MS;
	int64_t cue_us = utc_of(start, "cue_utc");

	return record_int(start, "seq", 0) > a->last_boot_seq &&
	       cue_us != NEVER && cue_us + us + AUDIT_GRACE_US > a->last_us;
}

/* A slot that goes on beyond its window ("finish") is not over before its last
 * attempt is; nor is one whose attempt ended just now. */
static bool
is_under_way(const struct auditor *a, const char *key)
{
	const json_t *start = json_object_get(a->latest, key);
	const json_t *end;
	int64_t end_us;

	if (start == NULL)
		return false;
	end = json_object_get(a->ends, record_text(start, "airing_id"));
	if (end == NULL)
		return may_sound(a, start);
	end_us = utc_of(end, "utc");
	return end_us != NEVER && end_us + AUDIT_GRACE_US > a->last_us;
}

/* P2: each planned slot has its outcome, and a fitting one. */
static int
check_planned(void *arg, const struct sheet_slot *s)
{
	static const struct place nowhere = { "", 0 };
	struct auditor *a = arg;
	char key[KEY_MAX];
	const json_t *r;

	snprintf(key, sizeof(key), "%s %s %s", s->station, s->date, s->slot);
	r = json_object_get(a->slots, key);
	if (r != NULL || s->standing == SLOT_TOO_LATE)
		return 0;
	if (s->end_us > a->last_us - AUDIT_GRACE_US || is_under_way(a, key))
		a->sum.open++;
	else
		find(a, "P2", nowhere, _("slot \"%s\" of %s has no outcome"),
		    s->slot, s->date);
	return 0;
}

/* P2: a slot's figures are those of its airings. */
static void
check_figures(struct auditor *a, const char *key, const json_t *slot)
{
	const json_t *ids = json_object_get(slot, "airings");
	const json_t *sum = json_object_get(a->sums, key);
	const char *status = record_text(slot, "status");
	int64_t n = (int64_t)json_array_size(ids);
	int64_t frames = record_int(sum, "frames", 0);
	int64_t ms = frames / FRAMES_PER_MS;
	int64_t said_ms = record_int(slot, "actual_ms", 0);
	const json_t *id;
	size_t i;

	json_array_foreach(ids, i,
	    id) if (json_object_get(a->starts, json_string_value(id)) == NULL)
	    find(a, "P2", place_of(slot),
		_("slot \"%s\" names airing \"%s\", which is not "
		  "in the log"),
		record_text(slot, "slot"), json_string_value(id));
	if (!is_outcome(status))
		find(a, "P2", place_of(slot),
		    _("slot \"%s\" has the unknown outcome \"%s\""),
		    record_text(slot, "slot"), status);
	if (strcmp(status, "external") == 0)
		return;
	/* One millisecond for each rounding. */
	if (llabs((long long)(ms - said_ms)) > n + 1)
		find(a, "P2", place_of(slot),
		    _("slot \"%s\" says %lld ms, its airings %lld ms"),
		    record_text(slot, "slot"), (long long)said_ms,
		    (long long)ms);
	if (strncmp(status, "aired", 5) == 0 && frames == 0)
		find(a, "P2", place_of(slot),
		    _("slot \"%s\" is called %s, but nothing of it sounded"),
		    record_text(slot, "slot"), status);
	if (strcmp(status, "not_aired") == 0 && ms > 0)
		find(a, "P2", place_of(slot),
		    _("slot \"%s\" is called %s, but %lld ms of it sounded"),
		    record_text(slot, "slot"), status, (long long)ms);
}

static void
check_whole(struct auditor *a)
{
	const char *key;
	json_t *r;

	json_object_foreach(a->starts, key, r)
	{
		if (json_object_get(a->ends, key) != NULL)
			continue;
		if (may_sound(a, r))
			a->sum.open++;
		else
			find(a, "P4", place_of(r),
			    _("airing \"%s\" has no end"), key);
	}
	check_orders(a);
	sheets_each(a->sheets, check_planned, a);
	json_object_foreach(a->slots, key, r) check_figures(a, key, r);
}

static int
begin(struct auditor *a)
{
	a->sheets = sheets_new();
	a->hours = hours_new();
	a->boots = json_object();
	a->starts = json_object();
	a->ends = json_object();
	a->slots = json_object();
	a->sounded = json_object();
	a->latest = json_object();
	a->sums = json_object();
	a->orders = json_object();
	a->prepared = json_object();
	return a->hours == NULL || a->boots == NULL || a->orders == NULL ||
		       a->prepared == NULL || a->sheets == NULL ||
		       a->starts == NULL || a->ends == NULL ||
		       a->slots == NULL || a->sounded == NULL ||
		       a->latest == NULL || a->sums == NULL
		   ? -ENOMEM
		   : 0;
}

static void
end(struct auditor *a)
{
	sheets_free(a->sheets);
	hours_free(a->hours);
	json_decref(a->boots);
	json_decref(a->starts);
	json_decref(a->ends);
	json_decref(a->slots);
	json_decref(a->sounded);
	json_decref(a->latest);
	json_decref(a->sums);
	json_decref(a->orders);
	json_decref(a->prepared);
}

int
audit_dir(const char *folder,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit *ret_audit)
{
	return audit_dir_with(folder, NULL, report, arg, ret_audit);
}

int
audit_dir_with(const char *folder, const struct testimony *testimony,
    void (*report)(void *arg, const struct finding *f), void *arg,
    struct audit *ret_audit)
{
	struct auditor a = {
		.report = report,
		.arg = arg,
		.last_boot_seq = -1,
		.testimony = testimony,
		.last_seq = -2,
	};
	struct dirent **names;
	int n = scandir(folder, &names, is_log, by_name);
	int r;

	if (n < 0)
		return -errno;
	r = n == 0 ? -ENOENT : begin(&a);
	for (int i = 0; i < n && r == 0; i++)
		r = read_file(&a, folder, names[i]->d_name, i == n - 1);
	if (r == 0) {
		check_whole(&a);
		check_lost(&a);
		*ret_audit = a.sum;
	}
	end(&a);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return r;
}
