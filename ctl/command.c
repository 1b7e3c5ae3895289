/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/rights.h"
#include "base/words.h"
#include "ctl/command.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "evidence/asrun.h"
#include "evidence/people.h"
#include "ctl/say.h"
#include "scheduler/schedule.h"

#define EVER 100000 /* days: longer than any log, until 2243 */

const struct command *
command_find(const struct command *commands, size_t n, const char *word,
    char *list, size_t size)
{
	const struct command *found = NULL;
	size_t len = strlen(word);
	size_t used = 0;
	int hits = 0;

	list[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
		if (len == 0 || strncmp(commands[i].name, word, len) != 0)
			continue;
		found = &commands[i];
		hits++;
		if (used < size)
			used += (size_t)snprintf(list + used, size - used,
			    "%s%s", hits > 1 ? ", " : "", commands[i].name);
	}
	return hits == 1 ? found : NULL;
}

int
command_root(int *argc, char **argv, const char **ret_root)
{
	const char *root = NULL;
	bool options = true;
	int out = 1;

	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			options = false;
		if (options && strncmp(argv[i], "--root=", 7) == 0) {
			root = argv[i] + 7;
		} else if (options && strcmp(argv[i], "--root") == 0) {
			if (i + 1 >= *argc)
				return -EINVAL;
			root = argv[++i];
		} else {
			argv[out++] = argv[i];
		}
	}
	if (root != NULL && root[0] == '\0')
		return -EINVAL;
	*argc = *argc < 1 ? *argc : out;
	argv[*argc] = NULL;
	*ret_root = root;
	return 0;
}

int
command_misused(const char *command, const char *text)
{
	say_error(
	    _("%s: %s; `loaxa help %s` shows how"), command, text, command);
	return EX_USAGE;
}

int
command_args(const struct arg *args, size_t n, int *argc, char **argv)
{
	char wrong[512];

	if (args_read(args, n, argc, argv, wrong, sizeof(wrong)) < 0)
		return command_misused(argv[0], wrong);
	return 0;
}

int
command_office(const struct ctl *ctl, struct office *ret_office)
{
	int r = office_open(&ctl->root, ret_office);

	if (r == 0)
		return 0;
	say_error("%s: %s", ctl->root.log, say_errno(r));
	office_close(ret_office);
	return say_exit(r);
}

int
command_office_warned(const struct ctl *ctl, struct office *ret_office)
{
	int r = command_office(ctl, ret_office);
	char line[1024];

	for (size_t i = 0; r == 0 && i < ret_office->problems.n; i++)
		say_error("%s", problem_text(&ret_office->problems.list[i],
				    line, sizeof(line)));
	if (r == 0 && ret_office->problems.n > 0)
		say_error("%s", _("until this is repaired, no hours are "
				  "allowed and nothing airs"));
	return r;
}

struct roll { /* of the stations */
	const char *wanted;
	bool found;
	char names[512]; /* with commas; cut off where there are very many */
};

static int
call_station(void *arg, const char *station)
{
	struct roll *roll = arg;
	size_t used = strlen(roll->names);

	snprintf(roll->names + used, sizeof(roll->names) - used, "%s%s",
	    used > 0 ? ", " : "", station);
	roll->found = roll->found || strcmp(station, roll->wanted) == 0;
	return 0;
}

int
command_no_station(const struct ctl *ctl, const char *station)
{
	struct roll roll = { .wanted = station };

	schedule_stations(ctl->root.schedules, call_station, &roll);
	if (roll.names[0] == '\0')
		say_error(_("there is no station \"%s\" here, and no other; "
			    "write schedules/NAME.cfg"),
		    station);
	else
		say_error(_("there is no station \"%s\" here; there is: %s"),
		    station, roll.names);
	return EX_NOINPUT;
}

int
command_logged_station(
    const struct ctl *ctl, struct disk *disk, const char *station)
{
	struct roll roll = { .wanted = station };
	struct asrun *a;
	bool known;

	schedule_stations(ctl->root.schedules, call_station, &roll);
	if (roll.found || station[0] == '\0')
		return 0;
	/* What cannot be read is complained of by who reads it next. */
	if (asrun_read(disk, station, NULL, 0, EVER, &a) < 0)
		return 0;
	known = json_array_size(a->rows) > 0;
	asrun_free(a);
	return known ? 0 : command_no_station(ctl, station);
}

int
command_station(const struct ctl *ctl, const char *station)
{
	struct roll roll = { .wanted = station };

	if (station == NULL)
		return 0;
	schedule_stations(ctl->root.schedules, call_station, &roll);
	return roll.found ? 0 : command_no_station(ctl, station);
}

int
command_no_person(int r, const char *who)
{
	if (r == -ENOTUNIQ)
		say_error(_("\"%s\" is more than one person; give the id that "
			    "`loaxa person list` shows"),
		    who);
	else if (r == -EKEYEXPIRED)
		say_error(_("\"%s\" holds no office now; `loaxa person office` "
			    "enters a new one"),
		    who);
	else
		say_error(
		    _("\"%s\" is not registered; `loaxa person list` shows "
		      "who is, by their full names; `loaxa person add "
		      "--office TITLE NAME` enters somebody, once"),
		    who);
	return EX_NOUSER;
}

static int
check_roles(const char *command, const struct person *who)
{
	int needs = rights_needed(command);
	unsigned may = 0;

	rights_of_roles(who->roles, &may);
	if (needs < 0 || (may & 1u << needs) != 0)
		return 0;
	say_error(
	    _("%s may not order this in the role \"%s\"; the right \"%s\" "
	      "is needed"),
	    who->name, who->roles, rights_word((enum right)needs));
	return EX_NOPERM;
}

void
command_libexec(char libexec[static PATH_MAX])
{
	const char *set = getenv("LOAXA_LIBEXEC");
	char worker[PATH_MAX + 16];
	char *slash;
	ssize_t n;

	if (set != NULL && set[0] != '\0' && strlen(set) < PATH_MAX) {
		memcpy(libexec, set, strlen(set) + 1);
		return;
	}
	n = readlink("/proc/self/exe", libexec, PATH_MAX - 1);
	libexec[n > 0 ? n : 0] = '\0';
	slash = strrchr(libexec, '/');
	if (slash != NULL)
		*slash = '\0';
	snprintf(worker, sizeof(worker), "%s/loaxa-source", libexec);
	if (access(worker, X_OK) < 0)
		snprintf(libexec, PATH_MAX, "%s", LOAXA_LIBEXEC);
}

int
command_become(const char *program, const char *const *words, size_t n)
{
	char *argv[16] = { NULL };
	char libexec[PATH_MAX];
	char path[PATH_MAX + 64];

	command_libexec(libexec);
	snprintf(path, sizeof(path), "%s/%s", libexec, program);
	argv[0] = path;
	for (size_t i = 0; i < n && i < 12; i++)
		argv[i + 1] = (char *)words[i];
	fflush(stdout);
	execv(path, argv);
	say_error("%s: %s", path, say_errno(-errno));
	return EX_UNAVAILABLE;
}

int
command_person(const struct ctl *ctl, const char *command, const char *who,
    struct people **ret_people, struct person *ret_person)
{
	struct people *people;
	int r;

	if (who == NULL)
		return command_misused(
		    command, _("--by NAME says who orders it"));
	r = people_read(ctl->root.people, &people);
	if (r < 0) {
		say_error("%s: %s", ctl->root.people, say_errno(r));
		return say_exit(r);
	}
	r = people_find(people, who, clock_read().wall_us, ret_person);
	if (r == 0 && !ret_person->holds)
		r = command_no_person(-EKEYEXPIRED, ret_person->name);
	else if (r < 0)
		r = command_no_person(r, who);
	else
		r = check_roles(command, ret_person);
	if (r == 0)
		*ret_people = people;
	else
		people_free(people);
	return r;
}

int
command_post(const struct ctl *ctl, struct post **ret_post)
{
	int r = post_open(&ctl->root, ret_post);

	if (r == 0)
		return 0;
	say_error(_("the airing log %s cannot be written: %s"), ctl->root.log,
	    say_errno(r));
	return say_exit(r);
}

int
command_room(const char *where, int64_t wanted_mb)
{
	int64_t room = disk_room(where);

	/* What cannot be looked at is told by who writes to it. */
	if (room < 0 || room >= wanted_mb << 20)
		return 0;
	say_error(_("the disk is nearly full (%lld MB left), and that is kept "
		    "for the airing log: delete or move away what is not "
		    "needed, then try again"),
	    (long long)(room >> 20));
	return say_exit(-ENOSPC);
}

int
command_not_posted(const struct post *p, int r)
{
	const char *why = post_refusal(p);

	if (why[0] != '\0')
		say_error(_("loaxad did not take the record: %s"), _(why));
	else
		say_error(_("the record did not get into the airing log: %s"),
		    say_errno(r));
	return r == -EREMOTEIO ? EX_UNAVAILABLE : say_exit(r);
}

void
command_zone(const struct ctl *ctl)
{
	struct problems ps = { 0 };
	struct site *site;

	if (site_read(ctl->root.conf, &ps, &site) < 0)
		site = site_nothing();
	problems_free(&ps);
	if (site == NULL || civil_zone(site->zone) < 0)
		civil_zone("Asia/Ho_Chi_Minh");
	site_free(site);
}

int
command_done(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	say_error(_("the output could not be written: %s"),
	    say_errno(errno == 0 ? -EIO : -errno));
	return EX_IOERR;
}

int
command_json(json_t *j)
{
	if (j == NULL) {
		say_error("%s", say_errno(-ENOMEM));
		return EX_OSERR;
	}
	if (json_dumpf(j, stdout,
		JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) == 0)
		putchar('\n');
	json_decref(j);
	return command_done(EX_OK);
}
