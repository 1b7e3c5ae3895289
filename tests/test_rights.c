/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rights.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define OWN 998
#define STRANGER 1000

enum { NOBODY, READ, OFFICER, APPROVER, OPERATOR, TWO, OWN_USER, ROOT, PEERS };

static const gid_t plain[] = { 100 };
static const gid_t reader[] = { 100, 200 };
static const gid_t officer[] = { 100, 201 };
static const gid_t approver[] = { 202 };
static const gid_t operator_[] = { 203, 100 };
static const gid_t two[] = { 201, 203 };

static const struct rights_peer peers[PEERS] = {
	[NOBODY] = { STRANGER, plain, COUNT(plain) },
	[READ] = { STRANGER, reader, COUNT(reader) },
	[OFFICER] = { STRANGER, officer, COUNT(officer) },
	[APPROVER] = { STRANGER, approver, COUNT(approver) },
	[OPERATOR] = { STRANGER, operator_, COUNT(operator_) },
	[TWO] = { STRANGER, two, COUNT(two) },
	[OWN_USER] = { OWN, plain, COUNT(plain) },
	[ROOT] = { 0, NULL, 0 },
};

static bool
may(const struct rights_rule *rule, int peer, const char *request)
{
	int needs = rights_needed(request);

	return needs >= 0 &&
	       (rights_of_peer(rule, &peers[peer]) & 1u << needs) != 0;
}

static void
test_a_peers_groups_decide_what_it_may_ask(void **state)
{
	static const struct rights_rule rule = { OWN, { 200, 201, 202, 203 } };
	/* In the order of the peers above. */
	static const struct {
		const char *request;
		const char *may;
	} cases[] = {
		{ "status", ".yyyyyyy" },
		{ "load", "..y..yyy" },
		{ "reload", "..y..yyy" },
		{ "item", "..y..yyy" },
		{ "approve", "...y..yy" },
		{ "withdraw", "...y..yy" },
		/* An officer cannot stop what he may not start. */
		{ "stop", "....yyyy" },
		{ "resume", "....yyyy" },
		{ "skip", "....yyyy" },
		{ "clock", ".yyyyyyy" },
		{ "confirm", "....yyyy" },
		{ "play", "....yyyy" },
		{ "emergency", "....yyyy" },
		{ "op", "....yyyy" },
		{ "none such", "........" },
		{ "", "........" },
		{ "record", "........" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char got[PEERS + 1] = "";

		for (int p = 0; p < PEERS; p++)
			got[p] = may(&rule, p, cases[i].request) ? 'y' : '.';
		if (strcmp(got, cases[i].may) != 0)
			fail_msg("%s: %s, wanted %s", cases[i].request, got,
			    cases[i].may);
	}
}

static void
test_without_groups_only_root_and_the_daemons_user_may(void **state)
{
	static const struct rights_rule rule = { OWN,
		{ RIGHTS_NO_GROUP, RIGHTS_NO_GROUP, RIGHTS_NO_GROUP,
		    RIGHTS_NO_GROUP } };
	static const gid_t none[] = { RIGHTS_NO_GROUP };
	static const struct rights_peer odd = { STRANGER, none, 1 };

	(void)state;
	for (int p = 0; p < PEERS; p++)
		assert_int_equal(rights_of_peer(&rule, &peers[p]),
		    p == OWN_USER || p == ROOT ? RIGHTS_ALL : 0);
	assert_int_equal(rights_of_peer(&rule, &odd), 0);
}

static void
test_a_persons_roles_decide_what_can_be_ordered(void **state)
{
	static const struct {
		const char *roles;
		int r;
		const char *may; /* read load approve operate */
	} cases[] = {
		{ "", 0, "yyyy" },
		{ "officer", 0, "yy.." },
		{ "approver", 0, "y.yy" },
		{ "operator", 0, "y..y" },
		{ "focal", 0, "y..." },
		{ "admin", 0, "yy.y" },
		{ "officer,operator", 0, "yy.y" },
		{ "king", -EINVAL, "" },
		{ "officer,", -EINVAL, "" },
		{ ",", -EINVAL, "" },
		{ "Officer", -EINVAL, "" },
		{ "officer operator", -EINVAL, "" },
		{ "offic", -EINVAL, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char got[RIGHTS + 1] = "";
		unsigned set = 0;
		int r = rights_of_roles(cases[i].roles, &set);

		for (int b = 0; r == 0 && b < RIGHTS; b++)
			got[b] = set & 1u << b ? 'y' : '.';
		if (r != cases[i].r || strcmp(got, cases[i].may) != 0)
			fail_msg("\"%s\": %d %s", cases[i].roles, r, got);
	}
}

static void
test_every_right_has_its_word_and_its_refusal(void **state)
{
	static const char *const words[RIGHTS] = { "read", "load", "approve",
		"operate" };

	(void)state;
	for (int r = 0; r < RIGHTS; r++) {
		assert_string_equal(rights_word((enum right)r), words[r]);
		assert_non_null(
		    strstr(rights_refusal((enum right)r), words[r]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_peers_groups_decide_what_it_may_ask),
		cmocka_unit_test(
		    test_without_groups_only_root_and_the_daemons_user_may),
		cmocka_unit_test(
		    test_a_persons_roles_decide_what_can_be_ordered),
		cmocka_unit_test(test_every_right_has_its_word_and_its_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
