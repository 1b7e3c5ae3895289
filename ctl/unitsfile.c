/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ctl/unitsfile.h"
#include "evidence/record.h"
#include "evidence/roster.h"
#include "scheduler/cfg.h"

#define BYTES_MAX (32 << 20)
#define UNITS_MAX 100000 /* every commune of the country, some times over */
#define SUCCESSORS_MAX 1000 /* a province was divided among so many at most */

static const char *const file_keys[] = { "units", "stations", NULL };
static const char *const unit_keys[] = { "id", "name", "parent", "from",
	"until", "successors", NULL };
static const char *const station_keys[] = { "station", "id", "unit", "closed",
	"from", "until", NULL };

static int
read_unit(struct cfg *c, const config_setting_t *g, struct units *u)
{
	struct unit e = { .from_day = UNITS_EVER,
		.until_day = UNITS_ALWAYS,
		.line = cfg_line(g, "id") };
	bool named;
	int r = 0;

	cfg_known(c, g, unit_keys);
	cfg_id(c, g, "parent", CFG_OPTIONAL, &e.parent);
	cfg_date(c, g, "from", CFG_OPTIONAL, &e.from_day);
	cfg_date(c, g, "until", CFG_OPTIONAL, &e.until_day);
	e.told = cfg_texts(c, g, "successors", CFG_OPTIONAL, CFG_IDS,
	    SUCCESSORS_MAX, &e.successors, &e.n_successors);
	named = cfg_text(c, g, "name", CFG_REQUIRED, &e.name);
	if (cfg_id(c, g, "id", CFG_REQUIRED, &e.id) && named)
		r = units_add(u, &e);
	cfg_texts_free(e.successors, e.n_successors);
	free(e.parent);
	free(e.name);
	free(e.id);
	return r;
}

/* By name where it was written by its key. */
static const char *
named(const json_t *names, const char *station)
{
	const char *name = record_text(names, station);

	return name[0] == '\0' ? station : name;
}

static bool
read_unit_of(
    struct cfg *c, const config_setting_t *g, struct unit_place *p, char **unit)
{
	bool closed = false;

	cfg_bool(c, g, "closed", &closed);
	if (closed && cfg_has(g, "unit"))
		cfg_problem(c, g,
		    _("a station has a unit or is closed on the same days; "
		      "keep one of the two"));
	if (closed)
		return true;
	if (!cfg_id(c, g, "unit", CFG_REQUIRED, unit))
		return false;
	p->unit = *unit;
	return true;
}

static int
read_station(struct cfg *c, const config_setting_t *g, const json_t *names,
    struct units *u)
{
	struct unit_place p = { .from_day = UNITS_EVER,
		.until_day = UNITS_ALWAYS,
		.line = cfg_line(g, "station") };
	char *station = NULL;
	char *id = NULL;
	char *unit = NULL;
	bool good;
	int r = 0;

	cfg_known(c, g, station_keys);
	cfg_date(c, g, "from", CFG_OPTIONAL, &p.from_day);
	cfg_date(c, g, "until", CFG_OPTIONAL, &p.until_day);
	cfg_id(c, g, "id", CFG_OPTIONAL, &id);
	good = read_unit_of(c, g, &p, &unit);
	if (cfg_text(c, g, "station", CFG_REQUIRED, &station) && good) {
		p.station = (char *)named(names, station);
		p.id = id == NULL ? (char *)"" : id;
		r = units_add_place(u, &p);
	}
	free(station);
	free(id);
	free(unit);
	return r;
}

static int
read_all(struct cfg *c, const json_t *names, struct units *u)
{
	const config_setting_t *list;
	size_t n = 0;
	int r = 0;

	cfg_known(c, cfg_root(c), file_keys);
	if (cfg_list(
		c, cfg_root(c), "units", CFG_REQUIRED, UNITS_MAX, &list, &n))
		for (size_t i = 0; i < n && r == 0; i++)
			if (cfg_at(list, i) != NULL)
				r = read_unit(c, cfg_at(list, i), u);
	if (r == 0 && cfg_list(c, cfg_root(c), "stations", CFG_OPTIONAL,
			  UNITS_MAX, &list, &n))
		for (size_t i = 0; i < n && r == 0; i++)
			if (cfg_at(list, i) != NULL)
				r = read_station(c, cfg_at(list, i), names, u);
	return r == 0 && cfg_no_memory(c) ? -ENOMEM : r;
}

static int
note_name(void *arg, const struct roster_station *s)
{
	return json_object_set_new(arg, s->hex, json_string(s->name)) < 0
		   ? -ENOMEM
		   : 0;
}

json_t *
unitsfile_names(const char *stations, int *ret_error)
{
	json_t *names = json_object();
	int r =
	    names == NULL ? -ENOMEM : roster_each(stations, note_name, names);

	*ret_error = r;
	if (r < 0 && r != -EBADMSG) {
		json_decref(names);
		return NULL;
	}
	return names;
}

int
unitsfile_read(const char *path, const json_t *names, struct problems *ps,
    struct units *ret)
{
	size_t before = problems_count(ps);
	struct units u = { 0 };
	struct cfg *c;
	int r = cfg_open(path, path, BYTES_MAX, ps, &c);

	if (r < 0)
		return r;
	r = read_all(c, names, &u);
	cfg_close(c);
	/* A unit that could not be read would be missed by all below it. */
	if (r == 0 && problems_count(ps) == before)
		units_settle(&u, path, ps);
	if (r == 0 && problems_count(ps) > before)
		r = -EINVAL;
	if (r < 0) {
		units_clear(&u);
		return r;
	}
	*ret = u;
	return 0;
}

void
unitsfile_print(struct problems *ps, FILE *out)
{
	char line[4096];

	problems_sort(ps);
	for (size_t i = 0; i < ps->n; i++)
		fprintf(out, "%s\n",
		    problem_text(&ps->list[i], line, sizeof(line)));
	if (ps->hidden > 0)
		fprintf(out, _("and %zu more\n"), ps->hidden);
	fprintf(out, _("Problems: %zu.\n"), problems_count(ps));
}

json_t *
unitsfile_problems_json(struct problems *ps)
{
	json_t *list = json_array();

	problems_sort(ps);
	for (size_t i = 0; i < ps->n; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:i,s:s}", "file", ps->list[i].file, "line",
			ps->list[i].line, "text", ps->list[i].text));
	return list;
}
