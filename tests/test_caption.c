/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/caption.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct item *
an_item(void)
{
	static const char text[] =
	    "{\"id\":\"gom\",\"title\":\"Gốm\",\"segment\":\"ttdn\","
	    "\"language\":\"vi\",\"sha256\":\"" H64 "\",\"frames\":48000,"
	    "\"channels\":1,\"lufs\":-23.5,\"peak_db\":-1.25,"
	    "\"added_utc\":\"2026-11-26T10:10:30.000000Z\","
	    "\"source_name\":\"Gốm.mp3\",\"source_sha256\":\"" H64
	    "\",\"warnings\":[],\"marks\":[],\"unit\":\"Công an xã\"}";
	struct item *it;

	assert_int_equal(item_parse(text, strlen(text), &it), 0);
	return it;
}

static void
what_was_not_given_stays_as_it_was(void **state)
{
	struct caption c = { .title = "Làng gốm", .genre = "feature" };
	struct item *it = an_item();
	char wrong[600];
	char *more;

	(void)state;
	assert_true(caption_given(&c));
	assert_int_equal(caption_apply(&c, it, wrong, sizeof(wrong)), 0);
	assert_string_equal(it->title, "Làng gốm");
	assert_string_equal(it->segment, "ttdn");
	more = json_dumps(it->more, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(
	    more, "{\"genre\":\"feature\",\"unit\":\"Công an xã\"}");
	free(more);
	c = (struct caption){ .segment = "", .unit = "" };
	assert_int_equal(caption_apply(&c, it, wrong, sizeof(wrong)), 0);
	assert_string_equal(it->segment, "");
	assert_null(json_object_get(it->more, "unit"));
	c = (struct caption){ 0 };
	assert_false(caption_given(&c));
	item_free(it);
}

static void
what_cannot_be_is_said_in_words(void **state)
{
	static const struct {
		const char *when;
		struct caption c;
		const char *says;
	} cases[] = {
		{ "no title", { .title = "" }, "--title takes" },
		{ "a title not UTF-8", { .title = "\xff" }, "--title takes" },
		{ "a segment with a space", { .segment = "t d" },
		    "--segment takes" },
		{ "no language", { .language = "" }, "--language takes" },
		{ "a language in words", { .language = "tiếng Việt" },
		    "--language takes" },
		{ "a genre nobody knows", { .genre = "opera" },
		    "--genre is one of: news, " },
		{ "a set in words", { .set = "Tuần 48" }, "--part-of takes" },
		{ "a unit of spaces", { .unit = " " }, "--unit takes" },
		{ "an empty tag among others",
		    { .tags = { .list = { "a", "" }, .n = 2 } },
		    "--tag takes" },
		{ "a credit without a role",
		    { .credits = { .list = { "An" }, .n = 1 } },
		    "the roles are: author, editor" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct item *it = an_item();
		char wrong[600] = "";

		if (caption_apply(&cases[i].c, it, wrong, sizeof(wrong)) !=
			-EINVAL ||
		    strstr(wrong, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].when, wrong);
		item_free(it);
	}
}

static void
the_log_is_told_the_labels_but_no_names_of_people(void **state)
{
	struct caption c = { .tags = { .list = { "lễ hội" }, .n = 1 },
		.credits = { .list = { "editor=Nguyễn Văn An" }, .n = 1 } };
	struct item *it = an_item();
	char wrong[600];
	json_t *body;
	char *text;

	(void)state;
	assert_int_equal(caption_apply(&c, it, wrong, sizeof(wrong)), 0);
	body = caption_record(it, "p-12345678");
	text = json_dumps(body, JSON_COMPACT);
	assert_string_equal(text,
	    "{\"item\":\"gom\",\"title\":\"Gốm\",\"segment\":\"ttdn\","
	    "\"language\":\"vi\",\"sha256\":\"" H64 "\",\"frames\":48000,"
	    "\"channels\":1,\"lufs\":-23.5,\"peak_db\":-1.25,\"warnings\":[],"
	    "\"source_name\":\"Gốm.mp3\",\"source_sha256\":\"" H64
	    "\",\"by\":\"p-12345678\",\"tags\":[\"lễ hội\"],"
	    "\"unit\":\"Công an xã\"}");
	free(text);
	json_decref(body);
	item_free(it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_given_stays_as_it_was),
		cmocka_unit_test(what_cannot_be_is_said_in_words),
		cmocka_unit_test(
		    the_log_is_told_the_labels_but_no_names_of_people),
	};

	return cmocka_run_group_tests_name("caption", tests, NULL, NULL);
}
