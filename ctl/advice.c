/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/advice.h"
#include "ctl/outlook.h"
#include "ctl/say.h"
#include "ctl/uses.h"
#include "ctl/verdict.h"

#define LINES_MAX 5

struct advice {
	const struct root *root;
	const struct office *o;
	const char *item;
	int64_t now_us;
	FILE *out;
	int64_t next_us; /* NEVER: in no slot */
	char *next; /* its slot, as a person calls it; yours */
	bool beside; /* it sounds where no slot has it */
	size_t n; /* lines of advice */
	struct problems lines; /* kept until the head is printed */
};

static bool
plays(const struct planned *p, const char *item)
{
	for (size_t i = 0; i < p->n_items; i++)
		if (strcmp(p->items[i], item) == 0)
			return true;
	return false;
}

static void
advise(struct advice *a, const struct planned *p, const char *text)
{
	struct civil_text when;

	a->n++;
	if (a->n <= LINES_MAX)
		problem_add(&a->lines, "", 0, "%s %s, %s: %s",
		    civil_weekday_text(civil_weekday(p->day)),
		    say_instant(p->start_us, &when), p->slot, text);
}

static void
look_at_slot(struct advice *a, const struct plan *p, size_t i)
{
	const struct planned *slot = &p->slots[i];
	struct civil_text cut;
	struct outlook o;
	char text[200];

	if (profile_barrier(&a->o->site->rules, slot->start_us, slot->end_us) !=
	    BARRIER_NONE)
		advise(a, slot, prospect_text(PROSPECT_OUTSIDE_HOURS));
	if (outlook_make(a->o, p, i, &o) < 0)
		return;
	if (o.cut_us > 0) {
		snprintf(text, sizeof(text),
		    _("longer than there is room for: the last %s is cut"),
		    say_counter(o.cut_us / US_PER_MS, &cut));
		advise(a, slot, text);
	}
	outlook_clear(&o);
}

/* Once a session, at its first slot with the item. */
static void
look_at_sessions(struct advice *a, const struct plan *p)
{
	const struct profile *rules = &a->o->site->rules;
	struct session *list;
	char text[300];
	size_t n;

	if (rules_sessions(p, &list, &n) < 0)
		return;
	for (size_t k = 0; k < n; k++) {
		unsigned found = rules_breaches(p, &list[k], rules) &
				 ~(unsigned)BREACH_FENCE;
		size_t i = list[k].first;
		size_t end = i + list[k].n;

		while (i < end && !plays(&p->slots[i], a->item))
			i++;
		if (found != 0 && i < end && p->slots[i].end_us > a->now_us)
			advise(a, &p->slots[i],
			    verdict_text(
				&list[k], found, rules, text, sizeof(text)));
	}
	free(list);
}

static void
look_at_plan(struct advice *a, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *slot = &p->slots[i];

		if (slot->end_us <= a->now_us || !plays(slot, a->item))
			continue;
		if (slot->start_us < a->next_us) {
			a->next_us = slot->start_us;
			free(a->next);
			a->next = outlook_title(a->o, slot);
		}
		look_at_slot(a, p, i);
	}
	look_at_sessions(a, p);
}

/* A schedule that cannot be read plays nothing here: `check` tells of it. */
static int
look_at_station(void *arg, const char *station)
{
	struct advice *a = arg;
	struct problems quiet = { 0 };
	struct schedule *s;
	struct plan *p;
	int64_t today;
	int second;

	civil_from_us(a->now_us, &today, &second);
	if (schedule_read(a->root->schedules, station, today,
		today + ADVICE_DAYS, &quiet, &s) == 0) {
		if (office_plan(a->o, s, today, today + ADVICE_DAYS, &p) == 0) {
			look_at_plan(a, p);
			plan_free(p);
		}
		schedule_free(s);
	}
	problems_free(&quiet);
	return 0;
}

/* Music that no slot plays, and that is used all the same. */
static int
print_beside(
    void *arg, const char *item, const char *station, const char *relay)
{
	struct advice *a = arg;

	if (strcmp(item, a->item) != 0)
		return 0;
	a->beside = true;
	if (relay != NULL)
		say_line(a->out,
		    _("  It sounds while the signal of %s is lost (fallback "
		      "in etc/loaxa.conf)."),
		    relay);
	else
		say_line(a->out,
		    _("  It fills what the sessions of %s leave free "
		      "(gap_filler)."),
		    station);
	return 0;
}

static void
print(const struct advice *a)
{
	struct civil_text when;
	int64_t day;
	int second;

	if (a->next_us == NEVER && a->beside)
		return;
	if (a->next_us == NEVER) {
		fprintf(a->out, _("  No slot of the next %d days plays it.\n"),
		    ADVICE_DAYS);
		return;
	}
	civil_from_us(a->next_us, &day, &second);
	say_line(a->out, _("  Next: %s %s, %s"),
	    civil_weekday_text(civil_weekday(day)),
	    say_instant(a->next_us, &when), a->next == NULL ? "" : a->next);
	for (size_t i = 0; i < a->lines.n; i++)
		say_line(a->out, "  ! %s", a->lines.list[i].text);
	if (a->n > LINES_MAX)
		fprintf(a->out, _("  ! and %zu more\n"), a->n - LINES_MAX);
}

size_t
advice_print(const struct root *root, const struct office *o, const char *item,
    int64_t now_us, FILE *out)
{
	struct advice a = { .root = root,
		.o = o,
		.item = item,
		.now_us = now_us,
		.out = out,
		.next_us = NEVER };

	schedule_stations(root->schedules, look_at_station, &a);
	uses_beside(root, o->site, print_beside, &a);
	print(&a);
	free(a.next);
	problems_free(&a.lines);
	return a.n;
}
