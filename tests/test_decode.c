/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/decode.h"
#include "tests/fakes/sound.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
fixtures_up(void **state)
{
	(void)state;
	sound_open();
	/* Half tone, half noise: the parts need different bit rates, and an
	 * MP3's length cannot be guessed from its first frames. */
	sound_run("sox -R -n -r 44100 -b 16 -c 2 a.wav synth 15 sine 440 "
		  "vol 0.3 && sox -R -n -r 44100 -b 16 -c 2 b.wav synth 15 "
		  "pinknoise vol 0.1 && sox a.wav b.wav m.wav");
	sound_run("lame --quiet -V5 -t m.wav vbr-no-xing.mp3 && "
		  "lame --quiet -V5 m.wav vbr.mp3 && "
		  "lame --quiet -b 64 m.wav cbr.mp3 && "
		  "cat vbr.mp3 vbr.mp3 > joined.mp3");
	sound_run("oggenc -Q m.wav -o m.ogg && cat m.ogg m.ogg > joined.ogg "
		  "&& opusenc --quiet m.wav m.opus && "
		  "cat m.opus m.opus > joined.opus");
	sound_run("sox m.wav -c 1 mono.wav && oggenc -Q mono.wav -o mono.ogg "
		  "&& cat m.ogg mono.ogg > unlike.ogg");
	sound_run("flac --silent m.wav -o m.flac && "
		  "sox m.wav -b 24 24.wav && sox m.wav -e float f.wav && "
		  "sox m.wav -b 24 24.flac && sox m.wav -r 8000 -c 1 8.wav && "
		  "sox -n -r 48000 -b 16 -c 6 six.wav synth 1 sine 440");
	sound_run("cat m.wav | sox -t wav - -t wav - > streamed.wav");
	sound_cut("m.wav", "cut.wav", 667);
	sound_cut("m.flac", "cut.flac", 667);
	sound_run("sox m.wav -r 8000 -c 1 -e ima-adpcm ima.wav && "
		  "sox m.wav -r 8000 -c 1 -e gsm-full-rate gsm.wav");
	sound_cut("ima.wav", "cut-ima.wav", 667);
	sound_cut("gsm.wav", "cut-gsm.wav", 667);
	sound_cut("vbr-no-xing.mp3", "cut-no-xing.mp3", 667);
	sound_cut("vbr.mp3", "cut.mp3", 667);
	sound_cut("m.ogg", "cut.ogg", 667);
	sound_cut("m.opus", "cut.opus", 667);
	sound_run("yes junk | head -c 100000 > junk && : > empty && "
		  "(cat vbr.mp3; head -c 128 /dev/zero) > tagged.mp3");
	return 0;
}

static int
fixtures_down(void **state)
{
	(void)state;
	sound_close();
	return 0;
}

static int
open_it(const char *name, struct decode **ret_d, int *ret_fd)
{
	*ret_fd = open(sound_path(name), O_RDONLY);
	assert_true(*ret_fd >= 0);
	return decode_open(*ret_fd, ret_d);
}

static int64_t
count(struct decode *d, int *ret_last)
{
	static float pcm[2048 * DECODE_CHANNELS_MAX];
	int64_t n = 0;

	while ((*ret_last = decode_float(d, pcm, 2048)) > 0)
		n += *ret_last;
	return n;
}

static void
every_format_is_decoded_to_its_last_frame(void **state)
{
	static const struct {
		const char *name;
		int rate;
		int channels;
		int64_t ms; /* give or take 100 */
		bool cut;
	} cases[] = {
		{ "m.wav", 44100, 2, 30000, false },
		{ "24.wav", 44100, 2, 30000, false },
		{ "f.wav", 44100, 2, 30000, false },
		{ "8.wav", 8000, 1, 30000, false },
		{ "six.wav", 48000, 6, 1000, false },
		{ "streamed.wav", 44100, 2, 30000, false },
		{ "m.flac", 44100, 2, 30000, false },
		{ "24.flac", 44100, 2, 30000, false },
		{ "vbr.mp3", 44100, 2, 30000, false },
		{ "tagged.mp3", 44100, 2, 30000, false },
		{ "cbr.mp3", 24000, 2, 30000, false },
		{ "vbr-no-xing.mp3", 44100, 2, 30000, false },
		{ "joined.mp3", 44100, 2, 60100, false },
		{ "m.ogg", 44100, 2, 30000, false },
		{ "joined.ogg", 44100, 2, 60000, false },
		{ "m.opus", 48000, 2, 30000, false },
		{ "joined.opus", 48000, 2, 60000, false },
		{ "cut.wav", 44100, 2, 20010, true },
		{ "ima.wav", 8000, 1, 30000, false },
		{ "gsm.wav", 8000, 1, 30000, false },
		{ "cut-ima.wav", 8000, 1, 20010, true },
		{ "cut-gsm.wav", 8000, 1, 20010, true },
		{ "cut-no-xing.mp3", 44100, 2, 22400, true },
		{ "cut.flac", 44100, 2, 22450, true },
		{ "cut.mp3", 44100, 2, 22400, true },
		{ "cut.ogg", 44100, 2, 22600, true },
		{ "cut.opus", 48000, 2, 14000, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct decode_format f;
		struct decode *d;
		int fd, last;
		int r = open_it(cases[i].name, &d, &fd);
		int64_t n, ms;

		if (r < 0)
			fail_msg("%s: open %d", cases[i].name, r);
		f = decode_format(d);
		n = count(d, &last);
		ms = n * 1000 / f.rate;
		if (f.rate != cases[i].rate ||
		    f.channels != cases[i].channels || last != 0 ||
		    llabs(ms - cases[i].ms) > (cases[i].cut ? 2000 : 100) ||
		    decode_cut(d) != cases[i].cut)
			fail_msg("%s: %d Hz, %d channels, %lld ms, last %d, "
				 "cut %d, header %lld",
			    cases[i].name, f.rate, f.channels, (long long)ms,
			    last, decode_cut(d), (long long)f.frames);
		decode_close(d);
		close(fd);
	}
}

static void
what_is_not_sound_is_refused(void **state)
{
	static const char *const names[] = { "junk", "empty", "." };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct decode *d = NULL;
		int fd;
		int r = open_it(names[i], &d, &fd);

		if (r >= 0 || d != NULL)
			fail_msg("%s: %d", names[i], r);
		close(fd);
	}
}

static void
a_chain_of_unlike_links_is_refused_where_they_meet(void **state)
{
	struct decode *d;
	int fd, last;

	(void)state;
	assert_int_equal(open_it("unlike.ogg", &d, &fd), 0);
	assert_int_equal(count(d, &last), 30 * 44100);
	assert_int_equal(last, -EINVAL);
	decode_close(d);
	close(fd);
}

static void
an_item_of_our_own_is_read_from_any_frame(void **state)
{
	static const int64_t offsets[] = { 0, 1, 4095, 4096, 50000, 99999,
		100000, 200000 };
	static int16_t pcm[1000];

	(void)state;
	sound_item("own.flac", 1, 100000);
	for (size_t i = 0; i < COUNT(offsets); i++) {
		int64_t at = offsets[i];
		struct decode *d;
		int fd, n;

		assert_int_equal(open_it("own.flac", &d, &fd), 0);
		assert_true(decode_format(d).own);
		assert_int_equal(decode_format(d).frames, 100000);
		assert_int_equal(decode_seek(d, at), 0);
		while ((n = decode_short(d, pcm, COUNT(pcm))) > 0)
			for (int k = 0; k < n; k++, at++)
				if (pcm[k] != at % 30000)
					fail_msg("from %lld: frame %lld is %d",
					    (long long)offsets[i],
					    (long long)at, pcm[k]);
		assert_int_equal(n, 0);
		assert_false(decode_cut(d));
		if (at != (offsets[i] > 100000 ? offsets[i] : 100000))
			fail_msg("from %lld: ended at %lld",
			    (long long)offsets[i], (long long)at);
		decode_close(d);
		close(fd);
	}
}

static void
only_our_own_format_is_our_own(void **state)
{
	static const char *const names[] = { "m.wav", "m.flac", "24.flac",
		"vbr.mp3", "m.opus" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct decode *d;
		int fd;

		assert_int_equal(open_it(names[i], &d, &fd), 0);
		if (decode_format(d).own)
			fail_msg("%s", names[i]);
		decode_close(d);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_decoded_to_its_last_frame),
		cmocka_unit_test(what_is_not_sound_is_refused),
		cmocka_unit_test(
		    a_chain_of_unlike_links_is_refused_where_they_meet),
		cmocka_unit_test(an_item_of_our_own_is_read_from_any_frame),
		cmocka_unit_test(only_our_own_format_is_our_own),
	};

	return cmocka_run_group_tests(tests, fixtures_up, fixtures_down);
}
