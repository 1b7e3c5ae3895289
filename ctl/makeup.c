/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/makeup.h"
#include "ctl/say.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/sheets.h"
#include "scheduler/calendar.h"
#include "scheduler/rules.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID_HEAD (ID_MAX - 8) /* of the slot's id: "-bu-2611" follows */

/* What was missed ------------------------------------------------------- */

struct reading {
	const char *station;
	struct civil_text from;
	struct civil_text to;
	struct sheets *sheets;
	json_t *outcomes; /* {"DATE SLOT": slot record}, all dates */
	json_t *misses; /* {"DATE SLOT": miss} */
};

static const char *
key_of(const char *date, const char *slot, char key[static 2 * ID_MAX])
{
	snprintf(key, 2 * ID_MAX, "%.10s %.*s", date, ID_MAX, slot);
	return key;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reading *rd = arg;
	int kind = record_kind(line, n);
	char key[2 * ID_MAX];
	json_t *r;
	int e = 0;

	(void)seq;
	if ((kind != KIND_DAY && kind != KIND_SLOT) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	if (strcmp(record_text(r, "station"), rd->station) == 0)
		e = kind == KIND_DAY ? sheets_take(rd->sheets, r)
				     : json_object_set(rd->outcomes,
					   key_of(record_text(r, "date"),
					       record_text(r, "slot"), key),
					   r);
	json_decref(r);
	return e == -ENOMEM ? e : 0;
}

static bool
is_missed(const struct reading *rd, const json_t *slot)
{
	const char *date = record_text(slot, "date");
	const char *status = record_text(slot, "status");
	const char *content = record_text(slot, "content");

	if (strcmp(date, rd->from.s) < 0 || strcmp(date, rd->to.s) > 0 ||
	    strcmp(content, content_word(CONTENT_RELAY)) == 0 ||
	    strcmp(content, content_word(CONTENT_FILLER)) == 0)
		return false;
	if (strcmp(status, "not_aired") == 0)
		return strcmp(record_text(slot, "reason"), "cancelled") != 0;
	return strcmp(status, "aired_partial") == 0;
}

/* The slot record, with what its day sheet planned. */
static json_t *
miss_of(const struct reading *rd, const json_t *slot)
{
	static const char *const keys[] = { "ref", "items", "from_above" };
	json_t *miss = json_copy((json_t *)slot);
	struct sheet_slot sheet;

	json_object_set_new(miss, "made_up", json_null());
	json_object_set_new(miss, "proposal", json_null());
	if (sheets_find(rd->sheets, rd->station, record_text(slot, "date"),
		record_text(slot, "slot"), &sheet) < 0)
		return miss;
	for (size_t i = 0; i < COUNT(keys); i++)
		json_object_set(
		    miss, keys[i], json_object_get(sheet.plan, keys[i]));
	return miss;
}

/* A make-up that failed leaves its original to be made up for. */
static int
keep_miss(struct reading *rd, const json_t *slot)
{
	const json_t *of = json_object_get(slot, "makeup_of");
	char key[2 * ID_MAX];

	if (of != NULL)
		slot = json_object_get(
		    rd->outcomes, key_of(record_text(of, "date"),
				      record_text(of, "slot"), key));
	if (slot == NULL)
		return 0;
	key_of(record_text(slot, "date"), record_text(slot, "slot"), key);
	return json_object_set_new(rd->misses, key, miss_of(rd, slot)) < 0
		   ? -ENOMEM
		   : 0;
}

static void
mark_made_up(struct reading *rd, const char *of_date, const char *of_slot,
    const char *date, const char *slot)
{
	char key[2 * ID_MAX];
	json_t *miss =
	    json_object_get(rd->misses, key_of(of_date, of_slot, key));

	if (miss != NULL)
		json_object_set_new(miss, "made_up",
		    json_pack("{s:s, s:s}", "date", date, "slot", slot));
}

static void
mark_aired(struct reading *rd)
{
	const char *key;
	json_t *slot;

	json_object_foreach(rd->outcomes, key, slot)
	{
		const json_t *of = json_object_get(slot, "makeup_of");

		if (of != NULL &&
		    strcmp(record_text(slot, "status"), "aired") == 0)
			mark_made_up(rd, record_text(of, "date"),
			    record_text(of, "slot"), record_text(slot, "date"),
			    record_text(slot, "slot"));
	}
}

/* Planned, and its outcome is not known yet. */
static void
mark_planned(struct reading *rd, const struct plan *coming)
{
	struct civil_text of, date;
	char key[2 * ID_MAX];

	for (size_t i = 0; i < coming->n; i++) {
		const struct planned *p = &coming->slots[i];

		if (p->makeup_slot == NULL)
			continue;
		civil_date_text(p->day, &date);
		if (json_object_get(
			rd->outcomes, key_of(date.s, p->slot, key)) == NULL)
			mark_made_up(rd, civil_date_text(p->makeup_day, &of),
			    p->makeup_slot, date.s, p->slot);
	}
}

static int
by_planned(const void *a, const void *b)
{
	return strcmp(record_text(*(json_t *const *)a, "planned_utc"),
	    record_text(*(json_t *const *)b, "planned_utc"));
}

/* The misses in the order in which they were planned. */
static json_t *
sorted(const json_t *misses)
{
	size_t n = json_object_size(misses);
	json_t **all = calloc(n + 1, sizeof(*all));
	json_t *list = json_array();
	const char *key;
	json_t *miss;
	size_t i = 0;

	if (all != NULL && list != NULL) {
		json_object_foreach((json_t *)misses, key, miss)
		{
			all[i++] = miss;
		}
		if (n > 0)
			qsort(all, n, sizeof(*all), by_planned);
		for (i = 0; i < n; i++)
			json_array_append(list, all[i]);
	}
	free(all);
	return list;
}

static int
find_misses(struct reading *rd, struct disk *disk, const struct plan *coming,
    json_t **ret_misses)
{
	const char *key;
	json_t *slot;
	int r;

	if (rd->sheets == NULL || rd->outcomes == NULL || rd->misses == NULL)
		return -ENOMEM;
	r = ledger_each(disk, take_line, rd);
	json_object_foreach(rd->outcomes, key, slot)
	{
		if (r == 0 && is_missed(rd, slot))
			r = keep_miss(rd, slot);
	}
	if (r < 0)
		return r;
	mark_aired(rd);
	mark_planned(rd, coming);
	*ret_misses = sorted(rd->misses);
	return *ret_misses == NULL ? -ENOMEM : 0;
}

int
makeup_misses(struct disk *disk, const char *station, int64_t from_day,
    int64_t to_day, const struct plan *coming, json_t **ret_misses)
{
	struct reading rd = { .station = station,
		.sheets = sheets_new(),
		.outcomes = json_object(),
		.misses = json_object() };
	int r;

	civil_date_text(from_day, &rd.from);
	civil_date_text(to_day, &rd.to);
	r = find_misses(&rd, disk, coming, ret_misses);
	sheets_free(rd.sheets);
	json_decref(rd.outcomes);
	json_decref(rd.misses);
	return r;
}

/* What could make up for it --------------------------------------------- */

/* The coming days, with the proposals so far among them. The strings are the
 * plan's and the misses'. */
struct trial {
	struct plan plan;
	const struct site *site;
	size_t problems; /* what is wrong without us */
	int64_t first_us;
};

static size_t
problems_of(const struct trial *t)
{
	struct problems ps = { 0 };
	size_t n = rules_check(&t->plan, t->site, &ps);

	problems_free(&ps);
	return n;
}

static size_t
put_in(struct plan *p, const struct planned *one)
{
	size_t at = 0;

	while (at < p->n && p->slots[at].start_us <= one->start_us)
		at++;
	memmove(&p->slots[at + 1], &p->slots[at],
	    (p->n - at) * sizeof(p->slots[0]));
	p->slots[at] = *one;
	p->n++;
	return at;
}

static void
take_out(struct plan *p, size_t at)
{
	p->n--;
	memmove(&p->slots[at], &p->slots[at + 1],
	    (p->n - at) * sizeof(p->slots[0]));
}

static bool
is_free(const struct plan *p, int64_t start_us, int64_t end_us)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->slots[i].start_us < end_us &&
		    p->slots[i].end_us > start_us)
			return false;
	return true;
}

/* Puts it there for good where nothing is in the way and no rule breaks. */
static bool
fits(struct trial *t, struct planned *one, int64_t start_us)
{
	int64_t length_us = one->end_us - one->start_us;
	int64_t fence_us;
	int second;
	size_t at;

	if (start_us < t->first_us ||
	    !site_allows(t->site, start_us, &fence_us) ||
	    start_us + length_us > fence_us ||
	    !is_free(&t->plan, start_us, start_us + length_us))
		return false;
	one->start_us = start_us;
	one->end_us = start_us + length_us;
	civil_from_us(start_us, &one->day, &second);
	at = put_in(&t->plan, one);
	if (problems_of(t) <= t->problems)
		return true;
	take_out(&t->plan, at);
	return false;
}

/* Behind a slot of that day, so that a session goes on; else at the time of
 * day at which it was missed. */
static bool
find_place(struct trial *t, struct planned *one, int64_t from_day,
    int64_t to_day, int at_s)
{
	for (int64_t day = from_day; day <= to_day; day++) {
		for (size_t i = 0; i < t->plan.n; i++)
			if (t->plan.slots[i].day == day &&
			    fits(t, one, t->plan.slots[i].end_us))
				return true;
		if (fits(t, one, civil_to_us(day, at_s)))
			return true;
	}
	return false;
}

/* True when a repeat of the slot, placed there, plays what was missed. */
static bool
repeats_it(const struct calendar *c, const char *slot, int64_t missed_day,
    const struct planned *one)
{
	for (int64_t d = one->day; d > missed_day; d--) {
		const struct entry *e = calendar_find(c, slot, d);

		if (e != NULL &&
		    (d < one->day ||
			civil_to_us(d, e->slot->at_s) < one->start_us))
			return false;
	}
	return one->day - missed_day <= REPEAT_DAYS &&
	       calendar_find(c, slot, missed_day) != NULL;
}

/* How the proposal plays: "repeats", "item", or "segment" with its items. */
static int
set_play(json_t *proposal, const struct calendar *c, const json_t *miss,
    int64_t missed_day, const struct planned *one)
{
	json_t *items = json_object_get(miss, "items");
	const char *slot = record_text(miss, "slot");
	const char *segment = record_text(miss, "segment");

	if (segment[0] == '\0' && json_array_size(items) == 1)
		return json_object_set(
		    proposal, "item", json_array_get(items, 0));
	if (repeats_it(c, slot, missed_day, one))
		return json_object_set_new(
		    proposal, "repeats", json_string(slot));
	if (segment[0] == '\0')
		return -EINVAL;
	json_object_set_new(proposal, "segment", json_string(segment));
	return json_object_set(proposal, "items", items);
}

static json_t *
proposal_of(const struct calendar *c, const json_t *miss, int64_t missed_day,
    const struct planned *one)
{
	struct civil_text date, at, length;
	char id[2 * ID_MAX];
	const char *was = record_text(miss, "date");
	json_t *p;
	int64_t day;
	int second;

	snprintf(id, sizeof(id), "%.*s-bu-%.2s%.2s", ID_HEAD,
	    record_text(miss, "slot"), was + 8, was + 5);
	civil_from_us(one->start_us, &day, &second);
	p = json_pack("{s:s, s:s, s:s, s:s}", "date",
	    civil_date_text(day, &date), "id", id, "at",
	    civil_time_text(second, &at), "for",
	    civil_time_text(
		(int)((one->end_us - one->start_us) / US_PER_S), &length));
	if (set_play(p, c, miss, missed_day, one) == 0)
		return p;
	json_decref(p);
	return json_null();
}

static void
propose(struct trial *t, const struct calendar *c, int64_t from_day,
    int64_t to_day, json_t *miss)
{
	int64_t length_us = record_int(miss, "planned_ms", 0) * US_PER_MS;
	struct planned one = { .slot = (char *)record_text(miss, "slot"),
		.ref = "",
		.segment = "",
		.title = (char *)record_text(miss, "title"),
		.language = "vi",
		.file = "",
		.start_us = 0,
		.end_us = length_us };
	int64_t missed_day, missed_us;
	int at_s;

	if (!json_is_null(json_object_get(miss, "made_up")) ||
	    json_array_size(json_object_get(miss, "items")) == 0 ||
	    civil_read_date(record_text(miss, "date"), &missed_day) < 0 ||
	    civil_read_utc(record_text(miss, "planned_utc"), &missed_us) < 0)
		return;
	civil_from_us(missed_us, &missed_day, &at_s);
	if (find_place(t, &one, from_day, to_day, at_s))
		json_object_set_new(
		    miss, "proposal", proposal_of(c, miss, missed_day, &one));
}

int
makeup_propose(const struct schedule *s, const struct plan *coming,
    const struct site *site, int64_t now_us, json_t *misses)
{
	struct trial t = { .site = site, .first_us = now_us + MAKEUP_AHEAD_US };
	size_t n = coming->n + json_array_size(misses) + 1;
	struct calendar *c = NULL;
	int64_t today, last;
	int second;
	json_t *miss;
	size_t i;

	t.plan.slots = calloc(n, sizeof(*t.plan.slots));
	if (t.plan.slots == NULL || calendar_make(s, &c) < 0) {
		free(t.plan.slots);
		return -ENOMEM;
	}
	for (t.plan.n = 0; t.plan.n < coming->n; t.plan.n++)
		t.plan.slots[t.plan.n] = coming->slots[t.plan.n];
	t.problems = problems_of(&t);
	civil_from_us(now_us, &today, &second);
	last = coming->n > 0 ? coming->slots[coming->n - 1].day : today;
	json_array_foreach(misses, i, miss)
	{
		propose(&t, c, today, last, miss);
	}
	calendar_free(c);
	free(t.plan.slots);
	return 0;
}

/* The text ---------------------------------------------------------------*/

static void
put_items(const json_t *items, FILE *out)
{
	const json_t *v;
	size_t i;

	json_array_foreach(items, i, v)
	{
		fprintf(
		    out, "%s\"%s\"", i == 0 ? "" : ", ", json_string_value(v));
	}
}

/* A text in quotes, as libconfig reads it back. */
static void
put_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* A repeat and a segment bring their title along; an item does not. */
static void
put_title(const json_t *miss, const json_t *p, FILE *out)
{
	const char *title = record_text(miss, "title");

	if (title[0] == '\0' || json_object_get(p, "item") == NULL)
		return;
	fputs("title = ", out);
	put_quoted(title, out);
	fputs(";\n        ", out);
}

static void
put_extra(const json_t *miss, const json_t *p, FILE *out)
{
	static const char *const plays[] = { "repeats", "item", "segment" };

	fprintf(out,
	    "      { id = \"%s\"; at = \"%s\"; for = \"%s\";\n        ",
	    record_text(p, "id"), record_text(p, "at"), record_text(p, "for"));
	put_title(miss, p, out);
	for (size_t i = 0; i < COUNT(plays); i++)
		if (json_object_get(p, plays[i]) != NULL)
			fprintf(out, "%s = \"%s\";%s", plays[i],
			    record_text(p, plays[i]),
			    json_is_true(json_object_get(miss, "from_above"))
				? " from_above = true;"
				: "");
	fprintf(out,
	    "\n        makeup_of = { date = \"%s\"; slot = \"%s\"; }; }",
	    record_text(miss, "date"), record_text(miss, "slot"));
}

/* The line of the schedule that has the date already, or 0. */
static int
line_of_date(const struct schedule *s, const char *date)
{
	int64_t day;

	if (civil_read_date(date, &day) == 0)
		for (size_t i = 0; i < s->n_dates; i++)
			if (s->dates[i].day == day)
				return s->dates[i].line;
	return 0;
}

/* All proposals for one date, as one entry. */
static void
put_date(const struct schedule *s, const json_t *misses, const char *date,
    bool first, FILE *out)
{
	int line = line_of_date(s, date);
	const json_t *miss;
	bool more = false;
	size_t i;

	fprintf(out, "%s  { date = \"%s\";", first ? "" : ",\n", date);
	if (line > 0)
		fprintf(out, _("  # stands on line %d already: join the two"),
		    line);
	fputs("\n    extra = (\n", out);
	json_array_foreach(misses, i, miss)
	{
		const json_t *p = json_object_get(miss, "proposal");

		if (strcmp(record_text(p, "date"), date) != 0)
			continue;
		fputs(more ? ",\n" : "", out);
		put_extra(miss, p, out);
		more = true;
	}
	fputs("\n    ); }", out);
}

/* Is an earlier proposal for the same date? */
static bool
is_repeated(const json_t *misses, size_t n, const char *date)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(
			record_text(json_object_get(
					json_array_get(misses, i), "proposal"),
			    "date"),
			date) == 0)
			return true;
	return false;
}

static void
put_programmes(const json_t *misses, FILE *out)
{
	struct civil_text week;
	const json_t *miss;
	int64_t day;
	size_t i;

	json_array_foreach(misses, i, miss)
	{
		const json_t *p = json_object_get(miss, "proposal");

		if (json_object_get(p, "items") == NULL ||
		    civil_read_date(record_text(p, "date"), &day) < 0)
			continue;
		fputs("\n# ", out);
		fprintf(out, _("into the programme of %s:"),
		    civil_week_text(day - civil_weekday(day), &week));
		fprintf(out, "\n  { slot = \"%s\"; items = [ ",
		    record_text(p, "id"));
		put_items(json_object_get(p, "items"), out);
		fputs(" ]; }\n", out);
	}
}

void
makeup_print(const struct schedule *s, const json_t *misses, FILE *out)
{
	const json_t *miss;
	bool first = true;
	size_t i;

	json_array_foreach(misses, i, miss)
	{
		const char *date =
		    record_text(json_object_get(miss, "proposal"), "date");

		if (date[0] == '\0' || is_repeated(misses, i, date))
			continue;
		if (first) {
			fputs("# ", out);
			fprintf(out, _("into schedules/%s.cfg:"), s->station);
			fputs("\ndates = (\n", out);
		}
		put_date(s, misses, date, first, out);
		first = false;
	}
	if (!first)
		fputs("\n);\n", out);
	put_programmes(misses, out);
}

char *
makeup_words(char *what, const struct planned *p)
{
	struct civil_text date;
	char *text;
	int n;

	if (what == NULL || p->makeup_slot == NULL)
		return what;
	n = asprintf(&text, _("%s (makes up for %s of %s)"), what,
	    p->makeup_slot, say_date(p->makeup_day, &date));
	free(what);
	return n < 0 ? NULL : text;
}
