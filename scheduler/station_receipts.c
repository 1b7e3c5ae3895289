/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

#define FADE_MS 50

/* What brings it to the station's loudness, at the volume that the rules allow
 * to all of it; 0 leaves its bytes alone. No hours lower an emergency, and
 * nothing else does either. */
static int32_t
gain_of(const struct station *st, const struct attempt *a)
{
	const struct order *o = a->run->order;
	bool emergency = o != NULL && o->kind == ORDER_EMERGENCY;
	int cap_mdb =
	    emergency
		? 0
		: profile_gain_mdb(&st->up.site->rules, a->start_us,
		      earlier(a->stop_us, a->start_us + frames_us(a->left)));
	struct gain g = loudness_gain(
	    a->lufs, a->top_db, site_loudness(st->up.site, st->id), cap_mdb);

	return emergency && g.gain_mdb < 0 ? 0 : g.gain_mdb;
}

static struct cue
cue_of(const struct station *st, const struct attempt *a, struct now now)
{
	struct cue c = {
		.version = CUE_VERSION,
		.verb = CUE_PLAY,
		.airing = a->airing,
		.start_boot_us = now_boot_at(now, a->start_us),
		.stop_boot_us = now_boot_at(now, a->stop_us),
		.fence_boot_us = now_boot_at(now, a->fence_us),
		.fence_wall_us = a->fence_us,
		.open_wall_us = profile_since(&st->up.site->rules, a->start_us),
		.frames = a->left,
		.channels = a->channels,
		.gain_mdb = gain_of(st, a),
		.fade_in_ms = a->offset > 0 ? FADE_MS : 0,
		.fade_out_ms = FADE_MS,
	};

	hall_fence_order(a, &c);
	return c;
}

/* Why what is loaded may not sound, or NULL; an order learns from when. */
static const char *
cue_hold(struct station *st, struct attempt *a, struct now now)
{
	if (a->dropped != NULL)
		return a->dropped;
	if (a->run->order != NULL)
		return hall_time_order(st, a, now) ? NULL : "cancelled";
	return hall_hold_for(st, a->run, now);
}

/* P4: the start record counts before the cue goes out; a sick disk does not
 * silence the slot, it makes the record late. */
void
hall_send(struct station *st, struct attempt *a, struct now now)
{
	const struct run *r = a->run;
	size_t n = json_array_size(r->airings);
	const char *before =
	    n == 0 ? "" : json_string_value(json_array_get(r->airings, n - 1));
	const char *hold = cue_hold(st, a, now);
	struct cue c;

	if (hold != NULL) {
		a->run->broken = true;
		hall_drop(st, now, a, hold);
		return;
	}
	c = cue_of(st, a, now);
	hall_name_airing(st, a);
	a->start_boot_us = c.start_boot_us;
	a->cued = true;
	books_start(st->up.books, st->id, now, hall_day_of(st, r->p->day), a,
	    r->breaks > 0 && a->offset > 0 ? before : "", st->device);
	if (hall_flush_intent(st, a, now) < 0)
		books_mark_late(st->up.books);
	if (r->beside) /* it goes on for years, and no record lists them */
		json_array_clear(r->airings);
	json_array_append_new(r->airings, json_string(a->id));
	/* -ENOENT: its ENDED is on its way and will be recorded. */
	st->up.deck->cue(st->up.deck, now, &c);
}

static void
on_loaded(struct station *st, struct attempt *a, struct now now)
{
	a->loaded = true;
	if (!a->waits)
		hall_send(st, a, now);
}

static bool
is_retried(enum ended e)
{
	return e == ENDED_DEVICE_LOST || e == ENDED_PROCESS_DIED;
}

/* A cut where it was planned is a slot filled to its end, also when its source
 * was late at last and silence took the place of its sound. */
static bool
reached_stop(const struct attempt *a)
{
	return a->last_boot_us + frames_us(a->silent) + 100 * US_PER_MS >=
	       a->start_boot_us + (a->stop_us - a->start_us);
}

/* What the log says of one attempt. */
static struct ending
ending_of(const struct attempt *a, enum ended e)
{
	struct ending end = { .status = "aired", .reason = "" };
	/* Where a device at a wrong speed stands, nobody knows so well. */
	bool filled = reached_stop(a) || a->percent != 0;

	/* P7: the time was filled, but not with all that was to sound in it:
	 * the device ran dry, or plays too slowly. */
	if (e == ENDED_CUT && filled &&
	    a->frames - a->sent > frames_in(WHOLE_MS * US_PER_MS)) {
		end.status = a->sent > 0 ? "aired_partial" : "not_aired";
		end.reason = reason_for(end.status, "short");
		return end;
	}
	if (e == ENDED_WHOLE || (e == ENDED_CUT && filled)) {
		if (a->first_boot_us - a->start_boot_us > LATE_US)
			end.reason = "late";
		return end;
	}
	end.status = a->sent > 0 ? "aired_partial" : "not_aired";
	end.reason = e == ENDED_CUT ? "preempted" : ended_word(e);
	if (e == ENDED_STOPPED && a->dropped != NULL)
		end.reason = a->dropped;
	end.reason = reason_for(end.status, end.reason);
	end.at_least = e == ENDED_PROCESS_DIED;
	return end;
}

static void
count_sound(struct attempt *a, struct now now)
{
	struct run *r = a->run;

	r->sent += a->sent;
	r->items[a->item].sent += a->sent;
	if (a->sent <= 0)
		return;
	r->began = true;
	r->rejoined = r->rejoined || r->breaks > 0;
	run_reach(r, a->item, a->offset + a->sent);
	if (r->first_us == 0)
		r->first_us = now_wall_at(now, a->first_boot_us);
}

/* Of the day's airings, for a person who asks. */
static void
count_underruns(struct station *st, const struct attempt *a, struct now now)
{
	int64_t today;
	int second;

	if (a->underruns == 0)
		return;
	civil_from_us(now.wall_us, &today, &second);
	if (today != st->underrun_date) {
		st->underrun_date = today;
		st->underruns = 0;
		st->underrun_us = 0;
	}
	st->underruns += a->underruns;
	st->underrun_us += a->underrun_us;
}

/* When a cue may ask for a lost device. */
static int64_t
ask_us(const struct station *st, struct now now)
{
	int64_t wait_us = st->asked == 0 ? LOST_ASK_FIRST_US : LOST_ASK_US;

	return now.boot_us + (st->player_gone ? wait_us : LOST_HOLD_US);
}

void
hall_on_ended(
    struct station *st, struct attempt *a, enum ended e, struct now now)
{
	struct run *r = a->run;
	struct ending end = ending_of(a, e);
	const char *why = end.reason;
	bool taken = e == ENDED_CUT && strcmp(why, "preempted") == 0 &&
		     hall_takes_air(st, r);

	r->open--;
	count_sound(a, now);
	count_underruns(st, a, now);
	hall_word_order(a, e, &end);
	if (a->cued)
		books_end(st->up.books, st->id, now, hall_day_of(st, r->p->day),
		    a, &end, st->device);
	/* Who dropped it has said why, if the slot lacks anything for it. */
	if (why[0] != '\0' && strcmp(why, "late") != 0 && a->dropped == NULL) {
		run_blame(r, why);
		if (!is_retried(e) && !taken && e != ENDED_STOPPED &&
		    e != ENDED_FENCE && strcmp(why, "short") != 0)
			hall_copy(r->items[a->item].reason, REASON_MAX, why);
	}
	/* One whose player is gone was told of by itself. */
	if (e == ENDED_DEVICE_LOST && !st->player_gone)
		st->ask_us = ask_us(st, now);
	/* Its slot's record says so, as the order's says whom it cut. */
	r->shared = r->shared || taken;
	if (is_retried(e) || taken) {
		r->broken = true;
		r->breaks++;
	}
	if (r->order != NULL)
		hall_order_ended(st, a, e, end.broken, now);
	*a = (struct attempt){ 0 };
}

/* Told when it changes; the player goes on trying by itself. */
static void
on_device(struct station *st, const struct receipt *rc, struct now now)
{
	bool lost = rc->kind == RECEIPT_DEVICE_LOST;
	enum device state = lost ? DEVICE_LOST : DEVICE_OK;

	if (lost) {
		st->player_gone = rc->ended == ENDED_PROCESS_DIED;
		st->ask_us = ask_us(st, now);
		st->asked += st->player_gone;
	}
	/* Another opening: what was wrong with the last one is to be seen
	 * anew. */
	if (!lost) {
		st->asked = 0;
		st->muted = false;
		st->percent = 0;
	}
	if (state == st->device_state)
		return;
	st->device_state = state;
	hall_copy(st->device_text, sizeof(st->device_text), rc->text);
	books_op(st->up.books, st->id, now, lost ? "device_lost" : "device_ok",
	    "", "done", rc->text);
}

/* The log's detail is the figure: "50 %". */
static void
tell_percent(struct station *st, struct now now, const char *op, int percent)
{
	char text[32];

	snprintf(text, sizeof(text), "%d %%", percent);
	books_op(st->up.books, st->id, now, op, "", "done", text);
}

static void
on_receipt(struct station *st, const struct receipt *rc, struct now now)
{
	struct attempt *a = hall_find_airing(st, rc->airing);

	if (a == NULL && hall_take_signal(st, rc, now))
		return;
	switch ((enum receipt_kind)rc->kind) {
	case RECEIPT_DEVICE_OK:
	case RECEIPT_DEVICE_LOST:
		on_device(st, rc, now);
		return;
	case RECEIPT_RATE_OFF:
		st->percent = rc->percent;
		tell_percent(st, now, "device_rate", rc->percent);
		return;
	case RECEIPT_LEVEL:
		st->muted = rc->percent == 0;
		tell_percent(st, now,
		    st->muted ? "device_muted" : "device_unmuted", rc->percent);
		return;
	case RECEIPT_LOADED:
		if (a != NULL)
			on_loaded(st, a, now);
		return;
	case RECEIPT_STARTED:
	case RECEIPT_PROGRESS:
	case RECEIPT_ENDED:
		break;
	case RECEIPT_SIGNAL:
		return;
	}
	if (a == NULL)
		return;
	if (a->waits) {
		if (rc->kind == RECEIPT_ENDED)
			hall_forget_waiting(a);
		return;
	}
	a->sounding = true;
	a->peak_mdb = rc->peak_mdb;
	if (rc->first_boot_us != 0)
		a->first_boot_us = rc->first_boot_us;
	if (a->first_boot_us != 0 && now.trust != TRUST_UNSURE)
		a->first_us = now_wall_at(now, a->first_boot_us);
	if (rc->last_boot_us != 0)
		a->last_boot_us = rc->last_boot_us;
	a->sent = rc->frames_sent;
	a->silent = rc->frames_silent;
	a->muted = rc->frames_muted;
	a->underruns = rc->underruns;
	a->underrun_us = rc->underrun_us;
	a->percent = st->percent;
	a->gain_mdb = rc->gain_mdb;
	if (rc->kind == RECEIPT_ENDED)
		hall_on_ended(st, a, rc->ended, now);
}

void
hall_take_receipts(struct station *st, struct now now)
{
	struct receipt rc;

	while (st->up.deck->receive(st->up.deck, now, &rc) > 0)
		on_receipt(st, &rc, now);
}
