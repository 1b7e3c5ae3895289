/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
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
};

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

/* "No. 99/KH-UBND, 16/05/2023, UBND huyện Quế Sơn" */
static json_t *
plan_text(const json_t *plan)
{
	struct civil_text date = { "" };
	char text[512];
	int64_t day;

	if (civil_read_date(record_text(plan, "date"), &day) == 0)
		say_date(day, &date);
	snprintf(text, sizeof(text), "%.120s%s%s%s%.200s",
	    record_text(plan, "no"), date.s[0] == '\0' ? "" : ", ", date.s,
	    record_text(plan, "issuer")[0] == '\0' ? "" : ", ",
	    record_text(plan, "issuer"));
	return json_string(text);
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
		for (size_t i = 0; i < s->n_segments; i++) {
			take(f, f->h->segments, s->segments[i].id,
			    json_string(s->segments[i].title));
			if (s->segments[i].plan != NULL)
				take(f, f->h->plans, s->segments[i].id,
				    plan_text(s->segments[i].plan));
		}
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
	json_decref(h->plans);
	json_decref(h->stations);
	*h = (struct headings){ 0 };
}

const char *
headings_key(void *arg, const json_t *row)
{
	const struct headings *h = arg;
	const char *key = record_text(row, rows[h->by].key);

	/* Two segments of one plan are one part of the report. */
	return h->by == HEADING_PLAN ? record_text(h->plans, key) : key;
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
	switch (h->by) {
	case HEADING_SEGMENT:
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
	case HEADINGS:
		break;
	}
	return key;
}
