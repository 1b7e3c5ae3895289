/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa person: the people whose names stand behind approvals and orders.
 * The log keeps only their ids; this is where an id gets its name.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/people.h"

static int
draw(void *bytes, size_t n)
{
	ssize_t got = getrandom(bytes, n, 0);

	if (got < 0)
		return -errno;
	return (size_t)got == n ? 0 : -EIO;
}

static int
enter(struct people *people, const char *name, const char *office)
{
	char id[PERSON_ID];
	int r = people_add(people, name, office, clock_read(), draw, id);

	if (r == -EINVAL)
		return command_misused("person",
		    _("a name and an office are text of at most 200 bytes"));
	if (r < 0 && r != -EEXIST) {
		say_error(
		    _("the person could not be registered: %s"), say_errno(r));
		return say_exit(r);
	}
	if (r == -EEXIST)
		printf(_("%s was registered before.\n"), id);
	else
		printf(_("%s is registered. The log will show this id; the "
			 "name stays in this station's own file.\n"),
		    id);
	return command_done(EX_OK);
}

static int
person_add(struct ctl *ctl, int argc, char **argv)
{
	const char *office = NULL;
	const struct arg args[] = { { "office", ARG_TEXT, &office } };
	struct people *people;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2 || office == NULL || office[0] == '\0')
		return command_misused("person",
		    _("write the name, in quotes, and --office TITLE"));
	if (mkdir(ctl->root.var, 0750) < 0 && errno != EEXIST) {
		r = -errno;
		say_error("%s: %s", ctl->root.var, say_errno(r));
		return say_exit(r);
	}
	r = people_read(ctl->root.people, &people);
	if (r < 0) {
		say_error("%s: %s", ctl->root.people, say_errno(r));
		return say_exit(r);
	}
	r = enter(people, argv[1], office);
	people_free(people);
	return r;
}

/* Where person_list() collects: one of the two is set. */
struct roll {
	struct table *table;
	json_t *json;
};

static int
list_one(void *arg, const struct person *p)
{
	struct roll *roll = arg;
	struct civil_text from;
	struct civil_text until = { "" };
	int64_t us;

	if (roll->json != NULL)
		return json_array_append_new(roll->json,
			   json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", p->id,
			       "name", p->name, "office", p->office, "from",
			       p->from, "until", p->until)) < 0
			   ? -ENOMEM
			   : 0;
	snprintf(from.s, sizeof(from.s), "%.40s", p->from);
	if (civil_read_utc(p->from, &us) == 0)
		say_instant(us, &from);
	if (civil_read_utc(p->until, &us) == 0)
		say_instant(us, &until);
	return table_row(roll->table, (const char *const[]){ p->id, p->name,
					  p->office, from.s, until.s });
}

static int
print_roll(const struct people *people, bool json)
{
	const struct column columns[] = { { _("ID"), 0 },
		{ _("NAME"), COLUMN_ELASTIC }, { _("OFFICE"), COLUMN_ELASTIC },
		{ _("FROM"), 0 }, { _("UNTIL"), 0 } };
	struct roll roll = { .json = json ? json_array() : NULL };
	int r = -ENOMEM;

	if (!json)
		roll.table = table_new(columns, COUNT(columns));
	if (roll.json != NULL || roll.table != NULL)
		r = people_each(people, list_one, &roll);
	if (r < 0)
		say_error("%s", say_errno(r));
	else if (json)
		r = command_json(json_incref(roll.json));
	else if (table_rows(roll.table) > 0)
		table_print(roll.table, stdout, table_width(stdout));
	else
		printf("%s\n", _("Nobody is registered yet; `loaxa person add "
				 "--office TITLE NAME` does it."));
	json_decref(roll.json);
	table_free(roll.table);
	return r < 0 ? say_exit(r) : command_done(r);
}

static int
person_list(struct ctl *ctl, int argc, char **argv)
{
	bool json = false;
	const struct arg args[] = { { "json", ARG_FLAG, &json } };
	struct people *people;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused("person", _("list takes no words"));
	command_zone(ctl);
	r = people_read(ctl->root.people, &people);
	if (r < 0) {
		say_error("%s: %s", ctl->root.people, say_errno(r));
		return say_exit(r);
	}
	r = print_roll(people, json);
	people_free(people);
	return r;
}

static int
person_leave(struct ctl *ctl, int argc, char **argv)
{
	struct people *people;
	struct person who;
	int r = command_args(NULL, 0, &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused("person", _("say who leaves"));
	r = command_person(ctl, "person", argv[1], &people, &who);
	if (r != 0)
		return r;
	r = people_leave(people, who.id, clock_read());
	if (r == -EALREADY)
		printf("%s\n", _("That was noted before."));
	else if (r == 0)
		printf("%s\n", _("Noted. What was approved stays approved; the "
				 "name can approve nothing more."));
	else
		say_error("%s: %s", ctl->root.people, say_errno(r));
	people_free(people);
	return r < 0 && r != -EALREADY ? say_exit(r) : command_done(EX_OK);
}

int
cmd_person(struct ctl *ctl, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "add") == 0)
		return person_add(ctl, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return person_list(ctl, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "leave") == 0)
		return person_leave(ctl, argc - 1, argv + 1);
	return command_misused(
	    argv[0], _("say `add`, `leave` or `list` first"));
}
