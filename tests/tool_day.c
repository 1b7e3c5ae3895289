/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_day - a scripted day of a station on a real folder and a made-up
 * clock, to be hurt at every one of its calls to the disk (shim_disk.c).
 *
 *	tool_day make ROOT SCRIPT
 *	tool_day live ROOT SCRIPT WITNESS
 *	tool_day finish ROOT SCRIPT WITNESS
 *
 * make: the folder. live: the script, from where WITNESS says that an earlier
 * life died. WITNESS is written through memory, which a kill does not take
 * back: how far the day is, and every line of the log that was said to be
 * safe. finish: the rest of it; then checks that each of those lines is still
 * there, to the byte and in its place, and what audit checks. 0, or 1 with a
 * line for each thing wrong.
 *
 * Scripts: day (slots, an approval, a stop), office (programmes loaded,
 * approvals, over a month's end), restart (orderly ends, a torn line).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

#define STATION "que-minh"
#define DAY 20787 /* 2026-11-30, a Monday, the last of its month */
#define WEEK "2026-W49"
#define RESTART_US (7 * US_PER_S) /* until a killed daemon is started again */
#define SETTLE_US (20 * US_PER_MIN) /* until every window is closed */
#define LINES_MAX (1 << 19)
#define SCRIPT_MAX 16

enum act { ACT_APPROVE, ACT_LOAD, ACT_RELOAD, ACT_STOP, ACT_RESUME, ACT_END };

struct script {
	const char *name;
	const char *at; /* when the day begins */
	const char *slots;
	struct {
		int after_s;
		enum act act;
	} steps[SCRIPT_MAX]; /* closed by a second of 0 */
	int length_s;
};

#define SLOT(id, at, length, rest) DAY_SLOT("T2-CN", id, at, length, rest)
#define DAY_SLOT(days, id, at, length, rest) \
	"{ id = \"" id "\"; days = \"" days "\"; at = \"" at \
	"\"; for = \"00:" length "\"; " rest " }"

static const struct script scripts[] = {
	{ "day", "04:59:30",
	    SLOT("mo", "05:00:00", "00:10",
		"item = \"nhac\"; start = \"hard\";") "," SLOT("tin",
		"05:00:20", "00:20",
		"segment = \"ttdn\";") "," SLOT("vov", "05:00:45", "00:15",
		"relay = \"vov1\";") "," SLOT("dai", "05:01:10", "00:30",
		"item = \"dai\"; end = \"finish\";") "," SLOT("cuoi",
		"05:02:30", "00:10", "item = \"nhac\";"),
	    { { 10, ACT_APPROVE }, { 105, ACT_STOP }, { 112, ACT_RESUME },
		{ 150, ACT_APPROVE } },
	    240 },
	{ "office", "23:58:40",
	    DAY_SLOT("T2", "mo", "23:59:00", "00:10",
		"item = \"nhac\";") "," DAY_SLOT("T3", "tin", "00:00:10",
		"00:20", "segment = \"ttdn\";") "," DAY_SLOT("T3", "cuoi",
		"00:03:00", "00:10", "segment = \"ttdn\";"),
	    { { 5, ACT_LOAD }, { 8, ACT_APPROVE }, { 30, ACT_LOAD },
		{ 75, ACT_APPROVE }, { 95, ACT_RELOAD }, { 130, ACT_LOAD },
		{ 140, ACT_APPROVE } },
	    300 },
	{ "restart", "04:59:40",
	    SLOT("mo", "05:00:00", "00:10", "item = \"nhac\";") "," SLOT(
		"dai", "05:00:20", "00:40", "item = \"dai\";") "," SLOT("cuoi",
		"05:01:30", "00:10", "item = \"nhac\";"),
	    { { 10, ACT_END }, { 45, ACT_END }, { 90, ACT_END } }, 180 },
};

struct witness { /* shared with the lives after this one */
	int64_t wall_us, boot_us; /* 0: not begun */
	int step; /* done, or begun and not said to be done */
	int64_t leaves; /* lines below */
	size_t n;
	char lines[LINES_MAX];
};

struct life {
	struct root root;
	const struct script *script;
	struct witness *w;
	struct disk *log, *state;
	struct library *library;
	struct daemon *daemon;
	struct now now;
	int64_t from_us; /* when the script began */
	char revisions[ROOT_PATH_MAX + 16];
	int64_t safe; /* leaves that are said to count */
	int wrong;
};

static void
die(const char *what)
{
	fprintf(stderr, "tool_day: %s: %s\n", what, strerror(errno));
	exit(2);
}

__attribute__((format(printf, 2, 3))) static void
wrong(struct life *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("WRONG: ", stdout);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	l->wrong++;
}

/* The folder ------------------------------------------------------------- */

static void
write_file(const char *top, const char *name, const char *text)
{
	char path[ROOT_PATH_MAX + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	f = fopen(path, "we");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		die(path);
}

static void
make(struct life *l)
{
	static const char *const names[] = { "etc", "schedules",
		"schedules/" STATION, "audio", "audio/items", "var", "var/log",
		"var/revisions", "run" };
	const char *top = l->root.top;
	char text[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "%s/%s", top, names[i]);
		mkdir(text, 0750);
	}
	write_file(top, "etc/loaxa.conf",
	    "approval = \"none\"; ballast_mb = 1;\n"
	    "hours = ( { days = \"T2-CN\"; from = \"00:00\"; "
	    "to = \"24:00\"; } );\n"
	    "relays = ( { id = \"vov1\"; title = \"VOV1\"; } );\n"
	    "outputs = ( { station = \"" STATION "\"; driver = \"wav\"; "
	    "file = \"/dev/null\"; } );\n");
	snprintf(text, sizeof(text),
	    "station = \"" STATION "\"; name = \"Quế Minh\";\n"
	    "segments = ( { id = \"ttdn\"; title = \"Thông tin\"; } );\n"
	    "slots = ( %s );\n",
	    l->script->slots);
	write_file(top, "schedules/" STATION ".cfg", text);
	/* As a power cut leaves it. */
	if (strcmp(l->script->name, "restart") == 0)
		write_file(top, "var/log/airing-2026-11.jsonl",
		    "{\"v\":1,\"kind\":\"op\",\"seq\":0,\"stat");
}

/* The witness ------------------------------------------------------------ */

static json_t *
ask(struct life *l, json_t *request)
{
	json_t *answer = daemon_request(l->daemon, l->now, request);

	json_decref(request);
	return answer;
}

static int
witness_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct life *l = arg;
	struct witness *w = l->w;

	if (seq < w->leaves)
		return 0;
	if (seq >= l->safe)
		return 1; /* written, and not yet safe */
	if (w->n + n + 1 > LINES_MAX)
		die("the witness is full");
	memcpy(w->lines + w->n, line, n);
	w->lines[w->n + n] = '\n';
	w->n += n + 1;
	w->leaves = seq + 1;
	return 0;
}

/* What the station itself says is in the log for good. */
static void
witness_safe(struct life *l)
{
	json_t *answer = ask(l, json_pack("{s:s}", "cmd", "status"));
	int64_t n = record_int(json_object_get(answer, "log"), "leaves", 0);

	json_decref(answer);
	l->safe = n;
	if (n <= l->w->leaves)
		return;
	ledger_each(l->log, witness_line, l);
	if (l->w->leaves < n)
		wrong(l,
		    "%" PRId64 " leaves are said to count, %" PRId64
		    " are there",
		    n, l->w->leaves);
}

static struct witness *
witness_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *w;

	if (fd < 0 || ftruncate(fd, sizeof(struct witness)) < 0)
		die(path);
	w = mmap(NULL, sizeof(struct witness), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (w == MAP_FAILED)
		die(path);
	close(fd);
	return w;
}

/* Life ------------------------------------------------------------------- */

static int
open_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	(void)arg;
	(void)station;
	(void)out;
	return deck_sim_open(NULL, 0, ret_deck);
}

static int
start(struct life *l)
{
	struct daemon_setup setup = {
		.site_path = l->root.conf,
		.schedules = l->root.schedules,
		.revisions = l->revisions,
		.boot_id = "11111111-0000-4000-8000-000000000000",
		.log = l->log,
		.state = l->state,
		.library = l->library,
		.deck = open_deck,
		.assume_items = true,
	};
	struct problems ps = { 0 };
	struct site *site;
	int r;

	if (site_read(l->root.conf, &ps, &site) < 0)
		die("etc/loaxa.conf");
	civil_zone(site->zone);
	r = daemon_open(&setup, site, l->now, &ps, &l->daemon);
	problems_free(&ps);
	return r;
}

static void
turn(struct life *l, int64_t end_us)
{
	int64_t next = daemon_turn(l->daemon, l->now);
	int64_t end = now_boot_at(l->now, end_us);

	witness_safe(l);
	next = earlier(later(next, l->now.boot_us + 1), end);
	l->now.wall_us += next - l->now.boot_us;
	l->now.boot_us = next;
	l->w->wall_us = l->now.wall_us;
	l->w->boot_us = l->now.boot_us;
}

static void
run(struct life *l, int64_t end_us)
{
	while (l->now.wall_us < end_us)
		turn(l, end_us);
}

/* P4: what is acknowledged is safe by then. */
static void
heed(struct life *l, json_t *answer)
{
	int64_t seq = record_int(answer, "seq", -1);

	if (json_is_true(json_object_get(answer, "ok"))) {
		witness_safe(l);
		if (seq >= l->w->leaves)
			wrong(l,
			    "record %" PRId64 " was acknowledged, and "
			    "%" PRId64 " leaves count",
			    seq, l->w->leaves);
	}
	json_decref(answer);
}

static void
approve(struct life *l)
{
	char sha256[HASH_HEX];
	char what[32];

	snprintf(what, sizeof(what), "step %d", l->w->step);
	hash_bytes(what, strlen(what), sha256);
	heed(l, ask(l, json_pack("{s:s, s:{s:s, s:s, s:s, s:s}}", "cmd",
			   "record", "record", "kind", "approve", "item", "dai",
			   "sha256", sha256, "person", "p-1")));
}

static void
load(struct life *l)
{
	char path[ROOT_PATH_MAX + 64];
	char base[HASH_HEX] = "";
	char text[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/" STATION "/" WEEK ".cfg",
	    l->root.schedules);
	f = fopen(path, "re");
	if (f != NULL) {
		n = fread(text, 1, sizeof(text), f);
		fclose(f);
		hash_bytes(text, n, base);
	}
	snprintf(text, sizeof(text),
	    "week = \"" WEEK "\";\nprogram = ( { slot = \"tin\"; items = [ "
	    "\"ban-%d\" ]; },\n{ slot = \"cuoi\"; items = [ \"ban-%d\" ]; } "
	    ");\n",
	    l->w->step, l->w->step);
	heed(l, ask(l, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "cmd",
			   "load", "station", STATION, "by", "p-1", "week",
			   WEEK, "text", text, "base", base)));
}

static void
stop_and_start(struct life *l)
{
	l->daemon = daemon_close(l->daemon, l->now);
	l->now.wall_us += 2 * US_PER_S;
	l->now.boot_us += 2 * US_PER_S;
	if (start(l) < 0)
		exit(3); /* a disk that fails; a supervisor tries again */
}

static void
act(struct life *l, enum act a)
{
	switch (a) {
	case ACT_APPROVE:
		approve(l);
		return;
	case ACT_LOAD:
		load(l);
		return;
	case ACT_END:
		stop_and_start(l);
		return;
	case ACT_RELOAD:
		heed(l, ask(l, json_pack("{s:s}", "cmd", "reload")));
		return;
	case ACT_STOP:
		heed(l, ask(l, json_pack("{s:s}", "cmd", "stop")));
		return;
	case ACT_RESUME:
		heed(l, ask(l, json_pack("{s:s}", "cmd", "resume")));
		return;
	}
}

static void
begin(struct life *l)
{
	struct witness *w = l->w;
	int second;

	if (disk_open(l->root.log, &l->log) < 0 ||
	    disk_open(l->root.var, &l->state) < 0 ||
	    library_assume(&l->library) < 0)
		exit(3); /* as start() does */
	civil_zone("Asia/Ho_Chi_Minh");
	civil_read_time(l->script->at, &second);
	l->from_us = civil_to_us(DAY, second);
	if (w->wall_us == 0) {
		w->wall_us = l->from_us;
		w->boot_us = US_PER_DAY;
	} else {
		w->wall_us += RESTART_US;
		w->boot_us += RESTART_US;
	}
	l->now = (struct now){ w->wall_us, w->boot_us, TRUST_SYNCED };
}

static int
live(struct life *l)
{
	begin(l);
	if (start(l) < 0)
		return 3;
	for (; l->script->steps[l->w->step].after_s != 0;) {
		int i = l->w->step;

		run(l, l->from_us + l->script->steps[i].after_s * US_PER_S);
		l->w->step++;
		act(l, l->script->steps[i].act);
	}
	run(l, l->from_us + l->script->length_s * US_PER_S);
	l->daemon = daemon_close(l->daemon, l->now);
	l->w->wall_us = l->now.wall_us;
	l->w->boot_us = l->now.boot_us;
	return l->wrong != 0;
}

/* The end ---------------------------------------------------------------- */

struct compare {
	struct life *l;
	size_t at;
	int64_t seq;
};

static int
compare_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct compare *c = arg;
	const struct witness *w = c->l->w;

	c->seq = seq + 1;
	if (seq >= w->leaves)
		return 0;
	if (c->at + n + 1 > w->n || memcmp(w->lines + c->at, line, n) != 0 ||
	    w->lines[c->at + n] != '\n') {
		wrong(c->l, "line %" PRId64 " was acknowledged as another one",
		    seq);
		return 1;
	}
	c->at += n + 1;
	return 0;
}

static void
on_finding(void *arg, const struct finding *f)
{
	wrong(arg, "audit: %s %s:%" PRId64 ": %s", f->promise, f->file, f->line,
	    f->text);
}

static int
finish(struct life *l)
{
	struct compare c = { .l = l };
	struct audit sum;
	int r = live(l);

	if (r == 3)
		wrong(l, "on a disk that is well it does not start");
	if (r == 3)
		return 1;
	if (start(l) < 0)
		die("start");
	run(l, l->now.wall_us + SETTLE_US);
	l->daemon = daemon_close(l->daemon, l->now);
	ledger_each(l->log, compare_line, &c);
	if (c.seq < l->w->leaves)
		wrong(l,
		    "%" PRId64 " lines of %" PRId64 " that were safe are "
		    "there",
		    c.seq, l->w->leaves);
	if (audit_dir(l->root.log, on_finding, l, &sum) < 0)
		die("audit");
	if (sum.open != 0)
		wrong(
		    l, "%" PRId64 " slots or airings are still open", sum.open);
	if (sum.slots == 0)
		wrong(l, "nothing has happened");
	return l->wrong != 0;
}

int
main(int argc, char **argv)
{
	static struct life l; /* paths are large for a stack */
	int r = 64;

	if (argc < 4) {
		fputs("usage: tool_day make|live|finish ROOT SCRIPT "
		      "[WITNESS]\n",
		    stderr);
		return r;
	}
	if (root_find(argv[2], &l.root) < 0)
		die(argv[2]);
	snprintf(l.revisions, sizeof(l.revisions), "%s/revisions", l.root.var);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(scripts[i].name, argv[3]) == 0)
			l.script = &scripts[i];
	if (l.script == NULL)
		return r;
	if (strcmp(argv[1], "make") == 0) {
		make(&l);
		return 0;
	}
	if (argc < 5)
		return r;
	l.w = witness_open(argv[4]);
	r = strcmp(argv[1], "finish") == 0 ? finish(&l) : live(&l);
	disk_close(l.log);
	disk_close(l.state);
	library_close(l.library);
	return r;
}
