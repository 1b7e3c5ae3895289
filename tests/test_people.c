/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "evidence/people.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct now now = { 1790331030000000, 1, TRUST_SYNCED };
static char folder[] = "/tmp/loaxa-people-XXXXXX";
static char path[64];
static uint32_t drawn;

/* 1, 1, 2, 2, 3, 3...: every id is drawn twice. */
static int
draw_pairs(void *bytes, size_t n)
{
	uint32_t number = ++drawn / 2 + 1;

	assert_int_equal(n, sizeof(number));
	memcpy(bytes, &number, n);
	return 0;
}

static int
draw_nothing(void *bytes, size_t n)
{
	(void)bytes;
	(void)n;
	return -EAGAIN;
}

static int
draw_one(void *bytes, size_t n)
{
	memset(bytes, 0, n);
	return 0;
}

static int
setup(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	*state = mkdtemp(folder);
	snprintf(path, sizeof(path), "%s/people", folder);
	drawn = 0;
	return *state == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	chmod(folder, 0700);
	unlink(path);
	return rmdir(folder);
}

static struct people *
opened(void)
{
	struct people *p;
	int r = people_read(path, &p);

	if (r < 0)
		fail_msg("people_read: %d", r);
	return p;
}

static void
test_a_person_added_is_found_after_reading_again(void **state)
{
	struct people *p = opened();
	struct person who = { 0 };
	char id[PERSON_ID];

	(void)state;
	assert_int_equal(people_add(p, "Nguyễn Thị Lân", "Phó Chủ tịch UBND xã",
			     now, draw_pairs, id),
	    0);
	assert_string_equal(id, "p-00000001");
	assert_null(people_free(p));
	p = opened();
	assert_int_equal(people_find(p, id, &who), 0);
	assert_string_equal(who.id, id);
	assert_string_equal(who.name, "Nguyễn Thị Lân");
	assert_string_equal(who.office, "Phó Chủ tịch UBND xã");
	assert_string_equal(who.from, "2026-09-25T10:10:30.000000Z");
	assert_string_equal(who.until, "");
	people_free(p);
}

static void
test_names_are_found_without_diacritics_when_that_is_enough(void **state)
{
	static const struct {
		const char *when;
		const char *who;
		int r;
		const char *id;
	} cases[] = {
		{ "as written", "Nguyễn Thị Lân", 0, "p-00000001" },
		{ "decomposed",
		    "Nguye\xcc\x82\xcc\x83n Thi\xcc\xa3 La\xcc\x82n", 0,
		    "p-00000001" },
		{ "the namesake as written", "Nguyễn Thị Lan", 0,
		    "p-00000002" },
		{ "folded, and two of them", "nguyen thi lan", -ENOTUNIQ, "" },
		{ "folded, and one", "tran van duc", 0, "p-00000003" },
		{ "by id", "p-00000003", 0, "p-00000003" },
		{ "nobody", "Lê Văn Tám", -ENOENT, "" },
		{ "half a name", "Lân", -ENOENT, "" },
		{ "no name", "", -ENOENT, "" },
		{ "signs only", "---", -ENOENT, "" },
		{ "not UTF-8", "\xff\xfe", -ENOENT, "" },
		{ "an id of nobody", "p-0000000f", -ENOENT, "" },
	};
	struct people *p = opened();
	char id[PERSON_ID];

	(void)state;
	people_add(p, "Nguyễn Thị Lân", "", now, draw_pairs, id);
	people_add(p, "Nguyễn Thị Lan", "", now, draw_pairs, id);
	people_add(p, "Trần Văn Đức", "", now, draw_pairs, id);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct person who = { .id = "" };
		int r = people_find(p, cases[i].who, &who);

		if (r != cases[i].r || strcmp(who.id, cases[i].id) != 0)
			fail_msg("%s: %d %s", cases[i].when, r, who.id);
	}
	people_free(p);
}

static void
test_the_same_person_is_not_entered_twice(void **state)
{
	struct people *p = opened();
	char id[PERSON_ID];

	(void)state;
	assert_int_equal(people_add(p, "Lân", "PCT", now, draw_pairs, id), 0);
	memset(id, 0, sizeof(id));
	assert_int_equal(
	    people_add(p, "Lân", "PCT", now, draw_pairs, id), -EEXIST);
	assert_string_equal(id, "p-00000001");
	assert_int_equal(people_add(p, "Lân", "CT", now, draw_pairs, id), 0);
	assert_string_equal(id, "p-00000002");
	people_free(p);
}

static int
count(void *arg, const struct person *person)
{
	(void)person;
	++*(int *)arg;
	return 0;
}

static void
test_who_left_an_office_stays_on_file_but_is_not_found_by_name(void **state)
{
	struct people *p = opened();
	struct person who;
	char id[PERSON_ID];
	int n = 0;

	(void)state;
	people_add(p, "Lân", "PCT", now, draw_pairs, id);
	assert_int_equal(people_leave(p, id, now), 0);
	assert_int_equal(people_leave(p, id, now), -EALREADY);
	assert_int_equal(people_leave(p, "p-0", now), -ENOENT);
	people_free(p);
	p = opened();
	assert_int_equal(people_find(p, "Lân", &who), -ENOENT);
	assert_int_equal(people_find(p, id, &who), 0);
	assert_string_equal(who.until, "2026-09-25T10:10:30.000000Z");
	assert_int_equal(people_each(p, count, &n), 0);
	assert_int_equal(n, 1);
	people_free(p);
}

static void
test_names_that_cannot_be_are_refused(void **state)
{
	struct people *p = opened();
	char long_name[PERSON_TEXT_MAX + 2];
	char id[PERSON_ID] = "same";

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(people_add(p, "", "", now, draw_pairs, id), -EINVAL);
	assert_int_equal(
	    people_add(p, " \t\n", "", now, draw_pairs, id), -EINVAL);
	assert_int_equal(
	    people_add(p, "\xff", "", now, draw_pairs, id), -EINVAL);
	assert_int_equal(
	    people_add(p, "Lân", "\xff", now, draw_pairs, id), -EINVAL);
	assert_int_equal(
	    people_add(p, long_name, "", now, draw_pairs, id), -EINVAL);
	assert_int_equal(
	    people_add(p, "Lân", "", now, draw_nothing, id), -EAGAIN);
	assert_string_equal(id, "same");
	assert_int_equal(access(path, F_OK), -1);
	people_free(p);
}

static void
test_a_source_of_chance_that_repeats_itself_ends(void **state)
{
	struct people *p = opened();
	char id[PERSON_ID];

	(void)state;
	assert_int_equal(people_add(p, "A", "", now, draw_one, id), 0);
	assert_int_equal(people_add(p, "B", "", now, draw_one, id), -EIO);
	people_free(p);
}

static void
test_a_file_that_is_not_ours_is_left_alone(void **state)
{
	static const char *const texts[] = { "", "junk", "[]", "{\"p-1\":1}",
		"{\"p-1\":{\"name\":\"\"}}",
		"{\"p-1\":{\"name\":\"A\"},\"p-1\":{\"name\":\"B\"}}",
		"{\"p-1\":{\"name\":\"A\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct people *p = NULL;
		FILE *f = fopen(path, "w");

		fputs(texts[i], f);
		fclose(f);
		if (people_read(path, &p) != -EBADMSG || p != NULL)
			fail_msg("taken: %s", texts[i]);
	}
}

static void
test_what_cannot_be_written_is_not_added(void **state)
{
	struct people *p = opened();
	struct person who;
	char id[PERSON_ID];

	(void)state;
	if (geteuid() == 0) {
		/* Root may write anywhere: take the folder itself away. */
		char file[80];

		assert_int_equal(rmdir(folder), 0);
		snprintf(file, sizeof(file), "%s", folder);
		fclose(fopen(file, "w"));
	} else {
		chmod(folder, 0500);
	}
	assert_true(people_add(p, "Lân", "", now, draw_pairs, id) < 0);
	assert_int_equal(people_find(p, "Lân", &who), -ENOENT);
	if (geteuid() == 0) {
		unlink(folder);
		mkdir(folder, 0700);
	}
	people_free(p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_person_added_is_found_after_reading_again),
		T(test_names_are_found_without_diacritics_when_that_is_enough),
		T(test_the_same_person_is_not_entered_twice),
		T(test_who_left_an_office_stays_on_file_but_is_not_found_by_name),
		T(test_names_that_cannot_be_are_refused),
		T(test_a_source_of_chance_that_repeats_itself_ends),
		T(test_a_file_that_is_not_ours_is_left_alone),
		T(test_what_cannot_be_written_is_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
