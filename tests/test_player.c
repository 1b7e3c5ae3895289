/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/pcm.h"
#include "playout/player.h"
#include "tests/fakes/fake_sink.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MS(n) ((int64_t)(n)*US_PER_MS)
#define SEC(n) ((int64_t)(n)*US_PER_S)
#define START SEC(1000) /* the test's first boot instant */
#define WALL_AHEAD SEC(1700000000)
#define RECEIPTS 4000
#define TURNS 400000 /* far more than any case needs */

/* A player, its device, its clock, and all it said. */
struct bench {
	int64_t clock_us;
	int64_t wall_step_us;
	struct fake_sink sink;
	struct player *player;
	int n;
	struct receipt said[RECEIPTS];
};

static struct now
now(const struct bench *b)
{
	return (struct now){
		.boot_us = b->clock_us,
		.wall_us = b->clock_us + WALL_AHEAD + b->wall_step_us,
	};
}

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct player_setup s = { .buffer_ms = 200 };

	if (b == NULL)
		return -1;
	b->clock_us = START;
	fake_sink_make(&b->sink, &b->clock_us, 90 * RATE);
	s.sink = &b->sink.sink;
	*state = b;
	return player_make(&s, &b->player);
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	player_free(b->player);
	fake_sink_free(&b->sink);
	free(b);
	return 0;
}

static void
hear(struct bench *b)
{
	const struct receipt *r;

	while ((r = player_receipt(b->player)) != NULL) {
		assert_true(b->n < RECEIPTS);
		b->said[b->n++] = *r;
		player_receipt_sent(b->player);
	}
}

/* Turns until the clock shows `until_us`, sleeping as long as it says. */
static void
run(struct bench *b, int64_t until_us)
{
	for (int i = 0; i < TURNS && b->clock_us < until_us; i++) {
		int64_t wake_us = player_turn(b->player, now(b));

		hear(b);
		b->clock_us = later(b->clock_us, earlier(wake_us, until_us));
	}
	assert_true(b->clock_us >= until_us);
}

/* Sample i of item `tag`: never silent, and different everywhere nearby. */
static int16_t
sample(int tag, int64_t i)
{
	return (int16_t)(1 + (i * 7 + tag * 1000) % 20011);
}

/* All of an item in a file without a name, which reads as a pipe that is
 * always ahead. */
static int
source(int tag, int channels, int64_t frames)
{
	int fd = memfd_create("source", MFD_CLOEXEC);
	size_t n = (size_t)(frames * channels);
	int16_t *pcm = malloc(n * sizeof(*pcm));

	for (size_t i = 0; i < n; i++)
		pcm[i] = sample(tag, (int64_t)i / channels);
	assert_int_equal(write(fd, pcm, n * sizeof(*pcm)), n * sizeof(*pcm));
	lseek(fd, 0, SEEK_SET);
	free(pcm);
	return fd;
}

static struct cue
cue(uint64_t airing, int64_t start_us, int64_t frames)
{
	return (struct cue){
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = airing,
		.start_boot_us = start_us,
		.stop_boot_us = NEVER,
		.fence_boot_us = START + SEC(86400),
		.fence_wall_us = NEVER / 2,
		.frames = frames,
		.channels = 2,
	};
}

static void
give(struct bench *b, const struct cue *c)
{
	player_cue(b->player, now(b), c,
	    source((int)c->airing, c->channels, c->frames));
}

/* Cue number `airing`, at ms after START, so many ms long. */
static void
play(struct bench *b, uint64_t airing, int64_t at_ms, int64_t len_ms)
{
	struct cue c = cue(airing, START + MS(at_ms), len_ms * RATE / 1000);

	give(b, &c);
}

static const struct receipt *
find(const struct bench *b, enum receipt_kind kind, uint64_t airing)
{
	for (int i = 0; i < b->n; i++)
		if (b->said[i].kind == kind && b->said[i].airing == airing)
			return &b->said[i];
	return NULL;
}

static int
count(const struct bench *b, enum receipt_kind kind, uint64_t airing)
{
	int n = 0;

	for (int i = 0; i < b->n; i++)
		n += b->said[i].kind == kind && b->said[i].airing == airing;
	return n;
}

static void
expect_end(const struct bench *b, uint64_t airing, enum ended why, int64_t sent)
{
	const struct receipt *r = find(b, RECEIPT_ENDED, airing);

	if (r == NULL || count(b, RECEIPT_ENDED, airing) != 1)
		fail_msg("airing %d: %d ends", (int)airing,
		    count(b, RECEIPT_ENDED, airing));
	else if (r->ended != why || r->frames_sent != sent)
		fail_msg("airing %d: ended %u after %lld, wanted %d after "
			 "%lld: %s",
		    (int)airing, r->ended, (long long)r->frames_sent, why,
		    (long long)sent, r->text);
}

/* The frame of the device's stream that begins at ms after START, for a
 * device that opened at START. */
static int64_t
at_ms(int64_t ms)
{
	return ms * RATE / 1000;
}

static void
expect_item(const struct bench *b, int tag, int64_t at, int64_t frames)
{
	for (int64_t i = 0; i < frames; i++)
		if (b->sink.pcm[2 * (at + i)] != sample(tag, i) ||
		    b->sink.pcm[2 * (at + i) + 1] != sample(tag, i))
			fail_msg("item %d: frame %lld is not its own", tag,
			    (long long)i);
}

static void
expect_silence(const struct bench *b, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to; i++)
		if (b->sink.pcm[2 * i] != 0 || b->sink.pcm[2 * i + 1] != 0)
			fail_msg("sound on frame %lld", (long long)i);
}

/* ---- starts and joins ---- */

static void
test_an_item_sounds_on_its_frame_byte_for_byte(void **state)
{
	struct bench *b = *state;
	const struct receipt *r;

	play(b, 1, 5000, 2000);
	run(b, START + SEC(9));
	expect_silence(b, 0, at_ms(5000));
	expect_item(b, 1, at_ms(5000), at_ms(2000));
	expect_silence(b, at_ms(7000), b->sink.frames);
	expect_end(b, 1, ENDED_WHOLE, at_ms(2000));
	r = find(b, RECEIPT_STARTED, 1);
	assert_non_null(r);
	assert_int_equal(r->first_boot_us, START + SEC(5));
	r = find(b, RECEIPT_ENDED, 1);
	assert_int_equal(r->first_boot_us, START + SEC(5));
	assert_int_equal(r->last_boot_us, START + SEC(7));
	assert_int_equal(r->frames_silent, 0);
	assert_int_equal(count(b, RECEIPT_DEVICE_OK, 0), 1);
	assert_int_equal(count(b, RECEIPT_DEVICE_LOST, 0), 0);
}

static void
test_a_device_that_paces_gives_the_same_frames(void **state)
{
	struct bench *b = *state;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	play(b, 1, 5000, 2000);
	play(b, 2, 7000, 1000);
	run(b, START + SEC(9));
	expect_silence(b, 0, at_ms(5000));
	expect_item(b, 1, at_ms(5000), at_ms(2000));
	expect_item(b, 2, at_ms(7000), at_ms(1000));
	expect_end(b, 1, ENDED_WHOLE, at_ms(2000));
	expect_end(b, 2, ENDED_WHOLE, at_ms(1000));
}

static void
be_ready(struct bench *b, int64_t until_us)
{
	struct cue c = { .version = CUE_VERSION,
		.verb = CUE_READY,
		.stop_boot_us = until_us };

	give(b, &c);
}

/* What cannot be called back is what was queued. */
static void
test_ready_for_an_emergency_it_begins_at_once_over_anything(void **state)
{
	static const struct {
		const char *when;
		bool paces;
		int64_t item_ms; /* on air, or 0 */
	} cases[] = {
		{ "in silence", true, 0 },
		{ "in silence, on a device that does not pace", false, 0 },
		{ "over an item", true, 60000 },
		{ "over an item, on a device that does not pace", false,
		    60000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b;
		const struct receipt *r;
		struct cue c;
		int64_t least_us, after_us;

		assert_int_equal(setup((void **)&b), 0);
		b->sink.paces = cases[i].paces;
		b->sink.buffer_frames = at_ms(200);
		if (cases[i].item_ms > 0)
			play(b, 1, 0, cases[i].item_ms);
		run(b, START + SEC(20));
		be_ready(b, START + SEC(140));
		run(b, START + SEC(25));
		c = cue(2, b->clock_us, RATE);
		c.release = 7;
		c.fence_boot_us = START + SEC(100);
		least_us = b->clock_us;
		player_cue(b->player, now(b), &c, source(2, 2, RATE));
		run(b, START + SEC(28));
		r = find(b, RECEIPT_STARTED, 2);
		assert_non_null(r);
		after_us = r->first_boot_us - least_us;
		/* 140 ms are queued; what sounds fades in 20 first. */
		if (after_us < 0 || after_us > MS(165))
			fail_msg("%s: after %lld us", cases[i].when,
			    (long long)after_us);
		expect_end(b, 2, ENDED_WHOLE, RATE);
		teardown((void **)&b);
	}
}

/* The code is good, nothing sounds: open for as long, and no longer. */
static void
test_ready_it_keeps_its_device_open_and_no_longer(void **state)
{
	struct bench *b = *state;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	be_ready(b, START + SEC(40));
	run(b, START + SEC(39));
	assert_true(b->sink.is_open);
	run(b, START + SEC(41));
	assert_false(b->sink.is_open);
	be_ready(b, START + SEC(160));
	run(b, START + SEC(43));
	assert_true(b->sink.is_open);
	be_ready(b, 0);
	run(b, START + SEC(75));
	assert_false(b->sink.is_open);
	expect_silence(b, 0, b->sink.frames);
	assert_int_equal(count(b, RECEIPT_DEVICE_LOST, 0), 0);
	assert_int_equal(count(b, RECEIPT_RATE_OFF, 0), 0);
}

/* Less is queued, then more again: neither is a device that moved. */
static void
test_being_ready_moves_nothing_that_sounds(void **state)
{
	struct bench *b = *state;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	play(b, 1, 1000, 30000);
	run(b, START + SEC(5));
	be_ready(b, START + SEC(15));
	run(b, START + SEC(32));
	expect_silence(b, 0, at_ms(1000));
	expect_item(b, 1, at_ms(1000), at_ms(30000));
	expect_end(b, 1, ENDED_WHOLE, at_ms(30000));
	assert_int_equal(find(b, RECEIPT_ENDED, 1)->underruns, 0);
	assert_int_equal(
	    find(b, RECEIPT_ENDED, 1)->last_boot_us, START + SEC(31));
}

static void
test_latency_is_taken_off_the_start(void **state)
{
	struct bench *b = *state;
	struct player_setup s = { .sink = &b->sink.sink, .latency_ms = 70 };

	player_free(b->player);
	assert_int_equal(player_make(&s, &b->player), 0);
	play(b, 1, 5000, 1000);
	run(b, START + SEC(7));
	expect_silence(b, 0, at_ms(4930));
	expect_item(b, 1, at_ms(4930), at_ms(1000));
	assert_int_equal(
	    find(b, RECEIPT_STARTED, 1)->first_boot_us, START + SEC(5));
}

static void
test_mono_and_stereo_follow_each_other_without_a_lost_frame(void **state)
{
	struct bench *b = *state;
	int64_t at = at_ms(2000);
	const int64_t lens[] = { 100001, 72011, 48123, 3, 9600 };

	for (int i = 0; i < (int)COUNT(lens); i++) {
		struct cue c =
		    cue((uint64_t)i + 1, START + at * US_PER_S / RATE, lens[i]);

		c.channels = 1 + i % 2;
		c.fade_out_ms = 300;
		give(b, &c);
		at += lens[i];
	}
	run(b, START + SEC(9));
	at = at_ms(2000);
	for (int i = 0; i < (int)COUNT(lens); i++) {
		expect_item(b, i + 1, at, lens[i]);
		expect_end(b, (uint64_t)i + 1, ENDED_WHOLE, lens[i]);
		at += lens[i];
	}
	expect_silence(b, at, b->sink.frames);
}

static void
test_near_starts_follow_and_far_ones_keep_their_instant(void **state)
{
	static const struct {
		const char *when;
		int next_ms; /* the first one lasts from 2000 to 3000 */
		int sounds_ms;
		enum ended first;
	} cases[] = {
		{ "exactly", 3000, 3000, ENDED_WHOLE },
		{ "a gap of 20 ms is closed", 3020, 3000, ENDED_WHOLE },
		{ "a gap of 21 ms is not", 3021, 3021, ENDED_WHOLE },
		{ "an overlap of 20 ms waits", 2980, 3000, ENDED_WHOLE },
		{ "an overlap of 21 ms cuts", 2979, 2979, ENDED_CUT },
		{ "far later", 3500, 3500, ENDED_WHOLE },
		{ "far earlier", 2500, 2500, ENDED_CUT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b;
		const struct receipt *r, *s;
		void *own = NULL;

		(void)state;
		assert_int_equal(setup(&own), 0);
		b = own;
		play(b, 1, 2000, 1000);
		play(b, 2, cases[i].next_ms, 500);
		run(b, START + SEC(5));
		r = find(b, RECEIPT_ENDED, 1);
		s = find(b, RECEIPT_STARTED, 2);
		if (r == NULL || s == NULL || r->ended != cases[i].first ||
		    s->first_boot_us != START + MS(cases[i].sounds_ms))
			fail_msg("%s: ended %u, next at %lld", cases[i].when,
			    r == NULL ? 99 : r->ended,
			    s == NULL ? -1
				      : (long long)(s->first_boot_us - START));
		expect_item(b, 2, at_ms(cases[i].sounds_ms), at_ms(500));
		teardown(&own);
	}
}

static void
test_a_late_cue_starts_at_the_first_frame_it_can(void **state)
{
	struct bench *b = *state;
	int64_t first, end;

	play(b, 1, -5000, 1000);
	run(b, START + SEC(3));
	fake_sink_sound(&b->sink, &first, &end);
	assert_in_range(first, 0, at_ms(320));
	expect_item(b, 1, first, at_ms(1000));
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
}

static void
test_cues_out_of_order_sound_in_order(void **state)
{
	struct bench *b = *state;

	play(b, 3, 4000, 500);
	play(b, 1, 2000, 500);
	play(b, 2, 3000, 500);
	run(b, START + SEC(6));
	expect_item(b, 1, at_ms(2000), at_ms(500));
	expect_item(b, 2, at_ms(3000), at_ms(500));
	expect_item(b, 3, at_ms(4000), at_ms(500));
}

static void
test_gain_and_fade_in_change_the_sound_and_nothing_else(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(1000));
	int64_t at = at_ms(2000);

	c.gain_mdb = -6021;
	c.fade_in_ms = 100;
	give(b, &c);
	run(b, START + SEC(5));
	assert_int_equal(fake_sink_left(&b->sink, at), 0);
	assert_true(fake_sink_left(&b->sink, at + 2400) < sample(1, 2400) / 3);
	assert_in_range(fake_sink_left(&b->sink, at + 20000),
	    sample(1, 20000) / 2 - 1, sample(1, 20000) / 2 + 1);
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
	assert_int_equal(find(b, RECEIPT_ENDED, 1)->gain_mdb, -6021);
}

/* ---- cuts ---- */

/* The item of 4 s from 2000 on was cut on this frame, faded before it. */
static void
expect_cut(struct bench *b, int64_t cut, int fade_ms, enum ended why)
{
	int64_t start = at_ms(2000);
	int64_t fade = at_ms(fade_ms);
	int64_t half = cut - fade / 2;

	expect_item(b, 1, start, cut - fade - start);
	assert_in_range(fake_sink_left(&b->sink, half),
	    sample(1, half - start) / 2 - 10, sample(1, half - start) / 2 + 10);
	assert_int_not_equal(fake_sink_left(&b->sink, cut - fade / 50), 0);
	expect_silence(b, cut, b->sink.frames);
	expect_end(b, 1, why, cut - start);
}

static void
test_a_stop_fades_and_ends_on_its_instant(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(4000));

	c.stop_boot_us = START + MS(4500);
	c.fade_out_ms = 200;
	give(b, &c);
	run(b, START + SEC(8));
	expect_cut(b, at_ms(4500), 200, ENDED_CUT);
}

static void
test_P1_nothing_sounds_past_the_fence_by_whichever_clock(void **state)
{
	static const struct {
		const char *when;
		int64_t boot_ms; /* after START; 0 never */
		int64_t wall_ms;
		int64_t step_ms; /* of the wall clock, mid-item */
		int64_t cut_ms;
	} cases[] = {
		{ "by the boot clock", 4500, 0, 0, 4500 },
		{ "by the wall clock", 0, 4500, 0, 4500 },
		{ "the boot clock first", 4000, 4500, 0, 4000 },
		{ "the wall clock first", 4500, 4000, 0, 4000 },
		{ "the wall clock was set forward", 5500, 5500, 1000, 4500 },
		{ "set back, the boot clock holds", 4500, 4500, -900, 4500 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b;
		struct cue c = cue(1, START + SEC(2), at_ms(4000));
		const struct receipt *r;
		void *own = NULL;
		int64_t first, end;

		(void)state;
		assert_int_equal(setup(&own), 0);
		b = own;
		c.fade_out_ms = 100;
		if (cases[i].boot_ms != 0)
			c.fence_boot_us = START + MS(cases[i].boot_ms);
		if (cases[i].wall_ms != 0)
			c.fence_wall_us =
			    START + WALL_AHEAD + MS(cases[i].wall_ms);
		give(b, &c);
		run(b, START + SEC(3));
		b->wall_step_us = MS(cases[i].step_ms);
		run(b, START + SEC(8));
		fake_sink_sound(&b->sink, &first, &end);
		r = find(b, RECEIPT_ENDED, 1);
		if (r == NULL || r->ended != ENDED_FENCE ||
		    end > at_ms(cases[i].cut_ms) ||
		    end < at_ms(cases[i].cut_ms) - 48)
			fail_msg("%s: sound ends on %lld, wanted %lld",
			    cases[i].when, (long long)end,
			    (long long)at_ms(cases[i].cut_ms));
		teardown(&own);
	}
}

static void
test_P1_nothing_sounds_before_its_hours_by_a_clock_set_back(void **state)
{
	static const struct {
		const char *when;
		int64_t at_ms; /* the step, after START; the start is at 2 s */
		int64_t step_ms;
		bool sounds;
	} cases[] = {
		{ "on the instant they begin", 0, 0, true },
		{ "the clock drifts", 0, -1500, true },
		{ "set back before the start", 1000, -3600000, false },
		{ "set back in mid-item", 3000, -3600000, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cue c = cue(1, START + SEC(2), at_ms(4000));
		struct bench *b;
		void *own = NULL;

		(void)state;
		assert_int_equal(setup(&own), 0);
		b = own;
		c.open_wall_us = START + WALL_AHEAD + SEC(2);
		give(b, &c);
		run(b, START + MS(cases[i].at_ms));
		b->wall_step_us = MS(cases[i].step_ms);
		run(b, START + SEC(8));
		if (find(b, RECEIPT_ENDED, 1) == NULL ||
		    find(b, RECEIPT_ENDED, 1)->ended !=
			(cases[i].sounds ? ENDED_WHOLE : ENDED_FENCE) ||
		    (find(b, RECEIPT_STARTED, 1) == NULL) !=
			(cases[i].at_ms == 1000))
			fail_msg("%s: not so", cases[i].when);
		teardown(&own);
	}
}

static void
test_P1_a_cue_without_an_end_of_its_hours_is_refused(void **state)
{
	static const struct {
		const char *when;
		int64_t release;
		int64_t wall_us, boot_us; /* the fences */
		bool sounds;
	} cases[] = {
		{ "planned, with both", 0, NEVER / 2, START + SEC(60), true },
		{ "planned, no wall fence", 0, NEVER, START + SEC(60), false },
		{ "planned, no boot fence", 0, NEVER / 2, NEVER, false },
		{ "released, outside all hours", 77, 0, START + SEC(60), true },
		{ "released, without any end", 77, NEVER, NEVER, false },
		{ "released, for two hours", 77, NEVER, START + SEC(7200),
		    false },
		{ "a release of no record", -1, NEVER, START + SEC(60), false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cue c = cue(1, START + SEC(2), at_ms(1000));
		struct bench *b;
		void *own = NULL;

		(void)state;
		assert_int_equal(setup(&own), 0);
		b = own;
		c.release = cases[i].release;
		c.fence_wall_us = cases[i].wall_us;
		c.fence_boot_us = cases[i].boot_us;
		give(b, &c);
		run(b, START + SEC(5));
		if ((find(b, RECEIPT_STARTED, 1) != NULL) != cases[i].sounds)
			fail_msg("%s: not so", cases[i].when);
		teardown(&own);
	}
}

static void
test_P1_an_emergency_ends_at_its_own_fence(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(5000));

	c.release = 77;
	c.fence_wall_us = START + WALL_AHEAD; /* the hours are over */
	c.fence_boot_us = START + SEC(4);
	give(b, &c);
	run(b, START + SEC(9));
	expect_end(b, 1, ENDED_FENCE, at_ms(2000));
}

static void
test_P1_the_fence_holds_also_without_a_fade_and_between_two_frames(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(4000));
	int64_t first, end;

	c.fence_boot_us = START + SEC(3) + 20; /* a frame is 20.8 us */
	give(b, &c);
	run(b, START + SEC(5));
	fake_sink_sound(&b->sink, &first, &end);
	assert_int_equal(end, at_ms(3000));
	expect_end(b, 1, ENDED_FENCE, at_ms(1000));
}

static void
test_P1_a_cue_past_its_fence_never_sounds_nor_cuts(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(2, START + SEC(3), at_ms(1000));

	c.fence_boot_us = START + SEC(3);
	play(b, 1, 2000, 3000);
	give(b, &c);
	run(b, START + SEC(7));
	expect_end(b, 2, ENDED_FENCE, 0);
	assert_null(find(b, RECEIPT_STARTED, 2));
	expect_end(b, 1, ENDED_WHOLE, at_ms(3000));
}

static void
test_an_item_that_ends_on_its_stop_or_fence_is_whole(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2) + 13, at_ms(1000));

	/* Instants fall between frames: neither may cost one. */
	c.stop_boot_us = c.start_boot_us + SEC(1) - 9;
	c.fade_out_ms = 200;
	give(b, &c);
	c = cue(2, START + SEC(4), at_ms(1000));
	c.fence_boot_us = START + SEC(5);
	c.fade_out_ms = 200;
	give(b, &c);
	run(b, START + SEC(7));
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
	expect_item(b, 1, at_ms(2000) + 1, at_ms(1000));
	expect_end(b, 2, ENDED_WHOLE, at_ms(1000));
	expect_item(b, 2, at_ms(4000), at_ms(1000));
}

static void
test_a_later_cue_cuts_an_earlier_one_with_its_fade(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(4000));

	c.fade_out_ms = 100;
	give(b, &c);
	play(b, 2, 3000, 1000);
	run(b, START + SEC(6));
	expect_item(b, 1, at_ms(2000), at_ms(900));
	assert_in_range(fake_sink_left(&b->sink, at_ms(2999)), 1, 500);
	expect_item(b, 2, at_ms(3000), at_ms(1000));
	expect_end(b, 1, ENDED_CUT, at_ms(1000));
	expect_end(b, 2, ENDED_WHOLE, at_ms(1000));
}

static void
test_a_cue_for_now_lets_what_sounds_fade_first(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(9000));
	const struct receipt *r;
	int64_t cut;

	c.fade_out_ms = 100;
	give(b, &c);
	run(b, START + SEC(4));
	play(b, 2, 4000, 500);
	run(b, START + SEC(6));
	r = find(b, RECEIPT_ENDED, 1);
	assert_non_null(r);
	assert_int_equal(r->ended, ENDED_CUT);
	cut = at_ms(2000) + r->frames_sent;
	assert_in_range(cut, at_ms(4000), at_ms(4450));
	expect_item(b, 1, at_ms(2000), r->frames_sent - at_ms(100));
	assert_in_range(fake_sink_left(&b->sink, cut - 48), 1, 500);
	expect_item(b, 2, cut, at_ms(500));
}

static void
order_stop(struct bench *b, uint64_t airing)
{
	struct cue c = {
		.version = CUE_VERSION,
		.verb = CUE_STOP,
		.airing = airing,
	};

	player_cue(b->player, now(b), &c, -1);
}

static void
test_a_stop_order_fades_now_and_drops_what_waits(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(4000));
	const struct receipt *r;

	c.fade_out_ms = 200;
	give(b, &c);
	play(b, 2, 6000, 1000);
	run(b, START + SEC(3));
	order_stop(b, 0);
	order_stop(b, 0); /* once is enough */
	order_stop(b, 77); /* never heard of */
	run(b, START + SEC(8));
	r = find(b, RECEIPT_ENDED, 1);
	assert_non_null(r);
	assert_in_range(r->frames_sent, at_ms(1200), at_ms(1520));
	expect_cut(b, at_ms(2000) + r->frames_sent, 200, ENDED_STOPPED);
	expect_end(b, 2, ENDED_STOPPED, 0);
}

static void
test_stopping_one_leaves_the_others(void **state)
{
	struct bench *b = *state;

	play(b, 1, 2000, 1000);
	play(b, 2, 4000, 1000);
	play(b, 3, 6000, 1000);
	run(b, START + SEC(1));
	order_stop(b, 2);
	run(b, START + SEC(8));
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
	expect_end(b, 2, ENDED_STOPPED, 0);
	expect_end(b, 3, ENDED_WHOLE, at_ms(1000));
}

static void
test_without_the_daemon_it_falls_silent_within_20_ms(void **state)
{
	struct bench *b = *state;
	int64_t at, first, end;

	play(b, 1, 2000, 4000);
	play(b, 2, 6000, 4000);
	run(b, START + SEC(3));
	at = b->sink.frames;
	assert_false(player_done(b->player));
	player_hang_up(b->player, now(b));
	for (int i = 0; i < 100 && !player_done(b->player); i++)
		b->clock_us =
		    later(b->clock_us, player_turn(b->player, now(b)));
	assert_true(player_done(b->player));
	fake_sink_sound(&b->sink, &first, &end);
	assert_in_range(end, at + 1, at + at_ms(20));
	assert_true(fake_sink_left(&b->sink, end - 1) < 100);
}

/* ---- sources ---- */

static void
test_a_source_that_ends_early_fails_with_what_it_gave(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(4000));

	player_cue(b->player, now(b), &c, source(1, 2, at_ms(1500)));
	play(b, 2, 4000, 500);
	run(b, START + SEC(6));
	expect_item(b, 1, at_ms(2000), at_ms(1500));
	expect_silence(b, at_ms(3500), at_ms(4000));
	expect_end(b, 1, ENDED_SOURCE_FAILED, at_ms(1500));
	expect_item(b, 2, at_ms(4000), at_ms(500));
}

static void
test_a_source_dead_before_its_start_cuts_nobody(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(2, START + SEC(3), at_ms(1000));

	play(b, 1, 2000, 3000);
	player_cue(b->player, now(b), &c, source(2, 2, 0));
	run(b, START + SEC(7));
	expect_end(b, 1, ENDED_WHOLE, at_ms(3000));
	expect_end(b, 2, ENDED_SOURCE_FAILED, 0);
}

static void
test_a_silent_source_fails_after_3_s_and_is_not_waited_for(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(9000));
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	player_cue(b->player, now(b), &c, fds[0]);
	play(b, 2, 6000, 500);
	run(b, START + SEC(8));
	close(fds[1]);
	expect_end(b, 1, ENDED_SOURCE_FAILED, 0);
	assert_in_range(
	    find(b, RECEIPT_ENDED, 1)->frames_silent, at_ms(3000), at_ms(3100));
	assert_null(find(b, RECEIPT_STARTED, 1));
	expect_item(b, 2, at_ms(6000), at_ms(500));
}

static void
test_silence_for_a_late_source_takes_the_items_time_and_is_counted(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(2000));
	static int16_t pcm[2 * RATE / 10];
	const struct receipt *r;
	int fds[2];

	for (size_t i = 0; i < COUNT(pcm); i++)
		pcm[i] = 1000;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	c.stop_boot_us = START + SEC(4);
	player_cue(b->player, now(b), &c, fds[0]);
	assert_true(write(fds[1], pcm, sizeof(pcm)) > 0);
	run(b, START + SEC(3));
	assert_true(write(fds[1], pcm, sizeof(pcm)) > 0);
	run(b, START + SEC(6));
	close(fds[1]);
	expect_end(b, 1, ENDED_CUT, at_ms(200));
	r = find(b, RECEIPT_ENDED, 1);
	assert_int_equal(r->frames_silent, at_ms(1800));
}

/* Found by chaos_sound.sh, SEED=2: the log said "preempted". */
static void
test_a_source_that_was_silent_at_the_cut_has_failed(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), at_ms(9000));
	static int16_t pcm[2 * RATE / 10];
	int fds[2];

	for (size_t i = 0; i < COUNT(pcm); i++)
		pcm[i] = 1000;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	c.stop_boot_us = START + MS(4500);
	player_cue(b->player, now(b), &c, fds[0]);
	assert_true(write(fds[1], pcm, sizeof(pcm)) > 0);
	run(b, START + SEC(6));
	close(fds[1]);
	expect_end(b, 1, ENDED_SOURCE_FAILED, at_ms(100));
}

static void
test_an_item_of_unknown_length_is_whole_at_the_end_of_its_pipe(void **state)
{
	struct bench *b = *state;
	struct cue c = cue(1, START + SEC(2), -1);

	player_cue(b->player, now(b), &c, source(1, 2, at_ms(1234)));
	run(b, START + SEC(5));
	expect_end(b, 1, ENDED_WHOLE, at_ms(1234));
	expect_item(b, 1, at_ms(2000), at_ms(1234));
}

/* ---- the device ---- */

static void
test_a_device_missing_at_first_costs_only_what_fell_into_the_gap(void **state)
{
	struct bench *b = *state;

	b->sink.open_fails = 3; /* at 0 s, 1 s and 3 s; there at 7 s */
	play(b, 1, 5000, 1000);
	play(b, 2, 30000, 1000);
	run(b, START + SEC(33));
	expect_end(b, 1, ENDED_DEVICE_LOST, 0);
	assert_int_equal(count(b, RECEIPT_DEVICE_LOST, 0), 1);
	assert_string_equal(find(b, RECEIPT_DEVICE_LOST, 0)->text, "unplugged");
	assert_int_equal(count(b, RECEIPT_DEVICE_OK, 0), 1);
	expect_end(b, 2, ENDED_WHOLE, at_ms(1000));
	assert_int_equal(b->sink.opens, 4);
	assert_int_equal(
	    find(b, RECEIPT_STARTED, 2)->first_boot_us, START + SEC(30));
}

static void
test_a_reason_too_long_for_a_receipt_ends_with_a_whole_letter(void **state)
{
	/* "ế" is three bytes: cut after none, one and two of them. */
	static const char *const heads[] = { "", "x", "xx" };

	for (size_t i = 0; i < COUNT(heads); i++) {
		struct bench *b;
		void *own = NULL;
		char why[200];
		const char *text;

		(void)state;
		assert_int_equal(setup(&own), 0);
		b = own;
		strcpy(why, heads[i]);
		while (strlen(why) < 150)
			strcat(why, "\u1ebf");
		b->sink.why = why;
		b->sink.open_fails = 1;
		play(b, 1, 1000, 100);
		run(b, START + MS(10));
		text = find(b, RECEIPT_DEVICE_LOST, 0)->text;
		assert_memory_equal(text, why, strlen(text));
		assert_in_range(strlen(text), 97, 99);
		assert_int_equal((strlen(text) - strlen(heads[i])) % 3, 0);
		teardown(&own);
	}
}

static void
test_a_device_lost_mid_item_ends_it_with_what_was_taken(void **state)
{
	struct bench *b = *state;

	b->sink.fail_at = at_ms(3000);
	play(b, 1, 2000, 4000);
	play(b, 2, 7000, 1000);
	run(b, START + SEC(9));
	expect_end(b, 1, ENDED_DEVICE_LOST, at_ms(1000));
	assert_int_equal(count(b, RECEIPT_DEVICE_LOST, 0), 1);
	assert_int_equal(count(b, RECEIPT_DEVICE_OK, 0), 2);
	expect_end(b, 2, ENDED_WHOLE, at_ms(1000));
	assert_int_equal(
	    find(b, RECEIPT_STARTED, 2)->first_boot_us, START + SEC(7));
}

static void
test_a_lost_device_is_asked_for_every_10_s_until_it_is_back(void **state)
{
	struct bench *b = *state;

	b->sink.open_fails = 364; /* an hour and some seconds */
	play(b, 1, 1000, 1000);
	run(b, START + SEC(3595));
	assert_int_equal(count(b, RECEIPT_DEVICE_OK, 0), 0);
	assert_in_range(b->sink.opens, 358, 364);
	run(b, START + SEC(3630));
	assert_int_equal(count(b, RECEIPT_DEVICE_LOST, 0), 1);
	assert_int_equal(count(b, RECEIPT_DEVICE_OK, 0), 1);
}

static void
test_it_is_never_fed_further_ahead_than_buffer_and_100_ms(void **state)
{
	struct bench *b = *state;

	play(b, 1, 2000, 6000);
	run(b, START + SEC(9));
	assert_in_range(b->sink.max_ahead_us, MS(250), MS(300));
}

static void
test_a_device_at_half_speed_is_told_and_later_starts_follow_it(void **state)
{
	struct bench *b = *state;
	int64_t first, end, sounds_us;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	b->sink.rate = RATE / 2;
	play(b, 1, 14000, 500);
	run(b, START + SEC(17));
	assert_int_equal(count(b, RECEIPT_RATE_OFF, 0), 1);
	assert_in_range(find(b, RECEIPT_RATE_OFF, 0)->percent, 45, 55);
	fake_sink_sound(&b->sink, &first, &end);
	sounds_us = first * 2 * US_PER_S / RATE;
	assert_in_range(sounds_us, MS(13600), MS(14400));
}

/* The machine was too busy for us, so many ms from `at_ms` on. */
static void
stall(struct bench *b, int64_t from_ms, int64_t ms)
{
	run(b, START + MS(from_ms));
	b->clock_us += MS(ms);
}

static void
test_a_device_that_ran_dry_is_counted_with_the_item_it_broke(void **state)
{
	struct bench *b = *state;
	const struct receipt *r;

	b->sink.paces = true;
	b->sink.stops = true;
	b->sink.buffer_frames = at_ms(200);
	play(b, 1, 3000, 2000);
	play(b, 2, 6000, 4000);
	play(b, 3, 11000, 1000);
	stall(b, 1000, 900); /* nothing sounded: nothing was broken */
	stall(b, 7000, 500);
	stall(b, 8000, 150); /* that much it holds */
	stall(b, 9000, 700);
	run(b, START + SEC(14));
	expect_end(b, 1, ENDED_WHOLE, at_ms(2000));
	expect_end(b, 2, ENDED_WHOLE, at_ms(4000));
	expect_end(b, 3, ENDED_WHOLE, at_ms(1000));
	r = find(b, RECEIPT_ENDED, 1);
	assert_int_equal(r->underruns, 0);
	assert_int_equal(r->underrun_us, 0);
	r = find(b, RECEIPT_ENDED, 2);
	assert_int_equal(r->underruns, 2);
	assert_in_range(r->underrun_us, MS(700), MS(900));
	/* P7: by the clock it took so much longer than it is. */
	assert_in_range(r->last_boot_us - r->first_boot_us - SEC(4),
	    r->underrun_us - MS(25), r->underrun_us + MS(25));
	r = find(b, RECEIPT_ENDED, 3);
	assert_int_equal(r->underruns, 0);
}

/* A loose plug: each time it opens, takes a frame and is gone. */
static void
test_a_device_that_is_lost_as_soon_as_it_opens_is_not_tried_each_second(
    void **state)
{
	struct bench *b = *state;

	play(b, 1, 1000, 60000);
	for (int s = 1; s < 60; s++) {
		b->sink.fail_at = b->sink.frames + 1000;
		run(b, START + SEC(s));
	}
	assert_in_range(b->sink.opens, 2, 8);
	assert_in_range(count(b, RECEIPT_DEVICE_LOST, 0), 1, 8);
}

static void
test_a_mixer_that_someone_mutes_is_told_and_counted(void **state)
{
	struct bench *b = *state;
	const struct receipt *r;

	b->sink.level = 70;
	play(b, 1, 1000, 4000);
	play(b, 2, 6000, 2000);
	run(b, START + MS(2500));
	b->sink.level = 0;
	run(b, START + MS(4500));
	assert_int_equal(count(b, RECEIPT_LEVEL, 0), 1);
	assert_int_equal(find(b, RECEIPT_LEVEL, 0)->percent, 0);
	b->sink.level = 70;
	run(b, START + SEC(9));
	assert_int_equal(count(b, RECEIPT_LEVEL, 0), 2);
	r = find(b, RECEIPT_ENDED, 1);
	assert_in_range(r->frames_muted, at_ms(1000), at_ms(3000));
	expect_end(b, 1, ENDED_WHOLE, at_ms(4000));
	assert_int_equal(find(b, RECEIPT_ENDED, 2)->frames_muted, 0);
}

static void
test_a_device_without_a_mixer_is_never_called_muted(void **state)
{
	struct bench *b = *state;

	play(b, 1, 1000, 2000);
	run(b, START + SEC(2));
	b->sink.sink.level = NULL;
	run(b, START + SEC(4));
	assert_int_equal(count(b, RECEIPT_LEVEL, 0), 0);
	assert_int_equal(find(b, RECEIPT_ENDED, 1)->frames_muted, 0);
}

static void
test_a_late_cue_waits_for_a_device_that_begins_late(void **state)
{
	struct bench *b = *state;
	const struct receipt *r;
	int64_t first, end;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	b->sink.begin_after_us = MS(800);
	play(b, 1, 0, 1000);
	run(b, START + SEC(5));
	fake_sink_sound(&b->sink, &first, &end);
	r = find(b, RECEIPT_STARTED, 1);
	assert_non_null(r);
	assert_in_range(r->first_boot_us,
	    fake_sink_us(&b->sink, first) - MS(25),
	    fake_sink_us(&b->sink, first) + MS(25));
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
}

static void
test_on_a_slow_crystal_items_stay_whole_and_starts_on_time(void **state)
{
	struct bench *b = *state;
	int64_t at = at_ms(2000);

	/* One per mille: an item of 25 s ends 25 ms after the next one's
	 * start, and the third starts 50 ms late where nobody helps. */
	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	b->sink.rate = RATE - RATE / 1000;
	for (int i = 1; i <= 2; i++) {
		struct cue c =
		    cue((uint64_t)i, START + SEC(2 + 25 * (i - 1)), 25 * RATE);

		c.stop_boot_us = c.start_boot_us + SEC(25);
		c.fade_out_ms = 200;
		give(b, &c);
	}
	play(b, 3, 60000, 1000);
	run(b, START + SEC(63));
	expect_end(b, 1, ENDED_WHOLE, 25 * RATE);
	expect_end(b, 2, ENDED_WHOLE, 25 * RATE);
	expect_item(b, 1, at, 25 * RATE);
	expect_item(b, 2, at + 25 * RATE, 25 * RATE);
	at = at_ms(52000);
	while (fake_sink_left(&b->sink, at) == 0)
		at++;
	expect_item(b, 3, at, RATE);
	assert_in_range(fake_sink_us(&b->sink, at), START + SEC(60) - MS(30),
	    START + SEC(60) + MS(30));
}

static void
test_waking_late_now_and_then_moves_no_item(void **state)
{
	struct bench *b = *state;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	play(b, 1, 2000, 3000);
	play(b, 2, 5000, 3000);
	play(b, 3, 9000, 1000);
	for (int i = 0; i < 90; i++) {
		run(b, b->clock_us + MS(60));
		b->clock_us += MS(17 * (i % 7));
	}
	run(b, START + SEC(11));
	expect_item(b, 1, at_ms(2000), at_ms(3000));
	expect_item(b, 2, at_ms(5000), at_ms(3000));
	expect_item(b, 3, at_ms(9000), at_ms(1000));
}

static void
test_it_sleeps_without_a_cue_and_closes_30_s_after_the_last(void **state)
{
	struct bench *b = *state;

	assert_true(player_turn(b->player, now(b)) == NEVER);
	play(b, 1, 60000, 1000);
	assert_int_equal(player_turn(b->player, now(b)), START + SEC(45));
	assert_int_equal(b->sink.opens, 0);
	run(b, START + SEC(90));
	assert_true(b->sink.is_open);
	run(b, START + SEC(92));
	assert_false(b->sink.is_open);
	assert_true(player_turn(b->player, now(b)) == NEVER);
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
	assert_int_equal(b->n,
	    count(b, RECEIPT_PROGRESS, 0) + count(b, RECEIPT_PROGRESS, 1) + 3);
}

/* ---- receipts and messages ---- */

static void
test_each_second_it_says_how_far_it_is_and_how_loud(void **state)
{
	struct bench *b = *state;
	const struct receipt *r;

	play(b, 1, 5000, 10000);
	run(b, START + SEC(15));
	assert_in_range(count(b, RECEIPT_PROGRESS, 0), 4, 6);
	assert_in_range(count(b, RECEIPT_PROGRESS, 1), 9, 11);
	r = find(b, RECEIPT_PROGRESS, 1);
	assert_true(r->frames_sent > 0);
	assert_int_equal(r->peak_mdb, pcm_peak_mdb(20011));
}

static void
test_a_bad_cue_gets_its_end_at_once_and_disturbs_nobody(void **state)
{
	struct bench *b = *state;
	struct cue c;

	play(b, 1, 2000, 1000);
	c = cue(2, START + SEC(2), 100);
	c.version = CUE_VERSION + 1;
	player_cue(b->player, now(b), &c, -1);
	c = cue(3, START + SEC(2), 100);
	player_cue(b->player, now(b), &c, -1);
	c = cue(4, START + SEC(2), 100);
	c.channels = 6;
	player_cue(b->player, now(b), &c, source(4, 2, 100));
	c = cue(5, START + SEC(2), 100);
	c.fence_wall_us = INT64_MIN;
	player_cue(b->player, now(b), &c, source(5, 2, 100));
	c = cue(6, START + SEC(2), 100);
	c.verb = 99;
	player_cue(b->player, now(b), &c, source(6, 2, 100));
	c = cue(0, START + SEC(2), 100); /* names nothing */
	player_cue(b->player, now(b), &c, source(7, 2, 100));
	c = cue(1, START + SEC(2), 100); /* is held already */
	player_cue(b->player, now(b), &c, source(1, 2, 100));
	run(b, START + SEC(4));
	for (uint64_t n = 2; n <= 6; n++)
		expect_end(b, n, ENDED_SOURCE_FAILED, 0);
	expect_end(b, 1, ENDED_WHOLE, at_ms(1000));
	assert_int_equal(count(b, RECEIPT_ENDED, 0), 0);
}

static void
test_more_cues_than_it_can_hold_are_refused(void **state)
{
	struct bench *b = *state;

	for (int i = 1; i <= CUES_MAX + 1; i++)
		play(b, (uint64_t)i, 2000 + 100 * i, 100);
	run(b, START + SEC(5));
	for (int i = 1; i <= CUES_MAX; i++)
		expect_end(b, (uint64_t)i, ENDED_WHOLE, at_ms(100));
	expect_end(b, CUES_MAX + 1, ENDED_SOURCE_FAILED, 0);
}

static void
test_wild_numbers_in_a_cue_do_no_harm(void **state)
{
	static const int64_t wild[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1,
		INT64_MAX - 1, INT64_MAX };
	struct bench *b = *state;
	uint64_t airing = 1;

	for (size_t i = 0; i < COUNT(wild); i++) {
		for (int field = 0; field < 7; field++) {
			struct cue c =
			    cue(airing, b->clock_us + MS(100), at_ms(50));
			int64_t *const at[] = { &c.start_boot_us,
				&c.stop_boot_us, &c.fence_boot_us,
				&c.fence_wall_us, &c.frames, &c.open_wall_us,
				&c.release };

			*at[field] = wild[i];
			c.gain_mdb = (int32_t)wild[i];
			c.fade_in_ms = (int32_t)(wild[i] / INT32_MAX);
			c.fade_out_ms = (int32_t)(wild[i] / INT32_MAX);
			player_cue(b->player, now(b), &c,
			    source((int)airing, 2, at_ms(50)));
			run(b, b->clock_us + MS(500));
			order_stop(b, 0);
			run(b, b->clock_us + MS(100));
			assert_int_equal(count(b, RECEIPT_ENDED, airing), 1);
			airing++;
		}
	}
}

/* A small generator of its own, so that a seed means the same everywhere. */
static uint32_t
dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

static void
one_storm(struct bench *b, uint32_t seed)
{
	int64_t fence_us = START + SEC(50);
	uint64_t airing = 0;
	int64_t first, end;

	b->sink.paces = dice(&seed, 2);
	b->sink.buffer_frames = at_ms(200);
	while (b->clock_us < START + SEC(55)) {
		struct cue c =
		    cue(++airing, b->clock_us + MS(dice(&seed, 4000)) - MS(500),
			1 + dice(&seed, 2 * RATE));

		c.fade_out_ms = (int32_t)dice(&seed, 300);
		c.channels = 1 + (int32_t)dice(&seed, 2);
		c.fence_boot_us = fence_us;
		if (dice(&seed, 2))
			c.stop_boot_us =
			    c.start_boot_us + MS(dice(&seed, 3000));
		player_cue(b->player, now(b), &c,
		    source(1, c.channels,
			dice(&seed, 5) ? c.frames : c.frames / 2));
		if (dice(&seed, 8) == 0)
			order_stop(b, airing - dice(&seed, 3));
		if (dice(&seed, 12) == 0)
			b->sink.fail_at = b->sink.frames + dice(&seed, RATE);
		b->sink.open_fails = dice(&seed, 12) == 0;
		run(b, b->clock_us + MS(dice(&seed, 1500)));
	}
	order_stop(b, 0);
	run(b, START + SEC(62));
	for (uint64_t n = 1; n <= airing; n++)
		if (count(b, RECEIPT_ENDED, n) != 1)
			fail_msg("seed %u: airing %d has %d ends", seed, (int)n,
			    count(b, RECEIPT_ENDED, n));
	/* P1: the last sound, counted in this opening of the device. */
	fake_sink_sound(&b->sink, &first, &end);
	if (end > b->sink.base &&
	    b->sink.opened_us + (end - b->sink.base) * US_PER_S / RATE >
		fence_us)
		fail_msg("seed %u: sound past the fence", seed);
}

static void
test_P1_P6_in_any_storm_each_cue_ends_once_and_the_fence_holds(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 25; seed++) {
		void *own = NULL;

		assert_int_equal(setup(&own), 0);
		one_storm(own, seed);
		teardown(&own);
	}
}

static void
test_a_setup_out_of_range_is_refused(void **state)
{
	struct bench *b = *state;
	struct player *p = NULL;
	struct player_setup s = { .sink = NULL };

	assert_int_equal(player_make(&s, &p), -EINVAL);
	s.sink = &b->sink.sink;
	s.buffer_ms = -1;
	assert_int_equal(player_make(&s, &p), -EINVAL);
	s.buffer_ms = 5000;
	assert_int_equal(player_make(&s, &p), -EINVAL);
	s.buffer_ms = 0;
	s.latency_ms = 20000;
	assert_int_equal(player_make(&s, &p), -EINVAL);
	assert_null(p);
	assert_null(player_free(NULL));
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

/* ---- live sources ---- */

/* A source that gives its sound as time passes, sample 1 all along. */
struct live_source {
	int out; /* the pipe's writing end; -1 it has ended */
	int64_t given;
};

static void
live_cue(struct bench *b, struct live_source *s, int64_t at_ms, int64_t stop_ms,
    int64_t fence_ms)
{
	struct cue c = cue(9, START + MS(at_ms), 0);
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	*s = (struct live_source){ .out = fds[1] };
	c.stop_boot_us = START + MS(stop_ms);
	c.fence_boot_us = START + MS(fence_ms);
	c.live_ms = 300;
	c.floor_mdb = -90000;
	c.fade_out_ms = 50;
	player_cue(b->player, now(b), &c, fds[0]);
}

/* What is due by now, as far as it goes into the pipe. */
static void
live_give(struct bench *b, struct live_source *s, int64_t from_us)
{
	int64_t due = (b->clock_us - from_us) * RATE / US_PER_S;
	int16_t pcm[2 * RATE / 20];

	while (s->out >= 0 && due - s->given >= RATE / 20) {
		for (size_t i = 0; i < COUNT(pcm); i++)
			pcm[i] = 1000;
		s->given += RATE / 20;
		if (write(s->out, pcm, sizeof(pcm)) != sizeof(pcm))
			return; /* nobody reads it any more */
	}
}

static void
run_live(struct bench *b, struct live_source *s, int64_t until_us)
{
	int64_t from_us = b->clock_us - s->given * US_PER_S / RATE;

	while (b->clock_us < until_us) {
		live_give(b, s, from_us);
		run(b, earlier(until_us, b->clock_us + MS(20)));
	}
}

static void
live_end(struct live_source *s)
{
	if (s->out >= 0)
		close(s->out);
	s->out = -1;
}

/* Frames of a span of the stream that are not silent. */
static int64_t
heard(const struct bench *b, int64_t from_ms, int64_t to_ms)
{
	int64_t n = 0;

	for (int64_t i = at_ms(from_ms); i < at_ms(to_ms); i++)
		n += b->sink.pcm[2 * i] != 0;
	return n;
}

static void
test_P1_a_live_source_sounds_from_its_start_to_its_stop(void **state)
{
	struct bench *b = *state;
	struct live_source s;
	const struct receipt *r;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	live_cue(b, &s, 5000, 8000, 60000);
	run_live(b, &s, START + SEC(10));
	expect_silence(b, 0, at_ms(5000));
	assert_true(heard(b, 5000, 8000) > at_ms(2900));
	expect_silence(b, at_ms(8000), b->sink.frames);
	/* Measured before it sounds. */
	r = find(b, RECEIPT_SIGNAL, 9);
	assert_non_null(r);
	assert_int_equal(r->frames_sent, 0);
	assert_true(r->peak_mdb > -90000);
	r = find(b, RECEIPT_ENDED, 9);
	assert_non_null(r);
	assert_int_equal(r->ended, ENDED_CUT);
	assert_int_equal(r->first_boot_us, START + SEC(5));
	assert_in_range(r->frames_sent, at_ms(2900), at_ms(3000));
	assert_in_range(r->frames_signal, at_ms(2800), r->frames_sent);
	live_end(&s);
}

static void
test_P1_the_fence_ends_a_live_source(void **state)
{
	struct bench *b = *state;
	struct live_source s;

	live_cue(b, &s, 5000, 60000, 7000);
	run_live(b, &s, START + SEC(9));
	assert_true(heard(b, 5000, 7000) > at_ms(1800));
	expect_silence(b, at_ms(7000), b->sink.frames);
	assert_int_equal(count(b, RECEIPT_ENDED, 9), 1);
	assert_int_equal(find(b, RECEIPT_ENDED, 9)->ended, ENDED_FENCE);
	live_end(&s);
}

static void
test_an_item_takes_the_air_of_a_live_source_and_gives_it_back(void **state)
{
	struct bench *b = *state;
	struct live_source s;

	b->sink.paces = true;
	b->sink.buffer_frames = at_ms(200);
	live_cue(b, &s, 5000, 12000, 60000);
	play(b, 1, 7000, 2000);
	run_live(b, &s, START + SEC(14));
	assert_true(heard(b, 5000, 7000) > at_ms(1900));
	expect_item(b, 1, at_ms(7000), at_ms(2000));
	expect_end(b, 1, ENDED_WHOLE, at_ms(2000));
	assert_true(heard(b, 9000, 12000) > at_ms(2800));
	expect_silence(b, at_ms(12000), b->sink.frames);
	assert_int_equal(find(b, RECEIPT_ENDED, 9)->ended, ENDED_CUT);
	/* The item's time is not its own. */
	assert_in_range(
	    find(b, RECEIPT_ENDED, 9)->frames_sent, at_ms(4700), at_ms(5000));
	live_end(&s);
}

static void
test_a_live_source_that_ends_or_hangs_has_failed(void **state)
{
	(void)state;
	for (int hangs = 0; hangs < 2; hangs++) {
		struct bench *b;
		struct live_source s;

		assert_int_equal(setup((void **)&b), 0);
		live_cue(b, &s, 5000, 30000, 60000);
		run_live(b, &s, START + SEC(7));
		if (!hangs)
			live_end(&s);
		run(b, START + SEC(7) + (hangs ? SEC(7) : SEC(1)));
		assert_int_equal(count(b, RECEIPT_ENDED, 9), 1);
		assert_int_equal(
		    find(b, RECEIPT_ENDED, 9)->ended, ENDED_SOURCE_FAILED);
		live_end(&s);
		teardown((void **)&b);
	}
}

/* Also one that still waits for its start. */
static void
test_a_stop_order_ends_a_live_source(void **state)
{
	(void)state;
	for (int waits = 0; waits < 2; waits++) {
		struct bench *b;
		struct live_source s;

		assert_int_equal(setup((void **)&b), 0);
		live_cue(b, &s, 5000, 30000, 60000);
		run_live(b, &s, START + (waits ? SEC(4) : SEC(7)));
		order_stop(b, 9);
		run_live(b, &s, START + SEC(9));
		assert_int_equal(count(b, RECEIPT_ENDED, 9), 1);
		assert_int_equal(
		    find(b, RECEIPT_ENDED, 9)->ended, ENDED_STOPPED);
		if (waits)
			expect_silence(b, 0, b->sink.frames);
		else
			expect_silence(b, at_ms(7500), b->sink.frames);
		live_end(&s);
		teardown((void **)&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_an_item_sounds_on_its_frame_byte_for_byte),
		CASE(test_a_device_that_paces_gives_the_same_frames),
		CASE(
		    test_ready_for_an_emergency_it_begins_at_once_over_anything),
		CASE(test_ready_it_keeps_its_device_open_and_no_longer),
		CASE(test_being_ready_moves_nothing_that_sounds),
		CASE(test_latency_is_taken_off_the_start),
		CASE(
		    test_mono_and_stereo_follow_each_other_without_a_lost_frame),
		CASE(test_near_starts_follow_and_far_ones_keep_their_instant),
		CASE(test_a_late_cue_starts_at_the_first_frame_it_can),
		CASE(test_cues_out_of_order_sound_in_order),
		CASE(test_gain_and_fade_in_change_the_sound_and_nothing_else),
		CASE(test_a_stop_fades_and_ends_on_its_instant),
		CASE(test_P1_nothing_sounds_past_the_fence_by_whichever_clock),
		CASE(
		    test_P1_nothing_sounds_before_its_hours_by_a_clock_set_back),
		CASE(test_P1_a_cue_without_an_end_of_its_hours_is_refused),
		CASE(test_P1_an_emergency_ends_at_its_own_fence),
		CASE(
		    test_P1_the_fence_holds_also_without_a_fade_and_between_two_frames),
		CASE(test_P1_a_cue_past_its_fence_never_sounds_nor_cuts),
		CASE(test_an_item_that_ends_on_its_stop_or_fence_is_whole),
		CASE(test_a_later_cue_cuts_an_earlier_one_with_its_fade),
		CASE(test_a_cue_for_now_lets_what_sounds_fade_first),
		CASE(test_a_stop_order_fades_now_and_drops_what_waits),
		CASE(test_stopping_one_leaves_the_others),
		CASE(test_without_the_daemon_it_falls_silent_within_20_ms),
		CASE(test_a_source_that_ends_early_fails_with_what_it_gave),
		CASE(test_a_source_dead_before_its_start_cuts_nobody),
		CASE(
		    test_a_silent_source_fails_after_3_s_and_is_not_waited_for),
		CASE(
		    test_silence_for_a_late_source_takes_the_items_time_and_is_counted),
		CASE(test_a_source_that_was_silent_at_the_cut_has_failed),
		CASE(
		    test_an_item_of_unknown_length_is_whole_at_the_end_of_its_pipe),
		CASE(
		    test_a_device_missing_at_first_costs_only_what_fell_into_the_gap),
		CASE(
		    test_a_reason_too_long_for_a_receipt_ends_with_a_whole_letter),
		CASE(test_a_device_lost_mid_item_ends_it_with_what_was_taken),
		CASE(
		    test_a_lost_device_is_asked_for_every_10_s_until_it_is_back),
		CASE(test_it_is_never_fed_further_ahead_than_buffer_and_100_ms),
		CASE(
		    test_a_device_at_half_speed_is_told_and_later_starts_follow_it),
		CASE(
		    test_a_device_that_ran_dry_is_counted_with_the_item_it_broke),
		CASE(
		    test_a_device_that_is_lost_as_soon_as_it_opens_is_not_tried_each_second),
		CASE(test_a_mixer_that_someone_mutes_is_told_and_counted),
		CASE(test_a_device_without_a_mixer_is_never_called_muted),
		CASE(test_a_late_cue_waits_for_a_device_that_begins_late),
		CASE(
		    test_on_a_slow_crystal_items_stay_whole_and_starts_on_time),
		CASE(test_waking_late_now_and_then_moves_no_item),
		CASE(
		    test_it_sleeps_without_a_cue_and_closes_30_s_after_the_last),
		CASE(test_each_second_it_says_how_far_it_is_and_how_loud),
		CASE(test_a_bad_cue_gets_its_end_at_once_and_disturbs_nobody),
		CASE(test_more_cues_than_it_can_hold_are_refused),
		CASE(test_wild_numbers_in_a_cue_do_no_harm),
		cmocka_unit_test(
		    test_P1_P6_in_any_storm_each_cue_ends_once_and_the_fence_holds),
		CASE(test_a_setup_out_of_range_is_refused),
		CASE(test_P1_a_live_source_sounds_from_its_start_to_its_stop),
		CASE(test_P1_the_fence_ends_a_live_source),
		CASE(
		    test_an_item_takes_the_air_of_a_live_source_and_gives_it_back),
		CASE(test_a_live_source_that_ends_or_hangs_has_failed),
		CASE(test_a_stop_order_ends_a_live_source),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
