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

#include "scheduler/library.h"
#include "tests/fakes/folder.h"

#define SHA "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
#define RECORD(id) \
	"{\"id\":\"" id "\",\"title\":\"Nhạc hiệu\",\"segment\":\"\"," \
	"\"language\":\"vi\",\"sha256\":\"" SHA "\",\"frames\":1440000," \
	"\"channels\":1,\"lufs\":-23.1,\"peak_db\":-3.4," \
	"\"added_utc\":\"2026-11-20T01:00:00Z\",\"source_name\":\"a.mp3\"," \
	"\"source_sha256\":\"" SHA "\",\"warnings\":[],\"marks\":[]}"

static int
setup(void **state)
{
	static struct folder f;

	folder_make(&f);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	folder_remove(*state);
	return 0;
}

static void
test_an_item_comes_with_its_record_and_its_sound(void **state)
{
	struct folder *f = *state;
	struct library *lib;
	struct item *it;
	char bytes[8] = "";
	int fd;

	folder_write(f, "nhac.json", RECORD("nhac"));
	folder_write(f, "nhac.flac", "sound");
	assert_int_equal(library_folder(f->path, &lib), 0);
	assert_int_equal(lib->open(lib, "nhac", 0, &it, &fd), 0);
	assert_string_equal(it->title, "Nhạc hiệu");
	assert_int_equal(it->frames, 1440000);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "sound");
	close(fd);
	item_free(it);
	assert_null(library_close(lib));
	assert_null(library_close(NULL));
}

/* What lies at nhac.json and nhac.flac, and what is said of it. */
enum thing { NOTHING, TEXT, FOLDER, FIFO, LINK_TO_NOTHING, LOOP };

static void
put(const struct folder *f, const char *name, enum thing thing,
    const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	switch (thing) {
	case NOTHING:
		return;
	case TEXT:
		folder_write(f, name, text);
		return;
	case FOLDER:
		assert_int_equal(mkdir(path, 0700), 0);
		return;
	case FIFO:
		assert_int_equal(mkfifo(path, 0600), 0);
		return;
	case LINK_TO_NOTHING:
		assert_int_equal(symlink("gone", path), 0);
		return;
	case LOOP:
		assert_int_equal(symlink(name, path), 0);
		return;
	}
}

static void
test_whatever_lies_there_gets_a_reason_and_never_hangs(void **state)
{
	static const struct {
		const char *when;
		enum thing record;
		const char *text;
		enum thing sound;
		int wanted;
	} rows[] = {
		{ "nothing at all", NOTHING, NULL, NOTHING, -ENOENT },
		{ "a sound without a record", NOTHING, NULL, TEXT, -ENOENT },
		{ "a record without a sound", TEXT, RECORD("nhac"), NOTHING,
		    -ENOENT },
		{ "a sound that is a folder", TEXT, RECORD("nhac"), FOLDER,
		    -EINVAL },
		{ "a sound that is a FIFO nobody writes to", TEXT,
		    RECORD("nhac"), FIFO, -EINVAL },
		{ "a sound that is a link to nothing", TEXT, RECORD("nhac"),
		    LINK_TO_NOTHING, -ENOENT },
		{ "a sound that is a link to itself", TEXT, RECORD("nhac"),
		    LOOP, -ELOOP },
		{ "a record that is a folder", FOLDER, NULL, TEXT, -EINVAL },
		{ "a record that is a FIFO", FIFO, NULL, TEXT, -EINVAL },
		{ "an empty record", TEXT, "", TEXT, -EINVAL },
		{ "half a record", TEXT, "{\"id\":\"nhac\",", TEXT, -EINVAL },
		{ "a record that is a list", TEXT, "[]", TEXT, -EINVAL },
		{ "a record that names another id", TEXT, RECORD("khac"), TEXT,
		    -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct folder f;
		struct library *lib;
		struct item *it = NULL;
		int fd = -7;
		int r;

		folder_make(&f);
		put(&f, "nhac.json", rows[i].record, rows[i].text);
		put(&f, "nhac.flac", rows[i].sound, "sound");
		assert_int_equal(library_folder(f.path, &lib), 0);
		r = lib->open(lib, "nhac", 0, &it, &fd);
		if (r != rows[i].wanted || it != NULL || fd != -7)
			fail_msg("%s: %d, wanted %d", rows[i].when, r,
			    rows[i].wanted);
		library_close(lib);
		folder_remove(&f);
	}
}

static void
test_unreadable_files_say_so(void **state)
{
	struct folder *f = *state;
	struct library *lib;
	struct item *it;
	char path[256];
	int fd;
	int r;

	folder_write(f, "nhac.json", RECORD("nhac"));
	folder_write(f, "nhac.flac", "sound");
	snprintf(path, sizeof(path), "%s/nhac.flac", f->path);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(library_folder(f->path, &lib), 0);
	/* Root reads everything: then be somebody else for this. */
	if (geteuid() == 0) {
		assert_int_equal(chmod(f->path, 0755), 0);
		assert_int_equal(seteuid(65534), 0);
		r = lib->open(lib, "nhac", 0, &it, &fd);
		assert_int_equal(seteuid(0), 0);
	} else {
		r = lib->open(lib, "nhac", 0, &it, &fd);
	}
	assert_int_equal(r, -EACCES);
	library_close(lib);
}

static void
test_a_name_that_is_no_id_is_not_looked_for(void **state)
{
	static const char *const names[] = { "", "../etc/passwd", "a/b", "A",
		"-x", ".", "nhạc" };
	struct folder *f = *state;
	struct library *lib;

	assert_int_equal(library_folder(f->path, &lib), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct item *it;
		int fd;

		if (lib->open(lib, names[i], 0, &it, &fd) != -ENOENT)
			fail_msg("opened \"%s\"", names[i]);
	}
	library_close(lib);
}

static void
test_assumed_items_are_as_long_as_wished_and_keep_their_hash(void **state)
{
	struct library *lib;
	struct item *a;
	struct item *again;
	struct item *b;
	int fd = 7;

	(void)state;
	assert_int_equal(library_assume(&lib), 0);
	assert_int_equal(lib->open(lib, "a", 48000, &a, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(lib->open(lib, "a", 96000, &again, &fd), 0);
	assert_int_equal(lib->open(lib, "b", 48000, &b, &fd), 0);
	assert_int_equal(a->frames, 48000);
	assert_int_equal(again->frames, 96000);
	assert_string_equal(a->id, "a");
	assert_string_equal(a->sha256, again->sha256);
	assert_string_not_equal(a->sha256, b->sha256);
	assert_true(hash_is_hex(a->sha256));
	item_free(a);
	item_free(again);
	item_free(b);
	library_close(lib);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_an_item_comes_with_its_record_and_its_sound),
		cmocka_unit_test(
		    test_whatever_lies_there_gets_a_reason_and_never_hangs),
		CASE(test_unreadable_files_say_so),
		CASE(test_a_name_that_is_no_id_is_not_looked_for),
		cmocka_unit_test(
		    test_assumed_items_are_as_long_as_wished_and_keep_their_hash),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
