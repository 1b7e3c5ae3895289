/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A week's programme handed to the running daemon: taken whole or not at
 * all, and never into a slot that is about to begin. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "evidence/ledger.h"
#include "evidence/record.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/world.h"

static const char schedule[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "segments = ( { id = \"ttdn\"; title = \"Đối ngoại\"; } );\n"
    "slots = (\n"
    " { id = \"a\"; days = \"T2\"; at = \"05:00\"; for = \"00:05\";"
    "   segment = \"ttdn\"; },\n"
    " { id = \"b\"; days = \"T2\"; at = \"05:30\"; for = \"00:05\";"
    "   segment = \"ttdn\"; } );\n";

#define PROGRAM(a, b) \
	"week = \"2026-W48\"; program = (" \
	" { slot = \"a\"; items = [ \"" a "\" ]; }," \
	" { slot = \"b\"; items = [ \"" b "\" ]; } );\n"

static const char old[] = PROGRAM("cu", "cu");
static const char fresh[] = PROGRAM("moi", "moi");

static void
live(struct world *w)
{
	world_make(w, schedule, old);
	world_item(w, "cu", 300000);
	world_item(w, "moi", 300000);
	world_start(w);
}

static const char *
file_path(const struct world *w)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/que-minh/2026-W48.cfg", w->folder);
	return path;
}

static void
expect_file(const struct world *w, const char *when, const char *wanted)
{
	char *text = folder_slurp(file_path(w), NULL);

	if (strcmp(text, wanted) != 0)
		fail_msg("%s: %s", when, text);
	free(text);
}

/* The answer; yours. */
static json_t *
load(struct world *w, const char *text, const char *based_on)
{
	char base[HASH_HEX] = "";
	json_t *req;
	json_t *answer;

	if (based_on != NULL)
		assert_int_equal(
		    hash_bytes(based_on, strlen(based_on), base), 0);
	req = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "cmd", "load", "station",
	    "que-minh", "week", "2026-W48", "text", text, "base", base, "by",
	    "p-1");
	answer = daemon_request(w->daemon, w->now, req);
	json_decref(req);
	return answer;
}

static bool
is_taken(struct world *w, const char *text, const char *based_on)
{
	json_t *answer = load(w, text, based_on);
	bool ok = json_is_true(json_object_get(answer, "ok"));

	json_decref(answer);
	return ok;
}

static int
keep_op(void *arg, const char *line, size_t n, int64_t seq)
{
	json_t **last = arg;
	json_t *r = json_loadb(line, n, 0, NULL);

	(void)seq;
	if (strcmp(record_text(r, "kind"), "op") != 0) {
		json_decref(r);
		return 0;
	}
	json_decref(*last);
	*last = r;
	return 0;
}

static void
expect_op(struct world *w, const char *result, const char *person)
{
	json_t *op = NULL;

	assert_int_equal(ledger_each(w->log, keep_op, &op), 0);
	assert_string_equal(record_text(op, "op"), "load");
	assert_string_equal(record_text(op, "result"), result);
	assert_string_equal(record_text(op, "person"), person);
	json_decref(op);
}

static void
expect_item(struct world *w, const char *slot, const char *item)
{
	json_t *start = world_record(w, "start", 0, slot, NULL);

	assert_string_equal(record_text(start, "item"), item);
	json_decref(start);
}

static void
test_a_programme_loaded_in_time_airs(void **state)
{
	struct world w;

	(void)state;
	live(&w);
	world_run(&w, world_us(0, "04:30:00"));
	assert_true(is_taken(&w, fresh, old));
	expect_file(&w, "loaded", fresh);
	expect_op(&w, "done", "p-1");
	world_run(&w, world_us(0, "12:00:00"));
	expect_item(&w, "a", "moi");
	expect_item(&w, "b", "moi");
	world_account(&w);
	world_end(&w);
}

/* DESIGN, "Reload": nothing is taken from under a slot that begins. */
static void
test_two_minutes_before_a_slot_it_keeps_what_it_had(void **state)
{
	struct world w;

	(void)state;
	live(&w);
	world_run(&w, world_us(0, "04:58:30"));
	assert_true(is_taken(&w, fresh, old));
	world_run(&w, world_us(0, "12:00:00"));
	expect_item(&w, "a", "cu");
	expect_item(&w, "b", "moi");
	world_account(&w);
	world_end(&w);
}

static void
test_of_two_officers_the_second_is_told_to_look_again(void **state)
{
	struct world w;
	json_t *answer;

	(void)state;
	live(&w);
	assert_true(is_taken(&w, fresh, old));
	answer = load(&w, PROGRAM("moi", "cu"), old);
	assert_false(json_is_true(json_object_get(answer, "ok")));
	assert_true(json_is_true(json_object_get(answer, "stale")));
	json_decref(answer);
	expect_file(&w, "the second", fresh);
	expect_op(&w, "refused", "p-1");
	assert_true(is_taken(&w, old, fresh));
	expect_file(&w, "having looked", old);
	world_end(&w);
}

static void
test_what_is_not_whole_changes_nothing(void **state)
{
	static const char *const bad[] = { "", "week = \"2026-W48\"",
		"week = \"2026-W47\"; program = ();",
		"week = \"2026-W48\"; program = ( { slot = \"x\"; items = [ "
		"\"cu\" ]; } );",
		"@include \"/etc/passwd\"\n",
		PROGRAM("cu", "../../etc/passwd") };
	struct world w;

	(void)state;
	live(&w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer = load(&w, bad[i], old);

		assert_false(json_is_true(json_object_get(answer, "ok")));
		assert_true(
		    json_array_size(json_object_get(answer, "problems")) > 0);
		json_decref(answer);
		expect_file(&w, bad[i], old);
	}
	world_run(&w, world_us(0, "12:00:00"));
	expect_item(&w, "a", "cu");
	world_end(&w);
}

static void
test_a_request_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"{\"cmd\":\"load\"}",
		"{\"cmd\":\"load\",\"station\":\"x\"}",
		"{\"cmd\":\"load\",\"station\":\"que-minh\",\"week\":\"48\"}",
		"{\"cmd\":\"load\",\"station\":\"que-minh\",\"week\":"
		"\"../../2026-W48\",\"text\":\"\"}",
		"{\"cmd\":\"load\",\"station\":\"que-minh\",\"week\":"
		"\"2026-W48\",\"by\":\"p-1\",\"text\":7}",
		"{\"cmd\":\"load\",\"station\":\"que-minh\",\"week\":"
		"\"2026-W48\",\"text\":\"week = \\\"2026-W48\\\"; program = "
		"();\"}",
	};
	struct world w;

	(void)state;
	live(&w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(world_ask(&w, bad[i]));
	expect_file(&w, "asked badly", old);
	world_end(&w);
}

/* No byte more fits: the programme in force and its file stay whole. */
static void
test_a_full_disk_leaves_the_week_as_it_is(void **state)
{
	struct rlimit was, none;
	struct world w;
	bool taken;

	(void)state;
	live(&w);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	none = was;
	none.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	taken = is_taken(&w, fresh, old);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(taken);
	expect_file(&w, "a full disk", old);
	expect_op(&w, "refused", "p-1");
	assert_true(is_taken(&w, fresh, old));
	world_run(&w, world_us(0, "12:00:00"));
	expect_item(&w, "a", "moi");
	world_account(&w);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_programme_loaded_in_time_airs),
		cmocka_unit_test(
		    test_two_minutes_before_a_slot_it_keeps_what_it_had),
		cmocka_unit_test(
		    test_of_two_officers_the_second_is_told_to_look_again),
		cmocka_unit_test(test_what_is_not_whole_changes_nothing),
		cmocka_unit_test(test_a_request_that_is_none_is_refused),
		cmocka_unit_test(test_a_full_disk_leaves_the_week_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
