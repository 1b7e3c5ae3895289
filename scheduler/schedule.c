/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/calendar.h"
#include "scheduler/schedule.h"
#include "scheduler/timetable.h"

#define SUFFIX ".cfg"
#define WEEK_CHARS 8 /* of "2026-W48" */

/* One reading: what it is given, and what it makes. */
struct reading {
	const char *folder;
	const char *station;
	int64_t from_day;
	int64_t to_day;
	const struct schedule_swap *swap; /* or NULL */
	struct problems *ps;
	struct schedule *s;
};

struct schedule *
schedule_free(struct schedule *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->n_segments; i++) {
		struct segment *seg = &s->segments[i];

		free(seg->id);
		free(seg->title);
		cfg_texts_free(seg->tags, seg->n_tags);
		cfg_texts_free(seg->languages, seg->n_languages);
		json_decref(seg->plan);
		json_decref(seg->target);
	}
	for (size_t i = 0; i < s->n_dates; i++) {
		free(s->dates[i].reason);
		timetable_clear_slots(s->dates[i].extra, s->dates[i].n_extra);
	}
	for (size_t i = 0; i < s->n_campaigns; i++) {
		free(s->campaigns[i].id);
		free(s->campaigns[i].title);
		timetable_clear_slots(
		    s->campaigns[i].slots, s->campaigns[i].n_slots);
	}
	for (size_t i = 0; i < s->n_programmes; i++) {
		free(s->programmes[i].slot);
		free(s->programmes[i].set);
		cfg_texts_free(
		    s->programmes[i].items, s->programmes[i].n_items);
	}
	for (size_t i = 0; i < s->n_mournings; i++)
		free(s->mournings[i].reason);
	for (size_t i = 0; i < s->n_files; i++)
		free(s->files[i].name);
	timetable_clear_slots(s->slots, s->n_slots);
	cfg_texts_free(s->above, s->n_above);
	cfg_texts_free(s->gap_filler, s->n_gap_filler);
	free(s->segments);
	free(s->dates);
	free(s->campaigns);
	free(s->mournings);
	free(s->programmes);
	free(s->files);
	free(s->station);
	free(s->name);
	free(s);
	return NULL;
}

const struct segment *
schedule_segment(const struct schedule *s, const char *id)
{
	for (size_t i = 0; i < s->n_segments; i++)
		if (s->segments[i].id != NULL &&
		    strcmp(s->segments[i].id, id) == 0)
			return &s->segments[i];
	return NULL;
}

bool
segment_speaks(const struct segment *seg, const char *language)
{
	for (size_t i = 0; i < seg->n_languages; i++)
		if (strcmp(seg->languages[i], language) == 0)
			return true;
	return seg->n_languages == 0 && strcmp(language, "vi") == 0;
}

static const struct slot *
slot_among(const struct slot *slots, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (slots[i].id != NULL && strcmp(slots[i].id, id) == 0)
			return &slots[i];
	return NULL;
}

const struct slot *
schedule_slot(const struct schedule *s, const char *id)
{
	const struct slot *found = slot_among(s->slots, s->n_slots, id);

	for (size_t i = 0; i < s->n_campaigns && found == NULL; i++)
		found = slot_among(
		    s->campaigns[i].slots, s->campaigns[i].n_slots, id);
	for (size_t i = 0; i < s->n_dates && found == NULL; i++)
		found = slot_among(s->dates[i].extra, s->dates[i].n_extra, id);
	return found;
}

/* Opens a file of the schedule and enters it into s->files, whose name is
 * what slots and problems borrow. */
static int
open_file(struct reading *r, const char *name, struct cfg **ret_cfg)
{
	struct schedule *s = r->s;
	struct schedule_file *grown, *f;
	char *path;
	int e;

	grown = reallocarray(s->files, s->n_files + 1, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	s->files = grown;
	f = &grown[s->n_files];
	*f = (struct schedule_file){ 0 };
	f->name = strdup(name);
	if (f->name == NULL)
		return -ENOMEM;
	s->n_files++;
	if (asprintf(&path, "%s/%s", r->folder, name) < 0)
		return -ENOMEM;
	if (r->swap != NULL && strcmp(r->swap->name, name) == 0)
		e = cfg_parse(r->swap->bytes, r->swap->n, name, r->ps, ret_cfg);
	else
		e = cfg_open(path, name, SCHEDULE_BYTES_MAX, r->ps, ret_cfg);
	free(path);
	if (e == 0)
		memcpy(f->sha256, cfg_sha256(*ret_cfg), HASH_HEX);
	return e;
}

static int
read_timetable(struct reading *r)
{
	struct schedule *s = r->s;
	struct cfg *c = NULL;
	char *name;
	int e;

	if (asprintf(&name, "%s" SUFFIX, r->station) < 0)
		return -ENOMEM;
	e = open_file(r, name, &c);
	free(name);
	if (e < 0)
		return e;
	e = timetable_read(c, s->files[s->n_files - 1].name, r->station, s);
	cfg_close(c);
	return e;
}

/* The Monday a week's file is named for. */
static int
monday_of(const char *name, int64_t *ret_monday)
{
	char week[WEEK_CHARS + 1];
	int y, w;

	if (strlen(name) != WEEK_CHARS + strlen(SUFFIX) ||
	    strcmp(name + WEEK_CHARS, SUFFIX) != 0)
		return -EINVAL;
	memcpy(week, name, WEEK_CHARS);
	week[WEEK_CHARS] = '\0';
	if (civil_read_week(week, &y, &w) < 0)
		return -EINVAL;
	return civil_week_monday(y, w, ret_monday);
}

static bool
ends_in_cfg(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n >= strlen(SUFFIX) &&
	       strcasecmp(name + n - strlen(SUFFIX), SUFFIX) == 0;
}

static int
keep_cfg(const struct dirent *d)
{
	return ends_in_cfg(d->d_name);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_week(struct reading *r, const char *name, int64_t monday)
{
	struct schedule *s = r->s;
	struct cfg *c = NULL;
	int e;

	e = open_file(r, name, &c);
	if (e < 0)
		return e == -ENOMEM ? e : 0; /* its problem is told */
	e = timetable_read_week(c, s->files[s->n_files - 1].name, monday, s);
	cfg_close(c);
	return e;
}

static int
consider_week(struct reading *r, const char *base)
{
	int64_t monday;
	char *name;
	int e = 0;

	if (asprintf(&name, "%s/%s", r->station, base) < 0)
		return -ENOMEM;
	if (monday_of(base, &monday) < 0)
		problem_add(r->ps, name, 0,
		    _("the file is not named for a week of the calendar; "
		      "rename it, such as 2026-W48.cfg"));
	else if (monday > r->to_day ||
		 (r->from_day > INT64_MIN + REPEAT_DAYS &&
		     monday + WEEKDAYS <= r->from_day - REPEAT_DAYS))
		e = 0; /* out of the range asked for */
	else if (r->s->n_files > WEEKS_MAX)
		e = -E2BIG;
	else
		e = read_week(r, name, monday);
	free(name);
	return e;
}

/* The week's file name that stands in for what lies there, or NULL. */
static const char *
swapped_week(const struct reading *r)
{
	size_t n = strlen(r->station);

	if (r->swap == NULL || strncmp(r->swap->name, r->station, n) != 0 ||
	    r->swap->name[n] != '/')
		return NULL;
	return r->swap->name + n + 1;
}

/* Each week in the order of its name, the swapped one in its place. */
static int
consider_weeks(struct reading *r, struct dirent **list, int n)
{
	const char *extra = swapped_week(r);
	int e = 0;

	for (int i = 0; i < n && e == 0; i++) {
		int c = extra == NULL ? -1 : strcmp(list[i]->d_name, extra);

		if (c > 0)
			e = consider_week(r, extra);
		if (c >= 0)
			extra = NULL;
		if (e == 0)
			e = consider_week(r, list[i]->d_name);
	}
	if (extra != NULL && e == 0)
		e = consider_week(r, extra);
	return e;
}

static int
read_weeks(struct reading *r)
{
	struct dirent **list = NULL;
	char *path;
	int e;
	int n;

	if (asprintf(&path, "%s/%s", r->folder, r->station) < 0)
		return -ENOMEM;
	n = scandir(path, &list, keep_cfg, by_name);
	free(path);
	if (n < 0 && errno == ENOENT)
		n = 0; /* no week yet */
	if (n < 0) {
		problem_add(r->ps, r->station, 0,
		    _("the folder of the weeks cannot be read: %s"),
		    strerror(errno));
		return 0;
	}
	e = consider_weeks(r, list, n);
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	if (e != -E2BIG)
		return e;
	problem_add(r->ps, r->station, 0,
	    _("more than %d weeks; move the oldest out of the folder"),
	    WEEKS_MAX);
	return 0;
}

static void
check_segments(struct reading *r)
{
	const struct schedule *s = r->s;

	for (size_t i = 1; i < s->n_segments; i++) {
		const struct segment *a = &s->segments[i];
		const struct segment *b =
		    a->id == NULL ? a : schedule_segment(s, a->id);

		if (a != b)
			problem_add(r->ps, s->files[0].name, a->line,
			    _("the segment \"%s\" is already on line %d; give "
			      "it another id"),
			    a->id, b->line);
	}
}

static const struct campaign *
find_campaign(const struct schedule *s, const char *id)
{
	for (size_t i = 0; i < s->n_campaigns; i++)
		if (s->campaigns[i].id != NULL &&
		    strcmp(s->campaigns[i].id, id) == 0)
			return &s->campaigns[i];
	return NULL;
}

static void
check_campaigns(struct reading *r)
{
	const struct schedule *s = r->s;

	for (size_t i = 1; i < s->n_campaigns; i++) {
		const struct campaign *a = &s->campaigns[i];
		const struct campaign *b =
		    a->id == NULL ? a : find_campaign(s, a->id);

		if (a != b)
			problem_add(r->ps, s->files[0].name, a->line,
			    _("the campaign \"%s\" is already on line %d; give "
			      "it another id"),
			    a->id, b->line);
	}
}

static void
check_dates(struct reading *r)
{
	const struct schedule *s = r->s;
	struct civil_text text;

	for (size_t i = 1; i < s->n_dates; i++)
		for (size_t j = 0; j < i; j++) {
			if (s->dates[i].day != s->dates[j].day ||
			    s->dates[i].day == INT64_MIN)
				continue;
			problem_add(r->ps, s->dates[i].file, s->dates[i].line,
			    _("the date %s is already on line %d; write both "
			      "as one entry"),
			    civil_date_text(s->dates[i].day, &text),
			    s->dates[j].line);
			break;
		}
}

/* Extra slots of different dates may share an id; nothing else may. */
static bool
may_share(const struct entry *a, const struct entry *b)
{
	return a->date != NULL && b->date != NULL && a->date != b->date;
}

static void
check_ids(struct reading *r, const struct calendar *c)
{
	size_t n;
	const struct entry *e = calendar_entries(c, &n);
	size_t run = 0;

	for (size_t i = 1; i < n; i++) {
		if (strcmp(e[i].slot->id, e[run].slot->id) != 0)
			run = i;
		for (size_t j = run; j < i; j++) {
			if (may_share(&e[i], &e[j]))
				continue;
			problem_add(r->ps, e[i].slot->file, e[i].slot->line,
			    _("the slot \"%s\" is already on line %d; give it "
			      "another id"),
			    e[i].slot->id, e[j].slot->line);
			break;
		}
	}
}

static void
check_repeat(
    struct reading *r, const struct calendar *c, const struct slot *slot)
{
	size_t n;
	const struct entry *of = calendar_named(c, slot->ref, &n);

	if (of == NULL)
		problem_add(r->ps, slot->file, slot->line,
		    _("repeats: there is no slot \"%s\"; correct the name"),
		    slot->ref);
	else if (of->slot->content == CONTENT_RELAY)
		problem_add(r->ps, slot->file, slot->line,
		    _("repeats: the slot \"%s\" is a relay and leaves nothing "
		      "to repeat; name another"),
		    slot->ref);
}

/* A slot that takes one part: of what language is there one? */
static void
check_part(struct reading *r, const struct slot *slot)
{
	const struct segment *seg;

	if (slot->language == NULL || slot->ref == NULL ||
	    slot->content != CONTENT_SEGMENT)
		return;
	seg = schedule_segment(r->s, slot->ref);
	if (seg != NULL && !segment_speaks(seg, slot->language))
		problem_add(r->ps, slot->file, slot->line,
		    _("language: the segment \"%s\" has no \"%s\"; add it to "
		      "its languages, or correct one of them"),
		    slot->ref, slot->language);
}

static void
check_refs(struct reading *r, const struct calendar *c)
{
	size_t n, m;
	const struct entry *e = calendar_entries(c, &n);

	for (size_t i = 0; i < n; i++) {
		const struct slot *slot = e[i].slot;

		check_part(r, slot);
		if (slot->content == CONTENT_SEGMENT && slot->ref != NULL &&
		    schedule_segment(r->s, slot->ref) == NULL)
			problem_add(r->ps, slot->file, slot->line,
			    _("there is no segment \"%s\"; add it to segments, "
			      "or correct the name"),
			    slot->ref);
		if (slot->content == CONTENT_REPEAT && slot->ref != NULL)
			check_repeat(r, c, slot);
		if (slot->makeup_slot != NULL &&
		    calendar_named(c, slot->makeup_slot, &m) == NULL)
			problem_add(r->ps, slot->file, slot->line,
			    _("makeup_of: there is no slot \"%s\"; correct the "
			      "name"),
			    slot->makeup_slot);
	}
}

/* The entry that entry i repeats, or n when there is none. */
static size_t
repeated_by(const struct calendar *c, const struct entry *e, size_t i, size_t n)
{
	const struct slot *slot = e[i].slot;
	const struct entry *of;
	size_t m;

	if (slot->content != CONTENT_REPEAT || slot->ref == NULL)
		return n;
	of = calendar_named(c, slot->ref, &m);
	return of == NULL ? n : (size_t)(of - e);
}

/* Each entry names at most one other, so every walk ends, comes to where an
 * earlier walk has been, or bites its own tail. */
static int
check_circles(struct reading *r, const struct calendar *c)
{
	size_t n;
	const struct entry *e = calendar_entries(c, &n);
	size_t *walk = calloc(n + 1, sizeof(*walk));

	if (walk == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		while (at < n && walk[at] == 0) {
			walk[at] = i + 1;
			at = repeated_by(c, e, at, n);
		}
		if (at == n || walk[at] != i + 1)
			continue;
		problem_add(r->ps, e[at].slot->file, e[at].slot->line,
		    _("repeats: \"%s\" comes back to itself; let one slot of "
		      "the circle play something of its own"),
		    e[at].slot->id);
	}
	free(walk);
	return 0;
}

/* One that could not be read may well have been of a segment. */
static bool
takes_items(const struct entry *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].slot->content == CONTENT_SEGMENT ||
		    e[i].slot->ref == NULL)
			return true;
	return false;
}

/* No more items than the set has languages: what would the last one be? */
static void
check_parts(struct reading *r, const struct entry *e, const struct programme *p)
{
	const struct segment *seg;
	size_t n;

	if (p->set == NULL || e->slot->content != CONTENT_SEGMENT ||
	    e->slot->ref == NULL)
		return;
	seg = schedule_segment(r->s, e->slot->ref);
	if (seg == NULL)
		return;
	n = e->slot->language != NULL || seg->n_languages == 0
		? 1
		: seg->n_languages;
	if (p->n_items > n)
		problem_add(r->ps, p->file, p->line,
		    _("the set \"%s\" has %zu items but the slot \"%s\" plays "
		      "it in %zu languages; name one item for each language, "
		      "in their order"),
		    p->set, p->n_items, p->slot, n);
}

static void
check_programmes(struct reading *r, const struct calendar *c)
{
	size_t n, m;
	const struct programme *const *p = calendar_programmes(c, &n);

	for (size_t i = 0; i < n; i++) {
		const struct entry *e = calendar_named(c, p[i]->slot, &m);

		if (e == NULL)
			problem_add(r->ps, p[i]->file, p[i]->line,
			    _("there is no slot \"%s\" in the timetable; "
			      "correct the name"),
			    p[i]->slot);
		else if (!takes_items(e, m))
			problem_add(r->ps, p[i]->file, p[i]->line,
			    _("the slot \"%s\" has no segment, its content "
			      "stands in the timetable; remove the entry"),
			    p[i]->slot);
		else
			check_parts(r, e, p[i]);
		if (i > 0 && p[i]->monday == p[i - 1]->monday &&
		    strcmp(p[i]->slot, p[i - 1]->slot) == 0)
			problem_add(r->ps, p[i]->file, p[i]->line,
			    _("the slot \"%s\" has its items on line %d "
			      "already; write all of them there"),
			    p[i]->slot, p[i - 1]->line);
	}
}

/* What the files mean for each other. */
static int
check_across(struct reading *r)
{
	struct calendar *c;
	int e = calendar_make(r->s, &c);

	if (e < 0)
		return e;
	check_segments(r);
	check_campaigns(r);
	check_dates(r);
	check_ids(r, c);
	check_refs(r, c);
	e = check_circles(r, c);
	check_programmes(r, c);
	calendar_free(c);
	return e;
}

static int
make_revision(struct schedule *s)
{
	char *all = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&all, &n);
	int e;

	if (f == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_files; i++)
		fprintf(f, "%s  %s\n", s->files[i].sha256, s->files[i].name);
	if (fclose(f) != 0) {
		free(all);
		return -ENOMEM;
	}
	e = hash_bytes(all, n, s->revision);
	free(all);
	return e;
}

static int
read_all(struct reading *r)
{
	bool whole;
	int e;

	e = read_timetable(r);
	if (e < 0 && e != -EINVAL)
		return e;
	whole = e == 0;
	e = read_weeks(r);
	/* Without the timetable every name in a week would be unknown. */
	if (e == 0 && whole)
		e = check_across(r);
	if (e == 0)
		e = make_revision(r->s);
	return e;
}

int
schedule_read(const char *folder, const char *station, int64_t from_day,
    int64_t to_day, struct problems *ps, struct schedule **ret_schedule)
{
	return schedule_read_with(
	    folder, station, from_day, to_day, NULL, ps, ret_schedule);
}

int
schedule_read_with(const char *folder, const char *station, int64_t from_day,
    int64_t to_day, const struct schedule_swap *swap, struct problems *ps,
    struct schedule **ret_schedule)
{
	struct reading r = {
		.folder = folder,
		.station = station,
		.from_day = from_day,
		.to_day = to_day,
		.swap = swap,
		.ps = ps,
	};
	size_t before = problems_count(ps);
	int e;

	if (!text_is_id(station)) {
		problem_add(ps, station, 0,
		    _("this is not a station's id; use a-z, 0-9 and \"-\""));
		return -EINVAL;
	}
	r.s = calloc(1, sizeof(*r.s));
	if (r.s == NULL)
		return -ENOMEM;
	e = read_all(&r);
	if (e == 0 && problems_count(ps) > before)
		e = -EINVAL;
	problems_sort(ps);
	if (e < 0) {
		schedule_free(r.s);
		return e;
	}
	*ret_schedule = r.s;
	return 0;
}

static char *
station_of(const char *name)
{
	size_t n = strlen(name);
	char *id;

	if (n <= strlen(SUFFIX) ||
	    strcmp(name + n - strlen(SUFFIX), SUFFIX) != 0)
		return NULL;
	id = strndup(name, n - strlen(SUFFIX));
	if (id != NULL && !text_is_id(id)) {
		free(id);
		id = NULL;
	}
	return id;
}

int
schedule_stations(
    const char *folder, int (*fn)(void *arg, const char *station), void *arg)
{
	struct dirent **list = NULL;
	int n = scandir(folder, &list, keep_cfg, by_name);
	int r = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		char *id = station_of(list[i]->d_name);

		if (id != NULL && r == 0)
			r = fn(arg, id);
		free(id);
		free(list[i]);
	}
	free(list);
	return r;
}
