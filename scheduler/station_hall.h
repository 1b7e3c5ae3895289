/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hall - what the station's own files share: its state, and what one of them
 * does for another. Included by scheduler/station*.c and by nobody else.
 *
 * station.c turns the crank and takes orders; station_days.c keeps schedules
 * and day sheets; station_runs.c lays slots out and loads their items;
 * station_receipts.c hears the deck; station_begin.c takes up what an earlier
 * life left; station_dates.c accounts for dates that nobody was here on;
 * station_rules.c judges what plays; station_status.c tells a person;
 * station_orders.c sounds what a person orders at once, station_insert.c has
 * what waits for a join, station_ready.c an emergency at hand; station_relay.c
 * sounds relays, station_filler.c gap music; station_ahead.c looks whether what
 * comes is there; station_amplifier.c says when its amplifier is wanted.
 */
#ifndef SCHEDULER_STATION_HALL_H
#define SCHEDULER_STATION_HALL_H

#include <stdio.h>

#include "base/text.h"
#include "scheduler/amplifier.h"
#include "scheduler/orders.h"
#include "scheduler/relay.h"
#include "scheduler/station.h"

#define LOST_HOLD_US \
	(10 * US_PER_MIN) /* without news of a lost device for so
					* long, one cue is sent to ask */
#define LOST_ASK_FIRST_US \
	US_PER_S /* its player is gone, and nothing else will ask: soon
		  * once, it may just have hung */
#define LOST_ASK_US (10 * US_PER_S) /* ... then for so long */

#define AHEAD_LOOK_US \
	(12 * 60 * US_PER_MIN) /* from an evening to the morning */

/* What the coming hours lack, as last looked. */
struct ahead {
	int64_t again_boot_us; /* not before */
	bool looked;
	int slots; /* of ours that are to come */
	int lacking; /* of them, for want of an item that may air */
	int64_t start_us; /* the first of those */
	char reason[REASON_MAX];
	char item[ID_MAX + 1];
	char title[ITEM_TITLE_MAX + 1];
};

enum device { DEVICE_CLOSED, DEVICE_OK, DEVICE_LOST };

struct station {
	struct station_setup up;
	char *id;
	char *schedules;
	char *revisions;
	char *device;
	struct schedule *schedule; /* in force, or NULL */
	struct day **days; /* by date */
	size_t n_days;
	struct attempt airings[CUES_MAX]; /* airing 0: a free place */
	uint64_t last_airing;
	bool begun;
	bool unsure; /* the clock was not trusted last turn */
	int64_t today; /* as of the last turn on a trusted clock; 0 none */
	int64_t skip_from, skip_before; /* dates it jumped over; 0 none */
	int64_t stopped_until_us; /* 0 not stopped, NEVER until resumed */
	enum device device_state;
	bool player_gone; /* with the lost device: nobody tries it */
	int64_t ask_us; /* boot: not before this a cue is sent to ask */
	char device_text[128];
	int asked; /* cues that asked for a lost device in vain */
	bool muted; /* its mixer lets nothing out, as last seen */
	int percent; /* of its speed, as it was found to be; 0: right */
	int64_t underrun_date; /* the two are of that date */
	int underruns;
	int64_t underrun_us;
	bool refused; /* the last load was: what was in force stays */
	char problem[256]; /* the first of the last load, or "" */
	int64_t judged_us; /* start of the session last judged at play */
	struct ahead ahead;
	struct filler *filler; /* gap music, once there was any; or NULL */
	struct amplifier *amplifier; /* NULL: nothing switches one */
	struct order *prepared[PREPARED_MAX]; /* emergencies; NULL: free */
	/* Released, in order of time; and prepared ones that came to nothing
	 * and whose sound has still to be put away. */
	struct order *orders[ORDERS_MAX + PREPARED_MAX];
	size_t n_orders;
	/* Released, and waiting for a join, in order of time. */
	struct order *inserts[INSERTS_MAX + 1]; /* and one put back */
	size_t n_inserts;
};

/* Text into a field of the log's or a person's, cut where it must be. */
static inline void
hall_copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	text_trim(to);
}

/* station.c */

/* The run that sounds, or NULL. */
struct run *hall_on_now(const struct station *st);

/* One pass of every run, again while one is due; the next wall instant. */
int64_t hall_turn_runs(struct station *st, struct now now);

/* station_days.c */

/* Takes d over, also on failure. */
int hall_add_day(struct station *st, struct day *d);

/* P3: what the log has closed stays closed, whatever the clock says. */
void hall_close_known(struct station *st, struct day *d);

/* The schedule in force, unrolled over one date. */
int hall_make_plan(
    const struct station *st, int64_t date, struct plan **ret_plan);

/* The date's sheet from the schedule in force, written down. */
int hall_plan_day(struct station *st, int64_t date, struct now now);

/* Days before today whose slots are all closed go. */
void hall_drop_past(struct station *st, int64_t today);

/* Past days go; today and, in time, tomorrow come. */
void hall_roll_days(struct station *st, struct now now);

/* When tomorrow's sheet is due. */
int64_t hall_next_roll_us(struct now now);

/* Brings the schedule in force into the days under way. */
int hall_merge_days(struct station *st, struct now now);

/* station_dates.c */

/*
 * Dates of from..before - 1 that have no sheet get one, and every slot of them
 * its outcome at once: nobody was here on that date. blame() says why of what
 * was due and waits (hall_blame_past()). 0, or a negative errno.
 */
int hall_account_dates(struct station *st, struct now now, int64_t from,
    int64_t before, void (*blame)(void *arg), void *arg);

/* Each turn on a trusted clock: dates that it jumped over are accounted for,
 * when it is certain that it did. */
void hall_watch_dates(struct station *st, struct now now);

/* station_runs.c */

/* By the deck's name; NULL when it is none of ours. */
struct attempt *hall_find_airing(struct station *st, uint64_t airing);

/* The day of a date, NULL when it is not under way. */
struct day *hall_day_of(const struct station *st, int64_t date);

/*
 * Asks for the end of an airing, or of all of a run's; their ENDED comes as a
 * receipt. `why` is an outcome word, a constant: what its record says when it
 * has not ended otherwise by then.
 */
void hall_drop(
    struct station *st, struct now now, struct attempt *a, const char *why);
void hall_drop_run(
    struct station *st, struct now now, const struct run *r, const char *why);

/* What holds every start back, as an outcome word, or NULL. */
const char *hall_hold_of(const struct station *st, struct now now);

/* P1: until when sound is allowed, seen from an instant; 0: it is not. */
int64_t hall_fence_end(const struct station *st, int64_t from_us);

/* Counts the attempt and gives it the log's name. */
void hall_name_airing(const struct station *st, struct attempt *a);

/* This item of the slot will not sound again, for this reason. */
void hall_spoil_item(struct run *r, size_t item, const char *why);

/* One step of a run; when to look again (wall). */
int64_t hall_run_turn(
    struct station *st, struct day *d, struct run *r, struct now now);

/*
 * Loads an item of a run beside the plan, whole, to start at at_us; its length
 * until stop_us in *ret_length_us. 0; -EAGAIN without a place; or it cannot
 * sound.
 */
int hall_load_beside(struct station *st, struct run *r, size_t item,
    int64_t at_us, int64_t stop_us, int64_t fence_us, int64_t *ret_length_us,
    struct now now);

/* A place for one more, or NULL. */
struct attempt *hall_free_place(struct station *st);

/* P5: an item's record and sound, both yours, if its bytes may air; else an
 * outcome word. */
const char *hall_open_item(struct station *st, const struct planned *p,
    size_t i, struct item **ret_item, int *ret_fd, int64_t *ret_approval);

/* The next planned hard start, or relay, behind the run's own; NEVER. */
int64_t hall_next_hard(const struct station *st, const struct run *self);

/* station_ahead.c */

/* For station_status(): null before a look, else {slots, lacking} and of the
 * first that lacks something {start_utc, title, reason}. */
json_t *hall_ahead_status(const struct station *st);

/* station_status.c */

/* What a person calls a slot: its title, else what it plays: the relay's or
 * the segment's title, or its first item's id. Borrowed. */
const char *hall_called(const struct station *st, const struct planned *p);

/* station_orders.c */

/* hall_hold_of(), and "preempted" while an order has this run's air. */
const char *hall_hold_for(
    const struct station *st, const struct run *r, struct now now);

/* Has an order the air, also from this run? */
bool hall_takes_air(const struct station *st, const struct run *r);

/* What is ordered and has the air, also while it loads or is between two
 * repeats; NULL when nothing is. */
struct run *hall_ordered(const struct station *st);

/* Until when what is ordered may sound (wall); 0 nothing is. */
int64_t hall_orders_until(const struct station *st);

/* One step of what is ordered; the boot instant of the next. */
int64_t hall_turn_orders(struct station *st, struct now now);

/* An order's attempt is loaded: when it starts and must end. False: not at
 * all. */
bool hall_time_order(struct station *st, struct attempt *a, struct now now);

/* P1: an emergency's cue gets its own fence, and nothing else does. */
void hall_fence_order(const struct attempt *a, struct cue *c);

/* The words of an attempt that no slot planned. */
void hall_word_order(const struct attempt *a, enum ended e, struct ending *end);

/* An order's attempt has ended so, and `broken` is the word for it. */
void hall_order_ended(struct station *st, const struct attempt *a, enum ended e,
    const char *broken, struct now now);

/* All of them end now, for this outcome word. */
void hall_end_orders(struct station *st, struct now now, const char *why);
void hall_forget_prepared(struct station *st, struct now now, const char *why);
void hall_free_orders(struct station *st);

/* Was that order released in this life? */
bool hall_is_ours(const struct station *st, int64_t seq);

/* The last word on an order of an earlier life, by its record: it does not
 * sound again (P3). */
void hall_close_order(
    struct station *st, struct now now, const json_t *op, const char *cause);

/* An order's last record: what became of it. Frees it. */
void hall_last_word(struct station *st, struct now now, struct order *o);

/* For station_status(): [{op, item, title, person, order, times, done}]; of
 * what waits also waits and start_utc. */
json_t *hall_orders_status(const struct station *st, struct now now);

/* station_insert.c */

/* The next join with room for it (wall); NEVER: none in these hours. */
int64_t hall_join(
    const struct station *st, const struct order *o, struct now now);

/* Why it may not wait (an English message id), or NULL. */
const char *hall_fault_of_insert(
    const struct station *st, const struct order *o, struct now now);

/* Takes it over. */
void hall_wait_for_join(struct station *st, struct order *o, struct now now);

/* The one whose join is near, begun and the caller's; else NULL, and the boot
 * instant to look again is no later than *ret_wake_us. */
struct order *hall_take_insert(
    struct station *st, struct now now, int64_t *ret_wake_us);

/* Is it loaded only now that its join has gone by, and something else is on
 * then? And: it waits for the next one, before all others; what was loaded of it
 * is gone. False when there is no room for it. */
bool hall_misses_join(const struct station *st, const struct order *o,
    int64_t at_us, struct now now);
bool hall_wait_again(struct station *st, struct order *o);

/* It will sound: what is laid out behind its join begins behind it. And: it
 * has ended before its time, and what comes comes sooner. */
void hall_part_slots(struct station *st, struct order *o, struct now now);
void hall_close_gap(struct station *st, const struct order *o, struct now now);

/* None waits any more, for this outcome word; the one of that item, if one
 * does. */
void hall_end_inserts(struct station *st, struct now now, const char *why);
bool hall_withdraw_insert(struct station *st, struct now now, const char *item);

/* station_filler.c */

/* Gap music, while the plan leaves the air free; the wall instant to look
 * again at. */
int64_t hall_turn_filler(struct station *st, struct now now);

/* It ends now, and is not in the way of what comes; `why` as hall_drop(). */
void hall_drop_filler(struct station *st, struct now now, const char *why);
void hall_free_filler(struct station *st);

/* station_amplifier.c */

/* Switches it as the sessions, orders and what sounds ask for; the boot
 * instant of the next step. */
int64_t hall_turn_amplifier(struct station *st, struct now now);

/* Until when (boot) the device is to sound silence, for a session that is near;
 * 0: it is not, and *ret_next_us is the boot instant when it will be. */
int64_t hall_warm_until(
    const struct station *st, struct now now, int64_t *ret_next_us);

/* Tells the deck; the boot instant of the next look. */
int64_t hall_turn_warm_up(struct station *st, struct now now);

/* Off before an orderly end, or with a site that has none for it. */
void hall_shut_amplifier(struct station *st, struct now now);
json_t *hall_amplifier_status(const struct station *st);
/* station_relay.c */

/* A relay slot that we sound ourselves, by a stream or a line-in. */
bool hall_has_source(const struct station *st, const struct run *r);

/* One step of such a run before it is done; when to look again (wall). */
int64_t hall_relay_turn(struct station *st, struct run *r, struct now now);

/* A receipt of a source: true when it was one. */
bool hall_take_signal(
    struct station *st, const struct receipt *rc, struct now now);

/* For station_alive(): [{date, slot, signal, sent, connections, taken_us}]. */
json_t *hall_relay_alive(const struct station *st);

/* What an earlier life said there counts on; `r` is not closed. */
void hall_recall_relays(struct station *st, const json_t *alive);

/* The clock was set: what does not sound yet connects anew. */
void hall_relays_stepped(struct station *st, struct now now);

/* The run whose source sounds, or beside which `filler` does; or NULL. */
struct run *hall_relay_on(const struct station *st);
struct run *hall_relay_of(const struct station *st, const struct run *filler);

/* The site's file has changed: a relay with another source is connected to
 * that. */
void hall_move_relays(
    struct station *st, const struct site *old, struct now now);

/* For station_status(), of the relay that is on or about to be; or null. */
json_t *hall_relay_status(const struct station *st, struct now now);

/* station_ready.c */

/* Is a code good, so that an emergency may come at any moment? */
bool hall_is_ready(const struct station *st);

/* What is loaded for an order and not wanted yet, or NULL. */
struct attempt *hall_waiting(struct station *st, const struct order *o);

/* The same, if it is what is to sound next; else it is dropped. */
struct attempt *hall_next_waiting(
    struct station *st, struct now now, const struct order *o);

/* Is something of it cued, or loaded to be cued at once? */
bool hall_is_at_work(const struct station *st, const struct order *o);

/* One that waited has ended, or its order has: its place is free. */
void hall_forget_waiting(struct attempt *a);

/* Tells the deck until when a code is good. */
void hall_tell_ready(struct station *st, struct now now);

/* P4: makes a start record count before its cue; an emergency's has less time
 * than others. */
int hall_flush_intent(
    struct station *st, const struct attempt *a, struct now now);

/* station_receipts.c */

/* What is loaded goes to the player, and into the log before. */
void hall_send(struct station *st, struct attempt *a, struct now now);

/* The one last word on an attempt: counted, recorded, its place freed. */
void hall_on_ended(
    struct station *st, struct attempt *a, enum ended e, struct now now);

/* Everything the deck has to say. */
void hall_take_receipts(struct station *st, struct now now);

/* station_rules.c */

/* Rules again at play: the session that this run begins or goes on with is
 * written down, once, when it is too long or one too many. */
void hall_judge(struct station *st, const struct run *r, struct now now);

/* Until when the session of this run may last by the rules; 0: any time. */
int64_t hall_session_limit(const struct station *st, const struct run *r);

/* station_begin.c */

/* Slots that were due by then and wait still carry this cause. */
void hall_blame_past(
    struct station *st, int64_t from_us, int64_t to_us, const char *cause);

#endif
