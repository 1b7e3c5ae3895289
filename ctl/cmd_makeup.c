/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa makeup: what was missed lately, and the lines that would make up for
 * it. Writes nothing: a person pastes them, or does not.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/makeup.h"
#include "ctl/office.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/record.h"

#define DAYS_BACK 7
#define DAYS_AHEAD 7

struct looking {
	struct ctl *ctl;
	struct office office;
	int days;
	bool json;
	json_t *all; /* what --json prints */
	int64_t now_us;
	int64_t today;
};

static int
add_row(struct table *t, const json_t *miss)
{
	const json_t *made = json_object_get(miss, "made_up");
	const char *title = record_text(miss, "title");
	struct civil_text when = { "" };
	char made_text[200] = "";
	int64_t us;

	if (civil_read_utc(record_text(miss, "planned_utc"), &us) == 0)
		say_instant(us, &when);
	if (json_is_object(made))
		snprintf(made_text, sizeof(made_text), _("made up by %s of %s"),
		    record_text(made, "slot"), record_text(made, "date"));
	else if (json_array_size(json_object_get(miss, "items")) == 0)
		snprintf(made_text, sizeof(made_text), "%s",
		    _("nothing was chosen to play"));
	else if (json_is_null(json_object_get(miss, "proposal")))
		snprintf(made_text, sizeof(made_text), "%s",
		    _("no free place was found"));
	return table_row(
	    t, (const char *const[]){ when.s, record_text(miss, "slot"),
		   title[0] != '\0' ? title : record_text(miss, "ref"),
		   outcome_status(record_text(miss, "status")),
		   outcome_reason(record_text(miss, "reason")), made_text });
}

static int
print_misses(
    const struct looking *l, const struct schedule *s, const json_t *misses)
{
	const struct column columns[] = { { _("PLANNED"), 0 }, { _("SLOT"), 0 },
		{ _("WHAT"), COLUMN_ELASTIC }, { _("STATUS"), 0 },
		{ _("REASON"), COLUMN_ELASTIC }, { "", COLUMN_ELASTIC } };
	struct table *t;
	json_t *miss;
	size_t i;
	int r = 0;

	say_line(stdout, "%s (%s)", s->name, s->station);
	if (json_array_size(misses) == 0) {
		printf(_("Nothing was missed in the last %d days.\n"), l->days);
		return 0;
	}
	t = table_new(columns, COUNT(columns));
	if (t == NULL)
		return -ENOMEM;
	json_array_foreach(misses, i, miss)
	{
		if (r == 0)
			r = add_row(t, miss);
	}
	if (r == 0) {
		table_print(t, stdout, table_width(stdout));
		putchar('\n');
		makeup_print(s, misses, stdout);
	}
	table_free(t);
	return r;
}

static int
read_misses(struct looking *l, const char *station, const struct plan *coming,
    json_t **ret_misses)
{
	struct disk *disk;
	int r = access(l->ctl->root.log, R_OK) < 0 ? -errno : 0;

	if (r == 0)
		r = disk_open(l->ctl->root.log, &disk);
	if (r < 0)
		return r;
	r = makeup_misses(
	    disk, station, l->today - l->days, l->today, coming, ret_misses);
	disk_close(disk);
	return r;
}

static int
look_at(struct looking *l, const struct schedule *s)
{
	struct plan *coming;
	json_t *misses = NULL;
	int r = plan_make(s, l->today, l->today + DAYS_AHEAD, &coming);

	if (r < 0)
		return r;
	r = read_misses(l, s->station, coming, &misses);
	if (r == 0)
		r = makeup_propose(
		    s, coming, l->office.site, l->now_us, misses);
	if (r == 0 && l->json)
		r = json_array_extend(l->all, misses) < 0 ? -ENOMEM : 0;
	else if (r == 0)
		r = print_misses(l, s, misses);
	json_decref(misses);
	plan_free(coming);
	return r;
}

static int
look_at_station(struct looking *l, const char *station)
{
	struct problems ps = { 0 };
	struct schedule *s;
	char line[4096];
	int r = schedule_read(l->ctl->root.schedules, station, l->today,
	    l->today + DAYS_AHEAD, &ps, &s);

	for (size_t i = 0; r < 0 && i < ps.n; i++)
		say_error("%s", problem_text(&ps.list[i], line, sizeof(line)));
	problems_free(&ps);
	if (r < 0)
		return r == -ENOENT ? EX_NOINPUT : EX_DATAERR;
	r = look_at(l, s);
	if (r == -ENOENT)
		say_error(
		    _("there is no airing log yet in %s"), l->ctl->root.log);
	else if (r < 0)
		say_error("%s", say_errno(r));
	schedule_free(s);
	return say_exit(r);
}

static int
look(struct looking *l, const char *only)
{
	struct stations st;
	int code = EX_OK;
	int second;

	if (stations_list(&l->ctl->root, only, &st) < 0) {
		say_error(_("%s: there is no schedule; write one as "
			    "STATION.cfg"),
		    l->ctl->root.schedules);
		return EX_NOINPUT;
	}
	l->now_us = clock_read().wall_us;
	civil_from_us(l->now_us, &l->today, &second);
	l->all = json_array();
	for (size_t i = 0; i < st.n; i++) {
		int r;

		if (i > 0 && !l->json)
			putchar('\n');
		r = look_at_station(l, st.ids[i]);
		code = code != EX_OK ? code : r;
	}
	stations_free(&st);
	if (l->json && code == EX_OK)
		return command_json(l->all);
	json_decref(l->all);
	return command_done(code);
}

int
cmd_makeup(struct ctl *ctl, int argc, char **argv)
{
	struct looking l = { .ctl = ctl, .days = DAYS_BACK };
	const char *station = NULL;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "days", ARG_NUMBER, &l.days },
		{ "json", ARG_FLAG, &l.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	r = command_station(ctl, station);
	if (r == 0)
		r = command_office_warned(ctl, &l.office);
	if (r != 0)
		return r;
	r = look(&l, station);
	office_close(&l.office);
	return r;
}
