/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "ctl/backup.h"
#include "tests/fakes/folder.h"

#define AT_US INT64_C(1795276032000000)

struct place {
	struct folder f;
	struct root root;
	char tar[128];
	char wrong[BACKUP_WORDS];
	struct backup_sum sum;
};

static int
setup(void **state)
{
	static struct place p;

	memset(&p, 0, sizeof(p));
	folder_make(&p.f);
	snprintf(p.tar, sizeof(p.tar), "%s/out.tar", p.f.path);
	folder_write(&p.f, "etc/loaxa.conf", "hours = ();\n");
	folder_write(&p.f, "schedules/que-minh.cfg", "slots = ();\n");
	folder_write(&p.f, "schedules/que-minh/2026-W48.cfg", "week\n");
	folder_write(&p.f, "audio/items/bản tin.flac", "sound");
	folder_write(&p.f, "audio/inbox/new.mp3", "not admitted");
	folder_write(&p.f, "var/people", "people");
	folder_write(&p.f, "var/log/airing-2026-10.jsonl", "one\ntwo\n");
	folder_write(&p.f, "var/log/airing-2026-11.jsonl", "three\nfo");
	folder_write(&p.f, "var/log/lock", "");
	folder_write(&p.f, "var/log/.airing.new", "passing");
	folder_write(&p.f, "var/index.db", "made anew");
	folder_write(&p.f, "var/revisions/abc/que-minh.cfg", "old");
	assert_int_equal(root_find(p.f.path, &p.root), 0);
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

static int
back_up(struct place *p)
{
	int fd = open(p->tar, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int r;

	assert_true(fd >= 0);
	r = backup_write(&p->root, AT_US, fd, NULL, NULL, &p->sum, p->wrong);
	close(fd);
	return r;
}

/* "name=bytes" of each entry, a line each, without head and manifest. */
static const char *
listed(const struct place *p)
{
	static char text[4096];
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	size_t n = 0;

	archive_read_support_format_tar(a);
	assert_int_equal(archive_read_open_filename(a, p->tar, 10240), 0);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(e);
		char bytes[512] = "";

		assert_int_equal(archive_entry_filetype(e), AE_IFREG);
		if (strcmp(name, BACKUP_HEAD) == 0 ||
		    strcmp(name, BACKUP_MANIFEST) == 0)
			continue;
		archive_read_data(a, bytes, sizeof(bytes) - 1);
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "%s=%s;", name, bytes);
	}
	archive_read_free(a);
	return text;
}

static void
test_everything_of_a_station_is_in_it_and_nothing_that_passes(void **state)
{
	struct place *p = *state;

	assert_int_equal(back_up(p), 0);
	assert_string_equal(listed(p),
	    "var/log/airing-2026-10.jsonl=one\ntwo\n;"
	    "var/log/airing-2026-11.jsonl=three\n;"
	    "var/people=people;"
	    "audio/items/bản tin.flac=sound;"
	    "var/revisions/abc/que-minh.cfg=old;"
	    "schedules/que-minh/2026-W48.cfg=week\n;"
	    "schedules/que-minh.cfg=slots = ();\n;"
	    "etc/loaxa.conf=hours = ();\n;");
	assert_int_equal(p->sum.files, 8);
	assert_int_equal(p->sum.records, 3);
	assert_int_equal(p->sum.left_out, 0);
}

/* The daemon may be writing one now. */
static void
test_a_log_line_without_its_end_is_left_for_the_next_backup(void **state)
{
	struct place *p = *state;

	folder_write(&p->f, "var/log/airing-2026-10.jsonl", "");
	folder_write(&p->f, "var/log/airing-2026-11.jsonl", "no end");
	assert_int_equal(back_up(p), 0);
	assert_non_null(strstr(listed(p), "var/log/airing-2026-11.jsonl=;"));
	assert_int_equal(p->sum.records, 0);
}

static void
test_a_station_that_has_hardly_begun_can_be_saved(void **state)
{
	struct place *p = *state;
	struct folder f;

	folder_make(&f);
	folder_write(&f, "etc/loaxa.conf", "x");
	assert_int_equal(root_find(f.path, &p->root), 0);
	assert_int_equal(back_up(p), 0);
	assert_string_equal(listed(p), "etc/loaxa.conf=x;");
	folder_remove(&f);
}

static void
test_links_devices_and_odd_names_are_left_out_and_told(void **state)
{
	struct place *p = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/schedules/link.cfg", p->f.path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/schedules/pipe", p->f.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	folder_write(&p->f, "audio/items/a\nb", "x");
	folder_write(&p->f, "audio/items/\xff", "x");
	assert_int_equal(back_up(p), 0);
	assert_int_equal(p->sum.left_out, 4);
	assert_int_equal(p->sum.files, 8);
	assert_non_null(strstr(p->sum.odd, "audio/items/"));
}

static void
test_an_archive_among_the_files_does_not_hold_itself(void **state)
{
	struct place *p = *state;

	snprintf(p->tar, sizeof(p->tar), "%s/etc/out.tar", p->f.path);
	assert_int_equal(back_up(p), 0);
	assert_null(strstr(listed(p), "out.tar"));
}

static void
test_a_disk_that_is_full_is_an_error_in_words(void **state)
{
	struct place *p = *state;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(
	    backup_write(&p->root, AT_US, fd, NULL, NULL, &p->sum, p->wrong),
	    -ENOSPC);
	assert_non_null(strstr(p->wrong, "could not be written"));
	close(fd);
}

static void
note(void *arg, int64_t done, int64_t total)
{
	int64_t *seen = arg;

	assert_true(done >= seen[0] && done <= total);
	seen[0] = done;
	seen[1] = total;
}

static void
test_progress_runs_to_the_total(void **state)
{
	struct place *p = *state;
	int64_t seen[2] = { 0, 0 };
	int fd = open(p->tar, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	folder_write(&p->f, "var/log/airing-2026-11.jsonl", "three\n");
	assert_int_equal(
	    backup_write(&p->root, AT_US, fd, note, seen, &p->sum, p->wrong),
	    0);
	close(fd);
	assert_int_equal(seen[0], seen[1]);
	assert_int_equal(seen[0], p->sum.bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(
		    test_everything_of_a_station_is_in_it_and_nothing_that_passes),
		CASE(
		    test_a_log_line_without_its_end_is_left_for_the_next_backup),
		CASE(test_a_station_that_has_hardly_begun_can_be_saved),
		CASE(test_links_devices_and_odd_names_are_left_out_and_told),
		CASE(test_an_archive_among_the_files_does_not_hold_itself),
		CASE(test_a_disk_that_is_full_is_an_error_in_words),
		CASE(test_progress_runs_to_the_total),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
