/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/clock.h"
#include "ctl/rekeyed.h"
#include "evidence/record.h"
#include "tests/fakes/fake_seal.h"

/* What status is told at that many days behind the log's last record, by a
 * station with an upper level, or without. Yours. */
static json_t *
noted(const struct fake_seal *s, int days, bool above)
{
	struct root root = { 0 };
	struct civil_text utc;
	json_t *answer = json_pack("{s:s, s:o}", "utc",
	    civil_utc_text(s->log.now.wall_us + days * US_PER_DAY, &utc),
	    "anchor", above ? json_object() : json_null());

	snprintf(root.trees, sizeof(root.trees), "%s", s->trees);
	snprintf(root.log, sizeof(root.log), "%s", s->log_path);
	rekeyed_note(&root, answer);
	return answer;
}

static void
expect(const struct fake_seal *s, int days, bool above, const char *words)
{
	json_t *answer = noted(s, days, above);
	char *text = rekeyed_text(answer);

	if (words == NULL && text != NULL)
		fail_msg("it says: %s", text);
	if (words != NULL && (text == NULL || strstr(text, words) == NULL))
		fail_msg("no \"%s\" in: %s", words, text);
	free(text);
	json_decref(answer);
}

/* As where the file was lost: the daemon makes another one. */
static void
lose_the_key(struct fake_seal *s)
{
	char path[300];

	fake_seal_close(s);
	snprintf(path, sizeof(path), "%s/station.key", s->keys);
	assert_int_equal(unlink(path), 0);
	fake_seal_add(s, 2);
	fake_seal_publish(s);
}

static void
anchor(struct fake_seal *s, int tree)
{
	struct checkpoint c = fake_seal_checkpoint(s, tree);
	char body[NOTE_NAME + 60];

	snprintf(body, sizeof(body), "{\"origin\":\"%s\",\"size\":%lld}",
	    c.origin, (long long)c.size);
	fake_log_add(&s->log, KIND_ANCHOR, body, NULL);
}

static void
test_a_key_that_made_itself_is_told_until_somebody_above_knows_it(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	expect(&s, 0, true, NULL);
	anchor(&s, 1);
	lose_the_key(&s);
	/* The old one was known, and that is of no use. */
	expect(&s, 90, true, "/tree/v2/vkey");
	expect(&s, 0, true, "SIGNED WITH ANOTHER KEY since 26/");
	anchor(&s, 2);
	expect(&s, 0, true, NULL);
	fake_seal_free(&s);
}

static void
test_where_nobody_is_above_it_is_told_for_a_month(void **state)
{
	struct fake_seal s;

	(void)state;
	fake_seal_init(&s);
	fake_seal_add(&s, 3);
	fake_seal_publish(&s);
	lose_the_key(&s);
	expect(&s, 29, false, "/tree/v2/vkey");
	expect(&s, 31, false, NULL);
	fake_seal_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_key_that_made_itself_is_told_until_somebody_above_knows_it),
		cmocka_unit_test(
		    test_where_nobody_is_above_it_is_told_for_a_month),
	};

	setenv("LOAXA_LANG", "en", 1);
	return cmocka_run_group_tests_name("rekeyed", tests, NULL, NULL);
}
