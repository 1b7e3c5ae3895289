/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/whole.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* No hand counts the bytes, and the last zero is not C's. */
#define BYTES(b) b, sizeof(b) - 1

static int
file_of(const char *bytes, size_t n)
{
	char path[] = "/tmp/loaxa-whole-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

static bool
is_cut(const char *demuxer, const char *bytes, size_t n)
{
	int fd = file_of(bytes, n);
	bool cut = whole_is_cut(fd, demuxer);

	close(fd);
	return cut;
}

#define ZEROS_20 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
/* With the mark of the last page. */
#define ZEROS_22 "\0\x04" ZEROS_20
#define GUID "0123456789abcdef"

static void
a_file_without_its_last_byte_is_cut_and_whole_with_it(void **state)
{
	static const struct {
		const char *demuxer;
		const char *bytes;
		size_t n;
	} rows[] = {
		{ "mov", BYTES("\0\0\0\x0c"
			       "ftypM4A "
			       "\0\0\0\x0b"
			       "mdat...") },
		{ "mov", BYTES("\0\0\0\x01"
			       "mdat"
			       "\0\0\0\0\0\0\0\x13"
			       "...") },
		{ "avi", BYTES("RIFF\x08\0\0\0AVI ....") },
		{ "aiff", BYTES("FORM\0\0\0\x08"
				"AIFF....") },
		{ "caf", BYTES("caff\0\1\0\0data\0\0\0\0\0\0\0\x04....") },
		{ "asf", BYTES(GUID "\x1c\0\0\0\0\0\0\0...." GUID
				    "\x1a\0\0\0\0\0\0\0..") },
		{ "matroska", BYTES("\x1a\x45\xdf\xa3\x82..\x18\x53\x80\x67"
				    "\x40\x03...") },
		{ "aac", BYTES("\xff\xf1\x50\x80\x01\x1f\xfc.\xff\xf1\x50\x80"
			       "\x01\x3f\xfc..") },
		{ "amr", BYTES("#!AMR\n\x3c...............................") },
		{ "ogg", BYTES("OggS\0\0" ZEROS_20 "\x01\x02.."
			       "OggS" ZEROS_22 "\x02\x02\x01...") },
		{ "amr", BYTES("#!AMR-WB\n\x04.................") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (is_cut(rows[i].demuxer, rows[i].bytes, rows[i].n) ||
		    !is_cut(rows[i].demuxer, rows[i].bytes, rows[i].n - 1))
			fail_msg("row %zu: %s", i, rows[i].demuxer);
}

static void
what_does_not_say_how_long_it_is_is_not_called_cut(void **state)
{
	static const struct {
		const char *when;
		const char *demuxer;
		const char *bytes;
		size_t n;
	} rows[] = {
		{ "the box goes on to the end", "mov",
		    BYTES("\0\0\0\0mdat....") },
		{ "a box with no size", "mov", BYTES("\0\0\0\7mdat....") },
		{ "more than any file has", "mov",
		    BYTES("\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ "a RIFF from a pipe", "avi",
		    BYTES("RIFF\xff\xff\xff\xff"
			  "AVI ") },
		{ "data from a pipe", "caf",
		    BYTES("caff\0\1\0\0data\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ "a live segment", "matroska",
		    BYTES(
			"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff.") },
		{ "a tag behind the frames", "aac",
		    BYTES("\xff\xf1\x50\x80\x01\x1f\xfc.TAG...............") },
		{ "nothing", "mov", BYTES("") },
		{ "a demuxer that is not walked", "lavfi", BYTES("OggS") },
		{ "a tag behind the last page", "ogg",
		    BYTES("OggS" ZEROS_22 "\x01\x04....TAG") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (is_cut(rows[i].demuxer, rows[i].bytes, rows[i].n))
			fail_msg("%s", rows[i].when);
}

static void
junk_is_walked_to_an_end(void **state)
{
	static const char *const demuxers[] = { "aac", "aiff", "amr", "asf",
		"avi", "caf", "matroska", "mov", "ogg" };
	static char junk[200000];
	unsigned seed = 1;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
	fd = file_of(junk, sizeof(junk));
	for (size_t i = 0; i < COUNT(demuxers); i++)
		whole_is_cut(fd, demuxers[i]);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_file_without_its_last_byte_is_cut_and_whole_with_it),
		cmocka_unit_test(
		    what_does_not_say_how_long_it_is_is_not_called_cut),
		cmocka_unit_test(junk_is_walked_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
