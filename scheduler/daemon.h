/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * daemon - all stations, the log and the state file behind one crank.
 *
 * daemon_turn() does what is due and says when to be called again. Nothing
 * here reads a clock or sleeps; loaxad.c turns the crank with the real clock,
 * `loaxa simulate` and the tests with made-up ones.
 */
#ifndef SCHEDULER_DAEMON_H
#define SCHEDULER_DAEMON_H

#include <jansson.h>

#include "base/disk.h"
#include "base/problem.h"
#include "playout/deck.h"
#include "scheduler/library.h"
#include "scheduler/site.h"
#include "scheduler/trust.h"

#define DAEMON_IDLE_US (60 * US_PER_S) /* the alive file, metrics, watchdog */
#define DAEMON_AIR_US (5 * US_PER_S) /* the alive file while on air */
#define STATIONS_MAX 64 /* one PC, an output each */

struct hook; /* scheduler/hook.h */
struct sealer; /* evidence/sealer.h */
struct errand; /* scheduler/errand.h */

/* Everything outside. Borrowed while the daemon lives; strings are copied. */
struct daemon_setup {
	const char *site_path; /* re-read at reload; NULL: never */
	/* What was wrong with that file, where the site is site_nothing() for
	 * it; NULL: nothing was. */
	const char *site_problem;
	const char *schedules; /* folder */
	const char *revisions; /* folder, or NULL to keep none */
	const char *boot_id;
	/* How far the clock is believed: the daemon adds what its log knows,
	 * and what a person says. NULL: `now` says, and nobody is asked. */
	struct trust_state *trust;
	bool synced; /* the kernel's word at this start; with `trust` only */
	struct disk *log; /* var/log */
	struct disk
	    *state; /* var; NULL keeps no state file, and nobody is woken
			     * for it */
	struct library *library;
	/* A deck for one station (out is NULL when the site has no output for
	 * it); yours, the daemon closes it. 0 or a negative errno. */
	int (*deck)(void *arg, const char *station,
	    const struct site_output *out, struct deck **ret_deck);
	void *deck_arg;
	bool assume_items; /* as in station.h, for a dry run */
	const char *station; /* only this one; NULL: all with a timetable */
	uid_t user; /* our own: it may ask for everything */
	/* A group of the system by its name; RIGHTS_NO_GROUP when there is no
	 * such group. NULL: no groups. */
	gid_t (*group)(const char *name);
	/* Why the person (an id, not "") may not order what needs that right:
	 * an English message id, or NULL. May be NULL: nobody is refused. */
	const char *(*person)(
	    void *arg, const char *id, enum right needs, struct now now);
	void *person_arg;
	/* What makes the codes of emergencies such that nobody can work them
	 * out; copied. NULL: they can be (a simulation's, a test's). */
	const char *salt;
	/* Puts the metrics (metrics.h) where the site wants them, or at their
	 * usual place for NULL. 0 or a negative errno. NULL: none are made. */
	int (*metrics)(void *arg, const char *path, const char *text, size_t n);
	void *metrics_arg;
	/* Keeps the log's tree (evidence/sealer.h); NULL: nothing is signed. */
	struct sealer *sealer;
	/* Runs the site's on_event; NULL: nothing is run. */
	struct hook *hook;
	/* What runs the commands of a station's amplifier, borrowed until the
	 * daemon is closed and its last command over; NULL: nothing is run.
	 * May be NULL. */
	struct errand *(*errand)(void *arg, const char *station);
	void *errand_arg;
};

struct daemon;

/*
 * Opens the log, writes the `boot` record, loads every station that has a
 * timetable. Takes `site` over, also on failure. 0 and *ret_daemon is yours,
 * also when schedules are faulty: ps then lists what. A negative errno when
 * the log cannot be opened or memory is out.
 */
int daemon_open(const struct daemon_setup *setup, struct site *site,
    struct now now, struct problems *ps, struct daemon **ret_daemon);

/* Finishes the records of what sounds, says "stopped" in the state file, ends
 * the decks. Accepts NULL; returns NULL. */
struct daemon *daemon_close(struct daemon *d, struct now now);

/* Drops everything as a kill would: no record, no state. For simulation. */
struct daemon *daemon_kill(struct daemon *d);

/* One turn; the boot instant of the next, at most DAEMON_IDLE_US away. */
int64_t daemon_turn(struct daemon *d, struct now now);

/* Asked after a turn: does every station's deck do its part (deck_moves())? */
bool daemon_moves(const struct daemon *d, struct now now);

#define DAEMON_LINE 256 /* bytes, of UTF-8 */

/* How it is, in a line for `systemctl status`, in the user's language: what
 * keeps it silent, or how many stations run. */
const char *daemon_line(
    const struct daemon *d, struct now now, char buf[static DAEMON_LINE]);

/* The wall clock was set by step_us: cues not yet sounding are decided anew. */
void daemon_stepped(struct daemon *d, struct now now, int64_t step_us);

/* Answers one request of the control socket (man/loaxad.8). Yours; NULL only
 * when out of memory. */
json_t *daemon_request(struct daemon *d, struct now now, const json_t *req);

/* The same for a peer of the socket: refused, and counted, when the site's
 * groups or the person it names do not allow it. */
json_t *daemon_ask(struct daemon *d, struct now now,
    const struct rights_peer *who, const json_t *req);

/* NULL when the peer has any right at all, else the refusal; yours. */
json_t *daemon_admit(
    struct daemon *d, struct now now, const struct rights_peer *who);

/* True when the site's groups give anybody but root and ourselves a right. */
bool daemon_has_groups(const struct daemon *d);

/* The i-th station's deck descriptor, -1 when it has none; -ENOENT past the
 * last. */
int daemon_fd(struct daemon *d, size_t i);

/* What the airing log's disk ails, as status says it; "" nothing. */
const char *daemon_disk_fault(const struct daemon *d);

/* The file of var/log with what a power cut tore off the log before this
 * start; "" for nothing. Borrowed. */
const char *daemon_torn(const struct daemon *d);

/* Records that count (ledger.h). */
int64_t daemon_leaves(const struct daemon *d);

#endif
