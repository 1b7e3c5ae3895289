/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/civil.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "tests/fakes/folder.h"

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ITEM(id) \
	"{\"id\":\"" id "\",\"title\":\"Bản tin\",\"segment\":\"\"," \
	"\"language\":\"vi\",\"sha256\":\"" H64 "\",\"frames\":48000," \
	"\"channels\":1,\"lufs\":-23.5,\"peak_db\":-1,\"added_utc\":" \
	"\"2026-11-26T10:10:30.000000Z\",\"source_name\":\"a.mp3\"," \
	"\"source_sha256\":\"" H64 "\",\"warnings\":[],\"marks\":[]}"
#define SITE \
	"hours = ( { days = \"T2-CN\"; from = \"05:00\"; to = " \
	"\"18:00\"; } );\napproval = \"required\";\n"

struct place {
	struct folder folder;
	struct root root;
	struct office office;
};

/* A library of four: approved, not approved, without sound, unreadable. */
static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct post *post;
	int64_t seq;
	char audio[80];

	folder_make(&p->folder);
	snprintf(audio, sizeof(audio), "%s/audio", p->folder.path);
	mkdir(audio, 0700);
	folder_write(&p->folder, "etc/loaxa.conf", SITE);
	folder_write(&p->folder, "audio/items/good.json", ITEM("good"));
	folder_write(&p->folder, "audio/items/good.flac", "sound");
	folder_write(&p->folder, "audio/items/new.json", ITEM("new"));
	folder_write(&p->folder, "audio/items/new.flac", "sound");
	folder_write(&p->folder, "audio/items/mute.json", ITEM("mute"));
	folder_write(&p->folder, "audio/items/junk.json", "junk");
	folder_write(&p->folder, "audio/items/junk.flac", "sound");
	if (root_find(p->folder.path, &p->root) < 0 ||
	    post_open(&p->root, &post) < 0 ||
	    post_record(post, KIND_APPROVE, "",
		json_pack("{s:s,s:s,s:s}", "item", "good", "sha256", H64,
		    "person", "p-1"),
		&seq) < 0)
		return -1;
	post_close(post);
	*state = p;
	return office_open(&p->root, &p->office);
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	office_close(&p->office);
	folder_remove(&p->folder);
	free(p);
	return 0;
}

/* 26 November 2026, a Thursday, at so many local hours. */
static struct planned
slot_at(int hour, enum content content, char **items, size_t n)
{
	int64_t day;

	assert_int_equal(civil_read_date("2026-11-26", &day), 0);
	return (struct planned){ .slot = "s",
		.day = day,
		.start_us = civil_to_us(day, hour * 3600),
		.end_us = civil_to_us(day, hour * 3600 + 60),
		.content = content,
		.ref = "",
		.items = items,
		.n_items = n,
		.title = "" };
}

static void
an_item_stands_as_its_files_and_the_log_say(void **state)
{
	static const struct {
		const char *item;
		enum standing standing;
		bool has_record;
	} cases[] = {
		{ "good", ITEM_READY, true },
		{ "new", ITEM_NOT_APPROVED, true },
		{ "mute", ITEM_MISSING, false },
		{ "junk", ITEM_BAD, false },
		{ "none", ITEM_MISSING, false },
		{ "../etc/passwd", ITEM_MISSING, false },
	};
	const struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct item *it;
		enum standing s =
		    office_standing(&p->office, cases[i].item, &it);

		if (s != cases[i].standing ||
		    (it != NULL) != cases[i].has_record)
			fail_msg("%s: %d, wanted %d", cases[i].item, (int)s,
			    (int)cases[i].standing);
		item_free(it);
	}
}

static void
a_slot_will_air_when_nothing_stands_in_its_way(void **state)
{
	static const struct {
		const char *when;
		int hour;
		enum content content;
		const char *items[3];
		size_t n;
		enum prospect prospect;
		const char *blamed;
	} cases[] = {
		{ "all is ready", 17, CONTENT_SEGMENT, { "good", "good" }, 2,
		    PROSPECT_AIR, NULL },
		{ "one of two is missing", 17, CONTENT_SEGMENT,
		    { "good", "none" }, 2, PROSPECT_PART, "none" },
		{ "all are missing", 17, CONTENT_ITEM, { "none" }, 1,
		    PROSPECT_MISSING, "none" },
		{ "the first in the way is named", 17, CONTENT_SEGMENT,
		    { "new", "junk" }, 2, PROSPECT_NOT_APPROVED, "new" },
		{ "unreadable", 17, CONTENT_ITEM, { "junk" }, 1, PROSPECT_BAD,
		    "junk" },
		{ "nothing was chosen", 17, CONTENT_SEGMENT, { NULL }, 0,
		    PROSPECT_NO_ITEMS, NULL },
		{ "at night", 3, CONTENT_ITEM, { "good" }, 1,
		    PROSPECT_OUTSIDE_HOURS, NULL },
		{ "a relay, whose sound is not ours", 17, CONTENT_RELAY,
		    { NULL }, 0, PROSPECT_RELAY, NULL },
		{ "gap music that is there", 17, CONTENT_FILLER, { "good" }, 1,
		    PROSPECT_AIR, NULL },
		{ "gap music that is not", 17, CONTENT_FILLER, { "none" }, 1,
		    PROSPECT_MISSING, "none" },
	};
	const struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct planned s = slot_at(cases[i].hour, cases[i].content,
		    (char **)cases[i].items, cases[i].n);
		const char *item = "?";
		enum prospect got = office_prospect(&p->office, &s, &item);

		if (got != cases[i].prospect ||
		    (item == NULL) != (cases[i].blamed == NULL) ||
		    (item != NULL && strcmp(item, cases[i].blamed) != 0))
			fail_msg("%s: %s (%s), wanted %s", cases[i].when,
			    prospect_word(got), item == NULL ? "-" : item,
			    prospect_word(cases[i].prospect));
	}
}

static void
without_a_site_file_nothing_is_allowed(void **state)
{
	struct place *p = *state;
	struct planned s;
	char *items[] = { "good" };

	office_close(&p->office);
	folder_write(&p->folder, "etc/loaxa.conf", "hours = nonsense");
	assert_int_equal(office_open(&p->root, &p->office), 0);
	assert_true(problems_count(&p->office.problems) > 0);
	s = slot_at(17, CONTENT_ITEM, items, 1);
	assert_int_equal(
	    office_prospect(&p->office, &s, NULL), PROSPECT_OUTSIDE_HOURS);
}

static void
looking_leaves_no_trace(void **state)
{
	struct folder f;
	struct root root;
	struct office o;

	(void)state;
	folder_make(&f);
	folder_write(&f, "etc/loaxa.conf", SITE);
	assert_int_equal(root_find(f.path, &root), 0);
	assert_int_equal(office_open(&root, &o), 0);
	assert_int_equal(office_standing(&o, "good", NULL), ITEM_MISSING);
	office_close(&o);
	assert_int_equal(access(root.var, F_OK), -1);
	assert_int_equal(access(root.items, F_OK), -1);
	folder_remove(&f);
}

static void
stations_are_listed_in_order_or_only_the_one_named(void **state)
{
	struct place *p = *state;
	struct stations st = { 0 };

	assert_int_equal(stations_list(&p->root, NULL, &st), -ENOENT);
	assert_null(st.ids);
	folder_write(&p->folder, "schedules/que-minh.cfg", "");
	folder_write(&p->folder, "schedules/dai-loc.cfg", "");
	assert_int_equal(stations_list(&p->root, NULL, &st), 0);
	assert_int_equal(st.n, 2);
	assert_string_equal(st.ids[0], "dai-loc");
	assert_string_equal(st.ids[1], "que-minh");
	stations_free(&st);
	assert_int_equal(stations_list(&p->root, "any", &st), 0);
	assert_int_equal(st.n, 1);
	assert_string_equal(st.ids[0], "any");
	stations_free(&st);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_item_stands_as_its_files_and_the_log_say),
		TEST(a_slot_will_air_when_nothing_stands_in_its_way),
		TEST(without_a_site_file_nothing_is_allowed),
		cmocka_unit_test(looking_leaves_no_trace),
		TEST(stations_are_listed_in_order_or_only_the_one_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
