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

#include "base/hash.h"
#include "ctl/restore.h"
#include "evidence/ledger.h"
#include "tests/fakes/fake_log.h"
#include "tests/fakes/folder.h"

#define AT_US INT64_C(1795276032000000)
#define BOOT "6f1c0f3e-0000-4000-8000-000000000001"

struct place {
	struct folder from; /* the old computer */
	struct folder to; /* the new one */
	struct root root; /* of the new one */
	char tar[128];
	char wrong[BACKUP_WORDS];
	struct restore how;
	struct restored sum;
};

static void
write_log(const struct folder *f)
{
	struct fake_log l;
	struct disk *disk;
	char path[128];

	folder_write(f, "var/people", "people");
	snprintf(path, sizeof(path), "%s/var/log", f->path);
	assert_int_equal(disk_open(path, &disk), 0);
	fake_log_init(&l, disk);
	fake_log_add(&l, KIND_BOOT, "{}", NULL);
	fake_log_add(&l, KIND_OP, "{\"op\": \"reload\"}", NULL);
	fake_log_free(&l);
}

static void
back_up(struct place *p, const struct folder *f)
{
	struct backup_sum sum;
	struct root root;
	int fd = open(p->tar, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(root_find(f->path, &root), 0);
	if (backup_write(&root, AT_US, fd, NULL, NULL, &sum, p->wrong) < 0)
		fail_msg("%s", p->wrong);
	close(fd);
}

static int
setup(void **state)
{
	static struct place p;

	memset(&p, 0, sizeof(p));
	folder_make(&p.from);
	folder_make(&p.to);
	snprintf(p.tar, sizeof(p.tar), "%s/b.tar", p.from.path);
	folder_write(&p.from, "etc/loaxa.conf", "hours = ();\n");
	folder_write(&p.from, "schedules/que-minh/2026-W48.cfg", "week\n");
	folder_write(&p.from, "audio/items/nhạc.flac", "sound");
	folder_write(&p.from, "var/revisions/abc/que-minh.cfg", "old");
	write_log(&p.from);
	back_up(&p, &p.from);
	assert_int_equal(root_find(p.to.path, &p.root), 0);
	p.how = (struct restore){ .root = &p.root,
		.now = { .wall_us = AT_US + US_PER_DAY, .boot_us = 5 },
		.boot_id = BOOT };
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	folder_remove(&p->from);
	folder_remove(&p->to);
	return 0;
}

static int
run(struct place *p)
{
	int fd = open(p->tar, O_RDONLY | O_CLOEXEC);
	int r;

	assert_true(fd >= 0);
	r = restore_run(fd, &p->how, &p->sum, p->wrong);
	close(fd);
	return r;
}

static int
check(struct place *p)
{
	int fd = open(p->tar, O_RDONLY | O_CLOEXEC);
	int r = restore_check(fd, NULL, NULL, &p->sum, p->wrong);

	close(fd);
	return r;
}

static bool
is_there(const struct place *p, const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", p->to.path, name);
	return lstat(path, &st) == 0;
}

static void
expect_file(const struct place *p, const char *name, const char *text)
{
	char path[512];
	char *found;

	snprintf(path, sizeof(path), "%s/%s", p->to.path, name);
	found = folder_slurp(path, NULL);
	assert_string_equal(found, text);
	free(found);
}

/* Nothing of the backup, and nothing half-done, lies there. */
static void
expect_untouched(const char *when, const struct place *p)
{
	static const char *const names[] = { "etc", "schedules", "audio/items",
		"var/log", "var/people", "var/revisions", "etc.restoring",
		"schedules.restoring", "audio/items.restoring",
		"var/log.restoring", "var/people.restoring",
		"var/revisions.restoring" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_there(p, names[i]))
			fail_msg("%s: %s is there", when, names[i]);
}

static void
test_a_new_computer_has_it_all_and_a_new_epoch(void **state)
{
	struct place *p = *state;
	char path[512];
	char *log;

	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	expect_file(p, "etc/loaxa.conf", "hours = ();\n");
	expect_file(p, "schedules/que-minh/2026-W48.cfg", "week\n");
	expect_file(p, "audio/items/nhạc.flac", "sound");
	expect_file(p, "var/people", "people");
	expect_file(p, "var/revisions/abc/que-minh.cfg", "old");
	snprintf(
	    path, sizeof(path), "%s/var/log/airing-2026-11.jsonl", p->to.path);
	log = folder_slurp(path, NULL);
	assert_non_null(strstr(log, "\"kind\":\"epoch\",\"seq\":2,"));
	assert_non_null(strstr(log, "\"reason\":\"restore\""));
	assert_non_null(strstr(log, "\"records\":2"));
	free(log);
	assert_int_equal(p->sum.records, 2);
	assert_int_equal(p->sum.files, 6);
	assert_int_equal(p->sum.last_us, fake_us("2026-11-26 05:00:00"));
	assert_string_equal(p->sum.aside, "");
}

static void
test_data_that_is_there_is_never_written_over(void **state)
{
	static const char *const names[] = { "etc/loaxa.conf",
		"schedules/a.cfg", "audio/items/a.flac",
		"var/log/airing-2026-11.jsonl", "var/people",
		"var/revisions/a/b" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		folder_remove(&p->to);
		folder_make(&p->to);
		assert_int_equal(root_find(p->to.path, &p->root), 0);
		folder_write(&p->to, names[i], "mine");
		if (run(p) != -EEXIST)
			fail_msg("%s was not seen", names[i]);
		assert_non_null(strstr(p->wrong, "--replace"));
		expect_file(p, names[i], "mine");
	}
}

static void
test_empty_folders_and_a_lock_are_nobodys_data(void **state)
{
	struct place *p = *state;

	folder_write(&p->to, "var/log/lock", "");
	folder_write(&p->to, "schedules/.keep", "");
	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	expect_file(p, "schedules/que-minh/2026-W48.cfg", "week\n");
}

static void
test_what_is_replaced_is_kept_beside(void **state)
{
	struct place *p = *state;

	folder_write(&p->to, "schedules/mine.cfg", "mine");
	folder_write(&p->to, "var/index.db", "of the old log");
	p->how.replace = true;
	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	assert_string_equal(p->sum.aside, ".before-1795362432");
	expect_file(p, "schedules.before-1795362432/mine.cfg", "mine");
	expect_file(p, "var/index.db.before-1795362432", "of the old log");
	assert_false(is_there(p, "schedules/mine.cfg"));
	assert_false(is_there(p, "var/index.db"));
	expect_file(p, "schedules/que-minh/2026-W48.cfg", "week\n");
}

static void
test_a_log_in_use_is_not_replaced(void **state)
{
	struct place *p = *state;
	char path[128];
	int lock;

	snprintf(path, sizeof(path), "%s/var/log", p->to.path);
	folder_write(&p->to, "var/log/lock", "");
	lock = ledger_lock(path);
	assert_true(lock >= 0);
	p->how.replace = true;
	assert_int_equal(run(p), -EBUSY);
	assert_non_null(strstr(p->wrong, "stop it first"));
	assert_false(is_there(p, "etc"));
	close(lock);
}

/* While the first one unpacks, where no log is yet. */
static void
intrude(void *arg, int64_t done, int64_t all)
{
	struct place *p = arg;
	struct place other = *p;

	(void)done;
	(void)all;
	other.how.progress = NULL;
	assert_int_equal(run(&other), -EBUSY);
	assert_non_null(strstr(other.wrong, "at work here"));
	assert_int_equal(ledger_lock(p->root.log), -EWOULDBLOCK);
}

static void
test_two_at_once_do_not_mix_and_no_daemon_begins_meanwhile(void **state)
{
	struct place *p = *state;

	p->how.progress = intrude;
	p->how.arg = p;
	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	expect_file(p, "var/people", "people");
	expect_file(p, "schedules/que-minh/2026-W48.cfg", "week\n");
}

/* Cut at every block, and then in its last one. */
static void
test_a_truncated_archive_is_refused_wherever_it_was_cut(void **state)
{
	struct place *p = *state;
	size_t n;
	char *bytes = folder_slurp(p->tar, &n);
	size_t end = n;

	while (end > 0 && bytes[end - 1] == '\0')
		end--; /* what follows is padding */
	for (size_t cut = 0; cut < end; cut += cut + 512 < end ? 512 : 100) {
		char when[64];

		folder_write_bytes(&p->from, "b.tar", bytes, cut);
		snprintf(when, sizeof(when), "cut after %zu bytes", cut);
		if (run(p) != -EBADMSG)
			fail_msg("%s was restored", when);
		expect_untouched(when, p);
		assert_int_equal(check(p), -EBADMSG);
	}
	free(bytes);
}

/* No byte of a file can change unseen. */
static void
test_a_changed_byte_is_found(void **state)
{
	static const char *const texts[] = { "sound", "week\n",
		"hours = ", "people", "\"kind\":\"boot\"" };
	struct place *p = *state;
	size_t n;
	char *bytes = folder_slurp(p->tar, &n);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *at = memmem(bytes, n, texts[i], strlen(texts[i]));

		assert_non_null(at);
		at[1] ^= 1;
		folder_write_bytes(&p->from, "b.tar", bytes, n);
		at[1] ^= 1;
		if (run(p) != -EBADMSG)
			fail_msg("%s: not found", texts[i]);
		expect_untouched(texts[i], p);
	}
	free(bytes);
}

static void
test_what_is_no_backup_is_refused(void **state)
{
	static const struct {
		const char *when;
		const char *bytes;
	} rows[] = {
		{ "an empty file", "" },
		{ "a text", "station = \"que-minh\";\n" },
		{ "a picture", "\x89PNG\r\n\x1a\n" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		folder_write(&p->from, "b.tar", rows[i].bytes);
		if (run(p) != -EBADMSG ||
		    strstr(p->wrong, "no backup made by") == NULL)
			fail_msg("%s: %s", rows[i].when, p->wrong);
		expect_untouched(rows[i].when, p);
	}
}

/* ---- archives that somebody made with another intent ---- */

struct forged {
	const char *when;
	const char *name;
	mode_t type;
	const char *link; /* soft, or hard where type is AE_IFREG */
};

static void
forge_entry(struct archive *a, const struct forged *f, const char *text)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, f->name);
	archive_entry_set_filetype(e, f->type);
	archive_entry_set_perm(e, 04777);
	archive_entry_set_size(
	    e, f->type == AE_IFREG && f->link == NULL ? (int)strlen(text) : 0);
	if (f->link != NULL && f->type == AE_IFREG)
		archive_entry_set_hardlink(e, f->link);
	else if (f->link != NULL)
		archive_entry_set_symlink(e, f->link);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	if (f->type == AE_IFREG && f->link == NULL)
		archive_write_data(a, text, strlen(text));
	archive_entry_free(e);
}

/* A backup with one more entry, and a manifest that vouches for all. */
static void
forge(struct place *p, const struct forged *f, int times)
{
	static const char head[] = "{\"format\":\"loaxa-backup\",\"v\":1,"
				   "\"utc\":\"2026-11-21T15:47:11.000000Z\"}";
	struct archive *a = archive_write_new();
	char manifest[2048];
	char hex[HASH_HEX];
	int n;

	archive_write_set_format_pax_restricted(a);
	archive_write_open_filename(a, p->tar);
	hash_bytes(head, strlen(head), hex);
	n = snprintf(manifest, sizeof(manifest), "%s  %s\n", hex, BACKUP_HEAD);
	forge_entry(
	    a, &(struct forged){ "", BACKUP_HEAD, AE_IFREG, NULL }, head);
	for (int i = 0; i < times; i++) {
		forge_entry(a, f, "x");
		hash_bytes("x", f->link == NULL, hex);
		n += snprintf(manifest + n, sizeof(manifest) - (size_t)n,
		    "%s  %s\n", hex, f->name);
	}
	forge_entry(a, &(struct forged){ "", BACKUP_MANIFEST, AE_IFREG, NULL },
	    manifest);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static void
test_tricks_in_an_archive_are_refused(void **state)
{
	static const struct forged rows[] = {
		{ "a way out", "schedules/../../out", AE_IFREG, NULL },
		{ "a way out at once", "../out", AE_IFREG, NULL },
		{ "an absolute name", "/tmp/out", AE_IFREG, NULL },
		{ "no part of a station", "run/control.sock", AE_IFREG, NULL },
		{ "a part's name alone", "schedules", AE_IFREG, NULL },
		{ "a file that begins as a part", "etcetera/x", AE_IFREG,
		    NULL },
		{ "a part that is a file", "var/people/x", AE_IFREG, NULL },
		{ "an empty folder name", "etc//x", AE_IFREG, NULL },
		{ "a dot", "etc/./x", AE_IFREG, NULL },
		{ "a folder", "schedules/sub", AE_IFDIR, NULL },
		{ "a soft link", "schedules/a.cfg", AE_IFLNK, "/etc/passwd" },
		{ "a hard link", "schedules/a.cfg", AE_IFREG, "etc/b" },
		{ "a pipe", "schedules/a.cfg", AE_IFIFO, NULL },
		{ "a device", "schedules/a.cfg", AE_IFCHR, NULL },
		{ "a line feed in a name", "schedules/a\nb", AE_IFREG, NULL },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forge(p, &rows[i], 1);
		if (run(p) != -EBADMSG || p->wrong[0] == '\0')
			fail_msg("%s: \"%s\"", rows[i].when, p->wrong);
		expect_untouched(rows[i].when, p);
		if (check(p) != -EBADMSG)
			fail_msg("%s: passed by check", rows[i].when);
	}
}

/* Two kilobytes of an archive would fill the disk with nothing. */
static void
test_a_file_with_holes_is_refused(void **state)
{
	static const struct forged f = { "", "etc/x", AE_IFREG, NULL };
	struct place *p = *state;
	char command[512];

	forge(p, &f, 1);
	snprintf(command, sizeof(command),
	    "cd %s && mkdir -p s/etc && tar xf b.tar -C s && "
	    "truncate -s 1T s/etc/x && tar cSf b.tar --format=pax -C s "
	    "%s etc/x %s",
	    p->from.path, BACKUP_HEAD, BACKUP_MANIFEST);
	assert_int_equal(system(command), 0);
	assert_int_equal(check(p), -EBADMSG);
	assert_int_equal(run(p), -EBADMSG);
	expect_untouched("holes", p);
}

static void
test_a_name_twice_is_refused(void **state)
{
	static const struct forged f = { "", "etc/x", AE_IFREG, NULL };
	struct place *p = *state;

	forge(p, &f, 2);
	assert_int_equal(run(p), -EBADMSG);
	expect_untouched("a name twice", p);
}

static void
test_a_forged_archive_that_plays_fair_is_restored_without_its_rights(
    void **state)
{
	static const struct forged f = { "", "etc/x", AE_IFREG, NULL };
	struct place *p = *state;
	char path[256];
	struct stat st;

	forge(p, &f, 1);
	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	snprintf(path, sizeof(path), "%s/etc/x", p->to.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void
test_a_log_that_is_none_is_refused(void **state)
{
	struct place *p = *state;

	folder_write(&p->from, "var/log/airing-2026-11.jsonl", "{}\nno\n");
	back_up(p, &p->from);
	assert_int_equal(run(p), -EBADMSG);
	assert_non_null(strstr(p->wrong, "airing log"));
	expect_untouched("no log", p);
}

static void
test_a_look_writes_nothing(void **state)
{
	struct place *p = *state;

	assert_int_equal(check(p), 0);
	assert_int_equal(p->sum.files, 6);
	assert_int_equal(p->sum.made_us, AT_US);
	expect_untouched("a look", p);
}

static void
test_a_place_that_cannot_be_taken_leaves_the_others_as_they_were(void **state)
{
	struct place *p = *state;

	folder_write(&p->to, "var/people", "mine");
	/* Where the old schedules would go there is a file. */
	folder_write(&p->to, "schedules/mine.cfg", "mine");
	folder_write(&p->to, "schedules.before-1795362432", "other");
	p->how.replace = true;
	assert_true(run(p) < 0);
	expect_file(p, "var/people", "mine");
	expect_file(p, "schedules/mine.cfg", "mine");
	assert_false(is_there(p, "var/people.before-1795362432"));
	assert_false(is_there(p, "var/log"));
	assert_false(is_there(p, "var/log.restoring"));
}

static void
test_a_second_restore_in_the_same_second_keeps_both_old_ones(void **state)
{
	struct place *p = *state;

	folder_write(&p->to, "schedules/mine.cfg", "mine");
	folder_write(&p->to, "schedules.before-1795362432/x", "other");
	p->how.replace = true;
	assert_int_equal(run(p), 0);
	assert_string_equal(p->sum.aside, ".before-1795362433");
	expect_file(p, "schedules.before-1795362432/x", "other");
	expect_file(p, "schedules.before-1795362433/mine.cfg", "mine");
}

static void
test_a_restore_that_was_cut_short_is_told_until_it_is_done(void **state)
{
	struct place *p = *state;

	folder_write(&p->to, "var/restoring", "");
	folder_write(&p->to, "etc/loaxa.conf", "of the backup");
	folder_write(&p->to, "var/log.restoring/x", "half");
	assert_true(root_is_restoring(p->how.root));
	p->how.replace = true;
	if (run(p) < 0)
		fail_msg("%s", p->wrong);
	assert_false(root_is_restoring(p->how.root));
	assert_false(is_there(p, "var/log.restoring"));
	expect_file(p, "schedules/que-minh/2026-W48.cfg", "week\n");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_a_new_computer_has_it_all_and_a_new_epoch),
		CASE(test_data_that_is_there_is_never_written_over),
		CASE(test_empty_folders_and_a_lock_are_nobodys_data),
		CASE(test_what_is_replaced_is_kept_beside),
		CASE(
		    test_a_restore_that_was_cut_short_is_told_until_it_is_done),
		CASE(test_a_log_in_use_is_not_replaced),
		CASE(
		    test_two_at_once_do_not_mix_and_no_daemon_begins_meanwhile),
		CASE(test_a_truncated_archive_is_refused_wherever_it_was_cut),
		CASE(test_a_changed_byte_is_found),
		CASE(test_what_is_no_backup_is_refused),
		CASE(test_tricks_in_an_archive_are_refused),
		CASE(test_a_name_twice_is_refused),
		CASE(test_a_file_with_holes_is_refused),
		CASE(
		    test_a_forged_archive_that_plays_fair_is_restored_without_its_rights),
		CASE(test_a_log_that_is_none_is_refused),
		CASE(test_a_look_writes_nothing),
		CASE(
		    test_a_place_that_cannot_be_taken_leaves_the_others_as_they_were),
		CASE(
		    test_a_second_restore_in_the_same_second_keeps_both_old_ones),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("restore", tests, NULL, NULL);
}
