/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_power - a station on a real folder and a made-up clock, that tells
 * somebody outside that folder what it has acknowledged; and the same station
 * after a power cut, held to it.
 *
 *	tool_power make ROOT SEED
 *	tool_power live ROOT SEED WITNESS RECORD
 *	tool_power again ROOT SEED WITNESS AT honest|lying
 *
 * make: the folder, with a timetable of 72 slots a day. live: half a day of
 * it by the real crank and ledger, with orders, loads, kills and lost devices
 * at random. WITNESS gets a line for whatever was said to be safe, and when;
 * RECORD is the file whose length is "when" (the record of the disk's writes,
 * or any other). again: the folder is as a power cut left it when RECORD was
 * AT bytes long. Checks what was acknowledged before, starts, runs for a day
 * more, and checks the promises. 0, or 1 with a line for each thing wrong.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/hash.h"
#include "base/root.h"
#include "evidence/audit.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"
#include "tests/fakes/dice.h"

#define STATION "que-minh"
#define FIRST_DAY 20787 /* 2026-11-30, a Monday, the last of its month */
#define LIVE_US (6 * 3600 * US_PER_S)
#define WEEK "2026-W49"

struct post { /* the deck, with an eye on it */
	struct deck deck; /* must be first */
	struct deck *sim;
	struct power *p;
};

struct power {
	struct root root;
	struct dice dice;
	struct disk *log;
	struct disk *state;
	struct library *library;
	struct deck *sim; /* of the living daemon */
	struct daemon *daemon;
	struct now now;
	char boot_id[40];
	char revisions[ROOT_PATH_MAX + 16];
	FILE *witness; /* NULL after the cut */
	const char *record;
	int64_t told; /* lines of the log that the witness has */
	int wrong;
};

static void
die(const char *what)
{
	fprintf(stderr, "tool_power: %s\n", what);
	exit(2);
}

__attribute__((format(printf, 2, 3))) static void
wrong(struct power *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("WRONG: ", stdout);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	p->wrong++;
}

/* The folder ------------------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		die(path);
}

static void
make_folders(const struct root *root)
{
	char path[ROOT_PATH_MAX + 16];
	static const char *const names[] = { "etc", "schedules",
		"schedules/" STATION, "audio", "audio/items", "var", "var/log",
		"var/revisions", "run" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root->top, names[i]);
		mkdir(path, 0750);
	}
}

static void
put_slot(FILE *f, int n, struct dice *d)
{
	static const char *const plays[] = { "item = \"nhac\";",
		"segment = \"ttdn\";", "relay = \"vov1\";",
		"item = \"dai\"; rejoin = \"skip\";",
		"item = \"tin\"; start = \"hard\";",
		"item = \"dai\"; end = \"finish\";" };
	int64_t minutes = 2 + dice_pick(d, 15);

	fprintf(f,
	    "%s{ id = \"s%02d\"; days = \"T2-CN\"; at = \"%02d:%02d:00\"; "
	    "for = \"00:%02d:00\"; %s }",
	    n == 0 ? "" : ",\n", n, n / 3, n % 3 * 20, (int)minutes,
	    plays[dice_pick(d, 6)]);
}

static void
make(struct power *p)
{
	char path[ROOT_PATH_MAX + 64];
	FILE *f;

	make_folders(&p->root);
	write_file(p->root.conf,
	    "zone = \"Asia/Ho_Chi_Minh\"; approval = \"none\";\n"
	    "hours = ( { days = \"T2-CN\"; from = \"00:00\"; "
	    "to = \"24:00\"; } );\nplausible_clock = true;\n"
	    "relays = ( { id = \"vov1\"; title = \"VOV1\"; } );\n"
	    "outputs = ( { station = \"" STATION "\"; driver = \"wav\"; "
	    "file = \"/dev/null\"; } );\n");
	snprintf(path, sizeof(path), "%s/" STATION ".cfg", p->root.schedules);
	f = fopen(path, "we");
	if (f == NULL)
		die(path);
	fputs("station = \"" STATION "\"; name = \"Quế Minh\";\n"
	      "segments = ( { id = \"ttdn\"; title = \"Thông tin\"; } );\n"
	      "slots = (\n",
	    f);
	for (int n = 0; n < 72; n++)
		put_slot(f, n, &p->dice);
	fputs("\n);\n", f);
	fclose(f);
}

/* The witness ------------------------------------------------------------ */

/* How long the record is; whatever is written later lies behind that. */
static long long
here(const struct power *p)
{
	struct stat st;

	return stat(p->record, &st) < 0 ? 0 : (long long)st.st_size;
}

__attribute__((format(printf, 2, 3))) static void
tell(struct power *p, const char *format, ...)
{
	va_list ap;

	if (p->witness == NULL)
		return;
	fprintf(p->witness, "%lld\t", here(p));
	va_start(ap, format);
	vfprintf(p->witness, format, ap);
	va_end(ap);
	putc('\n', p->witness);
}

static int
tell_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct power *p = arg;

	if (seq >= p->told) {
		p->told = seq + 1;
		tell(p, "line\t%.*s", (int)n, line);
	}
	return 0;
}

static json_t *
ask(struct power *p, const char *request)
{
	json_t *req = json_loads(request, 0, NULL);
	json_t *answer = daemon_request(p->daemon, p->now, req);

	json_decref(req);
	return answer;
}

/* What the station itself says is in the log for good. */
static int64_t
leaves(struct power *p)
{
	json_t *answer = ask(p, "{\"cmd\":\"status\"}");
	int64_t n = record_int(json_object_get(answer, "log"), "leaves", 0);

	json_decref(answer);
	return n;
}

static void
tell_acknowledged(struct power *p)
{
	if (p->witness != NULL && leaves(p) > p->told)
		ledger_each(p->log, tell_line, p);
}

/* The deck --------------------------------------------------------------- */

static int
post_load(struct deck *d, struct now now, uint64_t airing, int fd,
    const char *sha256, int64_t offset)
{
	struct post *o = (struct post *)d;

	return o->sim->load(o->sim, now, airing, fd, sha256, offset);
}

/* P4: what begins to sound is in the log by now. */
static int
post_cue(struct deck *d, struct now now, const struct cue *c)
{
	struct post *o = (struct post *)d;

	tell(o->p, "cue");
	return o->sim->cue(o->sim, now, c);
}

static void
post_drop(struct deck *d, struct now now, uint64_t airing)
{
	struct post *o = (struct post *)d;

	o->sim->drop(o->sim, now, airing);
}

static int
post_receive(struct deck *d, struct now now, struct receipt *ret)
{
	struct post *o = (struct post *)d;

	return o->sim->receive(o->sim, now, ret);
}

static int64_t
post_wake(struct deck *d)
{
	struct post *o = (struct post *)d;

	return o->sim->wake(o->sim);
}

static int
post_fd(struct deck *d)
{
	(void)d;
	return -1;
}

static int64_t
post_quiet_since(struct deck *d)
{
	struct post *o = (struct post *)d;

	return o->sim->quiet_since(o->sim);
}

static void
post_close(struct deck *d)
{
	struct post *o = (struct post *)d;

	deck_close(o->sim);
	free(o);
}

static int
post_listen(struct deck *d, struct now now, uint64_t airing,
    const struct deck_live *live)
{
	struct post *o = (struct post *)d;

	return o->sim->listen(o->sim, now, airing, live);
}

static int
post_open(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	static const struct deck ops = { post_load, post_cue, post_drop,
		post_receive, post_wake, post_fd, post_close, post_quiet_since,
		post_listen, NULL };
	struct post *o = calloc(1, sizeof(*o));

	(void)station;
	(void)out;
	if (o == NULL || deck_sim_open(NULL, 0, &o->sim) < 0)
		die("no memory");
	o->deck = ops;
	o->p = arg;
	o->p->sim = o->sim;
	*ret_deck = &o->deck;
	return 0;
}

/* Life ------------------------------------------------------------------- */

static int
start(struct power *p)
{
	struct daemon_setup setup = {
		.site_path = p->root.conf,
		.schedules = p->root.schedules,
		.revisions = p->revisions,
		.boot_id = p->boot_id,
		.log = p->log,
		.state = p->state,
		.library = p->library,
		.deck = post_open,
		.deck_arg = p,
		.assume_items = true,
	};
	struct problems ps = { 0 };
	char text[512];
	struct site *site;
	int r;

	if (site_read(p->root.conf, &ps, &site) < 0)
		die("etc/loaxa.conf");
	civil_zone(site->zone);
	r = daemon_open(&setup, site, p->now, &ps, &p->daemon);
	for (size_t i = 0; i < ps.n; i++)
		wrong(p, "%s", problem_text(&ps.list[i], text, sizeof(text)));
	problems_free(&ps);
	return r;
}

static void
turn(struct power *p, int64_t end_us)
{
	int64_t next;

	tell(p, "turn\t%" PRId64 "\t%" PRId64, p->now.wall_us, p->now.boot_us);
	next = daemon_turn(p->daemon, p->now);
	tell_acknowledged(p);
	next = earlier(
	    later(next, p->now.boot_us + 1), now_boot_at(p->now, end_us));
	p->now.wall_us += next - p->now.boot_us;
	p->now.boot_us = next;
}

static void
run(struct power *p, int64_t end_us)
{
	while (p->now.wall_us < end_us)
		turn(p, end_us);
}

static void
do_approve(struct power *p)
{
	char request[512];
	char sha256[HASH_HEX];
	json_t *answer;

	snprintf(request, sizeof(request), "%" PRId64, dice_pick(&p->dice, 99));
	hash_bytes(request, strlen(request), sha256);
	snprintf(request, sizeof(request),
	    "{\"cmd\":\"record\",\"record\":{\"kind\":\"approve\","
	    "\"item\":\"dai\",\"sha256\":\"%s\",\"person\":\"p-1\"}}",
	    sha256);
	answer = ask(p, request);
	if (json_is_true(json_object_get(answer, "ok")))
		tell(p, "seq\t%" PRId64, record_int(answer, "seq", -1));
	json_decref(answer);
}

/* An order, as the door gives it: the turn comes before the answer. */
static void
order(struct power *p, const char *word)
{
	char request[64];
	json_t *answer;

	snprintf(request, sizeof(request), "{\"cmd\":\"%s\"}", word);
	tell(p, "ask\t%s", word);
	answer = ask(p, request);
	turn(p, p->now.wall_us + 1);
	if (json_is_true(json_object_get(answer, "ok")))
		tell(p, "done\t%s", word);
	json_decref(answer);
}

static void
do_stop(struct power *p)
{
	order(p, "stop");
}

static void
do_resume(struct power *p)
{
	order(p, "resume");
}

static void
week_text(char *text, size_t n, int64_t version)
{
	snprintf(text, n,
	    "week = \"" WEEK "\";\nprogram = (\n"
	    "# %" PRId64 "\n);\n",
	    version);
}

static void
week_path(const struct power *p, char *path, size_t n)
{
	snprintf(path, n, "%s/" STATION "/" WEEK ".cfg", p->root.schedules);
}

static void
week_hash(const struct power *p, char sha256[HASH_HEX])
{
	char path[ROOT_PATH_MAX + 64];
	char text[4096];
	size_t n;
	FILE *f;

	week_path(p, path, sizeof(path));
	f = fopen(path, "re");
	sha256[0] = '\0';
	if (f == NULL)
		return;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	hash_bytes(text, n, sha256);
}

static void
do_load(struct power *p)
{
	char base[HASH_HEX];
	char text[256];
	json_t *request;
	json_t *answer;

	week_hash(p, base);
	week_text(text, sizeof(text), dice_pick(&p->dice, INT32_MAX));
	request = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "cmd", "load",
	    "station", STATION, "by", "p-1", "week", WEEK, "text", text, "base",
	    base);
	hash_bytes(text, strlen(text), base);
	tell(p, "ask\tload\t%s", base);
	answer = daemon_request(p->daemon, p->now, request);
	turn(p, p->now.wall_us + 1);
	if (json_is_true(json_object_get(answer, "ok")))
		tell(p, "done\tload\t%s", base);
	json_decref(request);
	json_decref(answer);
}

static void
do_kill(struct power *p)
{
	p->daemon = daemon_kill(p->daemon);
	p->now.wall_us += US_PER_S;
	p->now.boot_us += US_PER_S;
	if (start(p) < 0)
		die("not again");
	tell_acknowledged(p);
}

static void
do_lose_device(struct power *p)
{
	deck_sim_lose_device(p->sim, p->now,
	    p->now.boot_us + dice_pick(&p->dice, 300 * US_PER_S));
}

static void
do_nothing(struct power *p)
{
	(void)p;
}

static void
begin(struct power *p, int64_t wall_us, const char *boot_id)
{
	int r;

	p->now = (struct now){ .wall_us = wall_us,
		.boot_us = 30 * US_PER_S,
		.trust = TRUST_SYNCED };
	snprintf(p->boot_id, sizeof(p->boot_id), "%s", boot_id);
	snprintf(
	    p->revisions, sizeof(p->revisions), "%s/revisions", p->root.var);
	r = disk_open(p->root.log, &p->log);
	if (r == 0)
		r = disk_open(p->root.var, &p->state);
	if (r == 0)
		r = library_assume(&p->library);
	if (r < 0)
		die("the folder cannot be opened");
}

static void
close_all(struct power *p)
{
	disk_close(p->log);
	disk_close(p->state);
	library_close(p->library);
}

static void
live(struct power *p)
{
	static void (*const events[])(struct power *) = { do_approve,
		do_approve, do_load, do_stop, do_resume, do_resume, do_kill,
		do_lose_device, do_nothing, do_nothing };
	int64_t from = (FIRST_DAY - 1) * US_PER_DAY +
		       dice_pick(&p->dice, 24 * 60) * US_PER_MIN +
		       12 * 3600 * US_PER_S;
	int64_t end = from + LIVE_US;

	begin(p, from, "11111111-0000-4000-8000-000000000000");
	if (start(p) < 0)
		die("the station does not start");
	tell_acknowledged(p);
	while (p->now.wall_us < end) {
		run(p,
		    p->now.wall_us + (1 + dice_pick(&p->dice, 600)) * US_PER_S);
		events[dice_pick(&p->dice, 10)](p);
	}
	tell(p, "turn\t%" PRId64 "\t%" PRId64, p->now.wall_us, p->now.boot_us);
	p->daemon = daemon_kill(p->daemon);
}

/* After the cut ---------------------------------------------------------- */

struct told { /* what the witness knows of the moment of the cut */
	char **lines;
	int64_t n_lines;
	int64_t cues;
	int64_t seq; /* of the last record that a person was told of; -1 */
	int64_t cut_us; /* the cut came no later than this */
	bool stopped, maybe_stopped; /* by the last order done, or asked */
	char week[HASH_HEX], maybe_week[HASH_HEX];
};

static void
take_line(struct told *t, const char *text)
{
	t->lines =
	    realloc(t->lines, (size_t)(t->n_lines + 1) * sizeof(*t->lines));
	if (t->lines == NULL)
		die("no memory");
	t->lines[t->n_lines++] = strdup(text);
}

static void
take_order(struct told *t, const char *text, bool done)
{
	if (strncmp(text, "load\t", 5) == 0) {
		snprintf(t->maybe_week, sizeof(t->maybe_week), "%s", text + 5);
		if (done)
			snprintf(t->week, sizeof(t->week), "%s", text + 5);
		return;
	}
	t->maybe_stopped = strcmp(text, "stop") == 0;
	if (done)
		t->stopped = t->maybe_stopped;
}

static void
take(struct told *t, const char *text)
{
	if (strncmp(text, "line\t", 5) == 0)
		take_line(t, text + 5);
	else if (strncmp(text, "seq\t", 4) == 0)
		t->seq = atoll(text + 4);
	else if (strncmp(text, "ask\t", 4) == 0)
		take_order(t, text + 4, false);
	else if (strncmp(text, "done\t", 5) == 0)
		take_order(t, text + 5, true);
	else if (strcmp(text, "cue") == 0)
		t->cues++;
}

/* What is acknowledged at `at` or before; of later lines only the first
 * order, which may have been under way, and the clock. */
static void
told_read(const char *path, long long at, struct told *t)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (f == NULL)
		die("no witness");
	*t = (struct told){ .seq = -1 };
	while ((n = getline(&line, &room, f)) > 0) {
		char *text = strchr(line, '\t');

		if (text == NULL || line[n - 1] != '\n')
			die("the witness is torn");
		line[n - 1] = '\0';
		if (atoll(line) <= at) {
			take(t, text + 1);
		} else if (strncmp(text + 1, "turn\t", 5) == 0) {
			t->cut_us = atoll(text + 6);
			break;
		}
		if (strncmp(text + 1, "turn\t", 5) == 0)
			t->cut_us = atoll(text + 6);
	}
	free(line);
	fclose(f);
}

static void
told_free(struct told *t)
{
	for (int64_t i = 0; i < t->n_lines; i++)
		free(t->lines[i]);
	free(t->lines);
}

struct after {
	struct power *p;
	const struct told *t;
	int64_t lines, starts;
	int64_t aired; /* slots after the cut that aired */
};

/* The log as it is found: every line acknowledged, where it was. */
static int
look_found(void *arg, const char *line, size_t n, int64_t seq)
{
	struct after *a = arg;

	a->lines++;
	a->starts += record_kind(line, n) == KIND_START;
	if (a->p->wrong == 0 && seq < a->t->n_lines &&
	    (strlen(a->t->lines[seq]) != n ||
		memcmp(a->t->lines[seq], line, n) != 0))
		wrong(a->p, "record %" PRId64 " is not the acknowledged one",
		    seq);
	return 0;
}

static void
check_found(struct power *p, const struct told *t)
{
	struct after a = { .p = p, .t = t };
	char sha256[HASH_HEX];

	ledger_each(p->log, look_found, &a);
	if (a.lines < t->n_lines)
		wrong(p, "%" PRId64 " records of %" PRId64 " acknowledged",
		    a.lines, t->n_lines);
	if (a.lines <= t->seq)
		wrong(p, "record %" PRId64 " was promised to a person", t->seq);
	/* Every life tells its cues again; those before are in the log too. */
	if (a.starts < t->cues)
		wrong(p, "%" PRId64 " cues, %" PRId64 " start records", t->cues,
		    a.starts);
	week_hash(p, sha256);
	if (strcmp(sha256, t->week) != 0 && strcmp(sha256, t->maybe_week) != 0)
		wrong(p, "the week that was loaded is not there");
}

/* P7: nothing that was cut claims to have sounded longer than it could; to the
 * millisecond, which is as fine as the log tells it. */
static int
look_after(void *arg, const char *line, size_t n, int64_t seq)
{
	struct after *a = arg;
	const char *key;
	int64_t us = 0;
	json_t *r;

	(void)seq;
	if (record_parse(line, n, &r) < 0)
		return 0;
	key = record_text(r, "kind");
	if (strcmp(key, "end") == 0 &&
	    civil_read_utc(record_text(r, "actual_utc"), &us) == 0 &&
	    us <= a->t->cut_us &&
	    strcmp(record_text(r, "reason"), "power_lost") == 0 &&
	    us + record_int(r, "actual_ms", 0) * 1000 >
		a->t->cut_us + US_PER_MS)
		wrong(a->p, "%s claims %" PRId64 " ms, more than there was",
		    record_text(r, "airing_id"), record_int(r, "actual_ms", 0));
	if (strcmp(key, "slot") == 0 &&
	    civil_read_utc(record_text(r, "planned_utc"), &us) == 0 &&
	    us > a->t->cut_us && strcmp(record_text(r, "status"), "aired") == 0)
		a->aired++;
	json_decref(r);
	return 0;
}

static void
on_finding(void *arg, const struct finding *f)
{
	wrong(arg, "audit: %s %s:%lld: %s", f->promise, f->file,
	    (long long)f->line, f->text);
}

static void
check_after(struct power *p, const struct told *t)
{
	struct after a = { .p = p, .t = t };
	struct audit sum;
	int r = audit_dir(p->root.log, on_finding, p, &sum);

	if (r < 0)
		wrong(p, "the log cannot be audited: %s", strerror(-r));
	else if (sum.torn_bytes != 0)
		wrong(p, "the log ends in an unfinished line");
	ledger_each(p->log, look_after, &a);
	if (a.aired == 0)
		wrong(p, "nothing has aired since");
}

/* A person's stop outlives the cut, and nothing else stops a station. */
static void
check_stopped(struct power *p, const struct told *t, bool lying)
{
	json_t *answer = ask(p, "{\"cmd\":\"status\"}");
	const json_t *station =
	    json_array_get(json_object_get(answer, "stations"), 0);
	bool stopped =
	    json_is_string(json_object_get(station, "stopped_until_utc"));

	if (station == NULL)
		wrong(p, "there is no station");
	if (!lying && stopped != t->stopped && stopped != t->maybe_stopped)
		wrong(
		    p, "the station is %sstopped", stopped ? "" : "no longer ");
	json_decref(answer);
}

static void
again(struct power *p, const char *witness, const char *at, bool lying)
{
	struct told t;
	int64_t gap = 15 * US_PER_S;
	int r;

	told_read(witness, atoll(at), &t);
	while (gap < 8 * 3600 * US_PER_S && dice_pick(&p->dice, 4) != 0)
		gap *= 3;
	begin(p, t.cut_us + gap, "22222222-0000-4000-8000-000000000000");
	if (!lying)
		check_found(p, &t);
	r = start(p);
	if (r < 0) {
		wrong(p, "the station does not come up: %s", strerror(-r));
	} else {
		turn(p, p->now.wall_us + 1);
		check_stopped(p, &t, lying);
		order(p, "resume");
		run(p, p->now.wall_us + 3 * 3600 * US_PER_S);
		if (leaves(p) == 0)
			wrong(p, "nothing is written");
		p->daemon = daemon_close(p->daemon, p->now);
		check_after(p, &t);
	}
	told_free(&t);
}

int
main(int argc, char **argv)
{
	static struct power p; /* paths are large for a stack */

	if (argc < 4)
		die("usage: tool_power make|live|again ROOT SEED ...");
	if (root_find(argv[2], &p.root) < 0)
		die("there is no such folder");
	dice_init(&p.dice, strtoull(argv[3], NULL, 10));
	if (strcmp(argv[1], "make") == 0) {
		make(&p);
		return 0;
	}
	if (strcmp(argv[1], "live") == 0 && argc == 6) {
		p.witness = fopen(argv[4], "we");
		p.record = argv[5];
		if (p.witness == NULL)
			die("the witness has no paper");
		live(&p);
		if (fclose(p.witness) != 0)
			die("the witness has no paper");
	} else if (strcmp(argv[1], "again") == 0 && argc == 7) {
		again(&p, argv[4], argv[5], strcmp(argv[6], "lying") == 0);
	} else {
		die("usage: see the head of tool_power.c");
	}
	close_all(&p);
	return p.wrong > 0;
}
