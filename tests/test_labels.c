/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/labels.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
check_json(const char *when, const json_t *o, const char *wanted)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	if (text == NULL || strcmp(text, wanted) != 0)
		fail_msg("%s: %s, wanted %s", when, text, wanted);
	free(text);
}

static void
a_word_is_known_by_itself_and_by_what_people_call_it(void **state)
{
	static const struct {
		const char *when;
		enum label label;
		const char *text;
		const char *word;
	} cases[] = {
		{ "a genre", LABEL_GENRE, "notice", "notice" },
		{ "in capitals", LABEL_GENRE, "NOTICE", "notice" },
		{ "as people say it", LABEL_GENRE, "Radio  story", "story" },
		{ "no genre", LABEL_GENRE, "opera", NULL },
		{ "a role is no genre", LABEL_GENRE, "editor", NULL },
		{ "a role", LABEL_ROLE, "announcer", "announcer" },
		{ "a role of two words", LABEL_ROLE, "source checker",
		    "checker" },
		{ "nothing", LABEL_ROLE, "", NULL },
		{ "not UTF-8", LABEL_ROLE, "\xff", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *word = label_word(cases[i].label, cases[i].text);

		if ((word == NULL) != (cases[i].word == NULL) ||
		    (word != NULL && strcmp(word, cases[i].word) != 0))
			fail_msg("%s: %s", cases[i].when, word);
	}
	assert_string_equal(label_text(LABEL_GENRE, "story"), "radio story");
	assert_string_equal(label_text(LABEL_GENRE, "opera"), "opera");
}

static void
a_set_is_an_id_with_room_for_a_language(void **state)
{
	json_t *o = json_object();

	(void)state;
	assert_int_equal(labels_set(o, "ttdn-w48"), 0);
	check_json("a set", o, "{\"set\":\"ttdn-w48\"}");
	assert_int_equal(labels_set(o, "Tuần 48"), -EINVAL);
	assert_int_equal(
	    labels_set(o, "a123456789-123456789-123456789-123456789-12345678"),
	    -EINVAL);
	assert_int_equal(labels_set(o, ""), 0);
	check_json("none", o, "{}");
	json_decref(o);
}

static void
labels_are_put_and_taken_away_again(void **state)
{
	/* "Công an xã", the first word decomposed. */
	static const char unit[] = " Co\xcc\x82ng an x\xc3\xa3 ";
	const char *tags[] = { "đối ngoại", "lễ hội" };
	const char *credits[] = { "editor=Nguyễn Văn An",
		"announcer = Trần Thị Bình" };
	const char *none[] = { "" };
	json_t *o = json_object();

	(void)state;
	assert_int_equal(labels_unit(o, unit), 0);
	assert_int_equal(labels_genre(o, "News"), 0);
	assert_int_equal(labels_tags(o, tags, COUNT(tags)), 0);
	assert_int_equal(labels_credits(o, credits, COUNT(credits)), 0);
	check_json("all of them", o,
	    "{\"credits\":[{\"name\":\"Nguyễn Văn An\",\"role\":\"editor\"},"
	    "{\"name\":\"Trần Thị Bình\",\"role\":\"announcer\"}],"
	    "\"genre\":\"news\",\"tags\":[\"đối ngoại\",\"lễ hội\"],"
	    "\"unit\":\"Công an xã\"}");
	assert_int_equal(labels_unit(o, ""), 0);
	assert_int_equal(labels_genre(o, ""), 0);
	assert_int_equal(labels_tags(o, none, 1), 0);
	assert_int_equal(labels_credits(o, none, 1), 0);
	check_json("none of them", o, "{}");
	json_decref(o);
}

static void
a_label_that_is_refused_changes_nothing(void **state)
{
	char tall[LABEL_BYTES_MAX + 2];
	const char *many[LABELS_MAX + 1];
	const char *tags[] = { "a", "" };
	const char *tall_tag[] = { tall };
	const char *credits[][1] = { { "An" }, { "=An" }, { "singer=An" },
		{ "editor=" }, { "editor=\xff" } };
	json_t *o = json_object();

	(void)state;
	memset(tall, 'x', sizeof(tall) - 1);
	tall[sizeof(tall) - 1] = '\0';
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = "a";
	assert_int_equal(labels_unit(o, tall), -EINVAL);
	assert_int_equal(labels_unit(o, "\xff"), -EINVAL);
	assert_int_equal(labels_unit(o, "  "), -EINVAL);
	assert_int_equal(labels_genre(o, "opera"), -EINVAL);
	assert_int_equal(labels_tags(o, tags, 2), -EINVAL);
	assert_int_equal(labels_tags(o, tall_tag, 1), -EINVAL);
	assert_int_equal(labels_tags(o, many, COUNT(many)), -EINVAL);
	for (size_t i = 0; i < COUNT(credits); i++)
		if (labels_credits(o, credits[i], 1) != -EINVAL)
			fail_msg("credit %s", credits[i][0]);
	check_json("nothing", o, "{}");
	json_decref(o);
}

static void
music_is_a_genre_or_a_tag_in_either_language(void **state)
{
	static const struct {
		const char *json;
		bool music;
	} cases[] = {
		{ "{}", false },
		{ "{\"genre\": \"music\"}", true },
		{ "{\"genre\": \"news\"}", false },
		{ "{\"genre\": 7, \"tags\": \"nhac\"}", false },
		{ "{\"genre\": \"news\", \"tags\": [7, \"Nhạc\"]}", true },
		{ "{\"tags\": [\"tin\", \"music\"]}", true },
		{ "{\"tags\": [\"âm nhạc dân tộc\"]}", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *o = json_loads(cases[i].json, 0, NULL);

		if (labels_music(o) != cases[i].music)
			fail_msg("%s", cases[i].json);
		json_decref(o);
	}
	assert_false(labels_music(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_word_is_known_by_itself_and_by_what_people_call_it),
		cmocka_unit_test(a_set_is_an_id_with_room_for_a_language),
		cmocka_unit_test(labels_are_put_and_taken_away_again),
		cmocka_unit_test(a_label_that_is_refused_changes_nothing),
		cmocka_unit_test(music_is_a_genre_or_a_tag_in_either_language),
	};

	return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
