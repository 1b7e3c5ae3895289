/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/frames.h"
#include "base/language.h"
#include "base/words.h"
#include "ctl/makeup.h"
#include "ctl/outlook.h"
#include "ctl/say.h"

/* Where its sound must end: the slot's end, or with "finish" the next hard
 * start; and no later than the allowed hours. */
static int64_t
stop_of(const struct office *o, const struct plan *plan, size_t i)
{
	const struct planned *p = &plan->slots[i];
	int64_t stop = p->end == END_FINISH ? NEVER : p->end_us;
	int64_t fence_us;

	for (size_t k = i + 1; p->end == END_FINISH && k < plan->n; k++)
		if (plan->slots[k].start == START_HARD &&
		    plan->slots[k].start_us > p->start_us)
			stop = earlier(stop, plan->slots[k].start_us);
	if (site_allows(o->site, p->start_us, &fence_us))
		stop = earlier(stop, fence_us);
	return stop;
}

static struct outlook_item
look_at(const struct office *o, const char *id)
{
	struct outlook_item item = { .id = id };
	struct item *it;

	item.standing = office_standing(o, id, &it);
	if (it != NULL)
		item.length_us = frames_us(it->frames);
	item_free(it);
	return item;
}

int
outlook_make(const struct office *o, const struct plan *plan, size_t i,
    struct outlook *ret_outlook)
{
	const struct planned *p = &plan->slots[i];
	int64_t all_us = 0;
	int64_t stop_us;

	*ret_outlook = (struct outlook){ .p = p };
	ret_outlook->prospect = office_prospect(o, p, NULL);
	ret_outlook->items =
	    calloc(p->n_items + 1, sizeof(*ret_outlook->items));
	if (ret_outlook->items == NULL)
		return -ENOMEM;
	ret_outlook->n_items = p->n_items;
	for (size_t k = 0; k < p->n_items; k++) {
		struct outlook_item *item = &ret_outlook->items[k];

		*item = look_at(o, p->items[k]);
		all_us += item->length_us;
		if (item->standing == ITEM_READY)
			ret_outlook->sound_us += item->length_us;
	}
	stop_us = stop_of(o, plan, i);
	/* Filler is there to be cut; less than a second is rounding. */
	if (p->content != CONTENT_FILLER && stop_us != NEVER &&
	    all_us >= stop_us - p->start_us + US_PER_S)
		ret_outlook->cut_us = all_us - (stop_us - p->start_us);
	return 0;
}

void
outlook_clear(struct outlook *o)
{
	free(o->items);
	*o = (struct outlook){ 0 };
}

bool
outlook_is_whole(const struct outlook *o)
{
	return o->cut_us == 0 &&
	       (o->prospect == PROSPECT_AIR || o->prospect == PROSPECT_RELAY);
}

const char *
outlook_word(const struct outlook *o, char *buf, size_t size)
{
	struct civil_text cut;

	if (o->prospect == PROSPECT_AIR && o->cut_us > 0)
		snprintf(buf, size, _("cut by %s"),
		    say_counter(o->cut_us / US_PER_MS, &cut));
	else if (o->prospect == PROSPECT_RELAY)
		snprintf(buf, size, "%s", _("relay"));
	else if (o->prospect == PROSPECT_OUTSIDE_HOURS)
		snprintf(buf, size, "%s", _("outside hours"));
	else
		snprintf(buf, size, "%s", prospect_text(o->prospect));
	return buf;
}

/* The ids of the items that are not ready, after each other. */
static char *
blamed(const struct outlook *o)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	for (size_t i = 0, told = 0; i < o->n_items; i++)
		if (o->items[i].standing != ITEM_READY)
			fprintf(
			    f, "%s%s", told++ == 0 ? "" : ", ", o->items[i].id);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int
why_not(const struct office *office, const struct outlook *o, const char *ids,
    char **ret)
{
	char hours[200];

	if (o->prospect == PROSPECT_OUTSIDE_HOURS)
		return asprintf(ret, _("will not air: %s%s%s"),
		    prospect_text(o->prospect), ": ",
		    rules_hours_text(
			&office->site->rules, o->p->day, hours, sizeof(hours)));
	if (o->prospect == PROSPECT_PART)
		return asprintf(ret, _("will air without %s"), ids);
	return asprintf(ret, _("will not air: %s%s%s"),
	    prospect_text(o->prospect), ids[0] == '\0' ? "" : ": ", ids);
}

/* A relay with a source of its own does sound here. */
static char *
relay_why(const struct office *office, const struct planned *p)
{
	const struct site_relay *relay = site_relay(office->site, p->ref);
	char *text;

	if (relay == NULL || !site_relay_sounds(relay))
		return strdup(prospect_text(PROSPECT_RELAY));
	return asprintf(&text, _("relay: sounds from %s"),
		   relay->url != NULL ? relay->url : relay->line) < 0
		   ? NULL
		   : text;
}

char *
outlook_why(const struct office *office, const struct outlook *o)
{
	struct civil_text cut;
	char *ids;
	char *text;
	int n;

	if (o->prospect == PROSPECT_RELAY)
		return relay_why(office, o->p);
	if (o->prospect == PROSPECT_AIR && o->cut_us > 0)
		n = asprintf(&text, _("will air but for its end: %s is cut"),
		    say_counter(o->cut_us / US_PER_MS, &cut));
	else if (o->prospect == PROSPECT_AIR)
		n = asprintf(&text, "%s", _("will air: all of it is ready"));
	else {
		ids = blamed(o);
		if (ids == NULL)
			return NULL;
		n = why_not(office, o, ids, &text);
		free(ids);
	}
	return n < 0 ? NULL : text;
}

/* One fault that belongs to no item; "" when there is none. */
static void
slot_fault(const struct office *office, const struct outlook *o, char *line,
    size_t size)
{
	const struct planned *p = o->p;
	char hours[200];

	line[0] = '\0';
	if (o->prospect == PROSPECT_OUTSIDE_HOURS)
		snprintf(line, size, "%s: %s", prospect_text(o->prospect),
		    rules_hours_text(
			&office->site->rules, p->day, hours, sizeof(hours)));
	else if (o->prospect != PROSPECT_NO_ITEMS)
		return;
	else if (p->no_part)
		snprintf(line, size,
		    _("the programme of %s has no part in %s; write it as a "
		      "set"),
		    p->origin_slot != NULL ? p->origin_slot : p->ref,
		    language_name(p->language));
	else if (p->content == CONTENT_REPEAT && p->origin_slot == NULL)
		snprintf(line, size, _("%s was not there to repeat"), p->ref);
	else
		snprintf(line, size,
		    _("the week's programme has nothing for %s"),
		    p->origin_slot != NULL ? p->origin_slot : p->slot);
}

/* Of a set people say "the Khmer part", not an id. */
static void
item_fault(const struct outlook *o, size_t i, char *line, size_t size)
{
	const char *part = planned_part(o->p, i);
	const char *why = prospect_text(office_why_not(o->items[i].standing));

	if (part == NULL)
		snprintf(line, size, "%s: %s", o->items[i].id, why);
	else if (o->items[i].standing == ITEM_MISSING)
		snprintf(line, size, _("the part in %s is not there yet: %s"),
		    language_name(part), o->items[i].id);
	else
		snprintf(line, size, _("the part in %s, %s: %s"),
		    language_name(part), o->items[i].id, why);
}

void
outlook_faults(const struct office *office, const struct outlook *o,
    void (*fn)(void *arg, const char *line), void *arg)
{
	struct civil_text cut;
	char line[600];

	slot_fault(office, o, line, sizeof(line));
	if (line[0] != '\0')
		fn(arg, line);
	for (size_t i = 0; i < o->n_items; i++) {
		const struct outlook_item *it = &o->items[i];

		if (it->standing == ITEM_READY)
			continue;
		item_fault(o, i, line, sizeof(line));
		fn(arg, line);
	}
	if (o->cut_us == 0)
		return;
	snprintf(line, sizeof(line),
	    _("longer than there is room for: the last %s is cut"),
	    say_counter(o->cut_us / US_PER_MS, &cut));
	fn(arg, line);
}

static int
repeat_source(const struct planned *p, char **ret)
{
	struct civil_text date;

	if (p->origin_slot == NULL)
		return asprintf(ret, _("repeats %s"), p->ref);
	return asprintf(ret, _("repeats %s of %s %s"), p->origin_slot,
	    civil_weekday_text(civil_weekday(p->origin_day)),
	    say_date(p->origin_day, &date));
}

char *
outlook_source(const struct outlook *o)
{
	const struct planned *p = o->p;
	struct civil_text week;
	char *text;
	int n = -1;

	switch (p->content) {
	case CONTENT_ITEM:
		n = asprintf(&text, _("always the item %s"), p->ref);
		break;
	case CONTENT_SEGMENT:
		n = asprintf(&text, _("the segment %s; programme of week %s"),
		    p->ref, civil_week_text(p->day, &week));
		break;
	case CONTENT_REPEAT:
		n = repeat_source(p, &text);
		break;
	case CONTENT_RELAY:
		n = asprintf(&text, _("the relay %s"), p->ref);
		break;
	case CONTENT_FILLER:
		n = asprintf(&text, _("gap music: %s"), p->ref);
		break;
	case CONTENTS:
		break;
	}
	return n < 0 ? NULL : text;
}

static char *
plain_title(const struct office *o, const struct planned *p)
{
	const struct site_relay *relay;
	struct item *it = NULL;
	char *text;

	if (p->title[0] != '\0')
		return strdup(p->title);
	if (p->content == CONTENT_RELAY) {
		relay = site_relay(o->site, p->ref);
		return strdup(relay != NULL && relay->title[0] != '\0'
				  ? relay->title
				  : p->ref);
	}
	if (p->n_items > 0)
		office_standing(o, p->items[0], &it);
	text = strdup(it != NULL       ? it->title
		      : p->n_items > 0 ? p->items[0]
				       : p->ref);
	item_free(it);
	return text;
}

char *
outlook_title(const struct office *o, const struct planned *p)
{
	return makeup_words(plain_title(o, p), p);
}

static const char *
standing_word(enum standing s)
{
	return s == ITEM_READY ? "ready" : prospect_word(office_why_not(s));
}

static json_t *
items_json(const struct outlook *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_items; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:s,s:I}", "item", o->items[i].id, "state",
			standing_word(o->items[i].standing), "length_ms",
			(json_int_t)(o->items[i].length_us / US_PER_MS)));
	return list;
}

static void
add_line(void *arg, const char *line)
{
	json_array_append_new(arg, json_string(line));
}

static json_t *
ids_json(const struct planned *p)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < p->n_items; i++)
		json_array_append_new(ids, json_string(p->items[i]));
	return ids;
}

static json_t *
origin_json(const struct planned *p)
{
	struct civil_text date;

	if (p->origin_slot == NULL)
		return json_null();
	return json_pack("{s:s,s:s}", "date",
	    civil_date_text(p->origin_day, &date), "slot", p->origin_slot);
}

/* The first item in the way, or NULL. */
static const char *
first_blamed(const struct outlook *o)
{
	for (size_t i = 0; i < o->n_items; i++)
		if (o->items[i].standing != ITEM_READY)
			return o->items[i].id;
	return NULL;
}

json_t *
outlook_json(
    const struct office *office, const char *station, const struct outlook *o)
{
	const struct planned *p = o->p;
	struct civil_text date, utc, local;
	char *why = outlook_why(office, o);
	char *source = outlook_source(o);
	json_t *faults = json_array();
	json_t *j;

	outlook_faults(office, o, add_line, faults);
	j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:o,s:s,s:s,s:s,"
		      "s:s,s:s?,s:s*,s:b,s:o,s:I,s:I,s:o,s:s?,s:o,s:s,s:i}",
	    "station_id", station, "date", civil_date_text(p->day, &date),
	    "slot", p->slot, "planned_utc", civil_utc_text(p->start_us, &utc),
	    "planned_local", civil_local_text(p->start_us, &local),
	    "planned_ms", (json_int_t)((p->end_us - p->start_us) / US_PER_MS),
	    "class", class_word(p->class), "content", content_word(p->content),
	    "ref", p->ref, "items", ids_json(p), "segment", p->segment, "title",
	    p->title, "language", p->language, "state",
	    prospect_word(o->prospect), "why", why, "item", first_blamed(o),
	    "whole", outlook_is_whole(o), "item_states", items_json(o),
	    "sound_ms", (json_int_t)(o->sound_us / US_PER_MS), "cut_ms",
	    (json_int_t)(o->cut_us / US_PER_MS), "faults", faults, "source",
	    source, "repeat_of", origin_json(p), "file", p->file, "line",
	    p->line);
	if (j != NULL && p->set != NULL)
		json_object_set(j, "set", p->set);
	if (j != NULL && p->makeup_slot != NULL)
		json_object_set_new(j, "makeup_of",
		    json_pack("{s:s,s:s}", "date",
			civil_date_text(p->makeup_day, &date), "slot",
			p->makeup_slot));
	free(why);
	free(source);
	return j;
}
