/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/record.h"
#include "scheduler/site.h"
#include "tests/fakes/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Reads a site of this text; its problems must be these, with "conf" for the
 * file's path. NULL when there are any. */
static struct site *
read_text(const char *when, const char *text, const char *said)
{
	struct problems ps = { 0 };
	struct site *s = NULL;
	struct folder f;
	char path[100];
	int r;

	folder_make(&f);
	snprintf(path, sizeof(path), "%s/conf", f.path);
	folder_write(&f, "conf", text);
	r = site_read(path, &ps, &s);
	for (size_t i = 0; i < ps.n; i++) {
		assert_string_equal(ps.list[i].file, path);
		strcpy(ps.list[i].file, "conf");
	}
	folder_remove(&f);
	expect_said(when, &ps, said);
	if ((r == 0) != (said[0] == '\0') || (s != NULL) != (r == 0))
		fail_msg("%s: %d", when, r);
	return s;
}

static void
the_least_site_allows_nothing_and_wants_approval(void **state)
{
	struct site *s = read_text("least", "hours = ();", "");
	int64_t end;

	(void)state;
	assert_string_equal(s->zone, "Asia/Ho_Chi_Minh");
	assert_true(s->rules.n_hours == 0 && s->rules.sessions_per_day == 0 &&
		    s->rules.session_s == 0 && s->n_relays == 0 &&
		    s->n_outputs == 0);
	assert_true(s->rules.count_relay && s->approval && !s->plausible_clock);
	assert_true(site_loudness(s, "") == LOUDNESS_TARGET_LUFS);
	assert_true(!s->same_person && s->n_second == 0);
	assert_int_equal(s->ballast_mb, 16);
	assert_false(site_allows(s, 0, &end));
	site_free(s);
	s = site_nothing();
	assert_true(s->rules.count_relay && s->approval && !s->plausible_clock);
	assert_false(site_allows(s, 0, &end));
	site_free(s);
}

static void
every_key_is_read(void **state)
{
	struct site *s = read_text("all",
	    "zone = \"Europe/Berlin\";\n"
	    "hours = ( { days = \"T2-T6\"; from = \"05:00\"; to = \"24:00\"; } "
	    ");\nsessions_per_day = 3; session_longest = \"00:45\";\n"
	    "count_relay = false; approval = \"none\"; "
	    "plausible_clock = true; same_person = true;\n"
	    "ballast_mb = 4;\n"
	    "second_approval = [ \"Phản bác\", \"notice\" ];\n"
	    "groups = { read = \"loaxa\"; operate = \"lx-op\"; };\n"
	    "metrics = \"/run/m.prom\";\n"
	    "on_event = { command = [ \"tell\", \"-x\" ]; kinds = [ \"op\" ];"
	    " statuses = [ \"aired\" ]; longest_s = 7; };\n"
	    "relays = ( { id = \"vov1\"; title = \"VOV\"; url = "
	    "\"https://x/vov1.mp3\"; silence = 7; silence_db = -40; "
	    "fallback = [ \"a\", \"b\" ]; gain_db = -3.5; }, "
	    "{ id = \"tinh\"; } );\n"
	    "outputs = ( { station = \"a\"; driver = \"wav\"; "
	    "file = \"var/a.wav\"; }, { station = \"b\"; driver = \"alsa\"; "
	    "device = \"plughw:CARD=Device\"; buffer_ms = 100; "
	    "latency_ms = 40; amplifier = { before = [ \"plug\", \"on\" ]; "
	    "after = \"off\"; lead = 60; }; warm_up = 45; } );\n",
	    "");
	const struct site_amplifier *amp;

	(void)state;
	assert_string_equal(s->zone, "Europe/Berlin");
	assert_true(s->rules.hours[0].days == 0x1f &&
		    s->rules.hours[0].from_s == 18000 &&
		    s->rules.hours[0].to_s == 86400);
	assert_true(s->rules.sessions_per_day == 3 &&
		    s->rules.session_s == 2700 && !s->rules.count_relay &&
		    !s->approval && s->plausible_clock);
	assert_int_equal(s->ballast_mb, 4);
	assert_true(s->same_person && s->n_second == 2);
	assert_string_equal(s->second[0], "Phản bác");
	assert_string_equal(s->metrics, "/run/m.prom");
	assert_int_equal(s->on_event.n_command, 2);
	assert_string_equal(s->on_event.command[1], "-x");
	assert_string_equal(s->on_event.kinds[0], "op");
	assert_string_equal(s->on_event.statuses[0], "aired");
	assert_int_equal(s->on_event.longest_s, 7);
	assert_string_equal(s->groups[RIGHT_READ], "loaxa");
	assert_string_equal(s->groups[RIGHT_OPERATE], "lx-op");
	assert_null(s->groups[RIGHT_LOAD]);
	assert_string_equal(site_relay(s, "vov1")->title, "VOV");
	assert_true(site_relay_sounds(site_relay(s, "vov1")));
	assert_string_equal(site_relay(s, "vov1")->url, "https://x/vov1.mp3");
	assert_int_equal(site_relay(s, "vov1")->silence_s, 7);
	assert_int_equal(site_relay(s, "vov1")->connect_ahead_s, 20);
	assert_int_equal(site_relay(s, "vov1")->n_fallback, 2);
	assert_true(site_relay(s, "vov1")->silence_db == -40 &&
		    site_relay(s, "vov1")->gain_db == -3.5);
	assert_false(site_relay_sounds(site_relay(s, "tinh")));
	assert_string_equal(site_relay(s, "tinh")->title, "tinh");
	assert_null(site_relay(s, "vov2"));
	assert_string_equal(site_output(s, "a")->file, "var/a.wav");
	assert_string_equal(site_output(s, "a")->device, "");
	assert_int_equal(site_output(s, "a")->buffer_ms, 200);
	assert_string_equal(site_output(s, "b")->driver, "alsa");
	assert_string_equal(site_output(s, "b")->device, "plughw:CARD=Device");
	assert_true(site_output(s, "b")->buffer_ms == 100 &&
		    site_output(s, "b")->latency_ms == 40);
	assert_null(site_output(s, "c"));
	amp = &site_output(s, "b")->amplifier;
	assert_true(amp->n_before == 2 && amp->n_after == 1 &&
		    amp->lead_s == 60 && amp->lag_s == 30);
	assert_string_equal(amp->before[1], "on");
	assert_int_equal(site_output(s, "a")->amplifier.n_before, 0);
	assert_int_equal(site_output(s, "b")->warm_up_s, 45);
	assert_int_equal(site_output(s, "a")->warm_up_s, 0);
	site_free(s);
}

static void
a_station_has_a_loudness_of_its_own_or_the_sites(void **state)
{
	struct site *s = read_text("loudness",
	    "outputs = ( { station = \"a\"; driver = \"pulse\"; },\n"
	    "{ station = \"b\"; driver = \"pulse\"; loudness = -23; },\n"
	    "{ station = \"c\"; driver = \"pulse\"; loudness = \"off\"; } "
	    ");\nhours = (); loudness = -18.5;",
	    "");

	(void)state;
	assert_true(site_loudness(s, "a") == -18.5);
	assert_true(site_loudness(s, "b") == -23);
	assert_true(site_loudness(s, "c") == LOUDNESS_OFF);
	assert_true(site_loudness(s, "d") == -18.5);
	site_free(s);
	assert_null(read_text("faults",
	    "hours = (); loudness = 16;\n"
	    "outputs = ( { station = \"a\"; driver = \"pulse\";\n"
	    "loudness = \"loud\"; } );",
	    "conf:1: loudness: 16 is out of range; write -31 to -9\n"
	    "conf:3: loudness: \"loud\" is not known here; write \"off\"\n"));
}

static void
each_fault_is_told_at_its_line(void **state)
{
	static const struct {
		const char *when;
		const char *text;
		const char *said;
	} cases[] = {
		{ "an amplifier that would stay on for ever",
		    "hours = (); outputs = ( { station = \"a\"; driver = "
		    "\"alsa\";\namplifier = { before = \"on\"; }; } );",
		    "conf:2: after is missing; write after = [ \"…\", \"…\" "
		    "];\n" },
		{ "seconds that are no number, and too many",
		    "hours = (); outputs = ( { station = \"a\"; driver = "
		    "\"alsa\";\nwarm_up = \"5\"; amplifier = {\n"
		    "lead = 601; lag = \"x\";\nbefore = \"on\"; "
		    "after = \"off\"; }; } );",
		    "conf:2: warm_up is a whole number of seconds; write "
		    "warm_up = 5;\n"
		    "conf:3: lead: 601 seconds is out of range; write 0 to "
		    "600 (seconds)\n"
		    "conf:3: lag is a whole number of seconds; write lag = "
		    "30;\n" },
		{ "no hours", "",
		    "conf: hours is missing; write hours = ( { … }, { … } "
		    ");\n" },
		{ "a syntax error", "hours = (\n",
		    "conf:2: a syntax error; look here and on the line before "
		    "for a missing \";\", \"=\", comma, quote or bracket\n" },
		{ "unknown keys at every level",
		    "hours = ( { days = \"T2\"; from = \"05:00\"; "
		    "to = \"06:00\"; day = 1; } );\nhour = 1;\n"
		    "relays = ( { id = \"r\"; uri = \"x\"; } );\n"
		    "outputs = ( { station = \"a\"; driver = \"pulse\"; "
		    "gain = 1; } );\n",
		    "conf:1: unknown key \"day\"; did you mean \"days\"?\n"
		    "conf:2: unknown key \"hour\"; did you mean \"hours\"?\n"
		    "conf:3: unknown key \"uri\"; did you mean \"url\"?\n"
		    "conf:4: unknown key \"gain\" in this place; remove it, "
		    "or correct its name\n" },
		{ "a zone that is none",
		    "hours = ();\nzone = \"Asia/Saigonn\";",
		    "conf:2: zone: this system knows no time zone "
		    "\"Asia/Saigonn\"; write one such as "
		    "\"Asia/Ho_Chi_Minh\"\n" },
		{ "hours backwards",
		    "hours = (\n{ days = \"T2\"; from = \"22:00\"; "
		    "to = \"05:00\"; },\n{ days = \"T2\"; from = \"05:00\"; "
		    "to = \"05:00\"; } );",
		    "conf:2: the hours end before they begin; let \"to\" be "
		    "after \"from\", and write hours across midnight as two "
		    "entries\n"
		    "conf:3: the hours end before they begin; let \"to\" be "
		    "after \"from\", and write hours across midnight as two "
		    "entries\n" },
		{ "limits of no sense",
		    "hours = ();\nsessions_per_day = 0;\n"
		    "session_longest = \"00:00\";\napproval = \"maybe\";\n"
		    "count_relay = \"yes\";",
		    "conf:2: sessions_per_day: 0 is out of range; write 1 to "
		    "100\n"
		    "conf:3: session_longest is zero; write a length, or "
		    "leave the line out for no limit\n"
		    "conf:4: approval: \"maybe\" is not known here; write "
		    "\"required\" or \"none\"\n"
		    "conf:5: count_relay is of the wrong kind; write "
		    "count_relay = true;\n" },
		{ "groups of no right, persons of no sense",
		    "hours = ();\ngroups = { read = \"a\"; write = \"b\"; "
		    "};\nsame_person = \"no\";\n",
		    "conf:2: unknown key \"write\" in this place; remove it, "
		    "or correct its name\n"
		    "conf:3: same_person is of the wrong kind; write "
		    "same_person = true;\n" },
		{ "an event of no command, of words that no record has",
		    "hours = ();\non_event = { kinds = [ \"slots\" ];\n"
		    "statuses = [ \"failed\" ]; };\n",
		    "conf:2: command is missing; write command = [ \"…\", "
		    "\"…\" ];\n"
		    "conf:2: kinds: the log has no \"slots\"; loaxa-log(5) "
		    "lists the words\n"
		    "conf:3: statuses: the log has no \"failed\"; "
		    "loaxa-log(5) lists the words\n" },
		{ "a cosigner's key with a slip in it, and a station's key",
		    "hours = ();\ncosigners = [ "
		    "\"loaxa/0123456789abcdef/"
		    "collect+5e16e08c+"
		    "BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\", "
		    "\"loaxa/0123456789abcdef/"
		    "collect+5e17e08c+"
		    "BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\",\n"
		    "\"a+01234567+AQ==\" ];\n",
		    "conf:2: cosigners: "
		    "\"loaxa/0123456789abcdef/"
		    "collect+5e17e08c+"
		    "BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\" is no key "
		    "of an upper level; "
		    "write the line that `loaxa collect --key` prints there\n"
		    "conf:2: cosigners: \"a+01234567+AQ==\" is no key of an "
		    "upper level; "
		    "write the line that `loaxa collect --key` prints there"
		    "\n" },
		{ "upper levels that a log cannot be sent to",
		    "hours = ();\npush = ( { url = \"http://x\"; },\n"
		    "{ url = \"https://\"; every_min = 1; },\n"
		    "{ ca = \"x\"; }, { url = \"http://127.0.0.1:80/\"; } );",
		    "conf:2: push needs cosigners as well: the line that "
		    "`loaxa collect --key` prints at the upper level\n"
		    "conf:2: push: \"http://x\" is no address of an upper "
		    "level; write one that begins with https://\n"
		    "conf:3: every_min: 1 is out of range; write 5 to 1440\n"
		    "conf:3: push: \"https://\" is no address of an upper "
		    "level; write one that begins with https://\n"
		    "conf:4: url is missing; write url = \"…\";\n" },
		{ "sources of relays that are none",
		    "hours = (); relays = ( { id = \"a\"; url = "
		    "\"rtp://x\"; },\n{ id = \"b\"; line = \"-D\"; },\n"
		    "{ id = \"c\"; url = \"http://x\"; line = \"y\"; },\n"
		    "{ id = \"d\"; fallback = \"nhac\"; silence = 1; },\n"
		    "{ id = \"e\"; line = \"hw:1\"; } );",
		    "conf:1: url: \"rtp://x\" is no stream's address; write "
		    "one that begins with http:// or https://\n"
		    "conf:2: line: \"-D\" is no sound device; write one such "
		    "as \"plughw:CARD=Line\" (`arecord -L` lists them)\n"
		    "conf:3: a relay has a url or a line, and not both; keep "
		    "one of the two\n"
		    "conf:4: silence: 1 seconds is out of range; write 2 to "
		    "600 (seconds)\n"
		    "conf:4: fallback is for a relay with a url or a line: "
		    "without, nobody knows when its signal is lost; write "
		    "one of them, or leave fallback out\n"
		    "conf:5: line: \"hw:1\" gives sound only at its own "
		    "speed, and a wrong one is heard as a wrong pitch; write "
		    "\"plughw:1\"\n" },
		{ "a relay and a station twice",
		    "hours = (); relays = ( { id = \"r\"; },\n"
		    "{ id = \"r\"; } );\n"
		    "outputs = ( { station = \"a\"; driver = \"pulse\"; },\n"
		    "{ station = \"a\"; driver = \"pulse\"; } );",
		    "conf:2: the relay \"r\" is already there; keep one of "
		    "the two\n"
		    "conf:4: the station \"a\" has an output already; keep "
		    "one of the two\n" },
		{ "an output that lacks or mixes",
		    "hours = (); outputs = (\n{ station = \"a\"; },\n"
		    "{ station = \"b\"; driver = \"oss\"; },\n"
		    "{ station = \"c\"; driver = \"wav\"; },\n"
		    "{ station = \"d\"; driver = \"wav\"; file = \"f\";\n"
		    "device = \"x\"; },\n"
		    "{ station = \"e\"; driver = \"alsa\";\n"
		    "file = \"x\"; buffer_ms = 5; } );",
		    "conf:2: driver is missing; write driver = \"alsa\" or "
		    "\"pulse\" or \"wav\";\n"
		    "conf:3: driver: \"oss\" is not known here; write "
		    "\"alsa\" or \"pulse\" or \"wav\"\n"
		    "conf:4: the driver \"wav\" needs a file; write file = "
		    "\"var/out/station.wav\";\n"
		    "conf:6: the driver \"wav\" has no device; remove it\n"
		    "conf:8: file is for the driver \"wav\" only; remove it\n"
		    "conf:8: buffer_ms: 5 is out of range; write 20 to "
		    "2000\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_null(
		    read_text(cases[i].when, cases[i].text, cases[i].said));
}

/* A site file and the profile "p" beside it. */
static int
read_with_profile(const char *when, const char *profile, const char *text,
    const char *said, struct site **ret)
{
	struct problems ps = { 0 };
	struct folder f;
	char path[100];
	int r;

	folder_make(&f);
	folder_write(&f, "profiles/p.conf", profile);
	folder_write(&f, "conf", text);
	snprintf(path, sizeof(path), "%s/conf", f.path);
	r = site_read(path, &ps, ret);
	for (size_t i = 0; i < ps.n; i++)
		memmove(ps.list[i].file, ps.list[i].file + strlen(f.path) + 1,
		    strlen(ps.list[i].file) - strlen(f.path));
	expect_said(when, &ps, said);
	folder_remove(&f);
	return r;
}

static void
the_site_s_own_keys_replace_its_profile_s(void **state)
{
	struct site *s;

	(void)state;
	assert_int_equal(
	    read_with_profile("both",
		"title = \"P\"; sessions_per_day = 3; session_longest = "
		"\"00:45\"; hours = ( { days = \"T2\"; from = \"05:00\"; to "
		"= \"06:00\"; }, { days = \"T3\"; from = \"05:00\"; to = "
		"\"06:00\"; } );",
		"session_longest = \"00:30\"; profile = \"p\"; hours = ( { "
		"days = \"T2-CN\"; from = \"17:00\"; to = \"18:00\"; } );",
		"", &s),
	    0);
	assert_string_equal(s->rules.id, "p");
	assert_string_equal(s->rules.title, "P");
	assert_true(
	    s->rules.sessions_per_day == 3 && s->rules.session_s == 1800);
	assert_true(
	    s->rules.n_hours == 1 && s->rules.hours[0].from_s == 17 * 3600);
	site_free(s);
	assert_int_equal(
	    read_with_profile("hours from the profile",
		"hours = ( { days = \"T2\"; from = \"05:00\"; to = "
		"\"06:00\"; } );",
		"profile = \"p\";", "", &s),
	    0);
	assert_int_equal(s->rules.n_hours, 1);
	site_free(s);
}

/* P1: with a profile that cannot be read no hours are allowed. */
static void
a_faulty_profile_makes_a_faulty_site(void **state)
{
	struct site *s = NULL;

	(void)state;
	assert_int_equal(read_with_profile("faulty", "sessions_per_day = 0;",
			     "profile = \"p\";",
			     "profiles/p.conf:1: sessions_per_day: 0 is out of "
			     "range; write 1 to 100\n",
			     &s),
	    -EINVAL);
	assert_int_equal(
	    read_with_profile("no hours in either", "title = \"P\";",
		"profile = \"p\";",
		"conf: hours is missing; write hours = ( { … }, { … } );\n",
		&s),
	    -EINVAL);
	assert_int_equal(read_with_profile("no such profile", "",
			     "hours = ();\nprofile = \"q\";",
			     "profiles/q.conf: there is no such file; make it, "
			     "or correct its name\n",
			     &s),
	    -EINVAL);
	assert_int_equal(
	    read_with_profile("a path", "", "hours = ();\nprofile = \"../p\";",
		"conf:2: profile: \"../p\" is not an id; use a-z, "
		"0-9 and \"-\", such as \"p\"\n",
		&s),
	    -EINVAL);
	assert_null(s);
}

static void
a_missing_file_is_told(void **state)
{
	struct problems ps = { 0 };
	struct site *s = NULL;

	(void)state;
	assert_int_equal(site_read("/nowhere/loaxa.conf", &ps, &s), -ENOENT);
	expect_said("missing", &ps,
	    "/nowhere/loaxa.conf: there is no such file; make it, or correct "
	    "its name\n");
	assert_null(s);
}

static int64_t
instant(const char *date, const char *time)
{
	int64_t day;
	int s;

	assert_int_equal(civil_read_date(date, &day), 0);
	assert_int_equal(civil_read_time(time, &s), 0);
	return civil_to_us(day, s);
}

static const char hours[] =
    "hours = (\n"
    "{ days = \"T2-CN\"; from = \"04:45\"; to = \"06:30\"; },\n"
    "{ days = \"T2-CN\"; from = \"16:30\"; to = \"18:30\"; },\n"
    "{ days = \"T5\"; from = \"18:00\"; to = \"19:00\"; },\n"
    "{ days = \"T5\"; from = \"19:00\"; to = \"19:30\"; },\n"
    "{ days = \"T7\"; from = \"22:00\"; to = \"24:00\"; },\n"
    "{ days = \"CN\"; from = \"00:00\"; to = \"01:00\"; } );";

/* P1: the fence to the microsecond. */
static void
hours_are_allowed_from_their_first_instant_to_before_their_end(void **state)
{
	static const struct {
		const char *when;
		const char *date, *time;
		int64_t plus_us;
		const char *end_date, *end; /* NULL: not allowed */
	} cases[] = {
		{ "a microsecond before", "2026-11-24", "04:45", -1, NULL,
		    NULL },
		{ "the first instant", "2026-11-24", "04:45", 0, "2026-11-24",
		    "06:30" },
		{ "the last microsecond", "2026-11-24", "06:30", -1,
		    "2026-11-24", "06:30" },
		{ "the end", "2026-11-24", "06:30", 0, NULL, NULL },
		{ "at night", "2026-11-24", "03:15", 0, NULL, NULL },
		{ "overlapping and adjoining windows are one", "2026-11-26",
		    "17:00", 0, "2026-11-26", "19:30" },
		{ "only on that day", "2026-11-27", "19:15", 0, NULL, NULL },
		{ "across midnight", "2026-11-28", "23:00", 0, "2026-11-29",
		    "01:00" },
		{ "after midnight", "2026-11-29", "00:59:59", 0, "2026-11-29",
		    "01:00" },
		{ "the midnight after", "2026-11-29", "24:00", 0, NULL, NULL },
	};
	struct site *s = read_text("hours", hours, "");

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t at =
		    instant(cases[i].date, cases[i].time) + cases[i].plus_us;
		int64_t end = 42;
		bool allowed = site_allows(s, at, &end);

		if (cases[i].end == NULL) {
			if (allowed || end != 42)
				fail_msg("%s: allowed", cases[i].when);
			continue;
		}
		if (!allowed || end != instant(cases[i].end_date, cases[i].end))
			fail_msg("%s: another end", cases[i].when);
	}
	site_free(s);
}

static void
hours_without_end_are_told_as_eight_days(void **state)
{
	struct site *s = read_text("always",
	    "hours = ( { days = \"T2-CN\"; from = \"00:00\"; to = \"24:00\"; } "
	    ");",
	    "");
	int64_t end;

	(void)state;
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	assert_true(site_allows(s, instant("2026-11-24", "12:00"), &end));
	assert_int_equal(end, instant("2026-12-02", "00:00"));
	site_free(s);
}

/* P1: a window is never longer than written, and opens once. */
static void
hours_on_the_nights_of_a_zone_s_steps(void **state)
{
	static const struct {
		const char *when;
		const char *utc;
		const char *end_utc; /* NULL: not allowed */
	} cases[] = {
		{ "the gap swallows 02:15 to 02:45", "2026-03-29T01:00:00Z",
		    NULL },
		{ "doubled: first pass", "2026-10-25T00:20:00Z",
		    "2026-10-25T00:45:00Z" },
		{ "doubled: second pass", "2026-10-25T01:20:00Z", NULL },
		{ "the night after", "2026-10-26T01:20:00Z",
		    "2026-10-26T01:45:00Z" },
	};
	struct site *s = read_text("night",
	    "zone = \"Europe/Berlin\"; hours = ( { days = \"T2-CN\"; "
	    "from = \"02:15\"; to = \"02:45\"; } );",
	    "");

	(void)state;
	assert_int_equal(civil_zone("Europe/Berlin"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t at, wanted, end;
		bool allowed;

		assert_int_equal(civil_read_utc(cases[i].utc, &at), 0);
		allowed = site_allows(s, at, &end);
		if (allowed != (cases[i].end_utc != NULL))
			fail_msg("%s: %d", cases[i].when, allowed);
		if (!allowed)
			continue;
		assert_int_equal(civil_read_utc(cases[i].end_utc, &wanted), 0);
		assert_int_equal(end, wanted);
	}
	site_free(s);
}

/* Example run by a test: the file we ship. */
static void
the_shipped_configuration_is_valid_for_que_minh(void **state)
{
	struct problems ps = { 0 };
	struct site *s;
	int64_t end;

	(void)state;
	if (site_read("etc/loaxa.conf", &ps, &s) < 0)
		fail_msg("%s", problems_said(&ps));
	assert_int_equal(civil_zone(s->zone), 0);
	assert_true(site_allows(s, instant("2026-11-26", "17:10:30"), &end));
	assert_int_equal(end, instant("2026-11-26", "18:30"));
	assert_false(site_allows(s, instant("2026-11-26", "03:15"), &end));
	assert_string_equal(site_output(s, "que-minh")->driver, "wav");
	assert_non_null(site_relay(s, "vov1"));
	assert_non_null(site_relay(s, "tinh"));
	assert_true(s->approval && !s->plausible_clock && s->rules.count_relay);
	site_free(s);
}

static void
every_kind_of_record_may_be_an_event(void **state)
{
	(void)state;
	for (int k = 0; k < KINDS; k++) {
		struct site *s;
		char text[200];

		snprintf(text, sizeof(text),
		    "hours = (); on_event = { command = [ \"x\" ]; "
		    "kinds = [ \"%s\" ]; };",
		    kind_word((enum kind)k));
		s = read_text("event", text, "");
		assert_string_equal(
		    s->on_event.kinds[0], kind_word((enum kind)k));
		site_free(s);
	}
}

/* What stands behind "# " in the outputs is an example as well. */
static void
the_outputs_shipped_as_comments_are_valid_too(void **state)
{
	char *text = folder_slurp("etc/loaxa.conf", NULL);
	char *from = strstr(text, "{ station = \"que-minh\"");
	char conf[4000] = "hours = ();";
	int tried = 0;

	(void)state;
	for (char *at = from; (at = strstr(at, "# { ")) != NULL; at++) {
		char *end = strstr(at, "; }\n");
		struct site *s;

		assert_non_null(end);
		snprintf(conf, sizeof(conf), "hours = (); outputs = (%.*s);",
		    (int)(end + 3 - at - 1), at + 1);
		for (char *p = conf; (p = strstr(p, "\n  #")) != NULL;)
			memcpy(p, "    ", 4);
		s = read_text(conf, conf, "");
		assert_int_equal(s->n_outputs, 1);
		site_free(s);
		tried++;
	}
	assert_int_equal(tried, 2);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_least_site_allows_nothing_and_wants_approval),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(
		    a_station_has_a_loudness_of_its_own_or_the_sites),
		cmocka_unit_test(each_fault_is_told_at_its_line),
		cmocka_unit_test(the_site_s_own_keys_replace_its_profile_s),
		cmocka_unit_test(a_faulty_profile_makes_a_faulty_site),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(
		    hours_are_allowed_from_their_first_instant_to_before_their_end),
		cmocka_unit_test(hours_without_end_are_told_as_eight_days),
		cmocka_unit_test(hours_on_the_nights_of_a_zone_s_steps),
		cmocka_unit_test(
		    the_shipped_configuration_is_valid_for_que_minh),
		cmocka_unit_test(every_kind_of_record_may_be_an_event),
		cmocka_unit_test(the_outputs_shipped_as_comments_are_valid_too),
	};

	return cmocka_run_group_tests_name("site", tests, NULL, NULL);
}
