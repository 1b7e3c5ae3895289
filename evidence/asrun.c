/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/civil.h"
#include "base/clock.h"
#include "evidence/asrun.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/sheets.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LEAF_HASH "leaf_hash" /* kept beside a parsed record's own keys */

/* One airing or slot on its way to be a row. */
struct entry {
	json_t *start; /* or NULL */
	json_t *end; /* or NULL: it has not ended */
	json_t *slot; /* or NULL */
};

struct reading {
	struct asrun *a;
	const char *station;
	const json_t *names;
	struct civil_text from;
	struct civil_text to;
	struct entry *entries;
	size_t n;
	size_t room;
	json_t *by_airing; /* {airing_id: index into entries} */
	json_t *outcomes; /* {"station date slot": status}, slot records */
	json_t *orders; /* {airing_id: person} */
	struct sheets *sheets;
	char last_utc[32];
	int64_t last_us;
};

/* Where a column's value is found: the first key that the records have. */
static const struct column {
	const char *name;
	const char *start;
	const char *end;
	const char *slot;
} columns[] = {
	{ "seq", NULL, NULL, NULL },
	{ "rec", "kind", "kind", "kind" },
	{ "airing_id", "airing_id", "airing_id", NULL },
	{ "station_id", "station", "station", "station" },
	{ "commune_name", NULL, NULL, NULL },
	{ "planned_utc", "planned_utc", NULL, "planned_utc" },
	{ "planned_local", NULL, NULL, NULL },
	{ "planned_ms", "planned_ms", NULL, "planned_ms" },
	{ "actual_utc", NULL, "actual_utc", NULL },
	{ "actual_local", NULL, NULL, NULL },
	{ "actual_ms", NULL, "actual_ms", "actual_ms" },
	{ "wall_ms", NULL, "wall_ms", NULL },
	{ "late_ms", NULL, "late_ms", NULL },
	{ "status", NULL, "status", "status" },
	{ "reason", NULL, "reason", "reason" },
	{ "class", "class", NULL, "class" },
	{ "start_source", "start_source", NULL, NULL },
	{ "item_title", "title", NULL, "title" },
	{ "segment", "segment", NULL, "segment" },
	{ "language", "language", NULL, "language" },
	{ "first_run", "first_run", NULL, NULL },
	{ "item", "item", "item", NULL },
	{ "sha256", "sha256", "sha256", NULL },
	{ "approval", "approval", NULL, NULL },
	{ "schedule_rev", "schedule_rev", NULL, "revision" },
	{ "frames_planned", "frames_planned", NULL, NULL },
	{ "frames_sent", NULL, "frames_sent", NULL },
	{ "silent_ms", NULL, "silent_ms", NULL },
	{ "lufs", NULL, "lufs", NULL },
	{ "gain_db", NULL, "gain_db", NULL },
	{ "device", "device", "device", NULL },
	{ "clock", "clock", "clock", "clock" },
	{ "grade", "grade", "grade", NULL },
	{ "user", NULL, NULL, NULL },
	{ "note", NULL, NULL, "note" },
	{ "leaf_index", "seq", "seq", "seq" },
	{ "leaf_hash", LEAF_HASH, LEAF_HASH, LEAF_HASH },
	{ "slot", "slot", "slot", "slot" },
	{ "underruns", NULL, "underruns", NULL },
	{ "underrun_ms", NULL, "underrun_ms", NULL },
	{ "muted_ms", NULL, "muted_ms", NULL },
	{ "device_percent", NULL, "device_percent", NULL },
	{ "set", "set", NULL, NULL },
	{ "signal_ms", NULL, NULL, "signal_ms" },
	{ "lost_ms", NULL, NULL, "lost_ms" },
	{ "connections", NULL, NULL, "connections" },
};

int
asrun_leaf_hash(const char *line, size_t n, char ret_hex[static HASH_HEX])
{
	char *leaf = malloc(n + 1);
	int r;

	if (leaf == NULL)
		return -ENOMEM;
	leaf[0] = '\0';
	memcpy(leaf + 1, line, n);
	r = hash_bytes(leaf, n + 1, ret_hex);
	free(leaf);
	return r;
}

/* Reading ---------------------------------------------------------------- */

static struct entry *
new_entry(struct reading *rd)
{
	size_t room = rd->room == 0 ? 64 : rd->room * 2;
	struct entry *grown;

	if (rd->n == rd->room) {
		grown = reallocarray(rd->entries, room, sizeof(*grown));
		if (grown == NULL)
			return NULL;
		rd->entries = grown;
		rd->room = room;
	}
	rd->entries[rd->n] = (struct entry){ 0 };
	return &rd->entries[rd->n++];
}

/* The entry of an airing, made when it is the first to be heard of it. */
static struct entry *
airing_entry(struct reading *rd, const char *id)
{
	const json_t *at = json_object_get(rd->by_airing, id);
	struct entry *e;

	if (at != NULL)
		return &rd->entries[json_integer_value(at)];
	e = new_entry(rd);
	if (e != NULL && json_object_set_new(rd->by_airing, id,
			     json_integer((json_int_t)rd->n - 1)) < 0)
		return NULL;
	return e;
}

static void
slot_key(char key[256], const char *station, const char *date, const char *slot)
{
	snprintf(key, 256, "%s %s %s", station, date, slot);
}

/* Counts a slot's outcome; a second one for the same slot breaks the sum. */
static int
count_slot(struct reading *rd, const json_t *slot)
{
	struct asrun_identity *id = &rd->a->identity;
	const char *status = record_text(slot, "status");
	const char *reason = record_text(slot, "reason");
	json_t *of = json_object_get(rd->a->reasons, status);
	char key[256];

	id->aired += strcmp(status, "aired") == 0;
	id->aired_partial += strcmp(status, "aired_partial") == 0;
	id->not_aired += strcmp(status, "not_aired") == 0;
	id->external += strcmp(status, "external") == 0;
	if (of == NULL) {
		of = json_object();
		if (json_object_set_new(rd->a->reasons, status, of) < 0)
			return -ENOMEM;
	}
	slot_key(key, record_text(slot, "station"), record_text(slot, "date"),
	    record_text(slot, "slot"));
	if (json_object_set_new(
		of, reason, json_integer(record_int(of, reason, 0) + 1)) < 0 ||
	    json_object_set_new(rd->outcomes, key, json_string(status)) < 0)
		return -ENOMEM;
	return 0;
}

static int
keep_slot(struct reading *rd, json_t *r)
{
	struct entry *e;

	if (json_array_size(json_object_get(r, "airings")) > 0)
		return count_slot(rd, r);
	e = new_entry(rd);
	if (e == NULL)
		return -ENOMEM;
	e->slot = json_incref(r);
	return count_slot(rd, r);
}

static int
keep_airing(struct reading *rd, json_t *r, enum kind kind)
{
	struct entry *e = airing_entry(rd, record_text(r, "airing_id"));
	json_t **place;

	if (e == NULL)
		return -ENOMEM;
	place = kind == KIND_START ? &e->start : &e->end;
	json_decref(*place);
	*place = json_incref(r);
	if (kind == KIND_END &&
	    strcmp(record_text(r, "status"), "unscheduled") == 0)
		rd->a->identity.unscheduled++;
	return 0;
}

/* A person's order that names the airing it led to. */
static int
keep_order(struct reading *rd, const json_t *r)
{
	const char *id = record_text(r, "airing_id");

	if (id[0] == '\0')
		return 0;
	return json_object_set_new(
	    rd->orders, id, json_string(record_text(r, "person")));
}

/* The last sheet of a date says what mourning leaves out. */
static int
keep_sheet(struct reading *rd, const json_t *r)
{
	static const char *const keys[] = { "station", "date", "mourning",
		"silent" };
	char key[256];
	json_t *of = json_object();
	int e = sheets_take(rd->sheets, r) == -ENOMEM ? -1 : 0;

	slot_key(key, record_text(r, "station"), record_text(r, "date"), "");
	for (size_t i = 0; i < COUNT(keys) && e == 0; i++)
		if (json_object_get(r, keys[i]) != NULL)
			e = json_object_set(
			    of, keys[i], json_object_get(r, keys[i]));
	if (e == 0 && json_object_get(of, "silent") != NULL)
		e = json_object_set(rd->a->mourning, key, of);
	else
		json_object_del(rd->a->mourning, key);
	json_decref(of);
	return e < 0 ? -ENOMEM : 0;
}

static int
keep_record(struct reading *rd, json_t *r, enum kind kind)
{
	if (rd->station[0] != '\0' &&
	    strcmp(rd->station, record_text(r, "station")) != 0)
		return 0;
	if (kind == KIND_OP)
		return keep_order(rd, r);
	if (strcmp(record_text(r, "date"), rd->from.s) < 0 ||
	    strcmp(record_text(r, "date"), rd->to.s) > 0)
		return 0;
	if (kind == KIND_DAY)
		return keep_sheet(rd, r);
	if (kind == KIND_SLOT)
		return keep_slot(rd, r);
	return keep_airing(rd, r, kind);
}

/* True when a line's date may be in the range, without parsing it: only a
 * key is written "date": (quotes inside a text are escaped). */
static bool
may_be_in_range(const struct reading *rd, const char *line, size_t n)
{
	static const char key[] = "\"date\":\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1);

	if (at == NULL || (size_t)(line + n - at) < sizeof(key) - 1 + 10)
		return true;
	at += sizeof(key) - 1;
	return memcmp(at, rd->from.s, 10) >= 0 && memcmp(at, rd->to.s, 10) <= 0;
}

static bool
is_wanted(const struct reading *rd, const char *line, size_t n, int kind)
{
	static const char airing[] = "\"airing_id\":";

	switch (kind) {
	case KIND_DAY:
	case KIND_START:
	case KIND_END:
	case KIND_SLOT:
		return may_be_in_range(rd, line, n);
	case KIND_OP:
		return memmem(line, n, airing, sizeof(airing) - 1) != NULL;
	default:
		return false;
	}
}

static void
note_last(struct reading *rd, const char *line, size_t n)
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
read_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reading *rd = arg;
	int kind = record_kind(line, n);
	char hash[HASH_HEX];
	json_t *r;
	int e;

	(void)seq;
	note_last(rd, line, n);
	if (!is_wanted(rd, line, n, kind) || record_parse(line, n, &r) < 0)
		return 0;
	e = asrun_leaf_hash(line, n, hash);
	if (e == 0 && json_object_set_new(r, LEAF_HASH, json_string(hash)) < 0)
		e = -ENOMEM;
	if (e == 0)
		e = keep_record(rd, r, (enum kind)kind);
	json_decref(r);
	return e < 0 ? -ENOMEM : 0;
}

/* The identity ----------------------------------------------------------- */

static int
count_planned(void *arg, const struct sheet_slot *s)
{
	struct reading *rd = arg;
	struct asrun_identity *id = &rd->a->identity;
	char key[256];
	bool known;

	slot_key(key, s->station, s->date, s->slot);
	known = json_object_get(rd->outcomes, key) != NULL;
	if (known || (s->standing != SLOT_TOO_LATE && s->end_us <= rd->last_us))
		id->planned++;
	else if (s->standing == SLOT_PLANNED)
		id->open++;
	return 0;
}

static void
settle_identity(struct reading *rd)
{
	struct asrun_identity *id = &rd->a->identity;

	civil_read_utc(rd->last_utc, &rd->last_us);
	sheets_each(rd->sheets, count_planned, rd);
	id->holds = id->planned == id->aired + id->aired_partial +
				       id->not_aired + id->external;
}

/* Rows ------------------------------------------------------------------- */

/* When an entry was due: the planned instant; else when it sounded, or was
 * to sound. UTC text sorts as time does. */
static const char *
due_text(const struct entry *e)
{
	const char *text = record_text(e->start, "planned_utc");

	if (text[0] == '\0')
		text = record_text(e->slot, "planned_utc");
	if (text[0] == '\0')
		text = record_text(e->end, "actual_utc");
	return text[0] == '\0' ? record_text(e->start, "cue_utc") : text;
}

static int64_t
leaf_of(const struct entry *e)
{
	return record_int(e->slot, "seq",
	    record_int(e->start, "seq", record_int(e->end, "seq", 0)));
}

static int
by_due(const void *a, const void *b)
{
	int r = strcmp(due_text(a), due_text(b));

	if (r != 0)
		return r;
	return leaf_of(a) < leaf_of(b) ? -1 : leaf_of(a) > leaf_of(b);
}

static json_t *
lookup(const struct entry *e, const struct column *c)
{
	json_t *v = NULL;

	if (c->end != NULL)
		v = json_object_get(e->end, c->end);
	if (v == NULL && c->start != NULL)
		v = json_object_get(e->start, c->start);
	if (v == NULL && c->slot != NULL)
		v = json_object_get(e->slot, c->slot);
	return v == NULL ? json_null() : json_incref(v);
}

static json_t *
local_of(const json_t *row, const char *key)
{
	struct civil_text t;
	int64_t us;

	if (civil_read_utc(record_text(row, key), &us) < 0)
		return json_null();
	return json_string(civil_local_text(us, &t));
}

/* Who ordered it: the start record's own word, or the order's. */
static json_t *
user_of(const struct reading *rd, const struct entry *e)
{
	const char *person = record_text(e->start, "person");

	if (person[0] == '\0')
		person =
		    record_text(rd->orders, record_text(e->start, "airing_id"));
	return json_string(person);
}

/* P7: what a reader must know of the figures, in the log's own words; of what
 * no slot planned, why it broke off and whose order it was. */
static json_t *
note_of(const struct entry *e)
{
	const char *late = record_text(e->start, "intent");
	const char *words[] = {
		strcmp(late, "late") == 0 ? "intent_late" : "",
		json_is_true(json_object_get(e->end, "at_least")) ? "at_least"
								  : "",
		record_text(e->end, "broken"),
		record_text(e->start, "order"),
		record_text(e->start, "interrupts"),
	};
	char note[1024] = "";
	size_t n = 0;

	if (e->slot != NULL)
		return json_string(record_text(e->slot, "note"));
	for (size_t i = 0; i < COUNT(words) && n < sizeof(note); i++)
		if (words[i][0] != '\0')
			n += (size_t)snprintf(note + n, sizeof(note) - n,
			    "%s%s", n > 0 ? " " : "", words[i]);
	text_trim(note);
	return json_string(note);
}

static int
set(json_t *row, const char *key, json_t *value)
{
	return json_object_set_new(row, key, value) < 0 ? -ENOMEM : 0;
}

static int
add_row(struct reading *rd, const struct entry *e)
{
	json_t *row = json_object();
	json_t *name;
	int r = 0;

	for (size_t i = 0; i < COUNT(columns) && r == 0; i++)
		r = set(row, columns[i].name, lookup(e, &columns[i]));
	name = json_object_get(rd->names, record_text(row, "station_id"));
	if (r == 0)
		r = set(row, "seq",
		    json_integer((json_int_t)json_array_size(rd->a->rows) + 1));
	if (r == 0)
		r = set(row, "commune_name",
		    name == NULL ? json_string("") : json_incref(name));
	if (r == 0)
		r = set(row, "planned_local", local_of(row, "planned_utc"));
	if (r == 0)
		r = set(row, "actual_local", local_of(row, "actual_utc"));
	if (r == 0)
		r = set(row, "user", user_of(rd, e));
	if (r == 0)
		r = set(row, "note", note_of(e));
	if (r < 0) {
		json_decref(row);
		return r;
	}
	return json_array_append_new(rd->a->rows, row) < 0 ? -ENOMEM : 0;
}

static int
make_rows(struct reading *rd)
{
	int r = 0;

	if (rd->n > 0)
		qsort(rd->entries, rd->n, sizeof(rd->entries[0]), by_due);
	for (size_t i = 0; i < rd->n && r == 0; i++)
		r = add_row(rd, &rd->entries[i]);
	return r;
}

static void
end_reading(struct reading *rd)
{
	for (size_t i = 0; i < rd->n; i++) {
		json_decref(rd->entries[i].start);
		json_decref(rd->entries[i].end);
		json_decref(rd->entries[i].slot);
	}
	free(rd->entries);
	json_decref(rd->by_airing);
	json_decref(rd->outcomes);
	json_decref(rd->orders);
	sheets_free(rd->sheets);
}

static int
read_into(struct asrun *a, struct disk *disk, struct reading *rd)
{
	int r;

	a->rows = json_array();
	a->reasons = json_object();
	a->mourning = json_object();
	rd->by_airing = json_object();
	rd->outcomes = json_object();
	rd->orders = json_object();
	rd->sheets = sheets_new();
	if (a->rows == NULL || a->reasons == NULL || a->mourning == NULL ||
	    rd->by_airing == NULL || rd->outcomes == NULL ||
	    rd->orders == NULL || rd->sheets == NULL)
		return -ENOMEM;
	r = ledger_each(disk, read_line, rd);
	if (r < 0)
		return r;
	settle_identity(rd);
	return make_rows(rd);
}

int
asrun_read(struct disk *disk, const char *station, const json_t *names,
    int64_t from_day, int64_t to_day, struct asrun **ret_asrun)
{
	struct asrun *a = calloc(1, sizeof(*a));
	struct reading rd = { .a = a, .station = station, .names = names };
	int r;

	if (a == NULL)
		return -ENOMEM;
	civil_date_text(from_day, &rd.from);
	civil_date_text(to_day, &rd.to);
	r = read_into(a, disk, &rd);
	end_reading(&rd);
	if (r < 0) {
		asrun_free(a);
		return r;
	}
	*ret_asrun = a;
	return 0;
}

struct asrun *
asrun_free(struct asrun *a)
{
	if (a == NULL)
		return NULL;
	json_decref(a->rows);
	json_decref(a->reasons);
	json_decref(a->mourning);
	free(a);
	return NULL;
}

/* Text ------------------------------------------------------------------- */

/* Made safe for a terminal; a cell may have lines. */
static void
put_text(FILE *out, const char *s)
{
	bool quote = strpbrk(s, ",\"\r\n") != NULL;
	char *safe = text_safe(s, "\t\r\n");

	if (quote)
		fputc('"', out);
	if (s[0] != '\0' && strchr("=+-@\t\r", s[0]) != NULL)
		fputc('\'', out);
	for (const char *p = safe; p != NULL && *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	if (quote)
		fputc('"', out);
	free(safe);
}

static void
put_value(FILE *out, const json_t *v)
{
	if (json_is_string(v))
		put_text(out, json_string_value(v));
	else if (json_is_boolean(v))
		fputs(json_is_true(v) ? "true" : "false", out);
	else if (json_is_integer(v))
		fprintf(out, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		fprintf(out, "%.9g", json_real_value(v));
}

int
asrun_csv(const struct asrun *a, FILE *out)
{
	const json_t *row;
	size_t i;

	for (size_t c = 0; c < COUNT(columns); c++)
		fprintf(out, "%s%s", c == 0 ? "" : ",", columns[c].name);
	fputs("\r\n", out);
	json_array_foreach(a->rows, i, row)
	{
		for (size_t c = 0; c < COUNT(columns); c++) {
			if (c > 0)
				fputc(',', out);
			put_value(out, json_object_get(row, columns[c].name));
		}
		fputs("\r\n", out);
	}
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

json_t *
asrun_json(const struct asrun *a)
{
	const struct asrun_identity *id = &a->identity;
	json_t *mourning = json_array();
	const char *key;
	json_t *of;

	json_object_foreach(a->mourning, key, of)
	{
		json_array_append(mourning, of);
	}
	return json_pack("{s:O,s:O,s:o,s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:b}}",
	    "rows", a->rows, "reasons", a->reasons, "mourning", mourning,
	    "identity", "planned", (json_int_t)id->planned, "aired",
	    (json_int_t)id->aired, "aired_partial",
	    (json_int_t)id->aired_partial, "not_aired",
	    (json_int_t)id->not_aired, "external", (json_int_t)id->external,
	    "open", (json_int_t)id->open, "unscheduled",
	    (json_int_t)id->unscheduled, "holds", (int)id->holds);
}
