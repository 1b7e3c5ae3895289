/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "playout/feed.h"
#include "playout/live.h"
#include "playout/outbox.h"
#include "playout/pace.h"
#include "playout/pcm.h"
#include "playout/player.h"

#define BUFFER_MS 200
#define BUFFER_MAX_MS 2000
#define LATENCY_MAX_MS 10000
#define SPARE_US (100 * US_PER_MS) /* ahead of the clock beyond the buffer */
/* What is fed ahead of the clock while an emergency may come. With its usual
 * 200 ms PulseAudio takes 80 ms at a time. */
#define READY_US (140 * US_PER_MS)
#define READY_PERCENT 70 /* ... of a larger buffer */
#define BLOCK 960 /* frames, 20 ms: what one write holds at most */
#define BLOCK_US (20 * US_PER_MS)
#define NEAR_FRAMES 960 /* 20 ms: two items follow each other */
#define ROUND_FRAMES 48 /* 1 ms: instants rounded to frames */
#define SLIP_FRAMES (RATE / 5) /* of a slow device, at most forgiven */
#define HANG_UP_FRAMES (RATE / 50) /* 20 ms: no click, and soon over */
#define HUNGER_FRAMES (3 * RATE) /* of silence in a row, then it has failed */
#define STARVED_FRAMES RATE /* ... of it at a cut, then it was no cut */
#define HUNGER_AHEAD_US (60 * US_PER_MS) /* wait for a source down to here */
#define HUNGER_NAP_US (10 * US_PER_MS)
#define OPEN_AHEAD_US (15 * US_PER_S)
#define CLOSE_AFTER_US (30 * US_PER_S)
#define RETRY_FIRST_US US_PER_S
#define RETRY_US (10 * US_PER_S)
#define FLAP_US (2 * US_PER_S) /* one lost so soon will not be back at once */
#define BEAT_US US_PER_S
#define DRAIN_US (50 * US_PER_MS) /* between two looks at a live source */
#define EARLY_US (2 * US_PER_S) /* the clock drifts, and is not set, so far */

enum device { CLOSED, OPEN, LOST };

/* One cue and how far it has come. */
struct airing {
	struct cue cue;
	struct feed *feed;
	int64_t due_us; /* when it may start: never in the past */
	int64_t stop_frame; /* ordered by a person; INT64_MAX none */
	int64_t fade_frames; /* before a cut */
	bool follows; /* starts on the frame after the last one */
	int64_t moved_frames; /* later than it should be, by following */
	int64_t slipped_us; /* the pace's, when it started */
	int underruns; /* likewise */
	int64_t underrun_us;
	int64_t sent;
	int64_t silent;
	int64_t muted; /* sent while the mixer let nothing out */
	int64_t hungry; /* silent frames in a row */
	int peak; /* since the last receipt */
	int64_t first_us; /* NEVER until its first frame is taken */
	int64_t last_us;
	/* Of a live source only: */
	struct live *live; /* NULL in a free place */
	int64_t risen; /* frames since it came on air this time */
	int64_t signal; /* of `sent` */
	int64_t told_us;
};

struct player {
	struct sink *sink;
	int64_t limit_us;
	int64_t ready_limit_us; /* the same while it is to be ready */
	int64_t ready_us; /* until when it is */
	int64_t latency_us;
	enum device device;
	bool proven; /* this opening has taken a frame */
	bool told_lost; /* the daemon's last word is "lost" */
	int64_t tried_us; /* last attempt to open */
	int64_t try_us; /* and the next */
	int64_t wait_us; /* between the two: a plug may be put back soon */
	int64_t idle_us; /* the last airing ended */
	int64_t beat_us;
	int64_t look_us; /* at the mixer */
	bool muted;
	struct pace pace;
	bool sounding; /* held[0] */
	bool hung_up;
	unsigned n;
	struct airing held[CUES_MAX]; /* by due_us */
	struct airing lives[LIVES_MAX];
	struct airing *on_air; /* the one of `lives` that sounds, or NULL */
	struct outbox out;
	int16_t block[BLOCK * PCM_CHANNELS];
};

/* ---- receipts ---- */

static void
set_text(struct receipt *r, const char *text)
{
	snprintf(r->text, sizeof(r->text), "%s", text);
	text_trim(r->text);
}

static struct receipt
device_receipt(enum receipt_kind kind)
{
	return (struct receipt){
		.version = CUE_VERSION,
		.kind = kind,
		.peak_mdb = PCM_SILENCE_MDB,
		.first_boot_us = NEVER,
		.last_boot_us = NEVER,
	};
}

static void
say(struct player *p, enum receipt_kind kind, const char *text)
{
	struct receipt r = device_receipt(kind);

	set_text(&r, text);
	outbox_put(&p->out, &r);
}

static void
say_percent(struct player *p, enum receipt_kind kind, int percent)
{
	struct receipt r = device_receipt(kind);

	r.percent = percent;
	outbox_put(&p->out, &r);
}

static void
add_signal(struct receipt *r, const struct airing *a)
{
	struct level *l = live_level(a->live);

	r->frames_signal = a->signal;
	r->loud_us = level_loud_us(l, a->told_us);
	r->quiet_us = level_quiet_us(l, a->told_us);
	r->peak_mdb = level_mean_mdb(l);
}

static void
say_of(struct player *p, struct airing *a, enum receipt_kind kind,
    enum ended why, const char *text)
{
	struct receipt r = {
		.version = CUE_VERSION,
		.kind = kind,
		.airing = a->cue.airing,
		.ended = why,
		.peak_mdb = pcm_peak_mdb(a->peak),
		.first_boot_us = a->first_us,
		.last_boot_us = a->last_us,
		.frames_sent = a->sent,
		.frames_silent = a->silent,
		.frames_muted = a->muted,
		.gain_mdb = a->cue.gain_mdb,
	};

	if (a->live != NULL)
		add_signal(&r, a);
	if (a->sent > 0) {
		r.underruns = p->pace.underruns - a->underruns;
		r.underrun_us = p->pace.underrun_us - a->underrun_us;
	}
	set_text(&r, text);
	if (outbox_put(&p->out, &r))
		a->peak = 0;
}

/* ---- what is held ---- */

/* The one last word on held[i]. */
static void
end_airing(struct player *p, struct now now, unsigned i, enum ended why,
    const char *text)
{
	struct airing *a = &p->held[i];

	say_of(p, a, RECEIPT_ENDED, why, text);
	feed_free(a->feed);
	p->n--;
	memmove(a, a + 1, (p->n - i) * sizeof(*a));
	if (i == 0)
		p->sounding = false;
	p->idle_us = now.boot_us;
}

static struct airing *
find(struct player *p, uint64_t airing)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->held[i].cue.airing == airing)
			return &p->held[i];
	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live != NULL &&
		    p->lives[i].cue.airing == airing)
			return &p->lives[i];
	return NULL;
}

static void
keep(struct player *p, const struct airing *a)
{
	unsigned i = p->n;

	while (i > (p->sounding ? 1u : 0u) && p->held[i - 1].due_us > a->due_us)
		i--;
	memmove(&p->held[i + 1], &p->held[i], (p->n - i) * sizeof(p->held[0]));
	p->held[i] = *a;
	p->n++;
}

/* The one last word on a live source. */
static void
end_live(struct player *p, struct now now, struct airing *a, enum ended why,
    const char *text)
{
	a->told_us = now.boot_us;
	say_of(p, a, RECEIPT_ENDED, why, text);
	live_free(a->live);
	if (p->on_air == a)
		p->on_air = NULL;
	*a = (struct airing){ 0 };
	p->idle_us = now.boot_us;
}

static bool
has_lives(const struct player *p)
{
	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live != NULL)
			return true;
	return false;
}

/* When the next of all cues is due; NEVER when there is none. */
static int64_t
first_due_us(const struct player *p)
{
	int64_t due_us = p->n > 0 ? p->held[0].due_us : NEVER;

	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live != NULL)
			due_us = earlier(due_us, p->lives[i].due_us);
	return due_us;
}

/* ---- when things must end ---- */

/* P1: by the wall clock, the hours that it was cued for have not begun when
 * it sounds, or is to begin. */
static bool
is_too_early(struct now now, const struct airing *a)
{
	int64_t wait_us = later(a->due_us, now.boot_us) - now.boot_us;
	int64_t at_us = now.wall_us + earlier(wait_us, US_PER_DAY);

	return a->cue.release == 0 && at_us + EARLY_US < a->cue.open_wall_us;
}

static int64_t
fence_frame(const struct player *p, struct now now, const struct airing *a)
{
	int64_t wall_us = a->cue.release != 0
			      ? NEVER
			      : now_boot_at(now, a->cue.fence_wall_us);

	if (is_too_early(now, a))
		return 0;
	return anchor_frame_before(
	    p->pace.anchor, earlier(a->cue.fence_boot_us, wall_us));
}

static int64_t
start_frame(const struct player *p, const struct airing *a)
{
	if (a->follows)
		return p->pace.frames;
	return anchor_frame(p->pace.anchor, a->due_us);
}

static int64_t
stop_frame(const struct player *p, const struct airing *a)
{
	return anchor_frame(p->pace.anchor, a->cue.stop_boot_us);
}

/* By how many frames the sounding item has been moved later, through no fault
 * of its own, since it started. */
static int64_t
moved(const struct player *p, const struct airing *a)
{
	int64_t slipped_us = later(p->pace.slipped_us - a->slipped_us, 0);

	return earlier(slipped_us * RATE / US_PER_S, SLIP_FRAMES) +
	       a->moved_frames;
}

struct cut {
	int64_t frame; /* the first that is silent; INT64_MAX none */
	enum ended why;
};

static void
cut_earlier(struct cut *c, int64_t frame, enum ended why)
{
	if (frame < c->frame)
		*c = (struct cut){ frame, why };
}

/*
 * Where the sounding item is cut, unless it ends by itself before. Where it
 * ends so near that the two are meant to be one instant, that is no cut.
 */
static struct cut
find_cut(const struct player *p, struct now now)
{
	const struct airing *a = &p->held[0];
	struct cut c = { INT64_MAX, ENDED_CUT };
	int64_t left = feed_left(a->feed);
	int64_t end = left == INT64_MAX ? INT64_MAX : p->pace.frames + left;
	int64_t stop = stop_frame(p, a);
	int64_t slack = moved(p, a);

	if (stop != INT64_MAX && end > stop + slack + ROUND_FRAMES)
		cut_earlier(&c, stop, ENDED_CUT);
	if (p->n > 1) {
		int64_t next = start_frame(p, &p->held[1]);

		if (next != INT64_MAX && end > next + slack + NEAR_FRAMES)
			cut_earlier(&c, next, ENDED_CUT);
	}
	if (end > a->stop_frame)
		cut_earlier(&c, a->stop_frame, ENDED_STOPPED);
	/* P1: by whichever clock is earlier, and without any slack. */
	if (end > fence_frame(p, now, a))
		cut_earlier(&c, fence_frame(p, now, a), ENDED_FENCE);
	return c;
}

/* Can a cue that has not started still sound at all? */
static bool
is_doomed(const struct player *p, struct now now, const struct airing *a,
    enum ended *ret_why)
{
	int64_t start = later(start_frame(p, a), p->pace.frames);

	if (fence_frame(p, now, a) <= start)
		*ret_why = ENDED_FENCE;
	else if (stop_frame(p, a) <= start)
		*ret_why = ENDED_CUT;
	else if (feed_ended(a->feed))
		*ret_why = ENDED_SOURCE_FAILED;
	else
		return false;
	return true;
}

static void
drop_doomed(struct player *p, struct now now)
{
	enum ended why;

	for (unsigned i = p->n; i-- > (p->sounding ? 1u : 0u);)
		if (is_doomed(p, now, &p->held[i], &why))
			end_airing(p, now, i, why,
			    why == ENDED_SOURCE_FAILED ? _("the source gave no "
							   "sound at all")
						       : "");
}

/* ---- cues ---- */

/* P1: whatever is asked for ends, by a clock that nobody can set. What is
 * planned ends by the hours; an emergency is never longer than so. */
static bool
is_fenced(struct now now, const struct cue *c)
{
	if (c->release == 0)
		return c->fence_wall_us != NEVER && c->fence_boot_us != NEVER;
	return c->release > 0 && c->fence_boot_us > 0 &&
	       c->fence_boot_us - CUE_RELEASE_MAX_US <=
		   later(c->start_boot_us, now.boot_us);
}

static struct airing *
free_live(struct player *p)
{
	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live == NULL)
			return &p->lives[i];
	return NULL;
}

/* Refuses early; NULL when the cue is good. */
static const char *
fault_of(struct player *p, struct now now, const struct cue *c)
{
	if (c->version != CUE_VERSION || c->verb != CUE_PLAY)
		return _("the player and the daemon are of different versions; "
			 "restart the daemon");
	if (c->fence_wall_us < 0)
		return _("the cue's fence lies before all times");
	if (!is_fenced(now, c))
		return _("the cue has no end of its hours");
	if (c->live_ms != 0 ? free_live(p) == NULL : p->n >= CUES_MAX)
		return _("the player holds as many cues as it can");
	return NULL;
}

static void
refuse_cue(struct player *p, const struct cue *c, const char *text)
{
	struct airing a = {
		.cue = *c,
		.first_us = NEVER,
		.last_us = NEVER,
	};

	say_of(p, &a, RECEIPT_ENDED, ENDED_SOURCE_FAILED, text);
}

/* A cue for now cuts what sounds, but not before there was room to fade. */
static int64_t
due_us(const struct player *p, struct now now, const struct cue *c)
{
	int64_t due = later(c->start_boot_us, now.boot_us);
	const struct airing *on = p->sounding ? &p->held[0] : p->on_air;

	if (on == NULL)
		return due;
	return later(
	    due, anchor_us(p->pace.anchor, p->pace.frames + on->fade_frames));
}

static int64_t
fade_frames(int32_t ms)
{
	return ms > 0 ? (int64_t)ms * RATE / 1000 : 0;
}

static void
take_live(struct player *p, struct now now, struct airing *a, int fd)
{
	struct airing *place = free_live(p);

	if (live_open(fd, a->cue.live_ms, a->cue.floor_mdb, now.boot_us,
		&a->live) < 0) {
		refuse_cue(p, &a->cue, _("the cue came without a usable pipe"));
		return;
	}
	a->due_us = a->cue.start_boot_us;
	a->told_us = now.boot_us;
	*place = *a;
}

/* What an emergency cuts has no time for a long fade. */
static void
make_haste(struct player *p, const struct cue *c)
{
	struct airing *on = p->sounding ? &p->held[0] : p->on_air;

	if (on != NULL && c->release > 0)
		on->fade_frames = earlier(on->fade_frames, HANG_UP_FRAMES);
}

static void
play_cue(struct player *p, struct now now, const struct cue *c, int fd)
{
	const char *fault = fault_of(p, now, c);
	struct airing a = {
		.cue = *c,
		.stop_frame = INT64_MAX,
		.fade_frames = fade_frames(c->fade_out_ms),
		.first_us = NEVER,
		.last_us = NEVER,
	};

	if (fault != NULL) {
		if (fd >= 0)
			close(fd);
		refuse_cue(p, c, fault);
		return;
	}
	make_haste(p, c);
	a.due_us = due_us(p, now, c);
	if (c->live_ms != 0) {
		take_live(p, now, &a, fd);
		return;
	}
	if (feed_open(fd, c->channels, c->frames, &a.feed) < 0) {
		refuse_cue(p, c, _("the cue came without a usable pipe"));
		return;
	}
	feed_gain(a.feed, c->gain_mdb);
	keep(p, &a);
	/* A lost device may have come back for this one: no need to wait. */
	p->try_us = earlier(
	    p->try_us, later(now.boot_us, p->tried_us + RETRY_FIRST_US));
}

static void
stop_sounding(struct player *p, int64_t fade)
{
	struct airing *a = &p->held[0];

	a->fade_frames = fade;
	a->stop_frame = earlier(a->stop_frame, p->pace.frames + fade);
}

static void
stop_lives(struct player *p, struct now now, uint64_t airing)
{
	for (unsigned i = 0; i < LIVES_MAX; i++) {
		struct airing *a = &p->lives[i];

		if (a->live == NULL || (airing != 0 && a->cue.airing != airing))
			continue;
		if (p->on_air == a)
			a->stop_frame = earlier(
			    a->stop_frame, p->pace.frames + a->fade_frames);
		else
			end_live(p, now, a, ENDED_STOPPED, "");
	}
}

static void
stop_cues(struct player *p, struct now now, uint64_t airing)
{
	for (unsigned i = p->n; i-- > 0;) {
		if (airing != 0 && p->held[i].cue.airing != airing)
			continue;
		if (i == 0 && p->sounding) {
			if (p->held[0].stop_frame == INT64_MAX)
				stop_sounding(p, p->held[0].fade_frames);
		} else {
			end_airing(p, now, i, ENDED_STOPPED, "");
		}
	}
	stop_lives(p, now, airing);
}

void
player_cue(struct player *p, struct now now, const struct cue *c, int fd)
{
	bool is_stop = c->version == CUE_VERSION && c->verb == CUE_STOP;
	bool is_ready = c->version == CUE_VERSION && c->verb == CUE_READY;

	if (is_ready)
		p->ready_us = c->stop_boot_us;
	if (!is_stop && !is_ready && c->airing != 0 &&
	    find(p, c->airing) == NULL) {
		play_cue(p, now, c, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (is_stop)
		stop_cues(p, now, c->airing);
}

void
player_hang_up(struct player *p, struct now now)
{
	if (p->hung_up)
		return;
	p->hung_up = true;
	while (p->n > (p->sounding ? 1u : 0u))
		end_airing(p, now, p->n - 1, ENDED_STOPPED, "");
	if (p->sounding)
		stop_sounding(p, HANG_UP_FRAMES);
	if (p->on_air != NULL)
		p->on_air->fade_frames = HANG_UP_FRAMES;
	stop_lives(p, now, 0);
}

/* ---- the device ---- */

static void
close_device(struct player *p)
{
	p->sink->close(p->sink);
	p->device = CLOSED;
}

static void
lose_device(struct player *p, struct now now, const char *why)
{
	bool flaps = p->device == OPEN && now.boot_us - p->tried_us < FLAP_US;

	if (p->device == OPEN)
		close_device(p);
	if (p->sounding)
		end_airing(p, now, 0, ENDED_DEVICE_LOST, why);
	p->on_air = NULL; /* it goes on when the device is back */
	p->device = LOST;
	if (flaps)
		p->wait_us = RETRY_US;
	else if (p->told_lost)
		p->wait_us = earlier(2 * p->wait_us, RETRY_US);
	else
		p->wait_us = RETRY_FIRST_US;
	p->try_us = now.boot_us + p->wait_us;
	if (p->told_lost)
		return;
	p->told_lost = true;
	say(p, RECEIPT_DEVICE_LOST, why);
}

static void
open_device(struct player *p, struct now now)
{
	char why[sizeof(((struct receipt *)NULL)->text)] = "";

	p->tried_us = now.boot_us;
	if (p->sink->open(p->sink, why, sizeof(why)) < 0) {
		lose_device(p, now, why);
		return;
	}
	p->device = OPEN;
	p->proven = false;
	p->muted = false;
	p->look_us = now.boot_us;
	p->idle_us = now.boot_us;
	pace_start(&p->pace, now.boot_us, p->latency_us, p->limit_us);
}

static void
prove_device(struct player *p)
{
	if (p->proven)
		return;
	p->proven = true;
	p->told_lost = false;
	say(p, RECEIPT_DEVICE_OK, "");
}

/* Without a device nothing starts, and nothing waits for its return either:
 * its hour has passed. */
static void
pass_over(struct player *p, struct now now)
{
	while (p->n > 0 && p->held[0].due_us <= now.boot_us)
		end_airing(p, now, 0, ENDED_DEVICE_LOST, "");
}

/* Nobody waits for one that is hung up. */
static bool
is_ready(const struct player *p, struct now now)
{
	return now.boot_us < p->ready_us && !p->hung_up;
}

static int64_t
closed_turn(struct player *p, struct now now)
{
	int64_t due_us = first_due_us(p);
	int64_t open_us = due_us == NEVER ? NEVER : due_us - OPEN_AHEAD_US;

	if (!is_ready(p, now) && now.boot_us < open_us)
		return open_us;
	open_device(p, now);
	return now.boot_us;
}

static int64_t
lost_turn(struct player *p, struct now now)
{
	if (now.boot_us >= p->try_us) {
		open_device(p, now);
		if (p->device == OPEN)
			return now.boot_us;
	}
	pass_over(p, now);
	return p->n == 0 ? p->try_us : earlier(p->try_us, p->held[0].due_us);
}

/* ---- the sound ---- */

/* The next write: one stretch of one thing. */
struct piece {
	int frames; /* 0: wait instead, or look again */
	bool is_sound; /* of the sounding item; else silence */
	bool is_live; /* of the live source on air */
	int64_t wait_us;
};

static void
shape(struct player *p, const struct airing *a, int frames, const struct cut *c)
{
	int64_t rise = fade_frames(a->cue.fade_in_ms);

	if (a->sent < rise)
		pcm_ramp_up(p->block, frames, a->sent, rise);
	if (c->frame != INT64_MAX && a->fade_frames > 0)
		pcm_ramp_down(p->block, frames, c->frame - p->pace.frames,
		    a->fade_frames);
}

static struct piece
silence(struct player *p, int64_t frames)
{
	struct piece s = { .frames = (int)earlier(frames, BLOCK) };

	memset(p->block, 0, (size_t)s.frames * PCM_FRAME_BYTES);
	return s;
}

/* The source has nothing in hand. While the device has enough, wait for it:
 * silence put in takes the item's time. */
static struct piece
hungry_piece(struct player *p, struct now now, int64_t room, int64_t ahead_us)
{
	struct airing *a = &p->held[0];

	if (a->hungry >= HUNGER_FRAMES) {
		end_airing(p, now, 0, ENDED_SOURCE_FAILED,
		    _("the source gave no sound for 3 seconds"));
		return (struct piece){ 0 };
	}
	if (ahead_us > HUNGER_AHEAD_US) {
		pace_held_back(&p->pace, now.boot_us);
		return (struct piece){ .wait_us = HUNGER_NAP_US };
	}
	return silence(p, room);
}

static struct piece
item_piece(struct player *p, struct now now, int64_t ahead_us)
{
	struct airing *a = &p->held[0];
	struct cut c = find_cut(p, now);
	int64_t room = c.frame == INT64_MAX ? BLOCK : c.frame - p->pace.frames;
	struct piece s = { .is_sound = true };

	if (room <= 0 && a->hungry >= STARVED_FRAMES) {
		/* P7: it had nothing left that could have been cut. */
		end_airing(p, now, 0, ENDED_SOURCE_FAILED,
		    _("the source gave no sound any more"));
		return (struct piece){ 0 };
	}
	if (room <= 0) {
		end_airing(p, now, 0, c.why, "");
		return (struct piece){ 0 };
	}
	if (feed_ready(a->feed) == 0)
		return hungry_piece(p, now, room, ahead_us);
	s.frames = feed_take(a->feed, p->block, (int)earlier(room, BLOCK));
	shape(p, a, s.frames, &c);
	return s;
}

/* Where the next of the live sources starts, if that is before `frame`. */
static int64_t
until_live(const struct player *p, int64_t frame)
{
	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live != NULL &&
		    start_frame(p, &p->lives[i]) > p->pace.frames)
			frame = earlier(frame, start_frame(p, &p->lives[i]));
	return frame;
}

/* Where a live source is cut, whatever else is due. */
static struct cut
find_live_cut(const struct player *p, struct now now, const struct airing *a)
{
	struct cut c = { INT64_MAX, ENDED_CUT };

	cut_earlier(&c, stop_frame(p, a), ENDED_CUT);
	cut_earlier(&c, a->stop_frame, ENDED_STOPPED);
	cut_earlier(&c, fence_frame(p, now, a), ENDED_FENCE);
	return c;
}

/* Lives that are over end; the one that may sound now, or NULL. */
static struct airing *
live_now(struct player *p, struct now now)
{
	struct airing *due = NULL;

	for (unsigned i = 0; i < LIVES_MAX; i++) {
		struct airing *a = &p->lives[i];
		struct cut c;

		if (a->live == NULL || start_frame(p, a) > p->pace.frames)
			continue;
		c = find_live_cut(p, now, a);
		if (c.frame <= p->pace.frames)
			end_live(p, now, a, c.why, "");
		else if (due == NULL || a->due_us > due->due_us)
			due = a;
	}
	return due;
}

static void
shape_live(struct player *p, struct airing *a, int frames, int64_t cut)
{
	int64_t rise = fade_frames(a->cue.fade_in_ms);

	if (a->cue.gain_mdb != 0)
		pcm_gain(p->block, frames, a->cue.gain_mdb);
	if (a->risen < rise)
		pcm_ramp_up(p->block, frames, a->risen, rise);
	if (a->fade_frames > 0)
		pcm_ramp_down(
		    p->block, frames, cut - p->pace.frames, a->fade_frames);
	a->risen += frames;
}

/* A live source, up to `next`: a later cue's start. */
static struct piece
live_piece(struct player *p, struct now now, struct airing *a, int64_t next,
    int64_t ahead_us)
{
	int64_t cut = earlier(next, find_live_cut(p, now, a).frame);
	int64_t room = cut - p->pace.frames;
	struct piece s = { .is_live = true };

	if (p->on_air != a) {
		a->risen = 0;
		if (a->first_us == NEVER) {
			a->underruns = p->pace.underruns;
			a->underrun_us = p->pace.underrun_us;
		}
	}
	p->on_air = a;
	if (live_ready(a->live) == 0) {
		a->risen = 0;
		if (ahead_us > HUNGER_AHEAD_US) {
			pace_held_back(&p->pace, now.boot_us);
			return (struct piece){ .wait_us = HUNGER_NAP_US };
		}
		s = silence(p, room);
		s.is_live = true;
		a->hungry = 1;
		return s;
	}
	a->hungry = 0;
	s.frames = live_take(
	    a->live, p->block, (int)earlier(room, BLOCK), now.boot_us);
	shape_live(p, a, s.frames, cut);
	return s;
}

/* No item sounds: silence up to the next start, or a live source. */
static struct piece
idle_piece(struct player *p, struct now now, int64_t ahead_us)
{
	struct airing *a = &p->held[0];
	struct airing *live;
	int64_t start;

	if (pace_is_filling(&p->pace))
		return silence(p, BLOCK);
	start = p->n == 0 ? INT64_MAX : start_frame(p, a);
	live = live_now(p, now);
	if (start > p->pace.frames && live != NULL)
		return live_piece(p, now, live, start, ahead_us);
	p->on_air = NULL;
	if (start > p->pace.frames)
		return silence(p, until_live(p, start) - p->pace.frames);
	a->slipped_us = p->pace.slipped_us;
	a->underruns = p->pace.underruns;
	a->underrun_us = p->pace.underrun_us;
	p->sounding = true;
	return (struct piece){ 0 };
}

/* The next cue starts on the very next frame when it is meant to. */
static void
let_follow(struct player *p)
{
	struct airing *next = &p->held[0];
	int64_t late;

	if (p->n == 0)
		return;
	late = p->pace.frames - anchor_frame(p->pace.anchor, next->due_us);
	if (late < -NEAR_FRAMES)
		return;
	next->follows = true;
	next->moved_frames = earlier(later(late, 0), NEAR_FRAMES);
}

/* Every frame is sent, or no more will come. */
static void
finish(struct player *p, struct now now)
{
	if (feed_whole(p->held[0].feed)) {
		end_airing(p, now, 0, ENDED_WHOLE, "");
		let_follow(p);
		return;
	}
	end_airing(p, now, 0, ENDED_SOURCE_FAILED,
	    _("the source ended before its item did"));
}

static void
count_live(struct player *p, struct now now, int frames, int64_t first_us)
{
	struct airing *a = p->on_air;

	if (a->hungry != 0) {
		a->silent += a->first_us == NEVER ? 0 : frames;
		return;
	}
	a->sent += frames;
	a->muted += p->muted ? frames : 0;
	a->signal += level_signal(live_level(a->live), frames, now.boot_us);
	a->last_us = anchor_us(p->pace.anchor, p->pace.frames);
	if (a->first_us != NEVER)
		return;
	a->first_us = first_us;
	a->told_us = now.boot_us;
	say_of(p, a, RECEIPT_STARTED, ENDED_WHOLE, "");
}

static void
count_sound(struct player *p, int frames, int64_t first_us)
{
	struct airing *a = &p->held[0];
	int peak = pcm_peak(p->block, frames);

	a->peak = peak > a->peak ? peak : a->peak;
	a->sent += frames;
	a->muted += p->muted ? frames : 0;
	a->hungry = 0;
	a->last_us = anchor_us(p->pace.anchor, p->pace.frames);
	if (a->first_us != NEVER)
		return;
	a->first_us = first_us;
	say_of(p, a, RECEIPT_STARTED, ENDED_WHOLE, "");
}

/* The device has taken the piece: only now does it count. */
static void
count(struct player *p, struct now now, const struct piece *s)
{
	int64_t first_us = anchor_us(p->pace.anchor, p->pace.frames);

	pace_took(&p->pace, s->frames);
	prove_device(p);
	if (s->is_live) {
		count_live(p, now, s->frames, first_us);
	} else if (s->is_sound) {
		count_sound(p, s->frames, first_us);
	} else if (p->sounding) {
		p->held[0].silent += s->frames;
		p->held[0].hungry += s->frames;
	}
}

static void
tell_rate(struct player *p, struct now now)
{
	int percent;

	if (pace_rate_off(&p->pace, now.boot_us, &percent))
		say_percent(p, RECEIPT_RATE_OFF, percent);
}

/* Someone may mute the card's mixer: the device takes frames all the same. We
 * tell, and turn nothing up. */
static void
look_at_mixer(struct player *p, struct now now)
{
	int level;

	if (p->sink->level == NULL || !p->proven || now.boot_us < p->look_us)
		return;
	p->look_us = now.boot_us + BEAT_US;
	level = p->sink->level(p->sink);
	if (level < 0 || (level == 0) == p->muted)
		return;
	p->muted = level == 0;
	say_percent(p, RECEIPT_LEVEL, level);
}

static void
pump(struct player *p)
{
	/* The one that sounds and the next: the rest keep in their pipes. */
	for (unsigned i = 0; i < p->n && i < 2; i++)
		feed_pump(p->held[i].feed);
}

static int64_t
write_piece(struct player *p, struct now now, const struct piece *s)
{
	char why[sizeof(((struct receipt *)NULL)->text)] = "";

	if (p->sink->write(p->sink, p->block, s->frames, why, sizeof(why)) < 0)
		lose_device(p, now, why);
	else
		count(p, now, s);
	return now.boot_us;
}

/* Where the device's clock stands, if it says so itself. */
static void
ask_device(struct player *p)
{
	int64_t zero_us =
	    p->sink->zero_us == NULL ? NEVER : p->sink->zero_us(p->sink);

	if (zero_us != NEVER)
		pace_told(&p->pace, zero_us);
}

/* A device that fills may not begin before it is full. */
static void
keep_ready(struct player *p, struct now now)
{
	bool ready = is_ready(p, now) && !pace_is_filling(&p->pace);
	int64_t limit_us = ready ? p->ready_limit_us : p->limit_us;

	if (p->pace.limit_us != limit_us)
		pace_limit(&p->pace, now.boot_us, limit_us);
}

/* Enough is queued; when it will be less. */
static int64_t
hold_back(struct player *p, struct now now, int64_t ahead_us)
{
	if (p->pace.limit_us < p->limit_us)
		pace_held_back(&p->pace, now.boot_us);
	return now.boot_us + ahead_us + BLOCK_US - p->pace.limit_us;
}

static int64_t
open_turn(struct player *p, struct now now)
{
	int64_t ahead_us;
	struct piece s;

	ask_device(p);
	ahead_us = pace_see(&p->pace, now.boot_us);
	tell_rate(p, now);
	look_at_mixer(p, now);
	keep_ready(p, now);
	if (p->n == 0 && !is_ready(p, now) && !has_lives(p) &&
	    now.boot_us - p->idle_us >= CLOSE_AFTER_US) {
		close_device(p);
		return NEVER;
	}
	if (ahead_us + BLOCK_US > p->pace.limit_us)
		return hold_back(p, now, ahead_us);
	pump(p);
	drop_doomed(p, now);
	if (p->sounding && feed_ended(p->held[0].feed))
		finish(p, now);
	s = p->sounding ? item_piece(p, now, ahead_us)
			: idle_piece(p, now, ahead_us);
	if (s.frames == 0)
		return now.boot_us + s.wait_us;
	return write_piece(p, now, &s);
}

/* ---- the whole ---- */

/* A live source is drained whatever the device does, and told of. */
static void
drain_live(struct player *p, struct now now, struct airing *a)
{
	bool on_air = p->on_air == a && p->device == OPEN;

	live_pump(a->live, on_air, now.boot_us);
	if (live_ended(a->live, on_air)) {
		end_live(p, now, a, ENDED_SOURCE_FAILED, _("the source ended"));
	} else if (live_stalled(a->live, now.boot_us)) {
		end_live(p, now, a, ENDED_SOURCE_FAILED,
		    _("the source gave nothing for 5 seconds"));
	} else if (p->device != OPEN &&
		   (a->cue.stop_boot_us <= now.boot_us ||
		       a->cue.fence_boot_us <= now.boot_us)) {
		end_live(p, now, a, ENDED_CUT, "");
	} else if (now.boot_us - a->told_us >= BEAT_US) {
		a->told_us = now.boot_us;
		say_of(p, a, RECEIPT_SIGNAL, ENDED_WHOLE, "");
	}
}

static int64_t
drain(struct player *p, struct now now)
{
	for (unsigned i = 0; i < LIVES_MAX; i++)
		if (p->lives[i].live != NULL)
			drain_live(p, now, &p->lives[i]);
	return has_lives(p) ? now.boot_us + DRAIN_US : NEVER;
}

/* A sign of life each second while something is due, so that a player that
 * hangs in its device can be told from one that waits. */
static int64_t
beat(struct player *p, struct now now)
{
	if ((p->n == 0 && !has_lives(p)) || p->device == CLOSED)
		return NEVER;
	if (now.boot_us < p->beat_us)
		return p->beat_us;
	p->beat_us = now.boot_us + BEAT_US;
	if (p->sounding && p->held[0].sent > 0)
		say_of(p, &p->held[0], RECEIPT_PROGRESS, ENDED_WHOLE, "");
	else
		say(p, RECEIPT_PROGRESS, "");
	return p->beat_us;
}

int64_t
player_turn(struct player *p, struct now now)
{
	int64_t wake_us = NEVER;
	int64_t drain_us = drain(p, now);

	switch (p->device) {
	case CLOSED:
		wake_us = closed_turn(p, now);
		break;
	case OPEN:
		wake_us = open_turn(p, now);
		break;
	case LOST:
		wake_us = lost_turn(p, now);
		break;
	}
	return earlier(earlier(wake_us, drain_us), beat(p, now));
}

bool
player_done(const struct player *p)
{
	return p->hung_up && !p->sounding && !has_lives(p);
}

bool
player_has_room(const struct player *p)
{
	return outbox_has_room(&p->out);
}

const struct receipt *
player_receipt(const struct player *p)
{
	return outbox_first(&p->out);
}

void
player_receipt_sent(struct player *p)
{
	outbox_drop(&p->out);
}

int
player_make(const struct player_setup *setup, struct player **ret_player)
{
	struct player *p;
	int buffer_ms = setup->buffer_ms == 0 ? BUFFER_MS : setup->buffer_ms;

	if (setup->sink == NULL || buffer_ms < 0 || buffer_ms > BUFFER_MAX_MS ||
	    abs(setup->latency_ms) > LATENCY_MAX_MS)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->sink = setup->sink;
	p->limit_us = buffer_ms * US_PER_MS + SPARE_US;
	p->ready_limit_us =
	    later(READY_US, buffer_ms * US_PER_MS * READY_PERCENT / 100);
	p->ready_limit_us = earlier(p->ready_limit_us, p->limit_us);
	p->latency_us = setup->latency_ms * US_PER_MS;
	p->device = CLOSED;
	*ret_player = p;
	return 0;
}

struct player *
player_free(struct player *p)
{
	if (p == NULL)
		return NULL;
	for (unsigned i = 0; i < p->n; i++)
		feed_free(p->held[i].feed);
	for (unsigned i = 0; i < LIVES_MAX; i++)
		live_free(p->lives[i].live);
	if (p->device == OPEN)
		close_device(p);
	free(p);
	return NULL;
}
