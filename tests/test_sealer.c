/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/sealer.h"
#include "tests/fakes/fake_seal.h"

static int
draw(void *bytes, size_t n)
{
	memset(bytes, 7, n);
	return 0;
}

static struct sealer *
started(struct fake_seal *s)
{
	struct seal_setup setup = { s->trees, s->keys, draw, true };
	struct sealer *sealer;

	assert_int_equal(sealer_start(&setup, s->log_path, &sealer), 0);
	return sealer;
}

/* What the daemon does with each record that counts. */
static void
on_durable(void *arg, const char *line, size_t n)
{
	sealer_tell(arg, line, n);
}

static void
add(struct fake_seal *s, struct sealer *sealer, int n)
{
	ledger_listen(s->log.ledger, on_durable, sealer);
	fake_seal_add(s, n);
	ledger_listen(s->log.ledger, NULL, NULL);
}

/* Waits for it to say something. */
static json_t *
heard(struct sealer *sealer)
{
	struct pollfd p = { sealer_fd(sealer), POLLIN, 0 };

	assert_int_equal(poll(&p, 1, 10000), 1);
	return sealer_look(sealer);
}

static void
test_what_it_was_told_is_signed_when_it_ends(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 3); /* before it came */
	sealer = started(&s);
	add(&s, sealer, 300);
	assert_null(sealer_stop(sealer));
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 303);
	assert_null(sealer_stop(NULL));
	fake_seal_free(&s);
}

static void
test_it_reads_what_it_missed_from_the_log(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;

	(void)state;
	fake_seal_init(&s);
	sealer = started(&s);
	add(&s, sealer, 2);
	fake_seal_add(&s, 5); /* nobody told it of these */
	add(&s, sealer, 1);
	sealer_stop(sealer);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 8);
	fake_seal_free(&s);
}

static void
test_it_publishes_two_seconds_after_the_first_and_says_so(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;
	json_t *status;

	(void)state;
	fake_seal_init(&s);
	sealer = started(&s);
	status = sealer_status(sealer);
	assert_int_equal(
	    json_integer_value(json_object_get(status, "size")), 0);
	json_decref(status);
	add(&s, sealer, 4);
	assert_null(heard(sealer));
	status = sealer_status(sealer);
	assert_int_equal(
	    json_integer_value(json_object_get(status, "size")), 4);
	assert_string_equal(record_text(status, "error"), "");
	json_decref(status);
	/* The next comes no sooner than in a minute. */
	add(&s, sealer, 1);
	{
		struct pollfd p = { sealer_fd(sealer), POLLIN, 0 };

		assert_int_equal(poll(&p, 1, 300), 0);
	}
	sealer_stop(sealer);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 5);
	fake_seal_free(&s);
}

static void
test_it_asks_once_for_the_epoch_of_a_log_that_lost_records(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;
	json_t *epoch;
	json_t *r;

	(void)state;
	fake_seal_init(&s);
	sealer = started(&s);
	add(&s, sealer, 9);
	sealer_stop(sealer);
	fake_seal_copy(&s, "nothing", "log");
	fake_seal_reopen_log(&s);
	sealer = started(&s);
	add(&s, sealer, 2);
	epoch = heard(sealer);
	assert_non_null(epoch);
	assert_string_equal(record_text(epoch, "reason"), "tree");
	/* Meanwhile others come, and are in the new tree as well. */
	add(&s, sealer, 1);
	r = record_new(KIND_EPOCH, "", s.log.now, "boot-1");
	json_object_update(r, epoch);
	json_decref(epoch);
	assert_int_equal(ledger_add(s.log.ledger, r), 0);
	add(&s, sealer, 1);
	assert_null(sealer_look(sealer));
	sealer_stop(sealer);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 9);
	assert_int_equal(fake_seal_checkpoint(&s, 2).size, 5);
	fake_seal_free(&s);
}

/* The process that it started. */
static pid_t
child(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

static void
test_one_that_died_holds_nobody_up(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;

	(void)state;
	fake_seal_init(&s);
	sealer = started(&s);
	add(&s, sealer, 1);
	assert_int_equal(kill(child(), SIGKILL), 0);
	assert_null(heard(sealer));
	assert_int_equal(sealer_fd(sealer), -1);
	add(&s, sealer, 300);
	assert_null(sealer_look(sealer));
	assert_null(sealer_stop(sealer));
	/* The next one finds everything. */
	sealer = started(&s);
	add(&s, sealer, 1);
	sealer_stop(sealer);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 302);
	fake_seal_free(&s);
}

/* Who watches it by the number of a descriptor takes the second for the first,
 * and hears of it no sooner than its own alarm rings. */
static void
test_one_that_is_started_anew_is_another_life(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;
	unsigned life;
	int fd;

	(void)state;
	fake_seal_init(&s);
	sealer = started(&s);
	add(&s, sealer, 1);
	life = sealer_life(sealer);
	fd = sealer_fd(sealer);
	assert_true(life > 0);
	assert_int_equal(kill(child(), SIGKILL), 0);
	assert_null(heard(sealer));
	add(&s, sealer, 1);
	assert_int_equal(sealer_fd(sealer), fd);
	assert_int_not_equal(sealer_life(sealer), life);
	assert_null(sealer_stop(sealer));
	assert_int_equal(sealer_life(NULL), 0);
	assert_int_equal(fake_seal_checkpoint(&s, 1).size, 2);
	fake_seal_free(&s);
}

/* P6: what cannot be signed is told, and nothing else happens. */
static void
test_a_key_that_is_damaged_is_told(void **state)
{
	struct fake_seal s;
	struct sealer *sealer;
	json_t *status;

	(void)state;
	fake_seal_init(&s);
	folder_write(&s.top, "key/station.key", "what\n");
	sealer = started(&s);
	add(&s, sealer, 1);
	assert_null(heard(sealer));
	status = sealer_status(sealer);
	assert_string_equal(record_text(status, "code"), "EBADMSG");
	json_decref(status);
	sealer_stop(sealer);
	fake_seal_free(&s);
}

/* P7: nor does what it said last hold any more. */
static void
test_a_process_that_died_is_told(void **state)
{
	struct fake_seal s;
	struct seal_setup setup;
	struct sealer *sealer;
	char path[128];
	json_t *status;

	(void)state;
	fake_seal_init(&s);
	setup = (struct seal_setup){ s.trees, s.keys, draw, true };
	folder_write(&s.top, "no-folder", "x\n");
	snprintf(path, sizeof(path), "%s/no-folder", s.top.path);
	assert_int_equal(sealer_start(&setup, path, &sealer), 0);
	assert_null(heard(sealer));
	assert_int_equal(sealer_fd(sealer), -1);
	status = sealer_status(sealer);
	assert_string_equal(record_text(status, "code"), "ECHILD");
	assert_string_not_equal(record_text(status, "error"), "");
	json_decref(status);
	sealer_stop(sealer);
	fake_seal_free(&s);
}

static void
test_without_one_nothing_is_asked_of_it(void **state)
{
	json_t *status = sealer_status(NULL);

	(void)state;
	assert_true(json_is_null(status));
	sealer_tell(NULL, "x", 1);
	assert_null(sealer_look(NULL));
	assert_int_equal(sealer_fd(NULL), -1);
	json_decref(status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_was_told_is_signed_when_it_ends),
		cmocka_unit_test(test_it_reads_what_it_missed_from_the_log),
		cmocka_unit_test(
		    test_it_publishes_two_seconds_after_the_first_and_says_so),
		cmocka_unit_test(
		    test_it_asks_once_for_the_epoch_of_a_log_that_lost_records),
		cmocka_unit_test(test_one_that_died_holds_nobody_up),
		cmocka_unit_test(test_one_that_is_started_anew_is_another_life),
		cmocka_unit_test(test_a_key_that_is_damaged_is_told),
		cmocka_unit_test(test_a_process_that_died_is_told),
		cmocka_unit_test(test_without_one_nothing_is_asked_of_it),
	};

	return cmocka_run_group_tests_name("sealer", tests, NULL, NULL);
}
