/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scheduler/revision.h"
#include "tests/fakes/folder.h"

#define TIMETABLE \
	"station = \"que-minh\"; name = \"Quế Minh\";\n" \
	"slots = ( { id = \"mo-dau\"; days = \"T2\"; at = \"05:00\";" \
	" for = \"00:00:30\"; item = \"nhac\"; } );\n"
#define WEEK "week = \"2026-W48\"; program = ();\n"

/* schedules/ with a timetable and a week, and an empty place beside it. */
struct place {
	struct folder f;
	char schedules[128];
	char revisions[128];
};

static int
setup(void **state)
{
	static struct place p;

	folder_make(&p.f);
	snprintf(p.schedules, sizeof(p.schedules), "%s/s", p.f.path);
	snprintf(p.revisions, sizeof(p.revisions), "%s/r", p.f.path);
	folder_write(&p.f, "s/que-minh.cfg", TIMETABLE);
	mkdir(p.schedules, 0700);
	folder_write(&p.f, "s/que-minh/2026-W48.cfg", WEEK);
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	folder_remove(&p->f);
	return 0;
}

static struct schedule *
read_at(const char *folder)
{
	struct problems ps = { 0 };
	struct schedule *s = NULL;

	if (schedule_read(folder, "que-minh", INT64_MIN, INT64_MAX, &ps, &s) <
	    0)
		fail_msg("%s: %s", folder, problems_said(&ps));
	problems_free(&ps);
	return s;
}

static void
expect_same(const char *folder, const char *name, const char *text)
{
	char path[1024];
	char *found;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	found = folder_slurp(path, NULL);
	assert_string_equal(found, text);
	free(found);
}

static void
test_a_kept_revision_reads_back_as_the_same_schedule(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);
	struct schedule *back;
	char path[512];

	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	assert_int_equal(
	    revision_last(p->revisions, "que-minh", path, sizeof(path)), 0);
	assert_non_null(strstr(path, s->revision));
	expect_same(path, "que-minh.cfg", TIMETABLE);
	expect_same(path, "que-minh/2026-W48.cfg", WEEK);
	back = read_at(path);
	assert_string_equal(back->revision, s->revision);
	schedule_free(back);
	schedule_free(s);
}

static void
test_the_last_is_the_last_kept_and_older_ones_stay(void **state)
{
	struct place *p = *state;
	struct schedule *one = read_at(p->schedules);
	struct schedule *two;
	char path[512];

	assert_int_equal(revision_keep(p->revisions, p->schedules, one), 0);
	folder_write(&p->f, "s/que-minh.cfg", TIMETABLE "# changed\n");
	two = read_at(p->schedules);
	assert_string_not_equal(one->revision, two->revision);
	assert_int_equal(revision_keep(p->revisions, p->schedules, two), 0);
	revision_last(p->revisions, "que-minh", path, sizeof(path));
	assert_non_null(strstr(path, two->revision));
	snprintf(path, sizeof(path), "%s/%s", p->revisions, one->revision);
	expect_same(path, "que-minh.cfg", TIMETABLE);
	schedule_free(one);
	schedule_free(two);
}

static void
test_keeping_twice_is_keeping_once(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);

	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	schedule_free(s);
}

static ino_t
inode_of(const struct place *p, const char *revision, const char *name)
{
	struct stat st;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s/%s", p->revisions, revision, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* A year has 52 weeks' files; syncing a copy of each held up the daemon's
 * start by half a second. */
static void
test_what_is_kept_already_is_not_written_again(void **state)
{
	struct place *p = *state;
	struct schedule *one = read_at(p->schedules);
	struct schedule *two;
	ino_t timetable;
	ino_t week;

	assert_int_equal(revision_keep(p->revisions, p->schedules, one), 0);
	timetable = inode_of(p, one->revision, "que-minh.cfg");
	week = inode_of(p, one->revision, "que-minh/2026-W48.cfg");
	assert_int_equal(revision_keep(p->revisions, p->schedules, one), 0);
	assert_true(timetable == inode_of(p, one->revision, "que-minh.cfg"));
	folder_write(&p->f, "s/que-minh.cfg", TIMETABLE "# changed\n");
	two = read_at(p->schedules);
	assert_int_equal(revision_keep(p->revisions, p->schedules, two), 0);
	assert_true(timetable != inode_of(p, two->revision, "que-minh.cfg"));
	assert_true(
	    week == inode_of(p, two->revision, "que-minh/2026-W48.cfg"));
	schedule_free(one);
	schedule_free(two);
}

static void
test_a_kept_file_that_was_spoilt_is_copied_anew(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);
	char path[512];

	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	revision_last(p->revisions, "que-minh", path, sizeof(path));
	snprintf(path, sizeof(path), "r/%s/que-minh/2026-W48.cfg", s->revision);
	folder_write(&p->f, path, "half of it");
	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	revision_last(p->revisions, "que-minh", path, sizeof(path));
	expect_same(path, "que-minh/2026-W48.cfg", WEEK);
	schedule_free(s);
}

/* A file replaced between reading and keeping would be kept under a name that
 * is not its own. */
static void
test_a_file_that_changed_since_is_not_kept_under_its_old_name(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);
	char path[512];

	folder_write(&p->f, "s/que-minh/2026-W48.cfg", WEEK "# later\n");
	assert_int_equal(revision_keep(p->revisions, p->schedules, s), -ESTALE);
	assert_int_equal(
	    revision_last(p->revisions, "que-minh", path, sizeof(path)),
	    -ENOENT);
	schedule_free(s);
}

static void
test_a_failed_keep_leaves_the_last_good_one_named(void **state)
{
	struct place *p = *state;
	struct schedule *one = read_at(p->schedules);
	struct schedule *two;
	char path[512];

	assert_int_equal(revision_keep(p->revisions, p->schedules, one), 0);
	folder_write(&p->f, "s/que-minh.cfg", TIMETABLE "# changed\n");
	two = read_at(p->schedules);
	folder_write(&p->f, "s/que-minh.cfg", "half of it");
	assert_int_equal(
	    revision_keep(p->revisions, p->schedules, two), -ESTALE);
	revision_last(p->revisions, "que-minh", path, sizeof(path));
	assert_non_null(strstr(path, one->revision));
	schedule_free(one);
	schedule_free(two);
}

static void
test_what_is_no_revision_is_not_taken_for_one(void **state)
{
	static const struct {
		const char *when;
		const char *text; /* of que-minh.last; NULL none */
	} rows[] = {
		{ "nothing was ever kept", NULL },
		{ "an empty file", "" },
		{ "no hash", "revision one" },
		{ "a way out of the folder", "../../../../etc" },
		{ "a hash and a line feed",
		    "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27"
		    "fb57e9\n" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[512] = "untouched";
		int r;

		if (rows[i].text != NULL)
			folder_write(&p->f, "r/que-minh.last", rows[i].text);
		r = revision_last(p->revisions, "que-minh", path, sizeof(path));
		if (r != -ENOENT || strcmp(path, "untouched") != 0)
			fail_msg("%s: %d, \"%s\"", rows[i].when, r, path);
	}
}

static void
test_a_path_too_long_for_its_buffer_is_refused(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);
	char path[40];

	assert_int_equal(revision_keep(p->revisions, p->schedules, s), 0);
	assert_int_equal(
	    revision_last(p->revisions, "que-minh", path, sizeof(path)),
	    -ENAMETOOLONG);
	schedule_free(s);
}

static void
test_a_place_that_cannot_be_written_is_an_error_not_a_crash(void **state)
{
	struct place *p = *state;
	struct schedule *s = read_at(p->schedules);

	folder_write(&p->f, "r", "a file where the folder belongs");
	assert_true(revision_keep(p->revisions, p->schedules, s) < 0);
	schedule_free(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_a_kept_revision_reads_back_as_the_same_schedule),
		CASE(test_the_last_is_the_last_kept_and_older_ones_stay),
		CASE(test_keeping_twice_is_keeping_once),
		CASE(test_what_is_kept_already_is_not_written_again),
		CASE(test_a_kept_file_that_was_spoilt_is_copied_anew),
		CASE(
		    test_a_file_that_changed_since_is_not_kept_under_its_old_name),
		CASE(test_a_failed_keep_leaves_the_last_good_one_named),
		CASE(test_what_is_no_revision_is_not_taken_for_one),
		CASE(test_a_path_too_long_for_its_buffer_is_refused),
		CASE(
		    test_a_place_that_cannot_be_written_is_an_error_not_a_crash),
	};

	return cmocka_run_group_tests_name("revision", tests, NULL, NULL);
}
