/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/text.h"
#include "scheduler/calendar.h"
#include "scheduler/plan.h"

void
planned_clear(struct planned *p)
{
	free(p->slot);
	free(p->ref);
	for (size_t i = 0; i < p->n_items; i++)
		free(p->items[i]);
	free(p->items);
	free(p->segment);
	free(p->title);
	free(p->language);
	json_decref(p->set);
	free(p->makeup_slot);
	free(p->origin_slot);
}

static void
silence_clear(struct silence *q)
{
	for (size_t i = 0; i < q->n_items; i++)
		free(q->items[i]);
	free(q->items);
	free(q->slot);
	free(q->title);
	free(q->reason);
}

struct plan *
plan_free(struct plan *p)
{
	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		planned_clear(&p->slots[i]);
	for (size_t i = 0; i < p->n_silent; i++)
		silence_clear(&p->silent[i]);
	free(p->slots);
	free(p->silent);
	free(p);
	return NULL;
}

static int
by_start(const void *a, const void *b)
{
	const struct planned *x = a;
	const struct planned *y = b;

	if (x->start_us != y->start_us)
		return x->start_us < y->start_us ? -1 : 1;
	if (x->class != y->class)
		return x->class > y->class ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Room for one more, zeroed; NULL when out of memory. `room` is the caller's
 * count of the slots allocated. */
static struct planned *
plan_grow(struct plan *p, size_t *room)
{
	struct planned *grown;

	if (p->n == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;

		grown = reallocarray(p->slots, more, sizeof(*grown));
		if (grown == NULL)
			return NULL;
		p->slots = grown;
		*room = more;
	}
	p->slots[p->n] = (struct planned){ 0 };
	return &p->slots[p->n++];
}

static int
copy_items(struct planned *p, char *const *items, size_t n)
{
	p->items = calloc(n + 1, sizeof(*p->items));
	if (p->items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		p->items[i] = strdup(items[i]);
		if (p->items[i] == NULL)
			return -ENOMEM;
		p->n_items++;
	}
	return 0;
}

/* What a slot plays, behind any repeats. */
struct original {
	const struct slot *slot; /* NULL: nothing to repeat */
	int64_t day;
	const char *only; /* the language of the one part wanted, or NULL */
	bool none; /* one part of another part: there is none */
};

/* The latest occurrence of `id` that starts before (day, at_s). */
static struct original
occurrence_before(
    const struct calendar *c, const char *id, int64_t day, int at_s)
{
	for (int64_t d = day; d >= day - REPEAT_DAYS; d--) {
		const struct entry *e = calendar_find(c, id, d);

		if (e != NULL && (d < day || e->slot->at_s < at_s))
			return (struct original){ .slot = e->slot, .day = d };
	}
	return (struct original){ .slot = NULL };
}

static void
narrow(struct original *o, const char *language)
{
	if (o->only == NULL)
		o->only = language;
	else if (language != NULL && strcmp(o->only, language) != 0)
		o->none = true;
}

static struct original
original_of(const struct calendar *c, const struct slot *slot, int64_t day)
{
	struct original o = {
		.slot = slot, .day = day, .only = slot->language
	};
	size_t hops;

	/* Ids do not circle in a schedule that was read; one made otherwise is
	 * held by the count of its slots. */
	calendar_entries(c, &hops);
	while (o.slot != NULL && o.slot->content == CONTENT_REPEAT) {
		struct original of;

		if (hops-- == 0)
			return (struct original){ .slot = NULL };
		of = occurrence_before(c, o.slot->ref, o.day, o.slot->at_s);
		of.only = o.only;
		of.none = o.none;
		if (of.slot != NULL)
			narrow(&of, of.slot->language);
		o = of;
	}
	return o;
}

static json_t *
items_json(char *const *list, size_t n)
{
	json_t *items = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(items, json_string(list[i])) < 0) {
			json_decref(items);
			return NULL;
		}
	return items;
}

static int
add_part(struct planned *p, const char *item, const char *language)
{
	p->items[p->n_items] = strdup(item);
	if (p->items[p->n_items] == NULL)
		return -ENOMEM;
	p->n_items++;
	return json_array_append_new(
		   json_object_get(p->set, "parts"), json_string(language)) < 0
		   ? -ENOMEM
		   : 0;
}

const char *
planned_part(const struct planned *p, size_t i)
{
	return json_string_value(
	    json_array_get(json_object_get(p->set, "parts"), i));
}

/* Room for the parts of a set in so many languages. */
static int
new_set(struct planned *p, const struct programme *week, char *const *languages,
    size_t n)
{
	struct civil_text text;
	json_t *all = items_json(languages, n);

	p->set = json_pack("{s:s,s:s,s:o,s:[]}", "id", week->set, "week",
	    civil_week_text(week->monday, &text), "languages", all, "parts");
	p->items = calloc(n + 1, sizeof(*p->items));
	return p->set == NULL || p->items == NULL ? -ENOMEM : 0;
}

/*
 * The parts that are wanted, in the order of the segment's languages. The
 * programme may name their items, those of the languages that its own slot
 * plays; others are called after the set.
 */
static int
fill_set(const struct schedule *s, const struct programme *week,
    struct original o, struct planned *p)
{
	static char *const plain[] = { "vi" };
	const struct segment *seg = schedule_segment(s, o.slot->ref);
	bool some = seg != NULL && seg->n_languages > 0;
	char *const *languages = some ? seg->languages : plain;
	size_t n = some ? seg->n_languages : 1;
	size_t named = 0;
	int r = new_set(p, week, languages, n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *own = o.slot->language;
		char id[ID_MAX + 1];
		const char *item;

		if (own != NULL && strcmp(own, languages[i]) != 0)
			continue;
		item = named < week->n_items
			   ? week->items[named++]
			   : text_part_id(week->set, languages[i], id);
		if (o.only != NULL && strcmp(o.only, languages[i]) != 0)
			continue;
		r = add_part(p, item, languages[i]);
	}
	return r;
}

static int
fill_programme(const struct schedule *s, const struct programme *week,
    struct original o, struct planned *p)
{
	/* What is no set has no parts that a repeat could pick. */
	bool picks = o.only != NULL && o.slot->language == NULL;

	if (week == NULL)
		return copy_items(p, NULL, 0);
	p->no_part = o.none || (picks && week->set == NULL);
	if (p->no_part)
		return copy_items(p, NULL, 0);
	if (week->set != NULL)
		return fill_set(s, week, o, p);
	return copy_items(p, week->items, week->n_items);
}

static int
fill_items(const struct schedule *s, const struct calendar *c,
    struct original o, struct planned *p)
{
	if (o.slot == NULL)
		return copy_items(p, NULL, 0);
	switch (o.slot->content) {
	case CONTENT_ITEM:
	case CONTENT_FILLER:
		return copy_items(p, &o.slot->ref, 1);
	case CONTENT_SEGMENT:
		return fill_programme(
		    s, calendar_programme(c, o.slot->id, o.day), o, p);
	case CONTENT_REPEAT:
	case CONTENT_RELAY:
	case CONTENTS:
		break;
	}
	return copy_items(p, NULL, 0);
}

/* Segment, title and language: the slot's own, else the original's. */
static int
fill_words(const struct schedule *s, const struct slot *slot, struct original o,
    struct planned *p)
{
	const struct slot *origin = o.slot;
	const struct segment *seg = NULL;
	const char *title = slot->title;

	if (origin != NULL && origin->content == CONTENT_SEGMENT)
		seg = schedule_segment(s, origin->ref);
	if (title[0] == '\0' && origin != NULL)
		title = origin->title;
	if (title[0] == '\0' && seg != NULL)
		title = seg->title;
	p->segment = strdup(seg != NULL ? seg->id : "");
	p->title = strdup(title);
	p->language =
	    strdup(o.only != NULL                        ? o.only
		   : seg != NULL && seg->n_languages > 0 ? seg->languages[0]
							 : "vi");
	if (p->segment == NULL || p->title == NULL || p->language == NULL)
		return -ENOMEM;
	return 0;
}

static int
fill_slot(const struct slot *slot, int64_t day, struct planned *p)
{
	p->day = day;
	p->start_us = civil_to_us(day, slot->at_s);
	/* A length is a length: also when a zone's step lies inside. */
	p->end_us = p->start_us + slot->for_s * US_PER_S;
	p->content = slot->content;
	p->start = slot->start;
	p->tolerance_us = slot->tolerance_s * US_PER_S;
	p->end = slot->end;
	p->rejoin = slot->rejoin;
	p->class = slot->class;
	p->from_above = slot->from_above;
	p->file = slot->file;
	p->line = slot->line;
	p->slot = strdup(slot->id);
	p->ref = strdup(slot->ref);
	if (p->slot == NULL || p->ref == NULL)
		return -ENOMEM;
	if (slot->makeup_slot == NULL)
		return 0;
	p->makeup_day = slot->makeup_day;
	p->makeup_slot = strdup(slot->makeup_slot);
	return p->makeup_slot == NULL ? -ENOMEM : 0;
}

static int
fill_origin(const struct slot *slot, struct original o, struct planned *p)
{
	if (slot->content != CONTENT_REPEAT || o.slot == NULL)
		return 0;
	p->origin_day = o.day;
	p->origin_slot = strdup(o.slot->id);
	return p->origin_slot == NULL ? -ENOMEM : 0;
}

static int
plan_entry(const struct schedule *s, const struct calendar *c,
    const struct entry *e, int64_t day, struct planned *p)
{
	struct original o = original_of(c, e->slot, day);
	int r;

	p->order = e->order;
	p->one_part = o.only != NULL;
	p->music = o.slot != NULL && o.slot->content == CONTENT_FILLER;
	r = fill_slot(e->slot, day, p);
	if (r < 0)
		return r;
	r = fill_items(s, c, o, p);
	if (r < 0)
		return r;
	r = fill_origin(e->slot, o, p);
	if (r < 0)
		return r;
	return fill_words(s, e->slot, o, p);
}

static int
plan_days(const struct schedule *s, struct calendar *c, int64_t from_day,
    int64_t to_day, struct plan *p)
{
	size_t room = 0;

	for (int64_t day = from_day; day <= to_day; day++) {
		size_t n;
		const struct entry *const *today = calendar_day(c, day, &n);

		for (size_t i = 0; i < n; i++) {
			struct planned *one = plan_grow(p, &room);

			if (one == NULL ||
			    plan_entry(s, c, today[i], day, one) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

int
plan_make(const struct schedule *s, int64_t from_day, int64_t to_day,
    struct plan **ret_plan)
{
	struct plan *p = calloc(1, sizeof(*p));
	struct calendar *c = NULL;
	int r = -ENOMEM;

	if (p == NULL)
		return -ENOMEM;
	if (calendar_make(s, &c) == 0)
		r = plan_days(s, c, from_day, to_day, p);
	calendar_free(c);
	if (r < 0) {
		plan_free(p);
		return r;
	}
	if (p->n > 0)
		qsort(p->slots, p->n, sizeof(*p->slots), by_start);
	*ret_plan = p;
	return 0;
}

static json_t *
slot_json(const struct planned *p)
{
	struct civil_text utc, date;
	json_t *j = json_pack("{ss ss sI ss ss ss so ss ss ss ss sI ss ss sb}",
	    "slot", p->slot, "planned_utc", civil_utc_text(p->start_us, &utc),
	    "planned_ms", (json_int_t)((p->end_us - p->start_us) / US_PER_MS),
	    "class", class_word(p->class), "content", content_word(p->content),
	    "ref", p->ref, "items", items_json(p->items, p->n_items), "segment",
	    p->segment, "title", p->title, "language", p->language, "start",
	    start_word(p->start), "tolerance_ms",
	    (json_int_t)(p->tolerance_us / US_PER_MS), "end", end_word(p->end),
	    "rejoin", rejoin_word(p->rejoin), "from_above", p->from_above);

	if (j != NULL && p->set != NULL &&
	    json_object_set_new(j, "set", json_deep_copy(p->set)) < 0) {
		json_decref(j);
		return NULL;
	}
	if (j == NULL || p->makeup_slot == NULL)
		return j;
	if (json_object_set_new(j, "makeup_of",
		json_pack("{ss ss}", "date",
		    civil_date_text(p->makeup_day, &date), "slot",
		    p->makeup_slot)) < 0) {
		json_decref(j);
		return NULL;
	}
	return j;
}

json_t *
plan_day_json(const struct plan *p, int64_t day)
{
	json_t *slots = json_array();

	for (size_t i = 0; i < p->n; i++) {
		if (p->slots[i].day != day)
			continue;
		if (json_array_append_new(slots, slot_json(&p->slots[i])) < 0) {
			json_decref(slots);
			return NULL;
		}
	}
	return slots;
}

static json_t *
silence_json(const struct silence *q)
{
	struct civil_text utc;
	json_t *items = items_json(q->items, q->n_items);

	if (!q->whole)
		return json_pack("{ss so}", "slot", q->slot, "items", items);
	return json_pack("{ss so ss sI ss}", "slot", q->slot, "items", items,
	    "planned_utc", civil_utc_text(q->start_us, &utc), "planned_ms",
	    (json_int_t)((q->end_us - q->start_us) / US_PER_MS), "title",
	    q->title);
}

json_t *
plan_silent_json(const struct plan *p, int64_t day)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_silent; i++)
		if (p->silent[i].day == day &&
		    json_array_append_new(list, silence_json(&p->silent[i])) <
			0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static bool
take_text(const json_t *j, const char *key, char **ret)
{
	const char *text = json_string_value(json_object_get(j, key));

	if (text == NULL)
		return false;
	*ret = strdup(text);
	return true;
}

/* Milliseconds from 0 to max, as microseconds. */
static bool
take_ms(const json_t *j, const char *key, int64_t max, int64_t *ret_us)
{
	const json_t *value = json_object_get(j, key);
	json_int_t ms = json_integer_value(value);

	if (!json_is_integer(value) || ms < 0 || ms > max)
		return false;
	*ret_us = ms * US_PER_MS;
	return true;
}

/* A word as its index, by the function that writes it; -1: none of n. */
static int
word_index(const json_t *j, const char *key, const char *(*word)(int i), int n)
{
	const char *text = json_string_value(json_object_get(j, key));

	for (int i = 0; text != NULL && i < n; i++)
		if (strcmp(text, word(i)) == 0)
			return i;
	return -1;
}

static const char *
content_of(int i)
{
	return content_word((enum content)i);
}

static const char *
start_of(int i)
{
	return start_word((enum start_mode)i);
}

static const char *
end_of(int i)
{
	return end_word((enum end_mode)i);
}

static const char *
rejoin_of(int i)
{
	return rejoin_word((enum rejoin_mode)i);
}

static const char *
class_of(int i)
{
	return class_word((enum slot_class)i);
}

static bool
take_words(const json_t *j, struct planned *p)
{
	int content = word_index(j, "content", content_of, CONTENTS);
	int start = word_index(j, "start", start_of, 2);
	int end = word_index(j, "end", end_of, 2);
	int rejoin = word_index(j, "rejoin", rejoin_of, 2);
	int class = word_index(j, "class", class_of, 2);
	const json_t *above = json_object_get(j, "from_above");

	if (content < 0 || start < 0 || end < 0 || rejoin < 0 || class < 0 ||
	    !json_is_boolean(above))
		return false;
	p->content = (enum content)content;
	p->start = (enum start_mode)start;
	p->end = (enum end_mode)end;
	p->rejoin = (enum rejoin_mode)rejoin;
	p->class = (enum slot_class) class;
	p->from_above = json_is_true(above);
	return true;
}

static bool
take_times(const json_t *j, struct planned *p)
{
	const char *utc = json_string_value(json_object_get(j, "planned_utc"));
	int64_t length_us;

	if (utc == NULL || civil_read_utc(utc, &p->start_us) < 0 ||
	    !take_ms(j, "planned_ms", US_PER_DAY / US_PER_MS, &length_us) ||
	    !take_ms(
		j, "tolerance_ms", US_PER_DAY / US_PER_MS, &p->tolerance_us))
		return false;
	p->end_us = p->start_us + length_us;
	return true;
}

static bool
take_makeup(const json_t *j, struct planned *p)
{
	const json_t *of = json_object_get(j, "makeup_of");
	const char *date = json_string_value(json_object_get(of, "date"));

	if (of == NULL)
		return true;
	return date != NULL && civil_read_date(date, &p->makeup_day) == 0 &&
	       take_text(of, "slot", &p->makeup_slot);
}

/* One text for each of n, or for any number. */
static bool
are_texts(const json_t *list, size_t n)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (!json_is_string(one))
			return false;
	}
	return json_is_array(list) && (n == SIZE_MAX || i == n);
}

static int
take_set(const json_t *set, struct planned *p)
{
	if (set == NULL)
		return 0;
	if (!json_is_string(json_object_get(set, "id")) ||
	    !json_is_string(json_object_get(set, "week")) ||
	    !are_texts(json_object_get(set, "languages"), SIZE_MAX) ||
	    !are_texts(json_object_get(set, "parts"), p->n_items))
		return -EINVAL;
	p->set = json_deep_copy(set);
	return p->set == NULL ? -ENOMEM : 0;
}

static int
take_items(const json_t *items, struct planned *p)
{
	size_t n = json_array_size(items);

	if (!json_is_array(items) || n > SLOT_ITEMS_MAX)
		return -EINVAL;
	p->items = calloc(n + 1, sizeof(*p->items));
	if (p->items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(items, i));

		if (id == NULL)
			return -EINVAL;
		p->items[i] = strdup(id);
		if (p->items[i] == NULL)
			return -ENOMEM;
		p->n_items++;
	}
	return 0;
}

static int
planned_from_json(const json_t *j, struct planned *p)
{
	int r;

	if (!take_text(j, "slot", &p->slot) || !take_text(j, "ref", &p->ref) ||
	    !take_text(j, "segment", &p->segment) ||
	    !take_text(j, "title", &p->title) ||
	    !take_text(j, "language", &p->language) || !take_times(j, p) ||
	    !take_words(j, p) || !take_makeup(j, p))
		return -EINVAL;
	if (p->slot == NULL || p->ref == NULL || p->segment == NULL ||
	    p->title == NULL || p->language == NULL ||
	    (json_object_get(j, "makeup_of") != NULL && p->makeup_slot == NULL))
		return -ENOMEM;
	r = take_items(json_object_get(j, "items"), p);
	return r < 0 ? r : take_set(json_object_get(j, "set"), p);
}

int
plan_from_json(const json_t *slots, int64_t day, struct plan **ret_plan)
{
	struct plan *p;
	size_t room = 0;
	int r = 0;

	if (!json_is_array(slots))
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(slots) && r == 0; i++) {
		struct planned *one = plan_grow(p, &room);

		if (one == NULL) {
			r = -ENOMEM;
			break;
		}
		one->day = day;
		one->order = i;
		one->file = "";
		r = planned_from_json(json_array_get(slots, i), one);
	}
	if (r < 0) {
		plan_free(p);
		return r;
	}
	if (p->n > 0)
		qsort(p->slots, p->n, sizeof(*p->slots), by_start);
	*ret_plan = p;
	return 0;
}
