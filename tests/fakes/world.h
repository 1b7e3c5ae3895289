/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world - a whole station on made-up clocks, disks, deck and library: what a
 * test of the scheduler needs to live through days in milliseconds.
 *
 * The schedule is text, written into a temporary folder; the log and the
 * state file survive world_kill() and world_stop(), as on a real disk.
 */
#ifndef TESTS_FAKES_WORLD_H
#define TESTS_FAKES_WORLD_H

#include <jansson.h>

#include "base/disk.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"

#define WORLD_ITEMS_MAX 32
#define WORLD_USER 998 /* the daemon's */

struct world_item {
	char id[64];
	int64_t frames; /* 0: the file is missing; -1: unreadable */
	bool music; /* its genre */
	double lufs, peak_db; /* -HUGE_VAL: unknown, as they are made */
};

struct world {
	char folder[64]; /* temporary: schedules below it */
	struct disk *log;
	struct disk *state;
	struct disk *log_in_use; /* what the daemon is given; a test may wrap */
	struct library library;
	struct world_item items[WORLD_ITEMS_MAX];
	size_t n_items;
	struct deck_fault *faults; /* borrowed */
	size_t n_faults;
	struct deck *deck; /* of the living daemon */
	struct daemon *daemon; /* NULL while off */
	struct now now;
	const char *boot_id;
	/* The trust in `now` is judged as loaxad does it, by the kernel's word
	 * `synced` and the site's plausible_clock; else now.trust is the
	 * test's. */
	bool judged, synced, plausible;
	bool may_fail; /* the daemon may not get up: the disk is dead */
	struct trust_state trust;
	bool groups; /* the site gives each right to a group: 200 + right */
	bool approval; /* the site asks for it; default false */
	bool same_person;
	const char *second; /* what two must approve; NULL: nothing */
	int from_h, to_h; /* allowed hours; default 0 to 24 */
	int from2_h, to2_h; /* and a second window; 0, 0 for none */
	/* Further rules of the site, if set. */
	void (*rules)(struct profile *p);
	/* The source and the one fallback of the site's relay, if set. */
	const char *relay_url, *relay_fallback;
	/* As in struct daemon_setup, if set. */
	const char *site_path;
	const char *site_problem; /* and then nothing is allowed */
	bool no_output;
	int (*metrics)(void *arg, const char *path, const char *text, size_t n);
	void *metrics_arg;
	struct sealer *sealer;
	struct hook *hook;
	struct errand *errand; /* of the amplifier: on 120 s before, off 30 s
				* after; NULL: the site has none */
	int warm_up_s; /* of the output */
	bool no_amplifier; /* ... though there is an errand */
	const struct site_event *on_event; /* of the site; borrowed */
	/* After each turn, if set: as things stand until that wall instant. */
	void (*watch)(struct world *w, int64_t until_us);
};

/* An instant of the test's calendar: day 0 is Monday 2026-11-23. */
int64_t world_us(int day, const char *time);

/* A clean world at day 0, 04:00, the daemon off. Ends the test on failure. */
void world_make(struct world *w, const char *schedule, const char *week);
void world_end(struct world *w);

void world_schedule(struct world *w, const char *schedule, const char *week);
void world_item(struct world *w, const char *id, int64_t ms);

/* The daemon's life. start: at w->now. kill: as kill -9; stop: in order. */
void world_start(struct world *w);
void world_kill(struct world *w);
void world_stop(struct world *w);

/* Turns the crank until that instant; off, only time passes. */
void world_run(struct world *w, int64_t wall_us);

/* The wall clock is set, without time passing. */
void world_step(struct world *w, int64_t wall_us);

/* A request by its words; the daemon's answer's "ok". */
bool world_ask(struct world *w, const char *json);

/* The same; the whole answer, yours. */
json_t *world_answer(struct world *w, const char *json);

/* The last (or only) record of a kind for a slot of a day, NULL if none;
 * yours. *ret_count (may be NULL): how many there are. */
json_t *world_record(struct world *w, const char *kind, int day,
    const char *slot, int *ret_count);

/* All records of a kind, in their order. Yours. */
json_t *world_records(struct world *w, const char *kind);

/* Fails the test unless the slot has exactly one outcome and it is this. */
void world_expect(struct world *w, int day, const char *slot,
    const char *status, const char *reason);

/* P2 and P3 over the whole log: every slot of every sheet has exactly one
 * outcome, save those whose end lies ahead. Fails the test otherwise. */
void world_account(struct world *w);

#endif
