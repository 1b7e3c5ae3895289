/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/disk.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The linker takes these before the C library's: a sync that fails so many
 * times, and a disk that does not have what was written to it. */
static int failing_syncs, failing_folder_syncs, folder_syncs;
static bool forgetful;

int
fdatasync(int fd)
{
	if (failing_syncs > 0 && failing_syncs-- > 0) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		folder_syncs++;
		if (failing_folder_syncs > 0 && failing_folder_syncs-- > 0) {
			errno = EIO;
			return -1;
		}
	}
	return (int)syscall(SYS_fsync, fd);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t got = syscall(SYS_pread64, fd, p, n, at);

	if (forgetful && got > 0)
		*(char *)p ^= 1;
	return got;
}

/* Every promise of disk.h is kept by the folder and by the one in memory. */
enum make { FOLDER, MEMORY, MAKES };
static const char *const make_words[] = { "folder", "memory" };

static char folder[] = "/tmp/loaxa-disk-XXXXXX";

static void
empty_folder(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static int
setup(void **state)
{
	*state = mkdtemp(folder);
	return *state == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	empty_folder();
	return rmdir(folder);
}

static struct disk *
made(enum make make)
{
	struct disk *d;

	empty_folder();
	if (make == FOLDER)
		assert_int_equal(disk_open(folder, &d), 0);
	else
		assert_int_equal(disk_memory(&d), 0);
	return d;
}

static void
assert_holds(enum make make, struct disk *d, const char *name, const char *want)
{
	char *bytes;
	size_t n;

	assert_int_equal(d->read(d, name, &bytes, &n), 0);
	if (strcmp(bytes, want) != 0 || n != strlen(want))
		fail_msg("%s: %s holds \"%s\", wanted \"%s\"", make_words[make],
		    name, bytes, want);
	free(bytes);
}

static const char *
disk_path(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static uid_t
owner(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(disk_path(name), &st), 0);
	return st.st_uid;
}

static void
test_what_root_makes_is_the_folders_owners(void **state)
{
	struct disk *d;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	d = made(FOLDER);
	assert_int_equal(d->append(d, "roots", 0, "x", 1), 0);
	assert_int_equal(owner("roots"), 0);
	assert_int_equal(chown(folder, 61234, 61235), 0);
	assert_int_equal(d->append(d, "log", 0, "x", 1), 0);
	assert_int_equal(owner("log"), 61234);
	assert_int_equal(d->replace(d, "people", "x", 1, true), 0);
	assert_int_equal(owner("people"), 61234);
	/* What holds something was there before: not ours to give away. */
	fd = open(disk_path("roots"), O_RDWR | O_CLOEXEC);
	disk_own_path(fd, disk_path("roots"));
	close(fd);
	assert_int_equal(owner("roots"), 0);
	/* No way out of the folder: its owner could lay a link there. */
	assert_int_equal(symlink("/tmp/loaxa-not-there", disk_path("link")), 0);
	assert_int_equal(d->append(d, "link", 0, "x", 1), -ELOOP);
	assert_int_equal(d->replace(d, "link", "x", 1, true), 0);
	assert_int_equal(access("/tmp/loaxa-not-there", F_OK), -1);
	disk_close(d);
	assert_int_equal(chown(folder, 0, 0), 0);
}

static void
test_appended_bytes_follow_each_other(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		assert_int_equal(d->append(d, "a", 0, "one ", 4), 0);
		assert_int_equal(d->append(d, "a", 4, "two", 3), 0);
		assert_int_equal(d->sync(d, "a"), 0);
		assert_holds(m, d, "a", "one two");
		disk_close(d);
	}
}

static void
test_bytes_beyond_the_offset_are_cut_first(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		d->append(d, "a", 0, "one half-written", 16);
		assert_int_equal(d->append(d, "a", 4, "two", 3), 0);
		assert_holds(m, d, "a", "one two");
		assert_int_equal(d->append(d, "a", 3, "", 0), 0);
		assert_holds(m, d, "a", "one");
		assert_int_equal(d->append(d, "a", 0, "new", 3), 0);
		assert_holds(m, d, "a", "new");
		disk_close(d);
	}
}

static void
test_a_hole_is_never_left(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		d->append(d, "a", 0, "one", 3);
		assert_int_equal(d->append(d, "a", 4, "x", 1), -ESPIPE);
		assert_holds(m, d, "a", "one");
		disk_close(d);
	}
}

static void
test_two_files_may_be_written_in_turn(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		assert_int_equal(d->append(d, "a", 0, "1", 1), 0);
		assert_int_equal(d->sync(d, "a"), 0);
		assert_int_equal(d->append(d, "b", 0, "2", 1), 0);
		assert_int_equal(d->sync(d, "b"), 0);
		assert_int_equal(d->append(d, "a", 1, "3", 1), 0);
		assert_int_equal(d->sync(d, "a"), 0);
		assert_holds(m, d, "a", "13");
		assert_holds(m, d, "b", "2");
		disk_close(d);
	}
}

static void
test_a_file_never_appended_to_cannot_be_synced(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		assert_int_equal(d->sync(d, "a"), -EBADF);
		disk_close(d);
	}
}

static void
test_a_small_file_is_replaced_as_a_whole(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++)
		for (int durable = 0; durable < 2; durable++) {
			struct disk *d = made(m);

			assert_int_equal(
			    d->replace(d, "alive", "long text", 9, durable), 0);
			assert_int_equal(
			    d->replace(d, "alive", "x", 1, durable), 0);
			assert_holds(m, d, "alive", "x");
			disk_close(d);
		}
}

static void
test_a_file_that_is_not_there_is_enoent(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);
		char *bytes = (char *)1;
		size_t n = 99;

		assert_int_equal(d->read(d, "a", &bytes, &n), -ENOENT);
		assert_ptr_equal(bytes, (char *)1);
		assert_int_equal(n, 99);
		disk_close(d);
	}
}

static int
tell(void *arg, const char *name)
{
	strcat(arg, name);
	strcat(arg, " ");
	return strcmp(name, "stop") == 0 ? 7 : 0;
}

/* Nothing that lies there hangs the daemon. */
static void
test_what_is_no_file_is_not_read(void **state)
{
	struct disk *d = made(FOLDER);
	char path[300];
	char *bytes = NULL;
	size_t n;

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(d->read(d, "fifo", &bytes, &n), -ENODEV);
	snprintf(path, sizeof(path), "%s/zeros", folder);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(d->read(d, "zeros", &bytes, &n), -ENODEV);
	snprintf(path, sizeof(path), "%s/folder", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(d->read(d, "folder", &bytes, &n), -EISDIR);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/huge", folder);
	assert_int_equal(d->append(d, "huge", 0, "a", 1), 0);
	assert_int_equal(truncate(path, INT64_C(20) << 30), 0);
	assert_int_equal(d->read(d, "huge", &bytes, &n), -EFBIG);
	assert_null(bytes);
	disk_close(d);
}

static void
test_names_come_in_byte_order_and_a_walk_can_stop(void **state)
{
	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);
		char names[64] = "";

		for (const char *p = "cabB"; *p != '\0'; p++)
			d->append(d, (char[2]){ *p, '\0' }, 0, "", 0);
		assert_int_equal(d->each(d, tell, names), 0);
		assert_string_equal(names, "B a b c ");
		names[0] = '\0';
		d->append(d, "stop", 0, "", 0);
		d->append(d, "zz", 0, "", 0);
		assert_int_equal(d->each(d, tell, names), 7);
		assert_string_equal(names, "B a b c stop ");
		disk_close(d);
	}
}

static void
test_names_that_leave_the_folder_are_refused(void **state)
{
	static const char *const names[] = { "", "a/b", "/etc/passwd", "../x" };
	char *bytes;
	size_t n;

	(void)state;
	for (enum make m = 0; m < MAKES; m++) {
		struct disk *d = made(m);

		for (size_t i = 0; i < COUNT(names); i++) {
			assert_int_equal(
			    d->append(d, names[i], 0, "x", 1), -EINVAL);
			assert_int_equal(
			    d->replace(d, names[i], "x", 1, 1), -EINVAL);
			assert_true(d->read(d, names[i], &bytes, &n) < 0);
		}
		disk_close(d);
	}
}

static void
test_the_folder_is_made_and_kept_over_a_close(void **state)
{
	char sub[64];
	struct disk *d;
	struct stat st;

	(void)state;
	empty_folder();
	snprintf(sub, sizeof(sub), "%s/log", folder);
	assert_int_equal(disk_open(sub, &d), 0);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 07007, 0);
	d->append(d, "a", 0, "kept", 4);
	d->sync(d, "a");
	assert_null(disk_close(d));
	assert_int_equal(disk_open(sub, &d), 0);
	assert_holds(FOLDER, d, "a", "kept");
	assert_int_equal(d->append(d, "a", 4, "!", 1), 0);
	assert_holds(FOLDER, d, "a", "kept!");
	disk_close(d);
	snprintf(sub, sizeof(sub), "%s/log/a", folder);
	assert_int_equal(disk_open(sub, &d), -ENOTDIR);
	unlink(sub);
	snprintf(sub, sizeof(sub), "%s/log", folder);
	rmdir(sub);
	assert_int_equal(disk_open("/nowhere/at/all", &d), -ENOENT);
	assert_null(disk_close(NULL));
}

static void
test_a_replacement_that_fails_leaves_the_old_file_and_no_temporary(void **state)
{
	struct rlimit old;
	struct rlimit tiny;
	struct disk *d = made(FOLDER);
	char names[64] = "";
	char big[5000] = "";

	(void)state;
	assert_int_equal(d->replace(d, "alive", "old", 3, 1), 0);
	/* A limit on file size stands in for a full disk (EFBIG). */
	getrlimit(RLIMIT_FSIZE, &old);
	tiny = old;
	tiny.rlim_cur = 1000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tiny);
	assert_int_equal(d->replace(d, "alive", big, sizeof(big), 1), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_holds(FOLDER, d, "alive", "old");
	d->each(d, tell, names);
	assert_string_equal(names, "alive ");
	disk_close(d);
}

static void
test_a_write_cut_short_is_an_error_and_can_be_written_again(void **state)
{
	struct rlimit old;
	struct rlimit tiny;
	struct disk *d = made(FOLDER);
	char big[5000];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	tiny = old;
	tiny.rlim_cur = 1000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tiny);
	assert_int_equal(d->append(d, "a", 3, big, sizeof(big)), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(d->append(d, "a", 3, " two", 4), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	assert_holds(FOLDER, d, "a", "one two");
	disk_close(d);
}

/* A crash before the folder's sync takes the name, and the log with it. */
static void
test_a_new_files_name_is_synced_until_that_succeeds(void **state)
{
	struct disk *d = made(FOLDER);

	(void)state;
	folder_syncs = 0;
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	failing_folder_syncs = 2;
	assert_int_equal(d->sync(d, "a"), -EIO);
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	assert_int_equal(d->sync(d, "a"), -EIO);
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	assert_int_equal(folder_syncs, 3);
	assert_int_equal(d->append(d, "a", 3, "two", 3), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	assert_int_equal(folder_syncs, 3);
	assert_holds(FOLDER, d, "a", "onetwo");
	disk_close(d);
}

/* An error is final: the kernel may call clean what the disk never got. */
static void
test_after_an_error_only_the_disk_itself_is_believed(void **state)
{
	struct disk *d = made(FOLDER);

	(void)state;
	assert_int_equal(d->append(d, "a", 0, "one", 3), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	assert_int_equal(d->append(d, "a", 3, "two", 3), 0);
	failing_syncs = 1;
	assert_int_equal(d->sync(d, "a"), -EIO);
	assert_int_equal(d->sync(d, "a"), -EBADF); /* not without the bytes */
	forgetful = true;
	assert_int_equal(d->append(d, "a", 3, "two", 3), 0);
	assert_int_equal(d->sync(d, "a"), -EBADMSG);
	forgetful = false;
	assert_int_equal(d->append(d, "a", 3, "two", 3), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	/* From here on it is believed again. */
	forgetful = true;
	assert_int_equal(d->append(d, "a", 6, "three", 5), 0);
	assert_int_equal(d->sync(d, "a"), 0);
	forgetful = false;
	assert_holds(FOLDER, d, "a", "onetwothree");
	disk_close(d);
}

static void
test_held_room_is_the_files_and_is_given_back(void **state)
{
	struct disk *d = made(FOLDER);
	int64_t before = d->room(d);
	char path[64];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/a", folder);
	assert_true(before > 0);
	assert_int_equal(disk_room(folder) > 0, 1);
	assert_int_equal(d->hold(d, "a", 1 << 20), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	assert_true(st.st_blocks * 512 >= 1 << 20);
	assert_int_equal(d->hold(d, "a", 1 << 16), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1 << 16);
	assert_int_equal(d->hold(d, "a", 0), 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(d->hold(d, "a", 0), 0);
	assert_int_equal(d->hold(d, "a/b", 1), -EINVAL);
	disk_close(d);
}

/* A limit on the size of files stands for a disk that has no more. */
static void
test_what_cannot_be_held_leaves_no_file(void **state)
{
	struct disk *d = made(FOLDER);
	struct rlimit was, small;
	char path[64];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/a", folder);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(d->hold(d, "a", 1 << 20), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(stat(path, &st), -1);
	disk_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_new_files_name_is_synced_until_that_succeeds),
		cmocka_unit_test(
		    test_after_an_error_only_the_disk_itself_is_believed),
		cmocka_unit_test(test_held_room_is_the_files_and_is_given_back),
		cmocka_unit_test(test_what_cannot_be_held_leaves_no_file),
		cmocka_unit_test(test_what_root_makes_is_the_folders_owners),
		cmocka_unit_test(test_appended_bytes_follow_each_other),
		cmocka_unit_test(test_bytes_beyond_the_offset_are_cut_first),
		cmocka_unit_test(test_a_hole_is_never_left),
		cmocka_unit_test(test_two_files_may_be_written_in_turn),
		cmocka_unit_test(
		    test_a_file_never_appended_to_cannot_be_synced),
		cmocka_unit_test(test_a_small_file_is_replaced_as_a_whole),
		cmocka_unit_test(test_a_file_that_is_not_there_is_enoent),
		cmocka_unit_test(test_what_is_no_file_is_not_read),
		cmocka_unit_test(
		    test_names_come_in_byte_order_and_a_walk_can_stop),
		cmocka_unit_test(test_names_that_leave_the_folder_are_refused),
		cmocka_unit_test(test_the_folder_is_made_and_kept_over_a_close),
		cmocka_unit_test(
		    test_a_replacement_that_fails_leaves_the_old_file_and_no_temporary),
		cmocka_unit_test(
		    test_a_write_cut_short_is_an_error_and_can_be_written_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
