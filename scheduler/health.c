/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "scheduler/health.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PATH_PART 32 /* bytes of one name in a path */
#define TOLD_US US_PER_DAY /* how long the last interruption is told */

const char *
level_word(enum level l)
{
	static const char *const words[LEVELS] = { "ok", "note", "look",
		"broken" };

	return words[l];
}

const json_t *
health_at(const json_t *o, const char *path)
{
	const char *dot = strchr(path, '.');
	char part[PATH_PART];

	if (dot == NULL)
		return json_object_get(o, path);
	snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
	return health_at(json_object_get(o, part), dot + 1);
}

const char *
health_text(const json_t *o, const char *path)
{
	const char *text = json_string_value(health_at(o, path));

	return text == NULL ? "" : text;
}

static bool
is(const json_t *o, const char *path, const char *text)
{
	return strcmp(health_text(o, path), text) == 0;
}

static bool
says(const json_t *o, const char *path)
{
	return health_text(o, path)[0] != '\0';
}

static bool
is_false(const json_t *o, const char *path)
{
	return json_is_false(health_at(o, path));
}

static bool
is_true(const json_t *o, const char *path)
{
	return json_is_true(health_at(o, path));
}

/* The computer's own ----------------------------------------------------- */

/* The daemon has not run for long. */
static bool
is_fresh(const json_t *o)
{
	int64_t now_us, started_us;

	return civil_read_utc(health_text(o, "utc"), &now_us) == 0 &&
	       civil_read_utc(health_text(o, "started_utc"), &started_us) ==
		   0 &&
	       now_us - started_us < TOLD_US;
}

static bool
clock_unsure(const json_t *o)
{
	return is_true(o, "hold");
}

static bool
log_failing(const json_t *o)
{
	return says(o, "log.error");
}

/* The log still has its reserve. */
static bool
disk_low(const json_t *o)
{
	return is(o, "disk.ballast", "given") && !is(o, "disk.fault", "full");
}

static bool
log_damaged(const json_t *o)
{
	return json_integer_value(health_at(o, "disk.lost")) > 0;
}

static bool
site_invalid(const json_t *o)
{
	return is_false(o, "site.valid");
}

/* As it is after the installation. */
static bool
no_hours(const json_t *o)
{
	return is_true(o, "site.valid") && is_false(o, "site.hours");
}

static bool
no_station(const json_t *o)
{
	const json_t *stations = json_object_get(o, "stations");

	return json_is_array(stations) && json_array_size(stations) == 0;
}

static bool
site_refused(const json_t *o)
{
	return is_true(o, "site.valid") && says(o, "site.problem");
}

static bool
process_died(const json_t *o)
{
	return is(o, "boot.cause", "process_died") && is_fresh(o);
}

static bool
power_lost(const json_t *o)
{
	return is(o, "boot.cause", "power_lost") && is_fresh(o);
}

static bool
log_torn(const json_t *o)
{
	return says(o, "boot.torn") && is_fresh(o);
}

static bool
hook_failing(const json_t *o)
{
	return is_true(o, "hook.failing");
}

static bool
seal_failing(const json_t *o)
{
	return says(o, "seal.error");
}

static bool
metrics_failing(const json_t *o)
{
	return says(o, "metrics.error");
}

/* A station's ------------------------------------------------------------ */

static bool
no_schedule(const json_t *s)
{
	return is_false(s, "schedule.in_force");
}

static bool
schedule_refused(const json_t *s)
{
	return is_true(s, "schedule.in_force") &&
	       is_true(s, "schedule.refused");
}

static bool
schedule_rules(const json_t *s)
{
	return is_true(s, "schedule.in_force") &&
	       is_false(s, "schedule.refused") && says(s, "schedule.problem");
}

static bool
no_output(const json_t *s)
{
	return is_false(s, "output");
}

static bool
device_lost(const json_t *s)
{
	return is(s, "device", "lost");
}

static bool
muted(const json_t *s)
{
	return is_true(s, "sound.muted");
}

static bool
wrong_speed(const json_t *s)
{
	return json_integer_value(health_at(s, "sound.device_percent")) > 0;
}

static bool
amplifier_off(const json_t *s)
{
	return is(s, "amplifier.failing", "on");
}

static bool
amplifier_on(const json_t *s)
{
	return is(s, "amplifier.failing", "off");
}

static bool
underruns(const json_t *s)
{
	return json_integer_value(health_at(s, "sound.underruns")) > 0;
}

static bool
emergency(const json_t *s)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(s, "orders"), i, o)
	{
		if (is(o, "op", "emergency"))
			return true;
	}
	return false;
}

/* Of the coming hours. */
static bool
items_lacking(const json_t *s)
{
	return json_integer_value(health_at(s, "ahead.lacking")) > 0;
}

static bool
relay_lost(const json_t *s)
{
	return is_true(s, "relay.warn");
}

static bool
stopped(const json_t *s)
{
	return says(s, "stopped_until_utc");
}

/* Something of today did not go out, and no person had ordered so. */
static bool
lost_today(const json_t *s)
{
	static const char *const whole[] = { "cancelled", "disabled",
		"preempted" };
	static const char *const part[] = { "operator_stop", "preempted",
		"short", "rejoined" };
	json_t *all = json_deep_copy(health_at(s, "today.reasons"));
	json_t *not_aired = json_object_get(all, "not_aired");
	json_t *in_part = json_object_get(all, "aired_partial");
	bool lost;

	for (size_t i = 0; i < COUNT(whole); i++)
		json_object_del(not_aired, whole[i]);
	for (size_t i = 0; i < COUNT(part); i++)
		json_object_del(in_part, part[i]);
	lost = json_object_size(not_aired) + json_object_size(in_part) > 0;
	json_decref(all);
	return lost;
}

/* The worst first. `detail` is the path of what a person may want to read. */
static const struct row {
	const char *fault;
	enum level level;
	bool station;
	bool (*is_so)(const json_t *o);
	const char *effect;
	const char *detail;
} rows[] = {
	{ "site_invalid", LEVEL_BROKEN, false, site_invalid, "silent",
	    "site.problem" },
	{ "no_hours", LEVEL_BROKEN, false, no_hours, "silent", "" },
	{ "no_station", LEVEL_BROKEN, false, no_station, "silent", "" },
	{ "clock_unsure", LEVEL_BROKEN, false, clock_unsure, "silent", "" },
	{ "no_schedule", LEVEL_BROKEN, true, no_schedule, "silent",
	    "schedule.problem" },
	{ "no_output", LEVEL_BROKEN, true, no_output, "silent", "" },
	{ "device_lost", LEVEL_BROKEN, true, device_lost, "if_back",
	    "device_text" },
	{ "muted", LEVEL_BROKEN, true, muted, "unheard", "" },
	{ "amplifier_off", LEVEL_BROKEN, true, amplifier_off, "unheard",
	    "amplifier.error" },
	{ "wrong_speed", LEVEL_BROKEN, true, wrong_speed, "wrong", "" },
	{ "log_failing", LEVEL_BROKEN, false, log_failing, "late_record",
	    "log.error" },
	{ "log_damaged", LEVEL_BROKEN, false, log_damaged, "airs",
	    "disk.lost_file" },
	{ "disk_low", LEVEL_LOOK, false, disk_low, "airs", "" },
	{ "stopped", LEVEL_LOOK, true, stopped, "silent", "stopped_until_utc" },
	{ "relay_lost", LEVEL_LOOK, true, relay_lost, "if_signal",
	    "relay.text" },
	{ "items_lacking", LEVEL_LOOK, true, items_lacking, "as_ready", "" },
	{ "lost_today", LEVEL_LOOK, true, lost_today, "airs", "" },
	{ "amplifier_on", LEVEL_LOOK, true, amplifier_on, "airs",
	    "amplifier.error" },
	{ "underruns", LEVEL_LOOK, true, underruns, "breaks", "" },
	{ "schedule_refused", LEVEL_LOOK, true, schedule_refused, "airs",
	    "schedule.problem" },
	{ "schedule_rules", LEVEL_LOOK, true, schedule_rules, "judged",
	    "schedule.problem" },
	{ "hook_failing", LEVEL_LOOK, false, hook_failing, "airs",
	    "hook.error" },
	{ "seal_failing", LEVEL_LOOK, false, seal_failing, "airs",
	    "seal.error" },
	{ "site_refused", LEVEL_LOOK, false, site_refused, "airs",
	    "site.problem" },
	{ "process_died", LEVEL_LOOK, false, process_died, "airs", "" },
	{ "emergency", LEVEL_NOTE, true, emergency, "preempted", "" },
	{ "power_lost", LEVEL_NOTE, false, power_lost, "airs", "" },
	{ "log_torn", LEVEL_NOTE, false, log_torn, "airs", "boot.torn" },
	{ "metrics_failing", LEVEL_NOTE, false, metrics_failing, "airs",
	    "metrics.error" },
};

struct fault {
	const struct row *row;
	char station[ID_MAX + 1];
	int64_t since_boot_us;
};

struct faults {
	struct fault *list;
	size_t n;
};

struct health {
	struct faults last;
};

struct health *
health_new(void)
{
	return calloc(1, sizeof(struct health));
}

struct health *
health_free(struct health *h)
{
	if (h != NULL)
		free(h->last.list);
	free(h);
	return NULL;
}

static const struct fault *
find(const struct faults *f, const struct row *row, const char *station)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].row == row &&
		    strcmp(f->list[i].station, station) == 0)
			return &f->list[i];
	return NULL;
}

struct judging {
	struct health *h;
	struct now now;
	struct faults fresh;
	json_t *list;
	enum level worst;
	bool changed;
};

static void
keep(struct judging *j, const struct fault *f)
{
	struct fault *grown =
	    realloc(j->fresh.list, (j->fresh.n + 1) * sizeof(struct fault));

	if (grown == NULL)
		return;
	j->fresh.list = grown;
	j->fresh.list[j->fresh.n++] = *f;
}

static void
judge_one(struct judging *j, const struct row *row, const json_t *o,
    const char *station)
{
	const struct fault *before;
	struct fault f = { .row = row, .since_boot_us = j->now.boot_us };
	struct civil_text since;

	if (!row->is_so(o))
		return;
	snprintf(f.station, sizeof(f.station), "%s", station);
	before = find(&j->h->last, row, f.station);
	if (before != NULL)
		f.since_boot_us = before->since_boot_us;
	else
		j->changed = true;
	keep(j, &f);
	j->worst = row->level > j->worst ? row->level : j->worst;
	json_array_append_new(j->list,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "fault", row->fault,
		"station", f.station, "level", level_word(row->level),
		"since_utc",
		civil_utc_text(now_wall_at(j->now, f.since_boot_us), &since),
		"effect", row->effect, "detail",
		row->detail[0] == '\0' ? "" : health_text(o, row->detail)));
}

bool
health_judge(struct health *h, struct now now, json_t *answer)
{
	const json_t *stations = json_object_get(answer, "stations");
	struct judging j = { .h = h, .now = now, .list = json_array() };
	const json_t *s;
	size_t k;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!rows[i].station)
			judge_one(&j, &rows[i], answer, "");
		else
			json_array_foreach(stations, k, s)
			{
				judge_one(
				    &j, &rows[i], s, health_text(s, "station"));
			}
	}
	j.changed = j.changed || j.fresh.n != h->last.n;
	free(h->last.list);
	h->last = j.fresh;
	json_object_set_new(answer, "verdict",
	    json_string(
		level_word(j.worst == LEVEL_NOTE ? LEVEL_OK : j.worst)));
	json_object_set_new(answer, "faults", j.list);
	return j.changed;
}
