/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mpeg.h"
#include "base/text.h"
#include "base/words.h"
#include "intake/sniff.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define JUNK_MAX 2048 /* bytes before the first frame of an MP3 */

/* Bytes at an offset that give a kind away; the first that fits counts. */
static const struct {
	enum sniff kind;
	size_t at;
	const char *bytes;
	size_t n;
} marks[] = {
#define MARK(kind, at, bytes) \
	{ \
		kind, at, bytes, sizeof(bytes) - 1 \
	}
	MARK(SNIFF_WAV, 8, "WAVE"),
	MARK(SNIFF_AVI, 8, "AVI "),
	MARK(SNIFF_PICTURE, 8, "WEBP"),
	MARK(SNIFF_FLAC, 0, "fLaC"),
	MARK(SNIFF_VORBIS, 28, "\x01vorbis"),
	MARK(SNIFF_OPUS, 28, "OpusHead"),
	MARK(SNIFF_OGG, 0, "OggS"),
	MARK(SNIFF_MP3, 0, "ID3"),
	MARK(SNIFF_MP4, 4, "ftyp"),
	MARK(SNIFF_MP4, 4, "moov"), /* QuickTime's, before there was ftyp */
	MARK(SNIFF_MP4, 4, "mdat"),
	MARK(SNIFF_MP4, 4, "wide"),
	MARK(SNIFF_AMR, 0, "#!AMR"),
	MARK(SNIFF_WMA, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
	MARK(SNIFF_AIFF, 8, "AIF"),
	MARK(SNIFF_CAF, 0, "caff"),
	MARK(SNIFF_MATROSKA, 0, "\x1a\x45\xdf\xa3"),
	MARK(SNIFF_MIDI, 0, "MThd"),
	MARK(SNIFF_PICTURE, 0, "\x89PNG"),
	MARK(SNIFF_PICTURE, 0, "\xff\xd8\xff"),
	MARK(SNIFF_PICTURE, 0, "GIF8"),
	MARK(SNIFF_PDF, 0, "%PDF"),
	MARK(SNIFF_ZIP, 0, "PK\x03\x04"),
	MARK(SNIFF_ZIP, 0, "Rar!"),
	MARK(SNIFF_ZIP, 0, "7z\xbc\xaf"),
	MARK(SNIFF_ZIP, 0, "\x1f\x8b"),
	MARK(SNIFF_ZIP, 0, "BZh"),
	MARK(SNIFF_ZIP, 0,
	    "\xfd"
	    "7zXZ"),
	MARK(SNIFF_ZIP, 0, "\x28\xb5\x2f\xfd"), /* zstd */
	MARK(SNIFF_ZIP, 257, "ustar"), /* tar */
	MARK(SNIFF_OFFICE, 0, "\xd0\xcf\x11\xe0"),
	MARK(SNIFF_PROGRAM, 0, "MZ"),
	MARK(SNIFF_PROGRAM, 0,
	    "\x7f"
	    "ELF"),
#undef MARK
};

/* The four bytes that must stand at the start for a mark at offset 8 or 28;
 * none for one far behind. */
static bool
is_container(const unsigned char *p, size_t at)
{
	if (at == 28)
		return memcmp(p, "OggS", 4) == 0;
	if (at > 28)
		return true;
	return memcmp(p, "RIFF", 4) == 0 || memcmp(p, "RF64", 4) == 0 ||
	       memcmp(p, "FORM", 4) == 0;
}

static enum sniff
by_mark(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < COUNT(marks); i++) {
		size_t at = marks[i].at;

		if (n >= at + marks[i].n && n >= 12 &&
		    memcmp(p + at, marks[i].bytes, marks[i].n) == 0 &&
		    (at < 8 || is_container(p, at)))
			return marks[i].kind;
	}
	return SNIFF_UNKNOWN;
}

/* Three frames in a row, each where the one before says: that is no chance. */
static bool
is_mpeg(const unsigned char *p, size_t n)
{
	for (size_t start = 0; start < JUNK_MAX; start++) {
		size_t at = start;
		int frames = 0;

		while (
		    frames < 3 && at + 4 <= n && mpeg_frame_bytes(p + at) > 0) {
			at += mpeg_frame_bytes(p + at);
			frames++;
		}
		/* A short file may end with its second frame. */
		if (frames == 3 || (frames == 2 && at >= n))
			return true;
	}
	return false;
}

static bool
is_page(const unsigned char *p, size_t n)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head",
		"<?xml" };
	size_t at = 0;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < n && strchr(" \t\r\n", p[at]) != NULL && p[at] != '\0')
		at++;
	for (size_t i = 0; i < COUNT(tags); i++)
		if (n - at >= strlen(tags[i]) &&
		    strncasecmp(
			(const char *)p + at, tags[i], strlen(tags[i])) == 0)
			return true;
	return false;
}

static bool
is_text(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] == 0 ||
		    (p[i] < 0x20 && strchr("\t\r\n\f", p[i]) == NULL))
			return false;
	/* A letter may be cut in two where the head ends. */
	for (size_t less = 0; less < 4 && less < n; less++)
		if (text_is_utf8((const char *)p, n - less))
			return true;
	return false;
}

static bool
is_zeros(const unsigned char *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

enum sniff
sniff_bytes(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	enum sniff kind;

	if (n == 0)
		return SNIFF_EMPTY;
	kind = by_mark(p, n);
	if (kind != SNIFF_UNKNOWN)
		return kind;
	if (is_zeros(p, n))
		return SNIFF_ZEROS;
	if (n > 2 && p[0] == 0xff && (p[1] & 0xf6) == 0xf0)
		return SNIFF_AAC;
	if (is_mpeg(p, n))
		return SNIFF_MP3;
	if (is_page(p, n))
		return SNIFF_PAGE;
	return is_text(p, n) ? SNIFF_TEXT : SNIFF_UNKNOWN;
}

const char *
sniff_demuxer(enum sniff s)
{
	static const char *const demuxers[SNIFFS] = {
		[SNIFF_OGG] = "ogg",
		[SNIFF_MP4] = "mov",
		[SNIFF_AAC] = "aac",
		[SNIFF_AMR] = "amr",
		[SNIFF_WMA] = "asf",
		[SNIFF_AIFF] = "aiff",
		[SNIFF_CAF] = "caf",
		[SNIFF_MATROSKA] = "matroska",
		[SNIFF_AVI] = "avi",
	};

	return demuxers[s];
}

const char *
sniff_name(enum sniff s)
{
	static const char *const names[SNIFFS] = {
		[SNIFF_WAV] = "WAV",
		[SNIFF_FLAC] = "FLAC",
		[SNIFF_MP3] = "MP3",
		[SNIFF_VORBIS] = "Ogg Vorbis",
		[SNIFF_OPUS] = "Opus",
		[SNIFF_OGG] = N_("an Ogg file of another kind"),
		[SNIFF_MP4] = N_("an MP4 or M4A recording"),
		[SNIFF_AAC] = N_("an AAC recording"),
		[SNIFF_AMR] = N_("an AMR recording"),
		[SNIFF_WMA] = N_("a Windows Media recording (WMA)"),
		[SNIFF_AIFF] = N_("an AIFF recording"),
		[SNIFF_CAF] = N_("an Apple CAF recording"),
		[SNIFF_MATROSKA] = N_("a WebM or Matroska recording"),
		[SNIFF_AVI] = N_("an AVI film"),
		[SNIFF_MIDI] = N_("MIDI notes"),
		[SNIFF_PICTURE] = N_("a picture"),
		[SNIFF_PDF] = N_("a PDF document"),
		[SNIFF_ZIP] = N_("an archive (ZIP) or an office document"),
		[SNIFF_OFFICE] = N_("an office document"),
		[SNIFF_PAGE] = N_("a web page"),
		[SNIFF_TEXT] = N_("text"),
		[SNIFF_PROGRAM] = N_("a program"),
		[SNIFF_ZEROS] = N_("nothing but zeros"),
		[SNIFF_EMPTY] = N_("empty"),
		[SNIFF_UNKNOWN] = N_("no kind of file that we know"),
	};

	return _(names[s]);
}

const char *
sniff_remedy(enum sniff s)
{
	const char *text = N_("choose the sound file itself, such as MP3, M4A "
			      "or WAV");

	if (s == SNIFF_PAGE)
		text = N_("the download went wrong: open the page and save "
			  "the sound file itself");
	else if (s == SNIFF_ZIP)
		text = N_("if it is an archive, unpack it and add the sound "
			  "files in it");
	else if (s == SNIFF_EMPTY || s == SNIFF_ZEROS)
		text = N_("the copy went wrong: copy it again from the "
			  "recorder or phone");
	return _(text);
}
