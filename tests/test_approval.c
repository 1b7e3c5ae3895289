/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/record.h"
#include "scheduler/approval.h"
#include "scheduler/library.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* One word each: "i1" added or edited by p-1, "a2" approved by p-2, "w"
 * withdrawn, "n3" approved by p-3 when two were asked for. */
static struct registry *
registry_saying(const char *words, const struct item *it)
{
	struct registry *g = registry_new();
	int64_t seq = 0;

	assert_non_null(g);
	for (const char *w = words; *w != '\0'; w++) {
		char person[] = { 'p', '-', w[1], '\0' };
		const char *kind = *w == 'i'   ? "item"
				   : *w == 'w' ? "withdraw"
					       : "approve";
		json_t *r;

		if (*w == ' ')
			continue;
		r = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i}", "kind", kind, "item",
		    it->id, "sha256", it->sha256, "person", person, "by",
		    person, "needs", *w == 'n' ? 2 : 1);
		assert_int_equal(registry_take(g, r, seq++), 0);
		json_decref(r);
		w += *w != 'w';
	}
	return g;
}

static void
test_the_sites_policy_and_the_log_decide_together(void **state)
{
	static const struct {
		const char *words;
		bool same_person;
		const char *segment; /* "two" asks for a second approval */
		enum approval is;
		int64_t seq;
	} cases[] = {
		{ "", false, "", APPROVAL_NONE, -7 },
		{ "a1", false, "", APPROVAL_FULL, 0 },
		{ "a1 w", false, "", APPROVAL_WITHDRAWN, -7 },
		{ "a1 w a1", false, "", APPROVAL_FULL, 2 },
		{ "i1 a1", false, "", APPROVAL_NONE, -7 },
		{ "i1 a1", true, "", APPROVAL_FULL, 1 },
		{ "i1 a2", false, "", APPROVAL_FULL, 1 },
		{ "a1 i1", false, "", APPROVAL_FULL, 0 },
		{ "i1 w a1", false, "", APPROVAL_NONE, -7 },
		{ "a1", false, "two", APPROVAL_SECOND, -7 },
		{ "a1 a1", false, "two", APPROVAL_SECOND, -7 },
		{ "a1 a2", false, "two", APPROVAL_FULL, 1 },
		{ "i1 a1 a2", false, "two", APPROVAL_SECOND, -7 },
		{ "i1 a1 a2", true, "two", APPROVAL_FULL, 2 },
		{ "n1", false, "", APPROVAL_SECOND, -7 },
		{ "n1 a2", false, "", APPROVAL_FULL, 1 },
		{ "n1 w a1", false, "", APPROVAL_FULL, 2 },
	};
	struct site *site = site_nothing();
	struct library *lib;
	struct item *it;
	int fd;

	(void)state;
	assert_int_equal(library_assume(&lib), 0);
	assert_int_equal(lib->open(lib, "tin", 48000, &it, &fd), 0);
	site->second = calloc(1, sizeof(*site->second));
	site->second[site->n_second++] = strdup("two");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct registry *g = registry_saying(cases[i].words, it);
		int64_t seq = -7;
		int64_t lets_seq;
		enum approval is;

		site->same_person = cases[i].same_person;
		is = approval_of(g, site, it, cases[i].segment, &seq);
		if (is != cases[i].is || seq != cases[i].seq ||
		    approval_lets(g, site, it, cases[i].segment, &lets_seq) !=
			(is == APPROVAL_FULL))
			fail_msg("\"%s\", \"%s\": %d, seq %lld", cases[i].words,
			    cases[i].segment, (int)is, (long long)seq);
		site->approval = false;
		assert_int_equal(
		    approval_lets(g, site, it, cases[i].segment, &lets_seq),
		    is != APPROVAL_WITHDRAWN);
		assert_int_equal(lets_seq, -1);
		site->approval = true;
		registry_free(g);
	}
	item_free(it);
	library_close(lib);
	site_free(site);
}

static void
test_two_are_asked_for_by_tag_segment_genre_or_slot(void **state)
{
	static const struct {
		const char *more;
		const char *segment;
		int needs;
	} cases[] = {
		{ "{}", "", 1 },
		{ "{\"tags\":[\"Lễ hội\"]}", "", 1 },
		{ "{\"tags\":[\"Lễ hội\",\"Phản bác\"]}", "", 2 },
		{ "{\"tags\":[\"phan-bac\"]}", "", 2 },
		{ "{\"tags\":[7,null]}", "", 1 },
		{ "{\"tags\":\"phan-bac\"}", "", 1 },
		{ "{\"genre\":\"notice\"}", "", 2 },
		{ "{}", "ttdn", 2 },
		{ "{}", "khac", 1 },
	};
	struct site *site = site_nothing();
	struct library *lib;
	struct item *it;
	int fd;

	(void)state;
	assert_int_equal(library_assume(&lib), 0);
	assert_int_equal(lib->open(lib, "tin", 48000, &it, &fd), 0);
	site->second = calloc(3, sizeof(*site->second));
	site->second[site->n_second++] = strdup("phan-bac");
	site->second[site->n_second++] = strdup("notice");
	site->second[site->n_second++] = strdup("ttdn");
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_decref(it->more);
		it->more = json_loads(cases[i].more, 0, NULL);
		assert_non_null(it->more);
		if (site_approvals(site, it, cases[i].segment) !=
		    cases[i].needs)
			fail_msg("%s %s", cases[i].more, cases[i].segment);
	}
	free(it->segment);
	it->segment = strdup("TTDN");
	assert_int_equal(site_approvals(site, it, ""), 2);
	item_free(it);
	library_close(lib);
	site_free(site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_sites_policy_and_the_log_decide_together),
		cmocka_unit_test(
		    test_two_are_asked_for_by_tag_segment_genre_or_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
