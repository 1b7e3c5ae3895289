/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intake/sniff.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FRAME 417 /* bytes of 128 kbit/s at 44.1 kHz, no padding */

/* n frames of an MP3 behind `junk` zero bytes, and no more. */
static size_t
make_mpeg(unsigned char *p, size_t junk, int n)
{
	memset(p, 0, junk + (size_t)n * FRAME);
	for (int i = 0; i < n; i++)
		memcpy(p + junk + (size_t)i * FRAME, "\xff\xfb\x90\x64", 4);
	return junk + (size_t)n * FRAME;
}

#define ROW(when, bytes, kind) \
	{ \
		when, bytes, sizeof(bytes) - 1, kind \
	}
static const struct {
	const char *when;
	const char *bytes;
	size_t n;
	enum sniff kind;
} heads[] = {
	ROW("a WAV", "RIFF\x24\0\0\0WAVEfmt ", SNIFF_WAV),
	ROW("a WAV over 4 GB", "RF64\xff\xff\xff\xffWAVEds64", SNIFF_WAV),
	ROW("a FLAC", "fLaC\0\0\0\x22\x10\0\x10\0", SNIFF_FLAC),
	ROW("an MP3 with a tag", "ID3\x04\0\0\0\0\0\x0a....", SNIFF_MP3),
	ROW("Vorbis",
	    "OggS\0\2\0\0\0\0\0\0\0\0serl\0\0\0\0crc_\x01\x1e"
	    "\x01vorbis\0\0\0\0",
	    SNIFF_VORBIS),
	ROW("Opus",
	    "OggS\0\2\0\0\0\0\0\0\0\0serl\0\0\0\0crc_\x01\x13"
	    "OpusHead\x01\x02",
	    SNIFF_OPUS),
	ROW("FLAC in Ogg",
	    "OggS\0\2\0\0\0\0\0\0\0\0serl\0\0\0\0crc_\x01\x33"
	    "\x7f"
	    "FLAC\1\0",
	    SNIFF_OGG),
	ROW("a phone's recording",
	    "\0\0\0\x20"
	    "ftypM4A \0\0\0\0",
	    SNIFF_MP4),
	ROW("an old camera's film", "\0\0\0\x08wide\0\0\0\0mdat", SNIFF_MP4),
	ROW("bare AAC", "\xff\xf1\x50\x80\x02\x1f\xfc...", SNIFF_AAC),
	ROW("an old phone's", "#!AMR\n\x3c\x91\x17\x16\xbe\x66", SNIFF_AMR),
	ROW("Windows Media",
	    "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9"
	    "\x00\xaa",
	    SNIFF_WMA),
	ROW("AIFF", "FORM\0\0\0\0AIFFCOMM", SNIFF_AIFF),
	ROW("WebM", "\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f", SNIFF_MATROSKA),
	ROW("a film", "RIFF\0\0\0\0AVI LIST", SNIFF_AVI),
	ROW("PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", SNIFF_PICTURE),
	ROW("JPEG", "\xff\xd8\xff\xe0\0\x10JFIF\0\1", SNIFF_PICTURE),
	ROW("WebP", "RIFF\0\0\0\0WEBPVP8 ", SNIFF_PICTURE),
	ROW("PDF", "%PDF-1.7\n%....", SNIFF_PDF),
	ROW("a tar.xz",
	    "\xfd"
	    "7zXZ\0\0\x04\xe6\xd6\xb4\x46",
	    SNIFF_ZIP),
	ROW("Word", "PK\x03\x04\x14\0\6\0\x08\0\0\0", SNIFF_ZIP),
	ROW("old Word", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0",
	    SNIFF_OFFICE),
	ROW("a web page", "\r\n <!DOCTYPE HTML><html>", SNIFF_PAGE),
	ROW("a web page with BOM", "\xef\xbb\xbf<html>404</html>", SNIFF_PAGE),
	ROW("text in Vietnamese", "Bản tin hôm nay", SNIFF_TEXT),
	ROW("text cut within a letter", "B\xe1\xba", SNIFF_TEXT),
	ROW("a program",
	    "\x7f"
	    "ELF\2\1\1\0\0\0\0\0",
	    SNIFF_PROGRAM),
	ROW("nothing", "", SNIFF_EMPTY),
	ROW("zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", SNIFF_ZEROS),
	ROW("one zero", "\0", SNIFF_ZEROS),
	ROW("junk", "\x01\x02\xfe\x88\x12\x99\x80\x77\x01\x02\x03\x04",
	    SNIFF_UNKNOWN),
	ROW("half a mark", "fLa", SNIFF_TEXT),
	ROW("a WAVE that is in no RIFF", "ABCD\0\0\0\0WAVEfmt ", SNIFF_UNKNOWN),
};

static void
a_file_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		enum sniff s = sniff_bytes(heads[i].bytes, heads[i].n);

		if (s != heads[i].kind)
			fail_msg("%s: %d, wanted %d", heads[i].when, s,
			    heads[i].kind);
	}
}

static void
an_mp3_without_a_tag_is_known_by_frames_in_a_row(void **state)
{
	unsigned char p[SNIFF_BYTES];
	size_t n;

	(void)state;
	n = make_mpeg(p, 0, 4);
	assert_int_equal(sniff_bytes(p, n), SNIFF_MP3);
	n = make_mpeg(p, 1500, 4);
	assert_int_equal(sniff_bytes(p, n), SNIFF_MP3);
	n = make_mpeg(p, 0, 2);
	assert_int_equal(sniff_bytes(p, n), SNIFF_MP3);
	n = make_mpeg(p, 0, 4);
	p[FRAME] = 0; /* the second is not where it should be */
	p[2 * FRAME] = 0;
	assert_int_equal(sniff_bytes(p, n), SNIFF_UNKNOWN);
}

static void
bytes_of_any_length_and_kind_are_survived(void **state)
{
	unsigned char *p;
	unsigned seed = 1;

	/* Of exactly n bytes, so that the sanitizer sees a step beyond. */
	(void)state;
	for (size_t n = 1; n < 600; n++) {
		p = malloc(n);
		assert_non_null(p);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			p[i] = seed >> 28 == 0 ? 0xff : (seed >> 16) & 0xff;
		}
		assert_true(sniff_bytes(p, n) < SNIFFS);
		memset(p, 0xff, n);
		assert_true(sniff_bytes(p, n) < SNIFFS);
		free(p);
	}
}

static void
every_kind_has_a_name_and_a_remedy(void **state)
{
	(void)state;
	for (int s = 0; s < SNIFFS; s++)
		if (sniff_name((enum sniff)s) == NULL ||
		    sniff_name((enum sniff)s)[0] == '\0' ||
		    sniff_remedy((enum sniff)s)[0] == '\0')
			fail_msg("kind %d", s);
	assert_true(sniff_is_sound(SNIFF_OPUS));
	assert_true(sniff_is_sound(SNIFF_MP4));
	assert_false(sniff_is_sound(SNIFF_MIDI));
	assert_false(sniff_is_sound(SNIFF_ZIP));
	for (int s = 0; s < SNIFF_SOUNDS; s++)
		assert_int_equal(sniff_demuxer(s) == NULL, s < SNIFF_FOREIGN);
	assert_null(sniff_demuxer(SNIFF_TEXT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_known_by_its_first_bytes),
		cmocka_unit_test(
		    an_mp3_without_a_tag_is_known_by_frames_in_a_row),
		cmocka_unit_test(bytes_of_any_length_and_kind_are_survived),
		cmocka_unit_test(every_kind_has_a_name_and_a_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
