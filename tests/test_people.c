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
#include <sys/wait.h>

#include "base/clock.h"
#include "evidence/people.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NOW INT64_C(1790331030000000) /* 2026-09-25T10:10:30Z */
#define DAYS(n) (NOW + (n)*US_PER_DAY)
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

static int
add(struct people *p, const char *name, const char *office,
    int (*draw)(void *bytes, size_t n), char id[static PERSON_ID])
{
	struct person_term t = { office, "", "", NOW, NEVER };

	return people_add(p, name, &t, draw, id);
}

static void
test_a_person_added_is_found_after_reading_again(void **state)
{
	struct people *p = opened();
	struct person who = { 0 };
	char id[PERSON_ID];

	(void)state;
	assert_int_equal(
	    add(p, "Nguyễn Thị Lân", "Phó Chủ tịch UBND xã", draw_pairs, id),
	    0);
	assert_string_equal(id, "p-00000001");
	assert_null(people_free(p));
	p = opened();
	assert_int_equal(people_find(p, id, NOW, &who), 0);
	assert_string_equal(who.id, id);
	assert_string_equal(who.name, "Nguyễn Thị Lân");
	assert_string_equal(who.office, "Phó Chủ tịch UBND xã");
	assert_true(who.from_us == NOW && who.until_us == NEVER);
	assert_true(who.holds);
	assert_string_equal(who.roles, "");
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
	add(p, "Nguyễn Thị Lân", "", draw_pairs, id);
	add(p, "Nguyễn Thị Lan", "", draw_pairs, id);
	add(p, "Trần Văn Đức", "", draw_pairs, id);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct person who = { .id = "" };
		int r = people_find(p, cases[i].who, NOW, &who);

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
	assert_int_equal(add(p, "Lân", "PCT", draw_pairs, id), 0);
	memset(id, 0, sizeof(id));
	assert_int_equal(add(p, "Lân", "PCT", draw_pairs, id), -EEXIST);
	assert_string_equal(id, "p-00000001");
	assert_int_equal(add(p, "Lân", "CT", draw_pairs, id), 0);
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
	add(p, "Lân", "PCT", draw_pairs, id);
	assert_int_equal(people_end(p, id, NOW), -ERANGE);
	assert_int_equal(people_end(p, id, DAYS(1)), 0);
	assert_int_equal(people_end(p, id, DAYS(1)), -EALREADY);
	assert_int_equal(people_end(p, "p-0", DAYS(1)), -ENOENT);
	people_free(p);
	p = opened();
	assert_int_equal(people_find(p, "Lân", DAYS(1) - 1, &who), 0);
	assert_int_equal(people_find(p, "Lân", DAYS(1), &who), -EKEYEXPIRED);
	assert_int_equal(people_find(p, "lan", DAYS(1), &who), -EKEYEXPIRED);
	assert_int_equal(people_find(p, id, DAYS(1), &who), 0);
	assert_false(who.holds);
	assert_int_equal(who.until_us, DAYS(1));
	assert_string_equal(who.office, "PCT");
	assert_int_equal(people_each(p, count, &n), 0);
	assert_int_equal(n, 1);
	people_free(p);
}

static void
test_an_office_is_told_by_its_date_and_none_is_lost(void **state)
{
	static const struct {
		const char *when;
		int day;
		const char *office;
		bool holds;
	} cases[] = {
		{ "before the first", -1, "Công chức", false },
		{ "in the first", 5, "Công chức", true },
		{ "on the second's first instant", 10, "PCT", true },
		{ "in a gap, as the last was", 25, "PCT", false },
		{ "in the third", 30, "Chủ tịch", true },
		{ "when all is over", 40, "Chủ tịch", false },
	};
	struct person_term second = { "PCT", "approver", "", DAYS(10),
		DAYS(20) };
	struct person_term third = { "Chủ tịch", "", "", DAYS(30), NEVER };
	struct people *p = opened();
	struct person who;
	char id[PERSON_ID];
	int n = 0;

	(void)state;
	assert_int_equal(add(p, "Lân", "Công chức", draw_pairs, id), 0);
	assert_int_equal(people_appoint(p, id, &second), 0);
	assert_int_equal(people_appoint(p, id, &second), -ERANGE);
	assert_int_equal(people_appoint(p, "p-9", &third), -ENOENT);
	assert_int_equal(people_appoint(p, id, &third), 0);
	assert_int_equal(people_end(p, id, DAYS(40)), 0);
	people_free(p);
	p = opened();
	for (size_t i = 0; i < COUNT(cases); i++)
		if (people_find(p, id, DAYS(cases[i].day), &who) != 0 ||
		    strcmp(who.office, cases[i].office) != 0 ||
		    who.holds != cases[i].holds)
			fail_msg("%s: %s", cases[i].when, who.office);
	assert_int_equal(people_each(p, count, &n), 0);
	assert_int_equal(n, 3);
	people_free(p);
}

static void
test_a_deputy_names_somebody_and_roles_are_known(void **state)
{
	struct person_term t = { "PCT", "officer,approver", "p-7", NOW, NEVER };
	struct people *p = opened();
	struct person who;
	char head[PERSON_ID];
	char id[PERSON_ID];

	(void)state;
	assert_int_equal(add(p, "An", "Chủ tịch", draw_pairs, head), 0);
	assert_int_equal(people_add(p, "Ba", &t, draw_pairs, id), -ENOENT);
	t.deputy_of = head;
	t.roles = "king";
	assert_int_equal(people_add(p, "Ba", &t, draw_pairs, id), -EINVAL);
	t.roles = "officer,approver";
	t.until_us = NOW;
	assert_int_equal(people_add(p, "Ba", &t, draw_pairs, id), -EINVAL);
	t.until_us = NEVER;
	assert_int_equal(people_add(p, "Ba", &t, draw_pairs, id), 0);
	assert_int_equal(people_find(p, "ba", NOW, &who), 0);
	assert_string_equal(who.deputy_of, head);
	assert_string_equal(who.roles, "officer,approver");
	people_free(p);
}

static void
test_writers_wait_for_each_other(void **state)
{
	int lock = people_lock(path);
	char name[80];
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		close(lock); /* its copy holds it too */
		lock = people_lock(path);
		_exit(lock < 0 || access(path, F_OK) < 0);
	}
	assert_true(lock >= 0 && pid > 0);
	usleep(50000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	fclose(fopen(path, "w")); /* what the other must see */
	close(lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(name, sizeof(name), "%s.lock", path);
	unlink(name);
}

static void
test_a_file_of_version_0_1_0_is_read_and_written_anew(void **state)
{
	struct people *p;
	struct person who;
	char id[PERSON_ID];
	FILE *f = fopen(path, "w");

	(void)state;
	fputs("{\"p-1\":{\"name\":\"A\",\"office\":\"CT\",\"from\":"
	      "\"2026-09-24T10:10:30.000000Z\"},\"p-2\":{\"name\":\"B\","
	      "\"office\":\"PCT\",\"from\":\"2026-09-20T10:10:30.000000Z\","
	      "\"until\":\"2026-09-25T10:10:30.000000Z\"}}",
	    f);
	fclose(f);
	p = opened();
	assert_int_equal(add(p, "C", "X", draw_pairs, id), 0);
	people_free(p);
	p = opened();
	assert_int_equal(people_find(p, "A", NOW, &who), 0);
	assert_string_equal(who.office, "CT");
	assert_int_equal(people_find(p, "B", NOW - 1, &who), 0);
	assert_int_equal(people_find(p, "B", NOW, &who), -EKEYEXPIRED);
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
	assert_int_equal(add(p, "", "", draw_pairs, id), -EINVAL);
	assert_int_equal(add(p, " \t\n", "", draw_pairs, id), -EINVAL);
	assert_int_equal(add(p, "\xff", "", draw_pairs, id), -EINVAL);
	assert_int_equal(add(p, "Lân", "\xff", draw_pairs, id), -EINVAL);
	assert_int_equal(add(p, long_name, "", draw_pairs, id), -EINVAL);
	assert_int_equal(add(p, "Lân", "", draw_nothing, id), -EAGAIN);
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
	assert_int_equal(add(p, "A", "", draw_one, id), 0);
	assert_int_equal(add(p, "B", "", draw_one, id), -EIO);
	people_free(p);
}

static void
test_a_file_that_is_not_ours_is_left_alone(void **state)
{
	static const char *const texts[] = { "", "junk", "[]", "{\"p-1\":1}",
		"{\"p-1\":{\"name\":\"\"}}",
		"{\"p-1\":{\"name\":\"A\"},\"p-1\":{\"name\":\"B\"}}",
		"{\"p-1\":{\"name\":\"A\"}", "{\"p-1\":{\"name\":\"A\"}}",
		"{\"p-1\":{\"name\":\"A\",\"offices\":[]}}",
		"{\"p-1\":{\"name\":\"A\",\"offices\":[{\"office\":\"X\"}]}}",
		"{\"p-1\":{\"name\":\"A\",\"offices\":[{\"roles\":\"king\","
		"\"from\":\"2026-09-25T10:10:30Z\"}]}}" };

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
	assert_true(add(p, "Lân", "", draw_pairs, id) < 0);
	assert_int_equal(people_find(p, "Lân", NOW, &who), -ENOENT);
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
		T(test_an_office_is_told_by_its_date_and_none_is_lost),
		T(test_a_deputy_names_somebody_and_roles_are_known),
		T(test_writers_wait_for_each_other),
		T(test_a_file_of_version_0_1_0_is_read_and_written_anew),
		T(test_names_that_cannot_be_are_refused),
		T(test_a_source_of_chance_that_repeats_itself_ends),
		T(test_a_file_that_is_not_ours_is_left_alone),
		T(test_what_cannot_be_written_is_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
