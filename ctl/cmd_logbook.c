/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa logbook: a station's week on paper, ready to be signed; and whether a
 * paper's code is still what the log gives.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/rights.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/paper.h"
#include "ctl/say.h"
#include "evidence/people.h"
#include "evidence/record.h"

#define NO_WEEK INT64_MIN

struct asked {
	int64_t monday;
	const char *station; /* "" not given */
	const char *out; /* NULL: named after station and week */
	const char *code; /* to be checked; or NULL */
	bool replace;
	bool json;
};

/* The one office that people with such a right hold now; "" where there is
 * none, or more than one. */
struct office_of {
	unsigned right;
	unsigned without;
	int64_t now_us;
	char office[PERSON_TEXT_MAX + 1];
	bool several;
};

static int
look_at_office(void *arg, const struct person *p)
{
	struct office_of *o = arg;
	unsigned set;

	if (p->roles[0] == '\0' || p->office[0] == '\0' ||
	    p->from_us > o->now_us || p->until_us <= o->now_us ||
	    rights_of_roles(p->roles, &set) < 0 || set == RIGHTS_ALL ||
	    (set & o->right) == 0 || (set & o->without) != 0)
		return 0;
	o->several = o->several || (o->office[0] != '\0' &&
				       strcmp(o->office, p->office) != 0);
	snprintf(o->office, sizeof(o->office), "%s", p->office);
	return 0;
}

static void
find_office(const struct people *people, struct office_of *o)
{
	if (people != NULL)
		people_each(people, look_at_office, o);
	if (o->several)
		o->office[0] = '\0';
}

/* What the paper cannot do without: one station, a log that knows the week,
 * and a sum that adds up. 0, or the code. */
static int
look_at_rows(const struct asked *q, const struct tally *t, char ret[static 128])
{
	struct civil_text week;
	const json_t *row;
	size_t i;

	ret[0] = '\0';
	json_array_foreach(t->rows, i, row)
	{
		const char *station = record_text(row, "station");

		if (ret[0] != '\0' && strcmp(ret, station) != 0)
			return command_misused("logbook",
			    _("the log has several stations; choose one with "
			      "--station"));
		snprintf(ret, 128, "%s", station);
	}
	if (ret[0] == '\0') {
		say_error(_("the log has nothing of week %s%s%s: nothing was "
			    "planned, or another week is meant"),
		    civil_week_text(q->monday, &week),
		    q->station[0] == '\0' ? "" : ", ", q->station);
		return EX_NOINPUT;
	}
	if (tally_holds(&t->sum))
		return 0;
	row = tally_first_odd(t);
	say_error(_("not printed: week %s does not add up; slots without "
		    "exactly one outcome, or with figures that cannot be: "
		    "%lld, the first %s/%s/%s; `loaxa audit` looks at the "
		    "whole log"),
	    civil_week_text(q->monday, &week), (long long)t->sum.odd,
	    record_text(row, "station"), record_text(row, "date"),
	    record_text(row, "slot"));
	return EX_DATAERR;
}

static int
check_code(const struct asked *q, const struct tally *t)
{
	char code[TALLY_CODE];

	if (tally_is_code(t, q->code)) {
		printf("%s\n", _("The log gives this code: it is as it was "
				 "when the paper was made."));
		return command_done(EX_OK);
	}
	say_error(_("the log gives the code %s, not %s: it has changed or "
		    "grown since, or the paper is of another week or station"),
	    tally_code(t, code), q->code);
	return EX_DATAERR;
}

/* `code` is the paper's. */
static int
told(const struct asked *q, const char *file, const struct logbook *b,
    int pages, int code)
{
	char text[TALLY_CODE];
	int signed_code = seals_code(b->seals);
	int r;

	tally_code(b->tally, text);
	if (!q->json) {
		printf(_("%s: pages %d, code %s\n"), file, pages, text);
		return command_done(code == EX_OK ? signed_code : code);
	}
	r = command_json(json_pack("{s:s,s:s,s:i,s:s,s:b,s:o}", "file", file,
	    "station", b->station, "pages", pages, "code", text, "interim",
	    (int)(b->tally->sum.open > 0), "seal", seals_json(b->seals)));
	return code == EX_OK ? r : code;
}

static int
write_book(const struct asked *q, const struct logbook *b)
{
	char *title = logbook_title(b);
	char *foot = logbook_foot(b);
	struct page_setup setup = { title, foot, logbook_draw, (void *)b };
	struct civil_text week;
	char file[300];
	int pages = 0;
	int code;

	snprintf(file, sizeof(file), "so-nhat-ky-%.128s-%s.pdf", b->station,
	    civil_week_text(b->monday, &week));
	if (q->out != NULL)
		snprintf(file, sizeof(file), "%s", q->out);
	if (title == NULL || foot == NULL)
		code = paper_code(file, -ENOMEM);
	else
		code = paper_write(&setup, file, q->replace, &pages);
	if (pages > 0)
		code = told(q, file, b, pages, code);
	free(title);
	free(foot);
	return code;
}

/* 0, or the code. */
static int
make_book(const struct ctl *ctl, const struct asked *q, struct disk *disk,
    const struct tally *t, const char *station)
{
	int64_t now_us = clock_read().wall_us;
	struct office_of officer = { .right = 1u << RIGHT_LOAD,
		.without = 1u << RIGHT_APPROVE,
		.now_us = now_us };
	struct office_of leader = { .right = 1u << RIGHT_APPROVE,
		.now_us = now_us };
	struct headings headings = { 0 };
	struct people *people = NULL;
	struct seals seals;
	int r = seals_read(&ctl->root, disk, t->last_seq, &seals);

	if (r == 0)
		r = headings_read(&ctl->root, &headings);
	if (r == 0)
		r = headings_tell(&headings, disk);
	if (r == 0)
		r = headings_name(&headings, t);
	if (r < 0) {
		headings_clear(&headings);
		say_error("%s: %s", ctl->root.trees, say_errno(r));
		return say_exit(r);
	}
	if (people_read(ctl->root.people, &people) < 0)
		people = NULL;
	find_office(people, &officer);
	find_office(people, &leader);
	r = write_book(q, &(struct logbook){ .tally = t,
			      .seals = &seals,
			      .headings = &headings,
			      .station = station,
			      .monday = q->monday,
			      .now_us = now_us,
			      .officer = officer.office,
			      .leader = leader.office });
	people_free(people);
	headings_clear(&headings);
	return r;
}

static int
read_and_make(const struct ctl *ctl, const struct asked *q)
{
	char station[128];
	struct disk *disk = NULL;
	struct tally *t = NULL;
	int r = access(ctl->root.log, R_OK) < 0 ? -errno : 0;

	if (r == 0)
		r = disk_open(ctl->root.log, &disk);
	if (r == 0)
		r = command_logged_station(ctl, disk, q->station);
	if (r == 0)
		r = tally_read(disk, q->station, q->monday, q->monday + 6, &t);
	if (r == -ENOENT)
		say_error(_("there is no airing log yet in %s"), ctl->root.log);
	else if (r < 0)
		say_error("%s: %s", ctl->root.log, say_errno(r));
	if (r < 0)
		r = say_exit(r);
	if (r == 0)
		r = look_at_rows(q, t, station);
	/* The code is of one station, whether it was named or not. */
	if (r == 0 && q->station[0] == '\0') {
		t = tally_free(t);
		r = say_exit(
		    tally_read(disk, station, q->monday, q->monday + 6, &t));
	}
	if (r == 0 && q->code != NULL)
		r = check_code(q, t);
	else if (r == 0)
		r = make_book(ctl, q, disk, t, station);
	tally_free(t);
	disk_close(disk);
	return r;
}

/* The last week that is over. */
static int64_t
last_week(void)
{
	int64_t today;
	int second;

	civil_from_us(clock_read().wall_us, &today, &second);
	return today - civil_weekday(today) - 7;
}

int
cmd_logbook(struct ctl *ctl, int argc, char **argv)
{
	struct asked q = { .monday = NO_WEEK, .station = "" };
	const struct arg args[] = { { "week", ARG_WEEK, &q.monday },
		{ "station", ARG_TEXT, &q.station }, { "o", ARG_TEXT, &q.out },
		{ "code", ARG_TEXT, &q.code },
		{ "replace", ARG_FLAG, &q.replace },
		{ "json", ARG_FLAG, &q.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	command_zone(ctl);
	if (q.monday == NO_WEEK)
		q.monday = last_week();
	return read_and_make(ctl, &q);
}
