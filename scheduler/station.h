/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * station - the hallway: one station's slots carried from the plan to the
 * deck, and what the deck answers carried into the log.
 *
 * The crank: station_turn() does what is due and says when to be called
 * again. It reads no clock and never sleeps; everything outside comes in
 * through `struct station_setup`.
 */
#ifndef SCHEDULER_STATION_H
#define SCHEDULER_STATION_H

#include <jansson.h>
#include <sys/types.h>

#include "playout/deck.h"
#include "scheduler/books.h"
#include "scheduler/library.h"
#include "scheduler/site.h"

/* All borrowed while the station lives; strings are copied. */
struct station_setup {
	const char *id;
	const char *schedules; /* folder */
	const char *revisions; /* folder of accepted revisions, or NULL */
	const char *device; /* the output's name, for the log */
	const struct site *site;
	struct library *library;
	struct deck *deck;
	struct books *books;
	struct errand *errand; /* switches its amplifier; NULL: nothing does */
	struct disk *state; /* var; or NULL */
	bool assume_items; /* a slot without a programme is given an item */
};

struct station;

/* 0 and *ret_station is yours; -ENOMEM. The deck stays the caller's. */
int station_open(
    const struct station_setup *setup, struct station **ret_station);
struct station *station_free(struct station *st);

/*
 * Reads the schedule and the rules, all or nothing. 0: in force from here on
 * and a `schedule` record is added when the revision is new; -EINVAL and the
 * like with every problem in ps: nothing has changed, an `op` record says so.
 * `person` is who asked, or "". While nothing is in force yet (the first
 * load), a schedule that breaks only rules is taken (each slot is judged at
 * its time; not one with a day too full for its record in the log), and an unreadable one is replaced by the last accepted revision.
 */
int station_load(struct station *st, struct now now, const char *person,
    struct problems *ps);

/* A week's programme to be installed. Borrowed. */
struct station_week {
	int64_t monday;
	const char *text; /* loaxa-schedule(5) */
	size_t n;
	const char *base; /* the hash of the file it was made from, or "" */
};

/*
 * Installs it: reads the schedule as it would be, with the rules; then
 * replaces the week's file and takes it into force, recording who asked. All
 * or nothing: -EINVAL with every problem in ps; -ESTALE when the file is no
 * longer the one it was made from; or what the disk said. An `op` record says
 * so.
 */
int station_install(struct station *st, struct now now, const char *person,
    const struct station_week *week, struct problems *ps);

/*
 * Closes what an earlier life left open and accounts for every slot since
 * (P2). `cause` is the outcome word for what was missed: "power_lost",
 * "process_died", "operator_stop" (a clean stop), "machine_off" (the computer's),
 * or "" (first start); from
 * the wall instant here_us on we were here, and waited for a trusted clock.
 * `alive` is what station_alive() last said, or NULL. Needs a trusted clock.
 */
int station_begin(struct station *st, struct now now, const char *cause,
    int64_t here_us, const json_t *alive);

/* A person's stop outlives a restart: takes it from an earlier life's
 * station_alive(), or NULL. Before any order of this life. */
void station_recall(struct station *st, const json_t *alive);

/* One turn. Returns the boot instant of the next one; also call it whenever
 * the deck's fd is readable or the clock was set. */
int64_t station_turn(struct station *st, struct now now);

/* The wall clock was set by step_us: what is cued but does not sound yet is dropped and
 * decided anew; what sounds goes on by the boot clock. */
void station_stepped(struct station *st, struct now now, int64_t step_us);

/* Before an orderly end: what sounds gets its end record, as stopped. */
void station_shut(struct station *st, struct now now);

/* Another site from here on; borrowed like the first. */
void station_set_site(
    struct station *st, struct now now, const struct site *site);

/* An item's approval was taken back: if it sounds, it ends now. */
void station_withdraw(struct station *st, struct now now, const char *item);

/* Orders of a person; each adds its `op` record. `why` out: an English
 * message id when refused (-EINVAL), else untouched. */
int station_stop(
    struct station *st, struct now now, int64_t until_us, const char *person);
int station_resume(struct station *st, struct now now, const char *person);
bool station_stopped(const struct station *st);
int station_skip(struct station *st, struct now now, const char *person,
    const char **ret_why);

/* The same for an item of the operator's that waits for a join, or has it. */
int station_skip_item(struct station *st, struct now now, const char *person,
    const char *item, const char **ret_why);

/*
 * Orders to sound something at once (scheduler/orders.h): each takes a request
 * (man/loaxad.8) and is its answer, yours; what is refused is in the log.
 * station_release() is NULL when nothing is prepared under that code; `why`
 * refuses it (an English message id), or is NULL.
 */
json_t *station_play(struct station *st, struct now now, const json_t *req);
json_t *station_prepare(
    struct station *st, struct now now, const json_t *req, uid_t preparer);
json_t *station_release(
    struct station *st, struct now now, const char *code, const char *why);

/* Who prepared it (borrowed), and from which account; or NULL. */
const char *station_prepared_by(
    struct station *st, const char *code, uid_t *ret_preparer);

/* Is anything prepared? And: no code of it is good any more. */
bool station_is_ready(const struct station *st);
void station_void_prepared(struct station *st, struct now now);

/* Refuses such a request, and writes that down. */
json_t *station_refuse_order(
    struct station *st, struct now now, const json_t *req, const char *why);

/*
 * Looks whether the items of the coming 12 hours are there and may air, when it
 * has not for ten minutes: before station_status(). Reads their records, and
 * makes a plan where there is no day sheet yet. _anew: something has changed.
 */
void station_look_ahead(struct station *st, struct now now);
void station_look_anew(struct station *st);

/* The station's object of the status answer (man/loaxa.1). Yours. */
json_t *station_status(const struct station *st, struct now now);

/* What a later life must know and the log does not say, for the state file:
 * {airings: [{airing_id, frames, first_utc, first_boot_us,
 * gain_mdb}],
 * stopped_until_utc}. Yours. */
json_t *station_alive(const struct station *st, struct now now);

/* True while an airing is loaded, cued or sounding. */
bool station_on_air(const struct station *st);

const char *station_id(const struct station *st);

#endif
