/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/clockdesk.h"

static json_t *
refusal(const char *error)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

static json_t *
utc_or_null(int64_t us)
{
	struct civil_text t;

	return us == 0 ? json_null() : json_string(civil_utc_text(us, &t));
}

json_t *
clockdesk_tell(const struct trust_state *t, struct now now, const char *zone)
{
	struct civil_text utc;

	if (t == NULL)
		return refusal(N_("this daemon runs on a made-up clock"));
	return json_pack("{s:b, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:I, "
			 "s:o, s:I}",
	    "ok", 1, "utc", civil_utc_text(now.wall_us, &utc), "zone", zone,
	    "clock", trust_word(now.trust), "why", trust_why_word(t->why),
	    "hold", now.trust == TRUST_UNSURE, "synced", t->synced,
	    "plausible_clock", t->plausible, "since_utc",
	    utc_or_null(now_wall_at(now, t->since_boot_us)), "step_ms",
	    (json_int_t)(t->step_us / US_PER_MS), "latest_utc",
	    utc_or_null(clock_latest(&t->marks)), "uptime_ms",
	    (json_int_t)(now.boot_us / US_PER_MS));
}

int
clockdesk_record(struct books *b, struct now now, int64_t step_us,
    enum trust before, const char *person, int64_t seen_us)
{
	json_t *r = record_new(KIND_CLOCK, "", now, b->boot_id);

	json_object_set_new(r, "state", json_string(trust_word(now.trust)));
	json_object_set_new(r, "step_ms", json_integer(step_us / US_PER_MS));
	json_object_set_new(r, "detail", json_string(trust_word(before)));
	if (person != NULL) {
		json_object_set_new(r, "person", json_string(person));
		json_object_set_new(r, "seen_utc", utc_or_null(seen_us));
	}
	return books_add(b, r);
}

static json_t *
not_so(int r, struct now now, int64_t seen_us)
{
	json_t *answer;

	if (r == -EINVAL)
		return refusal(N_("the computer's clock shows a time before "
				  "this program was made; set it first"));
	answer = refusal(N_("the computer's clock differs from the time you "
			    "gave; set it first, then confirm it"));
	json_object_set_new(answer, "off_ms",
	    json_integer((now.wall_us - seen_us) / US_PER_MS));
	return answer;
}

json_t *
clockdesk_confirm(struct trust_state *t, struct books *b, struct now now,
    const json_t *req, struct now *ret_now)
{
	const char *person = record_text(req, "by");
	enum trust before = now.trust;
	int64_t seen_us;
	int r;

	if (t == NULL)
		return refusal(N_("this daemon runs on a made-up clock"));
	if (!text_is_id(person))
		return refusal(N_("who confirms the clock is named by a "
				  "person's id"));
	if (civil_read_utc(record_text(req, "seen_utc"), &seen_us) < 0)
		return refusal(N_("the time that was seen is not a time"));
	r = trust_confirm(t, now, seen_us);
	if (r < 0)
		return not_so(r, now, seen_us);
	now.trust = t->trust;
	*ret_now = now;
	r = clockdesk_record(b, now, 0, before, person, seen_us);
	if (r == 0) {
		b->retry_boot_us = 0;
		r = books_flush(b, now);
	}
	/* A sick disk silences nobody (P4): it is believed, and told. */
	return json_pack("{s:b, s:s, s:b}", "ok", 1, "clock",
	    trust_word(now.trust), "waits", r < 0);
}
