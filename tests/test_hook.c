/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sick_disk.h"
#include "scheduler/health.h"
#include "scheduler/hook.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SLOT(status) \
	"{\"v\":1,\"kind\":\"slot\",\"seq\":1,\"title\":\"Bản tin\"," \
	"\"status\":\"" status "\"}"

struct place {
	char folder[64];
	char out[80];
	struct hook *hook;
	struct now now;
	char *command[3];
	struct site_event event;
};

/* A script that writes to $1, and the hook that runs it. */
static int
place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->folder, sizeof(p->folder), "/tmp/loaxa-hook-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->out, sizeof(p->out), "%s/out", p->folder);
	assert_int_equal(hook_open(p->folder, &p->hook), 0);
	p->now.boot_us = US_PER_DAY;
	p->command[0] = (char *)"run.sh"; /* below the folder */
	p->command[1] = p->out;
	p->event = (struct site_event){
		.command = p->command, .n_command = 2, .longest_s = 5
	};
	*state = p;
	return 0;
}

static int
place_free(void **state)
{
	struct place *p = *state;
	char path[100];

	assert_null(hook_close(p->hook));
	snprintf(path, sizeof(path), "%s/run.sh", p->folder);
	unlink(path);
	unlink(p->out);
	rmdir(p->folder);
	free(p);
	return 0;
}

static void
script(struct place *p, const char *text)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/run.sh", p->folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	chmod(path, 0755);
	hook_set(p->hook, &p->event);
}

static void
offer(struct place *p, const char *line)
{
	hook_offer(p->hook, line, strlen(line));
}

/* Turns until nothing runs or waits; fails the test when that takes long. */
static void
settle(struct place *p)
{
	struct pollfd fd = { .fd = hook_fd(p->hook), .events = POLLIN };

	while (hook_turn(p->hook, p->now) != NEVER)
		if (poll(&fd, 1, 5000) <= 0)
			fail_msg("nothing comes from the hook");
}

static const char *
written(struct place *p, char *buf, size_t size)
{
	FILE *f = fopen(p->out, "r");
	size_t n = f == NULL ? 0 : fread(buf, 1, size - 1, f);

	buf[n] = '\0';
	if (f != NULL)
		fclose(f);
	return buf;
}

static void
expect(struct place *p, const char *key, json_int_t value)
{
	json_t *s = hook_status(p->hook);
	json_int_t got = json_integer_value(json_object_get(s, key));

	if (got != value)
		fail_msg("%s is %lld, wanted %lld; %s", key, (long long)got,
		    (long long)value, health_text(s, "error"));
	json_decref(s);
}

static void
expect_error(struct place *p, const char *text)
{
	json_t *s = hook_status(p->hook);

	assert_string_equal(health_text(s, "error"), text);
	assert_true(
	    json_is_true(json_object_get(s, "failing")) == (text[0] != '\0'));
	json_decref(s);
}

static void
it_reads_the_record_and_one_line_feed(void **state)
{
	struct place *p = *state;
	char buf[500];

	script(p, "cat >\"$1\"");
	offer(p, SLOT("aired"));
	settle(p);
	assert_string_equal(written(p, buf, sizeof(buf)), SLOT("aired") "\n");
	expect(p, "runs", 1);
	expect(p, "failures", 0);
	expect_error(p, "");
}

static void
what_was_not_asked_for_is_not_told(void **state)
{
	static const char *const kinds[] = { "op", "slot" };
	static const char *const statuses[] = { "not_aired" };
	struct place *p = *state;
	char buf[500];

	script(p, "cat >>\"$1\"");
	offer(p, "{\"v\":1,\"kind\":\"start\"}"); /* only slots, if not said */
	settle(p);
	expect(p, "runs", 0);
	p->event.kinds = (char **)kinds;
	p->event.n_kinds = COUNT(kinds);
	p->event.statuses = (char **)statuses;
	p->event.n_statuses = COUNT(statuses);
	offer(p, SLOT("aired"));
	offer(p, SLOT("not_aired"));
	offer(p, "no record at all");
	settle(p);
	assert_string_equal(
	    written(p, buf, sizeof(buf)), SLOT("not_aired") "\n");
}

static void
records_come_in_order_one_at_a_time(void **state)
{
	struct place *p = *state;
	char buf[500];

	script(p, "read -r line; echo \"in $line\" >>\"$1\"; sleep 0.05;"
		  " echo out >>\"$1\"");
	offer(p, SLOT("aired"));
	offer(p, SLOT("not_aired"));
	settle(p);
	assert_string_equal(written(p, buf, sizeof(buf)),
	    "in " SLOT("aired") "\nout\nin " SLOT("not_aired") "\nout\n");
}

/* No variable of the daemon's, no descriptor, no terminal; and it may not
 * outrank the sound. */
static void
it_inherits_little(void **state)
{
	struct place *p = *state;
	char buf[1000];
	int leak = open(p->folder, O_RDONLY | O_CLOEXEC);

	setenv("LOAXA_SECRET", "x", 1);
	setenv("LD_PRELOAD_X", "x", 1);
	script(p, "exec >\"$1\"\n"
		  "env | cut -d= -f1 | grep -v '^\\(HOME\\|TZ\\|TZDIR\\|PWD\\|"
		  "OLDPWD\\|_\\|SHLVL\\|LOAXA_LANG\\)$' | sort | tr '\\n' ' '\n"
		  "for f in /proc/self/fd/*; do f=${f##*/}; [ $f -gt 2 ] && "
		  "[ -e /proc/$$/fd/$f ] && [ $f -lt 10 ] && echo fd $f; done\n"
		  "read -r _ _ _ _ group _ </proc/$$/stat\n"
		  "[ \"$group\" = $$ ] && echo own group\n"
		  "sleep 0.1; nice");
	offer(p, SLOT("aired"));
	settle(p);
	close(leak);
	unsetenv("LOAXA_SECRET");
	unsetenv("LD_PRELOAD_X");
	written(p, buf, sizeof(buf));
	assert_non_null(strstr(buf, "LANG PATH "));
	assert_null(strstr(buf, "SECRET"));
	assert_null(strstr(buf, "PRELOAD"));
	assert_null(strstr(buf, "fd "));
	assert_non_null(strstr(buf, "own group"));
	assert_non_null(strstr(buf, "10\n"));
}

static void
what_hangs_is_killed_with_all_it_forked(void **state)
{
	struct place *p = *state;
	struct pollfd fd = { .fd = hook_fd(p->hook), .events = POLLIN };
	char buf[100];
	long pid = 0;

	script(p, "sleep 300 & echo $! >\"$1\"; trap '' TERM; wait");
	offer(p, SLOT("aired"));
	offer(p, SLOT("not_aired"));
	assert_true(
	    hook_turn(p->hook, p->now) == p->now.boot_us + 5 * US_PER_S);
	while (pid == 0) {
		poll(NULL, 0, 10);
		pid = atol(written(p, buf, sizeof(buf)));
	}
	assert_int_equal(poll(&fd, 1, 0), 0);
	p->now.boot_us += 5 * US_PER_S;
	hook_turn(p->hook, p->now);
	assert_int_equal(poll(&fd, 1, 5000), 1);
	script(p, "cat >\"$1\"");
	settle(p);
	expect(p, "failures", 1);
	expect(p, "runs", 2);
	expect_error(p, "");
	for (int i = 0; i < 100 && kill((pid_t)pid, 0) == 0; i++) {
		char stat[60];
		char state_of = 0;
		FILE *f;

		snprintf(stat, sizeof(stat), "/proc/%ld/stat", pid);
		f = fopen(stat, "r");
		if (f == NULL || fscanf(f, "%*d %*s %c", &state_of) != 1 ||
		    state_of == 'Z')
			i = 1000; /* dead; who reaps it is its affair */
		if (f != NULL)
			fclose(f);
		poll(NULL, 0, 20);
		if (i == 99)
			fail_msg("what it forked still runs");
	}
}

static void
what_fails_is_told_and_not_tried_again(void **state)
{
	static const struct {
		const char *when;
		const char *script;
		const char *error;
	} cases[] = {
		{ "it says so", "exit 3", "ended with exit code 3" },
		{ "it dies", "kill -9 $$", "ended by signal 9" },
		{ "it does not read", "exit 0", "" },
		{ "it leaves a child behind", "sleep 300 & exit 0", "" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *s;

		script(p, cases[i].script);
		offer(p, SLOT("aired"));
		settle(p);
		s = hook_status(p->hook);
		if (strcmp(health_text(s, "error"), cases[i].error) != 0)
			fail_msg(
			    "%s: %s", cases[i].when, health_text(s, "error"));
		json_decref(s);
		expect(p, "runs", (json_int_t)i + 1);
	}
	expect(p, "failures", 2);
}

static void
a_program_that_is_not_there_is_told(void **state)
{
	struct place *p = *state;

	p->command[0] = (char *)"/nonexistent/notify";
	hook_set(p->hook, &p->event);
	for (int i = 0; i < 3; i++)
		offer(p, SLOT("aired"));
	settle(p);
	expect(p, "failures", 3);
	expect_error(p, "No such file or directory");
}

static void
too_many_at_once_drop_the_oldest(void **state)
{
	struct place *p = *state;
	char line[80];
	char buf[20000];

	script(p, "cat >>\"$1\"");
	for (int i = 0; i < HOOK_WAITING_MAX + 36; i++) {
		snprintf(line, sizeof(line), "{\"kind\":\"slot\",\"i\":%d}", i);
		offer(p, line);
	}
	expect(p, "drops", 36);
	expect(p, "waiting", HOOK_WAITING_MAX);
	settle(p);
	expect(p, "runs", HOOK_WAITING_MAX);
	written(p, buf, sizeof(buf));
	assert_true(strncmp(buf, "{\"kind\":\"slot\",\"i\":36}\n", 23) == 0);
}

static void
without_a_command_nothing_is_kept(void **state)
{
	struct place *p = *state;
	json_t *s;

	offer(p, SLOT("aired"));
	settle(p);
	s = hook_status(p->hook);
	assert_true(json_is_null(s));
	json_decref(s);
	/* Taken away while something waits. */
	script(p, "cat >\"$1\"");
	offer(p, SLOT("aired"));
	hook_set(p->hook, NULL);
	assert_true(hook_turn(p->hook, p->now) == NEVER);
	assert_null(hook_close(NULL));
}

/* In the daemon ----------------------------------------------------------- */

static const char evening[] =
    "station = \"que-minh\"; name = \"Quế Minh\";\n"
    "slots = ( { id = \"toi\"; days = \"T2-CN\"; at = \"05:00:00\";"
    " for = \"00:00:30\"; item = \"nhac\"; } );";

/* Never before: a person may be told of what the log then does not have. */
static void
a_record_is_told_only_once_it_is_safe(void **state)
{
	struct place *p = *state;
	struct world w;
	struct sick_disk sick;
	char buf[4000];

	script(p, "cat >>\"$1\"");
	p->event.longest_s = 600; /* of the world's time */
	world_make(&w, evening, NULL);
	world_item(&w, "nhac", 30000);
	sick_disk_init(&sick, w.log);
	w.log_in_use = &sick.disk;
	w.hook = p->hook;
	w.on_event = &p->event;
	world_start(&w);
	world_run(&w, world_us(0, "04:59:00"));
	sick.fail_at = sick.calls + 1;
	sick.fail_on = true;
	sick.error = EIO;
	world_run(&w, world_us(0, "05:10:00"));
	hook_set(p->hook, &p->event);
	expect(p, "waiting", 0);
	expect(p, "runs", 0);
	sick.fail_at = 0;
	world_run(&w, world_us(0, "05:11:00"));
	p->now = w.now;
	settle(p);
	expect(p, "runs", 1);
	written(p, buf, sizeof(buf));
	assert_non_null(strstr(buf, "\"kind\":\"slot\""));
	assert_non_null(strstr(buf, "\"status\":\"aired\""));
	world_expect(&w, 0, "toi", "aired", "");
	world_kill(&w);
	sick_disk_leave(&sick);
	world_end(&w);
}

/* P6: what a command starts and leaves behind is counted with the players. */
static void
what_multiplies_leaves_room_for_others(void **state)
{
	struct place *p = *state;
	char got[200];

	if (getuid() >= 1000)
		skip();
	script(p, "sleep 0.2; grep processes /proc/self/limits >$1");
	offer(p, SLOT("aired"));
	settle(p);
	assert_non_null(strstr(written(p, got, sizeof(got)), " 512 "));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, place_make, place_free)
	const struct CMUnitTest tests[] = {
		T(it_reads_the_record_and_one_line_feed),
		T(what_was_not_asked_for_is_not_told),
		T(records_come_in_order_one_at_a_time),
		T(it_inherits_little),
		T(what_hangs_is_killed_with_all_it_forked),
		T(what_multiplies_leaves_room_for_others),
		T(what_fails_is_told_and_not_tried_again),
		T(a_program_that_is_not_there_is_told),
		T(too_many_at_once_drop_the_oldest),
		T(without_a_command_nothing_is_kept),
		T(a_record_is_told_only_once_it_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
