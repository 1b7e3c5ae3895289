/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/civil.h"
#include "scheduler/station_hall.h"

static json_t *
utc_or_null(int64_t us)
{
	struct civil_text t;

	return us == 0 || us == NEVER ? json_null()
				      : json_string(civil_utc_text(us, &t));
}

static json_t *
status_on(const struct station *st, struct now now)
{
	const struct attempt *a = NULL;
	int64_t first_us;

	for (size_t i = 0; i < CUES_MAX; i++)
		if (st->airings[i].airing != 0 && st->airings[i].sounding &&
		    (a == NULL || a->start_us < st->airings[i].start_us))
			a = &st->airings[i];
	if (a == NULL)
		return json_null();
	first_us = now_wall_at(now, a->first_boot_us);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:f}",
	    "source",
	    a->run->beside          ? "filler"
	    : a->run->order == NULL ? "schedule"
				    : order_source(a->run->order->kind),
	    "airing_id", a->id, "slot", a->run->p->slot, "item",
	    a->run->p->items[a->item], "title", a->title, "planned_utc",
	    utc_or_null(a->run->order != NULL || a->run->beside
			    ? 0
			    : a->run->p->start_us),
	    "start_utc", utc_or_null(first_us), "elapsed_ms",
	    (json_int_t)(later(0, now.wall_us - first_us) / 1000), "length_ms",
	    (json_int_t)(frames_us(a->frames) / 1000), "peak_db",
	    (double)a->peak_mdb / 1000);
}

const char *
hall_called(const struct station *st, const struct planned *p)
{
	const struct schedule *s = st->schedule;
	const struct site_relay *relay;

	if (p->title[0] != '\0')
		return p->title;
	if (p->n_items > 0)
		return p->items[0];
	relay = p->content == CONTENT_RELAY ? site_relay(st->up.site, p->ref)
					    : NULL;
	if (relay != NULL && relay->title != NULL)
		return relay->title;
	for (size_t i = 0;
	     s != NULL && p->content == CONTENT_SEGMENT && i < s->n_segments;
	     i++)
		if (strcmp(s->segments[i].id, p->ref) == 0 &&
		    s->segments[i].title[0] != '\0')
			return s->segments[i].title;
	return p->ref;
}

/* P1: a relay's time is kept free, and nothing of ours sounds. */
static bool
is_allowed(const struct station *st, const struct planned *p)
{
	return (p->content == CONTENT_RELAY &&
		   !site_relay_sounds(site_relay(st->up.site, p->ref))) ||
	       hall_fence_end(st, p->start_us) > p->start_us;
}

static json_t *
status_next(const struct station *st, struct now now)
{
	const struct run *on = hall_on_now(st);

	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++) {
			const struct run *r = st->days[i]->runs[k];

			if (r == on || r->state == RUN_CLOSED ||
			    r->p->start_us <= now.wall_us)
				continue;
			return json_pack("{s:s, s:s, s:s, s:s, s:o, s:b}",
			    "slot", r->p->slot, "item",
			    r->p->n_items > 0 ? r->p->items[0] : "", "title",
			    hall_called(st, r->p), "content",
			    content_word(r->p->content), "start_utc",
			    utc_or_null(r->p->start_us), "allowed",
			    is_allowed(st, r->p));
		}
	return json_null();
}

/* {reason: how many} below the status, for a slot that has one. */
static void
count_reason(json_t *reasons, const char *status, const char *reason)
{
	json_t *of = json_object_get(reasons, status);
	json_int_t n = json_integer_value(json_object_get(of, reason));

	if (of == NULL) {
		of = json_object();
		json_object_set_new(reasons, status, of);
	}
	json_object_set_new(of, reason, json_integer(n + 1));
}

/* A day's slots so far, by their records. */
struct tally {
	json_int_t n[4]; /* as `words` of status_today() */
	json_int_t open;
	int64_t lost_ms; /* planned, and not sent */
	json_t *reasons;
};

static void
tally_run(const struct station *st, const struct run *r, const char *date,
    const char *const words[4], struct tally *t)
{
	int64_t planned_ms = (r->p->end_us - r->p->start_us) / US_PER_MS;
	int64_t sent_ms = 0;
	const char *reason;

	t->open += r->state != RUN_CLOSED;
	for (size_t k = 0; k < 4; k++)
		t->n[k] += strcmp(r->status, words[k]) == 0;
	if (r->state != RUN_CLOSED)
		return;
	reason = registry_reason(
	    st->up.books->registry, st->id, date, r->p->slot, &sent_ms);
	if (reason[0] == '\0')
		return;
	count_reason(t->reasons, r->status, reason);
	if (strcmp(r->status, words[1]) == 0 ||
	    strcmp(r->status, words[2]) == 0)
		t->lost_ms += later(0, planned_ms - sent_ms);
}

static json_t *
status_today(const struct station *st, struct now now)
{
	static const char *const words[] = { "aired", "aired_partial",
		"not_aired", "external" };
	struct tally t = { .reasons = json_object() };
	struct civil_text date;
	const struct day *d;
	int64_t today;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	d = hall_day_of(st, today);
	civil_date_text(today, &date);
	for (size_t i = 0; d != NULL && i < d->n; i++)
		tally_run(st, d->runs[i], date.s, words, &t);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "planned",
	    (json_int_t)(d == NULL ? 0 : d->n), "aired", t.n[0],
	    "aired_partial", t.n[1], "not_aired", t.n[2], "external", t.n[3],
	    "open", t.open, "lost_ms", (json_int_t)t.lost_ms, "reasons",
	    t.reasons);
}

static json_t *
status_schedule(const struct station *st)
{
	return json_pack("{s:b, s:b, s:s}", "in_force", st->schedule != NULL,
	    "refused", st->refused, "problem", st->problem);
}

/* What is wrong with the sound although the device takes it; {} nothing. */
static json_t *
status_faults(const struct station *st, struct now now)
{
	json_t *faults = json_object();
	int64_t today;
	int second;

	civil_from_us(now.wall_us, &today, &second);
	if (st->muted)
		json_object_set_new(faults, "muted", json_true());
	if (st->percent != 0)
		json_object_set_new(
		    faults, "device_percent", json_integer(st->percent));
	if (st->underruns > 0 && st->underrun_date == today) {
		json_object_set_new(
		    faults, "underruns", json_integer(st->underruns));
		json_object_set_new(faults, "underrun_ms",
		    json_integer(st->underrun_us / US_PER_MS));
	}
	return faults;
}

json_t *
station_status(const struct station *st, struct now now)
{
	static const char *const device[] = { "closed", "ok", "lost" };
	const struct schedule *s = st->schedule;
	json_t *all;

	all = json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:b, s:o, s:o, s:o, "
			"s:o, s:o, s:o, s:o}",
	    "station", st->id, "name", s == NULL ? "" : s->name, "revision",
	    s == NULL ? "" : s->revision, "stopped_until_utc",
	    st->stopped_until_us == NEVER ? json_string("forever")
					  : utc_or_null(st->stopped_until_us),
	    "device", device[st->device_state], "device_text", st->device_text,
	    "output", st->device[0] != '\0', "schedule", status_schedule(st),
	    "orders", hall_orders_status(st, now), "sound",
	    status_faults(st, now), "on", status_on(st, now), "next",
	    status_next(st, now), "ahead", hall_ahead_status(st), "today",
	    status_today(st, now));
	json_object_set_new(all, "relay", hall_relay_status(st, now));
	json_object_set_new(all, "amplifier", hall_amplifier_status(st));
	return all;
}

json_t *
station_alive(const struct station *st, struct now now)
{
	json_t *list = json_array();
	json_t *stopped = st->stopped_until_us == NEVER
			      ? json_string("forever")
			      : utc_or_null(st->stopped_until_us);

	for (size_t i = 0; i < CUES_MAX; i++) {
		const struct attempt *a = &st->airings[i];

		if (a->airing == 0 || !a->sounding)
			continue;
		json_array_append_new(list,
		    json_pack("{s:s, s:I, s:o, s:I, s:I}", "airing_id", a->id,
			"frames", (json_int_t)a->sent, "first_utc",
			utc_or_null(a->first_us != 0
					? a->first_us
					: now_wall_at(now, a->first_boot_us)),
			"first_boot_us", (json_int_t)a->first_boot_us,
			"gain_mdb", (json_int_t)a->gain_mdb));
	}
	return json_pack("{s:o, s:o, s:o}", "airings", list, "relays",
	    hall_relay_alive(st), "stopped_until_utc", stopped);
}
