/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A station whose computer's clock is wrong in every way that the field knows,
 * at every moment of a session: the real crank, and trust as loaxad judges it.
 * Whatever the clock says, nothing airs twice, nothing sounds out of hours,
 * and every slot gets one outcome.
 *
 * Some fifty of the 12,160 combinations, spread over all; CLOCK_STEP=1 runs them
 * all (an hour), CLOCK_ROW=N only that one, CLOCK_LOUD=1 tells what happens.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/sick_disk.h"
#include "evidence/audit.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOUR (60 * 60)
#define DAY (24 * HOUR)
#define HEAD \
	"station = \"que-minh\"; name = \"Quế Minh\";\n" \
	"segments = ( { id = \"ttdn\"; title = \"Thông tin\"; } );\n"
#define SLOT(id, at, length, rest) \
	" { id = \"" id "\"; days = \"T2-CN\"; at = \"" at \
	"\"; for = \"" length "\"; " rest " }"

static const char sessions[] = HEAD "slots = (\n" SLOT("mo-dau", "05:00:00",
    "00:00:30", "item = \"nhac\"; start = \"hard\";") ",\n" SLOT("ttdn",
    "05:00:30", "00:15:00", "segment = \"ttdn\";") ",\n" SLOT("vov", "05:15:30",
    "00:14:30", "relay = \"vov1\";") ",\n" SLOT("thong-bao", "05:30:00",
    "00:05:00", "item = \"tin\"; rejoin = \"skip\";") ",\n" SLOT("chieu",
    "17:00:00", "00:15:00", "item = \"dai\";") ",\n" SLOT("toi", "18:50:00",
    "00:20:00", "item = \"dai\"; end = \"finish\";") ");\n";
static const char week[] =
    "week = \"2026-W48\";\n"
    "program = ( { slot = \"ttdn\"; items = [ \"phan-1\", \"phan-2\" ]; } "
    ");\n";

static bool
in_hours(int64_t us)
{
	int64_t day;
	int second;

	civil_from_us(us, &day, &second);
	return (second >= 4 * HOUR && second < 7 * HOUR) ||
	       (second >= 16 * HOUR && second < 19 * HOUR);
}

static char outside_at[48];

/* P1, by the clock that is believed; what sounds goes on when it is not. */
static void
watch(struct world *w, int64_t until_us)
{
	struct civil_text t;

	if (w->deck == NULL || !deck_sim_sounds(w->deck))
		return;
	if (in_hours(w->now.wall_us) && in_hours(until_us - 1))
		return;
	if (outside_at[0] == '\0')
		strcpy(outside_at, civil_local_text(w->now.wall_us, &t));
}

static void
clock_world(struct world *w)
{
	world_make(w, sessions, week);
	world_item(w, "nhac", 30000);
	world_item(w, "phan-1", 450000);
	world_item(w, "phan-2", 450000);
	world_item(w, "tin", 290000);
	world_item(w, "dai", 900000);
	w->from_h = 4;
	w->to_h = 7;
	w->from2_h = 16;
	w->to2_h = 19;
	w->watch = watch;
	w->judged = w->synced = true;
	outside_at[0] = '\0';
}

/* What must hold --------------------------------------------------------- */

struct heard {
	json_t
	    *upto; /* {"date slot part": frames heard so far, from the head} */
	char twice[400];
};

/* P3: of an item of a slot nothing sounds that was heard before. */
static void
hear(struct heard *h, const json_t *start, const json_t *end)
{
	char key[256];
	int64_t from_ms = record_int(start, "offset_ms", 0);
	int64_t ms = record_int(end, "actual_ms", 0);
	int64_t heard_ms;

	snprintf(key, sizeof(key), "%s %s %lld", record_text(start, "date"),
	    record_text(start, "slot"),
	    (long long)record_int(start, "part", 0));
	heard_ms = record_int(h->upto, key, 0);
	/* Cut by the second of a fade, and rounded to milliseconds. */
	if (ms > 0 && from_ms + 100 < heard_ms && h->twice[0] == '\0')
		snprintf(h->twice, sizeof(h->twice),
		    "%s: from %lld ms, heard up to %lld ms", key,
		    (long long)from_ms, (long long)heard_ms);
	if (ms > 0)
		json_object_set_new(
		    h->upto, key, json_integer(later(heard_ms, from_ms + ms)));
}

struct pairs {
	struct heard heard;
	json_t *starts;
};

static int
pair_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct pairs *p = arg;
	const char *id;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	id = record_text(r, "airing_id");
	if (strcmp(record_text(r, "kind"), "start") == 0)
		json_object_set(p->starts, id, r);
	if (strcmp(record_text(r, "kind"), "end") == 0)
		hear(&p->heard, json_object_get(p->starts, id), r);
	json_decref(r);
	return 0;
}

static void
check_once(struct world *w, const char *row)
{
	struct pairs p = { .heard = { .upto = json_object() },
		.starts = json_object() };

	assert_int_equal(ledger_each(w->log, pair_line, &p), 0);
	if (p.heard.twice[0] != '\0')
		fail_msg("%s: heard twice: %s", row, p.heard.twice);
	json_decref(p.heard.upto);
	json_decref(p.starts);
}

struct copying {
	struct world *w;
	struct folder *to;
};

static int
copy_file(void *arg, const char *name)
{
	struct copying *c = arg;
	char *bytes;
	size_t n;

	assert_int_equal(c->w->log->read(c->w->log, name, &bytes, &n), 0);
	folder_write_bytes(c->to, name, bytes, n);
	free(bytes);
	return 0;
}

static void
on_finding(void *arg, const struct finding *f)
{
	print_message("%s: audit: %s %s:%lld: %s\n", (const char *)arg,
	    f->promise, f->file, (long long)f->line, f->text);
}

static void
check_audit(struct world *w, const char *row)
{
	struct folder f;
	struct copying c = { w, &f };
	struct audit sum;

	folder_make(&f);
	w->log->each(w->log, copy_file, &c);
	assert_int_equal(audit_dir(f.path, on_finding, (void *)row, &sum), 0);
	if (sum.findings > 0)
		fail_msg("%s: the audit disagrees", row);
	folder_remove(&f);
}

static void
check_all(struct world *w, const char *row)
{
	if (outside_at[0] != '\0')
		fail_msg("%s: sounds out of hours, at %s", row, outside_at);
	world_account(w);
	check_once(w, row);
	check_audit(w, row);
}

/* Every combination ------------------------------------------------------ */

static const struct {
	const char *what;
	int64_t by_s; /* wall less true */
	const char *to; /* or this date, whatever it is now */
} errors[] = {
	{ "three seconds fast", 3, NULL },
	{ "three seconds slow", -3, NULL },
	{ "a minute slow", -60, NULL },
	{ "twenty minutes fast", 20 * 60, NULL },
	{ "twenty minutes slow", -20 * 60, NULL },
	{ "over the whole session", 100 * 60, NULL },
	{ "back over the whole session", -100 * 60, NULL },
	{ "seven hours slow", -7 * HOUR, NULL },
	{ "seven hours fast", 7 * HOUR, NULL },
	{ "twelve hours fast: evening for morning", 12 * HOUR, NULL },
	{ "a day slow", -DAY, NULL },
	{ "a day fast", DAY, NULL },
	{ "three days fast", 3 * DAY, NULL },
	{ "a month slow", -30 * DAY, NULL },
	{ "a month fast", 30 * DAY, NULL },
	{ "a year fast", 365 * DAY, NULL },
	{ "1970", 0, "1970-01-01" },
	{ "2000", 0, "2000-01-01" },
	{ "2036", 0, "2036-02-07" },
};

static const struct {
	const char *when;
	int day;
	const char *at; /* true time at which the clock goes wrong */
} moments[] = {
	{ "before the session", 0, "04:55:00" },
	{ "when the cue is out", 0, "04:59:55" },
	{ "in the first item", 0, "05:00:10" },
	{ "in the second slot", 0, "05:07:00" },
	{ "in a relay", 0, "05:20:00" },
	{ "in a slot that does not rejoin", 0, "05:32:00" },
	{ "after the session", 0, "05:50:00" },
	{ "before the hours end", 0, "18:59:30" },
	{ "before midnight", 0, "23:52:00" },
	{ "after midnight", 1, "00:00:10" },
};

/* Who vouches for the clock while it is wrong. */
static const char *const vouchers[] = {
	"the time server says so", "nobody", "plausible_clock",
	"a person says so", /* who did not look */
};

/* What happens in between. */
static const char *const turns[] = {
	"nothing",
	"a kill",
	"a power cut",
	"a restart",
};

static const struct {
	const char *what;
	int64_t after_s; /* true time until it is right again; 0 never */
} returns[] = {
	{ "right after 90 s", 90 },
	{ "right after 20 min", 20 * 60 },
	{ "right a day later", DAY },
	{ "never right", 0 },
};

struct combination {
	size_t error, moment, voucher, turn, back;
};

static bool loud;

static void
tell(const struct world *w, const char *what)
{
	struct civil_text t;

	if (loud)
		print_message("%s %s: %s\n",
		    civil_local_text(w->now.wall_us, &t),
		    trust_word(w->now.trust), what);
}

/* The clock now shows true + by, or 10:00 of a date. */
static void
set_wrong(struct world *w, size_t error)
{
	int64_t date;
	int64_t to_us = w->now.wall_us + errors[error].by_s * US_PER_S;

	if (errors[error].to != NULL) {
		assert_int_equal(civil_read_date(errors[error].to, &date), 0);
		to_us = civil_to_us(date, 10 * HOUR);
	}
	world_step(w, to_us);
	tell(w, errors[error].what);
}

static void
confirm(struct world *w)
{
	struct civil_text utc;
	char req[128];

	snprintf(req, sizeof(req),
	    "{\"cmd\":\"confirm\",\"by\":\"p-an\",\"seen_utc\":\"%s\"}",
	    civil_utc_text(w->now.wall_us, &utc));
	world_ask(w, req);
	tell(w, "confirmed");
}

static void
turn_of_fate(struct world *w, size_t turn)
{
	if (turn == 0)
		return;
	tell(w, turns[turn]);
	if (turn == 3)
		world_stop(w);
	else
		world_kill(w);
	if (turn == 2)
		w->boot_id = "33333333-0000-4000-8000-000000000000";
	world_run(w, w->now.wall_us + 20 * US_PER_S);
	world_start(w);
}

/* Runs for so long by the boot clock, whatever the wall says. */
static void
pass(struct world *w, int64_t s)
{
	world_run(w, w->now.wall_us + s * US_PER_S);
}

static void
live(struct world *w, const struct combination *c)
{
	int64_t true_us; /* wall, were it right */
	int64_t boot_us;

	clock_world(w);
	world_start(w);
	world_run(w, world_us(moments[c->moment].day, moments[c->moment].at));
	true_us = w->now.wall_us;
	boot_us = w->now.boot_us;
	w->synced = c->voucher == 0;
	w->trust.plausible = w->plausible = c->voucher == 2;
	set_wrong(w, c->error);
	pass(w, 5);
	if (c->voucher == 3)
		confirm(w);
	pass(w, 25);
	turn_of_fate(w, c->turn);
	if (c->voucher == 3 && c->turn == 2)
		confirm(w);
	if (returns[c->back].after_s != 0) {
		pass(w, returns[c->back].after_s);
		w->synced = true;
		w->trust.plausible = w->plausible = false;
		world_step(w, true_us + (w->now.boot_us - boot_us));
		tell(w, "right again");
	}
	pass(w, DAY + 8 * HOUR);
	/* A person ends every doubt; then a day more, and all is accounted
	 * for. */
	confirm(w);
	pass(w, DAY);
	world_stop(w);
}

static void
name_row(const struct combination *c, size_t n, char *row, size_t size)
{
	snprintf(row, size, "CLOCK_ROW=%zu: %s, %s; %s; %s; %s", n,
	    errors[c->error].what, moments[c->moment].when,
	    vouchers[c->voucher], turns[c->turn], returns[c->back].what);
}

static void
test_every_wrong_clock_at_every_moment_keeps_every_promise(void **state)
{
	const char *only = getenv("CLOCK_ROW");
	size_t n_rows = COUNT(errors) * COUNT(moments) * COUNT(vouchers) *
			COUNT(turns) * COUNT(returns);

	/* Coprime to every table's length: each row of each comes often. */
	const char *every = getenv("CLOCK_STEP");
	size_t step = every != NULL  ? (size_t)atol(every)
		      : only != NULL ? 1
				     : 241;

	(void)state;
	loud = getenv("CLOCK_LOUD") != NULL;
	for (size_t n = 0; n < n_rows; n += step) {
		struct combination c = { .error = n % COUNT(errors) };
		size_t rest = n / COUNT(errors);
		struct world w;
		char row[256];

		c.moment = rest % COUNT(moments);
		rest /= COUNT(moments);
		c.voucher = rest % COUNT(vouchers);
		rest /= COUNT(vouchers);
		c.turn = rest % COUNT(turns);
		c.back = rest / COUNT(turns);
		if (only != NULL && (size_t)atol(only) != n)
			continue;
		name_row(&c, n, row, sizeof(row));
		live(&w, &c);
		check_all(&w, row);
		world_end(&w);
		if (every != NULL && n % 100 == 0)
			print_message("%s\n", row);
	}
}

/* The state file knows a clock that nobody believes any more, the log does not
 * yet: the word of before the step is not for the time behind it. */
static void
test_a_step_that_a_sick_disk_did_not_record_ends_trust_all_the_same(
    void **state)
{
	struct sick_disk sick;
	struct world w;

	(void)state;
	clock_world(&w);
	w.synced = false;
	world_start(&w);
	assert_true(world_ask(&w, "{\"cmd\":\"confirm\",\"by\":\"p-1\","
				  "\"seen_utc\":\"2026-11-22T21:00:00Z\"}"));
	world_run(&w, world_us(0, "04:01:00"));
	assert_int_equal(w.now.trust, TRUST_CONFIRMED);
	world_kill(&w);
	sick_disk_init(&sick, w.log);
	w.log_in_use = &sick.disk;
	world_start(&w);
	world_run(&w, world_us(0, "04:03:00"));
	assert_int_equal(w.now.trust, TRUST_CONFIRMED);
	sick.fail_at = sick.calls + 1;
	sick.fail_on = true;
	sick.error = EIO;
	world_step(&w, world_us(0, "11:03:00"));
	assert_int_equal(w.now.trust, TRUST_UNSURE);
	world_run(&w, world_us(0, "11:06:00"));
	world_kill(&w);
	w.log_in_use = w.log = sick_disk_leave(&sick);
	world_start(&w);
	world_run(&w, world_us(0, "11:07:00"));
	assert_int_equal(w.now.trust, TRUST_UNSURE);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_step_that_a_sick_disk_did_not_record_ends_trust_all_the_same),
		cmocka_unit_test(
		    test_every_wrong_clock_at_every_moment_keeps_every_promise),
	};

	return cmocka_run_group_tests_name("daemon, clock", tests, NULL, NULL);
}
