/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Weeks of a station with everything going wrong at random, from fixed seeds:
 * kills, power cuts, clean stops, clock steps, lost trust, lost devices, deck
 * and disk faults, edits, orders. Whatever happens, the promises hold.
 * `loaxa simulate --faults --example` plays one of them alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/misfortune.h"

#define FROM 20780 /* 2026-11-23, a Monday */
#define WEEKS 40 /* tests/chaos_sim.sh lives through a thousand months */

static void
live(uint64_t seed, unsigned kinds, int days, struct misfortune_result *r)
{
	struct misfortune_setup setup = {
		.from_day = FROM,
		.to_day = FROM + days - 1,
		.kinds = kinds,
		.seed = seed,
	};

	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_int_equal(misfortune_run(&setup, r), 0);
	if (r->broken > 0)
		fail_msg("seed %llu: %s: %s; loaxa simulate --faults "
			 "--example --from 2026-11-23 --to 2026-11-%d --seed "
			 "%llu shows it",
		    (unsigned long long)seed, r->promise, r->what, 22 + days,
		    (unsigned long long)seed);
}

static void
test_weeks_of_bad_luck_keep_every_promise(void **state)
{
	struct misfortune_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= WEEKS; seed++) {
		live(seed, MISFORTUNE_ALL, 7, &r);
		assert_true(r.slots > 0);
		assert_true(r.witnessed > 0);
		assert_in_range(r.witnessed, r.records - 20, r.records);
	}
}

static void
test_each_kind_of_bad_luck_alone_keeps_them_too(void **state)
{
	struct misfortune_result r;
	enum misfortune kind;

	(void)state;
	for (int m = 0; m < MISFORTUNES; m++) {
		live(7, 1u << m, 7, &r);
		for (size_t i = 0; misfortune_stroke(i, &kind) != NULL; i++)
			if ((int)kind != m)
				assert_int_equal(r.strokes[i], 0);
	}
}

static int64_t
of_stroke(const struct misfortune_result *r, const char *words)
{
	enum misfortune kind;
	const char *w;

	for (size_t i = 0; (w = misfortune_stroke(i, &kind)) != NULL; i++)
		if (strcmp(w, words) == 0)
			return r->strokes[i];
	return -1;
}

static int64_t
of_outcome(const struct misfortune_result *r, const char *reason)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->n_outcomes; i++)
		if (strcmp(r->outcomes[i].reason, reason) == 0)
			n += r->outcomes[i].n;
	return n;
}

static void
test_relays_are_lost_in_it_and_accounted_for(void **state)
{
	struct misfortune_result r;

	(void)state;
	live(7, 1u << MISFORTUNE_DEVICE, 8, &r);
	assert_true(of_stroke(&r, "relay source dead") > 0);
	assert_true(of_stroke(&r, "relay source silent") > 0);
	assert_true(of_outcome(&r, "relay_signal") > 0);
}

static void
test_the_same_seed_writes_the_same_log(void **state)
{
	struct misfortune_result a, b;

	(void)state;
	live(3, MISFORTUNE_ALL, 7, &a);
	live(3, MISFORTUNE_ALL, 7, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	live(4, MISFORTUNE_ALL, 7, &b);
	assert_string_not_equal(a.digest, b.digest);
}

static void
test_without_bad_luck_what_finds_room_airs(void **state)
{
	struct misfortune_result r;

	(void)state;
	live(1, 0, 7, &r);
	/* Where two slots want one moment, or what is repeated was before. */
	for (size_t i = 0; i < r.n_outcomes; i++)
		if (strcmp(r.outcomes[i].status, "not_aired") == 0 &&
		    strcmp(r.outcomes[i].reason, "preempted") != 0 &&
		    strcmp(r.outcomes[i].reason, "missing_item") != 0)
			fail_msg("%lld slots did not air: %s",
			    (long long)r.outcomes[i].n, r.outcomes[i].reason);
}

static void
test_kinds_are_read_by_their_words(void **state)
{
	(void)state;
	assert_int_equal(misfortune_kinds("power"), 1u << MISFORTUNE_POWER);
	assert_int_equal(misfortune_kinds("clock,edits"),
	    1u << MISFORTUNE_CLOCK | 1u << MISFORTUNE_EDITS);
	assert_int_equal(misfortune_kinds("power,weather"), 0);
	assert_int_equal(misfortune_kinds(""), 0);
	assert_int_equal(misfortune_kinds("power,"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weeks_of_bad_luck_keep_every_promise),
		cmocka_unit_test(
		    test_each_kind_of_bad_luck_alone_keeps_them_too),
		cmocka_unit_test(test_relays_are_lost_in_it_and_accounted_for),
		cmocka_unit_test(test_the_same_seed_writes_the_same_log),
		cmocka_unit_test(test_without_bad_luck_what_finds_room_airs),
		cmocka_unit_test(test_kinds_are_read_by_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
