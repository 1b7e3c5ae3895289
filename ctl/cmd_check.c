/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa check: the site's file and every schedule, read and judged as the
 * daemon will, before it does.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/say.h"

#define CHECK_DAYS 35 /* five weeks: every fortnight, twice over */
#define MISSING_DAYS 7 /* what is still to be made is nobody's news */

struct inspection {
	struct office office;
	struct problems problems;
	struct problems missing;
	int64_t from_day;
	int64_t to_day;
	int64_t missing_day; /* the last one looked at for missing items */
	size_t n_stations;
	size_t n_slots;
};

static int
check_plan(struct inspection *in, const struct schedule *s)
{
	struct plan *all;
	struct plan *near;
	int r;

	r = plan_make(s, in->from_day, in->to_day, &all);
	if (r < 0)
		return r;
	r = plan_make(s, in->from_day, in->missing_day, &near);
	if (r == 0) {
		in->n_slots += all->n;
		rules_check(all, in->office.site, &in->problems);
		rules_missing(near, &in->office.look, &in->missing);
		plan_free(near);
	}
	plan_free(all);
	return r;
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
	r = check_plan(in, s);
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
print_result(struct inspection *in, bool json)
{
	size_t bad = problems_count(&in->problems);
	int code = bad > 0 ? EX_DATAERR : EX_OK;
	struct civil_text to;
	int r;

	if (json) {
		r = command_json(json_pack("{s:o,s:o}", "problems",
		    problems_json(&in->problems), "missing",
		    problems_json(&in->missing)));
		return r != EX_OK ? r : code;
	}
	print_problems(&in->problems);
	print_missing(in);
	if (bad == 0)
		printf(_("No problems. Stations: %zu; slots until %s: %zu.\n"),
		    in->n_stations, say_date(in->to_day, &to), in->n_slots);
	else
		printf(_("Problems: %zu. Nothing of this goes on the air "
			 "before they are repaired.\n"),
		    bad);
	return command_done(code);
}

static void
choose_days(struct inspection *in, int64_t monday)
{
	int second;

	if (monday != INT64_MIN) {
		in->from_day = monday;
		in->to_day = monday + WEEKDAYS - 1;
		in->missing_day = in->to_day;
		return;
	}
	civil_from_us(clock_read().wall_us, &in->from_day, &second);
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
	if (r < 0)
		say_error("%s", say_errno(r));
	return r;
}

int
cmd_check(struct ctl *ctl, int argc, char **argv)
{
	struct inspection in = { 0 };
	const char *station = NULL;
	int64_t monday = INT64_MIN;
	bool json = false;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "week", ARG_WEEK, &monday }, { "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	r = command_office(ctl, &in.office);
	if (r != 0)
		return r;
	choose_days(&in, monday);
	r = inspect(&in, &ctl->root, station, argc - 1, argv + 1);
	r = r < 0 ? say_exit(r) : print_result(&in, json);
	problems_free(&in.problems);
	problems_free(&in.missing);
	office_close(&in.office);
	return r;
}
