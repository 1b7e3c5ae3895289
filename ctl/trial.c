/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/fleet.h"
#include "ctl/outcome.h"
#include "ctl/promise.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/trial.h"
#include "scheduler/site.h"

#define EXAMPLE_ZONE "Asia/Ho_Chi_Minh"
#define EXAMPLE_DAY 20780 /* 2026-11-23, a Monday: its days do not change */
#define SECONDS_MAX 3600 /* one life, of years too */
#define TELL_US (5 * US_PER_S)
#define SHOWN_MAX 10 /* seeds that broke a promise, one by one */

struct tally {
	const struct trial *t;
	struct ctl *ctl;
	struct misfortune_setup life;
	struct misfortune_result sum;
	int64_t lives;
	int64_t failed; /* of them */
	int64_t told_us;
	json_t *failures;
};

static volatile sig_atomic_t told_to_end;

static void
on_signal(int sig)
{
	(void)sig;
	told_to_end = 1;
}

/* One life ----------------------------------------------------------------- */

static void
tell_stroke(void *arg, int64_t at_us, const char *what, int64_t us)
{
	struct civil_text at, length;

	(void)arg;
	if (us == 0)
		printf("%s  %s\n", say_instant(at_us, &at), what);
	else
		printf("%s  %s, %s%s\n", say_instant(at_us, &at), what,
		    us < 0 ? "-" : "", say_length(llabs(us), &length));
}

/* What to type to see a seed again. */
static void
print_command(FILE *out, const struct tally *k, uint64_t seed)
{
	const struct root *root = &k->ctl->root;
	struct civil_text from, to;

	fputs("loaxa", out);
	if (k->life.root != NULL &&
	    strncmp(root->conf, root->top, strlen(root->top)) == 0)
		fprintf(out, " --root %s", root->top);
	fputs(" simulate --faults", out);
	if (k->t->example)
		fputs(" --example", out);
	if (k->t->station != NULL)
		fprintf(out, " --station %s", k->t->station);
	if (k->t->assume)
		fputs(" --assume-items", out);
	if (k->t->kinds != NULL)
		fprintf(out, " --kinds %s", k->t->kinds);
	fprintf(out, " --from %s --to %s --seed %llu",
	    civil_date_text(k->life.from_day, &from),
	    civil_date_text(k->life.to_day, &to), (unsigned long long)seed);
}

static char *
command_of(const struct tally *k, uint64_t seed)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	print_command(out, k, seed);
	fclose(out);
	return text;
}

/* The sums of all lives ---------------------------------------------------- */

static void
add_outcomes(struct misfortune_result *sum, const struct misfortune_result *r)
{
	for (size_t i = 0; i < r->n_outcomes; i++) {
		size_t k;

		for (k = 0; k < sum->n_outcomes; k++)
			if (strcmp(sum->outcomes[k].status,
				r->outcomes[i].status) == 0 &&
			    strcmp(sum->outcomes[k].reason,
				r->outcomes[i].reason) == 0)
				break;
		if (k == MISFORTUNE_OUTCOMES)
			continue;
		if (k == sum->n_outcomes) {
			sum->outcomes[sum->n_outcomes++] = r->outcomes[i];
			continue;
		}
		sum->outcomes[k].n += r->outcomes[i].n;
	}
}

static void
add_life(struct misfortune_result *sum, const struct misfortune_result *r)
{
	for (size_t i = 0; i < MISFORTUNE_STROKES; i++)
		sum->strokes[i] += r->strokes[i];
	sum->days += r->days;
	sum->turns += r->turns;
	sum->records += r->records;
	sum->witnessed += r->witnessed;
	sum->slots += r->slots;
	add_outcomes(sum, r);
	memcpy(sum->digest, r->digest, sizeof(sum->digest));
}

static void
print_failure(struct tally *k, uint64_t seed, const struct misfortune_result *r)
{
	char *what = say_safe(r->what);
	char *command = command_of(k, seed);
	struct civil_text at;

	printf(_("Broken with seed %llu: "), (unsigned long long)seed);
	if (r->at_us != 0)
		printf("%s: ", say_instant(r->at_us, &at));
	if (r->promise[0] == 'P')
		printf("%s (%s): ", r->promise, promise_text(r->promise));
	printf("%s\n", what == NULL ? "?" : what);
	printf(_("  see it again: %s\n"), command == NULL ? "?" : command);
	fflush(stdout);
	free(command);
	free(what);
}

static void
keep_failure(struct tally *k, uint64_t seed, const struct misfortune_result *r)
{
	char *command = command_of(k, seed);
	struct civil_text t;

	json_array_append_new(k->failures,
	    json_pack("{s:I, s:s, s:o, s:s, s:s}", "seed", (json_int_t)seed,
		"promise", r->promise, "utc",
		r->at_us == 0 ? json_null()
			      : json_string(civil_utc_text(r->at_us, &t)),
		"text", r->what, "command", command == NULL ? "" : command));
	free(command);
}

static int
on_ended(void *arg, uint64_t seed, const struct misfortune_result *r)
{
	struct tally *k = arg;

	k->lives++;
	add_life(&k->sum, r);
	if (r->broken > 0 && k->failed++ < SHOWN_MAX) {
		if (k->t->json)
			keep_failure(k, seed, r);
		else
			print_failure(k, seed, r);
	}
	return told_to_end;
}

static int
on_waiting(void *arg)
{
	struct tally *k = arg;
	int64_t now_us = clock_read().boot_us;

	if (k->told_us == 0)
		k->told_us = now_us;
	if (now_us < k->told_us + TELL_US)
		return told_to_end;
	k->told_us = now_us;
	fprintf(stderr, _("%lld of %d lives, %lld broken\n"),
	    (long long)k->lives, k->t->runs, (long long)k->failed);
	return told_to_end;
}

/* What is printed ---------------------------------------------------------- */

static const char *
kind_text(enum misfortune m)
{
	static const char *const texts[MISFORTUNES] = {
		[MISFORTUNE_POWER] = N_("power"),
		[MISFORTUNE_CLOCK] = N_("clock"),
		[MISFORTUNE_DEVICE] = N_("sound"),
		[MISFORTUNE_DISK] = N_("disk"),
		[MISFORTUNE_EDITS] = N_("people"),
	};

	return _(texts[m]);
}

static int
print_strokes(const struct tally *k)
{
	const struct column columns[] = {
		{ _("KIND"), 0 },
		{ _("WHAT WENT WRONG"), COLUMN_ELASTIC },
		{ _("TIMES"), COLUMN_RIGHT },
	};
	struct table *t = table_new(columns, COUNT(columns));
	enum misfortune kind;
	const char *words;
	char n[32];

	if (t == NULL)
		return -ENOMEM;
	for (size_t i = 0; (words = misfortune_stroke(i, &kind)) != NULL; i++) {
		if (k->sum.strokes[i] == 0)
			continue;
		snprintf(n, sizeof(n), "%lld", (long long)k->sum.strokes[i]);
		table_row(
		    t, (const char *const[]){ kind_text(kind), _(words), n });
	}
	table_print(t, stdout, table_width(stdout));
	table_free(t);
	return 0;
}

static int
by_status(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct misfortune_outcome, n));
}

static int
print_outcomes(struct tally *k)
{
	const struct column columns[] = {
		{ _("STATUS"), 0 },
		{ _("REASON"), COLUMN_ELASTIC },
		{ _("SLOTS"), COLUMN_RIGHT },
	};
	struct table *t = table_new(columns, COUNT(columns));
	struct misfortune_result *s = &k->sum;
	char n[32];

	if (t == NULL)
		return -ENOMEM;
	qsort(s->outcomes, s->n_outcomes, sizeof(s->outcomes[0]), by_status);
	for (size_t i = 0; i < s->n_outcomes; i++) {
		snprintf(n, sizeof(n), "%lld", (long long)s->outcomes[i].n);
		table_row(t, (const char *const[]){
				 outcome_status(s->outcomes[i].status),
				 outcome_reason(s->outcomes[i].reason), n });
	}
	table_print(t, stdout, table_width(stdout));
	table_free(t);
	return 0;
}

static void
print_sum(struct tally *k, uint64_t next)
{
	struct misfortune_result *s = &k->sum;

	print_strokes(k);
	putchar('\n');
	print_outcomes(k);
	printf(_("\nLives: %lld, of %lld days together; %lld slots; %lld of "
		 "%lld records had counted, and were looked for after every "
		 "crash.\n"),
	    (long long)k->lives, (long long)s->days, (long long)s->slots,
	    (long long)s->witnessed, (long long)s->records);
	if (k->lives == 1)
		printf(_("Digest of the log, the same whenever this seed is "
			 "played: %s\n"),
		    s->digest);
	if (k->failed == 0)
		printf("%s\n", _("Every promise was kept."));
	else
		printf(_("Promises were broken in %lld lives. This is a fault "
			 "of the program: please report the lines above.\n"),
		    (long long)k->failed);
	if (told_to_end)
		printf(_("Ended early; go on with --seed %llu\n"),
		    (unsigned long long)next);
}

static int
print_json(struct tally *k, uint64_t next)
{
	struct misfortune_result *s = &k->sum;
	json_t *strokes = json_object();
	json_t *outcomes = json_array();
	enum misfortune kind;
	const char *words;

	for (size_t i = 0; (words = misfortune_stroke(i, &kind)) != NULL; i++)
		json_object_set_new(
		    strokes, words, json_integer((json_int_t)s->strokes[i]));
	for (size_t i = 0; i < s->n_outcomes; i++)
		json_array_append_new(outcomes,
		    json_pack("{s:s, s:s, s:I}", "status",
			s->outcomes[i].status, "reason", s->outcomes[i].reason,
			"slots", (json_int_t)s->outcomes[i].n));
	return command_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s, "
				      "s:o, s:o, s:O}",
	    "lives", (json_int_t)k->lives, "days", (json_int_t)s->days, "next",
	    (json_int_t)next, "slots", (json_int_t)s->slots, "records",
	    (json_int_t)s->records, "counted", (json_int_t)s->witnessed,
	    "digest", k->lives == 1 ? s->digest : "", "strokes", strokes,
	    "outcomes", outcomes, "broken", k->failures));
}

/* The whole ---------------------------------------------------------------- */

static int
set_dates(struct tally *k)
{
	const struct trial *t = k->t;
	int months = t->months == 0 ? 1 : t->months;
	int second;

	k->life.from_day = t->from_day;
	if (t->from_day == INT64_MIN && t->example)
		k->life.from_day = EXAMPLE_DAY;
	else if (t->from_day == INT64_MIN)
		civil_from_us(clock_read().wall_us, &k->life.from_day, &second);
	k->life.to_day =
	    t->to_day != INT64_MIN
		? t->to_day
		: k->life.from_day + (int64_t)months * TRIAL_MONTH_DAYS - 1;
	if (k->life.to_day >= k->life.from_day)
		return 0;
	return command_misused(
	    "simulate", _("--to lies before --from; turn them round"));
}

/* The station's own zone, once: a faulty site is told here. */
static int
set_zone(struct ctl *ctl, const struct trial *t)
{
	struct problems ps = { 0 };
	struct site *site = NULL;
	char line[2048];
	int r;

	if (t->example)
		return civil_zone(EXAMPLE_ZONE) < 0 ? EX_OSFILE : 0;
	r = site_read(ctl->root.conf, &ps, &site);
	for (size_t i = 0; i < ps.n; i++)
		say_error("%s", problem_text(&ps.list[i], line, sizeof(line)));
	problems_free(&ps);
	if (r < 0)
		return EX_DATAERR;
	civil_zone(site->zone);
	site_free(site);
	return 0;
}

/* Alone it tells every stroke, and may keep its log and its witness. */
static int
run_one(struct tally *k)
{
	struct misfortune_setup life = k->life;
	struct misfortune_result r;
	char path[4096];
	int e;

	life.seed = (uint64_t)k->t->seed;
	life.tell = k->t->json ? NULL : tell_stroke;
	life.keep = k->t->keep;
	if (k->t->keep != NULL) {
		mkdir(k->t->keep, 0777);
		snprintf(path, sizeof(path), "%s/witness.txt", k->t->keep);
		life.witness = fopen(path, "we");
		if (life.witness == NULL) {
			say_error("%s: %s", path, say_errno(-errno));
			return EX_CANTCREAT;
		}
	}
	e = misfortune_run(&life, &r);
	if (life.witness != NULL && fclose(life.witness) != 0 && e == 0)
		e = -EIO;
	if (e < 0) {
		say_error("%s", say_errno(e));
		return say_exit(e);
	}
	if (!k->t->json)
		putchar('\n');
	on_ended(k, life.seed, &r);
	return 0;
}

static int
run_many(struct tally *k, uint64_t *ret_next)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct fleet_setup fleet = {
		.life = &k->life,
		.first = (uint64_t)k->t->seed,
		.runs = k->t->runs,
		.jobs =
		    k->t->jobs > 0 ? k->t->jobs : (int)(cpus > 0 ? cpus : 1),
		.seconds = SECONDS_MAX,
		.ended = on_ended,
		.waiting = on_waiting,
		.arg = k,
	};
	struct sigaction sa = { .sa_handler = on_signal };
	int r;

	if (fleet.jobs > FLEET_JOBS_MAX)
		fleet.jobs = FLEET_JOBS_MAX;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	r = fleet_run(&fleet, ret_next);
	if (r == 0)
		return 0;
	say_error("%s", say_errno(r));
	return say_exit(r);
}

static int
finish(struct tally *k, uint64_t next)
{
	int r = EX_OK;

	if (k->t->json)
		r = print_json(k, next);
	else
		print_sum(k, next);
	r = r == EX_OK ? command_done(EX_OK) : r;
	return r == EX_OK && k->failed > 0 ? EX_SOFTWARE : r;
}

int
trial_run(struct ctl *ctl, const struct trial *t)
{
	struct tally k = { .t = t,
		.ctl = ctl,
		.life = { .root = t->example ? NULL : &ctl->root,
		    .station = t->station,
		    .assume = t->assume,
		    .kinds = t->kinds == NULL ? MISFORTUNE_ALL
					      : misfortune_kinds(t->kinds) } };
	uint64_t next = (uint64_t)t->seed + 1;
	int r;

	if (k.life.kinds == 0)
		return command_misused("simulate",
		    _("--kinds is a list of power, clock, device, disk and "
		      "edits, with commas"));
	if (t->keep != NULL && t->runs > 1)
		return command_misused("simulate",
		    _("--keep keeps the log of one life; leave out --runs"));
	r = set_zone(ctl, t);
	if (r == 0)
		r = set_dates(&k);
	if (r != 0)
		return r;
	k.failures = json_array();
	r = t->runs > 1 ? run_many(&k, &next) : run_one(&k);
	if (r == 0)
		r = finish(&k, next);
	json_decref(k.failures);
	return r;
}
