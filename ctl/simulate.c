/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa simulate - the real scheduler and ledger on a virtual clock, a
 * virtual deck and a disk in memory: what would air, and what would not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/dryrun.h"
#include "ctl/office.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/trial.h"
#include "ctl/virtual_log.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"

#define SIM_BOOT "00000000-0000-4000-8000-000000000000"
#define DETAIL_DAYS 14 /* a longer run is told by what lacks alone */
#define WIDTH 80 /* where the output is no terminal */
/* Pairs of status and reason that there can be, at each station. */
#define OUTCOMES_MAX (64 * STATIONS_MAX)

struct wishes {
	int64_t from_day;
	int64_t to_day;
	const char *station;
	bool assume; /* every item is there, and approved */
	bool lines; /* print the log's lines */
	bool json;
};

struct outcome_count {
	char station[ID_MAX + 1];
	char status[32];
	char reason[32];
	int64_t n;
	int64_t actual_ms;
};

struct tally {
	struct outcome_count counts[OUTCOMES_MAX];
	size_t n;
	int64_t planned;
	bool lines;
};

static int
sim_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	(void)arg;
	(void)station;
	(void)out;
	return deck_sim_open(NULL, 0, ret_deck);
}

/* Time jumps from one due instant to the next. */
static void
crank(struct daemon *d, int64_t from_us, int64_t to_us)
{
	struct now now = {
		.wall_us = from_us, .boot_us = US_PER_DAY, .trust = TRUST_SYNCED
	};
	int64_t offset = now.wall_us - now.boot_us;

	while (now.wall_us < to_us) {
		int64_t next = daemon_turn(d, now);

		now.boot_us = later(next, now.boot_us + 1);
		now.wall_us = now.boot_us + offset;
	}
}

static void
count(struct tally *t, const json_t *r)
{
	const char *station = record_text(r, "station");
	const char *status = record_text(r, "status");
	const char *reason = record_text(r, "reason");
	struct outcome_count *c = t->counts;
	size_t i;

	for (i = 0; i < t->n; i++, c++)
		if (strcmp(c->station, station) == 0 &&
		    strcmp(c->status, status) == 0 &&
		    strcmp(c->reason, reason) == 0)
			break;
	if (i == OUTCOMES_MAX)
		return;
	if (i == t->n) {
		t->n++;
		snprintf(c->station, sizeof(c->station), "%s", station);
		snprintf(c->status, sizeof(c->status), "%s", status);
		snprintf(c->reason, sizeof(c->reason), "%s", reason);
	}
	c->n++;
	c->actual_ms += record_int(r, "actual_ms", 0);
	t->planned++;
}

static int
tally_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct tally *t = arg;
	json_t *r;

	(void)seq;
	if (t->lines)
		printf("%.*s\n", (int)n, line);
	if (record_kind(line, n) != KIND_SLOT)
		return 0;
	if (record_parse(line, n, &r) < 0)
		return -1;
	count(t, r);
	json_decref(r);
	return 0;
}

static int64_t
with_status(const struct tally *t, const char *status)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->counts[i].status, status) == 0)
			n += t->counts[i].n;
	return n;
}

static void
print_identity(const struct tally *t)
{
	printf(_("planned %lld = aired %lld + in part %lld + not aired %lld + "
		 "external %lld\n"),
	    (long long)t->planned, (long long)with_status(t, "aired"),
	    (long long)with_status(t, "aired_partial"),
	    (long long)with_status(t, "not_aired"),
	    (long long)with_status(t, "external"));
}

static int
by_station(const void *a, const void *b)
{
	const struct outcome_count *p = a;
	const struct outcome_count *q = b;
	int r = strcmp(p->station, q->station);

	if (r == 0)
		r = strcmp(p->status, q->status);
	return r != 0 ? r : strcmp(p->reason, q->reason);
}

static int
add_outcome(struct table *table, const struct outcome_count *c)
{
	char n[32];
	struct civil_text hours;

	snprintf(n, sizeof(n), "%lld", (long long)c->n);
	say_decimal((double)c->actual_ms / 3600000, 1, &hours);
	return table_row(
	    table, (const char *const[]){ outcome_status(c->status),
		       outcome_reason(c->reason), n, hours.s });
}

/* The rows of each station together, under its id where there are several. */
static void
add_outcomes(struct table *table, struct tally *t)
{
	qsort(t->counts, t->n, sizeof(t->counts[0]), by_station);
	for (size_t i = 0; i < t->n; i++) {
		const char *station = t->counts[i].station;

		if (strcmp(t->counts[0].station, t->counts[t->n - 1].station) !=
			0 &&
		    (i == 0 || strcmp(t->counts[i - 1].station, station) != 0))
			table_line(table, station);
		add_outcome(table, &t->counts[i]);
	}
}

static int
print_table(struct tally *t)
{
	const struct column columns[] = {
		{ _("STATUS"), 0 },
		{ _("REASON"), 0 },
		{ _("SLOTS"), COLUMN_RIGHT },
		{ _("HOURS"), COLUMN_RIGHT },
	};
	struct table *table = table_new(columns, COUNT(columns));

	if (table == NULL)
		return EX_OSERR;
	add_outcomes(table, t);
	table_print(table, stdout, table_width(stdout));
	table_free(table);
	print_identity(t);
	return command_done(EX_OK);
}

static int
print_json(const struct tally *t, const struct dryrun *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:I, s:I}", "station_id",
			t->counts[i].station, "status", t->counts[i].status,
			"reason", t->counts[i].reason, "slots",
			(json_int_t)t->counts[i].n, "actual_ms",
			(json_int_t)t->counts[i].actual_ms));
	return command_json(
	    json_pack("{s:I, s:o, s:O*}", "planned", (json_int_t)t->planned,
		"outcomes", list, "slots", d == NULL ? NULL : dryrun_slots(d)));
}

/* What would not air, or come to its end. */
static bool
is_lacking(const struct tally *t)
{
	return with_status(t, "not_aired") > 0 ||
	       with_status(t, "aired_partial") > 0;
}

/* With the library as it is: slot by slot, then the sums. */
static int
report_slots(
    struct ctl *ctl, struct disk *log, const struct wishes *w, struct tally *t)
{
	bool only_lacking = w->to_day - w->from_day >= DETAIL_DAYS;
	int width = table_width(stdout);
	struct dryrun *d = NULL;
	struct office office;
	bool lacking = false;
	int r = command_office(ctl, &office);

	if (r != 0)
		return r;
	r = dryrun_read(&office, log, &d);
	if (r == 0 && !w->json)
		r = dryrun_print(
		    d, only_lacking, stdout, width == 0 ? WIDTH : width);
	if (r < 0) {
		say_error("%s", say_errno(r));
		r = say_exit(r);
	} else {
		lacking = dryrun_lacking(d) > 0;
		if (!w->json)
			putchar('\n');
		r = w->json ? print_json(t, d) : print_table(t);
	}
	dryrun_free(d);
	office_close(&office);
	return r == EX_OK && lacking ? EXIT_LACKING : r;
}

static int
report(struct ctl *ctl, struct disk *log, const struct wishes *w)
{
	struct tally t = { .lines = w->lines };
	int r = ledger_each(log, tally_line, &t);

	if (r < 0)
		return EX_SOFTWARE;
	if (w->lines)
		return command_done(EX_OK);
	if (!w->assume)
		return report_slots(ctl, log, w, &t);
	r = w->json ? print_json(&t, NULL) : print_table(&t);
	return r == EX_OK && is_lacking(&t) ? EXIT_LACKING : r;
}

/* Says each and frees them; whether there were any. */
static bool
say_problems(struct problems *ps)
{
	char line[2048];
	bool any = ps->n > 0;

	for (size_t i = 0; i < ps->n; i++)
		say_error("%s", problem_text(&ps->list[i], line, sizeof(line)));
	problems_free(ps);
	return any;
}

/* One run over borrowed disks and library. */
static int
run(struct ctl *ctl, const struct wishes *w, struct site *site,
    struct library *lib, struct disk *log)
{
	struct daemon_setup setup = {
		.schedules = ctl->root.schedules,
		.boot_id = SIM_BOOT,
		.log = log,
		.library = lib,
		.deck = sim_deck,
		.station = w->station,
		.assume_items = w->assume,
	};
	/* A minute before midnight, so that a slot at 00:00:00 is ahead. */
	int64_t from_us = civil_to_us(w->from_day, 0) - US_PER_MIN;
	int64_t to_us = civil_to_us(w->to_day + 1, 0);
	struct now now = {
		.wall_us = from_us, .boot_us = US_PER_DAY, .trust = TRUST_SYNCED
	};
	struct problems ps = { 0 };
	struct daemon *d;
	bool faulty;
	int r;

	if (!w->assume)
		r = virtual_log_begin(&ctl->root, log);
	else
		r = 0;
	if (r == 0)
		r = daemon_open(&setup, site, now, &ps, &d);
	else
		site_free(site);
	faulty = say_problems(&ps);
	if (r < 0) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	crank(d, from_us, to_us);
	daemon_kill(d);
	r = report(ctl, log, w);
	return (r == EX_OK || r == EXIT_LACKING) && faulty ? EX_DATAERR : r;
}

static int
with_disks(struct ctl *ctl, const struct wishes *w)
{
	struct problems ps = { 0 };
	struct library *lib = NULL;
	struct disk *log = NULL;
	struct site *site = NULL;
	int code = EX_OSERR;
	int r = site_read(ctl->root.conf, &ps, &site);

	say_problems(&ps);
	if (r < 0)
		return EX_DATAERR;
	civil_zone(site->zone);
	if (w->assume)
		site->approval = false;
	r = w->assume ? library_assume(&lib)
		      : library_folder(ctl->root.items, &lib);
	if (r == 0 && disk_memory(&log) == 0)
		code = run(ctl, w, site, lib, log);
	else
		site_free(site);
	disk_close(log);
	library_close(lib);
	return code;
}

/* Nothing simulated would sum to nothing, as if that were right. 0, or the
 * code. */
static int
look_for_stations(const struct root *root)
{
	struct stations st;
	int r = stations_list(root, NULL, &st);

	if (r < 0) {
		say_error(_("%s: there is no schedule; write one as "
			    "STATION.cfg"),
		    root->schedules);
		return EX_NOINPUT;
	}
	stations_free(&st);
	return 0;
}

/* What only a trial knows, without --faults. */
static bool
lacks_faults(const struct trial *t)
{
	return t->example || t->kinds != NULL || t->keep != NULL ||
	       t->months != 0 || t->seed != 0 || t->runs != 0 || t->jobs != 0;
}

static int
with_faults(struct ctl *ctl, const struct wishes *w, struct trial *t)
{
	int r = 0;

	t->station = w->station;
	t->assume = w->assume;
	t->json = w->json;
	t->from_day = w->from_day;
	t->to_day = w->to_day;
	t->seed = t->seed == 0 ? 1 : t->seed;
	t->runs = t->runs == 0 ? 1 : t->runs;
	if (!t->example)
		r = command_station(ctl, w->station);
	if (r == 0 && !t->example)
		r = look_for_stations(&ctl->root);
	return r != 0 ? r : trial_run(ctl, t);
}

int
cmd_simulate(struct ctl *ctl, int argc, char **argv)
{
	struct wishes w = { .from_day = INT64_MIN, .to_day = INT64_MIN };
	struct trial t = { 0 };
	bool faults = false;
	const struct arg args[] = {
		{ "from", ARG_DATE, &w.from_day },
		{ "to", ARG_DATE, &w.to_day },
		{ "station", ARG_TEXT, &w.station },
		{ "assume-items", ARG_FLAG, &w.assume },
		{ "log", ARG_FLAG, &w.lines },
		{ "json", ARG_FLAG, &w.json },
		{ "faults", ARG_FLAG, &faults },
		{ "example", ARG_FLAG, &t.example },
		{ "kinds", ARG_TEXT, &t.kinds },
		{ "keep", ARG_TEXT, &t.keep },
		{ "months", ARG_NUMBER, &t.months },
		{ "seed", ARG_NUMBER, &t.seed },
		{ "runs", ARG_NUMBER, &t.runs },
		{ "jobs", ARG_NUMBER, &t.jobs },
	};
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("too many words"));
	if (faults && w.lines)
		return command_misused(argv[0],
		    _("with --faults the log goes into a folder: --keep DIR"));
	if (faults && t.months != 0 && w.to_day != INT64_MIN)
		return command_misused(
		    argv[0], _("--to and --months each say the end; leave one "
			       "out"));
	if (faults)
		return with_faults(ctl, &w, &t);
	if (lacks_faults(&t))
		return command_misused(
		    argv[0], _("that goes with --faults only; write it too"));
	if (w.from_day == INT64_MIN || w.to_day == INT64_MIN)
		return command_misused(argv[0],
		    _("say which dates: --from 2026-01-01 --to 2026-12-31"));
	if (w.to_day < w.from_day)
		return command_misused(
		    argv[0], _("--to lies before --from; turn them round"));
	r = command_station(ctl, w.station);
	if (r == 0)
		r = look_for_stations(&ctl->root);
	return r != 0 ? r : with_disks(ctl, &w);
}
