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
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/rights.h"
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

/* What the words after a name say of an office. */
struct terms {
	const char *office;
	const char *roles;
	const char *deputy_of;
	int64_t from_day;
	int64_t until_day;
};

#define NO_DAY INT64_MIN

/* Reads the options of add and office; argv then has the name. 0, or the
 * code. */
static int
read_terms(int *argc, char **argv, struct terms *t)
{
	const struct arg args[] = { { "office", ARG_TEXT, &t->office },
		{ "role", ARG_TEXT, &t->roles },
		{ "deputy-of", ARG_TEXT, &t->deputy_of },
		{ "from", ARG_DATE, &t->from_day },
		{ "until", ARG_DATE, &t->until_day } };
	unsigned set;
	int r;

	*t = (struct terms){
		.roles = "", .from_day = NO_DAY, .until_day = NO_DAY
	};
	r = command_args(args, COUNT(args), argc, argv);
	if (r != 0)
		return r;
	if (*argc != 2 || t->office == NULL || t->office[0] == '\0')
		return command_misused("person",
		    _("write the name, in quotes, and --office TITLE"));
	if (rights_of_roles(t->roles, &set) < 0)
		return command_misused("person",
		    _("--role is one or more of officer, approver, operator, "
		      "focal, admin, with commas"));
	return 0;
}

static int
open_people(const struct ctl *ctl, struct people **ret_people)
{
	int r = people_read(ctl->root.people, ret_people);

	if (r == 0)
		return 0;
	say_error("%s: %s", ctl->root.people, say_errno(r));
	return say_exit(r);
}

/* The same to change it: nobody else does meanwhile. 0, or the code. */
static int
open_people_alone(
    const struct ctl *ctl, struct people **ret_people, int *ret_lock)
{
	int lock = people_lock(ctl->root.people);
	int r;

	if (lock < 0) {
		say_error("%s: %s", ctl->root.people, say_errno(lock));
		return say_exit(lock);
	}
	r = open_people(ctl, ret_people);
	if (r == 0)
		*ret_lock = lock;
	else
		close(lock);
	return r;
}

/* Two of one name may be one person, who would then sign for two. */
static void
tell_namesake(const struct people *people, const char *name, const char *id)
{
	struct person who;
	int r = people_find(people, name, clock_read().wall_us, &who);

	if (r == -ENOTUNIQ || (r == 0 && strcmp(who.id, id) != 0))
		puts(_("There is another person of this name. If it is the "
		       "same one, end this entry and use `loaxa person "
		       "office`: nobody signs twice."));
}

/* Somebody registered, in office or not. 0, or the code. */
static int
find_anybody(
    const struct people *people, const char *who, struct person *ret_person)
{
	int r = people_find(people, who, clock_read().wall_us, ret_person);

	if (r == 0)
		return 0;
	if (r == -ENOENT)
		say_error(_("\"%s\" is not registered; `loaxa person list` "
			    "shows who is"),
		    who);
	else
		say_error(_("\"%s\" does not say who; give the id that `loaxa "
			    "person list` shows"),
		    who);
	return EX_NOUSER;
}

/* The office as the file keeps it: a date begins at its midnight and ends at
 * the next. 0, or the code. */
static int
make_term(const struct people *people, const struct terms *t,
    struct person_term *ret_term)
{
	struct person principal = { .id = "" };
	int r = 0;

	if (t->deputy_of != NULL)
		r = find_anybody(people, t->deputy_of, &principal);
	if (r != 0)
		return r;
	*ret_term = (struct person_term){
		.office = t->office,
		.roles = t->roles,
		.deputy_of = principal.id,
		.from_us = t->from_day == NO_DAY ? clock_read().wall_us
						 : civil_to_us(t->from_day, 0),
		.until_us = t->until_day == NO_DAY
				? NEVER
				: civil_to_us(t->until_day + 1, 0),
	};
	if (ret_term->until_us > ret_term->from_us)
		return 0;
	return command_misused("person", _("the office ends before it begins"));
}

/* Says why the file was not changed; the code. */
static int
not_entered(int r)
{
	if (r == -EINVAL)
		return command_misused("person",
		    _("a name and an office are text of at most 200 bytes"));
	if (r == -ERANGE)
		return command_misused("person",
		    _("that is before the office now held began; `loaxa "
		      "person list` shows the dates"));
	say_error(_("the person could not be registered: %s"), say_errno(r));
	return say_exit(r);
}

static int
enter(struct people *people, const char *name, const struct terms *t)
{
	struct person_term term;
	char id[PERSON_ID];
	int r = make_term(people, t, &term);

	if (r != 0)
		return r;
	r = people_add(people, name, &term, draw, id);
	if (r < 0 && r != -EEXIST)
		return not_entered(r);
	if (r == -EEXIST)
		printf(_("%s was registered before.\n"), id);
	else
		printf(_("%s is registered. The log will show this id; the "
			 "name stays in this station's own file.\n"),
		    id);
	if (r == 0)
		tell_namesake(people, name, id);
	return command_done(EX_OK);
}

static int
person_add(struct ctl *ctl, int argc, char **argv)
{
	struct people *people;
	int lock;
	struct terms t;
	int r = read_terms(&argc, argv, &t);

	if (r != 0)
		return r;
	command_zone(ctl);
	if (mkdir(ctl->root.var, 0750) < 0 && errno != EEXIST) {
		r = -errno;
		say_error("%s: %s", ctl->root.var, say_errno(r));
		return say_exit(r);
	}
	r = open_people_alone(ctl, &people, &lock);
	if (r != 0)
		return r;
	r = enter(people, argv[1], &t);
	people_free(people);
	close(lock);
	return r;
}

static int
appoint(struct people *people, const char *who, const struct terms *t)
{
	struct person_term term;
	struct person person;
	int r = find_anybody(people, who, &person);

	if (r == 0)
		r = make_term(people, t, &term);
	if (r != 0)
		return r;
	r = people_appoint(people, person.id, &term);
	if (r < 0)
		return not_entered(r);
	printf("%s\n", _("Noted. What was signed before keeps the office "
			 "held then."));
	return command_done(EX_OK);
}

static int
person_office(struct ctl *ctl, int argc, char **argv)
{
	struct people *people;
	int lock;
	struct terms t;
	int r = read_terms(&argc, argv, &t);

	if (r != 0)
		return r;
	command_zone(ctl);
	r = open_people_alone(ctl, &people, &lock);
	if (r != 0)
		return r;
	r = appoint(people, argv[1], &t);
	people_free(people);
	close(lock);
	return r;
}

/* Where person_list() collects: one of the two is set. */
struct roll {
	const struct people *people;
	struct table *table;
	json_t *json;
};

static int
json_one(struct roll *roll, const struct person *p)
{
	struct civil_text from;
	struct civil_text until = { "" };

	if (p->until_us != NEVER)
		civil_utc_text(p->until_us, &until);
	return json_array_append_new(roll->json,
		   json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", p->id,
		       "name", p->name, "office", p->office, "from",
		       civil_utc_text(p->from_us, &from), "until", until.s,
		       "roles", p->roles, "deputy_of", p->deputy_of)) < 0
		   ? -ENOMEM
		   : 0;
}

/* The local date; of an end, the last date with the office. */
static void
put_date(int64_t us, int back_us, struct civil_text *buf)
{
	int64_t day;
	int second;

	*buf = (struct civil_text){ "" };
	if (us == NEVER)
		return;
	civil_from_us(us - back_us, &day, &second);
	say_date(day, buf);
}

static int
table_one(struct roll *roll, const struct person *p)
{
	struct person principal;
	struct civil_text from;
	struct civil_text until;
	char office[2 * PERSON_TEXT_MAX + 16];

	put_date(p->from_us, 0, &from);
	put_date(p->until_us, 1, &until);
	snprintf(office, sizeof(office), "%s", p->office);
	if (p->deputy_of[0] != '\0' && people_find(roll->people, p->deputy_of,
					   p->from_us, &principal) == 0)
		snprintf(office, sizeof(office), _("%s (KT. %s)"), p->office,
		    principal.name);
	return table_row(roll->table, (const char *const[]){ p->id, p->name,
					  office, p->roles, from.s, until.s });
}

static int
list_one(void *arg, const struct person *p)
{
	struct roll *roll = arg;

	return roll->json != NULL ? json_one(roll, p) : table_one(roll, p);
}

static int
print_roll(const struct people *people, bool json)
{
	const struct column columns[] = { { _("ID"), 0 },
		{ _("NAME"), COLUMN_ELASTIC }, { _("OFFICE"), COLUMN_ELASTIC },
		{ _("ROLE"), COLUMN_ELASTIC }, { _("FROM"), 0 },
		{ _("UNTIL"), 0 } };
	struct roll roll = { .people = people,
		.json = json ? json_array() : NULL };
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
	r = open_people(ctl, &people);
	if (r != 0)
		return r;
	r = print_roll(people, json);
	people_free(people);
	return r;
}

static int
end_office(struct people *people, const char *who, int64_t until_day)
{
	struct person person;
	int r = find_anybody(people, who, &person);

	if (r != 0)
		return r;
	r = people_end(people, person.id,
	    until_day == NO_DAY ? clock_read().wall_us
				: civil_to_us(until_day + 1, 0));
	if (r == -EALREADY)
		printf("%s\n", _("That was noted before."));
	else if (r == 0)
		printf("%s\n", _("Noted. What was approved stays approved; the "
				 "name can approve nothing more."));
	else
		return not_entered(r);
	return command_done(EX_OK);
}

static int
person_end(struct ctl *ctl, int argc, char **argv)
{
	int64_t until_day = NO_DAY;
	const struct arg args[] = { { "until", ARG_DATE, &until_day } };
	struct people *people;
	int lock;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused("person", _("say who leaves"));
	command_zone(ctl);
	r = open_people_alone(ctl, &people, &lock);
	if (r != 0)
		return r;
	r = end_office(people, argv[1], until_day);
	people_free(people);
	close(lock);
	return r;
}

int
cmd_person(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {
		{ "add", person_add },
		{ "office", person_office },
		{ "end", person_end },
		{ "leave", person_end }, /* the word of version 0.1.0 */
		{ "list", person_list },
	};

	for (size_t i = 0; argc > 1 && i < COUNT(words); i++) {
		if (strcmp(argv[1], words[i].word) != 0)
			continue;
		argv[1] = argv[0]; /* whose help a complaint names */
		return words[i].run(ctl, argc - 1, argv + 1);
	}
	return command_misused(
	    argv[0], _("say `add`, `office`, `end` or `list` first"));
}
