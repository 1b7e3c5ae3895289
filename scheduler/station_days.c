/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/mourning.h"
#include "scheduler/ordered.h"
#include "scheduler/revision.h"
#include "scheduler/rules.h"
#include "scheduler/station_hall.h"
#include "scheduler/weekfile.h"

#define AHEAD_US (10 * US_PER_MIN) /* tomorrow's sheet is made so early */
#define RULES_DAYS 35 /* checked ahead at load */
#define HEAD_BYTES 1000 /* of a record, besides its lists */
#define FILE_BYTES 400 /* of a file in such a list, at most: name and hash */

static void
drop_day(struct station *st, size_t i)
{
	day_free(st->days[i]);
	st->n_days--;
	memmove(&st->days[i], &st->days[i + 1],
	    (st->n_days - i) * sizeof(st->days[0]));
}

int
hall_add_day(struct station *st, struct day *d)
{
	size_t i = st->n_days;
	struct day **days;

	days = realloc(st->days, (st->n_days + 1) * sizeof(struct day *));
	if (d == NULL || days == NULL) {
		day_free(d);
		return -ENOMEM;
	}
	st->days = days;
	for (; i > 0 && st->days[i - 1]->date > d->date; i--)
		st->days[i] = st->days[i - 1];
	st->days[i] = d;
	st->n_days++;
	return 0;
}

static void
close_if_known(struct station *st, struct run *r, const char *date)
{
	const char *status =
	    registry_outcome(st->up.books->registry, st->id, date, r->p->slot);

	if (status == NULL || r->state == RUN_CLOSED)
		return;
	r->state = RUN_CLOSED;
	hall_copy(r->status, sizeof(r->status), status);
}

/* P3: what the log has closed stays closed, whatever the clock says. */
void
hall_close_known(struct station *st, struct day *d)
{
	struct civil_text t;

	for (size_t i = 0; i < d->n; i++)
		close_if_known(st, d->runs[i], civil_date_text(d->date, &t));
}

/* A dry run's slots without a programme play an item of their own name. */
static int
assume_items(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct planned *p = &plan->slots[i];

		if (p->n_items > 0 || p->content == CONTENT_RELAY)
			continue;
		free(p->items);
		p->items = calloc(1, sizeof(*p->items));
		if (p->items == NULL)
			return -ENOMEM;
		p->items[0] = strdup(p->slot);
		if (p->items[0] == NULL)
			return -ENOMEM;
		p->n_items = 1;
	}
	return 0;
}

/* The library's word on one item; what is not there is not music. */
static bool
is_music(void *arg, const char *item)
{
	const struct station *st = arg;
	struct item *it;
	bool music;
	int fd;

	if (st->up.library->open(st->up.library, item, 0, &it, &fd) < 0)
		return false;
	if (fd >= 0)
		close(fd);
	music = labels_music(it->more);
	item_free(it);
	return music;
}

int
hall_make_plan(const struct station *st, int64_t date, struct plan **ret_plan)
{
	struct plan *plan;
	struct mourning_library lib = { is_music, (void *)st };
	int r = plan_make(st->schedule, date, date, &plan);

	if (r < 0)
		return r;
	r = mourning_silence(plan, st->schedule, &lib);
	if (r == 0 && st->up.assume_items)
		r = assume_items(plan);
	if (r < 0) {
		plan_free(plan);
		return r;
	}
	*ret_plan = plan;
	return 0;
}

/* The date's sheet from the schedule in force, written down. */
int
hall_plan_day(struct station *st, int64_t date, struct now now)
{
	struct plan *plan;
	struct day *d;
	int r;

	if (st->schedule == NULL)
		return -ENOENT;
	r = hall_make_plan(st, date, &plan);
	if (r < 0)
		return r;
	d = day_make(date, plan, st->schedule->revision);
	if (d == NULL)
		return -ENOMEM;
	hall_close_known(st, d);
	r = books_day(st->up.books, st->id, now, d, &st->up.site->rules);
	if (r < 0) {
		day_free(d);
		return r;
	}
	return hall_add_day(st, d);
}

static bool
is_over(const struct day *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->runs[i]->state != RUN_CLOSED || d->runs[i]->open > 0)
			return false;
	return true;
}

void
hall_drop_past(struct station *st, int64_t today)
{
	for (size_t i = st->n_days; i-- > 0;)
		if (st->days[i]->date < today && is_over(st->days[i]))
			drop_day(st, i);
}

/* Past days that are closed go; today and, in time, tomorrow come. */
void
hall_roll_days(struct station *st, struct now now)
{
	int64_t today, ahead;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	civil_from_us(now.wall_us + AHEAD_US, &ahead, &second);
	hall_drop_past(st, today);
	for (int64_t date = today; date <= ahead; date++)
		if (hall_day_of(st, date) == NULL)
			hall_plan_day(st, date, now);
}

int64_t
hall_next_roll_us(struct now now)
{
	int64_t day;
	int second;

	civil_from_us(now.wall_us + AHEAD_US, &day, &second);
	return civil_to_us(day + 1, 0) - AHEAD_US;
}

struct cancelling {
	struct station *st;
	struct now now;
	struct day *day;
	const struct plan *plan; /* the new one */
};

/* A removed slot's outcome is known at once; its note says when mourning is
 * the reason. */
static void
cancel_slot(void *arg, const struct planned *p)
{
	struct cancelling *c = arg;
	struct outcome o = { .status = "not_aired", .reason = "cancelled" };
	const struct silence *q = mourning_took(c->plan, p->day, p->slot);
	json_t *none = json_array();
	char note[ITEM_TEXT_MAX + 16] = "";

	if (q != NULL)
		snprintf(note, sizeof(note), "mourning: %s", q->reason);
	books_slot(
	    c->st->up.books, c->st->id, c->now, c->day, p, &o, none, note);
	json_decref(none);
}

/* Brings the schedule in force into the days under way. */
int
hall_merge_days(struct station *st, struct now now)
{
	int64_t today;
	int second;

	if (st->schedule == NULL)
		return 0;
	civil_from_us(now.wall_us, &today, &second);
	for (size_t i = 0; i < st->n_days; i++) {
		struct day *d = st->days[i];
		struct cancelling c = { .st = st, .now = now, .day = d };
		struct plan *plan = NULL;
		bool changed;
		int r;

		if (d->date < today)
			continue;
		r = hall_make_plan(st, d->date, &plan);
		c.plan = plan;
		if (r == 0)
			r = day_merge(d, plan, st->schedule->revision,
			    now.wall_us, cancel_slot, &c, &changed);
		if (r < 0)
			return r;
		hall_close_known(st, d);
		if (changed)
			r = books_day(
			    st->up.books, st->id, now, d, &st->up.site->rules);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What reports need and no day sheet says. NULL when out of memory. */
static json_t *
segment_json(const struct segment *seg)
{
	json_t *tags = json_array();
	json_t *languages = json_array();
	json_t *o;

	for (size_t i = 0; i < seg->n_tags; i++)
		json_array_append_new(tags, json_string(seg->tags[i]));
	for (size_t i = 0; i < seg->n_languages; i++)
		json_array_append_new(
		    languages, json_string(seg->languages[i]));
	o = json_pack("{s:s, s:s, s:o, s:o}", "id", seg->id, "title",
	    seg->title, "tags", tags, "languages", languages);
	if (seg->plan != NULL)
		json_object_set(o, "plan", seg->plan);
	if (seg->target != NULL)
		json_object_set(o, "target", seg->target);
	return o;
}

/* null when they would not fit in their record beside `taken` bytes. */
static json_t *
segments_json(const struct schedule *s, size_t taken)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_segments; i++)
		json_array_append_new(list, segment_json(&s->segments[i]));
	if (json_dumpb(list, NULL, 0, JSON_COMPACT) + taken <
	    RECORD_BYTES_MAX - HEAD_BYTES)
		return list;
	json_decref(list);
	return json_null();
}

/* The timetable, and of the weeks the last ones that fit in the record; the
 * revision stands for all. */
static json_t *
files_json(const struct schedule *s, size_t *ret_left_out)
{
	json_t *files = json_array();
	size_t room = RECORD_BYTES_MAX - HEAD_BYTES;

	*ret_left_out = 0;
	for (size_t i = s->n_files; i-- > 0;) {
		json_t *o = json_pack("{s:s, s:s}", "name", s->files[i].name,
		    "sha256", s->files[i].sha256);
		size_t n = json_dumpb(o, NULL, 0, JSON_COMPACT) + 1;

		if (i > 0 && n + FILE_BYTES > room) {
			json_decref(o);
			(*ret_left_out)++;
			continue;
		}
		room -= n;
		json_array_insert_new(files, 0, o);
	}
	return files;
}

static int
record_schedule(struct station *st, struct now now, const char *person)
{
	const struct schedule *s = st->schedule;
	size_t left_out;
	json_t *files = files_json(s, &left_out);
	json_t *r =
	    record_new(KIND_SCHEDULE, st->id, now, st->up.books->boot_id);

	json_object_set_new(r, "revision", json_string(s->revision));
	json_object_set_new(r, "files", files);
	if (left_out > 0)
		json_object_set_new(
		    r, "left_out", json_integer((json_int_t)left_out));
	json_object_set_new(r, "segments",
	    segments_json(s, json_dumpb(files, NULL, 0, JSON_COMPACT)));
	json_object_set_new(r, "by", json_string(person));
	return books_add(st->up.books, r);
}

/* What breaks rules is refused; at the first load only what could not even be
 * planned, each slot being judged at its time. */
static int
check_rules(const struct station *st, const struct schedule *s, struct now now,
    struct problems *ps)
{
	bool first = st->schedule == NULL;
	struct plan *plan;
	int64_t today;
	int second;
	int r;

	civil_from_us(now.wall_us, &today, &second);
	if (plan_make(s, today, today + RULES_DAYS, &plan) < 0)
		return 0;
	r = rules_check(plan, st->up.site, ps) > 0 && !first ? -EINVAL : 0;
	if (!rules_fits_log(plan))
		r = -EINVAL;
	plan_free(plan);
	return r;
}

/* The last revision that was good, when the files at hand are not. */
static int
read_last_good(struct station *st, struct schedule **ret)
{
	struct problems quiet = { 0 };
	char folder[4096];
	int r;

	if (st->revisions == NULL)
		return -ENOENT;
	r = revision_last(st->revisions, st->id, folder, sizeof(folder));
	if (r == 0)
		r = schedule_read(
		    folder, st->id, INT64_MIN, INT64_MAX, &quiet, ret);
	problems_free(&quiet);
	return r;
}

static void
record_problems(struct station *st, struct now now, const char *op,
    const char *person, const char *result, const struct problems *ps)
{
	char text[512] = "";

	if (ps->n > 0)
		problem_text(&ps->list[0], text, sizeof(text));
	books_op(st->up.books, st->id, now, op, person, result, text);
}

/* What `status` says of the schedule from here on. */
static void
note_load(struct station *st, bool refused, const struct problems *ps)
{
	char text[512] = "";

	if (ps->n > 0)
		problem_text(&ps->list[0], text, sizeof(text));
	st->refused = refused;
	hall_copy(st->problem, sizeof(st->problem), text);
}

/* Into force, and taken over. */
static int
take_schedule(struct station *st, struct now now, const char *person,
    struct schedule *fresh, bool good)
{
	/* The days under way own their plans: the old one can go. */
	schedule_free(st->schedule);
	st->schedule = fresh;
	station_look_anew(st);
	if (good && st->revisions != NULL)
		revision_keep(st->revisions, st->schedules, fresh);
	record_schedule(st, now, person);
	if (st->begun)
		return hall_merge_days(st, now);
	return good ? 0 : -EINVAL;
}

/* What the schedule in force has from above, or at the first load the last
 * that was accepted, may not be lost. */
static int
check_ordered(struct station *st, const struct schedule *fresh, struct now now,
    struct problems *ps)
{
	struct schedule *last = NULL;
	const struct schedule *before = st->schedule;
	int64_t today;
	int second;
	int r;

	if (before == NULL && read_last_good(st, &last) == 0)
		before = last;
	if (before == NULL)
		return 0;
	civil_from_us(now.wall_us, &today, &second);
	r = ordered_check(before, fresh, today, ps);
	schedule_free(last);
	return r > 0 ? -EINVAL : r;
}

static int
read_fresh(struct station *st, struct now now, struct problems *ps,
    struct schedule **ret)
{
	int r =
	    schedule_read(st->schedules, st->id, INT64_MIN, INT64_MAX, ps, ret);
	int ordered;

	if (r < 0)
		return r;
	r = check_rules(st, *ret, now, ps);
	ordered = check_ordered(st, *ret, now, ps);
	r = r < 0 ? r : ordered;
	if (r < 0)
		schedule_free(*ret);
	return r;
}

/* With its own problems only: another station's are not its affair. */
static int
load(
    struct station *st, struct now now, const char *person, struct problems *ps)
{
	struct schedule *fresh;
	bool first = st->schedule == NULL;
	int r = read_fresh(st, now, ps, &fresh);

	if (r < 0 || problems_count(ps) > 0)
		record_problems(
		    st, now, "reload", person, r < 0 ? "refused" : "done", ps);
	note_load(st, r < 0, ps);
	if (r < 0 && (!first || read_last_good(st, &fresh) < 0))
		return r;
	if (!first && strcmp(st->schedule->revision, fresh->revision) == 0) {
		schedule_free(fresh);
		return 0;
	}
	return take_schedule(st, now, person, fresh, r == 0);
}

/* In a folder of the station's weeks, and one for what they were. */
static int
put_week(const struct station *st, const struct station_week *week)
{
	char folder[4096];
	char name[WEEKFILE_NAME];
	struct disk *weeks = NULL;
	struct disk *kept = NULL;
	int r;

	if (snprintf(folder, sizeof(folder), "%s/%s", st->schedules, st->id) >=
	    (int)sizeof(folder))
		return -ENAMETOOLONG;
	r = disk_open(folder, &weeks);
	if (r == 0 && st->revisions != NULL)
		r = disk_open(st->revisions, &kept);
	if (r == 0)
		r = weekfile_put(weeks, kept, weekfile_name(week->monday, name),
		    week->text, week->n, week->base);
	disk_close(weeks);
	disk_close(kept);
	return r;
}

static int
read_with_week(const struct station *st, const struct station_week *week,
    struct problems *ps, struct schedule **ret)
{
	char file[WEEKFILE_NAME];
	char name[ID_MAX + WEEKFILE_NAME + 1];
	struct schedule_swap swap = { name, week->text, week->n };

	snprintf(name, sizeof(name), "%s/%s", st->id,
	    weekfile_name(week->monday, file));
	return schedule_read_with(
	    st->schedules, st->id, INT64_MIN, INT64_MAX, &swap, ps, ret);
}

int
station_install(struct station *st, struct now now, const char *person,
    const struct station_week *week, struct problems *ps)
{
	struct schedule *fresh = NULL;
	struct civil_text text;
	int r = read_with_week(st, week, ps, &fresh);

	if (r == 0)
		r = check_rules(st, fresh, now, ps);
	/* It is read with the timetable that lies there, which may be another
	 * than the one in force. */
	if (r == 0)
		r = check_ordered(st, fresh, now, ps);
	if (r == 0)
		r = put_week(st, week);
	if (r < 0 && problems_count(ps) == 0)
		problem_add(ps, civil_week_text(week->monday, &text), 0, "%s",
		    r == -EINVAL ? _("a day has more items than its record in "
				     "the log can hold; leave some out")
				 : strerror(-r));
	if (r < 0) {
		record_problems(st, now, "load", person, "refused", ps);
		schedule_free(fresh);
		return r;
	}
	books_op(st->up.books, st->id, now, "load", person, "done",
	    civil_week_text(week->monday, &text));
	note_load(st, false, ps);
	return take_schedule(st, now, person, fresh, true);
}

int
station_load(
    struct station *st, struct now now, const char *person, struct problems *ps)
{
	struct problems own = { 0 };
	int r = load(st, now, person, &own);

	for (size_t i = 0; i < own.n; i++)
		problem_add(ps, own.list[i].file, own.list[i].line, "%s",
		    own.list[i].text);
	problems_free(&own);
	return r;
}
