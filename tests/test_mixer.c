/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of a real mixer is tested by check_mixer.sh. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "playout/mixer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_what_gets_out_of_a_card_is_judged_by_its_ways_out(void **state)
{
	static const struct {
		const char *when;
		struct mixer_control controls[4];
		int level;
	} cases[] = {
		{ "a USB stick with one control", { { "PCM", true, 62 } }, 62 },
		{ "muted", { { "PCM", false, 62 } }, 0 },
		{ "turned right down", { { "PCM", true, 0 } }, 0 },
		{ "the least of what all goes through",
		    { { "Master", true, 80 }, { "PCM", true, 40 } }, 40 },
		{ "one of the two muted",
		    { { "Master", false, 80 }, { "PCM", true, 100 } }, 0 },
		{ "the speaker is muted because a plug is in the other socket",
		    { { "Master", true, 90 }, { "Speaker", false, 0 },
			{ "Headphone", true, 90 } },
		    90 },
		{ "every way out is muted",
		    { { "Master", true, 90 }, { "Speaker", false, 0 },
			{ "Headphone", false, 90 } },
		    0 },
		{ "ways out and nothing before them",
		    { { "Speaker", true, 55 } }, 55 },
		{ "a microphone is no way out",
		    { { "PCM", true, 70 }, { "Mic", false, 0 },
			{ "Beep", false, 0 }, { "Sidetone", false, 0 } },
		    70 },
		{ "nothing but a microphone", { { "Mic", true, 50 } },
		    -ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = 0;
		int level;

		while (n < 4 && cases[i].controls[n].name != NULL)
			n++;
		level = mixer_judge(cases[i].controls, n);
		if (level != cases[i].level)
			fail_msg("%s: %d, wanted %d", cases[i].when, level,
			    cases[i].level);
	}
	assert_int_equal(mixer_judge(NULL, 0), -ENOTSUP);
}

static void
test_the_card_of_a_device_is_found_by_its_name(void **state)
{
	static const struct {
		const char *device;
		const char *card;
	} cases[] = {
		{ "plughw:CARD=Device", "hw:CARD=Device" },
		{ "plughw:CARD=Device,DEV=0", "hw:CARD=Device" },
		{ "sysdefault:CARD=PCH", "hw:CARD=PCH" },
		{ "hw:1,0", "hw:1" },
		{ "plughw:Device", "hw:Device" },
		{ "default", "default" },
		{ "", "default" },
		{ "loa", "loa" },
	};
	char card[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		mixer_card(cases[i].device, card, sizeof(card));
		assert_string_equal(card, cases[i].card);
	}
}

static void
test_a_library_that_is_not_loaded_is_not_loaded_for_this(void **state)
{
	struct mixer *m = NULL;

	(void)state;
	assert_int_equal(mixer_open("alsa", "plughw:CARD=X", &m), -ENOTSUP);
	assert_int_equal(mixer_open("pulse", "loa", &m), -ENOTSUP);
	assert_int_equal(mixer_open("wav", "", &m), -ENOTSUP);
	assert_null(m);
	assert_null(mixer_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_gets_out_of_a_card_is_judged_by_its_ways_out),
		cmocka_unit_test(
		    test_the_card_of_a_device_is_found_by_its_name),
		cmocka_unit_test(
		    test_a_library_that_is_not_loaded_is_not_loaded_for_this),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
