/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/timetable.h"

#define ABOVE_MAX 8 /* levels over a commune; there are three */
#define TAGS_MAX 16 /* a segment under every heading it serves */
#define LANGUAGES_MAX 8
#define EVERY_MAX 52 /* weeks: once a year */
#define PLANS_MAX 4 /* a commune's, and those above it */
#define AIRINGS_MAX 100000 /* targets nobody reaches: in a year */
#define MINUTES_MAX (366 * 24 * 60)

static const char *const root_keys[] = { "station", "name", "above", "segments",
	"slots", "dates", "campaigns", "mourning", "gap_filler", NULL };
static const char *const segment_keys[] = { "id", "title", "tags", "languages",
	"plan", "target", NULL };
static const char *const plan_keys[] = { "no", "date", "issuer", "subject",
	"parent", NULL };
static const char *const target_keys[] = { "per", "airings", "first_airings",
	"repeat_airings", "minutes", "first_minutes", "repeat_minutes", NULL };
static const char *const date_keys[] = { "date", "use", "reason", "extra",
	NULL };
static const char *const campaign_keys[] = { "id", "title", "from", "until",
	"slots", NULL };
static const char *const mourning_keys[] = { "from", "until", "reason", NULL };
static const char *const makeup_keys[] = { "date", "slot", NULL };
static const char *const week_keys[] = { "week", "program", NULL };
static const char *const entry_keys[] = { "slot", "set", "items", NULL };

#define COMMON_KEYS \
	"id", "title", "at", "for", "item", "segment", "repeats", "relay", \
	    "filler", "start", "tolerance", "end", "rejoin", "class", \
	    "from_above", "language"
static const char *const slot_keys[] = { COMMON_KEYS, "days", "from", "until",
	"every", NULL };
static const char *const campaign_slot_keys[] = { COMMON_KEYS, "days", NULL };
static const char *const extra_keys[] = { COMMON_KEYS, "makeup_of", NULL };

static const char *const content_keys[] = { "item", "segment", "repeats",
	"relay", "filler", NULL };
static const char *const start_words[] = { "soft", "hard", NULL };
static const char *const end_words[] = { "cut", "finish", NULL };
static const char *const rejoin_words[] = { "join", "skip", NULL };
static const char *const class_words[] = { "thong_thuong", "uu_tien", NULL };
static const char *const per_words[] = { "day", "week", "month", "quarter",
	"year", NULL };

/* Where a slot is written: what it may say differs. */
enum place { STANDING, CAMPAIGN, EXTRA };

const char *
content_word(enum content c)
{
	return content_keys[c];
}

const char *
start_word(enum start_mode m)
{
	return start_words[m];
}

const char *
end_word(enum end_mode m)
{
	return end_words[m];
}

const char *
rejoin_word(enum rejoin_mode m)
{
	return rejoin_words[m];
}

const char *
class_word(enum slot_class c)
{
	/* Not among the words that a timetable may have. */
	return c == CLASS_EMERGENCY ? "khan_cap" : class_words[c];
}

/* A plan, and the one above it that it carries out. NULL with its problems
 * told. */
static json_t *
read_plan(struct cfg *c, const config_setting_t *g, int level)
{
	const config_setting_t *above;
	json_t *plan = NULL;
	char *text[] = { NULL, NULL, NULL, NULL }; /* as plan_keys */
	int64_t day;
	bool good;

	cfg_known(c, g, plan_keys);
	good = cfg_text(c, g, "no", CFG_REQUIRED, &text[0]);
	good &= cfg_date(c, g, "date", CFG_REQUIRED, &day) &&
		cfg_text(c, g, "date", CFG_REQUIRED, &text[1]);
	good &= cfg_text(c, g, "issuer", CFG_REQUIRED, &text[2]);
	cfg_text(c, g, "subject", CFG_OPTIONAL, &text[3]);
	if (good)
		plan = json_object();
	for (size_t i = 0; i < 4; i++) {
		if (plan != NULL && text[i] != NULL)
			json_object_set_new(
			    plan, plan_keys[i], json_string(text[i]));
		free(text[i]);
	}
	if (!cfg_group(c, g, "parent", CFG_OPTIONAL, &above))
		return plan;
	if (level == PLANS_MAX) {
		cfg_problem(c, above,
		    _("parent: more than %d plans above each other; leave the "
		      "uppermost out"),
		    PLANS_MAX);
		return plan;
	}
	json_object_set_new(plan, "parent", read_plan(c, above, level + 1));
	return plan;
}

/* Whatever is counted; airings are what is asked for where nothing is. */
static void
read_target(struct cfg *c, const config_setting_t *g, struct segment *seg)
{
	json_t *target = json_object();
	bool any = false;
	int per, n;

	cfg_known(c, g, target_keys);
	if (cfg_word(c, g, "per", CFG_REQUIRED, per_words, &per))
		json_object_set_new(target, "per", json_string(per_words[per]));
	for (size_t i = 1; target_keys[i] != NULL; i++) {
		bool minutes = strstr(target_keys[i], "minutes") != NULL;

		any = any || cfg_has(g, target_keys[i]);
		if (cfg_int(c, g, target_keys[i], CFG_OPTIONAL, 1,
			minutes ? MINUTES_MAX : AIRINGS_MAX, &n))
			json_object_set_new(
			    target, target_keys[i], json_integer(n));
	}
	if (!any)
		cfg_int(c, g, "airings", CFG_REQUIRED, 1, AIRINGS_MAX, &n);
	seg->target = target;
}

static void
read_segment(struct cfg *c, const config_setting_t *g, struct segment *seg)
{
	const config_setting_t *sub;

	seg->line = (int)config_setting_source_line(g);
	cfg_known(c, g, segment_keys);
	cfg_id(c, g, "id", CFG_REQUIRED, &seg->id);
	cfg_text(c, g, "title", CFG_REQUIRED, &seg->title);
	cfg_texts(c, g, "tags", CFG_OPTIONAL, CFG_TEXTS, TAGS_MAX, &seg->tags,
	    &seg->n_tags);
	cfg_texts(c, g, "languages", CFG_OPTIONAL, CFG_LANGUAGES, LANGUAGES_MAX,
	    &seg->languages, &seg->n_languages);
	if (cfg_group(c, g, "plan", CFG_OPTIONAL, &sub))
		seg->plan = read_plan(c, sub, 1);
	if (cfg_group(c, g, "target", CFG_OPTIONAL, &sub))
		read_target(c, sub, seg);
}

static int
read_segments(struct cfg *c, struct schedule *s)
{
	const config_setting_t *list;
	size_t n;

	if (!cfg_list(c, cfg_root(c), "segments", CFG_OPTIONAL, SEGMENTS_MAX,
		&list, &n))
		return 0;
	s->segments = calloc(n + 1, sizeof(*s->segments));
	if (s->segments == NULL)
		return -ENOMEM;
	s->n_segments = n;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_segment(c, cfg_at(list, i), &s->segments[i]);
	return 0;
}

/* Exactly one of the five. */
static void
read_content(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	int first = -1;

	for (int i = 0; i < CONTENTS; i++) {
		if (!cfg_has(g, content_keys[i]))
			continue;
		if (first >= 0) {
			cfg_problem(c,
			    config_setting_get_member(g, content_keys[i]),
			    _("the slot has both %s and %s; keep one of them"),
			    content_keys[first], content_keys[i]);
			return;
		}
		first = i;
	}
	if (first < 0) {
		cfg_problem(c, g,
		    _("the slot has nothing to play; write one of item, "
		      "segment, repeats, relay, filler"));
		return;
	}
	slot->content = (enum content)first;
	cfg_id(c, g, content_keys[first], CFG_REQUIRED, &slot->ref);
}

static void
read_times(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	if (cfg_time(c, g, "at", CFG_REQUIRED, &slot->at_s) &&
	    slot->at_s == SECONDS_PER_DAY) {
		cfg_problem(c, config_setting_get_member(g, "at"),
		    _("at: \"24:00\" is the next day's \"00:00\"; write that, "
		      "on the next day"));
		slot->at_s = 0;
	}
	if (cfg_time(c, g, "for", CFG_REQUIRED, &slot->for_s) &&
	    slot->for_s == 0)
		cfg_problem(c, config_setting_get_member(g, "for"),
		    _("for is zero; write how long the slot lasts, such as "
		      "\"00:15:00\""));
	cfg_time(c, g, "tolerance", CFG_OPTIONAL, &slot->tolerance_s);
}

static void
read_class(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	const char *raw;
	int index;

	if (config_setting_lookup_string(g, "class", &raw) == CONFIG_TRUE &&
	    strcmp(raw, "khan_cap") == 0) {
		cfg_problem(c, config_setting_get_member(g, "class"),
		    _("class: \"khan_cap\" is never scheduled, a person "
		      "releases it at the time; write \"uu_tien\""));
		return;
	}
	if (cfg_word(c, g, "class", CFG_OPTIONAL, class_words, &index))
		slot->class = (enum slot_class)index;
}

static void
read_modes(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	int index;

	if (cfg_word(c, g, "start", CFG_OPTIONAL, start_words, &index))
		slot->start = (enum start_mode)index;
	if (cfg_word(c, g, "end", CFG_OPTIONAL, end_words, &index))
		slot->end = (enum end_mode)index;
	if (cfg_word(c, g, "rejoin", CFG_OPTIONAL, rejoin_words, &index))
		slot->rejoin = (enum rejoin_mode)index;
	read_class(c, g, slot);
	cfg_bool(c, g, "from_above", &slot->from_above);
}

/* Which part of a set; what else may be played has no parts. */
static void
read_part(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	if (!cfg_language(c, g, "language", &slot->language) ||
	    slot->content == CONTENT_SEGMENT || slot->content == CONTENT_REPEAT)
		return;
	cfg_problem(c, config_setting_get_member(g, "language"),
	    _("language picks a part of what the week's programme names; "
	      "remove it from a slot with %s"),
	    content_keys[slot->content]);
}

static void
read_season(struct cfg *c, const config_setting_t *g, struct slot *slot)
{
	bool from;

	from = cfg_date(c, g, "from", CFG_OPTIONAL, &slot->from_day);
	cfg_date(c, g, "until", CFG_OPTIONAL, &slot->until_day);
	if (slot->until_day < slot->from_day)
		cfg_problem(c, config_setting_get_member(g, "until"),
		    _("until is before from; swap or correct the dates"));
	if (!cfg_int(c, g, "every", CFG_OPTIONAL, 1, EVERY_MAX, &slot->every))
		return;
	if (slot->every > 1 && !from && !cfg_has(g, "from"))
		cfg_problem(c, config_setting_get_member(g, "every"),
		    _("every = %d needs a first week; write from = "
		      "\"2026-11-26\"; as well"),
		    slot->every);
}

static void
read_makeup(
    struct cfg *c, const config_setting_t *g, int64_t day, struct slot *slot)
{
	const config_setting_t *of;

	if (!cfg_group(c, g, "makeup_of", CFG_OPTIONAL, &of))
		return;
	cfg_known(c, of, makeup_keys);
	cfg_id(c, of, "slot", CFG_REQUIRED, &slot->makeup_slot);
	if (cfg_date(c, of, "date", CFG_REQUIRED, &slot->makeup_day) &&
	    slot->makeup_day > day)
		cfg_problem(c, config_setting_get_member(of, "date"),
		    _("makeup_of: the slot made up for lies in the future; "
		      "write an earlier date"));
}

static const char *const *
keys_of(enum place place)
{
	switch (place) {
	case STANDING:
		return slot_keys;
	case CAMPAIGN:
		return campaign_slot_keys;
	case EXTRA:
		return extra_keys;
	}
	return slot_keys;
}

static void
read_slot(struct cfg *c, const config_setting_t *g, enum place place,
    const char *file, int64_t day, struct slot *slot)
{
	*slot = (struct slot){
		.tolerance_s = 120,
		.from_day = INT64_MIN,
		.until_day = INT64_MAX,
		.every = 1,
		.file = file,
		.line = (int)config_setting_source_line(g),
	};
	slot->title = strdup("");
	cfg_known(c, g, keys_of(place));
	cfg_id(c, g, "id", CFG_REQUIRED, &slot->id);
	cfg_text(c, g, "title", CFG_OPTIONAL, &slot->title);
	read_times(c, g, slot);
	read_content(c, g, slot);
	read_modes(c, g, slot);
	read_part(c, g, slot);
	if (place == EXTRA) {
		read_makeup(c, g, day, slot);
		return;
	}
	if (place == STANDING)
		read_season(c, g, slot);
	slot->days = 0x7f;
	cfg_days(c, g, "days", place == STANDING ? CFG_REQUIRED : CFG_OPTIONAL,
	    &slot->days);
}

static int
read_slots(struct cfg *c, const config_setting_t *g, const char *key,
    enum place place, const char *file, int64_t day, struct slot **ret_slots,
    size_t *ret_n)
{
	const config_setting_t *list;
	struct slot *slots;
	size_t n;
	size_t kept = 0;

	if (!cfg_list(c, g, key, place == EXTRA ? CFG_OPTIONAL : CFG_REQUIRED,
		SLOTS_MAX, &list, &n))
		return 0;
	slots = calloc(n + 1, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_slot(c, cfg_at(list, i), place, file, day,
			    &slots[kept++]);
	for (size_t i = 0; i < kept; i++)
		if (slots[i].title == NULL) {
			timetable_clear_slots(slots, kept);
			return -ENOMEM;
		}
	*ret_slots = slots;
	*ret_n = kept;
	return 0;
}

/* "none" as -1, a weekday as its number, absent as "its own". */
static void
read_use(struct cfg *c, const config_setting_t *g, struct date_rule *d)
{
	const config_setting_t *s = config_setting_get_member(g, "use");
	const char *raw = s == NULL ? NULL : config_setting_get_string(s);
	enum weekday weekday;

	d->use = WEEKDAYS;
	if (s == NULL && !cfg_has(g, "extra"))
		cfg_problem(c, g,
		    _("the date changes nothing; write use = \"none\";, "
		      "use = \"CN\"; or extra slots"));
	if (s == NULL)
		return;
	if (raw != NULL && strcmp(raw, "none") == 0)
		d->use = -1;
	else if (raw != NULL && civil_read_weekday(raw, &weekday) == 0)
		d->use = (int)weekday;
	else
		cfg_problem(c, s,
		    _("use: write \"none\", or a weekday T2 to T7 or CN"));
}

static int
read_date(struct cfg *c, const config_setting_t *g, const char *file,
    struct date_rule *d)
{
	d->day = INT64_MIN;
	d->file = file;
	d->line = (int)config_setting_source_line(g);
	d->reason = strdup("");
	if (d->reason == NULL)
		return -ENOMEM;
	cfg_known(c, g, date_keys);
	cfg_date(c, g, "date", CFG_REQUIRED, &d->day);
	cfg_text(c, g, "reason", CFG_OPTIONAL, &d->reason);
	read_use(c, g, d);
	return read_slots(
	    c, g, "extra", EXTRA, file, d->day, &d->extra, &d->n_extra);
}

static int
read_dates(struct cfg *c, const char *file, struct schedule *s)
{
	const config_setting_t *list;
	size_t n;
	int r = 0;

	if (!cfg_list(
		c, cfg_root(c), "dates", CFG_OPTIONAL, DATES_MAX, &list, &n))
		return 0;
	s->dates = calloc(n + 1, sizeof(*s->dates));
	if (s->dates == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		if (cfg_at(list, i) != NULL)
			r = read_date(
			    c, cfg_at(list, i), file, &s->dates[s->n_dates++]);
	return r;
}

static int
read_campaign(struct cfg *c, const config_setting_t *g, const char *file,
    struct campaign *k)
{
	k->line = (int)config_setting_source_line(g);
	k->from_day = INT64_MIN;
	k->until_day = INT64_MAX;
	cfg_known(c, g, campaign_keys);
	cfg_id(c, g, "id", CFG_REQUIRED, &k->id);
	cfg_text(c, g, "title", CFG_REQUIRED, &k->title);
	cfg_date(c, g, "from", CFG_REQUIRED, &k->from_day);
	if (cfg_date(c, g, "until", CFG_REQUIRED, &k->until_day) &&
	    k->until_day < k->from_day)
		cfg_problem(c, config_setting_get_member(g, "until"),
		    _("until is before from; swap or correct the dates"));
	return read_slots(
	    c, g, "slots", CAMPAIGN, file, 0, &k->slots, &k->n_slots);
}

static int
read_campaigns(struct cfg *c, const char *file, struct schedule *s)
{
	const config_setting_t *list;
	size_t n;
	int r = 0;

	if (!cfg_list(c, cfg_root(c), "campaigns", CFG_OPTIONAL, CAMPAIGNS_MAX,
		&list, &n))
		return 0;
	s->campaigns = calloc(n + 1, sizeof(*s->campaigns));
	if (s->campaigns == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		if (cfg_at(list, i) != NULL)
			r = read_campaign(c, cfg_at(list, i), file,
			    &s->campaigns[s->n_campaigns++]);
	return r;
}

static void
read_mourning(struct cfg *c, const config_setting_t *g, struct mourning *m)
{
	m->line = (int)config_setting_source_line(g);
	m->from_day = INT64_MIN;
	m->until_day = INT64_MIN;
	cfg_known(c, g, mourning_keys);
	cfg_text(c, g, "reason", CFG_REQUIRED, &m->reason);
	cfg_date(c, g, "from", CFG_REQUIRED, &m->from_day);
	if (cfg_date(c, g, "until", CFG_REQUIRED, &m->until_day) &&
	    m->until_day < m->from_day)
		cfg_problem(c, config_setting_get_member(g, "until"),
		    _("until is before from; swap or correct the dates"));
}

static int
read_mournings(struct cfg *c, struct schedule *s)
{
	const config_setting_t *list;
	size_t n;

	if (!cfg_list(c, cfg_root(c), "mourning", CFG_OPTIONAL, MOURNINGS_MAX,
		&list, &n))
		return 0;
	s->mournings = calloc(n + 1, sizeof(*s->mournings));
	if (s->mournings == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_mourning(c, cfg_at(list, i),
			    &s->mournings[s->n_mournings++]);
	return 0;
}

int
timetable_read(
    struct cfg *c, const char *file, const char *station, struct schedule *s)
{
	const config_setting_t *root = cfg_root(c);
	int r;

	cfg_known(c, root, root_keys);
	if (cfg_id(c, root, "station", CFG_REQUIRED, &s->station) &&
	    strcmp(s->station, station) != 0)
		cfg_problem(c, config_setting_get_member(root, "station"),
		    _("the station is \"%s\" but the file is %s; make them "
		      "the same"),
		    s->station, file);
	cfg_text(c, root, "name", CFG_REQUIRED, &s->name);
	cfg_texts(c, root, "above", CFG_OPTIONAL, CFG_TEXTS, ABOVE_MAX,
	    &s->above, &s->n_above);
	cfg_texts(c, root, "gap_filler", CFG_OPTIONAL, CFG_IDS, SLOT_ITEMS_MAX,
	    &s->gap_filler, &s->n_gap_filler);
	s->gap_filler_line = cfg_line(root, "gap_filler");
	r = read_segments(c, s);
	if (r < 0)
		return r;
	r = read_slots(
	    c, root, "slots", STANDING, file, 0, &s->slots, &s->n_slots);
	if (r < 0)
		return r;
	r = read_dates(c, file, s);
	if (r < 0)
		return r;
	r = read_campaigns(c, file, s);
	if (r < 0)
		return r;
	r = read_mournings(c, s);
	if (r < 0)
		return r;
	return cfg_no_memory(c) ? -ENOMEM : 0;
}

static void
check_week(struct cfg *c, const char *file, int64_t monday)
{
	const config_setting_t *root = cfg_root(c);
	struct civil_text text;
	char *week = NULL;
	int64_t written;
	int y, w;

	if (!cfg_text(c, root, "week", CFG_REQUIRED, &week))
		return;
	if (civil_read_week(week, &y, &w) < 0)
		cfg_problem(c, config_setting_get_member(root, "week"),
		    _("week: \"%.40s\" is not a week of the calendar; write "
		      "YYYY-Www, such as 2026-W48"),
		    week);
	else if (civil_week_monday(y, w, &written) == 0 && written != monday)
		cfg_problem(c, config_setting_get_member(root, "week"),
		    _("the week is %s but the file is %s; write %s, or rename "
		      "the file"),
		    week, file, civil_week_text(monday, &text));
	free(week);
}

static void
read_programme(struct cfg *c, const config_setting_t *g, const char *file,
    int64_t monday, struct programme *p)
{
	*p = (struct programme){
		.monday = monday,
		.file = file,
		.line = (int)config_setting_source_line(g),
	};
	cfg_known(c, g, entry_keys);
	cfg_id(c, g, "slot", CFG_REQUIRED, &p->slot);
	if (cfg_id(c, g, "set", CFG_OPTIONAL, &p->set) &&
	    strlen(p->set) > SET_MAX)
		cfg_problem(c, config_setting_get_member(g, "set"),
		    _("set: the id has more than %d characters; shorten it, "
		      "its parts are called after it"),
		    SET_MAX);
	if (cfg_texts(c, g, "items",
		cfg_has(g, "set") ? CFG_OPTIONAL : CFG_REQUIRED, CFG_IDS,
		SLOT_ITEMS_MAX, &p->items, &p->n_items) &&
	    p->n_items == 0)
		cfg_problem(c, g,
		    _("the slot has no items; name some, or leave the entry "
		      "out"));
}

int
timetable_read_week(
    struct cfg *c, const char *file, int64_t monday, struct schedule *s)
{
	const config_setting_t *list;
	struct programme *grown;
	size_t n;

	cfg_known(c, cfg_root(c), week_keys);
	check_week(c, file, monday);
	if (!cfg_list(
		c, cfg_root(c), "program", CFG_REQUIRED, SLOTS_MAX, &list, &n))
		return cfg_no_memory(c) ? -ENOMEM : 0;
	grown = reallocarray(
	    s->programmes, s->n_programmes + n + 1, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	s->programmes = grown;
	for (size_t i = 0; i < n; i++)
		if (cfg_at(list, i) != NULL)
			read_programme(c, cfg_at(list, i), file, monday,
			    &s->programmes[s->n_programmes++]);
	return cfg_no_memory(c) ? -ENOMEM : 0;
}

void
timetable_clear_slots(struct slot *slots, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(slots[i].id);
		free(slots[i].title);
		free(slots[i].language);
		free(slots[i].ref);
		free(slots[i].makeup_slot);
	}
	free(slots);
}
