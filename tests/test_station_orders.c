/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person orders to sound at once: the operator's item inside the
 * allowed hours, and the emergency, in two steps, at any hour.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/sick_disk.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/world.h"

#define SLOT(id, at, length, rest) \
	" { id = \"" id "\"; days = \"T2-CN\"; at = \"" at \
	"\"; for = \"" length "\"; " rest " }"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char schedule[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "slots = (\n" SLOT("quoc-ca", "05:00:00", "00:10:00",
	"item = \"dai\"; start = \"hard\";") ",\n" SLOT("dau", "05:10:00",
	"00:10:00", "item = \"dai\"; rejoin = \"skip\";") ",\n" SLOT("vov",
	"05:20:00", "00:10:00",
	"relay = \"vov1\";") ",\n" SLOT("ngan", "05:30:00", "00:01:00",
	"item = \"ngan\";") ",\n" SLOT("cung", "05:45:00", "00:05:00",
	"item = \"ngan\"; start = \"hard\";") ",\n" SLOT("mem", "05:55:00",
	"00:02:00", "item = \"ngan\"; tolerance = \"00:00:30\";") ");\n";

#define PREPARE \
	"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\"," \
	"\"order\":\"CĐ 12\",\"reason\":\"lũ về\"}"

static void
orders_world(struct world *w)
{
	world_make(w, schedule, NULL);
	world_item(w, "dai", 600000);
	world_item(w, "ngan", 60000);
	world_item(w, "lu-ve", 90000);
	world_item(w, "bao", 60000);
	w->from_h = 5;
	w->to_h = 6;
}

static const char *
code_of(struct world *w, const char *request, char code[16])
{
	json_t *answer = world_answer(w, request);

	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("refused: %s", record_text(answer, "error"));
	snprintf(code, 16, "%s", record_text(answer, "code"));
	assert_int_equal(strlen(code), 6);
	json_decref(answer);
	return code;
}

static bool
confirm(struct world *w, const char *code)
{
	char request[128];

	snprintf(request, sizeof(request),
	    "{\"cmd\":\"emergency\",\"code\":\"%s\"}", code);
	return world_ask(w, request);
}

static void
half_volume(struct profile *p)
{
	p->volume = calloc(1, sizeof(*p->volume));
	assert_non_null(p->volume);
	p->n_volume = 1;
	p->volume[0] = (struct profile_volume){ 0, 24 * 3600, -6000 };
}

/* Both steps of an emergency, at once. */
static void
release(struct world *w, const char *request)
{
	char code[16];

	assert_true(confirm(w, code_of(w, request, code)));
}

struct tally {
	const char *op, *result, *detail; /* NULL: any */
	int n;
};

static int
tally_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct tally *t = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	t->n += strcmp(record_text(r, "op"), t->op) == 0 &&
		strcmp(record_text(r, "result"), t->result) == 0 &&
		(t->detail == NULL ||
		    strcmp(record_text(r, "detail"), t->detail) == 0);
	json_decref(r);
	return 0;
}

/* How many `op` records are so. */
static int
ops(struct world *w, const char *op, const char *result, const char *detail)
{
	struct tally t = { op, result, detail, 0 };

	assert_int_equal(ledger_each(w->log, tally_line, &t), 0);
	return t.n;
}

/* The last attempt of no slot, of the day, and that there are so many. */
static void
expect_end(struct world *w, int count, const char *status, const char *reason,
    const char *broken, int64_t ms)
{
	int starts, ends;
	json_t *start = world_record(w, "start", 0, "", &starts);
	json_t *end = world_record(w, "end", 0, "", &ends);

	assert_int_equal(starts, count);
	assert_int_equal(ends, count);
	assert_string_equal(record_text(end, "status"), status);
	assert_string_equal(record_text(end, "reason"), reason);
	assert_string_equal(record_text(end, "broken"), broken);
	assert_in_range(record_int(end, "actual_ms", -1),
	    ms > 500 ? ms - 500 : 0, ms + 500);
	assert_string_equal(
	    record_text(start, "airing_id"), record_text(end, "airing_id"));
	json_decref(start);
	json_decref(end);
}

static bool heard_outside;

/* P1: remembers sound outside 05:00 to 06:00. */
static void
watch(struct world *w, int64_t until_us)
{
	if (w->deck == NULL || !deck_sim_sounds(w->deck))
		return;
	if (w->now.wall_us < world_us(0, "05:00:00") ||
	    until_us > world_us(0, "06:00:00"))
		heard_outside = true;
}

/* An emergency of that loudness, in hours of half the volume; its gain_db. */
static double
gain_of_emergency(double lufs, double peak_db)
{
	struct world w;
	json_t *end;
	double gain;

	orders_world(&w);
	w.rules = half_volume;
	world_item(&w, "lu-ve", 90000);
	w.items[2].lufs = lufs;
	w.items[2].peak_db = peak_db;
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:10:00"));
	end = world_record(&w, "end", 0, "", NULL);
	assert_non_null(end);
	gain = json_real_value(json_object_get(end, "gain_db"));
	json_decref(end);
	world_end(&w);
	return gain;
}

static void
test_an_emergency_is_raised_to_the_loudness_and_never_turned_down(void **state)
{
	(void)state;
	assert_true(gain_of_emergency(-24, -20) == 8.0);
	assert_true(gain_of_emergency(-7, 0) == 0.0);
	assert_true(gain_of_emergency(-HUGE_VAL, -HUGE_VAL) == 0.0);
}

/* The two steps ---------------------------------------------------------- */

static void
test_P1_an_emergency_in_two_steps_sounds_outside_the_hours(void **state)
{
	struct world w;
	json_t *start;
	json_t *answer;

	(void)state;
	orders_world(&w);
	w.watch = watch;
	heard_outside = false;
	world_start(&w);
	answer = world_answer(&w, PREPARE);
	assert_true(json_is_true(json_object_get(answer, "outside_hours")));
	assert_int_equal(record_int(answer, "length_ms", 0), 90000);
	assert_int_equal(record_int(answer, "valid_s", 0), 120);
	world_run(&w, world_us(0, "04:01:00"));
	assert_false(heard_outside); /* one step is none */
	assert_true(confirm(&w, record_text(answer, "code")));
	json_decref(answer);
	world_run(&w, world_us(0, "04:10:00"));
	assert_true(heard_outside);
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	start = world_record(&w, "start", 0, "", NULL);
	assert_string_equal(record_text(start, "class"), "khan_cap");
	assert_string_equal(record_text(start, "start_source"), "emergency");
	assert_string_equal(record_text(start, "person"), "p-1");
	assert_string_equal(record_text(start, "order"), "CĐ 12");
	assert_string_equal(record_text(start, "intent"), "durable");
	json_decref(start);
	assert_int_equal(ops(&w, "emergency", "prepared", ""), 1);
	assert_int_equal(ops(&w, "emergency", "done", ""), 1);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

/* One write for all that an emergency's second step has to say. */
static void
test_P4_the_records_of_a_release_go_in_one_write(void **state)
{
	struct world w;
	struct sick_disk sick;
	char code[16];
	int syncs;

	(void)state;
	orders_world(&w);
	sick_disk_init(&sick, w.log);
	w.log_in_use = &sick.disk;
	world_start(&w);
	code_of(&w, PREPARE, code);
	world_run(&w, world_us(0, "04:00:20"));
	syncs = sick.syncs;
	assert_true(confirm(&w, code));
	assert_int_equal(sick.syncs, syncs + 1);
	assert_int_equal(ops(&w, "emergency", "done", ""), 1);
	world_run(&w, world_us(0, "04:00:21"));
	assert_true(deck_sim_sounds(w.deck));
	assert_int_equal(sick.syncs, syncs + 1);
	world_kill(&w);
	sick_disk_leave(&sick);
	world_end(&w);
}

/* P4: the disk is sick; the sound goes first, and the record says so. */
static void
test_P4_a_sick_disk_does_not_hold_up_an_emergency(void **state)
{
	struct world w;
	struct sick_disk sick;
	char code[16];
	json_t *start;

	(void)state;
	orders_world(&w);
	sick_disk_init(&sick, w.log);
	w.log_in_use = &sick.disk;
	world_start(&w);
	code_of(&w, PREPARE, code);
	world_run(&w, world_us(0, "04:00:20"));
	sick.error = EIO;
	sick.fail_at = 1;
	sick.fail_on = true;
	assert_true(confirm(&w, code));
	world_run(&w, world_us(0, "04:00:21"));
	assert_true(deck_sim_sounds(w.deck));
	assert_int_equal(ops(&w, "emergency", "done", ""), 0);
	world_run(&w, world_us(0, "04:00:30"));
	sick.fail_at = 0;
	world_run(&w, world_us(0, "04:05:00"));
	assert_int_equal(ops(&w, "emergency", "done", ""), 1);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	start = world_record(&w, "start", 0, "", NULL);
	assert_string_equal(record_text(start, "intent"), "late");
	assert_int_equal(record_int(start, "grade", 0), 1);
	json_decref(start);
	world_kill(&w);
	sick_disk_leave(&sick);
	world_end(&w);
}

/* Whoever tries codes ends what they were tried on. */
static void
test_the_fifth_wrong_code_voids_what_is_prepared(void **state)
{
	struct world w;
	char code[16];

	(void)state;
	orders_world(&w);
	world_start(&w);
	/* With nothing prepared there is nothing to guess, nor to write. */
	for (int i = 0; i < 7; i++)
		assert_false(confirm(&w, "x"));
	assert_int_equal(ops(&w, "emergency", "refused", "code"), 0);
	code_of(&w, PREPARE, code);
	for (int i = 0; i < 4; i++)
		assert_false(confirm(&w, "x"));
	assert_true(confirm(&w, code));
	code_of(&w, PREPARE, code);
	for (int i = 0; i < 5; i++)
		assert_false(confirm(&w, "x"));
	assert_false(confirm(&w, code));
	assert_int_equal(ops(&w, "emergency", "refused", "code"), 9);
	assert_int_equal(ops(&w, "emergency", "refused", "guessed"), 1);
	assert_int_equal(ops(&w, "emergency", "done", ""), 1);
	world_end(&w);
}

static bool
confirm_as(struct world *w, uid_t uid, const char *code)
{
	const struct rights_peer who = { .uid = uid };
	json_t *req = json_pack("{s:s, s:s}", "cmd", "emergency", "code", code);
	json_t *answer = daemon_ask(w->daemon, w->now, &who, req);
	bool ok = json_is_true(json_object_get(answer, "ok"));

	json_decref(req);
	json_decref(answer);
	return ok;
}

/* Prepared from the daemon's own account here; root may do everything. */
static void
test_a_code_is_for_the_account_that_was_given_it(void **state)
{
	struct world w;
	char code[16];

	(void)state;
	orders_world(&w);
	world_start(&w);
	code_of(&w, PREPARE, code);
	assert_false(confirm_as(&w, 4711, code));
	assert_int_equal(ops(&w, "emergency", "done", ""), 0);
	assert_true(confirm_as(&w, 0, code));
	assert_int_equal(ops(&w, "emergency", "done", ""), 1);
	world_end(&w);
}

static void
test_repeats_have_their_gap_and_name_what_they_cut(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:02:00"));
	release(&w, "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		    "\"order\":\"CĐ 12\",\"times\":2,\"gap_s\":20}");
	world_run(&w, world_us(0, "05:03:40"));
	assert_false(deck_sim_sounds(w.deck)); /* 05:03:30 to 05:03:50 */
	world_run(&w, world_us(0, "05:03:55"));
	assert_true(deck_sim_sounds(w.deck));
	world_run(&w, world_us(0, "05:12:00"));
	expect_end(&w, 2, "unscheduled", "emergency", "", 90000);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

/* What is loaded for a code is put away with it, and nothing of it is told. */
static void
test_a_code_that_expires_leaves_nothing_behind(void **state)
{
	struct world w;
	char code[16];

	(void)state;
	orders_world(&w);
	world_start(&w);
	for (int i = 0; i < 20; i++) {
		char until[16];

		code_of(&w, PREPARE, code);
		snprintf(until, sizeof(until), "04:%02d:30", 3 * i + 2);
		world_run(&w, world_us(0, until));
		assert_false(confirm(&w, code));
		snprintf(until, sizeof(until), "04:%02d:00", 3 * i + 3);
		if (i < 19)
			world_run(&w, world_us(0, until));
	}
	assert_false(deck_sim_sounds(w.deck));
	assert_int_equal(ops(&w, "emergency", "refused", "expired"), 20);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "05:05:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	world_end(&w);
}

static void
test_a_code_is_good_for_two_minutes_and_for_once(void **state)
{
	struct world w;
	char code[16];

	(void)state;
	orders_world(&w);
	world_start(&w);
	code_of(&w, PREPARE, code);
	world_run(&w, world_us(0, "04:02:10"));
	assert_int_equal(ops(&w, "emergency", "refused", "expired"), 1);
	assert_false(confirm(&w, code));
	assert_int_equal(ops(&w, "emergency", "refused", "code"), 0);
	code_of(&w, PREPARE, code);
	assert_true(confirm(&w, code));
	assert_false(confirm(&w, code));
	world_run(&w, world_us(0, "04:30:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	world_end(&w);
}

static void
test_what_lacks_its_papers_is_refused_and_the_refusal_is_a_record(void **state)
{
	static const char *const wrong[] = {
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\"}",
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		"\"order\":\"  \"}",
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"by\":\"p-1\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"khong-co\",\"by\":\"p-1\","
		"\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		"\"order\":\"12\",\"times\":0}",
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		"\"order\":\"12\",\"times\":11}",
		"{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		"\"order\":\"12\",\"times\":\"2\"}",
		"{\"cmd\":\"emergency\",\"item\":\"dai\",\"by\":\"p-1\","
		"\"order\":\"12\",\"times\":7}", /* 70 minutes */
		"{\"cmd\":\"play\",\"item\":\"lu-ve\"}", /* 04:00 */
	};
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (world_ask(&w, wrong[i]))
			fail_msg("taken: %s", wrong[i]);
		if (ops(&w, "emergency", "refused", NULL) +
			ops(&w, "play", "refused", NULL) !=
		    (int)i + 1)
			fail_msg("no record: %s", wrong[i]);
	}
	world_run(&w, world_us(0, "04:30:00"));
	assert_null(world_record(&w, "start", 0, "", NULL));
	world_end(&w);
}

static void
test_P5_an_emergency_is_of_approved_bytes_too(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	w.approval = true;
	world_start(&w);
	assert_false(world_ask(&w, PREPARE));
	world_end(&w);
}

static void
test_an_order_is_never_a_record_on_request(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	assert_false(world_ask(&w,
	    "{\"cmd\":\"record\",\"record\":{\"kind\":\"op\",\"op\":"
	    "\"emergency\",\"person\":\"p-1\",\"result\":\"done\","
	    "\"detail\":\"\"}}"));
	world_end(&w);
}

static json_t *
ask_as(struct world *w, gid_t group, const char *request)
{
	struct rights_peer who = { 4000, &group, 1 };
	json_t *req = json_loads(request, 0, NULL);
	json_t *answer = daemon_ask(w->daemon, w->now, &who, req);

	json_decref(req);
	return answer;
}

static void
test_who_may_not_operate_releases_nothing(void **state)
{
	struct world w;
	json_t *answer;

	(void)state;
	orders_world(&w);
	w.groups = true;
	world_start(&w);
	answer = ask_as(&w, 200 + RIGHT_APPROVE, PREPARE);
	assert_true(json_is_true(json_object_get(answer, "denied")));
	json_decref(answer);
	/* Through a good door, in the name of somebody who may not. */
	answer = ask_as(&w, 200 + RIGHT_OPERATE,
	    "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-officer\","
	    "\"order\":\"12\"}");
	assert_true(json_is_true(json_object_get(answer, "denied")));
	json_decref(answer);
	assert_int_equal(ops(&w, "emergency", "refused", "role"), 1);
	answer = ask_as(&w, 200 + RIGHT_OPERATE, PREPARE);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
	world_end(&w);
}

/* Refused to a peer who may. */
static void
assert_denied(struct world *w, enum right may, const char *request)
{
	json_t *answer = ask_as(w, (gid_t)(200 + may), request);

	if (!json_is_true(json_object_get(answer, "denied")))
		fail_msg("not denied: %s", request);
	json_decref(answer);
}

/* P1, P5: one who is named where nothing is written lends nobody a name. */
static void
test_who_is_looked_up_is_who_is_written(void **state)
{
	static const char *const orders[] = { "play", "emergency", "stop",
		"resume", "skip", "confirm" };
	char request[300];
	struct world w;

	(void)state;
	orders_world(&w);
	w.groups = true;
	world_start(&w);
	for (size_t i = 0; i < COUNT(orders); i++) {
		snprintf(request, sizeof(request),
		    "{\"cmd\":\"%s\",\"item\":\"lu-ve\",\"order\":\"12\","
		    "\"by\":\"forged\",\"record\":{\"person\":\"p-1\"}}",
		    orders[i]);
		assert_denied(&w, RIGHT_OPERATE, request);
	}
	assert_denied(&w, RIGHT_APPROVE,
	    "{\"cmd\":\"record\",\"by\":\"p-1\",\"record\":{\"kind\":"
	    "\"withdraw\",\"item\":\"lu-ve\"}}");
	assert_denied(&w, RIGHT_APPROVE,
	    "{\"cmd\":\"record\",\"record\":{\"kind\":\"withdraw\","
	    "\"by\":\"p-1\",\"item\":\"lu-ve\"}}");
	assert_denied(&w, RIGHT_LOAD,
	    "{\"cmd\":\"record\",\"record\":{\"kind\":\"item\",\"item\":"
	    "\"lu-ve\",\"person\":\"p-officer\",\"by\":\"forged\"}}");
	world_end(&w);
}

/* What it pre-empts ------------------------------------------------------ */

static void
test_an_emergency_cuts_the_anthem_which_then_goes_on(void **state)
{
	struct world w;
	json_t *slot;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:03:00"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	world_expect(&w, 0, "quoc-ca", "aired_partial", "rejoined");
	slot = world_record(&w, "slot", 0, "quoc-ca", NULL);
	/* 3 minutes before it, and all from its end on. */
	assert_in_range(
	    record_int(slot, "actual_ms", 0), 600000 - 94000, 600000 - 90000);
	json_decref(slot);
	world_expect(&w, 0, "dau", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_a_slot_that_does_not_rejoin_stays_preempted(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:13:00"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "dau", "aired_partial", "preempted");
	world_expect(&w, 0, "ngan", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_a_slot_that_an_emergency_covers_does_not_air_afterwards(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:29:55")); /* it is loaded by now */
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "ngan", "not_aired", "preempted");
	world_account(&w);
	world_end(&w);
}

static void
test_a_relay_is_still_external_with_a_note(void **state)
{
	struct world w;
	json_t *slot;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:23:00"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "vov", "external", "relay_reserved");
	slot = world_record(&w, "slot", 0, "vov", NULL);
	assert_string_equal(record_text(slot, "note"), "order");
	json_decref(slot);
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	world_account(&w);
	world_end(&w);
}

static void
test_two_emergencies_queue_by_time(void **state)
{
	struct world w;
	json_t *start;
	int64_t us;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:30"));
	release(&w, "{\"cmd\":\"emergency\",\"item\":\"bao\",\"by\":\"p-2\","
		    "\"order\":\"CĐ 13\"}");
	world_run(&w, world_us(0, "04:30:00"));
	expect_end(&w, 2, "unscheduled", "emergency", "", 60000);
	start = world_record(&w, "start", 0, "", NULL);
	assert_string_equal(record_text(start, "item"), "bao");
	civil_read_utc(record_text(start, "cue_utc"), &us);
	assert_in_range(us, world_us(0, "04:01:30"), world_us(0, "04:01:35"));
	json_decref(start);
	assert_int_equal(ops(&w, "emergency", "over", ""), 2);
	world_end(&w);
}

static void
test_an_emergency_repeats_as_often_as_asked(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		    "\"order\":\"12\",\"times\":3}");
	world_run(&w, world_us(0, "04:30:00"));
	expect_end(&w, 3, "unscheduled", "emergency", "", 90000);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

#define SIREN_THEN_MESSAGE \
	"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":[\"lu-ve\"]," \
	"\"by\":\"p-1\",\"order\":\"12\",\"times\":2}"

static int
note_items(void *arg, const char *line, size_t n, int64_t seq)
{
	char *items = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "kind"), "end") == 0 &&
	    strcmp(record_text(r, "slot"), "") == 0)
		snprintf(items + strlen(items), 256 - strlen(items), "%s:%s ",
		    record_text(r, "item"), record_text(r, "broken"));
	json_decref(r);
	return 0;
}

/* What sounded of orders: "item:broken " each. */
static void
expect_items(struct world *w, const char *wanted)
{
	char items[256] = "";

	assert_int_equal(ledger_each(w->log, note_items, items), 0);
	assert_string_equal(items, wanted);
}

static void
test_several_items_sound_one_after_the_other_and_repeat_so(void **state)
{
	struct world w;
	json_t *answer;

	(void)state;
	orders_world(&w);
	world_start(&w);
	answer = world_answer(&w, SIREN_THEN_MESSAGE);
	assert_int_equal(record_int(answer, "length_ms", 0), 150000);
	assert_true(confirm(&w, record_text(answer, "code")));
	json_decref(answer);
	world_run(&w, world_us(0, "04:00:50"));
	assert_true(deck_sim_sounds(w.deck));
	world_run(&w, world_us(0, "04:10:00"));
	expect_items(&w, "bao: lu-ve: bao: lu-ve: ");
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

/* P5: one that may not air is found before the siren calls people out. */
static void
test_P5_every_item_of_an_order_is_looked_at_first(void **state)
{
	static const char *const wrong[] = {
		"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":[\"x\"],"
		"\"by\":\"p-1\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":[\"../x\"],"
		"\"by\":\"p-1\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":\"bao\","
		"\"by\":\"p-1\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":[7],"
		"\"by\":\"p-1\",\"order\":\"12\"}",
		"{\"cmd\":\"emergency\",\"item\":\"bao\",\"then\":[\"bao\","
		"\"bao\",\"bao\",\"bao\"],\"by\":\"p-1\",\"order\":\"12\"}",
	};
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(world_ask(&w, wrong[i]));
	world_end(&w);
}

/* P3: what a power cut ends is not taken up, in whatever item it was. */
static void
test_P3_a_sequence_ends_with_its_life(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, SIREN_THEN_MESSAGE);
	world_run(&w, world_us(0, "04:01:40"));
	world_kill(&w);
	world_start(&w);
	world_run(&w, world_us(0, "04:10:00"));
	expect_items(&w, "bao: lu-ve:process_died ");
	assert_int_equal(ops(&w, "emergency", "over", "process_died"), 1);
	world_end(&w);
}

static void
test_stop_ends_a_sequence_and_what_would_follow(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, SIREN_THEN_MESSAGE);
	world_run(&w, world_us(0, "04:00:30"));
	assert_true(world_ask(&w, "{\"cmd\":\"stop\"}"));
	world_run(&w, world_us(0, "04:10:00"));
	expect_items(&w, "bao:operator_stop ");
	world_end(&w);
}

static void
test_stop_and_skip_end_an_emergency(void **state)
{
	static const char *const orders[] = { "{\"cmd\":\"stop\"}",
		"{\"cmd\":\"skip\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct world w;

		orders_world(&w);
		world_start(&w);
		release(&w,
		    "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		    "\"order\":\"12\",\"times\":3}");
		world_run(&w, world_us(0, "04:00:30"));
		assert_true(world_ask(&w, orders[i]));
		world_run(&w, world_us(0, "04:30:00"));
		expect_end(
		    &w, 1, "unscheduled", "emergency", "operator_stop", 30000);
		assert_int_equal(
		    ops(&w, "emergency", "over", "operator_stop"), 1);
		world_end(&w);
	}
}

/* And not the slot that comes next, with the siren to follow all the same. */
static void
test_a_skip_between_two_repeats_ends_the_emergency(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, "{\"cmd\":\"emergency\",\"item\":\"lu-ve\",\"by\":\"p-1\","
		    "\"order\":\"12\",\"times\":3,\"gap_s\":20}");
	world_run(&w, world_us(0, "04:01:40"));
	assert_false(deck_sim_sounds(w.deck));
	assert_true(world_ask(&w, "{\"cmd\":\"skip\"}"));
	world_run(&w, world_us(0, "04:02:00"));
	assert_false(deck_sim_sounds(w.deck));
	world_run(&w, world_us(0, "06:00:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	assert_int_equal(ops(&w, "emergency", "over", "operator_stop"), 1);
	world_account(&w);
	world_end(&w);
}

static void
test_a_station_that_is_stopped_still_takes_an_emergency(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	assert_true(world_ask(&w, "{\"cmd\":\"stop\"}"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "05:30:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	world_expect(&w, 0, "quoc-ca", "not_aired", "disabled");
	world_end(&w);
}

static void
test_an_emergency_that_fails_to_load_disturbs_nothing(void **state)
{
	static struct deck_fault bad = { .nth = 2, .ended = ENDED_BAD_ITEM };
	struct world w;

	(void)state;
	orders_world(&w);
	w.faults = &bad;
	w.n_faults = 1;
	world_start(&w);
	world_run(&w, world_us(0, "05:03:00"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "quoc-ca", "aired", "");
	assert_int_equal(ops(&w, "emergency", "over", "bad_item"), 1);
	world_account(&w);
	world_end(&w);
}

/* A wrong clock, a lost device, the end of a life ----------------------- */

static void
test_an_emergency_needs_no_trusted_clock(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	w.now.trust = TRUST_UNSURE;
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:30"));
	world_step(&w, world_us(0, "04:20:30")); /* the clock is set */
	w.now.trust = TRUST_SYNCED;
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "", 90000);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

static void
test_what_is_planned_or_played_waits_for_a_trusted_clock(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:40:00"));
	w.now.trust = TRUST_UNSURE;
	assert_false(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"ngan\"}"));
	world_end(&w);
}

static void
test_an_emergency_goes_on_when_the_device_is_back(void **state)
{
	struct world w;
	json_t *start;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:30"));
	deck_sim_lose_device(w.deck, w.now, w.now.boot_us + 40 * US_PER_S);
	world_run(&w, world_us(0, "04:30:00"));
	expect_end(&w, 2, "unscheduled", "emergency", "", 60000);
	start = world_record(&w, "start", 0, "", NULL);
	assert_in_range(record_int(start, "offset_ms", 0), 29000, 31000);
	assert_true(record_text(start, "continues")[0] != '\0');
	json_decref(start);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_end(&w);
}

static void
test_P3_an_emergency_does_not_outlive_its_daemon(void **state)
{
	static const struct {
		const char *when;
		bool power; /* a cut, or a kill */
		const char *cause;
	} cases[] = {
		{ "a kill", false, "process_died" },
		{ "a power cut", true, "power_lost" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world w;

		print_message("%s\n", cases[i].when);
		orders_world(&w);
		world_start(&w);
		release(&w, PREPARE);
		release(&w,
		    "{\"cmd\":\"emergency\",\"item\":\"bao\",\"by\":\"p-2\","
		    "\"order\":\"CĐ 13\"}");
		world_run(&w, world_us(0, "04:00:30"));
		world_kill(&w);
		if (cases[i].power)
			w.boot_id = "22222222-0000-4000-8000-000000000000";
		w.now.boot_us += 20 * US_PER_S;
		w.now.wall_us += 20 * US_PER_S;
		world_start(&w);
		world_run(&w, world_us(0, "04:40:00"));
		expect_end(
		    &w, 1, "unscheduled", "emergency", cases[i].cause, 30000);
		assert_int_equal(
		    ops(&w, "emergency", "over", cases[i].cause), 2);
		world_kill(&w);
		world_start(&w);
		assert_int_equal(ops(&w, "emergency", "over", NULL), 2);
		world_end(&w);
	}
}

static void
test_P2_what_was_only_prepared_when_the_daemon_died_has_a_last_word(
    void **state)
{
	struct world w;
	char code[16];

	(void)state;
	orders_world(&w);
	world_start(&w);
	code_of(&w, PREPARE, code);
	world_kill(&w);
	world_start(&w);
	assert_false(confirm(&w, code));
	assert_int_equal(ops(&w, "emergency", "refused", "process_died"), 1);
	world_kill(&w);
	world_start(&w);
	assert_int_equal(ops(&w, "emergency", "refused", "process_died"), 1);
	code_of(&w, PREPARE, code);
	world_stop(&w);
	assert_int_equal(ops(&w, "emergency", "refused", "stopped"), 1);
	world_end(&w);
}

static void
test_a_kill_before_the_clock_was_trusted_is_accounted_for_too(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	w.now.trust = TRUST_UNSURE;
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:30"));
	world_kill(&w);
	w.now.trust = TRUST_SYNCED;
	world_start(&w);
	world_run(&w, world_us(0, "04:10:00"));
	expect_end(&w, 1, "unscheduled", "emergency", "process_died", 30000);
	assert_int_equal(ops(&w, "emergency", "over", "process_died"), 1);
	world_end(&w);
}

/* simulate --faults, seed 9169: a power cut, a boot in 1970, and a kill. What
 * sounded in this boot did not end with the one before, and began by its boot
 * clock, not in 1970. */
static void
test_P7_a_kill_is_no_power_cut_though_one_came_before_it(void **state)
{
	struct world w;
	json_t *ends;
	const json_t *end;
	int64_t us;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "04:10:00"));
	world_kill(&w);
	w.boot_id = "22222222-0000-4000-8000-000000000000";
	w.now.trust = TRUST_UNSURE;
	world_step(&w, 0);
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, 30 * US_PER_S);
	world_kill(&w);
	world_step(&w, world_us(0, "04:20:00"));
	w.now.trust = TRUST_SYNCED;
	world_start(&w);
	world_run(&w, world_us(0, "04:30:00"));
	assert_int_equal(ops(&w, "emergency", "over", "process_died"), 1);
	ends = world_records(&w, "end");
	end = json_array_get(ends, 0);
	assert_string_equal(record_text(end, "broken"), "process_died");
	assert_int_equal(
	    civil_read_utc(record_text(end, "actual_utc"), &us), 0);
	assert_in_range(us, world_us(0, "04:19:25"), world_us(0, "04:19:35"));
	json_decref(ends);
	world_end(&w);
}

static void
test_a_clean_stop_ends_an_emergency_in_the_log(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:30"));
	world_stop(&w);
	expect_end(&w, 1, "unscheduled", "emergency", "operator_stop", 30000);
	assert_int_equal(ops(&w, "emergency", "over", "operator_stop"), 1);
	world_end(&w);
}

/* The operator's item ---------------------------------------------------- */

static void
test_P1_what_the_operator_plays_ends_with_the_hours(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	w.watch = watch;
	heard_outside = false;
	world_start(&w);
	world_run(&w, world_us(0, "05:58:00"));
	assert_true(world_ask(
	    &w, "{\"cmd\":\"play\",\"item\":\"dai\",\"by\":\"p-1\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	assert_false(heard_outside);
	expect_end(&w, 1, "unscheduled", "operator", "hours_end", 120000);
	world_expect(&w, 0, "mem", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_a_hard_slot_cuts_what_the_operator_plays(void **state)
{
	struct world w;
	json_t *end;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:40:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"dai\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "operator", "preempted", 300000);
	world_expect(&w, 0, "cung", "aired", "");
	end = world_record(&w, "end", 0, "cung", NULL);
	assert_int_equal(record_int(end, "late_ms", -1), 0);
	json_decref(end);
	world_account(&w);
	world_end(&w);
}

static void
test_a_soft_slot_waits_for_it_and_is_missed_past_its_tolerance(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:54:20"));
	/* 60 s: the soft slot begins 20 s late. */
	assert_true(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"ngan\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "mem", "aired", "late");
	world_end(&w);

	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:54:55")); /* it is loaded by now */
	assert_true(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"lu-ve\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	world_expect(&w, 0, "mem", "not_aired", "preempted");
	world_account(&w);
	world_end(&w);
}

static void
test_what_is_planned_is_cut_for_the_operator_only_when_said_so(void **state)
{
	static const char *const times[] = { "05:03:00", "05:29:59",
		"05:25:00" };
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:03:00"));
	assert_false(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"ngan\"}"));
	assert_true(world_ask(
	    &w, "{\"cmd\":\"play\",\"item\":\"ngan\",\"over\":true}"));
	assert_false(world_ask(
	    &w, "{\"cmd\":\"play\",\"item\":\"ngan\",\"over\":true}"));
	for (size_t i = 1; i < COUNT(times); i++) {
		world_run(&w, world_us(0, times[3 - i]));
		if (world_ask(&w, "{\"cmd\":\"play\",\"item\":\"ngan\"}"))
			fail_msg("played over what is on at %s", times[3 - i]);
	}
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "operator", "", 60000);
	world_expect(&w, 0, "quoc-ca", "aired_partial", "rejoined");
	world_account(&w);
	world_end(&w);
}

static void
test_an_emergency_ends_what_the_operator_plays(void **state)
{
	struct world w;

	(void)state;
	orders_world(&w);
	world_start(&w);
	world_run(&w, world_us(0, "05:35:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"play\",\"item\":\"dai\"}"));
	world_run(&w, world_us(0, "05:36:00"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 2, "unscheduled", "emergency", "", 90000);
	assert_int_equal(ops(&w, "play", "over", "preempted"), 1);
	world_expect(&w, 0, "cung", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_status_tells_what_is_ordered(void **state)
{
	struct world w;
	json_t *answer;
	const json_t *s;

	(void)state;
	orders_world(&w);
	world_start(&w);
	release(&w, PREPARE);
	world_run(&w, world_us(0, "04:00:10"));
	answer = world_answer(&w, "{\"cmd\":\"status\"}");
	s = json_array_get(json_object_get(answer, "stations"), 0);
	assert_string_equal(
	    record_text(json_object_get(s, "on"), "source"), "emergency");
	assert_string_equal(
	    record_text(
		json_array_get(json_object_get(s, "orders"), 0), "order"),
	    "CĐ 12");
	json_decref(answer);
	world_end(&w);
}

/* Insertions: the next join ----------------------------------------------- */

static const char joins[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "segments = ( { id = \"tin\"; title = \"Tin\"; } );\n"
    "slots = (\n" SLOT("ban-tin", "05:00:00", "00:10:00",
	"segment = \"tin\";") ",\n" SLOT("mem", "05:10:00", "00:05:00",
	"item = \"ngan\"; tolerance = \"00:01:00\";") ",\n" SLOT("cung",
	"05:20:00", "00:05:00",
	"item = \"ngan\"; start = \"hard\";") ",\n" SLOT("vov", "05:30:00",
	"00:10:00", "relay = \"vov1\";") ");\n";
static const char joins_week[] =
    "week = \"2026-W48\";\n"
    "program = ( { slot = \"ban-tin\"; items = [ \"a\", \"b\", \"c\" ]; } );\n";

/* Three items of three minutes in a slot of ten; at that time. */
static void
joins_world(struct world *w, const char *time)
{
	static const char *const ids[] = { "a", "b", "c" };

	world_make(w, joins, joins_week);
	for (size_t i = 0; i < COUNT(ids); i++)
		world_item(w, ids[i], 180000);
	world_item(w, "ngan", 60000);
	world_item(w, "lu-ve", 90000);
	world_item(w, "chen-30", 30000);
	world_item(w, "chen-90", 90000);
	world_item(w, "chen-150", 150000);
	w->from_h = 5;
	w->to_h = 6;
	world_start(w);
	world_run(w, world_us(0, time));
}

static bool
insert(struct world *w, const char *item)
{
	char request[128];

	snprintf(request, sizeof(request),
	    "{\"cmd\":\"play\",\"next\":true,\"item\":\"%s\","
	    "\"by\":\"p-1\"}",
	    item);
	return world_ask(w, request);
}

/* What sounded from then on, each "item@minute:second+seconds ", in its order;
 * what was loaded in vain is left out. Then: all is accounted for. */
static void
expect_sound(struct world *w, const char *from, const char *wanted)
{
	json_t *ends = world_records(w, "end");
	char heard[512] = "";
	const json_t *end;
	size_t i;

	json_array_foreach(ends, i, end)
	{
		int64_t ms = record_int(end, "actual_ms", 0);
		int64_t us;
		int second;

		if (ms == 0 ||
		    civil_read_utc(record_text(end, "actual_utc"), &us) < 0 ||
		    us < world_us(0, from))
			continue;
		us += 500 * US_PER_MS;
		second = (int)((us - world_us(0, "05:00:00")) / US_PER_S);
		snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard),
		    "%s@%02d:%02d+%d ", record_text(end, "item"), second / 60,
		    second % 60, (int)((ms + 500) / 1000));
	}
	json_decref(ends);
	assert_string_equal(heard, wanted);
	world_account(w);
}

static void
test_an_insertion_sounds_between_two_items_and_the_next_follows_it(void **state)
{
	struct world w;
	json_t *slot;
	json_t *start;
	int64_t us;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 chen-30@03:00+30 b@03:30+180 c@06:30+180 "
	    "ngan@10:00+60 ngan@20:00+60 ");
	start = world_record(&w, "start", 0, "", NULL);
	assert_int_equal(civil_read_utc(record_text(start, "cue_utc"), &us), 0);
	assert_int_equal(us, world_us(0, "05:03:00")); /* gapless */
	json_decref(start);
	world_expect(&w, 0, "ban-tin", "aired", "");
	slot = world_record(&w, "slot", 0, "ban-tin", NULL);
	assert_string_equal(record_text(slot, "note"), "order");
	json_decref(slot);
	assert_int_equal(ops(&w, "play", "done", ""), 1);
	assert_int_equal(ops(&w, "play", "over", ""), 1);
	world_end(&w);
}

/* The slot keeps its end; what does not fit any more is told. */
static void
test_what_an_insertion_leaves_no_time_for_is_cut_at_the_slots_end(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-150"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 chen-150@03:00+150 b@05:30+180 c@08:30+90 "
	    "ngan@10:00+60 ngan@20:00+60 ");
	world_expect(&w, 0, "ban-tin", "aired_partial", "preempted");
	world_expect(&w, 0, "mem", "aired", "");
	world_end(&w);
}

/* Also when the next item is loaded, or cued, already. */
static void
test_an_insertion_takes_a_join_that_is_near(void **state)
{
	static const char *const times[] = { "05:02:49", "05:02:51",
		"05:02:56" };

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct world w;

		print_message("%s\n", times[i]);
		joins_world(&w, times[i]);
		assert_true(insert(&w, "chen-30"));
		world_run(&w, world_us(0, "05:15:00"));
		expect_sound(&w, "05:00:00",
		    "a@00:00+180 chen-30@03:00+30 b@03:30+180 c@06:30+180 "
		    "ngan@10:00+60 ");
		world_end(&w);
	}
}

/* It was pushed back, and nobody switched it off: its first attempt says so. */
static void
test_what_is_cued_and_gives_way_to_an_insertion_says_so(void **state)
{
	struct world w;
	json_t *ends;
	const json_t *end;
	int pushed = 0;
	size_t i;

	(void)state;
	joins_world(&w, "05:02:56");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:15:00"));
	ends = world_records(&w, "end");
	json_array_foreach(ends, i, end)
	{
		if (strcmp(record_text(end, "status"), "not_aired") != 0)
			continue;
		assert_string_equal(record_text(end, "item"), "b");
		assert_string_equal(record_text(end, "reason"), "preempted");
		pushed++;
	}
	assert_int_equal(pushed, 1);
	json_decref(ends);
	world_expect(&w, 0, "ban-tin", "aired", "");
	world_account(&w);
	world_end(&w);
}

static void
test_what_starts_in_two_seconds_is_as_good_as_on(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:02:59");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:09:55"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 b@03:00+180 chen-30@06:00+30 c@06:30+180 ");
	world_end(&w);
}

static void
test_a_soft_slot_waits_for_an_insertion_or_is_missed(void **state)
{
	static const struct {
		const char *item, *status, *reason;
	} cases[] = {
		{ "chen-30", "aired", "" }, /* 05:09:00 to 05:09:30 */
		{ "chen-90", "aired", "late" },
		{ "chen-150", "not_aired", "preempted" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world w;

		print_message("%s\n", cases[i].item);
		joins_world(&w, "05:07:00");
		assert_true(insert(&w, cases[i].item));
		world_run(&w, world_us(0, "06:30:00"));
		world_expect(&w, 0, "ban-tin", "aired", "");
		world_expect(&w, 0, "mem", cases[i].status, cases[i].reason);
		assert_int_equal(ops(&w, "play", "over", ""), 1);
		world_account(&w);
		world_end(&w);
	}
}

/* It is cued already, and nothing is on. */
static void
test_a_soft_slot_that_is_cued_waits_for_an_insertion(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:09:55");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "operator", "", 30000);
	world_expect(&w, 0, "mem", "aired", "late");
	world_account(&w);
	world_end(&w);
}

static void
test_a_slot_that_an_emergency_cut_goes_on_before_an_insertion(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "05:09:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+60 lu-ve@01:00+90 a@02:32+29 chen-30@03:00+30 "
	    "b@03:30+180 ");
	world_end(&w);
}

static void
test_a_hard_slot_and_a_relay_never_move_for_an_insertion(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:19:00"); /* silence, and too short */
	assert_true(insert(&w, "chen-90"));
	world_run(&w, world_us(0, "05:29:30"));
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(
	    &w, "05:19:00", "ngan@20:00+60 chen-90@21:00+90 chen-30@40:00+30 ");
	world_expect(&w, 0, "cung", "aired", "");
	world_expect(&w, 0, "vov", "external", "relay_reserved");
	world_end(&w);
}

static void
test_in_silence_an_insertion_sounds_at_once(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:45:00");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:45:02"));
	assert_true(deck_sim_sounds(w.deck));
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "operator", "", 30000);
	world_end(&w);
}

static void
test_P1_an_insertion_without_room_in_the_hours_is_refused(void **state)
{
	static const char *const refused[] = { "04:30:00", "05:58:00",
		"06:10:00" };
	struct world w;

	(void)state;
	joins_world(&w, "04:00:00");
	w.watch = watch;
	heard_outside = false;
	for (size_t i = 0; i < COUNT(refused); i++) {
		world_run(&w, world_us(0, refused[i]));
		if (insert(&w, "chen-150"))
			fail_msg("taken at %s", refused[i]);
	}
	assert_int_equal(ops(&w, "play", "refused", NULL), 3);
	world_run(&w, world_us(0, "06:30:00"));
	assert_false(heard_outside);
	world_end(&w);
}

static void
test_only_so_many_insertions_wait_and_each_has_its_join(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	assert_false(insert(&w, "chen-30")); /* it waits already */
	assert_false(insert(&w, "khong-co"));
	assert_false(
	    world_ask(&w, "{\"cmd\":\"play\",\"next\":true,\"item\":\"ngan\","
			  "\"times\":2}"));
	assert_true(insert(&w, "chen-90"));
	assert_true(insert(&w, "lu-ve"));
	assert_true(insert(&w, "ngan"));
	assert_false(insert(&w, "chen-150"));
	assert_int_equal(ops(&w, "play", "refused", NULL), 4);
	release(&w, PREPARE); /* and none is in the way of an emergency */
	world_run(&w, world_us(0, "05:30:00"));
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	assert_int_equal(ops(&w, "play", "over", ""), 4);
	world_account(&w);
	world_end(&w);
}

/* When the first thing ordered is to sound, as status tells. */
static int64_t
waiting_at(struct world *w)
{
	json_t *answer = world_answer(w, "{\"cmd\":\"status\"}");
	const json_t *o;
	int64_t us;

	o = json_array_get(json_object_get(answer, "stations"), 0);
	o = json_array_get(json_object_get(o, "orders"), 0);
	assert_true(json_is_true(json_object_get(o, "waits")));
	assert_int_equal(civil_read_utc(record_text(o, "start_utc"), &us), 0);
	json_decref(answer);
	return us;
}

static void
test_an_insertion_that_waits_is_told_and_withdrawn(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	assert_int_equal(waiting_at(&w), world_us(0, "05:03:00"));
	assert_false(world_ask(&w, "{\"cmd\":\"skip\",\"item\":\"ngan\"}"));
	assert_true(world_ask(&w, "{\"cmd\":\"skip\",\"item\":\"chen-30\"}"));
	world_run(&w, world_us(0, "05:01:10"));
	assert_int_equal(ops(&w, "play", "over", "cancelled"), 1);
	/* Its join is near, and it is cued; nothing has moved in the end. */
	assert_true(insert(&w, "chen-90"));
	world_run(&w, world_us(0, "05:02:52"));
	assert_false(insert(&w, "chen-90"));
	assert_int_equal(waiting_at(&w), world_us(0, "05:03:00"));
	assert_true(world_ask(&w, "{\"cmd\":\"skip\",\"item\":\"chen-90\"}"));
	assert_int_equal(ops(&w, "skip", "done", "chen-30"), 1);
	world_run(&w, world_us(0, "06:30:00"));
	assert_int_equal(ops(&w, "play", "over", "cancelled"), 2);
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 b@03:00+180 c@06:00+180 ngan@10:00+60 "
	    "ngan@20:00+60 ");
	world_expect(&w, 0, "ban-tin", "aired", "");
	world_end(&w);
}

static void
test_what_follows_an_insertion_that_is_skipped_comes_sooner(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-150"));
	world_run(&w, world_us(0, "05:03:10"));
	assert_true(world_ask(&w, "{\"cmd\":\"skip\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 chen-150@03:00+10 b@03:12+180 c@06:12+180 "
	    "ngan@10:00+60 ngan@20:00+60 ");
	world_expect(&w, 0, "ban-tin", "aired", "");
	assert_int_equal(ops(&w, "play", "over", "operator_stop"), 1);
	world_end(&w);
}

static void
test_stop_ends_the_insertions_that_wait(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	assert_true(world_ask(&w, "{\"cmd\":\"stop\"}"));
	assert_false(insert(&w, "chen-90"));
	assert_true(world_ask(&w, "{\"cmd\":\"resume\"}"));
	world_run(&w, world_us(0, "06:30:00"));
	assert_null(world_record(&w, "start", 0, "", NULL));
	assert_int_equal(ops(&w, "play", "over", "operator_stop"), 1);
	world_account(&w);
	world_end(&w);
}

static void
test_P3_an_insertion_does_not_outlive_its_daemon(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	world_kill(&w);
	world_start(&w);
	assert_true(insert(&w, "chen-90"));
	world_run(&w, world_us(0, "05:01:30"));
	world_stop(&w);
	world_start(&w);
	world_run(&w, world_us(0, "06:30:00"));
	assert_null(world_record(&w, "start", 0, "", NULL));
	assert_int_equal(ops(&w, "play", "over", "process_died"), 1);
	assert_int_equal(ops(&w, "play", "over", "operator_stop"), 1);
	world_account(&w);
	world_end(&w);
}

/* The second load is the insertion's. */
static void
test_P6_an_insertion_that_does_not_load_moves_nothing(void **state)
{
	static struct deck_fault bad = { .nth = 2, .ended = ENDED_BAD_ITEM };
	struct world w;

	(void)state;
	joins_world(&w, "04:50:00");
	world_kill(&w);
	w.faults = &bad;
	w.n_faults = 1;
	world_start(&w);
	world_run(&w, world_us(0, "05:01:00"));
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 b@03:00+180 c@06:00+180 ngan@10:00+60 "
	    "ngan@20:00+60 ");
	world_expect(&w, 0, "ban-tin", "aired", "");
	assert_int_equal(ops(&w, "play", "over", "bad_item"), 1);
	world_end(&w);
}

/* A deck that takes its time with the next load. */
static struct {
	int (*receive)(struct deck *d, struct now now, struct receipt *ret);
	int64_t (*wake)(struct deck *d);
	bool armed;
	bool held;
	int64_t until_us; /* boot */
	struct receipt kept;
} slow;

static int
slow_receive(struct deck *d, struct now now, struct receipt *ret)
{
	int r;

	if (slow.held && now.boot_us >= slow.until_us) {
		slow.held = false;
		*ret = slow.kept;
		return 1;
	}
	r = slow.receive(d, now, ret);
	if (r <= 0 || !slow.armed || ret->kind != RECEIPT_LOADED)
		return r;
	slow.armed = false;
	slow.held = true;
	slow.kept = *ret;
	return slow.receive(d, now, ret);
}

static int64_t
slow_wake(struct deck *d)
{
	int64_t wake_us = slow.wake(d);

	return slow.held ? earlier(wake_us, slow.until_us) : wake_us;
}

static void
load_slowly(struct world *w, int64_t us)
{
	memset(&slow, 0, sizeof(slow));
	slow.receive = w->deck->receive;
	slow.wake = w->deck->wake;
	slow.armed = true;
	slow.until_us = w->now.boot_us + us;
	w->deck->receive = slow_receive;
	w->deck->wake = slow_wake;
}

/* What has begun at its join is not cut for it. */
static void
test_an_insertion_that_is_slow_to_load_takes_the_next_join(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:02:56");
	load_slowly(&w, 6 * US_PER_S);
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:03:10"));
	assert_int_equal(waiting_at(&w), world_us(0, "05:06:00"));
	world_run(&w, world_us(0, "06:30:00"));
	expect_sound(&w, "05:00:00",
	    "a@00:00+180 b@03:00+180 chen-30@06:00+30 c@06:30+180 "
	    "ngan@10:00+60 ngan@20:00+60 ");
	assert_int_equal(ops(&w, "play", "done", ""), 1);
	assert_int_equal(ops(&w, "play", "over", ""), 1);
	world_end(&w);
}

static void
test_an_emergency_ends_an_insertion(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-150"));
	world_run(&w, world_us(0, "05:03:30"));
	release(&w, PREPARE);
	world_run(&w, world_us(0, "06:30:00"));
	assert_int_equal(ops(&w, "play", "over", "preempted"), 1);
	assert_int_equal(ops(&w, "emergency", "over", ""), 1);
	world_account(&w);
	world_end(&w);
}

static void
test_an_insertion_waits_until_a_lost_device_is_back(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:01:00");
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:02:00"));
	deck_sim_lose_device(w.deck, w.now, w.now.boot_us + 5 * US_PER_MIN);
	world_run(&w, world_us(0, "05:06:00"));
	assert_null(world_record(&w, "start", 0, "", NULL));
	world_run(&w, world_us(0, "06:30:00"));
	expect_end(&w, 1, "unscheduled", "operator", "", 30000);
	world_account(&w);
	world_end(&w);
}

static void
test_an_insertion_that_is_cued_ends_with_a_step_of_the_clock(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:30:00"); /* the relay: until 05:40 */
	assert_true(insert(&w, "chen-30"));
	world_run(&w, world_us(0, "05:39:55"));
	world_step(&w, world_us(0, "05:31:00"));
	world_run(&w, world_us(0, "05:41:00"));
	world_account(&w);
	assert_int_equal(ops(&w, "play", "over", "clock_unsure"), 1);
	world_end(&w);
}

/* P1: hours that a clock runs through again are not those it was asked in. */
static void
test_P1_a_clock_set_back_lets_an_insertion_wait_no_longer(void **state)
{
	struct world w;

	(void)state;
	joins_world(&w, "05:30:00"); /* the relay: until 05:40 */
	assert_true(insert(&w, "chen-30"));
	/* Twice: the relay ends half an hour after it was asked for. */
	for (int i = 0; i < 2; i++) {
		world_run(&w, world_us(0, "05:39:40"));
		world_step(&w, world_us(0, "05:29:30"));
	}
	world_run(&w, world_us(0, "05:41:00"));
	world_account(&w);
	assert_null(world_record(&w, "start", 0, "", NULL));
	assert_int_equal(ops(&w, "play", "over", "outside_hours"), 1);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_emergency_is_raised_to_the_loudness_and_never_turned_down),
		cmocka_unit_test(
		    test_P1_an_emergency_in_two_steps_sounds_outside_the_hours),
		cmocka_unit_test(
		    test_P4_the_records_of_a_release_go_in_one_write),
		cmocka_unit_test(
		    test_P4_a_sick_disk_does_not_hold_up_an_emergency),
		cmocka_unit_test(
		    test_a_code_that_expires_leaves_nothing_behind),
		cmocka_unit_test(
		    test_the_fifth_wrong_code_voids_what_is_prepared),
		cmocka_unit_test(
		    test_a_code_is_for_the_account_that_was_given_it),
		cmocka_unit_test(
		    test_repeats_have_their_gap_and_name_what_they_cut),
		cmocka_unit_test(
		    test_a_code_is_good_for_two_minutes_and_for_once),
		cmocka_unit_test(
		    test_what_lacks_its_papers_is_refused_and_the_refusal_is_a_record),
		cmocka_unit_test(test_P5_an_emergency_is_of_approved_bytes_too),
		cmocka_unit_test(test_an_order_is_never_a_record_on_request),
		cmocka_unit_test(test_who_may_not_operate_releases_nothing),
		cmocka_unit_test(test_who_is_looked_up_is_who_is_written),
		cmocka_unit_test(
		    test_an_emergency_cuts_the_anthem_which_then_goes_on),
		cmocka_unit_test(
		    test_a_slot_that_does_not_rejoin_stays_preempted),
		cmocka_unit_test(
		    test_a_slot_that_an_emergency_covers_does_not_air_afterwards),
		cmocka_unit_test(test_a_relay_is_still_external_with_a_note),
		cmocka_unit_test(test_two_emergencies_queue_by_time),
		cmocka_unit_test(test_an_emergency_repeats_as_often_as_asked),
		cmocka_unit_test(
		    test_several_items_sound_one_after_the_other_and_repeat_so),
		cmocka_unit_test(
		    test_P5_every_item_of_an_order_is_looked_at_first),
		cmocka_unit_test(test_P3_a_sequence_ends_with_its_life),
		cmocka_unit_test(
		    test_stop_ends_a_sequence_and_what_would_follow),
		cmocka_unit_test(test_stop_and_skip_end_an_emergency),
		cmocka_unit_test(
		    test_a_skip_between_two_repeats_ends_the_emergency),
		cmocka_unit_test(
		    test_a_station_that_is_stopped_still_takes_an_emergency),
		cmocka_unit_test(
		    test_an_emergency_that_fails_to_load_disturbs_nothing),
		cmocka_unit_test(test_an_emergency_needs_no_trusted_clock),
		cmocka_unit_test(
		    test_what_is_planned_or_played_waits_for_a_trusted_clock),
		cmocka_unit_test(
		    test_an_emergency_goes_on_when_the_device_is_back),
		cmocka_unit_test(
		    test_P3_an_emergency_does_not_outlive_its_daemon),
		cmocka_unit_test(
		    test_P2_what_was_only_prepared_when_the_daemon_died_has_a_last_word),
		cmocka_unit_test(
		    test_a_kill_before_the_clock_was_trusted_is_accounted_for_too),
		cmocka_unit_test(
		    test_P7_a_kill_is_no_power_cut_though_one_came_before_it),
		cmocka_unit_test(
		    test_a_clean_stop_ends_an_emergency_in_the_log),
		cmocka_unit_test(
		    test_P1_what_the_operator_plays_ends_with_the_hours),
		cmocka_unit_test(test_a_hard_slot_cuts_what_the_operator_plays),
		cmocka_unit_test(
		    test_a_soft_slot_waits_for_it_and_is_missed_past_its_tolerance),
		cmocka_unit_test(
		    test_what_is_planned_is_cut_for_the_operator_only_when_said_so),
		cmocka_unit_test(
		    test_an_emergency_ends_what_the_operator_plays),
		cmocka_unit_test(test_status_tells_what_is_ordered),
		cmocka_unit_test(
		    test_an_insertion_sounds_between_two_items_and_the_next_follows_it),
		cmocka_unit_test(
		    test_what_an_insertion_leaves_no_time_for_is_cut_at_the_slots_end),
		cmocka_unit_test(test_an_insertion_takes_a_join_that_is_near),
		cmocka_unit_test(
		    test_what_is_cued_and_gives_way_to_an_insertion_says_so),
		cmocka_unit_test(
		    test_what_starts_in_two_seconds_is_as_good_as_on),
		cmocka_unit_test(
		    test_a_soft_slot_waits_for_an_insertion_or_is_missed),
		cmocka_unit_test(
		    test_a_soft_slot_that_is_cued_waits_for_an_insertion),
		cmocka_unit_test(
		    test_a_slot_that_an_emergency_cut_goes_on_before_an_insertion),
		cmocka_unit_test(
		    test_a_hard_slot_and_a_relay_never_move_for_an_insertion),
		cmocka_unit_test(test_in_silence_an_insertion_sounds_at_once),
		cmocka_unit_test(
		    test_P1_an_insertion_without_room_in_the_hours_is_refused),
		cmocka_unit_test(
		    test_only_so_many_insertions_wait_and_each_has_its_join),
		cmocka_unit_test(
		    test_an_insertion_that_waits_is_told_and_withdrawn),
		cmocka_unit_test(
		    test_what_follows_an_insertion_that_is_skipped_comes_sooner),
		cmocka_unit_test(test_stop_ends_the_insertions_that_wait),
		cmocka_unit_test(
		    test_P3_an_insertion_does_not_outlive_its_daemon),
		cmocka_unit_test(
		    test_P6_an_insertion_that_does_not_load_moves_nothing),
		cmocka_unit_test(
		    test_an_insertion_that_is_slow_to_load_takes_the_next_join),
		cmocka_unit_test(test_an_emergency_ends_an_insertion),
		cmocka_unit_test(
		    test_an_insertion_waits_until_a_lost_device_is_back),
		cmocka_unit_test(
		    test_an_insertion_that_is_cued_ends_with_a_step_of_the_clock),
		cmocka_unit_test(
		    test_P1_a_clock_set_back_lets_an_insertion_wait_no_longer),
	};

	return cmocka_run_group_tests_name(
	    "station, orders", tests, NULL, NULL);
}
