/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ffmpeg says of a file; tests/check_foreign.sh has real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "playout/foreign.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define LENGTH(text) "  Duration: " text ", start: 0.000000, bitrate: 98 kb/s\n"
#define VIDEO "  Stream #0:0[0x1](und): Video: h264 (High), none, 320x240\n"
#define COVER "  Stream #0:1[0x0]: Video: mjpeg, none, 9x9 (attached pic)\n"
#define SOUND(n, codec, rate, layout) \
	"#tb " n ": 1/" rate "\n#media_type " n ": audio\n#codec_id " n \
	": " codec "\n#sample_rate " n ": " rate "\n#channel_layout_name " n \
	": " layout "\n"

static void
what_ffmpeg_says_of_a_file_is_understood(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		struct foreign_facts want;
	} rows[] = {
		{ "a memo",
		    LENGTH("00:00:10.00") SOUND("0", "aac", "44100", "mono"),
		    { .sounds = 1,
			.rate = 44100,
			.channels = 1,
			.frames = 441000 } },
		{ "a film",
		    LENGTH("01:00:00.50")
			VIDEO SOUND("0", "aac", "48000", "stereo"),
		    { .sounds = 1,
			.rate = 48000,
			.channels = 2,
			.frames = 172824000,
			.pictures = true } },
		{ "a song with its cover",
		    LENGTH("00:00:01.00")
			COVER SOUND("0", "alac", "8000", "stereo"),
		    { .sounds = 1,
			.rate = 8000,
			.channels = 2,
			.frames = 8000 } },
		{ "surround sound becomes stereo",
		    LENGTH("N/A") SOUND("0", "ac3", "48000", "5.1(side)"),
		    { .sounds = 1,
			.rate = 48000,
			.channels = 2,
			.frames = -1 } },
		{ "the first track is one that nobody knows",
		    LENGTH("00:00:01.00") SOUND("0", "none", "48000", "4.0")
			SOUND("1", "aac", "16000", "mono"),
		    { .sounds = 1,
			.track = 1,
			.rate = 16000,
			.channels = 1,
			.frames = 16000 } },
		{ "two tracks: the first",
		    SOUND("0", "aac", "16000", "mono")
			SOUND("1", "aac", "48000", "stereo"),
		    { .sounds = 2,
			.rate = 16000,
			.channels = 1,
			.frames = -1 } },
		{ "a film without sound",
		    LENGTH("00:00:09.00") VIDEO
		    "Stream map '0:a' matches no streams.\n",
		    { .channels = 2, .pictures = true, .mute = true } },
		{ "a recording that was never finished",
		    "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] moov atom not found\n",
		    { .channels = 2, .frames = -1, .unfinished = true } },
		{ "a length that cannot be",
		    LENGTH("99999999:00:00.00")
			SOUND("0", "aac", "8000", "mono"),
		    { .sounds = 1,
			.rate = 8000,
			.channels = 1,
			.frames = -1 } },
		{ "a title is no length",
		    "    title   : x\n          :   Duration: "
		    "01:00:00.00\n" SOUND("0", "aac", "8000", "mono"),
		    { .sounds = 1,
			.rate = 8000,
			.channels = 1,
			.frames = -1 } },
		{ "AMR has no length but a guess of ffmpeg's",
		    "[amr @ 0x1] Estimating duration from bitrate, this may "
		    "be inaccurate\n" LENGTH("00:00:02.00")
			SOUND("0", "amr_nb", "8000", "mono"),
		    { .sounds = 1,
			.rate = 8000,
			.channels = 1,
			.frames = 16000,
			.guessed = true } },
		{ "nothing", "", { .channels = 2, .frames = -1 } },
		{ "junk", "#\n#codec_id\n#sample_rate x: y\n  Stream #0:\n",
		    { .channels = 2, .frames = -1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct foreign_facts *w = &rows[i].want;
		struct foreign_facts f;

		foreign_read(rows[i].text, &f);
		if (f.sounds != w->sounds || f.track != w->track ||
		    f.rate != w->rate || f.channels != w->channels ||
		    f.frames != w->frames || f.pictures != w->pictures ||
		    f.guessed != w->guessed || f.mute != w->mute ||
		    f.unfinished != w->unfinished)
			fail_msg("%s: %d tracks, %d: %d Hz %d channels, %lld "
				 "frames",
			    rows[i].when, f.sounds, f.track, f.rate, f.channels,
			    (long long)f.frames);
	}
}

static void
a_demuxer_is_named_by_us_and_opens_nothing_else(void **state)
{
	(void)state;
	assert_true(foreign_known("mov"));
	assert_true(foreign_known("asf"));
	assert_false(foreign_known("hls"));
	assert_false(foreign_known("concat"));
	assert_false(foreign_known("lavfi"));
	assert_false(foreign_known(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ffmpeg_says_of_a_file_is_understood),
		cmocka_unit_test(
		    a_demuxer_is_named_by_us_and_opens_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
