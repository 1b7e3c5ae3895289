/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The live deck, with the real loaxa-source and a player of our own: this
 * program, called as loaxa-player. The last tests take the real one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/wire.h"
#include "playout/deck.h"
#include "tests/fakes/sound.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FRAMES 480000 /* of item.flac: 10 s, four pipes full */

/* The player that is this program --------------------------------------- */

static void
say(const struct cue *c, enum receipt_kind kind, enum ended why, int64_t sent,
    const char *text)
{
	struct receipt r = {
		.version = CUE_VERSION,
		.kind = kind,
		.airing = c->airing,
		.ended = why,
		.first_boot_us = NEVER,
		.last_boot_us = NEVER,
		.frames_sent = sent,
	};

	snprintf(r.text, sizeof(r.text), "%s", text);
	wire_send(3, &r, sizeof(r), -1);
}

/* Takes all there is; "FIRST LAST WRONG" samples of an item of ours. */
static void
play_whole(const struct cue *c, int fd)
{
	int16_t pcm[1024];
	int first = -1, last = -1, wrong = 0;
	int64_t sent = 0;
	char text[64];
	ssize_t n;

	say(c, RECEIPT_STARTED, ENDED_WHOLE, 0, "");
	while (sent < c->frames && (n = read(fd, pcm, sizeof(pcm))) > 0)
		for (ssize_t i = 0; i < n / 2; i++, sent++) {
			if (first < 0)
				first = pcm[i];
			else if (pcm[i] != (last + 1) % 30000)
				wrong++;
			last = pcm[i];
		}
	snprintf(text, sizeof(text), "%d %d %d", first, last, wrong);
	say(c, RECEIPT_ENDED,
	    sent == c->frames ? ENDED_WHOLE : ENDED_SOURCE_FAILED, sent, text);
}

static void
play_some(const struct cue *c, int fd)
{
	char pcm[2000];

	say(c, RECEIPT_STARTED, ENDED_WHOLE, 0, "");
	(void)!read(fd, pcm, sizeof(pcm));
	say(c, RECEIPT_PROGRESS, ENDED_WHOLE, 1000, "");
}

/* Endless receipts; as a device's, so that they are not dropped early. */
static void
babble(struct cue *c)
{
	c->airing = 0;
	for (;;)
		say(c, RECEIPT_DEVICE_OK, ENDED_WHOLE, 0, "!");
}

/* What no player could say; then an end that is true. */
static void
garble(const struct cue *c)
{
	static const char junk[] = "junk";
	struct cue far = *c;

	far.airing = 77;
	for (int i = 0; i < 20; i++)
		wire_send(3, junk, (size_t)(i % 4) + 1, -1);
	say(c, RECEIPT_LOADED, ENDED_WHOLE, 0, "twice?");
	say(c, (enum receipt_kind)99, ENDED_WHOLE, 0, "");
	say(c, RECEIPT_PROGRESS, ENDED_WHOLE, c->frames + 1, "too much");
	say(c, RECEIPT_PROGRESS, ENDED_WHOLE, -1, "less than none");
	say(c, RECEIPT_ENDED, (enum ended)77, 1000, "");
	say(&far, RECEIPT_ENDED, ENDED_WHOLE, 1000, "not ours");
	say(c, RECEIPT_ENDED, ENDED_CUT, 1000, "");
}

/* It lives, and never says how it ended. */
static void
beat_for_ever(const struct cue *c)
{
	struct cue own = *c;

	own.airing = 0;
	for (;;) {
		say(&own, RECEIPT_PROGRESS, ENDED_WHOLE, 0, "");
		poll(NULL, 0, 20);
	}
}

/* How it behaves is the name of its device. */
static int
be_player(const char *device)
{
	struct pollfd p = { .fd = 3, .events = POLLIN };
	struct cue c;
	int fd;

	while (poll(&p, 1, -1) > 0 &&
	       wire_recv(3, &c, sizeof(c), &fd) == (ssize_t)sizeof(c)) {
		if (c.verb == CUE_STOP)
			say(&c, RECEIPT_ENDED, ENDED_STOPPED, 1000, "");
		else if (strcmp(device, "good") == 0)
			play_whole(&c, fd);
		else
			play_some(&c, fd);
		if (strcmp(device, "babbles") == 0)
			babble(&c);
		if (strcmp(device, "garbles") == 0)
			garble(&c);
		if (strcmp(device, "forks") == 0 && fork() != 0)
			kill(getpid(), SIGKILL);
		if (strcmp(device, "never") == 0)
			beat_for_ever(&c);
		if (strcmp(device, "dies") == 0)
			kill(getpid(), SIGKILL);
		if (strcmp(device, "hangs") == 0)
			kill(getpid(), SIGSTOP);
		if (strcmp(device, "cuts") == 0)
			say(&c, RECEIPT_ENDED, ENDED_CUT, 1000, "");
		if (fd >= 0 && strcmp(device, "waits") != 0)
			close(fd);
	}
	return 0;
}

/* The bench -------------------------------------------------------------- */

static char libexec[4096];
static char hash[HASH_HEX];
static struct deck *d;
static int64_t skew_us; /* of our clock: nobody waits in a test */

static struct now
now(void)
{
	struct now t = clock_read();

	t.boot_us += skew_us;
	t.wall_us += skew_us;
	return t;
}

static void
hash_of(const char *name, char ret_hex[static HASH_HEX])
{
	int fd = open(sound_path(name), O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(hash_fd(fd, ret_hex), 0);
	close(fd);
}

static int
all_up(void **state)
{
	(void)state;
	sound_open();
	sound_run("mkdir libexec hung dying && "
		  "ln -s /proc/%d/exe libexec/x && "
		  "ln -s \"$(readlink -f libexec/x)\" libexec/loaxa-player && "
		  "ln -s '%s' libexec/loaxa-source && "
		  "cp -P libexec/loaxa-player hung && "
		  "cp -P libexec/loaxa-player dying",
	    getpid(), sound_program("loaxa-source"));
	sound_item("item.flac", 1, FRAMES);
	hash_of("item.flac", hash);
	sound_run("printf '#!/bin/sh\\nkill -STOP $$\\n' > hung/loaxa-source "
		  "&& printf '#!/bin/sh\\necho hash %s >&3\\n"
		  "echo format 48000 1 -1 >&3\\nhead -c 2000 /dev/zero\\n"
		  "kill -9 $$\\n' > dying/loaxa-source && "
		  "chmod +x */loaxa-source",
	    hash);
	return 0;
}

/* After a failure, too, the next test starts afresh. */
static int
each_down(void **state)
{
	(void)state;
	d = deck_close(d);
	return 0;
}

static int
all_down(void **state)
{
	(void)state;
	sound_close();
	return 0;
}

static void
open_deck(const char *folder, const char *device)
{
	struct deck_setup s = { .station = "t", .driver = "fake" };

	snprintf(libexec, sizeof(libexec), "%s", sound_path(folder));
	s.libexec = libexec;
	s.device = device;
	skew_us = 0;
	assert_int_equal(deck_open(&s, &d), 0);
}

static void
close_deck(void)
{
	d = deck_close(d);
	/* Whoever it started, it has reaped. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int
load(uint64_t airing, const char *name, const char *hex, int64_t offset)
{
	int fd = open(sound_path(name), O_RDONLY | O_CLOEXEC);

	return d->load(d, now(), airing, fd, hex, offset);
}

/* Waits for the next receipt, as the daemon's loop does. */
static struct receipt
next(void)
{
	struct receipt r = { 0 };
	int64_t until_us = now().boot_us + 20 * US_PER_S;

	while (now().boot_us < until_us) {
		struct pollfd p = { .fd = d->fd(d), .events = POLLIN };

		if (d->receive(d, now(), &r) == 1)
			return r;
		poll(&p, 1, 10);
	}
	fail_msg("no receipt came in 20 s");
	return r;
}

/* The same with a clock that runs ahead a second a turn. */
static struct receipt
next_in_a_rush(void)
{
	struct receipt r;

	for (int turns = 0; turns < 40; turns++) {
		struct pollfd p = { .fd = d->fd(d), .events = POLLIN };

		if (d->receive(d, now(), &r) == 1)
			return r;
		poll(&p, 1, 50);
		skew_us += US_PER_S;
	}
	fail_msg("no receipt came in 40 s");
	return r;
}

static struct cue
cue_of(uint64_t airing, int64_t frames)
{
	return (struct cue){
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = airing,
		.start_boot_us = now().boot_us,
		.stop_boot_us = NEVER,
		.fence_boot_us = NEVER / 2,
		.fence_wall_us = NEVER / 2,
		.frames = frames,
		.channels = 1,
	};
}

static void
expect(struct receipt r, enum receipt_kind kind, uint64_t airing)
{
	if (r.kind != kind || r.airing != airing)
		fail_msg("receipt %u of %llu (ended %u, \"%s\"), wanted %d",
		    r.kind, (unsigned long long)r.airing, r.ended, r.text,
		    kind);
}

static void
expect_end(struct receipt r, enum ended why, int64_t sent)
{
	if (r.kind != RECEIPT_ENDED || r.ended != why || r.frames_sent != sent)
		fail_msg("kind %u, ended %u after %lld, \"%s\"; wanted %d "
			 "after %lld",
		    r.kind, r.ended, (long long)r.frames_sent, r.text, why,
		    (long long)sent);
}

static void
load_and_cue(uint64_t airing, int64_t offset)
{
	struct cue c = cue_of(airing, FRAMES - offset);

	assert_int_equal(load(airing, "item.flac", hash, offset), 0);
	expect(next(), RECEIPT_LOADED, airing);
	assert_int_equal(d->cue(d, now(), &c), 0);
}

static void
expect_no_more(void)
{
	struct receipt r;

	assert_int_equal(d->receive(d, now(), &r), 0);
}

/* The tests -------------------------------------------------------------- */

static void
every_frame_from_the_offset_on_reaches_the_player(void **state)
{
	static const int64_t offsets[] = { 0, 1, 100001, FRAMES - 1 };

	(void)state;
	open_deck("libexec", "good");
	for (size_t i = 0; i < COUNT(offsets); i++) {
		char wanted[64];
		struct receipt r;

		load_and_cue(i + 1, offsets[i]);
		expect(next(), RECEIPT_STARTED, i + 1);
		r = next();
		expect_end(r, ENDED_WHOLE, FRAMES - offsets[i]);
		snprintf(wanted, sizeof(wanted), "%d %d 0",
		    (int)(offsets[i] % 30000), (FRAMES - 1) % 30000);
		assert_string_equal(r.text, wanted);
		assert_int_equal(r.first_boot_us, 0); /* NEVER, said so */
	}
	expect_no_more();
	assert_int_equal(d->wake(d), NEVER);
	close_deck();
}

static void
two_airings_are_loaded_side_by_side(void **state)
{
	struct cue a = cue_of(1, FRAMES), b = cue_of(2, FRAMES);
	int ended = 0;

	(void)state;
	open_deck("libexec", "good");
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	assert_int_equal(load(2, "item.flac", hash, 0), 0);
	assert_int_equal(next().kind, RECEIPT_LOADED);
	assert_int_equal(next().kind, RECEIPT_LOADED);
	assert_int_equal(d->cue(d, now(), &a), 0);
	assert_int_equal(d->cue(d, now(), &b), 0);
	/* The first one's end may wait for its source's last word. */
	while (ended < 2) {
		struct receipt r = next();

		if (r.kind == RECEIPT_STARTED)
			continue;
		expect_end(r, ENDED_WHOLE, FRAMES);
		ended++;
	}
	close_deck();
}

static void
other_bytes_than_the_approved_never_load(void **state)
{
	char other[HASH_HEX];
	struct cue c = cue_of(1, FRAMES);

	(void)state;
	hash_bytes("x", 1, other);
	open_deck("libexec", "good");
	assert_int_equal(load(1, "item.flac", other, 0), 0);
	expect_end(next(), ENDED_HASH_CHANGED, 0);
	assert_int_equal(d->cue(d, now(), &c), -ENOENT);
	expect_no_more();
	close_deck();
}

/* The hash binds the sound; the record beside it anybody may have changed. */
static void
a_record_that_tells_other_frames_never_airs(void **state)
{
	static const int64_t told[] = { FRAMES - 101, FRAMES - 99, 1 };

	(void)state;
	open_deck("libexec", "good");
	for (size_t i = 0; i < COUNT(told); i++) {
		struct cue c = cue_of(i + 1, told[i]);

		assert_int_equal(load(i + 1, "item.flac", hash, 100), 0);
		expect(next(), RECEIPT_LOADED, i + 1);
		assert_int_equal(d->cue(d, now(), &c), -ENOENT);
		expect_end(next(), ENDED_BAD_ITEM, 0);
	}
	expect_no_more();
	close_deck();
}

static void
bytes_changed_on_the_air_are_noticed_at_the_end(void **state)
{
	struct receipt r;

	(void)state;
	open_deck("libexec", "good");
	sound_run("cp item.flac live.flac");
	assert_int_equal(load(1, "live.flac", hash, 0), 0);
	expect(next(), RECEIPT_LOADED, 1);
	/* The source is held up by its full pipe, with most still to read. */
	sound_run("echo more >> live.flac");
	assert_int_equal(
	    d->cue(d, now(), (struct cue[]){ cue_of(1, FRAMES) }), 0);
	expect(next(), RECEIPT_STARTED, 1);
	r = next();
	expect_end(r, ENDED_HASH_CHANGED, FRAMES);
	close_deck();
}

static void
a_cut_airing_is_checked_as_well(void **state)
{
	(void)state;
	open_deck("libexec", "cuts");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	expect_end(next(), ENDED_CUT, 1000);
	sound_run("cp item.flac live.flac");
	assert_int_equal(load(2, "live.flac", hash, 0), 0);
	expect(next(), RECEIPT_LOADED, 2);
	sound_run("echo more >> live.flac");
	assert_int_equal(
	    d->cue(d, now(), (struct cue[]){ cue_of(2, FRAMES) }), 0);
	expect(next(), RECEIPT_STARTED, 2);
	expect(next(), RECEIPT_PROGRESS, 2);
	expect_end(next(), ENDED_HASH_CHANGED, 1000);
	close_deck();
}

static void
what_is_no_item_never_loads(void **state)
{
	static const struct {
		const char *when;
		const char *make;
	} cases[] = {
		{ "junk", "yes junk | head -c 9999 > bad" },
		{ "empty", ": > bad" },
		{ "a WAV", "sox -n -r 48000 -b 16 bad.wav synth 1 sine && "
			   "mv bad.wav bad" },
		{ "44.1 kHz", "sox -n -r 44100 -b 16 bad.flac synth 1 sine && "
			      "mv bad.flac bad" },
		{ "24 bits", "sox -n -r 48000 -b 24 bad.flac synth 1 sine && "
			     "mv bad.flac bad" },
	};

	(void)state;
	open_deck("libexec", "good");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[HASH_HEX];
		struct receipt r;

		sound_run("%s", cases[i].make);
		hash_of("bad", hex);
		assert_int_equal(load(i + 1, "bad", hex, 0), 0);
		r = next();
		if (r.kind != RECEIPT_ENDED || r.ended != ENDED_BAD_ITEM)
			fail_msg("%s: %u %u %s", cases[i].when, r.kind, r.ended,
			    r.text);
	}
	close_deck();
}

static void
a_record_that_names_other_channels_is_a_bad_item(void **state)
{
	struct cue c = cue_of(1, FRAMES);

	(void)state;
	open_deck("libexec", "good");
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	expect(next(), RECEIPT_LOADED, 1);
	c.channels = 2;
	assert_int_equal(d->cue(d, now(), &c), -ENOENT);
	expect_end(next(), ENDED_BAD_ITEM, 0);
	expect_no_more();
	close_deck();
}

static void
a_source_that_dies_costs_its_own_item_alone(void **state)
{
	struct cue c = cue_of(1, FRAMES);
	struct receipt r;

	(void)state;
	open_deck("dying", "good");
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	r = next();
	if (r.kind == RECEIPT_LOADED && d->cue(d, now(), &c) == 0) {
		expect(next(), RECEIPT_STARTED, 1);
		r = next();
	} else if (r.kind == RECEIPT_LOADED) {
		r = next();
	}
	assert_int_equal(r.kind, RECEIPT_ENDED);
	assert_int_equal(r.ended, ENDED_SOURCE_FAILED);
	expect_no_more();
	close_deck();
}

/* Found where a turn of the loop came round two thousand times within one
 * start of a program: epoll knows a file by whoever still holds it open. */
static void
a_report_that_has_ended_wakes_nobody_whoever_still_holds_it(void **state)
{
	struct cue c = cue_of(1, FRAMES);
	struct pollfd p = { .events = POLLIN };
	struct receipt r;
	pid_t holder;

	(void)state;
	open_deck("dying", "waits");
	p.fd = d->fd(d);
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	holder = fork();
	if (holder == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	r = next();
	if (r.kind == RECEIPT_LOADED && d->cue(d, now(), &c) == 0) {
		for (int i = 0; i < 1000 && poll(&p, 1, 500) == 1; i++)
			d->receive(d, now(), &r);
		d->drop(d, now(), 1);
	}
	while (r.kind != RECEIPT_ENDED)
		r = next();
	for (int i = 0; i < 10; i++)
		(void)d->receive(d, now(), &r);
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	close_deck();
}

static void
a_source_that_hangs_is_given_eight_seconds(void **state)
{
	int64_t before_us;

	(void)state;
	open_deck("hung", "good");
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	before_us = now().boot_us;
	expect_end(next_in_a_rush(), ENDED_SOURCE_FAILED, 0);
	assert_true(now().boot_us - before_us >= 8 * US_PER_S);
	assert_true(now().boot_us - before_us < 11 * US_PER_S);
	close_deck();
}

static void
a_player_that_dies_is_started_again(void **state)
{
	(void)state;
	open_deck("libexec", "dies");
	for (uint64_t airing = 1; airing <= 3; airing++) {
		struct cue c = cue_of(airing, FRAMES);

		assert_int_equal(load(airing, "item.flac", hash, 0), 0);
		expect(next(), RECEIPT_LOADED, airing);
		assert_int_equal(d->cue(d, now(), &c), 0);
		expect(next_in_a_rush(), RECEIPT_STARTED, airing);
		expect(next_in_a_rush(), RECEIPT_PROGRESS, airing);
		/* At least so many were sent: the last that was heard. */
		expect_end(next_in_a_rush(), ENDED_PROCESS_DIED, 1000);
	}
	expect_no_more();
	close_deck();
}

static void
a_player_that_hangs_in_its_device_is_ended_and_said_so(void **state)
{
	struct receipt r;
	int64_t before_us;

	(void)state;
	open_deck("libexec", "hangs");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	before_us = now().boot_us;
	r = next_in_a_rush();
	expect(r, RECEIPT_DEVICE_LOST, 0);
	assert_true(r.text[0] != '\0');
	/* Nobody else will tell when it is back. */
	assert_int_equal(r.ended, ENDED_PROCESS_DIED);
	expect_end(next_in_a_rush(), ENDED_DEVICE_LOST, 1000);
	assert_true(now().boot_us - before_us >= 2 * US_PER_S);
	assert_true(now().boot_us - before_us < 6 * US_PER_S);
	close_deck();
}

static void
a_player_that_talks_without_end_is_ended(void **state)
{
	struct receipt r;

	(void)state;
	open_deck("libexec", "babbles");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	do
		r = next();
	while (r.kind == RECEIPT_DEVICE_OK);
	expect_end(r, ENDED_PROCESS_DIED, 1000);
	expect_no_more();
	close_deck();
}

static void
what_no_player_can_say_is_not_believed(void **state)
{
	(void)state;
	open_deck("libexec", "garbles");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	expect_end(next_in_a_rush(), ENDED_CUT, 1000);
	expect_no_more();
	close_deck();
}

/* The wire stays open in the child's hands: its silence tells. */
static void
a_player_that_leaves_a_child_behind_is_missed_all_the_same(void **state)
{
	(void)state;
	open_deck("libexec", "forks");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	expect(next_in_a_rush(), RECEIPT_DEVICE_LOST, 0);
	expect_end(next_in_a_rush(), ENDED_DEVICE_LOST, 1000);
	close_deck();
}

/* P2 */
static void
a_player_that_never_says_how_it_ended_is_ended(void **state)
{
	struct cue c = cue_of(1, FRAMES);
	int64_t stop_us = now().boot_us + 4 * US_PER_S;

	(void)state;
	open_deck("libexec", "never");
	c.stop_boot_us = stop_us;
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	expect(next(), RECEIPT_LOADED, 1);
	assert_int_equal(d->cue(d, now(), &c), 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	expect_end(next_in_a_rush(), ENDED_PROCESS_DIED, 1000);
	assert_in_range(now().boot_us - stop_us, 9 * US_PER_S, 12 * US_PER_S);
	close_deck();
}

/* The deck ends a silent player within seconds; only one that is not turned
 * leaves it hanging. */
static void
a_deck_with_a_hung_player_moves_as_long_as_it_is_turned(void **state)
{
	int64_t end_us;

	(void)state;
	open_deck("libexec", "hangs");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	assert_true(deck_moves(d, now()));
	skew_us += DECK_STILL_US + 2 * US_PER_S;
	assert_false(deck_moves(d, now()));
	expect(next_in_a_rush(), RECEIPT_DEVICE_LOST, 0);
	expect_end(next_in_a_rush(), ENDED_DEVICE_LOST, 1000);
	for (end_us = now().boot_us + 120 * US_PER_S; now().boot_us < end_us;
	     skew_us += US_PER_S) {
		expect_no_more();
		assert_true(deck_moves(d, now()));
	}
	close_deck();
}

struct still {
	struct deck deck; /* must be first */
	int64_t quiet_us;
	int64_t wake_us;
};

static int64_t
still_quiet(struct deck *deck)
{
	return ((struct still *)deck)->quiet_us;
}

static int64_t
still_wake(struct deck *deck)
{
	return ((struct still *)deck)->wake_us;
}

static void
a_deck_moves_until_what_it_owes_is_long_overdue(void **state)
{
	const int64_t at = 1000 * US_PER_S;
	const struct {
		const char *when;
		int64_t quiet_us;
		int64_t wake_us;
		bool moves;
	} cases[] = {
		{ "idle", NEVER, NEVER, true },
		{ "something to do later", NEVER, at + 1, true },
		{ "something to do now", NEVER, at, true },
		{ "a player that just spoke", at, at + 1, true },
		{ "a second before it is too long", at - DECK_STILL_US + 1,
		    NEVER, true },
		{ "a player silent too long", at - DECK_STILL_US, NEVER,
		    false },
		{ "a chore not done", NEVER, at - DECK_STILL_US, false },
		{ "receipts that nobody takes", NEVER, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct still s = {
			.deck = { .wake = still_wake,
			    .quiet_since = still_quiet },
			.quiet_us = cases[i].quiet_us,
			.wake_us = cases[i].wake_us,
		};

		if (deck_moves(&s.deck, (struct now){ .boot_us = at }) !=
		    cases[i].moves)
			fail_msg("%s", cases[i].when);
	}
}

static void
our_own_sleep_is_not_taken_for_the_players(void **state)
{
	struct receipt r;

	(void)state;
	open_deck("libexec", "waits");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	expect(next(), RECEIPT_PROGRESS, 1);
	skew_us += 3600 * US_PER_S; /* the lid was closed for an hour */
	assert_int_equal(d->receive(d, now(), &r), 0);
	d->drop(d, now(), 1);
	expect_end(next(), ENDED_STOPPED, 1000);
	close_deck();
}

static void
a_dropped_airing_ends_once(void **state)
{
	(void)state;
	open_deck("libexec", "waits");
	assert_int_equal(load(1, "item.flac", hash, 0), 0);
	d->drop(d, now(), 1);
	d->drop(d, now(), 1);
	expect_end(next(), ENDED_STOPPED, 0);
	expect_no_more();
	load_and_cue(2, 0);
	expect(next(), RECEIPT_STARTED, 2);
	expect(next(), RECEIPT_PROGRESS, 2);
	d->drop(d, now(), 2);
	d->drop(d, now(), 2);
	d->drop(d, now(), 99);
	expect_end(next(), ENDED_STOPPED, 1000);
	expect_no_more();
	close_deck();
}

static void
wrong_calls_are_refused_and_take_the_descriptor(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct cue c = cue_of(5, 1);

	(void)state;
	open_deck("libexec", "good");
	assert_int_equal(d->load(d, now(), 0, fd, hash, 0), -EINVAL);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(load(1, "item.flac", "nonsense", 0), -EINVAL);
	assert_int_equal(load(1, "item.flac", hash, -1), -EINVAL);
	assert_int_equal(load(1, "gone.flac", hash, 0), -EINVAL);
	assert_int_equal(d->cue(d, now(), &c), -ENOENT);
	expect_no_more();
	close_deck();
}

static void
more_airings_than_places_are_refused(void **state)
{
	uint64_t airing = 1;
	int r;

	(void)state;
	open_deck("libexec", "good");
	while ((r = load(airing, "item.flac", hash, 0)) == 0 && airing < 100)
		airing++;
	assert_int_equal(r, -EBUSY);
	close_deck();
}

static int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
closing_leaves_no_descriptor_and_no_process(void **state)
{
	int before = count_fds();

	(void)state;
	open_deck("libexec", "waits");
	load_and_cue(1, 0);
	expect(next(), RECEIPT_STARTED, 1);
	assert_int_equal(load(2, "item.flac", hash, 0), 0);
	close_deck();
	assert_int_equal(count_fds(), before);
}

static void
a_deck_without_its_programs_does_not_open(void **state)
{
	struct deck_setup s = { .libexec = "/nonexistent" };
	struct deck *none = NULL;

	(void)state;
	assert_int_equal(deck_open(&s, &none), -ENOENT);
	assert_null(none);
	assert_null(deck_close(NULL));
}

/* What the real player wrote, against the item. */
static void
check_wav(const char *path, int64_t items)
{
	SF_INFO info = { 0 };
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	int64_t at = -1, ended = 0;
	int16_t frame[2];

	assert_non_null(f);
	while (sf_readf_short(f, frame, 1) == 1) {
		if (at < 0 && frame[0] != 1)
			continue; /* silence, and the item's first 0 */
		if (at < 0)
			at = 0;
		if (++at % 30000 != frame[0])
			break;
		ended = at + 1;
		if (ended == items)
			break;
	}
	sf_close(f);
	assert_int_equal(ended, items);
}

static void
the_real_player_gets_every_frame_of_two_items(void **state)
{
	struct deck_setup s = { .station = "t", .driver = "wav", .device = "" };
	char programs[4096], wav[4096];
	struct cue a, b;
	struct receipt r;
	int ended = 0;

	(void)state;
	snprintf(programs, sizeof(programs), "%s", sound_program(""));
	snprintf(wav, sizeof(wav), "%s", sound_path("out.wav"));
	if (access(sound_program("loaxa-player"), X_OK) < 0)
		fail_msg("loaxa-player is not built");
	s.libexec = programs;
	s.file = wav;
	skew_us = 0;
	sound_item("short.flac", 1, 30000);
	hash_of("short.flac", hash);
	assert_int_equal(deck_open(&s, &d), 0);
	assert_int_equal(load(1, "short.flac", hash, 0), 0);
	assert_int_equal(load(2, "short.flac", hash, 0), 0);
	assert_int_equal(next().kind, RECEIPT_LOADED);
	assert_int_equal(next().kind, RECEIPT_LOADED);
	a = cue_of(1, 30000);
	b = cue_of(2, 30000);
	a.start_boot_us += 300 * US_PER_MS;
	b.start_boot_us = a.start_boot_us + 625 * US_PER_MS;
	assert_int_equal(d->cue(d, now(), &a), 0);
	assert_int_equal(d->cue(d, now(), &b), 0);
	while (ended < 2) {
		r = next();
		if (r.kind != RECEIPT_ENDED)
			continue;
		expect_end(r, ENDED_WHOLE, 30000);
		assert_true(r.first_boot_us > 0);
		ended++;
	}
	close_deck();
	check_wav(wav, 60000);
}

int
main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_teardown(name, each_down)
	const struct CMUnitTest tests[] = {
		T(every_frame_from_the_offset_on_reaches_the_player),
		T(two_airings_are_loaded_side_by_side),
		T(other_bytes_than_the_approved_never_load),
		T(a_record_that_tells_other_frames_never_airs),
		T(bytes_changed_on_the_air_are_noticed_at_the_end),
		T(a_cut_airing_is_checked_as_well),
		T(what_is_no_item_never_loads),
		T(a_record_that_names_other_channels_is_a_bad_item),
		T(a_source_that_dies_costs_its_own_item_alone),
		T(a_report_that_has_ended_wakes_nobody_whoever_still_holds_it),
		T(a_source_that_hangs_is_given_eight_seconds),
		T(a_player_that_dies_is_started_again),
		T(a_player_that_hangs_in_its_device_is_ended_and_said_so),
		T(a_deck_with_a_hung_player_moves_as_long_as_it_is_turned),
		T(a_deck_moves_until_what_it_owes_is_long_overdue),
		T(a_player_that_talks_without_end_is_ended),
		T(what_no_player_can_say_is_not_believed),
		T(a_player_that_leaves_a_child_behind_is_missed_all_the_same),
		T(a_player_that_never_says_how_it_ended_is_ended),
		T(our_own_sleep_is_not_taken_for_the_players),
		T(a_dropped_airing_ends_once),
		T(wrong_calls_are_refused_and_take_the_descriptor),
		T(more_airings_than_places_are_refused),
		T(closing_leaves_no_descriptor_and_no_process),
		T(a_deck_without_its_programs_does_not_open),
		T(the_real_player_gets_every_frame_of_two_items),
	};

	if (strstr(argv[0], "/loaxa-player") != NULL)
		for (int i = 1; i + 1 < argc; i++)
			if (strcmp(argv[i], "--device") == 0)
				return be_player(argv[i + 1]);
	return cmocka_run_group_tests(tests, all_up, all_down);
}
