/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/language.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/headings.h"
#include "ctl/say.h"
#include "evidence/record.h"
#include "scheduler/schedule.h"

static const struct {
	const char *word;
	const char *title;
	const char *key; /* of a row */
	const char *none; /* what "" is called */
} rows[] = {
	[HEADING_SEGMENT] = { "segment", N_("SEGMENT"), "segment",
	    N_("outside the segments: tunes, music, relays") },
	[HEADING_PLAN] = { "plan", N_("PLAN"), "segment", N_("not of a plan") },
	[HEADING_LANGUAGE] = { "language", N_("LANGUAGE"), "language",
	    N_("no language given") },
	[HEADING_SOURCE] = { "source", N_("SOURCE"), "source", "" },
	[HEADING_CLASS] = { "class", N_("CLASS"), "class",
	    N_("no class given") },
	[HEADING_STATION] = { "station", N_("STATION"), "station", "" },
	[HEADING_TAG] = { "tag", N_("TAG"), "segment", N_("without a tag") },
};

#define NOT_TOLD "?" /* the key of days whose plans the log does not tell */
#define BETWEEN '\n' /* the tags of one key; no tag has one */

static const struct {
	const char *word;
	const char *text;
} words[] = {
	{ "own", N_("the station itself") },
	{ "above", N_("the levels above (files)") },
	{ "relay", N_("relay") },
	{ "thong_thuong", N_("normal") },
	{ "uu_tien", N_("priority") },
	{ "khan_cap", N_("emergency") },
};

const char *
heading_word(enum heading h)
{
	return rows[h].word;
}

const char *
heading_title(enum heading h)
{
	return _(rows[h].title);
}

int
heading_read(const char *word, enum heading *ret)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].word, word) == 0) {
			*ret = (enum heading)i;
			return 0;
		}
	return -EINVAL;
}

struct filling {
	struct headings *h;
	const char *folder;
	int error;
};

static void
put_plan(FILE *f, const json_t *plan, bool whole)
{
	const json_t *above = json_object_get(plan, "parent");
	const char *subject = record_text(plan, "subject");
	const char *issuer = record_text(plan, "issuer");
	struct civil_text date;
	int64_t day;

	fputs(record_text(plan, "no"), f);
	if (civil_read_date(record_text(plan, "date"), &day) == 0)
		fprintf(f, ", %s", say_date(day, &date));
	if (issuer[0] != '\0')
		fprintf(f, ", %s", issuer);
	if (!whole)
		return;
	if (subject[0] != '\0')
		fprintf(f, ": %s", subject);
	if (!json_is_object(above))
		return;
	fputs(_("; carries out "), f);
	put_plan(f, above, true);
}

char *
headings_plan(const json_t *plan, bool whole)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	put_plan(f, plan, whole);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static void
take(struct filling *f, json_t *into, const char *key, json_t *value)
{
	if (json_object_set_new(into, key, value) < 0)
		f->error = -ENOMEM;
}

static int
take_station(void *arg, const char *station)
{
	struct filling *f = arg;
	struct problems ps = { 0 };
	struct schedule *s;

	/* A schedule that cannot be read now takes nothing from the log. */
	if (schedule_read(f->folder, station, 0, 0, &ps, &s) == 0) {
		take(f, f->h->stations, station, json_string(s->name));
		for (size_t i = 0; i < s->n_segments; i++)
			take(f, f->h->segments, s->segments[i].id,
			    json_string(s->segments[i].title));
		schedule_free(s);
	}
	problems_free(&ps);
	return f->error;
}

int
headings_read(const struct root *root, struct headings *ret)
{
	struct headings h = { .segments = json_object(),
		.plans = json_object(),
		.stations = json_object() };
	struct filling f = { &h, root->schedules, 0 };

	if (h.segments == NULL || h.plans == NULL || h.stations == NULL)
		f.error = -ENOMEM;
	else
		schedule_stations(root->schedules, take_station, &f);
	if (f.error < 0) {
		headings_clear(&h);
		return f.error;
	}
	*ret = h;
	return 0;
}

void
headings_clear(struct headings *h)
{
	json_decref(h->segments);
	json_decref(h->named);
	json_decref(h->plans);
	json_decref(h->stations);
	segments_free(h->told);
	*h = (struct headings){ 0 };
}

int
headings_tell(struct headings *h, struct disk *disk)
{
	return segments_read(disk, &h->told);
}

/* What the log tells of the row's segment on its date; NULL: nothing. *ret_told
 * says whether it tells of any on that date. Borrowed. */
static const json_t *
told_segment(const struct headings *h, const json_t *row, bool *ret_told)
{
	const json_t *list = NULL;
	int64_t day;

	if (h->told != NULL &&
	    civil_read_date(record_text(row, "date"), &day) == 0)
		list = segments_on(h->told, record_text(row, "station"), day);
	*ret_told = list != NULL;
	return list == NULL ? NULL
			    : segments_find(list, record_text(row, "segment"));
}

int
headings_name(struct headings *h, const struct tally *t)
{
	const json_t *row;
	size_t i;

	if (h->named == NULL)
		h->named = json_object();
	json_array_foreach(t->rows, i, row)
	{
		const char *id = record_text(row, "segment");
		bool told;
		const char *title =
		    id[0] == '\0'
			? ""
			: record_text(told_segment(h, row, &told), "title");

		if (title[0] != '\0' &&
		    json_object_set_new(h->named, id, json_string(title)) < 0)
			return -ENOMEM;
	}
	return h->named == NULL ? -ENOMEM : 0;
}

/* Was it among the first n? */
static bool
is_among(const json_t *tags, size_t n, const char *tag)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(tags, i));

		if (text != NULL && strcmp(text, tag) == 0)
			return true;
	}
	return false;
}

/* All its tags, each once. */
static void
tags_key(struct headings *h, const json_t *segment)
{
	const json_t *tags = json_object_get(segment, "tags");
	size_t n = 0;
	const json_t *tag;
	size_t i;

	json_array_foreach(tags, i, tag)
	{
		const char *text = json_string_value(tag);

		if (text != NULL && n < sizeof(h->key) &&
		    !is_among(tags, i, text))
			n += (size_t)snprintf(h->key + n, sizeof(h->key) - n,
			    "%s%c", text, BETWEEN);
	}
}

/* The same in every language; its name is not. */
static void
plan_key(struct headings *h, const json_t *plan)
{
	char *name = headings_plan(plan, false);

	snprintf(h->key, sizeof(h->key), "%.400s, %.400s, %.400s",
	    record_text(plan, "no"), record_text(plan, "date"),
	    record_text(plan, "issuer"));
	if (name != NULL)
		json_object_set_new(h->plans, h->key, json_string(name));
	free(name);
}

/* The plan or the tags that the row's segment had on its date. */
static const char *
told_key(struct headings *h, const json_t *row)
{
	const json_t *segment;
	bool told;

	h->key[0] = '\0';
	if (record_text(row, "segment")[0] == '\0')
		return h->key; /* of no segment: a tune, music, a relay */
	segment = told_segment(h, row, &told);
	if (!told)
		return NOT_TOLD;
	if (h->by == HEADING_TAG) {
		tags_key(h, segment);
	} else if (json_is_object(json_object_get(segment, "plan"))) {
		plan_key(h, json_object_get(segment, "plan"));
	}
	return h->key;
}

const char *
headings_key(void *arg, const json_t *row)
{
	struct headings *h = arg;

	/* Two segments of one plan are one part of the report. */
	return h->by == HEADING_PLAN || h->by == HEADING_TAG
		   ? told_key(h, row)
		   : record_text(row, rows[h->by].key);
}

/* A sum is 64-bit counts and nothing else. */
static void
add_sum(struct tally_sum *to, const struct tally_sum *s)
{
	_Static_assert(sizeof(*to) % sizeof(int64_t) == 0, "only counts");
	int64_t *a = (int64_t *)to;
	const int64_t *b = (const int64_t *)s;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*a); i++)
		a[i] += b[i];
}

/* Adds the sum to the group of that name, which is made when it is new. */
static int
add_group(struct tally_groups *g, const char *key, size_t n,
    const struct tally_sum *s)
{
	struct tally_group *grown;

	for (size_t i = 0; i < g->n; i++)
		if (strncmp(g->list[i].key, key, n) == 0 &&
		    g->list[i].key[n] == '\0') {
			add_sum(&g->list[i].sum, s);
			return 0;
		}
	grown = reallocarray(g->list, g->n + 1, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	g->list = grown;
	grown[g->n] = (struct tally_group){ strndup(key, n), *s };
	return grown[g->n].key == NULL ? -ENOMEM : (g->n++, 0);
}

int
headings_split(const struct headings *h, struct tally_groups *g)
{
	struct tally_groups apart = { 0 };
	int r = 0;

	if (h->by != HEADING_TAG)
		return 0;
	for (size_t i = 0; i < g->n && r == 0; i++) {
		const char *key = g->list[i].key;

		if (strchr(key, BETWEEN) == NULL)
			r = add_group(
			    &apart, key, strlen(key), &g->list[i].sum);
		for (const char *end; r == 0 && (end = strchr(key, BETWEEN));
		     key = end + 1)
			r = add_group(
			    &apart, key, (size_t)(end - key), &g->list[i].sum);
	}
	if (r < 0) {
		tally_groups_free(&apart);
		return r;
	}
	tally_groups_free(g);
	*g = apart;
	return 0;
}

const char *
headings_station(const struct headings *h, const char *station)
{
	const char *name = record_text(h->stations, station);

	return name[0] == '\0' ? station : name;
}

static const char *
word_text(const char *word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return _(words[i].text);
	return word;
}

const char *
headings_text(const struct headings *h, const char *key)
{
	const char *name;

	if (key[0] == '\0')
		return rows[h->by].none[0] == '\0' ? "" : _(rows[h->by].none);
	if ((h->by == HEADING_PLAN || h->by == HEADING_TAG) &&
	    strcmp(key, NOT_TOLD) == 0)
		return _("the log does not tell");
	switch (h->by) {
	case HEADING_SEGMENT:
		name = record_text(h->named, key);
		if (name[0] == '\0')
			name = record_text(h->segments, key);
		return name[0] == '\0' ? key : name;
	case HEADING_LANGUAGE:
		return language_name(key);
	case HEADING_STATION:
		return headings_station(h, key);
	case HEADING_SOURCE:
	case HEADING_CLASS:
		return word_text(key);
	case HEADING_PLAN:
		name = record_text(h->plans, key);
		return name[0] == '\0' ? key : name;
	case HEADING_TAG:
	case HEADINGS:
		break;
	}
	return key;
}
