/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "playout/deck_sim.h"

#define AIRINGS_MAX 64 /* far more than a station holds at once */
#define NEAR_US (20 * US_PER_MS) /* two items follow each other (cue.h) */

struct airing {
	uint64_t id; /* 0: this place is free */
	const struct deck_fault *fault;
	bool told_loaded;
	bool told_started;
	bool cued;
	struct cue cue;
	uint64_t turn; /* of its cue among all cues */
	int64_t start_us; /* when it sounds: never before its cue came */
	int64_t told_us; /* of its last receipt */
	int64_t cued_us;
	int64_t end_us; /* ordered, whatever the cue says; NEVER none */
	enum ended why;
	bool live;
	int64_t heard_us; /* live: counted until then */
	int64_t sent_us, signal_us; /* live: sounded so long, and with signal */
};

struct sim {
	struct deck deck; /* must be first */
	const struct deck_fault *faults;
	size_t n_faults;
	unsigned loads;
	uint64_t turns;
	struct now now; /* of the latest call */
	int64_t told_all_us; /* everything until then was told */
	int64_t lost_until_us; /* 0: the device is there; NEVER: its player
				* was ended, the next one finds it again */
	bool told_lost;
	struct receipt sound; /* see deck_sim_faults() */
	struct receipt said; /* see deck_sim_says() */
	int64_t dead_from_us, dead_until_us; /* see deck_sim_lose_live() */
	bool dies;
	char source[128]; /* see deck_sim_source() */
	bool says;
	struct airing airings[AIRINGS_MAX];
	size_t top; /* none from here on was ever used */
};

/* How and when one airing ends, as things stand. */
struct fate {
	int64_t end_us;
	enum ended why;
};

/* One thing that happens: to `a`, or to the device when that is NULL. */
struct event {
	int64_t at_us;
	struct airing *a;
	enum receipt_kind kind;
	enum ended why;
};

static struct airing *
find(struct sim *d, uint64_t id)
{
	for (size_t i = 0; i < d->top; i++)
		if (d->airings[i].id == id)
			return &d->airings[i];
	return NULL;
}

/* The first free place; NULL when there is none. */
static struct airing *
place(struct sim *d)
{
	for (size_t i = 0; i < d->top; i++)
		if (d->airings[i].id == 0)
			return &d->airings[i];
	return d->top < AIRINGS_MAX ? &d->airings[d->top++] : NULL;
}

/* When the next cue takes over from a; NEVER when none will. */
static int64_t
next_start(const struct sim *d, const struct airing *a)
{
	int64_t next_us = NEVER;

	for (size_t i = 0; i < d->top; i++) {
		const struct airing *b = &d->airings[i];

		if (b->id == 0 || !b->cued || b == a || b->live)
			continue;
		if (b->start_us > a->start_us ||
		    (b->start_us == a->start_us && b->turn > a->turn))
			next_us = earlier(next_us, b->start_us);
	}
	return next_us;
}

static void
end_earlier(struct fate *f, int64_t end_us, enum ended why)
{
	if (end_us < f->end_us)
		*f = (struct fate){ end_us, why };
}

static struct fate
fate_of(const struct sim *d, const struct airing *a)
{
	struct fate f = { a->live ? NEVER
				  : a->start_us + frames_us(a->cue.frames),
		ENDED_WHOLE };
	int64_t next_us = a->live ? NEVER : next_start(d, a);

	if (f.end_us > next_us + (next_us == NEVER ? 0 : NEAR_US))
		end_earlier(&f, next_us, ENDED_CUT);
	end_earlier(&f, a->cue.stop_boot_us, ENDED_CUT);
	if (a->fault != NULL)
		end_earlier(&f, a->start_us + frames_us(a->fault->frames),
		    a->fault->ended);
	if (a->live && d->dies && d->dead_until_us > d->dead_from_us &&
	    d->dead_until_us > d->now.boot_us)
		end_earlier(&f, later(d->dead_from_us, d->told_all_us),
		    ENDED_SOURCE_FAILED);
	if (!a->live && !a->told_started && d->lost_until_us != NEVER &&
	    a->start_us < d->lost_until_us)
		end_earlier(&f, a->start_us, ENDED_DEVICE_LOST);
	end_earlier(&f, a->end_us, a->why);
	/* P1: by whichever clock is earlier; at the same instant the fence
	 * is the reason. */
	end_earlier(&f,
	    earlier(a->cue.fence_boot_us,
		a->cue.release != 0
		    ? NEVER
		    : now_boot_at(d->now, a->cue.fence_wall_us)),
	    ENDED_FENCE);
	return f;
}

static bool
is_dead(const struct sim *d, int64_t us)
{
	return d->dead_from_us <= us && us < d->dead_until_us;
}

/* How much of from..to is not dead. */
static int64_t
alive_us(const struct sim *d, int64_t from_us, int64_t to_us)
{
	int64_t dead_us =
	    earlier(to_us, d->dead_until_us) - later(from_us, d->dead_from_us);

	return to_us - from_us - later(dead_us, 0);
}

/* What live sources gave until then: they sound while nothing else does. */
static void
hear_lives(struct sim *d, int64_t to_us)
{
	bool taken = d->told_lost;

	for (size_t i = 0; i < d->top; i++)
		taken =
		    taken || (d->airings[i].id != 0 && !d->airings[i].live &&
				 d->airings[i].told_started);
	for (size_t i = 0; i < d->top; i++) {
		struct airing *a = &d->airings[i];

		if (a->id == 0 || !a->live || !a->told_started ||
		    to_us <= a->heard_us)
			continue;
		if (!taken) {
			a->sent_us += to_us - a->heard_us;
			a->signal_us += alive_us(d, a->heard_us, to_us);
		}
		a->heard_us = to_us;
	}
}

/* A source that refuses its bytes does so before anything sounds. */
static bool
is_refused(const struct airing *a)
{
	return a->fault != NULL && a->fault->frames == 0 &&
	       (a->fault->ended == ENDED_BAD_ITEM ||
		   a->fault->ended == ENDED_HASH_CHANGED);
}

static struct event
airing_event(const struct sim *d, struct airing *a)
{
	struct event e = { .at_us = NEVER, .a = a, .kind = RECEIPT_ENDED };
	struct fate f;

	if (!a->cued && a->end_us != NEVER)
		return (struct event){ a->end_us, a, RECEIPT_ENDED, a->why };
	if (!a->told_loaded && is_refused(a))
		return (struct event){ 0, a, RECEIPT_ENDED, a->fault->ended };
	if (!a->told_loaded && a->live && is_dead(d, d->now.boot_us))
		return (
		    struct event){ 0, a, RECEIPT_ENDED, ENDED_SOURCE_FAILED };
	if (!a->told_loaded)
		return (struct event){ 0, a, RECEIPT_LOADED, ENDED_WHOLE };
	if (!a->cued)
		return e;
	f = fate_of(d, a);
	e.at_us = f.end_us;
	e.why = f.why;
	if (!a->told_started && f.end_us > a->start_us) {
		e.at_us = a->start_us;
		e.kind = RECEIPT_STARTED;
	}
	return e;
}

static struct event
next_event(struct sim *d)
{
	struct event first = { .at_us = NEVER };

	if (d->lost_until_us != 0)
		first = (struct event){
			.at_us = d->told_lost ? d->lost_until_us : 0,
			.kind = d->told_lost ? RECEIPT_DEVICE_OK
					     : RECEIPT_DEVICE_LOST,
			.why = d->lost_until_us == NEVER ? ENDED_PROCESS_DIED
							 : ENDED_WHOLE,
		};
	for (size_t i = 0; i < d->top; i++) {
		struct event e;

		if (d->airings[i].id == 0)
			continue;
		e = airing_event(d, &d->airings[i]);
		/* At one instant the old one ends before the new starts. */
		if (e.at_us < first.at_us ||
		    (e.at_us == first.at_us && e.at_us != NEVER &&
			e.kind == RECEIPT_ENDED &&
			first.kind == RECEIPT_STARTED))
			first = e;
	}
	return first;
}

static void
tell_live(const struct sim *d, const struct airing *a, int64_t at_us,
    struct receipt *r)
{
	bool dead = is_dead(d, at_us);
	int64_t since_us = d->dead_until_us <= at_us
			       ? later(a->cued_us, d->dead_until_us)
			       : a->cued_us;

	r->first_boot_us =
	    a->told_started || r->kind == RECEIPT_STARTED ? a->start_us : 0;
	r->last_boot_us = r->first_boot_us == 0 ? 0 : at_us;
	r->frames_sent = frames_in(a->sent_us);
	r->frames_signal = frames_in(a->signal_us);
	r->peak_mdb = dead ? -120000 : -18000;
	r->gain_mdb = a->cue.gain_mdb;
	if (dead)
		r->quiet_us = at_us - later(a->cued_us, d->dead_from_us);
	else
		r->loud_us = at_us - since_us + US_PER_MS;
}

static struct receipt
happen(struct sim *d, const struct event *e)
{
	struct receipt r = {
		.version = CUE_VERSION,
		.kind = e->kind,
		.ended = e->why,
		.peak_mdb = -120000,
	};
	struct airing *a = e->a;
	/* A clock that was set puts a fence into the past: it acts now. */
	int64_t at_us = later(e->at_us, d->told_all_us);

	hear_lives(d, at_us);
	if (a == NULL) {
		if (d->told_lost)
			d->lost_until_us = 0;
		d->told_lost = !d->told_lost;
		return r;
	}
	r.airing = a->id;
	a->told_us = d->now.boot_us;
	a->told_loaded = true;
	if (e->kind == RECEIPT_STARTED && a->live)
		a->heard_us = at_us;
	if (a->live)
		tell_live(d, a, at_us, &r);
	if (e->kind == RECEIPT_STARTED && d->lost_until_us == NEVER)
		d->lost_until_us = a->start_us;
	a->told_started = a->told_started || e->kind == RECEIPT_STARTED;
	if (a->told_started && !a->live) {
		r.first_boot_us = a->start_us;
		r.last_boot_us = at_us;
		r.frames_sent =
		    earlier(frames_in(at_us - a->start_us), a->cue.frames);
		r.peak_mdb = -6000;
		r.gain_mdb = a->cue.gain_mdb;
		r.underruns = d->sound.underruns;
		r.underrun_us = d->sound.underrun_us;
		r.frames_muted = d->sound.frames_muted;
		r.frames_silent = d->sound.frames_silent;
	}
	if (e->kind == RECEIPT_ENDED)
		*a = (struct airing){ 0 };
	return r;
}

/* A sounding airing tells how far it is once a second, when asked: nobody is
 * woken for it. */
static struct event
progress_event(struct sim *d)
{
	struct event none = { .at_us = NEVER };

	for (size_t i = 0; i < d->top; i++) {
		struct airing *a = &d->airings[i];

		if (a->id != 0 && (a->told_started || (a->live && a->cued)) &&
		    a->told_us + US_PER_S <= d->now.boot_us)
			return (struct event){ d->now.boot_us, a,
				a->live ? RECEIPT_SIGNAL : RECEIPT_PROGRESS,
				ENDED_WHOLE };
	}
	return none;
}

static int
sim_receive(struct deck *deck, struct now now, struct receipt *ret)
{
	struct sim *d = (struct sim *)deck;
	struct event e;

	d->now = now;
	if (d->says) {
		d->says = false;
		*ret = d->said;
		return 1;
	}
	e = next_event(d);
	if (e.at_us > now.boot_us)
		e = progress_event(d);
	if (e.at_us > now.boot_us) {
		d->told_all_us = now.boot_us;
		return 0;
	}
	*ret = happen(d, &e);
	return 1;
}

static const struct deck_fault *
fault_of(const struct sim *d, unsigned nth)
{
	for (size_t i = 0; i < d->n_faults; i++)
		if (d->faults[i].nth == nth)
			return &d->faults[i];
	return NULL;
}

static int
sim_load(struct deck *deck, struct now now, uint64_t airing, int item_fd,
    const char *sha256, int64_t offset)
{
	struct sim *d = (struct sim *)deck;
	struct airing *a;

	d->now = now;
	if (item_fd >= 0)
		close(item_fd);
	if (airing == 0 || find(d, airing) != NULL || offset < 0 ||
	    !hash_is_hex(sha256))
		return -EINVAL;
	a = place(d);
	if (a == NULL)
		return -EBUSY;
	*a = (struct airing){
		.id = airing,
		.fault = fault_of(d, ++d->loads),
		.end_us = NEVER,
	};
	return 0;
}

static int
sim_listen(struct deck *deck, struct now now, uint64_t airing,
    const struct deck_live *live)
{
	struct sim *d = (struct sim *)deck;
	struct airing *a;

	d->now = now;
	snprintf(d->source, sizeof(d->source), "%s",
	    live->line[0] != '\0' ? live->line : live->url);
	if (airing == 0 || find(d, airing) != NULL)
		return -EINVAL;
	a = place(d);
	if (a == NULL)
		return -EBUSY;
	*a = (struct airing){ .id = airing, .live = true, .end_us = NEVER };
	return 0;
}

static int
sim_cue(struct deck *deck, struct now now, const struct cue *c)
{
	struct sim *d = (struct sim *)deck;
	struct airing *a = c->airing == 0 ? NULL : find(d, c->airing);

	d->now = now;
	if (a == NULL || !a->told_loaded || a->cued || a->end_us != NEVER)
		return -ENOENT;
	a->cue = *c;
	a->cued = true;
	a->cued_us = now.boot_us;
	a->turn = ++d->turns;
	a->start_us = later(c->start_boot_us, now.boot_us);
	return 0;
}

static void
sim_drop(struct deck *deck, struct now now, uint64_t airing)
{
	struct sim *d = (struct sim *)deck;
	struct airing *a = airing == 0 ? NULL : find(d, airing);

	d->now = now;
	if (a == NULL || a->end_us != NEVER)
		return;
	a->end_us = now.boot_us;
	a->why = ENDED_STOPPED;
}

/* A source that falls silent, or is heard again, tells so. */
static int64_t
live_wake(const struct sim *d)
{
	if (d->dead_from_us > d->now.boot_us)
		return d->dead_from_us;
	return d->dead_until_us > d->now.boot_us ? d->dead_until_us : NEVER;
}

static int64_t
sim_wake(struct deck *deck)
{
	struct sim *d = (struct sim *)deck;
	int64_t wake_us = d->says ? d->now.boot_us : next_event(d).at_us;

	for (size_t i = 0; i < d->top; i++)
		if (d->airings[i].id != 0 && d->airings[i].live)
			wake_us = earlier(wake_us, live_wake(d));
	return wake_us;
}

static int
sim_fd(struct deck *deck)
{
	(void)deck;
	return -1;
}

static int64_t
sim_quiet_since(struct deck *deck)
{
	(void)deck;
	return NEVER;
}

static void
sim_close(struct deck *deck)
{
	free(deck);
}

int
deck_sim_open(const struct deck_fault *faults, size_t n, struct deck **ret_deck)
{
	static const struct deck table = { sim_load, sim_cue, sim_drop,
		sim_receive, sim_wake, sim_fd, sim_close, sim_quiet_since,
		sim_listen, NULL };
	struct sim *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->deck = table;
	d->faults = faults;
	d->n_faults = n;
	*ret_deck = &d->deck;
	return 0;
}

void
deck_sim_lose_device(struct deck *deck, struct now now, int64_t until_us)
{
	struct sim *d = (struct sim *)deck;

	d->now = now;
	d->lost_until_us = until_us;
	d->told_lost = false;
	for (size_t i = 0; i < d->top; i++) {
		struct airing *a = &d->airings[i];

		if (a->id == 0 || !a->cued || a->start_us > now.boot_us ||
		    a->end_us <= now.boot_us || a->live)
			continue;
		a->end_us = now.boot_us;
		a->why = ENDED_DEVICE_LOST;
	}
}

void
deck_sim_lose_live(
    struct deck *deck, int64_t from_us, int64_t until_us, bool dies)
{
	struct sim *d = (struct sim *)deck;

	d->dead_from_us = from_us;
	d->dead_until_us = until_us;
	d->dies = dies;
}

const char *
deck_sim_source(const struct deck *deck)
{
	return ((const struct sim *)deck)->source;
}

void
deck_sim_faults(struct deck *deck, const struct receipt *told)
{
	((struct sim *)deck)->sound = *told;
}

void
deck_sim_says(struct deck *deck, const struct receipt *r)
{
	struct sim *d = (struct sim *)deck;

	d->said = *r;
	d->says = true;
}

static bool
sounds(const struct deck *deck, bool released)
{
	const struct sim *d = (const struct sim *)deck;

	for (size_t i = 0; i < d->top; i++)
		if (d->airings[i].id != 0 && d->airings[i].told_started &&
		    (released || d->airings[i].cue.release == 0))
			return true;
	return false;
}

bool
deck_sim_sounds(const struct deck *d)
{
	return sounds(d, true);
}

bool
deck_sim_sounds_planned(const struct deck *d)
{
	return sounds(d, false);
}
