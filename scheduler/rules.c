/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/rules.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SESSION_GAP_US (60 * US_PER_S)
#define RATE 48000 /* frames a second */

/* The log holds a day's plan in one record of at most 65,000 bytes; what a
 * slot takes in it beside its own words. */
#define DAY_BYTES_MAX 60000
#define SLOT_BYTES 340

/* "T5 26/11/2026 17:10:30-17:25:30" */
struct when {
	char s[64];
};

/* What was told already: a fault that recurs every week is one problem. The
 * strings are the plan's. */
struct finding {
	const char *rule;
	const char *slot;
	int line;
	const char *other;
	int64_t number;
};

struct checking {
	const struct plan *p;
	const struct site *site;
	const struct profile *rules;
	struct problems *ps;
	struct finding *told;
	size_t n_told;
};

static bool
same(const struct finding *a, const struct finding *b)
{
	return a->line == b->line && a->number == b->number &&
	       strcmp(a->rule, b->rule) == 0 && strcmp(a->slot, b->slot) == 0 &&
	       strcmp(a->other, b->other) == 0;
}

/* True the first time. */
static bool
is_news(struct checking *c, const char *rule, const struct planned *s,
    const char *other, int64_t number)
{
	struct finding f = { rule, s->slot, s->line, other, number };
	struct finding *grown;

	/* Nobody reads on past this; it also bounds the search. First, or a
	 * file of 20,000 faults takes minutes. */
	if (c->n_told >= PROBLEMS_MAX)
		return false;
	for (size_t i = 0; i < c->n_told; i++)
		if (same(&c->told[i], &f))
			return false;
	grown = reallocarray(c->told, c->n_told + 1, sizeof(*grown));
	if (grown == NULL)
		return true;
	c->told = grown;
	c->told[c->n_told++] = f;
	return true;
}

static const char *
when_text(int64_t start_us, int64_t end_us, struct when *buf)
{
	struct civil_text date, from, to;
	int64_t day, end_day;
	int start_s, end_s;

	civil_from_us(start_us, &day, &start_s);
	civil_from_us(end_us, &end_day, &end_s);
	if (end_s == 0 && end_day > day)
		end_s = SECONDS_PER_DAY;
	snprintf(buf->s, sizeof(buf->s), "%s %s %s-%s",
	    civil_weekday_text(civil_weekday(day)), words_date(day, &date),
	    civil_time_text(start_s, &from), civil_time_text(end_s, &to));
	return buf->s;
}

static const char *
slot_when(const struct planned *s, struct when *buf)
{
	return when_text(s->start_us, s->end_us, buf);
}

/* On the night of a zone's step slots may meet that are apart on every other
 * night. That is not the schedule's fault; at run time the class decides. */
static bool
zone_steps(int64_t from_us, int64_t to_us)
{
	int64_t from_day, to_day;
	int from_s, to_s;

	from_us -= 2 * 3600 * US_PER_S;
	civil_from_us(from_us, &from_day, &from_s);
	civil_from_us(to_us, &to_day, &to_s);
	return ((to_day - from_day) * SECONDS_PER_DAY + to_s - from_s) *
		   US_PER_S !=
	       to_us - from_us;
}

static void
tell_clash(struct checking *c, const struct planned *a, const struct planned *b)
{
	struct when when_a, when_b;
	bool same_file = strcmp(a->file, b->file) == 0;

	if (zone_steps(a->start_us, later(a->end_us, b->end_us)) ||
	    !is_news(c, "clash", b, a->slot, a->line))
		return;
	problem_add(c->ps, b->file, b->line,
	    _("%s (%s) claims the same moment as %s (%s, %s%sline %d); move "
	      "or shorten one of them"),
	    b->slot, slot_when(b, &when_b), a->slot, slot_when(a, &when_a),
	    same_file ? "" : a->file, same_file ? "" : " ", a->line);
}

/* Until when the slots up to each one reach; yours. */
static int64_t *
reaches(const struct plan *p)
{
	int64_t *us = calloc(p->n + 1, sizeof(*us));

	for (size_t i = 0; us != NULL && i < p->n; i++)
		us[i] = later(i > 0 ? us[i - 1] : 0, p->slots[i].end_us);
	return us;
}

static void
check_clash(struct checking *c, const int64_t *reach, size_t i)
{
	const struct planned *b = &c->p->slots[i];

	for (size_t j = i; j-- > 0 && reach[j] > b->start_us;) {
		const struct planned *a = &c->p->slots[j];

		if (a->end_us <= b->start_us)
			continue;
		if (a->start_us == b->start_us && a->order > b->order)
			tell_clash(c, b, a);
		else
			tell_clash(c, a, b);
		if (c->n_told >= PROBLEMS_MAX)
			return;
	}
}

static void
check_clashes(struct checking *c)
{
	int64_t *reach = reaches(c->p);

	for (size_t i = 1; reach != NULL && i < c->p->n; i++)
		if (c->n_told < PROBLEMS_MAX)
			check_clash(c, reach, i);
	free(reach);
}

/* 05:00, or 05:00:30 where that matters. */
static const char *
short_time(int second, struct civil_text *buf)
{
	civil_time_text(second, buf);
	if (second % 60 == 0)
		buf->s[5] = '\0';
	return buf->s;
}

const char *
rules_hours_text(
    const struct profile *rules, int64_t day, char *buf, size_t size)
{
	struct profile_window w[16];
	struct civil_text from, to;
	size_t n = profile_windows(rules, day, w, COUNT(w));
	size_t used = 0;

	snprintf(buf, size, "%s", _("none on that day"));
	for (size_t i = 0; i < n && i < COUNT(w) && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s-%s",
		    i == 0 ? "" : ", ", short_time(w[i].from_s, &from),
		    short_time(w[i].to_s, &to));
	return buf;
}

const char *
rules_days_text(unsigned days, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int d = MON; d <= SUN && used < size; d++) {
		int last = d;

		if ((days & (1u << d)) == 0)
			continue;
		while (last < SUN && (days & (1u << (last + 1))) != 0)
			last++;
		used += (size_t)snprintf(buf + used, size - used,
		    last > d ? "%s%s-%s" : "%s%s", used == 0 ? "" : ", ",
		    civil_weekday_text((enum weekday)d),
		    civil_weekday_text((enum weekday)last));
		d = last;
	}
	return buf;
}

static void
tell_barrier(struct checking *c, const struct planned *s, enum barrier b)
{
	struct when when;
	char text[200];

	switch (b) {
	case BARRIER_NONE:
		return;
	case BARRIER_DAY:
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s) begins a day on which no sessions are allowed "
		      "(only %s); move what is on it, or have the date and its "
		      "reason added to exceptions in etc/loaxa.conf"),
		    s->slot, slot_when(s, &when),
		    rules_days_text(c->rules->days, text, sizeof(text)));
		return;
	case BARRIER_NOON:
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s) is at noon (11:00-13:00), when nothing is "
		      "allowed to sound; move it, or have the date and its "
		      "reason added to exceptions in etc/loaxa.conf"),
		    s->slot, slot_when(s, &when));
		return;
	case BARRIER_HOURS:
		break;
	}
	problem_add(c->ps, s->file, s->line,
	    _("%s (%s) is outside the allowed hours (%s); move or "
	      "shorten it"),
	    s->slot, slot_when(s, &when),
	    rules_hours_text(c->rules, s->day, text, sizeof(text)));
}

/* A weekday is told once, with the first slot of the first such date. */
static bool
is_barrier_news(struct checking *c, const struct planned *s, enum barrier b)
{
	static const struct planned all = { .slot = "" };

	if (b == BARRIER_DAY)
		return is_news(c, "weekday", &all,
		    civil_weekday_text(civil_weekday(s->day)), 0);
	return is_news(c, "fence", s, "", (int64_t)b);
}

/* P1: what the fence would silence is refused before. */
static void
check_fence(struct checking *c)
{
	const struct plan *p = c->p;

	if (c->rules->n_hours + c->rules->n_exceptions == 0 && p->n > 0) {
		problem_add(c->ps, p->slots[0].file, 0,
		    _("no hours are allowed, so nothing may sound; write hours "
		      "into etc/loaxa.conf, or mend that file"));
		return;
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];
		enum barrier b =
		    profile_barrier(c->rules, s->start_us, s->end_us);

		if (b != BARRIER_NONE && is_barrier_news(c, s, b))
			tell_barrier(c, s, b);
	}
}

static void
check_relays(struct checking *c)
{
	for (size_t i = 0; i < c->p->n; i++) {
		const struct planned *s = &c->p->slots[i];

		if (s->content != CONTENT_RELAY ||
		    site_relay(c->site, s->ref) != NULL ||
		    !is_news(c, "relay", s, s->ref, 0))
			continue;
		problem_add(c->ps, s->file, s->line,
		    _("%s: this site has no relay \"%s\"; correct the name, or "
		      "have it added to etc/loaxa.conf"),
		    s->slot, s->ref);
	}
}

/* {"id":"","week":"2026-W48","languages":[],"parts":[]} and what is in it. */
static size_t
set_bytes(const struct planned *s)
{
	const json_t *all = json_object_get(s->set, "languages");
	size_t n = 80 + SET_MAX;

	for (size_t i = 0; i < json_array_size(all); i++)
		n += 2 * (json_string_length(json_array_get(all, i)) + 3);
	return n;
}

/* Bytes of a slot in the log's record of its day, at most: JSON may double
 * a character, and no more, in text without control characters. */
static size_t
slot_bytes(const struct planned *s)
{
	size_t n = SLOT_BYTES + strlen(s->slot) + strlen(s->ref) +
		   strlen(s->segment) + strlen(s->language) +
		   2 * strlen(s->title);

	for (size_t i = 0; i < s->n_items; i++)
		n += strlen(s->items[i]) + 3;
	if (s->set != NULL)
		n += set_bytes(s);
	/* Mourning may name the slot once more, beside the items it takes. */
	if (s->n_items > 1)
		n += strlen(s->slot) + sizeof("{\"slot\":\"\",\"items\":[]},");
	return n;
}

/* Of the i-th slot's date up to that slot. By start, so the slots of a date
 * follow each other. */
static size_t
day_bytes(const struct plan *p, size_t i, size_t before)
{
	if (i == 0 || p->slots[i].day != p->slots[i - 1].day)
		before = 0;
	return before + slot_bytes(&p->slots[i]);
}

bool
rules_fits_log(const struct plan *p)
{
	size_t bytes = 0;

	for (size_t i = 0; i < p->n; i++) {
		bytes = day_bytes(p, i, bytes);
		if (bytes > DAY_BYTES_MAX)
			return false;
	}
	return true;
}

static void
check_day_size(struct checking *c)
{
	const struct plan *p = c->p;
	struct civil_text date;
	size_t bytes = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];

		bytes = day_bytes(p, i, bytes);
		if (bytes <= DAY_BYTES_MAX || !is_news(c, "day", s, "", 0))
			continue;
		problem_add(c->ps, s->file, s->line,
		    _("%s: too much for the log's record of one day (%s %s); "
		      "have fewer slots or items on that day"),
		    s->slot, civil_weekday_text(civil_weekday(s->day)),
		    words_date(s->day, &date));
		bytes = 0;
	}
}

static int64_t
date_of(int64_t us)
{
	int64_t day;
	int second;

	civil_from_us(us, &day, &second);
	return day;
}

/* The session that the slot opens, or adds to. */
static void
session_add(struct session *s, const struct planned *slot)
{
	s->n++;
	s->end_us = later(s->end_us, slot->end_us);
	if (slot->content == CONTENT_RELAY)
		s->relay_us += slot->end_us - slot->start_us;
}

/* The n sessions so far are in order. */
static int
nth_of_day(const struct session *list, size_t n, int64_t start_us)
{
	if (n == 0 || date_of(list[n - 1].start_us) != date_of(start_us))
		return 1;
	return list[n - 1].nth + 1;
}

int
rules_sessions(
    const struct plan *p, struct session **ret_sessions, size_t *ret_n)
{
	struct session *list = calloc(p->n + 1, sizeof(*list));
	size_t n = 0;

	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *slot = &p->slots[i];

		if (n == 0 ||
		    slot->start_us - list[n - 1].end_us > SESSION_GAP_US) {
			list[n] = (struct session){
				.first = i,
				.start_us = slot->start_us,
				.end_us = slot->end_us,
				.nth = nth_of_day(list, n, slot->start_us),
			};
			n++;
		}
		session_add(&list[n - 1], slot);
	}
	*ret_sessions = list;
	*ret_n = n;
	return 0;
}

int64_t
rules_session_us(const struct session *s, const struct profile *rules)
{
	return s->end_us - s->start_us - (rules->count_relay ? 0 : s->relay_us);
}

unsigned
rules_breaches(
    const struct plan *p, const struct session *s, const struct profile *rules)
{
	unsigned found = 0;

	if (rules->session_s != 0 &&
	    rules_session_us(s, rules) > rules->session_s * US_PER_S)
		found |= BREACH_LONG;
	if (rules->sessions_per_day != 0 && s->nth > rules->sessions_per_day)
		found |= BREACH_MANY;
	for (size_t i = s->first; i < s->first + s->n; i++)
		if (profile_barrier(rules, p->slots[i].start_us,
			p->slots[i].end_us) != BARRIER_NONE)
			found |= BREACH_FENCE;
	return found;
}

static void
tell_long(struct checking *c, const struct session *s)
{
	const struct planned *first = &c->p->slots[s->first];
	int64_t length_us = rules_session_us(s, c->rules);
	struct civil_text is, may;
	struct when when;

	if (!is_news(c, "length", first, "", 0))
		return;
	problem_add(c->ps, first->file, first->line,
	    _("the session that begins with %s (%s) lasts %s, the site allows "
	      "%s; shorten it, or leave a gap of more than a minute"),
	    first->slot, when_text(s->start_us, s->end_us, &when),
	    civil_time_text((int)(length_us / US_PER_S), &is),
	    civil_time_text(c->rules->session_s, &may));
}

static void
tell_many(struct checking *c, const struct session *s)
{
	const struct planned *first = &c->p->slots[s->first];
	struct when when;

	if (!is_news(c, "sessions", first, "", 0))
		return;
	problem_add(c->ps, first->file, first->line,
	    _("%s (%s) begins session %d of its day, the site allows "
	      "%d; move it next to another session"),
	    first->slot, when_text(s->start_us, s->end_us, &when), s->nth,
	    c->rules->sessions_per_day);
}

static void
check_session(struct checking *c, const struct session *s)
{
	unsigned found = rules_breaches(c->p, s, c->rules);

	if ((found & BREACH_LONG) != 0)
		tell_long(c, s);
	if ((found & BREACH_MANY) != 0)
		tell_many(c, s);
}

size_t
rules_check_session(const struct plan *p, const struct session *s,
    const struct profile *rules, struct problems *ps)
{
	struct checking c = { .p = p, .rules = rules, .ps = ps };
	size_t before = problems_count(ps);

	check_session(&c, s);
	free(c.told);
	return problems_count(ps) - before;
}

size_t
rules_check(const struct plan *p, const struct site *site, struct problems *ps)
{
	struct checking c = {
		.p = p, .site = site, .rules = &site->rules, .ps = ps
	};
	size_t before = problems_count(ps);
	struct session *sessions;
	size_t n;

	check_clashes(&c);
	check_fence(&c);
	check_relays(&c);
	check_day_size(&c);
	if (rules_sessions(p, &sessions, &n) == 0) {
		for (size_t i = 0; i < n; i++)
			check_session(&c, &sessions[i]);
		free(sessions);
	} else {
		problem_add(ps, "", 0,
		    _("out of memory; close other programs and try again"));
	}
	free(c.told);
	return problems_count(ps) - before;
}

/* A part of a bilingual set, by its language: people say "the Khmer one". */
static void
tell_part(struct checking *c, const struct planned *s, size_t i,
    enum standing standing, const char *when)
{
	const char *part = planned_part(s, i);
	const char *set = json_string_value(json_object_get(s->set, "id"));
	char own[ID_MAX + 1];
	bool plain = strcmp(text_part_id(set, part, own), s->items[i]) == 0;

	if (standing == ITEM_MISSING)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the part in %s is not there yet; `loaxa add "
		      "--part-of %s --language %s%s%s FILE` brings it in"),
		    s->slot, when, language_name(part), set, part,
		    plain ? "" : " --id ", plain ? "" : s->items[i]);
	else if (standing == ITEM_BAD)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the part in %s, \"%s\", cannot be read; add it "
		      "again"),
		    s->slot, when, language_name(part), s->items[i]);
	else if (standing == ITEM_SECOND)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the part in %s, \"%s\", waits for a second "
		      "approval; have another person approve it"),
		    s->slot, when, language_name(part), s->items[i]);
	else
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the part in %s, \"%s\", is not approved; have "
		      "it approved"),
		    s->slot, when, language_name(part), s->items[i]);
}

static void
tell_item(struct checking *c, const struct planned *s, size_t i,
    enum standing standing)
{
	const char *item = s->items[i];
	static const char *const rules[] = {
		[ITEM_READY] = "ready",
		[ITEM_MISSING] = "missing",
		[ITEM_BAD] = "bad",
		[ITEM_NOT_APPROVED] = "approval",
		[ITEM_SECOND] = "second",
	};
	struct when when;

	if (standing == ITEM_READY || !is_news(c, rules[standing], s, item, 0))
		return;
	slot_when(s, &when);
	if (s->set != NULL)
		tell_part(c, s, i, standing, when.s);
	else if (standing == ITEM_MISSING)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the library has no item \"%s\"; add it, or "
		      "correct the name"),
		    s->slot, when.s, item);
	else if (standing == ITEM_BAD)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the item \"%s\" cannot be read; add it again"),
		    s->slot, when.s, item);
	else if (standing == ITEM_SECOND)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the item \"%s\" waits for a second approval; "
		      "have another person approve it"),
		    s->slot, when.s, item);
	else
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the item \"%s\" is not approved; have it "
		      "approved"),
		    s->slot, when.s, item);
}

/* Filler is there to be cut, and "finish" may run on. */
static void
check_fits(struct checking *c, const struct planned *s, int64_t frames)
{
	int64_t slot_us = s->end_us - s->start_us;
	int64_t items_s = (frames + RATE - 1) / RATE;
	struct civil_text is, may;
	struct when when;

	if (s->content == CONTENT_FILLER || s->end == END_FINISH ||
	    frames <= slot_us / US_PER_S * RATE ||
	    !is_news(c, "fits", s, "", frames))
		return;
	problem_add(c->ps, s->file, s->line,
	    _("%s (%s): its items last %s, the slot %s, and the end is cut; "
	      "shorten them, or lengthen the slot"),
	    s->slot, slot_when(s, &when), civil_time_text((int)items_s, &is),
	    civil_time_text((int)(slot_us / US_PER_S), &may));
}

static void
check_items(struct checking *c, const struct rules_library *lib,
    const struct planned *s)
{
	int64_t total = 0;

	for (size_t i = 0; i < s->n_items; i++) {
		int64_t frames = 0;
		enum standing standing =
		    lib->look(lib->arg, s->items[i], &frames);

		tell_item(c, s, i, standing);
		if (standing != ITEM_MISSING && standing != ITEM_BAD)
			total += frames;
	}
	check_fits(c, s, total);
}

static void
check_empty(struct checking *c, const struct planned *s)
{
	struct when when;

	if (!is_news(c, "empty", s, "", s->day - civil_weekday(s->day)))
		return;
	if (s->no_part)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): it takes the part in %s, and the programme "
		      "of %s has none; write set = \"…\"; there"),
		    s->slot, slot_when(s, &when), language_name(s->language),
		    s->origin_slot);
	else if (s->content == CONTENT_REPEAT)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): %s had no items in the %d days before; give "
		      "that slot a programme"),
		    s->slot, slot_when(s, &when), s->ref, REPEAT_DAYS);
	else if (s->from_above)
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): ordered from above, and the week's programme "
		      "names no items; add what was sent, or ask for it: it "
		      "stays owed until it has aired"),
		    s->slot, slot_when(s, &when));
	else
		problem_add(c->ps, s->file, s->line,
		    _("%s (%s): the week's programme names no items; add "
		      "them"),
		    s->slot, slot_when(s, &when));
}

size_t
rules_missing(
    const struct plan *p, const struct rules_library *lib, struct problems *ps)
{
	struct checking c = { .p = p, .ps = ps };
	size_t before = problems_count(ps);

	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];

		if (s->end_us <= lib->from_us)
			continue;
		if (s->n_items > 0)
			check_items(&c, lib, s);
		else if (s->content != CONTENT_RELAY)
			check_empty(&c, s);
	}
	free(c.told);
	return problems_count(ps) - before;
}

/* Is it the first slot of the plan with its relay? */
static bool
is_first_of_relay(const struct plan *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (p->slots[k].content == CONTENT_RELAY &&
		    strcmp(p->slots[k].ref, p->slots[i].ref) == 0)
			return false;
	return p->slots[i].content == CONTENT_RELAY;
}

static void
check_fallback(const struct planned *slot, const struct site_relay *relay,
    const struct rules_library *lib, struct problems *ps)
{
	for (size_t i = 0; i < relay->n_fallback; i++) {
		const char *item = relay->fallback[i];
		int64_t frames;
		enum standing standing = lib->look(lib->arg, item, &frames);

		if (standing == ITEM_MISSING || standing == ITEM_BAD)
			problem_add(ps, slot->file, slot->line,
			    _("fallback of the relay \"%s\": the library has "
			      "no item \"%s\" that can be read; add it, or "
			      "correct the name in etc/loaxa.conf"),
			    relay->id, item);
		else if (standing != ITEM_READY)
			problem_add(ps, slot->file, slot->line,
			    _("fallback of the relay \"%s\": the item \"%s\" "
			      "is not approved, and passed over; have it "
			      "approved"),
			    relay->id, item);
	}
}

size_t
rules_fallback(const struct plan *p, const struct site *site,
    const struct rules_library *lib, struct problems *ps)
{
	size_t before = problems_count(ps);

	for (size_t i = 0; i < p->n; i++) {
		const struct site_relay *relay =
		    is_first_of_relay(p, i) ? site_relay(site, p->slots[i].ref)
					    : NULL;

		if (relay != NULL)
			check_fallback(&p->slots[i], relay, lib, ps);
	}
	return problems_count(ps) - before;
}

size_t
rules_gap_filler(const struct schedule *s, const struct rules_library *lib,
    struct problems *ps)
{
	size_t before = problems_count(ps);

	for (size_t i = 0; i < s->n_gap_filler; i++) {
		const char *item = s->gap_filler[i];
		int64_t frames;
		enum standing standing = lib->look(lib->arg, item, &frames);

		if (standing == ITEM_MISSING || standing == ITEM_BAD)
			problem_add(ps, s->files[0].name, s->gap_filler_line,
			    _("gap_filler: the library has no item \"%s\" that "
			      "can be read; add it, or correct the name"),
			    item);
		else if (standing != ITEM_READY)
			problem_add(ps, s->files[0].name, s->gap_filler_line,
			    _("gap_filler: the item \"%s\" is not approved, "
			      "and passed over; have it approved"),
			    item);
	}
	return problems_count(ps) - before;
}
