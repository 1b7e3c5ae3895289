/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mpeg.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_frame_is_as_long_as_its_head_says(void **state)
{
	static const struct {
		const char *when;
		const char *head;
		size_t bytes;
	} cases[] = {
		{ "128 kbit/s at 44.1 kHz", "\xff\xfb\x90\x64", 417 },
		{ "the same, padded", "\xff\xfb\x92\x64", 418 },
		{ "320 kbit/s at 32 kHz, the longest", "\xff\xfb\xea\x64",
		    1441 },
		{ "MPEG-2: 64 kbit/s at 24 kHz", "\xff\xf3\x84\xc4", 192 },
		{ "MPEG-2.5: 8 kbit/s at 8 kHz", "\xff\xe3\x18\xc4", 72 },
		{ "layer II: 192 kbit/s at 48 kHz", "\xff\xfd\xa4\x04", 576 },
		{ "layer II, MPEG-2: 64 kbit/s at 24 kHz", "\xff\xf5\x84\xc4",
		    384 },
		{ "layer I", "\xff\xff\x90\x64", 0 },
		{ "free format", "\xff\xfb\x00\x64", 0 },
		{ "a bit rate that there is not", "\xff\xfb\xf0\x64", 0 },
		{ "a rate that there is not", "\xff\xfb\x9c\x64", 0 },
		{ "a version that there is not", "\xff\xeb\x90\x64", 0 },
		{ "AAC in ADTS", "\xff\xf1\x50\x80", 0 },
		{ "no sync", "\xfe\xfb\x90\x64", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n =
		    mpeg_frame_bytes((const unsigned char *)cases[i].head);

		if (n != cases[i].bytes)
			fail_msg("%s: %zu bytes", cases[i].when, n);
	}
}

static void
a_tag_is_ten_bytes_longer_than_it_says_or_twenty(void **state)
{
	(void)state;
	assert_int_equal(mpeg_id3_bytes((const unsigned char *)"ID3\4\0\0\0\0"
							       "\2\1"),
	    10 + 257);
	assert_int_equal(mpeg_id3_bytes((const unsigned char *)"ID3\4\0\x10\0"
							       "\0\2\1"),
	    20 + 257);
	assert_int_equal(
	    mpeg_id3_bytes((const unsigned char *)"ID3\4\0\0\xff\xff\xff\xff"),
	    10 + 0x0fffffff);
	assert_int_equal(
	    mpeg_id3_bytes((const unsigned char *)"TAG\4\0\0\0\0\2\1"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_as_long_as_its_head_says),
		cmocka_unit_test(
		    a_tag_is_ten_bytes_longer_than_it_says_or_twenty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
