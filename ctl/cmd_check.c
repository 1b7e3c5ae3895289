/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa check: the site's file and every schedule, read and judged as the
 * daemon will, before it does; or by another profile, which changes nothing.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/gain.h"
#include "ctl/need.h"
#include "ctl/office.h"
#include "ctl/say.h"
#include "ctl/verdict.h"
#include "scheduler/ordered.h"
#include "scheduler/revision.h"
#include "scheduler/sets.h"

#define CHECK_DAYS 35 /* five weeks: every fortnight, twice over */
#define MISSING_DAYS 7 /* what is still to be made is nobody's news */

struct inspection {
	struct office office;
	const struct root *root;
	int64_t today;
	struct problems problems;
	struct problems missing;
	struct problems programs; /* of the site's file that cannot be run */
	const char *station; /* the one looked at; borrowed */
	struct problems faint; /* items that stay below the others */
	int64_t from_day;
	int64_t to_day;
	int64_t missing_day; /* the last one looked at for missing items */
	int64_t missing_us; /* what has ended by then cannot be mended */
	size_t n_stations;
	size_t n_slots;
	bool profiled; /* judged by another profile than the site's */
	bool json;
	json_t *verdicts; /* a list a station, for --json */
};

/* A week's sessions, one by one, and nothing about items. */
static int
check_profile(struct inspection *in, const struct schedule *s)
{
	const struct profile *rules = &in->office.site->rules;
	struct verdict_count count;
	struct plan *p;
	int r = plan_make(s, in->from_day, in->to_day, &p);

	if (r < 0)
		return r;
	in->n_slots += p->n;
	rules_check(p, in->office.site, &in->problems);
	if (in->json) {
		json_object_set_new(
		    in->verdicts, s->station, verdict_json(p, rules));
	} else {
		struct civil_text week;

		printf(_("%s (%s), week %s, by the profile \"%s\":\n"), s->name,
		    s->station, civil_week_text(in->from_day, &week),
		    rules->title[0] != '\0' ? rules->title : rules->id);
		r = verdict_print(p, rules, stdout, &count);
	}
	plan_free(p);
	return r;
}

/* Whole weeks: a part may have its slot on any day of them. */
static int
check_sets(struct inspection *in, const struct schedule *s)
{
	int64_t monday = in->from_day - civil_weekday(in->from_day);
	struct plan *weeks;
	int r = plan_make(s, monday,
	    in->missing_day + WEEKDAYS - 1 - civil_weekday(in->missing_day),
	    &weeks);

	if (r < 0)
		return r;
	sets_check(weeks, &in->missing);
	plan_free(weeks);
	return 0;
}

static bool
is_told(const struct problems *ps, const char *text)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->list[i].text, text) == 0)
			return true;
	return false;
}

/* Items that no gain brings to the loudness of the others, once each. */
static void
check_gain(struct inspection *in, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->slots[i].n_items; k++) {
			const char *id = p->slots[i].items[k];
			struct item *it = NULL;
			struct gain_text why;
			char text[500];

			if (item_read(in->office.items, id, &it) < 0)
				continue;
			if (gain_short(in->office.site, it, in->station,
				&why) != NULL) {
				snprintf(
				    text, sizeof(text), "%s: %s", id, why.s);
				if (!is_told(&in->faint, text))
					problem_add(&in->faint,
					    p->slots[i].file, p->slots[i].line,
					    "%s", text);
			}
			item_free(it);
		}
}

static int
check_plan(struct inspection *in, const struct schedule *s)
{
	struct plan *all;
	struct plan *near;
	int r;

	r = plan_make(s, in->from_day, in->to_day, &all);
	if (r < 0)
		return r;
	in->office.look.from_us = in->missing_us;
	r = plan_make(s, in->from_day, in->missing_day, &near);
	if (r == 0) {
		in->n_slots += all->n;
		rules_check(all, in->office.site, &in->problems);
		rules_missing(near, &in->office.look, &in->missing);
		rules_fallback(
		    near, in->office.site, &in->office.look, &in->missing);
		rules_gap_filler(s, &in->office.look, &in->missing);
		in->station = s->station;
		check_gain(in, near);
		plan_free(near);
	}
	plan_free(all);
	return r == 0 ? check_sets(in, s) : r;
}

/* No problem of the schedule, but a reason why nothing of it airs. */
static void
check_output(
    struct inspection *in, const struct schedule *s, const char *station)
{
	if (in->office.problems.n == 0 &&
	    site_output(in->office.site, station) == NULL)
		problem_add(&in->missing, s->files[0].name, 0,
		    _("etc/loaxa.conf names no output for the station; "
		      "nothing of it will sound"));
}

/* Not access(): the daemon runs it as another user than the one who asks. */
static void
check_program(
    struct inspection *in, const char *key, char *const *command, int line)
{
	const char *name = command[0];
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s%s",
	    name[0] == '/' ? "" : in->root->top, name[0] == '/' ? "" : "/",
	    name);
	if (stat(path, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			problem_add(&in->programs, in->root->conf, line,
			    _("%s: there is no program %s; put it there, or "
			      "correct its path"),
			    key, path);
	} else if (!S_ISREG(st.st_mode)) {
		problem_add(&in->programs, in->root->conf, line,
		    _("%s: %s is no program; name one"), key, path);
	} else if ((st.st_mode & 0111) == 0) {
		problem_add(&in->programs, in->root->conf, line,
		    _("%s: %s may not be executed; run: chmod 755 %s"), key,
		    path, path);
	}
}

/* What the daemon runs: the administrator's own, and what relays take. */
static void
check_programs(struct inspection *in)
{
	const struct site *s = in->office.site;

	for (size_t i = 0; i < s->n_outputs; i++) {
		const struct site_amplifier *a = &s->outputs[i].amplifier;

		if (a->n_before > 0)
			check_program(
			    in, "amplifier, before", a->before, a->before_line);
		if (a->n_after > 0)
			check_program(
			    in, "amplifier, after", a->after, a->after_line);
	}
	if (s->on_event.n_command > 0)
		check_program(in, "on_event, command", s->on_event.command,
		    s->on_event.command_line);
	need_check(s, need_has, in->root->conf, &in->programs);
}

/* As the daemon will: against the last schedule that it accepted. */
static int
check_ordered(
    struct inspection *in, const char *station, const struct schedule *s)
{
	struct problems quiet = { 0 };
	struct schedule *last;
	char folder[4096];
	char path[4096];
	int r;

	snprintf(folder, sizeof(folder), "%s/revisions", in->root->var);
	r = revision_last(folder, station, path, sizeof(path));
	if (r == 0)
		r = schedule_read(
		    path, station, INT64_MIN, INT64_MAX, &quiet, &last);
	problems_free(&quiet);
	if (r < 0) /* none yet: nothing is in force */
		return r == -ENOMEM ? r : 0;
	r = ordered_check(last, s, in->today, &in->problems);
	schedule_free(last);
	return r < 0 ? r : 0;
}

/* Problems of meaning land in the list; only no memory is an error. */
static int
check_station(struct inspection *in, const char *folder, const char *station)
{
	struct schedule *s;
	int r;

	in->n_stations++;
	r = schedule_read(
	    folder, station, INT64_MIN, INT64_MAX, &in->problems, &s);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return 0;
	if (!in->profiled)
		check_output(in, s, station);
	r = in->profiled ? check_profile(in, s) : check_plan(in, s);
	if (r == 0)
		r = check_ordered(in, station, s);
	schedule_free(s);
	return r;
}

/* Cuts ".cfg" off; false when it does not end so. */
static bool
cut_suffix(char *name)
{
	size_t n = strlen(name);

	if (n < 5 || strcmp(name + n - 4, ".cfg") != 0)
		return false;
	name[n - 4] = '\0';
	return true;
}

/* Cuts the last name off a path and returns it; "." is left when there is
 * nothing before it. */
static char *
cut_name(char *path, const char **ret_folder)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL) {
		*ret_folder = ".";
		return path;
	}
	*slash = '\0';
	*ret_folder = slash == path ? "/" : path;
	return slash + 1;
}

/*
 * FOLDER/STATION.cfg, or one of its weeks FOLDER/STATION/2026-W48.cfg, which
 * means nothing without its timetable: both check the station.
 */
static int
check_file(struct inspection *in, const char *file)
{
	const char *folder;
	char *path = strdup(file);
	char *name;
	int year;
	int week;
	int r = 0;

	if (path == NULL)
		return -ENOMEM;
	name = cut_name(path, &folder);
	if (!cut_suffix(name))
		problem_add(&in->problems, file, 0,
		    _("a schedule's file name ends in .cfg; rename it"));
	else if (civil_read_week(name, &year, &week) == 0 &&
		 strcmp(folder, ".") == 0)
		problem_add(&in->problems, file, 0,
		    _("write the week's file with its station's folder, as "
		      "STATION/%s.cfg"),
		    name);
	else if (civil_read_week(name, &year, &week) == 0) {
		name = cut_name((char *)folder, &folder);
		r = check_station(in, folder, name);
	} else
		r = check_station(in, folder, name);
	free(path);
	return r;
}

static void
print_problems(struct problems *ps)
{
	char line[4096];

	problems_sort(ps);
	for (size_t i = 0; i < ps->n; i++)
		printf("%s\n", problem_text(&ps->list[i], line, sizeof(line)));
	if (ps->hidden > 0)
		printf(_("and %zu more\n"), ps->hidden);
}

static json_t *
problems_json(struct problems *ps)
{
	json_t *list = json_array();

	problems_sort(ps);
	for (size_t i = 0; i < ps->n; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:i,s:s}", "file", ps->list[i].file, "line",
			ps->list[i].line, "text", ps->list[i].text));
	return list;
}

static void
print_missing(struct inspection *in)
{
	struct civil_text from;
	struct civil_text to;

	if (problems_count(&in->missing) == 0)
		return;
	printf(_("Will not air as it stands, %s to %s:\n"),
	    say_date(in->from_day, &from), say_date(in->missing_day, &to));
	print_problems(&in->missing);
}

static int
print_result(struct inspection *in)
{
	size_t bad = problems_count(&in->problems);
	size_t idle = problems_count(&in->programs);
	int code = bad + idle > 0 ? EX_DATAERR : EX_OK;
	struct civil_text to;
	int r;

	if (in->json) {
		r = command_json(json_pack("{s:o,s:o,s:o,s:o,s:O*}", "problems",
		    problems_json(&in->problems), "programs",
		    problems_json(&in->programs), "missing",
		    problems_json(&in->missing), "faint",
		    problems_json(&in->faint), "sessions", in->verdicts));
		return r != EX_OK ? r : code;
	}
	print_problems(&in->problems);
	print_missing(in);
	if (problems_count(&in->faint) > 0) {
		printf("%s\n", _("Airs fainter than the rest:"));
		print_problems(&in->faint);
	}
	if (idle > 0) {
		printf("%s\n", _("Cannot be run as it stands:"));
		print_problems(&in->programs);
	}
	if (bad == 0 && idle > 0)
		printf(_("Problems: %zu, with programs that the station "
			 "runs. The schedule holds, but these are not run.\n"),
		    idle);
	else if (bad == 0)
		printf(_("No problems. Stations: %zu; slots until %s: %zu.\n"),
		    in->n_stations, say_date(in->to_day, &to), in->n_slots);
	else if (in->profiled)
		printf(_("Problems: %zu, by that profile. Nothing was "
			 "changed.\n"),
		    bad);
	else
		printf(_("Problems: %zu. Nothing of this goes on the air "
			 "before they are repaired.\n"),
		    bad);
	return command_done(code);
}

static void
choose_days(struct inspection *in, int64_t monday)
{
	int64_t now_us = clock_read().wall_us;
	int64_t today;
	int second;

	civil_from_us(now_us, &today, &second);
	in->today = today;
	if (monday == INT64_MIN && in->profiled)
		monday = today - civil_weekday(today);
	if (monday != INT64_MIN) {
		in->from_day = monday;
		in->to_day = monday + WEEKDAYS - 1;
		in->missing_day = in->to_day;
		return;
	}
	in->missing_us = now_us;
	in->from_day = today;
	in->to_day = in->from_day + CHECK_DAYS - 1;
	in->missing_day = in->from_day + MISSING_DAYS - 1;
}

static int
check_all(struct inspection *in, const struct root *root, const char *only)
{
	struct stations st = { 0 };
	int r = stations_list(root, only, &st);

	if (r == -ENOENT) {
		problem_add(&in->problems, root->schedules, 0,
		    _("there is no schedule; write one as STATION.cfg"));
		return 0;
	}
	for (size_t i = 0; r == 0 && i < st.n; i++)
		r = check_station(in, root->schedules, st.ids[i]);
	stations_free(&st);
	return r;
}

/* Everything, or the files named; a negative errno is said already. */
static int
inspect(struct inspection *in, const struct root *root, const char *station,
    int n_files, char **files)
{
	int r = 0;

	if (n_files == 0)
		r = check_all(in, root, station);
	for (int i = 0; r == 0 && i < n_files; i++) {
		if (access(files[i], R_OK) < 0) {
			r = -errno;
			say_error("%s: %s", files[i], say_errno(r));
			return r;
		}
		r = check_file(in, files[i]);
	}
	for (size_t i = 0; i < in->office.problems.n; i++) {
		const struct problem *p = &in->office.problems.list[i];

		problem_add(&in->problems, p->file, p->line, "%s", p->text);
	}
	if (!in->profiled && n_files == 0)
		check_programs(in);
	if (r < 0)
		say_error("%s", say_errno(r));
	return r;
}

/* A file by its path, else a name of etc/profiles/. */
static int
read_profile(const struct root *root, const char *wanted, struct problems *ps,
    struct profile *p)
{
	const char *dot = strrchr(wanted, '.');
	const char *slash = strrchr(root->conf, '/');
	char *folder;
	int r;

	if (strchr(wanted, '/') != NULL ||
	    (dot != NULL && strcmp(dot, ".conf") == 0))
		return profile_read_file(wanted, ps, p);
	if (asprintf(&folder, "%.*sprofiles",
		slash == NULL ? 0 : (int)(slash - root->conf) + 1,
		root->conf) < 0)
		return -ENOMEM;
	r = profile_read(folder, wanted, ps, p);
	free(folder);
	return r;
}

/* The profile in place of the site's rules; where it says no hours, the
 * site's hold. */
static int
use_profile(struct inspection *in, const struct root *root, const char *wanted)
{
	struct profile *rules = &in->office.site->rules;
	struct problems ps = { 0 };
	struct profile p;
	char line[2048];
	int r = profile_init(&p);

	if (r == 0)
		r = read_profile(root, wanted, &ps, &p);
	for (size_t i = 0; i < ps.n; i++)
		say_error("%s", problem_text(&ps.list[i], line, sizeof(line)));
	problems_free(&ps);
	if (r < 0) {
		profile_clear(&p);
		return r == -EINVAL ? EX_DATAERR : say_exit(r);
	}
	if (!p.has_hours) {
		free(p.hours);
		p.hours = rules->hours;
		p.n_hours = rules->n_hours;
		rules->hours = NULL;
		rules->n_hours = 0;
	}
	if (p.title[0] == '\0' && p.id[0] == '\0') {
		free(p.title);
		p.title = strdup(wanted);
	}
	profile_clear(rules);
	*rules = p;
	in->profiled = true;
	return p.title == NULL ? EX_OSERR : EX_OK;
}

int
cmd_check(struct ctl *ctl, int argc, char **argv)
{
	struct inspection in = { .root = &ctl->root };
	const char *station = NULL;
	const char *profile = NULL;
	int64_t monday = INT64_MIN;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "week", ARG_WEEK, &monday }, { "json", ARG_FLAG, &in.json },
		{ "profile", ARG_TEXT, &profile } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc == 1 && root_is_restoring(&ctl->root))
		problem_add(&in.problems, ctl->root.var, 0, "%s",
		    _("a restore was interrupted half way: parts of two "
		      "stations lie here; run it again: loaxa restore "
		      "--replace FILE"));
	r = argc > 1 ? 0 : command_station(ctl, station);
	if (r == 0)
		r = command_office(ctl, &in.office);
	if (r != 0)
		return r;
	if (profile != NULL)
		r = use_profile(&in, &ctl->root, profile);
	if (r == 0) {
		choose_days(&in, monday);
		in.verdicts = in.profiled && in.json ? json_object() : NULL;
		r = inspect(&in, &ctl->root, station, argc - 1, argv + 1);
		r = r < 0 ? say_exit(r) : print_result(&in);
	}
	json_decref(in.verdicts);
	problems_free(&in.problems);
	problems_free(&in.missing);
	problems_free(&in.programs);
	problems_free(&in.faint);
	office_close(&in.office);
	return r;
}
