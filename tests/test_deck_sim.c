/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "playout/deck_sim.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SEC(s) ((int64_t)((s)*1000000))
#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct deck *d;

/* The wall clock runs 1,000 s ahead of the boot clock. */
static struct now
at(int64_t boot_us)
{
	return (
	    struct now){ .wall_us = boot_us + SEC(1000), .boot_us = boot_us };
}

static struct cue
cue_of(uint64_t airing, int64_t start_us, int64_t frames)
{
	return (struct cue){
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = airing,
		.start_boot_us = start_us,
		.stop_boot_us = NEVER,
		.fence_boot_us = NEVER,
		.fence_wall_us = NEVER,
		.frames = frames,
		.channels = 1,
	};
}

static void
load(int64_t now_us, uint64_t airing)
{
	assert_int_equal(d->load(d, at(now_us), airing, -1, H64, 0), 0);
}

static void
load_and_cue(int64_t now_us, const struct cue *c)
{
	struct receipt r;

	load(now_us, c->airing);
	assert_int_equal(d->receive(d, at(now_us), &r), 1);
	assert_int_equal(r.kind, RECEIPT_LOADED);
	assert_int_equal(d->cue(d, at(now_us), c), 0);
}

/* The receipt that wake() announces. */
static struct receipt
next(int64_t *ret_at_us)
{
	struct receipt r = { 0 };

	*ret_at_us = d->wake(d);
	assert_true(*ret_at_us != NEVER);
	/* Before it there is nothing but how far a sounding one has come. */
	while (*ret_at_us > 0 && d->receive(d, at(*ret_at_us - 1), &r) == 1)
		assert_int_equal(r.kind, RECEIPT_PROGRESS);
	assert_int_equal(d->receive(d, at(*ret_at_us), &r), 1);
	return r;
}

static int
up(void **state)
{
	(void)state;
	return deck_sim_open(NULL, 0, &d);
}

static int
down(void **state)
{
	(void)state;
	d = deck_close(d);
	return 0;
}

static void
an_airing_starts_on_its_instant_and_ends_whole(void **state)
{
	struct cue c = cue_of(7, SEC(10), 48000 * 5 + 1);
	struct receipt r;
	int64_t t;

	(void)state;
	load_and_cue(SEC(3), &c);
	r = next(&t);
	assert_int_equal(t, SEC(10));
	assert_int_equal(r.kind, RECEIPT_STARTED);
	assert_int_equal(r.first_boot_us, SEC(10));
	r = next(&t);
	assert_int_equal(t, SEC(15) + 21); /* to the nearest */
	assert_int_equal(r.kind, RECEIPT_ENDED);
	assert_int_equal(r.airing, 7);
	assert_int_equal(r.ended, ENDED_WHOLE);
	assert_int_equal(r.frames_sent, 48000 * 5 + 1);
	assert_int_equal(d->wake(d), NEVER);
}

static void
an_airing_ends_at_the_earliest_of_its_limits(void **state)
{
	static const struct {
		const char *when;
		int64_t stop_us, fence_us, fence_wall_us;
		int64_t next_us; /* another cue's start; 0 none */
		int64_t drop_us; /* 0 none */
		int64_t end_us;
		enum ended why;
	} cases[] = {
		{ "nothing is in its way", NEVER, NEVER, NEVER, 0, 0, SEC(20),
		    ENDED_WHOLE },
		{ "its stop comes first", SEC(15), NEVER, NEVER, 0, 0, SEC(15),
		    ENDED_CUT },
		{ "its stop comes after its end", SEC(25), NEVER, NEVER, 0, 0,
		    SEC(20), ENDED_WHOLE },
		{ "the fence is before the stop", SEC(15), SEC(14), NEVER, 0, 0,
		    SEC(14), ENDED_FENCE },
		{ "the wall clock's fence is first", SEC(15), SEC(14),
		    SEC(1013), 0, 0, SEC(13), ENDED_FENCE },
		{ "the next cue starts", NEVER, NEVER, NEVER, SEC(12), 0,
		    SEC(12), ENDED_CUT },
		{ "the next cue starts as it ends", NEVER, NEVER, NEVER,
		    SEC(20), 0, SEC(20), ENDED_WHOLE },
		{ "the next cue starts 20 ms before it ends", NEVER, NEVER,
		    NEVER, SEC(20) - 20000, 0, SEC(20), ENDED_WHOLE },
		{ "somebody drops it", NEVER, NEVER, NEVER, 0, SEC(11), SEC(11),
		    ENDED_STOPPED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cue c = cue_of(1, SEC(10), 48000 * 10);
		struct cue n = cue_of(2, cases[i].next_us, 48000);
		struct receipt r;
		int64_t t;

		c.stop_boot_us = cases[i].stop_us;
		c.fence_boot_us = cases[i].fence_us;
		c.fence_wall_us = cases[i].fence_wall_us;
		d = deck_close(d);
		up(NULL);
		load_and_cue(SEC(1), &c);
		if (cases[i].next_us != 0)
			load_and_cue(SEC(1), &n);
		assert_int_equal(next(&t).kind, RECEIPT_STARTED);
		if (cases[i].drop_us != 0)
			d->drop(d, at(cases[i].drop_us), 1);
		do {
			t = d->wake(d);
			assert_int_equal(d->receive(d, at(t), &r), 1);
		} while (r.airing != 1);
		if (t != cases[i].end_us || r.kind != RECEIPT_ENDED ||
		    r.ended != cases[i].why ||
		    r.frames_sent != (cases[i].end_us - SEC(10)) * 48 / 1000)
			fail_msg("%s: kind %u at %lld, ended %u, %lld frames",
			    cases[i].when, r.kind, (long long)t, r.ended,
			    (long long)r.frames_sent);
	}
}

static void
an_airing_beyond_its_fence_never_starts(void **state)
{
	struct cue c = cue_of(1, SEC(10), 48000);
	struct receipt r;
	int64_t t;

	(void)state;
	c.fence_wall_us = SEC(1010);
	load_and_cue(SEC(1), &c);
	r = next(&t);
	assert_int_equal(r.kind, RECEIPT_ENDED);
	assert_int_equal(r.ended, ENDED_FENCE);
	assert_int_equal(r.frames_sent, 0);
}

static void
ended_comes_exactly_once_for_every_load(void **state)
{
	struct receipt r;
	int64_t t;

	(void)state;
	load(SEC(1), 1);
	d->drop(d, at(SEC(1)), 1);
	r = next(&t);
	assert_int_equal(r.kind, RECEIPT_ENDED);
	assert_int_equal(r.ended, ENDED_STOPPED);
	d->drop(d, at(SEC(2)), 1);
	assert_int_equal(d->receive(d, at(SEC(3)), &r), 0);
	assert_int_equal(d->wake(d), NEVER);
}

static void
a_cue_without_a_load_is_refused(void **state)
{
	struct cue c = cue_of(1, SEC(10), 48000);

	(void)state;
	assert_int_equal(d->cue(d, at(SEC(1)), &c), -ENOENT);
	load(SEC(1), 1);
	assert_int_equal(d->cue(d, at(SEC(1)), &c), -ENOENT);
	assert_int_equal(d->load(d, at(SEC(1)), 1, -1, H64, 0), -EINVAL);
	assert_int_equal(d->load(d, at(SEC(1)), 0, -1, H64, 0), -EINVAL);
	assert_int_equal(d->load(d, at(SEC(1)), 2, -1, "junk", 0), -EINVAL);
}

static void
a_sounding_airing_tells_how_far_it_is_when_asked(void **state)
{
	struct cue c = cue_of(1, SEC(10), 48000 * 10);
	struct receipt r;
	int64_t t;

	(void)state;
	load_and_cue(SEC(1), &c);
	assert_int_equal(d->receive(d, at(SEC(9)), &r), 0);
	assert_int_equal(next(&t).kind, RECEIPT_STARTED);
	assert_int_equal(d->receive(d, at(SEC(10.9)), &r), 0);
	assert_int_equal(d->receive(d, at(SEC(12.5)), &r), 1);
	assert_int_equal(r.kind, RECEIPT_PROGRESS);
	assert_int_equal(r.frames_sent, 120000);
	assert_int_equal(d->receive(d, at(SEC(12.5)), &r), 0);
	/* Nobody is woken for it. */
	assert_int_equal(d->wake(d), SEC(20));
}

static void
a_late_cue_starts_when_it_comes(void **state)
{
	struct cue c = cue_of(1, SEC(10), 48000);
	struct receipt r;
	int64_t t;

	(void)state;
	load_and_cue(SEC(12), &c);
	r = next(&t);
	assert_int_equal(r.first_boot_us, SEC(12));
	r = next(&t);
	assert_int_equal(t, SEC(13));
	assert_int_equal(r.ended, ENDED_WHOLE);
}

static void
faults_strike_the_load_they_are_ordered_for(void **state)
{
	static const struct deck_fault faults[] = {
		{ 2, ENDED_BAD_ITEM, 0 },
		{ 3, ENDED_SOURCE_FAILED, 24000 },
	};
	struct cue c = cue_of(1, SEC(10), 48000);
	struct receipt r;
	int64_t t;

	(void)state;
	d = deck_close(d);
	assert_int_equal(deck_sim_open(faults, COUNT(faults), &d), 0);
	load_and_cue(SEC(1), &c);
	assert_int_equal(next(&t).kind, RECEIPT_STARTED);
	assert_int_equal(next(&t).ended, ENDED_WHOLE);
	load(SEC(20), 2);
	r = next(&t);
	assert_int_equal(r.kind, RECEIPT_ENDED);
	assert_int_equal(r.ended, ENDED_BAD_ITEM);
	c = cue_of(3, SEC(30), 48000);
	load_and_cue(SEC(21), &c);
	assert_int_equal(next(&t).kind, RECEIPT_STARTED);
	r = next(&t);
	assert_int_equal(t, SEC(30.5));
	assert_int_equal(r.ended, ENDED_SOURCE_FAILED);
	assert_int_equal(r.frames_sent, 24000);
}

static void
a_lost_device_ends_what_sounds_and_what_would_start(void **state)
{
	struct cue a = cue_of(1, SEC(10), 48000 * 10);
	struct cue b = cue_of(2, SEC(14), 48000);
	struct cue c = cue_of(3, SEC(16), 48000);
	struct receipt r;
	int64_t t;
	int lost = 0, ok = 0;

	(void)state;
	load_and_cue(SEC(1), &a);
	load_and_cue(SEC(1), &b);
	load_and_cue(SEC(1), &c);
	assert_int_equal(next(&t).kind, RECEIPT_STARTED);
	deck_sim_lose_device(d, at(SEC(12)), SEC(15));
	while ((t = d->wake(d)) != NEVER) {
		assert_int_equal(d->receive(d, at(t), &r), 1);
		lost += r.kind == RECEIPT_DEVICE_LOST;
		ok += r.kind == RECEIPT_DEVICE_OK;
		if (r.kind == RECEIPT_DEVICE_OK)
			assert_int_equal(t, SEC(15));
		if (r.kind != RECEIPT_ENDED)
			continue;
		assert_int_equal(
		    r.ended, r.airing == 3 ? ENDED_WHOLE : ENDED_DEVICE_LOST);
		assert_int_equal(r.frames_sent, r.airing == 1   ? 96000
						: r.airing == 2 ? 0
								: 48000);
	}
	assert_int_equal(lost, 1);
	assert_int_equal(ok, 1);
}

static void
load_takes_the_descriptor_over(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(d->load(d, at(0), 0, fd, H64, 0), -EINVAL);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(d->fd(d), -1);
	assert_null(deck_close(NULL));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, up, down)
	const struct CMUnitTest tests[] = {
		T(an_airing_starts_on_its_instant_and_ends_whole),
		T(an_airing_ends_at_the_earliest_of_its_limits),
		T(an_airing_beyond_its_fence_never_starts),
		T(ended_comes_exactly_once_for_every_load),
		T(a_cue_without_a_load_is_refused),
		T(a_sounding_airing_tells_how_far_it_is_when_asked),
		T(a_late_cue_starts_when_it_comes),
		T(faults_strike_the_load_they_are_ordered_for),
		T(a_lost_device_ends_what_sounds_and_what_would_start),
		T(load_takes_the_descriptor_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
