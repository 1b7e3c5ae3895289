/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "playout/cue.h"
#include "playout/pace.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MS(n) ((int64_t)(n)*US_PER_MS)
#define BLOCK 960 /* 20 ms, as the player writes */
#define LIMIT MS(300)

/*
 * A device that takes a block when it has room, and plays in periods from
 * begin_us on: at each period's start it swallows a whole one.
 */
struct device {
	int64_t capacity_us; /* 0: takes everything at once */
	int64_t period_us;
	int64_t begin_us;
	int64_t speed_permille;
};

/* When its k-th period (from 0) is swallowed. */
static int64_t
swallow_us(const struct device *d, int64_t k)
{
	return d->begin_us + k * d->period_us * 1000 / d->speed_permille;
}

/* When it takes a block that is offered now, `taken_us` taken before. */
static int64_t
takes_at(const struct device *d, int64_t taken_us, int64_t now_us)
{
	int64_t over_us = taken_us + MS(20) - d->capacity_us;
	int64_t periods = (over_us + d->period_us - 1) / d->period_us;

	if (d->capacity_us == 0 || over_us <= 0)
		return now_us;
	return later(now_us, swallow_us(d, periods - 1));
}

/* Feeds it as the player does, until `until_us`; returns the time then. */
static int64_t
feed(struct pace *p, const struct device *d, int64_t now_us, int64_t until_us)
{
	while (now_us < until_us) {
		int64_t ahead_us = pace_see(p, now_us);

		if (ahead_us + MS(20) > LIMIT) {
			now_us += ahead_us + MS(20) - LIMIT;
			continue;
		}
		now_us = takes_at(d, anchor_length_us(p->frames), now_us) + 20;
		pace_took(p, BLOCK);
	}
	return now_us;
}

static struct pace
started(int64_t latency_us)
{
	struct pace p;

	pace_start(&p, MS(1000), latency_us, LIMIT);
	return p;
}

static void
test_frame_zero_sounds_when_the_device_begins(void **state)
{
	static const struct {
		const char *when;
		struct device d;
		int64_t begins_us; /* as the anchor should know it */
	} cases[] = {
		{ "does not pace", { 0, 1, 0, 1000 }, MS(1000) },
		{ "at once, small periods", { MS(200), MS(20), MS(1000), 1000 },
		    MS(1000) },
		{ "at once, large periods", { MS(140), MS(80), MS(1000), 1000 },
		    MS(1000) },
		{ "after a suspended device woke",
		    { MS(140), MS(80), MS(1250), 1000 }, MS(1250) },
		{ "after most of two seconds",
		    { MS(140), MS(20), MS(2600), 1000 }, MS(2600) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pace p = started(0);
		int64_t off_us;

		feed(&p, &cases[i].d, MS(1000), MS(6000));
		off_us = p.anchor.zero_us - cases[i].begins_us;
		if (llabs(off_us) > MS(2) || pace_is_filling(&p))
			fail_msg("%s: off by %lld us", cases[i].when,
			    (long long)off_us);
	}
}

static void
test_latency_moves_the_sound_not_the_feeding(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 1000 };
	struct pace p = started(MS(35));

	(void)state;
	feed(&p, &d, MS(1000), MS(3000));
	assert_in_range(p.anchor.zero_us, MS(1034), MS(1037));
	assert_in_range(pace_see(&p, MS(3000)), MS(150), MS(230));
}

static void
test_jitter_of_ours_moves_nothing(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 1000 };
	struct pace p = started(0);
	int64_t now_us = feed(&p, &d, MS(1000), MS(4000));
	int64_t zero_us = p.anchor.zero_us;

	(void)state;
	for (int i = 0; i < 200; i++) {
		now_us += MS(7 * (i % 20)); /* up to 133 ms asleep */
		now_us = feed(&p, &d, now_us, now_us + MS(30 + i % 100));
	}
	assert_int_equal(p.anchor.zero_us, zero_us);
}

static void
test_a_full_device_that_stands_lower_has_not_moved(void **state)
{
	const struct device full = { MS(200), MS(20), MS(1000), 1000 };
	const struct device lower = { MS(172), MS(20), MS(1000), 1000 };
	struct pace p = started(0);
	int64_t now_us = feed(&p, &full, MS(1000), MS(4000));
	int64_t zero_us = p.anchor.zero_us;

	(void)state;
	now_us = feed(&p, &lower, now_us, now_us + MS(4000));
	assert_int_equal(p.anchor.zero_us, zero_us);
	feed(&p, &full, now_us, now_us + MS(4000));
	assert_int_equal(p.anchor.zero_us, zero_us);
}

static void
test_a_slow_crystal_moves_the_anchor_with_it(void **state)
{
	/* 0.5 per mille: 60 ms in two minutes. */
	const struct device d = { MS(200), MS(20), MS(1000), 999 };
	struct pace p = started(0);
	int64_t now_us = feed(&p, &d, MS(1000), MS(121000));
	int64_t frame_us = swallow_us(&d, 5000); /* frame at 100 s */
	int percent;

	(void)state;
	assert_in_range(p.slipped_us, MS(80), MS(130));
	assert_in_range(anchor_us(p.anchor, 5000 * BLOCK), frame_us - MS(45),
	    frame_us + MS(45));
	assert_false(pace_rate_off(&p, now_us, &percent));
}

static void
test_a_device_at_half_speed_is_told_once(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 500 };
	struct pace p = started(0);
	int64_t now_us = MS(1000);
	int told = 0;
	int percent = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		now_us = feed(&p, &d, now_us, now_us + MS(500));
		told += pace_rate_off(&p, now_us, &percent);
	}
	assert_int_equal(told, 1);
	assert_in_range(percent, 45, 55);
	/* What is queued now sounds when the device comes to it. */
	assert_in_range(
	    anchor_us(p.anchor, p.frames) - now_us, MS(100), MS(450));
}

static void
test_a_healthy_device_is_never_told(void **state)
{
	static const struct device devices[] = {
		{ 0, 1, 0, 1000 },
		{ MS(200), MS(20), MS(1000), 1000 },
		{ MS(140), MS(80), MS(2500), 1000 },
		{ MS(200), MS(20), MS(1000), 995 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(devices); i++) {
		struct pace p = started(0);
		int64_t now_us = MS(1000);
		int percent;

		for (int s = 0; s < 300; s++) {
			now_us =
			    feed(&p, &devices[i], now_us, now_us + MS(900));
			if (pace_rate_off(&p, now_us, &percent))
				fail_msg("device %zu told after %d s: %d %%", i,
				    s, percent);
		}
	}
}

static void
test_after_a_long_sleep_the_next_frame_sounds_now(void **state)
{
	const struct device d = { 0, 1, 0, 1000 };
	struct pace p = started(0);
	int64_t now_us = feed(&p, &d, MS(1000), MS(5000)) + MS(1500);

	(void)state;
	assert_int_equal(pace_see(&p, now_us), 0);
	assert_in_range(anchor_us(p.anchor, p.frames), now_us - 1, now_us + 1);
}

static void
test_a_source_that_is_late_says_nothing_about_the_device(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 1000 };
	struct pace p = started(0);
	int64_t now_us = feed(&p, &d, MS(1000), MS(4000));
	int64_t slipped_us = p.slipped_us;

	(void)state;
	/* A live source: fed just in time, a minute long, 60 ms ahead. */
	now_us += MS(130);
	for (int i = 0; i < 3000; i++) {
		pace_see(&p, now_us);
		pace_held_back(&p, now_us);
		pace_took(&p, BLOCK);
		now_us += MS(20);
	}
	assert_int_equal(p.slipped_us, slipped_us);
}

/* Feeds it for so long, while it says every 1.5 s when its first frame
 * sounded, the n-th time by late_us[n % 4] too late. */
static int64_t
feed_told(struct pace *p, const struct device *d, int64_t now_us,
    int64_t until_us, const int64_t *late_us)
{
	for (int i = 0; now_us < until_us; i++) {
		int64_t played;

		now_us = feed(p, d, now_us, now_us + MS(1500));
		played = (now_us - d->begin_us) * d->speed_permille / 1000;
		pace_told(p, now_us - played + late_us[i % 4]);
	}
	return now_us;
}

static void
test_what_the_device_says_moves_the_anchor_with_its_clock(void **state)
{
	static const struct {
		const char *when;
		int64_t speed_permille;
		int64_t late_us[4];
		int64_t within_us;
	} cases[] = {
		{ "at our rate", 1000, { 0 }, 50 },
		{ "at our rate, told late on a busy machine", 1000,
		    { MS(15), 20, MS(3), MS(90) }, 50 },
		{ "slow by one per mille", 999, { 0 }, MS(10) },
		{ "fast by one per mille", 1001, { 0 }, MS(2) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct device d = { MS(200), MS(20), MS(1000),
			cases[i].speed_permille };
		struct pace p = started(0);
		int64_t now_us =
		    feed_told(&p, &d, MS(1000), MS(121000), cases[i].late_us);
		int64_t frame = (now_us - MS(1000)) / MS(1) * RATE / 1000;
		int64_t sounds_us = MS(1000) + anchor_length_us(frame) * 1000 /
						   d.speed_permille;
		int64_t off_us = anchor_us(p.anchor, frame) - sounds_us;

		if (llabs(off_us) > cases[i].within_us || p.underruns > 0)
			fail_msg("%s: off by %lld us", cases[i].when,
			    (long long)off_us);
	}
}

static void
test_a_device_that_says_twice_that_it_moved_is_believed(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 1000 };
	const int64_t on_time[4] = { 0 };
	struct pace p = started(0);
	int64_t now_us = feed_told(&p, &d, MS(1000), MS(20000), on_time);

	(void)state;
	pace_told(&p, MS(1150));
	assert_in_range(p.anchor.zero_us, MS(999), MS(1001));
	pace_told(&p, MS(1150));
	assert_int_equal(p.anchor.zero_us, MS(1150));
	/* And what no device can mean moves nothing. */
	pace_told(&p, now_us);
	assert_int_equal(p.anchor.zero_us, MS(1150));
}

static void
test_what_is_said_has_the_latency_beside_it(void **state)
{
	const struct device d = { MS(200), MS(20), MS(1000), 1000 };
	const int64_t on_time[4] = { 0 };
	struct pace p = started(MS(35));

	(void)state;
	feed_told(&p, &d, MS(1000), MS(9000), on_time);
	assert_in_range(p.anchor.zero_us, MS(1035) - 50, MS(1035) + 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_zero_sounds_when_the_device_begins),
		cmocka_unit_test(test_latency_moves_the_sound_not_the_feeding),
		cmocka_unit_test(test_jitter_of_ours_moves_nothing),
		cmocka_unit_test(
		    test_a_full_device_that_stands_lower_has_not_moved),
		cmocka_unit_test(test_a_slow_crystal_moves_the_anchor_with_it),
		cmocka_unit_test(test_a_device_at_half_speed_is_told_once),
		cmocka_unit_test(test_a_healthy_device_is_never_told),
		cmocka_unit_test(
		    test_after_a_long_sleep_the_next_frame_sounds_now),
		cmocka_unit_test(
		    test_a_source_that_is_late_says_nothing_about_the_device),
		cmocka_unit_test(
		    test_what_the_device_says_moves_the_anchor_with_its_clock),
		cmocka_unit_test(
		    test_a_device_that_says_twice_that_it_moved_is_believed),
		cmocka_unit_test(test_what_is_said_has_the_latency_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
