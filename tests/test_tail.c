/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/tail.h"
#include "tests/fakes/sound.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
up(void **state)
{
	(void)state;
	sound_open();
	sound_run("sox -R -n -r 44100 -b 16 -c 1 m.wav synth 2 sine 440 vol "
		  "0.3 && sox -R m.wav -r 8000 -e ima-adpcm ima.wav && "
		  "sox -R m.wav -r 8000 -e gsm-full-rate gsm.wav && "
		  "(head -c 40 m.wav; printf '\\377\\377\\377\\177'; "
		  "tail -c +45 m.wav) > streamed.wav && "
		  "lame --quiet -b 64 m.wav cbr.mp3 && "
		  "lame --quiet -t -b 64 m.wav bare.mp3 && "
		  "lame --quiet -t -V 4 m.wav vbr.mp3 && "
		  "cat vbr.mp3 bare.mp3 > joined.mp3 && "
		  "(cat bare.mp3; printf TAG; head -c 125 /dev/zero) "
		  "> tag.mp3 && "
		  "(cat bare.mp3; yes 'no frame' | head -c 5000) > junk.mp3");
	/* Of an odd size, with a chunk behind it whose padding is missing. */
	sound_run("sox -R -r 8000 -n -b 8 -c 1 odd.wav synth 8001s sine 440 && "
		  "head -c $(($(wc -c < odd.wav) - 1)) odd.wav > unpadded.wav");
	return 0;
}

static int
down(void **state)
{
	(void)state;
	sound_close();
	return 0;
}

/* Is the file cut when `less` bytes are missing at its end? */
static bool
is_cut(const char *name, int64_t less)
{
	int64_t size = sound_size(name) - less;
	bool cut;
	int fd;

	sound_run("head -c %lld %s > part", (long long)size, name);
	fd = open(sound_path("part"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	cut = strstr(name, ".wav") != NULL ? tail_wav_is_cut(fd, size)
					   : tail_mpeg_is_cut(fd, size);
	close(fd);
	return cut;
}

static void
what_is_whole_is_whole_and_what_lacks_a_byte_is_cut(void **state)
{
	static const struct {
		const char *name;
		int64_t less;
		bool cut;
	} cases[] = {
		{ "m.wav", 0, false },
		{ "m.wav", 1, true },
		{ "m.wav", 80000, true },
		{ "ima.wav", 0, false },
		{ "ima.wav", 1, true }, /* as dictaphones record */
		{ "ima.wav", 3000, true },
		{ "gsm.wav", 0, false },
		{ "gsm.wav", 2, true },
		{ "unpadded.wav", 0, false },
		{ "streamed.wav", 0, false },
		{ "streamed.wav", 80000, false }, /* nobody can know */
		{ "cbr.mp3", 0, false },
		{ "cbr.mp3", 1, true },
		{ "cbr.mp3", 8000, true },
		{ "bare.mp3", 0, false },
		{ "bare.mp3", 1, true },
		{ "bare.mp3", 7999, true },
		{ "vbr.mp3", 0, false },
		{ "vbr.mp3", 1, true },
		{ "joined.mp3", 0, false },
		{ "joined.mp3", 1, true },
		{ "tag.mp3", 0, false },
		{ "tag.mp3", 64, false }, /* of the tag, not of the sound */
		{ "tag.mp3", 129, true },
		{ "junk.mp3", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (is_cut(cases[i].name, cases[i].less) != cases[i].cut)
			fail_msg("%s less %lld", cases[i].name,
			    (long long)cases[i].less);
}

static void
what_is_no_sound_at_all_is_not_cut(void **state)
{
	(void)state;
	sound_run("printf 'RIFF\\377\\377\\377\\377WAVE' > bad.wav && "
		  ": > none.mp3 && printf '\\377\\373' > two.mp3 && "
		  "yes 'LIST' | head -c 90000 > text.wav");
	assert_false(is_cut("bad.wav", 0));
	assert_false(is_cut("text.wav", 0));
	assert_false(is_cut("none.mp3", 0));
	assert_false(is_cut("two.mp3", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_whole_is_whole_and_what_lacks_a_byte_is_cut),
		cmocka_unit_test(what_is_no_sound_at_all_is_not_cut),
	};

	return cmocka_run_group_tests(tests, up, down);
}
