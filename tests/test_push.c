/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "base/text.h"
#include "evidence/submission.h"
#include "evidence/tiles.h"
#include "evidence/verify.h"
#include "tests/fakes/fake_link.h"
#include "tests/fakes/fake_seal.h"

#define NAME "Xã Quế Minh"

/* A station, and TOP/store of the upper level. */
static struct fake_seal s;
static struct fake_link l;
static char store[128];
static char vkey[NOTE_VKEY]; /* the upper level's */
static struct push_result res;

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static struct collector *
opened(void)
{
	struct collector *c;

	assert_int_equal(collect_open(store, draw, &c), 0);
	return c;
}

static int
set_up(void **state)
{
	struct collector *c;

	(void)state;
	memset(&s, 0, sizeof(s));
	fake_seal_init(&s);
	snprintf(store, sizeof(store), "%s/store", s.top.path);
	fake_link_init(&l, store, INT64_C(1795000000) * US_PER_S);
	c = opened();
	note_key_text(collect_key(c), vkey);
	collect_close(c);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	push_clear(&res);
	fake_link_free(&l);
	fake_seal_free(&s);
	return 0;
}

static void
write_records(int n)
{
	fake_seal_add(&s, n);
	fake_seal_publish(&s);
}

static void
trust(const char *tree, bool replace)
{
	char name[64];
	struct collector *c = opened();
	struct note_key k;
	char *text;

	snprintf(name, sizeof(name), "%s/vkey", tree);
	text = fake_seal_read(&s, name, NULL);
	*strchr(text, '\n') = '\0';
	assert_int_equal(note_key_read(text, &k), 0);
	free(text);
	assert_int_equal(collect_trust(c, &k, NAME, replace, l.now_us), 0);
	collect_close(c);
}

static enum push_outcome
push(const char *tree)
{
	char folder[128];
	char *const keys[] = { vkey };
	struct push_setup up = { .link = &l.link,
		.tree = folder,
		.cosigners = keys,
		.n_cosigners = 1 };

	snprintf(folder, sizeof(folder), "%s/%s", s.top.path, tree);
	push_clear(&res);
	return push_tree(&up, &res);
}

static void
expect(const char *when, const char *tree, enum push_outcome want)
{
	enum push_outcome is = push(tree);

	if (is != want)
		fail_msg("%s: outcome %d, wanted %d: %s, error %d", when, is,
		    want, res.why, res.error);
}

/* What the store has is that tree to whoever verifies it. */
static void
expect_store(int64_t records)
{
	struct checkpoint c = fake_seal_checkpoint(&s, 1);
	char hex[SIGNER_HEX];
	char path[256];
	struct verify v;
	struct verify_setup up = { .trees = path };

	assert_int_equal(sscanf(c.origin, "loaxa/%16[0-9a-f]", hex), 1);
	snprintf(path, sizeof(path), "%s/stations/%s", store, hex);
	assert_int_equal(verify_station(&up, &v), 0);
	assert_int_equal(v.findings, 0);
	assert_int_equal(v.signed_, records);
}

static void
test_what_a_station_pushes_is_kept_and_comes_back_cosigned(void **state)
{
	static const int steps[] = { 1, 3, 251, 1, 1, 600, 40 };
	int all = 5;

	(void)state;
	write_records(5);
	trust("tree/v1", false);
	expect("first", "tree/v1", PUSH_COSIGNED);
	assert_int_equal(res.sent, 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		write_records(steps[i]);
		expect("more", "tree/v1", PUSH_COSIGNED);
		assert_int_equal(res.had, all);
		/* Only the bundles that are not full there already. */
		assert_int_equal(res.sent,
		    (all + steps[i] - 1) / TILE_WIDTH - all / TILE_WIDTH + 1);
		all += steps[i];
		assert_int_equal(res.cosigned.c.size, all);
		assert_int_equal(l.outcome, COLLECT_TAKEN);
		assert_string_equal(l.name, NAME);
		expect_store(all);
	}
	l.heard = 0;
	expect("at once again", "tree/v1", PUSH_COSIGNED);
	assert_int_equal(l.heard, 0);
	l.now_us += RECEIVE_AGAIN_S * US_PER_S;
	expect("nothing new", "tree/v1", PUSH_COSIGNED);
	assert_int_equal(
	    res.cosigned.at_us / US_PER_S, l.now_us / US_PER_S - 1);
	assert_int_equal(res.sent, 0);
	assert_int_equal(l.outcome, COLLECT_SAME);
}

/* The n-th call fails, for every n: afterwards a new one takes all of it. */
static void
cut_everywhere(enum fake_cut how)
{
	int all = 700;
	int n = 0;

	write_records(all);
	trust("tree/v1", false);
	do {
		int puts = l.puts;
		int asked;

		l.cut = how;
		l.asked = 0;
		l.cut_at = ++n;
		push("tree/v1");
		asked = l.asked;
		l.cut_at = 0;
		expect("again", "tree/v1", PUSH_COSIGNED);
		expect_store(all);
		/* Nothing was sent twice, but for the part of a bundle that
		 * is asked for again by who has started anew. */
		if (how != CUT_AFTER)
			assert_true(l.puts - puts <= 4 + (how == CUT_RESTART));
		if (asked < n)
			break;
		write_records(700);
		all += 700;
	} while (n < 100);
	assert_in_range(n, 6, 20);
}

static void
test_a_question_that_is_lost_at_every_turn_is_made_up_for(void **state)
{
	(void)state;
	cut_everywhere(CUT_BEFORE);
}

static void
test_an_answer_that_is_lost_at_every_turn_is_made_up_for(void **state)
{
	(void)state;
	cut_everywhere(CUT_AFTER);
}

static void
test_a_receiver_that_starts_anew_at_every_turn_goes_on(void **state)
{
	(void)state;
	cut_everywhere(CUT_RESTART);
}

static void
test_a_station_that_nobody_entered_is_told_so_and_named_there(void **state)
{
	(void)state;
	write_records(10);
	expect("a stranger", "tree/v1", PUSH_UNKNOWN);
	assert_int_equal(res.status, 404);
	assert_int_equal(l.outcome, COLLECT_UNKNOWN);
	trust("tree/v1", false);
	expect("known now", "tree/v1", PUSH_COSIGNED);
}

static void
test_an_upper_level_that_nobody_named_is_not_believed(void **state)
{
	(void)state;
	write_records(10);
	trust("tree/v1", false);
	vkey[0] ^= 1;
	expect("another key", "tree/v1", PUSH_STRANGER);
	assert_null(res.note);
}

static void
test_a_station_behind_its_upper_level_hears_what_that_has(void **state)
{
	(void)state;
	write_records(300);
	trust("tree/v1", false);
	fake_seal_copy(&s, "tree", "old");
	write_records(10);
	expect("all", "tree/v1", PUSH_COSIGNED);
	expect("a copy of before", "old/v1", PUSH_BEHIND);
	assert_int_equal(res.cosigned.c.size, 310);
	assert_int_equal(l.outcome, COLLECT_OLDER);
	expect_store(310);
}

static void
keep_moment(void)
{
	fake_seal_close(&s);
	fake_seal_copy(&s, "log", "m-log");
	fake_seal_copy(&s, "key", "m-key");
	fake_seal_copy(&s, "tree", "m-tree");
}

static void
go_back(void)
{
	fake_seal_close(&s);
	fake_log_free(&s.log);
	fake_seal_copy(&s, "m-log", "log");
	fake_seal_copy(&s, "m-key", "key");
	fake_seal_copy(&s, "m-tree", "tree");
	fake_seal_open_log(&s);
}

static int
keep_state(void *arg, const struct collect_state *st)
{
	*(struct collect_state *)arg = *st;
	return 0;
}

/* Two computers go on from one copy. */
static void
test_another_history_is_named_on_both_sides_and_not_merged(void **state)
{
	static const int more[] = { 5, 2, 290 }; /* beside five */
	struct collect_state st;
	struct collector *c;

	(void)state;
	write_records(20);
	trust("tree/v1", false);
	expect("base", "tree/v1", PUSH_COSIGNED);
	keep_moment();
	write_records(5);
	expect("more", "tree/v1", PUSH_COSIGNED);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		go_back();
		write_records(more[i]);
		l.outcome = COLLECT_TAKEN;
		expect("another history", "tree/v1",
		    more[i] < 5 ? PUSH_BEHIND : PUSH_FORKED);
		assert_int_equal(res.cosigned.c.size, 25);
		assert_int_equal(l.outcome, COLLECT_FORKED);
		/* Evidence that is there is not sent again. */
		if (more[i] > 5) {
			int puts = l.puts;

			expect("again", "tree/v1", PUSH_FORKED);
			assert_int_equal(l.puts, puts);
		}
	}
	c = opened();
	assert_int_equal(collect_each(c, keep_state, &st), 0);
	collect_close(c);
	assert_int_equal(st.forks, 3);
	assert_int_equal(st.leaves, 25);
}

/* An upper level that is none: what it says to each. */
struct odd {
	struct push_link link; /* must be first */
	int post; /* status */
	const char *said;
	int puts;
};

static int
ask_odd(struct push_link *link, const struct push_question *q,
    struct push_answer *ret, char why[static PUSH_WHY])
{
	struct odd *o = (struct odd *)link;
	bool put = strcmp(q->method, "PUT") == 0;

	(void)why;
	o->puts += put;
	*ret = (struct push_answer){ put ? 201 : o->post,
		strdup(put ? "kept\n" : o->said), 0 };
	ret->n = strlen(ret->body);
	return 0;
}

static enum push_outcome
push_odd(struct odd *o)
{
	struct push_setup up = { .link = &o->link };
	char folder[128];

	snprintf(folder, sizeof(folder), "%s/tree/v1", s.top.path);
	up.tree = folder;
	o->link.ask = ask_odd;
	push_clear(&res);
	return push_tree(&up, &res);
}

/* Sixty thousand records went eight times over a metered line, in each try. */
static void
test_an_upper_level_that_wants_all_of_it_again_gets_it_once(void **state)
{
	static const struct {
		int post;
		const char *said;
		int puts;
	} rows[] = { { 428, "entries 0\n", 3 }, { 428, "entries 1\n", 2 },
		/* One that was started anew has forgotten the last one. */
		{ 428, "entries 2\n", 2 }, { 422, "entries 0\n", 3 },
		{ 428, "entries 3\n", 0 }, { 428, "", 0 } };

	(void)state;
	write_records(700);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct odd o = { .post = rows[i].post, .said = rows[i].said };

		assert_int_equal(push_odd(&o), PUSH_REFUSED);
		if (o.puts != rows[i].puts)
			fail_msg("%d %s: %d bundles", rows[i].post,
			    rows[i].said, o.puts);
		if (i == 0)
			assert_non_null(strstr(res.why, "once more"));
	}
}

/* JSON and the log take only whole letters. */
static void
test_a_long_answer_is_quoted_in_whole_letters(void **state)
{
	char said[500] = "";
	struct odd o = { .post = 403, .said = said };

	(void)state;
	write_records(1);
	for (int n = 0; n < 3; n++) {
		memset(said, 'x', (size_t)n);
		for (int i = n; i + 3 < (int)sizeof(said); i += 3)
			memcpy(said + i, "\xe1\xbb\xab", 4);
		assert_int_equal(push_odd(&o), PUSH_REFUSED);
		assert_true(text_is_utf8(res.why, strlen(res.why)));
		assert_in_range(strlen(res.why), 190, 220);
	}
}

/* A checkpoint of before, which somebody else sends again just before our n-th
 * question; hours after the last one came. */
struct stranger {
	struct push_link link; /* must be first */
	int at;
	int asked;
	char *body;
	size_t n;
};

static int
ask_after_stranger(struct push_link *link, const struct push_question *q,
    struct push_answer *ret, char why[static PUSH_WHY])
{
	struct stranger *is = (struct stranger *)link;

	if (++is->asked == is->at) {
		l.now_us += 61 * US_PER_MIN;
		assert_int_equal(fake_link_ask(&l, "POST", "add-checkpoint",
				     NULL, is->body, is->n),
		    428);
	}
	return l.link.ask(&l.link, q, ret, why);
}

/* The station's next bundle was not what that one signs: "refused". */
static void
test_an_older_checkpoint_in_between_ends_no_push(void **state)
{
	struct stranger is = { { ask_after_stranger }, .at = 3 };
	char *const keys[] = { vkey };
	char folder[128];
	struct push_setup up = { .link = &is.link,
		.tree = folder,
		.cosigners = keys,
		.n_cosigners = 1 };
	struct submission old = { 0 };
	char *note;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/tree/v1", s.top.path);
	write_records(600);
	trust("tree/v1", false);
	old.note = note = fake_seal_read(&s, "tree/v1/checkpoint", &old.n);
	assert_int_equal(submission_make(&old, &is.body, &is.n), 0);
	write_records(400);
	push_clear(&res);
	assert_int_equal(push_tree(&up, &res), PUSH_COSIGNED);
	assert_int_equal(res.sent, 4);
	assert_true(is.asked > is.at);
	expect_store(1000);
	free(is.body);
	free(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_a_station_pushes_is_kept_and_comes_back_cosigned,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_question_that_is_lost_at_every_turn_is_made_up_for,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_answer_that_is_lost_at_every_turn_is_made_up_for,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_receiver_that_starts_anew_at_every_turn_goes_on,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_station_that_nobody_entered_is_told_so_and_named_there,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_upper_level_that_nobody_named_is_not_believed,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_station_behind_its_upper_level_hears_what_that_has,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_another_history_is_named_on_both_sides_and_not_merged,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_upper_level_that_wants_all_of_it_again_gets_it_once,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_long_answer_is_quoted_in_whole_letters, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_an_older_checkpoint_in_between_ends_no_push, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
