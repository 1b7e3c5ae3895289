/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa units: the organisation units that the upper level has written down,
 * judged, and listed as they are on a day with their stations.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/unitsfile.h"
#include "evidence/record.h"

#define NO_DAY INT64_MIN

struct listing {
	struct units units;
	json_t *names; /* {key: name} */
	json_t
	    *homeless; /* a set: names that no unit is written for on the day */
	json_t
	    *unknown; /* a set: written, and not entered with `loaxa collect` */
	int64_t day;
	bool json;
	const struct unit **homes; /* of each place on the day, or NULL */
	struct chain *chains;
	size_t n;
};

/* A unit of the day, below those above it. */
struct chain {
	const struct unit *path[UNITS_LEVELS];
	size_t n;
};

static int
compare_chains(const void *a, const void *b)
{
	const struct chain *x = a;
	const struct chain *y = b;

	return units_order(x->path, x->n, y->path, y->n);
}

static int
make_chains(struct listing *l)
{
	l->chains = calloc(l->units.n + 1, sizeof(*l->chains));
	if (l->chains == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < l->units.n; i++) {
		const struct unit *e = &l->units.list[i];

		if (e->from_day <= l->day && l->day <= e->until_day) {
			struct chain *c = &l->chains[l->n++];

			c->n = units_path(&l->units, e, l->day, c->path);
		}
	}
	qsort(l->chains, l->n, sizeof(*l->chains), compare_chains);
	return 0;
}

static int
find_homes(struct listing *l)
{
	l->homes = calloc(l->units.n_places + 1, sizeof(struct unit *));
	for (size_t i = 0; l->homes != NULL && i < l->units.n_places; i++) {
		const struct unit_place *p = &l->units.places[i];

		if (p->unit != NULL && p->from_day <= l->day &&
		    l->day <= p->until_day)
			l->homes[i] = units_heir(&l->units, p->unit, l->day);
	}
	return l->homes == NULL ? -ENOMEM : 0;
}

static void
print_stations(const struct listing *l, const struct unit *e, int indent)
{
	for (size_t i = 0; i < l->units.n_places; i++) {
		const struct unit_place *p = &l->units.places[i];

		if (l->homes[i] == e)
			say_line(stdout, "%*s- %s%s%s", indent, "", p->station,
			    p->id[0] == '\0' ? "" : ", ", p->id);
	}
}

static const struct unit *
last_of(const struct chain *c)
{
	return c->path[c->n - 1];
}

static void
print_names(const char *head, json_t *names)
{
	const char *name;
	json_t *none;

	if (json_object_size(names) > 0)
		printf("%s\n", head);
	json_object_foreach(names, name, none)
	{
		say_line(stdout, "  %s", name);
	}
}

static json_t *
names_json(json_t *names)
{
	json_t *list = json_array();
	const char *name;
	json_t *none;

	json_object_foreach(names, name, none)
	{
		json_array_append_new(list, json_string(name));
	}
	return list;
}

static int
print_units(const struct listing *l)
{
	struct civil_text at;

	printf(_("Units on %s: %zu\n"), say_date(l->day, &at), l->n);
	for (size_t i = 0; i < l->n; i++) {
		int indent = (int)(2 * l->chains[i].n);

		say_line(stdout, "%*s%s (%s)", indent, "",
		    last_of(&l->chains[i])->name, last_of(&l->chains[i])->id);
		print_stations(l, last_of(&l->chains[i]), indent + 2);
	}
	print_names(_("Stations without a unit on that day; write them among "
		      "the stations:"),
	    l->homeless);
	print_names(_("Written here, and not known to `loaxa collect`; enter "
		      "each with --trust KEY --as NAME, or correct its name:"),
	    l->unknown);
	return EX_OK;
}

static json_t *
day_or_null(int64_t day)
{
	struct civil_text at;

	return day == UNITS_EVER || day == UNITS_ALWAYS
		   ? json_null()
		   : json_string(civil_date_text(day, &at));
}

static json_t *
unit_json(const struct listing *l, const struct chain *c)
{
	const struct unit *e = last_of(c);
	json_t *stations = json_array();

	for (size_t i = 0; i < l->units.n_places; i++) {
		const struct unit_place *p = &l->units.places[i];

		if (l->homes[i] == e)
			json_array_append_new(
			    stations, json_pack("{s:s,s:s}", "station",
					  p->station, "id", p->id));
	}
	return json_pack("{s:s,s:s,s:s*,s:o,s:o,s:o}", "id", e->id, "name",
	    e->name, "parent", c->n > 1 ? c->path[c->n - 2]->id : NULL, "from",
	    day_or_null(e->from_day), "until", day_or_null(e->until_day),
	    "stations", stations);
}

static int
print_json(const struct listing *l)
{
	json_t *units = json_array();
	struct civil_text at;

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(units, unit_json(l, &l->chains[i]));
	return command_json(json_pack("{s:s,s:o,s:o,s:o}", "on",
	    civil_date_text(l->day, &at), "units", units, "without_unit",
	    names_json(l->homeless), "unknown", names_json(l->unknown)));
}

/* Whom the two lists have, each without the other. A computer may play several
 * stations, each with a place of its own. */
static void
compare_lists(struct listing *l)
{
	const char *key;
	json_t *known = json_object();
	json_t *here = json_object(); /* on the day */
	json_t *name;

	json_object_foreach(l->names, key, name)
	{
		json_object_set_new(
		    known, json_string_value(name), json_null());
	}
	for (size_t i = 0; i < l->units.n_places; i++) {
		const struct unit_place *p = &l->units.places[i];

		if (json_object_get(known, p->station) == NULL)
			json_object_set_new(
			    l->unknown, p->station, json_null());
		if (p->from_day <= l->day && l->day <= p->until_day)
			json_object_set_new(here, p->station, json_null());
	}
	json_object_foreach(known, key, name)
	{
		if (json_object_get(here, key) == NULL)
			json_object_set_new(l->homeless, key, json_null());
	}
	json_decref(known);
	json_decref(here);
}

static int
list(struct listing *l)
{
	int code;

	compare_lists(l);
	if (make_chains(l) < 0 || find_homes(l) < 0)
		return say_exit(-ENOMEM);
	code = l->json ? print_json(l) : command_done(print_units(l));
	if (code == EX_OK &&
	    json_object_size(l->homeless) + json_object_size(l->unknown) > 0)
		code = EXIT_LACKING;
	return code;
}

static int
read_and_list(struct listing *l, const char *file)
{
	struct problems ps = { 0 };
	int r = unitsfile_read(file, l->names, &ps, &l->units);

	if (r == 0)
		return list(l);
	if (r == -ENOMEM) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	if (l->json)
		command_json(json_pack(
		    "{s:o}", "problems", unitsfile_problems_json(&ps)));
	else
		unitsfile_print(&ps, stdout);
	if (r == -ENOENT && !l->json)
		say_line(stdout, "%s",
		    _("An example to begin with, to be copied there: "
		      "etc/units.cfg (installed: "
		      "/usr/share/doc/loaxa/etc/units.cfg)."));
	problems_free(&ps);
	return r == -EINVAL ? EX_DATAERR : say_exit(r);
}

/* Who is known there, then the file, by default that of the store. */
static int
look_at(struct listing *l, const char *store, const char *file)
{
	char path[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/stations", store) >=
	    (int)sizeof(path) - 16)
		return say_exit(-ENAMETOOLONG);
	l->names = unitsfile_names(path, &r);
	if (l->names == NULL) {
		say_error("%s: %s", path, say_errno(r));
		return say_exit(r);
	}
	snprintf(path, sizeof(path), "%s/" UNITS_FILE, store);
	return read_and_list(l, file == NULL ? path : file);
}

int
cmd_units(struct ctl *ctl, int argc, char **argv)
{
	struct listing l = { .day = NO_DAY };
	char store[ROOT_PATH_MAX + 16];
	const char *where = store;
	const struct arg args[] = { { "store", ARG_TEXT, &where },
		{ "on", ARG_DATE, &l.day }, { "json", ARG_FLAG, &l.json } };
	int second;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 2)
		return command_misused(argv[0], _("name one file"));
	snprintf(store, sizeof(store), "%s/collect", ctl->root.var);
	command_zone(ctl);
	if (l.day == NO_DAY)
		civil_from_us(clock_read().wall_us, &l.day, &second);
	l.homeless = json_object();
	l.unknown = json_object();
	r = look_at(&l, where, argc == 2 ? argv[1] : NULL);
	units_clear(&l.units);
	json_decref(l.names);
	json_decref(l.homeless);
	json_decref(l.unknown);
	free(l.homes);
	free(l.chains);
	return r;
}
