/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "ctl/selftest.h"
#include "tests/fakes/fake_log.h"

#define GB INT64_C(1000000000)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
expect(const char *when, struct check c, enum health health, const char *words)
{
	if (c.health != health || strstr(c.text, words) == NULL)
		fail_msg("%s: %s, \"%s\"; wanted %s, \"%s\"", when,
		    health_name(c.health), c.text, health_name(health), words);
}

static void
test_a_sound_card_is_well_only_when_it_took_every_frame(void **state)
{
	static const struct {
		const char *when;
		struct sound_facts facts;
		enum health health;
		const char *words;
	} rows[] = {
		{ "no output named", { .said = "" }, HEALTH_BAD,
		    "names no output" },
		{ "no player", { .has_output = true, .started = -ENOENT },
		    HEALTH_BAD, "loaxa-player does not start" },
		{ "unplugged", { .has_output = true, .said = "no such device" },
		    HEALTH_BAD, "does not open: no such device; is it" },
		{ "no word from the device", { .has_output = true, .said = "" },
		    HEALTH_BAD, "does not open; is it" },
		{ "a file that cannot be written",
		    { .has_output = true, .said = "", .to_file = true },
		    HEALTH_BAD, "WAV file, and cannot be written" },
		{ "hangs in the device",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.ended = ENDED_PROCESS_DIED },
		    HEALTH_BAD, "takes no sound" },
		{ "lost on the way",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.ended = ENDED_DEVICE_LOST },
		    HEALTH_BAD, "not take all of the sound (device_lost)" },
		{ "fewer frames than sent",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.ended = ENDED_WHOLE },
		    HEALTH_BAD, "not take all" },
		{ "the fence ended it",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.tone = true,
			.ended = ENDED_FENCE },
		    HEALTH_NOTE, "allowed hours ended" },
		{ "a tone",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.all = true,
			.tone = true },
		    HEALTH_GOOD, "ears must tell" },
		{ "silence",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.all = true },
		    HEALTH_GOOD, "a second of silence" },
		{ "muted",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.all = true,
			.muted = true },
		    HEALTH_BAD, "MUTED" },
		{ "a file",
		    { .has_output = true,
			.said = "",
			.opened = true,
			.all = true,
			.tone = true,
			.to_file = true },
		    HEALTH_NOTE, "no loudspeaker" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sound_facts f = rows[i].facts;

		f.station = "que-minh";
		f.output = "alsa plughw:CARD=Device";
		expect(rows[i].when, selftest_sound(&f), rows[i].health,
		    rows[i].words);
	}
}

static void
test_the_daemon_speaks_for_the_device_it_has(void **state)
{
	(void)state;
	expect("playing", selftest_sound_status("s", "ok", "", false),
	    HEALTH_GOOD, "taking sound");
	expect("between slots", selftest_sound_status("s", "closed", "", false),
	    HEALTH_GOOD, "before the next slot");
	expect("lost", selftest_sound_status("s", "lost", "unplugged", false),
	    HEALTH_BAD, "LOST, says loaxad: unplugged");
	expect("muted", selftest_sound_status("s", "ok", "", true), HEALTH_BAD,
	    "MUTED");
	expect("an older daemon", selftest_sound_status("s", "", "", false),
	    HEALTH_NOTE, "does not say");
}

static void
test_a_card_by_its_number_is_told(void **state)
{
	(void)state;
	assert_true(selftest_numbered("alsa", "plughw:1"));
	assert_true(selftest_numbered("alsa", "hw:0,0"));
	assert_true(selftest_numbered("alsa", "plughw:CARD=2,DEV=0"));
	assert_false(selftest_numbered("alsa", "plughw:CARD=Device"));
	assert_false(selftest_numbered("alsa", "plughw:CARD=Device,DEV=0"));
	assert_false(selftest_numbered("alsa", "default"));
	assert_false(selftest_numbered("alsa", ""));
	assert_false(selftest_numbered("pulse", "x:1"));
	expect("by number", selftest_card("s", "hw:1"), HEALTH_NOTE,
	    "hw:1 names the card by its number");
}

static void
test_a_daemon_that_hangs_is_worse_than_none(void **state)
{
	(void)state;
	expect("well", selftest_daemon(true, true), HEALTH_GOOD, "running");
	expect("mute", selftest_daemon(true, false), HEALTH_BAD, "not answer");
	expect(
	    "none", selftest_daemon(false, false), HEALTH_NOTE, "not running");
}

static void
test_a_clock_is_well_when_somebody_vouches_for_it(void **state)
{
	int64_t at = fake_us("2026-11-26 05:00:00");

	(void)state;
	expect("synchronised", selftest_clock(TRUST_SYNCED, at), HEALTH_GOOD,
	    "05:00:00, kept right");
	expect("confirmed", selftest_clock(TRUST_CONFIRMED, at), HEALTH_GOOD,
	    "by a person");
	expect("plausible", selftest_clock(TRUST_PLAUSIBLE, at), HEALTH_NOTE,
	    "nobody vouches");
	expect("unsure", selftest_clock(TRUST_UNSURE, at), HEALTH_BAD,
	    "nothing would air");
}

static void
test_a_disk_has_room_and_takes_a_file(void **state)
{
	static const struct {
		const char *when;
		struct disk_facts facts;
		enum health health;
		const char *words;
	} rows[] = {
		{ "well", { 41 * GB + GB / 2, 64 * GB, 0, 5000 }, HEALTH_GOOD,
		    "41 GB left" },
		{ "getting full", { 3 * GB / 2, 64 * GB, 0, 5000 }, HEALTH_NOTE,
		    "1,5 GB left; it will not" },
		{ "full", { GB / 10, 64 * GB, 0, 5000 }, HEALTH_BAD,
		    "only 100 MB left" },
		{ "no room at all", { 0, 64 * GB, -ENOSPC, 0 }, HEALTH_BAD,
		    "cannot be written" },
		{ "read only", { 41 * GB, 64 * GB, -EROFS, 0 }, HEALTH_BAD,
		    "cannot be written" },
		{ "dying", { 41 * GB, 64 * GB, 0, 7 * US_PER_S }, HEALTH_NOTE,
		    "took 7 s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i].when, selftest_disk(&rows[i].facts),
		    rows[i].health, rows[i].words);
}

static void
test_rights_name_the_path_and_its_owners(void **state)
{
	struct rights_facts well = { "", 0, "", "" };
	struct rights_facts closed = { "/var/lib/loaxa/log", -EACCES, "", "" };
	struct rights_facts foreign = { "/var/lib/loaxa/people", 0, "root",
		"loaxa" };

	(void)state;
	expect("well", selftest_rights(&well), HEALTH_GOOD, "can be used");
	expect("closed", selftest_rights(&closed), HEALTH_BAD,
	    "/var/lib/loaxa/log: ");
	expect("foreign", selftest_rights(&foreign), HEALTH_BAD,
	    "people belongs to root, the rest to loaxa");
}

static void
test_schedules_library_and_log_tell_the_first_thing_wrong(void **state)
{
	struct schedule_facts s = { .stations = 2, .first = "a.cfg:3: bad" };
	struct library_facts b = { .items = 40, .first = "nhac-hieu" };
	struct log_facts l = { .records = 1000, .first = "P3: twice" };

	(void)state;
	expect("schedules", selftest_schedules(&s), HEALTH_GOOD, "2, no");
	s.problems = 3;
	expect("a problem", selftest_schedules(&s), HEALTH_BAD,
	    "3 problems (`loaxa check` lists them); the first: a.cfg:3: bad");
	s.site_problems = 1;
	expect("a bad site", selftest_schedules(&s), HEALTH_BAD,
	    "nothing may sound");
	s = (struct schedule_facts){ .first = "" };
	expect(
	    "no station", selftest_schedules(&s), HEALTH_BAD, "no station yet");
	expect("items", selftest_library(&b), HEALTH_GOOD, "40 items");
	b.bad = 2;
	expect("bad items", selftest_library(&b), HEALTH_BAD,
	    "2 of 40 items cannot be played, the first: nhac-hieu");
	b.error = -EACCES;
	expect(
	    "no library", selftest_library(&b), HEALTH_BAD, "cannot be read");
	b = (struct library_facts){ .first = "" };
	expect("nothing in it", selftest_library(&b), HEALTH_NOTE, "empty");
	expect("an empty bank", selftest_bank(0), HEALTH_NOTE, "nothing lies");
	expect("a bank", selftest_bank(7), HEALTH_GOOD, "7 items ready");
	expect("a log", selftest_log(&l), HEALTH_GOOD, "1000 records");
	l.findings = 2;
	expect("findings", selftest_log(&l), HEALTH_BAD,
	    "2 things found wrong (`loaxa audit` lists them); the first: P3");
	l.error = -EIO;
	expect("unreadable", selftest_log(&l), HEALTH_BAD, "does not open");
	l.error = -ENOENT;
	expect("none", selftest_log(&l), HEALTH_NOTE, "none yet");
}

static void
test_zone_and_language(void **state)
{
	(void)state;
	expect("known", selftest_zone("Asia/Ho_Chi_Minh", "+07:00"),
	    HEALTH_GOOD, "Asia/Ho_Chi_Minh (UTC+07:00)");
	expect("unknown", selftest_zone("Asia/Nowhere", NULL), HEALTH_BAD,
	    "install tzdata");
	expect("vi", selftest_language("vi", true), HEALTH_GOOD, "Tiếng Việt");
	expect("en", selftest_language("en", true), HEALTH_GOOD, "English");
	expect("no words", selftest_language("vi", false), HEALTH_NOTE,
	    "not installed");
}

static void
test_a_program_that_is_missing_is_told_with_what_it_costs(void **state)
{
	struct program_facts f = {
		.phones = true,
		.phones_package = "ffmpeg",
		.relay = "",
	};

	(void)state;
	expect("all there", selftest_programs(&f), HEALTH_GOOD, "installed");
	f.phones = false;
	expect("no ffmpeg", selftest_programs(&f), HEALTH_NOTE,
	    "nothing that phones and Zalo record");
	f.relay = "huyen";
	f.program = "/usr/bin/arecord";
	f.package = "alsa-utils";
	expect("no arecord for a relay", selftest_programs(&f), HEALTH_BAD,
	    "the relay \"huyen\" takes /usr/bin/arecord");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_sound_card_is_well_only_when_it_took_every_frame),
		cmocka_unit_test(test_the_daemon_speaks_for_the_device_it_has),
		cmocka_unit_test(test_a_card_by_its_number_is_told),
		cmocka_unit_test(test_a_daemon_that_hangs_is_worse_than_none),
		cmocka_unit_test(
		    test_a_clock_is_well_when_somebody_vouches_for_it),
		cmocka_unit_test(test_a_disk_has_room_and_takes_a_file),
		cmocka_unit_test(test_rights_name_the_path_and_its_owners),
		cmocka_unit_test(
		    test_schedules_library_and_log_tell_the_first_thing_wrong),
		cmocka_unit_test(test_zone_and_language),
		cmocka_unit_test(
		    test_a_program_that_is_missing_is_told_with_what_it_costs),
	};

	setenv("LOAXA_LANG", "en", 1);
	setenv("LANGUAGE", "en", 1);
	if (civil_zone("Asia/Ho_Chi_Minh") < 0)
		return 1;
	return cmocka_run_group_tests_name("selftest", tests, NULL, NULL);
}
